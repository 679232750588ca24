//! The operations on dedicated hosts: admitted in the documented order, or refused, then begun.
//!
//! Documented behaviour: spec/events.md 9.3 (who may go where, and the codes, which are checked in
//! the order in which it lists them), 9.2 (the choice of a host), 1.2 L22 and L23, C25. Moves: what
//! the operations move.
//!
//! **Departs**: the page says nothing of these, so that they are choices: a host of another owner
//! is not found, nor is one in another zone; a live move from a shared server is refused as its `Tenancy`, one to the host where
//! the instance is as a parameter; locks for security and whatever is under way on the instance are
//! its status. `Force` is about deployment sets, which are not modelled: it is read and means
//! nothing.

use super::{host_moves, hosting, live_migration, power, room, settle, turn::Turn};
use crate::{
    fleet::{
        capacity::Request,
        care::LockReason,
        dedicated_hosts::{Affinity, HostAction, Hosted, MoveFor},
        ids::{DedicatedHost, Instance, Template},
        instances::Recovering,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{dedicated_host::HostState, instance::InstanceState},
    messages::{
        fact::{Fact, Reason},
        hosts::{Deployment, HostCommand, HostFact},
        refusal::{Refusal, require},
    },
};

/// Whether an operation may begin, or has begun.
type Answer = Result<(), Refusal>;

/// `command` is begun, or refused.
///
/// # Errors
/// The cloud's refusal.
pub fn perform(turn: &mut Turn<'_>, command: HostCommand) -> Answer {
    match command {
        HostCommand::Deploy(deployment) => deploys(turn, &deployment),
        HostCommand::Redeploy { host, live_first } => redeploys(turn, host, live_first),
        HostCommand::Modify { host, auto_placement, action, over_commit } => {
            modifies(turn, host, (auto_placement, action), over_commit)
        }
    }
}

/// ModifyInstanceDeployment.
fn deploys(turn: &mut Turn<'_>, asked: &Deployment) -> Answer {
    let template = admitted(turn, asked)?;
    let host = chosen(turn, asked, template).ok_or(Refusal::NoStock)?;
    charge_suits(turn, asked.instance, host)?;
    let before = hosting::of(turn, asked.instance);
    let affinity = before.map_or(Affinity::Default, |hosted| hosted.affinity);
    let affinity = asked.affinity.unwrap_or(affinity);
    if asked.live {
        let here = hosting::host_of(turn, asked.instance);
        turn.fleet.dedicated.place(asked.instance, Hosted { host: here, affinity });
        let server = turn.fleet.dedicated[host].server;
        live_migration::begin_to(turn, asked.instance, server);
    } else {
        restarts_on(turn, (asked.instance, template), (host, affinity));
    }
    Ok(())
}

/// What is checked before a host is chosen; says what the instance will be as if born with.
fn admitted(turn: &Turn<'_>, asked: &Deployment) -> Result<Id<Template>, Refusal> {
    let row = &turn.fleet.instances[asked.instance];
    let layout = turn.layout();
    let owner = layout.templates[row.template].customer;
    let is_owners =
        |host: Id<DedicatedHost>| layout.dedicated_hosts[host].owner.is_none_or(|of| of == owner);
    require(asked.host.is_none_or(is_owners), Refusal::HostNotFound)?;
    let zone = hosting::zone_of(turn, asked.instance);
    let is_here = |host| hosting::is_in(turn, host, zone);
    require(asked.host.is_none_or(is_here), Refusal::HostNotFound)?;
    require(asked.live || row.state == InstanceState::Stopped, Refusal::UnstoppedInstance)?;
    // A server that has failed takes nobody, though its host's status does not tell yet.
    let is_ready = |host| {
        let row = &turn.fleet.dedicated[host];
        row.status == HostState::Available && turn.fleet.is_able(layout, row.server)
    };
    require(asked.host.is_none_or(is_ready), Refusal::HostStatusNotSupported)?;
    require(
        asked.host.is_none_or(|host| !outlives(turn, asked.instance, host)),
        Refusal::ExceedsHostPeriod,
    )?;
    let kind = &layout.types[layout.templates[row.template].instance_type];
    require(!kind.is_classic, Refusal::NetworkTypeNotSupported)?;
    let here = hosting::host_of(turn, asked.instance);
    let is_local =
        [here, asked.host].into_iter().flatten().any(|host| host_moves::is_local(turn, host));
    let is_movable = !is_local && !layout.is_bound(row.template);
    let takes = |template| asked.host.is_none_or(|host| hosting::takes(turn, host, template));
    let keeps_type = asked.instance_type.is_none();
    require(is_movable && (!keeps_type || takes(row.template)), Refusal::TypeNotSupported)?;
    let template = match asked.instance_type {
        // On hosts it must fit into one socket: it takes a place as one that is born there.
        None => {
            let own = layout.templates[row.template].instance_type;
            layout.retyped.get(&(row.template, own)).copied().unwrap_or(row.template)
        }
        Some(to) => {
            let of = layout.retyped.get(&(row.template, to)).copied();
            // Credits of burstable instances are not carried from one type to another.
            let is_plain = layout.types[to].credits.is_none() && kind.credits.is_none();
            let may = !asked.live && asked.host.is_some() && is_plain;
            of.filter(|of| may && takes(*of)).ok_or(Refusal::TypeValueNotSupported)?
        }
    };
    let is_ready = !asked.live || (row.state == InstanceState::Running && row.served);
    require(is_ready && is_free(turn, asked.instance), Refusal::IncorrectInstanceStatus)?;
    let leaves_shared_live = asked.live && here.is_none();
    require(!asked.leaves_hosts && !leaves_shared_live, Refusal::TenancyNotSupported)?;
    require(!asked.live || here != asked.host, Refusal::InvalidParameter)?;
    Ok(template)
}

/// Whether nothing is under way on `instance`, and it is not locked for security.
fn is_free(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_locked = turn.fleet.care[instance].locks.has(LockReason::Security);
    row.task.is_none() && row.recovery == Recovering::No && !is_locked
}

/// Whether `instance`, paid in advance, is so for longer than `host`.
fn outlives(turn: &Turn<'_>, instance: Id<Instance>, host: Id<DedicatedHost>) -> bool {
    let (layout, template) = (turn.layout(), turn.fleet.instances[instance].template);
    let is_paid_on = layout.types[layout.templates[template].instance_type].pay_as_you_go;
    let ends = turn.fleet.terms.of(instance).map_or(turn.scenario.end, |term| term.ends);
    let host = &layout.dedicated_hosts[host];
    !is_paid_on && host.is_subscription && host.ends.is_some_and(|of_host| ends > of_host)
}

/// Who is paid in advance goes only from and to hosts that are, too; preemptible ones go nowhere.
fn charge_suits(turn: &Turn<'_>, instance: Id<Instance>, host: Id<DedicatedHost>) -> Answer {
    let (layout, template) = (turn.layout(), turn.fleet.instances[instance].template);
    let is_paid_on = layout.types[layout.templates[template].instance_type].pay_as_you_go;
    let is_hosted = hosting::of(turn, instance).is_some();
    let is_spot = layout.templates[template].spot.is_some();
    let suits =
        (is_paid_on && !is_spot) || (is_hosted && layout.dedicated_hosts[host].is_subscription);
    require(suits, Refusal::PostPaidHost)
}

/// The host that is named, if it has room; else the one of the pool with the most available
/// resources, the one where the instance is included (spec/events.md 9.2).
fn chosen(
    turn: &mut Turn<'_>,
    asked: &Deployment,
    template: Id<Template>,
) -> Option<Id<DedicatedHost>> {
    let born = &turn.layout().templates[template];
    let request = Request::of(born);
    let here = hosting::host_of(turn, asked.instance);
    let keeps_type = asked.instance_type.is_none();
    match asked.host {
        Some(host) if Some(host) == here && keeps_type => Some(host),
        Some(host) => has_room(turn, asked.instance, host, &request).then_some(host),
        None => hosting::best_for(turn, (asked.instance, template), &request),
    }
}

/// Whether `host` has room for `request`, where `instance` gives back first what it holds there.
fn has_room(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    host: Id<DedicatedHost>,
    request: &Request,
) -> bool {
    let (layout, server) = (&turn.scenario.layout, turn.fleet.dedicated[host].server);
    if turn.fleet.instances[instance].server != Some(server) {
        return hosting::fits(turn, host, request);
    }
    let (own, nodes) = (room::request_of(turn, instance), turn.fleet.instances.nodes(instance));
    turn.fleet.capacity.release(layout, server, &own, nodes);
    let fits = hosting::fits(turn, host, request);
    turn.fleet.capacity.claim_on(layout, server, &own, nodes);
    fits
}

/// `instance`, which is Stopped, goes to `host` and is started there (L23).
fn restarts_on(
    turn: &mut Turn<'_>,
    (instance, template): (Id<Instance>, Id<Template>),
    (host, affinity): (Id<DedicatedHost>, Affinity),
) {
    let before = turn.fleet.instances[instance].server;
    let server = turn.fleet.dedicated[host].server;
    if before.is_some() {
        room::give_back(turn, instance);
    }
    let row = turn.fleet.instances.row_mut(instance);
    let born = std::mem::replace(&mut row.template, template);
    // From a shared server it goes to one socket of a host: another template of the same type.
    let templates = &turn.scenario.layout.templates;
    if templates[template].instance_type != templates[born].instance_type {
        turn.state(Fact::Host(HostFact::Retyped { instance, template }));
    }
    turn.fleet.dedicated.place(instance, Hosted { host: Some(host), affinity });
    let reason = if before == Some(server) { Reason::Restart } else { Reason::RebootMove };
    room::take(turn, instance, server, (reason, Span::ZERO));
    if before.is_some_and(|before| before != server) {
        settle::left_server(turn, instance, settle::By::Owner);
    }
    power::start(turn, instance, None, false);
}

/// RedeployDedicatedHost.
fn redeploys(turn: &mut Turn<'_>, host: Id<DedicatedHost>, live_first: bool) -> Answer {
    let row = &turn.fleet.dedicated[host];
    require(row.status == HostState::UnderAssessment, Refusal::HostStatusMalformed)?;
    let (fleet, server) = (&turn.fleet, row.server);
    let are_stopped = fleet
        .instances
        .on(&fleet.servers, server)
        .all(|of| fleet.instances[of].state == InstanceState::Stopped);
    require(live_first || are_stopped, Refusal::InstancesUnstopped)?;
    require(!host_moves::is_local(turn, host), Refusal::HostStatusNotSupported)?;
    let server = host_moves::spare_for(turn, host).ok_or(Refusal::NoStock)?;
    let moves_for = if live_first { MoveFor::OwnerLive } else { MoveFor::Owner };
    host_moves::begins(turn, (host, server), moves_for);
    Ok(())
}

/// ModifyDedicatedHostAttribute.
fn modifies(
    turn: &mut Turn<'_>,
    host: Id<DedicatedHost>,
    (auto_placement, action): (Option<bool>, Option<HostAction>),
    over_commit: Option<u32>,
) -> Answer {
    let layout = turn.layout();
    let model = layout.dedicated_hosts[host].model;
    let migrates = action == Some(HostAction::Migrate);
    require(!migrates || !host_moves::is_local(turn, host), Refusal::InvalidParameter)?;
    if let Some(ratio) = over_commit {
        let may = layout.over_committing.contains(&model) && (100..=500).contains(&ratio);
        require(may, Refusal::InvalidParameter)?;
        let row = turn.fleet.dedicated.row_mut(host);
        let before = std::mem::replace(&mut row.over_commit, ratio);
        let (server, vcpus) = (row.server, row.vcpus_beyond(layout));
        if !turn.fleet.capacity.set_beyond(layout, server, vcpus) {
            // What was sold already is not taken back.
            turn.fleet.dedicated.row_mut(host).over_commit = before;
            return Err(Refusal::InvalidParameter);
        }
        turn.fleet.dedicated.room_changed(server, turn.fleet.capacity.free(server));
    }
    let row = turn.fleet.dedicated.row_mut(host);
    row.auto_placement = auto_placement.unwrap_or(row.auto_placement);
    row.action = action.unwrap_or(row.action);
    turn.state(Fact::Host(HostFact::Modified(host)));
    hosting::tend(turn, host);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::ids::{InstanceType, Server},
        kernel::time::Instant,
        messages::command::Command,
        processes::stage::Stage,
    };

    const I: Id<Instance> = Id::new(0);
    const ONE: Id<DedicatedHost> = Id::new(0);
    const TWO: Id<DedicatedHost> = Id::new(1);
    const OWNED: Id<DedicatedHost> = Id::new(2);
    const LOCAL: Id<DedicatedHost> = Id::new(3);

    /// Hosts `one` and `two` with an idle server, `owned` of somebody else's, and `disks` with local
    /// disks; an instance on `one`. All other types are there for commands.
    fn stage(instance: &str, change: impl FnOnce(&mut crate::scenario::Scenario)) -> Stage {
        let host = |name: &str, model: &str| {
            format!("[[dedicated_hosts]]\nname = \"{name}\"\nmodel = \"{model}\"\nzone = \"z\"\n")
        };
        let text = format!(
            "[server_models.c]\nvcpus = 8\nmemory = \"32GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
             [server_models.g]\nhost_type = \"g6s\"\nvcpus = 8\nmemory = \"32GiB\"\n\
             crash = \"never\"\nrisk = \"never\"\n\
             [instance_types.small]\nvcpus = 2\nmemory = \"8GiB\"\n\
             [instance_types.paid]\nvcpus = 2\nmemory = \"8GiB\"\ncharge = \"subscription\"\n\
             [instance_types.old]\nvcpus = 2\nmemory = \"8GiB\"\nnetwork = \"classic\"\n\
             [policies.customers.other]\n\
             [[servers]]\nmodel = \"c\"\ncount = 4\nzones = [\"z\"]\ndedicated = true\n\
             [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n\
             [[servers]]\nmodel = \"g\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n\
             {}charge = \"subscription\"\n{}{}customer = \"other\"\n{}{}cpu_over_commit_ratio = 2\n{instance}",
            host("one", "c"),
            host("two", "c"),
            host("owned", "c"),
            host("disks", "m"),
            host("sold", "g"),
        );
        Stage::new(&text, change)
    }

    fn on_one(of: &str) -> String {
        format!("[[workload.instances]]\ntype = \"{of}\"\ncount = 1\ndedicated_host = \"one\"\n")
    }

    fn shared(of: &str) -> String {
        format!("[[workload.instances]]\ntype = \"{of}\"\ncount = 1\n")
    }

    fn deployment(host: Option<Id<DedicatedHost>>) -> Deployment {
        Deployment {
            instance: I,
            host,
            live: false,
            leaves_hosts: false,
            affinity: None,
            instance_type: None,
        }
    }

    fn gives(stage: &mut Stage, asked: Deployment) -> Answer {
        stage.gives(Command::Host(HostCommand::Deploy(asked)))
    }

    fn stops(stage: &mut Stage) {
        let (force, confirm, dry_run) = (true, false, false);
        let stop = Command::StopInstance { instance: I, mode: None, force, confirm, dry_run };
        stage.gives(stop).unwrap();
        stage.until(20);
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Stopped);
    }

    fn type_of(stage: &Stage, name: &str) -> Id<InstanceType> {
        let types = &stage.scenario.layout.types;
        types.entries().find(|(_, of)| of.name == name).expect("a type of this name").0
    }

    fn at_risk(stage: &mut Stage, host: Id<DedicatedHost>) {
        let server = stage.fleet.dedicated[host].server;
        stage.does(|turn| {
            turn.fleet.works.row_mut(server).at_risk = true;
            hosting::tend(turn, host);
        });
        stage.until(21);
    }

    #[test]
    fn a_move_by_restart_is_refused_in_the_documented_order() {
        let mut stage = stage(&on_one("cloud"), |_| {});
        let asked = deployment(Some(OWNED));
        assert_eq!(gives(&mut stage, asked), Err(Refusal::HostNotFound), "of another owner");
        let asked = deployment(Some(TWO));
        assert_eq!(gives(&mut stage, asked), Err(Refusal::UnstoppedInstance), "it runs");
        stops(&mut stage);
        at_risk(&mut stage, TWO);
        assert_eq!(gives(&mut stage, asked), Err(Refusal::HostStatusNotSupported));
        let server = stage.fleet.dedicated[TWO].server;
        stage.does(|turn| {
            turn.fleet.works.row_mut(server).at_risk = false;
            hosting::tend(turn, TWO);
        });
        stage.until(22);
        let local = deployment(Some(LOCAL));
        assert_eq!(gives(&mut stage, local), Err(Refusal::TypeNotSupported), "to local disks");
        let small = type_of(&stage, "small");
        let retyped = Deployment { instance_type: Some(small), ..asked };
        assert_eq!(
            gives(&mut stage, retyped),
            Err(Refusal::TypeValueNotSupported),
            "not made ready"
        );
        stage.locks(I, LockReason::Security, true);
        assert_eq!(gives(&mut stage, asked), Err(Refusal::IncorrectInstanceStatus));
        stage.locks(I, LockReason::Security, false);
        let leaves = Deployment { leaves_hosts: true, ..deployment(None) };
        assert_eq!(gives(&mut stage, leaves), Err(Refusal::TenancyNotSupported));
        assert_eq!(gives(&mut stage, asked), Ok(()));
        assert_eq!(hosting_of(&stage), Some(TWO));
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Starting, "L23");
        stage.fleet.audit(&stage.scenario.layout);
    }

    fn hosting_of(stage: &Stage) -> Option<Id<DedicatedHost>> {
        let server = stage.fleet.instances[I].server?;
        stage.fleet.dedicated.on(server)
    }

    #[test]
    fn nobody_leaves_its_zone() {
        let servers = |zone: &str| {
            format!(
                "[[servers]]\nmodel = \"c\"\ncount = 1\nzones = [\"{zone}\"]\ndedicated = true\n"
            )
        };
        let host = |name: &str, zone: &str| {
            format!("[[dedicated_hosts]]\nname = \"{name}\"\nmodel = \"c\"\nzone = \"{zone}\"\n")
        };
        let text = format!(
            "[server_models.c]\nvcpus = 8\nmemory = \"32GiB\"\ncrash = \"never\"\n{}{}{}{}{}{}",
            servers("z"),
            servers("far"),
            host("one", "z"),
            host("two", "far"),
            on_one("cloud"),
            shared("cloud"),
        );
        let (far, anywhere) = (deployment(Some(TWO)), deployment(None));
        let mut hosted = Stage::new(&text, |_| {});
        let live = Deployment { live: true, ..far };
        assert_eq!(gives(&mut hosted, live), Err(Refusal::HostNotFound));
        stops(&mut hosted);
        assert_eq!(gives(&mut hosted, far), Err(Refusal::HostNotFound));
        assert_eq!(gives(&mut hosted, anywhere), Ok(()));
        assert_eq!(hosting_of(&hosted), Some(ONE), "though the far one is empty");
        // From the shared server, which is in the same zone.
        let mut other = Stage::new(&text, |_| {});
        let instance = Id::new(1);
        let (force, confirm, dry_run) = (true, false, false);
        let stop = Command::StopInstance { instance, mode: None, force, confirm, dry_run };
        other.gives(stop).unwrap();
        other.until(20);
        let of = |asked: Deployment| Deployment { instance, ..asked };
        assert_eq!(gives(&mut other, of(far)), Err(Refusal::HostNotFound));
        assert_eq!(gives(&mut other, of(anywhere)), Ok(()));
        let server = other.fleet.instances[instance].server.expect("it is started");
        assert_eq!(other.fleet.dedicated.on(server), Some(ONE));
        other.fleet.audit(&other.scenario.layout);
    }

    #[test]
    fn a_live_move_is_refused_in_the_documented_order() {
        let mut stage = stage(&on_one("cloud"), |_| {});
        let asked = Deployment { live: true, ..deployment(Some(TWO)) };
        let here = Deployment { host: Some(ONE), ..asked };
        assert_eq!(gives(&mut stage, here), Err(Refusal::InvalidParameter));
        let small = Deployment { instance_type: Some(type_of(&stage, "small")), ..asked };
        assert_eq!(gives(&mut stage, small), Err(Refusal::TypeValueNotSupported), "C25");
        assert_eq!(gives(&mut stage, asked), Ok(()));
        assert_eq!(
            gives(&mut stage, asked),
            Err(Refusal::IncorrectInstanceStatus),
            "one at a time"
        );
        stage.until(200);
        assert_eq!(hosting_of(&stage), Some(TWO));
        let (force, confirm, dry_run) = (true, false, false);
        let stop = Command::StopInstance { instance: I, mode: None, force, confirm, dry_run };
        stage.gives(stop).unwrap();
        stage.until(220);
        let back = Deployment { host: Some(ONE), ..asked };
        assert_eq!(gives(&mut stage, back), Err(Refusal::IncorrectInstanceStatus), "Stopped");
    }

    #[test]
    fn what_is_paid_in_advance_goes_to_its_like_alone() {
        for (from_shared, subscription, term, expected) in [
            (false, false, None, Err(Refusal::PostPaidHost)),
            (false, true, Some(5), Err(Refusal::ExceedsHostPeriod)),
            (false, true, None, Ok(())),
            (true, true, None, Err(Refusal::PostPaidHost)),
        ] {
            let instance = if from_shared { shared("paid") } else { on_one("paid") };
            let mut stage = stage(&instance, |scenario| {
                let host = &mut scenario.layout.dedicated_hosts[TWO];
                host.is_subscription = subscription;
                host.ends = term
                    .map(|days| Instant::ZERO.saturating_add(Span::from_seconds(days * 86_400)));
            });
            stops(&mut stage);
            assert_eq!(gives(&mut stage, deployment(Some(TWO))), expected);
        }
    }

    #[test]
    fn types_networks_and_room_are_looked_at() {
        let mut classic = stage(&on_one("old"), |_| {});
        stops(&mut classic);
        let asked = deployment(Some(TWO));
        assert_eq!(gives(&mut classic, asked), Err(Refusal::NetworkTypeNotSupported));
        let mut picky = stage(&on_one("cloud"), |scenario| {
            scenario.layout.dedicated_hosts[TWO].types = Some(std::iter::empty().collect());
        });
        stops(&mut picky);
        assert_eq!(gives(&mut picky, asked), Err(Refusal::TypeNotSupported));
        let full =
            "[[workload.instances]]\ntype = \"cloud\"\ncount = 2\ndedicated_host = \"two\"\n";
        let mut full = stage(&format!("{}{full}", on_one("cloud")), |_| {});
        stops(&mut full);
        assert_eq!(gives(&mut full, asked), Err(Refusal::NoStock));
        assert_eq!(gives(&mut full, deployment(None)), Ok(()), "it stays where it is");
        assert_eq!(hosting_of(&full), Some(Id::new(4)), "or where there is most room");
    }

    /// What it holds on its own host, which is full, is there for it; and what it becomes is told only
    /// where it becomes something else.
    #[test]
    fn on_its_own_host_it_may_take_another_type_though_that_is_full() {
        let other =
            "[[workload.instances]]\ntype = \"cloud\"\ncount = 1\ndedicated_host = \"one\"\n";
        let retypes = |scenario: &mut crate::scenario::Scenario| {
            let layout = &mut scenario.layout;
            let (small, _) = layout.types.entries().find(|(_, of)| of.name == "small").unwrap();
            let born = layout.templates.ids().iter().next().unwrap();
            let mut shape = layout.shapes[layout.templates[born].shape].clone();
            shape.demand = layout.types[small].demand;
            let mut template = layout.templates[born].clone();
            (template.instance_type, template.shape) = (small, layout.shapes.push(shape));
            let template = layout.templates.push(template);
            layout.retyped.insert((born, small), template);
        };
        let mut stage = stage(&format!("{}{other}", on_one("cloud")), retypes);
        stops(&mut stage);
        let server = stage.fleet.dedicated[ONE].server;
        assert_eq!(stage.fleet.capacity.free(server).vcpus, 0);
        let small = type_of(&stage, "small");
        let asked = Deployment { instance_type: Some(small), ..deployment(Some(ONE)) };
        assert_eq!(gives(&mut stage, asked), Ok(()));
        assert_eq!(stage.fleet.capacity.free(server).vcpus, 2);
        assert_eq!(retyped(&stage), 1);
        stage.fleet.audit(&stage.scenario.layout);
    }

    /// How often it was told that an instance is of another type from now on.
    fn retyped(stage: &Stage) -> usize {
        let is_one = |fact: &Fact| matches!(fact, Fact::Host(HostFact::Retyped { .. }));
        stage.told.iter().filter(|(_, fact)| is_one(fact)).count()
    }

    /// It takes a place in one socket there, as a template of its own; its type is what it was.
    #[test]
    fn who_moves_to_a_host_keeps_its_type() {
        let mut stage = stage(&shared("cloud"), |scenario| {
            let layout = &mut scenario.layout;
            let born = layout.templates.ids().iter().next().unwrap();
            let template = layout.templates.push(layout.templates[born].clone());
            layout.retyped.insert((born, layout.templates[born].instance_type), template);
        });
        let born = stage.fleet.instances[I].template;
        stops(&mut stage);
        assert_eq!(gives(&mut stage, deployment(Some(TWO))), Ok(()));
        assert_ne!(stage.fleet.instances[I].template, born);
        assert_eq!(retyped(&stage), 0);
    }

    #[test]
    fn a_shared_instance_does_not_go_to_a_host_while_it_runs() {
        let mut stage = stage(&shared("cloud"), |_| {});
        let live = Deployment { live: true, ..deployment(Some(TWO)) };
        assert_eq!(gives(&mut stage, live), Err(Refusal::TenancyNotSupported));
        stops(&mut stage);
        assert_eq!(gives(&mut stage, deployment(None)), Ok(()));
        assert!(hosting_of(&stage).is_some());
        stage.fleet.audit(&stage.scenario.layout);
    }

    #[test]
    fn a_host_is_redeployed_only_at_risk_and_empty_or_live() {
        let mut stage = stage(&on_one("cloud"), |_| {});
        let redeploy = |live_first| Command::Host(HostCommand::Redeploy { host: ONE, live_first });
        assert_eq!(stage.gives(redeploy(false)), Err(Refusal::HostStatusMalformed));
        at_risk(&mut stage, ONE);
        assert_eq!(stage.gives(redeploy(false)), Err(Refusal::InstancesUnstopped));
        let spare: Id<Server> =
            stage.fleet.dedicated.idle_for(&stage.scenario.layout, ONE).next().unwrap();
        stage.fleet.works.row_mut(spare).at_risk = true;
        assert_eq!(
            stage.gives(redeploy(true)),
            Err(Refusal::NoStock),
            "the idle one is at risk too"
        );
        stage.fleet.works.row_mut(spare).at_risk = false;
        assert_eq!(stage.gives(redeploy(true)), Ok(()));
        at_risk(&mut stage, LOCAL);
        let local = Command::Host(HostCommand::Redeploy { host: LOCAL, live_first: false });
        assert_eq!(stage.gives(local), Err(Refusal::HostStatusNotSupported));
    }

    #[test]
    fn attributes_of_a_host_suit_it() {
        let mut stage = stage(&on_one("cloud"), |_| {});
        let modify = |host, action, over_commit| {
            Command::Host(HostCommand::Modify {
                host,
                auto_placement: Some(false),
                action,
                over_commit,
            })
        };
        let migrate = Some(HostAction::Migrate);
        assert_eq!(stage.gives(modify(LOCAL, migrate, None)), Err(Refusal::InvalidParameter));
        assert_eq!(stage.gives(modify(ONE, None, Some(200))), Err(Refusal::InvalidParameter));
        let sold = Id::new(4);
        assert_eq!(stage.gives(modify(sold, None, Some(501))), Err(Refusal::InvalidParameter));
        let server = stage.fleet.dedicated[sold].server;
        assert_eq!(stage.fleet.capacity.free(server).vcpus, 16, "twice what it has");
        assert_eq!(stage.gives(modify(sold, migrate, Some(300))), Ok(()));
        assert_eq!(stage.fleet.capacity.free(server).vcpus, 24);
        assert!(!stage.fleet.dedicated[sold].auto_placement);
        stage.fleet.audit(&stage.scenario.layout);
        // What is sold is not taken back.
        stops(&mut stage);
        for host in [TWO, ONE] {
            stage.gives(modify(host, None, None)).unwrap();
        }
        assert_eq!(gives(&mut stage, deployment(Some(sold))), Ok(()));
    }
}
