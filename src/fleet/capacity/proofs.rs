//! Every index against its definition, on random fleets and random histories.

use super::*;
use crate::{
    fleet::{
        ids::{Rack, Zone},
        layout::{
            ApplicationSpec, GroupSpec, ModelSpec, RackSpec, ServerSpec, ShapeSpec, ZoneSpec,
        },
    },
    kernel::column::{Column, IdRange},
};
use proptest::prelude::*;
use std::num::NonZeroU32;

const GIB: u64 = 1 << 30;

const ALL: [Index; 5] = [
    Index::ById,
    Index::ByRoom(Order::LeastRoom),
    Index::ByRoom(Order::MostRoom),
    Index::ByRoom(Order::LargestShare),
    Index::BySpread,
];

/// How many NUMA nodes the models have.
const NODES_OF: [u32; 4] = [1, 2, 4, 2];

fn resources(vcpus: u32, memory: u64) -> Resources {
    Resources { vcpus, memory, nic_percent: 0, ..Resources::default() }
}

/// A fleet: `racks[zone][rack][server]` is the server's model.
fn fleet(racks: &[Vec<Vec<usize>>], models: &[Resources], shapes: Vec<ShapeSpec>) -> Layout {
    let mut layout = Layout::default();
    for capacity in models {
        layout.models.push(ModelSpec {
            name: format!("m{}", layout.models.len()),
            capacity: *capacity,
            // 1, 2, 4 and 2 nodes.
            numa_nodes: NonZeroU32::new(NODES_OF[layout.models.len() % 4]).unwrap(),
            nic_rate: 0,
            local_disk_bytes: 0,
            disk_life: None,
            crash: None,
            risk: None,
        });
    }
    for (zone, racks) in racks.iter().enumerate() {
        let first_rack = layout.racks.len();
        for models in racks {
            let (rack, first) = (Id::new(layout.racks.len()), layout.servers.len());
            for model in models {
                layout.servers.push(ServerSpec {
                    model: Id::new(*model),
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
        layout.zones.push(ZoneSpec {
            name: format!("z{zone}"),
            racks: IdRange::new(first_rack, layout.racks.len()),
        });
    }
    for limit in [None, NonZeroU32::new(1), NonZeroU32::new(2)] {
        layout.applications.push(ApplicationSpec {
            name: format!("a{}", layout.applications.len()),
            per_server_limit: limit,
            needed: Vec::new(),
        });
    }
    for group in 0..3 {
        layout.groups.push(GroupSpec { name: format!("g{group}") });
    }
    layout.shapes = Column::from_vec(shapes);
    layout
}

/// How finely amounts are cut, so that exact and coarse grids are met.
#[derive(Clone, Copy, Debug)]
struct Grain {
    memory: u64,
    vcpus: u32,
    gpus: u32,
    /// Memory asked for falls short of a whole number of grains by less than this.
    odd: u64,
}

fn grains() -> impl Strategy<Value = Grain> {
    prop_oneof![
        3 => Just(Grain { memory: GIB, vcpus: 1, gpus: 1, odd: 1 }),
        1 => Just(Grain { memory: 1_000_003, vcpus: 1, gpus: 1, odd: 1000 }),
        1 => Just(Grain { memory: GIB, vcpus: 100, gpus: 1, odd: 1 }),
        1 => Just(Grain { memory: 7, vcpus: 1000, gpus: 100, odd: 7 }),
    ]
}

fn models(grain: Grain) -> [Resources; 4] {
    let model = |vcpus: u32, memory: u64| resources(vcpus * grain.vcpus, memory * grain.memory);
    [
        model(12, 48),
        model(16, 32),
        Resources { gpus: 4 * grain.gpus, ..model(16, 64) },
        Resources { local_disks: 4, local_storage: 900, nic_percent: 100, ..model(12, 32) },
    ]
}

/// What `demand` takes of each of `count` nodes, `more` vCPUs and grains of the last.
fn parts(demand: &Resources, count: usize, more: u32) -> Vec<NodeRoom> {
    let all = count.max(1) as u32;
    let part = |number| NodeRoom {
        vcpus: demand.vcpus / all + if number + 1 == count { more } else { 0 },
        memory: demand.memory / u64::from(all),
    };
    (0..count).map(part).collect()
}

fn shapes(count: usize) -> impl Strategy<Value = (Grain, Vec<ShapeSpec>)> {
    let amount = (
        1_u32..9,
        0_u64..17,
        prop_oneof![6 => Just(0_u32), 2 => 1_u32..4],
        prop_oneof![6 => Just(0_u32), 2 => 1_u32..4],
        prop_oneof![6 => Just(0_u64), 1 => 1_u64..500],
        prop_oneof![6 => Just(0_u32), 1 => 1_u32..60],
    );
    let shape = (
        amount,
        prop_oneof![3 => Just(None), 1 => (0_usize..3).prop_map(Some)],
        prop_oneof![4 => Just(None), 1 => (0_usize..4).prop_map(Some)],
        0_u32..1000,
        // How many NUMA nodes it asks for, and how much more of the last than of the others.
        prop_oneof![4 => Just((0_usize, 0_u32)), 2 => (1_usize..4, Just(0)), 1 => (2_usize..4, 1_u32..3)],
    );
    (grains(), prop::collection::vec(shape, 1..=count)).prop_map(|(grain, shapes)| {
        let shapes = shapes.into_iter().map(|(amount, zone, model, odd, (count, more))| {
            let (vcpus, memory, gpus, local_disks, local_storage, nic_percent) = amount;
            let demand = Resources {
                vcpus: vcpus * grain.vcpus - odd % grain.vcpus,
                gpus: gpus * grain.gpus,
                local_disks,
                nic_percent,
                memory: (memory * grain.memory).saturating_sub(u64::from(odd) % grain.odd),
                local_storage,
            };
            ShapeSpec {
                demand,
                zone: zone.map(Id::new),
                model: model.map(Id::new),
                nodes: parts(&demand, count, more),
            }
        });
        (grain, shapes.collect())
    })
}

fn layouts(shape_count: usize) -> impl Strategy<Value = Layout> {
    let rack = prop::collection::vec(0_usize..4, 0..5);
    let zones = prop::collection::vec(prop::collection::vec(rack, 1..5), 3);
    (zones, shapes(shape_count))
        .prop_map(|(racks, (grain, shapes))| fleet(&racks, &models(grain), shapes))
}

/// Who holds room where, and on which nodes.
type Claim = (Id<Server>, Request, Nodes);

/// A step of a history; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Place {
        shape: usize,
        application: Option<usize>,
        group: Option<usize>,
        zone: Option<usize>,
        exclude: Option<usize>,
    },
    Release(usize),
    Toggle(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = (
        any::<usize>(),
        prop::option::of(0_usize..3),
        prop::option::of(0_usize..3),
        prop::option::weighted(0.3, 0_usize..3),
        prop::option::weighted(0.2, any::<usize>()),
    );
    let step = prop_oneof![
        6 => place.prop_map(|(shape, application, group, zone, exclude)| Step::Place {
            shape,
            application,
            group,
            zone,
            exclude,
        }),
        3 => any::<usize>().prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::Toggle),
    ];
    prop::collection::vec(step, 1..120)
}

/// Runs a history under `index`; at each step the index must agree with the scan.
fn check(layout: &Layout, steps: &[Step], index: Index) {
    let servers = layout.servers.len();
    if servers == 0 {
        return;
    }
    let mut capacity = Capacity::new(layout, index);
    assert_eq!(capacity.index(), index);
    let mut claims: Vec<Claim> = Vec::new();
    for step in steps {
        match step {
            Step::Place { shape, application, group, zone, exclude } => {
                let request = Request {
                    shape: Id::new(shape % layout.shapes.len()),
                    application: application.map(Id::new),
                    group: group.map(Id::new),
                    zone: zone.map(Id::new),
                    exclude: exclude.map(|server| Id::new(server % servers)),
                };
                let found = capacity.find(layout, &request, index);
                assert_eq!(found, capacity.scan(layout, &request, index), "{index:?} {request:?}");
                // A group is spread beside any index.
                let spread = capacity.find(layout, &request, Index::BySpread);
                assert_eq!(spread, capacity.scan(layout, &request, Index::BySpread), "{request:?}");
                if let Some(server) = found {
                    assert!(capacity.is_open(server));
                    let nodes = capacity.claim(layout, server, &request);
                    claims.push((server, request, nodes));
                }
            }
            Step::Release(claim) => {
                if !claims.is_empty() {
                    let (server, request, nodes) = claims.swap_remove(claim % claims.len());
                    capacity.release(layout, server, &request, nodes);
                }
            }
            Step::Toggle(server) => {
                let server = Id::new(server % servers);
                capacity.set_open(layout, server, !capacity.is_open(server));
            }
        }
    }
    conserved(layout, &capacity, &claims);
    for order in [Order::LeastRoom, Order::MostRoom, Order::LargestShare] {
        searched_by(layout, &capacity, &claims, order);
    }
    for (server, request, nodes) in claims.drain(..) {
        capacity.release(layout, server, &request, nodes);
    }
    for server in layout.servers.ids().iter() {
        assert_eq!(capacity.free(server), layout.capacity(server));
        assert_eq!(capacity.held(server), 0);
        let empty = layout.models[layout.servers[server].model].node();
        assert!(capacity.nodes(server).iter().all(|node| *node == empty));
    }
}

/// A copy that is searched by another order agrees with the scan, while everybody in it goes.
fn searched_by(layout: &Layout, capacity: &Capacity, claims: &[Claim], order: Order) {
    let mut copy = capacity.searched_by(layout, order);
    assert_eq!(copy.index(), Index::ByRoom(order));
    for (server, request, nodes) in claims {
        copy.release(layout, *server, request, *nodes);
        for index in [Index::ByRoom(order), Index::BySpread] {
            let found = copy.find(layout, request, index);
            assert_eq!(found, copy.scan(layout, request, index), "{index:?} {request:?}");
        }
    }
}

/// What is free and what is held are the whole, on each server and on each of its nodes.
fn conserved(layout: &Layout, capacity: &Capacity, claims: &[Claim]) {
    for server in layout.servers.ids().iter() {
        let here = claims.iter().filter(|(at, ..)| *at == server);
        let all = here.clone().fold(*capacity.free(server), |sum, (_, request, _)| {
            sum.plus(&layout.shapes[request.shape].demand)
        });
        assert_eq!(all, *layout.capacity(server));
        assert_eq!(capacity.held(server) as usize, here.clone().count());
        let mut nodes = capacity.nodes(server).to_vec();
        for (_, request, seats) in here {
            let parts = &layout.shapes[request.shape].nodes;
            assert_eq!(seats.each().count(), parts.len());
            for (part, node) in parts.iter().zip(seats.each()) {
                nodes[node] = nodes[node].plus(part);
            }
        }
        let empty = layout.models[layout.servers[server].model].node();
        assert!(nodes.iter().all(|node| *node == empty));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_index_finds_what_its_definition_says(layout in layouts(12), steps in steps()) {
        for index in ALL {
            check(&layout, &steps, index);
        }
    }

    #[test]
    fn instances_of_one_size_are_accepted_alike_by_every_rule(
        sizes in prop::collection::vec(0_usize..4, 1..12),
        steps in prop::collection::vec(any::<Option<u8>>(), 1..150),
    ) {
        let models: Vec<Resources> = (1..5).map(|n| resources(n, u64::from(n) * GIB)).collect();
        let unit = one_vcpu();
        let layout = fleet(&[vec![sizes]], &models, vec![unit]);
        let answers = ALL.map(|index| accepted(&layout, &steps, index));
        for answer in &answers {
            prop_assert_eq!(answer, &answers[0]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_it_does_with_more_shapes_than_classes(
        racks in prop::collection::vec(prop::collection::vec(0_usize..4, 1..5), 2..5),
        (grain, shapes) in shapes(2000).prop_filter("many", |(_, shapes)| shapes.len() > 600),
        steps in steps(),
    ) {
        let zones = [racks.clone(), racks.clone(), racks];
        let layout = fleet(&zones, &models(grain), shapes);
        for index in [Index::ById, Index::BySpread, Index::ByRoom(Order::LeastRoom)] {
            check(&layout, &steps, index);
        }
    }
}

fn one_vcpu() -> ShapeSpec {
    ShapeSpec { demand: resources(1, GIB), zone: None, model: None, nodes: Vec::new() }
}

/// Which arrivals (`None`) are accepted; `Some` is a departure of that place in line.
fn accepted(layout: &Layout, steps: &[Option<u8>], index: Index) -> Vec<bool> {
    let mut capacity = Capacity::new(layout, index);
    let mut claims = Vec::new();
    let request = Request::for_shape(Id::new(0));
    let mut answers = Vec::new();
    for step in steps {
        match step {
            None => {
                let found = capacity.find(layout, &request, index);
                if let Some(server) = found {
                    capacity.claim(layout, server, &request);
                    claims.push(server);
                }
                answers.push(found.is_some());
            }
            Some(place) if !claims.is_empty() => {
                let server = claims.swap_remove(usize::from(*place) % claims.len());
                capacity.release(layout, server, &request, Nodes::NONE);
            }
            Some(_) => {}
        }
    }
    answers
}

/// A fleet of one zone and two racks with these models each, and what is chosen for one vCPU.
fn chosen(models: &[Resources], used: &[(usize, usize)], demand: Resources) -> [usize; 5] {
    let shapes = (0..=16).map(|vcpus| resources(vcpus, u64::from(vcpus) * GIB)).chain([demand]);
    let shapes =
        shapes.map(|demand| ShapeSpec { demand, zone: None, model: None, nodes: Vec::new() });
    let all: Vec<usize> = (0..models.len()).collect();
    let layout = fleet(&[vec![all.clone(), all]], models, shapes.collect());
    let request = |shape: usize| Request::for_shape(Id::new(shape));
    ALL.map(|index| {
        let mut capacity = Capacity::new(&layout, index);
        for (server, vcpus) in used {
            capacity.claim(&layout, Id::new(*server), &request(*vcpus));
        }
        let found = capacity.find(&layout, &request(17), index);
        found.expect("the example has room").index()
    })
}

#[test]
fn the_rules_by_example() {
    let small = resources(8, 32 * GIB);
    let large = resources(16, 16 * GIB);
    let gpu = Resources { gpus: 2, ..resources(32, 64 * GIB) };
    // Servers 0 and 3 are small, 1 and 4 large, 2 and 5 have GPUs.
    let models = [small, large, gpu];
    // All empty: best fit takes the fewest vCPUs, worst fit the most but keeps the GPUs.
    assert_eq!(chosen(&models, &[], resources(1, GIB)), [0, 0, 1, 1, 0]);
    // Shares: 0 has 3/8 free, 3 has 7/8, 1 has 12/16 and 4 has 13/16 of both.
    let used = [(0, 5), (1, 4), (3, 1), (4, 3)];
    assert_eq!(chosen(&models, &used, resources(1, GIB)), [0, 0, 4, 3, 2]);
    // Who asks for a GPU gets it: worst fit the most, best fit the fewest.
    let one_gpu = Resources { gpus: 1, ..resources(1, GIB) };
    assert_eq!(chosen(&models, &[(2, 1)], one_gpu), [2, 2, 5, 5, 5]);
    // The second rack holds fewer instances; of its servers the first without any.
    assert_eq!(chosen(&models, &[(0, 1), (1, 1), (3, 1)], resources(1, GIB))[4], 4);
}

#[test]
fn spread_counts_the_group_then_the_application() {
    let shapes = vec![one_vcpu()];
    let two_racks = vec![vec![0, 0], vec![0, 0]];
    let layout = fleet(&[two_racks.clone(), two_racks], &[resources(8, 8 * GIB)], shapes);
    let mut capacity = Capacity::new(&layout, Index::BySpread);
    let mut place = |application: Option<usize>, group: Option<usize>| {
        let request = Request {
            application: application.map(Id::new),
            group: group.map(Id::new),
            ..Request::for_shape(Id::new(0))
        };
        let server = capacity.find(&layout, &request, Index::BySpread).expect("there is room");
        capacity.claim(&layout, server, &request);
        server.index()
    };
    let group: Vec<usize> = (0..8).map(|_| place(Some(0), Some(0))).collect();
    assert_eq!(group, [0, 4, 2, 6, 1, 5, 3, 7]);
    assert_eq!([place(None, Some(1)), place(None, Some(1))], [0, 4]);
    assert_eq!([place(Some(1), None), place(Some(1), None)], [0, 4]);
    // Application 0 was counted within its group too: two a rack, one a server.
    assert_eq!(place(Some(0), None), 0);
    assert_eq!(place(None, None), 6, "the second zone holds 6 of 13, its second rack 2");
}

#[test]
fn zones_and_racks_are_counted_as_columns() {
    // The kinds of ids are not mixed up by the fixtures.
    let layout = fleet(&[vec![vec![0]], vec![vec![0], vec![0]]], &[resources(1, GIB)], Vec::new());
    let zones: Vec<Id<Zone>> = layout.servers.iter().map(|server| server.zone).collect();
    let racks: Vec<Id<Rack>> = layout.servers.iter().map(|server| server.rack).collect();
    assert_eq!(zones, [0, 1, 1].map(Id::new));
    assert_eq!(racks, [0, 1, 2].map(Id::new));
}

#[test]
fn nodes_keep_out_what_the_whole_would_take() {
    // Spec R 4.5: two nodes with 6 vCPUs and 24 GiB free each.
    let shape = |vcpus: u32, gib: u64, count: usize| {
        let demand = resources(vcpus, gib * GIB);
        ShapeSpec { demand, zone: None, model: None, nodes: parts(&demand, count, 0) }
    };
    let shapes = vec![shape(12, 24, 2), shape(8, 16, 1), shape(8, 16, 2), shape(8, 16, 0)];
    let sizes = [resources(1, GIB), resources(24, 72 * GIB)];
    let layout = fleet(&[vec![vec![1]]], &sizes, shapes);
    let server = Id::new(0);
    for index in ALL {
        let mut capacity = Capacity::new(&layout, index);
        let request = |shape: usize| Request::for_shape(Id::new(shape));
        _ = capacity.claim(&layout, server, &request(0));
        assert_eq!(capacity.nodes(server), [NodeRoom { vcpus: 6, memory: 24 * GIB }; 2]);
        assert_eq!(capacity.find(&layout, &request(1), index), None, "{index:?}");
        assert_eq!(capacity.find(&layout, &request(2), index), Some(server), "{index:?}");
        assert_eq!(capacity.find(&layout, &request(3), index), Some(server), "it floats");
        // What floats takes of the whole alone.
        _ = capacity.claim(&layout, server, &request(3));
        assert_eq!(capacity.nodes(server), [NodeRoom { vcpus: 6, memory: 24 * GIB }; 2]);
        assert_eq!(capacity.find(&layout, &request(2), index), None, "{index:?}");
    }
}

#[test]
fn what_is_taken_back_sits_where_it_sat() {
    let one = parts(&resources(1, GIB), 1, 0);
    let small = ShapeSpec { nodes: one, ..one_vcpu() };
    let layout = fleet(&[vec![vec![1]]], &[resources(1, GIB), resources(8, 8 * GIB)], vec![small]);
    let server = Id::new(0);
    let mut capacity = Capacity::new(&layout, Index::ById);
    let request = Request::for_shape(Id::new(0));
    let all: Vec<Nodes> = (0..5).map(|_| capacity.claim(&layout, server, &request)).collect();
    let of = |nodes: &Nodes| nodes.each().next().unwrap();
    assert_eq!(all.iter().map(of).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
    // The fullest node comes first: what is placed anew would sit there.
    capacity.release(&layout, server, &request, all[4]);
    capacity.release(&layout, server, &request, all[0]);
    capacity.claim_on(&layout, server, &request, all[4]);
    assert_eq!(capacity.nodes(server).iter().map(|node| node.vcpus).collect::<Vec<_>>(), [1, 3]);
}
