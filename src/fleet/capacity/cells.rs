//! By free room: the servers of each zone, model and number of free GPUs in a grid of cells, each
//! cell an ordered set.

use crate::{
    fleet::{
        capacity::{
            Order, Request,
            grid::{Bounds, Grid, Scale, memory_unit},
            room::Room,
            rules::Share,
            trees::Trees,
        },
        ids::{Server, ServerModel, Zone},
        layout::{Layout, Resources},
    },
    kernel::column::Id,
};
use std::cmp::Ordering;

/// The most levels of free GPUs; more GPUs than that share levels.
const MAX_LEVELS: u32 = 64;

/// The open servers, found by an order of free room.
///
/// Where the grid is exact (whole vCPUs, memory in the greatest unit that divides all amounts) a
/// search looks at the rows for one with enough memory, takes the first cell that has any and the
/// lowest id in it. Where amounts are too many for that, cells cover ranges and their servers are
/// compared exactly. Disks, storage, network, limits and the excluded server are checked server
/// by server, in order. So a request that only its application's limit keeps out looks at every
/// server with enough room; for disks, storage and network the caller knows when few have them.
///
/// 8 bytes a server, and up to 4.2 MB of cells in all (some 210 kB for one zone of one model with
/// 96 vCPUs and 512 steps of memory).
#[derive(Clone, Debug)]
pub struct Cells {
    order: Order,
    pools: Vec<Pool>,
    /// The pool of each zone and model, zone by zone; of pairs that do not occur, any.
    pool_of: Vec<u32>,
    models: usize,
    grids: Vec<Grid>,
    /// For each pool; servers below the least of use are in no cell.
    bounds: Vec<Bounds>,
    trees: Trees,
    gpu_quantum: u32,
    levels: usize,
}

/// The servers of one model in one zone.
#[derive(Clone, Copy, Debug)]
struct Pool {
    zone: Id<Zone>,
    model: Id<ServerModel>,
    scale: Scale,
    /// The grid of its servers without free GPUs; those of higher levels follow.
    first_grid: usize,
    levels: usize,
}

/// What is looked for, and where.
struct Search<'a> {
    layout: &'a Layout,
    room: &'a Room,
    request: &'a Request,
    demand: &'a Resources,
    pool: &'a Pool,
    bounds: &'a Bounds,
    grid: &'a Grid,
}

impl Cells {
    /// The grids of the layout's servers, with no server in them.
    pub fn new(layout: &Layout, order: Order) -> Self {
        let most_gpus = layout.models.iter().map(|model| model.capacity.gpus).max().unwrap_or(0);
        let gpu_quantum = most_gpus / MAX_LEVELS + 1;
        let models = layout.models.len();
        let mut present = vec![false; layout.zones.len() * models];
        for spec in layout.servers.iter() {
            present[spec.zone.index() * models + spec.model.index()] = true;
        }
        let levels_of = |model: usize| {
            let gpus = layout.models[Id::new(model)].capacity.gpus;
            (gpus / gpu_quantum) as usize + 1
        };
        let pairs: Vec<usize> = (0..present.len()).filter(|pair| present[*pair]).collect();
        let grid_count = pairs.iter().map(|pair| levels_of(pair % models)).sum();
        let unit = memory_unit(layout);
        let mut cells = Self {
            order,
            pools: Vec::with_capacity(pairs.len()),
            pool_of: vec![0; present.len()],
            models,
            grids: Vec::with_capacity(grid_count),
            bounds: Vec::with_capacity(pairs.len()),
            trees: Trees::new(0, 0),
            gpu_quantum,
            levels: pairs.iter().map(|pair| levels_of(pair % models)).max().unwrap_or(0),
        };
        let mut sets = 0;
        for pair in pairs {
            let (zone, model) = (Id::new(pair / models), Id::new(pair % models));
            let scale = Scale::new(&layout.models[model], unit, grid_count);
            let levels = levels_of(model.index());
            cells.bounds.push(Bounds::new(layout, &layout.models[model], &scale));
            cells.pool_of[pair] = cells.pools.len() as u32;
            let first_grid = cells.grids.len();
            cells.pools.push(Pool { zone, model, scale, first_grid, levels });
            for _ in 0..levels {
                cells.grids.push(Grid::new(&scale, sets));
                sets += scale.rows * scale.bins;
            }
        }
        cells.trees = Trees::new(layout.servers.len(), sets);
        cells
    }

    /// The order that it serves.
    pub const fn order(&self) -> Order {
        self.order
    }

    /// Adds an open server.
    pub fn enter(&mut self, layout: &Layout, room: &Room, server: Id<Server>) {
        let number = self.pool(room, server);
        let pool = self.pools[number];
        let Some((grid, cell)) = self.place(number, room.free(server)) else { return };
        let is_before = before(layout, room, (self.order, &pool), server);
        let grid = &mut self.grids[grid];
        let set = grid.set(cell);
        if self.trees.is_empty(set) {
            grid.fill(cell);
        }
        grid.servers += 1;
        self.trees.insert(set, server.index() as u32, is_before);
    }

    /// Takes a server out.
    pub fn leave(&mut self, layout: &Layout, room: &Room, server: Id<Server>) {
        let number = self.pool(room, server);
        let pool = self.pools[number];
        let Some((grid, cell)) = self.place(number, room.free(server)) else { return };
        let is_before = before(layout, room, (self.order, &pool), server);
        let grid = &mut self.grids[grid];
        let set = grid.set(cell);
        self.trees.remove(set, server.index() as u32, is_before);
        grid.servers -= 1;
        if self.trees.is_empty(set) {
            grid.clear(cell);
        }
    }

    /// An open server's free room becomes `free`, in the ledger too.
    pub fn change(
        &mut self,
        layout: &Layout,
        room: &mut Room,
        server: Id<Server>,
        free: Resources,
    ) {
        let pool = self.pool(room, server);
        let stays = self.pools[pool].scale.has_exact_cells
            && self.place(pool, room.free(server)) == self.place(pool, &free);
        if stays {
            room.set_free(server, free);
            return;
        }
        self.leave(layout, room, server);
        room.set_free(server, free);
        self.enter(layout, room, server);
    }

    /// The first server of those that accept `request`.
    pub fn find(&self, layout: &Layout, room: &Room, request: &Request) -> Option<Id<Server>> {
        let shape = &layout.shapes[request.shape];
        let demand = &shape.demand;
        let lowest = (demand.gpus / self.gpu_quantum) as usize;
        let mut best = None;
        for step in lowest..self.levels {
            let takes_most = self.order.takes_most_gpus(demand);
            let level = if takes_most { self.levels - 1 - (step - lowest) } else { step };
            for (pool, bounds) in self.pools.iter().zip(&self.bounds) {
                if level >= pool.levels
                    || !request.may_stand_in(shape, pool.zone)
                    || shape.model.is_some_and(|model| model != pool.model)
                    || !layout.models[pool.model].capacity.covers(demand)
                {
                    continue;
                }
                let grid = &self.grids[pool.first_grid + level];
                if grid.servers > 0 {
                    let search = Search { layout, room, request, demand, pool, bounds, grid };
                    self.find_in_grid(&search, &mut best);
                }
            }
            // Levels are disjoint ranges of GPUs, which the order looks at first.
            if best.is_some() {
                break;
            }
        }
        best
    }

    /// Puts the grid's first server that accepts the request in `best`, if it is better.
    fn find_in_grid(&self, search: &Search<'_>, best: &mut Option<Id<Server>>) {
        let Search { demand, pool, grid, .. } = search;
        let (lowest, bin) = pool.scale.place(demand);
        let mut rows = lowest..pool.scale.rows;
        if self.order == Order::LargestShare {
            // The most promising row first: it rules most others out unseen, or all.
            if let Some(row) = self.lead(search) {
                let top = grid.set((row, grid.height(row) - 1));
                let is_exact = pool.scale.has_exact_cells && self.gpu_quantum == 1;
                if is_exact && self.find_in_cell(search, top, best) {
                    return;
                }
                self.find_in_row(search, (row, bin), best);
            }
        }
        // Each step leaves fewer rows.
        loop {
            let row = match self.order {
                Order::LeastRoom => grid.next_row(rows.clone(), bin),
                Order::MostRoom | Order::LargestShare => grid.previous_row(rows.clone(), bin),
            };
            let Some(row) = row else { return };
            match self.order {
                Order::LeastRoom => rows.start = row + 1,
                Order::MostRoom | Order::LargestShare => rows.end = row,
            }
            match self.order {
                Order::LeastRoom | Order::MostRoom => {
                    // Rows are in order of vCPUs, and so of servers unless GPUs come before.
                    if self.find_in_row(search, (row, bin), best) && self.gpu_quantum == 1 {
                        return;
                    }
                }
                Order::LargestShare => {
                    let (is_last, is_worse) = self.is_ruled_out(search, row, *best);
                    if is_last {
                        return;
                    }
                    if !is_worse {
                        self.find_in_row(search, (row, bin), best);
                    }
                }
            }
        }
    }

    /// The row in which a server could have the largest share of all, then the most vCPUs.
    fn lead(&self, search: &Search<'_>) -> Option<usize> {
        let Search { layout, demand, pool, bounds, grid, .. } = search;
        let empty = &layout.models[pool.model].capacity;
        let (lowest, bin) = pool.scale.place(demand);
        let share = |row: usize| {
            Share::scarcest(&pool.scale.most((row, grid.height(row) - 1), empty), empty)
        };
        match grid.leads(lowest..pool.scale.rows, bin, &bounds.diagonal) {
            [Some(upper), Some(lower)] if share(lower) > share(upper) => Some(lower),
            [upper, lower] => upper.or(lower),
        }
    }

    /// Whether no row from `row` down can be better than `best`, and whether this row cannot.
    fn is_ruled_out(
        &self,
        search: &Search<'_>,
        row: usize,
        best: Option<Id<Server>>,
    ) -> (bool, bool) {
        let Search { layout, room, pool, grid, .. } = search;
        let Some(best) = best.filter(|_| self.gpu_quantum == 1) else { return (false, false) };
        let (free, capacity) = (room.free(best), room.empty(layout, best));
        let empty = &layout.models[pool.model].capacity;
        let most = pool.scale.most((row, grid.height(row) - 1), empty);
        let share = Share::scarcest(free, capacity);
        let is_last = Share::of(most.vcpus.into(), empty.vcpus.into()) < share;
        let order = self.order.compare_room((&most, empty), (free, capacity));
        (is_last, order == Ordering::Greater)
    }

    /// Puts the row's first server that accepts the request in `best`, if it is better; whether
    /// any accepts it.
    fn find_in_row(
        &self,
        search: &Search<'_>,
        (row, lowest): (usize, usize),
        best: &mut Option<Id<Server>>,
    ) -> bool {
        let mut is_found = false;
        let mut bins = lowest..search.grid.height(row);
        // Each step leaves fewer bins.
        loop {
            let bin = match self.order {
                Order::LeastRoom => search.grid.next(row, bins.clone()),
                Order::MostRoom | Order::LargestShare => search.grid.previous(row, bins.clone()),
            };
            let Some(bin) = bin else { return is_found };
            if self.find_in_cell(search, search.grid.set((row, bin)), best) {
                is_found = true;
                if search.pool.scale.has_exact_rows && self.gpu_quantum == 1 {
                    return true;
                }
            }
            match self.order {
                Order::LeastRoom => bins.start = bin + 1,
                Order::MostRoom | Order::LargestShare => bins.end = bin,
            }
        }
    }

    /// Puts the cell's first server that accepts the request in `best`, if it is better; whether
    /// any accepts it.
    fn find_in_cell(&self, search: &Search<'_>, set: usize, best: &mut Option<Id<Server>>) -> bool {
        let Search { layout, room, request, demand, pool, .. } = search;
        let server_of = |node: u32| Id::<Server>::new(node as usize);
        let free = |node: u32| room.free(server_of(node));
        let is_exact = pool.scale.has_exact_cells;
        let is_short =
            |node: u32| (free(node).vcpus, free(node).memory) < (demand.vcpus, demand.memory);
        let mut next = if self.order == Order::LeastRoom && !is_exact {
            self.trees.first(set, is_short)
        } else {
            self.trees.first(set, |_| false)
        };
        let mut is_found = false;
        // Each step takes a later server of the cell.
        while let Some(node) = next {
            let server = server_of(node);
            if room.accepts(layout, server, request) {
                is_found = true;
                if best.is_none_or(|old| self.compare(search, server, old) == Ordering::Less) {
                    *best = Some(server);
                }
                if self.gpu_quantum == 1 {
                    return true;
                }
            } else if !is_exact && self.is_hopeless(search, server) {
                return is_found;
            }
            let is_before = before(layout, room, (self.order, pool), server);
            next = self.trees.first(set, |other| other == node || is_before(other));
        }
        is_found
    }

    /// Whether neither `server` nor any later one of its cell can cover the demand.
    fn is_hopeless(&self, search: &Search<'_>, server: Id<Server>) -> bool {
        let Search { layout, room, demand, .. } = search;
        let (free, empty) = (room.free(server), room.empty(layout, server));
        match self.order {
            Order::LeastRoom => false,
            Order::MostRoom => (free.vcpus, free.memory) < (demand.vcpus, demand.memory),
            Order::LargestShare => Share::scarcest(free, empty) < Share::scarcest(demand, empty),
        }
    }

    fn compare(&self, search: &Search<'_>, one: Id<Server>, other: Id<Server>) -> Ordering {
        let of = |server| (search.room.free(server), search.room.empty(search.layout, server));
        self.order.compare(search.demand, of(one), of(other)).then(one.cmp(&other))
    }

    /// The grid and the cell of a pool's server with so much room; `None` if that is of no use.
    #[inline]
    fn place(&self, pool: usize, free: &Resources) -> Option<(usize, (usize, usize))> {
        let Pool { scale, first_grid, .. } = &self.pools[pool];
        let (row, bin) = scale.place(free);
        let level = (free.gpus / self.gpu_quantum) as usize;
        (bin >= usize::from(self.bounds[pool].least[row]))
            .then_some((first_grid + level, (row, bin)))
    }

    #[inline]
    fn pool(&self, room: &Room, server: Id<Server>) -> usize {
        let (zone, model) = room.place(server);
        self.pool_of[zone.index() * self.models + model.index()] as usize
    }
}

/// Which nodes of a cell come before `server`: the order of every tree, which looks at no demand.
#[inline]
fn before<'a>(
    layout: &'a Layout,
    room: &'a Room,
    (order, pool): (Order, &Pool),
    server: Id<Server>,
) -> impl Fn(u32) -> bool + use<'a> {
    let is_exact = pool.scale.has_exact_cells;
    let empty = &layout.models[pool.model].capacity;
    move |other| {
        let other = Id::new(other as usize);
        if is_exact {
            return other < server;
        }
        let room = order.compare_room((room.free(other), empty), (room.free(server), empty));
        room.then(other.cmp(&server)) == Ordering::Less
    }
}
