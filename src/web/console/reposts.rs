//! What only repeats the text of a case: the list on its page and for programs, and taking one out into a case of its own.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::casework::keys::account_key;
use crate::detect::leak::masked;
use crate::model::case::Case;
use crate::model::time::Timestamp;
use crate::store::Repost;
use crate::web::console::Console;
use crate::web::console::case::decidable;
use crate::web::console::form::Submitted;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Reposts that are listed; all are counted.
const LISTED_MAX: u32 = 100;

/// The reposts of a case, as its readers see them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reposts {
    /// How many there are.
    pub(super) total: u64,
    /// Those that were found first.
    pub(super) listed: Vec<RepostRow>,
}

/// One of them. Who wrote it need not be the account of the case.
#[derive(Debug, Serialize)]
pub(super) struct RepostRow {
    /// Its key, by which it is taken out.
    pub(super) key: String,
    /// Name of the platform.
    pub(super) platform: String,
    /// The account's name and identifier there; empty where the page names nobody.
    pub(super) account: String,
    /// Address.
    pub(super) url: String,
    /// When it was published, where the page says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<Timestamp>,
    /// First sight.
    pub(super) first_seen: Timestamp,
    /// Last sight.
    pub(super) last_seen: Timestamp,
    /// Whether it is of another account than the case, and can have a case of its own.
    #[serde(skip)]
    pub(super) is_of_another: bool,
}

impl RepostRow {
    /// Whether the address leads to a page; a record may bring any text.
    pub(super) fn is_web(&self) -> bool {
        url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    }
}

/// The reposts of a case that its reader may see.
pub(super) async fn reposts(console: &Console, reader: &Reader, case: &Case) -> Result<Reposts, Refusal> {
    let (found, total) = console.shell.store.reposts_of_case(&case.id, LISTED_MAX).await?;
    Ok(Reposts { total, listed: found.into_iter().map(|one| row(console, reader, case, one)).collect() })
}

fn row(console: &Console, reader: &Reader, case: &Case, one: Repost) -> RepostRow {
    let hidden = |text: &str| masked(&reader.world.watch, text);
    let subject = &one.judgement.subject;
    let name = one.facts.account.map(|account| account.display_name).unwrap_or_default();
    let handle = if subject.handle.is_empty() { String::new() } else { format!("@{}", subject.handle) };
    RepostRow {
        is_of_another: account_key(subject) != account_key(&case.judgement.subject),
        platform: console.shell.platform_name(&subject.platform),
        account: hidden(format!("{name} {handle}").trim()),
        url: hidden(&subject.url),
        published: one.facts.post.and_then(|post| post.published),
        key: one.key,
        first_seen: one.first_seen,
        last_seen: one.last_seen,
    }
}

/// No repost: it gets a case of its own, or joins that of its account.
pub(super) async fn split(
    State(console): State<Arc<Console>>,
    Path((number, key)): Path<(String, String)>,
    Submitted(reader, _): Submitted,
) -> Result<Response, Refusal> {
    let case = decidable(&console, &reader, &number).await?;
    let at = console.shell.clock.now();
    let own = console.shell.store.split_repost(&case, &key, &reader.actor(), at).await?;
    // Whose case it is now may be nothing for the reader, who is perhaps kept away from it.
    let place = match reader.rights.may_with(crate::casework::rights::Right::SeeCases, &own) {
        true => own.number,
        false => case.number,
    };
    Ok(Redirect::to(&format!("/cases/{place}")).into_response())
}
