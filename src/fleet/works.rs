//! What the operator has under way on servers, and how far each campaign has come.

use crate::{
    fleet::{
        drains::DrainRow,
        emptying::Emptying,
        ids::{Campaign, Instance, Rack, Server, SpreadGroup, Zone},
        instances::InstanceName,
        system_events::Origin,
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::system_event::{EventStatus, EventType},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Index,
};

/// The work on one server.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkRow {
    /// Why the operator works on it; `None` where it does not.
    pub origin: Option<Origin>,
    /// Events tied to it that are open, and live migrations off it (count).
    pub open: u32,
    /// Of those, live migrations (count).
    pub migrating: u32,
    /// Risks so far (count): the present one, or the last one, has the number one less, which is
    /// the ordinal of its draws.
    pub risks: u32,
    /// Whether a restart of its instances cures the risk (else it must be emptied).
    pub curable: bool,
    /// Whether the server is at risk.
    pub at_risk: bool,
    /// Whether its risk has been healed by a repair or a restart, which is still to be told.
    pub healed: bool,
    /// Whether placement passes it over because of the work.
    pub closed: bool,
    /// Drains that keep it closed (count), whatever other work on it is done.
    pub drains: u32,
    /// Whether an occurrence is pending at this instant that tells the operator to look at it.
    pub asked: bool,
    /// Whether it waits until fewer servers are worked on.
    pub waits: bool,
    /// Whether a campaign waits until it can be taken up.
    pub wanted: bool,
}

impl WorkRow {
    /// Whether the server is at a risk that no restart cures, and that the operator heeds, while no
    /// other work on it is under way.
    pub const fn must_be_emptied(&self) -> bool {
        let is_free = matches!(self.origin, None | Some(Origin::Risk { .. }));
        self.at_risk && !self.curable && self.closed && is_free
    }

    /// Whether the operator has instances restarted to cure a risk of the server.
    pub const fn is_to_be_cured(&self) -> bool {
        self.at_risk && self.curable && matches!(self.origin, Some(Origin::Risk { .. }))
    }

    /// Whether it stays closed for the sake of a drain.
    pub const fn is_drained(&self) -> bool {
        self.drains > 0
    }

    /// Whether the operator wants to know when the server is able to serve again.
    pub const fn concerns_operator(&self) -> bool {
        self.origin.is_some() || self.at_risk || self.wanted
    }
}

/// An instance on a server under work, of which something is still to be done.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// The instance.
    pub instance: Id<Instance>,
    /// Its name: another one in the row means that it is gone.
    pub name: InstanceName,
    /// From when on it is to be done.
    pub at: Instant,
    /// Whether live migration was tried already, as often as it may be.
    pub tried: bool,
    /// Migrations that were tried and failed (count), where another one is due.
    pub tries: u32,
    /// Since when it cannot leave a server that is drained.
    pub stuck: Option<Instant>,
}

impl Pending {
    /// Something is to be done about the instance of this name from `at` on; nothing was tried yet.
    pub const fn new(instance: Id<Instance>, name: InstanceName, at: Instant) -> Self {
        Self { instance, name, at, tried: false, tries: 0, stuck: None }
    }
}

/// An event that ended without its work done, and is to be published anew (S12).
#[derive(Clone, Copy, Debug)]
pub struct Again {
    /// What it was.
    pub kind: EventType,
    /// What brought it about.
    pub origin: Origin,
    /// The status that it began in.
    pub status: EventStatus,
    /// The server that its instance was on: elsewhere it is not needed.
    pub server: Option<Id<Server>>,
    /// Tells its instance from a later one in the same row.
    pub birth: Stamp,
}

/// What keeps a campaign from taking up a server for now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gate {
    /// Enough servers of its rack are under way.
    Rack(Id<Rack>),
    /// Enough servers of its zone are under way.
    Zone(Id<Zone>),
    /// Enough servers with instances of a group are under way.
    Group(Id<SpreadGroup>),
    /// It is down, or other work on it is under way.
    Busy(Id<Server>),
}

/// How far one campaign has come.
#[derive(Clone, Debug, Default)]
pub struct CampaignRow {
    /// Its servers in the order in which they are taken up, fixed when it begins.
    pub order: Vec<Id<Server>>,
    /// Places of `order` that were looked at (count); those not taken up then are parked.
    pub seen: usize,
    /// Places of `order` that could not be taken up yet, by what kept them.
    pub parked: BTreeMap<Gate, BTreeSet<usize>>,
    /// Gates that may have become free since.
    pub freed: BTreeSet<Gate>,
    /// Servers under way, by what limits them (counts).
    pub counts: BTreeMap<Gate, u32>,
    /// How many of its servers were taken up (count).
    pub taken: usize,
    /// How many of them are done (count).
    pub done: usize,
    /// The groups that each server under way counts for.
    pub under_way: BTreeMap<Id<Server>, Vec<Id<SpreadGroup>>>,
    /// When the last server was taken up.
    pub last_taken: Option<Instant>,
    /// When it goes on, where an alarm says so.
    pub continues_at: Option<Instant>,
    /// Its events that failed or were withdrawn, and migrations that failed (count).
    pub failures: u32,
    /// How far it has come as a drain, if it is one.
    pub drain: DrainRow,
    /// Whether it has begun.
    pub begun: bool,
    /// Whether it has ended: by its stop rule, or because all its servers are done.
    pub ended: bool,
}

/// The tables.
#[derive(Clone, Debug)]
pub struct Works {
    rows: Column<Server, WorkRow>,
    /// The campaigns of the scenario.
    pub campaigns: Column<Campaign, CampaignRow>,
    /// Servers on which the operator works (count).
    pub under_way: u32,
    /// Servers at risk that wait until fewer are worked on, the longest first.
    pub queue: VecDeque<Id<Server>>,
    /// What is still to be done on each server under work.
    pub pending: BTreeMap<Id<Server>, Vec<Pending>>,
    /// Servers that must be emptied because of a risk: who is to leave them, and how that goes.
    pub emptying: Emptying,
    /// When the operator looks at which server again, where an alarm says so.
    alarms: BTreeSet<(Id<Server>, Instant)>,
    /// Events to be published anew, of servers on which no work is under way.
    again: BTreeMap<(Id<Instance>, Instant), Vec<Again>>,
}

impl Works {
    /// No work on any of `servers` servers; `campaigns` campaigns that have not begun.
    pub fn new(servers: usize, campaigns: usize) -> Self {
        Self {
            rows: Column::filled(WorkRow::default(), servers),
            campaigns: Column::filled(CampaignRow::default(), campaigns),
            under_way: 0,
            queue: VecDeque::new(),
            pending: BTreeMap::new(),
            emptying: Emptying::default(),
            alarms: BTreeSet::new(),
            again: BTreeMap::new(),
        }
    }

    /// The operator is to look at `server` at `at`; says whether an alarm must be set, because there
    /// is none up to then.
    pub fn sets_alarm(&mut self, server: Id<Server>, at: Instant) -> bool {
        let mut earlier = self.alarms.range((server, Instant::ZERO)..=(server, at));
        earlier.next().is_none() && self.alarms.insert((server, at))
    }

    /// Whether an alarm about `server` was set for `now`; it rings once.
    pub fn rings(&mut self, server: Id<Server>, now: Instant) -> bool {
        self.alarms.remove(&(server, now))
    }

    /// An event of `instance` is to be published anew at `at`; says whether it is the first one.
    pub fn put_again(&mut self, instance: Id<Instance>, at: Instant, again: Again) -> bool {
        let list = self.again.entry((instance, at)).or_default();
        list.push(again);
        list.len() == 1
    }

    /// An event of `instance` that is to be published anew by `now`, the earliest first.
    pub fn take_again(&mut self, instance: Id<Instance>, now: Instant) -> Option<Again> {
        let mut due = self.again.range((instance, Instant::ZERO)..=(instance, now));
        let key = *due.next()?.0;
        let list = self.again.get_mut(&key)?;
        let again = list.remove(0);
        if list.is_empty() {
            self.again.remove(&key);
        }
        Some(again)
    }

    /// The row of `server`.
    pub fn row_mut(&mut self, server: Id<Server>) -> &mut WorkRow {
        &mut self.rows[server]
    }
}

impl Index<Id<Server>> for Works {
    type Output = WorkRow;
    fn index(&self, server: Id<Server>) -> &WorkRow {
        &self.rows[server]
    }
}
