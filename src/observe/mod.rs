//! What is measured: reads facts, touches nothing.
//!
//! Reading order: `gauges` (how anything is measured), `catalogue` (what is measured), then one file
//! a family of metrics, `metrics` (all of them together), `outcome`.
//! Deliberately not here: processes. Facts are the whole contract between what happens and what is
//! measured of it.

use crate::{fleet::Fleet, kernel::time::Instant, messages::fact::Fact};

pub mod gauges;

pub mod catalogue;

pub mod select;

pub mod gates;

pub mod sheet;

pub mod service;

pub mod load;

pub mod scaling;

pub mod spot;

pub mod moves;

pub mod copies;

pub mod drains;

mod network;

pub mod losses;

pub mod lives;

pub mod stranded;

pub mod upkeep;

pub mod health;

pub mod credits;

pub mod hosts;

pub mod metrics;

pub mod fingerprint;

pub mod placements;

pub mod cloud_ids;

pub mod notifications;

pub mod names;

pub mod story;

pub mod history;

pub mod course;

pub mod audit;

pub mod series;

pub mod worst;

pub mod outcome;

/// Somebody who is told what becomes true. Facts come after the turn that brought them about, in
/// causal order; `fleet` is the fleet after that turn. Only the setting up of a run is told in pieces,
/// each with the fleet as it is by then.
pub trait Observer {
    /// `fact` became true at `now`.
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet);

    /// A turn is over.
    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        let _ = (now, fleet);
    }
}

/// Nobody listens.
impl Observer for () {
    #[inline]
    fn see(&mut self, _now: Instant, _fact: &Fact, _fleet: &Fleet) {}
}

/// Both listen, the first first.
impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline]
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        self.0.see(now, fact, fleet);
        self.1.see(now, fact, fleet);
    }

    #[inline]
    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        self.0.turn_ended(now, fleet);
        self.1.turn_ended(now, fleet);
    }
}

/// Somebody lent.
impl<O: Observer> Observer for &mut O {
    #[inline]
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        (**self).see(now, fact, fleet);
    }

    #[inline]
    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        (**self).turn_ended(now, fleet);
    }
}
