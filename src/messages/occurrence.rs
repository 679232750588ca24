//! What time brings: the closed list of everything that can make something happen.
//!
//! The order of the variants is the order within one round of an instant (spec/corrections.md 5,
//! spec/refresh-and-migration.md 3.5): what ends, then what is found working, then what fails, then
//! timers, then requests; passes, which plan for what the instant has left, come last.

use crate::{
    fleet::ids::{
        Arrears, Bay, Burstable, Campaign, DedicatedHost, Instance, Market, Member, Rack, Recorded,
        RecordedInterruption, Refresh, Replacement, ScalingGroup, Script, Server, Source,
        SystemEvent, Task,
    },
    kernel::{column::Id, stamp::Stamp},
};

/// Something that time brings. Eight bytes; ordered by variant, then entity, then stamp.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Occurrence {
    /// An instance's life is over.
    Departs {
        /// Whose life.
        instance: Id<Instance>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// The instance of a member is released: the member has left.
    MemberLeft {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A failed creation is released.
    CreationReleased {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// An instance is prepared.
    Prepared {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A boot is over.
    Booted {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A stop is over: the instance is off.
    Halted {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A graceful stop has taken as long as it may.
    StopTimedOut {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A phase of a redeployment is over.
    Switched {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A redeployment that failed is undone.
    RolledBack {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// Something happened to a member's instance: the group looks at it.
    MemberSeen {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A new member is attached: it comes into service.
    MemberJoins {
        /// Which.
        member: Id<Member>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A member is warm.
    MemberWarm {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A member's image makes it fail from now on.
    MemberFails {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// The health check gives its verdict on a member.
    MemberJudged {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A member has left service: its instance is stopped.
    MemberDetached {
        /// Which.
        member: Id<Member>,
        /// The state it had.
        stamp: Stamp,
    },
    /// The notice of an interrupted instance is over: it is taken back.
    SpotTaken {
        /// Which.
        instance: Id<Instance>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// The earliest transfer is sent, unless the rates have changed since the alarm was set.
    TransferEnds(u32),
    /// A live migration has copied the memory: the instance pauses.
    BlackoutBegins {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// A live migration is over.
    MigrationEnds {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// A phase of a cold migration is over.
    ColdPhaseEnds {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// A live migration by pre-copy is set up, or its instance may go on.
    MigrationGoesOn {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// The turn of a move has come that waited for others.
    MoveBegins {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// The work on an emptied server is done.
    DrainedReturns(Id<Server>),
    /// A server that restarts by itself is back.
    ServerRestarted(Id<Server>),
    /// The repair of a server is over.
    ServerRepaired(Id<Server>),
    /// The outage of a rack is over.
    RackRepaired(Id<Rack>),
    /// A server works again, and so does its rack: whoever waits for it can go on.
    ServerReturned(Id<Server>),
    /// The job of an event on a disk, which needs no restart, is over.
    EventJobEnds {
        /// Which.
        event: Id<SystemEvent>,
        /// The status it had.
        stamp: Stamp,
    },
    /// The operator has put a new disk into a bay.
    DiskReplaced {
        /// Which.
        bay: Id<Bay>,
        /// How often its disk had changed its state.
        turns: u16,
    },
    /// A server's hardware crashes.
    ServerCrashes {
        /// Which.
        server: Id<Server>,
        /// The life that it had.
        stamp: Stamp,
    },
    /// A risk of a server, unless it is cured by now, turns into a crash.
    RiskCrashes {
        /// Which.
        server: Id<Server>,
        /// The number of the risk.
        risk: u16,
    },
    /// A rack goes down.
    RackFails(Id<Rack>),
    /// A guest crashes.
    GuestCrashes {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// The instance that a task moves has lost its server.
    TaskBroken {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// The network loses a live migration.
    MigrationLost {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// A local disk breaks.
    DiskFails {
        /// Which.
        bay: Id<Bay>,
        /// How often it had changed its state.
        turns: u16,
    },
    /// A risk of a server is predicted.
    RiskArises(Id<Server>),
    /// The load of a burstable instance changes.
    LoadChanges {
        /// Which.
        burstable: Id<Burstable>,
        /// What it had in mind.
        stamp: Stamp,
    },
    /// The credits of a burstable instance reach a bound, or an hour is over in which it was held to
    /// its baseline.
    CreditThreshold {
        /// Which.
        burstable: Id<Burstable>,
        /// What it had in mind.
        stamp: Stamp,
    },
    /// A server's crash is noticed.
    ServerLossNoticed {
        /// Which.
        server: Id<Server>,
        /// The number of the crash, as long as its effect lasts.
        crash: u16,
    },
    /// A rack's outage is noticed.
    RackLossNoticed {
        /// Which.
        rack: Id<Rack>,
        /// The number of the outage, as long as it lasts.
        outage: u16,
    },
    /// A guest's crash is noticed.
    GuestLossNoticed {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// The damage of a local disk is detected.
    DiskLossNoticed {
        /// Which.
        bay: Id<Bay>,
        /// How often its disk had changed its state.
        turns: u16,
    },
    /// A live migration has copied for as long as it may.
    MigrationTimesOut {
        /// Which.
        task: Id<Task>,
        /// Which has not ended.
        stamp: Stamp,
    },
    /// A launch has waited for room as long as it may.
    LaunchGivenUp {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// The stop of a leaving member has taken as long as its group allows.
    MemberStopTimedOut {
        /// Which.
        member: Id<Member>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A lifecycle hook of a member ends by itself, or by the user's automation.
    HookEnds {
        /// Which.
        member: Id<Member>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A member has lived as long as its group allows.
    MemberExpires {
        /// Which.
        member: Id<Member>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A launch of a replacement is tried again.
    ReplacementRetried {
        /// Which.
        replacement: Id<Replacement>,
        /// Which has not changed since.
        stamp: Stamp,
    },
    /// The pause of a checkpoint is over.
    RefreshPauseEnds {
        /// Which.
        refresh: Id<Refresh>,
        /// The status it had.
        stamp: Stamp,
    },
    /// A refresh may have stood still, or gone on, for too long.
    RefreshTimesOut {
        /// Which.
        refresh: Id<Refresh>,
        /// The status it had.
        stamp: Stamp,
    },
    /// A refresh that waited for a time goes on: a window, a pause between batches, its bake.
    RefreshContinues {
        /// Which.
        refresh: Id<Refresh>,
        /// The status it had.
        stamp: Stamp,
    },
    /// A group tries launches again that found no room.
    GroupRetries(Id<ScalingGroup>),
    /// A group's schedule has something due.
    GroupScheduled(Id<ScalingGroup>),
    /// A group's target rule looks at the demand.
    GroupMetered(Id<ScalingGroup>),
    /// Price or stock of a market changes.
    MarketChanges(Id<Market>),
    /// A market is checked: who has to go?
    MarketChecked {
        /// Which.
        market: Id<Market>,
        /// Whose check has not been moved since.
        stamp: Stamp,
    },
    /// An interruption of the scenario happens.
    InterruptionHappens(Id<RecordedInterruption>),
    /// A system event of the scenario happens.
    RecordedHappens(Id<Recorded>),
    /// The system withdraws a planned event.
    EventWithdrawn {
        /// Which.
        event: Id<SystemEvent>,
        /// The status it had.
        stamp: Stamp,
    },
    /// The planned time of an event is reached.
    EventDue {
        /// Which.
        event: Id<SystemEvent>,
        /// The status it had.
        stamp: Stamp,
    },
    /// An event whose execution failed is published anew.
    EventRepublished {
        /// The instance that it is about.
        instance: Id<Instance>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// The end of a subscription's term is announced.
    TermAnnounced {
        /// Whose subscription.
        instance: Id<Instance>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// The stop of what is unpaid is announced.
    ArrearsAnnounced(Id<Arrears>),
    /// The server that is prepared for a dedicated host is ready.
    HostPrepared {
        /// Which.
        host: Id<DedicatedHost>,
        /// The status it had.
        stamp: Stamp,
    },
    /// The support ticket about a dedicated host is done.
    HostTicketEnds {
        /// Which.
        host: Id<DedicatedHost>,
        /// The status it had.
        stamp: Stamp,
    },
    /// Something happened to a dedicated host, its server or who is on it: it is looked at.
    HostTended(Id<DedicatedHost>),
    /// The operator has something to do about a server: a risk, a campaign, or work that is done.
    ServerTended(Id<Server>),
    /// A command of the scenario is given.
    ScriptRuns(Id<Script>),
    /// An owner learns of an event, or of its new status.
    OwnerNoticed {
        /// Which.
        event: Id<SystemEvent>,
        /// The status it had.
        stamp: Stamp,
    },
    /// An owner does what it plans about an event.
    OwnerActs {
        /// Which.
        event: Id<SystemEvent>,
        /// The status it had.
        stamp: Stamp,
    },
    /// What was in arrears is paid.
    ArrearsPaid(Id<Arrears>),
    /// An owner starts a stopped instance.
    OwnerStarts {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A source of arrivals brings what is due.
    Arrives(Id<Source>),
    /// A campaign begins, or may take up servers again.
    CampaignContinues(Id<Campaign>),
    /// Pass: free crews take up broken servers.
    CrewsDispatched,
    /// Pass: dedicated hosts that wait for an idle server are asked in turn.
    SparesOffered,
    /// Pass: those who wait for room are asked in turn.
    RoomOffered,
    /// Pass: a campaign takes up as many servers as its limits allow.
    CampaignPlans(Id<Campaign>),
    /// Pass: a group reads its news, restores its size, and plans its refresh's next batch.
    GroupPlans(Id<ScalingGroup>),
}

const _: () = assert!(size_of::<Occurrence>() == 8, "an agenda entry is 16 bytes");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entity_counts_before_the_stamp() {
        let (mut late, mut early) = (Stamp::default(), Stamp::default());
        late.raise();
        early.raise();
        early.raise();
        let first = Occurrence::Booted { instance: Id::new(1), stamp: early };
        let second = Occurrence::Booted { instance: Id::new(2), stamp: late };
        assert!(first < second && first < Occurrence::RoomOffered);
    }
}
