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
    browser.expect("其中看不到的：问答").await;
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

const FILE: &str = "[[source]]\nid = \"xin\"\nplatform = \"discourse\"\nname = \"新来的\"\nbase = \"https://new.example\"\nbasis = \"评估七号\"\n";

#[tokio::test]
async fn a_source_from_a_file_is_shown_saved_changed_and_removed_on_desk_and_phone_and_without_scripts() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let (file, broken) = (w.folder.path().join("来源.toml"), w.folder.path().join("错的.toml"));
    std::fs::write(&file, FILE).unwrap();
    std::fs::write(&broken, FILE.replace("basis", "bassis")).unwrap();
    let browser = Browser::at(w.address()).await;
    browser.become_session(&hr.token).await;
    browser.go("/sources").await;
    browser.press("从文件添加来源").await;
    browser.expect("先检查、给您看会读取什么").await;
    sound(&browser).await;
    browser.fill("file", broken.to_str().unwrap()).await;
    browser.press("上传并检查").await;
    browser.expect("有错误，不能保存").await;
    browser.expect("第1行").await;
    sound(&browser).await;
    browser.press("不保存，返回").await;
    browser.fill("file", file.to_str().unwrap()).await;
    browser.press("上传并检查").await;
    browser.expect("每次都先读并遵守").await;
    sound(&browser).await;
    browser.press("保存并生效").await;
    browser.expect("立即生效").await;
    sound(&browser).await;
    assert!(w.shell.source(&"xin".into()).is_some());

    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    std::fs::write(&file, FILE.replace("new.example", "newer.example")).unwrap();
    browser.fill("file", file.to_str().unwrap()).await;
    browser.press("上传并检查").await;
    browser.expect("替换以前添加的").await;
    browser.expect("https://newer.example").await;
    browser.click("//input[@name='replace']").await;
    browser.press("保存并生效").await;
    browser.expect("立即生效").await;
    browser.press("xin").await;
    browser.expect("版本 2").await;
    browser.press("移除").await;
    browser.expect("已移除，不再按它访问").await;
    browser.press("xin").await;
    browser.press("恢复版本 1").await;
    browser.expect("新增").await;
    browser.press("保存并生效").await;
    browser.expect("立即生效").await;
    assert_eq!(w.shell.source(&"xin".into()).unwrap().base, "https://new.example");
}
