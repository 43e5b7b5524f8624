//! Running the judgement again on what is stored, with the ledgers of today. Nothing is fetched; nothing is mailed.

use crate::casework::account::judge_account;
use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::model::case::{Judgement, Outcome};
use crate::model::time::Timestamp;
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, StoredSubject};

/// One stored subject, judged again.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What it comes to now.
    pub now: Judgement,
    /// What it came to before, when it had asked for attention or was kept.
    pub before: Option<String>,
}

impl Replayed {
    /// Whether the judgement would be another one.
    pub fn is_changed(&self) -> bool {
        let word = |outcome: Outcome| serde_json::to_value(outcome).ok().and_then(|v| v.as_str().map(str::to_owned));
        self.before != word(self.now.outcome)
    }
}

/// Judges every subject seen since an instant again. Subjects whose text is not kept or is sealed are passed over;
/// their number is the second value.
pub async fn replay(shell: &Shell, world: &World, since: Timestamp) -> Result<(Vec<Replayed>, usize), StoreError> {
    let stored = shell.store.subjects_seen_since(since).await?;
    let outcomes = shell.store.latest_outcomes().await?;
    let mut replayed = Vec::new();
    let mut passed_over = 0;
    for subject in stored {
        match judge_again(world, &subject) {
            Some(now) => {
                let same = |o: &&serde_json::Value| o["url"] == now.subject.url.as_str();
                let before = outcomes.iter().find(same).and_then(|o| o["outcome"].as_str().map(str::to_owned));
                replayed.push(Replayed { now, before });
            }
            None => passed_over += 1,
        }
    }
    Ok((replayed, passed_over))
}

fn judge_again(world: &World, subject: &StoredSubject) -> Option<Judgement> {
    let facts = subject.facts.as_ref()?;
    match (&facts.post, &facts.account) {
        (Some(post), author) if !post.text.is_empty() => Some(judge_post(world, post, author.as_ref())),
        (None, Some(account)) => Some(judge_account(world, account)),
        _ => None,
    }
}
