//! Spirit.

use crate::server::Server;
use crate::world::World;

/// Spirit knows an account by number; the cast is numbered in its order.
const OFFICIAL: &str = "1";
const IMPOSTOR: &str = "2";

#[test]
fn the_impostor_on_a_spirit_forum_becomes_a_case_and_nobody_else() {
    let server = Server::up("spirit");
    let world = World::new(&server, "spirit", OFFICIAL);
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_account(IMPOSTOR);
    assert_eq!(world.cases()[0]["url"], format!("{}/user/2/xinghe_kefu/", server.base()));
}

#[test]
fn the_log_in_to_which_a_spirit_profile_leads_is_a_wall_and_not_an_account_that_is_gone() {
    let server = Server::up("spirit");
    let world = World::new(&server, "spirit", OFFICIAL);
    assert_eq!(world.verdict_of("/user/2/xinghe_kefu/", "post"), "blocked: redirect to /login");
    assert_eq!(world.verdict_of("/topic/987654/", "post"), "empty");
}
