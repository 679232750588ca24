//! The kinds of owners: what each does about failures and events of its instances.

use crate::{
    fleet::{care::MaintenanceWindow, ids::Customer},
    kernel::{column::Id, distribution::Distribution, time::Span},
};

/// A kind of owner. What it decides from this is in `policy/customer.rs`.
#[derive(Clone, Debug)]
pub struct CustomerSpec {
    /// Name, unique among customers.
    pub name: String,
    /// The kinds that it is a mix of: (cumulative probability, kind), rising; empty for one that
    /// is a kind of its own.
    pub mix: Vec<(f64, Id<Customer>)>,
    /// Time from the stop of an instance by a failure to its owner's StartInstance; `None`: the
    /// owner never starts it again.
    pub restart_after: Option<Distribution>,
    /// What it does about a Scheduled event.
    pub scheduled: Conduct,
    /// What it does about an inquiry that is not about a disk.
    pub inquiry: Conduct,
    /// What it does about an inquiry that is about a damaged disk.
    pub disk_error: Conduct,
    /// What it does while a crashed server keeps its local disks (SystemFailure.Reboot Executing).
    pub outage: Conduct,
    /// What it does once a damaged disk is isolated and not yet replaced.
    pub isolated: Conduct,
    /// Time from the authorisation of a disk's job that needs a reboot to that reboot; `None`: it
    /// never reboots for that.
    pub reboot_after: Option<Distribution>,
    /// Time from being told that a subscription ends, or that what has expired will be released, to
    /// its renewal; `None`: it is never renewed.
    pub renew_after: Option<Distribution>,
    /// What it does when a preemptible instance is to be taken back.
    pub on_interruption: OnInterruption,
    /// Whether its stops are power-offs (ForceStop).
    pub force_stop: bool,
    /// What it does after a refusal, or after a task that failed.
    pub retry: Option<Retry>,
    /// Its maintenance window, which its instances begin with and which it keeps itself.
    pub window: Option<MaintenanceWindow>,
}

/// What an owner does when a preemptible instance is to be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnInterruption {
    /// Nothing.
    Wait,
    /// It asks at once for another that pays as it goes.
    PayAsYouGo,
}

/// What an owner does, and when.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// What.
    pub answer: Answer,
    /// When.
    pub when: When,
}

/// What an owner does about an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing: the default action runs, or nothing does.
    Wait,
    /// AcceptInquiredSystemEvent.
    Accept,
    /// RebootInstance.
    Reboot,
    /// RedeployInstance.
    Redeploy,
    /// StopInstance.
    Stop,
}

/// When an owner does it.
#[derive(Clone, Debug)]
pub enum When {
    /// So long after it learns of the event.
    After(Distribution),
    /// So long before `notBefore`; at once where that has passed or there is none.
    Before(Span),
    /// At the next beginning of its maintenance window; at once inside it.
    InWindow,
}

impl CustomerSpec {
    /// The kind that an instance has whose draw is `u`, where this is a mix.
    ///
    /// # Panics
    /// If it is a kind of its own.
    pub fn kind_at(&self, u: f64) -> Id<Customer> {
        let (_, last) = self.mix.last().expect("only a mix is asked which kind an instance has");
        self.mix.iter().find(|(p, _)| u <= *p).map_or(*last, |(_, kind)| *kind)
    }
}

/// How an owner tries again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// Time to the next attempt.
    pub after: Distribution,
    /// Most further attempts (count).
    pub times: u16,
}
