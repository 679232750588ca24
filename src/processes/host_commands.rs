//! The operations on dedicated hosts: admitted in the documented order, or refused, then begun.
//!
//! Documented behaviour: spec/events.md 9.3 (who may go where, and the codes, which are checked in
//! the order in which it lists them), 9.2 (the choice of a host), 1.2 L22 and L23, C25. Moves: what
//! the operations move.
//!
//! **Departs**: the page says nothing of these, so that they are choices: a host of another owner
//! is not found; a live move from a shared server is refused as its `Tenancy`, one to the host where
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
    require(asked.live || row.state == InstanceState::Stopped, Refusal::UnstoppedInstance)?;
    let is_ready = |host| turn.fleet.dedicated[host].status == HostState::Available;
    require(asked.host.is_none_or(is_ready), Refusal::HostStatusNotSupported)?;
    require(
        asked.host.is_none_or(|host| !outlives(turn, asked.instance, host)),
        Refusal::ExceedsHostPeriod,
    )?;
    let of = &layout.types[layout.templates[row.template].instance_type];
    require(!of.is_classic, Refusal::NetworkTypeNotSupported)?;
    let here = hosting::host_of(turn, asked.instance);
    let is_local =
        [here, asked.host].into_iter().flatten().any(|host| host_moves::is_local(turn, host));
    let is_movable = !is_local && !layout.is_bound(row.template);
    let takes = |template| asked.host.is_none_or(|host| hosting::takes(turn, host, template));
    let keeps_type = asked.instance_type.is_none();
    require(is_movable && (!keeps_type || takes(row.template)), Refusal::TypeNotSupported)?;
    let template = match asked.instance_type {
        None => row.template,
        Some(to) => {
            let of = layout.retyped.get(&(row.template, to)).copied();
            let may = !asked.live && asked.host.is_some();
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

/// Who is paid in advance goes only from and to hosts that are, too.
fn charge_suits(turn: &Turn<'_>, instance: Id<Instance>, host: Id<DedicatedHost>) -> Answer {
    let (layout, template) = (turn.layout(), turn.fleet.instances[instance].template);
    let is_paid_on = layout.types[layout.templates[template].instance_type].pay_as_you_go;
    let is_hosted = hosting::of(turn, instance).is_some();
    let suits = is_paid_on || (is_hosted && layout.dedicated_hosts[host].is_subscription);
    require(suits, Refusal::PostPaidHost)
}

/// The host that is named, if it has room; else the one of the pool with the most available
/// resources, the one where the instance is included (spec/events.md 9.2).
fn chosen(
    turn: &Turn<'_>,
    asked: &Deployment,
    template: Id<Template>,
) -> Option<Id<DedicatedHost>> {
    let born = &turn.layout().templates[template];
    let (shape, application, group) = (born.shape, born.application, born.group);
    let request = Request { shape, application, group, exclude: None };
    let here = hosting::host_of(turn, asked.instance);
    let keeps_type = asked.instance_type.is_none();
    match asked.host {
        Some(host) if Some(host) == here && keeps_type => Some(host),
        Some(host) => hosting::fits(turn, host, &request).then_some(host),
        None => hosting::best_for(turn, (template, here), &request),
    }
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
    if template != turn.fleet.instances[instance].template {
        turn.fleet.instances.row_mut(instance).template = template;
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
    }
    let row = turn.fleet.dedicated.row_mut(host);
    row.auto_placement = auto_placement.unwrap_or(row.auto_placement);
    row.action = action.unwrap_or(row.action);
    turn.state(Fact::Host(HostFact::Modified(host)));
    hosting::tend(turn, host);
    Ok(())
}
