//! A page taken apart: its blocks, the commands that they show, and what these are said to print.

use std::ops::Range;

/// A fenced block, by the numbers of its lines in the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// What stands behind the fence: `sh`, `text`, `toml file=first.toml`.
    pub language: String,
    /// Its lines, without the fences, counted from 0.
    pub lines: Range<usize>,
}

/// Something that a page shows, in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// A file, to be written before what follows.
    File(String, String),
    /// A command.
    Command(String),
    /// A command, and which lines of the page show what it prints.
    Printed(String, Range<usize>),
    /// What makes a part of the page, and which lines that is.
    Generated(String, Range<usize>),
}

/// The fenced blocks of a page.
///
/// # Panics
/// If a fence is not closed.
pub fn blocks(lines: &[&str]) -> Vec<Block> {
    let (mut found, mut open) = (Vec::new(), None);
    for (number, line) in lines.iter().enumerate() {
        let Some(language) = line.strip_prefix("```") else { continue };
        open = match open.take() {
            None => Some((language.trim().to_owned(), number + 1)),
            Some((language, first)) => {
                found.push(Block { language, lines: first..number });
                None
            }
        };
    }
    assert_eq!(open, None, "a fence is not closed");
    found
}

/// What the page `text` shows.
///
/// # Panics
/// If a block that is neither `sh` nor `text` shows a command.
pub fn shown(text: &str) -> Vec<Shown> {
    let lines: Vec<&str> = text.lines().collect();
    let (blocks, generated) = (blocks(&lines), generated(&lines));
    let is_generated =
        |block: &Block| generated.iter().any(|(_, lines)| lines.contains(&block.lines.start));
    // By the line in which it begins, so that prose and blocks come in the order of the page.
    let mut found: Vec<(usize, Shown)> = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| !is_generated(block)) {
        let next = blocks.get(index + 1).filter(|next| {
            let between = &lines[block.lines.end + 1..next.lines.start - 1];
            next.language == "text" && between.iter().all(|line| line.is_empty())
        });
        let here = &lines[block.lines.clone()];
        let of = match block.language.as_str() {
            "sh" => of_shell(here, next.filter(|next| !is_transcript(&lines, next))),
            "text" => of_transcript(here, block.lines.start),
            other => {
                let is_key =
                    |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
                let commands =
                    here.iter().any(|line| line.starts_with("fleetsim ") && !is_key(line));
                assert!(!commands, "a {other:?} block shows a command");
                let file = other.split_once("file=").map(|(_, file)| file.trim().to_owned());
                file.map(|file| Shown::File(file, here.join("\n") + "\n")).into_iter().collect()
            }
        };
        found.extend(of.into_iter().map(|shown| (block.lines.start, shown)));
    }
    for (number, line) in lines.iter().enumerate() {
        let in_block =
            blocks.iter().any(|block| (block.lines.start - 1..=block.lines.end).contains(&number));
        if !in_block {
            let spans = line.split('`').skip(1).step_by(2);
            let commands = spans.filter(|span| is_command(span) && span.contains("scenarios/"));
            found.extend(commands.map(|span| (number, Shown::Command(span.to_owned()))));
        }
    }
    let parts = generated.into_iter();
    found.extend(parts.map(|(by, lines)| (lines.start, Shown::Generated(by, lines))));
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, shown)| shown).collect()
}

fn is_command(line: &str) -> bool {
    line.starts_with("fleetsim ")
}

fn is_transcript(lines: &[&str], block: &Block) -> bool {
    lines[block.lines.clone()].first().is_some_and(|line| line.starts_with("$ "))
}

/// The commands of an `sh` block, lines that go on with a backslash joined; the last one prints what
/// the block `below` shows.
fn of_shell(lines: &[&str], below: Option<&Block>) -> Vec<Shown> {
    let (mut commands, mut joined) = (Vec::new(), String::new());
    for line in lines {
        joined += line.trim_end_matches('\\');
        if !line.ends_with('\\') {
            commands.push(std::mem::take(&mut joined));
        }
    }
    let last = commands.len().saturating_sub(1);
    let each = commands.into_iter().enumerate();
    each.map(|(index, command)| match below {
        Some(below) if index == last => Shown::Printed(command, below.lines.clone()),
        _ => Shown::Command(command),
    })
    .collect()
}

/// The commands behind prompts, each with the lines up to the next one.
fn of_transcript(lines: &[&str], first: usize) -> Vec<Shown> {
    let prompts: Vec<usize> =
        (0..lines.len()).filter(|number| lines[*number].starts_with("$ ")).collect();
    let ends = prompts.iter().skip(1).copied().chain([lines.len()]);
    let each = prompts.iter().zip(ends);
    each.map(|(prompt, end)| {
        let command = lines[*prompt].trim_start_matches("$ ").to_owned();
        Shown::Printed(command, first + prompt + 1..first + end)
    })
    .collect()
}

/// The parts between `<!-- generated by: WHAT -->` and `<!-- end -->`, each with its WHAT.
fn generated(lines: &[&str]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let by = line.strip_prefix("<!-- generated by: ").and_then(|by| by.strip_suffix(" -->"));
        let Some(by) = by else { continue };
        let length = lines[number + 1..].iter().position(|line| *line == "<!-- end -->");
        let length = length.expect("a generated part ends with <!-- end -->");
        found.push((by.to_owned(), number + 1..number + 1 + length));
    }
    found
}

/// Whether `printed` is what is `shown`, of which a line `...` stands for any lines.
pub fn agrees(shown: &[&str], printed: &[&str]) -> bool {
    let Some((first, rest)) = shown.split_first() else { return printed.is_empty() };
    if first.trim() == "..." {
        return (0..=printed.len()).any(|skipped| agrees(rest, &printed[skipped..]));
    }
    printed
        .split_first()
        .is_some_and(|(line, below)| line.trim_end() == first.trim_end() && agrees(rest, below))
}

/// What should be shown of `printed`, in the form of what is `shown`: the same elisions, parts
/// between them found by how their first line begins.
///
/// # Panics
/// If a part is not found: then it takes a person.
pub fn renewed(shown: &[&str], printed: &[&str]) -> Vec<String> {
    let parts: Vec<&[&str]> = shown.split(|line| line.trim() == "...").collect();
    if parts.len() == 1 {
        return printed.iter().map(|line| line.trim_end().to_owned()).collect();
    }
    let (mut new, mut from) = (Vec::new(), 0);
    for (index, part) in parts.iter().enumerate() {
        let start = match part.first() {
            None => from,
            Some(_) if index == 0 => 0,
            Some(_) if index == parts.len() - 1 => printed.len() - part.len(),
            Some(first) => {
                let label = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
                let wanted = label(first);
                let below = printed[from..].iter().position(|line| label(line) == wanted);
                from + below.unwrap_or_else(|| panic!("nothing printed begins as {first:?}"))
            }
        };
        if index > 0 {
            new.push("...".to_owned());
        }
        from = start + part.len();
        new.extend(printed[start..from].iter().map(|line| line.trim_end().to_owned()));
    }
    new
}

#[test]
fn a_page_is_taken_apart() {
    let page = "`fleetsim run scenarios/a.toml` and `fleetsim run b`\n\n```sh\nfleetsim init \\\n  x\n\
                fleetsim run x\n```\n\n```text\nout\n```\n\n```text\n$ fleetsim trace x\na\nb\n$ ls\n```\n\
                ```toml file=f.toml\na = 1\n```\n<!-- generated by: fleetsim metrics -->\nold\n\
                <!-- end -->\n";
    let command = |text: &str| Shown::Command(text.to_owned());
    let printed = |text: &str, lines| Shown::Printed(text.to_owned(), lines);
    assert_eq!(
        shown(page),
        [
            command("fleetsim run scenarios/a.toml"),
            command("fleetsim init   x"),
            printed("fleetsim run x", 9..10),
            printed("fleetsim trace x", 14..16),
            printed("ls", 17..17),
            Shown::File("f.toml".to_owned(), "a = 1\n".to_owned()),
            Shown::Generated("fleetsim metrics".to_owned(), 22..23),
        ]
    );
}

#[test]
fn elisions_stand_for_any_lines() {
    let printed = ["a", "b  1", "c", "d"];
    assert!(agrees(&["a", "...", "d"], &printed));
    assert!(agrees(&["...", "a", "b  1", "c", "d"], &printed));
    assert!(!agrees(&["a", "...", "c"], &printed));
    assert!(!agrees(&["a", "b  1", "d"], &printed));
    assert!(!agrees(&["a", "b  1", "c"], &printed));
    assert_eq!(
        renewed(&["x", "...", "b  0", "...", "y"], &printed),
        ["a", "...", "b  1", "...", "d"]
    );
    assert_eq!(renewed(&["x"], &["y "]), ["y"]);
}
