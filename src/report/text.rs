//! The results as people read them, at most [`WIDTH`] columns wide: what was run, then groups of
//! metrics with their intervals. What is zero in every run is folded into a line at the end.

use super::{About, Results, number, plain};
use crate::{
    experiment::estimate::{self, LEVEL, Row, Spread},
    observe::catalogue::Definition,
};

/// Columns of the widest line.
pub const WIDTH: usize = 80;

/// Columns of a metric's name; longer names push their value to the right.
const NAME: usize = 28;

/// Columns of a value; wider ones push their range to the right.
const VALUE: usize = 27;

/// Lines shown of one metric's labels; the other forms show all.
const LABELS_MAX: usize = 20;

/// Hours of the year that rates are told by.
const YEAR_HOURS: f64 = 8_760.0;

/// Metrics whose labels part a whole: the sum is shown, and each label's share of it.
const PARTED: &[&str] =
    &["downtime", "interruptions", "migrations", "events", "tasks", "refusals", "arrivals"];

/// The label that stands for all others together.
const ALL: &str = "all";

/// The groups of the table: a heading, and the first parts of the names that stand under it.
const GROUPS: &[(&str, &[&str])] = &[
    ("service", &["availability", "downtime", "interruptions", "service", "sla"]),
    ("requests", &["arrivals", "placement", "launch"]),
    ("fleet", &["instances", "vcpu", "gpu", "memory", "utilisation", "stranded"]),
    ("hardware", &["servers", "racks", "repair", "disks", "data_loss"]),
    ("moves", &["migrations", "migration", "link"]),
    ("cloud", &["events", "event", "tasks", "refusals", "refresh", "credits", "spot"]),
    ("engine", &["engine"]),
];

/// The table that `run` prints.
pub fn results(results: &Results) -> String {
    let mut text = heading(&results.about);
    let groups = GROUPS.iter().map(|(title, _)| *title).chain(["other"]);
    for title in groups {
        let lines = group_lines(results, title);
        if !lines.is_empty() {
            let ranged = lines.iter().any(|line| line.ranged);
            let note = if ranged { "lowest to highest run" } else { "" };
            text.push('\n');
            text.push_str(&Line::of(title, "", note).print());
            lines.iter().for_each(|line| text.push_str(&line.print()));
        }
    }
    text.push_str(&folded(results));
    text.push_str(&closing(results));
    text
}

/// Two lines or more on what was run: `name · question`, then the fleet and the runs.
pub fn heading(about: &About) -> String {
    let mut title = plain(&about.scenario);
    if !about.question.is_empty() {
        title = format!("{title} · {}", plain(&about.question));
    }
    let servers = format!(
        "{} ({}, {})",
        counted(about.servers as u64, "server"),
        counted(about.zones as u64, "zone"),
        counted(about.racks as u64, "rack"),
    );
    let mut facts = vec![servers];
    if about.instances > 0 {
        facts.push(format!("{} at start", counted(about.instances, "instance")));
    }
    facts.push(about.horizon.to_string());
    facts.push(format!("{}, seed {}", counted(u64::from(about.runs), "run"), about.seed));
    format!("{}{}", wrapped(&title, ""), filled(&facts, " · "))
}

/// `parts` side by side, as many on a line as [`WIDTH`] lets; each line ends in a newline.
fn filled(parts: &[String], between: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for part in parts {
        if !line.is_empty() && columns(&line) + columns(between) + columns(part) > WIDTH {
            lines.push_str(&format!("{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(between);
        }
        line.push_str(part);
    }
    format!("{lines}{line}\n")
}

/// `text` broken between words so that no line passes [`WIDTH`] unless a word does; each line
/// begins with `indent` and ends in a newline.
pub fn wrapped(text: &str, indent: &str) -> String {
    wrapped_at(text, indent, WIDTH)
}

/// The same for lines of `width` columns.
pub fn wrapped_at(text: &str, indent: &str, width: usize) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        let length = columns(indent) + columns(&line) + 1 + columns(word);
        if !line.is_empty() && length > width {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    format!("{lines}{indent}{line}\n")
}

/// `1 zone`, `60 servers`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number::free(count as f64))
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

/// One line of the table.
struct Line {
    name: String,
    value: String,
    rest: String,
    /// Whether `rest` tells the lowest and highest run.
    ranged: bool,
}

impl Line {
    fn of(name: &str, value: &str, rest: &str) -> Self {
        let (name, value, rest) = (name.to_owned(), value.to_owned(), rest.to_owned());
        Self { name, value, rest, ranged: false }
    }

    fn print(&self) -> String {
        let name = shortened(&self.name, WIDTH);
        let narrow = format!("{name:<NAME$}  {}", self.value);
        let whole = format!("{narrow:<width$}  {}", self.rest, width = NAME + 2 + VALUE);
        let line = if columns(&whole) <= WIDTH {
            whole
        } else if columns(&narrow) <= WIDTH {
            narrow
        } else {
            format!("{name}\n{:NAME$}  {}", "", self.value)
        };
        format!("{}\n", line.trim_end())
    }
}

fn shortened(text: &str, most: usize) -> String {
    match columns(text) <= most {
        true => text.to_owned(),
        false => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// The lines of the group called `title`, in the catalogue's order.
fn group_lines(results: &Results, title: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let of_group = |definition: &&Definition| group_of(definition) == title;
    for definition in definitions(results).into_iter().filter(of_group) {
        let rows = results.rows.iter().filter(|row| row.metric.definition == definition);
        let shown: Vec<(&Row, Spread)> = rows
            .filter_map(|row| row.estimate.value.map(|spread| (row, spread)))
            .filter(|(_, spread)| !is_zero(spread))
            .collect();
        match (shown.as_slice(), definition.labels) {
            ([], _) => {}
            _ if is_moment_of_nothing(results, definition) => {}
            (rows, []) => rows.iter().for_each(|(_, spread)| {
                lines.extend(single(definition, spread));
            }),
            (rows, _) => lines.extend(labelled(results, rows)),
        }
    }
    lines
}

/// Every definition that `results` hold values of, once, in order.
fn definitions(results: &Results) -> Vec<&'static Definition> {
    let mut all: Vec<&'static Definition> = Vec::new();
    for row in &results.rows {
        if !all.contains(&row.metric.definition) {
            all.push(row.metric.definition);
        }
    }
    all
}

/// Whether this is the moment of a maximum that is zero in every run.
fn is_moment_of_nothing(results: &Results, definition: &Definition) -> bool {
    let Some(name) = definition.name.strip_suffix("_at") else { return false };
    let of_name = |row: &&Row| row.metric.definition.name == name;
    let maximum = results.rows.iter().find(of_name).and_then(|row| row.estimate.value);
    maximum.is_some_and(|spread| is_zero(&spread))
}

fn group_of(definition: &Definition) -> &'static str {
    let first = definition.name.split('.').next().unwrap_or_default();
    let group = GROUPS.iter().find(|(_, names)| names.contains(&first));
    group.map_or("other", |(title, _)| title)
}

fn is_zero(spread: &Spread) -> bool {
    spread.min >= 0.0 && spread.max <= 0.0
}

/// A metric without labels: its line, and for availability what it means in a year.
fn single(definition: &Definition, spread: &Spread) -> Vec<Line> {
    if definition.name.ends_with(".max_at") && spread.min >= spread.max {
        return vec![Line::of(definition.name, &number::clock(spread.mean), "")];
    }
    let mut lines = vec![measured(definition.name, definition.unit, spread)];
    if definition.name == "availability" && spread.mean < 1.0 {
        let down = number::rough_time((1.0 - spread.mean) * YEAR_HOURS * 3_600.0);
        lines.push(Line::of("", &format!("{down} down per instance-year"), ""));
    }
    lines
}

/// The metric of several labels: a line for the whole, and one for each label that is not zero.
fn labelled(results: &Results, same: &[(&Row, Spread)]) -> Vec<Line> {
    let definition = same[0].0.metric.definition;
    let of_all = |row: &Row| row.metric.labels.iter().all(|label| label == ALL);
    let all = same.iter().find(|(row, _)| of_all(row)).map(|(_, spread)| *spread);
    let parted = PARTED.contains(&definition.name);
    let sum = || estimate::total(&results.outcomes, definition.name).value;
    let whole = all.or_else(|| parted.then(sum).flatten());
    let mut lines = vec![match &whole {
        Some(spread) => measured(definition.name, definition.unit, spread),
        None => {
            let name = format!("{} by {}", definition.name, definition.labels.join(", "));
            Line::of(&name, "", "")
        }
    }];
    let mut parts: Vec<_> = same.iter().filter(|(row, _)| !of_all(row)).collect();
    if parted {
        // The sort is stable: equal parts stay in the order of the catalogue.
        parts.sort_by(|(_, a), (_, b)| b.mean.total_cmp(&a.mean));
    }
    for (row, spread) in parts.iter().take(LABELS_MAX) {
        let name = format!("  {}", plain(&row.metric.labels.join(" ")));
        let mut line = measured(&name, definition.unit, spread);
        if let (true, Some(whole)) = (parted, &whole) {
            line.rest = number::percent(spread.mean / whole.mean);
            line.ranged = false;
        }
        lines.push(line);
    }
    if let Some(more @ 1..) = parts.len().checked_sub(LABELS_MAX) {
        lines.push(Line::of(&format!("  … {more} more: --format csv shows all"), "", ""));
    }
    lines
}

fn measured(name: &str, unit: &str, spread: &Spread) -> Line {
    let shown = number::show(spread, unit);
    let mark = if spread.skewed { " *" } else { "" };
    let ranged = !shown.range.is_empty();
    Line {
        name: name.to_owned(),
        value: format!("{}{mark}", shown.value),
        rest: shown.range,
        ranged,
    }
}

/// What has nothing to show: zero in every run, or undefined in every run.
fn folded(results: &Results) -> String {
    let names = |wanted: &dyn Fn(&Row) -> bool| {
        let named = definitions(results).into_iter().filter_map(|definition| {
            let rows = results.rows.iter().filter(|row| row.metric.definition == definition);
            let (rows, others): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| wanted(row));
            let labels = rows.iter().map(|row| plain(&row.metric.labels.join(" ")));
            match (rows.is_empty(), others.is_empty()) {
                (true, _) => None,
                (false, true) => Some(definition.name.to_owned()),
                (false, false) => {
                    let labels = labels.collect::<Vec<_>>().join(", ");
                    Some(format!("{} ({labels})", definition.name))
                }
            }
        });
        named.collect::<Vec<_>>().join(", ")
    };
    let zero = names(&|row| row.estimate.value.is_some_and(|spread| is_zero(&spread)));
    let absent = names(&|row| row.estimate.value.is_none());
    let mut text = String::new();
    for (title, list) in [("zero in every run", zero), ("undefined in every run", absent)] {
        if !list.is_empty() {
            text.push('\n');
            text.push_str(&wrapped(&format!("{title}: {list}"), ""));
        }
    }
    text
}

fn closing(results: &Results) -> String {
    let spreads = results.rows.iter().filter_map(|row| row.estimate.value);
    let mut text = String::from("\n");
    if spreads.clone().any(|spread| spread.skewed) {
        text.push_str("* skewed: interval may be too narrow (more runs help)\n");
    }
    let runs = results.about.runs;
    match runs {
        0 | 1 => text.push_str("One run has no interval: --runs 30 gives one.\n"),
        _ => {
            let level = number::percent(LEVEL);
            let runs = counted(u64::from(runs), "run");
            text.push_str(&format!("± is a {level} interval over {runs}.\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use insta::assert_snapshot;

    #[test]
    fn two_runs_read_well() {
        assert_snapshot!(results(&made_up::results(2)), @r#"
        made-up · does the table read well?
        60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 2 runs, seed 1

        service                                                    lowest to highest run
        availability                  0.9995 ± 0.0013              0.9994 to 0.9996
                                      4.4 h down per instance-year
        downtime                      94,567 ± 7,208 instance-s    94,000 to 95,134
          server-failure              90,617 ± 7,843 instance-s    96 %
          guest-failure               3,950 ± 635 instance-s       4.2 %

        requests
        placement.blocking by type
          =evil,"type"                0.25

        fleet
        memory.allocated.max          114.906 TiB
        memory.allocated.max_at       12d 03:04:05

        engine                                                     lowest to highest run
        engine.occurrences            9,013 ± 76                   9,007 to 9,019

        zero in every run: downtime (spot), migrations

        undefined in every run: launch.wait.p99

        ± is a 95 % interval over 2 runs.
        "#);
    }

    #[test]
    fn one_run_reads_well() {
        assert_snapshot!(results(&made_up::results(1)), @r#"
        made-up · does the table read well?
        60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 1 run, seed 1

        service
        availability                  0.9996
                                      3.5 h down per instance-year
        downtime                      94,000 instance-s
          server-failure              90,000 instance-s            96 %
          guest-failure               4,000 instance-s             4.3 %

        requests
        placement.blocking by type
          =evil,"type"                0.25

        fleet
        memory.allocated.max          114.906 TiB
        memory.allocated.max_at       12d 03:04:05

        engine
        engine.occurrences            9,007

        zero in every run: downtime (spot), migrations

        undefined in every run: launch.wait.p99

        One run has no interval: --runs 30 gives one.
        "#);
    }

    #[test]
    fn no_line_is_too_wide_and_no_name_drives_the_terminal() {
        let mut made_up = made_up::results(30);
        made_up.about.scenario = "long ".repeat(40);
        made_up.about.question = "a\u{1b}[2Jb\u{202e}c\nd".to_owned();
        made_up.rows[2].metric.labels[0] = "label-of-a-very-long-name-".repeat(5);
        let text = results(&made_up);
        assert!(text.lines().all(|line| columns(line) <= WIDTH), "{text}");
        assert!(text.contains("a\\u{1b}[2Jb\\u{202e}c\\u{a}d"));
    }

    #[test]
    fn the_label_for_all_is_the_whole_and_no_part() {
        let mut made_up = made_up::results(2);
        made_up.rows[1].metric.labels[0] = ALL.to_owned();
        let text = results(&made_up);
        assert!(
            text.contains("\ndowntime                      90,617 ± 7,843 instance-s"),
            "{text}"
        );
        assert!(!text.contains("  all"), "{text}");
    }

    #[test]
    fn the_moment_of_a_maximum_of_zero_is_not_shown() {
        let mut made_up = made_up::results(2);
        let zero = made_up.rows[3].estimate;
        made_up.rows[5].estimate = zero;
        assert!(!results(&made_up).contains("memory.allocated.max_at"));
    }

    #[test]
    fn many_labels_are_cut_with_a_word() {
        let mut made_up = made_up::results(2);
        let row = made_up.rows[1].clone();
        made_up.rows.splice(2..2, std::iter::repeat_n(row, 30));
        assert!(results(&made_up).contains("… 12 more: --format csv shows all"));
    }
}
