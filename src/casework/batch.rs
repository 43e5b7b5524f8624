//! Judging what was seen together: posts find their authors, later looks find earlier ones.

use std::collections::HashMap;

use crate::casework::account::judge_account;
use crate::casework::post::judge_post;
use crate::casework::recheck::recheck;
use crate::casework::world::World;
use crate::model::account::{Account, Post};
use crate::model::case::Judgement;
use crate::model::record::Record;

/// Judges records in their order. A post's author is the account of the record identifier it names,
/// else of that handle on the same platform.
pub fn judge_records(world: &World, records: &[Record]) -> Vec<Judgement> {
    let authors = Authors::of(records);
    let mut by_id: HashMap<String, Judgement> = HashMap::new();
    let mut judgements = Vec::with_capacity(records.len());
    for record in records {
        let judgement = match record {
            Record::Account(account) => judge_look(world, account, &by_id),
            Record::Post(post) => judge_post(world, post, authors.of_post(post)),
        };
        if let Some(id) = &judgement.subject.id {
            by_id.insert(id.clone(), judgement.clone());
        }
        judgements.push(judgement);
    }
    judgements
}

/// A later look at an account that was judged before may find it rectified.
fn judge_look(world: &World, account: &Account, earlier: &HashMap<String, Judgement>) -> Judgement {
    let judgement = judge_account(world, account);
    let before = account.snapshot_of.as_ref().and_then(|id| earlier.get(id));
    before.and_then(|before| recheck(before, &judgement)).unwrap_or(judgement)
}

/// The accounts among records, to whom posts belong.
#[derive(Debug)]
pub struct Authors<'a> {
    by_id: HashMap<&'a str, &'a Account>,
    by_handle: HashMap<(&'a str, &'a str), &'a Account>,
}

impl<'a> Authors<'a> {
    /// The accounts among records.
    pub fn of(records: &'a [Record]) -> Self {
        let accounts = || {
            records.iter().filter_map(|record| match record {
                Record::Account(account) => Some(account),
                Record::Post(_) => None,
            })
        };
        // The first look at an account is the one under which its posts were seen.
        Self {
            by_id: accounts().rev().filter_map(|a| Some((a.id.as_deref()?, a))).collect(),
            by_handle: accounts().rev().map(|a| ((a.platform.as_str(), a.handle.as_str()), a)).collect(),
        }
    }

    /// The author of a post, where the records have it.
    pub fn of_post(&self, post: &Post) -> Option<&'a Account> {
        let named = post.account.as_deref()?;
        self.by_id.get(named).or_else(|| self.by_handle.get(&(post.platform.as_str(), named))).copied()
    }
}
