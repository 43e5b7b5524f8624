//! What a visit has asked for and what it still has to, while it lasts and when it breaks off.

use wanglou::model::ids::SourceId;
use wanglou::model::source::EntryKind;
use wanglou::store::{Arrival, Asked, Left, Task, VisitStep};

use crate::world::{NOW, World, world};

const DAY_MS: i64 = 86_400_000;

fn task(path: &str, entry: EntryKind) -> Task {
    Task { entry, url: format!("https://forum.example/{path}"), page: 0, term: String::new() }
}

fn step<'a>(source: &'a SourceId, asked: Option<(&'a Task, Asked)>, leads_to: &'a [Task]) -> VisitStep<'a> {
    VisitStep { source, asked, leads_to, fetched_on: None, at: NOW }
}

async fn left(w: &World, source: &SourceId) -> Left {
    w.store.frontier(source, NOW.plus_ms(-7 * DAY_MS), NOW.plus_ms(-3_600_000)).await.unwrap()
}

#[tokio::test]
async fn a_visit_that_broke_off_knows_what_waits_and_what_was_asked_for() {
    let w = world().await;
    let (forum, other) = (SourceId::new("forum"), SourceId::new("other"));
    let (list, first, second) =
        (task("list", EntryKind::Listing), task("u/1", EntryKind::Account), task("u/2", EntryKind::Account));
    w.store.visit_step(&step(&forum, None, std::slice::from_ref(&list))).await.unwrap();
    let led_to = [second.clone(), first.clone(), list.clone()];
    w.store.visit_step(&step(&forum, Some((&list, Asked::Found)), &led_to)).await.unwrap();
    w.store.visit_step(&step(&forum, Some((&first, Asked::Empty)), &[])).await.unwrap();

    let found = left(&w, &forum).await;

    assert_eq!(found.waiting, [second]);
    assert_eq!(found.asked, [(list.hash(), Asked::Found), (first.hash(), Asked::Empty)]);
    w.store.scrub().await.unwrap();
    assert!(!w.holds("forum.example/u/1").await, "of what was asked for only a hash is kept");
    assert_eq!(left(&w, &other).await, Left::default());
}

#[tokio::test]
async fn a_page_leads_to_any_number_of_addresses_once_each_in_their_order() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let tasks: Vec<Task> = (0..17).map(|number| task(&format!("u/{number}"), EntryKind::Account)).collect();
    let twice = [&tasks[..], &tasks[..1], &tasks[16..]].concat();
    w.store.visit_step(&step(&forum, None, &twice)).await.unwrap();
    assert_eq!(left(&w, &forum).await, Left { waiting: tasks, asked: vec![] });
}

#[tokio::test]
async fn the_end_of_a_visit_leaves_what_waits_until_its_time_is_over() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let (list, next) = (task("list", EntryKind::Listing), task("u/1", EntryKind::Account));
    w.store.visit_step(&step(&forum, None, &[list.clone(), next.clone()])).await.unwrap();
    w.store.visit_step(&step(&forum, Some((&list, Asked::Found)), &[])).await.unwrap();
    w.store.end_visit(&forum).await.unwrap();
    assert_eq!(left(&w, &forum).await, Left { waiting: vec![next], asked: vec![] });
    let later = w.store.frontier(&forum, NOW.plus_ms(1), NOW).await.unwrap();
    assert_eq!(later, Left::default());
}

#[tokio::test]
async fn a_visit_that_broke_off_long_ago_is_not_gone_on_with() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let (list, next) = (task("list", EntryKind::Listing), task("u/1", EntryKind::Account));
    w.store.visit_step(&step(&forum, None, &[list.clone(), next.clone()])).await.unwrap();
    w.store.visit_step(&step(&forum, Some((&list, Asked::Found)), &[])).await.unwrap();
    let found = w.store.frontier(&forum, NOW, NOW.plus_ms(1)).await.unwrap();
    assert_eq!(found, Left { waiting: vec![next], asked: vec![] });
}

#[tokio::test]
async fn a_page_and_where_the_visit_stands_are_stored_at_once_or_not_at_all() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let page = task("u/1", EntryKind::Account);
    w.store.visit_step(&step(&forum, None, std::slice::from_ref(&page))).await.unwrap();
    let mut capture = w.receive("page").await;
    capture.id = "another".into();
    let arrival = |bytes: &[u8]| Arrival {
        capture: &capture,
        bytes: bytes.to_vec(),
        memo: None,
        step: VisitStep { fetched_on: Some("2026-11-20"), ..step(&forum, Some((&page, Asked::Found)), &[]) },
    };
    assert!(w.store.arrive(&w.vault, arrival(b"damaged")).await.is_err());
    assert_eq!(left(&w, &forum).await.waiting.len(), 1);
    w.store.arrive(&w.vault, arrival(b"page")).await.unwrap();
    assert_eq!(left(&w, &forum).await.waiting, []);
    assert_eq!(w.store.source_state(&forum).await.unwrap().pages_today, 1);
}

#[tokio::test]
async fn addresses_that_nobody_goes_on_with_are_forgotten_with_the_pages() {
    let w = world().await;
    let forum = SourceId::new("forum");
    w.store.visit_step(&step(&forum, None, &[task("u/1", EntryKind::Account)])).await.unwrap();
    w.store.purge_pages(NOW.plus_ms(1)).await.unwrap();
    assert_eq!(left(&w, &forum).await, Left::default());
}

#[tokio::test]
async fn pages_of_a_visit_that_broke_off_belong_to_the_run_that_goes_on_with_it() {
    let mut w = world().await;
    let forum = SourceId::new("forum");
    let list = task("list", EntryKind::Listing);
    w.store.visit_step(&step(&forum, None, std::slice::from_ref(&list))).await.unwrap();
    assert!(!w.store.has_broken_off(&forum, NOW).await.unwrap(), "it has asked for nothing");
    w.store.visit_step(&step(&forum, Some((&list, Asked::Found)), &[])).await.unwrap();
    assert!(w.store.has_broken_off(&forum, NOW).await.unwrap());
    assert!(!w.store.has_broken_off(&forum, NOW.plus_ms(1)).await.unwrap());
    let capture = w.receive("page").await;
    w.next_scan().await;
    w.store.adopt_captures(&forum, &w.scan).await.unwrap();
    let waiting = w.store.pending_captures(Some(&w.scan), None, 9).await.unwrap();
    assert_eq!(waiting.iter().map(|waiting| &waiting.id).collect::<Vec<_>>(), [&capture.id]);
}

#[tokio::test]
async fn a_canary_keeps_since_when_it_answers_so() {
    let w = world().await;
    let forum = SourceId::new("forum");
    for (contradiction, hours) in [(None, 0), (Some("empty"), 1), (Some("blocked"), 2)] {
        w.store.save_canary(&forum, contradiction, NOW.plus_ms(hours * 3_600_000)).await.unwrap();
    }
    let state = &w.store.canaries().await.unwrap()[0];
    assert_eq!((state.contradiction.as_deref(), state.since), (Some("blocked"), NOW.plus_ms(3_600_000)));
}
