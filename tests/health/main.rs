//! The health page over real HTTP, and what the service manager and the monitoring are told.

#[path = "../support/gate.rs"]
mod gate;
#[path = "../support/http.rs"]
mod http;
mod manager;
mod metrics;
mod page;
#[path = "../support/postgres.rs"]
mod postgres;
mod ready;
mod world;
