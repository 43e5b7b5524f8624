//! Searching for cases by what their accounts and posts say: the texts that are looked through, and the looking.
//!
//! Text stands once more beside what is stored, in lower case and without the names of fields, so that a search reads nothing
//! else. What is sealed never stands there; what is erased goes with its subject (`ON DELETE CASCADE`). Nor does U+0000, which a
//! server refuses and at which a file stops to look.

use crate::model::ids::CaseId;
use crate::store::case_list::{CaseOrder, bound, within};
use crate::store::column::{big, count};
use crate::store::sql::{Pool, Row, query};
use crate::store::subject::SubjectFacts;
use crate::store::{CasePage, CaseQuery, Store, StoreError, Tx};

/// Most cases that a search finds: the gravest of them.
pub const FOUND_MAX: usize = 1_000;

/// Words that more texts have than this are sought case by case, the gravest first, until enough are found.
const RARE_MAX: usize = 10_000;

/// Texts that are put down in one transaction.
const READ_AT_ONCE: i64 = 500;

const SAVE: &str = "INSERT INTO subject_texts (subject_key, text) VALUES ($1, $2) ON CONFLICT (subject_key) \
    DO UPDATE SET text = excluded.text WHERE subject_texts.text <> excluded.text";
const FORGET: &str = "DELETE FROM subject_texts WHERE subject_key = $1";
const UNREAD: &str = "SELECT u.subject_key, s.sealed, s.facts FROM unread_subjects AS u \
    JOIN subjects AS s ON s.subject_key = u.subject_key ORDER BY u.subject_key LIMIT $1";
const IS_READ: &str = "DELETE FROM unread_subjects WHERE subject_key = $1";
// Sealed by an older program, which knows nothing of texts, while an upgrade was under way.
const LEFT_BEHIND: &str = "SELECT s.subject_key FROM subjects AS s \
    JOIN subject_texts AS t ON t.subject_key = s.subject_key WHERE s.sealed";
const BY_NUMBER: &str = concat!("SELECT c.id FROM cases AS c WHERE ", within!(), " AND c.number = $6");

// How many subjects' texts have the words, $2 at most, and their keys: in one row, since thousands of rows take longer than the looking.
macro_rules! texts {
    ($joined:literal, $has_words:literal) => {
        concat!(
            "SELECT COUNT(*) AS n, COALESCE(",
            $joined,
            "(t.subject_key, ','), '') AS keys FROM (SELECT t.subject_key FROM subject_texts AS t WHERE ",
            $has_words,
            " LIMIT $2) AS t"
        )
    };
}

// The gravest $7 cases within the lanes that these subjects ($6) lead, and what is stored of them.
macro_rules! led_by {
    ($subjects:literal) => {
        concat!(
            "SELECT c.id, f.facts FROM (SELECT c.id, c.gravity, c.lead_subject FROM cases AS c WHERE ",
            within!(),
            " AND c.lead_subject ",
            $subjects,
            " ORDER BY c.gravity DESC, c.id LIMIT $7) AS c JOIN subjects AS f ON f.subject_key = c.lead_subject \
             WHERE NOT f.sealed ORDER BY c.gravity DESC, c.id"
        )
    };
}

// The gravest $7 cases that have the words ($6). CROSS JOIN: in this order, case by case, so that it ends early.
macro_rules! common {
    ($has_words:literal) => {
        concat!(
            "SELECT c.id, f.facts FROM cases AS c CROSS JOIN subject_texts AS t CROSS JOIN subjects AS f WHERE ",
            within!(),
            " AND t.subject_key = c.lead_subject AND f.subject_key = c.lead_subject AND NOT f.sealed AND ",
            $has_words,
            " ORDER BY c.gravity DESC, c.id LIMIT $7"
        )
    };
}

/// How an engine looks for words in texts and takes a list of keys, which are hexadecimal digits: a file is fastest by LIKE, a
/// server by position.
struct Looking {
    texts: &'static str,
    led_by: &'static str,
    common: &'static str,
    words: String,
}

impl Looking {
    fn on(pool: &Pool, words: &str) -> Self {
        match pool {
            Pool::Sqlite(_) => Self {
                texts: texts!("GROUP_CONCAT", "t.text LIKE $1 ESCAPE '!'"),
                led_by: led_by!("IN (SELECT value FROM json_each('[\"' || REPLACE($6, ',', '\",\"') || '\"]'))"),
                common: common!("t.text LIKE $6 ESCAPE '!'"),
                words: format!("%{}%", escaped(words)),
            },
            Pool::Postgres(_) => Self {
                texts: texts!("STRING_AGG", "strpos(t.text, $1) > 0"),
                led_by: led_by!("= ANY(string_to_array($6, ','))"),
                common: common!("strpos(t.text, $6) > 0"),
                words: words.to_owned(),
            },
        }
    }
}

impl Store {
    /// Cases by their number or by words, as they are shown to the reader.
    pub(super) async fn searched(
        &self,
        wish: &CaseQuery,
        shown: impl Fn(&str) -> String + Send,
    ) -> Result<CasePage, StoreError> {
        let words = lowered(wish.words.trim());
        let numbered = bound(BY_NUMBER, wish).bind(words.to_uppercase()).fetch_all(&self.read).await?;
        let numbered = numbered.iter().map(|row| row.try_get("id")).collect::<Result<Vec<String>, _>>()?;
        let said = self.said(wish, &words).await?;
        let is_cut = said.len() > FOUND_MAX;
        let said = said.into_iter().filter(|(id, facts)| !numbered.contains(id) && says(facts, &words, &shown));
        let ids: Vec<String> = numbered.iter().cloned().chain(said.map(|(id, _)| id)).take(FOUND_MAX).collect();
        let ids = ordered(ids, wish.order);
        let mut cases = Vec::new();
        for id in ids.iter().skip(wish.page as usize * wish.size as usize).take(wish.size as usize) {
            cases.extend(self.case(&CaseId::new(id)).await?);
        }
        Ok(CasePage { cases, total: ids.len() as u64, is_cut })
    }

    /// The gravest cases whose texts have the words, with what is stored of their subjects; one more than a search finds where
    /// there are more.
    async fn said(&self, wish: &CaseQuery, words: &str) -> Result<Vec<(String, String)>, StoreError> {
        let looking = Looking::on(&self.read, words);
        let texts = query(looking.texts).bind(&looking.words).bind(big(RARE_MAX + 1)).fetch_one(&self.read).await?;
        let found = if count::<usize>(texts.try_get("n")?) > RARE_MAX {
            bound(looking.common, wish).bind(&looking.words)
        } else {
            bound(looking.led_by, wish).bind(texts.try_get::<String>("keys")?)
        };
        let rows = found.bind(big(FOUND_MAX + 1)).fetch_all(&self.read).await?;
        Ok(rows.iter().map(case_and_facts).collect::<Result<_, _>>()?)
    }

    /// Puts down the texts of subjects that were stored before texts were, and takes away what an older program left of those
    /// that it sealed. Nothing to do costs two looks.
    pub(super) async fn read_texts(&self) -> Result<(), StoreError> {
        for row in query(LEFT_BEHIND).fetch_all(&self.read).await? {
            let mut tx = self.begin().await?;
            tx.forget_text(&row.try_get::<String>("subject_key")?).await?;
            tx.commit().await?;
        }
        while !query(UNREAD).bind(1).fetch_all(&self.read).await?.is_empty() {
            let mut tx = self.begin().await?;
            for row in query(UNREAD).bind(READ_AT_ONCE).fetch_all(&mut tx.inner).await? {
                tx.read_text(&row).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Tx {
    /// Puts down what is searched of a subject; nothing stays of one that is sealed.
    pub(super) async fn save_text(&mut self, key: &str, facts: &SubjectFacts) -> Result<(), StoreError> {
        let text = texts(facts).map(|text| lowered(text)).collect::<Vec<_>>().join("\n");
        query(SAVE).bind(key).bind(text).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Takes the text of a subject away.
    pub(super) async fn forget_text(&mut self, key: &str) -> Result<(), StoreError> {
        query(FORGET).bind(key).execute(&mut self.inner).await?;
        Ok(())
    }

    /// What cannot be read has no text.
    async fn read_text(&mut self, row: &Row) -> Result<(), StoreError> {
        let (key, facts): (String, String) = (row.try_get("subject_key")?, row.try_get("facts")?);
        let facts = if row.try_get("sealed")? { None } else { serde_json::from_str(&facts).ok() };
        if let Some(facts) = facts {
            self.save_text(&key, &facts).await?;
        }
        query(IS_READ).bind(&key).execute(&mut self.inner).await?;
        Ok(())
    }
}

/// A case and what is stored of the subject that leads it.
fn case_and_facts(row: &Row) -> sqlx::Result<(String, String)> {
    Ok((row.try_get("id")?, row.try_get("facts")?))
}

/// Found cases in the order asked for: identifiers are ordered by the time of their making.
fn ordered(mut ids: Vec<String>, order: CaseOrder) -> Vec<String> {
    match order {
        CaseOrder::Gravest => {}
        CaseOrder::Oldest => ids.sort_unstable(),
        CaseOrder::Newest => ids.sort_unstable_by(|one, other| other.cmp(one)),
    }
    ids
}

/// What is shown of an account or post in so many words.
fn texts(facts: &SubjectFacts) -> impl Iterator<Item = &String> {
    let account = facts.account.iter().flat_map(|account| {
        [&account.display_name, &account.handle, &account.bio, &account.verification.text, &account.url]
    });
    account.chain(facts.post.iter().flat_map(|post| [&post.title, &post.text, &post.url]))
}

/// Whether what is shown of an account or post has the words; the names of JSON's fields do not count.
fn says(facts: &str, words: &str, shown: impl Fn(&str) -> String) -> bool {
    let Ok(facts) = serde_json::from_str::<SubjectFacts>(facts) else { return false };
    texts(&facts).any(|text| lowered(&shown(text)).contains(words))
}

/// A text as it stands to be searched.
fn lowered(text: &str) -> String {
    text.replace('\0', "").to_lowercase()
}

/// Words with the wildcards of LIKE taken for themselves.
fn escaped(words: &str) -> String {
    words.chars().flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::{escaped, says};

    #[test]
    fn wildcards_are_searched_for_as_they_stand() {
        assert_eq!(escaped("100%_!"), "100!%!_!!");
    }

    #[test]
    fn what_is_masked_for_a_reader_is_not_found_by_that_reader() {
        let facts = r#"{"account":{"display_name":"星河云舟"}}"#;
        assert!(says(facts, "云舟", str::to_owned));
        assert!(!says(facts, "云舟", |text| text.replace("云舟", "▇▇")));
    }

    #[test]
    fn names_of_fields_are_not_what_an_account_says() {
        let facts = r#"{"account":{"platform":"p","handle":"xinghe","url":"","display_name":"星河客服","bio":"",
            "verification":{"type":"","text":""},"employer_field":"","avatar":{},"ip_region":"","followers":0}}"#;
        let says = |words: &str| says(facts, words, str::to_owned);
        assert!(says("河客") && says("xinghe") && !says("display_name"));
    }
}
