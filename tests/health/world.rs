//! An installation in a temporary folder whose health page answers.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::discover::Presence;
use wanglou::jobs::Pulse;
use wanglou::model::account::Account;
use wanglou::model::alert::AlertKind;
use wanglou::model::capture::Verdict;
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::shell::Shell;
use wanglou::store::{AlertOccasion, AlertRequest, JudgementBatch, NewJob, SourceState, SubjectFacts};
use wanglou::web::{Server, serve};

use crate::http::{Answer, ask};

/// 2026-11-20 18:00 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);

/// What stands in the database and must stand on no page: somebody's handle, a reader, a company.
pub(crate) const PERSONAL: [&str; 4] = ["张三的小号", "E-771", "M-772", "XH-773"];

const SOURCES: &str = "[[source]]\nid = 'forum'\nplatform = 'p'\nbase = 'https://forum.example'\n\
    [[source]]\nid = 'board'\nplatform = 'p'\nbase = 'https://board.example'\n\
    [[source]]\nid = 'later'\nplatform = 'p'\nbase = 'https://later.example'\n";

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) shell: Arc<Shell>,
    pub(crate) pulse: Pulse,
    pub(crate) server: Server,
}

/// An installation on a file, or on the database of an address.
pub(crate) async fn world(url: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("watchlists")).unwrap();
    std::fs::write(folder.path().join("sources.toml"), SOURCES).unwrap();
    let mut config: Config = toml::from_str("[health]\nlisten = '127.0.0.1:0'\n[mail]\ntransport = 'file'").unwrap();
    config.database.url = url.to_owned();
    config.settle(folder.path());
    let shell = Arc::new(Shell::open(config, Clock::standing_at(NOW)).await.unwrap());
    let pulse = Pulse::default();
    pulse.beat();
    let server = serve(&shell, &pulse).await.unwrap();
    World { folder, shell, pulse, server }
}

impl World {
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(self.address(), "GET", path).await
    }

    /// What `/readyz` says of one thing.
    pub(crate) async fn probe(&self, name: &str) -> Value {
        let body: Value = serde_json::from_str(&self.get("/readyz").await.body).unwrap();
        let probes = body["probes"].as_array().unwrap();
        probes.iter().find(|probe| probe["name"] == name).unwrap_or_else(|| panic!("no probe {name}: {body}")).clone()
    }

    /// Asks until `/readyz` answers with a status; what was seen may be a second old.
    pub(crate) async fn ready_is(&self, status: u16) {
        for _ in 0..1_000 {
            if self.get("/readyz").await.status == status {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("/readyz never answered {status}");
    }

    /// Something of everything: a case with a letter, jobs, visits, processes at work.
    pub(crate) async fn fill(&self) {
        let store = &self.shell.store;
        let scan = store.start_scan(NOW, &json!({})).await.unwrap();
        let batch = JudgementBatch {
            scan: scan.clone(),
            at: NOW,
            judgement: judgement(),
            facts: SubjectFacts { account: Some(Account::default()), post: None },
            captures: vec![],
            alerts: vec![AlertRequest {
                kind: AlertKind::Immediate,
                recipient: PERSONAL[2].into(),
                lane: lane(),
                due_at: NOW.plus_ms(-600_000),
            }],
            occasion: AlertOccasion::Opened,
            adds_evidence: false,
            audit: vec![],
            repost_of: None,
        };
        store.record_judgement(&self.shell.vault, &batch).await.unwrap();
        store.finish_scan(&scan, NOW.plus_ms(-3_600_000), &json!({})).await.unwrap();
        self.visit("forum", Verdict::Found).await;
        self.visit("board", Verdict::Blocked { reason: "a captcha".into() }).await;
        store.save_canary(&"forum".into(), None, NOW).await.unwrap();
        store.save_canary(&"board".into(), Some("expected found, is blocked"), NOW).await.unwrap();
        store.save_discovery("forum", "xinghe", Presence::Absent, NOW.plus_days(-6)).await.unwrap();
        let job = NewJob {
            kind: "visit".into(),
            key: "visit-forum".into(),
            host: None,
            egress: String::new(),
            run_at: NOW,
            attempts_max: 3,
            payload: json!({}),
        };
        store.enqueue(&job, NOW).await.unwrap();
        self.two_workers().await;
    }

    async fn visit(&self, source: &str, verdict: Verdict) {
        let mut state = SourceState::new(source.into()).visited(NOW.plus_ms(-90_000), verdict);
        (state.day, state.pages_today) = ("2026-11-20".into(), 12);
        self.shell.store.save_source_state(&state).await.unwrap();
    }

    async fn two_workers(&self) {
        let (began, seen) = (NOW.plus_ms(-7_200_000).ms(), NOW.plus_ms(-4_000).ms());
        let sql = format!(
            "INSERT INTO workers (id, name, version, may_do, beat, started_at_ms, seen_at_ms) VALUES
                ('w1', 'night-1', '0.1.0', '{{}}', 1, {began}, {seen}), ('w2', 'night-2', '0.1.0', '{{}}', 1, {began}, {seen});
             INSERT INTO hosts (host, worker_id, source_id, held_since_ms, promised_ms, closed_until_ms) VALUES
                ('forum.example', 'w1', 'forum', {seen}, 0, 0), ('board.example', 'w2', 'board', {seen}, 0, 0)"
        );
        let file = self.folder.path().join("store/wanglou.db");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

fn lane() -> Lane {
    Lane::Manager(PERSONAL[3].into())
}

fn judgement() -> Judgement {
    let url = "https://forum.example/u/771".to_owned();
    let reason = Reason::new(PERSONAL[0], PERSONAL[0]);
    Judgement {
        subject: Subject {
            kind: SubjectKind::Account,
            id: None,
            platform: "forum".into(),
            handle: PERSONAL[0].into(),
            url,
        },
        outcome: Outcome::Alert,
        lane: lane(),
        notify: Notify::Immediate,
        severity: Some(Severity::High),
        findings: vec![Finding {
            rule: Rule::Name,
            clause: "四.2".into(),
            terms: vec!["W1".into()],
            claims: Vec::new(),
            reasons: vec![reason.clone()],
        }],
        candidates: vec![Candidate {
            employee_id: PERSONAL[1].into(),
            score: 0.7,
            band: Band::Medium,
            reasons: vec![reason],
        }],
        reasons: vec![],
        terms: vec!["W1".into()],
        topics: vec![],
        silence: None,
        excerpt: None,
    }
}
