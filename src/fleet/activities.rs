//! The table of scaling activities that are not over. Rows of those that are over are recycled; the
//! numbers of a group's activities are not.

use crate::{
    fleet::{
        groups::Trigger,
        ids::{Activity, Refresh, ScalingGroup},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
};
use std::ops::{Index, IndexMut};

/// What a group does at one instant for one reason, until the last launch or removal of it is over.
#[derive(Clone, Copy, Debug)]
pub struct ActivityRow {
    /// The group.
    pub group: Id<ScalingGroup>,
    /// How many there were before it in this group.
    pub number: u32,
    /// Why.
    pub trigger: Trigger,
    /// The refresh that it belongs to, if any.
    pub refresh: Option<Id<Refresh>>,
    /// When it began.
    pub began: Instant,
    /// Launches and removals tried (counts).
    pub tried: [u32; 2],
    /// Those of them that came to nothing (counts).
    pub failed: [u32; 2],
    /// Launches and removals under way (count).
    pub open: u32,
    /// Whether its begin was told.
    pub told: bool,
}

/// A part of an activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Somebody comes.
    Launch,
    /// Somebody leaves.
    Removal,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Activities {
    rows: Column<Activity, ActivityRow>,
    free: Vec<Id<Activity>>,
}

impl Activities {
    /// A new activity.
    pub fn begin(&mut self, row: ActivityRow) -> Id<Activity> {
        match self.free.pop() {
            None => self.rows.push(row),
            Some(place) => {
                self.rows[place] = row;
                place
            }
        }
    }

    /// `activity` is over: nobody speaks of it any more.
    pub fn end(&mut self, activity: Id<Activity>) {
        debug_assert!(self.rows[activity].open == 0, "all of it is over");
        self.free.push(activity);
    }
}

impl Index<Id<Activity>> for Activities {
    type Output = ActivityRow;
    fn index(&self, activity: Id<Activity>) -> &ActivityRow {
        &self.rows[activity]
    }
}

impl IndexMut<Id<Activity>> for Activities {
    fn index_mut(&mut self, activity: Id<Activity>) -> &mut ActivityRow {
        &mut self.rows[activity]
    }
}
