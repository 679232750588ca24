//! The life of an instance refresh task.
#![doc = include_str!("documented/refresh.md")]

lifecycle! {
    /// The `Status` of an instance refresh task (spec/refresh-and-migration.md 2.4).
    machine RefreshStatus by
    /// What may happen to an instance refresh task.
    RefreshStep {
        /// Created, waiting to be scheduled.
        Pending is Transitory: Schedule -> InProgress, Cancel -> Cancelled, Fail -> Failed;
        /// Replacing instances.
        InProgress is Transitory: Suspend -> Paused, Cancel -> Cancelling,
            Rollback -> RollbackInProgress, Checkpoint -> CheckpointPause,
            Complete -> Successful, Fail -> Failed;
        /// Paused by the user.
        Paused is Stable: Resume -> InProgress, Cancel -> Cancelling,
            Rollback -> RollbackInProgress;
        /// Paused because a checkpoint was reached.
        CheckpointPause is Transitory: Suspend -> Paused, Resume -> InProgress,
            PauseEnds -> InProgress, Cancel -> Cancelling, Rollback -> RollbackInProgress;
        /// Being cancelled: what is under way is completed.
        Cancelling is Transitory: Fail -> Cancelled, Drain -> Cancelled;
        /// Cancelled.
        Cancelled is Final: ;
        /// Replacing the new instances by instances of the active configuration.
        RollbackInProgress is Transitory: Complete -> RollbackSuccessful, Fail -> RollbackFailed;
        /// Rolled back.
        RollbackSuccessful is Final: ;
        /// The rollback came to nothing.
        RollbackFailed is Final: ;
        /// Given up.
        Failed is Final: ;
        /// Every instance is replaced.
        Successful is Final: ;
    }
    steps {
        /// It begins to work.
        Schedule,
        /// SuspendInstanceRefresh.
        Suspend,
        /// ResumeInstanceRefresh.
        Resume,
        /// CancelInstanceRefresh.
        Cancel,
        /// RollbackInstanceRefresh.
        Rollback,
        /// A checkpoint is reached.
        Checkpoint,
        /// The pause of a checkpoint is over.
        PauseEnds,
        /// Everything is replaced.
        Complete,
        /// Nothing has moved for too long, or something fatal happened.
        Fail,
        /// Nothing is in flight any more.
        Drain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(RefreshStatus, RefreshStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/refresh.md"), &machine);
    }
}
