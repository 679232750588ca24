//! A plain table of text cells, in every form.

use super::{
    csv, json,
    look::{Look, Paint},
    markdown, plain,
    text::wrapped_at as wrapped,
};
use serde_json::{Map, Value};

/// A table: a header and rows of as many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If it has not as many cells as the header.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(cells.len(), self.header.len(), "a cell a column");
        self.rows.push(cells.to_vec());
    }

    /// For people: columns aligned; the last one goes on below itself where a line
    /// would pass `width` columns.
    pub fn text(&self, width: usize) -> String {
        self.laid_out(width, &|_, _, cell| cell.to_owned())
    }

    /// The same as `look` says: the header stands back, and `painted` says in which colour a cell of
    /// the column of that number is seen.
    pub fn text_for(&self, look: &Look, painted: &dyn Fn(usize, &str) -> Option<Paint>) -> String {
        self.laid_out(look.columns(), &|row, column, cell| match (row, painted(column, cell)) {
            (0, _) => look.heading(cell),
            (_, Some(paint)) => look.painted(paint, cell),
            (_, None) => cell.to_owned(),
        })
    }

    /// The lines, each cell `finished` (its row, its column) after it has its width.
    fn laid_out(&self, width: usize, finished: &dyn Fn(usize, usize, &str) -> String) -> String {
        let lines: Vec<Vec<String>> = std::iter::once(&self.header)
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| plain(cell)).collect())
            .collect();
        let widest = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(widest).collect();
        let mut text = String::new();
        for (row, line) in lines.iter().enumerate() {
            let Some((last, first)) = line.split_last() else { continue };
            let cells = first.iter().zip(&widths).enumerate();
            let cells = cells
                .map(|(column, (cell, width))| finished(row, column, &format!("{cell:<width$}  ")));
            text.extend(cells);
            let taken: usize = widths.iter().take(first.len()).map(|width| width + 2).sum();
            let indent = " ".repeat(taken);
            let below = wrapped(last, &indent, width);
            let below = below.strip_prefix(&indent).unwrap_or(&below);
            let below = below.lines().map(|part| finished(row, first.len(), part) + "\n");
            text.extend(below);
        }
        text
    }

    /// For programs: an array of objects.
    pub fn json(&self) -> String {
        let object = |row: &Vec<String>| {
            let pairs = self.header.iter().cloned().zip(row.iter().cloned().map(Value::String));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        json::pretty(&Value::Array(self.rows.iter().map(object).collect()))
    }

    /// For spreadsheets and data frames.
    pub fn csv(&self) -> String {
        let mut sheet = csv::Sheet::new(&self.header);
        for row in &self.rows {
            sheet.row(row.iter().map(|cell| csv::guarded(cell)));
        }
        sheet.finish()
    }

    /// For pages.
    pub fn markdown(&self) -> String {
        let line = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|cell| markdown::escaped(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", "---|".repeat(self.header.len()));
        let rows = self.rows.iter().map(|row| line(row));
        std::iter::once(line(&self.header)).chain([rule]).chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn every_form_holds_every_cell() {
        let mut table = Table::new(["name", "what it asks"]);
        table.row(["a".to_owned(), "short?".to_owned()]);
        table.row(["longer|".to_owned(), "=a question too long for the line?".to_owned()]);
        assert_snapshot!(table.text(30), @r"
        name     what it asks
        a        short?
        longer|  =a question too long
                 for the line?
        ");
        assert_snapshot!(table.json(), @r#"
        [
          {
            "name": "a",
            "what it asks": "short?"
          },
          {
            "name": "longer|",
            "what it asks": "=a question too long for the line?"
          }
        ]
        "#);
        assert_snapshot!(table.csv(), @r"
        name,what it asks
        a,short?
        longer|,'=a question too long for the line?
        ");
        assert_snapshot!(table.markdown(), @r"
        | name | what it asks |
        |---|---|
        | a | short? |
        | longer\| | =a question too long for the line? |
        ");
    }
}
