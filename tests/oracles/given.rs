//! The cases: parameters and expected values, six digits, each computed twice by independent
//! methods by those who wrote the shared file of oracles.

use std::{fs, path::Path};

/// One case. Elements of lists are named with their place: `sizes.0`.
pub struct Case {
    /// Its name.
    pub id: &'static str,
    params: &'static [(&'static str, f64)],
    expected: &'static [(&'static str, f64)],
}

impl Case {
    /// A parameter.
    pub fn param(&self, name: &str) -> f64 {
        self.value(self.params, name)
    }

    /// An expected value.
    pub fn expected(&self, name: &str) -> f64 {
        self.value(self.expected, name)
    }

    /// `text` with each `{parameter}` replaced by its value.
    pub fn fill(&self, text: &str) -> String {
        let put = |text: String, (name, value): &(&str, f64)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        };
        self.params.iter().fold(text.to_owned(), put)
    }

    fn value(&self, of: &[(&str, f64)], name: &str) -> f64 {
        let found = of.iter().find(|(key, _)| *key == name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.id)).1
    }
}

/// Erlang-B: unit VMs on c slots, blocked requests lost (Erlang 1917; Kleinrock 1975 v1 s3.6).
pub const O01A: Case = Case {
    id: "O01a",
    params: &[
        ("slots", 10.0),
        ("lambda_per_h", 7.0),
        ("mean_life_h", 1.0),
        ("offered_erlang", 7.0),
    ],
    expected: &[
        ("blocking", 0.078_740_9),
        ("mean_occupied", 6.448_81),
        ("utilisation", 0.644_881),
        ("var_occupied", 4.491_45),
    ],
};

/// Erlang-B: unit VMs on c slots, blocked requests lost (Erlang 1917; Kleinrock 1975 v1 s3.6).
pub const O01B: Case = Case {
    id: "O01b",
    params: &[
        ("slots", 100.0),
        ("lambda_per_h", 3.75),
        ("mean_life_h", 24.0),
        ("offered_erlang", 90.0),
    ],
    expected: &[
        ("blocking", 0.026_957_4),
        ("mean_occupied", 87.573_8),
        ("utilisation", 0.875_738),
        ("var_occupied", 57.425_9),
    ],
};

/// Kaufman-Roberts: several VM sizes on ONE server (complete sharing) (Kaufman 1981, Roberts 1981).
pub const O02A: Case = Case {
    id: "O02a",
    params: &[
        ("units", 16.0),
        ("sizes.0", 1.0),
        ("sizes.1", 4.0),
        ("lambda_per_h.0", 6.0),
        ("lambda_per_h.1", 1.5),
        ("mean_life_h", 1.0),
    ],
    expected: &[
        ("blocking_size_1", 0.058_104_6),
        ("blocking_size_4", 0.282_309),
        ("mean_used_units", 9.957_52),
    ],
};

/// M/G/inf: occupancy of an unbounded fleet (Takacs; Eick-Massey-Whitt 1993).
pub const O04A: Case = Case {
    id: "O04a",
    params: &[
        ("lambda_per_h", 2.0),
        ("mean_life_h", 24.0),
        ("transient_time_h", 12.0),
        ("horizon_h", 1_000.0),
    ],
    expected: &[
        ("mean_occupancy", 48.0),
        ("var_occupancy", 48.0),
        ("p99_occupancy", 65.0),
        ("P_occ_gt_p99", 0.007_873_25),
        ("mean_at_half_life_from_empty", 18.886_5),
        ("exact_sd_of_time_average_over_T_stationary_start", 1.499_57),
    ],
};

/// M/G/inf: occupancy of an unbounded fleet (Takacs; Eick-Massey-Whitt 1993).
pub const O04B: Case = Case {
    id: "O04b",
    params: &[
        ("lambda_per_h", 5.0),
        ("mean_life_h", 8.0),
        ("transient_time_h", 4.0),
        ("horizon_h", 1_000.0),
    ],
    expected: &[
        ("mean_occupancy", 40.0),
        ("var_occupancy", 40.0),
        ("p99_occupancy", 55.0),
        ("P_occ_gt_p99", 0.009_678_8),
        ("mean_at_half_life_from_empty", 17.5),
    ],
};

/// Erlang-C: c workers (repair crews, migration slots, control-plane executors), FIFO queue (Erlang 1917; Kleinrock v1 s3.5).
pub const O05A: Case = Case {
    id: "O05a",
    params: &[("workers", 5.0), ("lambda_per_h", 4.0), ("mean_service_h", 1.0)],
    expected: &[
        ("P_wait", 0.554_113),
        ("mean_wait_h", 0.554_113),
        ("mean_queue", 2.216_45),
        ("wait_p95_h", 2.405_34),
    ],
};

/// M/G/1: single serial executor, general service time (Pollaczek 1930, Khinchine 1932; Law & Kelton ch. 1).
pub const O06A: Case = Case {
    id: "O06a",
    params: &[("lambda_per_h", 0.7), ("mean_service_h", 1.0), ("cv", 0.0)],
    expected: &[("rho", 0.7), ("mean_wait_h", 1.166_67), ("mean_in_queue", 0.816_667)],
};

/// M/G/1: single serial executor, general service time (Pollaczek 1930, Khinchine 1932; Law & Kelton ch. 1).
pub const O06B: Case = Case {
    id: "O06b",
    params: &[("lambda_per_h", 1.2), ("mean_service_h", 0.5), ("cv", 1.5)],
    expected: &[("rho", 0.6), ("mean_wait_h", 1.218_75), ("mean_in_queue", 1.462_5)],
};

/// Single repairable machine (2-state Markov): availability, point availability, exact interval variance (Trivedi 2002 ch. 8; Barlow & Proschan 1975).
pub const O07A: Case = Case {
    id: "O07a",
    params: &[
        ("mtbf_h", 1_000.0),
        ("mttr_h", 24.0),
        ("horizon_h", 8_760.0),
        ("machines", 200.0),
        ("replications", 50.0),
    ],
    expected: &[
        ("mean_availability_over_T_from_up", 0.976_625),
        ("sd_of_one_machine_availability_over_T", 0.011_037_4),
        ("point_availability_at_MTTR", 0.984_98),
        ("failures_per_machine_year", 8.554_69),
    ],
};

/// Single repairable machine (2-state Markov): availability, point availability, exact interval variance (Trivedi 2002 ch. 8; Barlow & Proschan 1975).
pub const O07B: Case = Case {
    id: "O07b",
    params: &[
        ("mtbf_h", 100.0),
        ("mttr_h", 4.0),
        ("horizon_h", 720.0),
        ("machines", 500.0),
        ("replications", 40.0),
    ],
    expected: &[
        ("mean_availability_over_T_from_up", 0.961_744),
        ("sd_of_one_machine_availability_over_T", 0.019_772),
        ("point_availability_at_MTTR", 0.975_133),
        ("failures_per_machine_year", 84.230_8),
    ],
};

/// Alternating renewal with general up/down laws: availability and asymptotic variance (Cox 1962; Takacs 1957; Asmussen 2003).
pub const O08A: Case = Case {
    id: "O08a",
    params: &[
        ("up.1", 1.5),
        ("up.2", 500.0),
        ("down.1", 12.0),
        ("down.2", 1.0),
        ("horizon_h", 50_000.0),
        ("machines", 100.0),
        ("replications", 20.0),
    ],
    expected: &[
        ("steady_availability", 0.974_103),
        ("asym_sd_over_T", 0.002_935_36),
        ("failures_per_h", 0.002_158_09),
        ("asym_var_failures_over_T", 47.273_1),
    ],
};

/// k-out-of-n with independent repair: availability, failure frequency, MTTF (Barlow & Proschan 1975; Trivedi 2002).
pub const O09A: Case = Case {
    id: "O09a",
    params: &[
        ("n", 5.0),
        ("k", 3.0),
        ("mtbf_h", 200.0),
        ("mttr_h", 20.0),
        ("horizon_h", 50_000.0),
        ("replications", 64.0),
    ],
    expected: &[
        ("system_availability", 0.993_474),
        ("system_failures_per_h", 0.000_931_382),
        ("mean_outage_h", 7.006_67),
        ("mttf_without_repair_h", 156.667),
        ("mttf_with_repair_h", 1_256.67),
    ],
};

/// k-out-of-n with independent repair: availability, failure frequency, MTTF (Barlow & Proschan 1975; Trivedi 2002).
pub const O09B: Case = Case {
    id: "O09b",
    params: &[
        ("n", 3.0),
        ("k", 2.0),
        ("mtbf_h", 1_000.0),
        ("mttr_h", 24.0),
        ("horizon_h", 200_000.0),
        ("replications", 64.0),
    ],
    expected: &[
        ("system_availability", 0.998_378),
        ("system_failures_per_h", 0.000_134_11),
        ("mean_outage_h", 12.096),
        ("mttf_without_repair_h", 833.333),
        ("mttf_with_repair_h", 7_777.78),
    ],
};

/// Spare provisioning: N required, S cold spares, c repair crews (machine-repairman) (Palm 1947; Gross & Harris s2.8; Sherbrooke 2004).
pub const O11A: Case = Case {
    id: "O11a",
    params: &[
        ("required", 20.0),
        ("spares", 2.0),
        ("crews", 2.0),
        ("mtbf_h", 500.0),
        ("mttr_h", 24.0),
        ("target", 0.95),
    ],
    expected: &[
        ("P_full_capacity", 0.860_068),
        ("mean_operating", 19.757_6),
        ("mean_failed", 1.190_8),
        ("crew_utilisation", 0.474_182),
        ("smallest_spares_for_target", 4.0),
        ("table_S_P.0.1", 0.369_077),
        ("table_S_P.1.1", 0.704_899),
        ("table_S_P.2.1", 0.860_068),
        ("table_S_P.3.1", 0.933_221),
        ("table_S_P.4.1", 0.968_035),
        ("table_S_P.5.1", 0.984_677),
    ],
};

/// Spare provisioning: N required, S cold spares, c repair crews (machine-repairman) (Palm 1947; Gross & Harris s2.8; Sherbrooke 2004).
pub const O11B: Case = Case {
    id: "O11b",
    params: &[
        ("required", 100.0),
        ("spares", 6.0),
        ("crews", 4.0),
        ("mtbf_h", 1_000.0),
        ("mttr_h", 24.0),
    ],
    expected: &[
        ("P_full_capacity", 0.939_999),
        ("mean_operating", 99.857_8),
        ("mean_failed", 2.810_67),
        ("crew_utilisation", 0.599_147),
        ("table_S_P.0.1", 0.086_953_9),
        ("table_S_P.3.1", 0.720_052),
        ("table_S_P.9.1", 0.987_062),
    ],
};

/// Rolling refresh makespan: barrier, exponential durations (David & Nagaraja 2003; Renyi representation).
pub const O12A: Case = Case {
    id: "O12a",
    params: &[("servers", 100.0), ("width", 10.0), ("duration_law.1", 30.0)],
    expected: &[("mean_makespan_min", 878.69), ("sd_makespan_min", 118.101)],
};

/// Rolling refresh makespan: barrier, uniform durations (David & Nagaraja 2003; Renyi representation).
pub const O12B: Case = Case {
    id: "O12b",
    params: &[
        ("servers", 103.0),
        ("width", 10.0),
        ("duration_law.1", 10.0),
        ("duration_law.2", 50.0),
    ],
    expected: &[("mean_makespan_min", 503.636), ("sd_makespan_min", 13.045_8)],
};

/// Rolling refresh makespan: sliding window, exponential durations (David & Nagaraja 2003; Renyi representation).
pub const O12C: Case = Case {
    id: "O12c",
    params: &[("servers", 100.0), ("width", 10.0), ("duration_law.1", 30.0)],
    expected: &[("mean_makespan_min", 357.869), ("sd_makespan_min", 46.955_2)],
};

/// Max-min fair bandwidth sharing with completions (Bertsekas & Gallager 1992 s6.5.2).
pub const O14A: Case = Case {
    id: "O14a",
    params: &[
        ("links.L1", 10.0),
        ("links.L2", 10.0),
        ("flows.A.size", 50.0),
        ("flows.B.size", 50.0),
        ("flows.C.size", 100.0),
    ],
    expected: &[
        ("initial_rates_all_active.A", 5.0),
        ("initial_rates_all_active.B", 5.0),
        ("initial_rates_all_active.C", 5.0),
        ("completion_times.A", 10.0),
        ("completion_times.B", 10.0),
        ("completion_times.C", 15.0),
        ("total_volume", 200.0),
    ],
};

/// Max-min fair bandwidth sharing with completions (Bertsekas & Gallager 1992 s6.5.2).
pub const O14B: Case = Case {
    id: "O14b",
    params: &[
        ("links.L1", 10.0),
        ("links.L2", 4.0),
        ("flows.A.size", 20.0),
        ("flows.B.size", 40.0),
        ("flows.C.size", 20.0),
    ],
    expected: &[
        ("initial_rates_all_active.A", 2.0),
        ("initial_rates_all_active.B", 8.0),
        ("initial_rates_all_active.C", 2.0),
        ("completion_times.A", 10.0),
        ("completion_times.B", 5.0),
        ("completion_times.C", 10.0),
        ("total_volume", 80.0),
    ],
};

/// A single link shared equally, M/G/1-PS (Kleinrock 1976 v2 s4.4; Sakata, Noguchi & Oizumi 1971).
pub const O15A: Case = Case {
    id: "O15a",
    params: &[
        ("lambda_per_s", 0.06),
        ("mean_size_MiB", 100.0),
        ("capacity_MiB_s", 10.0),
        ("horizon_s", 200_000.0),
        ("replications", 64.0),
    ],
    expected: &[
        ("rho", 0.6),
        ("mean_transfer_s", 25.0),
        ("mean_concurrent", 1.5),
        ("P_idle", 0.4),
        ("slowdown_any_size", 2.5),
    ],
};

/// Weibull disk life: first failure of n, failed by T, minimal-repair count (Rinne 2008; Barlow & Hunter 1960).
pub const O19A: Case = Case {
    id: "O19a",
    params: &[
        ("disks", 1_000.0),
        ("shape", 1.5),
        ("scale_h", 60_000.0),
        ("T_h", 8_760.0),
        ("replications", 200.0),
    ],
    expected: &[
        ("mean_first_failure_h", 541.647),
        ("expected_failed_by_T_no_repair", 54.259),
        ("sd_failed", 7.163_45),
        ("expected_minimal_repairs_by_T", 55.786_5),
    ],
};

/// Failure domains: 2 replicas in one rack versus spread over racks (independence).
pub const O20A: Case = Case {
    id: "O20a",
    params: &[
        ("rack_mtbf_mttr_h.0", 2_000.0),
        ("rack_mtbf_mttr_h.1", 40.0),
        ("server_mtbf_mttr_h.0", 500.0),
        ("server_mtbf_mttr_h.1", 25.0),
        ("replicas", 2.0),
    ],
    expected: &[
        ("single", 0.933_707),
        ("same_rack", 0.978_169),
        ("spread", 0.995_605),
        ("ratio_of_unavailability", 4.967_47),
    ],
};

/// Task with retries and exponential back-off (geometric distribution).
pub const O18A: Case = Case {
    id: "O18a",
    params: &[
        ("success_prob", 0.8),
        ("max_attempts", 4.0),
        ("attempt_min", 5.0),
        ("backoff_min", 1.0),
        ("backoff_factor", 2.0),
        ("tasks", 100_000.0),
    ],
    expected: &[
        ("P_fail", 0.001_6),
        ("mean_attempts", 1.248),
        ("mean_time_min", 6.552),
        ("sd_time_min", 3.554_05),
    ],
};

/// On/off CPU demand against a credit bucket: a fluid queue with a finite buffer (Anick, Mitra and
/// Sondhi 1982).
pub const O17A: Case = Case {
    id: "O17a",
    params: &[
        ("fill_per_min_when_off", 0.4),
        ("drain_per_min_when_on", 1.6),
        ("mean_on_min", 30.0),
        ("mean_off_min", 100.0),
        ("cap", 60.0),
        ("horizon_min", 200_000.0),
        ("replications", 64.0),
    ],
    expected: &[
        ("theta", -0.004_166_67),
        ("P_throttled", 0.109_577),
        ("P_full", 0.284_463),
        ("P_on", 0.230_769),
        ("mean_balance", 34.489_9),
    ],
};

/// Pre-copy live migration, constant dirty rate (Clark et al. 2005; Liu et al. 2011).
pub const O13A: Case = Case {
    id: "O13a",
    params: &[
        ("memory_MiB", 16_384.0),
        ("bandwidth_MiB_s", 1_192.0),
        ("dirty_MiB_s", 256.0),
        ("stop_threshold_MiB", 64.0),
        ("max_rounds", 30.0),
    ],
    expected: &[
        ("rounds", 4.0),
        ("total_s", 17.496_3),
        ("downtime_s", 0.029_241_4),
        ("sent_MiB", 20_855.6),
    ],
};

/// As [`O13A`], of a guest that writes faster than its memory can be sent.
pub const O13B: Case = Case {
    id: "O13b",
    params: &[
        ("memory_MiB", 8_192.0),
        ("bandwidth_MiB_s", 500.0),
        ("dirty_MiB_s", 600.0),
        ("stop_threshold_MiB", 64.0),
        ("max_rounds", 5.0),
    ],
    expected: &[
        ("rounds", 5.0),
        ("total_s", 98.304),
        ("downtime_s", 16.384),
        ("sent_MiB", 49_152.0),
    ],
};

/// Every case.
const ALL: [&Case; 27] = [
    &O01A, &O01B, &O02A, &O04A, &O04B, &O05A, &O06A, &O06B, &O07A, &O07B, &O08A, &O09A, &O09B,
    &O11A, &O11B, &O12A, &O12B, &O12C, &O13A, &O13B, &O14A, &O14B, &O15A, &O17A, &O18A, &O19A,
    &O20A,
];

#[test]
fn the_constants_are_those_of_the_shared_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/given.json");
    let Ok(text) = fs::read_to_string(&path) else {
        assert!(
            std::env::var_os("FLEETSIM_TRACES").is_none_or(|value| value != "1"),
            "there is no {}, and FLEETSIM_TRACES=1 says that it is there",
            path.display()
        );
        println!("skipped: there is no {}", path.display());
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    for case in ALL {
        let given = cases.iter().find(|given| given["id"] == case.id).unwrap();
        for (part, values) in [("params", case.params), ("expected", case.expected)] {
            for (name, value) in values {
                let at = format!("/{part}/{}", name.replace('.', "/"));
                let there = given.pointer(&at).and_then(serde_json::Value::as_f64);
                assert_eq!(there, Some(*value), "{}{at}", case.id);
            }
        }
    }
}
