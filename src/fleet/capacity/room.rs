//! The ledger: what is free on each server, and how many of whose instances it holds.

use crate::{
    fleet::{
        capacity::{Index, Request},
        ids::{Application, Server, SpreadGroup},
        layout::{Layout, Resources},
    },
    kernel::column::{Column, Id},
};
use rustc_hash::FxHashMap;

/// Instances that are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Family {
    /// All instances.
    Whole,
    /// Those of one group.
    Group(Id<SpreadGroup>),
    /// Those of one application.
    Application(Id<Application>),
}

impl Family {
    /// The family that `request` is spread over.
    pub const fn spread_of(request: &Request) -> Self {
        match (request.group, request.application) {
            (Some(group), _) => Self::Group(group),
            (None, Some(application)) => Self::Application(application),
            (None, None) => Self::Whole,
        }
    }

    /// The families other than the whole in which an instance of `request` is counted.
    pub fn named_of(request: &Request) -> impl Iterator<Item = Self> {
        let group = request.group.map(Self::Group);
        group.into_iter().chain(request.application.map(Self::Application))
    }
}

/// Room on every server, and who is there. 45 bytes a server, and an entry of 16 bytes for each
/// pair of server and counted family.
#[derive(Clone, Debug)]
pub struct Room {
    free: Column<Server, Resources>,
    open: Column<Server, bool>,
    held: Column<Server, u32>,
    /// Instances of a family on a server; looked up, never iterated. Applications with a limit
    /// are counted; to spread, every family is.
    together: FxHashMap<(Id<Server>, Family), u32>,
    counts_all: bool,
}

impl Room {
    /// Every server empty and open.
    pub fn new(layout: &Layout, index: Index) -> Self {
        Self {
            free: layout.servers.ids().iter().map(|server| *layout.capacity(server)).collect(),
            open: Column::filled(true, layout.servers.len()),
            held: Column::filled(0, layout.servers.len()),
            together: FxHashMap::default(),
            counts_all: index == Index::BySpread,
        }
    }

    pub fn free(&self, server: Id<Server>) -> &Resources {
        &self.free[server]
    }

    pub fn set_free(&mut self, server: Id<Server>, free: Resources) {
        self.free[server] = free;
    }

    pub fn held(&self, server: Id<Server>) -> u32 {
        self.held[server]
    }

    pub fn is_open(&self, server: Id<Server>) -> bool {
        self.open[server]
    }

    pub fn set_open(&mut self, server: Id<Server>, open: bool) {
        self.open[server] = open;
    }

    /// Instances of `family` on `server`. Zero for a family that is not counted.
    pub fn together(&self, server: Id<Server>, family: Family) -> u32 {
        match family {
            Family::Whole => self.held[server],
            Family::Group(_) | Family::Application(_) => {
                self.together.get(&(server, family)).copied().unwrap_or(0)
            }
        }
    }

    /// Counts an instance of `request` in.
    pub fn join(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        self.held[server] += 1;
        for family in Family::named_of(request) {
            if self.is_counted(layout, family) {
                *self.together.entry((server, family)).or_insert(0) += 1;
            }
        }
    }

    /// Counts an instance of `request` out.
    pub fn part(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        assert!(self.held[server] > 0, "a server that releases holds something");
        self.held[server] -= 1;
        for family in Family::named_of(request) {
            if self.is_counted(layout, family) {
                let count = self
                    .together
                    .get_mut(&(server, family))
                    .expect("what leaves its family was counted in it");
                *count -= 1;
                if *count == 0 {
                    self.together.remove(&(server, family));
                }
            }
        }
    }

    fn is_counted(&self, layout: &Layout, family: Family) -> bool {
        self.counts_all
            || match family {
                Family::Application(application) => {
                    layout.applications[application].per_server_limit.is_some()
                }
                Family::Whole | Family::Group(_) => false,
            }
    }

    /// Whether `server` has room for `request`, all constraints together.
    #[inline]
    pub fn accepts(&self, layout: &Layout, server: Id<Server>, request: &Request) -> bool {
        let shape = &layout.shapes[request.shape];
        let spec = &layout.servers[server];
        self.open[server]
            && request.exclude != Some(server)
            && self.free[server].covers(&shape.demand)
            && shape.zone.is_none_or(|zone| spec.zone == zone)
            && shape.model.is_none_or(|model| spec.model == model)
            && request.application.is_none_or(|application| {
                layout.applications[application].per_server_limit.is_none_or(|limit| {
                    self.together(server, Family::Application(application)) < limit.get()
                })
            })
    }
}
