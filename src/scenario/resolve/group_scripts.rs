//! Parameters of commands about scaling groups, as written: what the cloud does not take it
//! refuses when the command is given.

use super::{
    build::{Build, Names},
    groups::{Groups, processes, result},
};
use crate::{
    kernel::column::Id,
    messages::scaling::Adjustment,
    scenario::{
        scaling::{Handle, RefreshHandle, RefreshRequest, ScalingParameters, VersionWritten},
        view::View,
    },
};

/// Most commands and arguments that a container may have, and how long a command may be.
const MOST_COMMANDS: usize = 20;
const MOST_ARGUMENTS: usize = 10;
const LONGEST_VALUE: usize = 256;

/// The parameters that the command `view` gives; `labels` are those of all commands, in the order
/// of the file.
pub fn parameters(
    view: View<'_>,
    labels: &[String],
    groups: &mut Groups,
    build: &mut Build,
) -> ScalingParameters {
    let at = |key: &str| view.at(key);
    let group = if at("ScalingGroupId").is_given() { at("ScalingGroupId") } else { at("group") };
    let active = at("ActiveScalingConfigurationId");
    let ids = ["InstanceRefreshTaskId", "InstanceRefreshTaskIds"].map(at);
    let ids = ids.into_iter().flat_map(texts);
    ScalingParameters {
        group: handle(group, &groups.names),
        refreshes: ids.filter_map(|id| Some(refresh(id.text()?, labels))).collect(),
        request: request(view, groups, build),
        sizes: ["MinSize", "MaxSize", "DesiredCapacity"].map(|key| at(key).judged()),
        active: handle(active, &groups.configurations.scaling),
        adjustment: adjustment(view),
        processes: processes(at("Processes")),
        entrusted: at("Entrusted").switch(),
        decrease: at("DecreaseDesiredCapacity").switch(),
        recycle: at("RemovePolicy").text().map(|word| word == "recycle"),
        protected: at("ProtectedFromScaleIn").switch(),
        healthy: at("HealthStatus").text().map(|word| match word {
            "Healthy" => Some(true),
            "Unhealthy" => Some(false),
            _ => None,
        }),
        result: result(at("LifecycleActionResult").text()),
        heartbeat: at("heartbeatTimeout").judged(),
        max_results: at("MaxResults").judged(),
    }
}

/// The one text, or the texts of a list.
fn texts(view: View<'_>) -> Vec<View<'_>> {
    match view.text() {
        Some(_) => vec![view],
        None => view.elements().collect(),
    }
}

/// What the text of `view` names, if there is one.
fn handle<T>(view: View<'_>, names: &Names<Id<T>>) -> Option<Handle<Id<T>>> {
    let text = view.text()?;
    Some(match names.get(text) {
        Some(id) => Handle::Known(id),
        None => Handle::Unknown(text.to_owned()),
    })
}

/// The refresh that `text` names: by the label of a command, which also its place gives, or by
/// the number of its start.
fn refresh(text: &str, labels: &[String]) -> RefreshHandle {
    let text = text.trim();
    if let Some(number) = super::scripts::numbered(text) {
        return RefreshHandle::Number(number);
    }
    let place = text.strip_prefix("script[").and_then(|rest| rest.strip_suffix(']'));
    let by_place = place.and_then(|place| labels.get(place.parse::<usize>().ok()?));
    let by_name = labels.iter().find(|label| *label == text);
    match by_name.or(by_place) {
        Some(label) => RefreshHandle::Of(label.clone()),
        None => RefreshHandle::Unknown(text.to_owned()),
    }
}

fn request(view: View<'_>, groups: &mut Groups, build: &mut Build) -> RefreshRequest {
    let desired = view.at("DesiredConfiguration");
    // ModifyScalingGroup names its launch template without that table.
    let source = if desired.is_given() { desired } else { view };
    let template = handle(source.at("LaunchTemplateId"), &groups.configurations.templates);
    let overrides = source.at("LaunchTemplateOverrides");
    let (versions, known) = versions(template.as_ref(), overrides, groups, build);
    RefreshRequest {
        token: view.at("ClientToken").text().map(str::to_owned),
        min: view.at("MinHealthyPercentage").judged(),
        max: view.at("MaxHealthyPercentage").judged(),
        skip_matching: view.at("SkipMatching").switch(),
        checkpoints: view.at("Checkpoints").elements().map(checkpoint).collect(),
        pause: view.at("CheckpointPauseTime").judged(),
        strategy: view.at("Strategy").text().map(str::to_owned),
        image: handle(desired.at("ImageId"), &groups.configurations.images),
        configuration: handle(desired.at("ScalingConfigurationId"), &groups.configurations.scaling),
        template,
        version: version(source.at("LaunchTemplateVersion")),
        versions,
        overrides: known,
        containers: containers(desired.at("Containers")),
    }
}

/// A percentage, in a table or without; one that is not given is none that the cloud takes.
fn checkpoint(view: View<'_>) -> u32 {
    view.judged().or_else(|| view.at("Percentage").judged()).unwrap_or(0)
}

fn version(view: View<'_>) -> Option<VersionWritten> {
    if let Some(number) = view.judged() {
        return Some(VersionWritten::Number(number));
    }
    let text = view.text()?;
    Some(match (text, text.parse()) {
        ("Default", _) => VersionWritten::Default,
        ("Latest", _) => VersionWritten::Latest,
        (_, Ok(number)) => VersionWritten::Number(number),
        (_, Err(_)) => VersionWritten::Unknown(text.to_owned()),
    })
}

/// What the versions of a template amount to with the types of `overrides`; and whether there are
/// any, and all of them known.
fn versions(
    template: Option<&Handle<Id<crate::fleet::ids::LaunchTemplate>>>,
    overrides: View<'_>,
    groups: &mut Groups,
    build: &mut Build,
) -> (Vec<Id<crate::fleet::ids::Configuration>>, Option<bool>) {
    let names: Vec<Option<&str>> =
        overrides.elements().map(|one| one.at("InstanceType").text()).collect();
    let is_known = |name: &Option<&str>| name.is_some_and(|name| build.types.get(name).is_some());
    let known = (!names.is_empty()).then(|| names.iter().all(is_known));
    let Some(Handle::Known(template)) = template else { return (Vec::new(), known) };
    let versions = build.layout.launch_templates[*template].versions.clone();
    let plain: Vec<_> = versions.into_iter().map(|(_, of)| of).collect();
    if known != Some(true) {
        return (plain, known);
    }
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let overridden = |of| groups.configurations.overridden(of, &names, build).unwrap_or(of);
    (plain.into_iter().map(overridden).collect(), known)
}

/// Whether containers are given, and whether the cloud would take them
/// (spec/refresh-and-migration.md 2.1).
fn containers(view: View<'_>) -> Option<bool> {
    view.is_given().then(|| view.elements().all(container))
}

fn container(view: View<'_>) -> bool {
    let is_short =
        |view: View<'_>| view.text().is_some_and(|text| text.chars().count() <= LONGEST_VALUE);
    let commands: Vec<View<'_>> = view.at("Commands").elements().collect();
    commands.len() <= MOST_COMMANDS
        && commands.into_iter().all(is_short)
        && view.at("Args").elements().count() <= MOST_ARGUMENTS
        && view.at("EnvironmentVars").elements().all(|variable| {
            let value = variable.at("Value");
            variable.at("Key").text().is_some_and(is_variable)
                && (!value.is_given() || is_short(value))
                && !variable.at("FieldRefFieldPath").is_given()
        })
}

fn is_variable(key: &str) -> bool {
    (1..=128).contains(&key.len())
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn adjustment(view: View<'_>) -> Option<Adjustment> {
    let value = view.at("AdjustmentValue");
    Some(match view.at("AdjustmentType").text()? {
        "QuantityChangeInCapacity" => Adjustment::Change(value.whole()?),
        "PercentChangeInCapacity" => {
            let least = view.at("MinAdjustmentMagnitude").judged().unwrap_or(0);
            Adjustment::Percent(value.whole()?, least)
        }
        _ => Adjustment::Total(value.judged()?),
    })
}
