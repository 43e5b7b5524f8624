//! Work groups: an owner on a phone, HR after its import, the head of a company, two groups that are much alike.

use serde_json::json;
use wanglou::pipeline::group_letters::{look_after_groups, queue_weekly};
use wanglou::pipeline::letters::deliver;

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::groups_world::{employees_after, groups_world, ledger, link};

#[tokio::test]
async fn an_owner_registers_a_group_and_hands_in_its_members_on_a_phone() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let browser = Browser::at(w.address()).await;
    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    browser.go(&own).await;
    browser.press("登记一个群").await;
    browser.press("不是，私人群").await;
    browser.expect("没有保存任何内容").await;
    browser.press("返回").await;
    browser.press("登记一个群").await;
    browser.press("是，为工作").await;
    browser.fill("name", "渠道周会群").await;
    browser.fill("purpose", "渠道周会").await;
    browser.fill("members", "2").await;
    browser.press("登记").await;
    browser.fill("pasted", "星河科技-销售部-嫌二一\n小李").await;
    browser.press("看一看").await;
    browser.expect("2 名成员").await;
    browser.press("保存成员表").await;
    browser.expect("成员表已保存").await;
    browser.expect("无法对应到").await;
    browser.fill("remark", "销售部-张二二").await;
    browser.press("检查").await;
    browser.expect("请写成“星河科技-销售部-张二二”").await;
    assert!(ledger(&w, "group_rosters").contains("G905,微信,小李"));
}

#[tokio::test]
async fn hr_brings_in_its_list_and_sees_at_once_what_leavers_hold() {
    let w = groups_world().await;
    let hr = w.client("xh0009").await;
    let file = w.folder.path().join("名册.csv");
    std::fs::write(&file, employees_after()).unwrap();
    let browser = Browser::at(w.address()).await;
    browser.become_session(&hr.token).await;
    browser.go("/ledgers/employees").await;
    browser.fill("file", file.to_str().unwrap()).await;
    browser.press("上传").await;
    browser.press("保存").await;
    browser.expect("离职人员仍持有").await;
    browser.expect("张二二").await;
    browser.expect("仍管理官方账号").await;
    sound(&browser).await;
}

#[tokio::test]
async fn an_overdue_group_reaches_the_head_of_the_company_who_confirms_its_end() {
    let w = groups_world().await;
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    assert!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent > 0);
    let head = link(&w, "XH0001").await;
    let browser = Browser::at(w.address()).await;
    browser.resize(Window::Phone).await;
    browser.go(&head).await;
    browser.press("展会筹备临时群").await;
    browser.expect("临时群到期未解散").await;
    browser.click("//input[@name='sure']").await;
    browser.press("已解散").await;
    browser.expect("已登记解散并归档").await;
    let manager = w.client("xh0002").await;
    browser.become_session(&manager.token).await;
    browser.go("/cases?state=closed").await;
    browser.expect("已结案：已整改").await;
}

#[tokio::test]
async fn of_two_groups_proposed_for_merging_both_are_kept_with_a_reason() {
    let w = groups_world().await;
    let manager = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&manager.token).await;
    browser.go("/groups").await;
    browser.press("销售日常群").await;
    browser.expect("与另一个群重复").await;
    browser.fill("reason", "一个管售前，一个管售后").await;
    browser.press("两个都保留").await;
    browser.expect("没有需要处理的事项").await;
    browser.expect("一个管售前，一个管售后").await;
}

walked_at_desk_and_on_phone!(a_self_inspection_goes_from_the_notice_by_the_owners_answers_to_its_report);

async fn a_self_inspection_goes_from_the_notice_by_the_owners_answers_to_its_report(window: Window) {
    let w = groups_world().await;
    let manager = w.client("xh0002").await;
    let browser = Browser::in_window(w.address(), window).await;
    browser.become_session(&manager.token).await;
    browser.go("/groups").await;
    browser.press("自查").await;
    browser.fill("title", "十一月自查").await;
    browser.run("document.querySelector('[name=due]').value = '2026-11-30'", json!([])).await;
    browser.press("通知全部群主").await;
    browser.expect("0 已确认").await;
    let report = browser.path().await;
    let owner = Browser::in_window(w.address(), window).await;
    owner.go(&link(&w, "XH0021").await).await;
    owner.expect("十一月自查").await;
    owner.press("已逐项核对").await;
    owner.expect("已确认，谢谢").await;
    browser.go(&report).await;
    browser.expect("1 已确认").await;
    browser.expect("已确认，整改中").await;
    browser.press("结束自查").await;
    browser.expect("已结束").await;
    sound(&browser).await;
}

#[tokio::test]
async fn the_pages_of_groups_are_without_fault() {
    let w = groups_world().await;
    queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
    let manager = w.client("xh0002").await;
    manager.post("/groups/campaigns", "company=XH&title=A&due=2026-11-30").await;
    let own = link(&w, "XH0021").await;
    let browser = Browser::at(w.address()).await;
    w.shell.store.list_members(2026, &["XH0021".into()], w.shell.clock.now()).await.unwrap();
    let pages = [
        "",
        "/new",
        "/new?work=yes",
        "/new?work=external",
        "/G901",
        "/G902",
        "/G901/roster",
        "/duties",
        "/duties?language=en",
        "/external",
    ];
    for path in pages {
        browser.go(&format!("{own}{path}")).await;
        sound(&browser).await;
    }
    browser.become_session(&manager.token).await;
    for language in ["zh-CN", "en"] {
        manager.post("/settings/language", &format!("language={language}&back=/")).await;
        let pages = ["", "/G901", "/leavers", "/campaigns", "/new?work=yes", "/duties", "/duties/XH", "/external"];
        for path in pages.map(|page| format!("/groups{page}")) {
            browser.go(&path).await;
            sound(&browser).await;
        }
    }
}
