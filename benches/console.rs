//! What the console asks the database for, over many cases: `cargo bench --bench console -- [CASES] [FINDINGS] [DATABASE]`,
//! with so many findings a case. Prints the median and the slowest of 21 runs of each question, in milliseconds, and how much
//! processor time this process took for one: where others work on the machine, that tells more; a server's own is not in it.
//! The database is the path of a file or the address of a server, filled where it holds no case, and stays; without one: a file
//! in a temporary folder.

use std::time::Instant;

use serde_json::json;
use wanglou::casework::rights::Scope;
use wanglou::model::account::{Account, Post};
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::store::{Address, AlertOccasion, AuditQuery, CaseQuery, JudgementBatch, Store, SubjectFacts};
use wanglou::vault::Vault;

const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);
const RUNS: usize = 21;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let cases: usize = arguments.first().and_then(|number| number.parse().ok()).unwrap_or(10_000);
    let findings: usize = arguments.get(1).and_then(|number| number.parse().ok()).unwrap_or(1);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = arguments.get(2).map_or("wanglou.db", String::as_str);
    let address = Address::parse(address, folder.path()).expect("an address of a database");
    let store = Store::open_at(&address).await.expect("a database");
    if store.case_counts(&every_company()).await.expect("counts").by_severity.is_empty() {
        let vault = Vault::in_database(&store, None);
        let begun = Instant::now();
        fill(&store, &vault, cases, findings).await;
        println!("{cases} cases of {findings} findings filed in {:.1} s", begun.elapsed().as_secs_f64());
    }
    ask(&store, cases).await;
}

/// Cases of four companies, each with findings, a possible owner, an account and a post of 60 to 300 characters.
async fn fill(store: &Store, vault: &Vault, cases: usize, findings: usize) {
    let scan = store.start_scan(NOW, &json!({})).await.expect("a scan");
    for number in 0..cases {
        let handle = format!("handle{number}");
        let url = format!("https://forum.example/u/{number}");
        let name = format!("星河{number}号客服");
        let account = Account {
            platform: "forum".into(),
            handle: handle.clone(),
            url: url.clone(),
            display_name: name,
            bio: "某城某街，十年老店，欢迎来信".into(),
            ..Account::default()
        };
        let subject = Subject { kind: SubjectKind::Account, id: None, platform: "forum".into(), handle, url };
        let batch = JudgementBatch {
            scan: scan.clone(),
            at: NOW.plus_ms(number as i64),
            judgement: judgement(number, findings, subject),
            facts: SubjectFacts { account: Some(account), post: Some(post(number)) },
            captures: vec![],
            alerts: vec![],
            occasion: AlertOccasion::Opened,
            adds_evidence: false,
            audit: vec![],
            repost_of: None,
        };
        store.record_judgement(vault, &batch).await.expect("a case");
    }
}

/// A post of Chinese characters, some of which are far more frequent than others. Every five-hundredth names 云舟.
fn post(number: usize) -> Post {
    let mut state = number as u64 + 1;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let length = 60 + next(240);
    let character = |n: u64| char::from_u32(0x4e00 + (n * n / 2_500) as u32).unwrap_or('一');
    let mut text: String = (0..length).map(|_| character(next(2_500))).collect();
    if number.is_multiple_of(500) {
        text.push_str("云舟样件");
    }
    Post { text, ..Post::default() }
}

fn judgement(number: usize, findings: usize, subject: Subject) -> Judgement {
    let reason = Reason::new("账号名含“星河”", "the name contains a mark");
    let finding = |term: usize| Finding {
        rule: Rule::Name,
        clause: "四.2".into(),
        terms: vec![format!("W{term}").as_str().into()],
        claims: Vec::new(),
        reasons: vec![reason.clone()],
    };
    let findings = (0..findings).map(finding).collect();
    let severities = [Severity::Low, Severity::Medium, Severity::High];
    let owner = Candidate {
        employee_id: format!("E{number}").as_str().into(),
        score: 0.6,
        band: Band::Medium,
        reasons: vec![reason.clone()],
    };
    Judgement {
        lane: Lane::Manager(["A", "B", "C", "D"][number % 4].into()),
        notify: Notify::Daily,
        severity: Some(severities[number % 3]),
        findings,
        candidates: vec![owner],
        terms: vec!["W1".into()],
        ..Judgement::silent(subject, Outcome::Alert)
    }
}

fn every_company() -> CaseQuery {
    let scope = Scope { every_manager: true, ..Scope::default() };
    CaseQuery { scope, state: "unfinished".into(), size: 50, ..CaseQuery::default() }
}

async fn ask(store: &Store, cases: usize) {
    ask_for_lists(store, cases).await;
    ask_for_searches(store, cases).await;
    ask_for_overviews(store).await;
}

async fn ask_for_lists(store: &Store, cases: usize) {
    let every = every_company();
    let scope = Scope { lanes: vec![Lane::Manager("B".into())], recused: "E7".into(), ..Scope::default() };
    let last = CaseQuery { page: (cases / 50).saturating_sub(1) as u32, ..every.clone() };
    let high = CaseQuery { severity: Some(Severity::High), ..every.clone() };
    listed(store, "own company, first page", &CaseQuery { scope, ..every.clone() }).await;
    listed(store, "every company, first page", &every).await;
    listed(store, "every company, last page", &last).await;
    listed(store, "every company, high only", &high).await;
    let audit = AuditQuery { size: 100, ..AuditQuery::default() };
    measured("audit, first page", async || drop(store.audit_page(&audit).await.expect("lines"))).await;
}

async fn ask_for_searches(store: &Store, cases: usize) {
    let rare = format!("{}号", cases / 2);
    for (name, words) in [
        ("search that finds one", rare.as_str()),
        ("search for 云舟, in 0.2 %", "云舟"),
        ("search for 号客, in all", "号客"),
        ("search for 一一, in some", "一一"),
        ("search that finds none", "没有此词"),
    ] {
        listed(store, name, &CaseQuery { words: words.to_owned(), ..every_company() }).await;
    }
}

async fn ask_for_overviews(store: &Store) {
    let every = every_company();
    let today = CaseQuery { size: 200, ..every.clone() };
    let month = (NOW.plus_days(-30), NOW.plus_days(1));
    measured("today: counts", async || drop(store.case_counts(&every).await.expect("counts"))).await;
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    measured("today: kept silent", async || drop(store.silent_counts(day).await.expect("counts"))).await;
    measured("today: due first", async || drop(store.oldest_cases(&today).await.expect("cases"))).await;
    measured("state of the installation", async || drop(store.status(NOW).await.expect("a state"))).await;
    measured("retention: clocks", async || drop(store.retention_clocks().await.expect("clocks"))).await;
    measured("report of a month", async || drop(store.case_figures(month.0, month.1).await.expect("figures"))).await;
}

async fn listed(store: &Store, name: &str, wish: &CaseQuery) {
    measured(name, async || drop(store.case_page(wish, str::to_owned).await.expect("a page"))).await;
}

async fn measured(name: &str, question: impl AsyncFn()) {
    let (mut times, before) = (Vec::new(), processor_ms());
    for _ in 0..RUNS {
        let begun = Instant::now();
        question().await;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let processor = (processor_ms() - before) / RUNS as f64;
    let (median, slowest) = (times[RUNS / 2], times[RUNS - 1]);
    println!("{name:<28} median {median:>8.1} ms   slowest {slowest:>8.1} ms   processor {processor:>8.1} ms");
}

/// Processor time of this process so far, by Linux, in milliseconds: hundredths of a second as user and for the system.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}
