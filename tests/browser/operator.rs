//! IT: after the start, how each source and the program itself stand, on a desk and on a phone.

use wanglou::model::capture::Verdict;

use crate::check::sound;
use crate::driver::{Browser, Window};
use crate::world::{NOW, World, world_watching};

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
async fn the_operator_sees_sources_probes_letters_jobs_and_version_on_desk_and_phone() {
    let w = world_watching(SOURCES, "").await;
    seen(&w).await;
    let admin = w.client("admin").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&admin.token).await;
    browser.go("/").await;
    browser.expect("其中看不到的： 问答").await;
    browser.press("来源状况").await;
    for window in [Window::Desktop, Window::Phone] {
        browser.resize(window).await;
        let version = env!("CARGO_PKG_VERSION");
        for words in
            ["captcha", "间隔至少 30 秒", "2026-11-21 01:00", "本进程尚未读取", "不符", "任务引擎", "待发", version]
        {
            browser.expect(words).await;
        }
    }
    sound(&browser).await;
    w.shell.store.count_page(&"luntan".into(), "2026-11-20").await.unwrap();
    browser.expect("今日页数 1 / 200").await;
    browser.press("English").await;
    browser.expect("not read by this process yet").await;
    sound(&browser).await;
    browser.press("中文").await;
    browser.press("星河论坛").await;
    browser.press("暂停访问").await;
    browser.expect("已暂停。").await;
    sound(&browser).await;
    assert!(w.shell.store.source_state(&"luntan".into()).await.unwrap().paused);
    browser.press("恢复访问").await;
    browser.fill("url", "https://elsewhere.example/").await;
    browser.press("试读").await;
    browser.expect("没有取得").await;
    sound(&browser).await;
}
