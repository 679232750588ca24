//! From the checked tree to the scenario: names become ids, faults of meaning are collected.
//!
//! Reading order: this file (the whole and the experiment), `build` (names and ids), `servers`,
//! `policies`, `workload`, `replay`.

mod build;

mod servers;

mod policies;

mod workload;

mod replay;

pub use build::Build;

use super::{
    fault::Fault,
    load::Loader,
    model::{Scenario, Workload},
    tree::{Node, shortened},
    view::View,
};
use crate::kernel::time::{Instant, Span};
use std::num::NonZeroU32;

/// Memory of one server in a run [bytes]: what it is, its free room, its health, its alarm, its
/// bits in the index of free room.
pub const SERVER_BYTES: u64 = 256;

/// Memory of one instance in a run [bytes].
pub const INSTANCE_BYTES: u64 = 64;

/// Memory of one row of a trace, shared by all runs [bytes].
pub const ROW_BYTES: u64 = size_of::<super::model::TraceRow>() as u64;

/// The most memory that a scenario may need for one run [bytes].
pub const MOST_MEMORY: u64 = 8 << 30;

/// The scenario that `tree` states, without its digest, and the digests of its input files; faults
/// are added to those of `loader`, and what is returned is of use only if there is none.
pub fn resolve(tree: &Node, loader: &mut Loader<'_>) -> (Scenario, Vec<String>) {
    let root = View(Some(tree));
    let clock = Clock::of(root.at("scenario"), &mut loader.faults);
    let mut build = Build::new(std::mem::take(&mut loader.faults));
    let mut inputs = Vec::new();
    let mut workload = Workload::default();
    let fits = fits_memory(root, &mut build.faults);
    if fits {
        servers::models(root.at("server_models"), &mut build);
        servers::servers(root.at("servers"), &mut build);
        policies::customers(root.at("policies").at("customers"), &mut build);
        workload::applications(root.at("applications"), &mut build);
        workload::types(root.at("instance_types"), &mut build);
        workload = workload::workload(root.at("workload"), &clock, &mut build);
        replay::replay(root.at("workload"), &clock, &mut build, loader, &mut inputs)
            .into_iter()
            .for_each(|source| {
                workload.sources.push(source);
            });
    }
    let about = root.at("scenario");
    let runs = about.at("runs").count32().and_then(NonZeroU32::new);
    let scenario = Scenario {
        name: about.at("name").text().unwrap_or_default().to_owned(),
        question: about.at("question").text().unwrap_or_default().to_owned(),
        digest: String::new(),
        seed: about.at("seed").count().unwrap_or(0),
        runs: runs.unwrap_or(NonZeroU32::MIN),
        begin: clock.begin,
        end: clock.end,
        measure_from: clock.measure_from,
        levels_at: clock.levels_at,
        settings: policies::settings(root.at("settings"), &mut build.faults),
        policies: policies::policies(root.at("policies")),
        layout: build.layout,
        workload,
    };
    loader.faults.append(&mut build.faults);
    (scenario, inputs)
}

/// When a run begins and ends, and what is measured when.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Where the clock stands when a run begins.
    pub begin: Instant,
    /// Where it stands when a run ends.
    pub end: Instant,
    measure_from: Instant,
    levels_at: Vec<Instant>,
}

impl Clock {
    fn of(about: View<'_>, faults: &mut Vec<Fault>) -> Self {
        let horizon = about.at("horizon").span().unwrap_or(Span::from_seconds(1));
        let warm_up = about.at("warm_up").span().unwrap_or(Span::ZERO);
        let start = about.at("clock_start").span().unwrap_or(Span::ZERO);
        let mut wrong = |view: View<'_>, message: String, help: &str| {
            if let Some(place) = view.place() {
                faults.push(Fault::at(place, "range", message).help(help));
            }
        };
        if horizon.is_zero() {
            let message = "`scenario.horizon` is zero".to_owned();
            wrong(about.at("horizon"), message, "a run lasts some time, as in \"365d\"");
        }
        let longest = Span::LONGEST;
        if horizon.saturating_add(start) > longest {
            let message = format!("the run would end after {}", horizon.saturating_add(start));
            wrong(about.at("horizon"), message, "the clock runs for at most 1,000 years");
        }
        if !horizon.is_zero() && warm_up >= horizon {
            let message = format!("`scenario.warm_up` is {warm_up}, and the run lasts {horizon}");
            wrong(about.at("warm_up"), message, "the warm-up is shorter than the horizon");
        }
        let begin = Instant::ZERO.saturating_add(start);
        let end = begin.saturating_add(horizon);
        let mut levels_at = Vec::new();
        for level in about.at("levels_at").elements() {
            let Some(span) = level.span() else { continue };
            let at = Instant::ZERO.saturating_add(span);
            if at < begin || at > end {
                let message = format!("`scenario.levels_at` names {span}, when there is no run");
                wrong(level, message, "name instants of the clock from the beginning to the end");
            }
            levels_at.push(at);
        }
        levels_at.sort();
        levels_at.dedup();
        Self { begin, end, measure_from: begin.saturating_add(warm_up), levels_at }
    }

    /// How long a run lasts [s].
    pub fn seconds(&self) -> f64 {
        self.end.since(self.begin).seconds()
    }
}

/// Refuses a scenario that needs more memory than any run may take, before anything is made of it.
fn fits_memory(root: View<'_>, faults: &mut Vec<Fault>) -> bool {
    let mut all = 0_u128;
    let mut largest: Option<(u128, View<'_>, &str)> = None;
    let servers = root.at("servers").elements().map(|view| (view, "servers", SERVER_BYTES));
    let instances = root.at("workload").at("instances").elements();
    let instances = instances.map(|view| (view, "instances", INSTANCE_BYTES));
    for (view, what, bytes) in servers.chain(instances) {
        let count = view.at("count");
        let memory = u128::from(count.count().unwrap_or(0)) * u128::from(bytes);
        all += memory;
        if largest.is_none_or(|(most, ..)| memory > most) {
            largest = Some((memory, count, what));
        }
    }
    if all <= u128::from(MOST_MEMORY) {
        return true;
    }
    let gib = |bytes: u128| bytes.div_ceil(1 << 30);
    if let Some((memory, count, what)) = largest
        && let Some(place) = count.place()
    {
        let message = format!(
            "{} {what} need about {} GiB of memory, the scenario {} GiB, and at most {} GiB are allowed",
            shortened(&count.count().unwrap_or(0).to_string()),
            gib(memory),
            gib(all),
            gib(u128::from(MOST_MEMORY))
        );
        faults.push(Fault::at(place, "too-large", message).help("simulate a part of the fleet"));
    }
    false
}
