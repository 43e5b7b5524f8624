//! Lists of cases as the console shows them: within somebody's lanes, filtered, searched, a page at a time.

use crate::casework::rights::Scope;
use crate::model::case::Case;
use crate::model::ids::CaseId;
use crate::model::term::Severity;
use crate::store::case::select_cases;
use crate::store::column::{count, from_word, word};
use crate::store::sql::{Query, query};
use crate::store::subject::SubjectFacts;
use crate::store::{Store, StoreError};

/// Cases of a search that are looked through.
const SEARCHED_MAX: i64 = 5_000;

// $1 every manager's lane, $2 lanes between bars, $3 who is recused, $4 state, $5 severity.
macro_rules! within {
    () => {
        "(($1 AND c.lane LIKE 'manager:%') OR REPLACE($2, '|' || c.lane || '|', '') <> $2) \
         AND c.id NOT IN (SELECT k.case_id FROM candidates AS k WHERE k.employee_id = $3 \
             AND k.band IN ('medium', 'high')) \
         AND NOT EXISTS (SELECT 1 FROM unlinkings AS u WHERE u.account_key = c.account_key AND u.employee_id = $3) \
         AND ($4 = '' OR ($4 = 'unfinished' AND c.state <> 'closed') OR c.state = $4) AND ($5 = '' OR c.severity = $5)"
    };
}

const LIST: &str = select_cases!(concat!(
    "WHERE c.id IN (SELECT c.id FROM cases AS c WHERE ",
    within!(),
    " ORDER BY c.gravity DESC, c.id LIMIT $6 OFFSET $7) ORDER BY c.gravity DESC, c.id"
));
const COUNT: &str = concat!("SELECT COUNT(*) AS n FROM cases AS c WHERE ", within!());
const COUNTS: &str =
    concat!("SELECT c.severity, COUNT(*) AS n FROM cases AS c WHERE ", within!(), " GROUP BY c.severity");
const OLDEST: &str = select_cases!(concat!(
    "WHERE c.id IN (SELECT c.id FROM cases AS c WHERE ",
    within!(),
    " ORDER BY c.opened_at_ms, c.id LIMIT $6) ORDER BY c.opened_at_ms, c.id"
));
const SEARCH: &str = concat!(
    "SELECT c.id, c.number, f.sealed, f.facts FROM cases AS c JOIN subjects AS f ON f.subject_key = c.lead_subject WHERE ",
    within!(),
    " AND (c.number = $8 OR (NOT f.sealed AND LOWER(f.facts) LIKE $7 ESCAPE '!')) ORDER BY c.gravity DESC, c.id LIMIT $6"
);

/// Which cases somebody wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseQuery {
    /// Whose lanes.
    pub scope: Scope,
    /// `unfinished`, `open`, `awaiting_confirmation` or `closed`; every state when empty.
    pub state: String,
    /// Only of this severity.
    pub severity: Option<Severity>,
    /// Number of a case, or words of the account or post as shown; empty for no search.
    pub words: String,
    /// Page, from 0.
    pub page: u32,
    /// Rows of a page.
    pub size: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CasePage {
    /// Its cases, gravest first.
    pub cases: Vec<Case>,
    /// How many there are on all pages.
    pub total: u64,
}

impl Store {
    /// One page of the cases that somebody may see. A search looks at texts as they are shown to that reader.
    pub async fn case_page(
        &self,
        wish: &CaseQuery,
        shown: impl Fn(&str) -> String + Send,
    ) -> Result<CasePage, StoreError> {
        if !wish.words.trim().is_empty() {
            return self.searched(wish, shown).await;
        }
        let total = count(bound(COUNT, wish).fetch_one(&self.read).await?.try_get("n")?);
        let skipped = i64::from(wish.page) * i64::from(wish.size);
        let rows = bound(LIST, wish).bind(i64::from(wish.size)).bind(skipped).fetch_all(&self.read).await?;
        Ok(CasePage { cases: self.cases_from(&rows)?, total })
    }

    /// The cases that have been open longest, within somebody's lanes.
    pub async fn oldest_cases(&self, wish: &CaseQuery) -> Result<Vec<Case>, StoreError> {
        let rows = bound(OLDEST, wish).bind(i64::from(wish.size)).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// How many cases there are of each severity, gravest first; none where no severity was said.
    pub async fn case_counts(&self, wish: &CaseQuery) -> Result<Vec<(Option<Severity>, u64)>, StoreError> {
        let mut counts = Vec::new();
        for row in bound(COUNTS, wish).fetch_all(&self.read).await? {
            let name: String = row.try_get("severity")?;
            let severity = (!name.is_empty()).then(|| from_word(&name, "cases.severity")).transpose()?;
            counts.push((severity, count(row.try_get("n")?)));
        }
        counts.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        Ok(counts)
    }

    async fn searched(&self, wish: &CaseQuery, shown: impl Fn(&str) -> String + Send) -> Result<CasePage, StoreError> {
        let words = wish.words.trim().to_lowercase();
        let rows = bound(SEARCH, wish)
            .bind(SEARCHED_MAX)
            .bind(format!("%{}%", escaped(&words)))
            .bind(words.to_uppercase())
            .fetch_all(&self.read)
            .await?;
        let mut ids: Vec<String> = Vec::new();
        for row in &rows {
            let (number, sealed): (String, bool) = (row.try_get("number")?, row.try_get("sealed")?);
            let facts: String = if sealed { String::new() } else { row.try_get("facts")? };
            if number.eq_ignore_ascii_case(&words) || says(&facts, &words, &shown) {
                ids.push(row.try_get("id")?);
            }
        }
        let mut cases = Vec::new();
        for id in ids.iter().skip(wish.page as usize * wish.size as usize).take(wish.size as usize) {
            cases.extend(self.case(&CaseId::new(id)).await?);
        }
        Ok(CasePage { cases, total: ids.len() as u64 })
    }
}

fn bound(sql: &'static str, wish: &CaseQuery) -> Query {
    let lanes: Vec<String> = wish.scope.lanes.iter().map(word).collect();
    query(sql)
        .bind(wish.scope.every_manager)
        .bind(barred(&lanes))
        .bind(wish.scope.recused.as_str())
        .bind(wish.state.as_str())
        .bind(wish.severity.as_ref().map(word).unwrap_or_default())
}

/// Words between bars, so that one of them is found whole.
fn barred(words: &[String]) -> String {
    words.iter().fold("|".to_owned(), |text, word| text + "|" + word + "|")
}

/// Words as they stand in JSON, with the wildcards of LIKE taken for themselves.
fn escaped(words: &str) -> String {
    let json = serde_json::Value::from(words).to_string();
    let inner = &json[1..json.len() - 1];
    inner.chars().flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c])).collect()
}

/// Whether what is shown of an account or post has the words; the names of JSON's fields do not count.
fn says(facts: &str, words: &str, shown: impl Fn(&str) -> String) -> bool {
    let Ok(facts) = serde_json::from_str::<SubjectFacts>(facts) else { return false };
    let account = facts.account.iter().flat_map(|account| {
        [&account.display_name, &account.handle, &account.bio, &account.verification.text, &account.url]
    });
    let post = facts.post.iter().flat_map(|post| [&post.title, &post.text, &post.url]);
    account.chain(post).any(|text| shown(text).to_lowercase().contains(words))
}

#[cfg(test)]
mod tests {
    use super::{barred, escaped, says};

    #[test]
    fn wildcards_and_quotes_are_searched_for_as_they_stand() {
        assert_eq!(escaped("100%_!"), "100!%!_!!");
        assert_eq!(escaped("a\"b"), "a\\\"b");
    }

    #[test]
    fn a_word_is_found_whole_between_bars() {
        assert!(barred(&["manager:A".into(), "leak".into()]).contains("|leak|"));
        assert!(!barred(&["manager:AB".into()]).contains("|manager:A|"));
    }

    #[test]
    fn what_is_masked_for_a_reader_is_not_found_by_that_reader() {
        let facts = r#"{"account":{"display_name":"星河云舟"}}"#;
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
