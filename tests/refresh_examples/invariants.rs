//! The invariants of spec/refresh-and-migration.md 3.9, over random groups. Seeds are fixed: a
//! failure names the one that repeats it.

use crate::{
    bounds::{Bounded, limits},
    watched::{Group, Watched, run, scenario},
};
use fleetsim::{
    fleet::{Fleet, scaling::Process},
    lifecycle::{Attribute, refresh::RefreshStatus},
    simulation,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// Random groups of each test that runs many of them.
const GROUPS: u64 = 500;

/// Of how many groups one has its books checked after every turn: that costs more than the run.
const AUDITED: u64 = 10;

/// SplitMix64, for choices.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u32) -> u32 {
        ((self.next() >> 32) % u64::from(end)) as u32
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u32) as usize]
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// Tells the seed if what is done with it panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}", self.0);
        }
    }
}

/// A group, its percentages, and whom of it nobody may touch or who needs it.
struct Case {
    group: Group,
    percents: [u32; 2],
    /// Whether a fraction of the ceiling counts as a whole.
    rounds_up: bool,
    need: BTreeSet<u32>,
    /// Whether there is room for everybody, nothing holds anybody, and nobody fails by itself.
    is_easy: bool,
}

fn percentages(choose: &mut Choices) -> [u32; 2] {
    let [any_min, any_max] = [choose.below(101), 100 + choose.below(101)];
    let min = choose.one(&[0, 0, 100, 100, 50, 80, 90, 99, any_min]);
    let max = choose.one(&[100, 100, 200, 120, 110, 101, any_max]);
    [min, max]
}

/// A random group: its members, its rules and its laws.
fn case(choose: &mut Choices) -> Case {
    let size = 1 + choose.one(&[0, 1, 2, 4, 9, 11, 23, 40]);
    let percents = percentages(choose);
    let mut group = Group::of(size, percents);
    let (mut kinds, mut need, mut at) = (Vec::new(), BTreeSet::new(), 0);
    let mut left = size;
    let several = choose.happens(40);
    while left > 0 {
        let count = if several { 1 + choose.below(left.min(5)) } else { left };
        let kind = if several { choose.below(6) } else { 0 };
        kinds.push(format!(
            "{{ count = {count}{} }}",
            [
                "",
                "",
                ", configuration = \"new\"",
                ", state = \"Standby\"",
                ", state = \"Protected\"",
                ", creation = \"Attached\""
            ][kind as usize]
        ));
        if kind < 2 {
            need.extend(at..at + count);
        }
        at += count;
        left -= count;
    }
    group = group.members(&kinds.join(", "));
    if choose.happens(40) {
        let steps: BTreeSet<u32> = (0..choose.below(4)).map(|_| 1 + choose.below(99)).collect();
        let mut steps: Vec<u32> = steps.into_iter().collect();
        steps.push(100);
        group = group.checkpoints(&steps, 1 + choose.below(30));
    }
    let rounds_up = choose.happens(20);
    for (percent, rule) in [
        (30, "pacing = \"sliding\""),
        (20, "wait_for_release = false"),
        (30, "order = \"terminate_first\""),
        (20, "budget_use = \"surge_only_if_any\""),
        (20, "terminate_mode = \"sequential\""),
        (20, "zero_budget_mode = \"terminate_first\""),
        (10, "max_batch = 3"),
        (10, "pause_between_batches = \"100s\""),
        (10, "bake = \"10min\""),
        (10, "min_ready = \"20s\""),
        (10, "start_delay = \"45s\""),
        (10, "pause_at_final_checkpoint = true"),
        (5, "max_replacements_per_window = { count = 2, window = \"10min\" }"),
        (10, "ceiling_counts_removing = true"),
    ] {
        if choose.happens(percent) {
            group = group.rule(rule);
        }
    }
    let orders = ["unhealthy_then_oldest", "oldest", "newest", "zone_round_robin", "host_grouped"];
    group = group.rule(&format!("victim_order = \"{}\"", choose.one(&orders)));
    if rounds_up {
        group = group.rule("max_rounding = \"ceil\"");
    }
    if choose.happens(50) {
        group.laws = [
            r#"{ pending = "5s..60s", starting = "10s..90s", stopping = "5s..120s" }"#.into(),
            "attach = \"0s..200s\"\ndetach = \"0s..100s\"".into(),
        ];
    }
    Case { group, percents, rounds_up, need, is_easy: true }
}

/// Runs the group of `case`, and holds its refresh against the bounds turn by turn.
fn held(case: &Case, seed: u64) -> (Watched, Fleet) {
    let scenario = scenario(&case.group.text());
    let [old, new] = case.group.weights;
    let watched = Watched::of(&scenario, seed.is_multiple_of(AUDITED));
    let bounded = Bounded::new(&scenario, case.percents, old.max(new) - 1);
    let mut both = (watched, bounded);
    let fleet = simulation::run(&scenario, 0, &mut both);
    let (watched, bounded) = both;
    let told = || format!("seed {seed}: {}\n{:?}", case.group.text(), watched.course);
    assert!(bounded.wrong.is_empty(), "{:#?}\n{}", bounded.wrong, told());
    (watched, fleet)
}

fn forced(watched: &Watched) -> bool {
    watched.batches.iter().any(|batch| batch.ends_with('!'))
}

/// Nobody is replaced twice, nor anybody who is none of its business.
fn replaces_once(case: &Case, watched: &Watched, seed: u64) {
    let once: BTreeSet<u32> = watched.replaced.iter().copied().collect();
    assert_eq!(once.len(), watched.replaced.len(), "seed {seed}: {:?}", watched.replaced);
    assert!(once.is_subset(&case.need), "seed {seed}: {once:?} of {:?}", case.need);
}

/// The group is as large as it should be once nothing is under way.
fn is_restored(fleet: &Fleet, seed: u64) {
    let (_, group) = fleet.groups.entries().next().expect("there is a group");
    assert_eq!((group.counts.leaving, group.counts.coming), (0, 0), "seed {seed}");
    // Who is protected or on standby stays, even if that is too many.
    let few = if group.removable.is_empty() { group.counts.counted } else { group.desired };
    assert_eq!(group.counts.counted, few.max(group.desired), "seed {seed}");
}

/// Refreshes of groups that nothing disturbs stay within their bounds throughout, replace everybody
/// once, and end.
fn undisturbed(seeds: Range<u64>) {
    for seed in seeds {
        let _told = Seed(seed);
        let mut choose = Choices(seed);
        let case = case(&mut choose);
        let (watched, fleet) = held(&case, seed);
        if case.need.is_empty() {
            assert!(watched.statuses.is_empty(), "seed {seed}: nothing needs to be refreshed");
            continue;
        }
        let told = || format!("seed {seed}: {}\n{:?}", case.group.text(), watched.course);
        assert_eq!(watched.status(), RefreshStatus::Successful, "{}", told());
        replaces_once(&case, &watched, seed);
        let all: BTreeSet<u32> = watched.replaced.iter().copied().collect();
        assert_eq!(all, case.need, "{}", told());
        let need = case.need.len() as u32;
        assert_eq!(watched.done, [need, need], "{}", told());
        let [floor, ceiling] = limits(case.group.size, case.percents, case.rounds_up);
        let at_first = watched.course[0].1[3].min(case.group.size);
        let extra = u32::from(forced(&watched));
        for (at, [_, counted, _, healthy, _]) in &watched.course {
            let least = floor.min(at_first).saturating_sub(extra);
            assert!(*healthy >= least, "at {at}: {healthy} of {least}; {}", told());
            let most = ceiling.max(case.group.size) + extra;
            assert!(*counted <= most, "at {at}: {counted} of {most}; {}", told());
        }
        is_restored(&fleet, seed);
    }
}

#[test]
fn undisturbed_refreshes_stay_within_their_bounds_and_end() {
    undisturbed(0..2 * GROUPS);
}

#[test]
fn undisturbed_refreshes_of_other_groups_do_so_too() {
    undisturbed(2 * GROUPS..4 * GROUPS);
}

#[test]
fn wider_bounds_never_need_more_batches() {
    for seed in 0..GROUPS {
        let mut choose = Choices(seed + 10_000);
        let size = 1 + choose.below(40);
        let [min, max] = percentages(&mut choose);
        let order = choose.one(&["", "order = \"terminate_first\"", "pacing = \"sliding\""]);
        let batches = |percents: [u32; 2]| {
            let mut group = Group::of(size, percents);
            if !order.is_empty() {
                group = group.rule(order);
            }
            run(&group.text(), 0).0.batches.len()
        };
        let wider = [choose.below(min + 1), max + choose.below(201 - max)];
        let (narrow, wide) = (batches([min, max]), batches(wider));
        assert!(wide <= narrow, "seed {seed}: {size}, {min}/{max} {narrow}, {wider:?} {wide}");
    }
}

/// Commands and troubles at random times.
fn disturbed(choose: &mut Choices) -> Case {
    let mut case = case(choose);
    let size = case.group.size;
    for _ in 0..choose.below(6) {
        let at = choose.one(&[0, 50, 100, 240, 330, 400]) + choose.below(2) * choose.below(3000);
        let of_group = "group = \"g\"";
        let member = format!("{of_group}\nInstanceId = \"g#{}\"", choose.below(size + 6));
        let alone = member.lines().nth(1).expect("two lines").to_owned();
        let total = |choose: &mut Choices| {
            let to = choose.below(size * 2 + 1);
            format!("{of_group}\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = {to}")
        };
        let (what, parameters) = match choose.below(14) {
            0 => ("SuspendInstanceRefresh", of_group.to_owned()),
            1 | 2 => ("ResumeInstanceRefresh", of_group.to_owned()),
            3 => ("CancelInstanceRefresh", of_group.to_owned()),
            4 => ("RollbackInstanceRefresh", of_group.to_owned()),
            5 => ("ScaleWithAdjustment", total(choose)),
            6 => ("StopInstance", format!("{alone}\nForceStop = true")),
            7 => ("EnterStandby", member),
            8 => ("ExitStandby", member),
            9 => ("SetInstancesProtection", format!("{member}\nProtectedFromScaleIn = true")),
            10 => ("RemoveInstances", member),
            11 => ("SetInstanceHealth", format!("{member}\nHealthStatus = \"Unhealthy\"")),
            12 => ("SuspendProcesses", format!("{of_group}\nProcesses = [\"ScaleIn\"]")),
            _ => ("DetachInstances", member),
        };
        case.group = case.group.at(at, what, &parameters);
        case.is_easy &= what != "SuspendProcesses";
        if what == "SuspendProcesses" && choose.happens(70) {
            let again = format!("{of_group}\nProcesses = [\"ScaleIn\"]");
            case.group = case.group.at(at + 500, "ResumeProcesses", &again);
        }
    }
    if choose.happens(20) {
        case.is_easy = false;
        case.group.target = "image = \"bad\"".into();
    } else if choose.happens(20) {
        case.is_easy = false;
        case.group.target = "launch_fail_p = 0.3".into();
    }
    if choose.happens(20) {
        case.is_easy = false;
        case.group.servers = Some(size.div_ceil(64));
        case.group.vcpus = [1, choose.one(&[1, 1, 2])];
    }
    if choose.happens(30) {
        case.is_easy = false;
        let hook = |choose: &mut Choices, name: &str, transition: &str| {
            let result = choose.one(&["CONTINUE", "CONTINUE", "ABANDON", "ROLLBACK"]);
            let completes = choose.one(&["10s..100s", "never"]);
            format!(
                "{{ name = \"{name}\", lifecycle_transition = \"{transition}\", \
                 heartbeat_timeout = \"60s\", completes = \"{completes}\", result = \"{result}\" }}"
            )
        };
        let hooks = [hook(choose, "in", "SCALE_OUT"), hook(choose, "out", "SCALE_IN")];
        case.group.more += &format!("hooks = [{}]\n", hooks.join(", "));
    }
    if choose.happens(20) {
        case.is_easy = false;
        case.group.crashes = [
            "{ life = { exponential = { mean = \"2h\" } }, restarts_itself = 0.5, \
             restart = \"5min\", repair = \"1h\" }"
                .into(),
            "{ crash_rate = \"3/day\" }".into(),
        ];
    }
    if choose.happens(20) {
        case.is_easy = false;
        case.group.weights = [choose.one(&[1, 2, 3]), choose.one(&[1, 2, 3])];
    }
    if choose.happens(30) {
        case.group.zones = "\"z\", \"y\", \"x\"";
    }
    if choose.happens(10) {
        case.is_easy = false;
        case.group.more += "max_instance_lifetime = \"1d\"\n";
    }
    if choose.happens(50) {
        case.group.more += "health_check_types = [\"ECS\", \"LOAD_BALANCER\"]\n";
    }
    if choose.happens(20) {
        let preset = choose.one(&["aws", "gce", "kubernetes", "ess"]);
        case.group = case.group.rule(&format!("preset = \"{preset}\""));
        // Some of them would wait for ever for room that never comes.
        case.group = case.group.rule("no_progress_timeout = \"1h\"");
    }
    for (percent, rule) in [
        (5, "maintenance_window = { from = 1, hours = 2 }"),
        (15, "strategy = \"in_place\""),
        (15, "auto_rollback = true"),
        (15, "max_failed_pct = 20"),
        (15, "max_attempts_per_slot = 3"),
        (10, "pause_inflight = \"hold\""),
        (10, "cancel_wait_inflight = false"),
        (15, "rollback_inflight = \"complete\""),
        (10, "leave_counts_as = \"finished\""),
        (10, "finished_monotonic = false"),
        (10, "surge_may_exceed_max_size = false"),
        (10, "checkpoint_latch = false"),
        (15, "protected_policy = \"refresh\""),
        (15, "standby_policy = { wait = \"20min\" }"),
    ] {
        if choose.happens(percent) {
            case.group = case.group.rule(rule);
        }
    }
    case
}

/// Whether somebody has paused the task and left it so.
fn is_paused(watched: &Watched) -> bool {
    watched.status() == RefreshStatus::Paused
}

/// Disturbed refreshes always end, or are paused by somebody; what they do themselves keeps within
/// the bounds, and replaces nobody twice.
fn disturbed_ones(seeds: Range<u64>) {
    let mut ends = BTreeMap::<String, u32>::new();
    for seed in seeds {
        let _told = Seed(seed);
        let mut choose = Choices(seed + 20_000);
        let case = disturbed(&mut choose);
        let (watched, fleet) = held(&case, seed);
        if watched.statuses.is_empty() {
            continue;
        }
        let told = || format!("seed {seed}: {}\n{:?}", case.group.text(), watched.statuses);
        *ends.entry(watched.status().to_string()).or_default() += 1;
        let is_over = watched.status().attribute() == Attribute::Final;
        let (_, group) = fleet.groups.entries().next().expect("there is a group");
        let is_stalled = group.suspended.has(Process::ScaleIn);
        assert!(is_over || is_paused(&watched) || is_stalled, "{}", told());
        assert!(watched.done[0] <= watched.done[1], "{}", told());
        if watched.status() == RefreshStatus::Successful {
            assert_eq!(watched.done[0], watched.done[1], "{}", told());
        }
        assert!(watched.floors_broken == 0 || forced(&watched), "{}", told());
        if case.percents == [100, 100] {
            let is_one = |batch: &String| ["T1", "L1"].contains(&batch.trim_end_matches('!'));
            assert!(watched.batches.iter().all(is_one), "{:?}; {}", watched.batches, told());
        }
        if is_over && case.is_easy {
            is_restored(&fleet, seed);
        }
        let (counts, open) = watched.last.expect("there was a refresh");
        assert!(!is_over || open == [0, 0], "{}: {counts:?}", told());
    }
    for status in [
        RefreshStatus::Successful,
        RefreshStatus::Failed,
        RefreshStatus::Cancelled,
        RefreshStatus::RollbackSuccessful,
        RefreshStatus::Paused,
    ] {
        assert!(ends.contains_key(&status.to_string()), "{status} is reached: {ends:?}");
    }
}

#[test]
fn disturbed_refreshes_keep_within_their_bounds_and_end() {
    disturbed_ones(0..GROUPS);
}

#[test]
fn disturbed_refreshes_of_more_groups_do_so_too() {
    disturbed_ones(GROUPS..2 * GROUPS);
}

#[test]
fn disturbed_refreshes_of_a_third_lot_of_groups_do_so_too() {
    disturbed_ones(2 * GROUPS..3 * GROUPS);
}

#[test]
fn disturbed_refreshes_of_a_fourth_lot_of_groups_do_so_too() {
    disturbed_ones(3 * GROUPS..4 * GROUPS);
}

#[test]
fn the_same_scenario_goes_the_same_way() {
    for seed in 0..GROUPS / 10 {
        let case = disturbed(&mut Choices(seed + 30_000));
        let [one, other] = [0, 0].map(|number| run(&case.group.text(), number).0);
        assert_eq!(one.course, other.course, "seed {seed}");
        assert_eq!((one.batches, one.statuses), (other.batches, other.statuses), "seed {seed}");
    }
}
