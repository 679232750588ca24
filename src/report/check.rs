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
    /// Runs that the scenario asks for (`check.runs`), where the baseline holds fewer and no other
    /// number was asked for.
    pub wanted: Option<u32>,
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

/// A scenario that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unjudged {
    /// Its name.
    pub scenario: String,
    /// Its file, as the user named it.
    pub path: String,
    /// Why, with what to do.
    pub why: String,
}

/// A whole check: what was judged, and what could not be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check<'a> {
    /// The scenarios that were judged.
    pub reports: &'a [Report],
    /// The others.
    pub unjudged: &'a [Unjudged],
}

impl Check<'_> {
    /// The worst verdict of all; `None` where a scenario could not be judged.
    pub fn verdict(&self) -> Option<Verdict> {
        let worst = self.reports.iter().map(|report| report.checked.verdict()).max();
        self.unjudged.is_empty().then(|| worst.unwrap_or(Verdict::Pass))
    }

    /// The verdict in a word: `ERROR` where a scenario could not be judged.
    pub fn word(&self) -> &'static str {
        self.verdict().map_or(words::ERROR, words::word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::look::Look;
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
    use insta::assert_snapshot;
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
        (0..60).map(outcome).collect()
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
            about: About { runs: 60, ..made_up::results(2).about },
            path: "made,up.toml".to_owned(),
            lines: vec![Some(7), Some(11), None, None],
            wanted: None,
            checked: check(&targets, Some(against), &now).unwrap(),
            baseline: Some(Compared {
                digest: baseline.digest.clone(),
                version: baseline.version.clone(),
                seed: 1,
                pairing,
                outcomes: baseline.outcomes.clone(),
            }),
            outcomes: now,
            command: "fleetsim check made-up.toml --seed 1 --runs 60".to_owned(),
        }
    }

    fn of(reports: &[Report]) -> Check<'_> {
        Check { reports, unjudged: &[] }
    }

    /// One that is judged, and one that is not.
    #[test]
    fn what_could_not_be_judged_silences_nothing() {
        let unjudged = [Unjudged {
            scenario: "new <one>".to_owned(),
            path: "new,one.toml".to_owned(),
            why: "there is no baseline new.json; make it: fleetsim check new.toml --update"
                .to_owned(),
        }];
        let reports = [same()];
        let check = Check { reports: &reports, unjudged: &unjudged };
        assert_eq!((check.verdict(), check.word()), (None, "ERROR"));
        let text = text(&check, &Look::PIPED);
        assert!(text.starts_with("PASS: made-up"), "{text}");
        let end = "ERROR: 2 scenarios, 1 passed, 0 inconclusive, 0 failed, 1 not judged\n";
        assert!(text.ends_with(end), "{text}");
        let page = markdown(&check);
        assert!(page.starts_with("## fleetsim check: ERROR\n"), "{page}");
        let end = page.split("\n### ").nth(2).unwrap().replace(crate::report::VERSION, "VERSION");
        assert_snapshot!(end, @r#"
        ❌ new &lt;one&gt;

        Not judged: there is no baseline new.json; make it: fleetsim check new.toml --update

        In brackets: limits that the truth passes with 5 % at most on either side. PASS: shown to hold; FAIL: shown to be missed; INCONCLUSIVE: more runs are needed. fleetsim VERSION.
        "#);
        let xml = junit(&check);
        assert!(xml.contains("tests=\"5\" failures=\"0\" errors=\"1\""), "{xml}");
        let end = xml.split("</testsuite>\n").nth(1).unwrap();
        assert_snapshot!(end, @r#"
        <testsuite name="new &lt;one&gt;" tests="1" failures="0" errors="1" skipped="0">
          <testcase classname="new &lt;one&gt;" name="can be judged">
            <error type="ERROR" message="there is no baseline new.json; make it: fleetsim check new.toml --update"></error>
          </testcase>
        "#);
        assert_snapshot!(github(&check).lines().last().unwrap(), @"::error file=new%2Cone.toml,title=ERROR new <one>::there is no baseline new.json; make it: fleetsim check new.toml --update");
        let object: serde_json::Value = serde_json::from_str(&json(&check)).unwrap();
        assert_eq!(object["verdict"], "ERROR");
        assert_eq!(object["scenarios"].as_array().unwrap().len(), 1);
        assert_eq!(object["unjudged"][0]["scenario"], "new <one>");
        assert_eq!(object["unjudged"][0]["why"], unjudged[0].why.as_str());
        let last = rows(&check);
        let last = last.lines().last().unwrap();
        assert!(last.starts_with("new <one>,,,,ERROR,,"), "{last}");
    }

    fn worse() -> Report {
        report([-3e-4, 0.8, 2.0])
    }

    fn same() -> Report {
        report([0.0; 3])
    }

    #[test]
    fn people_read_numbers_verdict_and_reasons() {
        let text = text(&of(&[worse()]), &Look::PIPED);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert_snapshot!(text, @r#"
        FAIL: made-up · 60 runs, seed 1
          0 of 60 runs took the same course as the baseline's; 3 of 4 metrics differ
          the scenario itself has changed since the baseline
          FAIL          availability demand
                        0.9995002 → 0.9992001, change -0.0003000 (-0.0003021 to
                        -0.0002980), allowed -0.0001
          INCONCLUSIVE  a<b & "c"|d
                        servers.crashes, 21.00 → 23.00, change +2.00 (+1.80 to +2.20),
                        allowed +2.1 (10 %)
                        about 940 runs would tell
          INCONCLUSIVE  launch.wait.p99 demand
                        60.0 s → 60.2 s (58.8 to 61.6), change +0.2, demanded at most 60
                        s
                        3 runs do not define it now: nothing tells what it would be
                        there
          PASS          placement.blocking{type="=evil,\"x\""} demand
                        0.25 → 0.25, change 0, demanded at most 0.5
                        exactly that in all of 60 runs; up to 4.9 % of all runs may be
                        otherwise (at 95 %), which are taken to be off by 0.75 at most
                        on average

        In brackets: limits that the truth passes with 5 % at most on either side.
        "#);
    }

    #[test]
    fn what_is_equal_is_told_in_a_line() {
        assert_snapshot!(text(&of(&[same()]), &Look::PIPED), @r#"
        PASS: made-up · 60 runs, seed 1
          every run took the same course as the baseline's; all of 4 metrics are equal
          the scenario itself has changed since the baseline; none of 60 runs shows it,
          and up to 4.9 % of all runs may be otherwise (at 95 %)
          PASS          availability demand
                        0.9995 → 0.9995, change 0, allowed -0.0001
                        every run took the same course: no difference
          PASS          a<b & "c"|d
                        servers.crashes, 21 → 21, change 0, allowed +2.1 (10 %)
                        every run took the same course: no difference
          PASS          launch.wait.p99 demand
                        60 s → 60 s, change 0, demanded at most 60 s
                        runs cannot tell, but every one took the same course
                        3 runs do not define it, as before
          PASS          placement.blocking{type="=evil,\"x\""} demand
                        0.25 → 0.25, change 0, demanded at most 0.5
                        exactly that in all of 60 runs; up to 4.9 % of all runs may be
                        otherwise (at 95 %), which are taken to be off by 0.75 at most
                        on average

        In brackets: limits that the truth passes with 5 % at most on either side.
        "#);
    }

    #[test]
    fn a_comment_is_a_table() {
        let page = markdown(&of(&[worse(), same()])).replace(crate::report::VERSION, "VERSION");
        assert_snapshot!(page, @r#"
        ## fleetsim check: FAIL

        ### ❌ made-up

        60 runs, seed 1; 0 of 60 runs took the same course as the baseline's; 3 of 4 metrics differ; the scenario itself has changed since the baseline.

        | metric | baseline | now | change | allowed | verdict |
        |---|---|---|---|---|---|
        | availability | 0.9995002 | 0.9992001 | -0.0003000 (-0.0003021 to -0.0002980) | -0.0001 | ❌ FAIL |
        | a&lt;b &amp; "c"\|d: servers.crashes | 21.00 | 23.00 | +2.00 (+1.80 to +2.20) | +2.1 (10 %) | ❔ INCONCLUSIVE |
        | launch.wait.p99 | 60.0 s | 60.2 s (58.8 to 61.6) | +0.2 | at most 60 s | ❔ INCONCLUSIVE |
        | placement.blocking{type="=evil,\\"x\\""} | 0.25 | 0.25 | 0 | at most 0.5 | ✅ PASS |

        - a&lt;b &amp; "c"\|d: about 940 runs would tell.
        - launch.wait.p99 demand: 3 runs do not define it now: nothing tells what it would be there.
        - placement.blocking{type="=evil,\\"x\\""} demand: exactly that in all of 60 runs; up to 4.9 % of all runs may be otherwise (at 95 %), which are taken to be off by 0.75 at most on average.

        ### ✅ made-up

        60 runs, seed 1; every run took the same course as the baseline's; all of 4 metrics are equal; the scenario itself has changed since the baseline; none of 60 runs shows it, and up to 4.9 % of all runs may be otherwise (at 95 %).

        | metric | baseline | now | change | allowed | verdict |
        |---|---|---|---|---|---|
        | availability | 0.9995 | 0.9995 | 0 | -0.0001 | ✅ PASS |
        | a&lt;b &amp; "c"\|d: servers.crashes | 21 | 21 | 0 | +2.1 (10 %) | ✅ PASS |
        | launch.wait.p99 | 60 s | 60 s | 0 | at most 60 s | ✅ PASS |
        | placement.blocking{type="=evil,\\"x\\""} | 0.25 | 0.25 | 0 | at most 0.5 | ✅ PASS |

        - launch.wait.p99 demand: runs cannot tell, but every one took the same course; 3 runs do not define it, as before.
        - placement.blocking{type="=evil,\\"x\\""} demand: exactly that in all of 60 runs; up to 4.9 % of all runs may be otherwise (at 95 %), which are taken to be off by 0.75 at most on average.

        In brackets: limits that the truth passes with 5 % at most on either side. PASS: shown to hold; FAIL: shown to be missed; INCONCLUSIVE: more runs are needed. fleetsim VERSION.
        "#);
    }

    #[test]
    fn names_cannot_break_out_of_xml() {
        let xml = junit(&of(&[worse(), same()]));
        // Every element that is opened is closed, and nothing of a name opens one.
        for name in ["testsuites", "testsuite", "failure", "error"] {
            let opened = xml.matches(&format!("<{name} ")).count();
            assert_eq!(opened, xml.matches(&format!("</{name}>")).count(), "{name}");
        }
        let closed = xml.matches("</testcase>").count() + xml.matches("\"/>").count();
        assert_eq!(xml.matches("<testcase ").count(), closed);
        assert!(!xml.contains("a<b"));
        assert_snapshot!(xml, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="fleetsim check" tests="8" failures="1" errors="2">
          <testsuite name="made-up" tests="4" failures="1" errors="2" skipped="0">
            <testcase classname="made-up" name="availability demand">
              <failure type="FAIL" message="availability: 0.9995002 -&gt; 0.9992001, change -0.0003000 (-0.0003021 to -0.0002980), allowed -0.0001"></failure>
            </testcase>
            <testcase classname="made-up" name="a&lt;b &amp; &quot;c&quot;|d">
              <error type="INCONCLUSIVE" message="servers.crashes: 21.00 -&gt; 23.00, change +2.00 (+1.80 to +2.20), allowed +2.1 (10 %)">about 940 runs would tell</error>
            </testcase>
            <testcase classname="made-up" name="launch.wait.p99 demand">
              <error type="INCONCLUSIVE" message="launch.wait.p99: 60.0 s -&gt; 60.2 s (58.8 to 61.6), change +0.2, demanded at most 60 s">3 runs do not define it now: nothing tells what it would be there</error>
            </testcase>
            <testcase classname="made-up" name="placement.blocking{type=&quot;=evil,\&quot;x\&quot;&quot;} demand"/>
          </testsuite>
          <testsuite name="made-up" tests="4" failures="0" errors="0" skipped="0">
            <testcase classname="made-up" name="availability demand"/>
            <testcase classname="made-up" name="a&lt;b &amp; &quot;c&quot;|d"/>
            <testcase classname="made-up" name="launch.wait.p99 demand"/>
            <testcase classname="made-up" name="placement.blocking{type=&quot;=evil,\&quot;x\&quot;&quot;} demand"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn annotations_are_one_line_each() {
        let text = github(&of(&[worse(), same()]));
        assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
        assert_snapshot!(text, @r#"
        ::error file=made%2Cup.toml,line=7,title=FAIL availability demand::availability: 0.9995002 -> 0.9992001, change -0.0003000 (-0.0003021 to -0.0002980), allowed -0.0001
        ::warning file=made%2Cup.toml,line=11,title=INCONCLUSIVE a<b & "c"|d::servers.crashes: 21.00 -> 23.00, change +2.00 (+1.80 to +2.20), allowed +2.1 (10 %25); about 940 runs would tell
        ::warning file=made%2Cup.toml,title=INCONCLUSIVE launch.wait.p99 demand::launch.wait.p99: 60.0 s -> 60.2 s (58.8 to 61.6), change +0.2, demanded at most 60 s; 3 runs do not define it now: nothing tells what it would be there
        ::notice file=made%2Cup.toml,title=made-up::FAIL: 4 gates
        ::notice file=made%2Cup.toml,title=made-up::PASS: 4 gates
        "#);
    }

    #[test]
    fn programs_get_every_number() {
        let object: serde_json::Value = serde_json::from_str(&json(&of(&[worse()]))).unwrap();
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
            "skewed",
            "undefined",
            "unseen_share",
            "unseen_size",
            "runs_needed",
            "told",
        ];
        assert_eq!(keys, promised);
        let table = rows(&of(&[worse()]));
        assert_eq!(table.lines().count(), 5);
        assert!(
            table
                .lines()
                .nth(1)
                .unwrap()
                .starts_with("made-up,availability demand,availability,ratio,FAIL,"),
            "{table}"
        );
        let runs = runs(&of(&[worse()]));
        assert_eq!(runs.lines().count(), 1 + 60 + 60);
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
            (text.replace("\"all\": 0.25", "\"each\": [0.25]"), "has not 60 values"),
            (text.replace("\"all\": 0.25", "\"each\": [], \"all\": 1"), "has not 60 values"),
            (text.replace("\"all\": 0.25", "\"al\": 0.25"), "unknown field `al`"),
            (text.replace("\"runs\": 60", "\"runs\": 0"), "it says that it holds 0 runs"),
        ] {
            let told = parse_baseline(&bad).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
