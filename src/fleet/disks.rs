//! The table of bays: the local disk in each, and which instance holds it.

use crate::{
    fleet::ids::{Bay, Instance},
    kernel::column::{Column, Id, IdRange},
    lifecycle::local_disk::{DiskState, DiskStep},
};
use std::ops::Index;

/// One bay.
#[derive(Clone, Copy, Debug)]
pub struct BayRow {
    /// Where its disk stands -- changed only by [`Disks::step`].
    pub state: DiskState,
    /// Whether the flow of its damage is online, once it is damaged; decided by chance, and by an
    /// online job that failed.
    pub online: bool,
    /// Whether the damage has been detected.
    pub detected: bool,
    /// Whether the alarm of its detection is pending.
    pub noticing: bool,
    /// Whether the boot that was to end a job of this disk has hung: it does so once.
    pub hung: bool,
    /// Disks that were ready in it after its first (count) -- the number of the disk that is in it,
    /// and of everything about its damage until the next one is ready.
    pub number: u32,
    /// Raised by each change of state.
    pub turns: u16,
    /// The instance that holds it, if any.
    pub holder: Option<Id<Instance>>,
}

const _: () = assert!(size_of::<BayRow>() <= 16, "a bay takes at most 16 bytes");

/// The table.
#[derive(Clone, Debug)]
pub struct Disks {
    rows: Column<Bay, BayRow>,
}

impl Disks {
    /// `count` bays with new disks.
    pub fn new(count: usize) -> Self {
        let row = BayRow {
            state: DiskState::Healthy,
            online: false,
            detected: false,
            noticing: false,
            hung: false,
            number: 0,
            turns: 0,
            holder: None,
        };
        Self { rows: Column::filled(row, count) }
    }

    /// Moves the disk of a bay by one step of its machine; says the state it left. A disk that is
    /// ready again is the next one.
    ///
    /// # Panics
    /// If the machine has no such arc: a bug of ours.
    pub fn step(&mut self, bay: Id<Bay>, step: DiskStep) -> DiskState {
        let row = &mut self.rows[bay];
        let from = row.state;
        row.state = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.turns = row.turns.wrapping_add(1);
        row.noticing = false;
        if row.state == DiskState::Healthy {
            row.number += 1;
            (row.online, row.detected, row.hung) = (false, false, false);
        }
        from
    }

    /// The row of a bay, for what is not its state or holder.
    pub fn row_mut(&mut self, bay: Id<Bay>) -> &mut BayRow {
        &mut self.rows[bay]
    }

    /// Gives `instance` the first `count` healthy bays among `bays` that nobody holds.
    ///
    /// # Panics
    /// If there are not so many: capacity was claimed before.
    pub fn hold(&mut self, bays: IdRange<Bay>, instance: Id<Instance>, count: u32) {
        let mut left = count;
        for bay in bays.iter() {
            if left == 0 {
                return;
            }
            let row = &mut self.rows[bay];
            if row.holder.is_none() && row.state == DiskState::Healthy {
                row.holder = Some(instance);
                left -= 1;
            }
        }
        assert!(left == 0, "as many bays are free as capacity says");
    }

    /// Those of `bays` that `instance` holds, in order.
    pub fn held(
        &self,
        bays: IdRange<Bay>,
        instance: Id<Instance>,
    ) -> impl Iterator<Item = Id<Bay>> + '_ {
        bays.iter().filter(move |bay| self.rows[*bay].holder == Some(instance))
    }

    /// Takes the bay from its holder.
    pub fn free(&mut self, bay: Id<Bay>) {
        self.rows[bay].holder = None;
    }

    /// Every bay with its row, in order.
    pub fn entries(&self) -> impl Iterator<Item = (Id<Bay>, &BayRow)> {
        self.rows.entries()
    }
}

impl Index<Id<Bay>> for Disks {
    type Output = BayRow;
    fn index(&self, bay: Id<Bay>) -> &BayRow {
        &self.rows[bay]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_bays_are_passed_over_and_the_next_disk_has_the_next_number() {
        let mut disks = Disks::new(4);
        let bays: IdRange<Bay> = IdRange::new(0, 4);
        let (first, second) = (Id::new(0), Id::new(1));
        disks.step(Id::new(1), DiskStep::Damage);
        disks.hold(bays, first, 2);
        assert_eq!(disks.held(bays, first).collect::<Vec<_>>(), [Id::new(0), Id::new(2)]);
        disks.step(Id::new(1), DiskStep::Swap);
        assert_eq!((disks[Id::new(1)].number, disks[Id::new(1)].turns), (1, 2));
        disks.hold(bays, second, 2);
        assert_eq!(disks.held(bays, second).collect::<Vec<_>>(), [Id::new(1), Id::new(3)]);
    }
}
