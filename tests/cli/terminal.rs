//! What a terminal shows: lines as wide as it is, colour only where it is wanted, progress only there.
//! A terminal is made by `script` of util-linux; where that is absent, the test says so and passes.

use super::{answer, fleetsim};
use std::{path::Path, process::Command};

fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    folder
}

/// What a terminal with so many columns gets from `fleetsim WORDS`; `None` where none can be made.
fn shown(folder: &Path, columns: usize, set: &str, words: &str) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        println!("skipped: there is no `script` (util-linux) to make a terminal with");
        return None;
    }
    let binary = assert_cmd::cargo::cargo_bin("fleetsim");
    let binary = binary.display();
    let command = format!("stty cols {columns} rows 40 && {set} '{binary}' {words}");
    let mut script = Command::new("script");
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE"] {
        script.env_remove(variable);
    }
    let script = script.env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
    let output = script.args(["-qec", &command, "/dev/null"]).current_dir(folder).output();
    let output = output.expect("a terminal is made");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    Some(text.replace('\r', ""))
}

/// `text` without what colours it.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (at, part) in text.split("\u{1b}[").enumerate() {
        plain.push_str(if at == 0 {
            part
        } else {
            part.split_once('m').map_or("", |(_, rest)| rest)
        });
    }
    plain
}

const RUN: &str = "run quickstart.toml --runs 3 --quiet";

#[test]
fn tables_are_as_wide_as_the_terminal() {
    let folder = quickstart();
    let mut widest = Vec::new();
    for columns in [60, 80, 120, 200] {
        let Some(text) = shown(folder.path(), columns, "", RUN) else { return };
        let text = plain(&text);
        let lines = text.lines().map(|line| line.chars().count());
        let longest = lines.max().unwrap();
        assert!(longest <= columns, "{longest} of {columns}: {text}");
        assert!(text.contains("\n  over time  "), "{text}");
        widest.push(longest);
    }
    assert!(widest.is_sorted() && widest[0] < widest[2], "{widest:?}");
}

#[test]
fn a_terminal_of_80_columns_shows_what_a_pipe_gets() {
    let folder = quickstart();
    let Some(text) = shown(folder.path(), 80, "", RUN) else { return };
    let (_, piped, _) = answer(&RUN.split(' ').collect::<Vec<_>>(), folder.path());
    // Availability over time is followed for who looks at it.
    let seen: Vec<String> = plain(&text)
        .lines()
        .filter(|line| !line.starts_with("  over time"))
        .map(Into::into)
        .collect();
    assert_eq!(seen, piped.lines().collect::<Vec<_>>());
    assert!(!piped.contains('\u{1b}'));
}

#[test]
fn colour_is_obeyed() {
    let folder = quickstart();
    let coloured = |set: &str, option: &str| {
        let text = shown(folder.path(), 80, set, &format!("{RUN} {option}"))?;
        Some(text.contains('\u{1b}'))
    };
    let Some(auto) = coloured("", "") else { return };
    assert!(auto, "a terminal gets colour");
    assert_eq!(coloured("NO_COLOR=1", ""), Some(false));
    assert_eq!(coloured("", "--color never"), Some(false));
    assert_eq!(coloured("NO_COLOR=1", "--color always"), Some(true));
    let piped = |option: &[&str]| {
        let words: Vec<&str> = RUN.split(' ').chain(option.iter().copied()).collect();
        answer(&words, folder.path()).1.contains('\u{1b}')
    };
    assert!(!piped(&[]) && piped(&["--color", "always"]));
}

#[test]
fn a_terminal_without_blocks_gets_words() {
    let folder = quickstart();
    let Some(text) = shown(folder.path(), 80, "LANG=C", RUN) else { return };
    assert!(text.contains("  over time: lowest 0."), "{text}");
    assert!(!text.contains('█'), "{text}");
}

#[test]
fn the_line_is_the_same_for_any_number_of_threads() {
    let folder = quickstart();
    let of = |threads: &str| shown(folder.path(), 100, "", &format!("{RUN} --threads {threads}"));
    let Some(one) = of("1") else { return };
    assert_eq!(Some(one), of("3"));
}

#[test]
fn progress_shows_rate_and_time_left_on_a_terminal_only() {
    let folder = quickstart();
    let long = "run quickstart.toml --runs 4000 --threads 1";
    let Some(text) = shown(folder.path(), 100, "", long) else { return };
    let bar = text.split("\u{1b}[").find(|part| part.contains("/4,000 runs"));
    let bar = bar.unwrap_or_else(|| panic!("no progress in {text}"));
    assert!(bar.contains("/s") && bar.contains("left"), "{bar}");
    let quiet = shown(folder.path(), 100, "", &format!("{long} --quiet")).unwrap();
    assert!(!quiet.contains("left"), "{quiet}");
    let piped =
        fleetsim(&["run", "quickstart.toml", "--runs", "50"]).current_dir(folder.path()).output();
    assert!(piped.unwrap().stderr.is_empty(), "nothing is drawn for a pipe");
}

#[test]
fn verdicts_have_colours_and_words() {
    let folder = quickstart();
    let words = "compare quickstart.toml --with policies.repair.crews=1 --runs 20 --quiet \
                 --metric availability --metric servers.in_repair.mean";
    let Some(text) = shown(folder.path(), 80, "", words) else { return };
    let named = ["better", "worse", "no difference shown", "the same in every run", "identical"];
    assert!(named.iter().any(|word| plain(&text).contains(word)), "{text}");
    for (word, style) in [("better", "32"), ("worse", "31")] {
        if plain(&text).contains(&format!("  {word}, p")) {
            assert!(text.contains(&format!("\u{1b}[{style}m{word}\u{1b}[0m, p")), "{text}");
        }
    }
}
