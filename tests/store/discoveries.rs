//! What sites said about names, and when.

use std::collections::BTreeSet;

use wanglou::discover::Presence;

use crate::world::{NOW, world};

#[tokio::test]
async fn a_site_knows_for_which_names_it_was_asked_and_since_when() {
    let w = world().await;
    for (site, name, presence, ms) in [
        ("forum", "xinghe", Presence::Found, 0),
        ("forum", "xinghehr", Presence::Absent, 1),
        ("forum", "xinghe", Presence::Unknown, 2),
        ("other", "xinghecn", Presence::Absent, 2),
    ] {
        w.store.save_discovery(site, name, presence, NOW.plus_ms(ms)).await.unwrap();
    }
    let since = |ms| w.store.names_asked("forum", NOW.plus_ms(ms));
    assert_eq!(since(0).await.unwrap(), BTreeSet::from(["xinghe".to_owned(), "xinghehr".to_owned()]));
    assert_eq!(since(2).await.unwrap(), BTreeSet::from(["xinghe".to_owned()]));
    let counts = w.store.discoveries(NOW).await.unwrap();
    assert_eq!(counts, [(Presence::Absent, 2), (Presence::Unknown, 1)], "the last answer counts");
}

#[tokio::test]
async fn answers_about_names_go_with_the_traces_of_pages() {
    let w = world().await;
    for (name, ms) in [("xinghe", 0), ("xinghehr", 5)] {
        w.store.save_discovery("forum", name, Presence::Absent, NOW.plus_ms(ms)).await.unwrap();
    }
    w.store.purge_pages(NOW.plus_ms(5)).await.unwrap();
    assert_eq!(w.store.names_asked("forum", NOW).await.unwrap(), BTreeSet::from(["xinghehr".to_owned()]));
}
