//! A run that a test stops where it likes, to look at it and to interfere.

use super::{events, happen, loss, perform, turn::Turn};
use crate::{
    fleet::{
        Fleet, Sources,
        care::LockReason,
        cause::Cause,
        ids::{Bay, Configuration, Instance, Server, SystemEvent},
        layout::Layout,
        scaling::{
            ConfigurationSpec, Creation, GroupKind, HealthSpec, ImageSpec, MultiAz, Offer,
            Processes, Reclaim, RemovalPolicy, ScalingGroupSpec, StartingMembers,
        },
        system_events::{NewEvent, Origin},
    },
    kernel::{
        agenda::Agenda,
        column::{Column, Id},
        distribution::Distribution,
        streams::Streams,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        member::MemberState,
        system_event::{EventStatus, EventType},
    },
    messages::{
        command::{Actor, Command},
        fact::Fact,
        occurrence::Occurrence,
        operation::{GroupOperation, Operation},
        refusal::Refusal,
        scaling::{ActivityStatus, ScalingCommand, ScalingFact},
    },
    scenario::{InMemory, Scenario},
};

/// Steps of fixed length, and nothing that fails by itself.
const USUAL: &str = r#"
[scenario]
name = "stage"
horizon = "20d"
[server_models.m]
vcpus = 8
memory = "32GiB"
local_disks = { count = 4, size = "1000GiB" }
crash = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
racks_per_zone = 2
[settings]
instance = { pending = "3s", starting = "40s", stopping = "10s" }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
redeploy = { switch = "60s", fail_p = 0 }
event = { cancel_p = 0 }
disk = { detect = "60s" }
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.local]
vcpus = 4
memory = "16GiB"
local_disks = 2
"#;

/// The run, its facts so far, and when each became true.
pub struct Stage {
    pub scenario: Scenario,
    pub fleet: Fleet,
    pub told: Vec<(Instant, Fact)>,
    agenda: Agenda<Occurrence>,
    facts: Vec<Fact>,
    streams: Streams,
    scratch: Vec<Id<Instance>>,
    events: Vec<Id<SystemEvent>>,
    now: Instant,
}

impl Stage {
    /// One instance of a type (`cloud` or `local`) on the first of two servers.
    pub fn with_one(of_type: &str) -> Self {
        Self::new(&format!("[[workload.instances]]\ntype = \"{of_type}\"\ncount = 1\n"), |_| {})
    }

    /// The usual scenario with `more` at its end; `change` may do to it what no file can say.
    pub fn new(more: &str, change: impl FnOnce(&mut Scenario)) -> Self {
        let text = format!("{USUAL}{more}");
        let files = InMemory::default();
        let mut scenario = Scenario::parse("stage.toml", text.as_bytes(), &[], &files)
            .unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        change(&mut scenario);
        let sources = Sources {
            arrivals: scenario.workload.sources.len(),
            campaigns: scenario.campaigns.len(),
        };
        let index = scenario.policies.placement.index();
        let mut fleet = Fleet::new(&scenario.layout, index, sources, scenario.begin);
        fleet.instances.watch(&scenario.watched);
        let mut stage = Self {
            fleet,
            told: Vec::new(),
            agenda: Agenda::new(scenario.begin, scenario.end),
            facts: Vec::new(),
            streams: Streams::new(1, 0),
            scratch: Vec::new(),
            events: Vec::new(),
            now: scenario.begin,
            scenario,
        };
        stage.does(|turn| happen::prime(turn, |_| {}));
        stage
    }

    /// One instance that is in no group, then a group of `members` on eight more servers, each of
    /// which has room for two. It takes 50 s to launch one, 60 s to warm it up, and 30 s to remove
    /// it; trouble is found after 30 s.
    pub fn with_group(members: u32, change: impl FnOnce(&mut ScalingGroupSpec)) -> Self {
        let more = "[[servers]]\nmodel = \"m\"\ncount = 8\nzones = [\"z\"]\nracks_per_zone = 8\n\
                    [[workload.instances]]\ntype = \"cloud\"\ncount = 1\n";
        Self::new(more, |scenario| {
            let image = ImageSpec {
                name: "good".to_owned(),
                unhealthy_p: 0.0,
                unhealthy_after: Distribution::Fixed(Span::ZERO),
            };
            let image = scenario.layout.images.push(image);
            let configuration = ConfigurationSpec {
                name: "first".to_owned(),
                version: None,
                image: Some(image),
                launch_fail_p: 0.0,
            };
            let first = scenario.layout.configurations.push(configuration);
            let mut spec = group_of(members, first, &scenario.layout);
            change(&mut spec);
            scenario.layout.scaling_groups.push(spec);
        })
    }

    /// The group's counts: T, H and F.
    pub fn sizes(&self) -> [u32; 3] {
        let counts = self.fleet.groups[Id::new(0)].counts;
        [counts.counted, counts.healthy, counts.physical()]
    }

    /// The states that the member in row `member` entered, and when (s).
    pub fn member_states(&self, member: usize) -> Vec<(u64, MemberState)> {
        let entered = |(at, fact): &(Instant, Fact)| {
            let Fact::Scaling(ScalingFact::MemberMoved { member: of, to, .. }) = *fact else {
                return None;
            };
            (of == Id::new(member)).then_some((at.micros() / 1_000_000, to))
        };
        self.told.iter().filter_map(entered).collect()
    }

    /// The activities of the group that have ended: when (s), launches, removals, status.
    pub fn activities(&self) -> Vec<(u64, u32, u32, ActivityStatus)> {
        let activity = |(at, fact): &(Instant, Fact)| {
            let Fact::Scaling(ScalingFact::Activity { launched, removed, status, .. }) = *fact
            else {
                return None;
            };
            if status == ActivityStatus::InProgress {
                return None;
            }
            Some((at.micros() / 1_000_000, launched, removed, status))
        };
        self.told.iter().filter_map(activity).collect()
    }

    /// A command of the scenario to a scaling group is given now.
    pub fn asks(&mut self, command: ScalingCommand) -> Result<(), Refusal> {
        let (actor, operation) =
            (Actor::Script(Id::new(0)), Operation::Group(GroupOperation::ModifyScalingGroup));
        self.does(|turn| perform::perform(turn, actor, Command::Scaling(operation, command)))
    }

    /// The rack of `server` goes down, or comes back.
    pub fn rack_of(&mut self, server: Id<Server>, up: bool) {
        self.does(|turn| {
            let rack = turn.layout().servers[server].rack;
            if up {
                turn.fleet.racks.repair(rack);
                loss::back(turn, server);
            } else {
                turn.fleet.racks.fail(rack);
                loss::lost(turn, server, Cause::RackFailure);
            }
        });
    }

    /// Lets a process do something now.
    pub fn does<T>(&mut self, what: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let mut turn = Turn {
            now: self.now,
            scenario: &self.scenario,
            fleet: &mut self.fleet,
            agenda: &mut self.agenda,
            facts: &mut self.facts,
            streams: &self.streams,
            scratch: &mut self.scratch,
            events: &mut self.events,
        };
        let done = what(&mut turn);
        let now = self.now;
        self.told.extend(self.facts.drain(..).map(|fact| (now, fact)));
        self.fleet.audit(&self.scenario.layout);
        done
    }

    /// Everything happens that is due up to `seconds` after the beginning.
    pub fn until(&mut self, seconds: u64) {
        let end = Instant::ZERO + Span::from_seconds(seconds);
        // A campaign that there is not stops the clock: as a pass it comes last of its instant.
        let mark = Occurrence::CampaignPlans(Id::new(1 << 20));
        let mut is_near = end == self.now;
        if is_near {
            self.agenda.pass(mark);
        } else {
            self.agenda.at(end, mark);
        }
        while let Some((at, what)) = self.agenda.next() {
            self.now = at;
            if what == mark {
                if std::mem::replace(&mut is_near, true) {
                    break;
                }
                self.agenda.pass(mark);
            } else if happen::is_live(&self.fleet, &what) {
                self.does(|turn| happen::happen(turn, what));
            }
        }
        self.now = end;
    }

    /// The owner gives a command now.
    pub fn gives(&mut self, command: Command) -> Result<(), Refusal> {
        self.does(|turn| perform::perform(turn, Actor::Owner, command))
    }

    /// An event is published now, due after `lead` seconds.
    pub fn publishes(
        &mut self,
        (kind, status): (EventType, EventStatus),
        instance: Id<Instance>,
        bay: Option<Id<Bay>>,
        lead: Option<u64>,
    ) -> Id<SystemEvent> {
        let not_before = lead.map(|lead| self.now + Span::from_seconds(lead));
        let origin = Origin::Guest(0);
        self.does(|turn| {
            events::publish(
                turn,
                NewEvent { kind, status, simulated: None, instance, bay, origin, not_before },
            )
        })
    }

    /// Sets or lifts a lock.
    pub fn locks(&mut self, instance: Id<Instance>, reason: LockReason, on: bool) {
        self.fleet.care.row_mut(instance).locks.set(reason, on);
    }

    /// The states that `instance` entered, and when (s).
    pub fn states(&self, instance: Id<Instance>) -> Vec<(u64, InstanceState)> {
        let entered = |(at, fact): &(Instant, Fact)| {
            let Fact::InstanceMoved { instance: of, to, .. } = *fact else { return None };
            (of == instance).then_some((at.micros() / 1_000_000, to))
        };
        self.told.iter().filter_map(entered).collect()
    }

    /// The statuses that `event`s of a kind entered, and when (s), publication included.
    pub fn statuses(&self, kind: EventType) -> Vec<(u64, EventStatus)> {
        let entered = |(at, fact): &(Instant, Fact)| {
            let (of, status) = if let Fact::EventPublished { kind, status, .. } = *fact {
                (kind, status)
            } else if let Fact::EventMoved { kind, to, .. } = *fact {
                (kind, to)
            } else {
                return None;
            };
            (of == kind).then_some((at.micros() / 1_000_000, status))
        };
        self.told.iter().filter_map(entered).collect()
    }
}

fn group_of(count: u32, first: Id<Configuration>, layout: &Layout) -> ScalingGroupSpec {
    let (template, zone) = (Id::new(0), Id::new(0));
    let instance_type = layout.templates[template].instance_type;
    let offer = Offer { template, instance_type, zone, weight: 1 };
    let fixed = |seconds| Distribution::Fixed(Span::from_seconds(seconds));
    ScalingGroupSpec {
        name: "g".to_owned(),
        enabled: true,
        size: [0, 100],
        desired: Some(count),
        kind: GroupKind {
            multi_az: MultiAz::Priority,
            is_eci: false,
            counts_vcpus: false,
            reclaim: Reclaim::Release,
        },
        zones: vec![zone],
        by_price: false,
        balance: None,
        active: first,
        follows: None,
        members: vec![StartingMembers {
            count,
            state: MemberState::InService,
            creation: Creation::AutoCreated,
            configuration: first,
        }],
        offers: Column::from_vec(vec![vec![offer]]),
        attach: fixed(7),
        detach: fixed(20),
        stop_timeout: None,
        warm_up: Span::from_seconds(60),
        removal: vec![RemovalPolicy::OldestInstance],
        hooks: Vec::new(),
        health: HealthSpec { by_state: true, by_service: true, interval: Span::from_seconds(30) },
        cooldown: Span::from_seconds(300),
        max_life: None,
        suspended: Processes::default(),
        schedule: Vec::new(),
        target: None,
        launch_retry: Span::from_seconds(60),
        refresh_blocks_manual_scaling: false,
    }
}
