//! Every key of the scenario file: the whole and the experiment here, the rest by section.

mod burst;

mod conduct;

mod dedicated;

mod fleet;

mod gates;

mod group_scripts;

mod groups;

mod kinds;

mod moves;

mod plans;

mod refresh;

mod scripts;

mod second_cloud;

mod settings;

mod spot;

mod workload;

use self::{
    burst::LOAD,
    conduct::POLICIES,
    dedicated::DEDICATED_HOST,
    fleet::{INSTANCE_TYPE, NETWORK, SERVER_MODEL, SERVERS},
    gates::{CHECK, GATE},
    groups::{CONFIGURATION, GROUP, IMAGE, LAUNCH_TEMPLATE},
    kinds::NO_CHOICE,
    plans::{CAMPAIGN, RECORDED},
    scripts::SCRIPT,
    settings::SETTINGS,
    spot::SPOT,
    workload::{APPLICATION, WORKLOAD},
};
use super::schema::{Kind, Shape, may, must};

/// The whole file.
pub static FILE: Shape = Shape {
    doc: "A fleetsim scenario: what the fleet is, what happens to it, how people and the operator \
          react. Every quantity has its unit in the text.",
    keys: &[
        may(
            "$schema",
            Kind::Text,
            "The JSON Schema that an editor checks a JSON scenario with; not read.",
        ),
        may(
            "include",
            Kind::Either(&[Kind::File, Kind::List(&Kind::File, 1)]),
            "Files that are joined underneath this one, relative to it: tables key by key, lists of \
             tables one behind the other; where both say something, this file wins.",
        ),
        must("scenario", Kind::Table(&SCENARIO), "The experiment."),
        must("server_models", Kind::Map(&Kind::Table(&SERVER_MODEL)), "Kinds of servers, by name."),
        must(
            "servers",
            Kind::List(&Kind::Table(&SERVERS), 1),
            "The servers, in groups of equal ones.",
        ),
        may("network", Kind::Table(&NETWORK), "The network on which migrations send their data."),
        may(
            "instance_types",
            Kind::Map(&Kind::Table(&INSTANCE_TYPE)),
            "Instance types as they are sold, by name.",
        ),
        may(
            "loads",
            Kind::Map(&Kind::Table(&LOAD)),
            "What burstable instances are asked to do, by name.",
        ),
        may(
            "dedicated_hosts",
            Kind::List(&Kind::Table(&DEDICATED_HOST), 0),
            "Dedicated hosts, in groups of equal ones.",
        ),
        may("workload", Kind::Table(&WORKLOAD), "What is there at the start and what arrives."),
        may("spot", Kind::Table(&SPOT), "Markets of preemptible instances."),
        may("applications", Kind::Map(&Kind::Table(&APPLICATION)), "Applications, by name."),
        may(
            "images",
            Kind::Map(&Kind::Table(&IMAGE)),
            "Machine images that scaling groups launch, by name.",
        ),
        may(
            "configurations",
            Kind::Map(&Kind::Table(&CONFIGURATION)),
            "Scaling configurations, by name.",
        ),
        may(
            "launch_templates",
            Kind::Map(&Kind::Table(&LAUNCH_TEMPLATE)),
            "Launch templates, by name.",
        ),
        may("groups", Kind::List(&Kind::Table(&GROUP), 0), "Scaling groups."),
        may("policies", Kind::Table(&POLICIES), "Who decides what, and how."),
        may(
            "campaigns",
            Kind::List(&Kind::Table(&CAMPAIGN), 0),
            "Planned work of the operator on many servers.",
        ),
        may(
            "scripts",
            Kind::List(&Kind::Tagged(&SCRIPT), 0),
            "Commands given at given times, under the cloud's names.",
        ),
        may(
            "events",
            Kind::List(&Kind::Table(&RECORDED), 0),
            "System events that happen at given times, whatever the laws say.",
        ),
        may(
            "settings",
            Kind::Table(&SETTINGS),
            "Properties of the modelled cloud, by their own names.",
        ),
        may("gates", Kind::List(&Kind::Table(&GATE), 0), "What `fleetsim check` demands."),
        may("check", Kind::Table(&CHECK), "How `fleetsim check` goes about it."),
    ],
    choices: NO_CHOICE,
};

static SCENARIO: Shape = Shape {
    doc: "The experiment.",
    keys: &[
        must("name", Kind::Name, "Name of the scenario, shown in every result."),
        may("question", Kind::Text, "The question that it asks, in one line."),
        must(
            "horizon",
            Kind::Span,
            "How long a run lasts, from its beginning; at most 1,000 years.",
        ),
        may(
            "warm_up",
            Kind::Span,
            "Time at the beginning of a run that is left out of all results.",
        ),
        may(
            "clock_start",
            Kind::Span,
            "Where the clock stands when a run begins, so that replays report times of their trace.",
        ),
        may(
            "start",
            Kind::Date,
            "Date and time at which a run begins: where its clock stands at clock_start.",
        ),
        may("region", Kind::Name, "The region, as notifications and operations name it."),
        may("seed", Kind::Count { least: 0, most: u64::MAX }, "Seed of all chance."),
        may(
            "runs",
            Kind::Count { least: 1, most: 1_000_000 },
            "How many runs, unless the command says otherwise.",
        ),
        may(
            "reference_type",
            Kind::Name,
            "The instance type by which stranded room is measured: what is free on a server is stranded where one more instance of it has no room. Without it, the smallest type by vCPUs, then memory.",
        ),
        may(
            "levels_at",
            Kind::List(&Kind::Span, 0),
            "Instants at which levels are reported, counted from the zero of the clock.",
        ),
    ],
    choices: NO_CHOICE,
};
