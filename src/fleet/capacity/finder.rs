//! The one index that a ledger of room keeps: which it is, and who is in it.

use crate::{
    fleet::{
        capacity::{Index, cells::Cells, classes::Classes, room::Room, spread::Spread},
        ids::Server,
        layout::{Layout, ShapeSpec},
    },
    kernel::column::Id,
};

/// The one index that is kept.
#[derive(Clone, Debug)]
pub enum Finder {
    Classes(Classes),
    /// The sets of servers by shape are kept too where shapes ask for what the cells do not see.
    Cells(Box<Cells>, Option<Classes>),
    Spread(Classes, Spread),
}

impl Finder {
    /// What finds servers by `index`, with no server in it.
    pub fn new(layout: &Layout, index: Index) -> Self {
        match index {
            Index::ById => Self::Classes(Classes::new(layout)),
            Index::ByRoom(order) => {
                let classes = layout.shapes.iter().any(asks_for_more).then(|| Classes::new(layout));
                Self::Cells(Box::new(Cells::new(layout, order)), classes)
            }
            Index::BySpread => Self::Spread(Classes::new(layout), Spread::new(layout)),
        }
    }

    /// Makes an open `server` known.
    pub fn enter(&mut self, layout: &Layout, room: &Room, server: Id<Server>) {
        match self {
            Self::Classes(classes) | Self::Spread(classes, _) => classes.enter(room, server),
            Self::Cells(cells, classes) => {
                if let Some(classes) = classes {
                    classes.enter(room, server);
                }
                cells.enter(layout, room, server);
            }
        }
    }

    /// The sets of servers by shape, where they are kept.
    pub const fn classes(&self) -> Option<&Classes> {
        match self {
            Self::Classes(classes) | Self::Spread(classes, _) => Some(classes),
            Self::Cells(_, classes) => classes.as_ref(),
        }
    }

    pub const fn classes_mut(&mut self) -> Option<&mut Classes> {
        match self {
            Self::Classes(classes) | Self::Spread(classes, _) => Some(classes),
            Self::Cells(_, classes) => classes.as_mut(),
        }
    }

    /// Makes an open `server` forgotten.
    pub fn leave(&mut self, layout: &Layout, room: &Room, server: Id<Server>) {
        match self {
            Self::Classes(classes) | Self::Spread(classes, _) => classes.leave(room, server),
            Self::Cells(cells, classes) => {
                if let Some(classes) = classes {
                    classes.leave(room, server);
                }
                cells.leave(layout, room, server);
            }
        }
    }
}

/// Whether `shape` is for more than vCPUs, memory and GPUs in all.
pub const fn asks_for_more(shape: &ShapeSpec) -> bool {
    let demand = &shape.demand;
    demand.local_disks > 0
        || demand.local_storage > 0
        || demand.nic_percent > 0
        || !shape.nodes.is_empty()
}
