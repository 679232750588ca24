//! What is measured: reads facts, touches nothing.

pub mod catalogue;

pub mod outcome;
