//! Texts with holes: `{base}/search?q={term}`.

use std::fmt;

/// A checked template. `{name}` is filled percent-encoded, `{+name}` as it stands, `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Hole { name: String, raw: bool },
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => out.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Hole { name, raw: true } => write!(out, "{{+{name}}}"),
            Piece::Hole { name, raw: false } => write!(out, "{{{name}}}"),
        })
    }
}

impl Template {
    /// Checks the braces and the names in them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err("has a `}` without `{`; write `}}` for the character".to_owned());
            }
            let (name, after) = rest.split_once('}').ok_or("has a `{` without `}`; write `{{` for the character")?;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(hole(name)?);
            rest = after;
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        pieces.retain(|piece| *piece != Piece::Literal(String::new()));
        Ok(Self { pieces })
    }

    /// Names of the holes, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole { name, .. } => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// Whether a hole of that name exists.
    pub(crate) fn asks_for(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// Fills the holes; `lookup` gives the value and whether it may be percent-encoded. Fails with the name that
    /// has no value.
    pub(crate) fn fill(
        &self,
        lookup: impl Fn(&str) -> Option<String>,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Hole { name, raw } => {
                    let value = lookup(name).ok_or_else(|| name.clone())?;
                    // An address is never encoded as a whole.
                    let as_it_stands = *raw || name == "base";
                    filled.push_str(&if as_it_stands { value } else { encode(&value) });
                }
            }
        }
        Ok(filled)
    }
}

fn hole(name: &str) -> Result<Piece, String> {
    let (raw, name) = name.strip_prefix('+').map_or((false, name), |name| (true, name));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!("has the placeholder `{{{name}}}`, expected letters, digits and `_` such as {{term}}"));
    }
    Ok(Piece::Hole { name: name.to_owned(), raw })
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{Template, percent_encode};

    fn fill(template: &str) -> Result<String, String> {
        let value = |name: &str| (name == "term").then(|| "云 舟".to_owned());
        Template::parse(template)?.fill(value, |text| percent_encode(text.as_bytes()))
    }

    #[test]
    fn a_term_is_percent_encoded() {
        assert_eq!(fill("/s?q={term}").unwrap(), "/s?q=%E4%BA%91%20%E8%88%9F");
    }

    #[test]
    fn a_plus_keeps_the_value_as_it_stands() {
        assert_eq!(fill("{+term}!").unwrap(), "云 舟!");
    }

    #[test]
    fn a_template_is_written_as_it_was_read() {
        for text in ["{base}/s?q={term}&p={+page}", "{{\"k\":{term}}}"] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(fill("{{\"k\":1}}").unwrap(), "{\"k\":1}");
    }

    #[test]
    fn a_missing_value_is_named() {
        assert_eq!(fill("/u/{handle}").unwrap_err(), "handle");
    }

    #[test]
    fn broken_braces_are_refused() {
        assert!(Template::parse("/s?q={term").is_err());
        assert!(Template::parse("/s?q=term}").is_err());
        assert!(Template::parse("/s?q={ }").is_err());
    }
}
