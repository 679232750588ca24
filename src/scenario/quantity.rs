//! Quantities with their units in the text: `"36h"`, `"2%/year"`, `"7.68TB"`, `"60%"`; dates and
//! times of day.

use crate::kernel::{
    calendar::{Civil, days_in_month},
    time::Span,
};

/// Seconds in a year of rates and of first-year probabilities: 365 days, as published annual
/// failure rates count.
pub const YEAR: f64 = 365.0 * 86_400.0;

/// Why a text is no quantity, and what would be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// What is wrong: the end of the sentence "`x` ...".
    pub why: String,
    /// What would be right.
    pub help: &'static str,
}

/// What a length of time looks like.
pub const SPAN_HELP: &str =
    "a length of time has units w, d, h, min, s, ms or us, as in \"36h\", \"1d12h\" or \"250ms\"";
/// What a rate looks like.
pub const RATE_HELP: &str = "a rate is a number, with % or not, per s, min, h, day, week or year, as in \"7/h\" or \"2%/year\"; or \"never\"";
/// What a size looks like.
pub const SIZE_HELP: &str = "a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, \
     MiB, GiB, TiB, PiB (powers of 1,024), as in \"384GiB\" or \"7.68TB\"";
/// What a bandwidth looks like.
pub const BANDWIDTH_HELP: &str = "a bandwidth is a number of bit, kbit, Mbit, Gbit or Tbit (powers of 1,000), or of the \
     units of a size, per second, as in \"25Gbit/s\" or \"128MiB/s\"";
/// What a probability looks like.
pub const PROBABILITY_HELP: &str = "a probability is a number from 0 to 1, or a text as in \"60%\"";
/// What a share looks like.
pub const SHARE_HELP: &str = "a share is a number from 0 to 1, or a text as in \"60%\"";

/// What an amount looks like.
pub const AMOUNT_HELP: &str = "an amount is a number in the metric's unit, or a text as in \"5%\", \"2h\", \"3TiB\" or \"2/year\"";

/// What a date looks like.
pub const DATE_HELP: &str = "a date with its time of day is written in UTC, with Z at its end, as in \
     \"2026-01-01T00:00:00Z\"";
/// What a point of time looks like.
pub const MOMENT_HELP: &str = "a point of time is a length from the zero of the clock, as in \"2d\" or \"36h\", or a date in \
     UTC, as in \"2026-01-01T00:00:00Z\"";
/// What a time of day looks like.
pub const TIME_OF_DAY_HELP: &str =
    "a time of day is written as hours, minutes and seconds, as in \"02:00:00\"";

pub(super) const SPAN_UNITS: [(&str, u64); 8] = [
    ("w", 7 * 86_400_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("min", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
    ("µs", 1),
];

pub(super) const SIZE_UNITS: [(&str, u64); 11] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("PiB", 1 << 50),
];

pub(super) const BIT_UNITS: [(&str, u64); 5] = [
    ("bit", 1),
    ("kbit", 1_000),
    ("Mbit", 1_000_000),
    ("Gbit", 1_000_000_000),
    ("Tbit", 1_000_000_000_000),
];

const RATE_UNITS: [(&str, f64); 8] = [
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3_600.0),
    ("hour", 3_600.0),
    ("d", 86_400.0),
    ("day", 86_400.0),
    ("week", 7.0 * 86_400.0),
    ("year", YEAR),
];

/// A length of time: one or more numbers with units.
///
/// # Errors
/// What is no length, is negative, or does not fit.
pub fn span(text: &str) -> Result<Span, Wrong> {
    let wrong = |why: String| Wrong { why, help: SPAN_HELP };
    let mut rest = text.trim();
    let mut total = 0_u128;
    if rest.is_empty() {
        return Err(wrong("is empty".into()));
    }
    while !rest.is_empty() {
        let (number, after) = Decimal::read(rest).map_err(wrong)?;
        let (unit, after) = word(after);
        let size = unit_of(unit, &SPAN_UNITS, "time").map_err(wrong)?;
        total = number
            .times(size)
            .and_then(|micros| total.checked_add(micros))
            .filter(|total| *total < u128::from(Span::NEVER.micros()))
            .ok_or_else(|| wrong("is too long to be told in microseconds".into()))?;
        rest = after.trim_start();
    }
    Ok(Span::from_micros(total as u64))
}

/// A size in bytes.
///
/// # Errors
/// What is no size, is negative, or does not fit.
pub fn size(text: &str) -> Result<u64, Wrong> {
    let wrong = |why: String| Wrong { why, help: SIZE_HELP };
    let (number, after) = Decimal::read(text.trim()).map_err(wrong)?;
    let (unit, after) = word(after);
    let unit = unit_of(unit, &SIZE_UNITS, "size").map_err(wrong)?;
    if !after.is_empty() {
        return Err(wrong(format!("has `{after}` after its unit")));
    }
    number
        .times(unit)
        .and_then(|bytes| u64::try_from(bytes).ok())
        .filter(|bytes| *bytes <= 1 << 60)
        .ok_or_else(|| wrong("is more than 1 EiB".into()))
}

/// The most that a bandwidth may be (B/s): so much that no sum of a million of them overflows.
pub const MOST_BANDWIDTH: u64 = 10_000_000_000_000;

/// A bandwidth in bytes per second, to the nearest whole one.
///
/// # Errors
/// What is no bandwidth, is negative, or is more than [`MOST_BANDWIDTH`].
pub fn bandwidth(text: &str) -> Result<u64, Wrong> {
    let wrong = |why: String| Wrong { why, help: BANDWIDTH_HELP };
    let (number, after) = Decimal::read(text.trim()).map_err(wrong)?;
    let (unit, after) = word(after);
    let per_second = after.trim_start().strip_prefix('/').map(str::trim);
    if per_second != Some("s") {
        return Err(wrong("does not say per second".into()));
    }
    let bits = BIT_UNITS.iter().find(|(name, _)| *name == unit);
    let bytes = match bits {
        Some((_, bits)) => number.times(*bits).map(|bits| (bits + 4) / 8),
        None => number.times(unit_of(unit, &SIZE_UNITS, "bandwidth").map_err(wrong)?),
    };
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .filter(|bytes| *bytes <= MOST_BANDWIDTH)
        .ok_or_else(|| wrong("is more than 10 TB/s".into()))
}

/// A rate, in events per second; `never` is none.
///
/// # Errors
/// What is no rate or is negative.
pub fn rate(text: &str) -> Result<f64, Wrong> {
    let wrong = |why: String| Wrong { why, help: RATE_HELP };
    if text.trim() == "never" {
        return Ok(0.0);
    }
    let (number, after) = Decimal::read(text.trim()).map_err(wrong)?;
    let (percent, after) = percent_sign(after);
    let Some(unit) = after.strip_prefix('/') else {
        return Err(wrong("does not say per what time".into()));
    };
    let unit = unit.trim();
    match RATE_UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, seconds)) => Ok(number.value() * percent / seconds),
        None => Err(wrong(format!("has the unknown unit of time `{unit}`"))),
    }
}

/// How much of a metric, as it is written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Amount {
    /// A number, in the metric's own unit.
    Plain(f64),
    /// A percentage, as a share: 0.05 for 5 %.
    Share(f64),
    /// A length of time (s).
    Time(f64),
    /// A size (B).
    Size(f64),
    /// So often [1/s].
    Rate(f64),
}

/// How much of a metric, with its unit: a percentage (of any size), a length of time, a size, or a
/// rate.
///
/// # Errors
/// What is none of them, is negative, or does not fit.
pub fn amount(text: &str) -> Result<Amount, Wrong> {
    let of = |wrong: Wrong| Wrong { why: wrong.why, help: AMOUNT_HELP };
    let text = text.trim();
    if text.contains('/') {
        return rate(text).map(Amount::Rate).map_err(of);
    }
    if let Some(number) = text.strip_suffix('%') {
        return match Decimal::read(number.trim_end()) {
            Ok((number, "")) => Ok(Amount::Share(number.value() / 100.0)),
            Ok(_) => Err(Wrong { why: "is no percentage".into(), help: AMOUNT_HELP }),
            Err(why) => Err(Wrong { why, help: AMOUNT_HELP }),
        };
    }
    match text.ends_with('B') {
        true => size(text).map(|bytes| Amount::Size(bytes as f64)).map_err(of),
        false => span(text).map(|span| Amount::Time(span.seconds())).map_err(of),
    }
}

/// A probability written as a percentage.
///
/// # Errors
/// What is no percentage, or lies outside of 0 % to 100 %.
pub fn percentage(text: &str) -> Result<f64, Wrong> {
    let wrong = |why: String| Wrong { why, help: PROBABILITY_HELP };
    let (number, after) = Decimal::read(text.trim()).map_err(wrong)?;
    match percent_sign(after) {
        (percent, "") if !after.is_empty() => {
            let probability = number.value() * percent;
            if probability > 1.0 {
                return Err(wrong("is more than 100 %".into()));
            }
            Ok(probability)
        }
        _ => Err(wrong("is no percentage".into())),
    }
}

/// A share written as a percentage.
///
/// # Errors
/// As [`percentage`].
pub fn share(text: &str) -> Result<f64, Wrong> {
    percentage(text).map_err(|wrong| Wrong { help: SHARE_HELP, ..wrong })
}

/// A whole percentage.
///
/// # Errors
/// What is no percentage, has a fraction, or does not fit.
pub fn percent(text: &str) -> Result<u32, Wrong> {
    let help = "a whole percentage is written as in \"25%\"";
    let digits = text.trim().strip_suffix('%').map(str::trim_end).unwrap_or_default();
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_whole);
    number.ok_or_else(|| Wrong { why: "is no whole percentage".into(), help })
}

/// A point of time as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// So long after the zero of the clock.
    OnClock(Span),
    /// A date (microseconds since 1970-01-01T00:00:00Z).
    OnCalendar(i64),
}

/// A point of time: a length or a date.
///
/// # Errors
/// What is neither.
pub fn moment(text: &str) -> Result<Moment, Wrong> {
    let of = |wrong: Wrong| Wrong { why: wrong.why, help: MOMENT_HELP };
    // Only a date has four digits and a dash in front.
    let is_date = text.trim().find(|c: char| !c.is_ascii_digit()) == Some(4)
        && text.trim().as_bytes()[4] == b'-';
    if is_date {
        return date(text).map(Moment::OnCalendar).map_err(of);
    }
    span(text).map(Moment::OnClock).map_err(of)
}

/// A date with its time of day in UTC, whole seconds or with a fraction of at most six digits:
/// microseconds since 1970-01-01T00:00:00Z.
///
/// # Errors
/// What is no such text, or no day or time of day that there is.
pub fn date(text: &str) -> Result<i64, Wrong> {
    let wrong = |why: String| Wrong { why, help: DATE_HELP };
    let text = text.trim();
    let no_date = || wrong("is no date with its time of day".into());
    let (date, rest) = text.split_once('T').ok_or_else(no_date)?;
    let [year, month, day] = parts(date, '-', [4, 2, 2]).ok_or_else(no_date)?;
    let rest = rest.strip_suffix('Z').ok_or_else(|| wrong("has no Z at its end".into()))?;
    let (time, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let [hour, minute, second] = parts(time, ':', [2, 2, 2]).ok_or_else(no_date)?;
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no_date());
    }
    if fraction.len() > 6 {
        return Err(wrong("is finer than a microsecond".into()));
    }
    let micros = format!("{fraction:0<6}").parse().map_err(|_| no_date())?;
    let civil = Civil { year: i64::from(year), month, day, hour, minute, second, micros };
    civil.point().ok_or_else(|| {
        let most = if (1..=12).contains(&month) { days_in_month(civil.year, month) } else { 0 };
        wrong(match month {
            1..=12 if day == 0 || day > most => {
                format!("names day {day} of a month that has {most}")
            }
            1..=12 => "names a time of day that there is not".into(),
            _ => format!("names month {month}"),
        })
    })
}

/// A time of day, in seconds from midnight; `24:00:00` is the end of the day.
///
/// # Errors
/// What is no such text, or no time that there is.
pub fn time_of_day(text: &str) -> Result<u32, Wrong> {
    let wrong = |why: &str| Wrong { why: why.into(), help: TIME_OF_DAY_HELP };
    let [hour, minute, second] =
        parts(text.trim(), ':', [2, 2, 2]).ok_or_else(|| wrong("is no time of day"))?;
    let seconds = hour * 3_600 + minute * 60 + second;
    if minute > 59 || second > 59 || seconds > 86_400 {
        return Err(wrong("is a time of day that there is not"));
    }
    Ok(seconds)
}

/// Three numbers of so many digits each, with `between` between them.
fn parts(text: &str, between: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut found = [0; 3];
    let mut parts = text.split(between);
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// A number as it is written: no rounding before its unit is known.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    digits: u128,
    fraction: u32,
}

impl Decimal {
    /// Most digits that a number may have.
    const MOST: usize = 18;

    fn read(text: &str) -> Result<(Self, &str), String> {
        if text.starts_with('-') {
            return Err("is negative".into());
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
        // A range such as `1h..2h` never gets here whole, so a second dot is a slip.
        let (number, rest) = text.split_at(end.unwrap_or(text.len()));
        let number = number.replace('_', "");
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        if whole.is_empty() || number.ends_with('.') || fraction.contains('.') {
            return Err("is no number with a unit".into());
        }
        if whole.len() + fraction.len() > Self::MOST {
            return Err(format!("has more than {} digits", Self::MOST));
        }
        let mut after = rest.chars();
        if after.next().is_some_and(|c| c == 'e' || c == 'E')
            && after.next().is_some_and(|c| c.is_ascii_digit() || c == '+' || c == '-')
        {
            return Err("has an exponent, which is not read: write out all digits".into());
        }
        let digits = format!("{whole}{fraction}").parse().map_err(|_| "is no number")?;
        Ok((Self { digits, fraction: fraction.len() as u32 }, rest))
    }

    /// The nearest whole number of `unit`s.
    fn times(self, unit: u64) -> Option<u128> {
        let scale = 10_u128.pow(self.fraction);
        Some((self.digits.checked_mul(u128::from(unit))? + scale / 2) / scale)
    }

    fn value(self) -> f64 {
        self.digits as f64 / 10_u128.pow(self.fraction) as f64
    }
}

fn percent_sign(text: &str) -> (f64, &str) {
    match text.trim_start().strip_prefix('%') {
        Some(rest) => (0.01, rest.trim()),
        None => (1.0, text.trim()),
    }
}

/// The letters at the beginning, after blanks, and the rest.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()))
}

fn unit_of(unit: &str, known: &[(&str, u64)], of: &str) -> Result<u64, String> {
    if unit.is_empty() {
        return Err("has no unit".into());
    }
    match known.iter().find(|(name, _)| *name == unit) {
        Some((_, size)) => Ok(*size),
        // It could be months as well.
        None if unit == "m" && of == "time" => {
            Err("has the unknown unit of time `m`: minutes are `min`, as in \"29h30min\"".into())
        }
        None => Err(format!("has the unknown unit of {of} `{unit}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_exact() {
        assert_eq!(span("36h"), Ok(Span::from_seconds(129_600)));
        assert_eq!(span("1d12h"), span("36h"));
        assert_eq!(span("1d 12h"), span("1.5d"));
        assert_eq!(span("250ms"), Ok(Span::from_micros(250_000)));
        assert_eq!(span("0.1s"), Ok(Span::from_micros(100_000)));
        assert_eq!(span("0s"), Ok(Span::ZERO));
        assert_eq!(span("2w"), Ok(Span::from_seconds(14 * 86_400)));
        assert_eq!(span("1_000min"), span("60000s"));
    }

    #[test]
    fn minutes_are_not_m() {
        let wrong = span("29h30m").unwrap_err();
        assert_eq!(
            wrong.why,
            "has the unknown unit of time `m`: minutes are `min`, as in \"29h30min\""
        );
        assert_eq!(span("29h30min"), span("1770min"));
    }

    #[test]
    fn wrong_lengths_say_why() {
        let why = |text| span(text).unwrap_err().why;
        assert_eq!(why("36"), "has no unit");
        assert_eq!(why("36 hours"), "has the unknown unit of time `hours`");
        assert_eq!(why("-1h"), "is negative");
        assert_eq!(why("NaN"), "is no number with a unit");
        assert_eq!(why("inf"), "is no number with a unit");
        assert_eq!(why(""), "is empty");
        assert_eq!(why("1.h"), "is no number with a unit");
        assert_eq!(why("1.2.3h"), "is no number with a unit");
        assert_eq!(why("99999999999999999999h"), "has more than 18 digits");
        assert_eq!(why("999999999999999w"), "is too long to be told in microseconds");
        assert_eq!(why("1h-2"), "is negative");
    }

    #[test]
    fn sizes_are_exact() {
        assert_eq!(size("384GiB"), Ok(384 << 30));
        assert_eq!(size("7.68TB"), Ok(7_680_000_000_000));
        assert_eq!(size("0.5 KiB"), Ok(512));
        assert!(size("1").is_err() && size("1gb").is_err() && size("1GB 2").is_err());
        assert_eq!(size("2000000PB").unwrap_err().why, "is more than 1 EiB");
    }

    #[test]
    fn bandwidths_are_whole_bytes_per_second() {
        assert_eq!(bandwidth("25Gbit/s"), Ok(3_125_000_000));
        assert_eq!(bandwidth("1.25GB/s"), bandwidth("10 Gbit / s"));
        assert_eq!(bandwidth("128MiB/s"), Ok(128 << 20));
        assert_eq!(bandwidth("8000004bit/s"), Ok(1_000_001));
        let why = |text| bandwidth(text).unwrap_err().why;
        assert_eq!(why("25"), "does not say per second");
        assert_eq!(why("25Gbit"), "does not say per second");
        assert_eq!(why("25/s"), "has no unit");
        assert_eq!(why("25Gb/s"), "has the unknown unit of bandwidth `Gb`");
        assert_eq!(why("-1Gbit/s"), "is negative");
        assert_eq!(bandwidth("0B/s"), Ok(0));
        assert_eq!(why("11TB/s"), "is more than 10 TB/s");
    }

    #[test]
    fn rates_are_per_second() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-15;
        assert!(close(rate("2%/year").unwrap(), 0.02 / YEAR));
        assert!(close(rate("0.5/day").unwrap(), 0.5 / 86_400.0));
        assert!(close(rate("7/h").unwrap(), 7.0 / 3_600.0));
        assert!(close(rate("7 % / h").unwrap(), 0.07 / 3_600.0));
        assert_eq!(rate("7").unwrap_err().why, "does not say per what time");
        assert_eq!(rate("7/month").unwrap_err().why, "has the unknown unit of time `month`");
    }

    #[test]
    fn dates_are_points_and_wrong_ones_say_why() {
        let second = 1_000_000;
        assert_eq!(date("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(date("2024-02-29T12:00:00Z"), Ok(1_709_208_000 * second));
        assert_eq!(date("2026-01-01T00:00:00.25Z"), Ok(1_767_225_600 * second + 250_000));
        assert_eq!(date("2026-01-01T00:00:00.000001Z"), Ok(1_767_225_600 * second + 1));
        assert_eq!(date("1969-12-31T23:59:59.5Z"), Ok(-second / 2));
        let why = |text| date(text).unwrap_err().why;
        assert_eq!(why("2026-02-29T00:00:00Z"), "names day 29 of a month that has 28");
        assert_eq!(why("2026-13-01T00:00:00Z"), "names month 13");
        assert_eq!(why("2026-01-01T24:00:00Z"), "names a time of day that there is not");
        assert_eq!(why("2026-01-01T00:00:00"), "has no Z at its end");
        assert_eq!(why("2026-01-01T00:00:00+08:00"), "has no Z at its end");
        assert_eq!(why("2026-01-01T00:00:00.1234567Z"), "is finer than a microsecond");
        for text in
            ["", "2026-01-01", "26-01-01T00:00:00Z", "2026-01-01T0:00:00Z", "2026-01-01T00:00Z"]
        {
            assert_eq!(why(text), "is no date with its time of day", "{text}");
        }
        assert_eq!(why("2026-01-01T00:00:00.Z"), "is no date with its time of day");
        assert_eq!(why("+026-01-01T00:00:00Z"), "is no date with its time of day");
    }

    #[test]
    fn points_of_time_are_lengths_or_dates() {
        assert_eq!(moment("2d"), Ok(Moment::OnClock(Span::from_seconds(2 * 86_400))));
        assert_eq!(moment(" 1970-01-01T00:00:01Z "), Ok(Moment::OnCalendar(1_000_000)));
        assert_eq!(moment("2026-01-01").unwrap_err().why, "is no date with its time of day");
        assert_eq!(moment("2026").unwrap_err().why, "has no unit");
        assert_eq!(moment("-2d").unwrap_err().help, MOMENT_HELP);
        assert!(moment("").is_err());
    }

    #[test]
    fn times_of_day_end_with_the_day() {
        assert_eq!(time_of_day("02:30:01"), Ok(9_001));
        assert_eq!(time_of_day("24:00:00"), Ok(86_400));
        for text in ["", "2:00:00", "02:00", "24:00:01", "02:60:00", "ab:cd:ef"] {
            assert!(time_of_day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_told_apart_by_their_units() {
        assert_eq!(amount("2h"), Ok(Amount::Time(7_200.0)));
        assert_eq!(amount("3KiB"), Ok(Amount::Size(3_072.0)));
        assert_eq!(amount("2/s"), Ok(Amount::Rate(2.0)));
        let Ok(Amount::Share(share)) = amount(" 150 %") else { panic!("a percentage") };
        assert!((share - 1.5).abs() < 1e-12);
        for (text, why) in [
            ("7", "has no unit"),
            ("-5%", "is negative"),
            ("5 5%", "is no percentage"),
            ("2h/x", "does not say per what time"),
            ("1 parsec", "has the unknown unit of time `parsec`"),
            ("", "is empty"),
        ] {
            let wrong = amount(text).unwrap_err();
            assert_eq!((wrong.why.as_str(), wrong.help), (why, AMOUNT_HELP), "{text}");
        }
    }

    #[test]
    fn percentages_stay_in_range() {
        assert!((percentage("60%").unwrap() - 0.6).abs() < 1e-15);
        assert_eq!(percentage("160%").unwrap_err().why, "is more than 100 %");
        assert_eq!(percentage("0.6").unwrap_err().why, "is no percentage");
        assert_eq!(percentage("-6%").unwrap_err().why, "is negative");
    }
}
