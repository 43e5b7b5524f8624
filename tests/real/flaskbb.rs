//! FlaskBB.

use crate::server::Server;
use crate::world::World;

#[test]
fn the_impostor_on_a_flaskbb_forum_becomes_a_case_and_nobody_else() {
    let server = Server::up("flaskbb");
    let world = World::new(&server, "flaskbb", "xinghe_official");
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_the_impostor_is_a_case();
}

#[test]
fn a_forum_without_robots_txt_forbids_nothing() {
    let server = Server::up("flaskbb");
    let world = World::new(&server, "flaskbb", "xinghe_official");
    world.scan();
    assert_eq!((world.disallowed(), world.troubles()), (0, Vec::new()));
    assert_eq!(world.verdict_of("/robots.txt", "account"), "empty", "there is none");
}
