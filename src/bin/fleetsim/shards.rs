//! Which part of a sweep a job is to do, as the scheduler that began it says.

use crate::{args::Shard, exit::Failure};

/// Where schedulers say which task of an array a job is, and the number of the first one as it is
/// usual there.
const INDICES: [(&str, u64); 11] = [
    ("FLEETSIM_SHARD", 0),
    ("SLURM_ARRAY_TASK_ID", 0),
    ("JOB_COMPLETION_INDEX", 0),
    ("PBS_ARRAY_INDEX", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
    ("BATCH_TASK_INDEX", 0),
    ("CLOUD_RUN_TASK_INDEX", 0),
    ("LSB_JOBINDEX", 1),
    ("SGE_TASK_ID", 1),
    ("CI_NODE_INDEX", 1),
    ("PARALLEL_SEQ", 1),
];

/// The part that `shard` means, of how many, and which variable said so, if one did. `get` reads the
/// environment.
///
/// # Errors
/// No variable says it, two say different things, or it is none of the parts.
pub fn resolve(
    shard: Shard,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<(u32, u32, Option<&'static str>), Failure> {
    let parts = shard.parts.get();
    if let Some(part) = shard.part {
        return Ok((part, parts, None));
    }
    let fault = |why: String| Failure::Fault(format!("--shard auto/{parts}: {why}"));
    let mut found: Vec<(&'static str, u64, u64)> = Vec::new();
    for (name, first) in INDICES {
        let Some(text) = get(name).filter(|text| is_said(name, text)) else { continue };
        let index: u64 = text.trim().parse().map_err(|_| {
            fault(format!("{name} is `{}`, which is no number", fleetsim::report::plain(&text)))
        })?;
        found.push((name, index, first));
    }
    let Some((name, index, first)) = found.first().copied() else {
        let names: Vec<&str> = INDICES.iter().map(|(name, _)| *name).collect();
        let why = format!("none of {} is set; write --shard K/{parts}", names.join(", "));
        return Err(fault(why));
    };
    let part = |(_, index, first): &(&str, u64, u64)| index.checked_sub(*first);
    if let Some(other) = found.iter().find(|other| part(other) != part(&found[0])) {
        let why = format!(
            "{name} is {index} and {} is {}, which are different parts; write --shard K/{parts}",
            other.0, other.1
        );
        return Err(fault(why));
    }
    if name == "SLURM_ARRAY_TASK_ID" && counts_from_one(parts, get) {
        let last = parts - 1;
        let why = format!("the job array counts from 1; submit it as --array=0-{last}");
        return Err(fault(why));
    }
    let part = part(&(name, index, first)).and_then(|part| u32::try_from(part).ok());
    match part.filter(|part| *part < parts) {
        Some(part) => Ok((part, parts, Some(name))),
        None => Err(fault(format!(
            "{name} is {index}, and the array must count from {first} to {}",
            u64::from(parts) - 1 + first
        ))),
    }
}

/// Whether `text` names a task of an array: jobs that are in none have a word for that.
fn is_said(name: &str, text: &str) -> bool {
    match name {
        "LSB_JOBINDEX" => text != "0",
        "SGE_TASK_ID" => text != "undefined",
        _ => true,
    }
}

/// Whether the job array is numbered 1 to `parts`, which would leave out part 0: found in every task
/// of it, not only in the last.
fn counts_from_one(parts: u32, get: &dyn Fn(&str) -> Option<String>) -> bool {
    let number = |name: &str| get(name).and_then(|text| text.trim().parse::<u32>().ok());
    number("SLURM_ARRAY_TASK_MIN") == Some(1)
        && number("SLURM_ARRAY_TASK_MAX").is_some_and(|max| max == parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn of(parts: u32, set: &[(&str, &str)]) -> Result<(u32, Option<&'static str>), String> {
        let shard = Shard { part: None, parts: NonZeroU32::new(parts).unwrap() };
        let get = |name: &str| {
            set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        };
        match resolve(shard, &get) {
            Ok((part, _, said)) => Ok((part, said)),
            Err(Failure::Fault(message)) => Err(message),
            Err(other) => panic!("a fault, not {other:?}"),
        }
    }

    #[test]
    fn each_scheduler_is_understood() {
        for (name, value, part) in [
            ("SLURM_ARRAY_TASK_ID", "3", 3),
            ("JOB_COMPLETION_INDEX", "0", 0),
            ("PBS_ARRAY_INDEX", "9", 9),
            ("LSB_JOBINDEX", "1", 0),
            ("SGE_TASK_ID", "10", 9),
            ("PARALLEL_SEQ", "1", 0),
        ] {
            assert_eq!(of(10, &[(name, value)]), Ok((part, Some(name))));
        }
        let none = [("LSB_JOBINDEX", "0"), ("SGE_TASK_ID", "undefined"), ("PARALLEL_SEQ", "2")];
        assert_eq!(of(10, &none), Ok((1, Some("PARALLEL_SEQ"))), "no array of those two");
    }

    #[test]
    fn a_rerun_of_some_tasks_keeps_their_parts() {
        let set = [
            ("SLURM_ARRAY_TASK_ID", "7"),
            ("SLURM_ARRAY_TASK_MIN", "3"),
            ("SLURM_ARRAY_TASK_MAX", "13"),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
        ];
        assert_eq!(of(100, &set), Ok((7, Some("SLURM_ARRAY_TASK_ID"))));
    }

    #[test]
    fn what_cannot_be_right_is_refused() {
        let told = of(3, &[]).unwrap_err();
        assert!(told.starts_with("--shard auto/3: none of FLEETSIM_SHARD, SLURM"), "{told}");
        let told = of(3, &[("SLURM_ARRAY_TASK_ID", "3")]).unwrap_err();
        assert!(told.ends_with("is 3, and the array must count from 0 to 2"), "{told}");
        let told = of(3, &[("LSB_JOBINDEX", "4")]).unwrap_err();
        assert!(told.ends_with("must count from 1 to 3"), "{told}");
        let from_one = [
            ("SLURM_ARRAY_TASK_ID", "1"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "3"),
        ];
        assert!(of(3, &from_one).unwrap_err().ends_with("submit it as --array=0-2"));
        let two = [("SLURM_ARRAY_TASK_ID", "1"), ("PARALLEL_SEQ", "1")];
        assert!(of(3, &two).unwrap_err().contains("which are different parts"));
        assert!(of(3, &[("PBS_ARRAY_INDEX", "x")]).unwrap_err().contains("which is no number"));
    }
}
