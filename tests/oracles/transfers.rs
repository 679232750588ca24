//! Links shared max-min fairly, to the microsecond (O14), and one link as a queue (O15).

use crate::{
    given::{Case, O14A, O14B, O15A},
    verdicts::Verdicts,
};
use fleetsim::{
    fleet::{
        ids::{Link, Server, Transfer},
        layout::Layout,
        transfers::{NewTransfer, Path, Transfers},
    },
    kernel::{
        agenda::Agenda,
        column::Id,
        streams::Streams,
        time::{Instant, Span},
    },
    scenario::{InMemory, Scenario},
};

/// A unit of the cases (B).
const UNIT: u64 = 1_000_000;

/// The flows of O14: name, and which two servers it joins. A passes the card of the first server
/// (L1) and that of the second (L2), B only the one, C only the other.
const FLOWS: [(&str, [usize; 2]); 3] = [("A", [0, 1]), ("B", [0, 2]), ("C", [3, 1])];

/// Four servers: the first two have cards like the links of the case, the others wide ones. `order`
/// says in which place each of them stands.
fn servers(case: &Case, order: [usize; 4]) -> Layout {
    let links = ["links.L1", "links.L2"].map(|link| case.param(link) as u64);
    let rates = [links[0], links[1], 1_000, 1_000];
    let mut places = [0; 4];
    (0..4).for_each(|server| places[order[server]] = rates[server]);
    let mut text = "[scenario]\nname = \"x\"\nhorizon = \"1h\"\n[network]\n".to_owned();
    for (place, rate) in places.iter().enumerate() {
        text += &format!(
            "[server_models.m{place}]\nvcpus = 1\nmemory = \"1GiB\"\nnic_rate = \"{rate}MB/s\"\n"
        );
    }
    for place in 0..4 {
        text += &format!("[[servers]]\nmodel = \"m{place}\"\ncount = 1\nzones = [\"z\"]\n");
    }
    let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
    // Each entry has a rack of its own; where neither uplinks nor the spine bind that is the same.
    scenario.unwrap_or_else(|faults| panic!("{faults}")).layout
}

/// The rates at first, and when each flow ends, by name; flows begin in the order of `starts`.
fn flow(case: &Case, order: [usize; 4], starts: [usize; 3]) -> ([u64; 3], [Instant; 3]) {
    let layout = servers(case, order);
    let mut table = Transfers::new(&layout);
    let mut agenda = Agenda::new(Instant::ZERO, Instant::from_micros(3_600_000_000));
    let mut flows: Vec<(Id<Transfer>, usize, u64)> = Vec::new();
    for start in starts {
        let (name, ends) = FLOWS[start];
        let [from, to] = ends.map(|server| Id::<Server>::new(order[server]));
        let bytes = case.param(&format!("flows.{name}.size")) as u64 * UNIT;
        let path = Transfers::path(&layout, from, to);
        let new = NewTransfer { task: Id::new(0), path, bytes, cap: None };
        flows.push((table.begin(Instant::ZERO, &new), start, bytes));
        table.audit();
    }
    let mut rates = [0; 3];
    flows.iter().for_each(|(transfer, start, _)| rates[*start] = table[*transfer].rate);
    let mut ended = [Instant::ZERO; 3];
    let arm = |table: &mut Transfers, agenda: &mut Agenda<u32>| {
        if let Some((at, number)) = table.rearm().sets {
            agenda.at(at, number);
        }
    };
    arm(&mut table, &mut agenda);
    while let Some((now, number)) = agenda.next() {
        if number != table.alarm() {
            continue;
        }
        table.rings();
        while let Some(sent) = table.next_sent(now) {
            let flow = flows.iter().find(|(transfer, ..)| *transfer == sent);
            let (_, start, bytes) = flow.expect("what is sent has begun");
            ended[*start] = now;
            assert_eq!(table.end(now, sent), *bytes, "{}: work is conserved", case.id);
            table.audit();
        }
        table.rang();
        arm(&mut table, &mut agenda);
    }
    (rates, ended)
}

#[test]
fn completions_are_exact() {
    for case in [&O14A, &O14B] {
        let (rates, ended) = flow(case, [0, 1, 2, 3], [0, 1, 2]);
        for (start, (name, _)) in FLOWS.iter().enumerate() {
            let rate = case.expected(&format!("initial_rates_all_active.{name}"));
            assert_eq!(rates[start], rate as u64 * UNIT, "{} {name}", case.id);
            let time = case.expected(&format!("completion_times.{name}"));
            let at = Instant::ZERO + Span::from_seconds(time as u64);
            assert_eq!(ended[start], at, "{} {name}", case.id);
        }
        let all: f64 = FLOWS.iter().map(|of| case.param(&format!("flows.{}.size", of.0))).sum();
        assert_eq!(all as u64, case.expected("total_volume") as u64, "{}", case.id);
    }
}

#[test]
fn names_and_order_permute_the_result() {
    let starts = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let orders = [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]];
    for case in [&O14A, &O14B] {
        let expected = flow(case, [0, 1, 2, 3], [0, 1, 2]);
        for start in starts {
            for order in orders {
                assert_eq!(flow(case, order, start), expected, "{} {order:?} {start:?}", case.id);
            }
        }
    }
}

/// What one run of the queue measures.
#[derive(Default)]
struct Queue {
    time: (f64, f64),
    concurrent: f64,
    idle: f64,
    /// Time taken and time needed alone, of the smallest and the largest tenth.
    tenths: [(f64, f64); 2],
}

/// What happens in it, in the order of an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum What {
    Sent(u32),
    Comes,
}

/// A transfer of the queue.
#[derive(Clone, Copy)]
struct Flow {
    came: Instant,
    bytes: u64,
}

/// One run: transfers come at random times, until the horizon is reached, and all of it is sent.
fn queue(case: &Case, run: u32) -> Queue {
    let capacity = case.param("capacity_MiB_s") * f64::from(1 << 20);
    let mean = case.param("mean_size_MiB") * f64::from(1 << 20);
    let streams = Streams::new(15, run);
    let exponential = |purpose: u16, number: u32| -libm::log(streams.at(purpose, 0, number).unit());
    let (from, end) = (Instant::ZERO + Span::from_seconds(2_000), case.param("horizon_s") as u64);
    let end = Instant::ZERO + Span::from_seconds(end);
    let mut table = Transfers::of_links(&[capacity as u64]);
    let link: Id<Link> = Id::new(0);
    let mut agenda = Agenda::new(Instant::ZERO, end);
    let mut flows: Vec<Option<Flow>> = Vec::new();
    let (mut came, mut under_way, mut last) = (0, 0_u32, from);
    let mut seen = Queue::default();
    agenda.at(Instant::ZERO, What::Comes);
    while let Some((now, what)) = agenda.next() {
        if matches!(what, What::Sent(number) if number != table.alarm()) {
            continue;
        }
        if now > last {
            let span = now.since(last).seconds();
            seen.concurrent += span * f64::from(under_way);
            seen.idle += if under_way == 0 { span } else { 0.0 };
            last = now;
        }
        if what == What::Comes {
            let bytes = (mean * exponential(1, came)) as u64;
            let new = NewTransfer { task: Id::new(0), path: Path::over(&[link]), bytes, cap: None };
            let place = table.begin(now, &new).index();
            flows.resize(flows.len().max(place + 1), None);
            flows[place] = Some(Flow { came: now, bytes });
            (came, under_way) = (came + 1, under_way + 1);
            let gap = Span::from_seconds_f64(exponential(2, came) / case.param("lambda_per_s"));
            agenda.at(now + gap, What::Comes);
        } else {
            table.rings();
            while let Some(sent) = table.next_sent(now) {
                let flow = flows[sent.index()].take().expect("what is sent has come");
                assert_eq!(table.end(now, sent), flow.bytes, "work is conserved");
                under_way -= 1;
                if flow.came >= from {
                    let (taken, alone) = (now.since(flow.came), flow.bytes as f64 / capacity);
                    seen.time = (seen.time.0 + taken.seconds(), seen.time.1 + 1.0);
                    let size = flow.bytes as f64 / mean;
                    let tenth = match size {
                        _ if size < -libm::log(0.9) => 0,
                        _ if size > -libm::log(0.1) => 1,
                        _ => continue,
                    };
                    seen.tenths[tenth].0 += taken.seconds();
                    seen.tenths[tenth].1 += alone;
                }
            }
            table.rang();
        }
        if let Some((at, number)) = table.rearm().sets {
            agenda.at(at, What::Sent(number));
        }
    }
    let measured = last.since(from).seconds();
    seen.concurrent /= measured;
    seen.idle /= measured;
    seen
}

#[test]
fn a_shared_link_is_a_queue_with_shared_service() {
    let case = &O15A;
    let runs: Vec<Queue> =
        (0..case.param("replications") as u32).map(|run| queue(case, run)).collect();
    let values = |of: &dyn Fn(&Queue) -> f64| runs.iter().map(of).collect::<Vec<f64>>();
    let slowdown = |tenth: usize| move |run: &Queue| run.tenths[tenth].0 / run.tenths[tenth].1;
    let mut verdicts = Verdicts::of(case.id);
    let time = values(&|run| run.time.0 / run.time.1);
    verdicts.t("mean_transfer_s", &time, case.expected("mean_transfer_s"));
    let concurrent = values(&|run| run.concurrent);
    verdicts.t("mean_concurrent", &concurrent, case.expected("mean_concurrent"));
    verdicts.t("P_idle", &values(&|run| run.idle), case.expected("P_idle"));
    let slow = case.expected("slowdown_any_size");
    verdicts.t("slowdown of the smallest tenth", &values(&slowdown(0)), slow);
    verdicts.t("slowdown of the largest tenth", &values(&slowdown(1)), slow);
    let gap = values(&|run| slowdown(0)(run) - slowdown(1)(run));
    verdicts.t("slowdown, smallest less largest", &gap, 0.0);
    verdicts.end();
}
