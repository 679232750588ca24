//! The ledger of a sweep: what it is, and every finished run, one line each. Everything else that a
//! sweep writes is made from it.
//!
//! Lines are only ever added, each in one write, each with a checksum of its own. So a process that
//! is killed loses the runs under way and nothing else: a line counts if it is whole. A last line
//! without its end is torn, and is cut; one in the middle that is damaged is told, and its run is
//! done again. The first line says what the sweep is, and is there from the first moment or not at
//! all.
//!
//! Read `line` (one line, either way), then [`Scan`] (a ledger that is there), [`Ledger`] (one that
//! is written), [`Reader`] (its runs again, in any order).

mod line;

mod scan;

pub use line::{FORM, Header, MetricName, PointEntry, RunLine};
pub use scan::{Scan, header, scan};

use crate::{
    exit::Failure,
    files::why,
    output::{Folder, why_not},
};
use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// The name of the file.
pub const LEDGER: &str = "ledger.jsonl";

/// Where the line of each run stands, of all ledgers that are read together: 8 bytes a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    runs: u64,
    /// One more than the place, by (point, run): ledger in the upper 16 bits, byte in the lower 48.
    /// Zero: it is missing.
    places: Vec<u64>,
}

/// Where a line begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which ledger, counted from 0.
    pub ledger: usize,
    /// First byte of the line.
    pub byte: u64,
}

impl Index {
    /// The most ledgers that are read together.
    pub const LEDGERS: usize = 1 << 16;

    /// Bytes of a place that tell the byte.
    const BYTES: u32 = 48;

    /// An index without any run, for all runs of a sweep.
    pub fn new(header: &Header) -> Self {
        let units = usize::try_from(header.units()).unwrap_or(usize::MAX);
        Self { runs: u64::from(header.runs), places: vec![0; units] }
    }

    /// Where the line of unit number `unit` is; `None` where it is missing.
    pub fn get(&self, unit: u64) -> Option<Place> {
        let place = self.places[unit as usize].checked_sub(1)?;
        let byte = place & ((1 << Self::BYTES) - 1);
        Some(Place { ledger: (place >> Self::BYTES) as usize, byte })
    }

    /// Notes where the line of `unit` is.
    pub fn set(&mut self, unit: u64, place: Place) {
        assert!(place.byte >> Self::BYTES == 0, "no file is that long");
        assert!(place.ledger < Self::LEDGERS, "so many ledgers are refused before");
        self.places[unit as usize] = (((place.ledger as u64) << Self::BYTES) | place.byte) + 1;
    }

    /// The unit of a run of a point: units are numbered point by point.
    pub fn unit(&self, point: u32, run: u32) -> u64 {
        u64::from(point) * self.runs + u64::from(run)
    }

    /// Point and run of a unit.
    pub fn key(&self, unit: u64) -> (u32, u32) {
        ((unit / self.runs) as u32, (unit % self.runs) as u32)
    }
}

/// A ledger that lines are added to.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl Ledger {
    /// A new ledger in `folder`, which holds none: it appears with its first line or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(folder: &Folder, header: &Header) -> Result<Self, Failure> {
        let text = header.written();
        folder.write(&[(LEDGER, text.clone())])?;
        Self::at(folder.path().join(LEDGER), text.len() as u64)
    }

    /// The ledger that was scanned, ready for more lines: what was torn is cut off.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn go_on(folder: &Folder, scan: &Scan) -> Result<Self, Failure> {
        Self::at(folder.path().join(LEDGER), scan.whole)
    }

    fn at(path: PathBuf, length: u64) -> Result<Self, Failure> {
        let cannot = |error| Failure::cannot_write(&path, why(&error));
        let file = OpenOptions::new().append(true).open(&path).map_err(cannot)?;
        if file.metadata().map_err(cannot)?.len() > length {
            file.set_len(length).map_err(cannot)?;
        }
        Ok(Self { path, file, length })
    }

    /// Adds a finished run; says where its line begins.
    ///
    /// # Errors
    /// It cannot be written; the ledger then ends with the line before.
    pub fn add(&mut self, run: &RunLine) -> Result<u64, Failure> {
        let text = run.written();
        let begin = self.length;
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            // Where even this fails, whoever reads the ledger next finds the line torn.
            let _ = self.file.set_len(begin);
            return Err(Failure::cannot_write(&self.path, why_not(&error, text.len())));
        }
        self.length += text.len() as u64;
        Ok(begin)
    }

    /// Brings all lines to the disk.
    ///
    /// # Errors
    /// The disk failed; nobody can tell then what is on it.
    pub fn sync(&self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| Failure::cannot_write(&self.path, why(&error)))
    }
}

/// The runs of ledgers that were scanned, one after the other in any order.
pub struct Reader {
    ledgers: Vec<Open>,
    line: Vec<u8>,
}

struct Open {
    path: PathBuf,
    file: BufReader<File>,
    at: u64,
}

impl Reader {
    /// The ledgers at `paths`.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn of(paths: &[&Path]) -> Result<Self, Failure> {
        let open = |path: &&Path| {
            let file = File::open(path).map_err(|error| Failure::cannot_read(path, why(&error)))?;
            Ok(Open { path: path.to_path_buf(), file: BufReader::new(file), at: 0 })
        };
        let ledgers = paths.iter().map(open).collect::<Result<_, Failure>>()?;
        Ok(Self { ledgers, line: Vec::new() })
    }

    /// The line at `place`, its end included.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn line(&mut self, place: Place) -> Result<&[u8], Failure> {
        let open = &mut self.ledgers[place.ledger];
        self.line.clear();
        let read = match place.byte.checked_sub(open.at).and_then(|way| i64::try_from(way).ok()) {
            // Forwards the bytes that were read ahead are kept.
            Some(way) => open.file.seek_relative(way),
            None => open.file.seek(SeekFrom::Start(place.byte)).map(|_| ()),
        };
        let read = read.and_then(|()| open.file.read_until(b'\n', &mut self.line));
        let length = read.map_err(|error| Failure::cannot_read(&open.path, why(&error)))?;
        open.at = place.byte + length as u64;
        Ok(&self.line)
    }

    /// The run whose line is at `place`.
    ///
    /// # Errors
    /// It cannot be read, or has changed since it was scanned.
    pub fn run(&mut self, place: Place) -> Result<RunLine, Failure> {
        let run = RunLine::read(self.line(place)?);
        let path = &self.ledgers[place.ledger].path;
        run.ok_or_else(|| {
            let why = format!("the line at byte {} has changed while it was read", place.byte);
            Failure::cannot_read(path, why)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The header of a sweep of two points with two runs each.
    fn header() -> Header {
        let point = |value: &str| PointEntry {
            values: vec![value.to_owned()],
            digest: format!("digest of {value}"),
            metrics: 0,
        };
        let name = |name: &str| MetricName { name: name.to_owned(), labels: Vec::new() };
        Header {
            ledger: FORM,
            version: "0.0.0".to_owned(),
            rng_scheme: 1,
            scenario: "made-up".to_owned(),
            question: String::new(),
            digest: "00ff".to_owned(),
            seed: 1,
            runs: 2,
            vary: vec!["a=1,2".to_owned()],
            sample: None,
            shard: (0, 1),
            command: "fleetsim sweep made-up.toml --vary a=1,2".to_owned(),
            shown: Vec::new(),
            remarks: Vec::new(),
            paths: vec!["a".to_owned()],
            metrics: vec![vec![name("availability")]],
            points: vec![point("1"), point("2")],
        }
    }

    fn line(point: u32, run: u32) -> RunLine {
        let digest = header().points[point as usize].digest.clone();
        let fingerprint = format!("{point}{run}");
        RunLine { point, run, digest, fingerprint, values: vec![Some(f64::from(run) / 3.0)] }
    }

    /// A folder with the ledger of that sweep, in which these runs are done.
    fn with(runs: &[(u32, u32)]) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(root.path(), &[LEDGER]).unwrap();
        let mut ledger = Ledger::begin(&folder, &header()).unwrap();
        for (point, run) in runs {
            ledger.add(&line(*point, *run)).unwrap();
        }
        ledger.sync().unwrap();
        (root, folder)
    }

    fn scanned(folder: &Folder) -> Result<Option<(Scan, Index)>, String> {
        let mut index = None;
        match scan(&[folder.path().join(LEDGER)], 0, &mut index) {
            Ok(found) => Ok(found.zip(index)),
            Err(Failure::Output(message)) => Err(message),
            Err(other) => panic!("a failure to read, not {other:?}"),
        }
    }

    fn done(index: &Index) -> Vec<(u32, u32)> {
        (0..4).filter(|unit| index.get(*unit).is_some()).map(|unit| index.key(unit)).collect()
    }

    #[test]
    fn what_was_added_is_found_and_read_back() {
        let (root, folder) = with(&[(1, 0), (0, 1)]);
        let (scan, index) = scanned(&folder).unwrap().unwrap();
        assert_eq!((scan.header, scan.notes), (header(), Vec::new()));
        assert_eq!(done(&index), [(0, 1), (1, 0)]);
        let mut reader = Reader::of(&[&root.path().join(LEDGER)]).unwrap();
        // Backwards and forwards.
        for (point, run) in [(0, 1), (1, 0), (0, 1)] {
            let place = index.get(index.unit(point, run)).unwrap();
            assert_eq!(reader.run(place).unwrap(), line(point, run));
        }
    }

    #[test]
    fn cut_at_any_byte_it_holds_the_whole_lines_before() {
        let (root, folder) = with(&[(0, 0), (1, 1)]);
        let path = root.path().join(LEDGER);
        let whole = fs::read(&path).unwrap();
        let ends: Vec<usize> = (1..=whole.len()).filter(|end| whole[end - 1] == b'\n').collect();
        assert_eq!(ends.len(), 3);
        for length in 0..=whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let lines = ends.iter().filter(|end| **end <= length).count();
            let Some((scan, index)) = scanned(&folder).unwrap() else {
                assert_eq!(lines, 0, "{length} bytes");
                continue;
            };
            assert_eq!(done(&index), [(0, 0), (1, 1)][..lines - 1], "{length} bytes");
            assert_eq!(scan.whole as usize, ends[lines - 1]);
            assert_eq!(scan.notes.is_empty(), ends.contains(&length), "{length} bytes");
            // Whoever goes on writes right behind the last whole line.
            let mut ledger = Ledger::go_on(&folder, &scan).unwrap();
            for (point, run) in &[(0, 0), (1, 1)][lines - 1..] {
                ledger.add(&line(*point, *run)).unwrap();
            }
            assert_eq!(fs::read(&path).unwrap(), whole, "{length} bytes");
        }
    }

    #[test]
    fn damage_in_the_middle_costs_the_lines_it_hits() {
        let (root, folder) = with(&[(0, 0), (0, 1), (1, 0)]);
        let path = root.path().join(LEDGER);
        let whole = fs::read(&path).unwrap();
        let ends: Vec<usize> = (1..=whole.len()).filter(|end| whole[end - 1] == b'\n').collect();
        for byte in ends[1]..ends[2] {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1;
            fs::write(&path, &damaged).unwrap();
            let (scan, index) = scanned(&folder).unwrap().unwrap();
            // Where the end of the line is hit, the next one is lost with it.
            let end_hit = byte + 1 == ends[2];
            let left: &[(u32, u32)] = if end_hit { &[(0, 0)] } else { &[(0, 0), (1, 0)] };
            assert_eq!(done(&index), left, "byte {byte}");
            let told = format!("line 3 (at byte {}) is damaged", ends[1]);
            assert!(scan.notes[0].contains(&told), "{:?}", scan.notes);
        }
    }

    #[test]
    fn runs_of_another_sweep_are_refused() {
        let (root, folder) = with(&[(0, 0)]);
        let path = root.path().join(LEDGER);
        let whole = fs::read_to_string(&path).unwrap();
        let strange = [
            RunLine { point: 2, ..line(0, 0) },
            RunLine { run: 2, ..line(0, 0) },
            RunLine { digest: "other".to_owned(), ..line(0, 0) },
        ];
        for run in strange {
            fs::write(&path, format!("{whole}{}", run.written())).unwrap();
            let told = scanned(&folder).unwrap_err();
            assert!(told.ends_with("is a run of another sweep"), "{told}");
        }
        let other = Header { ledger: FORM + 1, ..header() };
        fs::write(&path, other.written()).unwrap();
        let told = scanned(&folder).unwrap_err();
        assert!(told.ends_with("it has form 2, and this version reads 1"), "{told}");
    }

    #[test]
    fn shards_deal_out_every_run_once() {
        for parts in 1..6 {
            for unit in 0..20 {
                let has = |part| Header { shard: (part, parts), ..header() }.has(unit);
                assert_eq!((0..parts).filter(|part| has(*part)).count(), 1);
            }
        }
    }

    #[test]
    fn differences_are_named_with_both_sides() {
        let there = header();
        assert!(there.differences(&Header { shard: (1, 2), ..header() }).is_empty());
        let other = Header { seed: 2, runs: 3, ..header() };
        assert_eq!(there.differences(&other), ["seed: 1 there, 2 now", "runs: 2 there, 3 now"]);
        let mut other = Header { digest: "ff00".to_owned(), ..header() };
        other.points[1].digest = "another".to_owned();
        let told = ["what the scenario says, at point 1 (a=2) at first"];
        assert_eq!(there.differences(&other), told);
    }
}
