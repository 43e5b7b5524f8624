//! The yearly confirmation of members: who is asked, by which letter, what is stored of it, and who sees how far it has got.

use wanglou::clock::Clock;
use wanglou::groups::duties::TEXT_VERSION;
use wanglou::mail::TransportKind;
use wanglou::model::month::Month;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::group_letters::{queue_weekly, send_link};
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::member_attestation::{awaited, look_after_members};
use wanglou::pipeline::reporting::{Form, monthly, written};
use wanglou::pipeline::shell::Shell;
use wanglou::store::CaseFilter;

use crate::groups::{FORM, coded, letters, place, send};
use crate::groups_world::{groups_world, groups_world_with, ledger, link};
use crate::world::{NOW, World};

const SETTINGS: &str = "[attestation]\nmembers_month = 11\n";
const DAY_MS: i64 = 86_400_000;

/// A round that begins on a Friday, with one member of three without a mailbox.
async fn round_at(clock: Clock) -> World {
    let w = groups_world_with(clock, SETTINGS).await;
    let employees = ledger(&w, "employees").replace("xh0003@xinghe.example", "");
    std::fs::write(w.folder.path().join("watchlists/employees.csv"), employees).unwrap();
    w.shell.reload().unwrap();
    w
}

async fn look_after(w: &World) -> usize {
    look_after_members(&w.shell, &w.shell.world()).await.unwrap()
}

/// Writes the letters of the day, sends them, and notes that they left.
async fn written_and_sent(w: &World) -> usize {
    let queued = look_after(w).await;
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    queued + look_after(w).await
}

/// How many letters to somebody say something.
fn said(w: &World, to: &str, words: &str) -> usize {
    letters(w).iter().filter(|(mail, letter)| mail == to && letter.contains(words)).count()
}

/// The address in the letter to somebody.
async fn own_page(w: &World, to: &str) -> String {
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let letters = letters(w);
    let (_, letter) = letters.iter().rfind(|(mail, _)| mail == to).unwrap();
    assert!(
        letter.contains("请确认工作群成员职责（2026年度）") && letter.contains("保管好登录工作群的手机"),
        "{letter}"
    );
    let path = letter.split("http://watch.example").find(|rest| rest.starts_with("/my-groups/")).expect("a link");
    path.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_member_confirms_once_by_the_link_of_the_letter_and_to_open_it_changes_nothing() {
    let w = round_at(Clock::standing_at(NOW)).await;
    assert_eq!((look_after(&w).await, look_after(&w).await), (2, 0), "those with a mailbox, once");
    let page = own_page(&w, "xh0022@xinghe.example").await;
    assert!(page.ends_with("/duties"), "who owns no group is led to the duties: {page}");
    for (query, words) in
        [("", "没有其他人登录我的账号"), ("?language=en", "lent nor shared"), ("?language=fr", "没有出借")]
    {
        let shown = w.stranger().get(&format!("{page}{query}")).await.body;
        assert!(shown.contains(words) && shown.contains("三.4(5)") && !shown.contains("张二二"), "{shown}");
    }
    let stored = || async { w.shell.store.member_attestation(&"XH0022".into()).await.unwrap().unwrap() };
    assert_eq!((stored().await.year, stored().await.attested_at), (2026, None));
    assert_eq!(send(&w, &page, &[]).await.status, 422, "not without the tick");
    let foreign = format!("{FORM}Origin: https://evil.example\r\n");
    assert_eq!(w.stranger().send("POST", &page, &foreign, "attested=yes").await.status, 403);
    let done = place(&send(&w, &page, &[("attested", "yes")]).await);
    assert!(w.stranger().get(&done).await.body.contains("已确认，谢谢"));
    assert_eq!((stored().await.attested_at, stored().await.text_version.as_deref()), (Some(NOW), Some(TEXT_VERSION)));
    assert_eq!(send(&w, &page, &[("attested", "yes")]).await.status, 422, "once");
    let history = w.shell.store.audit_of("XH0022").await.unwrap();
    assert!(history.iter().any(|entry| entry.action == "duties.attest" && entry.detail == "2026 2026-1"));
    let owner = link(&w, "XH0021").await;
    assert!(w.stranger().get(&owner).await.body.contains("工作群成员年度确认"), "an owner finds it on the own page");
    let other = format!("{}/duties", link(&w, "XH0001").await);
    assert!(w.stranger().get(&other).await.body.contains("目前没有需要您确认的"));
    assert_eq!(send(&w, &other, &[("attested", "yes")]).await.status, 422, "who is not asked confirms nothing");
    assert_eq!(w.client("xh0002").await.get("/my-groups/guess/duties").await.status, 422);
}

#[tokio::test]
async fn how_far_it_has_got_is_seen_by_company_and_names_by_those_who_keep_the_register() {
    let w = round_at(Clock::standing_at(NOW)).await;
    let manager = w.client("xh0002").await;
    assert!(manager.get("/groups/duties").await.body.contains("还没有开始过"));
    assert_eq!(manager.get("/groups/duties/XH").await.status, 404);
    written_and_sent(&w).await;
    let page = format!("{}/duties", link(&w, "XH0022").await);
    place(&send(&w, &page, &[("attested", "yes")]).await);
    let counts = manager.get("/groups/duties").await.body;
    let told: Vec<&str> = counts.split("class=\"number\" data-label=").skip(1).collect();
    let told: Vec<&str> = told.iter().map(|cell| cell.split(['>', '<']).nth(1).unwrap()).collect();
    assert_eq!(told, ["3", "1", "1", "0", "1"], "{counts}");
    let names = manager.get("/groups/duties/XH").await.body;
    assert!(names.contains("嫌二一") && names.contains("已通知") && names.contains("没有邮箱"), "{names}");
    assert!(!names.contains("张二二"), "who has confirmed is not listed");
    let auditor = w.client("xh0012").await;
    let counts = auditor.get("/groups/duties").await.body;
    assert!(counts.contains("&#60;5") && !counts.contains("/groups/duties/XH"), "{counts}");
    assert_eq!(auditor.get("/groups/duties/XH").await.status, 404);
    for login in ["yz0002", "xh0010", "editor"] {
        assert_eq!(w.client(login).await.get("/groups/duties/XH").await.status, 404, "{login}");
    }
    assert!(w.shell.store.audit_of("XH").await.unwrap().iter().any(|entry| entry.action == "duties.read"));
    let english = manager.post("/settings/language", &coded(&[("language", "en"), ("back", "/groups/duties")])).await;
    assert_eq!(english.status, 303);
    assert!(manager.get("/groups/duties/XH").await.body.contains("no mailbox"));
    let world = w.shell.world();
    let month = Month::of(world.day());
    let report = monthly(&w.shell, &world, Some(&"XH".into()), month, "zh-CN").await.unwrap();
    let report = String::from_utf8(written(&report, Form::Html, None).unwrap()).unwrap();
    assert!(report.contains("成员年度确认"), "{report}");
    let before = monthly(&w.shell, &world, None, month.plus(-1), "zh-CN").await.unwrap();
    assert!(!format!("{before:?}").contains("成员年度确认"), "there was no round yet");
}

#[tokio::test]
async fn whoever_does_not_confirm_is_reminded_once_and_the_manager_hears_counts() {
    let clock = Clock::standing_at(NOW);
    let w = round_at(clock.clone()).await;
    written_and_sent(&w).await;
    let page = format!("{}/duties", link(&w, "XH0022").await);
    place(&send(&w, &page, &[("attested", "yes")]).await);
    clock.advance_ms(14 * DAY_MS);
    assert_eq!(look_after(&w).await, 0, "the tenth working day is not over");
    clock.advance_ms(3 * DAY_MS);
    assert_eq!((look_after(&w).await, look_after(&w).await), (1, 0));
    let reminded = own_page(&w, "xh0021@xinghe.example").await;
    look_after(&w).await;
    assert_eq!(w.stranger().get(&reminded).await.status, 200);
    clock.advance_ms(15 * DAY_MS);
    assert_eq!((look_after(&w).await, look_after(&w).await), (1, 0), "the manager, once");
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let letters = letters(&w);
    let (_, told) = letters.iter().find(|(to, _)| to == "xh0002@xinghe.example").unwrap();
    assert!(told.contains("应确认3人，已确认1人") && told.contains("/groups/duties"), "{told}");
    assert!(!told.contains("嫌二一") && !told.contains("XH0021"), "{told}");
    assert!(w.shell.store.cases(&CaseFilter::default()).await.unwrap().is_empty(), "nothing follows for anybody");
    let late = w.client("xh0002").await.get("/groups/duties/XH").await.body;
    assert!(late.contains("提醒后未确认"), "{late}");
}

#[tokio::test]
async fn who_joins_within_the_year_is_asked_with_the_next_round() {
    let clock = Clock::standing_at(NOW);
    let w = round_at(clock.clone()).await;
    look_after(&w).await;
    let rosters = format!("{}G901,微信,星河科技-总经办-总一,成员,,群主,\n", ledger(&w, "group_rosters"));
    std::fs::write(w.folder.path().join("watchlists/group_rosters.csv"), rosters).unwrap();
    w.shell.reload().unwrap();
    clock.advance_ms(3 * DAY_MS);
    assert_eq!(look_after(&w).await, 0);
    clock.advance_ms(346 * DAY_MS);
    assert_eq!(w.shell.world().day().to_string(), "2027-11-04");
    written_and_sent(&w).await;
    let next = w.shell.store.member_attestation(&"XH0001".into()).await.unwrap().unwrap();
    assert_eq!((next.year, next.asked_at.is_some()), (2027, true));
}

#[tokio::test]
async fn nobody_is_asked_while_the_setting_is_off_nor_in_another_month_nor_at_the_weekend() {
    let off = groups_world().await;
    assert_eq!(look_after(&off).await, 0);
    for other in ["2026-11-21T09:00:00+08:00", "2026-12-01T09:00:00+08:00"] {
        let w = round_at(Clock::standing_at(Timestamp::parse(other).unwrap())).await;
        assert_eq!(look_after(&w).await, 0, "{other}");
        assert_eq!(w.shell.store.last_member_round(w.shell.clock.now()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn nothing_is_begun_while_the_mail_is_off_and_nobody_is_reminded_of_a_letter_that_still_waits() {
    let clock = Clock::standing_at(NOW);
    let w = round_at(clock.clone()).await;
    let mut config = w.shell.config.clone();
    config.mail.transport = TransportKind::None;
    let off = Shell::open(config, clock.clone()).await.unwrap();
    assert_eq!(look_after_members(&off, &off.world()).await.unwrap(), 0);
    assert_eq!(off.store.last_member_round(NOW).await.unwrap(), None);
    assert_eq!(look_after(&w).await, 2);
    clock.advance_ms(60 * DAY_MS);
    assert_eq!(look_after(&w).await, 0, "neither a reminder nor counts");
    let stored = w.shell.store.member_attestation(&"XH0022".into()).await.unwrap().unwrap();
    assert_eq!((stored.asked_at, stored.reminded_at), (None, None));
}

#[tokio::test]
async fn duties_and_counts_stand_in_the_letters_of_their_round_alone() {
    let clock = Clock::standing_at(NOW);
    let w = round_at(clock.clone()).await;
    let weekly = || async {
        queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
        send_link(&w.shell, &"XH0022".into()).await.unwrap();
        deliver(&w.shell, &w.shell.world()).await.unwrap();
    };
    for _ in 0..3 {
        written_and_sent(&w).await;
        clock.advance_ms(17 * DAY_MS);
        weekly().await;
    }
    assert_eq!(said(&w, "xh0022@xinghe.example", "请确认工作群成员职责"), 2, "the first letter and the reminder");
    assert_eq!(said(&w, "xh0002@xinghe.example", "应确认3人"), 1);
    assert!(said(&w, "xh0002@xinghe.example", "") > 1, "the manager had other letters as well");
}

#[tokio::test]
async fn once_the_setting_is_off_neither_letters_nor_pages_ask() {
    let w = round_at(Clock::standing_at(NOW)).await;
    look_after(&w).await;
    let mut config = w.shell.config.clone();
    config.attestation.members_month = 0;
    let off = Shell::open(config, Clock::standing_at(NOW)).await.unwrap();
    assert!(awaited(&w.shell, &w.shell.world(), &"XH0022".into()).await.unwrap().is_some());
    assert!(awaited(&off, &off.world(), &"XH0022".into()).await.unwrap().is_none());
    deliver(&off, &off.world()).await.unwrap();
    assert_eq!(said(&w, "xh0022@xinghe.example", "请确认工作群成员职责"), 0);
}
