//! Whether a post that asks for a case repeats the text of one that there is.

use crate::casework::repost::{Earlier, Sighting, repeats, says_nothing_more, stays};
use crate::casework::world::World;
use crate::model::case::{Judgement, SubjectKind};
use crate::model::ids::CaseId;
use crate::pipeline::filing::Judged;
use crate::pipeline::shell::Shell;
use crate::store::{LikeText, Place, StoreError, subject_key};

/// The case whose text a post repeats. What has a case of its own, or stands in one as a repost, stays where it is for as long as
/// it says the same, and its author turns out to be no colleague.
pub(super) async fn case_repeated(shell: &Shell, world: &World, one: &Judged) -> Result<Option<CaseId>, StoreError> {
    let Some(post) = sighting(one) else { return Ok(None) };
    let places = shell.store.places_of(&subject_key(&post.judgement.subject)).await?;
    if places.iter().any(|place| !place.is_repost) {
        return Ok(None);
    }
    for place in places.into_iter().filter(|place| !one.is_edited && says_the_same(place, post.judgement)) {
        if may_stay(shell, world, &post, &place).await? {
            return Ok(Some(place.case));
        }
    }
    let alike = shell.store.texts_like(post.judgement, post.text).await?;
    Ok(alike.iter().find(|known| repeats(world, &post, &earlier(known))).map(|known| known.case.id.clone()))
}

async fn may_stay(shell: &Shell, world: &World, post: &Sighting<'_>, place: &Place) -> Result<bool, StoreError> {
    let Some(case) = shell.store.case(&place.case).await? else { return Ok(false) };
    let first = shell.store.subject(&subject_key(&case.judgement.subject)).await?;
    let author = first.and_then(|first| first.facts?.account);
    Ok(stays(world, post, &case, author.as_ref()))
}

/// A post of which the whole text may be kept.
fn sighting(one: &Judged) -> Option<Sighting<'_>> {
    let judgement = &one.judgement;
    let is_asked_about = judgement.outcome.opens_case() && judgement.subject.kind == SubjectKind::Post;
    let post = one.facts.post.as_ref().filter(|_| is_asked_about && judgement.excerpt.is_none())?;
    Some(Sighting { judgement, author: one.facts.account.as_ref(), text: &post.text, published: post.published })
}

fn says_the_same(place: &Place, now: &Judgement) -> bool {
    place.judgement.as_ref().is_some_and(|before| before.lane == now.lane && says_nothing_more(before, now))
}

fn earlier(known: &LikeText) -> Earlier<'_> {
    Earlier {
        case: &known.case,
        judgement: &known.judgement,
        author: known.facts.account.as_ref(),
        published: known.facts.post.as_ref().and_then(|post| post.published),
        resemblance: known.resemblance,
        stretches: known.stretches,
    }
}
