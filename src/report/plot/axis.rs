//! Axes: where ticks lie and what is written at them.

use crate::report::{
    chart::{Along, Scale},
    number,
};

/// An axis from `low` to `high` with its ticks.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// The lowest value shown.
    pub low: f64,
    /// The highest; above the lowest.
    pub high: f64,
    /// Ticks, ascending, in the value's own unit, with what is written at each.
    pub ticks: Vec<(f64, String)>,
    /// What lies along it, with the unit of the ticks where they do not tell it themselves.
    pub name: String,
    /// Whether equal ratios are equally far apart.
    log: bool,
    /// How many of the value's own unit one of the shown unit holds.
    factor: f64,
    /// Decimals that tell ticks apart.
    decimals: usize,
}

/// How many ticks are aimed at.
const AIMED_AT: f64 = 6.0;

/// The most ticks where each value has its own.
const EACH_MOST: usize = 9;

impl Axis {
    /// The axis of values from `low` to `high`, widened to whole steps where `rounds`.
    pub fn new(along: &Along, low: f64, high: f64, rounds: bool) -> Self {
        if along.log && low > 0.0 && high > low {
            return Self::logarithmic(along, low, high);
        }
        let (low, high) = match high > low {
            true => (low, high),
            // A single value lies in the middle of something.
            false => (low - low.abs().max(1.0) / 2.0, low + low.abs().max(1.0) / 2.0),
        };
        let (factor, unit) = unit(along.scale, high.abs().max(low.abs()));
        let step = match (along.scale, unit) {
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
        let decimals = (0..12).find(|decimals| {
            let scaled = step * libm::pow(10.0, f64::from(*decimals));
            (scaled - libm::round(scaled)).abs() < 1e-6
        });
        let decimals = decimals.unwrap_or(12) as usize;
        let tick = |tick: usize| {
            let value = (first + tick as f64) * step;
            (value * factor, number::grouped(value, decimals))
        };
        // What lies far from zero beside how far it reaches has fewer bits than steps.
        let count = (last - first).clamp(0.0, 4.0 * AIMED_AT) as usize;
        let ticks = (0..=count).map(tick).collect();
        let (low, high) = match rounds {
            true => (first * step * factor, last * step * factor),
            false => (low, high),
        };
        Self { low, high, ticks, name: named(&along.what, unit), log: false, factor, decimals }
    }

    /// The axis of `values`, each of which has its own tick where they are few; between them there is
    /// nothing.
    pub fn of_values(along: &Along, values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let (low, high) = match (sorted.first(), sorted.last()) {
            (Some(low), Some(high)) => (*low, *high),
            _ => (0.0, 1.0),
        };
        let mut axis = Self::new(along, low, high, false);
        let near =
            |pair: &[f64]| axis.position(pair[1]) - axis.position(pair[0]) < 0.5 / EACH_MOST as f64;
        let (factor, unit) = unit(along.scale, high.abs().max(low.abs()));
        if sorted.len() > EACH_MOST || sorted.len() < 2 || sorted.windows(2).any(near) {
            return axis;
        }
        let is_whole = |value: &f64| {
            let value = value / factor;
            (value - libm::round(value)).abs() < 1e-9 * value.abs().max(1.0)
        };
        let own = !sorted.iter().all(is_whole);
        let label = |value: f64| match own && along.scale != Scale::Plain {
            true => alone(along.scale, value),
            false => number::free(value / factor),
        };
        axis.name = named(&along.what, if own && along.scale != Scale::Plain { "" } else { unit });
        axis.ticks = sorted.into_iter().map(|value| (value, label(value))).collect();
        axis
    }

    /// Equal ratios equally far apart; each tick tells its own unit.
    fn logarithmic(along: &Along, low: f64, high: f64) -> Self {
        let round: &[f64] = match along.scale {
            Scale::Time => &[
                1.0,
                2.0,
                5.0,
                10.0,
                30.0,
                60.0,
                120.0,
                300.0,
                600.0,
                1_800.0,
                3_600.0,
                7_200.0,
                21_600.0,
                43_200.0,
                86_400.0,
                172_800.0,
                604_800.0,
                2_592_000.0,
                7_776_000.0,
                31_536_000.0,
            ],
            Scale::Ratio | Scale::Bytes | Scale::Plain => &[],
        };
        let powers = |steps: &[f64]| {
            let first = libm::floor(libm::log10(low)) as i32;
            let last = libm::ceil(libm::log10(high)) as i32;
            let of = |power: i32| {
                let base = libm::pow(10.0, f64::from(power));
                steps.iter().map(move |step| step * base).collect::<Vec<_>>()
            };
            (first..=last).flat_map(of).collect::<Vec<f64>>()
        };
        let inside = |values: Vec<f64>| {
            let is_inside = |value: &f64| *value >= low * 0.999_999 && *value <= high * 1.000_001;
            values.into_iter().filter(is_inside).collect::<Vec<f64>>()
        };
        let tries = [round.to_vec(), powers(&[1.0, 2.0, 5.0]), powers(&[1.0])].map(inside);
        let fits = |ticks: &&Vec<f64>| (3..=EACH_MOST).contains(&ticks.len());
        let ends = vec![low, high];
        let fewer = |ticks: &Vec<f64>| -> Vec<f64> {
            let every = ticks.len().div_ceil(EACH_MOST).max(1);
            ticks.iter().copied().step_by(every).collect()
        };
        let ticks = match tries.iter().find(fits) {
            Some(ticks) => ticks.clone(),
            None if tries[2].len() > EACH_MOST => fewer(&tries[2]),
            None => ends,
        };
        let ticks = ticks.into_iter().map(|value| (value, alone(along.scale, value))).collect();
        Self { low, high, ticks, name: along.what.clone(), log: true, factor: 1.0, decimals: 0 }
    }

    /// `value` in the unit of the axis, with one digit more than its ticks have.
    pub fn finer(&self, value: f64) -> String {
        let value = value / self.factor;
        // Whole numbers among whole numbers stay so.
        let is_whole = self.decimals == 0 && value.fract().abs() <= 0.0;
        number::grouped(value, self.decimals + usize::from(!is_whole))
    }

    /// Where `value` lies between the ends: 0 to 1.
    pub fn position(&self, value: f64) -> f64 {
        let of =
            |value: f64| if self.log { libm::log(value.max(f64::MIN_POSITIVE)) } else { value };
        (of(value) - of(self.low)) / (of(self.high) - of(self.low))
    }

    /// Wider by the share `by` of its length at both ends, so that what lies there is seen whole.
    #[must_use]
    pub fn padded(self, by: f64) -> Self {
        let (low, high) = match self.log {
            true => {
                let ratio = libm::pow(self.high / self.low, by);
                (self.low / ratio, self.high * ratio)
            }
            false => {
                let more = (self.high - self.low) * by;
                (self.low - more, self.high + more)
            }
        };
        Self { low, high, ..self }
    }
}

fn named(what: &str, unit: &str) -> String {
    if unit.is_empty() { what.to_owned() } else { format!("{what} ({unit})") }
}

/// `value` with the unit that suits it alone.
pub fn alone(scale: Scale, value: f64) -> String {
    let (factor, unit) = match scale {
        // Less than two of a unit still read well where they are whole: 1 min.
        Scale::Time => {
            let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
            let suits = units.into_iter().find(|(unit, _)| {
                value.abs() >= *unit && (value.abs() >= 2.0 * unit || (value / unit).fract() <= 0.0)
            });
            suits.unwrap_or((1.0, "s"))
        }
        Scale::Ratio | Scale::Bytes | Scale::Plain => unit(scale, value.abs()),
    };
    let text = match scale {
        Scale::Ratio => nines(value / factor),
        Scale::Time | Scale::Bytes | Scale::Plain => number::free(to_digits(value / factor)),
    };
    if unit.is_empty() { text } else { format!("{text} {unit}") }
}

/// `percent` with as many decimals as its nines need.
fn nines(percent: f64) -> String {
    let missing = 100.0 - percent;
    match missing < 0.1 && missing > 1e-12 {
        true => {
            let decimals = 1.0 - libm::floor(libm::log10(missing));
            number::grouped(to_digits(percent), decimals.clamp(0.0, 13.0) as usize)
        }
        false => number::free(to_digits(percent)),
    }
}

/// `value` with four digits, or as many nines as it has and one more.
fn to_digits(value: f64) -> f64 {
    let missing = 100.0 - value;
    match missing.abs() < 1.0 && missing.abs() > 0.0 {
        true => 100.0 - format!("{missing:.1e}").parse().unwrap_or(missing),
        false => format!("{value:.3e}").parse().unwrap_or(value),
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

    fn shown(scale: Scale, low: f64, high: f64) -> String {
        let axis = Axis::new(&Along::new("it", scale), low, high, true);
        assert!(axis.low <= low && axis.high >= high, "{axis:?}");
        let ticks: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        format!("{} {}", ticks.join(" "), axis.name)
    }

    #[test]
    fn ticks_are_round_in_their_unit() {
        assert_eq!(shown(Scale::Plain, 0.0, 50.0), "0 10 20 30 40 50 it");
        assert_eq!(shown(Scale::Plain, -3.0, 9.0), "-4 -2 0 2 4 6 8 10 it");
        assert_eq!(shown(Scale::Time, 0.0, 31_536_000.0), "0 100 200 300 400 it (d)");
        assert_eq!(shown(Scale::Time, 0.0, 7_200.0), "0.0 0.5 1.0 1.5 2.0 it (h)");
        assert_eq!(shown(Scale::Time, 0.0, 600.0), "0 2 4 6 8 10 it (min)");
        assert_eq!(shown(Scale::Ratio, 0.9991, 0.99975), "99.90 99.92 99.94 99.96 99.98 it (%)");
        let gib = 1_073_741_824.0;
        assert_eq!(shown(Scale::Bytes, 0.0, 3.0 * gib), "0.0 0.5 1.0 1.5 2.0 2.5 3.0 it (GiB)");
    }

    #[test]
    fn a_single_value_has_an_axis_too() {
        for value in [0.0, 7.0, -2.5, 1e-9, 1e12] {
            let axis = Axis::new(&Along::new("it", Scale::Plain), value, value, true);
            assert!(axis.low < value && value < axis.high && axis.ticks.len() > 2, "{axis:?}");
        }
    }

    #[test]
    fn few_values_have_a_tick_each() {
        let ticks = |scale, values: &[f64]| {
            let axis = Axis::of_values(&Along::new("it", scale), values);
            let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
            format!("{} {}", labels.join(" "), axis.name)
        };
        assert_eq!(ticks(Scale::Plain, &[4.0, 1.0, 2.0, 3.0]), "1 2 3 4 it");
        assert_eq!(ticks(Scale::Time, &[3_600.0, 7_200.0]), "1 2 it (h)");
        assert_eq!(ticks(Scale::Time, &[90.0, 1_000.0]), "90 s 16.67 min it");
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(ticks(Scale::Plain, &many), "0 20 40 60 80 it");
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let along = Along::new("it", Scale::Time).logarithmic(true);
        let axis = Axis::new(&along, 10.0, 600.0, false);
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["10 s", "30 s", "1 min", "2 min", "5 min", "10 min"]);
        assert!((axis.position(60.0) - 0.437_618).abs() < 1e-5, "{}", axis.position(60.0));
        let plain = Along::new("it", Scale::Plain).logarithmic(true);
        let axis = Axis::new(&plain, 3.0, 5e11, false);
        assert!(axis.ticks.len() <= EACH_MOST && axis.ticks.len() > 4, "{axis:?}");
        // What is not above zero has no logarithm.
        assert!(!Axis::new(&plain, 0.0, 10.0, true).log);
    }

    #[test]
    fn values_alone_keep_their_nines() {
        let told = |value| alone(Scale::Ratio, value);
        assert_eq!([0.999_95, 0.5, 0.123_456].map(told), ["99.9950 %", "50 %", "12.35 %"]);
        assert_eq!([0.999_999_69, 1.0, 0.998].map(told), ["99.999969 %", "100 %", "99.8 %"]);
    }
}
