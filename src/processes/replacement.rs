//! The replacement of one member (spec/refresh-and-migration.md 3.4, 3.7).
//!
//! Path, terminate first: the old one leaves, and its successor is launched at once (or once the
//! old one is gone) → ready → finished → (the old one is gone) → closed. Path, launch first: the
//! new one is launched → ready → the old one leaves, finished → gone → closed. A launch that finds
//! no room is tried again after `launch_retry`; a new one that fails is launched again. In place,
//! the member is old and new at once. Moves: replacements, members.

use super::{
    following,
    members::{self, Launch, Leaving},
    participants, reimage,
    scaling_activity::Reason,
    turn::Turn,
};
use crate::{
    fleet::{
        ids::{Member, Refresh, Replacement},
        refreshes::{Came, Detail, Newcomer, Order, ReplacementRow, Share},
        scaling::Process,
    },
    kernel::{column::Id, stamp::Stamp},
    lifecycle::{member::MemberState, refresh::RefreshStatus},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
};

/// What a member is to a refresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The old one of a replacement.
    Old(Id<Replacement>),
    /// The new one of a replacement.
    New(Id<Replacement>),
    /// Neither.
    None,
}

/// What `member` is to `refresh`.
pub fn role(turn: &Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) -> Role {
    let Some(replacement) = turn.fleet.members[member].replacement else { return Role::None };
    let row = turn.fleet.refreshes.replacement(replacement);
    if row.closed || row.refresh != refresh {
        Role::None
    } else if row.new == Some(member) {
        Role::New(replacement)
    } else if row.old == Some(member) {
        Role::Old(replacement)
    } else {
        Role::None
    }
}

/// The replacement of `old` begins.
pub fn begin(
    turn: &mut Turn<'_>,
    refresh: Id<Refresh>,
    old: Id<Member>,
    (order, forced): (Order, bool),
) {
    let weight = turn.fleet.members[old].weight;
    let rules = participants::rules_of(turn, refresh);
    let in_place = rules.in_place && reimage::is_possible(turn, old);
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.strike(old);
    row.open[0] += 1;
    row.open[1] += 1;
    row.unfinished += u32::from(weight);
    let (kept, new) = if in_place { (None, Some(old)) } else { (Some(old), None) };
    let replacement = open(turn, refresh, (order, weight, false), [kept, new]);
    turn.fleet.refreshes.replacement_mut(replacement).forced = forced;
    turn.fleet.members.row_mut(old).replacement = Some(replacement);
    turn.state(Fact::Scaling(ScalingFact::Replacing { refresh, old, order }));
    if in_place {
        following::resolves(turn, refresh);
        let group = turn.fleet.refreshes[refresh].group;
        let identity = turn.fleet.groups[group].launches_from;
        turn.fleet.refreshes.replacement_mut(replacement).attempts = 1;
        turn.fleet.refreshes.row_mut(refresh).launched[0] += u32::from(weight);
        takes_out(turn, refresh, |turn| {
            reimage::begin(turn, old, identity, (&rules.reimage, rules.warms()));
        });
    }
    advance(turn, replacement);
}

/// What a rollback of `refresh` found empty is filled, by a member of `weight`.
pub fn fill(turn: &mut Turn<'_>, refresh: Id<Refresh>, weight: u16) {
    turn.fleet.refreshes.row_mut(refresh).fills += 1;
    let replacement = open(turn, refresh, (Order::TerminateFirst, weight, true), [None, None]);
    advance(turn, replacement);
}

fn open(
    turn: &mut Turn<'_>,
    refresh: Id<Refresh>,
    (order, weight, fills): (Order, u16, bool),
    [old, new]: [Option<Id<Member>>; 2],
) -> Id<Replacement> {
    turn.fleet.refreshes.row_mut(refresh).begun += u32::from(weight);
    turn.fleet.refreshes.open(ReplacementRow {
        refresh,
        order,
        old,
        new,
        weight,
        attempts: 0,
        finished: false,
        fills,
        retries: false,
        forced: false,
        was_put_back: false,
        share: Share::default(),
        new_weight: weight,
        stamp: Stamp::default(),
        closed: false,
    })
}

/// Whatever is due of `replacement` now is done: the old one leaves, the new one is launched, it is
/// closed.
pub fn advance(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    if !is_held(turn, replacement) {
        removes_old(turn, replacement);
        launches_new(turn, replacement);
    }
    let row = turn.fleet.refreshes.replacement(replacement);
    if row.finished && row.old.is_none() {
        close(turn, replacement);
    } else {
        recounts(turn, replacement);
    }
}

/// Whether the task is paused, and what is under way is not completed meanwhile.
fn is_held(turn: &Turn<'_>, replacement: Id<Replacement>) -> bool {
    let refresh = turn.fleet.refreshes.replacement(replacement).refresh;
    let is_paused = matches!(
        turn.fleet.refreshes[refresh].status,
        RefreshStatus::Paused | RefreshStatus::CheckpointPause
    );
    is_paused && !participants::rules_of(turn, refresh).pause_completes
}

fn removes_old(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = *turn.fleet.refreshes.replacement(replacement);
    let is_due = row.finished || row.order == Order::TerminateFirst;
    let Some(old) = row.old.filter(|_| is_due && !row.retries) else { return };
    let refresh = row.refresh;
    // Who was protected after its removal had begun and was put back is waited for, not left out.
    if !participants::may_be_replaced(turn, refresh, old) {
        return;
    }
    let group = turn.fleet.refreshes[refresh].group;
    if turn.fleet.groups[group].suspended.has(Process::ScaleIn) {
        turn.fleet.refreshes.row_mut(refresh).detail = Detail::Suspended;
        retries_later(turn, replacement);
        return;
    }
    if !is_spared(turn, &row, old) {
        turn.fleet.refreshes.row_mut(refresh).held_back.insert(replacement);
        return;
    }
    turn.fleet.refreshes.row_mut(refresh).held_back.remove(&replacement);
    let how = Leaving { detach_only: false, keep: false, reason: Reason::refresh(refresh) };
    if is_made_up_for(&row) {
        members::remove(turn, old, how);
    } else {
        takes_out(turn, refresh, |turn| members::remove(turn, old, how));
    }
}

/// Whether the new one of a replacement is ready and as large as the old one: whatever the bounds
/// say, one goes for one that has come.
const fn is_made_up_for(row: &ReplacementRow) -> bool {
    row.finished && row.new_weight >= row.weight
}

/// Whether the group can spare `old`, the old one of `row`, which is due to leave. What a batch
/// takes when it begins the planner has found to be within the bounds, or beyond them on purpose.
/// Later that may be another thing: where a hook has put it back, or the new one is smaller.
fn is_spared(turn: &Turn<'_>, row: &ReplacementRow, old: Id<Member>) -> bool {
    let healthy = turn.fleet.members[old].counts().healthy;
    let begins = !row.finished && (row.forced || !row.was_put_back);
    healthy == 0
        || begins
        || is_made_up_for(row)
        || has_healthy(turn, row.refresh) >= floor(turn, row.refresh) + healthy
}

/// Those whom the group of `refresh` could not spare leave, as far as it can spare them now.
pub fn releases_held_back(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    if turn.fleet.refreshes[refresh].held_back.is_empty() {
        return; // As for nearly all.
    }
    let held: Vec<_> = turn.fleet.refreshes[refresh].held_back.iter().copied().collect();
    for replacement in held {
        advance(turn, replacement);
    }
}

/// Does what takes somebody out of service for `refresh`: a fact where that leaves the group with
/// fewer healthy members than it may have (`floor_breach`).
fn takes_out(turn: &mut Turn<'_>, refresh: Id<Refresh>, work: impl FnOnce(&mut Turn<'_>)) {
    let before = has_healthy(turn, refresh);
    work(turn);
    let (floor, healthy) = (floor(turn, refresh), has_healthy(turn, refresh));
    if healthy < before && healthy < floor {
        let missing = floor - healthy;
        turn.state(Fact::Scaling(ScalingFact::FloorBroken { refresh, missing }));
    }
}

/// `H` of the group of `refresh` (capacity units).
fn has_healthy(turn: &Turn<'_>, refresh: Id<Refresh>) -> u32 {
    turn.fleet.groups[turn.fleet.refreshes[refresh].group].counts.healthy
}

/// `lo` of the group of `refresh` (capacity units).
fn floor(turn: &Turn<'_>, refresh: Id<Refresh>) -> u32 {
    participants::bounds_of(turn, refresh).floor(participants::base_of(turn, refresh))
}

/// Whether the new one of a replacement is to be launched now.
fn awaits_launch(turn: &Turn<'_>, row: &ReplacementRow) -> bool {
    let sequential = participants::rules_of(turn, row.refresh).sequential;
    let waits_for_old = match (row.order, row.old) {
        (Order::LaunchFirst, _) | (Order::TerminateFirst, None) => false,
        // Where the old one could not leave yet, there is nothing to be made up for.
        (Order::TerminateFirst, Some(old)) => {
            sequential || turn.fleet.members[old].state.is_counted() && row.attempts == 0
        }
    };
    row.new.is_none() && !row.finished && !row.retries && !waits_for_old
}

fn launches_new(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = *turn.fleet.refreshes.replacement(replacement);
    if !awaits_launch(turn, &row) {
        return;
    }
    let refresh = row.refresh;
    let group = turn.fleet.refreshes[refresh].group;
    if turn.fleet.groups[group].stops(Process::ScaleOut) {
        turn.fleet.refreshes.row_mut(refresh).detail = Detail::Suspended;
        retries_later(turn, replacement);
        return;
    }
    following::resolves(turn, refresh);
    let rules = participants::rules_of(turn, refresh);
    let zone = row.old.filter(|_| rules.same_zone).and_then(|old| turn.fleet.members[old].zone);
    let what = Launch {
        identity: turn.fleet.groups[group].launches_from,
        zone,
        warm_up: rules.warms(),
        refresh: Some(refresh),
        replacement: Some(replacement),
        reason: Reason::refresh(refresh),
        most: u32::MAX,
    };
    let new = members::launch(turn, group, what);
    let weight = new.map(|new| turn.fleet.members[new].weight);
    let row = turn.fleet.refreshes.replacement_mut(replacement);
    row.attempts = row.attempts.saturating_add(1);
    row.new = new;
    row.new_weight = weight.unwrap_or(row.weight);
    match new {
        Some(new) => {
            let weight = u32::from(turn.fleet.members[new].weight);
            turn.fleet.refreshes.row_mut(refresh).launched[0] += weight;
        }
        None => attempt_failed(turn, replacement, Detail::NoCapacity),
    }
}

/// A try of `replacement` came to nothing: there is another one later, unless it was the last.
fn attempt_failed(turn: &mut Turn<'_>, replacement: Id<Replacement>, why: Detail) {
    let refresh = turn.fleet.refreshes.replacement(replacement).refresh;
    let task = turn.fleet.refreshes.row_mut(refresh);
    task.detail = if task.fatal { task.detail } else { why };
    tires(turn, replacement);
    retries_later(turn, replacement);
}

/// If `replacement` has had its last attempt, its task is to fail.
fn tires(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = turn.fleet.refreshes.replacement(replacement);
    let (refresh, attempts) = (row.refresh, row.attempts);
    let most = participants::rules_of(turn, refresh).max_attempts;
    let task = turn.fleet.refreshes.row_mut(refresh);
    if most.is_some_and(|most| attempts >= most) && !task.fatal {
        (task.detail, task.fatal) = (Detail::TooManyAttempts, true);
    }
}

fn retries_later(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = turn.fleet.refreshes.replacement_mut(replacement);
    if std::mem::replace(&mut row.retries, true) {
        return;
    }
    let (stamp, refresh) = (row.stamp, row.refresh);
    let span = participants::rules_of(turn, refresh).launch_retry;
    turn.after(span, Occurrence::ReplacementRetried { replacement, stamp });
}

/// A launch or a removal of `replacement` is tried again.
pub fn retried(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    turn.fleet.refreshes.replacement_mut(replacement).retries = false;
    let refresh = turn.fleet.refreshes.replacement(replacement).refresh;
    let group = turn.fleet.refreshes[refresh].group;
    advance(turn, replacement);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// The new one of `replacement` is ready: it is finished, and an old one that is left may go.
pub fn ready(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = turn.fleet.refreshes.replacement_mut(replacement);
    debug_assert!(!row.finished, "nobody is ready twice");
    row.finished = true;
    let (refresh, slot, fills) = (row.refresh, row.weight, row.fills);
    let weight = u32::from(slot);
    let new = row.new.expect("the new one is ready");
    turn.fleet.members.row_mut(new).replacement = None;
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.last_progress = turn.now;
    if !fills {
        row.open[1] -= 1;
        row.unfinished -= weight;
        let is_back = row.status == RefreshStatus::RollbackInProgress;
        let (finished, total) = if is_back {
            row.rolled_back[0] += weight;
            (row.rolled_back[0], row.rolled_back[1])
        } else {
            row.finished += weight;
            // What counts as refreshed is the size of the old one.
            let weight = slot;
            row.arrives(new, Newcomer { weight, ready: true, came: Came::Replaced });
            (row.finished, row.total)
        };
        turn.state(Fact::Scaling(ScalingFact::Replaced { refresh, new, finished, total }));
    }
    advance(turn, replacement);
}

/// The new one of `replacement` failed before it was ready, or somebody released it: its slot
/// [`launches_again`], which counts as an attempt.
pub fn lost(turn: &mut Turn<'_>, replacement: Id<Replacement>, by_failing: bool) {
    let row = turn.fleet.refreshes.replacement_mut(replacement);
    let refresh = row.refresh;
    let new = row.new.take().expect("a new one is lost");
    let member = turn.fleet.members.row_mut(new);
    member.replacement = None;
    let was_launched_now = member.created == turn.now;
    if by_failing {
        participants::failed(turn, refresh, new);
    }
    tires(turn, replacement);
    if was_launched_now {
        retries_later(turn, replacement);
    }
    recounts(turn, replacement);
}

/// The slot of `replacement`, whose new one failed, is launched again, at once if that can lead
/// anywhere.
pub fn launches_again(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = turn.fleet.refreshes.replacement(replacement);
    if row.closed || row.new.is_some() {
        return;
    }
    if turn.fleet.refreshes[row.refresh].fatal {
        retries_later(turn, replacement);
    }
    advance(turn, replacement);
}

/// The old one of `replacement` has left.
pub fn old_gone(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    turn.fleet.refreshes.replacement_mut(replacement).old = None;
    advance(turn, replacement);
}

/// A hook put the old one of `replacement` back: it is to leave again, but not at once.
pub fn put_back(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    turn.fleet.refreshes.replacement_mut(replacement).was_put_back = true;
    retries_later(turn, replacement);
    recounts(turn, replacement);
}

/// Something happened to the old one of `replacement`. Who is protected or taken out of service
/// before its removal began is not replaced: whoever was launched for it stays.
pub fn looks_at_old(turn: &mut Turn<'_>, replacement: Id<Replacement>, old: Id<Member>) {
    let row = turn.fleet.refreshes.replacement(replacement);
    let (refresh, new, finished) = (row.refresh, row.new, row.finished);
    let state = turn.fleet.members[old].state;
    let is_bystander = matches!(state, MemberState::Protected | MemberState::Standby);
    let weight = row.weight;
    if !is_bystander || participants::may_be_replaced(turn, refresh, old) {
        recounts(turn, replacement);
        return;
    }
    close(turn, replacement);
    if finished {
        return;
    }
    let rules = participants::rules_of(turn, refresh);
    let row = turn.fleet.refreshes.row_mut(refresh);
    participants::leaves(rules, row, weight);
    if let Some(new) = new.filter(|_| row.status != RefreshStatus::RollbackInProgress) {
        let weight = turn.fleet.members[new].weight;
        row.arrives(new, Newcomer { weight, ready: false, came: Came::Launched });
    }
}

/// Something happened to the new one of `replacement`, which is not ready. Who is taken out of
/// service will not be ready before its user wants that: it stays as one that the group launched.
pub fn looks_at_new(turn: &mut Turn<'_>, replacement: Id<Replacement>, new: Id<Member>) {
    let (state, weight) = (turn.fleet.members[new].state, turn.fleet.members[new].weight);
    let refresh = turn.fleet.refreshes.replacement(replacement).refresh;
    if !state.is_counted() {
        given_up(turn, replacement);
    } else if state == MemberState::Standby {
        given_up(turn, replacement);
        let row = turn.fleet.refreshes.row_mut(refresh);
        if row.status != RefreshStatus::RollbackInProgress {
            row.arrives(new, Newcomer { weight, ready: false, came: Came::Launched });
        }
    }
}

/// Somebody else removes the new one of `replacement`, or it cannot go on: an old one that is left
/// waits for its turn again, and a slot that has none is given up.
pub fn given_up(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = *turn.fleet.refreshes.replacement(replacement);
    close(turn, replacement);
    if row.fills {
        return;
    }
    let still_there = row.old.filter(|old| turn.fleet.members[*old].state.is_counted());
    let rules = participants::rules_of(turn, row.refresh);
    match still_there {
        Some(old) => participants::joins_need(turn, row.refresh, old),
        None => {
            let task = turn.fleet.refreshes.row_mut(row.refresh);
            participants::leaves(rules, task, row.weight);
            task.left.extend(row.old);
        }
    }
}

/// How many members of `replacement` are counted is found anew.
fn recounts(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    let row = turn.fleet.refreshes.replacement(replacement);
    let counted = |member: Option<Id<Member>>| {
        member.is_some_and(|member| turn.fleet.members[member].state.is_counted())
    };
    let share = row.share([counted(row.old), counted(row.new)]);
    shares(turn, replacement, share);
}

fn shares(turn: &mut Turn<'_>, replacement: Id<Replacement>, share: Share) {
    let row = turn.fleet.refreshes.replacement_mut(replacement);
    let from = std::mem::replace(&mut row.share, share);
    let refresh = row.refresh;
    turn.fleet.refreshes.row_mut(refresh).shares(from, share);
}

/// `replacement` is over: it is finished and its old one gone, or it comes to nothing. Its members
/// are free of it.
pub fn close(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    shares(turn, replacement, Share::default());
    let row = *turn.fleet.refreshes.replacement(replacement);
    for member in [row.old, row.new].into_iter().flatten() {
        let of = turn.fleet.members.row_mut(member);
        if of.replacement == Some(replacement) {
            of.replacement = None;
        }
    }
    let task = turn.fleet.refreshes.row_mut(row.refresh);
    task.held_back.remove(&replacement);
    if row.fills {
        task.fills -= 1;
    } else {
        task.open[0] -= 1;
        if !row.finished {
            task.open[1] -= 1;
            task.unfinished -= u32::from(row.weight);
        }
    }
    if row.retries {
        turn.agenda.abandon();
    }
    turn.fleet.refreshes.close(replacement);
}

/// The open replacements of `refresh`, in order of row.
pub fn all_of(turn: &Turn<'_>, refresh: Id<Refresh>) -> Vec<Id<Replacement>> {
    turn.fleet.refreshes.open_of(refresh).map(|(replacement, _)| replacement).collect()
}
