//! Digests of two people in charge of one company, each the other's deputy.

use std::time::Duration;

use wanglou::clock::Clock;
use wanglou::model::alert::{AlertKind, AlertState};
use wanglou::pipeline::brief::brief;
use wanglou::pipeline::digests::queue_digests;
use wanglou::pipeline::letters::{deliver, deliver_for};
use wanglou::store::{Decision, Step};

use crate::world::{NOW, World, manager, world_at};

const HOUR_MS: i64 = 3_600_000;

/// Puts two managers in charge of one company, each the deputy of the other, the second with a digest at this time.
fn appoint_two(w: &World, second: &str) {
    let managers = format!(
        "角色,公司代码,工号,姓名,邮箱,代理人工号,摘要频率,摘要时间\n\
         指定专人,YZ,YZ0002,专四,yz0002@yunzhou.example,XH0003,每日,09:00\n\
         指定专人,YZ,XH0003,代三,xh0003@xinghe.example,YZ0002,每日,{second}\n"
    );
    std::fs::write(w.folder.path().join("watchlists/managers.csv"), managers).unwrap();
    w.shell.reload().unwrap();
}

/// Who has been told of which cases in a digest, by the numbers of the cases.
async fn told(w: &World, numbers: &[&String]) -> Vec<(String, Vec<usize>)> {
    let mut told = Vec::new();
    for alert in w.shell.store.latest_alerts(99).await.unwrap() {
        let mut cases = Vec::new();
        for (position, number) in numbers.iter().enumerate() {
            let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
            cases.extend(alert.cases.contains(&case.id).then_some(position));
        }
        if alert.kind == AlertKind::Daily {
            told.push((alert.recipient.to_string(), cases));
        }
    }
    told.sort();
    told
}

#[tokio::test]
async fn each_reads_of_the_other_and_of_everybody_else_in_one_letter() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    appoint_two(&w, "09:00");
    let somebody = w.file("a", "云舟甲", manager("YZ")).await;
    let first = w.file_about("b", "云舟乙", manager("YZ"), "YZ0002").await;
    let second = w.file_about("c", "云舟丙", manager("YZ"), "XH0003").await;
    clock.advance_ms(15 * HOUR_MS);
    assert_eq!(queue_digests(&w.shell, &w.shell.world()).await.unwrap(), 2);
    assert_eq!(queue_digests(&w.shell, &w.shell.world()).await.unwrap(), 0);
    let expected = [("XH0003".to_owned(), vec![0, 1]), ("YZ0002".to_owned(), vec![0, 2])];
    assert_eq!(told(&w, &[&somebody, &first, &second]).await, expected);
}

#[tokio::test]
async fn whoever_reads_later_in_the_day_is_told_all_the_same() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    appoint_two(&w, "11:00");
    let somebody = w.file("a", "云舟甲", manager("YZ")).await;
    let first = w.file_about("b", "云舟乙", manager("YZ"), "YZ0002").await;
    clock.advance_ms(15 * HOUR_MS);
    queue_digests(&w.shell, &w.shell.world()).await.unwrap();
    clock.advance_ms(2 * HOUR_MS);
    queue_digests(&w.shell, &w.shell.world()).await.unwrap();
    let numbers = [&somebody, &first];
    assert_eq!(
        told(&w, &numbers).await.iter().flat_map(|(_, cases)| cases).count(),
        3,
        "each case once to each reader"
    );
    let mut readers: Vec<_> = told(&w, &numbers).await.into_iter().map(|(reader, _)| reader).collect();
    readers.dedup();
    assert_eq!(readers, ["XH0003", "YZ0002"]);
}

#[tokio::test]
async fn a_digest_is_not_sent_once_all_its_cases_are_locked() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    appoint_two(&w, "09:00");
    let number = w.file("a", "云舟甲", manager("YZ")).await;
    clock.advance_ms(15 * HOUR_MS);
    queue_digests(&w.shell, &w.shell.world()).await.unwrap();
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap().id;
    let lock = Decision { case, step: Step::Lock, by: "XH0011".into(), at: clock.now(), alerts: Vec::new() };
    w.shell.store.decide(&lock).await.unwrap();
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let ends: Vec<AlertState> = w.shell.store.latest_alerts(9).await.unwrap().iter().map(|alert| alert.state).collect();
    assert_eq!(ends, [AlertState::Failed, AlertState::Failed]);
}

#[tokio::test]
async fn a_round_that_has_had_its_time_leaves_the_other_letters_to_the_next_one() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    appoint_two(&w, "09:00");
    w.file("a", "云舟甲", manager("YZ")).await;
    clock.advance_ms(15 * HOUR_MS);
    assert_eq!(queue_digests(&w.shell, &w.shell.world()).await.unwrap(), 2);
    for sent in [1, 1, 0] {
        let round = deliver_for(&w.shell, &w.shell.world(), Duration::ZERO).await.unwrap();
        assert_eq!(round.sent, sent);
    }
}

#[tokio::test]
async fn the_deadline_of_a_case_that_was_opened_again_counts_from_then() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let number = w.file("a", "云舟甲", manager("YZ")).await;
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap().id;
    clock.advance_ms(90 * 24 * HOUR_MS);
    for step in [Step::Lock, Step::Unlock] {
        let decision = Decision { case: case.clone(), step, by: "XH0011".into(), at: clock.now(), alerts: Vec::new() };
        w.shell.store.decide(&decision).await.unwrap();
    }
    let case = w.shell.store.case(&case).await.unwrap().unwrap();
    assert!(brief(&w.shell, &w.shell.world(), &case).await.unwrap().due > clock.now());
}
