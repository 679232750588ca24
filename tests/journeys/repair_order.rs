//! In what order one crew takes up broken servers.

use crate::story::told;

/// Four servers that fail one after the other; their repairs take 3 h, 2 h, 1 h and 90 min, and the
/// last holds two instances.
fn fleet(order: &str) -> String {
    let models =
        [("a", "1h", "3h"), ("b", "2h", "2h"), ("c", "3h", "1h"), ("d", "3h30min", "90min")];
    let models = models.map(|(name, life, repair)| {
        format!(
            r#"
[server_models.{name}]
vcpus = 4
memory = "16GiB"
crash = {{ life = "{life}", restarts_itself = 0, repair = "{repair}" }}
risk = "never"
[[servers]]
model = "{name}"
count = 1
zones = ["{name}"]
"#
        )
    });
    format!(
        r#"
[scenario]
name = "order"
horizon = "8h"
{}
[instance_types.t]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "t"
count = 1
zone = "a"
[[workload.instances]]
type = "t"
count = 1
zone = "b"
[[workload.instances]]
type = "t"
count = 1
zone = "c"
[[workload.instances]]
type = "t"
count = 2
zone = "d"
[policies]
recovery = "in-place"
[policies.repair]
crews = 1
order = "{order}"
"#,
        models.concat()
    )
}

/// Only what happens to the crew.
fn repairs(order: &str) -> String {
    let story = told(&fleet(order));
    let of_crew = |line: &&str| line.contains("repair begins");
    let facts = story.split(['\n', ';']).filter(of_crew);
    let shown = facts.map(|fact| fact.split("  ").last().unwrap_or(fact).trim());
    shown.collect::<Vec<_>>().join("; ")
}

#[test]
fn in_order_of_failure() {
    insta::assert_snapshot!(repairs("first-come"), @"s0 repair begins; s1 repair begins after 2h; s2 repair begins after 3h; s3 repair begins after 3h 30min");
}

#[test]
fn the_shortest_first() {
    insta::assert_snapshot!(repairs("shortest-first"), @"s0 repair begins; s2 repair begins after 1h; s3 repair begins after 1h 30min; s1 repair begins after 4h 30min");
}

#[test]
fn the_fullest_first() {
    insta::assert_snapshot!(repairs("most-instances-first"), @"s0 repair begins; s3 repair begins after 30min; s1 repair begins after 3h 30min; s2 repair begins after 4h 30min");
}
