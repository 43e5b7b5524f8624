//! What hostile visitors and hostile data try.

use std::io::{Cursor, Read, Write};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wanglou::model::audit::AuditEntry;
use wanglou::web::console::first_invitation;

use crate::http::{ask, raw, raw_bytes};
use crate::world::{Client, NOW, World, manager, world};

/// Texts that a spreadsheet program would run.
const FORMULAS: [&str; 6] = ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1", "=cmd|' /C calc'!A0"];

#[tokio::test]
async fn a_link_of_an_account_is_shown_but_never_script() {
    let w = world().await;
    let case = w.file("x", "星河", manager("XH")).await;
    let page = w.client("xh0002").await.get(&format!("/cases/{case}")).await.body;
    assert!(page.contains("rel=\"noopener noreferrer nofollow\"") && !page.contains("href=\"javascript"));
}

fn has_no_formula(name: &str, csv: &str, armed: &str) {
    assert!(csv.contains(armed), "{name} holds the texts: {csv}");
    for cell in csv.split([',', '\n']) {
        assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']), "{name}: {cell}");
    }
}

#[tokio::test]
async fn cells_of_tables_are_no_formulas() {
    let w = world().await;
    for formula in FORMULAS {
        w.file(formula, formula, manager("XH")).await;
    }
    let (clerk, auditor) = (w.client("clerk").await, w.client("xh0012").await);
    has_no_formula("cases", &w.client("xh0002").await.get("/cases.csv").await.body, "HYPERLINK");
    clerk.post("/requests", "kind=copy&employee=XH0021").await;
    has_no_formula("records", &clerk.get("/requests/SQ-2611-0001/records.csv").await.body, "HYPERLINK");
    // Nothing of the audit is worded by people today; a line may come to be.
    let detail = FORMULAS[0].to_owned();
    let line =
        AuditEntry { at: NOW, actor: detail.clone(), action: "case.read".to_owned(), object: detail.clone(), detail };
    w.shell.store.audit(&line).await.unwrap();
    has_no_formula("audit", &auditor.get("/audit.csv").await.body, "HYPERLINK");
}

/// A file within an archive that somebody saves from a path.
pub(crate) async fn entry(w: &World, client: &Client<'_>, path: &str, name: &str) -> String {
    let address = w.address();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: wanglou={}\r\n\r\n", client.token);
    let bytes = raw_bytes(address, &request).await;
    let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a header") + 4;
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes[body..])).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn cells_of_exported_workbooks_are_no_formulas_either() {
    let w = world().await;
    for formula in FORMULAS {
        w.file(formula, formula, manager("XH")).await;
    }
    let clerk = w.client("clerk").await;
    clerk.post("/requests", "kind=copy&employee=XH0021").await;
    let detail = FORMULAS[0].to_owned();
    let line = AuditEntry { at: NOW, actor: "x".into(), action: "case.read".into(), object: detail.clone(), detail };
    w.shell.store.audit(&line).await.unwrap();
    let (reader, auditor) = (w.client("xh0002").await, w.client("xh0012").await);
    let files = [(&reader, "/cases.xlsx"), (&clerk, "/requests/SQ-2611-0001/records.xlsx"), (&auditor, "/audit.xlsx")];
    for (client, path) in files {
        let sheet = entry(&w, client, path, "xl/worksheets/sheet1.xml").await;
        let styles = entry(&w, client, path, "xl/styles.xml").await;
        assert!(!sheet.contains("<f>") && styles.contains("quotePrefix=\"1\""), "{path}");
        let armed = sheet.split("<c ").find(|cell| cell.contains("=HYPERLINK(1)")).expect("the text is there");
        assert!(armed.contains("s=\"2\" t=\"inlineStr\""), "{path}: {armed}");
    }
}

#[tokio::test]
async fn cells_of_a_workbook_are_texts_and_stay_so_when_they_are_edited() {
    let w = world().await;
    let rows: String =
        (1..).zip(FORMULAS).map(|(n, text)| format!("O{n},forum,\"{text}\",\"{text}\",XH,在用\n")).collect();
    let table = format!("编号,平台,账号名,账号ID,公司代码,状态\n{rows}");
    std::fs::write(w.folder.path().join("watchlists/official_accounts.csv"), table).unwrap();
    w.shell.reload().unwrap();
    let editor = w.client("editor").await;
    let path = "/ledgers/official_accounts/workbook";
    let sheet = entry(&w, &editor, path, "xl/worksheets/sheet1.xml").await;
    assert!(!sheet.contains("<f>") && sheet.contains("t=\"s\""), "{sheet}");
    assert!(entry(&w, &editor, path, "xl/sharedStrings.xml").await.contains("=HYPERLINK(1)"));
    assert!(entry(&w, &editor, path, "xl/styles.xml").await.contains("quotePrefix=\"1\""));
}

#[tokio::test]
async fn no_way_back_leads_to_another_site() {
    let w = world().await;
    let link = first_invitation(&w.shell).await.unwrap().unwrap();
    let stranger = w.stranger();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let password = "password=tinghuo-changye-wanglou";
    let chosen = format!("{password}&again=tinghuo-changye-wanglou");
    stranger.send("POST", link.strip_prefix("http://watch.example").unwrap(), form, &chosen).await;
    let user = w.client("xh0002").await;
    let elsewhere = [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "https:evil.example",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "evil.example",
        "/\r\nLocation: //evil.example",
    ];
    for way in elsewhere {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let coded = pairs.append_pair("next", way).append_pair("back", way).append_pair("language", "zh-CN").finish();
        let login = format!("login=admin&{password}&{coded}");
        for answer in
            [stranger.send("POST", "/sign-in", form, &login).await, user.post("/settings/language", &coded).await]
        {
            assert_eq!(answer.status, 303, "{way}: {}", answer.body);
            let place = answer.head.split("location: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
            assert_eq!(place, "/", "{way}");
        }
    }
}

/// Sends a file as a browser does; nothing where the console hangs up in the middle of it.
async fn send_file(w: &World, client: &Client<'_>, path: &str, field: &str, bytes: &[u8]) -> Option<String> {
    let (at, token) = (w.address(), &client.token);
    let part = |head: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    let form_token = format!("{}{}\r\n", part("name=\"form_token\""), client.form_token);
    let file = part(&format!("name=\"{field}\"; filename=\"a.xlsx\""));
    let body = [form_token.as_bytes(), file.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let kind = "multipart/form-data; boundary=b";
    let head = format!("POST {path} HTTP/1.1\r\nHost: {at}\r\nCookie: wanglou={token}\r\nContent-Type: {kind}\r\n");
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// Whether a file was refused: at once, or when what was read of it is to be saved.
async fn is_refused(client: &Client<'_>, answer: Option<String>) -> bool {
    let Some(answer) = answer else { return true };
    match answer.split("location: ").nth(1).and_then(|rest| rest.lines().next()) {
        Some(place) => client.post(place, "").await.status == 422,
        None => answer.starts_with("HTTP/1.1 413") || answer.starts_with("HTTP/1.1 422"),
    }
}

#[tokio::test]
async fn files_that_are_too_large_or_unfold_without_end_change_nothing() {
    let w = world().await;
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        bomb.start_file(name, options).unwrap();
        for _ in 0..300 {
            bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
    }
    let bomb = bomb.finish().unwrap().into_inner();
    let heavy = vec![b'x'; 65 << 20];
    let before = w.shell.folder.raw_files().unwrap();
    let (editor, user) = (w.client("editor").await, w.client("xh0002").await);
    for (client, path, field) in [
        (&editor, "/ledgers/terms/file", "file"),
        (&editor, "/ledgers/brand_marks/pictures", "picture"),
        (&user, "/cases/new", "picture"),
    ] {
        for (what, bytes) in [("a bomb", &bomb), ("too much", &heavy)] {
            let answer = send_file(&w, client, path, field, bytes).await;
            assert!(is_refused(client, answer).await, "{what} at {path}");
        }
    }
    assert!(w.shell.folder.raw_files().unwrap() == before, "nothing was written");
    assert_eq!(editor.get("/").await.status, 200, "and the console lives");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let w = world().await;
    let number = w.file("acc", "星河", manager("XH")).await;
    let client = w.client("xh0002").await;
    let path = format!("/cases/{number}/decide");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let good = format!("form_token={}&as=false_alarm", client.form_token);
    for (headers, body) in [
        (form.to_owned(), "as=false_alarm".to_owned()),
        (form.to_owned(), "form_token=&as=false_alarm".to_owned()),
        (form.to_owned(), "form_token=guess&as=false_alarm".to_owned()),
        (format!("{form}Origin: https://evil.example\r\n"), good.clone()),
        (format!("{form}Origin: null\r\n"), good.clone()),
        (format!("{form}Sec-Fetch-Site: cross-site\r\n"), good.clone()),
    ] {
        let answer = client.send("POST", &path, &headers, &body).await;
        assert_eq!(answer.status, 403, "{headers}{body}");
    }
    let other = w.client("xh0009").await;
    let borrowed = format!("form_token={}&as=false_alarm", other.form_token);
    assert_eq!(client.send("POST", &path, form, &borrowed).await.status, 403, "the token of another session");
    assert_eq!(client.get(&path).await.status, 405, "to look changes nothing");
    assert!(client.get("/cases").await.body.contains(&number));
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for path in ["/", "/cases", "/sign-in", "/console.js", "/nothing"] {
        let head = client.get(path).await.head;
        for line in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{path}: {head}");
        }
    }
    let page = client.get("/cases").await.body;
    for word in ["style=", "onclick", "http://", "https://", "<script>"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[tokio::test]
async fn paths_and_bodies_out_of_bounds_are_refused() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for path in
        ["/cases/..%2f..%2fetc%2fpasswd", "/cases/%00", "/../../etc/passwd", "/cases/XS-1/evidence/..%2f..%2fkey"]
    {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    let huge = format!("as={}", "x".repeat(80 << 10));
    let answer = client.post("/cases/decide", &huge).await;
    assert!(answer.status >= 400, "{}", answer.status);
}

#[tokio::test]
async fn another_host_s_name_is_refused() {
    let w = world().await;
    for (host, status) in [("evil.example", 421), ("watch.example", 200), ("localhost", 200)] {
        let answer = raw(w.address(), &format!("GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
    assert_eq!(ask(w.address(), "GET", "/sign-in").await.status, 200);
}
