//! Accounts and posts of which something may be kept, by a key that tells nothing.

use serde::{Deserialize, Serialize};

use crate::model::account::{Account, Post};
use crate::model::case::{Lane, Subject, SubjectKind};
use crate::model::time::Timestamp;
use crate::store::column::{from_json, from_word, json, sha256_hex, word};
use crate::store::sealed::Readers;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const FACTS: &str = "subjects.facts";
const ONE: &str = "SELECT subject_key, account_key, kind, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms \
    FROM subjects WHERE subject_key = $1";
const ALL: &str = "SELECT subject_key, account_key, kind, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms \
    FROM subjects WHERE last_seen_ms >= $1 ORDER BY first_seen_ms, subject_key";
const SAVE: &str = "INSERT INTO subjects (subject_key, account_key, kind, platform_id, sealed, facts, judgement_digest, \
    first_seen_ms, last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
    ON CONFLICT (subject_key) DO UPDATE SET account_key = excluded.account_key, sealed = excluded.sealed, \
    facts = excluded.facts, judgement_digest = excluded.judgement_digest, last_seen_ms = excluded.last_seen_ms";

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
    /// Last sight.
    pub last_seen: Timestamp,
}

/// The key of a subject: SHA-256 over kind, platform and what identifies it there.
/// A group is its number, an account is its handle (its address when it has none), a post is its address (its record's identifier when it has none).
pub fn subject_key(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Account => key("account", subject, first_of(&subject.handle, &subject.url, subject)),
        SubjectKind::Group => key("group", subject, first_of(&subject.handle, "", subject)),
        SubjectKind::Post => key("post", subject, first_of(&subject.url, "", subject)),
    }
}

/// The key of the account behind a subject; the subject's own key where the page names nobody.
pub fn account_key(subject: &Subject) -> String {
    let is_itself = subject.handle.is_empty() || subject.kind == SubjectKind::Group;
    if is_itself { subject_key(subject) } else { key("account", subject, &subject.handle) }
}

fn first_of<'a>(first: &'a str, second: &'a str, subject: &'a Subject) -> &'a str {
    [first, second].into_iter().find(|text| !text.is_empty()).or(subject.id.as_deref()).unwrap_or_default()
}

fn key(kind: &str, subject: &Subject, identity: &str) -> String {
    sha256_hex(format!("{kind}\n{}\n{identity}", subject.platform).as_bytes())
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

    /// Every subject seen since an instant, oldest first: the past on which a list change can be tried.
    pub async fn subjects_seen_since(&self, since: Timestamp) -> Result<Vec<StoredSubject>, StoreError> {
        let rows = query(ALL).bind(since.ms()).fetch_all(&self.read).await?;
        rows.iter().map(|row| self.stored_subject(row)).collect()
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
        })
    }
}

impl Tx {
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
        let (facts, sealed) = self.sealing.write(readers, FACTS, json(facts, FACTS)?, "{}");
        query(SAVE)
            .bind(subject_key)
            .bind(account_key(subject))
            .bind(word(&subject.kind))
            .bind(subject.platform.as_str())
            .bind(sealed)
            .bind(facts)
            .bind(digest)
            .bind(at.ms())
            .execute(&mut self.inner)
            .await?;
        Ok(before.map(|(digest, _)| digest).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::{account_key, subject_key};
    use crate::model::case::{Subject, SubjectKind};

    fn subject(kind: SubjectKind, handle: &str, url: &str) -> Subject {
        Subject { kind, id: None, platform: "forum".into(), handle: handle.into(), url: url.into() }
    }

    #[test]
    fn a_post_and_its_author_share_the_account_key() {
        let author = subject(SubjectKind::Account, "u1", "https://forum.example/u1");
        let post = subject(SubjectKind::Post, "u1", "https://forum.example/p/9");
        assert_eq!(account_key(&author), account_key(&post));
        assert_ne!(subject_key(&author), subject_key(&post));
    }

    #[test]
    fn a_post_without_author_stands_for_itself() {
        let post = subject(SubjectKind::Post, "", "https://forum.example/p/9");
        assert_eq!(account_key(&post), subject_key(&post));
    }

    #[test]
    fn a_new_address_of_the_same_handle_is_the_same_account() {
        let before = subject(SubjectKind::Account, "u1", "https://forum.example/u1");
        let after = subject(SubjectKind::Account, "u1", "https://forum.example/user/1");
        assert_eq!(subject_key(&before), subject_key(&after));
    }
}
