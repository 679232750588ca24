//! Campaigns: which server is taken up next, as far as limits, pace and window allow.
//!
//! Path: begins (its order is fixed) → takes servers up → each is done → complete, or stopped by
//! its rule. A server that a limit keeps out is parked under that limit and looked at again only
//! when it may have become free, so that a pass costs what it can take up, not what there is. What
//! is done on a server is `operator`'s. Moves: campaigns.

use super::{loss, turn::Turn};
use crate::{
    fleet::{
        chance::{Chance, pair},
        ids::{Campaign, Server, SpreadGroup},
        works::Gate,
    },
    kernel::column::Id,
    messages::{fact::Fact, occurrence::Occurrence},
    policy::maintenance::Candidate,
    scenario::CampaignSpec,
};
use std::num::NonZeroU32;

/// Awaits the begin of every campaign.
pub fn prime(turn: &mut Turn<'_>) {
    for (campaign, spec) in turn.scenario.campaigns.entries() {
        let start = spec.start.max(turn.now);
        turn.agenda.at(start, Occurrence::CampaignContinues(campaign));
    }
}

/// `campaign` begins, or may take up servers again.
pub fn continues(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let row = &mut turn.fleet.works.campaigns[campaign];
    row.continues_at = None;
    if !std::mem::replace(&mut row.begun, true) {
        let order = order(turn, campaign);
        let row = &mut turn.fleet.works.campaigns[campaign];
        row.order = order;
        if row.order.is_empty() {
            ended(turn, campaign, true);
        }
    }
    turn.agenda.pass(Occurrence::CampaignPlans(campaign));
}

/// The server that `campaign` takes up now, if it may take one up.
pub fn take_next(turn: &mut Turn<'_>, campaign: Id<Campaign>) -> Option<Id<Server>> {
    let spec = &turn.scenario.campaigns[campaign];
    while let Some((place, from)) = candidate(turn, campaign) {
        if !may_take(turn, campaign, spec) {
            return None;
        }
        let row = &mut turn.fleet.works.campaigns[campaign];
        match from.and_then(|gate| row.parked.get_mut(&gate)) {
            Some(parked) => _ = parked.remove(&place),
            None => row.seen += 1,
        }
        let server = row.order[place];
        let groups = groups(turn, server, spec);
        if let Some(gate) = closed_gate(turn, (campaign, spec), server, &groups) {
            let row = &mut turn.fleet.works.campaigns[campaign];
            row.parked.entry(gate).or_default().insert(place);
            row.freed.remove(&gate); // Else it would be asked again at once, without end.
            continue;
        }
        taken(turn, campaign, server, groups);
        return Some(server);
    }
    None
}

/// The work of `campaign` on `server` is done.
pub fn done(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) {
    let spec = turn.layout().servers[server];
    let row = &mut turn.fleet.works.campaigns[campaign];
    let groups = row.under_way.remove(&server).expect("only what was taken up is done");
    let gates = groups.iter().map(|group| Gate::Group(*group));
    for gate in gates.chain([Gate::Rack(spec.rack), Gate::Zone(spec.zone)]) {
        *row.counts.get_mut(&gate).expect("what was taken up was counted") -= 1;
        row.freed.insert(gate);
    }
    row.done += 1;
    let complete = row.done == row.order.len() && !row.ended;
    turn.state(Fact::CampaignMoved { campaign, server, done: true });
    if complete {
        ended(turn, campaign, true);
    }
}

/// Nothing keeps `server` any more, or fewer servers are under work: campaigns may go on.
pub fn go_on(turn: &mut Turn<'_>, server: Id<Server>) {
    let was_wanted = std::mem::take(&mut turn.fleet.works.row_mut(server).wanted);
    for campaign in turn.scenario.campaigns.ids().iter() {
        let row = &mut turn.fleet.works.campaigns[campaign];
        if !row.begun || row.ended {
            continue;
        }
        if was_wanted && row.parked.contains_key(&Gate::Busy(server)) {
            row.freed.insert(Gate::Busy(server));
        }
        turn.agenda.pass(Occurrence::CampaignPlans(campaign));
    }
}

/// The servers of `campaign`, in its order.
fn order(turn: &Turn<'_>, campaign: Id<Campaign>) -> Vec<Id<Server>> {
    let (layout, spec) = (turn.layout(), &turn.scenario.campaigns[campaign]);
    let mut candidates = Vec::new();
    for rack in &layout.racks {
        for (place, server) in rack.servers.iter().enumerate() {
            if spec.servers.fits(&layout.servers[server]) {
                let both = pair(campaign.index() as u64, server.index() as u64);
                let chance = turn.chance(Chance::CampaignOrder, both, 0).bits();
                let held = turn.fleet.capacity.held(server);
                candidates.push(Candidate { server, place, held, chance });
            }
        }
    }
    spec.order.sort(&mut candidates);
    let most = spec.servers.most.map_or(usize::MAX, |most| most.get() as usize);
    candidates.into_iter().take(most).map(|of| of.server).collect()
}

/// The place in the order that comes next, of those not looked at yet and those whose gate has
/// become free, and that gate.
fn candidate(turn: &mut Turn<'_>, campaign: Id<Campaign>) -> Option<(usize, Option<Gate>)> {
    let spec = &turn.scenario.campaigns[campaign];
    let row = &mut turn.fleet.works.campaigns[campaign];
    if row.ended {
        return None;
    }
    let next = (row.seen < row.order.len()).then_some((row.seen, None));
    let (parked, counts) = (&mut row.parked, &row.counts);
    row.freed.retain(|gate| {
        if parked.get(gate).is_some_and(std::collections::BTreeSet::is_empty) {
            parked.remove(gate);
        }
        parked.contains_key(gate) && has_room(spec, *gate, counts.get(gate))
    });
    let first = |gate: &Gate| parked[gate].first().map(|place| (*place, Some(*gate)));
    row.freed.iter().filter_map(first).chain(next).min()
}

/// Whether one more server may be under way behind a gate.
fn has_room(spec: &CampaignSpec, gate: Gate, count: Option<&u32>) -> bool {
    let limit = match gate {
        Gate::Rack(_) => spec.at_once.per_rack,
        Gate::Zone(_) => spec.at_once.per_zone,
        Gate::Group(_) => spec.at_once.per_group,
        Gate::Busy(_) => None,
    };
    limit.is_none_or(|limit| count.copied().unwrap_or(0) < limit.get())
}

/// Whether `campaign` may take up a server at all now; sets the alarm if it is only too early.
fn may_take(turn: &mut Turn<'_>, campaign: Id<Campaign>, spec: &CampaignSpec) -> bool {
    let is_full = |limit: Option<NonZeroU32>, count: usize| {
        limit.is_some_and(|limit| count >= limit.get() as usize)
    };
    let row = &turn.fleet.works.campaigns[campaign];
    if spec.stop_after_failures.is_some_and(|most| row.failures >= most.get()) {
        ended(turn, campaign, false);
        return false;
    }
    let under_way = turn.fleet.works.under_way as usize;
    if is_full(spec.at_once.servers, row.under_way.len())
        || is_full(turn.scenario.settings.max_concurrent_hosts, under_way)
    {
        return false;
    }
    let paced = row.last_taken.map_or(turn.now, |last| last.saturating_add(spec.pace));
    let paced = paced.max(turn.now);
    let due = spec.window.map_or(paced, |window| window.first_from(turn.scenario.epoch, paced));
    if due <= turn.now {
        return true;
    }
    if row.continues_at.is_none() {
        turn.fleet.works.campaigns[campaign].continues_at = Some(due);
        turn.agenda.at(due, Occurrence::CampaignContinues(campaign));
    }
    false
}

/// What keeps `campaign` from taking up `server`, if anything does.
fn closed_gate(
    turn: &mut Turn<'_>,
    (campaign, spec): (Id<Campaign>, &CampaignSpec),
    server: Id<Server>,
    groups: &[Id<SpreadGroup>],
) -> Option<Gate> {
    let able = loss::is_able(turn, server);
    let is_stuck = turn.fleet.works.emptying.stuck.contains(&server);
    let work = turn.fleet.works.row_mut(server);
    // Who waits for somebody to leave would wait for as long as there is no room.
    let is_kept = work.closed && !work.is_drained() && !is_stuck;
    if !able || work.origin.is_some() || is_kept {
        work.wanted = true;
        return Some(Gate::Busy(server));
    }
    let (of, counts) =
        (turn.layout().servers[server], &turn.fleet.works.campaigns[campaign].counts);
    let gates = [Gate::Rack(of.rack), Gate::Zone(of.zone)].into_iter();
    let mut gates = gates.chain(groups.iter().map(|group| Gate::Group(*group)));
    gates.find(|gate| !has_room(spec, *gate, counts.get(gate)))
}

/// The groups whose instances `server` holds, each once, where they limit the campaign.
fn groups(turn: &Turn<'_>, server: Id<Server>, spec: &CampaignSpec) -> Vec<Id<SpreadGroup>> {
    if spec.at_once.per_group.is_none() {
        return Vec::new();
    }
    let fleet = &turn.fleet;
    let group = |instance| turn.layout().templates[fleet.instances[instance].template].group;
    let mut groups: Vec<_> = fleet.instances.on(&fleet.servers, server).filter_map(group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn taken(
    turn: &mut Turn<'_>,
    campaign: Id<Campaign>,
    server: Id<Server>,
    groups: Vec<Id<SpreadGroup>>,
) {
    let of = turn.layout().servers[server];
    let row = &mut turn.fleet.works.campaigns[campaign];
    let gates = groups.iter().map(|group| Gate::Group(*group));
    for gate in gates.chain([Gate::Rack(of.rack), Gate::Zone(of.zone)]) {
        *row.counts.entry(gate).or_default() += 1;
    }
    row.taken += 1;
    row.last_taken = Some(turn.now);
    row.under_way.insert(server, groups);
    turn.state(Fact::CampaignMoved { campaign, server, done: false });
}

fn ended(turn: &mut Turn<'_>, campaign: Id<Campaign>, complete: bool) {
    turn.fleet.works.campaigns[campaign].ended = true;
    turn.state(Fact::CampaignEnded { campaign, complete });
}
