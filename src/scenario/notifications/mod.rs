//! The cloud's notifications as values, and their form on paper in both directions.
//!
//! Reading order: this file (what a notification says), `times` (formats of times), `write` (value →
//! JSON line), `words` (names and values, mangled ones included), `fields` and `understand`
//! (object → value), `read` (text → values), `identities` (masked ids), `part` (values → a part of a scenario). Documented form: spec/events.md 6; what
//! of it the code stands on is in docs/notifications.md.

use crate::lifecycle::{
    instance::InstanceState,
    system_event::{EventStatus, EventType},
};
pub use crate::{fleet::credits::CreditMode, messages::credits::Operator};
use std::borrow::Cow;

mod times;

mod write;

mod words;

mod identities;

mod fields;

mod understand;

mod read;

mod part;

pub use part::{PartOptions, part};
pub use read::{Recording, read};
pub use times::Moment;
pub use write::write;

/// One notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// Its own id: a UUID in upper case.
    pub id: String,
    /// Name of the instance, where its family shows it.
    pub instance_name: Option<String>,
    /// The account: 16 digits.
    pub user: String,
    /// `eventTime`: when what it tells happened.
    pub at: Moment,
    /// The region.
    pub region: String,
    /// What it tells.
    pub content: Content,
}

/// What a notification tells: one variant a family (spec/events.md 6.3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// An O&M event is published, or changed its status.
    Event(EventTold),
    /// The alert about a disk begins, or ends.
    Disk(DiskTold),
    /// An instance changed its state.
    StateChange {
        /// Id of the instance.
        instance: String,
        /// The state it entered.
        state: State,
    },
    /// A preemptible instance is about to be taken back.
    Interruption {
        /// Id of the instance.
        instance: String,
        /// What is done to it: `delete`.
        action: String,
    },
    /// A live migration between dedicated hosts began, or ended.
    LiveMigration(MigrationTold),
    /// A burstable instance changed its mode.
    ModeChange {
        /// Id of the instance.
        instance: String,
        /// The new mode.
        mode: CreditMode,
        /// Who changed it.
        operator: Operator,
    },
    /// A burstable instance was held to its baseline for a part of an hour.
    Restricted {
        /// Id of the instance.
        instance: String,
        /// When the hour begins.
        from: Moment,
        /// When it ends.
        to: Moment,
    },
    /// A notification of a family that is not modelled.
    Other {
        /// Its name.
        name: String,
    },
}

/// An O&M event, as one of its notifications tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventTold {
    /// Id of the event.
    pub event: String,
    /// When it was published.
    pub published: Moment,
    /// When it will run by itself.
    pub not_before: Option<Moment>,
    /// Id of the instance.
    pub instance: String,
    /// What it is.
    pub kind: EventType,
    /// The status before, where the notification's name may show it (C19).
    pub before: Option<EventStatus>,
    /// The status.
    pub status: EventStatus,
    /// When its job began.
    pub started: Option<Moment>,
    /// When its job ended.
    pub finished: Option<Moment>,
}

/// The alert about a disk, as one of its two notifications tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiskTold {
    /// Id of the event.
    pub event: String,
    /// Id of the disk.
    pub disk: String,
    /// The device that the instance knows it as.
    pub device: String,
    /// What it is: one of the types that are about disks.
    pub kind: EventType,
    /// When the alert began.
    pub started: Moment,
    /// When it ended; `None` in the first notification.
    pub finished: Option<Moment>,
    /// Id of the instance.
    pub instance: String,
    /// Name of the instance.
    pub instance_name: String,
}

/// A live migration between dedicated hosts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MigrationTold {
    /// Id of the instance.
    pub instance: String,
    /// Id of the dedicated host that it leaves.
    pub source: String,
    /// Id of the one that it goes to.
    pub destination: String,
    /// When it began.
    pub started: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How it stands.
    pub status: MigrationStatus,
}

/// Enums whose values are words on paper.
macro_rules! words_on_paper {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
            pub enum $name { $($(#[$value_doc])* $value),* }

            impl $name {
                /// Every value.
                pub const ALL: &'static [Self] = &[$(Self::$value),*];

                /// The word that notifications use.
                pub const fn word(self) -> &'static str {
                    match self { $(Self::$value => $word),* }
                }
            }
        )*
    };
}

words_on_paper! {
    /// The states that StateChange tells.
    State {
        /// It is created; told once.
        Created = "Created",
        /// It boots.
        Starting = "Starting",
        /// It is in service.
        Running = "Running",
        /// It shuts down, or restarts.
        Stopping = "Stopping",
        /// It is off.
        Stopped = "Stopped",
        /// It is gone.
        Deleted = "Deleted",
    }
    /// How a live migration stands.
    MigrationStatus {
        /// Under way.
        Started = "started",
        /// It went well.
        Accomplished = "accomplished",
        /// It did not.
        Failed = "failed",
    }
}

impl State {
    /// What StateChange tells of an instance that entered `state`; nothing of Pending, which
    /// Created stands for.
    pub const fn entered(state: InstanceState) -> Option<Self> {
        match state {
            InstanceState::Pending => None,
            InstanceState::Starting => Some(Self::Starting),
            InstanceState::Running => Some(Self::Running),
            InstanceState::Stopping => Some(Self::Stopping),
            InstanceState::Stopped => Some(Self::Stopped),
            InstanceState::Released => Some(Self::Deleted),
        }
    }
}

impl Content {
    /// Id of the instance that it is about; of a family that is not modelled none.
    pub fn instance(&self) -> Option<&str> {
        match self {
            Self::Event(told) => Some(&told.instance),
            Self::Disk(told) => Some(&told.instance),
            Self::LiveMigration(told) => Some(&told.instance),
            Self::StateChange { instance, .. }
            | Self::Interruption { instance, .. }
            | Self::ModeChange { instance, .. }
            | Self::Restricted { instance, .. } => Some(instance),
            Self::Other { .. } => None,
        }
    }

    /// The name of its notifications, with the true status (spec/events.md 6.6).
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Event(told) => event_name(told.kind, told.status).into(),
            Self::Disk(told) => event_name(told.kind, told.status()).into(),
            Self::StateChange { .. } => STATE_CHANGE.into(),
            Self::Interruption { .. } => INTERRUPTION.into(),
            Self::LiveMigration(_) => LIVE_MIGRATION.into(),
            Self::ModeChange { .. } => MODE_CHANGE.into(),
            Self::Restricted { .. } => RESTRICTED.into(),
            Self::Other { name } => name.as_str().into(),
        }
    }
}

impl DiskTold {
    /// The status of the alert.
    pub const fn status(&self) -> EventStatus {
        match self.finished {
            None => EventStatus::Executing,
            Some(_) => EventStatus::Executed,
        }
    }
}

const STATE_CHANGE: &str = "Instance:StateChange";
const INTERRUPTION: &str = "Instance:PreemptibleInstanceInterruption";
const LIVE_MIGRATION: &str = "Instance:LiveMigrationAcrossDDH";
const MODE_CHANGE: &str = "Instance:PerformanceModeChange";
const RESTRICTED: &str = "Instance:BurstablePerformanceRestricted";

/// The name of notifications that tell `status` of an event of type `kind`.
pub fn event_name(kind: EventType, status: EventStatus) -> String {
    format!("{}:{}:{status}", kind.resource_word(), kind.code())
}

/// The device as which an instance knows its local disk number `index`, from 0: the system disk is
/// the first device.
pub fn device(index: usize) -> String {
    let mut letters = Vec::new();
    let mut left = index + 1;
    loop {
        letters.push(char::from(b'a' + (left % 26) as u8));
        left /= 26;
        if left == 0 {
            break;
        }
        left -= 1;
    }
    format!("/dev/vd{}", letters.iter().rev().collect::<String>())
}

/// The local disk that `device` is, from 0; `None` for the system disk and for names of another
/// kind.
pub fn disk_of_device(device: &str) -> Option<usize> {
    if let Some(rest) = device.strip_prefix("/dev/nvme") {
        return rest.split_once('n')?.0.parse().ok();
    }
    let letters = ["/dev/vd", "/dev/xvd", "/dev/sd"];
    let letters = letters.iter().find_map(|start| device.strip_prefix(start))?;
    let is_one =
        (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase());
    let value = |number: usize, letter: u8| number * 26 + usize::from(letter - b'a') + 1;
    is_one.then(|| letters.bytes().fold(0, value)).and_then(|number| number.checked_sub(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_go_on_behind_z() {
        let shown = [0, 1, 24, 25, 26, 50, 51, 1_000].map(device);
        let letters = ["b", "c", "z", "aa", "ab", "az", "ba", "aln"];
        assert_eq!(shown, letters.map(|letters| format!("/dev/vd{letters}")));
        for index in 0..3_000 {
            assert_eq!(disk_of_device(&device(index)), Some(index));
        }
        assert_eq!(disk_of_device("/dev/xvdc"), Some(1));
        assert_eq!(disk_of_device("/dev/nvme3n1"), Some(3));
        for none in ["/dev/vda", "/dev/vd", "vdb", "/dev/vdB", "/dev/nvme", "/dev/vdabcd"] {
            assert_eq!(disk_of_device(none), None, "{none}");
        }
    }
}
