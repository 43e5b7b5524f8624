//! Fossil's forum.

use crate::server::Server;
use crate::world::World;

#[test]
fn the_impostor_on_a_fossil_forum_becomes_a_case_and_nobody_else() {
    let server = Server::up("fossil");
    let world = World::new(&server, "fossil", "xinghe_official");
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_the_impostor_is_a_case();
    assert_eq!((world.disallowed(), world.troubles()), (0, Vec::new()), "it has no robots.txt");
}

#[test]
fn a_fossil_thread_that_there_never_was_is_empty() {
    let server = Server::up("fossil");
    let world = World::new(&server, "fossil", "xinghe_official");
    assert_eq!(world.verdict_of("/forumpost/0000000000", "post"), "empty");
}

#[test]
fn the_official_account_on_a_fossil_forum_is_a_case_until_the_ledger_has_it() {
    let server = Server::up("fossil");
    let world = World::new(&server, "fossil", "somebody_else");
    world.scan();
    assert_eq!(world.standing(), ["account xinghe_kefu open", "account xinghe_official open"]);
}
