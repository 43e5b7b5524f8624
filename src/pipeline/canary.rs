//! Asking a source what is known: whether it still answers as it did, or its silence means nothing.

use crate::fetch::Answer;
use crate::model::source::Source;
use crate::pipeline::ask::{ask, page_of};
use crate::pipeline::scan::hold;
use crate::pipeline::shell::Shell;
use crate::platform::{Canary, Definition, extract};
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
    /// Visits of the source are stopped.
    Paused,
    /// Its platform file gives no canary that can be asked here.
    NoCanary,
}

/// Asks the canary of a source once, at the pace of its host, and notes the answer.
///
/// # Errors
/// When the database fails.
pub async fn ask_canary(shell: &Shell, source: &Source) -> Result<Asked, StoreError> {
    let catalog = shell.catalog();
    let known = catalog.get(&source.platform).and_then(|definition| Some((definition, definition.canary()?)));
    let Some((definition, canary)) = known else { return Ok(Asked::NoCanary) };
    let Some(Ok(url)) = definition.canary_url(&source.base, &source.values) else { return Ok(Asked::NoCanary) };
    let _hold = match hold(shell, source).await {
        Err(HoldError::Busy) => return Ok(Asked::Postponed),
        Err(HoldError::Store(error)) => return Err(error),
        Ok(hold) => hold,
    };
    if shell.store.source_state(&source.id).await?.paused {
        return Ok(Asked::Paused);
    }
    let contradiction = match ask(shell, source, definition, &url).await? {
        Ok(answer) => contradiction(shell, source, definition, canary, &answer),
        Err(why) => Some(why),
    };
    shell.store.save_canary(&source.id, contradiction.as_deref(), shell.clock.now()).await?;
    Ok(contradiction.map_or(Asked::AsKnown, Asked::Contradicts))
}

/// What the answer has otherwise than known.
fn contradiction(
    shell: &Shell,
    source: &Source,
    definition: &Definition,
    canary: &Canary,
    answer: &Answer,
) -> Option<String> {
    let text = answer.text_as(definition.encoding());
    canary.contradiction(&extract(definition, &page_of(shell, source, canary.entry, answer, &text)))
}
