//! The comparison for people.

use super::{Compared, Other, cells, cells::Cells, letter};
use crate::{
    experiment::{
        comparison::{Chosen, Tested, Verdict},
        divergence::Divergence,
        estimate::LEVEL,
    },
    report::{
        look::{Look, Paint},
        number, plain,
        text::{WIDTH, columns, counted, dimmed, headed, wrapped_at},
    },
};

/// Columns of names, means and differences.
const NAME: usize = 27;
const MEAN: usize = 11;

/// Columns of a mean without the space before it.
const WIDE: usize = MEAN - 1;

const DIFFERENCE: usize = 24;

/// What `compare` prints: who is compared, a table for each candidate, how to read it.
pub fn table(compared: &Compared, look: &Look) -> String {
    let mut text = String::new();
    if let Some(baseline) = compared.candidates.first() {
        text.push_str(&headed(&baseline.about, look));
    }
    for note in &compared.notes {
        text.push_str(&wrapped_at(&format!("note: {}", plain(note)), "", look.columns()));
    }
    text.push('\n');
    for (place, candidate) in compared.candidates.iter().enumerate() {
        let role = if place == 0 { " (baseline)" } else { "" };
        let told = format!("{}{role}", plain(&candidate.label));
        text.push_str(&hanging(&letter(place), &told, "", look));
    }
    for other in compared.others() {
        text.push_str(&block(compared, &other, look));
    }
    text.push_str(&closing(compared, look));
    text
}

/// One candidate: its metrics, and where its course parts from the baseline's.
fn block(compared: &Compared, other: &Other<'_>, look: &Look) -> String {
    let letter = &other.letter;
    if other.against.first_apart.is_none() {
        let taken = match compared.runs() {
            1 => "The only run takes".to_owned(),
            runs => format!("All {} runs take", number::free(f64::from(runs))),
        };
        let words = format!(
            "{letter} and A: identical trajectories. {taken} the same course, so every difference \
             is exactly zero and nothing is to be tested."
        );
        return format!("\n{}", wrapped_at(&words, "", look.columns()));
    }
    let mut text = format!("\n{}", look.heading(&head(letter, look)));
    let rows = || compared.chosen.iter().zip(&other.against.tested);
    let is_folded = |tested: &Tested| tested.verdict == Verdict::Same && !compared.is_named;
    // What neither candidate ever says anything about is no news.
    let is_void =
        |tested: &Tested| tested.paired.runs + tested.paired.unpaired == 0 && !compared.is_named;
    for (chosen, tested) in rows().filter(|(_, tested)| !is_folded(tested) && !is_void(tested)) {
        text.push_str(&row(chosen, tested, look));
    }
    let same: Vec<String> = rows()
        .filter(|(_, tested)| is_folded(tested))
        .map(|(chosen, _)| plain(&chosen.name))
        .collect();
    if !same.is_empty() {
        let same = format!("the same in every run: {}", same.join(", "));
        text.push_str(&dimmed(&wrapped_at(&same, "", look.columns()), look));
    }
    if let Some(parts) = other.parts {
        text.push_str(&parting(compared, other, parts, look));
    }
    text
}

/// Columns of names on a terminal as wide as `look` says: they get what is beyond the others.
fn name_columns(look: &Look) -> usize {
    NAME + look.columns().saturating_sub(WIDTH)
}

fn head(letter: &str, look: &Look) -> String {
    let name = name_columns(look);
    let [one, other] = ["A", letter].map(|name| format!("{name:>MEAN$}"));
    let difference = format!("{letter} - A");
    let line = format!("{:<name$}{one}{other}  {difference:<DIFFERENCE$}", "");
    format!("{}\n", line.trim_end())
}

/// A metric: the means and their difference, and below what that amounts to.
fn row(chosen: &Chosen, tested: &Tested, look: &Look) -> String {
    let widest = name_columns(look);
    let cells = Cells::of(chosen, tested);
    let unit = if cells.unit.is_empty() { String::new() } else { format!(", {}", cells.unit) };
    let name = format!("{}{unit}", plain(&chosen.name));
    let means = format!(" {:>WIDE$} {:>WIDE$}", cells.baseline, cells.candidate);
    let change = format!("  {} {}", cells.difference, in_brackets(&cells.relative));
    let mut text = String::new();
    let mut line = format!("{name:<widest$}");
    if columns(&name) >= widest {
        text.push_str(&format!("{name}\n"));
        line = " ".repeat(widest);
    }
    line.push_str(&means);
    if columns(&line) + columns(change.trim_end()) > look.columns() {
        text.push_str(&format!("{line}\n"));
        line = " ".repeat(widest);
    }
    text.push_str(&format!("{}\n", format!("{line}{change}").trim_end()));
    let p = tested.adjusted.map(cells::p_value);
    let verdict = cells::verdict(tested.verdict).to_owned();
    let said = [Some(verdict.clone()), p].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let parts = [vec![said], cells::pairing(tested), cells::remarks(tested)].concat();
    let below = wrapped_at(&parts.join("; "), "  ", look.columns());
    let rest = below.trim_start().strip_prefix(&verdict).filter(|_| look.is_coloured());
    match (rest, paint(tested.verdict)) {
        (Some(rest), Some(paint)) => {
            text.push_str(&format!("  {}{rest}", look.painted(paint, &verdict)));
        }
        (Some(_), None) | (None, _) => text.push_str(&below),
    }
    text
}

/// The colour of a verdict.
const fn paint(verdict: Verdict) -> Option<Paint> {
    match verdict {
        Verdict::Better => Some(Paint::Good),
        Verdict::Worse => Some(Paint::Bad),
        Verdict::More | Verdict::Less => Some(Paint::Strong),
        Verdict::Untold => Some(Paint::Unsure),
        Verdict::Same | Verdict::Unclear => None,
    }
}

fn in_brackets(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("({text})") }
}

/// Where the courses part, and the commands that show it.
fn parting(compared: &Compared, other: &Other<'_>, parts: &Divergence, look: &Look) -> String {
    let runs = compared.runs();
    let same = match other.against.same_course {
        0 => "No run takes the same course".to_owned(),
        same => format!("{} of {runs} runs take the same course", number::free(f64::from(same))),
    };
    let shared = counted(parts.shared, "fact");
    let run = parts.run;
    let words = format!("{same}. Run {run} parts at {}, after {shared} in common:", parts.at);
    let mut text = format!("\n{}", wrapped_at(&words, "", look.columns()));
    for (place, name) in ["A", &other.letter].into_iter().enumerate() {
        let told = match &parts.instead[place] {
            Some(told) => plain(told),
            None => "nothing that is told in words".to_owned(),
        };
        text.push_str(&hanging(name, &told, "  ", look));
    }
    let baseline = compared.candidates.first().map(|baseline| baseline.trace(parts));
    for command in baseline.into_iter().chain([other.candidate.trace(parts)]) {
        text.push_str(&format!("  {}\n", plain(&command)));
    }
    text
}

/// `name  words`, the words going on below themselves.
fn hanging(name: &str, words: &str, indent: &str, look: &Look) -> String {
    let indent = format!("{indent}{}", " ".repeat(columns(name) + 2));
    let below = wrapped_at(words, &indent, look.columns());
    let first = format!("{}{name}  ", &indent[..indent.len() - columns(name) - 2]);
    format!("{first}{}", below.strip_prefix(&indent).unwrap_or(&below))
}

/// How to read it.
fn closing(compared: &Compared, look: &Look) -> String {
    let (tests, runs) = (compared.comparison.tests, compared.runs());
    if tests == 0 {
        return String::new();
    }
    let level = number::percent(LEVEL);
    let corrected = match tests {
        1 => "p is of one test".to_owned(),
        tests => format!("p is corrected by Holm for all {tests} tests here"),
    };
    let words = format!(
        "± is a {level} interval of the mean difference over {}. {corrected}; better, worse, more \
         and less are said from p <= 0.05 on. Variance ratio: how many times as many runs it \
         would take without common random numbers.",
        format_args!("{} of runs", counted(u64::from(runs), "pair")),
    );
    format!("\n{}", dimmed(&wrapped_at(&words, "", look.columns()), look))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::made_up;
    use insta::assert_snapshot;

    #[test]
    fn the_table_fits_and_reads_well() {
        let text = table(&made_up::compared(), &Look::PIPED);
        assert!(
            text.lines().all(|line| columns(line) <= WIDTH || line.contains("trace")),
            "{text}"
        );
        assert_snapshot!(text, @r#"
        made-up · does the table read well?
        60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 6 runs, seed 1
        note: seed 7 of made-up.toml is set aside

        A  as the file says (baseline)
        B  a.b=2
        C  a.b=1

                                             A          B  B - A
        availability                  0.999350   0.999770
                                     +0.000420 ± 0.000019 (+0.042 %)
          better, p < 0.001; correlation 1.00; variance ratio 230
        data_loss.bytes, TiB             3.183      3.047  -0.136 ± 0.052 (-4.3 %)
          better, p 0.0033; correlation 1.00; variance ratio 2,314
        data_loss.instances              3.000      3.167  +0.167 (+5.6 %)
          no difference shown, p 1; variance ratio 1.0; equal in 5 of 6 runs; most runs
          are equal, the others are judged: 1 up, 0 down (signs p 1, flips p 1); 99 must
          differ to tell: about 600 runs
        placement.blocking{type="a type with a long name, and | pipes"}
                                          0.25       0.36  +0.11 ± 0.12 (+44 %)
          no difference shown, p 0.13; variance ratio 1.0; skewed: ± may be too narrow
        the same in every run: downtime, utilisation{resource=vcpu}

        2 of 6 runs take the same course. Run 2 parts at 1d 02:03:04.500000, after 1,234
        facts in common:
          A  repair of a-r0-1 begins
          B  nothing that is told in words
          fleetsim trace made-up.toml --seed 1 --run 2 --from 1d2h3min4s --to 1d2h3min5s
          fleetsim trace made-up.toml --seed 1 --run 2 --from 1d2h3min4s --to 1d2h3min5s --set a.b=2

        C and A: identical trajectories. All 6 runs take the same course, so every
        difference is exactly zero and nothing is to be tested.

        ± is a 95 % interval of the mean difference over 6 pairs of runs. p is corrected
        by Holm for all 4 tests here; better, worse, more and less are said from p <=
        0.05 on. Variance ratio: how many times as many runs it would take without
        common random numbers.
        "#);
    }
}
