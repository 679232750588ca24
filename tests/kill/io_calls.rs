//! Every single call that writes, failing in every way: with an error, by half, by the death of the
//! process in its midst. The library that does this to us is not in this repository; where it is not
//! at hand nothing is tried. A sample of the calls, unless FLEETSIM_EVERY_CALL is set.

use super::*;
use std::sync::OnceLock;

/// How a call fails, and which ones fail so.
struct Mode {
    name: &'static str,
    /// Kinds of calls (all where none is named).
    calls: &'static str,
    /// Whether the process lives to tell.
    deadly: bool,
}

const MODES: [Mode; 6] = [
    Mode { name: "kill", calls: "", deadly: true },
    Mode { name: "torn", calls: "", deadly: true },
    Mode { name: "ENOSPC", calls: "", deadly: false },
    Mode { name: "EIO", calls: "fsync,fdatasync", deadly: false },
    Mode { name: "EIO", calls: "write,rename,open", deadly: false },
    Mode { name: "EROFS", calls: "open,rename", deadly: false },
];

/// What a run writes beside its manifest.
const RESULTS: [&str; 3] = ["summary.json", "runs.csv", "series.csv"];

/// The library that fails calls, built once.
fn library() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/failio.c");
        if !source.exists() {
            println!("skipped: there is no {}", source.display());
            return None;
        }
        let room = tempfile::tempdir().expect("a folder for the test");
        let library = room.path().join("failio.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-o"]).args([&library, &source]).arg("-ldl");
        match compiler.output() {
            Ok(output) if output.status.success() => Some((room, library)),
            Ok(_) | Err(_) => {
                println!("skipped: no C compiler builds {}", source.display());
                None
            }
        }
    });
    built.as_ref().map(|(_, library)| library.as_path())
}

/// What `arguments` answer when the call number `call` of `mode` fails; with 0 none does, and
/// `count` gets the number of calls.
fn failing(room: &Path, arguments: &[&str], mode: &Mode, call: u64) -> Ended {
    let mut command = fleetsim(room, arguments);
    command.env("LD_PRELOAD", library().expect("asked before")).env("FAILIO_MODE", mode.name);
    command.env("FAILIO_NTH", call.to_string()).env("FAILIO_PATH", "trouble");
    if call == 0 {
        command.env("FAILIO_COUNT", room.join("count"));
    }
    if !mode.calls.is_empty() {
        command.env("FAILIO_OPS", mode.calls);
    }
    command.output().expect("the binary starts").into()
}

/// The numbers of the calls to be tried, of all those that `arguments` make.
fn tried(room: &Path, arguments: &[&str], mode: &Mode) -> Vec<u64> {
    failing(room, arguments, mode, 0).says(0, &[]);
    let many: u64 = fs::read_to_string(room.join("count"))
        .expect("files of the test can be read and written")
        .trim()
        .parse()
        .expect("it is a number");
    assert!(many > 3, "only {many} calls of {}", mode.calls);
    let every = std::env::var_os("FLEETSIM_EVERY_CALL").is_some();
    // The first and last ones, and some between.
    let mut chosen = Chosen(many);
    let between = (0..8).map(|_| 1 + chosen.below(many));
    let ends = [1, 2, 3, many.saturating_sub(2), many.saturating_sub(1), many];
    let mut calls: Vec<u64> = match every {
        true => (1..=many).collect(),
        false => between.chain(ends).collect(),
    };
    calls.sort_unstable();
    calls.dedup();
    calls
}

/// Holds that the process ended as `mode` wants, and told why where it could.
#[track_caller]
fn ended_well(ended: &Ended, mode: &Mode, call: u64) {
    match mode.deadly {
        true => assert_eq!(ended.code, -9, "{} at {call}: {ended:?}", mode.name),
        false => ended.says(4, &["error: cannot write "]),
    }
}

#[test]
fn a_sweep_survives_the_failure_of_any_call() {
    if library().is_none() {
        return;
    }
    let room = room();
    let room = room.path();
    let common =
        ["--vary", "policies.repair.crews=1,2", "--runs", "3", "--threads", "1", "--quiet"];
    let sweep = |out| both(&both(&["sweep", "tiny.toml"], &common), &["--out", out, "--resume"]);
    answer(room, &sweep("whole")).says(0, &[]);
    let wanted = results(&room.join("whole"));
    let out = room.join("trouble");
    let clear = || fs::remove_dir_all(&out);
    for mode in &MODES {
        for call in tried(room, &sweep("trouble"), mode) {
            clear().unwrap();
            ended_well(&failing(room, &sweep("trouble"), mode, call), mode, call);
            let before = finished(&out);
            for (path, bytes) in &wanted {
                let there = fs::read(out.join(path)).ok();
                assert!(there.is_none_or(|there| there == *bytes), "half of {}", path.display());
            }
            answer(room, &sweep("trouble")).says(0, &[]);
            are_the_same(&out, &wanted);
            let after = finished(&out);
            assert_eq!(after.len(), 6, "every run once: {} at {call}", mode.name);
            assert_eq!(after[..before.len()], before, "{} at {call}", mode.name);
        }
        clear().unwrap();
    }
}

#[test]
fn a_disk_that_stays_full_is_told_wherever_that_begins() {
    if library().is_none() {
        return;
    }
    let room = room();
    let room = room.path();
    let sweep = both(&SWEEP, &["--runs", "2", "--threads", "2", "--out", "trouble", "--resume"]);
    let full = Mode { name: "ENOSPC", calls: "write,fsync,fdatasync", deadly: false };
    for call in tried(room, &sweep, &full) {
        fs::remove_dir_all(room.join("trouble")).unwrap();
        let mut command = fleetsim(room, &sweep);
        command.env("LD_PRELOAD", library().unwrap()).env("FAILIO_MODE", full.name);
        command.env("FAILIO_NTH", call.to_string()).env("FAILIO_STICKY", "1");
        command.env("FAILIO_OPS", full.calls).env("FAILIO_PATH", "trouble");
        ended_well(&command.output().unwrap().into(), &full, call);
        answer(room, &sweep).says(0, &[]);
        assert_eq!(finished(&room.join("trouble")).len(), 8);
    }
}

#[test]
fn short_writes_and_interrupted_calls_are_not_seen() {
    if library().is_none() {
        return;
    }
    let room = room();
    let room = room.path();
    let sweep = both(&SWEEP, &["--runs", "2", "--threads", "1", "--quiet", "--resume"]);
    answer(room, &both(&sweep, &["--out", "whole"])).says(0, &[]);
    let run = ["run", "tiny.toml", "--out"];
    answer(room, &both(&run, &["whole-run"])).says(0, &[]);
    for mode in [
        Mode { name: "short", calls: "write", deadly: false },
        Mode { name: "EINTR", calls: "write,open", deadly: false },
    ] {
        for (arguments, whole) in [
            (both(&sweep, &["--out", "trouble"]), "whole"),
            (both(&run, &["trouble"]), "whole-run"),
        ] {
            for call in tried(room, &arguments, &mode) {
                fs::remove_dir_all(room.join("trouble")).unwrap();
                failing(room, &arguments, &mode, call).says(0, &[]);
                assert!(results(&room.join("trouble")) == results(&room.join(whole)));
            }
            fs::remove_dir_all(room.join("trouble")).unwrap();
        }
    }
}

#[test]
fn a_run_leaves_whole_files_whatever_call_fails() {
    if library().is_none() {
        return;
    }
    let room = room();
    let room = room.path();
    let out = room.join("trouble");
    let run = |seed| ["run", "tiny.toml", "--quiet", "--out", "trouble", "--seed", seed];
    answer(room, &run("2")).says(0, &[]);
    let later = files(&out);
    answer(room, &run("1")).says(0, &[]);
    let earlier = files(&out);
    for mode in &MODES {
        for call in tried(room, &run("2"), mode) {
            answer(room, &run("1")).says(0, &[]);
            ended_well(&failing(room, &run("2"), mode, call), mode, call);
            let there = files(&out);
            for (path, bytes) in &there {
                let Some(earlier) = earlier.get(path) else {
                    assert!(mode.deadly, "{} stays behind", path.display());
                    continue;
                };
                // Two manifests differ in their times, but not in where they end.
                let ended = path.ends_with("manifest.json") && bytes.ends_with(b"\n}\n");
                let whole = bytes == earlier || *bytes == later[path];
                assert!(whole || ended, "half of {} at {call}", path.display());
            }
            // A folder with a manifest is whole: all of one run.
            if there.contains_key(Path::new("manifest.json")) {
                let of = |files: &BTreeMap<PathBuf, Vec<u8>>| {
                    RESULTS.iter().all(|name| there[Path::new(name)] == files[Path::new(name)])
                };
                assert!(of(&earlier) || of(&later), "two runs are mixed: {} at {call}", mode.name);
            }
            answer(room, &run("2")).says(0, &[]);
            assert!(results(&out).iter().all(|(path, bytes)| later[path] == *bytes));
            assert_eq!(files(&out).len(), earlier.len(), "nothing stays behind");
        }
    }
}
