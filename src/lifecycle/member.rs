//! The life of an instance inside a scaling group.
#![doc = include_str!("documented/member.md")]

lifecycle! {
    /// The `LifecycleState` of a member (spec/refresh-and-migration.md 1.2, spec/corrections.md 32).
    machine MemberState by
    /// What may happen to a member.
    MemberStep {
        /// Being created or attached; serves nothing yet.
        Pending is Transitory: Hold -> PendingWait, Join -> InService, Remove -> Removing;
        /// Held by a SCALE_OUT hook.
        PendingWait is Transitory: Join -> InService, Remove -> Removing;
        /// In normal service.
        InService is Stable: Protect -> Protected, StandBy -> Standby, HoldRemoval -> RemovingWait,
            Remove -> Removing;
        /// Serves; the group does not touch it.
        Protected is Stable: Unprotect -> InService, HoldRemoval -> RemovingWait,
            Remove -> Removing;
        /// Taken out of service on request; the group does not touch it.
        Standby is Stable: Return -> InService, HoldRemoval -> RemovingWait, Remove -> Removing;
        /// Held by a SCALE_IN hook.
        RemovingWait is Transitory: Remove -> Removing, PutBack -> InService;
        /// Being detached, stopped and released.
        Removing is Transitory: Leave -> Gone, Keep -> Stopped;
        /// Stopped economically and kept for the next scale-out (recycle modes).
        Stopped is Stable: Restart -> Pending, Remove -> Removing;
        /// No member any more.
        Gone is Final: ;
    }
    steps {
        /// A SCALE_OUT hook holds it.
        Hold,
        /// It is attached, and serves.
        Join,
        /// SetInstancesProtection.
        Protect,
        /// SetInstancesProtection, lifted.
        Unprotect,
        /// EnterStandby.
        StandBy,
        /// ExitStandby.
        Return,
        /// A SCALE_IN hook holds it.
        HoldRemoval,
        /// A SCALE_IN hook ended in ROLLBACK.
        PutBack,
        /// It leaves service for good.
        Remove,
        /// It is released or detached.
        Leave,
        /// It is stopped, and kept (recycle modes).
        Keep,
        /// A scale-out takes a stopped one.
        Restart,
    }
}

impl MemberState {
    /// As the cloud writes it.
    pub const fn written(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::PendingWait => "Pending:Wait",
            Self::InService => "InService",
            Self::Protected => "Protected",
            Self::Standby => "Standby",
            Self::RemovingWait => "Removing:Wait",
            Self::Removing => "Removing",
            Self::Stopped => "Stopped",
            Self::Gone => "gone",
        }
    }

    /// Whether it counts towards the size of its group (spec/refresh-and-migration.md 3.3).
    pub const fn is_counted(self) -> bool {
        match self {
            Self::Pending
            | Self::PendingWait
            | Self::InService
            | Self::Protected
            | Self::Standby
            | Self::Stopped => true,
            Self::RemovingWait | Self::Removing | Self::Gone => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(MemberState, MemberStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/member.md"), &machine);
    }
}
