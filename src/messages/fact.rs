//! What has become true: the only thing that metrics, trace and audit see.

use crate::{
    fleet::{
        cause::Cause,
        ids::{Instance, Rack, Server, Template},
        instances::InstanceName,
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{instance::InstanceState, server::ServerState, task::TaskStatus},
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
        /// What it does.
        kind: TaskKind,
        /// The instance that it moves.
        instance: Id<Instance>,
    },
    /// A task ended.
    TaskEnded {
        /// What it did.
        kind: TaskKind,
        /// The instance that it moved.
        instance: Id<Instance>,
        /// How it ended.
        status: TaskStatus,
    },
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
    /// Its owner starts it again after its server failed.
    Restart,
}

impl Reason {
    /// The name that `--placements` shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtStart => "at-start",
            Self::Launch => "launch",
            Self::Failover => "failover",
            Self::Restart => "restart",
        }
    }
}
