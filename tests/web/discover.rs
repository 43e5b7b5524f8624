//! `wanglou discover` against scripted sites: what it asks, what it leaves alone, and what it makes of the answers.

use std::fs;
use std::process::{Command, Output};

use crate::site::{Asked, Reply, Site};
use serde_json::{Value, json};
use tempfile::TempDir;

/// One server for every host name; the Host header says which is meant.
async fn web() -> Site {
    Site::start(|asked, _| {
        let host = host(asked);
        match (host.as_str(), asked.path.as_str()) {
            ("closed.example", "/robots.txt") => Reply::page("User-agent: *\nDisallow: /private/"),
            (_, "/robots.txt") => Reply::status(404),
            ("status.example", "/u/xinghe") => Reply::page("hello"),
            ("message.example", "/u/renamed") => Reply::redirect("/u/xinghe"),
            ("message.example", "/u/xinghe") => Reply::page("<b>profile of xinghe</b>"),
            ("message.example", _) => Reply::page("No such user"),
            ("both.example", _) => Reply::page("profile No such user"),
            ("wall.example", _) => Reply::page("请完成安全验证后继续访问"),
            ("busy.example", _) => Reply::status(429),
            ("login.example", path) if path.starts_with("/u/") => Reply::redirect("/login?next=1"),
            ("home.example", path) if path.starts_with("/u/") => Reply::redirect("/"),
            (_, "/login?next=1") => Reply::page("log in"),
            _ => Reply::status(404),
        }
    })
    .await
}

fn host(asked: &Asked) -> String {
    let line = asked.head.lines().find(|line| line.to_ascii_lowercase().starts_with("host:")).unwrap_or_default();
    line[5..].trim().to_owned()
}

/// A list in Maigret's form, one site of each kind.
fn list() -> Value {
    let site = |check: &str, path: &str, more: Value| {
        let mut site =
            json!({"checkType": check, "url": path, "usernameClaimed": "xinghe", "usernameUnclaimed": "nobody"});
        site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        site
    };
    let marks = json!({"presenseStrs": ["profile"], "absenceStrs": ["No such user"]});
    let none = json!({});
    json!({"engines": {}, "tags": [], "sites": {
        "Status": site("status_code", "http://status.example/u/{username}", none.clone()),
        "Message": site("message", "http://message.example/u/{username}", marks.clone()),
        "Both": site("message", "http://both.example/u/{username}", marks),
        "Wall": site("status_code", "http://wall.example/u/{username}", none.clone()),
        "Busy": site("status_code", "http://busy.example/u/{username}", none.clone()),
        "Login": site("status_code", "http://login.example/u/{username}", none.clone()),
        "Home": site("response_url", "http://home.example/u/{username}", none.clone()),
        "Closed": site("status_code", "http://closed.example/private/{username}", none.clone()),
        "Picky": site("status_code", "http://status.example/u/{username}", json!({"regexCheck": "^[0-9]+$"})),
        "Token": site("status_code", "http://token.example/u/{username}", json!({"headers": {"Authorization": "x"}})),
        "Broken": site("magic", "http://status.example/u/{username}", none),
    }})
}

struct World {
    folder: TempDir,
    site: Site,
}

async fn world() -> World {
    let (folder, site) = (tempfile::tempdir().unwrap(), web().await);
    let hosts = ["status", "message", "both", "wall", "busy", "login", "home", "closed", "token"];
    let resolve: Vec<String> = hosts.iter().map(|host| format!("\"{host}.example\" = \"{}\"", site.address)).collect();
    let config = format!(
        "[fetch]\nallow_private = [\"{}\"]\nloopback_pace = 0.0\n[fetch.resolve]\n{}\n",
        site.address,
        resolve.join("\n")
    );
    fs::write(folder.path().join("wanglou.toml"), config).unwrap();
    fs::write(folder.path().join("list.json"), list().to_string()).unwrap();
    World { folder, site }
}

impl World {
    fn call(&self, args: &[&str], code: i32) -> (String, String) {
        let output: Output =
            Command::new(env!("CARGO_BIN_EXE_wanglou")).args(args).current_dir(&self.folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    }

    fn answers(&self, args: &[&str], code: i32) -> Vec<Value> {
        let (printed, _) = self.call(&[&["discover", "--sites", "list.json", "--jsonl"], args].concat(), code);
        let mut lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.sort_by_key(|line| line["site"].as_str().unwrap().to_owned());
        lines
    }
}

fn found(answers: &[Value]) -> Vec<(&str, &str)> {
    answers.iter().map(|one| (one["site"].as_str().unwrap(), one["presence"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_site_is_told_found_absent_or_unknown_with_the_reason() {
    let w = world().await;
    let answers = w.answers(&["xinghe"], 2);
    let expected = [
        ("Both", "unknown"),
        ("Busy", "unknown"),
        ("Closed", "unknown"),
        ("Home", "absent"),
        ("Login", "unknown"),
        ("Message", "found"),
        ("Picky", "absent"),
        ("Status", "found"),
        ("Token", "unknown"),
        ("Wall", "unknown"),
    ];
    assert_eq!(found(&answers), expected);
    let reason = |site: &str| answers.iter().find(|one| one["site"] == site).unwrap()["reason"].as_str().unwrap();
    assert!(reason("Closed").starts_with("robots.txt forbids it"), "{}", reason("Closed"));
    assert_eq!(reason("Token"), "not asked: it asks for the header Authorization");
    assert_eq!(reason("Wall"), "the page is a wall");
    let (_, said) = w.call(&["discover", "--sites", "list.json", "xinghe"], 2);
    assert!(
        said.contains("site Broken: checkType magic is not known") && said.contains("2 found, 2 absent, 6 unknown")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_robots_forbid_and_what_wants_a_token_is_never_asked_for() {
    let w = world().await;
    w.answers(&["xinghe"], 2);
    let asked = w.site.asked();
    let paths = |name: &str| {
        let of_host = asked.iter().filter(|asked| host(asked) == name);
        of_host.map(|asked| asked.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(paths("closed.example"), ["/robots.txt"]);
    assert_eq!(paths("token.example"), Vec::<String>::new());
    assert_eq!(paths("home.example"), ["/robots.txt", "/u/xinghe"], "a redirect that is the answer is not followed");
    assert_eq!(paths("busy.example"), ["/robots.txt", "/u/xinghe"], "who wants peace is not asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_names_ask_for_robots_once_and_one_site_can_be_chosen() {
    let w = world().await;
    let answers = w.answers(&["xinghe", "nobody", "--site", "message"], 2);
    assert_eq!(found(&answers), [("Message", "found"), ("Message", "absent")]);
    assert_eq!(w.site.paths(), ["/robots.txt", "/u/xinghe", "/u/nobody"]);
    let (_, said) = w.call(&["discover", "xinghe", "--sites", "list.json", "--site", "nowhere"], 2);
    assert!(said.contains("there is no site nowhere"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_a_mark_are_asked_for_too() {
    let w = world().await;
    let answers = w.answers(&["星河", "--variants", "--only-found", "--site", "Status"], 2);
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0]["name"].as_str(), answers[0]["url"].as_str()),
        (Some("xinghe"), Some("http://status.example/u/xinghe"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_check_lists_the_sites_that_no_longer_work() {
    let w = world().await;
    let (printed, said) = w.call(&["discover", "--self-check", "--sites", "list.json"], 2);
    for site in ["Both", "Busy", "Wall", "Login", "Home", "Closed"] {
        assert!(printed.contains(site), "{site}\n{printed}");
    }
    assert!(!printed.contains("Message") && !printed.contains("Status"), "{printed}");
    assert!(said.contains("1 of 10 sites are not asked"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_and_the_table_show_what_was_found_without_trusting_it() {
    let w = world().await;
    let text = list().to_string().replace("\"Status\"", "\"=1+<b>Status\"");
    fs::write(w.folder.path().join("list.json"), text).unwrap();
    let (printed, _) = w.call(&["discover", "xinghe", "--sites", "list.json", "--csv", "--html", "r.html"], 2);
    assert!(
        printed.starts_with("\u{feff}site,name,presence,url,status,reason\n'=1+<b>Status,xinghe,found,"),
        "{printed}"
    );
    let report = fs::read_to_string(w.folder.path().join("r.html")).unwrap();
    assert!(report.contains("href=\"http://status.example/u/xinghe\"") && !report.contains("<b>Status"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_the_sources_of_the_installation_are_asked_as_their_platform_files_say() {
    let w = world().await;
    let source = "[[source]]\nid = 'forum'\nplatform = 'discourse'\nbase = 'http://status.example'\n";
    fs::write(w.folder.path().join("sources.toml"), source).unwrap();
    let (printed, _) = w.call(&["discover", "xinghe", "--site", "forum", "--jsonl"], 0);
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((answer["presence"].as_str(), answer["status"].as_u64()), (Some("absent"), Some(404)));
    assert_eq!(w.site.paths(), ["/robots.txt", "/u/xinghe.json"]);
}

/// A platform file of a site that numbers its accounts and is asked for them by name.
const NUMBERED: &str = r#"
id = "fixed"
name = "F"
base = "http://message.example"
interval_min_s = 0
[entry.account]
url = "{base}/u/{handle}"
[entry.account.account]
handle = { select = "b", regex = "(pro)file" }
bio = "b"
[verdict]
found = ["css:b"]
empty = ["No such user"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_with_one_address_is_asked_without_a_source_and_somebody_else_s_profile_is_no_find() {
    let w = world().await;
    fs::create_dir(w.folder.path().join("platforms")).unwrap();
    fs::write(w.folder.path().join("platforms/fixed.toml"), NUMBERED).unwrap();
    let (printed, _) = w.call(&["discover", "xinghe", "nobody", "renamed", "--site", "fixed", "--jsonl"], 0);
    let answers: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found(&answers), [("fixed", "found"), ("fixed", "absent"), ("fixed", "unknown")]);
    assert_eq!(answers[2]["reason"], "it redirects to another page");
}

#[test]
fn built_in_are_platforms_that_anyone_may_ask_by_name_and_others_where_a_source_is_enabled() {
    let names = |sources: &str| {
        let (sources, _) = wanglou::config::parse_sources("sources.toml".as_ref(), sources).unwrap();
        let sites = wanglou::pipeline::discover::known_sites(&wanglou::config::Config::default(), sources).unwrap();
        sites.into_iter().map(|site| site.name).collect::<Vec<_>>()
    };
    let alone = names("");
    for (name, is_there) in [("github", true), ("v2ex", true), ("reddit", false), ("juejin", false), ("weixin", false)]
    {
        assert_eq!(alone.iter().any(|site| site == name), is_there, "{name} in {alone:?}");
    }
    let enabled = "[[source]]\nid='r'\nplatform='reddit'\nbase='https://www.reddit.com'\nenabled=true\n";
    assert!(names(enabled).contains(&"r".to_owned()), "a source goes by its own name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_holds_a_confidential_expression_is_never_asked_for_and_the_marks_of_the_ledger_are() {
    let w = world().await;
    let ledgers = w.folder.path().join("watchlists");
    fs::create_dir(&ledgers).unwrap();
    let of_demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("watchlists");
    fs::copy(of_demo.join("companies.csv"), ledgers.join("companies.csv")).unwrap();
    let terms = fs::read_to_string(of_demo.join("terms.csv")).unwrap();
    fs::write(ledgers.join("terms.csv"), terms.lines().take(2).collect::<Vec<_>>().join("\n")).unwrap();
    let secret = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/ledgers/confidential_terms.csv");
    fs::copy(secret, ledgers.join("confidential_terms.csv")).unwrap();
    let call = ["discover", "青鸾", "--variants", "--site", "Status", "--sites", "list.json", "--jsonl", "--terms"];
    let (printed, said) = w.call(&call, 2);
    assert!(said.contains("hold a confidential expression") && !said.contains("青鸾"), "{said}");
    assert!(!printed.contains("青鸾") && !printed.contains("qingluan"), "{printed}");
    assert!(printed.lines().count() > 20, "the marks of the ledger are asked for: {printed}");
    assert!(!w.site.paths().iter().any(|path| path.contains("qingluan") || path.contains("%E9%9D%92%E9%B8%BE")));
}
