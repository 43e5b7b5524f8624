//! What the console asks the database for, over many cases: `cargo bench --bench console -- [CASES] [DATABASE]`.
//! Prints the median and the slowest of 21 runs of each question, in milliseconds. Without a database: a file in a temporary folder.

use std::path::Path;
use std::time::Instant;

use serde_json::json;
use wanglou::casework::rights::Scope;
use wanglou::model::account::Account;
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::store::{Address, AlertOccasion, CaseQuery, JudgementBatch, Store, SubjectFacts};
use wanglou::vault::Vault;

const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);
const RUNS: usize = 21;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let cases: usize = arguments.first().and_then(|number| number.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = match arguments.get(1) {
        Some(url) => Address::parse(url, Path::new("")).expect("an address of a database"),
        None => Address::File(folder.path().join("wanglou.db")),
    };
    let store = Store::open_at(&address).await.expect("a database");
    let vault = Vault::in_database(&store, None);
    let begun = Instant::now();
    fill(&store, &vault, cases).await;
    println!("{cases} cases filed in {:.1} s", begun.elapsed().as_secs_f64());
    ask(&store, cases).await;
}

/// Cases of four companies, each with a finding, a possible owner and an account.
async fn fill(store: &Store, vault: &Vault, cases: usize) {
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
            judgement: judgement(number, subject),
            facts: SubjectFacts { account: Some(account), post: None },
            captures: vec![],
            alerts: vec![],
            occasion: AlertOccasion::Opened,
            adds_evidence: false,
            audit: vec![],
        };
        store.record_judgement(vault, &batch).await.expect("a case");
    }
}

fn judgement(number: usize, subject: Subject) -> Judgement {
    let reason = Reason::new("账号名含“星河”", "the name contains a mark");
    let finding = Finding {
        rule: Rule::Name,
        clause: "四.2".into(),
        terms: vec!["W1".into()],
        claims: Vec::new(),
        reasons: vec![reason.clone()],
    };
    let severities = [Severity::Low, Severity::Medium, Severity::High];
    let owner = Candidate {
        employee_id: format!("E{number}").as_str().into(),
        score: 0.6,
        band: Band::Medium,
        reasons: vec![reason],
    };
    Judgement {
        lane: Lane::Manager(["A", "B", "C", "D"][number % 4].into()),
        notify: Notify::Daily,
        severity: Some(severities[number % 3]),
        findings: vec![finding],
        candidates: vec![owner],
        terms: vec!["W1".into()],
        ..Judgement::silent(subject, Outcome::Alert)
    }
}

async fn ask(store: &Store, cases: usize) {
    let scope = Scope { lanes: vec![Lane::Manager("B".into())], recused: "E7".into(), ..Scope::default() };
    let own = CaseQuery { scope, state: "unfinished".into(), size: 50, ..CaseQuery::default() };
    let every = CaseQuery { scope: Scope { every_manager: true, ..Scope::default() }, ..own.clone() };
    let last = CaseQuery { page: (cases / 50).saturating_sub(1) as u32, ..every.clone() };
    let high = CaseQuery { severity: Some(Severity::High), ..every.clone() };
    let rare = CaseQuery { words: format!("{}号", cases / 2), ..every.clone() };
    let common = CaseQuery { words: "客服".into(), ..every.clone() };
    let today = CaseQuery { size: 200, ..every.clone() };
    for (name, wish) in [
        ("own company, first page", &own),
        ("every company, first page", &every),
        ("every company, last page", &last),
        ("every company, high only", &high),
        ("search that finds one", &rare),
        ("search that finds all", &common),
    ] {
        measured(name, async || drop(store.case_page(wish, str::to_owned).await.expect("a page"))).await;
    }
    measured("today: counts", async || drop(store.case_counts(&every).await.expect("counts"))).await;
    measured("today: due first", async || drop(store.oldest_cases(&today).await.expect("cases"))).await;
}

async fn measured(name: &str, question: impl AsyncFn()) {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        question().await;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<28} median {:>8.1} ms   slowest {:>8.1} ms", times[RUNS / 2], times[RUNS - 1]);
}
