//! Instance refreshes from scenario files, through the public interface: the worked examples of
//! spec/refresh-and-migration.md 3.9, and its invariants over random groups.

mod bounds;

mod around;

mod examples;

mod invariants;

mod knobs;

mod operations;

mod presets;

mod watched;
