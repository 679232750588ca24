//! What is drawn of a folder's data files: the same for the command that wrote them and for
//! `report`, since both have nothing but these texts.

use crate::output::{MANIFEST, PLOTS};
use fleetsim::report::{
    chart::Figure,
    figures::figures,
    folder::{Study, texts::Texts},
    page, plot,
};

/// The drawn files of a folder whose data files are `texts` (name and text): path in the folder,
/// and text.
///
/// # Errors
/// Which file says what it should not.
pub fn drawn(texts: &[(String, String)]) -> Result<Vec<(String, String)>, String> {
    let study = Study::read(texts)?;
    let figures = figures(&study);
    let plots = figures.iter().map(|figure| (path(figure), plot::svg(figure)));
    let page = page::html(Texts(texts), &study, &figures)?;
    Ok(plots.chain([(page::FILE.to_owned(), page)]).collect())
}

/// Where the picture of `figure` lies in a folder.
pub fn path(figure: &Figure) -> String {
    format!("{PLOTS}/{}.svg", figure.name)
}

/// The files of a folder of results: those that hold `data` (name and text), just written by a command
/// of ours; what is drawn of them; and the `manifest`.
pub fn with_drawn<const N: usize>(
    data: [(&str, String); N],
    manifest: String,
) -> Vec<(String, String)> {
    let owned = data.into_iter().map(|(name, text)| (name.to_owned(), text));
    let mut files: Vec<(String, String)> = owned.collect();
    let drawn = drawn(&files).expect("what was just written is as it should be");
    files.extend(drawn);
    files.push((MANIFEST.to_owned(), manifest));
    files
}
