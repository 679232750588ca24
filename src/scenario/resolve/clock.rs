//! When a run begins and ends, and what is measured when.

use super::build::Build;
use crate::{
    kernel::{
        calendar::Civil,
        time::{Instant, Span},
    },
    scenario::{fault::Fault, quantity::Moment, view::View},
};

/// The last point of time that is told with a year of four digits, also eight hours ahead of UTC
/// (microseconds since 1970-01-01T00:00:00Z).
const LAST_DATE: i64 = 253_402_271_999_999_999;

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
    /// The date and time at which the clock's zero lies (microseconds since 1970-01-01T00:00:00Z).
    pub epoch: i64,
    /// Whether begin and end could be read; if not, nothing is held against them.
    is_known: bool,
}

impl Clock {
    /// What `[scenario]` says of time.
    pub fn of(about: View<'_>, faults: &mut Vec<Fault>) -> Self {
        let [horizon, warm_up, start] =
            ["horizon", "warm_up", "clock_start"].map(|key| about.at(key).span());
        let is_known = horizon.is_some_and(|horizon| !horizon.is_zero()) && start.is_some();
        let horizon = horizon.unwrap_or(Span::from_seconds(1));
        let (warm_up, start) = (warm_up.unwrap_or(Span::ZERO), start.unwrap_or(Span::ZERO));
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
        if is_known && warm_up >= horizon {
            let message = format!("`scenario.warm_up` is {warm_up}, and the run lasts {horizon}");
            wrong(about.at("warm_up"), message, "the warm-up is shorter than the horizon");
        }
        let begin = Instant::ZERO.saturating_add(start);
        let end = begin.saturating_add(horizon);
        let mut levels_at = Vec::new();
        for level in about.at("levels_at").elements() {
            let Some(span) = level.span() else { continue };
            let at = Instant::ZERO.saturating_add(span);
            if is_known && (at < begin || at > end) {
                let message = format!("`scenario.levels_at` names {span}, when there is no run");
                wrong(level, message, "name instants of the clock from the beginning to the end");
            }
            levels_at.push(at);
        }
        levels_at.sort();
        levels_at.dedup();
        // The run begins at its date, wherever its clock stands then.
        let start = about.at("start").date().unwrap_or(0);
        let epoch = start.saturating_sub_unsigned(begin.micros());
        let last = epoch.saturating_add_unsigned(end.micros());
        if is_known && last > LAST_DATE {
            let message = format!("the run would end at {}", Civil::at(last));
            let help = "dates have years of four digits: begin earlier, or end sooner";
            let place = if about.at("start").is_given() { "start" } else { "horizon" };
            wrong(about.at(place), message, help);
        }
        let measure_from = begin.saturating_add(warm_up);
        Self { begin, end, measure_from, levels_at, epoch, is_known }
    }

    /// The instant that `view` reads; one at which there is no clock yet becomes its zero.
    pub fn instant(&self, view: View<'_>) -> Option<Instant> {
        Some(match view.moment()? {
            Moment::OnClock(span) => Instant::ZERO.saturating_add(span),
            Moment::OnCalendar(date) => {
                let micros = u64::try_from(date.saturating_sub(self.epoch)).unwrap_or(0);
                Instant::from_micros(micros)
            }
        })
    }

    /// The instant that `view` reads, called `path`, at which something is to happen: one before
    /// the beginning of the run is a fault.
    pub fn happening(&self, view: View<'_>, path: &str, build: &mut Build) -> Option<Instant> {
        let at = self.instant(view)?;
        let start = self.epoch.saturating_add_unsigned(self.begin.micros());
        let is_early = match view.moment()? {
            Moment::OnClock(_) => at < self.begin,
            Moment::OnCalendar(date) => date < start,
        };
        if self.is_known && is_early {
            let begin = Civil::at(start);
            let message = format!("`{path}` is \"{}\", before the run begins", view.0?.date()?);
            let help = match view.moment()? {
                Moment::OnClock(_) => {
                    format!(
                        "it counts from the zero of the clock, which stands at {} when the run begins",
                        self.begin
                    )
                }
                Moment::OnCalendar(_) => {
                    format!("the run begins at {begin}, as `scenario.start` says")
                }
            };
            build.fault(view, "range", message, &help);
        }
        Some(at)
    }

    /// How long a run lasts (s); `None` where that could not be read.
    pub fn seconds(&self) -> Option<f64> {
        self.is_known.then(|| self.end.since(self.begin).seconds())
    }
}
