//! Chance by address: a draw is a pure function of (scenario seed, run, purpose, entity, ordinal).
//!
//! No generator is stored for any entity, so two policies that ask in different orders meet the
//! same numbers, and an entity that nobody asks about costs nothing. The bits come from
//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//! SC 2011), a counter-based generator: the counter is the address, the key belongs to the run and
//! is derived from the scenario's seed by rand_chacha.

use rand::rand_core::{Infallible, Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;

/// The scheme by which draws are made; it goes into every result, because another scheme would
/// give other numbers for the same seed.
pub const RNG_SCHEME: u32 = 2;

/// The key of one run: every draw of the run is addressed under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    key: [u32; 2],
}

impl Streams {
    /// The streams of run number `run` of a scenario with this seed.
    pub fn new(seed: u64, run: u32) -> Self {
        let mut bulk = Self::bulk(seed, run);
        Self { key: [bulk.next_u32(), bulk.next_u32()] }
    }

    /// The sequential generator of a run, for what is drawn in bulk and in a fixed order.
    pub fn bulk(seed: u64, run: u32) -> ChaCha8Rng {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(u64::from(run));
        generator
    }

    /// The draws at one address. `purpose` says what is drawn (the list is `fleet::chance`),
    /// `entity` of whom, `ordinal` which time.
    #[inline]
    pub fn at(&self, purpose: u16, entity: u64, ordinal: u32) -> Draws {
        Draws {
            key: self.key,
            counter: [ordinal, entity as u32, (entity >> 32) as u32, u32::from(purpose) << 16],
            spare: None,
            #[cfg(test)]
            taken: 0,
        }
    }
}

/// The draws at one address, one after the other.
#[derive(Clone, Debug)]
pub struct Draws {
    key: [u32; 2],
    /// Ordinal, entity (two words), purpose and block.
    counter: [u32; 4],
    spare: Option<u64>,
    /// How many were taken (count): for the record of who drew what.
    #[cfg(test)]
    taken: usize,
}

impl Draws {
    /// 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let bits = self.next();
        #[cfg(test)]
        {
            recorded::bits(self.address(), self.taken, bits);
            self.taken += 1;
        }
        bits
    }

    #[inline]
    fn next(&mut self) -> u64 {
        if let Some(bits) = self.spare.take() {
            return bits;
        }
        let [a, b, c, d] = philox4x32_10(self.counter, self.key);
        debug_assert!(self.counter[3] & 0xffff != 0xffff, "an address holds 2^17 draws");
        self.counter[3] = self.counter[3].wrapping_add(1);
        self.spare = Some(u64::from(d) << 32 | u64::from(c));
        u64::from(b) << 32 | u64::from(a)
    }

    /// Keeps that this length (microseconds) was made of what was drawn last.
    #[cfg(test)]
    pub(crate) fn made(&self, length: u64) {
        recorded::length(self.address(), self.taken, length);
    }

    /// Where it is drawn: purpose, entity, ordinal.
    #[cfg(test)]
    fn address(&self) -> recorded::Address {
        let [ordinal, low, high, purpose] = self.counter;
        ((purpose >> 16) as u16, u64::from(high) << 32 | u64::from(low), ordinal)
    }

    /// A uniform number strictly between 0 and 1, so that every inverse is finite.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }

    /// Whether something of this probability happens.
    #[inline]
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A uniform whole number below `bound` (0 where `bound` is 0), free of bias beyond 2^-64.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.bits() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let bits = self.bits().to_le_bytes();
            chunk.copy_from_slice(&bits[..chunk.len()]);
        }
        Ok(())
    }
}

/// Ten rounds of Philox on four 32-bit words.
#[inline]
fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
    let ([mut a, mut b, mut c, mut d], [mut k0, mut k1]) = (counter, key);
    for _ in 0..10 {
        let (left, right) = (MULTIPLIERS[0] * u64::from(a), MULTIPLIERS[1] * u64::from(c));
        (a, b, c, d) = (
            (right >> 32) as u32 ^ b ^ k0,
            right as u32,
            (left >> 32) as u32 ^ d ^ k1,
            left as u32,
        );
        (k0, k1) = (k0.wrapping_add(WEYL[0]), k1.wrapping_add(WEYL[1]));
    }
    [a, b, c, d]
}

/// What was drawn where, kept for the proof that policies meet the same chance; the product is built
/// without it.
#[cfg(test)]
pub(crate) mod recorded {
    use std::{cell::RefCell, collections::BTreeMap};

    /// Purpose, entity, ordinal.
    pub(crate) type Address = (u16, u64, u32);

    /// What was drawn.
    #[derive(Clone, Default, PartialEq, Eq, Debug)]
    pub(crate) struct Record {
        /// The bits at each address, in their order.
        pub(crate) bits: BTreeMap<Address, Vec<u64>>,
        /// The lengths of time (microseconds) that were made of them, by address and place there.
        pub(crate) lengths: BTreeMap<(Address, usize), u64>,
    }

    thread_local! {
        static RECORD: RefCell<Option<Record>> = const { RefCell::new(None) };
    }

    /// What `act` draws on this thread.
    pub(crate) fn of(act: impl FnOnce()) -> Record {
        RECORD.set(Some(Record::default()));
        act();
        RECORD.take().expect("it was set above")
    }

    pub(super) fn bits(address: Address, place: usize, bits: u64) {
        RECORD.with_borrow_mut(|record| {
            let Some(record) = record else { return };
            let drawn = record.bits.entry(address).or_default();
            match drawn.get(place) {
                Some(before) => assert_eq!(*before, bits, "what is drawn at {address:?}"),
                None => drawn.push(bits),
            }
        });
    }

    pub(crate) fn length(address: Address, taken: usize, length: u64) {
        RECORD.with_borrow_mut(|record| {
            let Some(record) = record else { return };
            let before = record.lengths.insert((address, taken), length);
            assert!(before.is_none_or(|before| before == length), "two laws at {address:?}");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published known-answer vectors of the generator (Random123, `kat_vectors`).
    #[test]
    fn the_generator_gives_the_published_answers() {
        assert_eq!(
            philox4x32_10([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32_10([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32_10(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn a_draw_depends_on_its_address_alone() {
        let streams = Streams::new(7, 3);
        let mut first = streams.at(2, 17, 5);
        let (a, b, c) = (first.bits(), first.bits(), first.bits());
        let mut other = streams.at(2, 18, 5);
        let _ = other.bits();
        let mut again = streams.at(2, 17, 5);
        assert_eq!((a, b, c), (again.bits(), again.bits(), again.bits()));
        assert!(a != b && b != c);
    }

    #[test]
    fn every_part_of_an_address_changes_the_draw() {
        let streams = Streams::new(7, 3);
        let base = streams.at(2, 17, 5).bits();
        let others = [
            streams.at(3, 17, 5).bits(),
            streams.at(2, 18, 5).bits(),
            streams.at(2, 17 | 1 << 32, 5).bits(),
            streams.at(2, 17, 6).bits(),
            Streams::new(7, 4).at(2, 17, 5).bits(),
            Streams::new(8, 3).at(2, 17, 5).bits(),
        ];
        assert!(others.iter().all(|bits| *bits != base));
    }

    /// Chi-square of the top 6 bits over neighbouring entities, 63 degrees of freedom: 131.6 is
    /// exceeded with probability 1e-6 if the bits are uniform.
    #[test]
    fn neighbouring_entities_draw_uniformly() {
        let streams = Streams::new(1, 0);
        let mut counts = [0u32; 64];
        for entity in 0..64_000 {
            counts[(streams.at(1, entity, 0).bits() >> 58) as usize] += 1;
        }
        let chi: f64 =
            counts.iter().map(|n| f64::from(*n) - 1_000.0).map(|d| d * d / 1_000.0).sum();
        assert!(chi < 131.6, "chi-square {chi}");
    }

    #[test]
    fn a_unit_lies_strictly_between_its_ends() {
        let smallest = 0.5 * (1.0 / (1u64 << 52) as f64);
        assert!(smallest > 0.0 && 1.0 - smallest < 1.0);
        let mut draws = Streams::new(1, 0).at(0, 0, 0);
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&draws.unit())));
        assert!((0..1_000).all(|_| draws.below(10) < 10));
    }
}
