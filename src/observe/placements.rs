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
        if let Fact::Requested { instance, template, name } = *fact {
            if instance.index() == self.named.len() {
                self.named.push((name, template));
            } else {
                self.named[instance] = (name, template);
            }
        } else if let Fact::Placed { instance, server, reason, .. } = *fact {
            let (name, template) = self.named[instance];
            self.rows.push(Placement { at: now, name, template, server, reason });
        }
    }
}
