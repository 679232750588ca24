//! What the folder of a comparison says.

use super::texts::Texts;

/// What the folder of a comparison says.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared;

impl Compared {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        texts.get("summary.json").map(|_| Self)
    }
}
