//! Links between the pages lead somewhere, and every page is found from their list.

use crate::{page::blocks, pages};
use std::{fs, path::Path};

/// The lines of a page outside of its blocks.
fn prose(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = blocks(&lines);
    let is_prose = |number: &usize| {
        blocks.iter().all(|block| !(block.lines.start - 1..=block.lines.end).contains(number))
    };
    (0..lines.len()).filter(is_prose).map(|number| lines[number]).collect()
}

/// Where the links of a line lead, web addresses left out.
fn targets(line: &str) -> Vec<&str> {
    let parts = line.split("](").skip(1).filter_map(|part| part.split(')').next());
    parts.filter(|target| !target.starts_with("http")).collect()
}

/// The anchor that a forge gives a heading: lower case, spaces as dashes, no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let (mut wrong, mut found) = (Vec::new(), 0);
    for page in pages() {
        let text = fs::read_to_string(&page).expect("it is text");
        for target in prose(&text).into_iter().flat_map(targets) {
            let (path, part) = target.split_once('#').unwrap_or((target, ""));
            let folder = page.parent().unwrap_or(Path::new(""));
            let to = if path.is_empty() { page.clone() } else { folder.join(path) };
            let heads = |text: &str| {
                let heads = prose(text).into_iter().filter(|line| line.starts_with('#'));
                heads.map(anchor).any(|of| of == part)
            };
            let leads = to.exists()
                && (part.is_empty() || fs::read_to_string(&to).is_ok_and(|text| heads(&text)));
            found += 1;
            if !leads {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
        // Pages that are named without a link.
        for named in text.split("`docs/").skip(1).filter_map(|part| part.split('`').next()) {
            if !Path::new("docs").join(named).exists() {
                wrong.push(format!("{}: docs/{named}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found > 40, "{found} links were found");
}

#[test]
fn every_page_is_in_the_list_of_pages() {
    let list = fs::read_to_string("docs/README.md").expect("the list is there");
    let linked: Vec<&str> = list.lines().flat_map(targets).collect();
    for page in pages().iter().filter(|page| page.starts_with("docs")) {
        let name = page.file_name().and_then(|name| name.to_str()).expect("names are text");
        assert!(name == "README.md" || linked.contains(&name), "docs/README.md leaves out {name}");
    }
}

#[test]
fn anchors_are_those_of_a_forge() {
    assert_eq!(anchor("## `[[scripts]]` with do = \"X\""), "scripts-with-do--x");
    assert_eq!(targets("a [b](c.md#d) [e](https://f) [g](h)"), ["c.md#d", "h"]);
}
