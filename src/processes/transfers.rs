//! Sending: what moves sends its bytes over the network, which all share max-min fairly.
//!
//! Path: begun → sent, as fast as the links allow by then → refilled by its owner with what is to
//! follow, or ended; or cancelled before. Who begins a transfer ends it: where a server or rack
//! fails, the owner of the move cancels. Moves: transfers and links (spec/refresh-and-migration.md
//! 5.5).

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Link, Server, Task, Transfer},
        system_events::Origin,
        transfers::{NewTransfer, Transfers},
    },
    kernel::column::Id,
    messages::{fact::Fact, network::NetworkFact, occurrence::Occurrence},
};

/// Whether there is a network; without one nothing may be sent.
pub fn is_there(turn: &Turn<'_>) -> bool {
    turn.layout().network.is_some()
}

/// Begins to send `bytes` from one server to another for `task`, at no more than `cap` (B/s). When
/// all is sent, the owner is called by `task`'s kind, and must refill or end what is sent.
///
/// # Panics
/// If there is no network, or both are the same server.
pub fn begin(
    turn: &mut Turn<'_>,
    task: Id<Task>,
    (from, to): (Id<Server>, Id<Server>),
    bytes: u64,
    cap: Option<u64>,
) -> Id<Transfer> {
    let mut path = Transfers::path(turn.layout(), from, to);
    if let Some(limit) = limit(turn, task, from) {
        path = path.within(limit);
    }
    let new = NewTransfer { task, path, bytes, cap };
    let transfer = turn.fleet.transfers.begin(turn.now, &new);
    let instance = turn.fleet.tasks[task].instance;
    let began = NetworkFact::TransferBegan { transfer, task, instance, from, to, bytes };
    turn.state(Fact::Network(began));
    settled(turn);
    transfer
}

/// The limit of what the operator's moves off `from` send together, if it is drained and has one.
fn limit(turn: &Turn<'_>, task: Id<Task>, from: Id<Server>) -> Option<Id<Link>> {
    let campaign = turn.fleet.works[from].origin.and_then(Origin::campaign)?;
    let limit = turn.fleet.works.campaigns[campaign].drain.link;
    limit.filter(|_| turn.fleet.tasks[task].by_system)
}

/// `transfer`, all of which is sent, goes on with `bytes` more at the rate that it has.
pub fn refill(turn: &mut Turn<'_>, transfer: Id<Transfer>, bytes: u64) {
    turn.fleet.transfers.refill(turn.now, transfer, bytes);
    let task = turn.fleet.transfers[transfer].task;
    let instance = turn.fleet.tasks[task].instance;
    turn.state(Fact::Network(NetworkFact::TransferRefilled { transfer, task, instance, bytes }));
    rearm(turn);
}

/// `transfer`, all of which is sent, leaves its links; says how much it was in all (B).
pub fn end(turn: &mut Turn<'_>, transfer: Id<Transfer>) -> u64 {
    cancel(turn, transfer)
}

/// `transfer` leaves its links, sent or not; says how much was sent (B, whole ones).
pub fn cancel(turn: &mut Turn<'_>, transfer: Id<Transfer>) -> u64 {
    let row = turn.fleet.transfers[transfer];
    let bytes = turn.fleet.transfers.end(turn.now, transfer);
    turn.state(Fact::Network(NetworkFact::TransferEnded {
        transfer,
        task: row.task,
        instance: turn.fleet.tasks[row.task].instance,
        bytes,
        is_complete: bytes == row.given,
    }));
    settled(turn);
    bytes
}

/// `transfer` may have at most `cap` (B/s) from now on.
pub fn recap(turn: &mut Turn<'_>, transfer: Id<Transfer>, cap: Option<u64>) {
    turn.fleet.transfers.recap(turn.now, transfer, cap);
    settled(turn);
}

/// What `transfer` gets now (B/s); others that begin or end change it.
pub fn rate(turn: &Turn<'_>, transfer: Id<Transfer>) -> u64 {
    turn.fleet.transfers[transfer].rate
}

/// What of `transfer` is left to be sent (B, a begun one included).
pub fn left(turn: &Turn<'_>, transfer: Id<Transfer>) -> u64 {
    turn.fleet.transfers.left(turn.now, transfer)
}

/// The alarm rings: [`next_sent`] tells who is due, then [`rang`].
pub fn rings(turn: &mut Turn<'_>) {
    turn.fleet.transfers.rings();
}

/// The earliest transfer that is sent by now, and its owner, who is to refill or end it; ties by
/// row.
pub fn next_sent(turn: &mut Turn<'_>) -> Option<(Id<Transfer>, Id<Task>)> {
    let transfer = turn.fleet.transfers.next_sent(turn.now)?;
    Some((transfer, turn.fleet.transfers[transfer].task))
}

/// Every owner has answered: the alarm is set for the next.
pub fn rang(turn: &mut Turn<'_>) {
    turn.fleet.transfers.rang();
    rearm(turn);
}

/// States how links have changed, and sets the alarm.
fn settled(turn: &mut Turn<'_>) {
    while let Some(link) = turn.fleet.transfers.next_changed() {
        if turn.fleet.transfers.links().is_limit(link) {
            continue; // It is nowhere, and carries nothing that other links do not.
        }
        let state = turn.fleet.transfers.links().state(link);
        turn.state(Fact::Network(NetworkFact::LinkChanged { link, state }));
    }
    rearm(turn);
}

fn rearm(turn: &mut Turn<'_>) {
    let rearmed = turn.fleet.transfers.rearm();
    if rearmed.voids {
        turn.agenda.abandon();
    }
    if let Some((at, number)) = rearmed.sets {
        turn.agenda.at(at, Occurrence::TransferEnds(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{ids::Instance, tasks::TaskKind, transfers::LinkKind, transfers::LinkPlace},
        kernel::time::Instant,
        processes::stage::Stage,
    };

    const GB: u64 = 1_000_000_000;

    /// Two instances on the first of two servers in two racks, which a spine of 1 GB/s joins; each
    /// has a task.
    fn stage() -> (Stage, [Id<Task>; 2]) {
        let more = "[network]\nspine = \"8Gbit/s\"\n[[workload.instances]]\ntype = \"cloud\"\n\
                    count = 2\n";
        let mut stage = Stage::new(more, |_| {});
        let tasks = [0, 1].map(|place| {
            let instance: Id<Instance> = Id::new(place);
            // What sends nothing else by itself.
            stage.does(|turn| turn.begin_task(TaskKind::Failover, instance, true))
        });
        (stage, tasks)
    }

    const SERVERS: (usize, usize) = (0, 1);

    fn from_to((from, to): (usize, usize)) -> (Id<Server>, Id<Server>) {
        (Id::new(from), Id::new(to))
    }

    /// When transfers ended (s), how much was sent (B), and whether that was all.
    fn ended(stage: &Stage) -> Vec<(u64, u64, bool)> {
        let of = |(at, fact): &(Instant, Fact)| {
            let Fact::Network(NetworkFact::TransferEnded { bytes, is_complete, .. }) = *fact else {
                return None;
            };
            Some((at.micros() / 1_000_000, bytes, is_complete))
        };
        stage.told.iter().filter_map(of).collect()
    }

    #[test]
    fn two_share_the_spine_until_one_is_sent() {
        let (mut stage, [a, b]) = stage();
        let there = from_to(SERVERS);
        let first = stage.does(|turn| begin(turn, a, there, 10 * GB, None));
        assert_eq!(stage.does(|turn| rate(turn, first)), GB);
        let back = (there.1, there.0);
        let second = stage.does(|turn| begin(turn, b, back, 5 * GB, None));
        assert_eq!(stage.does(|turn| [rate(turn, first), rate(turn, second)]), [GB / 2; 2]);
        stage.until(4);
        assert_eq!(stage.does(|turn| left(turn, first)), 8 * GB);
        stage.until(60);
        assert_eq!(ended(&stage), [(10, 5 * GB, true), (15, 10 * GB, true)]);
        let layout = stage.scenario.layout.clone();
        let of_spine = |(at, fact): &(Instant, Fact)| {
            let Fact::Network(NetworkFact::LinkChanged { link, state }) = *fact else {
                return None;
            };
            let is_it = LinkPlace::of(&layout, link).kind() == LinkKind::Spine;
            is_it.then_some((at.micros() / 1_000_000, state.load, state.is_saturated))
        };
        let spine: Vec<_> = stage.told.iter().filter_map(of_spine).collect();
        assert_eq!(spine, [(0, GB, true), (15, 0, false)], "only changes are told");
    }

    #[test]
    fn what_is_cancelled_says_how_far_it_came() {
        let (mut stage, [a, b]) = stage();
        let there = from_to(SERVERS);
        let first = stage.does(|turn| begin(turn, a, there, 10 * GB, Some(GB / 4)));
        let second = stage.does(|turn| begin(turn, b, there, 30 * GB, None));
        let rates = |stage: &mut Stage| stage.does(|turn| [rate(turn, first), rate(turn, second)]);
        assert_eq!(rates(&mut stage), [GB / 4, GB * 3 / 4]);
        stage.until(8);
        stage.does(|turn| recap(turn, first, None));
        assert_eq!(rates(&mut stage), [GB / 2; 2]);
        stage.until(10);
        assert_eq!(stage.does(|turn| cancel(turn, first)), 3 * GB);
        assert_eq!(stage.does(|turn| rate(turn, second)), GB);
        stage.until(60);
        assert_eq!(ended(&stage), [(10, 3 * GB, false), (33, 30 * GB, true)]);
    }

    #[test]
    fn without_a_network_there_is_none() {
        let mut stage = Stage::with_one("cloud");
        assert!(!stage.does(|turn| is_there(turn)));
        assert!(stage.fleet.transfers.links().is_empty());
    }
}
