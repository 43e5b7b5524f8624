//! Asking for one page of a source now, as a visit would, to see what is read of it. Nothing is stored.

use url::Url;

use crate::fetch::Answer;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::ask::{ask, page_of};
use crate::pipeline::scan::hold;
use crate::pipeline::shell::Shell;
use crate::platform::{Definition, Extraction, extract_by_any};
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
    let catalog = shell.catalog();
    let Some(definition) = catalog.get(&source.platform) else {
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
    Ok(match ask(shell, source, definition, url).await? {
        Ok(answer) => read(shell, source, definition, &answer),
        Err(why) => Tried::Refused(why),
    })
}

fn read(shell: &Shell, source: &Source, definition: &Definition, answer: &Answer) -> Tried {
    let text = answer.text_as(definition.encoding());
    let page = page_of(shell, source, EntryKind::Account, answer, &text);
    let (entry, extraction) = extract_by_any(definition, &page);
    Tried::Read { entry, status: answer.status, size: answer.body.len(), extraction: Box::new(extraction) }
}
