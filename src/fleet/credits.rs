//! CPU credits of a burstable instance, exactly piecewise linear (spec/events.md 7.1).
//!
//! Everything is a whole number. A rate of 1 is 1/30,000 vCPU, so that utilisation in steps of
//! 0.01 % and earnings in steps of 0.002 credits an hour are both exact; an amount of 1 is that rate
//! for a microsecond. A credit, one vCPU for one minute, is 1.8e12 of them. Nothing is ever rounded
//! but the instant at which a bound is reached, up to the next microsecond; in the last microsecond
//! before it only what is there is given. So what was granted, earned, overdrawn and charged is at
//! any time what is left, delivered, discarded and voided, to the last unit.
//!
//! Order of use: initial credits → what has accrued → (Unlimited) advance → overdrawn. Earnings
//! accrue, or pay the advance back; past the cap they are discarded.
//!
//! **Departs**: the taper (a setting, off) lets the speed fall with the balance in 15 steps, one for
//! each minute of full use, each at the speed of its middle: a speed that followed the balance
//! itself would make the balance an exponential that never comes to an end.

use crate::{
    fleet::ids::Load,
    kernel::{
        column::Id,
        time::{MICROS_PER_SECOND, Span},
    },
};

/// The rate of one vCPU in full use.
pub const VCPU: u64 = 30_000;

/// One credit: one vCPU in full use for one minute.
pub const CREDIT: u64 = 60 * MICROS_PER_SECOND * VCPU;

/// Utilisation of 100 %, in steps of 0.01 %.
pub const WHOLE: u32 = 10_000;

/// Steps of the taper, one for each minute of full use.
const STEPS: u64 = 15;

/// How a burstable instance is held, if at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CreditMode {
    /// Held to what its credits allow.
    Standard,
    /// Not held.
    Unlimited,
}

impl CreditMode {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Standard, Self::Unlimited];

    /// The word that the cloud uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Unlimited => "Unlimited",
        }
    }
}

/// What an instance of a burstable type is born with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BornWith {
    /// Its mode (`CreditSpecification`).
    pub mode: CreditMode,
    /// What it is asked to do; `None`: nothing.
    pub load: Option<Id<Load>>,
}

/// The rules of a burstable type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CreditRules {
    /// All its vCPUs in full use (rate).
    pub full: u64,
    /// Its baseline, which is also what it earns (rate).
    pub earns: u64,
    /// The most that accrues, and the most that is advanced (amount).
    pub most: u64,
    /// Initial credits (amount).
    pub initial: u64,
}

impl CreditRules {
    /// What `utilisation` (in steps of 0.01 % of all vCPUs) takes (rate).
    pub const fn demand(&self, utilisation: u32) -> u64 {
        // A vCPU's rate is three times the steps of utilisation: the division is exact.
        self.full / VCPU * utilisation as u64 * (VCPU / WHOLE as u64)
    }
}

/// What an instance has left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// Initial credits (amount).
    pub initial: u64,
    /// What has accrued; below zero: what is advanced (amount).
    pub level: i64,
}

/// What goes on for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conduct {
    /// What it is asked to do (rate); nothing while it is not served.
    pub demand: u64,
    /// Whether it earns.
    pub earning: bool,
    /// How it is held.
    pub mode: CreditMode,
    /// Whether its speed tapers off while little is left.
    pub taper: bool,
}

/// How credits flow until something changes (rates).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pace {
    /// What is asked for.
    pub demand: u64,
    /// What of it is done.
    pub delivered: u64,
    /// What is earned.
    pub earned: u64,
    /// What of the earnings is discarded.
    pub discarded: u64,
    /// What is overdrawn.
    pub overdrawn: u64,
    /// Whether it is held to its baseline: nothing is left, and it asks for more than it earns.
    pub held: bool,
}

/// Amounts that have flowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flow {
    /// What was asked for.
    pub demanded: u128,
    /// What of it was done.
    pub delivered: u128,
    /// What was earned.
    pub earned: u128,
    /// What of the earnings was discarded.
    pub discarded: u128,
    /// What was overdrawn.
    pub overdrawn: u128,
    /// How long less was done than was asked for (µs).
    pub throttled: u64,
    /// How long it was held to its baseline (µs).
    pub held: u64,
}

impl Flow {
    /// Adds what flowed later.
    pub const fn add(&mut self, later: &Self) {
        self.demanded += later.demanded;
        self.delivered += later.delivered;
        self.earned += later.earned;
        self.discarded += later.discarded;
        self.overdrawn += later.overdrawn;
        self.throttled += later.throttled;
        self.held += later.held;
    }
}

impl Pace {
    /// Whether less is done than is asked for.
    pub const fn is_throttled(&self) -> bool {
        self.delivered < self.demand
    }

    /// How credits flow from `balance` on.
    pub fn of(rules: &CreditRules, conduct: &Conduct, balance: &Balance) -> Self {
        let earned = if conduct.earning { rules.earns } else { 0 };
        let is_empty = balance.initial == 0 && balance.level <= 0;
        let demand = conduct.demand;
        let (delivered, held) = match conduct.mode {
            CreditMode::Unlimited => (demand, false),
            CreditMode::Standard if is_empty => (demand.min(earned), demand > earned),
            CreditMode::Standard if conduct.taper => (demand.min(tapered(rules, balance)), false),
            CreditMode::Standard => (demand, false),
        };
        let used = if balance.initial > 0 { 0 } else { delivered };
        let is_full = balance.level >= 0 && balance.level.unsigned_abs() >= rules.most;
        let is_spent = balance.level < 0 && balance.level.unsigned_abs() >= rules.most;
        let discarded = if is_full { earned.saturating_sub(used) } else { 0 };
        let overdrawn = if is_spent { used.saturating_sub(earned) } else { 0 };
        Self { demand, delivered, earned, discarded, overdrawn, held }
    }
}

/// The speed that the taper leaves (rate).
fn tapered(rules: &CreditRules, balance: &Balance) -> u64 {
    let step = step_of(rules, balance);
    if step >= STEPS {
        return rules.full;
    }
    let more = rules.full.saturating_sub(rules.earns);
    rules.earns + more * (2 * step + 1) / (2 * STEPS)
}

/// What one minute of full use takes (amount).
const fn step_size(rules: &CreditRules) -> u64 {
    rules.full * 60 * MICROS_PER_SECOND
}

/// In which step of the taper `balance` is: a bound belongs to the step below it.
const fn step_of(rules: &CreditRules, balance: &Balance) -> u64 {
    whole(balance).saturating_sub(1) / step_size(rules)
}

/// All that may be used before an advance (amount).
const fn whole(balance: &Balance) -> u64 {
    let accrued = if balance.level > 0 { balance.level.unsigned_abs() } else { 0 };
    balance.initial + accrued
}

/// How long `conduct` may go on from `balance` until credits flow otherwise, or something that is
/// worth telling is reached; `None`: for ever.
pub fn lasts(rules: &CreditRules, conduct: &Conduct, balance: &Balance) -> Option<Span> {
    let pace = Pace::of(rules, conduct, balance);
    let mut bounds = Bounds(None);
    if balance.initial > 0 {
        bounds.reach(u128::from(balance.initial), pace.delivered);
    }
    let used = if balance.initial > 0 { 0 } else { pace.delivered };
    let rise = pace.earned.saturating_sub(used).saturating_sub(pace.discarded);
    let fall = used.saturating_sub(pace.earned).saturating_sub(pace.overdrawn);
    let (level, most) = (i128::from(balance.level), i128::from(rules.most));
    if level < 0 {
        bounds.reach(level.unsigned_abs(), rise); // The advance is paid back.
        bounds.reach((level + most).unsigned_abs(), fall);
    } else {
        bounds.reach((most - level).unsigned_abs(), rise);
        let left = if level > 0 { level } else { most };
        bounds.reach(left.unsigned_abs(), fall);
    }
    if conduct.taper && conduct.mode == CreditMode::Standard {
        let (size, step) = (u128::from(step_size(rules)), u128::from(step_of(rules, balance)));
        let whole = u128::from(whole(balance));
        let gone = if balance.initial > 0 { pace.delivered } else { 0 };
        if whole > 0 && step < u128::from(STEPS) {
            bounds.reach((step + 1) * size + 1 - whole, rise.saturating_sub(gone));
        }
        if step > 0 {
            let top = step.min(u128::from(STEPS)) * size;
            bounds.reach(whole - top, (fall + gone).saturating_sub(rise));
        }
    }
    bounds.0.map(Span::from_micros)
}

/// The earliest of some bounds (µs from now).
struct Bounds(Option<u64>);

impl Bounds {
    /// A bound that lies so far off and is approached at this rate: reached in the first whole
    /// microsecond in which nothing is left.
    fn reach(&mut self, distance: u128, rate: u64) {
        if distance == 0 || rate == 0 {
            return;
        }
        let after = distance.div_ceil(u128::from(rate));
        let after = u64::try_from(after).unwrap_or(u64::MAX);
        self.0 = Some(self.0.map_or(after, |earlier| earlier.min(after)));
    }
}

/// `conduct` goes on for `span`: moves `balance`, and says what has flowed. Its loop ends: each
/// round reaches a bound, of which there are two for each step of the taper and a few more, or the
/// end.
pub fn advance(rules: &CreditRules, conduct: &Conduct, balance: &mut Balance, span: Span) -> Flow {
    let (mut all, mut left) = (Flow::default(), span.micros());
    while left > 0 {
        let pace = Pace::of(rules, conduct, balance);
        let step = lasts(rules, conduct, balance).map_or(left, |until| until.micros().min(left));
        all.add(&goes_on(rules, conduct, (balance, &pace), step));
        left -= step;
    }
    all
}

/// `pace` goes on for `span` (µs), in whose last microsecond a bound may be reached.
fn goes_on(
    rules: &CreditRules,
    conduct: &Conduct,
    (balance, pace): (&mut Balance, &Pace),
    span: u64,
) -> Flow {
    let amount = |rate: u64| u128::from(rate) * u128::from(span);
    let (mut delivered, earned) = (amount(pace.delivered), amount(pace.earned));
    let (mut discarded, mut overdrawn) = (0, 0);
    let of_initial = delivered.min(u128::from(balance.initial));
    let most = i128::from(rules.most);
    let floor = match conduct.mode {
        CreditMode::Standard => 0,
        CreditMode::Unlimited => -most,
    };
    let signed = |amount: u128| i128::try_from(amount).expect("amounts of a run are far below it");
    let mut level = i128::from(balance.level) + signed(earned) - signed(delivered - of_initial);
    if level > most {
        discarded = (level - most).unsigned_abs();
        level = most;
    }
    if level < floor {
        let short = (floor - level).unsigned_abs();
        match conduct.mode {
            CreditMode::Standard => delivered -= short,
            CreditMode::Unlimited => overdrawn = short,
        }
        level = floor;
    }
    balance.initial -= u64::try_from(of_initial).expect("it is part of what is left");
    balance.level = i64::try_from(level).expect("it is within the type's cap");
    Flow {
        demanded: amount(pace.demand),
        delivered,
        earned,
        discarded,
        overdrawn,
        throttled: if pace.is_throttled() { span } else { 0 },
        held: if pace.held { span } else { 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60 * MICROS_PER_SECOND;
    const HOUR: u64 = 60 * MINUTE;

    /// Rules with so many vCPUs, credits an hour, largest balance and initial credits.
    fn rules(vcpus: u64, per_hour: u64, most: u64, initial: u64) -> CreditRules {
        CreditRules {
            full: vcpus * VCPU,
            earns: per_hour * VCPU / 60,
            most: most * CREDIT,
            initial: initial * CREDIT,
        }
    }

    fn standard(demand: u64) -> Conduct {
        Conduct { demand, earning: true, mode: CreditMode::Standard, taper: false }
    }

    fn unlimited(demand: u64) -> Conduct {
        Conduct { mode: CreditMode::Unlimited, ..standard(demand) }
    }

    /// All that is left, in credits.
    fn credits(balance: &Balance) -> f64 {
        (i128::from(balance.initial) + i128::from(balance.level)) as f64 / CREDIT as f64
    }

    /// What is left is what was there, with what was earned and overdrawn, without what was
    /// delivered and discarded.
    fn is_conserved(before: &Balance, flow: &Flow, after: &Balance) {
        let whole = |of: &Balance| i128::from(of.initial) + i128::from(of.level);
        let sum = |plus: [u128; 2], minus: [u128; 2]| {
            plus.iter().sum::<u128>() as i128 - minus.iter().sum::<u128>() as i128
        };
        let moved = sum([flow.earned, flow.overdrawn], [flow.delivered, flow.discarded]);
        assert_eq!(whole(before) + moved, whole(after));
    }

    /// One case of the oracle: segments of (minutes, demand in tenths of a vCPU).
    fn oracle(rules: &CreditRules, segments: &[(u64, u64)]) -> (Balance, Flow, Vec<(char, f64)>) {
        let mut balance = Balance { initial: rules.initial, level: 0 };
        let (mut all, mut now, mut told) = (Flow::default(), 0, Vec::new());
        for (minutes, tenths) in segments {
            let conduct = standard(tenths * VCPU / 10);
            let end = now + minutes * MINUTE;
            while now < end {
                let pace = Pace::of(rules, &conduct, &balance);
                let until = lasts(rules, &conduct, &balance).map_or(end - now, Span::micros);
                let span = until.min(end - now);
                for (what, is_so) in [('e', pace.held), ('c', pace.discarded > 0)] {
                    if is_so && told.last().is_none_or(|(last, _)| *last != what) {
                        told.push((what, now as f64 / MINUTE as f64));
                    }
                }
                let before = balance;
                let flow = advance(rules, &conduct, &mut balance, Span::from_micros(span));
                is_conserved(&before, &flow, &balance);
                all.add(&flow);
                now += span;
            }
        }
        (balance, all, told)
    }

    #[test]
    fn the_first_oracle_is_met_exactly() {
        let (balance, flow, told) =
            oracle(&rules(2, 24, 576, 100), &[(180, 20), (600, 1), (60, 20)]);
        assert_eq!(balance, Balance { initial: 0, level: 84 * CREDIT as i64 });
        assert_eq!(flow.throttled, 235 * MINUTE / 2);
        assert_eq!(flow.held, flow.throttled);
        assert_eq!((flow.discarded, flow.delivered), (0, 352 * u128::from(CREDIT)));
        assert_eq!(told, [('e', 62.5)]);
    }

    #[test]
    fn the_second_oracle_is_met_exactly() {
        let (balance, flow, told) =
            oracle(&rules(1, 6, 144, 0), &[(60, 10), (1_500, 0), (200, 10)]);
        assert_eq!(balance, Balance::default());
        assert_eq!(flow.throttled, 100 * MINUTE);
        let credits = |credits: u64| u128::from(credits * CREDIT);
        assert_eq!((flow.discarded, flow.delivered), (credits(6), credits(170)));
        assert_eq!(told, [('e', 0.0), ('c', 1_500.0), ('e', 1_720.0)]);
    }

    /// Runs phases of (utilisation in 0.01 %, hours) and compares the balance after each.
    fn phases(rules: &CreditRules, of: fn(u64) -> Conduct, phases: &[(u32, f64, f64)]) -> Flow {
        let mut balance = Balance { initial: rules.initial, level: 0 };
        let mut all = Flow::default();
        for (utilisation, hours, expected) in phases {
            let conduct = of(rules.demand(*utilisation));
            let span = Span::from_micros((hours * HOUR as f64) as u64);
            let before = balance;
            let flow = advance(rules, &conduct, &mut balance, span);
            is_conserved(&before, &flow, &balance);
            all.add(&flow);
            let left = credits(&balance);
            assert!((left - expected).abs() < 1e-9, "{left} for {expected} at {utilisation}");
        }
        all
    }

    #[test]
    fn the_published_example_of_standard_mode() {
        // t6-c2m1.large, spec/events.md 7.4: A to J.
        let flow = phases(
            &rules(2, 12, 288, 60),
            standard,
            &[
                (0, 24.0, 348.0),
                (1_000, 5.0, 288.0),
                (500, 3.0, 288.0),
                (1_000, 3.0, 288.0),
                (10_000, 2.0, 72.0),
                (0, 4.0, 120.0),
                (500, 8.0, 168.0),
                (8_000, 2.0, 0.0),
                (1_000, 5.0, 0.0),
                (0, 3.0, 36.0),
            ],
        );
        assert_eq!(flow.throttled, 0, "168 credits are two hours at 80 %, to the microsecond");
    }

    #[test]
    fn the_published_example_of_standard_mode_to_the_minute() {
        // After 24 idle hours the cap is reached in that very minute, and the initial credits last
        // for five hours at the baseline.
        let rules = rules(2, 12, 288, 60);
        let mut balance = Balance { initial: rules.initial, level: 0 };
        let idle = standard(0);
        assert_eq!(lasts(&rules, &idle, &balance), Some(Span::from_micros(24 * HOUR)));
        advance(&rules, &idle, &mut balance, Span::from_micros(24 * HOUR));
        assert_eq!(lasts(&rules, &idle, &balance), None);
        let baseline = standard(rules.demand(1_000));
        assert_eq!(lasts(&rules, &baseline, &balance), Some(Span::from_micros(5 * HOUR)));
        let last = advance(&rules, &baseline, &mut balance, Span::from_micros(5 * HOUR));
        assert_eq!(last.discarded, 60 * u128::from(CREDIT), "earnings overflow meanwhile");
    }

    #[test]
    fn the_published_example_of_unlimited_mode() {
        // t6-c1m1.large, spec/events.md 7.4.
        let flow = phases(
            &rules(2, 24, 576, 60),
            unlimited,
            &[
                (0, 24.0, 636.0),
                (2_000, 2.5, 576.0),
                (10_000, 6.0, 0.0),
                (10_000, 6.0, -576.0),
                (10_000, 2.0, -576.0),
                (0, 24.0, 0.0),
                (0, 24.0, 576.0),
            ],
        );
        assert_eq!(flow.overdrawn, 192 * u128::from(CREDIT), "96 credits an hour for two hours");
        assert_eq!((flow.throttled, flow.delivered), (0, flow.demanded));
    }

    #[test]
    fn nothing_is_lost_at_odd_rates() {
        // Rates that divide nothing: the bound lies within a microsecond.
        let rules =
            CreditRules { full: 2 * VCPU, earns: 4_999, most: 7 * CREDIT + 13, initial: 17 };
        for mode in CreditMode::ALL {
            for taper in [false, true] {
                let mut balance = Balance { initial: rules.initial, level: 3 };
                for (round, demand) in [7, 59_999, 0, 4_999, 33_331, 1].into_iter().enumerate() {
                    let conduct = Conduct { demand, earning: round != 2, mode: *mode, taper };
                    let before = balance;
                    let span = Span::from_micros(600_000_000 * (round as u64 + 1) + 7);
                    let flow = advance(&rules, &conduct, &mut balance, span);
                    is_conserved(&before, &flow, &balance);
                    assert!(flow.delivered <= flow.demanded);
                }
            }
        }
    }

    #[test]
    fn cutting_a_stretch_changes_little_and_stopping_at_bounds_nothing() {
        let rules = rules(2, 12, 288, 60);
        let conduct = standard(rules.demand(7_777));
        let whole = &mut Balance { initial: rules.initial, level: 0 };
        let one = advance(&rules, &conduct, whole, Span::from_micros(3 * HOUR));
        let cut = &mut Balance { initial: rules.initial, level: 0 };
        let (mut all, mut left) = (Flow::default(), 3 * HOUR);
        while left > 0 {
            let span = lasts(&rules, &conduct, cut).map_or(left, |span| span.micros().min(left));
            all.add(&advance(&rules, &conduct, cut, Span::from_micros(span)));
            left -= span;
        }
        assert_eq!((one, *whole), (all, *cut));
    }

    #[test]
    fn the_taper_goes_down_to_the_baseline_in_steps() {
        let rules = rules(2, 12, 288, 60);
        let conduct = Conduct { taper: true, ..standard(rules.full) };
        let mut balance = Balance { initial: 0, level: 31 * CREDIT as i64 };
        let mut speeds = Vec::new();
        let mut minutes = 0.0;
        loop {
            let pace = Pace::of(&rules, &conduct, &balance);
            speeds.push(pace.delivered);
            if pace.held {
                break;
            }
            let span = lasts(&rules, &conduct, &balance).expect("it runs out");
            minutes += span.micros() as f64 / MINUTE as f64;
            advance(&rules, &conduct, &mut balance, span);
        }
        assert_eq!(speeds.len(), 17, "full speed, 15 steps, the baseline");
        assert!(speeds.is_sorted_by(|a, b| a > b), "{speeds:?}");
        assert_eq!((speeds[0], speeds[16]), (rules.full, rules.earns));
        let middle = |step: u64| rules.earns + (rules.full - rules.earns) * (2 * step + 1) / 30;
        assert_eq!((speeds[1], speeds[15]), (middle(14), middle(0)));
        assert!(minutes > 30.0, "{minutes}: longer than without it");
    }

    #[test]
    fn while_nothing_is_earned_nothing_changes() {
        let rules = rules(1, 6, 144, 30);
        let conduct = Conduct { earning: false, ..standard(0) };
        let mut balance = Balance { initial: 5, level: 7 };
        assert_eq!(lasts(&rules, &conduct, &balance), None);
        let flow = advance(&rules, &conduct, &mut balance, Span::from_micros(HOUR));
        assert_eq!((flow, balance), (Flow::default(), Balance { initial: 5, level: 7 }));
    }
}
