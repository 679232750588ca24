//! Scaling groups, and the refreshes that replace their members.

use super::{SeriesName, Told, grid::Grid, track::LevelTrack};
use crate::{
    kernel::time::Instant,
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
}

/// Follows the first groups of the scenario.
#[derive(Clone, Debug)]
pub struct Groups(Vec<Group>);

impl Groups {
    /// They are empty yet.
    pub fn new(grid: &Grid, scenario: &Scenario) -> Self {
        let level = LevelTrack::new(grid, 0);
        let group = Group {
            desired: level.clone(),
            serving: level.clone(),
            counted: level.clone(),
            physical: level.clone(),
            refreshing: level.clone(),
            paused: level,
        };
        Self(vec![group; scenario.layout.scaling_groups.len().min(GROUPS_SHOWN)])
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact) {
        let Fact::Scaling(fact) = fact else { return };
        if let ScalingFact::Counted { group, desired, counts } = *fact
            && let Some(row) = self.0.get_mut(group.index())
        {
            row.desired.set(grid, now, u64::from(desired));
            row.serving.set(grid, now, u64::from(counts.serving));
            row.counted.set(grid, now, u64::from(counts.counted));
            row.physical.set(grid, now, u64::from(counts.physical()));
        } else if let ScalingFact::RefreshMoved { group, to, .. } = *fact
            && let Some(row) = self.0.get_mut(group.index())
        {
            let is_paused = matches!(to, RefreshStatus::Paused | RefreshStatus::CheckpointPause);
            let is_active = to.attribute() != Attribute::Final;
            row.paused.set(grid, now, u64::from(is_paused));
            row.refreshing.set(grid, now, u64::from(is_active));
        }
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant, scenario: &Scenario) -> Told {
        let mut told = Vec::new();
        for (spec, row) in scenario.layout.scaling_groups.iter().zip(&mut self.0) {
            let levels = [
                ("group.desired", "capacity units", &mut row.desired),
                ("group.serving", "capacity units", &mut row.serving),
                ("group.counted", "capacity units", &mut row.counted),
                ("group.physical", "capacity units", &mut row.physical),
                ("refresh.active", "ratio", &mut row.refreshing),
                ("refresh.paused", "ratio", &mut row.paused),
            ];
            for (name, unit, level) in levels {
                level.advance(grid, end);
                told.push((SeriesName::of(name, &spec.name, unit), level.cells(grid)));
            }
        }
        told
    }
}
