//! What a sweep varies: axes of values for paths of the scenario, and the points that they span.
//!
//! A point is what is set on top of the scenario file, never a scenario that was changed: each is
//! read and checked as if a user had typed `--set`. Ranges are counted in decimals, so that
//! `0.1..0.3:0.1` has three values, written as typed.

mod amount;

mod range;

use self::{
    amount::Amount,
    range::{Between, Ends, Steps, Tail, finer},
};
use super::{set, tree::shortened};
use crate::kernel::streams::Streams;

/// The most points of a sweep, and the most values of an axis: each point is read and checked before
/// any is run.
pub const MOST_POINTS: usize = 100_000;

/// The run whose chance places a Latin hypercube: above any that can be asked for, so that no
/// simulated run draws the same numbers.
const SAMPLING_RUN: u32 = u32::MAX;

/// What an axis looks like.
const AXIS_HELP: &str = "write path=a,b,c or path=lo..hi:step or path=lo..hi:log:n, as in \
     policies.repair.crews=1,2,4 or settings.recover.detect=1min..5min:30s";

/// What linked axes look like.
const LINKED_HELP: &str = "linked paths take one value each in parentheses, as in \
     'a,b=(90,100),(80,120)'";

/// All that is varied, in the order in which it was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axes {
    axes: Vec<Axis>,
}

/// One thing that is varied: a path, or several that change together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axis {
    /// The option as it was typed.
    text: String,
    /// The paths, one unless they are linked.
    paths: Vec<String>,
    levels: Levels,
}

/// What an axis may be.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Levels {
    /// One of these, each with a value a path.
    Listed(Vec<Vec<String>>),
    /// Anything between two ends: only a sample can pick from it.
    Between(Between),
}

/// One point of a sweep: what is set, in the order of the axes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Point {
    /// Path and value, as they are given to `--set`.
    pub values: Vec<(String, String)>,
}

impl Point {
    /// The point that sets what `typed` says: `path=value`, or several between commas.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(typed: &str) -> Result<Self, String> {
        const HELP: &str = "write path=value or path=value,path=value; a value that holds commas \
             stands in quotes or brackets";
        let wrong = |why: String| format!("`{}`: {why}; {HELP}", shortened(typed.trim()));
        let mut seen = Vec::new();
        let mut setting = |part: &str| {
            let parted = assignment(part);
            let (path, value) =
                parted.ok_or_else(|| wrong(format!("`{}` lacks a `=`", shortened(part))))?;
            let steps = set::path(path)
                .map_err(|why| wrong(format!("`{}` is no path: {why}", shortened(path))))?;
            if seen.contains(&steps) {
                return Err(wrong(format!("`{}` is set twice", shortened(path))));
            }
            seen.push(steps);
            if let Some(option) = fixed(path) {
                return Err(wrong(format!("`{path}` is given by {option}")));
            }
            Ok((path.to_owned(), value.to_owned()))
        };
        let parts = cut(typed.trim()).map_err(wrong)?;
        let values = parts.into_iter().map(&mut setting).collect::<Result<_, String>>()?;
        Ok(Self { values })
    }

    /// What is set, as `path=value`: to be appended to what the user sets himself.
    pub fn sets(&self) -> Vec<String> {
        self.values.iter().map(|(path, value)| format!("{path}={value}")).collect()
    }

    /// The point on one line, as people read it.
    pub fn label(&self) -> String {
        self.sets().join(", ")
    }
}

impl Axis {
    /// The option as it was typed: `servers[0].count=9,12`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The paths that it sets: one, or several that are linked.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    fn parse(typed: &str) -> Result<Self, String> {
        let text = typed.trim();
        let wrong =
            |why: String, help: &str| format!("--vary `{}`: {why}; {help}", shortened(text));
        let (left, right) =
            assignment(text).ok_or_else(|| wrong("a `=` is missing".to_owned(), AXIS_HELP))?;
        let paths = cut(left).map_err(|why| wrong(why, AXIS_HELP))?;
        for path in &paths {
            set::path(path).map_err(|why| {
                wrong(format!("`{}` is no path: {why}", shortened(path)), AXIS_HELP)
            })?;
            if let Some(option) = fixed(path) {
                let why = format!("`{path}` is the same at every point");
                return Err(wrong(why, &format!("it is given by {option}")));
            }
        }
        let levels = match paths.len() {
            1 => Levels::parse(right).map_err(|why| wrong(why, AXIS_HELP))?,
            count => Levels::linked(right, count).map_err(|why| wrong(why, LINKED_HELP))?,
        };
        let paths = paths.into_iter().map(str::to_owned).collect();
        Ok(Self { text: text.to_owned(), paths, levels })
    }

    /// `level` as settings: a value for each path.
    fn settings(&self, level: &[String]) -> Vec<(String, String)> {
        self.paths.iter().cloned().zip(level.iter().cloned()).collect()
    }

    /// The values where `share` (0 to below 1) of the axis lies below.
    fn at(&self, share: f64) -> Vec<(String, String)> {
        match &self.levels {
            Levels::Listed(levels) => {
                let place = (share * levels.len() as f64) as usize;
                self.settings(&levels[place.min(levels.len() - 1)])
            }
            Levels::Between(between) => self.settings(&[between.at(share)]),
        }
    }
}

impl Axes {
    /// The axes that the options `--vary`, each as typed, describe.
    ///
    /// # Errors
    /// What is wrong with the first wrong one, and what would be right.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let axes: Vec<Axis> =
            texts.iter().map(|text| Axis::parse(text)).collect::<Result<_, _>>()?;
        if axes.is_empty() {
            return Err(format!("nothing is varied; {AXIS_HELP}"));
        }
        let mut seen = Vec::new();
        for path in axes.iter().flat_map(|axis| &axis.paths) {
            let steps = set::path(path)?;
            if seen.contains(&steps) {
                return Err(format!("`{}` is varied twice", shortened(path)));
            }
            if seen.iter().any(|other| steps.starts_with(other) || other.starts_with(&steps)) {
                let path = shortened(path);
                return Err(format!(
                    "`{path}` is varied both by itself and as a part of another axis, which would \
                     overwrite it; vary one of both"
                ));
            }
            seen.push(steps);
        }
        Ok(Self { axes })
    }

    /// The axes, in the order in which they were named.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Every path that is varied, in the order of the values of a point.
    pub fn paths(&self) -> Vec<&str> {
        self.axes.iter().flat_map(|axis| &axis.paths).map(String::as_str).collect()
    }

    /// Every combination of the values: the first axis changes slowest.
    ///
    /// # Errors
    /// A range without steps, or more than [`MOST_POINTS`].
    pub fn grid(&self) -> Result<Vec<Point>, String> {
        let mut listed = Vec::new();
        let mut count = 1_usize;
        for axis in &self.axes {
            match &axis.levels {
                Levels::Listed(levels) => listed.push((axis, levels)),
                Levels::Between(_) => {
                    return Err(format!(
                        "--vary `{}`: a grid needs steps: write lo..hi:step or lo..hi:log:n (or take \
                         a sample from the range; \"lo..hi\" in double quotes is a law)",
                        shortened(&axis.text)
                    ));
                }
            }
        }
        for (_, levels) in &listed {
            count = count.saturating_mul(levels.len());
        }
        if count > MOST_POINTS {
            let sizes: Vec<String> = listed.iter().map(|(_, l)| l.len().to_string()).collect();
            return Err(format!(
                "the grid has {} points, and at most {MOST_POINTS} can be swept; vary less, take \
                 larger steps, or take a sample (--sample lhs:N)",
                sizes.join(" x ")
            ));
        }
        let point = |number: usize| {
            let mut below = count;
            let pick = |(axis, levels): &(&Axis, &Vec<Vec<String>>)| {
                below /= levels.len();
                axis.settings(&levels[number / below % levels.len()])
            };
            Point { values: listed.iter().flat_map(pick).collect() }
        };
        Ok((0..count).map(point).collect())
    }

    /// A Latin hypercube of `count` points: each axis is cut into as many equal parts, and each part
    /// holds exactly one point. The same seed gives the same points.
    ///
    /// # Errors
    /// None or more than [`MOST_POINTS`].
    pub fn sample(&self, count: usize, seed: u64) -> Result<Vec<Point>, String> {
        if count == 0 || count > MOST_POINTS {
            return Err(format!("a sample has 1 to {MOST_POINTS} points, not {count}"));
        }
        let streams = Streams::new(seed, SAMPLING_RUN);
        let mut points = vec![Point { values: Vec::new() }; count];
        for (number, axis) in self.axes.iter().enumerate() {
            let mut parts: Vec<usize> = (0..count).collect();
            for (place, point) in points.iter_mut().enumerate() {
                let mut draws = streams.at(0, number as u64, place as u32);
                let chosen = place + draws.below((count - place) as u64) as usize;
                parts.swap(place, chosen);
                let share = (parts[place] as f64 + draws.unit()) / count as f64;
                point.values.extend(axis.at(share));
            }
        }
        Ok(points)
    }
}

impl Levels {
    /// The levels of one path.
    fn parse(text: &str) -> Result<Self, String> {
        let parts = cut(text)?;
        let is_range = |part: &str| {
            let first = part.trim_start_matches('-').chars().next();
            part.contains("..") && first.is_some_and(|c| c.is_ascii_digit())
        };
        if let ([part], true) = (parts.as_slice(), is_range(parts[0])) {
            return Ends::parse(part)?.levels();
        }
        let one = |part: &&str| vec![(*part).to_owned()];
        Self::listed(parts.iter().map(one).collect())
    }

    /// The levels of `count` paths that change together.
    fn linked(text: &str, count: usize) -> Result<Self, String> {
        let level = |part: &str| {
            let inside = part.strip_prefix('(').and_then(|part| part.strip_suffix(')'));
            let inside = inside.ok_or_else(|| format!("`{part}` is not in parentheses"))?;
            let values: Vec<String> = cut(inside)?.into_iter().map(str::to_owned).collect();
            match values.len() == count {
                true => Ok(values),
                false => Err(format!("`{part}` has {} values for {count} paths", values.len())),
            }
        };
        Self::listed(cut(text)?.into_iter().map(level).collect::<Result<_, String>>()?)
    }

    fn listed(levels: Vec<Vec<String>>) -> Result<Self, String> {
        if levels.len() > MOST_POINTS {
            return Err(format!(
                "it has {} values, and at most {MOST_POINTS} are taken",
                levels.len()
            ));
        }
        let mut sorted: Vec<&Vec<String>> = levels.iter().collect();
        sorted.sort();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("`{}` stands in it twice", pair[0].join(",")));
        }
        Ok(Self::Listed(levels))
    }
}

/// Candidates for one value of the scenario, in order: what `plan` looks through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    path: String,
    steps: Steps,
}

impl Range {
    /// The range that `--vary path=lo..hi` or `path=lo..hi:step` describes. Without a step it goes by
    /// one of the last digit typed: `1..40` by 1, `2h..8h` by 1h, `0.5%..2%` by 0.1%.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(typed: &str) -> Result<Self, String> {
        const HELP: &str = "write path=lo..hi or path=lo..hi:step, as in servers[0].count=40..60 or \
             settings.recover.detect=1min..10min:30s";
        let text = typed.trim();
        let wrong = |why: String| format!("--vary `{}`: {why}; {HELP}", shortened(text));
        let (path, range) = assignment(text).ok_or_else(|| wrong("a `=` is missing".to_owned()))?;
        set::path(path).map_err(|why| wrong(format!("`{}` is no path: {why}", shortened(path))))?;
        if let Some(option) = fixed(path) {
            return Err(wrong(format!("`{path}` is given by {option}")));
        }
        let Ends { low, high, tail } = Ends::parse(range).map_err(wrong)?;
        let step = match tail {
            Tail::Step(step) => step.amount,
            Tail::Log(_) => return Err(wrong("`log` makes no equal steps".to_owned())),
            Tail::None => finer(&low, &high).map_err(wrong)?,
        };
        let steps = Steps::new(low, high, &step).map_err(wrong)?;
        Ok(Self { path: path.to_owned(), steps })
    }

    /// The path of the value.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Candidates (count, at least 2).
    pub fn count(&self) -> u64 {
        self.steps.count
    }

    /// Candidate number `k`, from 0 for the lowest, as `--set` takes it.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn value(&self, k: u64) -> String {
        assert!(k < self.count(), "candidate {k} of {}", self.count());
        self.steps.value(k)
    }

    /// `path=value` of candidate number `k`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn set(&self, k: u64) -> String {
        format!("{}={}", self.path, self.value(k))
    }
}

/// A value as a number, where it is one: in the base of its unit (microseconds, bytes, bits per
/// second), or in the unit itself; and which that is. `None` where it is none.
pub fn magnitude(value: &str) -> Option<(f64, String)> {
    let bare = value.trim().trim_matches(['"', '\'']);
    Amount::parse(bare).ok().map(|amount| amount.magnitude())
}

/// The option that gives the value of `path`, where that is the same at every point of a study.
fn fixed(path: &str) -> Option<&'static str> {
    let is = |other: &str| set::path(path) == set::path(other);
    match (is("scenario.seed"), is("scenario.runs")) {
        (true, _) => Some("--seed"),
        (_, true) => Some("--runs"),
        (false, false) => None,
    }
}

/// What stands before and after the first `=` that is no part of a quoted key.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '=') => return Some((text[..at].trim(), text[at + 1..].trim())),
            (None, _) => {}
        }
    }
    None
}

/// The parts of `text` between commas, but for commas inside of quotes and brackets.
fn cut(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let mut open: Vec<char> = Vec::new();
    for (at, character) in text.char_indices() {
        let closes = open.last() == Some(&character);
        let quoted = matches!(open.last(), Some('"' | '\''));
        match character {
            _ if closes => {
                open.pop();
            }
            _ if quoted => {}
            '"' | '\'' => open.push(character),
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' => return Err(format!("a `{character}` closes nothing")),
            ',' if open.is_empty() => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    if let Some(missing) = open.last() {
        return Err(format!("a closing `{missing}` is missing"));
    }
    parts.push(text[from..].trim());
    match parts.iter().any(|part| part.is_empty()) {
        true if parts.len() == 1 => Err("a value is missing".to_owned()),
        true => Err("a value is missing beside a comma".to_owned()),
        false => Ok(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_they_are_typed() {
        let point = Point::parse("a.b=1, c[x]=[1, 2],d=\"e,f=g\"").expect("it is right");
        assert_eq!(point.sets(), ["a.b=1", "c[x]=[1, 2]", "d=\"e,f=g\""]);
        let wrong = |typed: &str| Point::parse(typed).expect_err("it is wrong");
        assert!(wrong("a=1,2").contains("`2` lacks a `=`; write path=value"));
        assert!(wrong("scenario.seed=4").contains("is given by --seed"));
        assert!(wrong("a.b=1,a.\"b\"=2").contains("is set twice"));
        assert!(wrong("").contains("write path=value"));
    }

    fn axes(texts: &[&str]) -> Result<Axes, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Axes::parse(&texts)
    }

    /// The values of a single axis, linked ones joined.
    fn values(text: &str) -> Vec<String> {
        let joined = |point: &Point| {
            point.values.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ")
        };
        axes(&[text]).unwrap().grid().unwrap().iter().map(joined).collect()
    }

    fn wrong(text: &str) -> String {
        axes(&[text]).and_then(|axes| axes.grid().map(|_| String::new())).unwrap_err()
    }

    #[test]
    fn lists_keep_what_was_typed() {
        assert_eq!(values("a=1,b, 36h "), ["1", "b", "36h"]);
        assert_eq!(values("a=7"), ["7"]);
        assert_eq!(values("a=[1,2],[3]"), ["[1,2]", "[3]"]);
        assert_eq!(values("a='x,y',\"z\""), ["'x,y'", "\"z\""]);
        assert_eq!(values("a={ b = 1, c = 2 },3"), ["{ b = 1, c = 2 }", "3"]);
        assert_eq!(values("a=1h..2h,2h..3h"), ["1h..2h", "2h..3h"], "laws, since they are listed");
        assert_eq!(values("a=\"1h..2h\""), ["\"1h..2h\""], "a law, since it is quoted");
        assert_eq!(values("a=../x.csv"), ["../x.csv"]);
        assert_eq!(values("servers[big].\"x=y\"=1,2"), ["1", "2"]);
    }

    #[test]
    fn ranges_are_exact_in_decimals_and_units() {
        assert_eq!(values("a=0.1..0.3:0.1"), ["0.1", "0.2", "0.3"]);
        assert_eq!(values("a=1..4:1"), ["1", "2", "3", "4"]);
        assert_eq!(values("a=1h..3h:30min"), ["1h", "90min", "2h", "150min", "3h"]);
        assert_eq!(values("a=1%..5%:2%"), ["1%", "3%", "5%"]);
        assert_eq!(values("a=1%/year..3%/year:1%/year"), ["1%/year", "2%/year", "3%/year"]);
        assert_eq!(values("a=0..10:4"), ["0", "4", "8"], "the end is not a step");
        assert_eq!(values("a=-1..1:1"), ["-1", "0", "1"]);
        assert_eq!(values("a=0.10..0.30:0.10"), ["0.10", "0.20", "0.30"]);
        assert_eq!(values("a=1h30min..2h:15min"), ["1h30min", "105min", "2h"]);
        // Ten thousand steps of 0.0001 are one, and not a hair less.
        assert_eq!(values("a=0..1:0.0001").len(), 10_001);
    }

    #[test]
    fn log_ranges_have_equal_ratios_and_their_ends() {
        assert_eq!(values("a=1..1000:log:4"), ["1", "10", "100", "1000"]);
        assert_eq!(values("a=1%..64%:log:4"), ["1%", "4%", "16%", "64%"]);
        assert_eq!(values("a=1..1000:log:3"), ["1", "32", "1000"], "whole numbers stay whole");
        assert_eq!(values("a=1.0..1000:log:3"), ["1.0", "31.62", "1000"]);
        assert_eq!(values("a=1h..100h:log:3"), ["1h", "10h", "100h"]);
        assert_eq!(values("a=1min..1d:log:3"), ["1min", "37.95min", "1d"]);
        assert_eq!(values("a=1e-3..1e-1:log:3"), ["1e-3", "0.01", "1e-1"]);
    }

    #[test]
    fn linked_paths_change_together() {
        assert_eq!(values("a,b=(90,100),(80,120)"), ["90 100", "80 120"]);
        assert_eq!(values("a,b=([1,2],x),(\"3,4\",y)"), ["[1,2] x", "\"3,4\" y"]);
        let linked = axes(&["a,b=(90,100),(80,120)", "c=1,2"]).unwrap();
        assert_eq!(linked.paths(), ["a", "b", "c"]);
        let points = linked.grid().unwrap();
        assert_eq!(points[1].sets(), ["a=90", "b=100", "c=2"]);
        assert_eq!(points[2].label(), "a=80, b=120, c=1");
        assert_eq!(linked.axes()[0].paths(), ["a", "b"]);
        assert_eq!(linked.axes()[1].text(), "c=1,2");
    }

    #[test]
    fn the_first_axis_of_a_grid_changes_slowest() {
        let labels: Vec<String> =
            axes(&["a=1,2", "b=x,y,z"]).unwrap().grid().unwrap().iter().map(Point::label).collect();
        let wanted = ["a=1, b=x", "a=1, b=y", "a=1, b=z", "a=2, b=x", "a=2, b=y", "a=2, b=z"];
        assert_eq!(labels, wanted);
    }

    #[test]
    fn what_is_wrong_is_told_with_what_would_be_right() {
        for (text, told) in [
            ("a", "a `=` is missing"),
            ("=1", "a value is missing"),
            ("a=", "a value is missing"),
            ("a=1,,2", "a value is missing beside a comma"),
            ("a b=1", "`a b` is no path: ` ` may not stand in a path"),
            ("a=1,1", "`1` stands in it twice"),
            ("a=1..3", "a grid needs steps: write lo..hi:step or lo..hi:log:n"),
            ("a=1..3:log", "a grid needs steps"),
            ("a=3..1:1", "it does not run upwards from 3 to 1"),
            ("a=1..1:1", "it does not run upwards from 1 to 1"),
            ("a=1..3:0", "its step is not above zero"),
            ("a=1..3:5", "its step is more than the way from 1 to 3"),
            ("a=1..3:x", "`x` is no number"),
            ("a=1..5%:1%", "its numbers have units that differ: none, `%`"),
            ("a=1h..3h:1GB", "its numbers have units that differ: `h`, `GB`"),
            ("a=0..3:log:4", "`log` needs ends above zero, not 0"),
            ("a=1..3:log:1", "log takes a number of values from 2 to 100000"),
            (
                "a=1..3:log:9",
                "9 values lie too close between whole numbers: `1` stands in it twice",
            ),
            ("a=1..3:1:1", "`:1` stands behind its step"),
            ("a=0..1:0.000001", "it has 1000001 values, and at most 100000 are taken"),
            ("a=(1,2", "a closing `)` is missing"),
            ("a=1)", "a `)` closes nothing"),
            ("a='x", "a closing `'` is missing"),
            ("a,b=1,2", "`1` is not in parentheses; linked paths take one value each"),
            ("a,b=(1,2,3)", "`(1,2,3)` has 3 values for 2 paths"),
            (
                "scenario.seed=1,2",
                "`scenario.seed` is the same at every point; it is given by --seed",
            ),
            ("scenario.\"runs\"=1", "it is given by --runs"),
        ] {
            let message = wrong(text);
            assert!(message.contains(told), "{text}: {message}");
            assert!(message.starts_with(&format!("--vary `{text}`: ")), "{message}");
        }
        assert_eq!(axes(&["a.b=1", "a.\"b\"=2"]).unwrap_err(), "`a.\"b\"` is varied twice");
        for within in [["a=x,y", "a.b=1,2"], ["a.b=1,2", "a=x,y"]] {
            assert!(axes(&within).unwrap_err().contains("as a part of another axis"));
        }
        assert!(axes(&[]).unwrap_err().starts_with("nothing is varied; write path=a,b,c"));
    }

    #[test]
    fn grids_that_nobody_could_run_are_refused() {
        let told = axes(&["a=1..1000:1", "b=1..101:1"]).unwrap().grid().unwrap_err();
        assert!(told.starts_with("the grid has 1000 x 101 points, and at most 100000"), "{told}");
        assert_eq!(axes(&["a=1..1000:1", "b=1..100:1"]).unwrap().grid().unwrap().len(), 100_000);
        let huge = ["a=1..1000:1", "b=1..1000:1", "c=1..1000:1", "d=1..1000:1", "e=1..1000:1"];
        let huger = [&huge[..], &["f=1..1000:1", "g=1..1000:1"]].concat();
        assert!(axes(&huger).unwrap().grid().is_err(), "their product does not overflow");
        let axes = axes(&["a=1..3"]).unwrap();
        assert!(axes.sample(0, 1).is_err() && axes.sample(100_001, 1).is_err());
    }

    #[test]
    fn a_sample_has_one_point_in_each_part_of_each_axis() {
        let axes = axes(&["a=0.0..10.0", "b=1..10", "c=1h..100h:log", "d=x,y", "e=1..20:log"]);
        let axes = axes.unwrap();
        let points = axes.sample(10, 7).unwrap();
        assert_eq!(points, axes.sample(10, 7).unwrap(), "the same seed");
        assert_ne!(points, axes.sample(10, 8).unwrap(), "another seed");
        let column = |place: usize| -> Vec<f64> {
            points.iter().map(|p| magnitude(&p.values[place].1).unwrap().0).collect()
        };
        let sorted = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values
        };
        for (part, value) in sorted(column(0)).into_iter().enumerate() {
            assert!((part as f64 - 0.01..=part as f64 + 1.01).contains(&value), "{part}: {value}");
        }
        let whole: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(sorted(column(1)), whole, "ten whole numbers, each once");
        let hours: Vec<f64> = sorted(column(2)).into_iter().map(|us| us / 3_600e6).collect();
        assert!(hours[4] <= 10.0 && hours[5] >= 10.0, "half of the ratios: {hours:?}");
        let x = points.iter().filter(|point| point.values[3].1 == "x").count();
        assert_eq!(x, 5, "each of two values in half of the points");
        assert!(column(4).iter().all(|value| (1.0..=20.0).contains(value)));
        assert_ne!(column(0), sorted(column(0)), "the parts are in no order");
    }

    #[test]
    fn candidates_are_counted_from_the_lowest() {
        let all = |text: &str| -> Vec<String> {
            let range = Range::parse(text).unwrap();
            (0..range.count()).map(|k| range.value(k)).collect()
        };
        assert_eq!(all("a=1..4"), ["1", "2", "3", "4"]);
        assert_eq!(all("a=2h..4h"), ["2h", "3h", "4h"]);
        assert_eq!(all("a=0.5%..0.8%"), ["0.5%", "0.6%", "0.7%", "0.8%"]);
        assert_eq!(all("a=30min..2h:30min"), ["30min", "1h", "90min", "2h"]);
        let long = Range::parse("servers[0].count=1..1000000").unwrap();
        assert_eq!((long.count(), long.value(999_999)), (1_000_000, "1000000".to_owned()));
        assert_eq!(long.set(1), "servers[0].count=2");
        assert_eq!(long.path(), "servers[0].count");
        for (text, told) in [
            ("a=1,2", "`1,2` is no range: its ends are parted by `..`"),
            ("a=1..9:log:3", "`log` makes no equal steps"),
            ("a=9..1", "it does not run upwards"),
            ("scenario.runs=1..9", "is given by --runs"),
        ] {
            let message = Range::parse(text).unwrap_err();
            assert!(message.contains(told), "{text}: {message}");
        }
    }
}
