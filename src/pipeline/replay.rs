//! Running the judgement again on what is stored, with the ledgers of today. Nothing is fetched. Trying it mails nobody;
//! filing what changed tells people as a scan would.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use crate::casework::account::judge_account;
use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::model::case::{Judgement, Outcome};
use crate::model::ids::ScanId;
use crate::model::time::Timestamp;
use crate::pipeline::filing::{Judged, file_stored};
use crate::pipeline::inspect::Inspected;
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, StoredSubject, SubjectFacts, subject_key};

/// Parts of an outcome that make it another one; wording does not.
const CLAIMS: [&str; 7] = ["outcome", "lane", "notify", "severity", "rules", "terms", "candidates"];

/// One stored subject, judged again.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What it comes to now.
    pub now: Judgement,
    /// What it came to before, when it had asked for attention or was kept.
    pub before: Option<String>,
    /// What of it would be another thing, by the names of the command contract.
    pub changed: Vec<&'static str>,
    facts: SubjectFacts,
}

impl Replayed {
    /// Whether the judgement would be another one.
    pub fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }
}

/// What filing the changes came to.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The run.
    pub scan: ScanId,
    /// What was filed.
    pub inspected: Inspected,
    /// Subjects that turned out to be protected or a child's: everything stored about them was erased.
    pub erased: usize,
    /// Subjects of which everything would have been erased, were they not on legal hold.
    pub held: usize,
    /// Subjects that no longer ask for anything. Their cases stay as they are until somebody decides.
    pub left_alone: usize,
}

/// Judges every subject seen since an instant again. Subjects whose text is not kept or is sealed, and those that show nothing
/// of it any more, are passed over; their number is the second value.
pub async fn replay(shell: &Shell, world: &World, since: Timestamp) -> Result<(Vec<Replayed>, usize), StoreError> {
    let stored = shell.store.subjects_seen_since(since).await?;
    let outcomes = shell.store.latest_outcomes().await?;
    let outcomes: HashMap<String, &Value> = outcomes.iter().map(|o| (key_of(o), o)).collect();
    let mut replayed = Vec::new();
    let mut passed_over = 0;
    for subject in stored {
        match judge_again(world, &subject) {
            Some((now, facts)) => {
                let after = now.to_outcome_json();
                let before = outcomes.get(&key_of(&after)).copied();
                let changed = before.map_or_else(|| vec!["outcome"], |before| changes(before, &after));
                let before = before.and_then(|o| o["outcome"].as_str().map(str::to_owned));
                replayed.push(Replayed { now, before, changed, facts });
            }
            None => passed_over += 1,
        }
    }
    Ok((replayed, passed_over))
}

/// Files what changed in a run of its own, with the letters that follow. Filing the same twice changes nothing.
pub async fn file_changes(
    shell: &Shell,
    world: &World,
    replayed: &[Replayed],
    actor: &str,
) -> Result<Filed, StoreError> {
    let changed: Vec<&Replayed> = replayed.iter().filter(|r| r.is_changed()).collect();
    let scan = shell.store.start_scan(shell.clock.now(), &json!({"replay": replayed.len()})).await?;
    let mut filed = Filed { scan, inspected: Inspected::default(), erased: 0, held: 0, left_alone: 0 };
    for one in changed {
        filed.take(shell, world, one, actor).await?;
    }
    let summary =
        json!({"replay": replayed.len(), "subjects": filed.inspected.subjects, "asking": filed.inspected.asking});
    shell.store.finish_scan(&filed.scan, shell.clock.now(), &summary).await?;
    Ok(filed)
}

impl Filed {
    async fn take(&mut self, shell: &Shell, world: &World, one: &Replayed, actor: &str) -> Result<(), StoreError> {
        let key = subject_key(&one.now.subject);
        if matches!(one.now.outcome, Outcome::Protected | Outcome::Minor) {
            return self.erase(shell, &key, actor).await;
        }
        if !one.now.outcome.may_be_stored() {
            self.left_alone += 1;
            return Ok(());
        }
        let filed = file_again(shell, world, &self.scan, one.now.clone(), one.facts.clone()).await?;
        self.inspected.subjects += filed.subjects;
        self.inspected.asking += filed.asking;
        Ok(())
    }

    /// What is on legal hold stays; a replay after its release erases it.
    async fn erase(&mut self, shell: &Shell, key: &str, actor: &str) -> Result<(), StoreError> {
        match shell.store.erase_subject(&shell.vault, key, actor, shell.clock.now()).await {
            Ok(_) => self.erased += 1,
            Err(StoreError::Held(_)) => self.held += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Files what a stored subject comes to now, with the evidence that is kept of it.
pub(super) async fn file_again(
    shell: &Shell,
    world: &World,
    scan: &ScanId,
    judgement: Judgement,
    facts: SubjectFacts,
) -> Result<Inspected, StoreError> {
    let evidence = shell.store.evidence_of_subject(&subject_key(&judgement.subject)).await?;
    let captures = evidence.into_iter().filter(|e| e.kept).map(|e| e.capture).collect();
    let judged = Judged {
        judgement,
        facts,
        captures,
        shown_on: Vec::new(),
        is_whole: true,
        is_edited: false,
        is_handed_in: false,
    };
    file_stored(shell, world, scan, &judged).await
}

/// What a stored subject comes to today; nothing where its text is not kept, or it was seen without it since.
pub(super) fn judge_again(world: &World, subject: &StoredSubject) -> Option<(Judgement, SubjectFacts)> {
    if subject.is_clean() {
        return None;
    }
    let facts = subject.facts.clone()?;
    let judgement = match (&facts.post, &facts.account) {
        (Some(post), author) if !post.text.is_empty() => judge_post(world, post, author.as_ref()),
        (None, Some(account)) => judge_account(world, account),
        _ => return None,
    };
    Some((judgement, facts))
}

fn key_of(outcome: &Value) -> String {
    let url = outcome["url"].as_str().unwrap_or_default();
    let id = if url.is_empty() { outcome["id"].as_str().unwrap_or_default() } else { "" };
    format!("{}\n{url}\n{id}", outcome["kind"].as_str().unwrap_or_default())
}

fn changes(before: &Value, after: &Value) -> Vec<&'static str> {
    // A re-check compares with an earlier look, which a replay does not have.
    let is_rectified =
        before["outcome"] == "rectified" && matches!(after["outcome"].as_str(), Some("ignore" | "record"));
    if is_rectified {
        return Vec::new();
    }
    CLAIMS.into_iter().filter(|claim| claimed(&before[claim]) != claimed(&after[claim])).collect()
}

/// A part of an outcome as a set of words: order and wording do not count.
fn claimed(value: &Value) -> BTreeSet<String> {
    let word = |value: &Value| match value {
        Value::Object(candidate) => format!("{} {}", candidate["employee_id"], candidate["band"]),
        other => other.to_string(),
    };
    value.as_array().map_or_else(|| BTreeSet::from([word(value)]), |items| items.iter().map(word).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changes;

    #[test]
    fn another_wording_or_order_is_no_change() {
        let before = json!({"outcome": "alert", "terms": ["W1", "W2"], "reasons": ["甲"],
            "candidates": [{"employee_id": "X1", "band": "high", "score": 0.9}]});
        let after = json!({"outcome": "alert", "terms": ["W2", "W1"], "reasons": ["乙"],
            "candidates": [{"employee_id": "X1", "band": "high", "score": 0.85}]});
        assert!(changes(&before, &after).is_empty());
    }

    #[test]
    fn another_lane_or_band_is_a_change() {
        let before =
            json!({"outcome": "alert", "lane": "legal", "candidates": [{"employee_id": "X1", "band": "high"}]});
        let after = json!({"outcome": "alert", "lane": "leak", "candidates": [{"employee_id": "X1", "band": "low"}]});
        assert_eq!(changes(&before, &after), ["lane", "candidates"]);
    }

    #[test]
    fn a_confirmed_rectification_is_no_change() {
        assert!(changes(&json!({"outcome": "rectified", "lane": "legal"}), &json!({"outcome": "ignore"})).is_empty());
    }
}
