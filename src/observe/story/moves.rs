//! Moves between servers in plain words.

use super::{
    Detail, Story,
    words::{Told, of, size, text},
};
use crate::messages::moves::{MoveFact, MoveWhat};

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, fact: &MoveFact) -> Told {
    let name = story.name(fact.instance);
    match fact.what {
        MoveWhat::Waits => {
            of("MoveWaits", format!("{name} waits for its turn to move"), Vec::new())
        }
        MoveWhat::TurnCame { waited } => {
            let words = format!("{name} has its turn to move, after {waited}");
            of("MoveTurnCame", words, vec![("waited_s", Detail::Span(waited))])
        }
        MoveWhat::RoundSent { round, bytes, took, dirtied, throttle } => {
            let slower = match throttle {
                0 => String::new(),
                percent => format!(", slowed down by {percent} %"),
            };
            let words = format!(
                "{name}: round {round} sent {} in {took}; the guest wrote {} meanwhile{slower}",
                size(bytes),
                size(dirtied)
            );
            let details = vec![
                ("round", Detail::Number(u64::from(round))),
                ("bytes", Detail::Number(bytes)),
                ("took_s", Detail::Span(took)),
                ("dirtied_bytes", Detail::Number(dirtied)),
                ("throttle_percent", Detail::Number(u64::from(throttle))),
            ];
            of("RoundSent", words, details)
        }
        MoveWhat::RoundsEnded { end, left } => {
            let words = format!("{name}: rounds over ({}), {} left", end.name(), size(left));
            let details = vec![("end", text(end.name())), ("left_bytes", Detail::Number(left))];
            of("RoundsEnded", words, details)
        }
        MoveWhat::WentAhead => {
            of("WentAhead", format!("{name} goes on ahead of its memory"), Vec::new())
        }
        MoveWhat::RestSent { bytes, ahead, took } => {
            let whose = if ahead { "the memory that followed it" } else { "the rest" };
            let words = format!("{name}: {whose}, {}, is sent after {took}", size(bytes));
            let details = vec![
                ("bytes", Detail::Number(bytes)),
                ("ahead", Detail::Switch(ahead)),
                ("took_s", Detail::Span(took)),
            ];
            of("RestSent", words, details)
        }
        MoveWhat::DisksSent { bytes, took } => {
            let words = format!("{name}: its local disks, {}, are copied in {took}", size(bytes));
            let details = vec![("bytes", Detail::Number(bytes)), ("took_s", Detail::Span(took))];
            of("DisksSent", words, details)
        }
        MoveWhat::Cut { bytes, took, .. } => {
            let words = format!("{name}: cut off after {} in {took}", size(bytes));
            let details = vec![("bytes", Detail::Number(bytes)), ("took_s", Detail::Span(took))];
            of("MoveCut", words, details)
        }
        MoveWhat::Ended { end, bytes, rounds } => {
            let words =
                format!("{name}: copy over ({}), {} in {rounds} rounds", end.name(), size(bytes));
            let details = vec![
                ("end", text(end.name())),
                ("bytes", Detail::Number(bytes)),
                ("rounds", Detail::Number(u64::from(rounds))),
            ];
            of("CopyEnded", words, details)
        }
    }
}
