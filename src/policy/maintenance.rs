//! What the operator does about an instance on a server that it works on, and in what order it
//! takes up servers: pure rules, from what is known and never from history.
//!
//! Documented behaviour: spec/events.md 2.5; spec/corrections.md 10.

use crate::{
    fleet::{care::ActionOnMaintenance, ids::Server},
    kernel::column::Id,
    lifecycle::system_event::EventType,
};
use std::cmp::Reverse;

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Whether it is bound to its server's hardware.
    pub bound: bool,
    /// Whether it runs, so that its memory can be copied.
    pub runs: bool,
    /// Whether it is Stopped.
    pub stopped: bool,
    /// Its maintenance attribute.
    pub action: ActionOnMaintenance,
    /// Whether it may be migrated live: the policy says so, and none has failed.
    pub may_migrate: bool,
    /// Whether it may be moved while it is Stopped: the work is to get it away, and there is room.
    pub may_move: bool,
}

/// What is done about an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// It is migrated live, without an event.
    MigrateLive,
    /// It is Stopped, and goes to another server without an event (L17).
    MoveStopped,
    /// An event of this type is published.
    Publish(EventType),
}

/// What is done about an instance on a server at risk (spec/events.md 2.5). Live migration comes
/// before the maintenance attribute: it spares the instance what the attribute is about.
pub const fn at_risk(about: About, curable: bool) -> Measure {
    let event = match (about.action, about.bound, curable) {
        (ActionOnMaintenance::Stop, ..) => EventType::MaintenanceStop,
        (_, true, false) => EventType::MaintenanceRedeploy,
        (_, true, true) | (_, false, _) => EventType::MaintenanceReboot,
    };
    spared(about, event)
}

/// What is done about an instance on a server of a campaign with events of type `event`.
pub const fn in_campaign(about: About, event: EventType) -> Measure {
    spared(about, event)
}

/// What is done about an instance on a dedicated host (spec/corrections.md 10): it is migrated live
/// to another host of its owner, or restarted. It is never redeployed, and goes elsewhere while it
/// is Stopped only with its host.
pub const fn on_dedicated_host(about: About, event: EventType) -> Measure {
    let redeploys = matches!(event, EventType::MaintenanceRedeploy);
    let event = if redeploys { EventType::MaintenanceReboot } else { event };
    spared(About { may_move: false, ..about }, event)
}

const fn spared(about: About, event: EventType) -> Measure {
    if !about.bound && about.runs && about.may_migrate {
        Measure::MigrateLive
    } else if !about.bound && about.stopped && about.may_move {
        Measure::MoveStopped
    } else {
        Measure::Publish(event)
    }
}

/// `campaigns[].order`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CampaignOrder {
    /// `rack-by-rack`: in order of their place.
    RackByRack,
    /// `spread`: one rack after the other in turn.
    Spread,
    /// `random`: by chance.
    Random,
    /// `emptiest-first`: by instances held when the campaign begins.
    EmptiestFirst,
    /// `fullest-first`.
    FullestFirst,
}

/// A server of a campaign, as far as its place in the order goes.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// The server; ids stand rack by rack.
    pub server: Id<Server>,
    /// Its place in its rack, from 0.
    pub place: usize,
    /// Instances that it holds (count).
    pub held: u32,
    /// 64 bits of chance.
    pub chance: u64,
}

impl CampaignOrder {
    /// Brings `servers` into this order; what is tied stands in order of place.
    pub fn sort(self, servers: &mut [Candidate]) {
        match self {
            Self::RackByRack => servers.sort_unstable_by_key(|of| of.server),
            Self::Spread => servers.sort_unstable_by_key(|of| (of.place, of.server)),
            Self::Random => servers.sort_unstable_by_key(|of| (of.chance, of.server)),
            Self::EmptiestFirst => servers.sort_unstable_by_key(|of| (of.held, of.server)),
            Self::FullestFirst => servers.sort_unstable_by_key(|of| (Reverse(of.held), of.server)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bound?, action, curable?, whether a live migration can be had; what is done: the rows of
    /// spec/events.md 2.5 about predicted risks, for an instance that runs.
    #[test]
    fn a_risk_is_met_as_documented() {
        use ActionOnMaintenance::{AutoRecover, AutoRedeploy, Stop};
        use EventType::{MaintenanceReboot, MaintenanceRedeploy, MaintenanceStop};
        let rows = [
            (false, AutoRecover, false, true, Measure::MigrateLive),
            (false, Stop, true, true, Measure::MigrateLive),
            (false, AutoRecover, false, false, Measure::Publish(MaintenanceReboot)),
            (false, AutoRecover, true, false, Measure::Publish(MaintenanceReboot)),
            (false, Stop, true, false, Measure::Publish(MaintenanceStop)),
            (true, Stop, false, true, Measure::Publish(MaintenanceStop)),
            (true, AutoRecover, true, true, Measure::Publish(MaintenanceReboot)),
            (true, AutoRedeploy, true, true, Measure::Publish(MaintenanceReboot)),
            (true, AutoRecover, false, true, Measure::Publish(MaintenanceRedeploy)),
            (true, AutoRedeploy, false, true, Measure::Publish(MaintenanceRedeploy)),
        ];
        for (bound, action, curable, may_migrate, measure) in rows {
            let about =
                About { bound, runs: true, stopped: false, action, may_migrate, may_move: true };
            assert_eq!(at_risk(about, curable), measure, "{about:?}, curable: {curable}");
        }
    }

    #[test]
    fn a_stopped_instance_is_moved_unless_it_is_bound() {
        let action = ActionOnMaintenance::AutoRecover;
        let about = |bound, may_move| About {
            bound,
            runs: false,
            stopped: true,
            action,
            may_migrate: true,
            may_move,
        };
        assert_eq!(at_risk(about(false, true), true), Measure::MoveStopped);
        let event = |kind| Measure::Publish(kind);
        assert_eq!(at_risk(about(false, false), true), event(EventType::MaintenanceReboot));
        assert_eq!(at_risk(about(true, true), false), event(EventType::MaintenanceRedeploy));
        let stop = EventType::MaintenanceStop;
        assert_eq!(in_campaign(about(false, false), stop), event(stop));
    }

    #[test]
    fn servers_stand_in_the_order_that_is_asked_for() {
        let of = |server, place, held, chance| Candidate {
            server: Id::new(server),
            place,
            held,
            chance,
        };
        let all = [of(0, 0, 2, 9), of(1, 1, 0, 3), of(2, 0, 2, 5), of(3, 1, 1, 4)];
        let order = |order: CampaignOrder| {
            let mut servers = all;
            order.sort(&mut servers);
            servers.map(|of| of.server.index())
        };
        assert_eq!(order(CampaignOrder::RackByRack), [0, 1, 2, 3]);
        assert_eq!(order(CampaignOrder::Spread), [0, 2, 1, 3]);
        assert_eq!(order(CampaignOrder::Random), [1, 3, 2, 0]);
        assert_eq!(order(CampaignOrder::EmptiestFirst), [1, 3, 0, 2]);
        assert_eq!(order(CampaignOrder::FullestFirst), [0, 2, 3, 1]);
    }
}
