//! `validate`: reads scenarios and shows what they amount to.

use super::read;
use crate::{
    args::{Common, Format, Validate},
    exit::{Exit, Failure},
    output,
    stand_ins::summary,
};
use fleetsim::report::{
    About,
    table::Table,
    text::{heading, wrapped},
};

/// Reads all scenarios, so that the faults of every one are told, and shows those that are right.
pub fn validate(options: &Validate, common: &Common) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut text = String::new();
    let mut table = Table::new(["scenario", "what", "value"]);
    for path in &options.scenarios {
        let scenario = match read(path, &options.changes) {
            Ok(scenario) => scenario,
            Err(failure) => {
                exit = failure.tell();
                continue;
            }
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&heading(&About::new(&scenario, scenario.runs.get())));
        table.row([scenario.name.clone(), "digest".to_owned(), scenario.digest.clone()]);
        for (what, value) in summary(&scenario) {
            text.push_str(&wrapped(&format!("{what:<22} {value}"), "  "));
            table.row([scenario.name.clone(), what, value]);
        }
    }
    output::print(&match common.format {
        Format::Human => text,
        Format::Json => table.json(),
        Format::Csv => table.csv(),
        Format::Markdown => table.markdown(),
    })?;
    Ok(exit)
}
