//! A live migration that copies memory while its instance runs (spec/refresh-and-migration.md 5).
//!
//! Path: set up → rounds, each sending what was written during the one before → the instance pauses
//! and the rest is sent → it goes on on its target. Where the rounds do not converge: given up,
//! paused all the same, or ahead: the instance goes on on its target at once and its memory follows.
//! What comes after a round is `policy::precopy`'s; how fast it is sent is `transfers`'. Moves: how
//! far the copy has come, service, room.

use super::{
    live_end, moves, room, service,
    settle::{self, By},
    transfers,
    turn::Turn,
};
use crate::{
    fleet::{
        cause::Cause,
        chance::Chance,
        dirty::DirtyLaw,
        ids::{Instance, Task, Transfer},
        precopies::{Phase, PreCopyEnd, PreCopyRow, Progress, RoundsEnd},
    },
    kernel::{column::Id, time::Span},
    messages::{fact::Reason, moves::MoveWhat, occurrence::Occurrence},
    policy::precopy::{Next, Round},
    scenario::PreCopySettings,
};

/// The migration of `task` is by pre-copy, and may have to wait for its turn.
pub fn waits(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let source = turn.fleet.instances[instance].server;
    let row = turn.fleet.precopies.row_mut(task);
    *row = PreCopyRow { phase: Phase::Waiting, source, ..PreCopyRow::default() };
}

/// Its turn has come: it is set up.
pub fn begins(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let (law, memory) = law_of(turn, instance);
    let (memory, series) = (law.to_send(memory), day_of(turn, instance, &law));
    let now = turn.now;
    let row = turn.fleet.precopies.row_mut(task);
    row.phase = Phase::SettingUp;
    row.progress = Progress { memory, volume: memory, ..Progress::default() };
    (row.began, row.since, row.series) = (now, now, series);
    let settings = settings(turn);
    if let Some(law) = &settings.network_loss {
        let number = turn.fleet.care[instance].migrations - 1;
        let entity = turn.fleet.instances[instance].name.entity();
        let after = turn.length(law, Chance::MigrationLost, entity, number);
        let stamp = turn.fleet.tasks[task].stamp;
        turn.after(after, Occurrence::MigrationLost { task, stamp });
    }
    after_a_while(turn, task, settings.setup);
}

/// It is set up, or its instance may go on.
pub fn goes_on(turn: &mut Turn<'_>, task: Id<Task>) {
    if let Some(end) = live_end::failure(turn, task) {
        live_end::given_up(turn, task, end);
        return;
    }
    let instance = turn.fleet.tasks[task].instance;
    let row = turn.fleet.precopies.row_mut(task);
    match row.phase {
        Phase::SettingUp => copies(turn, task),
        Phase::Resuming => live_end::done(turn, task),
        Phase::Switching => {
            row.phase = Phase::PostCopy;
            let has_all = row.transfer.is_none();
            live_end::resumes(turn, instance);
            if has_all {
                live_end::ahead_ends(turn, task, PreCopyEnd::Done);
            }
        }
        phase @ (Phase::None | Phase::Waiting | Phase::Round | Phase::Rest | Phase::PostCopy) => {
            panic!("{phase:?} does not end by an alarm")
        }
    }
}

/// What `task` had on its way is sent.
pub fn sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    if let Some(end) = live_end::failure(turn, task) {
        live_end::given_up(turn, task, end);
        return;
    }
    let row = turn.fleet.precopies.get(task).expect("who sends memory is copied");
    match row.phase {
        Phase::Round => round_sent(turn, task, transfer),
        Phase::Rest => {
            rest_sent(turn, task, false);
            all_sent(turn, task);
        }
        Phase::Switching => rest_sent(turn, task, true),
        Phase::PostCopy => {
            rest_sent(turn, task, true);
            live_end::ahead_ends(turn, task, PreCopyEnd::Done);
        }
        phase @ (Phase::None | Phase::Waiting | Phase::SettingUp | Phase::Resuming) => {
            panic!("{phase:?} sends nothing")
        }
    }
}

/// The network loses what `task` sends. Once all is sent that matters no more.
pub fn network_loses(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = turn.fleet.precopies.get(task).expect("who sends memory is copied");
    let all_sent = match row.phase {
        Phase::Resuming => true,
        Phase::Switching => row.transfer.is_none(),
        Phase::None
        | Phase::Waiting
        | Phase::SettingUp
        | Phase::Round
        | Phase::Rest
        | Phase::PostCopy => false,
    };
    if !all_sent {
        live_end::given_up(turn, task, PreCopyEnd::NetworkLost);
    }
}

/// The copy of `task` has taken as long as it may. Once its rounds are over that is of no effect.
pub fn times_out(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = *turn.fleet.precopies.get(task).expect("who sends memory is copied");
    let (Phase::Round, Some(transfer)) = (row.phase, row.transfer) else { return };
    if let Some(end) = live_end::failure(turn, task) {
        live_end::given_up(turn, task, end);
        return;
    }
    let dirtied = dirtied(turn, task, &row);
    let left = transfers::left(turn, transfer);
    let bytes = row.progress.volume - left;
    transfers::cancel(turn, transfer);
    let (took, throttle) = (turn.now.since(row.since), row.progress.throttle);
    moves::says(turn, task, MoveWhat::Cut { bytes, took, throttle });
    let (progress, next) = settings(turn).rules.timed_out(&row.progress, left, dirtied);
    let of = turn.fleet.precopies.row_mut(task);
    (of.transfer, of.progress, of.bytes) = (None, progress, of.bytes + bytes);
    follows(turn, task, next);
}

/// The first round begins.
fn copies(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = turn.fleet.precopies.row_mut(task);
    row.phase = Phase::Round;
    let memory = row.progress.memory;
    send(turn, task);
    if let Some(limit) = settings(turn).rules.timeout(memory) {
        let stamp = turn.fleet.tasks[task].stamp;
        turn.after(limit, Occurrence::MigrationTimesOut { task, stamp });
    }
}

/// A round is sent; what the guest wrote meanwhile is to be sent again.
fn round_sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    let row = *turn.fleet.precopies.get(task).expect("who sends memory is copied");
    let dirtied = dirtied(turn, task, &row);
    let round = Round {
        dirtied,
        rate: transfers::rate(turn, transfer),
        elapsed: turn.now.since(row.began),
    };
    let (progress, next) = settings(turn).rules.after(&row.progress, round);
    let (bytes, took) = (row.progress.volume, turn.now.since(row.since));
    let (round, throttle) = (progress.rounds, row.progress.throttle);
    moves::says(turn, task, MoveWhat::RoundSent { round, bytes, took, dirtied, throttle });
    let of = turn.fleet.precopies.row_mut(task);
    (of.progress, of.bytes) = (progress, of.bytes + bytes);
    follows(turn, task, next);
}

/// What comes after the rounds so far.
fn follows(turn: &mut Turn<'_>, task: Id<Task>, next: Next) {
    let instance = turn.fleet.tasks[task].instance;
    let end = match next {
        Next::Round => {
            send(turn, task);
            return;
        }
        Next::Pause(end) | Next::PostCopy(end) | Next::Abort(end) => end,
    };
    says_end(turn, task, end);
    let is_abort = matches!(next, Next::Abort(_));
    if is_abort || !live_end::course(turn, instance).succeeds {
        // What fails for a reason of its own is found when the target is to take over.
        let end = if is_abort { PreCopyEnd::NotConverging } else { PreCopyEnd::CopyFailed };
        drops_sent(turn, task);
        live_end::given_up(turn, task, end);
        return;
    }
    service::end(turn, instance, Cause::Migration);
    if matches!(next, Next::PostCopy(_)) {
        goes_ahead(turn, task);
        return;
    }
    turn.fleet.precopies.row_mut(task).phase = Phase::Rest;
    if turn.fleet.precopies.row_mut(task).progress.volume > 0 {
        send(turn, task);
    } else {
        drops_sent(turn, task);
        all_sent(turn, task);
    }
}

fn says_end(turn: &mut Turn<'_>, task: Id<Task>, end: RoundsEnd) {
    let left = turn.fleet.precopies.row_mut(task).progress.volume;
    moves::says(turn, task, MoveWhat::RoundsEnded { end, left });
}

/// The instance takes its place on the target, and goes on there before its memory has come.
fn goes_ahead(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    room::change_sides(turn, task, Reason::LiveMigration);
    settle::left_server(turn, instance, By::System);
    moves::says(turn, task, MoveWhat::WentAhead);
    turn.fleet.precopies.row_mut(task).phase = Phase::Switching;
    send(turn, task);
    let resume = settings(turn).resume;
    after_a_while(turn, task, resume);
}

/// The target has all memory of an instance that pauses.
fn all_sent(turn: &mut Turn<'_>, task: Id<Task>) {
    turn.fleet.precopies.row_mut(task).phase = Phase::Resuming;
    let resume = settings(turn).resume;
    after_a_while(turn, task, resume);
}

/// What was left when the rounds ended is sent.
fn rest_sent(turn: &mut Turn<'_>, task: Id<Task>, ahead: bool) {
    let now = turn.now;
    let row = turn.fleet.precopies.row_mut(task);
    let (bytes, took) = (row.progress.volume, now.since(row.since));
    row.bytes += bytes;
    drops_sent(turn, task);
    moves::says(turn, task, MoveWhat::RestSent { bytes, ahead, took });
}

/// The transfer whose bytes are all sent leaves the network.
fn drops_sent(turn: &mut Turn<'_>, task: Id<Task>) {
    if let Some(transfer) = turn.fleet.precopies.row_mut(task).transfer.take() {
        transfers::end(turn, transfer);
    }
}

/// What is to be sent next goes on its way.
fn send(turn: &mut Turn<'_>, task: Id<Task>) {
    let now = turn.now;
    let row = turn.fleet.precopies.row_mut(task);
    row.since = now;
    let bytes = row.progress.volume;
    if let Some(transfer) = row.transfer {
        transfers::refill(turn, transfer, bytes);
        return;
    }
    let source = row.source.expect("who is copied leaves a server");
    let (instance, other) = {
        let row = &turn.fleet.tasks[task];
        (row.instance, row.target.expect("who moves has room on both servers").server)
    };
    let own = turn.fleet.instances[instance].server.expect("who runs has a server");
    let target = if own == source { other } else { own };
    let cap = settings(turn).bandwidth;
    let transfer = transfers::begin(turn, task, (source, target), bytes, cap);
    turn.fleet.precopies.row_mut(task).transfer = Some(transfer);
}

/// [`goes_on`] after `span`; in this turn, if that is no time at all.
fn after_a_while(turn: &mut Turn<'_>, task: Id<Task>, span: Span) {
    if span.is_zero() {
        goes_on(turn, task);
        return;
    }
    let stamp = turn.fleet.tasks[task].stamp;
    turn.after(span, Occurrence::MigrationGoesOn { task, stamp });
}

/// What the guest wrote since the round under way began (bytes).
fn dirtied(turn: &Turn<'_>, task: Id<Task>, row: &PreCopyRow) -> u64 {
    let (law, _) = law_of(turn, turn.fleet.tasks[task].instance);
    let Progress { memory, throttle, .. } = row.progress;
    let loads = &turn.layout().utilisations;
    law.dirtied(loads, row.series, memory, (row.since, turn.now), throttle)
}

/// How fast the guest of `instance` writes, and its memory (bytes).
fn law_of(turn: &Turn<'_>, instance: Id<Instance>) -> (DirtyLaw, u64) {
    let layout = turn.layout();
    let template = &layout.templates[turn.fleet.instances[instance].template];
    let of = &layout.types[template.instance_type];
    (of.dirty, of.demand.memory)
}

/// The recorded day that the guest of `instance` follows.
fn day_of(turn: &Turn<'_>, instance: Id<Instance>, law: &DirtyLaw) -> u32 {
    let Some(load) = law.load else { return 0 };
    let days = turn.layout().utilisations[load].days.len() as u64;
    let entity = turn.fleet.instances[instance].name.entity();
    turn.chance(Chance::LoadDay, entity, 0).below(days) as u32
}

fn settings<'a>(turn: &Turn<'a>) -> &'a PreCopySettings {
    let pre_copy = turn.scenario.settings.live.pre_copy.as_ref();
    pre_copy.expect("memory is copied where the settings say so")
}
