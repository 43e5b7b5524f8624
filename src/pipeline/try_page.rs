//! Asking for one page of a source now, as a visit would, to see what is read of it. Nothing is stored.

use url::Url;

use crate::fetch::{Answer, Request};
use crate::model::source::{EntryKind, Source};
use crate::pipeline::scan::{hold, pages_today};
use crate::pipeline::shell::Shell;
use crate::platform::{Definition, Extraction, Page, extract_by_any};
use crate::store::StoreError;
use crate::workers::HoldError;

/// What came of asking.
#[derive(Debug, Clone)]
pub enum Tried {
    /// Another worker visits the host now.
    Postponed,
    /// The address is not at the site of the source.
    Elsewhere,
    /// Nothing was asked, or no answer came: why.
    Refused(String),
    /// What was read, by the entry of the platform file that finds most.
    Read {
        /// That entry.
        entry: EntryKind,
        /// HTTP status.
        status: u16,
        /// Size of the body after content decoding, bytes.
        size: usize,
        /// What stands on the page.
        extraction: Box<Extraction>,
    },
}

/// Asks for a page at the site of a source once, by guard, robots.txt and the pace of its host.
///
/// # Errors
/// When the database fails.
pub async fn try_page(shell: &Shell, source: &Source, url: &Url) -> Result<Tried, StoreError> {
    let Some(definition) = shell.catalog.get(&source.platform) else {
        return Ok(Tried::Refused("the platform is no longer known".to_owned()));
    };
    if !Url::parse(&source.base).is_ok_and(|base| base.origin() == url.origin()) {
        return Ok(Tried::Elsewhere);
    }
    let _hold = match hold(shell, source).await {
        Err(HoldError::Busy) => return Ok(Tried::Postponed),
        Err(HoldError::Store(error)) => return Err(error),
        Ok(hold) => hold,
    };
    Ok(match ask(shell, source, definition, url).await {
        Ok(answer) => read(shell, source, definition, &answer),
        Err(why) => Tried::Refused(why),
    })
}

/// Asks for one page as a visit would, within the cap of the day; why not, where no answer comes.
pub(crate) async fn ask(shell: &Shell, source: &Source, definition: &Definition, url: &Url) -> Result<Answer, String> {
    let token = shell.config.token_of(source).map_err(|error| error.to_string())?;
    let request = Request { token, ..Request::of_source(url.as_str(), source, definition.interval_min_s()) };
    let state = shell.store.source_state(&source.id).await.map_err(|error| error.to_string())?;
    shell.fetcher.resume_pages_today(&source.id, pages_today(&state, shell));
    let answer = shell.fetcher.fetch(&request).await.map_err(|error| error.to_string())?;
    let day = answer.fetched_at.date(shell.zone()).to_string();
    shell.store.count_page(&source.id, &day).await.map_err(|error| error.to_string())?;
    Ok(answer)
}

fn read(shell: &Shell, source: &Source, definition: &Definition, answer: &Answer) -> Tried {
    let page = Page {
        url: &answer.final_url,
        entry: EntryKind::Account,
        status: answer.status,
        content_type: &answer.content_type,
        text: &answer.text_as(definition.encoding()),
        fetched_at: answer.fetched_at,
        zone: shell.zone(),
        base: &source.base,
    };
    let (entry, extraction) = extract_by_any(definition, &page);
    Tried::Read { entry, status: answer.status, size: answer.body.len(), extraction: Box::new(extraction) }
}
