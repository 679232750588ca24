//! Facts of preemptible instances in words.

use super::{
    Detail, Story,
    words::{Told, clock, of, text},
};
use crate::{
    fleet::spot::{Interruption, Stock},
    kernel::time::Instant,
    messages::spot::{SpotFact, Why},
    scenario::notifications::Moment,
};

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, _now: Instant, fact: &SpotFact) -> Told {
    let market = |market| story.scenario.layout.markets[market].name.as_str();
    match *fact {
        SpotFact::MarketMoved { market: of_market, price, stock } => {
            let name = market(of_market);
            let stock = match stock {
                Stock::Of(count) => format!("{count} in stock"),
                Stock::Unlimited => "in stock".to_owned(),
            };
            let words = format!("the market of {name} asks {} an hour, {stock}", price.amount());
            let details = vec![
                ("market", text(name)),
                ("price_millionths", Detail::Number(price.millionths())),
                ("stock", text(&stock)),
            ];
            of("MarketMoved", words, details)
        }
        SpotFact::Refused { instance, market: of_market } => {
            let name = market(of_market);
            let words = format!("the market of {name} does not take {}", story.name(instance));
            of("SpotRefused", words, vec![("market", text(name))])
        }
        SpotFact::Interrupted { instance, market: of_market, why, interruption, at } => {
            let because = match why {
                Why::Price => "its bid is too low",
                Why::Stock => "there is too little stock",
                Why::Room => "its room is wanted",
            };
            let epoch = story.scenario.epoch;
            let date = Moment(epoch.saturating_add_unsigned(at.micros())).to_second().to_string();
            let words = format!(
                "{} is going to be {} at {}: {because} (its guest reads termination-time {date})",
                story.name(instance),
                done(interruption),
                clock(at)
            );
            let details = vec![
                ("market", text(market(of_market))),
                ("why", text(why.name())),
                ("action", text(done(interruption))),
                ("at", Detail::Instant(at)),
                ("termination_time", text(&date)),
            ];
            of("SpotInterrupted", words, details)
        }
        SpotFact::TakenBack { instance, market: of_market, interruption } => {
            let words = format!("{} is taken back: {}", story.name(instance), done(interruption));
            let details =
                vec![("market", text(market(of_market))), ("action", text(done(interruption)))];
            of("SpotTakenBack", words, details)
        }
    }
}

const fn done(interruption: Interruption) -> &'static str {
    match interruption {
        Interruption::Terminate => "released",
        Interruption::Stop => "stopped",
    }
}
