//! Names and values as recordings spell them: the cloud's own words, and what the machine
//! translation of its page made of them (spec/events.md C20, spec/corrections.md 16).

use super::{
    CreditMode, INTERRUPTION, LIVE_MIGRATION, MODE_CHANGE, MigrationStatus, Operator, RESTRICTED,
    STATE_CHANGE, State,
};
use crate::lifecycle::system_event::{EventStatus, EventType};
use std::borrow::Cow;

/// `text` without blanks, and with the wide forms of Latin characters made narrow.
pub fn tidy(text: &str) -> Cow<'_, str> {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// What a notification's name says that it tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// A system event, and its status where the name has one that is understood.
    Event(EventType, Option<EventStatus>),
    /// `Instance:StateChange`.
    StateChange,
    /// `Instance:PreemptibleInstanceInterruption`.
    Interruption,
    /// `Instance:LiveMigrationAcrossDDH`.
    LiveMigration,
    /// `Instance:PerformanceModeChange`.
    ModeChange,
    /// `Instance:BurstablePerformanceRestricted`.
    Restricted,
    /// One that is not modelled.
    Other,
}

/// The family of notifications of this name.
pub fn family(name: &str) -> Family {
    let name = tidy(name);
    let Some((resource, rest)) = name.split_once(':') else { return Family::Other };
    let resource = match resource.to_lowercase().as_str() {
        "instance" | "インスタンス" => "Instance",
        "disk" | "ディスク" => "Disk",
        _ => return Family::Other,
    };
    let (what, status) = rest.split_once(':').unwrap_or((rest, ""));
    let is = |code: &str| what.eq_ignore_ascii_case(code);
    let kinds = EventType::ALL.iter().filter(|kind| kind.resource_word() == resource);
    if let Some(kind) = kinds.copied().find(|kind| is(kind.code())) {
        return Family::Event(kind, self::status(status));
    }
    let is_called =
        |whole: &str| whole.split_once(':').is_some_and(|(of, code)| of == resource && is(code));
    let families = [
        (STATE_CHANGE, Family::StateChange),
        (INTERRUPTION, Family::Interruption),
        (LIVE_MIGRATION, Family::LiveMigration),
        (MODE_CHANGE, Family::ModeChange),
        (RESTRICTED, Family::Restricted),
    ];
    families.iter().find(|(whole, _)| is_called(whole)).map_or(Family::Other, |(_, family)| *family)
}

/// The event type of this code.
pub fn event_type(text: &str) -> Option<EventType> {
    let text = tidy(text);
    EventType::ALL.iter().copied().find(|kind| kind.code().eq_ignore_ascii_case(&text))
}

/// The value that a text stands for: one of `known`, in any case, or a translation of one.
fn value<T: Copy>(text: &str, known: &[(&[&str], T)]) -> Option<T> {
    let text = tidy(text).to_lowercase();
    known.iter().find(|(words, _)| words.contains(&text.as_str())).map(|(_, value)| *value)
}

/// The status of an event.
pub fn status(text: &str) -> Option<EventStatus> {
    value(
        text,
        &[
            (&["inquiring", "問い合わせ"], EventStatus::Inquiring),
            (&["scheduled", "スケジュール済み", "予定"], EventStatus::Scheduled),
            (&["executing", "実行中"], EventStatus::Executing),
            (&["executed", "実行済み", "完了"], EventStatus::Executed),
            (&["avoided", "回避", "回避済み"], EventStatus::Avoided),
            (&["canceled", "cancelled", "キャンセル", "キャンセル済み"], EventStatus::Canceled),
            (&["failed", "失敗"], EventStatus::Failed),
        ],
    )
}

/// The state of an instance; an older page has Pending where the later ones have Created (C1).
pub fn state(text: &str) -> Option<State> {
    value(
        text,
        &[
            (&["created", "pending", "作成済み"], State::Created),
            (&["starting", "開始中"], State::Starting),
            (&["running", "実行中"], State::Running),
            (&["stopping", "停止中"], State::Stopping),
            (&["stopped", "停止済み", "停止"], State::Stopped),
            (&["deleted", "リリース済み", "削除済み"], State::Deleted),
        ],
    )
}

/// How a live migration stands.
pub fn migration_status(text: &str) -> Option<MigrationStatus> {
    value(
        text,
        &[
            (&["started", "開始"], MigrationStatus::Started),
            (&["accomplished", "達成済み", "完了"], MigrationStatus::Accomplished),
            (&["failed", "失敗"], MigrationStatus::Failed),
        ],
    )
}

/// The mode of a burstable instance.
pub fn mode(text: &str) -> Option<CreditMode> {
    value(
        text,
        &[
            (&["standard", "標準"], CreditMode::Standard),
            (&["unlimited", "無制限"], CreditMode::Unlimited),
        ],
    )
}

/// Who changed a mode.
pub fn operator(text: &str) -> Option<Operator> {
    value(
        text,
        &[(&["user", "ユーザー"], Operator::User), (&["system", "システム"], Operator::System)],
    )
}

/// What is done to a preemptible instance.
pub fn action(text: &str) -> String {
    match tidy(text) {
        word if word == "削除" => "delete".to_owned(),
        word => word.into_owned(),
    }
}

/// Whether `written` is the field `key`, or its translation.
pub fn is_key(written: &str, key: &str) -> bool {
    let translated = match key {
        "action" => "アクション",
        "operator" => "演算子",
        _ => key,
    };
    let written = tidy(written);
    written.eq_ignore_ascii_case(key) || written == translated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::notifications::event_name;

    #[test]
    fn every_name_is_read_back() {
        for kind in EventType::ALL {
            for to in EventStatus::ALL {
                let name = event_name(*kind, *to);
                assert_eq!(family(&name), Family::Event(*kind, Some(*to)), "{name}");
                assert_eq!(family(&name.to_lowercase()), Family::Event(*kind, Some(*to)));
            }
        }
        assert_eq!(family("Instance:StateChange"), Family::StateChange);
        assert_eq!(family("instance: PerformanceModeChange"), Family::ModeChange);
    }

    #[test]
    fn mangled_names_are_the_names_they_were() {
        let isolate = EventType::RebootAndIsolateErrorDisk;
        let event = |kind, status| Family::Event(kind, Some(status));
        for (name, meant) in [
            (
                "instance: SystemMaintenance.RebootAndIsolateErrorDisk:Inquiring",
                event(isolate, EventStatus::Inquiring),
            ),
            (
                "インスタンス: SystemMaintenance.RebootAndIsolateErrorDisk: キャンセル",
                event(isolate, EventStatus::Canceled),
            ),
            (
                "Ｉｎｓｔａｎｃｅ：SystemMaintenance.Reboot：　scheduled",
                event(EventType::MaintenanceReboot, EventStatus::Scheduled),
            ),
            ("Instance:SystemFailure.Reboot", Family::Event(EventType::FailureReboot, None)),
            ("Disk:SystemFailure.Reboot:Executing", Family::Other),
            ("Snapshot:CreateSnapshotCompleted", Family::Other),
            (
                "Instance:InstanceExpiration.Stop:Scheduled",
                event(EventType::ExpirationStop, EventStatus::Scheduled),
            ),
            ("StateChange", Family::Other),
            ("Disk:StateChange", Family::Other),
        ] {
            assert_eq!(family(name), meant, "{name}");
        }
    }

    #[test]
    fn words_and_their_translations_are_values() {
        assert!(EventStatus::ALL.iter().all(|value| status(value.name()) == Some(*value)));
        assert!(State::ALL.iter().all(|value| state(value.word()) == Some(*value)));
        assert!(CreditMode::ALL.iter().all(|value| mode(value.word()) == Some(*value)));
        assert!(Operator::ALL.iter().all(|value| operator(value.word()) == Some(*value)));
        let all = MigrationStatus::ALL;
        assert!(all.iter().all(|value| migration_status(value.word()) == Some(*value)));
        assert_eq!(mode(" 無制限 "), Some(CreditMode::Unlimited));
        assert_eq!(operator("ユーザー"), Some(Operator::User));
        assert_eq!(migration_status("達成済み"), Some(MigrationStatus::Accomplished));
        assert_eq!(state("実行中"), Some(State::Running));
        assert_eq!(status("実行済み"), Some(EventStatus::Executed));
        assert_eq!(action("削除"), "delete");
        assert!(is_key("アクション", "action") && is_key("演算子", "operator"));
        assert!(is_key("event Id", "eventId") && !is_key("eventType", "eventId"));
    }
}
