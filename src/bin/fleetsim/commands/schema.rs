//! `schema`: the JSON Schema of the scenario file.

use crate::{
    exit::{Exit, Failure},
    output,
};
use fleetsim::scenario::json_schema;

/// Prints the schema.
pub fn schema() -> Result<Exit, Failure> {
    output::print(&text())?;
    Ok(Exit::Done)
}

/// The schema, ending in one newline.
pub fn text() -> String {
    format!("{}\n", json_schema().trim_end())
}
