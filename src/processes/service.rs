//! Service: what an instance owes and whether it is served (design: "what is measured").
//!
//! Served means Running with a working server and a working guest; it is kept apart from the API
//! state, which still says Running for a while after a crash. An instance owes service from its
//! first Running until its owner stops or releases it. Moves: the columns `served`, `owing` and
//! `down_by` of the instances.

use super::{burst, turn::Turn};
use crate::{
    fleet::{cause::Cause, ids::Instance},
    kernel::column::Id,
    messages::fact::Fact,
};

/// `instance` is served from now on; from its first time on it owes service.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances.row_mut(instance);
    assert!(!row.served, "service begins when there is none");
    row.served = true;
    row.down_by = None;
    if !row.owing {
        (row.owing, row.owed_before) = (true, true);
        turn.state(Fact::OwingBegan(instance));
    }
    turn.state(Fact::ServiceBegan(instance));
    burst::sees(turn, instance);
    turn.concerns_group(instance);
}

/// The owner of `instance`, who had given it up, starts it again, whether or not that succeeds: it
/// owes service, and is down by `cause` until it is served. One that has never been Running owes
/// nothing before it is.
pub fn resume(turn: &mut Turn<'_>, instance: Id<Instance>, cause: Cause) {
    let row = turn.fleet.instances.row_mut(instance);
    if row.owed_before && !row.owing {
        row.owing = true;
        row.down_by = Some(cause);
        turn.state(Fact::OwingBegan(instance));
        turn.state(Fact::ServiceEnded { instance, cause });
    }
}

/// `instance` is not served any more. Where it was not served anyway, the first cause stays.
pub fn end(turn: &mut Turn<'_>, instance: Id<Instance>, cause: Cause) {
    let row = turn.fleet.instances.row_mut(instance);
    if row.served {
        row.served = false;
        row.down_by = Some(cause);
        turn.state(Fact::ServiceEnded { instance, cause });
        burst::sees(turn, instance);
        turn.concerns_group(instance);
    }
}

/// `instance` owes nothing any more: its owner gives it up.
pub fn give_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances.row_mut(instance);
    row.served = false;
    row.down_by = None;
    if std::mem::take(&mut row.owing) {
        turn.state(Fact::OwingEnded(instance));
        burst::sees(turn, instance);
        turn.concerns_group(instance);
    }
}
