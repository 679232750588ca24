//! Intervals hold what they promise: how often they cover a truth that is known exactly, over 2,000
//! studies of a few runs each. A share of 95 % has a standard error of 0.49 % over so many, so that
//! 93 to 97 % are 4.1 of them: with another seed a right program fails a test once in 20,000 times,
//! with this one never.

use fleetsim::{
    experiment::{
        estimate::{LEVEL, estimate, quantile},
        paired::{self, Method},
    },
    kernel::{special::normal_quantile, streams::Streams},
    observe::{catalogue::CATALOGUE, metrics::Metrics, select::Selector},
    scenario::{InMemory, Scenario},
    simulation,
};
use statrs::distribution::{DiscreteCDF, Poisson};

/// Studies.
const STUDIES: usize = 2_000;

/// Machines that fail once in 100 h on average and are repaired within four (or `repair`).
const MACHINES: &str = r#"
scenario = { name = "machines", horizon = "480h", seed = 61 }
servers = [{ model = "m", count = 20, zones = ["z"] }]
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { exponential = { mean = "100h" } }
restarts_itself = 0
repair = { exponential = { mean = "REPAIR" } }
[settings]
recover = { detect = "0s" }
"#;

/// Arrivals without limit, from empty (O04).
const ARRIVALS: &str = r#"
scenario = { name = "arrivals", horizon = "13h", levels_at = ["12h"], seed = 62 }
server_models.m = { vcpus = 1_000, memory = "1000GiB", crash = "never", risk = "never" }
servers = [{ model = "m", count = 1, zones = ["z"] }]
instance_types.unit = { vcpus = 1, memory = "1MiB" }
[[workload.arrivals]]
name = "all"
type = "unit"
rate = "2/h"
life = { exponential = { mean = "24h" } }
[settings]
instance = { pending = "0s", starting = "0s" }
guest = { crash_rate = "never" }
"#;

/// The metric `name` in each of `runs` runs.
fn values(text: &str, name: &str, runs: usize) -> Vec<f64> {
    let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let metrics = Metrics::list(&scenario);
    let column = Selector::parse(name).and_then(|selector| selector.find(&metrics));
    let column = column.expect("the scenario has this metric");
    let value = |run| column.value(&simulation::measure(&scenario, run, &metrics).values);
    (0..runs as u32).map(|run| value(run).expect("each run has a value")).collect()
}

/// Mean availability over the first `hours` of a machine that is up at the begin (O07):
/// A + (1 - A)(1 - e^(-st)) / (st), where s is the sum of both rates.
fn availability(mtbf: f64, mttr: f64, hours: f64) -> f64 {
    let long_run = mtbf / (mtbf + mttr);
    let st = (1.0 / mtbf + 1.0 / mttr) * hours;
    long_run + (1.0 - long_run) * (1.0 - libm::exp(-st)) / st
}

/// The share of studies for which `covers`.
fn share<T>(studies: &[T], covers: impl Fn(&T) -> bool) -> f64 {
    studies.iter().filter(|study| covers(study)).count() as f64 / studies.len() as f64
}

fn covers_as_promised(what: &str, share: f64) {
    println!("{what}: {:.2} %", share * 100.0);
    assert!((0.93..=0.97).contains(&share), "{what} covers {share}");
}

#[test]
fn t_intervals_cover_the_availability_of_machines_and_what_slow_repairs_cost() {
    const RUNS: usize = 10;
    let of = |repair: &str| {
        values(&MACHINES.replace("REPAIR", repair), "servers.available.mean", RUNS * STUDIES)
    };
    let (quick, slow) = (of("4h"), of("8h"));
    let truth = [4.0, 8.0].map(|mttr| 20.0 * availability(100.0, mttr, 480.0));
    let studies: Vec<&[f64]> = quick.chunks(RUNS).collect();
    let covered = share(&studies, |runs| {
        let spread = estimate(runs.iter().copied().map(Some)).value.unwrap();
        (spread.mean - truth[0]).abs() <= spread.half_width.unwrap()
    });
    covers_as_promised("mean availability", covered);
    let some = |runs: &[f64]| runs.iter().copied().map(Some).collect::<Vec<_>>();
    let pairs: Vec<paired::Paired> = quick
        .chunks(RUNS)
        .zip(slow.chunks(RUNS))
        .map(|(one, other)| paired::compare(&CATALOGUE[0], &some(one), &some(other)))
        .collect();
    let difference = truth[1] - truth[0];
    let covered = share(&pairs, |pair| {
        let (low, high) = pair.limits.unwrap().interval(LEVEL);
        low <= difference && difference <= high
    });
    covers_as_promised("paired difference", covered);
    // One-sided limits each miss half as often.
    let below = share(&pairs, |pair| difference <= pair.limits.unwrap().upper(0.95));
    let above = share(&pairs, |pair| pair.limits.unwrap().lower(0.95) <= difference);
    covers_as_promised("upper limit", below);
    covers_as_promised("lower limit", above);
    let ratio: f64 = pairs.iter().filter_map(|pair| pair.variance_ratio).sum::<f64>();
    assert!(ratio / STUDIES as f64 > 2.0, "the pairs meet the same failures");
}

#[test]
fn intervals_cover_the_mean_and_the_median_of_arrivals_without_limit() {
    const RUNS: usize = 12;
    let seen = values(ARRIVALS, "instances.placed.level{at=12h}", RUNS * STUDIES);
    // λ·E(S)·(1 - e^(-t/E(S))): the given case O04a.
    let mean = 48.0 * (1.0 - libm::exp(-0.5));
    assert!((mean - 18.886_5).abs() < 1e-4);
    let law = Poisson::new(mean).unwrap();
    let median = (0..100).find(|count| law.cdf(*count) >= 0.5).unwrap() as f64;
    let studies: Vec<&[f64]> = seen.chunks(RUNS).collect();
    let covered = share(&studies, |runs| {
        let spread = estimate(runs.iter().copied().map(Some)).value.unwrap();
        (spread.mean - mean).abs() <= spread.half_width.unwrap()
    });
    covers_as_promised("mean of a Poisson law", covered);
    let covered = share(&studies, |runs| {
        let (low, high) = quantile(runs, 0.5).unwrap().interval.expect("12 runs tell a median");
        low <= median && median <= high
    });
    println!("median of a Poisson law: {:.2} %", covered * 100.0);
    assert!(covered >= 0.94, "{covered}");
}

/// `size` numbers of a law by inversion, in study number `study`.
fn drawn(law: &dyn Fn(f64) -> f64, study: usize, size: usize) -> Vec<f64> {
    let streams = Streams::new(20_261_122, study as u32);
    (0..size).map(|run| law(streams.at(1, run as u64, 0).unit())).collect()
}

fn exponential(u: f64) -> f64 {
    -libm::log1p(-u)
}

fn lognormal(sigma: f64) -> impl Fn(f64) -> f64 {
    move |u| libm::exp(sigma * normal_quantile(u))
}

#[test]
fn order_statistics_cover_quantiles_of_any_law() {
    let skewed = lognormal(1.5);
    let laws: [(&str, &dyn Fn(f64) -> f64); 3] =
        [("normal", &normal_quantile), ("exponential", &exponential), ("lognormal", &skewed)];
    for (name, law) in laws {
        for (at, size) in [(0.5, 20), (0.25, 40), (0.9, 50), (0.95, 80)] {
            let truth = law(at);
            let studies: Vec<usize> = (0..STUDIES).collect();
            let covered = share(&studies, |study| {
                let runs = drawn(law, *study, size);
                let (low, high) = quantile(&runs, at).unwrap().interval.expect("enough runs");
                low <= truth && truth <= high
            });
            println!("{name}, {at} of {size}: {:.2} %", covered * 100.0);
            assert!(covered >= 0.94, "{name}, {at} of {size}: {covered}");
        }
    }
}

/// How often differences of these laws are warned of or kept from Student's t, in 4,000 studies each.
/// Of 40,000 studies that another program drew these shares were warned of: lognormal(1) 88.4 % (of
/// 20 differences) and 90.6 % (of 50), lognormal(1.5) 97.2 and 99.1 %, exponential 72.8 %, normal
/// 6.1 %. The limits here lie five standard errors and more beyond (of both numbers of studies), so
/// that with another seed a right program fails with a probability below 1e-6, and with this one
/// never.
#[test]
fn skewed_differences_are_warned_of_or_kept_from_t() {
    let studies: Vec<usize> = (0..4_000).collect();
    let told = |law: &dyn Fn(f64) -> f64, size: usize| {
        let pairs: Vec<paired::Paired> = studies
            .iter()
            .map(|study| {
                let other: Vec<Option<f64>> =
                    drawn(law, *study, size).into_iter().map(Some).collect();
                paired::compare(&CATALOGUE[0], &vec![Some(0.0); size], &other)
            })
            .collect();
        let warned = share(&pairs, |pair| pair.skewed);
        let by_t = share(&pairs, |pair| pair.method == Method::Student);
        println!("of {size}: warned {:.1} %, by t {:.1} %", warned * 100.0, by_t * 100.0);
        (warned, by_t)
    };
    for (sigma, size, at_least) in
        [(1.0, 20, 0.855), (1.0, 50, 0.88), (1.5, 20, 0.955), (1.5, 50, 0.98)]
    {
        let (warned, by_t) = told(&lognormal(sigma), size);
        assert!(warned >= at_least && by_t >= 1.0, "lognormal {sigma} of {size}: {warned}");
    }
    assert!(told(&exponential, 20).0 >= 0.69);
    assert!(told(&normal_quantile, 20).0 <= 0.085, "what is not skewed is seldom warned of");
    // Rare differences: no t at all. That half of 20 differ has a probability of 2e-12; of 0 and 1
    // none is ever judged by t.
    let rare = |u: f64| if u < 0.98 { 0.0 } else { exponential((u - 0.98) / 0.02) };
    let seldom = |u: f64| f64::from(u8::from(u >= 0.95));
    for size in [20, 50, 100] {
        assert!(told(&rare, size).1 <= 0.0);
        assert!(told(&seldom, size).1 <= 0.0);
    }
}
