//! The suite of `tests/store` on PostgreSQL: the same tests, the same promises.

#[path = "../store/chain.rs"]
mod chain;
#[path = "../store/filing.rs"]
mod filing;
#[path = "../store/ledgers.rs"]
mod ledgers;
#[path = "../store/migrations.rs"]
mod migrations;
#[path = "../store/outbox.rs"]
mod outbox;
#[path = "../store/pages.rs"]
mod pages;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../store/queue.rs"]
mod queue;
#[path = "../store/runner.rs"]
mod runner;
#[path = "../store/secrecy.rs"]
mod secrecy;
#[path = "../store/status.rs"]
mod status;
#[path = "../store/world.rs"]
mod world;

const ENGINE: world::Engine = world::Engine::of_suite(env!("CARGO_CRATE_NAME"));
