//! The table of burstable instances: what is kept of them beside what all instances have. Other
//! instances have no row, and a fleet without burstable types keeps nothing.

use crate::{
    fleet::{
        credits::{Balance, BornWith, CREDIT, CreditMode, CreditRules, Flow, Pace},
        ids::{Burstable, Instance},
        loads::LoadNow,
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
};
use std::ops::Index;

/// A burstable instance.
#[derive(Clone, Copy, Debug)]
pub struct BurstableRow {
    /// Which.
    pub instance: Id<Instance>,
    /// What it was born with.
    pub born: BornWith,
    /// Its mode.
    pub mode: CreditMode,
    /// Whether it was Unlimited before its account fell into arrears, and will be again.
    pub restores_unlimited: bool,
    /// Whether it is served, from `since` on.
    pub served: bool,
    /// Whether it earns.
    pub earning: Earning,
    /// What it has left, at `since`.
    pub balance: Balance,
    /// Up to when its credits are accounted for.
    pub since: Instant,
    /// What is asked of it.
    pub load: LoadNow,
    /// How its credits flow from `since` on, as was told last.
    pub pace: Pace,
    /// The hour (UTC, counted from 1970) in which it was held to its baseline and of which nobody
    /// has been told yet.
    pub held_in: Option<i64>,
    /// The hour of which somebody has been told last.
    pub told_of: Option<i64>,
    /// Where its alarm is pending, when that rings.
    pub alarm: Option<Instant>,
    /// Raised where an alarm is void.
    pub stamp: Stamp,
    /// All that has flowed.
    pub account: Account,
}

/// Whether a burstable instance earns credits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Earning {
    /// It has not been Running yet.
    NotYet,
    /// It earns.
    Yes,
    /// It is stopped economically: what it had is void.
    Voided,
    /// Its account is in arrears.
    Unpaid,
    /// Its subscription is over: it earns again once it is restarted.
    Expired,
}

/// What has flowed since an instance was created (amounts).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Initial credits that it was given.
    pub granted: u128,
    /// What flowed while time passed.
    pub flow: Flow,
    /// Advances that were charged at once when it left Unlimited.
    pub charged: u128,
    /// What was void when it was stopped economically.
    pub voided: u128,
}

impl BurstableRow {
    /// Whether nothing was lost and nothing made up.
    pub fn is_conserved(&self) -> bool {
        let Account { granted, flow, charged, voided } = &self.account;
        let gone = flow.delivered + flow.discarded + voided;
        let advanced = u128::from(self.balance.level.min(0).unsigned_abs());
        let left =
            u128::from(self.balance.initial) + u128::from(self.balance.level.max(0).unsigned_abs());
        granted + flow.earned + flow.overdrawn + charged + advanced == gone + left
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Burstables {
    rows: Column<Burstable, BurstableRow>,
    free: Vec<Id<Burstable>>,
    /// The row of each instance that has one; as long as the last burstable instance demands.
    places: Column<Instance, Option<Id<Burstable>>>,
}

impl Burstables {
    /// The row of `instance`, if it is burstable.
    #[inline]
    pub fn of(&self, instance: Id<Instance>) -> Option<Id<Burstable>> {
        self.places.get(instance).copied().flatten()
    }

    /// `instance`, which is new, is burstable: it has its initial credits.
    pub fn begin(
        &mut self,
        now: Instant,
        instance: Id<Instance>,
        born: BornWith,
        rules: &CreditRules,
    ) -> Id<Burstable> {
        let fresh = BurstableRow {
            instance,
            born,
            mode: born.mode,
            restores_unlimited: false,
            served: false,
            earning: Earning::NotYet,
            balance: Balance { initial: rules.initial, level: 0 },
            since: now,
            load: LoadNow::IDLE,
            pace: Pace::default(),
            held_in: None,
            told_of: None,
            alarm: None,
            stamp: Stamp::default(),
            account: Account { granted: u128::from(rules.initial), ..Account::default() },
        };
        let burstable = match self.free.pop() {
            None => self.rows.push(fresh),
            Some(burstable) => {
                let stamp = self.rows[burstable].stamp;
                self.rows[burstable] = BurstableRow { stamp, ..fresh };
                burstable
            }
        };
        while self.places.len() <= instance.index() {
            self.places.push(None);
        }
        self.places[instance] = Some(burstable);
        burstable
    }

    /// The row of `burstable`.
    pub fn row_mut(&mut self, burstable: Id<Burstable>) -> &mut BurstableRow {
        &mut self.rows[burstable]
    }

    /// The instance of `burstable` is no more; its alarm is void.
    pub fn end(&mut self, burstable: Id<Burstable>) {
        let row = &mut self.rows[burstable];
        row.stamp.raise();
        row.alarm = None;
        self.places[row.instance] = None;
        // A stamp must never come round under a pending alarm: a worn row is retired.
        if !row.stamp.is_worn() {
            self.free.push(burstable);
        }
    }

    /// Every row in use, with its instance.
    pub fn present(&self) -> impl Iterator<Item = &BurstableRow> {
        self.places.iter().flatten().map(|burstable| &self.rows[*burstable])
    }
}

impl Index<Id<Burstable>> for Burstables {
    type Output = BurstableRow;
    #[inline]
    fn index(&self, burstable: Id<Burstable>) -> &BurstableRow {
        &self.rows[burstable]
    }
}

/// An amount in credits.
pub fn in_credits(amount: u128) -> f64 {
    amount as f64 / CREDIT as f64
}
