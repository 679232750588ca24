//! The lines of the table for people: three columns as wide as their parts need, and together as wide
//! as the place where they are read.

use super::text::{WIDTH, columns};

/// Columns of the widest value and range that the columns of all rows make room for, on lines of
/// [`WIDTH`] columns; wider ones break their line.
const VALUE_MAX: usize = 34;
const RANGE_MAX: usize = 24;

/// Columns of names that there is always room for.
const NAME_MIN: usize = 20;

/// One line of the table.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub name: String,
    pub value: String,
    pub range: String,
    pub skewed: bool,
    pub blind: bool,
}

/// Columns of the parts of all lines.
pub(super) struct Widths {
    name: usize,
    value: usize,
    line: usize,
}

impl Widths {
    /// As wide as the widest parts, as far as a line of `width` columns lets.
    pub(super) fn of(lines: &[Line], width: usize) -> Self {
        // What is gained or lost is shared out: half of it goes to names.
        let gained = |most: usize| (most + width / 4).saturating_sub(WIDTH / 4);
        let widest = |of: &dyn Fn(&Line) -> usize, most: usize| {
            lines.iter().map(of).filter(|width| *width <= most).max().unwrap_or(0)
        };
        let value = widest(&|line| columns(&line.value), gained(VALUE_MAX));
        let range = widest(&|line| columns(&line.range), gained(RANGE_MAX));
        let left = width.saturating_sub(value + range + 4).max(NAME_MIN);
        // A name alone on its line takes no room from others.
        let name = widest(&|line| if line.is_bare() { 0 } else { columns(&line.name) }, left);
        Self { name, value, line: width }
    }
}

impl Line {
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    fn is_bare(&self) -> bool {
        self.value.is_empty() && self.range.is_empty()
    }

    /// The line with its parts in their columns; a part too wide for its column takes a line of
    /// its own, so that no other part leaves its place.
    pub(super) fn print(&self, widths: &Widths) -> String {
        let most = widths.line;
        let name = shortened(&self.name, most);
        if self.is_bare() {
            return format!("{name}\n");
        }
        let mut text = String::new();
        let mut line = format!("{name:<width$}  ", width = widths.name);
        if columns(&name) > widths.name {
            text.push_str(&format!("{name}\n"));
            line = " ".repeat(widths.name + 2);
        }
        let start = widths.name + widths.value + 4;
        let fits = columns(&self.value) <= widths.value || self.range.is_empty();
        line.push_str(&format!("{:<width$}  ", self.value, width = widths.value));
        if !fits {
            text.push_str(&ended(&line, most));
            line = " ".repeat(start);
        }
        if start + columns(&self.range) > most && !self.range.is_empty() {
            text.push_str(&ended(&line, most));
            line = format!("{:>most$}", self.range);
        } else {
            line.push_str(&self.range);
        }
        if !line.trim().is_empty() {
            text.push_str(&ended(&line, most));
        }
        text
    }
}

/// `line` without blanks at its end, moved left where it would have more than `most` columns.
fn ended(line: &str, most: usize) -> String {
    let line = line.trim_end();
    match columns(line) <= most {
        true => format!("{line}\n"),
        false => format!("{:>most$}\n", shortened(line.trim_start(), most)),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match columns(text) <= most {
        true => text.to_owned(),
        false => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn wide_parts_take_a_line_of_their_own_and_move_no_other() {
        let widths = Widths { name: 10, value: 12, line: WIDTH };
        let line = |name: &str, value: &str, range: &str| Line {
            name: name.to_owned(),
            value: value.to_owned(),
            range: range.to_owned(),
            ..Line::default()
        };
        let lines = [
            line("short", "1", "0 to 2"),
            line("a-name-too-long", "1 ± 2", "0 to 2"),
            line("b", "1,234,567 ± 1,234", "0 to 2"),
            line("c", "1", &format!("0 to {}", "9".repeat(60))),
            line("alone-on-its-line", "", ""),
        ];
        let text: String = lines.iter().map(|line| line.print(&widths)).collect();
        assert_snapshot!(text, @r#"
        short       1             0 to 2
        a-name-too-long
                    1 ± 2         0 to 2
        b           1,234,567 ± 1,234
                                  0 to 2
        c           1
                       0 to 999999999999999999999999999999999999999999999999999999999999
        alone-on-its-line
        "#);
    }
}
