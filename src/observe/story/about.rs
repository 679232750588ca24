//! What a fact is about.

use crate::{
    fleet::ids::{Bay, Instance, Rack, Server, SystemEvent, Task},
    kernel::column::Id,
    messages::{fact::Fact, scaling::ScalingFact},
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
            Fact::Commanded { instance, .. } => Self { instance, ..Self::default() },
            Fact::DiskMoved { bay, holder, .. } => {
                Self { bay: Some(bay), instance: holder, ..Self::default() }
            }
            Fact::ServerAtRisk { server, .. }
            | Fact::CampaignMoved { server, .. }
            | Fact::ServerMoved { server, .. }
            | Fact::ServerAvailable { server, .. }
            | Fact::RepairAwaited(server)
            | Fact::RepairBegan { server, .. }
            | Fact::RepairEnded(server) => Self::server(server),
            Fact::CampaignEnded { .. } => Self::default(),
            Fact::Scaling(fact) => Self { instance: scaling_instance(&fact), ..Self::default() },
            Fact::RackMoved { rack, .. } => Self { rack: Some(rack), ..Self::default() },
            Fact::TaskBegan { task, instance, .. } | Fact::TaskEnded { task, instance, .. } => {
                Self::task(task, instance)
            }
        }
    }
}

/// The instance that a fact of a scaling group names.
fn scaling_instance(fact: &ScalingFact) -> Option<Id<Instance>> {
    match *fact {
        ScalingFact::MemberMoved { instance, .. } | ScalingFact::MemberJudged { instance, .. } => {
            instance
        }
        ScalingFact::Counted { .. }
        | ScalingFact::LaunchFailed { .. }
        | ScalingFact::Activity { .. }
        | ScalingFact::RefreshMoved { .. }
        | ScalingFact::BatchBegan { .. }
        | ScalingFact::Replacing { .. }
        | ScalingFact::Replaced { .. }
        | ScalingFact::ReplacementFailed { .. }
        | ScalingFact::CheckpointReached { .. }
        | ScalingFact::FloorBroken { .. } => None,
    }
}
