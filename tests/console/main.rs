//! The console over real HTTP: who gets in, who sees what, what can be done, and what hostile visitors try.

mod api;
mod channels;
mod digests;
mod door;
mod duties;
mod exemptions;
mod groups;
#[path = "../support/groups_world.rs"]
mod groups_world;
mod hostile;
#[path = "../support/http.rs"]
mod http;
mod inquiries;
mod kills;
mod ledgers;
mod letters;
mod manual_reports;
mod packs;
mod payloads;
mod people;
mod reports;
mod reposts;
mod requests;
mod rights;
mod routes;
mod second_factor;
mod silences;
mod site_files;
mod source;
mod sources;
mod topic_changes;
mod views;
mod work;
#[path = "../support/console_world.rs"]
mod world;
