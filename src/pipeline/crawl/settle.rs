//! What needs no inspection: the own page of a post that has nothing to say, whatever else the visit shows.

use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::model::account::Post;
use crate::model::capture::{Capture, Verdict};
use crate::model::case::Outcome;
use crate::model::silence::Silences;
use crate::model::source::EntryKind;
use crate::pipeline::filing::{is_private, named_author};
use crate::platform::Extraction;
use crate::store::subject_key;

/// The keys of the posts of a page, and why they are let go, where that is counted.
pub(super) type Silent = (Vec<String>, Silences);

/// The keys of the posts of a page that shows posts under its own address alone, none of which has anything to say; none for any
/// other page. A row of a list leaves parts out, and where a post has another address, rows of lists would not be known as the
/// same. Whether something is known of a post from before is for the store to say: it may have been edited.
pub(super) fn silent_posts(world: &World, capture: &Capture, extraction: &Extraction) -> Option<Silent> {
    let Extraction { verdict, accounts, posts, .. } = extraction;
    let is_own = |post: &Post| post.url == capture.url || post.url == capture.final_url;
    let is_of_posts = capture.entry == EntryKind::Post && *verdict == Verdict::Found && accounts.is_empty();
    if !is_of_posts || posts.is_empty() || !posts.iter().all(is_own) {
        return None;
    }
    let mut silences = Silences::default();
    let keys = posts.iter().map(|post| silent_key(world, post, &mut silences)).collect::<Option<_>>()?;
    Some((keys, silences))
}

/// The key of a post that has nothing to say. Only one that names no account is judged by itself.
fn silent_key(world: &World, post: &Post, silences: &mut Silences) -> Option<String> {
    if post.account.is_some() {
        return None;
    }
    let judgement = judge_post(world, post, named_author(post).as_ref());
    let is_silent = judgement.outcome == Outcome::Ignore && !is_private(&judgement);
    silences.note(&judgement);
    is_silent.then(|| subject_key(&judgement.subject))
}
