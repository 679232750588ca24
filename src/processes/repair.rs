//! Repair of broken servers: the queue and the crews.
//!
//! Path: crashed for good → queue → a crew takes it up → (`host.repair`) → works again. Without a
//! number of crews every repair begins at once. Crews are handed out in a pass at the end of the
//! instant, so that servers that break at one instant are ranked together. Moves: the repair queue.

use super::{room, turn::Turn, wear};
use crate::{
    fleet::ids::Server,
    kernel::column::Id,
    messages::{fact::Fact, occurrence::Occurrence},
};

/// `server` has crashed for good: it joins the queue.
pub fn awaited(turn: &mut Turn<'_>, server: Id<Server>) {
    let urgency = room::urgency(turn, server, turn.fleet.capacity.held(server));
    turn.fleet.repairs.join(server, urgency, turn.now);
    turn.state(Fact::RepairAwaited(server));
    turn.agenda.pass(Occurrence::CrewsDispatched);
}

/// Pass: free crews take up the most urgent servers.
pub fn crews_dispatched(turn: &mut Turn<'_>) {
    let crews = turn.scenario.policies.repair_crews.map_or(u32::MAX, std::num::NonZero::get);
    while turn.fleet.repairs.crews_at_work() < crews {
        let Some(server) = turn.fleet.repairs.take_up() else { return };
        let waited = turn.now.since(turn.fleet.servers[server].down_since);
        turn.state(Fact::RepairBegan { server, waited });
        wear::repair_begins(turn, server);
    }
}

/// The repair of `server` is over: the crew is free, and the server works.
pub fn ended(turn: &mut Turn<'_>, server: Id<Server>) {
    turn.fleet.repairs.crew_done();
    turn.state(Fact::RepairEnded(server));
    wear::server_works(turn, server);
    if turn.fleet.repairs.waiting() > 0 {
        turn.agenda.pass(Occurrence::CrewsDispatched);
    }
}
