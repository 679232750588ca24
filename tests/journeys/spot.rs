//! Preemptible instances: what they cost, how they go and who takes their place.

use crate::{risks::STEADY, story::told};
use fleetsim::{
    messages::refusal::Refusal,
    observe::{metrics::Metrics, outcome::Outcome},
    scenario::{InMemory, Scenario},
    simulation,
};

fn fleet(rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "spot"
horizon = "12h"
[server_models.m]
vcpus = 16
memory = "64GiB"
local_disks = {{ count = 2, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["a"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.disky]
vcpus = 4
memory = "16GiB"
local_disks = 1
[instance_types.common]
vcpus = 4
memory = "16GiB"
network = "classic"
[instance_types.paid]
vcpus = 4
memory = "16GiB"
charge = "subscription"
{STEADY}
{rest}
"#
    )
}

fn parsed(text: &str) -> Scenario {
    Scenario::parse("spot.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn measured(text: &str) -> Outcome {
    let scenario = parsed(text);
    let mut metrics = Metrics::new(&scenario);
    simulation::run(&scenario, 0, &mut metrics);
    metrics.finish(0, Metrics::list(&scenario))
}

fn value(outcome: &Outcome, name: &str, labels: &[&str]) -> Option<f64> {
    let mut all = outcome.metrics.iter().zip(&outcome.values);
    let found = all.find(|(of, _)| of.definition.name == name && of.labels == labels);
    *found.unwrap_or_else(|| panic!("there is no {name}{labels:?}")).1
}

/// A stock that is gone from 5 h to 5 h 20 min.
const MARKET: &str = r#"
[[spot.markets]]
type = "cloud"
on_demand = 0.4
price = 0.1
stock = { on = "5h", off = "20min" }
"#;

#[test]
fn what_is_stopped_comes_back_when_its_owner_finds_stock() {
    let text = fleet(&format!(
        "{MARKET}[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n\
         SpotStrategy = \"SpotAsPriceGo\"\nSpotInterruptionBehavior = \"Stop\"\n\
         [policies.customers.default]\nrestart_after = \"10min\"\n"
    ));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; market at 0.1 Unlimited; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  market at 0.1 Of(0); i0 interrupted by stock until 0d 05:05:00
    0d 05:05:00  i0 taken back; i0 Running -> Stopping; i0 down by spot
    0d 05:05:10  i0 Stopping -> Stopped; i0 off s0
    0d 05:15:10  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart
    0d 05:20:00  market at 0.1 Unlimited
    0d 05:25:10  StartInstance of i0; i0 on s0 by restart; i0 Stopped -> Starting
    0d 05:25:50  i0 Starting -> Running; i0 served
    0d 10:20:00  market at 0.1 Of(0); i0 interrupted by stock until 0d 10:25:00
    0d 10:25:00  i0 taken back; i0 Running -> Stopping; i0 down by spot
    0d 10:25:10  i0 Stopping -> Stopped; i0 off s0
    0d 10:35:10  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart
    0d 10:40:00  market at 0.1 Unlimited
    0d 10:45:10  StartInstance of i0; i0 on s0 by restart; i0 Stopped -> Starting
    0d 10:45:50  i0 Starting -> Running; i0 served
    ");
    let outcome = measured(&text);
    // Stopping at 5:05, Stopped 10 s later; NoStock at 5:15:10, started at 5:25:10; and the same
    // once more when the stock is gone again, from 10:20 on.
    assert_eq!(value(&outcome, "spot.interrupted", &[]), Some(2.0));
    assert_eq!(value(&outcome, "refusals", &["OperationDenied.NoStock"]), Some(2.0));
    assert!(value(&outcome, "downtime", &["spot"]) > Some(2_400.0));
}

#[test]
fn the_first_hour_costs_what_it_cost_at_its_beginning_and_what_follows_the_market_price() {
    let series = "time_s,price\n0,0.1\n1800,0.3\n7200,0.2\n10800,0.05\n";
    let files = InMemory::new([("prices.csv", series)]);
    let text = fleet(
        "[[spot.markets]]\ntype = \"cloud\"\non_demand = 0.4\nprice = { series = \"prices.csv\" }\n\
         [[workload.instances]]\ntype = \"cloud\"\ncount = 2\nSpotStrategy = \"SpotAsPriceGo\"\n\
         [[workload.instances]]\ntype = \"cloud\"\ncount = 1\n",
    );
    let scenario = Scenario::parse("spot.toml", text.as_bytes(), &[], &files)
        .unwrap_or_else(|faults| panic!("{faults}"));
    let mut metrics = Metrics::new(&scenario);
    simulation::run(&scenario, 0, &mut metrics);
    let outcome = metrics.finish(0, Metrics::list(&scenario));
    // An hour at 0.1, one at 0.3, one at 0.2, nine at 0.05; twice.
    let near = |name: &str, wanted: f64| {
        let found = value(&outcome, name, &["cloud"]).expect("a number");
        assert!((found - wanted).abs() < 1e-12, "{name}: {found} for {wanted}");
    };
    near("spot.instance_hours", 24.0);
    near("spot.cost", 2.0 * (0.1 + 0.3 + 0.2 + 9.0 * 0.05));
    near("spot.cost.pay_as_you_go", 24.0 * 0.4);
    near("spot.saved", 1.0 - 2.1 / 9.6);
    near("spot.base.instance_hours", 12.0);
    near("spot.base.cost", 12.0 * 0.4);
}

#[test]
fn a_group_replaces_who_is_taken_back_by_who_pays() {
    let group = |compensate: bool| {
        fleet(&format!(
            "{MARKET}[configurations.cheap]\ntype = \"cloud\"\nSpotStrategy = \"SpotAsPriceGo\"\n\
             CompensateWithOnDemand = {compensate}\n\
             [[groups]]\nname = \"g\"\nconfiguration = \"cheap\"\nmin_size = 0\nmax_size = 9\n\
             desired = 3\nattach = \"7s\"\ndetach = \"20s\"\nwarm_up = \"60s\"\n"
        ))
    };
    let compensated = measured(&group(true));
    assert_eq!(value(&compensated, "spot.interrupted", &[]), Some(3.0));
    assert_eq!(value(&compensated, "group.launches", &["g"]), Some(3.0));
    assert_eq!(value(&compensated, "group.launch_failures", &["g"]), Some(0.0));
    let hours = value(&compensated, "spot.base.instance_hours", &["cloud"]);
    assert!(hours > Some(20.0), "they stay: {hours:?}");
    let waiting = measured(&group(false));
    assert!(value(&waiting, "group.launch_failures", &["g"]) > Some(3.0), "they are tried again");
    assert!(
        value(&waiting, "group.missing", &["g"]) > value(&compensated, "group.missing", &["g"])
    );
    assert_eq!(value(&waiting, "spot.base.instance_hours", &["all"]), Some(0.0));
}

#[test]
fn commands_are_refused_with_the_documented_codes() {
    let mut scripts = String::new();
    let cases: [(&str, &str, Refusal); 10] = [
        ("cloud", "SpotStrategy = \"Cheap\"", Refusal::InvalidSpotStrategy),
        ("cloud", "SpotStrategy = \"SpotWithPriceLimit\"", Refusal::InvalidSpotPriceLimit),
        (
            "cloud",
            "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.1234",
            Refusal::InvalidSpotPriceLimit,
        ),
        (
            "cloud",
            "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = -1",
            Refusal::InvalidSpotPriceLimit,
        ),
        (
            "cloud",
            "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.099",
            Refusal::SpotPriceLimitTooLow,
        ),
        (
            "cloud",
            "SpotStrategy = \"SpotAsPriceGo\"\nSpotDuration = 6",
            Refusal::InvalidSpotDuration,
        ),
        ("paid", "SpotStrategy = \"SpotAsPriceGo\"", Refusal::InvalidSpotPrepaid),
        (
            "cloud",
            "SpotStrategy = \"SpotAsPriceGo\"\nSpotInterruptionBehavior = \"Pause\"",
            Refusal::InvalidSpotInterruption,
        ),
        (
            "disky",
            "SpotStrategy = \"SpotAsPriceGo\"\nSpotInterruptionBehavior = \"Stop\"",
            Refusal::SpotStopWithLocalDisk,
        ),
        (
            "common",
            "SpotStrategy = \"SpotAsPriceGo\"\nSpotInterruptionBehavior = \"Stop\"",
            Refusal::SpotStopOnClassic,
        ),
    ];
    for (place, (of_type, what, _)) in cases.iter().enumerate() {
        let operation = if place % 2 == 0 { "RunInstances" } else { "CreateInstance" };
        scripts.push_str(&format!(
            "[[scripts]]\nat = \"{place}min\"\ndo = \"{operation}\"\nInstanceType = \"{of_type}\"\n{what}\n"
        ));
    }
    // Where all is right, one comes.
    scripts.push_str(
        "[[scripts]]\nat = \"1h\"\ndo = \"RunInstances\"\nInstanceType = \"cloud\"\n\
         SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.1\nSpotDuration = 0\n",
    );
    let outcome = measured(&fleet(&format!("{MARKET}{scripts}")));
    for (_, what, refusal) in &cases {
        let times = cases.iter().filter(|(_, _, other)| other == refusal).count() as f64;
        assert_eq!(value(&outcome, "refusals", &[refusal.code()]), Some(times), "{what}");
    }
    assert_eq!(value(&outcome, "arrivals", &["cloud"]), Some(1.0));
    assert!(value(&outcome, "spot.instance_hours", &["cloud"]) > Some(3.9));
}

#[test]
fn the_same_in_an_entry_is_a_fault() {
    let faults = |rest: &str| {
        let text = fleet(rest);
        let parsed = Scenario::parse("spot.toml", text.as_bytes(), &[], &InMemory::default());
        parsed.expect_err("it is wrong").to_string()
    };
    let entry = |of_type: &str, what: &str| {
        format!("{MARKET}[[workload.instances]]\ntype = \"{of_type}\"\ncount = 1\n{what}\n")
    };
    let goes = "SpotStrategy = \"SpotAsPriceGo\"";
    for (rest, wrong) in [
        (entry("cloud", "SpotStrategy = \"SpotWithPriceLimit\""), "`SpotPriceLimit` is missing"),
        (
            entry("cloud", "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.0005"),
            "more than three decimals",
        ),
        (entry("paid", goes), "`paid` is paid in advance"),
        (entry("disky", goes), "there is no market for `disky`"),
        (
            entry("disky", &format!("{goes}\nSpotInterruptionBehavior = \"Stop\"")),
            "`disky` has local disks",
        ),
        (entry("cloud", &format!("{goes}\nSpotDuration = 2")), "SpotDuration"),
        (
            entry("cloud", goes)
                .replace("type = \"cloud\"\non", "type = \"cloud\"\nzone = \"a\"\non"),
            "`cloud` has markets by zone, and no zone is named",
        ),
        (format!("{MARKET}{MARKET}"), "there are two markets of this type here"),
        (
            MARKET.replace("price = 0.1", "price = { mean = 0.5, gap = \"1h\" }"),
            "`pull` is missing",
        ),
        (
            MARKET.replace(
                "price = 0.1",
                "price = { mean = 0.5, gap = \"1h\", pull = 0, noise = 0 }",
            ),
            "not between `least` and `most`",
        ),
        (MARKET.replace(", off = \"20min\"", ""), "`off` is missing"),
        (MARKET.replace("\"5h\"", "\"0s\""), "a market changes at most once a second"),
        (
            MARKET.replace("price = 0.1", "price = { series = \"none.csv\" }"),
            "cannot open the series",
        ),
        (
            format!(
                "{}[[spot.interruptions]]\nat = \"1h\"\ninstance = \"web[0]\"\n",
                entry("cloud", "name = \"web\"")
            ),
            "is not preemptible",
        ),
        ("[settings.spot]\ncheck_period = \"0s\"\n".to_owned(), "less than a second"),
    ] {
        let told = faults(&rest);
        assert!(told.contains(wrong), "{wrong}:\n{told}");
    }
}

#[test]
fn a_stated_interruption_happens_whatever_the_market_says() {
    let text = fleet(
        "[[spot.markets]]\ntype = \"cloud\"\non_demand = 0.4\nprice = 0.1\n\
         [[workload.instances]]\nname = \"web\"\ntype = \"cloud\"\ncount = 1\n\
         SpotStrategy = \"SpotAsPriceGo\"\n\
         [[spot.interruptions]]\nat = \"10min\"\ninstance = \"web[0]\"\n",
    );
    let outcome = measured(&text);
    assert_eq!(value(&outcome, "spot.interruptions", &["stock"]), Some(1.0));
    assert_eq!(value(&outcome, "spot.lifetime.mean", &[]), Some(600.0));
    let hours = value(&outcome, "spot.instance_hours", &["all"]);
    assert_eq!(hours, Some(0.25), "ten minutes and the notice");
}

/// What is only moved lives on.
#[test]
fn a_life_goes_on_over_moves() {
    let text = fleet(
        "[[spot.markets]]\ntype = \"cloud\"\non_demand = 0.4\nprice = 0.1\n\
         stock = { on = \"5h\", off = \"20min\" }\n\
         [server_models.weak]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\n\
         risk = { life = \"2h\", curable = 0, crash_p = 0, repair = \"90h\" }\n\
         [[workload.instances]]\ntype = \"cloud\"\ncount = 1\nSpotStrategy = \"SpotAsPriceGo\"\n",
    )
    .replace(
        "[[servers]]",
        "[[servers]]\nmodel = \"weak\"\ncount = 1\nzones = [\"a\"]\n[[servers]]",
    );
    let outcome = measured(&text);
    assert_eq!(value(&outcome, "migrations", &["live"]), Some(1.0));
    assert_eq!(value(&outcome, "spot.lifetime.mean", &[]), Some(5.0 * 3_600.0));
    assert_eq!(value(&outcome, "spot.instance_hours", &["cloud"]), Some(5.0 + 1.0 / 12.0));
}

#[test]
fn credits_of_what_is_taken_back_are_void_once() {
    let text = fleet(&format!(
        "{MARKET}[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n\
         SpotStrategy = \"SpotAsPriceGo\"\nSpotInterruptionBehavior = \"Stop\"\n\
         [policies.customers.default]\nrestart_after = \"never\"\n"
    ))
    .replace(
        "[instance_types.cloud]\n",
        "[instance_types.cloud]\nburst = { baseline = \"10%\" }\n",
    );
    let told = told(&text);
    let voided: Vec<&str> = told.lines().filter(|line| line.contains("Voided")).collect();
    assert_eq!(voided.len(), 1, "{told}");
    assert_eq!(voided[0].matches("Voided").count(), 1, "{told}");
}
