//! What a fact is about, and whose part of the story it is.

use super::{Story, Subject};
use crate::{
    fleet::ids::{
        Bay, DedicatedHost, Instance, Rack, Refresh, ScalingGroup, Script, Server, SystemEvent,
        Task,
    },
    kernel::column::Id,
    messages::{
        cold::ColdFact, command::Actor, drain::DrainFact, fact::Fact, hosts::HostFact,
        network::NetworkFact, scaling::ScalingFact, spot::SpotFact,
    },
    observe::names,
};

/// The entities that a fact names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct About {
    /// An instance.
    pub instance: Option<Id<Instance>>,
    /// A server.
    pub server: Option<Id<Server>>,
    /// A bay.
    pub bay: Option<Id<Bay>>,
    /// A rack.
    pub rack: Option<Id<Rack>>,
    /// A system event.
    pub event: Option<Id<SystemEvent>>,
    /// A task.
    pub task: Option<Id<Task>>,
    /// A dedicated host.
    pub host: Option<Id<DedicatedHost>>,
    /// A scaling group.
    pub group: Option<Id<ScalingGroup>>,
    /// An instance refresh.
    pub refresh: Option<Id<Refresh>>,
    /// The command that this is about, where it is one.
    pub script: Option<Id<Script>>,
}

impl About {
    fn instance(instance: Id<Instance>) -> Self {
        Self { instance: Some(instance), ..Self::default() }
    }

    fn server(server: Id<Server>) -> Self {
        Self { server: Some(server), ..Self::default() }
    }

    fn event(event: Id<SystemEvent>, instance: Id<Instance>) -> Self {
        Self { event: Some(event), ..Self::instance(instance) }
    }

    fn task(task: Id<Task>, instance: Id<Instance>) -> Self {
        Self { task: Some(task), ..Self::instance(instance) }
    }

    /// What `fact` names.
    pub fn of(fact: &Fact) -> Self {
        match *fact {
            Fact::Requested { instance, .. }
            | Fact::NoRoom { instance, .. }
            | Fact::InstanceMoved { instance, .. }
            | Fact::OwingBegan(instance)
            | Fact::OwingEnded(instance)
            | Fact::ServiceBegan(instance)
            | Fact::ServiceEnded { instance, .. }
            | Fact::DataLost { instance, .. }
            | Fact::DirtyLost(instance) => Self::instance(instance),
            Fact::Placed { instance, server, .. }
            | Fact::Vacated { instance, server }
            | Fact::Reserved { instance, server }
            | Fact::Unreserved { instance, server } => {
                Self { server: Some(server), ..Self::instance(instance) }
            }
            Fact::EventPublished { event, instance, bay, origin, .. } => {
                let server = origin.server();
                Self { bay, server, ..Self::event(event, instance) }
            }
            Fact::EventMoved { event, instance, .. }
            | Fact::EventRescheduled { event, instance, .. }
            | Fact::OwnerPlans { event, instance, .. } => Self::event(event, instance),
            Fact::Commanded { instance, actor, .. } => {
                let script = match actor {
                    Actor::Script(script) => Some(script),
                    Actor::Owner => None,
                };
                Self { instance, script, ..Self::default() }
            }
            Fact::DiskMoved { bay, holder, .. } => {
                Self { bay: Some(bay), instance: holder, ..Self::default() }
            }
            Fact::ServerAtRisk { server, .. }
            | Fact::ServerStuck { server, .. }
            | Fact::CampaignMoved { server, .. }
            | Fact::ServerMoved { server, .. }
            | Fact::ServerAvailable { server, .. }
            | Fact::RepairAwaited(server)
            | Fact::RepairBegan { server, .. }
            | Fact::RepairEnded(server) => Self::server(server),
            Fact::CampaignEnded { .. } => Self::default(),
            Fact::Cold(ColdFact::Moved { task, instance, .. }) => Self::task(task, instance),
            Fact::Cold(ColdFact::Job { instance, .. }) => Self::instance(instance),
            Fact::Move(fact) => Self::task(fact.task, fact.instance),
            Fact::Credits(fact) => Self::instance(fact.instance()),
            Fact::Spot(fact) => match fact {
                SpotFact::MarketMoved { .. } => Self::default(),
                SpotFact::Refused { instance, .. }
                | SpotFact::Interrupted { instance, .. }
                | SpotFact::TakenBack { instance, .. } => Self::instance(instance),
            },
            Fact::Drain(fact) => Self::of_drain(&fact),
            Fact::Network(fact) => Self::of_network(&fact),
            Fact::Host(fact) => Self::of_host(&fact),
            Fact::Scaling(fact) => Self::of_scaling(&fact),
            Fact::RackMoved { rack, .. } => Self { rack: Some(rack), ..Self::default() },
            Fact::TaskBegan { task, instance, .. } | Fact::TaskEnded { task, instance, .. } => {
                Self::task(task, instance)
            }
        }
    }

    /// What a fact of a drain names; of who sets out, the server that is left.
    fn of_drain(fact: &DrainFact) -> Self {
        match *fact {
            DrainFact::Planned { .. } => Self::default(),
            DrainFact::Barred { instance, server, .. }
            | DrainFact::SetsOut { instance, from: server, .. } => {
                Self { server: Some(server), ..Self::instance(instance) }
            }
            DrainFact::Emptied { server, .. }
            | DrainFact::GivenUp { server, .. }
            | DrainFact::Returned { server, .. } => Self::server(server),
        }
    }

    /// What a fact of the network names; loads of links are told only to who hears everything.
    fn of_network(fact: &NetworkFact) -> Self {
        match *fact {
            NetworkFact::TransferBegan { task, instance, from, .. } => {
                Self { server: Some(from), ..Self::task(task, instance) }
            }
            NetworkFact::TransferRefilled { task, instance, .. }
            | NetworkFact::TransferEnded { task, instance, .. } => Self::task(task, instance),
            NetworkFact::LinkChanged { .. } => Self::default(),
        }
    }

    /// What a fact of a dedicated host names; of a live migration, the host that is left.
    fn of_host(fact: &HostFact) -> Self {
        let (host, server, instance) = match *fact {
            HostFact::Moved { host, .. } | HostFact::Waits(host) | HostFact::Modified(host) => {
                (Some(host), None, None)
            }
            HostFact::Carried { host, to, .. } => (Some(host), Some(to), None),
            HostFact::Retyped { instance, .. } => (None, None, Some(instance)),
            HostFact::LiveMigration { instance, source, .. } => {
                (Some(source), None, Some(instance))
            }
        };
        Self { host, server, instance, ..Self::default() }
    }

    /// What a fact of a scaling group names.
    fn of_scaling(fact: &ScalingFact) -> Self {
        let (group, refresh, instance) = match *fact {
            ScalingFact::MemberMoved { group, refresh, instance, .. } => {
                (Some(group), refresh, instance)
            }
            ScalingFact::MemberFails { group, instance, .. }
            | ScalingFact::MemberJudged { group, instance, .. } => (Some(group), None, instance),
            ScalingFact::Counted { group, .. } | ScalingFact::SystemSuspended { group, .. } => {
                (Some(group), None, None)
            }
            ScalingFact::Activity { group, refresh, .. } => (Some(group), refresh, None),
            ScalingFact::LaunchFailed { group, refresh } => (Some(group), refresh, None),
            ScalingFact::RefreshMoved { refresh, group, .. } => (Some(group), Some(refresh), None),
            ScalingFact::BatchBegan { refresh, .. }
            | ScalingFact::Replacing { refresh, .. }
            | ScalingFact::Replaced { refresh, .. }
            | ScalingFact::ReplacementFailed { refresh, .. }
            | ScalingFact::CheckpointReached { refresh, .. }
            | ScalingFact::FloorBroken { refresh, .. } => (None, Some(refresh), None),
        };
        Self { group, refresh, instance, ..Self::default() }
    }
}

impl Story<'_> {
    /// Whose part of the story this is, in the words with which sentences about it begin: that of
    /// the one whom it is told of, else of who is named first.
    pub(super) fn whose(&self, about: &About) -> String {
        let layout = &self.scenario.layout;
        match &self.subject {
            Subject::Instance(name) => return name.clone(),
            Subject::Disk(bay) => return format!("disk {}", names::disk(layout, *bay)),
            Subject::Event(number) => return format!("event {number}"),
            Subject::Task(number) => return format!("task {number}"),
            Subject::Run
            | Subject::Server(_)
            | Subject::Coded(_)
            | Subject::Host(_)
            | Subject::Group(_)
            | Subject::Refresh(_) => {}
        }
        if let (Some(refresh), None) = (about.refresh, about.instance) {
            return super::scaling::refresh_name(self, refresh);
        }
        let named = [
            about.instance.map(|instance| self.name(instance)),
            self.group_of(about).map(|group| layout.scaling_groups[group].name.clone()),
            about.host.map(|of| format!("dedicated host {}", layout.dedicated_hosts[of].name)),
            about.bay.map(|bay| format!("disk {}", names::disk(layout, bay))),
            about.server.map(|server| format!("server {}", layout.server_name(server))),
            about.rack.map(|rack| format!("rack {}", layout.racks[rack].name)),
        ];
        named.into_iter().flatten().next().unwrap_or_else(|| "the fleet".to_owned())
    }
}
