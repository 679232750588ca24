//! How far a change lies beyond what is allowed, run by run; above all where that is a percentage of a
//! baseline whose mean is only estimated.
//!
//! Where most runs change, each is compared with the share of its own baseline: the differences heed
//! how both go together. Where most changes are exactly the same that would not do: the baselines
//! alone would tell runs apart, and hide how few changes were seen. So change and allowance are then
//! told each by itself, and share alpha (Bonferroni).

use super::mean::{Beyond, Kind, Known, Slack, usual};
use crate::{
    kernel::moments::Moments,
    observe::gates::{Margin, Target},
};

/// How much of alpha a percentage leaves to the baseline's mean, of which it is one, where the
/// change is judged apart from it.
const FOR_BASELINE: f64 = 0.1;

/// As many runs that differ are wanted before they tell where a baseline's mean lies.
const PILOT: f64 = 20.0;

/// How much worse a mean may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// By how much.
    pub by: Margin,
    /// Whether more is worse; else less is.
    pub more_is_worse: bool,
}

impl Allowed {
    /// A change as it counts: above zero where it is to the worse.
    pub fn worse(self, change: f64) -> f64 {
        let worse = if self.more_is_worse { change } else { -change };
        worse + 0.0
    }

    /// What a run allows by itself that was at `before`, where the baseline's mean is `mean`: its
    /// share, or no more than any.
    pub fn of(self, before: f64, mean: f64) -> f64 {
        match self.by {
            Margin::Share(share) if mean < 0.0 => -share * before,
            Margin::Share(share) => share * before,
            Margin::Amount(amount) => amount,
        }
    }
}

/// How far `pairs` of runs (before, now) lie beyond what is allowed; `None` where there are fewer than
/// two.
pub(super) fn weighed(target: &Target, allowed: Allowed, pairs: &[(f64, f64)]) -> Option<Beyond> {
    let baseline = pairs.iter().map(|(before, _)| before).sum::<f64>() / pairs.len() as f64;
    let by = |of: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        pairs.iter().map(|(before, now)| of(*before, *now) + 0.0).collect()
    };
    let before = by(&|before, _| before);
    let known = known_of(target, &before)?;
    let most = allowed.by.of(baseline);
    let changes = by(&|before, now| allowed.worse(now - before) - most);
    let share = match allowed.by {
        Margin::Amount(_) => return Beyond::of(&changes, &known.lowered(most)),
        Margin::Share(share) => share,
    };
    let apart = Beyond::of(&changes, &known.lowered(most).parted(1.0 - FOR_BASELINE))?;
    if apart.kind == Kind::Dense {
        let own = by(&|before, now| allowed.worse(now - before) - allowed.of(before, baseline));
        let least = before.iter().map(|before| -allowed.of(*before, baseline));
        let ends = (known.ends.0 + least.fold(0.0, f64::min), known.ends.1);
        return Beyond::of(&own, &Known { ends, ..known });
    }
    Some(apart.beside(slack(target, share, &before)?))
}

/// What is known of the changes of runs that were at `before`: how far the metric can go, whatever was
/// seen of it, and that a run that changes may do so by as much as runs of the baseline lie apart.
fn known_of(target: &Target, before: &[f64]) -> Option<Known> {
    let definition = target.column.definition;
    let was = Moments::of(before.iter().copied())?;
    let (least, most) = definition.ends();
    let ends = (least - most, most - least);
    let plain = Known::of_change(definition, target.alpha);
    Some(Known { ends, apart: apart(before, &was), ..plain })
}

/// How far values lie apart: their standard deviation, or where most are the same how far the others
/// lie from those on average.
fn apart(values: &[f64], moments: &Moments) -> f64 {
    let Some(usual) = usual(values) else { return libm::sqrt(moments.variance) };
    let off = values.iter().map(|value| (value - usual).abs()).filter(|off| *off > 0.0);
    let (sum, count) = off.fold((0.0, 0_u32), |(sum, count), off| (sum + off, count + 1));
    sum / f64::from(count.max(1))
}

/// How uncertain this share of the mean of `before` is.
fn slack(target: &Target, share: f64, before: &[f64]) -> Option<Slack> {
    let definition = target.column.definition;
    let known = Known::of_level(definition, (0.0, false), target.alpha);
    let level = Beyond::of(before, &known.parted(FOR_BASELINE))?;
    let (mean, sign) = (level.mean.abs(), if level.mean < 0.0 { -1.0 } else { 1.0 });
    let (one, other) = (sign * level.limits.0, sign * level.limits.1);
    let (low, high) = (one.min(other).max(0.0), one.max(other));
    let at_least = match level.kind {
        Kind::Few => f64::from(level.runs) * PILOT / f64::from(level.differing),
        Kind::Equal | Kind::Sparse | Kind::Dense => 0.0,
    };
    // What is allowed lies on the other side of the change.
    Some(Slack { down: share * (high - mean), up: share * (mean - low), at_least })
}
