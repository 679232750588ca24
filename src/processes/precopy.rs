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
    kernel::{column::Id, stamp::Stamp, time::Span},
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
        alarm(turn, task, after, |task, stamp| Occurrence::MigrationLost { task, stamp });
    }
    after_a_while(turn, task, settings.setup);
}

/// It is set up, or its instance may go on: the alarm of that has rung.
pub fn goes_on(turn: &mut Turn<'_>, task: Id<Task>) {
    rang(turn, task);
    next_phase(turn, task);
}

/// The next phase begins, unless a server has failed.
fn next_phase(turn: &mut Turn<'_>, task: Id<Task>) {
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
    rang(turn, task);
    loses(turn, task);
}

fn loses(turn: &mut Turn<'_>, task: Id<Task>) {
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
    rang(turn, task);
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
        alarm(turn, task, limit, |task, stamp| Occurrence::MigrationTimesOut { task, stamp });
    }
}

/// A round is sent; what the guest wrote meanwhile is to be sent again.
fn round_sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    let row = *turn.fleet.precopies.get(task).expect("who sends memory is copied");
    let dirtied = dirtied(turn, task, &row);
    let took = turn.now.since(row.since);
    let round = Round {
        dirtied,
        took,
        rate: transfers::rate(turn, transfer),
        elapsed: turn.now.since(row.began),
    };
    let (progress, next) = settings(turn).rules.after(&row.progress, round);
    let bytes = row.progress.volume;
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

/// [`next_phase`] after `span`; in this turn, if that is no time at all.
fn after_a_while(turn: &mut Turn<'_>, task: Id<Task>, span: Span) {
    if span.is_zero() {
        next_phase(turn, task);
        return;
    }
    alarm(turn, task, span, |task, stamp| Occurrence::MigrationGoesOn { task, stamp });
}

/// Sets an alarm that the end of `task` will void.
fn alarm(turn: &mut Turn<'_>, task: Id<Task>, span: Span, what: fn(Id<Task>, Stamp) -> Occurrence) {
    turn.fleet.precopies.row_mut(task).alarms += 1;
    let stamp = turn.fleet.tasks[task].stamp;
    turn.after(span, what(task, stamp));
}

/// An alarm of `task` has rung: it is pending no more.
fn rang(turn: &mut Turn<'_>, task: Id<Task>) {
    turn.fleet.precopies.row_mut(task).alarms -= 1;
}

/// What the guest wrote since the round under way began (bytes).
fn dirtied(turn: &Turn<'_>, task: Id<Task>, row: &PreCopyRow) -> u64 {
    let (law, _) = law_of(turn, turn.fleet.tasks[task].instance);
    let Progress { memory, throttle, .. } = row.progress;
    let all = &turn.layout().utilisations;
    law.dirtied((all, row.series), memory, (row.since, turn.now), throttle)
}

/// How fast the guest of `instance` writes, and its memory (bytes).
fn law_of(turn: &Turn<'_>, instance: Id<Instance>) -> (DirtyLaw, u64) {
    let layout = turn.layout();
    let template = &layout.templates[turn.fleet.instances[instance].template];
    let of = &layout.types[template.instance_type];
    (of.dirty, of.demand.memory)
}

/// The recorded row that the guest of `instance` follows.
fn day_of(turn: &Turn<'_>, instance: Id<Instance>, law: &DirtyLaw) -> u32 {
    let Some(load) = law.load else { return 0 };
    let days = turn.layout().utilisations[load].rows() as u64;
    let entity = turn.fleet.instances[instance].name.entity();
    turn.chance(Chance::LoadDay, entity, 0).below(days) as u32
}

fn settings<'a>(turn: &Turn<'a>) -> &'a PreCopySettings {
    let pre_copy = turn.scenario.settings.live.pre_copy.as_ref();
    pre_copy.expect("memory is copied where the settings say so")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::ids::Server,
        kernel::time::Instant,
        lifecycle::{
            instance::InstanceState,
            system_event::{EventStatus, EventType},
            task::TaskStatus,
        },
        messages::{fact::Fact, moves::MoveFact},
        processes::{live_migration, release, stage::Stage},
    };

    const MIB: u64 = 1 << 20;

    /// The first of four servers that are joined by a network; two that are not stand before them.
    const FIRST: usize = 2;

    /// `guests` instances of `memory` on the first of four servers with `rate` in and out, which
    /// write as `dirty` says; migrations go by the settings `live`.
    fn stage(rate: &str, (guests, memory, dirty): (u32, &str, &str), live: &str) -> Stage {
        Stage::new(
            &format!(
                "[server_models.n]\nvcpus = 64\nmemory = \"512GiB\"\ncrash = \"never\"\n\
                 nic_rate = \"{rate}\"\n[[servers]]\nmodel = \"n\"\ncount = 4\nzones = [\"z\"]\n\
                 racks_per_zone = 4\n[network]\n[instance_types.guest]\nvcpus = 1\n\
                 memory = \"{memory}\"\nserver_model = \"n\"\ndirty = {{ {dirty} }}\n\
                 [[workload.instances]]\ntype = \"guest\"\ncount = {guests}\n\
                 [settings.livemig]\nsuccess_p = 1\n{live}"
            ),
            |_| {},
        )
    }

    fn server(number: usize) -> Id<Server> {
        Id::new(FIRST + number)
    }

    /// Migrations of the first `count` instances begin now, to the other servers in turn.
    fn begin(stage: &mut Stage, count: usize) {
        for guest in 0..count {
            let to = server(1 + guest % 3);
            stage.does(|turn| live_migration::begin_to(turn, Id::new(guest), to));
        }
    }

    /// What became true of the moves of `guest`, and when.
    fn told(stage: &Stage, guest: usize) -> Vec<(Instant, MoveWhat)> {
        let of = |(at, fact): &(Instant, Fact)| match *fact {
            Fact::Move(MoveFact { instance, what, .. }) if instance.index() == guest => {
                Some((*at, what))
            }
            _ => None,
        };
        stage.told.iter().filter_map(of).collect()
    }

    /// How the migration of `guest` ended: how, bytes, rounds.
    fn end(stage: &Stage, guest: usize) -> (PreCopyEnd, u64, u32) {
        let ended = told(stage, guest).into_iter().find_map(|(_, what)| match what {
            MoveWhat::Ended { end, bytes, rounds } => Some((end, bytes, rounds)),
            _ => None,
        });
        ended.expect("it has ended")
    }

    /// When the task of `guest` ended, and how (s).
    fn ended(stage: &Stage, guest: usize) -> (f64, TaskStatus) {
        let ended = stage.told.iter().find_map(|(at, fact)| match *fact {
            Fact::TaskEnded { instance, status, .. } if instance.index() == guest => {
                Some((at.seconds(), status))
            }
            _ => None,
        });
        ended.expect("it has ended")
    }

    /// For how long `guest` was not served (s).
    fn pause(stage: &Stage, guest: usize) -> f64 {
        let (mut since, mut pause) = (None, 0);
        for (at, fact) in &stage.told {
            match *fact {
                Fact::ServiceEnded { instance, .. } if instance.index() == guest => {
                    since = Some(*at);
                }
                Fact::ServiceBegan(instance) if instance.index() == guest => {
                    pause += since.take().map_or(0, |since| at.since(since).micros());
                }
                _ => {}
            }
        }
        Span::from_micros(pause).seconds()
    }

    fn is_near(value: f64, expected: f64, most: f64) -> bool {
        (value - expected).abs() <= most
    }

    fn home(stage: &Stage, guest: usize) -> Option<usize> {
        stage.fleet.instances[Id::new(guest)].server.map(|server| server.index() - FIRST)
    }

    /// Nothing is on its way, nobody waits, and no room is reserved.
    fn all_quiet(stage: &Stage) {
        assert_eq!((stage.fleet.moves.under_way(), stage.fleet.moves.waiting()), (0, 0));
        assert_eq!(stage.fleet.tasks.under_way().count(), 0);
        let held = (0..4).map(|place| stage.fleet.capacity.held(server(place))).sum::<u32>();
        let there = stage.fleet.instances.present().filter(|(_, row)| row.server.is_some());
        assert_eq!(held as usize, there.count());
        let ended = |of: &dyn Fn(&Fact) -> bool| stage.told.iter().filter(|(_, f)| of(f)).count();
        use crate::messages::network::NetworkFact::{TransferBegan, TransferEnded};
        let begun = ended(&|fact| matches!(fact, Fact::Network(TransferBegan { .. })));
        assert_eq!(begun, ended(&|fact| matches!(fact, Fact::Network(TransferEnded { .. }))));
    }

    #[test]
    fn the_oracle_holds_over_a_real_link() {
        let live = "stop_bytes = \"64MiB\"\nresume = \"0s\"\n";
        let guest = (1, "16384MiB", "rate = \"256MiB/s\"");
        let mut a = stage("1192MiB/s", guest, live);
        begin(&mut a, 1);
        a.until(60);
        let (how, bytes, rounds) = end(&a, 0);
        assert_eq!((how, rounds, home(&a, 0)), (PreCopyEnd::Done, 4, Some(1)));
        assert!(is_near(bytes as f64 / MIB as f64, 20_855.6, 0.05), "{bytes}");
        assert!(is_near(ended(&a, 0).0, 17.4963, 5e-5), "{:?}", ended(&a, 0));
        assert!(is_near(pause(&a, 0), 0.029_241_4, 1e-6), "{}", pause(&a, 0));
        all_quiet(&a);
        let five = format!("{live}max_rounds = 5\n");
        let mut b = stage("500MiB/s", (1, "8192MiB", "rate = \"600MiB/s\""), &five);
        begin(&mut b, 1);
        b.until(120);
        assert_eq!(end(&b, 0), (PreCopyEnd::Done, 49_152 * MIB, 5));
        assert!(is_near(ended(&b, 0).0, 98.304, 1e-5), "{:?}", ended(&b, 0));
        assert!(is_near(pause(&b, 0), 16.384, 2e-6), "{}", pause(&b, 0));
    }

    /// When the last of `guests` guests of 8 GiB that write `rate` was through, and the pause of the
    /// first, where `at_once` may leave their server at once.
    fn through(guests: u32, rate: &str, at_once: u32) -> (f64, f64, Vec<u32>) {
        let limits = format!(
            "[settings.migration]\nmax_outbound_per_host = {at_once}\n\
             max_inbound_per_host = \"unlimited\"\n"
        );
        let dirty = format!("rate = \"{rate}\"");
        let mut stage = stage("10Gbit/s", (guests, "8GiB", &dirty), &limits);
        begin(&mut stage, guests as usize);
        stage.until(40_000);
        all_quiet(&stage);
        let all = 0..guests as usize;
        assert!(all.clone().all(|guest| ended(&stage, guest).1 == TaskStatus::Finished));
        let last = all.clone().map(|guest| ended(&stage, guest).0).fold(0.0, f64::max);
        (last, pause(&stage, 0), all.map(|guest| end(&stage, guest).2).collect())
    }

    #[test]
    fn one_at_a_time_beats_four_in_parallel() {
        let (serial, pause, _) = through(4, "100MiB/s", 1);
        assert!(is_near(serial, 30.1, 0.05), "{serial}");
        assert!(is_near(pause, 0.068_4, 5e-5), "{pause}");
        let (parallel, pause, _) = through(4, "100MiB/s", 4);
        assert!(is_near(parallel, 41.3, 0.05), "{parallel}");
        assert!(is_near(pause, 0.137, 5e-4), "{pause}");
    }

    #[test]
    fn guests_that_write_fast_converge_alone() {
        let (one, _, rounds) = through(8, "400MiB/s", 1);
        assert!(is_near(one, 82.0, 0.5), "{one}");
        assert!(rounds.iter().all(|rounds| *rounds < 30));
        let (two, _, rounds) = through(8, "400MiB/s", 2);
        assert!(is_near(two, 165.0, 0.5), "{two}");
        assert!(rounds.iter().all(|rounds| *rounds < 30));
        for at_once in [4, 8] {
            let (_, pause, rounds) = through(8, "400MiB/s", at_once);
            assert!(rounds.iter().all(|rounds| *rounds == 30), "they never converge");
            assert!(pause > 20.0, "and are forced: {pause}");
        }
    }

    #[test]
    fn a_guest_is_slowed_down_until_it_converges() {
        let mut stage =
            stage("128MiB/s", (1, "16GiB", "rate = \"200MiB/s\""), "auto_converge = true\n");
        begin(&mut stage, 1);
        stage.until(2_000);
        let (how, bytes, rounds) = end(&stage, 0);
        assert_eq!((how, rounds), (PreCopyEnd::Done, 14));
        assert!(is_near(ended(&stage, 0).0, 963.8, 0.05), "{:?}", ended(&stage, 0));
        assert!(is_near(pause(&stage, 0), 0.311, 5e-4), "{}", pause(&stage, 0));
        assert!(is_near(bytes as f64 / MIB as f64, 123_365.0, 0.5), "{bytes}");
    }

    #[test]
    fn a_small_working_set_stops_where_rounds_shrink_no_more() {
        let dirty = "rate = \"200MiB/s\", working_set = \"1GiB\"";
        let mut stage = stage("128MiB/s", (1, "16GiB", dirty), "stop_on_no_shrink = true\n");
        begin(&mut stage, 1);
        stage.until(2_000);
        assert_eq!(end(&stage, 0), (PreCopyEnd::Done, 18_432 * MIB, 2));
        assert!(is_near(ended(&stage, 0).0, 144.02, 1e-4), "{:?}", ended(&stage, 0));
        assert!(is_near(pause(&stage, 0), 8.02, 1e-4), "{}", pause(&stage, 0));
    }

    /// Never converges on its link; each GiB may take so many seconds.
    fn endless(not_converging: &str, more: &str) -> Stage {
        let live =
            format!("not_converging = \"{not_converging}\"\ntimeout_per_gib = \"5s\"\n{more}");
        let mut stage = stage("128MiB/s", (1, "16GiB", "rate = \"200MiB/s\""), &live);
        begin(&mut stage, 1);
        stage
    }

    #[test]
    fn a_copy_that_takes_too_long_leaves_the_instance_where_it_was() {
        let mut stage = endless("abort", "setup = \"3s\"\n");
        stage.until(600);
        // 80 s after it was set up, in the middle of the first round.
        assert_eq!(end(&stage, 0), (PreCopyEnd::NotConverging, 80 * 128 * MIB, 0));
        assert_eq!(ended(&stage, 0), (83.0, TaskStatus::Failed));
        assert_eq!((home(&stage, 0), pause(&stage, 0)), (Some(0), 0.0));
        assert!(stage.fleet.instances[Id::new(0)].served);
        all_quiet(&stage);
    }

    #[test]
    fn a_copy_that_takes_too_long_is_forced_through() {
        let mut stage = endless("force-complete", "");
        stage.until(600);
        // 10 GiB are sent after 80 s; the other 6 and all that was written, no more than 16 in all.
        assert_eq!(end(&stage, 0), (PreCopyEnd::Done, 26_624 * MIB, 0));
        assert!(is_near(pause(&stage, 0), 128.02, 1e-4), "{}", pause(&stage, 0));
        assert_eq!(home(&stage, 0), Some(1));
        all_quiet(&stage);
    }

    #[test]
    fn an_instance_goes_on_ahead_of_its_memory() {
        let mut stage = endless("post-copy", "");
        stage.until(100);
        assert_eq!((home(&stage, 0), pause(&stage, 0)), (Some(1), 0.02));
        assert_eq!(stage.fleet.capacity.held(server(0)), 1, "the source holds its memory");
        stage.until(600);
        assert_eq!(end(&stage, 0), (PreCopyEnd::Done, 26_624 * MIB, 0));
        assert!(is_near(ended(&stage, 0).0, 80.0 + 128.0, 1e-4), "{:?}", ended(&stage, 0));
        assert_eq!((home(&stage, 0), pause(&stage, 0)), (Some(1), 0.02));
        all_quiet(&stage);
    }

    #[test]
    fn a_guest_dies_with_the_memory_that_it_ran_ahead_of() {
        for (lost, expected) in
            [(None, PreCopyEnd::NetworkLost), (Some(server(0)), PreCopyEnd::SourceFailed)]
        {
            let mut stage = endless("post-copy", "");
            stage.until(100);
            match lost {
                Some(server) => stage.rack_of(server, false),
                None => stage.does(|turn| {
                    let task = turn.fleet.instances[Id::new(0)].task.expect("it is moved");
                    loses(turn, task);
                }),
            }
            stage.until(600);
            assert_eq!(
                (end(&stage, 0).0, ended(&stage, 0)),
                (expected, (100.0, TaskStatus::Failed))
            );
            let reboot = stage.statuses(EventType::InstanceFailureReboot);
            assert_eq!(reboot, [(130, EventStatus::Executing), (170, EventStatus::Executed)]);
            assert_eq!(home(&stage, 0), Some(1));
            assert!(stage.fleet.instances[Id::new(0)].served);
            all_quiet(&stage);
        }
    }

    #[test]
    fn a_target_that_fails_takes_what_runs_on_it_along() {
        let mut stage = endless("post-copy", "");
        stage.until(100);
        stage.rack_of(server(1), false);
        stage.until(600);
        assert_eq!(end(&stage, 0).0, PreCopyEnd::TargetFailed);
        assert_eq!(ended(&stage, 0), (100.0, TaskStatus::Failed));
        all_quiet(&stage);
    }

    #[test]
    fn a_failure_on_the_way_ends_the_copy_at_once() {
        for (lost, expected, stays) in
            [(0, PreCopyEnd::SourceFailed, false), (1, PreCopyEnd::TargetFailed, true)]
        {
            let mut stage = stage("128MiB/s", (1, "16GiB", "rate = \"10MiB/s\""), "");
            begin(&mut stage, 1);
            stage.until(100);
            stage.rack_of(server(lost), false);
            stage.until(101);
            assert_eq!(end(&stage, 0), (expected, 12_800 * MIB, 0));
            assert_eq!(ended(&stage, 0), (100.0, TaskStatus::Failed));
            assert_eq!(stage.fleet.instances[Id::new(0)].served, stays);
            assert_eq!(home(&stage, 0), Some(0));
            all_quiet(&stage);
        }
        let lossy = "network_loss = \"1/s\"\n";
        let mut stage = stage("128MiB/s", (1, "16GiB", "rate = \"10MiB/s\""), lossy);
        begin(&mut stage, 1);
        stage.until(200);
        assert_eq!(end(&stage, 0).0, PreCopyEnd::NetworkLost);
        assert_eq!((home(&stage, 0), pause(&stage, 0)), (Some(0), 0.0));
        all_quiet(&stage);
    }

    #[test]
    fn a_failure_in_the_pause_ends_it() {
        let live = "stop_on_no_shrink = true\n";
        for lost in [None, Some(server(1))] {
            let mut stage = stage("128MiB/s", (1, "16GiB", "rate = \"200MiB/s\""), live);
            begin(&mut stage, 1);
            stage.until(150);
            assert!(!stage.fleet.instances[Id::new(0)].served, "it pauses from 128 s on");
            match lost {
                Some(server) => stage.rack_of(server, false),
                None => stage.does(|turn| {
                    let task = turn.fleet.instances[Id::new(0)].task.expect("it is moved");
                    loses(turn, task);
                }),
            }
            stage.until(151);
            assert_eq!((home(&stage, 0), pause(&stage, 0)), (Some(0), 22.0));
            assert!(stage.fleet.instances[Id::new(0)].served);
            all_quiet(&stage);
        }
    }

    #[test]
    fn what_the_instance_is_to_do_instead_ends_the_copy() {
        for (at, home_then, expected) in [
            (40, Some(0), PreCopyEnd::GivenUp),
            (80, Some(1), PreCopyEnd::Done),
            (100, Some(1), PreCopyEnd::Done),
        ] {
            let mut stage = endless("post-copy", "resume = \"5s\"\n");
            stage.until(at);
            stage.does(|turn| live_migration::abort(turn, Id::new(0)));
            assert_eq!(end(&stage, 0).0, expected, "at {at} s");
            assert_eq!(home(&stage, 0), home_then);
            assert!(stage.fleet.instances[Id::new(0)].served);
            all_quiet(&stage);
            stage.until(600);
        }
        let mut stage = endless("post-copy", "");
        stage.until(100);
        stage.does(|turn| {
            live_migration::abort(turn, Id::new(0));
            release::departs(turn, Id::new(0));
        });
        stage.until(600);
        assert_eq!(stage.fleet.instances[Id::new(0)].state, InstanceState::Released);
        all_quiet(&stage);
    }

    #[test]
    fn moves_wait_for_their_turn_with_their_room() {
        let one = "[settings.migration]\nmax_outbound_per_host = 1\n";
        let mut stage = stage("128MiB/s", (3, "16GiB", "rate = \"1MiB/s\""), one);
        begin(&mut stage, 3);
        assert_eq!((stage.fleet.moves.under_way(), stage.fleet.moves.waiting()), (1, 2));
        assert_eq!(stage.fleet.capacity.held(server(2)), 1, "room is held while it waits");
        // Whose target fails meanwhile is told so when its turn comes; the next goes on.
        stage.rack_of(server(2), false);
        stage.until(60);
        assert_eq!(stage.fleet.moves.waiting(), 2);
        stage.rack_of(server(2), true);
        stage.until(400);
        assert_eq!(end(&stage, 1), (PreCopyEnd::TargetFailed, 0, 0));
        assert_eq!((end(&stage, 0).0, end(&stage, 2).0), (PreCopyEnd::Done, PreCopyEnd::Done));
        let turns = told(&stage, 2);
        assert_eq!(turns[0], (Instant::ZERO, MoveWhat::Waits));
        let (at, MoveWhat::TurnCame { waited }) = turns[1] else { panic!("{turns:?}") };
        assert_eq!(at.since(Instant::ZERO), waited);
        assert!(is_near(at.seconds(), 129.0, 0.1), "{at}");
        all_quiet(&stage);
    }

    #[test]
    fn who_waits_may_be_given_up() {
        let one = "[settings.migration]\nmax_cluster = 1\n";
        let mut stage = stage("128MiB/s", (2, "16GiB", "rate = \"1MiB/s\""), one);
        begin(&mut stage, 2);
        stage.until(10);
        stage.does(|turn| live_migration::abort(turn, Id::new(1)));
        assert_eq!(end(&stage, 1), (PreCopyEnd::GivenUp, 0, 0));
        stage.until(400);
        assert_eq!(end(&stage, 0).0, PreCopyEnd::Done);
        all_quiet(&stage);
    }

    #[test]
    fn a_copy_may_fail_for_a_reason_of_its_own() {
        let mut stage = stage("10Gbit/s", (1, "8GiB", "rate = \"1MiB/s\""), "");
        stage.scenario.settings.live.success_p = 0.0;
        begin(&mut stage, 1);
        stage.until(60);
        let (how, _, rounds) = end(&stage, 0);
        assert_eq!((how, rounds, pause(&stage, 0)), (PreCopyEnd::CopyFailed, 1, 0.0));
        assert_eq!(home(&stage, 0), Some(0));
        all_quiet(&stage);
    }
}
