//! When service was worst in a run, and who was concerned; and what happened then.
//!
//! Two observers, as whose story is worth telling is known only when the run is over: [`Lows`] finds
//! the worst minutes, [`Told`] watches the same run again and keeps what became true of those who
//! were down then.

use super::{
    Observer, names,
    story::{Entry, Story, Subject},
};
use crate::{
    fleet::{
        Fleet,
        cause::Cause,
        ids::{Instance, Server},
        instances::InstanceName,
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    messages::fact::Fact,
    scenario::Scenario,
};
use std::collections::BTreeSet;

/// The most cells that a run is looked at in; where minutes are more, cells are longer.
const CELLS: u64 = 600_000;

/// How long a cell is at least (µs).
const MINUTE: u64 = 60_000_000;

/// The most cells that the worst ones reach to either side of the very worst.
const REACH: usize = 180;

/// How long before the worst minutes the story begins (cells): what led to them.
const LEAD: u64 = 10;

/// How many interruptions are kept before those that no longer matter are dropped.
const KEPT: usize = 1 << 18;

/// What is known of one instance.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: InstanceName,
    server: Option<Id<Server>>,
    owes: bool,
    down: Option<Interruption>,
}

/// A time in which an instance that owed service was not served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interruption {
    /// The instance.
    pub name: InstanceName,
    /// Why.
    pub cause: Cause,
    /// Where the instance was when it went down.
    pub server: Option<Id<Server>>,
    /// When it began.
    pub from: Instant,
    /// When it ended, or the run did.
    pub to: Instant,
}

/// Some level over the cells of a run.
#[derive(Clone, Debug)]
struct Level {
    count: u64,
    since: Instant,
    /// Count × time in each cell (µs).
    areas: Vec<u64>,
}

/// When service was worst.
#[derive(Clone, PartialEq, Debug)]
pub struct Low {
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// When the story of it begins: a little earlier, or when the run does.
    pub story_from: Instant,
    /// Service lost in that time (instance-µs).
    pub lost: u64,
    /// Service owed in that time (instance-µs).
    pub owed: u64,
    /// Who was down at some moment of it, in the order of when that ended.
    pub interruptions: Vec<Interruption>,
}

impl Low {
    /// Share of the owed time that was served.
    pub fn availability(&self) -> f64 {
        1.0 - self.lost as f64 / self.owed.max(1) as f64
    }
}

/// Finds the worst minutes of a run: the cell of a minute in which most service was lost (the first
/// of equals), with those around it in which at least half as much was.
#[derive(Clone, Debug)]
pub struct Lows<'a> {
    scenario: &'a Scenario,
    cell: u64,
    rows: Column<Instance, Row>,
    owed: Level,
    down: Level,
    ended: Vec<Interruption>,
    room: usize,
}

impl<'a> Lows<'a> {
    /// Nothing has happened yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        let lasts = scenario.end.since(scenario.measure_from).micros();
        let cell = lasts.div_ceil(CELLS).div_ceil(MINUTE).max(1) * MINUTE;
        let cells = lasts.div_ceil(cell) as usize;
        let level = Level { count: 0, since: scenario.measure_from, areas: vec![0; cells] };
        Self {
            scenario,
            cell,
            rows: Column::default(),
            owed: level.clone(),
            down: level,
            ended: Vec::new(),
            room: KEPT,
        }
    }

    /// The run is over; `None` where no service was lost in the part that is measured.
    pub fn finish(mut self) -> Option<Low> {
        let end = self.scenario.end;
        let down: Vec<Id<Instance>> = self.rows.ids().iter().collect();
        down.into_iter().for_each(|instance| self.comes_up(end, instance));
        self.advance(end);
        let worst = self.worst()?;
        let half = |cell: usize| {
            self.down
                .areas
                .get(cell)
                .is_some_and(|area| area.saturating_mul(2) >= self.down.areas[worst])
        };
        let before = (1..=REACH.min(worst)).take_while(|back| half(worst - back)).count();
        let after = (1..=REACH).take_while(|on| half(worst + on)).count();
        let (first, last) = (worst - before, worst + after);
        let (from, to) = (self.begins(first), self.begins(last + 1));
        let mut interruptions = self.ended;
        interruptions.retain(|one| one.from < to && one.to > from);
        let lead = Span::from_micros(LEAD * self.cell);
        let story_from = from.since(Instant::ZERO).saturating_sub(lead);
        Some(Low {
            from,
            to,
            story_from: Instant::ZERO.saturating_add(story_from).max(self.scenario.begin),
            lost: self.down.areas[first..=last].iter().sum(),
            owed: self.owed.areas[first..=last].iter().sum(),
            interruptions,
        })
    }

    /// The cell in which most was lost so far.
    fn worst(&self) -> Option<usize> {
        let areas = self.down.areas.iter().enumerate();
        let worst = areas.max_by_key(|(cell, area)| (**area, std::cmp::Reverse(*cell)))?;
        (*worst.1 > 0).then_some(worst.0)
    }

    /// When cell number `cell` begins; the number after the last says when the run ends.
    fn begins(&self, cell: usize) -> Instant {
        let after = Span::from_micros(self.cell.saturating_mul(cell as u64));
        self.scenario.measure_from.saturating_add(after).min(self.scenario.end)
    }

    fn advance(&mut self, now: Instant) {
        let (from, cell) = (self.scenario.measure_from, self.cell);
        for level in [&mut self.owed, &mut self.down] {
            level.advance(now, from, cell);
        }
    }

    fn comes_up(&mut self, now: Instant, instance: Id<Instance>) {
        let Some(down) = self.rows[instance].down.take() else { return };
        self.advance(now);
        self.down.count -= 1;
        self.ended.push(Interruption { to: now, ..down });
        if self.ended.len() >= self.room {
            self.drop_old(now);
        }
    }

    /// Drops what lies neither near the worst so far nor so near to `now` that it may become so.
    fn drop_old(&mut self, now: Instant) {
        let reach = Span::from_micros(self.cell * (REACH as u64 + 1));
        let near = |at: Instant, one: &Interruption| {
            one.to.saturating_add(reach) >= at && one.from <= at.saturating_add(reach)
        };
        let worst = self.worst().map(|cell| self.begins(cell));
        self.ended.retain(|one| near(now, one) || worst.is_some_and(|worst| near(worst, one)));
        self.room = KEPT.max(2 * self.ended.len());
    }
}

impl Level {
    /// The level stayed as it is until `now`; cells of length `cell` (µs) begin at `from`.
    fn advance(&mut self, now: Instant, from: Instant, cell: u64) {
        while self.since < now {
            let place = self.since.since(from).micros() / cell;
            let Some(area) = self.areas.get_mut(place as usize) else { return };
            let ends = from.saturating_add(Span::from_micros((place + 1) * cell)).min(now);
            *area += self.count * ends.since(self.since).micros();
            self.since = ends;
        }
    }
}

impl Observer for Lows<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Requested { instance, name, .. } = *fact {
            let row = Row { name, server: None, owes: false, down: None };
            if instance.index() == self.rows.len() {
                self.rows.push(row);
            } else {
                self.rows[instance] = row;
            }
        } else if let Fact::Placed { instance, server, .. } = *fact {
            self.rows[instance].server = Some(server);
        } else if let Fact::OwingBegan(instance) = *fact {
            self.advance(now);
            self.rows[instance].owes = true;
            self.owed.count += 1;
        } else if let Fact::OwingEnded(instance) = *fact {
            self.comes_up(now, instance);
            if std::mem::take(&mut self.rows[instance].owes) {
                self.advance(now);
                self.owed.count -= 1;
            }
        } else if let Fact::ServiceBegan(instance) = *fact {
            self.comes_up(now, instance);
        } else if let Fact::ServiceEnded { instance, cause } = *fact {
            self.comes_up(now, instance);
            self.advance(now);
            self.down.count += 1;
            let Row { name, server, .. } = self.rows[instance];
            let down = Interruption { name, cause, server, from: now, to: now };
            self.rows[instance].down = Some(down);
        }
    }
}

/// Keeps what became true around a [`Low`] of those who were down in it, of the servers that they
/// were on, and of what belongs to nobody in particular (racks, campaigns).
#[derive(Clone, Debug)]
pub struct Told<'a> {
    story: Story<'a>,
    instances: BTreeSet<String>,
    servers: BTreeSet<String>,
    /// What was kept, in order.
    pub entries: Vec<Entry>,
}

/// What is told of nobody in particular and is no news: how groups stand.
const NO_NEWS: &str = "Counted";

impl<'a> Told<'a> {
    /// The story of `low`, which is of run number `run`.
    pub fn new(scenario: &'a Scenario, run: u32, low: &Low) -> Self {
        let window = (low.story_from, low.to);
        let who = low.interruptions.iter();
        let name = |one: &Interruption| names::instance(one.name, scenario);
        let on = who.clone().filter_map(|one| one.server);
        Self {
            story: Story::new(scenario, run, Subject::Run, window),
            instances: who.map(name).collect(),
            servers: on.map(|server| scenario.layout.server_name(server)).collect(),
            entries: Vec::new(),
        }
    }

    fn concerns(&self, entry: &Entry) -> bool {
        match (&entry.instance, &entry.server) {
            (Some(instance), _) => self.instances.contains(instance),
            (None, Some(server)) => self.servers.contains(server),
            (None, None) => entry.what != NO_NEWS,
        }
    }
}

impl Observer for Told<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        self.story.see(now, fact, fleet);
        for entry in std::mem::take(&mut self.story.entries) {
            if self.concerns(&entry) {
                self.entries.push(entry);
            }
        }
    }
}
