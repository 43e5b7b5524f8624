//! Reports, calibration and the calendar: what each reader is told, and that no small count can be worked out.

use serde_json::json;
use wanglou::documents::text_of;
use wanglou::model::account::Account;
use wanglou::model::case::{Disposition, Judgement, Lane, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate};
use wanglou::model::month::Month;
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::lowering::watch_band;
use wanglou::pipeline::reporting::{Form, ReportError, monthly, written};
use wanglou::store::{AlertOccasion, BandLowering, CaseQuery, Decision, JudgementBatch, Step, SubjectFacts};

use crate::ledgers::upload;
use crate::world::{Client, NOW, World, manager, world};

/// Files so many cases of a lane and decides them.
async fn decided(w: &World, client: &Client<'_>, lane: &Lane, decisions: &[&str]) {
    for (n, decision) in decisions.iter().enumerate() {
        let number = w.file(&format!("{lane}-{decision}-{n}"), "星河甲", lane.clone()).await;
        let answer = client.post(&format!("/cases/{number}/decide"), &format!("as={decision}")).await;
        assert!(decision.is_empty() || answer.status == 303, "{}", answer.body);
    }
}

/// Cells of the row of the first table that begins with a heading.
fn row(page: &str, heading: &str) -> Vec<String> {
    let row = page.split("<tr>").find(|row| row.contains(&format!(">{heading}</th>"))).unwrap_or_default();
    let cells = row.split("<td ").skip(1).map(|cell| cell.split(['<', '>']).nth(1).unwrap_or_default());
    cells.map(|cell| cell.replace("&#60;", "<")).collect()
}

/// Cases of two companies and three other lanes, most of them decided.
async fn busy() -> World {
    let w = world().await;
    let hr = w.client("xh0009").await;
    let rectified = ["rectified"; 9];
    decided(&w, &hr, &manager("XH"), &[&rectified[..], &["false_alarm"; 3], &[""; 2]].concat()).await;
    decided(&w, &hr, &manager("YZ"), &["false_alarm", "rectified", ""]).await;
    decided(&w, &hr, &Lane::Leak, &[""; 6]).await;
    decided(&w, &hr, &Lane::Legal, &[""; 6]).await;
    w
}

#[tokio::test]
async fn each_company_is_told_its_own_figures_and_the_group_the_sums_of_what_is_told() {
    let w = busy().await;
    let own = w.client("xh0003").await.get("/reports").await.body;
    assert_eq!(row(&own, "新增线索"), ["14", "–", "14"]);
    assert_eq!(row(&own, "不成立（误报、同名、已豁免等）")[0], "<5");
    assert_eq!(row(&own, "核实成立")[0], "–", "or what is refuted and what is open would follow");
    let small = w.client("yz0002").await;
    let other = small.get("/reports").await.body;
    assert_eq!(row(&other, "新增线索")[0], "<5");
    assert!(!other.contains("星河科技"), "nothing of the other company");

    let auditor = w.client("xh0012").await;
    let group = auditor.get("/reports").await.body;
    assert_eq!(row(&group, "新增线索")[0], "≥14", "neither the small company nor leaks nor legal's are in it");
    assert_eq!(row(&group, "云舟材料")[0], "<5");
    for person in ["嫌二一", "专二", "XH0021", "星河甲"] {
        assert!(!group.contains(person), "{person}");
    }
    let audit = auditor.get("/audit?action=report.read").await.body;
    assert!(audit.contains("XH0003") && audit.contains("2026-11"));
    let english = small.post("/settings/language", "language=en&back=/reports").await;
    assert_eq!(english.status, 303);
    assert!(small.get("/reports").await.body.contains("New cases"));
}

#[tokio::test]
async fn a_report_is_downloaded_in_three_forms_that_say_the_same() {
    let w = busy().await;
    let client = w.client("xh0012").await;
    for (form, kind, first) in
        [("docx", "wordprocessingml", "PK"), ("pdf", "application/pdf", "%PDF"), ("html", "text/html", "<!DOCTYPE")]
    {
        let answer = client.get(&format!("/reports/file?form={form}&company=XH&month=2026-11")).await;
        assert!(answer.status == 200 && answer.head.contains(kind), "{form}: {} {}", answer.status, answer.head);
        assert!(answer.head.contains(&format!("attachment; filename=\"report-xh-2026-11.{form}\"")), "{}", answer.head);
        assert!(answer.body.starts_with(first), "{form}");
    }
    assert_eq!(client.get("/reports/file?form=exe").await.status, 404);
    let world = w.shell.world();
    let month = Month::parse("2026-11").unwrap();
    let document = monthly(&w.shell, &world, None, month, "zh-CN").await.unwrap();
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for form in [Form::Docx, Form::Pdf] {
        let bytes = written(&document, form, None).unwrap();
        let text = squeezed(&text_of(&format!("report.{}", form.name()), &bytes).unwrap());
        for block in [
            "互联网群组与社交媒体自查自纠月报",
            "二、数字",
            "新增线索",
            "≥14",
            "云舟材料",
            "临时群逾期未解散",
            "权益类内容未纳入监测",
        ] {
            assert!(text.contains(&squeezed(block)), "{block} does not stand in the {}: {text}", form.name());
        }
    }
    let missing = written(&document, Form::Pdf, Some(&w.folder.path().join("no.ttf")));
    assert!(matches!(missing, Err(ReportError::Unreadable { .. })));
    let none = written(&document, Form::Pdf, Some(&w.folder.path().join("sources.toml")));
    assert!(none.unwrap_err().to_string().contains("is no font"));
}

#[tokio::test]
async fn months_from_before_come_from_the_history_and_impossible_ones_are_refused() {
    let w = world().await;
    let hr = w.client("xh0009").await;
    let history = "月份,公司代码,线索数,确认数,误报数,豁免或备案,平均处置小时,逾期数,群组整改数\n\
        2026-09,XH,17,8,7,2,30.0,3,2\n2026-10,XH,16,8,6,2,26.5,3,2\n";
    let answer = upload(&hr, "monthly_history", &hr.form_token, "monthly_history.csv", history).await;
    let proposal = answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(hr.post(&proposal, "").await.status, 303);
    let page = hr.get("/reports?company=XH&month=2026-10").await.body;
    assert_eq!(row(&page, "新增线索"), ["16", "17", "33"]);
    assert_eq!(row(&page, "核实准确率"), ["50%", "47%", "48%"]);
    assert_eq!(row(&page, "处置用时中位数（小时）")[0], "26.5");
    assert_eq!(row(&page, "逾期")[0], "<5");
    for month in ["2026-12", "1999-12", "nonsense", "2026-13"] {
        assert_eq!(hr.get(&format!("/reports?month={month}")).await.status, 422, "{month}");
    }
}

#[tokio::test]
async fn a_calendar_that_is_uploaded_moves_the_time_until_which_cases_are_due() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let (hr, owner) = (w.client("xh0009").await, w.client("xh0002").await);
    let page = hr.get("/settings/calendar").await.body;
    assert!(page.contains("<h2>2026</h2>") && page.contains("国庆节") && page.contains("10-10"), "{page}");
    assert!(owner.get(&format!("/cases/{number}")).await.body.contains("11月24日(周二)18:00"));
    let lines = "日期,类型,名称\n2026-11-23,放假,厂休\n2026-11-24,放假,厂休\n2026-11-28,上班,厂休\n";
    let upload = async |lines: &str| {
        let answer = upload(&hr, "holidays", &hr.form_token, "holidays.csv", lines).await;
        answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
    };
    let shown = hr.get(&upload(&format!("{lines}2026-11-31,放假,没有这一天\n")).await).await.body;
    assert!(shown.contains("holidays.csv 第5行「日期」"), "{shown}");
    let proposal = upload(lines).await;
    hr.post(&proposal, "").await;
    let page = hr.get("/settings/calendar").await.body;
    assert!(page.contains("11-23、11-24") && page.contains("11-28"), "{page}");
    assert!(owner.get(&format!("/cases/{number}")).await.body.contains("11月26日(周四)18:00"));
}

#[tokio::test]
async fn the_calibration_page_tells_shares_and_no_small_count() {
    let w = world().await;
    let client = w.client("xh0002").await;
    decided(&w, &client, &manager("XH"), &[&["rectified"; 6][..], &["same_name"; 5]].concat()).await;
    let page = w.client("admin").await.get("/calibration").await.body;
    assert!(page.contains(">11</td>") && page.contains(">6</td>") && page.contains("55%"), "{page}");
    assert!(page.contains("&#60;5") && !page.contains("嫌二一"));
    let open = w.shell.store.case_page(&CaseQuery { size: 1, ..CaseQuery::default() }, str::to_owned).await.unwrap();
    assert_eq!(open.total, 0);
}

/// Files a case of the highest band about an account; gives its number.
async fn likely(w: &World, handle: &str) -> String {
    let store = &w.shell.store;
    let url = format!("https://forum.example/u/{handle}");
    let subject =
        Subject { kind: SubjectKind::Account, id: None, platform: "forum".into(), handle: handle.into(), url };
    let owner = Candidate { employee_id: "XH0021".into(), score: 0.9, band: Band::High, reasons: Vec::new() };
    let batch = JudgementBatch {
        scan: store.start_scan(NOW, &json!({})).await.unwrap(),
        at: NOW,
        judgement: Judgement {
            lane: manager("XH"),
            candidates: vec![owner],
            ..Judgement::silent(subject, Outcome::Alert)
        },
        facts: SubjectFacts { account: Some(Account::default()), post: None },
        captures: Vec::new(),
        alerts: Vec::new(),
        occasion: AlertOccasion::Opened,
        adds_evidence: false,
        audit: Vec::new(),
        repost_of: None,
    };
    let case = store.record_judgement(&w.shell.vault, &batch).await.unwrap().case.unwrap();
    store.case(&case).await.unwrap().unwrap().number
}

/// The same, decided.
async fn likely_and(w: &World, handle: &str, disposition: Disposition) {
    let number = likely(w, handle).await;
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap().id;
    let decision = Decision { case, step: Step::Close(disposition), by: "XH0002".into(), at: NOW, alerts: Vec::new() };
    w.shell.store.decide(&decision).await.unwrap();
}

async fn watch(w: &World) -> bool {
    watch_band(&w.shell, &w.shell.world()).await.unwrap()
}

#[tokio::test]
async fn the_highest_band_is_shown_one_lower_while_too_few_of_its_leads_are_confirmed() {
    let w = world().await;
    let number = likely(&w, "open").await;
    for at in 0..50 {
        let disposition = if at < 39 { Disposition::CaseFiled } else { Disposition::SameName };
        likely_and(&w, &format!("a{at}"), disposition).await;
        assert!(at < 10 || at == 49 || !watch(&w).await, "fewer than fifty say nothing");
    }
    let (hr, company) = (w.client("xh0009").await, w.client("xh0002").await);
    assert!(company.get(&format!("/cases/{number}")).await.body.contains("较高 90%"));

    assert!(watch(&w).await && !watch(&w).await, "39 of 50, told once");

    let case = company.get(&format!("/cases/{number}")).await.body;
    assert!(case.contains("中 90%") && case.contains("50条“较高”线索中确认39条"), "{case}");
    let page = hr.get("/calibration").await.body;
    assert!(page.contains("“较高”暂按“中”显示") && page.contains("仍在下调"), "{page}");
    assert_eq!(deliver(&w.shell, &w.shell.world()).await.unwrap().sent, 1, "HR; no operator stands in this ledger");
    let told = w.shell.store.audit_of("high").await.unwrap();
    assert_eq!((told[0].action.as_str(), told[0].detail.as_str()), ("band.lower", "39 of 50 confirmed"));

    for at in 0..5 {
        likely_and(&w, &format!("b{at}"), Disposition::Rectified).await;
    }
    assert!(watch(&w).await && !watch(&w).await, "44 of 55 are enough again");
    assert!(company.get(&format!("/cases/{number}")).await.body.contains("较高 90%"));
    let page = hr.get("/calibration").await.body;
    assert!(!page.contains("仍在下调") && page.contains("“较高”自动下调的记录"), "{page}");

    let (id, since) = ("elsewhere".to_owned(), w.shell.clock.now());
    let lowering = BandLowering { id, since, until: None, decided: 60, confirmed: 40 };
    assert!(w.shell.store.lower_band(&lowering, &[], &told[0]).await.unwrap(), "by another process");
    w.shell.clock.advance_ms(60_000);
    assert!(company.get(&format!("/cases/{number}")).await.body.contains("中 90%"), "heard of within a minute");
}
