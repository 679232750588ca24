//! How things stand after a fact: what a picture of a story draws as bars, and what tells where a
//! part of it begins and ends.

use super::Story;
use crate::{
    fleet::ids::{Instance, Server},
    kernel::column::Id,
    lifecycle::{
        dedicated_host::HostState,
        instance::InstanceState,
        local_disk::DiskState,
        member::MemberState,
        migration::MigrationStatus,
        refresh::RefreshStatus,
        server::ServerState,
        system_event::{EventStatus, EventType},
    },
    messages::{
        cold::ColdFact,
        credits::CreditFact,
        drain::DrainFact,
        fact::Fact,
        hosts::HostFact,
        moves::{MoveFact, MoveWhat},
        scaling::ScalingFact,
        spot::SpotFact,
    },
    observe::names,
};

/// What of a thing stands so, in the order in which pictures show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Aspect {
    /// How many of a scaling group's members serve.
    Group,
    /// The status of an instance refresh.
    Refresh,
    /// The status of a dedicated host.
    Host,
    /// The server that carries a dedicated host.
    Carrier,
    /// The state of a rack.
    Rack,
    /// The state of a server.
    Server,
    /// A predicted failure of a server.
    Risk,
    /// What a crew does about a server.
    Repair,
    /// What a campaign or a drain does about a server.
    Campaign,
    /// The state of a local disk.
    Disk,
    /// Whether an instance is served.
    Service,
    /// The status of an instance, as the cloud says it.
    Status,
    /// The server that an instance is on.
    Place,
    /// Whether a burstable instance is held to its baseline.
    Credits,
    /// The state of a scaling group's member.
    Member,
    /// The status of a system event.
    Event,
    /// The phase of a task.
    Task,
}

impl Aspect {
    /// Whether it is about a server, of which nothing more is heard by who has left it.
    pub const fn is_of_server(self) -> bool {
        match self {
            Self::Rack | Self::Server | Self::Risk | Self::Repair | Self::Campaign => true,
            Self::Group
            | Self::Refresh
            | Self::Host
            | Self::Carrier
            | Self::Disk
            | Self::Service
            | Self::Status
            | Self::Place
            | Self::Credits
            | Self::Member
            | Self::Event
            | Self::Task => false,
        }
    }
}

/// What it means that something stands so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Something is done about it.
    Work,
    /// It waits for somebody or something.
    Waits,
    /// It is not as it should be.
    Bad,
    /// It is at rest because somebody wants it so.
    Rest,
    /// It is neither good nor bad: where something is.
    Place,
    /// It is over: nothing more is to be said of it.
    Over,
}

impl Tone {
    /// Whether more of the same story is to be expected.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Work | Self::Waits | Self::Bad => true,
            Self::Good | Self::Rest | Self::Place | Self::Over => false,
        }
    }
}

/// How a thing stands from an instant on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What of it.
    pub aspect: Aspect,
    /// The thing's name.
    pub name: String,
    /// How it stood until then, where that is known without having seen it.
    pub before: Option<(String, Tone)>,
    /// How it stands from now on.
    pub state: String,
    /// What that means.
    pub tone: Tone,
}

impl Standing {
    fn new(aspect: Aspect, name: String, state: &str, tone: Tone) -> Self {
        Self { aspect, name, before: None, state: state.to_owned(), tone }
    }

    fn after(self, state: &str, tone: Tone) -> Self {
        Self { before: Some((state.to_owned(), tone)), ..self }
    }
}

/// What `fact` says of how things stand.
pub(super) fn of(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    match *fact {
        Fact::Requested { .. }
        | Fact::Placed { .. }
        | Fact::Vacated { .. }
        | Fact::InstanceMoved { .. }
        | Fact::OwingBegan(_)
        | Fact::OwingEnded(_)
        | Fact::ServiceBegan(_)
        | Fact::ServiceEnded { .. } => of_instance(story, fact),
        Fact::EventPublished { .. } | Fact::EventMoved { .. } => of_event(story, fact),
        Fact::TaskBegan { .. }
        | Fact::TaskEnded { .. }
        | Fact::Move(_)
        | Fact::Cold(ColdFact::Moved { .. }) => of_task(story, fact),
        Fact::DiskMoved { bay, from, to, .. } => {
            let name = names::disk(&story.scenario.layout, bay);
            let now = Standing::new(Aspect::Disk, name, to.name(), disk(to));
            vec![now.after(from.name(), disk(from))]
        }
        Fact::ServerMoved { .. }
        | Fact::ServerAtRisk { .. }
        | Fact::CampaignMoved { .. }
        | Fact::RackMoved { .. }
        | Fact::RepairAwaited(_)
        | Fact::RepairBegan { .. }
        | Fact::RepairEnded(_)
        | Fact::Drain(_) => of_hardware(story, fact),
        Fact::Host(HostFact::Moved { .. } | HostFact::Carried { .. }) => of_host(story, fact),
        Fact::Spot(SpotFact::Interrupted { .. } | SpotFact::TakenBack { .. })
        | Fact::Credits(CreditFact::Held { .. }) => of_pay(story, fact),
        Fact::Scaling(fact) => of_scaling(story, &fact),
        // What happens and is over at once.
        Fact::NoRoom { .. }
        | Fact::ServerStuck { .. }
        | Fact::DataLost { .. }
        | Fact::DirtyLost(_)
        | Fact::Reserved { .. }
        | Fact::Unreserved { .. }
        | Fact::EventRescheduled { .. }
        | Fact::OwnerPlans { .. }
        | Fact::Commanded { .. }
        | Fact::CampaignEnded { .. }
        | Fact::ServerAvailable { .. }
        | Fact::Cold(ColdFact::Job { .. })
        | Fact::Credits(_)
        | Fact::Spot(SpotFact::MarketMoved { .. } | SpotFact::Refused { .. })
        | Fact::Network(_)
        | Fact::Host(
            HostFact::Waits(_)
            | HostFact::Modified(_)
            | HostFact::Retyped { .. }
            | HostFact::LiveMigration { .. },
        ) => Vec::new(),
    }
}

fn of_host(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let layout = &story.scenario.layout;
    if let Fact::Host(HostFact::Moved { host: of_whom, from, to }) = *fact {
        let name = layout.dedicated_hosts[of_whom].name.clone();
        let now = Standing::new(Aspect::Host, name, to.name(), host(to));
        return vec![now.after(from.name(), host(from))];
    }
    if let Fact::Host(HostFact::Carried { host, from, to, .. }) = *fact {
        let name = layout.dedicated_hosts[host].name.clone();
        let [from, to] = [from, to].map(|server| layout.server_name(server));
        let now = Standing::new(Aspect::Carrier, name, &to, Tone::Place);
        return vec![now.after(&from, Tone::Place)];
    }
    Vec::new()
}

/// What hangs on how an instance is paid for.
fn of_pay(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let stands = |instance: Id<Instance>, state: &str, tone| {
        vec![Standing::new(Aspect::Credits, story.name(instance), state, tone)]
    };
    if let Fact::Spot(SpotFact::Interrupted { instance, .. }) = *fact {
        return stands(instance, "to be taken back", Tone::Waits);
    }
    if let Fact::Spot(SpotFact::TakenBack { instance, .. }) = *fact {
        return stands(instance, "taken back", Tone::Over);
    }
    if let Fact::Credits(CreditFact::Held { instance, held }) = *fact {
        let (state, tone) =
            if held { ("held to baseline", Tone::Bad) } else { ("not held", Tone::Over) };
        return stands(instance, state, tone);
    }
    Vec::new()
}

fn of_instance(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let stands = |aspect, instance: Id<Instance>, state: &str, tone| {
        vec![Standing::new(aspect, story.name(instance), state, tone)]
    };
    if let Fact::Requested { instance, .. } = *fact {
        return stands(Aspect::Status, instance, "asked for", Tone::Waits);
    }
    if let Fact::Placed { instance, server, .. } = *fact {
        let server = story.scenario.layout.server_name(server);
        return stands(Aspect::Place, instance, &server, Tone::Place);
    }
    if let Fact::Vacated { instance, server } = *fact {
        let server = story.scenario.layout.server_name(server);
        return stands(Aspect::Place, instance, &server, Tone::Over);
    }
    if let Fact::InstanceMoved { instance, from, to } = *fact {
        let now = Standing::new(Aspect::Status, story.name(instance), to.name(), instance_tone(to));
        return vec![now.after(from.name(), instance_tone(from))];
    }
    if let Fact::OwingBegan(instance) = *fact {
        return stands(Aspect::Service, instance, "not served yet", Tone::Bad);
    }
    if let Fact::OwingEnded(instance) = *fact {
        return stands(Aspect::Service, instance, "not wanted", Tone::Over);
    }
    if let Fact::ServiceBegan(instance) = *fact {
        return stands(Aspect::Service, instance, "served", Tone::Good);
    }
    if let Fact::ServiceEnded { instance, cause } = *fact {
        let now = Standing::new(Aspect::Service, story.name(instance), cause.name(), Tone::Bad);
        return vec![now.after("served", Tone::Good)];
    }
    Vec::new()
}

fn of_event(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let of = |number: u64, kind: EventType, status: EventStatus| {
        let name = super::words::short_name(number, kind);
        vec![Standing::new(Aspect::Event, name, status.name(), event(status))]
    };
    if let Fact::EventPublished { number, kind, status, .. } = *fact {
        return of(number, kind, status);
    }
    if let Fact::EventMoved { event, kind, to, .. } = *fact
        && let Some(Some(seen)) = story.events.get(event)
    {
        return of(seen.number, kind, to);
    }
    Vec::new()
}

fn of_task(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let of = |task, state: &str, tone| {
        let seen = story.tasks.get(task).copied().flatten();
        let name = seen.map(|seen| format!("task {} ({})", seen.number, seen.kind.name()));
        name.map(|name| Standing::new(Aspect::Task, name, state, tone)).into_iter().collect()
    };
    if let Fact::TaskBegan { task, kind, .. } = *fact {
        return of(task, kind.name(), Tone::Work);
    }
    if let Fact::TaskEnded { task, status, .. } = *fact {
        return of(task, status.name(), Tone::Over);
    }
    if let Fact::Cold(ColdFact::Moved { task, to, .. }) = *fact {
        let tone = match to {
            MigrationStatus::PreMigrating
            | MigrationStatus::Migrating
            | MigrationStatus::PostMigrating
            | MigrationStatus::Confirming
            | MigrationStatus::Reverting => Tone::Work,
            MigrationStatus::Finished => Tone::Waits,
            MigrationStatus::Confirmed | MigrationStatus::Reverted | MigrationStatus::Error => {
                Tone::Over
            }
        };
        return of(task, to.word(), tone);
    }
    let Fact::Move(MoveFact { task, what, .. }) = *fact else { return Vec::new() };
    match what {
        MoveWhat::Waits => of(task, "waits its turn", Tone::Waits),
        MoveWhat::TurnCame { .. } => of(task, "sends memory", Tone::Work),
        MoveWhat::RoundSent { round, .. } => of(task, &format!("after round {round}"), Tone::Work),
        MoveWhat::RoundsEnded { .. } => of(task, "switches over", Tone::Work),
        MoveWhat::WentAhead => of(task, "memory follows", Tone::Work),
        MoveWhat::RestSent { .. } | MoveWhat::DisksSent { .. } => of(task, "sent", Tone::Work),
        MoveWhat::Cut { .. } => of(task, "cut off", Tone::Work),
        // The task's own end says more.
        MoveWhat::Ended { .. } => Vec::new(),
    }
}

fn of_hardware(story: &Story<'_>, fact: &Fact) -> Vec<Standing> {
    let (layout, campaigns) = (&story.scenario.layout, &story.scenario.campaigns);
    let stands = |aspect, server: Id<Server>, state: &str, tone| {
        vec![Standing::new(aspect, layout.server_name(server), state, tone)]
    };
    if let Fact::ServerMoved { server: of_whom, from, to } = *fact {
        let name = layout.server_name(of_whom);
        let now = Standing::new(Aspect::Server, name, to.name(), server(to));
        return vec![now.after(from.name(), server(from))];
    }
    if let Fact::ServerAtRisk { server, at_risk } = *fact {
        let (state, tone) =
            if at_risk { ("at risk", Tone::Waits) } else { ("no risk", Tone::Over) };
        return stands(Aspect::Risk, server, state, tone);
    }
    if let Fact::CampaignMoved { campaign, server, done } = *fact {
        let tone = if done { Tone::Over } else { Tone::Work };
        return stands(Aspect::Campaign, server, &campaigns[campaign].name, tone);
    }
    if let Fact::RackMoved { rack, up } = *fact {
        let name = layout.racks[rack].name.clone();
        let (state, tone) = if up { ("up", Tone::Good) } else { ("down", Tone::Bad) };
        let before = if up { ("down", Tone::Bad) } else { ("up", Tone::Good) };
        return vec![Standing::new(Aspect::Rack, name, state, tone).after(before.0, before.1)];
    }
    if let Fact::RepairAwaited(server) = *fact {
        return stands(Aspect::Repair, server, "waits for a crew", Tone::Waits);
    }
    if let Fact::RepairBegan { server, .. } = *fact {
        return stands(Aspect::Repair, server, "crew at work", Tone::Work);
    }
    if let Fact::RepairEnded(server) = *fact {
        return stands(Aspect::Repair, server, "repaired", Tone::Over);
    }
    let Fact::Drain(fact) = *fact else { return Vec::new() };
    match fact {
        DrainFact::SetsOut { from, .. } => stands(Aspect::Campaign, from, "is emptied", Tone::Work),
        DrainFact::Emptied { server, .. } => stands(Aspect::Campaign, server, "empty", Tone::Rest),
        DrainFact::GivenUp { server, .. } => {
            stands(Aspect::Campaign, server, "given up", Tone::Over)
        }
        DrainFact::Returned { server, .. } => {
            stands(Aspect::Campaign, server, "returned", Tone::Over)
        }
        DrainFact::Planned { .. } | DrainFact::Barred { .. } => Vec::new(),
    }
}

fn of_scaling(story: &Story<'_>, fact: &ScalingFact) -> Vec<Standing> {
    match *fact {
        ScalingFact::MemberMoved { member: of_whom, from, to, .. } => {
            let name = super::scaling::member_name(story, of_whom);
            let now = Standing::new(Aspect::Member, name, to.written(), member(to));
            vec![match from {
                Some(from) => now.after(from.written(), member(from)),
                None => now,
            }]
        }
        ScalingFact::RefreshMoved { refresh: of_whom, to, .. } => {
            let name = super::scaling::refresh_name(story, of_whom);
            vec![Standing::new(Aspect::Refresh, name, to.name(), refresh(to))]
        }
        ScalingFact::Counted { group, desired, counts } => {
            let name = story.scenario.layout.scaling_groups[group].name.clone();
            let state = format!("{} of {desired} serve", counts.serving);
            let tone = if counts.serving < desired { Tone::Bad } else { Tone::Good };
            vec![Standing::new(Aspect::Group, name, &state, tone)]
        }
        ScalingFact::MemberFails { .. }
        | ScalingFact::MemberJudged { .. }
        | ScalingFact::LaunchFailed { .. }
        | ScalingFact::Activity { .. }
        | ScalingFact::SystemSuspended { .. }
        | ScalingFact::BatchBegan { .. }
        | ScalingFact::Replacing { .. }
        | ScalingFact::Replaced { .. }
        | ScalingFact::ReplacementFailed { .. }
        | ScalingFact::CheckpointReached { .. }
        | ScalingFact::FloorBroken { .. } => Vec::new(),
    }
}

const fn instance_tone(state: InstanceState) -> Tone {
    match state {
        InstanceState::Pending => Tone::Waits,
        InstanceState::Starting | InstanceState::Stopping => Tone::Work,
        InstanceState::Running => Tone::Good,
        InstanceState::Stopped => Tone::Rest,
        InstanceState::Released => Tone::Over,
    }
}

const fn event(status: EventStatus) -> Tone {
    match status {
        EventStatus::Inquiring | EventStatus::Scheduled => Tone::Waits,
        EventStatus::Executing => Tone::Work,
        EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => Tone::Over,
    }
}

const fn disk(state: DiskState) -> Tone {
    match state {
        DiskState::Healthy => Tone::Good,
        DiskState::Damaged => Tone::Bad,
        DiskState::IsolationAuthorized | DiskState::Isolated | DiskState::ReInitAuthorized => {
            Tone::Waits
        }
        DiskState::Replaced => Tone::Work,
    }
}

const fn server(state: ServerState) -> Tone {
    match state {
        ServerState::Up => Tone::Good,
        ServerState::Restarting | ServerState::InRepair => Tone::Work,
        ServerState::Broken => Tone::Bad,
        ServerState::Offline => Tone::Waits,
    }
}

const fn host(status: HostState) -> Tone {
    match status {
        HostState::Available => Tone::Good,
        HostState::UnderAssessment => Tone::Waits,
        HostState::TempUnavailable | HostState::PermanentFailure => Tone::Bad,
        HostState::Redeploying => Tone::Work,
    }
}

const fn member(state: MemberState) -> Tone {
    match state {
        MemberState::Pending | MemberState::Removing => Tone::Work,
        MemberState::PendingWait | MemberState::RemovingWait => Tone::Waits,
        MemberState::InService | MemberState::Protected => Tone::Good,
        MemberState::Standby | MemberState::Stopped => Tone::Rest,
        MemberState::Gone => Tone::Over,
    }
}

const fn refresh(status: RefreshStatus) -> Tone {
    match status {
        RefreshStatus::Pending | RefreshStatus::Paused | RefreshStatus::CheckpointPause => {
            Tone::Waits
        }
        RefreshStatus::InProgress
        | RefreshStatus::Cancelling
        | RefreshStatus::RollbackInProgress => Tone::Work,
        RefreshStatus::Cancelled
        | RefreshStatus::RollbackSuccessful
        | RefreshStatus::RollbackFailed
        | RefreshStatus::Failed
        | RefreshStatus::Successful => Tone::Over,
    }
}
