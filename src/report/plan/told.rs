//! Sentences about a plan: the answer, the goals, and what a reader should know of how it came about.

use super::Planned;
use crate::{
    experiment::plan::{
        Method, Status,
        goal::Judged,
        judge::{Judgement, Verdict},
    },
    report::{number, plain, text::counted},
};

impl Planned<'_> {
    /// The goal as it is judged: `availability >= 0.999 in 95 % of runs`.
    pub(super) fn told(&self, goal: usize) -> String {
        let (goal, name) = &self.goals[goal];
        let judged = match goal.judged {
            Judged::InRuns(share) => format!("in {} of runs", exact_percent(share)),
            Judged::OnAverage => "on average".to_owned(),
        };
        format!("{} {} {} {judged}", plain(name), goal.relation.name(), plain(&goal.written))
    }

    /// The sentence that answers.
    pub(super) fn answer(&self) -> String {
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
                let others = match (plan.judgements.iter().any(is_met), self.largest) {
                    (false, _) => "",
                    (true, true) => " as all smaller ones do",
                    (true, false) => " as all larger ones do",
                };
                format!(
                    "No value of {path} in {} meets {}{others}{}.",
                    plain(&self.range),
                    self.noun(),
                    best.unwrap_or_default()
                )
            }
        }
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
    pub(super) fn remarks(&self) -> Vec<String> {
        let plan = self.plan;
        let mut remarks = Vec::new();
        if self.untold() > 0 {
            let more = counted(self.untold() as u64, "more value");
            remarks.push(format!("… and {more} judged: --format csv shows all."));
        }
        let wavering = match (plan.wavering, plan.humped) {
            (0, _) => "a mean meets its goal and misses it at an easier value".to_owned(),
            (runs, _) => format!(
                "in {} of {} {} held at some value and failed at an easier one",
                number::free(f64::from(runs)),
                counted(u64::from(self.runs), "run"),
                if self.goals.len() == 1 { "the goal" } else { "a goal" }
            ),
        };
        remarks.extend(self.opposed());
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
                    match (self.goals.len(), plan.opposed.is_empty()) {
                        (1, _) => "the goal is",
                        (_, true) => "all goals are",
                        (_, false) => "the others are",
                    }
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
        if plan.place.is_some()
            && self.goals.iter().any(|(goal, _)| goal.judged == Judged::OnAverage)
        {
            remarks.push(
                "On average: what no run shows is taken to come in fewer than one of twenty, and to be off \
                 by at most 20 times what the goal leaves."
                    .to_owned(),
            );
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
}

impl Planned<'_> {
    /// The first and the last place of those judged that meet all goals without a gap around `place`;
    /// `None` where it is alone.
    fn met_around(&self, place: usize) -> Option<(usize, usize)> {
        let runs = self.plan.judgements.chunk_by(|one, other| is_met(one) == is_met(other));
        let mut runs = runs.filter(|run| run.iter().any(|of| of.place == place));
        let run = runs.next()?;
        let (low, high) = (run.first()?.place, run.last()?.place);
        (low < high).then_some((low, high))
    }

    /// What is to be said of goals that ask for the other end.
    fn opposed(&self) -> Option<String> {
        let numbers = &self.plan.opposed;
        let (one, more) = (numbers.len() == 1, numbers.iter().map(|number| number + 1));
        let named: Vec<String> = more.map(|number| number.to_string()).collect();
        let (goals, ask) = if one { ("Goal", "asks") } else { ("Goals", "ask") };
        let ends = self.plan.place.and_then(|place| self.met_around(place));
        let ends = ends.map(|(low, high)| {
            let (first, last) = if self.largest { (high, low) } else { (low, high) };
            format!(" Of the values judged, {} to {} meet all.", self.at(first), self.at(last))
        });
        let other = if self.largest { "--smallest" } else { "--largest" };
        let advice = match numbers.len() {
            0 => return None,
            all if all == self.goals.len() => format!(" {other} may be what you want."),
            _ => " As an answer may be wrong on either side, both share the error.".to_owned(),
        };
        let hard = self.plan.judgements.iter().find(|of| of.place == 0)?;
        let is_met = |goal: &usize| hard.goals[*goal].verdict == Verdict::Met;
        let met = if numbers.iter().all(is_met) { "met" } else { "not shown to be missed" };
        Some(format!(
            "{goals} {} {ask} for the other end: {met} at {}, missed at {}.{advice}{}",
            named.join(", "),
            self.at(0),
            self.at(usize::try_from(self.candidates).map_or(0, |count| count - 1)),
            ends.unwrap_or_default()
        ))
    }
}

fn is_met(judgement: &Judgement) -> bool {
    judgement.verdict() == Verdict::Met
}

/// `95 %`, `99.9 %`: all digits that were typed.
fn exact_percent(share: f64) -> String {
    let percent = libm::round(share * 1e11) / 1e9;
    format!("{percent} %")
}

fn whole(count: u128) -> String {
    number::free(count as f64)
}
