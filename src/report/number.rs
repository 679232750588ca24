//! Numbers as people read them: the unit that suits their size, and as many digits as are known.

use crate::{
    experiment::estimate::Spread,
    kernel::time::{Instant, Span},
};

/// A mean with what is known about it, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `0.99971 ± 0.00003`, `3.1 TiB`.
    pub value: String,
    /// `0.9991 to 0.9998`, in the same unit; empty where the runs do not differ.
    pub range: String,
}

/// `spread`, whose unit is `unit`, with the digits that its interval leaves standing.
pub fn show(spread: &Spread, unit: &str) -> Shown {
    let size = spread.mean.abs().max(spread.half_width.unwrap_or(0.0));
    let (factor, unit) = scale(unit, size);
    show_in(spread, factor, unit)
}

/// The same in a `unit` that the caller chose, which holds `factor` of the spread's own.
pub fn show_in(spread: &Spread, factor: f64, unit: &str) -> Shown {
    let mean = spread.mean / factor;
    let width = spread.half_width.filter(|width| *width > 0.0).map(|width| width / factor);
    let tail = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let Some(width) = width else {
        // A mean that no interval supports is not worth more digits than a reader remembers.
        let mean = if spread.min < spread.max { to_three_digits(mean) } else { mean };
        let range = if spread.min < spread.max {
            let bound = |value: f64| match value.fract().abs() <= 0.0 {
                true => free(value),
                false => free(to_three_digits(value)),
            };
            format!("{} to {}", bound(spread.min / factor), bound(spread.max / factor))
        } else {
            String::new()
        };
        return Shown { value: format!("{}{tail}", free(mean)), range };
    };
    let decimals = decimals_of_width(width);
    let fixed = |value: f64| grouped(value, decimals);
    let bound = |value: f64| match value.fract().abs() <= 0.0 {
        true => grouped(value, 0),
        false => fixed(value),
    };
    Shown {
        value: format!("{} ± {}{tail}", fixed(mean), fixed(width)),
        range: format!("{} to {}", bound(spread.min / factor), bound(spread.max / factor)),
    }
}

/// One unit and one number of decimals for numbers that are read side by side.
#[derive(Clone, PartialEq, Debug)]
pub struct Ruler<'a> {
    factor: f64,
    unit: &'a str,
    decimals: Option<usize>,
}

impl<'a> Ruler<'a> {
    /// For numbers of about `size`, in the metric's `unit`, that are known to within `width`; 0:
    /// exactly.
    pub fn new(unit: &'a str, size: f64, width: f64) -> Self {
        let (factor, unit) = match unit {
            "instance-s" if size >= 7_200.0 => (3_600.0, "instance-h"),
            unit => scale(unit, size),
        };
        let decimals = (width > 0.0).then(|| decimals_of_width(width / factor));
        Self { factor, unit, decimals }
    }

    /// `value` without its unit.
    pub fn show(&self, value: f64) -> String {
        match self.decimals {
            Some(decimals) => grouped(value / self.factor, decimals),
            None => free(value / self.factor),
        }
    }

    /// A change by `value`, with its sign.
    pub fn signed(&self, value: f64) -> String {
        let shown = self.show(value);
        match shown.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) && value > 0.0 {
            true => format!("+{shown}"),
            false => shown,
        }
    }

    /// A change that is stated rather than measured, to three digits.
    pub fn stated(&self, value: f64) -> String {
        let short = format!("{:.2e}", value / self.factor).parse().unwrap_or(value / self.factor);
        free(short)
    }

    /// A limit that is stated, with all its digits.
    pub fn exactly(&self, value: f64) -> String {
        free(value / self.factor)
    }

    /// The unit, with a blank before it; empty where there is none to tell.
    pub fn tail(&self) -> String {
        if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) }
    }
}

/// A point of time that all runs agree on, as days and clock, to the second.
pub fn clock(seconds: f64) -> String {
    (Instant::ZERO + Span::from_seconds_f64(seconds.round())).to_string()
}

/// A length of time with one decimal in the unit that suits it: `2.5 h`.
pub fn rough_time(seconds: f64) -> String {
    let (factor, unit) = scale("s", seconds);
    format!("{} {unit}", grouped(seconds / factor, 1))
}

/// A single value with its unit, which suits its size: `114.906 TiB`, `48,041 vCPU`.
pub fn amount(value: f64, unit: &str) -> String {
    let (factor, unit) = scale(unit, value.abs());
    let tail = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!("{}{tail}", free(value / factor))
}

/// A value of which only the first two digits matter: `1,500`, `0.36`.
pub fn rough(value: f64) -> String {
    let printed: f64 = format!("{value:.1e}").parse().expect("what was printed reads back");
    free(printed)
}

/// `value` with three digits, and a share close to one with three digits of what is missing.
fn to_three_digits(value: f64) -> f64 {
    let missing = 1.0 - value;
    let short = |value: f64| format!("{value:.2e}").parse().unwrap_or(value);
    match (0.0..0.5).contains(&missing) {
        true => 1.0 - short(missing),
        false => short(value),
    }
}

/// A count told in passing, with about three digits: `64.1`, `1,204`.
pub fn brief(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || (size - libm::round(size)).abs() < 1e-9 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    grouped(value, decimals)
}

/// A share as a percentage: `58 %`, `0.4 %`, `<0.1 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 9.95 {
        format!("{percent:.0} %")
    } else if percent >= 0.05 {
        format!("{percent:.1} %")
    } else {
        "<0.1 %".to_owned()
    }
}

/// `value` alone, without an interval: whole numbers whole, shares with their nines, the rest
/// with six digits.
pub fn free(value: f64) -> String {
    let size = value.abs();
    if value.fract().abs() <= 0.0 && size < 1e15 {
        return grouped(value, 0);
    }
    if !(1e-6..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    let missing = 1.0 - size;
    let decimals = if (0.0..0.5).contains(&missing) {
        (2 - digits_before(missing)).clamp(4, 12)
    } else {
        (6 - digits_before(size)).clamp(0, 12)
    };
    let shown = grouped(value, decimals as usize);
    match shown.contains('.') {
        true => shown.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => shown,
    }
}

/// The unit in which a value of `size` `unit`s reads best, and how many of `unit` it holds.
pub(super) fn scale(unit: &str, size: f64) -> (f64, &str) {
    const BYTES: [(f64, &str); 6] = [
        (1_125_899_906_842_624.0, "PiB"),
        (1_099_511_627_776.0, "TiB"),
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1_024.0, "KiB"),
        (1.0, "B"),
    ];
    // Two of a unit at least: 90 min reads better than 1.5 h.
    const TIMES: [(f64, f64, &str); 4] = [
        (172_800.0, 86_400.0, "d"),
        (7_200.0, 3_600.0, "h"),
        (120.0, 60.0, "min"),
        (0.0, 1.0, "s"),
    ];
    match unit {
        "B" => BYTES.into_iter().find(|(factor, _)| size >= *factor).unwrap_or((1.0, "B")),
        "s" => {
            let suits = TIMES.into_iter().find(|(from, _, _)| size >= *from);
            suits.map_or((1.0, "s"), |(_, factor, name)| (factor, name))
        }
        "ratio" | "count" => (1.0, ""),
        other => (1.0, other),
    }
}

/// Decimals that show two significant digits of `width`, which is above zero.
pub(super) fn decimals_of_width(width: f64) -> usize {
    (2 - digits_before(width)).clamp(0, 12) as usize
}

/// Digits before the decimal point of `size`; zero or less below 0.1.
fn digits_before(size: f64) -> i32 {
    // The exponent that printing in full finds is exact, where a logarithm could be an ulp off.
    let printed = format!("{size:e}");
    let exponent = printed.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    exponent.map_or(0, |exponent| exponent.saturating_add(1))
}

/// `value` with `decimals` decimals and commas between thousands.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    let printed = format!("{value:.decimals$}");
    let (sign, digits) = match printed.strip_prefix('-') {
        // What rounds to zero has no sign.
        Some(digits) if digits.bytes().all(|digit| matches!(digit, b'0' | b'.')) => ("", digits),
        Some(digits) => ("-", digits),
        None => ("", printed.as_str()),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let mut shown = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(mean: f64, half_width: Option<f64>) -> Spread {
        let width = half_width.unwrap_or(0.0);
        let (min, max) = (mean - width, mean + width);
        Spread { mean, deviation: half_width, half_width, min, max, skewed: false }
    }

    fn shown(mean: f64, half_width: f64, unit: &str) -> String {
        show(&spread(mean, Some(half_width)), unit).value
    }

    #[test]
    fn digits_follow_the_width() {
        assert_eq!(shown(0.999_713_2, 0.000_031_4, "ratio"), "0.999713 ± 0.000031");
        assert_eq!(shown(1.93, 0.0812, "1/year"), "1.930 ± 0.081 1/year");
        assert_eq!(shown(1_234_567.0, 12_345.0, "instance-s"), "1,234,567 ± 12,345 instance-s");
        assert_eq!(shown(41.3, 2.1, "count"), "41.3 ± 2.1");
        assert_eq!(shown(9.0, 1.0, "count"), "9.0 ± 1.0");
    }

    #[test]
    fn units_follow_the_size() {
        assert_eq!(shown(9_000.0, 360.0, "s"), "2.50 ± 0.10 h");
        assert_eq!(shown(5_400.0, 60.0, "s"), "90.0 ± 1.0 min");
        assert_eq!(shown(3.0 * 86_400.0, 8_640.0, "s"), "3.00 ± 0.10 d");
        let exact = |mean: f64, unit: &str| show(&spread(mean, None), unit).value;
        assert_eq!(exact(126_341_026_414_592.0, "B"), "114.906 TiB");
        assert_eq!(exact(1_024.0, "B"), "1 KiB");
        assert_eq!(exact(48_041.0, "vCPU"), "48,041 vCPU");
        assert_eq!(exact(0.25, "s"), "0.25 s");
    }

    #[test]
    fn values_without_a_width_keep_their_nines() {
        assert_eq!(free(0.999_999_87), "0.99999987");
        assert_eq!(free(0.999_5), "0.9995");
        assert_eq!(free(1.0), "1");
        assert_eq!(free(0.0), "0");
        assert_eq!(free(1.0 / 3.0), "0.333333");
        assert_eq!(free(-1_234.5), "-1,234.5");
        assert_eq!(free(1e-9), "1.000e-9");
        assert_eq!(free(1e18), "1.000e18");
        assert_eq!(free(5e-324), "4.941e-324");
    }

    #[test]
    fn moments_are_told_to_the_second() {
        assert_eq!(clock(1_047_844.617_204), "12d 03:04:05");
    }

    #[test]
    fn rough_values_have_two_digits() {
        assert_eq!([1_534.2, 0.356, 0.0, 9.99].map(rough), ["1,500", "0.36", "0", "10"]);
        assert_eq!(amount(1_536.0, "B"), "1.5 KiB");
        assert_eq!(rough_time(9_000.0), "2.5 h");
    }

    #[test]
    fn shares_are_short() {
        assert_eq!([0.58, 0.042, 0.000_1].map(percent), ["58 %", "4.2 %", "<0.1 %"]);
    }
}
