//! What stands in a cell: decimal numbers read exactly, times, counts, amounts, names.
//!
//! Seconds become whole microseconds and gibibytes whole bytes by integer arithmetic: no binary
//! fraction comes between what a trace says and what a run uses.

use super::lines::Lines;
use crate::kernel::time::{Instant, Span};

/// What is wrong with a row: small and without text of the file, which is added only when told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Flaw {
    /// What it concerns.
    pub of: Of,
    /// What is wrong.
    pub message: &'static str,
    /// What would be right.
    pub help: &'static str,
}

/// What a flaw concerns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    /// The row as a whole.
    Row,
    /// How many fields the row has.
    FieldCount,
    /// One field.
    Field(usize),
}

impl Flaw {
    /// A flaw of the row as a whole.
    pub(super) const fn of_row(message: &'static str, help: &'static str) -> Self {
        Self { of: Of::Row, message, help }
    }

    /// A flaw of one field.
    pub(super) const fn of_field(field: usize, message: &'static str, help: &'static str) -> Self {
        Self { of: Of::Field(field), message, help }
    }
}

/// One row, read.
pub(super) struct Row {
    /// When it arrives; `None`: it is there at the start.
    pub arrival: Option<Instant>,
    /// How long it lives.
    pub life: Span,
    /// What it asks for.
    pub template: u32,
}

/// Digits after the decimal point that are read; later ones are checked and dropped.
const PLACES: u32 = 18;

/// The largest amount of memory or storage (bytes): 1 PiB, past any server and far from overflow.
const MOST_BYTES: u64 = 1 << 50;

/// The longest name (bytes).
const LONGEST_NAME: usize = 255;

const SECONDS: &str = "seconds from 0 to 1,000 years, such as 300 or 12.5";
const COUNT: &str = "a whole number from 0 to 4294967295";
const AMOUNT: &str = "an amount from 0 to 1 PiB, such as 4 or 1.75";

/// A decimal number that is not negative.
struct Decimal {
    whole: u64,
    /// Digits after the point, as a whole number.
    fraction: u64,
    /// How many digits those are.
    places: u32,
}

impl Decimal {
    /// Reads digits, perhaps with a point; what is wrong otherwise.
    fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let mut whole = 0_u64;
        let mut digits = 0;
        while let Some(digit) = digit(text, digits) {
            whole = whole
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(digit))
                .ok_or("is too large")?;
            digits += 1;
        }
        if digits == text.len() && digits > 0 {
            return Ok(Self { whole, fraction: 0, places: 0 });
        }
        if text.get(digits) != Some(&b'.') {
            return Err(not_a_number(text));
        }
        let tail = &text[digits + 1..];
        let (mut fraction, mut places) = (0, 0);
        for at in 0..tail.len() {
            let digit = digit(tail, at).ok_or_else(|| not_a_number(text))?;
            if places < PLACES {
                fraction = fraction * 10 + digit;
                places += 1;
            }
        }
        if digits == 0 && tail.is_empty() {
            return Err(not_a_number(text));
        }
        Ok(Self { whole, fraction, places })
    }

    /// The whole number nearest to this many times `unit`, halves upwards; `None` past 64 bits.
    fn times(&self, unit: u64) -> Option<u64> {
        let whole = self.whole.checked_mul(unit)?;
        if self.fraction == 0 {
            return Some(whole);
        }
        let scale = 10_u64.pow(self.places);
        // Few digits, as nearly always: 64 bits hold the product and divide much faster.
        let part =
            match self.fraction.checked_mul(unit).and_then(|part| part.checked_add(scale / 2)) {
                Some(part) => part / scale,
                None => {
                    let part = u128::from(self.fraction) * u128::from(unit) + u128::from(scale / 2);
                    u64::try_from(part / u128::from(scale)).ok()?
                }
            };
        whole.checked_add(part)
    }
}

/// The digit at a place, if there is one.
#[inline]
fn digit(text: &[u8], at: usize) -> Option<u64> {
    text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| u64::from(byte - b'0'))
}

/// In what way a text is not a number that can be taken.
#[cold]
fn not_a_number(text: &[u8]) -> &'static str {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let is = |word: &str| unsigned.eq_ignore_ascii_case(word.as_bytes());
    if text.is_empty() {
        "is empty"
    } else if is("nan") || is("inf") || is("infinity") {
        "is not a finite number"
    } else if text.starts_with(b"-") && Decimal::parse(unsigned).is_ok() {
        "is negative"
    } else {
        "is not a number"
    }
}

impl Lines<'_> {
    /// Whether nothing stands in the cell.
    pub(super) fn is_empty(&self, field: usize) -> bool {
        self.field(field).is_empty()
    }

    /// Seconds, as whole microseconds, at most [`Span::LONGEST`].
    fn micros(&self, field: usize) -> Result<u64, Flaw> {
        let wrong = |message| Flaw::of_field(field, message, SECONDS);
        let seconds = Decimal::parse(self.field(field)).map_err(wrong)?;
        let micros = seconds.times(1_000_000).filter(|micros| *micros <= Span::LONGEST.micros());
        micros.ok_or_else(|| wrong("is too large"))
    }

    /// A point of time, in seconds.
    pub(super) fn instant(&self, field: usize) -> Result<Instant, Flaw> {
        self.micros(field).map(Instant::from_micros)
    }

    /// A length of time, in seconds.
    pub(super) fn span(&self, field: usize) -> Result<Span, Flaw> {
        self.micros(field).map(Span::from_micros)
    }

    /// A whole number; `8.0` is one.
    pub(super) fn count(&self, field: usize) -> Result<u32, Flaw> {
        let wrong = |message| Flaw::of_field(field, message, COUNT);
        let number = Decimal::parse(self.field(field)).map_err(wrong)?;
        if number.fraction != 0 {
            return Err(wrong("is not a whole number"));
        }
        u32::try_from(number.whole).map_err(|_| wrong("is too large"))
    }

    /// An amount counted in `unit` bytes, as the nearest whole number of bytes.
    pub(super) fn bytes_in(&self, field: usize, unit: u64) -> Result<u64, Flaw> {
        let wrong = |message| Flaw::of_field(field, message, AMOUNT);
        let amount = Decimal::parse(self.field(field)).map_err(wrong)?;
        let bytes = amount.times(unit).filter(|bytes| *bytes <= MOST_BYTES);
        bytes.ok_or_else(|| wrong("is too large"))
    }

    /// A name, checked to be short and printable; empty if the cell is.
    pub(super) fn name(&self, field: usize) -> Result<&[u8], Flaw> {
        let name = self.field(field);
        if name.len() > LONGEST_NAME {
            let help = "a name has at most 255 bytes";
            return Err(Flaw::of_field(field, "is too long for a name", help));
        }
        // Beyond ASCII there are more control characters, and names there are rare.
        let unprintable = match name.is_ascii() {
            true => name.iter().any(u8::is_ascii_control),
            false => String::from_utf8_lossy(name).chars().any(char::is_control),
        };
        if unprintable {
            let help = "names are printable text";
            return Err(Flaw::of_field(field, "holds a control character", help));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn micros(text: &str) -> Option<u64> {
        Decimal::parse(text.as_bytes()).ok()?.times(1_000_000)
    }

    #[test]
    fn seconds_become_microseconds_exactly() {
        assert_eq!(micros("1435629.0"), Some(1_435_629_000_000));
        assert_eq!(micros("0.5"), Some(500_000));
        assert_eq!(micros(".5"), Some(500_000));
        assert_eq!(micros("5."), Some(5_000_000));
        assert_eq!(micros("12.3456789"), Some(12_345_679));
        assert_eq!(micros("0.0000005"), Some(1));
        assert_eq!(micros("0.00000049999999999999999999999"), Some(0));
        assert_eq!(micros("2049297.0000000002"), Some(2_049_297_000_000));
        // A double cannot hold this one.
        assert_eq!(micros("9007199254.740993"), Some(9_007_199_254_740_993));
        assert_eq!(micros("0.999999999999999999999"), Some(1_000_000));
        assert_eq!(micros("18446744073709.551615"), Some(u64::MAX));
        assert_eq!(micros("18446744073709.551616"), None);
        assert_eq!(micros("18446744073710"), None);
        assert_eq!(micros("99999999999999999999"), None);
    }

    #[test]
    fn gibibytes_become_bytes_exactly() {
        let bytes = |text: &str| Decimal::parse(text.as_bytes()).ok()?.times(1 << 30);
        assert_eq!(bytes("0.75"), Some(805_306_368));
        assert_eq!(bytes("117664.25"), Some(126_341_026_414_592));
        assert_eq!(bytes("0.1"), Some(107_374_182));
        assert_eq!(bytes("0.3333333333333333333"), Some(357_913_941));
    }

    #[test]
    fn what_is_no_number_is_told() {
        let wrong = |text: &str| Decimal::parse(text.as_bytes()).err();
        assert_eq!(wrong(""), Some("is empty"));
        for text in ["-1", "-0", "-1.5"] {
            assert_eq!(wrong(text), Some("is negative"), "{text}");
        }
        for text in ["NaN", "-nan", "inf", "-Infinity", "+inf"] {
            assert_eq!(wrong(text), Some("is not a finite number"), "{text}");
        }
        for text in ["x", "1x", "1e3", "0x10", ".", "-", "+1", "1.2.3", "1 2", "1,5", "--1", "٣"] {
            assert_eq!(wrong(text), Some("is not a number"), "{text}");
        }
        assert_eq!(wrong("18446744073709551616"), Some("is too large"));
    }

    proptest! {
        #[test]
        fn every_amount_of_microseconds_is_read_back(micros_in in 0_u64..=Span::LONGEST.micros()) {
            let text = format!("{}.{:06}", micros_in / 1_000_000, micros_in % 1_000_000);
            prop_assert_eq!(micros(&text), Some(micros_in));
        }
    }
}
