//! Facts that outlive the process: one file an entity, portable SQL as constants. Bytes are not here but in the vault.
//! Nothing here reads a clock; every instant is handed in.

mod added;
mod address;
mod alert;
mod api_token;
mod arrival;
mod attestation;
mod audit;
mod backlog;
mod band_lowering;
mod calibration;
mod campaign;
mod canary;
mod capture;
mod case;
mod case_list;
mod chain;
mod channel;
mod column;
mod column_mapping;
mod copy;
mod decided;
mod dialect;
mod discovery;
mod ending;
mod engine;
mod erasure;
mod evidence;
mod exemption_link;
mod exemption_request;
mod figure_text;
mod figures;
mod frontier;
mod group_link;
mod host;
mod job;
mod judgement;
mod ledger;
mod mail_link;
mod member_attestation;
mod note;
mod notice;
mod object;
mod objection;
mod outcome;
mod page;
mod provider_visit;
mod repost;
mod request;
mod retention;
mod returned_mail;
mod rhythm;
mod saved_view;
mod scan;
mod schema;
mod sealed;
mod search;
mod second_factor;
mod session;
mod shared;
mod silence;
mod source;
mod sql;
mod status;
mod subject;
mod topic;
mod topic_change;
mod trouble;
mod unlink;
mod unlinking;
mod user;
mod worker;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use chrono_tz::Tz;
use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::casework::transition::TransitionError;
use crate::model::ids::{AlertId, CaptureId, CaseId, TopicChangeId, WorkerId};
use crate::seal::Key;
use crate::store::engine::Engine;
use crate::store::sealed::Sealing;
use crate::store::sql::{Pool, Session, query};

pub use crate::casework::keys::{account_key, subject_key};
pub use crate::store::address::{Address, AddressError};
pub(crate) use crate::store::alert::NOT_FOR_THE_READER;
pub use crate::store::alert::{DigestRequest, Outgoing};
pub use crate::store::arrival::Arrival;
pub use crate::store::audit::{AuditLink, AuditQuery, AuditVerification};
pub use crate::store::backlog::Folding;
pub use crate::store::band_lowering::BandLowering;
pub use crate::store::canary::CanaryState;
pub use crate::store::case::{CaseFilter, Decision, Step};
pub use crate::store::case_list::{CaseCounts, CaseOrder, CasePage, CaseQuery};
pub use crate::store::chain::{ChainEntry, ChainKind, ChainProblem, Verification, chain_about, export, verify};
pub use crate::store::channel::ChannelState;
pub use crate::store::column::{new_id, sha256_hex};
pub use crate::store::copy::{ChainEnd, Snapshot, Tallies, Tally};
pub use crate::store::ending::PageDone;
pub(crate) use crate::store::engine::{egress_flag, host_flag};
pub use crate::store::erasure::Erased;
pub use crate::store::evidence::Evidence;
pub use crate::store::frontier::{Asked, Left, Task, VisitStep};
pub use crate::store::host::{HeldHost, TakenHost};
pub use crate::store::job::{Job, JobEnd, NewJob};
pub use crate::store::judgement::{AlertOccasion, AlertRequest, CaseChange, JudgementBatch, Recorded};
pub use crate::store::ledger::{LedgerVersion, NewLedgerVersion};
pub use crate::store::object::Object;
pub use crate::store::objection::Objection;
pub use crate::store::page::PageMemo;
pub use crate::store::provider_visit::ProviderVisit;
pub use crate::store::repost::{LikeText, Place, Repost};
pub use crate::store::request::Answer;
pub use crate::store::retention::{Amount, Over, Receipt, RetentionRun};
pub use crate::store::returned_mail::{MailboxVisit, ReturnedKind, ReturnedMail};
pub use crate::store::saved_view::Renaming;
pub use crate::store::scan::Scan;
pub use crate::store::search::FOUND_MAX;
pub use crate::store::second_factor::NewSecondFactor;
pub use crate::store::session::Session as SignedIn;
pub use crate::store::silence::SilentCount;
pub use crate::store::source::SourceState;
pub use crate::store::status::{OpenCases, Status};
pub use crate::store::subject::{StoredSubject, SubjectFacts};
pub use crate::store::worker::Worker;

const SCHEMA: &str = "SELECT COALESCE(MAX(version), 0) AS version FROM _sqlx_migrations";
const OLDEST: &str = "SELECT MAX(oldest_schema) AS oldest FROM compatibility";

/// The files of `migrations/`, by number. Never edited after a release, only added to.
const MIGRATION_FILES: &[(i64, &str, &str)] = &[
    (1, "init", include_str!("../../migrations/0001_init.sql")),
    (2, "workers", include_str!("../../migrations/0002_workers.sql")),
    (3, "frontier", include_str!("../../migrations/0003_frontier.sql")),
    (4, "canaries", include_str!("../../migrations/0004_canaries.sql")),
    (5, "discoveries", include_str!("../../migrations/0005_discoveries.sql")),
    (6, "rhythms", include_str!("../../migrations/0006_rhythms.sql")),
    (7, "console", include_str!("../../migrations/0007_console.sql")),
    (8, "band_decisions", include_str!("../../migrations/0008_band_decisions.sql")),
    (9, "groups", include_str!("../../migrations/0009_groups.sql")),
    (10, "report_figures", include_str!("../../migrations/0010_report_figures.sql")),
    (11, "requests", include_str!("../../migrations/0011_requests.sql")),
    (12, "audit_chain", include_str!("../../migrations/0012_audit_chain.sql")),
    (13, "second_factors", include_str!("../../migrations/0013_second_factors.sql")),
    (14, "channels", include_str!("../../migrations/0014_channels.sql")),
    (15, "api_tokens", include_str!("../../migrations/0015_api_tokens.sql")),
    (16, "single_sign_on", include_str!("../../migrations/0016_single_sign_on.sql")),
    (17, "provider_subjects", include_str!("../../migrations/0017_provider_subjects.sql")),
    (18, "subject_texts", include_str!("../../migrations/0018_subject_texts.sql")),
    (19, "member_attestations", include_str!("../../migrations/0019_member_attestations.sql")),
    (20, "saved_views", include_str!("../../migrations/0020_saved_views.sql")),
    (21, "ledger_changes", include_str!("../../migrations/0021_ledger_changes.sql")),
    (22, "returned_mail", include_str!("../../migrations/0022_returned_mail.sql")),
    (23, "exemption_links", include_str!("../../migrations/0023_exemption_links.sql")),
    (24, "added_files", include_str!("../../migrations/0024_added_files.sql")),
    (25, "reposts", include_str!("../../migrations/0025_reposts.sql")),
];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, description, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, (*description).into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations(MIGRATION_FILES.iter().map(migration).collect());
    // A newer program may have added its own; whether this one may still work is for `compatibility` to say.
    migrator.set_ignore_missing(true);
    migrator
});

/// What may go wrong between the program and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer program has changed this database so that this one can no longer work on it.
    #[error("the database has schema {found}, this program knows up to {known}: install the newer program again")]
    Newer {
        /// Newest schema in the database.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// The database cannot be opened.
    #[error("{address} cannot be opened as a database")]
    Open {
        /// Where it is.
        address: Address,
        /// What the engine said.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {}", trouble::words_of_migration(.0))]
    Migration(#[source] MigrateError),
    /// Protected speech and other outcomes of which nothing is kept.
    #[error("outcome {0} must not be stored: count its topics instead")]
    NotStorable(String),
    /// Another user has the login.
    #[error("there is a user {0} already")]
    Taken(String),
    /// A post does not stand there as a repost any more.
    #[error("the post stands in case {0} as a repost no more: open the case again")]
    NoRepost(String),
    /// The case is unknown.
    #[error("no case {0}")]
    NoCase(CaseId),
    /// A case on legal hold stands in the way of an erasure.
    #[error("case {0} or another one about the same subject is on legal hold: `wanglou retention release` it first")]
    Held(String),
    /// There is no such change of protected topics.
    #[error("no change of protected topics {0}")]
    NoTopicChange(TopicChangeId),
    /// There is no such request.
    #[error("no request {0}")]
    NoRequest(String),
    /// Somebody has answered it already.
    #[error("request {0} was answered already")]
    Answered(String),
    /// What people from outside tell about themselves is kept sealed or not at all.
    #[error("personal data of people from outside is only kept sealed: set WANGLOU_KEY or paths.key_file")]
    NoKey,
    /// The capture is unknown.
    #[error("no capture {0}")]
    NoCapture(CaptureId),
    /// The lease on an alert has passed to another worker, or the alert is settled.
    #[error("alert {0} is no longer held by this worker")]
    AlertLost(AlertId),
    /// The process gave no sign of life for too long; others have taken up its work.
    #[error("worker {0} was given up for lost and writes no more: start it again")]
    Ended(WorkerId),
    /// The state of a case does not allow the step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A column does not hold what the program writes there.
    #[error("column {column} does not hold what was expected")]
    Malformed {
        /// Table and column.
        column: &'static str,
        /// What was wrong.
        source: serde_json::Error,
    },
    /// A sealed column could not be opened: the key is missing or another one.
    #[error("{0} is sealed: configure the key with which it was written")]
    Sealed(&'static str),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
    /// The engine failed.
    #[error("{}", trouble::words(.0))]
    Database(#[from] sqlx::Error),
    /// A file or folder could not be written.
    #[error("a file or folder could not be written")]
    File(#[from] std::io::Error),
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Store {
    read: Pool,
    write: Pool,
    sealing: Sealing,
    zone: Tz,
    worker: Option<WorkerId>,
    engine: Option<Engine>,
}

/// A transaction that writes. Dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    inner: Session,
    sealing: Sealing,
    engine: Option<Engine>,
}

impl Store {
    /// Opens a database file, creates it when there is none, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_at(&Address::from(path)).await
    }

    /// Opens a database on either engine and brings its schema up to date.
    pub async fn open_at(address: &Address) -> Result<Self, StoreError> {
        let fault = |source| StoreError::Open { address: address.clone(), source };
        let _alone = dialect::alone(address).await.map_err(|error| fault(error.into()))?;
        let (read, write) = dialect::open(address).await.map_err(fault)?;
        dialect::migrate(&write, &MIGRATIONS).await.map_err(StoreError::Migration)?;
        let engine = Engine::of(&read).await?;
        let (sealing, zone) = (Sealing::default(), chrono_tz::Asia::Shanghai);
        let store = Self { read, write, sealing, zone, worker: None, engine };
        store.check_compatibility().await?;
        store.read_texts().await?;
        Ok(store)
    }

    /// Makes a schema of a server anew, empty, for an installation that begins from nothing each time. A file is its own
    /// installation and needs none.
    pub async fn renew_schema(address: &Address, schema: &str) -> Result<(), StoreError> {
        let Address::Server(options) = address else { return Ok(()) };
        let renewed = dialect::renew_schema(options, schema).await;
        renewed.map_err(|source| StoreError::Open { address: address.clone(), source })
    }

    /// Whether this program may work on the schema that the database has now. While an upgrade is under way, older
    /// programs work on a newer schema, as long as it is only larger.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when something was taken away that this program needs.
    pub async fn check_compatibility(&self) -> Result<(), StoreError> {
        let known = Self::known_schema();
        let found = self.schema_version().await?;
        let oldest: i64 = query(OLDEST).fetch_one(&self.read).await?.try_get("oldest")?;
        if oldest > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
    }

    /// The same store with the key for what only the leak lane may read. Without a key, leak subjects store no text.
    #[must_use]
    pub fn with_key(mut self, key: Arc<Key>) -> Self {
        self.sealing = Sealing::new(key);
        self
    }

    /// The same store counting case numbers by the months of a zone; Asia/Shanghai otherwise.
    #[must_use]
    pub fn in_zone(mut self, zone: Tz) -> Self {
        self.zone = zone;
        self
    }

    /// Begins a transaction that writes; waits for the writer before. Refused for a process that has been ended.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let mut inner = dialect::begin(&self.write).await?;
        if let Some(id) = &self.worker {
            worker::check(&mut inner, id).await?;
        }
        Ok(Tx { inner, sealing: self.sealing.clone(), engine: self.engine.clone() })
    }

    /// Where single statements run that stand on their own and wait for no other writer: signs of life, hosts given back.
    fn beside(&self) -> &Pool {
        dialect::beside(&self.read, &self.write)
    }

    /// Whether the database is a server, which several processes share.
    pub const fn is_on_server(&self) -> bool {
        self.engine.is_some()
    }

    /// Number of the newest migration that this program knows.
    pub fn known_schema() -> i64 {
        MIGRATION_FILES.iter().map(|(version, _, _)| *version).max().unwrap_or(0)
    }

    /// Number of the newest migration that the database has.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        Ok(query(SCHEMA).fetch_one(&self.read).await?.try_get("version")?)
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

impl Tx {
    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::MIGRATION_FILES;

    #[test]
    fn every_migration_file_is_run() {
        let listed: Vec<String> = MIGRATION_FILES.iter().map(|(n, name, _)| format!("{n:04}_{name}.sql")).collect();
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let mut files: Vec<String> = folder.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, listed);
    }
}
