//! Risks of servers: predicted, cured, or turned into a crash.
//!
//! Path: at risk → cured by the restart of its instances, or emptied, taken offline and repaired,
//! or healed by a crash and what followed → the next risk is drawn. A server at risk takes no new
//! instances, unless the operator ignores predictions. Everything about a risk is drawn at the
//! address (server, number of the risk). Documented behaviour: spec/events.md 2.1, 2.5. Moves: the
//! risks of servers, and which servers are open.

use super::{events, hosting, loss, turn::Turn, wear};
use crate::{
    fleet::{chance::Chance, ids::Server, layout::RiskLaw, system_events::Origin},
    kernel::column::Id,
    messages::{fact::Fact, occurrence::Occurrence},
    scenario::OnRisk,
};

/// Draws the first risk of every server.
pub fn prime(turn: &mut Turn<'_>) {
    for server in turn.layout().servers.ids().iter() {
        await_next(turn, server);
    }
}

/// A risk of `server` is predicted.
pub fn arises(turn: &mut Turn<'_>, server: Id<Server>) {
    let law = law(turn, server).expect("only a server with a risk law comes to be at risk");
    let work = turn.fleet.works.row_mut(server);
    let number = work.risks;
    work.risks += 1;
    if !turn.fleet.servers.is_up(server) {
        await_next(turn, server); // Whoever repairs the server finds it, too.
        return;
    }
    let mut draws = turn.chance(Chance::ServerRiskKind, server.index() as u64, number);
    let curable = draws.happens(law.curable);
    let crashes = draws.happens(law.crashes);
    let after = law.crash_after.draw(&mut draws);
    let acts = turn.scenario.policies.maintenance.on_risk == OnRisk::Act;
    let work = turn.fleet.works.row_mut(server);
    (work.at_risk, work.curable) = (true, curable);
    turn.state(Fact::ServerAtRisk { server, at_risk: true });
    hosting::server_changed(turn, server);
    if crashes {
        let risk = (number + 1) as u16;
        turn.after(after, Occurrence::RiskCrashes { server, risk });
    } else if !acts {
        ends(turn, server); // A prediction that nobody heeds and that does not come true.
        return;
    }
    if acts {
        turn.fleet.works.row_mut(server).closed = true;
        turn.fleet.capacity.set_open(turn.layout(), server, false);
        events::tend(turn, server);
    }
}

/// The risk of `server` turns into a crash.
pub fn crashes(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.servers.is_up(server) {
        wear::risk_crashes(turn, server);
    }
}

/// The risk of `server` is over: it may take instances again, and the next risk is drawn.
pub fn ends(turn: &mut Turn<'_>, server: Id<Server>) {
    let work = turn.fleet.works.row_mut(server);
    (work.at_risk, work.healed) = (false, false);
    turn.fleet.works.emptying.forgets_risk(server);
    turn.state(Fact::ServerAtRisk { server, at_risk: false });
    hosting::server_changed(turn, server);
    let is_emptied = match turn.fleet.works[server].origin {
        Some(Origin::Campaign { campaign, .. }) => {
            turn.scenario.campaigns[campaign].moves_instances
        }
        Some(_) | None => false,
    };
    if !is_emptied {
        reopens(turn, server);
    }
    await_next(turn, server);
}

/// `server` may take instances again, as far as the operator is concerned.
pub fn reopens(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.works[server].is_drained() {
        return;
    }
    let was_closed = std::mem::take(&mut turn.fleet.works.row_mut(server).closed);
    if was_closed && loss::is_able(turn, server) {
        loss::opens(turn, server);
    }
}

fn await_next(turn: &mut Turn<'_>, server: Id<Server>) {
    let Some(law) = law(turn, server) else { return };
    let number = turn.fleet.works[server].risks;
    let life = turn.length(&law.life, Chance::ServerRisk, server.index() as u64, number);
    turn.after(life, Occurrence::RiskArises(server));
}

fn law<'a>(turn: &Turn<'a>, server: Id<Server>) -> Option<&'a RiskLaw> {
    let layout = turn.layout();
    layout.models[layout.servers[server].model].risk.as_ref()
}
