//! The words for facts of drains.

use super::{
    Detail, Story,
    words::{Told, of, text},
};
use crate::messages::drain::DrainFact;

/// A fact of a drain in words.
pub(super) fn told(story: &Story<'_>, fact: &DrainFact) -> Told {
    let layout = &story.scenario.layout;
    let name = &story.scenario.campaigns[fact.campaign()].name;
    let by = ("campaign", text(name));
    match *fact {
        DrainFact::Planned { moves, barred, .. } => {
            let rest = if barred > 0 { format!(", {barred} cannot leave") } else { String::new() };
            let words = format!("drain {name} plans: {moves} have a place to go to{rest}");
            let count = |count: u32| Detail::Number(u64::from(count));
            of("DrainPlanned", words, vec![by, ("moves", count(moves)), ("barred", count(barred))])
        }
        DrainFact::Barred { instance, server, why, .. } => {
            let (who, server) = (story.name(instance), layout.server_name(server));
            let words = format!("drain {name}: {who} cannot leave {server} ({})", why.name());
            of("DrainBarred", words, vec![by, ("server", text(&server)), ("why", text(why.name()))])
        }
        DrainFact::SetsOut { instance, from, to, .. } => {
            let [from, to] = [from, to].map(|server| layout.server_name(server));
            let words = format!("drain {name}: {} sets out for {to}", story.name(instance));
            of("DrainSetsOut", words, vec![by, ("from", text(&from)), ("to", text(&to))])
        }
        DrainFact::Emptied { server, .. } => {
            let words = format!("drain {name}: {} is empty", layout.server_name(server));
            of("DrainEmptied", words, vec![by])
        }
        DrainFact::GivenUp { server, left, .. } => {
            let server = layout.server_name(server);
            let who = if left == 0 { "a rented host stays".into() } else { format!("{left} stay") };
            let words = format!("drain {name}: {server} is given up, {who}");
            of("DrainGivenUp", words, vec![by, ("left", Detail::Number(u64::from(left)))])
        }
        DrainFact::Returned { server, .. } => {
            let server = layout.server_name(server);
            of("DrainReturned", format!("drain {name}: {server} takes instances again"), vec![by])
        }
    }
}
