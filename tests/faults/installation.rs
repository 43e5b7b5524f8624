//! An installation of the fictional group in a temporary folder, its platforms on loopback, and what can be told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use url::Url;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::demo::data::as_of;
use wanglou::demo::prepare;
use wanglou::demo::site::Web;
use wanglou::mail::Settings;
use wanglou::model::alert::{Alert, AlertState};
use wanglou::model::case::Case;
use wanglou::model::ids::CaseId;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::shell::Shell;
use wanglou::store::{CaseFilter, verify};

use crate::child::{Running, Work, command};
use crate::postgres::Database;

/// On which engine the database lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// An installation, and the platforms that it visits.
pub(crate) struct Installation {
    folder: tempfile::TempDir,
    web: Web,
    _database: Option<Database>,
}

/// What an installation has come to, in a form that two of them can be compared by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Account or post, clause, lane, state, severity and findings of every case.
    pub(crate) cases: BTreeSet<String>,
    /// Who was told of which case, in however many letters.
    pub(crate) told: BTreeSet<String>,
}

impl Installation {
    pub(crate) async fn new(engine: Engine, mail: &str) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Database::new().await),
        };
        let url = database.as_ref().map(|database| Url::parse(&database.url()).unwrap());
        Self::on(database, mail, url).await
    }

    /// On a database at that address; on a file when none is given.
    pub(crate) async fn on(database: Option<Database>, mail: &str, url: Option<Url>) -> Self {
        let web = Web::start(Clock::starting_at(as_of()), as_of()).await.unwrap();
        let installation = Self { folder: tempfile::tempdir().unwrap(), web, _database: database };
        let web = &installation.web;
        // The hosts of a process that was killed are free soon.
        let rest = format!("{mail}\n[work]\nlost_after_s = 2.0\n");
        prepare(&installation.path(), web.addresses(), web.ca_pem(), &rest, url.as_ref()).unwrap();
        installation.send_all_mail_to_one_mailbox();
        installation
    }

    pub(crate) fn web(&self) -> &Web {
        &self.web
    }

    /// Writes other words into a file of the installation.
    pub(crate) fn edit(&self, name: &str, changes: &[(&str, &str)]) {
        let file = self.path().join(name);
        let text = std::fs::read_to_string(&file).unwrap();
        let edited = changes.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{name} has no {from}");
            text.replace(from, to)
        });
        std::fs::write(&file, edited).unwrap();
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("wanglou")
    }

    /// The mail server of the tests delivers to one mailbox; what stands behind the + is free.
    fn send_all_mail_to_one_mailbox(&self) {
        let address = regex::Regex::new(r"([a-z0-9]+)@[a-z]+\.example").unwrap();
        for ledger in ["managers.csv", "employees.csv"] {
            let file = self.path().join("watchlists").join(ledger);
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(&file, &*address.replace_all(&text, "analyst+$1@xinghe.example")).unwrap();
        }
    }

    pub(crate) fn start(&self, at: Timestamp, work: Work) -> Running {
        Running::start(command(&self.path(), at, work))
    }

    pub(crate) async fn shell(&self, clock: Clock) -> Shell {
        Shell::open(Config::read(&self.path().join("wanglou.toml")).unwrap(), clock).await.unwrap()
    }

    /// What it came to, the outbox, and whatever is wrong with its evidence.
    pub(crate) async fn look(&self) -> (Outcome, Vec<Alert>, Vec<String>) {
        let shell = self.shell(Clock::standing_at(as_of())).await;
        let filter = CaseFilter { with_closed: true, with_leak_lane: true, ..CaseFilter::default() };
        let cases = shell.store.cases(&filter).await.unwrap();
        let alerts = shell.store.latest_alerts(10_000).await.unwrap();
        let verified = verify(&shell.store, &shell.vault).await.unwrap();
        shell.store.close().await;
        let problems = verified.problems.iter().map(|problem| format!("{problem:?}")).collect();
        (Outcome::of(&cases, &alerts), alerts, problems)
    }
}

impl Outcome {
    fn of(cases: &[Case], alerts: &[Alert]) -> Self {
        let names: BTreeMap<&CaseId, String> = cases.iter().map(|case| (&case.id, name(case))).collect();
        let told = alerts.iter().filter(|alert| alert.state != AlertState::Failed);
        let pairs = |alert: &Alert| {
            let names = alert.cases.iter().map(|case| format!("{} of {}", alert.recipient, names[case]));
            names.collect::<Vec<_>>()
        };
        Self { cases: cases.iter().map(whole).collect(), told: told.flat_map(pairs).collect() }
    }
}

fn name(case: &Case) -> String {
    format!("{} {} {}", case.judgement.subject.url, case.clause, case.judgement.lane)
}

fn whole(case: &Case) -> String {
    let Case { judgement, state, .. } = case;
    format!("{} {state:?} {:?} {} findings", name(case), judgement.severity, judgement.findings.len())
}

/// The lines of `[mail]` for these settings.
pub(crate) fn mail_lines(settings: &Settings) -> String {
    // They come to stand below the line `[mail]`.
    toml::to_string(settings).unwrap().replace("[returned]", "[mail.returned]")
}
