//! A ledger that is there: which runs it holds, and what is wrong with it.

use super::{
    Index, Place,
    line::{FORM, Header, Key},
};
use crate::{exit::Failure, files::why};
use fleetsim::report::plain;
use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// What was found in a ledger.
#[derive(Debug)]
pub struct Scan {
    /// Where it is.
    pub path: PathBuf,
    /// What sweep it is of.
    pub header: Header,
    /// Bytes up to the end of its last whole line.
    pub whole: u64,
    /// What was wrong with it and is mended by doing runs again, each a sentence.
    pub notes: Vec<String>,
}

/// Reads ledger number `number` of `paths` through once; `index` hears of every run, and is made
/// where there is none yet. `None`: there is no ledger, it is empty, or it was torn before it had
/// begun.
///
/// # Errors
/// It cannot be read; it holds what no sweep writes; or a run that it or one of the ledgers before
/// it holds already, and not the same.
pub fn scan(
    paths: &[PathBuf],
    number: usize,
    index: &mut Option<Index>,
) -> Result<Option<Scan>, Failure> {
    let path = paths[number].as_path();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::cannot_read(path, why(&error))),
    };
    let mut lines = Lines {
        paths,
        ledger: number,
        path,
        file: BufReader::new(file),
        number: 0,
        begin: 0,
        end: 0,
    };
    let mut line = Vec::new();
    if !lines.next(&mut line)? || line.last() != Some(&b'\n') {
        return Ok(None);
    }
    let header = first(path, &line)?;
    let index = index.get_or_insert_with(|| Index::new(&header));
    let mut scan = Scan { path: path.to_owned(), header, whole: lines.end, notes: Vec::new() };
    while lines.next(&mut line)? {
        if line.last() != Some(&b'\n') {
            let at = lines.begin;
            scan.notes.push(format!("{}: the last line (at byte {at}) is torn", shown(path)));
            break;
        }
        scan.whole = lines.end;
        match Key::read(&line) {
            Some(key) => known(&scan.header, &lines, &key, (index, &line))?,
            None => scan.notes.push(format!(
                "{}: line {} (at byte {}) is damaged; its run counts as missing",
                shown(path),
                lines.number,
                lines.begin
            )),
        }
    }
    Ok(Some(scan))
}

/// The header of the ledger at `path`; `None` as for [`scan`].
///
/// # Errors
/// As [`scan`].
pub fn header(path: &Path) -> Result<Option<Header>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::cannot_read(path, why(&error))),
    };
    let mut line = Vec::new();
    let read = BufReader::new(file).read_until(b'\n', &mut line);
    read.map_err(|error| Failure::cannot_read(path, why(&error)))?;
    match line.last() == Some(&b'\n') {
        true => first(path, &line).map(Some),
        false => Ok(None),
    }
}

/// The header in the first line of the ledger at `path`.
fn first(path: &Path, line: &[u8]) -> Result<Header, Failure> {
    let header = Header::read(line).ok_or_else(|| {
        let why = "its first line, which says what the sweep is, is damaged; its runs are of no \
                   use without it";
        Failure::cannot_read(path, why)
    })?;
    if header.ledger != FORM {
        let why = format!("it has form {}, and this version reads {FORM}", header.ledger);
        return Err(Failure::cannot_read(path, why));
    }
    let lists = header.metrics.len();
    let fits = |point: &super::PointEntry| {
        point.metrics < lists && point.values.len() == header.paths.len()
    };
    let sound =
        header.points.iter().all(fits) && header.runs > 0 && header.shard.0 < header.shard.1;
    match sound && !header.points.is_empty() && u32::try_from(header.points.len()).is_ok() {
        true => Ok(header),
        false => Err(Failure::cannot_read(path, "its first line contradicts itself")),
    }
}

/// Notes the run of `key`, whose line was just read.
fn known(
    header: &Header,
    lines: &Lines<'_>,
    key: &Key,
    (index, line): (&mut Index, &[u8]),
) -> Result<(), Failure> {
    let wrong = |why: &str| {
        let at = format!("line {} (at byte {})", lines.number, lines.begin);
        Err(Failure::cannot_read(lines.path, format!("{at} {why}")))
    };
    let point = header.points.get(key.point as usize);
    let belongs = key.run < header.runs && point.is_some_and(|point| point.digest == key.digest);
    if !belongs {
        return wrong("is a run of another sweep");
    }
    let unit = index.unit(key.point, key.run);
    match index.get(unit) {
        Some(place) if lines.at(place)? != line => wrong(&format!(
            "holds run {} of {} again, and not as {} does: which is right cannot be told",
            key.run,
            header.point_named(key.point),
            match place.ledger == lines.ledger {
                true => format!("the one at byte {}", place.byte),
                false => format!("{} at byte {}", shown(&lines.paths[place.ledger]), place.byte),
            }
        )),
        Some(_) => Ok(()),
        None => {
            index.set(unit, Place { ledger: lines.ledger, byte: lines.begin });
            Ok(())
        }
    }
}

fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy())
}

/// The lines of a file, one after the other.
struct Lines<'a> {
    paths: &'a [PathBuf],
    /// Which of the paths this is.
    ledger: usize,
    path: &'a Path,
    file: BufReader<File>,
    /// Number of the line, from 1.
    number: u64,
    begin: u64,
    end: u64,
}

impl Lines<'_> {
    /// Reads the next line, its end included, if there is one.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        let read = self.file.read_until(b'\n', line);
        let length = read.map_err(|error| Failure::cannot_read(self.path, why(&error)))?;
        (self.begin, self.end) = (self.end, self.end + length as u64);
        self.number += 1;
        Ok(length > 0)
    }

    /// The line at `place`, read anew: lines that stand twice are rare.
    fn at(&self, place: Place) -> Result<Vec<u8>, Failure> {
        let path = &self.paths[place.ledger];
        let read = || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(place.byte))?;
            let mut line = Vec::new();
            BufReader::new(file).read_until(b'\n', &mut line)?;
            Ok(line)
        };
        read().map_err(|error: io::Error| Failure::cannot_read(path, why(&error)))
    }
}
