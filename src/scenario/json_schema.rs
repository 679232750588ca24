//! The JSON Schema of the scenario file (draft 2020-12), from the same declarations as the check.

use super::{
    defaults::{WHOLE, tree, where_there_is_one},
    fault::SourceId,
    schema::{Kind, Shape, Tagged},
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
        property.insert("description".into(), json!(key.doc));
        if let Value::Object(rest) = of(&key.kind, default) {
            property.extend(rest);
        }
        if let Some(default) = default.and_then(plain) {
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

/// A default that is not itself a table: those show theirs key by key.
fn plain(node: &Node) -> Option<Value> {
    match &node.value {
        Written::Text(text) => Some(json!(text)),
        Written::Integer(n) => i64::try_from(*n).ok().map(|n| json!(n)),
        Written::Float(x) => Some(json!(x)),
        Written::Switch(on) => Some(json!(on)),
        Written::List(list) => list.iter().map(plain).collect::<Option<Vec<_>>>().map(Value::Array),
        Written::Date(_) | Written::Other(_) | Written::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema that editors read lies beside the shipped scenarios. To renew it:
    /// `fleetsim schema > scenarios/scenario.schema.json`.
    #[test]
    fn the_committed_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/scenario.schema.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == json_schema(),
            "run: fleetsim schema > scenarios/scenario.schema.json"
        );
    }
}
