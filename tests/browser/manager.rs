//! The designated manager, mostly on a phone: from the letter to the rectified account, several at once, and what is protected.

use wanglou::clock::Clock;
use wanglou::model::case::{CaseState, Disposition};
use wanglou::pipeline::letters::deliver;
use wanglou::web::console::invite;

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::world::{NOW, World, manager, world, world_at};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";

async fn state(w: &World, number: &str) -> CaseState {
    w.shell.store.case_by_number(number).await.unwrap().unwrap().state
}

walked_at_desk_and_on_phone!(from_the_letter_by_the_question_and_the_new_look_to_the_confirmation);

/// Two colleagues of one name.
fn add_namesake(w: &World) {
    let file = w.folder.path().join("watchlists/employees.csv");
    let employees = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{employees}YZ0031,嫌二一,云舟材料,YZ,仓储部,配送主管,在职\n")).unwrap();
    w.shell.reload().unwrap();
}

/// Where the button of the one letter leads that is sent now.
async fn link_of_letter(w: &World) -> String {
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 1);
    let file = std::fs::read_dir(w.folder.path().join("mail")).unwrap().next().unwrap().unwrap();
    let letter = std::fs::read(file.path()).unwrap();
    let letter = mail_parser::MessageParser::default().parse(&letter).unwrap();
    let text = letter.body_text(0).unwrap();
    let link = text.split("http://watch.example").find(|rest| rest.starts_with("/letters/")).expect("a link");
    link.split_whitespace().next().unwrap().to_owned()
}

async fn from_the_letter_by_the_question_and_the_new_look_to_the_confirmation(window: Window) {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    add_namesake(&w);
    let number = w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::in_window(w.address(), window).await;
    browser.go(&link_of_letter(&w).await).await;
    browser.expect("请选择结论").await;
    sound(&browser).await;
    browser.become_session(&user.token).await;
    browser.go(&format!("/cases/{number}")).await;
    browser.expect("可能不是本集团员工").await;
    browser.click("//ul[@class='evidence']//a").await;
    browser.expect("刚才由原文重新计算").await;
    browser.press(&number).await;
    browser.expect("XH0021").await;
    browser.press("核实通知 嫌二一 XH0021").await;
    browser.expect("请复制后由您本人发给 嫌二一").await;
    sound(&browser).await;
    browser.press("已发送，记下").await;
    browser.expect("核实中").await;
    browser.fill("kind", "核实是本人").await;
    browser.fill("words", "本人答应改名").await;
    browser.press("添加备注").await;
    browser.expect("核实是本人，整改中").await;
    sound(&browser).await;

    clock.advance_ms(7 * 86_400_000);
    w.see_without_marks("xinghe_kefu", manager("XH")).await;
    browser.become_session(&w.client("xh0003").await.token).await;
    browser.go("/").await;
    browser.press("1 复查已整改，待确认").await;
    browser.press(&number).await;
    browser.expect("复查：标识已去除").await;
    browser.press("已整改").await;
    browser.press("登记结论").await;
    browser.expect("已结案：已整改").await;
    sound(&browser).await;
    let CaseState::Closed { disposition, at, .. } = state(&w, &number).await else { panic!("the case is open") };
    assert_eq!((disposition, at), (Disposition::Rectified, NOW.plus_days(7)));
    browser.become_session(&w.client("xh0009").await.token).await;
    browser.go("/retention").await;
    browser.expect("180").await;
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
