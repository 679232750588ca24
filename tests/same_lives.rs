//! Two policies meet the same failures: what is drawn about hardware depends on no policy.
//!
//! The two answers of `scenarios/local-disk-fleet.toml` run beside each other. For every disk (bay
//! and number) and every server (and number of its crash) that both runs reach, what was drawn is
//! equal; the first failure of each happens at the same instant.

use fleetsim::{
    experiment::{comparison, replicate::replicate},
    fleet::{
        Fleet,
        ids::{Bay, Server},
    },
    kernel::{
        column::Id,
        streams::Streams,
        time::{Instant, Span},
    },
    lifecycle::{local_disk::DiskState, server::ServerState},
    messages::fact::Fact,
    observe::{Observer, metrics::Metrics, select::Selector},
    scenario::{InMemory, Scenario},
    simulation,
};
use std::{collections::BTreeMap, fs, num::NonZeroU32, path::Path};

/// What was drawn about one disk: its life, whether its damage is isolated online, whether its
/// online jobs fail, and how long its replacement takes.
type Fate = (Span, bool, bool, bool, Span);

/// The failures of one run.
struct Failures<'a> {
    scenario: &'a Scenario,
    streams: Streams,
    fates: BTreeMap<(Id<Bay>, u32), Fate>,
    first_of_disks: BTreeMap<Id<Bay>, Instant>,
    /// Since when the disk in a bay works, where that is not since the beginning.
    ready: BTreeMap<Id<Bay>, Instant>,
    /// How long each disk worked, as it was seen.
    lives: BTreeMap<(Id<Bay>, u32), Span>,
    crashes: BTreeMap<Id<Server>, Vec<(Instant, ServerState)>>,
    lost: u64,
}

impl Observer for Failures<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::DiskMoved {
                bay,
                number,
                from: DiskState::Healthy,
                to: DiskState::Damaged,
                ..
            } => {
                let fate = self.scenario.disk_fate(&self.streams, bay, number);
                let drawn =
                    (fate.life, fate.online, fate.isolation_fails, fate.reinit_fails, fate.replace);
                self.fates.insert((bay, number), drawn);
                let since = self.ready.get(&bay).copied().unwrap_or(self.scenario.begin);
                self.lives.insert((bay, number), now.since(since));
                self.first_of_disks.entry(bay).or_insert(now);
            }
            Fact::DiskMoved { bay, to: DiskState::Healthy, .. } => _ = self.ready.insert(bay, now),
            Fact::ServerMoved { server, from: ServerState::Up, to } => {
                self.crashes.entry(server).or_default().push((now, to));
            }
            Fact::DataLost { bytes, .. } => self.lost += bytes,
            _ => {}
        }
    }
}

fn scenario(sets: &[&str]) -> Scenario {
    let text = include_str!("../scenarios/local-disk-fleet.toml");
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    Scenario::parse("local-disk-fleet.toml", text.as_bytes(), &sets, &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn failures(scenario: &Scenario, run: u32) -> Failures<'_> {
    let mut failures = Failures {
        scenario,
        streams: Streams::new(scenario.seed, run),
        fates: BTreeMap::new(),
        first_of_disks: BTreeMap::new(),
        ready: BTreeMap::new(),
        lives: BTreeMap::new(),
        crashes: BTreeMap::new(),
        lost: 0,
    };
    simulation::run(scenario, run, &mut failures);
    failures
}

#[test]
fn both_answers_to_a_damaged_disk_meet_the_same_lives() {
    // Many failures in a year, so that later disks of a bay are reached too.
    let often = "server_models.storage.local_disks.failure={ rate = \"4/year\" }";
    let accept = scenario(&[often]);
    let redeploy = scenario(&[often, "policies.customers.patient.disk_error=redeploy"]);
    for run in 0..3 {
        let (one, other) = (failures(&accept, run), failures(&redeploy, run));
        assert_ne!(one.lost, other.lost, "the policies differ in what they bring about");
        let common = one.fates.keys().filter(|disk| other.fates.contains_key(*disk)).count();
        let later =
            one.fates.keys().filter(|(bay, n)| *n > 0 && other.fates.contains_key(&(*bay, *n)));
        assert!(common > 500 && later.count() > 100, "{common} disks break in both runs");
        for (disk, drawn) in &one.fates {
            let same = other.fates.get(disk).is_none_or(|of_other| of_other == drawn);
            assert!(same, "what is drawn about {disk:?}");
            let life = one.lives[disk];
            assert_eq!(life, drawn.0, "{disk:?} lives as long as was drawn");
            let same = other.lives.get(disk).is_none_or(|of_other| *of_other == life);
            assert!(same, "{disk:?} lives equally long, whenever it was put in");
        }
        assert_eq!(one.first_of_disks, other.first_of_disks, "first failures");
        assert_eq!(one.crashes, other.crashes, "servers crash alike, whatever owners do");
    }
}

#[test]
fn the_digests_of_first_failures_are_those_of_the_seed() {
    for name in ["chance.first_disk_failures", "chance.first_crashes"] {
        is_of_the_seed(name);
    }
}

fn is_of_the_seed(name: &str) {
    let digest = |sets: &[&str], run| {
        let scenario = scenario(sets);
        let metrics = Metrics::list(&scenario);
        let outcome = simulation::measure(&scenario, run, &metrics);
        let found = metrics.iter().position(|of| of.definition.name == name);
        outcome.values[found.expect("the metric is listed")]
    };
    let accept = digest(&[], 0);
    assert!(accept.is_some_and(|digest| digest > 0.0), "{name}");
    for answer in ["redeploy", "wait"] {
        let set = format!("policies.customers.patient.disk_error={answer}");
        assert_eq!(digest(&[&set], 0), accept, "{name} of {answer}");
    }
    assert_ne!(digest(&[], 1), accept, "another run has other failures: {name}");
}

/// The comparisons that `docs/compare.md` shows what common random numbers are worth with: scenario,
/// what is set against the scenario as it is, metric.
const SHOWCASES: [(&str, &str, &str); 8] = [
    ("local-disk-fleet", "policies.customers.patient.disk_error=redeploy", "downtime"),
    ("local-disk-fleet", "policies.customers.patient.disk_error=redeploy", "disks.damaged.mean"),
    ("risky-hosts", "policies.maintenance.live_migration=false", "downtime"),
    ("quickstart", "policies.placement=best-fit", "interruptions"),
    ("quickstart", "policies.recovery=in-place", "interruptions"),
    ("dedicated-hosts", "servers[spares].count=1", "dedicated.moves"),
    ("rolling-refresh", "scripts[surge].MinHealthyPercentage=100", "refresh.duration{surge}"),
    ("drain-a-rack", "campaigns[rack].drain.moves=16", "drain.duration"),
];

/// Pairing is worth five times as many runs and more, with the scenarios' own seeds. Ratios are
/// measured from 50 pairs, as the table of the docs is, so that they hold for good or fail for good.
#[test]
fn showcases_have_a_variance_ratio_of_five_and_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let runs = NonZeroU32::new(50).unwrap();
    for (name, set, metric) in SHOWCASES {
        let text = fs::read(folder.join(format!("{name}.toml"))).unwrap();
        let outcomes = |sets: &[String]| {
            let scenario = Scenario::parse("x.toml", &text, sets, &InMemory::default());
            let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
            replicate(&scenario, runs, None, &|_| ())
        };
        let both = [outcomes(&[]), outcomes(&[set.to_owned()])];
        let lists = [&both[0][0].metrics[..], &both[1][0].metrics[..]];
        let selector = Selector::parse(metric).unwrap();
        let chosen = comparison::named(&[selector], &lists).unwrap();
        let compared = comparison::compare(&both, &chosen);
        let ratio = compared.candidates[0].tested[0].paired.variance_ratio;
        println!("{name} with {set}: {metric} {ratio:?}");
        assert!(ratio >= Some(5.0), "{name} with {set}: {metric} {ratio:?}");
    }
}
