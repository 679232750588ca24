//! How each thing of a story stood, as bars one after the other.

use crate::{
    kernel::time::Instant,
    observe::story::{
        Entry,
        standing::{Aspect, Standing, Tone},
    },
};

/// How something stood for a while.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bar {
    pub(super) from: Instant,
    /// `None` where it goes on beyond the picture.
    pub(super) to: Option<Instant>,
    pub(super) state: String,
    pub(super) tone: Tone,
    /// How it ended, where nothing follows.
    pub(super) then: Option<String>,
}

/// What is known of one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Track {
    pub(super) aspect: Aspect,
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
}

impl Track {
    fn open(&mut self) -> Option<&mut Bar> {
        self.bars.last_mut().filter(|bar| bar.to.is_none())
    }

    /// The last bar ends at `at`; one that lasted no time goes.
    fn close(&mut self, at: Instant, then: Option<&str>) {
        if let Some(bar) = self.open() {
            bar.to = Some(at);
            bar.then = then.map(str::to_owned);
            if bar.from == at {
                self.bars.pop();
            }
        }
    }

    fn follow(&mut self, at: Instant, standing: &Standing) {
        let is_over = standing.tone == Tone::Over;
        // Who has moved on leaves the place before without moving again.
        let has_moved_on = standing.aspect == Aspect::Place
            && is_over
            && self.open().is_some_and(|bar| bar.state != standing.state);
        let goes_on = self.open().is_some_and(|bar| {
            (bar.state.as_str(), bar.tone) == (standing.state.as_str(), standing.tone)
        });
        if goes_on || has_moved_on {
            return;
        }
        let says_more = is_over && standing.aspect != Aspect::Place;
        self.close(at, says_more.then_some(standing.state.as_str()));
        if !is_over {
            let (state, tone) = (standing.state.clone(), standing.tone);
            self.bars.push(Bar { from: at, to: None, state, tone, then: None });
        }
    }
}

/// The tracks of a story that have a bar between the two of `extent`, in the order of pictures.
pub(super) fn tracks(entries: &[Entry], extent: (Instant, Instant)) -> Vec<Track> {
    let begin = entries.first().map_or(extent.0, |entry| entry.at.min(extent.0));
    let mut tracks: Vec<Track> = Vec::new();
    // Whoever has a chapter of its own goes on to be heard of.
    let is_one = entries.windows(2).all(|pair| pair[0].whose == pair[1].whose);
    for entry in entries {
        for standing in &entry.standings {
            let leaves = is_one && standing.aspect == Aspect::Place;
            if leaves || standing.aspect == Aspect::Carrier {
                let heard = tracks.iter_mut().filter(|track| track.aspect.is_of_server());
                heard.for_each(|track| track.close(entry.at, None));
            }
            let is_its =
                |track: &&mut Track| track.aspect == standing.aspect && track.name == standing.name;
            match tracks.iter_mut().find(is_its) {
                Some(track) => track.follow(entry.at, standing),
                None => tracks.push(first(begin, entry.at, standing)),
            }
        }
    }
    for track in &mut tracks {
        track.bars.retain(|bar| bar.from <= extent.1 && bar.to.is_none_or(|to| to >= extent.0));
    }
    tracks.retain(|track| !track.bars.is_empty());
    // The sort is stable: things of a kind stay in the order in which they are first heard of.
    tracks.sort_by_key(|track| track.aspect);
    tracks
}

/// The track that begins with `standing`, at `at`.
fn first(begin: Instant, at: Instant, standing: &Standing) -> Track {
    let before = standing.before.clone();
    let before = before.filter(|(_, tone)| begin < at && *tone != Tone::Over);
    let before = before.map(|(state, tone)| Bar { from: begin, to: None, state, tone, then: None });
    let mut track = Track {
        aspect: standing.aspect,
        name: standing.name.clone(),
        bars: before.into_iter().collect(),
    };
    track.follow(at, standing);
    track
}
