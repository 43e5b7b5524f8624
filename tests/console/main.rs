//! The console over real HTTP: who gets in, who sees what, what can be done, and what hostile visitors try.

mod door;
mod groups;
#[path = "../support/groups_world.rs"]
mod groups_world;
mod hostile;
#[path = "../support/http.rs"]
mod http;
mod ledgers;
mod letters;
mod people;
mod rights;
mod work;
#[path = "../support/console_world.rs"]
mod world;
