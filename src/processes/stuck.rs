//! Servers at risk that must be emptied, and that somebody cannot leave.
//!
//! A restart does not cure such a risk, so that one which moves nobody is for nothing. Path: everybody
//! is told once → who is still there, and could still not leave, is not told again: nothing is under
//! way on the server any more, it is *stuck* → it stays closed, but takes no slot of
//! `maint.max_concurrent_hosts`, and other work may be done on it → it is looked at again when there is
//! room on another server, when somebody has come or left, and every `event.republish_delay`.
//!
//! Who is told again has room promised: it is nobody's until the move takes it, but nobody else is told
//! because of it. Who has nowhere to go beside what is promised waits with those who want the same; room
//! that is freed calls for as many of them as it is enough for, the longest wait first. Where the only
//! room went to one whose move then failed, who found none meanwhile is looked at before him.
//!
//! **Departs**: spec/events.md 2.5 has no word for what follows a restart that moved nobody. Moves: who
//! waits to leave, who was told of which risk, and what is promised to whom.

use super::{events, hosting, loss, room, turn::Turn};
use crate::{
    fleet::{
        capacity::Request,
        emptying::Place,
        ids::{Instance, Server},
        numa::Nodes,
        system_events::{EventRow, Origin},
        waiting::Wanted,
    },
    kernel::{column::Id, time::Span},
    lifecycle::system_event::{EventStatus, EventType},
    messages::fact::Fact,
};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Notes that `instance`, on a server that the operator works on because of `origin`, is about to be
/// told by an event of `kind`, if it is not for nothing; says whether it is to be told.
pub fn tells(
    turn: &mut Turn<'_>,
    (instance, origin): (Id<Instance>, Origin),
    kind: EventType,
) -> bool {
    let Some(server) = emptied(turn, origin) else { return true };
    if was_told(turn, instance, server) {
        if !may_take(turn, instance, kind) || is_others_turn(turn, instance, server) {
            return false;
        }
        let Some(to) = spare(turn, instance) else {
            misses(turn, instance, server);
            return false;
        };
        turn.fleet.works.emptying.promises(instance, server, to);
    }
    let name = turn.fleet.instances[instance].name;
    turn.fleet.works.emptying.tells(server, name);
    true
}

/// Whether `instance` was told of the present risk of `server`, which must be emptied.
pub fn was_told(turn: &Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    turn.fleet.works.emptying.told(server, turn.fleet.instances[instance].name) > 0
}

/// Whether the job of an event, whose time has come, would do to its instance for nothing what an
/// earlier one has done for nothing. While it is under way, the room that it leads to is promised.
pub fn is_for_nothing(turn: &mut Turn<'_>, row: &EventRow) -> bool {
    let Some(server) = emptied(turn, row.origin) else { return false };
    let (instance, emptying) = (row.instance, &turn.fleet.works.emptying);
    let is_told_again = emptying.told(server, turn.fleet.instances[instance].name) > 1;
    if !is_told_again && emptying.stuck.is_empty() {
        return false; // There is nobody who would be told because of that room.
    }
    let to = if may_take(turn, instance, row.kind) { spare(turn, instance) } else { None };
    if let Some(to) = to {
        turn.fleet.works.emptying.promises(instance, server, to);
    }
    to.is_none() && is_told_again
}

/// A move of `instance` off `server` begins, without an event.
pub fn tries(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    if turn.fleet.works[server].must_be_emptied() {
        let name = turn.fleet.instances[instance].name;
        turn.fleet.works.emptying.tries(server, name);
    }
}

/// `instance` finds no room elsewhere, while the operator works on `server`.
pub fn misses(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    if turn.fleet.works[server].must_be_emptied() {
        let name = turn.fleet.instances[instance].name;
        turn.fleet.works.emptying.misses(server, (instance, name));
    }
}

/// Nothing is under way on `server`, where somebody is left. That is told once a risk. Says whether it
/// is to be looked at again soon: somebody found no room that was another's, and is there again.
pub fn rests(turn: &mut Turn<'_>, server: Id<Server>) -> bool {
    let mut again = false;
    if turn.fleet.dedicated.on(server).is_none() {
        let instances = loss::instances_in_order(turn, server);
        for instance in &instances {
            again |= remains(turn, *instance, server);
        }
        loss::done_with(turn, instances);
    }
    if turn.fleet.works.emptying.stuck.insert(server) {
        let left = turn.fleet.capacity.held(server);
        turn.state(Fact::ServerStuck { server, left });
    }
    again
}

/// `instance` remains on `server`, and waits if it has nowhere to go; says whether it came too late.
fn remains(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    let name = turn.fleet.instances[instance].name;
    if let Some(to) = spare(turn, instance) {
        turn.room_freed(to); // Others may want what it does not take.
        return turn.fleet.works.emptying.came_too_late(server, name);
    }
    let (wanted, request) = (room::wanted_by(turn, instance), room::request_of(turn, instance));
    let (since, application) = (turn.now, request.application);
    let place = Place { since, name, instance, server, application };
    turn.fleet.works.emptying.waits(wanted, place);
    false
}

/// Room was freed: the operator looks at servers on which somebody had nowhere to go, as long as there
/// is room for him. Not at once where it has just looked, since it may be a move off the server that was
/// given up. Says how many who wait were looked at (count).
pub fn room_offered(turn: &mut Turn<'_>) -> usize {
    if turn.fleet.works.emptying.nobody_waits() {
        return 0;
    }
    // What is promised of the freed room, and what the called ones may take, is out of the others' reach.
    let mut taken = Vec::new();
    for place in 0..turn.fleet.waiting.freed().len() {
        let server = turn.fleet.waiting.freed()[place];
        holds_promised(turn, server, None);
    }
    let (mut looks, mut last) = (0, None);
    while let Some(wanted) = turn.fleet.works.emptying.wanted_after(last) {
        looks += offered(turn, wanted, &mut taken);
        last = Some(wanted);
    }
    for (instance, to) in taken.into_iter().rev() {
        room::let_go(turn, instance, to);
    }
    lets_go(turn);
    looks
}

type Taken = Vec<(Id<Instance>, (Id<Server>, Nodes))>;

/// Those who want this are looked at in turn, as long as there is room; says how many.
fn offered(turn: &mut Turn<'_>, wanted: Wanted, taken: &mut Taken) -> usize {
    let heads = turn.fleet.works.emptying.heads(wanted).map(Reverse);
    let (mut looks, mut heads): (_, BinaryHeap<_>) = (0, heads.collect());
    while let Some(Reverse(place)) = heads.pop() {
        // Who is on the server of one who was called is called with him.
        if turn.fleet.works.emptying.holds_place(wanted, &place) {
            looks += 1;
            if is_there(turn, &place) && freed_for(turn, place.instance).is_none() {
                if is_freed(turn, wanted) {
                    continue; // The limit of his application keeps all of it out, but nobody else.
                }
                break;
            }
            calls(turn, &place, taken);
        }
        heads.extend(turn.fleet.works.emptying.next(wanted, &place).map(Reverse));
    }
    looks
}

/// The operator is to look at the server of `place`; what those there may take is taken.
fn calls(turn: &mut Turn<'_>, place: &Place, taken: &mut Taken) {
    for (_, other) in turn.fleet.works.emptying.called(place.server) {
        if is_there(turn, &other)
            && let Some(to) = freed_for(turn, other.instance)
            && let Some(nodes) = room::hold(turn, other.instance, to)
        {
            taken.push((other.instance, (to, nodes)));
        }
    }
    let pause = if place.since == turn.now { Span::from_seconds(1) } else { Span::ZERO };
    events::tend_at(turn, place.server, turn.now.saturating_add(pause));
}

/// Whether a server that was freed has what is wanted, if it were not for limits of applications.
fn is_freed(turn: &Turn<'_>, wanted: Wanted) -> bool {
    let mut freed = turn.fleet.waiting.freed().iter();
    freed.any(|server| turn.fleet.capacity.is_open(*server) && room::fits(turn, wanted, *server))
}

/// Whether one who had nowhere to go is still there.
fn is_there(turn: &Turn<'_>, place: &Place) -> bool {
    let row = &turn.fleet.instances[place.instance];
    row.name == place.name && row.server == Some(place.server)
}

/// A server that was freed and has room for `instance`, if it may go to any.
fn freed_for(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let request = request_off(turn, instance);
    let (layout, capacity) = (turn.layout(), &turn.fleet.capacity);
    let has_room = |server: &&Id<Server>| {
        capacity.is_open(**server) && capacity.has_room(layout, **server, &request)
    };
    let server = *turn.fleet.waiting.freed().iter().find(has_room)?;
    room::elsewhere(turn, instance).map(|_| server)
}

/// What `instance` asks of a server other than its own.
fn request_off(turn: &Turn<'_>, instance: Id<Instance>) -> Request {
    let request = room::request_of(turn, instance).within(hosting::zone_of(turn, instance));
    turn.fleet.instances[instance].server.map_or(request, |server| request.off(server))
}

/// A server that `instance` could go to beside what is promised to others. It takes a search for each
/// server whose room is promised and that comes first.
fn spare(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let found = loop {
        let Some(server) = room::elsewhere(turn, instance) else { break None };
        if !holds_promised(turn, server, Some(instance)) {
            break Some(server);
        }
    };
    lets_go(turn);
    found
}

/// Claims what is promised on `server` to others than `instance` and was not claimed yet; says whether
/// there was any.
fn holds_promised(turn: &mut Turn<'_>, server: Id<Server>, instance: Option<Id<Instance>>) -> bool {
    let (mut any, mut last) = (false, None);
    while let Some((other, promise)) = turn.fleet.works.emptying.promise_after(server, last) {
        last = Some(other);
        let counts = promise.held.is_none() && Some(other) != instance;
        if counts
            && is_to_come(turn, other, promise.from)
            && let Some(nodes) = room::hold(turn, other, server)
        {
            turn.fleet.works.emptying.holds(server, other, nodes);
            any = true;
        }
    }
    any
}

/// Gives back what is claimed for promises.
fn lets_go(turn: &mut Turn<'_>) {
    while let Some((server, instance, nodes)) = turn.fleet.works.emptying.lets_go() {
        room::let_go(turn, instance, (server, nodes));
    }
}

/// Whether `instance`, to which room is promised, has not taken any yet, and will by an event that needs
/// nobody's leave.
fn is_to_come(turn: &Turn<'_>, instance: Id<Instance>, from: Id<Server>) -> bool {
    let row = &turn.fleet.instances[instance];
    let has_target = row.task.is_some_and(|task| turn.fleet.tasks[task].target.is_some());
    let mut open = turn.fleet.events.of(instance);
    row.server == Some(from)
        && !has_target
        && open.any(|(_, event)| {
            event.origin.worked_on() == Some(from) && event.status != EventStatus::Inquiring
        })
}

/// Whether others on `server`, for whom less was done than for `instance`, found no room at the present
/// look because of it.
fn is_others_turn(turn: &Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    let name = turn.fleet.instances[instance].name;
    turn.fleet.works.emptying.before(server, name).any(|(other, name)| {
        let row = &turn.fleet.instances[other];
        row.name == name && row.server == Some(server)
    })
}

/// The server that must be emptied because of `origin`, if that is why something is done.
fn emptied(turn: &Turn<'_>, origin: Origin) -> Option<Id<Server>> {
    let Origin::Risk { server, .. } = origin else { return None };
    turn.fleet.works[server].must_be_emptied().then_some(server)
}

/// Whether an event of `kind` takes `instance` off its server, if there is room. What is on a dedicated
/// host leaves with that.
fn may_take(turn: &Turn<'_>, instance: Id<Instance>, kind: EventType) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_hosted = row.server.is_some_and(|server| turn.fleet.dedicated.on(server).is_some());
    let is_bound = turn.layout().is_bound(row.template);
    let restarts_move = turn.scenario.settings.event.reboot_moves_cloud_only && !is_bound;
    let moves = kind == EventType::MaintenanceRedeploy
        || kind == EventType::MaintenanceReboot && restarts_move;
    !is_hosted && moves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::stage::Stage;

    /// Thirty servers that must be emptied, and two others, all full; everybody was told.
    const FULL: &str = r#"
[server_models.weak]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = { life = "5h", curable = 0, crash_p = 0, repair = "20h" }
[[servers]]
model = "weak"
count = 30
zones = ["z"]
[[workload.instances]]
type = "cloud"
count = 64
"#;

    /// So many instances of the first server are out of the way for a moment: how many who wait are
    /// looked at, and how many servers the operator is to look at. Where they are still `counted`,
    /// their application has no more room than before.
    fn looks(stage: &mut Stage, away: usize, counted: bool) -> (usize, usize) {
        let server = Id::new(0);
        stage.does(|turn| {
            let (layout, fleet) = (&turn.scenario.layout, &mut *turn.fleet);
            let here: Vec<_> = fleet.instances.on(&fleet.servers, server).take(away).collect();
            let held = here.iter().map(|instance| {
                let request = room::request_of(turn, *instance);
                let application = request.application.filter(|_| !counted);
                (Request { application, ..request }, turn.fleet.instances.nodes(*instance))
            });
            let held: Vec<_> = held.collect();
            for (request, nodes) in &held {
                turn.fleet.capacity.release(layout, server, request, *nodes);
            }
            turn.room_freed(server);
            let looks = room_offered(turn);
            for (request, nodes) in &held {
                turn.fleet.capacity.claim_on(layout, server, request, *nodes);
            }
            let works = &turn.fleet.works;
            let called = layout.servers.ids().iter().filter(|server| works[*server].asked);
            (looks, called.count())
        })
    }

    /// A test of work: of sixty who wait, as many are looked at as there is room for, and one more.
    #[test]
    fn room_that_is_freed_calls_for_as_many_as_it_is_enough_for() {
        let mut stage = Stage::new(FULL, |_| {});
        stage.until(10 * 86_400 + 1);
        assert_eq!(stage.fleet.works.emptying.stuck.len(), 30);
        assert_eq!(looks(&mut stage, 0, false), (1, 0));
        assert_eq!(looks(&mut stage, 1, false), (2, 1));
        // The first to be called has gone out of the queue, and has two who want room.
        assert_eq!(looks(&mut stage, 2, false), (2, 2));
    }

    /// The same, but what fills the servers is of `applications`, in equal parts, of which a server takes
    /// no more than two each.
    fn limited(applications: &[&str]) -> Stage {
        let (servers, _) = FULL.split_once("[[workload").expect("there is a workload");
        let mut text = servers.to_owned();
        for name in applications {
            let count = 64 / applications.len();
            text += &format!(
                "[applications.{name}]\nper_server_limit = 2\n[[workload.instances]]\n\
                 type = \"cloud\"\ncount = {count}\napp = \"{name}\"\n"
            );
        }
        let mut stage = Stage::new(&text, |_| {});
        stage.until(10 * 86_400 + 1);
        assert_eq!(stage.fleet.works.emptying.stuck.len(), 30);
        stage
    }

    /// A test of work: where the limit of an application keeps one out, it keeps all of that application
    /// out; where there is no room at all, nobody is asked further.
    #[test]
    fn a_limit_that_keeps_one_out_is_asked_for_once() {
        let mut stage = limited(&["a"]);
        assert_eq!(looks(&mut stage, 0, true), (1, 0), "there is no room");
        assert_eq!(looks(&mut stage, 1, true), (1, 0), "there is, but for none of `a`");
        assert_eq!(looks(&mut stage, 1, false), (2, 1));
        // The first server holds two of `a`: there is room for one of `b`, and for no other of them.
        let mut stage = limited(&["a", "b"]);
        assert_eq!(looks(&mut stage, 1, true), (2, 1));
    }
}
