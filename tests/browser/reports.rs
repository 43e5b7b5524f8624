//! The report, the calendar and the calibration: read at a desk and on a phone.

use crate::check::{contrast_faults, faults};
use crate::driver::{Browser, Window};
use crate::world::{manager, world};

#[tokio::test]
async fn the_report_is_read_on_desk_and_phone_and_its_pages_are_without_fault() {
    let w = world().await;
    let decider = w.client("xh0003").await;
    for n in 0..7 {
        let number = w.file(&format!("acc{n}"), "星河甲", manager("XH")).await;
        let decision = if n < 5 { "as=rectified" } else { "as=false_alarm" };
        decider.post(&format!("/cases/{number}/decide"), decision).await;
    }
    let user = w.client("xh0009").await;
    let browser = Browser::at(w.address()).await;
    browser.become_session(&user.token).await;
    let mut found = Vec::new();
    for path in ["/reports", "/reports?company=XH", "/settings/calendar", "/calibration"] {
        browser.go(path).await;
        for window in [Window::Desktop, Window::Phone] {
            browser.resize(window).await;
            found.extend(faults(&browser, window).await.into_iter().map(|fault| format!("{path} {window:?}: {fault}")));
        }
        browser.prefer("dark").await;
        found.extend(contrast_faults(&browser).await.into_iter().map(|fault| format!("{path} in the dark: {fault}")));
        browser.prefer("light").await;
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    browser.go("/").await;
    browser.press("报告").await;
    browser.expect("二、数字").await;
    browser.fill("company", "星河科技").await;
    browser.press("查看").await;
    browser.expect("线索数（按严重度，近6个月）").await;
    assert_eq!(browser.path().await, "/reports?month=2026-11&company=XH");
}
