//! Moves: which instances change server, how many at once, how long it takes; and tasks.

use super::{
    copies::Copies,
    gauges::{Lengths, Level},
    sheet::Sheet,
};
use crate::{
    fleet::{
        cause::Cause,
        ids::{Instance, Task},
        tasks::TaskKind,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::task::TaskStatus,
    messages::{
        fact::{Fact, Reason},
        moves::{MoveFact, MoveWhat},
    },
    scenario::Scenario,
};

/// An hour (µs).
const HOUR: u64 = 3_600_000_000;

/// The reasons for which an instance is moved to another server, in the order of reports.
pub const KINDS: [Reason; 5] = [
    Reason::Failover,
    Reason::Redeploy,
    Reason::LiveMigration,
    Reason::ColdMigration,
    Reason::RebootMove,
];

/// The moves of the whole fleet.
#[derive(Clone, Debug)]
pub struct Moves {
    from: Instant,
    end: Instant,
    moved: [u64; KINDS.len()],
    under_way: Level,
    hour: u64,
    this_hour: u64,
    /// The most in one hour, and the number of that hour on the clock.
    busiest_hour: (u64, u64),
    /// Tasks by kind that finished, and that failed.
    tasks: Vec<[u64; 2]>,
    /// When each task began, by its row.
    began: Column<Task, Instant>,
    durations: Lengths,
    by_kind: Vec<Lengths>,
    /// Tasks that wait for their turn.
    waiting: Vec<Id<Task>>,
    /// Whether there are turns, and more is measured of moves.
    in_detail: bool,
    /// Who is in the blackout of a migration, and since when.
    paused: Vec<(Id<Instance>, Instant)>,
    blackouts: Lengths,
}

impl Moves {
    /// Nothing has moved yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            moved: [0; KINDS.len()],
            under_way: Level::new(0, scenario.begin, scenario.measure_from).lasting(),
            hour: 0,
            this_hour: 0,
            busiest_hour: (0, 0),
            tasks: vec![[0; 2]; TaskKind::ALL.len()],
            began: Column::default(),
            durations: Lengths::default(),
            by_kind: vec![Lengths::default(); TaskKind::ALL.len()],
            waiting: Vec::new(),
            in_detail: Copies::are_measured(scenario),
            paused: Vec::new(),
            blackouts: Lengths::default(),
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        match *fact {
            Fact::Placed { reason, .. } => self.placed(now, reason),
            Fact::TaskBegan { task, .. } => {
                self.under_way.add(now, 1);
                if task.index() == self.began.len() {
                    self.began.push(now);
                } else {
                    self.began[task] = now;
                }
            }
            Fact::TaskEnded { task, kind, instance, status } => {
                if kind == TaskKind::LiveMigration {
                    // Who is down still is so because a server failed, or its guest: that is no pause.
                    self.paused.retain(|(of, _)| *of != instance);
                }
                self.ended(now, task, (kind, status));
            }
            Fact::ServiceEnded { instance, cause: Cause::Migration } => {
                self.paused.push((instance, now));
            }
            Fact::ServiceBegan(instance) => {
                if let Some(place) = self.paused.iter().position(|(of, _)| *of == instance) {
                    let (_, since) = self.paused.swap_remove(place);
                    if now >= self.from {
                        self.blackouts.count(now.since(since));
                    }
                }
            }
            Fact::OwingEnded(instance) => self.paused.retain(|(of, _)| *of != instance),
            Fact::Move(ref fact) => self.turn(now, fact),
            _ => {}
        }
    }

    #[inline]
    fn placed(&mut self, now: Instant, reason: Reason) {
        let Some(kind) = KINDS.iter().position(|kind| *kind == reason) else { return };
        if now < self.from {
            return;
        }
        self.moved[kind] += 1;
        let hour = now.micros() / HOUR;
        if hour != self.hour {
            if self.this_hour > self.busiest_hour.0 {
                self.busiest_hour = (self.this_hour, self.hour);
            }
            (self.hour, self.this_hour) = (hour, 0);
        }
        self.this_hour += 1;
    }

    /// A move that waits for its turn is not under way.
    fn turn(&mut self, now: Instant, fact: &MoveFact) {
        let MoveFact { task, what, .. } = *fact;
        match what {
            MoveWhat::Waits => {
                self.under_way.take(now, 1);
                self.waiting.push(task);
            }
            MoveWhat::TurnCame { .. } => {
                self.waiting.retain(|other| *other != task);
                self.under_way.add(now, 1);
                self.began[task] = now;
            }
            MoveWhat::RoundSent { .. }
            | MoveWhat::RoundsEnded { .. }
            | MoveWhat::WentAhead
            | MoveWhat::RestSent { .. }
            | MoveWhat::DisksSent { .. }
            | MoveWhat::Cut { .. }
            | MoveWhat::Ended { .. } => {}
        }
    }

    fn ended(&mut self, now: Instant, task: Id<Task>, (kind, status): (TaskKind, TaskStatus)) {
        match self.waiting.iter().position(|other| *other == task) {
            Some(place) => _ = self.waiting.swap_remove(place),
            None => self.under_way.take(now, 1),
        }
        if now < self.from {
            return;
        }
        self.tasks[kind as usize][usize::from(status == TaskStatus::Failed)] += 1;
        if is_planned(kind) && status == TaskStatus::Finished {
            let lasted = now.since(self.began[task]);
            self.durations.count(lasted);
            self.by_kind[kind as usize].count(lasted);
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.under_way.advance(self.end);
    }

    /// Writes the metrics down.
    pub fn write(&mut self, sheet: &mut Sheet) {
        for (kind, count) in KINDS.iter().zip(self.moved) {
            sheet.write_labelled("migrations", &[kind.name()], Some(count as f64));
        }
        sheet.write_most("migrations.concurrent", &self.under_way);
        let this_hour = (self.this_hour, self.hour);
        let (most, hour) =
            if this_hour.0 > self.busiest_hour.0 { this_hour } else { self.busiest_hour };
        sheet.write("migrations.per_hour.max", Some(most as f64));
        let began = (most > 0).then(|| (hour * HOUR) as f64 / 1e6);
        sheet.write("migrations.per_hour.max_at", began);
        for (name, lengths) in
            [("duration", &mut self.durations), ("blackout", &mut self.blackouts)]
        {
            sheet.write(&format!("migration.{name}.p50"), lengths.quantile(0.5));
            sheet.write(&format!("migration.{name}.p99"), lengths.quantile(0.99));
        }
        self.write_details(sheet);
        for kind in TaskKind::ALL {
            for (ended, status) in [TaskStatus::Finished, TaskStatus::Failed].iter().enumerate() {
                let count = self.tasks[*kind as usize][ended] as f64;
                sheet.write_labelled("tasks", &[kind.name(), status.name()], Some(count));
            }
        }
    }

    /// Writes down what is measured where there are turns.
    fn write_details(&mut self, sheet: &mut Sheet) {
        if !self.in_detail {
            return;
        }
        for kind in TaskKind::ALL.iter().filter(|kind| is_planned(**kind)) {
            let lengths = &mut self.by_kind[*kind as usize];
            for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
                let name = format!("migration.kind.duration.{name}");
                sheet.write_labelled(&name, &[kind.name()], lengths.quantile(share));
            }
        }
        sheet.write("migration.blackout.max", self.blackouts.quantile(1.0));
        let total = self.blackouts.mean().map_or(0.0, |mean| mean * self.blackouts.len() as f64);
        sheet.write("migration.blackout.total", Some(total));
    }
}

/// Whether moves of a kind are planned, so that their length matters.
const fn is_planned(kind: TaskKind) -> bool {
    match kind {
        TaskKind::Failover => false,
        TaskKind::Redeploy | TaskKind::LiveMigration | TaskKind::ColdMigration => true,
    }
}
