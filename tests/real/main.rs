//! Against real third-party software on loopback: what the crawler makes of the pages that such software really shows.
//! `WANGLOU_REAL=all` adds the servers that take long to install and start; see `tests/targets/README.md`.

mod bluesky;
mod flaskbb;
mod fossil;
mod mediawiki;
mod misago;
mod rsshub;
mod server;
mod spirit;
mod wordpress;
mod world;
