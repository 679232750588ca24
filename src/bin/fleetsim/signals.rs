//! When we are interrupted, or a file may not grow: told with an exit code, and nothing is left
//! half written. Work that can be stopped between two runs is stopped there.

use crate::exit::Exit;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

#[cfg(unix)]
pub use on_unix::answer;

/// Whether there is work that can be stopped between two runs.
static STOPPABLE: AtomicBool = AtomicBool::new(false);

/// The signal that stopped it; zero where none did.
static STOPPED_BY: AtomicI32 = AtomicI32::new(0);

/// While this is held, the first Ctrl-C or SIGTERM only asks for a stop ([`stopped_by`]), and the
/// second ends the process.
#[must_use]
pub struct Stoppable;

impl Stoppable {
    /// From here on.
    pub fn new() -> Self {
        STOPPABLE.store(true, Ordering::SeqCst);
        Self
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        STOPPABLE.store(false, Ordering::SeqCst);
    }
}

/// Which stop was asked for, if any.
pub fn stopped_by() -> Option<Exit> {
    match STOPPED_BY.load(Ordering::Relaxed) {
        0 => None,
        2 => Some(Exit::Interrupted),
        _ => Some(Exit::Terminated),
    }
}

/// Other systems end the process by themselves.
#[cfg(not(unix))]
pub fn answer() {}

#[cfg(unix)]
mod on_unix {
    use super::{STOPPABLE, STOPPED_BY};
    use crate::{exit::note, output};
    use signal_hook::{
        consts::{SIGINT, SIGTERM, SIGXFSZ},
        flag,
        iterator::Signals,
    };
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    /// What is added to a signal's number, as shells do.
    const SIGNALLED: i32 = 128;

    /// From here on Ctrl-C and SIGTERM end the process with code 130 and 143 and a word, and a
    /// file that passes the allowed size fails to be written instead of killing the process.
    pub fn answer() {
        // Whoever writes too much learns it from the write; nobody needs to look at the flag.
        // Where the system refuses a handler its own answer stays, which is to end the process.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
        let waiting = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                // Only the first signal finds nothing asked for yet.
                let asked = STOPPABLE.load(Ordering::SeqCst)
                    && STOPPED_BY.swap(signal, Ordering::SeqCst) == 0;
                if asked {
                    note("stopping after the runs under way; once more stops at once");
                    continue;
                }
                output::abandon();
                note(if signal == SIGINT { "interrupted" } else { "ended by SIGTERM" });
                std::process::exit(SIGNALLED + signal);
            }
        });
        if waiting.is_err() {
            // A machine without room for a thread gets the plain answer back.
            for (signal, code) in [(SIGINT, SIGNALLED + SIGINT), (SIGTERM, SIGNALLED + SIGTERM)] {
                let _ = flag::register_conditional_shutdown(
                    signal,
                    code,
                    Arc::new(AtomicBool::new(true)),
                );
            }
        }
    }
}
