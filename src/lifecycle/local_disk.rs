//! The life of a bay: the place of one local disk in a server.
#![doc = include_str!("documented/local_disk.md")]

lifecycle! {
    /// Where the disk in a bay stands in the flow of damage (spec/events.md 3.3).
    machine DiskState by
    /// What may happen to the disk in a bay.
    DiskStep {
        /// Works, at full size.
        Healthy is Stable: Damage -> Damaged;
        /// Full size, but reads and writes fail; its data is lost.
        Damaged is Transitory: Isolate -> Isolated, AuthorizeIsolation -> IsolationAuthorized, Swap -> Healthy, Restore -> Healthy;
        /// As damaged; the owner has authorised the isolation and is still to reboot.
        IsolationAuthorized is Transitory: Isolate -> Isolated, Leave -> Damaged, Restore -> Healthy;
        /// Shows as a dummy of 1 MiB.
        Isolated is Transitory: Replace -> Replaced, Leave -> Damaged, Restore -> Healthy;
        /// A new medium is in the bay; still shows as the dummy.
        Replaced is Transitory: ReInit -> Healthy, AuthorizeReInit -> ReInitAuthorized, Leave -> Healthy, Restore -> Healthy;
        /// As replaced; the owner has authorised the re-initialisation and is still to reboot.
        ReInitAuthorized is Transitory: ReInit -> Healthy, Leave -> Healthy, Restore -> Healthy;
    }
    steps {
        /// The disk breaks.
        Damage,
        /// The owner accepts an isolation that needs a reboot.
        AuthorizeIsolation,
        /// The damaged disk is isolated.
        Isolate,
        /// The operator has put a new disk into the bay.
        Replace,
        /// The owner accepts a re-initialisation that needs a reboot.
        AuthorizeReInit,
        /// The new disk is ready, and empty.
        ReInit,
        /// The instance that held the disk has left the server.
        Leave,
        /// The operator has put a new disk into a bay that nobody holds.
        Swap,
        /// StartInstance with InitLocalDisk: the disk is ready, and empty.
        Restore,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(DiskState, DiskStep);
        let document = include_str!("documented/local_disk.md");
        crate::lifecycle::machine::holds_against(document, &machine);
    }
}
