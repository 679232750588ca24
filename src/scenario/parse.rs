//! From the text of a scenario to the scenario.

use super::{
    check::check,
    defaults::{self, WHOLE, lay_under},
    digest::digest,
    fault::{Fault, Faults, SourceId},
    files::{Files, GivenBy},
    load::Loader,
    model::Scenario,
    presets,
    resolve::resolve,
};
use std::collections::BTreeSet;

impl Scenario {
    /// Reads the scenario called `name` (the path of its file as the user gives it: files that it
    /// names are relative to it) from `bytes`, with what the options `sets` (each `path=value`)
    /// change.
    ///
    /// # Errors
    /// Everything that is wrong with it: faults of syntax alone where there are any; else all
    /// faults of form and meaning together.
    ///
    /// # Examples
    /// ```
    /// use fleetsim::scenario::{InMemory, Scenario};
    ///
    /// let text = b"[scenario]\nname = \"x\"\nhorizn = \"30d\"\n";
    /// let faults = Scenario::parse("x.toml", text, &[], &InMemory::default()).unwrap_err();
    /// let told = faults.to_string();
    /// assert!(told.contains("`scenario` has the unknown key `horizn`"), "{told}");
    /// assert!(told.contains("`scenario.horizon` is missing"), "{told}");
    /// ```
    pub fn parse(
        name: &str,
        bytes: &[u8],
        sets: &[String],
        files: &dyn Files,
    ) -> Result<Self, Faults> {
        let mut loader = Loader::new(name, files);
        let source = loader.sources.add("defaults.toml", defaults::TEXT.into(), GivenBy::Scenario);
        let mut tree = loader.scenario(name, bytes);
        loader.set(&mut tree, sets);
        if loader.faults.is_empty() {
            let presets =
                loader.sources.add(presets::NAME, presets::TEXT.into(), GivenBy::Scenario);
            presets::lay_under(&mut tree, presets);
            let types = loader.sources.add(
                presets::HOST_TYPES_NAME,
                presets::HOST_TYPES.into(),
                GivenBy::Scenario,
            );
            presets::lay_host_types_under(&mut tree, types);
            let mut tree = lay_under(&WHOLE, tree, &defaults::tree(source));
            check(&WHOLE, &tree, "", &mut loader.faults);
            tree.blank(&places(&loader.faults));
            let (mut scenario, inputs) = resolve(&tree, &mut loader);
            if loader.faults.is_empty() {
                scenario.digest = digest(&tree, &inputs);
                if !scenario.gates.list.is_empty() {
                    scenario.gates.sources = loader.sources.texts;
                }
                return Ok(scenario);
            }
        }
        Err(Faults::new(loader.sources.texts, loader.faults))
    }
}

/// Where each fault is, as a key.
fn places(faults: &[Fault]) -> BTreeSet<(SourceId, usize, usize)> {
    let main = faults.iter().filter_map(|fault| fault.labels.first());
    main.map(|label| (label.source, label.span.start, label.span.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::layout::ActionOnMaintenance,
        kernel::{distribution::Distribution, time::Span},
        scenario::{
            ArrivalSource, InMemory, LifeFrom, OnRisk, Recovery, WhenFull,
            keys::FILE,
            schema::{Kind, Shape},
            summary,
        },
    };

    /// A small scenario.
    const GOOD: &str = r#"
[scenario]
name = "small"
horizon = "30d"

[server_models.m]
vcpus = 8
memory = "32GiB"

[[servers]]
name = "all"
model = "m"
count = 4
zones = ["a", "b"]

[instance_types.t]
vcpus = 2
memory = "8GiB"

[[workload.instances]]
type = "t"
count = 3

[[workload.arrivals]]
name = "jobs"
rate = "7/h"
type = "t"
life = { exponential = { mean = "1h" } }
"#;

    /// What is planned: one command of each kind, called by its operation.
    const PLANS: &str = r#"
[[campaigns]]
name = "upgrade"
event = "SystemMaintenance.Reboot"
start = "2d"
servers = { models = ["m"], zones = ["a"], most = 1 }
window = { from = 22, hours = 4 }
rate = "20/day"

[[events]]
at = "1d"
type = "SystemMaintenance.Reboot"
instance = "jobs#0"
lead = "1h"

[[events]]
at = "2026-01-02T00:00:00Z"
type = "SystemFailure.Reboot"
instance = "jobs#1"

[images.t]

[configurations.t]
type = "t"
image = "t"

[launch_templates.t]
versions = [{ type = "t" }]

[[gates]]
metric = "availability"
at_least = 0.9

[[gates]]
name = "moves"
metric = "migrations"
worse_by_at_most = "5%"
alpha = 0.01

[[groups]]
name = "web"
min_size = 0
max_size = 9
desired = 2
configuration = "t"
members = [{ count = 2 }]
hooks = [{ name = "drain", lifecycle_transition = "SCALE_IN" }]
schedule = [{ at = "1d", desired = 3 }]
target = { demand = [["0s", 1]], per_unit = 1 }
"#;

    /// The small scenario with plans and a script of each kind.
    fn planned() -> String {
        let key = FILE.key("scripts").expect("scenarios have scripts");
        let Kind::List(Kind::Tagged(scripts), _) = &key.kind else { panic!("scripts have forms") };
        let script = |(form, _): &(&str, &Shape)| {
            format!("[[scripts]]\nname = \"{form}\"\nat = \"1d\"\ndo = \"{form}\"\n")
        };
        // Those of the second cloud are faults under the first.
        let of_first = |form: &&(&str, &Shape)| !matches!(form.0, "MigrateServer" | "ShowJob");
        let scripts: String = scripts.forms.iter().filter(of_first).map(script).collect();
        format!("{GOOD}{PLANS}{scripts}")
    }

    fn parse(bytes: &[u8], sets: &[&str], files: &dyn Files) -> Scenario {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let read = Scenario::parse("x/scenario.toml", bytes, &sets, files);
        read.unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn with(more: &str) -> Scenario {
        parse(format!("{GOOD}\n{more}").as_bytes(), &[], &InMemory::default())
    }

    #[test]
    fn what_is_left_out_has_the_documented_defaults() {
        let scenario = with("");
        let minutes = |n: u64| Span::from_seconds(60 * n);
        let crash = scenario.layout.models.iter().next().unwrap().crash.clone().unwrap();
        assert!((crash.life.cdf(8_760.0 * 3_600.0) - 0.03).abs() < 1e-12);
        assert_eq!(crash.restart, Distribution::Uniform { low: minutes(2), high: minutes(4) });
        assert!((crash.restarts_itself - 0.6).abs() < 1e-12);
        let risk = scenario.layout.models.iter().next().unwrap().risk.clone().unwrap();
        assert!((risk.life.cdf(8_760.0 * 3_600.0) - 0.05).abs() < 1e-12);
        assert!((risk.curable - 0.5).abs() < 1e-12 && (risk.crashes - 0.5).abs() < 1e-12);
        let days = |n: u64| minutes(n * 24 * 60);
        let one_to_seven = Distribution::Uniform { low: days(1), high: days(7) };
        assert_eq!((risk.crash_after, risk.repair), (one_to_seven.clone(), one_to_seven));
        let maintenance = &scenario.policies.maintenance;
        assert!(maintenance.live_migration && maintenance.live_at_once.is_none());
        assert_eq!(maintenance.on_risk, OnRisk::Act);
        assert_eq!(
            (scenario.epoch, scenario.region.as_str()),
            (1_767_225_600_000_000, "cn-hangzhou")
        );
        assert_eq!((scenario.seed, scenario.runs.get()), (1, 30));
        assert_eq!(scenario.settings.create_release_after, minutes(5));
        assert_eq!(scenario.settings.instance_pending, Distribution::Fixed(Span::from_seconds(3)));
        assert_eq!(scenario.policies.repair_crews, None);
        assert_eq!(scenario.policies.recovery, Recovery::Failover);
        assert_eq!(scenario.workload.life_from, LifeFrom::Running);
        assert_eq!(scenario.workload.when_full, WhenFull::Reject);
        let customer = scenario.layout.customers.iter().next().unwrap();
        assert_eq!(customer.name, "default");
        assert_eq!(customer.restart_after, Some(Distribution::Fixed(minutes(60))));
    }

    #[test]
    fn arrivals_have_weights_profiles_and_templates_of_their_own() {
        let scenario = with(
            "[instance_types.u]\nvcpus = 1\nmemory = \"1GiB\"\naction_on_maintenance = \"Stop\"\n\
             [[workload.arrivals]]\nname = \"more\"\ngap = \"1h\"\ntypes = { u = 1, t = 3 }\n\
             batch = { sizes = [[1, 2], [0, 9], [3, 20]] }\nday_profile = [0, 1, 2]\napp = \"w\"\n",
        );
        let Some(ArrivalSource::Law(law)) = scenario.workload.sources.iter().last() else {
            panic!("a law")
        };
        assert_eq!(law.batch, [(0.25, 2), (1.0, 20)]);
        assert_eq!(law.profile.factors, [0.0, 1.0, 2.0]);
        let [(three_quarters, t), (one, u)] = law.mix[..] else { panic!("two types") };
        assert!((three_quarters - 0.75).abs() < 1e-12 && (one - 1.0).abs() < 1e-12);
        let (t, u) = (&scenario.layout.templates[t], &scenario.layout.templates[u]);
        assert_eq!(scenario.layout.types[t.instance_type].name, "t");
        assert_eq!(u.on_maintenance, ActionOnMaintenance::Stop);
        let application = &scenario.layout.applications[u.application.unwrap()];
        assert_eq!((application.name.as_str(), application.per_server_limit), ("w", None));
    }

    #[test]
    fn what_never_happens_has_no_law() {
        let text = GOOD.replace(
            "memory = \"32GiB\"",
            "memory = \"32GiB\"\ncrash = { rate = \"0/year\" }\nrisk = \"never\"",
        );
        let sets = ["settings.guest.crash_rate=never", "workload.when_full.wait=10min"];
        let scenario = parse(text.as_bytes(), &sets, &InMemory::default());
        let model = scenario.layout.models.iter().next().unwrap();
        assert!(model.crash.is_none() && model.risk.is_none());
        assert!(scenario.settings.guest_crash.is_none());
        assert_eq!(scenario.workload.when_full, WhenFull::Wait(Span::from_seconds(600)));
    }

    #[test]
    fn traces_become_rows_templates_and_types() {
        let text = GOOD
            .split("[[workload")
            .next()
            .unwrap()
            .replace("\"30d\"", "\"30d\"\nclock_start = \"1h\"");
        let rows = "arrival_s,lifetime_s,vcpus,memory_gib,app,per_server_limit,type\n\
                    7200,60,2,8,w,3,t\n3600,,1,1,w,2,\n,4000,4,4,,,x\n,3000,4,4,,,x\n5400,1,8,8,,,x\n";
        let files = InMemory::new([("x/t.csv", rows)]);
        let text = format!("{text}[workload]\ntrace = \"t.csv\"\n");
        let scenario = parse(text.as_bytes(), &[], &files);
        let Some(ArrivalSource::Trace(trace)) = scenario.workload.sources.iter().next() else {
            panic!("a trace")
        };
        let arrivals: Vec<(f64, u32)> =
            trace.arrivals.iter().map(|row| (row.arrival.seconds(), row.row)).collect();
        assert_eq!(arrivals, [(3_600.0, 1), (5_400.0, 4), (7_200.0, 0)]);
        let at_start: Vec<(f64, f64, u32)> = trace
            .at_start
            .iter()
            .map(|row| (row.arrival.seconds(), row.life.seconds(), row.row))
            .collect();
        assert_eq!(at_start, [(3_600.0, 400.0, 2)]);
        assert!(trace.arrivals[0].life.is_never());
        let types: Vec<&str> =
            scenario.layout.types.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(types, ["t", "1c-1GiB", "x 4c-4GiB", "x 8c-8GiB"]);
        let limit = scenario.layout.applications.iter().next().unwrap().per_server_limit;
        assert_eq!(limit.unwrap().get(), 2);
        assert_eq!(scenario.workload.life_from, LifeFrom::Arrival);
        let moved =
            format!("{}[workload]\ntrace = \"u.csv\"\n", text.split("[workload]").next().unwrap());
        let files = InMemory::new([("x/u.csv", rows)]);
        assert_eq!(scenario.digest, parse(moved.as_bytes(), &[], &files).digest);
    }

    #[test]
    fn a_summary_says_what_a_scenario_amounts_to() {
        let summary = summary(&with(""));
        assert_eq!((summary.servers, summary.racks, summary.zones), (4, 2, 2));
        assert_eq!((summary.capacity.vcpus, summary.instances_at_start), (32, 3));
        assert!((summary.expected_arrivals - 7.0 * 720.0).abs() < 1e-6);
        assert!((summary.expected_instances - 10.0).abs() < 0.02);
        assert!((summary.expected_most_instances - 10.0).abs() < 0.01);
        assert!(summary.expected_failures < 1.0);
        assert!(summary.expected_memory > 1_000);
    }

    #[test]
    fn the_summary_of_a_trace_is_exact() {
        let text = GOOD.split("[[workload").next().unwrap().replace("\"30d\"", "\"100s\"");
        let rows = "arrival_s,lifetime_s,vcpus,memory_gib\n0,50,1,1\n0,,1,1\n50,10,1,1\n90,20,1,1\n\
                    100,1,1,1\n,20,1,1\n";
        let files = InMemory::new([("x/t.csv", rows)]);
        let none = "[settings]\ninstance = { pending = \"0s\", starting = \"0s\" }\n\
                    guest.crash_rate = \"never\"\n[server_models.m.crash]\nrate = \"never\"\n";
        let text = format!("{text}[workload]\ntrace = \"t.csv\"\n{none}").replace("afr", "rate");
        let text = text.replace("[server_models.m]\n", "[server_models.m]\nrisk = \"never\"\n");
        let summary = summary(&parse(text.as_bytes(), &[], &files));
        assert!((summary.expected_instances - 1.9).abs() < 1e-9, "{summary:?}");
        assert!((summary.expected_most_instances - 3.0).abs() < 1e-9, "{summary:?}");
        assert!((summary.expected_arrivals - 4.0).abs() < 1e-9, "{summary:?}");
        // Three instants of arrival, and three ends before that of the run.
        assert!((summary.expected_occurrences - 6.0).abs() < 1e-9, "{summary:?}");
    }

    #[test]
    fn the_shipped_scenario_is_right() {
        let text = include_str!("../../scenarios/quickstart.toml");
        let files = InMemory::default();
        let scenario = Scenario::parse("quickstart.toml", text.as_bytes(), &[], &files);
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(scenario.layout.servers.len(), 40);
    }

    #[test]
    fn byte_order_marks_and_line_ends_are_accepted_with_the_same_digest() {
        let none = InMemory::default();
        let plain = parse(GOOD.as_bytes(), &[], &none);
        let other = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        let other = parse(other.as_bytes(), &[], &none);
        assert_eq!(plain.digest, other.digest);
        let changed = parse(GOOD.as_bytes(), &["servers[all].count=5"], &none);
        assert_ne!(plain.digest, changed.digest);
        let same = ["servers[0].count=4", "scenario.runs=7", "scenario.seed=2"];
        assert_eq!(plain.digest, parse(GOOD.as_bytes(), &same, &none).digest);
    }

    #[test]
    fn json_says_the_same_as_toml() {
        let json = r#"{
            "servers": [{ "name": "all", "model": "m", "count": 4, "zones": ["a", "b"] }],
            "scenario": { "name": "small", "horizon": "30d" },
            "server_models": { "m": { "vcpus": 8, "memory": "32GiB" } },
            "instance_types": { "t": { "vcpus": 2, "memory": "8GiB" } },
            "workload": {
                "instances": [{ "type": "t", "count": 3 }],
                "arrivals": [{
                    "name": "jobs", "rate": "7/h", "type": "t",
                    "life": { "exponential": { "mean": "1h" } }
                }]
            }
        }"#;
        let none = InMemory::default();
        let from_json = Scenario::parse("small.json", json.as_bytes(), &[], &none);
        assert_eq!(from_json.unwrap().digest, parse(GOOD.as_bytes(), &[], &none).digest);
    }

    #[test]
    fn included_parts_lie_under_the_file_that_includes_them() {
        let (head, fleet) = GOOD.split_once("[server_models.m]").unwrap();
        let parts = InMemory::new([
            ("x/parts/fleet.toml", &format!("include = \"more.toml\"\n[server_models.m]{fleet}")),
            ("x/parts/more.toml", "[policies]\nplacement = \"spread\"\nrecovery = \"in-place\"\n"),
        ]);
        let text = format!(
            "include = [\"parts/fleet.toml\"]\n{head}[policies]\nplacement = \"best-fit\"\n\
             [[servers]]\nname = \"more\"\nmodel = \"m\"\ncount = 2\nzones = [\"c\"]\n"
        );
        let joined = parse(text.as_bytes(), &[], &parts);
        let whole = format!(
            "{GOOD}\n[[servers]]\nname = \"more\"\nmodel = \"m\"\ncount = 2\nzones = [\"c\"]\n\
             [policies]\nplacement = \"best-fit\"\nrecovery = \"in-place\"\n"
        );
        assert_eq!(joined.digest, parse(whole.as_bytes(), &[], &parts).digest);
        assert_eq!(joined.layout.servers.len(), 6);
    }

    /// Every path of the file that leads to a number or quantity, as options name it.
    fn paths(kind: &Kind, path: &str, found: &mut Vec<(String, bool)>) {
        match kind {
            Kind::Table(shape) => {
                for key in shape.keys {
                    let dot = if path.is_empty() { "" } else { "." };
                    paths(&key.kind, &format!("{path}{dot}{}", key.name), found);
                }
            }
            Kind::Tagged(kinds) => {
                for (form, shape) in kinds.forms {
                    paths(&Kind::Table(shape), &path.replace("[0]", &format!("[{form}]")), found);
                }
            }
            Kind::Map(kind) => {
                let name = if path == "server_models" { "m" } else { "t" };
                paths(kind, &format!("{path}.{name}"), found);
            }
            Kind::List(kind, _) if matches!(**kind, Kind::Table(_) | Kind::Tagged(_)) => {
                paths(kind, &format!("{path}[0]"), found);
            }
            Kind::Either(kinds) => kinds.iter().for_each(|kind| paths(kind, path, found)),
            Kind::Count { .. } | Kind::Number { .. } => found.push((path.to_owned(), true)),
            Kind::Span
            | Kind::Percent
            | Kind::Amount
            | Kind::Size
            | Kind::Bandwidth
            | Kind::Probability
            | Kind::Share
            | Kind::Percentage
            | Kind::Date
            | Kind::Moment
            | Kind::TimeOfDay
            | Kind::Rate
            | Kind::Law => found.push((path.to_owned(), false)),
            Kind::Text
            | Kind::Name
            | Kind::File
            | Kind::Switch
            | Kind::Whole
            | Kind::Word(_)
            | Kind::List(..)
            | Kind::Pairs(..) => {}
        }
    }

    /// No number or quantity anywhere may be undefined, endless, negative or of another type.
    #[test]
    fn bad_values_are_refused_everywhere() {
        let mut found = Vec::new();
        paths(&WHOLE, "", &mut found);
        assert!(found.len() >= 120, "only {} paths", found.len());
        let planned = planned();
        parse(planned.as_bytes(), &[], &InMemory::default());
        let bad = [
            "nan",
            "inf",
            "-inf",
            "-1",
            "-0.5",
            "\"-1h\"",
            "\"\"",
            "\"NaN\"",
            "\"inf\"",
            "true",
            "[]",
            "1979-05-27",
            "1e400",
            "99999999999999999999999999999999999999999",
            "\"1 parsec\"",
            "\"9999999999999999999w\"",
            "{ x = 1 }",
            "\"1..2\"",
            "\"%\"",
            "\"/h\"",
        ];
        // What the cloud refuses when a script runs is no fault of the scenario.
        let is_judged =
            |path: &str| path.starts_with("scripts[") && path.ends_with(".SpotPriceLimit");
        for (path, _) in found.iter().filter(|(path, _)| !is_judged(path)) {
            for value in bad {
                let option = [format!("{path}={value}")];
                let files = InMemory::default();
                let read = Scenario::parse("x.toml", planned.as_bytes(), &option, &files);
                assert!(read.is_err(), "{option:?}");
            }
        }
        for (path, _) in found.iter().filter(|(_, number)| *number) {
            let option = [format!("{path}=\"7\"")];
            let files = InMemory::default();
            assert!(Scenario::parse("x.toml", planned.as_bytes(), &option, &files).is_err());
        }
    }

    #[test]
    fn the_digest_covers_what_is_planned() {
        let none = InMemory::default();
        let planned = planned();
        let digest = |sets: &[&str]| parse(planned.as_bytes(), sets, &none).digest;
        let sets = [
            "campaigns[upgrade].rate=21/day",
            "campaigns[upgrade].at_once.per_rack=1",
            "scripts[RebootInstance].ForceStop=true",
            "events[0].lead=2h",
            "scenario.start=2026-01-01T12:00:00Z",
            "scenario.region=cn-beijing",
            "server_models.m.risk=never",
            "policies.maintenance.on_risk=ignore",
            "groups[web].refresh.pacing=sliding",
            "groups[web].refresh.preset=aws",
            "settings.refresh.bake=1min",
            "images.t.unhealthy_p=0.1",
        ];
        let plain = digest(&[]);
        assert_ne!(plain, parse(GOOD.as_bytes(), &[], &none).digest);
        for set in sets {
            assert_ne!(digest(&[set]), plain, "{set}");
        }
        // What is demanded of runs changes none.
        for set in ["gates[0].at_least=0.5", "gates[moves].alpha=0.2", "check.runs=7"] {
            assert_eq!(digest(&[set]), plain, "{set}");
        }
        // What says the default is what says nothing.
        assert_eq!(digest(&["campaigns[upgrade].order=rack-by-rack"]), plain);
        assert_eq!(digest(&["scripts[RunInstances].Amount=1"]), plain);
    }
}
