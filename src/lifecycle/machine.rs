//! State machines as data: one block gives the states, the steps, the arcs and a dense table.
//!
//! Two arcs that leave one state by one step do not compile.

/// What the cloud's documents say about how long a state lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attribute {
    /// Left only by a command or a failure.
    Stable,
    /// Left by itself when its work is done.
    Transitory,
    /// Never left.
    Final,
}

/// Defines a state machine: its states with their attributes and arcs, and its steps.
macro_rules! lifecycle {
    (
        $(#[$machine_doc:meta])*
        machine $State:ident by $(#[$step_doc:meta])* $Step:ident {
            $( $(#[$state_doc:meta])* $from:ident is $attribute:ident : $( $by:ident -> $to:ident ),* ; )*
        }
        steps { $( $(#[$one_step_doc:meta])* $step:ident ),* $(,)? }
    ) => {
        $(#[$machine_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $State { $( $(#[$state_doc])* $from ),* }

        $(#[$step_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $Step { $( $(#[$one_step_doc])* $step ),* }

        impl $State {
            /// Every state, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self::$from ),*];

            /// Every arc: from, step, to.
            pub const ARCS: &'static [(Self, $Step, Self)] =
                &[$( $( (Self::$from, $Step::$by, Self::$to), )* )*];

            const STEPS: usize = [$( $Step::$step ),*].len();

            const TABLE: [[Option<Self>; Self::STEPS]; Self::ALL.len()] = {
                let mut table = [[None; Self::STEPS]; Self::ALL.len()];
                let mut arc = 0;
                while arc < Self::ARCS.len() {
                    let (from, step, to) = Self::ARCS[arc];
                    let cell = &mut table[from as usize][step as usize];
                    assert!(cell.is_none(), "two arcs leave one state by one step");
                    *cell = Some(to);
                    arc += 1;
                }
                table
            };

            /// The state after `step`, or `None` where the table has no such arc.
            #[inline]
            pub const fn after(self, step: $Step) -> Option<Self> {
                Self::TABLE[self as usize][step as usize]
            }

            /// How long the documents say that this state lasts.
            pub const fn attribute(self) -> $crate::lifecycle::Attribute {
                match self { $( Self::$from => $crate::lifecycle::Attribute::$attribute ),* }
            }

            /// The state's name, as the cloud spells it.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$from => stringify!($from) ),* }
            }
        }

        impl $Step {
            /// Every step, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self::$step ),*];
        }

        impl std::fmt::Display for $State {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

/// The test that every machine stands: its table is the documented one, its attributes are the
/// documented ones and agree with its exits, every state is reached and every step used.
#[cfg(test)]
pub(super) fn holds_against(document: &str, machine: &Machine) {
    use std::collections::BTreeSet;
    let rows = |columns: usize| -> Vec<Vec<String>> {
        let cells = |line: &str| -> Vec<String> {
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        document
            .lines()
            .filter(|line| line.starts_with('|') && !line.starts_with("|-"))
            .map(cells)
            .filter(|row| row.len() == columns && row[0] != "from" && row[0] != "state")
            .collect()
    };
    let documented: BTreeSet<_> =
        rows(4).into_iter().map(|r| (r[0].clone(), r[1].clone(), r[2].clone())).collect();
    assert_eq!(machine.arcs.iter().cloned().collect::<BTreeSet<_>>(), documented, "the arcs");
    let attributes: BTreeSet<_> =
        rows(3).into_iter().map(|r| (r[0].clone(), r[1].clone())).collect();
    assert_eq!(machine.states.iter().cloned().collect::<BTreeSet<_>>(), attributes, "the states");
    for (state, attribute) in &machine.states {
        let exits = machine.arcs.iter().filter(|(from, ..)| from == state).count();
        assert_eq!(exits == 0, attribute == "Final", "{state} is {attribute}: {exits} exits");
        let entered = machine.arcs.iter().any(|(.., to)| to == state);
        assert!(entered || *state == machine.states[0].0, "{state} is never reached");
    }
    for step in &machine.steps {
        assert!(machine.arcs.iter().any(|(_, by, _)| by == step), "step {step} is never used");
    }
}

/// A machine as text, for [`holds_against`].
#[cfg(test)]
pub(super) struct Machine {
    pub(super) states: Vec<(String, String)>,
    pub(super) steps: Vec<String>,
    pub(super) arcs: Vec<(String, String, String)>,
}

/// Writes a machine's table as text.
#[cfg(test)]
macro_rules! as_text {
    ($State:ident, $Step:ident) => {
        $crate::lifecycle::machine::Machine {
            states: $State::ALL
                .iter()
                .map(|state| (format!("{state:?}"), format!("{:?}", state.attribute())))
                .collect(),
            steps: $Step::ALL.iter().map(|step| format!("{step:?}")).collect(),
            arcs: $State::ARCS
                .iter()
                .map(|(from, by, to)| (format!("{from:?}"), format!("{by:?}"), format!("{to:?}")))
                .collect(),
        }
    };
}
