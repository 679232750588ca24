//! Where more is not always better: places are judged each by itself, from the easy end down.

use super::{
    GLANCE, Question, Simulate, Study,
    judge::{Look, Verdict, judge},
};
use std::{
    collections::BTreeSet,
    ops::{Range, RangeInclusive},
};

/// Places judged at once; ranges with more of them are looked at coarsely first.
const PLACES: usize = 33;

/// How much of the error is left to looking coarsely, where there are more places than are judged at
/// once: little, since far from where goals are just met it takes little.
const COARSELY: f64 = 0.1;

impl<S: Simulate> Study<'_, '_, S> {
    /// The lowest place such that it and every place judged above it meet all goals; `None` where
    /// the easiest place does not.
    ///
    /// Each sequence of places from the easy end down, which ends at the first that is not shown to
    /// be enough, errs no more often than one test. Where several follow each other they share the
    /// error.
    pub(super) fn scan(
        &mut self,
        around: RangeInclusive<usize>,
    ) -> Result<Option<usize>, S::Fault> {
        let places = self.question.places;
        let error = 1.0 - self.question.confidence;
        let rounds = rounds(places);
        let (coarse, fine) = match rounds {
            0 => (0.0, error),
            rounds => (COARSELY * error / f64::from(rounds), (1.0 - COARSELY) * error),
        };
        // All below `answer` is open, and what is at or above it is enough.
        let (mut answer, mut low) = (places, 0);
        for round in 0..rounds {
            let mut next: BTreeSet<usize> = self.spread(low..answer, PLACES).into_iter().collect();
            if round == 0 {
                next.extend(around.clone().filter(|place| *place < places));
            }
            let down = next.into_iter().rev();
            (answer, low) = self.sequence(down, (answer, low), 1.0 - coarse)?;
        }
        (answer, low) = self.sequence((0..answer).rev(), (answer, 0), 1.0 - fine)?;
        // What it looks like beyond is shown, and decides nothing.
        for place in self.spread(0..low.saturating_sub(1), GLANCE) {
            self.judge(place, Look::Glance)?;
        }
        Ok((answer < places).then_some(answer))
    }

    /// The lowest of the places `down`, from `answer` on, before the first that is not shown with
    /// `confidence` to be enough, and the one above that; `low` where all are.
    fn sequence(
        &mut self,
        down: impl Iterator<Item = usize>,
        (mut answer, low): (usize, usize),
        confidence: f64,
    ) -> Result<(usize, usize), S::Fault> {
        let question = Question { confidence, ..self.question };
        for place in down {
            // What was judged by all runs before is so again: they are there.
            let known = self.judged.contains_key(&place);
            let look = if known { Look::Full } else { Look::Early };
            let judgement = judge(&mut self.cells, &question, (place, look))?;
            let verdict = self.verdict(&judgement);
            self.judged.insert(place, judgement);
            if verdict != Verdict::Met {
                return Ok((answer, place + 1));
            }
            answer = place;
        }
        Ok((answer, low))
    }

    /// At most `count` places of `range`, evenly spread, both ends included; all where they are no
    /// more.
    pub(super) fn spread(&self, range: Range<usize>, count: usize) -> Vec<usize> {
        let length = range.len();
        if length <= count {
            return range.collect();
        }
        (0..count).map(|step| range.start + step * (length - 1) / (count - 1)).collect()
    }
}

/// How often so many places are looked at coarsely until no more are left in between than are judged
/// at once.
fn rounds(places: usize) -> u32 {
    let between = |places: &usize| (*places > PLACES).then(|| places.div_ceil(PLACES - 1));
    std::iter::successors(between(&places), between).count() as u32
}
