//! Sending: what moves sends its bytes over the network, which all share max-min fairly.
//!
//! Path: begun → sent, as fast as the links allow by then → refilled by its owner with what is to
//! follow, or ended; or cancelled before. Who begins a transfer ends it: where a server or rack
//! fails, the owner of the move cancels. Moves: transfers and links (spec/refresh-and-migration.md
//! 5.5).

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Server, Task, Transfer},
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
    let path = Transfers::path(turn.layout(), from, to);
    let new = NewTransfer { task, path, bytes, cap };
    let transfer = turn.fleet.transfers.begin(turn.now, &new);
    let instance = turn.fleet.tasks[task].instance;
    let began = NetworkFact::TransferBegan { transfer, task, instance, from, to, bytes };
    turn.state(Fact::Network(began));
    settled(turn);
    transfer
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
