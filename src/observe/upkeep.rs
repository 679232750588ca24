//! Upkeep: system events, commands and their refusals, the operator's campaigns, risks.

use super::{
    gauges::{Lengths, Level},
    sheet::Sheet,
};
use crate::{
    fleet::ids::{Campaign, SystemEvent},
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        system_event::{EventStatus, EventType},
    },
    messages::{fact::Fact, operation::Operation, refusal::Refusal},
    scenario::{CampaignSpec, Scenario},
};

const TYPES: usize = EventType::ALL.len();
const STATUSES: usize = EventStatus::ALL.len();

/// Times that events spent in one status of their type.
#[derive(Clone, Copy, Debug, Default)]
struct Stay {
    sum: u128,
    count: u64,
}

/// How far one campaign has come.
#[derive(Clone, Debug)]
struct Progress {
    name: String,
    start: Instant,
    done: u64,
    lasted: Option<Span>,
}

/// The upkeep of the whole fleet.
#[derive(Clone, Debug)]
pub struct Upkeep {
    from: Instant,
    end: Instant,
    entered: [[u64; STATUSES]; TYPES],
    published: [u64; TYPES],
    stays: [[Stay; STATUSES]; TYPES],
    inquiries: Lengths,
    /// Since when each event is in its status, by its row.
    since: Column<SystemEvent, Instant>,
    commands: Vec<u64>,
    refusals: Vec<u64>,
    at_risk: Level,
    campaigns: Column<Campaign, Progress>,
    /// Whether events about unpaid bills are told of: where nothing can bring one about, they are not.
    has_billing: bool,
}

impl Upkeep {
    /// Nothing has happened yet.
    pub fn new(scenario: &Scenario) -> Self {
        let progress = |(_, spec): (Id<Campaign>, &CampaignSpec)| Progress {
            name: spec.name.clone(),
            start: spec.start,
            done: 0,
            lasted: None,
        };
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            entered: [[0; STATUSES]; TYPES],
            published: [0; TYPES],
            stays: [[Stay::default(); STATUSES]; TYPES],
            inquiries: Lengths::default(),
            since: Column::default(),
            commands: vec![0; Operation::COUNT],
            refusals: vec![0; Refusal::ALL.len()],
            at_risk: Level::new(0, scenario.begin, scenario.measure_from).lasting(),
            campaigns: scenario.campaigns.entries().map(progress).collect(),
            has_billing: scenario.has_billing(),
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        let counts = now >= self.from;
        match *fact {
            Fact::EventPublished { event, kind, status, .. } => {
                if event.index() == self.since.len() {
                    self.since.push(now);
                } else {
                    self.since[event] = now;
                }
                self.entered[kind as usize][status as usize] += u64::from(counts);
                self.published[kind as usize] += u64::from(counts);
            }
            Fact::EventMoved { event, kind, from, to, .. } => {
                let stayed = now.since(self.since[event]);
                self.since[event] = now;
                if counts {
                    self.moved(kind, (from, to), stayed);
                }
            }
            Fact::Commanded { operation, refusal, .. } if counts => {
                self.commands[operation.number()] += 1;
                if let Some(refusal) = refusal {
                    self.refusals[refusal as usize] += 1;
                }
            }
            Fact::ServerAtRisk { at_risk: true, .. } => self.at_risk.add(now, 1),
            Fact::ServerAtRisk { at_risk: false, .. } => self.at_risk.take(now, 1),
            Fact::CampaignMoved { campaign, done, .. } => {
                self.campaigns[campaign].done += u64::from(done && counts);
            }
            Fact::CampaignEnded { campaign, .. } => {
                let progress = &mut self.campaigns[campaign];
                progress.lasted = Some(now.since(progress.start.min(now)));
            }
            _ => {}
        }
    }

    fn moved(&mut self, kind: EventType, (from, to): (EventStatus, EventStatus), stayed: Span) {
        self.entered[kind as usize][to as usize] += 1;
        let stay = &mut self.stays[kind as usize][from as usize];
        stay.sum += u128::from(stayed.micros());
        stay.count += 1;
        if from == EventStatus::Inquiring {
            self.inquiries.count(stayed);
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.at_risk.advance(self.end);
    }

    /// Writes the metrics of events and commands down.
    pub fn write(&self, sheet: &mut Sheet) {
        for kind in self.kinds() {
            let count = self.published[*kind as usize] as f64;
            sheet.write_labelled("events.published", &[kind.code()], Some(count));
        }
        for (kind, status) in self.cells() {
            let count = self.entered[kind as usize][status as usize] as f64;
            sheet.write_labelled("events", &[kind.code(), status.name()], Some(count));
        }
        for (kind, status) in self.cells().filter(|(_, s)| s.attribute() == Attribute::Transitory) {
            let stay = self.stays[kind as usize][status as usize];
            let mean = (stay.count > 0).then(|| stay.sum as f64 / stay.count as f64 / 1e6);
            sheet.write_labelled("event.time", &[kind.code(), status.name()], mean);
        }
        sheet.write("inquiry.wait", self.inquiries.mean());
        for operation in Operation::all().filter(|one| !one.is_act_of_cloud()) {
            let count = self.commands[operation.number()] as f64;
            sheet.write_labelled("commands", &[operation.name()], Some(count));
        }
        for (place, refusal) in Refusal::ALL.iter().enumerate() {
            let same = |other: &&Refusal| other.code() == refusal.code();
            if Refusal::ALL[..place].iter().any(|other| same(&other)) {
                continue; // Two reasons with one code are one refusal to whoever counts codes.
            }
            let all = Refusal::ALL.iter().filter(same);
            let count: u64 = all.map(|other| self.refusals[*other as usize]).sum();
            sheet.write_labelled("refusals", &[refusal.code()], Some(count as f64));
        }
        for progress in &self.campaigns {
            let done = Some(progress.done as f64);
            sheet.write_labelled("campaign.servers", &[&progress.name], done);
            let lasted = progress.lasted.map(|lasted| lasted.micros() as f64 / 1e6);
            sheet.write_labelled("campaign.duration", &[&progress.name], lasted);
        }
    }

    /// Every type that is told of.
    fn kinds(&self) -> impl Iterator<Item = &'static EventType> + use<> {
        let has_billing = self.has_billing;
        EventType::ALL.iter().filter(move |kind| has_billing || !kind.is_billing())
    }

    /// These types with every status that each may have: the documented matrix.
    fn cells(&self) -> impl Iterator<Item = (EventType, EventStatus)> + use<> {
        self.kinds().flat_map(|kind| {
            let statuses = EventStatus::ALL.iter().filter(|status| kind.may_be(**status));
            statuses.map(|status| (*kind, *status))
        })
    }

    /// Writes the metrics of risks down.
    pub fn write_risks(&self, sheet: &mut Sheet) {
        sheet.write("servers.at_risk.mean", self.at_risk.mean());
        sheet.write_most("servers.at_risk", &self.at_risk);
    }
}
