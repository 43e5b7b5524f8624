//! IT: after the start, how each source and the program itself stand, at a desk and on a phone.

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::world::{SOURCES, world_watching};

walked_at_desk_and_on_phone!(the_operator_sees_sources_probes_letters_jobs_and_version);

async fn the_operator_sees_sources_probes_letters_jobs_and_version(window: Window) {
    let w = world_watching(SOURCES, "").await;
    w.sources_seen().await;
    let admin = w.client("admin").await;
    let browser = Browser::in_window(w.address(), window).await;
    browser.become_session(&admin.token).await;
    browser.go("/").await;
    browser.expect("其中看不到的： 问答").await;
    browser.press("来源状况").await;
    let version = env!("CARGO_PKG_VERSION");
    for words in
        ["captcha", "间隔至少 30 秒", "2026-11-21 01:00", "本进程尚未读取", "不符", "任务引擎", "待发", version]
    {
        browser.expect(words).await;
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
