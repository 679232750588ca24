//! The charts of a plan: each goal at the values that were judged, and where the search looked.

use super::words::{along, along_values, counted, named_apart, place_of, told};
use crate::{
    report::{
        chart::{Along, Bar, Bars, Chart, Dots, Figure, Group, Level, Line, Mark, Scale, Spot},
        folder::plan::{Goal, Judged, Planned},
        number, plain,
    },
    scenario::vary::magnitude,
};

/// Values at which the search looked that are shown (count): those with most runs.
const LOOKED_MOST: usize = 40;

/// The charts of `planned`.
pub fn figures(planned: &Planned) -> Vec<Figure> {
    let goals = planned.goals.iter().enumerate();
    let mut all: Vec<Figure> = goals.filter_map(|(at, goal)| judged(planned, at, goal)).collect();
    all.extend(looked(planned));
    named_apart(all)
}

/// The goal as it is judged: `placement.failed <= 0 in 95 % of runs`.
fn wanted(goal: &Goal) -> String {
    let judged = match goal.share {
        Some(share) => format!("in {} of runs", percent(share)),
        None => "on average".to_owned(),
    };
    let (metric, relation) = (plain(&goal.metric), &goal.relation);
    format!("{metric} {relation} {} {judged}", told(goal.wanted, None, &goal.unit))
}

/// All digits that were typed.
fn percent(share: f64) -> String {
    format!("{} %", number::free(libm::round(share * 1e11) / 1e9))
}

/// One goal at every value that was judged by full runs.
fn judged(planned: &Planned, at: usize, goal: &Goal) -> Option<Figure> {
    let values = || planned.values.iter().filter(move |judged| judged.goal == at);
    let spot = |judged: &Judged| {
        let share = judged.held.map(|held| held as f64 / judged.runs.max(1) as f64);
        let y = share.or(judged.mean)?;
        Some(Spot { x: place_of(&judged.value)?, y: Some(y), between: judged.between })
    };
    let verdicts = [("met", Mark::Good), ("not shown", Mark::Open), ("missed", Mark::Bad)];
    let group = |(name, mark): (&str, Mark)| Group {
        name: name.to_owned(),
        mark,
        spots: values().filter(|judged| judged.verdict == name).filter_map(spot).collect(),
    };
    let groups: Vec<Group> = verdicts.into_iter().map(group).collect();
    if groups.iter().all(|group| group.spots.is_empty()) {
        return None;
    }
    let (y, level) = match goal.share {
        Some(share) => {
            let what = Along::new("share of runs in which it holds", Scale::Ratio);
            (what, Level { name: format!("goal: {} of runs", percent(share)), at: share })
        }
        None => {
            let name = format!("goal: {} {}", goal.relation, told(goal.wanted, None, &goal.unit));
            (along(&goal.metric, &goal.unit), Level { name, at: goal.wanted })
        }
    };
    let answer = planned.answer.as_ref();
    let upright = answer.and_then(|answer| {
        Some(Level { name: format!("answer: {answer}"), at: place_of(answer)? })
    });
    let unit = values().find_map(|judged| magnitude(&judged.value)).map(|(_, unit)| unit);
    Some(Figure {
        name: if planned.goals.len() == 1 { "goal".to_owned() } else { format!("goal-{}", at + 1) },
        title: wanted(goal),
        caption: in_words(planned, values()),
        chart: Chart::Dots(Dots {
            x: along_values(&planned.path, &unit.unwrap_or_default()).0,
            y,
            groups,
            line: Line { name: String::new(), points: Vec::new() },
            levels: vec![level],
            uprights: upright.into_iter().collect(),
        }),
    })
}

/// The answer, and what each value says.
fn in_words<'a>(planned: &Planned, values: impl Iterator<Item = &'a Judged>) -> String {
    let confidence = percent(planned.confidence);
    let path = plain(&planned.path);
    let answer = match (planned.status.as_str(), &planned.answer) {
        ("found", Some(answer)) => format!(
            "{path} = {} is the {} value that meets what is wanted, with {confidence} confidence.",
            plain(answer),
            planned.direction
        ),
        (_, Some(answer)) => format!(
            "{path} = {} meets what is wanted with {confidence} confidence; whether the next does \
             cannot be told.",
            plain(answer)
        ),
        (_, None) => format!("No value of {path} is shown to meet what is wanted."),
    };
    let tells = values.take(6).map(|judged| {
        let found = match (judged.held, judged.mean) {
            (Some(held), _) => format!("{held} of {}", counted(judged.runs, "run")),
            (None, Some(mean)) => number::free(mean),
            (None, None) => "no run says anything".to_owned(),
        };
        format!("{}: {found}, {}", plain(&judged.value), judged.verdict)
    });
    let tells: Vec<String> = tells.collect();
    format!("{answer} {}. Intervals are of 95 %, each for itself.", tells.join("; "))
}

/// Where the search looked: runs at each value.
fn looked(planned: &Planned) -> Option<Figure> {
    let mut rows: Vec<(usize, &(String, u64))> = planned.looked.iter().enumerate().collect();
    let unseen = rows.len().saturating_sub(LOOKED_MOST);
    rows.sort_by_key(|(place, (_, runs))| (std::cmp::Reverse(*runs), *place));
    rows.truncate(LOOKED_MOST);
    rows.sort_by_key(|(place, _)| *place);
    let verdict = |value: &str| {
        let own = || planned.values.iter().filter(|judged| judged.value == value);
        let worst = ["missed", "not shown", "met"];
        worst.into_iter().find(|name| own().any(|judged| judged.verdict == *name))
    };
    let bar = |(_, (value, runs)): (usize, &(String, u64))| Bar {
        name: match verdict(value) {
            Some(verdict) => format!("{value}, {verdict}"),
            None => value.clone(),
        },
        value: *runs as f64,
        between: None,
    };
    let rows: Vec<Bar> = rows.into_iter().map(bar).collect();
    let mut caption = format!(
        "{} were simulated at {} of the {} in {}. Values without a verdict only narrowed the search.",
        counted(planned.simulated, "run"),
        number::free(planned.looked.len() as f64),
        counted(planned.candidates, "value"),
        plain(&planned.range)
    );
    if unseen > 0 {
        caption.push_str(&format!(
            " {} with fewer runs are not drawn.",
            counted(unseen as u64, "value")
        ));
    }
    (rows.len() > 1).then(|| Figure {
        name: "search".to_owned(),
        title: format!("Where the search for {} looked", planned.path),
        caption,
        chart: Chart::Bars(Bars { x: Along::new("runs", Scale::Plain), rows, points: false }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::folder::Study;
    use serde_json::json;

    #[test]
    fn values_lie_where_they_were_judged_with_goal_and_answer() {
        let judged = |value: &str, held: u64, verdict: &str| {
            json!({"value": value, "goal": 1, "runs": 100, "held": held, "low": 0.5, "high": 1.0,
                "mean": null, "half_width": null, "level": 0.95, "verdict": verdict})
        };
        let summary = json!({
            "kind": "plan", "scenario": "s", "digest": "00", "version": "0", "seed": 1,
            "path": "a.wait", "range": "1h..9h", "candidates": 9, "direction": "smallest",
            "confidence": 0.95, "runs": 100, "max_runs": 2_000,
            "goals": [{"metric": "placement.failed", "unit": "count", "relation": "<=",
                "wanted": 0.0, "judged": "in-runs", "share": 0.95}],
            "status": "found", "answer": "3h", "best": null, "simulated": 301, "command": "c",
            "values": [judged("2h", 90, "not shown"), judged("3h", 99, "met")],
        });
        let runs = "a.wait,run,fingerprint,placement.failed\n1h,0,x,1.0\n2h,0,x,0.0\n2h,1,x,0.0\n";
        let files = [
            ("summary.json".to_owned(), summary.to_string()),
            ("runs.csv".to_owned(), runs.to_owned()),
        ];
        let Ok(Study::Plan(planned)) = Study::read(&files) else { panic!("it is a plan") };
        assert_eq!(planned.looked, [("1h".to_owned(), 1), ("2h".to_owned(), 2)]);
        let figures = figures(&planned);
        assert_eq!(figures[0].title, "placement.failed <= 0 in 95 % of runs");
        let Chart::Dots(dots) = &figures[0].chart else { panic!("points") };
        let places = |mark: Mark| {
            let groups = dots.groups.iter().filter(|group| group.mark == mark);
            let spots = groups.flat_map(|group| &group.spots);
            spots.map(|spot| (spot.x, spot.y)).collect::<Vec<_>>()
        };
        assert_eq!(places(Mark::Good), [(10_800.0, Some(0.99))]);
        assert_eq!(places(Mark::Open), [(7_200.0, Some(0.9))]);
        assert_eq!(dots.x.scale, Scale::Time);
        assert_eq!((dots.levels[0].at, dots.uprights[0].at), (0.95, 10_800.0));
        assert_eq!(
            figures[0].caption,
            "a.wait = 3h is the smallest value that meets what is wanted, with 95 % confidence. 2h: 90 \
             of 100 runs, not shown; 3h: 99 of 100 runs, met. Intervals are of 95 %, each for itself."
        );
        assert_eq!(figures[1].name, "search");
        let Chart::Bars(bars) = &figures[1].chart else { panic!("bars") };
        assert_eq!(bars.rows[1].name, "2h, not shown");
    }
}
