//! The text of an element: plain, HTML in disguise, XHTML, or base64.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use scraper::Html;

use crate::platform::feed::markup::{Piece, Pieces};
use crate::platform::feed::tree::Tree;
use crate::platform::plain;

/// How the text of an element is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// As it stands.
    Plain,
    /// HTML.
    Html,
    /// HTML if it looks like it; RSS does not say.
    Unsaid,
}

/// The plain text of an element, with its line breaks.
pub(super) fn of_node(tree: &Tree<'_>, at: usize, is_atom: bool) -> String {
    let node = tree.node(at);
    if !node.children.is_empty() {
        return plain::from_html(&as_html(tree.inner(at)));
    }
    let kind = node.attribute("type").trim().to_ascii_lowercase();
    if is_base64(&kind, node.attribute("mode"), is_atom) {
        let read = base64(&node.text);
        return meant(read.as_deref().unwrap_or(&node.text), meaning(&kind, is_atom));
    }
    meant(&node.text, meaning(&kind, is_atom))
}

/// A text of which nobody says what it is.
pub(super) fn unsaid(text: &str) -> String {
    meant(text, Meaning::Unsaid)
}

fn meant(text: &str, meaning: Meaning) -> String {
    let is_html = match meaning {
        Meaning::Plain => false,
        Meaning::Html => true,
        Meaning::Unsaid => plain::looks_like_html(text),
    };
    if is_html { plain::from_html(text) } else { plain::lines(text) }
}

fn meaning(kind: &str, is_atom: bool) -> Meaning {
    match kind {
        "html" | "xhtml" | "text/html" | "application/xhtml+xml" => Meaning::Html,
        "" | "text" | "text/plain" if is_atom => Meaning::Plain,
        _ => Meaning::Unsaid,
    }
}

fn is_base64(kind: &str, mode: &str, is_atom: bool) -> bool {
    let is_text = kind.is_empty() || !kind.contains('/') || kind.starts_with("text/") || kind.ends_with("xml");
    mode.trim() == "base64" || (is_atom && mode.is_empty() && !is_text)
}

/// XHTML as HTML: names without prefix, empty elements closed, CDATA as text. Attributes hold no text and are left out.
fn as_html(inner: &str) -> String {
    let mut html = String::with_capacity(inner.len());
    for piece in Pieces::new(inner) {
        match piece {
            Piece::Open { name, is_empty, .. } => open(&mut html, local(name), is_empty),
            Piece::Close { name } => html.extend(["</", local(name), ">"]),
            Piece::Text(text) => html.push_str(&text.replace('<', "&lt;")),
            Piece::Literal(text) => html.push_str(text),
        }
    }
    html
}

fn open(html: &mut String, name: &str, is_empty: bool) {
    html.extend(["<", name, ">"]);
    if is_empty && !matches!(name, "br" | "hr" | "img" | "input" | "wbr") {
        html.extend(["</", name, ">"]);
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});").expect("fixed"));

/// Resolves character references, those of HTML too. An ampersand that begins none stays.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    if REFERENCE.captures_iter(text).any(|found| basic(&found[1]).is_none()) {
        return Cow::Owned(by_html(text));
    }
    REFERENCE.replace_all(text, |found: &Captures<'_>| basic(&found[1]).unwrap_or_default())
}

fn basic(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

/// A parser of HTML knows every name. It is asked once for a whole text, so that no text makes it work for long.
fn by_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for found in REFERENCE.find_iter(text) {
        html.push_str(&escaped(&text[done..found.start()]));
        html.push_str(found.as_str());
        done = found.end();
    }
    html.push_str(&escaped(&text[done..]));
    Html::parse_fragment(&html).root_element().text().collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Standard base64; none when it is not.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        bits = (bits << 6) | sextet(byte)?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.extend(u8::try_from((bits >> held) & 0xFF));
        }
        bits &= (1 << held) - 1;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{base64, decoded, escaped};

    #[test]
    fn references_of_xml_and_html_are_resolved_once() {
        assert_eq!(decoded("a &amp;amp; b"), "a &amp; b");
        assert_eq!(decoded("&eacute;&#26395;&#x697C;&lt;b>"), "é望楼<b>");
    }

    #[test]
    fn an_ampersand_of_an_address_stays() {
        assert_eq!(decoded("/?a=1&copy=2&b;&eacute;"), "/?a=1&copy=2&b;é");
    }

    #[test]
    fn base64_is_read_with_line_breaks() {
        assert_eq!(base64("5pyb\n5qW8").as_deref(), Some("望楼"));
        assert_eq!(base64("望"), None);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(text in any::<String>()) {
            let escaped = escaped(&text);
            prop_assert_eq!(decoded(&escaped), text);
        }
    }
}
