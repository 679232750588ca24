//! What the folder of a sweep says, as far as its charts and its page tell it: not what every metric is
//! at every point, which tables hold and which may be far more than fits into memory.

use super::texts::{Object, Texts};
use crate::scenario::vary::{Axes, magnitude};
use std::{borrow::Cow, collections::BTreeMap};

/// A sweep, as its folder tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Swept {
    /// Name of the scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of all points, hex.
    pub digest: String,
    /// Version of the program.
    pub version: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs of each point (count).
    pub runs: u64,
    /// Confidence of its intervals.
    pub level: f64,
    /// The command that makes the same numbers again.
    pub command: String,
    /// What a reader should know of how the scenario was taken.
    pub remarks: Vec<String>,
    /// The sample taken of the axes, as typed; none: a grid.
    pub sample: Option<String>,
    /// What is varied.
    pub axes: Vec<Axis>,
    /// The points, in order of their number: the place of each one's value on every axis.
    pub points: Vec<Vec<usize>>,
    /// The metrics that are told more of.
    pub told: Vec<Told>,
}

/// One thing that is varied.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// As typed: `servers[0].count=9,12`.
    pub text: String,
    /// The path, or the linked ones.
    pub name: String,
    /// The values that points have, each once: by size where they are numbers, else in the order in
    /// which points first have them.
    pub values: Vec<String>,
    /// The same as numbers, where all of them are, with their unit (`us` for time).
    pub numbers: Option<(Vec<f64>, String)>,
    /// Whether equal ratios are to be equally far apart.
    pub log: bool,
}

/// A metric that a sweep tells more of.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// Its name with labels.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// What the runs of each point say, in order of points.
    pub means: Vec<Mean>,
    /// Which axes matter, from the one that matters most.
    pub effects: Vec<Effect>,
}

/// What the runs of a point say of a metric.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Mean {
    /// Mean over runs; `None` where no run defines it.
    pub mean: Option<f64>,
    /// Half the width of its interval; `None` below two runs.
    pub half_width: Option<f64>,
}

impl Mean {
    /// Where the true mean lies.
    pub fn between(&self) -> Option<(f64, f64)> {
        let (mean, width) = self.mean.zip(self.half_width)?;
        Some((mean - width, mean + width))
    }
}

/// What an axis brings about, all else averaged.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// Which axis, counted from 0.
    pub axis: usize,
    /// Highest mean less lowest, in the metric's unit.
    pub range: f64,
    /// The means along the axis, in order of its values, or of parts of a sample.
    pub levels: Vec<Level>,
    /// Standardised regression coefficient; `None` where there is no regression.
    pub coefficient: Option<f64>,
}

/// The points that share a value of an axis, or lie in one part of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Level {
    /// The value, or the lowest and highest of the part: `10s..20s`.
    pub value: String,
    /// Points (count).
    pub points: u64,
    /// Mean of their means.
    pub mean: f64,
}

/// A line of the `summary.json` of a sweep without what each metric is at its point: all that
/// [`Swept::read`] has no use for. Other lines stay as they are.
pub fn thinned(line: &str) -> Cow<'_, str> {
    const METRICS: &str = ",\"metrics\":[";
    // In a text a quote has a backslash before it, so this can be nothing but the key.
    let cut = line.trim_start().starts_with("{\"point\":").then(|| line.find(METRICS)).flatten();
    match cut {
        Some(at) => {
            let tail = if line.trim_end().ends_with(',') { "},\n" } else { "}\n" };
            Cow::Owned(format!("{}{tail}", &line[..at]))
        }
        None => Cow::Borrowed(line),
    }
}

impl Swept {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        // As values, what tables hold would take many times the room of its text.
        let lines = texts.get("summary.json")?.split_inclusive('\n');
        let thin = [("summary.json".to_owned(), lines.map(thinned).collect::<String>())];
        let summary = Texts(&thin).object("summary.json")?;
        let vary = summary.texts("vary");
        let points = points(&summary)?;
        let told = told(&summary, &vary, points.len())?;
        let (axes, points) = axes(&vary, &summary.texts("paths"), &points)?;
        Ok(Self {
            scenario: summary.text("scenario")?,
            question: summary.text_or_empty("question"),
            digest: summary.text("digest")?,
            version: summary.text("version")?,
            seed: summary.whole("seed")?,
            runs: summary.whole("runs")?,
            level: summary.number("level")?,
            command: summary.text("command")?,
            remarks: summary.texts("remarks"),
            sample: summary.get("sample").and_then(|text| text.as_str()).map(str::to_owned),
            axes,
            points,
            told,
        })
    }
}

/// The value of each path at each point.
fn points(summary: &Object) -> Result<Vec<BTreeMap<String, String>>, String> {
    let points = summary.objects("points")?;
    let values = |point: &Object| Ok(point.object("values")?.labels().into_iter().collect());
    points.iter().map(values).collect()
}

/// The axes with the values that points have, and for each point the place of its value on each.
fn axes(
    vary: &[String],
    paths: &[String],
    points: &[BTreeMap<String, String>],
) -> Result<(Vec<Axis>, Vec<Vec<usize>>), String> {
    let wrong = |why: &str| format!("summary.json: `vary` is not what was varied: {why}");
    let parsed = Axes::parse(vary).map_err(|why| wrong(&why))?;
    if parsed.paths().iter().copied().ne(paths.iter()) {
        return Err(wrong("`paths` are others"));
    }
    let mut axes: Vec<Axis> = Vec::new();
    let mut places = vec![Vec::new(); points.len()];
    for axis in parsed.axes() {
        let value = |point: &BTreeMap<String, String>| {
            let values = axis.paths().iter().map(|path| {
                point.get(path).cloned().ok_or_else(|| wrong(&format!("a point lacks `{path}`")))
            });
            Ok(values.collect::<Result<Vec<String>, String>>()?.join(", "))
        };
        let values = points.iter().map(value).collect::<Result<Vec<String>, String>>()?;
        let read = Axis::of(axis.text(), axis.paths().join(", "), &values);
        let place = |value: &String| read.values.iter().position(|other| other == value);
        // Looked for once a value, not once a point.
        let known: BTreeMap<&String, Option<usize>> =
            values.iter().map(|value| (value, None)).collect();
        let known: BTreeMap<&String, usize> =
            known.into_keys().map(|value| (value, place(value).unwrap_or_default())).collect();
        for (places, value) in places.iter_mut().zip(&values) {
            places.push(known[value]);
        }
        axes.push(read);
    }
    Ok((axes, places))
}

impl Axis {
    /// The axis that was typed as `text`, whose points have `values`.
    fn of(text: &str, name: String, values: &[String]) -> Self {
        let mut seen: BTreeMap<&String, usize> = BTreeMap::new();
        let mut once: Vec<String> = Vec::new();
        for value in values {
            let count = seen.len();
            seen.entry(value).or_insert_with(|| {
                once.push(value.clone());
                count
            });
        }
        let numbers: Option<Vec<(f64, String)>> = once.iter().map(|text| magnitude(text)).collect();
        let numbers = numbers.filter(|all| all.iter().all(|(_, unit)| *unit == all[0].1));
        let Some(numbers) = numbers.filter(|all| !all.is_empty()) else {
            return Self { text: text.to_owned(), name, values: once, numbers: None, log: false };
        };
        let unit = numbers[0].1.clone();
        let mut both: Vec<(f64, String)> =
            numbers.into_iter().zip(once).map(|((number, _), value)| (number, value)).collect();
        both.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let (numbers, values): (Vec<f64>, Vec<String>) = both.into_iter().unzip();
        let log = is_geometric(text, &numbers);
        Self { text: text.to_owned(), name, values, numbers: Some((numbers, unit)), log }
    }
}

/// Whether `numbers`, ascending, are by ratio: as `text` says, or because each step is larger than the
/// one before and all together go far.
fn is_geometric(text: &str, numbers: &[f64]) -> bool {
    let (Some(low), Some(high)) = (numbers.first(), numbers.last()) else { return false };
    let asked = text.ends_with(":log") || text.contains(":log:");
    let grows = |steps: &[f64]| steps[2] - steps[1] > 1.4 * (steps[1] - steps[0]);
    let far = numbers.len() >= 4 && *high >= 8.0 * *low && numbers.windows(3).all(grows);
    *low > 0.0 && high > low && (asked || far)
}

/// The metrics that are told more of.
fn told(summary: &Object, vary: &[String], points: usize) -> Result<Vec<Told>, String> {
    let mut told: Vec<Told> = Vec::new();
    for row in summary.objects("means")? {
        let (metric, point) = (row.text("metric")?, row.whole("point")? as usize);
        if told.last().is_none_or(|last| last.metric != metric) {
            let means = vec![Mean::default(); points];
            told.push(Told { metric, unit: row.text("unit")?, means, effects: Vec::new() });
        }
        let mean =
            Mean { mean: row.number_if_any("mean"), half_width: row.number_if_any("half_width") };
        let place = told.last_mut().and_then(|told| told.means.get_mut(point));
        *place.ok_or_else(|| summary.wrong("means", "of the points"))? = mean;
    }
    for row in summary.objects("effects")? {
        let (metric, axis) = (row.text("metric")?, row.text("axis")?);
        let axis = vary.iter().position(|text| *text == axis);
        let told = told.iter_mut().find(|told| told.metric == metric);
        let (Some(axis), Some(told)) = (axis, told) else {
            return Err(summary.wrong("effects", "of what was varied and is told"));
        };
        let level = |level: &Object| {
            Ok(Level {
                value: level.text("value")?,
                points: level.whole("points")?,
                mean: level.number("mean")?,
            })
        };
        let levels = row.objects("levels")?;
        told.effects.push(Effect {
            axis,
            range: row.number("range")?,
            levels: levels.iter().map(level).collect::<Result<_, String>>()?,
            coefficient: row.number_if_any("coefficient"),
        });
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_points_lose_their_metrics_and_others_nothing() {
        let point = "    {\"point\":1,\"values\":{\"a\":\",\\\"metrics\\\":[\"},\"digest\":\"0\",\
                     \"metrics\":[{\"name\":\"x\"}]},\n";
        assert_eq!(
            thinned(point),
            "    {\"point\":1,\"values\":{\"a\":\",\\\"metrics\\\":[\"},\"digest\":\"0\"},\n"
        );
        let last = "    {\"point\":1,\"metrics\":[]}\n";
        assert_eq!(thinned(last), "    {\"point\":1}\n");
        for other in ["  \"points\": [\n", "    {\"metric\":\",\\\"metrics\\\":[\"}\n", "\n", ""] {
            assert_eq!(thinned(other), other);
        }
    }

    #[test]
    fn numbers_stand_by_size_and_names_as_they_come() {
        let axis = |text: &str, values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            Axis::of(text, "a.b".to_owned(), &values)
        };
        let time = axis("a.b=10s..10min:log:3", &["10min", "10s", "77.46s", "10s"]);
        assert_eq!(time.values, ["10s", "77.46s", "10min"]);
        assert_eq!(time.numbers, Some((vec![1e7, 7.746e7, 6e8], "us".to_owned())));
        assert!(time.log);
        let names = axis("a.b=spread,best-fit", &["spread", "best-fit", "spread"]);
        assert_eq!(names.values, ["spread", "best-fit"]);
        assert_eq!((names.numbers, names.log), (None, false));
        assert!(axis("a.b=1,2,4,8", &["1", "2", "4", "8"]).log);
        assert!(!axis("a.b=1..8:1", &["1", "2", "3", "4", "5", "6", "7", "8"]).log);
        assert!(!axis("a.b=0,1,10,100", &["0", "1", "10", "100"]).log);
        assert_eq!(axis("a.b=1h,7", &["1h", "7"]).numbers, None);
    }
}
