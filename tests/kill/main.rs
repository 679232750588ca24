//! What happens to results when the machine fails: processes killed at any moment, disks that fill,
//! refuse or lie, two processes on one folder. The rule is always the same: what was finished is kept,
//! what was not is done again and nothing twice, the bytes in the end are those of an undisturbed
//! sweep; and whoever cannot go on says why, with the documented exit code.
//!
//! What a machine cannot do (mount a small disk, preload a library) is skipped with a word.

#![cfg(target_os = "linux")]

mod damage;
mod disks;
mod io_calls;
mod kills;
mod memory;
mod one_at_a_time;
mod runs;
mod scripts;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// A cloud so small that a run of it takes a few milliseconds even where nothing is optimised.
const SCENARIO: &str = r#"
[scenario]
name = "tiny"
horizon = "800d"
seed = 5
runs = 10

[server_models.m]
vcpus = 16
memory = "64GiB"
crash = { rate = "9/year" }

[[servers]]
name = "all"
model = "m"
count = 4
zones = ["a", "b"]

[instance_types.t]
vcpus = 4
memory = "16GiB"

[[workload.instances]]
name = "web"
type = "t"
count = 9

[policies.repair]
crews = 1
"#;

/// A sweep of `tiny.toml`: 4 points.
const SWEEP: [&str; 4] = ["sweep", "tiny.toml", "--vary", "policies.repair.crews=1,2,3,4"];

/// Files of a folder of results that need not be the same twice.
const OF_ITS_OWN: [&str; 2] = ["manifest.json", "ledger.jsonl"];

/// Settings of whoever runs the tests.
const TERMINAL: [&str; 5] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"];

/// Where schedulers under which the tests may run say which task of an array they are.
const ARRAYS: [&str; 12] = [
    "FLEETSIM_SHARD",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "JOB_COMPLETION_INDEX",
    "PBS_ARRAY_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "BATCH_TASK_INDEX",
    "CLOUD_RUN_TASK_INDEX",
    "LSB_JOBINDEX",
    "SGE_TASK_ID",
    "CI_NODE_INDEX",
    "PARALLEL_SEQ",
];

/// How a process ended and what it said.
#[derive(Debug)]
struct Ended {
    /// Its exit code; minus the number of the signal that killed it.
    code: i32,
    stdout: String,
    stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it prints is text");
        let signal = || -output.status.signal().expect("no code, therefore a signal");
        let code = output.status.code().unwrap_or_else(signal);
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    /// Holds that it ended with `code`, and with a word that holds each of `words`.
    #[track_caller]
    fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}` in {self:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }
}

/// A folder with `tiny.toml` in it.
fn room() -> TempDir {
    let room = tempfile::tempdir().expect("a folder for the test");
    fs::write(room.path().join("tiny.toml"), SCENARIO).expect("the folder takes a file");
    room
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_fleetsim"))
}

/// The command with these arguments in `room`, unaware of where the tests run.
fn fleetsim(room: &Path, arguments: &[&str]) -> Command {
    with_environment(Command::new(binary()), room, arguments)
}

/// `command` with these arguments in `room`: no job array around it, no colours.
fn with_environment(mut command: Command, room: &Path, arguments: &[&str]) -> Command {
    for variable in TERMINAL.into_iter().chain(ARRAYS) {
        command.env_remove(variable);
    }
    command.args(arguments).current_dir(room).stdin(Stdio::null());
    command
}

/// What the command with these arguments answers.
fn answer(room: &Path, arguments: &[&str]) -> Ended {
    fleetsim(room, arguments).output().expect("the binary starts").into()
}

/// The command with these arguments, under way, its output for nobody and its faults kept.
fn begin(room: &Path, arguments: &[&str]) -> Child {
    let mut command = fleetsim(room, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

/// What `sh` answers to `script`, in which `$0` is the binary and `$1`, `$2`, … are `arguments`.
fn shell(room: &Path, script: &str, arguments: &[&str]) -> Ended {
    let arguments =
        [&["-c", script, binary().to_str().expect("paths of tests are text")], arguments].concat();
    with_environment(Command::new("sh"), room, &arguments).output().expect("sh starts").into()
}

/// `first` and `second` in one.
fn both<'a>(first: &[&'a str], second: &[&'a str]) -> Vec<&'a str> {
    [first, second].concat()
}

/// Every file below `out` with its bytes.
fn files(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![out.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("files of the test can be read and written").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(out).expect("it lies below").to_owned();
                found.insert(
                    name,
                    fs::read(&path).expect("files of the test can be read and written"),
                );
            }
        }
    }
    found
}

/// Every file below `out` that two equal commands write alike, with its bytes.
fn results(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files(out);
    files.retain(|path, _| !OF_ITS_OWN.iter().any(|name| path.ends_with(name)));
    files
}

/// Holds that the results below `out` are `wanted`, and that the ledger is there.
#[track_caller]
fn are_the_same(out: &Path, wanted: &BTreeMap<PathBuf, Vec<u8>>) {
    let found = results(out);
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (path, bytes) in wanted {
        assert!(found[path] == *bytes, "{} is another", path.display());
    }
    for name in OF_ITS_OWN {
        assert!(out.join(name).is_file(), "no {name}");
    }
}

/// Which runs the lines of the ledger below `out` are about: (point, run), in the order of lines.
/// Lines that are no whole JSON object, and those about no run, count for nothing.
fn finished(out: &Path) -> Vec<(u64, u64)> {
    let text = fs::read(out.join("ledger.jsonl")).unwrap_or_default();
    let line = |line: &[u8]| -> Option<(u64, u64)> {
        let object: serde_json::Value = serde_json::from_slice(line).ok()?;
        Some((object.get("point")?.as_u64()?, object.get("run")?.as_u64()?))
    };
    text.split(|byte| *byte == b'\n').filter_map(line).collect()
}

/// The length of the ledger below `out` (bytes).
fn length(out: &Path) -> u64 {
    fs::metadata(out.join("ledger.jsonl")).map_or(0, |there| there.len())
}

/// Lets real time pass.
#[expect(clippy::disallowed_methods, reason = "the process that is to be killed takes real time")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Waits until `child` ended or `there` holds; whether it does, and the child is under way.
fn wait_until(child: &mut Child, there: impl Fn() -> bool) -> bool {
    loop {
        let ended = child.try_wait().expect("it is our child").is_some();
        if there() || ended {
            return !ended;
        }
        pause(Duration::from_micros(200));
    }
}

/// Sends `signal` to `child`.
fn send(child: &Child, signal: &str) {
    let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).output();
    // One that has just ended by itself cannot be killed any more.
    kill.expect("kill starts");
}

/// A generator of numbers for the tests' own choices, the same in every run of them.
struct Chosen(u64);

impl Chosen {
    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Whether this machine mounts disks of our own in a namespace of our own; says so where it does not.
fn mounts() -> bool {
    let tried = Command::new("unshare")
        .args(["-m", "sh", "-c", "d=$(mktemp -d) && mount -t tmpfs none $d && umount $d; rmdir $d"])
        .output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may {
        println!("skipped: this machine lets us mount no disks");
    }
    may
}
