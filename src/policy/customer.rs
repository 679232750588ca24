//! What owners decide about events of their instances.
//!
//! An event asks its owner a question ([`Question`]); which one depends on its type, its status and
//! how its disk shows. [`decide`] answers it from the owner's kind ([`CustomerSpec`], the table
//! `[policies.customers.NAME]`), from what the owner can see ([`CustomerView`]) and from draws.
//!
//! To add a policy, write one function (view, kind, draws) to [`Decision`] and put it into a row of
//! `TABLE`: in the place of another, for a question that is there, or with a new question. The
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
    /// A subscription ends, or has ended: is it renewed?
    Bill = 7,
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
const TABLE: [Row; 8] = [
    Row {
        question: Question::Bill,
        applies: |view| view.status == EventStatus::Scheduled && is_of_subscription(view.kind),
        decides: |view, owner, draws| renews(view, owner.renew_after.as_ref(), draws),
    },
    Row {
        question: Question::Planned,
        applies: |view| view.status == EventStatus::Scheduled && !view.kind.is_billing(),
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
            | EventType::DiskStalled
            | EventType::ExpirationStop
            | EventType::ExpirationDelete
            | EventType::UnbalancedStop
            | EventType::UnbalancedDelete => false,
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

/// A renewal after a time of `law`; `None`: never.
fn renews(view: &CustomerView, law: Option<&Distribution>, draws: &mut Draws) -> Decision {
    let Some(law) = law else { return waits(view) };
    Decision { plan: Plan::Renew, at: view.after(law.draw(draws)) }
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

const fn is_of_subscription(kind: EventType) -> bool {
    matches!(kind, EventType::ExpirationStop | EventType::ExpirationDelete)
}

const fn is_done_by_a_reboot(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::RebootAndIsolateErrorDisk
            | EventType::RebootAndReInitErrorDisk
            | EventType::CleanInactiveDisks
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{
            care::MaintenanceWindow,
            owners::{OnInterruption, Retry},
            views::CloudView,
        },
        kernel::streams::Streams,
        lifecycle::instance::InstanceState,
    };

    const HOUR: u64 = 3_600_000_000;

    const fn at(hour: u64) -> Instant {
        Instant::from_micros(hour * HOUR)
    }

    /// What is seen at hour 10 of an event of this type and status.
    const fn seen(kind: EventType, status: EventStatus) -> CustomerView {
        CustomerView {
            now: at(10),
            state: InstanceState::Running,
            has_local_disks: true,
            disks_are_isolated: true,
            window: None,
            kind,
            status,
            not_before: None,
            disk: None,
            cloud: CloudView { epoch: 0, redeploy_answers_stop: false },
        }
    }

    fn after(answer: Answer, hours: u64) -> Conduct {
        let law = Distribution::Fixed(Span::from_micros(hours * HOUR));
        Conduct { answer, when: When::After(law) }
    }

    fn waiting() -> CustomerSpec {
        let wait = || after(Answer::Wait, 0);
        CustomerSpec {
            name: "waiting".to_owned(),
            mix: Vec::new(),
            restart_after: None,
            scheduled: wait(),
            inquiry: wait(),
            disk_error: wait(),
            outage: wait(),
            isolated: wait(),
            reboot_after: None,
            renew_after: None,
            on_interruption: OnInterruption::Wait,
            force_stop: false,
            retry: None::<Retry>,
            window: None,
        }
    }

    fn decided(view: &CustomerView, owner: &CustomerSpec) -> (Plan, Instant) {
        let question = asked(view).expect("the event asks something");
        let mut draws = Streams::new(1, 0).at(0, 0, 0);
        let decision = decide(question, view, owner, &mut draws);
        (decision.plan, decision.at)
    }

    #[test]
    fn each_type_and_status_asks_what_it_should() {
        use EventStatus::{Executing, Inquiring, Scheduled};
        let of = |kind, status| asked(&seen(kind, status));
        assert_eq!(of(EventType::MaintenanceReboot, Scheduled), Some(Question::Planned));
        assert_eq!(of(EventType::FailureRedeploy, Scheduled), Some(Question::Planned));
        assert_eq!(of(EventType::MaintenanceReboot, Inquiring), Some(Question::Inquiry));
        assert_eq!(of(EventType::FailureRedeploy, Inquiring), Some(Question::Inquiry));
        assert_eq!(of(EventType::CleanInactiveDisks, Inquiring), Some(Question::Inquiry));
        assert_eq!(of(EventType::IsolateErrorDisk, Inquiring), Some(Question::DiskDamaged));
        assert_eq!(
            of(EventType::RebootAndIsolateErrorDisk, Inquiring),
            Some(Question::DiskDamaged)
        );
        assert_eq!(of(EventType::ReInitErrorDisk, Inquiring), Some(Question::DiskReplaced));
        assert_eq!(
            of(EventType::RebootAndReInitErrorDisk, Inquiring),
            Some(Question::DiskReplaced)
        );
        assert_eq!(of(EventType::RebootAndIsolateErrorDisk, Executing), Some(Question::Reboot));
        assert_eq!(of(EventType::RebootAndReInitErrorDisk, Executing), Some(Question::Reboot));
        assert_eq!(of(EventType::CleanInactiveDisks, Executing), Some(Question::Reboot));
        assert_eq!(of(EventType::FailureReboot, Executing), Some(Question::Outage));
        for kind in [
            EventType::MaintenanceReboot,
            EventType::IsolateErrorDisk,
            EventType::FailureStop,
            EventType::FailureDelete,
            EventType::InstanceFailureReboot,
            EventType::DiskErrorDetected,
            EventType::DiskStalled,
        ] {
            assert_eq!(of(kind, Executing), None, "{}", kind.code());
        }
        let cloud_only =
            CustomerView { has_local_disks: false, ..seen(EventType::FailureReboot, Executing) };
        assert_eq!(asked(&cloud_only), None);
    }

    #[test]
    fn an_alert_asks_by_how_its_disk_shows() {
        let alert = seen(EventType::DiskErrorDetected, EventStatus::Executing);
        let with = |disk, disks_are_isolated| {
            asked(&CustomerView { disk: Some(disk), disks_are_isolated, ..alert })
        };
        assert_eq!(with(DiskState::Damaged, true), None, "the inquiry beside it asks");
        assert_eq!(with(DiskState::Damaged, false), Some(Question::DiskDamaged));
        assert_eq!(with(DiskState::Isolated, true), Some(Question::DiskIsolated));
        assert_eq!(with(DiskState::Replaced, true), None, "the inquiry beside it asks");
    }

    #[test]
    fn who_waits_plans_nothing_whatever_is_asked() {
        let owner = waiting();
        for kind in EventType::ALL {
            for status in EventStatus::ALL {
                let view = seen(*kind, *status);
                if let Some(question) = asked(&view) {
                    let mut draws = Streams::new(1, 0).at(0, 0, 0);
                    let plan = decide(question, &view, &owner, &mut draws).plan;
                    assert_eq!(plan, Plan::Nothing, "{} {status}", kind.code());
                }
            }
        }
    }

    #[test]
    fn an_owner_asks_only_for_what_answers_the_event() {
        let plan = |kind, status, answer| {
            let owner = CustomerSpec {
                scheduled: after(answer, 0),
                inquiry: after(answer, 0),
                ..waiting()
            };
            decided(&seen(kind, status), &owner).0
        };
        let (scheduled, inquiring) = (EventStatus::Scheduled, EventStatus::Inquiring);
        let reboot = EventType::MaintenanceReboot;
        assert_eq!(plan(reboot, scheduled, Answer::Reboot), Plan::Reboot);
        assert_eq!(plan(reboot, inquiring, Answer::Reboot), Plan::Reboot);
        assert_eq!(plan(reboot, scheduled, Answer::Redeploy), Plan::Redeploy);
        assert_eq!(plan(reboot, scheduled, Answer::Stop), Plan::Nothing);
        assert_eq!(plan(reboot, scheduled, Answer::Accept), Plan::Nothing);
        assert_eq!(plan(reboot, inquiring, Answer::Accept), Plan::Accept);
        let redeploy = EventType::MaintenanceRedeploy;
        assert_eq!(plan(redeploy, scheduled, Answer::Reboot), Plan::Nothing);
        assert_eq!(plan(redeploy, scheduled, Answer::Redeploy), Plan::Redeploy);
        assert_eq!(plan(EventType::FailureRedeploy, scheduled, Answer::Redeploy), Plan::Redeploy);
        let stop = EventType::MaintenanceStop;
        assert_eq!(plan(stop, scheduled, Answer::Stop), Plan::Stop);
        assert_eq!(plan(stop, scheduled, Answer::Redeploy), Plan::Nothing);
        let mut view = seen(stop, scheduled);
        view.cloud.redeploy_answers_stop = true;
        assert!(helps(&view, Answer::Redeploy));
    }

    #[test]
    fn a_planned_event_is_answered_when_the_owner_likes() {
        let scheduled = |when| CustomerSpec {
            scheduled: Conduct { answer: Answer::Reboot, when },
            ..waiting()
        };
        let view = CustomerView {
            not_before: Some(at(34)),
            ..seen(EventType::MaintenanceReboot, EventStatus::Scheduled)
        };
        let two = Span::from_micros(2 * HOUR);
        let after = scheduled(When::After(Distribution::Fixed(two)));
        assert_eq!(decided(&view, &after), (Plan::Reboot, at(12)));
        let before = scheduled(When::Before(two));
        assert_eq!(decided(&view, &before), (Plan::Reboot, at(32)));
        let soon = CustomerView { not_before: Some(at(11)), ..view };
        assert_eq!(decided(&soon, &before), (Plan::Reboot, at(10)), "it is late already");
        let in_window = scheduled(When::InWindow);
        assert_eq!(decided(&view, &in_window), (Plan::Reboot, at(10)), "it has no window");
        // 22 o'clock in UTC+8 is 14 o'clock on a clock that begins at midnight UTC.
        let windowed =
            CustomerView { window: Some(MaintenanceWindow { from: 22, hours: 4 }), ..view };
        assert_eq!(decided(&windowed, &in_window), (Plan::Reboot, at(14)));
        let inside = CustomerView { now: at(15), ..windowed };
        assert_eq!(decided(&inside, &in_window), (Plan::Reboot, at(15)));
    }

    #[test]
    fn local_disks_are_answered_by_what_is_asked() {
        let owner = CustomerSpec {
            disk_error: after(Answer::Accept, 4),
            isolated: after(Answer::Redeploy, 5),
            outage: after(Answer::Redeploy, 6),
            reboot_after: Some(Distribution::Fixed(Span::from_micros(7 * HOUR))),
            ..waiting()
        };
        let (inquiring, executing) = (EventStatus::Inquiring, EventStatus::Executing);
        let isolation = seen(EventType::RebootAndIsolateErrorDisk, inquiring);
        assert_eq!(decided(&isolation, &owner), (Plan::Accept, at(14)));
        let authorised = seen(EventType::RebootAndIsolateErrorDisk, executing);
        assert_eq!(decided(&authorised, &owner), (Plan::Reboot, at(17)));
        let alert = CustomerView {
            disk: Some(DiskState::Isolated),
            ..seen(EventType::DiskErrorDetected, executing)
        };
        assert_eq!(decided(&alert, &owner), (Plan::Redeploy, at(15)));
        let outage = seen(EventType::FailureReboot, executing);
        assert_eq!(decided(&outage, &owner), (Plan::Redeploy, at(16)));
        let alone = CustomerView {
            disk: Some(DiskState::Damaged),
            disks_are_isolated: false,
            ..seen(EventType::DiskErrorDetected, executing)
        };
        assert_eq!(decided(&alone, &owner).0, Plan::Nothing, "there is nothing to accept");
    }

    #[test]
    fn every_question_has_one_row_and_a_number_of_its_own() {
        let numbers: Vec<u8> = {
            let mut numbers: Vec<u8> = TABLE.iter().map(|row| row.question as u8).collect();
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(numbers, (0..TABLE.len() as u8).collect::<Vec<_>>());
    }
}
