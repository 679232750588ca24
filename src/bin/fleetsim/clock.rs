//! The wall clock, which no result depends on: it dates the manifest and nothing else.

#[expect(clippy::disallowed_types, reason = "the manifest tells when a command ran")]
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as seconds and microseconds since 1970; a clock set before that reads zero.
#[expect(clippy::disallowed_types, reason = "the manifest tells when a command ran")]
pub fn now() -> (u64, u32) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs(), since.subsec_micros())
}

/// A point of time as RFC 3339 in UTC: `2026-01-31T23:59:59.000001Z`.
pub fn rfc3339((seconds, micros): (u64, u32)) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day that lie `days` after 1970-01-01 in the Gregorian calendar. Years are
/// counted from March, so that the leap day is the last of its year.
fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097;
    let since_march_0 = days + 719_468;
    let (era, day_of_era) = (since_march_0 / ERA, since_march_0 % ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn dates_are_of_the_calendar() {
        assert_eq!(rfc3339((0, 0)), "1970-01-01T00:00:00.000000Z");
        assert_eq!(rfc3339((951_782_400, 5)), "2000-02-29T00:00:00.000005Z");
        assert_eq!(rfc3339((1_767_225_599, 999_999)), "2025-12-31T23:59:59.999999Z");
        assert_eq!(rfc3339((4_107_542_400, 0)), "2100-03-01T00:00:00.000000Z");
    }
}
