//! Drains: how long they take, what they move, whom they cannot.

use super::sheet::Sheet;
use crate::{
    fleet::{
        drains::DrainBar,
        ids::{Campaign, Instance},
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    messages::drain::DrainFact,
    scenario::{Aim, Scenario},
};
use std::collections::BTreeSet;

/// What is kept of one drain.
#[derive(Clone, Debug, Default)]
struct Course {
    name: String,
    is_drain: bool,
    began: Option<Instant>,
    last: Option<Instant>,
    has_ended: bool,
    plans: u64,
    moves: u64,
    emptied: u64,
    given_up: u64,
    barred: BTreeSet<(DrainBar, Id<Instance>)>,
}

/// The drains of a scenario.
#[derive(Clone, Debug)]
pub struct Drains {
    courses: Column<Campaign, Course>,
}

impl Drains {
    /// Nothing has happened yet; `None` where there is no drain.
    pub fn new(scenario: &Scenario) -> Option<Self> {
        let is_drain = |aim: &Aim| matches!(aim, Aim::Drain(_));
        let any = scenario.campaigns.iter().any(|spec| is_drain(&spec.aim));
        any.then(|| Self {
            courses: scenario
                .campaigns
                .iter()
                .map(|spec| Course {
                    name: spec.name.clone(),
                    is_drain: is_drain(&spec.aim),
                    ..Course::default()
                })
                .collect(),
        })
    }

    /// Takes note of a fact.
    pub fn see(&mut self, now: Instant, fact: &DrainFact) {
        let course = &mut self.courses[fact.campaign()];
        match *fact {
            DrainFact::Planned { .. } => {
                course.began.get_or_insert(now);
                course.plans += 1;
            }
            DrainFact::Barred { instance, why, .. } => {
                course.barred.insert((why, instance));
            }
            DrainFact::SetsOut { .. } => course.moves += 1,
            DrainFact::Emptied { .. } => {
                course.emptied += 1;
                course.last = Some(now);
            }
            DrainFact::GivenUp { .. } => {
                course.given_up += 1;
                course.last = Some(now);
            }
            DrainFact::Returned { .. } => {}
        }
    }

    /// A campaign has ended; `complete`: with all its servers.
    pub fn ended(&mut self, campaign: Id<Campaign>, complete: bool) {
        self.courses[campaign].has_ended = complete;
    }

    /// Writes the metrics of drains down.
    pub fn write(&self, sheet: &mut Sheet) {
        for of in self.courses.iter().filter(|of| of.is_drain) {
            let name = of.name.as_str();
            let lasted = |(from, to): (Instant, Instant)| seconds(to.since(from));
            let duration = of.began.zip(of.last).filter(|_| of.has_ended).map(lasted);
            sheet.write_labelled("drain.duration", &[name], duration);
            let per_server = (of.emptied > 0).then(|| of.moves as f64 / of.emptied as f64);
            for (metric, value) in [
                ("drain.emptied", Some(of.emptied as f64)),
                ("drain.given_up", Some(of.given_up as f64)),
                ("drain.moves", Some(of.moves as f64)),
                ("drain.moves_per_server", per_server),
                ("drain.plans", Some(of.plans as f64)),
            ] {
                sheet.write_labelled(metric, &[name], value);
            }
            for why in DrainBar::ALL {
                let count = of.barred.iter().filter(|(other, _)| *other == why).count();
                sheet.write_labelled("drain.barred", &[name, why.name()], Some(count as f64));
            }
        }
    }
}

fn seconds(span: Span) -> f64 {
    span.micros() as f64 / 1e6
}
