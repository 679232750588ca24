//! The health check of a scaling group (spec/refresh-and-migration.md 1.7).
//!
//! Path: something happens to a member's instance (`checkups`) → (`health_check_interval`) → still
//! in trouble: Unhealthy → removed; the group restores its size. A member that has lived as long as
//! its group allows is removed too. Moves: members' health, members.

use super::{
    checkups, leaving,
    members::{self, Leaving, tell},
    membership::{alter, spec_of, suspended_of},
    reimage,
    scaling_activity::Reason,
    turn::Turn,
    warm_up,
};
use crate::{
    fleet::{
        groups::News,
        ids::{Member, ScalingGroup},
        scaling::Process,
    },
    kernel::{column::Id, time::Span},
    lifecycle::member::MemberState,
    messages::{occurrence::Occurrence, scaling::Trigger},
};

/// Something happened to the instance of `member`: where it stands, and what that means.
pub fn seen(turn: &mut Turn<'_>, member: Id<Member>) {
    turn.fleet.members.row_mut(member).seen_pending = false;
    members::sees(turn, member);
    reimage::sees(turn, member);
    leaving::sees(turn, member);
    checkups::sees(turn, member);
}

/// The image of `member` makes it fail from now on.
pub fn fails(turn: &mut Turn<'_>, member: Id<Member>) {
    let now = turn.now;
    // One that was kept Stopped meanwhile came anew, with a luck of its own.
    let row = turn.fleet.members[member];
    if row.fails_at == Some(now) && !row.failing {
        alter(turn, member, |row| row.failing = true);
        warm_up::tells_failure(turn, member);
    }
    checkups::sees(turn, member);
}

/// The health check comes to its verdict on `member`.
pub fn judged(turn: &mut Turn<'_>, member: Id<Member>) {
    checkups::is_looked_at(turn, member);
    let (now, interval) = (turn.now, spec_of(turn, member).health.interval);
    let row = turn.fleet.members[member];
    let due = row.ill_since.map(|since| since.saturating_add(interval));
    if let Some(later) = due.filter(|due| *due > now) {
        checkups::is_judged_at(turn, member, later);
    }
    let is_due = due.is_some_and(|due| due <= now);
    if row.is_coming() && is_due {
        checkups::is_found(turn, member, false);
        return given_up(turn, member);
    }
    if row.state != MemberState::InService {
        return;
    }
    if is_due && !suspended_of(turn, member).has(Process::HealthCheck) {
        checkups::is_found(turn, member, false);
    }
    replaced_if_unhealthy(turn, member);
}

/// `member` has lived as long as its group allows; where it cannot be removed now, that is tried
/// again.
pub fn expires(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let is_alone = row.replacement.is_none() && turn.fleet.groups[row.group].active;
    let is_free = row.state == MemberState::InService && is_alone;
    if is_free && !suspended_of(turn, member).has(Process::ScaleIn) {
        let how = Leaving { detach_only: false, keep: false, reason: Reason::of(Trigger::Ess) };
        leaving::take_away(turn, member, how);
    } else if row.is_taken_up() || row.is_coming() || row.state == MemberState::RemovingWait {
        let again = spec_of(turn, member).launch_retry.max(Span::from_seconds(1));
        turn.after(again, Occurrence::MemberExpires { member, birth: row.birth });
    }
}

/// SetInstanceHealth: what is said by hand holds until something else is.
pub fn set(turn: &mut Turn<'_>, member: Id<Member>, healthy: bool) {
    turn.fleet.members.row_mut(member).condemned = !healthy;
    checkups::is_found(turn, member, healthy);
    replaced_if_unhealthy(turn, member);
}

/// Processes of `group` go on: what could not be done about its members' health is done.
pub fn goes_on(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let all = turn.fleet.members.present().filter(|(_, row)| row.group == group);
    let ill = all.filter(|(_, row)| row.ill_since.is_some() || !row.healthy);
    let mut ill: Vec<_> = ill.map(|(member, row)| (row.number, member)).collect();
    ill.sort_unstable();
    for (_, member) in ill {
        checkups::sees(turn, member);
        judged(turn, member);
    }
}

/// `member`, in service, is removed if it was found unhealthy and may be removed.
fn replaced_if_unhealthy(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let may =
        !suspended_of(turn, member).has(Process::ScaleIn) && turn.fleet.groups[row.group].active;
    if row.state != MemberState::InService || row.healthy || !may {
        return;
    }
    if row.spared_until > turn.now {
        checkups::is_judged_at(turn, member, row.spared_until);
    } else {
        given_up(turn, member);
    }
}

/// `member` is of no use: whoever counted on it is told, and it is removed.
fn given_up(turn: &mut Turn<'_>, member: Id<Member>) {
    let group = turn.fleet.members[member].group;
    tell(turn, group, News::Lost(member));
    members::remove(
        turn,
        member,
        Leaving { detach_only: false, keep: false, reason: Reason::of(Trigger::Ess) },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{ids::Instance, scaling::Processes},
        kernel::distribution::Distribution,
        lifecycle::{
            instance::InstanceState,
            member::MemberState::{Gone, InService, Pending, Removing},
            system_event::{EventStatus, EventType},
        },
        messages::{
            command::Command,
            refusal::Refusal,
            scaling::{Adjustment, MemberOrder, ScalingCommand},
        },
        processes::stage::Stage,
    };

    const G: Id<ScalingGroup> = Id::new(0);
    /// The instance of the first member: the one before it is in no group.
    const FIRST: Id<Instance> = Id::new(1);

    const fn total(total: u32) -> ScalingCommand {
        ScalingCommand::Scale { group: G, hooks_off: 0, by: Adjustment::Total(total) }
    }

    const fn order(member: usize, order: MemberOrder) -> ScalingCommand {
        ScalingCommand::Member { group: G, member: Id::new(member), order }
    }

    const fn suspend(process: Process, suspend: bool) -> ScalingCommand {
        ScalingCommand::Processes { group: G, which: Processes(process as u8), suspend }
    }

    const STOP: Command = Command::StopInstance {
        instance: FIRST,
        mode: None,
        force: true,
        confirm: false,
        dry_run: false,
    };

    /// The server of an instance.
    fn home(stage: &Stage, instance: Id<Instance>) -> Id<crate::fleet::ids::Server> {
        stage.fleet.instances[instance].server.expect("it is somewhere")
    }

    #[test]
    fn who_dies_with_its_server_is_replaced() {
        let mut stage = Stage::with_group(3, |_| {});
        let (server, rack) = (home(&stage, FIRST), 3);
        stage.rack_of(server, false);
        let lost = stage.fleet.groups[G].counts.healthy - stage.fleet.groups[G].counts.serving;
        stage.until(29);
        assert_eq!(stage.fleet.groups[G].counts.healthy, rack, "nobody knows");
        let lost =
            lost.max(stage.fleet.groups[G].counts.healthy - stage.fleet.groups[G].counts.serving);
        stage.until(31);
        assert_eq!(stage.sizes(), [3, 3 - lost, 3 + lost]);
        stage.until(49);
        assert_eq!(stage.sizes(), [3, 3 - lost, 3 + lost]);
        stage.until(51);
        assert_eq!(stage.sizes(), [3, 3 - lost, 3], "there is nothing to be stopped");
        stage.until(140);
        assert_eq!(stage.sizes(), [3, 3, 3]);
        let states = [(0, InService), (30, Removing), (50, Gone)];
        assert_eq!(stage.member_states(0), states);
    }

    #[test]
    fn who_is_stopped_by_its_owner_is_replaced_and_who_is_deleted_is_missed() {
        let mut stage = Stage::with_group(2, |_| {});
        stage.gives(STOP).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [2, 2, 2]);
        assert_eq!(stage.member_states(0), [(0, InService), (30, Removing), (50, Gone)]);
        let second = Id::new(2);
        stage.gives(Command::DeleteInstance { instance: second, force: true }).unwrap();
        stage.until(201);
        assert_eq!(stage.sizes(), [2, 1, 2]);
        let states = stage.member_states(1);
        assert_eq!(states[..3], [(0, InService), (200, Removing), (200, Gone)]);
        stage.until(400);
        assert_eq!(stage.sizes(), [2, 2, 2]);
    }

    #[test]
    fn nobody_looks_at_who_is_protected_or_stands_by() {
        for (withdraw, back) in [
            (MemberOrder::EnterStandby, MemberOrder::ExitStandby),
            (MemberOrder::Protect(true), MemberOrder::Protect(false)),
        ] {
            let mut stage = Stage::with_group(2, |_| {});
            stage.asks(order(0, withdraw)).unwrap();
            stage.gives(STOP).unwrap();
            stage.until(100);
            assert_eq!(stage.member_states(0).len(), 2);
            let set = order(0, MemberOrder::SetHealth(false));
            assert_eq!(stage.asks(set), Err(Refusal::MemberStatus));
            stage.asks(order(0, back)).unwrap();
            stage.until(200);
            assert_eq!(stage.member_states(0)[3..], [(130, Removing), (150, Gone)]);
        }
    }

    #[test]
    fn suspended_checks_find_nothing_and_a_suspended_scale_in_removes_nobody() {
        let mut stage = Stage::with_group(2, |_| {});
        stage.asks(suspend(Process::HealthCheck, true)).unwrap();
        stage.gives(STOP).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [2, 2, 2]);
        stage.asks(suspend(Process::ScaleIn, true)).unwrap();
        stage.asks(suspend(Process::HealthCheck, false)).unwrap();
        stage.until(150);
        assert_eq!(stage.sizes(), [2, 1, 2], "found, and left where it is");
        stage.asks(suspend(Process::ScaleIn, false)).unwrap();
        stage.until(151);
        assert_eq!(stage.sizes(), [2, 1, 3]);
    }

    #[test]
    fn a_verdict_by_hand_holds_until_the_member_may_be_removed() {
        let unhealthy = order(0, MemberOrder::SetHealth(false));
        let mut stage = Stage::with_group(2, |_| {});
        stage.asks(suspend(Process::ScaleIn, true)).unwrap();
        stage.asks(unhealthy).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [2, 1, 2], "said to be unhealthy, and not removed");
        stage.asks(suspend(Process::ScaleIn, false)).unwrap();
        stage.until(200);
        assert_eq!(stage.member_states(0), [(0, InService), (100, Removing), (130, Gone)]);
        // One that stands by meanwhile is removed when it comes back.
        stage.asks(suspend(Process::ScaleIn, true)).unwrap();
        stage.asks(order(1, MemberOrder::SetHealth(false))).unwrap();
        stage.asks(order(1, MemberOrder::EnterStandby)).unwrap();
        stage.asks(suspend(Process::ScaleIn, false)).unwrap();
        stage.until(300);
        stage.asks(order(1, MemberOrder::ExitStandby)).unwrap();
        stage.until(301);
        assert_eq!(stage.member_states(1).last(), Some(&(300, Removing)));
        // Who is said to be healthy again stays.
        let mut stage = Stage::with_group(2, |_| {});
        stage.asks(suspend(Process::ScaleIn, true)).unwrap();
        stage.asks(unhealthy).unwrap();
        stage.asks(order(0, MemberOrder::SetHealth(true))).unwrap();
        stage.asks(suspend(Process::ScaleIn, false)).unwrap();
        stage.until(100);
        assert_eq!(stage.member_states(0).len(), 1);
    }

    #[test]
    fn trouble_that_is_over_in_time_is_no_matter() {
        let mut stage = Stage::with_group(2, |spec| {
            spec.health.interval = Span::from_seconds(100);
        });
        let reboot = Command::RebootInstance { instance: FIRST, force: false, dry_run: false };
        stage.gives(reboot).unwrap();
        stage.until(200);
        assert_eq!(stage.member_states(0).len(), 1);
        assert_eq!(stage.sizes(), [2, 2, 2]);
    }

    #[test]
    fn a_bad_image_never_gets_warm_and_a_good_looking_one_fails_later() {
        for (after, states) in [
            (0, vec![(0, Pending), (50, InService), (80, Removing), (110, Gone)]),
            (100, vec![(0, Pending), (50, InService), (180, Removing), (210, Gone)]),
        ] {
            let mut stage = Stage::with_group(1, |_| {});
            let image = &mut stage.scenario.layout.images[Id::new(0)];
            image.unhealthy_p = 1.0;
            image.unhealthy_after = Distribution::Fixed(Span::from_seconds(after));
            stage.asks(total(2)).unwrap();
            stage.until(140);
            let was_healthy = if after == 0 { 1 } else { 2 };
            assert_eq!(stage.sizes()[1], was_healthy);
            stage.until(300);
            assert_eq!(stage.member_states(1)[..4], states);
        }
    }

    #[test]
    fn a_launch_that_breaks_comes_to_nothing() {
        // The health check is off: that a launch fails shows all the same.
        let mut stage = Stage::with_group(1, |spec| spec.health.by_state = false);
        stage.asks(total(2)).unwrap();
        stage.until(20);
        let new = stage.fleet.members[Id::new(1)].instance.expect("it is being launched");
        assert_eq!(stage.fleet.instances[new].state, InstanceState::Starting);
        let server = home(&stage, new);
        stage.rack_of(server, false);
        stage.until(200);
        assert_eq!(stage.member_states(1)[1..3], [(50, Removing), (50, Gone)]);
        assert!(stage.sizes()[0] == 2);
    }

    #[test]
    fn who_is_removed_while_it_is_redeployed_leaves_when_that_is_over() {
        let mut stage = Stage::with_group(1, |_| {});
        let event = (EventType::MaintenanceReboot, EventStatus::Scheduled);
        stage.publishes(event, FIRST, None, Some(86_400));
        stage.gives(Command::RedeployInstance { instance: FIRST, force: false }).unwrap();
        stage.until(400);
        // 10 s to stop, 1 s to find a place, 60 s to switch, 40 s to boot.
        assert_eq!(stage.member_states(0), [(0, InService), (30, Removing), (111, Gone)]);
        assert_eq!(stage.sizes(), [1, 1, 1]);
        assert_eq!(stage.fleet.events.open().count(), 0, "its event has ended with it");
    }

    #[test]
    fn whoever_has_lived_long_enough_is_replaced() {
        let mut stage = Stage::with_group(2, |spec| {
            spec.max_life = Some(Span::from_seconds(86_400));
        });
        stage.asks(order(1, MemberOrder::Protect(true))).unwrap();
        stage.until(86_400 + 200);
        assert_eq!(stage.member_states(0)[1..], [(86_400, Removing), (86_430, Gone)]);
        assert_eq!(stage.member_states(1).len(), 2, "the protected one stays");
        assert_eq!(stage.sizes(), [2, 2, 2]);
        stage.asks(order(1, MemberOrder::Protect(false))).unwrap();
        stage.until(86_400 + 400);
        assert_eq!(stage.member_states(1)[3..], [(86_640, Removing), (86_670, Gone)]);
    }
}
