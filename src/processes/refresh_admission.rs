//! Whether a refresh may start (spec/refresh-and-migration.md 2.1, 2.5, 2.7; spec/corrections.md
//! 22 to 25).
//!
//! Path: the preconditions in their order, the first that does not hold refuses → the token → no
//! other task → somebody needs it. Moves: nothing.

use super::{participants, turn::Turn};
use crate::{
    fleet::{
        ids::{Configuration, Refresh, ScalingGroup, Script},
        members::Identity,
        refreshes::RefreshRow,
        scaling::MultiAz,
    },
    kernel::column::Id,
    lifecycle::refresh::RefreshStatus,
    messages::refusal::{Refusal, require},
    policy::refresh::{Bounds, RefreshRules},
    scenario::{Handle, RefreshRequest, VersionWritten},
};

/// Longest ClientToken (characters).
const TOKEN_LONGEST: usize = 64;

/// Longest CheckpointPauseTime (minutes).
const PAUSE_LONGEST: u32 = 2_880;

/// What StartInstanceRefresh comes to.
#[derive(Clone, Debug)]
pub enum Admission {
    /// A new task.
    New(Box<RefreshRow>),
    /// The task that the same request has started before.
    Known(Id<Refresh>),
}

/// StartInstanceRefresh of `group`, with the parameters of `script`.
///
/// # Errors
/// The first precondition that does not hold.
pub fn admit(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    script: Id<Script>,
) -> Result<Admission, Refusal> {
    let rules = &turn.scenario.refresh_rules[group];
    let request = &turn.scenario.scripts[script].parameters.scaling.request;
    group_is_suitable(turn, group, rules)?;
    parameters_are_valid(turn, group, (rules, request))?;
    let target = target(turn, group, request)?;
    if let Some(known) = token_is_known(turn, group, (rules, request))? {
        return Ok(Admission::Known(known));
    }
    require(turn.fleet.groups[group].refresh.is_none(), Refusal::RefreshInProgress)?;
    let original = turn.fleet.groups[group].identity;
    let mut row = RefreshRow::new(group, script, turn.now, [original, target]);
    participants::gather(turn, &mut row);
    let is_empty = row.need.is_empty() && row.waited_for.is_empty();
    require(!is_empty || !rules.empty_is_refused, Refusal::NothingToRefresh)?;
    Ok(Admission::New(Box::new(row)))
}

/// Preconditions 2 to 6.
fn group_is_suitable(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    rules: &RefreshRules,
) -> Result<(), Refusal> {
    let kind = turn.layout().scaling_groups[group].kind;
    require(turn.fleet.groups[group].active, Refusal::GroupInactive)?;
    require(!kind.is_eci || rules.allow_eci, Refusal::GroupTypeNotSupported)?;
    require(kind.multi_az == MultiAz::Priority, Refusal::MultiAzNotSupported)?;
    require(!kind.counts_vcpus, Refusal::CapacityUnitNotSupported)?;
    require(!kind.reclaim.keeps(), Refusal::ReclaimNotSupported)
}

/// Precondition 7: ranges, then what excludes each other, then checkpoints.
fn parameters_are_valid(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    (rules, request): (&RefreshRules, &RefreshRequest),
) -> Result<(), Refusal> {
    let token = request.token.as_deref().unwrap_or("");
    let min = request.min.unwrap_or(0);
    let max = request.max.unwrap_or(100);
    let in_range = token.len() <= TOKEN_LONGEST
        && token.is_ascii()
        && min <= 100
        && (100..=200).contains(&max)
        && request.pause.is_none_or(|pause| (1..=PAUSE_LONGEST).contains(&pause))
        && request.strategy.as_deref().is_none_or(|strategy| strategy == "Rolling")
        && !matches!(request.version, Some(VersionWritten::Unknown(_)))
        && request.overrides != Some(false)
        && request.containers != Some(false);
    require(in_range, Refusal::InvalidParameter)?;
    if let (Bounds::Percentages { min, max }, Some(most)) =
        (rules.bounds.asked(request.min, request.max), rules.max_difference)
    {
        require(max.saturating_sub(min) <= most, Refusal::InvalidParameter)?;
    }
    sources_agree(turn, group, (rules, request))?;
    let of = &request.checkpoints;
    let ascend = of.windows(2).all(|pair| pair[0] < pair[1]);
    let are_percent = of.iter().all(|percent| (1..=100).contains(percent));
    let end_with_all = of.last().is_none_or(|last| *last == 100);
    require(ascend && are_percent && end_with_all, Refusal::InvalidCheckpoints)
}

/// At most one thing says what is wanted; an image may stand beside a configuration.
fn sources_agree(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    (rules, request): (&RefreshRules, &RefreshRequest),
) -> Result<(), Refusal> {
    let has_image = request.image.is_some();
    let [image, configuration, template, containers] = [
        has_image && !(rules.image_with_config && request.configuration.is_some()),
        request.configuration.is_some(),
        request.template.is_some(),
        request.containers.is_some(),
    ]
    .map(u32::from);
    require(image + configuration + template + containers <= 1, Refusal::ParameterConflict)?;
    require(!(has_image && request.template.is_some()), Refusal::ParameterConflict)?;
    let says_version = request.version.is_some() || request.overrides.is_some();
    require(!says_version || request.template.is_some(), Refusal::ParameterConflict)?;
    let active = turn.fleet.groups[group].identity.configuration;
    let by_template = turn.layout().configurations[active].version.is_some();
    let image_alone = has_image && request.configuration.is_none();
    require(!(image_alone && by_template), Refusal::ParameterConflict)
}

/// Precondition 8: what the group would launch.
fn target(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    request: &RefreshRequest,
) -> Result<Identity, Refusal> {
    let active = turn.fleet.groups[group].identity;
    let offers = &turn.layout().scaling_groups[group].offers;
    let is_usable =
        |of: &Identity| offers.get(of.configuration).is_some_and(|offers| !offers.is_empty());
    let named = match &request.configuration {
        None => None,
        Some(Handle::Known(configuration)) => Some(newest(turn, group, *configuration)),
        Some(Handle::Unknown(_)) => return Err(Refusal::ConfigurationNotFound),
    };
    let target = match (&request.image, &request.template) {
        (Some(Handle::Unknown(_)), _) => return Err(Refusal::InvalidParameter),
        (Some(Handle::Known(image)), _) => {
            let of = named.unwrap_or(active);
            Identity { revision: of.revision + 1, image: Some(*image), ..of }
        }
        (None, None) => named.unwrap_or(active),
        (None, Some(_)) => participants::version_at(turn.scenario, request, turn.now)
            .filter(is_usable)
            .ok_or(Refusal::LaunchTemplateNotFound)?,
    };
    require(is_usable(&target), Refusal::ConfigurationNotFound)?;
    Ok(target)
}

/// `configuration` as it is by now: a refresh of its image changes what its name stands for.
fn newest(turn: &Turn<'_>, group: Id<ScalingGroup>, configuration: Id<Configuration>) -> Identity {
    let active = turn.fleet.groups[group].identity;
    if active.configuration == configuration {
        return active;
    }
    let done = turn.fleet.refreshes.entries().map(|(_, row)| row).filter(|row| {
        let is_done = row.status == RefreshStatus::Successful && row.group == group;
        is_done && row.target.configuration == configuration
    });
    done.last().map_or(Identity::of(configuration), |row| row.target)
}

/// The task that the request's token has started before, if any has and is remembered.
fn token_is_known(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    (rules, request): (&RefreshRules, &RefreshRequest),
) -> Result<Option<Id<Refresh>>, Refusal> {
    let Some(token) = &request.token else { return Ok(None) };
    let asked = |row: &RefreshRow| &turn.scenario.scripts[row.script].parameters.scaling.request;
    let is_same = |row: &RefreshRow| {
        let is_remembered = row.began.saturating_add(rules.token_ttl) > turn.now;
        is_remembered && asked(row).token.as_ref() == Some(token)
    };
    let Some((refresh, row)) = turn.fleet.refreshes.entries().find(|(_, row)| is_same(row)) else {
        return Ok(None);
    };
    require(row.group == group && asked(row) == request, Refusal::TokenMismatch)?;
    Ok(Some(refresh))
}
