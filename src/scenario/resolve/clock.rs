//! When a run begins and ends, and what is measured when.

use crate::{
    kernel::time::{Instant, Span},
    scenario::{fault::Fault, view::View},
};

/// When a run begins and ends, and what is measured when.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Where the clock stands when a run begins.
    pub begin: Instant,
    /// Where it stands when a run ends.
    pub end: Instant,
    /// From here on results are measured.
    pub measure_from: Instant,
    /// When levels are reported, in order.
    pub levels_at: Vec<Instant>,
}

impl Clock {
    /// What `[scenario]` says of time.
    pub fn of(about: View<'_>, faults: &mut Vec<Fault>) -> Self {
        let horizon = about.at("horizon").span().unwrap_or(Span::from_seconds(1));
        let warm_up = about.at("warm_up").span().unwrap_or(Span::ZERO);
        let start = about.at("clock_start").span().unwrap_or(Span::ZERO);
        let mut wrong = |view: View<'_>, message: String, help: &str| {
            if let Some(place) = view.place() {
                faults.push(Fault::at(place, "range", message).help(help));
            }
        };
        if horizon.is_zero() {
            let message = "`scenario.horizon` is zero".to_owned();
            wrong(about.at("horizon"), message, "a run lasts some time, as in \"365d\"");
        }
        let longest = Span::LONGEST;
        if horizon.saturating_add(start) > longest {
            let message = format!("the run would end after {}", horizon.saturating_add(start));
            wrong(about.at("horizon"), message, "the clock runs for at most 1,000 years");
        }
        if !horizon.is_zero() && warm_up >= horizon {
            let message = format!("`scenario.warm_up` is {warm_up}, and the run lasts {horizon}");
            wrong(about.at("warm_up"), message, "the warm-up is shorter than the horizon");
        }
        let begin = Instant::ZERO.saturating_add(start);
        let end = begin.saturating_add(horizon);
        let mut levels_at = Vec::new();
        for level in about.at("levels_at").elements() {
            let Some(span) = level.span() else { continue };
            let at = Instant::ZERO.saturating_add(span);
            if at < begin || at > end {
                let message = format!("`scenario.levels_at` names {span}, when there is no run");
                wrong(level, message, "name instants of the clock from the beginning to the end");
            }
            levels_at.push(at);
        }
        levels_at.sort();
        levels_at.dedup();
        Self { begin, end, measure_from: begin.saturating_add(warm_up), levels_at }
    }

    /// How long a run lasts (s).
    pub fn seconds(&self) -> f64 {
        self.end.since(self.begin).seconds()
    }
}
