//! What becomes of the CPU credits of burstable instances, in words.

use super::{
    Detail, Story,
    words::{Told, of, text},
};
use crate::{
    fleet::burstables::in_credits, messages::credits::CreditFact, scenario::notifications::Moment,
};

/// An hour (µs).
const HOUR: i64 = 3_600_000_000;

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, fact: &CreditFact) -> Told {
    let name = story.name(fact.instance());
    match *fact {
        CreditFact::Began { mode, .. } => {
            let words = format!("{name} is burstable, {}", mode.word());
            of("CreditsBegan", words, vec![("mode", text(mode.word()))])
        }
        CreditFact::Flows { .. } => of("CreditsFlow", format!("{name} uses credits"), Vec::new()),
        CreditFact::Held { held, .. } => {
            let how = if held {
                "is held to its baseline: it has no credits left"
            } else {
                "is not held to its baseline any more"
            };
            of("CreditsHeld", format!("{name} {how}"), vec![("held", Detail::Switch(held))])
        }
        CreditFact::Reached { bound, .. } => {
            let words = format!("{name} {}", bound.words());
            of("CreditsReached", words, vec![("bound", text(bound.name()))])
        }
        CreditFact::ModeChanged { mode, operator, .. } => {
            let words = format!("{name} is {} from now on, by {}", mode.word(), operator.word());
            let details = vec![("mode", text(mode.word())), ("operator", text(operator.word()))];
            of("CreditModeChanged", words, details)
        }
        CreditFact::Charged { amount, .. } => {
            amounts("CreditsCharged", format!("{name} is charged for an advance"), amount)
        }
        CreditFact::Voided { amount, .. } => {
            amounts("CreditsVoided", format!("{name} loses its credits"), amount)
        }
        CreditFact::Granted { amount, .. } => {
            amounts("CreditsGranted", format!("{name} is given new initial credits"), amount)
        }
        CreditFact::Restricted { hour, .. } => {
            let from = Moment(hour.saturating_mul(HOUR)).to_minute().to_string();
            let words = format!("{name} was held in the hour from {from}, its owner is told");
            of("CreditsRestricted", words, vec![("from", Detail::Text(from))])
        }
    }
}

/// Something that happens to so many credits.
fn amounts(what: &'static str, words: String, amount: u64) -> Told {
    let credits = format!("{:.3}", in_credits(u128::from(amount)));
    let words = format!("{words}: {credits} credits");
    of(what, words, vec![("credits", Detail::Text(credits))])
}
