//! Scaling groups, and the refreshes that replace their members.

use super::{SeriesName, Told, grid::Grid, track::LevelTrack};
use crate::{
    fleet::{
        Fleet,
        ids::{Refresh, ScalingGroup},
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, refresh::RefreshStatus},
    messages::{fact::Fact, scaling::ScalingFact},
    scenario::Scenario,
};

/// Groups are followed one by one up to this many: more would be plots that nobody looks at.
const GROUPS_SHOWN: usize = 16;

/// What is followed of one group.
#[derive(Clone, Debug)]
struct Group {
    desired: LevelTrack,
    serving: LevelTrack,
    counted: LevelTrack,
    physical: LevelTrack,
    /// Whether a refresh is active, and whether it is paused (0 or 1).
    refreshing: LevelTrack,
    paused: LevelTrack,
    /// The active refresh.
    refresh: Option<Id<Refresh>>,
    /// The least that must be healthy and the most that may be counted, while one is active.
    least: LevelTrack,
    most: LevelTrack,
}

/// Follows the first groups of the scenario.
#[derive(Clone, Debug)]
pub struct Groups<'a> {
    scenario: &'a Scenario,
    rows: Vec<Group>,
}

impl<'a> Groups<'a> {
    /// They are empty yet.
    pub fn new(grid: &Grid, scenario: &'a Scenario) -> Self {
        let level = LevelTrack::new(grid, 0);
        let group = Group {
            desired: level.clone(),
            serving: level.clone(),
            counted: level.clone(),
            physical: level.clone(),
            refreshing: level.clone(),
            paused: level,
            refresh: None,
            least: LevelTrack::absent(grid),
            most: LevelTrack::absent(grid),
        };
        let shown = scenario.layout.scaling_groups.len().min(GROUPS_SHOWN);
        Self { scenario, rows: vec![group; shown] }
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact, fleet: &Fleet) {
        let Fact::Scaling(fact) = fact else { return };
        if let ScalingFact::Counted { group, desired, counts } = *fact
            && let Some(row) = self.rows.get_mut(group.index())
        {
            row.desired.set(grid, now, u64::from(desired));
            row.serving.set(grid, now, u64::from(counts.serving));
            row.counted.set(grid, now, u64::from(counts.counted));
            row.physical.set(grid, now, u64::from(counts.physical()));
            self.bounds(grid, now, group, fleet);
        } else if let ScalingFact::RefreshMoved { refresh, group, to, .. } = *fact
            && let Some(row) = self.rows.get_mut(group.index())
        {
            let is_paused = matches!(to, RefreshStatus::Paused | RefreshStatus::CheckpointPause);
            let is_active = to.attribute() != Attribute::Final;
            row.paused.set(grid, now, u64::from(is_paused));
            row.refreshing.set(grid, now, u64::from(is_active));
            row.refresh = is_active.then_some(refresh);
            self.bounds(grid, now, group, fleet);
        }
    }

    /// The bounds that hold from `now` on.
    fn bounds(&mut self, grid: &Grid, now: Instant, group: Id<ScalingGroup>, fleet: &Fleet) {
        let row = &mut self.rows[group.index()];
        let Some(refresh) = row.refresh else {
            row.least.leave(grid, now);
            row.most.leave(grid, now);
            return;
        };
        let scenario = self.scenario;
        let rules = &scenario.refresh_rules[group];
        let of = &fleet.groups[group];
        let aside = if rules.without_standby { of.counts.standby } else { 0 };
        let script = fleet.refreshes[refresh].script;
        let request = &scenario.scripts[script].parameters.scaling.request;
        let base = of.desired.saturating_sub(aside);
        let [least, most] = scenario.refresh_limits(group, base, [request.min, request.max]);
        let size = (!rules.may_exceed_max_size).then_some(of.size[1].saturating_sub(aside));
        row.least.set(grid, now, u64::from(least));
        row.most.set(grid, now, u64::from(most.min(size.unwrap_or(most))));
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant) -> Told {
        let mut told = Vec::new();
        for (spec, row) in self.scenario.layout.scaling_groups.iter().zip(&mut self.rows) {
            let levels = [
                ("group.desired", "capacity units", &mut row.desired),
                ("group.serving", "capacity units", &mut row.serving),
                ("group.counted", "capacity units", &mut row.counted),
                ("group.physical", "capacity units", &mut row.physical),
                ("refresh.active", "ratio", &mut row.refreshing),
                ("refresh.paused", "ratio", &mut row.paused),
                ("refresh.min_healthy", "capacity units", &mut row.least),
                ("refresh.max_healthy", "capacity units", &mut row.most),
            ];
            for (name, unit, level) in levels {
                level.advance(grid, end);
                told.push((SeriesName::of(name, &spec.name, unit), level.cells()));
            }
        }
        told
    }
}
