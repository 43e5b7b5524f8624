//! RSSHub.

use crate::server::Server;
use crate::world::World;

fn world(server: &Server, route: &str) -> World {
    World::with_values(server, "rsshub", "nobody", &format!("values = {{ route = '{route}' }}"))
}

#[test]
fn a_route_of_rsshub_is_read_as_a_feed() {
    let server = Server::up("rsshub");
    let world = world(&server, "test/1");
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    assert_eq!((world.cases().len(), world.troubles()), (0, Vec::new()));
}

#[test]
fn a_route_of_rsshub_that_fails_with_404_is_blocked_and_not_gone() {
    let server = Server::up("rsshub");
    assert_eq!(world(&server, "test/error").scan(), "blocked: status 404");
    assert_eq!(world(&server, "no/such/route").scan(), "blocked: status 404");
}
