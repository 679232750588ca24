//! A run of one scaling group, and what is to be seen of its refresh.

use fleetsim::{
    fleet::{Fleet, groups::Counts, ids::Refresh, layout::Layout},
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, refresh::RefreshStatus},
    messages::{fact::Fact, scaling::ScalingFact},
    observe::Observer,
    scenario::{InMemory, Scenario},
    simulation,
};

/// What is to be seen of the first refresh of a run.
#[derive(Debug, Default)]
pub struct Watched {
    /// Batches: `T2`, `L1!`, in order.
    pub batches: Vec<String>,
    /// Lowest number truly healthy, highest counted, highest physical, while it went on.
    pub extremes: [u32; 3],
    /// The same after each turn (s), with the number that is found healthy and the desired one.
    pub course: Vec<(f64, [u32; 5])>,
    /// When it began and ended (s).
    pub span: [f64; 2],
    /// Its statuses, and when it entered each (s).
    pub statuses: Vec<(f64, RefreshStatus)>,
    /// `TotalNeedUpdateCapacity` and what of it is done, in the end.
    pub done: [u32; 2],
    /// Times at which checkpoints were reached, and which (s, percent).
    pub checkpoints: Vec<(f64, u32)>,
    /// Members that it began to replace, by their numbers in the group.
    pub replaced: Vec<u32>,
    /// How often the planner itself broke the floor (count).
    pub floors_broken: u32,
    /// When images began to fail their members (s).
    pub images_fail: Vec<f64>,
    /// Whether the books of the whole fleet are checked after every turn.
    pub audits: Option<Layout>,
    /// Commands, when each was given (s), and its refusal.
    pub answers: Vec<(f64, &'static str, Option<&'static str>)>,
    /// Scaling activities, when each began and ended (s): launches, removals, status.
    pub activities: Vec<(f64, [u32; 2], &'static str)>,
    /// Open replacements and the counts in the end.
    pub last: Option<(Counts, [u32; 2])>,
    counts: Counts,
    desired: u32,
    task: Option<Id<Refresh>>,
}

impl Watched {
    /// Nothing yet, of a run of `scenario`; `audits`: the books are checked after every turn.
    pub fn of(scenario: &Scenario, audits: bool) -> Self {
        Self { audits: audits.then(|| scenario.layout.clone()), ..Self::default() }
    }

    /// The batches as the tables write them: equal neighbours once, with their number.
    pub fn compressed(&self) -> String {
        let mut runs: Vec<(&str, usize)> = Vec::new();
        for batch in &self.batches {
            match runs.last_mut() {
                Some((of, count)) if of == batch => *count += 1,
                _ => runs.push((batch, 1)),
            }
        }
        let written = runs.iter().map(|(of, count)| match count {
            1 => (*of).to_string(),
            count => format!("{of}×{count}"),
        });
        written.collect::<Vec<_>>().join(" ")
    }

    /// The status that it ended with, or stands at.
    pub fn status(&self) -> RefreshStatus {
        self.statuses.last().expect("a refresh began").1
    }

    /// Seconds from its start to its end.
    pub fn makespan(&self) -> f64 {
        self.span[1] - self.span[0]
    }

    fn is_on(&self) -> bool {
        let last = self.statuses.last();
        last.is_some_and(|(_, status)| status.attribute() != Attribute::Final)
    }

    fn measures(&mut self) {
        if self.is_on() {
            let [low, counted, physical] = self.extremes;
            self.extremes = [
                low.min(self.counts.serving),
                counted.max(self.counts.counted),
                physical.max(self.counts.physical()),
            ];
        }
    }

    fn sees(&mut self, at: f64, fact: ScalingFact, fleet: &Fleet) {
        match fact {
            ScalingFact::Counted { desired, counts, .. } => {
                (self.desired, self.counts) = (desired, counts);
                self.measures();
            }
            ScalingFact::RefreshMoved { refresh, from, to, .. } => {
                if *self.task.get_or_insert(refresh) != refresh {
                    return;
                }
                if from.is_none() {
                    self.span[0] = at;
                    self.extremes = [u32::MAX, 0, 0];
                }
                self.statuses.push((at, to));
                self.measures();
                self.span[1] = at;
                let row = &fleet.refreshes[refresh];
                let is_back = matches!(
                    to,
                    RefreshStatus::RollbackInProgress
                        | RefreshStatus::RollbackSuccessful
                        | RefreshStatus::RollbackFailed
                );
                self.done = if is_back { row.rolled_back } else { [row.finished, row.total] };
            }
            ScalingFact::BatchBegan { terminate_first: t, launch_first: l, forced, .. } => {
                let both = match (t, l) {
                    (t, 0) => format!("T{t}"),
                    (0, l) => format!("L{l}"),
                    (t, l) => format!("T{t}+L{l}"),
                };
                self.batches.push(both + if forced { "!" } else { "" });
            }
            ScalingFact::CheckpointReached { percent, .. } => self.checkpoints.push((at, percent)),
            ScalingFact::Replacing { old, .. } => self.replaced.push(fleet.members[old].number),
            ScalingFact::Activity { launched, removed, status, .. } => {
                self.activities.push((at, [launched, removed], status.name()));
            }
            ScalingFact::FloorBroken { .. } => self.floors_broken += 1,
            ScalingFact::MemberFails { .. } => self.images_fail.push(at),
            ScalingFact::MemberMoved { .. }
            | ScalingFact::MemberJudged { .. }
            | ScalingFact::LaunchFailed { .. }
            | ScalingFact::SystemSuspended { .. }
            | ScalingFact::Replaced { .. }
            | ScalingFact::ReplacementFailed { .. } => {}
        }
    }
}

impl Observer for Watched {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if let Fact::Scaling(fact) = *fact {
            self.sees(now.seconds(), fact, fleet);
        } else if let Fact::Commanded { operation, refusal, .. } = *fact {
            let code = refusal.map(|refusal| refusal.code());
            self.answers.push((now.seconds(), operation.name(), code));
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        if let Some(layout) = &self.audits {
            fleet.audit(layout);
        }
        if self.is_on() {
            let counts = &self.counts;
            let course =
                [counts.serving, counts.counted, counts.physical(), counts.healthy, self.desired];
            if self.course.last().is_none_or(|(_, last)| *last != course) {
                self.course.push((now.seconds(), course));
            }
        }
        if let Some(task) = self.task {
            self.last = Some((self.counts, fleet.refreshes[task].open));
        }
    }
}

/// The scenario of `text`.
pub fn scenario(text: &str) -> Scenario {
    Scenario::parse("refresh.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// Runs the scenario of `text`, number `run`.
pub fn run(text: &str, run: u32) -> (Watched, Fleet) {
    watch(&scenario(text), run, false)
}

/// Runs `scenario`, number `run`; `audits`: the books of the fleet are checked after every turn.
pub fn watch(scenario: &Scenario, run: u32, audits: bool) -> (Watched, Fleet) {
    let mut watched = Watched::of(scenario, audits);
    let fleet = simulation::run(scenario, run, &mut watched);
    (watched, fleet)
}

/// A scenario of one group `g` whose launches take 180 s, and whose removals 90 s; new ones of its
/// refreshes warm up for 60 s.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its desired capacity.
    pub size: u32,
    /// Its members, if they are not all alike.
    pub members: String,
    /// More of the group, as text.
    pub more: String,
    /// How its refreshes go, as the inside of a table.
    pub refresh: String,
    /// What StartInstanceRefresh says beside the configuration, as text.
    pub start: String,
    /// Further commands and tables, as text.
    pub rest: String,
    /// What its instances take, the old and the new ones (vCPUs).
    pub vcpus: [u32; 2],
    /// How its instances and members come and go, as text: settings.instance, attach and detach.
    pub laws: [String; 2],
    /// The group that StartInstanceRefresh names, and what it wants, as text.
    pub wants: String,
    /// More of the target's configuration, as text.
    pub target: String,
    /// How servers and guests crash, as text: the model's crash and settings.guest.
    pub crashes: [String; 2],
    /// Weights of the old and the new instances (capacity units).
    pub weights: [u32; 2],
    /// Zones, each with all those servers, as text.
    pub zones: &'static str,
    /// Servers, if not as many as anybody could want (count).
    pub servers: Option<u32>,
}

impl Group {
    pub fn of(size: u32, [min, max]: [u32; 2]) -> Self {
        Self {
            size,
            members: String::new(),
            more: String::new(),
            refresh: String::new(),
            start: format!("MinHealthyPercentage = {min}\nMaxHealthyPercentage = {max}\n"),
            rest: String::new(),
            vcpus: [1, 1],
            laws: [
                r#"{ pending = "20s", starting = "40s", stopping = "30s" }"#.into(),
                "attach = \"120s\"\ndetach = \"60s\"".into(),
            ],
            wants: "group = \"g\"\nDesiredConfiguration = { ScalingConfigurationId = \"new\" }"
                .into(),
            target: String::new(),
            crashes: ["\"never\"".into(), "{ crash_rate = \"never\" }".into()],
            weights: [1, 1],
            zones: "\"z\"",
            servers: None,
        }
    }

    /// With checkpoints, and a pause at each (min).
    pub fn checkpoints(mut self, percents: &[u32], minutes: u32) -> Self {
        self.start += &format!("Checkpoints = {percents:?}\nCheckpointPauseTime = {minutes}\n");
        self
    }

    /// With a rule.
    pub fn rule(mut self, text: &str) -> Self {
        self.refresh += &format!(", {text}");
        self
    }

    /// With more of the group.
    pub fn with(mut self, text: &str) -> Self {
        self.more += &format!("{text}\n");
        self
    }

    /// That wants this, as the inside of DesiredConfiguration.
    pub fn wanting(mut self, text: &str) -> Self {
        self.wants = format!("group = \"g\"\nDesiredConfiguration = {{ {text} }}");
        self
    }

    /// With members of these kinds.
    pub fn members(mut self, text: &str) -> Self {
        self.members = format!("members = [{text}]\n");
        self
    }

    /// With a command at `seconds`.
    pub fn at(mut self, seconds: u32, what: &str, parameters: &str) -> Self {
        self.rest += &format!("[[scripts]]\nat = \"{seconds}s\"\ndo = \"{what}\"\n{parameters}\n");
        self
    }

    /// The scenario.
    pub fn text(&self) -> String {
        let Self { size, members, more, refresh, start, rest, target, wants, .. } = self;
        let ([old, new], [instance, group]) = (self.vcpus, &self.laws);
        let ([crash, guest], [weight, other], zones) = (&self.crashes, self.weights, self.zones);
        let largest = old.max(new);
        let plenty = (size * 3).div_ceil((64 / largest).max(1)) + 2;
        let servers = self.servers.unwrap_or(plenty);
        format!(
            r#"
[scenario]
name = "refresh"
horizon = "5d"
[server_models.m]
vcpus = 64
memory = "1024GiB"
crash = {crash}
[[servers]]
model = "m"
count = {servers}
zones = [{zones}]
[settings]
instance = {instance}
guest = {guest}
recover = {{ detect = "30s" }}
[instance_types.small]
vcpus = {old}
memory = "1GiB"
[instance_types.other]
vcpus = {new}
memory = "1GiB"
[configurations.old]
types = [{{ type = "small", weight = {weight} }}]
[images.bad]
unhealthy_p = 0.3
[configurations.new]
types = [{{ type = "other", weight = {other} }}]
{target}
[[groups]]
name = "g"
min_size = 0
max_size = 2000
desired = {size}
configuration = "old"
{group}
{members}{more}refresh = {{ instance_warmup = "60s"{refresh} }}
[[scripts]]
at = "0s"
do = "StartInstanceRefresh"
name = "roll"
{wants}
{start}
{rest}
"#
        )
    }
}
