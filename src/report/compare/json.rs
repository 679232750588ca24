//! The comparison as one JSON object: a promise to programs, changed only by adding.

use super::{Candidate, Compared, Other, letter};
use crate::{
    experiment::{
        comparison::{Chosen, Tested},
        divergence::Divergence,
        estimate::LEVEL,
        paired::Method,
    },
    observe::catalogue::Better,
    report::json::{number, pretty},
};
use serde_json::{Map, Value, json};

/// What `compare --format json` prints, ending in a newline. `command` repeats the comparison; where
/// it is given it stands in the object too.
pub fn object(compared: &Compared, command: Option<&str>) -> String {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("kind", json!("compare"));
    if let Some(baseline) = compared.candidates.first() {
        let about = &baseline.about;
        put("version", json!(about.version));
        put("rng_scheme", json!(about.rng_scheme));
        put("seed", json!(about.seed));
        put("runs", json!(about.runs));
    }
    if let Some(command) = command {
        put("command", json!(command));
    }
    if !compared.notes.is_empty() {
        put("notes", json!(compared.notes));
    }
    put("level", json!(LEVEL));
    put("correction", json!("holm"));
    put("tests", json!(compared.comparison.tests));
    let candidates = compared.candidates.iter().enumerate().map(candidate);
    put("candidates", Value::Array(candidates.collect()));
    let comparisons = compared.others().map(|other| comparison(compared, &other));
    put("comparisons", Value::Array(comparisons.collect()));
    pretty(&Value::Object(object))
}

fn candidate((place, candidate): (usize, &Candidate)) -> Value {
    let about = &candidate.about;
    json!({
        "candidate": letter(place),
        "label": candidate.label,
        "scenario": about.scenario,
        "question": about.question,
        "digest": about.digest,
        "file": candidate.file,
        "options": candidate.options,
        "remarks": about.remarks,
    })
}

fn comparison(compared: &Compared, other: &Other<'_>) -> Value {
    let rows = compared.chosen.iter().zip(&other.against.tested);
    json!({
        "candidate": other.letter,
        "baseline": letter(0),
        "identical": other.against.first_apart.is_none(),
        "runs_of_same_course": other.against.same_course,
        "first_divergence": other.parts.map(|parts| divergence(compared, other, parts)),
        "metrics": rows.map(row).collect::<Vec<Value>>(),
    })
}

fn divergence(compared: &Compared, other: &Other<'_>, parts: &Divergence) -> Value {
    let baseline = compared.candidates.first();
    let commands: Vec<String> =
        baseline.into_iter().chain([other.candidate]).map(|of| of.trace(parts)).collect();
    json!({
        "run": parts.run,
        "at": parts.at.to_string(),
        "at_s": parts.at.seconds(),
        "facts_in_common": parts.shared,
        "instead": parts.instead,
        "trace": commands,
    })
}

fn row((chosen, tested): (&Chosen, &Tested)) -> Value {
    let paired = &tested.paired;
    let width = paired.limits.map(|limits| limits.half_width(LEVEL));
    let mut row = json!({
        "metric": chosen.name,
        "unit": chosen.definition.unit,
        "better": better(chosen.definition.better),
        "baseline": number(paired.baseline),
        "mean": number(paired.candidate),
        "difference": number(paired.difference),
        "half_width": number(width),
        "relative": number(paired.relative()),
        "method": method(paired.method),
        "p": number(paired.p),
        "p_holm": number(tested.adjusted),
        "verdict": tested.verdict.word(),
        "correlation": number(paired.correlation),
        "variance_ratio": number(paired.variance_ratio),
        "runs": paired.runs,
        "equal": paired.zeros,
        "above": paired.above,
        "below": paired.below,
        "undefined": paired.unpaired,
        "deviation": number(paired.deviation),
        "skewness": number(paired.skewness),
        "skewed": paired.skewed,
    });
    if let (Method::Sparse { signs, flips }, Some(row)) = (paired.method, row.as_object_mut()) {
        row.insert("permutation_p".to_owned(), number(Some(flips)));
        row.insert("sign_p".to_owned(), number(Some(signs)));
    }
    row
}

/// `higher`, `lower` or `neither`.
pub(super) const fn better(better: Better) -> &'static str {
    match better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::Neither => "neither",
    }
}

/// The word for a test.
pub(super) const fn method(method: Method) -> &'static str {
    match method {
        Method::TooFew => "too-few",
        Method::Identical => "identical",
        Method::Constant => "constant",
        Method::Student => "t",
        Method::Sparse { .. } => "sparse",
        Method::McNemar => "mcnemar",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::made_up;

    #[test]
    fn the_object_holds_what_it_promises() {
        let compared = made_up::compared();
        let text = object(&compared, Some("fleetsim compare a.toml b.toml"));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["kind"], "compare");
        assert_eq!(read["command"], "fleetsim compare a.toml b.toml");
        assert_eq!(read["candidates"][2]["candidate"], "C");
        let [first, second] = [&read["comparisons"][0], &read["comparisons"][1]];
        assert_eq!((&first["identical"], &second["identical"]), (&json!(false), &json!(true)));
        assert_eq!(first["first_divergence"]["at"], "1d 02:03:04.500000");
        assert_eq!(second["first_divergence"], Value::Null);
        let metric = |name: &str| {
            let rows = first["metrics"].as_array().unwrap();
            rows.iter().find(|row| row["metric"] == name).unwrap().clone()
        };
        assert_eq!(metric("availability")["method"], "t");
        assert!(metric("availability")["variance_ratio"].as_f64() > Some(1.0));
        assert_eq!(metric("downtime")["verdict"], "same");
        assert_eq!(metric("downtime")["p"], Value::Null);
        assert_eq!(metric("data_loss.instances")["method"], "sparse");
        assert!(metric("data_loss.instances")["permutation_p"].is_number());
        assert!(object(&compared, None).find("\"command\"").is_none());
    }
}
