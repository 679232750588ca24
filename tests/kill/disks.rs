//! Disks that are full, may not be written, or limit the length of files.

use super::*;

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    both(&both(&SWEEP, &["--threads", "1", "--quiet"]), more)
}

#[test]
fn a_full_disk_is_told_and_with_more_room_the_sweep_goes_on() {
    if !mounts() {
        return;
    }
    let room = room();
    let room = room.path();
    let arguments = sweep(&["--runs", "40", "--out", "out"]);
    answer(room, &sweep(&["--runs", "40", "--out", "whole"])).says(0, &[]);
    let wanted = results(&room.join("whole"));
    // From no room at all to room for everything but the last table.
    let full: u64 = files(&room.join("whole")).values().map(|bytes| bytes.len() as u64).sum();
    for size in [4_096, full / 4, full / 2, full - full / 8] {
        let script = format!(
            "mkdir -p out; mount -t tmpfs -o size={size} none out; \"$0\" \"$@\"; echo $? >code; \
             rm -rf kept; cp -r out kept; mount -o remount,size=64m out; \"$0\" \"$@\" --resume; \
             echo $? >>code; rm -rf went-on; cp -r out went-on"
        );
        let ended =
            shell(room, &format!("exec unshare -m sh -c '{script}' \"$0\" \"$@\""), &arguments);
        assert_eq!(fs::read_to_string(room.join("code")).unwrap(), "4\n0\n", "{size}: {ended:?}");
        ended.says(0, &["error: cannot write out/", "no space left"]);
        let kept = finished(&room.join("kept"));
        assert!(kept.len() > 10 || size < 20_000, "{size}: {} kept", kept.len());
        let went_on = room.join("went-on");
        are_the_same(&went_on, &wanted);
        assert_eq!(finished(&went_on)[..kept.len()], kept);
        assert_eq!(finished(&went_on).len(), 160, "every run once");
    }
}

#[test]
fn a_file_that_may_not_grow_is_told_and_without_the_limit_the_sweep_goes_on() {
    let room = room();
    let room = room.path();
    let arguments = sweep(&["--runs", "40", "--out", "out"]);
    answer(room, &sweep(&["--runs", "40", "--out", "whole"])).says(0, &[]);
    let ended = shell(room, "ulimit -f 200; exec \"$0\" \"$@\"", &arguments);
    ended.says(4, &["error: cannot write out/", "files may not grow that large here"]);
    let kept = finished(&room.join("out"));
    assert!(!kept.is_empty());
    answer(room, &both(&arguments, &["--resume"])).says(0, &[]);
    are_the_same(&room.join("out"), &results(&room.join("whole")));
    assert_eq!(finished(&room.join("out"))[..kept.len()], kept);
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is_simulated() {
    let room = room();
    let room = room.path();
    // So long that nobody would wait for its end.
    let long = sweep(&["--runs", "10000000"]);
    answer(room, &both(&long, &["--out", "tiny.toml"])).says(4, &["tiny.toml", "not a folder"]);
    answer(room, &both(&long, &["--out", "tiny.toml/out"])).says(4, &["tiny.toml/out"]);
    answer(room, &both(&long, &["--out", "/proc/nowhere"])).says(4, &["/proc/nowhere"]);
    fs::create_dir(room.join("thesis")).unwrap();
    fs::write(room.join("thesis/thesis.tex"), "x").unwrap();
    for resume in [&[][..], &["--resume"]] {
        let refused = answer(room, &both(&both(&long, &["--out", "thesis"]), resume));
        refused.says(4, &["thesis.tex"]);
    }
    assert_eq!(files(&room.join("thesis")).len(), 1, "nothing is added to what is not ours");
    if !mounts() {
        return;
    }
    let script = "mkdir -p out; mount -t tmpfs -o ro none out; exec \"$0\" \"$@\"";
    let script = format!("exec unshare -m sh -c '{script}' \"$0\" \"$@\"");
    shell(room, &script, &both(&long, &["--out", "out"])).says(4, &["out", "read-only"]);
    shell(room, &script, &both(&long, &["--out", "out/put"])).says(4, &["out", "read-only"]);
    shell(room, &script, &["run", "tiny.toml", "--runs", "100000", "--out", "out"])
        .says(4, &["out", "read-only"]);
}

#[test]
fn a_sweep_on_a_read_only_disk_cannot_be_gone_on_with_and_is_unharmed() {
    if !mounts() {
        return;
    }
    let room = room();
    let room = room.path();
    let arguments = sweep(&["--runs", "4", "--out", "out"]);
    answer(room, &arguments).says(0, &[]);
    let before = files(&room.join("out"));
    let script = "mount --bind out out; mount -o remount,bind,ro out; exec \"$0\" \"$@\" --resume";
    let script = format!("exec unshare -m sh -c '{script}' \"$0\" \"$@\"");
    shell(room, &script, &arguments).says(4, &["out", "read-only"]);
    assert!(files(&room.join("out")) == before);
}

#[test]
fn a_merge_onto_a_full_disk_leaves_its_parts_alone() {
    if !mounts() {
        return;
    }
    let room = room();
    let room = room.path();
    for shard in ["0/2", "1/2"] {
        let out = format!("part-{}", &shard[..1]);
        answer(room, &sweep(&["--runs", "40", "--shard", shard, "--out", &out])).says(0, &[]);
    }
    let before = [files(&room.join("part-0")), files(&room.join("part-1"))];
    let script = "mkdir out; mount -t tmpfs -o size=8k none out; \"$0\" merge part-0 part-1 --out out; \
                  code=$?; ls -A out >left; exit $code";
    let script = format!("exec unshare -m sh -c '{script}' \"$0\"");
    shell(room, &script, &[]).says(4, &["error: cannot write out", "no space left"]);
    let left = fs::read_to_string(room.join("left")).unwrap();
    assert!(!left.contains(".csv") && !left.contains("summary"), "half a result: {left}");
    assert!(before == [files(&room.join("part-0")), files(&room.join("part-1"))]);
    answer(room, &["merge", "part-0", "part-1", "--out", "merged"]).says(0, &[]);
}
