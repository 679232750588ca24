//! The reference of the scenario file: every table with its keys, from the same declarations as
//! the check, the defaults and the schema.

mod sections;

use self::sections::{Row, Section, sections};
use std::fmt::Write as _;

/// Commented examples, one for each section of the file, as `### name` and what follows.
const EXAMPLES: &str = include_str!("reference/examples.toml");

/// The reference as a page: what `fleetsim schema --format markdown` prints.
pub fn reference() -> String {
    let sections = sections();
    let mut page = String::new();
    for (index, section) in sections.iter().enumerate() {
        // A section of names is one of the file as much as any other.
        let name = section.path.strip_suffix(".NAME").unwrap_or(&section.path);
        let depth = if name.contains(['.', ' ']) { "###" } else { "##" };
        let _ = writeln!(page, "{depth} {}\n", section.heading());
        let _ = writeln!(page, "{}\n", cell(section.doc));
        if let Some(example) = example_of(name) {
            let _ = writeln!(page, "```toml\n{example}\n```\n");
        }
        let earlier = sections[..index].iter().find(|of| of.rows == section.rows);
        // The same table without defaults stands above or below one with them.
        let fuller = sections.iter().find(|of| !section.has_defaults() && of.completes(section));
        match (section.rows.is_empty(), fuller, earlier) {
            (false, Some(fuller), _) => {
                let of = fuller.heading();
                let _ =
                    writeln!(page, "The keys are those of {of}; what is left out is as there.\n");
            }
            (false, None, Some(earlier)) => {
                let _ = writeln!(page, "The keys are those of {}.\n", earlier.heading());
            }
            _ => page.push_str(&table(section)),
        }
    }
    page.trim_end().to_owned() + "\n"
}

/// The keys of the table at `path`, as in `policies.customers.NAME`; `None` if there is none.
pub fn keys_of(path: &str) -> Option<String> {
    sections().iter().find(|section| section.path == path).map(table)
}

/// The defaults of the tables at `paths` and of those below them, with their sources; all of them
/// under the empty path.
pub fn defaults_under(paths: &[&str]) -> String {
    let mut text = "| key | default | source |\n|---|---|---|\n".to_owned();
    let is_wanted = |section: &&Section| {
        paths.iter().any(|path| {
            let rest = section.path.strip_prefix(path);
            path.is_empty()
                || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
        })
    };
    for section in sections().iter().filter(is_wanted) {
        for row in &section.rows {
            let Some(default) = &row.default else { continue };
            let (path, source) = (&section.path, cell(row.source));
            let _ = writeln!(text, "| `{path}.{}` | `{default}` | {source} |", row.name);
        }
    }
    text
}

/// The reference as rows: a key each, with the path of its table.
pub fn rows() -> Vec<[String; 6]> {
    let sections = sections();
    let row = |section: &Section, row: &Row| {
        [
            section.path.clone(),
            row.name.to_owned(),
            row.kind.clone(),
            row.default.clone().unwrap_or_default(),
            row.source.to_owned(),
            row.meaning(),
        ]
    };
    let of = |section: &Section| section.rows.iter().map(|each| row(section, each)).collect();
    sections.iter().flat_map(|section| -> Vec<_> { of(section) }).collect()
}

/// The names of the columns of [`rows`].
pub const COLUMNS: [&str; 6] = ["table", "key", "type", "default", "source", "meaning"];

/// The example of the section at `path`.
fn example_of(path: &str) -> Option<&'static str> {
    let mut parts = EXAMPLES.split("### ").skip(1).filter_map(|part| part.split_once('\n'));
    parts.find(|(name, _)| name.trim() == path).map(|(_, example)| example.trim())
}

fn table(section: &Section) -> String {
    if section.rows.is_empty() {
        return "It has no keys of its own.\n\n".to_owned();
    }
    let mut text = "| key | type | default | meaning |\n|---|---|---|---|\n".to_owned();
    for row in &section.rows {
        let default = match (&row.default, row.required) {
            (Some(default), _) => format!("`{default}` ({})", row.source),
            (None, true) => "**required**".to_owned(),
            (None, false) => "–".to_owned(),
        };
        let cells = [row.kind.as_str(), &default, &row.meaning()].map(cell).join(" | ");
        let _ = writeln!(text, "| `{}` | {cells} |", row.name);
    }
    for keys in &section.choices {
        let keys: Vec<String> = keys.keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(text, "\nAt most one of {} may be given.", keys.join(", "));
    }
    text.push('\n');
    text
}

/// `text` as a cell of a table or a line of a page.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{InMemory, Scenario, keys::FILE};

    #[test]
    fn every_section_has_an_example() {
        for key in FILE.keys.iter().filter(|key| !["$schema", "include"].contains(&key.name)) {
            let example = example_of(key.name).unwrap_or_else(|| panic!("{}", key.name));
            let heads = [format!("[{}", key.name), format!("[[{}", key.name)];
            assert!(heads.iter().any(|head| example.contains(head)), "{} shows itself", key.name);
        }
    }

    #[test]
    fn the_examples_together_are_a_scenario() {
        let parts = EXAMPLES.split("### ").skip(1).filter_map(|part| part.split_once('\n'));
        let whole: String = parts.map(|(_, example)| example).collect();
        let read = Scenario::parse("all.toml", whole.as_bytes(), &[], &InMemory::default());
        let read = read.unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(read.name, "two-racks");
    }

    #[test]
    fn the_reference_has_every_default() {
        let (rows, sources) = (rows(), crate::scenario::defaults::sources());
        let told = rows.iter().filter(|row| !row[3].is_empty()).count();
        assert!(told >= sources.len(), "{told} of {}", sources.len());
        for row in rows.iter().filter(|row| !row[3].is_empty()) {
            assert!(!row[4].is_empty(), "{}.{} names no source", row[0], row[1]);
        }
        // As many rows as the schema has keys, those of commands that all have counted once.
        assert!(rows.len() > 600, "{}", rows.len());
    }

    #[test]
    fn cells_hold_no_bars_and_no_tags() {
        assert_eq!(cell("a|b<c>"), "a\\|b&lt;c>");
        let page = reference();
        assert!(page.starts_with("## `[scenario]`\n\nThe experiment.\n\n```toml\n"), "{page:.99}");
        assert!(
            page.contains("| `horizon` | length of time, as in \"36h\" | **required** | How long")
        );
        assert!(
            page.contains("| `afr` | percentage, as in \"3%\" | `\"3%\"` (spec host.crash_afr")
        );
    }
}
