//! Presets of instance refreshes and of server models: tables of keys that are laid under what the
//! user writes.

use super::{
    fault::SourceId,
    from_toml,
    keys::FILE,
    schema::{Kind, Shape},
    tree::{Node, Table, Value},
};

/// The presets as they are documented.
pub const TEXT: &str = include_str!("presets.toml");

/// Name of that text in messages.
pub const NAME: &str = "presets.toml";

/// The types of dedicated hosts, as presets of server models.
pub const HOST_TYPES: &str = include_str!("host_types.toml");

/// Name of that text in messages.
pub const HOST_TYPES_NAME: &str = "host_types.toml";

/// Lays under each server model of `root` what the type of dedicated hosts that it names says.
/// `source` is the text of the types.
pub fn lay_host_types_under(root: &mut Node, source: SourceId) {
    let Value::Table(root) = &mut root.value else { return };
    let Some(models) = inside(root, "server_models") else { return };
    let types = from_toml::read(source, HOST_TYPES, &mut Vec::new());
    for entry in &mut models.entries {
        let Value::Table(model) = &mut entry.node.value else { continue };
        let of = model.get("host_type").and_then(Node::text).map(str::to_owned);
        let of = of.and_then(|name| types.table()?.get(&name)?.table());
        let keys = of.map(|of| of.entries.as_slice()).unwrap_or_default();
        let added: Vec<_> =
            keys.iter().filter(|entry| model.get(&entry.key).is_none()).cloned().collect();
        model.entries.extend(added);
    }
}

/// Lays the presets that `root` names under the tables that name them: in `settings.refresh` and in
/// the `refresh` of each group. `source` is the text of the presets.
pub fn lay_under(root: &mut Node, source: SourceId) {
    let presets = from_toml::read(source, TEXT, &mut Vec::new());
    let Value::Table(root) = &mut root.value else { return };
    if let Some(refresh) = inside(root, "settings").and_then(|settings| inside(settings, "refresh"))
    {
        expand(refresh, &presets);
    }
    let groups = root.entries.iter_mut().find(|entry| entry.key == "groups");
    let Some(Value::List(groups)) = groups.map(|entry| &mut entry.node.value) else { return };
    for group in groups {
        let Value::Table(group) = &mut group.value else { continue };
        if let Some(refresh) = inside(group, "refresh") {
            expand(refresh, &presets);
        }
    }
}

fn inside<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    let entry = table.entries.iter_mut().find(|entry| entry.key == key)?;
    match &mut entry.node.value {
        Value::Table(table) => Some(table),
        Value::Text(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Switch(_)
        | Value::Date(_)
        | Value::Other(_)
        | Value::List(_) => None,
    }
}

/// What the preset says that `refresh` does not say itself: what is written excludes its rivals.
fn expand(refresh: &mut Table, presets: &Node) {
    let preset = refresh.get("preset").and_then(Node::text).map(str::to_owned);
    let preset = preset.and_then(|name| presets.table()?.get(&name)?.table());
    let (Some(preset), Some(shape)) = (preset, shape()) else { return };
    let written = refresh.clone();
    let has_rival = |key: &str| shape.rivals(key).any(|rival| written.get(rival).is_some());
    // What bounds the group is said in one of several ways: whoever says it in another way than the
    // preset wants nothing of the preset's.
    let bounds = |key: &str| shape.rivals(key).next().is_some();
    let is_displaced =
        preset.entries.iter().any(|entry| bounds(&entry.key) && has_rival(&entry.key));
    let is_free = |key: &str| written.get(key).is_none() && !(bounds(key) && is_displaced);
    let added = preset.entries.iter().filter(|entry| is_free(&entry.key));
    refresh.entries.extend(added.cloned());
}

/// The keys of `settings.refresh`.
fn shape() -> Option<&'static Shape> {
    let Kind::Table(settings) = &FILE.key("settings")?.kind else { return None };
    let Kind::Table(refresh) = &settings.key("refresh")?.kind else { return None };
    Some(refresh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{check::check, tree::Entry};

    fn presets() -> Node {
        from_toml::read(SourceId(0), TEXT, &mut Vec::new())
    }

    #[test]
    fn presets_are_right_and_all_there() {
        let presets = presets();
        let shape = shape().expect("there are refreshes");
        let Kind::Word(words) = shape.key("preset").expect("there are presets").kind else {
            panic!("a preset is a word")
        };
        let names = presets.table().unwrap().entries.iter().map(|entry| entry.key.as_str());
        assert_eq!(
            names.collect::<Vec<_>>(),
            words.iter().map(|(word, _)| *word).collect::<Vec<_>>()
        );
        for entry in &presets.table().unwrap().entries {
            let mut faults = Vec::new();
            check(&Kind::Table(shape), &entry.node, &entry.key, &mut faults);
            assert!(faults.is_empty(), "{faults:?}");
        }
    }

    #[test]
    fn who_bounds_the_group_in_another_way_wants_none_of_the_presets_bounds() {
        for (preset, written) in [
            ("azure", "max_unavailable = 3"),
            ("azure", "min_pct = 50"),
            ("kubernetes", "max_batch_percent = 10"),
            ("aws", "max_surge = 2"),
        ] {
            let text = format!("[settings.refresh]\npreset = \"{preset}\"\n{written}\n");
            let mut root = from_toml::read(SourceId(1), &text, &mut Vec::new());
            lay_under(&mut root, SourceId(2));
            let settings = root.table().unwrap().get("settings").unwrap().table().unwrap();
            let refresh = settings.get("refresh").unwrap().table().unwrap();
            let all = ["min_pct", "max_pct", "max_unavailable", "max_surge", "max_batch_percent"];
            let given: Vec<_> = all.into_iter().filter(|key| refresh.get(key).is_some()).collect();
            assert_eq!(given, [written.split(' ').next().unwrap()], "{preset}");
        }
    }

    #[test]
    fn what_is_written_beside_a_preset_wins_and_excludes_its_rivals() {
        let text = "[settings.refresh]\npreset = \"kubernetes\"\nmin_pct = 50\npacing = \"batch\"\n\
                    [[groups]]\nrefresh = { preset = \"aws\" }\n";
        let mut root = from_toml::read(SourceId(1), text, &mut Vec::new());
        lay_under(&mut root, SourceId(2));
        let root = root.table().unwrap();
        let refresh = root.get("settings").unwrap().table().unwrap().get("refresh").unwrap();
        let refresh = refresh.table().unwrap();
        assert!(refresh.get("max_surge").is_none() && refresh.get("max_unavailable").is_none());
        assert_eq!(refresh.get("pacing").unwrap().text(), Some("batch"));
        assert_eq!(refresh.get("zero_budget_mode").unwrap().text(), Some("terminate_first"));
        let group = root.get("groups").unwrap().list().unwrap()[0].table().unwrap();
        let keys = &group.get("refresh").unwrap().table().unwrap().entries;
        let has = |key: &str| keys.iter().any(|entry: &Entry| entry.key == key);
        assert!(has("min_pct") && has("max_difference"));
    }
}
