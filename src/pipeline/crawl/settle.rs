//! What of a page needs no inspection: posts that have nothing to say, whatever else the visit shows.

use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::model::account::Post;
use crate::model::case::Outcome;
use crate::model::source::EntryKind;
use crate::pipeline::filing::{is_private, named_author};
use crate::pipeline::readings::Reading;
use crate::pipeline::shell::Shell;
use crate::platform::Extraction;
use crate::store::{StoreError, subject_key};

/// What a page gave, without the posts that are settled. Those on their own page alone: a row of a list leaves parts out.
pub(super) async fn settled(
    shell: &Shell,
    world: &World,
    entry: EntryKind,
    mut extraction: Extraction,
) -> Result<Reading, StoreError> {
    let mut reading = Reading::default();
    for post in std::mem::take(&mut extraction.posts) {
        if entry == EntryKind::Post && says_nothing(shell, world, &post).await? {
            reading.settled.push(post.url);
        } else {
            reading.posts.push(post);
        }
    }
    Ok(Reading { verdict: extraction.verdict, accounts: extraction.accounts, ..reading })
}

/// A post that names no account is judged by itself. One that is known already may have been edited, and is left to the inspection.
async fn says_nothing(shell: &Shell, world: &World, post: &Post) -> Result<bool, StoreError> {
    if post.account.is_some() {
        return Ok(false);
    }
    let judgement = judge_post(world, post, named_author(post).as_ref());
    let is_silent = judgement.outcome == Outcome::Ignore && !is_private(&judgement);
    Ok(is_silent && shell.store.subject(&subject_key(&judgement.subject)).await?.is_none())
}
