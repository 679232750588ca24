//! What was simulated so far, so that nothing is simulated twice.

use super::Simulate;
use std::collections::{BTreeMap, BTreeSet};

/// The values of all goals' metrics, by place among the candidates and run.
pub(super) struct Cells<'a, S: Simulate> {
    simulate: &'a mut S,
    known: BTreeMap<(usize, u32), Vec<Option<f64>>>,
}

impl<'a, S: Simulate> Cells<'a, S> {
    pub(super) fn new(simulate: &'a mut S) -> Self {
        Self { simulate, known: BTreeMap::new() }
    }

    /// Makes sure that all of `wanted` are known.
    pub(super) fn want(
        &mut self,
        wanted: impl IntoIterator<Item = (usize, u32)>,
    ) -> Result<(), S::Fault> {
        let missing: BTreeSet<(usize, u32)> =
            wanted.into_iter().filter(|cell| !self.known.contains_key(cell)).collect();
        let missing: Vec<(usize, u32)> = missing.into_iter().collect();
        if !missing.is_empty() {
            let values = self.simulate.simulate(&missing)?;
            self.known.extend(missing.into_iter().zip(values));
        }
        Ok(())
    }

    /// What run number `run` has at `place` for `goal`.
    ///
    /// # Panics
    /// If it was not wanted before: a bug of ours.
    pub(super) fn value(&self, place: usize, run: u32, goal: usize) -> Option<f64> {
        self.known.get(&(place, run)).expect("what is read was wanted before")[goal]
    }

    /// Every run that is known, with its place, in order of place.
    pub(super) fn known(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.known.keys().copied()
    }

    /// How many runs were simulated.
    pub(super) fn simulated(&self) -> u64 {
        self.known.len() as u64
    }
}
