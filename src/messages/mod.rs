//! The things that move: what time brings in, and what has become true.
//!
//! Reading order: `occurrence` (the only way into a turn), `fact` (the only way out).
//! Commands and refusals join with the operations of owners and operators.

pub mod occurrence;

pub mod fact;
