//! Settings of the modelled cloud, named as in spec/events.md 12.

use super::notifications::State;
use crate::{
    fleet::{ids::Arrears, moves::MoveLimits, spot::SpotSettings},
    kernel::{
        column::Column,
        distribution::Distribution,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventType},
    },
    messages::operation::Cloud,
    policy::precopy::PreCopyRules,
};
use std::num::{NonZeroU32, NonZeroU64};

/// What becomes of local disks in a cold migration (spec/refresh-and-migration.md 7, row 48).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalDiskPolicy {
    /// `forbid`: who has some does not move.
    Forbid,
    /// `copy`: they are copied from server to server.
    Copy,
    /// `wipe`: they are blank afterwards.
    Wipe,
}

/// `coldmig`: cold migrations (spec/refresh-and-migration.md 4.2, 4.4).
#[derive(Clone, Debug)]
pub struct ColdSettings {
    /// `api`: until the request is taken up.
    pub api: Span,
    /// `claim`: until the chosen destination claims the room.
    pub claim: Span,
    /// `detach`: disks, volumes and ports are detached.
    pub detach: Span,
    /// `copy_rate`: where there is no network, local disks are copied so fast (B/s).
    pub copy_rate: NonZeroU64,
    /// `attach`: disks, volumes and ports are attached.
    pub attach: Span,
    /// `auto_confirm`: from the arrival until it is confirmed by itself.
    pub auto_confirm: Span,
    /// `confirm`: the source is cleaned.
    pub confirm: Span,
    /// `confirm_fail_p`: probability that a confirmation fails.
    pub confirm_fail_p: f64,
    /// `max_attempts`: destinations tried (count).
    pub max_attempts: u32,
    /// `local_disk_policy`: what becomes of local disks.
    pub local_disks: LocalDiskPolicy,
    /// `allow_running`: whether MigrateServer takes running servers too, shuts them down and starts
    /// them again.
    pub allow_running: bool,
    /// `require_pay_per_use`: whether who is paid in advance is refused.
    pub require_pay_per_use: bool,
    /// `job_ttl`: how long the record of a job is kept after its end.
    pub job_ttl: Span,
}

/// Settings of the modelled cloud.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `cloud`: whose rules hold.
    pub cloud: Cloud,
    /// `coldmig`: cold migrations.
    pub cold: ColdSettings,
    /// `instance.pending`: time in Pending.
    pub instance_pending: Distribution,
    /// `instance.starting`: time of a boot.
    pub instance_starting: Distribution,
    /// `instance.boot_fail_p`: probability that a boot fails.
    pub instance_boot_fail_p: f64,
    /// `instance.stopping`: time of a graceful stop.
    pub instance_stopping: Distribution,
    /// `instance.forced_stop`: time of a power-off.
    pub instance_forced_stop: Span,
    /// `instance.guest_shutdown_timeout`: a graceful stop takes no longer.
    pub guest_shutdown_timeout: Span,
    /// `graceful_timeout_action`: what follows where it takes as long as it may (S30).
    pub graceful_timeout: TimeoutSettings,
    /// `instance.economical`: whether StopInstance without a mode stops economically whoever is
    /// eligible (spec/events.md 1.4: the account's switch).
    pub economical: bool,
    /// `recover.detect`: time until a crashed server or guest is noticed.
    pub recover_detect: Distribution,
    /// `recover.emit_stopping`: whether Stopping is told where a recovery begins (S4).
    pub recover_emits_stopping: bool,
    /// `reboot.emit_stopping`: whether Stopping is told where a restart begins (C5).
    pub reboot_emits_stopping: bool,
    /// `failure_redeploy.instance_state`: API state of what was Running while its
    /// SystemFailure.Redeploy waits: Stopped or Running (S18).
    pub failure_redeploy_state: InstanceState,
    /// `guest.crash`: running time from one crash of a guest to the next; `None`: never.
    pub guest_crash: Option<Distribution>,
    /// `create.release_after`: time until a failed creation is released (documented: about 5 min).
    pub create_release_after: Span,
    /// `create.failed_emits`: states of a failed creation that are told (S1).
    pub create_failed_emits: Vec<State>,
    /// `host.idle_wears`: whether a server that holds no instance ages.
    pub host_idle_wears: bool,
    /// `event.*`.
    pub event: EventSettings,
    /// `redeploy.*`.
    pub redeploy: RedeploySettings,
    /// `disk.*`.
    pub disk: DiskSettings,
    /// `livemig.*`.
    pub live: LiveSettings,
    /// `migration.*`: how many moves between servers are under way at once.
    pub migration: MoveLimits,
    /// `ddh.*`.
    pub ddh: HostSettings,
    /// `window.align`: whether `notBefore` is moved into the instance's maintenance window (S34).
    pub window_align: bool,
    /// `plan_window.min_interval`: least time between the planned times of two maintenance events
    /// of one instance.
    pub plan_min_interval: Span,
    /// `reschedule.max_shift`: how far behind its first value `notBefore` may be moved (S36).
    pub reschedule_max_shift: Span,
    /// `simulated.max_active`: most simulated events that are open at once (S37).
    pub simulated_max_active: u32,
    /// `maint.max_concurrent_hosts`: most servers that the operator works on at once; `None`:
    /// no limit (S46).
    pub max_concurrent_hosts: Option<NonZeroU32>,
    /// `enable.clean_inactive`: whether CleanInactiveDisks is asked for (S11).
    pub clean_inactive: bool,
    /// `spot.*`.
    pub spot: SpotSettings,
    /// `billing.*`.
    pub billing: BillingSettings,
    /// `burst.*`.
    pub burst: BurstSettings,
    /// `notify.*`.
    pub notify: NotifySettings,
    /// `ess.max_size`: the quota of MaxSize (capacity units).
    pub ess_max_size: u32,
    /// `ess.suspend_after`: how long every activity of a group must have failed until the system
    /// suspends it; it may be [`Span::NEVER`].
    pub ess_suspend_after: Span,
}

/// `settings.burst` (spec/events.md 7, spec/corrections.md 19).
#[derive(Clone, Copy, Debug)]
pub struct BurstSettings {
    /// `taper`: whether a Standard instance becomes slower while little is left.
    pub taper: bool,
    /// `exhaustion_switches_mode`: whether an Unlimited instance becomes Standard when its advance is
    /// used up (C21).
    pub exhaustion_switches_mode: bool,
    /// `emit_at_end`: whether a restricted hour is told when it is over (S40).
    pub emit_at_end: bool,
    /// `overdraft_price`: of a credit (USD).
    pub overdraft_price: f64,
}

/// `settings.ddh`: dedicated hosts.
#[derive(Clone, Debug)]
pub struct HostSettings {
    /// `prepare`: time until another server is ready for a host.
    pub prepare: Distribution,
    /// `ticket`: time until a host with local disks that is dead is given another server; `None`:
    /// never.
    pub ticket: Option<Distribution>,
    /// `live_fail_p`: probability that a live migration between hosts fails (spec/events.md 9.4).
    pub live_fail_p: f64,
}

/// `settings.graceful_timeout_action`.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutSettings {
    /// `user`: of a redeployment that the owner asked for.
    pub user: TimeoutAction,
    /// `system`: of maintenance that the system executes.
    pub system: TimeoutAction,
}

/// What follows where a graceful stop takes too long (S30).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeoutAction {
    /// The instance is powered off.
    PowerOff,
    /// The stop is given up, and what it was for has failed.
    Fail,
}

/// `settings.billing` (spec/events.md 2.16; off by default).
#[derive(Clone, Debug)]
pub struct BillingSettings {
    /// `enabled`: whether subscriptions end and accounts fall into arrears.
    pub enabled: bool,
    /// `term`: length of a subscription's term.
    pub term: Distribution,
    /// `expiration_notice`: time from the announcement to the stop of what has expired.
    pub expiration_notice: Span,
    /// `stop_within`: time from 00:00 (UTC+8) of the day on which a term ends to the stop.
    pub stop_within: Distribution,
    /// `arrears`: when the account falls into arrears, in order of time.
    pub arrears: Column<Arrears, Instant>,
    /// `arrears_stop_after`: time until what is unpaid is stopped (C13).
    pub arrears_stop_after: Span,
    /// `arrears_notice`: time from the announcement to that stop (C13).
    pub arrears_notice: Span,
    /// `arrears_paid_after`: time until it is paid; `None`: never.
    pub arrears_paid_after: Option<Span>,
    /// `release_after`: time from the stop to the release.
    pub release_after: Span,
}

/// `settings.event`.
#[derive(Clone, Debug)]
pub struct EventSettings {
    /// `lead`: time from the publication of a maintenance event to its `notBefore`.
    pub lead: Distribution,
    /// `exec_limit`: most time that the execution of a repair-type event takes.
    pub exec_limit: Span,
    /// `reboot_mitigates_p`: probability that a user's reboot answers the event.
    pub reboot_mitigates_p: f64,
    /// `reboot_retry_gap`: least time after a reboot that did not help until the next that may.
    pub reboot_retry_gap: Span,
    /// `failure_redeploy_lead`: notice of SystemFailure.Redeploy under AutoRedeploy.
    pub failure_redeploy_lead: Span,
    /// `republish_delay`: time until an event whose execution failed is published anew (S12).
    pub republish_delay: Span,
    /// `cancel_p`: probability that a Scheduled event is withdrawn, at a uniform time of its
    /// notice (S50).
    pub cancel_p: f64,
    /// `hold_during_task`: whether an execution that falls due during a redeployment waits for its
    /// end (S9).
    pub hold_during_task: bool,
    /// `accept_goes_to_scheduled`: types whose accepted events are planned, not executed (S10).
    pub accept_goes_to_scheduled: Vec<EventType>,
    /// `accept_types`: types that AcceptInquiredSystemEvent takes; `None`: all (S52).
    pub accept_types: Option<Vec<EventType>>,
    /// `reboot_moves_cloud_only`: whether a restart that answers an event takes an instance
    /// without local disks to another server (S14).
    pub reboot_moves_cloud_only: bool,
    /// `cancel_failure_redeploy_on_repair`: whether an instance whose SystemFailure.Redeploy waits
    /// returns with its data when its server is repaired (S19).
    pub cancel_failure_redeploy_on_repair: bool,
    /// `start_inquiring_p`: probability that a Reboot or Redeploy maintenance event begins as an
    /// inquiry (S53).
    pub start_inquiring_p: f64,
    /// `stop_start_answers`: whether a standard stop and start answers a Reboot event (S32: the
    /// economical one does anyway).
    pub stop_start_answers: bool,
    /// `allow_undocumented_failed`: whether events of types without Failed may end Failed.
    pub allow_undocumented_failed: bool,
}

/// `settings.redeploy`.
#[derive(Clone, Debug)]
pub struct RedeploySettings {
    /// `placement`: time to find a server.
    pub placement: Span,
    /// `switch`: time to move cloud disks and make blank local ones (S29).
    pub switch: Distribution,
    /// `rollback`: time to resume where it was.
    pub rollback: Span,
    /// `fail_p`: probability that a redeployment fails (S45).
    pub fail_p: f64,
    /// `allow_stop_event`: whether RedeployInstance answers SystemMaintenance.Stop (C11).
    pub allow_stop_event: bool,
    /// `close_failure_reboot_as`: how SystemFailure.Reboot ends when the owner redeploys (S17).
    pub close_failure_reboot_as: EventStatus,
    /// `disk_error_p`: probability that RedeployInstance finds a cloud disk between states.
    pub disk_error_p: f64,
    /// `internal_error_p`: probability that RedeployInstance fails inside the cloud.
    pub internal_error_p: f64,
}

/// `settings.disk`.
#[derive(Clone, Debug)]
pub struct DiskSettings {
    /// `detect`: time until the damage of a local disk is detected (S44).
    pub detect: Distribution,
    /// `replace`: time that the operator takes to replace a disk (S43).
    pub replace: Distribution,
    /// `online_isolation`: time of an online isolation.
    pub online_isolation: Span,
    /// `online_reinit`: time of an online re-initialisation.
    pub online_reinit: Span,
    /// `online_isolation_p`: probability that damage can be isolated online, for families that
    /// support it (S22).
    pub online_isolation_p: f64,
    /// `online_isolation_fail_p`: probability that an online isolation fails.
    pub online_isolation_fail_p: f64,
    /// `online_reinit_fail_p`: probability that an online re-initialisation fails.
    pub online_reinit_fail_p: f64,
    /// `initlocaldisk_closes`: whether StartInstance with InitLocalDisk closes disk events (S7).
    pub initlocaldisk_closes: bool,
    /// `no_nofail_boot_hang_p`: probability that the restart of an offline job hangs, so that the
    /// boot fails (S25).
    pub no_nofail_boot_hang_p: f64,
    /// `switch_initial_status`: status in which the offline event is published when an online job
    /// failed (S23).
    pub switch_initial_status: EventStatus,
}

/// `settings.livemig`.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// `success_p`: probability that a live migration succeeds.
    pub success_p: f64,
    /// `duration`: time of a live migration.
    pub duration: Distribution,
    /// `blackout`: pause at its end.
    pub blackout: Distribution,
    /// `attempts`: how often the operator tries to migrate an instance.
    pub attempts: u32,
    /// `retry_after`: pause after the first attempt that failed.
    pub retry_after: Span,
    /// `retry_factor`: how many times as long each further pause is as the one before.
    pub retry_factor: u32,
    /// `model`: how memory is copied; `None`: duration and blackout are drawn.
    pub pre_copy: Option<PreCopySettings>,
}

impl LiveSettings {
    /// The pause after the attempt number `tries`, from 1, that failed.
    pub fn pause_after(&self, tries: u32) -> Span {
        let factor = u64::from(self.retry_factor).saturating_pow(tries.saturating_sub(1));
        Span::from_micros(self.retry_after.micros().saturating_mul(factor))
    }
}

/// `settings.livemig`, of migrations by pre-copy (spec/refresh-and-migration.md 5).
#[derive(Clone, Debug)]
pub struct PreCopySettings {
    /// When and how the rounds end.
    pub rules: PreCopyRules,
    /// `setup`: time until the first round begins.
    pub setup: Span,
    /// `resume`: time from the last byte until the instance goes on.
    pub resume: Span,
    /// `bandwidth`: most that one migration sends (B/s); `None`: no limit.
    pub bandwidth: Option<u64>,
    /// `network_loss`: time until the network loses a migration; `None`: never.
    pub network_loss: Option<Distribution>,
}

/// `settings.notify`.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// `legacy_ver`: whether notifications carry `ver`.
    pub legacy_ver: bool,
    /// `avoided_name_quirk`: whether the name of an Avoided event, and of the end of a disk's
    /// alert, shows the status before, as the published samples do (C19).
    pub avoided_name_quirk: bool,
    /// `finish_time_in_executing`: whether `executeFinishTime` is there in Executing.
    pub finish_time_in_executing: bool,
    /// `levels`: whether levels are those of the monitoring service's list (C18).
    pub cms_levels: bool,
    /// `user_id`: 16 digits.
    pub user_id: String,
}
