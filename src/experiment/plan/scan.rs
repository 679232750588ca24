//! Where more is not always better: places are judged each by itself, from the easy end down.

use super::{
    GLANCE, Simulate, Study,
    judge::{Look, Verdict},
};
use std::{
    collections::BTreeSet,
    ops::{Range, RangeInclusive},
};

/// Places judged at once; ranges with more of them are looked at coarsely first.
const PLACES: usize = 33;

impl<S: Simulate> Study<'_, '_, S> {
    /// The lowest place such that it and every place judged above it meet all goals; `None` where
    /// the easiest place does not.
    pub(super) fn scan(
        &mut self,
        around: RangeInclusive<usize>,
    ) -> Result<Option<usize>, S::Fault> {
        let last = self.question.places - 1;
        let mut places: BTreeSet<usize> =
            self.spread(0..self.question.places, PLACES).into_iter().collect();
        places.extend(around.filter(|place| *place <= last));
        let (mut answer, mut below) = (None, None);
        for place in places.into_iter().rev() {
            if self.judge(place, Look::Early)? != Verdict::Met {
                below = Some(place);
                break;
            }
            answer = Some(place);
        }
        // What it looks like beyond is shown, and decides nothing.
        for place in self.spread(0..below.unwrap_or(0), GLANCE) {
            self.judge(place, Look::Glance)?;
        }
        let Some(mut answer) = answer else { return Ok(None) };
        let mut below = below.map_or(0, |below| below + 1);
        // What lies between the lowest place that is enough and the next one judged.
        while below < answer {
            for place in self.spread(below..answer, PLACES).into_iter().rev() {
                if self.judge(place, Look::Early)? != Verdict::Met {
                    below = place + 1;
                    break;
                }
                answer = place;
            }
        }
        Ok(Some(answer))
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
