//! A visit that breaks off goes on where it was, and what one visit has no room for is left to the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use wanglou::clock::Clock;
use wanglou::demo::data::as_of;
use wanglou::mail::Settings;
use wanglou::model::source::Source;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;
use wanglou::pipeline::shell::Shell;

use crate::installation::{Engine, Installation, mail_lines};

async fn installation(engine: Engine) -> (Installation, Arc<Shell>, [Source; 1]) {
    let installation = Installation::new(engine, &mail_lines(&Settings::default())).await;
    installation.edit("wanglou.toml", &[("loopback_pace = 0.002", "loopback_pace = 0.01")]);
    let shell = Arc::new(installation.shell(Clock::starting_at(as_of())).await);
    let source = shell.source(&"caoben".into()).unwrap();
    (installation, shell, [source])
}

/// The pages that were asked for, in their order.
fn pages(installation: &Installation) -> Vec<String> {
    let requests = installation.web().requests().into_iter();
    requests.map(|request| request.path).filter(|path| path != "/robots.txt").collect()
}

/// How often each page was asked for.
fn asked(installation: &Installation) -> BTreeMap<String, usize> {
    let mut paths = BTreeMap::new();
    pages(installation).into_iter().for_each(|path| *paths.entry(path).or_default() += 1);
    paths
}

async fn all_pages(engine: Engine) -> Vec<String> {
    let (installation, shell, sources) = installation(engine).await;
    scan(&shell, &sources, &nobody()).await.unwrap();
    asked(&installation).into_keys().collect()
}

async fn goes_on_where_it_broke_off(engine: Engine) {
    let whole = all_pages(engine).await;
    let (installation, shell, sources) = installation(engine).await;
    let listener = nobody();
    tokio::select! {
        _ = scan(&shell, &sources, &listener) => panic!("the visit was over before it broke off"),
        () = stored(&shell, &sources[0], whole.len() / 2) => {}
    }

    let before = pages(&installation);
    scan(&shell, &sources, &listener).await.unwrap();

    let paths = asked(&installation);
    assert_eq!(paths.keys().cloned().collect::<Vec<_>>(), whole);
    // Steps are stored in their order, so that only what was under way is asked for again.
    let once = before.iter().take_while(|path| paths[*path] == 1).count();
    assert!(before[once..].iter().all(|path| paths[path] == 2) && once >= whole.len() / 2, "{once}: {paths:?}");
}

/// Waits until so many pages of a visit that is under way are stored.
async fn stored(shell: &Shell, source: &Source, pages: usize) {
    let ever = Timestamp::from_ms(0);
    while shell.store.frontier(&source.id, ever, ever).await.unwrap().asked.len() < pages {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_broke_off_goes_on_where_it_was_on_a_file() {
    goes_on_where_it_broke_off(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_broke_off_goes_on_where_it_was_on_a_server() {
    goes_on_where_it_broke_off(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visit_has_no_room_for_is_left_to_the_next_ones() {
    let whole = all_pages(Engine::Sqlite).await;
    let (installation, _, _) = installation(Engine::Sqlite).await;
    installation.edit("wanglou.toml", &[("[fetch]\n", "[schedule]\npages_a_visit_max = 10\n\n[fetch]\n")]);
    let shell = Arc::new(installation.shell(Clock::starting_at(as_of())).await);
    let sources = [shell.source(&"caoben".into()).unwrap()];
    // Every visit reads the list again, and what it leads to that has been read comes last.
    for _ in 0..5 {
        let before = asked(&installation).values().sum::<usize>();
        scan(&shell, &sources, &nobody()).await.unwrap();
        assert!(asked(&installation).values().sum::<usize>() - before <= 10);
    }
    assert_eq!(asked(&installation).into_keys().collect::<Vec<_>>(), whole);
}
