//! Where instances live: local data stays behind, and who is left in peace stays.
//!
//! An instance is *touched* from the moment that something is done to it or to its server: a
//! command that is not refused, an event published about it, a task, a stop; its server fails, is
//! at risk, or is taken up by a campaign. It is at peace again once it has taken its next place.

use crate::{
    fleet::{
        Fleet,
        ids::{Instance, Server},
        layout::Layout,
    },
    kernel::column::{Column, Id},
    lifecycle::{instance::InstanceState, local_disk::DiskState},
    messages::{
        cold::ColdFact,
        fact::{Fact, Reason},
        hosts::HostFact,
    },
};

/// Where one instance lives.
#[derive(Clone, Copy, Debug, Default)]
struct Home {
    server: Option<Id<Server>>,
    /// The server that it held room on last.
    last: Option<Id<Server>>,
    touched: bool,
    /// Data on the local disks of `last` (bytes).
    data: u64,
    /// Data that a change of server in this turn still has to lose (bytes).
    carried: u64,
}

/// What drains a server.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    at_risk: bool,
    campaigns: u32,
    fails: bool,
}

impl Trouble {
    const fn any(self) -> bool {
        self.at_risk || self.fails || self.campaigns > 0
    }
}

/// Where all instances live.
#[derive(Debug)]
pub(super) struct Homes {
    homes: Column<Instance, Home>,
    servers: Column<Server, Trouble>,
    /// Who changed servers in this turn.
    moved: Vec<Id<Instance>>,
}

impl Homes {
    pub(super) fn new(layout: &Layout) -> Self {
        let servers = Column::filled(Trouble::default(), layout.servers.len());
        Self { homes: Column::default(), servers, moved: Vec::new() }
    }

    pub(super) fn see(&mut self, fact: &Fact, layout: &Layout, fleet: &Fleet) {
        match *fact {
            Fact::Requested { instance, .. } => {
                if instance.index() == self.homes.len() {
                    self.homes.push(Home::default());
                } else {
                    self.homes[instance] = Home::default();
                }
            }
            Fact::Placed { instance, server, reason, .. } => {
                self.placed((instance, server), reason, layout);
            }
            Fact::Cold(ColdFact::Moved { instance, .. }) => self.homes[instance].touched = true,
            Fact::Vacated { instance, server } => {
                let home = &mut self.homes[instance];
                assert_eq!(home.server.take(), Some(server), "{instance:?} leaves where it is");
            }
            Fact::InstanceMoved { instance, to, .. } => {
                self.instance_moved(instance, to, (layout, fleet));
            }
            Fact::DataLost { instance, bytes } => {
                let home = &mut self.homes[instance];
                home.data = home.data.saturating_sub(bytes);
                home.carried = home.carried.saturating_sub(bytes);
            }
            Fact::Commanded { instance: Some(instance), refusal: None, .. }
            | Fact::EventPublished { instance, .. }
            | Fact::TaskBegan { instance, .. } => self.homes[instance].touched = true,
            Fact::ServerAvailable { server, available } => {
                self.servers[server].fails = !available;
                self.touch(server);
            }
            Fact::ServerAtRisk { server, at_risk } => {
                self.servers[server].at_risk = at_risk;
                self.touch(server);
            }
            Fact::CampaignMoved { server, done: false, .. } => {
                self.servers[server].campaigns += 1;
                self.touch(server);
            }
            Fact::CampaignMoved { server, done: true, .. } => self.servers[server].campaigns -= 1,
            // A host takes everybody on it along.
            Fact::Host(HostFact::Carried { from, .. }) => self.touch(from),
            Fact::Commanded { .. }
            | Fact::NoRoom { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::DirtyLost(_)
            | Fact::Reserved { .. }
            | Fact::Unreserved { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::DiskMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::ServerStuck { .. }
            | Fact::ServerMoved { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_)
            | Fact::TaskEnded { .. }
            | Fact::Move(_)
            | Fact::Credits(_)
            | Fact::Spot(_)
            | Fact::Drain(_)
            | Fact::Network(_)
            | Fact::Cold(ColdFact::Job { .. })
            | Fact::Host(
                HostFact::Moved { .. }
                | HostFact::Waits(_)
                | HostFact::Modified(_)
                | HostFact::Retyped { .. }
                | HostFact::LiveMigration { .. },
            )
            | Fact::Scaling(_) => {}
        }
    }

    fn placed(
        &mut self,
        (instance, server): (Id<Instance>, Id<Server>),
        reason: Reason,
        layout: &Layout,
    ) {
        let home = &mut self.homes[instance];
        assert_eq!(home.server, None, "{instance:?} is on one server at a time");
        let moved = home.last.is_some_and(|last| last != server);
        let zone = |server: Id<Server>| layout.servers[server].zone;
        let stays = home.last.is_none_or(|last| zone(last) == zone(server));
        assert!(stays, "{instance:?} is not where its cloud disks are");
        if moved {
            assert!(home.touched, "{instance:?} changes server, and nobody touched it");
            // What is migrated cold takes its local data along, unless a fact says that it is lost.
            if !matches!(reason, Reason::ColdMigration | Reason::ColdRevert) {
                home.carried = std::mem::take(&mut home.data);
                self.moved.push(instance);
            }
        }
        home.touched = self.servers[server].any();
        (home.server, home.last) = (Some(server), Some(server));
    }

    fn instance_moved(
        &mut self,
        instance: Id<Instance>,
        to: InstanceState,
        (layout, fleet): (&Layout, &Fleet),
    ) {
        let home = &mut self.homes[instance];
        match to {
            InstanceState::Running => {
                if let Some(server) = home.last {
                    let bays = layout.servers[server].bays;
                    let disk = layout.models[layout.servers[server].model].local_disk_bytes;
                    let whole = fleet.disks.held(bays, instance);
                    let whole = whole.filter(|bay| fleet.disks[*bay].state == DiskState::Healthy);
                    home.data = disk * whole.count() as u64;
                }
            }
            InstanceState::Stopping | InstanceState::Stopped | InstanceState::Released => {
                home.touched = true;
            }
            InstanceState::Pending | InstanceState::Starting => {}
        }
    }

    fn touch(&mut self, server: Id<Server>) {
        let all = self.homes.ids().iter();
        for instance in all {
            let home = &mut self.homes[instance];
            home.touched |= home.server == Some(server);
        }
    }

    /// Whoever changed servers in the turn has lost what it had on the disks of the first.
    pub(super) fn turn_ended(&mut self) {
        for instance in self.moved.drain(..) {
            let Home { carried, .. } = self.homes[instance];
            assert_eq!(carried, 0, "local data of {instance:?} survives a change of server");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{Sources, capacity::Index, instances::InstanceName, layout::ServerSpec},
        kernel::{
            column::IdRange,
            time::{Instant, Span},
        },
        lifecycle::task::TaskStatus,
    };

    /// Two servers without anything else to them.
    fn layout() -> Layout {
        let mut layout = Layout::default();
        let server = ServerSpec {
            model: Id::new(0),
            rack: Id::new(0),
            zone: Id::new(0),
            bays: IdRange::new(0, 0),
        };
        layout.servers.push(server);
        layout.servers.push(server);
        layout
    }

    fn passes(facts: &[Fact]) -> bool {
        let facts = facts.to_vec();
        std::panic::catch_unwind(move || {
            let (layout, sources) = (layout(), Sources { arrivals: 0, campaigns: 0 });
            let fleet = Fleet::new(&Layout::default(), Index::ById, sources, Instant::ZERO);
            let mut homes = Homes::new(&layout);
            facts.iter().for_each(|fact| homes.see(fact, &layout, &fleet));
            homes.turn_ended();
        })
        .is_ok()
    }

    fn placed(server: usize) -> Fact {
        Fact::Placed {
            instance: Id::new(0),
            server: Id::new(server),
            reason: Reason::Redeploy,
            waited: Span::ZERO,
        }
    }

    fn born() -> Fact {
        let name = InstanceName::at_start(0);
        Fact::Requested { instance: Id::new(0), name, template: Id::new(0) }
    }

    fn left() -> Fact {
        Fact::Vacated { instance: Id::new(0), server: Id::new(0) }
    }

    #[test]
    fn only_who_is_touched_changes_server() {
        let touched = Fact::TaskBegan {
            task: Id::new(0),
            number: 0,
            kind: crate::fleet::tasks::TaskKind::Redeploy,
            instance: Id::new(0),
        };
        assert!(!passes(&[born(), placed(0), left(), placed(1)]));
        assert!(passes(&[born(), placed(0), left(), placed(0)]));
        assert!(passes(&[born(), placed(0), touched, left(), placed(1)]));
        let ended = Fact::TaskEnded {
            task: Id::new(0),
            kind: crate::fleet::tasks::TaskKind::Redeploy,
            instance: Id::new(0),
            status: TaskStatus::Finished,
        };
        let again = [born(), touched, placed(0), ended, left(), placed(1)];
        assert!(!passes(&again), "a new place is a new peace");
        assert!(!passes(&[born(), placed(0), placed(1)]), "one server at a time");
    }

    #[test]
    fn a_troubled_server_touches_all_that_are_on_it() {
        let risk = |at_risk| Fact::ServerAtRisk { server: Id::new(0), at_risk };
        assert!(passes(&[born(), placed(0), risk(true), left(), placed(1)]));
        assert!(passes(&[risk(true), born(), placed(0), left(), placed(1)]));
        assert!(!passes(&[risk(true), risk(false), born(), placed(0), left(), placed(1)]));
    }
}
