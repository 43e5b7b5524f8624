//! Whose time is over, and the receipts of what was erased for that. Receipts hold counts and no person.

use crate::model::case::{Disposition, SubjectKind};
use crate::model::ids::CaseId;
use crate::model::time::Timestamp;
use crate::retention::{CaseStanding, RetentionRule, Stage, Standing};
use crate::store::column::{big, count, from_word, new_id, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

macro_rules! select_standings {
    ($from:literal) => {
        concat!(
            "SELECT s.subject_key, s.last_seen_ms, s.kind, c.state, c.disposition, c.updated_at_ms, h.case_id AS held FROM ",
            $from,
            " AS s LEFT JOIN case_subjects AS k ON k.subject_key = s.subject_key LEFT JOIN cases AS c ON c.id = k.case_id ",
            "LEFT JOIN legal_holds AS h ON h.case_id = c.id ORDER BY s.subject_key, c.id"
        )
    };
}

const STANDING: &str =
    select_standings!("(SELECT subject_key, last_seen_ms, kind FROM subjects WHERE subject_key = $1)");
const STANDINGS: &str = select_standings!(
    "(SELECT subject_key, last_seen_ms, kind FROM subjects WHERE subject_key > $1 ORDER BY subject_key LIMIT $2)"
);
const OF_CASES: &str = "SELECT k.subject_key, c.updated_at_ms AS at, c.id AS case_id FROM cases AS c \
    JOIN case_subjects AS k ON k.case_id = c.id \
    WHERE c.state = $1 AND ($2 = '' OR c.disposition = $2) AND c.updated_at_ms <= $3 \
    AND (c.updated_at_ms, c.id, k.subject_key) > ($4, $5, $6) \
    AND NOT EXISTS (SELECT 1 FROM legal_holds AS h WHERE h.case_id = c.id) \
    ORDER BY c.updated_at_ms, c.id, k.subject_key LIMIT $7";
const OF_NO_CASE: &str = "SELECT s.subject_key, s.last_seen_ms AS at, '' AS case_id FROM subjects AS s \
    WHERE s.last_seen_ms <= $1 AND (s.last_seen_ms, s.subject_key) > ($2, $3) \
    AND NOT EXISTS (SELECT 1 FROM case_subjects AS k WHERE k.subject_key = s.subject_key) \
    ORDER BY s.last_seen_ms, s.subject_key LIMIT $4";
const CLOCKS: &str = "SELECT state, COALESCE(disposition, '') AS disposition, COUNT(*) AS n, MIN(updated_at_ms) AS first \
    FROM cases WHERE lane_class <> 'leak' GROUP BY state, disposition ORDER BY state, disposition";
const RECEIVE: &str = "INSERT INTO retention_receipts (run_id, rule, at_ms, actor, before_ms, erased, cases, objects, \
    failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (run_id, rule) DO UPDATE SET \
    erased = retention_receipts.erased + excluded.erased, cases = retention_receipts.cases + excluded.cases, \
    objects = retention_receipts.objects + excluded.objects, failed = retention_receipts.failed + excluded.failed";
const RECEIPTS: &str = "SELECT run_id, rule, at_ms, actor, before_ms, erased, cases, objects, failed \
    FROM retention_receipts ORDER BY at_ms DESC, run_id DESC, rule LIMIT $1";
const OF_RUN: &str = "SELECT run_id, rule, at_ms, actor, before_ms, erased, cases, objects, failed \
    FROM retention_receipts WHERE run_id = $1 ORDER BY rule";
const HOLD: &str =
    "INSERT INTO legal_holds (case_id, actor, at_ms) VALUES ($1, $2, $3) ON CONFLICT (case_id) DO NOTHING";
const RELEASE: &str = "DELETE FROM legal_holds WHERE case_id = $1";
const HELD: &str = "SELECT COUNT(*) AS n FROM legal_holds AS h JOIN case_subjects AS a ON a.case_id = h.case_id \
    JOIN case_subjects AS b ON b.subject_key = a.subject_key WHERE b.case_id = $1";
const HELD_FOR: &str = "SELECT c.number FROM legal_holds AS h JOIN cases AS c ON c.id = h.case_id \
    JOIN case_subjects AS s ON s.case_id = h.case_id WHERE s.subject_key = $1 ORDER BY c.number LIMIT 1";
const HELD_CASES: &str = "SELECT c.number FROM legal_holds AS h JOIN cases AS c ON c.id = h.case_id ORDER BY c.number";

/// One run of retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRun {
    /// Identifier.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// By whom: `wanglou` for the program itself, or `cli:` with a login name, or an employee number.
    pub actor: String,
}

/// What one run did by one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The run.
    pub run: RetentionRun,
    /// The rule.
    pub rule: RetentionRule,
    /// Only what was from before this instant; of hosts, what wanted no peace then.
    pub before: Timestamp,
    /// What it did.
    pub amount: Amount,
}

/// How much was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Subjects or lines that are gone from the database; of orphans, objects of the vault.
    pub erased: u64,
    /// Cases of which nothing was left.
    pub cases: u64,
    /// Stored bytes that were removed with them.
    pub objects: u64,
    /// Subjects of which something stayed behind: all of it, or bytes in the vault. The next run tries again.
    pub failed: u64,
}

/// A subject whose time may be over, and its place in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Over {
    /// Key of the subject.
    pub subject_key: String,
    at_ms: i64,
    case_id: String,
}

impl RetentionRun {
    /// A run that begins at an instant.
    pub fn new(at: Timestamp, actor: &str) -> Self {
        Self { id: new_id(at), at, actor: actor.to_owned() }
    }

    /// What is from this instant or before it is over by a rule.
    pub const fn limit(&self, rule: RetentionRule) -> Timestamp {
        self.at.plus_ms(-rule.length_ms())
    }
}

impl Store {
    /// Subjects whose time may be over because their case stands at a stage, those that changed longest ago first. Cases
    /// on legal hold are left out. Whether a subject's time is over is decided when it is erased.
    pub async fn over_in_cases(
        &self,
        stage: Stage,
        run: &RetentionRun,
        after: &Over,
        limit: u32,
    ) -> Result<Vec<Over>, StoreError> {
        let (state, disposition) = words(stage);
        let rows = query(OF_CASES)
            .bind(state)
            .bind(disposition)
            .bind(run.limit(stage.rule()).ms())
            .bind(after.at_ms)
            .bind(&after.case_id)
            .bind(&after.subject_key)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(over).collect()
    }

    /// Subjects of no case whose time is over, those that were seen longest ago first.
    pub async fn over_in_no_case(&self, run: &RetentionRun, after: &Over, limit: u32) -> Result<Vec<Over>, StoreError> {
        let rows = query(OF_NO_CASE)
            .bind(run.limit(RetentionRule::NoCase).ms())
            .bind(after.at_ms)
            .bind(&after.subject_key)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(over).collect()
    }

    /// How one subject stands; none when it is not there.
    pub async fn standing(&self, key: &str) -> Result<Option<Standing>, StoreError> {
        let found = standings(&query(STANDING).bind(key).fetch_all(&self.read).await?)?;
        Ok(found.into_iter().next().map(|(_, standing)| standing))
    }

    /// How many cases stand at each stage, and when the first of them last changed; without the leak lane.
    pub async fn retention_clocks(&self) -> Result<Vec<(Stage, u64, Timestamp)>, StoreError> {
        let clock = |row: &Row| {
            let stage = stage(row.try_get::<String>("state")?.as_str(), &row.try_get::<String>("disposition")?)?;
            Ok((stage, count(row.try_get("n")?), Timestamp::from_ms(row.try_get("first")?)))
        };
        query(CLOCKS).fetch_all(&self.read).await?.iter().map(clock).collect()
    }

    /// How subjects stand, in the order of their keys, beginning after a key.
    pub async fn standings(&self, after: &str, limit: u32) -> Result<Vec<(String, Standing)>, StoreError> {
        standings(&query(STANDINGS).bind(after).bind(i64::from(limit)).fetch_all(&self.read).await?)
    }

    /// Adds to the receipt of a run and rule.
    pub async fn add_receipt(&self, run: &RetentionRun, rule: RetentionRule, amount: Amount) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.add_receipt(run, rule, amount).await?;
        tx.commit().await
    }

    /// The latest receipts, newest run first.
    pub async fn receipts(&self, limit: u32) -> Result<Vec<Receipt>, StoreError> {
        query(RECEIPTS).bind(i64::from(limit)).fetch_all(&self.read).await?.iter().map(receipt).collect()
    }

    /// The receipts of one run.
    pub async fn receipts_of_run(&self, run: &str) -> Result<Vec<Receipt>, StoreError> {
        query(OF_RUN).bind(run).fetch_all(&self.read).await?.iter().map(receipt).collect()
    }

    /// Puts a case on legal hold: nothing about its subjects is erased until it is released. False when it was held before.
    pub async fn hold_case(&self, case: &CaseId, actor: &str, at: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let held = query(HOLD).bind(case.as_str()).bind(actor).bind(at.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(held > 0)
    }

    /// Takes a legal hold back. False when there was none.
    pub async fn release_case(&self, case: &CaseId) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let released = query(RELEASE).bind(case.as_str()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(released > 0)
    }

    /// Numbers of the cases on legal hold.
    pub async fn held_cases(&self) -> Result<Vec<String>, StoreError> {
        let rows = query(HELD_CASES).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("number")).collect::<Result<_, _>>()?)
    }
}

impl Tx {
    /// The rule by which a subject's time is over; none while it is kept, and when it is not there.
    pub(super) async fn rule_over(&mut self, key: &str, now: Timestamp) -> Result<Option<RetentionRule>, StoreError> {
        let found = standings(&query(STANDING).bind(key).fetch_all(&mut self.inner).await?)?;
        Ok(found.first().and_then(|(_, standing)| standing.keeping().over_at(now)))
    }

    pub(super) async fn add_receipt(
        &mut self,
        run: &RetentionRun,
        rule: RetentionRule,
        amount: Amount,
    ) -> Result<(), StoreError> {
        query(RECEIVE)
            .bind(&run.id)
            .bind(rule.name())
            .bind(run.at.ms())
            .bind(&run.actor)
            .bind(run.limit(rule).ms())
            .bind(big(amount.erased))
            .bind(big(amount.cases))
            .bind(big(amount.objects))
            .bind(big(amount.failed))
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    /// Whether a case shares a subject with a case on legal hold, or is on hold itself.
    pub(super) async fn is_held(&mut self, case: &CaseId) -> Result<bool, StoreError> {
        Ok(query(HELD).bind(case.as_str()).fetch_one(&mut self.inner).await?.try_get::<i64>("n")? > 0)
    }

    /// The number of a case on legal hold that a subject belongs to.
    pub(super) async fn hold_of(&mut self, subject_key: &str) -> Result<Option<String>, StoreError> {
        let row = query(HELD_FOR).bind(subject_key).fetch_optional(&mut self.inner).await?;
        Ok(row.map(|row| row.try_get("number")).transpose()?)
    }
}

/// State and disposition as they stand in the columns.
fn words(stage: Stage) -> (&'static str, String) {
    match stage {
        Stage::Open => ("open", String::new()),
        Stage::AwaitingConfirmation => ("awaiting_confirmation", String::new()),
        Stage::Locked => ("locked", String::new()),
        Stage::Closed(disposition) => ("closed", word(&disposition)),
    }
}

fn over(row: &Row) -> Result<Over, StoreError> {
    let (subject_key, case_id) = (row.try_get("subject_key")?, row.try_get("case_id")?);
    Ok(Over { subject_key, at_ms: row.try_get("at")?, case_id })
}

/// Rows of one subject follow each other.
fn standings(rows: &[Row]) -> Result<Vec<(String, Standing)>, StoreError> {
    let mut found: Vec<(String, Standing)> = Vec::new();
    for row in rows {
        let key: String = row.try_get("subject_key")?;
        if found.last().is_none_or(|(last, _)| *last != key) {
            let last_seen = Timestamp::from_ms(row.try_get("last_seen_ms")?);
            let is_group = row.try_get::<String>("kind")? == word(&SubjectKind::Group);
            found.push((key, Standing { last_seen, is_group, cases: Vec::new() }));
        }
        if let Some((_, standing)) = found.last_mut() {
            standing.cases.extend(case_standing(row)?);
        }
    }
    Ok(found)
}

fn stage(state: &str, disposition: &str) -> Result<Stage, StoreError> {
    Ok(match state {
        "awaiting_confirmation" => Stage::AwaitingConfirmation,
        "locked" => Stage::Locked,
        "closed" => Stage::Closed(from_word::<Disposition>(disposition, "cases.disposition")?),
        _ => Stage::Open,
    })
}

fn case_standing(row: &Row) -> Result<Option<CaseStanding>, StoreError> {
    let Some(state) = row.try_get::<Option<String>>("state")? else { return Ok(None) };
    let disposition = row.try_get::<Option<String>>("disposition")?.unwrap_or_default();
    let stage = stage(&state, &disposition)?;
    let changed_at = Timestamp::from_ms(row.try_get("updated_at_ms")?);
    Ok(Some(CaseStanding { stage, changed_at, is_held: row.try_get::<Option<String>>("held")?.is_some() }))
}

fn receipt(row: &Row) -> Result<Receipt, StoreError> {
    let at = Timestamp::from_ms(row.try_get("at_ms")?);
    let number = |column| Ok::<u64, StoreError>(count(row.try_get(column)?));
    Ok(Receipt {
        run: RetentionRun { id: row.try_get("run_id")?, at, actor: row.try_get("actor")? },
        rule: from_word(row.try_get("rule")?, "retention_receipts.rule")?,
        before: Timestamp::from_ms(row.try_get("before_ms")?),
        amount: Amount {
            erased: number("erased")?,
            cases: number("cases")?,
            objects: number("objects")?,
            failed: number("failed")?,
        },
    })
}
