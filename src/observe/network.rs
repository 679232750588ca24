//! The network: how busy its links are with what moves, and how much that is.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::{
        ids::Link,
        layout::Layout,
        transfers::{LinkKind, LinkPlace, Links},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::network::{LinkState, NetworkFact},
    scenario::Scenario,
};

/// What is kept of a link: lean, because a large fleet has millions.
#[derive(Clone, Copy, Debug)]
struct Load {
    /// As it stands since `since`.
    state: LinkState,
    since: Instant,
    /// What it carried (µs·B/s: micro-bytes).
    carried: u128,
    /// How long it was saturated (µs).
    saturated: u64,
}

/// The largest share of any link of a kind, and since when.
#[derive(Clone, Copy, Debug, Default)]
struct Peak {
    share: f64,
    at: Instant,
}

/// The network of a scenario that has one.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    layout: &'a Layout,
    from: Instant,
    end: Instant,
    links: Column<Link, Load>,
    peaks: [Peak; LinkKind::ALL.len()],
    under_way: Level,
    ended: u64,
    cancelled: u64,
    sent: u64,
}

impl<'a> Network<'a> {
    /// Nothing is sent yet; `None` where there is no network.
    pub fn new(scenario: &'a Scenario) -> Option<Self> {
        let layout = &scenario.layout;
        layout.network?;
        let links = Links::of(layout);
        let load = |link: Id<Link>| Load {
            state: links.state(link),
            since: scenario.begin,
            carried: 0,
            saturated: 0,
        };
        Some(Self {
            layout,
            from: scenario.measure_from,
            end: scenario.end,
            links: links.ids().map(load).collect(),
            peaks: [Peak::default(); LinkKind::ALL.len()],
            under_way: Level::new(0, scenario.begin, scenario.measure_from).lasting(),
            ended: 0,
            cancelled: 0,
            sent: 0,
        })
    }

    /// Takes note of a fact.
    pub fn see(&mut self, now: Instant, fact: &NetworkFact) {
        match *fact {
            NetworkFact::TransferBegan { .. } => self.under_way.add(now, 1),
            NetworkFact::TransferRefilled { .. } => {}
            NetworkFact::TransferEnded { bytes, is_complete, .. } => {
                self.under_way.take(now, 1);
                if now >= self.from {
                    self.ended += 1;
                    self.cancelled += u64::from(!is_complete);
                    self.sent += bytes;
                }
            }
            NetworkFact::LinkChanged { link, state } => {
                self.advance(now, link);
                self.links[link].state = state;
            }
        }
    }

    /// Counts the time of `link` up to `now`.
    fn advance(&mut self, now: Instant, link: Id<Link>) {
        let load = &mut self.links[link];
        let start = load.since.max(self.from);
        load.since = now;
        if now <= start {
            return;
        }
        let (state, span) = (load.state, now.since(start).micros());
        load.carried += u128::from(state.load) * u128::from(span);
        load.saturated += if state.is_saturated { span } else { 0 };
        let share = state.load as f64 / state.capacity as f64;
        let peak = &mut self.peaks[LinkPlace::of(self.layout, link).kind() as usize];
        if share > peak.share || share > 0.0 && share >= peak.share && start < peak.at {
            *peak = Peak { share, at: start };
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.under_way.advance(self.end);
        for link in self.links.ids().iter() {
            self.advance(self.end, link);
        }
    }

    /// Writes the metrics down.
    pub fn write(&self, sheet: &mut Sheet) {
        sheet.write("transfers", Some(self.ended as f64));
        sheet.write("transfers.cancelled", Some(self.cancelled as f64));
        sheet.write("transfers.sent", Some(self.sent as f64));
        sheet.write_most("transfers.concurrent", &self.under_way);
        let kinds = LinkKind::ALL.iter().filter(|kind| self.binds(**kind));
        for name in ["busy.mean", "busy.max", "busy.max_at", "busiest.mean", "saturated"] {
            for kind in kinds.clone() {
                let value = self.value(*kind, name);
                sheet.write_labelled(&format!("link.{name}"), &[kind.name()], value);
            }
        }
    }

    /// Whether links of `kind` can bind anybody.
    fn binds(&self, kind: LinkKind) -> bool {
        self.layout.network.is_some_and(|network| match kind {
            LinkKind::Nic => true,
            LinkKind::Uplink => network.rack_uplink.is_some(),
            LinkKind::Spine => network.spine.is_some(),
        })
    }

    /// What `link.NAME{kind}` is.
    fn value(&self, kind: LinkKind, name: &str) -> Option<f64> {
        let of_kind = |link: &Id<Link>| LinkPlace::of(self.layout, *link).kind() == kind;
        let links = self.links.ids().iter().filter(of_kind).map(|link| &self.links[link]);
        let span = u128::from(self.end.since(self.from).micros());
        let peak = self.peaks[kind as usize];
        match name {
            "busy.max" => Some(peak.share),
            "busy.max_at" => (peak.share > 0.0).then(|| peak.at.seconds()),
            "saturated" => {
                let saturated: u128 = links.map(|load| u128::from(load.saturated)).sum();
                Some(saturated as f64 / 1e6)
            }
            _ if span == 0 => None,
            "busiest.mean" => {
                let share = |load: &Load| {
                    load.carried as f64 / (u128::from(load.state.capacity) * span) as f64
                };
                links.map(share).max_by(f64::total_cmp)
            }
            _ => {
                let both = links.fold((0, 0), |(carried, capacity), load| {
                    (carried + load.carried, capacity + u128::from(load.state.capacity))
                });
                (both.1 > 0).then(|| both.0 as f64 / (both.1 * span) as f64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel::time::Span, scenario::InMemory};

    /// Two servers in two racks, cards of 2 GB/s of which half may be used, a spine of 1 GB/s; the
    /// first hour is warm-up.
    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "10h", warm_up = "1h" }
        network = { spine = "2GB/s", migration_share = "50%" }
        servers = [{ model = "m", count = 2, zones = ["z"], racks_per_zone = 2 }]
        server_models.m = { vcpus = 4, memory = "16GiB", nic_rate = "4GB/s" }
    "#;

    const GB: u64 = 1_000_000_000;

    #[test]
    fn links_are_measured_by_kind() {
        let scenario = Scenario::parse("x.toml", TEXT.as_bytes(), &[], &InMemory::default());
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        let mut network = Network::new(&scenario).expect("there is one");
        let links = Links::of(&scenario.layout);
        let change = |link: usize, load: u64, is_saturated: bool| {
            let state = LinkState { load, is_saturated, ..links.state(Id::new(link)) };
            NetworkFact::LinkChanged { link: Id::new(link), state }
        };
        let (spine, ids) = (links.len() - 1, (Id::new(0), Id::new(0), Id::new(0)));
        let (transfer, task, instance) = ids;
        let (from, to) = (Id::new(0), Id::new(1));
        let began = NetworkFact::TransferBegan { transfer, task, instance, from, to, bytes: 9 };
        let ended = |bytes: u64, is_complete: bool| NetworkFact::TransferEnded {
            transfer,
            task,
            instance,
            bytes,
            is_complete,
        };
        let facts = [
            (0, began),
            (0, change(0, 2 * GB, true)),
            (1_800, change(0, GB, false)),
            (1_800, change(spine, GB, true)),
            (3_600, began),
            // What lasts no time is no peak.
            (7_200, change(0, 2 * GB, true)),
            (7_200, change(0, GB, false)),
            (10_800, change(0, 0, false)),
            (10_800, change(spine, 0, false)),
            (10_800, ended(9, true)),
            (10_801, ended(5, false)),
        ];
        for (at, fact) in &facts {
            network.see(Instant::ZERO + Span::from_seconds(*at), fact);
        }
        network.finish();
        let mut sheet = Sheet::default();
        network.write(&mut sheet);
        let value = |name: &str, labels: &[&str]| {
            let mut all = sheet.metrics.iter().zip(&sheet.values);
            let found = all.find(|(of, _)| of.definition.name == name && of.labels == labels);
            found.unwrap_or_else(|| panic!("there is no {name}{labels:?}")).1.expect("a value")
        };
        let expected: &[(&str, &[&str], f64)] = &[
            ("transfers", &[], 2.0),
            ("transfers.cancelled", &[], 1.0),
            ("transfers.sent", &[], 14.0),
            ("transfers.concurrent.max", &[], 2.0),
            // 1 of 2 GB/s for two of nine hours on one of four cards.
            ("link.busy.mean", &["nic"], 1.0 / 2.0 * 2.0 / 9.0 / 4.0),
            ("link.busiest.mean", &["nic"], 1.0 / 2.0 * 2.0 / 9.0),
            ("link.busy.max", &["nic"], 0.5),
            ("link.busy.max_at", &["nic"], 3_600.0),
            ("link.saturated", &["nic"], 0.0),
            ("link.busy.mean", &["spine"], 2.0 / 9.0),
            ("link.busy.max", &["spine"], 1.0),
            ("link.saturated", &["spine"], 7_200.0),
        ];
        for (name, labels, wanted) in expected {
            let found = value(name, labels);
            assert!((found - wanted).abs() < 1e-12, "{name}{labels:?}: {found} for {wanted}");
        }
        let uplinks = |metric: &&super::super::catalogue::Metric| metric.labels == ["uplink"];
        assert_eq!(sheet.metrics.iter().filter(uplinks).count(), 0, "they bind nobody");
    }
}
