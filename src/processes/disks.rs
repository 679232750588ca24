//! Bays: local disks break and are replaced, and who holds which.

use super::turn::Turn;
use crate::{
    fleet::ids::{Bay, Instance, Server},
    kernel::column::Id,
};

/// Draws the life of every disk.
pub fn prime(turn: &mut Turn<'_>) {
    _ = (turn,);
}

/// The disk in `bay` breaks.
pub fn fails(turn: &mut Turn<'_>, bay: Id<Bay>) {
    _ = (turn, bay);
}

/// `instance` takes up its local disks on `server`.
pub fn hold(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    _ = (turn, instance, server);
}

/// `instance` leaves its local disks on `server`.
pub fn leave(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    _ = (turn, instance, server);
}

/// The restart of `instance` by its owner is complete: authorised jobs of its disks are done.
pub fn restarted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The owner starts `instance` with InitLocalDisk: its local disks are ready again, and empty.
pub fn init_local_disks(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
