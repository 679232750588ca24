//! Axes: where ticks lie and what is written at them.

use crate::report::{chart::Scale, number};

/// An axis from `low` to `high` with its ticks.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// The lowest value shown.
    pub low: f64,
    /// The highest; above the lowest.
    pub high: f64,
    /// How many of the value's own unit one of the shown unit holds.
    factor: f64,
    /// The unit in which ticks are told; may be empty.
    pub unit: &'static str,
    /// Ticks, ascending, in the value's own unit.
    pub ticks: Vec<f64>,
    decimals: usize,
}

/// How many ticks are aimed at.
const AIMED_AT: f64 = 6.0;

impl Axis {
    /// The axis of values from `low` to `high`, widened to whole steps where `rounds`.
    pub fn new(scale: Scale, low: f64, high: f64, rounds: bool) -> Self {
        let (low, high) = match high > low {
            true => (low, high),
            // A single value lies in the middle of something.
            false => (low - low.abs().max(1.0) / 2.0, low + low.abs().max(1.0) / 2.0),
        };
        let (factor, unit) = unit(scale, high.abs().max(low.abs()));
        let step = match (scale, unit) {
            (Scale::Time, "min" | "s") => sixty((high - low) / factor / AIMED_AT),
            (Scale::Time, "h") => twelve((high - low) / factor / AIMED_AT),
            _ => round((high - low) / factor / AIMED_AT),
        };
        let (from, to) = (low / factor / step, high / factor / step);
        // A hair more than whole is whole: what was divided is multiplied back.
        let (first, last) = match rounds {
            true => (libm::floor(from + 1e-9), libm::ceil(to - 1e-9)),
            false => (libm::ceil(from - 1e-9), libm::floor(to + 1e-9)),
        };
        let count = (last - first).max(0.0) as usize;
        let ticks: Vec<f64> =
            (0..=count).map(|tick| (first + tick as f64) * step * factor).collect();
        let (low, high) = match rounds {
            true => (first * step * factor, last * step * factor),
            false => (low, high),
        };
        let decimals = (0..12).find(|decimals| {
            let scaled = step * libm::pow(10.0, f64::from(*decimals));
            (scaled - libm::round(scaled)).abs() < 1e-6
        });
        Self { low, high, factor, unit, ticks, decimals: decimals.unwrap_or(12) as usize }
    }

    /// What is written at `value`.
    pub fn label(&self, value: f64) -> String {
        number::grouped(value / self.factor, self.decimals)
    }
}

/// The unit in which values up to `size` are told, and how many of their own it holds.
fn unit(scale: Scale, size: f64) -> (f64, &'static str) {
    let (large, rest): (&[(f64, f64, &str)], _) = match scale {
        Scale::Time => (
            &[(2.0 * 86_400.0, 86_400.0, "d"), (2.0 * 3_600.0, 3_600.0, "h"), (120.0, 60.0, "min")],
            (1.0, "s"),
        ),
        Scale::Bytes => (
            &[
                (1_125_899_906_842_624.0, 1_125_899_906_842_624.0, "PiB"),
                (1_099_511_627_776.0, 1_099_511_627_776.0, "TiB"),
                (1_073_741_824.0, 1_073_741_824.0, "GiB"),
                (1_048_576.0, 1_048_576.0, "MiB"),
                (1_024.0, 1_024.0, "KiB"),
            ],
            (1.0, "B"),
        ),
        Scale::Ratio => (&[], (0.01, "%")),
        Scale::Plain => (&[], (1.0, "")),
    };
    let found = large.iter().find(|(from, _, _)| size >= *from);
    found.map_or(rest, |(_, factor, unit)| (*factor, *unit))
}

/// The round step (1, 2 or 5 times a power of ten) nearest above `step`.
fn round(step: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(step) + 1e-9));
    let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    steps.into_iter().find(|round| *round >= step * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// The same for minutes and seconds, of which 60 make the next unit.
fn sixty(step: f64) -> f64 {
    let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0];
    if step <= 1.0 { round(step) } else { nearest_above(&steps, step) }
}

/// The same for hours, of which 24 make the next.
fn twelve(step: f64) -> f64 {
    let steps = [1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0];
    if step <= 1.0 { round(step) } else { nearest_above(&steps, step) }
}

fn nearest_above(steps: &[f64], step: f64) -> f64 {
    steps.iter().copied().find(|round| *round >= step).unwrap_or_else(|| round(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(scale: Scale, low: f64, high: f64) -> (Vec<String>, &'static str) {
        let axis = Axis::new(scale, low, high, true);
        assert!(axis.low <= low && axis.high >= high, "{axis:?}");
        (axis.ticks.iter().map(|tick| axis.label(*tick)).collect(), axis.unit)
    }

    #[test]
    fn ticks_are_round_in_their_unit() {
        let text = |scale, low, high| {
            let (ticks, unit) = shown(scale, low, high);
            format!("{} {unit}", ticks.join(" "))
        };
        assert_eq!(text(Scale::Plain, 0.0, 50.0), "0 10 20 30 40 50 ");
        assert_eq!(text(Scale::Plain, -3.0, 9.0), "-4 -2 0 2 4 6 8 10 ");
        assert_eq!(text(Scale::Time, 0.0, 31_536_000.0), "0 100 200 300 400 d");
        assert_eq!(text(Scale::Time, 0.0, 7_200.0), "0.0 0.5 1.0 1.5 2.0 h");
        assert_eq!(text(Scale::Time, 0.0, 600.0), "0 2 4 6 8 10 min");
        assert_eq!(text(Scale::Ratio, 0.9991, 0.99975), "99.90 99.92 99.94 99.96 99.98 %");
        assert_eq!(
            text(Scale::Bytes, 0.0, 3.0 * 1_073_741_824.0),
            "0.0 0.5 1.0 1.5 2.0 2.5 3.0 GiB"
        );
    }

    #[test]
    fn a_single_value_has_an_axis_too() {
        for value in [0.0, 7.0, -2.5, 1e-9, 1e12] {
            let axis = Axis::new(Scale::Plain, value, value, true);
            assert!(axis.low < value && value < axis.high && axis.ticks.len() > 2, "{axis:?}");
        }
    }
}
