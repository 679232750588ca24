//! What becomes true of burstable instances.

use crate::{
    fleet::{
        credits::{CreditMode, Pace},
        ids::{Instance, InstanceType},
    },
    kernel::column::Id,
};

/// Something about the CPU credits of an instance.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum CreditFact {
    /// It is burstable, and has its initial credits.
    Began {
        /// The instance.
        instance: Id<Instance>,
        /// Its type.
        of: Id<InstanceType>,
        /// Its mode.
        mode: CreditMode,
    },
    /// Its credits flow otherwise from now on.
    Flows {
        /// The instance.
        instance: Id<Instance>,
        /// How.
        pace: Pace,
    },
    /// It is held to its baseline from now on, or no longer.
    Held {
        /// The instance.
        instance: Id<Instance>,
        /// Whether it is.
        held: bool,
    },
    /// A bound of its balance is reached.
    Reached {
        /// The instance.
        instance: Id<Instance>,
        /// Which.
        bound: Bound,
    },
    /// Its mode is another one from now on.
    ModeChanged {
        /// The instance.
        instance: Id<Instance>,
        /// The new mode.
        mode: CreditMode,
        /// Who changed it.
        operator: Operator,
    },
    /// The advance that it had not paid back is charged at once.
    Charged {
        /// The instance.
        instance: Id<Instance>,
        /// How much [amount of `fleet::credits`].
        amount: u64,
    },
    /// It is stopped economically: what it had is void.
    Voided {
        /// The instance.
        instance: Id<Instance>,
        /// How much (amount).
        amount: u64,
    },
    /// It is given new initial credits.
    Granted {
        /// The instance.
        instance: Id<Instance>,
        /// How much (amount).
        amount: u64,
    },
    /// It was held to its baseline in an hour, which its owner is told.
    Restricted {
        /// The instance.
        instance: Id<Instance>,
        /// The hour (UTC, counted from 1970).
        hour: i64,
    },
}

/// A bound of a balance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Bound {
    /// The initial credits are used up.
    InitialUsed,
    /// What had accrued is used up.
    Empty,
    /// As much has accrued as may.
    Full,
    /// As much is advanced as may be.
    AdvanceUsed,
    /// The advance is paid back.
    AdvanceRepaid,
}

impl Bound {
    /// Its name in a story.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InitialUsed => "initial-used",
            Self::Empty => "empty",
            Self::Full => "full",
            Self::AdvanceUsed => "advance-used",
            Self::AdvanceRepaid => "advance-repaid",
        }
    }

    /// What is so from now on, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::InitialUsed => "has used up its initial credits",
            Self::Empty => "has used up its accrued credits",
            Self::Full => "has as many credits as may accrue",
            Self::AdvanceUsed => "has used up its advance credits",
            Self::AdvanceRepaid => "has paid its advance credits back",
        }
    }
}

/// Who changed a mode, as notifications tell it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Operator {
    /// The customer.
    User,
    /// The cloud.
    System,
}

impl Operator {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::User, Self::System];

    /// The word that notifications use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::System => "System",
        }
    }
}

impl CreditFact {
    /// The instance that it is about.
    pub const fn instance(&self) -> Id<Instance> {
        match *self {
            Self::Began { instance, .. }
            | Self::Flows { instance, .. }
            | Self::Held { instance, .. }
            | Self::Reached { instance, .. }
            | Self::ModeChanged { instance, .. }
            | Self::Charged { instance, .. }
            | Self::Voided { instance, .. }
            | Self::Granted { instance, .. }
            | Self::Restricted { instance, .. } => instance,
        }
    }
}
