//! The owner: learns of events, makes a plan, carries it out, tries again.
//!
//! Path: an event, or its new status, is told → the policy decides → (delay) → the command is given
//! → accepted, and the event ends or stays open until the command has ended; or refused, or of no
//! use, and tried again as the owner's `retry` says. Documented behaviour: what answers an event is
//! spec/events.md 2.6 to 2.15, 4.4 and 5.1; that a reboot may not help, and is tried again 12 hours
//! later at the soonest, 2.6. Moves: plans of open events; all else by commands.

use super::{billing, events, owner, perform, turn::Turn};
use crate::{
    fleet::{
        chance::Chance,
        ids::{Instance, SystemEvent},
        system_events::{EventRow, Origin, Plan},
        views::{CloudView, CustomerView},
    },
    kernel::{column::Id, streams::Draws, time::Span},
    lifecycle::instance::InstanceState,
    messages::{
        command::{Actor, Command},
        fact::Fact,
        occurrence::Occurrence,
    },
    policy::customer::{self, Question},
};

/// The owner learns of `event`, of its new status or planned time, or that its disk is isolated.
pub fn noticed(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events.row_mut(event);
    (row.plan, row.attempts, row.answered) = (Plan::Nothing, 0, false);
    let row = *row;
    let view = view(turn, event);
    let Some(question) = customer::asked(&view) else { return };
    let mut draws = draws(turn, &row, question);
    let owner = turn.owner_of(row.instance);
    let decision = customer::decide(question, &view, owner, &mut draws);
    if decision.plan != Plan::Nothing {
        plans(turn, event, decision);
    }
}

/// The owner does what it plans about `event`.
pub fn acts(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    let instance = row.instance;
    if customer::asked(&view(turn, event)).is_none() {
        // What made the owner plan this is over, though the event is not.
        turn.fleet.events.row_mut(event).plan = Plan::Nothing;
        return;
    }
    if row.plan == Plan::Renew {
        return billing::renewed(turn, event);
    }
    if is_busy(turn, instance) && turn.fleet.events.of(instance).any(|(_, other)| other.answered) {
        // One command answers all that it can answer: how it ends will show.
        turn.fleet.events.row_mut(event).answered = true;
        return;
    }
    let is_off = turn.fleet.instances[instance].state == InstanceState::Stopped;
    if is_off && matches!(row.plan, Plan::Reboot | Plan::Stop) {
        return tries_again(turn, event); // Nobody reboots or stops what is off.
    }
    let Some(command) = command(turn, event, &row) else { return };
    let refused = perform::perform(turn, Actor::Owner, command).is_err();
    if turn.fleet.events[event].stamp != row.stamp {
        return; // It has moved, which the owner is told, or ended.
    }
    if refused {
        tries_again(turn, event);
    } else {
        turn.fleet.events.row_mut(event).answered = true;
    }
}

/// Whether something is under way on `instance` that a command may have begun. A crash can end it
/// without an end of its own.
fn is_busy(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    row.task.is_some() || matches!(row.state, InstanceState::Starting | InstanceState::Stopping)
}

/// A command that may have been the owner's about events of `instance` has ended: a restart, a
/// stop, a redeployment. Where one is still open, it did not help, and the owner tries again.
pub fn command_ended(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.events.of(instance).next().is_none() {
        return;
    }
    let list = events::of_instance(turn, instance);
    for event in &list {
        let row = turn.fleet.events.row_mut(*event);
        if std::mem::take(&mut row.answered) {
            tries_again(turn, *event);
        }
    }
    events::done_with(turn, list);
}

/// The owner starts `instance`, which a failure has stopped; refused, it tries again later.
pub fn starts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let command = Command::StartInstance { instance, init_local_disk: false, dry_run: false };
    if perform::perform(turn, Actor::Owner, command).is_err() {
        owner::learns_of_stop(turn, instance);
    }
}

/// The owner plans what it has decided, and its alarm is set.
fn plans(turn: &mut Turn<'_>, event: Id<SystemEvent>, decision: customer::Decision) {
    let customer::Decision { plan, at } = decision;
    let row = turn.fleet.events.row_mut(event);
    row.plan = plan;
    let instance = row.instance;
    turn.state(Fact::OwnerPlans { event, instance, plan, at });
    events::alarm(turn, event, at, |event, stamp| Occurrence::OwnerActs { event, stamp });
}

/// The owner tries the same again, if it is of that kind: not within the same second, and where a
/// reboot did not help, not before another can.
fn tries_again(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events.row_mut(event);
    row.attempts = row.attempts.saturating_add(1);
    let row = *row;
    let retry = turn.owner_of(row.instance).retry.as_ref();
    let Some(retry) = retry.filter(|retry| row.attempts <= retry.times) else {
        turn.fleet.events.row_mut(event).plan = Plan::Nothing;
        return;
    };
    let Some(question) = customer::asked(&view(turn, event)) else { return };
    let span = retry.after.draw(&mut draws(turn, &row, question)).max(Span::from_seconds(1));
    let gap = turn.scenario.settings.event.reboot_retry_gap;
    let rebooted = row.rebooted.filter(|_| row.plan == Plan::Reboot);
    let can_help = rebooted.map_or(turn.now, |rebooted| rebooted.saturating_add(gap));
    let at = turn.now.saturating_add(span).max(can_help);
    plans(turn, event, customer::Decision { plan: row.plan, at });
}

/// What the owner can see.
fn view(turn: &Turn<'_>, event: Id<SystemEvent>) -> CustomerView {
    let cloud = CloudView {
        epoch: turn.scenario.epoch,
        redeploy_answers_stop: turn.scenario.settings.redeploy.allow_stop_event,
    };
    CustomerView::of((turn.layout(), turn.fleet), event, turn.now, cloud)
}

/// The draws for the answer to `question`, addressed by what caused the event: whatever the owner
/// has done before, it meets the same ones.
fn draws(turn: &Turn<'_>, row: &EventRow, question: Question) -> Draws {
    let mut draws = match (question, row.origin, row.attempts) {
        (Question::Reboot, Origin::Disk { bay, number }, 0) => {
            turn.chance(Chance::OwnerReboot, bay.index() as u64, number)
        }
        (_, origin, attempts) => {
            let address = events::address(turn, row.instance, origin);
            turn.chance(Chance::OwnerAnswer, address, (question as u32) << 16 | u32::from(attempts))
        }
    };
    if question == Question::Reboot && customer::is_re_initialisation(row.kind) {
        let _for_the_isolation = draws.unit();
    }
    draws
}

/// The command that carries a plan out.
fn command(turn: &Turn<'_>, event: Id<SystemEvent>, row: &EventRow) -> Option<Command> {
    let instance = row.instance;
    let force = turn.owner_of(instance).force_stop;
    let dry_run = false;
    match row.plan {
        Plan::Nothing | Plan::Renew => None,
        Plan::Accept => Some(Command::AcceptInquiredSystemEvent { event }),
        Plan::Reboot => Some(Command::RebootInstance { instance, force, dry_run }),
        Plan::Redeploy => Some(Command::RedeployInstance { instance, force }),
        // The system would stop it anyway: what a stop loses is lost.
        Plan::Stop => {
            Some(Command::StopInstance { instance, mode: None, force, confirm: true, dry_run })
        }
    }
}
