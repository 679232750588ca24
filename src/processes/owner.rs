//! The owner of a stopped instance: StartInstance after a failure left it Stopped.
//!
//! Path: Stopped by a failure → (the customer's `restart_after`) → Starting, or refused and tried
//! again after another such time. Documented behaviour: spec/events.md 2.10 (the user starts it:
//! with cloud disks anywhere, with local disks on the same server) and S16 (refused on a bad
//! server). Moves: instances.

use super::{boot, room, turn::Turn};
use crate::{
    fleet::{chance::Chance, ids::Instance},
    kernel::{column::Id, time::Span},
    lifecycle::instance::InstanceStep,
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
    },
};

/// `instance` was stopped by a failure: its owner will start it again, if the owner is of that kind.
pub fn learns_of_stop(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances[instance];
    let (entity, attempt, stamp) = (row.name.entity(), row.owner_attempts, row.stamp);
    turn.fleet.instances.row_mut(instance).owner_attempts = attempt.saturating_add(1);
    let Some(law) = &turn.owner_of(instance).restart_after else { return };
    let span = turn.length(law, Chance::OwnerRestart, entity, u32::from(attempt));
    // Who was refused, or failed to boot, does not try again within the same second.
    let span = if attempt > 0 { span.max(Span::from_seconds(1)) } else { span };
    turn.set_alarm(instance, span, Occurrence::OwnerStarts { stamp, instance });
}

/// The owner starts `instance`.
pub fn starts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !turn.fleet.has_working_server(turn.layout(), instance) {
        let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
        let shape = room::request_of(turn, instance).shape;
        let others_first = turn.fleet.waiting.anybody_for(shape);
        let target = if is_bound || others_first { None } else { room::elsewhere(turn, instance) };
        let Some(server) = target else {
            if !is_bound {
                turn.state(Fact::NoRoom { instance, reason: Reason::Restart });
            }
            learns_of_stop(turn, instance);
            return;
        };
        if turn.fleet.instances[instance].server.is_some() {
            room::give_back(turn, instance);
        }
        room::take(turn, instance, server, (Reason::Restart, Span::ZERO));
    }
    turn.step(instance, InstanceStep::Start);
    if boot::begin(turn, instance) == Some(boot::Ended::Failed) {
        after_failed_boot(turn, instance);
    }
}

/// The boot of `instance` failed: it is Stopped, and its owner's to start again.
pub fn after_failed_boot(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !super::release::if_due(turn, instance) {
        learns_of_stop(turn, instance);
    }
}
