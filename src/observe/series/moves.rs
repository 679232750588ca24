//! Moves between servers, and the links that they use.

use super::{SeriesName, Told, counted, grid::Grid, track::LevelTrack};
use crate::{
    fleet::{
        ids::{Link, Task},
        transfers::{LinkKind, LinkPlace, Links},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::{
        fact::{Fact, Reason},
        moves::{MoveFact, MoveWhat},
        network::NetworkFact,
    },
    observe::moves::KINDS,
    scenario::Scenario,
};

/// Follows moves and links.
#[derive(Clone, Debug)]
pub struct Moves {
    /// By kind, one a cell.
    moved: [Vec<u64>; KINDS.len()],
    under_way: LevelTrack,
    waiting: Vec<Id<Task>>,
    links: Option<LinkLoads>,
}

/// What the links of each kind carry together.
#[derive(Clone, Debug)]
struct LinkLoads {
    loads: Column<Link, u64>,
    kinds: Column<Link, LinkKind>,
    /// Together (B/s).
    carried: [LevelTrack; LinkKind::ALL.len()],
    capacity: [u128; LinkKind::ALL.len()],
}

impl LinkLoads {
    fn new(grid: &Grid, scenario: &Scenario) -> Option<Self> {
        let layout = &scenario.layout;
        layout.network?;
        let links = Links::of(layout);
        let kinds: Column<Link, LinkKind> =
            links.ids().map(|link| LinkPlace::of(layout, link).kind()).collect();
        let mut capacity = [0; LinkKind::ALL.len()];
        for link in links.ids() {
            capacity[kinds[link] as usize] += u128::from(links.state(link).capacity);
        }
        let loads = Column::filled(0, kinds.len());
        let carried = std::array::from_fn(|_| LevelTrack::new(grid, 0));
        Some(Self { loads, kinds, carried, capacity })
    }
}

impl Moves {
    /// Nothing moves yet.
    pub fn new(grid: &Grid, scenario: &Scenario) -> Self {
        Self {
            moved: std::array::from_fn(|_| vec![0; grid.cells()]),
            under_way: LevelTrack::new(grid, 0),
            waiting: Vec::new(),
            links: LinkLoads::new(grid, scenario),
        }
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact) {
        if let Fact::Placed { reason, .. } = *fact {
            self.placed(grid, now, reason);
        } else if let Fact::TaskBegan { .. } = *fact {
            self.under_way.add(grid, now, 1);
        } else if let Fact::TaskEnded { task, .. } = *fact {
            match self.waiting.iter().position(|other| *other == task) {
                Some(place) => _ = self.waiting.swap_remove(place),
                None => self.under_way.take(grid, now, 1),
            }
        } else if let Fact::Move(MoveFact { task, what, .. }) = *fact {
            self.turn(grid, now, (task, what));
        } else if let Fact::Network(NetworkFact::LinkChanged { link, state }) = *fact
            && let Some(links) = &mut self.links
        {
            let was = std::mem::replace(&mut links.loads[link], state.load);
            let level = &mut links.carried[links.kinds[link] as usize];
            level.set(grid, now, level.value() - was + state.load);
        }
    }

    fn placed(&mut self, grid: &Grid, now: Instant, reason: Reason) {
        if let Some(kind) = KINDS.iter().position(|kind| *kind == reason) {
            self.moved[kind][grid.cell_of(now)] += 1;
        }
    }

    /// A move that waits for its turn is not under way.
    fn turn(&mut self, grid: &Grid, now: Instant, (task, what): (Id<Task>, MoveWhat)) {
        if what == MoveWhat::Waits {
            self.under_way.take(grid, now, 1);
            self.waiting.push(task);
        } else if let MoveWhat::TurnCame { .. } = what {
            self.waiting.retain(|other| *other != task);
            self.under_way.add(grid, now, 1);
        }
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant) -> Told {
        let kinds = KINDS.iter().zip(&self.moved);
        let moved = kinds.map(|(kind, counts)| {
            (SeriesName::of("migrations", kind.name(), "count"), counted(counts))
        });
        let mut told: Told = moved.collect();
        self.under_way.advance(grid, end);
        let name = SeriesName::plain("migrations.concurrent", "count");
        told.push((name, self.under_way.cells()));
        let Some(links) = &mut self.links else { return told };
        for kind in LinkKind::ALL {
            let capacity = links.capacity[*kind as usize];
            let level = &mut links.carried[*kind as usize];
            level.advance(grid, end);
            if capacity > 0 {
                let share = |value: f64| value / capacity as f64;
                let cells = level.cells().into_iter();
                let cells = cells.map(|cell| cell.map(|cell| cell.map(share)));
                let name = SeriesName::of("link.busy", kind.name(), "ratio");
                told.push((name, cells.collect()));
            }
        }
        told
    }
}
