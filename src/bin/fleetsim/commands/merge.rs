//! `merge`: joins the shards of a sweep, whatever way it was parted, to what the whole sweep would
//! have written.

use super::sweep::{
    NAMES,
    results::{self, Results, Show},
};
use crate::{
    args::{Common, Merge},
    clock,
    exit::{Exit, Failure, note},
    ledger::{Header, Index, LEDGER, Reader, Scan, scan},
    output::{Draft, Folder},
    progress::Quiet,
    used::refuse_others,
};
use fleetsim::report::{VERSION, number, plain};
use std::path::{Path, PathBuf};

/// Reads the ledgers, finds every run in one of them, and makes the results.
pub fn merge(options: &Merge, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    if options.out.join(LEDGER).exists() {
        return Err(Failure::Fault(format!(
            "{} holds a sweep already; name a new or empty folder for --out",
            plain(&options.out.to_string_lossy())
        )));
    }
    refuse_others(&options.out, "sweep")?;
    let paths: Vec<PathBuf> = options.shards.iter().map(|shard| shard.join(LEDGER)).collect();
    let Joined { first, parts, index } = read(&paths)?;
    let mut header = first.header;
    let shown = if options.metric.is_empty() { &header.shown } else { &options.metric };
    let show = Show::choose(shown, &header)?;
    refuse_missing(&header, &parts, &index)?;
    (header.shard, header.shown) = ((0, 1), show.names());
    let folder = Folder::prepare(&options.out, &NAMES)?;
    let borrowed: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let reader = Reader::of(&borrowed)?;
    let mut made = Results { header: &header, index: &index, reader }.write(&folder, &show)?;
    let mut manifest = folder.draft("manifest.json")?;
    manifest.add(&results::manifest(&header, None, [began, clock::now()]))?;
    made.and(manifest);
    // The ledger comes last: a folder that has one is whole.
    made.and(ledger(&folder, &header, &index, Reader::of(&borrowed)?)?);
    made.keep()?;
    drop(folder);
    made.print(&options.out, common.format)?;
    if common.quiet() == Quiet::No {
        note(&format!("wrote {}", plain(&options.out.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// Shards, found to be of one sweep. Of all but the first only this is held: each of their headers
/// tells every point of the sweep again, and there may be thousands of both.
struct Joined {
    first: Scan,
    /// Of how many shards each of the ledgers is one.
    parts: Vec<u32>,
    /// Where the runs are.
    index: Index,
}

/// What the ledgers at `paths` hold together.
fn read(paths: &[PathBuf]) -> Result<Joined, Failure> {
    if paths.len() > Index::LEDGERS {
        let most = number::free(Index::LEDGERS as f64);
        return Err(Failure::Fault(format!("at most {most} shards are joined at once")));
    }
    let (mut index, mut parts) = (None, Vec::new());
    let mut first: Option<Scan> = None;
    for (place, path) in paths.iter().enumerate() {
        let Some(header) = crate::ledger::header(path)? else {
            let why = "there is none, or it is empty; is that the folder of a shard?";
            return Err(Failure::cannot_read(path, why));
        };
        refuse_other(&header, path, first.as_ref())?;
        let Some(scan) = scan(paths, place, &mut index)? else {
            return Err(Failure::cannot_read(path, "it has vanished"));
        };
        // Work that is lost is told even where --quiet was asked for.
        scan.notes.iter().for_each(|text| note(text));
        parts.push(scan.header.shard.1);
        first.get_or_insert(scan);
    }
    let one = "at least one shard must be named, and its ledger was read";
    Ok(Joined { first: first.expect(one), parts, index: index.expect(one) })
}

/// Refuses the ledger at `path` where it is of another sweep than the first.
fn refuse_other(header: &Header, path: &Path, first: Option<&Scan>) -> Result<(), Failure> {
    let path = plain(&path.to_string_lossy());
    if header.version != VERSION {
        return Err(Failure::Fault(format!(
            "{path} was written by fleetsim {}, and this is {VERSION}: shards of one sweep are run \
             and joined by one version",
            plain(&header.version)
        )));
    }
    let Some(first) = first else { return Ok(()) };
    let differences = first.header.differences(header);
    match differences.is_empty() {
        true => Ok(()),
        false => Err(Failure::Fault(format!(
            "{path} is of another sweep than {} ({})",
            plain(&first.path.to_string_lossy()),
            plain(&differences.join("; "))
        ))),
    }
}

/// Refuses to make results where runs are missing, and says which, and in which shards.
fn refuse_missing(header: &Header, of: &[u32], index: &Index) -> Result<(), Failure> {
    let missing = || (0..header.units()).filter(|unit| index.get(*unit).is_none());
    let count = missing().count();
    if count == 0 {
        return Ok(());
    }
    let points = condensed(missing().map(|unit| u64::from(index.key(unit).0)));
    let mut text = format!(
        "{} of {} runs are missing, at points {points}",
        number::free(count as f64),
        number::free(header.units() as f64)
    );
    let parts = u64::from(header.shard.1);
    if parts > 1 && of.iter().all(|of| u64::from(*of) == parts) {
        let mut shards: Vec<u64> = missing().map(|unit| unit % parts).collect();
        shards.sort_unstable();
        shards.dedup();
        text.push_str(&format!(
            "; they belong to shards {} of {parts}: run these (with --resume where one was begun), \
             and merge again with all",
            condensed(shards.into_iter())
        ));
    } else {
        text.push_str("; name the folders that hold them, or go on with --resume");
    }
    Err(Failure::Output(text))
}

/// Sorted numbers, each once, runs of them as ranges: `3,7,12-13`, as job arrays take them.
fn condensed(numbers: impl Iterator<Item = u64>) -> String {
    /// Ranges that are told; more would tell nobody anything.
    const MOST: usize = 50;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if number <= *last + 1 => *last = number,
            Some(_) | None => ranges.push((number, number)),
        }
    }
    let shown = ranges.iter().take(MOST).map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let more = if ranges.len() > MOST { ",..." } else { "" };
    format!("{}{more}", shown.collect::<Vec<_>>().join(","))
}

/// One ledger with all runs, in the order of their keys.
fn ledger(
    folder: &Folder,
    header: &Header,
    index: &Index,
    mut reader: Reader,
) -> Result<Draft, Failure> {
    let mut draft = folder.draft(LEDGER)?;
    draft.add(&header.written())?;
    for unit in 0..header.units() {
        let place = index.get(unit).expect("nothing is joined where a run is missing");
        let line = reader.line(place)?;
        draft.add(&String::from_utf8_lossy(line))?;
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::condensed;

    #[test]
    fn numbers_are_told_as_job_arrays_take_them() {
        assert_eq!(condensed([3, 7, 12, 13, 14].into_iter()), "3,7,12-14");
        assert_eq!(condensed([0, 0, 0, 1].into_iter()), "0-1");
        assert_eq!(condensed((0..200).map(|n| 2 * n)).matches(',').count(), 50);
    }
}
