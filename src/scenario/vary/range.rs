//! Ranges as they are typed, and the values in them.

use super::{
    super::tree::shortened,
    Levels, MOST_POINTS,
    amount::{Amount, Scale},
};

/// A range as it is typed.
pub(super) struct Ends {
    pub low: End,
    pub high: End,
    pub tail: Tail,
}

/// One end of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    pub text: String,
    pub amount: Amount,
}

/// What follows a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    /// Nothing.
    None,
    /// The distance between values.
    Step(End),
    /// Equal ratios, with so many values.
    Log(Option<u32>),
}

impl End {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        Ok(Self { text: text.to_owned(), amount: Amount::parse(text)? })
    }
}

impl Ends {
    /// The range that `text` writes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (low, rest) = text.split_once("..").ok_or_else(|| {
            format!("`{}` is no range: its ends are parted by `..`", shortened(text))
        })?;
        let (high, tail) = rest.split_once(':').map_or((rest, None), |(a, b)| (a, Some(b)));
        let tail = match tail.map(|tail| tail.split_once(':').unwrap_or((tail, ""))) {
            None => Tail::None,
            Some(("log", "")) => Tail::Log(None),
            Some(("log", count)) => {
                let count = count.trim().parse::<u32>().ok();
                let count = count.filter(|n| (2..=MOST_POINTS as u32).contains(n));
                let wanted = format!("log takes a number of values from 2 to {MOST_POINTS}");
                Tail::Log(Some(count.ok_or(wanted)?))
            }
            Some((step, "")) => Tail::Step(End::parse(step)?),
            Some((_, after)) => return Err(format!("`:{after}` stands behind its step")),
        };
        Ok(Self { low: End::parse(low)?, high: End::parse(high)?, tail })
    }

    /// The levels of an axis over this range.
    pub fn levels(self) -> Result<Levels, String> {
        let between = |ends: Self, log| Between::new(ends.low, ends.high, log);
        match self.tail.clone() {
            Tail::None => between(self, false).map(Levels::Between),
            Tail::Log(None) => between(self, true).map(Levels::Between),
            Tail::Log(Some(count)) => {
                let between = between(self, true)?;
                let last = f64::from(count - 1);
                let at = |k: u32| match k {
                    0 => between.low.text.clone(),
                    k if k == count - 1 => between.high.text.clone(),
                    k => between.spaced(f64::from(k) / last),
                };
                let values: Vec<Vec<String>> = (0..count).map(|k| vec![at(k)]).collect();
                Levels::listed(values).map_err(|why| {
                    format!("{count} values lie too close between whole numbers: {why}")
                })
            }
            Tail::Step(step) => {
                let steps = Steps::new(self.low, self.high, &step.amount)?;
                if steps.count > MOST_POINTS as u64 {
                    return Err(format!(
                        "it has {} values, and at most {MOST_POINTS} are taken",
                        steps.count
                    ));
                }
                Levels::listed((0..steps.count).map(|k| vec![steps.value(k)]).collect())
            }
        }
    }
}

/// Values at equal distances, from the low end on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Steps {
    low: End,
    high: End,
    scale: Scale,
    first: i128,
    step: i128,
    /// Values (count, at least 2).
    pub count: u64,
    /// Whether the last value is the high end.
    reaches: bool,
}

impl Steps {
    /// From `low` on by `step`, as far as `high`.
    pub fn new(low: End, high: End, step: &Amount) -> Result<Self, String> {
        let scale = Scale::of(&[&low.amount, &high.amount, step])?;
        let count = |amount: &Amount| scale.count(amount);
        let (first, last, step) = (count(&low.amount)?, count(&high.amount)?, count(step)?);
        if step <= 0 {
            return Err("its step is not above zero".to_owned());
        }
        upwards(first < last, &low, &high)?;
        if last - first < step {
            return Err(format!(
                "its step is more than the way from {} to {}",
                low.text, high.text
            ));
        }
        let steps = u64::try_from((last - first) / step).map_err(|_| "it has too many values")?;
        let reaches = (last - first) % step == 0;
        let count = steps.saturating_add(1);
        Ok(Self { low, high, scale, first, step, count, reaches })
    }

    /// Value number `k`, counted from 0: the ends as they were typed.
    pub fn value(&self, k: u64) -> String {
        if k == 0 {
            self.low.text.clone()
        } else if k == self.count - 1 && self.reaches {
            self.high.text.clone()
        } else {
            self.scale.text(self.first + self.step * i128::from(k))
        }
    }
}

/// Anything between two ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Between {
    low: End,
    high: End,
    scale: Scale,
    /// Whether equal ratios, rather than equal differences, are equally likely.
    log: bool,
}

impl Between {
    fn new(low: End, high: End, log: bool) -> Result<Self, String> {
        let scale = Scale::of(&[&low.amount, &high.amount])?;
        let (first, last) = (scale.count(&low.amount)?, scale.count(&high.amount)?);
        upwards(first < last, &low, &high)?;
        if log && first <= 0 {
            return Err(format!("`log` needs ends above zero, not {}", low.text));
        }
        Ok(Self { low, high, scale, log })
    }

    fn ends(&self) -> (f64, f64) {
        (self.low.amount.magnitude().0, self.high.amount.magnitude().0)
    }

    fn is_whole(&self) -> bool {
        self.low.amount.is_whole_number() && self.high.amount.is_whole_number()
    }

    /// The value where `share` (0 to below 1) of all lies below: between whole numbers a whole
    /// number, each as likely as the others.
    pub fn at(&self, share: f64) -> String {
        let (low, high) = self.ends();
        if self.is_whole() {
            let beyond = high + 1.0;
            let value = match self.log {
                true => low * libm::exp(share * libm::log(beyond / low)),
                false => low + share * (beyond - low),
            };
            return self.kept(libm::floor(value), 1.0);
        }
        match self.log {
            true => self.spaced(share),
            false => self.kept(low + share * (high - low), high - low),
        }
    }

    /// The value at `share` of the way from end to end, ways being ratios.
    fn spaced(&self, share: f64) -> String {
        let (low, high) = self.ends();
        let value = low * libm::exp(share * libm::log(high / low));
        let value = if self.is_whole() { libm::round(value) } else { value };
        self.kept(value, value)
    }

    /// `value`, which rounding may not carry past an end.
    fn kept(&self, value: f64, width: f64) -> String {
        let (low, high) = self.ends();
        if value <= low {
            return self.low.text.clone();
        }
        if value >= high {
            return self.high.text.clone();
        }
        let text = match self.is_whole() {
            true => format!("{value:.0}"),
            false => self.scale.rounded(value, width),
        };
        match Amount::parse(&text).map(|amount| amount.magnitude().0) {
            Ok(rounded) if rounded < low => self.low.text.clone(),
            Ok(rounded) if rounded > high => self.high.text.clone(),
            Ok(_) | Err(_) => text,
        }
    }
}

fn upwards(is_upwards: bool, low: &End, high: &End) -> Result<(), String> {
    match is_upwards {
        true => Ok(()),
        false => Err(format!("it does not run upwards from {} to {}", low.text, high.text)),
    }
}

/// One of the last digit typed at either end: the finer of the two.
pub(super) fn finer(low: &End, high: &End) -> Result<Amount, String> {
    let (a, b) = (low.amount.last_digit(), high.amount.last_digit());
    let scale = Scale::of(&[&a, &b])?;
    Ok(if scale.count(&a)? <= scale.count(&b)? { a } else { b })
}
