//! What the folder of a check says.

use super::texts::Texts;

/// What the folder of a check says.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked;

impl Checked {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        texts.get("summary.json").map(|_| Self)
    }
}
