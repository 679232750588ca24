//! Wear: servers, racks and guests fail; repairs and restarts, once begun, end.
//!
//! Path of a server: Up → (crashes) Restarting or Broken → … → Up. The only writer of hardware
//! health. A life is drawn in operating time at the address (server, number of the life); while a
//! server does not wear (it holds no instance and `host.idle_wears` is false) its clock stands, so
//! the same draw stays comparable under any load. A rack's outages come on top of its servers' own
//! failures and leave them untouched. Figures: spec/events.md 12; `host.reboot` as in
//! spec/corrections.md 6. Moves: servers, racks, and alarms of guests.

use super::{loss, service, turn::Turn};
use crate::{
    fleet::{
        cause::Cause,
        chance::Chance,
        ids::{Instance, Rack, Server},
        layout::{AgeAtStart, CrashLaw, Restores, RiskLaw},
        servers::DownBy,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::server::{ServerState, ServerStep},
    messages::{fact::Fact, occurrence::Occurrence},
    scenario::CrashFate,
};

/// Draws the first life of every server and rack.
pub fn prime(turn: &mut Turn<'_>) {
    for server in turn.layout().servers.ids().iter() {
        let Some(law) = crash_law(turn, server) else { continue };
        let entity = server.index() as u64;
        let mut age_draws = turn.chance(Chance::ServerAge, entity, 0);
        let age = match &law.age_at_start {
            AgeAtStart::New => Span::ZERO,
            AgeAtStart::Law(ages) => ages.draw(&mut age_draws),
            AgeAtStart::Stationary => law.life.draw_stationary_age(&mut age_draws),
        };
        let life = law.life.draw_rest(age, &mut turn.chance(Chance::ServerLife, entity, 0));
        let row = turn.fleet.servers.row_mut(server);
        (row.age, row.life) = (age, life);
        load_changed(turn, server);
    }
    for rack in turn.layout().racks.ids().iter() {
        await_outage(turn, rack);
    }
}

/// `server` took up its first instance or lost its last: it may begin or cease to wear.
pub fn load_changed(turn: &mut Turn<'_>, server: Id<Server>) {
    let idle_wears = turn.scenario.settings.host_idle_wears;
    let in_use = idle_wears || turn.fleet.capacity.held(server) > 0;
    let wears = in_use && turn.fleet.servers.is_up(server);
    let (now, end) = (turn.now, turn.scenario.end);
    let row = turn.fleet.servers.row_mut(server);
    match (row.wears_since, wears) {
        (None, true) => {
            row.wears_since = Some(now);
            let (stamp, due) = (row.stamp, crash_due(now, row.life, row.used));
            turn.agenda.at(due, Occurrence::ServerCrashes { stamp, server });
        }
        (Some(since), false) => {
            let due = crash_due(since, row.life, row.used);
            row.used = row.used.saturating_add(now.since(since));
            row.wears_since = None;
            if due < end {
                row.stamp.raise();
                turn.agenda.abandon();
            }
        }
        (None, false) | (Some(_), true) => {}
    }
}

/// The hardware of `server` crashes because its life is over.
pub fn server_crashes(turn: &mut Turn<'_>, server: Id<Server>) {
    let fate = crash_fate(turn, server, turn.fleet.servers[server].lives);
    turn.fleet.servers.row_mut(server).lives += 1;
    crashes(turn, server, DownBy::Wear, (fate.restart, fate.detect));
}

/// The present risk of `server` turns into a crash. What is drawn about it has addresses of its
/// own, and the life under way goes on afterwards where it stood: a policy that cures risks leaves
/// the other crashes where they are.
pub fn risk_crashes(turn: &mut Turn<'_>, server: Id<Server>) {
    let end = risk_crash(turn, server);
    let row = turn.fleet.servers.row_mut(server);
    if let Some(since) = row.wears_since
        && crash_due(since, row.life, row.used) < turn.scenario.end
    {
        turn.agenda.abandon();
    }
    crashes(turn, server, DownBy::Risk, (end.restart, end.notice));
}

/// `server`, from which nobody needs anything, is taken out of service.
pub fn taken_offline(turn: &mut Turn<'_>, server: Id<Server>) {
    let was_able = loss::is_able(turn, server);
    let now = turn.now;
    let row = turn.fleet.servers.row_mut(server);
    (row.down_by, row.down_since) = (DownBy::Operator, now);
    moved(turn, server, ServerStep::TakeOffline);
    load_changed(turn, server);
    if was_able {
        loss::lost(turn, server, Cause::Maintenance);
    }
}

/// `server` goes down; it restarts by itself after the given time, or not at all.
fn crashes(
    turn: &mut Turn<'_>,
    server: Id<Server>,
    down_by: DownBy,
    (restart, notice): (Option<Span>, Span),
) {
    let was_able = loss::is_able(turn, server);
    let now = turn.now;
    let row = turn.fleet.servers.row_mut(server);
    if let Some(since) = row.wears_since.take() {
        row.used = row.used.saturating_add(now.since(since));
    }
    let crash = row.crashes;
    row.crashes += 1;
    (row.down_by, row.down_since) = (down_by, now);
    let step = if restart.is_some() { ServerStep::CrashSoft } else { ServerStep::CrashHard };
    moved(turn, server, step);
    if was_able {
        loss::lost(turn, server, Cause::ServerFailure);
    }
    turn.after(notice, Occurrence::ServerLossNoticed { crash: crash as u16, server });
    if let Some(span) = restart {
        turn.after(span, Occurrence::ServerRestarted(server));
    }
}

/// A crew begins to repair `server`.
pub fn repair_begins(turn: &mut Turn<'_>, server: Id<Server>) {
    moved(turn, server, ServerStep::CrewArrives);
    let span = repair_length(turn, server);
    turn.after(span, Occurrence::ServerRepaired(server));
}

/// How long the repair of `server` takes, or would take, once a crew works on it.
pub fn repair_length(turn: &Turn<'_>, server: Id<Server>) -> Span {
    let entity = server.index() as u64;
    match turn.fleet.servers[server].down_by {
        DownBy::Wear => crash_fate(turn, server, turn.fleet.servers[server].lives - 1).repair,
        DownBy::Risk => risk_crash(turn, server).repair,
        DownBy::Operator => {
            let law = risk_law(turn, server).expect("only a server at risk is taken offline");
            let risk = turn.fleet.works[server].risks - 1;
            turn.length(&law.repair, Chance::ServerRiskRepair, entity, risk)
        }
    }
}

/// `server` works again: by itself, or because its repair is over.
pub fn server_works(turn: &mut Turn<'_>, server: Id<Server>) {
    let step = match turn.fleet.servers[server].state {
        ServerState::Restarting => ServerStep::Restarted,
        ServerState::InRepair => ServerStep::Repaired,
        state @ (ServerState::Up | ServerState::Broken | ServerState::Offline) => {
            panic!("{state} does not end by itself")
        }
    };
    if turn.fleet.servers[server].down_by == DownBy::Wear {
        life_begins(turn, server);
    }
    heals(turn, server, step);
    moved(turn, server, step);
    load_changed(turn, server);
    if loss::is_able(turn, server) {
        loss::back(turn, server);
    }
}

/// The next life of `server` is drawn.
fn life_begins(turn: &mut Turn<'_>, server: Id<Server>) {
    let law = crash_law(turn, server).expect("only a server with a crash law wears out");
    let (entity, lives) = (server.index() as u64, turn.fleet.servers[server].lives);
    let mut draws = turn.chance(Chance::ServerLife, entity, lives);
    let row = turn.fleet.servers.row_mut(server);
    // A restart renews the life as a repair does: the law is that of all crashes together.
    row.age = match law.repair_restores {
        Restores::Old => row.age.saturating_add(row.used),
        Restores::New => Span::ZERO,
    };
    row.used = Span::ZERO;
    row.life = law.life.draw_rest(row.age, &mut draws);
}

/// A repair heals whatever the server was at risk of; a restart heals what a restart cures; and
/// what a risk foretold happens once.
fn heals(turn: &mut Turn<'_>, server: Id<Server>, step: ServerStep) {
    let down_by = turn.fleet.servers[server].down_by;
    let work = turn.fleet.works.row_mut(server);
    let whole = step == ServerStep::Repaired || down_by == DownBy::Risk || work.curable;
    work.healed |= work.at_risk && whole;
}

/// What is drawn about the crash of a risk.
struct RiskCrash {
    restart: Option<Span>,
    repair: Span,
    notice: Span,
}

/// How the crash of the present risk of `server` goes.
fn risk_crash(turn: &Turn<'_>, server: Id<Server>) -> RiskCrash {
    let risk = turn.fleet.works[server].risks - 1;
    let mut draws = turn.chance(Chance::ServerRiskCrash, server.index() as u64, risk);
    let risks = risk_law(turn, server).expect("only a server at risk crashes by it");
    let (soft, restart, repair) = match crash_law(turn, server) {
        Some(law) => {
            let soft = draws.happens(law.restarts_itself);
            (soft, law.restart.draw(&mut draws), law.repair.draw(&mut draws))
        }
        // Servers of a model that never crashes by itself are repaired as those at risk are.
        None => (false, Span::ZERO, risks.repair.draw(&mut draws)),
    };
    let notice = turn.scenario.settings.recover_detect.draw(&mut draws);
    RiskCrash { restart: soft.then_some(restart), repair, notice }
}

/// `rack` goes down, and with it every server in it that worked.
pub fn rack_fails(turn: &mut Turn<'_>, rack: Id<Rack>) {
    let spec = &turn.layout().racks[rack];
    let law = spec.outage.as_ref().expect("only a rack with an outage law fails");
    let (entity, outage) = (rack.index() as u64, turn.fleet.racks.outages(rack));
    turn.fleet.racks.fail(rack);
    turn.state(Fact::RackMoved { rack, up: false });
    for server in spec.servers.iter() {
        if turn.fleet.servers.is_up(server) {
            loss::lost(turn, server, Cause::RackFailure);
        }
    }
    let repair = turn.length(&law.repair, Chance::RackRepair, entity, outage);
    turn.after(repair, Occurrence::RackRepaired(rack));
    let detect = &turn.scenario.settings.recover_detect;
    let notice = turn.length(detect, Chance::RackDetect, entity, outage);
    turn.after(notice, Occurrence::RackLossNoticed { outage: outage as u16, rack });
}

/// `rack` is back, and with it every server in it that works.
pub fn rack_repaired(turn: &mut Turn<'_>, rack: Id<Rack>) {
    turn.fleet.racks.repair(rack);
    turn.state(Fact::RackMoved { rack, up: true });
    for server in turn.layout().racks[rack].servers.iter() {
        if turn.fleet.servers.is_up(server) {
            loss::back(turn, server);
        }
    }
    await_outage(turn, rack);
}

/// The guest of `instance` has just booted: its running time begins.
pub fn guest_boots(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(law) = &turn.scenario.settings.guest_crash else { return };
    let row = turn.fleet.instances[instance];
    let life = turn.length(law, Chance::GuestLife, row.name.entity(), row.guests);
    turn.fleet.instances.row_mut(instance).guests += 1;
    // A crash after the departure would only be a stale entry.
    if !row.life_counts || turn.now.saturating_add(life) < row.departs {
        turn.set_alarm(instance, life, Occurrence::GuestCrashes { stamp: row.stamp, instance });
    }
}

/// The guest of `instance` crashes (spec/corrections.md L25).
pub fn guest_crashes(turn: &mut Turn<'_>, instance: Id<Instance>) {
    service::end(turn, instance, Cause::GuestFailure);
    guest_loss_awaited(turn, instance);
}

/// The crash of the guest of `instance` is to be noticed.
pub fn guest_loss_awaited(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances[instance];
    let detect = &turn.scenario.settings.recover_detect;
    let notice = turn.length(detect, Chance::GuestDetect, row.name.entity(), row.guests - 1);
    turn.set_alarm(instance, notice, Occurrence::GuestLossNoticed { stamp: row.stamp, instance });
}

fn await_outage(turn: &mut Turn<'_>, rack: Id<Rack>) {
    let Some(law) = &turn.layout().racks[rack].outage else { return };
    let outage = turn.fleet.racks.outages(rack);
    let life = turn.length(&law.life, Chance::RackLife, rack.index() as u64, outage);
    turn.after(life, Occurrence::RackFails(rack));
}

/// What is drawn about the crash that ends the life number `life` of `server`.
fn crash_fate(turn: &Turn<'_>, server: Id<Server>, life: u32) -> CrashFate {
    let fate = turn.scenario.crash_fate(turn.streams, server, life);
    fate.expect("only a server with a crash law wears out")
}

fn crash_law<'a>(turn: &Turn<'a>, server: Id<Server>) -> Option<&'a CrashLaw> {
    let layout = turn.layout();
    layout.models[layout.servers[server].model].crash.as_ref()
}

fn risk_law<'a>(turn: &Turn<'a>, server: Id<Server>) -> Option<&'a RiskLaw> {
    let layout = turn.layout();
    layout.models[layout.servers[server].model].risk.as_ref()
}

fn crash_due(since: Instant, life: Span, used: Span) -> Instant {
    if life.is_never() {
        return since.saturating_add(Span::NEVER);
    }
    since.saturating_add(life.saturating_sub(used))
}

fn moved(turn: &mut Turn<'_>, server: Id<Server>, step: ServerStep) {
    let from = turn.fleet.servers[server].state;
    let to = turn.fleet.servers.step(server, step);
    turn.state(Fact::ServerMoved { server, from, to });
}
