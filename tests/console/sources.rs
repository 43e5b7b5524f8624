//! How sources and the program stand: what everybody sees, and what the operator sees beside it.

use crate::world::{NOW, World, world_watching};
use wanglou::model::capture::Verdict;

/// Two sources, one of them blocked and contradicted by its canary.
const SOURCES: &str = "[[source]]\nid='luntan'\nname='星河论坛'\nplatform='discuz'\nvalues={fid='2'}\nbase='https://forum.example'\nbasis='test'\n\
    interval_min_s=30.0\nactive_hours='01:00-06:00'\ndaily_page_cap=200\n\
    [[source]]\nid='wenda'\nname='问答'\nplatform='discuz'\nvalues={fid='2'}\nbase='https://answers.example'\nbasis='test'\n";

/// What was seen of the sources last.
async fn seen(w: &World) {
    let (found, blocked) = (Verdict::Found, Verdict::Blocked { reason: "captcha".into() });
    let before = NOW.plus_ms(-3_600_000);
    for (source, at, verdict) in [("luntan", before, found.clone()), ("wenda", before, found), ("wenda", NOW, blocked)]
    {
        let state = w.shell.store.source_state(&source.into()).await.unwrap().visited(at, verdict);
        w.shell.store.save_source_state(&state).await.unwrap();
    }
    w.shell.store.save_canary(&"wenda".into(), Some("no result"), NOW).await.unwrap();
}

#[tokio::test]
async fn a_source_says_its_last_success_why_it_is_blocked_its_pace_and_when_it_is_visited_next() {
    let w = world_watching(SOURCES, "").await;
    seen(&w).await;
    let page = w.client("xh0002").await.get("/sources").await.body;
    let row = |name: &str| page.split("<tr>").find(|row| row.contains(name)).unwrap().to_owned();
    let (forum, answers) = (row("星河论坛"), row("问答"));
    assert!(forum.contains("有内容") && forum.contains("间隔至少 30 秒 · 01:00-06:00 · 今日页数 0 / 200"), "{forum}");
    assert!(forum.contains("2026-11-21 01:00"), "the next night: {forum}");
    assert!(answers.contains("看不到") && answers.contains("captcha") && answers.contains("不符"), "{answers}");
    assert!(answers.contains("17:00"), "an hour ago it was confirmed: {answers}");
    assert!(answers.contains("本进程尚未读取"), "{answers}");
    assert!(!page.contains("任务引擎"), "how the program stands is for the operator");
}

#[tokio::test]
async fn the_operator_sees_how_the_program_stands_and_no_person() {
    let w = world_watching(SOURCES, "").await;
    seen(&w).await;
    w.file("acc-xh", "星河甲", crate::world::manager("XH")).await;
    let page = w.client("admin").await.get("/sources").await.body;
    for words in [env!("CARGO_PKG_VERSION"), "任务引擎", "数据库", "节假日", "待发", "还没有。"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("acc-xh") && !page.contains("XH0002") && !page.contains("嫌二一"));
}
