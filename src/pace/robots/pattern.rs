//! The paths of robots.txt rules: one writing for equal ones, stars and the anchor (RFC 9309 §2.2.2, §2.2.3).

/// The path of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    plain: Vec<u8>,
    // The second writing of RFC 9309 §2.2.2, in which reserved characters of the query are percent-encoded too.
    encoded: Vec<u8>,
    anchored: bool,
}

impl Pattern {
    /// Reads the value of an Allow or Disallow line.
    pub(super) fn new(value: &[u8]) -> Self {
        let (value, anchored) = match value.strip_suffix(b"$") {
            Some(before) => (before, true),
            None => (value, false),
        };
        let rooted = matches!(value.first(), Some(b'/' | b'*'));
        // `Disallow: private` is not valid, yet its author means /private.
        let value = if rooted { value.to_vec() } else { [b"/", value].concat() };
        let plain = normalised(&value, Stars::Wild);
        Self { encoded: with_query_encoded(&plain), plain, anchored }
    }

    /// How much the rule says: of several that match, the largest counts.
    pub(super) fn octets(&self) -> usize {
        self.plain.len() + usize::from(self.anchored)
    }

    /// Whether the pattern stands at the beginning of a path.
    pub(super) fn matches(&self, path: &Path) -> bool {
        wild_match(&self.plain, &path.plain, self.anchored)
            || path.encoded.as_ref().is_some_and(|encoded| wild_match(&self.encoded, encoded, self.anchored))
    }
}

/// A path with its query, ready to be compared.
pub(super) struct Path {
    plain: Vec<u8>,
    encoded: Option<Vec<u8>>,
}

impl Path {
    /// Brings a path into the writing of patterns.
    pub(super) fn new(path_and_query: &str) -> Self {
        let written =
            if path_and_query.starts_with('/') { path_and_query.to_owned() } else { format!("/{path_and_query}") };
        let plain = normalised(written.as_bytes(), Stars::Literal);
        let encoded = plain.contains(&b'?').then(|| with_query_encoded(&plain));
        Self { plain, encoded }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stars {
    Wild,
    Literal,
}

/// One writing for equal paths (RFC 9309 §2.2.2): unreserved characters plain, everything beyond ASCII
/// percent-encoded, hexadecimal digits in upper case.
fn normalised(written: &[u8], stars: Stars) -> Vec<u8> {
    let mut out = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => match escaped(after) {
                Some(octet) => {
                    rest = &after[2..];
                    if is_unreserved(octet) { out.push(octet) } else { push_escape(&mut out, octet) }
                }
                None => out.push(byte),
            },
            b'*' if stars == Stars::Wild => out.push(byte),
            b'*' | b'$' => push_escape(&mut out, byte),
            0x21..=0x7E => out.push(byte),
            _ => push_escape(&mut out, byte),
        }
    }
    out
}

fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

fn push_escape(out: &mut Vec<u8>, octet: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]);
}

fn with_query_encoded(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len());
    let mut in_query = false;
    for &byte in plain {
        match byte {
            b':' | b'/' | b'?' | b'@' | b'[' | b']' | b'!' | b'\'' | b'(' | b')' | b',' | b';' if in_query => {
                push_escape(&mut out, byte);
            }
            _ => out.push(byte),
        }
        in_query |= byte == b'?';
    }
    out
}

/// Whether `pattern`, in which `*` stands for anything, matches the beginning of `path` (all of it if `anchored`).
/// Time is at most the product of both lengths: only the latest star is ever reconsidered.
fn wild_match(pattern: &[u8], path: &[u8], anchored: bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() && (!anchored || seen == path.len()) {
            return true;
        }
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, seen));
            at += 1;
        } else if at < pattern.len() && seen < path.len() && pattern[at] == path[seen] {
            at += 1;
            seen += 1;
        } else if let Some((after_star, taken)) = star.filter(|(_, taken)| *taken < path.len()) {
            star = Some((after_star, taken + 1));
            at = after_star;
            seen = taken + 1;
        } else {
            return false;
        }
    }
}
