//! The life of an asynchronous job.
#![doc = include_str!("documented/task.md")]

lifecycle! {
    /// Status of a task (spec/events.md 4.6).
    machine TaskStatus by
    /// What may happen to a task.
    TaskStep {
        /// Under way.
        Processing is Transitory: Finish -> Finished, Fail -> Failed;
        /// Done.
        Finished is Final: ;
        /// Given up; what it began was undone or taken over by another task.
        Failed is Final: ;
    }
    steps {
        /// Its work is done.
        Finish,
        /// Its work cannot be done.
        Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(TaskStatus, TaskStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/task.md"), &machine);
    }
}
