//! The job engine: durable work with leases, retries and schedules.
