//! MediaWiki.

use crate::server::Server;
use crate::world::World;

#[test]
fn the_impostor_on_a_wiki_becomes_a_case_and_nobody_else() {
    let server = Server::up("mediawiki");
    let world = World::new(&server, "mediawiki", "Xinghe official");
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_account("Xinghe kefu");
}

#[test]
fn a_user_whom_a_wiki_does_not_have_is_empty() {
    let server = Server::up("mediawiki");
    let world = World::new(&server, "mediawiki", "Xinghe official");
    let page = "/api.php?action=query&format=json&formatversion=2&titles=User:Nobody&prop=revisions&rvprop=content&rvslots=main";
    assert_eq!(world.verdict_of(page, "account"), "empty");
}
