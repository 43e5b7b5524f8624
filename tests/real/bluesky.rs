//! Bluesky's AppView, with the network of the AT Protocol behind it.

use crate::server::Server;
use crate::world::World;

fn profile(name: &str) -> String {
    format!("/xrpc/app.bsky.actor.getProfile?actor={name}.test")
}

/// An installation that knows the official account by its DID.
fn world(server: &Server) -> World {
    let world = World::new(server, "bluesky", "nobody");
    world.register(&did(&world, "xinghe-official"));
    world
}

fn did(world: &World, name: &str) -> String {
    let page = world.try_page(&profile(name), "account");
    page["accounts"][0]["handle"].as_str().unwrap_or_else(|| panic!("{page}")).to_owned()
}

#[test]
fn the_impostor_on_bluesky_becomes_a_case_and_nobody_else() {
    let server = Server::up("atproto");
    let world = world(&server);
    assert_eq!(world.scan(), "found");
    world.assert_only_account(&did(&world, "xinghe-kefu"));
}

#[test]
fn a_profile_that_bluesky_does_not_have_is_empty_though_it_is_answered_with_400() {
    let server = Server::up("atproto");
    let world = world(&server);
    assert_eq!(world.verdict_of(&profile("nobody"), "account"), "empty");
    let not_understood = world.verdict_of("/xrpc/app.bsky.actor.getProfile?actor=no%20name", "account");
    assert!(not_understood.starts_with("blocked"), "{not_understood}");
}

#[test]
fn an_account_that_leaves_bluesky_waits_for_confirmation_and_is_open_again_when_back() {
    let server = Server::alone("atproto");
    let world = world(&server);
    let impostor = did(&world, "xinghe-kefu");
    world.scan();
    let away = server.without_the_impostor();
    world.scan();
    assert_eq!(world.standing(), [format!("account {impostor} awaiting_confirmation")]);
    drop(away);
    world.scan();
    assert_eq!(world.standing(), [format!("account {impostor} open")]);
}
