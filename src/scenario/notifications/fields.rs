//! The fields of a notification, and what is wrong with one of them.

use super::{
    Moment,
    words::{self, tidy},
};
use serde_json::{Map, Value};

/// What is wrong with a notification.
pub struct Wrong {
    /// The field that is to blame.
    pub key: &'static str,
    /// What is wrong with it.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// The members of an object, under the cloud's names or their translations.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of `object`.
    pub const fn of(object: &'a Map<String, Value>) -> Self {
        Self(object)
    }

    /// The value of a field.
    pub fn get(self, key: &str) -> Option<&'a Value> {
        let other = || self.0.iter().find(|(written, _)| words::is_key(written, key));
        self.0.get(key).or_else(|| other().map(|(_, value)| value))
    }

    /// The text of a field that may be missing.
    pub fn maybe_text(self, key: &'static str) -> Result<Option<&'a str>, Wrong> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                let message = format!("`{key}` is not a text");
                Err(Wrong { key, message, help: "put it in quotation marks".to_owned() })
            }
        }
    }

    /// The text of a field.
    pub fn text(self, key: &'static str) -> Result<&'a str, Wrong> {
        self.maybe_text(key)?.ok_or_else(|| {
            let message = format!("a notification without `{key}`");
            let help = "docs/notifications.md lists the fields of every family".to_owned();
            Wrong { key, message, help }
        })
    }

    /// The time that a field tells, which may be missing.
    pub fn maybe_time(self, key: &'static str) -> Result<Option<Moment>, Wrong> {
        let Some(text) = self.maybe_text(key)? else { return Ok(None) };
        let time = Moment::parse(&tidy(text));
        time.map(Some).ok_or_else(|| Wrong {
            key,
            message: format!("`{key}` is no time: `{text}`"),
            help: "times are written as 2019-04-09T04:18:26Z or 20190409T121826.922+0800"
                .to_owned(),
        })
    }

    /// The time that a field tells.
    pub fn time(self, key: &'static str) -> Result<Moment, Wrong> {
        self.text(key)?;
        self.maybe_time(key).map(|time| time.expect("the text is there"))
    }

    /// An id: letters, digits, `-`, `_`, and `*` where it is masked.
    pub fn id(self, key: &'static str) -> Result<String, Wrong> {
        let id = tidy(self.text(key)?).into_owned();
        let may = |byte: u8| byte.is_ascii_alphanumeric() || b"-_*".contains(&byte);
        if !id.is_empty() && id.bytes().all(may) {
            return Ok(id);
        }
        let help = "an id has letters, digits and -, and * where it is masked".to_owned();
        Err(Wrong { key, message: format!("`{key}` is no id: `{id}`"), help })
    }

    /// A word that `read` knows; `known` for the help.
    pub fn word<T>(
        self,
        key: &'static str,
        read: fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Result<T, Wrong> {
        let text = self.text(key)?;
        read(text).ok_or_else(|| Wrong {
            key,
            message: format!("`{key}` has the unknown value `{text}`"),
            help: format!("known: {}", known.join(", ")),
        })
    }
}
