//! Protected topics: one person proposes, another approves, and HR does neither.

use crate::http::Answer;
use crate::world::{Client, World, world};
use wanglou::model::audit::AuditEntry;

const PLACE: &str = "/ledgers/protected_topics/changes";

fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

fn topics(w: &World) -> String {
    String::from_utf8(w.shell.folder.raw_files().unwrap()["protected_topics.csv"].clone()).unwrap()
}

/// The form of a new line, over the file as it lies.
async fn line(client: &Client<'_>, id: &str) -> String {
    let page = client.get("/ledgers/protected_topics/line").await.body;
    let read = page.split("name=\"read\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    format!("id={id}&name=%E5%AE%89%E5%85%A8&words=%E4%BA%8B%E6%95%85&read={read}")
}

/// Proposes a new line; gives the address of the change.
async fn proposed(w: &World, client: &Client<'_>, id: &str) -> String {
    let proposal = place(&client.post("/ledgers/protected_topics/line", &line(client, id).await).await);
    assert_eq!(client.post(&proposal, "reason=").await.status, 422, "a reason is needed");
    let waits = place(&client.post(&proposal, "reason=%E8%A1%A5%E5%85%85").await);
    assert_eq!(waits, format!("{PLACE}?done=1"));
    format!("{PLACE}/{}", w.shell.store.topic_changes(1).await.unwrap()[0].id)
}

#[tokio::test]
async fn a_change_comes_into_force_when_another_person_approves_it() {
    let w = world().await;
    let (legal, office) = (w.client("xh0011").await, w.client("xh0010").await);
    let change = proposed(&w, &legal, "P02").await;
    assert!(!topics(&w).contains("P02"), "nothing is written before");
    assert!(office.get("/").await.body.contains("份权益保护的修改等您批准"));
    assert!(!legal.get("/").await.body.contains("份权益保护的修改等您批准"));
    let page = office.get(PLACE).await.body;
    assert!(page.contains("XH0011") && page.contains("词语：事故") && page.contains("补充"), "{page}");
    assert!(!legal.get(PLACE).await.body.contains("批准并生效"), "nobody approves their own");
    assert_eq!(legal.post(&format!("{change}/approve"), "").await.status, 409);
    let other = place(&office.post("/ledgers/protected_topics/line", &line(&office, "P03").await).await);
    assert_eq!(office.post(&other, "reason=x").await.status, 409, "one change waits at a time");
    place(&office.post(&format!("{change}/approve"), "").await);
    assert!(topics(&w).contains("P02,安全,事故"));
    assert!(
        w.shell.world().ledgers.protected_topics.iter().any(|topic| topic.id.as_str() == "P02"),
        "in force at once"
    );
    let page = office.get(PLACE).await.body;
    assert!(page.contains("已生效") && page.contains("版本 1"), "only the first version was nobody's: {page}");
    assert_eq!(office.post(&format!("{change}/approve"), "").await.status, 409, "and once");
    let noted = w.shell.store.audit_of("protected_topics.csv").await.unwrap();
    let saved = noted.into_iter().find(|entry| entry.action == "ledger.save").unwrap();
    assert!(saved.actor == "XH0010" && saved.detail.contains("proposed by XH0011"));
}

#[tokio::test]
async fn neither_hr_nor_editors_nor_anybody_else_takes_part() {
    let w = world().await;
    let legal = w.client("xh0011").await;
    let change = proposed(&w, &legal, "P02").await;
    for login in ["admin", "editor", "xh0002", "xh0009", "xh0012"] {
        let client = w.client(login).await;
        for (act, form) in [("approve", ""), ("refuse", "reason=x"), ("withdraw", "")] {
            assert_eq!(client.post(&format!("{change}/{act}"), form).await.status, 404, "{act} as {login}");
        }
        assert_eq!(client.post("/ledgers/protected_topics/line", "id=P03").await.status, 404, "{login}");
        assert_eq!(client.post("/ledgers/protected_topics/restore", "version=1").await.status, 404, "{login}");
    }
    assert!(!topics(&w).contains("P02"));
}

#[tokio::test]
async fn a_change_is_withdrawn_refused_with_a_reason_or_overtaken() {
    let w = world().await;
    let (legal, office) = (w.client("xh0011").await, w.client("xh0010").await);
    let change = proposed(&w, &legal, "P02").await;
    assert_eq!(office.post(&format!("{change}/withdraw"), "").await.status, 409, "it is not theirs");
    place(&legal.post(&format!("{change}/withdraw"), "").await);
    let change = proposed(&w, &legal, "P02").await;
    assert_eq!(office.post(&format!("{change}/refuse"), "").await.status, 422, "without a reason");
    place(&office.post(&format!("{change}/refuse"), "reason=%E4%B8%8D%E5%A6%A5").await);
    let page = legal.get(PLACE).await.body;
    assert!(page.contains("已撤回") && page.contains("未批准") && page.contains("不妥"), "{page}");

    let change = proposed(&w, &legal, "P02").await;
    let edited = topics(&w) + "P09,健康,抑郁,\n";
    std::fs::write(w.folder.path().join("watchlists/protected_topics.csv"), edited).unwrap();
    assert!(office.get(PLACE).await.body.contains("台账在提出之后改过"));
    assert_eq!(office.post(&format!("{change}/approve"), "").await.status, 409, "the edit in the folder is not lost");
    assert!(topics(&w).contains("P09") && !topics(&w).contains("P02"));
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    assert!(office.get(PLACE).await.body.contains("直接编辑文件"), "and stands there as nobody's");
}

#[tokio::test]
async fn a_change_that_nobody_decides_expires() {
    let w = world().await;
    let change = proposed(&w, &w.client("xh0011").await, "P02").await;
    w.shell.clock.advance_ms(14 * 86_400_000);
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    let office = w.client("xh0010").await;
    assert!(office.get(PLACE).await.body.contains("已过期"));
    assert_eq!(office.post(&format!("{change}/approve"), "").await.status, 409);
    assert!(!topics(&w).contains("P02"));
    proposed(&w, &office, "P03").await;
}

#[tokio::test]
async fn a_change_that_was_written_before_a_crash_is_finished_and_refused_by_nobody() {
    let w = world().await;
    let (legal, office) = (w.client("xh0011").await, w.client("xh0010").await);
    let change = proposed(&w, &legal, "P02").await;
    let id = change.rsplit('/').next().unwrap().into();
    let (action, object) = ("topics.approve".to_owned(), String::new());
    let at = w.shell.clock.now();
    let audit = AuditEntry { at, actor: "XH0015".into(), action, object, detail: String::new() };
    assert!(w.shell.store.approve_topic_change(&id, &audit).await.unwrap());
    let text = w.shell.store.topic_change(&id).await.unwrap().unwrap().text;
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    let before = office.get(PLACE).await.body.matches("直接编辑文件").count();
    std::fs::write(w.folder.path().join("watchlists/protected_topics.csv"), text).unwrap();
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    let page = office.get(PLACE).await.body;
    assert_eq!(page.matches("直接编辑文件").count(), before, "two people have approved it: {page}");
    assert!(!page.contains("台账在提出之后改过") && page.contains("写入") && !page.contains("不批准的理由"), "{page}");
    assert_eq!(office.post(&format!("{change}/refuse"), "reason=x").await.status, 409);
    place(&office.post(&format!("{change}/approve"), "").await);
    let change = w.shell.store.topic_change(&id).await.unwrap().unwrap();
    assert!(change.version.is_some() && change.decided_by == "XH0015", "it stays the first approver's decision");
}

#[tokio::test]
async fn an_earlier_version_is_proposed_as_it_reads_whatever_its_encoding() {
    let w = world().await;
    let (legal, office) = (w.client("xh0011").await, w.client("xh0010").await);
    let (file, before) = (w.folder.path().join("watchlists/protected_topics.csv"), topics(&w));
    let (gbk, ..) = encoding_rs::GBK.encode(before.trim_start_matches('\u{feff}'));
    std::fs::write(&file, gbk).unwrap();
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    std::fs::write(&file, before.clone() + "P09,健康,抑郁,\n").unwrap();
    wanglou::pipeline::rewrite::put_in_force(&w.shell).await.unwrap();
    let versions = w.shell.store.ledger_versions(Some("protected_topics.csv")).await.unwrap();
    let restore = format!("version={}", versions[1].version);
    let proposal = place(&legal.post("/ledgers/protected_topics/restore", &restore).await);
    place(&legal.post(&proposal, "reason=x").await);
    let change = w.shell.store.topic_changes(1).await.unwrap().remove(0);
    assert!(!change.text.contains('\u{fffd}'), "{}", change.text);
    place(&office.post(&format!("{PLACE}/{}/approve", change.id), "").await);
    assert!(topics(&w).contains("P01") && !topics(&w).contains("P09"), "{}", topics(&w));
}
