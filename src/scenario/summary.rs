//! What a scenario amounts to, before anything is run.

use super::{
    campaigns::CampaignSpec,
    model::{ArrivalLaw, ArrivalSource, Scenario, TraceRows},
    resolve::{
        BASE_BYTES, BAY_BYTES, INSTANCE_BYTES, LINK_BYTES, MEMBER_BYTES, ROW_BYTES, SERVER_BYTES,
    },
    scaling::Handle,
};
use crate::{
    fleet::layout::{Layout, RackSpec, Resources},
    kernel::{
        distribution::Distribution,
        time::{Instant, Span},
    },
    messages::operation::{GroupOperation, Operation},
};

/// What a scenario amounts to. Numbers marked "expected" are rough estimates per run.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Servers (count).
    pub servers: u64,
    /// Racks (count).
    pub racks: u64,
    /// Zones (count).
    pub zones: u64,
    /// Room on all servers together.
    pub capacity: Capacity,
    /// Instances that are there when a run begins (count).
    pub instances_at_start: u64,
    /// Expected arrivals (count).
    pub expected_arrivals: f64,
    /// Expected instances at once on average over the run, as far as the servers have room (count).
    pub expected_instances: f64,
    /// Expected most instances at once, as far as the servers have room (count).
    pub expected_most_instances: f64,
    /// Expected crashes of servers, outages of racks and crashes of guests (count).
    pub expected_failures: f64,
    /// Expected damages of local disks, each bay's (count).
    pub expected_disk_failures: f64,
    /// Expected predictions of risks of servers (count).
    pub expected_risks: f64,
    /// Scaling groups (count).
    pub groups: u64,
    /// Members that they have when a run begins; they count as instances too (count).
    pub members_at_start: u64,
    /// The operator's campaigns (count).
    pub campaigns: u64,
    /// Servers that they take up, all campaigns together; one that two take up counts twice (count).
    pub campaign_servers: u64,
    /// Commands given at given times (count).
    pub scripts: u64,
    /// System events that happen at given times (count).
    pub recorded_events: u64,
    /// Expected occurrences that the engine handles (count).
    pub expected_occurrences: f64,
    /// Expected memory of one run with what all runs share (bytes).
    pub expected_memory: u64,
    /// Expected time that one run takes on one core, by its occurrences: right within a factor of
    /// some (s).
    pub expected_seconds: f64,
}

/// Room on all servers together: sums may exceed what one server's numbers hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capacity {
    /// Virtual CPUs (count).
    pub vcpus: u64,
    /// Memory (bytes).
    pub memory: u128,
    /// Graphics processors (count).
    pub gpus: u64,
    /// Whole local disks (count).
    pub local_disks: u64,
}

/// Occurrences that one core handles in a second, roughly: two to four million were measured.
const OCCURRENCES_PER_SECOND: f64 = 2e6;

/// Time that it takes to set up an instance or a server, roughly (s).
const SETUP_SECONDS: f64 = 5e-7;

/// What `scenario` amounts to.
pub fn summary(scenario: &Scenario) -> Summary {
    let layout = &scenario.layout;
    let seconds = scenario.end.since(scenario.begin).seconds();
    let (capacity, [crashes, risks, disks]) = of_servers(layout, seconds);
    let outage = |rack: &RackSpec| rack.outage.as_ref().map(|outage| times(&outage.life, seconds));
    let outages: f64 = layout.racks.iter().filter_map(outage).sum();
    let members = members(scenario);
    let (all, at_start) = flows(scenario, members, seconds);
    let room = most_instances(scenario, &capacity);
    let (instances, most) = (all.mean.min(room), all.most.min(room));
    let guests = scenario.settings.guest_crash.as_ref();
    let guests = instances * guests.map_or(0.0, |law| times(law, seconds));
    let (servers, racks) = (layout.servers.len() as f64, layout.racks.len() as f64);
    // What goes down is noticed, comes back, and is there for its instances, which boot again.
    let on = |holders: f64| if holders > 0.0 { instances / holders } else { 0.0 };
    let of_failures = crashes * (4.0 + on(servers))
        + outages * (3.0 + servers / racks + on(racks))
        + 3.0 * guests;
    // A server that is tended: found, emptied, repaired; its instances are told, wait and move.
    let campaign_servers = campaign_servers(scenario);
    let tended = risks + campaign_servers as f64;
    // A disk: it breaks, that is detected, its holder is told and answers, it is replaced.
    let of_disks = 6.0 * disks;
    let planned = (scenario.scripts.len() + scenario.recorded.len()) as f64;
    let of_plans =
        tended * (4.0 + 4.0 * on(servers)) + 4.0 * planned + of_groups(scenario, seconds);
    let delays = [&scenario.settings.instance_pending, &scenario.settings.instance_starting];
    let takes_time = |law: &&&Distribution| **law != &Distribution::Fixed(Span::ZERO);
    let delays = delays.iter().filter(takes_time).count() as f64;
    let occurrences =
        all.turns + delays * all.arrivals + all.departures + of_failures + of_disks + of_plans;
    Summary {
        servers: layout.servers.len() as u64,
        racks: layout.racks.len() as u64,
        zones: layout.zones.len() as u64,
        capacity,
        instances_at_start: at_start as u64,
        expected_arrivals: all.arrivals,
        expected_instances: instances,
        expected_most_instances: most,
        expected_failures: crashes + outages + guests,
        expected_disk_failures: disks,
        expected_risks: risks,
        groups: layout.scaling_groups.len() as u64,
        members_at_start: members,
        campaigns: scenario.campaigns.len() as u64,
        campaign_servers: campaign_servers as u64,
        scripts: scenario.scripts.len() as u64,
        recorded_events: scenario.recorded.len() as u64,
        expected_occurrences: occurrences,
        expected_memory: BASE_BYTES
            + layout.servers.len() as u64
                * (SERVER_BYTES + layout.network.map_or(0, |_| LINK_BYTES))
            + layout.bays.len() as u64 * BAY_BYTES
            + most as u64 * INSTANCE_BYTES
            + members * MEMBER_BYTES
            + all.rows * ROW_BYTES,
        expected_seconds: occurrences / OCCURRENCES_PER_SECOND
            + (servers + at_start) * SETUP_SECONDS,
    }
}

/// What comes and goes, members of scaling groups included, and how much of it is there at first.
fn flows(scenario: &Scenario, members: u64, seconds: f64) -> (Flow, f64) {
    let mut all = Flow::at_start(members as f64, None, seconds);
    for entry in &scenario.workload.at_start {
        all.add(&Flow::at_start(f64::from(entry.count), entry.life.as_ref(), seconds));
    }
    let at_start = all.present;
    for source in &scenario.workload.sources {
        all.add(&match source {
            ArrivalSource::Law(law) => Flow::of_law(law, seconds),
            ArrivalSource::Trace(rows) => Flow::of_trace(rows, scenario),
        });
    }
    (all, at_start)
}

/// The room on all servers, and what happens to them and their disks: crashes, risks, damages.
fn of_servers(layout: &Layout, seconds: f64) -> (Capacity, [f64; 3]) {
    let mut capacity = Capacity::default();
    let (mut crashes, mut risks, mut disks) = (0.0, 0.0, 0.0);
    for server in &layout.servers {
        let model = &layout.models[server.model];
        capacity.add(&model.capacity);
        crashes += model.crash.as_ref().map_or(0.0, |crash| times(&crash.life, seconds));
        let of_one = model.disk_life.as_ref().map_or(0.0, |life| times(life, seconds));
        disks += of_one * f64::from(model.capacity.local_disks);
        risks += model.risk.as_ref().map_or(0.0, |risk| times(&risk.life, seconds));
    }
    (capacity, [crashes, risks, disks])
}

/// Occurrences of the replacement of one member: the new one's launch, boot, attachment, warm-up and
/// verdict, the old one's detachment, stop and release.
const OF_A_REPLACEMENT: f64 = 12.0;

/// Members that scaling groups have when a run begins (count).
fn members(scenario: &Scenario) -> u64 {
    let groups = scenario.layout.scaling_groups.iter();
    groups.flat_map(|group| &group.members).map(|members| u64::from(members.count)).sum()
}

/// Occurrences that scaling groups make, roughly (count): refreshes that replace everybody, and
/// looks at demands and schedules.
fn of_groups(scenario: &Scenario, seconds: f64) -> f64 {
    let mut all = 0.0;
    let starts = scenario.scripts.iter().filter(|script| {
        script.operation == Operation::Group(GroupOperation::StartInstanceRefresh)
            && script.at < scenario.end
    });
    for script in starts {
        if let Some(Handle::Known(group)) = script.parameters.scaling.group {
            let members = &scenario.layout.scaling_groups[group].members;
            let count: f64 = members.iter().map(|members| f64::from(members.count)).sum();
            all += OF_A_REPLACEMENT * count;
        }
    }
    for group in &scenario.layout.scaling_groups {
        all += group.target.as_ref().map_or(0.0, |rule| seconds / rule.every.seconds());
        let of = |every: Option<Span>| every.map_or(1.0, |every| seconds / every.seconds());
        all += group.schedule.iter().map(|scheduled| of(scheduled.every)).sum::<f64>();
    }
    all
}

/// Servers that campaigns take up before the run ends, each campaign for itself (count).
fn campaign_servers(scenario: &Scenario) -> usize {
    let of = |campaign: &CampaignSpec| {
        let servers = scenario.layout.servers.iter();
        let fitting = servers.filter(|server| campaign.servers.fits(server)).count();
        fitting.min(campaign.servers.most.map_or(usize::MAX, |most| most.get() as usize))
    };
    let begun = scenario.campaigns.iter().filter(|campaign| campaign.start < scenario.end);
    begun.map(of).sum()
}

/// What comes and goes in a run: numbers of instances.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Flow {
    /// There when a run begins.
    present: f64,
    /// Arriving within it.
    arrivals: f64,
    /// Turns in which they arrive: batches.
    turns: f64,
    /// Ending their lives within it.
    departures: f64,
    /// At once, on average over the run.
    mean: f64,
    /// At once, at most.
    most: f64,
    /// Rows of a trace in memory.
    rows: u64,
}

impl Flow {
    fn add(&mut self, other: &Self) {
        self.present += other.present;
        self.arrivals += other.arrivals;
        self.turns += other.turns;
        self.departures += other.departures;
        self.mean += other.mean;
        self.most += other.most;
        self.rows += other.rows;
    }

    /// Instances that are there when a run begins.
    fn at_start(count: f64, life: Option<&Distribution>, seconds: f64) -> Self {
        let mean = count * lived(life, seconds, |_| 1.0) / seconds;
        let departures = count * life.map_or(0.0, |law| law.cdf(seconds));
        Self { present: count, departures, mean, most: count, ..Self::default() }
    }

    /// Instances that arrive by law.
    fn of_law(law: &ArrivalLaw, seconds: f64) -> Self {
        if law.gap == Distribution::Fixed(Span::NEVER) {
            return Self::default();
        }
        let (mut below, mut batch) = (0.0, 0.0);
        for (cumulative, size) in &law.batch {
            batch += (cumulative - below) * f64::from(*size);
            below = *cumulative;
        }
        let turns = seconds / law.gap.mean_seconds();
        let (arrivals, rate) = (turns * batch, turns * batch / seconds);
        // Of those who arrive while u seconds are left, the share that lives u is still there.
        let at_end = rate * lived(law.life.as_ref(), seconds, |_| 1.0);
        let mean = rate * lived(law.life.as_ref(), seconds, |u| 1.0 - u / seconds);
        let departures = (arrivals - at_end).max(0.0);
        Self { arrivals, turns, departures, mean, most: at_end, ..Self::default() }
    }

    /// Instances of a trace: exact where the rows tell lives, as long as all find room at once.
    fn of_trace(trace: &TraceRows, scenario: &Scenario) -> Self {
        let (begin, end) = (scenario.begin, scenario.end);
        let seconds = end.since(begin).seconds();
        let within = trace.arrivals.partition_point(|row| row.arrival < end);
        let arriving = &trace.arrivals[..within];
        let mut flow = Self {
            present: trace.at_start.len() as f64,
            arrivals: within as f64,
            turns: arriving.chunk_by(|a, b| a.arrival == b.arrival).count() as f64,
            rows: (trace.at_start.len() + trace.arrivals.len()) as u64,
            ..Self::default()
        };
        if let Some(law) = &trace.life_law {
            let spread = Self::at_start(flow.present, Some(law), seconds);
            // As if they arrived evenly.
            let rate = flow.arrivals / seconds;
            let at_end = rate * lived(Some(law), seconds, |_| 1.0);
            flow.departures = spread.departures + (flow.arrivals - at_end).max(0.0);
            flow.mean = spread.mean + rate * lived(Some(law), seconds, |u| 1.0 - u / seconds);
            flow.most = flow.present + at_end;
            return flow;
        }
        let rows = trace.at_start.iter().chain(arriving);
        let mut ends: Vec<Instant> = Vec::with_capacity(trace.at_start.len() + within);
        for row in rows {
            let ending = row.arrival.saturating_add(row.life).min(end);
            flow.mean += ending.since(row.arrival).seconds() / seconds;
            if ending < end {
                ends.push(ending);
            }
        }
        flow.departures = ends.len() as f64;
        ends.sort_unstable();
        let (mut ended, mut most) = (0, trace.at_start.len());
        for (number, row) in arriving.iter().enumerate() {
            while ends.get(ended).is_some_and(|ending| *ending <= row.arrival) {
                ended += 1;
            }
            most = most.max((trace.at_start.len() + number + 1).saturating_sub(ended));
        }
        flow.most = most as f64;
        flow
    }
}

/// The integral of the share that lives at least u seconds, weighed by `weight(u)`, over a run (s).
fn lived(life: Option<&Distribution>, seconds: f64, weight: impl Fn(f64) -> f64) -> f64 {
    const STEPS: u32 = 500;
    let at = |step: u32| (f64::from(step) + 0.5) / f64::from(STEPS);
    // Steps are short where lives are: short lives in a long run are common.
    (0..STEPS)
        .map(at)
        .map(|x| {
            let u = seconds * x * x * x;
            let lives = life.map_or(1.0, |law| 1.0 - law.cdf(u));
            3.0 * seconds * x * x / f64::from(STEPS) * lives * weight(u)
        })
        .sum()
}

impl Capacity {
    fn add(&mut self, room: &Resources) {
        self.vcpus += u64::from(room.vcpus);
        self.memory += u128::from(room.memory);
        self.gpus += u64::from(room.gpus);
        self.local_disks += u64::from(room.local_disks);
    }
}

/// How often something that lives by `law` ends within `seconds`, roughly: by its long-run rate,
/// or by the probability of the first end where that alone is likely.
fn times(law: &Distribution, seconds: f64) -> f64 {
    let mean = law.mean_seconds();
    // A constant hazard goes on after each failure; of other laws a run that is shorter than a life
    // sees the first one at most.
    let is_memoryless = matches!(law, Distribution::Exponential { .. });
    if is_memoryless || seconds > mean { seconds / mean } else { law.cdf(seconds) }
}

/// The most instances that the servers' vCPUs and memory hold, if all were of the smallest kind.
fn most_instances(scenario: &Scenario, capacity: &Capacity) -> f64 {
    let shapes = &scenario.layout.shapes;
    let share = |all: f64, one: Option<f64>| match one {
        Some(one) if one > 0.0 => all / one,
        Some(_) | None => f64::INFINITY,
    };
    let vcpus = shapes.iter().map(|shape| f64::from(shape.demand.vcpus)).min_by(f64::total_cmp);
    let memory = shapes.iter().map(|shape| shape.demand.memory as f64).min_by(f64::total_cmp);
    share(capacity.vcpus as f64, vcpus).min(share(capacity.memory as f64, memory))
}
