//! Two processes that want one folder.

use super::*;

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    both(&both(&SWEEP, &["--threads", "1", "--quiet"]), more)
}

#[test]
fn of_those_who_begin_together_one_has_the_folder() {
    let room = room();
    let room = room.path();
    answer(room, &sweep(&["--runs", "6", "--out", "whole"])).says(0, &[]);
    let wanted = results(&room.join("whole"));
    for round in 0..12 {
        let many = 2 + round % 3;
        let out = format!("out-{round}");
        let arguments = sweep(&["--runs", "6", "--resume", "--out", &out]);
        let children: Vec<Child> = (0..many).map(|_| begin(room, &arguments)).collect();
        let ids: Vec<String> = children.iter().map(|child| child.id().to_string()).collect();
        let ended: Vec<Ended> =
            children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
        // Who comes when the first has just ended finds it done; nobody gets in beside it.
        assert!(ended.iter().any(|one| one.code == 0), "{ended:?}");
        for refused in ended.iter().filter(|one| one.code != 0) {
            refused.says(4, &["cannot write", &out, "is at work there"]);
            // The holder has a moment between locking and writing its number down.
            let named = ids.iter().any(|id| refused.stderr.contains(&format!("process {id}")));
            assert!(named || refused.stderr.contains("another process"), "{refused:?}");
        }
        are_the_same(&room.join(&out), &wanted);
        assert_eq!(finished(&room.join(&out)).len(), 24, "every run once");
    }
}

#[test]
fn a_dead_holder_is_no_obstacle_and_a_live_one_is_named() {
    let room = room();
    let room = room.path();
    let out = room.join("held");
    let many = sweep(&["--runs", "100000", "--out", "held"]);
    let mut holder = begin(room, &many);
    assert!(wait_until(&mut holder, || finished(&out).len() > 2), "it is long");
    // While it holds the folder nobody gets in, whatever he wants there.
    let refused = answer(room, &both(&many, &["--resume"]));
    refused.says(4, &["held", &format!("process {}", holder.id()), "is at work there"]);
    assert!(refused.stdout.is_empty());
    answer(room, &many).says(2, &["held", "--resume"]);
    answer(room, &["run", "tiny.toml", "--out", "held"])
        .says(2, &["held holds a sweep that is not finished"]);
    let read = finished(&out).len();
    holder.kill().unwrap();
    holder.wait().unwrap();
    // Dead, it holds nothing; but the folder is in use.
    answer(room, &many).says(2, &["held", "--resume"]);
    let mut next = begin(room, &both(&many, &["--resume"]));
    assert!(wait_until(&mut next, || finished(&out).len() > read + 2), "it goes on");
    next.kill().unwrap();
    next.wait().unwrap();
}
