//! What is planned: the operator's campaigns, and system events at given times.

use super::{
    build::{Build, Names},
    clock::Clock,
    handles::Handles,
    network::{LEAST, too_slow},
    servers::duplicates,
};
use crate::{
    fleet::{
        care::MaintenanceWindow,
        ids::{Campaign, Rack, Recorded, RecordedInterruption, Template},
    },
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::{Instant, Span},
    },
    lifecycle::system_event::{EventStatus, EventType},
    scenario::{
        campaigns::{Aim, AtOnce, CampaignOrder, CampaignSpec, DrainOrder, DrainSpec, Selector},
        fault::known_names,
        scripts::{InstanceHandle, RecordedEvent, StatedInterruption},
        view::View,
    },
};
use std::num::NonZeroU32;

/// The campaigns, in order of the file.
pub fn campaigns(
    view: View<'_>,
    clock: &Clock,
    build: &mut Build,
) -> Column<Campaign, CampaignSpec> {
    duplicates(view, "campaigns", build);
    let mut racks = Names::new(build.all_stand);
    for (id, rack) in build.layout.racks.entries() {
        racks.insert(&rack.name, id);
    }
    let mut campaigns = Column::default();
    for view in view.elements() {
        if let Some(campaign) = campaign(view, clock, &racks, build) {
            campaigns.push(campaign);
        }
    }
    campaigns
}

fn campaign(
    view: View<'_>,
    clock: &Clock,
    racks: &Names<Id<Rack>>,
    build: &mut Build,
) -> Option<CampaignSpec> {
    let name = view.at("name").text()?;
    let at_once = view.at("at_once");
    let start = clock.happening(view.at("start"), &format!("campaigns[{name}].start"), build);
    let lead = view.at("lead").law();
    if lead == Some(Distribution::Fixed(Span::NEVER)) {
        let message = format!("`campaigns[{name}].lead` is \"never\"");
        let help = "its events would never run: give a length, as in \"24h..48h\"";
        build.fault(view.at("lead"), "range", message, help);
    }
    let servers = selector(view.at("servers"), racks, build);
    let pace = pace(view.at("rate"), name, build);
    let fits_any = build.layout.servers.iter().any(|server| servers.fits(server));
    if build.all_stand && !fits_any && build.faults.is_empty() {
        let message = format!("`campaigns[{name}].servers` picks no server");
        let help = "servers fit if all that is given holds: model, zone and rack";
        build.fault(view.at("servers"), "no-servers", message, help);
    }
    Some(CampaignSpec {
        name: name.to_owned(),
        servers,
        aim: aim(view, name, build)?,
        start: start?,
        lead,
        live_migration: view.at("live_migration").switch()?,
        moves_instances: view.at("moves_instances").switch()?,
        window: window(view.at("window")),
        pace: pace?,
        at_once: AtOnce {
            servers: limit(at_once.at("servers")),
            per_rack: limit(at_once.at("per_rack")),
            per_zone: limit(at_once.at("per_zone")),
            per_group: limit(at_once.at("per_group")),
        },
        order: order(view.at("order")),
        stop_after_failures: limit(view.at("stop_after_failures")),
    })
}

/// What the campaign that `view` reads does about instances.
fn aim(view: View<'_>, name: &str, build: &mut Build) -> Option<Aim> {
    let event = view.at("event").text().and_then(EventType::parse);
    let drain = view.at("drain");
    if !drain.is_given() {
        if event.is_none() && !view.at("event").is_given() {
            let message = format!("`campaigns[{name}]` does not say what it does");
            let help = "give the event that its instances get, as in event = \"SystemMaintenance.Reboot\", or a table drain";
            build.fault(view, "missing-key", message, help);
        }
        return event.map(Aim::Event);
    }
    Some(Aim::Drain(DrainSpec {
        order: DrainOrder::ALL
            .into_iter()
            .find(|order| drain.at("order").text() == Some(order.name()))?,
        event,
        moves: limit(drain.at("moves")),
        bandwidth: bandwidth(drain.at("bandwidth"), name, build)?,
        min_healthy: drain.at("min_healthy").count32()?,
        retry: retry(drain.at("retry"), name, build)?,
        patience: drain.at("patience").span()?,
        work: drain.at("work").span(),
    }))
}

/// The time after which a drain tries again: what is tried at every moment would never be at rest.
fn retry(view: View<'_>, name: &str, build: &mut Build) -> Option<Span> {
    let retry = view.span()?;
    if retry < Span::from_seconds(1) {
        let message = format!("`campaigns[{name}].drain.retry` is less than a second");
        build.fault(view, "range", message, "give \"1s\" or more");
        return None;
    }
    Some(retry)
}

/// What the moves of a drain may send together (B/s); a word says that there is no limit.
fn bandwidth(view: View<'_>, name: &str, build: &mut Build) -> Option<Option<u64>> {
    let Some(rate) = view.bandwidth() else { return Some(None) };
    let path = format!("campaigns[{name}].drain.bandwidth");
    if build.layout.network.is_none() {
        let message = format!("`{path}`: there is no network over which anything is sent");
        build.fault(view, "conflict", message, "give a table [network], or leave it out");
        return None;
    }
    if rate < LEAST {
        too_slow(view, &path, rate, build);
        return None;
    }
    Some(Some(rate))
}

fn selector(view: View<'_>, racks: &Names<Id<Rack>>, build: &mut Build) -> Selector {
    let faults = &mut build.faults;
    let elements = |key: &str| view.at(key).elements();
    Selector {
        models: elements("models")
            .filter_map(|view| Build::find(faults, &build.models, view, "server model"))
            .collect(),
        zones: elements("zones")
            .filter_map(|view| Build::find(faults, &build.zones, view, "zone"))
            .collect(),
        racks: elements("racks")
            .filter_map(|view| Build::find(faults, racks, view, "rack"))
            .collect(),
        most: limit(view.at("most")),
    }
}

/// A count of at least 1; a word says that there is no limit.
fn limit(view: View<'_>) -> Option<NonZeroU32> {
    view.count32().and_then(NonZeroU32::new)
}

/// Least time between two servers at the rate that `view` reads.
fn pace(view: View<'_>, name: &str, build: &mut Build) -> Option<Span> {
    if view.text()? == "unlimited" {
        return Some(Span::ZERO);
    }
    let rate = view.rate()?;
    if rate <= 0.0 {
        let message = format!("`campaigns[{name}].rate` is {:?}", view.text()?);
        build.fault(view, "range", message, "give a rate above zero, as in \"20/day\"");
        return None;
    }
    Some(Span::from_seconds_f64(1.0 / rate))
}

/// Hours in UTC, as a window of the kind that instances have: those are in UTC+8.
fn window(view: View<'_>) -> Option<MaintenanceWindow> {
    let (from, hours) = (view.at("from").count32()?, view.at("hours").count32()?);
    Some(MaintenanceWindow { from: ((from + 8) % 24) as u8, hours: hours as u8 })
}

fn order(view: View<'_>) -> CampaignOrder {
    match view.text() {
        Some("spread") => CampaignOrder::Spread,
        Some("random") => CampaignOrder::Random,
        Some("emptiest-first") => CampaignOrder::EmptiestFirst,
        Some("fullest-first") => CampaignOrder::FullestFirst,
        Some(_) | None => CampaignOrder::RackByRack,
    }
}

/// System events at given times, in order of time, those of one instant in order of the file.
pub fn recorded(
    root: View<'_>,
    clock: &Clock,
    handles: &Handles<'_>,
    build: &mut Build,
) -> Column<Recorded, RecordedEvent> {
    let mut events = Vec::new();
    for (place, view) in root.at("events").elements().enumerate() {
        let path = format!("events[{place}]");
        if view.at("type").text() == Some(EventType::CleanInactiveDisks.code())
            && root.at("settings").at("enable").at("clean_inactive").switch() == Some(false)
        {
            let message = format!("`{path}.type`: events of this type are switched off");
            let help = "set settings.enable.clean_inactive = true, or leave it out";
            build.fault(view.at("type"), "conflict", message, help);
        }
        events.extend(event(view, &path, clock, handles, build));
    }
    events.sort_by_key(|event: &RecordedEvent| event.at);
    let mut column = Column::default();
    for event in events {
        column.push(event);
    }
    column
}

/// Interruptions at given times, in order of time.
pub fn interruptions(
    root: View<'_>,
    clock: &Clock,
    handles: &Handles<'_>,
    build: &mut Build,
) -> Column<RecordedInterruption, StatedInterruption> {
    let mut all = Vec::new();
    let list = root.at("spot").at("interruptions");
    for (place, view) in list.elements().enumerate() {
        let path = format!("spot.interruptions[{place}]");
        let at = clock.happening(view.at("at"), &format!("{path}.at"), build);
        let instance = view.at("instance");
        let Some(text) = instance.text() else { continue };
        let found = handles.find(text, (instance, &format!("{path}.instance")), build);
        let Some(found) = found else { continue };
        let is_spot = |template: &Id<Template>| build.layout.templates[*template].spot.is_some();
        let none_is = !found.templates.is_empty() && !found.templates.iter().any(is_spot);
        let InstanceHandle::Named(name) = found.handle else { continue };
        if none_is {
            let message = format!("`{path}.instance`: \"{text}\" is not preemptible");
            build.fault(instance, "spot", message, "give it a SpotStrategy");
        }
        all.extend(at.map(|at| StatedInterruption { at, instance: name }));
    }
    all.sort_by_key(|interruption| interruption.at);
    let mut column = Column::default();
    for interruption in all {
        column.push(interruption);
    }
    column
}

fn event(
    view: View<'_>,
    path: &str,
    clock: &Clock,
    handles: &Handles<'_>,
    build: &mut Build,
) -> Option<RecordedEvent> {
    let at = clock.happening(view.at("at"), &format!("{path}.at"), build);
    let kind = kind(view.at("type"), path, build)?;
    let status = status(view.at("status"), (kind, path), build);
    let lead = lead(view, path, (kind, status), (at, clock), build);
    let instance = view.at("instance");
    let found = handles.find(instance.text()?, (instance, &format!("{path}.instance")), build)?;
    let InstanceHandle::Named(name) = found.handle else {
        let message =
            format!("`{path}.instance`: no instance of the scenario has an id of the cloud");
        let help = "call it as the scenario does, as in \"web[3]\", \"jobs#17\" or \"trace#17\"";
        build.fault(instance, "unknown-name", message, help);
        return None;
    };
    let disk = view.at("disk").count32()?;
    let layout = &build.layout;
    let disks = found.templates.iter().map(|template| layout.demand(*template).local_disks).max();
    if let (true, Some(disks)) = (needs_disk(kind), disks)
        && disk >= disks
    {
        let code = kind.code();
        let (view, message) = match disks {
            0 => (
                instance,
                format!("`{path}`: {code} is about a local disk, and this instance has none"),
            ),
            _ => {
                (view.at("disk"), format!("`{path}.disk` is {disk}, and the instance has {disks}"))
            }
        };
        let help = match disks {
            0 => "name an instance whose type has `local_disks`",
            _ => "disks are counted from 0",
        };
        build.fault(view, "range", message, help);
    }
    Some(RecordedEvent { at: at?, kind, status, instance: name, disk, lead })
}

/// The type; one that no existing instance can have is a fault.
fn kind(view: View<'_>, path: &str, build: &mut Build) -> Option<EventType> {
    let kind = EventType::parse(view.text()?)?;
    if kind == EventType::FailureDelete {
        let message = format!("`{path}.type`: {} is about a creation that failed", kind.code());
        let known: Vec<&str> = EventType::ALL
            .iter()
            .filter(|kind| **kind != EventType::FailureDelete)
            .map(|kind| kind.code())
            .collect();
        let help = format!("name one that an instance can have: {}", known.join(", "));
        build.fault(view, "range", message, &help);
        return None;
    }
    Some(kind)
}

/// The status; one that the type is never published in is a fault.
fn status(
    view: View<'_>,
    (kind, path): (EventType, &str),
    build: &mut Build,
) -> Option<EventStatus> {
    let text = view.text()?;
    let allowed = kind.published_in();
    let found = allowed.iter().copied().find(|status| status.to_string() == text);
    if found.is_none() {
        let message = format!("`{path}.status`: {} is never published {text}", kind.code());
        let known: Vec<String> = allowed.iter().map(EventStatus::to_string).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        build.fault(view, "range", message, &known_names("", &known));
    }
    found
}

/// The time from publication to `notBefore`, if it is given.
fn lead(
    view: View<'_>,
    path: &str,
    (kind, status): (EventType, Option<EventStatus>),
    (at, clock): (Option<Instant>, &Clock),
    build: &mut Build,
) -> Option<Span> {
    let given = ["lead", "not_before"].map(|key| view.at(key));
    let given = given.into_iter().find(|view| view.is_given())?;
    let lead = match view.at("lead").is_given() {
        true => Some(view.at("lead").span()?),
        false => None,
    };
    let not_before = clock.instant(view.at("not_before"));
    let is_planned = kind.published_in().contains(&EventStatus::Scheduled);
    if !is_planned || status == Some(EventStatus::Inquiring) {
        let message = format!("`{path}`: only an event that is Scheduled has a notBefore");
        let help = "leave it out";
        build.fault(given, "conflict", message, help);
        return None;
    }
    if lead.is_some() {
        return lead;
    }
    let (at, not_before) = (at?, not_before?);
    if not_before < at {
        let message = format!("`{path}.not_before` lies before the event is published");
        build.fault(given, "range", message, "name a time after `at`, or a `lead`");
        return None;
    }
    Some(not_before.since(at))
}

/// Whether events of a type need a local disk.
const fn needs_disk(kind: EventType) -> bool {
    kind.is_of_disk_flow() || matches!(kind, EventType::DiskErrorDetected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{InMemory, Scenario};

    fn scenario(plans: &str) -> Scenario {
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"10d\"\nclock_start = \"1d\"\n\
             [server_models]\nm = {{ vcpus = 8, memory = \"8GiB\" }}\n\
             [[servers]]\nmodel = \"m\"\ncount = 4\nzones = [\"a\", \"b\"]\nracks_per_zone = 2\n\
             [instance_types]\nt = {{ vcpus = 1, memory = \"1GiB\" }}\n\
             [[workload.instances]]\nname = \"web\"\ntype = \"t\"\ncount = 2\n{plans}"
        );
        let files = InMemory::default();
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    fn after(hours: u64) -> Instant {
        Instant::ZERO.saturating_add(Span::from_seconds(hours * 3_600))
    }

    #[test]
    fn a_campaign_says_who_when_and_how_fast() {
        let scenario = scenario(
            "[[campaigns]]\nname = \"c\"\nevent = \"SystemMaintenance.Redeploy\"\nstart = \"2d\"\n\
             servers = { zones = [\"b\"], racks = [\"a-r1\", \"b-r2\"] }\nlead = \"24h\"\n\
             window = { from = 22, hours = 4 }\nrate = \"24/day\"\norder = \"spread\"\n\
             at_once = { per_rack = 2 }\nstop_after_failures = 3\n\
             [[campaigns]]\nname = \"d\"\nevent = \"SystemMaintenance.Reboot\"\n\
             start = \"2026-01-03T00:00:00Z\"\n",
        );
        let [first, second] = [0, 1].map(|place| scenario.campaigns.iter().nth(place).unwrap());
        assert!(matches!(first.aim, Aim::Event(EventType::MaintenanceRedeploy)));
        assert_eq!(first.start, after(48));
        let fits = scenario.layout.servers.iter().map(|server| first.servers.fits(server));
        assert_eq!(fits.collect::<Vec<_>>(), [false, false, false, true]);
        // From 22 to 2 o'clock in UTC is from 6 to 10 o'clock in UTC+8.
        let window = first.window.unwrap();
        assert_eq!((window.from, window.hours), (6, 4));
        assert_eq!(window.first_from(scenario.epoch, after(30)), after(24 + 22));
        assert_eq!(first.pace, Span::from_seconds(3_600));
        assert_eq!(first.order, CampaignOrder::Spread);
        assert_eq!((first.at_once.per_rack, first.at_once.servers), (NonZeroU32::new(2), None));
        assert_eq!(first.stop_after_failures, NonZeroU32::new(3));
        assert!(
            (first.servers.most, &first.lead)
                == (None, &Some(Distribution::Fixed(Span::from_seconds(86_400))))
        );
        // The run begins on the first of January with its clock a day on.
        assert_eq!(second.start, after(24 + 48));
        assert!(second.window.is_none() && second.lead.is_none() && second.pace.is_zero());
        assert!(second.live_migration && second.moves_instances);
    }

    #[test]
    fn events_stand_in_order_of_time() {
        let scenario = scenario(
            "[[events]]\nat = \"3d\"\ntype = \"SystemFailure.Reboot\"\ninstance = \"web[1]\"\n\
             [[events]]\nat = \"2026-01-01T01:00:00Z\"\ntype = \"SystemMaintenance.Reboot\"\n\
             instance = \"web[0]\"\nstatus = \"Scheduled\"\nnot_before = \"2026-01-02T00:00:00Z\"\n",
        );
        let events: Vec<&RecordedEvent> = scenario.recorded.iter().collect();
        assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), [after(25), after(72)]);
        assert_eq!(events[0].status, Some(EventStatus::Scheduled));
        assert_eq!(events[0].lead, Some(Span::from_seconds(23 * 3_600)));
        assert_eq!((events[1].status, events[1].lead), (None, None));
        assert_eq!(scenario.watched, [events[0].instance, events[1].instance]);
    }

    /// What a type is published in, it may be in.
    #[test]
    fn types_are_published_in_statuses_that_they_have() {
        for kind in EventType::ALL {
            assert!(kind.published_in().iter().all(|status| kind.may_be(*status)), "{kind:?}");
        }
    }
}
