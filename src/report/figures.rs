//! Which charts a study has, and what each says in words. Only those that have something to say:
//! what never happened is no chart.
//!
//! One file a kind of study.

mod check;

mod compare;

mod plan;

mod run;

mod sweep;

pub mod words;

use super::{chart::Figure, folder::Study};

/// The charts of `study`, the most important first.
pub fn figures(study: &Study) -> Vec<Figure> {
    match study {
        Study::Run(ran) => run::figures(ran),
        Study::Sweep(swept) => sweep::figures(swept),
        Study::Compare(compared) => compare::figures(compared),
        Study::Check(checked) => check::figures(checked),
        Study::Plan(planned) => plan::figures(planned),
    }
}
