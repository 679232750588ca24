//! A simulator without a subject: time, the agenda, addressed chance, laws, typed ids.
//!
//! Reading order: `time`, `calendar`, `column`, `agenda`, `stamp`, `streams`, `distribution`, `special`,
//! `moments`.
//! Deliberately not here: anything that knows that clouds exist, and the wall clock.

pub mod time;

pub mod calendar;

pub mod column;

pub mod agenda;

pub mod stamp;

pub mod streams;

pub mod distribution;

pub mod special;

pub mod moments;
