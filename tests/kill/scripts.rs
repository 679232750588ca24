//! The scripts of docs/cluster, each tried on a sweep. `.ci/slurm` tries the one for Slurm on a real
//! one.

use super::*;

/// What is swept, as the scripts take it.
const SWEPT: [&str; 5] = ["tiny.toml", "--vary", "policies.repair.crews=1,2,3,4", "--runs", "3"];

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cluster").join(name)
}

/// The results of the sweep that nobody divided.
fn whole(room: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    answer(room, &both(&["sweep"], &both(&SWEPT, &["--quiet", "--out", "whole"]))).says(0, &[]);
    results(&room.join("whole"))
}

/// A script under way in `room` with the binary on its path, and of the other commands only those
/// named, where any are.
fn bash(room: &Path, path: &Path, arguments: &[&str], only: &[&str]) -> Command {
    let tools = room.join("tools");
    fs::create_dir_all(&tools).expect("files of the test can be read and written");
    let link = |name: &str, target: &Path| {
        // It may be there from an earlier one.
        let _ = std::os::unix::fs::symlink(target, tools.join(name));
    };
    link("fleetsim", binary());
    let search = std::env::var("PATH").expect("there is a PATH");
    for tool in only {
        let found = search.split(':').map(|at| Path::new(at).join(tool)).find(|at| at.exists());
        link(tool, &found.unwrap_or_else(|| panic!("no {tool} on this machine")));
    }
    let arguments = [&[path.to_str().expect("paths of tests are text")], arguments].concat();
    let mut command = with_environment(Command::new("bash"), room, &arguments);
    match only {
        [] => command.env("PATH", format!("{}:{search}", tools.display())),
        _ => command.env("PATH", &tools),
    };
    command
}

#[test]
fn the_shards_of_gnu_parallel_merge_to_the_sweep() {
    let there = Command::new("parallel").arg("--version").output();
    if !there.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel")) {
        println!("skipped: GNU parallel is not installed");
        return;
    }
    let room = room();
    let wanted = whole(room.path());
    // Blanks, quotes and brackets reach the command as they were typed.
    let set = ["--set", "scenario.question='why \"not\", {}?'"];
    let mut command =
        bash(room.path(), &script("parallel.sh"), &both(&["5", "out"], &both(&SWEPT, &set)), &[]);
    Ended::from(command.output().unwrap()).says(0, &[]);
    let summary = fs::read_to_string(room.path().join("out/merged/summary.json")).unwrap();
    assert!(summary.contains(r#"why \"not\", {}?"#), "{summary}");
    let mut command =
        bash(room.path(), &script("parallel.sh"), &both(&["5", "plain"], &SWEPT), &[]);
    Ended::from(command.output().unwrap()).says(0, &[]);
    are_the_same(&room.path().join("plain/merged"), &wanted);
}

#[test]
fn without_gnu_parallel_xargs_does() {
    let room = room();
    let wanted = whole(room.path());
    let only = ["bash", "mkdir", "seq", "nproc", "xargs"];
    let arguments = both(&["3", "out"], &SWEPT);
    let parallel = script("parallel.sh");
    let again = || Ended::from(bash(room.path(), &parallel, &arguments, &only).output().unwrap());
    again().says(0, &[]);
    are_the_same(&room.path().join("out/merged"), &wanted);
    // A shard is lost; the same line does what is missing.
    fs::remove_dir_all(room.path().join("out/shard-1")).unwrap();
    fs::remove_dir_all(room.path().join("out/merged")).unwrap();
    again().says(0, &[]);
    are_the_same(&room.path().join("out/merged"), &wanted);
    // A shard that cannot be done fails the whole.
    fs::remove_dir_all(room.path().join("out/shard-2")).unwrap();
    fs::write(room.path().join("out/shard-2"), "in the way").unwrap();
    let ended = again();
    assert_ne!(ended.code, 0, "{ended:?}");
    ended.says(ended.code, &["shard-2"]);
}

#[test]
fn the_tasks_of_a_job_array_merge_to_the_sweep() {
    let room = room();
    let wanted = whole(room.path());
    let arguments = both(&["3", "out"], &SWEPT);
    let task = |number: Option<&str>| {
        let mut command = bash(room.path(), &script("sweep.sbatch"), &arguments, &[]);
        command.env("SLURM_CPUS_PER_TASK", "2");
        if let Some(number) = number {
            command.env("SLURM_ARRAY_TASK_ID", number);
        }
        Ended::from(command.output().unwrap())
    };
    for number in ["0", "1", "2"] {
        task(Some(number)).says(0, &["SLURM_ARRAY_TASK_ID"]);
    }
    task(Some("3")).says(2, &["SLURM_ARRAY_TASK_ID", "3"]);
    task(None).says(2, &["--array"]);
    let merge = ["merge", "out/shard-0", "out/shard-1", "out/shard-2", "--out", "merged"];
    answer(room.path(), &merge).says(0, &[]);
    are_the_same(&room.path().join("merged"), &wanted);
}

/// The texts of the manifest's lists `args`, in order: the sweep's, the merge's.
fn manifest_arguments() -> Vec<Vec<String>> {
    let text = fs::read_to_string(script("kubernetes.yaml"))
        .expect("files of the test can be read and written");
    let mut lists: Vec<Vec<String>> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let item = line.strip_prefix("- \"").and_then(|rest| rest.strip_suffix('"'));
        match item {
            Some(item) if inside => {
                lists.last_mut().expect("a list was begun").push(item.to_owned())
            }
            Some(_) | None => {
                inside = line == "args:";
                if inside {
                    lists.push(Vec::new());
                }
            }
        }
    }
    lists
}

#[test]
fn the_pods_of_the_kubernetes_manifest_merge_to_the_sweep() {
    let room = room();
    let room = room.path();
    let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.toml");
    fs::create_dir(room.join("scenario")).unwrap();
    fs::copy(quickstart, room.join("scenario/quickstart.toml")).unwrap();
    let lists = manifest_arguments();
    let [sweep, merge] = &lists[..] else { panic!("a sweep and a merge, not {lists:?}") };
    let many: u32 =
        sweep.iter().find_map(|one| one.strip_prefix("auto/")).unwrap().parse().unwrap();
    // The mounts are folders of the test, and the year a month.
    let here =
        |one: &String| one.replace("/scenario/", "scenario/").replace("/results/", "results/");
    let quick = ["--set".to_owned(), "scenario.horizon=30d".to_owned(), "--quiet".to_owned()];
    for index in (0..many).map(|index| index.to_string()) {
        let arguments: Vec<String> = sweep
            .iter()
            .map(|one| here(one).replace("$(JOB_COMPLETION_INDEX)", &index))
            .chain(quick.clone())
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = fleetsim(room, &arguments);
        let output = command.env("JOB_COMPLETION_INDEX", &index).output().unwrap();
        Ended::from(output).says(0, &[]);
    }
    let merge: Vec<String> = merge.iter().map(here).collect();
    let merge: Vec<&str> = merge.iter().map(String::as_str).collect();
    answer(room, &merge).says(0, &[]);
    let whole = "sweep scenario/quickstart.toml --vary policies.repair.crews=1,2,3,4 --runs 200 \
                 --set scenario.horizon=30d --quiet --out whole";
    answer(room, &whole.split_whitespace().collect::<Vec<_>>()).says(0, &[]);
    are_the_same(&room.join("results/merged"), &results(&room.join("whole")));
}

#[test]
fn the_kubernetes_manifest_is_yaml_and_says_one_number_of_shards() {
    // A manifest is read by others: a reader of YAML that is not ours takes it apart.
    let read =
        "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let output = Command::new("python3").args(["-c", read]).arg(script("kubernetes.yaml")).output();
    let text = match output {
        Ok(output) if output.status.success() => output.stdout,
        Ok(_) | Err(_) => {
            println!("skipped: there is no python3 with yaml");
            return;
        }
    };
    let jobs: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let (sweep, merge) = (&jobs[0]["spec"], &jobs[1]["spec"]);
    assert_eq!(jobs.as_array().unwrap().len(), 2);
    for job in jobs.as_array().unwrap() {
        assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"Job".into()));
    }
    assert_eq!(sweep["completionMode"], "Indexed");
    let arguments = |job: &serde_json::Value| -> Vec<String> {
        let container = &job["template"]["spec"]["containers"][0];
        assert_eq!(container["command"][0], "fleetsim");
        serde_json::from_value(container["args"].clone()).unwrap()
    };
    assert_eq!(manifest_arguments(), [arguments(sweep), arguments(merge)]);
    let many = sweep["completions"].as_u64().unwrap();
    assert!(arguments(sweep).contains(&format!("auto/{many}")));
    let parts = arguments(merge).iter().filter(|one| one.starts_with("/results/shard-")).count();
    assert_eq!(parts as u64, many);
}
