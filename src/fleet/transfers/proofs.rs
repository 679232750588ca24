//! Rates held against a filling of the whole network at once, over random networks and changes.

use super::*;
use crate::fleet::layout::Layout;
use crate::scenario::{InMemory, Scenario};
use proptest::prelude::*;

/// A transfer of a random network: its links and its cap.
type Wish = (Vec<usize>, Option<u64>);

/// The rates by progressive filling of everything, as the head of `shares` states it.
fn filled(capacities: &[u64], wishes: &[Wish]) -> Vec<u64> {
    let mut rates: Vec<Option<u64>> = vec![None; wishes.len()];
    let passes = |flow: usize, link: usize| wishes[flow].0.contains(&link);
    while rates.contains(&None) {
        let rising: Vec<usize> = (0..rates.len()).filter(|flow| rates[*flow].is_none()).collect();
        let stop = |link: usize| {
            let on: Vec<usize> = (0..rates.len()).filter(|flow| passes(*flow, link)).collect();
            let stopped: u64 = on.iter().filter_map(|flow| rates[*flow]).sum();
            let count = on.iter().filter(|flow| rates[**flow].is_none()).count() as u64;
            (count > 0).then(|| (capacities[link] - stopped) / count)
        };
        let stops: Vec<Option<u64>> = (0..capacities.len()).map(stop).collect();
        let caps = rising.iter().filter_map(|flow| wishes[*flow].1);
        let lowest = stops.iter().flatten().copied().chain(caps).min().expect("all pass a link");
        for flow in rising {
            let by_link = wishes[flow].0.iter().any(|link| stops[*link] == Some(lowest));
            if by_link || wishes[flow].1 == Some(lowest) {
                rates[flow] = Some(lowest);
            }
        }
    }
    rates.into_iter().flatten().collect()
}

fn new(wish: &Wish, bytes: u64) -> NewTransfer {
    let links: Vec<Id<Link>> = wish.0.iter().map(|link| Id::new(*link)).collect();
    NewTransfer { task: Id::new(0), path: Path::over(&links), bytes, cap: wish.1 }
}

/// A step: which of the transfers that are there ends or gets another cap, or which one begins.
#[derive(Clone, Debug)]
enum Step {
    Begin(Wish),
    End(usize),
    Recap(usize, Option<u64>),
}

fn cap() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![2 => Just(None), 1 => (0..40_u64).prop_map(Some), 1 => (0..5_000_u64).prop_map(Some)]
}

fn wish(links: usize) -> impl Strategy<Value = Wish> {
    let all: Vec<usize> = (0..links).collect();
    (proptest::sample::subsequence(all, 1..=links.min(5)).prop_shuffle(), cap())
}

/// Capacities, many of them small and equal so that ties and roundings abound, and steps.
fn network() -> impl Strategy<Value = (Vec<u64>, Vec<Step>)> {
    let capacity = prop_oneof![0..12_u64, 30..34_u64, 1_000..5_000_u64, Just(60_u64)];
    proptest::collection::vec(capacity, 1..9).prop_flat_map(|capacities| {
        let links = capacities.len();
        let step = prop_oneof![
            5 => wish(links).prop_map(Step::Begin),
            3 => (0..64_usize).prop_map(Step::End),
            1 => ((0..64_usize), cap()).prop_map(|(which, cap)| Step::Recap(which, cap)),
        ];
        (Just(capacities), proptest::collection::vec(step, 1..40))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn re_planning_gives_what_filling_everything_gives((capacities, steps) in network()) {
        let mut table = Transfers::of_links(&capacities);
        let mut there: Vec<(Id<Transfer>, Wish)> = Vec::new();
        for (at, step) in steps.into_iter().enumerate() {
            let now = Instant::from_micros(at as u64);
            match step {
                Step::Begin(wish) => {
                    let transfer = table.begin(now, &new(&wish, 1 << 40));
                    there.push((transfer, wish));
                }
                Step::End(which) if !there.is_empty() => {
                    let (transfer, _) = there.swap_remove(which % there.len());
                    table.end(now, transfer);
                }
                Step::Recap(which, cap) if !there.is_empty() => {
                    let place = which % there.len();
                    there[place].1.1 = cap;
                    table.recap(now, there[place].0, cap);
                }
                Step::End(_) | Step::Recap(..) => {}
            }
            table.audit();
            let wishes: Vec<Wish> = there.iter().map(|(_, wish)| wish.clone()).collect();
            let rates: Vec<u64> = there.iter().map(|(of, _)| table[*of].rate).collect();
            prop_assert_eq!(rates, filled(&capacities, &wishes));
        }
    }

    #[test]
    fn neither_the_order_of_starts_nor_names_matter(
        (capacities, wishes, order) in proptest::collection::vec(1..90_u64, 1..8)
            .prop_flat_map(|capacities| {
                let wishes = proptest::collection::vec(wish(capacities.len()), 1..20);
                (Just(capacities), wishes)
            })
            .prop_flat_map(|(capacities, wishes)| {
                let order: Vec<usize> = (0..wishes.len()).collect();
                (Just(capacities), Just(wishes), Just(order).prop_shuffle())
            }),
    ) {
        let begun = |capacities: &[u64], wishes: &[Wish], order: &[usize]| {
            let mut table = Transfers::of_links(capacities);
            let mut rates = vec![0; wishes.len()];
            let begin = |flow: &usize| (*flow, table.begin(Instant::ZERO, &new(&wishes[*flow], 9)));
            let ids: Vec<(usize, Id<Transfer>)> = order.iter().map(begin).collect();
            ids.into_iter().for_each(|(flow, id)| rates[flow] = table[id].rate);
            rates
        };
        let in_order: Vec<usize> = (0..wishes.len()).collect();
        let rates = begun(&capacities, &wishes, &in_order);
        prop_assert_eq!(&rates, &begun(&capacities, &wishes, &order));
        // Links in the reverse order are the same network under other names.
        let named: Vec<u64> = capacities.iter().rev().copied().collect();
        let last = capacities.len() - 1;
        let rename = |(links, cap): &Wish| (links.iter().map(|link| last - link).collect(), *cap);
        let renamed: Vec<Wish> = wishes.iter().map(rename).collect();
        prop_assert_eq!(&rates, &begun(&named, &renamed, &order));
    }

    #[test]
    fn nothing_is_lost_however_often_rates_change(
        (capacities, steps) in network(),
        gaps in proptest::collection::vec(0..3_000_000_u64, 40),
    ) {
        let capacities: Vec<u64> = capacities.iter().map(|capacity| capacity + 1).collect();
        let mut table = Transfers::of_links(&capacities);
        let mut now = Instant::ZERO;
        let (mut given, mut sent, mut carried) = (0, 0, 0_u128);
        let mut refilled = 0;
        for (step, gap) in steps.into_iter().zip(gaps) {
            let end = now + Span::from_micros(gap);
            while let Some(at) = table.earliest().filter(|at| *at <= end) {
                carried += rates(&table) * u128::from(at.since(now).micros());
                now = at;
                while let Some(transfer) = table.next_sent(now) {
                    prop_assert_eq!(table.left(now, transfer), 0);
                    refilled += 1;
                    if refilled % 3 == 0 {
                        given += 70;
                        table.refill(now, transfer, 70);
                    } else {
                        sent += u128::from(table.end(now, transfer));
                    }
                    table.audit();
                }
            }
            carried += rates(&table) * u128::from(end.since(now).micros());
            now = end;
            if let Step::Begin(wish) = step {
                let wish = (wish.0, wish.1.map(|cap| cap + 1));
                given += 500;
                table.begin(now, &new(&wish, 500));
            }
        }
        let rest: Vec<Id<Transfer>> = table.under_way().map(|(transfer, _)| transfer).collect();
        let mut left = 0;
        for transfer in rest {
            left += u128::from(table.left(now, transfer));
            sent += u128::from(table.end(now, transfer));
        }
        prop_assert_eq!(given, sent + left, "each byte is sent or left");
        // What the links carried is what was sent, but for what fits into the last microsecond of
        // each transfer, and for bytes that are begun.
        let most = u128::from(table.begun() + refilled) * (5_001 + MICRO);
        prop_assert!(carried + most >= sent * MICRO && carried <= sent * MICRO + most);
    }
}

fn rates(table: &Transfers) -> u128 {
    table.under_way().map(|(_, row)| u128::from(row.rate)).sum()
}

#[test]
fn a_transfer_keeps_its_fractions_of_bytes_when_its_rate_changes() {
    let mut table = Transfers::of_links(&[3]);
    let wish = (vec![0], None);
    let at = |micros| Instant::from_micros(micros);
    let first = table.begin(at(0), &new(&wish, 3));
    let second = table.begin(at(1), &new(&wish, 3));
    assert_eq!((table[first].rate, table[second].rate), (1, 1), "one byte per second is left over");
    assert_eq!(table.left(at(1), first), 3, "a begun byte is left");
    table.end(at(2), second);
    // 3 + 1 micro-bytes are sent, the rest takes 999,998.67 microseconds.
    assert_eq!(table.earliest(), Some(at(1_000_001)));
    table.recap(at(500_000), first, Some(1));
    table.recap(at(500_000), first, None);
    assert_eq!(table.earliest(), Some(at(1_000_001)));
    assert_eq!(table.next_sent(at(1_000_000)), None);
    assert_eq!(table.next_sent(at(1_000_001)), Some(first));
    assert_eq!(table.end(at(1_000_001), first), 3);
}

#[test]
fn what_has_nothing_to_send_is_sent_at_once() {
    let mut table = Transfers::of_links(&[0]);
    let wish = (vec![0], None);
    let waits = table.begin(Instant::ZERO, &new(&wish, 1));
    let empty = table.begin(Instant::ZERO, &new(&wish, 0));
    table.audit();
    assert_eq!(table.next_sent(Instant::ZERO), Some(empty));
    table.refill(Instant::ZERO, empty, 0);
    assert_eq!(table.next_sent(Instant::ZERO), Some(empty));
    table.end(Instant::ZERO, empty);
    assert_eq!((table.next_sent(Instant::ZERO), table.earliest()), (None, None));
    assert_eq!(table.end(Instant::from_micros(7), waits), 0);
}

#[test]
fn the_alarm_is_set_for_the_earliest_alone() {
    let mut table = Transfers::of_links(&[10]);
    let none = Rearmed { voids: false, sets: None };
    assert_eq!(table.rearm(), none);
    let long = table.begin(Instant::ZERO, &new(&(vec![0], None), 100));
    let at = |seconds| Instant::ZERO + Span::from_seconds(seconds);
    assert_eq!(table.rearm(), Rearmed { voids: false, sets: Some((at(10), 1)) });
    assert_eq!(table.rearm(), none, "it is set");
    table.begin(Instant::ZERO, &new(&(vec![0], None), 10));
    assert_eq!(table.rearm(), Rearmed { voids: true, sets: Some((at(2), 2)) });
    table.rings();
    let sent = table.next_sent(at(2)).unwrap();
    assert_eq!(table.rearm(), none, "it rings");
    table.end(at(2), sent);
    table.rang();
    assert_eq!(table.rearm(), Rearmed { voids: false, sets: Some((at(11), 3)) });
    table.end(at(3), long);
    assert_eq!(table.rearm(), Rearmed { voids: true, sets: None });
}

/// A fleet of racks of 20 servers on two zones; the spine is wide enough.
fn fleet(racks: usize) -> Layout {
    let text = format!(
        "[scenario]\nname = \"x\"\nhorizon = \"1h\"\n[network]\nrack_uplink = \"400Gbit/s\"\n\
         spine = \"70Tbit/s\"\nmigration_share = \"50%\"\n[server_models.m]\nvcpus = 1\n\
         memory = \"1GiB\"\nnic_rate = \"25Gbit/s\"\n[[servers]]\nmodel = \"m\"\n\
         count = {}\nzones = [\"a\", \"b\"]\nracks_per_zone = {}\n",
        racks * 20,
        racks / 2
    );
    let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
    scenario.unwrap_or_else(|faults| panic!("{faults}")).layout
}

#[test]
fn paths_lead_over_cards_uplinks_and_spine() {
    let layout = fleet(4);
    let table = Transfers::new(&layout);
    let names = |from: usize, to: usize| {
        let path = Transfers::path(&layout, Id::new(from), Id::new(to));
        path.iter().map(|link| LinkPlace::of(&layout, link)).collect::<Vec<_>>()
    };
    let (out, into) = (LinkPlace::Out(Id::new(0)), LinkPlace::In(Id::new(1)));
    assert_eq!(names(0, 1), [out, into]);
    // The last rack stands in the other zone: the same spine.
    let (up, down) = (LinkPlace::Up(Id::new(0)), LinkPlace::Down(Id::new(3)));
    assert_eq!(names(0, 79), [out, up, LinkPlace::Spine, down, LinkPlace::In(Id::new(79))]);
    let capacities: Vec<u64> =
        [0, 160, 168].iter().map(|link| table.links().state(Id::new(*link)).capacity).collect();
    assert_eq!(capacities, [1_562_500_000, 25_000_000_000, 4_375_000_000_000]);
    assert_eq!(table.links().len(), 2 * 80 + 2 * 4 + 1);
}

/// A limit of 600 on a link of 1,200: who is slowed by a link of 200 leaves the limit to the other,
/// and whom the limit does not bind has what is left of the link.
#[test]
fn a_limit_is_shared_as_a_link_is() {
    let mut table = Transfers::of_links(&[1_200, 200]);
    let limit = table.add_limit(600);
    assert!(table.links().is_limit(limit) && !table.links().is_limit(Id::new(1)));
    let mut begun = |links: &[usize], limited: bool| {
        let wish = (links.to_vec(), None);
        let mut of = new(&wish, 1 << 40);
        if limited {
            of.path = of.path.within(limit);
        }
        table.begin(Instant::ZERO, &of)
    };
    let all = [begun(&[0, 1], true), begun(&[0], true), begun(&[0], false)];
    assert_eq!(all.map(|of| table[of].rate), [200, 400, 600]);
    table.audit();
    table.end(Instant::ZERO, all[0]);
    assert_eq!([1, 2].map(|of| table[all[of]].rate), [600, 600]);
    table.audit();
}

/// So many transfers under way, `each` to a server, nine tenths of them inside racks; then how many
/// links are looked at per change.
fn looks_per_change(transfers: usize, each: usize) -> f64 {
    let layout = fleet(transfers / each / 40 * 2);
    let servers = layout.servers.len();
    let mut table = Transfers::new(&layout);
    let mut random = 88_172_645_463_325_252_u64;
    let mut below = |most: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % most as u64) as usize
    };
    let mut begin = |table: &mut Transfers| {
        let from = below(servers);
        let (rack, place) = (from / 20, from % 20);
        let inside = rack * 20 + (place + 1 + below(19)) % 20;
        let outside = (from + 20 + below(servers - 40)) % servers;
        let to = if below(10) < 9 { inside } else { outside };
        let path = Transfers::path(&layout, Id::new(from), Id::new(to));
        table.begin(
            Instant::ZERO,
            &NewTransfer { task: Id::new(0), path, bytes: 1 << 33, cap: None },
        )
    };
    let mut there: Vec<Id<Transfer>> = (0..transfers).map(|_| begin(&mut table)).collect();
    let before = table.looks();
    let changes = 400;
    for change in 0..changes {
        table.end(Instant::ZERO, there.swap_remove(change * 7 % transfers / 2));
        there.push(begin(&mut table));
    }
    table.audit();
    (table.looks() - before) as f64 / (2 * changes) as f64
}

#[test]
fn a_change_costs_the_same_in_a_larger_fleet() {
    for each in [1, 4] {
        let [small, large] = [1_000, 10_000].map(|transfers| looks_per_change(transfers, each));
        println!("{each} a server: {small:.1} links a change of 1,000, {large:.1} of 10,000");
        assert!(large < 1.5 * small, "{small} and {large} links");
    }
}
