//! Progress on stderr: only on a terminal, only for work that takes a while, never with `--quiet`.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::{
    fmt::Write,
    io::IsTerminal as _,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the time left is told anew.
const TICK: Duration = Duration::from_millis(200);

/// Progress over a number of runs; it vanishes when dropped.
pub struct Progress {
    bar: ProgressBar,
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Progress over `runs` runs.
    pub fn new(runs: impl Into<u64>, quiet: Quiet) -> Self {
        let bar = ProgressBar::with_draw_target(Some(runs.into()), ProgressDrawTarget::hidden());
        if quiet == Quiet::Yes || !std::io::stderr().is_terminal() {
            return Self { bar, waiting: None };
        }
        let style = "{bar:30} {human_pos}/{human_len} runs  {rate}/s  {eta} left";
        let style = ProgressStyle::with_template(style).expect("the template is ours");
        bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // The bar's own text cannot refuse what is written to it.
            let _ = write!(out, "{:.1}", state.per_sec());
        }));
        let (sender, receiver) = channel();
        let shown = bar.clone();
        let thread = std::thread::Builder::new().spawn(move || {
            if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        // A machine that refuses a thread gets no progress; the work is not affected.
        Self { bar, waiting: thread.ok().map(|thread| (sender, thread)) }
    }

    /// So many more runs than were known of are to be done.
    pub fn more(&self, runs: usize) {
        self.bar.inc_length(runs as u64);
    }

    /// Takes the bar away, so that something can be printed.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// One more run is done.
    pub fn done(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.waiting.take() {
            drop(sender);
            // The thread only waits and draws; that it panicked would be no reason to fail.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Whether `--quiet` was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quiet {
    /// Nothing but results, faults, and warnings of work that is lost.
    Yes,
    /// Progress and remarks too.
    No,
}
