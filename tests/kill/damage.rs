//! Folders of results that were damaged, cut short or mixed up between two commands.

use super::*;

/// Runs of each point.
const RUNS: usize = 3;

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    both(&both(&SWEEP, &["--runs", "3", "--threads", "1"]), more)
}

/// The sweep in `whole`, and its results.
fn whole(room: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    answer(room, &sweep(&["--out", "whole"])).says(0, &[]);
    results(&room.join("whole"))
}

/// A folder `out` that holds nothing but this ledger.
fn with_ledger(out: &Path, ledger: &[u8]) {
    if out.exists() {
        fs::remove_dir_all(out).expect("files of the test can be read and written");
    }
    fs::create_dir(out).expect("files of the test can be read and written");
    fs::write(out.join("ledger.jsonl"), ledger).expect("files of the test can be read and written");
}

/// Where each line of `text` begins, and where the last ends.
fn lines(text: &[u8]) -> Vec<usize> {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect()
}

#[test]
fn a_ledger_that_was_cut_anywhere_is_gone_on_with() {
    let room = room();
    let room = room.path();
    let wanted = whole(room);
    let ledger = fs::read(room.join("whole/ledger.jsonl")).unwrap();
    let starts = lines(&ledger);
    let out = room.join("cut");
    let mut chosen = Chosen(1);
    // Around every end of a line, and somewhere within each.
    let within = starts
        .windows(2)
        .map(|line| line[0] + usize::try_from(chosen.below((line[1] - line[0]) as u64)).unwrap());
    let around = starts.iter().flat_map(|at| [at.saturating_sub(1), *at]);
    let mut cuts: Vec<usize> = within.chain(around).collect();
    cuts.sort_unstable();
    cuts.dedup();
    for cut in cuts {
        with_ledger(&out, &ledger[..cut]);
        answer(room, &sweep(&["--out", "cut", "--resume"])).says(0, &[]);
        are_the_same(&out, &wanted);
        let mut found = finished(&out);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 4 * RUNS, "cut at {cut}");
        // What is torn is gone: the ledger is one that goes on again.
        let again = answer(room, &sweep(&["--out", "cut", "--resume"]));
        again.says(0, &[]);
        assert!(!again.stderr.contains("torn") && !again.stderr.contains("damaged"), "{again:?}");
    }
}

#[test]
fn no_flipped_bit_passes_unseen() {
    let room = room();
    let room = room.path();
    let wanted = whole(room);
    let ledger = fs::read(room.join("whole/ledger.jsonl")).unwrap();
    let starts = lines(&ledger);
    let out = room.join("flipped");
    let mut chosen = Chosen(2);
    // The first line, which says what the sweep is, and one in the middle: some thirty bits of each.
    for line in [0, 6] {
        let (mut at, length) = (starts[line], (starts[line + 1] - starts[line]) as u64);
        while at < starts[line + 1] {
            let mut flipped = ledger.clone();
            flipped[at] ^= 1 << chosen.below(8);
            with_ledger(&out, &flipped);
            let ended = answer(room, &sweep(&["--out", "flipped", "--resume"]));
            match ended.code {
                0 => are_the_same(&out, &wanted),
                code => assert!([2, 4].contains(&code), "byte {at}: {ended:?}"),
            }
            ended.says(ended.code, &["ledger.jsonl"]);
            at += 1 + usize::try_from(chosen.below(length / 15)).unwrap();
        }
    }
}

#[test]
fn a_damaged_line_is_told_and_its_run_done_again() {
    let room = room();
    let room = room.path();
    let wanted = whole(room);
    let ledger = String::from_utf8(fs::read(room.join("whole/ledger.jsonl")).unwrap()).unwrap();
    let mut lines: Vec<&str> = ledger.lines().collect();
    lines[5] = "what is this?";
    with_ledger(&room.join("damaged"), (lines.join("\n") + "\n").as_bytes());
    // Work that was lost is told, whatever was asked for.
    let quiet = answer(room, &sweep(&["--out", "damaged", "--resume", "--quiet"]));
    quiet.says(0, &["damaged/ledger.jsonl: line 6 (at byte ", "its run counts as missing"]);
    assert_eq!(quiet.stderr.lines().count(), 1, "{quiet:?}");
    are_the_same(&room.join("damaged"), &wanted);
    // So is what somebody else put behind it.
    let garbage = format!("{ledger}\u{0}\u{1}garbage\nmore of it");
    with_ledger(&room.join("damaged"), garbage.as_bytes());
    answer(room, &sweep(&["--out", "damaged", "--resume"])).says(0, &[]);
    are_the_same(&room.join("damaged"), &wanted);
}

#[test]
fn the_ledger_of_another_sweep_is_refused_and_left_as_it_is() {
    let room = room();
    let room = room.path();
    whole(room);
    let before = files(&room.join("whole"));
    let resume = ["--out", "whole", "--resume"];
    for other in [
        &["sweep", "tiny.toml", "--vary", "policies.repair.crews=1,2,3,4", "--seed", "9"][..],
        &["sweep", "tiny.toml", "--vary", "policies.repair.crews=1,2,3,5"],
        &[
            "sweep",
            "tiny.toml",
            "--vary",
            "policies.repair.crews=1,2,3,4",
            "--set",
            "scenario.horizon=99d",
        ],
    ] {
        let refused = answer(room, &both(&both(other, &["--runs", "3"]), &resume));
        refused.says(2, &["whole"]);
        assert!(refused.stdout.is_empty() && files(&room.join("whole")) == before, "{refused:?}");
    }
    // A folder in use, and no word of resuming.
    answer(room, &sweep(&["--out", "whole"])).says(2, &["whole", "--resume"]);
    assert!(files(&room.join("whole")) == before);
}

/// The shards of a sweep in `parts/K`, of `many`.
fn shards(room: &Path, many: usize) -> Vec<String> {
    let shard = |number| {
        let (out, shard) = (format!("parts/{number}"), format!("{number}/{many}"));
        answer(room, &sweep(&["--shard", &shard, "--out", &out])).says(0, &[]);
        out
    };
    (0..many).map(shard).collect()
}

fn merge(room: &Path, parts: &[String], out: &str) -> Ended {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    answer(room, &both(&both(&["merge"], &parts), &["--out", out, "--quiet"]))
}

#[test]
fn any_partition_merged_is_the_sweep() {
    let room = room();
    let room = room.path();
    let wanted = whole(room);
    for many in [1, 2, 3, 5, 13] {
        let mut parts = shards(room, many);
        parts.reverse();
        let out = format!("merged-{many}");
        merge(room, &parts, &out).says(0, &[]);
        are_the_same(&room.join(out), &wanted);
        fs::remove_dir_all(room.join("parts")).unwrap();
    }
}

#[test]
fn what_is_missing_or_does_not_belong_is_told_by_merge() {
    let room = room();
    let room = room.path();
    let wanted = whole(room);
    let parts = shards(room, 3);
    let missing = merge(room, &[parts[0].clone(), parts[2].clone()], "merged");
    missing.says(4, &["4 of 12 runs are missing", "shards 1 of 3"]);
    let nowhere = merge(room, &[parts[0].clone(), "nowhere".to_owned()], "merged");
    nowhere.says(4, &["nowhere"]);
    // A shard of another chance.
    answer(room, &sweep(&["--shard", "1/3", "--seed", "77", "--out", "other"])).says(0, &[]);
    let mixed = [parts[0].clone(), "other".to_owned(), parts[2].clone()];
    merge(room, &mixed, "merged").says(2, &["other", "seed"]);
    assert!(!room.join("merged").exists(), "nothing is made for a merge that cannot be");
    // A shard that was cut short: what it lacks is missing.
    let ledger = fs::read(room.join("parts/1/ledger.jsonl")).unwrap();
    let starts = lines(&ledger);
    with_ledger(&room.join("parts/1"), &ledger[..starts[starts.len() - 2]]);
    let short = merge(room, &parts, "merged");
    short.says(4, &["1 of 12 runs are missing", "shards 1 of 3"]);
    // It is finished, and all is well; given twice it is no harm either.
    answer(room, &sweep(&["--shard", "1/3", "--out", "parts/1", "--resume"])).says(0, &[]);
    let mended = merge(room, &parts, "merged");
    mended.says(0, &[]);
    assert_eq!(mended.stderr, "");
    are_the_same(&room.join("merged"), &wanted);
    // Where another shard has the run it is not missing, but that a ledger is damaged is told.
    let mut damaged = fs::read(room.join("parts/1/ledger.jsonl")).unwrap();
    damaged.extend_from_slice(b"what is this?\n");
    with_ledger(&room.join("parts/1"), &damaged);
    merge(room, &parts, "again").says(0, &["parts/1/ledger.jsonl: line 6 (at byte "]);
    are_the_same(&room.join("again"), &wanted);
}
