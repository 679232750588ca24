//! `init`: writes a shipped example into the working directory.

use super::schema;
use crate::{
    args::{Common, Format, Init},
    exit::{Exit, Failure, note},
    output::{self, Target},
    progress::Quiet,
    terminal,
};
use fleetsim::report::{plain, table::Table};
use std::path::Path;

/// The shipped examples that need no other file: name and text. They are the files that CI runs.
const EXAMPLES: &[(&str, &str)] = &[
    ("quickstart", include_str!("../../../../scenarios/quickstart.toml")),
    ("general-purpose-region", include_str!("../../../../scenarios/general-purpose-region.toml")),
    (
        "hypervisor-reboot-campaign",
        include_str!("../../../../scenarios/hypervisor-reboot-campaign.toml"),
    ),
    ("local-disk-fleet", include_str!("../../../../scenarios/local-disk-fleet.toml")),
    ("risky-hosts", include_str!("../../../../scenarios/risky-hosts.toml")),
    ("rolling-refresh", include_str!("../../../../scenarios/rolling-refresh.toml")),
    ("bad-image-rollback", include_str!("../../../../scenarios/bad-image-rollback.toml")),
    (
        "refresh-during-maintenance",
        include_str!("../../../../scenarios/refresh-during-maintenance.toml"),
    ),
    ("dedicated-hosts", include_str!("../../../../scenarios/dedicated-hosts.toml")),
    ("drain-a-rack", include_str!("../../../../scenarios/drain-a-rack.toml")),
    ("spot-fleet", include_str!("../../../../scenarios/spot-fleet.toml")),
    ("spare-capacity", include_str!("../../../../scenarios/spare-capacity.toml")),
    ("how-fast-can-we-roll", include_str!("../../../../scenarios/how-fast-can-we-roll.toml")),
    ("refresh-presets", include_str!("../../../../scenarios/refresh-presets.toml")),
];

/// The file that the first line of every example names.
const SCHEMA: &str = "scenario.schema.json";

/// Writes the example, or lists them all.
pub fn init(options: &Init, common: &Common) -> Result<Exit, Failure> {
    if options.list {
        output::print(&list(common.format))?;
        return Ok(Exit::Done);
    }
    let Some((name, text)) = EXAMPLES.iter().find(|(name, _)| *name == options.name) else {
        let names: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
        return Err(Failure::Fault(format!(
            "there is no example {}; known: {}",
            plain(&options.name),
            names.join(", ")
        )));
    };
    let file = format!("{name}.toml");
    let path = Path::new(&file);
    if path.symlink_metadata().is_ok() && !options.force {
        return Err(Failure::Fault(format!("{file} is already there (--force replaces it)")));
    }
    Target::prepare(path)?.write(&placed(text, &file))?;
    let said = |text: &str| {
        if common.quiet() == Quiet::No {
            note(text);
        }
    };
    // The example names the schema in its first line, for editors. One that is there is the
    // user's.
    if Path::new(SCHEMA).symlink_metadata().is_err() {
        Target::prepare(Path::new(SCHEMA))?.write(&schema::text())?;
        said(&format!("wrote {SCHEMA}, by which editors complete {file}"));
    }
    said(&format!("wrote {file}; next: fleetsim run {file}"));
    Ok(Exit::Done)
}

/// The example's text as it is right beside the user: its comments name `file`, not where it lies
/// in the repository.
fn placed(text: &str, file: &str) -> String {
    text.replace(&format!("scenarios/{file}"), file)
}

fn list(format: Format) -> String {
    let mut table = Table::new(["example", "question"]);
    for (name, text) in EXAMPLES {
        table.row([(*name).to_owned(), question(text).to_owned()]);
    }
    match format {
        Format::Human => table.text_for(&terminal::look(), &|_, _| None),
        Format::Json => table.json(),
        Format::Csv => table.csv(),
        Format::Markdown => table.markdown(),
    }
}

/// The question in an example: the value of its line `question = "..."`.
fn question(text: &str) -> &str {
    let value = |line| str::strip_prefix(line, "question = \"")?.strip_suffix('"');
    text.lines().find_map(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_that_stands_alone_is_an_example() {
        for entry in std::fs::read_dir("scenarios").expect("they lie there") {
            let path = entry.expect("it can be read").path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            let stands_alone = !text.contains("\nfile = ") && !text.contains("_file = ");
            if path.extension().is_some_and(|end| end == "toml") && stands_alone {
                assert!(EXAMPLES.iter().any(|(known, _)| *known == name), "{name}");
            }
        }
    }

    #[test]
    fn every_example_asks_its_question() {
        for (name, text) in EXAMPLES {
            assert!(question(text).ends_with('?'), "{name}");
            assert!(text.contains(&format!("./{SCHEMA}")), "{name}");
            assert!(!placed(text, &format!("{name}.toml")).contains("scenarios/"), "{name}");
        }
    }
}
