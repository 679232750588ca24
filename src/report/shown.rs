//! Which metrics people are shown, and how each is told: the table and the Markdown page leave out
//! the same rows. Programs get all of them, from JSON and CSV.

use super::{
    Results,
    number::{self, Shown},
    plain,
};
use crate::{
    experiment::estimate::{Estimate, Row, Spread},
    observe::catalogue::{Better, Definition},
};

/// Metrics whose labels part a whole: the sum is shown, and each label's share of it.
const PARTED: &[&str] = &[
    "downtime",
    "interruptions",
    "migrations",
    "events.published",
    "tasks",
    "commands",
    "refusals",
    "arrivals",
];

/// Metrics that check or support others and answer no question by themselves.
const INTERNAL: &[&str] = &[
    "instances.placed.var",
    "chance.first_disk_failures",
    "chance.first_crashes",
    "engine.occurrences",
];

/// Beginnings of the names of what many scenarios know nothing of: where it is zero it is no news.
const UNTOLD: &[&str] = &[
    "event",
    "inquiry",
    "commands",
    "refusals",
    "disks",
    "migration.",
    "data_loss.dirty",
    "servers.at_risk",
];

/// Statistics of one quantity, told by its name alone where all of them are zero.
const STATISTICS: &[&str] = &["mean", "max", "min", "share", "p50", "p95", "p99"];

/// Below so many runs an interval wider than its mean is not worth its digits.
const FEW: u32 = 5;

/// Instance-seconds above which sums are told in days.
const IN_DAYS: f64 = 1e8;

/// What becomes of a row where people read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It stands in the table.
    Row,
    /// It is good news that it is zero in every run: its name says it all.
    Zero,
    /// It is left out.
    Hidden,
}

/// A metric as people read it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Cell {
    /// `41.3 ± 2.1 min`.
    pub value: String,
    /// Lowest to highest run; empty where runs do not differ.
    pub range: String,
    /// Whether the interval may be too narrow.
    pub skewed: bool,
    /// Whether runs are too few for an interval, which is left out.
    pub blind: bool,
}

/// What becomes of `row`, which is one of `results`.
pub(super) fn fate(results: &Results, row: &Row) -> Fate {
    let definition = row.metric.definition;
    let Some(spread) = row.estimate.value else { return Fate::Hidden };
    if INTERNAL.contains(&definition.name)
        || results.about.gpus == 0 && is_of_gpus(row)
        || is_idle_moment(results, definition)
        || is_repeated(results, row)
    {
        return Fate::Hidden;
    }
    let is_untold = UNTOLD.iter().any(|start| definition.name.starts_with(start));
    match (is_zero(&spread), definition.better) {
        (true, _) if is_untold => Fate::Hidden,
        (false, _) | (true, Better::Higher) => Fate::Row,
        (true, Better::Lower) => Fate::Zero,
        (true, Better::Neither) if definition.labels.is_empty() => Fate::Row,
        (true, Better::Neither) => Fate::Hidden,
    }
}

/// Whether the labels of this metric part a whole.
pub(super) fn is_parted(definition: &Definition) -> bool {
    PARTED.contains(&definition.name)
}

pub(super) fn is_zero(spread: &Spread) -> bool {
    spread.min >= 0.0 && spread.max <= 0.0
}

fn is_of_gpus(row: &Row) -> bool {
    row.metric.definition.name.starts_with("gpu.") || row.metric.labels.iter().any(|l| l == "gpu")
}

/// Whether this is the moment of a maximum that tells nothing: a mean over unrelated runs, or of a
/// maximum that is zero or not shown.
fn is_idle_moment(results: &Results, definition: &Definition) -> bool {
    let Some(name) = definition.name.strip_suffix("_at") else { return false };
    let of_name = |row: &&Row| row.metric.definition.name == name;
    let tells = |row: &Row| {
        let zero = row.estimate.value.is_none_or(|spread| is_zero(&spread));
        !zero && fate(results, row) == Fate::Row
    };
    results.about.runs > 1 || !results.rows.iter().find(of_name).is_some_and(tells)
}

/// Whether other rows say the same in every run: all moves of an hour were under way at once, or
/// every task is a move.
fn is_repeated(results: &Results, row: &Row) -> bool {
    let of = |name: &str, labels: &[String]| {
        results.rows.iter().find(|row| {
            row.metric.definition.name == name && row.metric.labels.as_slice() == labels
        })
    };
    match row.metric.definition.name {
        "migrations.per_hour.max" => of("migrations.concurrent.max", &[])
            .is_some_and(|concurrent| is_same(results, row, concurrent)),
        "tasks" => {
            let mut tasks = results.rows.iter().filter(|row| row.metric.definition.name == "tasks");
            tasks.all(|task| {
                let idle = task.estimate.value.is_none_or(|spread| is_zero(&spread));
                let moves = of("migrations", &task.metric.labels[..1]);
                idle || moves.is_some_and(|moves| is_same(results, task, moves))
            })
        }
        _ => false,
    }
}

/// Whether two rows of `results` agree in every run.
pub(super) fn is_same(results: &Results, a: &Row, b: &Row) -> bool {
    let place = |row: &Row| results.rows.iter().position(|other| other.metric == row.metric);
    match (place(a), place(b)) {
        (Some(a), Some(b)) => {
            results.outcomes.iter().all(|outcome| outcome.values.get(a) == outcome.values.get(b))
        }
        (Some(_) | None, _) => false,
    }
}

/// `estimate` of a metric that `definition` describes, in the unit that suits `results`.
pub(super) fn cell(results: &Results, definition: &Definition, estimate: &Estimate) -> Cell {
    cell_in(instance_time(results), definition, estimate)
}

/// The same for a part that stands below its whole, which tells the unit of instance-time.
pub(super) fn part(results: &Results, definition: &Definition, estimate: &Estimate) -> Cell {
    cell_in((instance_time(results).0, ""), definition, estimate)
}

/// A length of time, in seconds.
pub(super) fn time(estimate: &Estimate) -> Cell {
    told(estimate, &|spread| number::show(spread, "s"))
}

fn cell_in((factor, unit): (f64, &str), definition: &Definition, estimate: &Estimate) -> Cell {
    let agreed = estimate.value.filter(|spread| spread.min >= spread.max);
    match (agreed, definition.unit) {
        (Some(spread), _) if definition.name.ends_with(".max_at") => {
            Cell { value: number::clock(spread.mean), ..Cell::default() }
        }
        (_, "instance-s") => told(estimate, &|spread| number::show_in(spread, factor, unit)),
        (_, unit) => told(estimate, &|spread| number::show(spread, unit)),
    }
}

fn told(estimate: &Estimate, show: &dyn Fn(&Spread) -> Shown) -> Cell {
    let Some(mut spread) = estimate.value else { return Cell::default() };
    let too_wide = spread.half_width.is_some_and(|width| width > spread.mean.abs());
    let blind = estimate.runs < FEW && too_wide;
    if blind {
        spread.half_width = None;
    }
    let shown = show(&spread);
    Cell { value: shown.value, range: shown.range, skewed: spread.skewed && !blind, blind }
}

/// One unit for all instance-time of `results`, so that rows can be compared.
fn instance_time(results: &Results) -> (f64, &'static str) {
    let sums = results.rows.iter().filter(|row| row.metric.definition.unit == "instance-s");
    let most = sums.filter_map(|row| row.estimate.value).map(|spread| spread.mean);
    match most.fold(0.0, f64::max) >= IN_DAYS {
        true => (86_400.0, "instance-d"),
        false => (3_600.0, "instance-h"),
    }
}

/// The labels of `row`, fit to be shown; a moment of the clock in hours rather than seconds.
pub(super) fn labels(row: &Row) -> Vec<String> {
    let names = row.metric.definition.labels.iter();
    let pairs = names.zip(&row.metric.labels);
    pairs
        .map(|(name, label)| match (*name, label.parse()) {
            ("at", Ok(seconds)) => duration(seconds),
            _ => plain(label),
        })
        .collect()
}

/// All of `seconds`, as scenario files write it: `10h`, `1d12h`.
pub(super) fn duration(seconds: u64) -> String {
    const UNITS: [(u64, u64, &str); 4] =
        [(86_400, u64::MAX, "d"), (3_600, 24, "h"), (60, 60, "min"), (1, 60, "s")];
    let parts = UNITS.map(|(size, most, unit)| (seconds / size % most, unit));
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let text: String = parts.map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Every definition that `results` hold values of, once, in order.
pub(super) fn definitions(results: &Results) -> Vec<&'static Definition> {
    let mut all: Vec<&'static Definition> = Vec::new();
    for row in &results.rows {
        if !all.contains(&row.metric.definition) {
            all.push(row.metric.definition);
        }
    }
    all
}

/// The good news: names of what is zero in every run. A part of a whole is not named, since it may
/// not apply.
pub(super) fn zeros(results: &Results) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for definition in definitions(results) {
        let rows = results.rows.iter().filter(|row| row.metric.definition == definition);
        let fates: Vec<_> = rows.map(|row| (row, fate(results, row))).collect();
        let zero = fates.iter().filter(|(_, fate)| *fate == Fate::Zero);
        let zero: Vec<String> = zero.map(|(row, _)| labels(row).join(" ")).collect();
        let others = fates.iter().any(|(_, fate)| *fate == Fate::Row);
        let name = match (zero.is_empty(), others) {
            (true, _) => continue,
            (false, true) if is_parted(definition) => continue,
            (false, true) => format!("{} ({})", definition.name, zero.join(", ")),
            (false, false) => whole_stem(results, definition.name).to_owned(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `repair.wait` for `repair.wait.mean` where every statistic of it is zero or not to be shown;
/// else `name` itself.
fn whole_stem<'a>(results: &Results, name: &'a str) -> &'a str {
    let statistic = |name: &'a str| {
        let (stem, last) = name.rsplit_once('.')?;
        STATISTICS.contains(&last).then_some(stem)
    };
    let Some(stem) = statistic(name) else { return name };
    let prefix = format!("{stem}.");
    let same = results.rows.iter().filter(|row| row.metric.definition.name.starts_with(&prefix));
    let shown = same.filter(|row| fate(results, row) == Fate::Row).count();
    if shown == 0 { stem } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;

    fn fate_of(results: &Results, name: &str) -> Fate {
        let row = results.rows.iter().find(|row| row.metric.definition.name == name);
        fate(results, row.expect("the made-up results have it"))
    }

    #[test]
    fn moments_are_shown_of_one_run_with_a_maximum() {
        let name = "memory.allocated.max_at";
        assert_eq!(fate_of(&made_up::results(1), name), Fate::Row);
        assert_eq!(fate_of(&made_up::results(2), name), Fate::Hidden);
        let mut idle = made_up::results(1);
        let zero = idle.rows[3].estimate;
        let maximum = idle.rows.iter_mut().find(|row| name.starts_with(row.metric.definition.name));
        maximum.unwrap().estimate = zero;
        assert_eq!(fate_of(&idle, name), Fate::Hidden);
    }

    #[test]
    fn what_does_not_apply_or_repeats_is_left_out() {
        let mut results = made_up::results(2);
        assert_eq!(fate_of(&results, "gpu.allocated.mean"), Fate::Hidden);
        assert_eq!(fate_of(&results, "engine.occurrences"), Fate::Hidden);
        assert_eq!(fate_of(&results, "launch.wait.p99"), Fate::Hidden);
        assert_eq!(fate_of(&results, "migrations.concurrent.max"), Fate::Row);
        assert_eq!(fate_of(&results, "migrations.per_hour.max"), Fate::Hidden);
        assert_eq!(fate_of(&results, "tasks"), Fate::Hidden);
        let concurrent = results.outcomes[1].values.len() - 2;
        results.outcomes[1].values[concurrent] = Some(1.0);
        assert_eq!(fate_of(&results, "migrations.per_hour.max"), Fate::Row);
        results.about.gpus = 1;
        assert_eq!(fate_of(&results, "gpu.allocated.mean"), Fate::Row);
    }

    #[test]
    fn only_good_news_is_told_by_name() {
        assert_eq!(zeros(&made_up::results(2)), ["repair.wait"]);
        let mut waited = made_up::results(2);
        let other = waited.rows[0].estimate;
        let row = waited.rows.iter_mut().find(|r| r.metric.definition.name == "repair.wait.p95");
        row.unwrap().estimate = other;
        assert_eq!(zeros(&waited), ["repair.wait.mean"]);
    }

    #[test]
    fn few_runs_that_differ_much_have_no_interval() {
        let results = made_up::results(2);
        let definition = results.rows[1].metric.definition;
        let wide = crate::experiment::estimate::estimate([Some(0.0), Some(7_200.0)]);
        let cell = cell(&results, definition, &wide);
        assert_eq!((cell.value.as_str(), cell.range.as_str()), ("1 instance-h", "0 to 2"));
        assert!(cell.blind && !cell.skewed);
    }

    #[test]
    fn moments_of_the_clock_read_as_scenarios_write_them() {
        let shown = [36_000, 129_600, 0, 90_061, 31_536_000].map(duration);
        assert_eq!(shown, ["10h", "1d12h", "0s", "1d1h1min1s", "365d"]);
    }
}
