//! How far channels beside mail have heard.

use wanglou::model::audit::AuditEntry;
use wanglou::store::ChannelState;

use crate::world::{NOW, world};

#[tokio::test]
async fn a_channel_hears_of_cases_after_the_line_it_stands_at() {
    let w = world().await;
    for (action, object) in [("case.open", "c1"), ("case.read", "c1"), ("case.close", "c2")] {
        let (action, object) = (action.to_owned(), object.to_owned());
        let entry = AuditEntry { at: NOW, actor: "wanglou".into(), action, object, detail: String::new() };
        w.store.audit(&entry).await.unwrap();
    }
    assert_eq!((w.store.audit_end().await.unwrap(), w.store.channel_state("hr").await.unwrap()), (3, None));
    let events = |after| w.store.case_events(after, NOW, 9);
    let numbers: Vec<u64> = events(0).await.unwrap().into_iter().map(|(seq, _)| seq).collect();
    assert_eq!((numbers, events(1).await.unwrap().len(), events(3).await.unwrap().len()), (vec![1, 3], 1, 0));
    assert_eq!(w.store.case_events(0, NOW.plus_ms(1), 9).await.unwrap(), vec![]);
    let state = ChannelState { heard: 3, failures: 2, retry_at: NOW, last_error: Some("status 502".into()) };
    w.store.save_channel_state("hr", &state).await.unwrap();
    assert_eq!(w.store.channel_state("hr").await.unwrap(), Some(state));
}
