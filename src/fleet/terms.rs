//! The terms of subscriptions: for each instance that is not paid as it goes, where
//! `settings.billing` is enabled; else the table stays empty.

use crate::{
    fleet::ids::Instance,
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
};

/// The term under way of one instance's subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    /// How many terms were before it: the ordinal of its draws.
    pub number: u32,
    /// When it ends.
    pub ends: Instant,
    /// When the instance is stopped unless it is renewed.
    pub stop: Instant,
    /// Whether the alarm that announces the stop is pending.
    pub is_pending: bool,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    rows: Column<Instance, Option<Term>>,
}

impl Terms {
    /// The term of `instance`, if it has one.
    pub fn of(&self, instance: Id<Instance>) -> Option<Term> {
        self.rows.get(instance).copied().flatten()
    }

    /// The term of `instance` from now on.
    pub fn set(&mut self, instance: Id<Instance>, term: Term) {
        while self.rows.len() <= instance.index() {
            self.rows.push(None);
        }
        self.rows[instance] = Some(term);
    }

    /// The alarm that announces the stop of `instance` is pending no more; says whether it was.
    pub fn take_pending(&mut self, instance: Id<Instance>) -> bool {
        if self.rows.get(instance).is_none() {
            return false;
        }
        self.rows[instance].as_mut().is_some_and(|term| std::mem::take(&mut term.is_pending))
    }

    /// `instance` is no more; says whether an announcement was pending.
    pub fn end(&mut self, instance: Id<Instance>) -> bool {
        let was_pending = self.take_pending(instance);
        if self.of(instance).is_some() {
            self.rows[instance] = None;
        }
        was_pending
    }
}
