//! Every command that the pages and the scenarios show is given: none may be wrong, and what a page
//! shows of its output is what it prints.
//!
//! A page is a session: its commands are given in their order, in a folder of its own that holds the
//! scenarios. `FLEETSIM_RENEW=1` writes what is printed, and all generated parts, into the pages.
//! With `FLEETSIM=PATH` that command is given instead of the one just built, and then with as many runs
//! as they say; without it, those whose output is not shown make one run, and `check` and `plan`, which
//! make many, are left out. Where nothing is shown of these CI gives them in a step of its own.

#![cfg(unix)]

mod links;
mod page;
mod parts;
mod pictures;

use page::{Shown, agrees, renewed, shown};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

/// All pages: the README, the architecture, and the folder of documents.
pub fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir("docs").expect("the folder is there");
    let docs = docs.map(|entry| entry.expect("it can be listed").path());
    let mut all: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|of| of == "md")).collect();
    all.extend(["README.md", "ARCHITECTURE.md"].map(PathBuf::from));
    all.sort();
    all
}

/// Which command is given.
struct Tool {
    /// A folder in which it is called `fleetsim`.
    folder: tempfile::TempDir,
    /// Whether it is one that is fast enough for everything.
    is_released: bool,
}

impl Tool {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let given = env::var_os("FLEETSIM").map(PathBuf::from);
        let is_released = given.is_some();
        let path = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_fleetsim")));
        let path = path.canonicalize().expect("the command is there");
        std::os::unix::fs::symlink(path, folder.path().join("fleetsim")).expect("it can be linked");
        Self { folder, is_released }
    }

    /// What the shell `command` prints in `folder`, on both streams, and whether it is done well.
    fn give(&self, command: &str, folder: &Path) -> (bool, String) {
        let paths = env::var_os("PATH").unwrap_or_default();
        let paths = [self.folder.path().to_owned()].into_iter().chain(env::split_paths(&paths));
        let output = Command::new("bash")
            .args(["-o", "pipefail", "-c", &format!("exec 2>&1\n{command}")])
            .current_dir(folder)
            .env("PATH", env::join_paths(paths).expect("paths can be joined"))
            .output()
            .expect("there is a shell");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether `command` is given here. Shards and their `merge` belong together, and are tried
    /// where sweeps are killed; cargo's commands are given by CI.
    fn takes(&self, command: &str) -> bool {
        let apart = ["--shard", "--resume", "fleetsim merge", "part-", "man -l", "~/"];
        let apart = apart.iter().any(|of| command.contains(of));
        command.contains("fleetsim ") && !apart && (self.is_released || !makes_many_runs(command))
    }

    /// `command` as it is given where what it prints is not shown: with few runs.
    fn shortened(&self, command: &str) -> String {
        let of = |name: &str| command.starts_with(&format!("fleetsim {name} "));
        let runs = match () {
            () if self.is_released || command.contains(['|', '>']) => return command.to_owned(),
            () if of("run") && !command.contains("--until-precision") => "1",
            () if of("compare") || of("sweep") => "2",
            () => return command.to_owned(),
        };
        let mut words: Vec<&str> = command.split(' ').collect();
        if let Some(at) = words.iter().position(|word| *word == "--runs") {
            words.drain(at..at + 2);
        }
        words.join(" ") + " --runs " + runs
    }
}

/// Whether `command` makes many runs, however few are asked for.
fn makes_many_runs(command: &str) -> bool {
    ["check", "plan"].iter().any(|of| command.contains(&format!("fleetsim {of} ")))
}

/// Whether `command` has brackets outside of quotes, which some shells take for a pattern.
fn has_bare_brackets(command: &str) -> bool {
    let mut quote = None;
    command.chars().any(|character| {
        match quote {
            Some(end) if character == end => quote = None,
            None if "'\"".contains(character) => quote = Some(character),
            Some(_) | None => {}
        }
        quote.is_none() && "[]{}?".contains(character) && command.starts_with("fleetsim ")
    })
}

/// A folder with all that the commands read.
fn workshop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["scenarios", "tests/scenarios", "results/baselines"] {
        let to = folder.path().join(part);
        fs::create_dir_all(&to).expect("a folder can be made");
        for entry in fs::read_dir(part).expect("the folder is there") {
            let entry = entry.expect("it can be listed");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("it can be copied");
        }
    }
    folder
}

/// Whether `command` needs a recording that is not here; it is given beside the repository.
fn needs_recordings(command: &str) -> bool {
    command.contains("../shared") || command.contains("tests/scenarios/")
}

/// What is wrong with what `place` shows, and its lines as they should be.
struct Judged {
    wrong: Vec<String>,
    lines: Vec<String>,
}

/// Gives every command of the page at `path`, and makes its generated parts.
fn judge(tool: &Tool, path: &Path) -> Judged {
    let (text, folder) = (fs::read_to_string(path).expect("it is text"), workshop());
    let old: Vec<&str> = text.lines().collect();
    let (mut wrong, mut lines) = (Vec::new(), Vec::new());
    let mut copied = 0;
    for shown in shown(&text) {
        let (what, range, printed) = match shown {
            Shown::File(name, text) => {
                fs::write(folder.path().join(name), text).expect("it can be written");
                continue;
            }
            Shown::Command(command) => {
                wrong.extend(alone(tool, &command, folder.path()));
                continue;
            }
            Shown::Printed(command, range) if tool.takes(&command) => {
                let (_, printed) = tool.give(&command, folder.path());
                (command, range, printed.trim_end().to_owned())
            }
            Shown::Printed(..) => continue,
            Shown::Generated(by, range) => {
                let printed = match by.starts_with("fleetsim ") {
                    true => tool.give(&by, folder.path()).1,
                    false => parts::made(&by),
                };
                // A page needs room around what is put in.
                (by, range, format!("\n{printed}\n"))
            }
        };
        let printed: Vec<&str> = printed.lines().collect();
        if !agrees(&old[range.clone()], &printed) {
            let line = range.start + 1;
            wrong.push(format!("line {line} does not show what this prints now: {what}"));
            lines.extend(old[copied..range.start].iter().map(|line| (*line).to_owned()));
            lines.extend(renewed(&old[range.clone()], &printed));
            copied = range.end;
        }
    }
    lines.extend(old[copied..].iter().map(|line| (*line).to_owned()));
    Judged { wrong, lines }
}

/// What is wrong with `command`, of which no output is shown.
fn alone(tool: &Tool, command: &str, folder: &Path) -> Option<String> {
    if has_bare_brackets(command) {
        return Some(format!("{command}: some shells take its brackets for a pattern: quote them"));
    }
    // Those that make many runs CI gives in a step of its own.
    if !tool.takes(command) || makes_many_runs(command) || !command.starts_with("fleetsim ") {
        return None;
    }
    if needs_recordings(command) && !Path::new("../shared/data").exists() {
        eprintln!("skipped, since ../shared/data is not here: {command}");
        return None;
    }
    let folder = if needs_recordings(command) { Path::new(".") } else { folder };
    let (is_done, told) = tool.give(&tool.shortened(command), folder);
    match is_done {
        // What names a thing that is not there tells an empty story.
        true if told.trim_end().ends_with("\nnothing") => Some(format!("{command}: tells nothing")),
        true => None,
        false => Some(format!("{command}: {told}")),
    }
}

/// Calls `judge` for each of `all`, as many at once as there are cores; their results in order.
fn in_parallel<T: Sync, R: Send>(all: &[T], judge: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, threads) = (AtomicUsize::new(0), std::thread::available_parallelism());
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(index) else { return done };
            done.push((index, judge(one)));
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads = threads.map_or(1, std::num::NonZeroUsize::get);
        let workers = Vec::from_iter((0..threads).map(|_| scope.spawn(work)));
        workers.into_iter().flat_map(|worker| worker.join().expect("it does not fail")).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[test]
fn every_page_shows_what_is_true() {
    let (tool, pages) = (Tool::new(), pages());
    let renews = env::var_os("FLEETSIM_RENEW").is_some();
    let mut wrong = Vec::new();
    for (path, judged) in pages.iter().zip(in_parallel(&pages, |path| judge(&tool, path))) {
        if renews && !judged.wrong.is_empty() {
            fs::write(path, judged.lines.join("\n") + "\n").expect("it can be written");
        }
        wrong.extend(judged.wrong.iter().map(|why| format!("{}: {why}", path.display())));
    }
    assert!(
        wrong.is_empty(),
        "{}\nto renew: FLEETSIM_RENEW=1 cargo test --test shown (with FLEETSIM=target/release/fleetsim \
         also what takes long)",
        wrong.join("\n")
    );
}

/// What a line of a scenario's head shows: what stands behind its label, as in `# Try:   fleetsim`.
fn of_head(line: &str) -> Option<&str> {
    let comment = line.strip_prefix('#')?;
    let (label, command) = comment.split_at(comment.find("fleetsim ")?);
    let is_label = label.trim().is_empty() || label.trim().ends_with(':');
    // `All of its keys: fleetsim schema` is a sentence; what a head shows names a scenario.
    (is_label && command.contains("scenarios/")).then_some(command)
}

#[test]
fn every_scenario_shows_commands_that_are_right() {
    let (tool, folder) = (Tool::new(), workshop());
    let mut commands = Vec::new();
    for entry in fs::read_dir("scenarios").expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_none_or(|of| of != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it is text");
        let of: Vec<String> = text.lines().filter_map(of_head).map(str::to_owned).collect();
        let run = format!("fleetsim run {}", path.display());
        assert!(
            of.iter().any(|command| command.starts_with(&run)),
            "{path:?} shows no run of itself"
        );
        commands.extend(of);
    }
    commands.sort();
    commands.dedup();
    assert!(commands.len() > 30, "{} commands are shown", commands.len());
    let wrong = in_parallel(&commands, |command| alone(&tool, command, folder.path()));
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn brackets_want_quotes() {
    assert!(has_bare_brackets("fleetsim run a --set servers[0].count=1"));
    assert!(!has_bare_brackets("fleetsim run a --set 'servers[0].count=1' --set \"x={}\""));
}
