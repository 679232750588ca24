//! What is drawn of a folder's data files: the same for the command that wrote them and for
//! `report`, since both have nothing but these texts.

use crate::output::PLOTS;
use fleetsim::report::{chart::Figure, figures::figures, folder::Study, plot};

/// The drawn files of a folder whose data files are `texts` (name and text): path in the folder,
/// and text.
///
/// # Errors
/// Which file says what it should not.
pub fn drawn(texts: &[(String, String)]) -> Result<Vec<(String, String)>, String> {
    let study = Study::read(texts)?;
    let figures = figures(&study);
    Ok(figures.iter().map(|figure| (path(figure), plot::svg(figure))).collect())
}

/// Where the picture of `figure` lies in a folder.
pub fn path(figure: &Figure) -> String {
    format!("{PLOTS}/{}.svg", figure.name)
}
