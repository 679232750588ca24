//! The table of open system events. Rows of ended events are recycled; their numbers are not.

use crate::{
    fleet::ids::{Bay, Campaign, Instance, Recorded, Server, SystemEvent},
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::system_event::{EventStatus, EventStep, EventType},
};
use std::ops::Index;

/// What brought an event about: the physical cause under which everything about it is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A predicted risk of a server.
    Risk {
        /// The server.
        server: Id<Server>,
        /// The number of the risk.
        number: u32,
    },
    /// A campaign that works on a server.
    Campaign {
        /// The campaign.
        campaign: Id<Campaign>,
        /// The server.
        server: Id<Server>,
    },
    /// A crash of a server, or an outage of its rack.
    Crash {
        /// The server.
        server: Id<Server>,
        /// Its crashes and its rack's outages so far (count).
        number: u32,
    },
    /// A damaged local disk.
    Disk {
        /// The bay.
        bay: Id<Bay>,
        /// The number of the disk in it.
        number: u32,
    },
    /// A crash of the guest: the number of its boot.
    Guest(u32),
    /// A creation that failed.
    Creation,
    /// An event of the scenario.
    Recorded(Id<Recorded>),
    /// CreateSimulatedSystemEvents.
    Simulated,
    /// The end of the instance's subscription: the number of the term.
    Subscription(u32),
    /// The account is in arrears: the place in `settings.billing.arrears`.
    Arrears(u32),
}

impl Origin {
    /// The number that, with the instance's, addresses what is drawn about an event of this origin.
    pub const fn entity(self) -> u64 {
        let (tag, entity, number) = match self {
            Self::Risk { server, number } => (1, server.index(), number),
            Self::Campaign { campaign, server } => (2, server.index(), campaign.index() as u32),
            Self::Crash { server, number } => (3, server.index(), number),
            Self::Disk { bay, number } => (4, bay.index(), number),
            Self::Guest(boot) => (5, 0, boot),
            Self::Creation => (6, 0, 0),
            Self::Recorded(recorded) => (7, recorded.index(), 0),
            Self::Simulated => (8, 0, 0),
            Self::Subscription(term) => (9, 0, term),
            Self::Arrears(number) => (10, 0, number),
        };
        (tag << 60) ^ ((entity as u64) << 28) ^ number as u64
    }

    /// The campaign, if it is one.
    pub const fn campaign(self) -> Option<Id<Campaign>> {
        match self {
            Self::Campaign { campaign, .. } => Some(campaign),
            Self::Risk { .. }
            | Self::Crash { .. }
            | Self::Disk { .. }
            | Self::Guest(_)
            | Self::Creation
            | Self::Recorded(_)
            | Self::Simulated
            | Self::Subscription(_)
            | Self::Arrears(_) => None,
        }
    }

    /// The server that events of this origin are tied to.
    pub const fn server(self) -> Option<Id<Server>> {
        match self {
            Self::Risk { server, .. }
            | Self::Campaign { server, .. }
            | Self::Crash { server, .. } => Some(server),
            Self::Disk { .. }
            | Self::Guest(_)
            | Self::Creation
            | Self::Recorded(_)
            | Self::Simulated
            | Self::Subscription(_)
            | Self::Arrears(_) => None,
        }
    }

    /// The server on which the operator works because of it, if it is that.
    pub const fn worked_on(self) -> Option<Id<Server>> {
        match self {
            Self::Risk { server, .. } | Self::Campaign { server, .. } => Some(server),
            Self::Crash { .. }
            | Self::Disk { .. }
            | Self::Guest(_)
            | Self::Creation
            | Self::Recorded(_)
            | Self::Simulated
            | Self::Subscription(_)
            | Self::Arrears(_) => None,
        }
    }
}

/// What the owner of the instance is going to do about an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Plan {
    /// Nothing.
    Nothing,
    /// AcceptInquiredSystemEvent.
    Accept,
    /// RebootInstance.
    Reboot,
    /// RedeployInstance.
    Redeploy,
    /// StopInstance.
    Stop,
    /// The bill is paid: the subscription is renewed.
    Renew,
}

/// One open event.
#[derive(Clone, Copy, Debug)]
pub struct EventRow {
    /// How many events were published before it in this run: its name for ever.
    pub number: u64,
    /// What it is.
    pub kind: EventType,
    /// How it stands -- changed only by [`SystemEvents::step`].
    pub status: EventStatus,
    /// Whether it was made by CreateSimulatedSystemEvents.
    pub simulated: bool,
    /// Whether a simulated event does what it announces (TriggerRealOps).
    pub real_ops: bool,
    /// The instance that it is about.
    pub instance: Id<Instance>,
    /// The bay of the disk that it is about, if any.
    pub bay: Option<Id<Bay>>,
    /// What brought it about.
    pub origin: Origin,
    /// How often something was planned for its instance because of its origin before (count) -- the
    /// ordinal of what is drawn about its notice.
    pub round: u32,
    /// When it was published.
    pub published: Instant,
    /// When it will run by itself; `None` for one without a planned time.
    pub not_before: Option<Instant>,
    /// The first value of `not_before`.
    pub initial_not_before: Option<Instant>,
    /// When it entered its present status.
    pub since: Instant,
    /// When its job began (execution, or the answer).
    pub started: Option<Instant>,
    /// What the owner is going to do about it.
    pub plan: Plan,
    /// When a restart by the owner was last of no help against it.
    pub rebooted: Option<Instant>,
    /// Attempts of the owner to answer so far (count).
    pub attempts: u16,
    /// Whether a command that the owner gave about it is under way: nobody knows yet whether it
    /// helps.
    pub answered: bool,
    /// Whether its execution is held until the task under way on its instance ends (S9).
    pub held: bool,
    /// Whether the online job on its disk waits until its server works again.
    pub awaits_server: bool,
    /// Whether an alarm of this instant tries the held job again.
    pub resumes: bool,
    /// Raised by each change of status and of the planned time: alarms of an older one are void.
    pub stamp: Stamp,
    /// Alarms that carry `stamp` and are pending (count).
    pub alarms: u8,
    /// The next open event of the same instance, older.
    next: Option<Id<SystemEvent>>,
}

/// What a new event is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent {
    /// What it is.
    pub kind: EventType,
    /// The status that it is published in.
    pub status: EventStatus,
    /// Whether it is simulated, and whether it then does what it announces.
    pub simulated: Option<bool>,
    /// The instance that it is about.
    pub instance: Id<Instance>,
    /// The bay of the disk that it is about, if any.
    pub bay: Option<Id<Bay>>,
    /// What brought it about.
    pub origin: Origin,
    /// When it will run by itself.
    pub not_before: Option<Instant>,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct SystemEvents {
    rows: Column<SystemEvent, EventRow>,
    free: Vec<Id<SystemEvent>>,
    /// The newest open event of each instance.
    first: Column<Instance, Option<Id<SystemEvent>>>,
    published: u64,
    simulated: u32,
}

impl SystemEvents {
    /// Publishes an event now.
    pub fn publish(&mut self, now: Instant, new: NewEvent) -> Id<SystemEvent> {
        while self.first.len() <= new.instance.index() {
            self.first.push(None);
        }
        let mut row = EventRow {
            number: self.published,
            kind: new.kind,
            status: new.status,
            simulated: new.simulated.is_some(),
            real_ops: new.simulated == Some(true),
            instance: new.instance,
            bay: new.bay,
            origin: new.origin,
            round: 0,
            published: now,
            not_before: new.not_before,
            initial_not_before: new.not_before,
            since: now,
            started: (new.status == EventStatus::Executing).then_some(now),
            plan: Plan::Nothing,
            rebooted: None,
            attempts: 0,
            answered: false,
            held: false,
            awaits_server: false,
            resumes: false,
            stamp: Stamp::default(),
            alarms: 0,
            next: self.first[new.instance],
        };
        self.published += 1;
        self.simulated += u32::from(row.simulated);
        let event = match self.free.pop() {
            Some(event) => {
                row.stamp = self.rows[event].stamp;
                self.rows[event] = row;
                event
            }
            None => self.rows.push(row),
        };
        self.first[new.instance] = Some(event);
        event
    }

    /// Moves an event by one step of its type's table and raises its stamp; gives the row as it is
    /// then. An event that has ended leaves its instance's list and gives its row back.
    ///
    /// # Panics
    /// If its type has no such edge: admission was checked before, so this is a bug of ours.
    pub fn step(&mut self, now: Instant, event: Id<SystemEvent>, step: EventStep) -> EventRow {
        let row = &self.rows[event];
        let to = row.kind.after(row.simulated, row.status, step);
        let to = to.unwrap_or_else(|| {
            panic!("{} has no edge from {} by {step:?}", row.kind.code(), row.status)
        });
        self.enter(now, event, to)
    }

    /// Puts an event into a status, whatever its type's table says.
    pub fn enter(&mut self, now: Instant, event: Id<SystemEvent>, to: EventStatus) -> EventRow {
        let row = &mut self.rows[event];
        let begins = to == EventStatus::Executing || row.started.is_none();
        if begins && to != EventStatus::Scheduled {
            row.started = Some(now);
        }
        (row.status, row.since, row.held) = (to, now, false);
        (row.resumes, row.awaits_server) = (false, false);
        row.stamp.raise();
        let moved = *row;
        if to.attribute() == crate::lifecycle::Attribute::Final {
            self.simulated -= u32::from(moved.simulated);
            self.unlink(event, moved.instance);
            if !moved.stamp.is_worn() {
                self.free.push(event);
            }
        }
        moved
    }

    fn unlink(&mut self, event: Id<SystemEvent>, instance: Id<Instance>) {
        let next = self.rows[event].next;
        let mut at = self.first[instance].expect("an open event is in its instance's list");
        if at == event {
            self.first[instance] = next;
            return;
        }
        while self.rows[at].next != Some(event) {
            at = self.rows[at].next.expect("an open event is in its instance's list");
        }
        self.rows[at].next = next;
    }

    /// The row of an open event, for what is not its status.
    pub fn row_mut(&mut self, event: Id<SystemEvent>) -> &mut EventRow {
        &mut self.rows[event]
    }

    /// The open events of `instance`, newest first.
    pub fn of(&self, instance: Id<Instance>) -> impl Iterator<Item = (Id<SystemEvent>, &EventRow)> {
        let first = self.first.get(instance).copied().flatten();
        std::iter::successors(first, |at| self.rows[*at].next).map(|at| (at, &self.rows[at]))
    }

    /// The next open event of the same instance, which is older.
    pub fn after(&self, event: Id<SystemEvent>) -> Option<Id<SystemEvent>> {
        self.rows[event].next
    }

    /// Every open event, in order of row.
    pub fn open(&self) -> impl Iterator<Item = (Id<SystemEvent>, &EventRow)> {
        let is_open = |row: &EventRow| row.status.attribute() != crate::lifecycle::Attribute::Final;
        self.rows.entries().filter(move |(_, row)| is_open(row))
    }

    /// Simulated events that are open (count).
    pub const fn simulated(&self) -> u32 {
        self.simulated
    }

    /// Events published so far (count).
    pub const fn published(&self) -> u64 {
        self.published
    }
}

impl Index<Id<SystemEvent>> for SystemEvents {
    type Output = EventRow;
    fn index(&self, event: Id<SystemEvent>) -> &EventRow {
        &self.rows[event]
    }
}
