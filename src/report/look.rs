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

    /// Whether colour is shown.
    pub const fn is_coloured(&self) -> bool {
        self.colour
    }

    /// Whether small pictures can be drawn.
    pub const fn blocks(&self) -> bool {
        self.blocks
    }

    /// A heading: it stands back behind what it heads.
    pub fn heading(&self, text: &str) -> String {
        self.painted(Paint::Dim, text)
    }

    /// What the eye should find first.
    pub fn strong(&self, text: &str) -> String {
        self.painted(Paint::Strong, text)
    }

    /// What stands back.
    pub fn dim(&self, text: &str) -> String {
        self.painted(Paint::Dim, text)
    }

    /// `text` as `paint` says, line by line; the blanks around it stay as they are.
    pub fn painted(&self, paint: Paint, text: &str) -> String {
        match self.colour {
            true => text.split_inclusive('\n').map(|line| in_colour(paint, line)).collect(),
            false => text.to_owned(),
        }
    }
}

fn in_colour(paint: Paint, text: &str) -> String {
    let body = text.trim();
    if body.is_empty() {
        return text.to_owned();
    }
    let style = match paint {
        Paint::Strong => "1",
        Paint::Dim => "2",
        Paint::Good => "32",
        Paint::Bad => "31",
        Paint::Unsure => "33",
    };
    let at = text.find(body).unwrap_or(0);
    let (before, after) = (&text[..at], &text[at + body.len()..]);
    format!("{before}\u{1b}[{style}m{body}\u{1b}[0m{after}")
}

/// What a colour means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// What the eye should find first.
    Strong,
    /// What stands back.
    Dim,
    /// What is better, passed, met, back again.
    Good,
    /// What is worse, failed, missed, down.
    Bad,
    /// What is not known yet, or asks for a look.
    Unsure,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_show_colour_gets_it() {
        let terminal = Look::terminal(120, true, true);
        assert_eq!(terminal.painted(Paint::Bad, "  worse \n"), "  \u{1b}[31mworse\u{1b}[0m \n");
        assert_eq!(terminal.painted(Paint::Bad, " \n"), " \n");
        assert_eq!(terminal.strong("a\nb"), "\u{1b}[1ma\u{1b}[0m\n\u{1b}[1mb\u{1b}[0m");
        assert_eq!(Look::PIPED.painted(Paint::Bad, "worse"), "worse");
        assert_eq!(Look::terminal(120, false, true).strong("worse"), "worse");
    }

    #[test]
    fn no_terminal_is_too_narrow_or_too_wide() {
        assert_eq!(Look::terminal(3, true, true).columns(), Look::NARROWEST);
        assert_eq!(Look::terminal(120, true, true).columns(), 120);
        assert_eq!(Look::terminal(9_999, true, true).columns(), Look::WIDEST);
    }
}
