//! Which server each instance was put on, in order of time (`run --placements`).

use super::Observer;
use crate::{
    fleet::{
        Fleet,
        ids::{Instance, Server, Template},
        instances::InstanceName,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::fact::{Fact, Reason},
};

/// One time that an instance took room on a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placement {
    /// When.
    pub at: Instant,
    /// The instance's name: its source and number there (a trace's data row, from 0).
    pub name: InstanceName,
    /// What it was born with.
    pub template: Id<Template>,
    /// The server.
    pub server: Id<Server>,
    /// Why.
    pub reason: Reason,
}

/// Collects the placements of a run.
#[derive(Clone, Debug, Default)]
pub struct Placements {
    /// Those so far, in order.
    pub rows: Vec<Placement>,
    named: Column<Instance, (InstanceName, Id<Template>)>,
}

impl Observer for Placements {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::Requested { instance, template, name } => {
                if instance.index() == self.named.len() {
                    self.named.push((name, template));
                } else {
                    self.named[instance] = (name, template);
                }
            }
            Fact::Placed { instance, server, reason, .. } => {
                let (name, template) = self.named[instance];
                self.rows.push(Placement { at: now, name, template, server, reason });
            }
            Fact::DirtyLost(_)
            | Fact::Reserved { .. }
            | Fact::Unreserved { .. }
            | Fact::EventPublished { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::DiskMoved { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::CampaignMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::NoRoom { .. }
            | Fact::Vacated { .. }
            | Fact::InstanceMoved { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::DataLost { .. }
            | Fact::ServerMoved { .. }
            | Fact::ServerAvailable { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_)
            | Fact::TaskBegan { .. }
            | Fact::TaskEnded { .. }
            | Fact::Move(_)
            | Fact::Credits(_)
            | Fact::Spot(_)
            | Fact::Drain(_)
            | Fact::Network(_)
            | Fact::Cold(_)
            | Fact::Host(_)
            | Fact::Scaling(_) => {}
        }
    }
}
