//! Settings that stand for what the documents leave open: each, moved off its default, changes what
//! it says and nothing else.
//!
//! A case is a small scenario of fixed durations, run twice: as it is, and with one setting
//! changed. What is compared is what the cloud tells (its notifications), and what it does not tell:
//! answers to commands, tasks, and what is lost.

use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::fact::Fact,
    observe::{Observer, audit::Audit, notifications::Notifications},
    scenario::{InMemory, Scenario, notifications::Moment},
    simulation,
};
use serde_json::Value;

/// Two servers that never fail and have two local disks, steps of fixed length, an owner that does
/// nothing by itself. What a case says of the first server model, the instance and its owner comes
/// instead of `MODEL`, `WEB` and `OWNER`.
const USUAL: &str = r#"
[scenario]
name = "settings"
horizon = "5d"
[server_models.first]
vcpus = 4
memory = "16GiB"
local_disks = { count = 2, size = "1TB", failure = "never" }
risk = "never"
MODEL
[server_models.second]
vcpus = 4
memory = "16GiB"
local_disks = { count = 2, size = "1TB", failure = "never" }
risk = "never"
crash = "never"
[[servers]]
model = "first"
count = 1
zones = ["z"]
[[servers]]
model = "second"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
family = "d2"
WEB
[[workload.instances]]
name = "web"
type = "t"
count = 1
[policies.customers.default]
restart_after = "never"
OWNER
[settings]
instance = { pending = "3s", starting = "30s", stopping = "11s" }
redeploy = { switch = "60s", fail_p = 0 }
recover = { detect = "41s" }
disk = { online_isolation_p = 0, replace = "24h" }
event = { cancel_p = 0, lead = "24h" }
guest = { crash_rate = "never" }
"#;

/// A setting, where it shows, and the whole difference that it makes.
struct Case {
    /// The setting and its other value, as `--set` takes it.
    set: &'static str,
    /// What the scenario says of the first server's model, the instance's type and its owner.
    of: [&'static str; 3],
    /// Other settings, the same in both runs.
    also: &'static [&'static str],
    /// What happens: events and commands.
    plot: &'static str,
    /// Lines of one run that the other has not: `-` with the default, `+` with the other value.
    difference: &'static [&'static str],
}

const STEADY: &str = "crash = \"never\"";
/// It crashes an hour after the start, and restarts by itself two hours later.
const RESTARTS: &str = "crash = { life = \"1h\", restarts_itself = 1, restart = \"2h\" }";
/// It crashes an hour after the start, and stays away.
const BREAKS: &str = "crash = { life = \"1h\", restarts_itself = 0, repair = \"20d\" }";
/// It crashes whenever it has worked for an hour, and is repaired two days later.
const MENDED: &str = "crash = { life = \"1h\", restarts_itself = 0, repair = \"2d\" }";
const LOCAL: &str = "local_disks = 2";
const REDEPLOYED: &str = "local_disks = 2\naction_on_maintenance = \"AutoRedeploy\"";
/// A graceful stop takes longer than it may.
const SLOW: &[&str] = &["settings.instance.stopping=300s"];
const PLAIN: [&str; 3] = [STEADY, "", ""];

const CASES: &[Case] = &[
    Case {
        set: "settings.event.stop_start_answers=true",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "StopInstance"
InstanceId = "web[0]"
StoppedMode = "KeepCharging"
[[scripts]]
at = "3h"
do = "StartInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 1d 01:00:00 SystemMaintenance.Reboot:Executing for 1d 01:00:00",
            "- 1d 01:00:00 StateChange Stopping",
            "- 1d 01:00:11 StateChange Starting",
            "- 1d 01:00:41 StateChange Running",
            "- 1d 01:00:41 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "- 1d 01:00:41 served",
            "+ 0d 03:00:30 SystemMaintenance.Reboot:Avoided for 1d 01:00:00",
        ],
    },
    Case {
        set: "settings.event.accept_goes_to_scheduled=[\"SystemMaintenance.Reboot\"]",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
status = "Inquiring"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "AcceptInquiredSystemEvent"
EventId = "SystemMaintenance.Reboot of web[0]"
"#,
        difference: &[
            "- 0d 02:00:00 SystemMaintenance.Reboot:Executing",
            "- 0d 02:00:00 StateChange Stopping",
            "- 0d 02:00:11 StateChange Starting",
            "- 0d 02:00:41 StateChange Running",
            "- 0d 02:00:41 SystemMaintenance.Reboot:Executed",
            "- 0d 02:00:41 served",
            "+ 0d 02:00:00 SystemMaintenance.Reboot:Scheduled for 1d 02:00:00",
            "+ 1d 02:00:00 SystemMaintenance.Reboot:Executing for 1d 02:00:00",
            "+ 1d 02:00:00 StateChange Stopping",
            "+ 1d 02:00:11 StateChange Starting",
            "+ 1d 02:00:41 StateChange Running",
            "+ 1d 02:00:41 SystemMaintenance.Reboot:Executed for 1d 02:00:00",
            "+ 0d 02:00:00 planned for 1d 02:00:00",
            "+ 1d 02:00:41 served",
        ],
    },
    Case {
        set: "settings.redeploy.allow_stop_event=true",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Stop"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 1d 01:00:00 SystemMaintenance.Stop:Executing for 1d 01:00:00",
            "- 1d 01:00:00 StateChange Stopping",
            "- 1d 01:00:11 StateChange Stopped",
            "- 1d 01:00:11 SystemMaintenance.Stop:Executed for 1d 01:00:00",
            "- 0d 02:00:00 RedeployInstance InvalidOperation.RedeployInstance",
            "+ 0d 02:00:00 StateChange Stopping",
            "+ 0d 02:01:12 StateChange Starting",
            "+ 0d 02:01:42 StateChange Running",
            "+ 0d 02:01:42 SystemMaintenance.Stop:Avoided for 1d 01:00:00",
            "+ 0d 02:01:42 redeploy Finished",
            "+ 0d 02:01:42 served",
        ],
    },
    Case {
        set: "settings.redeploy.close_failure_reboot_as=Failed",
        of: [RESTARTS, LOCAL, ""],
        also: &[],
        plot: r#"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 02:01:31 SystemFailure.Reboot:Executed",
            "+ 0d 02:01:31 SystemFailure.Reboot:Failed",
        ],
    },
    Case {
        set: "settings.disk.initlocaldisk_closes=false",
        of: [STEADY, LOCAL, ""],
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "ErrorDetected"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "StopInstance"
InstanceId = "web[0]"
[[scripts]]
at = "3h"
do = "StartInstance"
InstanceId = "web[0]"
InitLocalDisk = true
"#,
        difference: &[
            "- 0d 03:00:00 SystemMaintenance.RebootAndIsolateErrorDisk:Avoided",
            "- 0d 03:00:00 Disk:ErrorDetected:Executed",
            "+ 0d 03:00:30 Disk:ErrorDetected:Executed",
        ],
    },
    Case {
        set: "settings.plan_window.min_interval=3h",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[events]]
at = "90min"
type = "SystemMaintenance.Stop"
instance = "web[0]"
"#,
        difference: &[
            "- 0d 01:30:00 SystemMaintenance.Stop:Scheduled for 1d 02:00:00",
            "- 1d 02:00:00 SystemMaintenance.Stop:Executing for 1d 02:00:00",
            "- 1d 02:00:00 StateChange Stopping",
            "- 1d 02:00:11 StateChange Stopped",
            "- 1d 02:00:11 SystemMaintenance.Stop:Executed for 1d 02:00:00",
            "+ 0d 01:30:00 SystemMaintenance.Stop:Scheduled for 1d 04:00:00",
            "+ 1d 04:00:00 SystemMaintenance.Stop:Executing for 1d 04:00:00",
            "+ 1d 04:00:00 StateChange Stopping",
            "+ 1d 04:00:11 StateChange Stopped",
            "+ 1d 04:00:11 SystemMaintenance.Stop:Executed for 1d 04:00:00",
        ],
    },
    Case {
        set: "settings.reschedule.max_shift=72h",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "ModifySystemEventAttribute"
InstanceId = "web[0]"
EventId = "SystemMaintenance.Reboot of web[0]"
NotBefore = "74h"
"#,
        difference: &[
            "- 1d 01:00:00 SystemMaintenance.Reboot:Executing for 1d 01:00:00",
            "- 1d 01:00:00 StateChange Stopping",
            "- 1d 01:00:11 StateChange Starting",
            "- 1d 01:00:41 StateChange Running",
            "- 1d 01:00:41 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "- 0d 02:00:00 ModifySystemEventAttribute InvalidParameter",
            "- 1d 01:00:41 served",
            "+ 3d 02:00:00 SystemMaintenance.Reboot:Executing for 3d 02:00:00",
            "+ 3d 02:00:00 StateChange Stopping",
            "+ 3d 02:00:11 StateChange Starting",
            "+ 3d 02:00:41 StateChange Running",
            "+ 3d 02:00:41 SystemMaintenance.Reboot:Executed for 3d 02:00:00",
            "+ 0d 02:00:00 planned for 3d 02:00:00",
            "+ 3d 02:00:41 served",
        ],
    },
    Case {
        set: "settings.instance.guest_shutdown_timeout=400s",
        of: PLAIN,
        also: SLOW,
        plot: r#"
[[scripts]]
at = "1h"
do = "StopInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 01:04:01 StateChange Stopped",
            "- 0d 01:04:00 unwritten data is lost",
            "+ 0d 01:05:00 StateChange Stopped",
        ],
    },
    Case {
        set: "settings.event.reboot_retry_gap=2h",
        of: [STEADY, "", "scheduled_event = \"reboot\"\nretry = { after = \"15min\", times = 1 }"],
        also: &["settings.event.reboot_mitigates_p=0"],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
"#,
        difference: &[
            "- 0d 13:00:41 StateChange Stopping",
            "- 0d 13:00:52 StateChange Starting",
            "- 0d 13:01:22 StateChange Running",
            "- 0d 13:01:22 served",
            "+ 0d 03:00:41 StateChange Stopping",
            "+ 0d 03:00:52 StateChange Starting",
            "+ 0d 03:01:22 StateChange Running",
            "+ 0d 03:01:22 served",
        ],
    },
    Case {
        set: "settings.event.failure_redeploy_lead=3h",
        of: [BREAKS, REDEPLOYED, ""],
        also: &[],
        plot: "",
        difference: &[
            "- 0d 01:10:41 SystemFailure.Redeploy:Executing",
            "- 0d 01:10:41 StateChange Starting",
            "- 0d 01:11:11 StateChange Running",
            "- 0d 01:11:11 SystemFailure.Redeploy:Executed",
            "- 0d 01:10:41 2000000000000 B are lost",
            "- 0d 01:11:11 failover Finished",
            "- 0d 01:11:11 served",
            "+ 0d 04:00:41 SystemFailure.Redeploy:Executing",
            "+ 0d 04:00:41 StateChange Starting",
            "+ 0d 04:01:11 StateChange Running",
            "+ 0d 04:01:11 SystemFailure.Redeploy:Executed",
            "+ 0d 04:00:41 2000000000000 B are lost",
            "+ 0d 04:01:11 failover Finished",
            "+ 0d 04:01:11 served",
        ],
    },
    Case {
        set: "settings.create.failed_emits=[\"Stopped\"]",
        of: PLAIN,
        also: &[],
        plot: r#"
[[scripts]]
at = "1h"
do = "RunInstances"
InstanceType = "t"
Amount = 2
"#,
        difference: &["- 0d 01:00:00 StateChange Created", "- 0d 01:05:00 StateChange Deleted"],
    },
    Case {
        set: "settings.recover.emit_stopping=true",
        of: [BREAKS, "", ""],
        also: &[],
        plot: "",
        difference: &["+ 0d 01:00:41 StateChange Stopping"],
    },
    Case {
        set: "settings.reboot.emit_stopping=false",
        of: PLAIN,
        also: &[],
        plot: r#"
[[scripts]]
at = "1h"
do = "RebootInstance"
InstanceId = "web[0]"
[[events]]
at = "2h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2d"
do = "StopInstance"
InstanceId = "web[0]"
"#,
        difference: &["- 0d 01:00:00 StateChange Stopping", "- 1d 02:00:00 StateChange Stopping"],
    },
    Case {
        set: "settings.failure_redeploy.instance_state=Running",
        of: [BREAKS, LOCAL, ""],
        also: &[],
        plot: r#"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 01:00:41 StateChange Stopped",
            "- 0d 02:00:00 StateChange Starting",
            "+ 0d 02:00:00 StateChange Stopping",
            "+ 0d 02:01:01 StateChange Starting",
        ],
    },
    Case {
        set: "settings.failure_redeploy.instance_state=Running",
        of: [BREAKS, LOCAL, ""],
        also: &[],
        plot: r#"
[[scripts]]
at = "2h"
do = "AcceptInquiredSystemEvent"
EventId = "SystemFailure.Redeploy of web[0]"
"#,
        difference: &["- 0d 01:00:41 StateChange Stopped"],
    },
    // A redeployment that fails brings it back to the state that it had.
    Case {
        set: "settings.failure_redeploy.instance_state=Running",
        of: [BREAKS, LOCAL, ""],
        also: &["settings.redeploy.fail_p=1"],
        plot: r#"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 01:00:41 StateChange Stopped",
            "- 0d 02:00:00 StateChange Starting",
            "- 0d 02:02:01 StateChange Stopped",
            "+ 0d 02:00:00 StateChange Stopping",
            "+ 0d 02:01:01 StateChange Starting",
            "+ 0d 02:02:01 StateChange Running",
        ],
    },
    // Its server is back, and it is its owner's to bring back: by a start, or by a restart.
    Case {
        set: "settings.failure_redeploy.instance_state=Running",
        of: [MENDED, LOCAL, ""],
        also: &["settings.event.cancel_failure_redeploy_on_repair=false"],
        plot: r#"
[[scripts]]
at = "49h30min"
do = "StartInstance"
InstanceId = "web[0]"
[[scripts]]
at = "49h40min"
do = "RebootInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 01:00:41 StateChange Stopped",
            "- 2d 01:30:00 StateChange Starting",
            "- 2d 01:30:30 StateChange Running",
            "- 2d 01:30:30 SystemFailure.Redeploy:Canceled",
            "- 2d 02:00:41 StateChange Stopped",
            "- 2d 01:30:30 served",
            "+ 2d 01:40:41 SystemFailure.Redeploy:Canceled",
            "+ 2d 01:30:00 StartInstance IncorrectInstanceStatus",
        ],
    },
    // The repair makes its redeployment needless, whatever state it shows.
    Case {
        set: "settings.failure_redeploy.instance_state=Running",
        of: [MENDED, LOCAL, ""],
        also: &[],
        plot: "",
        difference: &[
            "- 0d 01:00:41 StateChange Stopped",
            "- 2d 02:00:41 StateChange Stopped",
            "- 4d 03:00:41 StateChange Stopped",
        ],
    },
    Case {
        set: "settings.graceful_timeout_action.system=fail",
        of: PLAIN,
        also: SLOW,
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
"#,
        difference: &[
            "- 1d 01:04:01 StateChange Starting",
            "- 1d 01:04:31 StateChange Running",
            "- 1d 01:04:31 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "- 1d 01:04:00 unwritten data is lost",
            "- 1d 01:04:31 served",
            "+ 1d 01:04:00 StateChange Running",
            "+ 1d 01:04:00 SystemMaintenance.Reboot:Failed for 1d 01:00:00",
            "+ 1d 01:04:00 served",
        ],
    },
    Case {
        set: "settings.graceful_timeout_action.system=fail",
        of: [STEADY, LOCAL, ""],
        also: SLOW,
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Redeploy"
instance = "web[0]"
"#,
        difference: &[
            "- 1d 01:05:02 StateChange Starting",
            "- 1d 01:05:32 StateChange Running",
            "- 1d 01:05:32 SystemMaintenance.Redeploy:Executed for 1d 01:00:00",
            "- 1d 01:04:00 unwritten data is lost",
            "- 1d 01:05:32 2000000000000 B are lost",
            "- 1d 01:05:32 redeploy Finished",
            "- 1d 01:05:32 served",
            "+ 1d 01:04:00 StateChange Running",
            "+ 1d 01:04:00 SystemMaintenance.Redeploy:Canceled for 1d 01:00:00",
            "+ 2d 01:04:00 SystemMaintenance.Redeploy:Scheduled for 3d 01:04:00",
            "+ 3d 01:04:00 SystemMaintenance.Redeploy:Executing for 3d 01:04:00",
            "+ 3d 01:04:00 StateChange Stopping",
            "+ 3d 01:08:00 StateChange Running",
            "+ 3d 01:08:00 SystemMaintenance.Redeploy:Canceled for 3d 01:04:00",
            "+ 4d 01:08:00 SystemMaintenance.Redeploy:Scheduled for 5d 01:08:00",
            "+ 1d 01:04:00 redeploy Failed",
            "+ 1d 01:04:00 served",
            "+ 3d 01:08:00 redeploy Failed",
            "+ 3d 01:08:00 served",
        ],
    },
    Case {
        set: "settings.graceful_timeout_action.user=power-off",
        of: PLAIN,
        also: SLOW,
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 02:04:00 StateChange Running",
            "- 1d 01:00:00 SystemMaintenance.Reboot:Executing for 1d 01:00:00",
            "- 1d 01:00:00 StateChange Stopping",
            "- 1d 01:04:01 StateChange Starting",
            "- 1d 01:04:31 StateChange Running",
            "- 1d 01:04:31 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "- 0d 02:04:00 redeploy Failed",
            "- 0d 02:04:00 served",
            "- 1d 01:04:00 unwritten data is lost",
            "- 1d 01:04:31 served",
            "+ 0d 02:05:02 StateChange Starting",
            "+ 0d 02:05:32 StateChange Running",
            "+ 0d 02:05:32 SystemMaintenance.Reboot:Avoided for 1d 01:00:00",
            "+ 0d 02:04:00 unwritten data is lost",
            "+ 0d 02:05:32 redeploy Finished",
            "+ 0d 02:05:32 served",
        ],
    },
    Case {
        set: "settings.redeploy.disk_error_p=1",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 02:00:00 StateChange Stopping",
            "- 0d 02:01:12 StateChange Starting",
            "- 0d 02:01:42 StateChange Running",
            "- 0d 02:01:42 SystemMaintenance.Reboot:Avoided for 1d 01:00:00",
            "- 0d 02:01:42 redeploy Finished",
            "- 0d 02:01:42 served",
            "+ 1d 01:00:00 SystemMaintenance.Reboot:Executing for 1d 01:00:00",
            "+ 1d 01:00:00 StateChange Stopping",
            "+ 1d 01:00:11 StateChange Starting",
            "+ 1d 01:00:41 StateChange Running",
            "+ 1d 01:00:41 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "+ 0d 02:00:00 RedeployInstance DiskError",
            "+ 1d 01:00:41 served",
        ],
    },
    Case {
        set: "settings.redeploy.internal_error_p=1",
        of: PLAIN,
        also: &[],
        plot: r#"
[[events]]
at = "1h"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
        difference: &[
            "- 0d 02:00:00 StateChange Stopping",
            "- 0d 02:01:12 StateChange Starting",
            "- 0d 02:01:42 StateChange Running",
            "- 0d 02:01:42 SystemMaintenance.Reboot:Avoided for 1d 01:00:00",
            "- 0d 02:01:42 redeploy Finished",
            "- 0d 02:01:42 served",
            "+ 1d 01:00:00 SystemMaintenance.Reboot:Executing for 1d 01:00:00",
            "+ 1d 01:00:00 StateChange Stopping",
            "+ 1d 01:00:11 StateChange Starting",
            "+ 1d 01:00:41 StateChange Running",
            "+ 1d 01:00:41 SystemMaintenance.Reboot:Executed for 1d 01:00:00",
            "+ 0d 02:00:00 RedeployInstance InternalError",
            "+ 1d 01:00:41 served",
        ],
    },
];

/// Notes what no notification tells.
struct Untold {
    lines: Vec<String>,
}

impl Observer for Untold {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        let line = match fact {
            Fact::Commanded { operation, refusal: Some(refusal), .. } => {
                format!("{} {}", operation.name(), refusal.code())
            }
            Fact::TaskEnded { kind, status, .. } => format!("{} {status}", kind.name()),
            Fact::DirtyLost(_) => "unwritten data is lost".to_owned(),
            Fact::DataLost { bytes, .. } => format!("{bytes} B are lost"),
            Fact::ServiceBegan(_) => "served".to_owned(),
            Fact::EventRescheduled { not_before, .. } => format!("planned for {not_before}"),
            _ => return,
        };
        self.lines.push(format!("{now} {line}"));
    }
}

/// What is told and what is not in a run of `text` with the `sets`, in order of time.
fn lines(text: &str, sets: &[String]) -> Vec<String> {
    let scenario = Scenario::parse("settings.toml", text.as_bytes(), sets, &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    let mut sent = Notifications::new(&scenario, 0, String::new());
    let mut untold = Untold { lines: Vec::new() };
    let mut audit = Audit::new(&scenario.layout);
    simulation::run(&scenario, 0, &mut (&mut sent, (&mut untold, &mut audit)));
    let sent = sent.into_inner();
    let told = sent.lines().map(|line| short(&scenario, line));
    told.chain(untold.lines).collect()
}

/// A notification in short: "time name [state] [for notBefore]", in the run's own time.
fn short(scenario: &Scenario, sent: &str) -> String {
    let sent: Value = serde_json::from_str(sent).expect("a notification is JSON");
    let (name, content) = (text(&sent, "name").expect("it has a name"), &sent["content"]);
    let of_run = |moment: &str| {
        let moment = Moment::parse(moment).expect("it is a time");
        Instant::from_micros((moment.0 - scenario.epoch) as u64)
    };
    let at = text(&sent, "eventTime").map(of_run).expect("it has a time");
    let mut line = format!("{at} {}", name.strip_prefix("Instance:").unwrap_or(name));
    if let Some(state) = text(content, "state") {
        line.push_str(&format!(" {state}"));
    }
    if let Some(planned) = text(content, "notBefore").map(of_run) {
        line.push_str(&format!(" for {planned}"));
    }
    line
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object[key].as_str()
}

/// The lines of each that the other has not, or has less often.
fn difference(default: Vec<String>, mut changed: Vec<String>) -> Vec<String> {
    let mut only = Vec::new();
    for line in default {
        match changed.iter().position(|other| *other == line) {
            Some(place) => drop(changed.remove(place)),
            None => only.push(format!("- {line}")),
        }
    }
    only.extend(changed.into_iter().map(|line| format!("+ {line}")));
    only
}

#[test]
fn each_setting_changes_what_it_says_and_nothing_else() {
    let mut wrong = String::new();
    for case in CASES {
        let [model, web, owner] = case.of;
        let mut text = USUAL.replacen("MODEL", model, 1);
        text = text.replacen("WEB", web, 1).replacen("OWNER", owner, 1);
        text.push_str(case.plot);
        let also: Vec<String> = case.also.iter().map(ToString::to_string).collect();
        let changed = [also.as_slice(), &[case.set.to_owned()]].concat();
        let found = difference(lines(&text, &also), lines(&text, &changed));
        if found != case.difference {
            wrong.push_str(&format!("{}:\n", case.set));
            found.iter().for_each(|line| wrong.push_str(&format!("    {line}\n")));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
