//! From stored bytes to fields: digest, gzip, lines, commas and quotes.
//!
//! Lines are cut here and not by a CSV reader because a trace comes from anywhere: a line and the
//! memory it takes must have a bound (an unclosed quote would make the rest of the file one
//! record), and a fault must name its line exactly, also after blank lines and with CR LF.

use super::{
    cells::{Flaw, Of},
    fault::{TraceFault, shown},
};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

/// Longest line, its end not counted (bytes).
pub(super) const LONGEST_LINE: usize = 1 << 20;

/// Most blank lines in a row: a small compressed file could hold very many.
const MOST_BLANK: u64 = 1_000_000;

/// Read at a time (bytes).
const CHUNK: usize = 1 << 16;

/// First bytes of a gzip member.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// First bytes of what people mistake for a trace, and what it is.
const FOREIGN: [(&[u8], &str); 8] = [
    (&GZIP, "gzip within gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PAR1", "Parquet"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
];

/// The file as stored, digested while it is read.
pub(super) struct Raw<'a> {
    bytes: &'a mut dyn Read,
    hasher: blake3::Hasher,
}

impl<'a> Raw<'a> {
    /// A file of which nothing has been read.
    pub(super) fn new(bytes: &'a mut dyn Read) -> Self {
        Self { bytes, hasher: blake3::Hasher::new() }
    }

    /// The text within: decompressed if the first bytes say gzip, whatever the file's name.
    pub(super) fn open(&mut self) -> Result<Box<dyn BufRead + '_>, Broken> {
        let mut head = Vec::with_capacity(GZIP.len());
        let took = self.by_ref().take(GZIP.len() as u64).read_to_end(&mut head);
        took.map_err(|error| unreadable(0, &error))?;
        let packed = head == GZIP;
        let whole = Cursor::new(head).chain(self);
        Ok(if packed {
            let unpacked = Members::new(BufReader::with_capacity(CHUNK, whole));
            Box::new(BufReader::with_capacity(CHUNK, unpacked))
        } else {
            Box::new(BufReader::with_capacity(CHUNK, whole))
        })
    }

    /// BLAKE3 of what has been read, lower-case hex.
    pub(super) fn digest(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// The texts of gzip members in a row as one text.
struct Members<R: BufRead> {
    /// The member that is read; `None` only while one follows another, or after a failure.
    member: Option<GzDecoder<R>>,
}

/// How an error says that what follows a gzip member is none.
const NO_MEMBER: &str = "something else follows the end of the gzip data";

impl<R: BufRead> Members<R> {
    fn new(source: R) -> Self {
        Self { member: Some(GzDecoder::new(source)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut source) = self.member.take().map(GzDecoder::into_inner) else { break };
            match source.fill_buf()?.first() {
                None => break,
                Some(byte) if *byte == GZIP[0] => self.member = Some(GzDecoder::new(source)),
                Some(_) => return Err(io::Error::other(NO_MEMBER)),
            }
        }
        Ok(0)
    }
}

/// A fault that ends the reading; boxed, since every line read could return one.
pub(super) type Broken = Box<TraceFault>;

/// A fault that the reading itself met, `line` being the last line begun.
#[expect(clippy::wildcard_enum_match_arm, reason = "the standard library's list of kinds is open")]
fn unreadable(line: u64, error: &io::Error) -> Broken {
    Box::new(match error.kind() {
        ErrorKind::UnexpectedEof => TraceFault::of_line(
            line,
            "the gzip data end too early",
            "the file was cut off: fetch it again",
        ),
        ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            let message = format!("the gzip data are damaged ({error})");
            TraceFault::of_line(line, message, "fetch the file again, or store it uncompressed")
        }
        ErrorKind::IsADirectory => {
            TraceFault::of_file("is a directory", "a trace is a CSV file, plain or gzip")
        }
        _ if error.to_string() == NO_MEMBER => {
            TraceFault::of_line(line, NO_MEMBER, "remove it, or fetch the file again")
        }
        _ => TraceFault::of_line(line, format!("cannot be read: {error}"), ""),
    })
}

/// The lines of a trace, one at a time, cut into fields.
pub(super) struct Lines<'a> {
    source: &'a mut dyn BufRead,
    /// The line; once it is split, the fields' texts without their quotes.
    bytes: Vec<u8>,
    /// Begin and end of each field in `bytes`.
    cuts: Vec<(u32, u32)>,
    /// The line before it was split, if it has quotes.
    quoted: Vec<u8>,
    /// Number of the line, from 1; 0 before the first.
    number: u64,
    /// Decompressed bytes taken so far.
    taken: u64,
    max_bytes: u64,
}

impl<'a> Lines<'a> {
    /// Stands before the first line.
    pub(super) fn new(source: &'a mut dyn BufRead, max_bytes: u64) -> Self {
        let (bytes, cuts, quoted) = (Vec::new(), Vec::new(), Vec::new());
        Self { source, bytes, cuts, quoted, number: 0, taken: 0, max_bytes }
    }

    /// Goes to the next line that is not blank; false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, Broken> {
        let mut blank = 0;
        loop {
            self.bytes.clear();
            self.cuts.clear();
            self.quoted.clear();
            let begin = self.taken;
            // One byte for LF, one for CR, and one that shows that the line is too long.
            let most = LONGEST_LINE as u64 + 3;
            let took = (&mut *self.source).take(most).read_until(b'\n', &mut self.bytes);
            self.taken += self.bytes.len() as u64;
            self.number += u64::from(!self.bytes.is_empty());
            let took = took.map_err(|error| unreadable(self.number, &error))?;
            if took == 0 {
                return Ok(false);
            }
            self.check_text(begin)?;
            if !self.bytes.is_empty() {
                return Ok(true);
            }
            blank += 1;
            if blank > MOST_BLANK {
                let message = "more than 1,000,000 blank lines follow each other";
                return Err(self.broken(message, "is this a CSV file?"));
            }
        }
    }

    /// Takes the line's end off and checks that the rest is text and short; `begin` is where the
    /// line begins in the file.
    fn check_text(&mut self, begin: u64) -> Result<(), Broken> {
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
            if self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
        }
        if begin == 0 {
            self.check_beginning()?;
        }
        if self.taken > self.max_bytes {
            let message = format!("the trace is longer than {} bytes", self.max_bytes);
            let help = "the limit is on the decompressed size: give a shorter trace";
            return Err(Box::new(TraceFault::of_file(message, help)));
        }
        if self.bytes.contains(&0) {
            return Err(self.broken("the line holds a NUL byte", "a trace is text in UTF-8"));
        }
        if self.bytes.len() > LONGEST_LINE {
            return Err(self.broken("the line is longer than 1 MiB", "is this a CSV file?"));
        }
        if let Err(error) = std::str::from_utf8(&self.bytes) {
            let offset = begin + error.valid_up_to() as u64;
            let message = format!("not UTF-8 at byte {offset} of the text");
            return Err(self.broken(&message, "save the trace as UTF-8"));
        }
        if begin == 0 && self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.bytes.drain(..3);
        }
        Ok(())
    }

    /// Knows other kinds of file by their first bytes.
    fn check_beginning(&self) -> Result<(), Broken> {
        let foreign = FOREIGN.iter().find(|(magic, _)| self.bytes.starts_with(magic));
        if let Some((_, kind)) = foreign {
            let message = format!("the file holds {kind}, which is not read");
            let help = "a trace is CSV in UTF-8, plain or gzip";
            return Err(Box::new(TraceFault::of_file(message, help)));
        }
        if self.bytes.contains(&b'\r') && !self.bytes.contains(&b'"') {
            return Err(
                self.broken("a carriage return that ends no line", "lines end in LF or CR LF")
            );
        }
        Ok(())
    }

    /// Cuts the line at its commas, however many fields that makes.
    pub(super) fn split_header(&mut self) -> Result<(), Flaw> {
        if self.bytes.contains(&b'"') {
            self.quoted.extend_from_slice(&self.bytes);
            return self.split_quoted();
        }
        let mut begin = 0;
        for (at, byte) in self.bytes.iter().enumerate() {
            if *byte == b',' {
                self.cuts.push((begin, at as u32));
                begin = at as u32 + 1;
            }
        }
        self.cuts.push((begin, self.bytes.len() as u32));
        Ok(())
    }

    /// Cuts the line at its commas into as many fields as the header has.
    pub(super) fn split(&mut self, fields: usize) -> Result<(), Flaw> {
        self.split_header()?;
        if self.cuts.len() == fields {
            return Ok(());
        }
        let help = "every row has one field a column; a comma within a field needs double quotes";
        Err(Flaw { of: Of::FieldCount, message: "fields and columns differ", help })
    }

    /// Cuts a line with quotes and takes them off, in place: text only ever moves to the front.
    fn split_quoted(&mut self) -> Result<(), Flaw> {
        const UNCLOSED: Flaw = Flaw::of_row(
            "a double quote is not closed on its line",
            "a quote within quotes is written twice; a field has no line breaks",
        );
        const TRAILING: Flaw = Flaw::of_row(
            "text follows a closing double quote",
            "a quoted field ends with its quote; a quote within is written twice",
        );
        let bytes = &mut self.bytes;
        let (mut from, mut to) = (0, 0);
        loop {
            let begin = to;
            if bytes.get(from) == Some(&b'"') {
                from += 1;
                loop {
                    match (bytes.get(from), bytes.get(from + 1)) {
                        (None, _) => return Err(UNCLOSED),
                        (Some(b'"'), Some(b'"')) => from += 1,
                        (Some(b'"'), _) => break,
                        (Some(_), _) => {}
                    }
                    bytes[to] = bytes[from];
                    (from, to) = (from + 1, to + 1);
                }
                from += 1;
            } else {
                while from < bytes.len() && bytes[from] != b',' {
                    bytes[to] = bytes[from];
                    (from, to) = (from + 1, to + 1);
                }
            }
            self.cuts.push((begin as u32, to as u32));
            match bytes.get(from) {
                None => return Ok(()),
                Some(b',') => from += 1,
                Some(_) => return Err(TRAILING),
            }
        }
    }

    /// How many fields the line has, once it is split.
    pub(super) fn fields(&self) -> usize {
        self.cuts.len()
    }

    /// A field without the spaces around it.
    pub(super) fn field(&self, field: usize) -> &[u8] {
        let (begin, end) = self.cuts[field];
        self.bytes[begin as usize..end as usize].trim_ascii()
    }

    /// A field as text.
    pub(super) fn text(&self, field: usize) -> String {
        // The line has been checked to be UTF-8, and cuts are at ASCII bytes: nothing is lost.
        String::from_utf8_lossy(self.field(field)).into_owned()
    }

    /// Number of the line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// A fault that ends the reading at this line.
    pub(super) fn broken(&self, message: &str, help: &str) -> Broken {
        Box::new(TraceFault::of_line(self.number, message, help))
    }

    /// A flaw of this line put into words; `header` names the columns.
    pub(super) fn fault(&self, flaw: &Flaw, header: &[String]) -> TraceFault {
        let fault = self.with_text(TraceFault::of_line(self.number, flaw.message, flaw.help));
        match flaw.of {
            Of::Row => fault,
            Of::FieldCount => {
                let (here, there) = (self.cuts.len(), header.len());
                TraceFault { message: format!("{here} fields under {there} columns"), ..fault }
            }
            Of::Field(field) => TraceFault {
                column: header.get(field).map(|name| shown(name.as_bytes())),
                value: Some(shown(self.field(field))),
                ..self.pointing_at(field, fault)
            },
        }
    }

    /// A fault of this line with the line.
    pub(super) fn with_text(&self, mut fault: TraceFault) -> TraceFault {
        if fault.line == self.number && fault.line > 0 {
            fault.text = shown(if self.quoted.is_empty() { &self.bytes } else { &self.quoted });
            fault.span = 0..fault.text.len();
        }
        fault
    }

    /// A fault of this line with the line, what stands before and behind a field shortened.
    fn pointing_at(&self, field: usize, mut fault: TraceFault) -> TraceFault {
        let (begin, end) = self.cuts[field];
        if self.quoted.is_empty() {
            let text = shown(&self.bytes[..begin as usize]);
            let start = text.len();
            let text = text + &shown(&self.bytes[begin as usize..end as usize]);
            fault.span = start..text.len();
            fault.text = text + &shown(&self.bytes[end as usize..]);
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The fields of one line, by our cutter.
    fn cut(line: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut source = line;
        let mut lines = Lines::new(&mut source, 1 << 30);
        lines.advance().ok()?;
        lines.split_header().ok()?;
        Some(
            lines
                .cuts
                .iter()
                .map(|(begin, end)| lines.bytes[*begin as usize..*end as usize].to_vec())
                .collect(),
        )
    }

    #[test]
    fn quotes_come_off_and_doubled_ones_become_one() {
        let fields = cut(b"a,\"b,c\",\"say \"\"so\"\"\",\"\",e\"f\r\n").expect("well formed");
        let fields: Vec<_> = fields.iter().map(|field| String::from_utf8_lossy(field)).collect();
        assert_eq!(fields, ["a", "b,c", "say \"so\"", "", "e\"f"]);
        assert_eq!(cut(b"a,\"b"), None);
        assert_eq!(cut(b"a,\"b\"c"), None);
    }

    proptest! {
        #[test]
        fn well_formed_lines_are_cut_as_the_csv_crate_cuts_them(
            fields in proptest::collection::vec("[ -~]{0,6}", 2..6)
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&fields).expect("memory takes it");
            let line = writer.into_inner().expect("memory takes it");
            let ours = cut(&line).expect("the csv crate writes well-formed lines");
            let theirs: Vec<Vec<u8>> = fields.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
