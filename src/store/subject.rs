//! Accounts and posts of which something may be kept, by a key that tells nothing.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::casework::keys::{account_key, subject_key};
use crate::model::account::{Account, Post};
use crate::model::case::{Lane, Subject, SubjectKind};
use crate::model::time::Timestamp;
use crate::store::column::{from_json, from_word, json, word};
use crate::store::sealed::Readers;
use crate::store::sql::{Row, query, query_of_list};
use crate::store::{Store, StoreError, Tx};

const FACTS: &str = "subjects.facts";
const ONE: &str = "SELECT subject_key, account_key, kind, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms, \
    seen_clean_ms FROM subjects WHERE subject_key = $1";
const KNOWN: &str = "SELECT subject_key FROM subjects WHERE subject_key IN @";
const ALL: &str = "SELECT subject_key, account_key, kind, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms, \
    seen_clean_ms FROM subjects WHERE last_seen_ms >= $1 ORDER BY first_seen_ms, subject_key";
const OF_ACCOUNT: &str = "SELECT s.subject_key FROM subjects AS s WHERE s.account_key = $1 AND NOT s.sealed AND NOT EXISTS \
    (SELECT 1 FROM case_subjects AS k JOIN cases AS c ON c.id = k.case_id \
    WHERE k.subject_key = s.subject_key AND c.lane_class = 'leak') ORDER BY s.first_seen_ms, s.subject_key";
const FOUND_WRONG: &str = "SELECT DISTINCT s.subject_key FROM case_subjects AS s JOIN cases AS c ON c.id = s.case_id \
    WHERE c.state = 'closed' AND c.lane_class <> 'leak' \
    AND c.disposition IN ('false_alarm', 'same_name', 'exempted', 'official', 'published', 'not_employee')";
const SAVE: &str = "INSERT INTO subjects (subject_key, account_key, kind, platform_id, sealed, facts, judgement_digest, \
    first_seen_ms, last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
    ON CONFLICT (subject_key) DO UPDATE SET account_key = excluded.account_key, sealed = excluded.sealed, \
    facts = excluded.facts, judgement_digest = excluded.judgement_digest, last_seen_ms = excluded.last_seen_ms";
const SEE_CLEAN: &str = "UPDATE subjects SET seen_clean_ms = $2 WHERE subject_key = $1";
const KEEP_SIGHT: &str = "UPDATE subjects SET last_seen_ms = $2 WHERE subject_key = $1";

/// Keys that are asked about at once.
const KEYS_AT_ONCE: usize = 64;

/// What is kept of a subject, so that it can be shown and judged again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SubjectFacts {
    /// The account; of a post, its author as last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
}

/// A subject as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSubject {
    /// Its key.
    pub key: String,
    /// Key of its account; of a post whose page names nobody, its own.
    pub account_key: String,
    /// Account or post.
    pub kind: SubjectKind,
    /// What is known; none when it is sealed and the store has no key.
    pub facts: Option<SubjectFacts>,
    /// First sight.
    pub first_seen: Timestamp,
    /// Last sight of what is known.
    pub last_seen: Timestamp,
    /// When it was seen whole and nothing of it was to be kept.
    pub seen_clean: Option<Timestamp>,
}

impl StoredSubject {
    /// Whether it shows by now nothing of what is known of it.
    pub fn is_clean(&self) -> bool {
        self.seen_clean.is_some_and(|at| at >= self.last_seen)
    }
}

pub(super) const fn readers_of(lane: &Lane) -> Readers {
    if matches!(lane, Lane::Leak) { Readers::LeakLane } else { Readers::All }
}

impl Store {
    /// One subject as stored.
    pub async fn subject(&self, key: &str) -> Result<Option<StoredSubject>, StoreError> {
        let row = query(ONE).bind(key).fetch_optional(&self.read).await?;
        row.as_ref().map(|row| self.stored_subject(row)).transpose()
    }

    /// Remembers that a subject was seen whole and that nothing of it was to be kept. What was known of it stays as it is.
    pub async fn see_clean(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(SEE_CLEAN).bind(key).bind(at.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Those of these keys by which a subject is stored.
    pub(super) async fn known_subjects(&self, keys: &[&str]) -> Result<HashSet<String>, StoreError> {
        let mut known = HashSet::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            // Filled up with the last one, so that one statement serves for any number.
            let mut asked = keys.to_vec();
            asked.resize(KEYS_AT_ONCE, keys[keys.len() - 1]);
            for row in query_of_list(KNOWN, &asked).fetch_all(&self.read).await? {
                known.insert(row.try_get("subject_key")?);
            }
        }
        Ok(known)
    }

    /// Keys of the subjects of an account (by its key), without what lies in the leak lane.
    pub async fn subjects_of_account(&self, account_key: &str) -> Result<Vec<String>, StoreError> {
        let rows = query(OF_ACCOUNT).bind(account_key).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("subject_key")).collect::<Result<_, _>>()?)
    }

    /// Every subject seen since an instant, oldest first: the past on which a list change can be tried.
    pub async fn subjects_seen_since(&self, since: Timestamp) -> Result<Vec<StoredSubject>, StoreError> {
        let rows = query(ALL).bind(since.ms()).fetch_all(&self.read).await?;
        rows.iter().map(|row| self.stored_subject(row)).collect()
    }

    /// Keys of the subjects of which a case was closed because nothing was in it (不成立), without the leak lane.
    pub async fn subjects_found_wrong(&self) -> Result<HashSet<String>, StoreError> {
        let rows = query(FOUND_WRONG).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("subject_key")).collect::<Result<_, _>>()?)
    }

    fn stored_subject(&self, row: &Row) -> Result<StoredSubject, StoreError> {
        let facts = self.sealing.read(FACTS, row.try_get("facts")?, row.try_get("sealed")?)?;
        Ok(StoredSubject {
            key: row.try_get("subject_key")?,
            account_key: row.try_get("account_key")?,
            kind: from_word(row.try_get("kind")?, "subjects.kind")?,
            facts: facts.map(|text| from_json(&text, FACTS)).transpose()?,
            first_seen: Timestamp::from_ms(row.try_get("first_seen_ms")?),
            last_seen: Timestamp::from_ms(row.try_get("last_seen_ms")?),
            seen_clean: row.try_get::<Option<i64>>("seen_clean_ms")?.map(Timestamp::from_ms),
        })
    }
}

impl Tx {
    /// When a subject was last seen, in milliseconds.
    pub(super) async fn last_sight(&mut self, key: &str) -> Result<Option<i64>, StoreError> {
        let row = query(ONE).bind(key).fetch_optional(&mut self.inner).await?;
        Ok(row.map(|row| row.try_get("last_seen_ms")).transpose()?)
    }

    /// Says again when a subject was last seen.
    pub(super) async fn keep_sight(&mut self, key: &str, ms: i64) -> Result<(), StoreError> {
        query(KEEP_SIGHT).bind(key).bind(ms).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Writes a subject and returns the digest of the judgement before this one, if there was one.
    pub(super) async fn save_subject(
        &mut self,
        subject: &Subject,
        lane: &Lane,
        facts: &SubjectFacts,
        digest: &str,
        at: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let subject_key = subject_key(subject);
        let before = query(ONE).bind(&subject_key).fetch_optional(&mut self.inner).await?;
        let before = before.map(|row| (row.try_get::<String>("judgement_digest"), row.try_get::<bool>("sealed")));
        let was_sealed = matches!(before, Some((_, Ok(true))));
        // What once stood in the leak lane stays sealed, also when a later judgement is milder.
        let readers = if was_sealed { Readers::LeakLane } else { readers_of(lane) };
        let (written, sealed) = self.sealing.write(readers, FACTS, json(facts, FACTS)?, "{}");
        query(SAVE)
            .bind(&subject_key)
            .bind(account_key(subject))
            .bind(word(&subject.kind))
            .bind(subject.platform.as_str())
            .bind(sealed)
            .bind(written)
            .bind(digest)
            .bind(at.ms())
            .execute(&mut self.inner)
            .await?;
        match readers {
            Readers::All => self.save_text(&subject_key, facts).await?,
            Readers::LeakLane => self.forget_text(&subject_key).await?,
        }
        Ok(before.map(|(digest, _)| digest).transpose()?)
    }
}
