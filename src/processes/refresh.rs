//! An instance refresh task, from its start to its end (spec/refresh-and-migration.md 2, 3.7, 3.8).
//!
//! Path: StartInstanceRefresh → admitted (`refresh_admission`) → Pending → InProgress → batches
//! (`refresh_batch`) → all replaced → (bake) → Successful (`refresh_end`). Suspend, Resume, Cancel,
//! Rollback and timeouts on the way; news of members are read before anything else. Moves:
//! refreshes, groups.

use super::{
    following, participants,
    refresh_admission::{self, Admission},
    refresh_batch, refresh_end,
    replacement::{self, Role},
    turn::Turn,
};
use crate::{
    fleet::{
        groups::News,
        ids::{Member, Refresh, Replacement, ScalingGroup, Script},
        refreshes::{Came, Detail, Newcomer, RefreshRow},
        scaling::Creation,
    },
    kernel::column::Id,
    lifecycle::refresh::{RefreshStatus, RefreshStep},
    messages::{fact::Fact, occurrence::Occurrence, refusal::Refusal, scaling::ScalingFact},
};

/// StartInstanceRefresh, with the parameters of `script`.
///
/// # Errors
/// The first precondition that does not hold (spec/refresh-and-migration.md 2.5).
pub fn start(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    script: Id<Script>,
) -> Result<(), Refusal> {
    reads_news(turn, group);
    let Admission::New(row) = refresh_admission::admit(turn, group, script)? else {
        return Ok(()); // The same request has started a task before: that one is meant.
    };
    let target = row.target;
    let refresh = begins(turn, *row);
    participants::launches_from(turn, group, target);
    let row = &turn.fleet.refreshes[refresh];
    let passed = refresh_batch::checkpoints_met_at_start(turn, row);
    turn.fleet.refreshes.row_mut(refresh).passed = passed;
    let delay = turn.scenario.refresh_rules[group].start_delay;
    if delay.is_zero() {
        refresh_end::moves(turn, refresh, RefreshStep::Schedule);
    } else {
        refresh_end::wakes_at(turn, refresh, turn.now.saturating_add(delay));
    }
    Ok(())
}

/// A new task is there.
fn begins(turn: &mut Turn<'_>, row: RefreshRow) -> Id<Refresh> {
    let group = row.group;
    let refresh = turn.fleet.refreshes.begin(row);
    turn.fleet.groups.row_mut(group).refresh = Some(refresh);
    turn.state(Fact::Scaling(ScalingFact::RefreshMoved {
        refresh,
        group,
        from: None,
        to: RefreshStatus::Pending,
        detail: Detail::None,
    }));
    refresh
}

/// Suspend, Resume, Cancel or Rollback of a task of `group`; `None`: of its active one.
///
/// # Errors
/// The cloud's refusal.
pub fn control(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    refresh: Option<Id<Refresh>>,
    step: RefreshStep,
) -> Result<(), Refusal> {
    reads_news(turn, group);
    let refresh = refresh.or(turn.fleet.groups[group].refresh).ok_or(Refusal::RefreshNotFound)?;
    let row = &turn.fleet.refreshes[refresh];
    if row.group != group {
        return Err(Refusal::RefreshNotFound);
    }
    let status = row.status;
    if step == RefreshStep::Rollback && status == RefreshStatus::Failed {
        return rolls_failed_back(turn, refresh);
    }
    if status.after(step).is_none() {
        return Err(Refusal::RefreshStatus);
    }
    match step {
        RefreshStep::Suspend => refresh_end::moves(turn, refresh, step),
        RefreshStep::Resume => resumes(turn, refresh, step),
        RefreshStep::Cancel => cancels(turn, refresh),
        RefreshStep::Rollback => {
            if !participants::is_reversible(participants::request_of(turn, refresh)) {
                return Err(Refusal::IrreversibleRefresh);
            }
            let row = turn.fleet.refreshes.row_mut(refresh);
            row.detail = Detail::None;
            let began = row.began;
            refresh_end::rolls_back(turn, refresh, began);
        }
        RefreshStep::Schedule
        | RefreshStep::Checkpoint
        | RefreshStep::PauseEnds
        | RefreshStep::Complete
        | RefreshStep::Fail
        | RefreshStep::Drain => return Err(Refusal::RefreshStatus),
    }
    Ok(())
}

/// A failed task is taken back, where the rules allow that: by a task of its own.
fn rolls_failed_back(turn: &mut Turn<'_>, failed: Id<Refresh>) -> Result<(), Refusal> {
    let row = &turn.fleet.refreshes[failed];
    let group = row.group;
    if !turn.scenario.refresh_rules[group].rollback_after_failed {
        return Err(Refusal::RefreshStatus);
    }
    if !participants::is_reversible(participants::request_of(turn, failed)) {
        return Err(Refusal::IrreversibleRefresh);
    }
    if turn.fleet.groups[group].refresh.is_some() {
        return Err(Refusal::RefreshInProgress);
    }
    let mut new = RefreshRow::new(group, row.script, turn.now, [row.original, row.target]);
    let began = row.began;
    new.newcomers.clone_from(&row.newcomers);
    new.takes_back = Some(failed);
    let refresh = begins(turn, new);
    refresh_end::moves(turn, refresh, RefreshStep::Schedule);
    refresh_end::rolls_back(turn, refresh, began);
    Ok(())
}

/// A pause of `refresh` is over.
fn resumes(turn: &mut Turn<'_>, refresh: Id<Refresh>, step: RefreshStep) {
    refresh_end::moves(turn, refresh, step);
    if !participants::rules_of(turn, refresh).pause_completes {
        for replacement in replacement::all_of(turn, refresh) {
            replacement::advance(turn, replacement);
        }
    }
}

/// `refresh` is cancelled: what is in flight is completed first, unless its rules say otherwise.
fn cancels(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    refresh_end::moves(turn, refresh, RefreshStep::Cancel);
    let row = &turn.fleet.refreshes[refresh];
    if row.status != RefreshStatus::Cancelling {
        return;
    }
    let rules = participants::rules_of(turn, refresh);
    if !rules.cancel_waits {
        refresh_end::lets_go(turn, refresh);
    } else if !rules.pause_completes {
        for replacement in replacement::all_of(turn, refresh) {
            replacement::advance(turn, replacement);
        }
    }
}

/// What has happened in `group` since the last time is read.
///
/// Slots whose new members failed are launched again only once all of it is read: it may be too much.
pub fn reads_news(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    // What the group is about to launch by itself is of the version of this moment too.
    following::keeps_up(turn, group);
    let mut lost = Vec::new();
    while !turn.fleet.groups[group].news.is_empty() {
        let mut news = std::mem::take(&mut turn.fleet.groups.row_mut(group).news);
        for item in news.drain(..) {
            if let Some(refresh) = turn.fleet.groups[group].refresh {
                hears(turn, refresh, item, &mut lost);
            }
        }
        for replacement in lost.drain(..) {
            replacement::launches_again(turn, replacement);
        }
        let row = turn.fleet.groups.row_mut(group);
        if row.news.is_empty() {
            row.news = news; // The room is kept.
        }
    }
}

/// `refresh` learns of `news`; slots that are to be launched again become `lost`.
fn hears(turn: &mut Turn<'_>, refresh: Id<Refresh>, news: News, lost: &mut Vec<Id<Replacement>>) {
    match news {
        News::Ready(member) => hears_ready(turn, refresh, member),
        News::Lost(member) => match replacement::role(turn, refresh, member) {
            Role::New(replacement) => {
                replacement::lost(turn, replacement, true);
                lost.push(replacement);
            }
            Role::Old(replacement) => replacement::looks_at_old(turn, replacement, member),
            Role::None => {
                let row = &turn.fleet.refreshes[refresh];
                let is_new =
                    row.newcomers.get(&member).is_some_and(|new| new.came != Came::Matched);
                if is_new && row.status != RefreshStatus::RollbackInProgress {
                    participants::failed(turn, refresh, member);
                }
                leaves(turn, refresh, member);
            }
        },
        News::Taken(member) => match replacement::role(turn, refresh, member) {
            Role::New(replacement) => replacement::looks_at_new(turn, replacement, member),
            Role::Old(replacement) => replacement::looks_at_old(turn, replacement, member),
            Role::None => leaves(turn, refresh, member),
        },
        News::Gone(member) => match replacement::role(turn, refresh, member) {
            Role::Old(replacement) => replacement::old_gone(turn, replacement),
            // One that is re-imaged where it is is the old one too: who releases it needs no other.
            Role::New(replacement) if participants::rules_of(turn, refresh).in_place => {
                replacement::given_up(turn, replacement);
            }
            Role::New(replacement) => {
                replacement::lost(turn, replacement, false);
                lost.push(replacement);
            }
            Role::None => {
                leaves(turn, refresh, member);
                turn.fleet.refreshes.row_mut(refresh).left.remove(&member);
            }
        },
        News::Returned(member) => participants::looks(turn, refresh, member),
        News::PutBack(member) => match replacement::role(turn, refresh, member) {
            Role::Old(replacement) => replacement::put_back(turn, replacement),
            Role::New(_) => {}
            Role::None => participants::returns(turn, refresh, member),
        },
        News::Joined(member) => joins(turn, refresh, member),
    }
}

fn hears_ready(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    if let Role::New(replacement) = replacement::role(turn, refresh, member) {
        if !turn.fleet.refreshes.replacement(replacement).finished {
            replacement::ready(turn, replacement);
        }
        return;
    }
    let row = turn.fleet.refreshes.row_mut(refresh);
    if row.status == RefreshStatus::RollbackInProgress {
        refresh_end::straggles(turn, refresh, member);
    } else {
        row.is_ready(member);
    }
}

/// Somebody who is in no replacement is not what it was.
fn leaves(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    participants::looks(turn, refresh, member);
    if !turn.fleet.members[member].state.is_counted() {
        participants::newcomer_lost(turn, refresh, member);
    }
}

/// The group launched `member` meanwhile.
fn joins(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    let of = &turn.fleet.members[member];
    let row = turn.fleet.refreshes.row_mut(refresh);
    let goes_back = row.status == RefreshStatus::RollbackInProgress;
    if goes_back || of.creation != Creation::AutoCreated || !of.state.is_counted() {
        return;
    }
    row.launched[0] += u32::from(of.weight);
    row.arrives(member, Newcomer { weight: of.weight, ready: false, came: Came::Launched });
}

/// The active refresh of `group` ends, or goes back, if it is known to lead to nothing: before
/// anybody is launched for it.
pub fn ends_if_fatal(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let Some(refresh) = turn.fleet.groups[group].refresh else { return };
    let row = &turn.fleet.refreshes[refresh];
    let goes = matches!(row.status, RefreshStatus::InProgress | RefreshStatus::RollbackInProgress);
    // A checkpoint is there to let a fault show: whoever goes back by itself need not wait for the
    // end of the pause. (It does not fail in it: spec/refresh-and-migration.md 2.4.)
    if row.fatal && (goes || refresh_end::goes_back_alone(turn, refresh)) {
        let why = row.detail;
        refresh_end::fails(turn, refresh, why);
    }
}

/// The active refresh of `group` goes on, if it has one.
pub fn plans(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    // Whom the group has just removed to restore its size is not to be picked.
    reads_news(turn, group);
    let Some(refresh) = turn.fleet.groups[group].refresh else { return };
    replacement::releases_held_back(turn, refresh);
    let row = &turn.fleet.refreshes[refresh];
    match row.status {
        RefreshStatus::Cancelling => {
            if row.open[0] == 0 {
                refresh_end::moves(turn, refresh, RefreshStep::Drain);
            }
        }
        RefreshStatus::InProgress | RefreshStatus::RollbackInProgress => {
            if row.fatal {
                ends_if_fatal(turn, group);
            } else {
                refresh_batch::plan(turn, refresh);
            }
        }
        RefreshStatus::Pending
        | RefreshStatus::Paused
        | RefreshStatus::CheckpointPause
        | RefreshStatus::Cancelled
        | RefreshStatus::RollbackSuccessful
        | RefreshStatus::RollbackFailed
        | RefreshStatus::Failed
        | RefreshStatus::Successful => {}
    }
}

/// The pause of a checkpoint is over.
pub fn pause_ends(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    resumes(turn, refresh, RefreshStep::PauseEnds);
}

/// `refresh` may have stood still, or gone on, for too long.
pub fn times_out(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    // What became ready at this very instant is progress.
    let group = turn.fleet.refreshes[refresh].group;
    reads_news(turn, group);
    refresh_end::times_out(turn, refresh);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// `refresh` begins, or goes on after a wait.
pub fn continues(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let now = turn.now;
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.wakes.retain(|when| *when > now);
    let group = row.group;
    if row.status == RefreshStatus::Pending {
        refresh_end::moves(turn, refresh, RefreshStep::Schedule);
    }
    turn.agenda.pass(Occurrence::GroupPlans(group));
}
