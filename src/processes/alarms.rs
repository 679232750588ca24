//! Alarms that are counted: an occurrence that belongs to an instance or to an event is pending no
//! more once it happens.

use super::{events, turn::Turn};
use crate::messages::occurrence::Occurrence;

/// An alarm that belongs to an instance or to an event has rung: it is pending no more.
#[inline]
pub fn rings(turn: &mut Turn<'_>, what: &Occurrence) {
    match *what {
        Occurrence::CreationReleased { instance, .. }
        | Occurrence::Prepared { instance, .. }
        | Occurrence::Booted { instance, .. }
        | Occurrence::Halted { instance, .. }
        | Occurrence::StopTimedOut { instance, .. }
        | Occurrence::Switched { instance, .. }
        | Occurrence::RolledBack { instance, .. }
        | Occurrence::GuestCrashes { instance, .. }
        | Occurrence::GuestLossNoticed { instance, .. }
        | Occurrence::LaunchGivenUp { instance, .. }
        | Occurrence::OwnerStarts { instance, .. } => {
            turn.fleet.instances.row_mut(instance).alarm_pending = false;
        }
        Occurrence::EventJobEnds { event, .. }
        | Occurrence::EventWithdrawn { event, .. }
        | Occurrence::EventDue { event, .. }
        | Occurrence::OwnerNoticed { event, .. }
        | Occurrence::OwnerActs { event, .. } => events::rang(turn, event),
        Occurrence::Departs { .. }
        | Occurrence::TransferEnds(_)
        | Occurrence::BlackoutBegins { .. }
        | Occurrence::MigrationEnds { .. }
        | Occurrence::ColdPhaseEnds { .. }
        | Occurrence::MigrationGoesOn { .. }
        | Occurrence::MigrationLost { .. }
        | Occurrence::MigrationTimesOut { .. }
        | Occurrence::MoveBegins { .. }
        | Occurrence::TaskBroken { .. }
        | Occurrence::DrainedReturns(_)
        | Occurrence::ServerRestarted(_)
        | Occurrence::ServerRepaired(_)
        | Occurrence::RackRepaired(_)
        | Occurrence::ServerReturned(_)
        | Occurrence::DiskReplaced { .. }
        | Occurrence::ServerCrashes { .. }
        | Occurrence::RiskCrashes { .. }
        | Occurrence::RackFails(_)
        | Occurrence::DiskFails { .. }
        | Occurrence::RiskArises(_)
        | Occurrence::LoadChanges { .. }
        | Occurrence::CreditThreshold { .. }
        | Occurrence::ServerLossNoticed { .. }
        | Occurrence::RackLossNoticed { .. }
        | Occurrence::DiskLossNoticed { .. }
        | Occurrence::SpotTaken { .. }
        | Occurrence::MarketChanges(_)
        | Occurrence::MarketChecked { .. }
        | Occurrence::InterruptionHappens(_)
        | Occurrence::RecordedHappens(_)
        | Occurrence::EventRepublished { .. }
        | Occurrence::TermAnnounced { .. }
        | Occurrence::ArrearsAnnounced(_)
        | Occurrence::ArrearsPaid(_)
        | Occurrence::HostPrepared { .. }
        | Occurrence::HostTicketEnds { .. }
        | Occurrence::HostTended(_)
        | Occurrence::SparesOffered
        | Occurrence::ServerTended(_)
        | Occurrence::ScriptRuns(_)
        | Occurrence::Arrives(_)
        | Occurrence::CampaignContinues(_)
        | Occurrence::CrewsDispatched
        | Occurrence::RoomOffered
        | Occurrence::CampaignPlans(_)
        | Occurrence::MemberLeft { .. }
        | Occurrence::MemberSeen { .. }
        | Occurrence::MemberJoins { .. }
        | Occurrence::MemberWarm { .. }
        | Occurrence::MemberFails { .. }
        | Occurrence::MemberJudged { .. }
        | Occurrence::MemberDetached { .. }
        | Occurrence::MemberStopTimedOut { .. }
        | Occurrence::MemberExpires { .. }
        | Occurrence::HookEnds { .. }
        | Occurrence::ReplacementRetried { .. }
        | Occurrence::RefreshPauseEnds { .. }
        | Occurrence::RefreshTimesOut { .. }
        | Occurrence::RefreshContinues { .. }
        | Occurrence::GroupRetries(_)
        | Occurrence::GroupScheduled(_)
        | Occurrence::GroupMetered(_)
        | Occurrence::GroupPlans(_) => {}
    }
}
