//! `report`: draws what a finished command found once more, from the files of its folder.

use crate::{
    args::{Common, Format, Report},
    drawn,
    exit::{Exit, Failure, note},
    files,
    ledger::LEDGER,
    output::{self, Folder, MANIFEST},
    progress::Quiet,
};
use fleetsim::report::{
    figures::figures,
    folder::{Kind, NoKind, Study},
    plain,
    table::Table,
};
use serde_json::Value;
use std::path::Path;

/// Columns of the list of pictures.
const WIDTH: usize = 80;

/// The file by which a folder of results is known.
const SUMMARY: &str = "summary.json";

/// Reads the folder, draws, writes, lists what was drawn.
pub fn report(options: &Report, common: &Common) -> Result<Exit, Failure> {
    let path = &options.folder;
    let texts = read(path)?;
    let cannot = |why: String| Failure::cannot_read(path, format!("{why}{}", again(&texts)));
    let drawn = drawn::drawn(&texts).map_err(cannot)?;
    let study = Study::read(&texts).map_err(cannot)?;
    Folder::again(path)?.write(&drawn)?;
    let mut table = Table::new(["file", "title", "caption"]);
    for figure in figures(&study) {
        table.row([drawn::path(&figure), figure.title, figure.caption]);
    }
    output::print(&match common.format {
        Format::Human => shown(&study, &drawn),
        Format::Json => table.json(),
        Format::Csv => table.csv(),
        Format::Markdown => table.markdown(),
    })?;
    if common.quiet() == Quiet::No {
        note(&format!("wrote {} into {}", files_of(drawn.len()), plain(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}

fn files_of(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// The files that were drawn, with what they show.
fn shown(study: &Study, drawn: &[(String, String)]) -> String {
    let figures = figures(study);
    let mut table = Table::new(["file", "what it shows"]);
    for (path, _) in drawn {
        let figure = figures.iter().find(|figure| drawn::path(figure) == *path);
        table.row([path.clone(), figure.map(|figure| figure.title.clone()).unwrap_or_default()]);
    }
    table.text(WIDTH)
}

/// The data files of the folder at `path`, name and text.
fn read(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    if !path.is_dir() {
        let why = "it is not a folder; name one that --out of another command made";
        return Err(Failure::cannot_read(path, why));
    }
    if !path.join(SUMMARY).exists() {
        return Err(no_summary(path));
    }
    let summary = read_file(path, SUMMARY)?;
    let kind = Kind::of(&summary).map_err(|why| match why {
        NoKind::Broken(why) => Failure::cannot_read(&path.join(SUMMARY), why),
        NoKind::NotOurs(why) => not_ours(path, &format!("its {SUMMARY} {why}")),
    })?;
    let mut texts = vec![(SUMMARY.to_owned(), summary)];
    for name in kind.files().iter().filter(|name| **name != SUMMARY) {
        if !path.join(name).exists() {
            let why = format!("{name} is missing{}", again(&texts));
            return Err(Failure::cannot_read(path, why));
        }
        texts.push(((*name).to_owned(), read_file(path, name)?));
    }
    if !path.join(MANIFEST).exists() {
        let why = format!(
            "{MANIFEST} is missing, so what wrote the folder did not finish{}",
            again(&texts)
        );
        return Err(Failure::cannot_read(path, why));
    }
    Ok(texts)
}

fn read_file(path: &Path, name: &str) -> Result<String, Failure> {
    let path = path.join(name);
    files::read_result(&path).map_err(|why| Failure::cannot_read(&path, why))
}

/// Why a folder without a summary cannot be drawn.
fn no_summary(path: &Path) -> Failure {
    match path.join(LEDGER).exists() {
        true => {
            let why = format!(
                "the sweep in it is not finished: there is no {SUMMARY}; finish it by the command \
                 that began it with --resume"
            );
            Failure::cannot_read(path, why)
        }
        false => not_ours(path, &format!("there is no {SUMMARY} in it")),
    }
}

fn not_ours(path: &Path, why: &str) -> Failure {
    let path = plain(&path.to_string_lossy());
    Failure::Fault(format!(
        "{path} holds no results of fleetsim: {why}; name a folder that --out of run, sweep, merge, \
         compare, check or plan made"
    ))
}

/// How to make the results again, where the summary among `texts` tells.
fn again(texts: &[(String, String)]) -> String {
    let summary = texts.iter().find(|(name, _)| name == SUMMARY);
    let object: Option<Value> = summary.and_then(|(_, text)| serde_json::from_str(text).ok());
    let command = object.as_ref().and_then(|object| object.get("command")?.as_str());
    match command {
        Some(command) => format!("; make it again: {} --out DIR", plain(command)),
        None => "; make it again".to_owned(),
    }
}
