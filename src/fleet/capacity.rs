//! Free room by server, and the index that finds it without scanning.
use crate::{
    fleet::{
        ids::{Application, Server, Shape, SpreadGroup},
        layout::{Layout, Resources},
    },
    kernel::column::{Column, Id},
};
use rustc_hash::FxHashMap;

/// What a placement is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What it takes and where it may be.
    pub shape: Id<Shape>,
    /// The application whose per-server limit binds it, if any.
    pub application: Option<Id<Application>>,
    /// The group it is spread with, if any.
    pub group: Option<Id<SpreadGroup>>,
    /// A server that must not be chosen (the source of a move), if any.
    pub exclude: Option<Id<Server>>,
}

/// Room on every server.
#[derive(Clone, Debug)]
pub struct Capacity {
    free: Column<Server, Resources>,
    open: Column<Server, bool>,
    instances: Column<Server, u32>,
    applications: FxHashMap<(Id<Server>, Id<Application>), u32>,
}

impl Capacity {
    /// Every server of `layout`, empty and open.
    pub fn new(layout: &Layout) -> Self {
        Self {
            free: layout.servers.ids().iter().map(|s| *layout.capacity(s)).collect(),
            open: Column::filled(true, layout.servers.len()),
            instances: Column::filled(0, layout.servers.len()),
            applications: FxHashMap::default(),
        }
    }
    /// Free room on `server`, whether it is open or not.
    pub fn free(&self, server: Id<Server>) -> &Resources {
        &self.free[server]
    }
    /// How many claims `server` holds.
    pub fn held(&self, server: Id<Server>) -> u32 {
        self.instances[server]
    }
    /// Whether placement may choose `server`.
    pub fn is_open(&self, server: Id<Server>) -> bool {
        self.open[server]
    }
    /// Lets placement choose `server`, or not.
    pub fn set_open(&mut self, _layout: &Layout, server: Id<Server>, open: bool) {
        self.open[server] = open;
    }
    /// Takes the room of `request` on `server`.
    pub fn claim(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        self.free[server] = self.free[server]
            .minus(&layout.shapes[request.shape].demand)
            .expect("a claim fits its server");
        self.instances[server] += 1;
        if let Some(a) = request.application {
            *self.applications.entry((server, a)).or_insert(0) += 1;
        }
    }
    /// Gives the room of `request` on `server` back.
    pub fn release(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        self.free[server] = self.free[server].plus(&layout.shapes[request.shape].demand);
        self.instances[server] -= 1;
        if let Some(a) = request.application {
            *self.applications.entry((server, a)).or_insert(1) -= 1;
        }
    }
    /// The open server with the lowest id that has room.
    pub fn first_fit(&self, layout: &Layout, request: &Request) -> Option<Id<Server>> {
        let shape = &layout.shapes[request.shape];
        layout.servers.ids().iter().find(|s| {
            self.open[*s]
                && request.exclude != Some(*s)
                && self.free[*s].covers(&shape.demand)
                && shape.zone.is_none_or(|z| layout.servers[*s].zone == z)
                && shape.model.is_none_or(|m| layout.servers[*s].model == m)
                && request.application.is_none_or(|a| {
                    layout.applications[a].per_server_limit.is_none_or(|l| {
                        self.applications.get(&(*s, a)).copied().unwrap_or(0) < l.get()
                    })
                })
        })
    }
}
