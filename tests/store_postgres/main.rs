//! The suite of `tests/store` on PostgreSQL: the same tests, the same promises. The embedded job engine is not used there;
//! `engine.rs` holds the one of the server to what it must promise.

#[path = "../store/added.rs"]
mod added;
#[path = "../store/calibration.rs"]
mod calibration;
#[path = "../store/chain.rs"]
mod chain;
#[path = "../store/channels.rs"]
mod channels;
#[path = "../store/copy.rs"]
mod copy;
#[path = "../store/discoveries.rs"]
mod discoveries;
mod engine;
#[path = "../store/figures.rs"]
mod figures;
#[path = "../store/filing.rs"]
mod filing;
#[path = "../store/frontier.rs"]
mod frontier;
#[path = "../store/groups.rs"]
mod groups;
#[path = "../store/ledgers.rs"]
mod ledgers;
#[path = "../store/migrations.rs"]
mod migrations;
mod objects;
#[path = "../store/outbox.rs"]
mod outbox;
#[path = "../store/pages.rs"]
mod pages;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../store/reposts.rs"]
mod reposts;
#[path = "../store/requests.rs"]
mod requests;
#[path = "../store/retention.rs"]
mod retention;
#[path = "../store/rhythms.rs"]
mod rhythms;
#[path = "../store/secrecy.rs"]
mod secrecy;
#[path = "../store/silences.rs"]
mod silences;
#[path = "../store/status.rs"]
mod status;
#[path = "../store/users.rs"]
mod users;
#[path = "../store/workers.rs"]
mod workers;
#[path = "../store/world.rs"]
mod world;

const ENGINE: world::Engine = world::Engine::of_suite(env!("CARGO_CRATE_NAME"));
