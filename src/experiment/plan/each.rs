//! For each run by itself the first place at which a goal holds. The same run number meets the same
//! failures at every place, so that what is enough in one run is told by a bisection of that run.

use super::{Simulate, cells::Cells, goal::Goal};

/// Runs whose first places are looked for from the middle; the others begin at their median.
const PILOT: u32 = 32;

/// One run's search.
struct Search {
    run: u32,
    /// The lowest place that may be the first at which the goal holds.
    from: usize,
    /// The highest such place; all places passed are one more than the last.
    to: usize,
    failed: bool,
    held: bool,
    stride: usize,
}

impl Search {
    /// The place to look at next; `None` where the first one is found. Beginning at `guess` it
    /// strides away until it has one place on each side, then halves.
    fn next(&self, guess: usize) -> Option<usize> {
        let left = self.to - self.from;
        if left == 0 {
            return None;
        }
        let stride = self.stride.min(left);
        Some(match (self.failed, self.held) {
            (false, false) => guess.clamp(self.from, self.to - 1),
            (false, true) => self.to - stride,
            (true, false) => self.from + stride - 1,
            (true, true) => self.from + (left - 1) / 2,
        })
    }

    fn learn(&mut self, place: usize, holds: bool) {
        if self.failed || self.held {
            self.stride = self.stride.saturating_mul(2);
        }
        if holds {
            (self.to, self.held) = (place, true);
        } else {
            (self.from, self.failed) = (place + 1, true);
        }
    }
}

/// For each of `runs` runs the first of `places` places at which `goal`, number `number` of the
/// goals, holds; `places` where none is enough.
pub(super) fn first_places<S: Simulate>(
    cells: &mut Cells<'_, S>,
    (number, goal): (usize, &Goal),
    places: usize,
    runs: u32,
) -> Result<Vec<usize>, S::Fault> {
    let pilot = PILOT.min(runs);
    let mut first =
        search(cells, (number, goal), Begin { places, guess: places / 2, stride: 1 }, 0..pilot)?;
    let mut sorted = first.clone();
    sorted.sort_unstable();
    let quartile = |quarters: usize| sorted[(sorted.len() - 1) * quarters / 4];
    // Half of the runs lie within so much of the guess.
    let stride = ((quartile(3) - quartile(1)) / 2).max(1);
    let begin = Begin { places, guess: quartile(2), stride };
    first.extend(search(cells, (number, goal), begin, pilot..runs)?);
    // A goal that fails again at the far end is seen in some runs at least.
    cells.want((0..pilot).map(|run| (places - 1, run)))?;
    // The neighbour above is where a run that wavers shows it first.
    let above = first.iter().zip(0..).map(|(place, run)| (place + 1, run));
    cells.want(above.filter(|(place, _)| *place < places))?;
    Ok(first)
}

/// Where searches begin.
#[derive(Clone, Copy)]
struct Begin {
    places: usize,
    guess: usize,
    stride: usize,
}

fn search<S: Simulate>(
    cells: &mut Cells<'_, S>,
    (number, goal): (usize, &Goal),
    Begin { places, guess, stride }: Begin,
    runs: std::ops::Range<u32>,
) -> Result<Vec<usize>, S::Fault> {
    let new = |run| Search { run, from: 0, to: places, failed: false, held: false, stride };
    let mut searches: Vec<Search> = runs.map(new).collect();
    loop {
        let next: Vec<(usize, u32)> =
            searches.iter().filter_map(|search| Some((search.next(guess)?, search.run))).collect();
        if next.is_empty() {
            return Ok(searches.into_iter().map(|search| search.to).collect());
        }
        cells.want(next)?;
        for search in &mut searches {
            if let Some(place) = search.next(guess) {
                search.learn(place, goal.holds(cells.value(place, search.run, number)));
            }
        }
    }
}

/// The runs in which `goal` failed at a place above one at which it held: in them more is not
/// better.
pub(super) fn wavering<S: Simulate>(
    cells: &Cells<'_, S>,
    (number, goal): (usize, &Goal),
    runs: u32,
) -> Vec<u32> {
    let mut held = vec![false; runs as usize];
    let mut wavers = vec![false; runs as usize];
    // Places come in their order.
    for (place, run) in cells.known().filter(|(_, run)| *run < runs) {
        let holds = goal.holds(cells.value(place, run, number));
        wavers[run as usize] |= held[run as usize] && !holds;
        held[run as usize] |= holds;
    }
    (0..runs).filter(|run| wavers[*run as usize]).collect()
}
