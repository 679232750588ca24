//! A sweep in every form: a table a metric for people, one row a point or a run for data frames, one
//! object for programs.
//!
//! What there is one of a run or of a point is written line by line, so that no form needs all of
//! them at once.

mod files;

mod tables;

pub use files::{
    Columns, json_head, json_point, json_tail, points_header, points_row, runs_header, runs_row,
};
pub use tables::{is_of_length, markdown, text};

use crate::{
    experiment::{effects::Effects, estimate::Estimate, paired::Paired},
    observe::catalogue::{Definition, Metric},
};
use std::sync::Arc;

/// What was swept: enough to cite a number and to make it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// Name of the scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of all points, hex.
    pub digest: String,
    /// Version of the program.
    pub version: String,
    /// The scheme by which chance was drawn.
    pub rng_scheme: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs of each point (count).
    pub runs: u32,
    /// The axes, as typed.
    pub vary: Vec<String>,
    /// The sample taken of them, as typed; none: a grid.
    pub sample: Option<String>,
    /// Every path that is varied.
    pub paths: Vec<String>,
    /// The points, in order of their number.
    pub points: Vec<SweptPoint>,
    /// What is measured: the lists that points have.
    pub lists: Vec<Arc<[Metric]>>,
    /// The command that makes the same numbers again.
    pub command: String,
    /// What a reader should know of how the scenario was taken.
    pub remarks: Vec<String>,
}

/// One point of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweptPoint {
    /// The value of each path.
    pub values: Vec<String>,
    /// Digest of its scenario, hex.
    pub digest: String,
    /// Which list of metrics it has.
    pub list: usize,
}

/// A metric that a sweep tells more of.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Its name with labels.
    pub name: String,
    /// What it is.
    pub definition: &'static Definition,
    /// What the runs of each point say of it, in order of points.
    pub estimates: Vec<Estimate>,
    /// Each point but the first against the first, run by run; none where they are not compared.
    pub differences: Vec<Difference>,
    /// Which axes matter for it.
    pub effects: Effects,
}

/// A point against the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What the pairs say.
    pub paired: Paired,
    /// The p-value, made larger for all comparisons of the sweep together (Holm).
    pub adjusted: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experiment::{
            effects::{AxisValues, Design, effects},
            estimate::estimate,
            paired,
        },
        observe::catalogue::CATALOGUE,
        report::made_up,
    };
    use insta::assert_snapshot;

    /// Two axes with two values each, and the first of the made-up metrics.
    fn made_up() -> (Swept, Chosen) {
        let definition = &made_up::CATALOGUE[0];
        let metric = Metric { definition, labels: Vec::new() };
        let value = |a: usize, b: usize| vec![a.to_string(), format!("{b}h")];
        let point = |(a, b): (usize, usize)| SweptPoint {
            values: value(a, b),
            digest: "00ff".to_owned(),
            list: 0,
        };
        let all = [(1, 3), (1, 4), (2, 3), (2, 4)];
        let swept = Swept {
            scenario: "made-up".to_owned(),
            question: "does it read well?".to_owned(),
            digest: "00ff".repeat(16),
            version: "0.0.0".to_owned(),
            rng_scheme: 1,
            seed: 1,
            runs: 5,
            vary: vec!["a.crews=1,2".to_owned(), "a.time=3h,4h".to_owned()],
            sample: None,
            paths: vec!["a.crews".to_owned(), "a.time".to_owned()],
            points: all.map(point).to_vec(),
            lists: vec![Arc::new([metric])],
            command: "fleetsim sweep made-up.toml".to_owned(),
            remarks: vec!["made up".to_owned()],
        };
        let values = |(a, b): (usize, usize)| -> Vec<Option<f64>> {
            let run = |k: u32| 0.99 + 0.001 * a as f64 - 0.0001 * b as f64 * f64::from(k % 3);
            (0..5).map(|k| Some(run(k))).collect()
        };
        let estimates: Vec<Estimate> = all.iter().map(|at| estimate(values(*at))).collect();
        let differences = all[1..].iter().map(|at| {
            let paired = paired::compare(&CATALOGUE[0], &values(all[0]), &values(*at));
            Difference { adjusted: paired.p, paired }
        });
        let axis = |place: usize, numbers: [f64; 4]| AxisValues {
            name: swept.paths[place].clone(),
            labels: swept.points.iter().map(|point| point.values[place].clone()).collect(),
            numbers: Some(numbers.to_vec()),
        };
        let axes = [axis(0, [1.0, 1.0, 2.0, 2.0]), axis(1, [3.0, 4.0, 3.0, 4.0])];
        let means: Vec<Option<f64>> =
            estimates.iter().map(|e| e.value.map(|value| value.mean)).collect();
        let chosen = Chosen {
            name: "availability".to_owned(),
            definition,
            differences: differences.collect(),
            effects: effects(Design::Grid, &axes, &means),
            estimates,
        };
        (swept, chosen)
    }

    #[test]
    fn the_tables_read_well() {
        let (swept, chosen) = made_up();
        let text = text(&swept, std::slice::from_ref(&chosen), &crate::report::look::Look::PIPED);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert_snapshot!(text, @r"
        made-up · does it read well?
        4 points (grid) · 5 runs each, seed 1
          a.crews=1,2
          a.time=3h,4h
        note: made up

        availability [ratio]
        point  crews, time  mean               difference to point 0  p
        0      1, 3h        0.99076 ± 0.00031
        1      1, 4h        0.99068 ± 0.00042  -0.00008 ± 0.00010     0.099
        2      2, 3h        0.99176 ± 0.00031  +0.001                 0.062 s
        3      2, 4h        0.99168 ± 0.00042  +0.00092 ± 0.00010     <0.001

        main effects on availability (a linear fit tells 100 %)
        axis   range    lowest mean   highest mean  slope
        crews  0.001    0.9907 at 1   0.9917 at 2   +1.00
        time   0.00008  0.9912 at 4h  0.9913 at 3h  -0.08

        ± is a 95 % interval over 5 runs, each for itself. Differences are of the same
        runs under the same chance; p is of Student's t (s: by signs, as all differ
        alike), adjusted for all 3 (Holm). fleetsim 0.0.0, seed 1.
        ");
    }

    #[test]
    fn pages_hold_the_same() {
        let (swept, chosen) = made_up();
        assert_snapshot!(markdown(&swept, &[chosen]), @r"
        ## made-up

        does it read well?

        4 points (grid) · 5 runs each, seed 1

        - a.crews=1,2
        - a.time=3h,4h

        Note: made up

        ### availability

        | point | crews, time | mean | difference to point 0 | p |
        |---|---|---|---|---|
        | 0 | 1, 3h | 0.99076 ± 0.00031 |  |  |
        | 1 | 1, 4h | 0.99068 ± 0.00042 | -0.00008 ± 0.00010 | 0.099 |
        | 2 | 2, 3h | 0.99176 ± 0.00031 | +0.001 | 0.062 s |
        | 3 | 2, 4h | 0.99168 ± 0.00042 | +0.00092 ± 0.00010 | &lt;0.001 |

        main effects on availability (a linear fit tells 100 %)

        | axis | range | lowest mean | highest mean | slope |
        |---|---|---|---|---|
        | crews | 0.001 | 0.9907 at 1 | 0.9917 at 2 | +1.00 |
        | time | 0.00008 | 0.9912 at 4h | 0.9913 at 3h | -0.08 |

        ± is a 95 % interval over 5 runs, each for itself. Differences are of the same runs under the same chance; p is of Student's t (s: by signs, as all differ alike), adjusted for all 3 (Holm). fleetsim 0.0.0, seed 1. Digest of all points: `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`.
        ");
    }

    #[test]
    fn lines_of_files_are_whole_together() {
        let (swept, chosen) = made_up();
        let columns = Columns::of(&swept);
        let mut summary = json_head(&swept);
        for point in 0..4 {
            let estimates = &chosen.estimates[point..=point];
            summary.push_str(&json_point(&swept, point, estimates));
        }
        summary.push_str(&json_tail(&swept, std::slice::from_ref(&chosen)));
        let object: serde_json::Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(object["points"][3]["values"]["a.time"], "4h");
        assert_eq!(object["means"].as_array().unwrap().len(), 4);
        assert_eq!(object["differences"].as_array().unwrap().len(), 3);
        assert_eq!(object["effects"][0]["axis"], "a.crews=1,2");
        let without = json_head(&swept) + &json_tail(&swept, &[]);
        assert!(serde_json::from_str::<serde_json::Value>(&without).is_ok(), "{without}");
        let points =
            points_header(&swept, &columns) + &points_row(&swept, &columns, 2, &chosen.estimates);
        assert_snapshot!(points, @r"
        point,a.crews,a.time,availability:mean,availability:half_width,availability:deviation,availability:min,availability:max,availability:runs
        2,2,3h,0.9907600000000001,0.0003116551901050851,0.00025099800796023485,0.9904,0.991,5
        ");
        let runs = runs_header(&swept, &columns)
            + &runs_row(&swept, &columns, (2, 1), ("ab", &[Some(0.5)]))
            + &runs_row(&swept, &columns, (2, 2), ("cd", &[None]));
        assert_snapshot!(runs, @r"
        point,run,a.crews,a.time,fingerprint,availability
        2,1,2,3h,ab,0.5
        2,2,2,3h,cd,
        ");
    }

    #[test]
    fn points_that_measure_different_things_share_their_columns() {
        let (mut swept, _) = made_up();
        let of = |place: usize| Metric { definition: &CATALOGUE[place], labels: Vec::new() };
        swept.lists = vec![Arc::new([of(0), of(2)]), Arc::new([of(1), of(2)])];
        swept.points[1].list = 1;
        let columns = Columns::of(&swept);
        let header = runs_header(&swept, &columns);
        let names = [0, 1, 2].map(|place| CATALOGUE[place].name).join(",");
        assert!(header.ends_with(&format!(",{names}\n")), "{header}");
        let row = |point| runs_row(&swept, &columns, (point, 0), ("x", &[Some(1.0), Some(2.0)]));
        assert!(row(0).ends_with(",x,1.0,,2.0\n"), "{}", row(0));
        assert!(row(1).ends_with(",x,,1.0,2.0\n"), "{}", row(1));
    }
}
