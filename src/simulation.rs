//! One run of a scenario: the loop.

use crate::{
    fleet::Fleet,
    kernel::{agenda::Agenda, streams::Streams, time::Instant},
    messages::{fact::Fact, occurrence::Occurrence},
    observe::{Observer, catalogue::Metric, metrics::Metrics, outcome::Outcome},
    processes::{happen, turn::Turn},
    scenario::Scenario,
};
use std::sync::Arc;

/// Turns within one instant after which a run is going nowhere: a law gives no time at all to
/// something that repeats itself. (A region of a million instances takes some millions at once.)
const TURNS_AT_ONCE: u32 = 50_000_000;

/// Runs run number `run` of `scenario`; `observer` is told of everything that becomes true. Says
/// what the fleet is in the end.
///
/// # Panics
/// If an instant never ends, because the scenario's laws give no time at all to something that
/// repeats itself; the message names the last occurrence.
pub fn run(scenario: &Scenario, run: u32, observer: &mut impl Observer) -> Fleet {
    let streams = Streams::new(scenario.seed, run);
    let (layout, index) = (&scenario.layout, scenario.policies.placement.index());
    let mut fleet = Fleet::new(layout, index, scenario.workload.sources.len(), scenario.begin);
    let mut agenda = Agenda::new(scenario.begin, scenario.end);
    let (mut facts, mut scratch) = (Vec::new(), Vec::new());
    let mut turn = Turn {
        now: scenario.begin,
        scenario,
        fleet: &mut fleet,
        agenda: &mut agenda,
        facts: &mut facts,
        streams: &streams,
        scratch: &mut scratch,
    };
    happen::prime(&mut turn);
    tell(&mut turn, observer);
    while let Some((now, what)) = turn.agenda.next() {
        if !happen::is_live(turn.fleet, &what) {
            turn.agenda.met_stale();
            continue;
        }
        if turn.agenda.turns_this_instant() > TURNS_AT_ONCE {
            panic!("the instant {now} never ends: {what:?} repeats itself without end");
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

/// Tells the observer what became true in the turn.
#[inline]
fn tell(turn: &mut Turn<'_>, observer: &mut impl Observer) {
    let now: Instant = turn.now;
    for fact in turn.facts.iter() {
        let fact: &Fact = fact;
        observer.see(now, fact, turn.fleet);
    }
    turn.facts.clear();
    observer.turn_ended(now, turn.fleet);
}

/// Runs run number `number` of `scenario` with the standard metrics; `metrics` is the scenario's
/// [`Metrics::list`], shared by all its runs.
pub fn measure(scenario: &Scenario, number: u32, metrics: &Arc<[Metric]>) -> Outcome {
    let mut observer = Metrics::new(scenario);
    run(scenario, number, &mut observer);
    observer.finish(number, Arc::clone(metrics))
}
