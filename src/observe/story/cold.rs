//! The words for facts of cold migrations.

use super::{
    Detail, Story,
    words::{Told, of, text},
};
use crate::messages::cold::ColdFact;

/// A fact of a cold migration in words.
pub(super) fn told(story: &Story<'_>, fact: &ColdFact) -> Told {
    match *fact {
        ColdFact::Moved { instance, to, .. } => {
            let words = format!("the migration of {} is {}", story.name(instance), to.word());
            of("MigrationMoved", words, vec![("to", text(to.word()))])
        }
        ColdFact::Job { job, instance, to, error } => {
            let because = error.map(|error| format!(": {}, {}", error.code(), error.reason()));
            let because = because.unwrap_or_default();
            let name = story.name(instance);
            let words = format!("job #{job} on {name} is {}{because}", to.word());
            let mut details = vec![("job", Detail::Number(job)), ("to", text(to.word()))];
            if let Some(error) = error {
                details.push(("error_code", text(error.code())));
                details.push(("fail_reason", text(error.reason())));
            }
            of("JobMoved", words, details)
        }
    }
}
