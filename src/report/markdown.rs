//! The results as a Markdown table, for issues and pull requests.

use super::{Results, csv, number, plain};
use crate::experiment::estimate::LEVEL;

/// What `run --format markdown` prints: a heading, a table, and how to cite it.
pub fn results(results: &Results) -> String {
    let about = &results.about;
    let mut text = format!("## {}\n\n", escaped(&about.scenario));
    if !about.question.is_empty() {
        text.push_str(&escaped(&about.question));
        text.push_str("\n\n");
    }
    text.push_str("| metric | mean | lowest to highest run |\n|---|---|---|\n");
    for row in &results.rows {
        let Some(spread) = row.estimate.value else { continue };
        let shown = number::show(&spread, row.metric.definition.unit);
        let mark = if spread.skewed { " (skewed)" } else { "" };
        let name = escaped(&csv::column(&row.metric));
        text.push_str(&format!("| {name} | {}{mark} | {} |\n", shown.value, shown.range));
    }
    let runs = about.runs;
    let level = number::percent(LEVEL);
    text.push_str(&format!(
        "\n± is a {level} interval over {runs} runs. fleetsim {}, seed {}, scenario digest `{}`.\n",
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
        | downtime{cause=server-failure} | 90,617 ± 7,843 instance-s | 90,000 to 91,234 |
        | downtime{cause=guest-failure} | 3,950 ± 635 instance-s | 3,900 to 4,000 |
        | downtime{cause=spot} | 0 instance-s |  |
        | placement.blocking{type="=evil,\\"type\\""} | 0.25 |  |
        | memory.allocated.max | 114.906 TiB |  |
        | memory.allocated.max_at | 12.1278 d |  |
        | migrations{kind=redeploy} | 0 |  |
        | engine.occurrences | 9,013 ± 76 | 9,007 to 9,019 |

        ± is a 95 % interval over 2 runs. fleetsim 0.0.0, seed 1, scenario digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`.
        "#);
    }

    #[test]
    fn names_cannot_break_out_of_their_cell() {
        assert_eq!(escaped("a|b<i>`x`\n"), "a\\|b&lt;i&gt;\\`x\\`\\\\u{a}");
        assert_eq!(escaped("max_at _b_"), "max_at \\_b\\_");
    }
}
