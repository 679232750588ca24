//! How a scenario names instances before there are any: `web[3]`, `jobs#17`, `trace#17`,
//! `script[2]#0`, `group#0`.

use super::build::Build;
use crate::{
    fleet::{
        ids::Template,
        instances::{InstanceName, InstanceSource},
        layout::Layout,
    },
    kernel::column::Id,
    scenario::{
        fault::known_names,
        model::{ArrivalSource, TraceRows, Workload},
        scripts::InstanceHandle,
        tree::shortened,
        view::View,
    },
};
use std::{cell::OnceCell, collections::BTreeMap};

/// What names of instances look like.
const HANDLE_HELP: &str = "an instance is called \"web[3]\" (number 3 of the entry `web` of workload.instances), \
     \"jobs#17\" (arrival 17 of the stream `jobs`), \"trace#17\" (data row 17 of the trace) or \
     \"script[2]#0\" (the first that `scripts[2]` creates), or \"api#0\" (member 0 of the scaling group \
     `api`); all count from 0";

/// Most arrivals of one source: what names can tell.
const MOST_ARRIVALS: u64 = 1 << 40;

/// What the handles of a scenario may stand for.
#[derive(Debug)]
pub struct Handles<'a> {
    /// Named entries of `workload.instances`: the number of their first, and how many, if known.
    entries: BTreeMap<&'a str, Entry>,
    /// Sources by name.
    sources: BTreeMap<&'a str, usize>,
    workload: &'a Workload,
    /// Whether a trace is named that could not be read, which has been told.
    lacks_trace: bool,
    /// The templates of the trace's rows, by row; only looked at where a handle asks for it.
    rows: OnceCell<Vec<(u32, Id<Template>)>>,
    /// What scripts create, in the order of the file.
    created: Vec<Created<'a>>,
    /// Scaling groups by name: their places, and what they launch.
    groups: BTreeMap<&'a str, (usize, Vec<Id<Template>>)>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    first: u64,
    count: Option<u32>,
    template: Option<Id<Template>>,
}

/// What a script creates.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    /// The script's own name, if it has one.
    pub name: Option<&'a str>,
    /// Its place in the order of time.
    pub rank: usize,
    /// What it creates, if its parameters say so.
    pub template: Option<Id<Template>>,
    /// How many (count); 0 for a script that creates nothing.
    pub amount: u32,
}

/// What a handle stands for.
#[derive(Clone, Debug)]
pub struct Found {
    /// The instance.
    pub handle: InstanceHandle,
    /// What it may be born with; empty where that is not known.
    pub templates: Vec<Id<Template>>,
}

impl<'a> Handles<'a> {
    /// The handles of the scenario `root`, whose workload amounts to `workload`.
    pub fn new(
        root: View<'a>,
        workload: &'a Workload,
        created: Vec<Created<'a>>,
        layout: &Layout,
    ) -> Self {
        let view = root.at("workload");
        let mut handles = Self {
            entries: BTreeMap::new(),
            sources: BTreeMap::new(),
            workload,
            lacks_trace: false,
            rows: OnceCell::new(),
            created,
            groups: groups(root, layout),
        };
        let mut first = 0;
        // Where an entry could not be read, nothing is said of the others' templates.
        let are_whole = workload.at_start.len() == view.at("instances").elements().count();
        for (place, entry) in view.at("instances").elements().enumerate() {
            let count = entry.at("count").count32();
            let template = workload.at_start.get(place).filter(|_| are_whole);
            let template = template.map(|entry| entry.template);
            if let Some(name) = entry.at("name").text() {
                handles.entries.insert(name, Entry { first, count, template });
            }
            first += u64::from(count.unwrap_or(0));
        }
        for (place, source) in view.at("arrivals").elements().enumerate() {
            if let Some(name) = source.at("name").text() {
                handles.sources.insert(name, place);
            }
        }
        let has_trace =
            workload.sources.iter().any(|source| matches!(source, ArrivalSource::Trace(_)));
        handles.lacks_trace = view.at("trace").is_given() && !has_trace;
        handles
    }

    /// The instance that `text`, written in `view` which is called `path`, names; what names none is
    /// a fault.
    pub fn find(
        &self,
        text: &str,
        (view, path): (View<'_>, &str),
        build: &mut Build,
    ) -> Option<Found> {
        let text = text.trim();
        let found = if let Some((source, number)) = text.rsplit_once('#') {
            self.arrival(source, number)
        } else if let Some((entry, index)) =
            text.strip_suffix(']').and_then(|text| text.split_once('['))
        {
            self.at_start(entry, index)
        } else if text.starts_with("i-") {
            // An id as the cloud gives them: no instance of a run has it.
            let handle = InstanceHandle::Unknown(text.to_owned());
            return Some(Found { handle, templates: Vec::new() });
        } else {
            Err(("names no instance".to_owned(), HANDLE_HELP.to_owned()))
        };
        match found {
            Ok((name, templates)) => Some(Found { handle: InstanceHandle::Named(name), templates }),
            Err((why, help)) => {
                let message = format!("`{path}`: \"{}\" {why}", shortened(text));
                build.fault(view, "unknown-name", message, &help);
                None
            }
        }
    }

    fn at_start(&self, name: &str, index: &str) -> Result<Named, Wrong> {
        let Some(entry) = self.entries.get(name) else {
            let known: Vec<&str> = self.entries.keys().copied().collect();
            let help = match known.is_empty() {
                true => "give the entry a name".to_owned(),
                false => known_names(name, &known),
            };
            let why = format!(
                "names no instance: no entry of `workload.instances` has the name `{name}`"
            );
            return Err((why, help));
        };
        let index = number(index)?;
        if entry.count.is_some_and(|count| index >= u64::from(count)) {
            let count = entry.count.unwrap_or(0);
            let why = format!("names no instance: `{name}` has {count}");
            return Err((why, "they are counted from 0".to_owned()));
        }
        let name = InstanceName::at_start(entry.first + index);
        Ok((name, entry.template.into_iter().collect()))
    }

    fn arrival(&self, owner: &str, index: &str) -> Result<Named, Wrong> {
        let number = number(index)?;
        if let Some(source) = self.sources.get(owner) {
            let templates = match self.workload.sources.iter().nth(*source) {
                Some(ArrivalSource::Law(law)) => law.mix.iter().map(|(_, id)| *id).collect(),
                Some(ArrivalSource::Trace(_)) | None => Vec::new(),
            };
            return Ok((InstanceName::arrived(*source, number), templates));
        }
        let trace =
            self.workload.sources.iter().enumerate().find_map(|(place, source)| match source {
                ArrivalSource::Trace(rows) => Some((place, rows)),
                ArrivalSource::Law(_) => None,
            });
        if let ("trace", Some((place, rows))) = (owner, trace) {
            let rows = self.rows.get_or_init(|| by_row(rows));
            let Ok(at) = rows.binary_search_by_key(&number, |(row, _)| u64::from(*row)) else {
                let why = format!(
                    "names no instance: the trace has no data row {number}, or leaves it out"
                );
                return Err((why, "data rows are counted from 0".to_owned()));
            };
            return Ok((InstanceName::arrived(place, number), vec![rows[at].1]));
        }
        if owner == "trace" && self.lacks_trace {
            return Ok((InstanceName::arrived(self.sources.len(), number), Vec::new()));
        }
        if let Some((place, templates)) = self.groups.get(owner) {
            if number > u64::from(u32::MAX) {
                let why = "names no instance: no group has so many members".to_owned();
                return Err((why, HANDLE_HELP.to_owned()));
            }
            // As [`crate::scenario::Scenario::launched_by`] calls it.
            return Ok((
                InstanceName::of(InstanceSource::Group(*place), number),
                templates.clone(),
            ));
        }
        self.created(owner, number).unwrap_or_else(|| {
            let mut known: Vec<&str> = self.sources.keys().copied().collect();
            known.extend(trace.map(|_| "trace"));
            known.extend(self.created.iter().filter_map(|script| script.name));
            known.extend(self.groups.keys());
            let why =
                format!("names no instance: no stream, trace, script or group is called `{owner}`");
            Err((why, format!("{}; scripts also by place: script[0]", known_names(owner, &known))))
        })
    }

    /// What the script called `owner` creates; `None` where no script is called so.
    fn created(&self, owner: &str, number: u64) -> Option<Result<Named, Wrong>> {
        let place = owner.strip_prefix("script[").and_then(|rest| rest.strip_suffix(']'));
        let script = match place {
            Some(place) => self.created.get(place.parse::<usize>().ok()?)?,
            None => self.created.iter().find(|script| script.name == Some(owner))?,
        };
        if number >= u64::from(script.amount) {
            let help = match script.amount {
                0 => "only RunInstances and CreateInstance create instances".to_owned(),
                _ => "they are counted from 0".to_owned(),
            };
            let created = match script.amount {
                0 => "none".to_owned(),
                amount => amount.to_string(),
            };
            let why = format!("names no instance: `{owner}` creates {created}");
            return Some(Err((why, help)));
        }
        // As [`crate::scenario::Scenario::created_by`] calls it.
        let name = InstanceName::of(InstanceSource::Script(script.rank), number);
        Some(Ok((name, script.template.into_iter().collect())))
    }
}

/// An instance and what it may be born with.
type Named = (InstanceName, Vec<Id<Template>>);

/// Why a text names no instance, and what would be right.
type Wrong = (String, String);

/// The scaling groups by name. Where one could not be read, it may launch anything.
fn groups<'a>(root: View<'a>, layout: &Layout) -> BTreeMap<&'a str, (usize, Vec<Id<Template>>)> {
    let mut groups = BTreeMap::new();
    for (place, view) in root.at("groups").elements().enumerate() {
        let Some(name) = view.at("name").text() else { continue };
        let group = layout.scaling_groups.iter().find(|group| group.name == name);
        let offers = group.into_iter().flat_map(|group| group.offers.iter().flatten());
        let mut templates: Vec<_> = offers.map(|offer| offer.template).collect();
        templates.sort_unstable();
        templates.dedup();
        groups.insert(name, (place, templates));
    }
    groups
}

fn number(text: &str) -> Result<u64, Wrong> {
    let wrong = || ("names no instance".to_owned(), HANDLE_HELP.to_owned());
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number < MOST_ARRIVALS);
    number.ok_or_else(wrong)
}

fn by_row(trace: &TraceRows) -> Vec<(u32, Id<Template>)> {
    let rows = trace.at_start.iter().chain(&trace.arrivals);
    let mut rows: Vec<_> = rows.map(|row| (row.row, row.template)).collect();
    rows.sort_unstable_by_key(|(row, _)| *row);
    rows
}
