//! How things go: one file a process, each in order of time.
//!
//! The modules stand in the order of their calls: a process may call only those above it. What must
//! travel up is an occurrence at the same instant. Only `happen` calls them all.
//! Deliberately not here: choices (they are `policy`'s) and measuring (facts are all that leaves).

pub mod turn;

pub mod burst;

pub mod hosting;

pub mod service;

pub mod transfers;

pub mod moves;

pub mod events;

pub mod cold_jobs;

pub mod markets;

pub mod disks;

pub mod loss;

pub mod wear;

pub mod risk;

pub mod room;

pub mod stuck;

pub mod release;

pub mod settle;

pub mod boot;

pub mod repair;

pub mod owner;

pub mod terms;

pub mod launch;

pub mod power;

pub mod redeploy;

pub mod live_end;

pub mod precopy;

pub mod live_migration;

pub mod cold_migration;

pub mod stopped_move;

pub mod simulated;

pub mod recovery;

pub mod host_moves;

pub mod local_disks;

pub mod jobs;

pub mod billing;

pub mod spot;

pub mod recorded;

pub mod arrivals;

pub mod scaling_activity;

pub mod membership;

pub mod checkups;

pub mod warm_up;

pub mod reimage;

pub mod holds;

pub mod leaving;

pub mod members;

pub mod hooks;

pub mod member_health;

pub mod scaling;

pub mod participants;

pub mod following;

pub mod autoscaling;

pub mod replacement;

pub mod refresh_end;

pub mod refresh_batch;

pub mod refresh_admission;

pub mod refresh;

pub mod group_commands;

pub mod admission;

pub mod host_commands;

pub mod perform;

pub mod campaigns;

pub mod drain_plans;

pub mod drains;

pub mod operator;

pub mod customer;

pub mod group_scripts;

pub mod scripts;

pub mod alarms;

pub mod happen;

#[cfg(test)]
mod stage;
