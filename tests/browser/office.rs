//! The operator, the auditor, the board secretary: users, the audit, the leak lane, languages, and what is said when nothing can be done.

use serde_json::json;
use wanglou::clock::Clock;
use wanglou::model::account::Post;
use wanglou::model::case::Lane;
use wanglou::model::record::Record;
use wanglou::pipeline::import::{Item, SOURCE, import};
use wanglou::web::console::{first_invitation, invite};

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::world::{NOW, ROLES, SECRET, manager, world, world_at};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";

async fn accept(browser: &Browser, link: &str) {
    browser.go(link.strip_prefix("http://watch.example").unwrap()).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("again", PASSWORD).await;
    browser.press("保存 Save").await;
}

async fn sign_in(browser: &Browser, login: &str, password: &str) {
    browser.fill("login", login).await;
    browser.fill("password", password).await;
    browser.press("登录 Sign in").await;
}

#[tokio::test]
async fn the_operator_comes_first_invites_somebody_and_shuts_them_out() {
    let w = world().await;
    let link = first_invitation(&w.shell).await.unwrap().unwrap();
    let (operator, guest) = (Browser::at(w.address()).await, Browser::at(w.address()).await);
    accept(&operator, &link).await;
    sign_in(&operator, "admin", PASSWORD).await;
    operator.press("用户").await;
    operator.fill("login", "wang.er").await;
    operator.fill("name", "专二").await;
    operator.fill("roles", "list_editor").await;
    operator.press("邀请").await;
    operator.expect("只显示这一次").await;
    sound(&operator).await;
    let link = operator.run("return document.querySelector('.notice code').innerText", json!([])).await;
    accept(&guest, link.as_str().unwrap()).await;
    sign_in(&guest, "wang.er", PASSWORD).await;
    guest.expect("今日待办").await;
    operator.press("停用 wang.er").await;
    operator.expect("已停用").await;
    guest.press("台账").await;
    guest.expect("登录名").await;
    sign_in(&guest, "wang.er", PASSWORD).await;
    guest.expect("登录名或密码不对").await;
}

walked_at_desk_and_on_phone!(a_repost_stands_in_the_case_and_is_taken_out_of_it);

async fn a_repost_stands_in_the_case_and_is_taken_out_of_it(window: Window) {
    let w = world().await;
    let text = format!(
        "听朋友说{SECRET}已经下线了，第一批样机下个月就要送去测，成本比上一代低一成二，订单排到明年，先别往外传。"
    );
    for (handle, name) in [("first", "路人甲"), ("second", "路人乙")] {
        let (account, url) = (Some(handle.to_owned()), format!("https://forum.example/p/{handle}"));
        let (platform, text) = ("forum".into(), text.clone());
        let post = Post { account, platform, url, published: Some(NOW), text, ..Post::default() };
        let records = [Record::Account(crate::world::account(handle, name)), Record::Post(post)];
        let items: Vec<Item> = records.into_iter().map(Item::from).collect();
        import(&w.shell, &w.shell.world(), &items, SOURCE, "cli:test").await.unwrap();
    }
    let browser = Browser::in_window(w.address(), window).await;
    browser.become_session(&w.client("xh0010").await.token).await;
    browser.go("/").await;
    browser.expect("转载并入已有线索").await;
    sound(&browser).await;
    browser.go("/cases/XM-2611-0001").await;
    browser.expect("路人乙 @second").await;
    sound(&browser).await;
    browser.click("//button[contains(., '单列线索')]").await;
    browser.expect("XM-2611-0002").await;
    browser.go("/cases/XM-2611-0001").await;
    browser.expect("一条转载单列，见 XM-2611-0002").await;
    assert!(!browser.words().await.contains("路人乙"));
}

walked_at_desk_and_on_phone!(a_leak_shows_its_word_masked_and_is_seen_by_nobody_else);

async fn a_leak_shows_its_word_masked_and_is_seen_by_nobody_else(window: Window) {
    let w = world().await;
    let number = w.file("acc", &format!("星河{SECRET}"), Lane::Leak).await;
    let path = format!("/cases/{number}");
    let browser = Browser::in_window(w.address(), window).await;
    // The link in the letter to the board office leads to the door first.
    w.client("xh0010").await;
    let secretary = w.shell.store.user_by_login("xh0010").await.unwrap().unwrap();
    accept(&browser, &invite(&w.shell, &secretary.id).await.unwrap()).await;
    browser.expect("登录名").await;
    browser.go(&path).await;
    sign_in(&browser, "xh0010", PASSWORD).await;
    browser.expect("▇▇▇▇").await;
    sound(&browser).await;
    let words = browser.words().await;
    assert!(!words.contains(SECRET) && !words.contains("可能是谁") && words.contains("请勿转发"), "{words}");
    browser.press("立案（线下）").await;
    browser.press("登记结论").await;
    browser.press("重新打开").await;
    browser.expect("与我司有关").await;
    browser.press("已公开").await;
    browser.press("登记结论").await;
    browser.expect("已结案：已公开").await;
    for login in ROLES.into_iter().filter(|login| *login != "xh0010") {
        browser.become_session(&w.client(login).await.token).await;
        browser.go(&path).await;
        browser.expect("没有这个页面，或者您看不到它").await;
        browser.go("/").await;
        assert!(!browser.words().await.contains(&number), "{login}");
    }
}

#[tokio::test]
async fn the_auditor_asks_who_did_what() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    w.client("xh0002").await.get(&format!("/cases/{number}")).await;
    w.client("xh0003").await.get("/cases").await;
    let auditor = w.client("xh0012").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&auditor.token).await;
    browser.go("/").await;
    browser.press("审计").await;
    browser.expect("XH0003").await;
    browser.fill("actor", "XH0002").await;
    browser.press("筛选").await;
    browser.expect("case.read").await;
    assert!(!browser.words().await.contains("XH0003"));
    browser.fill("action", "nothing").await;
    browser.press("筛选").await;
    browser.expect("没有符合条件的记录").await;
}

#[tokio::test]
async fn the_language_changes_where_one_stands_and_stays() {
    let w = world().await;
    w.file("acc", "星河甲", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.resize(Window::Phone).await;
    browser.become_session(&user.token).await;
    browser.go("/cases?state=all").await;
    browser.press("English").await;
    browser.expect("Search number, account, content").await;
    assert_eq!(browser.path().await, "/cases?state=all");
    browser.press("My settings").await;
    browser.fill("language", "中文").await;
    browser.press("Save").await;
    browser.expect("已保存").await;
}

#[tokio::test]
async fn a_session_that_is_over_leads_to_the_door_and_back_and_a_wrong_password_says_so() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let link = first_invitation(&w.shell).await.unwrap().unwrap();
    let browser = Browser::at(w.address()).await;
    accept(&browser, &link).await;
    sign_in(&browser, "admin", PASSWORD).await;
    browser.expect("今日待办").await;
    clock.advance_ms(2 * 3_600_000);
    browser.go("/users").await;
    sign_in(&browser, "admin", "wrong").await;
    browser.expect("登录名或密码不对").await;
    sound(&browser).await;
    browser.fill("password", PASSWORD).await;
    browser.press("登录 Sign in").await;
    browser.expect("新用户").await;
    assert_eq!(browser.path().await, "/users");
}
