//! Recorded series of utilisation: one row an instance, one column a step of time.

use super::{
    cells::{Flaw, Of},
    fault::{Faults, TraceFault},
    lines::{Broken, Lines, Raw},
};
use std::io::Read;

/// Most values of a file (count): a byte each.
const MOST_VALUES: usize = 1 << 28;

/// Most that is read after decompression (bytes).
const MOST_BYTES: u64 = 2 << 30;

/// Rows of whole percents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawLoads {
    /// The values, row by row (percent).
    pub percents: Vec<u8>,
    /// Values in a row (count).
    pub width: usize,
    /// BLAKE3 of the file's bytes as stored, lower-case hex.
    pub digest: String,
}

const HEADER_HELP: &str =
    "the first line names the columns: u0, u1, ... in order of time, and any others before them";

/// Reads a series whole; `file_name` is only told in faults.
///
/// # Errors
/// What is wrong with the file, at most `max_faults` of it and one that counts the rest.
pub fn read_loads(
    file_name: &str,
    bytes: &mut dyn Read,
    max_faults: usize,
) -> Result<RawLoads, Vec<TraceFault>> {
    let mut faults = Faults::new(file_name, max_faults);
    let mut raw = Raw::new(bytes);
    let rows = match raw.open() {
        Ok(mut source) => {
            let mut lines = Lines::new(source.as_mut(), MOST_BYTES);
            rows(&mut lines, &mut faults)
        }
        Err(broken) => {
            faults.push(*broken);
            None
        }
    };
    match (rows, faults.finish()) {
        (Some((percents, width)), faults) if faults.is_empty() => {
            Ok(RawLoads { percents, width, digest: raw.digest() })
        }
        (_, faults) => Err(faults),
    }
}

/// All values and the width of a row; `None` if a fault forbids it, which then stands in `faults`.
fn rows(lines: &mut Lines<'_>, faults: &mut Faults) -> Option<(Vec<u8>, usize)> {
    let (header, first) = match header(lines) {
        Ok(found) => found,
        Err(fault) => {
            faults.push(*fault);
            return None;
        }
    };
    let width = header.len() - first;
    let mut percents = Vec::new();
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(broken) => {
                faults.push(*broken);
                return None;
            }
        }
        if percents.len() + width > MOST_VALUES {
            faults.push(*lines.broken("the series has too many values", "give fewer rows"));
            return None;
        }
        let read = lines.split(header.len()).and_then(|()| {
            for field in first..header.len() {
                percents.push(percent(lines, field)?);
            }
            Ok(())
        });
        if let Err(flaw) = read {
            faults.push_row(|| lines.fault(&flaw, &header));
        }
    }
    if percents.is_empty() {
        let help = "below the header, one line for each instance that was recorded";
        faults.push(TraceFault::of_file("the series holds no rows", help));
    }
    Some((percents, width))
}

/// The names of the columns, and which is the first of a value.
fn header(lines: &mut Lines<'_>) -> Result<(Vec<String>, usize), Broken> {
    if !lines.advance()? {
        return Err(Box::new(TraceFault::of_file("the series is empty", HEADER_HELP)));
    }
    lines.split_header().map_err(|flaw| Box::new(lines.fault(&flaw, &[])))?;
    let names: Vec<String> = (0..lines.fields()).map(|field| lines.text(field)).collect();
    let first = names.iter().position(|name| name == "u0");
    let first = first.ok_or_else(|| lines.broken("there is no column u0", HEADER_HELP))?;
    for (place, name) in names[first..].iter().enumerate() {
        if *name != format!("u{place}") {
            let message = format!("the column u{place} is missing behind u0");
            return Err(lines.broken(&message, HEADER_HELP));
        }
    }
    Ok((names, first))
}

/// The whole percent in a field.
fn percent(lines: &Lines<'_>, field: usize) -> Result<u8, Flaw> {
    let text = lines.field(field);
    let digits = !text.is_empty() && text.len() <= 3 && text.iter().all(u8::is_ascii_digit);
    let value = text.iter().fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    let percent = u8::try_from(value).ok().filter(|percent| digits && *percent <= 100);
    percent.ok_or(Flaw {
        of: Of::Field(field),
        message: "this is no whole percent",
        help: "values are whole percents from 0 to 100",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<RawLoads, String> {
        let read = read_loads("x.csv", &mut text.as_bytes(), 2);
        read.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn rows_are_read_behind_what_names_them() {
        let loads = told("day,vm,u0,u1,u2\n20110303,\"a, b\",0,100,7\n20110303,c,1,2,3\n").unwrap();
        assert_eq!((loads.percents, loads.width), (vec![0, 100, 7, 1, 2, 3], 3));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, wrong) in [
            ("", "empty"),
            ("a,b\n1,2\n", "no column u0"),
            ("u0,u2\n1,2\n", "column u1 is missing"),
            ("u0,u1\n", "no rows"),
            ("u0,u1\n1\n", "1 field"),
            ("u0,u1\n1,101\n", "no whole percent"),
            ("u0,u1\n1,2\n3,x\n", "line 3"),
        ] {
            let why = told(text).expect_err("it is wrong");
            assert!(why.contains(wrong), "{why}");
        }
    }
}
