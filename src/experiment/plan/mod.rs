//! The smallest value of a parameter that meets a goal with stated confidence.
//!
//! Candidates stand at places 0, 1, … in an order in which goals become easier. Run k meets the same
//! failures at every place, so that a goal judged run by run has in each run a first place at which
//! it holds, found by bisection (`each`); an order statistic of these first places is enough in
//! the share of runs asked for, with the confidence asked for (Wilks 1941, [`super::bounds`]). A goal
//! on a mean is judged at one place after the other, by bisection, each with as many runs as its
//! interval needs ([`judge`]). The answer is the highest place that any goal asks for: it misses a
//! goal only if the one place that this goal asks for was wrong, so that several goals need no
//! correction.
//!
//! The answer and its neighbours are then judged by full runs. Where that shows that more is not
//! always better, places are judged each by itself, from the easy end down for as long as all goals
//! are met: a fixed sequence of tests, which keeps the confidence without a correction (Maurer,
//! Hothorn and Lehmacher 1995). A place where a goal is met with ease is passed after fewer runs, by
//! a rule that leaves the confidence as it is ([`judge`]).
//!
//! Goals may pull at both ends: one asks for a low place (a campaign that is over in time), another for
//! a high one (few servers away at once). Where a goal is met at the hardest place and missed at the
//! easiest, the answer is that of the other goals, if it is met there. An answer may then be wrong on
//! either side, so both share the error (Bonferroni).
//!
//! Pure: what is simulated, and how, is behind [`Simulate`].

mod cells;
mod each;
pub mod goal;
pub mod judge;
mod scan;

#[cfg(test)]
mod tests;

use super::bounds::{rank_interval, tolerance_rank};
use cells::Cells;
use goal::{Goal, Judged};
use judge::{Judgement, Look, Verdict, judge, judge_goal};
use std::collections::{BTreeMap, BTreeSet};

/// Runs that may fail at a place whose share is still shown, where the number of runs is ours to
/// choose: with 336 runs the 11th largest first place bounds the quantile at 95 %. More would waste
/// runs; fewer would refuse what is good (with 59 runs a place that holds in 98 % of all runs is
/// refused seven times of ten).
pub const FAILURES: u32 = 10;

/// Wavering runs, as a share of all, above which the neighbours of an answer are not trusted.
const WAVERING_MAX: f64 = 0.05;

/// Places that are looked at where none seems to be enough.
const GLANCE: usize = 9;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The goals; all of them must be met.
    pub goals: &'a [Goal],
    /// Candidates (count), at least one.
    pub places: usize,
    /// Probability with which the answer is to be right.
    pub confidence: f64,
    /// Runs by which goals are judged that must hold in a share of runs (count).
    pub runs: u32,
    /// The most runs at one place by which a mean is judged (count).
    pub most: u32,
}

impl Question<'_> {
    /// How many places a bisection of all of them looks at, at most. A mean that is short of its goal
    /// by a hair may be taken for enough at each of them.
    fn steps(&self) -> f64 {
        f64::from(usize::BITS - self.places.leading_zeros())
    }
}

/// Whoever can simulate runs of candidates.
pub trait Simulate {
    /// Why that may not go.
    type Fault;

    /// What the goals' metrics are in each of `cells` (place and run), in their order; no cell is
    /// asked for twice.
    ///
    /// # Errors
    /// A candidate that makes no scenario.
    fn simulate(&mut self, cells: &[(usize, u32)]) -> Result<Vec<Vec<Option<f64>>>, Self::Fault>;
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// The answer is found.
    Found,
    /// No candidate meets the goals.
    Missed,
    /// More runs are needed to tell.
    Inconclusive,
}

/// How the answer was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// More is better in every run that was looked at.
    Monotone,
    /// In some runs it is not; full runs at the answer and its neighbours bear it out all the same.
    Neighbours,
    /// It is not, and places were judged each by itself from the easy end down.
    Scanned,
}

/// The answer, and what it rests on.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// How it ended.
    pub status: Status,
    /// How the answer was found.
    pub method: Method,
    /// The place of the answer; where it is inconclusive the first place that is surely enough.
    pub place: Option<usize>,
    /// Places between which the true answer lies, with the confidence asked for, as far as goals
    /// judged run by run decide it alone; an open end where the runs are too few or the range too short.
    pub between: Option<(Option<usize>, Option<usize>)>,
    /// All goals at each place that was judged, in order of place.
    pub judgements: Vec<Judgement>,
    /// Runs in which a goal held at some place and failed at an easier one (count).
    pub wavering: u32,
    /// Whether a mean met its goal at some place and missed it at an easier one.
    pub humped: bool,
    /// Runs simulated (count).
    pub simulated: u64,
    /// About how many runs at one place would tell, where it is inconclusive and that is known.
    pub needed: Option<u32>,
    /// The place that came nearest, where none is enough and they differ.
    pub best: Option<usize>,
    /// Goals that ask for the other end, by number: missed at the easiest place, and not so at the
    /// hardest.
    pub opposed: Vec<usize>,
}

/// The most runs at one place by which a share is ever judged.
pub const RUNS_MAX: u32 = 1_000_000;

/// The fewest runs that show a share, and the number that is advised.
///
/// # Errors
/// The fewest, where they are more than [`RUNS_MAX`].
pub fn runs_for(share: f64, confidence: f64) -> Result<(u32, u32), u32> {
    let fewest = judge::fewest(share, confidence);
    if fewest > RUNS_MAX {
        return Err(fewest);
    }
    let first = |failures: u32| {
        let enough = |runs: u32| {
            tolerance_rank(runs, share, confidence).is_some_and(|rank| runs - rank >= failures)
        };
        let (mut few, mut most) = (0, 1);
        // Ten that may fail take less than six times as many as none.
        while !enough(most) {
            (few, most) = (most, most * 2);
        }
        while most - few > 1 {
            let middle = few + (most - few) / 2;
            if enough(middle) {
                most = middle;
            } else {
                few = middle;
            }
        }
        most
    };
    Ok((first(0), first(FAILURES)))
}

/// The lowest place at which all goals of `question` are met.
///
/// # Errors
/// What `simulate` refuses.
pub fn plan<S: Simulate>(question: &Question<'_>, simulate: &mut S) -> Result<Plan, S::Fault> {
    assert!(question.places > 0, "a range holds at least one candidate");
    let cells = Cells::new(simulate);
    let opposed = BTreeSet::new();
    let mut study = Study { question: *question, cells, judged: BTreeMap::new(), opposed };
    let (mut found, mut ranked) = study.searched()?;
    if found.place.is_none() && study.turns()? {
        (found, ranked) = study.searched()?;
        found = study.bounded(found)?;
    }
    study.concluded(found, &ranked)
}

/// What the goals judged run by run ask for.
struct Ranked {
    /// The first place that is enough for all of them; all places where none is.
    place: usize,
    between: Option<(Option<usize>, Option<usize>)>,
}

/// Where the search stands.
struct Found {
    method: Method,
    place: Option<usize>,
    wavering: u32,
    humped: bool,
    /// Where a goal that asks for the other end is not met, though all others are, and what is said of
    /// it.
    barred: Option<(usize, Verdict)>,
}

struct Study<'q, 's, S: Simulate> {
    question: Question<'q>,
    cells: Cells<'s, S>,
    /// Places judged so far.
    judged: BTreeMap<usize, Judgement>,
    /// Goals that ask for the other end.
    opposed: BTreeSet<usize>,
}

impl<'q, S: Simulate> Study<'q, '_, S> {
    /// The goals that become easier with each place, by number.
    fn goals(&self) -> std::vec::IntoIter<(usize, &'q Goal)> {
        let all = self.question.goals.iter().enumerate();
        let easier = all.filter(|(number, _)| !self.opposed.contains(number));
        easier.collect::<Vec<_>>().into_iter()
    }

    /// What these goals come to.
    fn verdict(&self, judgement: &Judgement) -> Verdict {
        judgement.verdict_of(self.goals().map(|(number, _)| number))
    }

    /// The lowest place at which these goals are met.
    fn searched(&mut self) -> Result<(Found, Ranked), S::Fault> {
        let ranked = self.by_runs()?;
        let place = self.by_means(ranked.place)?;
        Ok((self.verified(place)?, ranked))
    }

    /// Looks for goals that ask for the other end, and says whether there are any. What was judged
    /// before is to be judged anew, as the error is shared where others ask for this end.
    fn turns(&mut self) -> Result<bool, S::Fault> {
        let last = self.question.places - 1;
        let [hard, easy] = [0, last];
        let hard = judge(&mut self.cells, &self.question, (hard, Look::Full))?;
        let easy = judge(&mut self.cells, &self.question, (easy, Look::Full))?;
        let count = self.question.goals.len();
        let turned = |at_hard: &[Verdict]| -> BTreeSet<usize> {
            let goals = (0..count).filter(|number| at_hard.contains(&hard.goals[*number].verdict));
            goals.filter(|number| easy.goals[*number].verdict == Verdict::Missed).collect()
        };
        // One that is not shown at either end may bound the others, and is no answer by itself.
        let all = turned(&[Verdict::Met, Verdict::Open]);
        self.opposed = if all.len() < count { all } else { turned(&[Verdict::Met]) };
        if self.opposed.is_empty() {
            return Ok(false);
        }
        if self.opposed.len() < count {
            self.question.confidence = 1.0 - (1.0 - self.question.confidence) / 2.0;
        }
        self.judged.clear();
        for end in [0, last] {
            self.judge(end, Look::Full)?;
        }
        Ok(true)
    }

    /// The same if it meets the goals that ask for the other end, too.
    fn bounded(&mut self, mut found: Found) -> Result<Found, S::Fault> {
        let last = self.question.places - 1;
        for place in self.spread(0..last + 1, GLANCE) {
            self.judge(place, Look::Glance)?;
        }
        let Some(place) = found.place else { return Ok(found) };
        let full = judge(&mut self.cells, &self.question, (place, Look::Full))?;
        let verdict = full.verdict_of(self.opposed.iter().copied());
        if let Some(judgement) = self.judged.get_mut(&place) {
            for number in &self.opposed {
                judgement.goals[*number] = full.goals[*number];
            }
        }
        if verdict == Verdict::Met {
            return Ok(found);
        }
        (found.place, found.barred) = (None, Some((place, verdict)));
        // What the others ask for is enough; one place below it that is not shown, all may be met.
        if let Some(below) = place.checked_sub(1).filter(|_| verdict == Verdict::Missed)
            && judge(&mut self.cells, &self.question, (below, Look::Full))?.verdict()
                == Verdict::Open
        {
            found.barred = Some((below, Verdict::Open));
        }
        Ok(found)
    }

    /// What order statistics of the runs' first places say.
    fn by_runs(&mut self) -> Result<Ranked, S::Fault> {
        let Question { places, confidence, runs, .. } = self.question;
        let mut ranked = Ranked { place: 0, between: None };
        let count = self.goals().filter(|(_, goal)| goal.judged != Judged::OnAverage).count();
        // A lower end errs where that of any goal does, an upper one only where that of the goal
        // does which asks for most.
        let level = 1.0 - (1.0 - confidence) / count.max(1) as f64;
        for (number, goal) in self.goals() {
            let Judged::InRuns(share) = goal.judged else { continue };
            let mut first = each::first_places(&mut self.cells, (number, goal), places, runs)?;
            first.sort_unstable();
            let at = |rank: u32| first[rank as usize - 1];
            let enough = tolerance_rank(runs, share, confidence).map_or(places, at);
            ranked.place = ranked.place.max(enough);
            let low = rank_interval(runs, share, level).0;
            let high = rank_interval(runs, share, confidence).1;
            let within = |place: usize| Some(place).filter(|place| *place < places);
            let (low, high) = (low.map(at), high.map(at).and_then(within));
            ranked.between = Some(match ranked.between {
                None => (low, high),
                // Each side is that of the goal that asks for most.
                Some((low_so_far, high_so_far)) => {
                    (low_so_far.max(low), high_so_far.zip(high).map(|(a, b)| a.max(b)))
                }
            });
        }
        Ok(ranked)
    }

    /// The first place from `from` on at which the means are shown to meet their goals, by
    /// bisection; all places where there is none.
    fn by_means(&mut self, from: usize) -> Result<usize, S::Fault> {
        let (mut from, mut to) = (from, self.question.places);
        if !self.has_means() {
            return Ok(from);
        }
        while from < to {
            let middle = from + (to - from) / 2;
            if self.means(middle)? == Verdict::Met {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        Ok(from)
    }

    fn has_means(&self) -> bool {
        self.goals().any(|(_, goal)| goal.judged == Judged::OnAverage)
    }

    /// What the means at `place` come to.
    fn means(&mut self, place: usize) -> Result<Verdict, S::Fault> {
        let mut goals = Vec::new();
        for goal in self.goals().filter(|(_, goal)| goal.judged == Judged::OnAverage) {
            let at = (place, Look::Full);
            goals.push(judge_goal(&mut self.cells, &self.question, goal, at)?);
        }
        Ok(Judgement { place, goals }.verdict())
    }

    /// All goals at `place`, judged once.
    fn judge(&mut self, place: usize, look: Look) -> Result<Verdict, S::Fault> {
        if let Some(judgement) = self.judged.get(&place) {
            return Ok(self.verdict(judgement));
        }
        let judgement = judge(&mut self.cells, &self.question, (place, look))?;
        let verdict = self.verdict(&judgement);
        self.judged.insert(place, judgement);
        Ok(verdict)
    }

    /// Judges what bisection found, and its neighbours, by full runs.
    fn verified(&mut self, place: usize) -> Result<Found, S::Fault> {
        let last = self.question.places - 1;
        let around = place.saturating_sub(1)..=(place + 1).min(last);
        for near in around.clone() {
            self.judge(near, Look::Full)?;
        }
        if place > last {
            for far in self.spread(0..last, GLANCE) {
                self.judge(far, Look::Full)?;
            }
        }
        // A mean that falls again far away would not show beside the answer.
        let far = if self.has_means() { self.means(last)? } else { Verdict::Met };
        let (wavering, falls) = (self.wavering(), self.falls());
        let humped = falls || far == Verdict::Missed && place < last;
        let at = |place: usize| self.judged.get(&place).map(|judgement| self.verdict(judgement));
        let met = |place: usize| at(place) == Some(Verdict::Met);
        let any = around.clone().count() > 0 && self.judged.keys().any(|place| met(*place));
        let found = |method, place| Found { method, place, wavering, humped, barred: None };
        if place > last && !any {
            return Ok(found(Method::Monotone, None));
        }
        if wavering == 0 && !humped && place <= last && met(place) {
            return Ok(found(Method::Monotone, Some(place)));
        }
        let few = f64::from(wavering) <= WAVERING_MAX * f64::from(self.question.runs);
        let borne_out = place <= last
            && met(place)
            && (place == last || met(place + 1))
            && (place == 0 || !met(place - 1));
        if few && !humped && borne_out {
            return Ok(found(Method::Neighbours, Some(place)));
        }
        let scanned = self.scan(around)?;
        let (wavering, falls) = (self.wavering(), self.falls());
        let humped = humped || falls;
        Ok(Found { method: Method::Scanned, place: scanned, wavering, humped, barred: None })
    }

    /// The runs in which more is not better (count).
    fn wavering(&self) -> u32 {
        let runs = self.question.runs;
        let judged = self.goals().filter(|(_, goal)| goal.judged != Judged::OnAverage);
        let all: BTreeSet<u32> =
            judged.flat_map(|goal| each::wavering(&self.cells, goal, runs)).collect();
        u32::try_from(all.len()).expect("no more than the runs")
    }

    /// Whether a mean met its goal at a place and missed it at an easier one.
    fn falls(&self) -> bool {
        self.goals().filter(|(_, goal)| goal.judged == Judged::OnAverage).any(|(number, _)| {
            let verdicts = self.judged.values().map(|judgement| judgement.goals[number].verdict);
            let mut after = verdicts.skip_while(|verdict| *verdict != Verdict::Met);
            after.any(|verdict| verdict == Verdict::Missed)
        })
    }

    /// The plan that says all that is known.
    fn concluded(mut self, found: Found, ranked: &Ranked) -> Result<Plan, S::Fault> {
        let last = self.question.places - 1;
        let Found { method, place, wavering, humped, barred } = found;
        let (status, undecided) = match place {
            None if let Some((at, verdict)) = barred => {
                let open = verdict == Verdict::Open;
                (if open { Status::Inconclusive } else { Status::Missed }, Some(at))
            }
            None => {
                let open = self.judge(last, Look::Full)? == Verdict::Open;
                (if open { Status::Inconclusive } else { Status::Missed }, Some(last))
            }
            // Below it a mean may be enough too: then only more runs tell which is the first.
            Some(place) => {
                let doubtful = method != Method::Scanned && place > ranked.place;
                let open = doubtful && self.means(place - 1)? == Verdict::Open;
                let status = if open { Status::Inconclusive } else { Status::Found };
                (status, place.checked_sub(1))
            }
        };
        let (inconclusive, has_means) = (status == Status::Inconclusive, self.has_means());
        let needed = undecided.filter(|_| inconclusive).and_then(|place| self.needed(place));
        Ok(Plan {
            status,
            method,
            place,
            // A mean may ask for more than what is judged run by run, whose ends say nothing then.
            between: ranked
                .between
                .filter(|_| method == Method::Monotone && place.is_some() && !has_means)
                .filter(|_| self.opposed.is_empty()),
            best: if place.is_none() { self.nearest() } else { None },
            judgements: self.judged.into_values().collect(),
            wavering,
            humped,
            simulated: self.cells.simulated(),
            needed,
            opposed: self.opposed.into_iter().collect(),
        })
    }

    /// How many runs would tell at `place`.
    fn needed(&self, place: usize) -> Option<u32> {
        let open = self.judged.get(&place)?.goals.iter();
        let needed: Option<Vec<u32>> =
            open.filter(|goal| goal.verdict == Verdict::Open).map(|goal| goal.needed).collect();
        needed?.into_iter().max()
    }

    /// The place judged that comes nearest to the goals: most of them met, then the least margin
    /// largest; `None` where all are as far.
    fn nearest(&self) -> Option<usize> {
        let of = |judgement: &Judgement| {
            let met = judgement.goals.iter().filter(|goal| goal.verdict == Verdict::Met).count();
            let all = self.question.goals.iter().zip(&judgement.goals);
            let margins = all.map(|(goal, judged)| judged.margin(goal));
            (met, margins.fold(f64::INFINITY, f64::min))
        };
        let nearer = |a: &&Judgement, b: &&Judgement| {
            let ((met_a, margin_a), (met_b, margin_b)) = (of(a), of(b));
            met_a.cmp(&met_b).then(margin_a.total_cmp(&margin_b))
        };
        let best = self.judged.values().max_by(nearer)?;
        let is_nearer = self.judged.values().any(|other| nearer(&other, &best).is_lt());
        (is_nearer || self.judged.len() == 1).then_some(best.place)
    }
}
