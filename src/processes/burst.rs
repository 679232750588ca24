//! CPU credits of burstable instances (spec/events.md 7; spec/corrections.md 19).
//!
//! Path: created with its initial credits → Running for the first time: it earns, and its load
//! begins → (its load changes, a bound of its balance is reached, an hour in which it was held is
//! over, it stops being served or is served again) → its credits are accounted for up to now, and
//! flow otherwise. Nothing is polled: each row has one alarm, at the earliest of these. Stops:
//! where it keeps its room it keeps its credits and earns; an economical stop voids them, and a
//! start gives new initial ones and makes it Standard; arrears end its earning, and make it
//! Standard, until they are paid; an expired subscription ends its earning until it is restarted.
//! Moves: the table of burstable instances.
//!
//! **Departs**: whoever leaves Unlimited with an advance that is not paid back is charged for it
//! at once, also where the cloud makes it leave; documented is that of a switch by the user. A
//! released instance is told of no hour any more.

use super::turn::Turn;
use crate::{
    fleet::{
        burstables::{BurstableRow, Earning},
        chance::Chance,
        credits::{self, Balance, Conduct, CreditMode, CreditRules, Pace},
        ids::{Burstable, Instance},
        loads::{LoadLaw, LoadNow},
    },
    kernel::{column::Id, time::Instant},
    messages::{
        credits::{Bound, CreditFact, Operator},
        fact::Fact,
        occurrence::Occurrence,
    },
};

/// An hour (µs).
const HOUR: i64 = 3_600_000_000;

/// `instance` is created: if it is burstable, it has its initial credits.
#[inline]
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let layout = turn.layout();
    let template = &layout.templates[turn.fleet.instances[instance].template];
    let Some(born) = template.credits else { return };
    let of = template.instance_type;
    let rules = layout.types[of].credits.expect("only burstable types are born with credits");
    turn.fleet.burstables.begin(turn.now, instance, born, &rules);
    turn.state(Fact::Credits(CreditFact::Began { instance, of, mode: born.mode }));
}

/// `instance` is served from now on, or no longer.
#[inline]
pub fn sees(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if let Some(burstable) = turn.fleet.burstables.of(instance) {
        looks(turn, burstable);
    }
}

/// The alarm of `burstable` rings.
pub fn rings(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    turn.fleet.burstables.row_mut(burstable).alarm = None;
    looks(turn, burstable);
}

/// Its user wants `instance` in this mode.
pub fn set_mode(turn: &mut Turn<'_>, instance: Id<Instance>, mode: CreditMode) {
    changes(turn, instance, |turn, burstable| {
        switches(turn, burstable, mode, Operator::User);
    });
}

/// `instance` has been stopped economically: its credits are void.
pub fn voided(turn: &mut Turn<'_>, instance: Id<Instance>) {
    changes(turn, instance, |turn, burstable| {
        charges(turn, burstable);
        let row = turn.fleet.burstables.row_mut(burstable);
        let Balance { initial, level } = std::mem::take(&mut row.balance);
        let amount = initial + level.unsigned_abs(); // An advance has just been charged.
        row.account.voided += u128::from(amount);
        row.earning = Earning::Voided;
        turn.state(Fact::Credits(CreditFact::Voided { instance, amount }));
    });
}

/// `instance` is started. After an economical stop it begins anew: with initial credits, and
/// Standard.
pub fn started(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let begins_anew = |row: &BurstableRow| row.earning == Earning::Voided;
    let of = turn.fleet.burstables.of(instance);
    if !of.is_some_and(|burstable| begins_anew(&turn.fleet.burstables[burstable])) {
        return;
    }
    changes(turn, instance, |turn, burstable| {
        let amount = rules_of(turn, burstable).initial;
        let row = turn.fleet.burstables.row_mut(burstable);
        row.balance = Balance { initial: amount, level: 0 };
        row.account.granted += u128::from(amount);
        row.earning = Earning::Yes;
        turn.state(Fact::Credits(CreditFact::Granted { instance, amount }));
        switches(turn, burstable, CreditMode::Standard, Operator::System);
    });
}

/// `instance` is locked because it is not paid: because of arrears, or because its subscription
/// `is_expired`.
pub fn unpaid(turn: &mut Turn<'_>, instance: Id<Instance>, is_expired: bool) {
    changes(turn, instance, |turn, burstable| {
        let row = turn.fleet.burstables.row_mut(burstable);
        if row.earning != Earning::Yes {
            return;
        }
        if is_expired {
            row.earning = Earning::Expired;
            return;
        }
        row.earning = Earning::Unpaid;
        row.restores_unlimited = row.mode == CreditMode::Unlimited;
        switches(turn, burstable, CreditMode::Standard, Operator::System);
    });
}

/// What `instance` owed is paid.
pub fn paid(turn: &mut Turn<'_>, instance: Id<Instance>) {
    changes(turn, instance, |turn, burstable| {
        let row = turn.fleet.burstables.row_mut(burstable);
        if row.earning != Earning::Unpaid {
            return;
        }
        row.earning = Earning::Yes;
        if std::mem::take(&mut row.restores_unlimited) {
            switches(turn, burstable, CreditMode::Unlimited, Operator::System);
        }
    });
}

/// `instance` is released.
pub fn end(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(burstable) = turn.fleet.burstables.of(instance) else { return };
    settles(turn, burstable);
    let row = &turn.fleet.burstables[burstable];
    if row.alarm.is_some() {
        turn.agenda.abandon();
    }
    if row.pace != Pace::default() {
        turn.state(Fact::Credits(CreditFact::Flows { instance, pace: Pace::default() }));
    }
    turn.fleet.burstables.end(burstable);
}

/// Where `instance` is burstable, changes something between what was and what will be.
fn changes(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    change: impl FnOnce(&mut Turn<'_>, Id<Burstable>),
) {
    if let Some(burstable) = turn.fleet.burstables.of(instance) {
        settles(turn, burstable);
        change(turn, burstable);
        goes_on(turn, burstable);
    }
}

fn looks(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    settles(turn, burstable);
    goes_on(turn, burstable);
}

fn rules_of(turn: &Turn<'_>, burstable: Id<Burstable>) -> CreditRules {
    let (layout, instance) = (turn.layout(), turn.fleet.burstables[burstable].instance);
    let template = &layout.templates[turn.fleet.instances[instance].template];
    layout.types[template.instance_type].credits.expect("only burstable types have rows")
}

/// What has gone on since `row` was looked at last.
fn conduct_of(turn: &Turn<'_>, row: &BurstableRow, rules: &CreditRules) -> Conduct {
    Conduct {
        demand: if row.served { rules.demand(row.load.level) } else { 0 },
        earning: row.earning == Earning::Yes,
        mode: row.mode,
        taper: turn.scenario.settings.burst.taper,
    }
}

/// Accounts for the credits of `burstable` up to now.
fn settles(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    let (now, epoch) = (turn.now, turn.scenario.epoch);
    let rules = rules_of(turn, burstable);
    let conduct = conduct_of(turn, &turn.fleet.burstables[burstable], &rules);
    let row = turn.fleet.burstables.row_mut(burstable);
    let (before, since, instance) = (row.balance, row.since, row.instance);
    let flow = credits::advance(&rules, &conduct, &mut row.balance, now.since(since));
    row.account.flow.add(&flow);
    row.since = now;
    if flow.held > 0 {
        row.held_in = Some(hour_of(epoch, since)); // The alarm at its end lets no hour pass.
    }
    let (after, tells) = (row.balance, turn.scenario.settings.burst.emit_at_end);
    for bound in reached(&rules, &before, &after).into_iter().flatten() {
        turn.state(Fact::Credits(CreditFact::Reached { instance, bound }));
    }
    let row = turn.fleet.burstables.row_mut(burstable);
    if let Some(hour) = row.held_in.filter(|hour| end_of(epoch, *hour) <= now) {
        row.held_in = None;
        if tells {
            turn.state(Fact::Credits(CreditFact::Restricted { instance, hour }));
        }
    }
    let is_spent = after.level < 0 && after.level.unsigned_abs() >= rules.most;
    if is_spent && turn.scenario.settings.burst.exhaustion_switches_mode {
        switches(turn, burstable, CreditMode::Standard, Operator::System);
    }
    follows_load(turn, burstable);
}

/// The bounds that lie between two balances.
fn reached(rules: &CreditRules, before: &Balance, after: &Balance) -> [Option<Bound>; 5] {
    let most = i64::try_from(rules.most).expect("a type's cap fits");
    let passes = |bound: i64| before.level > bound && after.level <= bound;
    [
        (before.initial > 0 && after.initial == 0).then_some(Bound::InitialUsed),
        (before.level < 0 && after.level >= 0).then_some(Bound::AdvanceRepaid),
        passes(0).then_some(Bound::Empty),
        passes(-most).then_some(Bound::AdvanceUsed),
        (before.level < most && after.level == most).then_some(Bound::Full),
    ]
}

/// The load of `burstable` is what it is now.
fn follows_load(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    let (now, row) = (turn.now, &turn.fleet.burstables[burstable]);
    let load = row.load;
    if load.until > now {
        return;
    }
    let Some(law) = law_of(turn, row) else { return };
    let (streams, entity) = (turn.streams, turn.fleet.instances[row.instance].name.entity());
    let purpose = purpose_of(law);
    let load = law.goes_on(load, now, |number| purpose.of(streams, entity, number));
    turn.fleet.burstables.row_mut(burstable).load = load;
}

fn law_of<'a>(turn: &Turn<'a>, row: &BurstableRow) -> Option<&'a LoadLaw> {
    row.born.load.map(|load| &turn.layout().loads[load].law)
}

const fn purpose_of(law: &LoadLaw) -> Chance {
    match law {
        LoadLaw::Recorded(_) => Chance::BurstRow,
        LoadLaw::Constant(_) | LoadLaw::OnOff { .. } | LoadLaw::Steps { .. } | LoadLaw::Day(_) => {
            Chance::BurstLoad
        }
    }
}

/// The load of an instance that is Running for the first time.
fn first_load(turn: &Turn<'_>, row: &BurstableRow) -> LoadNow {
    let Some(law) = law_of(turn, row) else { return LoadNow::IDLE };
    let (streams, entity) = (turn.streams, turn.fleet.instances[row.instance].name.entity());
    let purpose = purpose_of(law);
    law.begins(turn.now, |number| purpose.of(streams, entity, number))
}

/// From now on the credits of `burstable`, which are accounted for, flow as things are now.
fn goes_on(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    let rules = rules_of(turn, burstable);
    let mut row = turn.fleet.burstables[burstable];
    let instance = row.instance;
    row.served = turn.fleet.instances[instance].served;
    match row.earning {
        Earning::NotYet if row.served => {
            row.earning = Earning::Yes;
            row.load = first_load(turn, &row);
        }
        Earning::Expired if row.served => row.earning = Earning::Yes,
        Earning::NotYet
        | Earning::Expired
        | Earning::Yes
        | Earning::Voided
        | Earning::Unpaid => {}
    }
    let conduct = conduct_of(turn, &row, &rules);
    let pace = Pace::of(&rules, &conduct, &row.balance);
    if pace != row.pace {
        row.pace = pace;
        turn.state(Fact::Credits(CreditFact::Flows { instance, pace }));
    }
    let hour = hour_of(turn.scenario.epoch, turn.now);
    if pace.held && !turn.scenario.settings.burst.emit_at_end && row.told_of != Some(hour) {
        row.told_of = Some(hour);
        turn.state(Fact::Credits(CreditFact::Restricted { instance, hour }));
    }
    *turn.fleet.burstables.row_mut(burstable) = row;
    let until = credits::lasts(&rules, &conduct, &row.balance);
    awaits(turn, burstable, until.map(|span| turn.now.saturating_add(span)));
}

/// Sets the alarm of `burstable`, whose balance reaches a bound at `bound`.
fn awaits(turn: &mut Turn<'_>, burstable: Id<Burstable>, bound: Option<Instant>) {
    let row = &turn.fleet.burstables[burstable];
    let epoch = turn.scenario.epoch;
    let hour = row.held_in.or(row.pace.held.then(|| hour_of(epoch, turn.now)));
    let hour = hour.map(|hour| end_of(epoch, hour));
    let threshold = bound.into_iter().chain(hour).min();
    let change = Some(row.load.until).filter(|_| row.served);
    let next = threshold.into_iter().chain(change).min();
    let next = next.filter(|at| *at < turn.scenario.end);
    if row.alarm == next {
        return;
    }
    if row.alarm.is_some() {
        turn.fleet.burstables.row_mut(burstable).stamp.raise();
        turn.agenda.abandon();
    }
    let row = turn.fleet.burstables.row_mut(burstable);
    row.alarm = next;
    let (stamp, Some(at)) = (row.stamp, next) else { return };
    turn.agenda.at(
        at,
        if next == change {
            Occurrence::LoadChanges { stamp, burstable }
        } else {
            Occurrence::CreditThreshold { stamp, burstable }
        },
    );
}

/// `burstable`, which is accounted for, is in this mode from now on.
fn switches(
    turn: &mut Turn<'_>,
    burstable: Id<Burstable>,
    mode: CreditMode,
    operator: Operator,
) {
    let row = &turn.fleet.burstables[burstable];
    if row.mode == mode {
        return;
    }
    let instance = row.instance;
    charges(turn, burstable);
    turn.fleet.burstables.row_mut(burstable).mode = mode;
    turn.state(Fact::Credits(CreditFact::ModeChanged { instance, mode, operator }));
}

/// The advance of `burstable` that is not paid back is charged at once.
fn charges(turn: &mut Turn<'_>, burstable: Id<Burstable>) {
    let row = turn.fleet.burstables.row_mut(burstable);
    if row.balance.level < 0 {
        let (instance, amount) = (row.instance, row.balance.level.unsigned_abs());
        row.balance.level = 0;
        row.account.charged += u128::from(amount);
        turn.state(Fact::Credits(CreditFact::Charged { instance, amount }));
    }
}

/// The hour (UTC, counted from 1970) of `at`, where the clock's zero is `epoch`.
const fn hour_of(epoch: i64, at: Instant) -> i64 {
    epoch.saturating_add_unsigned(at.micros()).div_euclid(HOUR)
}

/// The end of an hour that ends after the clock's zero.
fn end_of(epoch: i64, hour: i64) -> Instant {
    let after = (hour + 1).saturating_mul(HOUR).saturating_sub(epoch);
    Instant::from_micros(u64::try_from(after).unwrap_or(0))
}
