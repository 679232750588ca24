//! The fingerprint of a run's course: two runs with equal fingerprints took the same one.

use crate::{
    fleet::{
        ids::{Instance, Market, Server},
        spot::Stock,
    },
    kernel::{column::Id, time::Instant},
    messages::{
        cold::ColdFact,
        credits::CreditFact,
        drain::DrainFact,
        fact::Fact,
        hosts::HostFact,
        moves::{MoveFact, MoveWhat},
        network::NetworkFact,
        scaling::ScalingFact,
        spot::SpotFact,
    },
};
use std::fmt;

/// A 128-bit digest over (time, kind, entities) of every fact in order. It tells courses apart; it
/// does not withstand somebody who forges one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fingerprint([u64; 2]);

impl Default for Fingerprint {
    fn default() -> Self {
        Self([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344])
    }
}

impl Fingerprint {
    /// Takes in a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        let (kind, first, second) = parts(fact);
        self.take(now.micros() ^ kind << 56);
        self.take(first);
        self.take(second);
    }

    #[inline]
    fn take(&mut self, word: u64) {
        let [a, b] = self.0;
        let product = u128::from(a ^ word) * 0xf39c_c060_5ced_c835;
        let mixed = (product >> 64) as u64 ^ product as u64;
        self.0 = [mixed ^ b, b.rotate_left(23).wrapping_add(mixed ^ word)];
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0[0], self.0[1])
    }
}

/// The kind of a fact and what it is about, as numbers.
#[inline]
fn parts(fact: &Fact) -> (u64, u64, u64) {
    fn of<K>(id: Id<K>) -> u64 {
        id.index() as u64
    }
    match *fact {
        Fact::Requested { name, template, .. } => (1, name.entity(), of(template)),
        Fact::NoRoom { instance, reason } => (2, of(instance), reason as u64),
        Fact::Placed { instance, server, .. } => (3, of(instance), of(server)),
        Fact::Vacated { instance, server } => (4, of(instance), of(server)),
        Fact::InstanceMoved { instance, from, to } => {
            (5, of(instance), (from as u64) << 8 | to as u64)
        }
        Fact::OwingBegan(instance) => (6, of(instance), 0),
        Fact::OwingEnded(instance) => (7, of(instance), 0),
        Fact::ServiceBegan(instance) => (8, of(instance), 0),
        Fact::ServiceEnded { instance, cause } => (9, of(instance), cause as u64),
        Fact::DataLost { instance, bytes } => (10, of(instance), bytes),
        Fact::ServerMoved { server, from, to } => (11, of(server), (from as u64) << 8 | to as u64),
        Fact::ServerAvailable { server, available } => (12, of(server), u64::from(available)),
        Fact::RackMoved { rack, up } => (13, of(rack), u64::from(up)),
        Fact::RepairAwaited(server) => (14, of(server), 0),
        Fact::RepairBegan { server, .. } => (15, of(server), 0),
        Fact::RepairEnded(server) => (16, of(server), 0),
        Fact::TaskBegan { kind, instance, .. } => (17, of(instance), kind as u64),
        Fact::TaskEnded { kind, instance, status, .. } => {
            (18, of(instance), (kind as u64) << 8 | status as u64)
        }
        Fact::DirtyLost(instance) => (19, of(instance), 0),
        Fact::Reserved { instance, server } => (20, of(instance), of(server)),
        Fact::Unreserved { instance, server } => (21, of(instance), of(server)),
        Fact::EventPublished { kind, status, instance, .. } => {
            (22, of(instance), (kind as u64) << 8 | status as u64)
        }
        Fact::EventMoved { kind, instance, to, .. } => {
            (23, of(instance), (kind as u64) << 8 | to as u64)
        }
        Fact::EventRescheduled { instance, not_before, .. } => {
            (24, of(instance), not_before.micros())
        }
        Fact::OwnerPlans { instance, plan, at, .. } => {
            (25, of(instance), at.micros() << 3 | plan as u64)
        }
        Fact::Commanded { operation, instance, refusal, .. } => {
            let refusal = refusal.map_or(0, |refusal| refusal as u64 + 1);
            (26, instance.map_or(u64::MAX, of), (operation.number() as u64) << 8 | refusal)
        }
        Fact::DiskMoved { bay, from, to, .. } => (27, of(bay), (from as u64) << 8 | to as u64),
        Fact::ServerAtRisk { server, at_risk } => (28, of(server), u64::from(at_risk)),
        Fact::ServerStuck { server, left } => (45, of(server), u64::from(left)),
        Fact::CampaignMoved { campaign, server, done } => {
            (29, of(server), of(campaign) << 1 | u64::from(done))
        }
        Fact::CampaignEnded { campaign, complete } => (30, of(campaign), u64::from(complete)),
        Fact::Cold(ColdFact::Moved { instance, to, .. }) => (72, of(instance), to as u64),
        Fact::Cold(ColdFact::Job { job, to, error, .. }) => {
            let error = error.map_or(0, |error| error as u64 + 1);
            (73, job, (to as u64) << 8 | error)
        }
        Fact::Move(fact) => move_parts(&fact),
        Fact::Credits(fact) => credit_parts(&fact),
        Fact::Spot(fact) => spot_parts(&fact),
        Fact::Drain(fact) => drain_parts(&fact),
        Fact::Network(fact) => network_parts(&fact),
        Fact::Host(fact) => host_parts(&fact),
        Fact::Scaling(fact) => scaling_parts(&fact),
    }
}

/// The same of a move's facts.
fn move_parts(fact: &MoveFact) -> (u64, u64, u64) {
    let (what, first) = match fact.what {
        MoveWhat::Waits => (0, 0),
        MoveWhat::TurnCame { waited } => (1, waited.micros()),
        MoveWhat::RoundSent { bytes, dirtied, .. } => (2, bytes ^ dirtied.rotate_left(32)),
        MoveWhat::RoundsEnded { end, left } => (3, left << 3 | end as u64),
        MoveWhat::WentAhead => (4, 0),
        MoveWhat::RestSent { bytes, .. } => (5, bytes),
        MoveWhat::Cut { bytes, .. } => (6, bytes),
        MoveWhat::Ended { end, bytes, .. } => (7, bytes << 3 | end as u64),
        MoveWhat::DisksSent { bytes, .. } => (8, bytes),
    };
    (56, (fact.instance.index() as u64) << 3 | what, first)
}

/// The same of the facts about credits.
fn credit_parts(fact: &CreditFact) -> (u64, u64, u64) {
    let instance = fact.instance().index() as u64;
    let second = match *fact {
        CreditFact::Began { of, mode, .. } => (of.index() as u64) << 8 | mode as u64,
        CreditFact::Flows { pace, .. } => {
            pace.delivered ^ pace.demand.rotate_left(32) ^ pace.discarded.rotate_left(16)
        }
        CreditFact::Held { held, .. } => 1 << 56 | u64::from(held),
        CreditFact::Reached { bound, .. } => 2 << 56 | bound as u64,
        CreditFact::ModeChanged { mode, operator, .. } => {
            3 << 56 | (mode as u64) << 8 | operator as u64
        }
        CreditFact::Charged { amount, .. } => 4 << 60 ^ amount,
        CreditFact::Voided { amount, .. } => 5 << 60 ^ amount,
        CreditFact::Granted { amount, .. } => 6 << 60 ^ amount,
        CreditFact::Restricted { hour, .. } => 7 << 60 ^ hour.unsigned_abs(),
    };
    (100, instance, second)
}

/// The same of facts of preemptible instances.
fn spot_parts(fact: &SpotFact) -> (u64, u64, u64) {
    let of = |instance: Id<Instance>, market: Id<Market>| {
        (instance.index() as u64) << 32 | market.index() as u64
    };
    match *fact {
        SpotFact::MarketMoved { market, price, stock } => {
            let stock = match stock {
                Stock::Of(count) => u64::from(count) + 1,
                Stock::Unlimited => 0,
            };
            (50, (market.index() as u64) << 33 | stock, price.millionths())
        }
        SpotFact::Refused { instance, market } => (51, of(instance, market), 0),
        SpotFact::Interrupted { instance, market, why, at, .. } => {
            (52, of(instance, market), at.micros() << 2 | why as u64)
        }
        SpotFact::TakenBack { instance, market, interruption } => {
            (53, of(instance, market), interruption as u64)
        }
    }
}

/// The same of the facts of drains.
fn drain_parts(fact: &DrainFact) -> (u64, u64, u64) {
    let campaign = fact.campaign().index() as u64;
    let of = |instance: Id<Instance>, server: Id<Server>| {
        (instance.index() as u64) << 32 | server.index() as u64
    };
    match *fact {
        DrainFact::Planned { moves, barred, .. } => {
            (80, campaign, u64::from(moves) << 32 | u64::from(barred))
        }
        DrainFact::Barred { instance, server, why, .. } => {
            (81, campaign << 8 | why as u64, of(instance, server))
        }
        DrainFact::SetsOut { instance, to, .. } => (82, campaign, of(instance, to)),
        DrainFact::Emptied { server, .. } => (83, campaign, server.index() as u64),
        DrainFact::GivenUp { server, left, .. } => {
            (84, campaign << 32 | u64::from(left), server.index() as u64)
        }
        DrainFact::Returned { server, .. } => (85, campaign, server.index() as u64),
    }
}

/// The same of the network's facts.
fn network_parts(fact: &NetworkFact) -> (u64, u64, u64) {
    fn of<K>(id: Id<K>) -> u64 {
        id.index() as u64
    }
    match *fact {
        NetworkFact::TransferBegan { from, to, bytes, .. } => (64, of(from) << 32 | of(to), bytes),
        NetworkFact::TransferRefilled { transfer, bytes, .. } => (65, of(transfer), bytes),
        NetworkFact::TransferEnded { transfer, bytes, is_complete, .. } => {
            (66, of(transfer) << 1 | u64::from(is_complete), bytes)
        }
        NetworkFact::LinkChanged { link, state } => {
            (67, of(link) << 1 | u64::from(state.is_saturated), state.load)
        }
    }
}

/// The same of a dedicated host's facts.
fn host_parts(fact: &HostFact) -> (u64, u64, u64) {
    fn of<K>(id: Id<K>) -> u64 {
        id.index() as u64
    }
    match *fact {
        HostFact::Moved { host, from, to } => (60, of(host), (from as u64) << 8 | to as u64),
        HostFact::Carried { host, to, .. } => (61, of(host), of(to)),
        HostFact::Waits(host) => (62, of(host), 0),
        HostFact::Modified(host) => (63, of(host), 0),
        HostFact::Retyped { instance, template } => (64, of(instance), of(template)),
        HostFact::LiveMigration { instance, destination, status, .. } => {
            (65, of(instance), of(destination) << 2 | status as u64)
        }
    }
}

/// The same of a scaling group's facts.
fn scaling_parts(fact: &ScalingFact) -> (u64, u64, u64) {
    fn of<K>(id: Id<K>) -> u64 {
        id.index() as u64
    }
    match *fact {
        ScalingFact::Counted { group, desired, counts } => {
            let both = u64::from(counts.counted) << 32 | u64::from(counts.healthy);
            (31, of(group) << 32 | u64::from(desired), both)
        }
        ScalingFact::MemberMoved { member, group, to, .. } => {
            (32, of(group) << 32 | of(member), to as u64)
        }
        ScalingFact::MemberFails { member, group, .. } => (43, of(member), of(group)),
        ScalingFact::MemberJudged { member, healthy, .. } => (33, of(member), u64::from(healthy)),
        ScalingFact::LaunchFailed { group, .. } => (34, of(group), 0),
        ScalingFact::Activity { group, number, status, .. } => {
            (35, of(group) << 32 | u64::from(number), status as u64)
        }
        ScalingFact::SystemSuspended { group, suspended } => (44, of(group), u64::from(suspended)),
        ScalingFact::RefreshMoved { refresh, to, .. } => (36, of(refresh), to as u64),
        ScalingFact::BatchBegan { refresh, terminate_first, launch_first, .. } => {
            (37, of(refresh), u64::from(terminate_first) << 32 | u64::from(launch_first))
        }
        ScalingFact::Replacing { refresh, old, .. } => (38, of(refresh), of(old)),
        ScalingFact::Replaced { refresh, new, .. } => (39, of(refresh), of(new)),
        ScalingFact::ReplacementFailed { refresh, new } => (40, of(refresh), of(new)),
        ScalingFact::CheckpointReached { refresh, percent } => {
            (41, of(refresh), u64::from(percent))
        }
        ScalingFact::FloorBroken { refresh, missing } => (42, of(refresh), u64::from(missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_order_and_entity_all_tell() {
        let fingerprint = |facts: &[(u64, Fact)]| {
            let mut fingerprint = Fingerprint::default();
            for (micros, fact) in facts {
                fingerprint.see(Instant::from_micros(*micros), fact);
            }
            fingerprint
        };
        let (a, b) = (Fact::OwingBegan(Id::new(1)), Fact::OwingBegan(Id::new(2)));
        let base = fingerprint(&[(1, a), (1, b)]);
        assert_eq!(base, fingerprint(&[(1, a), (1, b)]));
        for other in [&[(1, b), (1, a)][..], &[(1, a), (2, b)], &[(1, a)], &[(1, a), (1, a)]] {
            assert_ne!(base, fingerprint(other));
        }
    }
}
