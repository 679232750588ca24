//! Free vCPUs by free memory in cells, and which cells hold a server.

use crate::fleet::{
    capacity::rules::Share,
    layout::{Layout, ModelSpec, Resources},
};
use std::ops::Range;

/// The most rows of a grid: up to this many vCPUs each number has its own row.
const MAX_ROWS: usize = 512;

/// The most cells of a row.
const MAX_BINS: usize = 4096;

/// The most cells of a grid, and of all grids together where they are few enough to allow it.
const MAX_CELLS: usize = 1 << 16;
const MAX_CELLS_OF_ALL: usize = 1 << 20;

/// How the free room of a model's servers is cut into rows of vCPUs and bins of memory.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    vcpu_quantum: u32,
    memory_quantum: u64,
    memory_unit: u64,
    pub rows: usize,
    pub bins: usize,
    /// Whether a row is one number of vCPUs.
    pub has_exact_rows: bool,
    /// Whether a cell is one number of vCPUs and one amount of memory.
    pub has_exact_cells: bool,
}

impl Scale {
    /// The finest scale that `grids` grids can afford; `memory_unit` divides every amount of
    /// memory that is there or asked for.
    pub fn new(model: &ModelSpec, memory_unit: u64, grids: usize) -> Self {
        let cells = (MAX_CELLS_OF_ALL / grids.max(1)).clamp(64, MAX_CELLS);
        let (mut vcpu_quantum, mut memory_quantum) = (1_u32, memory_unit);
        let count = |whole: u64, quantum: u64| (whole / quantum).saturating_add(1);
        // Each step halves the rows or the bins, so it ends.
        loop {
            let rows = count(model.capacity.vcpus.into(), vcpu_quantum.into());
            let bins = count(model.capacity.memory, memory_quantum);
            let fits = rows.saturating_mul(bins) <= cells as u64;
            if fits && rows <= MAX_ROWS as u64 && bins <= MAX_BINS as u64 {
                return Self {
                    vcpu_quantum,
                    memory_quantum,
                    memory_unit,
                    rows: rows as usize,
                    bins: bins as usize,
                    has_exact_rows: vcpu_quantum == 1,
                    has_exact_cells: vcpu_quantum == 1 && memory_quantum == memory_unit,
                };
            }
            // Whole vCPUs are worth more than fine memory: a row gives its best server at once.
            if bins > 32 || rows <= 8 {
                memory_quantum = memory_quantum.saturating_mul(2);
            } else {
                vcpu_quantum = vcpu_quantum.saturating_mul(2);
            }
        }
    }

    /// The row and the bin of `room`.
    #[inline]
    pub const fn place(&self, room: &Resources) -> (usize, usize) {
        ((room.vcpus / self.vcpu_quantum) as usize, (room.memory / self.memory_quantum) as usize)
    }

    /// The most vCPUs of a row and the most memory of a bin, each at most that of `empty`.
    #[inline]
    pub fn most(&self, (row, bin): (usize, usize), empty: &Resources) -> Resources {
        let end = |place: usize, quantum: u64, unit: u64| {
            (place as u64 + 1).saturating_mul(quantum) - unit
        };
        let vcpus = end(row, self.vcpu_quantum.into(), 1).min(empty.vcpus.into());
        let memory = end(bin, self.memory_quantum, self.memory_unit).min(empty.memory);
        Resources { vcpus: vcpus as u32, memory, ..Resources::default() }
    }
}

/// What a scale means for one model.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// For each row the lowest bin from which any shape may fit: what has less room is of no use,
    /// and a full fleet is mostly that.
    pub least: Vec<u16>,
    /// For each row the lowest bin in which memory is not scarcer than vCPUs.
    pub diagonal: Vec<u16>,
}

impl Bounds {
    /// The bounds of a model's grids.
    pub fn new(layout: &Layout, model: &ModelSpec, scale: &Scale) -> Self {
        let mut least = vec![u16::MAX; scale.rows];
        for shape in layout.shapes.iter() {
            if model.capacity.covers(&shape.demand) {
                let (row, bin) = scale.place(&shape.demand);
                least[row] = least[row].min(bin as u16);
            }
        }
        let mut lowest = u16::MAX;
        for row in &mut least {
            lowest = lowest.min(*row);
            *row = lowest;
        }
        let empty = &model.capacity;
        let mut bin = 0;
        let diagonal = (0..scale.rows).map(|row| {
            // The shares of rows rise, and the last bin has all memory, so this ends.
            while bin + 1 < scale.bins {
                let most = scale.most((row, bin), empty);
                let vcpus = Share::of(most.vcpus.into(), empty.vcpus.into());
                if Share::of(most.memory, empty.memory) >= vcpus {
                    break;
                }
                bin += 1;
            }
            bin as u16
        });
        Self { diagonal: diagonal.collect(), least }
    }
}

/// The greatest amount that divides all memory of models and shapes.
pub fn memory_unit(layout: &Layout) -> u64 {
    let models = layout.models.iter().map(|model| model.capacity.memory);
    let shapes = layout.shapes.iter().map(|shape| shape.demand.memory);
    let unit = models.chain(shapes).fold(0, |mut one, mut other| {
        // Euclid: the second falls at each step.
        while other > 0 {
            (one, other) = (other, one % other);
        }
        one
    });
    unit.max(1)
}

/// Heights that are looked at together, without a branch between them.
const STRIDE: usize = 16;

/// How many chunks come before the first that has a height above `floor`.
#[inline]
fn skip<'a>(chunks: impl Iterator<Item = &'a [u16]>, floor: u16) -> usize {
    chunks
        .take_while(|chunk| !chunk.iter().fold(false, |any, height| any | (*height > floor)))
        .count()
}

/// Which cells of one grid hold a server: a bit a cell, and two bytes a row.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The set of its first cell.
    pub first_set: usize,
    /// Servers in it.
    pub servers: usize,
    /// For each row one more than its highest cell that holds any; 0: none does.
    heights: Vec<u16>,
    /// Bits of cells, row by row.
    holds: Vec<u64>,
    words: usize,
    bins: usize,
}

impl Grid {
    /// A grid without servers.
    pub fn new(scale: &Scale, first_set: usize) -> Self {
        let words = scale.bins.div_ceil(64);
        Self {
            first_set,
            servers: 0,
            heights: vec![0; scale.rows],
            holds: vec![0; scale.rows * words],
            words,
            bins: scale.bins,
        }
    }

    /// The set of a cell.
    #[inline]
    pub const fn set(&self, (row, bin): (usize, usize)) -> usize {
        self.first_set + row * self.bins + bin
    }

    /// The lowest of `rows` that holds any in `bin` or above.
    #[inline]
    pub fn next_row(&self, rows: Range<usize>, bin: usize) -> Option<usize> {
        let floor = bin as u16;
        let heights = self.heights.get(rows.clone())?;
        let is_higher = |height: &u16| *height > floor;
        let skipped = skip(heights.chunks_exact(STRIDE), floor) * STRIDE;
        let place = heights[skipped..].iter().position(is_higher)?;
        Some(rows.start + skipped + place)
    }

    /// The highest of `rows` that holds any in `bin` or above.
    #[inline]
    pub fn previous_row(&self, rows: Range<usize>, bin: usize) -> Option<usize> {
        let floor = bin as u16;
        let heights = self.heights.get(rows.clone())?;
        let is_higher = |height: &u16| *height > floor;
        let skipped = skip(heights.rchunks_exact(STRIDE), floor) * STRIDE;
        let place = heights[..heights.len() - skipped].iter().rposition(is_higher)?;
        Some(rows.start + place)
    }

    /// The cell, of those in `rows` that hold any in `bin` or above, that could hold the largest
    /// share of the scarcer of vCPUs and memory: two candidates, the first the one with more vCPUs.
    ///
    /// From the top down the vCPUs fall; so the first row that has a server with memory to spare
    /// is better than all below it, and of those above, the one with the most memory.
    #[inline]
    pub fn leads(&self, rows: Range<usize>, bin: usize, diagonal: &[u16]) -> [Option<usize>; 2] {
        let (mut highest, mut lead) = (bin as u16, None);
        for row in rows.rev() {
            let height = self.heights[row];
            if height > bin as u16 && height > diagonal[row] {
                return [lead, Some(row)];
            }
            if height > highest {
                (highest, lead) = (height, Some(row));
            }
        }
        [lead, None]
    }

    /// One more than the highest bin of `row` that holds any; 0: none does.
    #[inline]
    pub fn height(&self, row: usize) -> usize {
        self.heights[row].into()
    }

    /// A cell begins to hold servers.
    #[inline]
    pub fn fill(&mut self, (row, bin): (usize, usize)) {
        self.holds[row * self.words + bin / 64] |= 1 << (bin % 64);
        self.heights[row] = self.heights[row].max(bin as u16 + 1);
    }

    /// A cell holds no server any more.
    #[inline]
    pub fn clear(&mut self, (row, bin): (usize, usize)) {
        self.holds[row * self.words + bin / 64] &= !(1 << (bin % 64));
        if self.height(row) == bin + 1 {
            let below = self.previous(row, 0..bin);
            self.heights[row] = below.map_or(0, |bin| bin as u16 + 1);
        }
    }

    /// The lowest of `bins` that holds any.
    #[inline]
    pub fn next(&self, row: usize, bins: Range<usize>) -> Option<usize> {
        if bins.is_empty() {
            return None;
        }
        let words = &self.holds[row * self.words..][..self.words];
        let mut mask = !0 << (bins.start % 64);
        for (place, word) in words.iter().enumerate().skip(bins.start / 64) {
            let word = word & mask;
            if word != 0 {
                let bin = place * 64 + word.trailing_zeros() as usize;
                return bins.contains(&bin).then_some(bin);
            }
            mask = !0;
        }
        None
    }

    /// The highest of `bins` that holds any.
    #[inline]
    pub fn previous(&self, row: usize, bins: Range<usize>) -> Option<usize> {
        let last = bins.end.checked_sub(1)?;
        let words = &self.holds[row * self.words..][..=last / 64];
        let mut mask = !0 >> (63 - last % 64);
        for (place, word) in words.iter().enumerate().rev() {
            let word = word & mask;
            if word != 0 {
                let bin = place * 64 + 63 - word.leading_zeros() as usize;
                return bins.contains(&bin).then_some(bin);
            }
            mask = !0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const GIB: u64 = 1 << 30;

    fn model(vcpus: u32, memory: u64) -> ModelSpec {
        ModelSpec {
            name: String::new(),
            capacity: Resources { vcpus, memory, ..Resources::default() },
            numa_nodes: NonZeroU32::MIN,
            nic_rate: 0,
            local_disk_bytes: 0,
            disk_life: None,
            crash: None,
            risk: None,
        }
    }

    #[test]
    fn the_most_of_an_exact_cell_is_what_its_servers_have() {
        let model = model(12, 32 * GIB);
        let scale = Scale::new(&model, GIB, 1);
        assert!(scale.has_exact_cells);
        let room = Resources { vcpus: 11, memory: 31 * GIB, ..Resources::default() };
        assert_eq!(scale.most(scale.place(&room), &model.capacity), room);
    }

    #[test]
    fn amounts_too_many_for_cells_share_them() {
        for (vcpus, memory, grids) in [(96, 512 * GIB, 1), (64_000, GIB, 1), (8, 7, 1 << 20)] {
            let model = model(vcpus, memory);
            let scale = Scale::new(&model, 1, grids);
            assert!(scale.rows * scale.bins <= MAX_CELLS);
            assert!(scale.rows <= MAX_ROWS && scale.bins <= MAX_BINS);
            let (row, bin) = scale.place(&model.capacity);
            assert!(row < scale.rows && bin < scale.bins);
            assert_eq!(scale.most((row, bin), &model.capacity), model.capacity);
        }
    }
}
