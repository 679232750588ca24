//! The charts of a comparison: every metric of a candidate beside the baseline, each by its own
//! interval; and of those that differ most surely what single runs say.

use super::words::{along, changed, counted, named_apart, slug, told};
use crate::report::{
    chart::{Along, Chart, Figure, Level, Mark, Row, Rows, Scale, Spread, Values},
    folder::compare::{Compared, Difference, Other, OverRuns},
    number, plain,
};

/// Candidates that have charts (count).
const OTHERS_MOST: usize = 12;

/// Metrics on one chart (count): those that differ most surely.
const ROWS_MOST: usize = 40;

/// Half-widths of intervals up to which differences are drawn where they lie.
const FAR: f64 = 8.0;

/// The charts of `compared`.
pub fn figures(compared: &Compared) -> Vec<Figure> {
    let others = compared.others.iter().take(OTHERS_MOST);
    let mut all: Vec<Figure> = others.filter_map(|other| differences(compared, other)).collect();
    if compared.others.len() > 1 {
        all.extend(compared.over_runs.iter().filter_map(|over| candidates(compared, over)));
    }
    all.extend(compared.over_runs.iter().map(|over| spread(compared, over)));
    named_apart(all)
}

/// How a verdict is marked.
fn mark(row: &Difference) -> Mark {
    match row.verdict.as_str() {
        "better" => Mark::Good,
        "worse" => Mark::Bad,
        "more" | "less" => Mark::Plain,
        _ => Mark::Open,
    }
}

fn marks() -> Vec<(Mark, String)> {
    let named = [
        (Mark::Good, "better"),
        (Mark::Bad, "worse"),
        (Mark::Plain, "more or less"),
        (Mark::Open, "no difference shown"),
    ];
    named.map(|(mark, name)| (mark, name.to_owned())).to_vec()
}

/// Whether nothing can be drawn of it: no run differs, or too few say anything.
fn is_silent(row: &Difference) -> bool {
    matches!(row.verdict.as_str(), "same" | "untold") || row.difference.is_none()
}

/// What a candidate is called beside its letter.
fn label(compared: &Compared, letter: &str) -> String {
    let found = compared.candidates.iter().find(|candidate| candidate.letter == letter);
    found.map_or_else(String::new, |candidate| format!("{letter}: {}", candidate.label))
}

/// Half the width by which a difference is scaled: that of its interval, or what the spread of its
/// pairs would make of it where the test gives none.
fn own_width(row: &Difference) -> Option<f64> {
    let rough = |deviation: f64| 2.0 * deviation / libm::sqrt(row.runs.max(1) as f64);
    let width = row.half_width.or_else(|| row.deviation.map(rough));
    width.filter(|width| *width > 0.0)
}

/// Every metric of `other` beside the baseline, by its own interval.
fn differences(compared: &Compared, other: &Other) -> Option<Figure> {
    let mut rows: Vec<(usize, &Difference)> =
        other.metrics.iter().enumerate().filter(|(_, row)| !is_silent(row)).collect();
    let silent = other.metrics.len() - rows.len();
    rows.sort_by(|(x, a), (y, b)| {
        let p = |row: &Difference| row.p.unwrap_or(1.0);
        p(a).total_cmp(&p(b)).then(x.cmp(y))
    });
    let unseen = rows.len().saturating_sub(ROWS_MOST);
    rows.truncate(ROWS_MOST);
    let words = in_words(compared, other, &rows, silent + unseen);
    rows.sort_by_key(|(place, _)| *place);
    if rows.is_empty() {
        return None;
    }
    let row = |(_, row): &(usize, &Difference)| {
        let (difference, width) = (row.difference?, own_width(row));
        // A difference that is the same in every pair has no width, and lies beyond all.
        let far = if difference > 0.0 { f64::MAX } else { f64::MIN };
        let value = width.map_or(far, |width| difference / width);
        let between = row.half_width.and(width).map(|_| (value - 1.0, value + 1.0));
        let told = changed(difference, row.half_width, &row.unit);
        Some(Row { name: row.metric.clone(), value: Some(value), between, mark: mark(row), told })
    };
    let what =
        format!("difference in half-widths of its {} interval", number::percent(compared.level));
    Some(Figure {
        name: format!("differences-{}", slug(&other.letter)),
        title: format!("{} against {}", label(compared, &other.letter), label(compared, "A")),
        caption: words,
        chart: Chart::Rows(Rows {
            x: Along::new(what, Scale::Plain),
            rows: rows.iter().filter_map(row).collect(),
            marks: marks(),
            uprights: vec![Level { name: "no difference".to_owned(), at: 0.0 }],
            window: Some((-FAR, FAR)),
        }),
    })
}

/// What the rows say, the surest first.
fn in_words(
    compared: &Compared,
    other: &Other,
    rows: &[(usize, &Difference)],
    silent: usize,
) -> String {
    let letter = &other.letter;
    let shown = rows.iter().filter(|(_, row)| mark(row) != Mark::Open);
    let shown: Vec<String> = shown
        .clone()
        .take(4)
        .filter_map(|(_, row)| {
            let (difference, baseline) = (row.difference?, row.baseline?);
            let change = changed(difference, row.half_width, &row.unit);
            let from = told(baseline, None, &row.unit);
            let metric = plain(&row.metric);
            Some(format!("{metric} is {} by {change} from {from}", row.verdict))
        })
        .collect();
    let mut words = match shown.is_empty() {
        true => format!("No metric is shown to differ between {letter} and A."),
        false => format!("In {letter}, {}.", shown.join("; ")),
    };
    if rows.iter().any(|(_, row)| row.half_width.is_none()) {
        words.push_str(
            " Points without an interval differ in few runs, and lie where the spread of their pairs \
             puts them.",
        );
    }
    if silent > 0 {
        let metrics = counted(silent as u64, "metric");
        words.push_str(&format!(" {metrics} more are the same in every run or say less."));
    }
    format!(
        "{words} Over {} of runs; an interval that holds no zero says little where many are \
         looked at, so the marks are of tests corrected for all {}.",
        counted(compared.runs, "pair"),
        counted(compared.tests, "test")
    )
}

/// One metric of all candidates beside the baseline, in its own unit.
fn candidates(compared: &Compared, over: &OverRuns) -> Option<Figure> {
    let row = |other: &Other| {
        let row = other.metrics.iter().find(|row| row.metric == over.metric)?;
        let difference = row.difference?;
        let between = row.half_width.map(|width| (difference - width, difference + width));
        Some(Row {
            name: label(compared, &other.letter),
            value: Some(difference),
            between,
            mark: mark(row),
            told: changed(difference, row.half_width, &row.unit),
        })
    };
    let rows: Vec<Row> = compared.others.iter().take(OTHERS_MOST).filter_map(row).collect();
    let tells = rows.iter().take(4).map(|row| format!("{} {}", plain(&row.name), row.told));
    let caption = format!(
        "How {} differs from the baseline ({}): {}.",
        plain(&over.metric),
        plain(&label(compared, "A")),
        tells.collect::<Vec<_>>().join("; ")
    );
    (!rows.is_empty()).then(|| Figure {
        name: format!("{}-differences", slug(&over.metric)),
        title: format!("{}: difference to A", over.metric),
        caption,
        chart: Chart::Rows(Rows {
            x: along(&over.metric, &over.unit),
            rows,
            marks: marks(),
            uprights: vec![Level { name: "no difference".to_owned(), at: 0.0 }],
            window: None,
        }),
    })
}

/// What single runs of all candidates say of one metric.
fn spread(compared: &Compared, over: &OverRuns) -> Figure {
    let sides = compared.candidates.iter().zip(&over.values).take(OTHERS_MOST + 1);
    let row =
        |(candidate, values): (&crate::report::folder::compare::Candidate, &Vec<Option<f64>>)| {
            let values: Vec<f64> = values.iter().copied().flatten().collect();
            Values { name: label(compared, &candidate.letter), values }
        };
    let rows: Vec<Values> = sides.map(row).collect();
    let tells = rows.iter().take(4).filter_map(|row| {
        let least = row.values.iter().copied().reduce(f64::min)?;
        let most = row.values.iter().copied().reduce(f64::max)?;
        let [least, most] = [least, most].map(|value| told(value, None, &over.unit));
        Some(format!("{} from {least} to {most}", plain(&row.name)))
    });
    let caption = format!(
        "{} in each of {}: a point a run, the box holds the middle half, the whiskers nine of ten. \
         {}.",
        plain(&over.metric),
        counted(compared.runs, "run"),
        tells.collect::<Vec<_>>().join("; ")
    );
    Figure {
        name: format!("{}-runs", slug(&over.metric)),
        title: format!("{}, run by run", over.metric),
        caption,
        chart: Chart::Spread(Spread { x: along(&over.metric, &over.unit), rows }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{compare, folder::Study, plot};

    /// What the made-up comparison draws, from the files that it would write.
    fn drawn() -> (Compared, Vec<Figure>) {
        let compared = compare::made_up::compared();
        let files = [
            ("summary.json".to_owned(), compare::object(&compared, Some("fleetsim compare"))),
            ("runs.csv".to_owned(), compare::runs(&compared)),
        ];
        let Ok(Study::Compare(read)) = Study::read(&files) else { panic!("it is a comparison") };
        let figures = figures(&read);
        (read, figures)
    }

    #[test]
    fn each_candidate_that_differs_is_beside_the_baseline() {
        let (read, figures) = drawn();
        let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names[0], "differences-b");
        assert!(!names.contains(&"differences-c"), "it is the baseline again");
        let Chart::Rows(rows) = &figures[0].chart else { panic!("rows") };
        let marks: Vec<(&str, Mark)> =
            rows.rows.iter().map(|row| (row.name.as_str(), row.mark)).collect();
        assert_eq!(marks[0], ("availability", Mark::Good));
        assert_eq!(marks[1], ("data_loss.bytes", Mark::Good));
        assert_eq!(marks[2], ("data_loss.instances", Mark::Open));
        // Scaled by its own interval, whose ends are one apart.
        let first = &read.others[0].metrics[0];
        let wanted = first.difference.unwrap() / first.half_width.unwrap();
        assert_eq!(rows.rows[0].value, Some(wanted));
        assert_eq!(rows.rows[0].between, Some((wanted - 1.0, wanted + 1.0)));
        assert_eq!(rows.rows[0].told, "+0.000420 ± 0.000019");
        assert!(
            figures[0].caption.starts_with(
                "In B, availability is better by +0.000420 ± 0.000019 from 0.99935; data_loss.bytes \
                 is better by "
            ),
            "{}",
            figures[0].caption
        );
    }

    #[test]
    fn single_runs_are_those_of_the_files() {
        let (read, figures) = drawn();
        let over = read.over_runs.iter().find(|over| over.metric == "availability").unwrap();
        assert_eq!((over.values.len(), over.values[0].len()), (3, 6));
        for (values, candidate) in over.values.iter().zip(0..) {
            let mean = values.iter().copied().flatten().sum::<f64>() / 6.0;
            let told = match candidate {
                0 => read.others[0].metrics[0].baseline,
                other => read.others[other - 1].metrics[0].mean,
            };
            assert!((mean - told.unwrap()).abs() < 1e-12, "{mean} is not {told:?}");
        }
        for figure in &figures {
            let picture = plot::svg(figure);
            assert!(picture.len() < 500_000 && picture.contains("<desc>"), "{}", figure.name);
        }
    }
}
