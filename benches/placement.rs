//! What one operation of a full fleet costs: a placement (some fail) or a release, by each policy
//! on 10^3, 10^4 and 10^5 servers, with anti-affinity, and beside the scan that defines the rule.
//!
//! The fleet is kept at 85 % of its vCPUs or memory, whichever is reached first, or (`full`) as
//! full as it gets; a request that fails is followed by a release. Printed first: the fill, and
//! how many placements fail.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fleetsim::{
    fleet::{
        capacity::{Capacity, Request},
        ids::{Application, Server, Shape},
        layout::{
            ApplicationSpec, Layout, ModelSpec, RackSpec, Resources, ServerSpec, ShapeSpec,
            ZoneSpec,
        },
        numa::Nodes,
    },
    kernel::column::{Id, IdRange},
    policy::placement::Placement,
};
use std::{hint::black_box, num::NonZeroU32, time::Duration};

const GIB: u64 = 1 << 30;
const ZONES: usize = 2;
const SERVERS_PER_RACK: usize = 25;
const VCPUS: u32 = 96;
const MEMORY: u64 = 512 * GIB;
/// Applications of the figures on anti-affinity: each some 20 instances, at most one a server.
const INSTANCES_PER_APPLICATION: usize = 20;

/// Two zones of racks of one model, shapes of 1 to 32 vCPUs with 1 to 16 GiB each.
fn layout(servers: usize) -> Layout {
    let mut layout = Layout::default();
    let capacity = Resources { vcpus: VCPUS, memory: MEMORY, ..Resources::default() };
    let model = layout.models.push(ModelSpec {
        name: "general".to_owned(),
        capacity,
        numa_nodes: NonZeroU32::MIN,
        nic_rate: 0,
        local_disk_bytes: 0,
        disk_life: None,
        crash: None,
        risk: None,
    });
    let racks_per_zone = servers / SERVERS_PER_RACK / ZONES;
    for zone in 0..ZONES {
        let first_rack = layout.racks.len();
        for _ in 0..racks_per_zone {
            let (rack, first) = (Id::new(layout.racks.len()), layout.servers.len());
            for _ in 0..SERVERS_PER_RACK {
                layout.servers.push(ServerSpec {
                    model,
                    rack,
                    zone: Id::new(zone),
                    bays: IdRange::new(0, 0),
                });
            }
            layout.racks.push(RackSpec {
                name: format!("r{}", rack.index()),
                zone: Id::new(zone),
                servers: IdRange::new(first, layout.servers.len()),
                outage: None,
            });
        }
        let racks = IdRange::new(first_rack, layout.racks.len());
        layout.zones.push(ZoneSpec { name: format!("z{zone}"), racks });
    }
    for vcpus in [1_u32, 2, 4, 8, 16, 32] {
        for per_vcpu in [1, 2, 4, 8, 16] {
            let memory = u64::from(vcpus) * per_vcpu * GIB;
            let demand = Resources { vcpus, memory, ..Resources::default() };
            layout.shapes.push(ShapeSpec { demand, zone: None, model: None, nodes: Vec::new() });
        }
    }
    // A server holds about 8 instances at 85 %.
    for number in 0..servers * 8 / INSTANCES_PER_APPLICATION {
        layout.applications.push(ApplicationSpec {
            name: format!("a{number}"),
            per_server_limit: Some(NonZeroU32::MIN),
            needed: Vec::new(),
        });
    }
    layout
}

/// How a server is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Index,
    Scan,
}

/// Whose the instances are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owners {
    Nobody,
    Applications,
}

/// How full the fleet is kept, of vCPUs or memory, whichever is reached first [percent].
#[derive(Clone, Copy)]
struct Mark(u64);

const USUAL: Mark = Mark(85);
/// Never reached: every request is tried until one fails.
const FULL: Mark = Mark(101);

/// An instance: where it is, what it takes, whose it is.
struct Claim(Id<Server>, Id<Shape>, Option<Id<Application>>);

/// A fleet in use.
struct Churn {
    layout: Layout,
    capacity: Capacity,
    placement: Placement,
    how: How,
    owners: Owners,
    mark: Mark,
    live: Vec<Claim>,
    vcpus: u64,
    memory: u64,
    must_release: bool,
    placed: u64,
    failed: u64,
    random: u64,
}

impl Churn {
    /// A fleet filled to the mark and churned some time.
    fn new(servers: usize, placement: Placement, owners: Owners, mark: Mark) -> Self {
        let layout = layout(servers);
        let capacity = Capacity::new(&layout, placement.index());
        let mut churn = Self {
            layout,
            capacity,
            placement,
            how: How::Index,
            owners,
            mark,
            live: Vec::with_capacity(servers * 32),
            vcpus: 0,
            memory: 0,
            must_release: false,
            placed: 0,
            failed: 0,
            random: 7,
        };
        let mut failed_in_a_row = 0;
        while !churn.is_full() && failed_in_a_row < 1000 {
            failed_in_a_row = if churn.step().is_some() { 0 } else { failed_in_a_row + 1 };
            churn.must_release = false;
        }
        (churn.placed, churn.failed) = (0, 0);
        for _ in 0..servers * 4 {
            churn.step();
        }
        churn
    }

    fn is_full(&self) -> bool {
        let servers = self.layout.servers.len() as u64;
        self.vcpus * 100 >= servers * u64::from(VCPUS) * self.mark.0
            || self.memory / GIB * 100 >= servers * (MEMORY / GIB) * self.mark.0
    }

    /// A number below `bound` (SplitMix64, by multiplication).
    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.random;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        ((u128::from(bits) * bound as u128) >> 64) as usize
    }

    /// One placement, tried or done, or one release.
    fn step(&mut self) -> Option<Id<Server>> {
        if (self.must_release || self.is_full()) && !self.live.is_empty() {
            self.must_release = false;
            let gone = self.below(self.live.len());
            let Claim(server, shape, application) = self.live.swap_remove(gone);
            let request = Request { application, ..Request::for_shape(shape) };
            let demand = self.layout.shapes[shape].demand;
            self.capacity.release(&self.layout, server, &request, Nodes::NONE);
            self.vcpus -= u64::from(demand.vcpus);
            self.memory -= demand.memory;
            return Some(server);
        }
        let shape: Id<Shape> = Id::new(self.below(self.layout.shapes.len()));
        let application: Option<Id<Application>> = match self.owners {
            Owners::Nobody => None,
            Owners::Applications => Some(Id::new(self.below(self.layout.applications.len()))),
        };
        let request = Request { application, ..Request::for_shape(shape) };
        let found = match self.how {
            How::Index => self.placement.choose(&self.layout, &self.capacity, &request),
            How::Scan => self.capacity.scan(&self.layout, &request, self.placement.index()),
        };
        if let Some(server) = found {
            _ = self.capacity.claim(&self.layout, server, &request);
            let demand = self.layout.shapes[shape].demand;
            self.vcpus += u64::from(demand.vcpus);
            self.memory += demand.memory;
            self.live.push(Claim(server, shape, application));
            self.placed += 1;
        } else {
            self.must_release = true;
            self.failed += 1;
        }
        found
    }

    fn describe(&self) -> String {
        let servers = self.layout.servers.len() as f64;
        format!(
            "{}, {servers} servers: {:.0} % of vCPUs, {:.0} % of memory, {:.1} instances a server, \
             {:.1} % of placements fail",
            self.placement.name(),
            self.vcpus as f64 / servers / f64::from(VCPUS) * 100.0,
            self.memory as f64 / servers / MEMORY as f64 * 100.0,
            self.live.len() as f64 / servers,
            self.failed as f64 / (self.placed + self.failed) as f64 * 100.0,
        )
    }
}

/// One group of figures.
struct Figures<'a> {
    name: &'a str,
    placements: &'a [Placement],
    sizes: &'a [usize],
    how: How,
    owners: Owners,
    mark: Mark,
}

fn measure(criterion: &mut Criterion, figures: &Figures<'_>) {
    let mut group = criterion.benchmark_group(figures.name);
    for placement in figures.placements {
        for servers in figures.sizes {
            let id = BenchmarkId::new(placement.name(), servers);
            let mut fleet: Option<Churn> = None;
            group.bench_function(id, |bencher| {
                let churn = fleet.get_or_insert_with(|| {
                    let mut churn = Churn::new(*servers, *placement, figures.owners, figures.mark);
                    println!("{}", churn.describe());
                    churn.how = figures.how;
                    churn
                });
                bencher.iter(|| black_box(churn.step()));
            });
        }
    }
    group.finish();
}

const INDEXES: Figures<'static> = Figures {
    name: "placement",
    placements: &Placement::ALL,
    sizes: &[1_000, 10_000, 100_000],
    how: How::Index,
    owners: Owners::Nobody,
    mark: USUAL,
};

fn indexes(criterion: &mut Criterion) {
    measure(criterion, &INDEXES);
}

fn full(criterion: &mut Criterion) {
    let sizes = &[1_000, 100_000];
    measure(criterion, &Figures { name: "full", sizes, mark: FULL, ..INDEXES });
}

fn anti_affinity(criterion: &mut Criterion) {
    let sizes = &[1_000, 100_000];
    let owners = Owners::Applications;
    measure(criterion, &Figures { name: "anti-affinity", sizes, owners, ..INDEXES });
}

fn scans(criterion: &mut Criterion) {
    measure(criterion, &Figures { name: "scan", sizes: &[1_000], how: How::Scan, ..INDEXES });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700));
    targets = indexes, full, anti_affinity, scans
}
criterion_main!(benches);
