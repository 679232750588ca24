//! The course of a cold migration, as its native record shows it.
#![doc = include_str!("documented/migration.md")]

lifecycle! {
    /// `migration.status` of a cold migration (spec/refresh-and-migration.md 4.4).
    machine MigrationStatus by
    /// What may happen to it.
    MigrationStep {
        /// Accepted.
        PreMigrating is Transitory: Move -> Migrating, Break -> Error;
        /// Off the source.
        Migrating is Transitory: Leave -> PostMigrating, Break -> Error;
        /// Onto the destination.
        PostMigrating is Transitory: Arrive -> Finished, Break -> Error;
        /// Waits for the verdict.
        Finished is Transitory: Confirm -> Confirming, Revert -> Reverting;
        /// The source is cleaned.
        Confirming is Transitory: Settle -> Confirmed, Revert -> Reverting;
        /// On the destination.
        Confirmed is Final: ;
        /// Taken back.
        Reverting is Transitory: Settle -> Reverted;
        /// On the source again.
        Reverted is Final: ;
        /// Nothing has moved.
        Error is Final: ;
    }
    steps {
        /// The destination has claimed the room.
        Move,
        /// The source is done.
        Leave,
        /// The destination is done.
        Arrive,
        /// The verdict is yes.
        Confirm,
        /// The verdict is no.
        Revert,
        /// What remains to be done for the verdict is done.
        Settle,
        /// It failed before it left.
        Break,
    }
}

impl MigrationStatus {
    /// The status as the native record writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PreMigrating => "pre-migrating",
            Self::Migrating => "migrating",
            Self::PostMigrating => "post-migrating",
            Self::Finished => "finished",
            Self::Confirming => "confirming",
            Self::Confirmed => "confirmed",
            Self::Reverting => "reverting",
            Self::Reverted => "reverted",
            Self::Error => "error",
        }
    }

    /// Whether the instance is on the destination already, and its source holds room for the way
    /// back.
    pub const fn has_arrived(self) -> bool {
        matches!(self, Self::Finished | Self::Confirming)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(MigrationStatus, MigrationStep);
        let document = include_str!("documented/migration.md");
        crate::lifecycle::machine::holds_against(document, &machine);
    }
}
