//! Politeness as pure values: robots, pace of a host, windows and caps, schedules.
