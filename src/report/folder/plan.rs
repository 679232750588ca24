//! What the folder of a plan says.

use super::texts::Texts;

/// What the folder of a plan says.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned;

impl Planned {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        texts.get("summary.json").map(|_| Self)
    }
}
