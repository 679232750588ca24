//! Scaling groups: members move as documented, and the sizes that are told are the true ones.

use crate::{
    fleet::{
        Fleet,
        groups::Counts,
        ids::{Member, ScalingGroup},
    },
    kernel::column::Id,
    lifecycle::member::MemberState,
    messages::scaling::ScalingFact,
};
use std::collections::BTreeMap;

/// What was told of the groups.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    members: BTreeMap<Id<Member>, MemberState>,
    told: BTreeMap<Id<ScalingGroup>, (u32, Counts)>,
}

impl Sizes {
    pub(super) fn see(&mut self, fact: &ScalingFact) {
        match *fact {
            ScalingFact::Counted { group, desired, counts } => {
                self.told.insert(group, (desired, counts));
            }
            ScalingFact::MemberMoved { member, from, to, .. } => self.moved(member, from, to),
            ScalingFact::MemberFails { .. }
            | ScalingFact::MemberJudged { .. }
            | ScalingFact::LaunchFailed { .. }
            | ScalingFact::Activity { .. }
            | ScalingFact::SystemSuspended { .. }
            | ScalingFact::RefreshMoved { .. }
            | ScalingFact::BatchBegan { .. }
            | ScalingFact::Replacing { .. }
            | ScalingFact::Replaced { .. }
            | ScalingFact::ReplacementFailed { .. }
            | ScalingFact::CheckpointReached { .. }
            | ScalingFact::FloorBroken { .. } => {}
        }
    }

    fn moved(&mut self, member: Id<Member>, from: Option<MemberState>, to: MemberState) {
        let was = self.members.insert(member, to).filter(|was| *was != MemberState::Gone);
        assert_eq!(was, from, "{member:?} leaves the state it is in");
        if let Some(from) = from {
            let documented = MemberState::ARCS.iter().any(|(a, _, b)| (*a, *b) == (from, to));
            assert!(documented, "{member:?}: {from} to {to} is documented");
        }
    }

    pub(super) fn turn_ended(&self, fleet: &Fleet) {
        for (group, row) in fleet.groups.entries() {
            let told = self.told.get(&group);
            assert_eq!(told, Some(&(row.desired, row.counts)), "the size of {group:?} is told");
        }
    }
}
