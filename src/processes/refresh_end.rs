//! How an instance refresh moves from status to status, and how it ends
//! (spec/refresh-and-migration.md 2.4, 3.7, 3.8; spec/corrections.md 31, 33).
//!
//! Path: all replaced → Successful: the active configuration becomes the target | cancelled, and
//! what was in flight complete → Cancelled | nothing moves for too long, or too much fails →
//! Failed, or a rollback | rolled back → all replaced once more → RollbackSuccessful. Moves:
//! refreshes, their replacements, groups.

use super::{
    following,
    members::{self, Leaving},
    participants, replacement,
    scaling_activity::{self, Reason},
    turn::Turn,
};
use crate::{
    fleet::{
        ids::{Member, Refresh, Replacement},
        refreshes::{Detail, Order, RefreshRow},
        scaling::Creation,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        member::MemberState,
        refresh::{RefreshStatus, RefreshStep},
    },
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
    policy::refresh::RefreshRules,
};

/// Moves `refresh` by one step of its machine: its timers begin anew. Where that is its end, its
/// group is free of it.
pub fn moves(turn: &mut Turn<'_>, refresh: Id<Refresh>, step: RefreshStep) {
    goes_on(turn, refresh);
    let now = turn.now;
    let pending = turn.fleet.refreshes[refresh].wakes.len();
    let from = turn.fleet.refreshes.step(refresh, step);
    for _ in 0..pending {
        turn.agenda.abandon();
    }
    let row = turn.fleet.refreshes.row_mut(refresh);
    if is_pause(from) {
        // The clocks of a task stand still while it is paused.
        let before = row.since.micros().saturating_sub(row.last_progress.micros());
        row.last_progress = Instant::from_micros(now.micros() - before);
        row.paused = row.paused.saturating_add(now.since(row.since));
    }
    if matches!(step, RefreshStep::Schedule | RefreshStep::Rollback) {
        row.last_progress = now;
    }
    row.since = now;
    row.wakes.clear();
    let (group, to) = (row.group, row.status);
    let is_trouble = matches!(step, RefreshStep::Fail | RefreshStep::Rollback);
    let detail = if is_trouble { row.detail } else { Detail::None };
    turn.state(Fact::Scaling(ScalingFact::RefreshMoved {
        refresh,
        group,
        from: Some(from),
        to,
        detail,
    }));
    if to.attribute() == Attribute::Final {
        frees_group(turn, refresh);
    } else {
        awaits_timeout(turn, refresh);
    }
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

const fn is_pause(status: RefreshStatus) -> bool {
    matches!(status, RefreshStatus::Paused | RefreshStatus::CheckpointPause)
}

/// The group of `refresh`, which is final, launches its active configuration again.
fn frees_group(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.ended = Some(now);
    row.need.clear();
    row.places.clear();
    row.waited_for.clear();
    row.left.clear();
    let group = row.group;
    let row = turn.fleet.groups.row_mut(group);
    row.refresh = None;
    let active = row.identity;
    participants::launches_from(turn, group, active);
    following::keeps_up(turn, group);
}

/// `refresh` is looked at again at `when`.
pub fn wakes_at(turn: &mut Turn<'_>, refresh: Id<Refresh>, when: Instant) {
    let row = turn.fleet.refreshes.row_mut(refresh);
    if !row.wakes.contains(&when) {
        row.wakes.push(when);
        turn.agenda.at(when, Occurrence::RefreshContinues { refresh, stamp: row.stamp });
    }
}

/// `refresh` waits because its own rules say so, until `when`: its clock stands still.
pub fn waits(turn: &mut Turn<'_>, refresh: Id<Refresh>, when: Instant) {
    let now = turn.now;
    turn.fleet.refreshes.row_mut(refresh).waits_since.get_or_insert(now);
    wakes_at(turn, refresh, when);
}

/// `refresh` waits no more.
pub fn goes_on(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    if let Some(since) = row.waits_since.take() {
        let waited = now.since(since.max(row.last_progress));
        row.last_progress = row.last_progress.saturating_add(waited);
    }
}

/// When `refresh` has taken too long, as far as it is known now, and why.
fn times_out_at(rules: &RefreshRules, row: &RefreshRow, now: Instant) -> Option<(Instant, Detail)> {
    let after = |from: Instant, span: Option<Span>| span.map(|span| from.saturating_add(span));
    // While it waits the clock stands still: it is looked at again later.
    let progress = if row.waits_since.is_some() { now } else { row.last_progress };
    let idle = after(progress, rules.no_progress).map(|at| (at, row.detail));
    match row.status {
        RefreshStatus::InProgress => {
            let began = row.began.saturating_add(row.paused);
            earlier(idle, after(began, rules.total).map(|at| (at, Detail::TimedOut)))
        }
        RefreshStatus::RollbackInProgress => {
            earlier(idle, after(row.since, rules.total).map(|at| (at, Detail::TimedOut)))
        }
        RefreshStatus::Cancelling => {
            after(row.since, Some(rules.cancel_timeout)).map(|at| (at, row.detail))
        }
        RefreshStatus::Pending
        | RefreshStatus::Paused
        | RefreshStatus::CheckpointPause
        | RefreshStatus::Cancelled
        | RefreshStatus::RollbackSuccessful
        | RefreshStatus::RollbackFailed
        | RefreshStatus::Failed
        | RefreshStatus::Successful => None,
    }
}

fn earlier(
    one: Option<(Instant, Detail)>,
    other: Option<(Instant, Detail)>,
) -> Option<(Instant, Detail)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Sets the one timer of the present status of `refresh`, if it has any.
fn awaits_timeout(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let row = &turn.fleet.refreshes[refresh];
    let stamp = row.stamp;
    let rules = &turn.scenario.refresh_rules[row.group];
    if let Some((due, _)) = times_out_at(rules, row, turn.now) {
        turn.agenda.at(due.max(turn.now), Occurrence::RefreshTimesOut { refresh, stamp });
    }
}

/// The timer of `refresh` has rung: it has taken too long, or is looked at again later.
pub fn times_out(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let row = &turn.fleet.refreshes[refresh];
    let rules = &turn.scenario.refresh_rules[row.group];
    match times_out_at(rules, row, turn.now) {
        Some((due, why)) if due <= turn.now => {
            if row.status == RefreshStatus::Cancelling {
                lets_go(turn, refresh);
                moves(turn, refresh, RefreshStep::Fail);
            } else {
                let why = if why == Detail::None { Detail::TimedOut } else { why };
                fails(turn, refresh, why);
            }
        }
        Some(_) => awaits_timeout(turn, refresh),
        None => {}
    }
}

/// Everything is replaced: the group's active configuration is the target from this instant on, or
/// the original once more.
pub fn completes(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.detail = Detail::None;
    if row.status == RefreshStatus::InProgress {
        let (group, target) = (row.group, row.target);
        turn.fleet.groups.row_mut(group).identity = target;
        following::takes_over(turn, refresh);
        scaling_activity::is_edited(turn, group);
    }
    moves(turn, refresh, RefreshStep::Complete);
}

/// `refresh`, under way, comes to nothing because of `why`: it is rolled back where its rules say
/// so, or it ends, and its group restores itself from the active configuration.
pub fn fails(turn: &mut Turn<'_>, refresh: Id<Refresh>, why: Detail) {
    let goes_back = goes_back_alone(turn, refresh);
    let row = turn.fleet.refreshes.row_mut(refresh);
    (row.detail, row.fatal) = (why, false);
    if goes_back {
        let began = turn.fleet.refreshes[refresh].began;
        rolls_back(turn, refresh, began);
        return;
    }
    abandons(turn, refresh);
    moves(turn, refresh, RefreshStep::Fail);
}

/// Whether `refresh`, if it were to fail now, would be rolled back instead.
pub fn goes_back_alone(turn: &Turn<'_>, refresh: Id<Refresh>) -> bool {
    let status = turn.fleet.refreshes[refresh].status;
    let is_forward = matches!(status, RefreshStatus::InProgress | RefreshStatus::CheckpointPause);
    is_forward
        && participants::is_reversible(participants::request_of(turn, refresh))
        && participants::rules_of(turn, refresh).auto_rollback
}

/// Open launches of `refresh`, and those of its group meanwhile, are abandoned, as far as they are
/// not of the configuration to which the group goes back anyway.
fn abandons(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let active = turn.fleet.groups[turn.fleet.refreshes[refresh].group].identity;
    for replacement in replacement::all_of(turn, refresh) {
        let new = turn.fleet.refreshes.replacement(replacement).new;
        replacement::close(turn, replacement);
        let Some(new) = new else { continue };
        let row = &turn.fleet.members[new];
        let is_launch = matches!(row.state, MemberState::Pending | MemberState::PendingWait);
        if is_launch && row.identity != active {
            removes(turn, refresh, new);
        }
    }
    let (group, target) =
        (turn.fleet.refreshes[refresh].group, turn.fleet.refreshes[refresh].target);
    for member in participants::members_of(turn, group) {
        let row = &turn.fleet.members[member];
        let is_launch = matches!(row.state, MemberState::Pending | MemberState::PendingWait);
        let is_ours = row.identity == target && row.creation == Creation::AutoCreated;
        if is_launch && is_ours && row.identity != active {
            removes(turn, refresh, member);
        }
    }
}

/// What is in flight goes on without `refresh`; whoever is too many then is the group's business.
pub fn lets_go(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    for replacement in replacement::all_of(turn, refresh) {
        replacement::close(turn, replacement);
    }
}

fn removes(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    let how = Leaving { detach_only: false, keep: false, reason: Reason::refresh(refresh) };
    members::remove(turn, member, how);
}

/// `refresh` goes back: what is not ready yet is aborted, slots that are empty are filled, and
/// whoever came since `began` is to be replaced by the original configuration.
pub fn rolls_back(turn: &mut Turn<'_>, refresh: Id<Refresh>, began: Instant) {
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.rolled_back = [0; 2];
    // What the new ones did wrong is not held against those who come back for them.
    (row.fatal, row.launched, row.begun) = (false, [0; 2], 0);
    row.bakes_until = None;
    row.not_before = None;
    row.batch_open = false;
    row.need.clear();
    row.places.clear();
    row.need_free = 0;
    row.waited_for.clear();
    row.left.clear();
    let (group, original) = (row.group, row.original);
    participants::launches_from(turn, group, original);
    let aborts = participants::rules_of(turn, refresh).rollback_aborts;
    let mut empty = Vec::new();
    for replacement in replacement::all_of(turn, refresh) {
        empty.extend(undoes(turn, refresh, replacement, aborts));
    }
    moves(turn, refresh, RefreshStep::Rollback);
    goes_back_for(turn, refresh, (began, aborts));
    for weight in empty {
        replacement::fill(turn, refresh, weight);
    }
}

/// An open replacement is undone; says the size of the slot if that is empty now.
fn undoes(
    turn: &mut Turn<'_>,
    refresh: Id<Refresh>,
    replacement: Id<Replacement>,
    aborts: bool,
) -> Option<u16> {
    let row = *turn.fleet.refreshes.replacement(replacement);
    replacement::close(turn, replacement);
    if row.finished {
        return None;
    }
    let is_there = |member: Option<Id<Member>>| {
        member.filter(|member| turn.fleet.members[*member].state.is_counted())
    };
    let in_place = participants::rules_of(turn, refresh).in_place;
    let new = is_there(row.new);
    let old_is_there = is_there(row.old).is_some();
    if let Some(new) = new.filter(|_| aborts && !in_place) {
        removes(turn, refresh, new);
    }
    let is_filled = new.is_some() && (!aborts || in_place);
    let is_empty = row.order == Order::TerminateFirst && !old_is_there && !is_filled;
    is_empty.then_some(row.weight)
}

/// Whoever came for `refresh` and is ready is to be replaced; who is not is aborted, or waited for.
fn goes_back_for(turn: &mut Turn<'_>, refresh: Id<Refresh>, (began, aborts): (Instant, bool)) {
    let row = turn.fleet.refreshes.row_mut(refresh);
    let newcomers = std::mem::take(&mut row.newcomers);
    row.other_new = [0; 2];
    let (group, target) = (row.group, row.target);
    let in_place = participants::rules_of(turn, refresh).in_place;
    for member in participants::members_of(turn, group) {
        let of = &turn.fleet.members[member];
        let came = of.created >= began || (in_place && newcomers.contains_key(&member));
        let is_new = of.identity == target && of.creation == Creation::AutoCreated && came;
        if !is_new || !of.state.is_counted() {
            continue;
        }
        let weight = u32::from(of.weight);
        if of.warm && of.healthy {
            participants::joins_need(turn, refresh, member);
            let row = turn.fleet.refreshes.row_mut(refresh);
            let enlisted = row.places.contains_key(&member) || row.waited_for.contains_key(&member);
            row.rolled_back[1] += if enlisted { weight } else { 0 };
        } else if aborts && of.replacement.is_none() && !in_place {
            let is_bystander = matches!(of.state, MemberState::Protected | MemberState::Standby);
            if !is_bystander {
                removes(turn, refresh, member);
            }
        }
    }
}

/// A member that `refresh`, which goes back, would have brought is ready after all: it is to be
/// replaced too.
pub fn straggles(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    let (row, of) = (&turn.fleet.refreshes[refresh], &turn.fleet.members[member]);
    let is_new = of.identity == row.target && of.identity != row.original;
    if !is_new || of.creation != Creation::AutoCreated || row.places.contains_key(&member) {
        return;
    }
    let weight = u32::from(of.weight);
    participants::joins_need(turn, refresh, member);
    let row = turn.fleet.refreshes.row_mut(refresh);
    if row.places.contains_key(&member) || row.waited_for.contains_key(&member) {
        row.rolled_back[1] += weight;
    }
}
