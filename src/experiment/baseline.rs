//! What a scenario measured once, to be compared with: the runs themselves, so that each finds its
//! partner.

use crate::{kernel::streams::RNG_SCHEME, observe::outcome::Outcome, scenario::Scenario};

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The runs of a scenario at some time, and what they were runs of.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Name of the scenario.
    pub scenario: String,
    /// Digest of the scenario, hex.
    pub digest: String,
    /// The version of the program.
    pub version: String,
    /// The scheme by which chance was drawn.
    pub rng_scheme: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Where the clock stood when a run began, when it was measured from, and when it ended (µs).
    pub clock: [u64; 3],
    /// The command that makes it again.
    pub command: String,
    /// The runs, in order, from 0.
    pub outcomes: Vec<Outcome>,
}

/// Whether runs are compared one by one with those of the same number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pairing {
    /// They are: both met the same chance.
    Paired,
    /// They are not: each side is a sample of its own.
    Unpaired,
}

/// Why a baseline cannot be compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incomparable {
    /// It is of another scenario, of this name.
    Scenario(String),
    /// Its runs last otherwise: this is told of both (µs).
    Clock([[u64; 3]; 2]),
    /// It was drawn from another seed, this one.
    Seed(u64),
    /// Its chance was drawn by another scheme, this one.
    Scheme(u32),
}

impl Baseline {
    /// The baseline that `outcomes`, the runs of `scenario` in order, make.
    pub fn new(scenario: &Scenario, command: String, outcomes: Vec<Outcome>) -> Self {
        Self {
            scenario: scenario.name.clone(),
            digest: scenario.digest.clone(),
            version: VERSION.to_owned(),
            rng_scheme: RNG_SCHEME,
            seed: scenario.seed,
            clock: clock(scenario),
            command,
            outcomes,
        }
    }

    /// Runs (count).
    pub fn runs(&self) -> u32 {
        u32::try_from(self.outcomes.len()).expect("runs are counted in 32 bits")
    }

    /// Whether runs of `scenario` can be compared with it: another digest is what a change is
    /// about, and another version may be.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn fits(&self, scenario: &Scenario, pairing: Pairing) -> Result<(), Incomparable> {
        let now = clock(scenario);
        if self.scenario != scenario.name {
            return Err(Incomparable::Scenario(self.scenario.clone()));
        }
        if self.clock != now {
            return Err(Incomparable::Clock([self.clock, now]));
        }
        match pairing {
            Pairing::Paired if self.rng_scheme != RNG_SCHEME => {
                Err(Incomparable::Scheme(self.rng_scheme))
            }
            Pairing::Paired if self.seed != scenario.seed => Err(Incomparable::Seed(self.seed)),
            Pairing::Paired | Pairing::Unpaired => Ok(()),
        }
    }

    /// Whether another version of the program made it.
    pub fn is_of_another_version(&self) -> bool {
        self.version != VERSION
    }
}

fn clock(scenario: &Scenario) -> [u64; 3] {
    [scenario.begin, scenario.measure_from, scenario.end].map(|instant| instant.micros())
}
