//! One run of a scenario: the loop.

use crate::{
    fleet::{Fleet, Sources},
    kernel::{agenda::Agenda, streams::Streams, time::Instant},
    messages::{fact::Fact, occurrence::Occurrence},
    observe::{
        Observer,
        catalogue::Metric,
        metrics::Metrics,
        outcome::Outcome,
        series::{Scope, Series, fold::RunSeries},
    },
    processes::{happen, turn::Turn},
    scenario::Scenario,
};
use std::sync::Arc;

/// Turns within one instant after which a run is going nowhere: a law gives no time at all to
/// something that repeats itself. (A region of a million instances takes some millions at once.)
const TURNS_AT_ONCE: u32 = 50_000_000;

/// From so many turns within one instant on the last occurrences are kept; before, the loop pays
/// nothing for them.
const NEARLY_ENDLESS: u32 = TURNS_AT_ONCE - 1_000;

/// The setting up of a region tells what has become true when there is so much of it (facts): what
/// stays in the nearest cache.
const FACTS_AT_ONCE: usize = 256;

/// How many occurrences tell what goes round in an instant that never ends.
const TOLD: usize = 10;

/// Runs run number `run` of `scenario`; `observer` is told of everything that becomes true. Says
/// what the fleet is in the end.
///
/// # Examples
/// An observer of one's own: how often do servers crash?
/// ```
/// use fleetsim::{
///     fleet::Fleet,
///     kernel::time::Instant,
///     lifecycle::server::ServerState,
///     messages::fact::Fact,
///     observe::Observer,
///     scenario::{InMemory, Scenario},
///     simulation,
/// };
///
/// #[derive(Default)]
/// struct Crashes(u32);
///
/// impl Observer for Crashes {
///     fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
///         if let Fact::ServerMoved { from: ServerState::Up, .. } = fact {
///             self.0 += 1;
///         }
///     }
/// }
///
/// let text = r#"
///     [scenario]
///     name = "crashes"
///     horizon = "365d"
///     [server_models.m]
///     vcpus = 1
///     memory = "1GiB"
///     crash = { rate = "2/year", restart = "3min", restarts_itself = 1 }
///     risk = "never"
///     [[servers]]
///     model = "m"
///     count = 100
///     zones = ["a"]
/// "#;
/// let scenario = Scenario::parse("m.toml", text.as_bytes(), &[], &InMemory::default())?;
/// let mut crashes = Crashes::default();
/// simulation::run(&scenario, 0, &mut crashes);
/// assert!((140..260).contains(&crashes.0), "{}", crashes.0);
/// # Ok::<(), fleetsim::scenario::Faults>(())
/// ```
///
/// # Panics
/// If an instant never ends, because the scenario's laws give no time at all to something that
/// repeats itself; the message names the last ten occurrences.
pub fn run(scenario: &Scenario, run: u32, observer: &mut impl Observer) -> Fleet {
    let streams = Streams::new(scenario.seed, run);
    let (layout, index) = (&scenario.layout, scenario.policies.placement.index());
    let sources =
        Sources { arrivals: scenario.workload.sources.len(), campaigns: scenario.campaigns.len() };
    let mut fleet = Fleet::new(layout, index, sources, scenario.begin);
    fleet.instances.watch(&scenario.watched);
    let mut agenda = Agenda::new(scenario.begin, scenario.end);
    let (mut facts, mut last) = (Vec::new(), Vec::new());
    let (mut scratch, mut events) = (Vec::new(), Vec::new());
    let mut turn = Turn {
        now: scenario.begin,
        scenario,
        fleet: &mut fleet,
        agenda: &mut agenda,
        facts: &mut facts,
        streams: &streams,
        scratch: &mut scratch,
        events: &mut events,
    };
    happen::prime(&mut turn, |turn| {
        if turn.facts.len() >= FACTS_AT_ONCE {
            tell_facts(turn, observer);
        }
    });
    tell(&mut turn, observer);
    while let Some((now, what)) = turn.agenda.next() {
        if !happen::is_live(turn.fleet, &what) {
            turn.agenda.met_stale();
            continue;
        }
        let turns = turn.agenda.turns_this_instant();
        if turns > NEARLY_ENDLESS {
            keep_last(&mut last, now, what, turns);
        }
        turn.now = now;
        happen::happen(&mut turn, what);
        tell(&mut turn, observer);
        if turn.agenda.needs_sweep() {
            let Turn { agenda, fleet, .. } = &mut turn;
            agenda.sweep(|what: &Occurrence| happen::is_live(fleet, what));
        }
    }
    fleet
}

/// Keeps the last occurrences of an instant that has had so many turns already; at
/// [`TURNS_AT_ONCE`] gives up on it.
#[cold]
fn keep_last(last: &mut Vec<Occurrence>, now: Instant, what: Occurrence, turns: u32) {
    if last.len() == TOLD {
        last.remove(0);
    }
    last.push(what);
    assert!(
        turns <= TURNS_AT_ONCE,
        "the instant {now} never ends: after {turns} turns these repeat themselves: {last:?}"
    );
}

/// Tells the observer what became true in the turn, which is over.
#[inline]
fn tell(turn: &mut Turn<'_>, observer: &mut impl Observer) {
    tell_facts(turn, observer);
    observer.turn_ended(turn.now, turn.fleet);
}

/// Tells the observer what became true since it was told last.
#[inline]
fn tell_facts(turn: &mut Turn<'_>, observer: &mut impl Observer) {
    let now: Instant = turn.now;
    for fact in turn.facts.iter() {
        let fact: &Fact = fact;
        observer.see(now, fact, turn.fleet);
    }
    turn.facts.clear();
}

/// As [`measure`], with as many of the run's series over time as `scope` says.
pub fn follow(
    scenario: &Scenario,
    number: u32,
    metrics: &Arc<[Metric]>,
    scope: Scope,
) -> (Outcome, RunSeries) {
    let mut observers = (Metrics::new(scenario), Series::of(scenario, scope));
    run(scenario, number, &mut observers);
    let (measured, followed) = observers;
    (measured.finish(number, Arc::clone(metrics)), followed.finish())
}

/// Runs run number `number` of `scenario` with the standard metrics; `metrics` is the scenario's
/// [`Metrics::list`], shared by all its runs.
pub fn measure(scenario: &Scenario, number: u32, metrics: &Arc<[Metric]>) -> Outcome {
    let mut observer = Metrics::new(scenario);
    run(scenario, number, &mut observer);
    observer.finish(number, Arc::clone(metrics))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::column::Id;

    #[test]
    fn an_instant_that_never_ends_tells_the_last_ten_occurrences() {
        let mut last = Vec::new();
        let occurrence = |number: u32| Occurrence::Booted {
            instance: Id::new(number as usize),
            stamp: crate::kernel::stamp::Stamp::default(),
        };
        for number in 0..30 {
            let turns = TURNS_AT_ONCE - 29 + number;
            keep_last(&mut last, Instant::ZERO, occurrence(number), turns);
        }
        let kept: Vec<Occurrence> = (20..30).map(occurrence).collect();
        assert_eq!(last, kept);
        let ended = std::panic::catch_unwind(move || {
            keep_last(&mut last, Instant::ZERO, occurrence(30), TURNS_AT_ONCE + 1);
        });
        let told = *ended.expect_err("it gives up").downcast::<String>().expect("with a text");
        let list = format!("{:?}", (21..31).map(occurrence).collect::<Vec<_>>());
        assert!(told.ends_with(&list), "{told}");
    }
}
