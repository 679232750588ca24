//! The next batch of an instance refresh (spec/refresh-and-migration.md 3.2 to 3.6).
//!
//! Path: the group's pass → the checkpoint test → what the rules allow now → replacements begin.
//! Moves: refreshes, replacements.

use super::{participants, refresh_end, replacement, turn::Turn};
use crate::{
    fleet::{
        ids::{Member, Refresh},
        refreshes::{Detail, Order, RefreshRow, Share},
        scaling::Process,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::refresh::{RefreshStatus, RefreshStep},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
    policy::{
        batch::{self, Batch, Standing, Victim},
        refresh::{RefreshRules, share},
    },
};

/// `CheckpointPauseTime` where the request does not say it (minutes).
const PAUSE: u32 = 60;

/// The checkpoint test, then the next batch of `refresh`, if it is time for one.
pub fn plan(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let status = turn.fleet.refreshes[refresh].status;
    match status {
        RefreshStatus::InProgress => {
            if checkpoint_reached(turn, refresh) {
                return;
            }
        }
        RefreshStatus::RollbackInProgress => {}
        RefreshStatus::Pending
        | RefreshStatus::Paused
        | RefreshStatus::CheckpointPause
        | RefreshStatus::Cancelling
        | RefreshStatus::Cancelled
        | RefreshStatus::RollbackSuccessful
        | RefreshStatus::RollbackFailed
        | RefreshStatus::Failed
        | RefreshStatus::Successful => return,
    }
    let rules = participants::rules_of(turn, refresh);
    if is_in_batch(rules, &turn.fleet.refreshes[refresh]) {
        return;
    }
    batch_is_over(turn, refresh, rules);
    if turn.fleet.refreshes[refresh].need.is_empty() {
        finishes(turn, refresh, rules);
    } else if may_begin(turn, refresh, rules) {
        begins(turn, refresh, rules);
    }
}

/// Whether a batch is under way that has to be closed before the next.
const fn is_in_batch(rules: &RefreshRules, row: &RefreshRow) -> bool {
    let of = if rules.wait_for_release { row.open[0] } else { row.open[1] };
    rules.in_batches && of > 0
}

/// If a batch was under way, it is over: the pause between batches begins.
fn batch_is_over(turn: &mut Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) {
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    if row.batch_open && row.open[1] == 0 {
        row.batch_open = false;
        if rules.in_batches && !rules.pause_between_batches.is_zero() {
            row.not_before = Some(now.saturating_add(rules.pause_between_batches));
        }
    }
}

/// Nobody is left to be picked: once everything is closed, and it has baked, the task is complete.
fn finishes(turn: &mut Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) {
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    if row.open[0] > 0 || row.fills > 0 {
        return;
    }
    let is_back = row.status == RefreshStatus::RollbackInProgress;
    if is_back && turn.fleet.groups[row.group].counts.coming > 0 {
        return; // Who is on its way may have to be replaced once it is there.
    }
    if !row.waited_for.is_empty() {
        let since = *row.waits_since.get_or_insert(now);
        let until = since.saturating_add(participants::longest_wait(rules));
        if now >= until {
            refresh_end::fails(turn, refresh, Detail::TimedOut);
        } else {
            refresh_end::waits(turn, refresh, until);
        }
        return;
    }
    if row.status == RefreshStatus::InProgress && !rules.bake.is_zero() && row.batches[0] > 0 {
        let until = *row.bakes_until.get_or_insert(now.saturating_add(rules.bake));
        if now < until {
            refresh_end::waits(turn, refresh, until);
            return;
        }
    }
    refresh_end::completes(turn, refresh);
}

/// Whether a batch may begin now as far as time goes; if not, `refresh` waits.
fn may_begin(turn: &mut Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) -> bool {
    let row = turn.fleet.refreshes.row_mut(refresh);
    let group = &turn.fleet.groups[row.group];
    let both = [Process::ScaleIn, Process::ScaleOut];
    if !group.active || both.into_iter().any(|process| group.stops(process)) {
        row.detail = Detail::Suspended;
        // This is no wait of its own rules: the clock of its progress runs.
        refresh_end::goes_on(turn, refresh);
        return false;
    }
    let now = turn.now;
    let mut begins = row.not_before.unwrap_or(now).max(now);
    if let Some((most, window)) = rules.rate {
        begins = begins.max(rate_allows(row, now, (most, window)));
    }
    if let Some(window) = rules.window {
        begins = window.first_from(turn.scenario.epoch, begins);
    }
    if begins > now {
        refresh_end::waits(turn, refresh, begins);
        return false;
    }
    refresh_end::goes_on(turn, refresh);
    true
}

/// When the rate limit allows another replacement.
fn rate_allows(row: &mut RefreshRow, now: Instant, (most, window): (u32, Span)) -> Instant {
    row.recent.retain(|(at, _)| at.saturating_add(window) > now);
    let begun: u32 = row.recent.iter().map(|(_, count)| count).sum();
    let oldest = row.recent.first().filter(|_| begun >= most);
    oldest.map_or(now, |(at, _)| at.saturating_add(window))
}

/// The next batch begins, if the bounds leave anything for one.
fn begins(turn: &mut Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) {
    let bounds = participants::bounds_of(turn, refresh);
    let standing = standing(turn, refresh, rules);
    if is_too_ill(turn, refresh, rules) {
        return refresh_end::fails(turn, refresh, Detail::TooManyUnhealthy);
    }
    let row = &turn.fleet.refreshes[refresh];
    let target = turn.fleet.groups[row.group].launches_from.configuration;
    let offers = &turn.layout().scaling_groups[row.group].offers[target];
    let successor = offers.first().map(|offer| offer.weight).filter(|_| !rules.in_place);
    let victims = row.need.iter().map(|((_, member), needy)| Victim {
        who: *member,
        weight: needy.weight,
        successor: successor.unwrap_or(needy.weight),
        free: needy.free,
    });
    let Some(batch) = batch::next(rules, bounds, &standing, victims) else { return };
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.batch_open = true;
    row.batches[0] += 1;
    row.batches[1] += u32::from(batch.forced);
    if rules.rate.is_some() {
        row.recent.push((now, batch.picks.len() as u32));
    }
    executes(turn, refresh, &batch);
}

/// Whether more of the group than its rules allow are missing or unhealthy, those left out who are
/// coming or on Standby (`max_unhealthy_pct`).
fn is_too_ill(turn: &Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) -> bool {
    let group = &turn.fleet.groups[turn.fleet.refreshes[refresh].group];
    let [desired, healthy, coming, standby] =
        [group.desired, group.counts.healthy, group.counts.coming, group.counts.standby]
            .map(u64::from);
    let ill = desired.saturating_sub(healthy + coming + standby);
    rules.max_unhealthy.is_some_and(|most| ill * 100 > desired * u64::from(most))
}

/// The replacements of `batch` begin.
fn executes(turn: &mut Turn<'_>, refresh: Id<Refresh>, batch: &Batch<Id<Member>>) {
    let first = |order| batch.picks.iter().filter(|(_, of)| *of == order).count() as u32;
    turn.state(Fact::Scaling(ScalingFact::BatchBegan {
        refresh,
        terminate_first: first(Order::TerminateFirst),
        launch_first: first(Order::LaunchFirst),
        forced: batch.forced,
    }));
    for (old, order) in &batch.picks {
        replacement::begin(turn, refresh, *old, (*order, batch.forced));
    }
}

/// How the group of `refresh` stands.
fn standing(turn: &Turn<'_>, refresh: Id<Refresh>, rules: &RefreshRules) -> Standing {
    let row = &turn.fleet.refreshes[refresh];
    let group = &turn.fleet.groups[row.group];
    let counts = &group.counts;
    let leaving = if rules.ceiling_counts_removing { counts.leaving } else { 0 };
    // Launches that are owed count already: empty slots of replacements, and what the group misses.
    let Share { extra, owed, awaited } = row.shares;
    let filled = counts.counted + owed;
    let goal = if group.restores || group.settling { group.desired + extra } else { filled };
    let aside = if rules.without_standby { counts.standby } else { 0 };
    let begun: u32 = row.recent.iter().map(|(_, count)| count).sum();
    let rate = rules.rate.map(|(most, _)| most.saturating_sub(begun));
    // Where nobody waits for a release, and in a sliding window, a replacement is closed once its new
    // member is finished (3.4, modes); but an old one that could not leave yet is counted, and so is
    // in motion.
    let waits_for_release = rules.in_batches && rules.wait_for_release;
    let open = if waits_for_release { row.open[0] } else { row.open[1].max(extra) };
    Standing {
        base: participants::base_of(turn, refresh),
        max_size: (!rules.may_exceed_max_size).then_some(group.size[1].saturating_sub(aside)),
        max_is_asked: participants::request_of(turn, refresh).max.is_some(),
        healthy: counts.healthy,
        counted: filled.max(goal).saturating_sub(aside) + awaited + leaving,
        free: row.need_free,
        in_motion: open + row.fills + counts.coming + leaving > 0 || filled < goal,
        room: checkpoint_room(turn, row),
        most: rules.max_batch.into_iter().chain(rate).min(),
    }
}

/// What new capacity a checkpoint of `percent` asks for.
fn needed(turn: &Turn<'_>, row: &RefreshRow, percent: u32) -> u32 {
    let rules = &turn.scenario.refresh_rules[row.group];
    let base = if rules.checkpoints_of_participants {
        row.total + row.other_new[0]
    } else {
        turn.fleet.groups[row.group].desired
    };
    share(base, percent, true)
}

/// How many replacements may be begun before the first checkpoint that is not passed (capacity
/// units); `None`: any number.
fn checkpoint_room(turn: &Turn<'_>, row: &RefreshRow) -> Option<u32> {
    if row.status != RefreshStatus::InProgress {
        return None;
    }
    let checkpoints = &turn.scenario.scripts[row.script].parameters.scaling.request.checkpoints;
    let next = checkpoints.iter().enumerate().find(|(place, _)| row.passed >> place & 1 == 0);
    let (_, percent) = next?;
    let under_way = row.new_capacity() + row.unfinished;
    Some(needed(turn, row, *percent).saturating_sub(under_way))
}

/// Checkpoints that the participants of `row` meet from the start are passed without a pause.
pub fn checkpoints_met_at_start(turn: &Turn<'_>, row: &RefreshRow) -> u128 {
    let checkpoints = &turn.scenario.scripts[row.script].parameters.scaling.request.checkpoints;
    let new = row.new_capacity();
    let met = |percent: u32| new > 0 && needed(turn, row, percent) <= new;
    let bits =
        checkpoints.iter().enumerate().map(|(place, percent)| u128::from(met(*percent)) << place);
    bits.fold(0, |all, bit| all | bit)
}

/// The checkpoint test: once nothing is unfinished, checkpoints that are met are passed; says
/// whether `refresh` pauses for that.
fn checkpoint_reached(turn: &mut Turn<'_>, refresh: Id<Refresh>) -> bool {
    let request = participants::request_of(turn, refresh);
    let row = &turn.fleet.refreshes[refresh];
    if row.open[1] > 0 || request.checkpoints.is_empty() {
        return false;
    }
    let rules = participants::rules_of(turn, refresh);
    let (new, mut passed, mut highest) = (row.new_capacity(), row.passed, None);
    for (place, percent) in request.checkpoints.iter().enumerate() {
        let is_met = new > 0 && new >= needed(turn, row, *percent);
        let bit = 1_u128 << place;
        if is_met && passed & bit == 0 {
            highest = Some(*percent);
            passed |= bit;
        } else if !is_met && !rules.checkpoint_latch {
            passed &= !bit;
        }
    }
    turn.fleet.refreshes.row_mut(refresh).passed = passed;
    let Some(percent) = highest else { return false };
    turn.state(Fact::Scaling(ScalingFact::CheckpointReached { refresh, percent }));
    if percent == 100 && !rules.pause_at_final {
        return false;
    }
    refresh_end::moves(turn, refresh, RefreshStep::Checkpoint);
    let minutes = u64::from(request.pause.unwrap_or(PAUSE));
    let stamp = turn.fleet.refreshes[refresh].stamp;
    let what = Occurrence::RefreshPauseEnds { refresh, stamp };
    turn.after(Span::from_seconds(60 * minutes), what);
    true
}
