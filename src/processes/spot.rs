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
        command::Actor,
        fact::Fact,
        occurrence::Occurrence,
        operation::Operation,
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
        room::give_up(turn, instance);
        burst::voided(turn, instance);
        settle::left_server(turn, instance, settle::By::System);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::spot::{Price, Stock},
        lifecycle::instance::InstanceState::{Released, Running, Starting, Stopped, Stopping},
        lifecycle::system_event::{EventStatus, EventType},
        messages::{
            command::Command,
            refusal::{Refusal, Refusal::NoStock},
        },
        processes::stage::Stage,
    };

    const I: Id<Instance> = Id::new(0);
    const J: Id<Instance> = Id::new(1);
    const K: Id<Instance> = Id::new(2);

    const START: Command =
        Command::StartInstance { instance: I, init_local_disk: false, dry_run: false };

    const fn stop(mode: StoppedMode) -> Command {
        Command::StopInstance {
            instance: I,
            mode: Some(mode),
            force: false,
            confirm: false,
            dry_run: false,
        }
    }

    /// A market of the type `cloud` with this price and stock, and one instance an entry of terms.
    fn stage(market: &str, entries: &[&str]) -> Stage {
        let mut text = format!(
            "[[spot.markets]]\ntype = \"cloud\"\non_demand = 0.4\n{market}\n\
             [policies.customers.default]\nrestart_after = \"never\"\n"
        );
        for entry in entries {
            text.push_str("[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n");
            text.push_str(entry);
            text.push('\n');
        }
        Stage::new(&text, |_| {})
    }

    /// The price is 0.1 until 700 s, then 0.2, from 1,600 s on 0.1 again.
    fn with_prices(entries: &[&str]) -> Stage {
        let mut stage = stage("price = 0.1", entries);
        let at = |seconds: u64, thousandths: u64| {
            let price = Price::from_millionths(thousandths * 1_000);
            (Instant::from_micros(seconds * 1_000_000), price)
        };
        changes_market(&mut stage, |spec| {
            let points = vec![at(0, 100), at(700, 200), at(1_600, 100)];
            spec.price = crate::fleet::spot::PriceLaw::Series(points);
        });
        stage
    }

    fn changes_market(stage: &mut Stage, change: impl FnOnce(&mut crate::fleet::spot::MarketSpec)) {
        let market = stage.scenario.layout.markets.ids().iter().next().expect("there is one");
        change(&mut stage.scenario.layout.markets[market]);
        stage.fleet.markets.row_mut(market).quote = None;
        stage.does(|turn| markets::changes(turn, market));
    }

    /// Who was interrupted, when (s) and why.
    fn interrupted(stage: &Stage) -> Vec<(u64, Id<Instance>, Why)> {
        let told = |(at, fact): &(Instant, Fact)| {
            let Fact::Spot(SpotFact::Interrupted { instance, why, .. }) = *fact else {
                return None;
            };
            Some((at.micros() / 1_000_000, instance, why))
        };
        stage.told.iter().filter_map(told).collect()
    }

    const LOW: &str =
        "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.15\nSpotDuration = 0";
    const LOW_STOP: &str = "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.15\n\
        SpotDuration = 0\nSpotInterruptionBehavior = \"Stop\"";
    const GOES: &str = "SpotStrategy = \"SpotAsPriceGo\"\nSpotDuration = 0";

    #[test]
    fn who_bids_too_little_is_told_at_the_next_check_and_released_after_the_notice() {
        let mut stage = with_prices(&[LOW, GOES]);
        stage.until(899);
        assert_eq!(interrupted(&stage), []);
        stage.until(900);
        assert_eq!(interrupted(&stage), [(900, I, Why::Price)]);
        assert!(stage.fleet.care[I].locks.has(LockReason::Recycling));
        stage.until(1_199);
        assert_eq!(stage.fleet.instances[I].state, Running, "C24");
        stage.until(3_000);
        assert_eq!(stage.states(I).last(), Some(&(1_200, Released)), "L20");
        assert_eq!(stage.fleet.instances[J].state, Running);
    }

    #[test]
    fn nobody_is_taken_back_within_the_protection_period() {
        let entry = "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.15";
        let mut stage = stage("price = 0.1", &[entry]);
        changes_market(&mut stage, |spec| {
            let price = Price::from_millionths(200_000);
            spec.price = crate::fleet::spot::PriceLaw::Fixed(price);
        });
        stage.until(10_000);
        assert_eq!(interrupted(&stage), [(3_600, I, Why::Price)], "a check ends the protection");
        let checks = stage.fleet.markets[Id::new(0)].check;
        assert_eq!(checks, None, "there is nobody left to look for");
    }

    #[test]
    fn the_lowest_bid_goes_first_and_no_more_than_are_too_many() {
        let bid = |limit: &str| {
            format!(
                "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = {limit}\nSpotDuration = 0"
            )
        };
        let mut stage = stage("price = 0.1", &[&bid("0.3"), &bid("0.2"), GOES]);
        for (left, gone) in [(2, vec![J]), (1, vec![J, I]), (0, vec![J, I, K])] {
            changes_market(&mut stage, |spec| {
                spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(left));
            });
            let now = stage.told.last().expect("something is told").0.micros() / 1_000_000;
            stage.until(now.next_multiple_of(300) + 300);
            let told: Vec<_> = interrupted(&stage).iter().map(|told| told.1).collect();
            assert_eq!(told, gone);
        }
        let why = interrupted(&stage).iter().all(|told| told.2 == Why::Stock);
        assert!(why, "a bid of 0.4 is as high as pay-as-you-go");
    }

    #[test]
    fn equal_bids_go_by_lot() {
        let mut stage = stage("price = 0.1", &[GOES, GOES, GOES, GOES]);
        let of =
            |stage: &Stage, instance| stage.fleet.markets.of(instance).map(|row| row.place.lot);
        let mut by_lot: Vec<_> = [I, J, K, Id::new(3)].map(|one| (of(&stage, one), one)).to_vec();
        by_lot.sort_unstable();
        changes_market(&mut stage, |spec| {
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(0));
        });
        stage.until(600);
        let told: Vec<_> = interrupted(&stage).iter().map(|told| told.1).collect();
        assert_eq!(told, by_lot.iter().map(|(_, one)| *one).collect::<Vec<_>>());
    }

    #[test]
    fn who_stops_gives_its_room_up_and_comes_back_when_the_market_takes_it() {
        let mut stage = with_prices(&[LOW_STOP]);
        stage.until(1_300);
        let states = stage.states(I)[2..].to_vec();
        assert_eq!(states, [(1_200, Stopping), (1_210, Stopped)], "L21");
        assert_eq!(stage.fleet.care[I].stopped_mode, StoppedMode::StopCharging);
        assert!(stage.fleet.instances[I].server.is_none());
        assert!(!stage.fleet.care[I].locks.has(LockReason::Recycling));
        assert_eq!(stage.gives(START), Err(Refusal::SpotPriceTooLow));
        stage.until(1_700);
        stage.gives(START).unwrap();
        assert_eq!(stage.states(I).last(), Some(&(1_700, Starting)));
        stage.until(3_000);
        assert_eq!(stage.fleet.instances[I].state, Running);
        changes_market(&mut stage, |spec| {
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(0));
        });
        stage.until(4_000);
        assert_eq!(stage.fleet.instances[I].state, Stopped, "it is interrupted like before");
        assert_eq!(stage.gives(START), Err(NoStock));
    }

    #[test]
    fn who_kept_its_room_is_sure_of_it_within_the_protection_period_only() {
        let entry = "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.15";
        let mut stage = stage("price = 0.1", &[entry]);
        changes_market(&mut stage, |spec| {
            spec.price = crate::fleet::spot::PriceLaw::Fixed(Price::from_millionths(200_000));
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(0));
        });
        stage.gives(stop(StoppedMode::KeepCharging)).unwrap();
        stage.until(100);
        stage.gives(START).unwrap();
        stage.until(200);
        stage.gives(stop(StoppedMode::KeepCharging)).unwrap();
        stage.until(4_000);
        assert_eq!(interrupted(&stage), [], "it is off");
        assert_eq!(stage.gives(START), Err(Refusal::SpotPriceTooLow));
        changes_market(&mut stage, |spec| {
            spec.price = crate::fleet::spot::PriceLaw::Fixed(Price::from_millionths(100_000));
        });
        assert_eq!(stage.gives(START), Err(NoStock), "its own place is not in stock any more");
        changes_market(&mut stage, |spec| {
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(1));
        });
        assert_eq!(stage.gives(START), Ok(()));
    }

    #[test]
    fn who_gave_its_room_up_needs_stock_in_the_protection_period_too() {
        let entry = "SpotStrategy = \"SpotWithPriceLimit\"\nSpotPriceLimit = 0.15";
        let mut stage = stage("price = 0.1", &[entry]);
        stage.gives(stop(StoppedMode::StopCharging)).unwrap();
        stage.until(100);
        changes_market(&mut stage, |spec| {
            spec.price = crate::fleet::spot::PriceLaw::Fixed(Price::from_millionths(200_000));
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(0));
        });
        assert_eq!(stage.gives(START), Err(NoStock));
        changes_market(&mut stage, |spec| {
            spec.stock = crate::fleet::spot::StockLaw::Fixed(Stock::Of(1));
        });
        assert_eq!(stage.gives(START), Ok(()), "its bid is not asked for");
    }

    #[test]
    fn in_the_notice_it_is_not_redeployed_and_its_owner_may_release_it() {
        let mut stage = with_prices(&[LOW]);
        let kind = EventType::MaintenanceReboot;
        stage.publishes((kind, EventStatus::Scheduled), I, None, Some(86_400));
        stage.until(1_000);
        let redeploy = Command::RedeployInstance { instance: I, force: false };
        assert_eq!(stage.gives(redeploy), Err(Refusal::IncorrectInstanceStatus), "S51");
        stage.gives(Command::DeleteInstance { instance: I, force: true }).unwrap();
        stage.until(2_000);
        assert_eq!(stage.states(I).last(), Some(&(1_000, Released)));
        assert_eq!(stage.statuses(kind).last(), Some(&(1_000, EventStatus::Canceled)));
    }

    #[test]
    fn what_boots_when_the_notice_is_over_goes_when_it_has_booted() {
        let mut stage = with_prices(&[LOW]);
        stage.until(1_180);
        stage.gives(Command::RebootInstance { instance: I, force: false, dry_run: false }).unwrap();
        stage.until(1_300);
        let states = &stage.states(I)[2..];
        let restarted = [(1_180, Stopping), (1_190, Starting), (1_230, Running), (1_230, Released)];
        assert_eq!(states, restarted);
    }

    #[test]
    fn what_restarts_when_it_is_to_be_stopped_is_stopped_later() {
        let mut stage = with_prices(&[LOW_STOP]);
        stage.until(1_180);
        stage.gives(Command::RebootInstance { instance: I, force: false, dry_run: false }).unwrap();
        stage.until(1_600);
        let states = &stage.states(I)[4..];
        assert_eq!(states, [(1_230, Running), (1_500, Stopping), (1_510, Stopped)]);
    }

    #[test]
    fn an_economical_stop_in_the_notice_is_what_was_to_come() {
        let mut stage = with_prices(&[LOW_STOP]);
        stage.until(1_000);
        stage.gives(stop(StoppedMode::StopCharging)).unwrap();
        stage.until(2_000);
        assert_eq!(stage.states(I)[2..], [(1_000, Stopping), (1_010, Stopped)]);
        assert!(!stage.fleet.care[I].locks.has(LockReason::Recycling), "it is over");
        assert_eq!(stage.gives(START), Ok(()));
        stage.until(3_000);
        assert_eq!(stage.fleet.instances[I].state, Running);
    }

    #[test]
    fn the_market_refuses_who_bids_too_little_and_for_whom_there_is_no_stock() {
        let mut stage = stage("price = 0.2\nstock = 1", &[LOW, GOES, GOES]);
        let refused = |(_, fact): &(Instant, Fact)| {
            let Fact::Spot(SpotFact::Refused { instance, .. }) = *fact else { return None };
            Some(instance)
        };
        let all: Vec<_> = stage.told.iter().filter_map(refused).collect();
        assert_eq!(all, [I, K]);
        let template = stage.fleet.instances[I].template;
        let run = Command::RunInstances { template, amount: 1 };
        let actor = Actor::Script(Id::new(0));
        let asked = stage.does(|turn| crate::processes::perform::perform(turn, actor, run));
        assert_eq!(asked, Err(Refusal::SpotPriceLimitTooLow));
    }

    #[test]
    fn a_launch_that_pays_and_waits_gets_the_room_of_one_that_does_not() {
        let text = "[[spot.markets]]\ntype = \"cloud\"\non_demand = 0.4\nprice = 0.1\n\
                    stock = \"room\"\n[workload]\nwhen_full = { wait = \"1h\" }\n\
                    [[workload.instances]]\ntype = \"cloud\"\ncount = 4\n\
                    SpotStrategy = \"SpotAsPriceGo\"\nSpotDuration = 0\n\
                    [[workload.arrivals]]\nname = \"a\"\ngap = \"100s\"\ntype = \"cloud\"\n";
        let mut stage = Stage::new(text, |_| {});
        stage.until(299);
        assert_eq!(interrupted(&stage), [], "nobody looks before the check");
        stage.until(301);
        let told = interrupted(&stage);
        // Those who arrived at 100, 200 and 300 s wait; the last after this check, or before it.
        assert!((2..=3).contains(&told.len()), "{told:?}");
        assert!(told.iter().all(|told| told.2 == Why::Room));
        stage.until(620);
        let runs = |name: u64| {
            let source = crate::fleet::instances::InstanceName::arrived(0, name);
            let mut all = stage.fleet.instances.present();
            all.any(|(_, row)| row.name == source && row.server.is_some())
        };
        assert!(runs(0) && runs(1), "the room is theirs");
    }

    #[test]
    fn an_owner_may_ask_for_another_that_pays_as_it_goes() {
        let mut stage = with_prices(&[LOW]);
        for customer in stage.scenario.layout.customers.ids().iter() {
            stage.scenario.layout.customers[customer].on_interruption = OnInterruption::PayAsYouGo;
        }
        stage.until(1_500);
        let plain = |template| stage.scenario.layout.templates[template].spot.is_none();
        let all: Vec<_> = stage.fleet.instances.present().collect();
        assert_eq!(all.len(), 1);
        assert!(plain(all[0].1.template) && all[0].1.state == Running);
        assert_eq!(all[0].1.name, stage.scenario.standing_in(0));
    }

    #[test]
    fn a_lost_server_does_not_keep_what_is_to_be_released() {
        let mut stage = with_prices(&[LOW]);
        stage.until(1_000);
        let server = stage.fleet.instances[I].server.expect("it is somewhere");
        stage.rack_of(server, false);
        stage.until(1_201);
        assert_eq!(stage.fleet.instances[I].state, Released);
    }
}
