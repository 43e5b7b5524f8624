//! The manager at a desk who never touches the mouse.

use serde_json::json;
use wanglou::model::case::CaseState;
use wanglou::web::console::invite;

use crate::driver::{Browser, DOWN, ENTER, SPACE, TAB};
use crate::world::{manager, world};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";

/// Where the focus is shown, and whether it is this.
const FOCUS: &str = "
const at = document.activeElement;
const place = at.getBoundingClientRect();
const top = document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2);
const shown = getComputedStyle(at).outlineStyle !== 'none' && (at.contains(top) || top?.contains(at));
return [at.matches(arguments[0]), shown, at.outerHTML.slice(0, 100)];";

/// Presses Tab until the focus is on this; wherever it stops on the way it can be seen.
async fn tab_to(browser: &Browser, selector: &str) {
    for _ in 0..40 {
        browser.keys(TAB).await;
        let focus = browser.run(FOCUS, json!([selector])).await;
        assert_eq!(focus[1], true, "the focus cannot be seen: {}", focus[2]);
        if focus[0] == true {
            return;
        }
    }
    panic!("Tab never comes to {selector} in {}", browser.path().await);
}

async fn is_at(browser: &Browser, selector: &str) -> bool {
    browser.run(FOCUS, json!([selector])).await[0] == true
}

#[tokio::test]
async fn a_manager_signs_in_decides_and_reopens_by_keys_alone() {
    let w = world().await;
    w.file("first", "星河甲", manager("XH")).await;
    let number = w.file("second", "星河乙", manager("XH")).await;
    w.client("xh0002").await;
    let user = w.shell.store.user_by_login("xh0002").await.unwrap().unwrap();
    let link = invite(&w.shell, &user.id).await.unwrap();
    let browser = Browser::at(w.address()).await;
    browser.go(link.strip_prefix("http://watch.example").unwrap()).await;
    assert!(is_at(&browser, "[name=password]").await);
    browser.keys(&[PASSWORD, TAB, PASSWORD, ENTER].concat()).await;
    browser.expect("登录名").await;
    browser.keys(&["xh0002", TAB, PASSWORD, ENTER].concat()).await;
    browser.expect("最先到期").await;
    browser.keys("jj").await;
    assert!(is_at(&browser, &format!("a.row[href='/cases/{number}']")).await);
    browser.keys(ENTER).await;
    browser.expect("请选择").await;
    browser.keys(&[TAB, ENTER, TAB].concat()).await;
    assert!(is_at(&browser, "main a").await, "the first Tab stop leads past the bar");
    tab_to(&browser, "[name=as]").await;
    browser.keys(&[SPACE, DOWN].concat()).await;
    assert!(is_at(&browser, "[value=false_alarm]:checked").await);
    tab_to(&browser, ".decide button").await;
    browser.keys(ENTER).await;
    browser.expect("登记结论 · 误报").await;
    tab_to(&browser, ".decide button").await;
    browser.keys(ENTER).await;
    browser.expect("请选择").await;
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    assert_eq!(case.state, CaseState::Open);
}

#[tokio::test]
async fn a_list_is_put_in_order_and_kept_as_a_view_by_keys_alone_and_a_page_tells_them() {
    let w = world().await;
    let first = w.file("first", "星河甲", manager("XH")).await;
    let second = w.file("second", "星河乙", manager("XH")).await;
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&user.token).await;
    browser.go("/cases").await;
    let numbers = "return [...document.querySelectorAll('a.row')].map(row => row.innerText).join(' ')";
    assert_eq!(browser.run(numbers, json!([])).await, format!("{first} {second}"));
    tab_to(&browser, "[name=order]").await;
    browser.keys(&[DOWN, DOWN].concat()).await;
    tab_to(&browser, "form.filter > button").await;
    browser.keys(SPACE).await;
    browser.expect("共 2 条").await;
    assert_eq!(browser.path().await, "/cases?state=&severity=&order=newest&words=");
    tab_to(&browser, "summary").await;
    browser.keys(SPACE).await;
    tab_to(&browser, "[name=name]").await;
    browser.keys(&["新的在前", ENTER].concat()).await;
    browser.expect("新的在前").await;
    browser.go("/cases").await;
    tab_to(&browser, ".tabs a[href*=newest]").await;
    browser.keys(ENTER).await;
    browser.expect("共 2 条").await;
    browser.keys("?").await;
    for words in ["打开所在的一条", "选中或取消所在的一条", "到搜索框"] {
        browser.expect(words).await;
    }
    browser.keys("/").await;
    assert_eq!(browser.path().await, "/help", "where there is no search a key does nothing");
}

#[tokio::test]
async fn a_list_is_searched_and_its_rows_are_chosen_by_keys_alone() {
    let w = world().await;
    let mut numbers = Vec::new();
    for handle in ["kefu-a", "kefu-b", "kefu-c", "other"] {
        numbers.push(w.file(handle, "星河", manager("XH")).await);
    }
    let user = w.client("xh0002").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&user.token).await;
    browser.go("/cases").await;
    browser.keys("/").await;
    assert!(is_at(&browser, "input[type=search]").await);
    browser.keys(&["kefu", ENTER].concat()).await;
    browser.expect("共 3 条").await;
    browser.keys("jxjjxk").await;
    let chosen = "return [...document.querySelectorAll('.pick input:checked')].length";
    assert_eq!(browser.run(chosen, json!([])).await, 2);
    tab_to(&browser, "[name=as]").await;
    browser.keys(&[DOWN, TAB, ENTER].concat()).await;
    browser.expect("已登记结论：2 条").await;
}
