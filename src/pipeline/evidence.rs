//! Stored pages as people may have them: a confidential expression in a page is for the leak lane alone.

use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::fetch::decode;
use crate::model::case::{Case, Lane};
use crate::pipeline::shell::Shell;
use crate::store::{Evidence, StoreError};

/// A piece of evidence as it was stored.
#[derive(Debug)]
pub struct Stored {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether the case's lane may read them.
    pub is_readable: bool,
    /// A picture that a colleague handed in, which holds no text.
    pub is_screenshot: bool,
}

/// The bytes of a piece of evidence; none where they were sealed for another lane.
///
/// # Errors
/// When the vault cannot give them.
pub async fn bytes_for(
    shell: &Shell,
    world: &World,
    case: &Case,
    evidence: &Evidence,
) -> Result<Option<Stored>, StoreError> {
    // What was sealed for the leak lane is no other lane's, though it be about the same account.
    let object = shell.vault.object(&evidence.sha256).await.ok().flatten();
    if case.judgement.lane != Lane::Leak && object.is_some_and(|object| object.is_sealed) {
        return Ok(None);
    }
    let bytes = shell.vault.get(&evidence.sha256).await?;
    let capture = shell.store.capture(&evidence.capture).await?;
    // What came with a report is no answer of a server; what the report says was judged before its pictures were kept.
    let is_screenshot =
        capture.is_some_and(|capture| capture.status == 0 && capture.content_type.starts_with("image/"));
    let is_readable = is_screenshot || may_read(world, case, &decode(&bytes, "", ""));
    Ok(Some(Stored { bytes, is_readable, is_screenshot }))
}

/// Whether a page may be read in a case's lane: confidential expressions are for the leak lane alone, as they stand, behind
/// escapes, or with markup between.
fn may_read(world: &World, case: &Case, text: &str) -> bool {
    let is_open = |text: &str| masked(&world.watch, text) == text;
    case.judgement.lane == Lane::Leak || (is_open(text) && is_open(&unescaped(text)) && is_open(&without_markup(text)))
}

/// The words of a page as people see them.
pub fn words_of(bytes: &[u8]) -> String {
    let text = decode(bytes, "", "");
    if !text.trim_start().starts_with('<') {
        return text;
    }
    let words = without_markup(&text);
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn without_markup(text: &str) -> String {
    scraper::Html::parse_document(text).root_element().text().collect()
}

/// The text with JSON's `\u` escapes as the characters they stand for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match code {
            Some(character) => {
                plain.push(character);
                plain.push_str(&part[4..]);
            }
            None => plain.push_str(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{unescaped, words_of};

    #[test]
    fn escapes_are_read_and_what_is_none_stays() {
        assert_eq!(unescaped(r#"{"a":"\u661f\u6cb3x"}"#), r#"{"a":"星河x"}"#);
        assert_eq!(unescaped(r"\u12 \uzzzz \ud800"), r"12 zzzz d800");
    }

    #[test]
    fn a_page_is_read_without_its_markup() {
        assert_eq!(words_of("<h1>星河</h1>\n\n <p>客服</p>".as_bytes()), "星河\n客服");
        assert_eq!(words_of(b"{\"a\":1}"), "{\"a\":1}");
    }
}
