//! Facts in plain words, with their details for programs.

use super::{Detail, Story};
use crate::{
    fleet::{
        ids::{Instance, SystemEvent},
        system_events::{Origin, Plan},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::system_event::EventType,
    messages::{command::Actor, fact::Fact, operation::Operation, refusal::Refusal},
    observe::names,
};

/// A fact, told.
pub(super) struct Told {
    /// What, by the name of the fact.
    pub(super) what: &'static str,
    /// In plain words.
    pub(super) text: String,
    /// What else programs may want.
    pub(super) details: Vec<(&'static str, Detail)>,
}

pub(super) fn of(what: &'static str, text: String, details: Vec<(&'static str, Detail)>) -> Told {
    Told { what, text, details }
}

pub(super) fn text(text: &str) -> Detail {
    Detail::Text(text.to_owned())
}

/// `fact`, which became true at `now`, in words.
pub(super) fn told(story: &Story<'_>, now: Instant, fact: &Fact) -> Told {
    let told = match *fact {
        Fact::Requested { .. }
        | Fact::NoRoom { .. }
        | Fact::Placed { .. }
        | Fact::Vacated { .. }
        | Fact::Reserved { .. }
        | Fact::Unreserved { .. } => room(story, fact),
        Fact::InstanceMoved { .. }
        | Fact::OwingBegan(_)
        | Fact::OwingEnded(_)
        | Fact::ServiceBegan(_)
        | Fact::ServiceEnded { .. }
        | Fact::DataLost { .. }
        | Fact::DirtyLost(_) => service(story, now, fact),
        Fact::EventPublished { .. }
        | Fact::EventMoved { .. }
        | Fact::EventRescheduled { .. }
        | Fact::OwnerPlans { .. } => event(story, now, fact),
        Fact::Commanded { .. } | Fact::TaskBegan { .. } | Fact::TaskEnded { .. } => {
            work(story, now, fact)
        }
        Fact::DiskMoved { .. }
        | Fact::ServerAtRisk { .. }
        | Fact::ServerStuck { .. }
        | Fact::CampaignMoved { .. }
        | Fact::CampaignEnded { .. } => upkeep(story, now, fact),
        Fact::ServerMoved { .. }
        | Fact::ServerAvailable { .. }
        | Fact::RackMoved { .. }
        | Fact::RepairAwaited(_)
        | Fact::RepairBegan { .. }
        | Fact::RepairEnded(_) => hardware(story, fact),
        Fact::Cold(fact) => Some(super::cold::told(story, &fact)),
        Fact::Move(fact) => Some(super::moves::told(story, &fact)),
        Fact::Credits(fact) => Some(super::credits::told(story, &fact)),
        Fact::Spot(fact) => Some(super::spot::told(story, now, &fact)),
        Fact::Drain(fact) => Some(super::drains::told(story, &fact)),
        Fact::Network(fact) => Some(super::network::told(story, &fact)),
        Fact::Host(fact) => Some(super::hosts::told(story, &fact)),
        Fact::Scaling(fact) => Some(super::scaling::told(story, now, &fact)),
    };
    told.expect("each group has words for all its facts")
}

fn after(waited: Span) -> String {
    if waited.is_zero() { String::new() } else { format!(" after {waited}") }
}

/// Room is asked for, taken, given back.
fn room(story: &Story<'_>, fact: &Fact) -> Option<Told> {
    let layout = &story.scenario.layout;
    if let Fact::Requested { instance, template, name } = *fact {
        let kind = &layout.types[layout.templates[template].instance_type].name;
        let words = format!("{} is asked for: a {kind}", story.name(instance));
        let id = Detail::Text(story.ids.instance(name).to_string());
        return Some(of("Requested", words, vec![("instance_id", id), ("type", text(kind))]));
    }
    if let Fact::NoRoom { instance, reason } = *fact {
        let words = format!("{} finds no room ({})", story.name(instance), reason.name());
        return Some(of("NoRoom", words, vec![("reason", text(reason.name()))]));
    }
    if let Fact::Placed { instance, server, reason, waited } = *fact {
        let on = layout.server_name(server);
        let words = format!(
            "{} takes room on {on} ({}){}",
            story.name(instance),
            reason.name(),
            after(waited)
        );
        let details = vec![("reason", text(reason.name())), ("waited_s", Detail::Span(waited))];
        return Some(of("Placed", words, details));
    }
    let plain = |what, verb, instance, server| {
        let words = format!("{} {verb} {}", story.name(instance), layout.server_name(server));
        Some(of(what, words, Vec::new()))
    };
    if let Fact::Vacated { instance, server } = *fact {
        return plain("Vacated", "leaves", instance, server);
    }
    if let Fact::Reserved { instance, server } = *fact {
        return plain("Reserved", "reserves room on", instance, server);
    }
    if let Fact::Unreserved { instance, server } = *fact {
        return plain("Unreserved", "gives up its reservation on", instance, server);
    }
    None
}

/// An instance's state, and the service that it owes and gives.
fn service(story: &Story<'_>, now: Instant, fact: &Fact) -> Option<Told> {
    let plain = |what, instance, words: &str| {
        Some(of(what, format!("{} {words}", story.name(instance)), Vec::new()))
    };
    if let Fact::InstanceMoved { instance, from, to } = *fact {
        let seen = story.instances[instance].as_ref()?;
        let stayed = now.since(seen.since);
        let name = story.name(instance);
        let words = format!("{name} {from} -> {to}{}", after(stayed));
        let details = vec![
            ("from", text(from.name())),
            ("to", text(to.name())),
            ("after_s", Detail::Span(stayed)),
        ];
        return Some(of("InstanceMoved", words, details));
    }
    if let Fact::ServiceBegan(instance) = *fact {
        let down = story.instances[instance].as_ref()?.down_since.map(|since| now.since(since));
        let again = down.map(|down| format!(" again, after {down} down")).unwrap_or_default();
        let words = format!("{} is served{again}", story.name(instance));
        let details = down.map(|down| ("down_s", Detail::Span(down))).into_iter().collect();
        return Some(of("ServiceBegan", words, details));
    }
    if let Fact::ServiceEnded { instance, cause } = *fact {
        let words = format!("{} is down: {}", story.name(instance), cause.name());
        return Some(of("ServiceEnded", words, vec![("cause", text(cause.name()))]));
    }
    if let Fact::DataLost { instance, bytes } = *fact {
        let words = format!("{} loses {} of local data", story.name(instance), size(bytes));
        return Some(of("DataLost", words, vec![("bytes", Detail::Number(bytes))]));
    }
    if let Fact::OwingBegan(instance) = *fact {
        return plain("OwingBegan", instance, "owes service from now on");
    }
    if let Fact::OwingEnded(instance) = *fact {
        return plain("OwingEnded", instance, "owes no service any more");
    }
    if let Fact::DirtyLost(instance) = *fact {
        return plain("DirtyLost", instance, "loses what its guest had not written yet");
    }
    None
}

/// System events, and what owners make of them.
fn event(story: &Story<'_>, now: Instant, fact: &Fact) -> Option<Told> {
    if let Fact::EventPublished {
        event,
        number,
        kind,
        status,
        simulated,
        instance,
        origin,
        not_before,
        ..
    } = *fact
    {
        let due = not_before.map(|at| format!(", to run at {}", clock(at))).unwrap_or_default();
        let (name, of_whom) = (event_name(story, event), story.name(instance));
        let why = origin_words(story, origin);
        let says = kind.display_name();
        let words = format!("{name} of {of_whom}, {says}, is published {status}{due}: {why}");
        let mut details = vec![
            ("event_id", Detail::Text(story.ids.event(number).to_string())),
            ("type", text(kind.code())),
            ("name", text(says)),
            ("impact", text(kind.impact())),
            ("status", text(status.name())),
            ("simulated", Detail::Switch(simulated)),
            ("origin", Detail::Text(why)),
        ];
        details.extend(not_before.map(|at| ("not_before", Detail::Instant(at))));
        return Some(of("EventPublished", words, details));
    }
    if let Fact::EventMoved { event, kind, from, to, .. } = *fact {
        let stayed = now.since(story.events[event].as_ref()?.since);
        let words = format!("{} {from} -> {to}{}", event_name(story, event), after(stayed));
        let details = vec![
            ("type", text(kind.code())),
            ("from", text(from.name())),
            ("to", text(to.name())),
            ("after_s", Detail::Span(stayed)),
        ];
        return Some(of("EventMoved", words, details));
    }
    if let Fact::EventRescheduled { event, not_before, .. } = *fact {
        let words =
            format!("{} is now planned for {}", event_name(story, event), clock(not_before));
        return Some(of(
            "EventRescheduled",
            words,
            vec![("not_before", Detail::Instant(not_before))],
        ));
    }
    if let Fact::OwnerPlans { event, instance, plan, at } = *fact {
        let (owner, name) = (story.name(instance), event_name(story, event));
        let words = match operation_of(plan) {
            None => format!("the owner of {owner} is going to do nothing about {name}"),
            Some(plan) => {
                format!("the owner of {owner} plans {plan} at {}, about {name}", clock(at))
            }
        };
        let plan = text(operation_of(plan).unwrap_or("nothing"));
        return Some(of(
            "OwnerPlans",
            words,
            vec![("plan", plan), ("planned_for", Detail::Instant(at))],
        ));
    }
    None
}

const fn operation_of(plan: Plan) -> Option<&'static str> {
    match plan {
        Plan::Nothing => None,
        Plan::Accept => Some("AcceptInquiredSystemEvent"),
        Plan::Reboot => Some("RebootInstance"),
        Plan::Redeploy => Some("RedeployInstance"),
        Plan::Stop => Some("StopInstance"),
        Plan::Renew => Some("a renewal"),
    }
}

/// `event 17 (SystemMaintenance.Reboot)`.
fn event_name(story: &Story<'_>, event: Id<SystemEvent>) -> String {
    match story.events.get(event).and_then(Option::as_ref) {
        Some(seen) => short_name(seen.number, seen.kind),
        None => "an event".to_owned(),
    }
}

/// An event's number with its type. The names of disks' jobs tell by themselves that they are
/// maintenance.
pub(super) fn short_name(number: u64, kind: EventType) -> String {
    let code = kind.code();
    let short = code.strip_prefix("SystemMaintenance.").filter(|_| kind.is_of_disk_flow());
    format!("event {number} ({})", short.unwrap_or(code))
}

/// A time in words: to the second, as clocks in a sentence are.
pub(super) fn clock(at: Instant) -> Instant {
    Instant::from_micros(at.micros() - at.micros() % 1_000_000)
}

/// What brought an event about.
fn origin_words(story: &Story<'_>, origin: Origin) -> String {
    let layout = &story.scenario.layout;
    match origin {
        Origin::Risk { server, .. } => {
            format!("a risk of {} is predicted", layout.server_name(server))
        }
        Origin::Campaign { campaign, server } => format!(
            "campaign {} works on {}",
            story.scenario.campaigns[campaign].name,
            layout.server_name(server)
        ),
        Origin::Crash { server, .. } => format!("{} has failed", layout.server_name(server)),
        Origin::Disk { bay, .. } => format!("disk {} is damaged", names::disk(layout, bay)),
        Origin::Guest(_) => "its guest has crashed".to_owned(),
        Origin::Creation => "its creation has failed".to_owned(),
        Origin::Recorded(_) => "the scenario says so".to_owned(),
        Origin::Simulated => "CreateSimulatedSystemEvents made it".to_owned(),
        Origin::Subscription(_) => "its subscription ends".to_owned(),
        Origin::Arrears(_) => "the account is in arrears".to_owned(),
    }
}

/// Commands and tasks.
fn work(story: &Story<'_>, now: Instant, fact: &Fact) -> Option<Told> {
    if let Fact::Commanded { actor, operation, instance, refusal } = *fact {
        let mut told = commanded(story, (actor, operation), instance, refusal);
        if let (Actor::Script(script), None) = (actor, refusal) {
            let parameters = &story.scenario.scripts[script].parameters;
            let answer = story.history.answer(now, operation, parameters);
            let answer = answer.map(|answer| match answer {
                Ok(answer) => serde_json::to_string(&answer).expect("answers are plain objects"),
                Err(refusal) => format!("{:?}", refusal.code()),
            });
            told.details.extend(answer.map(|answer| ("answer", Detail::Json(answer))));
        }
        return Some(told);
    }
    if let Fact::TaskBegan { number, kind, instance, .. } = *fact {
        let words = format!("task {number} begins: {} of {}", kind.name(), story.name(instance));
        let id = Detail::Text(story.ids.task(number).to_string());
        return Some(of("TaskBegan", words, vec![("task_id", id), ("kind", text(kind.name()))]));
    }
    if let Fact::TaskEnded { task, kind, instance, status } = *fact {
        let seen = story.tasks[task].as_ref()?;
        let lasted = now.since(seen.since);
        let (number, name) = (seen.number, story.name(instance));
        let words =
            format!("task {number}, {} of {name}, ends {status}{}", kind.name(), after(lasted));
        let details = vec![
            ("kind", text(kind.name())),
            ("status", text(status.name())),
            ("after_s", Detail::Span(lasted)),
        ];
        return Some(of("TaskEnded", words, details));
    }
    None
}

fn commanded(
    story: &Story<'_>,
    (actor, operation): (Actor, Operation),
    instance: Option<Id<Instance>>,
    refusal: Option<Refusal>,
) -> Told {
    let (who, key) = match actor {
        Actor::Owner => ("the owner".to_owned(), "owner".to_owned()),
        Actor::Script(script) => {
            let label = &story.scenario.scripts[script].label;
            // A script without a name is called by its place: `script[2]`.
            let has_none = label.starts_with("script[");
            let key = if has_none { label.clone() } else { format!("script {label}") };
            (key.clone(), key)
        }
    };
    let whom =
        instance.map(|instance| format!(" for {}", story.name(instance))).unwrap_or_default();
    let mut details = vec![
        ("actor", Detail::Text(key)),
        ("operation", text(operation.name())),
        ("refused", Detail::Switch(refusal.is_some())),
    ];
    let mut words = match operation.is_act_of_cloud() {
        true => format!("the cloud's {}{whom}, by {who}", operation.name()),
        false => format!("{who} asks for {}{whom}", operation.name()),
    };
    if let Some(refusal) = refusal {
        let (http, code, message) = (refusal.http(operation), refusal.code(), refusal.message());
        words.push_str(&format!(", refused: {http} {code}"));
        if !message.is_empty() {
            words.push_str(&format!(": {message}"));
        }
        details.extend([
            ("http", Detail::Number(u64::from(http))),
            ("code", text(code)),
            ("message", text(message)),
        ]);
    }
    of("Commanded", words, details)
}

/// Disks, risks and campaigns.
fn upkeep(story: &Story<'_>, now: Instant, fact: &Fact) -> Option<Told> {
    let layout = &story.scenario.layout;
    if let Fact::DiskMoved { bay, number, holder, from, to } = *fact {
        let stay =
            story.disks.iter().find(|(of, _)| *of == bay).map(|(_, since)| now.since(*since));
        let held =
            holder.map(|holder| format!(", held by {}", story.name(holder))).unwrap_or_default();
        let words = format!(
            "disk {}{held}: {from} -> {to}{}",
            names::disk(layout, bay),
            after(stay.unwrap_or(Span::ZERO))
        );
        let details = vec![
            ("number", Detail::Number(u64::from(number))),
            ("from", text(from.name())),
            ("to", text(to.name())),
        ];
        return Some(of("DiskMoved", words, details));
    }
    if let Fact::ServerAtRisk { server, at_risk } = *fact {
        let how = if at_risk { "is at risk" } else { "is not at risk any more" };
        let words = format!("server {} {how}", layout.server_name(server));
        return Some(of("ServerAtRisk", words, vec![("at_risk", Detail::Switch(at_risk))]));
    }
    if let Fact::ServerStuck { server, left } = *fact {
        let words =
            format!("server {} cannot be emptied for now: {left} stay", layout.server_name(server));
        return Some(of("ServerStuck", words, vec![("left", Detail::Number(u64::from(left)))]));
    }
    if let Fact::CampaignMoved { campaign, server, done } = *fact {
        let name = &story.scenario.campaigns[campaign].name;
        let how = if done { "is done with" } else { "takes up" };
        let words = format!("campaign {name} {how} server {}", layout.server_name(server));
        let details = vec![("campaign", text(name)), ("done", Detail::Switch(done))];
        return Some(of("CampaignMoved", words, details));
    }
    if let Fact::CampaignEnded { campaign, complete } = *fact {
        let name = &story.scenario.campaigns[campaign].name;
        let how = if complete { "is complete" } else { "is stopped by its rule" };
        let details = vec![("campaign", text(name)), ("complete", Detail::Switch(complete))];
        return Some(of("CampaignEnded", format!("campaign {name} {how}"), details));
    }
    None
}

/// Servers, racks and repairs.
fn hardware(story: &Story<'_>, fact: &Fact) -> Option<Told> {
    let layout = &story.scenario.layout;
    let server = |server| format!("server {}", layout.server_name(server));
    if let Fact::ServerMoved { server: of_whom, from, to } = *fact {
        let words = format!("{} {from} -> {to}", server(of_whom));
        let details = vec![("from", text(from.name())), ("to", text(to.name()))];
        return Some(of("ServerMoved", words, details));
    }
    if let Fact::ServerAvailable { server: of_whom, available } = *fact {
        let how = if available { "can serve again" } else { "cannot serve any more" };
        let words = format!("{} {how}", server(of_whom));
        return Some(of("ServerAvailable", words, vec![("available", Detail::Switch(available))]));
    }
    if let Fact::RackMoved { rack, up } = *fact {
        let how = if up { "is up again" } else { "is down" };
        let name = &layout.racks[rack].name;
        let details = vec![("rack", text(name)), ("up", Detail::Switch(up))];
        return Some(of("RackMoved", format!("rack {name} {how}"), details));
    }
    if let Fact::RepairBegan { server: of_whom, waited } = *fact {
        let words = format!("a crew takes up {}{}", server(of_whom), after(waited));
        return Some(of("RepairBegan", words, vec![("waited_s", Detail::Span(waited))]));
    }
    if let Fact::RepairAwaited(of_whom) = *fact {
        let words = format!("{} waits for a crew", server(of_whom));
        return Some(of("RepairAwaited", words, Vec::new()));
    }
    if let Fact::RepairEnded(of_whom) = *fact {
        return Some(of("RepairEnded", format!("{} is repaired", server(of_whom)), Vec::new()));
    }
    None
}

/// A size in the largest unit that leaves a number above one.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => format!("{:.2} {unit}", bytes as f64 / *size as f64),
        None => format!("{bytes} B"),
    }
}
