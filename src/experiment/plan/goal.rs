//! What a plan must reach: `metric >= value`, in a share of the runs or on average.

use crate::{
    observe::{catalogue::Definition, select::Selector},
    scenario::quantity,
};

/// Share of the runs in which a goal must hold where it does not say how it is judged.
pub const SHARE: f64 = 0.95;

/// What a goal looks like.
const HELP: &str = "a goal is a metric, >=, >, <= or <, and a value, as in 'availability >= 99.9%', \
                    'campaign.duration{name=x} <= 5d in 95% of runs' or 'downtime <= 2h on average'";

/// How a metric stands to the value of its goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

impl Relation {
    const ALL: [(&'static str, Self); 6] = [
        (">=", Self::AtLeast),
        ("≥", Self::AtLeast),
        ("<=", Self::AtMost),
        ("≤", Self::AtMost),
        (">", Self::Above),
        ("<", Self::Below),
    ];

    /// As it is written: `>=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
        }
    }

    /// Whether the value itself is not enough.
    pub const fn is_strict(self) -> bool {
        match self {
            Self::Above | Self::Below => true,
            Self::AtLeast | Self::AtMost => false,
        }
    }

    /// Whether more of the metric is nearer to the goal.
    pub const fn wants_more(self) -> bool {
        match self {
            Self::AtLeast | Self::Above => true,
            Self::AtMost | Self::Below => false,
        }
    }
}

/// How a goal is judged.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Judged {
    /// Run by run: it must hold in at least this share of all runs that could be.
    InRuns(f64),
    /// By the mean over all runs that could be.
    OnAverage,
}

/// One goal.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// The metric.
    pub selector: Selector,
    /// How it must stand to `value`.
    pub relation: Relation,
    /// The value, in the unit of the metric.
    pub value: f64,
    /// The value as it was written.
    pub written: String,
    /// How it is judged.
    pub judged: Judged,
}

impl Goal {
    /// The goal that `text` states. Where it does not say how it is judged it is judged run by run,
    /// and must hold in [`SHARE`] of them.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("`{}` {why}; {HELP}", text.trim());
        let (metric, relation, rest) = parted(text).ok_or_else(|| wrong("compares nothing"))?;
        let selector = Selector::parse(metric)?;
        let (written, judged) = judged(rest).map_err(|why| wrong(&why))?;
        if written.is_empty() {
            return Err(wrong("lacks a value"));
        }
        let value = value(written, selector.definition()).map_err(|why| wrong(&why))?;
        let goal = Self { selector, relation, value, written: written.to_owned(), judged };
        match goal.is_out_of_reach() {
            Some(why) => Err(format!("`{}` {why}", text.trim())),
            None => Ok(goal),
        }
    }

    /// Whether it holds in a run with this value. Where the run has none it does not: what did not
    /// happen was not in time.
    pub fn holds(&self, value: Option<f64>) -> bool {
        let Some(value) = value else { return false };
        match self.relation {
            Relation::AtLeast => value >= self.value,
            Relation::Above => value > self.value,
            Relation::AtMost => value <= self.value,
            Relation::Below => value < self.value,
        }
    }

    /// Why no number of runs could show it, if none could: it demands what no run can be, or of a
    /// mean that every run that could be is at the end of what runs can be.
    fn is_out_of_reach(&self) -> Option<String> {
        let (least, most) = self.selector.definition().ends();
        // How far the end that is best lies beyond the value: no run lies further.
        let room = if self.relation.wants_more() { most - self.value } else { self.value - least };
        let name = self.selector.text();
        let end = if self.relation.wants_more() { "above 1" } else { "below 0" };
        if room < 0.0 || room <= 0.0 && self.relation.is_strict() {
            return Some(format!("can never be met: `{name}` is never {end}"));
        }
        (room <= 0.0 && self.judged == Judged::OnAverage).then(|| {
            format!(
                "is shown by no number of runs: one run that could be otherwise is enough to miss it. \
                 Say in how many runs it must hold, as in `{name} {} {} in 99% of runs`, or a mean \
                 that is not the end of what `{name}` can be",
                self.relation.name(),
                self.written
            )
        })
    }

    /// How far a value lies on the good side of the goal, in the unit of the metric; negative on
    /// the bad side.
    pub fn margin(&self, value: f64) -> f64 {
        if self.relation.wants_more() { value - self.value } else { self.value - value }
    }
}

/// The text before the first relation outside of braces, the relation, and the text behind it.
fn parted(text: &str) -> Option<(&str, Relation, &str)> {
    let (mut inside, mut quoted) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '{' if !quoted => inside = true,
            '}' if !quoted => inside = false,
            _ => {}
        }
        if inside || quoted {
            continue;
        }
        let found = Relation::ALL.into_iter().find(|(name, _)| text[at..].starts_with(name));
        if let Some((name, relation)) = found {
            return Some((&text[..at], relation, &text[at + name.len()..]));
        }
    }
    None
}

/// The value, and how the goal is judged.
fn judged(text: &str) -> Result<(&str, Judged), String> {
    let text = text.trim();
    if let Some(value) = text.strip_suffix("on average") {
        return Ok((value.trim(), Judged::OnAverage));
    }
    let Some(before) = text.strip_suffix("of runs").or_else(|| text.strip_suffix("of periods"))
    else {
        return Ok((text, Judged::InRuns(SHARE)));
    };
    let (value, share) =
        before.rsplit_once(" in ").ok_or("does not say in how many of the runs it must hold")?;
    let share = share_of(share)?;
    Ok((value.trim(), Judged::InRuns(share)))
}

/// A share strictly between 0 and 1, as in `95%`, `99.9 %` or `0.95`.
///
/// # Errors
/// What is no such share.
pub fn share_of(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let share = number(text).filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| format!("has `{text}` for a share: it lies between 0% and 100%"))
}

/// A finite number, in percent where it says so.
fn number(text: &str) -> Option<f64> {
    let (digits, factor) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let number: f64 = digits.replace('_', "").parse().ok()?;
    let plain = digits.bytes().all(|byte| b"0123456789.eE+-_".contains(&byte));
    Some(number / factor).filter(|number| plain && number.is_finite())
}

/// The value that `text` writes, in the unit of the metric.
fn value(text: &str, definition: &Definition) -> Result<f64, String> {
    let unit = definition.unit;
    let is_time = unit == "s" || unit.ends_with("-s");
    let span = || quantity::span(text).ok().map(|span| span.micros() as f64 / 1e6);
    let size = || quantity::size(text).ok().map(|size| size as f64);
    let bare = number(text).filter(|_| unit == "ratio" || !text.ends_with('%'));
    let found =
        bare.or_else(|| span().filter(|_| is_time)).or_else(|| size().filter(|_| unit == "B"));
    if let Some(value) = found.filter(|value| unit == "ratio" && *value > 1.0) {
        let meant = match value <= 100.0 && !text.ends_with('%') {
            true => format!(": did you mean {text}%?"),
            false => String::new(),
        };
        let name = definition.name;
        return Err(format!("has `{text}` for a value, but `{name}` is never above 1{meant}"));
    }
    found.ok_or_else(|| {
        let like = match unit {
            "ratio" => "a number from 0 to 1, or in percent",
            "B" => "a size, as in 5TB",
            _ if is_time => "a length of time, as in 36h",
            _ => "a number",
        };
        format!("has `{text}` for a value, but `{}` is {like}", definition.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, &'static str, f64, Judged) {
        let goal = Goal::parse(text).unwrap_or_else(|why| panic!("{why}"));
        (goal.selector.text().to_owned(), goal.relation.name(), goal.value, goal.judged)
    }

    #[test]
    fn goals_say_how_they_are_judged() {
        let every = |text: &str| parsed(text).3;
        assert_eq!(every("availability >= 0.999"), Judged::InRuns(0.95));
        assert_eq!(every("availability>=99.9% on average"), Judged::OnAverage);
        assert_eq!(every("availability >= 99.9% in 99% of runs"), Judged::InRuns(0.99));
        assert_eq!(every("availability >= 99.9% in 90 % of periods"), Judged::InRuns(0.9));
    }

    #[test]
    fn values_have_the_unit_of_their_metric() {
        let of = |text: &str| {
            let (metric, relation, value, _) = parsed(text);
            format!("{metric} {relation} {value}")
        };
        assert_eq!(of("availability >= 99.95%"), "availability >= 0.9995");
        assert_eq!(of("service.outages{a<b, 20}<=0"), "service.outages{a<b, 20} <= 0");
        assert_eq!(
            of("campaign.duration{name=x} < 1d12h in 95% of runs"),
            "campaign.duration{name=x} < 129600"
        );
        assert_eq!(of("downtime ≤ 2h on average"), "downtime <= 7200");
        assert_eq!(of("data_loss.bytes <= 5TB"), "data_loss.bytes <= 5000000000000");
        assert_eq!(of("servers.spare.min > 1_000"), "servers.spare.min > 1000");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let why = |text: &str| Goal::parse(text).unwrap_err();
        assert!(why("availability").starts_with("`availability` compares nothing; a goal is"));
        assert!(why("availability >=").contains("lacks a value"));
        assert!(why("availabilty >= 1").contains("the nearest are availability"));
        assert!(why("availability >= much").contains("has `much` for a value"));
        assert!(why("migrations.concurrent.max <= 5%").contains("is a number"));
        assert!(why("availability >= nan").contains("has `nan` for a value"));
        assert!(why("availability >= 1 in 100% of runs").contains("between 0% and 100%"));
        assert!(why("availability >= 99.9").contains("did you mean 99.9%?"));
        assert!(why("availability >= 101%").contains("never above 1;"));
        assert!(why("placement.failed < 0 on average").contains("is never below 0"));
        assert!(why("placement.failed < 0 in 95% of runs").contains("is never below 0"));
        assert!(why("placement.failed <= 0 on average").contains("<= 0 in 99% of runs"));
        assert!(why("availability >= 100% on average").contains("shown by no number of runs"));
        assert!(Goal::parse("placement.failed <= 0 in 95% of runs").is_ok());
        assert!(why("availability >= 1 95% of runs").contains("in how many of the runs"));
    }

    #[test]
    fn what_did_not_happen_was_not_in_time() {
        let goal = Goal::parse("campaign.duration{x} <= 5d").unwrap();
        assert!(goal.holds(Some(432_000.0)) && !goal.holds(Some(432_001.0)) && !goal.holds(None));
        assert!(!Goal::parse("campaign.duration{x} < 5d").unwrap().holds(Some(432_000.0)));
        assert!((goal.margin(432_001.0) + 1.0).abs() < 1e-9);
    }
}
