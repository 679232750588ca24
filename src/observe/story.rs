//! The story of a run, or of one entity in it: what became true, in order of time and in words.

mod about;
mod cold;
mod credits;
mod drains;
mod entry;
mod hosts;
mod moves;
mod network;
mod scaling;
mod spot;
pub mod standing;
mod words;

pub use entry::{Detail, Entry};

use self::{about::About, scaling::Groups};
use super::{
    Observer,
    cloud_ids::{CloudId, CloudIds},
    history::History,
    names,
};
use crate::{
    fleet::{
        Fleet,
        ids::{Bay, DedicatedHost, Instance, ScalingGroup, Script, Server, SystemEvent, Task},
        instances::InstanceName,
        tasks::TaskKind,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::{Attribute, local_disk::DiskState, system_event::EventType},
    messages::{credits::CreditFact, fact::Fact, hosts::HostFact, scaling::ScalingFact},
    scenario::{Handle, Scenario},
};

/// Whose story is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Everybody's.
    Run,
    /// That of the instance of this name, as [`names::instance`] writes it, or of this id of the
    /// cloud, with what happens to the server that it is on.
    Instance(String),
    /// That of a server: its health, who comes and goes, its disks, and the events tied to it.
    Server(Id<Server>),
    /// That of a disk: its states, its events, and what its holder does while it is damaged.
    Disk(Id<Bay>),
    /// That of the event published after so many others, with what its instance does meanwhile.
    Event(u64),
    /// That of the task begun after so many others, with what its instance does meanwhile.
    Task(u64),
    /// That of what has this id of the cloud: an event, a task, or an instance by its system disk.
    Coded(String),
    /// That of a dedicated host: its status, the servers that carry it while they do, and who comes
    /// and goes there.
    Host(Id<DedicatedHost>),
    /// That of a scaling group: its size, its members, its refreshes, and commands to it.
    Group(Id<ScalingGroup>),
    /// That of the instance refresh that this command starts, with its group meanwhile.
    Refresh(Id<Script>),
}

/// What is remembered of an event.
#[derive(Clone, Copy, Debug)]
struct EventSeen {
    number: u64,
    kind: EventType,
    bay: Option<Id<Bay>>,
    server: Option<Id<Server>>,
    since: Instant,
    /// Whether anything of it was told: then its end is too.
    is_told: bool,
}

/// What is remembered of a task.
#[derive(Clone, Copy, Debug)]
struct TaskSeen {
    number: u64,
    kind: TaskKind,
    since: Instant,
}

/// What is remembered of an instance.
#[derive(Clone, Debug)]
struct InstanceSeen {
    name: InstanceName,
    server: Option<Id<Server>>,
    /// Since when it is in its state.
    since: Instant,
    down_since: Option<Instant>,
}

/// Tells the story of a run while it runs.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    scenario: &'a Scenario,
    subject: Subject,
    window: (Instant, Instant),
    instances: Column<Instance, Option<InstanceSeen>>,
    events: Column<SystemEvent, Option<EventSeen>>,
    tasks: Column<Task, Option<TaskSeen>>,
    /// Bays whose disk is not Healthy, and since when it is in its state.
    disks: Vec<(Id<Bay>, Instant)>,
    /// What the cloud's queries would answer.
    history: History<'a>,
    ids: CloudIds,
    groups: Groups,
    /// The server that carries each dedicated host.
    carriers: Column<DedicatedHost, Id<Server>>,
    /// Instances whose story belongs to the subject's, for as long as it does.
    followed: Vec<Id<Instance>>,
    /// The instant with whose end nobody is followed any more: what happens then still belongs to it.
    leaving: Option<Instant>,
    /// Whether the subject was met, in the window or not.
    pub met: bool,
    /// Events published and tasks begun in the run (counts).
    pub numbered: [u64; 2],
    /// What was told, in order.
    pub entries: Vec<Entry>,
}

impl<'a> Story<'a> {
    /// The story of `subject` in run number `run`, from the first of `window` to the second.
    pub fn new(
        scenario: &'a Scenario,
        run: u32,
        subject: Subject,
        window: (Instant, Instant),
    ) -> Self {
        let met = match subject {
            Subject::Run
            | Subject::Server(_)
            | Subject::Disk(_)
            | Subject::Host(_)
            | Subject::Group(_) => true,
            Subject::Instance(_)
            | Subject::Event(_)
            | Subject::Task(_)
            | Subject::Coded(_)
            | Subject::Refresh(_) => false,
        };
        Self {
            scenario,
            subject,
            window,
            instances: Column::default(),
            events: Column::default(),
            tasks: Column::default(),
            disks: Vec::new(),
            history: History::new(scenario, run),
            ids: CloudIds::new(scenario, run),
            groups: Groups::default(),
            carriers: scenario.layout.dedicated_hosts.iter().map(|spec| spec.server).collect(),
            followed: Vec::new(),
            leaving: None,
            met,
            numbered: [0; 2],
            entries: Vec::new(),
        }
    }

    /// Whether `fact`, which is about `about`, belongs to the story.
    fn concerns(&self, about: &About) -> bool {
        let follows = |instance: Option<Id<Instance>>| {
            instance.is_some_and(|instance| self.followed.contains(&instance))
        };
        match self.subject {
            Subject::Run => true,
            Subject::Coded(_) => false, // Once it is met it is one of the others.
            Subject::Group(group) => self.group_of(about) == Some(group),
            Subject::Refresh(script) => self.concerns_refresh(about, script),
            Subject::Instance(_) => follows(about.instance) || self.is_under_followed(about),
            Subject::Server(server) => {
                let layout = &self.scenario.layout;
                about.server == Some(server)
                    || about.rack == Some(layout.servers[server].rack)
                    || about.bay.is_some_and(|bay| layout.bays[bay] == server)
                    || self.event_of(about).is_some_and(|event| event.server == Some(server))
            }
            Subject::Host(host) => self.concerns_host(about, host),
            Subject::Disk(bay) => {
                about.bay == Some(bay)
                    || self.event_of(about).is_some_and(|event| event.bay == Some(bay))
                    || about.event.is_none() && about.bay.is_none() && follows(about.instance)
            }
            Subject::Event(number) => {
                let other = self.event_of(about).is_some_and(|event| event.number != number);
                !other && follows(about.instance)
            }
            Subject::Task(number) => {
                let other = self.task_of(about).is_some_and(|task| task.number != number);
                !other && follows(about.instance)
            }
        }
    }

    /// Whether it is about the server, or the rack, of an instance that is followed.
    fn is_under_followed(&self, about: &About) -> bool {
        if about.instance.is_some() {
            return false;
        }
        let layout = &self.scenario.layout;
        self.followed.iter().any(|instance| {
            let seen = self.instances[*instance].as_ref();
            seen.and_then(|seen| seen.server).is_some_and(|server| {
                about.server == Some(server) || about.rack == Some(layout.servers[server].rack)
            })
        })
    }

    fn event_of(&self, about: &About) -> Option<&EventSeen> {
        about.event.and_then(|event| self.events.get(event)?.as_ref())
    }

    fn task_of(&self, about: &About) -> Option<&TaskSeen> {
        about.task.and_then(|task| self.tasks.get(task)?.as_ref())
    }

    fn name(&self, instance: Id<Instance>) -> String {
        let seen = self.instances.get(instance).and_then(Option::as_ref);
        let name = seen.expect("an instance is asked for before anything happens to it").name;
        self.called(name)
    }

    fn called(&self, name: InstanceName) -> String {
        names::instance(name, self.scenario)
    }

    /// Takes note of what later facts refer to, before `fact` is told.
    fn remember(&mut self, now: Instant, fact: &Fact) {
        if let Fact::Requested { instance, name, .. } = *fact {
            let seen = InstanceSeen { name, server: None, since: now, down_since: None };
            put(&mut self.instances, instance, Some(seen));
            let called = names::instance(name, self.scenario);
            if self.is_coded(|ids| ids.system_disk(name)) {
                self.subject = Subject::Instance(called.clone());
            }
            if let Subject::Instance(wanted) = &self.subject
                && (*wanted == called
                    || wanted.starts_with("i-") && *wanted == self.ids.instance(name).to_string())
            {
                self.follow(instance);
            }
        }
        if let Fact::Placed { instance, server, .. } = *fact
            && let Some(seen) = &mut self.instances[instance]
        {
            seen.server = Some(server);
        }
        if let Fact::Host(HostFact::Carried { host, to, .. }) = *fact {
            self.carriers[host] = to;
        }
        if let Fact::EventPublished { event, number, kind, instance, bay, origin, .. } = *fact {
            let server = origin.server();
            let seen = EventSeen { number, kind, bay, server, since: now, is_told: false };
            put(&mut self.events, event, Some(seen));
            self.numbered[0] += 1;
            if self.is_coded(|ids| ids.event(number)) {
                self.subject = Subject::Event(number);
            }
            if self.subject == Subject::Event(number) {
                self.follow(instance);
            }
        }
        if let Fact::TaskBegan { task, number, kind, instance } = *fact {
            put(&mut self.tasks, task, Some(TaskSeen { number, kind, since: now }));
            self.numbered[1] += 1;
            if self.is_coded(|ids| ids.task(number)) {
                self.subject = Subject::Task(number);
            }
            if self.subject == Subject::Task(number) {
                self.follow(instance);
            }
        }
        if let Fact::DiskMoved { bay, holder, from: DiskState::Healthy, .. } = *fact {
            self.disks.push((bay, now));
            if let (Subject::Disk(wanted), Some(holder)) = (&self.subject, holder)
                && *wanted == bay
            {
                self.follow(holder);
            }
        }
    }

    /// Takes note of what `fact` ends, after it was told.
    fn forget(&mut self, now: Instant, fact: &Fact) {
        if let Fact::InstanceMoved { instance, to, .. } = *fact {
            if let Some(seen) = &mut self.instances[instance] {
                seen.since = now;
            }
            if to.attribute() == Attribute::Final {
                self.followed.retain(|other| *other != instance);
            }
        }
        if let Fact::Vacated { instance, .. } = *fact
            && let Some(seen) = &mut self.instances[instance]
        {
            seen.server = None;
        }
        if let Fact::ServiceEnded { instance, .. } = *fact
            && let Some(seen) = &mut self.instances[instance]
        {
            seen.down_since = Some(now);
        }
        if let Fact::ServiceBegan(instance) | Fact::OwingEnded(instance) = *fact
            && let Some(seen) = &mut self.instances[instance]
        {
            seen.down_since = None;
        }
        if let Fact::EventMoved { event, to, .. } = *fact {
            let seen = self.events[event].as_mut().expect("an event is published before it moves");
            seen.since = now;
            let number = seen.number;
            if to.attribute() == Attribute::Final && self.subject == Subject::Event(number) {
                self.leaving = Some(now);
            }
        }
        if let Fact::TaskEnded { task, .. } = *fact
            && self.tasks[task].is_some_and(|seen| self.subject == Subject::Task(seen.number))
        {
            self.leaving = Some(now);
        }
        if let Fact::DiskMoved { bay, to, .. } = *fact {
            if to == DiskState::Healthy {
                self.disks.retain(|(other, _)| *other != bay);
                if self.subject == Subject::Disk(bay) {
                    self.leaving = Some(now);
                }
            } else if let Some(seen) = self.disks.iter_mut().find(|(other, _)| *other == bay) {
                seen.1 = now;
            }
        }
    }

    /// Whether the story of what has this id is wanted.
    fn is_coded(&self, id: impl FnOnce(&CloudIds) -> CloudId) -> bool {
        match &self.subject {
            Subject::Coded(wanted) => *wanted == id(&self.ids).to_string(),
            Subject::Run
            | Subject::Instance(_)
            | Subject::Server(_)
            | Subject::Disk(_)
            | Subject::Event(_)
            | Subject::Task(_)
            | Subject::Host(_)
            | Subject::Group(_)
            | Subject::Refresh(_) => false,
        }
    }

    fn follow(&mut self, instance: Id<Instance>) {
        self.met = true;
        self.leaving = None;
        self.followed.push(instance);
    }

    fn entry(&self, now: Instant, fact: &Fact, about: &About) -> Entry {
        let layout = &self.scenario.layout;
        let words::Told { what, text, details } = words::told(self, now, fact);
        Entry {
            at: now,
            what,
            instance: about.instance.map(|instance| self.name(instance)),
            server: about.server.map(|server| layout.server_name(server)),
            disk: about.bay.map(|bay| names::disk(layout, bay)),
            event: self.event_of(about).map(|event| event.number),
            task: self.task_of(about).map(|task| task.number),
            group: self.group_of(about).map(|group| layout.scaling_groups[group].name.clone()),
            refresh: self
                .refresh_of(about)
                .map(|script| self.scenario.scripts[script].label.clone()),
            whose: self.whose(about),
            standings: standing::of(self, fact),
            details,
            text,
        }
    }
}

impl Story<'_> {
    /// Tells `fact`, which became true at `at`, if it belongs to the story.
    fn tells(&mut self, at: Instant, fact: &Fact) {
        let about = About::of(fact);
        let (from, to) = self.window;
        if self.refresh_of(&about).is_some_and(|of| self.subject == Subject::Refresh(of)) {
            self.met = true;
        }
        let concerns = self.concerns(&about);
        if let Some(event) = about.event.filter(|event| self.events.get(*event).is_some())
            && let Some(seen) = &mut self.events[event]
        {
            seen.is_told |= concerns;
        }
        if at >= from && at <= to && concerns {
            let entry = self.entry(at, fact, &about);
            self.entries.push(entry);
        }
    }

    /// The run is over: what waited for the end of its instant is told.
    pub fn finish(&mut self) {
        for (at, sizes) in self.groups.due(Instant::from_micros(u64::MAX)) {
            self.tells(at, &sizes);
        }
    }

    /// The command whose refresh this is about, or that is about itself.
    fn refresh_of(&self, about: &About) -> Option<Id<Script>> {
        about.refresh.and_then(|refresh| self.groups.refresh(refresh)).map(|(script, _)| script)
    }

    /// The group that this is about: of a command, the one that it names.
    fn group_of(&self, about: &About) -> Option<Id<ScalingGroup>> {
        let of_refresh = || about.refresh.and_then(|refresh| self.groups.refresh(refresh));
        let of_script = || match &self.scenario.scripts[about.script?].parameters.scaling.group {
            Some(Handle::Known(group)) => Some(*group),
            Some(Handle::Unknown(_)) | None => None,
        };
        about.group.or_else(|| of_refresh().map(|(_, group)| group)).or_else(of_script)
    }

    /// Whether this belongs to the story of the refresh that `script` starts: what is about it, the
    /// commands to its group, and how its group stands meanwhile.
    fn concerns_refresh(&self, about: &About, script: Id<Script>) -> bool {
        if about.refresh.is_some() {
            return self.refresh_of(about) == Some(script);
        }
        let group = match &self.scenario.scripts[script].parameters.scaling.group {
            Some(Handle::Known(group)) => Some(*group),
            Some(Handle::Unknown(_)) | None => None,
        };
        let is_on = self.groups.is_active(script) && group.is_some();
        about.script == Some(script) || is_on && self.group_of(about) == group
    }
}

/// Sets the row of `id`, which is at most one behind the last.
fn put<K, T>(column: &mut Column<K, Option<T>>, id: Id<K>, row: Option<T>) {
    while column.len() <= id.index() {
        column.push(None);
    }
    column[id] = row;
}

impl Observer for Story<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        for (at, sizes) in self.groups.due(now) {
            self.tells(at, &sizes);
        }
        if self.leaving.is_some_and(|at| at < now) {
            self.leaving = None;
            self.followed.clear();
        }
        self.history.see(now, fact, fleet);
        self.remember(now, fact);
        if let Fact::Scaling(fact) = fact {
            self.groups.remember(now, fact, fleet);
        }
        // The sizes of a group are told at the end of their instant; how credits flow is no story.
        let untold = matches!(
            fact,
            Fact::Scaling(ScalingFact::Counted { .. }) | Fact::Credits(CreditFact::Flows { .. })
        );
        if !untold {
            self.tells(now, fact);
        }
        self.forget(now, fact);
        if let Fact::Scaling(fact) = fact {
            self.groups.forget(now, fact);
        }
    }
}
