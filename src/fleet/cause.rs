//! Why an instance is not served.

/// The first cause of an unserved interval (`downtime{cause}`, `interruptions{cause}`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Cause {
    /// Planned work of the operator.
    Maintenance,
    /// The server crashed.
    ServerFailure,
    /// The server's rack went down.
    RackFailure,
    /// The guest crashed.
    GuestFailure,
    /// A local disk failed.
    DiskFailure,
    /// The owner asked for it, but not for its own sake.
    CustomerAction,
    /// A scaling group's refresh replaced it.
    Refresh,
    /// A preemptible instance was taken back.
    Spot,
    /// There was no room to start it again.
    NoCapacity,
    /// The blackout of a migration.
    Migration,
}

impl Cause {
    /// The causes that this version's processes can bring about, in the order of reports.
    pub const MODELLED: &'static [Self] = &[
        Self::Maintenance,
        Self::ServerFailure,
        Self::RackFailure,
        Self::GuestFailure,
        Self::DiskFailure,
        Self::CustomerAction,
        Self::Refresh,
        Self::Spot,
        Self::NoCapacity,
        Self::Migration,
    ];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::ServerFailure => "server-failure",
            Self::RackFailure => "rack-failure",
            Self::GuestFailure => "guest-failure",
            Self::DiskFailure => "disk-failure",
            Self::CustomerAction => "customer-action",
            Self::Refresh => "refresh",
            Self::Spot => "spot",
            Self::NoCapacity => "no-capacity",
            Self::Migration => "migration",
        }
    }
}
