//! Posts that only repeat the text of a case: how a text is known again, how such a post stands in the case, and how somebody
//! takes it out of it into a case of its own.

use crate::casework::keys::{account_key, subject_key};
use crate::casework::repost::takes_from_others;
use crate::casework::transition::News;
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, Judgement, Lane, Subject, SubjectKind};
use crate::model::ids::{CaseId, ScanId};
use crate::model::silence::SilentCause;
use crate::model::time::Timestamp;
use crate::store::case::{CaseRow, JUDGEMENT};
use crate::store::column::{big, count, from_json};
use crate::store::judgement::{clause, lane_class};
use crate::store::sql::{Row, query};
use crate::store::subject::readers_of;
use crate::store::{AlertOccasion, CaseChange, JudgementBatch, Store, StoreError, SubjectFacts, Tx};
use crate::text::sketch::Sketch;

/// Earlier texts that are compared with a new one at most, the oldest first.
const COMPARED_MAX: usize = 64;
/// A text that has less in common is not even looked at.
const RESEMBLANCE_MIN: f64 = 0.5;

const STANDS: &str =
    "SELECT case_id, is_repost, lane, sealed, judgement FROM case_subjects WHERE subject_key = $1 ORDER BY case_id";
const LIKE: &str = "SELECT DISTINCT k.case_id, k.subject_key, k.sealed, k.judgement, k.first_seen_ms, t.sketch \
    FROM text_anchors AS a JOIN text_sketches AS t ON t.subject_key = a.subject_key \
    JOIN case_subjects AS k ON k.subject_key = a.subject_key JOIN cases AS c ON c.id = k.case_id \
    WHERE a.anchor IN ($1, $2, $3, $4) AND NOT k.is_repost AND c.clause = $5 AND c.lane_class = $6 AND k.subject_key <> $7 \
    ORDER BY k.first_seen_ms, k.subject_key LIMIT $8";
const REPOSTS: &str = "SELECT k.subject_key, k.sealed, k.judgement, k.first_seen_ms, k.last_seen_ms FROM case_subjects AS k \
    WHERE k.case_id = $1 AND k.is_repost ORDER BY k.first_seen_ms, k.subject_key LIMIT $2";
// Of the leak lane nobody is told that there is anything.
const OF_AUTHOR: &str = "SELECT k.subject_key, k.sealed, k.judgement, k.first_seen_ms, k.last_seen_ms FROM case_subjects AS k \
    JOIN subjects AS s ON s.subject_key = k.subject_key JOIN cases AS c ON c.id = k.case_id WHERE s.account_key = $1 AND k.is_repost \
    AND NOT s.sealed AND c.lane_class <> 'leak' AND c.account_key <> $1 ORDER BY k.first_seen_ms, k.subject_key";
const COUNT: &str = "SELECT COUNT(*) AS n FROM case_subjects WHERE case_id = $1 AND is_repost";
const OWN: &str =
    "SELECT subject_key FROM case_subjects WHERE case_id = $1 AND NOT is_repost ORDER BY first_seen_ms, subject_key";
const MARK: &str = "UPDATE case_subjects SET is_repost = TRUE WHERE case_id = $1 AND subject_key = $2";
const KNOWN: &str = "SELECT is_repost FROM case_subjects WHERE case_id = $1 AND subject_key = $2";
const LEAVE: &str = "DELETE FROM case_subjects WHERE subject_key = $1 AND is_repost";
const MOVE_EVIDENCE: &str = "UPDATE evidence SET case_id = $3 WHERE case_id = $1 AND subject_key = $2";
const LEFT: &str = "SELECT case_id FROM case_subjects WHERE subject_key = $1 AND is_repost ORDER BY case_id";
const HOLD_TOO: &str = "INSERT INTO legal_holds (case_id, actor, at_ms) SELECT $2, actor, at_ms FROM legal_holds \
    WHERE case_id = $1 ON CONFLICT (case_id) DO NOTHING";
const SEALED: &str = "SELECT sealed FROM subjects WHERE subject_key = $1";
const FORGET_ANCHORS: &str = "DELETE FROM text_anchors WHERE subject_key = $1";
const FORGET_SKETCH: &str = "DELETE FROM text_sketches WHERE subject_key = $1";
const SAVE_ANCHOR: &str =
    "INSERT INTO text_anchors (anchor, subject_key) VALUES ($1, $2) ON CONFLICT (anchor, subject_key) DO NOTHING";
const SAVE_SKETCH: &str = "INSERT INTO text_sketches (subject_key, sketch) VALUES ($1, $2) \
    ON CONFLICT (subject_key) DO UPDATE SET sketch = excluded.sketch";

/// How a subject stands in a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The case.
    pub case: CaseId,
    /// Whether it only repeats what the case is about.
    pub is_repost: bool,
    /// What it came to; none when that is sealed and the store has no key.
    pub judgement: Option<Judgement>,
}

/// A post of a case whose text is much like another one.
#[derive(Debug, Clone, PartialEq)]
pub struct LikeText {
    /// The case.
    pub case: Case,
    /// What the post came to.
    pub judgement: Judgement,
    /// What is known of it.
    pub facts: SubjectFacts,
    /// How much of the two texts is the same, 0.5..=1.0.
    pub resemblance: f64,
    /// Stretches of it that were compared.
    pub stretches: usize,
}

/// A post that repeats the text of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Repost {
    /// Its key.
    pub key: String,
    /// What it came to; its subject says where it stands.
    pub judgement: Judgement,
    /// What is known of it.
    pub facts: SubjectFacts,
    /// First sight.
    pub first_seen: Timestamp,
    /// Last sight.
    pub last_seen: Timestamp,
}

impl Store {
    /// The cases in which a subject stands (by its key), and how.
    pub async fn places_of(&self, subject_key: &str) -> Result<Vec<Place>, StoreError> {
        let rows = query(STANDS).bind(subject_key).fetch_all(&self.read).await?;
        let place = |row: &Row| {
            let case = CaseId::new(row.try_get::<String>("case_id")?);
            Ok(Place { case, is_repost: row.try_get("is_repost")?, judgement: self.judgement_of(row)? })
        };
        rows.iter().map(place).collect()
    }

    /// Posts of cases of the same clause and class of lane whose text is much like this one, those first that were found first.
    /// In the leak lane none without the key.
    pub async fn texts_like(&self, judgement: &Judgement, text: &str) -> Result<Vec<LikeText>, StoreError> {
        let key = self.sealing.sketch_key(readers_of(&judgement.lane));
        let Some(sketch) = key.and_then(|key| Sketch::of(text, &key)) else { return Ok(Vec::new()) };
        let mut anchors: Vec<String> = sketch.anchors().collect();
        anchors.resize(4, anchors[0].clone());
        let asked = anchors.into_iter().fold(query(LIKE), crate::store::sql::Query::bind);
        let asked = asked.bind(clause(judgement)).bind(lane_class(&judgement.lane));
        let asked = asked.bind(subject_key(&judgement.subject)).bind(big(COMPARED_MAX));
        let mut alike = Vec::new();
        for row in asked.fetch_all(&self.read).await? {
            alike.extend(self.like_text(&row, &sketch).await?);
        }
        Ok(alike)
    }

    async fn like_text(&self, row: &Row, sketch: &Sketch) -> Result<Option<LikeText>, StoreError> {
        let known = Sketch::from_text(&row.try_get::<String>("sketch")?);
        let known = known.map(|known| (known.resemblance(sketch), known.len()));
        let Some((resemblance, stretches)) = known.filter(|known| known.0 >= RESEMBLANCE_MIN) else { return Ok(None) };
        let Some(judgement) = self.judgement_of(row)? else { return Ok(None) };
        let subject = self.subject(&row.try_get::<String>("subject_key")?).await?;
        let facts = subject.and_then(|subject| subject.facts).unwrap_or_default();
        let case = self.case(&CaseId::new(row.try_get::<String>("case_id")?)).await?;
        Ok(case.map(|case| LikeText { case, judgement, facts, resemblance, stretches }))
    }

    fn judgement_of(&self, row: &Row) -> Result<Option<Judgement>, StoreError> {
        let text = self.sealing.read(JUDGEMENT, row.try_get("judgement")?, row.try_get("sealed")?)?;
        text.map(|text| from_json(&text, JUDGEMENT)).transpose()
    }

    /// Posts that repeat the text of a case, those first that were found first, and how many there are in all. What is sealed
    /// and cannot be opened here is counted and not listed.
    pub async fn reposts_of_case(&self, case: &CaseId, limit: u32) -> Result<(Vec<Repost>, u64), StoreError> {
        let total = count(query(COUNT).bind(case.as_str()).fetch_one(&self.read).await?.try_get("n")?);
        let mut reposts = Vec::new();
        if total > 0 {
            let rows = query(REPOSTS).bind(case.as_str()).bind(i64::from(limit)).fetch_all(&self.read).await?;
            for row in &rows {
                reposts.extend(self.repost(row).await?);
            }
        }
        Ok((reposts, total))
    }

    /// Posts of an account that stand as reposts in cases of others, without the leak lane.
    pub async fn reposts_of_account(&self, account: &Subject) -> Result<Vec<Repost>, StoreError> {
        let mut reposts = Vec::new();
        for row in &query(OF_AUTHOR).bind(account_key(account)).fetch_all(&self.read).await? {
            reposts.extend(self.repost(row).await?);
        }
        Ok(reposts)
    }

    async fn repost(&self, row: &Row) -> Result<Option<Repost>, StoreError> {
        let key: String = row.try_get("subject_key")?;
        let Some(judgement) = self.judgement_of(row)? else { return Ok(None) };
        let facts = self.subject(&key).await?.and_then(|subject| subject.facts).unwrap_or_default();
        let seen = |column: &str| row.try_get::<i64>(column).map(Timestamp::from_ms);
        let (first_seen, last_seen) = (seen("first_seen_ms")?, seen("last_seen_ms")?);
        Ok(Some(Repost { key, judgement, facts, first_seen, last_seen }))
    }

    /// Keys of the subjects of a case that are what it is about, without its reposts.
    pub async fn own_subjects_of_case(&self, case: &CaseId) -> Result<Vec<String>, StoreError> {
        let rows = query(OWN).bind(case.as_str()).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("subject_key")).collect::<Result<_, _>>()?)
    }

    /// Takes a repost (by its key) out of a case into the case of its own account, which is opened where there is none; that case.
    ///
    /// # Errors
    /// When it does not stand there as a repost of another account, or is sealed and the store has no key.
    pub async fn split_repost(
        &self,
        case: &Case,
        subject_key: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<Case, StoreError> {
        let places = self.places_of(subject_key).await?;
        let place = places.into_iter().find(|place| place.is_repost && place.case == case.id);
        let place = place.ok_or_else(|| StoreError::NoRepost(case.number.clone()))?;
        let judgement = place.judgement.ok_or(StoreError::NoKey)?;
        if is_of_account(&judgement, case) {
            return Err(StoreError::NoRepost(case.number.clone()));
        }
        let facts = self.subject(subject_key).await?.and_then(|subject| subject.facts).unwrap_or_default();
        let mut tx = self.begin().await?;
        let after = tx.split(case, &of_its_own(judgement, facts, at), by, self.zone).await?;
        tx.commit().await?;
        Ok(after)
    }
}

fn of_its_own(judgement: Judgement, facts: SubjectFacts, at: Timestamp) -> JudgementBatch {
    JudgementBatch {
        scan: ScanId::default(),
        at,
        judgement,
        facts,
        captures: Vec::new(),
        alerts: Vec::new(),
        occasion: AlertOccasion::Opened,
        adds_evidence: false,
        audit: Vec::new(),
        repost_of: None,
    }
}

/// Whether something belongs to the account of a case.
fn is_of_account(judgement: &Judgement, case: &Case) -> bool {
    account_key(&judgement.subject) == account_key(&case.judgement.subject)
}

impl Tx {
    /// The batch as one that repeats nothing, where the case of which it is a repost is gone, or was decided about its account since.
    pub(super) async fn standing_alone(
        &mut self,
        batch: &JudgementBatch,
    ) -> Result<Option<JudgementBatch>, StoreError> {
        let Some(id) = &batch.repost_of else { return Ok(None) };
        let takes = |case: &Case| is_of_account(&batch.judgement, case) || takes_from_others(&case.state);
        let does_take = match self.case_row(id).await {
            Ok(row) => takes(&row.case),
            Err(StoreError::NoCase(_)) => false,
            Err(error) => return Err(error),
        };
        Ok((!does_take).then(|| JudgementBatch { repost_of: None, ..batch.clone() }))
    }

    /// Puts a post into the case whose text it repeats. Nobody is asked about it; of one account the text that is back opens what
    /// was rectified.
    pub(super) async fn fold_post(
        &mut self,
        batch: &JudgementBatch,
        case: &CaseId,
        zone: chrono_tz::Tz,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        let (before, key) = (self.case_row(case).await?, subject_key(&batch.judgement.subject));
        let known = query(KNOWN).bind(case.as_str()).bind(&key).fetch_optional(&mut self.inner).await?;
        self.save_case_subject(case, batch).await?;
        query(MARK).bind(case.as_str()).bind(&key).execute(&mut self.inner).await?;
        let state = before.case.state.clone().found_again(News::Known);
        if is_of_account(&batch.judgement, &before.case) && state != before.case.state {
            self.set_case_state(&before.case, &state, batch.at).await?;
            self.note(case, "case.reopen", batch.at).await?;
            return Ok((CaseChange::Reopened, Some(self.case_row(case).await?)));
        }
        if known.is_some() {
            return Ok((CaseChange::Unchanged, Some(before)));
        }
        self.count_let_go(&before.case.judgement.lane, SilentCause::Repost, batch.at.date(zone)).await?;
        Ok((CaseChange::Reposted, Some(before)))
    }

    /// A post that asks for a case of its own is no repost any more; the cases that it leaves.
    pub(super) async fn unfold(&mut self, judgement: &Judgement) -> Result<Vec<CaseId>, StoreError> {
        if !judgement.outcome.opens_case() || judgement.subject.kind != SubjectKind::Post {
            return Ok(Vec::new());
        }
        let key = subject_key(&judgement.subject);
        let rows = query(LEFT).bind(&key).fetch_all(&mut self.inner).await?;
        let left = |row: &Row| Ok(CaseId::new(row.try_get::<String>("case_id")?));
        let left = rows.iter().map(left).collect::<Result<_, StoreError>>()?;
        query(LEAVE).bind(&key).execute(&mut self.inner).await?;
        Ok(left)
    }

    /// What was a repost takes its evidence along into its own case, and the legal hold under which it stood.
    pub(super) async fn take_along(&mut self, left: &[CaseId], key: &str, own: &CaseId) -> Result<(), StoreError> {
        for case in left.iter().map(CaseId::as_str) {
            query(MOVE_EVIDENCE).bind(case).bind(key).bind(own.as_str()).execute(&mut self.inner).await?;
            query(HOLD_TOO).bind(case).bind(own.as_str()).execute(&mut self.inner).await?;
        }
        Ok(())
    }

    async fn split(
        &mut self,
        case: &Case,
        batch: &JudgementBatch,
        by: &str,
        zone: chrono_tz::Tz,
    ) -> Result<Case, StoreError> {
        let key = subject_key(&batch.judgement.subject);
        let left = self.unfold(&batch.judgement).await?;
        if !left.contains(&case.id) {
            return Err(StoreError::NoRepost(case.number.clone()));
        }
        self.save_sketch(batch).await?;
        let (_, own) = self.file(batch, zone).await?;
        let own = own.ok_or_else(|| StoreError::NoRepost(case.number.clone()))?.case;
        self.take_along(&left, &key, &own.id).await?;
        self.note_figure(&own).await?;
        for (object, other) in [(&case.id, &own.number), (&own.id, &case.number)] {
            let (actor, action, detail) = (by.to_owned(), "case.split".to_owned(), other.clone());
            self.audit(&AuditEntry { at: batch.at, actor, action, object: object.to_string(), detail }).await?;
        }
        Ok(own)
    }

    /// Keeps by what the text of a post of a case is known again. Of the leak lane nothing is kept without the key.
    pub(super) async fn save_sketch(&mut self, batch: &JudgementBatch) -> Result<(), StoreError> {
        if !batch.judgement.outcome.opens_case() {
            return Ok(());
        }
        let key = subject_key(&batch.judgement.subject);
        for statement in [FORGET_ANCHORS, FORGET_SKETCH] {
            query(statement).bind(&key).execute(&mut self.inner).await?;
        }
        let Some(post) = batch.facts.post.as_ref().filter(|_| batch.judgement.excerpt.is_none()) else { return Ok(()) };
        let sealed: bool = query(SEALED).bind(&key).fetch_one(&mut self.inner).await?.try_get("sealed")?;
        let lane = if sealed { &Lane::Leak } else { &batch.judgement.lane };
        let hashed = self.sealing.sketch_key(readers_of(lane));
        let Some(sketch) = hashed.and_then(|hashed| Sketch::of(&post.text, &hashed)) else { return Ok(()) };
        query(SAVE_SKETCH).bind(&key).bind(sketch.to_text()).execute(&mut self.inner).await?;
        for anchor in sketch.anchors() {
            query(SAVE_ANCHOR).bind(anchor).bind(&key).execute(&mut self.inner).await?;
        }
        Ok(())
    }
}
