//! Asking a colleague whether an account is theirs, and what was written before the rule was signed.

use std::collections::BTreeMap;

use wanglou::model::account::Post;
use wanglou::model::case::Lane;
use wanglou::model::finding::{Band, Finding, Rule};
use wanglou::model::time::Timestamp;

use crate::world::{ROLES, World, account, judgement, manager, world};

const EMPLOYEES: &str = "工号,姓名,公司,公司代码,部门,职务,在职状态,制度签收日期\n\
    XH0002,专二,星河科技,XH,人力资源部,主管,在职,\nXH0003,代三,星河科技,XH,人力资源部,专员,在职,\n\
    YZ0002,专四,云舟材料,YZ,人力资源部,主管,在职,\nXH0009,集九,星河科技,XH,人力资源部,经理,在职,\n\
    XH0021,嫌二一,星河科技,XH,销售部,经理,在职,2026-09-01\n";

async fn file_post(w: &World, published: &str) -> String {
    let post = Post {
        platform: "forum".into(),
        url: "https://forum.example/p/1".into(),
        account: Some("acc".into()),
        published: Some(Timestamp::parse(published).unwrap()),
        text: "星河内购".into(),
        ..Post::default()
    };
    w.file_post(account("acc", "星河甲"), post, manager("XH")).await
}

#[tokio::test]
async fn the_letter_that_asks_is_for_whoever_decides_and_for_possible_owners_alone() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let asked = format!("/cases/{number}/inquiry?employee=XH0021");
    let mut clients = BTreeMap::new();
    for login in ROLES {
        clients.insert(login, w.client(login).await);
        let page = clients[login].get(&asked).await;
        let may = ["xh0002", "xh0003", "xh0009"].contains(&login);
        assert_eq!(page.status, if may { 200 } else { 404 }, "{login}");
        assert_eq!(page.body.contains("嫌二一您好") && page.body.contains("不代表认定"), may, "{login}");
    }
    let user = &clients["xh0002"];
    for other in ["XH0001", "XH9999", ""] {
        assert_eq!(user.get(&format!("/cases/{number}/inquiry?employee={other}")).await.status, 404, "{other}");
    }
    let audit = clients["xh0012"].get("/audit?action=case.inquiry").await.body;
    assert!(audit.contains("XH0009"), "every reading stands in the audit");
    let table = clients["xh0012"].get("/audit.csv").await.body;
    assert!(table.contains("case.inquiry"), "{table}");
    for page in [&audit, &table] {
        assert!(!page.contains("XH0021"), "who is perhaps meant does not stand there: {page}");
    }
    for (lane, login) in [(Lane::Leak, "xh0010"), (Lane::Legal, "xh0011")] {
        let other = w.file("other", "星河乙", lane).await;
        let page = clients[login].get(&format!("/cases/{other}/inquiry?employee=XH0021")).await;
        assert_eq!(page.status, 404, "{login}");
    }
    user.post(&format!("/cases/{number}/decide"), "as=not_employee").await;
    assert_eq!(user.get(&asked).await.status, 404, "what is decided asks nobody");
}

#[tokio::test]
async fn a_case_says_how_far_its_verification_has_got_until_it_is_decided() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let path = format!("/cases/{number}");
    let user = w.client("xh0002").await;
    assert_eq!(user.post(&format!("{path}/notes"), "kind=asked&words=x").await.status, 303);
    assert!(user.get(&path).await.body.contains("<span class=\"tag plain\">核实中</span>"));
    user.post(&format!("{path}/notes"), "kind=admitted&words=x").await;
    user.post(&format!("{path}/notes"), "kind=note&words=x").await;
    assert!(user.get(&path).await.body.contains("核实是本人，整改中"));
    w.see_without_marks("acc", manager("XH")).await;
    assert!(user.get(&path).await.body.contains("复查已整改，待确认"), "the new look is told beside it");
    user.post(&format!("{path}/decide"), "as=rectified").await;
    assert!(!user.get(&path).await.body.contains("整改中"));
    let legal = w.file("fake", "星河丁", Lane::Legal).await;
    let answer = w.client("xh0011").await.post(&format!("/cases/{legal}/notes"), "kind=admitted&words=x").await;
    assert_eq!(answer.status, 404, "an impostor is nobody's colleague");
}

#[tokio::test]
async fn nobody_is_asked_whose_name_alone_fits_and_nobody_asks_themself() {
    for (suspect, score, may) in [("XH0021", 0.35, true), ("XH0021", 0.34, false), ("XH0002", 0.4, false)] {
        let w = world().await;
        let mut found = judgement(manager("XH"), suspect);
        found.candidates[0].score = score;
        found.candidates[0].band = Band::Low;
        let number = w.file_found(account("acc", "星河甲"), found).await;
        let user = w.client("xh0002").await;
        let page = user.get(&format!("/cases/{number}")).await.body;
        assert_eq!(page.contains("/inquiry?employee="), may, "{suspect} {score}");
        let letter = user.get(&format!("/cases/{number}/inquiry?employee={suspect}")).await;
        assert_eq!(letter.status, if may { 200 } else { 404 }, "{suspect} {score}");
    }
}

#[tokio::test]
async fn a_case_that_is_not_about_marks_or_perhaps_a_leak_asks_nobody() {
    let marks = (Rule::Name, "四.2");
    for (found, may) in [
        (vec![marks], true),
        (vec![(Rule::Avatar, "四.2")], true),
        (vec![(Rule::Coi, "四.4")], false),
        (vec![(Rule::LeakSoft, "四.3")], false),
        (vec![marks, (Rule::LeakSoft, "四.3")], false),
    ] {
        let w = world().await;
        let mut judgement = judgement(manager("XH"), "XH0021");
        let one = judgement.findings.remove(0);
        let of = |(rule, clause): &(Rule, &str)| Finding { rule: *rule, clause: (*clause).into(), ..one.clone() };
        judgement.findings = found.iter().map(of).collect();
        let number = w.file_found(account("acc", "星河甲"), judgement).await;
        let user = w.client("xh0002").await;
        let letter = user.get(&format!("/cases/{number}/inquiry?employee=XH0021")).await;
        assert_eq!(letter.status, if may { 200 } else { 404 }, "{found:?}");
        let note = user.post(&format!("/cases/{number}/notes"), "kind=asked&words=x").await;
        assert_eq!(note.status, if may { 303 } else { 404 }, "{found:?}");
    }
}

#[tokio::test]
async fn how_far_it_had_got_before_a_decision_is_not_told_once_the_case_is_open_again() {
    let w = world().await;
    let path = format!("/cases/{}", w.file("acc", "星河甲", manager("XH")).await);
    let user = w.client("xh0002").await;
    user.post(&format!("{path}/notes"), "kind=asked&words=x").await;
    user.post(&format!("{path}/decide"), "as=rectified").await;
    w.shell.clock.advance_ms(1);
    user.post(&format!("{path}/reopen"), "").await;
    assert!(!user.get(&path).await.body.contains("核实中"));
    user.post(&format!("{path}/notes"), "kind=asked&words=x").await;
    assert!(user.get(&path).await.body.contains("核实中"));
}

#[tokio::test]
async fn an_account_without_a_name_is_asked_about_by_its_handle() {
    let w = world().await;
    let number = w.file("xinghe_notes", " ", manager("XH")).await;
    let letter = w.client("xh0002").await.get(&format!("/cases/{number}/inquiry?employee=XH0021")).await.body;
    assert!(letter.contains("账号「xinghe_notes」"), "{letter}");
}

#[tokio::test]
async fn what_was_published_before_the_rule_was_signed_is_said_to_be_no_ground() {
    for (published, is_older) in [("2026-08-20T09:00:00+08:00", true), ("2026-09-01T00:00:00+08:00", false)] {
        let w = world().await;
        std::fs::write(w.folder.path().join("watchlists/employees.csv"), EMPLOYEES).unwrap();
        w.shell.reload().unwrap();
        let number = file_post(&w, published).await;
        let page = w.client("xh0002").await.get(&format!("/cases/{number}")).await.body;
        assert!(page.contains("制度签收 2026-09-01"), "{page}");
        assert_eq!(page.contains("行为早于制度签收，依据不足"), is_older, "{published}");
    }
}

#[tokio::test]
async fn of_whom_no_signature_is_known_the_case_says_so() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let page = w.client("xh0002").await.get(&format!("/cases/{number}")).await.body;
    assert!(page.contains("未见制度签收记录"), "{page}");
}
