//! `sweep`: runs every point that the axes span, and writes what came of it.
//!
//! Reading order: `study` (which points, all read before any is run), `work` (runs done, each noted
//! in the ledger), `results` (all files, made from the ledger alone).

pub mod results;

mod study;

mod work;

use crate::{
    args::{Common, Format, Sweep},
    clock,
    exit::{Exit, Failure, note},
    files,
    ledger::{Header, Index, LEDGER, Ledger, Reader, scan},
    output::{self, Folder},
    progress::{Progress, Quiet},
    shards, signals,
    used::refuse_others,
};
use fleetsim::{
    report::{number, plain, table::Table},
    scenario::vary::Axes,
};
use results::Results;
use std::{num::NonZeroU32, path::Path};
use study::Study;

/// The files that a folder of a sweep may hold, in the order in which they are put in place.
pub const NAMES: [&str; 5] = ["summary.json", "points.csv", "runs.csv", "manifest.json", LEDGER];

/// Reads all points, runs what the ledger lacks, and makes the results of it: in this order, so that
/// what can fail fails before work is done.
pub fn sweep(options: &Sweep, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let axes = Axes::parse(&options.vary).map_err(Failure::Fault)?;
    let shard = shard(options, common.quiet())?;
    refuse_used(options)?;
    let study = Study::read(options, &axes, shard)?;
    study.check_memory(files::memory_available())?;
    Folder::check(&options.out, &NAMES, &study.inputs)?;
    refuse_orphans(&options.out)?;
    let folder = Folder::prepare(&options.out, &NAMES)?;
    let (mut ledger, mut header, mut index) =
        opened(&folder, options, &study.header, common.quiet())?;
    let missing = missing(&header, &index);
    let progress = Progress::new(missing, common.quiet());
    let done = work::work(&study, &mut ledger, &mut index, &progress);
    // What is finished is safe before anybody hears that something went wrong.
    let synced = ledger.sync();
    drop(progress);
    done.and(synced)?;
    let left = self::missing(&header, &index);
    if left > 0 {
        return Ok(stopped(&header, left));
    }
    // What is told more of may be asked for anew; no run depends on it.
    header.shown = study.header.shown.clone();
    let threads = Some(study.threads.get());
    let manifest = || results::manifest(&header, threads, [began, clock::now()]);
    if header.shard.1 > 1 {
        folder.write(&[("manifest.json", manifest())])?;
        drop(folder);
        output::print(&shown_shard(&header, common.format))?;
    } else {
        let reader = Reader::of(&[&options.out.join(LEDGER)])?;
        let mut made =
            Results { header: &header, index: &index, reader }.write(&folder, &study.show)?;
        let mut draft = folder.draft("manifest.json")?;
        draft.add(&manifest())?;
        made.and(draft);
        made.keep()?;
        drop(folder);
        made.print(&options.out, common.format)?;
    }
    if common.quiet() == Quiet::No {
        note(&format!("wrote {}", plain(&options.out.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// Which part is to be done, of how many.
fn shard(options: &Sweep, quiet: Quiet) -> Result<(u32, u32), Failure> {
    let Some(shard) = options.shard else { return Ok((0, 1)) };
    let (part, parts, said) = shards::resolve(shard, &|name| std::env::var(name).ok())?;
    if let (Some(said), Quiet::No) = (said, quiet) {
        note(&format!("shard {part}/{parts}, as {said} says"));
    }
    Ok((part, parts))
}

/// Refuses a folder in which a sweep was begun, unless it is to go on, and one with results of
/// anything else.
fn refuse_used(options: &Sweep) -> Result<(), Failure> {
    refuse_others(&options.out, "sweep")?;
    match !options.resume && options.out.join(LEDGER).exists() {
        true => Err(Failure::Fault(format!(
            "{} holds a sweep already; --resume goes on with it, or name another folder",
            plain(&options.out.to_string_lossy())
        ))),
        false => Ok(()),
    }
}

/// Refuses results that have lost their ledger: ours is there before any other file.
fn refuse_orphans(out: &Path) -> Result<(), Failure> {
    let holds = |name: &str| out.join(name).exists();
    match !holds(LEDGER) && ["summary.json", "points.csv", "runs.csv"].into_iter().any(holds) {
        true => Err(Failure::Fault(format!(
            "{} holds results without the ledger that they were made from; name a new or empty \
             folder",
            plain(&out.to_string_lossy())
        ))),
        false => Ok(()),
    }
}

/// The ledger of `folder`: the one that is there where it is of the same sweep, else a new one; with
/// its header, and the runs that it holds.
fn opened(
    folder: &Folder,
    options: &Sweep,
    asked: &Header,
    quiet: Quiet,
) -> Result<(Ledger, Header, Index), Failure> {
    let mut index = None;
    let found = scan(&[folder.path().join(LEDGER)], 0, &mut index)?;
    let (Some(found), Some(index)) = (found, index) else {
        return Ok((Ledger::begin(folder, asked)?, asked.clone(), Index::new(asked)));
    };
    if !options.resume {
        // It came to be after the first look.
        refuse_used(options)?;
    }
    let mut differences = found.header.differences(asked);
    let shard = |header: &Header| format!("{}/{}", header.shard.0, header.shard.1);
    if found.header.shard != asked.shard {
        let (there, now) = (shard(&found.header), shard(asked));
        differences.push(format!("--shard: {there} there, {now} now"));
    }
    if !differences.is_empty() {
        return Err(Failure::Fault(format!(
            "{} holds another sweep, which cannot be gone on with ({}); ask for the same as then, \
             or name another folder",
            plain(&folder.path().to_string_lossy()),
            plain(&differences.join("; "))
        )));
    }
    // Work that is lost is told even where --quiet was asked for.
    found.notes.iter().for_each(|text| note(text));
    if quiet == Quiet::No {
        let units = asked.units();
        let done = (0..units).filter(|unit| asked.has(*unit) && index.get(*unit).is_some()).count();
        note(&format!("{} of {} runs are done already", done, of_shard(asked)));
    }
    Ok((Ledger::go_on(folder, &found)?, found.header, index))
}

/// Runs that this shard is to do (count).
fn of_shard(header: &Header) -> u64 {
    let (part, parts) = (u64::from(header.shard.0), u64::from(header.shard.1));
    (header.units() + parts - 1 - part) / parts
}

/// Runs of this shard that are not done (count).
fn missing(header: &Header, index: &Index) -> u64 {
    let missing = |unit: &u64| header.has(*unit) && index.get(*unit).is_none();
    (0..header.units()).filter(missing).count() as u64
}

/// Tells that work was stopped, and how to go on.
fn stopped(header: &Header, left: u64) -> Exit {
    let all = of_shard(header);
    note(&format!(
        "stopped: {} of {} runs are done and kept; the same command with --resume goes on",
        number::free((all - left) as f64),
        number::free(all as f64)
    ));
    signals::stopped_by().unwrap_or(Exit::Interrupted)
}

/// What a shard that is done prints.
fn shown_shard(header: &Header, format: Format) -> String {
    let mut table =
        Table::new(["scenario", "shard", "shards", "points", "runs_of_shard", "digest"]);
    table.row([
        header.scenario.clone(),
        header.shard.0.to_string(),
        header.shard.1.to_string(),
        header.points.len().to_string(),
        of_shard(header).to_string(),
        header.digest.clone(),
    ]);
    match format {
        Format::Human => format!(
            "shard {} of {} is done: {} of the {} runs of {} points\n\
             all shards together: fleetsim merge DIR... --out DIR\n",
            header.shard.0,
            header.shard.1,
            number::free(of_shard(header) as f64),
            number::free(header.units() as f64),
            number::free(header.points.len() as f64),
        ),
        Format::Json => table.json(),
        Format::Csv => table.csv(),
        Format::Markdown => table.markdown(),
    }
}

/// As many as a count of 32 bits can tell, and at least one: for how many threads are of use.
fn clamped(count: u64) -> NonZeroU32 {
    u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(match count {
        0 => NonZeroU32::MIN,
        _ => NonZeroU32::MAX,
    })
}
