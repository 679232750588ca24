//! probe
use fleetsim::{fleet::{ids::*, layout::*}, kernel::{column::*, distribution::*, time::*}, observe::metrics::Metrics, policy::placement::Placement, scenario::{*, traces::{self, *}}};
use std::num::NonZeroU32;
fn main() {
    let f = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let raw = traces::read("x", &mut std::fs::File::open(f).unwrap(), &TraceOptions::new(TraceFormat::AzureV1)).unwrap();
    println!("read {:?}", t.elapsed());
    let n: usize = std::env::args().nth(2).map_or(1000, |x| x.parse().unwrap());
    let mut layout = Layout::default();
    let zone = layout.zones.push(ZoneSpec { name: "a".into(), racks: IdRange::new(0, 1) });
    let model = layout.models.push(ModelSpec { name: "m".into(), capacity: Resources { vcpus: 64, memory: 256 << 30, ..Default::default() }, numa_nodes: NonZeroU32::MIN, local_disk_bytes: 0, crash: None });
    let rack = layout.racks.push(RackSpec { name: "r".into(), zone, servers: IdRange::new(0, n), outage: None });
    for _ in 0..n { layout.servers.push(ServerSpec { model, rack, zone }); }
    let customer = layout.customers.push(CustomerSpec { name: "c".into(), restart_after: None });
    for (i, t) in raw.templates.iter().enumerate() {
        let ty = layout.types.push(TypeSpec { name: format!("t{i}"), demand: t.demand });
        let shape = layout.shapes.push(ShapeSpec { demand: t.demand, zone: None, model: None });
        layout.templates.push(TemplateSpec { instance_type: ty, shape, application: None, group: None, customer, on_maintenance: ActionOnMaintenance::AutoRecover });
    }
    let rows = raw.arrivals.iter().map(|r| TraceRow { arrival: r.arrival, life: r.life, template: Id::new(r.template as usize), row: r.row }).collect();
    let zero = Distribution::Fixed(Span::ZERO);
    let begin = Instant::ZERO + Span::from_seconds(1_800_000);
    let policy = std::env::args().nth(3).map_or(Placement::FirstFit, |x| Placement::from_name(&x).unwrap());
    let scenario = Scenario { name: "smoke".into(), question: String::new(), digest: String::new(), seed: 1, runs: NonZeroU32::MIN, begin, end: begin + Span::from_seconds(300_000), measure_from: begin, levels_at: vec![], layout,
        settings: Settings { instance_pending: zero.clone(), instance_starting: zero.clone(), instance_stopping: zero.clone(), instance_boot_fail_p: 0.0, recover_detect: zero.clone(), guest_crash: None, create_release_after: Span::ZERO, host_idle_wears: true },
        policies: Policies { placement: policy, recovery: Recovery::Failover, repair_crews: None, repair_order: RepairOrder::FirstCome },
        workload: Workload { at_start: vec![], sources: Column::from_vec(vec![ArrivalSource::Trace(TraceRows { at_start: vec![], arrivals: rows, life_law: None, skipped: 0 })]), when_full: WhenFull::Reject, life_from: LifeFrom::Arrival } };
    let list = Metrics::list(&scenario);
    for _ in 0..5 {
        let t = std::time::Instant::now();
        let o = fleetsim::simulation::measure(&scenario, 0, &list);
        let d = t.elapsed();
        let t = std::time::Instant::now();
        fleetsim::simulation::run(&scenario, 0, &mut ());
        println!("measured {d:?} = {:.2} M placements/s; unobserved {:?}", 259159.0 / d.as_secs_f64() / 1e6, t.elapsed());
        for (m, v) in o.metrics.iter().zip(&o.values) { if m.definition.name.contains(".max") && m.definition.name.contains("ed.") || m.definition.name == "placement.failed" { print!("{}={:?} ", m.definition.name, v.unwrap_or(-1.0)); } }
        println!();
    }
}
