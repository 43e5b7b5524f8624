//! Objection, exemption and impersonator, each walked by those whom the policy names, at a desk and on a phone.

use wanglou::model::case::{CaseState, Lane};
use wanglou::pipeline::letters::deliver;

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::world::{World, manager, world};

walked_at_desk_and_on_phone!(
    somebody_objects_the_case_is_locked_and_the_answer_opens_it_without_the_name,
    an_employee_applies_the_company_checks_and_the_listed_company_approves,
    legal_takes_the_complaint_pack_and_notes_what_the_platform_did,
);

async fn become_user(w: &World, browser: &Browser, login: &str) {
    browser.become_session(&w.client(login).await.token).await;
}

async fn somebody_objects_the_case_is_locked_and_the_answer_opens_it_without_the_name(window: Window) {
    let w = world().await;
    let number = w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    let (clerk, in_charge) = (w.client("clerk").await, w.client("xh0002").await);
    let browser = Browser::in_window(w.address(), window).await;
    browser.become_session(&clerk.token).await;
    browser.go("/").await;
    browser.press("权利与申诉").await;
    browser.expect("还没有人提出申请").await;
    browser.fill("employee", "XH0021").await;
    browser.fill("case", &number).await;
    browser.fill("words", "这不是我的账号").await;
    browser.press("登记").await;
    browser.expect("申诉锁定").await;
    sound(&browser).await;

    browser.become_session(&in_charge.token).await;
    browser.go(&format!("/cases/{number}")).await;
    browser.expect("答复之前不能处理").await;
    assert!(!browser.words().await.contains("嫌二一"));
    browser.fill("words", "已通知受理人").await;
    browser.press("添加备注").await;
    browser.expect("已通知受理人").await;
    sound(&browser).await;

    browser.become_session(&clerk.token).await;
    browser.go("/requests").await;
    browser.press("SQ-2611-0001").await;
    browser.press("予以办理").await;
    browser.press("生成答复").await;
    browser.expect("已设置不再匹配").await;
    sound(&browser).await;
    assert_eq!(w.shell.store.case_by_number(&number).await.unwrap().unwrap().state, CaseState::Open);
    browser.go("/requests").await;
    browser.press("员工告知书").await;
    browser.press("发布这一版").await;
    browser.expect("已发布").await;
    sound(&browser).await;
}

/// Where the one letter leads that is sent now.
async fn link_of_letter(w: &World) -> String {
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 1);
    let file = std::fs::read_dir(w.folder.path().join("mail")).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    let letter = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    let text = letter.body_text(0).unwrap();
    let link =
        text.split("http://watch.example").find(|rest| rest.starts_with("/letters/exemptions/")).expect("a link");
    link.split_whitespace().next().unwrap().to_owned()
}

async fn an_employee_applies_the_company_checks_and_the_listed_company_approves(window: Window) {
    let w = world().await;
    let browser = Browser::in_window(w.address(), window).await;
    become_user(&w, &browser, "xh0021").await;
    browser.go("/").await;
    browser.press("豁免申请").await;
    browser.fill("platform", "forum").await;
    browser.fill("handle", "xh_notes").await;
    browser.fill("marks", "星河、首席工程师").await;
    browser.fill("until", "2027-03-31").await;
    browser.press("提交").await;
    browser.expect("待公司初审").await;
    sound(&browser).await;

    become_user(&w, &browser, "xh0002").await;
    browser.go("/exemption-requests").await;
    sound(&browser).await;
    browser.press("HM-2611-0001").await;
    browser.press("初审通过").await;
    browser.expect("待上市公司审批").await;

    become_user(&w, &browser, "xh0009").await;
    browser.go("/exemption-requests/HM-2611-0001").await;
    sound(&browser).await;

    let phone = Browser::in_window(w.address(), window).await;
    phone.go(&link_of_letter(&w).await).await;
    phone.expect("登录后看申请人").await;
    sound(&phone).await;
    phone.press("批准").await;
    phone.expect("已批准，编号EX-2026-0001").await;
    sound(&phone).await;
    browser.go("/exemption-requests/HM-2611-0001").await;
    browser.expect("编号EX-2026-0001，有效期至2027年3月31日").await;
    sound(&browser).await;
    assert_eq!(w.shell.world().ledgers.exemptions[0].id.as_str(), "EX-2026-0001");
}

async fn legal_takes_the_complaint_pack_and_notes_what_the_platform_did(window: Window) {
    let w = world().await;
    let number = w.file("xinghe_fake", "星河官方旗舰店", Lane::Legal).await;
    let browser = Browser::in_window(w.address(), window).await;
    become_user(&w, &browser, "xh0011").await;
    browser.go(&format!("/cases/{number}")).await;
    browser.expect("投诉材料包 ZIP").await;
    sound(&browser).await;
    browser.fill("kind", "平台已处理").await;
    browser.fill("words", "账号已下架，受理号 20261121").await;
    browser.press("添加备注").await;
    browser.expect("账号已下架").await;
    sound(&browser).await;
}
