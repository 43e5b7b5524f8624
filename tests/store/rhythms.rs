//! How often lists change.

use wanglou::pace::rhythm::Rhythm;

use crate::world::{NOW, world};

const LIST: &str = "https://forum.example/list?q=xinghe";

#[tokio::test]
async fn a_look_at_a_list_is_remembered_without_its_address_until_its_time_is_over() {
    let w = world().await;
    let first = Rhythm::first("shown".into(), "digest".into(), NOW);
    let second = first.clone().looked(Some("other".into()), NOW.plus_ms(5));
    for rhythm in [&first, &second] {
        w.store.save_rhythm(LIST, rhythm).await.unwrap();
        assert_eq!(w.store.rhythm(LIST).await.unwrap().as_ref(), Some(rhythm));
    }
    w.store.scrub().await.unwrap();
    assert!(!w.holds("forum.example/list").await);
    w.store.purge_pages(NOW.plus_ms(5)).await.unwrap();
    assert_eq!(w.store.rhythm(LIST).await.unwrap(), Some(second));
    w.store.purge_pages(NOW.plus_ms(6)).await.unwrap();
    assert_eq!(w.store.rhythm(LIST).await.unwrap(), None);
}
