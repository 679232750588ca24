//! The formats in which notifications print times, and one reader for all of them.
//!
//! What is below the last printed digit is cut off, never rounded (spec/events.md 6.4,
//! spec/corrections.md 11).

use crate::kernel::calendar::Civil;
use std::fmt;

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// A point of civil time: microseconds since 1970-01-01T00:00:00Z (µs).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment that `text` tells in any of the forms of notifications; `None` where it tells none.
    /// Seconds, their fraction, and the separators may be missing; the offset from UTC may not.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text)
    }

    /// The same moment without what is below a second.
    pub const fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000_000))
    }

    /// As `eventTime` shows it: `20190409T121826.922+0800`, eight hours ahead of UTC.
    pub fn of_event(self) -> impl fmt::Display {
        Shown(Civil::at(self.0 + 8 * HOUR), Form::Event)
    }

    /// To the second in UTC: `2019-04-09T04:18:26Z`.
    pub fn to_second(self) -> impl fmt::Display {
        Civil::at(self.0)
    }

    /// With all that is known of it, as a scenario writes it: `2019-04-09T04:18:26.922Z`.
    pub fn exact(self) -> impl fmt::Display {
        Shown(Civil::at(self.0), Form::Exact)
    }

    /// To the minute in UTC: `2019-11-11T11:00Z`.
    pub fn to_minute(self) -> impl fmt::Display {
        Shown(Civil::at(self.0), Form::Minute)
    }
}

#[derive(Clone, Copy)]
enum Form {
    Event,
    Exact,
    Minute,
}

struct Shown(Civil, Form);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, micros } = self.0;
        match self.1 {
            Form::Event => {
                let millis = micros / 1_000;
                write!(
                    f,
                    "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}.{millis:03}+0800"
                )
            }
            Form::Exact if micros == 0 => write!(f, "{}", self.0),
            Form::Exact => {
                let second = self.0.to_string();
                let fraction = format!("{micros:06}");
                write!(f, "{}.{}Z", second.trim_end_matches('Z'), fraction.trim_end_matches('0'))
            }
            Form::Minute => write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}Z"),
        }
    }
}

/// What [`Moment::parse`] reads, from front to back.
fn parse(text: &str) -> Option<Moment> {
    let mut left = text.trim();
    let year = digits(&mut left, 4)?;
    skip(&mut left, '-');
    let month = digits(&mut left, 2)?;
    skip(&mut left, '-');
    let day = digits(&mut left, 2)?;
    if !skip(&mut left, 'T') {
        return None;
    }
    let hour = digits(&mut left, 2)?;
    skip(&mut left, ':');
    let minute = digits(&mut left, 2)?;
    let (mut second, mut micros) = (0, 0);
    if skip(&mut left, ':') || left.starts_with(|c: char| c.is_ascii_digit()) {
        second = digits(&mut left, 2)?;
    }
    if skip(&mut left, '.') {
        micros = fraction(&mut left)?;
    }
    let ahead = offset(left)?;
    let civil = Civil { year: i64::from(year), month, day, hour, minute, second, micros };
    Some(Moment(civil.point()? - ahead))
}

/// Takes a sign off the front; says whether it was there.
fn skip(left: &mut &str, sign: char) -> bool {
    let rest = left.strip_prefix(sign);
    *left = rest.unwrap_or(left);
    rest.is_some()
}

/// Takes a number of exactly `count` digits off the front.
fn digits(left: &mut &str, count: usize) -> Option<u32> {
    let (number, rest) = left.split_at_checked(count)?;
    let all_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    *left = rest;
    number.parse().ok().filter(|_| all_digits)
}

/// Takes the digits behind the point off the front, as microseconds; more than six are cut off.
fn fraction(left: &mut &str) -> Option<u32> {
    let end = left.find(|c: char| !c.is_ascii_digit()).unwrap_or(left.len());
    let (number, rest) = left.split_at(end);
    *left = rest;
    if number.is_empty() {
        return None;
    }
    let six: String = number.chars().chain("000000".chars()).take(6).collect();
    six.parse().ok()
}

/// How far ahead of UTC the rest of a time says that it is (µs).
fn offset(mut left: &str) -> Option<i64> {
    if left == "Z" {
        return Some(0);
    }
    let sign = if skip(&mut left, '+') {
        1
    } else if skip(&mut left, '-') {
        -1
    } else {
        return None;
    };
    let hours = digits(&mut left, 2)?;
    skip(&mut left, ':');
    let minutes = digits(&mut left, 2)?;
    let is_whole = left.is_empty() && hours < 24 && minutes < 60;
    is_whole.then(|| sign * (i64::from(hours) * HOUR + i64::from(minutes) * (HOUR / 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_times_are_read_and_printed() {
        let at = parse("20190409T121826.922+0800").unwrap();
        assert_eq!(at.of_event().to_string(), "20190409T121826.922+0800");
        assert_eq!(at.to_second().to_string(), "2019-04-09T04:18:26Z", "cut off, not rounded");
        assert_eq!(at.whole_second(), parse("2019-04-09T04:18:26Z").unwrap());
        assert_eq!(at.exact().to_string(), "2019-04-09T04:18:26.922Z");
        assert_eq!(at.whole_second().exact().to_string(), "2019-04-09T04:18:26Z");
        let hour = parse("2019-11-11T11:00Z").unwrap();
        assert_eq!(hour.to_minute().to_string(), "2019-11-11T11:00Z");
        assert_eq!(parse("2019-04-09T12:18:26.922+08:00"), Some(at));
    }

    #[test]
    fn what_tells_no_time_is_none() {
        for wrong in [
            "",
            "now",
            "2019-04-09",
            "2019-04-09T04:18:26",
            "2019-02-29T04:18:26Z",
            "2019-04-09T24:18:26Z",
            "2019-04-09T04:18:26.Z",
            "2019-04-09T04:18:26Zulu",
            "2019-04-09T04:18:26+8",
            "２０19-04-09T04:18:26Z",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
