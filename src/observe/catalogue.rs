//! Every metric's name, unit, better direction and exact definition.

/// Which way a metric is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither: it describes.
    Neither,
}

/// One metric as users know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Stable, lower case, dotted; statistics within a run are part of it.
    pub name: &'static str,
    /// Names of its labels, in order; empty for most.
    pub labels: &'static [&'static str],
    /// Unit, such as `ratio`, `s`, `B`, `count`, `1/year`.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// Exactly what is measured.
    pub definition: &'static str,
}

/// The catalogue, in the order in which reports show it.
pub const CATALOGUE: &[Definition] = &[Definition {
    name: "availability",
    labels: &[],
    unit: "ratio",
    better: Better::Higher,
    definition: "served instance-time / owed instance-time, over the fleet after warm-up",
}];

/// One column of results: a metric with its labels filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metric {
    /// The metric.
    pub definition: &'static Definition,
    /// Values of its labels, in the definition's order; empty for most.
    pub labels: Vec<String>,
}
