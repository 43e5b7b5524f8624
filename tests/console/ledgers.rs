//! HR's tables: proposed, looked at, saved; two editors; files that are no ledgers.

use std::io::Write;

use crate::groups_world::add_groups;
use crate::hostile::entry;
use crate::http::Answer;
use crate::world::{Client, World, manager, world};

/// Sends a file the way a browser does.
pub(crate) async fn upload(client: &Client<'_>, ledger: &str, token: &str, name: &str, body: &str) -> Answer {
    upload_choosing(client, ledger, token, "", name, body).await
}

/// The same, with whether the columns are to be chosen first.
async fn upload_choosing(
    client: &Client<'_>,
    ledger: &str,
    token: &str,
    columns: &str,
    name: &str,
    body: &str,
) -> Answer {
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form = part("name=\"form_token\"", token) + &part("name=\"columns\"", columns);
    let form = form + &part(&format!("name=\"file\"; filename=\"{name}\""), body);
    let headers = "Content-Type: multipart/form-data; boundary=b\r\n";
    client.send("POST", &format!("/ledgers/{ledger}/file"), headers, &format!("{form}--b--\r\n")).await
}

/// Sends a picture with the fields of its mark.
async fn upload_mark(client: &Client<'_>, token: &str, name: &str, company: &str, picture: &[u8]) -> Answer {
    let part =
        |name: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let fields = [("form_token", token), ("name", name), ("company", company), ("note", "第12345678号")];
    let fields: String = fields.iter().map(|(name, text)| part(name, text)).collect();
    let head = "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"../../x.php\"\r\n\r\n";
    let form = [fields.as_bytes(), head.as_bytes(), picture, b"\r\n--b--\r\n"].concat();
    let headers = "Content-Type: multipart/form-data; boundary=b\r\n";
    client.send("POST", "/ledgers/brand_marks/pictures", headers, form).await
}

/// A picture with a bar across it at a height.
fn picture(side: u32, bar: u32, format: image::ImageFormat) -> Vec<u8> {
    let is_bar = |x: u32, y: u32| y.abs_diff(bar) < side / 8 || x < side / 5;
    let drawn =
        image::RgbImage::from_fn(side, side, |x, y| image::Rgb(if is_bar(x, y) { [200, 30, 30] } else { [255; 3] }));
    let mut bytes = Vec::new();
    drawn.write_to(&mut std::io::Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// Names and sizes of what lies in the folder of ledgers.
fn folder(w: &World) -> Vec<(String, usize)> {
    w.shell.folder.raw_files().unwrap().into_iter().map(|(name, bytes)| (name, bytes.len())).collect()
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
        assert_eq!(client.post("/ledgers/terms/restore", "version=1").await.status, 404, "{login}");
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
async fn a_preview_says_how_many_were_found_to_be_nothing_before() {
    let w = world().await;
    let number = w.file("acc", "银汉甲", manager("XH")).await;
    let line = LINE.replace("%E6%98%9F%E6%B2%B3%E5%AE%A2%E6%9C%8D", "%E9%93%B6%E6%B1%89");
    let client = w.client("xh0009").await;
    let proposal = place(&client.post("/ledgers/terms/line", &with_file(&client, &line).await).await);
    let page = client.get(&proposal).await.body;
    assert!(page.contains("新增 <b>1</b>") && !page.contains("以前已判为不成立"), "{page}");
    client.post(&format!("/cases/{number}/decide"), "as=false_alarm").await;
    let page = client.get(&proposal).await.body;
    assert!(page.contains("其中 <b>1</b> 条以前已判为不成立"), "{page}");
}

#[tokio::test]
async fn today_says_what_the_ledgers_ask_of_whoever_keeps_them() {
    let w = world().await;
    let gap = "公司YZ的指定专人没有在职代理人";
    for login in ["xh0009", "admin", "xh0012"] {
        assert!(w.client(login).await.get("/").await.body.contains(gap), "{login}");
    }
    let (editor, manager) = (w.client("editor").await, w.client("xh0002").await);
    for other in [&editor, &manager] {
        assert!(!other.get("/").await.body.contains(gap));
    }
    let own = w.client("yz0002").await.get("/").await.body;
    assert!(own.contains(gap) && !own.contains("/ledgers/managers"), "the own company's, which somebody else mends");
    std::fs::write(
        w.folder.path().join("watchlists/terms.csv"),
        "编号,词条,类别,公司,状态\nW001,星河,没有这一类,XH,启用\n",
    )
    .unwrap();
    w.shell.reload().unwrap();
    let page = editor.get("/").await.body;
    assert!(page.contains("有1处错误；最后一个正确的版本仍在使用"), "{page}");
    assert!(!manager.get("/").await.body.contains("处错误"));
}

#[tokio::test]
async fn registers_say_whose_administrator_has_left_and_which_accounts_sleep() {
    let w = world().await;
    let accounts = "编号,平台,账号名,账号ID,公司代码,管理员工号,状态,最近发布\n\
        O901,forum,星河官方,xh_official,XH,XH0099,在用,2026-11-01\nO902,forum,星河旧号,xh_old,XH,XH0002,在用,2026-01-01\n";
    std::fs::write(w.folder.path().join("watchlists/official_accounts.csv"), accounts).unwrap();
    w.shell.reload().unwrap();
    let editor = w.client("editor").await;
    let page = editor.get("/ledgers/official_accounts").await.body;
    assert!(page.contains("O901 管理员 XH0099 已离职") && page.contains("O902 最近发布 2026-01-01"), "{page}");
    assert!(editor.get("/").await.body.contains("2行需要处理"));
}

/// Exemptions of both companies: one of each ends within days, and one of the second is over.
const EXEMPTIONS: &str = "豁免编号,申请人工号,公司代码,平台,账号ID,使用标识,申请日期,批准日期,有效期至,状态\n\
    EX-971,XH0021,XH,forum,xh_notes,星河,2026-01-05,2026-01-09,2026-11-27,有效\n\
    EX-972,YZ0001,YZ,forum,yz_notes,云舟,2026-01-05,2026-01-09,2026-11-27,有效\n\
    EX-973,YZ0001,YZ,forum,yz_old,云舟,2025-01-05,2025-01-09,2026-11-01,有效\n";

#[tokio::test]
async fn a_manager_and_the_deputy_hear_on_today_what_is_due_in_the_own_company_and_of_no_other() {
    let w = world().await;
    add_groups(&w);
    std::fs::write(w.folder.path().join("watchlists/exemptions.csv"), EXEMPTIONS).unwrap();
    w.shell.reload().unwrap();
    let told = |login: &'static str| {
        let w = &w;
        async move { w.client(login).await.get("/").await.body }
    };
    for login in ["xh0002", "xh0003"] {
        let page = told(login).await;
        assert!(
            page.contains("1行需要处理（到期 1）") && page.contains("1行需要处理（管理员已离职 1）"),
            "{login}: {page}"
        );
        assert!(
            page.contains("3个群有需要处理的事项") && page.contains("1名离职人员仍在群内或仍持有账号"),
            "{login}: {page}"
        );
    }
    let other = told("yz0002").await;
    assert!(other.contains("2行需要处理（到期 2）") && !other.contains("管理员已离职"), "{other}");
    assert!(other.contains("1个群有需要处理的事项"), "{other}");
    let group = told("xh0009").await;
    assert!(group.contains("3行需要处理（到期 3）") && group.contains("4个群有需要处理的事项"), "{group}");
    for login in ["xh0010", "xh0011", "xh0012", "admin"] {
        let page = told(login).await;
        assert!(!page.contains("需要处理") && !page.contains("离职人员"), "{login}: {page}");
    }
}

#[tokio::test]
async fn a_manager_sees_the_exemptions_of_the_own_company_alone_on_the_page_and_in_the_workbook() {
    let w = world().await;
    std::fs::write(w.folder.path().join("watchlists/exemptions.csv"), EXEMPTIONS).unwrap();
    w.shell.reload().unwrap();
    for (login, seen, unseen) in [("xh0002", "EX-971", "EX-97[23]"), ("yz0002", "EX-97[23]", "EX-971")] {
        let client = w.client(login).await;
        let page = client.get("/ledgers/exemptions").await.body;
        let sheet = entry(&w, &client, "/ledgers/exemptions/workbook", "xl/sharedStrings.xml").await;
        let has = |text: &str, pattern: &str| regex::Regex::new(pattern).unwrap().is_match(text);
        for text in [&page, &sheet] {
            assert!(has(text, seen) && !has(text, unseen), "{login}: {text}");
        }
    }
    let whole = w.client("xh0009").await.get("/ledgers/exemptions").await.body;
    assert!(whole.contains("EX-971") && whole.contains("EX-972"));
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

#[tokio::test]
async fn a_picture_of_a_mark_is_handed_in_entered_under_a_name_of_ours_and_shown_to_who_sees_the_ledger() {
    let w = world().await;
    let editor = w.client("editor").await;
    assert_eq!(editor.get("/ledgers/brand_marks/line").await.status, 200);
    let sent = picture(64, 20, image::ImageFormat::Png);
    let answer = upload_mark(&editor, &editor.form_token, "星河图标", "XH", &sent).await;
    assert_eq!(place(&answer), "/ledgers/brand_marks?saved=1");
    let world = w.shell.world();
    let [mark] = &world.ledgers.brand_marks[..] else { panic!("one mark is in force") };
    let file = mark.image.clone().unwrap();
    assert!(file.starts_with("mark-") && file.ends_with(".png") && mark.note == "第12345678号", "{mark:?}");
    assert_eq!(w.shell.folder.image(&file).unwrap(), sent);
    let path = format!("/ledgers/brand_marks/pictures/{file}");
    let page = editor.get("/ledgers/brand_marks").await.body;
    let shown = page.split("<img class=\"mark\" src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    for path in [path.as_str(), shown] {
        let head = editor.get(path).await.head;
        assert!(head.contains("content-type: image/png") && head.contains("x-content-type-options: nosniff"), "{head}");
    }
    let saved = w.shell.store.latest_audit(9).await.unwrap().into_iter().find(|entry| entry.action == "ledger.save");
    assert_eq!(saved.unwrap().object, "brand_marks.csv");
    assert_eq!(w.client("clerk").await.get(&path).await.status, 404, "who does not see the ledger");
    assert_eq!(w.client("xh0002").await.get(&path).await.status, 200);
    assert_eq!(w.stranger().get(&path).await.status, 303);
    for other in ["terms.csv", "..%2Fterms.csv", "mark-none.png"] {
        assert_eq!(editor.get(&format!("/ledgers/brand_marks/pictures/{other}")).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_picture_that_is_none_too_large_or_known_changes_nothing() {
    let w = world().await;
    let editor = w.client("editor").await;
    let token = editor.form_token.as_str();
    let known = picture(64, 20, image::ImageFormat::Png);
    place(&upload_mark(&editor, token, "星河图标", "XH", &known).await);
    let (before, other) = (folder(&w), picture(64, 44, image::ImageFormat::Jpeg));
    let wide = picture(4_097, 20, image::ImageFormat::Png);
    let heavy = [&known[..], &vec![0; 8 << 20]].concat();
    let mut plain = Vec::new();
    let white = image::RgbImage::from_pixel(8, 8, image::Rgb([255; 3]));
    white.write_to(&mut std::io::Cursor::new(&mut plain), image::ImageFormat::Png).unwrap();
    let cases: [(&str, &str, &[u8], &str); 9] = [
        ("甲", "XH", b"<html>no picture</html>", "不是可以读取的"),
        ("甲", "XH", &known[..known.len() / 2], "不是可以读取的"),
        ("甲", "XH", &wide, "不是可以读取的"),
        ("甲", "XH", &heavy, "不是可以读取的"),
        ("甲", "XH", &plain, "一种颜色"),
        ("甲", "YZ", &known, "与已有的「星河图标」相同"),
        ("星河图标", "XH", &other, "同名"),
        ("", "XH", &other, "请填写标识名称"),
        ("甲", "无此公司", &other, "没有写入任何内容，请先改正"),
    ];
    for (name, company, bytes, why) in cases {
        let answer = upload_mark(&editor, token, name, company, bytes).await;
        assert!(answer.status == 422 && answer.body.contains(why), "{why}: {} {}", answer.status, answer.body);
        assert_eq!(folder(&w), before, "{why}");
    }
    assert_eq!(upload_mark(&editor, "guess", "甲", "XH", &other).await.status, 403);
    let reader = w.client("xh0002").await;
    assert_eq!(upload_mark(&reader, &reader.form_token, "甲", "XH", &other).await.status, 404, "who only reads");
    assert!(!reader.get("/ledgers/brand_marks").await.body.contains("新增商标图"));
    assert_eq!(folder(&w), before);
    place(&upload_mark(&editor, token, "甲", "YZ", &other).await);
    assert!(folder(&w).iter().any(|(name, _)| name.ends_with(".jpg")));
    for number in 0..500 {
        std::fs::write(w.shell.folder.dir().join(format!("old-{number}.png")), []).unwrap();
    }
    let answer = upload_mark(&editor, token, "乙", "YZ", &picture(64, 32, image::ImageFormat::Png)).await;
    assert!(answer.status == 422 && answer.body.contains("图片太多"), "the folder is read up to a number of files");
}

/// What an HR system writes: a title, other headers in another order, columns that must not be brought in, a line without a name.
const EXPORT: &str = "在职员工花名册\n\
    员工姓名,人员编码,联系电话,所属组织,身份证号码,所属公司\n\
    集九,XH0009,13800000009,人力资源部,330100190001010000,星河科技\n\
    新一,XH0031,13800000031,市场部,330100190001010001,星河科技\n";

/// The choice that the page of columns proposes, as its form sends it.
fn proposed(page: &str) -> String {
    let field = |part: &str| {
        let name = part.split('"').next()?;
        let chosen =
            part.split("</select>").next()?.split("\" selected>").next().filter(|_| part.contains("\" selected>"))?;
        Some(format!("&{name}={}", chosen.rsplit('"').next()?))
    };
    page.split("<select name=\"").skip(1).filter_map(field).collect()
}

#[tokio::test]
async fn an_export_of_an_hr_system_is_laid_under_our_columns_compared_and_saved() {
    let w = world().await;
    let hr = w.client("xh0009").await;
    let columns = place(&upload(&hr, "employees", &hr.form_token, "花名册.csv", EXPORT).await);
    assert!(columns.starts_with("/ledgers/employees/columns/"), "{columns}");
    let page = hr.get(&columns).await.body;
    assert!(page.contains("集*") && page.contains("138…") && page.contains("不读取"), "{page}");
    assert!(!page.contains("330100190001010000") && !page.contains("13800000009") && !page.contains("集九<"));
    assert_eq!(proposed(&page), "&header=2&employee_id=1&name=0&company=5&department=3");
    let form = proposed(&page) + "&title=4";
    let proposal = place(&hr.post(&columns, &form).await);
    let shown = hr.get(&proposal).await.body;
    assert!(shown.contains("XH0031") && shown.contains("新增1、修改0、删除10"), "{shown}");
    place(&hr.post(&proposal, "").await);
    let saved = String::from_utf8(w.shell.folder.raw_files().unwrap()["employees.csv"].clone()).unwrap();
    assert!(saved.contains("XH0031") && !saved.contains("3301") && !saved.contains("13800000031"), "{saved}");
    let line = saved.lines().find(|line| line.contains("XH0009")).unwrap();
    assert!(line.contains(",XH,") && line.contains("在职"), "what the export does not say stays: {line}");

    let again = EXPORT.replace("所属组织", "班组").replace("在职员工花名册\n", "");
    let renamed = place(&upload_choosing(&hr, "employees", &hr.form_token, "choose", "a.csv", &again).await);
    let page = hr.get(&renamed).await.body;
    assert_eq!(proposed(&page), "&header=1&employee_id=1&name=0&company=5");
    let proposal = place(&hr.post(&renamed, &(proposed(&page) + "&department=3")).await);
    assert!(
        w.shell.store.column_mapping("employees").await.unwrap()["department"] == "所属组织",
        "not before it is saved"
    );
    place(&hr.post(&proposal, "").await);
    let last = place(&upload_choosing(&hr, "employees", &hr.form_token, "choose", "a.csv", &again).await);
    assert!(proposed(&hr.get(&last).await.body).contains("&department=3"), "the choice is remembered");
    assert_eq!(hr.get(&renamed).await.status, 422, "one file a person waits at a time");
}

#[tokio::test]
async fn columns_are_chosen_by_whoever_edits_the_ledger_and_none_is_left_out_that_is_needed() {
    let w = world().await;
    let (hr, editor) = (w.client("xh0009").await, w.client("editor").await);
    let columns =
        place(&upload(&hr, "employees", &hr.form_token, "a.csv", "工牌,称呼,班组\nXH0031,新一,市场部\n").await);
    let page = hr.get(&columns).await.body;
    assert!(page.contains("还没有找到这些列") && page.contains("工号、姓名"), "{page}");
    let answer = hr.post(&columns, "header=1&employee_id=0").await;
    assert!(answer.status == 422 && answer.body.contains("「姓名」"));
    assert_eq!(hr.post(&columns, "header=1&employee_id=0&name=99").await.status, 422, "there is no such column");
    let bad = place(&hr.post(&columns, "header=99&employee_id=0&name=1&joined_on=2").await);
    let shown = hr.get(&bad).await.body;
    assert!(shown.contains("第2行「入职日期」") && shown.contains("不能保存"), "{shown}");
    assert_eq!(editor.get(&columns).await.status, 404, "who does not edit the directory");
    assert_eq!(hr.get(&columns.replace("employees", "terms")).await.status, 422, "nor is it a file of another ledger");
    let other = editor.get(&columns.replace("employees", "terms")).await;
    assert_eq!(other.status, 422, "nor anybody else's");
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(hr.send("POST", &columns, headers, "header=1&employee_id=0&name=1").await.status, 403);
}
