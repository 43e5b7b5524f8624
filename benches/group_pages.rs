//! How long *Today* and the console's pages of work groups take with many groups and people: the list, a group, the leaver sweep,
//! the directory, over real HTTP, the median and the slowest of five; and once a member list handed in and saved, and an edit.
//!
//!     cargo bench --bench group_pages -- 5000 100 20000

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

use wanglou::groups::edits::Edit;
use wanglou::groups::member_list::{Export, Source, mark, read};
use wanglou::ledger::group_rosters::GROUP_ROSTERS;
use wanglou::model::audit::AuditEntry;
use wanglou::pipeline::register::{edit_group, replace_roster};
use wanglou::watchlists::versions::keep;

use crate::register::{Size, write_ledgers};
use crate::world::{Client, NOW, World, world};

const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱\n上市公司HR审批人,C0,XH0009,集九,xh0009@xinghe.example\n";
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let size = Size::asked();
    let w = world().await;
    let ledgers = w.folder.path().join("watchlists");
    write_ledgers(&ledgers, size);
    std::fs::write(ledgers.join("managers.csv"), MANAGERS).expect("a file");
    let begun = Instant::now();
    w.shell.reload().expect("the ledgers");
    let Size { groups, members, people } = size;
    println!("{groups} groups, {} roster lines, {people} employees", groups * members);
    told("ledgers read", begun);
    let begun = Instant::now();
    let world = w.shell.world();
    told("ledgers compiled", begun);
    let begun = Instant::now();
    keep(&w.shell.store, &w.shell.loaded(), "folder", NOW).await.expect("a history");
    told("kept in the history", begun);
    let begun = Instant::now();
    w.shell.overview(&world).await.expect("an overview");
    told("register checked, leavers looked for", begun);
    let hr = w.client("xh0009").await;
    for (name, path) in [
        ("today", "/"),
        ("directory", "/ledgers/employees"),
        ("list", "/groups"),
        ("list, with duplicates", "/groups?finding=G-DUP"),
        ("group", "/groups/G00017"),
        ("leavers", "/groups/leavers"),
    ] {
        page(&hr, name, path).await;
    }
    changes(&w, &hr, members).await;
}

async fn page(hr: &Client<'_>, name: &str, path: &str) {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let answer = hr.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<36} {:>9.3} s   slowest {:.3} s", times[RUNS / 2], times[RUNS - 1]);
}

/// A member list is read and saved, as by the console once its preview was looked at; then a group is filed.
async fn changes(w: &World, hr: &Client<'_>, members: usize) {
    let mut list = "群内备注\n".to_owned();
    (0..members).for_each(|member| writeln!(list, "星舟科技-华东业务一部-新人{member}").expect("text"));
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form =
        part("name=\"form_token\"", &hr.form_token) + &part("name=\"file\"; filename=\"a.csv\"", &list) + "--b--\r\n";
    let kind = "Content-Type: multipart/form-data; boundary=b\r\n";
    let begun = Instant::now();
    let handed = hr.send("POST", "/groups/G00017/roster", kind, &form).await;
    assert_eq!(handed.status, 303, "{}", handed.body);
    told("member list, handed in and compared", begun);

    let world = w.shell.world();
    let group = world.ledgers.groups.iter().find(|group| group.id.as_str() == "G00017").expect("a group");
    let before = mark(&w.shell.loaded().lines[GROUP_ROSTERS.name], &group.id);
    let source = Source { file: "a.csv", bytes: list.as_bytes(), export: Export::of_platform(&group.platform), group };
    let (listed, _) = read(source);
    let begun = Instant::now();
    replace_roster(&w.shell, group, &listed, &before, &audit()).await.expect("it is saved");
    told("member list, saved", begun);
    let begun = Instant::now();
    edit_group(&w.shell, group, &Edit::FiledWithListed, &audit()).await.expect("it is saved");
    told("group, edited", begun);
}

fn audit() -> AuditEntry {
    let (actor, action, object) = ("XH0009".into(), "group.roster".into(), "G00017".into());
    AuditEntry { at: NOW, actor, action, object, detail: String::new() }
}

fn told(what: &str, begun: Instant) {
    println!("{what:<36} {:>9.2} s", begun.elapsed().as_secs_f64());
}
