//! Bytes in the database while several processes store and drop the same ones.

use wanglou::store::PageDone;

use crate::world::{NOW, world};

/// Puts the bytes back right after they were removed, as a process does that fetches the same page at that moment.
const ANOTHER_PROCESS: &str = "CREATE FUNCTION fetch_again() RETURNS trigger AS $$ BEGIN \
    INSERT INTO objects SELECT OLD.sha256, OLD.sealed, OLD.bytes WHERE NOT EXISTS (SELECT 1 FROM fetched_again); \
    INSERT INTO fetched_again VALUES (1); RETURN NULL; END $$ LANGUAGE plpgsql; \
    CREATE TABLE fetched_again (n INTEGER); \
    CREATE TRIGGER again AFTER DELETE ON objects FOR EACH ROW EXECUTE FUNCTION fetch_again()";

#[tokio::test]
async fn bytes_that_another_process_stored_right_after_they_were_dropped_stay() {
    let w = world().await;
    let page = w.receive("the same for everybody").await;
    w.place.run(ANOTHER_PROCESS).await;
    let done = PageDone { capture: page.id.clone(), digest: None, topics: Vec::new(), at: NOW };
    w.store.finish_pages(&w.vault, &[done]).await.unwrap();
    assert!(w.vault.contains(&page.sha256).await.unwrap());
}
