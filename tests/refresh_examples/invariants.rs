//! The invariants of spec/refresh-and-migration.md 3.9.
