//! Metrics of scaling groups and of their instance refreshes.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::{
        Fleet,
        groups::Counts,
        ids::{Member, Refresh, ScalingGroup, Script},
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    lifecycle::{Attribute, member::MemberState, refresh::RefreshStatus},
    messages::{
        fact::Fact,
        operation::{GroupOperation, Operation},
        scaling::{ActivityStatus, ScalingFact},
    },
    scenario::{Handle, Scenario},
};

/// What is measured of one group.
#[derive(Clone, Debug)]
struct GroupRecord {
    desired: Level,
    counted: Level,
    serving: Level,
    physical: Level,
    /// Capacity units that serve, as far as they are desired.
    useful: Level,
    /// Whether fewer serve than the refresh rules' bound.
    below: Level,
    launches: u64,
    removals: u64,
    unhealthy: u64,
    launch_failures: u64,
    activities: [u64; 4],
    /// Capacity that takes room in each of its zones, in the order of their preference.
    in_zones: Vec<Level>,
    /// Capacity in each state.
    in_states: [Level; 8],
    /// The active refresh.
    refresh: Option<Id<Refresh>>,
    /// Whether its counts were ever told: before, there is nothing to be below of.
    is_known: bool,
}

/// What is measured of the refresh that one command starts.
#[derive(Clone, Debug)]
struct RefreshRecord {
    script: Id<Script>,
    /// Whether it is the task that takes the failed one back.
    takes_back: bool,
    began: Option<Instant>,
    status: Option<RefreshStatus>,
    since: Instant,
    /// From its start to its end, or to the end of the run (µs).
    lasted: Span,
    paused: Span,
    /// Levels from its start on; `None` before.
    levels: Option<[Level; 3]>,
    missing: u128,
    missing_since: (Instant, u64),
    batches: [u64; 2],
    replaced: u64,
    failed: u64,
    launch_failures: u64,
    checkpoints: u64,
    floor_broken: u64,
}

/// Measures groups and refreshes.
#[derive(Clone, Debug)]
pub struct Scaling<'a> {
    scenario: &'a Scenario,
    from: Instant,
    groups: Column<ScalingGroup, GroupRecord>,
    refreshes: Vec<RefreshRecord>,
}

impl<'a> Scaling<'a> {
    /// Nothing is measured yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        let level = || Level::new(0, scenario.begin, scenario.measure_from).lasting();
        let record = |zones: usize| GroupRecord {
            desired: level(),
            counted: level(),
            serving: level(),
            physical: level(),
            useful: level(),
            below: level(),
            launches: 0,
            removals: 0,
            unhealthy: 0,
            launch_failures: 0,
            activities: [0; 4],
            in_zones: vec![level(); zones],
            in_states: std::array::from_fn(|_| level()),
            refresh: None,
            is_known: false,
        };
        let mut groups = Column::default();
        for spec in &scenario.layout.scaling_groups {
            groups.push(record(spec.zones.len()));
        }
        let starts = scenario.scripts.entries();
        let starts = starts.filter(|(_, row)| {
            row.operation == Operation::Group(GroupOperation::StartInstanceRefresh)
        });
        let tasks = starts.flat_map(|(script, row)| {
            let may_be_taken_back = match &row.parameters.scaling.group {
                Some(Handle::Known(group)) => scenario.refresh_rules[*group].rollback_after_failed,
                Some(Handle::Unknown(_)) | None => false,
            };
            let own = (script, false);
            [own].into_iter().chain(may_be_taken_back.then_some((script, true)))
        });
        let refreshes = tasks.map(|(script, takes_back)| RefreshRecord {
            script,
            takes_back,
            began: None,
            status: None,
            since: scenario.begin,
            lasted: Span::ZERO,
            paused: Span::ZERO,
            levels: None,
            missing: 0,
            missing_since: (scenario.begin, 0),
            batches: [0; 2],
            replaced: 0,
            failed: 0,
            launch_failures: 0,
            checkpoints: 0,
            floor_broken: 0,
        });
        Self { scenario, from: scenario.measure_from, groups, refreshes: refreshes.collect() }
    }

    /// Something has become true.
    pub fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        let Fact::Scaling(fact) = fact else { return };
        match *fact {
            ScalingFact::Counted { group, desired, counts } => {
                self.counted(now, group, (desired, counts), fleet);
            }
            ScalingFact::MemberMoved { member, group, from, to, .. }
                if from.is_none() || to == MemberState::Gone =>
            {
                self.passes_door(now, (member, group), to, fleet);
            }
            ScalingFact::MemberMoved { group, to, .. } if now >= self.from => {
                let row = &mut self.groups[group];
                row.launches += u64::from(to == MemberState::Pending);
                row.removals += u64::from(to == MemberState::Removing);
            }
            ScalingFact::MemberMoved { .. } => {}
            ScalingFact::MemberJudged { group, healthy, .. } => {
                self.groups[group].unhealthy += u64::from(!healthy && now >= self.from);
            }
            ScalingFact::LaunchFailed { group, refresh } => {
                self.groups[group].launch_failures += u64::from(now >= self.from);
                if let Some(row) = refresh.and_then(|refresh| self.record(refresh, fleet)) {
                    row.launch_failures += 1;
                }
            }
            ScalingFact::Activity { status: ActivityStatus::InProgress, .. } => {}
            ScalingFact::Activity { group, status, .. } => {
                self.groups[group].activities[status as usize] += u64::from(now >= self.from);
            }
            ScalingFact::RefreshMoved { refresh, group, to, .. } => {
                self.moved(now, (refresh, group), to, fleet);
            }
            ScalingFact::BatchBegan { refresh, forced, .. } => {
                if let Some(row) = self.record(refresh, fleet) {
                    row.batches[0] += 1;
                    row.batches[1] += u64::from(forced);
                }
            }
            ScalingFact::Replaced { refresh, .. } => {
                if let Some(row) = self.record(refresh, fleet) {
                    row.replaced += 1;
                }
            }
            ScalingFact::ReplacementFailed { refresh, .. } => {
                if let Some(row) = self.record(refresh, fleet) {
                    row.failed += 1;
                }
            }
            ScalingFact::CheckpointReached { refresh, .. } => {
                if let Some(row) = self.record(refresh, fleet) {
                    row.checkpoints += 1;
                }
            }
            ScalingFact::FloorBroken { refresh, .. } => {
                if let Some(row) = self.record(refresh, fleet) {
                    row.floor_broken += 1;
                }
            }
            ScalingFact::MemberFails { .. }
            | ScalingFact::SystemSuspended { .. }
            | ScalingFact::Replacing { .. } => {}
        }
    }

    /// The record of the command that started `refresh`.
    fn record(&mut self, refresh: Id<Refresh>, fleet: &Fleet) -> Option<&mut RefreshRecord> {
        let row = &fleet.refreshes[refresh];
        let key = (row.script, row.takes_back.is_some());
        let place = self.refreshes.binary_search_by_key(&key, |row| (row.script, row.takes_back));
        let place = place.ok()?;
        Some(&mut self.refreshes[place])
    }

    fn counted(
        &mut self,
        now: Instant,
        group: Id<ScalingGroup>,
        (desired, counts): (u32, Counts),
        fleet: &Fleet,
    ) {
        let (desired, serving) = (u64::from(desired), u64::from(counts.serving));
        let row = &mut self.groups[group];
        row.is_known = true;
        row.desired.set(now, desired);
        row.counted.set(now, u64::from(counts.counted));
        row.serving.set(now, serving);
        row.physical.set(now, u64::from(counts.physical()));
        row.useful.set(now, serving.min(desired));
        for (level, (_, value)) in row.in_states.iter_mut().zip(counts.in_states()) {
            level.set(now, u64::from(value));
        }
        let active = row.refresh;
        self.look_at_floor(now, group, fleet);
        let Some(row) = active.and_then(|refresh| self.record(refresh, fleet)) else { return };
        row.misses(now, desired.saturating_sub(serving));
        if let Some(levels) = &mut row.levels {
            let values = [serving, u64::from(counts.counted), u64::from(counts.physical())];
            for (level, value) in levels.iter_mut().zip(values) {
                level.set(now, value);
            }
        }
    }

    /// A member comes, or is gone: one more or less in its zone.
    fn passes_door(
        &mut self,
        now: Instant,
        (member, group): (Id<Member>, Id<ScalingGroup>),
        to: MemberState,
        fleet: &Fleet,
    ) {
        let of = &fleet.members[member];
        let zones = &self.scenario.layout.scaling_groups[group].zones;
        let row = &mut self.groups[group];
        row.launches += u64::from(to == MemberState::Pending && now >= self.from);
        let place = of.zone.and_then(|zone| zones.iter().position(|other| *other == zone));
        if let Some(place) = place {
            let weight = u64::from(of.weight);
            match to {
                MemberState::Gone => row.in_zones[place].take(now, weight),
                MemberState::Pending
                | MemberState::PendingWait
                | MemberState::InService
                | MemberState::Protected
                | MemberState::Standby
                | MemberState::RemovingWait
                | MemberState::Removing
                | MemberState::Stopped => row.in_zones[place].add(now, weight),
            }
        }
    }

    /// Whether fewer members serve than the bound that holds now.
    fn look_at_floor(&mut self, now: Instant, group: Id<ScalingGroup>, fleet: &Fleet) {
        let row = &mut self.groups[group];
        let request = row.refresh.map(|refresh| fleet.refreshes[refresh].script);
        let asked =
            request.and_then(|script| self.scenario.scripts[script].parameters.scaling.request.min);
        let desired = u32::try_from(row.desired.value()).unwrap_or(u32::MAX);
        let is_aside = self.scenario.refresh_rules[group].without_standby;
        let standby = fleet.groups[group].counts.standby;
        let base = desired.saturating_sub(if is_aside { standby } else { 0 });
        let floor = self.scenario.healthy_floor(group, base, asked);
        let is_below = row.is_known && row.serving.value() < u64::from(floor);
        row.below.set(now, u64::from(is_below));
    }

    fn moved(
        &mut self,
        now: Instant,
        (refresh, group): (Id<Refresh>, Id<ScalingGroup>),
        to: RefreshStatus,
        fleet: &Fleet,
    ) {
        let begin = self.scenario.begin;
        let row = &self.groups[group];
        let values = [&row.serving, &row.counted, &row.physical].map(Level::value);
        let missing = row.desired.value().saturating_sub(values[0]);
        if let Some(record) = self.record(refresh, fleet) {
            if record.began.is_none() {
                record.began = Some(now);
                record.missing_since = (now, missing);
                record.levels = Some(values.map(|value| {
                    let mut level = Level::new(value, begin, now).lasting();
                    level.advance(now);
                    level
                }));
            }
            record.enters(now, to);
        }
        let is_over = to.attribute() == Attribute::Final;
        self.groups[group].refresh = (!is_over).then_some(refresh);
        self.look_at_floor(now, group, fleet);
    }

    /// The run is over.
    pub fn finish(&mut self) {
        let end = self.scenario.end;
        for place in 0..self.groups.len() {
            let group = &mut self.groups[Id::new(place)];
            let GroupRecord { desired, counted, serving, physical, useful, below, .. } = group;
            for level in [desired, counted, serving, physical, useful, below] {
                level.advance(end);
            }
            group.in_zones.iter_mut().for_each(|level| level.advance(end));
            group.in_states.iter_mut().for_each(|level| level.advance(end));
        }
        for row in &mut self.refreshes {
            row.ends(end);
        }
    }

    /// Writes the numbers down.
    pub fn write(&self, sheet: &mut Sheet) {
        for (group, row) in self.groups.entries() {
            let name = self.scenario.layout.scaling_groups[group].name.as_str();
            let mut put = |metric: &str, value| sheet.write_labelled(metric, &[name], value);
            let (useful, desired) = (row.useful.area(), row.desired.area());
            put("availability.group", (desired > 0).then(|| useful as f64 / desired as f64));
            put("group.missing", Some((desired - useful) as f64 / 1e6));
            put("group.below_min_healthy", Some(row.below.area() as f64 / 1e6));
            put("group.size.mean", row.counted.mean());
            put("group.size.max", Some(row.counted.most() as f64));
            put("group.serving.min", Some(row.serving.least() as f64));
            put("group.physical.max", Some(row.physical.most() as f64));
            put("group.launches", Some(row.launches as f64));
            put("group.removals", Some(row.removals as f64));
            put("group.unhealthy", Some(row.unhealthy as f64));
            put("group.launch_failures", Some(row.launch_failures as f64));
            let zones = &self.scenario.layout.scaling_groups[group].zones;
            for (zone, level) in zones.iter().zip(&row.in_zones).filter(|_| zones.len() > 1) {
                let zone = self.scenario.layout.zones[*zone].name.as_str();
                sheet.write_labelled("group.in_zone.mean", &[name, zone], level.mean());
                let last = Some(level.value() as f64);
                sheet.write_labelled("group.in_zone.end", &[name, zone], last);
            }
            for (level, (state, _)) in row.in_states.iter().zip(Counts::default().in_states()) {
                let mean = level.mean();
                sheet.write_labelled("group.in_state.mean", &[name, state.written()], mean);
            }
            for status in ActivityStatus::ALL {
                let count = Some(row.activities[*status as usize] as f64);
                sheet.write_labelled("group.activities", &[name, status.name()], count);
            }
        }
        for row in &self.refreshes {
            let label = &self.scenario.scripts[row.script].label;
            let label = if row.takes_back { format!("{label} (rollback)") } else { label.clone() };
            row.write(sheet, &label);
        }
    }
}

impl RefreshRecord {
    /// From `now` on so many capacity units are missing.
    fn misses(&mut self, now: Instant, missing: u64) {
        let (since, before) = self.missing_since;
        self.missing += u128::from(before) * u128::from(now.since(since).micros());
        self.missing_since = (now, missing);
    }

    /// It enters a status.
    fn enters(&mut self, now: Instant, to: RefreshStatus) {
        let was_over = self.status.is_some_and(|was| was.attribute() == Attribute::Final);
        self.passes(now);
        self.status = Some(to);
        if !was_over && to.attribute() == Attribute::Final {
            self.closes(now);
        }
    }

    /// Time up to `now` is counted for the status that it has.
    fn passes(&mut self, now: Instant) {
        let span = now.since(self.since.min(now));
        match self.status {
            Some(RefreshStatus::Paused | RefreshStatus::CheckpointPause) => {
                self.paused = self.paused.saturating_add(span);
            }
            Some(
                RefreshStatus::Pending
                | RefreshStatus::InProgress
                | RefreshStatus::Cancelling
                | RefreshStatus::Cancelled
                | RefreshStatus::RollbackInProgress
                | RefreshStatus::RollbackSuccessful
                | RefreshStatus::RollbackFailed
                | RefreshStatus::Failed
                | RefreshStatus::Successful,
            )
            | None => {}
        }
        self.since = now;
    }

    /// Its levels end with it.
    fn closes(&mut self, now: Instant) {
        let (_, missing) = self.missing_since;
        self.misses(now, missing);
        self.lasted = self.began.map_or(Span::ZERO, |began| now.since(began));
        for level in self.levels.iter_mut().flatten() {
            level.advance(now);
        }
    }

    /// The run ends at `end`.
    fn ends(&mut self, end: Instant) {
        let Some(status) = self.status else { return };
        if status.attribute() != Attribute::Final {
            self.passes(end);
            self.closes(end);
        }
    }

    fn write(&self, sheet: &mut Sheet, id: &str) {
        let status = self.status;
        let is_over = status.is_some_and(|status| status.attribute() == Attribute::Final);
        let was_there = |value: f64| status.map(|_| value);
        let mut put = |metric: &str, value| sheet.write_labelled(metric, &[id], value);
        put("refresh.duration", is_over.then(|| self.lasted.micros() as f64 / 1e6));
        put("refresh.paused", was_there(self.paused.micros() as f64 / 1e6));
        let [serving, counted, physical] = match &self.levels {
            Some(levels) => [
                Some(levels[0].least() as f64),
                Some(levels[1].most() as f64),
                Some(levels[2].most() as f64),
            ],
            None => [None; 3],
        };
        put("refresh.healthy.min", serving);
        put("refresh.total.max", counted);
        put("refresh.physical.max", physical);
        put("refresh.missing", was_there(self.missing as f64 / 1e6));
        put("refresh.batches", was_there(self.batches[0] as f64));
        put("refresh.batches.forced", was_there(self.batches[1] as f64));
        put("refresh.replaced", was_there(self.replaced as f64));
        put("refresh.failed_instances", was_there(self.failed as f64));
        put("refresh.launch_failures", was_there(self.launch_failures as f64));
        put("refresh.checkpoints", was_there(self.checkpoints as f64));
        put("refresh.floor_broken", was_there(self.floor_broken as f64));
        let refused = f64::from(u8::from(status.is_none()));
        sheet.write_labelled("refresh.status", &[id, "not-started"], Some(refused));
        for shown in RefreshStatus::ALL {
            let value = f64::from(u8::from(status == Some(*shown)));
            sheet.write_labelled("refresh.status", &[id, &shown.to_string()], Some(value));
        }
    }
}
