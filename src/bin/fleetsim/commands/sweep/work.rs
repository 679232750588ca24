//! Runs that are missing in the ledger, done in order of their keys on several threads, and noted
//! one by one.

use super::study::Study;
use crate::{
    bug::Known,
    exit::Failure,
    ledger::{Index, Ledger, Place, RunLine},
    progress::Progress,
    signals::{self, Stoppable},
};
use fleetsim::{
    experiment::replicate::{as_run, hand_out},
    observe::{catalogue::Metric, metrics::Metrics},
    scenario::Scenario,
    simulation,
};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Does what `index` lacks of `study`, until all is done or a stop is asked for.
///
/// # Errors
/// The ledger cannot be written, or a scenario cannot be read again; what was noted before stays.
pub fn work(
    study: &Study<'_>,
    ledger: &mut Ledger,
    index: &mut Index,
    progress: &Progress,
) -> Result<(), Failure> {
    let _stoppable = Stoppable::new();
    let units = study.header.units();
    let scenarios = Scenarios { study, kept: Mutex::default(), failure: Mutex::default() };
    let state = Mutex::new((0_u64, index));
    let next = || {
        let mut state = locked(&state);
        let (cursor, index) = &mut *state;
        let wanted = |unit: &u64| study.header.has(*unit) && index.get(*unit).is_none();
        let unit = (*cursor..units).find(wanted).filter(|_| signals::stopped_by().is_none())?;
        *cursor = unit + 1;
        Some(unit)
    };
    let one = |unit: &u64| {
        let (point, run) = locked(&state).1.key(*unit);
        scenarios.run(point, run)
    };
    let mut failed = None;
    let mut sink = |unit: u64, done: Option<RunLine>| {
        let noted = done.map(|run| ledger.add(&run));
        match noted {
            Some(Ok(byte)) => {
                locked(&state).1.set(unit, Place { ledger: 0, byte });
                progress.done();
                ControlFlow::Continue(())
            }
            Some(Err(failure)) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
            None => ControlFlow::Break(()),
        }
    };
    hand_out(study.threads, &next, &one, &mut sink);
    match failed.or_else(|| locked(&scenarios.failure).take()) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// What a mutex guards here is whole at any time: a thread that panics ends the process.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A scenario with what it measures.
struct Ready {
    scenario: Scenario,
    metrics: Arc<[Metric]>,
    _known: Known,
}

/// A scenario that some thread reads, while others wait for it; `None` where it could not.
type Slot = Arc<OnceLock<Option<Ready>>>;

/// The scenarios of the points that are being run: read when the first thread comes to a point,
/// given up when the last has left it.
struct Scenarios<'a> {
    study: &'a Study<'a>,
    kept: Mutex<Vec<(u32, Slot)>>,
    /// Why one could not be read.
    failure: Mutex<Option<Failure>>,
}

impl Scenarios<'_> {
    /// Run number `run` of a point; `None` where its scenario could not be read again.
    fn run(&self, point: u32, run: u32) -> Option<RunLine> {
        let slot = self.slot(point);
        let ready = slot.get_or_init(|| match self.study.scenario(point) {
            Ok(scenario) => Some(Ready {
                _known: self.study.known(point, &scenario),
                metrics: Metrics::list(&scenario),
                scenario,
            }),
            Err(failure) => {
                locked(&self.failure).get_or_insert(failure);
                None
            }
        });
        let Ready { scenario, metrics, _known: _ } = ready.as_ref()?;
        let outcome = as_run(&scenario.digest, run, || simulation::measure(scenario, run, metrics));
        Some(RunLine {
            point,
            run,
            digest: scenario.digest.clone(),
            fingerprint: outcome.fingerprint,
            values: outcome.values,
        })
    }

    fn slot(&self, point: u32) -> Slot {
        let mut kept = locked(&self.kept);
        kept.retain(|(other, slot)| *other == point || Arc::strong_count(slot) > 1);
        if let Some((_, slot)) = kept.iter().find(|(other, _)| *other == point) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        kept.push((point, Arc::clone(&slot)));
        slot
    }
}
