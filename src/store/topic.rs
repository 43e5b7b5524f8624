//! Counts of protected speech by month and topic: the only trace it leaves.

use crate::model::ids::TopicId;
use crate::store::column::{big, count};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ADD: &str = "INSERT INTO topic_counts (month, topic_id, count) VALUES ($1, $2, $3) \
    ON CONFLICT (month, topic_id) DO UPDATE SET count = topic_counts.count + excluded.count";
const OF_MONTH: &str = "SELECT topic_id, count FROM topic_counts WHERE month = $1 ORDER BY topic_id";

impl Store {
    /// Counts of a month (`2026-11`) by topic.
    pub async fn topic_counts(&self, month: &str) -> Result<Vec<(TopicId, u64)>, StoreError> {
        let rows = query(OF_MONTH).bind(month).fetch_all(&self.read).await?;
        let pair = |row: &Row| Ok((TopicId::new(row.try_get::<String>("topic_id")?), count(row.try_get("count")?)));
        rows.iter().map(pair).collect()
    }

    /// Adds to the counts of a month. For pages, [`Store::finish_pages`] does it with everything else of the page.
    pub async fn count_topics(&self, month: &str, topics: &[TopicId]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.count_topics(month, topics).await?;
        tx.commit().await
    }
}

impl Tx {
    pub(super) async fn count_topics(&mut self, month: &str, topics: &[TopicId]) -> Result<(), StoreError> {
        for topic in topics {
            query(ADD).bind(month).bind(topic.as_str()).bind(big(1_u8)).execute(&mut self.inner).await?;
        }
        Ok(())
    }
}
