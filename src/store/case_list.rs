//! Lists of cases as the console shows them: within somebody's lanes, filtered, searched, a page at a time.

use std::collections::BTreeMap;

use crate::casework::rights::Scope;
use crate::model::case::Case;
use crate::model::term::Severity;
use crate::store::case::select_cases;
use crate::store::column::{count, from_word, word};
use crate::store::sql::{Query, query};
use crate::store::{Store, StoreError};

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

pub(super) use within;

const LIST: &str = select_cases!(concat!(
    "WHERE c.id IN (SELECT c.id FROM cases AS c WHERE ",
    within!(),
    " ORDER BY c.gravity DESC, c.id LIMIT $6 OFFSET $7) ORDER BY c.gravity DESC, c.id"
));
const LIST_OLDEST: &str = select_cases!(concat!(
    "WHERE c.id IN (SELECT c.id FROM cases AS c WHERE ",
    within!(),
    " ORDER BY c.opened_at_ms, c.id LIMIT $6 OFFSET $7) ORDER BY c.opened_at_ms, c.id"
));
const LIST_NEWEST: &str = select_cases!(concat!(
    "WHERE c.id IN (SELECT c.id FROM cases AS c WHERE ",
    within!(),
    " ORDER BY c.opened_at_ms DESC, c.id DESC LIMIT $6 OFFSET $7) ORDER BY c.opened_at_ms DESC, c.id DESC"
));
const COUNT: &str = concat!("SELECT COUNT(*) AS n FROM cases AS c WHERE ", within!());
const COUNTS: &str = concat!(
    "SELECT c.severity, c.state, COUNT(*) AS n FROM cases AS c WHERE ",
    within!(),
    " GROUP BY c.severity, c.state"
);
/// In which order a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseOrder {
    /// The gravest first.
    #[default]
    Gravest,
    /// Those that were opened first.
    Oldest,
    /// Those that were opened last.
    Newest,
}

impl CaseOrder {
    const fn list(self) -> &'static str {
        match self {
            Self::Gravest => LIST,
            Self::Oldest => LIST_OLDEST,
            Self::Newest => LIST_NEWEST,
        }
    }
}

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
    /// In which order. A search finds the gravest, whatever the order in which they are shown.
    pub order: CaseOrder,
    /// Page, from 0.
    pub page: u32,
    /// Rows of a page.
    pub size: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CasePage {
    /// Its cases, in the order asked for.
    pub cases: Vec<Case>,
    /// How many there are on all pages; of a search at most [`FOUND_MAX`](crate::store::FOUND_MAX).
    pub total: u64,
    /// Whether a search had more to look through than it looks through, so that there may be more.
    pub is_cut: bool,
}

/// How many cases somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseCounts {
    /// Of each severity, gravest first; none where no severity was said.
    pub by_severity: Vec<(Option<Severity>, u64)>,
    /// Of all of these those whose marks are gone, which wait to be confirmed.
    pub awaiting_confirmation: u64,
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
        let skipped = i64::from(wish.page) * i64::from(wish.size);
        let counted = bound(COUNT, wish).fetch_one(&self.read);
        let listed = bound(wish.order.list(), wish).bind(i64::from(wish.size)).bind(skipped).fetch_all(&self.read);
        let (counted, rows) = tokio::try_join!(counted, listed)?;
        Ok(CasePage { cases: self.cases_from(&rows)?, total: count(counted.try_get("n")?), is_cut: false })
    }

    /// The cases that have been open longest, within somebody's lanes.
    pub async fn oldest_cases(&self, wish: &CaseQuery) -> Result<Vec<Case>, StoreError> {
        let rows = bound(LIST_OLDEST, wish).bind(i64::from(wish.size)).bind(0_i64).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// How many cases there are, counted in one look.
    pub async fn case_counts(&self, wish: &CaseQuery) -> Result<CaseCounts, StoreError> {
        let (mut counts, mut awaiting_confirmation) = (BTreeMap::new(), 0);
        for row in bound(COUNTS, wish).fetch_all(&self.read).await? {
            let (name, state): (String, String) = (row.try_get("severity")?, row.try_get("state")?);
            let number: u64 = count(row.try_get("n")?);
            let severity: Option<Severity> =
                (!name.is_empty()).then(|| from_word(&name, "cases.severity")).transpose()?;
            *counts.entry(severity).or_default() += number;
            if state == "awaiting_confirmation" {
                awaiting_confirmation += number;
            }
        }
        Ok(CaseCounts { by_severity: counts.into_iter().rev().collect(), awaiting_confirmation })
    }
}

pub(super) fn bound(sql: &'static str, wish: &CaseQuery) -> Query {
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

#[cfg(test)]
mod tests {
    use super::barred;

    #[test]
    fn a_word_is_found_whole_between_bars() {
        assert!(barred(&["manager:A".into(), "leak".into()]).contains("|leak|"));
        assert!(!barred(&["manager:AB".into()]).contains("|manager:A|"));
    }
}
