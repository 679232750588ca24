//! The first three invariants of spec/refresh-and-migration.md 3.9 held turn by turn, in groups
//! that are disturbed too: whatever lowers the healthy members or raises the counted ones is asked
//! who did it. What the refresh does itself has to keep within the bounds; what somebody else does
//! (failures, commands, the group's own scaling, a change of D) moves the group without it.

use fleetsim::{
    fleet::{
        Fleet,
        groups::{Counts, Trigger},
        ids::{Member, Refresh, Replacement},
        members::MemberRow,
        refreshes::Order,
        scaling::Creation,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, member::MemberState, refresh::RefreshStatus},
    messages::{fact::Fact, scaling::ScalingFact},
    observe::Observer,
    policy::refresh::{Bystander, RefreshRules},
    scenario::Scenario,
};
use std::collections::{BTreeMap, BTreeSet};

/// `lo` and `hi` of a group of `base`.
pub fn limits(base: u32, [min, max]: [u32; 2], rounds_up: bool) -> [u32; 2] {
    let ceiling = if rounds_up { (base * max).div_ceil(100) } else { base * max / 100 };
    [(base * min).div_ceil(100), ceiling]
}

/// A replacement under way, by the number of its old member.
#[derive(Clone, Copy, Debug)]
struct Pair {
    order: Order,
    forced: bool,
    /// Whether its new member has been ready.
    ready: bool,
    /// Capacity units of the old member, and of the new one as far as it is known.
    weights: [u32; 2],
    /// Its newest new member.
    new: Option<Id<Member>>,
    /// Its row, if it was open when the turn in which it began had ended.
    row: Option<Id<Replacement>>,
}

/// What became true in one turn.
#[derive(Debug, Default)]
struct TurnSeen {
    facts: Vec<ScalingFact>,
    /// Whether somebody gave a command.
    commanded: bool,
}

/// Holds the first refresh of a run against the bounds.
#[derive(Debug)]
pub struct Bounded {
    percents: [u32; 2],
    rules: RefreshRules,
    /// By how much a launch of the group may overshoot what it misses (capacity units).
    overshoot: u32,
    turn: TurnSeen,
    counts: Counts,
    desired: u32,
    task: Option<Id<Refresh>>,
    status: Option<RefreshStatus>,
    /// The largest D since nothing was under way: launches that are owed were begun under it.
    most_desired: u32,
    /// Whether a batch beyond the bounds is under way, and the largest size of one of its members.
    forced: Option<u32>,
    pairs: BTreeMap<u32, Pair>,
    /// Who may be replaced at most once more, because its pair came to nothing by another's hand.
    returned: BTreeSet<u32>,
    /// Who was replaced since the task last turned round.
    replaced: BTreeSet<u32>,
    /// Who may be replaced on the way forward, by number.
    need: BTreeSet<u32>,
    /// Who of them left, or was left alone, for another reason.
    left: BTreeSet<u32>,
    /// What is wrong (all of it).
    pub wrong: Vec<String>,
}

impl Bounded {
    /// For a run of `scenario`, whose refresh asks for these percentages.
    pub fn new(scenario: &Scenario, percents: [u32; 2], overshoot: u32) -> Self {
        Self {
            percents,
            rules: scenario.refresh_rules[Id::new(0)].clone(),
            overshoot,
            turn: TurnSeen::default(),
            counts: Counts::default(),
            desired: 0,
            task: None,
            status: None,
            most_desired: 0,
            forced: None,
            pairs: BTreeMap::new(),
            returned: BTreeSet::new(),
            replaced: BTreeSet::new(),
            need: BTreeSet::new(),
            left: BTreeSet::new(),
            wrong: Vec::new(),
        }
    }

    /// Whether the task goes on.
    fn is_on(&self) -> bool {
        self.status.is_some_and(|status| status.attribute() != Attribute::Final)
    }

    fn limits(&self, base: u32) -> [u32; 2] {
        limits(base, self.percents, self.rules.ceiling_rounds_up)
    }

    /// Who may be replaced when the task begins.
    fn gathers(&mut self, fleet: &Fleet, task: Id<Refresh>) {
        let policy = |state| match state {
            MemberState::InService => true,
            MemberState::Protected => self.rules.protected != Bystander::Ignore,
            MemberState::Standby => self.rules.standby != Bystander::Ignore,
            _ => false,
        };
        let target = fleet.refreshes[task].target;
        let takes_part = |row: &MemberRow| {
            let is_new = self.rules.skip_matching && row.identity == target;
            row.creation == Creation::AutoCreated && policy(row.state) && !is_new
        };
        let all = fleet.members.present().filter(|(_, row)| takes_part(row));
        self.need = all.map(|(_, row)| row.number).collect();
    }

    /// Whether anybody but the refresh removed members in this turn, or moved them by command.
    fn is_meddled_with(&self) -> bool {
        self.turn.commanded
            || self.turn.facts.iter().any(|fact| {
                matches!(fact, ScalingFact::Activity { trigger, removed, .. }
                    if *trigger != Trigger::Refresh && *removed > 0)
            })
    }

    fn complains(&mut self, now: Instant, what: String) {
        let ([lo, hi], counts) = (self.limits(self.desired), self.counts);
        let (h, t) = (counts.healthy, counts.counted);
        self.wrong.push(format!(
            "{} s: {what}; D={} lo={lo} hi={hi} H={h} T={t} {:?}",
            now.seconds(),
            self.desired,
            self.turn.facts
        ));
    }

    /// A batch begins: healthy members that go first leave the floor alone.
    fn begins(&mut self, now: Instant, fleet: &Fleet, before: Counts) {
        let mut begun: Vec<(Id<Member>, Order)> = Vec::new();
        let mut forced = false;
        for fact in &self.turn.facts {
            match *fact {
                ScalingFact::BatchBegan { forced: beyond, .. } => forced |= beyond,
                ScalingFact::Replacing { old, order, .. } => begun.push((old, order)),
                _ => {}
            }
        }
        let mut down = 0;
        for (old, order) in &begun {
            let row = fleet.members[*old];
            let weight = u32::from(row.weight);
            let was_healthy = row.healthy && row.warm && !self.was_on_standby(*old);
            let goes_first = *order == Order::TerminateFirst && was_healthy;
            down += if goes_first { weight } else { 0 };
            self.is_replaced(now, row.number);
            let (order, ready) = (*order, false);
            let pair = Pair {
                order,
                forced,
                ready,
                weights: [weight; 2],
                new: None,
                row: row.replacement,
            };
            self.pairs.insert(row.number, pair);
            if forced {
                let largest = weight.max(self.overshoot + 1);
                self.forced = Some(self.forced.unwrap_or(0).max(largest));
            }
        }
        if self.rules.in_place && !begun.is_empty() {
            down = before.healthy.saturating_sub(self.counts.healthy);
        }
        if forced && begun.len() > 1 {
            self.complains(now, format!("a batch of {} beyond the bounds", begun.len()));
        }
        let [lo, _] = self.limits(self.desired);
        if down > 0 && !forced && self.counts.healthy < lo && !self.is_meddled_with() {
            self.complains(now, format!("a batch takes {down}"));
        }
    }

    fn was_on_standby(&self, member: Id<Member>) -> bool {
        self.turn.facts.iter().any(|fact| {
            matches!(fact, ScalingFact::MemberMoved { member: who, from: Some(MemberState::Standby), .. }
                if *who == member)
        })
    }

    /// Nobody is replaced twice, nor anybody who is no business of the task.
    fn is_replaced(&mut self, now: Instant, number: u32) {
        let is_back = self.status == Some(RefreshStatus::RollbackInProgress);
        if !is_back && !self.need.contains(&number) {
            self.complains(now, format!("g#{number} takes no part"));
        }
        let pair = self.pairs.get(&number);
        let returns_now = pair.is_some_and(|pair| !pair.ready) && self.is_meddled_with();
        if !self.replaced.insert(number) && !self.returned.remove(&number) && !returns_now {
            self.complains(now, format!("g#{number} is replaced again"));
        }
    }

    /// Members in flight leave only for a new one, or within the bounds.
    fn leaves(&mut self, now: Instant, fleet: &Fleet) {
        let meddled = self.is_meddled_with();
        let [lo, _] = self.limits(self.desired);
        let mut wrong = Vec::new();
        let begun: BTreeSet<u32> = self.numbers_begun(fleet);
        for fact in &self.turn.facts {
            let ScalingFact::MemberMoved { member, from: Some(from), to, .. } = *fact else {
                continue;
            };
            let row = fleet.members[member];
            let serves = matches!(from, MemberState::InService | MemberState::Protected);
            let goes = matches!(to, MemberState::Removing | MemberState::RemovingWait);
            let Some(pair) = self.pairs.get(&row.number) else { continue };
            if !(serves && goes && !meddled && row.healthy && row.warm) {
                continue;
            }
            let [old, new] = pair.weights;
            let is_made_up_for = pair.ready && new >= old;
            let is_within = self.counts.healthy >= lo;
            let is_first = begun.contains(&row.number) && pair.order == Order::TerminateFirst;
            let may = is_made_up_for
                || is_first
                || match pair.order {
                    Order::LaunchFirst => pair.ready && is_within,
                    Order::TerminateFirst => is_within || pair.forced,
                };
            if !may {
                wrong.push(format!("g#{} leaves ({pair:?})", row.number));
            }
        }
        for what in wrong {
            self.complains(now, what);
        }
    }

    fn numbers_begun(&self, fleet: &Fleet) -> BTreeSet<u32> {
        let begun = self.turn.facts.iter().filter_map(|fact| match *fact {
            ScalingFact::Replacing { old, .. } => Some(fleet.members[old].number),
            _ => None,
        });
        begun.collect()
    }

    /// What is counted rises to the ceiling at most, but for one instance of a forced batch.
    fn grows(&mut self, now: Instant, (fleet, task): (&Fleet, Id<Refresh>), before: Counts) {
        // Who was to go first and was put back by a hook is counted beside its successor.
        let put_back = fleet.refreshes.open_of(task).filter_map(|(_, row)| {
            let old = row.old.filter(|old| fleet.members[*old].state.is_counted())?;
            (row.order == Order::TerminateFirst).then(|| u32::from(fleet.members[old].weight))
        });
        let put_back: u32 = put_back.sum();
        // A launch for one that has left already only makes up for it.
        let is_swap = |member: Id<Member>| {
            let pair = fleet.members[member].replacement;
            pair.is_some_and(|pair| {
                fleet.refreshes.replacement(pair).order == Order::TerminateFirst
            })
        };
        let is_launch = self.turn.facts.iter().any(|fact| match *fact {
            ScalingFact::MemberMoved { member, from: None, to: MemberState::Pending, .. } => {
                !is_swap(member)
            }
            _ => false,
        });
        if !is_launch || self.counts.counted <= before.counted {
            return;
        }
        let [_, hi] = self.limits(self.most_desired);
        let most = hi + self.forced.unwrap_or(0) + self.overshoot + put_back;
        if self.counts.counted > most {
            self.complains(now, format!("{most} at most"));
        }
    }

    /// Whoever leaves for another reason needs not be replaced.
    fn notes_who_left(&mut self, fleet: &Fleet) {
        for fact in &self.turn.facts {
            if let ScalingFact::MemberMoved { member, from: Some(_), .. } = *fact {
                let number = fleet.members[member].number;
                if !self.replaced.contains(&number) {
                    self.left.insert(number);
                }
            }
        }
    }

    /// Which pairs have become ready.
    fn readies(&mut self, fleet: &Fleet) {
        for fact in &self.turn.facts {
            let ScalingFact::Replaced { new, .. } = *fact else { continue };
            for pair in self.pairs.values_mut().filter(|pair| pair.new == Some(new)) {
                (pair.ready, pair.weights[1]) = (true, u32::from(fleet.members[new].weight));
            }
        }
    }

    /// Which replacements are open now, and what became of the others.
    fn follows(&mut self, fleet: &Fleet, task: Id<Refresh>) {
        let mut open = BTreeMap::new();
        for (place, row) in fleet.refreshes.open_of(task).filter(|(_, row)| !row.fills) {
            let number = row.old.map(|old| fleet.members[old].number);
            open.insert(place, (number, row.finished, u32::from(row.new_weight), row.new));
        }
        let returned = &mut self.returned;
        self.pairs.retain(|number, pair| match pair.row.and_then(|row| open.get(&row)) {
            Some((of, finished, weight, new)) if of.is_none_or(|of| of == *number) => {
                (pair.ready, pair.weights[1], pair.new) = (*finished, *weight, *new);
                true
            }
            // It is closed, or came to nothing.
            Some(_) | None => {
                if !pair.ready {
                    returned.insert(*number);
                }
                false
            }
        });
    }

    fn changes_status(&mut self, now: Instant, fleet: &Fleet) {
        for place in 0..self.turn.facts.len() {
            let ScalingFact::RefreshMoved { refresh, from, to, .. } = self.turn.facts[place] else {
                continue;
            };
            if self.task.is_some_and(|task| task != refresh) {
                continue;
            }
            if from.is_none() {
                self.task = Some(refresh);
                self.gathers(fleet, refresh);
            }
            self.status = Some(to);
            if to == RefreshStatus::RollbackInProgress {
                self.replaced.clear();
                self.pairs.clear();
            }
            if to == RefreshStatus::Successful {
                let done = &self.replaced | &self.left;
                if let Some(number) = self.need.difference(&done).next() {
                    self.complains(now, format!("g#{number} was not replaced"));
                }
            }
        }
    }
}

impl Observer for Bounded {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::Scaling(fact) => self.turn.facts.push(fact),
            Fact::Commanded { .. } => self.turn.commanded = true,
            _ => {}
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        if self.turn.facts.is_empty() {
            self.turn.commanded = false;
            return;
        }
        let before = self.counts;
        for fact in &self.turn.facts {
            if let ScalingFact::Counted { desired, counts, .. } = *fact {
                (self.desired, self.counts) = (desired, counts);
            }
        }
        self.most_desired = self.most_desired.max(self.desired);
        self.notes_who_left(fleet);
        let was_on = self.is_on();
        // A task that begins or turns round does so before it plans.
        self.changes_status(now, fleet);
        if let Some(task) = self.task.filter(|_| was_on || self.is_on()) {
            self.readies(fleet);
            self.begins(now, fleet, before);
            self.leaves(now, fleet);
            self.grows(now, (fleet, task), before);
            self.follows(fleet, task);
            let row = &fleet.refreshes[task];
            if row.open[0] == 0 && row.fills == 0 {
                (self.most_desired, self.forced) = (self.desired, None);
            }
        } else {
            self.most_desired = self.desired;
        }
        self.turn = TurnSeen::default();
    }
}
