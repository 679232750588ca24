//! How text for people is laid out: how wide it may be, and whether colour helps to read it. Colour
//! never says what words do not say too.

use super::text::WIDTH;

/// What the place can show where text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// Columns of a line; at least [`Look::NARROWEST`].
    columns: usize,
    /// Whether colour is shown.
    colour: bool,
    /// Whether it shows the blocks that small pictures are made of.
    blocks: bool,
}

impl Default for Look {
    /// That of a pipe or file: always the same.
    fn default() -> Self {
        Self::PIPED
    }
}

impl Look {
    /// That of a pipe or file: always the same.
    pub const PIPED: Self = Self { columns: WIDTH, colour: false, blocks: true };

    /// The fewest columns that anything is laid out for.
    pub const NARROWEST: usize = 60;

    /// The most: longer lines are hard to follow.
    pub const WIDEST: usize = 160;

    /// That of a pipe or file whose reader may want colour all the same.
    pub fn piped(colour: bool) -> Self {
        Self { colour, ..Self::PIPED }
    }

    /// That of a terminal with so many columns, where the terminal is known to show colour and blocks
    /// or not.
    pub fn terminal(columns: usize, colour: bool, blocks: bool) -> Self {
        Self { columns: columns.clamp(Self::NARROWEST, Self::WIDEST), colour, blocks }
    }

    /// Columns of a line.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Whether small pictures can be drawn.
    pub const fn blocks(&self) -> bool {
        self.blocks
    }

    /// A heading: it stands back behind what it heads.
    pub fn heading(&self, text: &str) -> String {
        self.painted(text, "2")
    }

    /// What the eye should find first.
    pub fn strong(&self, text: &str) -> String {
        self.painted(text, "1")
    }

    /// What stands back.
    pub fn dim(&self, text: &str) -> String {
        self.painted(text, "2")
    }

    /// What is better, passed, met.
    pub fn good(&self, text: &str) -> String {
        self.painted(text, "32")
    }

    /// What is worse, failed, missed.
    pub fn bad(&self, text: &str) -> String {
        self.painted(text, "31")
    }

    /// What is not known yet, or asks for a look.
    pub fn unsure(&self, text: &str) -> String {
        self.painted(text, "33")
    }

    /// `text` in the style of that number; the blanks and the line's end around it stay as they are.
    fn painted(&self, text: &str, style: &str) -> String {
        let body = text.trim();
        if !self.colour || body.is_empty() {
            return text.to_owned();
        }
        let at = text.find(body).unwrap_or(0);
        let (before, after) = (&text[..at], &text[at + body.len()..]);
        format!("{before}\u{1b}[{style}m{body}\u{1b}[0m{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_show_colour_gets_it() {
        let terminal = Look::terminal(120, true, true);
        assert_eq!(terminal.bad("  worse \n"), "  \u{1b}[31mworse\u{1b}[0m \n");
        assert_eq!(terminal.bad(" \n"), " \n");
        assert_eq!(Look::PIPED.bad("worse"), "worse");
        assert_eq!(Look::terminal(120, false, true).strong("worse"), "worse");
    }

    #[test]
    fn no_terminal_is_too_narrow_or_too_wide() {
        assert_eq!(Look::terminal(3, true, true).columns(), Look::NARROWEST);
        assert_eq!(Look::terminal(120, true, true).columns(), 120);
        assert_eq!(Look::terminal(9_999, true, true).columns(), Look::WIDEST);
    }
}
