//! The settings of the modelled cloud.

use super::{build::Build, clock::Clock, moves};
use crate::{
    fleet::spot::SpotSettings,
    kernel::{column::Column, distribution::Distribution, time::Span},
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventType},
    },
    messages::operation::Cloud,
    scenario::{
        fault::Fault,
        law::at_rate,
        notifications::State,
        settings::{
            BillingSettings, BurstSettings, ColdSettings, DiskSettings, EventSettings,
            HostSettings, LocalDiskPolicy, NotifySettings, RedeploySettings, Settings,
            TimeoutAction, TimeoutSettings,
        },
        view::{View, sometimes},
    },
};
use std::num::{NonZeroU32, NonZeroU64};

/// The settings of the modelled cloud. What the check has refused reads as zero or false.
pub fn settings(view: View<'_>, clock: &Clock, build: &mut Build) -> Settings {
    let billing = billing(view.at("billing"), clock, build);
    let live = moves::live(view.at("livemig"), build);
    let migration = moves::limits(view.at("migration"), build);
    let faults = &mut build.faults;
    let instance = view.at("instance");
    Settings {
        cloud: cloud(view.at("cloud")),
        cold: cold(view.at("coldmig")),
        instance_pending: law(instance.at("pending")),
        instance_starting: law(instance.at("starting")),
        instance_boot_fail_p: chance(instance.at("boot_fail_p")),
        instance_stopping: law(instance.at("stopping")),
        instance_forced_stop: span(instance.at("forced_stop")),
        guest_shutdown_timeout: span(instance.at("guest_shutdown_timeout")),
        graceful_timeout: TimeoutSettings {
            user: timeout_action(view.at("graceful_timeout_action").at("user")),
            system: timeout_action(view.at("graceful_timeout_action").at("system")),
        },
        economical: switch(instance.at("economical")),
        recover_detect: law(view.at("recover").at("detect")),
        recover_emits_stopping: switch(view.at("recover").at("emit_stopping")),
        reboot_emits_stopping: switch(view.at("reboot").at("emit_stopping")),
        failure_redeploy_state: match view.at("failure_redeploy").at("instance_state").text() {
            Some("Running") => InstanceState::Running,
            Some(_) | None => InstanceState::Stopped,
        },
        guest_crash: guest_crash(view.at("guest").at("crash_rate"), faults),
        create_release_after: span(view.at("create").at("release_after")),
        create_failed_emits: states(view.at("create").at("failed_emits")),
        host_idle_wears: switch(view.at("host").at("idle_wears")),
        event: event(view.at("event"), faults),
        redeploy: redeploy(view.at("redeploy")),
        disk: disk(view.at("disk")),
        live,
        migration,
        ddh: HostSettings {
            prepare: law(view.at("ddh").at("prepare")),
            ticket: sometimes(law(view.at("ddh").at("ticket"))),
            live_fail_p: chance(view.at("ddh").at("live_fail_p")),
        },
        window_align: switch(view.at("window").at("align")),
        plan_min_interval: span(view.at("plan_window").at("min_interval")),
        reschedule_max_shift: span(view.at("reschedule").at("max_shift")),
        simulated_max_active: view.at("simulated").at("max_active").count32().unwrap_or(0),
        max_concurrent_hosts: view
            .at("maint")
            .at("max_concurrent_hosts")
            .count32()
            .and_then(NonZeroU32::new),
        clean_inactive: switch(view.at("enable").at("clean_inactive")),
        spot: spot(view.at("spot"), faults),
        billing,
        burst: BurstSettings {
            taper: switch(view.at("burst").at("taper")),
            exhaustion_switches_mode: switch(view.at("burst").at("exhaustion_switches_mode")),
            emit_at_end: switch(view.at("burst").at("emit_at_end")),
            overdraft_price: view.at("burst").at("overdraft_price").number().unwrap_or(0.0),
        },
        notify: notify(view.at("notify"), faults),
        ess_max_size: view.at("ess").at("max_size").count32().unwrap_or(0),
        ess_suspend_after: view.at("ess").at("suspend_after").span().unwrap_or(Span::NEVER),
    }
}

/// Whose rules `view` says that hold.
pub fn cloud(view: View<'_>) -> Cloud {
    match view.text() {
        Some("huawei") => Cloud::Second,
        Some(_) | None => Cloud::First,
    }
}

fn cold(view: View<'_>) -> ColdSettings {
    let rate = view.at("copy_rate").bandwidth().and_then(NonZeroU64::new);
    ColdSettings {
        api: span(view.at("api")),
        claim: span(view.at("claim")),
        detach: span(view.at("detach")),
        copy_rate: rate.unwrap_or(NonZeroU64::MIN),
        attach: span(view.at("attach")),
        auto_confirm: span(view.at("auto_confirm")),
        confirm: span(view.at("confirm")),
        confirm_fail_p: chance(view.at("confirm_fail_p")),
        max_attempts: view.at("max_attempts").count32().unwrap_or(1),
        local_disks: match view.at("local_disk_policy").text() {
            Some("copy") => LocalDiskPolicy::Copy,
            Some("wipe") => LocalDiskPolicy::Wipe,
            Some(_) | None => LocalDiskPolicy::Forbid,
        },
        allow_running: switch(view.at("allow_running")),
        require_pay_per_use: switch(view.at("require_pay_per_use")),
        job_ttl: span(view.at("job_ttl")),
    }
}

fn guest_crash(rate: View<'_>, faults: &mut Vec<Fault>) -> Option<Distribution> {
    let law = rate.rate().map(at_rate).and_then(sometimes);
    if let (Some(crash), Some(place)) = (&law, rate.place())
        && crash.mean_seconds() < 1.0
    {
        let message = "`settings.guest.crash_rate` is more than one crash a second";
        faults.push(Fault::at(place, "range", message).help("give a lower rate, or \"never\""));
    }
    law
}

fn event(view: View<'_>, faults: &mut Vec<Fault>) -> EventSettings {
    // What is tried at every moment would never be at rest.
    let republish_delay = span(view.at("republish_delay"));
    if let Some(place) = view.at("republish_delay").place()
        && republish_delay < Span::from_seconds(1)
    {
        let message = "`settings.event.republish_delay` is less than a second";
        faults.push(Fault::at(place, "range", message).help("give \"1s\" or more"));
    }
    EventSettings {
        lead: law(view.at("lead")),
        exec_limit: span(view.at("exec_limit")),
        reboot_mitigates_p: chance(view.at("reboot_mitigates_p")),
        reboot_retry_gap: span(view.at("reboot_retry_gap")),
        failure_redeploy_lead: span(view.at("failure_redeploy_lead")),
        republish_delay,
        cancel_p: chance(view.at("cancel_p")),
        hold_during_task: switch(view.at("hold_during_task")),
        accept_goes_to_scheduled: types(view.at("accept_goes_to_scheduled")),
        accept_types: match view.at("accept_types").text() {
            Some(_all) => None,
            None => Some(types(view.at("accept_types"))),
        },
        reboot_moves_cloud_only: switch(view.at("reboot_moves_cloud_only")),
        cancel_failure_redeploy_on_repair: switch(view.at("cancel_failure_redeploy_on_repair")),
        start_inquiring_p: chance(view.at("start_inquiring_p")),
        stop_start_answers: switch(view.at("stop_start_answers")),
        allow_undocumented_failed: switch(view.at("allow_undocumented_failed")),
    }
}

fn redeploy(view: View<'_>) -> RedeploySettings {
    RedeploySettings {
        placement: span(view.at("placement")),
        switch: law(view.at("switch")),
        rollback: span(view.at("rollback")),
        fail_p: chance(view.at("fail_p")),
        allow_stop_event: switch(view.at("allow_stop_event")),
        close_failure_reboot_as: match view.at("close_failure_reboot_as").text() {
            Some("Failed") => EventStatus::Failed,
            Some(_) | None => EventStatus::Executed,
        },
        disk_error_p: chance(view.at("disk_error_p")),
        internal_error_p: chance(view.at("internal_error_p")),
    }
}

fn disk(view: View<'_>) -> DiskSettings {
    DiskSettings {
        detect: law(view.at("detect")),
        replace: law(view.at("replace")),
        online_isolation: span(view.at("online_isolation")),
        online_reinit: span(view.at("online_reinit")),
        online_isolation_p: chance(view.at("online_isolation_p")),
        online_isolation_fail_p: chance(view.at("online_isolation_fail_p")),
        online_reinit_fail_p: chance(view.at("online_reinit_fail_p")),
        initlocaldisk_closes: switch(view.at("initlocaldisk_closes")),
        no_nofail_boot_hang_p: chance(view.at("no_nofail_boot_hang_p")),
        switch_initial_status: match view.at("switch_initial_status").text() {
            Some("Inquiring") => EventStatus::Inquiring,
            Some(_) | None => EventStatus::Executing,
        },
    }
}

fn billing(view: View<'_>, clock: &Clock, build: &mut Build) -> BillingSettings {
    let [stop_after, notice] =
        ["arrears_stop_after", "arrears_notice"].map(|key| span(view.at(key)));
    if notice > stop_after {
        let message = format!(
            "`settings.billing.arrears_notice` is {notice}, and the stop comes after {stop_after}"
        );
        let help = "it is at most as long as arrears_stop_after";
        build.fault(view.at("arrears_notice"), "range", message, help);
    }
    let mut arrears = Vec::new();
    for (place, at) in view.at("arrears").elements().enumerate() {
        let path = format!("settings.billing.arrears[{place}]");
        arrears.extend(clock.happening(at, &path, build));
    }
    arrears.sort_unstable();
    arrears.dedup();
    let mut in_order = Column::default();
    arrears.into_iter().for_each(|at| _ = in_order.push(at));
    BillingSettings {
        enabled: switch(view.at("enabled")),
        term: law(view.at("term")),
        expiration_notice: span(view.at("expiration_notice")),
        stop_within: law(view.at("stop_within")),
        arrears: in_order,
        arrears_stop_after: stop_after,
        arrears_notice: notice,
        arrears_paid_after: view.at("arrears_paid_after").span(),
        release_after: span(view.at("release_after")),
    }
}

fn spot(view: View<'_>, faults: &mut Vec<Fault>) -> SpotSettings {
    let check_period = span(view.at("check_period"));
    if let Some(place) = view.at("check_period").place()
        && check_period < Span::from_seconds(1)
    {
        let message = "`settings.spot.check_period` is less than a second";
        faults.push(Fault::at(place, "range", message).help("give at least \"1s\""));
    }
    SpotSettings {
        check_period: check_period.max(Span::from_seconds(1)),
        notice: span(view.at("notice")),
        protection: span(view.at("protection")),
        stop_action_value: view.at("stop_action_value").text().unwrap_or_default().to_owned(),
    }
}

fn notify(view: View<'_>, faults: &mut Vec<Fault>) -> NotifySettings {
    let user_id = view.at("user_id").text().unwrap_or_default().to_owned();
    if let Some(place) = view.at("user_id").place()
        && (user_id.len() != 16 || !user_id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let message = "`settings.notify.user_id` is not the number of an account";
        faults.push(Fault::at(place, "range", message).help("it has 16 digits"));
    }
    NotifySettings {
        legacy_ver: switch(view.at("legacy_ver")),
        avoided_name_quirk: switch(view.at("avoided_name_quirk")),
        finish_time_in_executing: switch(view.at("finish_time_in_executing")),
        cms_levels: view.at("levels").text() == Some("cms"),
        user_id,
    }
}

/// The event types that a list names.
fn types(view: View<'_>) -> Vec<EventType> {
    view.elements().filter_map(View::text).filter_map(EventType::parse).collect()
}

/// The states that a list names.
fn states(view: View<'_>) -> Vec<State> {
    let all = [State::Created, State::Stopped, State::Deleted];
    let named = |text: &str| all.into_iter().find(|state| state.word() == text);
    view.elements().filter_map(View::text).filter_map(named).collect()
}

fn timeout_action(view: View<'_>) -> TimeoutAction {
    match view.text() {
        Some("fail") => TimeoutAction::Fail,
        Some(_) | None => TimeoutAction::PowerOff,
    }
}

fn law(view: View<'_>) -> Distribution {
    view.law().unwrap_or(Distribution::Fixed(Span::ZERO))
}

fn span(view: View<'_>) -> Span {
    view.span().unwrap_or(Span::ZERO)
}

fn chance(view: View<'_>) -> f64 {
    view.probability().unwrap_or(0.0)
}

fn switch(view: View<'_>) -> bool {
    view.switch().unwrap_or(false)
}
