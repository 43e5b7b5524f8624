//! Wanglou (望楼): the watchtower of a company group. Rooms in reading order, lowest floor first;
//! a lower floor never imports a higher one (`tests/floors.rs`).

// A request lies in many futures, one in the other, and an optimised build lays them out as one.
#![recursion_limit = "256"]

// Floor 0: words.
pub mod model;

// Floor 1: logic. No I/O, no async, no clock.
pub mod casework;
pub mod detect;
pub mod discover;
pub mod documents;
pub mod groups;
pub mod identify;
pub mod ledger;
pub mod pace;
pub mod platform;
pub mod reports;
pub mod retention;
pub mod text;

// Floor 2: adapters. All I/O.
pub mod chat;
pub mod clock;
pub mod config;
pub mod fetch;
pub mod jobs;
pub mod mail;
pub mod seal;
pub mod store;
pub mod vault;
pub mod watchlists;
pub mod workers;

// Floor 3: use cases.
pub mod pipeline;

// Floor 4: faces.
pub mod cli;
pub mod daemon;
pub mod demo;
pub mod web;
