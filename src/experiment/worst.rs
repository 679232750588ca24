//! The worst minutes of the worst run: what happened when availability was lowest.

use crate::{
    observe::{
        outcome::Outcome,
        story::Entry,
        worst::{Low, Lows, Told},
    },
    scenario::Scenario,
    simulation,
};

/// The run in which availability was lowest.
#[derive(Clone, PartialEq, Debug)]
pub struct Worst {
    /// Its number.
    pub run: u32,
    /// Its availability.
    pub availability: f64,
    /// Its worst minutes, and what became true of those who were down in them; `None` where no
    /// service was lost.
    pub low: Option<(Low, Vec<Entry>)>,
}

/// The worst of `outcomes`, which are runs of `scenario`: the one whose availability is lowest, the
/// first of equals. It is simulated twice more. `None` where no run knows an availability.
pub fn worst(scenario: &Scenario, outcomes: &[Outcome]) -> Option<Worst> {
    let known = outcomes.iter().filter_map(|outcome| Some((availability(outcome)?, outcome.run)));
    let (availability, run) =
        known.min_by(|(a, first), (b, second)| a.total_cmp(b).then(first.cmp(second)))?;
    let mut lows = Lows::new(scenario);
    simulation::run(scenario, run, &mut lows);
    let low = lows.finish().map(|low| {
        let mut told = Told::new(scenario, run, &low);
        simulation::run(scenario, run, &mut told);
        (low, told.entries)
    });
    Some(Worst { run, availability, low })
}

fn availability(outcome: &Outcome) -> Option<f64> {
    let place = outcome.metrics.iter().position(|metric| metric.definition.name == "availability");
    outcome.values[place?]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{experiment::replicate::replicate, kernel::time::Instant, scenario::InMemory};

    fn scenario(text: &str) -> Scenario {
        let read = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
        read.unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn found(scenario: &Scenario) -> Worst {
        worst(scenario, &replicate(scenario, scenario.runs, None, &|_| ())).unwrap()
    }

    const CRASHES: &str = r#"
        scenario = { name = "x", horizon = "60d", seed = 3, runs = 5 }
        servers = [{ model = "m", count = 6, zones = ["z"] }]
        server_models.m = { vcpus = 16, memory = "64GiB", crash = { rate = "900%/year" } }
        instance_types.t = { vcpus = 2, memory = "8GiB" }
        settings.guest.crash_rate = "never"
        workload.instances = [{ type = "t", count = 24 }]
    "#;

    #[test]
    fn the_worst_minutes_lie_in_the_worst_run() {
        let scenario = scenario(CRASHES);
        let outcomes = replicate(&scenario, scenario.runs, None, &|_| ());
        let worst = worst(&scenario, &outcomes).unwrap();
        let lowest = outcomes.iter().filter_map(availability).min_by(f64::total_cmp);
        assert_eq!(Some(worst.availability), lowest);
        assert_eq!(availability(&outcomes[worst.run as usize]), lowest);
        let (low, entries) = worst.low.unwrap();
        assert!(low.from < low.to && low.story_from <= low.from && low.lost > 0);
        assert!(low.availability() < worst.availability);
        // Several instances of one server go down together, and the story says why.
        assert!(low.interruptions.len() > 1, "{low:?}");
        let inside = |at: Instant| at >= low.story_from && at <= low.to;
        assert!(entries.iter().all(|entry| inside(entry.at)));
        let what = |what: &str| entries.iter().filter(|entry| entry.what == what).count();
        assert!(what("ServerMoved") > 0 && what("ServiceEnded") > 1, "{entries:?}");
        let order = |a: &str, b: &str| {
            let place = |what: &str| entries.iter().position(|entry| entry.what == what);
            place(a) < place(b)
        };
        assert!(order("ServerMoved", "ServiceEnded"));
    }

    #[test]
    fn what_is_lost_adds_up() {
        // One server: whoever is down is down with all others, and its minute loses all of it.
        let text = CRASHES.replace("count = 6", "count = 1").replace("count = 24", "count = 4");
        let scenario = scenario(&text);
        let (low, _) = found(&scenario).low.unwrap();
        let lasts = low.to.since(low.from).micros();
        assert_eq!(low.owed, 4 * lasts, "all four owe service throughout");
        let down = |one: &crate::observe::worst::Interruption| {
            one.to.min(low.to).since(one.from.max(low.from)).micros()
        };
        assert_eq!(low.lost, low.interruptions.iter().map(down).sum::<u64>());
    }

    #[test]
    fn a_fleet_that_never_fails_has_no_worst_minutes() {
        let scenario = scenario(&CRASHES.replace("900%/year", "0%/year"));
        let worst = found(&scenario);
        assert_eq!((worst.run, worst.low), (0, None));
        assert!((worst.availability - 1.0).abs() < 1e-15);
    }

    #[test]
    fn without_instances_there_is_nothing_to_tell() {
        let scenario = scenario(&CRASHES.replace("count = 24", "count = 0"));
        let outcomes = replicate(&scenario, scenario.runs, None, &|_| ());
        assert_eq!(worst(&scenario, &outcomes), None);
    }
}
