//! Every command that the pages and the scenarios show is given: none may be wrong.
//!
//! Shown are the `fleetsim ...` lines in the heads of `scenarios/*.toml`, in the `sh` blocks of the
//! pages in `docs`, and those in running text that name a scenario. Each is given in a folder that
//! holds the scenarios, with one run where a command allows to say how many.

use assert_cmd::Command;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

/// A command as it is shown, and where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Shown {
    words: Vec<String>,
    place: String,
}

/// The words of a command line, as a shell takes them apart.
///
/// # Panics
/// If a quote is not closed, or a word is not quoted whose brackets some shells take for a pattern.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match quote {
            Some(end) if character == end => quote = None,
            Some(_) => word.get_or_insert_default().push(character),
            None if matches!(character, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            None if character.is_whitespace() => words.extend(word.take()),
            None => {
                assert!(!"[]{}*?$".contains(character), "quote it: {line}");
                word.get_or_insert_default().push(character);
            }
        }
    }
    assert_eq!(quote, None, "a quote is not closed: {line}");
    words.extend(word);
    words
}

#[test]
fn command_lines_are_taken_apart_as_by_a_shell() {
    assert_eq!(words("a 'b c'  --set \"d='e'\" f=''"), ["a", "b c", "--set", "d='e'", "f="]);
}

/// What a line of a scenario's head shows: what stands behind its label, as in `# Try:   fleetsim`.
fn of_head(line: &str) -> Option<&str> {
    let comment = line.strip_prefix('#')?;
    let (label, command) = comment.split_at(comment.find("fleetsim ")?);
    let is_label = label.trim().is_empty() || label.trim().ends_with(':');
    // `All of its keys: fleetsim schema` is a sentence; what a head shows names a scenario.
    (is_label && command.contains("scenarios/") && is_given_here(command)).then_some(command)
}

/// The commands in `sh` blocks of a page, lines that go on with a backslash joined; and those in its
/// text that name a scenario.
///
/// # Panics
/// If a block without a language, or of another one, shows a command.
fn of_page(text: &str, place: &str) -> Vec<String> {
    let (mut found, mut language, mut joined) = (Vec::new(), None, String::new());
    for line in text.lines() {
        if let Some(of) = line.strip_prefix("```") {
            language = if language.is_some() { None } else { Some(of.trim()) };
            continue;
        }
        match language {
            Some("sh") => {
                joined += line.trim_end_matches('\\');
                if !line.ends_with('\\') {
                    found.push(std::mem::take(&mut joined));
                }
            }
            // A line with a prompt stands above what the command prints.
            Some("text") => {
                let command = line.strip_prefix("$ ").and_then(|line| line.split(" | ").next());
                found.extend(command.map(str::to_owned));
            }
            Some(other) => {
                assert!(
                    !line.starts_with("fleetsim "),
                    "{place}: `{line}` is in a {other:?} block"
                );
            }
            None => {
                let spans = line.split('`').skip(1).step_by(2);
                let named = spans.filter(|span| span.contains("scenarios/"));
                found.extend(named.map(str::to_owned));
            }
        }
    }
    found.retain(|line| is_given_here(line));
    found
}

/// Whether `line` is a command that is given here, alone and with few runs. Those of many runs
/// (`check`, `plan`) are given by CI with the released command; shards and their `merge` belong
/// together, and are tried where sweeps are killed; a `report` is of what another command wrote.
fn is_given_here(line: &str) -> bool {
    let elsewhere = ["check", "plan", "merge"].iter().any(|command| line.contains(command));
    let in_parts = line.contains("--shard") || line.contains("--resume");
    let is_report = line.starts_with("fleetsim report ");
    line.starts_with("fleetsim ") && !elsewhere && !in_parts && !is_report
}

/// All commands that are shown.
fn shown() -> BTreeSet<Shown> {
    let mut all = BTreeSet::new();
    let mut add = |place: &str, line: &str| {
        let words = words(line).split_off(1);
        all.insert(Shown { words, place: place.to_owned() });
    };
    for (folder, ending) in [("scenarios", ".toml"), ("docs", ".md")] {
        let entries = fs::read_dir(folder).expect("the folder is there");
        for path in entries.map(|entry| entry.expect("it can be listed").path()) {
            let place = path.to_string_lossy().into_owned();
            if !place.ends_with(ending) {
                continue;
            }
            let text = fs::read_to_string(&path).expect("it is text");
            if ending == ".toml" {
                text.lines().filter_map(of_head).for_each(|line| add(&place, line));
            } else {
                of_page(&text, &place).iter().for_each(|line| add(&place, line));
            }
        }
    }
    all
}

/// `shown` with one run, where it says how many or may.
fn with_one_run(shown: &Shown) -> Vec<String> {
    let mut words = shown.words.clone();
    if let Some(at) = words.iter().position(|word| word == "--runs") {
        words.drain(at..at + 2);
    }
    let runs = match words[0].as_str() {
        "run" if !words.iter().any(|word| word == "--until-precision") => Some("1"),
        "compare" | "sweep" => Some("2"),
        _ => None,
    };
    words.extend(runs.into_iter().flat_map(|runs| ["--runs", runs]).map(str::to_owned));
    words
}

/// Whether `shown` needs a recording that is not here; else in which folder it is given.
fn needs_recordings(words: &[String]) -> bool {
    words.iter().any(|word| word.contains("../shared") || word.contains("tests/scenarios/"))
}

/// A folder with all that the commands read.
fn workshop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["scenarios", "tests/scenarios"] {
        let to = folder.path().join(part);
        fs::create_dir_all(&to).expect("a folder can be made");
        for entry in fs::read_dir(part).expect("the folder is there") {
            let entry = entry.expect("it can be listed");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("it can be copied");
        }
    }
    folder
}

fn given(words: &[String], folder: &Path) -> Result<(), String> {
    let mut command = Command::cargo_bin("fleetsim").expect("the binary is built with the tests");
    let output = command.args(words).current_dir(folder).output().expect("the binary starts");
    let (told, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match output.status.success() {
        true if told.trim().is_empty() => Err("it prints nothing".to_owned()),
        // What names a thing that is not there tells an empty story.
        true if told.trim_end().ends_with("\nnothing") => Err("it tells nothing".to_owned()),
        true => Ok(()),
        false => Err(why.into_owned()),
    }
}

#[test]
fn every_command_that_is_shown_is_right() {
    let all = Vec::from_iter(shown());
    for scenario in fs::read_dir("scenarios").expect("the folder is there").flatten() {
        let path = format!("scenarios/{}", scenario.file_name().to_string_lossy());
        let is_run = |of: &Shown| of.place == path && of.words[..2] == ["run", path.as_str()];
        assert!(
            !path.ends_with(".toml") || all.iter().any(is_run),
            "{path} shows no run of itself"
        );
    }
    let mut commands = BTreeSet::new();
    for of in &all {
        let words = with_one_run(of);
        if needs_recordings(&words) && !Path::new("../shared/data").exists() {
            eprintln!("skipped, since ../shared/data is not here: {}", words.join(" "));
        } else if needs_recordings(&words) {
            // Its recordings lie beside the repository, from where it is given.
            given(&words, Path::new(".")).unwrap_or_else(|why| panic!("{of:?}: {why}"));
        } else {
            commands.insert(words);
        }
    }
    assert!(commands.len() > 40, "{} commands are shown", commands.len());
    let (commands, folder) = (Vec::from_iter(commands), workshop());
    let (next, threads) = (AtomicUsize::new(0), std::thread::available_parallelism());
    let work = || {
        let mut wrong = Vec::new();
        while let Some(words) = commands.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(why) = given(words, folder.path()) {
                let places = all.iter().filter(|of| with_one_run(of) == *words);
                let places: Vec<&str> = places.map(|of| of.place.as_str()).collect();
                wrong.push(format!("{}: fleetsim {}: {why}", places.join(", "), words.join(" ")));
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = threads.map_or(1, std::num::NonZeroUsize::get);
        let workers = Vec::from_iter((0..threads).map(|_| scope.spawn(work)));
        workers.into_iter().flat_map(|worker| worker.join().expect("it does not fail")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
