//! The series of many runs together: mean, interval and bounds of every cell. Runs are taken in the
//! order of their numbers and none is kept, so that memory does not grow with their number.

use super::{SeriesName, grid::Grid, track::Cell};

/// The series of one run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunSeries {
    /// The grid that they lie on.
    pub grid: Grid,
    /// Each series with its cells; a cell is `None` where the run has nothing to say.
    pub told: Vec<(SeriesName, Vec<Option<Cell>>)>,
}

/// What the runs so far say of one cell.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Folded {
    /// Runs in which the cell says something (count).
    pub runs: u32,
    /// Mean of the cell's value over them.
    pub mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
    /// The lowest value at any moment of the cell in any run.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Folded {
    fn add(&mut self, cell: &Cell) {
        let is_first = self.runs == 0;
        self.runs += 1;
        let off = cell.value - self.mean;
        self.mean += off / f64::from(self.runs);
        self.squares += off * (cell.value - self.mean);
        self.low = if is_first { cell.low } else { self.low.min(cell.low) };
        self.high = if is_first { cell.high } else { self.high.max(cell.high) };
    }

    /// Sample standard deviation of the cell's value over runs; `None` below two.
    pub fn deviation(&self) -> Option<f64> {
        (self.runs > 1).then(|| libm::sqrt(self.squares / f64::from(self.runs - 1)))
    }
}

/// The series of all runs so far.
#[derive(Clone, PartialEq, Debug)]
pub struct FoldedSeries {
    /// The grid that they lie on.
    pub grid: Grid,
    /// Each series with its cells.
    pub series: Vec<(SeriesName, Vec<Folded>)>,
}

impl FoldedSeries {
    /// What the first run says.
    pub fn first(run: &RunSeries) -> Self {
        let empty = |(name, cells): &(SeriesName, Vec<Option<Cell>>)| {
            (name.clone(), vec![Folded::default(); cells.len()])
        };
        let mut folded = Self { grid: run.grid, series: run.told.iter().map(empty).collect() };
        folded.add(run);
        folded
    }

    /// One run more, the first one included.
    pub fn fold(folded: &mut Option<Self>, run: &RunSeries) {
        match folded {
            Some(folded) => folded.add(run),
            None => *folded = Some(Self::first(run)),
        }
    }

    /// One run more.
    ///
    /// # Panics
    /// If it is of another scenario: then its series are others.
    pub fn add(&mut self, run: &RunSeries) {
        assert_eq!(self.series.len(), run.told.len(), "runs of a scenario tell the same series");
        for ((name, folded), (told, cells)) in self.series.iter_mut().zip(&run.told) {
            assert_eq!(name, told, "in the same order");
            for (folded, cell) in folded.iter_mut().zip(cells) {
                if let Some(cell) = cell {
                    folded.add(cell);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::time::{Instant, Span},
        observe::{metrics::Metrics, series::Series},
        scenario::{InMemory, Scenario},
        simulation,
    };

    /// Servers that crash, owners that come and go, a refresh and a network: something of all.
    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "30d", seed = 5 }
        network = { spine = "1GB/s" }
        servers = [{ model = "m", count = 12, zones = ["z"], racks_per_zone = 2 }]
        server_models.m = { vcpus = 8, memory = "32GiB", nic_rate = "1GB/s", crash = { rate = "600%/year" }, risk = { rate = "900%/year" } }
        instance_types.t = { vcpus = 2, memory = "8GiB" }
        workload.instances = [{ type = "t", count = 20 }]
        workload.arrivals = [{ name = "jobs", rate = "2/h", type = "t", life = "1h..5h" }]
    "#;

    fn scenario() -> Scenario {
        let read = Scenario::parse("x.toml", TEXT.as_bytes(), &[], &InMemory::default());
        read.unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn told(scenario: &Scenario, run: u32) -> RunSeries {
        let mut series = Series::new(scenario);
        simulation::run(scenario, run, &mut series);
        series.finish()
    }

    /// The series of a run without warm-up add up to what its metrics say.
    #[test]
    fn series_add_up_to_metrics() {
        let scenario = scenario();
        for run in 0..5 {
            let series = told(&scenario, run);
            let outcome = simulation::measure(&scenario, run, &Metrics::list(&scenario));
            let metric = |name: &str, label: &str| {
                let is_it = |metric: &crate::observe::catalogue::Metric| {
                    let labels: Vec<&str> = metric.labels.iter().map(String::as_str).collect();
                    metric.definition.name == name && labels.join(",") == label
                };
                let place = outcome.metrics.iter().position(is_it).expect("it is measured");
                outcome.values[place].expect("it is defined")
            };
            let lasts = scenario.end.since(scenario.begin).seconds();
            let mut compared = 0;
            for (name, cells) in &series.told {
                let cell = |place: usize| cells[place].expect("every cell says something").value;
                let sum: f64 = (0..cells.len()).map(cell).sum();
                let weighted: f64 = (0..cells.len())
                    .map(|place| cell(place) * series.grid.length(place).seconds() / lasts)
                    .sum();
                let (ours, theirs) = match name.name {
                    "downtime" if name.label != "spot" => (sum, metric("downtime", &name.label)),
                    "migrations" => (sum, metric("migrations", &name.label)),
                    "instances.placed" => (weighted, metric("instances.placed.mean", "")),
                    "utilisation" => (weighted, metric("utilisation", &name.label)),
                    "vcpu.allocated" => (weighted, metric("vcpu.allocated.mean", "")),
                    "servers.available" => (weighted, metric("servers.available.mean", "")),
                    "repair.queue" => (weighted, metric("repair.queue.mean", "")),
                    _ => continue,
                };
                compared += 1;
                let near = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
                assert!(near, "run {run}, {name:?}: {ours} for {theirs}");
            }
            assert!(compared > 15, "{compared} series were compared");
            let moved = series.told.iter().filter(|(name, _)| name.name == "migrations");
            let moved: f64 =
                moved.flat_map(|(_, cells)| cells.iter().flatten()).map(|cell| cell.value).sum();
            assert!(moved > 0.0, "something moved");
        }
    }

    #[test]
    fn runs_fold_into_means_and_bounds() {
        let begin = Instant::ZERO;
        let grid = Grid::new(begin, begin.saturating_add(Span::from_seconds(2)));
        let name = SeriesName::plain("repair.queue", "count");
        let run = |cells: [Option<Cell>; 2]| RunSeries {
            grid,
            told: vec![(name.clone(), cells.to_vec())],
        };
        let cell = |value: f64, low: f64, high: f64| Some(Cell { value, low, high });
        let mut folded = FoldedSeries::first(&run([cell(1.0, 0.0, 2.0), None]));
        folded.add(&run([cell(4.0, 3.0, 9.0), cell(7.0, 7.0, 7.0)]));
        folded.add(&run([cell(1.0, 1.0, 1.0), None]));
        let [first, second] = [folded.series[0].1[0], folded.series[0].1[1]];
        assert_eq!((first.runs, first.mean, first.low, first.high), (3, 2.0, 0.0, 9.0));
        assert!((first.deviation().unwrap() - 3.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!((second.runs, second.mean, second.deviation()), (1, 7.0, None));
    }
}
