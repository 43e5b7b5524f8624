//! Applications for exemptions: who files, checks, approves and refuses them, and what the ledger says after each step.

use wanglou::casework::account::judge_account;
use wanglou::model::account::Account;
use wanglou::model::case::Outcome;
use wanglou::model::exemption::ExemptionStatus;

use crate::world::{Client, ROLES, World, world};

const FORM: &str = "employee=XH0021&platform=forum&handle=xh_notes&account_name=%E6%98%9F%E6%B2%B3%E7%AC%94%E8%AE%B0&\
    marks=%E6%98%9F%E6%B2%B3&purpose=x&conditions=none&until=2027-06-30&ownership=own";

async fn filed(client: &Client<'_>) -> String {
    let answer = client.post("/exemption-requests", FORM).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let place = answer.head.split("location: /exemption-requests/").nth(1).unwrap();
    place.lines().next().unwrap().trim().to_uppercase()
}

/// Number and state of every line of the ledger in force.
fn ledger(w: &World) -> Vec<(String, ExemptionStatus)> {
    let exemptions = &w.shell.world().ledgers.exemptions;
    exemptions.iter().map(|one| (one.id.to_string(), one.status)).collect()
}

fn outcome(w: &World) -> Outcome {
    let account = Account {
        platform: "forum".into(),
        handle: "xh_notes".into(),
        url: "https://forum.example/u/xh_notes".into(),
        display_name: "星河科技员工笔记".into(),
        ..Account::default()
    };
    judge_account(&w.shell.world(), &account).outcome
}

#[tokio::test]
async fn an_application_is_checked_approved_numbered_and_makes_the_account_silent() {
    let w = world().await;
    assert_eq!(outcome(&w), Outcome::Alert);
    let (employee, company, hr) = (w.client("xh0021").await, w.client("xh0002").await, w.client("xh0009").await);
    let number = filed(&employee).await;
    let path = format!("/exemption-requests/{number}");
    assert_eq!(ledger(&w), [], "what nobody has checked changes no judgement");
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 404, "the company checks first");

    assert!(
        company.get("/").await.body.contains("<b>1</b> 份豁免申请等您审")
            && !hr.get("/").await.body.contains("份豁免申请等您审")
    );
    assert_eq!(company.post(&format!("{path}/check"), "").await.status, 303);
    assert_eq!(ledger(&w), [(number.clone(), ExemptionStatus::Pending)]);
    assert_eq!(outcome(&w), Outcome::Alert, "told as waiting for its approval");
    assert_eq!(company.post(&format!("{path}/check"), "").await.status, 404, "once");

    let approved = hr.post(&format!("{path}/approve"), "until=2027-03-31&conditions=%E4%B8%8D%E5%8F%91%E5%B8%83").await;
    assert_eq!(approved.status, 303, "{}", approved.body);
    assert_eq!(ledger(&w), [("EX-2026-0001".to_owned(), ExemptionStatus::Valid)]);
    assert_eq!(outcome(&w), Outcome::Exempt);
    let page = employee.get(&path).await.body;
    assert!(page.contains("编号EX-2026-0001，有效期至2027年3月31日。条件：不发布"), "{page}");
    assert!(employee.get(&format!("{path}/letter.txt")).await.head.contains("ex-2026-0001.txt"));
    let history = w.shell.store.ledger_versions(Some("exemptions.csv")).await.unwrap();
    assert_eq!((history.len(), history[0].author.as_str()), (2, "XH0009"));
}

#[tokio::test]
async fn a_refusal_gives_its_reason_and_leaves_no_line() {
    let w = world().await;
    let (company, hr) = (w.client("xh0002").await, w.client("xh0009").await);
    let number = filed(&company).await;
    let path = format!("/exemption-requests/{number}");
    company.post(&format!("{path}/check"), "").await;
    assert_eq!(hr.post(&format!("{path}/refuse"), "reason=").await.status, 422);
    assert_eq!(hr.post(&format!("{path}/refuse"), "reason=%E7%94%A8%E9%80%94%E4%B8%8D%E6%98%8E").await.status, 303);
    assert_eq!(ledger(&w), []);
    assert!(company.get(&path).await.body.contains("用途不明"));
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 404, "decided already");
}

#[tokio::test]
async fn applications_of_another_company_do_not_exist_and_nobody_decides_their_own() {
    let w = world().await;
    let number = filed(&w.client("xh0021").await).await;
    let path = format!("/exemption-requests/{number}");
    for login in ROLES.into_iter().chain(["clerk"]) {
        let client = w.client(login).await;
        let sees = ["xh0002", "xh0003", "xh0009", "xh0012"].contains(&login);
        assert_eq!(client.get(&path).await.status == 200, sees, "{login}");
        assert_eq!(client.get("/exemption-requests").await.body.contains(&number), sees, "in the list as {login}");
        if !["xh0002", "xh0003"].contains(&login) {
            assert_eq!(client.post(&format!("{path}/check"), "").await.status, 404, "checked as {login}");
        }
        assert_eq!(
            client.post(&format!("{path}/approve"), "until=2027-06-30").await.status,
            404,
            "approved as {login}"
        );
        assert_eq!(
            client.post(&format!("{path}/refuse"), "reason=").await.status,
            if ["xh0002", "xh0003"].contains(&login) { 422 } else { 404 }
        );
    }
    let own = FORM.replace("XH0021", "XH0002");
    let other = w.client("yz0001").await;
    assert_eq!(other.post("/exemption-requests", &own).await.status, 422, "not for somebody else");
}

/// An application that the company has checked, and its path.
async fn checked(company: &Client<'_>) -> String {
    let path = format!("/exemption-requests/{}", filed(company).await);
    assert_eq!(company.post(&format!("{path}/check"), "").await.status, 303);
    path
}

fn file(w: &World) -> std::path::PathBuf {
    w.folder.path().join("watchlists/exemptions.csv")
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_whole_is_refused_and_not_overwritten() {
    let w = world().await;
    let (company, hr) = (w.client("xh0002").await, w.client("xh0009").await);
    let path = checked(&company).await;
    let broken = "豁免编号,豁免编号,平台\nEX-2026-0007,EX-2026-0007,forum\n";
    std::fs::write(file(&w), broken).unwrap();
    for (step, form) in [("approve", "until=2027-06-30"), ("refuse", "reason=x")] {
        let answer = hr.post(&format!("{path}/{step}"), form).await;
        assert_eq!(answer.status, 422, "{step}: {}", answer.body);
        assert_eq!(std::fs::read_to_string(file(&w)).unwrap(), broken, "{step}");
    }
    let line = hr.get("/ledgers/exemptions/line").await;
    assert!(line.status == 422 && line.body.contains("读不完整"), "{}", line.body);
}

#[tokio::test]
async fn a_number_that_somebody_else_has_is_not_given_again_and_their_line_stays() {
    let w = world().await;
    let (company, hr) = (w.client("xh0002").await, w.client("xh0009").await);
    let path = checked(&company).await;
    let before = std::fs::read_to_string(file(&w)).unwrap();
    std::fs::write(file(&w), format!("{before}EX-2026-0001,XH0003,XH,forum,别人,other,星河,,,,,,,2027-01-31,有效\n"))
        .unwrap();
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 303);
    let after = std::fs::read_to_string(file(&w)).unwrap();
    assert!(after.contains("EX-2026-0001,XH0003") && after.contains("EX-2026-0002,XH0021"), "{after}");
}

#[tokio::test]
async fn an_application_whose_approval_has_begun_is_not_refused() {
    let w = world().await;
    let (company, hr) = (w.client("xh0002").await, w.client("xh0009").await);
    let path = checked(&company).await;
    let number = path.trim_start_matches("/exemption-requests/");
    let application = w.shell.store.exemption_request(number).await.unwrap().unwrap().application.unwrap();
    w.shell.store.number_exemption(number, &application, 2026, &[]).await.unwrap();
    assert_eq!(hr.post(&format!("{path}/refuse"), "reason=x").await.status, 409);
    assert_eq!(ledger(&w).len(), 1, "its line stays");
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 303);
    assert_eq!(ledger(&w), [("EX-2026-0001".to_owned(), ExemptionStatus::Valid)]);
}

#[tokio::test]
async fn an_application_that_cannot_be_is_refused_with_the_reason() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for (from, to, why) in [
        ("until=2027-06-30", "until=2028-06-30", "12个月"),
        ("until=2027-06-30", "until=soon", "2027-03-31"),
        ("handle=xh_notes", "handle=", "账号ID"),
        ("ownership=own", "ownership=", "归属"),
        ("employee=XH0021", "employee=YZ0001", "不属于您的公司"),
        ("employee=XH0021", "employee=XH0099", "在职"),
    ] {
        let answer = client.post("/exemption-requests", &FORM.replace(from, to)).await;
        assert!(answer.status == 422 && answer.body.contains(why), "{to}: {}", answer.body);
    }
}
