//! Asking a source what is known: whether it still answers as it did, or its silence means nothing.

use crate::fetch::Request;
use crate::model::source::Source;
use crate::pipeline::scan::hold;
use crate::pipeline::shell::Shell;
use crate::platform::{Canary, Definition, Page, extract};
use crate::store::StoreError;
use crate::workers::HoldError;

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The source answered as known.
    AsKnown,
    /// It answered otherwise, or not at all: how.
    Contradicts(String),
    /// Another worker visits the host now.
    Postponed,
    /// Its platform file gives no canary that can be asked here.
    NoCanary,
}

/// Asks the canary of a source once, at the pace of its host, and notes the answer.
///
/// # Errors
/// When the database fails.
pub async fn ask_canary(shell: &Shell, source: &Source) -> Result<Asked, StoreError> {
    let known = shell.catalog.get(&source.platform).and_then(|definition| Some((definition, definition.canary()?)));
    let Some((definition, canary)) = known else { return Ok(Asked::NoCanary) };
    let Some(Ok(url)) = definition.canary_url(&source.base, &source.values) else { return Ok(Asked::NoCanary) };
    let _hold = match hold(shell, source).await {
        Err(HoldError::Busy) => return Ok(Asked::Postponed),
        Err(HoldError::Store(error)) => return Err(error),
        Ok(hold) => hold,
    };
    let contradiction = answer(shell, source, definition, canary, url.as_str()).await;
    shell.store.save_canary(&source.id, contradiction.as_deref(), shell.clock.now()).await?;
    Ok(contradiction.map_or(Asked::AsKnown, Asked::Contradicts))
}

/// What the answer has otherwise than known.
async fn answer(shell: &Shell, source: &Source, definition: &Definition, canary: &Canary, url: &str) -> Option<String> {
    let token = match shell.config.token_of(source) {
        Ok(token) => token,
        Err(error) => return Some(error.to_string()),
    };
    let request = Request { token, ..Request::of_source(url, source, definition.interval_min_s()) };
    let answer = match shell.fetcher.fetch(&request).await {
        Ok(answer) => answer,
        Err(error) => return Some(error.to_string()),
    };
    let page = Page {
        url: &answer.final_url,
        entry: canary.entry,
        status: answer.status,
        content_type: &answer.content_type,
        text: &answer.text_as(definition.encoding()),
        fetched_at: answer.fetched_at,
        zone: shell.zone(),
        base: &source.base,
    };
    canary.contradiction(&extract(definition, &page))
}
