//! Groups and refreshes that follow a launch template: its Default or its Latest version is always
//! what it is now (spec/corrections.md 24).
//!
//! Path: before a group launches anybody, or a refresh begins, what it follows is looked up anew.
//! A group is not moved during its refresh: that one says what is launched. Moves: what groups and
//! refreshes launch.

use super::{
    participants::{self, launches_from},
    turn::Turn,
};
use crate::{
    fleet::{
        groups::Followed,
        ids::{Refresh, ScalingGroup},
        members::Identity,
    },
    kernel::column::Id,
    lifecycle::refresh::RefreshStatus,
};

/// What `group` launches, and what its refresh launches, is found anew.
pub fn keeps_up(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    if let Some(refresh) = turn.fleet.groups[group].refresh {
        return resolves(turn, refresh);
    }
    let Some(identity) = followed(turn, group) else { return };
    if identity != turn.fleet.groups[group].identity {
        turn.fleet.groups.row_mut(group).identity = identity;
        launches_from(turn, group, identity);
    }
}

/// Before `refresh` launches anybody: Default and Latest are what they are now.
pub fn resolves(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let row = &turn.fleet.refreshes[refresh];
    let (request, group) = (participants::request_of(turn, refresh), row.group);
    let is_forward = matches!(
        row.status,
        RefreshStatus::Pending
            | RefreshStatus::InProgress
            | RefreshStatus::Paused
            | RefreshStatus::CheckpointPause
            | RefreshStatus::Cancelling
    );
    if !is_forward || !participants::rules_of(turn, refresh).resolve_per_launch {
        return;
    }
    let target = if participants::is_moving(request) {
        participants::version_at(turn.scenario, request, turn.now)
    } else if participants::says_what(request) {
        None
    } else {
        followed(turn, group)
    };
    if let Some(target) = target.filter(|target| *target != row.target) {
        turn.fleet.refreshes.row_mut(refresh).target = target;
        launches_from(turn, group, target);
    }
}

/// What `group` follows from the end of `refresh` on, which has made its target the active
/// configuration.
pub fn takes_over(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    let row = &turn.fleet.refreshes[refresh];
    let (request, group) = (participants::request_of(turn, refresh), row.group);
    let script = row.script;
    if participants::says_what(request) {
        let is_moving = participants::is_moving(request);
        let follows = is_moving.then_some(Followed::Asked(script));
        turn.fleet.groups.row_mut(group).follows = follows;
    }
}

/// The version that `group` follows, as it is now; `None`: it follows none, or none that it could
/// launch.
fn followed(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Option<Identity> {
    let follows = turn.fleet.groups[group].follows?;
    if !turn.scenario.refresh_rules[group].resolve_per_launch {
        return None;
    }
    let layout = turn.layout();
    let spec = &layout.scaling_groups[group];
    let found = match follows {
        Followed::Own => {
            let follows = spec.follows?;
            let template = &layout.launch_templates[follows.template];
            let latest = template.latest(turn.now);
            let version = if follows.latest { latest } else { template.default(turn.now) };
            let place = version.min(latest).checked_sub(1)?;
            let (_, configuration) = template.versions.get(place as usize)?;
            Identity::of(*configuration)
        }
        Followed::Asked(script) => {
            let request = &turn.scenario.scripts[script].parameters.scaling.request;
            participants::version_at(turn.scenario, request, turn.now)?
        }
    };
    let offers = spec.offers.get(found.configuration)?;
    (!offers.is_empty()).then_some(found)
}
