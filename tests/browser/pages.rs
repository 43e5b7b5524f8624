//! Every page, in both languages and both windows, for everybody who sees it; in the dark as well; and without scripts.

use serde_json::Value;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::Lane;
use wanglou::model::saved_view::{SavedView, ViewWish};
use wanglou::web::console::{first_invitation, invite};

use crate::check::{contrast_faults, faults, sound, tabbing_faults};
use crate::driver::{Browser, Window};
use crate::world::{NOW, SECRET, World, manager, world};

/// A world in which every lane has a case, one of them decided; their numbers.
struct Cases {
    open: String,
    closed: String,
    leak: String,
}

async fn cases(w: &World) -> Cases {
    let long = "星河科技华东大区销售服务中心官方认证客服小助手-xinghe-customer-service-department-hangzhou";
    let open = w.file(&"xinghe_kefu_hangzhou_official_".repeat(3), long, manager("XH")).await;
    let closed = w.file("closed", "星河乙", manager("XH")).await;
    let decider = w.client("xh0003").await;
    decider.post(&format!("/cases/{closed}/decide"), "as=not_employee").await;
    w.file("acc-hr", "星河丙", Lane::GroupHr).await;
    w.file("acc-law", "星河丁", Lane::Legal).await;
    let leak = w.file("acc-leak", &format!("星河{SECRET}"), Lane::Leak).await;
    Cases { open, closed, leak }
}

/// Address of the stored page of a case.
async fn evidence(w: &World, number: &str) -> String {
    let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
    let kept = w.shell.store.evidence_of_case(&case.id).await.unwrap();
    format!("/cases/{number}/evidence/{}", kept[0].sha256)
}

/// What is wrong with these pages as somebody sees them.
async fn faults_as(w: &World, browser: &Browser, login: &str, paths: &[impl AsRef<str>]) -> Vec<String> {
    let client = w.client(login).await;
    browser.become_session(&client.token).await;
    let mut found = Vec::new();
    for language in ["zh-CN", "en"] {
        client.post("/settings/language", &format!("language={language}&back=/")).await;
        for path in paths {
            found.extend(faults_of(browser, path.as_ref(), language).await);
        }
    }
    found
}

async fn faults_of(browser: &Browser, path: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    browser.go(path).await;
    for window in [Window::Desktop, Window::Phone] {
        browser.resize(window).await;
        let wrong = faults(browser, window).await;
        found.extend(wrong.into_iter().map(|fault| format!("{path} {language} {window:?}: {fault}")));
    }
    browser.resize(Window::Desktop).await;
    if language != "en" {
        let wrong = tabbing_faults(browser).await;
        found.extend(wrong.into_iter().map(|fault| format!("{path} by keys: {fault}")));
        browser.prefer("dark").await;
        found.extend(contrast_faults(browser).await.into_iter().map(|fault| format!("{path} in the dark: {fault}")));
        browser.prefer("light").await;
    }
    found
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// The pages that a designated manager sees.
async fn of_a_manager(w: &World, Cases { open, closed, .. }: &Cases) -> Vec<String> {
    let evidence = evidence(w, open).await;
    let lists = ["/", "/cases", "/cases?state=all", "/cases?words=nothing", "/cases?done=2"];
    let others = ["/cases/new?done=1", "/cases/views", "/sources", "/settings?done=1", "/help", "/nothing", &evidence];
    let inquiry = format!("/cases/{open}/inquiry?employee=XH0021");
    let cases = [format!("/cases/{open}"), format!("/cases/{closed}")];
    lists.into_iter().chain(others).map(str::to_owned).chain(cases).chain([inquiry]).collect()
}

/// The pages that those see who answer for the group, by login.
fn of_the_group(Cases { open, leak, .. }: &Cases) -> Vec<(&'static str, Vec<String>)> {
    let (open, leak) = (format!("/cases/{open}"), format!("/cases/{leak}"));
    let of_hr = [
        "/",
        "/cases",
        "/requests",
        "/requests/notice",
        "/retention",
        "/exemption-requests",
        "/groups",
        "/groups/new",
        "/reports?company=group",
        "/calibration",
        "/ledgers",
        "/ledgers/employees",
        "/sources/files",
    ];
    let seen: [(_, &[&str]); 6] = [
        ("xh0009", &of_hr),
        ("xh0010", &["/", "/cases", &leak, "/ledgers/protected_topics/line"]),
        ("xh0012", &["/audit", "/audit?actor=nobody", &open]),
        ("admin", &["/", "/users", "/settings/mail"]),
        ("xh0099", &["/"]),
        ("editor", &["/ledgers/terms", "/ledgers/terms/line", "/ledgers/brand_marks"]),
    ];
    seen.into_iter().map(|(login, paths)| (login, paths.iter().map(|&path| path.to_owned()).collect())).collect()
}

/// Saves views of the list of cases, one of them with as long a name as there may be; the list begins with the other.
async fn views(w: &World, login: &str) {
    let user = w.shell.store.user_by_login(login).await.unwrap().unwrap().id;
    let (action, object, detail) = ("view.save".to_owned(), user.to_string(), String::new());
    let audit = AuditEntry { at: NOW, actor: "test".into(), action, object, detail };
    for (id, name, asked) in [("v1", "高", "severity=high"), ("v2", &"长名称".repeat(6), "state=all&order=newest")]
    {
        let wish = Some(ViewWish { name: name.into(), asked: asked.into() });
        let view = SavedView { id: id.into(), user: user.clone(), wish, is_default: id == "v1", created_at: NOW };
        w.shell.store.save_view(&view, 2, &audit).await.unwrap();
    }
}

#[tokio::test]
async fn the_pages_of_a_manager_are_without_fault() {
    let w = world().await;
    let paths = of_a_manager(&w, &cases(&w).await).await;
    let browser = Browser::at(w.address()).await;
    none(&faults_as(&w, &browser, "xh0002", &paths).await);
    views(&w, "xh0002").await;
    for path in ["/cases", "/cases/views?done=1"] {
        none(&faults_of(&browser, path, "with views").await);
    }
}

#[tokio::test]
async fn the_pages_of_those_who_answer_for_the_group_are_without_fault() {
    let w = world().await;
    let cases = cases(&w).await;
    let browser = Browser::at(w.address()).await;
    for (login, paths) in of_the_group(&cases) {
        none(&faults_as(&w, &browser, login, &paths).await);
    }
}

#[tokio::test]
async fn lighthouse_finds_every_page_wholly_accessible() {
    let w = world().await;
    let cases = cases(&w).await;
    let mut seen = of_the_group(&cases);
    seen.push(("xh0002", of_a_manager(&w, &cases).await));
    let browser = Browser::at(w.address()).await;
    let mut found = Vec::new();
    for (login, paths) in seen {
        browser.become_session(&w.client(login).await.token).await;
        let said = browser.lighthouse(&paths).await;
        assert_eq!(said.len(), paths.len());
        found.extend(said.iter().filter(|page| page["score"].as_f64() < Some(1.0)).map(Value::to_string));
    }
    none(&found);
}

#[tokio::test]
async fn the_pages_of_a_change_of_protected_topics_are_without_fault() {
    let w = world().await;
    let legal = w.client("xh0011").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&legal.token).await;
    browser.go("/ledgers/protected_topics").await;
    browser.press("新增一行").await;
    for (name, text) in [("id", "P02"), ("name", "安全"), ("words", "事故、工伤")] {
        browser.fill(name, text).await;
    }
    browser.press("看看变化").await;
    sound(&browser).await;
    browser.fill("reason", "补充安全举报").await;
    browser.press("提交另一人批准").await;
    browser.expect("等另一人批准").await;
    none(&faults_as(&w, &browser, "xh0010", &["/", "/ledgers/protected_topics/changes"]).await);
    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    browser.go("/ledgers/protected_topics/changes").await;
    browser.press("Approve and put in force").await;
    browser.expect("In force").await;
    assert!(w.shell.world().ledgers.protected_topics.iter().any(|topic| topic.id.as_str() == "P02"));
}

#[tokio::test]
async fn what_strangers_see_is_without_fault() {
    let w = world().await;
    let link = first_invitation(&w.shell).await.unwrap().unwrap();
    let invitation = link.strip_prefix("http://watch.example").unwrap();
    let browser = Browser::at(w.address()).await;
    let mut found = Vec::new();
    for path in ["/sign-in", invitation, "/invitation/used", "/nothing"] {
        found.extend(faults_of(&browser, path, "both languages").await);
    }
    none(&found);
}

#[tokio::test]
async fn without_scripts_a_case_is_found_decided_and_opened_again() {
    let w = world().await;
    let number = w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    w.file("other", "星河乙", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.switch_scripts_off().await;
    browser.become_session(&user.token).await;
    browser.go("/cases").await;
    browser.fill("words", "kefu").await;
    browser.press("筛选").await;
    browser.expect("共 1 条").await;
    browser.press(&number).await;
    browser.expect("这是线索，不是结论").await;
    browser.press("非员工").await;
    browser.press("登记结论").await;
    browser.expect("登记结论 · 非员工").await;
    browser.press("重新打开").await;
    browser.expect("请选择").await;
    browser.press("English").await;
    browser.expect("Please choose").await;
    browser.press("Sign out").await;
    browser.expect("登录").await;
}

#[tokio::test]
async fn without_scripts_a_list_is_saved_as_a_view_and_comes_first() {
    let w = world().await;
    w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    browser.become_session(&user.token).await;
    browser.go("/cases").await;
    browser.fill("severity", "低").await;
    browser.press("筛选").await;
    browser.expect("共 0 条").await;
    browser.click("//summary[contains(., '保存为视图')]").await;
    browser.fill("name", "只看低的").await;
    browser.press("保存").await;
    browser.click("//summary[contains(., '保存为视图')]").await;
    browser.press("管理视图").await;
    browser.press("设为默认 只看低的").await;
    browser.expect("已保存").await;
    browser.press("返回线索列表").await;
    browser.expect("共 0 条").await;
    browser.press("全部未结").await;
    browser.expect("共 1 条").await;
}

#[tokio::test]
async fn an_invitation_says_what_is_wrong_with_a_password() {
    let w = world().await;
    w.client("xh0002").await;
    let user = w.shell.store.user_by_login("xh0002").await.unwrap().unwrap();
    let link = invite(&w.shell, &user.id).await.unwrap();
    let browser = Browser::at(w.address()).await;
    browser.go(link.strip_prefix("http://watch.example").unwrap()).await;
    browser.fill("password", "灯火-长夜-望楼-一二三").await;
    browser.fill("again", "灯火-长夜-望楼-四五六").await;
    browser.press("保存 Save").await;
    browser.expect("两次输入的密码不一样").await;
    sound(&browser).await;
}
