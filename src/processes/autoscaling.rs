//! What scales a group without an order: its schedule and its target rule
//! (spec/refresh-and-migration.md 1.1, 1.8).
//!
//! Path of the schedule: something is due → the sizes that it names are the group's. Path of the
//! target rule: looked at every so often → the demand says how many are needed → outside the
//! cooldown, the group is scaled. Moves: groups.

use super::{scaling, turn::Turn};
use crate::{
    fleet::{
        groups::Trigger,
        ids::ScalingGroup,
        scaling::{Process, Scheduled, TargetRule},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::occurrence::Occurrence,
};

/// Awaits the schedule and the target rule of every group.
pub fn prime(turn: &mut Turn<'_>) {
    for (group, spec) in turn.layout().scaling_groups.entries() {
        let due_now = spec.schedule.iter().any(|entry| is_due(entry, turn.now));
        if due_now {
            turn.agenda.at(turn.now, Occurrence::GroupScheduled(group));
        } else {
            awaits_schedule(turn, group);
        }
        if spec.target.is_some() {
            turn.agenda.at(turn.now, Occurrence::GroupMetered(group));
        }
    }
}

/// What the schedule of `group` has due happens.
pub fn scheduled(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let schedule = &turn.layout().scaling_groups[group].schedule;
    let (row, now) = (&turn.fleet.groups[group], turn.now);
    if row.active && !row.suspended.has(Process::ScheduledAction) {
        for entry in schedule.iter().filter(|entry| is_due(entry, now)) {
            has_sizes(turn, group, [entry.min, entry.max, entry.desired], Trigger::Ess);
        }
    }
    awaits_schedule(turn, group);
}

/// The sizes of `group` become these, as far as given: MinSize, MaxSize and desired capacity
/// (capacity units); a group that is too small or too large for them follows.
pub fn has_sizes(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    [min, max, desired]: [Option<u32>; 3],
    trigger: Trigger,
) {
    let base = scaling::base(turn, group);
    let row = turn.fleet.groups.row_mut(group);
    let min = min.unwrap_or(row.size[0]);
    row.size = [min, max.unwrap_or(row.size[1]).max(min)];
    let [min, max] = row.size;
    let clipped = desired.unwrap_or(base).min(max).max(min);
    if clipped != base {
        scaling::resize(turn, group, clipped, trigger);
    }
}

/// The target rule of `group` looks at the demand.
pub fn metered(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let spec = &turn.layout().scaling_groups[group];
    let Some(rule) = &spec.target else { return };
    let every = rule.every.max(Span::from_seconds(1));
    turn.after(every, Occurrence::GroupMetered(group));
    let row = &turn.fleet.groups[group];
    let cools = row.last_scaled.is_some_and(|last| last.saturating_add(spec.cooldown) > turn.now);
    if !row.active || row.suspended.has(Process::AlarmNotification) || cools {
        return;
    }
    let ([min, max], base) = (row.size, scaling::base(turn, group));
    let wanted = needed(rule, turn.now).min(max).max(min);
    let may = if wanted > base {
        !row.stops(Process::ScaleOut)
    } else {
        wanted < base && rule.scales_in && !row.suspended.has(Process::ScaleIn)
    };
    if may {
        turn.fleet.groups.row_mut(group).last_scaled = Some(turn.now);
        scaling::resize(turn, group, wanted, Trigger::Cms);
    }
}

/// Whether `entry` is due at `now`.
fn is_due(entry: &Scheduled, now: Instant) -> bool {
    if now < entry.at {
        return false;
    }
    let since = now.since(entry.at).micros();
    match entry.every {
        None => since == 0,
        Some(every) => since.is_multiple_of(every.micros().max(1)),
    }
}

/// When `entry` is due next, after `now`.
fn next_due(entry: &Scheduled, now: Instant) -> Option<Instant> {
    if now < entry.at {
        return Some(entry.at);
    }
    let every = entry.every?.micros().max(1);
    let times = now.since(entry.at).micros() / every + 1;
    Some(entry.at.saturating_add(Span::from_micros(times.saturating_mul(every))))
}

fn awaits_schedule(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let schedule = &turn.layout().scaling_groups[group].schedule;
    let now = turn.now;
    if let Some(next) = schedule.iter().filter_map(|entry| next_due(entry, now)).min() {
        turn.agenda.at(next, Occurrence::GroupScheduled(group));
    }
}

/// How many capacity units the demand at `now` needs.
fn needed(rule: &TargetRule, now: Instant) -> u32 {
    let needed = libm::ceil(demand_at(rule, now) / rule.per_unit);
    if needed >= f64::from(u32::MAX) { u32::MAX } else { needed.max(0.0) as u32 }
}

/// The demand at `now`: straight between the points, level before the first and after the last.
fn demand_at(rule: &TargetRule, now: Instant) -> f64 {
    let micros = match rule.period {
        Some(period) => now.micros() % period.micros().max(1),
        None => now.micros(),
    };
    let next = rule.demand.partition_point(|(at, _)| at.micros() <= micros);
    let (before, after) =
        (next.checked_sub(1).map(|last| rule.demand[last]), rule.demand.get(next));
    match (before, after) {
        (Some((from, low)), Some((to, high))) => {
            let share = (micros - from.micros()) as f64 / (to.micros() - from.micros()) as f64;
            low + (high - low) * share
        }
        (Some((_, demand)), None) => demand,
        (None, Some((_, demand))) => *demand,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::scaling::Processes,
        messages::scaling::{ActivityStatus, ScalingCommand},
        processes::stage::Stage,
    };

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    fn rule() -> TargetRule {
        TargetRule {
            demand: vec![(at(0), 20.0), (at(1_000), 60.0), (at(2_000), 20.0)],
            period: Some(Span::from_seconds(3_000)),
            per_unit: 10.0,
            every: Span::from_seconds(60),
            scales_in: true,
        }
    }

    #[test]
    fn the_demand_is_straight_between_its_points_and_comes_again() {
        let mut rule = rule();
        for (seconds, demand) in
            [(0, 20.0), (500, 40.0), (1_750, 30.0), (2_999, 20.0), (3_500, 40.0)]
        {
            assert!((demand_at(&rule, at(seconds)) - demand).abs() < 1e-9, "{seconds}");
        }
        assert_eq!(needed(&rule, at(501)), 5);
        rule.period = None;
        assert!((demand_at(&rule, at(3_500)) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn the_schedule_comes_again_and_again() {
        let once = Scheduled { at: at(100), every: None, min: None, max: None, desired: Some(4) };
        let nightly = Scheduled {
            at: at(400),
            every: Some(Span::from_seconds(1_000)),
            min: Some(1),
            max: Some(2),
            desired: None,
        };
        let grows = Scheduled { at: at(900), every: Some(Span::from_seconds(1_000)), ..once };
        let grows = Scheduled { max: Some(9), ..grows };
        let mut stage = Stage::with_group(3, |spec| spec.schedule = vec![once, nightly, grows]);
        for (until, total) in [(99, 3), (300, 4), (500, 2), (1_100, 4), (1_500, 2), (2_100, 4)] {
            stage.until(until);
            assert_eq!(stage.sizes()[0], total, "at {until}");
        }
        let scheduled = Processes(Process::ScheduledAction as u8);
        let group = Id::new(0);
        stage.asks(ScalingCommand::Processes { group, which: scheduled, suspend: true }).unwrap();
        stage.until(2_500);
        assert_eq!(stage.sizes()[0], 4, "nobody follows it");
    }

    #[test]
    fn the_target_rule_follows_the_demand_between_its_cooldowns() {
        let mut stage = Stage::with_group(3, |spec| spec.target = Some(rule()));
        stage.until(3_000);
        let done = ActivityStatus::Successful;
        let all: Vec<_> = stage.activities().into_iter().take(4).collect();
        assert_eq!(
            all,
            [(30, 0, 1, done), (350, 2, 0, done), (650, 1, 0, done), (950, 1, 0, done)]
        );
        assert_eq!(stage.sizes()[0], 2, "back where it was");
        let mut stage = Stage::with_group(3, |spec| {
            spec.target = Some(TargetRule { scales_in: false, ..rule() });
            spec.suspended = Processes(Process::AlarmNotification as u8);
        });
        stage.until(3_000);
        assert_eq!(stage.sizes()[0], 3);
    }
}
