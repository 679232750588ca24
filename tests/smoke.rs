//! Smoke.
use fleetsim::{
    fleet::{ids::*, layout::*},
    kernel::{column::*, distribution::*, time::*},
    observe::{audit::Audit, metrics::Metrics},
    policy::placement::Placement,
    scenario::*,
};
use std::num::NonZeroU32;

fn scenario(servers: usize, racks: usize, instances: u32) -> Scenario {
    let mut layout = Layout::default();
    let zone = layout.zones.push(ZoneSpec { name: "a".into(), racks: IdRange::new(0, racks) });
    let h = |n: u64| Span::from_seconds(n * 3600);
    let model = layout.models.push(ModelSpec {
        name: "m".into(),
        capacity: Resources { vcpus: 64, memory: 256 << 30, ..Default::default() },
        numa_nodes: NonZeroU32::MIN,
        local_disk_bytes: 0,
        crash: Some(CrashLaw {
            life: Distribution::Exponential { mean: h(100).seconds() },
            age_at_start: AgeAtStart::New,
            restarts_itself: 0.5,
            restart: Distribution::Uniform {
                low: Span::from_seconds(120),
                high: Span::from_seconds(240),
            },
            repair: Distribution::Exponential { mean: h(4).seconds() },
            repair_restores: Restores::New,
        }),
    });
    for r in 0..racks {
        let (a, b) = (r * servers / racks, (r + 1) * servers / racks);
        let rack = layout.racks.push(RackSpec {
            name: format!("a-r{r}"),
            zone,
            servers: IdRange::new(a, b),
            outage: Some(OutageLaw {
                life: Distribution::Exponential { mean: h(300).seconds() },
                repair: Distribution::Exponential { mean: h(2).seconds() },
            }),
        });
        for _ in a..b {
            layout.servers.push(ServerSpec { model, rack, zone });
        }
    }
    let demand = Resources { vcpus: 8, memory: 32 << 30, ..Default::default() };
    let ty = layout.types.push(TypeSpec { name: "t".into(), demand });
    let shape = layout.shapes.push(ShapeSpec { demand, zone: None, model: None });
    let app = layout.applications.push(ApplicationSpec {
        name: "web".into(),
        per_server_limit: None,
        needed: vec![instances - 2],
    });
    let customer = layout
        .customers
        .push(CustomerSpec { name: "c".into(), restart_after: Some(Distribution::Fixed(h(1))) });
    let t1 = layout.templates.push(TemplateSpec {
        instance_type: ty,
        shape,
        application: Some(app),
        group: None,
        customer,
        on_maintenance: ActionOnMaintenance::AutoRecover,
    });
    let t2 = layout.templates.push(TemplateSpec {
        instance_type: ty,
        shape,
        application: None,
        group: None,
        customer,
        on_maintenance: ActionOnMaintenance::Stop,
    });
    let u =
        |a, b| Distribution::Uniform { low: Span::from_seconds(a), high: Span::from_seconds(b) };
    Scenario {
        name: "smoke".into(),
        question: String::new(),
        digest: String::new(),
        seed: 1,
        runs: NonZeroU32::MIN,
        begin: Instant::ZERO,
        end: Instant::ZERO + h(24 * 60),
        measure_from: Instant::ZERO,
        levels_at: vec![Instant::ZERO + h(24)],
        layout,
        settings: Settings {
            instance_pending: Distribution::Fixed(Span::from_seconds(3)),
            instance_starting: u(20, 60),
            instance_stopping: u(5, 30),
            instance_boot_fail_p: 0.01,
            recover_detect: u(10, 60),
            guest_crash: Some(Distribution::Exponential { mean: h(2000).seconds() }),
            create_release_after: Span::from_seconds(300),
            host_idle_wears: true,
        },
        policies: Policies {
            placement: Placement::FirstFit,
            recovery: Recovery::Failover,
            repair_crews: NonZeroU32::new(2),
            repair_order: RepairOrder::MostInstancesFirst,
        },
        workload: Workload {
            at_start: vec![StartingInstances { template: t1, count: instances, life: None }],
            sources: Column::from_vec(vec![ArrivalSource::Law(ArrivalLaw {
                name: "s".into(),
                gap: Distribution::Exponential { mean: 3600.0 },
                profile: DayProfile { factors: vec![0.5, 1.5] },
                batch: vec![(0.5, 1), (1.0, 4)],
                batch_is_uniform: true,
                mix: vec![(0.5, t1), (1.0, t2)],
                life: Some(Distribution::Exponential { mean: 20.0 * 3600.0 }),
            })]),
            when_full: WhenFull::Wait(h(1)),
            life_from: LifeFrom::Running,
        },
    }
}

#[test]
fn smoke() {
    let scenario = scenario(20, 4, 60);
    for run in 0..3 {
        let mut metrics = Metrics::new(&scenario);
        let mut audit = Audit::new(&scenario.layout);
        let fleet = fleetsim::simulation::run(&scenario, run, &mut (&mut metrics, &mut audit));
        let outcome = metrics.finish(run, Metrics::list(&scenario));
        for (m, v) in outcome.metrics.iter().zip(&outcome.values) {
            println!("{} {:?} {:?}", m.definition.name, m.labels, v);
        }
        println!("{} facts, {} rows {}", audit.facts, fleet.instances.rows(), outcome.fingerprint);
    }
}
