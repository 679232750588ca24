//! When we are interrupted, or a file may not grow: told with an exit code, and nothing is left
//! half written.

#[cfg(unix)]
pub use on_unix::answer;

/// Other systems end the process by themselves.
#[cfg(not(unix))]
pub fn answer() {}

#[cfg(unix)]
mod on_unix {
    use crate::{exit::note, output};
    use signal_hook::{
        consts::{SIGINT, SIGTERM, SIGXFSZ},
        flag,
        iterator::Signals,
    };
    use std::sync::{Arc, atomic::AtomicBool};

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
            if let Some(signal) = signals.forever().next() {
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
