//! Arrivals by trace: the rows that a reader of `traces` gives get ids.

use super::{
    build::{Build, Wish, action},
    clock::Clock,
    remarks::of_trace,
    trace_faults::{Alike, told},
    workload::{EVERY_TYPE, EVERY_TYPE_HELP},
};
use crate::fleet::dedicated_hosts::{Affinity, Hosted};
use crate::{
    fleet::{
        ids::{Customer, InstanceType, ServerModel, Template},
        layout::{ActionOnMaintenance, Resources},
    },
    kernel::{column::Id, time::Instant},
    scenario::{
        fault::{Fault, known_names},
        load::Loader,
        model::{ArrivalSource, TraceRow, TraceRows},
        traces::{
            LifePoint, OnBadRow, RawRow, RawTemplate, RawTrace, TraceFormat, TraceOptions, read,
        },
        view::{View, sometimes},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

/// Most faults of one kind that are told of one trace.
const MOST_TOLD: usize = 20;

/// Keys of the workload that mean nothing without a trace.
const OF_TRACES: [&str; 7] = [
    "trace_format",
    "trace_lifetime",
    "trace_life",
    "on_bad_row",
    "trace_customer",
    "trace_action_on_maintenance",
    "trace_server_model",
];

/// The trace that the workload names, if it names one; its digest is added to `inputs`.
pub fn replay(
    view: View<'_>,
    clock: &Clock,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) -> Option<ArrivalSource> {
    let file = view.at("trace");
    if !file.is_given() {
        let said = |key: &&str| {
            view.at(key).place().is_some_and(|place| loader.sources.is_written(place.source))
        };
        if let Some(key) = OF_TRACES.iter().find(|key| said(key)) {
            let message = format!("`workload.trace` is missing, but `workload.{key}` is given");
            let help = "name the file: trace = \"FILE\", or --set workload.trace=FILE";
            build.fault(view.at(key), "missing-key", message, help);
        }
        return None;
    }
    let (path, trace) = open(view, build, loader)?;
    inputs.push(trace.digest.clone());
    let life_law = view.at("trace_life").law().and_then(sometimes);
    if view.at("trace_life").is_given() && trace.has_lives {
        let message = format!("the trace `{path}` tells lifetimes itself");
        build.fault(view.at("trace_life"), "conflict", message, "leave out `trace_life`");
    }
    let mut rows = Rows { view, path, clock, build };
    let templates = rows.templates(&trace)?;
    let at_start = rows.at_start(&trace.at_start, &templates);
    rows.in_time(&trace);
    rows.build.remarks.extend(of_trace(&trace, clock));
    let arrivals = trace
        .arrivals
        .iter()
        .map(|row| TraceRow {
            arrival: row.arrival,
            life: row.life,
            template: templates[row.template as usize],
            row: row.row,
        })
        .collect();
    let skipped = trace.skipped;
    Some(ArrivalSource::Trace(TraceRows { at_start, arrivals, skipped, life_law }))
}

/// Opens and reads the trace.
fn open(view: View<'_>, build: &mut Build, loader: &mut Loader<'_>) -> Option<(String, RawTrace)> {
    let options = options(view)?;
    let file = view.at("trace");
    let (place, written) = (file.place()?, file.text()?);
    let request = match loader.sources.request((place, written), &loader.root, loader.files) {
        Ok(request) => request,
        Err(fault) => {
            build.faults.push(fault);
            return None;
        }
    };
    let path = request.path.clone();
    let mut reader = match loader.files.open(&request) {
        Ok(reader) => reader,
        Err(why) => {
            let message = format!("cannot open the trace `{path}`: {why}");
            build.faults.push(Fault::at(place, "cannot-open", message));
            return None;
        }
    };
    match read(&path, &mut reader, &options) {
        Ok(trace) => Some((path, trace)),
        Err(faults) => {
            build.faults.extend(told(("trace", &path, place), faults, &mut loader.sources));
            None
        }
    }
}

/// How the trace is to be read; `None` where that cannot be read itself, which has been told.
fn options(view: View<'_>) -> Option<TraceOptions> {
    Some(TraceOptions {
        life_point: match view.at("trace_lifetime").text()? {
            "lower" => LifePoint::Lower,
            "middle" => LifePoint::Middle,
            _ => LifePoint::Upper,
        },
        on_bad_row: match view.at("on_bad_row").text()? {
            "skip" => OnBadRow::Skip,
            _ => OnBadRow::Fail,
        },
        max_faults: MOST_TOLD,
        ..TraceOptions::new(TraceFormat::from_name(view.at("trace_format").text()?)?)
    })
}

/// A trace on its way into the layout.
struct Rows<'a> {
    view: View<'a>,
    path: String,
    clock: &'a Clock,
    build: &'a mut Build,
}

/// What holds for all instances of a trace.
struct Common {
    customer: Id<Customer>,
    model: Option<Id<ServerModel>>,
    action: Option<ActionOnMaintenance>,
}

impl Rows<'_> {
    fn fault(&mut self, code: &'static str, message: &str, help: &str) {
        let message = format!("trace `{}`: {message}", self.path);
        self.build.fault(self.view.at("trace"), code, message, help);
    }

    /// The templates of the trace by their numbers; what no server could ever hold is a fault.
    fn templates(&mut self, trace: &RawTrace) -> Option<Vec<Id<Template>>> {
        let faults = &mut self.build.faults;
        let (owner, model) = (self.view.at("trace_customer"), self.view.at("trace_server_model"));
        let common = Common {
            customer: Build::find(faults, &self.build.customers, owner, "customer")?,
            model: Build::find(faults, &self.build.models, model, "server model"),
            action: action(self.view.at("trace_action_on_maintenance")),
        };
        let types = self.types(trace);
        self.limits(trace);
        let (mut too_large, mut nowhere) = (Alike::default(), Alike::default());
        let mut templates = Vec::with_capacity(trace.templates.len());
        for ((raw, line), instance_type) in
            trace.templates.iter().zip(&trace.first_lines).zip(types)
        {
            let wish = self.wish(raw, instance_type, &common);
            if let (Some(zone), None) = (&raw.zone, wish.zone) {
                if self.build.zones.are_whole {
                    let help = known_names(zone, &self.build.zones.all());
                    nowhere.push(*line, format!("there is no zone `{zone}`"), help);
                }
            } else if !self.build.can_hold(&wish) {
                let size = size_name(&raw.demand);
                let message = format!("asks for {size}, which no server could ever hold");
                too_large.push(*line, message, String::new());
            }
            templates.push(self.build.template(&wish));
        }
        self.alike("does-not-fit", too_large);
        self.alike("unknown-name", nowhere);
        Some(templates)
    }

    fn alike(&mut self, code: &'static str, alike: Alike) {
        if let Some((message, help)) = alike.finish() {
            self.fault(code, &message, &help);
        }
    }

    fn wish(&mut self, raw: &RawTemplate, id: Id<InstanceType>, common: &Common) -> Wish {
        let rule = raw.type_name.as_ref().and_then(|name| self.build.types.get(name));
        let zone = raw.zone.as_ref().and_then(|name| self.build.zones.get(name));
        Wish {
            instance_type: id,
            model: common.model.or(rule.and_then(|rule| rule.model)),
            zone,
            application: raw.application.as_ref().map(|name| self.build.application(name)),
            group: raw.group.as_ref().map(|name| self.build.group(name)),
            customer: common.customer,
            action: common
                .action
                .or(rule.map(|rule| rule.action))
                .unwrap_or(ActionOnMaintenance::AutoRecover),
            credits: rule.and_then(|rule| rule.credits),
            spot: None,
            // Those of a type that lives on dedicated hosts find the host of the pool by themselves.
            hosted: rule
                .filter(|rule| rule.dedicated)
                .map(|_| Hosted { host: None, affinity: Affinity::Default }),
        }
    }

    /// The type of each template: that of the scenario where it has one of this name, else one
    /// made from the name, from the size where there is no name, from both where instances of one
    /// name differ in size.
    fn types(&mut self, trace: &RawTrace) -> Vec<Id<InstanceType>> {
        let names: Vec<String> = trace
            .templates
            .iter()
            .map(|raw| raw.type_name.clone().unwrap_or_else(|| size_name(&raw.demand)))
            .collect();
        let mut sizes: BTreeMap<&str, BTreeSet<Resources>> = BTreeMap::new();
        for (name, raw) in names.iter().zip(&trace.templates) {
            sizes.entry(name).or_default().insert(raw.demand);
        }
        let mut made: BTreeMap<(&str, Resources), Id<InstanceType>> = BTreeMap::new();
        let mut types = Vec::with_capacity(names.len());
        let (mut differ, mut reserved) = (Alike::default(), Alike::default());
        for ((name, raw), line) in names.iter().zip(&trace.templates).zip(&trace.first_lines) {
            if name == EVERY_TYPE {
                let message = format!("no instance type may have the name `{name}`");
                reserved.push(*line, message, EVERY_TYPE_HELP.to_owned());
            }
            if let Some(rule) = self.build.types.get(name) {
                let id = rule.id;
                if let Some(message) = self.other_size(raw, id) {
                    differ.push(*line, message, "name one of them otherwise".to_owned());
                }
                types.push(id);
                continue;
            }
            let id = *made.entry((name, raw.demand)).or_insert_with(|| {
                let made = match sizes[name.as_str()].len() {
                    1 => name.clone(),
                    _ => format!("{name} {}", size_name(&raw.demand)),
                };
                self.build.instance_type(made, raw.demand)
            });
            types.push(id);
        }
        self.alike("conflict", differ);
        self.alike("name", reserved);
        types
    }

    /// What is wrong if a row's type has another size in the scenario.
    fn other_size(&self, raw: &RawTemplate, id: Id<InstanceType>) -> Option<String> {
        let declared = &self.build.layout.types[id];
        (declared.demand != raw.demand).then(|| {
            format!(
                "the type `{}` has {}, the scenario has it with {}",
                declared.name,
                size_name(&raw.demand),
                size_name(&declared.demand)
            )
        })
    }

    /// The limits of applications: the scenario's own win, else the lowest that a row states.
    fn limits(&mut self, trace: &RawTrace) {
        let mut limits: BTreeMap<&str, BTreeSet<NonZeroU32>> = BTreeMap::new();
        for raw in &trace.templates {
            let limit = raw.per_server_limit.and_then(NonZeroU32::new);
            if let (Some(name), Some(limit)) = (&raw.application, limit) {
                limits.entry(name).or_default().insert(limit);
            }
        }
        let mut differing = Vec::new();
        for (name, stated) in limits {
            let id = self.build.application(name);
            let own = &mut self.build.layout.applications[id].per_server_limit;
            let lowest = own.is_none().then(|| stated.first()).flatten();
            if let (Some(lowest), true) = (lowest, stated.len() > 1) {
                let stated: Vec<String> = stated.iter().map(ToString::to_string).collect();
                let stated = stated.join(" and ");
                differing.push(format!("`{name}` states {stated}, and {lowest} holds"));
            }
            *own = own.or(lowest.copied());
        }
        if !differing.is_empty() {
            let (all, shown) = (differing.len(), differing.iter().take(3).cloned());
            let mut text = Vec::from_iter(shown).join("; ");
            if all > 3 {
                text += &format!("; and so {} more", all - 3);
            }
            let message = format!(
                "workload.trace: rows of one application state different limits per server, of \
                 which the lowest holds for all its instances: {text}"
            );
            self.build.remarks.push(message);
        }
    }

    /// The rows at start, as seen from the beginning of the run; those that have ended by then
    /// are left out.
    fn at_start(&self, rows: &[RawRow], templates: &[Id<Template>]) -> Vec<TraceRow> {
        let passed = self.clock.begin.since(Instant::ZERO);
        rows.iter()
            .filter(|row| row.life.is_never() || row.life >= passed)
            .map(|row| TraceRow {
                arrival: self.clock.begin,
                life: if row.life.is_never() { row.life } else { row.life.saturating_sub(passed) },
                template: templates[row.template as usize],
                row: row.row,
            })
            .collect()
    }

    /// A fault if rows arrive before the clock begins.
    fn in_time(&mut self, trace: &RawTrace) {
        let begin = self.clock.begin;
        let early = trace.arrivals.partition_point(|row| row.arrival < begin);
        if let (Some(row), true) = (trace.arrivals.first(), early > 0) {
            let message = format!(
                "line {}: arrives at {}, before the clock starts at {begin}; {early} of {} rows do",
                trace.first_arrival_line, row.arrival, trace.rows
            );
            self.fault(
                "range",
                &message,
                "set `scenario.clock_start` to the first arrival or before",
            );
        }
    }
}

/// A size as a name: `4c-16GiB`, with whatever else is taken; different for different sizes.
fn size_name(size: &Resources) -> String {
    let bytes = |bytes: u64| match bytes {
        b if b % (1 << 30) == 0 => format!("{}GiB", b >> 30),
        b if b % (1 << 20) == 0 => format!("{}MiB", b >> 20),
        b => format!("{b}B"),
    };
    let mut name = format!("{}c-{}", size.vcpus, bytes(size.memory));
    for (amount, unit) in
        [(size.gpus, "gpu"), (size.local_disks, "disk"), (size.nic_percent, "%nic")]
    {
        if amount > 0 {
            name += &format!("-{amount}{unit}");
        }
    }
    if size.local_storage > 0 {
        name += &format!("-{}local", bytes(size.local_storage));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_names_of_their_own() {
        let mut size = Resources { vcpus: 4, memory: 805_306_368, ..Resources::default() };
        assert_eq!(size_name(&size), "4c-768MiB");
        size.gpus = 1;
        size.local_storage = 60 << 30;
        assert_eq!(size_name(&size), "4c-768MiB-1gpu-60GiBlocal");
    }
}
