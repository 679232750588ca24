//! The JSON Schema of the scenario file (draft 2020-12), from the same declarations as the check.

use super::{
    defaults::{WHOLE, tree, where_there_is_one},
    fault::SourceId,
    schema::{Key, Kind, Shape, Tagged},
    told,
    tree::{Node, Value as Written},
};
use serde_json::{Map, Value, json};

/// The JSON Schema of the scenario file, ending in a line feed: what `fleetsim schema` prints.
pub fn json_schema() -> String {
    let defaults = tree(SourceId(0));
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!("fleetsim scenario"));
    if let Value::Object(whole) = of(&WHOLE, Some(&defaults)) {
        schema.extend(whole);
    }
    schema.insert("$defs".into(), definitions());
    let text = serde_json::to_string_pretty(&Value::Object(schema));
    text.expect("values made of texts and numbers can be written") + "\n"
}

/// What a date looks like.
const DATE: &str = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z\s*$";

fn definitions() -> Value {
    let text = |pattern: &str, what: &str| json!({ "type": "string", "pattern": pattern, "description": what });
    let span = r"^\s*([0-9][0-9_]*(\.[0-9]+)?\s*(w|d|h|min|s|ms|us|µs)\s*)+$";
    let one = |keys: Value, required: Value| json!({ "type": "object", "properties": keys, "required": required, "additionalProperties": false });
    let number = json!({ "type": "number", "minimum": 0 });
    let length = json!({ "$ref": "#/$defs/span" });
    let percentage = json!({ "$ref": "#/$defs/percentage" });
    json!({
        "name": text(r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$", super::schema::NAME_HELP),
        "span": text(span, super::quantity::SPAN_HELP),
        "size": text(r"^\s*[0-9][0-9_]*(\.[0-9]+)?\s*([kMGTP]?B|[KMGTP]iB)\s*$", super::quantity::SIZE_HELP),
        "bandwidth": text(r"^\s*[0-9][0-9_]*(\.[0-9]+)?\s*([kMGT]?bit|[kMGTP]?B|[KMGTP]iB)\s*/\s*s\s*$", super::quantity::BANDWIDTH_HELP),
        "rate": text(r"^\s*(never|[0-9][0-9_]*(\.[0-9]+)?\s*%?\s*/\s*(s|min|h|hour|d|day|week|year))\s*$", super::quantity::RATE_HELP),
        "date": text(DATE, super::quantity::DATE_HELP),
        "moment": text(&format!("{}|{span}", DATE), super::quantity::MOMENT_HELP),
        "time_of_day": text(r"^\s*[0-9]{2}:[0-9]{2}:[0-9]{2}\s*$", super::quantity::TIME_OF_DAY_HELP),
        "percentage": text(r"^\s*[0-9][0-9_]*(\.[0-9]+)?\s*%\s*$", "A percentage, as in \"3%\"."),
        "probability": { "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "$ref": "#/$defs/percentage" }] },
        "share": { "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "$ref": "#/$defs/percentage" }] },
        "law": {
            "description": super::law::LAW_HELP,
            "anyOf": [
                { "type": "string" },
                one(json!({ "exponential": { "type": "object", "properties": { "mean": length, "rate": { "$ref": "#/$defs/rate" } }, "additionalProperties": false } }), json!(["exponential"])),
                one(json!({ "weibull": { "type": "object", "properties": { "shape": number, "scale": length, "mean": length, "afr": percentage, "annual_rate": { "type": "string" } }, "required": ["shape"], "additionalProperties": false } }), json!(["weibull"])),
                one(json!({ "lognormal": { "type": "object", "properties": { "median": length, "p99": length, "sigma": number, "mean": length, "cv": number }, "additionalProperties": false } }), json!(["lognormal"])),
                one(json!({ "empirical": { "type": "array", "minItems": 1, "items": { "type": "array", "prefixItems": [{ "$ref": "#/$defs/probability" }, length], "minItems": 2, "maxItems": 2 } } }), json!(["empirical"])),
            ],
        },
    })
}

fn of(kind: &Kind, default: Option<&Node>) -> Value {
    let named = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match kind {
        Kind::Text | Kind::File => json!({ "type": "string" }),
        Kind::Name => named("name"),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Count { least, most } if *most >= i64::MAX as u64 => {
            json!({ "type": "integer", "minimum": least })
        }
        Kind::Count { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Whole => json!({ "type": "integer" }),
        Kind::Amount => json!({ "anyOf": [
            { "type": "number", "minimum": 0 },
            { "type": "string", "description": super::quantity::AMOUNT_HELP },
        ] }),
        Kind::Percent => json!({ "type": "string", "pattern": "^[0-9]+ ?%$" }),
        Kind::Number { least, most } => {
            json!({ "type": "number", "minimum": least, "maximum": most })
        }
        Kind::Span => named("span"),
        Kind::Size => named("size"),
        Kind::Bandwidth => named("bandwidth"),
        Kind::Probability => named("probability"),
        Kind::Share => named("share"),
        Kind::Percentage => named("percentage"),
        Kind::Date => named("date"),
        Kind::Moment => named("moment"),
        Kind::TimeOfDay => named("time_of_day"),
        Kind::Rate => named("rate"),
        Kind::Law => named("law"),
        Kind::Word(words) => {
            let words: Vec<Value> = words
                .iter()
                .map(|(word, doc)| json!({ "const": word, "description": doc }))
                .collect();
            json!({ "oneOf": words })
        }
        Kind::Table(shape) => table(shape, default),
        Kind::Tagged(kinds) => tagged(kinds, default),
        Kind::Map(kind) => {
            let every = default.and_then(Node::table).and_then(|table| table.get("*"));
            json!({
                "type": "object",
                "propertyNames": named("name"),
                "additionalProperties": of(kind, every),
            })
        }
        Kind::List(kind, least) => {
            let pattern = default.and_then(Node::list).and_then(<[Node]>::first);
            json!({ "type": "array", "minItems": least, "items": of(kind, pattern) })
        }
        Kind::Pairs(first, second) => json!({
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "prefixItems": [of(first, None), of(second, None)],
                "minItems": 2,
                "maxItems": 2,
            },
        }),
        Kind::Either(kinds) => {
            json!({ "anyOf": kinds.iter().map(|kind| of(kind, default)).collect::<Vec<_>>() })
        }
    }
}

/// One of several tables: the value of the key that tells them apart is fixed in each.
fn tagged(kinds: &Tagged, default: Option<&Node>) -> Value {
    let form = |(name, shape): &(&str, &'static Shape)| {
        let mut form = table(shape, default);
        form["properties"][kinds.tag] = json!({ "const": name, "description": shape.doc });
        form
    };
    json!({ "description": kinds.doc, "oneOf": kinds.forms.iter().map(form).collect::<Vec<_>>() })
}

fn table(shape: &Shape, default: Option<&Node>) -> Value {
    let default = default.map(|default| where_there_is_one(default).unwrap_or(default));
    let mut properties = Map::new();
    for key in shape.keys {
        let default = default.and_then(Node::table).and_then(|table| table.get(key.name));
        let mut property = Map::new();
        property.insert("description".into(), json!(null));
        if let Value::Object(rest) = of(&key.kind, default) {
            property.extend(rest);
        }
        property.insert("description".into(), json!(described(key, default)));
        let shown = default.filter(|default| told::default_of(&key.kind, default).is_some());
        if let Some(default) = shown.and_then(plain) {
            property.insert("default".into(), default);
        }
        properties.insert(key.name.into(), Value::Object(property));
    }
    let required: Vec<&str> =
        shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": shape.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What an editor shows beside a key: what it means, what it takes, its default. Editors show the
/// description everywhere, other parts of a schema only here and there.
fn described(key: &Key, default: Option<&Node>) -> String {
    let default = default.and_then(|default| told::default_of(&key.kind, default));
    let has_keys = matches!(key.kind, Kind::Table(_) | Kind::Tagged(_));
    let kind = (!has_keys).then(|| told::phrase(&key.kind));
    let must = key.required.then(|| "required".to_owned());
    let default = default.map(|default| format!("default: {default}"));
    let rest: Vec<String> = [kind, must, default].into_iter().flatten().collect();
    if !rest.is_empty() {
        return format!("{} ({})", key.doc, rest.join("; "));
    }
    if let Kind::Table(shape) = &key.kind
        && shape.doc != key.doc
    {
        return format!("{} {}", key.doc, shape.doc);
    }
    key.doc.to_owned()
}

/// A default as JSON writes it.
fn plain(node: &Node) -> Option<Value> {
    match &node.value {
        Written::Text(text) => Some(json!(text)),
        Written::Integer(n) => i64::try_from(*n).ok().map(|n| json!(n)),
        Written::Float(x) => Some(json!(x)),
        Written::Switch(on) => Some(json!(on)),
        Written::List(list) => list.iter().map(plain).collect::<Option<Vec<_>>>().map(Value::Array),
        Written::Table(table) => {
            let entries = table.entries.iter();
            let entries = entries.map(|entry| Some((entry.key.clone(), plain(&entry.node)?)));
            entries.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        Written::Date(_) | Written::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        serde_json::from_str(&json_schema()).unwrap()
    }

    /// Calls `each` on every key of every table in `schema`.
    fn for_each_key(schema: &Value, path: &str, each: &mut impl FnMut(&str, &Value)) {
        if let Some(keys) = schema["properties"].as_object() {
            for (key, property) in keys {
                let path = format!("{path}.{key}");
                each(&path, property);
                for_each_key(property, &path, each);
            }
        }
        for part in ["anyOf", "oneOf", "prefixItems"] {
            let parts = schema[part].as_array().into_iter().flatten();
            parts.for_each(|part| for_each_key(part, path, each));
        }
        for part in ["items", "additionalProperties"] {
            if schema[part].is_object() {
                for_each_key(&schema[part], &format!("{path}.*"), each);
            }
        }
    }

    #[test]
    fn every_key_is_described() {
        let mut keys = 0;
        for_each_key(&schema(), "", &mut |path, property| {
            // The key that tells tables apart has one word and what that stands for.
            let text = property["description"].as_str().unwrap_or_default();
            assert!(text.len() >= 10 && text.contains(' '), "{path} says only {text:?}");
            keys += 1;
        });
        assert!(keys > 1_000, "{keys} keys were found");
    }

    /// The properties that `schema` may have under `key`, whichever form a table takes.
    fn under<'a>(schema: &'a Value, key: &str) -> Vec<&'a Value> {
        let mut found = Vec::from_iter(schema["properties"].get(key));
        if key == "*" && schema["additionalProperties"].is_object() {
            found.push(&schema["additionalProperties"]);
        }
        for part in ["anyOf", "oneOf"] {
            let parts = schema[part].as_array().into_iter().flatten();
            found.extend(parts.flat_map(|part| under(part, key)));
        }
        found
    }

    /// Holds each entry of `defaults` against what `schemas` tell of it.
    fn every_default_is_told_in(schemas: &[&Value], defaults: &Node, path: &str, seen: &mut u32) {
        for entry in &defaults.table().unwrap().entries {
            let path = format!("{path}.{}", entry.key);
            let mut of: Vec<&Value> =
                schemas.iter().flat_map(|one| under(one, &entry.key)).collect();
            if of.is_empty() && entry.key == "*" {
                // Laid under a table only where there is one.
                of = schemas.to_vec();
            }
            if of.is_empty() {
                let every = schemas.iter().flat_map(|one| under(one, "*"));
                of = every.collect();
            }
            assert!(!of.is_empty(), "the schema has no {path}");
            let told = |default: &str| {
                let ending = format!("default: {default})");
                of.iter().all(|one| one["description"].as_str().unwrap().ends_with(&ending))
            };
            if told::written(&entry.node).is_some_and(|default| told(&default)) {
                *seen += 1;
            } else if let Some([pattern]) = entry.node.list() {
                let items: Vec<&Value> = of.iter().map(|one| &one["items"]).collect();
                every_default_is_told_in(&items, pattern, &path, seen);
            } else if entry.node.table().is_some() {
                every_default_is_told_in(&of, &entry.node, &path, seen);
            } else {
                panic!("{path}: its default is not told");
            }
        }
    }

    #[test]
    fn every_default_is_told_in_words() {
        let mut seen = 0;
        every_default_is_told_in(&[&schema()], &tree(SourceId(0)), "", &mut seen);
        assert!(seen > 250, "{seen} defaults were found");
    }

    /// So that editors know them without being told.
    #[test]
    fn every_shipped_scenario_names_the_schema_in_its_first_line() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let scenarios = files.filter(|path| path.extension().is_some_and(|of| of == "toml"));
        let mut found = 0;
        for path in scenarios {
            let text = std::fs::read_to_string(&path).unwrap();
            let first = text.lines().next();
            assert_eq!(first, Some("#:schema ./scenario.schema.json"), "{}", path.display());
            found += 1;
        }
        assert!(found >= 15, "{found} scenarios were found");
    }

    /// The schema that editors read lies beside the shipped scenarios. To renew it:
    /// `fleetsim schema > scenarios/scenario.schema.json`, or this test with `FLEETSIM_RENEW=1`.
    #[test]
    fn the_committed_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/scenario.schema.json");
        if std::env::var_os("FLEETSIM_RENEW").is_some() {
            std::fs::write(path, json_schema()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == json_schema(),
            "run: fleetsim schema > scenarios/scenario.schema.json"
        );
    }
}
