//! As many runs as a wanted precision needs: the sequential procedure that
//! `run --until-precision` follows.
//!
//! The rule stops at the first look at which h(R) <= g / (1 + g) |mean| for every metric named,
//! where g is the relative precision that is wanted and h the half-width of the t interval. Against
//! what looking repeatedly costs in coverage it does what the literature on sequential procedures
//! advises (Law, *Simulation Modeling and Analysis*, ch. 9; Chow and Robbins 1965): g / (1 + g) in
//! the place of g, a first look at [`FIRST`] runs so that no lucky beginning stops it, and looks
//! only every [`EVERY`] runs. Where several metrics are named each interval has the level that
//! Bonferroni's inequality asks for, so that all of them cover together.

use super::{
    estimate::{Estimate, LEVEL, estimate, half_width},
    replicate::{OneRun, follow_each, replicate_each},
};
use crate::{
    kernel::special::normal_quantile,
    observe::{
        metrics::Metrics,
        outcome::Outcome,
        select::Column,
        series::{
            Scope,
            fold::{FoldedSeries, RunSeries},
        },
    },
    scenario::Scenario,
};
use std::{
    num::{NonZeroU32, NonZeroUsize},
    ops::Range,
};

/// Runs before the first look (count).
pub const FIRST: u32 = 20;

/// Runs between looks (count).
pub const EVERY: u32 = 10;

/// The fewest runs that the rule may end with, and that a metric must be defined in (count).
pub const FEWEST: u32 = 10;

/// Runs after which it gives up, where nothing else is said (count).
pub const MOST: u32 = 2_000;

/// A metric, and how precisely its mean is wanted.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// The metric.
    pub column: Column,
    /// Wanted half-width, as a share of the mean.
    pub relative: f64,
}

/// When to stop.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// What is wanted; all of it.
    pub targets: Vec<Target>,
    /// Runs after which it gives up, at least [`FEWEST`].
    pub most: NonZeroU32,
}

impl Rule {
    /// Level of each metric's interval, so that all cover together at [`LEVEL`].
    pub fn level(&self) -> f64 {
        1.0 - (1.0 - LEVEL) / self.targets.len().max(1) as f64
    }

    /// Runs that are made whatever they say.
    pub fn surely(&self) -> u32 {
        self.most.get().min(FIRST)
    }
}

/// Where the rule stopped.
#[derive(Clone, PartialEq, Debug)]
pub struct Stopped {
    /// Runs made (count).
    pub runs: u32,
    /// Runs after which it would have given up (count).
    pub most: u32,
    /// How often it looked.
    pub looks: u32,
    /// Level of each metric's interval.
    pub level: f64,
    /// What was wanted and what was reached, in the order of the rule.
    pub targets: Vec<Reached>,
}

impl Stopped {
    /// Whether all that was wanted is reached.
    pub fn is_reached(&self) -> bool {
        self.targets.iter().all(|target| target.reached)
    }
}

/// How precisely the mean of one metric is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached {
    /// The metric, as [`Column::name`] spells it.
    pub metric: String,
    /// Wanted half-width, as a share of the mean.
    pub wanted: f64,
    /// What the runs say.
    pub estimate: Estimate,
    /// Half-width at the rule's level; `None` where there is none.
    pub half_width: Option<f64>,
    /// Whether the rule holds for it.
    pub reached: bool,
}

impl Reached {
    /// The half-width that was reached, as a share of the mean; `None` where the mean is zero or
    /// nothing is known.
    pub fn relative(&self) -> Option<f64> {
        let mean = self.estimate.value?.mean.abs();
        self.half_width.filter(|_| mean > 0.0).map(|width| width / mean)
    }
}

/// Runs 0, 1, … of `scenario` until `rule` stops; the same ones whatever `threads` is. `on_done`
/// hears of each run made, those included that turn out to be past the stop.
pub fn until_precise(
    scenario: &Scenario,
    rule: &Rule,
    threads: Option<NonZeroUsize>,
    on_done: &(dyn Fn(u32) + Sync),
) -> (Vec<Outcome>, Stopped) {
    let metrics = Metrics::list(scenario);
    let mut draw = |runs: Range<u32>| {
        let wanted: Vec<OneRun<'_>> =
            runs.map(|run| OneRun { scenario, metrics: &metrics, run }).collect();
        replicate_each(&wanted, threads, on_done)
    };
    let at_once = super::replicate::threads_for(rule.most, threads).get();
    let value =
        |outcome: &Outcome, target: usize| rule.targets[target].column.value(&outcome.values);
    sequential(rule, at_once, &mut draw, &value, &mut |_| ())
}

/// As [`until_precise`], with what the runs say over time.
pub fn followed_until_precise(
    scenario: &Scenario,
    rule: &Rule,
    threads: Option<NonZeroUsize>,
    scope: Scope,
    on_done: &(dyn Fn(u32) + Sync),
) -> (Vec<Outcome>, Stopped, Option<FoldedSeries>) {
    type Followed = (Outcome, Option<RunSeries>);
    let metrics = Metrics::list(scenario);
    let mut draw = |runs: Range<u32>| -> Vec<Followed> {
        let wanted: Vec<OneRun<'_>> =
            runs.map(|run| OneRun { scenario, metrics: &metrics, run }).collect();
        let followed = follow_each(&wanted, threads, scope, on_done).into_iter();
        followed.map(|(outcome, series)| (outcome, Some(series))).collect()
    };
    let at_once = super::replicate::threads_for(rule.most, threads).get();
    let value =
        |(outcome, _): &Followed, target: usize| rule.targets[target].column.value(&outcome.values);
    let mut series = None;
    let mut taken = |(_, told): &mut Followed| {
        // Folded, its series is of no more use.
        told.take().into_iter().for_each(|told| FoldedSeries::fold(&mut series, &told));
    };
    let (drawn, stopped) = sequential(rule, at_once, &mut draw, &value, &mut taken);
    (drawn.into_iter().map(|(outcome, _)| outcome).collect(), stopped, series)
}

/// What `draw` gives until `rule` stops. Several looks' worth is drawn ahead where `at_once` many
/// can be drawn at the same time; what lies past the stop is dropped, so that the answer does not
/// depend on it. `taken` gets what does not, once each and in order.
fn sequential<T>(
    rule: &Rule,
    at_once: usize,
    draw: &mut dyn FnMut(Range<u32>) -> Vec<T>,
    value: &dyn Fn(&T, usize) -> Option<f64>,
    taken: &mut dyn FnMut(&mut T),
) -> (Vec<T>, Stopped) {
    let most = rule.most.get();
    let ahead = u32::try_from(at_once).unwrap_or(most).div_ceil(EVERY).saturating_mul(EVERY);
    let (mut drawn, mut values) = (Vec::new(), vec![Values::default(); rule.targets.len()]);
    let (mut runs, mut looks, mut seen) = (rule.surely(), 0, 0);
    loop {
        let made = u32::try_from(drawn.len()).expect("runs are counted in 32 bits");
        if made < runs {
            let to = runs.max(made.saturating_add(ahead)).min(most);
            drawn.extend(draw(made..to));
        }
        for (target, values) in values.iter_mut().enumerate() {
            let new = &drawn[values.all.len()..runs as usize];
            new.iter().for_each(|one| values.add(value(one, target)));
        }
        drawn[seen..runs as usize].iter_mut().for_each(&mut *taken);
        seen = runs as usize;
        looks += 1;
        // The last look is told, whatever it says.
        let mut both = rule.targets.iter().zip(&values);
        if runs == most || both.all(|(target, values)| values.may_do(rule.level(), target)) {
            let stopped = look(rule, &values, runs, looks);
            if runs == most || stopped.is_reached() {
                drawn.truncate(runs as usize);
                return (drawn, stopped);
            }
        }
        runs = runs.saturating_add(EVERY).min(most);
    }
}

/// The values of one metric so far, with running sums.
#[derive(Clone, Default)]
struct Values {
    all: Vec<Option<f64>>,
    defined: f64,
    mean: f64,
    /// Sum of the squares about the mean (Welford 1962).
    squares: f64,
}

impl Values {
    fn add(&mut self, value: Option<f64>) {
        self.all.push(value);
        let Some(value) = value else { return };
        self.defined += 1.0;
        let off = value - self.mean;
        self.mean += off / self.defined;
        self.squares += off * (value - self.mean);
    }

    /// Whether it is worth to look closely: the normal interval, which is narrower than the t
    /// interval and quicker to find, would do, running sums being as good as they are.
    fn may_do(&self, level: f64, target: &Target) -> bool {
        if self.defined < 2.0 {
            return false;
        }
        let variance = self.squares.max(0.0) / (self.defined - 1.0);
        let width = normal_quantile(0.5 + level / 2.0) * libm::sqrt(variance / self.defined);
        width <= allowed(target.relative, self.mean) * 1.001
    }
}

fn look(rule: &Rule, values: &[Values], runs: u32, looks: u32) -> Stopped {
    let level = rule.level();
    let targets = rule.targets.iter().zip(values).map(|(target, values)| {
        let estimate = estimate(values.all.iter().copied());
        let deviation = estimate.value.and_then(|spread| spread.deviation);
        let width = deviation.map(|deviation| half_width(deviation, estimate.runs, level));
        let mean = estimate.value.map_or(0.0, |spread| spread.mean);
        // A mean of zero says that nothing was seen, not that it is known well.
        let reached = estimate.runs >= FEWEST
            && mean.abs() > 0.0
            && width.is_some_and(|width| width <= allowed(target.relative, mean));
        let (metric, wanted) = (target.column.name.clone(), target.relative);
        Reached { metric, wanted, estimate, half_width: width, reached }
    });
    Stopped { runs, most: rule.most.get(), looks, level, targets: targets.collect() }
}

/// The half-width at which the rule stops.
fn allowed(relative: f64, mean: f64) -> f64 {
    relative / (1.0 + relative) * mean.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::streams::Streams,
        observe::catalogue::{CATALOGUE, Definition},
    };

    fn rule(relative: &[f64], most: u32) -> Rule {
        let definition: &Definition = &CATALOGUE[0];
        let column =
            |place: usize| Column { name: place.to_string(), definition, places: vec![place] };
        let targets = relative.iter().enumerate();
        let targets =
            targets.map(|(place, relative)| Target { column: column(place), relative: *relative });
        Rule { targets: targets.collect(), most: NonZeroU32::new(most).unwrap() }
    }

    /// Runs and verdict of one study in which run k has the values `of(k)`.
    fn study(
        rule: &Rule,
        at_once: usize,
        of: &dyn Fn(u32) -> Vec<Option<f64>>,
    ) -> (Vec<Vec<Option<f64>>>, Stopped) {
        let mut draw = |runs: Range<u32>| runs.map(of).collect();
        let mut taken = Vec::new();
        let mut take = |values: &mut Vec<Option<f64>>| taken.push(values.clone());
        let value = |values: &Vec<Option<f64>>, target: usize| values[target];
        let (drawn, stopped) = sequential(rule, at_once, &mut draw, &value, &mut take);
        assert_eq!(taken, drawn, "every run that counts is taken once, in order");
        (drawn, stopped)
    }

    fn uniform(seed: u64, study: u32, run: u32) -> f64 {
        Streams::new(seed, study).at(1, u64::from(run), 0).unit()
    }

    #[test]
    fn it_stops_at_the_first_look_that_is_precise_and_no_sooner() {
        let rule = rule(&[0.1], 2_000);
        let of = |run: u32| vec![Some(0.5 + uniform(7, 0, run))];
        let (drawn, stopped) = study(&rule, 1, &of);
        assert!(stopped.is_reached() && stopped.runs > FIRST, "{stopped:?}");
        assert_eq!(stopped.runs % EVERY, 0);
        assert_eq!((drawn.len(), stopped.looks), (stopped.runs as usize, stopped.runs / 10 - 1));
        let width = stopped.targets[0].half_width.unwrap();
        let mean = stopped.targets[0].estimate.value.unwrap().mean;
        assert!(width <= 0.1 / 1.1 * mean);
        // Ten runs sooner it was not precise.
        let sooner = estimate((0..stopped.runs - 10).map(|run| of(run)[0])).value.unwrap();
        assert!(sooner.half_width.unwrap() > 0.1 / 1.1 * sooner.mean);
    }

    #[test]
    fn what_is_drawn_ahead_changes_nothing() {
        let rule = rule(&[0.1, 0.3], 300);
        let of = |run: u32| vec![Some(0.5 + uniform(8, 0, run)), Some(uniform(9, 0, run))];
        let alone = study(&rule, 1, &of);
        for at_once in [2, 10, 11, 64, 100_000] {
            assert_eq!(study(&rule, at_once, &of), alone, "{at_once}");
        }
    }

    #[test]
    fn all_targets_must_be_reached_each_at_its_own_level() {
        let of = |run: u32| vec![Some(0.5 + uniform(8, 1, run)), Some(10.0 + uniform(9, 1, run))];
        let (_, one) = study(&rule(&[0.1], 2_000), 1, &of);
        let (_, both) = study(&rule(&[0.1, 0.1], 2_000), 1, &of);
        assert!((one.level - 0.95).abs() < 1e-12 && (both.level - 0.975).abs() < 1e-12);
        assert!(both.runs >= one.runs && both.is_reached());
        let spread = both.targets[0].estimate.value.unwrap();
        assert!(both.targets[0].half_width > spread.half_width, "the level is higher");
    }

    #[test]
    fn who_gives_up_says_so() {
        let of = |run: u32| vec![Some(f64::from(run % 2))];
        let (drawn, stopped) = study(&rule(&[0.01], 45), 1, &of);
        assert_eq!((drawn.len(), stopped.runs, stopped.looks), (45, 45, 4));
        assert!(!stopped.is_reached() && stopped.targets[0].relative().unwrap() > 0.01);
        let (drawn, _) = study(&rule(&[0.5], 12), 1, &|_| vec![Some(3.0)]);
        assert_eq!(drawn.len(), 12, "the cap comes before the first look");
    }

    #[test]
    fn nothing_seen_is_not_precise() {
        let zero = study(&rule(&[0.5], 60), 1, &|_| vec![Some(0.0)]).1;
        assert!(!zero.is_reached() && zero.runs == 60);
        assert_eq!(zero.targets[0].relative(), None);
        let undefined = study(&rule(&[0.5], 60), 1, &|_| vec![None]).1;
        assert!(!undefined.is_reached());
        // Defined in nine of sixty runs.
        let rare = study(&rule(&[0.5], 60), 1, &|run| vec![(run % 7 == 0).then_some(1.0)]).1;
        assert_eq!((rare.targets[0].estimate.runs, rare.is_reached()), (9, false));
        let same = study(&rule(&[0.01], 60), 1, &|_| vec![Some(4.0)]).1;
        assert!(same.is_reached() && same.runs == FIRST, "runs that agree are precise");
    }

    /// 2,000 studies a law at 10 %: the interval at the stop covers the true mean in at least 92 of
    /// 100 studies, which is what sequential stopping is known to leave of 95 (it stops sooner
    /// where the deviation happens to look small). A right program whose coverage is 92 % falls
    /// below the count asked for with probability 1e-4 a law when the seed changes, and never with
    /// this one.
    #[test]
    fn it_covers_the_mean_nearly_as_often_as_it_says() {
        let studies = 2_000_u32;
        let laws: [(&dyn Fn(f64) -> f64, f64); 3] = [
            (&|u| 10.0 + 5.0 * normal_quantile(u), 10.0),
            (&|u| -libm::log(1.0 - u), 1.0),
            (&|u| libm::exp(0.5 * normal_quantile(u)), libm::exp(0.125)),
        ];
        let least = 0.92 - 3.72 * (0.92_f64 * 0.08 / f64::from(studies)).sqrt();
        let rule = rule(&[0.1], 2_000);
        for (law, (of, truth)) in laws.into_iter().enumerate() {
            let (mut covered, mut runs) = (0_u32, 0_u64);
            for number in 0..studies {
                let draw = |run: u32| vec![Some(of(uniform(20_261_140 + law as u64, number, run)))];
                let (_, stopped) = study(&rule, 1, &draw);
                assert!(stopped.is_reached());
                let mean = stopped.targets[0].estimate.value.unwrap().mean;
                covered +=
                    u32::from((mean - truth).abs() <= stopped.targets[0].half_width.unwrap());
                runs += u64::from(stopped.runs);
            }
            let share = f64::from(covered) / f64::from(studies);
            let runs = runs / u64::from(studies);
            println!("law {law}: covered {share}, {runs} runs on average");
            assert!(share >= least, "law {law}: covered {share}");
        }
    }
}
