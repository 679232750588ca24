//! The status of a dedicated host.
#![doc = include_str!("documented/dedicated_host.md")]

lifecycle! {
    /// The status of a dedicated host, as the API names it.
    machine HostState by
    /// What may happen to a dedicated host.
    HostStep {
        /// Normal.
        Available is Stable: RiskFound -> UnderAssessment, GoDown -> TempUnavailable;
        /// Usable, but its server is at risk: its owner should move what is on it.
        UnderAssessment is Stable:
            RiskOver -> Available, GoDown -> TempUnavailable, Redeploy -> Redeploying;
        /// Its server is down.
        TempUnavailable is Transitory:
            Return -> Available, Redeploy -> Redeploying, GiveUp -> PermanentFailure;
        /// It is being restored on another server.
        Redeploying is Transitory:
            Restored -> Available, FallBack -> UnderAssessment, GoDown -> TempUnavailable;
        /// Its server is down for good, with its local disks: nothing happens by itself.
        PermanentFailure is Stable: Return -> Available, Redeploy -> Redeploying;
    }
    steps {
        /// A risk of its server is predicted.
        RiskFound,
        /// That risk is over.
        RiskOver,
        /// Its server is found to be down, or is taken out of service.
        GoDown,
        /// Its server works again.
        Return,
        /// It is given another server.
        Redeploy,
        /// It is complete on its new server.
        Restored,
        /// No other server could take it: it stays where it is.
        FallBack,
        /// It cannot be moved by itself: its owner has to ask for help.
        GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(HostState, HostStep);
        crate::lifecycle::machine::holds_against(
            include_str!("documented/dedicated_host.md"),
            &machine,
        );
    }
}
