//! The sheet on which the metrics of one run are written down.

use super::{
    catalogue::{self, Metric},
    gauges::Level,
};

/// Metrics and their values, in the order of writing, which is the same for every run of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What was written.
    pub metrics: Vec<Metric>,
    /// How much it is; `None` where the run has nothing to say.
    pub values: Vec<Option<f64>>,
}

impl Sheet {
    /// Writes the metric `name`, which has no labels.
    ///
    /// # Panics
    /// If the catalogue has no such metric without labels: a bug of ours.
    pub fn write(&mut self, name: &str, value: Option<f64>) {
        self.write_labelled(name, &[], value);
    }

    /// Writes the highest value of `level` as `NAME.max`, and when it first had it as `NAME.max_at`,
    /// where it ever had more than nothing.
    pub fn write_most(&mut self, name: &str, level: &Level) {
        self.write(&format!("{name}.max"), Some(level.most() as f64));
        let at = (level.most() > 0).then(|| level.most_at().seconds());
        self.write(&format!("{name}.max_at"), at);
    }

    /// Writes the metric `name` with these labels.
    ///
    /// # Panics
    /// If the catalogue has no such metric with as many labels: a bug of ours.
    pub fn write_labelled(&mut self, name: &str, labels: &[&str], value: Option<f64>) {
        let definition = catalogue::find(name).expect("every metric is in the catalogue");
        assert_eq!(definition.labels.len(), labels.len(), "the labels of {name}");
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self.metrics.push(Metric { definition, labels });
        self.values.push(value.filter(|value| value.is_finite()));
    }
}
