//! Which dedicated host takes an instance (spec/events.md 1.4, 9.2).
//!
//! Who names a host gets that one or none; who names none gets the one of the pool with the most
//! available resources, ties by the lowest id. After an economical stop affinity decides. Room on a
//! host is judged in one place, [`fits`]: it must be in one socket. Moves: who has a place on which
//! host.

use super::turn::Turn;
use crate::{
    fleet::{
        capacity::Request,
        dedicated_hosts::{Affinity, HostAction, Hosted},
        ids::{DedicatedHost, Instance, Server, Template, Zone},
    },
    kernel::column::Id,
    lifecycle::dedicated_host::{HostState, HostStep},
    messages::{fact::Fact, hosts::HostFact, occurrence::Occurrence},
};
use std::cmp::Reverse;

/// The place of `instance` among the dedicated hosts, if it has one.
#[inline]
pub fn of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Hosted> {
    let template = turn.fleet.instances[instance].template;
    turn.fleet.dedicated.of(turn.layout(), instance, template)
}

/// The dedicated host on whose server `instance` is, if it is on one.
pub fn host_of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Id<DedicatedHost>> {
    turn.fleet.instances[instance].server.and_then(|server| turn.fleet.dedicated.on(server))
}

/// What is to be done about `instance` when its server fails, if it is on a dedicated host: that is
/// the host's to say (spec/events.md 2.5).
pub fn action_of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<HostAction> {
    host_of(turn, instance).map(|host| turn.fleet.dedicated[host].action)
}

/// The zone that `instance` stays in (S28; spec/events.md 9.3), where its cloud disks and its network
/// are: that of its server; without one, that in which it gave its room up. `None`: it was never
/// anywhere.
pub fn zone_of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Id<Zone>> {
    let layout = turn.layout();
    let here = turn.fleet.instances[instance].server.map(|server| layout.servers[server].zone);
    here.or(turn.fleet.care[instance].zone)
}

/// Whether `host` is in `zone`, if it must be in any.
pub fn is_in(turn: &Turn<'_>, host: Id<DedicatedHost>, zone: Option<Id<Zone>>) -> bool {
    zone.is_none_or(|zone| turn.layout().dedicated_hosts[host].zone == zone)
}

/// Whether the owner of instances of `template` may use `host`, which takes their type; what is paid
/// in advance goes only to hosts that are, too (spec/events.md 9.3).
pub fn is_for(turn: &Turn<'_>, host: Id<DedicatedHost>, template: Id<Template>) -> bool {
    let layout = turn.layout();
    let (spec, of) = (&layout.dedicated_hosts[host], &layout.templates[template]);
    let is_paid_alike = layout.types[of.instance_type].pay_as_you_go || spec.is_subscription;
    is_paid_alike && is_open_to(turn, host, template)
}

/// The same, however they are paid.
pub fn is_open_to(turn: &Turn<'_>, host: Id<DedicatedHost>, template: Id<Template>) -> bool {
    let (spec, of) = (&turn.layout().dedicated_hosts[host], &turn.layout().templates[template]);
    spec.owner.is_none_or(|owner| owner == of.customer) && takes(turn, host, template)
}

/// Whether `host` takes the type of `template`.
pub fn takes(turn: &Turn<'_>, host: Id<DedicatedHost>, template: Id<Template>) -> bool {
    let (spec, of) = (&turn.layout().dedicated_hosts[host], &turn.layout().templates[template]);
    spec.types.as_ref().is_none_or(|types| types.contains(&of.instance_type))
}

/// Whether `host` has room for `request` on its server: in one socket, since two that are half full
/// do not add up.
pub fn fits(turn: &Turn<'_>, host: Id<DedicatedHost>, request: &Request) -> bool {
    let server = turn.fleet.dedicated[host].server;
    turn.fleet.capacity.has_room(turn.layout(), server, request)
}

/// Where an instance of `template` with a place of `hosted` is launched: on the host that it names,
/// or on one of the pool.
pub fn at_launch(
    turn: &Turn<'_>,
    (template, hosted): (Id<Template>, Hosted),
    request: &Request,
) -> Option<Id<Server>> {
    match hosted.host {
        Some(host) => on(turn, host, template, request),
        None => in_pool(turn, template, request).map(|host| turn.fleet.dedicated[host].server),
    }
}

/// Where `instance`, which gave its room up, is started (spec/events.md 1.4): on its host; with the
/// affinity `default` else on another of the pool in its zone.
pub fn at_start(
    turn: &Turn<'_>,
    (instance, hosted): (Id<Instance>, Hosted),
    request: &Request,
) -> Option<Id<Server>> {
    let template = turn.fleet.instances[instance].template;
    let same = hosted.host.and_then(|host| on(turn, host, template, request));
    same.or_else(|| match hosted.affinity {
        Affinity::Host => None,
        Affinity::Default => {
            let zone = zone_of(turn, instance);
            let host = pool(turn, template, &request.within(zone)).next();
            host.map(|host| turn.fleet.dedicated[host].server)
        }
    })
}

/// Another host of the pool, in the zone where `instance` is, that has room for it; none whose server is
/// to be emptied.
pub fn elsewhere(turn: &Turn<'_>, instance: Id<Instance>, request: &Request) -> Option<Id<Server>> {
    let row = &turn.fleet.instances[instance];
    let here = row.server?;
    let zone = zone_of(turn, instance);
    let request = request.off(here).within(zone);
    let hosts = pool(turn, row.template, &request);
    let mut servers = hosts.map(|host| turn.fleet.dedicated[host].server);
    servers.find(|server| !turn.fleet.works[*server].is_drained())
}

/// The host of the pool for an instance of `template` that names none.
pub fn in_pool(
    turn: &Turn<'_>,
    template: Id<Template>,
    request: &Request,
) -> Option<Id<DedicatedHost>> {
    pool(turn, template, request).next()
}

/// As [`in_pool`], for `instance`, which stays in its zone and will be of `template`; where it is on a
/// host of the pool it may stay there.
pub fn best_for(
    turn: &Turn<'_>,
    (instance, template): (Id<Instance>, Id<Template>),
    request: &Request,
) -> Option<Id<DedicatedHost>> {
    let (here, zone) = (host_of(turn, instance), zone_of(turn, instance));
    let stays = here.filter(|host| {
        let row = &turn.fleet.dedicated[*host];
        row.auto_placement && row.status == HostState::Available
    });
    let mut others = pool(turn, template, &request.within(zone));
    let other = others.find(|host| Some(*host) != stays);
    let free = |host: &Id<DedicatedHost>| {
        let free = turn.fleet.capacity.free(turn.fleet.dedicated[*host].server);
        (free.vcpus, free.memory, Reverse(*host))
    };
    other.into_iter().chain(stays).max_by_key(free)
}

/// The hosts that may be chosen for those who name none, the one with the most available resources
/// first (vCPUs, then memory; ties by the lowest id): they have room for `request`, in its zone.
fn pool<'t>(
    turn: &'t Turn<'_>,
    template: Id<Template>,
    request: &Request,
) -> impl Iterator<Item = Id<DedicatedHost>> + use<'t> {
    let request = *request;
    let is_one = move |host: Id<DedicatedHost>| {
        let row = &turn.fleet.dedicated[host];
        row.auto_placement && row.status == HostState::Available && is_for(turn, host, template)
    };
    let able = move |host: Id<DedicatedHost>| {
        let server = turn.fleet.dedicated[host].server;
        turn.fleet.is_able(turn.layout(), server) && fits(turn, host, &request)
    };
    let vcpus = turn.layout().shapes[request.shape].demand.vcpus;
    let hosts = turn.fleet.dedicated.by_room(request.zone, vcpus);
    hosts.filter(move |host| is_one(*host) && able(*host))
}

/// The server of `host`, which is named, if it may be used and has room.
fn on(
    turn: &Turn<'_>,
    host: Id<DedicatedHost>,
    template: Id<Template>,
    request: &Request,
) -> Option<Id<Server>> {
    let row = &turn.fleet.dedicated[host];
    let is_usable = matches!(row.status, HostState::Available | HostState::UnderAssessment);
    let may = is_usable
        && turn.fleet.is_able(turn.layout(), row.server)
        && is_for(turn, host, template)
        && fits(turn, host, request);
    may.then_some(row.server)
}

/// `instance` is on `server` from now on: if that is one of a dedicated host, its place is there; if
/// not, it has none any more.
#[inline]
pub fn settled(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let Some(host) = turn.fleet.dedicated.on(server) else {
        if of(turn, instance).is_some() {
            turn.fleet.dedicated.leave(instance);
        }
        return;
    };
    let affinity = of(turn, instance).map_or(Affinity::Default, |hosted| hosted.affinity);
    turn.fleet.dedicated.place(instance, Hosted { host: Some(host), affinity });
}

/// `host` moves by one step of its machine.
pub fn step(turn: &mut Turn<'_>, host: Id<DedicatedHost>, step: HostStep) {
    let from = turn.fleet.dedicated.step(host, step);
    let to = turn.fleet.dedicated[host].status;
    turn.state(Fact::Host(HostFact::Moved { host, from, to }));
}

/// `server` is found to be down, or was taken out of service: so is the host that it carries.
pub fn down(turn: &mut Turn<'_>, server: Id<Server>) {
    let Some(host) = turn.fleet.dedicated.on(server) else { return };
    let row = &turn.fleet.dedicated[host];
    // One that gets another server anyway goes on to it.
    let is_left = row.server != server || row.target.is_some();
    if !is_left && row.status.after(HostStep::GoDown).is_some() {
        step(turn, host, HostStep::GoDown);
    }
    tend(turn, host);
}

/// `host` is looked at in the next round.
pub fn tend(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    if !std::mem::replace(&mut turn.fleet.dedicated.row_mut(host).asked, true) {
        turn.agenda.at(turn.now, Occurrence::HostTended(host));
    }
}

/// Something about `server` changed that matters to the host that it is there for; or, where it is
/// idle, to those who wait for one.
#[inline]
pub fn server_changed(turn: &mut Turn<'_>, server: Id<Server>) {
    if !turn.fleet.dedicated.keeps(server) {
        return;
    }
    match turn.fleet.dedicated.on(server) {
        Some(host) => tend(turn, host),
        None => spare_found(turn),
    }
}

/// A server that is kept for hosts may be idle: those who wait for one are asked.
pub fn spare_found(turn: &mut Turn<'_>) {
    if turn.fleet.dedicated.anybody_waits() {
        turn.agenda.pass(Occurrence::SparesOffered);
    }
}

/// Where a restart takes `instance` that is on a server which its host has left: to the host.
pub fn follows(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let (host, here) = (host_of(turn, instance)?, turn.fleet.instances[instance].server?);
    let server = turn.fleet.dedicated[host].server;
    (server != here && turn.fleet.is_able(turn.layout(), server)).then_some(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lifecycle::instance::InstanceState,
        messages::{
            command::{Actor, Command},
            refusal::Refusal,
        },
        processes::{perform, stage::Stage},
    };

    /// Beside the two servers of the stage three are kept, for two hosts.
    const HOSTS: &str = "[[servers]]\nmodel = \"m\"\ncount = 3\nzones = [\"z\"]\ndedicated = true\n\
        [[dedicated_hosts]]\nname = \"one\"\nmodel = \"m\"\nzone = \"z\"\n\
        [[dedicated_hosts]]\nname = \"two\"\nmodel = \"m\"\nzone = \"z\"\n";

    fn stage(more: &str) -> Stage {
        Stage::new(&format!("{HOSTS}{more}"), |_| {})
    }

    fn server_of(stage: &Stage, instance: usize) -> Option<usize> {
        stage.fleet.instances[Id::new(instance)].server.map(Id::index)
    }

    #[test]
    fn who_names_no_host_gets_the_one_with_the_most_room() {
        let stage = stage(
            "[[workload.instances]]\ntype = \"cloud\"\ncount = 3\ntenancy = \"host\"\n\
             [[workload.instances]]\ntype = \"cloud\"\ncount = 3\n",
        );
        let servers: Vec<_> = (0..6).map(|instance| server_of(&stage, instance)).collect();
        assert_eq!(servers[..3], [Some(2), Some(3), Some(2)], "ties by the lowest id");
        assert_eq!(servers[3..], [Some(0), Some(0), Some(1)], "no shared one is on a host");
        stage.fleet.audit(&stage.scenario.layout);
    }

    #[test]
    fn who_names_a_full_host_is_not_created() {
        let stage = stage(
            "[[workload.instances]]\ntype = \"cloud\"\ncount = 3\ndedicated_host = \"two\"\n",
        );
        assert_eq!(server_of(&stage, 1), Some(3));
        assert_eq!(stage.fleet.instances[Id::new(2)].state, InstanceState::Stopped);
        assert_eq!(server_of(&stage, 2), None, "the other host would have room");
    }

    #[test]
    fn nobody_is_moved_to_a_host_whose_server_is_drained() {
        let mut stage =
            stage("[[workload.instances]]\ntype = \"cloud\"\ncount = 1\ntenancy = \"host\"\n");
        let found = |drains: u32, stage: &mut Stage| {
            stage.does(|turn| {
                let instance = Id::new(0);
                turn.fleet.works.row_mut(Id::new(3)).drains = drains;
                let template = turn.fleet.instances[instance].template;
                let request = Request::of(&turn.layout().templates[template]);
                elsewhere(turn, instance, &request).map(Id::index)
            })
        };
        assert_eq!((found(0, &mut stage), found(1, &mut stage)), (Some(3), None));
    }

    #[test]
    fn hosts_are_looked_at_in_their_zone_alone() {
        let far = HOSTS.replace("count = 3", "count = 4").replace("[\"z\"]", "[\"z\", \"far\"]");
        let more = "[[dedicated_hosts]]\nname = \"three\"\nmodel = \"m\"\nzone = \"far\"\n\
                    [[workload.instances]]\ntype = \"cloud\"\ncount = 1\ndedicated_host = \"one\"\n";
        let stage = Stage::new(&(far + more), |_| {});
        let looks = |zone: Option<usize>, vcpus| {
            let hosts = stage.fleet.dedicated.by_room(zone.map(Id::new), vcpus);
            hosts.map(Id::index).collect::<Vec<_>>()
        };
        assert_eq!(looks(None, 1), [1, 2, 0], "most room first, then the lowest id");
        assert_eq!((looks(Some(0), 1), looks(Some(1), 1)), (vec![1, 0], vec![2]));
        assert_eq!((looks(None, 1_000), looks(Some(1), 1_000)), (vec![], vec![]));
        stage.fleet.audit(&stage.scenario.layout);
    }

    #[test]
    fn hosts_off_the_pool_take_only_those_who_name_them() {
        let stage = Stage::new(
            &format!(
                "{HOSTS}auto_placement = \"off\"\n\
                 [[workload.instances]]\ntype = \"cloud\"\ncount = 3\ntenancy = \"host\"\n"
            ),
            |_| {},
        );
        let servers: Vec<_> = (0..3).map(|instance| server_of(&stage, instance)).collect();
        assert_eq!(servers, [Some(2), Some(2), None]);
    }

    /// The affinity of spec/events.md 1.4: after an economical stop.
    #[test]
    fn affinity_says_where_a_start_may_go() {
        for (affinity, expected) in [("host", None), ("default", Some(3))] {
            let mut stage = stage(&format!(
                "[[workload.instances]]\ntype = \"cloud\"\ncount = 1\ndedicated_host = \"one\"\n\
                 affinity = \"{affinity}\"\n\
                 [[workload.instances]]\ntype = \"cloud\"\ncount = 1\ntenancy = \"host\"\n"
            ));
            let instance = Id::new(0);
            let mode = Some(crate::fleet::care::StoppedMode::StopCharging);
            let (force, confirm, dry_run) = (false, false, false);
            let stop = Command::StopInstance { instance, mode, force, confirm, dry_run };
            stage.gives(stop).unwrap();
            stage.until(20);
            assert_eq!(server_of(&stage, 0), None);
            let start = Command::StartInstance { instance, init_local_disk: false, dry_run };
            // The host is full meanwhile.
            stage.does(|turn| {
                let template = turn.fleet.instances[instance].template;
                let run = Command::RunInstances { template, amount: 2 };
                perform::perform(turn, Actor::Script(Id::new(0)), run).unwrap();
            });
            let answer = stage.gives(start);
            assert_eq!(answer.is_ok(), expected.is_some());
            assert_eq!(server_of(&stage, 0), expected, "{affinity}");
            stage.fleet.audit(&stage.scenario.layout);
        }
    }

    #[test]
    fn after_an_economical_stop_nobody_goes_to_another_zone() {
        let text = "[[servers]]\nmodel = \"m\"\ncount = 2\nzones = [\"z\", \"far\"]\ndedicated = true\n\
            [[dedicated_hosts]]\nname = \"one\"\nmodel = \"m\"\nzone = \"z\"\n\
            [[dedicated_hosts]]\nname = \"two\"\nmodel = \"m\"\nzone = \"far\"\n\
            [[workload.instances]]\ntype = \"cloud\"\ncount = 2\ndedicated_host = \"one\"\n";
        let mut stage = Stage::new(text, |_| {});
        let instance = Id::new(0);
        let mode = Some(crate::fleet::care::StoppedMode::StopCharging);
        let (force, confirm, dry_run) = (false, false, false);
        let stop = Command::StopInstance { instance, mode, force, confirm, dry_run };
        stage.gives(stop).unwrap();
        stage.until(20);
        let template = stage.fleet.instances[instance].template;
        let run = Command::RunInstances { template, amount: 1 };
        let actor = Actor::Script(Id::new(0));
        stage.does(|turn| perform::perform(turn, actor, run)).unwrap();
        let start = Command::StartInstance { instance, init_local_disk: false, dry_run };
        assert_eq!(stage.gives(start), Err(Refusal::NoStock), "its host is full, the other far");
    }
}
