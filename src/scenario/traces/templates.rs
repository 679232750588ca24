//! Every distinct combination of what rows ask for, kept once.

use super::RawTemplate;
use crate::fleet::layout::Resources;
use rustc_hash::FxHashMap;

/// The most combinations: with their names a few gigabytes, however small the file was compressed.
const MOST: usize = 1 << 22;

/// What is wrong where there are more.
pub(super) const TOO_MANY: &str = "more than 4194304 different combinations of sizes and names";

/// A name that has been seen; 0: none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Name(u32);

/// What a row asks for, names as numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Ask {
    /// What one instance takes.
    pub demand: Resources,
    /// Name of its type.
    pub type_name: Name,
    /// Its application.
    pub application: Name,
    /// At most this many of the application on one server.
    pub per_server_limit: Option<u32>,
    /// Its spread group.
    pub group: Name,
    /// Its zone.
    pub zone: Name,
}

/// The combinations seen so far. The maps are looked up and never iterated.
#[derive(Default)]
pub(super) struct Templates {
    names: Vec<String>,
    name_numbers: FxHashMap<Box<[u8]>, Name>,
    seen: Vec<Ask>,
    numbers: FxHashMap<Ask, u32>,
}

impl Templates {
    /// The number of a name; the empty text is no name.
    pub(super) fn name(&mut self, text: &[u8]) -> Name {
        if text.is_empty() {
            return Name::default();
        }
        if let Some(known) = self.name_numbers.get(text) {
            return *known;
        }
        self.names.push(String::from_utf8_lossy(text).into_owned());
        let new = Name(
            u32::try_from(self.names.len())
                .expect("a few names a combination, of which there are some millions"),
        );
        self.name_numbers.insert(text.into(), new);
        new
    }

    /// The number of a combination.
    pub(super) fn number(&mut self, ask: &Ask) -> u32 {
        if let Some(known) = self.numbers.get(ask) {
            return *known;
        }
        let new = u32::try_from(self.seen.len()).expect("there are no more combinations than rows");
        self.seen.push(*ask);
        self.numbers.insert(*ask, new);
        new
    }

    /// Whether there are more combinations than anyone should keep.
    pub(super) fn are_too_many(&self) -> bool {
        self.seen.len() > MOST
    }

    /// All combinations with their names written out.
    pub(super) fn finish(self) -> Vec<RawTemplate> {
        let written = |name: Name| {
            let place = name.0.checked_sub(1)?;
            Some(self.names[place as usize].clone())
        };
        let whole = |ask: &Ask| RawTemplate {
            type_name: written(ask.type_name),
            demand: ask.demand,
            application: written(ask.application),
            per_server_limit: ask.per_server_limit,
            group: written(ask.group),
            zone: written(ask.zone),
        };
        self.seen.iter().map(whole).collect()
    }
}
