//! Where a check's reports and results go.

use crate::{
    args::{Check, CheckReport, Form, Format},
    clock, drawn,
    exit::{Failure, note},
    output::{self, Contents, Folder, Target, real},
    progress::Quiet,
    used::refuse_others,
};
use fleetsim::{
    kernel::streams::RNG_SCHEME,
    report::{
        VERSION,
        check::{self as shown, FILES, github, json, junit, markdown, runs},
        json::pretty,
        plain,
    },
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Places found fit for writing.
pub struct Places<'a> {
    options: &'a Check,
    folder: Option<Folder>,
    files: Vec<(Form, Target)>,
}

/// How a file of ours begins, by its form.
fn beginning(form: Form) -> &'static str {
    match form {
        Form::Junit => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fleetsim check\""
        }
        Form::Markdown => "## fleetsim check: ",
        Form::Github => "::",
    }
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Junit => "JUnit",
        Form::Markdown => "Markdown",
        Form::Github => "annotations",
    }
}

impl<'a> Places<'a> {
    /// Refuses to write over `inputs`, over what another option writes, and over files that are not
    /// ours; makes the folder of `--out`.
    pub fn prepare(
        options: &'a Check,
        format: Format,
        inputs: &[PathBuf],
    ) -> Result<Self, Failure> {
        let mut taken = inputs.to_vec();
        let to_stdout = options.reports.iter().any(|wanted| wanted.file.is_none());
        if to_stdout && matches!(format, Format::Json | Format::Csv) {
            let why = "annotations and a table for programs cannot both go to standard output: \
                       write --report github=FILE";
            return Err(Failure::Fault(why.to_owned()));
        }
        let mut files = Vec::new();
        for wanted in &options.reports {
            let Some(path) = &wanted.file else { continue };
            let begins = beginning(wanted.form);
            let is_ours = |start: &str| start.starts_with(begins);
            let contents = Contents {
                what: name(wanted.form),
                telling: begins.len() as u64,
                is_ours: &is_ours,
            };
            files.push((wanted.form, Target::replacing(path, contents, &taken)?));
            taken.extend(real(path));
        }
        let folder = options.out.as_deref().map(|out| folder(out, &taken)).transpose()?;
        Ok(Self { options, folder, files })
    }

    /// Writes all reports and results.
    pub fn write(
        &self,
        check: &shown::Check<'_>,
        began: (u64, u32),
        threads: usize,
    ) -> Result<(), Failure> {
        for (form, target) in &self.files {
            target.write(&written(*form, check))?;
        }
        if let Some(folder) = &self.folder {
            let data = [("summary.json", json(check)), ("runs.csv", runs(check))];
            let manifest = manifest([began, clock::now()], threads);
            folder.write(&drawn::with_drawn(data, manifest))?;
        }
        Ok(())
    }

    /// Prints the reports that go to standard output.
    pub fn print(&self, check: &shown::Check<'_>) -> Result<(), Failure> {
        let here = self.options.reports.iter().filter(|wanted| wanted.file.is_none());
        here.map(|wanted: &CheckReport| written(wanted.form, check))
            .try_for_each(|text| output::print(&text))
    }

    /// Tells which files were written.
    pub fn tell(&self, quiet: Quiet) {
        let files = self.options.reports.iter().filter_map(|wanted| wanted.file.as_ref());
        for path in files.chain(&self.options.out).filter(|_| quiet == Quiet::No) {
            note(&format!("wrote {}", plain(&path.to_string_lossy())));
        }
    }
}

fn folder(out: &Path, taken: &[PathBuf]) -> Result<Folder, Failure> {
    Folder::check(out, &FILES, taken)?;
    refuse_others(out, "check")?;
    Folder::prepare(out, &FILES)
}

fn written(form: Form, check: &shown::Check<'_>) -> String {
    match form {
        Form::Junit => junit(check),
        Form::Markdown => markdown(check),
        Form::Github => github(check),
    }
}

/// What is known about how the results came about: the only file in which two equal checks differ.
fn manifest([began, ended]: [(u64, u32); 2], threads: usize) -> String {
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    pretty(&json!({
        "version": VERSION,
        "rng_scheme": RNG_SCHEME,
        "argv": argv,
        "began": clock::rfc3339(began),
        "ended": clock::rfc3339(ended),
        "machine": {
            "threads": threads,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
    }))
}
