//! The civil calendar: dates and times of day (UTC, Gregorian, without leap seconds) of points that
//! are counted in microseconds from 1970-01-01T00:00:00Z.
//!
//! Pure arithmetic on whole numbers. A clock that shows another offset from UTC is read by shifting
//! the microseconds first.

use crate::kernel::time::MICROS_PER_SECOND;
use std::fmt;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Microseconds in a second, as the signed number that points before 1970 need.
const SECOND: i64 = MICROS_PER_SECOND as i64;

/// Days in 400 years, after which the calendar repeats.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// Days of a common year that lie before each month.
const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// A date and a time of day (UTC).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
    /// Hour, 0 to 23.
    pub hour: u32,
    /// Minute, 0 to 59.
    pub minute: u32,
    /// Second, 0 to 59.
    pub second: u32,
    /// Microseconds within the second (µs).
    pub micros: u32,
}

impl Civil {
    /// The date and time of the point `micros` microseconds after 1970-01-01T00:00:00Z.
    pub const fn at(micros: i64) -> Self {
        let seconds = micros.div_euclid(SECOND);
        let (days, within) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = date(days);
        Self {
            year,
            month,
            day,
            hour: (within / 3_600) as u32,
            minute: (within / 60 % 60) as u32,
            second: (within % 60) as u32,
            micros: micros.rem_euclid(SECOND) as u32,
        }
    }

    /// The point that it stands for (microseconds since 1970-01-01T00:00:00Z); `None` where there is no such
    /// date or time of day, or the year is not one of 0 to 99,999.
    pub const fn point(self) -> Option<i64> {
        let is_date = self.year >= 0
            && self.year <= 99_999
            && self.month >= 1
            && self.month <= 12
            && self.day >= 1
            && self.day <= days_in_month(self.year, self.month);
        let is_time = self.hour < 24
            && self.minute < 60
            && self.second < 60
            && (self.micros as u64) < MICROS_PER_SECOND;
        if !is_date || !is_time {
            return None;
        }
        let of_day = self.hour as i64 * 3_600 + self.minute as i64 * 60 + self.second as i64;
        let seconds = days(self.year, self.month, self.day) * DAY + of_day;
        Some(seconds * SECOND + self.micros as i64)
    }
}

impl fmt::Display for Civil {
    /// `2026-01-01T00:00:00Z`: what is below a second is cut off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Whether February of `year` has 29 days.
pub const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month, 1 to 12, of `year` (count).
pub const fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date; negative before.
pub const fn days(year: i64, month: u32, day: u32) -> i64 {
    let leap_day = if month > 2 && is_leap(year) { 1 } else { 0 };
    before_year(year) + BEFORE_MONTH[month as usize - 1] + leap_day + day as i64 - 1
}

/// The date (year, month, day) that lies `days` days after 1970-01-01.
pub const fn date(days: i64) -> (i64, u32, u32) {
    // The mean year is right within one: no year is a whole day longer than its share of 400.
    let mut year = 1970 + (days * 400).div_euclid(DAYS_OF_400_YEARS);
    while before_year(year) > days {
        year -= 1;
    }
    while before_year(year + 1) <= days {
        year += 1;
    }
    let (mut month, mut left) = (1, (days - before_year(year)) as u32);
    while left >= days_in_month(year, month) {
        left -= days_in_month(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

/// Days from 1970-01-01 to the first day of `year`.
const fn before_year(year: i64) -> i64 {
    (year - 1970) * 365 + leap_years(year - 1) - leap_years(1969)
}

/// Leap years from the year 1 to `year`; negative before.
const fn leap_years(year: i64) -> i64 {
    year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn civil(year: i64, month: u32, day: u32) -> Civil {
        Civil { year, month, day, hour: 0, minute: 0, second: 0, micros: 0 }
    }

    /// Seconds since 1970 as any Unix tells them.
    #[test]
    fn known_dates_are_where_they_are() {
        let known = [
            ("1969-12-31T23:59:59Z", -1),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2004-02-29T00:00:00Z", 1_078_012_800),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("2100-02-28T23:59:59Z", 4_107_542_399),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("1900-03-01T00:00:00Z", -2_203_891_200),
            ("1600-01-01T00:00:00Z", -11_676_096_000),
        ];
        for (text, seconds) in known {
            let civil = Civil::at(seconds * SECOND + 999_999);
            assert_eq!(civil.to_string(), text);
            assert_eq!(civil.point(), Some(seconds * SECOND + 999_999), "{text}");
        }
    }

    #[test]
    fn every_day_of_some_centuries_has_a_date_and_back() {
        let (mut year, mut month, mut day) = (1896, 1, 1);
        let first = days(year, month, day);
        for count in 0..=2 * DAYS_OF_400_YEARS {
            assert_eq!(date(first + count), (year, month, day));
            assert_eq!(days(year, month, day), first + count);
            day += 1;
            if day > days_in_month(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day), (2696, 1, 2));
    }

    #[test]
    fn what_is_no_date_is_no_point() {
        assert!(civil(2100, 2, 29).point().is_none());
        assert!(civil(2400, 2, 29).point().is_some());
        assert!(civil(2026, 0, 1).point().is_none());
        assert!(civil(2026, 13, 1).point().is_none());
        assert!(civil(2026, 4, 31).point().is_none());
        assert!(civil(2026, 1, 0).point().is_none());
        assert!(Civil { hour: 24, ..civil(2026, 1, 1) }.point().is_none());
        assert!(Civil { second: 60, ..civil(2026, 1, 1) }.point().is_none());
    }
}
