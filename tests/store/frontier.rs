//! What a visit has asked for and what it still has to, while it lasts and when it breaks off.

use wanglou::model::capture::{Capture, CaptureState};
use wanglou::model::ids::{CaptureId, SourceId};
use wanglou::model::source::EntryKind;
use wanglou::model::time::Timestamp;
use wanglou::store::{Arrival, Asked, Left, Task, VisitStep, new_id};

use crate::world::{NOW, World, world};

const DAY_MS: i64 = 86_400_000;

fn task(path: &str, entry: EntryKind) -> Task {
    Task { entry, url: format!("https://forum.example/{path}"), page: 0, term: String::new() }
}

fn step(asked: Option<(&Task, Asked)>, leads_to: &[Task]) -> VisitStep {
    let asked = asked.map(|(task, asked)| (task.clone(), asked));
    VisitStep { asked, leads_to: leads_to.to_vec(), page: None, fetched_on: None, at: NOW }
}

async fn take(w: &World, source: &SourceId, steps: Vec<VisitStep>) {
    w.store.visit_steps(&w.vault, source, steps).await.unwrap();
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
    take(&w, &forum, vec![step(None, std::slice::from_ref(&list))]).await;
    let led_to = [second.clone(), first.clone(), list.clone()];
    take(&w, &forum, vec![step(Some((&list, Asked::Found)), &led_to)]).await;
    take(&w, &forum, vec![step(Some((&first, Asked::Empty)), &[])]).await;

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
    take(&w, &forum, vec![step(None, &twice)]).await;
    assert_eq!(left(&w, &forum).await, Left { waiting: tasks, asked: vec![] });
}

#[tokio::test]
async fn the_end_of_a_visit_leaves_what_waits_until_its_time_is_over() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let (list, next) = (task("list", EntryKind::Listing), task("u/1", EntryKind::Account));
    take(&w, &forum, vec![step(None, &[list.clone(), next.clone()])]).await;
    take(&w, &forum, vec![step(Some((&list, Asked::Found)), &[])]).await;
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
    take(&w, &forum, vec![step(None, &[list.clone(), next.clone()])]).await;
    take(&w, &forum, vec![step(Some((&list, Asked::Found)), &[])]).await;
    let found = w.store.frontier(&forum, NOW, NOW.plus_ms(1)).await.unwrap();
    assert_eq!(found, Left { waiting: vec![next], asked: vec![] });
}

#[tokio::test]
async fn a_page_and_where_the_visit_stands_are_stored_at_once_or_not_at_all() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let page = task("u/1", EntryKind::Account);
    take(&w, &forum, vec![step(None, std::slice::from_ref(&page))]).await;
    let capture = Capture { id: "another".into(), ..w.receive("page").await };
    let arrived = |bytes: &[u8]| VisitStep {
        page: Some(Arrival::waiting(capture.clone(), bytes.to_vec(), None)),
        fetched_on: Some("2026-11-20".to_owned()),
        ..step(Some((&page, Asked::Found)), &[])
    };
    assert!(w.store.visit_steps(&w.vault, &forum, vec![arrived(b"damaged")]).await.is_err());
    assert_eq!(left(&w, &forum).await.waiting.len(), 1);
    take(&w, &forum, vec![arrived(b"page")]).await;
    assert_eq!(left(&w, &forum).await.waiting, []);
    assert_eq!(w.store.source_state(&forum).await.unwrap().pages_today, 1);
}

#[tokio::test]
async fn steps_that_are_taken_in_together_stand_as_if_one_by_one() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let tasks: Vec<Task> = (0..40).map(|number| task(&format!("t/{number}"), EntryKind::Post)).collect();
    let on = |day: &str, step: VisitStep| VisitStep { fetched_on: Some(day.to_owned()), ..step };
    let found = |number: usize| step(Some((&tasks[number], Asked::Found)), &tasks[number + 1..number + 2]);
    let mut steps = vec![step(None, &tasks[..1])];
    steps.extend((0..39).map(|number| on(if number < 9 { "2026-11-20" } else { "2026-11-21" }, found(number))));
    take(&w, &forum, steps).await;
    let found = left(&w, &forum).await;
    assert_eq!((found.waiting, found.asked.len()), (vec![tasks[39].clone()], 39));
    assert_eq!(w.store.source_state(&forum).await.unwrap().pages_today, 30);
}

#[tokio::test]
async fn of_a_page_that_is_let_go_nothing_but_hash_status_and_time_is_stored() {
    let w = world().await;
    let forum = SourceId::new("forum");
    let waiting = w.receive("list").await;
    let page = let_go(&w, "t/1", &waiting, NOW).await;

    let kept = w.store.capture(&page.id).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.status, kept.content_type.as_str()), (CaptureState::Dropped, page.status, ""));
    assert!(!w.holds("forum.example/t/1").await);
    assert_eq!(w.store.pending_captures(None, Some(&forum), 9).await.unwrap(), std::slice::from_ref(&waiting));
    let rows = ["https://forum.example/t/1", "https://forum.example/t/2"];
    assert_eq!(w.store.let_go_in((&w.scan, &forum), NOW, &rows).await.unwrap(), rows[..1].iter().copied().collect());
    let other = "another run".into();
    assert!(w.store.let_go_in((&other, &forum), NOW, &rows).await.unwrap().is_empty());
}

/// A post's own page that was asked for and let go.
async fn let_go(w: &World, path: &str, like: &Capture, at: Timestamp) -> Capture {
    let task = task(path, EntryKind::Post);
    let (id, url, source) = (CaptureId::new(new_id(at)), task.url.clone(), SourceId::new("forum"));
    let page = Capture { id, final_url: url.clone(), url, entry: EntryKind::Post, fetched_at: at, ..like.clone() };
    let let_go = VisitStep {
        page: Some(Arrival::silent(page.clone(), Vec::new(), Vec::new())),
        at,
        ..step(Some((&task, Asked::Found)), &[])
    };
    take(w, &source, vec![step(None, std::slice::from_ref(&task)), let_go]).await;
    page
}

#[tokio::test]
async fn addresses_that_nobody_goes_on_with_are_forgotten_with_the_pages() {
    let w = world().await;
    let forum = SourceId::new("forum");
    take(&w, &forum, vec![step(None, &[task("u/1", EntryKind::Account)])]).await;
    w.store.purge_pages(NOW.plus_ms(1)).await.unwrap();
    assert_eq!(left(&w, &forum).await, Left::default());
}

#[tokio::test]
async fn pages_of_a_visit_that_broke_off_belong_to_the_run_that_goes_on_with_it() {
    let mut w = world().await;
    let forum = SourceId::new("forum");
    let list = task("list", EntryKind::Listing);
    take(&w, &forum, vec![step(None, std::slice::from_ref(&list))]).await;
    assert!(!w.store.has_broken_off(&forum, NOW).await.unwrap(), "it has asked for nothing");
    take(&w, &forum, vec![step(Some((&list, Asked::Found)), &[])]).await;
    assert!(w.store.has_broken_off(&forum, NOW).await.unwrap());
    assert!(!w.store.has_broken_off(&forum, NOW.plus_ms(1)).await.unwrap());
    let capture = w.receive("page").await;
    w.next_scan().await;
    w.store.adopt_captures(&forum, &w.scan, NOW).await.unwrap();
    let waiting = w.store.pending_captures(Some(&w.scan), None, 9).await.unwrap();
    assert_eq!(waiting.iter().map(|waiting| &waiting.id).collect::<Vec<_>>(), [&capture.id]);
}

#[tokio::test]
async fn posts_that_a_visit_let_go_belong_to_the_run_that_goes_on_with_it_and_those_of_earlier_visits_do_not() {
    let mut w = world().await;
    let forum = SourceId::new("forum");
    let like = w.receive("page").await;
    let_go(&w, "t/1", &like, NOW).await;
    w.store.end_visit(&forum).await.unwrap();
    let_go(&w, "t/2", &like, NOW.plus_ms(1)).await;
    w.next_scan().await;
    w.store.adopt_captures(&forum, &w.scan, NOW.plus_ms(-DAY_MS)).await.unwrap();
    let rows = ["https://forum.example/t/1", "https://forum.example/t/2"];
    let adopted = w.store.let_go_in((&w.scan, &forum), NOW.plus_ms(-DAY_MS), &rows).await.unwrap();
    assert_eq!(adopted, rows[1..].iter().copied().collect());
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
