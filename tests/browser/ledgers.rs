//! HR and its tables: a term by way of a spreadsheet, on trial first and then in use; a mark with its picture on a phone.

use serde_json::json;
use wanglou::ledger::definition::Ledger;
use wanglou::ledger::export::xlsx;
use wanglou::ledger::lines::read;
use wanglou::ledger::table::Limits;
use wanglou::pipeline::edition::with_line;

use crate::check::sound;
use crate::driver::{Browser, Window, walked_at_desk_and_on_phone};
use crate::http::raw_bytes;
use crate::world::{Client, World, manager, world};

/// Selects what stands in a field, so that what is typed next takes its place.
const ALL: &str = "\u{e009}a\u{e000}";

/// What somebody saves from a path of the console.
async fn saved(w: &World, client: &Client<'_>, path: &str) -> Vec<u8> {
    let address = w.address();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: wanglou={}\r\n\r\n", client.token);
    let bytes = raw_bytes(address, &request).await;
    let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a header") + 4;
    bytes[body..].to_vec()
}

/// The workbook of terms with one line more, as a spreadsheet writes it: without a number, on trial.
fn with_term(workbook: &[u8], term: &str) -> Vec<u8> {
    let terms = Ledger::named("terms").unwrap();
    let (lines, problems) = read(terms, "terms.xlsx", workbook, &Limits::default());
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    let mut cells = lines.rows[0].cells.clone();
    for (column, text) in [("id", ""), ("term", term), ("status", "试运行")] {
        cells[terms.columns.iter().position(|known| known.en == column).unwrap()] = text.to_owned();
    }
    xlsx(&with_line(lines, None, cells).unwrap()).unwrap()
}

walked_at_desk_and_on_phone!(a_term_is_added_in_the_spreadsheet_tried_and_put_to_use);

async fn a_term_is_added_in_the_spreadsheet_tried_and_put_to_use(window: Window) {
    let w = world().await;
    w.file("acc", "银汉甲", manager("XH")).await;
    let editor = w.client("editor").await;
    let browser = Browser::in_window(w.address(), window).await;
    browser.become_session(&editor.token).await;
    browser.go("/ledgers").await;
    browser.press("监测词").await;
    browser.expect("W001").await;
    let link = browser.run("return document.querySelector('a[href$=workbook]').getAttribute('href')", json!([])).await;
    let file = w.folder.path().join("词表.xlsx");
    std::fs::write(&file, with_term(&saved(&w, &editor, link.as_str().unwrap()).await, "银汉")).unwrap();
    browser.fill("file", file.to_str().unwrap()).await;
    browser.press("上传").await;
    browser.expect("新增1、修改0、删除0").await;
    browser.expect("1 条没有编号，已自动编号").await;
    browser.expect("近30天试算").await;
    sound(&browser).await;
    browser.press("保存").await;
    browser.expect("已保存，立即生效").await;
    browser.expect("试运行").await;
    browser.press("编辑 W002").await;
    browser.fill("status", &format!("{ALL}启用")).await;
    browser.press("看看变化").await;
    browser.expect("新增0、修改1、删除0").await;
    browser.expect("试运行 → 启用").await;
    browser.expect("新增 1，不再提醒 0").await;
    browser.press("保存").await;
    browser.expect("已保存，立即生效").await;
    let world = w.shell.world();
    assert!(world.ledgers.terms.iter().any(|term| term.id.as_str() == "W002" && term.text == "银汉"));
}

#[tokio::test]
async fn a_mark_is_added_with_its_picture_on_a_phone_without_scripts() {
    let w = world().await;
    let editor = w.client("editor").await;
    let file = w.folder.path().join("图标.png");
    image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * 4) as u8, (y * 4) as u8, 90])).save(&file).unwrap();
    let browser = Browser::at(w.address()).await;
    browser.become_session(&editor.token).await;
    browser.go("/ledgers/brand_marks").await;
    sound(&browser).await;
    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    browser.fill("name", "星河图标").await;
    browser.fill("company", "星河科技").await;
    browser.fill("picture", file.to_str().unwrap()).await;
    browser.press("新增商标图").await;
    browser.expect("已保存，立即生效").await;
    let drawn = "const shown = document.querySelector('img.mark'); shown.scrollIntoView(); return shown.alt";
    assert_eq!(browser.run(drawn, json!([])).await, "星河图标 XH");
    let browser = Browser::at(w.address()).await;
    browser.become_session(&editor.token).await;
    browser.go("/ledgers/brand_marks").await;
    sound(&browser).await;
    let width = "const shown = document.querySelector('img.mark'); shown.scrollIntoView(); return shown.decode().then(() => shown.naturalWidth)";
    assert_eq!(browser.run(width, json!([])).await, 64);
}

#[tokio::test]
async fn an_export_of_an_hr_system_is_brought_in_by_choosing_its_columns() {
    let w = world().await;
    let hr = w.client("xh0009").await;
    let file = w.folder.path().join("花名册.csv");
    let export = "员工姓名,人员编码,联系电话,班组,身份证号码\n新一,XH0031,13800000031,市场部,330100190001010001\n";
    std::fs::write(&file, export).unwrap();
    let browser = Browser::at(w.address()).await;
    browser.become_session(&hr.token).await;
    browser.go("/ledgers/employees").await;
    sound(&browser).await;
    browser.fill("file", file.to_str().unwrap()).await;
    browser.press("上传").await;
    browser.expect("整列不读取").await;
    browser.expect("新*").await;
    sound(&browser).await;
    browser.switch_scripts_off().await;
    browser.resize(Window::Phone).await;
    browser.fill("department", "4 班组").await;
    browser.press("看看变化").await;
    browser.expect("XH0031").await;
    browser.press("保存").await;
    browser.expect("离职").await;
    let world = w.shell.world();
    let employee = world.directory.get(&"XH0031".into()).unwrap();
    assert_eq!((employee.name.as_str(), employee.department.as_str()), ("新一", "市场部"));
}
