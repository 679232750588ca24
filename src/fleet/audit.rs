//! The invariants of a fleet, checked from scratch: for tests, after every turn.

use super::{Fleet, layout::Layout};
use crate::{
    fleet::{instances::Recovering, layout::Resources},
    lifecycle::{instance::InstanceState, server::ServerState},
};

impl Fleet {
    /// Checks every invariant of a fleet between two turns; costs a walk over everything.
    ///
    /// # Panics
    /// Where one does not hold: capacity is conserved; an instance is on exactly the server whose
    /// list holds it; whoever is served runs on a working server; each task under way has its
    /// instance, and room is reserved for tasks under way alone; who waits for room is in the queue.
    pub fn audit(&self, layout: &Layout) {
        let mut on_servers = 0;
        for (server, row) in self.servers.entries() {
            let mut held = Resources::default();
            let mut count = 0;
            for instance in self.instances.on(&self.servers, server) {
                assert_eq!(self.instances[instance].server, Some(server), "{instance:?} is listed");
                held = held.plus(layout.demand(self.instances[instance].template));
                count += 1;
            }
            on_servers += count as usize;
            for (_, task) in self.tasks.under_way() {
                if task.target.is_some_and(|target| target.server == server) {
                    held = held.plus(layout.demand(self.instances[task.instance].template));
                    count += 1;
                }
            }
            let whole = held.plus(self.capacity.free(server));
            assert_eq!(whole, *layout.capacity(server), "capacity of {server:?} is conserved");
            assert_eq!(self.capacity.held(server), count, "claims on {server:?}");
            let available =
                row.state == ServerState::Up && self.racks.is_up(layout.servers[server].rack);
            assert_eq!(self.capacity.is_open(server), available, "{server:?} is open");
        }
        let mut with_server = 0;
        for (instance, row) in self.instances.present() {
            with_server += usize::from(row.server.is_some());
            if row.served {
                assert_eq!(row.state, InstanceState::Running, "{instance:?} is served");
                assert!(self.has_working_server(layout, instance), "{instance:?} is served");
                assert_eq!(row.down_by, None, "{instance:?} is served");
            }
            if row.owing && !row.served {
                assert!(row.down_by.is_some(), "{instance:?} is down for a reason");
            }
            if row.recovery == Recovering::ForRoom {
                assert!(self.waiting.holds(instance), "{instance:?} waits for room");
            }
            if let Some(task) = row.task {
                assert_eq!(self.tasks[task].instance, instance, "the task of {instance:?}");
            }
        }
        for instance in self.waiting.everybody() {
            let recovery = self.instances[instance].recovery;
            assert_eq!(recovery, Recovering::ForRoom, "{instance:?} is in the queue for room");
        }
        assert_eq!(with_server, on_servers, "no instance is on two servers");
        for (task, row) in self.tasks.under_way() {
            assert_eq!(self.instances[row.instance].task, Some(task), "{task:?} has its instance");
        }
    }
}
