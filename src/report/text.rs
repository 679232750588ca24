//! The results as people read them, [`WIDTH`] columns wide and as wide as a terminal is: what was
//! run, then groups of metrics with their intervals. What is zero in every run is folded into a line
//! at the end.

use super::{
    About, Results,
    line::{Line, Widths},
    look::Look,
    number, plain, precision,
    shown::{self, Cell, Fate},
    spark,
};
use crate::{
    experiment::estimate::{self, Estimate, LEVEL, Row, Spread},
    observe::{catalogue::Definition, select},
};

/// Columns of the widest line where no terminal says how wide it is.
pub const WIDTH: usize = 80;

/// Metrics that the lines of others tell in brief: how events ended, below how many there were.
const TOLD_ELSEWHERE: &[&str] = &["events", "event.time"];

/// Lines shown of one metric's labels; the other forms show all.
const LABELS_MAX: usize = 20;

/// Hours of the year that rates are told by.
const YEAR_HOURS: f64 = 8_760.0;

/// The statuses that events end in.
const FINAL: &[&str] = &["Executed", "Avoided", "Canceled", "Failed"];

/// Columns of the longest name that several labels share.
const SHARED_MAX: usize = 28;

/// The groups of the table: a heading, and the first parts of the names that stand under it.
const GROUPS: &[(&str, &[&str])] = &[
    ("service", &["availability", "downtime", "interruptions", "service", "sla"]),
    ("scaling", &["group", "refresh"]),
    ("requests", &["arrivals", "placement", "launch"]),
    ("fleet", &["instances", "vcpu", "gpu", "memory", "utilisation", "stranded"]),
    ("hardware", &["servers", "racks", "repair", "disks", "data_loss"]),
    ("moves", &["migrations", "migration", "link"]),
    (
        "cloud",
        &[
            "events", "event", "inquiry", "tasks", "commands", "refusals", "campaign", "credits",
            "spot",
        ],
    ),
    ("engine", &["engine"]),
];

/// The table that `run` prints into a pipe or file.
pub fn results(results: &Results) -> String {
    results_for(results, &Look::PIPED)
}

/// The table that `run` prints.
pub fn results_for(results: &Results, look: &Look) -> String {
    let titles = GROUPS.iter().map(|(title, _)| *title).chain(["other"]);
    let mut groups: Vec<Vec<Line>> = Vec::new();
    for title in titles {
        let lines = group_lines(results, title);
        if !lines.is_empty() {
            let ranged = lines.iter().any(|line| !line.range.is_empty());
            let mut heading = Line::named(title);
            heading.range = if ranged { "lowest to highest run" } else { "" }.to_owned();
            groups.push(std::iter::once(heading).chain(lines).collect());
        }
    }
    let widths = Widths::of(&groups.concat(), look.columns());
    let mut text = headed(&results.about, look);
    for group in &groups {
        text.push('\n');
        for (place, line) in group.iter().enumerate() {
            let printed = line.print(&widths);
            text.push_str(&if place == 0 { look.heading(&printed) } else { printed });
            if line.name == "availability" {
                text.push_str(&spark::availability(results, look).unwrap_or_default());
            }
        }
    }
    let zeros = shown::zeros(results);
    if !zeros.is_empty() {
        text.push('\n');
        let zeros = format!("zero in every run: {}", zeros.join(", "));
        text.push_str(&dimmed(&wrapped_at(&zeros, "", look.columns()), look));
    }
    text.push_str(&closing(results, &groups.concat(), look));
    text
}

/// Two lines or more on what was run: `name · question`, then the fleet and the runs.
pub fn heading(about: &About) -> String {
    heading_at(about, WIDTH)
}

/// The same as `look` says, the name and the question first of all.
pub(super) fn headed(about: &About, look: &Look) -> String {
    let text = heading_at(about, look.columns());
    let title = title(about);
    let of_title = wrapped_at(&title, "", look.columns()).lines().count();
    let lines = text.lines().enumerate().map(|(place, line)| {
        let line = if place < of_title { look.strong(line) } else { line.to_owned() };
        line + "\n"
    });
    lines.collect()
}

/// Every line of `text` standing back.
pub(super) fn dimmed(text: &str, look: &Look) -> String {
    text.lines().map(|line| look.dim(line) + "\n").collect()
}

/// `name · question`.
fn title(about: &About) -> String {
    match about.question.is_empty() {
        true => plain(&about.scenario),
        false => format!("{} · {}", plain(&about.scenario), plain(&about.question)),
    }
}

/// The same for lines of `width` columns.
pub fn heading_at(about: &About, width: usize) -> String {
    let title = title(about);
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
    let remarks = about.remarks.iter();
    let remarks: String =
        remarks.map(|text| wrapped_at(&format!("note: {}", plain(text)), "", width)).collect();
    format!("{}{}{remarks}", wrapped_at(&title, "", width), filled(&facts, " · ", width))
}

/// `parts` side by side, as many on a line as `width` lets; each line ends in a newline.
fn filled(parts: &[String], between: &str, width: usize) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for part in parts {
        if !line.is_empty() && columns(&line) + columns(between) + columns(part) > width {
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
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number::free(count as f64))
}

pub(super) fn columns(text: &str) -> usize {
    text.chars().count()
}

/// The lines of the group called `title`, in the catalogue's order.
fn group_lines(results: &Results, title: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let of_group = |definition: &&'static Definition| {
        group_of(definition) == title && !TOLD_ELSEWHERE.contains(&definition.name)
    };
    for definition in shown::definitions(results).into_iter().filter(of_group) {
        let rows = results.rows.iter().filter(|row| row.metric.definition == definition);
        let rows: Vec<&Row> = rows.filter(|row| shown::fate(results, row) == Fate::Row).collect();
        match (rows.as_slice(), definition.labels) {
            ([], _) => {}
            (rows, []) => rows.iter().for_each(|row| lines.extend(single(results, row))),
            (rows, _) => lines.extend(labelled(results, rows)),
        }
    }
    lines
}

fn group_of(definition: &Definition) -> &'static str {
    let first = definition.name.split('.').next().unwrap_or_default();
    let group = GROUPS.iter().find(|(_, names)| names.contains(&first));
    group.map_or("other", |(title, _)| title)
}

/// A metric without labels: its line, and for availability what it means in a year.
fn single(results: &Results, row: &Row) -> Vec<Line> {
    let definition = row.metric.definition;
    let mut lines = vec![measured(results, definition, definition.name, &row.estimate)];
    let spread = row.estimate.value.filter(|_| definition.name == "availability");
    if let Some(spread) = spread.filter(|spread| spread.mean < 1.0) {
        let down = Estimate { runs: row.estimate.runs, value: Some(down_a_year(&spread)) };
        lines.push(line_of("  down per instance-year", shown::time(&down)));
    }
    lines
}

/// Seconds a year that an availability leaves out.
fn down_a_year(availability: &Spread) -> Spread {
    let year = YEAR_HOURS * 3_600.0;
    Spread {
        mean: (1.0 - availability.mean) * year,
        deviation: availability.deviation.map(|deviation| deviation * year),
        half_width: availability.half_width.map(|width| width * year),
        min: (1.0 - availability.max) * year,
        max: (1.0 - availability.min) * year,
        skewed: availability.skewed,
    }
}

/// The metric of several labels: a line for the whole, and one for each label with its share; a
/// whole of one part is one line.
fn labelled(results: &Results, rows: &[&Row]) -> Vec<Line> {
    let definition = rows[0].metric.definition;
    let of_all = |row: &Row| select::is_whole(&row.metric);
    let all = rows.iter().find(|row| of_all(row));
    let parted = shown::is_parted(definition);
    let sum = || estimate::total(&results.outcomes, definition.name);
    let whole = all.map(|row| row.estimate).or_else(|| parted.then(sum));
    let mut parts: Vec<&Row> = rows.iter().copied().filter(|row| !of_all(row)).collect();
    let is_whole = |part: &Row| all.is_none_or(|all| shown::is_same(results, all, part));
    if let ([part], true) = (parts.as_slice(), parted)
        && is_whole(part)
    {
        let name = format!("{} ({})", definition.name, shown::labels(part).join(" "));
        let line = measured(results, definition, &name, &part.estimate);
        return std::iter::once(line).chain(ends(results, part)).collect();
    }
    let mut lines = vec![match &whole {
        Some(whole) => measured(results, definition, definition.name, whole),
        None if definition.labels == ["at"] => Line::named(definition.name),
        None => Line::named(&format!("{} by {}", definition.name, definition.labels.join(", "))),
    }];
    let mean = |row: &Row| row.estimate.value.map_or(0.0, |spread| spread.mean);
    if parted {
        // The sort is stable: equal parts stay in the order of the catalogue.
        parts.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
    }
    let more = parts.len().saturating_sub(LABELS_MAX);
    parts.truncate(LABELS_MAX);
    let mut below = part_lines(results, &parts, parted);
    if let (true, Some(whole)) = (parted, whole.and_then(|whole| whole.value)) {
        let widest = below.iter().map(|line| columns(&line.value)).max().unwrap_or(0);
        for (line, row) in below.iter_mut().zip(&parts) {
            let share = number::percent(mean(row) / whole.mean);
            line.value = format!("{:<widest$} {share:>5}", line.value);
        }
    }
    if parted {
        for (line, row) in below.into_iter().zip(&parts) {
            lines.push(line);
            lines.extend(ends(results, row));
        }
    } else {
        lines.extend(below);
    }
    if more > 0 {
        lines.push(Line::named(&format!("  … {more} more: --format csv shows all")));
    }
    lines
}

/// How the system events of the type that `row` counts stand or ended, where it counts events.
fn ends(results: &Results, row: &Row) -> Option<Line> {
    if row.metric.definition.name != "events.published" {
        return None;
    }
    let told = results.rows.iter().filter(|other| {
        other.metric.definition.name == "events" && other.metric.labels[0] == row.metric.labels[0]
    });
    let ends: Vec<String> = told
        .filter(|other| FINAL.contains(&other.metric.labels[1].as_str()))
        .filter_map(|other| Some((&other.metric.labels[1], other.estimate.value?.mean)))
        .filter(|(_, mean)| *mean > 0.0)
        .map(|(status, mean)| format!("{status} {}", number::brief(mean)))
        .collect();
    (!ends.is_empty()).then(|| Line::named(&format!("    {}", ends.join(", "))))
}

/// A line for each of `parts`; where they are no parts of a whole, those that agree in every run
/// share one.
fn part_lines(results: &Results, parts: &[&Row], parted: bool) -> Vec<Line> {
    let mut lines: Vec<(Line, &Row)> = Vec::new();
    for row in parts {
        let label = shown::labels(row).join(" ");
        let same = lines.iter_mut().find(|(line, first)| {
            !parted
                && columns(&line.name) + columns(&label) + 2 <= SHARED_MAX
                && shown::is_same(results, first, row)
        });
        match same {
            Some((line, _)) => line.name = format!("{}, {label}", line.name),
            None => {
                let name = format!("  {label}");
                let of = if parted { shown::part } else { shown::cell };
                lines
                    .push((line_of(&name, of(results, row.metric.definition, &row.estimate)), row));
            }
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

fn measured(results: &Results, definition: &Definition, name: &str, value: &Estimate) -> Line {
    line_of(name, shown::cell(results, definition, value))
}

fn line_of(name: &str, cell: Cell) -> Line {
    let mark = match (cell.skewed, cell.blind) {
        (_, true) => " †",
        (true, false) => " *",
        (false, false) => "",
    };
    Line {
        name: name.to_owned(),
        value: format!("{}{mark}", cell.value),
        range: cell.range,
        skewed: cell.skewed,
        blind: cell.blind,
    }
}

fn closing(results: &Results, lines: &[Line], look: &Look) -> String {
    let mut text = String::new();
    if lines.iter().any(|line| line.skewed) {
        text.push_str("* skewed: interval may be too narrow (more runs help)\n");
    }
    if lines.iter().any(|line| line.blind) {
        text.push_str("† too few runs for an interval\n");
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
    for told in results.stopped.iter().flat_map(precision::told) {
        text.push_str(&wrapped_at(&told, "", look.columns()));
    }
    let more = "More metrics: --format csv; what each means: fleetsim metrics";
    text.push_str(&wrapped_at(more, "", look.columns()));
    format!("\n{}", dimmed(&text, look))
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

        service                                           lowest to highest run
        availability               0.9995 ± 0.0013        0.9994 to 0.9996
          down per instance-year   4.38 h †               3.504 to 5.256
        downtime                   26.3 ± 2.0 instance-h  26.1 to 26.4
          server-failure           25.2 ± 2.2   96 %      25 to 25.3
          guest-failure            1.10 ± 0.18 4.2 %      1.08 to 1.11

        requests
        placement.blocking by type
          =evil,"type"             0.25

        fleet                                             lowest to highest run
        memory.allocated.max       114.906 TiB
        instances.placed.level
          10h                      1,200.5 ± 6.4          1,200 to 1,201

        moves                                             lowest to highest run
        migrations (failover)      8.5 ± 6.4              8 to 9
        migrations.concurrent.max  2

        zero in every run: repair.wait

        † too few runs for an interval
        ± is a 95 % interval over 2 runs.
        More metrics: --format csv; what each means: fleetsim metrics
        "#);
    }

    #[test]
    fn one_run_reads_well() {
        assert_snapshot!(results(&made_up::results(1)), @r#"
        made-up · does the table read well?
        60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 1 run, seed 1

        service
        availability               0.9996
          down per instance-year   3.504 h
        downtime                   26.1111 instance-h
          server-failure           25       96 %
          guest-failure            1.11111 4.3 %

        requests
        placement.blocking by type
          =evil,"type"             0.25

        fleet
        memory.allocated.max       114.906 TiB
        memory.allocated.max_at    12d 03:04:05
        instances.placed.level
          10h                      1,200

        moves
        migrations (failover)      8
        migrations.concurrent.max  2

        zero in every run: repair.wait

        One run has no interval: --runs 30 gives one.
        More metrics: --format csv; what each means: fleetsim metrics
        "#);
    }

    #[test]
    fn events_tell_how_they_ended() {
        static PUBLISHED: Definition =
            Definition { name: "events.published", ..made_up::CATALOGUE[6] };
        static ENDED: Definition =
            Definition { name: "events", labels: &["type", "status"], ..PUBLISHED };
        let mut made_up = made_up::results(2);
        let mut add = |definition, labels: &[&str], value: f64| {
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            let metric = crate::observe::catalogue::Metric { definition, labels };
            let estimate = estimate::estimate([Some(value), Some(value)]);
            made_up.rows.push(Row { metric, estimate });
        };
        add(&PUBLISHED, &["SystemMaintenance.RebootAndIsolateErrorDisk"], 64.1);
        for (status, count) in [("Inquiring", 64.1), ("Executed", 47.9), ("Avoided", 16.2)] {
            add(&ENDED, &["SystemMaintenance.RebootAndIsolateErrorDisk", status], count);
        }
        assert!(results(&made_up).contains(
            "cloud\nevents.published (SystemMaintenance.RebootAndIsolateErrorDisk)\n                           \
             64.1\n    Executed 47.9, Avoided 16.2\n"
        ), "{}", results(&made_up));
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
    fn remarks_stand_at_the_head() {
        let mut made_up = made_up::results(1);
        made_up.about.remarks = vec!["take\tcare".to_owned()];
        let text = results(&made_up);
        assert_eq!(text.lines().nth(2), Some("note: take\\u{9}care"), "{text}");
    }

    #[test]
    fn the_label_for_all_is_the_whole_and_no_part() {
        let mut made_up = made_up::results(2);
        made_up.rows[4].metric.labels[0] = select::ALL.to_owned();
        let text = results(&made_up);
        assert!(text.lines().any(|line| line.starts_with("placement.blocking  ")), "{text}");
        assert!(!text.contains("  all"), "{text}");
        // Elsewhere it is a name as any other.
        made_up.rows[1].metric.labels[0] = select::ALL.to_owned();
        let text = results(&made_up);
        assert!(text.contains("\ndowntime                   26.3"), "{text}");
        assert!(text.contains("\n  all "), "{text}");
    }

    #[test]
    fn many_labels_are_cut_with_a_word() {
        let mut made_up = made_up::results(2);
        let row = made_up.rows[1].clone();
        made_up.rows.splice(2..2, std::iter::repeat_n(row, 30));
        assert!(results(&made_up).contains("… 12 more: --format csv shows all"));
    }
}
