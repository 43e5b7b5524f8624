//! Misago, whose robots.txt lets read threads and no profiles.

use crate::server::{Server, home};
use crate::world::World;

/// Misago knows an account by number; the cast is numbered in its order.
const OFFICIAL: &str = "1";
const IMPOSTOR: &str = "2";

#[test]
fn the_impostor_on_a_misago_forum_becomes_a_case_and_nobody_else() {
    let server = Server::up("misago");
    let world = World::new(&server, "misago", OFFICIAL);
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_account(IMPOSTOR);
}

#[test]
fn the_profiles_that_the_robots_txt_of_misago_forbids_are_not_asked_for() {
    let server = Server::up("misago");
    let world = World::new(&server, "misago", OFFICIAL);
    world.scan();
    assert_eq!(world.disallowed(), 4, "the profiles of the cast");
    let log = std::fs::read_to_string(home().join("misago/log/access.log")).unwrap();
    let asked: Vec<&str> = log.lines().collect();
    assert!(asked.contains(&"/robots.txt") && asked.iter().any(|path| path.starts_with("/t/")));
    let forbidden = ["/u/", "/api/", "/search/", "/avatar/"];
    assert!(!asked.iter().any(|path| forbidden.iter().any(|start| path.starts_with(start))), "{asked:?}");
}
