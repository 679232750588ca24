//! `schema`: the JSON Schema of the scenario file.

use crate::{
    exit::{Exit, Failure},
    output,
};
use fleetsim::scenario::json_schema;

/// Prints the schema.
pub fn schema() -> Result<Exit, Failure> {
    let schema = json_schema();
    output::print(&format!("{}\n", schema.trim_end()))?;
    Ok(Exit::Done)
}
