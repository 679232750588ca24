//! `report`: the same pictures once more, and what it says where there are none to be drawn.

use super::{answer, names};
use insta::assert_snapshot;
use std::{fs, path::Path};

/// A folder in which `r` holds the results of a few runs.
fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    let run = ["run", "quickstart.toml", "--runs", "6", "--out", "r", "--quiet"];
    assert_eq!(answer(&run, folder.path()).0, 0);
    folder
}

/// Every picture in `r`, by name.
fn plots(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let plots = folder.join("r/plots");
    let read = |name: String| (name.clone(), fs::read(plots.join(name)).expect("it is there"));
    names(&plots).into_iter().map(read).collect()
}

/// What `report` of `path` says on stderr, and its exit code.
fn refused(folder: &Path, path: &str) -> (i32, String) {
    let (code, text, faults) = answer(&["report", path], folder);
    assert_eq!(text, "", "{faults}");
    (code, faults)
}

#[test]
fn pictures_are_drawn_again_to_the_same_bytes() {
    let folder = finished();
    let folder = folder.path();
    let drawn = plots(folder);
    assert!(drawn.iter().any(|(name, _)| name == "availability.svg"));
    fs::remove_dir_all(folder.join("r/plots")).unwrap();
    let (code, text, faults) = answer(&["report", "r"], folder);
    assert_eq!(
        (code, faults.as_str()),
        // The pictures and the page.
        (0, format!("wrote {} files into r\n", drawn.len() + 1).as_str())
    );
    assert!(text.contains("plots/availability.svg  "), "{text}");
    assert!(plots(folder) == drawn);
    // Once more over what is there: what is no more drawn goes, what is not ours stays.
    fs::copy(folder.join("r/plots/availability.svg"), folder.join("r/plots/old.svg")).unwrap();
    fs::write(folder.join("r/plots/availability.svg"), &drawn[0].1[..200]).unwrap();
    fs::write(folder.join("r/plots/mine.svg"), "<svg></svg>").unwrap();
    fs::write(folder.join("r/notes.txt"), "mine").unwrap();
    let (code, text, _) = answer(&["report", "r", "--format", "json", "--quiet"], folder);
    assert_eq!(code, 0);
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list[0]["file"], "plots/availability.svg");
    fs::remove_file(folder.join("r/plots/mine.svg")).expect("it was left alone");
    fs::remove_file(folder.join("r/notes.txt")).expect("it was left alone");
    assert!(plots(folder) == drawn);
}

#[test]
fn folders_that_cannot_be_drawn_are_told_what_is_wrong() {
    let folder = finished();
    let folder = folder.path();
    let without = |name: &str| {
        let aside = folder.join("aside");
        fs::rename(folder.join("r").join(name), &aside).unwrap();
        let told = refused(folder, "r");
        fs::rename(&aside, folder.join("r").join(name)).unwrap();
        told
    };
    let as_it_is = |name: &str, text: &str| {
        let path = folder.join("r").join(name);
        let before = fs::read(&path).unwrap();
        fs::write(&path, text).unwrap();
        let told = refused(folder, "r");
        fs::write(&path, before).unwrap();
        told
    };
    let again = "make it again: fleetsim run quickstart.toml --seed 1 --runs 6 --out DIR";
    let missing = without("series.csv");
    assert_eq!(missing, (4, format!("error: cannot read r: series.csv is missing; {again}\n")));
    let (code, told) = without("manifest.json");
    assert_eq!(code, 4);
    assert!(told.contains("what wrote the folder did not finish; make it again"), "{told}");
    let (code, told) = as_it_is("series.csv", "series,label\nx,\n");
    assert_eq!(code, 4);
    assert!(told.contains("series.csv has no column `unit`; make it again"), "{told}");
    let (code, told) = as_it_is("runs.csv", "run,availability\n0,often\n");
    assert_eq!(code, 4);
    assert!(told.contains("runs.csv, line 2: `often` is not a number"), "{told}");
    let (code, told) = as_it_is("summary.json", "{");
    assert_eq!(
        (code, told.starts_with("error: cannot read r/summary.json: is not JSON")),
        (4, true)
    );
    assert_snapshot!(without("summary.json").1, @"error: r holds no results of fleetsim: there is no summary.json in it; name a folder that --out of run, sweep, merge, compare, check or plan made");
    assert_eq!(without("summary.json").0, 2);
    let (code, told) = as_it_is("summary.json", "{\"kind\": \"walk\"}");
    assert_eq!(code, 2);
    assert!(
        told.contains("its summary.json names the unknown kind `walk`; known: run, "),
        "{told}"
    );
    assert_snapshot!(refused(folder, "nowhere").1, @"error: cannot read nowhere: it is not a folder; name one that --out of another command made");
    assert_eq!(refused(folder, "quickstart.toml").0, 4);
    assert_eq!(answer(&["report", "r"], folder).0, 0, "all is as it was");
}

#[test]
fn what_is_not_ours_is_not_drawn_over() {
    let folder = finished();
    let folder = folder.path();
    let mine = folder.join("r/plots/availability.svg");
    fs::write(&mine, "<svg>mine</svg>").unwrap();
    let (code, told) = refused(folder, "r");
    assert_eq!(code, 4);
    assert_snapshot!(told, @"error: cannot write r/plots/availability.svg: it is there, and is not a picture of ours; move it away");
    let run = ["run", "quickstart.toml", "--runs", "1000000", "--out", "r"];
    let (code, text, told) = answer(&run, folder);
    assert_eq!((code, text.as_str()), (4, ""));
    assert_snapshot!(told, @"error: cannot write r: it holds plots/availability.svg, which is not a picture of an earlier run; move it away, or name another folder");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "<svg>mine</svg>");
}

#[test]
#[cfg(unix)]
fn links_and_folders_that_cannot_be_written_are_told() {
    let folder = finished();
    let folder = folder.path();
    fs::rename(folder.join("r/plots"), folder.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.join("r/plots")).unwrap();
    let before = names(&folder.join("elsewhere"));
    let told = refused(folder, "r");
    assert_snapshot!(told.1, @"error: cannot write r/plots: it is a link; move it away, or name another folder");
    let run = ["run", "quickstart.toml", "--runs", "1000000", "--out", "r"];
    assert_eq!((told.0, answer(&run, folder).0), (4, 4));
    fs::remove_file(folder.join("r/plots")).unwrap();
    fs::write(folder.join("r/plots"), "x").unwrap();
    let told = refused(folder, "r");
    assert_snapshot!(told.1, @"error: cannot write r/plots: it is not a folder; move it away, or name another folder");
    assert_eq!(names(&folder.join("elsewhere")), before);
}
