//! The standard observer: every metric of the catalogue, measured together.

use super::{
    Observer, catalogue::Metric, copies::Copies, credits::Credits, drains::Drains,
    fingerprint::Fingerprint, health::Health, hosts::Hosts, lives::Lives, load::Load,
    losses::Losses, moves::Moves, network::Network, outcome::Outcome, scaling::Scaling,
    service::Service, sheet::Sheet, spot::Spot, stranded::Stranded, upkeep::Upkeep,
};
use crate::{
    fleet::Fleet,
    kernel::time::{Instant, Span},
    messages::fact::Fact,
    scenario::Scenario,
};
use std::sync::Arc;

/// Measures one run.
#[derive(Clone, Debug)]
pub struct Metrics<'a> {
    scenario: &'a Scenario,
    service: Service,
    load: Load,
    stranded: Stranded,
    moves: Moves,
    copies: Copies,
    /// Where there is one.
    network: Option<Network<'a>>,
    drains: Option<Drains>,
    losses: Losses,
    lives: Lives,
    upkeep: Upkeep,
    health: Health,
    spot: Spot,
    hosts: Hosts,
    scaling: Scaling<'a>,
    credits: Credits<'a>,
    fingerprint: Fingerprint,
    readings_taken: usize,
    /// The next named instant, from after which on levels are to be read; past the end of time where
    /// none is left.
    next_reading: Instant,
    /// Turns, with the one that sets the run up.
    turns: u64,
}

impl<'a> Metrics<'a> {
    /// Nothing is measured yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            service: Service::new(scenario),
            load: Load::new(scenario),
            stranded: Stranded::new(scenario),
            moves: Moves::new(scenario),
            copies: Copies::new(scenario),
            network: Network::new(scenario),
            drains: Drains::new(scenario),
            losses: Losses::new(scenario),
            lives: Lives::new(scenario),
            upkeep: Upkeep::new(scenario),
            health: Health::new(scenario),
            spot: Spot::new(scenario),
            hosts: Hosts::new(scenario),
            scaling: Scaling::new(scenario),
            credits: Credits::new(scenario),
            fingerprint: Fingerprint::default(),
            readings_taken: 0,
            next_reading: reading(scenario, 0),
            turns: 0,
        }
    }

    /// What a run of `scenario` measures, in order: the same for each of its runs.
    pub fn list(scenario: &Scenario) -> Arc<[Metric]> {
        Metrics::new(scenario).written().metrics.into()
    }

    /// The run number `run` is over: its numbers. `metrics` is the scenario's [`Metrics::list`].
    ///
    /// # Panics
    /// If `metrics` is another scenario's list.
    pub fn finish(mut self, run: u32, metrics: Arc<[Metric]>) -> Outcome {
        let fingerprint = self.fingerprint.to_string();
        self.lives.finish(self.scenario, run);
        let sheet = self.written();
        assert!(sheet.metrics[..] == metrics[..], "every run of a scenario measures the same");
        Outcome { run, metrics, values: sheet.values, fingerprint }
    }

    fn written(&mut self) -> Sheet {
        // All that happens happens before the end, so every instant that is left can be read.
        self.read_up_to(self.scenario.end.saturating_add(Span::from_micros(1)));
        self.service.finish();
        self.load.finish();
        self.stranded.finish();
        self.moves.finish();
        self.copies.finish();
        self.losses.finish();
        self.upkeep.finish();
        self.health.finish();
        self.spot.finish();
        self.hosts.finish();
        self.scaling.finish();
        self.credits.finish();
        if let Some(network) = &mut self.network {
            network.finish();
        }
        let mut sheet = Sheet::default();
        self.service.write(&mut sheet);
        self.load.write(&mut sheet, &self.scenario.layout);
        self.stranded.write(&mut sheet);
        self.moves.write(&mut sheet);
        self.copies.write(&mut sheet);
        self.losses.write_data(&mut sheet);
        self.health.write(&mut sheet);
        self.upkeep.write_risks(&mut sheet);
        self.losses.write_disks(&mut sheet);
        self.lives.write(&mut sheet);
        self.upkeep.write(&mut sheet);
        self.spot.write(&mut sheet);
        self.hosts.write(&mut sheet);
        self.scaling.write(&mut sheet);
        self.credits.write(&mut sheet);
        if let Some(drains) = &self.drains {
            drains.write(&mut sheet);
        }
        self.write_readings(&mut sheet);
        if let Some(network) = &self.network {
            network.write(&mut sheet);
        }
        sheet.write("engine.occurrences", Some(self.turns.saturating_sub(1) as f64));
        sheet
    }

    /// Reads the levels at the named instants before `now`: what they are after all turns of each.
    #[inline]
    fn read_up_to(&mut self, now: Instant) {
        if self.next_reading < now {
            self.read_passed(now);
        }
    }

    #[cold]
    fn read_passed(&mut self, now: Instant) {
        while self.next_reading < now {
            self.readings_taken += 1;
            self.next_reading = reading(self.scenario, self.readings_taken);
            for (_, level) in self.load.readable() {
                level.read();
            }
            self.health.readable().1.read();
        }
    }

    fn write_readings(&mut self, sheet: &mut Sheet) {
        let (name, level) = self.health.readable();
        let health = (name, level.readings().to_vec());
        let load = self.load.readable().map(|(name, level)| (name, level.readings().to_vec()));
        for (name, readings) in load.into_iter().chain([health]) {
            for (at, value) in self.scenario.levels_at.iter().zip(readings) {
                let label = at.seconds().to_string();
                sheet.write_labelled(name, &[&label], Some(value as f64));
            }
        }
    }
}

/// The named instant of this number; past the end of time where there are no more.
fn reading(scenario: &Scenario, number: usize) -> Instant {
    scenario.levels_at.get(number).copied().unwrap_or(Instant::from_micros(u64::MAX))
}

impl Observer for Metrics<'_> {
    #[inline]
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        self.read_up_to(now);
        let layout = &self.scenario.layout;
        self.service.see(now, fact, layout);
        self.load.see(now, fact, layout);
        self.stranded.see(fact, layout);
        self.moves.see(now, fact);
        self.copies.see(now, fact);
        if let (Fact::Network(fact), Some(network)) = (fact, &mut self.network) {
            network.see(now, fact);
        }
        if let Some(drains) = &mut self.drains {
            if let Fact::Drain(fact) = fact {
                drains.see(now, fact);
            } else if let Fact::CampaignEnded { campaign, complete } = *fact {
                drains.ended(campaign, complete);
            }
        }
        self.losses.see(now, fact);
        self.lives.see(now, fact);
        self.upkeep.see(now, fact);
        self.health.see(now, fact, layout);
        self.spot.see(now, fact);
        self.hosts.see(now, fact, layout, fleet);
        self.scaling.see(now, fact, fleet);
        self.credits.see(now, fact);
        self.fingerprint.see(now, fact);
    }

    #[inline]
    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        self.stranded.turn_ended(now, fleet, &self.scenario.layout);
        self.turns += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{
            Sources, capacity::Index, cause::Cause, layout::Layout, system_events::Origin,
            tasks::TaskKind,
        },
        kernel::column::Id,
        lifecycle::{
            local_disk::DiskState,
            server::ServerState,
            system_event::{EventStatus, EventType},
            task::TaskStatus,
        },
        messages::{command::Actor, fact::Reason, operation::Operation, refusal::Refusal},
        scenario::InMemory,
    };

    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "10h", warm_up = "1h" }
        servers = [{ model = "m", count = 2, zones = ["z"] }]
        server_models.m = { vcpus = 4, memory = "16GiB", local_disks = { count = 1, size = "1TB" } }
        instance_types.t = { vcpus = 1, memory = "4GiB" }
        campaigns = [{ name = "c", event = "SystemMaintenance.Reboot", start = "2h" }]
    "#;

    /// What the metrics say of `facts`, each with its second.
    fn measured(facts: &[(u64, Fact)]) -> Outcome {
        let scenario = Scenario::parse("x.toml", TEXT.as_bytes(), &[], &InMemory::default());
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        let sources = Sources { arrivals: 0, campaigns: 1 };
        let fleet = Fleet::new(&Layout::default(), Index::ById, sources, Instant::ZERO);
        let mut metrics = Metrics::new(&scenario);
        for (at, fact) in facts {
            metrics.see(Instant::ZERO + Span::from_seconds(*at), fact, &fleet);
        }
        metrics.finish(0, Metrics::list(&scenario))
    }

    fn value(outcome: &Outcome, name: &str, labels: &[&str]) -> Option<f64> {
        let mut all = outcome.metrics.iter().zip(&outcome.values);
        let found = all.find(|(of, _)| of.definition.name == name && of.labels == labels);
        *found.unwrap_or_else(|| panic!("there is no {name}{labels:?}")).1
    }

    fn check(outcome: &Outcome, expected: &[(&str, &[&str], f64)]) {
        for (name, labels, wanted) in expected {
            let found = value(outcome, name, labels);
            let near = found.is_some_and(|found| (found - wanted).abs() < 1e-9);
            assert!(near, "{name}{labels:?}: {found:?} for {wanted}");
        }
    }

    const KIND: EventType = EventType::MaintenanceReboot;

    fn published(status: EventStatus) -> Fact {
        Fact::EventPublished {
            event: Id::new(0),
            number: 0,
            kind: KIND,
            status,
            simulated: false,
            instance: Id::new(0),
            bay: None,
            origin: Origin::Creation,
            not_before: None,
        }
    }

    fn moved(from: EventStatus, to: EventStatus) -> Fact {
        let (event, instance) = (Id::new(0), Id::new(0));
        Fact::EventMoved { event, kind: KIND, instance, from, to, started: None }
    }

    #[test]
    fn events_are_counted_where_they_enter_and_timed_where_they_leave() {
        let code = KIND.code();
        let outcome = measured(&[
            // The warm-up: this publication is not counted, the whole stay is.
            (3_000, published(EventStatus::Inquiring)),
            (4_000, moved(EventStatus::Inquiring, EventStatus::Executing)),
            (4_500, moved(EventStatus::Executing, EventStatus::Executed)),
            (5_000, published(EventStatus::Inquiring)),
            (8_000, moved(EventStatus::Inquiring, EventStatus::Avoided)),
        ]);
        check(
            &outcome,
            &[
                ("events.published", &[code], 1.0),
                ("events", &[code, "Inquiring"], 1.0),
                ("events", &[code, "Executing"], 1.0),
                ("events", &[code, "Executed"], 1.0),
                ("events", &[code, "Avoided"], 1.0),
                ("event.time", &[code, "Inquiring"], 2_000.0),
                ("event.time", &[code, "Executing"], 500.0),
                ("inquiry.wait", &[], 2_000.0),
            ],
        );
        assert_eq!(value(&outcome, "event.time", &[code, "Scheduled"]), None);
    }

    #[test]
    fn refusals_are_counted_by_code() {
        let operation = Operation::RedeployInstance;
        let command =
            |refusal| Fact::Commanded { actor: Actor::Owner, operation, instance: None, refusal };
        let outcome = measured(&[
            (10, command(None)),
            (4_000, command(None)),
            (4_000, command(Some(Refusal::OnDedicatedHost))),
            (4_001, command(Some(Refusal::NoMaintenanceEvents))),
        ]);
        check(
            &outcome,
            &[
                ("commands", &["RedeployInstance"], 3.0),
                ("refusals", &["InvalidOperation.RedeployInstance"], 2.0),
                ("refusals", &["DiskError"], 0.0),
            ],
        );
    }

    #[test]
    fn moves_are_counted_by_kind_and_timed_as_tasks() {
        let (instance, task) = (Id::new(0), Id::new(0));
        let (server, kind) = (Id::new(0), TaskKind::LiveMigration);
        let began = Fact::TaskBegan { task, number: 0, kind, instance };
        let ended = |status| Fact::TaskEnded { task, kind, instance, status };
        let requested = Fact::Requested {
            instance,
            name: crate::fleet::instances::InstanceName::at_start(0),
            template: Id::new(0),
        };
        let cause = Cause::Migration;
        let mut metrics = super::super::moves::Moves::new(&{
            let parsed = Scenario::parse("x.toml", TEXT.as_bytes(), &[], &InMemory::default());
            parsed.unwrap_or_else(|faults| panic!("{faults}"))
        });
        let placed =
            Fact::Placed { instance, server, reason: Reason::LiveMigration, waited: Span::ZERO };
        let facts = [
            (3_700, requested),
            (4_000, began),
            (4_019, Fact::ServiceEnded { instance, cause }),
            (4_020, placed),
            (4_020, Fact::ServiceBegan(instance)),
            (4_020, ended(TaskStatus::Finished)),
            (5_000, began),
            (5_500, ended(TaskStatus::Failed)),
        ];
        for (at, fact) in facts {
            metrics.see(Instant::ZERO + Span::from_seconds(at), &fact);
        }
        metrics.finish();
        let mut sheet = Sheet::default();
        metrics.write(&mut sheet);
        let outcome = Outcome {
            run: 0,
            metrics: sheet.metrics.into(),
            values: sheet.values,
            fingerprint: String::new(),
        };
        check(
            &outcome,
            &[
                ("migrations", &["live"], 1.0),
                ("migrations", &["failover"], 0.0),
                ("migration.duration.p50", &[], 20.0),
                ("migration.blackout.p99", &[], 1.0),
                ("tasks", &["live", "Finished"], 1.0),
                ("tasks", &["live", "Failed"], 1.0),
                ("migrations.concurrent.max", &[], 1.0),
            ],
        );
    }

    #[test]
    fn disks_risks_and_campaigns_are_followed() {
        let disk = |number, from, to| {
            let bay = Id::new(0);
            Fact::DiskMoved { bay, number, holder: None, from, to }
        };
        let at_risk = |at_risk| Fact::ServerAtRisk { server: Id::new(0), at_risk };
        let campaign = Id::new(0);
        let done = Fact::CampaignMoved { campaign, server: Id::new(0), done: true };
        let outcome = measured(&[
            (4_000, disk(0, DiskState::Healthy, DiskState::Damaged)),
            (4_500, disk(0, DiskState::Damaged, DiskState::Isolated)),
            (7_240, disk(0, DiskState::Isolated, DiskState::Healthy)),
            (7_300, at_risk(true)),
            (7_300, Fact::DirtyLost(Id::new(0))),
            (10_540, at_risk(false)),
            (10_800, done),
            (10_900, Fact::CampaignEnded { campaign, complete: true }),
        ]);
        check(
            &outcome,
            &[
                ("disks.failed", &[], 1.0),
                ("disks.damaged.mean", &[], 0.1),
                ("disks.damaged.max", &[], 1.0),
                ("servers.at_risk.mean", &[], 0.1),
                ("data_loss.dirty", &[], 1.0),
                ("campaign.servers", &["c"], 1.0),
                ("campaign.duration", &["c"], 3_700.0),
            ],
        );
        assert!(value(&outcome, "chance.first_disk_failures", &[]) > Some(0.0));
        let later = measured(&[(4_001, disk(0, DiskState::Healthy, DiskState::Damaged))]);
        let second = measured(&[(4_000, disk(1, DiskState::Healthy, DiskState::Damaged))]);
        let digest = |outcome| value(outcome, "chance.first_disk_failures", &[]);
        assert_ne!(digest(&outcome), digest(&later));
        assert_eq!(digest(&second), Some(0.0), "only first disks count");
    }

    #[test]
    fn first_crashes_are_digested_unless_a_risk_came_before() {
        let crash = |to| Fact::ServerMoved { server: Id::new(0), from: ServerState::Up, to };
        let risk = Fact::ServerAtRisk { server: Id::new(0), at_risk: true };
        let digest = |facts: &[(u64, Fact)]| {
            value(&measured(facts), "chance.first_crashes", &[]).expect("a number")
        };
        let first = digest(&[(4_000, crash(ServerState::Broken))]);
        assert!(first > 0.0);
        let again = [(4_000, crash(ServerState::Broken)), (5_000, crash(ServerState::Restarting))];
        assert!((digest(&again) - first).abs() < 0.5, "only first crashes count");
        assert!((digest(&[(4_001, crash(ServerState::Broken))]) - first).abs() > 0.5);
        assert!(digest(&[(3_000, risk), (4_000, crash(ServerState::Offline))]) < 0.5);
    }
}
