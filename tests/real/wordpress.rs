//! WordPress with MariaDB.

use crate::server::Server;
use crate::world::World;

#[test]
fn the_impostor_on_a_wordpress_site_becomes_a_case_and_nobody_else() {
    let server = Server::up("wordpress");
    let world = World::new(&server, "wordpress", "xinghe_official");
    world.assert_canary();
    assert_eq!(world.scan(), "found");
    world.assert_only_the_impostor_is_a_case();
}

#[test]
fn faces_elsewhere_that_cannot_be_had_are_all_that_is_missing_of_a_wordpress_site() {
    let server = Server::up("wordpress");
    let world = World::new(&server, "wordpress", "xinghe_official");
    world.scan();
    let troubles = world.troubles();
    assert!(!troubles.is_empty() && troubles.iter().all(|trouble| trouble.contains("gravatar.com")), "{troubles:?}");
}

#[test]
fn an_author_whom_a_wordpress_site_does_not_have_is_empty() {
    let server = Server::up("wordpress");
    let world = World::new(&server, "wordpress", "xinghe_official");
    assert_eq!(world.verdict_of("/wp-json/wp/v2/users?slug=nobody", "account"), "empty");
}

#[test]
fn an_author_who_vanishes_from_a_wordpress_site_waits_for_confirmation_and_is_open_again_when_back() {
    let server = Server::alone("wordpress");
    let world = World::new(&server, "wordpress", "xinghe_official");
    world.scan();
    let away = server.without_the_impostor();
    world.scan();
    assert_eq!(world.standing(), ["account xinghe_kefu awaiting_confirmation"]);
    drop(away);
    world.scan();
    assert_eq!(world.standing(), ["account xinghe_kefu open"]);
}
