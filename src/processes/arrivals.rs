//! Arrivals: what the sources of the workload bring.
//!
//! Path of a source: (time to the next batch) → its instances are requested, all in one turn and in
//! order → (time to the next). A trace brings all rows of one instant together, in row order. Every
//! attribute of an arrival is drawn when it arrives, at the address (source, number of the batch) or
//! (instance, 0). Moves: the table of sources.

use super::{launch, turn::Turn};
use crate::{
    fleet::{chance::Chance, ids::Source, instances::InstanceName},
    kernel::{column::Id, distribution::Distribution, streams::Draws, time::Span},
    messages::occurrence::Occurrence,
    scenario::{ArrivalLaw, ArrivalSource, TraceRows},
};

/// Puts up what is there at the start, calls `between` after each instance, and awaits the first
/// arrival of every source.
pub fn prime(turn: &mut Turn<'_>, mut between: impl FnMut(&mut Turn<'_>)) {
    let mut number = 0;
    for starting in &turn.scenario.workload.at_start {
        for _ in 0..starting.count {
            let name = InstanceName::at_start(number);
            let life = life_of(turn, starting.life.as_ref(), name);
            launch::present(turn, name, starting.template, life);
            between(turn);
            number += 1;
        }
    }
    for (source, what) in turn.scenario.workload.sources.entries() {
        match what {
            ArrivalSource::Law(law) => {
                turn.fleet.arrivals[source].pace_clock = law.profile.pace_at(turn.now);
                await_batch(turn, source, law);
            }
            ArrivalSource::Trace(trace) => {
                for row in &trace.at_start {
                    let name = InstanceName::arrived(source.index(), u64::from(row.row));
                    let life = row_life(turn, trace, row.life, name);
                    launch::present(turn, name, row.template, life);
                    between(turn);
                }
                await_row(turn, source, trace);
            }
        }
    }
}

/// What is due of `source` arrives.
pub fn arrive(turn: &mut Turn<'_>, source: Id<Source>) {
    match &turn.scenario.workload.sources[source] {
        ArrivalSource::Law(law) => {
            batch_arrives(turn, source, law);
            await_batch(turn, source, law);
        }
        ArrivalSource::Trace(trace) => {
            let mut next = turn.fleet.arrivals[source].taken as usize;
            while let Some(row) = trace.arrivals.get(next).filter(|row| row.arrival == turn.now) {
                let name = InstanceName::arrived(source.index(), u64::from(row.row));
                let life = row_life(turn, trace, row.life, name);
                launch::requested(turn, name, row.template, life);
                next += 1;
            }
            turn.fleet.arrivals[source].taken = next as u64;
            await_row(turn, source, trace);
        }
    }
}

fn await_row(turn: &mut Turn<'_>, source: Id<Source>, trace: &TraceRows) {
    let next = turn.fleet.arrivals[source].taken as usize;
    if let Some(row) = trace.arrivals.get(next) {
        turn.agenda.at(row.arrival, Occurrence::Arrives(source));
    }
}

fn await_batch(turn: &mut Turn<'_>, source: Id<Source>, law: &ArrivalLaw) {
    let row = turn.fleet.arrivals[source];
    let gap = law.gap.draw(&mut batch_draws(turn, source, row.taken));
    if gap.is_never() {
        return;
    }
    let Some(pace) = row.pace_clock.checked_add(gap.micros()) else { return };
    turn.fleet.arrivals[source].pace_clock = pace;
    let when = law.profile.when(pace).max(turn.now);
    turn.agenda.at(when, Occurrence::Arrives(source));
}

fn batch_arrives(turn: &mut Turn<'_>, source: Id<Source>, law: &ArrivalLaw) {
    let number = turn.fleet.arrivals[source].taken;
    let mut draws = batch_draws(turn, source, number);
    let _gap = draws.unit(); // The first draw at the address was the time until now.
    let size = pick(&law.batch, draws.unit());
    let common = pick(&law.mix, draws.unit());
    let common_life = match &law.life {
        Some(life) if law.batch_lives_alike => Some(life.draw(&mut draws)),
        Some(_) | None => None,
    };
    for _ in 0..size {
        let row = &mut turn.fleet.arrivals[source];
        let name = InstanceName::arrived(source.index(), row.instances);
        row.instances += 1;
        let template = if law.batch_is_uniform {
            common
        } else {
            pick(&law.mix, turn.chance(Chance::ArrivalMember, name.entity(), 0).unit())
        };
        let life = common_life.unwrap_or_else(|| life_of(turn, law.life.as_ref(), name));
        launch::requested(turn, name, template, life);
    }
    turn.fleet.arrivals[source].taken = number + 1;
}

fn batch_draws(turn: &Turn<'_>, source: Id<Source>, batch: u64) -> Draws {
    let ordinal = u32::try_from(batch).expect("a source brings fewer than 2^32 batches in a run");
    turn.chance(Chance::ArrivalBatch, source.index() as u64, ordinal)
}

/// The first value whose cumulative probability reaches `u`; the last one past rounding.
fn pick<T: Copy>(cumulative: &[(f64, T)], u: f64) -> T {
    let (_, last) = cumulative.last().expect("a discrete law has at least one value");
    cumulative.iter().find(|(p, _)| u <= *p).map_or(*last, |(_, value)| *value)
}

fn life_of(turn: &Turn<'_>, law: Option<&Distribution>, name: InstanceName) -> Span {
    law.map_or(Span::NEVER, |law| turn.length(law, Chance::InstanceLife, name.entity(), 0))
}

fn row_life(turn: &Turn<'_>, trace: &TraceRows, life: Span, name: InstanceName) -> Span {
    match &trace.life_law {
        Some(law) => life_of(turn, Some(law), name),
        None => life,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Instant;

    #[test]
    fn a_discrete_law_gives_each_value_its_share() {
        let law = [(0.25, 'a'), (0.75, 'b'), (1.0, 'c')];
        let given: String = [0.1, 0.25, 0.26, 0.75, 0.99].iter().map(|u| pick(&law, *u)).collect();
        assert_eq!(given, "aabbc");
    }

    #[test]
    fn instants_and_their_pace_invert_each_other() {
        use crate::scenario::DayProfile;
        let profile = DayProfile { factors: vec![0.5, 2.0, 1.0, 0.5] };
        for hours in [0, 1, 5, 6, 13, 23, 24, 31, 100] {
            let at = Instant::ZERO + Span::from_seconds(hours * 3_600 + 17);
            let back = profile.when(profile.pace_at(at));
            let off = at.micros().abs_diff(back.micros());
            assert!(off <= 4, "{at}: off by {off} microseconds");
        }
    }
}
