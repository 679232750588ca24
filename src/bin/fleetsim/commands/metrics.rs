//! `metrics`: the catalogue of metrics.

use crate::{
    args::{Common, Format},
    exit::{Exit, Failure},
    output, terminal,
};
use fleetsim::{observe::catalogue::CATALOGUE, report::catalogue};

/// Prints the catalogue.
pub fn metrics(common: &Common) -> Result<Exit, Failure> {
    output::print(&match common.format {
        Format::Human => catalogue::text(CATALOGUE, &terminal::look()),
        Format::Json => catalogue::json(CATALOGUE),
        Format::Csv => catalogue::csv(CATALOGUE),
        Format::Markdown => catalogue::markdown(CATALOGUE),
    })?;
    Ok(Exit::Done)
}
