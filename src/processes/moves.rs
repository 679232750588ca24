//! Turns of moves: how many are under way at once, off one server, to one server, in the fleet.
//!
//! Path: asks → (waits → its turn comes) → leaves, and others may begin. A move that waits keeps the
//! room that it has reserved: who was told that there is room shall find it. Whose turn has come
//! begins in the next round, by the process that owns its kind of task. Without limits and without a
//! network nothing is kept. Moves: the table of moves.

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Server, Task},
        moves::MoveLimits,
    },
    kernel::column::Id,
    messages::{
        fact::Fact,
        moves::{MoveFact, MoveWhat},
        occurrence::Occurrence,
    },
};

/// `task` is to move its instance from one server to another; says whether it may begin now. Else
/// [`Occurrence::MoveBegins`] tells when its turn has come. Whoever asks leaves once.
pub fn ask(turn: &mut Turn<'_>, task: Id<Task>, from: Id<Server>, to: Id<Server>) -> bool {
    let limits = turn.scenario.settings.migration;
    if limits == MoveLimits::default() && turn.layout().network.is_none() {
        return true;
    }
    let begins = turn.fleet.moves.ask(&limits, task, (from, to), turn.now);
    if !begins {
        says(turn, task, MoveWhat::Waits);
    }
    begins
}

/// `task` is over, or waits for its turn no more: others may begin instead.
pub fn leave(turn: &mut Turn<'_>, task: Id<Task>) {
    let limits = turn.scenario.settings.migration;
    turn.fleet.moves.leave(&limits, task);
    while let Some((next, asked)) = turn.fleet.moves.next(&limits) {
        says(turn, next, MoveWhat::TurnCame { waited: turn.now.since(asked) });
        let stamp = turn.fleet.tasks[next].stamp;
        turn.agenda.at(turn.now, Occurrence::MoveBegins { task: next, stamp });
    }
}

/// States `what` of the move of `task`.
pub fn says(turn: &mut Turn<'_>, task: Id<Task>, what: MoveWhat) {
    let instance = turn.fleet.tasks[task].instance;
    turn.state(Fact::Move(MoveFact { task, instance, what }));
}
