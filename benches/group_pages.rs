//! How long the console's pages of work groups take with many groups: the list, a group, the leaver sweep, a member list from
//! its upload to its last word, an edit. Over real HTTP; each page once and then five times. Asserts nothing.
//!
//!     cargo bench --bench group_pages -- 5000 100

#[path = "../tests/support/http.rs"]
#[expect(dead_code, reason = "the tests look at more of an answer")]
mod http;
#[path = "support/register.rs"]
mod register;
#[path = "../tests/support/console_world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

use std::fmt::Write;
use std::time::Instant;

use crate::http::Answer;
use crate::register::{EMPLOYEES, write_ledgers};
use crate::world::{Client, world};

const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱\n上市公司HR审批人,C0,XH0009,集九,xh0009@xinghe.example\n";
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (groups, members) = (numbers.first().copied().unwrap_or(5_000), numbers.get(1).copied().unwrap_or(100));
    let w = world().await;
    let ledgers = w.folder.path().join("watchlists");
    write_ledgers(&ledgers, groups, members);
    std::fs::write(ledgers.join("managers.csv"), MANAGERS).expect("a file");
    let begun = Instant::now();
    w.shell.reload().expect("the ledgers");
    println!("{groups} groups, {} roster lines, {EMPLOYEES} employees", groups * members);
    println!("{:<36} {:>9.2} s", "ledgers read", begun.elapsed().as_secs_f64());
    let hr = w.client("xh0009").await;
    for (name, path) in [
        ("list", "/groups"),
        ("list, with duplicates", "/groups?finding=G-DUP"),
        ("group", "/groups/G00017"),
        ("leavers", "/groups/leavers"),
    ] {
        page(&hr, name, path).await;
    }
    changes(&hr, members).await;
}

async fn page(hr: &Client<'_>, name: &str, path: &str) {
    let first = timed(name, "first", async || hr.get(path).await).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        hr.get(path).await;
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    println!("{:<36} {:>9.3} s   slowest {:.3} s", format!("{name}, again"), times[RUNS / 2], times[RUNS - 1]);
}

async fn timed(name: &str, what: &str, question: impl AsyncFn() -> Answer) -> Answer {
    let begun = Instant::now();
    let answer = question().await;
    println!("{:<36} {:>9.2} s", format!("{name}, {what}"), begun.elapsed().as_secs_f64());
    answer
}

/// A list is handed in, looked at and saved; then a group is handed over.
async fn changes(hr: &Client<'_>, members: usize) {
    let mut list = "群内备注\n".to_owned();
    (0..members).for_each(|member| writeln!(list, "星舟科技-华东业务一部-新人{member}").expect("text"));
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form =
        part("name=\"form_token\"", &hr.form_token) + &part("name=\"file\"; filename=\"a.csv\"", &list) + "--b--\r\n";
    let kind = "Content-Type: multipart/form-data; boundary=b\r\n";
    let path = "/groups/G00017/roster";
    let handed = timed("member list", "handed in", async || hr.send("POST", path, kind, &form).await).await;
    let preview = handed.head.split("location: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let preview = preview.replace("/g0", "/G0");
    timed("member list", "looked at", async || hr.get(&preview).await).await;
    let saved = timed("member list", "saved", async || hr.post(&preview, "").await).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    timed("list", "after that", async || hr.get("/groups").await).await;
    let edit = "act=filed_listed";
    let edited = timed("group", "edited", async || hr.post("/groups/G00018/edit", edit).await).await;
    assert_eq!(edited.status, 303, "{}", edited.body);
    timed("list", "after that", async || hr.get("/groups").await).await;
}
