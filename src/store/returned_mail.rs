//! What came back to the mailbox of the sender: of each mail what it turned out to be, by the hash of its name there, and nothing
//! that stands in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::alert::Alert;
use crate::model::audit::AuditEntry;
use crate::model::ids::AlertId;
use crate::model::time::Timestamp;
use crate::store::column::{count, from_word, word};
use crate::store::sql::{Row, query, query_of_list};
use crate::store::{NOT_FOR_THE_READER, Store, StoreError};

const BY_ID: &str =
    "SELECT id, kind, lane, recipient, due_at_ms, state, attempts, last_error FROM alerts WHERE id = $1";
const HANDED_OVER: &str = "SELECT COUNT(*) AS n FROM alerts WHERE id = $1 AND state = 'queued' AND handed_over";
const KNOWN: &str = "SELECT mail_sha256, kind FROM returned_mails WHERE mail_sha256 IN @";
/// Names that are asked for at once.
const NAMES_AT_ONCE: usize = 100;
const NOTE: &str = "INSERT INTO returned_mails (mail_sha256, kind, alert_id, status, read_at_ms) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mail_sha256) DO NOTHING";
const FAIL: &str =
    "UPDATE alerts SET state = 'failed', last_error = $2 WHERE id = $1 AND state IN ('sent', 'uncertain')";
const FORGET: &str = "DELETE FROM returned_mails WHERE mail_sha256 = $1";
// Whoever reads the letter where it went astray must not decide by it.
const END_CASE_LINKS: &str = "DELETE FROM mail_links WHERE employee_id = (SELECT recipient FROM alerts WHERE id = $1) \
    AND case_id IN (SELECT case_id FROM alert_cases WHERE alert_id = $1)";
const END_EXEMPTION_LINKS: &str = "DELETE FROM exemption_links \
    WHERE employee_id = (SELECT recipient FROM alerts WHERE id = $1) AND number = $2";
const COUNTS: &str =
    "SELECT kind, COUNT(*) AS n FROM returned_mails WHERE read_at_ms >= $1 GROUP BY kind ORDER BY kind";
// Refused when it was handed over, or known to be sent back since.
const FAILED: &str = "SELECT COUNT(*) AS n FROM alerts AS a WHERE a.state = 'failed' AND a.last_error <> $2 \
    AND COALESCE((SELECT MAX(r.read_at_ms) FROM returned_mails AS r WHERE r.alert_id = a.id AND r.kind = 'failed'), \
    a.settled_at_ms) >= $1";
const PURGE: &str = "DELETE FROM returned_mails WHERE read_at_ms < $1";
const VISIT: &str = "INSERT INTO mailbox_visits (name, at_ms, fault) VALUES ('returned', $1, $2) \
    ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms, fault = excluded.fault";
const VISITED: &str = "SELECT at_ms, fault FROM mailbox_visits WHERE name = 'returned'";

/// What a mail in the mailbox turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnedKind {
    /// It says that one of our letters was not delivered.
    Failed,
    /// It says that one of our letters is late.
    Delayed,
    /// It is about one of our letters of which nothing is left to say: it had failed before, or was not out.
    Settled,
    /// It speaks of a letter that is not ours: forged, or about something else. It changes nothing.
    Foreign,
    /// No such notice: an answer, a note of absence.
    Other,
    /// It could not be read.
    Unreadable,
}

impl ReturnedKind {
    /// Whether it is about a letter of ours, which stands in it.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Failed | Self::Delayed | Self::Settled)
    }
}

/// A mail in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedMail {
    /// SHA-256 of the name by which the mailbox knows it.
    pub name_sha256: String,
    /// What it turned out to be.
    pub kind: ReturnedKind,
    /// Which of our letters it is about.
    pub alert: Option<AlertId>,
    /// Status code such as `5.1.1`; empty when there is none.
    pub status: String,
    /// When it was read.
    pub read_at: Timestamp,
}

/// When the mailbox was read last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxVisit {
    /// When.
    pub at: Timestamp,
    /// Why it could not be read; empty when it could.
    pub fault: String,
}

impl Store {
    /// One message of the outbox, without its cases where they are not needed.
    pub async fn alert(&self, id: &AlertId) -> Result<Option<Alert>, StoreError> {
        let rows = query(BY_ID).bind(id.as_str()).fetch_all(&self.read).await?;
        Ok(self.alerts_from(&rows).await?.pop())
    }

    /// Whether a message is with the mail server, and nobody knows yet what becomes of it.
    pub async fn is_handed_over(&self, id: &AlertId) -> Result<bool, StoreError> {
        Ok(query(HANDED_OVER).bind(id.as_str()).fetch_one(&self.read).await?.try_get::<i64>("n")? > 0)
    }

    /// Those of some mails that were looked at before, and what they turned out to be, by the hashes of their names.
    pub async fn known_returned_mails(&self, names: &[&str]) -> Result<BTreeMap<String, ReturnedKind>, StoreError> {
        let mut known = BTreeMap::new();
        for names in names.chunks(NAMES_AT_ONCE) {
            for row in query_of_list(KNOWN, names).fetch_all(&self.read).await? {
                known.insert(row.try_get("mail_sha256")?, from_word(row.try_get("kind")?, "returned_mails.kind")?);
            }
        }
        Ok(known)
    }

    /// Forgets what a mail was noted as.
    pub async fn forget_returned_mail(&self, name_sha256: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(FORGET).bind(name_sha256).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Notes a mail; one that says that a letter was not delivered makes it a failed one, with a line of the audit, and ends the
    /// links of its reader. Returns whether it did: a letter that had failed before, or never left, stays as it is.
    pub async fn note_returned_mail(&self, mail: &ReturnedMail) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let note = query(NOTE).bind(&mail.name_sha256).bind(word(&mail.kind));
        let note = note.bind(mail.alert.as_ref().map(AlertId::as_str)).bind(&mail.status).bind(mail.read_at.ms());
        note.execute(&mut tx.inner).await?;
        let failed = mail.alert.as_ref().filter(|_| mail.kind == ReturnedKind::Failed);
        let Some(alert) = failed else {
            tx.commit().await?;
            return Ok(false);
        };
        let occasion = self.occasion(alert).await?;
        let error = format!("it came back undelivered: {}", mail.status).trim_end_matches([':', ' ']).to_owned();
        let changed = query(FAIL).bind(alert.as_str()).bind(error).execute(&mut tx.inner).await? > 0;
        if changed {
            let number = occasion.rsplit(':').next().unwrap_or_default();
            query(END_CASE_LINKS).bind(alert.as_str()).execute(&mut tx.inner).await?;
            query(END_EXEMPTION_LINKS).bind(alert.as_str()).bind(number).execute(&mut tx.inner).await?;
            tx.audit(&line(alert, mail)).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// How many mails of each kind were read since an instant.
    pub async fn returned_mail_counts(&self, since: Timestamp) -> Result<Vec<(ReturnedKind, u64)>, StoreError> {
        let rows = query(COUNTS).bind(since.ms()).fetch_all(&self.read).await?;
        let pair = |row: &Row| Ok((from_word(row.try_get("kind")?, "returned_mails.kind")?, count(row.try_get("n")?)));
        rows.iter().map(pair).collect()
    }

    /// How many letters turned out since an instant not to reach their reader: refused, or sent back.
    pub async fn undelivered_letters(&self, since: Timestamp) -> Result<u64, StoreError> {
        let row = query(FAILED).bind(since.ms()).bind(NOT_FOR_THE_READER).fetch_one(&self.read).await?;
        Ok(count(row.try_get("n")?))
    }

    /// Notes that the mailbox was read, or why it could not be.
    pub async fn note_mailbox_visit(&self, visit: &MailboxVisit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(VISIT).bind(visit.at.ms()).bind(&visit.fault).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// When the mailbox was read last; none when it never was.
    pub async fn mailbox_visit(&self) -> Result<Option<MailboxVisit>, StoreError> {
        let row = query(VISITED).fetch_optional(&self.read).await?;
        let visit =
            |row: Row| Ok(MailboxVisit { at: Timestamp::from_ms(row.try_get("at_ms")?), fault: row.try_get("fault")? });
        row.map(visit).transpose()
    }

    /// Forgets mails that were read before an instant; returns how many.
    pub async fn purge_returned_mails(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

fn line(alert: &AlertId, mail: &ReturnedMail) -> AuditEntry {
    AuditEntry {
        at: mail.read_at,
        actor: "wanglou".to_owned(),
        action: "letter.returned".to_owned(),
        object: alert.to_string(),
        detail: mail.status.clone(),
    }
}
