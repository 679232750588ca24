//! Moves: what was sent is the sum of what is told piece by piece; what fails leaves its instance
//! where it was, unless it ran ahead of its memory.

use crate::{
    fleet::{
        ids::{Instance, Server, Task},
        precopies::PreCopyEnd,
    },
    kernel::column::Id,
    messages::{
        fact::Fact,
        moves::{MoveFact, MoveWhat},
    },
};
use std::collections::BTreeMap;

/// One live migration by pre-copy, as far as it was told.
#[derive(Clone, Copy, Debug, Default)]
struct Copied {
    bytes: u64,
    rounds: u32,
    ahead: bool,
    server: Option<Id<Server>>,
}

/// What was told of the moves.
#[derive(Debug, Default)]
pub(super) struct Copies {
    homes: BTreeMap<Id<Instance>, Id<Server>>,
    copies: BTreeMap<Id<Task>, Copied>,
}

impl Copies {
    pub(super) fn see(&mut self, fact: &Fact) {
        if let Fact::Placed { instance, server, .. } = *fact {
            self.homes.insert(instance, server);
        } else if let Fact::Vacated { instance, .. } = *fact {
            self.homes.remove(&instance);
        } else if let Fact::TaskBegan { task, instance, .. } = *fact {
            let server = self.homes.get(&instance).copied();
            self.copies.insert(task, Copied { server, ..Copied::default() });
        } else if let Fact::Move(ref fact) = *fact {
            self.moved(fact);
        }
    }

    fn moved(&mut self, fact: &MoveFact) {
        let copy = self.copies.get_mut(&fact.task).expect("a task begins before it moves");
        match fact.what {
            MoveWhat::RoundSent { round, bytes, .. } => {
                assert_eq!(round, copy.rounds + 1, "rounds come in order");
                copy.rounds = round;
                copy.bytes += bytes;
            }
            MoveWhat::RestSent { bytes, .. }
            | MoveWhat::DisksSent { bytes, .. }
            | MoveWhat::Cut { bytes, .. } => copy.bytes += bytes,
            MoveWhat::WentAhead => copy.ahead = true,
            MoveWhat::Ended { end, bytes, rounds } => {
                assert_eq!(bytes, copy.bytes, "bytes sent are the sum over all rounds");
                assert_eq!(rounds, copy.rounds, "rounds are counted");
                if end != PreCopyEnd::Done && !copy.ahead {
                    let home = self.homes.get(&fact.instance).copied();
                    assert_eq!(home, copy.server, "{:?} stays where it was", fact.instance);
                }
            }
            MoveWhat::Waits | MoveWhat::TurnCame { .. } | MoveWhat::RoundsEnded { .. } => {}
        }
    }
}
