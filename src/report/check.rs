//! What a check is shown as: for people, for pull requests, for the machines that run it.

mod baseline;

mod github;

mod json;

mod junit;

mod markdown;

mod rows;

mod text;

mod words;

pub use baseline::{BEGINNING, FORMAT, parse as parse_baseline, text as baseline_text};
pub use github::github;
pub use json::{FILES, json, runs};
pub use junit::junit;
pub use markdown::markdown;
pub use rows::rows;
pub use text::text;

use super::About;
use crate::{
    experiment::{baseline::Pairing, check::Checked, verdict::Verdict},
    observe::outcome::Outcome,
};

/// The check of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was run.
    pub about: About,
    /// The scenario's file, as the user named it.
    pub path: String,
    /// The line on which each gate names its metric, from 1; `None`: not in that file.
    pub lines: Vec<Option<usize>>,
    /// What it was compared with.
    pub baseline: Option<Compared>,
    /// The verdicts.
    pub checked: Checked,
    /// The runs, in order.
    pub outcomes: Vec<Outcome>,
    /// The command that checks it again.
    pub command: String,
}

/// The baseline that a scenario was compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Digest of its scenario.
    pub digest: String,
    /// The version of the program that made it.
    pub version: String,
    /// Its seed.
    pub seed: u64,
    /// Whether runs were paired.
    pub pairing: Pairing,
    /// Its runs that were compared with, in order.
    pub outcomes: Vec<Outcome>,
}

/// The worst verdict of all.
pub fn verdict(reports: &[Report]) -> Verdict {
    reports.iter().map(|report| report.checked.verdict()).max().unwrap_or(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experiment::{
            baseline::Baseline,
            check::{Against, check},
        },
        observe::{
            catalogue::{self, Metric},
            gates::{Limit, Margin, Target},
            select::Selector,
        },
        report::made_up,
    };
    use std::sync::Arc;

    fn metrics() -> Arc<[Metric]> {
        let plain = |name| Metric { definition: catalogue::find(name).unwrap(), labels: vec![] };
        let type_x = vec!["=evil,\"x\"".to_owned()];
        let blocking = catalogue::find("placement.blocking").unwrap();
        let all = [
            plain("availability"),
            plain("servers.crashes"),
            plain("launch.wait.p99"),
            Metric { definition: blocking, labels: type_x },
        ];
        all.into()
    }

    fn outcomes(shift: [f64; 3]) -> Vec<Outcome> {
        let metrics = metrics();
        let values = |run: u32| {
            let wave = f64::from(run * 7 % 11) - 5.0;
            vec![
                Some(0.9995 + 1e-5 * wave + shift[0] * (1.0 + 0.01 * wave)),
                Some(20.0 + f64::from(run % 3) + shift[1] * f64::from(run % 4 + 1)),
                (run > 2).then_some(60.0 + shift[2] * wave),
                Some(0.25),
            ]
        };
        let shifted = shift.iter().any(|shift| shift.abs() > 0.0);
        let outcome = |run: u32| Outcome {
            run,
            metrics: metrics.clone(),
            values: values(run),
            fingerprint: format!("{:032x}", run + 100 * u32::from(shifted)),
        };
        (0..12).map(outcome).collect()
    }

    fn target(metric: &str, name: Option<&str>, limit: Limit) -> Target {
        let selector = Selector::parse(metric).unwrap();
        let column = selector.find(&metrics()).unwrap();
        let label = name.map_or_else(|| format!("{} demand", column.name), str::to_owned);
        Target { label, column, selector, limit, alpha: 0.05 }
    }

    fn report(shift: [f64; 3]) -> Report {
        let worse = |by, more_is_worse| Limit::Worse { by, more_is_worse };
        let targets = [
            target("availability", None, worse(Margin::Amount(1e-4), false)),
            target("servers.crashes", Some("a<b & \"c\"|d"), worse(Margin::Share(0.1), true)),
            target("launch.wait.p99", None, Limit::AtMost(60.0)),
            target("placement.blocking", None, Limit::AtMost(0.5)),
        ];
        let baseline = Baseline {
            scenario: "made-up".to_owned(),
            digest: "00ff".to_owned(),
            version: crate::report::VERSION.to_owned(),
            rng_scheme: 1,
            seed: 1,
            clock: [0, 0, 1],
            command: "fleetsim check made-up.toml --update".to_owned(),
            outcomes: outcomes([0.0; 3]),
        };
        let now = outcomes(shift);
        let pairing = Pairing::Paired;
        let against = Against { baseline: &baseline, pairing };
        Report {
            about: About { runs: 12, ..made_up::results(2).about },
            path: "made,up.toml".to_owned(),
            lines: vec![Some(7), Some(11), None, None],
            checked: check(&targets, Some(against), &now).unwrap(),
            baseline: Some(Compared {
                digest: baseline.digest.clone(),
                version: baseline.version.clone(),
                seed: 1,
                pairing,
                outcomes: baseline.outcomes.clone(),
            }),
            outcomes: now,
            command: "fleetsim check made-up.toml --seed 1 --runs 12".to_owned(),
        }
    }

    fn worse() -> Report {
        report([-3e-4, 0.8, 2.0])
    }

    fn holds(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn people_read_numbers_verdict_and_reasons() {
        let text = text(&[worse()]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let parts = [
            "FAIL: made-up · 12 runs, seed 1\n",
            "0 of 12 runs took the same course as the baseline's; 3 of 4 metrics differ\n",
            "\n  FAIL          availability demand\n",
            "\n  INCONCLUSIVE  a<b & \"c\"|d\n",
            "\n  PASS          placement.blocking{type=",
            "\nIn brackets: limits that the truth passes with 5 % at most on either side.\n",
        ];
        holds(&text, &parts);
        holds(&on_one_line(&text), &["allowed -0.0001 ", " (10 %) ", " runs would tell "]);
    }

    fn on_one_line(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_equal_is_told_in_a_line() {
        let text = text(&[report([0.0; 3])]);
        let parts = [
            "PASS: made-up · 12 runs, seed 1\n",
            "every run took the same course as the baseline's; all of 4 metrics are equal\n",
            "every run took the same course: no difference\n",
        ];
        holds(&text, &parts);
        holds(&on_one_line(&text), &["change 0, allowed -0.0001 "]);
    }

    #[test]
    fn a_comment_is_a_table() {
        let page = markdown(&[worse()]);
        let parts = [
            "## fleetsim check: FAIL\n\n### ❌ made-up\n\n12 runs, seed 1; ",
            "\n| metric | baseline | now | change | allowed | verdict |\n|---|---|---|---|---|---|\n| availability | 0.999",
            " | ❌ FAIL |\n| a&lt;b &amp; \"c\"\\|d: servers.crashes | 2",
            " | ❔ INCONCLUSIVE |\n",
            " | ✅ PASS |\n",
        ];
        holds(&page, &parts);
    }

    #[test]
    fn names_cannot_break_out_of_xml() {
        let xml = junit(&[worse()]);
        let parts = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fleetsim check\" tests=\"4\" failures=\"1\" errors=\"2\">\n",
            "  <testsuite name=\"made-up\" tests=\"4\" failures=\"1\" errors=\"2\" skipped=\"0\">\n",
            "<testcase classname=\"made-up\" name=\"a&lt;b &amp; &quot;c&quot;|d\">\n      <error type=\"INCONCLUSIVE\" message=\"servers.crashes: ",
            "<failure type=\"FAIL\" message=\"availability: ",
            "  </testsuite>\n</testsuites>\n",
        ];
        holds(&xml, &parts);
        // Every element that is opened is closed, and nothing of a name opens one.
        for name in ["testsuites", "testsuite", "failure", "error"] {
            let opened = xml.matches(&format!("<{name} ")).count();
            assert_eq!(opened, xml.matches(&format!("</{name}>")).count(), "{name}");
        }
        let closed = xml.matches("</testcase>").count() + xml.matches("\"/>").count();
        assert_eq!(xml.matches("<testcase ").count(), closed);
        assert!(!xml.contains("a<b"));
    }

    #[test]
    fn annotations_are_one_line_each() {
        let text = github(&[worse()]);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
        let parts = [
            "::error file=made%2Cup.toml,line=7,title=FAIL availability demand::availability: ",
            "::warning file=made%2Cup.toml,line=11,title=INCONCLUSIVE a<b & \"c\"|d::",
            "::warning file=made%2Cup.toml,title=INCONCLUSIVE launch.wait.p99 demand::",
            "::notice file=made%2Cup.toml,title=made-up::FAIL: 4 gates\n",
        ];
        holds(&text, &parts);
    }

    #[test]
    fn programs_get_every_number() {
        let object: serde_json::Value = serde_json::from_str(&json(&[worse()])).unwrap();
        assert_eq!(object["verdict"], "FAIL");
        let gate = &object["scenarios"][0]["gates"][0];
        let keys: Vec<&String> = gate.as_object().unwrap().keys().collect();
        let promised = [
            "gate",
            "metric",
            "unit",
            "verdict",
            "ground",
            "demand",
            "limit",
            "alpha",
            "baseline",
            "now",
            "change",
            "lower",
            "upper",
            "runs",
            "left_out",
            "differing",
            "sign_p",
            "permutation_p",
            "skewed",
            "runs_needed",
            "told",
        ];
        assert_eq!(keys, promised);
        let table = rows(&[worse()]);
        assert_eq!(table.lines().count(), 5);
        assert!(
            table
                .lines()
                .nth(1)
                .unwrap()
                .starts_with("made-up,availability demand,availability,ratio,FAIL,"),
            "{table}"
        );
        let runs = runs(&[worse()]);
        assert_eq!(runs.lines().count(), 1 + 12 + 12);
        assert!(runs.lines().nth(1).unwrap().starts_with("made-up,baseline,0,"), "{runs}");
    }

    #[test]
    fn a_baseline_reads_back_as_it_was_written() {
        let baseline = Baseline {
            scenario: "made-up".to_owned(),
            digest: "00ff".to_owned(),
            version: "0.1.0".to_owned(),
            rng_scheme: 1,
            seed: u64::MAX,
            clock: [0, 5, u64::MAX],
            command: "fleetsim check 'a b.toml' --update".to_owned(),
            outcomes: outcomes([-3e-4, 0.8, 2.0]),
        };
        let text = baseline_text(&baseline);
        assert!(text.starts_with(BEGINNING));
        assert_eq!(parse_baseline(&text), Ok(baseline.clone()));
        assert_eq!(baseline_text(&parse_baseline(&text).unwrap()), text);
        let is_folded = |line: &str| line.contains("\"all\": 0.25");
        assert!(text.lines().any(is_folded), "{text}");
        // What a later program measures is left out; what is broken is refused.
        let later = text.replace("servers.crashes", "servers.sneezes");
        assert_eq!(parse_baseline(&later).unwrap().outcomes[0].metrics.len(), 3);
        for (bad, why) in [
            (text.replace("\"all\": 0.25", "\"all\": 1e999"), "it is no baseline"),
            (text.replace("\"all\": 0.25", "\"each\": [0.25]"), "has not 12 values"),
            (text.replace("\"all\": 0.25", "\"each\": [], \"all\": 1"), "has not 12 values"),
            (text.replace("\"all\": 0.25", "\"al\": 0.25"), "unknown field `al`"),
            (text.replace("\"runs\": 12", "\"runs\": 0"), "it says that it holds 0 runs"),
        ] {
            let told = parse_baseline(&bad).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
