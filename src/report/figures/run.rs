//! The charts of a scenario's runs: what happened over time, all runs together, and how runs differ.
//!
//! Reading order: `parts` (what they share), then `service`, `moves`, `refreshes`, `fleet` and
//! `spread`, in the order of a report.

use crate::report::{chart::Figure, folder::run::Ran};

mod fleet;

mod moves;

mod parts;

mod refreshes;

mod service;

mod spread;

/// The charts of a scenario's runs.
pub fn figures(ran: &Ran) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    figures.extend(service::availability(ran));
    figures.extend(service::downtime(ran));
    figures.extend(service::interruptions(ran));
    figures.extend(refreshes::figures(ran));
    figures.extend(moves::migrations(ran));
    figures.extend(moves::under_way(ran));
    figures.extend(moves::links(ran));
    figures.extend(fleet::events(ran));
    figures.extend(fleet::utilisation(ran));
    figures.extend(fleet::instances(ran));
    figures.extend(fleet::servers(ran));
    figures.extend(spread::figures(ran));
    figures
}

#[cfg(test)]
mod tests;
