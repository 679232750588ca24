//! A notification on paper: one line of JSON, its keys in the documented order.

use super::{Content, DiskTold, EventTold, MigrationTold, Notification, event_name};
use crate::{lifecycle::system_event::EventStatus, scenario::settings::NotifySettings};
use std::fmt::{Display, Write as _};

/// Adds `notification` to `out`, as `settings` want it, without a line break.
pub fn write(notification: &Notification, settings: &NotifySettings, out: &mut String) {
    let Notification { id, instance_name, user, at, region, content } = notification;
    let mut envelope = Object::new(out);
    if settings.legacy_ver {
        envelope.text("ver", "1.0");
    }
    envelope.text("id", id);
    envelope.text("product", "ECS");
    envelope.text("resourceId", &resource(notification));
    envelope.text("level", level(content, settings));
    if let Some(name) = instance_name {
        envelope.text("instanceName", name);
    }
    envelope.text("name", &name(content, settings));
    envelope.text("userId", user);
    envelope.plain("eventTime", at.of_event());
    envelope.text("regionId", region);
    envelope.object("content", |object| write_content(content, settings, object));
    envelope.end();
}

/// Where the documents differ (C18), the two warnings are what the settings say.
fn level(content: &Content, settings: &NotifySettings) -> &'static str {
    match content {
        Content::Event(_) | Content::Disk(_) => "CRITICAL",
        Content::Interruption { .. } | Content::Restricted { .. } if settings.cms_levels => "WARN",
        Content::Interruption { .. }
        | Content::Restricted { .. }
        | Content::StateChange { .. }
        | Content::LiveMigration(_)
        | Content::ModeChange { .. }
        | Content::Other { .. } => "INFO",
    }
}

/// The name; with the quirk of the published samples that of an Avoided event, and of the end of a
/// disk's alert, shows the status before (C19).
fn name(content: &Content, settings: &NotifySettings) -> String {
    match content {
        Content::Event(told) if settings.avoided_name_quirk => {
            let before = told.before.filter(|_| told.status == EventStatus::Avoided);
            event_name(told.kind, before.unwrap_or(told.status))
        }
        Content::Disk(told) if settings.avoided_name_quirk => {
            event_name(told.kind, EventStatus::Executing)
        }
        Content::Event(_)
        | Content::Disk(_)
        | Content::StateChange { .. }
        | Content::Interruption { .. }
        | Content::LiveMigration(_)
        | Content::ModeChange { .. }
        | Content::Restricted { .. }
        | Content::Other { .. } => content.name().into_owned(),
    }
}

/// What a notification is about, as the envelope names it.
fn resource(notification: &Notification) -> String {
    let Notification { region, user, content, .. } = notification;
    let start = format!("acs:ecs:{region}:{user}:");
    match content {
        Content::Disk(told) => format!("{start}disk/{}", told.disk),
        Content::Event(_)
        | Content::StateChange { .. }
        | Content::Interruption { .. }
        | Content::LiveMigration(_)
        | Content::ModeChange { .. }
        | Content::Restricted { .. }
        | Content::Other { .. } => {
            format!("{start}instance/{}", content.instance().unwrap_or_default())
        }
    }
}

fn write_content(content: &Content, settings: &NotifySettings, object: &mut Object<'_>) {
    match content {
        Content::Event(told) => event(told, settings, object),
        Content::Disk(told) => disk(told, object),
        Content::LiveMigration(told) => migration(told, object),
        Content::StateChange { instance, state } => {
            object.text("resourceId", instance);
            object.text("resourceType", "ALIYUN::ECS::Instance");
            object.text("state", state.word());
        }
        Content::Interruption { instance, action } => {
            object.text("instanceId", instance);
            object.text("action", action);
        }
        Content::ModeChange { instance, mode, operator } => {
            object.text("instanceId", instance);
            object.text("creditSpecification", mode.word());
            object.text("operator", operator.word());
        }
        Content::Restricted { instance, from, to } => {
            object.text("instanceId", instance);
            object.plain("intervalStart", from.to_minute());
            object.plain("intervalEnd", to.to_minute());
        }
        Content::Other { .. } => {}
    }
}

fn event(told: &EventTold, settings: &NotifySettings, object: &mut Object<'_>) {
    object.text("eventId", &told.event);
    object.plain("publishTime", told.published.to_second());
    if let Some(not_before) = told.not_before {
        object.plain("notBefore", not_before.to_second());
    }
    object.text("instanceId", &told.instance);
    object.text("eventType", told.kind.code());
    object.text("eventStatus", told.status.name());
    if let Some(started) = told.started {
        object.plain("executeStartTime", started.to_second());
    }
    // It is not known yet while the job is under way: those who want the field get the start.
    let executing = told.status == EventStatus::Executing && settings.finish_time_in_executing;
    let finished = told.finished.or(told.started.filter(|_| executing));
    if let Some(finished) = finished {
        object.plain("executeFinishTime", finished.to_second());
    }
}

fn disk(told: &DiskTold, object: &mut Object<'_>) {
    object.text("eventId", &told.event);
    object.text("diskId", &told.disk);
    object.text("device", &told.device);
    object.text("eventType", told.kind.code());
    object.plain("executeStartTime", told.started.to_second());
    if let Some(finished) = told.finished {
        object.plain("executeFinishTime", finished.to_second());
    }
    object.text("ecsInstanceId", &told.instance);
    object.text("ecsInstanceName", &told.instance_name);
}

fn migration(told: &MigrationTold, object: &mut Object<'_>) {
    object.text("instanceId", &told.instance);
    object.text("sourceDedicatedHostId", &told.source);
    object.text("destinationDedicatedHostId", &told.destination);
    object.plain("startTime", told.started.to_second());
    if let Some(ended) = told.ended {
        object.plain("endTime", ended.to_second());
    }
    object.text("status", told.status.word());
}

/// A JSON object under way, whose members stand in the order in which they are given.
struct Object<'a> {
    out: &'a mut String,
    is_first: bool,
}

impl<'a> Object<'a> {
    fn new(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, is_first: true }
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    /// A member that may need escapes.
    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if value.bytes().all(is_plain) {
            self.out.push('"');
            self.out.push_str(value);
            self.out.push('"');
        } else {
            self.out.push_str(&serde_json::Value::from(value).to_string());
        }
    }

    /// A member that is made of ids and times.
    fn plain(&mut self, key: &str, value: impl Display) {
        self.key(key);
        write!(self.out, "\"{value}\"").expect("a string takes any text");
    }

    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        let mut inner = Object::new(self.out);
        fill(&mut inner);
        inner.end();
    }

    fn end(self) {
        self.out.push('}');
    }
}
