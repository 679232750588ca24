//! The comparison as a page, for issues and pull requests.

use super::{Compared, Other, cells, cells::Cells, letter};
use crate::{
    experiment::estimate::LEVEL,
    report::{markdown::escaped, number},
};

/// What `compare --format markdown` prints.
pub fn page(compared: &Compared) -> String {
    let mut text = String::from("## Comparison\n\n");
    for note in &compared.notes {
        text.push_str(&format!("Note: {}\n\n", escaped(note)));
    }
    for (place, candidate) in compared.candidates.iter().enumerate() {
        let role = if place == 0 { " (baseline)" } else { "" };
        let label = escaped(&candidate.label);
        let digest = &candidate.about.digest;
        text.push_str(&format!("- **{}**{role}: {label}, digest `{digest}`\n", letter(place)));
    }
    for other in compared.others() {
        text.push_str(&section(compared, &other));
    }
    let about = compared.candidates.first().map(|candidate| &candidate.about);
    if let Some(about) = about {
        let level = number::percent(LEVEL);
        text.push_str(&format!(
            "\n± is a {level} interval of the mean difference over {} pairs of runs; p is corrected \
             by Holm for {} tests. fleetsim {}, seed {}.\n",
            about.runs, compared.comparison.tests, about.version, about.seed
        ));
    }
    text
}

fn section(compared: &Compared, other: &Other<'_>) -> String {
    let letter = &other.letter;
    if other.against.first_apart.is_none() {
        return format!(
            "\n### {letter} and A\n\nIdentical trajectories: every difference is exactly zero.\n"
        );
    }
    let mut text = format!(
        "\n### {letter} against A\n\n| metric | A | {letter} | {letter} - A | change | p | verdict \
         | variance ratio |\n|---|---|---|---|---|---|---|---|\n"
    );
    for (chosen, tested) in compared.chosen.iter().zip(&other.against.tested) {
        let told = Cells::of(chosen, tested);
        let unit = if told.unit.is_empty() { String::new() } else { format!(", {}", told.unit) };
        let remarks = cells::remarks(tested).join("; ");
        let remarks = if remarks.is_empty() { remarks } else { format!(" ({remarks})") };
        let p = tested.adjusted.map(cells::p_value).unwrap_or_default();
        text.push_str(&format!(
            "| {}{unit} | {} | {} | {} | {} | {} | {}{} | {} |\n",
            escaped(&chosen.name),
            told.baseline,
            told.candidate,
            told.difference,
            told.relative,
            escaped(p.strip_prefix("p ").unwrap_or_default()),
            cells::verdict(tested.verdict),
            escaped(&remarks),
            tested.paired.variance_ratio.map(cells::short).unwrap_or_default(),
        ));
    }
    if let Some(parts) = other.parts {
        text.push_str(&format!(
            "\nRun {} parts at {}: `{}`\n",
            parts.run,
            parts.at,
            other.candidate.trace(parts).replace('`', "'")
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::made_up;
    use insta::assert_snapshot;

    #[test]
    fn the_page_holds_every_metric() {
        assert_snapshot!(page(&made_up::compared()), @r#"
        ## Comparison

        Note: seed 7 of made-up.toml is set aside

        - **A** (baseline): as the file says, digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`
        - **B**: a.b=2, digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`
        - **C**: a.b=1, digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`

        ### B against A

        | metric | A | B | B - A | change | p | verdict | variance ratio |
        |---|---|---|---|---|---|---|---|
        | availability | 0.999350 | 0.999770 | +0.000420 ± 0.000019 | +0.042 % | &lt; 0.001 | better | 230 |
        | downtime, instance-h | 12.5 | 12.5 | 0.0 | 0 % |  | the same in every run |  |
        | data_loss.bytes, TiB | 3.183 | 3.047 | -0.136 ± 0.052 | -4.3 % | 0.0033 | better | 2,314 |
        | data_loss.instances | 3.000 | 3.167 | +0.167 | +5.6 % | 1 | no difference shown (most runs are equal, the others are judged: 1 up, 0 down (signs p 1, flips p 1); 99 must differ to tell: about 600 runs) | 1.0 |
        | utilisation{resource=vcpu} | 0.500 | 0.500 | 0.000 | 0 % |  | the same in every run |  |
        | placement.blocking{type="a type with a long name, and \| pipes"} | 0.25 | 0.36 | +0.11 ± 0.12 | +44 % | 0.13 | no difference shown (skewed: ± may be too narrow) | 1.0 |

        Run 2 parts at 1d 02:03:04.500000: `fleetsim trace made-up.toml --seed 1 --run 2 --from 1d2h3min4s --to 1d2h3min5s --set a.b=2`

        ### C and A

        Identical trajectories: every difference is exactly zero.

        ± is a 95 % interval of the mean difference over 6 pairs of runs; p is corrected by Holm for 4 tests. fleetsim 0.0.0, seed 1.
        "#);
    }
}
