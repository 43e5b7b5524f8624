//! Against scripted sites on loopback: the fetcher, visits of pages that change, discovery of accounts.

mod addresses;
mod canary;
mod discover;
mod discovery;
mod faces;
mod fetch;
mod forum;
mod let_go;
mod pace;
mod pages;
mod recheck;
#[path = "../support/site.rs"]
mod site;
mod token;
