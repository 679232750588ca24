//! The catalogue of metrics, in every form that `fleetsim metrics` prints.

use super::{csv::Sheet, json, look::Look, markdown, text::wrapped_at};
use crate::observe::catalogue::{Better, Definition};
use serde_json::{Value, json};

/// For people: a name with its labels and unit on a line, the definition below.
pub fn text(catalogue: &[Definition], look: &Look) -> String {
    let mut text = String::new();
    for entry in catalogue {
        let (name, remark) = (look.strong(&name(entry)), remark(entry.better));
        text.push_str(&format!("{name} [{}]{remark}\n", entry.unit));
        text.push_str(&wrapped_at(entry.definition, "    ", look.columns()));
        text.push('\n');
    }
    text
}

/// For programs: an array of objects.
pub fn json(catalogue: &[Definition]) -> String {
    let entries = catalogue.iter().map(|entry| {
        json!({
            "name": entry.name,
            "labels": entry.labels,
            "unit": entry.unit,
            "better": better(entry.better),
            "definition": entry.definition,
        })
    });
    json::pretty(&Value::Array(entries.collect()))
}

/// For data frames: a row a metric.
pub fn csv(catalogue: &[Definition]) -> String {
    let mut sheet = Sheet::new(["name", "labels", "unit", "better", "definition"]);
    for entry in catalogue {
        let labels = entry.labels.join(",");
        sheet.row([entry.name, &labels, entry.unit, better(entry.better), entry.definition]);
    }
    sheet.finish()
}

/// For pages: a table.
pub fn markdown(catalogue: &[Definition]) -> String {
    let mut text = "| metric | unit | better | definition |\n|---|---|---|---|\n".to_owned();
    for entry in catalogue {
        let cells = [name(entry), entry.unit.to_owned(), better(entry.better).to_owned()];
        let cells = cells.map(|cell| markdown::escaped(&cell)).join(" | ");
        text.push_str(&format!("| {cells} | {} |\n", markdown::escaped(entry.definition)));
    }
    text
}

/// `downtime{cause}`.
fn name(entry: &Definition) -> String {
    match entry.labels {
        [] => entry.name.to_owned(),
        labels => format!("{}{{{}}}", entry.name, labels.join(",")),
    }
}

fn better(better: Better) -> &'static str {
    match better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::Neither => "neither",
    }
}

fn remark(direction: Better) -> &'static str {
    match direction {
        Better::Higher => ", higher is better",
        Better::Lower => ", lower is better",
        Better::Neither => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::report::made_up::CATALOGUE;
    use insta::assert_snapshot;

    #[test]
    fn every_form_lists_every_metric() {
        let some = &CATALOGUE[..2];
        assert_snapshot!(super::text(some, &crate::report::look::Look::PIPED), @r"
        availability [ratio], higher is better
            served instance-time / owed instance-time, over the fleet after warm-up,
            which is a definition long enough to need a second line

        downtime{cause} [instance-s], lower is better
            made up for a test
        ");
        assert_snapshot!(super::json(some), @r#"
        [
          {
            "name": "availability",
            "labels": [],
            "unit": "ratio",
            "better": "higher",
            "definition": "served instance-time / owed instance-time, over the fleet after warm-up, which is a definition long enough to need a second line"
          },
          {
            "name": "downtime",
            "labels": [
              "cause"
            ],
            "unit": "instance-s",
            "better": "lower",
            "definition": "made up for a test"
          }
        ]
        "#);
        assert_snapshot!(super::csv(some), @r#"
        name,labels,unit,better,definition
        availability,,ratio,higher,"served instance-time / owed instance-time, over the fleet after warm-up, which is a definition long enough to need a second line"
        downtime,cause,instance-s,lower,made up for a test
        "#);
        assert_snapshot!(super::markdown(some), @r"
        | metric | unit | better | definition |
        |---|---|---|---|
        | availability | ratio | higher | served instance-time / owed instance-time, over the fleet after warm-up, which is a definition long enough to need a second line |
        | downtime{cause} | instance-s | lower | made up for a test |
        ");
    }
}
