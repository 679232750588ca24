//! Scaling groups in a story: what is remembered of them, and the words for their facts.

use super::{
    Detail, Story, put,
    words::{Told, of, text},
};
use crate::{
    fleet::{
        Fleet,
        groups::Counts,
        ids::{Member, Refresh, ScalingGroup, Script},
        instances::InstanceName,
        refreshes::{Detail as Why, Order},
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    lifecycle::{Attribute, member::MemberState, refresh::RefreshStatus},
    messages::{
        fact::Fact,
        scaling::{ActivityStatus, ScalingFact, Trigger},
    },
};

/// What is remembered of a member.
#[derive(Clone, Debug)]
struct MemberSeen {
    name: Option<InstanceName>,
    since: Instant,
}

/// What is remembered of a refresh.
#[derive(Clone, Copy, Debug)]
struct RefreshSeen {
    script: Id<Script>,
    group: Id<ScalingGroup>,
    began: Instant,
    since: Instant,
    ended: bool,
}

/// The sizes of a group, told once an instant: at its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sizes {
    at: Instant,
    group: Id<ScalingGroup>,
    desired: u32,
    counts: Counts,
}

impl Sizes {
    /// The numbers that are told.
    fn shown(&self) -> ([u32; 5], [(MemberState, u32); 5]) {
        let Counts { counted, healthy, serving, .. } = self.counts;
        let numbers = [self.desired, counted, healthy, serving, self.counts.physical()];
        (numbers, self.counts.in_other_states())
    }
}

/// What is remembered of scaling groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    members: Column<Member, Option<MemberSeen>>,
    refreshes: Column<Refresh, Option<RefreshSeen>>,
    /// Sizes that are yet to be told, by group.
    pending: Vec<Sizes>,
    /// The sizes told last, by group.
    told: Vec<Sizes>,
}

impl Groups {
    /// Takes note of what later facts refer to, before `fact` is told.
    pub(super) fn remember(&mut self, now: Instant, fact: &ScalingFact, fleet: &Fleet) {
        match *fact {
            ScalingFact::MemberMoved { member, from: None, instance, .. } => {
                let name = instance.map(|instance| fleet.instances[instance].name);
                put(&mut self.members, member, Some(MemberSeen { name, since: now }));
            }
            ScalingFact::RefreshMoved { refresh, group, from: None, .. } => {
                let script = fleet.refreshes[refresh].script;
                let seen = RefreshSeen { script, group, began: now, since: now, ended: false };
                put(&mut self.refreshes, refresh, Some(seen));
            }
            ScalingFact::Counted { group, desired, counts } => {
                let sizes = Sizes { at: now, group, desired, counts };
                self.pending.retain(|other| other.group != group);
                self.pending.push(sizes);
            }
            ScalingFact::MemberMoved { .. }
            | ScalingFact::RefreshMoved { .. }
            | ScalingFact::MemberFails { .. }
            | ScalingFact::MemberJudged { .. }
            | ScalingFact::LaunchFailed { .. }
            | ScalingFact::Activity { .. }
            | ScalingFact::SystemSuspended { .. }
            | ScalingFact::BatchBegan { .. }
            | ScalingFact::Replacing { .. }
            | ScalingFact::Replaced { .. }
            | ScalingFact::ReplacementFailed { .. }
            | ScalingFact::CheckpointReached { .. }
            | ScalingFact::FloorBroken { .. } => {}
        }
    }

    /// Takes note of when a state began, after `fact` was told.
    pub(super) fn forget(&mut self, now: Instant, fact: &ScalingFact) {
        if let ScalingFact::MemberMoved { member, .. } = *fact
            && let Some(Some(seen)) = self.members.get(member).cloned()
        {
            self.members[member] = Some(MemberSeen { since: now, ..seen });
        }
        if let ScalingFact::RefreshMoved { refresh, to, .. } = *fact
            && let Some(Some(seen)) = self.refreshes.get(refresh).copied()
        {
            let ended = to.attribute() == Attribute::Final;
            self.refreshes[refresh] = Some(RefreshSeen { since: now, ended, ..seen });
        }
    }

    /// The command that started `refresh`, and its group.
    pub(super) fn refresh(&self, refresh: Id<Refresh>) -> Option<(Id<Script>, Id<ScalingGroup>)> {
        let seen = self.refreshes.get(refresh).copied().flatten();
        seen.map(|seen| (seen.script, seen.group))
    }

    /// Whether the refresh that `script` started has not ended.
    pub(super) fn is_active(&self, script: Id<Script>) -> bool {
        let mut begun = self.refreshes.iter().flatten();
        begun.any(|seen| seen.script == script && !seen.ended)
    }

    /// Sizes of earlier instants than `now` that are to be told now: when, and the fact.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Instant, Fact)> {
        let is_due = |sizes: &Sizes| sizes.at < now;
        let due: Vec<Sizes> = self.pending.iter().copied().filter(is_due).collect();
        self.pending.retain(|sizes| sizes.at >= now);
        let mut facts = Vec::new();
        for sizes in due {
            let before = self.told.iter().find(|told| told.group == sizes.group);
            let is_same = before.is_some_and(|told| told.shown() == sizes.shown());
            if !is_same {
                let Sizes { at, group, desired, counts } = sizes;
                let fact = Fact::Scaling(ScalingFact::Counted { group, desired, counts });
                facts.push((at, fact));
            }
            self.told.retain(|told| told.group != sizes.group);
            self.told.push(sizes);
        }
        facts
    }
}

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, now: Instant, fact: &ScalingFact) -> Told {
    match *fact {
        ScalingFact::Counted { group, desired, counts } => sizes(story, group, desired, counts),
        ScalingFact::MemberMoved { member, group, from, to, .. } => {
            moved(story, now, (member, group), (from, to))
        }
        ScalingFact::MemberFails { member, group, .. } => {
            let (group, name) = (group_name(story, group), member_name(story, member));
            of("MemberFails", format!("{group}: the image of {name} begins to fail"), Vec::new())
        }
        ScalingFact::MemberJudged { member, group, healthy, .. } => {
            let verdict = if healthy { "Healthy" } else { "Unhealthy" };
            let words = format!(
                "{}: the health check finds {} {verdict}",
                group_name(story, group),
                member_name(story, member)
            );
            of("MemberJudged", words, vec![("healthy", Detail::Switch(healthy))])
        }
        ScalingFact::LaunchFailed { group, .. } => {
            let words = format!("{}: a launch fails: no capacity", group_name(story, group));
            of("LaunchFailed", words, Vec::new())
        }
        ScalingFact::Activity { group, number, trigger, launched, removed, status, .. } => {
            let (group, trigger_name) = (group_name(story, group), trigger_name(trigger));
            let did = match status {
                ActivityStatus::InProgress => {
                    format!("{launched} to be launched, {removed} to be removed")
                }
                ActivityStatus::Successful
                | ActivityStatus::Warning
                | ActivityStatus::Failed
                | ActivityStatus::Rejected => format!("{launched} launched, {removed} removed"),
            };
            let words = format!(
                "{group}: scaling activity {number} ({trigger_name}): {did}, {}",
                status.name()
            );
            let details = vec![
                ("trigger", text(trigger_name)),
                ("launched", Detail::Number(u64::from(launched))),
                ("removed", Detail::Number(u64::from(removed))),
                ("status", text(status.name())),
            ];
            of("Activity", words, details)
        }
        ScalingFact::SystemSuspended { group, suspended } => {
            let what = if suspended {
                "the system suspends it: its activities have failed for too long"
            } else {
                "it is edited, and the system suspends it no more"
            };
            let words = format!("{}: {what}", group_name(story, group));
            of("SystemSuspended", words, vec![("suspended", Detail::Switch(suspended))])
        }
        ScalingFact::RefreshMoved { .. }
        | ScalingFact::BatchBegan { .. }
        | ScalingFact::Replacing { .. }
        | ScalingFact::Replaced { .. }
        | ScalingFact::ReplacementFailed { .. }
        | ScalingFact::CheckpointReached { .. }
        | ScalingFact::FloorBroken { .. } => of_refresh(story, now, fact),
    }
}

fn sizes(story: &Story<'_>, group: Id<ScalingGroup>, desired: u32, counts: Counts) -> Told {
    let (counted, healthy, physical) = (counts.counted, counts.healthy, counts.physical());
    let serving = counts.serving;
    let words = format!(
        "{}: desired {desired}, counted {counted}, healthy {healthy}, serving {serving}, taking room {physical}",
        group_name(story, group)
    );
    let numbers = [
        ("desired", desired),
        ("counted", counted),
        ("healthy", healthy),
        ("serving", serving),
        ("physical", physical),
    ];
    let others = counts.in_other_states().into_iter().filter(|(_, number)| *number > 0);
    let words = others
        .clone()
        .fold(words, |words, (state, number)| format!("{words}, {number} {}", state.written()));
    let others = others.map(|(state, number)| (state.written(), number));
    let all = numbers.into_iter().chain(others);
    let details = all.map(|(name, number)| (name, Detail::Number(u64::from(number))));
    of("Counted", words, details.collect())
}

fn moved(
    story: &Story<'_>,
    now: Instant,
    (member, group): (Id<Member>, Id<ScalingGroup>),
    (from, to): (Option<MemberState>, MemberState),
) -> Told {
    let (group, name) = (group_name(story, group), member_name(story, member));
    let Some(from) = from else {
        let words = format!("{group}: {name} is a new member, {}", to.written());
        return of("MemberMoved", words, vec![("to", text(to.written()))]);
    };
    let seen = story.groups.members.get(member).and_then(Option::as_ref);
    let stayed = seen.map_or(Span::ZERO, |seen| now.since(seen.since));
    let (from, to) = (from.written(), to.written());
    let words = format!("{group}: {name} is {to} after {stayed} of {from}");
    let details = vec![("from", text(from)), ("to", text(to)), ("after_s", Detail::Span(stayed))];
    of("MemberMoved", words, details)
}

const fn trigger_name(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Api => "APIs",
        Trigger::Ess => "Ess",
        Trigger::Cms => "Cms",
        Trigger::Refresh => "refresh",
    }
}

fn group_name<'a>(story: &Story<'a>, group: Id<ScalingGroup>) -> &'a str {
    &story.scenario.layout.scaling_groups[group].name
}

pub(super) fn member_name(story: &Story<'_>, member: Id<Member>) -> String {
    let seen = story.groups.members.get(member).and_then(Option::as_ref);
    match seen.and_then(|seen| seen.name) {
        Some(name) => story.called(name),
        None => format!("member {}", member.index()),
    }
}

/// `refresh roll of web`.
pub(super) fn refresh_name(story: &Story<'_>, refresh: Id<Refresh>) -> String {
    match story.groups.refresh(refresh) {
        Some((script, group)) => format!(
            "refresh {} of {}",
            story.scenario.scripts[script].label,
            group_name(story, group)
        ),
        None => "a refresh".to_owned(),
    }
}

/// A fact of a refresh in words.
fn of_refresh(story: &Story<'_>, now: Instant, fact: &ScalingFact) -> Told {
    match *fact {
        ScalingFact::RefreshMoved { refresh, from, to, detail, .. } => {
            status(story, now, refresh, (from, to, detail))
        }
        ScalingFact::BatchBegan { refresh, terminate_first, launch_first, forced } => {
            let beyond =
                if forced { ", beyond the bounds, or nothing would ever move" } else { "" };
            let words = format!(
                "{} begins a batch: {terminate_first} terminate first, {launch_first} launch first{beyond}",
                refresh_name(story, refresh)
            );
            let details = vec![
                ("terminate_first", Detail::Number(u64::from(terminate_first))),
                ("launch_first", Detail::Number(u64::from(launch_first))),
                ("forced", Detail::Switch(forced)),
            ];
            of("BatchBegan", words, details)
        }
        ScalingFact::Replacing { refresh, old, order } => {
            let order = match order {
                Order::TerminateFirst => "terminate first",
                Order::LaunchFirst => "launch first",
            };
            let (name, old) = (refresh_name(story, refresh), member_name(story, old));
            of("Replacing", format!("{name} replaces {old}, {order}"), vec![("order", text(order))])
        }
        ScalingFact::Replaced { refresh, new, finished, total } => {
            let (name, new) = (refresh_name(story, refresh), member_name(story, new));
            let words = format!("{name}: {new} is ready, {finished} of {total}");
            let numbers = [("finished", finished), ("total", total)];
            let details = numbers.map(|(name, number)| (name, Detail::Number(u64::from(number))));
            of("Replaced", words, details.into())
        }
        ScalingFact::ReplacementFailed { refresh, new } => {
            let (name, new) = (refresh_name(story, refresh), member_name(story, new));
            of("ReplacementFailed", format!("{name}: {new} has failed"), Vec::new())
        }
        ScalingFact::CheckpointReached { refresh, percent } => {
            let words = format!("{} reaches checkpoint {percent} %", refresh_name(story, refresh));
            of("CheckpointReached", words, vec![("percent", Detail::Number(u64::from(percent)))])
        }
        ScalingFact::FloorBroken { refresh, missing } => {
            let words = format!(
                "{} has brought its group {missing} below the bound",
                refresh_name(story, refresh)
            );
            of("FloorBroken", words, vec![("missing", Detail::Number(u64::from(missing)))])
        }
        ScalingFact::Counted { .. }
        | ScalingFact::MemberMoved { .. }
        | ScalingFact::MemberFails { .. }
        | ScalingFact::MemberJudged { .. }
        | ScalingFact::LaunchFailed { .. }
        | ScalingFact::Activity { .. }
        | ScalingFact::SystemSuspended { .. } => unreachable!("these are told of their group"),
    }
}

fn status(
    story: &Story<'_>,
    now: Instant,
    refresh: Id<Refresh>,
    (from, to, detail): (Option<RefreshStatus>, RefreshStatus, Why),
) -> Told {
    let name = refresh_name(story, refresh);
    let why = match detail {
        Why::None => "",
        Why::NoCapacity => ": no capacity for a launch",
        Why::Unhealthy => ": new instances are unhealthy",
        Why::Suspended => ": a process that it needs is suspended",
        Why::TooManyAttempts => ": too many attempts for one instance",
        Why::TooManyFailed => ": too many new instances failed",
        Why::TooManyUnhealthy => ": too many instances of the group are unhealthy",
        Why::TimedOut => ": it took too long",
    };
    let Some(from) = from else {
        return of("RefreshMoved", format!("{name} is {to}"), vec![("to", text(to.name()))]);
    };
    let seen = story.groups.refreshes.get(refresh).copied().flatten();
    let (stayed, lasted) = seen
        .map_or((Span::ZERO, Span::ZERO), |seen| (now.since(seen.since), now.since(seen.began)));
    let words = format!("{name} is {to} after {stayed} of {from}, {lasted} in all{why}");
    let mut details = vec![
        ("from", text(from.name())),
        ("to", text(to.name())),
        ("after_s", Detail::Span(stayed)),
        ("lasted_s", Detail::Span(lasted)),
    ];
    if !why.is_empty() {
        details.push(("detail", text(why.trim_start_matches(": "))));
    }
    of("RefreshMoved", words, details)
}
