//! Properties that hold always, checked over the facts of a run: for tests.

use super::Observer;
use crate::{
    fleet::{Fleet, ids::Instance, layout::Layout},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::{instance::InstanceState, server::ServerState},
    messages::fact::Fact,
};

/// Checks every fact, and the whole fleet after every turn.
#[derive(Debug)]
pub struct Audit<'a> {
    layout: &'a Layout,
    now: Instant,
    states: Column<Instance, InstanceState>,
    tasks: i64,
    /// How many facts were checked.
    pub facts: u64,
}

impl<'a> Audit<'a> {
    /// An audit of a run over `layout`.
    pub fn new(layout: &'a Layout) -> Self {
        Self { layout, now: Instant::ZERO, states: Column::default(), tasks: 0, facts: 0 }
    }

    fn entered(&mut self, instance: Id<Instance>, state: InstanceState) {
        if instance.index() == self.states.len() {
            self.states.push(state);
        } else {
            self.states[instance] = state;
        }
    }
}

impl Observer for Audit<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        assert!(now >= self.now, "time never runs back");
        self.now = now;
        self.facts += 1;
        match *fact {
            Fact::Requested { instance, .. } => {
                let was = self.states.get(instance).copied();
                let free = was.is_none_or(|state| state == InstanceState::Released);
                assert!(free, "{instance:?} is created while it is {was:?}");
                self.entered(instance, InstanceState::Pending);
            }
            Fact::InstanceMoved { instance, from, to } => {
                assert_eq!(self.states[instance], from, "{instance:?} leaves the state it is in");
                let documented = InstanceState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
                assert!(documented, "{instance:?}: {from} to {to} is documented");
                self.entered(instance, to);
            }
            Fact::ServerMoved { server, from, to } => {
                let documented = ServerState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
                assert!(documented, "{server:?}: {from} to {to} is documented");
            }
            Fact::TaskBegan { .. } => self.tasks += 1,
            Fact::TaskEnded { .. } => self.tasks -= 1,
            Fact::DirtyLost(_)
            | Fact::Reserved { .. }
            | Fact::Unreserved { .. }
            | Fact::EventPublished { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::DiskMoved { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::CampaignMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::NoRoom { .. }
            | Fact::Placed { .. }
            | Fact::Vacated { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::DataLost { .. }
            | Fact::ServerAvailable { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_) => {}
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        assert!(now >= self.now, "time never runs back");
        fleet.audit(self.layout);
        assert_eq!(
            fleet.tasks.under_way().count() as i64,
            self.tasks,
            "every task is accounted for"
        );
    }
}
