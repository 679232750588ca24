//! The interruption of preemptible instances (spec/events.md 8; 1.2 L20, L21; corrections 14).
//!
//! Path: a check finds that its bid is too low, or the stock too short, and that it is not protected
//! → locked (Recycling) and told, Running as before → (`spot.notice`) → released; or stopped
//! economically → Stopped without its room, its owner's to start again. A crash or an order of its
//! owner may come in between; what is in a transitory state when the notice is over goes in its next
//! stable one. Moves: instances, their locks, markets.

use super::{burst, launch, loss, markets, owner, power, release, room, settle, turn::Turn};
use crate::{
    fleet::{
        care::{LockReason, StopFor, StoppedMode},
        ids::{Instance, Market, RecordedInterruption, Shape},
        instances::Recovering,
        layout::{Resources, TemplateSpec},
        owners::OnInterruption,
        spot::Interruption,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::instance::InstanceState,
    messages::{
        command::{Actor, Operation},
        fact::Fact,
        occurrence::Occurrence,
        spot::{SpotFact, Why},
    },
};
use std::collections::BTreeSet;

/// Awaits the interruptions that the scenario states.
pub fn prime(turn: &mut Turn<'_>) {
    let scenario = turn.scenario;
    for (id, interruption) in scenario.interruptions.entries() {
        turn.agenda.at(interruption.at.max(turn.now), Occurrence::InterruptionHappens(id));
    }
}

/// An interruption that the scenario states happens, whatever its market says, if the instance is
/// there and preemptible, and has not been interrupted already.
pub fn recorded(turn: &mut Turn<'_>, id: Id<RecordedInterruption>) {
    let name = turn.scenario.interruptions[id].instance;
    let Some(instance) = turn.fleet.instances.named(name) else { return };
    let row = turn.fleet.markets.of(instance).copied();
    if let Some(row) = row.filter(|row| row.counts) {
        interrupts(turn, instance, (row.market, Why::Stock));
    }
}

/// `market` is checked: who has to go is told so.
pub fn checked(turn: &mut Turn<'_>, market: Id<Market>) {
    turn.fleet.markets.row_mut(market).check = None;
    markets::look(turn, market);
    let mut list = std::mem::take(turn.scratch);
    list.clear();
    for why in Why::ALL {
        match why {
            Why::Price => outbid(turn, market, &mut list),
            Why::Stock => too_many(turn, market, &mut list),
            Why::Room => in_the_way(turn, market, &mut list),
        }
        for instance in &list {
            interrupts(turn, *instance, (market, *why));
        }
        list.clear();
    }
    loss::done_with(turn, list);
    let next = turn.now.saturating_add(Span::from_micros(1));
    markets::presses(turn, market, next);
}

/// Whether `instance`, which is in its market, may be interrupted now.
fn is_exposed(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = turn.fleet.markets.of(instance);
    let is_free = row.is_some_and(|row| row.protected_until <= turn.now && !row.is_recycled);
    is_free && turn.fleet.instances[instance].state == InstanceState::Running
}

/// Those who bid less than the market price.
fn outbid(turn: &Turn<'_>, market: Id<Market>, list: &mut Vec<Id<Instance>>) {
    let row = &turn.fleet.markets[market];
    let Some(quote) = row.quote else { return };
    let low = row.in_order().take_while(|place| place.bid < quote.price);
    list.extend(low.map(|place| place.instance).filter(|instance| is_exposed(turn, *instance)));
}

/// Those for whom there is no stock: as many as are too many, as far as they are exposed.
fn too_many(turn: &Turn<'_>, market: Id<Market>, list: &mut Vec<Id<Instance>>) {
    let row = &turn.fleet.markets[market];
    let Some(quote) = row.quote else { return };
    let excess = quote.stock.excess(row.taken()) as usize;
    if excess > 0 {
        let exposed = row.in_order().map(|place| place.instance);
        list.extend(exposed.filter(|instance| is_exposed(turn, *instance)).take(excess));
    }
}

/// Those whose room is wanted by launches that pay as they go and wait, until what they hold makes
/// up for it. Whether their room lies together is not asked: what still waits at the next check
/// asks for more.
fn in_the_way(turn: &Turn<'_>, market: Id<Market>, list: &mut Vec<Id<Instance>>) {
    if !markets::lives_on_room(turn, market) {
        return;
    }
    let Some(mut lacks) = markets::room_lacking(turn) else { return };
    let layout = turn.layout();
    let wanted = wanted_shapes(turn);
    for place in turn.fleet.markets[market].in_order() {
        let row = &turn.fleet.instances[place.instance];
        let Some(server) = row.server.filter(|_| is_exposed(turn, place.instance)) else {
            continue;
        };
        let here = &layout.servers[server];
        let helps = wanted.iter().any(|shape| {
            let shape = &layout.shapes[*shape];
            shape.zone.is_none_or(|zone| zone == here.zone)
                && shape.model.is_none_or(|model| model == here.model)
        });
        if helps {
            list.push(place.instance);
            lacks = markets::less(&lacks, layout.demand(row.template));
            if lacks == Resources::default() {
                break;
            }
        }
    }
}

/// The shapes that launches which pay as they go wait for.
fn wanted_shapes(turn: &Turn<'_>) -> BTreeSet<Id<Shape>> {
    let template = |instance: Id<Instance>| -> &TemplateSpec {
        &turn.layout().templates[turn.fleet.instances[instance].template]
    };
    let launches = turn.fleet.waiting.launches();
    let pays = launches.filter(|(instance, _)| template(*instance).spot.is_none());
    pays.map(|(_, shape)| shape).collect()
}

/// `instance` is locked and told; its owner may do something about it.
fn interrupts(turn: &mut Turn<'_>, instance: Id<Instance>, (market, why): (Id<Market>, Why)) {
    let row = &turn.fleet.instances[instance];
    let birth = row.birth;
    let terms = turn.layout().templates[row.template].spot;
    let terms = terms.expect("only who is preemptible is in a market");
    turn.fleet.markets.recycle(instance);
    turn.fleet.care.row_mut(instance).locks.set(LockReason::Recycling, true);
    let notice = turn.scenario.settings.spot.notice;
    let (at, interruption) = (turn.now.saturating_add(notice), terms.interruption);
    turn.state(Fact::Spot(SpotFact::Interrupted { instance, market, why, interruption, at }));
    turn.agenda.at(at, Occurrence::SpotTaken { instance, birth });
    match turn.owner_of(instance).on_interruption {
        OnInterruption::Wait => {}
        OnInterruption::PayAsYouGo => stands_in(turn, instance),
    }
}

/// The owner of `instance`, which will be released, asks for another that pays as it goes, for the
/// rest of its life. What is only stopped it starts again as it starts others.
fn stands_in(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances[instance];
    let template: &TemplateSpec = &turn.layout().templates[row.template];
    let Some(plain) = template.stand_in.filter(|_| !row.in_group && !row.departing) else { return };
    if template.spot.is_some_and(|terms| terms.interruption == Interruption::Stop) {
        return;
    }
    let lives_on = row.departs == Instant::from_micros(u64::MAX) || !row.life_counts;
    let life = if lives_on { Span::NEVER } else { row.departs.since(turn.now) };
    let number = turn.fleet.markets.stand_ins;
    turn.fleet.markets.stand_ins += 1;
    let (actor, operation) = (Actor::Owner, Operation::RunInstances);
    turn.state(Fact::Commanded { actor, operation, instance: None, refusal: None });
    launch::requested(turn, turn.scenario.standing_in(number), plain, life);
}

/// The notice of `instance` is over.
pub fn taken(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(row) = turn.fleet.markets.of(instance).copied() else { return };
    if !row.is_recycled {
        return; // Its owner has stopped it meanwhile, and its room is the market's already.
    }
    let template = turn.fleet.instances[instance].template;
    let terms = turn.layout().templates[template].spot;
    let interruption = terms.map_or(Interruption::Terminate, |terms| terms.interruption);
    let market = row.market;
    let told = Fact::Spot(SpotFact::TakenBack { instance, market, interruption });
    match interruption {
        Interruption::Terminate => {
            turn.state(told);
            releases(turn, instance);
        }
        Interruption::Stop if is_settled(turn, instance) => {
            turn.state(told);
            stops(turn, instance);
        }
        Interruption::Stop => {
            // It boots or stops just now, or its server has failed: the next check finds it.
            let birth = turn.fleet.instances[instance].birth;
            let again = turn.scenario.settings.spot.check_period;
            turn.after(again, Occurrence::SpotTaken { instance, birth });
        }
    }
}

/// The stop of `instance`, which is taken back, is over: it is Stopped, without its room.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    power::has_stopped(turn, instance);
    gives_room_up(turn, instance);
    if !release::if_due(turn, instance) && turn.fleet.instances[instance].owing {
        owner::learns_of_stop(turn, instance);
    }
}

fn releases(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    if row.state.may_be_released() && row.task.is_none() {
        release::by_system(turn, instance);
    } else {
        release::departs_at_once(turn, instance);
    }
}

/// Whether `instance` is in a stable state and nothing moves it.
fn is_settled(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_stable = matches!(row.state, InstanceState::Running | InstanceState::Stopped);
    is_stable && row.task.is_none() && row.recovery == Recovering::No
}

fn stops(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stopped_mode = StoppedMode::StopCharging;
    if turn.fleet.instances[instance].state == InstanceState::Running {
        power::begin_stop(turn, instance, StopFor::Spot, false);
    } else {
        gives_room_up(turn, instance);
    }
}

/// `instance` is Stopped: its room is given up, and it may be started again where there is stock.
fn gives_room_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.markets.recycled(instance);
    turn.fleet.care.row_mut(instance).locks.set(LockReason::Recycling, false);
    if turn.fleet.instances[instance].server.is_some() {
        room::give_back(turn, instance);
        burst::voided(turn, instance);
        settle::left_server(turn, instance, settle::By::System);
    }
}
