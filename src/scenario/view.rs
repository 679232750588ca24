//! Reading a tree that has been checked: what is missing or faulty reads as `None`, because the
//! check has told it already.

use super::{
    fault::Place,
    law,
    quantity::{self, Amount, Moment},
    tree::{Entry, Node, Value},
};
use crate::kernel::{distribution::Distribution, time::Span};

/// A value that may not be there.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub Option<&'a Node>);

impl<'a> View<'a> {
    /// The value of `key`, if this is a table that has it.
    pub fn at(self, key: &str) -> Self {
        View(self.0.and_then(Node::table).and_then(|table| table.get(key)))
    }

    /// The values of a list; none, if this is no list.
    pub fn elements(self) -> impl Iterator<Item = View<'a>> {
        self.0.and_then(Node::list).unwrap_or_default().iter().map(|node| View(Some(node)))
    }

    /// The entries of a table in order of their keys; none, if this is no table.
    pub fn entries(self) -> Vec<(&'a Entry, View<'a>)> {
        let sorted = self.0.and_then(Node::table).map(super::tree::Table::sorted);
        sorted
            .unwrap_or_default()
            .into_iter()
            .map(|entry| (entry, View(Some(&entry.node))))
            .collect()
    }

    /// Whether anything is written.
    pub fn is_given(self) -> bool {
        self.0.is_some()
    }

    /// Where it is written.
    pub fn place(self) -> Option<&'a Place> {
        self.0.map(|node| &node.at)
    }

    /// The text.
    pub fn text(self) -> Option<&'a str> {
        self.0.and_then(Node::text)
    }

    /// The length of time.
    pub fn span(self) -> Option<Span> {
        quantity::span(self.text()?).ok()
    }

    /// The date (microseconds since 1970-01-01T00:00:00Z).
    pub fn date(self) -> Option<i64> {
        quantity::date(self.0?.date()?).ok()
    }

    /// The point of time.
    pub fn moment(self) -> Option<Moment> {
        quantity::moment(self.0?.date()?).ok()
    }

    /// The time of day, in seconds from midnight.
    pub fn time_of_day(self) -> Option<u32> {
        quantity::time_of_day(self.text()?).ok()
    }

    /// The size in bytes.
    pub fn size(self) -> Option<u64> {
        quantity::size(self.text()?).ok()
    }

    /// The bandwidth in bytes per second.
    pub fn bandwidth(self) -> Option<u64> {
        quantity::bandwidth(self.text()?).ok()
    }

    /// The rate in events per second.
    pub fn rate(self) -> Option<f64> {
        quantity::rate(self.text()?).ok()
    }

    /// How much of a metric.
    pub fn amount(self) -> Option<Amount> {
        match self.number() {
            Some(number) => Some(Amount::Plain(number)),
            None => quantity::amount(self.text()?).ok(),
        }
    }

    /// The probability, or the share.
    pub fn probability(self) -> Option<f64> {
        match self.number() {
            Some(p) => Some(p),
            None => quantity::percentage(self.text()?).ok(),
        }
    }

    /// The law.
    pub fn law(self) -> Option<Distribution> {
        law::law(self.0?, "", &mut Vec::new())
    }

    /// The number.
    pub fn number(self) -> Option<f64> {
        self.0.and_then(Node::number).filter(|x| x.is_finite())
    }

    /// The whole number; what is larger than the type holds becomes its largest.
    pub fn count(self) -> Option<u64> {
        let Value::Integer(n) = self.0?.value else { return None };
        (n >= 0).then(|| u64::try_from(n).unwrap_or(u64::MAX))
    }

    /// The whole number as the cloud would read it where none below zero is ever right: what does
    /// not fit in 32 bits becomes the largest, which nothing takes.
    pub fn judged(self) -> Option<u32> {
        let Value::Integer(n) = self.0?.value else { return None };
        Some(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The whole number that may be below zero; what does not fit becomes the nearest that does.
    pub fn whole(self) -> Option<i32> {
        let Value::Integer(n) = self.0?.value else { return None };
        Some(i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX }))
    }

    /// The whole percentage.
    pub fn percent(self) -> Option<u32> {
        quantity::percent(self.text()?).ok()
    }

    /// The whole number in 32 bits; what is larger becomes the largest.
    pub fn count32(self) -> Option<u32> {
        self.count().map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The switch.
    pub fn switch(self) -> Option<bool> {
        let Value::Switch(on) = self.0?.value else { return None };
        Some(on)
    }
}

/// A law, or `None` where it says that it never happens.
pub fn sometimes(law: Distribution) -> Option<Distribution> {
    (law != Distribution::Fixed(Span::NEVER)).then_some(law)
}
