//! `run --out` under the faults that sweeps must bear.

use super::*;

#[test]
fn a_run_killed_at_any_moment_leaves_whole_files_or_none() {
    let room = room();
    let room = room.path();
    let run = ["run", "tiny.toml", "--runs", "20", "--threads", "2", "--quiet", "--out", "out"];
    let out = room.join("out");
    answer(room, &run).says(0, &[]);
    let wanted = results(&out);
    let mut chosen = Chosen(3);
    for _ in 0..12 {
        fs::remove_dir_all(&out).unwrap();
        let mut child = begin(room, &run);
        wait_until(&mut child, || out.exists());
        pause(Duration::from_micros(chosen.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        for (path, bytes) in &wanted {
            let there = fs::read(out.join(path)).ok();
            assert!(there.is_none_or(|there| there == *bytes), "half of {}", path.display());
        }
        answer(room, &run).says(0, &[]);
        assert!(results(&out) == wanted, "nothing stays behind");
    }
}

#[test]
fn a_run_on_a_full_disk_is_told_and_leaves_what_was_there() {
    if !mounts() {
        return;
    }
    let room = room();
    let room = room.path();
    let script = "mkdir out; mount -t tmpfs -o size=12k none out; \"$0\" run tiny.toml --runs 500 \
                  --out out; code=$?; ls -A out >left; exit $code";
    let script = format!("exec unshare -m sh -c '{script}' \"$0\"");
    let ended = shell(room, &script, &[]);
    ended.says(4, &["error: cannot write out/", "no space left; it needs "]);
    assert!(ended.stdout.is_empty());
    assert_eq!(fs::read_to_string(room.join("left")).unwrap(), "", "nothing half written");
}

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let room = room();
    let room = room.path();
    let out = room.join("out");
    let wanted = ["1", "2"].map(|seed| {
        answer(room, &["run", "tiny.toml", "--seed", seed, "--out", seed]).says(0, &[]);
        results(&room.join(seed))
    });
    for _ in 0..10 {
        let children = ["1", "2"].map(|seed| {
            begin(room, &["run", "tiny.toml", "--seed", seed, "--out", "out", "--quiet"])
        });
        let ids: Vec<String> = children.iter().map(|child| child.id().to_string()).collect();
        let ended = children.map(|child| Ended::from(child.wait_with_output().unwrap()));
        assert!(ended.iter().any(|one| one.code == 0), "{ended:?}");
        for refused in ended.iter().filter(|one| one.code != 0) {
            refused.says(4, &["cannot write out", "is at work there"]);
            let named = ids.iter().any(|id| refused.stderr.contains(&format!("process {id}")));
            assert!(named || refused.stderr.contains("another process"), "{refused:?}");
        }
        assert!(wanted.contains(&results(&out)), "two runs are mixed");
    }
}

#[test]
fn a_reader_of_a_run_who_goes_away_is_no_failure() {
    let room = room();
    let room = room.path();
    let line = "( \"$0\" run tiny.toml --format csv --out out; echo $? >code ) | head -n 1";
    let ended = shell(room, line, &[]);
    ended.says(0, &[]);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(fs::read_to_string(room.join("code")).unwrap(), "0\n");
    assert!(room.join("out/manifest.json").exists(), "the results are whole");
}
