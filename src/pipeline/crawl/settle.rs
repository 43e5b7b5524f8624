//! What needs no inspection: the own page of a post that has nothing to say, whatever else the visit shows.

use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::model::account::Post;
use crate::model::capture::{Capture, Verdict};
use crate::model::case::Outcome;
use crate::model::source::EntryKind;
use crate::pipeline::filing::{is_private, named_author};
use crate::pipeline::shell::Shell;
use crate::platform::Extraction;
use crate::store::{StoreError, subject_key};

/// Whether a page shows posts under its own address alone, and none of them has anything to say. A row of a list leaves parts
/// out, and where a post has another address, rows of lists would not be known as the same.
pub(super) async fn says_nothing(
    shell: &Shell,
    world: &World,
    capture: &Capture,
    extraction: &Extraction,
) -> Result<bool, StoreError> {
    let Extraction { verdict, accounts, posts, .. } = extraction;
    let is_own = |post: &Post| post.url == capture.url || post.url == capture.final_url;
    let is_of_posts = capture.entry == EntryKind::Post && *verdict == Verdict::Found && accounts.is_empty();
    if !is_of_posts || posts.is_empty() || !posts.iter().all(is_own) {
        return Ok(false);
    }
    for post in posts {
        if !is_silent(shell, world, post).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A post that names no account is judged by itself. One that is known already may have been edited, and is left to the inspection.
async fn is_silent(shell: &Shell, world: &World, post: &Post) -> Result<bool, StoreError> {
    if post.account.is_some() {
        return Ok(false);
    }
    let judgement = judge_post(world, post, named_author(post).as_ref());
    let is_silent = judgement.outcome == Outcome::Ignore && !is_private(&judgement);
    Ok(is_silent && shell.store.subject(&subject_key(&judgement.subject)).await?.is_none())
}
