//! `import`: turns a recording into a part of a scenario.

use crate::{
    args::{Common, Format, Import, Recorded},
    exit::{Exit, Failure},
    files, output,
};
use fleetsim::{
    report::plain,
    scenario::notifications::{self, Moment, PartOptions},
};
use std::path::Path;

/// Reads the recording and prints the part.
pub fn import(options: &Import, common: &Common) -> Result<Exit, Failure> {
    if common.format != Format::Human {
        let why = "a part of a scenario is printed as TOML: leave --format out";
        return Err(Failure::Fault(why.to_owned()));
    }
    match options.recording {
        Recorded::Notifications => notifications(options),
    }
}

fn notifications(options: &Import) -> Result<Exit, Failure> {
    let is_piped = options.file == Path::new("-");
    let name = if is_piped { "standard input".into() } else { options.file.to_string_lossy() };
    let start = options.start.as_deref().map(start).transpose()?;
    let bytes = if is_piped { files::read_piped() } else { files::read_recording(&options.file) };
    let bytes =
        bytes.map_err(|why| Failure::Fault(format!("cannot read {}: {why}", plain(&name))))?;
    let recording = notifications::read(&name, &bytes)
        .map_err(|faults| Failure::Scenario(name.clone().into_owned(), faults))?;
    let instance_type = options.instance_type.clone();
    let options = PartOptions { start, instance_type, from: name.into_owned() };
    let part = notifications::part(&recording, &options)
        .map_err(|why| Failure::Fault(format!("{}: {why}", plain(&options.from))))?;
    output::print(&part)?;
    Ok(Exit::Done)
}

/// The point of time that `--start` names.
fn start(typed: &str) -> Result<Moment, Failure> {
    Moment::parse(typed).ok_or_else(|| {
        let typed = plain(typed);
        Failure::Fault(format!("--start {typed}: write it as 2026-01-31T00:00:00Z"))
    })
}
