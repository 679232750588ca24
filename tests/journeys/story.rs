//! A run told as its facts: one line an instant.

use crate::checked;
use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::{
        fact::{Fact, Reason},
        hosts::HostFact,
        moves::{MoveFact, MoveWhat},
        scaling::ScalingFact,
        spot::SpotFact,
    },
    observe::Observer,
    scenario::Scenario,
};
use std::fmt::Write;

/// What every story stands on: steps of fixed length, guests that do not crash.
const USUAL: &str = r#"
[settings]
instance = { pending = "3s", starting = "40s" }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
"#;

/// Runs the scenario and tells its facts: `s` is a server, `i` an instance, `r` a rack.
pub fn told(text: &str) -> String {
    told_after(text, |_| {})
}

/// As [`told`], of the scenario after a `change` that no text makes.
pub fn told_after(text: &str, change: impl FnOnce(&mut Scenario)) -> String {
    let settings = if text.contains("[settings]") { "" } else { USUAL };
    let head = "[scenario]\nname = \"story\"\nhorizon = \"10h\"\n";
    let head = if text.contains("[scenario]") { "" } else { head };
    let mut scenario = checked::scenario(&format!("{head}{text}{settings}"));
    change(&mut scenario);
    let mut story = Story::default();
    checked::run(&scenario, 0, &mut story);
    story.text
}

/// Writes down what becomes true.
#[derive(Default)]
struct Story {
    text: String,
    now: Option<Instant>,
}

impl Observer for Story {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        let fact = line(fact);
        let written = if self.now == Some(now) {
            write!(self.text, "; {fact}")
        } else {
            let gap = if self.text.is_empty() { "" } else { "\n" };
            write!(self.text, "{gap}{now}  {fact}")
        };
        written.expect("a string takes any text");
        self.now = Some(now);
    }
}

fn line(fact: &Fact) -> String {
    match *fact {
        Fact::Requested { instance, .. } => format!("i{} is asked for", instance.index()),
        Fact::NoRoom { instance, reason } => {
            format!("i{} finds no room for its {}", instance.index(), reason.name())
        }
        Fact::Placed { instance, server, reason, waited } => {
            let waited = if waited.is_zero() { String::new() } else { format!(" after {waited}") };
            let why = if reason == Reason::Launch { "" } else { reason.name() };
            let why = if why.is_empty() { String::new() } else { format!(" by {why}") };
            format!("i{} on s{}{why}{waited}", instance.index(), server.index())
        }
        Fact::Vacated { instance, server } => {
            format!("i{} off s{}", instance.index(), server.index())
        }
        Fact::InstanceMoved { instance, from, to } => {
            format!("i{} {from} -> {to}", instance.index())
        }
        Fact::OwingBegan(instance) => format!("i{} owes", instance.index()),
        Fact::OwingEnded(instance) => format!("i{} owes no more", instance.index()),
        Fact::ServiceBegan(instance) => format!("i{} served", instance.index()),
        Fact::ServiceEnded { instance, cause } => {
            format!("i{} down by {}", instance.index(), cause.name())
        }
        Fact::DataLost { instance, bytes } => format!("i{} loses {bytes} B", instance.index()),
        Fact::ServerMoved { server, from, to } => format!("s{} {from} -> {to}", server.index()),
        Fact::ServerAvailable { server, available } => {
            format!("s{} {}", server.index(), if available { "works" } else { "fails" })
        }
        Fact::RackMoved { rack, up } => {
            format!("r{} {}", rack.index(), if up { "up" } else { "down" })
        }
        Fact::RepairAwaited(server) => format!("s{} awaits a crew", server.index()),
        Fact::RepairBegan { server, waited } if waited.is_zero() => {
            format!("s{} repair begins", server.index())
        }
        Fact::RepairBegan { server, waited } => {
            format!("s{} repair begins after {waited}", server.index())
        }
        Fact::RepairEnded(server) => format!("s{} repair ends", server.index()),
        Fact::TaskBegan { kind, instance, .. } => {
            format!("{} of i{}", kind.name(), instance.index())
        }
        Fact::TaskEnded { kind, instance, status, .. } => {
            format!("{} of i{} {status}", kind.name(), instance.index())
        }
        Fact::DirtyLost(instance) => format!("i{} loses what it had not written", instance.index()),
        Fact::Reserved { instance, server } => {
            format!("i{} reserves s{}", instance.index(), server.index())
        }
        Fact::Unreserved { instance, server } => {
            format!("i{} reserves s{} no more", instance.index(), server.index())
        }
        Fact::EventPublished { event, kind, status, instance, not_before, .. } => {
            let due = not_before.map(|at| format!(" for {at}")).unwrap_or_default();
            let (event, instance) = (event.index(), instance.index());
            format!("e{event} {} of i{instance} {status}{due}", kind.code())
        }
        Fact::EventMoved { event, from, to, .. } => format!("e{} {from} -> {to}", event.index()),
        Fact::EventRescheduled { event, not_before, .. } => {
            format!("e{} is put off to {not_before}", event.index())
        }
        Fact::OwnerPlans { event, plan, at, .. } => {
            format!("the owner plans {plan:?} for e{} at {at}", event.index())
        }
        Fact::Commanded { operation, instance, refusal, .. } => {
            let of = instance.map(|of| format!(" of i{}", of.index())).unwrap_or_default();
            let end = refusal.map(|refusal| format!(" refused: {}", refusal.code()));
            format!("{}{of}{}", operation.name(), end.unwrap_or_default())
        }
        Fact::DiskMoved { bay, from, to, .. } => format!("d{} {from} -> {to}", bay.index()),
        Fact::ServerAtRisk { server, at_risk: true } => format!("s{} at risk", server.index()),
        Fact::ServerAtRisk { server, at_risk: false } => {
            format!("s{} at risk no more", server.index())
        }
        Fact::ServerStuck { server, left } => {
            format!("s{} cannot be emptied: {left} stay", server.index())
        }
        Fact::CampaignMoved { server, done: false, .. } => {
            format!("the campaign takes up s{}", server.index())
        }
        Fact::CampaignMoved { server, done: true, .. } => {
            format!("the campaign is done with s{}", server.index())
        }
        Fact::CampaignEnded { complete, .. } => {
            let how = if complete { "is complete" } else { "is stopped" };
            format!("the campaign {how}")
        }
        Fact::Move(fact) => move_line(&fact),
        Fact::Cold(fact) => format!("{fact:?}"),
        Fact::Credits(fact) => format!("{fact:?}"),
        Fact::Drain(fact) => format!("{fact:?}"),
        Fact::Network(fact) => format!("{fact:?}"),
        Fact::Spot(fact) => spot_line(&fact),
        Fact::Host(fact) => host_line(&fact),
        Fact::Scaling(fact) => scaling_line(&fact),
    }
}

fn host_line(fact: &HostFact) -> String {
    match *fact {
        HostFact::Moved { host, from, to } => format!("h{} {from} -> {to}", host.index()),
        HostFact::Carried { host, from, to, .. } => {
            format!("h{} from s{} to s{}", host.index(), from.index(), to.index())
        }
        HostFact::Waits(host) => format!("h{} waits for a server", host.index()),
        HostFact::Modified(host) => format!("h{} modified", host.index()),
        HostFact::Retyped { instance, template } => {
            format!("i{} is of template {}", instance.index(), template.index())
        }
        HostFact::LiveMigration { instance, source, destination, status, .. } => format!(
            "i{} from h{} to h{} {status:?}",
            instance.index(),
            source.index(),
            destination.index()
        ),
    }
}

/// The same of a move's facts.
fn move_line(fact: &MoveFact) -> String {
    let who = format!("i{}", fact.instance.index());
    match fact.what {
        MoveWhat::Waits => format!("{who} waits for its turn"),
        MoveWhat::TurnCame { waited } => format!("{who} has its turn after {waited}"),
        MoveWhat::RoundSent { round, bytes, dirtied, throttle, .. } => {
            let slower = if throttle > 0 { format!(" at -{throttle}%") } else { String::new() };
            format!("{who} round {round} sent {bytes}, wrote {dirtied}{slower}")
        }
        MoveWhat::RoundsEnded { end, left } => format!("{who} {}, {left} left", end.name()),
        MoveWhat::WentAhead => format!("{who} goes ahead"),
        MoveWhat::RestSent { bytes, ahead: false, .. } => format!("{who} rest sent {bytes}"),
        MoveWhat::RestSent { bytes, ahead: true, .. } => format!("{who} memory follows {bytes}"),
        MoveWhat::DisksSent { bytes, .. } => format!("{who} disks sent {bytes}"),
        MoveWhat::Cut { bytes, .. } => format!("{who} cut after {bytes}"),
        MoveWhat::Ended { end, bytes, rounds } => {
            format!("{who} copy {}: {bytes} in {rounds} rounds", end.name())
        }
    }
}

/// The same of a preemptible instance's facts.
fn spot_line(fact: &SpotFact) -> String {
    match *fact {
        SpotFact::MarketMoved { price, stock, .. } => {
            format!("market at {} {stock:?}", price.amount())
        }
        SpotFact::Refused { instance, .. } => format!("market refuses i{}", instance.index()),
        SpotFact::Interrupted { instance, why, at, .. } => {
            format!("i{} interrupted by {} until {at}", instance.index(), why.name())
        }
        SpotFact::TakenBack { instance, .. } => format!("i{} taken back", instance.index()),
    }
}

/// The same of a scaling group's facts.
fn scaling_line(fact: &ScalingFact) -> String {
    match *fact {
        ScalingFact::Counted { group, desired, counts } => format!(
            "g{} D={desired} T={} H={} F={}",
            group.index(),
            counts.counted,
            counts.healthy,
            counts.physical()
        ),
        ScalingFact::MemberMoved { member, from, to, .. } => match from {
            Some(from) => format!("m{} {from} -> {to}", member.index()),
            None => format!("m{} comes, {to}", member.index()),
        },
        ScalingFact::MemberFails { member, .. } => format!("m{}'s image fails", member.index()),
        ScalingFact::MemberJudged { member, healthy, .. } => {
            let verdict = if healthy { "Healthy" } else { "Unhealthy" };
            format!("m{} is {verdict}", member.index())
        }
        ScalingFact::LaunchFailed { group, .. } => format!("g{} cannot launch", group.index()),
        ScalingFact::Activity { group, trigger, launched, removed, status, .. } => {
            format!("g{} scales for {trigger:?}: +{launched} -{removed} {status:?}", group.index())
        }
        ScalingFact::SystemSuspended { group, suspended } => {
            format!("g{} is suspended by the system: {suspended}", group.index())
        }
        ScalingFact::RefreshMoved { refresh, from, to, detail, .. } => {
            let from = from.map_or_else(|| "new".to_owned(), |from| from.to_string());
            format!("r{} {from} -> {to} ({detail:?})", refresh.index())
        }
        ScalingFact::BatchBegan { refresh, terminate_first, launch_first, forced } => {
            let forced = if forced { "!" } else { "" };
            format!("r{} batch T{terminate_first}+L{launch_first}{forced}", refresh.index())
        }
        ScalingFact::Replacing { refresh, old, order } => {
            format!("r{} replaces m{} {order:?}", refresh.index(), old.index())
        }
        ScalingFact::Replaced { refresh, new, finished, total } => {
            format!("r{} m{} is ready: {finished}/{total}", refresh.index(), new.index())
        }
        ScalingFact::ReplacementFailed { refresh, new } => {
            format!("r{} m{} failed", refresh.index(), new.index())
        }
        ScalingFact::CheckpointReached { refresh, percent } => {
            format!("r{} checkpoint {percent}", refresh.index())
        }
        ScalingFact::FloorBroken { refresh, missing } => {
            format!("r{} breaks the floor by {missing}", refresh.index())
        }
    }
}
