//! Against the real servers that take long to install and start. Only where asked for: `cargo test --test real_slow`,
//! as `./test --all` does.

mod bluesky;
mod flaskbb;
mod mediawiki;
mod misago;
mod rsshub;
mod server;
mod world;
