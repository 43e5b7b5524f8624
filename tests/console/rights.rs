//! Every address as every role: who sees which page, and no case of another company or lane, by whatever way.

use wanglou::model::case::Lane;

use crate::hostile::entry;
use crate::world::{NOW, ROLES, SECRET, World, manager, world};

/// Who sees a page: logins of [`ROLES`].
const PAGES: &[(&str, &[&str])] = &[
    ("/ledgers", &ROLES),
    ("/ledgers/terms", &["editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/ledgers/terms/workbook", &["editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/ledgers/terms/line", &["editor", "xh0009"]),
    ("/ledgers/brand_marks", &["editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/ledgers/brand_marks/pictures/mark-none.png", &[]),
    ("/ledgers/employees", &["xh0009"]),
    ("/ledgers/managers", &["admin", "xh0009", "xh0012"]),
    ("/ledgers/managers/line", &[]),
    ("/ledgers/protected_topics/line", &["xh0010", "xh0011"]),
    (
        "/ledgers/protected_topics/changes",
        &["editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"],
    ),
    ("/ledgers/confidential_terms", &[]),
    ("/ledgers/confidential_terms/workbook", &[]),
    ("/", &ROLES),
    ("/settings", &ROLES),
    ("/help", &ROLES),
    ("/sources", &ROLES),
    ("/sources/files", &["admin", "xh0009"]),
    ("/cases", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/cases.csv", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/cases.xlsx", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/cases/new", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011"]),
    ("/cases/views", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"]),
    ("/groups", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0012"]),
    ("/groups/new", &["xh0002", "xh0003", "yz0002", "xh0009"]),
    ("/groups/leavers", &["xh0002", "xh0003", "yz0002", "xh0009"]),
    ("/groups/external", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0012"]),
    ("/groups/duties", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0012"]),
    ("/groups/campaigns", &["xh0002", "xh0003", "yz0002", "xh0009"]),
    ("/audit", &["xh0012"]),
    ("/audit.csv", &["xh0012"]),
    ("/audit.xlsx", &["xh0012"]),
    ("/reports", &["xh0002", "xh0003", "yz0002", "xh0009", "xh0012"]),
    ("/reports?company=XH", &["xh0002", "xh0003", "xh0009", "xh0012"]),
    ("/reports?company=YZ", &["yz0002", "xh0009", "xh0012"]),
    ("/reports?company=group", &["xh0009", "xh0012"]),
    ("/reports?company=ZZ", &[]),
    ("/reports/file?form=html&company=YZ", &["yz0002", "xh0009", "xh0012"]),
    ("/reports/file?form=docx&company=group", &["xh0009", "xh0012"]),
    ("/calibration", &["admin", "xh0009", "xh0012"]),
    ("/settings/calendar", &["admin", "editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0012"]),
    ("/settings/mail", &["admin"]),
    ("/ledgers/holidays/line", &["editor", "xh0009"]),
    ("/ledgers/monthly_history", &["xh0009", "xh0012"]),
    ("/users", &["admin"]),
];

/// Cases of five lanes: number, who sees it, who decides it.
async fn cases(w: &World) -> Vec<(String, &'static [&'static str], &'static [&'static str])> {
    vec![
        (
            w.file("acc-xh", "星河甲", manager("XH")).await,
            &["xh0002", "xh0003", "xh0009", "xh0012"],
            &["xh0002", "xh0003", "xh0009"],
        ),
        (w.file("acc-yz", "云舟乙", manager("YZ")).await, &["yz0002", "xh0009", "xh0012"], &["yz0002", "xh0009"]),
        (w.file("acc-hr", "星河丙", Lane::GroupHr).await, &["xh0009", "xh0012"], &["xh0009"]),
        (w.file("acc-law", "星河丁", Lane::Legal).await, &["xh0011", "xh0012"], &["xh0011"]),
        (w.file("acc-leak", "星河戊", Lane::Leak).await, &["xh0010"], &["xh0010"]),
    ]
}

#[tokio::test]
async fn every_page_is_seen_by_the_roles_that_the_table_names_and_by_nobody_else() {
    let w = world().await;
    for login in ROLES {
        let client = w.client(login).await;
        for &(page, may) in PAGES {
            let status = client.get(page).await.status;
            assert_eq!(status, if may.contains(&login) { 200 } else { 404 }, "{page} as {login}");
        }
    }
    for &(page, _) in PAGES {
        assert_eq!(w.stranger().get(page).await.status, 303, "{page} as nobody");
    }
}

#[tokio::test]
async fn a_case_of_another_company_or_lane_does_not_exist_by_whatever_way() {
    let w = world().await;
    let cases = cases(&w).await;
    for login in ROLES {
        let client = w.client(login).await;
        let lists = ["/", "/cases", "/cases?state=all&words=acc", "/cases.csv?state=all"];
        let mut told = String::new();
        for list in lists {
            told += &client.get(list).await.body;
        }
        if client.get("/cases.xlsx").await.status == 200 {
            let sheet = entry(&w, &client, "/cases.xlsx?state=all", "xl/worksheets/sheet1.xml").await;
            for (number, may, _) in &cases {
                assert_eq!(sheet.contains(number.as_str()), may.contains(&login), "{number} in a workbook as {login}");
            }
        }
        for (number, may, _) in &cases {
            let is_seen = may.contains(&login);
            assert_eq!(told.contains(number.as_str()), is_seen, "{number} in lists as {login}");
            let page = client.get(&format!("/cases/{number}")).await;
            assert_eq!(page.status, if is_seen { 200 } else { 404 }, "{number} as {login}");
            let id = w.shell.store.case_by_number(number).await.unwrap().unwrap().id;
            let hash = w.shell.store.evidence_of_case(&id).await.unwrap().first().map(|one| one.sha256.clone());
            for end in ["", "/bytes"] {
                let Some(hash) = &hash else { continue };
                let evidence = client.get(&format!("/cases/{number}/evidence/{hash}{end}")).await.status;
                assert_eq!(evidence == 200, is_seen, "{number}{end} as {login}");
            }
        }
        let seen = cases.iter().filter(|(_, may, _)| may.contains(&login)).count();
        let page = client.get("/cases?state=all").await.body;
        assert!(seen == 0 || page.contains(&format!("共 {seen} 条")), "the count is of the own cases, as {login}");
    }
}

#[tokio::test]
async fn only_those_in_charge_decide() {
    let w = world().await;
    let cases = cases(&w).await;
    for login in ROLES {
        let client = w.client(login).await;
        for (number, _, decides) in &cases {
            let may = decides.contains(&login);
            let answer = client.post(&format!("/cases/{number}/decide"), "as=false_alarm").await;
            assert_eq!(answer.status, if may { 303 } else { 404 }, "{number} as {login}");
            let answer = client.post(&format!("/cases/{number}/reopen"), "").await;
            assert_eq!(answer.status, if may { 303 } else { 404 }, "{number} reopened as {login}");
            client.post("/cases/decide", &format!("as=false_alarm&case={number}")).await;
            let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
            let is_closed = matches!(case.state, wanglou::model::case::CaseState::Closed { .. });
            assert_eq!(is_closed, may, "{number} among several as {login}");
            client.post(&format!("/cases/{number}/reopen"), "").await;
        }
    }
}

#[tokio::test]
async fn who_is_perhaps_meant_sees_neither_case_nor_count() {
    let w = world().await;
    let number = w.file_about("acc", "星河专二", manager("XH"), "XH0002").await;
    let (meant, deputy) = (w.client("xh0002").await, w.client("xh0003").await);
    assert_eq!(meant.get(&format!("/cases/{number}")).await.status, 404);
    assert!(meant.get("/cases").await.body.contains("共 0 条"));
    assert_eq!(deputy.get(&format!("/cases/{number}")).await.status, 200);
    assert!(deputy.get("/cases").await.body.contains("共 1 条"));
}

#[tokio::test]
async fn whoever_has_left_has_no_role_any_more() {
    let w = world().await;
    let left = w.client("xh0099").await;
    assert_eq!(left.get("/cases").await.status, 404);
    assert!(left.get("/").await.body.contains("没有任何角色"));
    assert_eq!(wanglou::pipeline::leavers::shut_out_leavers(&w.shell).await.unwrap(), 1);
    assert_eq!(left.get("/").await.status, 303, "nor a login after the night");
    assert_eq!(wanglou::pipeline::leavers::shut_out_leavers(&w.shell).await.unwrap(), 0);
}

#[tokio::test]
async fn an_auditor_sees_no_name_of_a_possible_owner() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let page = format!("/cases/{number}");
    assert!(w.client("xh0002").await.get(&page).await.body.contains("嫌二一"));
    let audited = w.client("xh0012").await.get(&page).await.body;
    assert!(!audited.contains("嫌二一") && !audited.contains("XH0021"));
}

#[tokio::test]
async fn a_confidential_word_cannot_be_searched_for() {
    let w = world().await;
    let number = w.file("acc", &format!("星河{SECRET}"), manager("XH")).await;
    let manager = w.client("xh0002").await;
    let found = manager.get("/cases?words=%E4%BA%91%E8%88%9F%E4%B8%89%E5%8F%B7").await.body;
    assert!(found.contains("共 0 条"));
    let part = manager.get("/cases?words=%E8%88%9F%E4%B8%89").await.body;
    assert!(part.contains("共 0 条"), "nor can a part of it");
    let all = manager.get("/cases").await.body;
    assert!(all.contains("共 1 条") && !all.contains(SECRET));
    let id = w.shell.store.case_by_number(&number).await.unwrap().unwrap().id;
    let hash = &w.shell.store.evidence_of_case(&id).await.unwrap()[0].sha256;
    let page = manager.get(&format!("/cases/{number}/evidence/{hash}")).await.body;
    assert!(page.contains("只有泄密专线可以看") && !page.contains(SECRET));
    assert_eq!(manager.get(&format!("/cases/{number}/evidence/{hash}/bytes")).await.status, 404);
}

#[tokio::test]
async fn whoever_is_shut_out_decides_nothing_by_letter_either() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    let token = "ab".repeat(32);
    w.shell.store.add_mail_link(&token, &case.id, &"XH0002".into(), NOW.plus_days(7)).await.unwrap();
    w.client("xh0002").await;
    assert_eq!(w.stranger().get(&format!("/letters/{token}")).await.status, 200);
    w.client("admin").await.post("/users/xh0002/disable", "").await;
    assert_eq!(w.stranger().get(&format!("/letters/{token}")).await.status, 422);
}
