//! Whole runs on small scenarios, one file a story, under every check that we have.
//!
//! A story is told as the facts of its run, one line an instant, held by a snapshot. Every run here
//! goes through [`checked::run`]: invariants of the fleet after every turn, nobody forgotten, time
//! owed accounted for to the microsecond, equal runs equal, observers without influence.

mod batches;
mod billing;
mod burst;

mod campaigns;
mod checked;
mod cold_migration;
mod crashes;
mod customers;
mod dedicated_hosts;
mod departures;
mod disk_flow;
mod drains;
mod failure_events;
mod groups;
mod guests;
mod live_migration;
mod local_disks;
mod maintenance;
mod no_room;
mod numa;
mod operations;
mod owners;
mod precopies;
mod racks;
mod random;
mod random_cold;
mod random_drains;
mod random_groups;
mod random_hosts;
mod redeploy;
mod refusals;
mod repair_order;
mod risks;
mod spot;
mod story;
mod traced;
mod zones;
