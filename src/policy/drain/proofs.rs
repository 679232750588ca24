//! Each order on fleets that are planned by hand, and every plan on random fleets against the rules.

use super::*;
use crate::{
    fleet::{
        ids::{Rack, ServerModel, Shape, SpreadGroup},
        layout::{GroupSpec, ModelSpec, RackSpec, Resources, ServerSpec, ShapeSpec, ZoneSpec},
        numa::NodeRoom,
    },
    kernel::column::IdRange,
};
use proptest::prelude::*;
use std::num::NonZeroU32;

const GIB: u64 = 1 << 30;

/// Servers of so many vCPUs, with 4 GiB for each, and who is on them.
#[derive(Debug)]
struct Fleet {
    layout: Layout,
    placement: Placement,
    /// Who is on which server, asking for what, in order of ids.
    there: Vec<(usize, Request)>,
    drained: Vec<usize>,
    closed: Vec<usize>,
    /// Reasons that have nothing to do with room, and zones to stay in.
    bars: Vec<(usize, DrainBar)>,
    stays_in_zone: bool,
    others_leave: bool,
}

impl Fleet {
    /// Servers, each by its zone, its vCPUs and its NUMA nodes; those in `drained` are to be emptied.
    fn new(servers: &[(usize, u32, u32)], drained: &[usize]) -> Self {
        let mut layout = Layout::default();
        for (place, (zone, vcpus, nodes)) in servers.iter().enumerate() {
            let capacity = Resources {
                vcpus: *vcpus,
                memory: 4 * GIB * u64::from(*vcpus),
                ..Resources::default()
            };
            let model: Id<ServerModel> = layout.models.push(ModelSpec {
                name: format!("m{place}"),
                capacity,
                numa_nodes: NonZeroU32::new(*nodes).unwrap(),
                nic_rate: 0,
                local_disk_bytes: 0,
                disk_life: None,
                crash: None,
                risk: None,
            });
            let (rack, zone): (Id<Rack>, _) = (Id::new(place), Id::new(*zone));
            layout.servers.push(ServerSpec { model, rack, zone, bays: IdRange::new(0, 0) });
            let servers = IdRange::new(place, place + 1);
            layout.racks.push(RackSpec { name: format!("r{place}"), zone, servers, outage: None });
        }
        // Zones are ranges of racks, so servers come zone by zone.
        for zone in 0..=servers.last().unwrap().0 {
            let of = |end: usize| servers.iter().filter(|(other, ..)| *other < end).count();
            let racks = IdRange::new(of(zone), of(zone + 1));
            layout.zones.push(ZoneSpec { name: format!("z{zone}"), racks });
        }
        layout.groups.push(GroupSpec { name: "g".to_owned() });
        Self {
            layout,
            placement: Placement::WorstFit,
            there: Vec::new(),
            drained: drained.to_vec(),
            closed: Vec::new(),
            bars: Vec::new(),
            stays_in_zone: false,
            others_leave: false,
        }
    }

    /// Instances on `server`, each by its vCPUs and the NUMA nodes that it asks for.
    fn with(mut self, server: usize, instances: &[(u32, usize)]) -> Self {
        for (vcpus, nodes) in instances {
            self.put(server, (*vcpus, 4 * GIB * u64::from(*vcpus)), *nodes, None);
        }
        self
    }

    fn put(
        &mut self,
        server: usize,
        (vcpus, memory): (u32, u64),
        nodes: usize,
        group: Option<usize>,
    ) {
        let parts = nodes.max(1);
        let part = NodeRoom { vcpus: vcpus / parts as u32, memory: memory / parts as u64 };
        let shape: Id<Shape> = self.layout.shapes.push(ShapeSpec {
            demand: Resources { vcpus, memory, ..Resources::default() },
            zone: None,
            model: None,
            nodes: vec![part; nodes],
        });
        let group: Option<Id<SpreadGroup>> = group.map(Id::new);
        self.there.push((server, Request { group, ..Request::for_shape(shape) }));
    }

    /// The ledger, and who is to leave, in order of ids.
    fn ledger(&self) -> (Capacity, Vec<Leaver>) {
        let mut capacity = Capacity::new(&self.layout, self.placement.index());
        let mut leavers = Vec::new();
        for (place, (server, request)) in self.there.iter().enumerate() {
            let server: Id<Server> = Id::new(*server);
            let nodes = capacity.claim(&self.layout, server, request);
            let bar = self.bars.iter().find(|(of, _)| *of == place).map(|(_, bar)| *bar);
            let zone = self.stays_in_zone.then(|| self.layout.servers[server].zone);
            if self.drained.contains(&server.index()) {
                let (instance, request) = (Id::new(place), request.within(zone));
                leavers.push(Leaver { instance, server, nodes, request, barred: bar });
            }
        }
        for server in self.drained.iter().chain(&self.closed) {
            capacity.set_open(&self.layout, Id::new(*server), false);
        }
        (capacity, leavers)
    }

    fn planned(&self, order: DrainOrder) -> DrainPlan {
        self.planned_by(order, |_| {})
    }

    /// How often all servers were looked at for the sake of a reason.
    fn scans(&self, order: DrainOrder) -> usize {
        let mut scans = 0;
        self.planned_by(order, |drain| scans = drain.reasons.scans);
        scans
    }

    fn planned_by(&self, order: DrainOrder, look: impl FnOnce(&Drain<'_>)) -> DrainPlan {
        let (capacity, leavers) = self.ledger();
        let capacity = order.copy_of(&capacity, &self.layout);
        self.planned_on(capacity, (order, leavers), look)
    }

    fn planned_on(
        &self,
        capacity: Capacity,
        (order, leavers): (DrainOrder, Vec<Leaver>),
        look: impl FnOnce(&Drain<'_>),
    ) -> DrainPlan {
        let mut drain = Drain {
            layout: &self.layout,
            placement: self.placement,
            capacity,
            others_leave: self.others_leave,
            reasons: Reasons::default(),
        };
        let plan = drain.plans(order, leavers);
        look(&drain);
        plan
    }

    /// Who goes where, and who stays, as numbers.
    fn plan(&self, order: DrainOrder) -> Numbers {
        let plan = self.planned(order);
        let moves = plan.moves.iter().map(|(of, to)| (of.index(), to.index())).collect();
        (moves, plan.barred.iter().map(|(of, why)| (of.index(), *why)).collect())
    }
}

use DrainBar::{Hardware, NoNode, NoRoom, WithOthers};
use DrainOrder::{BinPacking, FewestMoves, LargestFirst, SmallestFirst};

const NOBODY: [(usize, DrainBar); 0] = [];

/// Moves, each by instance and server; and who stays, with the reason.
type Numbers = (Vec<(usize, usize)>, Vec<(usize, DrainBar)>);

/// Two empty servers of 8; 4, 4 and 8 are to leave. Small ones that go first take the room of the
/// large one: each goes where most is free, so both targets are half full when its turn comes.
#[test]
fn large_ones_first_find_room_where_small_ones_first_take_it() {
    let fleet =
        Fleet::new(&[(0, 16, 1), (0, 8, 1), (0, 8, 1)], &[0]).with(0, &[(4, 0), (4, 0), (8, 0)]);
    let (moves, barred) = fleet.plan(SmallestFirst);
    assert_eq!((moves, barred), (vec![(0, 1), (1, 2)], vec![(2, NoRoom)]));
    for order in [LargestFirst, BinPacking] {
        let (moves, barred) = fleet.plan(order);
        assert_eq!((moves, barred), (vec![(2, 1), (0, 2), (1, 2)], NOBODY.to_vec()), "{order:?}");
    }
}

/// Room for 8 and for 5; 5, 4 and 4 are to leave. Spread out, the 5 takes the room of both 4s.
#[test]
fn packing_finds_room_where_spreading_wastes_it() {
    let fleet =
        Fleet::new(&[(0, 16, 1), (0, 8, 1), (0, 5, 1)], &[0]).with(0, &[(4, 0), (4, 0), (5, 0)]);
    assert_eq!(fleet.plan(LargestFirst), (vec![(2, 1), (0, 2)], vec![(1, NoRoom)]));
    assert_eq!(fleet.plan(BinPacking), (vec![(2, 2), (0, 1), (1, 1)], NOBODY.to_vec()));
}

/// A test of work: whoever is packed is found by an index, whatever the scenario's placement; other
/// orders go by the index that is there.
#[test]
fn packing_looks_at_no_server_that_has_too_little_room() {
    for placement in Placement::ALL {
        let mut fleet = Fleet::new(&[(0, 16, 1), (0, 8, 1)], &[0]).with(0, &[(4, 0)]);
        fleet.placement = placement;
        let (capacity, _) = fleet.ledger();
        for order in DrainOrder::ALL {
            let least_room = Index::ByRoom(Order::LeastRoom);
            let expected = if order == BinPacking { least_room } else { placement.index() };
            assert_eq!(order.copy_of(&capacity, &fleet.layout).index(), expected, "{order:?}");
        }
    }
}

/// Room for 8: 6 and 4 are on the one server, 4 on the other. Whoever goes by size takes all of it
/// and empties none; server by server the second is emptied by a single move.
#[test]
fn fewest_moves_empty_whole_servers_or_none() {
    let fleet =
        Fleet::new(&[(0, 16, 1), (0, 16, 1), (0, 8, 1)], &[0, 1]).with(0, &[(6, 0), (4, 0)]);
    let fleet = fleet.with(1, &[(4, 0)]);
    assert_eq!(fleet.plan(LargestFirst), (vec![(0, 2)], vec![(1, NoRoom), (2, NoRoom)]));
    assert_eq!(fleet.plan(SmallestFirst), (vec![(1, 2), (2, 2)], vec![(0, NoRoom)]));
    let (moves, barred) = fleet.plan(FewestMoves);
    assert_eq!((moves, barred), (vec![(2, 2)], vec![(0, NoRoom), (1, WithOthers)]));
}

/// What was claimed for a server whose instances stay after all is free again for the next.
#[test]
fn what_a_server_that_stays_did_not_take_is_there_for_others() {
    // Both have two instances; the first is tried first, because its largest is smaller.
    let fleet = Fleet::new(&[(0, 16, 1), (0, 16, 1), (0, 8, 1)], &[0, 1])
        .with(0, &[(5, 0), (5, 0)])
        .with(1, &[(6, 0), (2, 0)]);
    let (moves, barred) = fleet.plan(FewestMoves);
    assert_eq!((moves, barred), (vec![(2, 2), (3, 2)], vec![(0, WithOthers), (1, NoRoom)]));
}

/// Where events take the others off, nobody stays for their sake.
#[test]
fn who_leaves_by_an_event_holds_nobody_back() {
    let mut fleet = Fleet::new(&[(0, 16, 1), (0, 8, 1)], &[0]).with(0, &[(12, 0), (2, 0), (1, 0)]);
    fleet.bars = vec![(2, Hardware)];
    let barred = vec![(0, NoRoom), (1, WithOthers), (2, Hardware)];
    assert_eq!(fleet.plan(FewestMoves), (Vec::new(), barred));
    fleet.others_leave = true;
    let (moves, barred) = fleet.plan(FewestMoves);
    assert_eq!((moves, barred), (vec![(1, 1)], vec![(0, NoRoom), (2, Hardware)]));
}

/// Equals come server by server, and on one server in the order given; what is chosen among equal
/// targets is the lowest.
#[test]
fn ties_go_by_server_and_then_as_given() {
    let fleet = Fleet::new(&[(0, 8, 1), (0, 8, 1), (0, 4, 1), (0, 4, 1)], &[0, 1])
        .with(1, &[(2, 0)])
        .with(0, &[(2, 0), (2, 0)])
        .with(1, &[(2, 0)]);
    let expected = vec![(1, 2), (2, 3), (0, 2), (3, 3)];
    for order in [LargestFirst, SmallestFirst] {
        assert_eq!(fleet.plan(order), (expected.clone(), NOBODY.to_vec()), "{order:?}");
    }
    assert_eq!(fleet.plan(BinPacking).0, [(1, 2), (2, 2), (0, 3), (3, 3)]);
    assert_eq!(fleet.plan(FewestMoves).0, expected, "two each: the lower server first");
    let (capacity, mut leavers) = fleet.ledger();
    leavers.reverse();
    let drain = Drain {
        layout: &fleet.layout,
        placement: fleet.placement,
        capacity,
        others_leave: false,
        reasons: Reasons::default(),
    };
    let moves = drain.plan(LargestFirst, leavers).moves;
    assert_eq!(moves.iter().map(|(of, _)| of.index()).collect::<Vec<_>>(), [2, 1, 3, 0]);
}

/// Size is by vCPUs, then by memory; what is packed goes by its share of the server that it leaves.
#[test]
fn what_is_large_is_not_what_takes_a_large_share() {
    let mut fleet = Fleet::new(&[(0, 16, 1), (0, 16, 1)], &[0]);
    for (vcpus, memory) in [(4, 16), (2, 40), (4, 8)] {
        fleet.put(0, (vcpus, memory * GIB), 0, None);
    }
    let sequence = |order| fleet.plan(order).0.iter().map(|(of, _)| *of).collect::<Vec<_>>();
    assert_eq!(sequence(LargestFirst), [0, 2, 1]);
    assert_eq!(sequence(SmallestFirst), [1, 2, 0]);
    assert_eq!(sequence(BinPacking), [1, 0, 2], "40 of 64 GiB, 4 of 16 vCPUs twice");
}

/// The trap of spec R 4.5: small ones that go first leave enough in all but on no single node, and
/// moving the big ones first helps.
#[test]
fn one_node_must_take_all_of_who_asks_for_one() {
    let fleet = Fleet::new(&[(0, 64, 2), (0, 16, 2), (0, 16, 2)], &[0])
        .with(0, &[(4, 1), (4, 1), (6, 1), (6, 1), (6, 1)]);
    let (moves, barred) = fleet.plan(SmallestFirst);
    assert_eq!((moves.len(), barred), (4, vec![(4, NoNode)]));
    for order in [LargestFirst, BinPacking] {
        assert_eq!((fleet.plan(order).0.len(), fleet.plan(order).1), (5, NOBODY.to_vec()));
    }
    // Who floats needs no node, and finds the same room; who asks for two takes half of each.
    let of = |instance| {
        Fleet::new(&[(0, 64, 2), (0, 16, 2)], &[0])
            .with(1, &[(4, 1), (6, 1)])
            .with(0, &[instance])
            .plan(LargestFirst)
    };
    assert_eq!(of((6, 0)), (vec![(2, 1)], NOBODY.to_vec()));
    assert_eq!(of((5, 1)), (Vec::new(), vec![(2, NoNode)]), "4 and 2 are free");
    assert_eq!(of((4, 2)), (vec![(2, 1)], NOBODY.to_vec()), "2 of each");
    assert_eq!(of((6, 2)), (Vec::new(), vec![(2, NoNode)]), "3 of each");
    assert_eq!(of((7, 1)), (Vec::new(), vec![(2, NoRoom)]), "7 are not free in all");
}

/// Servers that take nobody, or not this one, are no reason to speak of nodes.
#[test]
fn only_servers_that_may_take_it_lack_a_node() {
    let servers = [(0, 64, 2), (0, 4, 2), (1, 16, 2)];
    let mut fleet = Fleet::new(&servers, &[0]).with(2, &[(4, 1), (4, 1)]).with(0, &[(5, 1)]);
    assert_eq!(fleet.plan(LargestFirst).1, [], "on the second node of 2");
    let fill = |fleet: Fleet| fleet.with(2, &[(1, 1), (4, 1)]);
    let full =
        || Fleet::new(&servers, &[0]).with(2, &[(4, 1)]).with(2, &[(6, 1)]).with(0, &[(5, 1)]);
    assert_eq!(full().plan(LargestFirst).1, [(2, NoNode)]);
    fleet = full();
    fleet.stays_in_zone = true;
    assert_eq!(fleet.plan(LargestFirst).1, [(2, NoRoom)], "the other server is elsewhere");
    fleet = full();
    fleet.closed = vec![2];
    assert_eq!(fleet.plan(LargestFirst).1, [(2, NoRoom)]);
    fleet = full();
    let shape = fleet.there[2].1.shape;
    fleet.layout.shapes[shape].zone = Some(Id::new(0));
    assert_eq!(fleet.plan(LargestFirst).1, [(2, NoRoom)]);
    fleet = fill(full());
    assert_eq!(fleet.plan(LargestFirst).1, [(2, NoRoom)], "1 of 16 is free");
}

/// All servers are looked at once for all who ask for the same and have no place, not for each of them.
#[test]
fn why_there_is_no_place_is_found_once_for_all() {
    let mut fleet = Fleet::new(&[(0, 64, 2), (0, 16, 2), (0, 16, 2)], &[0]);
    fleet = fleet.with(1, &[(6, 1), (6, 1)]).with(2, &[(6, 1), (6, 1)]).with(0, &[(3, 1)]);
    let one = fleet.there[4];
    fleet.there.extend([one; 8]);
    for order in [LargestFirst, SmallestFirst, BinPacking] {
        assert_eq!(fleet.plan(order).1, (4..13).map(|of| (of, NoNode)).collect::<Vec<_>>());
        assert_eq!(fleet.scans(order), 1, "{order:?}: for nine");
    }
    assert_eq!(fleet.scans(FewestMoves), 1);
    // What is known of one server is looked at again when somebody else has taken its room.
    fleet = Fleet::new(&[(0, 64, 2), (0, 16, 2)], &[0]).with(1, &[(6, 1), (6, 1)]);
    fleet = fleet.with(0, &[(3, 1), (3, 0)]);
    let one = fleet.there[2];
    fleet.there.extend([one; 5]);
    assert_eq!(fleet.plan(LargestFirst).0, [(3, 1)]);
    let reasons = fleet.plan(LargestFirst).1;
    assert_eq!(reasons[..2], [(2, NoNode), (4, NoRoom)]);
    assert_eq!((reasons.len(), fleet.scans(LargestFirst)), (6, 2));
}

/// Who must stay in its zone does, however much is free elsewhere.
#[test]
fn who_must_stay_in_a_zone_does() {
    let mut fleet = Fleet::new(&[(0, 8, 1), (0, 4, 1), (1, 64, 1)], &[0]).with(0, &[(4, 0)]);
    assert_eq!(fleet.plan(LargestFirst).0, [(0, 2)], "most is free there");
    fleet.stays_in_zone = true;
    for order in DrainOrder::ALL {
        assert_eq!(fleet.plan(order).0, [(0, 1)], "{order:?}");
    }
}

/// One member of a group in each of two zones: who leaves its server leaves its zone empty, and so
/// stays in that zone; counted where it was, it would go to the other one.
#[test]
fn who_leaves_does_not_count_where_it_was() {
    let mut fleet = Fleet::new(&[(0, 8, 1), (0, 8, 1), (1, 8, 1), (1, 8, 1)], &[3]);
    fleet.put(0, (2, GIB), 0, Some(0));
    fleet.put(3, (2, GIB), 0, Some(0));
    for order in DrainOrder::ALL {
        assert_eq!(fleet.plan(order).0, [(1, 2)], "{order:?}");
    }
    // Two of them are spread, also by whoever packs all others.
    fleet.drained = vec![0, 3];
    let places = |order| fleet.plan(order).0.iter().map(|(_, to)| *to).collect::<Vec<_>>();
    assert_eq!(places(BinPacking), places(LargestFirst));
    assert_eq!(places(BinPacking), [1, 2]);
}

/// A random fleet: servers (zone, vCPUs, nodes), who is on each, which are drained.
fn fleets() -> impl Strategy<Value = Fleet> {
    let server = (0..2_usize, 4..17_u32, 1..3_u32);
    let instances = proptest::collection::vec((1..7_u32, 0..3_usize, 0..4_u32), 0..7);
    let all = proptest::collection::vec((server, instances, 0..4_u8), 2..9);
    let rules = (0..Placement::ALL.len(), any::<bool>(), any::<bool>(), 0..9_usize);
    (all, rules).prop_map(|(mut all, (placement, stays_in_zone, others_leave, barred))| {
        all.sort_by_key(|(server, ..)| server.0);
        let servers: Vec<_> = all.iter().map(|(server, ..)| *server).collect();
        let of = |what: u8| {
            let is_it = |place: &usize| all[*place].2 == what;
            (0..all.len()).filter(is_it).collect::<Vec<_>>()
        };
        let mut fleet = Fleet::new(&servers, &of(0));
        fleet.closed = of(1);
        fleet.placement = Placement::ALL[placement];
        (fleet.stays_in_zone, fleet.others_leave) = (stays_in_zone, others_leave);
        for (server, (_, instances, _)) in all.iter().enumerate() {
            for (vcpus, nodes, memory) in instances {
                let before = fleet.there.len();
                let memory = u64::from(vcpus * (memory + 1)) * GIB * 2;
                let group = (vcpus % 3 == 0).then_some(0);
                // Who asks for two nodes takes as much of each.
                let vcpus = if *nodes == 2 { vcpus.next_multiple_of(2) } else { *vcpus };
                fleet.put(server, (vcpus, memory), *nodes, group);
                let (_, request) = fleet.there.pop().unwrap();
                let fits = fleet.ledger().0.has_room(&fleet.layout, Id::new(server), &request);
                if fits {
                    fleet.there.push((server, request));
                }
                if fits && before == barred {
                    fleet.bars.push((before, Hardware));
                }
            }
        }
        fleet
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn plans_keep_every_rule(fleet in fleets()) {
        for order in DrainOrder::ALL {
            check(&fleet, order);
        }
    }
}

fn check(fleet: &Fleet, order: DrainOrder) {
    let plan = fleet.planned(order);
    let (mut ledger, leavers) = fleet.ledger();
    let layout = &fleet.layout;
    // Everybody who is to leave has a place or a reason, and nobody else has.
    let mut told: Vec<_> = plan.moves.iter().map(|(of, _)| *of).collect();
    told.extend(plan.barred.iter().map(|(of, _)| *of));
    told.sort_unstable();
    let all: Vec<_> = leavers.iter().map(|of| of.instance).collect();
    assert_eq!(told, all, "{order:?}");
    let of = |instance: &Id<Instance>| leavers.iter().find(|of| of.instance == *instance).unwrap();
    // In sequence, each finds its place free by a ledger and by plain sums, on nodes too.
    let mut taken: Vec<Resources> = vec![Resources::default(); layout.servers.len()];
    for (server, request) in &fleet.there {
        taken[*server] = taken[*server].plus(&layout.shapes[request.shape].demand);
    }
    for (instance, target) in &plan.moves {
        let leaver = of(instance);
        assert!(leaver.barred.is_none(), "{order:?}: {instance:?} cannot be moved");
        assert!(ledger.is_open(*target) && *target != leaver.server, "{order:?}");
        let zone = layout.servers[*target].zone;
        assert!(leaver.request.zone.is_none_or(|own| own == zone), "{order:?}");
        ledger.claim(layout, *target, &leaver.request); // Panics where a node is overfilled.
        let demand = &layout.shapes[leaver.request.shape].demand;
        taken[target.index()] = taken[target.index()].plus(demand);
        assert!(layout.capacity(*target).covers(&taken[target.index()]), "{order:?}: {target:?}");
    }
    let open = || layout.servers.ids().iter().filter(|server| ledger.is_open(*server));
    for (instance, why) in &plan.barred {
        let leaver = of(instance);
        match why {
            NoRoom | NoNode if order != FewestMoves => {
                let takes = |server: Id<Server>| {
                    ledger.has_room(layout, server, &away(leaver))
                        && leaver
                            .request
                            .zone
                            .is_none_or(|zone| layout.servers[server].zone == zone)
                };
                assert!(!open().any(takes), "{order:?}: there is room for {instance:?}");
            }
            NoRoom | NoNode => assert_eq!(leaver.barred, None),
            Hardware => assert_eq!(leaver.barred, Some(Hardware)),
            WithOthers => assert!(order == FewestMoves && !fleet.others_leave),
            DrainBar::NoWay | DrainBar::Failed | DrainBar::Group | DrainBar::Busy => {
                panic!("nobody gave {why:?} as a reason")
            }
        }
        let is_node_matter = *why == NoNode;
        let asks = !layout.shapes[leaver.request.shape].nodes.is_empty();
        assert!(asks || !is_node_matter, "{order:?}: {instance:?} floats");
    }
    if order == FewestMoves && !fleet.others_leave {
        let moved: Vec<_> = plan.moves.iter().map(|(instance, _)| of(instance).server).collect();
        let stays = plan.barred.iter().map(|(instance, _)| of(instance).server);
        assert!(stays.into_iter().all(|server| !moved.contains(&server)), "all or none");
    }
    assert_eq!(fleet.planned(order), plan, "equal fleets have equal plans");
    // On the ledger itself, whose index may be another, a scan finds the same.
    let (ledger, leavers) = fleet.ledger();
    assert_eq!(fleet.planned_on(ledger, (order, leavers), |_| {}), plan, "{order:?}: by scans");
}
