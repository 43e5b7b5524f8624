//! The console over real HTTP: who gets in, who sees what, what can be done, and what hostile visitors try.

mod door;
mod exemptions;
mod hostile;
#[path = "../support/http.rs"]
mod http;
mod ledgers;
mod letters;
mod packs;
mod people;
mod requests;
mod rights;
mod work;
#[path = "../support/console_world.rs"]
mod world;
