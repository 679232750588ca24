//! Common random numbers, proved: for every shipped scenario and policies that it may be run with,
//! what comes from outside is the same, and whatever both policies draw at the same address is the
//! same number and the same length of time.
//!
//! The record of draws (`kernel::streams::recorded`) exists in tests alone.

use crate::{
    fleet::{Fleet, chance::Chance, instances::InstanceSource},
    kernel::{
        streams::recorded::{self, Address, Record},
        time::Instant,
    },
    messages::fact::Fact,
    observe::{Observer, metrics::Metrics},
    scenario::{InMemory, Scenario},
    simulation,
};
use std::{collections::BTreeMap, fs, path::Path};

/// A scenario, what shortens it for the test, and the policies that it is run with besides its own:
/// what is set, and of which purposes that changes the laws.
struct Case {
    name: &'static str,
    shortened: &'static [&'static str],
    policies: &'static [(&'static [&'static str], &'static [Chance])],
}

const CASES: &[Case] = &[
    Case {
        name: "quickstart",
        shortened: &[],
        policies: &[
            (&["policies.placement=best-fit"], &[]),
            (&["policies.placement=worst-fit"], &[]),
            (&["policies.recovery=in-place"], &[]),
            (&["policies.repair.crews=1"], &[]),
            (&["policies.repair.crews=1", "policies.repair.order=shortest-first"], &[]),
            (&["policies.customers.by-hand.restart_after=\"1h..100h\""], &[Chance::OwnerRestart]),
        ],
    },
    Case {
        name: "local-disk-fleet",
        shortened: &[],
        policies: &[
            (&["policies.customers.patient.disk_error=redeploy"], &[]),
            (&["policies.customers.patient.disk_error=wait"], &[]),
            (&["policies.customers.patient.isolated=redeploy"], &[]),
            (&["policies.placement=best-fit"], &[]),
            (&["policies.customers.patient.answer_after=\"1h..100h\""], &[Chance::OwnerAnswer]),
        ],
    },
    Case {
        name: "risky-hosts",
        shortened: &[],
        policies: &[
            (&["policies.maintenance.live_migration=false"], &[]),
            (&["policies.maintenance.on_risk=ignore"], &[]),
            (&["policies.customers.bound.scheduled_event=redeploy"], &[]),
            (&["policies.placement=first-fit"], &[]),
        ],
    },
    Case {
        name: "hypervisor-reboot-campaign",
        shortened: &[],
        policies: &[
            (&["policies.customers.owners.mix={ waiting = 1 }"], &[]),
            (&["policies.customers.owners.mix={ windowed = 1 }"], &[]),
            (&["campaigns[hypervisor].live_migration=true"], &[]),
            (&["campaigns[hypervisor].at_once={ servers = 5 }"], &[]),
        ],
    },
    Case {
        name: "general-purpose-region",
        shortened: &["scenario.horizon=36h", "scenario.warm_up=12h"],
        policies: &[
            (&["policies.placement=worst-fit"], &[]),
            (&["policies.placement=best-fit"], &[]),
            (&["policies.placement=most-free"], &[]),
        ],
    },
    Case {
        name: "burstable-fleet",
        shortened: &["scenario.horizon=3d"],
        policies: &[
            (&["instance_types.tenth.credit_specification=Unlimited"], &[]),
            (&["settings.burst.taper=true"], &[]),
            (&["policies.placement=spread"], &[]),
        ],
    },
    Case {
        name: "dedicated-hosts",
        shortened: &[],
        policies: &[
            (&["dedicated_hosts[db].action_on_maintenance=Stop"], &[]),
            (&["dedicated_hosts[db].auto_placement=off"], &[]),
        ],
    },
    Case {
        name: "drain-a-rack",
        shortened: &[],
        policies: &[
            (&["campaigns[rack].drain.order=smallest-first"], &[]),
            (&["campaigns[rack].drain.order=bin-packing"], &[]),
            (&["campaigns[rack].drain.moves=16"], &[]),
        ],
    },
    Case {
        name: "spot-fleet",
        shortened: &[],
        policies: &[
            (
                &[
                    "configurations.cheap.SpotStrategy=SpotWithPriceLimit",
                    "configurations.cheap.SpotPriceLimit=0.09",
                ],
                &[],
            ),
            (&["configurations.cheap.CompensateWithOnDemand=true"], &[]),
            (
                &[
                    "configurations.cheap.SpotStrategy=SpotWithPriceLimit",
                    "configurations.cheap.SpotPriceLimit=0.08",
                ],
                &[],
            ),
        ],
    },
    Case {
        name: "rolling-refresh",
        shortened: &[],
        policies: &[
            (&["scripts[surge].MinHealthyPercentage=100"], &[]),
            (&["policies.placement=best-fit"], &[]),
        ],
    },
    Case {
        name: "refresh-presets",
        shortened: &[],
        policies: &[
            (&["groups[aws].refresh.max_pct=110"], &[]),
            (&["policies.placement=best-fit"], &[]),
        ],
    },
    Case {
        name: "refresh-during-maintenance",
        shortened: &[],
        policies: &[
            (&["scripts[roll].at=\"5h\""], &[]),
            (&["groups[left-alone].health_check_interval=\"5min\""], &[]),
            (&["campaigns[hypervisor].at_once={ servers = 5 }"], &[]),
        ],
    },
    Case {
        name: "bad-image-rollback",
        shortened: &[],
        policies: &[
            (&["scripts[canary].CheckpointPauseTime=5"], &[]),
            (&["policies.placement=best-fit"], &[]),
        ],
    },
    Case {
        name: "spare-capacity",
        shortened: &[],
        policies: &[(&["policies.repair.crews=1"], &[]), (&["policies.recovery=in-place"], &[])],
    },
    Case {
        name: "how-fast-can-we-roll",
        shortened: &[],
        policies: &[
            (&["campaigns[hypervisor].at_once={ servers = 5 }"], &[]),
            (&["campaigns[hypervisor].order=rack-by-rack"], &[]),
        ],
    },
];

/// What comes from outside, so that every policy draws all of it: its purpose, and from which
/// ordinal on it depends on what happened before.
const OUTSIDE: &[(Chance, u32)] = &[
    (Chance::ArrivalBatch, u32::MAX),
    (Chance::ArrivalMember, u32::MAX),
    (Chance::InstanceLife, u32::MAX),
    (Chance::ServerAge, u32::MAX),
    (Chance::ServerLife, 1),
    (Chance::ServerRisk, 1),
    (Chance::RackLife, u32::MAX),
    (Chance::RackRepair, u32::MAX),
    (Chance::DiskLife, 1),
];

/// Runs of each policy.
const RUNS: u32 = 3;

/// Numbers of a run that no policy changes.
const SAME: &[&str] = &["chance.first_disk_failures", "racks.outages"];

/// One run of a scenario: what was drawn, who came when, what was measured.
struct Seen {
    record: Record,
    /// Instant, name and type of each instance that is there at the start or arrives.
    requests: Vec<(u64, u64, usize)>,
    same: Vec<(String, Option<f64>)>,
    fingerprint: String,
}

fn scenario(case: &Case, sets: &[&str]) -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = fs::read(folder.join(format!("{}.toml", case.name))).unwrap();
    let load = fs::read_to_string(folder.join("burstable-load.csv")).unwrap();
    let files = InMemory::new([("burstable-load.csv", load.as_str())]);
    let sets: Vec<String> = case.shortened.iter().chain(sets).map(ToString::to_string).collect();
    Scenario::parse("x.toml", &text, &sets, &files)
        .unwrap_or_else(|faults| panic!("{} with {sets:?}: {faults}", case.name))
}

/// Who asks for room from outside.
struct Requests {
    seen: Vec<(u64, u64, usize)>,
}

impl Observer for Requests {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Requested { name, template, .. } = *fact
            && matches!(name.source(), None | Some(InstanceSource::Arrivals(_)))
        {
            self.seen.push((now.micros(), name.entity(), template.index()));
        }
    }
}

fn seen(scenario: &Scenario, run: u32) -> Seen {
    let list = Metrics::list(scenario);
    let mut both = (Requests { seen: Vec::new() }, Metrics::new(scenario));
    let record = recorded::of(|| _ = simulation::run(scenario, run, &mut both));
    let outcome = both.1.finish(run, list);
    let named = outcome.metrics.iter().zip(&outcome.values);
    let same = named
        .filter(|(metric, _)| SAME.contains(&metric.definition.name))
        .map(|(metric, value)| (crate::observe::select::name(metric), *value));
    Seen { record, requests: both.0.seen, same: same.collect(), fingerprint: outcome.fingerprint }
}

/// The addresses of what comes from outside.
fn outside(record: &Record) -> Vec<&Address> {
    let is_outside = |(purpose, _, ordinal): &&Address| {
        OUTSIDE.iter().any(|(chance, below)| *chance as u16 == *purpose && ordinal < below)
    };
    record.bits.keys().filter(is_outside).collect()
}

/// Holds one policy's run against another's; the addresses that both draw at.
fn hold(what: &str, one: &Seen, other: &Seen, changed: &[Chance]) -> usize {
    let mut common = 0;
    for (address, bits) in &one.record.bits {
        let Some(others) = other.record.bits.get(address) else { continue };
        common += 1;
        let both = bits.len().min(others.len());
        assert_eq!(bits[..both], others[..both], "{what}: what is drawn at {address:?}");
    }
    for (place, length) in &one.record.lengths {
        let is_changed = changed.iter().any(|chance| *chance as u16 == place.0.0);
        if let (Some(others), false) = (other.record.lengths.get(place), is_changed) {
            assert_eq!(length, others, "{what}: the length made of {place:?}");
        }
    }
    assert_eq!(one.requests, other.requests, "{what}: who comes, and when");
    assert!(outside(&one.record) == outside(&other.record), "{what}: what comes from outside");
    common
}

fn prove(name: &str) {
    let case = CASES.iter().find(|case| case.name == name).expect("it has a case");
    let base = scenario(case, &[]);
    let own: Vec<Seen> = (0..RUNS).map(|run| seen(&base, run)).collect();
    for (sets, changed) in case.policies {
        let policy = scenario(case, sets);
        let mut differ = 0;
        for (run, one) in own.iter().enumerate() {
            let what = format!("{name} with {sets:?} in run {run}");
            let other = seen(&policy, run as u32);
            let common = hold(&what, one, &other, changed);
            println!("{what}: {common} of {} addresses in common", one.record.bits.len());
            assert!(common > 0, "{what}: nothing is drawn by both");
            assert_eq!(one.same, other.same, "{what}");
            differ += usize::from(one.fingerprint != other.fingerprint);
        }
        assert!(differ > 0, "{name} with {sets:?}: the policies differ in nothing");
    }
}

macro_rules! proofs {
    ($($test:ident: $name:literal),* $(,)?) => {
        /// The scenarios that have a proof.
        const PROVED: &[&str] = &[$($name),*];
        $(#[test]
        fn $test() {
            prove($name);
        })*
    };
}

proofs! {
    quickstart: "quickstart",
    local_disk_fleet: "local-disk-fleet",
    risky_hosts: "risky-hosts",
    hypervisor_reboot_campaign: "hypervisor-reboot-campaign",
    general_purpose_region: "general-purpose-region",
    burstable_fleet: "burstable-fleet",
    dedicated_hosts: "dedicated-hosts",
    drain_a_rack: "drain-a-rack",
    spot_fleet: "spot-fleet",
    rolling_refresh: "rolling-refresh",
    refresh_presets: "refresh-presets",
    refresh_during_maintenance: "refresh-during-maintenance",
    bad_image_rollback: "bad-image-rollback",
    spare_capacity: "spare-capacity",
    how_fast_can_we_roll: "how-fast-can-we-roll",
}

#[test]
fn every_shipped_scenario_is_proved_with_two_policies_and_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut shipped: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    shipped.sort();
    let mut proved = PROVED.to_vec();
    proved.sort_unstable();
    assert_eq!(proved, shipped, "a scenario that ships has a proof here");
    let policies: BTreeMap<_, _> =
        CASES.iter().map(|case| (case.name, case.policies.len())).collect();
    assert_eq!(policies.len(), PROVED.len());
    // Beside the scenario's own.
    assert!(policies.values().all(|policies| *policies >= 2));
}

/// The proof has teeth: where chance is addressed by what a policy makes, it fails.
#[test]
fn another_seed_or_another_order_of_arrivals_is_noticed() {
    let case = CASES.iter().find(|case| case.name == "quickstart").unwrap();
    let one = seen(&scenario(case, &[]), 0);
    let failed = |other: &Seen| std::panic::catch_unwind(|| hold("x", &one, other, &[])).is_err();
    assert!(!failed(&one));
    assert!(failed(&seen(&scenario(case, &["scenario.seed=2"]), 0)));
    assert!(failed(&seen(&scenario(case, &[]), 1)));
    let shifted = {
        let mut shifted = seen(&scenario(case, &[]), 0);
        let last = shifted.record.bits.keys().next_back().copied().unwrap();
        let bits = shifted.record.bits.get_mut(&last).unwrap();
        bits[0] ^= 1;
        shifted
    };
    assert!(failed(&shifted));
    let mut fewer = seen(&scenario(case, &[]), 0);
    let first = outside(&fewer.record).first().copied().copied().unwrap();
    fewer.record.bits.remove(&first);
    assert!(failed(&fewer));
}
