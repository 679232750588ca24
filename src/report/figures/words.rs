//! What the charts of all studies share: names of files, numbers in words, axes of metrics.

use crate::{
    experiment::estimate::Spread,
    report::{
        chart::{Along, Figure, Scale},
        number,
    },
    scenario::vary::magnitude,
};

/// The longest name of a file, without its number (letters).
const NAME_MOST: usize = 60;

/// The longest change that is told with all of its digits (letters).
const CHANGE_MOST: usize = 26;

/// Instance-seconds from which on sums are told in days.
const IN_DAYS: f64 = 1e8;

/// `text` as the name of a file and an anchor may be: lower case, digits and hyphens.
pub fn slug(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        'a'..='z' | '0'..='9' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        _ => '-',
    });
    let mut slug = String::new();
    for letter in letters {
        if letter != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(letter);
        }
    }
    slug.truncate(NAME_MOST);
    match slug.trim_end_matches('-') {
        "" => "chart".to_owned(),
        slug => slug.to_owned(),
    }
}

/// `figures` with names of which no two are alike: later ones get a number.
pub fn named_apart(mut figures: Vec<Figure>) -> Vec<Figure> {
    for place in 1..figures.len() {
        let (before, rest) = figures.split_at_mut(place);
        let taken = |name: &str| before.iter().any(|other| other.name == name);
        let name = rest[0].name.clone();
        let mut numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        if taken(&name)
            && let Some(free) = numbered.find(|name| !taken(name))
        {
            rest[0].name = free;
        }
    }
    figures
}

/// The axis of a metric called `name`, whose unit is `unit`.
pub fn along(name: &str, unit: &str) -> Along {
    match (Scale::of_unit(unit), unit) {
        (Scale::Plain, "instance-s") => Along::new(format!("{name}, instance-time"), Scale::Time),
        (Scale::Plain, "unit-s") => Along::new(format!("{name}, unit-time"), Scale::Time),
        (Scale::Plain, "count" | "") => Along::new(name, Scale::Plain),
        (Scale::Plain, unit) => Along::new(format!("{name} ({unit})"), Scale::Plain),
        (scale @ (Scale::Time | Scale::Ratio | Scale::Bytes), _) => Along::new(name, scale),
    }
}

/// The axis of a value of scenarios called `name`, whose numbers have the unit `unit` (`us` for time),
/// and how many of them make one of the axis.
pub fn along_values(name: &str, unit: &str) -> (Along, f64) {
    match unit {
        "us" => (Along::new(name, Scale::Time), 1e6),
        "B" => (Along::new(name, Scale::Bytes), 1.0),
        "%" => (Along::new(name, Scale::Ratio), 100.0),
        "" => (Along::new(name, Scale::Plain), 1.0),
        "bit/s" => (Along::new(format!("{name} (Gbit/s)"), Scale::Plain), 1e9),
        unit => (Along::new(format!("{name} ({unit})"), Scale::Plain), 1.0),
    }
}

/// `value` as it lies on an axis of [`along_values`].
pub fn place_of(value: &str) -> Option<f64> {
    let (number, unit) = magnitude(value)?;
    Some(number / along_values("", &unit).1)
}

/// A mean with its interval, in the unit that suits it: `0.99971 ± 0.00003`.
pub fn told(mean: f64, half_width: Option<f64>, unit: &str) -> String {
    let size = mean.abs().max(half_width.unwrap_or(0.0));
    let spread = Spread { mean, deviation: None, half_width, min: mean, max: mean, skewed: false };
    match unit {
        "instance-s" if size >= IN_DAYS => number::show_in(&spread, 86_400.0, "instance-d").value,
        "instance-s" if size >= 7_200.0 => number::show_in(&spread, 3_600.0, "instance-h").value,
        unit => number::show(&spread, unit).value,
    }
}

/// A change with its sign and its interval: `+0.00042 ± 0.00002`; `+1.6e-7 ± 6.0e-8` where it has too
/// many digits to be read.
pub fn changed(change: f64, half_width: Option<f64>, unit: &str) -> String {
    // Nobody knows more of its digits where no interval does.
    let change = match half_width {
        Some(_) => change,
        None => format!("{change:.2e}").parse().unwrap_or(change),
    };
    let text = told(change, half_width, unit);
    if text.starts_with("0.000000") || text.starts_with("-0.000000") || text.len() > CHANGE_MOST {
        let width = half_width.map(|width| format!(" ± {width:.1e}"));
        let unit = if matches!(unit, "ratio" | "count" | "") { "" } else { unit };
        let text = format!("{change:+.1e}{} {unit}", width.unwrap_or_default());
        return text.trim_end().to_owned();
    }
    if change > 0.0 { format!("+{text}") } else { text }
}

/// `1 run`, `30 runs`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", number::free(count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Bars, Chart};

    #[test]
    fn names_of_files_are_harmless_and_apart() {
        let slugs =
            ["downtime{cause=server-failure}", "../../etc/passwd", "=cmd|'/C'", "مجموعة", "A  B"];
        let slugs = slugs.map(slug);
        let wanted = ["downtime-cause-server-failure", "etc-passwd", "cmd-c", "chart", "a-b"];
        assert_eq!(slugs, wanted);
        assert!(slug(&"x-".repeat(99)).len() <= NAME_MOST);
        let figure = |name: &str| Figure {
            name: name.to_owned(),
            title: String::new(),
            caption: String::new(),
            chart: Chart::Bars(Bars {
                x: Along::new("", Scale::Plain),
                rows: vec![],
                points: false,
            }),
        };
        let figures = named_apart(["a", "b", "a", "a-2", "a"].map(figure).to_vec());
        let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "a-2", "a-2-2", "a-3"]);
    }

    #[test]
    fn numbers_have_the_unit_that_suits_them() {
        assert_eq!(told(0.999_71, Some(0.000_031), "ratio"), "0.999710 ± 0.000031");
        assert_eq!(changed(36_000.0, Some(3_600.0), "instance-s"), "+10.0 ± 1.0 instance-h");
        assert_eq!(changed(-2.0, None, "count"), "-2");
        assert_eq!(changed(1.6e-7, Some(6e-8), "ratio"), "+1.6e-7 ± 6.0e-8");
        assert_eq!(changed(0.0, None, "ratio"), "0");
        assert_eq!(changed(0.000_186_816, None, "ratio"), "+0.000187");
        assert_eq!(along("downtime", "instance-s").scale, Scale::Time);
        assert_eq!(place_of("90min"), Some(5_400.0));
        assert_eq!(place_of("5%"), Some(0.05));
        assert_eq!(place_of("spread"), None);
    }
}
