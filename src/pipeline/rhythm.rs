//! Lists that rarely change are asked less often.

use crate::pace::rhythm::Rhythm;
use crate::pipeline::shell::Shell;
use crate::platform::Extraction;
use crate::store::{StoreError, sha256_hex};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Whether a list should be asked for now. One that was read by other ledgers or another platform file always is.
pub(crate) async fn is_due(shell: &Shell, url: &str, digest: &str) -> Result<bool, StoreError> {
    let longest_ms = shell.config.schedule.quiet_days_max.max(0).saturating_mul(DAY_MS);
    let known = shell.store.rhythm(url).await?;
    Ok(known.is_none_or(|known| known.digest != digest || known.is_due(shell.clock.now(), longest_ms)))
}

/// Notes a look at a list: what it showed, or nothing where the server said "unchanged".
pub(crate) async fn note(shell: &Shell, url: &str, digest: &str, shown: Option<String>) -> Result<(), StoreError> {
    let at = shell.clock.now();
    let rhythm = match (shell.store.rhythm(url).await?, shown) {
        (Some(known), shown) if known.digest == digest => known.looked(shown, at),
        (_, Some(shown)) => Rhythm::first(shown, digest.to_owned(), at),
        (_, None) => return Ok(()),
    };
    shell.store.save_rhythm(url, &rhythm).await
}

/// What a list shows, without what changes by itself: advertisements, counters, times.
pub(crate) fn fingerprint(extraction: &Extraction) -> String {
    let links = extraction.follow.iter().map(|follow| vec![follow.url.as_str()]);
    let posts = extraction.posts.iter().map(|post| vec![post.url.as_str(), &post.title, &post.text]);
    let accounts = extraction.accounts.iter().map(|account| {
        vec![account.handle.as_str(), &account.url, &account.display_name, &account.bio, &account.verification.text]
    });
    let mut shown: Vec<String> = links.chain(posts).chain(accounts).map(|parts| parts.join("\n")).collect();
    shown.sort_unstable();
    sha256_hex(shown.join("\0").as_bytes())
}
