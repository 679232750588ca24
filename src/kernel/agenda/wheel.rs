//! The timing wheel under the agenda: entries of later instants, by the digits of their time.
//!
//! A time is eleven digits of six bits. An entry lies at the **level** of the highest digit in
//! which its time differs from now, in the **slot** of its own digit there. So all entries of a
//! slot share their higher digits, lower levels come before higher ones, and the lowest set bit of
//! a level's occupancy word is the next slot. A slot that is reached and still holds many entries
//! hands them down to the level of the highest digit in which *they* differ.
//!
//! A slot is a chain of chunks of [`CHUNK`] entries, drawn from one store. A plain vector a slot
//! is as fast, but each slot then keeps room for the most that it ever held, and a slot of a
//! million entries is copied while it grows. Chunks are given back while a slot is handed down, so
//! the entries move through the memory that they occupied before.

use super::super::time::Instant;

/// An occurrence and when it happens.
pub(super) type Entry<O> = (Instant, O);

const _: () = assert!(size_of::<Entry<u64>>() == 16);

/// Bits of a digit.
const DIGIT_BITS: u32 = 6;
/// Slots of a level: the values of a digit.
const SLOTS: usize = 1 << DIGIT_BITS;
/// Digits of a 64-bit time.
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

/// Entries of a chunk: 2 KiB, long enough to be read in a stream.
const CHUNK: usize = 128;
/// A slot with at most this many entries is sorted at once and not handed down any further. At a
/// limit of 32 (in chunks of 64) the bimodal law at a million cost about half as much again.
const SORTED_AT_MOST: usize = CHUNK;
/// Spare chunks that are always kept; above them, as many as are in use. Half a mebibyte: with an
/// eighth of it, a region of 5,000 instances gave chunks back and asked for them again all day.
const SPARE_LEAST: usize = 256;

/// No chunk: the end of a chain.
const NONE: u32 = u32::MAX;

/// Entries of later instants.
#[derive(Debug)]
pub(super) struct Wheel<O> {
    /// One bit a level: whether any of its slots is occupied.
    levels: u32,
    /// One bit a slot: whether it is occupied.
    occupied: [u64; LEVELS],
    /// The newest chunk of each slot, the only one that may have room. -- [`NONE`] where empty
    heads: Box<[u32]>,
    /// All chunks: in use, spare and bare.
    chunks: Vec<Chunk<O>>,
    /// The chain of unused chunks that keep their memory.
    spare: u32,
    /// How many are in that chain.
    spare_count: usize,
    /// The chain of unused chunks whose memory was given back.
    bare: u32,
    /// Chunks in slots.
    in_use: usize,
}

/// A piece of a slot.
#[derive(Debug)]
struct Chunk<O> {
    /// At most [`CHUNK`] entries, in no order.
    entries: Vec<Entry<O>>,
    /// The next chunk of the same chain.
    next: u32,
}

impl<O: Copy + Ord> Wheel<O> {
    /// A wheel without entries.
    pub(super) fn new() -> Self {
        Self {
            levels: 0,
            occupied: [0; LEVELS],
            heads: vec![NONE; LEVELS * SLOTS].into_boxed_slice(),
            chunks: Vec::new(),
            spare: NONE,
            spare_count: 0,
            bare: NONE,
            in_use: 0,
        }
    }

    /// Adds an entry of an instant later than `now`, the instant of the turn under way.
    #[inline]
    pub(super) fn push(&mut self, now: Instant, entry: Entry<O>) {
        debug_assert!(entry.0 > now, "entries of the current instant are the rounds' matter");
        let differing = (entry.0.micros() ^ now.micros()) | 1;
        self.push_at((differing.ilog2() / DIGIT_BITS) as usize, entry);
    }

    /// Adds an entry to its slot at `level`.
    #[inline]
    fn push_at(&mut self, level: usize, entry: Entry<O>) {
        let digit = digit(entry.0, level);
        let head = self.heads[level * SLOTS + digit];
        if let Some(chunk) = self.chunks.get_mut(head as usize)
            && chunk.entries.len() < CHUNK
        {
            chunk.entries.push(entry);
            return;
        }
        self.push_new(level, digit, entry);
    }

    /// Adds an entry to a slot whose newest chunk has no room.
    #[inline(never)]
    fn push_new(&mut self, level: usize, digit: usize, entry: Entry<O>) {
        let new = self.unused_chunk();
        let head = &mut self.heads[level * SLOTS + digit];
        let chunk = &mut self.chunks[new as usize];
        chunk.next = *head;
        chunk.entries.push(entry);
        *head = new;
        self.occupied[level] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// Moves the entries of the next slot into `run`, unsorted, and says up to which instant
    /// nothing else is pending; `None` where nothing is pending at all.
    ///
    /// The slot's entries are few, or all of one instant.
    pub(super) fn take_next(&mut self, run: &mut Vec<Entry<O>>) -> Option<Instant> {
        // At most one pass a level: what is handed down goes to a lower one.
        while self.levels != 0 {
            let level = self.levels.trailing_zeros() as usize;
            let slot = self.occupied[level].trailing_zeros() as usize;
            let head = self.detach(level, slot);
            let chunk = &self.chunks[head as usize];
            let (first, _) = chunk.entries[0];
            if chunk.next == NONE && chunk.entries.len() <= SORTED_AT_MOST {
                run.extend_from_slice(&chunk.entries);
                self.recycle(head);
                let span_of_slot = (1 << (DIGIT_BITS * level as u32)) - 1;
                return Some(Instant::from_micros(first.micros() | span_of_slot));
            }
            match self.level_below(head, level) {
                Some(lower) => self.hand_down(head, lower),
                None => {
                    self.drain(head, run);
                    return Some(first);
                }
            }
        }
        None
    }

    /// Empties a slot and gives its chain.
    #[inline]
    fn detach(&mut self, level: usize, slot: usize) -> u32 {
        self.occupied[level] &= !(1 << slot);
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
        std::mem::replace(&mut self.heads[level * SLOTS + slot], NONE)
    }

    /// The level to which a chain of a slot at `level` is handed down: that of the highest digit
    /// in which its entries differ; `None` where they are of one instant.
    fn level_below(&self, head: u32, level: usize) -> Option<usize> {
        let (first, _) = self.chunks[head as usize].entries[0];
        let mut differing = 0;
        let mut at = head;
        while let Some(chunk) = self.chunks.get(at as usize) {
            for (when, _) in &chunk.entries {
                differing |= when.micros() ^ first.micros();
            }
            // One chunk mostly tells that the very next level it is; then the rest needs no look.
            if differing >> (DIGIT_BITS * (level as u32).saturating_sub(1)) != 0 {
                return Some(level - 1);
            }
            at = chunk.next;
        }
        differing.checked_ilog2().map(|bit| (bit / DIGIT_BITS) as usize)
    }

    /// Moves a chain's entries to their slots at `level`.
    fn hand_down(&mut self, head: u32, level: usize) {
        let mut at = head;
        while at != NONE {
            let mut entries = std::mem::take(&mut self.chunks[at as usize].entries);
            for entry in &entries {
                self.push_at(level, *entry);
            }
            entries.clear();
            self.chunks[at as usize].entries = entries;
            at = self.recycle(at);
        }
    }

    /// Moves a chain's entries into `run`.
    fn drain(&mut self, head: u32, run: &mut Vec<Entry<O>>) {
        let mut at = head;
        while at != NONE {
            run.extend_from_slice(&self.chunks[at as usize].entries);
            at = self.recycle(at);
        }
    }

    /// Drops the entries that are not live; says how many stay.
    pub(super) fn retain(&mut self, is_live: impl Fn(&O) -> bool) -> usize {
        let mut kept = 0;
        for level in 0..LEVELS {
            let mut rest = self.occupied[level];
            while rest != 0 {
                let slot = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let mut at = self.detach(level, slot);
                while at != NONE {
                    let mut entries = std::mem::take(&mut self.chunks[at as usize].entries);
                    for entry in entries.iter().filter(|(_, what)| is_live(what)) {
                        self.push_at(level, *entry);
                        kept += 1;
                    }
                    entries.clear();
                    self.chunks[at as usize].entries = entries;
                    at = self.recycle(at);
                }
            }
        }
        kept
    }

    /// An empty chunk outside every chain, with memory.
    fn unused_chunk(&mut self) -> u32 {
        self.in_use += 1;
        if self.spare != NONE {
            let taken = self.spare;
            self.spare = self.chunks[taken as usize].next;
            self.spare_count -= 1;
            return taken;
        }
        self.new_chunk()
    }

    /// A chunk with new memory.
    #[cold]
    fn new_chunk(&mut self) -> u32 {
        let entries = Vec::with_capacity(CHUNK);
        if self.bare != NONE {
            let taken = self.bare;
            self.bare = self.chunks[taken as usize].next;
            self.chunks[taken as usize].entries = entries;
            return taken;
        }
        let new = u32::try_from(self.chunks.len()).expect("memory ends before 2^32 chunks");
        assert!(new != NONE, "memory ends before 2^32 chunks");
        self.chunks.push(Chunk { entries, next: NONE });
        new
    }

    /// Empties a chunk, keeps it for another slot, and says which came next in its chain.
    #[inline]
    fn recycle(&mut self, at: u32) -> u32 {
        self.in_use -= 1;
        self.spare_count += 1;
        let chunk = &mut self.chunks[at as usize];
        let next = chunk.next;
        chunk.entries.clear();
        chunk.next = std::mem::replace(&mut self.spare, at);
        if self.spare_count > self.in_use + SPARE_LEAST {
            self.trim();
        }
        next
    }

    /// Gives the memory of spare chunks back that are more than those in use: at most two, as each
    /// call follows one chunk that went from use to spare.
    #[cold]
    fn trim(&mut self) {
        while self.spare_count > self.in_use + SPARE_LEAST {
            let at = self.spare;
            let chunk = &mut self.chunks[at as usize];
            chunk.entries = Vec::new();
            self.spare = std::mem::replace(&mut chunk.next, self.bare);
            self.bare = at;
            self.spare_count -= 1;
        }
    }

    /// Entries for which memory is held, pending or not.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.entries.capacity()).sum()
    }
}

/// The digit of a time at a level.
#[inline]
fn digit(when: Instant, level: usize) -> usize {
    (when.micros() >> (DIGIT_BITS * level as u32)) as usize % SLOTS
}
