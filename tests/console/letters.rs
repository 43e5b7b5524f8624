//! Links of letters.

use wanglou::clock::Clock;
use wanglou::model::alert::AlertState;
use wanglou::model::case::{CaseState, Disposition, Lane};
use wanglou::pipeline::letters::{deliver, follow_up_cases};

use crate::http::Answer;
use crate::world::{NOW, World, manager, world, world_at};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A link for somebody about a case.
async fn link(w: &World, number: &str, employee: &str) {
    let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
    w.shell.store.add_mail_link(TOKEN, &case.id, &employee.into(), NOW.plus_days(7)).await.unwrap();
}

async fn open(w: &World) -> Answer {
    w.stranger().get(&format!("/letters/{TOKEN}")).await
}

async fn choose(w: &World, form: &str, headers: &str) -> Answer {
    let headers = format!("Content-Type: application/x-www-form-urlencoded\r\n{headers}");
    w.stranger().send("POST", &format!("/letters/{TOKEN}"), &headers, form).await
}

async fn state(w: &World, number: &str) -> CaseState {
    w.shell.store.case_by_number(number).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_letter_s_link_decides_once_in_the_name_of_its_reader() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    link(&w, &number, "XH0002").await;
    for _ in 0..3 {
        let page = open(&w).await;
        assert!(page.status == 200 && page.body.contains(&number), "gateways open it again and again");
    }
    assert_eq!(state(&w, &number).await, CaseState::Open, "to open it changes nothing");
    let done = choose(&w, "as=same_name", "").await;
    assert!(done.status == 200 && done.body.contains("已结案：同名"), "{}", done.body);
    let CaseState::Closed { disposition, by, .. } = state(&w, &number).await else { panic!("not closed") };
    assert_eq!((disposition, by.as_str()), (Disposition::SameName, "XH0002"));
    assert_eq!(choose(&w, "as=rectified", "").await.status, 422);
    assert_eq!(open(&w).await.status, 422);
}

#[tokio::test]
async fn the_page_of_a_link_names_nobody() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    link(&w, &number, "XH0002").await;
    let page = open(&w).await.body;
    for word in ["嫌二一", "XH0021", "星河甲", "acc"] {
        assert!(!page.contains(word), "{word}: a forwarded letter shows nothing of a person");
    }
}

#[tokio::test]
async fn a_link_holds_for_seven_days_and_as_long_as_its_reader_is_in_charge() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    for stranger in ["YZ0002", "XH0099", "XH0012", "XH0021", "nobody"] {
        link(&w, &number, stranger).await;
        assert_eq!(open(&w).await.status, 422, "{stranger}");
        w.shell.store.use_mail_link(TOKEN).await.unwrap();
    }
    link(&w, &number, "XH0002").await;
    clock.advance_ms(7 * 86_400_000);
    assert_eq!(open(&w).await.status, 422);
}

#[tokio::test]
async fn leaks_are_not_decided_by_a_link() {
    let w = world().await;
    let number = w.file("acc", "星河甲", Lane::Leak).await;
    link(&w, &number, "XH0010").await;
    assert_eq!(open(&w).await.status, 422);
}

#[tokio::test]
async fn another_site_cannot_use_a_link_and_erasing_asks_twice() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    link(&w, &number, "XH0002").await;
    assert_eq!(choose(&w, "as=rectified", "Origin: https://evil.example\r\n").await.status, 403);
    assert_eq!(choose(&w, "as=unreviewed", "").await.status, 422);
    assert!(choose(&w, "as=protected_speech", "").await.body.contains("不可恢复"));
    assert_eq!(state(&w, &number).await, CaseState::Open);
    assert_eq!(choose(&w, "as=protected_speech&confirmed=yes", "").await.status, 200);
    assert_eq!(w.shell.store.case_by_number(&number).await.unwrap(), None);
}

#[tokio::test]
async fn the_letter_itself_carries_a_link_that_works() {
    let w = world().await;
    w.file("acc", "星河甲", manager("XH")).await;
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 1);
    let letter = std::fs::read_dir(w.folder.path().join("mail")).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(letter.path()).unwrap();
    let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    let text = message.body_text(0).unwrap();
    let path = text.split("http://watch.example").find(|rest| rest.starts_with("/letters/")).expect("a link");
    let page = w.stranger().get(path.split_whitespace().next().unwrap()).await;
    assert!(page.status == 200 && page.body.contains("请选择结论"), "{}", page.body);
    assert!(message.body_html(0).unwrap().contains("/letters/"), "a button in the letter for reading");
}

#[tokio::test]
async fn what_nobody_decides_is_written_about_again_and_then_to_the_next_level() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let mut told = Vec::new();
    for _ in 0..12 {
        for _ in 0..2 {
            follow_up_cases(&w.shell, &w.shell.world()).await.unwrap();
        }
        deliver(&w.shell, &w.shell.world()).await.unwrap();
        clock.advance_ms(86_400_000);
    }
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    told.extend(w.shell.store.alerts_of_case(&case.id).await.unwrap().into_iter().map(|a| a.recipient.to_string()));
    told.sort();
    assert_eq!(told, ["XH0001", "XH0002", "XH0002", "XH0002", "XH0009"], "each step once");
    let client = w.client("xh0002").await;
    client.post(&format!("/cases/{number}/decide"), "as=rectified").await;
    clock.advance_ms(30 * 86_400_000);
    assert_eq!(follow_up_cases(&w.shell, &w.shell.world()).await.unwrap(), (0, 0), "decided is decided");
}

/// Who was written to about a case, and how that ended.
async fn told(w: &World, number: &str) -> Vec<(String, AlertState)> {
    let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
    let alerts = w.shell.store.alerts_of_case(&case.id).await.unwrap();
    alerts.into_iter().map(|alert| (alert.recipient.to_string(), alert.state)).collect()
}

#[tokio::test]
async fn a_letter_that_waited_while_its_case_changed_its_lane_is_told_in_the_new_one() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    assert_eq!(w.file("acc", "星河甲", manager("YZ")).await, number, "the same case for another company");
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!(
        told(&w, &number).await,
        [("XH0002".to_owned(), AlertState::Failed), ("YZ0002".to_owned(), AlertState::Sent)],
        "neither the old lane nor its deputy reads of it"
    );
}

#[tokio::test]
async fn nobody_is_written_to_about_a_case_that_an_objection_locks() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let clerk = w.client("clerk").await;
    clerk.post("/requests", &format!("kind=object&employee=XH0021&case={number}")).await;
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!(told(&w, &number).await, [("XH0002".to_owned(), AlertState::Failed)]);
    link(&w, &number, "XH0002").await;
    assert!(open(&w).await.body.contains("申诉锁定"));
    assert_eq!(choose(&w, "as=case_filed", "").await.status, 409);
    assert_eq!(follow_up_cases(&w.shell, &w.shell.world()).await.unwrap(), (0, 0));
}
