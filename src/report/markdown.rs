//! The results as a Markdown table, for issues and pull requests.

use super::{
    Results, csv, number, plain, precision,
    shown::{self, Fate},
    text::counted,
};
use crate::{experiment::estimate::LEVEL, observe::catalogue::Metric};

/// What `run --format markdown` prints: a heading, a table, and how to cite it.
pub fn results(results: &Results) -> String {
    let about = &results.about;
    let mut text = format!("## {}\n\n", escaped(&about.scenario));
    if !about.question.is_empty() {
        text.push_str(&escaped(&about.question));
        text.push_str("\n\n");
    }
    for remark in &about.remarks {
        text.push_str(&format!("Note: {}\n\n", escaped(remark)));
    }
    text.push_str("| metric | mean | lowest to highest run |\n|---|---|---|\n");
    for row in results.rows.iter().filter(|row| shown::fate(results, row) == Fate::Row) {
        let definition = row.metric.definition;
        let cell = shown::cell(results, definition, &row.estimate);
        let mark = match (cell.skewed, cell.blind) {
            (_, true) => " (too few runs for an interval)",
            (true, false) => " (skewed)",
            (false, false) => "",
        };
        let name = escaped(&csv::column(&Metric { definition, labels: shown::labels(row) }));
        text.push_str(&format!("| {name} | {}{mark} | {} |\n", cell.value, cell.range));
    }
    let zeros = shown::zeros(results);
    if !zeros.is_empty() {
        text.push_str(&format!("\nZero in every run: {}.\n", escaped(&zeros.join(", "))));
    }
    let stopped: Vec<String> = results.stopped.iter().flat_map(precision::told).collect();
    if !stopped.is_empty() {
        text.push_str(&format!("\n{}\n", escaped(&stopped.join(" "))));
    }
    let runs = counted(u64::from(about.runs), "run");
    let level = number::percent(LEVEL);
    let interval = match about.runs {
        0 | 1 => "One run has no interval.".to_owned(),
        _ => format!("± is a {level} interval over {runs}."),
    };
    text.push_str(&format!(
        "\n{interval} fleetsim {}, seed {}, scenario digest `{}`.\n",
        about.version, about.seed, about.digest
    ));
    text
}

/// `text` on one line, with nothing in it that Markdown or HTML would act on.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let text = plain(text);
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let inside = before.is_alphanumeric()
            && characters.peek().is_some_and(|after| after.is_alphanumeric());
        before = character;
        match character {
            // Inside a word Markdown leaves underscores alone.
            '_' if inside => shown.push('_'),
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => {
                shown.push('\\');
                shown.push(character);
            }
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use insta::assert_snapshot;

    #[test]
    fn the_table_reads_well() {
        assert_snapshot!(results(&made_up::results(2)), @r#"
        ## made-up

        does the table read well?

        | metric | mean | lowest to highest run |
        |---|---|---|
        | availability | 0.9995 ± 0.0013 | 0.9994 to 0.9996 |
        | downtime{cause=server-failure} | 25.2 ± 2.2 instance-h | 25 to 25.3 |
        | downtime{cause=guest-failure} | 1.10 ± 0.18 instance-h | 1.08 to 1.11 |
        | placement.blocking{type="=evil,\\"type\\""} | 0.25 |  |
        | memory.allocated.max | 114.906 TiB |  |
        | migrations{kind=failover} | 8.5 ± 6.4 | 8 to 9 |
        | instances.placed.level{at=10h} | 1,200.5 ± 6.4 | 1,200 to 1,201 |
        | migrations.concurrent.max | 2 |  |

        Zero in every run: repair.wait.

        ± is a 95 % interval over 2 runs. fleetsim 0.0.0, seed 1, scenario digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`.
        "#);
    }

    #[test]
    fn names_cannot_break_out_of_their_cell() {
        assert_eq!(escaped("a|b<i>`x`\n"), "a\\|b&lt;i&gt;\\`x\\`\\\\u{a}");
        assert_eq!(escaped("max_at _b_"), "max_at \\_b\\_");
    }
}
