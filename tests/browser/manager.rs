//! The designated manager, mostly on a phone: from the invitation to the decision, several at once, and what is protected.

use wanglou::model::case::{CaseState, Disposition};
use wanglou::web::console::invite;

use crate::check::sound;
use crate::driver::{Browser, Window};
use crate::world::{World, manager, world};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";

async fn state(w: &World, number: &str) -> CaseState {
    w.shell.store.case_by_number(number).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_manager_with_a_phone_comes_by_invitation_decides_a_case_and_takes_it_back() {
    let w = world().await;
    let number = w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    w.client("xh0002").await;
    let user = w.shell.store.user_by_login("xh0002").await.unwrap().unwrap();
    let link = invite(&w.shell, &user.id).await.unwrap();
    let browser = Browser::at(w.address()).await;
    browser.resize(Window::Phone).await;
    browser.go(link.strip_prefix("http://watch.example").unwrap()).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("again", PASSWORD).await;
    browser.press("保存 Save").await;
    browser.fill("login", "XH0002").await;
    browser.fill("password", PASSWORD).await;
    browser.press("登录 Sign in").await;
    browser.expect("今日待办").await;
    browser.press(&number).await;
    browser.expect("这是线索，不是结论").await;
    browser.press("非员工").await;
    browser.press("登记结论").await;
    browser.expect("登记结论 · 非员工").await;
    let CaseState::Closed { disposition, by, .. } = state(&w, &number).await else { panic!("the case is open") };
    assert_eq!((disposition, by.as_str()), (Disposition::NotEmployee, "XH0002"));
    browser.press("今日待办").await;
    browser.expect("没有未结线索").await;
    browser.go(&format!("/cases/{number}")).await;
    browser.press("重新打开").await;
    browser.expect("请选择").await;
    assert_eq!(state(&w, &number).await, CaseState::Open);
}

#[tokio::test]
async fn protected_speech_is_erased_after_a_page_that_asks_once_more() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&user.token).await;
    browser.go(&format!("/cases/{number}")).await;
    browser.press("权益保护内容").await;
    browser.press("登记结论").await;
    browser.expect("不可恢复").await;
    sound(&browser).await;
    browser.press("返回").await;
    browser.expect("星河甲").await;
    browser.press("权益保护内容").await;
    browser.press("登记结论").await;
    browser.press("清除").await;
    browser.expect("没有符合条件的线索").await;
    user.post("/settings/language", "language=en&back=/").await;
    let other = w.file("other", "星河乙", manager("XH")).await;
    browser.go(&format!("/cases/{other}")).await;
    browser.click("//input[@value='protected_speech']").await;
    browser.press("Record the decision").await;
    browser.expect("for good").await;
    sound(&browser).await;
}

#[tokio::test]
async fn several_cases_are_chosen_by_finger_and_decided_together() {
    let w = world().await;
    let mut numbers = Vec::new();
    for handle in ["a", "b", "c"] {
        numbers.push(w.file(handle, "星河", manager("XH")).await);
    }
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.resize(Window::Phone).await;
    browser.become_session(&user.token).await;
    browser.go("/cases").await;
    browser.click(&format!("//input[@value='{}']", numbers[0])).await;
    browser.click(&format!("//input[@value='{}']", numbers[2])).await;
    browser.fill("as", "误报").await;
    browser.press("登记").await;
    browser.expect("已登记结论：2 条").await;
    assert_eq!(state(&w, &numbers[1]).await, CaseState::Open);
    assert!(matches!(state(&w, &numbers[2]).await, CaseState::Closed { .. }));
}
