//! HR's tables: proposed, looked at, saved; two editors; files that are no ledgers.

use std::io::Write;

use crate::http::Answer;
use crate::world::{Client, World, manager, world};

/// Sends a file the way a browser does.
pub(crate) async fn upload(client: &Client<'_>, ledger: &str, token: &str, name: &str, body: &str) -> Answer {
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form = part("name=\"form_token\"", token) + &part(&format!("name=\"file\"; filename=\"{name}\""), body);
    let headers = "Content-Type: multipart/form-data; boundary=b\r\n";
    client.send("POST", &format!("/ledgers/{ledger}/file"), headers, &format!("{form}--b--\r\n")).await
}

fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

fn terms(w: &World) -> String {
    String::from_utf8(w.shell.folder.raw_files().unwrap()["terms.csv"].clone()).unwrap()
}

/// The newest state of a file in the history.
async fn latest(w: &World, file: &str) -> Option<String> {
    let (version, _) = w.shell.store.latest_ledger_version(file).await.unwrap()?;
    w.shell.store.ledger_bytes(file, version).await.unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
}

/// The form of a line with what it says of the file as it was read.
async fn with_file(client: &Client<'_>, form: &str) -> String {
    let page = client.get("/ledgers/terms/line").await.body;
    let read = page.split("name=\"read\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    format!("{form}&read={read}")
}

const LINE: &str = "id=&term=%E6%98%9F%E6%B2%B3%E5%AE%A2%E6%9C%8D&kind=%E5%85%AC%E5%8F%B8%E5%90%8D%E7%A7%B0&company=XH\
    &match=%E5%8C%85%E5%90%AB&fields=%E8%B4%A6%E5%8F%B7%E5%90%8D&severity=%E9%AB%98&outbound=%E6%98%AF\
    &visibility=%E5%85%A8%E9%83%A8&status=%E5%90%AF%E7%94%A8";

#[tokio::test]
async fn a_line_is_proposed_looked_at_and_saved_with_its_author() {
    let w = world().await;
    let editor = w.client("editor").await;
    let proposal = place(&editor.post("/ledgers/terms/line", &with_file(&editor, LINE).await).await);
    let page = editor.get(&proposal).await.body;
    assert!(page.contains("新增1、修改0、删除0") && page.contains("W002") && page.contains("近30天试算"), "{page}");
    assert!(!terms(&w).contains("星河客服"), "nothing is written before the word");
    assert!(place(&editor.post(&proposal, "").await).contains("/ledgers/terms?saved=1"));
    assert!(terms(&w).contains("星河客服"));
    let ledger = editor.get("/ledgers/terms").await.body;
    assert!(ledger.contains("星河客服") && ledger.contains("user:editor"), "in force, with its author");
}

#[tokio::test]
async fn a_line_is_changed_removed_and_brought_back() {
    let w = world().await;
    let editor = w.client("editor").await;
    assert!(editor.get("/ledgers/terms/line?key=W001").await.body.contains("value=\"星河\""));
    let proposal = place(&editor.post("/ledgers/terms/remove", &with_file(&editor, "key=W001").await).await);
    place(&editor.post(&proposal, "").await);
    assert!(!terms(&w).contains("W001"));
    let proposal = place(&editor.post("/ledgers/terms/restore", "version=1").await);
    assert!(editor.get(&proposal).await.body.contains("新增1"));
    place(&editor.post(&proposal, "").await);
    assert!(terms(&w).contains("W001"));
    assert_eq!(editor.post("/ledgers/terms/restore", "version=99").await.status, 404);
    assert_eq!(editor.post("/ledgers/terms/remove", &with_file(&editor, "key=W404").await).await.status, 404);
}

#[tokio::test]
async fn a_file_with_errors_is_shown_by_row_and_cannot_be_saved() {
    let w = world().await;
    let editor = w.client("editor").await;
    let bad = "编号,词条,类别,公司,严重度\nW001,星河,公司名称,XH,很高\n";
    let proposal = place(&upload(&editor, "terms", &editor.form_token, "词表.csv", bad).await);
    let page = editor.get(&proposal).await.body;
    assert!(page.contains("词表.csv 第2行「严重度」填了「很高」"), "{page}");
    let before = terms(&w);
    assert_eq!(editor.post(&proposal, "").await.status, 422);
    assert_eq!(terms(&w), before);
}

#[tokio::test]
async fn the_second_of_two_editors_sees_the_conflict_and_the_first_is_kept() {
    let w = world().await;
    let (first, second) = (w.client("editor").await, w.client("xh0009").await);
    let of_first = place(&first.post("/ledgers/terms/line", &with_file(&first, LINE).await).await);
    let of_second = place(&second.post("/ledgers/terms/remove", &with_file(&second, "key=W001").await).await);
    place(&first.post(&of_first, "").await);
    let refused = second.post(&of_second, "").await;
    assert!(refused.status == 409 && refused.body.contains("刚刚被别人改过"), "{}", refused.body);
    assert!(terms(&w).contains("星河客服") && terms(&w).contains("W001"));
    assert_eq!(latest(&w, "terms.csv").await, Some(terms(&w)), "as is what the history ends with");
    assert!(second.get(&of_second).await.body.contains("删除1"), "what was proposed is still there to be read");
}

#[tokio::test]
async fn what_was_saved_in_the_folder_meanwhile_comes_into_force_with_an_edit_and_is_kept() {
    let w = world().await;
    let editor = w.client("editor").await;
    let proposal = place(&editor.post("/ledgers/terms/line", &with_file(&editor, LINE).await).await);
    let topics = "编号,名称,词语,依据\nP01,工资,欠薪,劳动法\n";
    std::fs::write(w.folder.path().join("watchlists/protected_topics.csv"), topics).unwrap();
    place(&editor.post(&proposal, "").await);
    assert_eq!(latest(&w, "protected_topics.csv").await.as_deref(), Some(topics));
}

#[tokio::test]
async fn a_proposal_is_for_whoever_made_it() {
    let w = world().await;
    let (editor, other) = (w.client("editor").await, w.client("xh0009").await);
    let proposal = place(&editor.post("/ledgers/terms/line", &with_file(&editor, LINE).await).await);
    assert_eq!(other.get(&proposal).await.status, 422);
    assert_eq!(other.post(&proposal, "").await.status, 422);
}

#[tokio::test]
async fn who_only_reads_proposes_nothing() {
    let w = world().await;
    for login in ["admin", "xh0002", "xh0010", "xh0011", "xh0012"] {
        let client = w.client(login).await;
        assert_eq!(client.post("/ledgers/terms/line", &with_file(&client, LINE).await).await.status, 404, "{login}");
        assert_eq!(
            client.post("/ledgers/terms/remove", &with_file(&client, "key=W001").await).await.status,
            404,
            "{login}"
        );
        assert_eq!(upload(&client, "terms", &client.form_token, "a.csv", "编号\n").await.status, 404, "{login}");
        assert_eq!(client.post("/ledgers/managers/line", "role=x").await.status, 404, "{login}");
    }
    let group_hr = w.client("xh0009").await;
    assert_eq!(group_hr.post("/ledgers/managers/line", "role=x").await.status, 404, "nobody gives roles here");
    assert_eq!(group_hr.post("/ledgers/protected_topics/remove", "key=P01").await.status, 404);
}

#[tokio::test]
async fn a_file_that_another_site_sends_is_not_taken() {
    let w = world().await;
    let editor = w.client("editor").await;
    for token in ["", "guess"] {
        assert_eq!(upload(&editor, "terms", token, "a.csv", "编号\n").await.status, 403);
    }
}

#[tokio::test]
async fn workbooks_that_are_none_or_unfold_without_end_are_refused() {
    let w = world().await;
    let editor = w.client("editor").await;
    let proposal = place(&upload(&editor, "terms", &editor.form_token, "a.xlsx", "PK\u{3}\u{4} no workbook").await);
    assert!(editor.get(&proposal).await.body.contains("不能保存"));

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    for _ in 0..300 {
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    let (lines, problems) = wanglou::ledger::lines::read(
        wanglou::ledger::definition::Ledger::named("terms").unwrap(),
        "bomb.xlsx",
        &bomb,
        &wanglou::ledger::table::Limits::default(),
    );
    assert!(lines.rows.is_empty() && problems.iter().any(|problem| problem.is_error()), "{problems:?}");
}

#[tokio::test]
async fn what_a_term_would_have_found_is_shown_by_lane() {
    let w = world().await;
    w.file("acc", "银汉甲", manager("XH")).await;
    let line = LINE.replace("%E6%98%9F%E6%B2%B3%E5%AE%A2%E6%9C%8D", "%E9%93%B6%E6%B1%89");
    for (login, sees) in [("editor", false), ("xh0009", true)] {
        let client = w.client(login).await;
        let proposal = place(&client.post("/ledgers/terms/line", &with_file(&client, &line).await).await);
        let page = client.get(&proposal).await.body;
        assert!(page.contains("新增 <b>1</b>"), "{page}");
        assert_eq!(page.contains("forum · acc"), sees, "{login}");
    }
}

#[tokio::test]
async fn a_form_that_was_filled_in_over_an_older_file_is_told_so() {
    let w = world().await;
    let (first, second) = (w.client("editor").await, w.client("xh0009").await);
    let form = with_file(&second, LINE).await;
    let proposal = place(&first.post("/ledgers/terms/line", &with_file(&first, LINE).await).await);
    place(&first.post(&proposal, "").await);
    assert_eq!(second.post("/ledgers/terms/line", &form).await.status, 409);
}

#[tokio::test]
async fn the_board_office_enters_a_quiet_period_by_the_form() {
    let w = world().await;
    let office = w.client("xh0010").await;
    let line = "read=&id=SP-901&name=%E4%B8%89%E5%AD%A3%E6%8A%A5&company=XH&from=2026-11-15&kind=%E5%AE%9A%E6%9C%9F%E6%8A%A5%E5%91%8A";
    let wrong = place(&office.post("/ledgers/quiet_periods/line", &format!("{line}&until=2026-11-01")).await);
    assert!(office.get(&wrong).await.body.contains("早于开始日期"));
    assert_eq!(office.post(&wrong, "").await.status, 422, "what is wrong is not saved");
    let proposal = place(&office.post("/ledgers/quiet_periods/line", &format!("{line}&until=2026-11-30")).await);
    place(&office.post(&proposal, "").await);
    let world = w.shell.world();
    assert_eq!(world.quiet_for_results(world.at, &[]).map(|period| period.id.as_str()), Some("SP-901"));
}
