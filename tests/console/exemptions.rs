//! Applications for exemptions: who files, checks, approves and refuses them, and what the ledger says after each step.

use std::sync::Arc;

use wanglou::casework::account::judge_account;
use wanglou::cli::scan::{ScanArgs, run};
use wanglou::clock::Clock;
use wanglou::model::account::Account;
use wanglou::model::case::{CaseState, Disposition, Judgement, Lane, Outcome};
use wanglou::model::exemption::ExemptionStatus;
use wanglou::model::exemption_request::ApplicationState;
use wanglou::model::finding::{Finding, Rule};
use wanglou::model::record::Record;
use wanglou::pipeline::exempted::settle_exemptions;
use wanglou::pipeline::exemptions::{ApplicationError, approve};
use wanglou::pipeline::import::{Item, SOURCE, import};
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::replay::replay;
use wanglou::store::StoreError;

use crate::http::Answer;
use crate::world::{Client, NOW, ROLES, World, account, judgement, manager, world, world_at};

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
async fn an_exemption_closes_the_open_cases_that_it_covers_and_no_other() {
    let w = world().await;
    let covered = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    let leak = w.file("xh_notes", "星河员工笔记", Lane::Leak).await;
    let other = w.file("xh_other", "星河科技员工笔记", manager("XH")).await;
    let (employee, company, hr) = (w.client("xh0021").await, w.client("xh0002").await, w.client("xh0009").await);
    let path = format!("/exemption-requests/{}", filed(&employee).await);
    company.post(&format!("{path}/check"), "").await;
    assert_eq!(state(&w, &covered).await, CaseState::Open, "nothing is granted yet");
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-03-31").await.status, 303);
    let CaseState::Closed { disposition, by, .. } = state(&w, &covered).await else { panic!("the case is open") };
    assert_eq!((disposition, by.as_str()), (Disposition::Exempted, "wanglou"));
    assert!(hr.get(&format!("/cases/{covered}")).await.body.contains("登记结论 · 已豁免 EX-2026-0001"));
    for number in [&leak, &other] {
        assert_eq!(state(&w, number).await, CaseState::Open);
    }
}

/// Whether the case of the account stays open when the exemption of the form is granted.
async fn stays_open(bio: &str, found: Judgement) -> bool {
    let w = world().await;
    let number = w.file_found(Account { bio: bio.into(), ..account("xh_notes", "星河员工笔记") }, found).await;
    let path = checked(&w.client("xh0002").await).await;
    assert_eq!(w.client("xh0009").await.post(&format!("{path}/approve"), "until=2027-03-31").await.status, 303);
    state(&w, &number).await == CaseState::Open
}

#[tokio::test]
async fn an_exemption_closes_no_case_that_is_about_more_than_the_granted_marks() {
    let found = || judgement(manager("XH"), "XH0021");
    assert!(!stays_open("", found()).await);
    assert!(stays_open("云舟材料", found()).await, "another company's mark");
    let mut trade = found();
    trade.findings.push(Finding { rule: Rule::Coi, clause: "四.4".into(), ..trade.findings[0].clone() });
    assert!(stays_open("", trade).await, "a trade is nobody's leave");
}

#[tokio::test]
async fn whoever_grants_an_exemption_closes_no_case_that_they_are_kept_away_from() {
    assert!(stays_open("", judgement(manager("XH"), "XH0009")).await);
}

/// Puts this line into the file as the whole ledger.
fn enter(w: &World, line: &str) {
    let header = "豁免编号,申请人工号,公司代码,平台,账号名,账号ID,使用标识,用途,附加条件,申请日期,公司初审人,上市公司HR审批人,批准日期,有效期至,状态";
    std::fs::write(file(w), format!("{header}\n{line}\n")).unwrap();
    w.shell.reload().unwrap();
}

/// A line of the ledger from its approver on: who approved, on which day, until when, its state.
fn line(rest: &str) -> String {
    format!("EX-2026-0007,XH0021,XH,forum,星河,xh_notes,星河,,,,,{rest}")
}

async fn settle(w: &World) -> (usize, usize) {
    let settled = settle_exemptions(&w.shell, &w.shell.world()).await.unwrap();
    (settled.closed, settled.opened)
}

#[tokio::test]
async fn an_exemption_that_came_by_the_file_closes_the_covered_case_when_it_takes_effect_and_once() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    let leak = w.file("xh_notes", "星河员工笔记", Lane::Leak).await;
    for waits in [
        "XH0009,2026-11-21,2027-03-31,有效",
        "XH0009,2026-11-20,2027-03-31,审批中",
        "XH0021,2026-11-20,2027-03-31,有效",
    ] {
        enter(&w, &line(waits));
        assert_eq!(settle(&w).await, (0, 0), "{waits}");
    }
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    assert_eq!(settle(&w).await, (1, 0));
    assert_eq!(settle(&w).await, (0, 0), "what is settled stays");
    assert!(matches!(state(&w, &number).await, CaseState::Closed { disposition: Disposition::Exempted, .. }));
    assert_eq!(state(&w, &leak).await, CaseState::Open);
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    let history = w.shell.store.audit_of(case.id.as_str()).await.unwrap();
    let (who, what) = history.last().map(|entry| (entry.actor.as_str(), entry.detail.as_str())).unwrap();
    assert_eq!((who, what), ("wanglou", "exempted EX-2026-0007"));
}

#[tokio::test]
async fn an_exemption_that_ends_in_the_ledger_opens_the_case_that_it_had_closed() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    assert_eq!(settle(&w).await, (1, 0));
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,撤销(2026-11-20)"));
    assert_eq!(settle(&w).await, (0, 1));
    assert_eq!(state(&w, &number).await, CaseState::Open);
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    assert!(case.judgement.rules().contains(&Rule::ExemptRevoked), "{:?}", case.judgement.rules());
    w.client("xh0002").await.post(&format!("/cases/{number}/decide"), "as=exempted").await;
    assert_eq!(settle(&w).await, (0, 0), "the decision knew of that end");
}

#[tokio::test]
async fn of_an_account_that_was_not_seen_for_long_the_end_of_its_exemption_says_nothing_yet() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    settle(&w).await;
    let mut later = (*w.shell.world()).clone();
    later.at = NOW.plus_days(200);
    assert_eq!(settle_exemptions(&w.shell, &later).await.unwrap().opened, 0);
    assert!(matches!(state(&w, &number).await, CaseState::Closed { .. }));
}

const DAY_MS: i64 = 86_400_000;

/// The account is looked at now, and goes by this name.
async fn see(w: &World, name: &str) {
    let items = [Item::from(Record::Account(account("xh_notes", name)))];
    import(&w.shell, &w.shell.world(), &items, SOURCE, "cli:test").await.unwrap();
}

#[tokio::test]
async fn an_account_that_was_seen_without_its_marks_is_not_accused_when_its_exemption_ends() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2026-11-22,有效"));
    assert_eq!(settle(&w).await, (1, 0));
    w.shell.clock.advance_ms(DAY_MS);
    see(&w, "小周").await;
    w.shell.clock.advance_ms(2 * DAY_MS);
    assert_eq!(settle(&w).await, (0, 0));
    assert!(matches!(state(&w, &number).await, CaseState::Closed { .. }));
    let (again, passed_over) = replay(&w.shell, &w.shell.world(), NOW).await.unwrap();
    assert_eq!((again.len(), passed_over), (0, 1), "nor does a replay accuse it");
    see(&w, "星河员工笔记").await;
    assert_eq!(state(&w, &number).await, CaseState::Open, "the marks are back");
}

#[tokio::test]
async fn an_exemption_that_ended_long_ago_does_not_speak_for_one_that_ends_later() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    let old = "EX-2025-0007,XH0021,XH,forum,星河,xh_notes,星河,,,,,XH0009,2025-11-20,2026-11-10,有效";
    enter(&w, &format!("{old}\n{}", line("XH0009,2026-11-20,2027-03-31,有效")));
    assert_eq!(settle(&w).await, (1, 0));
    w.shell.clock.advance_ms(200 * DAY_MS);
    assert_eq!(settle(&w).await, (0, 0), "not seen within seven days before the later end");
    assert!(matches!(state(&w, &number).await, CaseState::Closed { .. }));
}

#[tokio::test]
async fn what_is_judged_again_at_the_end_of_an_exemption_was_not_seen_then() {
    let w = world().await;
    w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    assert_eq!(settle(&w).await, (1, 0));
    w.shell.clock.advance_ms(DAY_MS);
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,撤销(2026-11-21)"));
    assert_eq!(settle(&w).await, (0, 1));
    let stored = w.shell.store.subjects_seen_since(NOW).await.unwrap();
    assert_eq!(stored.iter().map(|one| one.last_seen).collect::<Vec<_>>(), [NOW]);
}

#[tokio::test]
async fn a_case_that_a_person_opened_again_is_not_closed_again_by_the_exemption() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    assert_eq!(settle(&w).await, (1, 0));
    assert_eq!(w.client("xh0002").await.post(&format!("/cases/{number}/reopen"), "").await.status, 303);
    assert_eq!(settle(&w).await, (0, 0));
    assert_eq!(state(&w, &number).await, CaseState::Open);
}

#[tokio::test]
async fn a_scan_from_a_timer_settles_the_exemptions_of_the_ledger() {
    let w = world().await;
    let number = w.file("xh_notes", "星河员工笔记", manager("XH")).await;
    enter(&w, &line("XH0009,2026-11-20,2027-03-31,有效"));
    let args = ScanArgs { sources: Vec::new(), json: false };
    assert_eq!(run(&args, Arc::clone(&w.shell)).await.unwrap(), 0);
    assert!(matches!(state(&w, &number).await, CaseState::Closed { disposition: Disposition::Exempted, .. }));
}

/// What is found of the account on this day, with this line as the whole ledger.
fn found_with(w: &World, line: &str) -> Judgement {
    enter(w, line);
    judge_account(&w.shell.world(), &account("xh_notes", "星河员工笔记"))
}

#[tokio::test]
async fn the_end_of_a_second_exemption_opens_the_case_again() {
    let w = world().await;
    let line = |id: &str, until: &str| format!("{id},XH0021,XH,forum,星河,xh_notes,星河,,,,,,,{until},有效");
    let user = w.client("xh0002").await;
    let ends = [("EX-2025-0001", "2026-10-01"), ("EX-2026-0001", "2026-11-01"), ("EX-2026-0001", "2026-11-19")];
    for (id, until) in ends {
        let found = found_with(&w, &line(id, until));
        assert!(found.rules().contains(&Rule::ExemptExpired), "{found:?}");
        let number = w.file_found(account("xh_notes", "星河员工笔记"), found.clone()).await;
        assert_eq!(state(&w, &number).await, CaseState::Open, "{id} until {until}");
        assert_eq!(found_with(&w, &line(id, "2027-11-01")).outcome, Outcome::Exempt);
        user.post(&format!("/cases/{number}/decide"), "as=exempted").await;
        w.file_found(account("xh_notes", "星河员工笔记"), found).await;
        assert!(matches!(state(&w, &number).await, CaseState::Closed { .. }), "the same end is no news");
    }
}

async fn state(w: &World, number: &str) -> CaseState {
    w.shell.store.case_by_number(number).await.unwrap().unwrap().state
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
    w.shell.store.number_exemption(number, &application, "XH0009", (NOW, 2026), &[]).await.unwrap();
    assert_eq!(hr.post(&format!("{path}/refuse"), "reason=x").await.status, 409);
    let request = w.shell.store.exemption_request(number).await.unwrap().unwrap();
    let other = approve(&w.shell, &w.shell.world(), &request, &application, "XH0011").await;
    assert!(matches!(other, Err(ApplicationError::Store(StoreError::Answered(_)))), "another approver comes too late");
    assert_eq!(ledger(&w).len(), 1, "its line stays");
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 303);
    assert_eq!(ledger(&w), [("EX-2026-0001".to_owned(), ExemptionStatus::Valid)]);
    let sent = deliver(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!((sent.sent, sent.failed), (0, 1), "nothing is left in the letter");
}

#[tokio::test]
async fn an_approval_that_was_begun_and_never_ended_is_ended_by_another_approver_with_the_same_number() {
    let w = world().await;
    let company = w.client("xh0002").await;
    let path = checked(&company).await;
    let number = path.trim_start_matches("/exemption-requests/");
    let application = w.shell.store.exemption_request(number).await.unwrap().unwrap().application.unwrap();
    w.shell.store.number_exemption(number, &application, "XH0009", (NOW, 2026), &[]).await.unwrap();
    w.shell.clock.advance_ms(10 * 60_000);
    let request = w.shell.store.exemption_request(number).await.unwrap().unwrap();
    let id = approve(&w.shell, &w.shell.world(), &request, &application, "XH0011").await.unwrap();
    assert_eq!(id.as_str(), "EX-2026-0001");
    assert_eq!(ledger(&w), [("EX-2026-0001".to_owned(), ExemptionStatus::Valid)]);
    let first = approve(&w.shell, &w.shell.world(), &request, &application, "XH0009").await;
    assert!(matches!(first, Err(ApplicationError::Store(StoreError::Answered(_)))), "whoever comes back is too late");
    let ended = w.shell.store.exemption_request(number).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.decided_by.as_str()), (ApplicationState::Approved, "XH0011"));
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

/// The text of the one letter about an application, sent now, and the path of its link.
async fn by_letter(w: &World) -> (String, String) {
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 1);
    let file = std::fs::read_dir(w.folder.path().join("mail")).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    let letter = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(letter.to().unwrap().first().unwrap().address(), Some("xh0009@xinghe.example"));
    let text = letter.body_text(0).unwrap().into_owned();
    let path =
        text.split("http://watch.example").find(|rest| rest.starts_with("/letters/exemptions/")).expect("a link");
    let path = path.split_whitespace().next().unwrap().to_owned();
    (format!("{} {text}", letter.subject().unwrap()), path)
}

async fn open(w: &World, path: &str) -> Answer {
    w.stranger().get(path).await
}

async fn choose(w: &World, path: &str, form: &str, headers: &str) -> Answer {
    let headers = format!("Content-Type: application/x-www-form-urlencoded\r\n{headers}");
    w.stranger().send("POST", path, &headers, form).await
}

/// Journey 4: filed by the employee, checked in the company, approved by the link of the letter, numbered, silent.
#[tokio::test]
async fn an_application_is_approved_by_the_link_of_its_letter_once_and_the_account_is_silent() {
    let w = world().await;
    let number = filed(&w.client("xh0021").await).await;
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 0, "the company checks first");
    w.client("xh0002").await.post(&format!("/exemption-requests/{number}/check"), "").await;
    assert_eq!(outcome(&w), Outcome::Alert);

    let (letter, path) = by_letter(&w).await;

    assert!(letter.contains(&number) && letter.contains("七天内有效"), "{letter}");
    for name in ["嫌二一", "XH0021", "xh_notes"] {
        assert!(!letter.contains(name), "{name}: who asks does not stand in a letter");
    }
    for _ in 0..3 {
        let page = open(&w, &path).await;
        assert!(page.status == 200 && page.body.contains("xh_notes") && !page.body.contains("XH0021"), "{}", page.body);
    }
    assert_eq!(outcome(&w), Outcome::Alert, "to open it changes nothing");
    let form = "as=approve&until=2027-03-31&conditions=none";
    assert_eq!(choose(&w, &path, form, "Origin: https://evil.example\r\n").await.status, 403);
    for wrong in ["as=approve&until=2028-03-31", "as=approve&until=soon", "as=refuse&reason=", "until=2027-03-31"] {
        assert_eq!(choose(&w, &path, wrong, "").await.status, 422, "{wrong}");
    }
    let done = choose(&w, &path, form, "").await;
    assert!(done.status == 200 && done.body.contains("EX-2026-0001"), "{}", done.body);
    assert_eq!(ledger(&w), [("EX-2026-0001".to_owned(), ExemptionStatus::Valid)]);
    assert_eq!(outcome(&w), Outcome::Exempt, "the next look is silent");
    assert_eq!((choose(&w, &path, form, "").await.status, open(&w, &path).await.status), (422, 422), "once");
    let told = w.shell.store.audit_of(&number).await.unwrap();
    let by_approver: Vec<_> =
        told.iter().filter(|line| line.actor == "XH0009").map(|line| line.action.as_str()).collect();
    assert_eq!(by_approver.iter().filter(|action| **action == "exemption_request.read").count(), 3);
    assert!(by_approver.contains(&"exemption_request.decide"));
}

#[tokio::test]
async fn a_refusal_by_the_link_gives_its_reason() {
    let w = world().await;
    let company = w.client("xh0002").await;
    let path = checked(&company).await;
    let (_, link) = by_letter(&w).await;
    assert_eq!(choose(&w, &link, "as=refuse&reason=%E7%94%A8%E9%80%94%E4%B8%8D%E6%98%8E", "").await.status, 200);
    assert_eq!(ledger(&w), []);
    assert!(company.get(&path).await.body.contains("用途不明"));
}

#[tokio::test]
async fn a_link_ends_after_seven_days_and_with_the_approver_s_part_or_a_decision_elsewhere() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let path = checked(&w.client("xh0002").await).await;
    let (_, link) = by_letter(&w).await;
    let number = path.trim_start_matches("/exemption-requests/");
    for stranger in ["XH0002", "XH0012", "XH0021", "XH0099", "nobody"] {
        let until = NOW.plus_days(7);
        w.shell.store.add_exemption_link(stranger, number, &stranger.into(), until).await.unwrap();
        assert_eq!(open(&w, &format!("/letters/exemptions/{stranger}")).await.status, 422, "{stranger}");
    }
    assert_eq!(open(&w, &link).await.status, 200);
    clock.advance_ms(7 * 86_400_000);
    assert_eq!(open(&w, &link).await.status, 422);
    clock.advance_ms(-7 * 86_400_000);
    let hr = w.client("xh0009").await;
    assert_eq!(hr.post(&format!("{path}/approve"), "until=2027-06-30").await.status, 303);
    assert_eq!(choose(&w, &link, "as=refuse&reason=x", "").await.status, 422, "decided in the console");
}
