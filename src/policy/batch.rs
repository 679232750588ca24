//! The size of the next batch of an instance refresh, and how it is split
//! (spec/refresh-and-migration.md 3.2 and 3.4; spec/corrections.md 22).
//!
//! Whole numbers only: fractions of the floor count as a whole, those of the ceiling as the rules
//! say. All amounts are capacity units unless said otherwise.

use crate::{
    fleet::refreshes::Order,
    policy::refresh::{Bounds, RefreshRules, VictimOrder, share},
};

/// What a group's size must stay within.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// `lo`: least that must be healthy.
    pub floor: u32,
    /// `hi`: most that may be counted.
    pub ceiling: u32,
}

impl Bounds {
    /// The limits of a group of `base`; `rounds_up`: whether a fraction of a percentage's ceiling
    /// counts as a whole.
    pub fn limits(self, base: u32, rounds_up: bool) -> Limits {
        let (missing, extra) = match self {
            Self::Percentages { min, max } => {
                let floor = share(base, min, true);
                let ceiling = share(base, max, rounds_up);
                return Limits { floor, ceiling: ceiling.max(base) };
            }
            Self::Allowances { unavailable, surge } => {
                let (missing, extra) = (unavailable.of(base), surge.of(base));
                // Where both come to nothing, one is taken down first.
                if missing == 0 && extra == 0 { (1, 0) } else { (missing, extra) }
            }
            Self::Share { percent, surge } => {
                let units = share(base, percent, false).max(1);
                if surge { (0, units) } else { (units, 0) }
            }
        };
        Limits { floor: base.saturating_sub(missing), ceiling: base.saturating_add(extra) }
    }

    /// Whether these ask for one instance at a time, whatever else (spec/corrections.md 22).
    const fn one_at_a_time(self) -> bool {
        matches!(self, Self::Percentages { min: 100, max: 100 })
    }
}

/// How a group stands when its next batch is planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// `D`: what the bounds are shares of.
    pub base: u32,
    /// MaxSize, where that is a ceiling too.
    pub max_size: Option<u32>,
    /// Whether the request itself says MaxHealthyPercentage.
    pub max_is_asked: bool,
    /// `H`: how many are healthy.
    pub healthy: u32,
    /// `T`: how many count against the ceiling.
    pub counted: u32,
    /// How many of those who are to be replaced serve nothing, so that they may go at once.
    pub free: u32,
    /// Whether anything is under way that will change `H` or `T`.
    pub in_motion: bool,
    /// How many may be begun before the next checkpoint; `None`: any.
    pub room: Option<u32>,
    /// Most replacements (count); `None`: any.
    pub most: Option<u32>,
}

/// Somebody who is to be replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Victim<M> {
    /// Who.
    pub who: M,
    /// How large.
    pub weight: u16,
    /// How large its successor will be.
    pub successor: u16,
    /// Whether it serves nothing, so that it may go at once.
    pub free: bool,
}

/// A batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch<M> {
    /// Who is replaced, in order, and which goes first.
    pub picks: Vec<(M, Order)>,
    /// Whether it goes beyond the bounds, because else nothing would ever move.
    pub forced: bool,
}

/// What may go and what may come right now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Budget {
    /// `u`: healthy ones that may go before their successors come.
    down: u32,
    /// `s`: new ones that may come before their predecessors go.
    up: u32,
    /// Whether the bounds would allow neither.
    forced: bool,
}

/// The next batch out of `victims`, who come in order; `None`: nothing may begin now.
pub fn next<M: Copy>(
    rules: &RefreshRules,
    bounds: Bounds,
    standing: &Standing,
    victims: impl Iterator<Item = Victim<M>>,
) -> Option<Batch<M>> {
    let budget = budget(rules, bounds, standing)?;
    let one = budget.forced || bounds.one_at_a_time();
    let most = standing.most.unwrap_or(u32::MAX).min(if one { 1 } else { u32::MAX });
    let mut taken: Vec<(Victim<M>, Order)> = Vec::new();
    let (mut left, mut room) = (budget, standing.room.unwrap_or(u32::MAX));
    let mut forced = budget.forced;
    for victim in victims {
        if taken.len() as u32 >= most || room == 0 {
            break;
        }
        let weight = u32::from(victim.weight);
        if weight > room && !taken.is_empty() {
            break;
        }
        let Some(order) = left.takes(rules, victim) else {
            // The first is taken even if it is larger than what the bounds leave.
            if taken.is_empty() && !standing.in_motion {
                forced = true;
                taken.push((victim, beyond(rules, bounds, standing, victim)));
            }
            break;
        };
        room = room.saturating_sub(weight);
        taken.push((victim, order));
    }
    if taken.is_empty() {
        return None;
    }
    if !forced {
        terminate_first_ones_lead(&mut taken);
    }
    let picks = taken.into_iter().map(|(victim, order)| (victim.who, order)).collect();
    Some(Batch { picks, forced })
}

/// What the bounds leave; `None` where that is nothing, but something will change.
fn budget(rules: &RefreshRules, bounds: Bounds, standing: &Standing) -> Option<Budget> {
    let mut limits = bounds.limits(standing.base, rules.ceiling_rounds_up);
    if let Some(max) = standing.max_size {
        limits.ceiling = limits.ceiling.min(max);
    }
    let mut down = standing.healthy.saturating_sub(limits.floor);
    let mut up = limits.ceiling.saturating_sub(standing.counted);
    if rules.in_place {
        up = 0;
    } else if rules.surge_only_if_any && limits.ceiling > standing.base {
        down = 0;
    }
    // Those who serve nothing count only where they are picked first.
    let free = if rules.victims == VictimOrder::UnhealthyThenOldest { standing.free } else { 0 };
    if down > 0 || up > 0 || free > 0 {
        return Some(Budget { down, up, forced: false });
    }
    if standing.in_motion {
        return None;
    }
    Some(Budget { down: 0, up: 0, forced: true })
}

/// Which goes first beyond the bounds. Where MaxSize is a ceiling, that holds even then.
fn beyond<M>(
    rules: &RefreshRules,
    bounds: Bounds,
    standing: &Standing,
    victim: Victim<M>,
) -> Order {
    let size = standing.counted.saturating_add(u32::from(victim.successor));
    let is_too_large = standing.max_size.is_some_and(|max| size > max);
    if rules.in_place || is_too_large {
        return Order::TerminateFirst;
    }
    rules.zero_budget.order(bounds, standing.max_is_asked)
}

impl Budget {
    /// Takes up `victim`, if what is left allows that, and says which goes first.
    fn takes<M>(&mut self, rules: &RefreshRules, victim: Victim<M>) -> Option<Order> {
        if victim.free {
            return Some(Order::TerminateFirst);
        }
        if self.forced {
            return None;
        }
        let [weight, successor] = [victim.weight, victim.successor].map(u32::from);
        let orders = match rules.order {
            Order::LaunchFirst => [Order::LaunchFirst, Order::TerminateFirst],
            Order::TerminateFirst => [Order::TerminateFirst, Order::LaunchFirst],
        };
        for order in orders {
            // A swap adds no more than by what the new one is larger. An old one that is the larger
            // one stays until the group is whole without it.
            let [down, up] = match order {
                Order::LaunchFirst => [0, successor.max(weight)],
                Order::TerminateFirst => [weight, successor.saturating_sub(weight)],
            };
            if down <= self.down && up <= self.up {
                self.down -= down;
                self.up -= up;
                return Some(order);
            }
        }
        None
    }
}

/// Among equals, the last of the batch are those whose successors come first. Where sizes differ,
/// everybody keeps the share of the budget that was found.
fn terminate_first_ones_lead<M: Copy>(taken: &mut [(Victim<M>, Order)]) {
    let size = taken[0].0.weight;
    let is_like = |victim: &Victim<M>| victim.weight == size && victim.successor == size;
    if !taken.iter().all(|(victim, _)| is_like(victim)) {
        return;
    }
    let is_swap =
        |(victim, order): &(Victim<M>, Order)| !victim.free && *order == Order::TerminateFirst;
    let mut swaps = taken.iter().filter(|pick| is_swap(pick)).count();
    for (_, order) in taken.iter_mut().filter(|(victim, _)| !victim.free) {
        *order = if swaps > 0 { Order::TerminateFirst } else { Order::LaunchFirst };
        swaps = swaps.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::refresh::{Allowance, ZeroBudget};

    const ESS: Bounds = percent(80, 120);

    const fn percent(min: u32, max: u32) -> Bounds {
        Bounds::Percentages { min, max }
    }

    fn rules() -> RefreshRules {
        crate::policy::refresh::tests::rules()
    }

    /// A healthy group of `base`.
    const fn whole(base: u32) -> Standing {
        Standing {
            base,
            max_size: None,
            max_is_asked: false,
            healthy: base,
            counted: base,
            free: 0,
            in_motion: false,
            room: None,
            most: None,
        }
    }

    /// How the next batch of so many victims of weight one is written: `T2+L2`, `L1!`.
    fn written(rules: &RefreshRules, bounds: Bounds, standing: &Standing, need: u32) -> String {
        let victim = |who| Victim { who, weight: 1, successor: 1, free: who < standing.free };
        let Some(batch) = next(rules, bounds, standing, (0..need).map(victim)) else {
            return "none".into();
        };
        let first = |order| batch.picks.iter().filter(|(_, of)| *of == order).count();
        let (t, l) = (first(Order::TerminateFirst), first(Order::LaunchFirst));
        let split = batch.picks.iter().position(|(_, of)| *of == Order::LaunchFirst);
        assert!(split.is_none_or(|at| at == t), "the terminate-first ones lead");
        let mut parts = Vec::new();
        if t > 0 {
            parts.push(format!("T{t}"));
        }
        if l > 0 {
            parts.push(format!("L{l}"));
        }
        parts.join("+") + if batch.forced { "!" } else { "" }
    }

    #[test]
    fn the_bounds_are_those_of_the_table() {
        let columns = [(80, 120), (90, 110), (100, 100), (50, 100), (100, 200), (0, 100)];
        let table = [
            (1, [(1, 1), (1, 1), (1, 1), (1, 1), (1, 2), (0, 1)]),
            (2, [(2, 2), (2, 2), (2, 2), (1, 2), (2, 4), (0, 2)]),
            (3, [(3, 3), (3, 3), (3, 3), (2, 3), (3, 6), (0, 3)]),
            (4, [(4, 4), (4, 4), (4, 4), (2, 4), (4, 8), (0, 4)]),
            (5, [(4, 6), (5, 5), (5, 5), (3, 5), (5, 10), (0, 5)]),
            (10, [(8, 12), (9, 11), (10, 10), (5, 10), (10, 20), (0, 10)]),
            (20, [(16, 24), (18, 22), (20, 20), (10, 20), (20, 40), (0, 20)]),
        ];
        for (base, row) in table {
            for ((min, max), (floor, ceiling)) in columns.into_iter().zip(row) {
                let limits = percent(min, max).limits(base, false);
                assert_eq!(limits, Limits { floor, ceiling }, "{base}, {min}/{max}");
            }
        }
        assert_eq!(percent(80, 120).limits(3, true).ceiling, 4, "V6");
    }

    #[test]
    fn allowances_round_as_their_platforms_do() {
        let quarter = |up| Allowance::Percent { percent: 25, up };
        let kubernetes = Bounds::Allowances { unavailable: quarter(false), surge: quarter(true) };
        assert_eq!(kubernetes.limits(10, false), Limits { floor: 8, ceiling: 13 });
        assert_eq!(kubernetes.limits(1, false), Limits { floor: 1, ceiling: 2 });
        let none = Allowance::Fixed(0);
        let nothing = Bounds::Allowances { unavailable: none, surge: none };
        assert_eq!(nothing.limits(5, false), Limits { floor: 4, ceiling: 5 }, "one may go");
        let azure = |surge| Bounds::Share { percent: 20, surge };
        assert_eq!(azure(false).limits(3, false), Limits { floor: 2, ceiling: 3 });
        assert_eq!(azure(true).limits(11, false), Limits { floor: 11, ceiling: 13 });
    }

    #[test]
    fn first_batches_are_those_of_the_worked_examples() {
        let rules = rules();
        for (bounds, base, first) in [
            (ESS, 10, "T2+L2"),
            (percent(90, 100), 10, "T1"),
            (percent(100, 100), 10, "L1!"),
            (percent(100, 150), 10, "L5"),
            (percent(100, 200), 10, "L10"),
            (percent(0, 100), 10, "T10"),
            (percent(50, 100), 10, "T5"),
            (ESS, 1, "L1!"),
            (ESS, 2, "L1!"),
            (ESS, 3, "L1!"),
            (percent(50, 100), 3, "T1"),
            (percent(0, 100), 1, "T1"),
            (ESS, 5, "T1+L1"),
            (ESS, 7, "T1+L1"),
            (percent(67, 150), 6, "T1+L3"),
            (percent(99, 101), 1_000, "T10+L10"),
        ] {
            assert_eq!(written(&rules, bounds, &whole(base), base), first, "{base}, {bounds:?}");
        }
        assert_eq!(written(&rules, ESS, &whole(0), 0), "none");
    }

    #[test]
    fn a_checkpoint_and_a_limit_cut_a_batch_short() {
        let rules = rules();
        let checkpoint = Standing { room: Some(2), ..whole(10) };
        assert_eq!(written(&rules, ESS, &checkpoint, 10), "L2", "E17");
        let one = Standing { room: Some(3), ..whole(10) };
        assert_eq!(written(&rules, ESS, &one, 10), "T1+L2", "E17");
        assert_eq!(written(&rules, ESS, &Standing { room: Some(0), ..whole(10) }, 10), "none");
        let limited = Standing { most: Some(3), ..whole(10) };
        assert_eq!(written(&rules, ESS, &limited, 10), "T1+L2");
        let scarce = Standing { max_size: Some(11), ..whole(10) };
        assert_eq!(written(&rules, ESS, &scarce, 10), "T2+L1", "MaxSize may be a ceiling");
        let full = Standing { max_size: Some(10), ..whole(10) };
        assert_eq!(written(&rules, percent(100, 150), &full, 10), "T1!", "it is not exceeded");
        assert_eq!(written(&rules, percent(100, 100), &scarce, 10), "L1!", "11 is allowed");
    }

    #[test]
    fn settings_change_the_split() {
        let mut of = rules();
        of.order = Order::TerminateFirst;
        assert_eq!(written(&of, ESS, &whole(10), 10), "T2+L2", "V3");
        assert_eq!(written(&of, ESS, &whole(10), 2), "T2", "V3, at its end");
        of = rules();
        of.surge_only_if_any = true;
        assert_eq!(written(&of, ESS, &whole(10), 10), "L2", "V2");
        assert_eq!(written(&of, percent(80, 100), &whole(10), 10), "T2");
        of = rules();
        of.zero_budget = ZeroBudget::TerminateFirst;
        assert_eq!(written(&of, percent(100, 100), &whole(10), 10), "T1!", "V5");
        of.zero_budget = ZeroBudget::ByCeiling;
        assert_eq!(written(&of, percent(100, 100), &whole(10), 10), "T1!", "no ceiling is said");
        assert_eq!(written(&of, percent(99, 101), &whole(10), 10), "L1!", "one is said");
        let asked = Standing { max_is_asked: true, ..whole(10) };
        assert_eq!(written(&of, percent(100, 100), &asked, 10), "L1!", "the request says it");
        of = rules();
        of.in_place = true;
        assert_eq!(written(&of, ESS, &whole(10), 10), "T2");
        assert_eq!(written(&of, ESS, &whole(1), 1), "T1!");
    }

    #[test]
    fn unhealthy_ones_go_at_once_and_healthy_ones_only_within_the_bounds() {
        let rules = rules();
        let hurt = Standing { healthy: 6, free: 2, ..whole(10) };
        assert_eq!(written(&rules, ESS, &hurt, 10), "T2+L2", "none of the healthy goes first");
        let full = Standing { counted: 12, ..hurt };
        assert_eq!(written(&rules, ESS, &full, 10), "T2");
        let one_by_one = Standing { healthy: 8, free: 2, ..whole(10) };
        assert_eq!(written(&rules, percent(100, 100), &one_by_one, 10), "T1", "corrections 22");
        let mut others = rules.clone();
        others.victims = VictimOrder::Newest;
        let stuck = Standing { healthy: 8, counted: 12, free: 2, ..whole(10) };
        let all = (0..10).map(|who| Victim { who, weight: 1, successor: 1, free: who > 7 });
        let batch = next(&others, ESS, &stuck, all).unwrap();
        assert!(batch.forced && batch.picks.len() == 1, "they do not count if they come last");
    }

    #[test]
    fn what_is_in_motion_is_waited_for() {
        let rules = rules();
        let full = Standing { healthy: 8, counted: 12, in_motion: true, ..whole(10) };
        assert_eq!(written(&rules, ESS, &full, 6), "none");
        let rest = Standing { in_motion: false, ..full };
        assert_eq!(written(&rules, ESS, &rest, 6), "L1!");
    }

    #[test]
    fn weights_fill_the_budget_and_one_is_always_taken() {
        let rules = rules();
        let pick = |standing: &Standing, weights: &[u16]| {
            let of = |(who, weight): (usize, &u16)| Victim {
                who,
                weight: *weight,
                successor: *weight,
                free: false,
            };
            let victims = weights.iter().enumerate().map(of);
            let batch = next(&rules, ESS, standing, victims)?;
            Some((batch.picks.iter().map(|(who, _)| weights[*who]).sum::<u16>(), batch.forced))
        };
        assert_eq!(pick(&whole(20), &[2, 2, 2, 2, 2]), Some((8, false)));
        assert_eq!(pick(&whole(20), &[3, 3, 3, 3]), Some((6, false)));
        assert_eq!(pick(&whole(20), &[4, 1, 3, 1]), Some((8, false)));
        assert_eq!(pick(&whole(20), &[5, 5]), Some((5, true)), "more than the bounds leave");
        let moving = Standing { in_motion: true, ..whole(20) };
        assert_eq!(pick(&moving, &[5, 5]), None, "they may leave more in a while");
        let grows = |who| Victim { who, weight: 1, successor: 3, free: false };
        let batch = next(&rules, ESS, &whole(20), (0..9).map(grows)).unwrap();
        assert_eq!(batch.picks.len(), 1, "only one launch of 3 fits 4, and no swap that adds 2");
    }
}
