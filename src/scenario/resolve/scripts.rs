//! Commands given at given times.

use super::{
    build::{Build, action},
    clock::Clock,
    dedicated, group_scripts,
    groups::Groups,
    handles::{Created, Handles},
    loads::mode,
    servers::duplicates,
    spot,
    workload::template,
};
use crate::{
    fleet::{
        care::{LockReason, MaintenanceWindow, StoppedMode},
        cold_migrations::Goal,
        ids::{Script as ScriptId, Template},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::system_event::EventType,
    messages::{operation::Operation, refusal::Refusal},
    scenario::{
        fault::known_names,
        model::Workload,
        scaling::ScalingParameters,
        scripts::{EventHandle, InstanceHandle, Parameters, Script, TaskHandle, WindowWritten},
        tree::shortened,
        view::View,
    },
};

/// What is known of a command before its handles are.
#[derive(Clone, Debug)]
struct Draft<'a> {
    view: View<'a>,
    label: String,
    at: Instant,
    operation: Operation,
    template: Option<Id<Template>>,
    refused: Option<Refusal>,
    amount: Option<u32>,
}

/// The commands of the scenario in order of time, those of one instant in order of the file; and
/// the handles by which they, and events, may name instances.
pub fn scripts<'a>(
    root: View<'a>,
    clock: &Clock,
    workload: &'a Workload,
    groups: &mut Groups,
    build: &mut Build,
) -> (Column<ScriptId, Script>, Handles<'a>) {
    let view = root.at("scripts");
    duplicates(view, "scripts", build);
    names_of_sources(root, build);
    let drafts: Vec<Draft<'a>> = view
        .elements()
        .enumerate()
        .map(|(place, view)| draft((place, view), clock, build))
        .collect();
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|place| drafts[*place].at);
    let mut created: Vec<Created<'a>> = drafts.iter().map(creates).collect();
    for (rank, place) in order.iter().enumerate() {
        created[*place].rank = rank;
    }
    let handles = Handles::new(root, workload, created, &build.layout);
    let labels: Vec<String> = drafts.iter().map(|draft| draft.label.clone()).collect();
    let mut scripts = Column::default();
    for place in order {
        let draft = &drafts[place];
        let path = format!("scripts[{}]", called(draft.view, place));
        let scaling = group_scripts::parameters(draft.view, &labels, groups, build);
        let parameters = Reader { view: draft.view, path, clock, handles: &handles, build };
        let parameters = parameters.all(draft, scaling);
        let (label, at, operation) = (draft.label.clone(), draft.at, draft.operation);
        scripts.push(Script { label, at, operation, parameters });
    }
    (scripts, handles)
}

/// A script that is called as a stream of arrivals: what it creates could not be told apart.
fn names_of_sources(root: View<'_>, build: &mut Build) {
    let sources = root.at("workload").at("arrivals");
    for script in root.at("scripts").elements() {
        let name = script.at("name");
        let Some(text) = name.text() else { continue };
        let is_taken = sources.elements().any(|source| source.at("name").text() == Some(text));
        if is_taken || (text == "trace" && root.at("workload").at("trace").is_given()) {
            let message = format!("a script and a source of arrivals are both called `{text}`");
            let help = "give the script another name: `NAME#0` names what it creates";
            build.fault(name, "duplicate", message, help);
        }
    }
}

fn draft<'a>((place, view): (usize, View<'a>), clock: &Clock, build: &mut Build) -> Draft<'a> {
    let path = format!("scripts[{}].at", called(view, place));
    let at = clock.happening(view.at("at"), &path, build);
    let operation = view.at("do").text().and_then(operation).unwrap_or(Operation::CancelTask);
    is_offered(view.at("do"), operation, build);
    let is_creation = matches!(operation, Operation::RunInstances | Operation::CreateInstance);
    let refused = if is_creation { spot::refusal_of(view, build) } else { None };
    let template = match is_creation && refused.is_none() {
        true => template(view, (view.at("InstanceType"), view.at("ZoneId")), build),
        false => None,
    };
    let label = view.at("name").text();
    Draft {
        view,
        label: label.map_or_else(|| format!("script[{place}]"), str::to_owned),
        at: at.unwrap_or(Instant::ZERO),
        operation,
        template,
        refused,
        amount: view.at("Amount").count32(),
    }
}

/// A fault where `operation` is of the cloud whose rules do not hold.
fn is_offered(view: View<'_>, operation: Operation, build: &mut Build) {
    if let Some(other) = operation.only_of().filter(|cloud| *cloud != build.cloud) {
        let message = format!("the cloud has no operation `{}`", operation.name());
        let help = format!("the other one has: settings.cloud = \"{}\"", other.word());
        build.fault(view, "other-cloud", message, &help);
    }
}

/// How messages pick a command from the list: by its name or its place.
fn called(view: View<'_>, place: usize) -> String {
    view.at("name").text().map_or_else(|| place.to_string(), str::to_owned)
}

fn creates<'a>(draft: &Draft<'a>) -> Created<'a> {
    // What cannot be read, which has been told, may create anything.
    let is_known = draft.view.at("do").text().and_then(operation).is_some();
    let amount = if draft.operation == Operation::RunInstances {
        draft.amount.unwrap_or(u32::MAX)
    } else {
        u32::from(draft.operation == Operation::CreateInstance)
    };
    let amount = if is_known { amount } else { u32::MAX };
    Created { name: draft.view.at("name").text(), rank: 0, template: draft.template, amount }
}

/// The operation with this name.
fn operation(name: &str) -> Option<Operation> {
    // One of the sources writes the singular (spec/corrections.md 15).
    let name =
        if name == "CreateSimulatedSystemEvent" { "CreateSimulatedSystemEvents" } else { name };
    Operation::named(name)
}

/// Keys whose values only narrow what an operation shows.
const FILTERS: [&str; 12] = [
    "TaskAction",
    "TaskStatus",
    "EventCycleStatus",
    "InstanceEventCycleStatus",
    "EventType",
    "InstanceEventType",
    "Status",
    "HealthStatus",
    "MaxResults",
    "NextToken",
    "PageNumber",
    "PageSize",
];

/// Reads the parameters of one command.
struct Reader<'a> {
    view: View<'a>,
    /// How messages call the command.
    path: String,
    clock: &'a Clock,
    handles: &'a Handles<'a>,
    build: &'a mut Build,
}

impl Reader<'_> {
    fn all(mut self, draft: &Draft<'_>, scaling: ScalingParameters) -> Parameters {
        let view = self.view;
        let is_simulation = draft.operation == Operation::CreateSimulatedSystemEvents;
        let clock = self.clock;
        let moment = |key: &str| clock.instant(view.at(key));
        let between = |key: &str| ["Start", "End"].map(|end| clock.instant(view.at(key).at(end)));
        let tasks = ["TaskId", "job_id"].into_iter().find(|key| view.at(key).is_given());
        let tasks = tasks.unwrap_or("TaskIds");
        let tasks = self.each(tasks, Self::task);
        let (not_before, began) = (moment("NotBefore"), ["StartTime", "EndTime"].map(moment));
        Parameters {
            instances: self.instances(),
            events: self.each("EventId", Self::event),
            tasks,
            region: view.at("RegionId").text().map(str::to_owned),
            force_stop: view.at("ForceStop").switch(),
            force: view.at("Force").switch(),
            stopped_mode: match view.at("StoppedMode").text() {
                Some("KeepCharging") => Some(StoppedMode::KeepCharging),
                Some("StopCharging") => Some(StoppedMode::StopCharging),
                Some(_) | None => None,
            },
            confirm_stop: view.at("ConfirmStop").switch(),
            init_local_disk: view.at("InitLocalDisk").switch(),
            dry_run: view.at("DryRun").switch(),
            not_before,
            event_type: view.at("EventType").text().filter(|_| is_simulation).map(str::to_owned),
            trigger_real_ops: view.at("TriggerRealOps").switch(),
            action: action(view.at("ActionOnMaintenance")),
            window: window(view.at("MaintenanceWindow")),
            notify: view.at("NotifyOnMaintenance").switch(),
            template: draft.template,
            refused: draft.refused,
            amount: draft.amount,
            began,
            migrate: self.migrate(),
            lock: view.at("LockReason").text().and_then(LockReason::parse),
            planned: between("NotBefore"),
            published: between("EventPublishTime"),
            filters: if is_simulation { Vec::new() } else { filters(view) },
            credit_specification: mode(view.at("CreditSpecification")),
            customer: None,
            hosts: dedicated::parameters(view, draft.operation, self.build),
            scaling,
        }
    }

    /// Where a MigrateServer is to go.
    fn migrate(&mut self) -> Option<Goal> {
        let view = self.view.at("migrate");
        if view.text() == Some("null") {
            return Some(Goal::Pool);
        }
        let build = &mut *self.build;
        let host = view.at("dedicated_host_id");
        Build::find(&mut build.faults, &build.hosts, host, "dedicated host").map(Goal::Host)
    }

    fn instances(&mut self) -> Vec<InstanceHandle> {
        // Of those that mean the same, the more precise one wins.
        let keys = ["ResourceId", "ResourceIds", "InstanceId", "InstanceIds", "server_id"];
        let given = keys.into_iter().find(|key| self.view.at(key).is_given());
        self.each(given.unwrap_or("InstanceId"), Self::instance)
    }

    /// What each text of a parameter stands for.
    fn each<T>(
        &mut self,
        key: &str,
        read: impl Fn(&mut Self, &str, (View<'_>, &str)) -> Option<T>,
    ) -> Vec<T> {
        let path = format!("{}.{key}", self.path);
        let views = texts(self.view.at(key)).into_iter();
        views.filter_map(|view| read(self, view.text()?, (view, &path))).collect()
    }

    fn instance(&mut self, text: &str, at: (View<'_>, &str)) -> Option<InstanceHandle> {
        self.handles.find(text, at, self.build).map(|found| found.handle)
    }

    fn event(&mut self, text: &str, (view, path): (View<'_>, &str)) -> Option<EventHandle> {
        if let Some((kind, instance)) = text.trim().split_once(" of ") {
            let Some(kind) = EventType::parse(kind.trim()) else {
                let message = format!("`{path}`: there is no event type `{}`", shortened(kind));
                let known: Vec<&str> = EventType::ALL.iter().map(|kind| kind.code()).collect();
                self.build.fault(view, "unknown-name", message, &known_names(kind, &known));
                return None;
            };
            return Some(EventHandle::NewestOf(kind, self.instance(instance, (view, path))?));
        }
        Some(match numbered(text) {
            Some(number) => EventHandle::Number(number),
            None => EventHandle::Unknown(text.to_owned()),
        })
    }

    fn task(&mut self, text: &str, at: (View<'_>, &str)) -> Option<TaskHandle> {
        let short = text.trim();
        let newest = short.strip_prefix("newest of ").or_else(|| short.strip_prefix("of "));
        if let Some(instance) = newest {
            return Some(TaskHandle::NewestOf(self.instance(instance, at)?));
        }
        Some(match numbered(text) {
            Some(number) => TaskHandle::Number(number),
            None => TaskHandle::Unknown(text.to_owned()),
        })
    }
}

/// The one text, or the texts of a list.
fn texts(view: View<'_>) -> Vec<View<'_>> {
    match view.text() {
        Some(_) => vec![view],
        None => view.elements().collect(),
    }
}

/// The number in `#17`.
pub fn numbered(text: &str) -> Option<u64> {
    let digits = text.trim().strip_prefix('#')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

fn filters(view: View<'_>) -> Vec<(String, String)> {
    let mut filters = Vec::new();
    for key in FILTERS {
        let values = texts(view.at(key)).into_iter().filter_map(View::text);
        filters.extend(values.map(|value| (key.to_owned(), value.to_owned())));
        filters.extend(view.at(key).count().map(|count| (key.to_owned(), count.to_string())));
    }
    filters
}

/// A maintenance window as the cloud judges it: whole hours, at least one and at most 23 of them.
fn window(view: View<'_>) -> Option<WindowWritten> {
    const HOUR: u32 = 3_600;
    view.0?;
    let times = ["StartTime", "EndTime"].map(|key| view.at(key).time_of_day());
    let [Some(from), Some(to)] = times else { return Some(WindowWritten { times, window: None }) };
    let hours = (to / HOUR + 24 - from / HOUR) % 24;
    let is_taken = from % HOUR == 0 && to % HOUR == 0 && hours > 0;
    let window = MaintenanceWindow { from: (from / HOUR % 24) as u8, hours: hours as u8 };
    Some(WindowWritten { times, window: is_taken.then_some(window) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::instances::InstanceName,
        kernel::time::Span,
        scenario::{InMemory, Scenario},
    };

    #[test]
    fn numbers_are_read_and_other_texts_are_not() {
        assert_eq!(numbered("#17"), Some(17));
        assert_eq!(numbered("17"), None);
        assert_eq!(numbered("#"), None);
        assert_eq!(numbered("#+1"), None);
    }

    #[test]
    fn every_operation_is_found_by_its_name() {
        for known in Operation::all() {
            assert_eq!(operation(known.name()), Some(known));
        }
        let singular = operation("CreateSimulatedSystemEvent");
        assert_eq!(singular, Some(Operation::CreateSimulatedSystemEvents));
        assert_eq!(operation("Reboot"), None);
    }

    fn scenario(scripts: &str) -> Scenario {
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"10d\"\n\
             [server_models]\nm = {{ vcpus = 8, memory = \"8GiB\" }}\n\
             [[servers]]\nmodel = \"m\"\ncount = 4\nzones = [\"a\", \"b\"]\n\
             [instance_types]\nt = {{ vcpus = 1, memory = \"1GiB\" }}\n\
             [workload]\ntrace = \"t.csv\"\n\
             [[workload.instances]]\ntype = \"t\"\ncount = 5\n\
             [[workload.instances]]\nname = \"web\"\ntype = \"t\"\ncount = 2\n\
             [[workload.arrivals]]\nname = \"jobs\"\nrate = \"1/h\"\ntype = \"t\"\n{scripts}"
        );
        let rows = "arrival_s,vcpus,memory_gib\n60,1,1\n30,1,1\n";
        let files = InMemory::new([("t.csv", rows)]);
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    fn named(name: InstanceName) -> InstanceHandle {
        InstanceHandle::Named(name)
    }

    #[test]
    fn instances_are_named_by_entry_stream_trace_and_script() {
        let scenario = scenario(
            "[[scripts]]\nat = \"2d\"\ndo = \"CreateSimulatedSystemEvent\"\nInstanceId = [\"web[1]\", \
             \"jobs#17\", \"trace#1\", \"script[1]#2\", \"late#0\", \"i-bp1\"]\n\
             [[scripts]]\nat = \"1d\"\ndo = \"RunInstances\"\nInstanceType = \"t\"\nAmount = 3\n\
             group = \"g\"\n\
             [[scripts]]\nname = \"late\"\nat = \"3d\"\ndo = \"CreateInstance\"\n",
        );
        let scripts: Vec<&Script> = scenario.scripts.iter().collect();
        let labels: Vec<&str> = scripts.iter().map(|script| script.label.as_str()).collect();
        assert_eq!(labels, ["script[1]", "script[0]", "late"]);
        let expected = [
            named(InstanceName::at_start(6)),
            named(InstanceName::arrived(0, 17)),
            named(InstanceName::arrived(1, 1)),
            named(scenario.created_by(Id::new(0), 2)),
            named(scenario.created_by(Id::new(2), 0)),
            InstanceHandle::Unknown("i-bp1".to_owned()),
        ];
        assert_eq!(scripts[1].parameters.instances, expected);
        assert_eq!(scenario.watched.len(), 5);
        let run = &scripts[0].parameters;
        assert_eq!((run.amount, run.template.is_some()), (Some(3), true));
        let group = scenario.layout.templates[run.template.unwrap()].group.unwrap();
        assert_eq!(scenario.layout.groups[group].name, "g");
        assert!(scripts[2].parameters.template.is_none());
    }

    #[test]
    fn parameters_have_the_names_of_the_cloud() {
        let scenario = scenario(
            "[[scripts]]\nat = \"1d\"\ndo = \"ModifySystemEventAttribute\"\nRegionId = \"r\"\n\
             InstanceId = \"web[0]\"\nEventId = \"SystemMaintenance.Reboot of web[0]\"\n\
             NotBefore = \"2026-01-03T00:00:00Z\"\n\
             [[scripts]]\nat = \"2d\"\ndo = \"ModifyInstanceMaintenanceAttributes\"\n\
             InstanceId = \"web[0]\"\nActionOnMaintenance = \"Stop\"\n\
             MaintenanceWindow = { StartTime = \"22:00:00\", EndTime = \"02:00:00\" }\n\
             [[scripts]]\nat = \"3d\"\ndo = \"DescribeTasks\"\nTaskIds = [\"of web[1]\", \"#3\", \"t-1\"]\n\
             TaskStatus = \"Failed\"\nStartTime = \"1h\"\n\
             [[scripts]]\nat = \"4d\"\ndo = \"CancelSimulatedSystemEvents\"\nEventId = [\"#7\", \"e-1\"]\n",
        );
        let all: Vec<&Parameters> = scenario.scripts.iter().map(|one| &one.parameters).collect();
        let web = |number: u64| named(InstanceName::at_start(5 + number));
        assert_eq!(all[0].events, [EventHandle::NewestOf(EventType::MaintenanceReboot, web(0))]);
        let two_days = Instant::ZERO.saturating_add(Span::from_seconds(2 * 86_400));
        assert_eq!((all[0].not_before, all[0].region.as_deref()), (Some(two_days), Some("r")));
        let window = all[1].window.unwrap();
        assert_eq!(window.times, [Some(79_200), Some(7_200)]);
        assert_eq!(window.window, Some(MaintenanceWindow { from: 22, hours: 4 }));
        assert!(all[1].action.is_some());
        let tasks = [
            TaskHandle::NewestOf(web(1)),
            TaskHandle::Number(3),
            TaskHandle::Unknown("t-1".to_owned()),
        ];
        assert_eq!(all[2].tasks, tasks);
        assert_eq!(all[2].filters, [("TaskStatus".to_owned(), "Failed".to_owned())]);
        assert!(all[2].began[0].is_some() && all[2].began[1].is_none());
        assert_eq!(all[3].events, [EventHandle::Number(7), EventHandle::Unknown("e-1".to_owned())]);
    }

    #[test]
    fn windows_that_the_cloud_refuses_are_kept_without_hours() {
        let window = |from: &str, to: &str| {
            let scenario = scenario(&format!(
                "[[scripts]]\nat = \"1d\"\ndo = \"ModifyInstanceMaintenanceAttributes\"\n\
                 MaintenanceWindow = {{ StartTime = \"{from}\", EndTime = \"{to}\" }}\n"
            ));
            scenario.scripts.iter().next().unwrap().parameters.window.unwrap().window
        };
        assert_eq!(window("22:30:00", "23:00:00"), None);
        assert_eq!(window("02:00:00", "02:00:00"), None);
        assert_eq!(window("00:00:00", "24:00:00"), None);
        assert_eq!(window("01:00:00", "24:00:00"), Some(MaintenanceWindow { from: 1, hours: 23 }));
    }
}
