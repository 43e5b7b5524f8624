//! Counts of what was let go without a case, by day, lane and cause: the only trace that it leaves.

use chrono::{Datelike, NaiveDate};

use crate::model::case::{Judgement, Lane};
use crate::model::silence::{Silence, Silences, SilentCause};
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_word, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ADD: &str = "INSERT INTO silent_counts (day, lane, cause, count) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (day, lane, cause) DO UPDATE SET count = silent_counts.count + excluded.count";
const SINCE: &str = "SELECT lane, cause, CAST(SUM(count) AS BIGINT) AS n, \
    CAST(SUM(CASE WHEN day = $2 THEN count ELSE 0 END) AS BIGINT) AS today FROM silent_counts WHERE day >= $1 AND day <= $2 \
    GROUP BY lane, cause ORDER BY lane, cause";
const SEEN: &str = "SELECT last_seen_ms FROM subjects WHERE subject_key = $1";
pub(super) const PURGE: &str = "DELETE FROM silent_counts WHERE day < $1";

/// How often something was let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentCount {
    /// Whose it would have been, and why.
    pub silence: Silence,
    /// In the month.
    pub count: u64,
    /// Of these on the day that was asked for.
    pub on_the_day: u64,
}

impl Store {
    /// Adds to the counts of a day.
    pub async fn count_silences(&self, at: Timestamp, silences: &Silences) -> Result<(), StoreError> {
        if silences.iter().next().is_none() {
            return Ok(());
        }
        let (mut tx, day) = (self.begin().await?, at.date(self.zone));
        for (silence, count) in silences.iter() {
            tx.count_silence(silence, count, day).await?;
        }
        tx.commit().await
    }

    /// Counts of a month up to a day of it, by lane and cause.
    pub async fn silent_counts(&self, day: NaiveDate) -> Result<Vec<SilentCount>, StoreError> {
        let first = day.with_day(1).unwrap_or(day);
        let rows = query(SINCE).bind(first.to_string()).bind(day.to_string()).fetch_all(&self.read).await?;
        rows.iter().map(silent_count).collect()
    }
}

fn silent_count(row: &Row) -> Result<SilentCount, StoreError> {
    let lane = from_word(row.try_get("lane")?, "silent_counts.lane")?;
    let cause = from_word(row.try_get("cause")?, "silent_counts.cause")?;
    let (all, today) = (count(row.try_get("n")?), count(row.try_get("today")?));
    Ok(SilentCount { silence: Silence { lane, cause }, count: all, on_the_day: today })
}

impl Tx {
    pub(super) async fn count_silence(
        &mut self,
        silence: &Silence,
        count: u64,
        day: NaiveDate,
    ) -> Result<(), StoreError> {
        let add = query(ADD).bind(day.to_string()).bind(word(&silence.lane)).bind(word(&silence.cause));
        add.bind(big(count)).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Counts something that happened to a case once.
    pub(super) async fn count_let_go(
        &mut self,
        lane: &Lane,
        cause: SilentCause,
        day: NaiveDate,
    ) -> Result<(), StoreError> {
        self.count_silence(&Silence { lane: lane.clone(), cause }, 1, day).await
    }

    /// Counts a subject that is kept without asking anybody, once a day. Before it is saved.
    pub(super) async fn count_kept(
        &mut self,
        judgement: &Judgement,
        subject_key: &str,
        day: NaiveDate,
        zone: chrono_tz::Tz,
    ) -> Result<(), StoreError> {
        let Some(silence) = &judgement.silence else { return Ok(()) };
        let seen = query(SEEN).bind(subject_key).fetch_optional(&mut self.inner).await?;
        let seen = seen.map(|row| row.try_get::<i64>("last_seen_ms")).transpose()?;
        if seen.is_some_and(|ms| Timestamp::from_ms(ms).date(zone) == day) {
            return Ok(());
        }
        self.count_silence(silence, 1, day).await
    }
}
