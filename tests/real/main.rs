//! Against real third-party software on loopback: what the crawler makes of the pages that such software really shows.

mod fossil;
mod server;
mod spirit;
mod wordpress;
mod world;
