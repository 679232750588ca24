//! A boot, from Starting to Running (spec/events.md 1.2 and 1.3; spec/corrections.md L26).
//!
//! Path: Starting → (`instance.starting`) → Running, or Stopped where the boot fails. A boot that
//! takes no time happens in the same turn. What it is for stands in the instance's `care` row, set
//! by who begins it; `settle` makes of that what it means for events. Moves: instances, and the
//! tasks that wait for the boot.

use super::{disks, loss, release, service, settle, turn::Turn, wear};
use crate::{
    fleet::{care::BootFor, chance::Chance, ids::Instance},
    kernel::{column::Id, time::Instant},
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        task::TaskStep,
    },
    messages::occurrence::Occurrence,
};

/// Whether an instance that has just booted is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It is Running (or was released at once, its life being over).
    Well,
    /// It is Stopped.
    Failed,
}

/// `instance`, in Starting on a working server, boots; where that takes no time, says how it ended.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Ended> {
    let row = turn.fleet.instances.row_mut(instance);
    debug_assert!(row.state == InstanceState::Starting, "only an instance in Starting boots");
    let (entity, boot, stamp) = (row.name.entity(), row.boots, row.stamp);
    row.boots += 1;
    let law = &turn.scenario.settings.instance_starting;
    let span = turn.length(law, Chance::InstanceBoot, entity, boot);
    // The end of a redeployment's boot is not ours to settle: it takes the way of its occurrence.
    let boot_for = turn.fleet.care[instance].boot;
    let is_ours = !matches!(boot_for, BootFor::Redeploy | BootFor::SystemRedeploy);
    if span.is_zero() && is_ours {
        return Some(ended(turn, instance));
    }
    turn.set_alarm(instance, span, Occurrence::Booted { stamp, instance });
    None
}

/// The boot of `instance` is over.
pub fn ended(turn: &mut Turn<'_>, instance: Id<Instance>) -> Ended {
    if fails(turn, instance) || hangs(turn, instance) {
        turn.step(instance, InstanceStep::BootFails);
        loss::settle_task(turn, instance, TaskStep::Fail);
        settle::boot_failed(turn, instance);
        return Ended::Failed;
    }
    succeeded(turn, instance);
    Ended::Well
}

/// The boot of `instance` is over, and well: it is Running and served.
pub fn succeeded(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.step(instance, InstanceStep::Booted);
    turn.fleet.instances.row_mut(instance).has_local_data = true;
    // What comes back because its task failed has that task yet.
    let undoes = turn.fleet.care[instance].boot == BootFor::Rollback;
    let end = if undoes { TaskStep::Fail } else { TaskStep::Finish };
    loss::settle_task(turn, instance, end);
    settle::booted(turn, instance);
    resumed(turn, instance);
}

/// `instance` is Running and served from now on, after a boot or without one.
pub fn resumed(turn: &mut Turn<'_>, instance: Id<Instance>) {
    life_begins(turn, instance);
    service::begin(turn, instance);
    if !release::if_due(turn, instance) {
        wear::guest_boots(turn, instance);
    }
}

/// A life that counts from Running begins with the first boot.
fn life_begins(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances.row_mut(instance);
    if row.life_counts {
        return;
    }
    row.life_counts = true;
    if row.departs != Instant::from_micros(u64::MAX) {
        let life = row.departs.since(Instant::ZERO);
        row.departs = turn.now.saturating_add(life);
        let (departs, birth) = (row.departs, row.birth);
        turn.agenda.at(departs, Occurrence::Departs { birth, instance });
    }
}

/// Whether the restart that its owner gave `instance` for its disks hangs (S25).
fn hangs(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let is_owners = matches!(turn.fleet.care[instance].boot, BootFor::Start | BootFor::Reboot);
    is_owners && disks::hangs(turn, instance)
}

/// Whether the boot that has just ended failed: the second draw at the boot's address.
pub fn fails(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let probability = turn.scenario.settings.instance_boot_fail_p;
    if probability <= 0.0 {
        return false;
    }
    let row = &turn.fleet.instances[instance];
    let mut draws = turn.chance(Chance::InstanceBoot, row.name.entity(), row.boots - 1);
    let _length = draws.unit();
    draws.happens(probability)
}
