//! The walk that finds every fault of form: unknown keys, wrong types, missing keys, wrong words,
//! quantities that cannot be read.

use super::{
    fault::{Fault, Place, known_names, nearest},
    law,
    quantity::{self, Wrong},
    schema::{Choice, Kind, NAME_HELP, Shape, Tagged, is_name},
    set::name_of,
    tree::{Node, Table, shortened},
};

/// Checks `node` against `kind`; `path` is how messages call it. Calls itself as deep as kinds
/// are nested.
pub fn check(kind: &Kind, node: &Node, path: &str, faults: &mut Vec<Fault>) {
    match kind {
        Kind::Text | Kind::File => text(node, path, faults, |_| Ok(())),
        Kind::Name => name(node, path, faults),
        Kind::Switch => {
            if !matches!(node.value, super::tree::Value::Switch(_)) {
                wrong_type(node, path, "true or false", faults);
            }
        }
        Kind::Count { least, most } => count(node, path, (*least, *most), faults),
        Kind::Whole => whole(node, path, faults),
        Kind::Percent => text(node, path, faults, |text| quantity::percent(text).map(|_| ())),
        Kind::Amount => match node.number() {
            Some(_) => number(node, path, (0.0, 1e15), faults),
            None => text(node, path, faults, |text| quantity::amount(text).map(|_| ())),
        },
        Kind::Number { least, most } => number(node, path, (*least, *most), faults),
        Kind::Span => text(node, path, faults, |text| quantity::span(text).map(|_| ())),
        Kind::Size => text(node, path, faults, |text| quantity::size(text).map(|_| ())),
        Kind::Bandwidth => text(node, path, faults, |text| quantity::bandwidth(text).map(|_| ())),
        Kind::Rate => text(node, path, faults, |text| quantity::rate(text).map(|_| ())),
        Kind::Date => dated(node, path, faults, |text| quantity::date(text).map(|_| ())),
        Kind::Moment => dated(node, path, faults, |text| quantity::moment(text).map(|_| ())),
        Kind::TimeOfDay => text(node, path, faults, |text| quantity::time_of_day(text).map(|_| ())),
        Kind::Percentage => text(node, path, faults, percentage_below_one),
        Kind::Probability => match node.number() {
            Some(_) => number(node, path, (0.0, 1.0), faults),
            None => text(node, path, faults, |text| quantity::percentage(text).map(|_| ())),
        },
        Kind::Share => match node.number() {
            Some(_) => number(node, path, (0.0, 1.0), faults),
            None => text(node, path, faults, |text| quantity::share(text).map(|_| ())),
        },
        Kind::Law => {
            law::law(node, path, faults);
        }
        Kind::Word(words) => word(node, path, words, faults),
        Kind::Table(shape) => match node.table() {
            Some(inside) => table(shape, (inside, &node.at), (path, ""), faults),
            None => {
                wrong_type(node, path, "a table", faults);
                let keys: Vec<&str> = shape.keys.iter().map(|key| key.name).take(KEYS).collect();
                let more = if shape.keys.len() > KEYS { ", …" } else { "" };
                helps(faults, format!("its keys: {}{more}", keys.join(", ")));
            }
        },
        Kind::Tagged(kinds) => tagged(kinds, node, path, faults),
        Kind::Map(kind) => map(kind, node, path, faults),
        Kind::List(kind, least) => list(kind, *least, node, path, faults),
        Kind::Pairs(first, second) => pairs((first, second), node, path, faults),
        Kind::Either(kinds) => either(kinds, node, path, faults),
    }
}

/// What a kind is called in a message.
pub fn described(kind: &Kind) -> String {
    match kind {
        Kind::Text => "a text".into(),
        Kind::Name => "a name".into(),
        Kind::File => "the name of a file".into(),
        Kind::Switch => "true or false".into(),
        Kind::Count { .. } | Kind::Whole => "a whole number".into(),
        Kind::Percent => "a whole percentage".into(),
        Kind::Amount => "an amount".into(),
        Kind::Number { .. } => "a number".into(),
        Kind::Span => "a length of time".into(),
        Kind::Size => "a size".into(),
        Kind::Bandwidth => "a bandwidth, as in \"25Gbit/s\"".into(),
        Kind::Probability => "a probability".into(),
        Kind::Share => "a share, as in \"60%\"".into(),
        Kind::Percentage => "a percentage".into(),
        Kind::Rate => "a rate".into(),
        Kind::Date => "a date".into(),
        Kind::Moment => "a point of time".into(),
        Kind::TimeOfDay => "a time of day".into(),
        Kind::Law => "a law of lengths of time".into(),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            words.join(" or ")
        }
        Kind::Table(shape) => {
            let keys: Vec<&str> = shape.keys.iter().map(|key| key.name).take(4).collect();
            format!("a table with {}", keys.join(", "))
        }
        Kind::Tagged(kinds) => format!("a table with `{}`", kinds.tag),
        Kind::Map(_) => "a table of names".into(),
        Kind::List(kind, _) => format!("a list, each {}", described(kind)),
        Kind::Pairs(..) => "a list of pairs".into(),
        Kind::Either(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(described).collect();
            kinds.join(", or ")
        }
    }
}

/// Whether what is written looks like `kind`, right or wrong in its details.
pub fn has_form(kind: &Kind, node: &Node) -> bool {
    match kind {
        Kind::Text
        | Kind::Name
        | Kind::File
        | Kind::Span
        | Kind::Size
        | Kind::Bandwidth
        | Kind::Rate
        | Kind::Percentage
        | Kind::Percent
        | Kind::TimeOfDay
        | Kind::Word(_) => node.text().is_some(),
        Kind::Date | Kind::Moment => node.date().is_some(),
        Kind::Switch => matches!(node.value, super::tree::Value::Switch(_)),
        Kind::Count { .. } | Kind::Whole | Kind::Number { .. } => node.number().is_some(),
        Kind::Probability | Kind::Share | Kind::Amount => {
            node.text().is_some() || node.number().is_some()
        }
        Kind::Law => node.text().is_some() || node.table().is_some(),
        Kind::Table(_) | Kind::Tagged(_) | Kind::Map(_) => node.table().is_some(),
        Kind::List(..) | Kind::Pairs(..) => node.list().is_some(),
        Kind::Either(kinds) => kinds.iter().any(|kind| has_form(kind, node)),
    }
}

/// The keys of a table that a help names, at most.
const KEYS: usize = 6;

/// The last of `faults` is told with this help.
fn helps(faults: &mut Vec<Fault>, help: String) {
    if let Some(fault) = faults.pop() {
        faults.push(fault.help(help));
    }
}

fn wrong_type(node: &Node, path: &str, takes: &str, faults: &mut Vec<Fault>) {
    let message = format!("`{path}` takes {takes}, not {}", node.described());
    faults.push(Fault::at(&node.at, "wrong-type", message));
}

fn text(
    node: &Node,
    path: &str,
    faults: &mut Vec<Fault>,
    read: impl Fn(&str) -> Result<(), Wrong>,
) {
    let Some(written) = node.text() else {
        // What would be right is what the reader says about a text that it cannot read.
        let help = read("").err().map(|wrong| wrong.help);
        let (code, message) = match node.number() {
            Some(x) if x < 0.0 => {
                ("negative", format!("`{path}` is {}, below zero", node.described()))
            }
            Some(x) if !x.is_finite() => {
                ("not-finite", format!("`{path}` is {}, which is no quantity", node.described()))
            }
            Some(_) if help.is_some() => {
                ("no-unit", format!("`{path}` is {} without a unit", node.described()))
            }
            Some(_) | None => {
                ("wrong-type", format!("`{path}` takes a text, not {}", node.described()))
            }
        };
        let fault = Fault::at(&node.at, code, message);
        faults.push(match help {
            Some(help) => fault.help(help),
            None => fault,
        });
        return;
    };
    if let Err(wrong) = read(written) {
        let message = format!("`{path}`: \"{}\" {}", shortened(written), wrong.why);
        faults.push(Fault::at(&node.at, "quantity", message).help(wrong.help));
    }
}

/// As [`text`], also without quotes.
fn dated(
    node: &Node,
    path: &str,
    faults: &mut Vec<Fault>,
    read: impl Fn(&str) -> Result<(), Wrong>,
) {
    match node.date() {
        Some(written) => {
            let value = super::tree::Value::Text(written.to_owned());
            text(&Node { at: node.at.clone(), value }, path, faults, read);
        }
        None => text(node, path, faults, read),
    }
}

fn percentage_below_one(text: &str) -> Result<(), Wrong> {
    let help = "a first-year probability is a percentage below 100 %, as in \"3%\"";
    match quantity::percentage(text) {
        Ok(p) if p < 1.0 => Ok(()),
        Ok(_) => Err(Wrong { why: "is certain within a year".into(), help }),
        Err(wrong) => Err(Wrong { why: wrong.why, help }),
    }
}

fn name(node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let Some(written) = node.text() else { return wrong_type(node, path, "a name", faults) };
    if !is_name(written) {
        faults.push(wrong_name(&node.at, path, written));
    }
}

fn wrong_name(at: &Place, path: &str, name: &str) -> Fault {
    let message = format!("`{path}` has the name {:?}", shortened(name));
    Fault::at(at, "name", message).help(NAME_HELP)
}

fn count(node: &Node, path: &str, (least, most): (u64, u64), faults: &mut Vec<Fault>) {
    let super::tree::Value::Integer(n) = node.value else {
        let range = match most {
            most if most >= i64::MAX as u64 => format!("a whole number, at least {least}"),
            most => format!("a whole number from {least} to {most}"),
        };
        return number_fault(node, path, ("a whole number", &range), faults);
    };
    if n < i128::from(least) || n > i128::from(most) {
        let message = format!("`{path}` is {n}");
        let help = if n < i128::from(least) {
            format!("it is at least {least}")
        } else {
            format!("it is at most {most}")
        };
        faults.push(Fault::at(&node.at, "range", message).help(help));
    }
}

fn whole(node: &Node, path: &str, faults: &mut Vec<Fault>) {
    if !matches!(node.value, super::tree::Value::Integer(_)) {
        number_fault(node, path, ("a whole number", "a whole number"), faults);
    }
}

fn number(node: &Node, path: &str, (least, most): (f64, f64), faults: &mut Vec<Fault>) {
    let Some(x) = node.number().filter(|x| x.is_finite()) else {
        let range = format!("a number from {least} to {most}");
        return number_fault(node, path, ("a number", &range), faults);
    };
    // Zero with a minus sign is most likely a slip, and it would be another value in a digest.
    let is_negative_zero = least >= 0.0 && x.is_sign_negative();
    if x < least || x > most || is_negative_zero {
        let message = format!("`{path}` is {x}");
        let help = format!("it lies between {least} and {most}");
        faults.push(Fault::at(&node.at, "range", message).help(help));
    }
}

fn number_fault(node: &Node, path: &str, (takes, range): (&str, &str), faults: &mut Vec<Fault>) {
    let (code, message) = match node.number() {
        Some(x) if !x.is_finite() => {
            ("not-finite", format!("`{path}` is {}, which is no quantity", node.described()))
        }
        Some(_) | None => {
            ("wrong-type", format!("`{path}` takes {takes}, not {}", node.described()))
        }
    };
    let quotes = if node.text().is_some() { ", without quotes" } else { "" };
    faults.push(Fault::at(&node.at, code, message).help(format!("it is {range}{quotes}")));
}

fn word(node: &Node, path: &str, words: &[(&str, &str)], faults: &mut Vec<Fault>) {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    match node.text() {
        Some(written) if known.contains(&written) => {}
        Some(written) => {
            let message = format!("`{path}` has the unknown value {:?}", shortened(written));
            let help = known_names(written, &known);
            faults.push(Fault::at(&node.at, "unknown-value", message).help(help));
        }
        None => {
            let message = format!("`{path}` takes a word, not {}", node.described());
            let help = known_names("", &known);
            faults.push(Fault::at(&node.at, "wrong-type", message).help(help));
        }
    }
}

/// A table of several, told apart by the value of one key.
fn tagged(kinds: &Tagged, node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let Some(inside) = node.table() else { return wrong_type(node, path, "a table", faults) };
    let tag = kinds.tag;
    let all: Vec<&str> = kinds.forms.iter().map(|(name, _)| *name).collect();
    let known = format!("known: {}", all.join(", "));
    let Some(entry) = inside.entry(tag) else {
        let message = format!("`{path}.{tag}` is missing");
        faults.push(Fault::at(&node.at, "missing-key", message).help(known));
        return;
    };
    let Some(written) = entry.node.text() else {
        let message = format!("`{path}.{tag}` takes a word, not {}", entry.node.described());
        faults.push(Fault::at(&entry.node.at, "wrong-type", message).help(known));
        return;
    };
    let Some(shape) = kinds.form(written) else {
        let message = format!("`{path}.{tag}` has the unknown value {:?}", shortened(written));
        let help = match nearest(written, all.iter().copied()) {
            Some(name) => format!("did you mean `{name}`? ({known})"),
            None => known,
        };
        faults.push(Fault::at(&entry.node.at, "unknown-value", message).help(help));
        return;
    };
    table(shape, (inside, &node.at), (path, &format!(" ({written})")), faults);
}

/// The table `inside`, which stands at a place and is called `path`; `form` tells it from others.
fn table(
    shape: &Shape,
    (inside, at): (&Table, &Place),
    (path, form): (&str, &str),
    faults: &mut Vec<Fault>,
) {
    let inner =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let known: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
    for entry in &inside.entries {
        match shape.key(&entry.key) {
            Some(key) => check(&key.kind, &entry.node, &inner(key.name), faults),
            None => {
                let holder =
                    if path.is_empty() { "a scenario".into() } else { format!("`{path}`{form}") };
                let message = format!("{holder} has the unknown key `{}`", shortened(&entry.key));
                let help = known_names(&entry.key, &known);
                faults.push(Fault::at(&entry.key_at, "unknown-key", message).help(help));
            }
        }
    }
    for key in shape.keys.iter().filter(|key| key.required && inside.get(key.name).is_none()) {
        let message = format!("`{}` is missing", inner(key.name));
        let help = format!("{} It is {}", key.doc, described(&key.kind));
        faults.push(Fault::at(at, "missing-key", message).help(help));
    }
    for choice in shape.choices {
        chosen(choice, inside, at, path, faults);
    }
}

fn chosen(choice: &Choice, inside: &Table, at: &Place, path: &str, faults: &mut Vec<Fault>) {
    let given: Vec<_> = choice.keys.iter().filter_map(|key| inside.entry(key)).collect();
    let names = choice.keys.join(", ");
    if let [first, second, ..] = given.as_slice() {
        let message = format!("`{path}` has both `{}` and `{}`", first.key, second.key);
        let fault = Fault::at(&second.key_at, "conflict", message);
        let help = format!("give one of {names}");
        faults.push(fault.label(&first.key_at, "the other one").help(help));
    } else if given.is_empty() && choice.required {
        let message = format!("`{path}` has none of {names}");
        faults.push(Fault::at(at, "missing-key", message).help("give one of them"));
    }
}

fn map(kind: &Kind, node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let Some(inside) = node.table() else {
        return wrong_type(node, path, "a table of names", faults);
    };
    for entry in &inside.entries {
        if !is_name(&entry.key) {
            faults.push(wrong_name(&entry.key_at, path, &entry.key));
        }
        check(kind, &entry.node, &format!("{path}.{}", shortened(&entry.key)), faults);
    }
}

fn list(kind: &Kind, least: usize, node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let Some(inside) = node.list() else {
        wrong_type(node, path, &format!("a list, each {}", described(kind)), faults);
        if has_form(kind, node) {
            helps(faults, "one alone stands in brackets, too".to_owned());
        }
        return;
    };
    if inside.len() < least {
        let message = format!("`{path}` is empty");
        faults.push(
            Fault::at(&node.at, "missing-key", message)
                .help("give at least one element, or leave the key out where it is not required"),
        );
    }
    for (index, element) in inside.iter().enumerate() {
        // As --set picks it: by its name, where it has one of its own.
        let name = name_of(element).filter(|name| {
            let same = inside.iter().filter(|other| name_of(other).as_ref() == Some(name)).count();
            is_name(name) && name.parse::<usize>().is_err() && same == 1
        });
        let path = format!("{path}[{}]", name.unwrap_or_else(|| index.to_string()));
        check(kind, element, &path, faults);
    }
}

fn pairs((first, second): (&Kind, &Kind), node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let pairs = node.list().unwrap_or_default();
    if pairs.is_empty() {
        return wrong_type(node, path, "a list of pairs", faults);
    }
    for (index, pair) in pairs.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match pair.list() {
            Some([a, b]) => {
                check(first, a, &format!("{path}[0]"), faults);
                check(second, b, &format!("{path}[1]"), faults);
            }
            Some(_) | None => wrong_type(pair, &path, "a pair", faults),
        }
    }
}

/// Right if any of the kinds is right; else what the last kind of this form has to say.
fn either(kinds: &[Kind], node: &Node, path: &str, faults: &mut Vec<Fault>) {
    let mut last: Option<Vec<Fault>> = None;
    for kind in kinds.iter().filter(|kind| has_form(kind, node)) {
        let mut found = Vec::new();
        check(kind, node, path, &mut found);
        if found.is_empty() {
            return;
        }
        last = Some(found);
    }
    let takes: Vec<String> = kinds.iter().map(described).collect();
    let takes = takes.join(", or ");
    match last {
        Some(mut found) => {
            // A word that is nearly right and a quantity that is not look alike: say both.
            if let [fault] = found.as_mut_slice()
                && node.text().is_some()
            {
                fault.help = Some(format!("it takes {takes}"));
            }
            faults.append(&mut found);
        }
        None => wrong_type(node, path, &takes, faults),
    }
}
