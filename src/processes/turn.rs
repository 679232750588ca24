//! The handling of one occurrence, from begin to end: what every process works on.

use crate::{
    fleet::{
        Fleet,
        chance::Chance,
        ids::{Instance, Server, SystemEvent, Task},
        layout::Layout,
        owners::CustomerSpec,
        tasks::TaskKind,
    },
    kernel::{
        agenda::Agenda,
        column::Id,
        distribution::Distribution,
        streams::{Draws, Streams},
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        instance::{InstanceState, InstanceStep},
    },
    messages::{fact::Fact, occurrence::Occurrence},
    scenario::Scenario,
};

/// What a process works on.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The instant of the turn.
    pub now: Instant,
    /// What never changes.
    pub scenario: &'a Scenario,
    /// What is.
    pub fleet: &'a mut Fleet,
    /// What is going to happen.
    pub agenda: &'a mut Agenda<Occurrence>,
    /// What has become true in this turn.
    pub facts: &'a mut Vec<Fact>,
    /// Chance, by address.
    pub streams: &'a Streams,
    /// A list that is kept between turns so that none is allocated.
    pub scratch: &'a mut Vec<Id<Instance>>,
    /// As `scratch`, for events.
    pub events: &'a mut Vec<Id<SystemEvent>>,
}

impl<'a> Turn<'a> {
    /// What is there and never changes.
    pub fn layout(&self) -> &'a Layout {
        &self.scenario.layout
    }

    /// States a fact.
    #[inline]
    pub fn state(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// The draws at an address.
    #[inline]
    pub fn chance(&self, what: Chance, entity: u64, ordinal: u32) -> Draws {
        what.of(self.streams, entity, ordinal)
    }

    /// The owner of `instance`: of a mix, the kind that chance has given this instance.
    #[inline]
    pub fn owner_of(&self, instance: Id<Instance>) -> &'a CustomerSpec {
        let (row, layout) = (&self.fleet.instances[instance], self.layout());
        let customer = &layout.customers[layout.templates[row.template].customer];
        if customer.mix.is_empty() {
            return customer;
        }
        let u = self.chance(Chance::OwnerKind, row.name.entity(), 0).unit();
        &layout.customers[customer.kind_at(u)]
    }

    /// One length of `law` at an address.
    #[inline]
    pub fn length(&self, law: &Distribution, what: Chance, entity: u64, ordinal: u32) -> Span {
        match law {
            Distribution::Fixed(span) => *span,
            Distribution::Uniform { .. }
            | Distribution::Exponential { .. }
            | Distribution::Weibull { .. }
            | Distribution::LogNormal { .. }
            | Distribution::Empirical(_) => law.draw(&mut self.chance(what, entity, ordinal)),
        }
    }

    /// Schedules `what` after `span`; what lies past the end of the run never enters.
    #[inline]
    pub fn after(&mut self, span: Span, what: Occurrence) {
        self.agenda.at(self.now.saturating_add(span), what);
    }

    /// Sets the one alarm of `instance` that its next change of state will void.
    #[inline]
    pub fn set_alarm(&mut self, instance: Id<Instance>, span: Span, what: Occurrence) {
        let due = self.now.saturating_add(span);
        let row = self.fleet.instances.row_mut(instance);
        debug_assert!(!row.alarm_pending, "an instance has one alarm at a time");
        row.alarm_pending = due < self.scenario.end;
        self.agenda.at(due, what);
    }

    /// Voids the pending alarm of `instance` without a change of state.
    pub fn void_alarm(&mut self, instance: Id<Instance>) {
        let row = self.fleet.instances.row_mut(instance);
        row.stamp.raise();
        if std::mem::take(&mut row.alarm_pending) {
            self.agenda.abandon();
        }
    }

    /// Begins a task on `instance`, which has none.
    pub fn begin_task(
        &mut self,
        kind: TaskKind,
        instance: Id<Instance>,
        by_system: bool,
    ) -> Id<Task> {
        let row = self.fleet.instances.row_mut(instance);
        debug_assert!(row.task.is_none(), "an instance has one task at a time");
        let task = self.fleet.tasks.begin(self.now, (kind, by_system), instance, row.state);
        row.task = Some(task);
        let number = self.fleet.tasks[task].number;
        self.facts.push(Fact::TaskBegan { task, number, kind, instance });
        task
    }

    /// `server` may have more room: if it takes instances, those who wait for some are asked.
    #[inline]
    pub fn room_freed(&mut self, server: Id<Server>) {
        let somebody_waits =
            !self.fleet.waiting.is_empty() || !self.fleet.works.emptying.nobody_waits();
        if somebody_waits && self.fleet.capacity.is_open(server) {
            self.fleet.waiting.room_freed(server);
            self.agenda.pass(Occurrence::RoomOffered);
        }
    }

    /// Moves `instance` by one step of its machine, voids its alarm and states the fact.
    #[inline]
    pub fn step(&mut self, instance: Id<Instance>, step: InstanceStep) {
        if std::mem::take(&mut self.fleet.instances.row_mut(instance).alarm_pending) {
            self.agenda.abandon();
        }
        let from = self.fleet.instances.step(instance, step);
        let to = self.fleet.instances[instance].state;
        self.facts.push(Fact::InstanceMoved { instance, from, to });
        self.concerns_group(instance);
        if to.attribute() == Attribute::Stable && self.fleet.events.of(instance).next().is_some() {
            self.resume_held(instance);
        }
    }

    /// Something happened to `instance`: if it is a member of a scaling group, the group looks at it
    /// in the next round; if it is released, the group learns of that.
    #[inline]
    pub fn concerns_group(&mut self, instance: Id<Instance>) {
        if self.fleet.instances[instance].in_group {
            self.group_sees(instance);
        }
    }

    #[cold]
    fn group_sees(&mut self, instance: Id<Instance>) {
        let member = self.fleet.members.of(instance).expect("who is in a group is a member");
        let birth = self.fleet.members[member].birth;
        if self.fleet.instances[instance].state == InstanceState::Released {
            self.fleet.members.unlink(member);
            self.agenda.at(self.now, Occurrence::MemberLeft { member, birth });
            return;
        }
        let row = self.fleet.members.row_mut(member);
        if !std::mem::replace(&mut row.seen_pending, true) {
            self.agenda.at(self.now, Occurrence::MemberSeen { member, birth });
        }
    }

    /// Jobs of events that waited for a stable state of `instance`, or for the end of what moves it, are
    /// tried in the next round.
    #[cold]
    pub fn resume_held(&mut self, instance: Id<Instance>) {
        let mut at = self.fleet.events.of(instance).next().map(|(event, _)| event);
        while let Some(event) = at {
            let next = self.fleet.events.after(event);
            let row = self.fleet.events.row_mut(event);
            if row.held && !std::mem::replace(&mut row.resumes, true) {
                row.alarms += 1;
                self.agenda.at(self.now, Occurrence::EventDue { event, stamp: row.stamp });
            }
            at = next;
        }
    }
}
