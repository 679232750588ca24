//! `run --until-precision`: as many runs as a wanted precision needs.

use super::quoted;
use crate::{
    args::{Common, Run},
    exit::Failure,
    progress::Progress,
};
use fleetsim::{
    experiment::{
        plan::goal::share_of,
        stopping::{MOST, Rule, Target, followed_until_precise, until_precise},
    },
    observe::{metrics::Metrics, select::Selector},
    report::{About, Results, plain},
    scenario::Scenario,
};
use std::num::NonZeroU32;

/// When `run` is to stop, where that hangs on a precision.
pub fn rule(options: &Run, scenario: &Scenario) -> Result<Option<Rule>, Failure> {
    if options.until_precision.is_empty() {
        return Ok(None);
    }
    let metrics = Metrics::list(scenario);
    let target = |typed: &String| {
        let wrong = |why: String| {
            let typed = plain(typed);
            Failure::Fault(format!(
                "--until-precision `{typed}`: {why}; write METRIC=PRECISION, as in migrations=5%"
            ))
        };
        let parts = typed.rsplit_once('=').filter(|(_, precision)| !precision.contains('}'));
        let (metric, precision) = parts.ok_or_else(|| wrong("it names no precision".to_owned()))?;
        let relative = share_of(precision).map_err(|why| wrong(format!("it {why}")))?;
        let column = Selector::parse(metric).and_then(|selector| selector.find(&metrics));
        Ok(Target { column: column.map_err(wrong)?, relative })
    };
    let targets: Vec<Target> =
        options.until_precision.iter().map(target).collect::<Result<_, Failure>>()?;
    for (place, target) in targets.iter().enumerate() {
        if targets[..place].iter().any(|other| other.column == target.column) {
            let name = plain(&target.column.name);
            return Err(Failure::Fault(format!("--until-precision names {name} twice")));
        }
    }
    let most = options.max_runs.or(NonZeroU32::new(MOST)).expect("the default is not zero");
    Ok(Some(Rule { targets, most }))
}

/// The runs that `rule` asks for.
pub fn simulate(scenario: &Scenario, rule: &Rule, options: &Run, common: &Common) -> Results {
    let progress = Progress::new(rule.most.get(), common.quiet());
    let threads = options.sampling.threads;
    let on_done = |_run| progress.done();
    let (outcomes, stopped, series) = match options.followed(common.format) {
        Some(scope) => followed_until_precise(scenario, rule, threads, scope, &on_done),
        None => {
            let (outcomes, stopped) = until_precise(scenario, rule, threads, &on_done);
            (outcomes, stopped, None)
        }
    };
    let results = Results::new(About::new(scenario, stopped.runs), outcomes);
    Results { stopped: Some(stopped), series, ..results }
}

/// The options that make `rule` again.
pub fn repeated(rule: &Rule) -> String {
    let target = |target: &Target| {
        let typed = format!("{}={}", target.column.name, target.relative);
        format!("--until-precision {}", quoted(&typed))
    };
    let targets = rule.targets.iter().map(target);
    targets.chain([format!("--max-runs {}", rule.most)]).collect::<Vec<_>>().join(" ")
}
