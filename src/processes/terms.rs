//! Terms of subscriptions (spec/events.md 2.16; behind `settings.billing`).
//!
//! Path: an instance is created, or its subscription is renewed → a term → (its end comes near) →
//! announced, which is `billing`'s. Moves: the table of terms.

use super::turn::Turn;
use crate::{
    fleet::{chance::Chance, ids::Instance, terms::Term},
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::occurrence::Occurrence,
};

/// `instance` is new: its first term begins, if it has a subscription.
#[inline]
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.scenario.settings.billing.enabled && !is_paid_as_it_goes(turn, instance) {
        next(turn, instance, 0, turn.now);
    }
}

/// The subscription of `instance`, if it has one, is renewed: its next term begins with the end of
/// the one before, or now if that is over.
pub fn renewed(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if let Some(term) = turn.fleet.terms.of(instance) {
        let from = term.ends.max(turn.now);
        next(turn, instance, term.number + 1, from);
    }
}

/// Whether `instance` is paid as it goes, and not by a subscription.
pub fn is_paid_as_it_goes(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let (layout, row) = (turn.layout(), &turn.fleet.instances[instance]);
    layout.types[layout.templates[row.template].instance_type].pay_as_you_go
}

fn next(turn: &mut Turn<'_>, instance: Id<Instance>, number: u32, from: Instant) {
    let billing = &turn.scenario.settings.billing;
    let row = &turn.fleet.instances[instance];
    let (entity, birth) = (row.name.entity(), row.birth);
    let length = turn.length(&billing.term, Chance::SubscriptionTerm, entity, number);
    // Not at once, even where the law says so: renewals would never end.
    let ends = from.saturating_add(length.max(Span::from_seconds(1)));
    let within = turn.length(&billing.stop_within, Chance::SubscriptionStop, entity, number);
    let stop = first_of_day(turn.scenario.epoch, ends).saturating_add(within).max(ends);
    let announced = Instant::from_micros(
        stop.micros().saturating_sub(billing.expiration_notice.micros()).max(turn.now.micros()),
    );
    let is_pending = announced < turn.scenario.end;
    turn.fleet.terms.set(instance, Term { number, ends, stop, is_pending });
    turn.agenda.at(announced, Occurrence::TermAnnounced { instance, birth });
}

/// 00:00 in UTC+8 of the day of `at`, or the clock's zero if that is later, where the zero is
/// `epoch` (microseconds since 1970-01-01T00:00:00Z).
fn first_of_day(epoch: i64, at: Instant) -> Instant {
    const HOUR: i64 = 3_600_000_000;
    let local = epoch.saturating_add_unsigned(at.micros()).saturating_add(8 * HOUR);
    let since = local.rem_euclid(24 * HOUR).unsigned_abs();
    Instant::from_micros(at.micros().saturating_sub(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc_plus_8() {
        const HOUR: u64 = 3_600_000_000;
        let at = |hours: u64| Instant::from_micros(hours * HOUR);
        // The zero is at midnight in UTC, which is 08:00.
        assert_eq!(first_of_day(0, at(15)), at(0), "a day that began before the zero");
        assert_eq!(first_of_day(0, at(16)), at(16));
        assert_eq!(first_of_day(0, at(39)), at(16));
        assert_eq!(first_of_day(0, at(40)), at(40));
        assert_eq!(first_of_day(-1, at(40)), Instant::from_micros(16 * HOUR + 1));
    }
}
