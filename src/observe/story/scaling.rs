//! Words for what becomes true of scaling groups.

use super::{Story, words::Told};
use crate::{kernel::time::Instant, messages::scaling::ScalingFact};

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, now: Instant, fact: &ScalingFact) -> Told {
    _ = (story, now);
    super::words::of("Scaling", format!("{fact:?}"), Vec::new())
}
