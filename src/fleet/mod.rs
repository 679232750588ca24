//! What is: the only mutable state of a run, and the layout it stands on.

pub mod ids;

pub mod layout;

pub mod capacity;
