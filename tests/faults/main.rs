//! What happens to services happens here: processes are killed at any instant, mail servers hang and go away, disks fill up.
//! Afterwards the cases are the same, the chain holds, and nobody has missed a letter or got one twice.

mod child;
mod daemon;
mod database;
mod day;
mod disk;
mod frontier;
mod heartbeat;
#[path = "../support/http.rs"]
mod http;
mod installation;
mod kills;
mod letters;
#[path = "../support/mail_server.rs"]
mod mail_server;
mod mailbox;
mod network;
mod outage;
#[path = "../support/postgres.rs"]
mod postgres;
mod smtp_script;

/// Not a test but the program that the tests kill: it does what `wanglou scan` does. On its own it has nothing to do.
#[test]
fn child() {
    child::work_if_told();
}

/// The same for what `wanglou serve` does.
#[test]
fn daemon() {
    daemon::serve_if_told();
}
