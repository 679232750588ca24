//! Lives of preemptible instances against closed forms.
//!
//! The stock of a market is there for an exponential time (rate λ), then not for another (rate μ),
//! and it is checked every c seconds. A stock that is there at a check is not there at the next with
//! probability p = λ/(λ+μ) (1 − exp(−(λ+μ)c)), whatever was before: so an instance that is there
//! from the beginning, without protection, is interrupted at check number N with P(N = k) =
//! p (1−p)^(k−1), and lives c/p on the mean until it is told.

use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::{fact::Fact, spot::SpotFact},
    observe::Observer,
    scenario::{InMemory, Scenario},
    simulation,
};

/// Markets, each with one instance.
const MARKETS: u32 = 40;

/// Runs.
const RUNS: u32 = 50;

/// Time from one check to the next (s).
const PERIOD: u64 = 300;

/// Mean times for which the stock is there, and is not (s).
const TIMES: (f64, f64) = (2_400.0, 200.0);

/// At which check each instance is interrupted.
#[derive(Default)]
struct Checks(Vec<u64>);

impl Observer for Checks {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Spot(SpotFact::Interrupted { .. }) = *fact {
            let seconds = now.micros() / 1_000_000;
            assert_eq!(seconds % PERIOD, 0, "only at checks");
            self.0.push(seconds / PERIOD);
        }
    }
}

fn scenario() -> Scenario {
    let mut text = String::from(
        "[scenario]\nname = \"stock\"\nhorizon = \"30d\"\nseed = 20261\n\
         [server_models.m]\nvcpus = 64\nmemory = \"64GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
         [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\n\
         [settings.guest]\ncrash_rate = \"never\"\n",
    );
    let (on, off) = TIMES;
    for market in 0..MARKETS {
        text.push_str(&format!(
            "[instance_types.t{market}]\nvcpus = 1\nmemory = \"1GiB\"\n\
             SpotStrategy = \"SpotAsPriceGo\"\nSpotDuration = 0\n\
             [[workload.instances]]\ntype = \"t{market}\"\ncount = 1\n\
             [[spot.markets]]\ntype = \"t{market}\"\non_demand = 1\nprice = 0.1\n\
             stock = {{ on = {{ exponential = {{ mean = \"{on}s\" }} }}, \
             off = {{ exponential = {{ mean = \"{off}s\" }} }} }}\n"
        ));
    }
    Scenario::parse("stock.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

/// 2,000 lives: mean and distribution, each at a significance of 1e-4, with a fixed seed.
#[test]
fn lives_under_a_stock_that_comes_and_goes_are_geometric() {
    let scenario = scenario();
    let mut all: Vec<u64> = Vec::new();
    for run in 0..RUNS {
        let mut checks = Checks::default();
        simulation::run(&scenario, run, &mut checks);
        assert_eq!(checks.0.len() as u32, MARKETS, "30 days are many mean lives");
        all.append(&mut checks.0);
    }
    let (on, off) = TIMES;
    let both = 1.0 / on + 1.0 / off;
    let p = (1.0 / on) / both * (1.0 - libm::exp(-both * PERIOD as f64));
    let n = all.len() as f64;
    let mean = all.iter().sum::<u64>() as f64 / n;
    let z = (mean - 1.0 / p) / ((1.0 - p).sqrt() / p / n.sqrt());
    assert!(z.abs() < 3.89, "z = {z:.2}: mean check {mean:.3} for {:.3}", 1.0 / p);

    // Eight bins of equal expected number, as far as whole checks allow.
    let survives = |checks: u64| libm::pow(1.0 - p, checks as f64);
    let mut edges = vec![0_u64];
    for part in 1..8 {
        let wanted = 1.0 - f64::from(part) / 8.0;
        let edge = (libm::log(wanted) / libm::log(1.0 - p)).ceil() as u64;
        if edge > *edges.last().expect("it begins with 0") {
            edges.push(edge);
        }
    }
    let mut chi2 = 0.0;
    for (place, from) in edges.iter().enumerate() {
        let to = edges.get(place + 1).copied();
        let share = survives(*from) - to.map_or(0.0, survives);
        let inside = |check: &&u64| **check > *from && to.is_none_or(|to| **check <= to);
        let found = all.iter().filter(inside).count() as f64;
        chi2 += (found - n * share) * (found - n * share) / (n * share);
    }
    // The 1 - 1e-4 quantile of chi square with 7 degrees of freedom is 29.88.
    assert!(edges.len() == 8 && chi2 < 29.88, "chi square {chi2:.1} in {} bins", edges.len());
}

/// The same market is met whatever bids there are: an instance of higher bid beside the others
/// changes neither price nor stock.
#[test]
fn two_policies_meet_the_same_market() {
    let text = |strategy: &str| {
        format!(
            "[scenario]\nname = \"price\"\nhorizon = \"20d\"\nseed = 4\n\
             [server_models.m]\nvcpus = 64\nmemory = \"64GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
             [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\n\
             [settings.guest]\ncrash_rate = \"never\"\n\
             [instance_types.t]\nvcpus = 1\nmemory = \"1GiB\"\n\
             [[workload.instances]]\ntype = \"t\"\ncount = 1\nSpotStrategy = \"SpotAsPriceGo\"\n\
             [[workload.instances]]\ntype = \"t\"\ncount = 4\n{strategy}\n\
             [[spot.markets]]\ntype = \"t\"\non_demand = 1\n\
             price = {{ mean = 0.3, gap = \"30min..90min\", pull = 0.1, noise = 0.2 }}\n"
        )
    };
    #[derive(Default)]
    struct Prices(Vec<(u64, u64)>);
    impl Observer for Prices {
        fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
            if let Fact::Spot(SpotFact::MarketMoved { price, .. }) = *fact {
                self.0.push((now.micros(), price.millionths()));
            }
        }
    }
    let met = |strategy: &str| {
        let text = text(strategy);
        let scenario = Scenario::parse("price.toml", text.as_bytes(), &[], &InMemory::default())
            .unwrap_or_else(|faults| panic!("{faults}"));
        let mut prices = Prices::default();
        simulation::run(&scenario, 0, &mut prices);
        prices.0
    };
    let low = met("SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.31");
    assert!(low.len() > 100, "the price moves");
    assert_eq!(low, met("SpotStrategy = \"NoSpot\""));
    assert_eq!(low, met("SpotStrategy = \"SpotAsPriceGo\"\nSpotDuration = 0"));
}
