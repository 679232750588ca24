//! Options of `check`.

use super::{Changes, Sampling};
use clap::ValueEnum as _;
use std::path::PathBuf;

/// Options of `check`.
#[derive(clap::Args, Debug)]
pub struct Check {
    /// The scenario files, each with its [[gates]]
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// The folder of the baselines, a file a scenario
    #[arg(long, value_name = "DIR", default_value = "results/baselines")]
    pub baseline: PathBuf,
    /// Make the baselines anew from what the scenarios do now; judge nothing
    #[arg(long, conflicts_with_all = ["unpaired", "reports", "out"])]
    pub update: bool,
    /// Compare with a baseline of another seed: runs are not paired, so that it takes more of them
    /// to tell the same (Welch's t)
    #[arg(long)]
    pub unpaired: bool,
    /// How many runs, of which chance, on how many threads.
    #[command(flatten)]
    pub sampling: Sampling,
    /// What to change in the scenarios.
    #[command(flatten)]
    pub changes: Changes,
    /// Write a report too: junit=FILE, markdown=FILE, or github for annotations of a workflow on
    /// standard output; may be repeated
    #[arg(long = "report", value_name = "FORM[=FILE]", value_parser = report)]
    pub reports: Vec<Wanted>,
    /// Write summary.json, runs.csv, manifest.json, report.html and plots/ into this folder, which
    /// must be new, empty, or hold nothing but these files of an earlier check
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// A report that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// In which form.
    pub form: Form,
    /// Where to; `None`: to standard output.
    pub file: Option<PathBuf>,
}

/// The form of a report.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// JUnit XML
    Junit,
    /// A comment on a pull request
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
}

fn report(typed: &str) -> Result<Wanted, String> {
    let (form, file) = match typed.split_once('=') {
        Some((form, file)) => (form, Some(file)),
        None => (typed, None),
    };
    let form = Form::from_str(form, false)
        .map_err(|_| "junit=FILE, markdown=FILE or github is wanted".to_owned())?;
    match (form, file) {
        (_, Some("")) => Err("a file is wanted after the =".to_owned()),
        (Form::Junit, None) => Err("where to is missing: junit=FILE".to_owned()),
        (Form::Markdown, None) => Err("where to is missing: markdown=FILE".to_owned()),
        (form, file) => Ok(Wanted { form, file: file.map(PathBuf::from) }),
    }
}

/// Examples of `check`.
pub const EXAMPLES: &str = "\
Examples:
  fleetsim check scenarios/*.toml --update
  fleetsim check scenarios/*.toml
  fleetsim check scenarios/*.toml --report markdown=comment.md --report junit=check.xml
  fleetsim check scenarios/spot-fleet.toml --report github
  fleetsim check scenarios/spot-fleet.toml --set policies.placement=first-fit
  fleetsim check scenarios/spot-fleet.toml --unpaired --seed 7 --runs 400
Ends with 0 where every gate passes, 1 where one is shown to be missed, and 3 where more runs are
needed to tell (how many is said).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_name_a_form_and_a_file() {
        let wanted = |form, file: Option<&str>| Wanted { form, file: file.map(PathBuf::from) };
        assert_eq!(report("junit=a=b.xml"), Ok(wanted(Form::Junit, Some("a=b.xml"))));
        assert_eq!(report("github"), Ok(wanted(Form::Github, None)));
        assert_eq!(report("github=notes.txt"), Ok(wanted(Form::Github, Some("notes.txt"))));
        for (typed, told) in [
            ("junit", "where to is missing: junit=FILE"),
            ("markdown", "where to is missing: markdown=FILE"),
            ("markdown=", "a file is wanted after the ="),
            ("html=x", "junit=FILE, markdown=FILE or github is wanted"),
        ] {
            assert_eq!(report(typed), Err(told.to_owned()));
        }
    }
}
