//! STAND-INS, to be deleted when the parts that they stand for are merged: reading scenarios
//! (`fleetsim::scenario`) and placements (`fleetsim::observe::placements`). The types have the
//! shape of those in `scenario/fault.rs` and `scenario/files.rs`.

use fleetsim::scenario::Scenario;
use std::{io::Read, ops::Range};

/// Stands for `scenario::SourceId`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceId(u32);

impl SourceId {
    /// Its place in [`Faults::sources`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Stands for `scenario::SourceText`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceText {
    /// Name as the user knows it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Stands for `scenario::Label`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Which text.
    pub source: SourceId,
    /// Which bytes of it.
    pub span: Range<usize>,
    /// What is to be said; may be empty.
    pub text: String,
}

/// Stands for `scenario::Fault`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Stable name of the kind of fault.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where; the first label is the main one.
    pub labels: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

/// Stands for `scenario::Faults`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// The texts.
    pub sources: Vec<SourceText>,
    /// The faults; never empty.
    pub list: Vec<Fault>,
}

/// Stands for `scenario::FileRequest`.
pub struct FileRequest {
    /// Path of the file.
    pub path: String,
    /// Who names it.
    pub given_by: GivenBy,
}

/// Stands for `scenario::GivenBy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GivenBy {
    /// A scenario file.
    Scenario,
    /// An option of the command line.
    CommandLine,
}

/// Stands for `scenario::Files`.
pub trait Files {
    /// Opens a file for reading.
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String>;

    /// Whether a scenario may name this file although it lies outside of its folder.
    fn allows_outside(&self, path: &str) -> bool;
}

/// Stands for `Scenario::parse`: finds one fault in every scenario.
pub fn parse(
    name: &str,
    text: &[u8],
    sets: &[String],
    files: &dyn Files,
) -> Result<Scenario, Faults> {
    let outside = FileRequest { path: name.to_owned(), given_by: GivenBy::Scenario };
    let own = FileRequest { path: name.to_owned(), given_by: GivenBy::CommandLine };
    let readable = [outside, own].iter().any(|request| files.open(request).is_ok());
    let source =
        SourceText { name: name.to_owned(), text: String::from_utf8_lossy(text).into_owned() };
    let label = Label { source: SourceId(0), span: 0..1, text: "here it begins".to_owned() };
    let fault = Fault {
        code: "stand-in",
        message: "this build cannot read scenarios yet".to_owned(),
        labels: vec![label],
        help: Some(format!(
            "merge the scenario reader ({} --set, readable: {readable}, outside allowed: {})",
            sets.len(),
            files.allows_outside(name)
        )),
    };
    Err(Faults { sources: vec![source], list: vec![fault] })
}

/// Stands for `scenario::Summary`.
pub struct Summary {
    /// Servers.
    pub servers: u64,
    /// Racks.
    pub racks: u64,
    /// Zones.
    pub zones: u64,
    /// Room on all servers together.
    pub capacity: Capacity,
    /// Instances that are there when a run begins.
    pub instances_at_start: u64,
    /// Expected arrivals.
    pub expected_arrivals: f64,
    /// Expected instances at once.
    pub expected_instances: f64,
    /// Expected failures.
    pub expected_failures: f64,
    /// Expected occurrences.
    pub expected_occurrences: f64,
    /// Expected memory of one run.
    pub expected_memory: u64,
}

/// Stands for `scenario::summary::Capacity`.
#[derive(Clone, Copy)]
pub struct Capacity {
    /// Virtual CPUs.
    pub vcpus: u64,
    /// Memory.
    pub memory: u128,
    /// Graphics processors.
    pub gpus: u64,
    /// Whole local disks.
    pub local_disks: u64,
}

/// Stands for `scenario::summary`.
pub fn summary(scenario: &Scenario) -> Summary {
    Summary {
        servers: scenario.layout.servers.len() as u64,
        racks: 0,
        zones: 0,
        capacity: Capacity { vcpus: 0, memory: 0, gpus: 0, local_disks: 0 },
        instances_at_start: 0,
        expected_arrivals: 0.0,
        expected_instances: 0.0,
        expected_failures: 0.0,
        expected_occurrences: 0.0,
        expected_memory: 0,
    }
}

/// Stands for `scenario::json_schema`.
pub fn json_schema() -> String {
    "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"fleetsim scenario\"\n}\n"
        .to_owned()
}

/// Stands for `observe::placements::PlacementRow`.
pub struct PlacementRow {
    /// When.
    pub at: fleetsim::kernel::time::Instant,
    /// Number of the instance.
    pub instance: u32,
    /// Its type.
    pub instance_type: String,
    /// Name of the server.
    pub server: String,
    /// Number of the server.
    pub server_index: u32,
    /// Why it was placed.
    pub reason: &'static str,
}

/// Stands for `observe::placements::collect`.
pub fn collect_placements(scenario: &Scenario, run: u32) -> Vec<PlacementRow> {
    vec![PlacementRow {
        at: scenario.begin,
        instance: run,
        instance_type: String::new(),
        server: String::new(),
        server_index: 0,
        reason: "arrival",
    }]
}
