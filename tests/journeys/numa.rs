//! NUMA nodes: who needs one node with all its room, and what order does to a server.

use crate::checked;
use fleetsim::observe::outcome::Outcome;

/// One server with two nodes of 12 vCPUs and 48 GiB; types that do not span nodes.
const FLEET: &str = r#"
[scenario]
name = "numa"
horizon = "10h"
[server_models.m]
vcpus = 24
memory = "96GiB"
numa_nodes = 2
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.big]
vcpus = 8
memory = "16GiB"
numa_nodes = 1
[instance_types.small]
vcpus = 4
memory = "16GiB"
numa_nodes = 1
"#;

/// `count` of `kind` at the start, entry by entry.
fn started(entries: &[(&str, u32)], changes: &str) -> Outcome {
    let mut text = format!("{FLEET}{changes}");
    for (kind, count) in entries {
        text += &format!("[[workload.instances]]\ntype = \"{kind}\"\ncount = {count}\n");
    }
    let scenario = checked::scenario(&text);
    checked::run(&scenario, 0, &mut ())
}

fn refused(outcome: &Outcome) -> f64 {
    checked::value(outcome, "placement.failed", &[])
}

#[test]
fn the_big_ones_first_or_some_stay_outside() {
    // Eight vCPUs are left in the end of one order, but no node has them.
    let small_first = started(&[("small", 2), ("big", 2)], "");
    assert!((refused(&small_first) - 1.0).abs() < 1e-9);
    let big_first = started(&[("big", 2), ("small", 2)], "");
    assert!(refused(&big_first).abs() < 1e-9);
    let held = |outcome| checked::value(outcome, "vcpu.allocated.max", &[]);
    assert!((held(&small_first) - 16.0).abs() < 1e-9);
    assert!((held(&big_first) - 24.0).abs() < 1e-9);
}

#[test]
fn what_spans_nodes_goes_where_what_does_not_cannot() {
    // Spec R 4.5: a first instance leaves 6 vCPUs and 24 GiB on either node.
    let first = "[instance_types.wide]\nvcpus = 12\nmemory = \"48GiB\"\nnuma_nodes = 2\n\
                 [instance_types.spans]\nvcpus = 8\nmemory = \"16GiB\"\nnuma_nodes = 2\n\
                 [instance_types.floats]\nvcpus = 8\nmemory = \"16GiB\"\n\
                 [instance_types.uneven]\nvcpus = 8\nmemory = \"16GiB\"\nnuma_nodes = 2\n\
                 numa_vcpus = [6, 2]\nnuma_memory = [\"8GiB\", \"8GiB\"]\n\
                 [instance_types.lopsided]\nvcpus = 8\nmemory = \"16GiB\"\nnuma_nodes = 2\n\
                 numa_vcpus = [7, 1]\n";
    for (kind, expected) in
        [("big", 1.0), ("spans", 0.0), ("floats", 0.0), ("uneven", 0.0), ("lopsided", 1.0)]
    {
        let outcome = started(&[("wide", 1), (kind, 1)], first);
        assert!((refused(&outcome) - expected).abs() < 1e-9, "{kind}");
    }
}

#[test]
fn spreading_over_nodes_leaves_no_whole_one() {
    let spread = "[policies]\nnuma_order = \"spread\"\n";
    let two_small = [("small", 2), ("big", 1)];
    let wide = "[instance_types.node]\nvcpus = 12\nmemory = \"16GiB\"\nnuma_nodes = 1\n";
    assert!(refused(&started(&two_small, spread)).abs() < 1e-9);
    let two_and_a_node = [("small", 2), ("node", 1)];
    assert!(refused(&started(&two_and_a_node, wide)).abs() < 1e-9);
    let outcome = started(&two_and_a_node, &format!("{spread}{wide}"));
    assert!((refused(&outcome) - 1.0).abs() < 1e-9);
}

#[test]
fn stranded_room_is_told_by_what_strands_it() {
    let of = |outcome: &Outcome, name| checked::value(outcome, name, &["vcpu"]);
    let reference = |text: &str| format!("scenario.reference_type={text}");
    let text = format!(
        "{FLEET}[[workload.instances]]\ntype = \"small\"\ncount = 2\n\
         [[workload.instances]]\ntype = \"big\"\ncount = 1\n"
    );
    let measured = |sets: &[String]| {
        let files = fleetsim::scenario::InMemory::default();
        let scenario =
            fleetsim::scenario::Scenario::parse("x.toml", text.as_bytes(), sets, &files).unwrap();
        checked::run(&scenario, 0, &mut ())
    };
    // Of 24 vCPUs 8 are free, 4 on each node: enough for the smallest type, not for the big one.
    let smallest = measured(&[]);
    assert!(of(&smallest, "stranded").abs() < 1e-9);
    let big = measured(&[reference("big")]);
    for name in ["stranded", "stranded.max", "stranded.by_nodes"] {
        assert!((of(&big, name) - 8.0 / 24.0).abs() < 1e-9, "{name}");
    }
}
