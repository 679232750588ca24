//! Runs in parallel, collected in the order of their numbers: the only module that knows how many
//! threads there are.

use crate::{
    observe::{
        catalogue::Metric,
        metrics::Metrics,
        outcome::Outcome,
        series::{
            Scope,
            fold::{FoldedSeries, RunSeries},
        },
    },
    scenario::Scenario,
    simulation,
};
use rayon::prelude::*;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroUsize},
    ops::ControlFlow,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::sync_channel,
    },
};

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// A run that a thread is in the middle of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// Digest of its scenario.
    pub digest: String,
    /// Its number.
    pub run: u32,
}

/// Runs number 0 to `runs - 1` of `scenario`, in that order whatever `threads` is (`None`: as many
/// as the machine offers). `on_done` hears the number of each run as it ends, in any order and
/// from any thread.
///
/// # Examples
/// ```
/// use fleetsim::{
///     experiment::replicate::replicate,
///     scenario::{InMemory, Scenario},
/// };
/// use std::num::NonZeroUsize;
///
/// let text = r#"
///     [scenario]
///     name = "x"
///     horizon = "30d"
///     runs = 4
///     [server_models.m]
///     vcpus = 1
///     memory = "1GiB"
///     [[servers]]
///     model = "m"
///     count = 10
///     zones = ["a"]
/// "#;
/// let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default())?;
/// let on_one = replicate(&scenario, scenario.runs, NonZeroUsize::new(1), &|_run| {});
/// let on_three = replicate(&scenario, scenario.runs, NonZeroUsize::new(3), &|_run| {});
/// assert_eq!(on_one, on_three);
/// # Ok::<(), fleetsim::scenario::Faults>(())
/// ```
pub fn replicate(
    scenario: &Scenario,
    runs: NonZeroU32,
    threads: Option<NonZeroUsize>,
    on_done: &(dyn Fn(u32) + Sync),
) -> Vec<Outcome> {
    let metrics = Metrics::list(scenario);
    in_order(runs, threads, &|run| {
        as_run(&scenario.digest, run, || {
            let outcome = simulation::measure(scenario, run, &metrics);
            on_done(run);
            outcome
        })
    })
}

/// As [`replicate`], with what all runs together say over time. Runs are folded in their order, and
/// few of them wait for their turn: memory does not grow with their number.
pub fn follow(
    scenario: &Scenario,
    runs: NonZeroU32,
    threads: Option<NonZeroUsize>,
    scope: Scope,
    on_done: &(dyn Fn(u32) + Sync),
) -> (Vec<Outcome>, Option<FoldedSeries>) {
    let metrics = Metrics::list(scenario);
    let (mut outcomes, mut series) = (Vec::new(), None);
    let one = |run| {
        as_run(&scenario.digest, run, || {
            let followed = simulation::follow(scenario, run, &metrics, scope);
            on_done(run);
            followed
        })
    };
    let mut take = |(outcome, told): (Outcome, RunSeries)| {
        outcomes.push(outcome);
        FoldedSeries::fold(&mut series, &told);
    };
    one_by_one(runs, threads_for(runs, threads), &one, &mut take);
    (outcomes, series)
}

/// One run of one scenario.
#[derive(Clone, Copy, Debug)]
pub struct OneRun<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its [`Metrics::list`].
    pub metrics: &'a Arc<[Metric]>,
    /// Number of the run.
    pub run: u32,
}

/// The runs that are `wanted`, in their order whatever `threads` is; else as [`replicate`]. For
/// studies that choose their next runs by the outcome of others.
pub fn replicate_each(
    wanted: &[OneRun<'_>],
    threads: Option<NonZeroUsize>,
    on_done: &(dyn Fn(u32) + Sync),
) -> Vec<Outcome> {
    each(wanted, threads, &|one| {
        let outcome = simulation::measure(one.scenario, one.run, one.metrics);
        on_done(one.run);
        outcome
    })
}

/// As [`replicate_each`], with the series of each run.
pub fn follow_each(
    wanted: &[OneRun<'_>],
    threads: Option<NonZeroUsize>,
    scope: Scope,
    on_done: &(dyn Fn(u32) + Sync),
) -> Vec<(Outcome, RunSeries)> {
    each(wanted, threads, &|one| {
        let followed = simulation::follow(one.scenario, one.run, one.metrics, scope);
        on_done(one.run);
        followed
    })
}

fn each<T: Send>(
    wanted: &[OneRun<'_>],
    threads: Option<NonZeroUsize>,
    what: &(dyn Fn(&OneRun<'_>) -> T + Sync),
) -> Vec<T> {
    let count = u32::try_from(wanted.len()).expect("runs are counted in 32 bits");
    let Some(count) = NonZeroU32::new(count) else { return Vec::new() };
    in_order(count, threads, &|place| {
        let one = &wanted[place as usize];
        as_run(&one.scenario.digest, one.run, || what(one))
    })
}

/// `one` of each number below `runs`; `take` gets what comes of them on the calling thread, in the
/// order of numbers. No number is begun that lies further than [`AHEAD`] times `threads` before the
/// one that `take` waits for.
fn one_by_one<T: Send>(
    runs: NonZeroU32,
    threads: NonZeroUsize,
    one: &(dyn Fn(u32) -> T + Sync),
    take: &mut dyn FnMut(T),
) {
    let ahead = u32::try_from(threads.get() * AHEAD).unwrap_or(u32::MAX);
    let gate = Gate::new(runs.get(), ahead);
    let mut waiting = BTreeMap::new();
    let mut taken = 0;
    let mut sink = |run: u32, result: T| {
        let _guard = ClosesOnPanic(&gate);
        waiting.insert(run, result);
        while let Some(result) = waiting.remove(&taken) {
            take(result);
            taken += 1;
        }
        gate.opens(taken);
        ControlFlow::Continue(())
    };
    let one = |run: &u32| {
        let _guard = ClosesOnPanic(&gate);
        one(*run)
    };
    hand_out(threads, &|| gate.next(), &one, &mut sink);
}

/// How many numbers a thread may be ahead of the one that is waited for: a run that takes as long
/// as several others does not hold them up.
const AHEAD: usize = 2;

/// Hands out numbers, the next one when it is near enough to the one that is waited for.
struct Gate {
    /// The next number, and the first that may not be given yet.
    state: Mutex<(u32, u32)>,
    moved: Condvar,
    end: u32,
    ahead: u32,
}

impl Gate {
    const fn new(end: u32, ahead: u32) -> Self {
        Self { state: Mutex::new((0, ahead)), moved: Condvar::new(), end, ahead }
    }

    /// The next number, once it may be given; `None` when all are.
    fn next(&self) -> Option<u32> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |state: &mut (u32, u32)| state.0 < self.end && state.0 >= state.1;
        let waited = self.moved.wait_while(state, waits);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let number = state.0;
        (number < self.end).then(|| {
            state.0 += 1;
            number
        })
    }

    /// All below `taken` are done with.
    fn opens(&self, taken: u32) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = taken.saturating_add(self.ahead);
        self.moved.notify_all();
    }

    /// No number is given any more.
    fn closes(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = self.end;
        self.moved.notify_all();
    }
}

/// Lets nobody wait for a number that will never be done with.
struct ClosesOnPanic<'a>(&'a Gate);

impl Drop for ClosesOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.closes();
        }
    }
}

/// Work that is handed out piece by piece, for results that are too many to be held: `next` gives
/// the pieces (to any thread, one at a time, until it gives none), `one` does a piece, and `sink`
/// takes each result on the calling thread, in order of completion. What `sink` answers with a
/// break ends it all: no more pieces are taken, and results still under way are dropped.
///
/// Only as many results wait for `sink` as there are threads.
pub fn hand_out<W: Send, T: Send>(
    threads: NonZeroUsize,
    next: &(dyn Fn() -> Option<W> + Sync),
    one: &(dyn Fn(&W) -> T + Sync),
    sink: &mut dyn FnMut(W, T) -> ControlFlow<()>,
) {
    let ended = AtomicBool::new(false);
    let take = || if ended.load(Ordering::Relaxed) { None } else { next() };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(threads.get());
        let mut started = 0;
        for _ in 0..threads.get() {
            let (sender, take) = (sender.clone(), &take);
            let work = move || {
                while let Some(piece) = take() {
                    let result = one(&piece);
                    // Nobody listens any more where the sink has ended it.
                    if sender.send((piece, result)).is_err() {
                        return;
                    }
                }
            };
            // A machine that refuses a thread gets fewer.
            match std::thread::Builder::new().spawn_scoped(scope, work) {
                Ok(_) => started += 1,
                Err(_) => break,
            }
        }
        drop(sender);
        for (piece, result) in &receiver {
            if sink(piece, result).is_break() {
                ended.store(true, Ordering::Relaxed);
                break;
            }
        }
        drop(receiver);
        if started == 0 {
            while let Some(piece) = take() {
                let result = one(&piece);
                if sink(piece, result).is_break() {
                    return;
                }
            }
        }
    });
}

/// `work`, which is run number `run` of the scenario with this digest, or a part of it: whoever
/// reports a panic in it can name the run.
pub fn as_run<T>(digest: &str, run: u32, work: impl FnOnce() -> T) -> T {
    RUNNING.set(Some(Running { digest: digest.to_owned(), run }));
    let value = work();
    RUNNING.set(None);
    value
}

/// The run that this thread is in the middle of, if any. A panic leaves it set, so that whoever
/// reports the panic can name the run.
pub fn running() -> Option<Running> {
    RUNNING.with_borrow(Clone::clone)
}

/// How many threads [`replicate`] uses for `runs` runs when `threads` are asked for.
pub fn threads_for(runs: NonZeroU32, threads: Option<NonZeroUsize>) -> NonZeroUsize {
    let asked =
        threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let useful = usize::try_from(runs.get()).unwrap_or(usize::MAX);
    NonZeroUsize::new(asked.get().min(useful)).unwrap_or(NonZeroUsize::MIN)
}

/// `one` of each number below `runs`, in order. A machine that refuses the threads asked for gets
/// by with fewer: their number cannot change the answer.
fn in_order<T: Send>(
    runs: NonZeroU32,
    threads: Option<NonZeroUsize>,
    one: &(dyn Fn(u32) -> T + Sync),
) -> Vec<T> {
    let mut threads = threads_for(runs, threads).get();
    while threads > 1 {
        if let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            // Runs differ in length, so each is handed out alone.
            return pool
                .install(|| (0..runs.get()).into_par_iter().with_max_len(1).map(one).collect());
        }
        threads /= 2;
    }
    (0..runs.get()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    fn threads(n: usize) -> Option<NonZeroUsize> {
        NonZeroUsize::new(n)
    }

    #[test]
    fn results_come_in_the_order_of_runs_for_any_number_of_threads() {
        let runs = NonZeroU32::new(200).unwrap();
        // Early runs take longest, so that unordered collecting would show.
        let work = |run: u32| (0..u64::from(200 - run) * 500).fold(u64::from(run), |a, b| a ^ b);
        let alone = in_order(runs, threads(1), &work);
        assert_eq!(alone.len(), 200);
        for n in [2, 3, 7, 500] {
            assert_eq!(in_order(runs, threads(n), &work), alone, "{n} threads");
        }
        assert_eq!(in_order(runs, None, &work), alone);
    }

    #[test]
    fn every_run_is_done_once_and_knows_its_number() {
        let runs = NonZeroU32::new(50).unwrap();
        let calls = AtomicU32::new(0);
        let seen = in_order(runs, threads(4), &|run| {
            assert_eq!(running(), None, "what was before is over");
            as_run("0f3a", run, || {
                calls.fetch_add(1, Ordering::Relaxed);
                assert_eq!(running(), Some(Running { digest: "0f3a".to_owned(), run }));
                run
            })
        });
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
        assert_eq!(calls.into_inner(), 50);
        assert_eq!(running(), None);
    }

    #[test]
    fn every_piece_is_done_once_and_its_result_arrives() {
        for n in [1, 2, 7] {
            let given = AtomicU32::new(0);
            let next = || Some(given.fetch_add(1, Ordering::Relaxed)).filter(|piece| *piece < 100);
            let mut seen = Vec::new();
            let mut sink = |piece: u32, result: u32| {
                assert_eq!(result, piece * 2);
                seen.push(piece);
                ControlFlow::Continue(())
            };
            hand_out(threads(n).unwrap(), &next, &|piece| piece * 2, &mut sink);
            seen.sort_unstable();
            assert_eq!(seen, (0..100).collect::<Vec<_>>(), "{n} threads");
        }
    }

    #[test]
    fn a_sink_that_has_enough_ends_it() {
        let given = AtomicU32::new(0);
        let next = || Some(given.fetch_add(1, Ordering::Relaxed));
        let mut seen = 0;
        let mut sink = |_: u32, _: u32| {
            seen += 1;
            if seen == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        hand_out(threads(3).unwrap(), &next, &|piece| *piece, &mut sink);
        assert_eq!(seen, 10, "pieces without end, and still it ended");
    }

    #[test]
    fn what_is_taken_one_by_one_comes_in_order_and_never_far_ahead() {
        let runs = NonZeroU32::new(300).unwrap();
        for n in [1, 2, 3, 8] {
            let (taken, furthest) = (AtomicU32::new(0), AtomicU32::new(0));
            let one = |run: u32| {
                let waited_for = taken.load(Ordering::SeqCst);
                furthest.fetch_max(run.saturating_sub(waited_for), Ordering::SeqCst);
                // Some runs take much longer than others.
                let turns = if run.is_multiple_of(10) { 200_000 } else { 100 };
                (0..turns).fold(u64::from(run), |a, b| std::hint::black_box(a ^ b));
                run
            };
            let mut seen = Vec::new();
            let mut take = |run: u32| {
                seen.push(run);
                taken.fetch_add(1, Ordering::SeqCst);
            };
            one_by_one(runs, NonZeroUsize::new(n).unwrap(), &one, &mut take);
            assert_eq!(seen, (0..300).collect::<Vec<_>>(), "{n} threads");
            assert!(furthest.into_inner() < (n * AHEAD) as u32 + 1, "{n} threads");
        }
    }

    #[test]
    fn a_panic_leaves_nobody_waiting() {
        let runs = NonZeroU32::new(100).unwrap();
        let ended = std::panic::catch_unwind(|| {
            let one = |run: u32| assert!(run != 3, "as bugs are");
            one_by_one(runs, NonZeroUsize::new(4).unwrap(), &one, &mut |()| ());
        });
        assert!(ended.is_err());
        let ended = std::panic::catch_unwind(|| {
            let mut take = |run: u32| assert!(run != 3, "as bugs are");
            one_by_one(runs, NonZeroUsize::new(4).unwrap(), &|run| run, &mut take);
        });
        assert!(ended.is_err());
    }

    #[test]
    fn no_more_threads_than_runs() {
        let three = NonZeroU32::new(3).unwrap();
        assert_eq!(threads_for(three, threads(64)).get(), 3);
        assert_eq!(threads_for(three, threads(2)).get(), 2);
        assert!(threads_for(three, None).get() <= 3);
    }
}
