//! The one place that knows every process: an occurrence goes to its handler.

use super::{arrivals, boot, launch, owner, recovery, release, repair, turn::Turn, wear};
use crate::{
    fleet::{Fleet, ids::Instance},
    kernel::{column::Id, stamp::Stamp},
    lifecycle::server::ServerState,
    messages::occurrence::Occurrence,
};

/// Sets a run up: what is there at its beginning, and what will happen first.
pub fn prime(turn: &mut Turn<'_>) {
    wear::prime(turn);
    arrivals::prime(turn);
}

/// Whether `what` still means anything: its entity has not moved on since it was scheduled.
#[inline]
pub fn is_live(fleet: &Fleet, what: &Occurrence) -> bool {
    let current = |instance: Id<Instance>, stamp: Stamp| fleet.instances[instance].stamp == stamp;
    match *what {
        Occurrence::Departs { birth, instance } => fleet.instances[instance].birth == birth,
        Occurrence::CreationReleased { stamp, instance }
        | Occurrence::Prepared { stamp, instance }
        | Occurrence::Booted { stamp, instance }
        | Occurrence::GuestCrashes { stamp, instance }
        | Occurrence::GuestLossNoticed { stamp, instance }
        | Occurrence::RedeployDue { stamp, instance }
        | Occurrence::LaunchGivenUp { stamp, instance }
        | Occurrence::OwnerStarts { stamp, instance } => current(instance, stamp),
        Occurrence::ServerCrashes { stamp, server } => fleet.servers[server].stamp == stamp,
        Occurrence::ServerLossNoticed { crash, server } => {
            let row = &fleet.servers[server];
            row.state != ServerState::Up && (row.crashes - 1) as u16 == crash
        }
        Occurrence::RackLossNoticed { outage, rack } => {
            !fleet.racks.is_up(rack) && (fleet.racks.outages(rack) - 1) as u16 == outage
        }
        Occurrence::ServerRestarted(_)
        | Occurrence::ServerRepaired(_)
        | Occurrence::RackRepaired(_)
        | Occurrence::ServerReturned(_)
        | Occurrence::RackFails(_)
        | Occurrence::Arrives(_)
        | Occurrence::CrewsDispatched
        | Occurrence::RoomOffered => true,
    }
}

/// `what`, which is live, happens.
#[inline]
pub fn happen(turn: &mut Turn<'_>, what: Occurrence) {
    match what {
        Occurrence::Departs { instance, .. } => release::departs(turn, instance),
        Occurrence::CreationReleased { instance, .. } => {
            alarm_rang(turn, instance);
            release::now(turn, instance);
        }
        Occurrence::Prepared { instance, .. } => {
            alarm_rang(turn, instance);
            launch::prepared(turn, instance);
        }
        Occurrence::Booted { instance, .. } => {
            alarm_rang(turn, instance);
            if boot::ended(turn, instance) == boot::Ended::Failed {
                owner::after_failed_boot(turn, instance);
            }
        }
        Occurrence::ServerRestarted(server) => wear::server_works(turn, server),
        Occurrence::ServerRepaired(server) => repair::ended(turn, server),
        Occurrence::RackRepaired(rack) => wear::rack_repaired(turn, rack),
        Occurrence::ServerReturned(server) => recovery::server_returned(turn, server),
        Occurrence::ServerCrashes { server, .. } => {
            wear::server_crashes(turn, server);
            if turn.fleet.servers[server].state == ServerState::Broken {
                repair::awaited(turn, server);
            }
        }
        Occurrence::RackFails(rack) => wear::rack_fails(turn, rack),
        Occurrence::GuestCrashes { instance, .. } => {
            alarm_rang(turn, instance);
            wear::guest_crashes(turn, instance);
        }
        Occurrence::ServerLossNoticed { server, .. } => {
            recovery::server_loss_noticed(turn, server);
        }
        Occurrence::RackLossNoticed { rack, .. } => recovery::rack_loss_noticed(turn, rack),
        Occurrence::GuestLossNoticed { instance, .. } => {
            alarm_rang(turn, instance);
            recovery::guest_loss_noticed(turn, instance);
        }
        Occurrence::RedeployDue { instance, .. } => {
            alarm_rang(turn, instance);
            recovery::redeploy_due(turn, instance);
        }
        Occurrence::LaunchGivenUp { instance, .. } => {
            alarm_rang(turn, instance);
            launch::given_up(turn, instance);
        }
        Occurrence::OwnerStarts { instance, .. } => {
            alarm_rang(turn, instance);
            owner::starts(turn, instance);
        }
        Occurrence::Arrives(source) => arrivals::arrive(turn, source),
        Occurrence::CrewsDispatched => repair::crews_dispatched(turn),
        Occurrence::RoomOffered => recovery::room_offered(turn),
    }
}

/// The one alarm of `instance` has rung: none is pending.
#[inline]
fn alarm_rang(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.instances.row_mut(instance).alarm_pending = false;
}
