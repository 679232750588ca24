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
    let all = &turn.layout().utilisations;
    let load = law.goes_on(all, load, now, |number| purpose.of(streams, entity, number));
    turn.fleet.burstables.row_mut(burstable).load = load;
}

fn law_of<'a>(turn: &Turn<'a>, row: &BurstableRow) -> Option<&'a LoadLaw> {
    row.born.load.map(|load| &turn.layout().loads[load].law)
}

const fn purpose_of(law: &LoadLaw) -> Chance {
    match law {
        LoadLaw::Recorded { .. } => Chance::BurstRow,
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
    law.begins(&turn.layout().utilisations, turn.now, |number| purpose.of(streams, entity, number))
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
        Earning::NotYet | Earning::Expired | Earning::Yes | Earning::Voided | Earning::Unpaid => {}
    }
    let conduct = conduct_of(turn, &row, &rules);
    let pace = Pace::of(&rules, &conduct, &row.balance);
    if pace != row.pace {
        let was_held = std::mem::replace(&mut row.pace, pace).held;
        turn.state(Fact::Credits(CreditFact::Flows { instance, pace }));
        if was_held != pace.held {
            turn.state(Fact::Credits(CreditFact::Held { instance, held: pace.held }));
        }
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
fn switches(turn: &mut Turn<'_>, burstable: Id<Burstable>, mode: CreditMode, operator: Operator) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{
            care::{LockReason, StoppedMode},
            credits::CREDIT,
        },
        messages::{command::Command, refusal::Refusal},
        processes::stage::Stage,
    };

    const I: Id<Instance> = Id::new(0);

    /// One instance of a type as t6-c2m1.large, with a load and more settings.
    fn stage(mode: &str, load: &str, settings: &str) -> Stage {
        let text = format!(
            "[settings.burst]\n{settings}\n[loads.it]\n{load}\n\
             [instance_types.small]\nvcpus = 2\nmemory = \"1GiB\"\nburst = {{ baseline = \"10%\" }}\n\
             credit_specification = \"{mode}\"\nload = \"it\"\n\
             [[workload.instances]]\ntype = \"small\"\ncount = 1\n\
             [[workload.instances]]\ntype = \"cloud\"\ncount = 1\n"
        );
        Stage::new(&text, |_| {})
    }

    const FULL: &str = "constant = \"100%\"";

    const IDLE: &str = "constant = \"0%\"";

    /// What was told of credits but how they flow, and when (s).
    fn told(stage: &Stage) -> Vec<(u64, CreditFact)> {
        let of = |(at, fact): &(Instant, Fact)| {
            let Fact::Credits(fact) = *fact else { return None };
            let is_told = !matches!(fact, CreditFact::Flows { .. } | CreditFact::Began { .. });
            is_told.then_some((at.micros() / 1_000_000, fact))
        };
        stage.told.iter().filter_map(of).collect()
    }

    fn hours_told(stage: &Stage) -> Vec<u64> {
        let is_hour = |fact: &CreditFact| matches!(fact, CreditFact::Restricted { .. });
        told(stage).into_iter().filter(|(_, fact)| is_hour(fact)).map(|(at, _)| at).collect()
    }

    /// When the mode changed, to what, by whom.
    fn modes(stage: &Stage) -> Vec<(u64, CreditMode, Operator)> {
        let of = |(at, fact): (u64, CreditFact)| {
            let CreditFact::ModeChanged { mode, operator, .. } = fact else { return None };
            Some((at, mode, operator))
        };
        told(stage).into_iter().filter_map(of).collect()
    }

    /// What is left now: initial credits, and what has accrued.
    fn left(stage: &mut Stage) -> (f64, f64) {
        stage.does(|turn| {
            let burstable = turn.fleet.burstables.of(I).expect("it is burstable");
            settles(turn, burstable);
            goes_on(turn, burstable);
            let Balance { initial, level } = turn.fleet.burstables[burstable].balance;
            (initial as f64 / CREDIT as f64, level as f64 / CREDIT as f64)
        })
    }

    #[test]
    fn a_run_goes_through_the_published_example() {
        // t6-c2m1.large, spec/events.md 7.4: A to J; C and D for three hours each.
        let phases: [(u64, &str, (f64, f64)); 10] = [
            (24, "0%", (60.0, 288.0)),
            (5, "10%", (0.0, 288.0)),
            (3, "5%", (0.0, 288.0)),
            (3, "10%", (0.0, 288.0)),
            (2, "100%", (0.0, 72.0)),
            (4, "0%", (0.0, 120.0)),
            (8, "5%", (0.0, 168.0)),
            (2, "80%", (0.0, 0.0)),
            (5, "10%", (0.0, 0.0)),
            (3, "0%", (0.0, 36.0)),
        ];
        let (mut hour, mut steps) = (0, Vec::new());
        for (hours, load, _) in &phases {
            steps.push(format!("[\"{hour}h\", \"{load}\"]"));
            hour += hours;
        }
        let mut stage = stage("Standard", &format!("steps = [{}]", steps.join(", ")), "");
        hour = 0;
        for (hours, load, expected) in phases {
            hour += hours;
            stage.until(hour * 3_600);
            assert_eq!(left(&mut stage), expected, "after {load}");
        }
        let bounds: Vec<(u64, Bound)> = told(&stage)
            .into_iter()
            .filter_map(|(at, fact)| match fact {
                CreditFact::Reached { bound, .. } => Some((at / 3_600, bound)),
                _ => None,
            })
            .collect();
        let expected = [(24, Bound::Full), (29, Bound::InitialUsed), (51, Bound::Empty)];
        assert_eq!(bounds, expected);
        assert!(hours_told(&stage).is_empty(), "at its baseline it is not held");
    }

    #[test]
    fn each_hour_in_which_it_was_held_is_told_once_at_its_end() {
        // 60 initial credits at 2 a minute, then 6 accrued at 1.8: it is held from 33:20 on.
        let load = "steps = [[\"0s\", \"100%\"], [\"2h\", \"0%\"], [\"150min\", \"100%\"], [\"155min\", \"0%\"]]";
        let mut held = stage("Standard", load, "");
        held.until(6 * 3_600);
        let holds: Vec<(u64, bool)> = told(&held)
            .into_iter()
            .filter_map(|(at, fact)| match fact {
                CreditFact::Held { held, .. } => Some((at, held)),
                _ => None,
            })
            .collect();
        // Half an hour at rest is worth 6 credits: 3:20 at full speed, then it is held again.
        assert_eq!(holds, [(2_000, true), (7_200, false), (9_200, true), (9_300, false)]);
        assert_eq!(hours_told(&held), [3_600, 7_200, 10_800]);
        let mut early = stage("Standard", load, "emit_at_end = false");
        early.until(6 * 3_600);
        assert_eq!(hours_told(&early), [2_000, 3_600, 9_200]);
        let mut unlimited = stage("Unlimited", load, "");
        unlimited.until(6 * 3_600);
        assert!(hours_told(&unlimited).is_empty());
    }

    #[test]
    fn a_stop_keeps_credits_unless_it_is_economical() {
        let stop = |mode| Command::StopInstance {
            instance: I,
            mode: Some(mode),
            force: false,
            confirm: false,
            dry_run: false,
        };
        let start = Command::StartInstance { instance: I, init_local_disk: false, dry_run: false };
        let mut stage = stage("Unlimited", IDLE, "");
        stage.until(3_600);
        stage.gives(stop(StoppedMode::KeepCharging)).unwrap();
        stage.until(2 * 3_600);
        assert_eq!(left(&mut stage), (60.0, 24.0), "it earns while it is stopped");
        stage.gives(start).unwrap();
        stage.until(3 * 3_600);
        assert!(modes(&stage).is_empty());
        stage.gives(stop(StoppedMode::StopCharging)).unwrap();
        stage.until(4 * 3_600);
        assert_eq!(left(&mut stage), (0.0, 0.0), "what it had is void");
        stage.gives(start).unwrap();
        stage.until(5 * 3_600);
        assert_eq!(left(&mut stage), (60.0, 12.0));
        assert_eq!(modes(&stage), [(4 * 3_600, CreditMode::Standard, Operator::System)]);
    }

    #[test]
    fn a_user_switches_the_mode_of_what_is_running() {
        let set = |instance, mode| Command::ModifyInstanceAttribute { instance, mode };
        let (standard, unlimited) = (CreditMode::Standard, CreditMode::Unlimited);
        let mut stage = stage("Unlimited", FULL, "");
        stage.until(3_600);
        assert_eq!(stage.gives(set(Id::new(1), standard)), Err(Refusal::InvalidParameter));
        stage.locks(I, LockReason::Financial, true);
        assert_eq!(stage.gives(set(I, standard)), Err(Refusal::ExpiredOrInArrears));
        stage.locks(I, LockReason::Financial, false);
        assert_eq!(stage.gives(set(I, unlimited)), Ok(()), "it is so already");
        // 120 credits are used, 60 were given and 12 earned.
        assert_eq!(left(&mut stage), (0.0, -48.0));
        assert_eq!(stage.gives(set(I, standard)), Ok(()));
        assert_eq!(left(&mut stage), (0.0, 0.0));
        stage.until(2 * 3_600);
        assert_eq!(stage.gives(set(I, unlimited)), Ok(()));
        let charged = CreditFact::Charged { instance: I, amount: 48 * CREDIT };
        assert!(told(&stage).contains(&(3_600, charged)), "{:?}", told(&stage));
        let user = Operator::User;
        assert_eq!(modes(&stage), [(3_600, standard, user), (7_200, unlimited, user)]);
        let reboot = Command::RebootInstance { instance: I, force: false, dry_run: false };
        stage.gives(reboot).unwrap();
        assert_eq!(stage.gives(set(I, standard)), Err(Refusal::IncorrectInstanceStatus));
    }

    #[test]
    fn arrears_end_earning_and_unlimited_until_they_are_paid() {
        let billing = "[settings.billing]\nenabled = true\narrears = [\"1h\"]\n\
                       arrears_stop_after = \"1h\"\narrears_notice = \"1h\"\narrears_paid_after = \"4h\"\n";
        let mut stage = stage("Unlimited", IDLE, billing);
        stage.until(2 * 3_600);
        assert_eq!(left(&mut stage), (60.0, 24.0));
        stage.until(5 * 3_600);
        assert_eq!(left(&mut stage), (60.0, 24.0), "nothing is earned meanwhile");
        stage.until(6 * 3_600);
        assert_eq!(left(&mut stage), (60.0, 36.0));
        let system = Operator::System;
        let both = [(7_200, CreditMode::Standard, system), (18_000, CreditMode::Unlimited, system)];
        assert_eq!(modes(&stage), both);
    }

    #[test]
    fn an_expired_subscription_earns_again_when_it_is_restarted() {
        let text = "[settings.billing]\nenabled = true\nterm = \"5h\"\nstop_within = \"0s\"\n\
                    expiration_notice = \"1h\"\n\
                    [instance_types.small]\nvcpus = 2\nmemory = \"1GiB\"\ncharge = \"subscription\"\n\
                    burst = { baseline = \"10%\" }\ncredit_specification = \"Unlimited\"\n\
                    [[workload.instances]]\ntype = \"small\"\ncount = 1\n";
        let mut stage = Stage::new(text, |_| {});
        // Announced after 4 h, stopped after 5 h, renewed a day after the notice, started an hour later.
        for hours in [6, 27] {
            stage.until(hours * 3_600);
            assert_eq!(left(&mut stage), (60.0, 60.0));
        }
        stage.until(28 * 3_600 + 1_800);
        assert!((left(&mut stage).1 - 60.0).abs() < 1e-9, "it is paid, and not started yet");
        stage.until(31 * 3_600);
        assert!((70.0..84.0).contains(&left(&mut stage).1), "{:?}", left(&mut stage));
        assert!(modes(&stage).is_empty(), "its mode stays");
    }

    #[test]
    fn what_is_overdrawn_may_end_unlimited() {
        let day = 24 * 3_600;
        // 348 credits of 108 net an hour, and 288 in advance: all is used up within 6 h.
        let mut overdraws = stage("Unlimited", FULL, "");
        overdraws.until(day);
        assert_eq!(left(&mut overdraws), (0.0, -288.0));
        assert!(modes(&overdraws).is_empty());
        let mut switched = stage("Unlimited", FULL, "exhaustion_switches_mode = true");
        switched.until(day);
        let modes = modes(&switched);
        assert_eq!(modes.len(), 1);
        assert_eq!((modes[0].1, modes[0].2), (CreditMode::Standard, Operator::System));
        assert_eq!(left(&mut switched), (0.0, 0.0));
    }

    #[test]
    fn a_released_instance_leaves_nothing_behind() {
        let mut stage = stage("Standard", FULL, "");
        stage.until(3_000);
        stage.gives(Command::DeleteInstance { instance: I, force: true }).unwrap();
        assert_eq!(stage.fleet.burstables.of(I), None);
        stage.until(3 * 3_600);
        assert!(hours_told(&stage).is_empty(), "nobody is left to be told");
    }
}
