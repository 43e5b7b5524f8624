//! Against real third-party software on loopback: what the crawler makes of the pages that such software really shows.
//! `slow.rs` has the servers that take long to install and start.

mod adversity;
mod fossil;
mod proxy;
mod server;
mod spirit;
mod wordpress;
mod world;
