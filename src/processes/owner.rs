//! The owner of an instance that is Stopped against its will: it will start it again.
//!
//! Path: Stopped by a failure, or by an answer to an event → (the customer's `restart_after`) →
//! StartInstance, which `customer` gives; refused, or the boot having failed, again after another
//! such time. Documented behaviour: spec/events.md 2.10. Moves: alarms of instances.

use super::{release, turn::Turn};
use crate::{
    fleet::{chance::Chance, ids::Instance},
    kernel::{column::Id, time::Span},
    messages::occurrence::Occurrence,
};

/// `instance` was stopped by a failure, or as an answer to an event: its owner will start it again,
/// if the owner is of that kind.
pub fn learns_of_stop(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances[instance];
    let member = if row.in_group { turn.fleet.members.of(instance) } else { None };
    if member.is_some_and(|member| turn.fleet.members[member].is_discharged()) {
        return; // Its scaling group has stopped it for good, or until it wants it again.
    }
    let (entity, attempt, stamp) = (row.name.entity(), row.owner_attempts, row.stamp);
    turn.fleet.instances.row_mut(instance).owner_attempts = attempt.saturating_add(1);
    let Some(law) = &turn.owner_of(instance).restart_after else { return };
    let span = turn.length(law, Chance::OwnerRestart, entity, u32::from(attempt));
    // Who was refused, or failed to boot, does not try again within the same second.
    let span = if attempt > 0 { span.max(Span::from_seconds(1)) } else { span };
    turn.set_alarm(instance, span, Occurrence::OwnerStarts { stamp, instance });
}

/// The boot of `instance` failed: it is Stopped, and its owner's to start again.
pub fn after_failed_boot(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !release::if_due(turn, instance) {
        learns_of_stop(turn, instance);
    }
}
