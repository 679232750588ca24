//! The life of an instance.
#![doc = include_str!("documented/instance.md")]

lifecycle! {
    /// The API state of an instance (spec/events.md 1.1); `Released` stands for "gone".
    machine InstanceState by
    /// What may happen to an instance's state.
    InstanceStep {
        /// Being created: its resources are being prepared.
        Pending is Transitory: Boot -> Starting, Create -> Stopped, CreationFails -> Stopped, Fail -> Stopped;
        /// Booting.
        Starting is Transitory: Booted -> Running, BootFails -> Stopped, Fail -> Stopped;
        /// In service, as far as the API knows.
        Running is Stable: Stop -> Stopping, Recover -> Starting, Fail -> Stopped, Release -> Released;
        /// Shutting down.
        Stopping is Transitory: Halt -> Stopped, Boot -> Starting, StopTimesOut -> Running, Fail -> Stopped;
        /// Off.
        Stopped is Stable: Start -> Starting, Release -> Released;
        /// Gone.
        Released is Final: ;
    }
    steps {
        /// Preparation, or the stopping half of a restart, is over: the boot begins.
        Boot,
        /// CreateInstance has prepared the instance; it waits to be started.
        Create,
        /// There was no room for it.
        CreationFails,
        /// The boot is over.
        Booted,
        /// The boot failed.
        BootFails,
        /// It is asked to stop or to restart.
        Stop,
        /// After a crash of its server or guest it is brought back.
        Recover,
        /// Its server failed and it is not brought back by itself.
        Fail,
        /// It has stopped.
        Halt,
        /// A graceful stop took too long, or its server failed, and it is given up.
        StopTimesOut,
        /// It is asked to start.
        Start,
        /// It is deleted.
        Release,
    }
}

impl InstanceState {
    /// Whether an instance whose life is over may be released in this state; in the others it
    /// waits for its next stable one.
    pub const fn may_be_released(self) -> bool {
        self.after(InstanceStep::Release).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(InstanceState, InstanceStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/instance.md"), &machine);
    }

    #[test]
    fn only_stable_states_are_released() {
        use crate::lifecycle::Attribute;
        for state in InstanceState::ALL {
            assert_eq!(state.may_be_released(), state.attribute() == Attribute::Stable, "{state}");
        }
    }
}
