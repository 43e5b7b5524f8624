//! What reports count: of each case its lane, severity, rules, terms and times; of each month what was found and passed over.
//! Nothing is kept of the leak lane, of protected speech, or of anybody's name.

use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Outcome};
use crate::model::ids::CaseId;
use crate::model::month::Month;
use crate::model::time::Timestamp;
use crate::reports::facts::{CaseFigure, Passage};
use crate::store::column::{big, count, from_json, json, word};
use crate::store::figure_text::FigureReader;
use crate::store::silence::PURGE as PURGE_SILENT;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const RULES: &str = "case_figures.rules";
const TERMS: &str = "case_figures.terms";
const FOUND: &str = "found";
const PASSED_OVER: &str = "passed_over";
/// Figures that are in memory twice at a time, as text and as values.
const AT_ONCE: usize = 10_000;

const SAVE: &str = "INSERT INTO case_figures (case_id, lane, severity, rules, terms, opened_at_ms, open_since_ms, \
    decided_at_ms, disposition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (case_id) DO UPDATE SET \
    lane = excluded.lane, severity = excluded.severity, rules = excluded.rules, terms = excluded.terms, \
    open_since_ms = CASE WHEN $10 THEN excluded.open_since_ms \
        ELSE case_figures.open_since_ms END, \
    decided_at_ms = excluded.decided_at_ms, disposition = excluded.disposition";
const FORGET: &str = "DELETE FROM case_figures WHERE case_id = $1";
// Leaks never stand here; what legal works on is legal's. One row for a portion, in the form that `figure_text` reads: to hand over a
// row takes longer than to find it.
const PORTION: &str = "SELECT COUNT(*) AS n, MAX(f.case_id) AS last, STRING_AGG(f.figure, '') AS figures FROM (SELECT case_id, \
    opened_at_ms || '|' || open_since_ms || '|' || COALESCE(CAST(decided_at_ms AS TEXT), '') || '|' \
    || LENGTH(lane) || '|' || LENGTH(rules) || '|' || LENGTH(terms) || '|' || severity || '|' || COALESCE(disposition, '') \
    || CASE WHEN case_id IN (SELECT c.id FROM cases AS c WHERE c.state = 'locked') THEN '|locked|' ELSE '||' END \
    || lane || rules || terms AS figure \
    FROM case_figures WHERE (lane LIKE 'manager:%' OR lane = 'group_hr') AND opened_at_ms < $2 \
    AND (opened_at_ms >= $1 OR decided_at_ms >= $1 OR decided_at_ms IS NULL) AND case_id > $3 ORDER BY case_id LIMIT $4) AS f";
const FIRST: &str = "SELECT MIN(opened_at_ms) AS at FROM case_figures";
const PURGE: &str =
    "DELETE FROM case_figures WHERE decided_at_ms < $1 OR (decided_at_ms IS NULL AND opened_at_ms < $1)";
const ADD: &str = "INSERT INTO monthly_counts (month, name, count) VALUES ($1, $2, 1) \
    ON CONFLICT (month, name) DO UPDATE SET count = monthly_counts.count + 1";
const OF_MONTH: &str = "SELECT name, count FROM monthly_counts WHERE month = $1";
const PURGE_COUNTS: &str = "DELETE FROM monthly_counts WHERE month < $1";
const SCANS: &str = "SELECT summary FROM scans WHERE started_at_ms >= $1 AND started_at_ms < $2";

impl Store {
    /// Cases of managers and of the listed company's HR that were opened before `until` and were open or decided at or after
    /// `from`, in the order of their identifiers.
    pub async fn case_figures(&self, from: Timestamp, until: Timestamp) -> Result<Vec<CaseFigure>, StoreError> {
        let (mut figures, mut reader, mut after) = (Vec::new(), FigureReader::default(), String::new());
        loop {
            let portion = query(PORTION).bind(from.ms()).bind(until.ms()).bind(&after).bind(big(AT_ONCE));
            let row = portion.fetch_one(&self.read).await?;
            let text: Option<String> = row.try_get("figures")?;
            reader.read(text.as_deref().unwrap_or_default(), &mut figures)?;
            if count::<usize>(row.try_get("n")?) < AT_ONCE {
                return Ok(figures);
            }
            after = row.try_get("last")?;
        }
    }

    /// When the first case was opened of which something is counted.
    pub async fn first_figure(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = query(FIRST).fetch_one(&self.read).await?;
        Ok(row.try_get::<Option<i64>>("at")?.map(Timestamp::from_ms))
    }

    /// How much went through in a month: pages, and of the first sights of subjects how many nobody was asked about.
    pub async fn passage(&self, month: Month) -> Result<Passage, StoreError> {
        let rows = query(OF_MONTH).bind(month.to_string()).fetch_all(&self.read).await?;
        let mut passage = Passage { pages: self.pages_of(month).await?, ..Passage::default() };
        for row in &rows {
            match row.try_get::<String>("name")?.as_str() {
                FOUND => passage.found = count(row.try_get("count")?),
                PASSED_OVER => passage.passed_over = count(row.try_get("count")?),
                _ => {}
            }
        }
        Ok(passage)
    }

    /// Forgets figures of cases decided, or opened and never decided, before an instant; returns how many.
    pub async fn purge_figures(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        let month = Month::of(before.date(self.zone)).to_string();
        let counts = query(PURGE_COUNTS).bind(month).execute(&mut tx.inner).await?;
        let day = before.date(self.zone).to_string();
        let silent = query(PURGE_SILENT).bind(day).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged + counts + silent)
    }

    async fn pages_of(&self, month: Month) -> Result<u64, StoreError> {
        let (from, until) = (month.start(self.zone), month.plus(1).start(self.zone));
        let rows = query(SCANS).bind(from.ms()).bind(until.ms()).fetch_all(&self.read).await?;
        let pages = |row: &Row| {
            let summary: serde_json::Value = from_json(&row.try_get::<String>("summary")?, "scans.summary")?;
            Ok(summary["pages"].as_u64().unwrap_or(0))
        };
        rows.iter().map(pages).sum()
    }
}

impl Tx {
    /// Notes a case as it stands now.
    pub(super) async fn note_figure(&mut self, case: &Case) -> Result<(), StoreError> {
        let decided = match &case.state {
            CaseState::Closed { disposition, at, .. } => Some((*disposition, *at)),
            CaseState::Open | CaseState::AwaitingConfirmation { .. } | CaseState::Locked { .. } => None,
        };
        let is_protected = matches!(decided, Some((Disposition::ProtectedSpeech, _)));
        if is_protected || case.judgement.lane == Lane::Leak {
            query(FORGET).bind(case.id.as_str()).execute(&mut self.inner).await?;
            return Ok(());
        }
        query(SAVE)
            .bind(case.id.as_str())
            .bind(word(&case.judgement.lane))
            .bind(case.judgement.severity.as_ref().map(word).unwrap_or_default())
            .bind(json(&case.judgement.rules(), RULES)?)
            .bind(json(&case.judgement.terms, TERMS)?)
            .bind(case.opened_at.ms())
            .bind(case.open_since.ms())
            .bind(decided.map(|(_, at)| at.ms()))
            .bind(decided.map(|(disposition, _)| word(&disposition)))
            // Of a case in another state the opening is not known any more, and was noted before.
            .bind(case.state == CaseState::Open)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    /// Forgets everything that is counted of a case.
    pub(super) async fn forget_figure(&mut self, case: &CaseId) -> Result<(), StoreError> {
        query(FORGET).bind(case.as_str()).execute(&mut self.inner).await?;
        self.forget_band(case).await
    }

    /// Counts the first sight of a subject, where its lane is not for its readers alone. A repost is asked about nobody.
    pub(super) async fn count_sight(
        &mut self,
        judgement: &Judgement,
        is_repost: bool,
        month: Month,
    ) -> Result<(), StoreError> {
        if matches!(judgement.lane, Lane::Leak | Lane::Legal) {
            return Ok(());
        }
        query(ADD).bind(month.to_string()).bind(FOUND).execute(&mut self.inner).await?;
        if is_repost || matches!(judgement.outcome, Outcome::Exempt | Outcome::Official | Outcome::Record) {
            query(ADD).bind(month.to_string()).bind(PASSED_OVER).execute(&mut self.inner).await?;
        }
        Ok(())
    }
}
