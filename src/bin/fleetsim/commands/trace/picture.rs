//! The timeline of a story: where it goes, and what cannot be drawn.

use crate::{
    args::Trace,
    exit::Failure,
    output::{Contents, Target, real},
};
use fleetsim::{
    observe::story::Subject,
    report::{
        plain,
        timeline::{self, Timeline, Undrawn},
    },
};
use std::path::{Path, PathBuf};

/// The two forms of a timeline.
#[derive(Clone, Copy)]
enum Form {
    Svg,
    Html,
}

/// Where a timeline is to be written, found fit for it.
pub struct Picture<'a> {
    path: &'a Path,
    form: Form,
    target: Target,
}

impl<'a> Picture<'a> {
    /// The place that `--timeline` names, where it does: of one thing's story, and over no `inputs`.
    pub fn prepare(
        options: &'a Trace,
        subject: &Subject,
        inputs: &[PathBuf],
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = options.timeline.as_deref() else { return Ok(None) };
        let shown = plain(&path.to_string_lossy());
        let refused = |why: &str| Failure::Fault(format!("--timeline {shown}: {why}"));
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let form = match ending.as_deref() {
            Some("svg") => Form::Svg,
            Some("html" | "htm") => Form::Html,
            Some(_) | None => {
                return Err(refused(
                    "a timeline is a picture or a page: end its name in .svg or .html",
                ));
            }
        };
        if *subject == Subject::Run {
            return Err(refused(
                "a timeline shows one thing: name it with --instance, --server, --disk, --event, \
                 --task, --host, --group or --refresh",
            ));
        }
        let contents =
            Contents { what: "timeline", telling: timeline::TELLING, is_ours: &timeline::is_ours };
        let taken: Vec<PathBuf> =
            inputs.iter().filter_map(|path| real(path)).chain(inputs.iter().cloned()).collect();
        let target = Target::replacing(path, contents, &taken)?;
        Ok(Some(Self { path, form, target }))
    }

    /// Draws `timeline` there.
    pub fn write(&self, timeline: &Timeline<'_>) -> Result<(), Failure> {
        let drawn = match self.form {
            Form::Svg => timeline::svg(timeline),
            Form::Html => timeline::page(timeline),
        };
        let drawn = drawn.map_err(|why| {
            let shown = plain(&self.path.to_string_lossy());
            let why = match why {
                Undrawn::Nothing => "nothing in this part of the story lasts, so there is nothing \
                                     to draw"
                    .to_owned(),
                Undrawn::TooMany(rows, most) => format!(
                    "it would take {rows} rows, and {most} are the most that can be read; show \
                     less of it with --from and --to, or one of its parts"
                ),
            };
            Failure::Fault(format!("--timeline {shown}: {why}"))
        })?;
        self.target.write(&drawn)
    }
}
