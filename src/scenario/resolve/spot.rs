//! On which terms instances are preemptible: what an entry says, over what its type says.

use super::build::{Build, TypeRule};
use crate::{
    fleet::{
        ids::{Market, Zone},
        spot::{Bid, Interruption, Price, SpotTerms},
    },
    kernel::column::Id,
    messages::refusal::Refusal,
    scenario::{
        fault::{Fault, Place},
        view::View,
    },
};

/// `SpotStrategy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// `NoSpot`.
    NoSpot,
    /// `SpotWithPriceLimit`.
    WithPriceLimit,
    /// `SpotAsPriceGo`.
    AsPriceGo,
}

/// What is written of being preemptible; what is not written is `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SpotWritten {
    strategy: Option<Strategy>,
    limit: Option<Price>,
    protected: Option<bool>,
    interruption: Option<Interruption>,
}

/// What is wrong with it, and what the cloud would say.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The key that is to blame.
    pub key: &'static str,
    /// The cloud's refusal; `None` where the scenario itself is to blame.
    pub refusal: Option<Refusal>,
    message: String,
    help: String,
}

fn wrong(key: &'static str, refusal: Refusal, message: &str, help: &str) -> Wrong {
    Wrong { key, refusal: Some(refusal), message: message.to_owned(), help: help.to_owned() }
}

/// The help about prices.
const LIMIT_HELP: &str = "write it with at most three decimals, as in SpotPriceLimit = 0.065";

/// What `view` says.
///
/// # Errors
/// A word or number that the cloud does not take.
pub fn written(view: View<'_>) -> Result<SpotWritten, Wrong> {
    let strategy = match view.at("SpotStrategy").text() {
        None => None,
        Some("NoSpot") => Some(Strategy::NoSpot),
        Some("SpotWithPriceLimit") => Some(Strategy::WithPriceLimit),
        Some("SpotAsPriceGo") => Some(Strategy::AsPriceGo),
        Some(_) => {
            let help = "known: NoSpot, SpotWithPriceLimit, SpotAsPriceGo";
            let message = "`SpotStrategy` is no strategy";
            return Err(wrong("SpotStrategy", Refusal::InvalidSpotStrategy, message, help));
        }
    };
    let limit = match view.at("SpotPriceLimit").number() {
        None => None,
        Some(limit) if is_price(limit) => Some(Price::nearest(limit)),
        Some(_) => {
            let message = "`SpotPriceLimit` is below zero or has more than three decimals";
            let refusal = Refusal::InvalidSpotPriceLimit;
            return Err(wrong("SpotPriceLimit", refusal, message, LIMIT_HELP));
        }
    };
    let protected = match view.at("SpotDuration").whole() {
        None => None,
        Some(0) => Some(false),
        Some(1) => Some(true),
        Some(_) => {
            let message = "`SpotDuration` is neither 0 nor 1";
            let help = "1 hour, or 0 for no protection period";
            return Err(wrong("SpotDuration", Refusal::InvalidSpotDuration, message, help));
        }
    };
    let interruption = match view.at("SpotInterruptionBehavior").text() {
        None => None,
        Some("Terminate") => Some(Interruption::Terminate),
        Some("Stop") => Some(Interruption::Stop),
        Some(_) => {
            let (key, refusal) = ("SpotInterruptionBehavior", Refusal::InvalidSpotInterruption);
            let message = "`SpotInterruptionBehavior` is no behaviour";
            return Err(wrong(key, refusal, message, "known: Terminate, Stop"));
        }
    };
    Ok(SpotWritten { strategy, limit, protected, interruption })
}

/// Whether this is at least zero and has at most three decimals.
fn is_price(amount: f64) -> bool {
    let thousandths = amount * 1e3;
    amount >= 0.0 && (thousandths - libm::round(thousandths)).abs() < 1e-6
}

/// The terms of `of`, which is written over what the type of `rule` says, in `zone`; `None`: they
/// are not preemptible.
///
/// # Errors
/// What the cloud refuses, and a type without a market.
pub fn terms(
    of: SpotWritten,
    rule: &TypeRule,
    zone: Option<Id<Zone>>,
    build: &Build,
) -> Result<Option<SpotTerms>, Wrong> {
    let under = rule.spot;
    let kind = &build.layout.types[rule.id];
    let strategy = of.strategy.or(under.strategy).unwrap_or(Strategy::NoSpot);
    let of_type = under.limit.filter(|_| of.strategy.is_none() || of.strategy == under.strategy);
    let limit = of.limit.or(of_type);
    if strategy == Strategy::NoSpot {
        return Ok(None);
    }
    let bid = match (strategy, limit) {
        (Strategy::WithPriceLimit, Some(limit)) => Bid::UpTo(limit),
        (Strategy::WithPriceLimit, None) => {
            let message = "`SpotPriceLimit` is missing";
            let (key, refusal) = ("SpotStrategy", Refusal::InvalidSpotPriceLimit);
            return Err(wrong(key, refusal, message, LIMIT_HELP));
        }
        (Strategy::AsPriceGo | Strategy::NoSpot, _) => Bid::AsPriceGoes,
    };
    if !kind.pay_as_you_go {
        let message = format!("`{}` is paid in advance: it is not preemptible", kind.name);
        let help = "give the type charge = \"pay-as-you-go\"";
        return Err(wrong("SpotStrategy", Refusal::InvalidSpotPrepaid, &message, help));
    }
    let interruption = of.interruption.or(under.interruption).unwrap_or(Interruption::Terminate);
    if interruption == Interruption::Stop && kind.demand.is_local() {
        let message = format!("`{}` has local disks: it is not stopped", kind.name);
        let refusal = Refusal::SpotStopWithLocalDisk;
        let help = "leave out the behaviour: it is released (Terminate)";
        return Err(wrong("SpotInterruptionBehavior", refusal, &message, help));
    }
    if interruption == Interruption::Stop && kind.is_classic {
        let message = format!("`{}` is on the classic network: it is not stopped", kind.name);
        let refusal = Refusal::SpotStopOnClassic;
        let help = "leave out the behaviour: it is released (Terminate)";
        return Err(wrong("SpotInterruptionBehavior", refusal, &message, help));
    }
    let market = market(rule, zone, build)?;
    let protected = of.protected.or(under.protected).unwrap_or(true);
    Ok(Some(SpotTerms { market, bid, protected, interruption }))
}

/// The market of a type in a zone.
fn market(rule: &TypeRule, zone: Option<Id<Zone>>, build: &Build) -> Result<Id<Market>, Wrong> {
    let of_type = || {
        let all = build.layout.markets.entries();
        all.filter(|(_, market)| market.instance_type == rule.id)
    };
    let whole = of_type().find(|(_, market)| market.zone.is_none());
    let here = of_type().find(|(_, market)| market.zone.is_some() && market.zone == zone);
    if let Some((market, _)) = here.or(whole) {
        return Ok(market);
    }
    let name = &build.layout.types[rule.id].name;
    let (message, help) = match (of_type().next(), zone) {
        (Some(_), None) => (
            format!("`{name}` has markets by zone, and no zone is named"),
            "name the zone that they must be in".to_owned(),
        ),
        (Some(_) | None, _) => (
            format!("there is no market for `{name}`"),
            format!("add [[spot.markets]] with type = \"{name}\", on_demand and price"),
        ),
    };
    Err(Wrong { key: "SpotStrategy", refusal: None, message, help })
}

/// The terms that the entry `view` states; what is wrong is a fault of the scenario.
pub fn of_entry(
    view: View<'_>,
    rule: &TypeRule,
    zone: Option<Id<Zone>>,
    build: &mut Build,
) -> Option<SpotTerms> {
    let terms = written(view).and_then(|of| terms(of, rule, zone, build));
    terms.unwrap_or_else(|wrong| {
        told(view, wrong, build);
        None
    })
}

/// What a command would be refused with because of its spot parameters.
pub fn refusal_of(view: View<'_>, build: &Build) -> Option<Refusal> {
    let rule = build.types.get(view.at("InstanceType").text()?)?;
    if rule.dedicated || view.at("Tenancy").text() == Some("host") {
        return None; // On dedicated hosts spot settings are ignored.
    }
    let of = match written(view) {
        Ok(of) => of,
        Err(wrong) => return wrong.refusal,
    };
    let zone = view.at("ZoneId").text().and_then(|name| build.zones.get(name));
    terms(of, &rule, zone, build).err().and_then(|wrong| wrong.refusal)
}

/// Tells what is wrong with what stands at `place`, each thing once.
pub fn told_at(place: Option<&Place>, wrong: Wrong, build: &mut Build) {
    let Some(place) = place else { return };
    let fault = Fault::at(place, "spot", wrong.message).help(wrong.help);
    if !build.faults.contains(&fault) {
        build.faults.push(fault);
    }
}

/// Tells what is wrong with `view`, at the key that is to blame.
pub fn told(view: View<'_>, wrong: Wrong, build: &mut Build) {
    let key = view.at(wrong.key);
    let at = if key.is_given() { key } else { view };
    build.fault(at, "spot", wrong.message, &wrong.help);
}
