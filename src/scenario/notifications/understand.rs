//! What a notification tells, with the quirks of real ones: where its name and its content
//! disagree, the content is right.

use super::{
    Content, DiskTold, EventTold, MigrationTold, Moment, Notification, State,
    fields::{Fields, Wrong},
    words::{self, Family},
};
use crate::lifecycle::system_event::{EventStatus, EventType, Resource};
use serde_json::Value;

/// The notification that an object's fields tell.
///
/// # Errors
/// A field is missing, or has a value that it cannot have.
pub fn notification(fields: Fields<'_>) -> Result<Notification, Wrong> {
    let name = fields.text("name")?;
    let at = fields.time("eventTime")?;
    let content = match fields.get("content") {
        Some(Value::Object(content)) => Fields::of(content),
        Some(_) | None => {
            let message = "a notification without an object `content`".to_owned();
            let help = "docs/notifications.md lists the fields of every family".to_owned();
            return Err(Wrong { key: "content", message, help });
        }
    };
    Ok(Notification {
        id: fields.maybe_text("id")?.unwrap_or_default().to_owned(),
        instance_name: fields.maybe_text("instanceName")?.map(str::to_owned),
        user: fields.maybe_text("userId")?.unwrap_or_default().to_owned(),
        at,
        region: fields.maybe_text("regionId")?.unwrap_or_default().to_owned(),
        content: content_of(name, at, content)?,
    })
}

fn content_of(name: &str, at: Moment, fields: Fields<'_>) -> Result<Content, Wrong> {
    Ok(match words::family(name) {
        Family::Event(kind, status) if kind.resource() == Resource::Disk => {
            Content::Disk(disk(kind, status, at, fields)?)
        }
        Family::Event(kind, status) => Content::Event(event(kind, status, fields)?),
        Family::StateChange => {
            let known = State::ALL.iter().map(|state| state.word()).collect::<Vec<_>>();
            let state = fields.word("state", words::state, &known)?;
            Content::StateChange { instance: fields.id("resourceId")?, state }
        }
        Family::Interruption => Content::Interruption {
            instance: fields.id("instanceId")?,
            action: words::action(fields.text("action")?),
        },
        Family::LiveMigration => Content::LiveMigration(MigrationTold {
            instance: fields.id("instanceId")?,
            source: fields.id("sourceDedicatedHostId")?,
            destination: fields.id("destinationDedicatedHostId")?,
            started: fields.time("startTime")?,
            ended: fields.maybe_time("endTime")?,
            status: fields.word(
                "status",
                words::migration_status,
                &["started", "accomplished", "failed"],
            )?,
        }),
        Family::ModeChange => Content::ModeChange {
            instance: fields.id("instanceId")?,
            mode: fields.word("creditSpecification", words::mode, &["Standard", "Unlimited"])?,
            operator: fields.word("operator", words::operator, &["User", "System"])?,
        },
        Family::Restricted => Content::Restricted {
            instance: fields.id("instanceId")?,
            from: fields.time("intervalStart")?,
            to: fields.time("intervalEnd")?,
        },
        Family::Other => Content::Other { name: name.to_owned() },
    })
}

/// `named` and `status` are what the name says.
fn event(
    named: EventType,
    status: Option<EventStatus>,
    fields: Fields<'_>,
) -> Result<EventTold, Wrong> {
    let known: Vec<_> = EventStatus::ALL.iter().map(|status| status.name()).collect();
    let in_name = status;
    let status = match (fields.maybe_text("eventStatus")?, in_name) {
        (None, Some(status)) => status,
        (Some(_) | None, _) => fields.word("eventStatus", words::status, &known)?,
    };
    let kind = match fields.maybe_text("eventType")? {
        Some(_) => fields.word("eventType", words::event_type, &[named.code()])?,
        None => named,
    };
    // It is not known while the job is under way, whatever stands there.
    let finished = fields.maybe_time("executeFinishTime")?;
    Ok(EventTold {
        event: fields.id("eventId")?,
        published: fields.time("publishTime")?,
        not_before: fields.maybe_time("notBefore")?,
        instance: fields.id("instanceId")?,
        kind,
        before: in_name.filter(|before| *before != status),
        status,
        started: fields.maybe_time("executeStartTime")?,
        finished: finished.filter(|_| status != EventStatus::Executing),
    })
}

/// The end of an alert is known by its time; by the name alone where the time is missing.
fn disk(
    kind: EventType,
    status: Option<EventStatus>,
    at: Moment,
    fields: Fields<'_>,
) -> Result<DiskTold, Wrong> {
    let by_name = (status == Some(EventStatus::Executed)).then_some(at);
    Ok(DiskTold {
        event: fields.id("eventId")?,
        disk: fields.id("diskId")?,
        device: fields.maybe_text("device")?.unwrap_or_default().to_owned(),
        kind,
        started: fields.maybe_time("executeStartTime")?.unwrap_or(at),
        finished: fields.maybe_time("executeFinishTime")?.or(by_name),
        instance: fields.id("ecsInstanceId")?,
        instance_name: fields.maybe_text("ecsInstanceName")?.unwrap_or_default().to_owned(),
    })
}
