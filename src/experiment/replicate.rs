//! Runs in parallel, collected in the order of their numbers: the only module that knows how many
//! threads there are.

use crate::{
    observe::{catalogue::Metric, metrics::Metrics, outcome::Outcome},
    scenario::Scenario,
    simulation,
};
use rayon::prelude::*;
use std::{
    cell::Cell,
    num::{NonZeroU32, NonZeroUsize},
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::sync_channel,
    },
};

thread_local! {
    static RUNNING: Cell<Option<u32>> = const { Cell::new(None) };
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
        let outcome = simulation::measure(scenario, run, &metrics);
        on_done(run);
        outcome
    })
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
    let count = u32::try_from(wanted.len()).expect("runs are counted in 32 bits");
    let Some(count) = NonZeroU32::new(count) else { return Vec::new() };
    in_order(count, threads, &|place| {
        let one = &wanted[place as usize];
        RUNNING.set(Some(one.run));
        let outcome = simulation::measure(one.scenario, one.run, one.metrics);
        on_done(one.run);
        outcome
    })
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

/// `work`, which is run number `run` or a part of it: whoever reports a panic in it can name the
/// run.
pub fn as_run<T>(run: u32, work: impl FnOnce() -> T) -> T {
    RUNNING.set(Some(run));
    let value = work();
    RUNNING.set(None);
    value
}

/// The run that this thread is in the middle of, if any. A panic leaves it set, so that whoever
/// reports the panic can name the run.
pub fn running() -> Option<u32> {
    RUNNING.get()
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
    let marked = |run| as_run(run, || one(run));
    let mut threads = threads_for(runs, threads).get();
    while threads > 1 {
        if let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            // Runs differ in length, so each is handed out alone.
            return pool
                .install(|| (0..runs.get()).into_par_iter().with_max_len(1).map(marked).collect());
        }
        threads /= 2;
    }
    (0..runs.get()).map(marked).collect()
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
            calls.fetch_add(1, Ordering::Relaxed);
            assert_eq!(running(), Some(run));
            run
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
    fn no_more_threads_than_runs() {
        let three = NonZeroU32::new(3).unwrap();
        assert_eq!(threads_for(three, threads(64)).get(), 3);
        assert_eq!(threads_for(three, threads(2)).get(), 2);
        assert!(threads_for(three, None).get() <= 3);
    }
}
