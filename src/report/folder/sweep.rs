//! What the folder of a sweep says.

use super::texts::Texts;

/// What the folder of a sweep says.
#[derive(Clone, PartialEq, Debug)]
pub struct Swept;

impl Swept {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        texts.get("summary.json").map(|_| Self)
    }
}
