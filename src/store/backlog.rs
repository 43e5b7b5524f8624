//! What piled up in the outbox while no message could be sent: many messages to one person are folded into one, in one
//! transaction, so that none is lost and none is told twice. Messages of different lanes never meet in one.

use std::collections::BTreeMap;

use crate::model::alert::AlertKind;
use crate::model::ids::{CaseId, EmployeeId};
use crate::model::time::Timestamp;
use crate::store::alert::{ADD_CASE, CASES, LOST};
use crate::store::column::{big, from_word};
use crate::store::sql::{Row, query};
use crate::store::{AlertRequest, Store, StoreError, Tx};

// The yearly round of members is sent to many at a pace: to wait for its turn is no outage. Each of its letters, and each
// notice, says what no other does.
const PILED: &str = "SELECT a.id, a.kind, a.lane, a.recipient, a.due_at_ms, \
    COALESCE((SELECT MAX(c.gravity) FROM alert_cases AS k JOIN cases AS c ON c.id = k.case_id \
    WHERE k.alert_id = a.id), -1) AS gravity FROM alerts AS a WHERE a.state = 'queued' AND a.due_at_ms <= $1 \
    AND (a.lease_until_ms IS NULL OR a.lease_until_ms <= $1) AND a.idempotency_key NOT LIKE 'digest|%|members%' AND a.kind <> 'notice' \
    ORDER BY gravity DESC, a.due_at_ms, a.id";
const FOLD: &str = "UPDATE alerts SET state = 'folded', settled_at_ms = $2, last_error = $3, lease_owner = NULL, \
    lease_until_ms = NULL WHERE id = $1 AND state = 'queued'";

/// From when on messages are folded.
#[derive(Debug, Clone, Copy)]
pub struct Folding {
    /// A message that is late by so much was held up, milliseconds.
    pub held_ms: i64,
    /// So many messages about one case each, the gravest, still go to a person by themselves.
    pub singles: usize,
    /// Most messages that are folded into one.
    pub most: usize,
}

/// Lane and recipient, as they stand in the columns.
type To = (String, String);

/// A message that is due and in nobody's hands.
struct Piled {
    id: String,
    kind: AlertKind,
    due_at: Timestamp,
}

impl Store {
    /// Folds what piled up for a person in a lane: when messages were held up, those beyond the gravest few go into one;
    /// of several digests the newest takes over the cases of the others. Returns how many messages went into another.
    pub async fn fold_alerts(&self, now: Timestamp, folding: &Folding) -> Result<usize, StoreError> {
        let mut tx = self.begin().await?;
        query(LOST).bind(now.ms()).execute(&mut tx.inner).await?;
        let piled = tx.piled(now).await?;
        // One person's late message tells of an outage that held up everybody's.
        let was_held = piled.values().flatten().any(|piled| now.ms_since(piled.due_at) >= folding.held_ms);
        let mut folded = 0;
        for (to, piled) in piled {
            let (digests, letters): (Vec<Piled>, Vec<Piled>) = piled.into_iter().partition(Piled::is_digest);
            let (groups, letters) = letters.into_iter().partition(|piled: &Piled| piled.kind == AlertKind::Groups);
            folded += tx.fold_digests(digests, now).await?;
            // Each is written of what holds when it is sent, so that the newest tells what the others would.
            folded += tx.fold_digests(groups, now).await?;
            if was_held {
                folded += tx.fold_letters(&to, letters, now, folding).await?;
            }
        }
        tx.commit().await?;
        Ok(folded)
    }
}

impl Piled {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get("id")?,
            kind: from_word(row.try_get("kind")?, "alerts.kind")?,
            due_at: Timestamp::from_ms(row.try_get("due_at_ms")?),
        })
    }

    const fn is_digest(&self) -> bool {
        matches!(self.kind, AlertKind::Daily | AlertKind::Weekly | AlertKind::Heartbeat)
    }
}

impl Tx {
    /// What is due and in nobody's hands, by lane and recipient, gravest first.
    async fn piled(&mut self, now: Timestamp) -> Result<BTreeMap<To, Vec<Piled>>, StoreError> {
        let mut piled: BTreeMap<_, Vec<Piled>> = BTreeMap::new();
        for row in query(PILED).bind(now.ms()).fetch_all(&mut self.inner).await? {
            piled.entry((row.try_get("lane")?, row.try_get("recipient")?)).or_default().push(Piled::of(&row)?);
        }
        Ok(piled)
    }

    /// The gravest stay as they are, the others go into a message of their own, or join the one that waits already.
    async fn fold_letters(
        &mut self,
        to: &To,
        letters: Vec<Piled>,
        now: Timestamp,
        folding: &Folding,
    ) -> Result<usize, StoreError> {
        let (single, backlogs): (Vec<Piled>, Vec<Piled>) =
            letters.into_iter().partition(|piled| piled.kind == AlertKind::Immediate);
        let beyond = single.get(folding.singles..).unwrap_or_default();
        if let Some(waiting) = backlogs.last() {
            return self.fold(beyond, &waiting.id, now).await;
        }
        let mut folded = 0;
        // To fold one alone would gain nothing.
        for group in beyond.chunks(folding.most.max(2)).filter(|group| group.len() > 1) {
            let due_at = group.iter().map(|piled| piled.due_at).min().unwrap_or(now);
            let (lane, recipient) = (from_word(&to.0, "alerts.lane")?, EmployeeId::new(&to.1));
            let request = AlertRequest { kind: AlertKind::Backlog, recipient, lane, due_at };
            let key = format!("backlog|{}", group[0].id);
            if let Some(into) = self.queue(&key, &request, &[], now).await? {
                folded += self.fold(group, into.as_str(), now).await?;
            }
        }
        Ok(folded)
    }

    /// A sign of life has nothing to tell beside a digest.
    async fn fold_digests(&mut self, mut digests: Vec<Piled>, now: Timestamp) -> Result<usize, StoreError> {
        digests.sort_by_key(|piled| (piled.kind != AlertKind::Heartbeat, piled.due_at));
        match digests.pop() {
            Some(newest) => self.fold(&digests, &newest.id, now).await,
            None => Ok(0),
        }
    }

    async fn fold(&mut self, piled: &[Piled], into: &str, now: Timestamp) -> Result<usize, StoreError> {
        let mut position = query(CASES).bind(into).fetch_all(&mut self.inner).await?.len();
        for Piled { id, .. } in piled {
            for row in query(CASES).bind(id).fetch_all(&mut self.inner).await? {
                let case = CaseId::new(row.try_get::<String>("case_id")?);
                let add = query(ADD_CASE).bind(into).bind(case.as_str()).bind(big(position));
                add.execute(&mut self.inner).await?;
                position += 1;
            }
            let told_in = format!("told in message {into}");
            query(FOLD).bind(id).bind(now.ms()).bind(told_in).execute(&mut self.inner).await?;
        }
        Ok(piled.len())
    }
}
