//! A metric as users name it, as tables show it: `availability`, `downtime{cause=spot}`,
//! `downtime{spot}`, or `downtime` for the whole: the part that stands for all others where there is
//! one, else the sum over its labels where adding makes sense.

use super::catalogue::{CATALOGUE, Definition, Metric};
use crate::scenario::quantity;

/// Metrics whose labels part a whole, so that their sum says something by itself.
const PARTED: &[&str] = &[
    "downtime",
    "interruptions",
    "migrations",
    "migration.ended",
    "migration.slowed",
    "events.published",
    "tasks",
    "commands",
    "refusals",
    "arrivals",
    "service.outages",
    "group.missing",
    "group.below_min_healthy",
    "group.launches",
    "group.removals",
    "group.unhealthy",
    "group.launch_failures",
    "group.activities",
    "refresh.missing",
    "refresh.batches.forced",
    "refresh.replaced",
    "refresh.failed_instances",
    "refresh.launch_failures",
    "refresh.floor_broken",
    "campaign.servers",
    "link.saturated",
    "credits.mode_changes",
    "credits.instances",
    "credits.ran_out",
    "drain.given_up",
    "drain.moves",
    "drain.barred",
    "spot.interruptions",
    "spot.instance_hours",
    "spot.cost",
    "spot.cost.pay_as_you_go",
    "spot.refused",
    "spot.base.instance_hours",
    "spot.base.cost",
    "dedicated.live",
];

/// Metrics one of whose parts, called [`ALL`], is the whole of the others.
const WITH_WHOLE: &[&str] = &[
    "arrivals",
    "placement.blocking",
    "credits.instances",
    "credits.ran_out",
    "credits.throttled.share",
    "spot.instance_hours",
    "spot.cost",
    "spot.cost.pay_as_you_go",
    "spot.saved",
    "spot.reclaimed",
    "spot.refused",
    "spot.base.instance_hours",
    "spot.base.cost",
];

/// The label of the part that stands for all others together.
pub const ALL: &str = "all";

/// What a name may end in to say that the sum over all labels is meant: `migrations.total`.
const TOTAL: &str = ".total";

/// Labels told where none of them is the one that was asked for.
const TOLD_MAX: usize = 8;

/// A metric as it was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selector {
    /// As typed.
    text: String,
    definition: &'static Definition,
    /// For each label of the definition the value asked for; `None`: all of them.
    wanted: Vec<Option<String>>,
}

/// Where the metric that was named stands among those of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The name in one spelling: `downtime{cause=spot}`; `downtime` where it is the sum.
    pub name: String,
    /// The metric.
    pub definition: &'static Definition,
    /// The places whose values are added; one where nothing is to be added.
    pub places: Vec<usize>,
}

impl Column {
    /// The value that one run has here; `values` are its values in the order of its metrics. A run
    /// in which no part is defined has none.
    pub fn value(&self, values: &[Option<f64>]) -> Option<f64> {
        let parts = self.places.iter().filter_map(|place| values.get(*place).copied().flatten());
        parts.fold(None, |sum: Option<f64>, part| Some(sum.unwrap_or(0.0) + part))
    }

    /// The metric at `place` of `metrics` alone.
    pub fn single(metrics: &[Metric], place: usize) -> Self {
        let metric = &metrics[place];
        Self { name: name(metric), definition: metric.definition, places: vec![place] }
    }
}

impl Selector {
    /// The metric that `text` names: one of the catalogue, with values for its labels in braces, by
    /// name or in the catalogue's order; a label that is left out means all its values.
    ///
    /// # Errors
    /// What is wrong with the name, and which are near.
    pub fn parse(text: &str) -> Result<Self, String> {
        let typed = text.trim();
        let (name, labels) = match typed.split_once('{') {
            None => (typed, None),
            Some((name, rest)) => {
                let inside = rest.strip_suffix('}');
                let inside = inside.ok_or_else(|| format!("`{typed}` lacks its closing brace"))?;
                (name.trim(), Some(inside))
            }
        };
        let definition = definition(name).ok_or_else(|| unknown(name))?;
        let mut wanted = vec![None; definition.labels.len()];
        for (place, label) in pairs(labels.unwrap_or_default())?.into_iter().enumerate() {
            let (name, value) = label;
            let place = match name {
                Some(name) => definition.labels.iter().position(|label| *label == name),
                None => Some(place).filter(|place| *place < wanted.len()),
            };
            let place = place.ok_or_else(|| wrong_label(definition, typed))?;
            if wanted[place].replace(value).is_some() {
                return Err(format!("`{typed}` names {} twice", definition.labels[place]));
            }
        }
        Ok(Self { text: typed.to_owned(), definition, wanted })
    }

    /// The metric.
    pub fn definition(&self) -> &'static Definition {
        self.definition
    }

    /// The metric itself, where every label is named.
    pub fn metric(&self) -> Option<Metric> {
        let labels = self.wanted.iter().cloned().collect::<Option<Vec<String>>>()?;
        Some(Metric { definition: self.definition, labels })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands among `metrics`, those of a scenario.
    ///
    /// # Errors
    /// The scenario does not measure it; or it has labels of which one must be named, which are
    /// told.
    pub fn find(&self, metrics: &[Metric]) -> Result<Column, String> {
        let of_name =
            || metrics.iter().enumerate().filter(|(_, m)| m.definition == self.definition);
        if of_name().next().is_none() {
            let why = format!("this scenario has nothing that `{}` measures", self.definition.name);
            return Err(why);
        }
        let places: Vec<usize> = of_name()
            .filter(|(_, metric)| self.is_wanted(metric))
            .map(|(place, _)| place)
            .collect();
        // Where the whole is there already, it and its parts would count everything twice.
        if let Some(whole) = places.iter().find(|place| is_whole(&metrics[**place])) {
            return Ok(Column::single(metrics, *whole));
        }
        match places.as_slice() {
            [] => {
                Err(format!("there is no `{}`{}", self.text, self.told(of_name().map(|(_, m)| m))))
            }
            [place] => Ok(Column::single(metrics, *place)),
            _ if is_parted(self.definition) => {
                let name = self.whole();
                Ok(Column { name, definition: self.definition, places })
            }
            _ => {
                let all = places.iter().map(|place| &metrics[*place]);
                Err(format!(
                    "`{}` is not one number: its parts do not add up{}",
                    self.text,
                    self.told(all)
                ))
            }
        }
    }

    fn is_wanted(&self, metric: &Metric) -> bool {
        let pairs = self.wanted.iter().zip(&metric.labels).zip(self.definition.labels);
        let mut pairs = pairs.filter_map(|((wanted, is), name)| Some((wanted.as_ref()?, is, name)));
        pairs.all(|(wanted, is, name)| wanted == is || *name == "at" && is_moment(wanted, is))
    }

    /// The name of the sum over what is not named.
    fn whole(&self) -> String {
        let named = self.wanted.iter().zip(self.definition.labels);
        let named: Vec<(&str, &str)> =
            named.filter_map(|(value, name)| Some((*name, value.as_deref()?))).collect();
        written(self.definition.name, &named)
    }

    /// `; name one of: a, b, c` of `metrics`, the nearest first.
    fn told<'a>(&self, metrics: impl Iterator<Item = &'a Metric>) -> String {
        let mut names: Vec<String> = metrics.map(name).collect();
        names.sort_by_cached_key(|name| {
            let far = 1.0 - strsim::jaro_winkler(name, &self.text);
            ((far * 1e6) as u64, name.clone())
        });
        let more = if names.len() > TOLD_MAX { ", ..." } else { "" };
        names.truncate(TOLD_MAX);
        format!("; name one of {}{more}", names.join(", "))
    }
}

/// Whether the labels of `definition` part a whole, so that their values may be added.
pub fn is_parted(definition: &Definition) -> bool {
    PARTED.contains(&definition.name)
}

/// Whether `metric` is the whole of all others of its name: `arrivals{type=all}`. A group or an
/// application of that name is none.
pub fn is_whole(metric: &Metric) -> bool {
    WITH_WHOLE.contains(&metric.definition.name) && metric.labels.iter().all(|label| label == ALL)
}

/// A metric with its labels: `downtime{cause=spot}`. A label is quoted, as JSON does it, only where it
/// might be read otherwise: it is empty, begins or ends with a space, or holds other than letters,
/// digits, spaces, brackets and `._:/-#`.
pub fn name(metric: &Metric) -> String {
    let names = metric.definition.labels.iter().copied();
    let labels: Vec<(&str, &str)> = names.zip(metric.labels.iter().map(String::as_str)).collect();
    written(metric.definition.name, &labels)
}

fn written(name: &str, labels: &[(&str, &str)]) -> String {
    let simple = |c: char| c.is_alphanumeric() || "._:/-# ()[]".contains(c);
    let is_plain = |text: &str| !text.is_empty() && text.trim() == text && text.chars().all(simple);
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| match is_plain(value) {
            true => format!("{name}={value}"),
            false => format!("{name}={}", serde_json::Value::from(*value)),
        })
        .collect();
    if pairs.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", pairs.join(",")) }
}

/// The definition called `name`, which may end in `.total`.
fn definition(name: &str) -> Option<&'static Definition> {
    let find = |name: &str| CATALOGUE.iter().find(|definition| definition.name == name);
    let has_total = |found: &&Definition| is_parted(found) || WITH_WHOLE.contains(&found.name);
    find(name).or_else(|| find(name.strip_suffix(TOTAL)?).filter(has_total))
}

fn unknown(name: &str) -> String {
    let far = |other: &str| 1.0 - strsim::jaro_winkler(other, name);
    let mut names: Vec<&str> = CATALOGUE.iter().map(|definition| definition.name).collect();
    names.sort_by(|a, b| far(a).total_cmp(&far(b)).then(a.cmp(b)));
    names.truncate(3);
    format!(
        "there is no metric `{name}`; the nearest are {} (`fleetsim metrics` lists all)",
        names.join(", ")
    )
}

fn wrong_label(definition: &Definition, text: &str) -> String {
    match definition.labels {
        [] => format!("`{text}`: `{}` has no labels", definition.name),
        labels => {
            format!("`{text}`: the labels of `{}` are {}", definition.name, labels.join(", "))
        }
    }
}

/// Whether `wanted` (`10h`) is the moment `is` (seconds of the clock).
fn is_moment(wanted: &str, is: &str) -> bool {
    quantity::span(wanted).is_ok_and(|span| span.seconds().to_string() == is)
}

/// The labels of `text`, between braces: each a value, with its name where it has one.
fn pairs(text: &str) -> Result<Vec<(Option<&str>, String)>, String> {
    let (mut found, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let cut = rest.find(['=', ',', '"']).filter(|at| rest[*at..].starts_with('='));
        let name = cut.map(|at| rest[..at].trim());
        let after = cut.map_or(rest, |at| rest[at + 1..].trim_start());
        let (value, behind) = value(after).ok_or_else(|| format!("`{{{text}}}` is not closed"))?;
        found.push((name, value));
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if behind.is_empty() => behind,
            None => return Err(format!("`{{{text}}}`: a comma is wanted before `{behind}`")),
        };
    }
    Ok(found)
}

/// The value at the beginning of `text`, quoted or up to a comma, and what is behind it.
fn value(text: &str) -> Option<(String, &str)> {
    if !text.starts_with('"') {
        let end = text.find(',').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    }
    let mut read = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = read.next()?.ok()?;
    Some((value, &text[read.byte_offset()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        observe::metrics::Metrics,
        scenario::{InMemory, Scenario},
    };
    use std::sync::Arc;

    fn metrics() -> Arc<[Metric]> {
        let text = r#"
            scenario = { name = "x", horizon = "2d", levels_at = ["10h", "26h30min"] }
            servers = [{ model = "m", count = 2, zones = ["z"] }]
            server_models.m = { vcpus = 4, memory = "16GiB" }
            instance_types.t = { vcpus = 1, memory = "1GiB" }
            workload.instances = [
                { type = "t", count = 1, app = "all" }, { type = "t", count = 1, app = "web" },
            ]
            applications = { all = { needed = [1] }, web = { needed = [1] } }
        "#;
        let scenario = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
        let list = Metrics::list(&scenario.unwrap_or_else(|faults| panic!("{faults}")));
        let definition = CATALOGUE.iter().find(|definition| definition.name == "arrivals");
        let labels = vec!["a, \"b\"".to_owned()];
        let odd = Metric { definition: definition.expect("it is there"), labels };
        list.iter().cloned().chain([odd]).collect()
    }

    fn found(text: &str) -> Result<String, String> {
        let column = Selector::parse(text)?.find(&metrics())?;
        Ok(format!("{} ({})", column.name, column.places.len()))
    }

    fn ok(text: &str) -> String {
        found(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn every_metric_is_found_by_the_name_it_is_shown_by() {
        let metrics = metrics();
        for (place, metric) in metrics.iter().enumerate() {
            let shown = name(metric);
            let column = Selector::parse(&shown).unwrap().find(&metrics).unwrap();
            assert_eq!((column.places.as_slice(), &column.name), (&[place][..], &shown));
        }
    }

    #[test]
    fn labels_go_by_name_or_by_place() {
        assert_eq!(ok("downtime{cause=refresh}"), "downtime{cause=refresh} (1)");
        assert_eq!(ok(" downtime{ refresh } "), "downtime{cause=refresh} (1)");
        assert_eq!(ok("tasks{status=Failed, kind=live}"), "tasks{kind=live,status=Failed} (1)");
        assert_eq!(ok("tasks{live,Failed}"), "tasks{kind=live,status=Failed} (1)");
        assert_eq!(ok(r#"arrivals{type="a, \"b\""}"#), r#"arrivals{type="a, \"b\""} (1)"#);
        assert_eq!(ok("instances.placed.level{at=10h}"), "instances.placed.level{at=36000} (1)");
        assert_eq!(ok("instances.placed.level{1d2h30min}"), "instances.placed.level{at=95400} (1)");
    }

    #[test]
    fn what_is_left_out_is_added_where_that_makes_sense() {
        let causes = metrics().iter().filter(|m| m.definition.name == "downtime").count();
        assert_eq!(ok("downtime"), format!("downtime ({causes})"));
        assert_eq!(ok("downtime.total"), format!("downtime ({causes})"));
        assert!(ok("tasks{live}").starts_with("tasks{kind=live} ("));
        let applications =
            metrics().iter().filter(|m| m.definition.name == "service.outages").count();
        assert_eq!(applications, 2);
        assert_eq!(ok("service.outages"), "service.outages (2)", "`all` is only a name there");
        let why = found("stranded").unwrap_err();
        assert!(why.starts_with("`stranded` is not one number: its parts do not add up"), "{why}");
        assert!(why.contains("; name one of stranded{resource="), "{why}");
    }

    #[test]
    fn the_whole_is_counted_once() {
        for name in ["arrivals", "arrivals.total", "arrivals{}"] {
            assert_eq!(ok(name), "arrivals{type=all} (1)");
        }
        assert_eq!(ok("arrivals{t}"), "arrivals{type=t} (1)");
        assert_eq!(ok("placement.blocking"), "placement.blocking{type=all} (1)");
    }

    #[test]
    fn sums_are_those_of_what_is_defined() {
        let definition = CATALOGUE.iter().find(|d| d.name == "downtime").unwrap();
        let column = Column { name: String::new(), definition, places: vec![0, 2, 3] };
        assert_eq!(column.value(&[Some(1.0), Some(9.0), None, Some(2.5)]), Some(3.5));
        assert_eq!(column.value(&[None, Some(9.0), None, None]), None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let why = |text: &str| found(text).unwrap_err();
        assert!(
            why("availabilty").contains("no metric `availabilty`; the nearest are availability")
        );
        assert!(why("availability.total").contains("there is no metric"));
        assert_eq!(why("downtime{spot"), "`downtime{spot` lacks its closing brace");
        assert_eq!(why("availability{x}"), "`availability{x}`: `availability` has no labels");
        assert_eq!(
            why("downtime{kind=x}"),
            "`downtime{kind=x}`: the labels of `downtime` are cause"
        );
        assert_eq!(why("downtime{a,b}"), "`downtime{a,b}`: the labels of `downtime` are cause");
        assert_eq!(why("downtime{a,cause=b}"), "`downtime{a,cause=b}` names cause twice");
        assert!(
            why("downtime{spto}")
                .starts_with("there is no `downtime{spto}`; name one of downtime{cause=")
        );
        assert!(why(r#"downtime{cause="x}"#).contains("is not closed"));
        assert!(why(r#"downtime{"x"y}"#).contains("a comma is wanted before `y`"));
        assert_eq!(
            why("refresh.duration"),
            "this scenario has nothing that `refresh.duration` measures"
        );
    }

    #[test]
    fn what_is_added_has_labels_and_is_no_share() {
        for name in PARTED {
            let definition = CATALOGUE.iter().find(|d| d.name == *name);
            let definition = definition.unwrap_or_else(|| panic!("{name} is in the catalogue"));
            assert!(!definition.labels.is_empty() && definition.unit != "ratio", "{name}");
        }
        for name in WITH_WHOLE {
            let definition = CATALOGUE.iter().find(|d| d.name == *name);
            assert_eq!(definition.map(|of| of.labels.len()), Some(1), "{name} is in the catalogue");
        }
    }
}
