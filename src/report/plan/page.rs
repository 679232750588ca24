//! A plan as people read it, on a terminal or a page.

use super::{Planned, Shown, verdict};
use crate::{
    experiment::{
        bounds::wilson,
        estimate::LEVEL,
        plan::judge::{Evidence, Verdict},
    },
    report::{
        look::{Look, Paint},
        markdown::escaped,
        number::{self, percent},
        table::Table,
        text::{dimmed, headed, wrapped_at},
    },
};
use std::collections::BTreeSet;

/// Values that people are shown, at most about so many.
const TOLD: usize = 16;

/// Of these on each side of the answer.
const NEAR: usize = 3;

impl Planned<'_> {
    /// The table of values, as people read it; the goals' numbers are left out where there is one.
    /// Of many values those around the answer are shown, and some of the others.
    fn table(&self) -> Table {
        let one = self.goals.len() == 1;
        let mut table = match one {
            true => Table::new(["value", "runs say", "verdict"]),
            false => Table::new(["value", "goal", "runs say", "verdict"]),
        };
        let told = self.told_places();
        for shown in self.shown().iter().filter(|shown| told.contains(&shown.place)) {
            let verdict = verdict(shown.of.verdict);
            let verdict = match self.plan.place == Some(shown.place) {
                true => format!("{verdict} (answer)"),
                false => verdict.to_owned(),
            };
            let (value, says) = (self.at(shown.place), self.says(shown));
            match one {
                true => table.row([value, says, verdict]),
                false => table.row([value, (shown.goal + 1).to_string(), says, verdict]),
            }
        }
        table
    }

    /// The places that people are shown: those next to the answer, and others evenly spread.
    fn told_places(&self) -> BTreeSet<usize> {
        let places: Vec<usize> = self.plan.judgements.iter().map(|one| one.place).collect();
        let centre = self.plan.place.or(self.plan.best).unwrap_or(0);
        let centre = places.partition_point(|place| *place < centre);
        let near = centre.saturating_sub(NEAR)..=centre + NEAR;
        let every = places.len().div_ceil(TOLD - 2 * NEAR).max(1);
        let last = places.len().saturating_sub(1);
        let few = places.len() <= TOLD;
        let told = places.iter().enumerate().filter(|(number, _)| {
            few || near.contains(number) || number % every == 0 || *number == last
        });
        told.map(|(_, place)| *place).collect()
    }

    /// How many values [`Planned::table`] leaves out.
    pub(super) fn untold(&self) -> usize {
        self.plan.judgements.len() - self.told_places().len()
    }

    /// `held in 329 of 336: 97.9 % (95.8 to 99.0 %)`, `0.9923 ± 0.0011 over 320`.
    fn says(&self, shown: &Shown) -> String {
        match shown.of.evidence {
            Evidence::Held { held, runs } => {
                let share = f64::from(held) / f64::from(runs.max(1));
                let (low, high) = wilson(held, runs, LEVEL);
                let [share, low, high] = [share, low, high].map(|share| share * 100.0);
                format!("held in {held} of {runs}: {share:.1} % ({low:.1} to {high:.1} %)")
            }
            Evidence::Mean { estimate, runs } => {
                let Some(spread) = estimate.value else { return format!("nothing in {runs}") };
                let shown = number::show(&spread, self.definition(shown.goal).unit).value;
                let skewed = if spread.skewed { " *" } else { "" };
                match estimate.runs == runs {
                    true => format!("{shown}{skewed} over {runs}"),
                    false => {
                        format!("{shown}{skewed}; undefined in {} of {runs}", runs - estimate.runs)
                    }
                }
            }
        }
    }

    fn is_skewed(&self) -> bool {
        self.shown().iter().any(|shown| match shown.of.evidence {
            Evidence::Mean { estimate, .. } => estimate.value.is_some_and(|spread| spread.skewed),
            Evidence::Held { .. } => false,
        })
    }
}

/// What `plan` prints for people.
pub fn text(planned: &Planned<'_>, look: &Look) -> String {
    let wrapped = |text: &str| wrapped_at(text, "", look.columns());
    let mut text = headed(&planned.about, look);
    text.push('\n');
    let answer = wrapped(&planned.answer());
    text.extend(answer.lines().map(|line| look.strong(line) + "\n"));
    text.push('\n');
    for goal in 0..planned.goals.len() {
        text.push_str(&wrapped(&format!("goal {}  {}", goal + 1, planned.told(goal))));
    }
    text.push('\n');
    // The verdict is the last of the columns.
    let verdict = if planned.goals.len() == 1 { 2 } else { 3 };
    text.push_str(&planned.table().text_for(look, &|column, cell| {
        let is = |of| column == verdict && cell.trim_start().starts_with(super::verdict(of));
        match (is(Verdict::Met), is(Verdict::Missed), is(Verdict::Open)) {
            (true, ..) => Some(Paint::Good),
            (_, true, _) => Some(Paint::Bad),
            (.., true) => Some(Paint::Unsure),
            (false, false, false) => None,
        }
    }));
    text.push('\n');
    if planned.is_skewed() {
        text.push_str("* skewed: interval may be too narrow (more runs help)\n");
    }
    for remark in planned.remarks() {
        text.push_str(&dimmed(&wrapped(&remark), look));
    }
    let level = percent(LEVEL);
    let told = format!("± and brackets are {level} intervals over the runs at one value.");
    text.push_str(&dimmed(&wrapped(&told), look));
    text
}

/// What `plan --format markdown` prints.
pub fn markdown(planned: &Planned<'_>) -> String {
    let about = &planned.about;
    let mut text = format!("## {}\n\n", escaped(&about.scenario));
    if !about.question.is_empty() {
        text.push_str(&format!("{}\n\n", escaped(&about.question)));
    }
    text.push_str(&format!("**{}**\n\n", escaped(&planned.answer())));
    for goal in 0..planned.goals.len() {
        text.push_str(&format!("{}. `{}`\n", goal + 1, planned.told(goal)));
    }
    text.push_str(&format!("\n{}\n", planned.table().markdown()));
    for remark in planned.remarks() {
        text.push_str(&format!("{}\n", escaped(&remark)));
    }
    text.push_str(&format!(
        "\n± and brackets are {} intervals. fleetsim {}, seed {}, scenario digest `{}`.\n",
        percent(LEVEL),
        about.version,
        about.seed,
        about.digest
    ));
    text
}
