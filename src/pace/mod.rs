//! Politeness as pure values: robots, pace of a host, windows and caps, schedules.

pub mod host;
pub mod rhythm;
pub mod robots;
pub mod schedule;
