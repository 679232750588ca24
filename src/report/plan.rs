//! The answer of `plan` in every form: the value, what it rests on, and its neighbours.

use super::{
    About, csv, json, markdown,
    number::{self, percent},
    plain,
    table::Table,
    text::{WIDTH, counted, heading, wrapped},
};
use crate::{
    experiment::{
        bounds::wilson,
        estimate::LEVEL,
        plan::{
            Method, Plan, Status,
            goal::{Goal, Judged},
            judge::{Evidence, OfGoal, Verdict},
        },
    },
    observe::catalogue::Definition,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Values that people are shown, at most about so many.
const TOLD: usize = 16;

/// Of these on each side of the answer.
const NEAR: usize = 3;

/// A plan with all that is shown of it.
pub struct Planned<'a> {
    /// What was simulated; its runs are those of all values together.
    pub about: About,
    /// Path of the value that was looked for.
    pub path: &'a str,
    /// The range as typed: `0..20`.
    pub range: String,
    /// Candidates in it (count).
    pub candidates: u64,
    /// Whether the largest value was looked for, rather than the smallest.
    pub largest: bool,
    /// The goals, each with the name of its metric in one spelling.
    pub goals: Vec<(&'a Goal, String)>,
    /// Probability with which the answer is enough.
    pub confidence: f64,
    /// Runs by which goals are judged that must hold in a share of runs (count).
    pub runs: u32,
    /// The most runs by which a mean is judged (count).
    pub most: u32,
    /// What was found.
    pub plan: &'a Plan,
    /// The value at a place, as `--set` takes it.
    pub value: &'a dyn Fn(usize) -> String,
}

/// The values and verdicts of one goal at one value, as tables show them.
struct Shown {
    place: usize,
    goal: usize,
    of: OfGoal,
}

impl Planned<'_> {
    fn shown(&self) -> Vec<Shown> {
        let judgements = self.plan.judgements.iter();
        let all = judgements.flat_map(|judgement| {
            let goals = judgement.goals.iter().enumerate();
            goals.map(|(goal, of)| Shown { place: judgement.place, goal, of: *of })
        });
        let mut all: Vec<Shown> = all.collect();
        if self.largest {
            // Places run from the easy end; tables run upwards.
            all.sort_by_key(|shown| (std::cmp::Reverse(shown.place), shown.goal));
        }
        all
    }

    fn at(&self, place: usize) -> String {
        plain(&(self.value)(place))
    }

    fn definition(&self, goal: usize) -> &'static Definition {
        self.goals[goal].0.selector.definition()
    }

    fn direction(&self) -> &'static str {
        if self.largest { "largest" } else { "smallest" }
    }

    fn noun(&self) -> &'static str {
        if self.goals.len() == 1 { "the goal" } else { "all goals" }
    }

    /// The goal as it is judged: `availability >= 0.999 in 95 % of runs`.
    fn told(&self, goal: usize) -> String {
        let (goal, name) = &self.goals[goal];
        let judged = match goal.judged {
            Judged::InRuns(share) => format!("in {} of runs", exact_percent(share)),
            Judged::OnAverage => "on average".to_owned(),
        };
        format!("{} {} {} {judged}", plain(name), goal.relation.name(), plain(&goal.written))
    }

    /// The sentence that answers.
    fn answer(&self) -> String {
        let (path, plan) = (plain(self.path), self.plan);
        let sure = format!("with {} confidence", exact_percent(self.confidence));
        match (plan.place, plan.status) {
            (Some(place), Status::Found) => format!(
                "{path} = {} is the {} value in {} that meets {} {sure}{}.",
                self.at(place),
                self.direction(),
                plain(&self.range),
                self.noun(),
                self.between()
            ),
            (Some(place), Status::Missed | Status::Inconclusive) => format!(
                "{path} = {} meets {} {sure}; whether {} does cannot be told{}.",
                self.at(place),
                self.noun(),
                self.at(place.saturating_sub(1)),
                self.needed()
            ),
            (None, Status::Inconclusive) => format!(
                "No value of {path} in {} is shown to meet {} {sure}, but not all are shown to \
                 miss{}.",
                plain(&self.range),
                self.noun(),
                self.needed()
            ),
            (None, Status::Missed | Status::Found) => {
                let best = plan.best.map(|best| format!("; {} comes nearest", self.at(best)));
                format!(
                    "No value of {path} in {} meets {}{}.",
                    plain(&self.range),
                    self.noun(),
                    best.unwrap_or_default()
                )
            }
        }
    }

    /// The values between which the true answer lies, upwards.
    fn ends(&self) -> Option<[Option<String>; 2]> {
        let (low, high) = self.plan.between?;
        let ends = [low, high].map(|place| place.map(|place| self.at(place)));
        let [low, high] = ends;
        Some(if self.largest { [high, low] } else { [low, high] })
    }

    /// `; the true answer lies between 7 and 9`.
    fn between(&self) -> String {
        match self.ends() {
            Some([Some(low), Some(high)]) if low == high => {
                format!("; the true answer is likely {low} too")
            }
            Some([Some(low), Some(high)]) => {
                format!("; the true answer lies between {low} and {high}")
            }
            Some([Some(low), None]) => format!("; the true answer is at least {low}"),
            Some([None, Some(high)]) => format!("; the true answer is at most {high}"),
            Some([None, None]) | None => String::new(),
        }
    }

    fn needed(&self) -> String {
        match self.plan.needed {
            Some(needed) => format!(
                ": about {} runs a value would tell (--runs {needed})",
                number::free(f64::from(needed))
            ),
            None => ": it lies too near to the goal".to_owned(),
        }
    }

    /// What a reader should know of how the answer came about.
    fn remarks(&self) -> Vec<String> {
        let plan = self.plan;
        let mut remarks = Vec::new();
        if self.untold() > 0 {
            let more = counted(self.untold() as u64, "more value");
            remarks.push(format!("… and {more} judged: --format csv shows all."));
        }
        let wavering = match (plan.wavering, plan.humped) {
            (0, _) => "a mean meets its goal and misses it at an easier value".to_owned(),
            (runs, _) => format!(
                "in {} of {} the goal held at some value and failed at an easier one",
                number::free(f64::from(runs)),
                counted(u64::from(self.runs), "run")
            ),
        };
        match plan.method {
            Method::Monotone => {}
            Method::Neighbours => remarks.push(format!(
                "Not monotone: {wavering}. The answer rests on all runs at it and its neighbours."
            )),
            Method::Scanned => {
                let (from, down) =
                    if self.largest { ("smallest", "up") } else { ("largest", "down") };
                remarks.push(format!(
                    "Not monotone: {wavering}. So values were judged each by itself, from the \
                     {from} {down} for as long as {} met.",
                    if self.goals.len() == 1 { "the goal is" } else { "all goals are" }
                ));
                if plan.place.is_none() && plan.judgements.iter().any(is_met) {
                    let other = if self.largest { "--smallest" } else { "--largest" };
                    remarks.push(format!(
                        "Some values meet it, but not the {from}: {other}, or a range that ends \
                         where it is met, may be what you want."
                    ));
                }
            }
        }
        if plan.place == Some(0) {
            let beyond = if self.largest { "a larger" } else { "a smaller" };
            remarks.push(format!("The range ends at the answer: {beyond} value may do too."));
        }
        let all = u128::from(self.candidates) * u128::from(self.runs.max(1));
        let each = self.goals.iter().all(|(goal, _)| goal.judged != Judged::OnAverage);
        let saved = match each {
            true => format!("; all {} values in full: {}", self.candidates, whole(all)),
            false => String::new(),
        };
        remarks.push(format!(
            "{} {} simulated, none twice{saved}.",
            counted(plan.simulated, "run"),
            if plan.simulated == 1 { "was" } else { "were" }
        ));
        remarks
    }

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
    fn untold(&self) -> usize {
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

fn is_met(judgement: &crate::experiment::plan::judge::Judgement) -> bool {
    judgement.verdict() == Verdict::Met
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Open => "not shown",
    }
}

/// `95 %`, `99.9 %`: all digits that were typed.
fn exact_percent(share: f64) -> String {
    let percent = libm::round(share * 1e11) / 1e9;
    format!("{percent} %")
}

fn whole(count: u128) -> String {
    number::free(count as f64)
}

/// What `plan` prints for people.
pub fn text(planned: &Planned<'_>) -> String {
    let mut text = heading(&planned.about);
    text.push('\n');
    text.push_str(&wrapped(&planned.answer(), ""));
    text.push('\n');
    for goal in 0..planned.goals.len() {
        text.push_str(&wrapped(&format!("goal {}  {}", goal + 1, planned.told(goal)), ""));
    }
    text.push('\n');
    text.push_str(&planned.table().text(WIDTH));
    text.push('\n');
    if planned.is_skewed() {
        text.push_str("* skewed: interval may be too narrow (more runs help)\n");
    }
    for remark in planned.remarks() {
        text.push_str(&wrapped(&remark, ""));
    }
    let level = percent(LEVEL);
    text.push_str(&format!("± and brackets are {level} intervals over the runs at one value.\n"));
    text
}

/// What `plan --format markdown` prints.
pub fn markdown(planned: &Planned<'_>) -> String {
    let about = &planned.about;
    let mut text = format!("## {}\n\n", markdown::escaped(&about.scenario));
    if !about.question.is_empty() {
        text.push_str(&format!("{}\n\n", markdown::escaped(&about.question)));
    }
    text.push_str(&format!("**{}**\n\n", markdown::escaped(&planned.answer())));
    for goal in 0..planned.goals.len() {
        text.push_str(&format!("{}. `{}`\n", goal + 1, planned.told(goal)));
    }
    text.push_str(&format!("\n{}\n", planned.table().markdown()));
    for remark in planned.remarks() {
        text.push_str(&format!("{}\n", markdown::escaped(&remark)));
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

/// What `plan --format csv` prints: one row a value and goal.
pub fn csv(planned: &Planned<'_>) -> String {
    let mut sheet = csv::Sheet::new([
        "value",
        "goal",
        "metric",
        "relation",
        "wanted",
        "judged",
        "share",
        "runs",
        "held",
        "low",
        "high",
        "mean",
        "half_width",
        "level",
        "verdict",
        "answer",
    ]);
    let number = |value: Option<f64>| {
        value.map_or(String::new(), |value| serde_json::Value::from(value + 0.0).to_string())
    };
    for shown in planned.shown() {
        let (goal, name) = &planned.goals[shown.goal];
        let (judged, share) = judged(goal);
        let [runs, held, low, high, mean, half_width] = evidence(&shown.of.evidence);
        sheet.row([
            csv::guarded(&planned.at(shown.place)),
            (shown.goal + 1).to_string(),
            csv::guarded(name),
            goal.relation.name().to_owned(),
            number(Some(goal.value)),
            judged.to_owned(),
            number(share),
            number(runs),
            number(held),
            number(low),
            number(high),
            number(mean),
            number(half_width),
            LEVEL.to_string(),
            verdict(shown.of.verdict).to_owned(),
            (planned.plan.place == Some(shown.place)).to_string(),
        ]);
    }
    sheet.finish()
}

/// How a goal is judged, and in which share of runs it must hold.
fn judged(goal: &Goal) -> (&'static str, Option<f64>) {
    match goal.judged {
        Judged::InRuns(share) => ("in-runs", Some(share)),
        Judged::OnAverage => ("on-average", None),
    }
}

/// Runs, runs in which the goal held, the interval, and the mean with its half-width.
fn evidence(evidence: &Evidence) -> [Option<f64>; 6] {
    match *evidence {
        Evidence::Held { held, runs } => {
            let (low, high) = wilson(held, runs, LEVEL);
            let [runs, held] = [runs, held].map(|count| Some(f64::from(count)));
            [runs, held, Some(low), Some(high), None, None]
        }
        Evidence::Mean { estimate, runs } => {
            let mean = estimate.value.map(|spread| spread.mean);
            let width = estimate.value.and_then(|spread| spread.half_width);
            let end = |sign: f64| mean.zip(width).map(|(mean, width)| mean + sign * width);
            [Some(f64::from(runs)), None, end(-1.0), end(1.0), mean, width]
        }
    }
}

/// The object of `plan --format json`; with `command` where it is given.
pub fn json(planned: &Planned<'_>, command: Option<&str>) -> String {
    let (about, plan) = (&planned.about, planned.plan);
    let at = |place: Option<usize>| place.map(|place| (planned.value)(place));
    let goals = planned.goals.iter().map(|(goal, name)| {
        let (judged, share) = judged(goal);
        json!({
            "metric": name,
            "unit": goal.selector.definition().unit,
            "relation": goal.relation.name(),
            "wanted": goal.value,
            "judged": judged,
            "share": share,
        })
    });
    let values = planned.shown().into_iter().map(|shown| {
        let [runs, held, low, high, mean, half_width] = evidence(&shown.of.evidence);
        let count = |count: Option<f64>| count.map(|count| count as u64);
        json!({
            "value": (planned.value)(shown.place),
            "goal": shown.goal + 1,
            "runs": count(runs),
            "held": count(held),
            "low": low,
            "high": high,
            "mean": mean,
            "half_width": half_width,
            "level": LEVEL,
            "verdict": verdict(shown.of.verdict),
        })
    });
    let mut object = json!({
        "kind": "plan",
        "scenario": about.scenario,
        "digest": about.digest,
        "version": about.version,
        "rng_scheme": about.rng_scheme,
        "seed": about.seed,
        "path": planned.path,
        "range": planned.range,
        "candidates": planned.candidates,
        "direction": planned.direction(),
        "confidence": planned.confidence,
        "runs": Some(planned.runs).filter(|runs| *runs > 0),
        "max_runs": planned.most,
        "goals": goals.collect::<Vec<_>>(),
        "status": match plan.status {
            Status::Found => "found",
            Status::Missed => "missed",
            Status::Inconclusive => "inconclusive",
        },
        "answer": at(plan.place),
        "between": planned.ends(),
        "best": at(plan.best),
        "runs_needed": plan.needed,
        "method": match plan.method {
            Method::Monotone => "monotone",
            Method::Neighbours => "neighbours",
            Method::Scanned => "scanned",
        },
        "wavering_runs": plan.wavering,
        "simulated": plan.simulated,
        "values": values.collect::<Vec<_>>(),
    });
    if let (Some(command), Value::Object(object)) = (command, &mut object) {
        object.insert("command".to_owned(), Value::from(command));
    }
    json::pretty(&object)
}

/// One run of one value, for `runs.csv`.
pub struct PlannedRun<'a> {
    /// Place of the value.
    pub place: usize,
    /// Number of the run.
    pub run: u32,
    /// Its fingerprint.
    pub fingerprint: &'a str,
    /// What the goals' metrics are in it, in the order of the goals.
    pub values: &'a [Option<f64>],
}

/// Every run that was simulated, one row each: `runs.csv`.
pub fn runs<'a>(planned: &Planned<'_>, rows: impl Iterator<Item = PlannedRun<'a>>) -> String {
    let names = planned.goals.iter().map(|(_, name)| name.clone());
    let first = [planned.path.to_owned(), "run".to_owned(), "fingerprint".to_owned()];
    let mut sheet = csv::Sheet::new(first.into_iter().chain(names));
    for row in rows {
        let first =
            [csv::guarded(&planned.at(row.place)), row.run.to_string(), row.fingerprint.to_owned()];
        let values = row.values.iter().map(|value| {
            value.map_or(String::new(), |value| serde_json::Value::from(value + 0.0).to_string())
        });
        sheet.row(first.into_iter().chain(values));
    }
    sheet.finish()
}
