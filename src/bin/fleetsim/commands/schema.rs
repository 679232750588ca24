//! `schema`: what a scenario may hold, for editors and for readers.

use crate::{
    args::{Common, Format},
    exit::{Exit, Failure},
    output,
};
use fleetsim::{
    report::table::Table,
    scenario::{json_schema, reference},
};

/// Prints the schema, or the reference as a page or a table.
pub fn schema(common: &Common) -> Result<Exit, Failure> {
    output::print(&match common.format {
        Format::Human | Format::Json => text(),
        Format::Markdown => reference::reference(),
        Format::Csv => table(),
    })?;
    Ok(Exit::Done)
}

/// The schema, ending in one newline.
pub fn text() -> String {
    format!("{}\n", json_schema().trim_end())
}

/// The reference, a row a key.
fn table() -> String {
    let mut table = Table::new(reference::COLUMNS);
    reference::rows().into_iter().for_each(|row| table.row(row));
    table.csv()
}
