//! Numbers with units as they are typed, added exactly: `0.1` three times is `0.3`, and `1h` and
//! `30min` are `90min`.

use super::super::quantity::{BIT_UNITS, SIZE_UNITS, SPAN_UNITS};

/// Most digits of one number: sums of so many stay far inside of 128 bits in the finest unit.
const MOST_DIGITS: usize = 15;

/// Digits that a computed value keeps.
const SIGNIFICANT: i32 = 4;

/// A number with its unit: `digits` / 10^`decimals` of `unit`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Amount {
    digits: i128,
    decimals: u32,
    unit: String,
}

impl Amount {
    /// The amount that `text` writes, or why it writes none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let none = |why: &str| format!("`{text}` {why}");
        let (first, mut rest) = Self::read(text).map_err(|why| none(&why))?;
        let mut total = first;
        while !rest.is_empty() {
            let (next, after) = Self::read(rest).map_err(|why| none(&why))?;
            total = total.joined(&next).ok_or_else(|| none("is no number with a unit"))?;
            rest = after;
        }
        Ok(total)
    }

    /// One number with its unit at the begin of `text`, and what comes after.
    fn read(text: &str) -> Result<(Self, &str), String> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let in_number = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
        let end = unsigned.find(|c| !in_number(c)).unwrap_or(unsigned.len());
        let (number, rest) = unsigned.split_at(end);
        let number = number.replace('_', "");
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        if whole.is_empty() || number.ends_with('.') || fraction.contains('.') {
            return Err("is no number".to_owned());
        }
        if whole.len() + fraction.len() > MOST_DIGITS {
            return Err(format!("has more than {MOST_DIGITS} digits"));
        }
        let size: i128 = format!("{whole}{fraction}").parse().map_err(|_| "is no number")?;
        let digits = if text.starts_with('-') { -size } else { size };
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            let exponent = exponent.parse::<i32>().ok().filter(|e| (-9..=9).contains(e));
            let exponent = exponent.ok_or("has an exponent that is none from -9 to 9")?;
            let decimals = fraction.len() as i32 - exponent;
            let up = 10_i128.pow(u32::try_from(-decimals).unwrap_or(0));
            let decimals = u32::try_from(decimals).unwrap_or(0);
            return Ok((Self { digits: digits * up, decimals, unit: String::new() }, ""));
        }
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(end);
        Ok((Self { digits, decimals: fraction.len() as u32, unit: unit.trim().to_owned() }, after))
    }

    /// `1h` and `30min` together, in the finer unit; only whole times add up so.
    fn joined(&self, other: &Self) -> Option<Self> {
        let time = |amount: &Self| {
            known(&amount.unit).filter(|(kind, _)| *kind == Kind::Time && amount.decimals == 0)
        };
        let ((_, coarse), (_, fine)) = (time(self)?, time(other)?);
        if coarse < fine || coarse % fine != 0 || other.digits < 0 {
            return None;
        }
        let digits = self.digits * (coarse / fine) + other.digits;
        Some(Self { digits, decimals: 0, unit: other.unit.clone() })
    }

    /// The number in the base of its unit (microseconds, bytes, bits per second), or in the unit
    /// itself where that is none of these; and which base that is.
    pub fn magnitude(&self) -> (f64, String) {
        let number = self.digits as f64 / libm::pow(10.0, f64::from(self.decimals));
        match known(&self.unit) {
            Some((kind, factor)) => (number * factor as f64, kind.base().to_owned()),
            None => (number, self.unit.clone()),
        }
    }

    /// Whether it is a whole number without a unit.
    pub fn is_whole_number(&self) -> bool {
        self.decimals == 0 && self.unit.is_empty()
    }

    /// One of the last digit typed: 0.1 for `2.5`, 1h for `3h`.
    pub fn last_digit(&self) -> Self {
        Self { digits: 1, ..self.clone() }
    }
}

/// What a unit measures, where units of one kind can be turned into each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Time,
    Size,
    Bandwidth,
}

impl Kind {
    /// The unit of which all others hold a whole number.
    const fn base(self) -> &'static str {
        match self {
            Self::Time => "us",
            Self::Size => "B",
            Self::Bandwidth => "bit/s",
        }
    }
}

/// What `unit` measures and how many of its base it holds, where that is known. Others (`%`,
/// `%/year`, none) are counted in themselves.
fn known(unit: &str) -> Option<(Kind, i128)> {
    let of = |name: &str, units: &[(&str, u64)]| {
        units.iter().find(|(known, _)| *known == name).map(|(_, factor)| i128::from(*factor))
    };
    if let Some(factor) = of(unit, &SPAN_UNITS) {
        return Some((Kind::Time, factor));
    }
    match unit.strip_suffix("/s").map(str::trim_end) {
        Some(name) => {
            let bits = of(name, &BIT_UNITS).or_else(|| of(name, &SIZE_UNITS).map(|b| b * 8))?;
            Some((Kind::Bandwidth, bits))
        }
        None => of(unit, &SIZE_UNITS).map(|factor| (Kind::Size, factor)),
    }
}

/// What several amounts can be counted in: exactly, in whole numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Scale {
    /// The units typed, largest first, then the base.
    units: Vec<Unit>,
    /// Decimals that all amounts are counted with.
    decimals: u32,
    /// Decimals that every amount was typed with.
    least: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Unit {
    name: String,
    factor: i128,
    /// Most decimals typed with this unit.
    decimals: u32,
}

impl Scale {
    /// The scale of `amounts`, or why they have none in common.
    pub fn of(amounts: &[&Amount]) -> Result<Self, String> {
        let decimals = amounts.iter().map(|amount| amount.decimals).max().unwrap_or(0);
        let least = amounts.iter().map(|amount| amount.decimals).min().unwrap_or(0);
        let mut units: Vec<Unit> = Vec::new();
        for amount in amounts {
            match units.iter_mut().find(|unit| unit.name == amount.unit) {
                Some(unit) => unit.decimals = unit.decimals.max(amount.decimals),
                None => {
                    let (name, decimals) = (amount.unit.clone(), amount.decimals);
                    units.push(Unit { name, factor: 1, decimals });
                }
            }
        }
        if units.len() > 1 {
            let kinds: Vec<_> = units.iter().map(|unit| known(&unit.name)).collect();
            let same = kinds[0].is_some_and(|(kind, _)| {
                kinds.iter().all(|other| other.is_some_and(|(other, _)| other == kind))
            });
            let (Some((kind, _)), true) = (kinds[0], same) else {
                let name = |unit: &Unit| match unit.name.as_str() {
                    "" => "none".to_owned(),
                    name => format!("`{name}`"),
                };
                let names: Vec<String> = units.iter().map(name).collect();
                return Err(format!("its numbers have units that differ: {}", names.join(", ")));
            };
            for (unit, known) in units.iter_mut().zip(&kinds) {
                unit.factor = known.map_or(1, |(_, factor)| factor);
            }
            units.sort_by_key(|unit| std::cmp::Reverse(unit.factor));
            units.push(Unit { name: kind.base().to_owned(), factor: 1, decimals });
        }
        Ok(Self { units, decimals, least })
    }

    /// `amount`, which is one that the scale was made of, as a whole number.
    pub fn count(&self, amount: &Amount) -> Result<i128, String> {
        let factor =
            self.units.iter().find(|unit| unit.name == amount.unit).map_or(1, |u| u.factor);
        let up = 10_i128.checked_pow(self.decimals - amount.decimals);
        let count = up.and_then(|up| amount.digits.checked_mul(up)?.checked_mul(factor));
        // Twice as much must still fit, so that sums do.
        let count = count.filter(|count| count.unsigned_abs() < 1 << 120);
        count.ok_or_else(|| "it has numbers too large and too fine to be added exactly".to_owned())
    }

    /// How amount number `count` is written: in the largest of the typed units in which it needs no
    /// more decimals than were typed.
    pub fn text(&self, count: i128) -> String {
        let fits =
            |unit: &&Unit| count % (unit.factor * 10_i128.pow(self.decimals - unit.decimals)) == 0;
        let Some(unit) = self.units.iter().find(fits).or(self.units.last()) else {
            return count.to_string();
        };
        let digits = count / (unit.factor * 10_i128.pow(self.decimals - unit.decimals));
        format!("{}{}", decimal(digits, unit.decimals, self.least), unit.name)
    }

    /// How the amount of `value` bases is written: in the largest of the typed units of which it is
    /// at least one, with the digits that tell it apart from others `width` bases away.
    pub fn rounded(&self, value: f64, width: f64) -> String {
        let typed = match self.units.len() {
            0 | 1 => &self.units[..],
            more => &self.units[..more - 1],
        };
        let reaches = |unit: &&Unit| value.abs() >= unit_in_bases(unit);
        let Some(unit) = typed.iter().find(reaches).or(typed.last()) else {
            return value.to_string();
        };
        let (value, width) = (value / unit_in_bases(unit), width / unit_in_bases(unit));
        let decimals = (SIGNIFICANT - 1 - exponent(width)).clamp(0, 12) as usize;
        let printed = format!("{value:.decimals$}");
        let shown = match printed.contains('.') {
            true => printed.trim_end_matches('0').trim_end_matches('.'),
            false => printed.as_str(),
        };
        format!("{shown}{}", unit.name)
    }
}

/// How many bases a unit holds, as [`Amount::magnitude`] counts them.
fn unit_in_bases(unit: &Unit) -> f64 {
    known(&unit.name).map_or(1.0, |(_, factor)| factor as f64)
}

/// The decimal exponent of `size`, as printing in full finds it.
fn exponent(size: f64) -> i32 {
    let printed = format!("{:e}", size.abs());
    printed.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// `digits` / 10^`decimals`, without closing zeros behind the first `least` decimals.
fn decimal(digits: i128, decimals: u32, least: u32) -> String {
    let size = digits.unsigned_abs();
    let one = 10_u128.pow(decimals);
    let mut text = format!("{}{}", if digits < 0 { "-" } else { "" }, size / one);
    if decimals > 0 {
        let fraction = format!("{:0width$}", size % one, width = decimals as usize);
        let kept = fraction.trim_end_matches('0').len().max(least.min(decimals) as usize);
        if kept > 0 {
            text.push('.');
            text.push_str(&fraction[..kept]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(texts: &[&str]) -> Result<String, String> {
        let amounts: Vec<Amount> = texts.iter().map(|text| Amount::parse(text).unwrap()).collect();
        let scale = Scale::of(&amounts.iter().collect::<Vec<_>>())?;
        let counts: Result<Vec<i128>, String> = amounts.iter().map(|a| scale.count(a)).collect();
        Ok(scale.text(counts?.iter().sum()))
    }

    #[test]
    fn sums_are_exact_and_keep_their_unit() {
        for (texts, wanted) in [
            (&["0.1", "0.1", "0.1"][..], "0.3"),
            (&["1h", "30min"], "90min"),
            (&["1h", "60min"], "2h"),
            (&["1h30min", "30min"], "120min"),
            (&["1.5h", "30min"], "2h"),
            (&["1%/year", "2%/year"], "3%/year"),
            (&["0.10", "0.20"], "0.30"),
            (&["1", "0.5", "0.5"], "2"),
            (&["-5", "1"], "-4"),
            (&["-0.5", "0.2"], "-0.3"),
            (&["1e-3", "1e-3"], "0.002"),
            (&["2e3", "1_000"], "3000"),
            (&["1kB", "1KiB"], "2024B"),
            (&["10Gbit/s", "125MB/s"], "11Gbit/s"),
        ] {
            assert_eq!(sum(texts).as_deref(), Ok(wanted), "{texts:?}");
        }
    }

    #[test]
    fn units_of_different_kinds_have_no_sum() {
        let wrong = "its numbers have units that differ: none, `%`";
        assert_eq!(sum(&["1", "5%"]).unwrap_err(), wrong);
        assert!(sum(&["1h", "1GB"]).is_err());
        assert!(sum(&["1%", "1%/year"]).is_err());
    }

    #[test]
    fn what_is_no_number_says_why() {
        let why = |text| Amount::parse(text).unwrap_err();
        assert_eq!(why("x"), "`x` is no number");
        assert_eq!(why(""), "`` is no number");
        assert_eq!(why("1."), "`1.` is no number");
        assert_eq!(why("1.2.3"), "`1.2.3` is no number");
        assert_eq!(why("1e99"), "`1e99` has an exponent that is none from -9 to 9");
        assert_eq!(why("1234567890123456"), "`1234567890123456` has more than 15 digits");
        assert_eq!(why("1h2"), "`1h2` is no number with a unit");
        assert_eq!(why("30min1h"), "`30min1h` is no number with a unit");
    }

    #[test]
    fn rounded_values_keep_the_digits_that_tell_them_apart() {
        let scale = |texts: [&str; 2]| {
            let amounts = texts.map(|text| Amount::parse(text).unwrap());
            Scale::of(&[&amounts[0], &amounts[1]]).unwrap()
        };
        assert_eq!(scale(["1%", "64%"]).rounded(4.0, 4.0), "4%");
        assert_eq!(scale(["0.1", "9"]).rounded(1.0 / 3.0, 1.0), "0.333");
        let hour = 3_600e6;
        assert_eq!(scale(["1min", "1d"]).rounded(hour, hour), "60min");
        assert_eq!(scale(["1h", "2h"]).rounded(1.234_567 * hour, hour), "1.235h");
    }

    #[test]
    fn magnitudes_of_one_kind_compare() {
        let of = |text| Amount::parse(text).unwrap().magnitude();
        assert_eq!(of("90min"), of("1.5h"));
        assert_eq!(of("5%"), (5.0, "%".to_owned()));
        assert_eq!(of("1KiB"), (1_024.0, "B".to_owned()));
    }
}
