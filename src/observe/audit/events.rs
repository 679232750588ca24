//! System events and disks: one status at a time, and no edge but the documented ones.

use crate::{
    fleet::{
        Fleet,
        ids::{Bay, Instance, SystemEvent},
    },
    kernel::column::{Column, Id},
    lifecycle::{
        Attribute,
        instance::InstanceState,
        local_disk::DiskState,
        system_event::{EventStatus, EventType},
    },
    messages::fact::Fact,
};

/// An event as facts tell of it.
#[derive(Clone, Copy, Debug)]
struct Open {
    kind: EventType,
    status: EventStatus,
    simulated: bool,
    instance: Id<Instance>,
}

/// What was told of events and disks so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Whether events of every type may end Failed (`event.allow_undocumented_failed`).
    pub(super) any_may_fail: bool,
    rows: Column<SystemEvent, Option<Open>>,
    published: u64,
    open: usize,
    /// Bays whose disk is not Healthy.
    disks: Vec<(Id<Bay>, DiskState)>,
}

impl Events {
    pub(super) fn see(&mut self, fact: &Fact) {
        if let Fact::EventPublished { event, number, kind, status, simulated, instance, .. } = *fact
        {
            assert_eq!(number, self.published, "events are numbered as they are published");
            self.published += 1;
            self.publish(event, Open { kind, status, simulated, instance });
        }
        if let Fact::EventMoved { event, kind, instance, from, to, .. } = *fact {
            let open = self.rows.get(event).copied().flatten();
            let open = open.unwrap_or_else(|| panic!("{event:?} moves while it is open"));
            let same = (open.kind, open.instance, open.status) == (kind, instance, from);
            assert!(same, "{event:?} leaves the status it is in: {open:?}, {fact:?}");
            let by = EventStatus::ARCS
                .iter()
                .find(|(_, step, _)| kind.after(open.simulated, from, *step) == Some(to));
            let fails = (from, to) == (EventStatus::Executing, EventStatus::Failed);
            let is_edge = by.is_some() || (fails && self.any_may_fail);
            assert!(is_edge, "{}: {from} to {to} is documented", kind.code());
            let ended = to.attribute() == Attribute::Final;
            self.open -= usize::from(ended);
            self.rows[event] = (!ended).then_some(Open { status: to, ..open });
        }
        if let Fact::DiskMoved { bay, from, to, .. } = *fact {
            let place = self.disks.iter().position(|(of, _)| *of == bay);
            let was = place.map_or(DiskState::Healthy, |place| self.disks.swap_remove(place).1);
            assert_eq!(was, from, "the disk in {bay:?} leaves the state it is in");
            let documented = DiskState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
            assert!(documented, "{bay:?}: {from} to {to} is documented");
            if to != DiskState::Healthy {
                self.disks.push((bay, to));
            }
        }
    }

    fn publish(&mut self, event: Id<SystemEvent>, open: Open) {
        let Open { kind, status, simulated, .. } = open;
        while self.rows.len() <= event.index() {
            self.rows.push(None);
        }
        assert!(self.rows[event].is_none(), "{event:?} is published while it is open");
        let begins = status.attribute() == Attribute::Transitory && kind.may_be(status);
        assert!(begins, "{} may be published {status}", kind.code());
        if simulated {
            let initial =
                if kind.is_maintenance() { EventStatus::Scheduled } else { EventStatus::Executing };
            assert!(kind.may_be_simulated(), "{} may be simulated", kind.code());
            assert_eq!(status, initial, "a simulated {} begins", kind.code());
        }
        self.rows[event] = Some(open);
        self.open += 1;
    }

    /// The tables say what the facts say.
    pub(super) fn turn_ended(&self, fleet: &Fleet) {
        let mut open = 0;
        for (event, row) in fleet.events.open() {
            let told = self.rows.get(event).copied().flatten();
            let told = told.unwrap_or_else(|| panic!("{event:?} was published: {row:?}"));
            assert_eq!((told.kind, told.status), (row.kind, row.status), "{event:?} as told");
            let state = fleet.instances[row.instance].state;
            assert_ne!(state, InstanceState::Released, "{event:?} is about somebody: {row:?}");
            open += 1;
        }
        assert_eq!(open, self.open, "events end as they are told to");
        let damaged = fleet.disks.entries().filter(|(_, row)| row.state != DiskState::Healthy);
        assert_eq!(damaged.count(), self.disks.len(), "disks move as they are told to");
        for (bay, state) in &self.disks {
            assert_eq!(fleet.disks[*bay].state, *state, "the disk in {bay:?} as told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::system_events::Origin, kernel::time::Instant, lifecycle::system_event::EventStep,
    };

    fn published(kind: EventType, status: EventStatus, simulated: bool) -> Fact {
        Fact::EventPublished {
            event: Id::new(0),
            number: 0,
            kind,
            status,
            simulated,
            instance: Id::new(0),
            bay: None,
            origin: Origin::Creation,
            not_before: Some(Instant::from_micros(5)),
        }
    }

    fn moved(kind: EventType, from: EventStatus, to: EventStatus) -> Fact {
        let (event, instance) = (Id::new(0), Id::new(0));
        Fact::EventMoved { event, kind, instance, from, to, started: None }
    }

    fn passes(facts: &[Fact]) -> bool {
        let facts = facts.to_vec();
        std::panic::catch_unwind(move || {
            let mut events = Events::default();
            facts.iter().for_each(|fact| events.see(fact));
        })
        .is_ok()
    }

    #[test]
    fn exactly_the_documented_edges_pass() {
        for kind in EventType::ALL {
            for (from, step, to) in EventStatus::ARCS {
                let begins = kind.may_be(*from);
                let story = [published(*kind, *from, false), moved(*kind, *from, *to)];
                let documented = begins && kind.after(false, *from, *step).is_some();
                assert_eq!(passes(&story), documented, "{kind:?} {from} {to}");
            }
            assert!(!passes(&[published(*kind, EventStatus::Executed, false)]));
        }
        assert_eq!(
            EventType::MaintenanceReboot.after(false, EventStatus::Scheduled, EventStep::Elapse),
            None
        );
    }

    #[test]
    fn simulated_events_have_their_own_beginnings() {
        let kind = EventType::MaintenanceStop;
        assert!(passes(&[published(kind, EventStatus::Scheduled, true)]));
        assert!(!passes(&[published(EventType::FailureReboot, EventStatus::Scheduled, true)]));
        assert!(!passes(&[published(EventType::DiskStalled, EventStatus::Executing, true)]));
    }

    #[test]
    fn disks_move_by_their_machine() {
        let disk =
            |from, to| Fact::DiskMoved { bay: Id::new(3), number: 0, holder: None, from, to };
        let damage = disk(DiskState::Healthy, DiskState::Damaged);
        assert!(passes(&[damage, disk(DiskState::Damaged, DiskState::Isolated)]));
        assert!(!passes(&[damage, damage]));
        assert!(!passes(&[disk(DiskState::Healthy, DiskState::Replaced)]));
    }
}
