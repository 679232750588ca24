//! Typed ids and the columns that they index: dense, ordered, and never mixed up.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    num::NonZeroU32,
    ops::{Index, IndexMut},
};

/// The place of one entity of kind `K` in its columns. Four bytes, also inside an `Option`.
pub struct Id<K>(NonZeroU32, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// The id of place `index`.
    ///
    /// # Panics
    /// If the place does not fit 32 bits; scenarios are bounded when they are read.
    #[inline]
    pub const fn new(index: usize) -> Self {
        assert!(index < u32::MAX as usize, "a column holds fewer than 2^32 rows");
        match NonZeroU32::new(index as u32 + 1) {
            Some(place) => Self(place, PhantomData),
            None => unreachable!(),
        }
    }

    /// The place, counted from 0.
    #[inline]
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    /// The kind's name and the place: `Server#12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = std::any::type_name::<K>();
        write!(f, "{}#{}", kind.rsplit("::").next().unwrap_or(kind), self.index())
    }
}

/// A run of neighbouring ids, from the first to just before the end.
pub struct IdRange<K> {
    first: u32,
    end: u32,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for IdRange<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for IdRange<K> {}
impl<K> PartialEq for IdRange<K> {
    fn eq(&self, other: &Self) -> bool {
        (self.first, self.end) == (other.first, other.end)
    }
}
impl<K> Eq for IdRange<K> {}
impl<K> fmt::Debug for IdRange<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}..{}", Id::<K>::new(self.first as usize), self.end)
    }
}

impl<K> IdRange<K> {
    /// The ids from place `first` to just before place `end`.
    ///
    /// # Panics
    /// If `end` lies before `first`.
    pub const fn new(first: usize, end: usize) -> Self {
        assert!(first <= end && end <= u32::MAX as usize, "a range of ids runs forwards");
        Self { first: first as u32, end: end as u32, kind: PhantomData }
    }

    /// How many ids.
    pub const fn len(self) -> usize {
        (self.end - self.first) as usize
    }

    /// The place just after the last.
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.first == self.end
    }

    /// Whether `id` is one of them.
    pub const fn contains(self, id: Id<K>) -> bool {
        self.first as usize <= id.index() && id.index() < self.end as usize
    }

    /// Each id, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Id<K>> + ExactSizeIterator + use<K> {
        (self.first as usize..self.end as usize).map(Id::new)
    }
}

/// One value per entity of kind `K`.
pub struct Column<K, T>(Vec<T>, PhantomData<fn() -> K>);

impl<K, T> Column<K, T> {
    /// A column of these values, in order of id.
    pub const fn from_vec(values: Vec<T>) -> Self {
        Self(values, PhantomData)
    }

    /// The same value for `len` entities.
    pub fn filled(value: T, len: usize) -> Self
    where
        T: Clone,
    {
        Self(vec![value; len], PhantomData)
    }

    /// Adds a row and says its id.
    pub fn push(&mut self, value: T) -> Id<K> {
        let id = Id::new(self.0.len());
        self.0.push(value);
        id
    }

    /// Makes room for `more` rows.
    pub fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }

    /// For how many rows there is room.
    pub const fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// How many rows.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every id of this column, in order.
    pub const fn ids(&self) -> IdRange<K> {
        IdRange::new(0, self.0.len())
    }

    /// Every value, in order of id.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Every value with its id, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Id<K>, &T)> + ExactSizeIterator {
        self.0.iter().enumerate().map(|(index, value)| (Id::new(index), value))
    }

    /// The row of `id`, where there is one.
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        self.0.get(id.index())
    }

    /// The values as one slice, in order of id.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<K, T> Index<Id<K>> for Column<K, T> {
    type Output = T;
    #[inline]
    fn index(&self, id: Id<K>) -> &T {
        &self.0[id.index()]
    }
}
impl<K, T> IndexMut<Id<K>> for Column<K, T> {
    #[inline]
    fn index_mut(&mut self, id: Id<K>) -> &mut T {
        &mut self.0[id.index()]
    }
}
impl<K, T> Default for Column<K, T> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}
impl<K, T: Clone> Clone for Column<K, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<K, T: PartialEq> PartialEq for Column<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K, T: fmt::Debug> fmt::Debug for Column<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
impl<K, T> FromIterator<T> for Column<K, T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect(), PhantomData)
    }
}
impl<'a, K, T> IntoIterator for &'a Column<K, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Server;

    #[test]
    fn an_id_is_four_bytes_and_names_its_kind() {
        assert_eq!((size_of::<Id<Server>>(), size_of::<Option<Id<Server>>>()), (4, 4));
        assert_eq!(format!("{:?}", Id::<Server>::new(12)), "Server#12");
    }

    #[test]
    fn a_column_gives_back_what_was_pushed_in_order() {
        let mut column: Column<Server, &str> = Column::default();
        let first = column.push("a");
        let second = column.push("b");
        assert_eq!((column[first], column[second]), ("a", "b"));
        assert_eq!(column.ids().iter().collect::<Vec<_>>(), vec![first, second]);
        assert!(column.ids().contains(second) && !column.ids().contains(Id::new(2)));
    }
}
