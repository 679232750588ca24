//! What has become true: the only thing that metrics, trace and audit see.

use crate::{
    fleet::{
        cause::Cause,
        ids::{Bay, Campaign, Instance, Rack, Server, SystemEvent, Task, Template},
        instances::InstanceName,
        system_events::{Origin, Plan},
        tasks::TaskKind,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        local_disk::DiskState,
        server::ServerState,
        system_event::{EventStatus, EventType},
        task::TaskStatus,
    },
    messages::{
        cold::ColdFact, command::Actor, credits::CreditFact, drain::DrainFact, hosts::HostFact,
        moves::MoveFact, network::NetworkFact, operation::Operation, refusal::Refusal,
        scaling::ScalingFact, spot::SpotFact,
    },
};

/// Something that has become true. Facts leave a turn in causal order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Fact {
    /// An instance is asked for; it is in Pending.
    Requested {
        /// The instance.
        instance: Id<Instance>,
        /// What it is called.
        name: InstanceName,
        /// What it is born with.
        template: Id<Template>,
    },
    /// A request found no room.
    NoRoom {
        /// The instance.
        instance: Id<Instance>,
        /// Why room was looked for.
        reason: Reason,
    },
    /// An instance takes room on a server.
    Placed {
        /// The instance.
        instance: Id<Instance>,
        /// The server.
        server: Id<Server>,
        /// Why.
        reason: Reason,
        /// How long it waited for room (µs).
        waited: Span,
    },
    /// An instance gives its room on a server back.
    Vacated {
        /// The instance.
        instance: Id<Instance>,
        /// The server.
        server: Id<Server>,
    },
    /// An instance's API state changed.
    InstanceMoved {
        /// The instance.
        instance: Id<Instance>,
        /// The state it left.
        from: InstanceState,
        /// The state it entered.
        to: InstanceState,
    },
    /// An instance owes service from now on.
    OwingBegan(Id<Instance>),
    /// An instance owes no service any more.
    OwingEnded(Id<Instance>),
    /// An instance is served from now on.
    ServiceBegan(Id<Instance>),
    /// An instance is not served any more.
    ServiceEnded {
        /// The instance.
        instance: Id<Instance>,
        /// Why.
        cause: Cause,
    },
    /// Local data of an instance is lost.
    DataLost {
        /// The instance.
        instance: Id<Instance>,
        /// How much (bytes).
        bytes: u64,
    },
    /// A forced stop, or a crash, lost what the guest had not written yet.
    DirtyLost(Id<Instance>),
    /// Room is reserved on the server that an instance is taken to.
    Reserved {
        /// The instance.
        instance: Id<Instance>,
        /// The server.
        server: Id<Server>,
    },
    /// Reserved room is given back, or about to be taken.
    Unreserved {
        /// The instance.
        instance: Id<Instance>,
        /// The server.
        server: Id<Server>,
    },
    /// An event is published.
    EventPublished {
        /// The event.
        event: Id<SystemEvent>,
        /// How many were published before it in this run.
        number: u64,
        /// What it is.
        kind: EventType,
        /// The status that it is published in.
        status: EventStatus,
        /// Whether it is simulated.
        simulated: bool,
        /// The instance that it is about.
        instance: Id<Instance>,
        /// The bay of the disk that it is about, if any.
        bay: Option<Id<Bay>>,
        /// What brought it about.
        origin: Origin,
        /// When it will run by itself.
        not_before: Option<Instant>,
    },
    /// An event changed its status.
    EventMoved {
        /// The event.
        event: Id<SystemEvent>,
        /// What it is.
        kind: EventType,
        /// The instance that it is about.
        instance: Id<Instance>,
        /// The status it left.
        from: EventStatus,
        /// The status it entered.
        to: EventStatus,
        /// When its job began (the execution, the answer or the withdrawal).
        started: Option<Instant>,
    },
    /// The planned time of an event was moved.
    EventRescheduled {
        /// The event.
        event: Id<SystemEvent>,
        /// The instance that it is about.
        instance: Id<Instance>,
        /// When it will run by itself now.
        not_before: Instant,
    },
    /// An owner has made up its mind about an event.
    OwnerPlans {
        /// The event.
        event: Id<SystemEvent>,
        /// The instance that it is about.
        instance: Id<Instance>,
        /// What it is going to do.
        plan: Plan,
        /// When.
        at: Instant,
    },
    /// A command was given, and done or refused.
    Commanded {
        /// Who gave it.
        actor: Actor,
        /// What it asks for.
        operation: Operation,
        /// The instance that it is about, where there is such a one.
        instance: Option<Id<Instance>>,
        /// The refusal; `None`: it is done, or its task has begun.
        refusal: Option<Refusal>,
    },
    /// The disk in a bay changed its state.
    DiskMoved {
        /// The bay.
        bay: Id<Bay>,
        /// The number of the disk in it.
        number: u32,
        /// Who holds it.
        holder: Option<Id<Instance>>,
        /// The state it left.
        from: DiskState,
        /// The state it entered.
        to: DiskState,
    },
    /// A server came to be at risk, or is not any more.
    ServerAtRisk {
        /// The server.
        server: Id<Server>,
        /// Whether it is now.
        at_risk: bool,
    },
    /// A server at risk that must be emptied is not, since somebody has nowhere to go.
    ServerStuck {
        /// The server.
        server: Id<Server>,
        /// How many are still there (count).
        left: u32,
    },
    /// A campaign took up a server, or is done with it.
    CampaignMoved {
        /// The campaign.
        campaign: Id<Campaign>,
        /// The server.
        server: Id<Server>,
        /// Whether it is done.
        done: bool,
    },
    /// A campaign's stop rule has ended it, or all its servers are done.
    CampaignEnded {
        /// The campaign.
        campaign: Id<Campaign>,
        /// Whether all its servers are done.
        complete: bool,
    },
    /// A server's own health changed.
    ServerMoved {
        /// The server.
        server: Id<Server>,
        /// The state it left.
        from: ServerState,
        /// The state it entered.
        to: ServerState,
    },
    /// A server became able, or unable, to serve: its own health and its rack's together.
    ServerAvailable {
        /// The server.
        server: Id<Server>,
        /// Whether it is able now.
        available: bool,
    },
    /// A rack went down, or came back.
    RackMoved {
        /// The rack.
        rack: Id<Rack>,
        /// Whether it is up now.
        up: bool,
    },
    /// A broken server joined the queue for a crew.
    RepairAwaited(Id<Server>),
    /// A crew took up a server.
    RepairBegan {
        /// The server.
        server: Id<Server>,
        /// How long it waited for the crew (µs).
        waited: Span,
    },
    /// A crew is done with a server.
    RepairEnded(Id<Server>),
    /// A task began.
    TaskBegan {
        /// The task.
        task: Id<Task>,
        /// How many began before it in this run.
        number: u64,
        /// What it does.
        kind: TaskKind,
        /// The instance that it moves.
        instance: Id<Instance>,
    },
    /// A task ended.
    TaskEnded {
        /// The task.
        task: Id<Task>,
        /// What it did.
        kind: TaskKind,
        /// The instance that it moved.
        instance: Id<Instance>,
        /// How it ended.
        status: TaskStatus,
    },
    /// Something of a move between servers.
    Move(MoveFact),
    /// Something about the CPU credits of a burstable instance.
    Credits(CreditFact),
    /// Something of a preemptible instance.
    Spot(SpotFact),
    /// Something of a drain.
    Drain(DrainFact),
    /// Something of the network.
    Network(NetworkFact),
    /// Something about a cold migration.
    Cold(ColdFact),
    /// Something of a dedicated host.
    Host(HostFact),
    /// Something of a scaling group.
    Scaling(ScalingFact),
}

/// Why an instance takes room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It is there when the run begins.
    AtStart,
    /// It is created.
    Launch,
    /// Its server failed.
    Failover,
    /// Its owner starts it again after its server failed, or after it gave its room up.
    Restart,
    /// It is redeployed.
    Redeploy,
    /// It is migrated while it runs.
    LiveMigration,
    /// It is migrated while it is Stopped.
    ColdMigration,
    /// Its cold migration is taken back.
    ColdRevert,
    /// It leaves its server at a restart that answers an event.
    RebootMove,
    /// It is Stopped, and the operator takes it off a server.
    StoppedMove,
}

impl Reason {
    /// The name that `--placements` shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtStart => "at-start",
            Self::Launch => "launch",
            Self::Failover => "failover",
            Self::Restart => "restart",
            Self::Redeploy => "redeploy",
            Self::LiveMigration => "live",
            Self::ColdMigration => "cold",
            Self::ColdRevert => "cold-revert",
            Self::RebootMove => "reboot-move",
            Self::StoppedMove => "stopped-move",
        }
    }
}
