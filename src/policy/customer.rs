//! What owners decide about events of their instances.
//!
//! An event asks its owner a question ([`Question`]); which one depends on its type, its status and
//! how its disk shows. [`decide`] answers it from the owner's kind ([`CustomerSpec`], the table
//! `[policies.customers.NAME]`), from what the owner can see ([`CustomerView`]) and from draws.
//!
//! To add a policy, write one function (view, kind, draws) to [`Decision`] and put it into a row of
//! [`TABLE`]: in the place of another, for a question that is there, or with a new question. The
//! first row that applies is asked. What a new policy must be told by the scenario is a field of
//! [`CustomerSpec`] with its key in `scenario/keys/conduct.rs`. Nothing else changes: making plans
//! known, giving commands and trying again are `processes/customer.rs`.

use crate::{
    fleet::{
        owners::{Answer, Conduct, CustomerSpec, When},
        system_events::Plan,
        views::CustomerView,
    },
    kernel::{
        distribution::Distribution,
        streams::Draws,
        time::{Instant, Span},
    },
    lifecycle::{
        local_disk::DiskState,
        system_event::{EventStatus, EventType},
    },
};

/// What an owner is going to do, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What.
    pub plan: Plan,
    /// When.
    pub at: Instant,
}

/// What an event asks its owner. The number is part of the address of what is drawn for the
/// answer: numbers are never reused or changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Question {
    /// Maintenance is planned, or a lost server's instance will be brought back elsewhere by itself.
    Planned = 0,
    /// May something be done that is not about a disk?
    Inquiry = 1,
    /// A disk is damaged: may it be isolated? Or, where disks are not isolated, what now?
    DiskDamaged = 2,
    /// A disk is replaced: may it be re-initialised?
    DiskReplaced = 3,
    /// A damaged disk is isolated, and not replaced yet, or never will be: wait or leave?
    DiskIsolated = 4,
    /// The server has crashed and keeps the local disks: wait or leave?
    Outage = 5,
    /// What has been authorised needs a reboot: when?
    Reboot = 6,
}

/// A policy's row in the table.
struct Row {
    question: Question,
    /// Whether an event asks this.
    applies: fn(&CustomerView) -> bool,
    /// The answer.
    decides: fn(&CustomerView, &CustomerSpec, &mut Draws) -> Decision,
}

/// One row a question; the first that applies is the one that an event asks.
const TABLE: [Row; 7] = [
    Row {
        question: Question::Planned,
        applies: |view| view.status == EventStatus::Scheduled,
        decides: |view, owner, draws| conduct(view, &owner.scheduled, draws),
    },
    Row {
        question: Question::DiskReplaced,
        applies: |view| view.status == EventStatus::Inquiring && is_re_initialisation(view.kind),
        decides: |view, owner, draws| conduct(view, &owner.disk_error, draws),
    },
    Row {
        question: Question::DiskDamaged,
        applies: |view| {
            let is_asked = view.status == EventStatus::Inquiring && view.kind.is_of_disk_flow();
            is_asked || (is_damage(view, DiskState::Damaged) && !view.disks_are_isolated)
        },
        decides: |view, owner, draws| conduct(view, &owner.disk_error, draws),
    },
    Row {
        question: Question::Inquiry,
        applies: |view| view.status == EventStatus::Inquiring,
        decides: |view, owner, draws| conduct(view, &owner.inquiry, draws),
    },
    Row {
        question: Question::DiskIsolated,
        applies: |view| is_damage(view, DiskState::Isolated),
        decides: |view, owner, draws| conduct(view, &owner.isolated, draws),
    },
    Row {
        question: Question::Outage,
        applies: |view| view.kind == EventType::FailureReboot && view.has_local_disks,
        decides: |view, owner, draws| conduct(view, &owner.outage, draws),
    },
    Row {
        question: Question::Reboot,
        applies: |view| view.status == EventStatus::Executing && is_done_by_a_reboot(view.kind),
        decides: |view, owner, draws| reboots(view, owner.reboot_after.as_ref(), draws),
    },
];

/// What the event asks its owner, if anything.
pub fn asked(view: &CustomerView) -> Option<Question> {
    TABLE.iter().find(|row| (row.applies)(view)).map(|row| row.question)
}

/// What an owner of this kind does about `question`. The first draw is the delay, where there is
/// one.
pub fn decide(
    question: Question,
    view: &CustomerView,
    owner: &CustomerSpec,
    draws: &mut Draws,
) -> Decision {
    let row = TABLE.iter().find(|row| row.question == question);
    (row.expect("every question has a row in the table").decides)(view, owner, draws)
}

/// Whether the documents say that `answer` answers such an event (spec/events.md 2.6 to 2.15, 4.4
/// and 5.1): an owner asks for nothing else.
pub fn helps(view: &CustomerView, answer: Answer) -> bool {
    let is_inquiry = view.status == EventStatus::Inquiring;
    let is_open = is_inquiry || view.status == EventStatus::Scheduled;
    match answer {
        Answer::Wait => true,
        Answer::Accept => is_inquiry,
        Answer::Reboot => is_open && view.kind == EventType::MaintenanceReboot,
        Answer::Stop => is_open && view.kind == EventType::MaintenanceStop,
        Answer::Redeploy => match view.kind {
            EventType::MaintenanceStop => is_open && view.cloud.redeploy_answers_stop,
            EventType::MaintenanceReboot
            | EventType::MaintenanceRedeploy
            | EventType::RebootAndIsolateErrorDisk
            | EventType::RebootAndReInitErrorDisk
            | EventType::IsolateErrorDisk
            | EventType::ReInitErrorDisk
            | EventType::FailureRedeploy => is_open,
            EventType::FailureReboot => view.has_local_disks,
            EventType::DiskErrorDetected => true,
            EventType::CleanInactiveDisks
            | EventType::FailureStop
            | EventType::FailureDelete
            | EventType::InstanceFailureReboot
            | EventType::DiskStalled => false,
        },
    }
}

/// What `conduct` says, where that helps; else the owner waits.
fn conduct(view: &CustomerView, conduct: &Conduct, draws: &mut Draws) -> Decision {
    let plan = match conduct.answer {
        Answer::Wait => Plan::Nothing,
        Answer::Accept => Plan::Accept,
        Answer::Reboot => Plan::Reboot,
        Answer::Redeploy => Plan::Redeploy,
        Answer::Stop => Plan::Stop,
    };
    if plan == Plan::Nothing || !helps(view, conduct.answer) {
        return waits(view);
    }
    let at = match &conduct.when {
        When::After(law) => view.after(law.draw(draws)),
        When::Before(span) => view.before_planned_time(*span),
        When::InWindow => view.in_window(),
    };
    Decision { plan, at }
}

/// A reboot after a time of `law`; `None`: never.
fn reboots(view: &CustomerView, law: Option<&Distribution>, draws: &mut Draws) -> Decision {
    let Some(law) = law else { return waits(view) };
    Decision { plan: Plan::Reboot, at: view.after(law.draw(draws)) }
}

const fn waits(view: &CustomerView) -> Decision {
    Decision { plan: Plan::Nothing, at: view.after(Span::ZERO) }
}

fn is_damage(view: &CustomerView, state: DiskState) -> bool {
    view.kind == EventType::DiskErrorDetected && view.disk == Some(state)
}

/// Whether such an event is about a disk that has been replaced.
pub const fn is_re_initialisation(kind: EventType) -> bool {
    matches!(kind, EventType::RebootAndReInitErrorDisk | EventType::ReInitErrorDisk)
}

const fn is_done_by_a_reboot(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::RebootAndIsolateErrorDisk
            | EventType::RebootAndReInitErrorDisk
            | EventType::CleanInactiveDisks
    )
}
