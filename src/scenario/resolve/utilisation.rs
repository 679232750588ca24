//! Recorded utilisation, which loads and guests follow: each file is read once.

use super::{build::Build, trace_faults};
use crate::{
    fleet::{ids::Utilisation, utilisation::Recorded},
    kernel::{column::Id, time::Span},
    scenario::{fault::Fault, load::Loader, traces::read_loads, view::View},
};

/// Most faults that are told of one file.
const MOST_TOLD: usize = 20;

/// A recording that the scenario names.
#[derive(Clone, Debug)]
pub struct Named {
    /// It.
    pub id: Id<Utilisation>,
    /// BLAKE3 of its file, lower-case hex.
    pub digest: String,
}

/// The recording whose file `view` names, if it names one, and whose values hold for `step` each;
/// `what` is what a fault calls it.
pub fn named(
    view: View<'_>,
    (what, step): (&str, Span),
    build: &mut Build,
    loader: &mut Loader<'_>,
) -> Option<Named> {
    let (place, written) = (view.place()?, view.text()?);
    let request = match loader.sources.request((place, written), &loader.root, loader.files) {
        Ok(request) => request,
        Err(fault) => {
            build.faults.push(fault);
            return None;
        }
    };
    let path = &request.path;
    let key = (path.clone(), step);
    if let Some(known) = build.recorded.get(&key) {
        return Some(known.clone());
    }
    let mut reader = match loader.files.open(&request) {
        Ok(reader) => reader,
        Err(why) => {
            let message = format!("cannot open the {what} `{path}`: {why}");
            let help = "such a file is a recorded series, as docs/burstable.md describes it";
            build.faults.push(Fault::at(place, "cannot-open", message).help(help));
            return None;
        }
    };
    match read_loads(path, &mut reader, MOST_TOLD) {
        Ok(raw) => {
            let recorded = Recorded { percents: raw.percents, width: raw.width, step };
            let id = build.layout.utilisations.push(recorded);
            let named = Named { id, digest: raw.digest };
            build.recorded.insert(key, named.clone());
            Some(named)
        }
        Err(faults) => {
            let told = trace_faults::told((what, path, place), faults, &mut loader.sources);
            build.faults.extend(told);
            None
        }
    }
}
