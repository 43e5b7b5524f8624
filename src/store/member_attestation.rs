//! Yearly attestations of members of work groups.

use crate::model::audit::AuditEntry;
use crate::model::case::Lane;
use crate::model::ids::EmployeeId;
use crate::model::self_inspection::MemberAttestation;
use crate::model::time::Timestamp;
use crate::store::alert::digest_key;
use crate::store::sql::{Row, query, query_of_rows};
use crate::store::{Store, StoreError};

/// Rows of one statement: a database file takes no more than some thousand values at once.
const ROWS_AT_ONCE: usize = 300;

const LIST: &str = "INSERT INTO member_attestations (year, employee_id, listed_at_ms) VALUES @ \
    ON CONFLICT (year, employee_id) DO NOTHING";
const ASKED: &str = "UPDATE member_attestations SET asked_at_ms = a.settled_at_ms FROM alerts AS a \
    WHERE member_attestations.year = $1 AND member_attestations.asked_at_ms IS NULL \
    AND a.idempotency_key = $2 || member_attestations.employee_id AND a.state IN ('sent', 'uncertain')";
const REMINDED: &str = "UPDATE member_attestations SET reminded_at_ms = a.settled_at_ms FROM alerts AS a \
    WHERE member_attestations.year = $1 AND member_attestations.reminded_at_ms IS NULL \
    AND a.idempotency_key = $2 || member_attestations.employee_id AND a.state IN ('sent', 'uncertain')";
// Refused, or sent back after it had been accepted: whichever of the two letters that befell.
const RETURNED: &str = "UPDATE member_attestations SET returned_at_ms = a.settled_at_ms FROM alerts AS a \
    WHERE member_attestations.year = $1 AND member_attestations.returned_at_ms IS NULL \
    AND a.idempotency_key = $2 || member_attestations.employee_id AND a.state = 'failed'";
const ATTEST: &str = "UPDATE member_attestations SET attested_at_ms = $3, text_version = $4 \
    WHERE year = $1 AND employee_id = $2 AND attested_at_ms IS NULL";
const LAST_ROUND: &str = "SELECT MAX(year) AS year FROM member_attestations WHERE listed_at_ms <= $1";
const OF_ROUND: &str = "SELECT year, employee_id, listed_at_ms, asked_at_ms, reminded_at_ms, returned_at_ms, attested_at_ms, text_version \
    FROM member_attestations WHERE year = $1 ORDER BY employee_id";
const OF_MEMBER: &str = "SELECT year, employee_id, listed_at_ms, asked_at_ms, reminded_at_ms, returned_at_ms, attested_at_ms, text_version \
    FROM member_attestations WHERE employee_id = $1 ORDER BY year DESC LIMIT 1";

impl Store {
    /// Begins the round of a year: puts down whom it asks, all or nobody. Returns how many were not put down before.
    pub async fn list_members(&self, year: i32, members: &[EmployeeId], at: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut listed = 0;
        for some in members.chunks(ROWS_AT_ONCE) {
            let list = some.iter().fold(query_of_rows(LIST, some.len(), 3), |list, member| {
                list.bind(i64::from(year)).bind(member.as_str()).bind(at.ms())
            });
            listed += list.execute(&mut tx.inner).await?;
        }
        tx.commit().await?;
        Ok(listed)
    }

    /// Notes when the first letter to each member and the reminder left the outbox, and which did not reach their member; what
    /// still waits there is not noted. The first time counts.
    pub async fn note_member_letters(&self, year: i32, first: &str, reminder: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (note, occasion) in [(ASKED, first), (RETURNED, first), (REMINDED, reminder), (RETURNED, reminder)] {
            let key = digest_key(&Lane::None, occasion, "");
            query(note).bind(i64::from(year)).bind(key).execute(&mut tx.inner).await?;
        }
        tx.commit().await
    }

    /// Confirms the duties of a member for a year, in the words of a version of their text, with its audit line; false when the
    /// person is not asked, or had confirmed before.
    pub async fn attest_member(
        &self,
        year: i32,
        member: &EmployeeId,
        text_version: &str,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let attest = query(ATTEST).bind(i64::from(year)).bind(member.as_str()).bind(audit.at.ms()).bind(text_version);
        if attest.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The year of the last round that had begun by an instant; none when there was none.
    pub async fn last_member_round(&self, by: Timestamp) -> Result<Option<i32>, StoreError> {
        let row = query(LAST_ROUND).bind(by.ms()).fetch_one(&self.read).await?;
        Ok(row.try_get::<Option<i64>>("year")?.and_then(|year| i32::try_from(year).ok()))
    }

    /// Whom the round of a year asks, by employee number.
    pub async fn member_attestations(&self, year: i32) -> Result<Vec<MemberAttestation>, StoreError> {
        let rows = query(OF_ROUND).bind(i64::from(year)).fetch_all(&self.read).await?;
        rows.iter().map(member_attestation).collect()
    }

    /// What one member was asked last.
    pub async fn member_attestation(&self, member: &EmployeeId) -> Result<Option<MemberAttestation>, StoreError> {
        let row = query(OF_MEMBER).bind(member.as_str()).fetch_optional(&self.read).await?;
        row.as_ref().map(member_attestation).transpose()
    }
}

fn member_attestation(row: &Row) -> Result<MemberAttestation, StoreError> {
    let instant = |column: &str| Ok::<_, StoreError>(row.try_get::<Option<i64>>(column)?.map(Timestamp::from_ms));
    Ok(MemberAttestation {
        year: i32::try_from(row.try_get::<i64>("year")?).unwrap_or_default(),
        employee: EmployeeId::new(row.try_get::<String>("employee_id")?),
        listed_at: Timestamp::from_ms(row.try_get("listed_at_ms")?),
        asked_at: instant("asked_at_ms")?,
        reminded_at: instant("reminded_at_ms")?,
        returned_at: instant("returned_at_ms")?,
        attested_at: instant("attested_at_ms")?,
        text_version: row.try_get("text_version")?,
    })
}
