//! The health of a server's own hardware.
#![doc = include_str!("documented/server.md")]

lifecycle! {
    /// The health of a server's own hardware, apart from its rack's.
    machine ServerState by
    /// What may happen to a server's hardware.
    ServerStep {
        /// Working.
        Up is Stable: CrashSoft -> Restarting, CrashHard -> Broken, TakeOffline -> Offline;
        /// Crashed by its software: it comes back by itself.
        Restarting is Transitory: Restarted -> Up;
        /// Crashed and waiting for a repair crew.
        Broken is Transitory: CrewArrives -> InRepair;
        /// Taken out of service by the operator, empty, because of a predicted risk; waits for a crew.
        Offline is Transitory: CrewArrives -> InRepair;
        /// A crew works on it.
        InRepair is Transitory: Repaired -> Up;
    }
    steps {
        /// It crashes and will restart by itself.
        CrashSoft,
        /// It crashes and needs a repair.
        CrashHard,
        /// The operator takes it out of service.
        TakeOffline,
        /// It has restarted.
        Restarted,
        /// A crew takes it up.
        CrewArrives,
        /// The repair is over.
        Repaired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(ServerState, ServerStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/server.md"), &machine);
    }
}
