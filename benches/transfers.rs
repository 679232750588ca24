//! What a start or an end of a transfer costs.
//!
//! `change`: so many transfers are under way, on as many servers (racks of 20), nine tenths of them
//! inside racks; one ends and another begins. The spine is wide enough, cards bind. The time must not
//! grow with the number of transfers.
//!
//! `saturated`: the same where the spine carries a hundredth of what would pass it: then a change
//! concerns every transfer that leaves its rack. Reported, not bounded.
//!
//! `sent`: 10,000 transfers, of which the earliest is sent and goes on with as much again.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fleetsim::{
    fleet::{
        ids::{Server, Transfer},
        layout::Layout,
        transfers::{NewTransfer, Transfers},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    scenario::{InMemory, Scenario},
};

/// Servers in a rack.
const RACK: usize = 20;

/// As many servers as transfers; the spine carries `spine`.
fn layout(transfers: usize, spine: &str) -> Layout {
    let racks = transfers / RACK;
    let text = format!(
        "[scenario]\nname = \"x\"\nhorizon = \"1h\"\n[network]\nrack_uplink = \"40Gbit/s\"\n\
         spine = \"{spine}\"\n[server_models.m]\nvcpus = 1\nmemory = \"1GiB\"\n\
         nic_rate = \"1Gbit/s\"\n[[servers]]\nmodel = \"m\"\ncount = {transfers}\n\
         zones = [\"a\"]\nracks_per_zone = {racks}\n"
    );
    let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
    scenario.unwrap_or_else(|faults| panic!("{faults}")).layout
}

/// A table with many transfers, and what chooses the next.
struct Busy {
    layout: Layout,
    table: Transfers,
    there: Vec<Id<Transfer>>,
    random: u64,
    now: Instant,
}

impl Busy {
    fn new(transfers: usize, spine: &str) -> Self {
        let layout = layout(transfers, spine);
        let table = Transfers::new(&layout);
        let (there, now) = (Vec::with_capacity(transfers), Instant::ZERO);
        let mut busy = Self { layout, table, there, random: 88_172_645_463_325_252, now };
        (0..transfers).for_each(|_| busy.begins());
        busy
    }

    fn below(&mut self, most: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % most as u64) as usize
    }

    fn begins(&mut self) {
        let servers = self.layout.servers.len();
        let from = self.below(servers);
        let to = if self.below(10) < 9 {
            from / RACK * RACK + (from % RACK + 1 + self.below(RACK - 1)) % RACK
        } else {
            (from + RACK + self.below(servers - 2 * RACK)) % servers
        };
        let [from, to]: [Id<Server>; 2] = [Id::new(from), Id::new(to)];
        let path = Transfers::path(&self.layout, from, to);
        let new = NewTransfer { task: Id::new(0), path, bytes: 1 << 45, cap: None };
        self.there.push(self.table.begin(self.now, &new));
    }

    /// One transfer ends and another begins, a microsecond later.
    fn changes(&mut self) {
        self.now = self.now + Span::from_micros(1);
        let place = self.below(self.there.len());
        let transfer = self.there.swap_remove(place);
        self.table.end(self.now, transfer);
        self.begins();
        while self.table.next_changed().is_some() {}
    }

    /// The earliest is sent and goes on with as much again.
    fn sends(&mut self) {
        self.now = self.table.earliest().expect("there are transfers");
        let sent = self.table.next_sent(self.now).expect("it is due");
        self.table.refill(self.now, sent, 1 << 45);
    }
}

fn change(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transfers/change");
    group.throughput(Throughput::Elements(2));
    for transfers in [1_000, 10_000, 100_000] {
        let mut busy = Busy::new(transfers, "10Tbit/s");
        let before = busy.table.looks();
        (0..1_000).for_each(|_| busy.changes());
        let looks = busy.table.looks() - before;
        println!("{transfers} transfers: {} links looked at per 1,000 changes", looks / 2);
        group.bench_function(BenchmarkId::from_parameter(transfers), |bencher| {
            bencher.iter(|| busy.changes());
        });
    }
    group.finish();
}

fn saturated(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transfers/saturated");
    group.throughput(Throughput::Elements(2)).sample_size(10);
    for (transfers, spine) in [(1_000, "500Mbit/s"), (10_000, "5Gbit/s")] {
        let mut busy = Busy::new(transfers, spine);
        group.bench_function(BenchmarkId::from_parameter(transfers), |bencher| {
            bencher.iter(|| busy.changes());
        });
    }
    group.finish();
}

fn sent(criterion: &mut Criterion) {
    let mut busy = Busy::new(10_000, "10Tbit/s");
    criterion.bench_function("transfers/sent", |bencher| bencher.iter(|| busy.sends()));
}

criterion_group!(benches, change, saturated, sent);
criterion_main!(benches);
