//! The links of the network: what each carries, and which of them a transfer passes.
//!
//! Each server has its card out and in, each rack its uplink up and down, and one spine joins all
//! racks. What stays in a rack passes the two cards alone. Zones are not told apart: what goes from
//! one to another passes the same spine, since no source says how zones are joined. A limit to what
//! some transfers have together is one more link, which only they pass and which is nowhere.

use crate::{
    fleet::{
        ids::{Link, Rack, Server, Transfer},
        layout::Layout,
    },
    kernel::column::{Column, Id},
};
use std::fmt;

/// The most links that a path has: card, uplink, spine, uplink, card, and a limit.
pub(super) const LONGEST_PATH: usize = 6;

/// What a link is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LinkKind {
    /// One direction of a server's network card.
    Nic,
    /// One direction of a rack's uplink.
    Uplink,
    /// The spine.
    Spine,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Nic, Self::Uplink, Self::Spine];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nic => "nic",
            Self::Uplink => "uplink",
            Self::Spine => "spine",
        }
    }
}

/// Where a link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkPlace {
    /// What leaves a server.
    Out(Id<Server>),
    /// What comes to a server.
    In(Id<Server>),
    /// What leaves a rack.
    Up(Id<Rack>),
    /// What comes to a rack.
    Down(Id<Rack>),
    /// Between the racks.
    Spine,
}

impl LinkPlace {
    /// Where `link` of the network of `layout` is: cards come first, then uplinks, then the spine.
    pub const fn of(layout: &Layout, link: Id<Link>) -> Self {
        let (cards, place) = (2 * layout.servers.len(), link.index());
        if place < cards {
            let server = Id::new(place / 2);
            return if place % 2 == 0 { Self::Out(server) } else { Self::In(server) };
        }
        let place = place - cards;
        if place < 2 * layout.racks.len() {
            let rack = Id::new(place / 2);
            return if place % 2 == 0 { Self::Up(rack) } else { Self::Down(rack) };
        }
        Self::Spine
    }

    /// What it is.
    pub const fn kind(self) -> LinkKind {
        match self {
            Self::Out(_) | Self::In(_) => LinkKind::Nic,
            Self::Up(_) | Self::Down(_) => LinkKind::Uplink,
            Self::Spine => LinkKind::Spine,
        }
    }

    /// Its place among the links.
    const fn id(self, layout: &Layout) -> Id<Link> {
        let cards = 2 * layout.servers.len();
        Id::new(match self {
            Self::Out(server) => 2 * server.index(),
            Self::In(server) => 2 * server.index() + 1,
            Self::Up(rack) => cards + 2 * rack.index(),
            Self::Down(rack) => cards + 2 * rack.index() + 1,
            Self::Spine => cards + 2 * layout.racks.len(),
        })
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The links that a transfer passes, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Path([Option<Id<Link>>; LONGEST_PATH]);

impl Path {
    /// The path over these links.
    ///
    /// # Panics
    /// If there are more than six, or one of them twice.
    pub fn over(links: &[Id<Link>]) -> Self {
        let mut path = Self::default();
        for (step, link) in links.iter().enumerate() {
            assert!(!links[..step].contains(link), "a path passes a link once");
            path.0[step] = Some(*link);
        }
        path
    }

    /// The same path, which passes `limit` too.
    ///
    /// # Panics
    /// If it passes as many links as it may.
    #[must_use]
    pub fn within(mut self, limit: Id<Link>) -> Self {
        let last = &mut self.0[LONGEST_PATH - 1];
        assert!(last.is_none(), "a transfer has one limit");
        *last = Some(limit);
        self
    }

    /// Its links, in order.
    pub fn iter(self) -> impl Iterator<Item = Id<Link>> {
        self.0.into_iter().flatten()
    }

    /// Its links, each with its place in it.
    pub(super) fn iter_steps(self) -> impl Iterator<Item = (usize, Id<Link>)> {
        self.0.into_iter().enumerate().filter_map(|(step, link)| Some((step, link?)))
    }

    /// The place of `link` in it.
    pub(super) fn step(self, link: Id<Link>) -> usize {
        let step = self.0.iter().position(|of| *of == Some(link));
        step.expect("a link's transfers pass it")
    }
}

/// One link.
#[derive(Clone, Debug)]
pub(super) struct LinkRow {
    /// What its transfers may have together (B/s).
    pub capacity: u64,
    /// What they have together (B/s).
    pub load: u64,
    /// What none of them may exceed, because they would else have more than the capacity together
    /// (B/s); `None`: the link binds nobody.
    pub level: Option<u64>,
    /// Its transfers, in no order.
    pub transfers: Vec<Id<Transfer>>,
    /// Whether it is on the list of those whose level is to be looked at.
    pub touched: bool,
    /// Whether it is on the list of those that changed.
    changed: bool,
    /// Load and saturation when they were taken last.
    taken: (u64, bool),
}

impl LinkRow {
    /// A link on which nothing is.
    const fn new(capacity: u64) -> Self {
        Self {
            capacity,
            load: 0,
            level: None,
            transfers: Vec::new(),
            touched: false,
            changed: false,
            taken: (0, false),
        }
    }

    /// What none of its transfers may exceed (B/s).
    pub fn most(&self) -> u64 {
        self.level.unwrap_or(self.capacity)
    }

    /// Whether it surely binds nobody: as much is free as a byte per second for each transfer.
    pub fn has_slack(&self) -> bool {
        self.level.is_none() && self.load + self.transfers.len() as u64 <= self.capacity
    }
}

/// How a link stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkState {
    /// What its transfers have together (B/s).
    pub load: u64,
    /// What they may have together (B/s).
    pub capacity: u64,
    /// Whether it binds any of them.
    pub is_saturated: bool,
}

/// The links.
#[derive(Clone, Debug, Default)]
pub struct Links {
    pub(super) rows: Column<Link, LinkRow>,
    /// How many of them are limits, which are nowhere: the last ones.
    limits: usize,
    /// Those that may have changed since they were taken last.
    changed: Vec<Id<Link>>,
}

impl Links {
    /// The links of `layout`, none if it has no network.
    pub fn of(layout: &Layout) -> Self {
        let Some(network) = layout.network else { return Self::default() };
        let share = |rate: u64| (u128::from(rate) * u128::from(network.share) / 100) as u64;
        let mut capacities =
            Vec::with_capacity(2 * (layout.servers.len() + layout.racks.len()) + 1);
        for server in &layout.servers {
            capacities.extend([share(layout.models[server.model].nic_rate); 2]);
        }
        // What binds nobody has a row too, so that its place is known; no path leads over it.
        let unlimited = u64::MAX;
        for _ in &layout.racks {
            capacities.extend([network.rack_uplink.map_or(unlimited, share); 2]);
        }
        capacities.push(network.spine.map_or(unlimited, share));
        Self::with(&capacities)
    }

    /// Links of these capacities.
    pub(super) fn with(capacities: &[u64]) -> Self {
        Self { rows: capacities.iter().copied().map(LinkRow::new).collect(), ..Self::default() }
    }

    /// Adds a limit: a link that is nowhere.
    pub(super) fn add_limit(&mut self, capacity: u64) -> Id<Link> {
        self.limits += 1;
        self.rows.push(LinkRow::new(capacity))
    }

    /// Whether `link` is a limit.
    pub const fn is_limit(&self, link: Id<Link>) -> bool {
        link.index() >= self.rows.len() - self.limits
    }

    /// The path from `from` to `to`.
    pub(super) fn path(layout: &Layout, from: Id<Server>, to: Id<Server>) -> Path {
        assert!(from != to, "what is sent goes to another server");
        let network = layout.network.expect("who sends has a network");
        let at = |place: LinkPlace| Some(place.id(layout));
        let mut path = Path::default();
        (path.0[0], path.0[4]) = (at(LinkPlace::Out(from)), at(LinkPlace::In(to)));
        let [source, target] = [from, to].map(|server| layout.servers[server].rack);
        if source != target {
            if network.rack_uplink.is_some() {
                path.0[1] = at(LinkPlace::Up(source));
                path.0[3] = at(LinkPlace::Down(target));
            }
            path.0[2] = network.spine.and(at(LinkPlace::Spine));
        }
        path
    }

    /// How `link` stands.
    pub fn state(&self, link: Id<Link>) -> LinkState {
        let LinkRow { load, capacity, level, .. } = self.rows[link];
        LinkState { load, capacity, is_saturated: level.is_some() }
    }

    /// Every link, in order.
    pub fn ids(&self) -> impl Iterator<Item = Id<Link>> + use<> {
        self.rows.ids().iter()
    }

    /// How many links.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// `transfer`, which has nothing yet, comes upon `link`; says its place there.
    pub(super) fn join(&mut self, link: Id<Link>, transfer: Id<Transfer>) -> u32 {
        let row = &mut self.rows[link];
        row.transfers.push(transfer);
        row.transfers.len() as u32 - 1
    }

    /// The transfer at `place`, which had `rate`, leaves `link`; says which one stands there instead.
    pub(super) fn leave(&mut self, link: Id<Link>, place: u32, rate: u64) -> Option<Id<Transfer>> {
        self.reload(link, rate, 0);
        let row = &mut self.rows[link];
        row.transfers.swap_remove(place as usize);
        row.transfers.get(place as usize).copied()
    }

    /// One of the transfers of `link` has `to` instead of `from`.
    pub(super) fn reload(&mut self, link: Id<Link>, from: u64, to: u64) {
        let row = &mut self.rows[link];
        row.load = row.load - from + to;
        self.has_changed(link);
    }

    /// `link` may be told of.
    pub(super) fn has_changed(&mut self, link: Id<Link>) {
        if !std::mem::replace(&mut self.rows[link].changed, true) {
            self.changed.push(link);
        }
    }

    /// Takes one of the links that carry another load than when they were taken last, or have become
    /// saturated, or are not any more.
    pub(super) fn next_changed(&mut self) -> Option<Id<Link>> {
        while let Some(link) = self.changed.pop() {
            let row = &mut self.rows[link];
            row.changed = false;
            let stands = (row.load, row.level.is_some());
            if std::mem::replace(&mut row.taken, stands) != stands {
                return Some(link);
            }
        }
        None
    }
}
