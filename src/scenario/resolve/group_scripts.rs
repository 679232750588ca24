//! Parameters of commands about scaling groups, as written: what the cloud does not take it
//! refuses when the command is given.

use super::{
    build::{Build, Names},
    group_words::{processes, result},
    groups::Groups,
};
use crate::{
    kernel::column::Id,
    messages::scaling::Adjustment,
    scenario::{
        scaling::{
            Container, Handle, HookContext, RefreshHandle, RefreshRequest, ScalingParameters,
            VersionWritten,
        },
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
        hooks: hook_context(at("LifecycleHookContext")),
        recycle: at("RemovePolicy").text().map(|word| word == "recycle"),
        protected: at("ProtectedFromScaleIn").switch(),
        healthy: at("HealthStatus").text().map(|word| match word {
            "Healthy" => Some(true),
            "Unhealthy" => Some(false),
            _ => None,
        }),
        hook: owned(at("LifecycleHookId")),
        result: result(at("LifecycleActionResult").text()),
        heartbeat: at("heartbeatTimeout").judged(),
        max_results: at("MaxResults").judged(),
        page: at("NextToken").text().map(|text| match text {
            "" => Some(0),
            text => text.parse().ok(),
        }),
    }
}

fn hook_context(view: View<'_>) -> HookContext {
    let ignored = texts(view.at("IgnoredLifecycleHookIds")).into_iter();
    HookContext {
        disable: view.at("DisableLifecycleHook").switch().unwrap_or(false),
        ignored: ignored.filter_map(|id| id.text().map(str::to_owned)).collect(),
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
        override_types: overrides
            .elements()
            .filter_map(|one| owned(one.at("InstanceType")))
            .collect(),
        containers: containers(desired.at("Containers")),
        container_list: desired.at("Containers").elements().map(written).collect(),
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

fn owned(view: View<'_>) -> Option<String> {
    view.text().map(str::to_owned)
}

fn written(view: View<'_>) -> Container {
    let list = |key: &str| view.at(key).elements().filter_map(owned).collect();
    let variable = |view: View<'_>| (owned(view.at("Key")), owned(view.at("Value")));
    Container {
        name: owned(view.at("Name")),
        image: owned(view.at("Image")),
        commands: list("Commands"),
        arguments: list("Args"),
        variables: view.at("EnvironmentVars").elements().map(variable).collect(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{InMemory, InstanceHandle, Scenario, Script};

    fn scenario(scripts: &str) -> Scenario {
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"10d\"\n\
             [server_models]\nm = {{ vcpus = 8, memory = \"8GiB\" }}\n\
             [[servers]]\nmodel = \"m\"\ncount = 4\nzones = [\"a\"]\n\
             [instance_types]\nt = {{ vcpus = 1, memory = \"1GiB\" }}\n\
             u = {{ vcpus = 2, memory = \"1GiB\" }}\n[images]\none = {{}}\n\
             [configurations]\nv1 = {{ type = \"t\" }}\n\
             [launch_templates.lt]\nversions = [{{ type = \"t\" }}, {{ type = \"t\" }}]\n\
             [[groups]]\nname = \"web\"\nmin_size = 0\nmax_size = 9\nconfiguration = \"v1\"\n{scripts}"
        );
        let files = InMemory::default();
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    fn script(operation: &str, parameters: &str) -> String {
        format!("[[scripts]]\nat = \"1d\"\ndo = \"{operation}\"\n{parameters}\n")
    }

    fn read(operation: &str, parameters: &str) -> (Scenario, ScalingParameters) {
        let scenario = scenario(&script(operation, parameters));
        let first: &Script = scenario.scripts.iter().next().expect("there is one");
        let scaling = first.parameters.scaling.clone();
        (scenario, scaling)
    }

    #[test]
    fn a_request_is_kept_as_it_is_written() {
        let (_, of) = read(
            "StartInstanceRefresh",
            "ScalingGroupId = \"web\"\nMinHealthyPercentage = -3\nMaxHealthyPercentage = 100\n\
             DesiredConfiguration = { ImageId = \"one\", ScalingConfigurationId = \"v9\" }\n\
             Checkpoints = [{ Percentage = 20 }, { Percentage = 400 }, {}]\n\
             CheckpointPauseTime = 10\nClientToken = \"t\"\nStrategy = \"Rolling\"",
        );
        assert_eq!(of.group, Some(Handle::Known(Id::new(0))));
        let request = of.request;
        assert_eq!(
            (request.min, request.max, request.pause),
            (Some(u32::MAX), Some(100), Some(10))
        );
        assert_eq!(request.image, Some(Handle::Known(Id::new(0))));
        assert_eq!(request.configuration, Some(Handle::Unknown("v9".to_owned())));
        assert_eq!(request.checkpoints, [20, 400, 0]);
        assert_eq!((request.skip_matching, request.containers), (None, None));
        let (_, of) = read("StartInstanceRefresh", "group = \"wep\"\nCheckpoints = [20, 100]");
        assert_eq!(of.group, Some(Handle::Unknown("wep".to_owned())));
        assert_eq!(of.request.checkpoints, [20, 100]);
    }

    #[test]
    fn overrides_make_versions_of_their_own_and_equal_ones_the_same() {
        let start = |types: &str, version: &str| {
            script(
                "StartInstanceRefresh",
                &format!(
                    "DesiredConfiguration = {{ LaunchTemplateId = \"lt\", LaunchTemplateVersion = \
                     {version}, LaunchTemplateOverrides = [{types}] }}"
                ),
            )
        };
        let one = "{ InstanceType = \"u\" }";
        let all = [
            (one, "2"),
            (one, "\"Latest\""),
            ("", "\"8\""),
            ("{ InstanceType = \"x\" }", "\"new\""),
        ];
        let texts: String = all.iter().map(|(types, version)| start(types, version)).collect();
        let scenario = scenario(&texts);
        let requests: Vec<RefreshRequest> =
            scenario.scripts.iter().map(|one| one.parameters.scaling.request.clone()).collect();
        let layout = &scenario.layout;
        let name =
            |of: Id<crate::fleet::ids::Configuration>| layout.configurations[of].name.as_str();
        let names = |request: &RefreshRequest| -> Vec<&str> {
            request.versions.iter().map(|of| name(*of)).collect()
        };
        assert_eq!(names(&requests[0]), ["lt:1+u", "lt:2+u"]);
        assert_eq!(requests[0].versions, requests[1].versions);
        assert_eq!(names(&requests[2]), ["lt:1", "lt:2"]);
        assert_eq!(names(&requests[3]), ["lt:1", "lt:2"]);
        let overrides: Vec<_> = requests.iter().map(|request| request.overrides).collect();
        assert_eq!(overrides, [Some(true), Some(true), None, Some(false)]);
        assert_eq!(requests[1].version, Some(VersionWritten::Latest));
        assert_eq!(requests[2].version, Some(VersionWritten::Number(8)));
        assert_eq!(requests[3].version, Some(VersionWritten::Unknown("new".to_owned())));
        // The group knows what it may launch from them, and that it is the other type.
        let offers = &layout.scaling_groups[Id::new(0)].offers;
        assert_eq!(offers.len(), layout.configurations.len());
        let offer = offers[requests[0].versions[1]][0];
        assert_eq!(layout.types[offer.instance_type].name, "u");
    }

    #[test]
    fn containers_are_taken_within_their_limits() {
        let taken = |container: &str| {
            let text = format!("DesiredConfiguration = {{ Containers = [{container}] }}");
            read("StartInstanceRefresh", &text).1.request.containers
        };
        assert_eq!(
            taken("{ Name = \"nginx\", Commands = [\"sleep\"], Args = [\"9\"] }"),
            Some(true)
        );
        let variable = |text: &str| format!("{{ EnvironmentVars = [{{ {text} }}] }}");
        assert_eq!(taken(&variable("Key = \"PATH\", Value = \"/bin\"")), Some(true));
        assert_eq!(taken(&variable("Key = \"9P\"")), Some(false));
        assert_eq!(taken(&variable("Value = \"x\"")), Some(false));
        let many = format!("{{ Args = [{}] }}", ["\"x\""; 11].join(", "));
        assert_eq!(taken(&many), Some(false));
        assert_eq!(taken(&format!("{{ Commands = [\"{}\"] }}", "x".repeat(257))), Some(false));
    }

    #[test]
    fn refreshes_are_named_by_script_place_or_number() {
        let texts = [
            "[[scripts]]\nname = \"roll\"\nat = \"1d\"\ndo = \"StartInstanceRefresh\"\n".to_owned(),
            script("StartInstanceRefresh", ""),
            script("CancelInstanceRefresh", "InstanceRefreshTaskId = \"roll\""),
            script(
                "DescribeInstanceRefreshes",
                "InstanceRefreshTaskIds = [\"script[0]\", \"script[1]\", \"#7\", \"ir-1\"]\nMaxResults = 51",
            ),
        ];
        let scenario = scenario(&texts.concat());
        let of: Vec<_> = scenario.scripts.iter().map(|one| &one.parameters.scaling).collect();
        let by = |label: &str| RefreshHandle::Of(label.to_owned());
        assert_eq!(of[2].refreshes, [by("roll")]);
        let unknown = RefreshHandle::Unknown("ir-1".to_owned());
        let expected = [by("roll"), by("script[1]"), RefreshHandle::Number(7), unknown];
        assert_eq!(
            (of[3].refreshes.as_slice(), of[3].max_results),
            (expected.as_slice(), Some(51))
        );
    }

    #[test]
    fn the_other_operations_have_the_parameters_of_the_cloud() {
        let (_, of) = read(
            "ModifyScalingGroup",
            "MaxSize = 12\nDesiredCapacity = 3\nLaunchTemplateId = \"lt\"",
        );
        assert_eq!(of.sizes, [None, Some(12), Some(3)]);
        assert_eq!(
            (of.request.template, of.request.versions.len()),
            (Some(Handle::Known(Id::new(0))), 2)
        );
        let scale = |kind: &str, value: &str| {
            let text = format!(
                "AdjustmentType = \"{kind}\"\nAdjustmentValue = {value}\nMinAdjustmentMagnitude = 2"
            );
            read("ScaleWithAdjustment", &text).1.adjustment
        };
        assert_eq!(scale("QuantityChangeInCapacity", "-4"), Some(Adjustment::Change(-4)));
        assert_eq!(scale("PercentChangeInCapacity", "10"), Some(Adjustment::Percent(10, 2)));
        assert_eq!(scale("TotalCapacity", "7"), Some(Adjustment::Total(7)));
        let (scenario, of) = read(
            "RemoveInstances",
            "group = \"web\"\nInstanceIds = [\"web#0\", \"web#4\", \"i-bp1\"]\nRemovePolicy = \"release\"\n\
             DecreaseDesiredCapacity = false",
        );
        assert_eq!((of.recycle, of.decrease), (Some(false), Some(false)));
        let named = &scenario.scripts.iter().next().unwrap().parameters.instances;
        let member = |number| InstanceHandle::Named(scenario.launched_by(Id::new(0), number));
        let unknown = InstanceHandle::Unknown("i-bp1".to_owned());
        assert_eq!(*named, [member(0), member(4), unknown]);
        assert_eq!(scenario.watched.len(), 2);
        let (_, of) = read("SetInstanceHealth", "InstanceId = \"web#0\"\nHealthStatus = \"Ill\"");
        assert_eq!(of.healthy, Some(None));
        let (_, of) = read("SuspendProcesses", "Processes = [\"ScaleOut\", \"ScaleIn\"]");
        assert_eq!(of.processes.0, 3);
    }
}
