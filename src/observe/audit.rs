//! Properties that hold always, checked over the facts of a run: for tests.

mod events;
mod homes;
mod moves;
mod network;
mod scaling;

use self::{events::Events, homes::Homes, moves::Copies, network::Sent, scaling::Sizes};
use super::Observer;
use crate::{
    fleet::{
        Fleet,
        ids::{Instance, Server, Task},
        layout::Layout,
        tasks::TaskKind,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::{
        dedicated_host::HostState, instance::InstanceState, server::ServerState, task::TaskStatus,
    },
    messages::{fact::Fact, hosts::HostFact},
};

/// Checks every fact, and the whole fleet after every turn.
#[derive(Debug)]
pub struct Audit<'a> {
    layout: &'a Layout,
    now: Instant,
    states: Column<Instance, InstanceState>,
    /// The tasks under way: number, what it does, whom it moves.
    tasks: Vec<(Id<Task>, TaskKind, Id<Instance>)>,
    /// Tasks begun so far (count).
    begun: u64,
    reserved: Vec<(Id<Instance>, Id<Server>)>,
    events: Events,
    homes: Homes,
    sent: Sent,
    sizes: Sizes,
    copies: Copies,
    /// How many facts were checked.
    pub facts: u64,
}

impl<'a> Audit<'a> {
    /// An audit of a run over `layout`.
    pub fn new(layout: &'a Layout) -> Self {
        Self {
            layout,
            now: Instant::ZERO,
            states: Column::default(),
            tasks: Vec::new(),
            begun: 0,
            reserved: Vec::new(),
            events: Events::default(),
            homes: Homes::new(layout),
            sent: Sent::default(),
            sizes: Sizes::default(),
            copies: Copies::default(),
            facts: 0,
        }
    }

    /// As `self`, for a scenario that lets events of every type end Failed, or does not
    /// (`event.allow_undocumented_failed`).
    pub fn with_undocumented_failures(mut self, allowed: bool) -> Self {
        self.events.any_may_fail = allowed;
        self
    }

    fn entered(&mut self, instance: Id<Instance>, state: InstanceState) {
        if instance.index() == self.states.len() {
            self.states.push(state);
        } else {
            self.states[instance] = state;
        }
    }

    fn moved(&mut self, instance: Id<Instance>, (from, to): (InstanceState, InstanceState)) {
        assert_eq!(self.states[instance], from, "{instance:?} leaves the state it is in");
        let documented = InstanceState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
        assert!(documented, "{instance:?}: {from} to {to} is documented");
        self.entered(instance, to);
    }

    fn task_began(&mut self, task: Id<Task>, number: u64, of: (TaskKind, Id<Instance>)) {
        assert_eq!(number, self.begun, "tasks are numbered as they begin");
        self.begun += 1;
        let (kind, instance) = of;
        let busy = self.tasks.iter().any(|(other, _, mover)| *other == task || *mover == instance);
        assert!(!busy, "{instance:?} has one task at a time, and a task one instance");
        self.tasks.push((task, kind, instance));
    }

    fn task_ended(&mut self, task: (Id<Task>, TaskKind, Id<Instance>), status: TaskStatus) {
        let place = self.tasks.iter().position(|other| *other == task);
        self.tasks.swap_remove(place.unwrap_or_else(|| panic!("{task:?} ends and is under way")));
        let ends = TaskStatus::ARCS.iter().any(|(_, _, to)| *to == status);
        assert!(ends, "{task:?} ends {status}");
    }

    /// Reserved room is what the tasks under way hold on their targets.
    fn reservations_agree(&self, fleet: &Fleet) {
        let mut held: Vec<_> = fleet
            .tasks
            .under_way()
            .filter_map(|(_, row)| row.target.map(|target| (row.instance, target.server)))
            .collect();
        let mut told = self.reserved.clone();
        held.sort_unstable();
        told.sort_unstable();
        assert_eq!(held, told, "reservations are told, and given back");
    }
}

impl Observer for Audit<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        assert!(now >= self.now, "time never runs back");
        self.now = now;
        self.facts += 1;
        self.events.see(fact);
        self.copies.see(fact);
        self.homes.see(fact, self.layout, fleet);
        match *fact {
            Fact::Requested { instance, .. } => {
                let was = self.states.get(instance).copied();
                let free = was.is_none_or(|state| state == InstanceState::Released);
                assert!(free, "{instance:?} is created while it is {was:?}");
                self.entered(instance, InstanceState::Pending);
            }
            Fact::InstanceMoved { instance, from, to } => self.moved(instance, (from, to)),
            Fact::ServerMoved { server, from, to } => {
                let documented = ServerState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
                assert!(documented, "{server:?}: {from} to {to} is documented");
            }
            Fact::TaskBegan { task, number, kind, instance } => {
                self.task_began(task, number, (kind, instance));
            }
            Fact::TaskEnded { task, kind, instance, status } => {
                self.task_ended((task, kind, instance), status);
            }
            Fact::Reserved { instance, server } => {
                let twice = self.reserved.iter().any(|(of, _)| *of == instance);
                assert!(!twice, "{instance:?} reserves room on one server at a time");
                self.reserved.push((instance, server));
            }
            Fact::Unreserved { instance, server } => {
                let place = self.reserved.iter().position(|of| *of == (instance, server));
                let place = place.expect("only reserved room is given back");
                self.reserved.swap_remove(place);
            }
            Fact::DirtyLost(_)
            | Fact::EventPublished { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::DiskMoved { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::ServerStuck { .. }
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
            | Fact::RepairEnded(_)
            | Fact::Cold(_)
            | Fact::Move(_)
            | Fact::Credits(_)
            | Fact::Drain(_)
            | Fact::Spot(_) => {}
            Fact::Network(ref fact) => self.sent.see(fact),
            Fact::Host(HostFact::Moved { host, from, to }) => {
                let documented = HostState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
                assert!(documented, "{host:?}: {from} to {to} is documented");
            }
            Fact::Host(
                HostFact::Carried { .. }
                | HostFact::Waits(_)
                | HostFact::Modified(_)
                | HostFact::Retyped { .. }
                | HostFact::LiveMigration { .. },
            ) => {}
            Fact::Scaling(ref fact) => self.sizes.see(fact),
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        assert!(now >= self.now, "time never runs back");
        fleet.audit(self.layout);
        let under_way = fleet.tasks.under_way().count();
        assert_eq!(under_way, self.tasks.len(), "every task is accounted for");
        self.reservations_agree(fleet);
        self.events.turn_ended(fleet);
        self.homes.turn_ended();
        self.sent.turn_ended(fleet);
        self.sizes.turn_ended(fleet);
    }
}
