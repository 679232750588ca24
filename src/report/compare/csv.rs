//! The comparison as sheets: a row for each metric of each candidate, and a row for each run.

use super::{Compared, letter};
use crate::{
    experiment::{estimate::LEVEL, paired::Method},
    observe::{catalogue::Metric, select::name},
    report::csv::{Sheet, guarded, number},
};

/// One row for each metric of each candidate against the baseline: what `compare --format csv`
/// prints. Empty cells are undefined.
pub fn summary(compared: &Compared) -> String {
    let mut table = Sheet::new([
        "candidate",
        "label",
        "metric",
        "unit",
        "better_is",
        "baseline",
        "mean",
        "difference",
        "half_width",
        "level",
        "relative",
        "method",
        "p",
        "p_holm",
        "verdict",
        "correlation",
        "variance_ratio",
        "runs",
        "equal",
        "above",
        "below",
        "undefined",
        "skewness",
        "skewed",
        "permutation_p",
        "sign_p",
    ]);
    for other in compared.others() {
        for (chosen, tested) in compared.chosen.iter().zip(&other.against.tested) {
            let paired = &tested.paired;
            let (flips, signs) = match paired.method {
                Method::Sparse { signs, flips } => (Some(flips), Some(signs)),
                Method::TooFew
                | Method::Identical
                | Method::Constant
                | Method::Student
                | Method::McNemar => (None, None),
            };
            table.row([
                other.letter.clone(),
                guarded(&other.candidate.label),
                guarded(&chosen.name),
                chosen.definition.unit.to_owned(),
                super::json::better(chosen.definition.better).to_owned(),
                number(paired.baseline),
                number(paired.candidate),
                number(paired.difference),
                number(paired.limits.map(|limits| limits.half_width(LEVEL))),
                LEVEL.to_string(),
                number(paired.relative()),
                super::json::method(paired.method).to_owned(),
                number(paired.p),
                number(tested.adjusted),
                tested.verdict.word().to_owned(),
                number(paired.correlation),
                number(paired.variance_ratio),
                paired.runs.to_string(),
                paired.zeros.to_string(),
                paired.above.to_string(),
                paired.below.to_string(),
                paired.unpaired.to_string(),
                number(paired.skewness),
                paired.skewed.to_string(),
                number(flips),
                number(signs),
            ]);
        }
    }
    table.finish()
}

/// One row for each run of each candidate, a column for each metric that any of them measures;
/// an empty cell is undefined or not measured.
pub fn runs(compared: &Compared) -> String {
    let lists = compared.candidates.iter().filter_map(|candidate| candidate.outcomes.first());
    let lists: Vec<&[Metric]> = lists.map(|outcome| &outcome.metrics[..]).collect();
    let mut columns: Vec<&Metric> = Vec::new();
    for list in lists {
        // Mostly both lists are the same, and then each metric stands where it is looked for first.
        for (place, metric) in list.iter().enumerate() {
            if columns.get(place) != Some(&metric) && !columns.contains(&metric) {
                columns.push(metric);
            }
        }
    }
    let first = ["candidate", "run", "fingerprint"].map(str::to_owned);
    let names = columns.iter().map(|metric| name(metric));
    let mut table = Sheet::new(first.into_iter().chain(names));
    for (place, candidate) in compared.candidates.iter().enumerate() {
        let Some(outcome) = candidate.outcomes.first() else { continue };
        let find = |metric: &&Metric| outcome.metrics.iter().position(|other| other == *metric);
        let places: Vec<Option<usize>> = columns.iter().map(find).collect();
        for outcome in &candidate.outcomes {
            let first = [letter(place), outcome.run.to_string(), outcome.fingerprint.clone()];
            let values = places.iter().map(|place| number(place.and_then(|at| outcome.values[at])));
            table.row(first.into_iter().chain(values));
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::made_up;
    use insta::assert_snapshot;

    #[test]
    fn every_metric_of_every_candidate_has_a_row() {
        assert_snapshot!(summary(&made_up::compared()), @r#"
        candidate,label,metric,unit,better_is,baseline,mean,difference,half_width,level,relative,method,p,p_holm,verdict,correlation,variance_ratio,runs,equal,above,below,undefined,skewness,skewed,permutation_p,sign_p
        B,a.b=2,availability,ratio,higher,0.9993500000000001,0.9997700000000002,0.00041999999999999443,0.000018772875430592105,0.95,0.0004202731775654119,t,3.0071037246380014e-8,1.2028414898552006e-7,better,0.9967905774402549,229.74999999890298,6,0,6,0,0,1.702966044849005e-12,false,,
        B,a.b=2,downtime,instance-s,lower,45000.0,45000.0,0.0,0.0,0.95,0.0,identical,,,same,1.0,,6,6,0,0,0,,false,,
        B,a.b=2,data_loss.bytes,B,lower,3500000000000.0,3350000000000.0,-150000000000.0,57479957262.08986,0.95,-0.04285714285714286,t,0.00111443754150742,0.0033433126245222605,better,0.9996015969164842,2314.333333333334,6,0,0,6,0,0.0,false,,
        B,a.b=2,data_loss.instances,count,lower,3.0,3.1666666666666665,0.16666666666666666,,0.95,0.05555555555555555,sparse,1.0,1.0,unclear,,0.9999999999999997,6,5,1,0,0,1.788854381999831,true,1.0,1.0
        B,a.b=2,utilisation{resource=vcpu},ratio,neither,0.5,0.5,0.0,0.0,0.95,0.0,identical,,,same,,,6,6,0,0,0,,false,,
        B,a.b=2,"placement.blocking{type=""a type with a long name, and | pipes""}",ratio,lower,0.25,0.36,0.11000000000000001,0.12006319452467755,0.95,0.44000000000000006,t,0.06372764556523106,0.1274552911304621,unclear,,1.0,5,0,5,0,0,0.4692987207990986,true,,
        C,a.b=1,availability,ratio,higher,0.9993500000000001,0.9993500000000001,0.0,0.0,0.95,0.0,identical,,,same,0.9999999999999999,,6,6,0,0,0,,false,,
        C,a.b=1,downtime,instance-s,lower,45000.0,45000.0,0.0,0.0,0.95,0.0,identical,,,same,1.0,,6,6,0,0,0,,false,,
        C,a.b=1,data_loss.bytes,B,lower,3500000000000.0,3500000000000.0,0.0,0.0,0.95,0.0,identical,,,same,1.0,,6,6,0,0,0,,false,,
        C,a.b=1,data_loss.instances,count,lower,3.0,3.0,0.0,0.0,0.95,0.0,identical,,,same,,,6,6,0,0,0,,false,,
        C,a.b=1,utilisation{resource=vcpu},ratio,neither,0.5,0.5,0.0,0.0,0.95,0.0,identical,,,same,,,6,6,0,0,0,,false,,
        C,a.b=1,"placement.blocking{type=""a type with a long name, and | pipes""}",ratio,lower,0.25,0.25,0.0,0.0,0.95,0.0,identical,,,same,,,5,5,0,0,0,,false,,
        "#);
    }

    #[test]
    fn every_run_of_every_candidate_has_a_row() {
        let compared = made_up::compared();
        let text = runs(&compared);
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[0].starts_with("candidate,run,fingerprint,availability,"), "{}", rows[0]);
        assert_eq!(rows.len(), 1 + 3 * 6);
        assert!(rows[7].starts_with("B,0,") && rows[18].starts_with("C,5,"));
    }
}
