//! Asking a source for one page outside of a visit, and answers as pages that a platform file reads.

use url::Url;

use crate::fetch::{Answer, Request};
use crate::model::source::{EntryKind, Source};
use crate::pipeline::scan::pages_today;
use crate::pipeline::shell::Shell;
use crate::platform::{Definition, Page};
use crate::store::StoreError;

/// Asks for one page as a visit would, within the cap of the day; why not, where no answer comes.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ask(
    shell: &Shell,
    source: &Source,
    definition: &Definition,
    url: &Url,
) -> Result<Result<Answer, String>, StoreError> {
    let token = match shell.config.token_of(source) {
        Ok(token) => token,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let request = Request { token, ..Request::of_source(url.as_str(), source, definition.interval_min_s()) };
    let state = shell.store.source_state(&source.id).await?;
    shell.fetcher.resume_pages_today(&source.id, pages_today(&state, shell));
    let answer = match shell.fetcher.fetch(&request).await {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let day = answer.fetched_at.date(shell.zone()).to_string();
    shell.store.count_page(&source.id, &day).await?;
    Ok(Ok(answer))
}

/// An answer as a page of a source, with its text in the platform's encoding.
pub(crate) fn page_of<'a>(
    shell: &Shell,
    source: &'a Source,
    entry: EntryKind,
    answer: &'a Answer,
    text: &'a str,
) -> Page<'a> {
    Page {
        url: &answer.final_url,
        entry,
        status: answer.status,
        content_type: &answer.content_type,
        text,
        fetched_at: answer.fetched_at,
        zone: shell.zone(),
        base: &source.base,
    }
}
