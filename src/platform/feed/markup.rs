//! Markup cut into pieces, whether it is well-formed or not. Nothing is refused: what is no markup is text.

/// One piece of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// `<name attributes>`, or `<name attributes/>` when it is empty.
    Open { name: &'t str, attributes: &'t str, is_empty: bool },
    /// `</name>`.
    Close { name: &'t str },
    /// Text with character references.
    Text(&'t str),
    /// Text as it is, from a CDATA section.
    Literal(&'t str),
}

/// The pieces of a text, each with the place where it begins and where it ends.
pub(super) struct Pieces<'t> {
    text: &'t str,
    at: usize,
    has_type: bool,
}

/// Most attributes of one tag; what comes after them is not read.
const ATTRIBUTES_MAX: usize = 50;

impl<'t> Pieces<'t> {
    /// From the beginning of a text.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, has_type: false }
    }

    /// Where the next piece begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What stands before the mark, which is passed over; all that is left when the mark does not come.
    fn up_to(&mut self, from: usize, mark: &str) -> &'t str {
        let rest = &self.text[from..];
        let length = rest.find(mark);
        self.at = length.map_or(self.text.len(), |length| from + length + mark.len());
        &rest[..length.unwrap_or(rest.len())]
    }

    /// A document type may hold declarations in square brackets. There is one, so that no text is searched again and again.
    fn declaration(&mut self, rest: &str) {
        let plain = rest.find('>').map_or(rest.len(), |at| at + 1);
        let open = rest[..plain].find('[').filter(|_| !self.has_type);
        let end = open.and_then(|open| rest[open..].find("]>").map(|end| open + end + 2));
        self.has_type |= open.is_some();
        self.at += end.unwrap_or(plain);
    }

    fn tag(&mut self) -> Option<Piece<'t>> {
        let inside = &self.text[self.at + 1..];
        let (is_end, named) = inside.strip_prefix('/').map_or((false, inside), |named| (true, named));
        if !named.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let name = &named[..named.find(ends_name).unwrap_or(named.len())];
        let after = &named[name.len()..];
        let length = end_of_tag(after);
        let attributes = &after[..length];
        self.at = (self.text.len() - after.len() + length + 1).min(self.text.len());
        if is_end {
            return Some(Piece::Close { name });
        }
        let is_empty = attributes.ends_with('/');
        Some(Piece::Open { name, attributes: attributes.trim_end_matches('/'), is_empty })
    }

    /// Text up to the next bracket; one that opens nothing is text itself.
    fn words(&mut self) -> Piece<'t> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..].find('<').map_or(rest.len(), |length| first + length);
        self.at += length;
        Piece::Text(&rest[..length])
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return None;
            }
            if rest.starts_with("<!--") {
                self.up_to(self.at + 4, "-->");
            } else if rest.starts_with("<![CDATA[") {
                return Some(Piece::Literal(self.up_to(self.at + 9, "]]>")));
            } else if rest.starts_with("<?") {
                self.up_to(self.at + 2, "?>");
            } else if rest.starts_with("<!") {
                self.declaration(rest);
            } else {
                return (rest.starts_with('<')).then(|| self.tag()).flatten().or_else(|| Some(self.words()));
            }
        }
    }
}

fn ends_name(c: char) -> bool {
    c.is_whitespace() || matches!(c, '>' | '/' | '<' | '"' | '\'' | '=')
}

/// Where a tag ends: at `>` outside of quotes, or where another tag begins because this one was never closed.
fn end_of_tag(after: &str) -> usize {
    let mut quote = None;
    let mut last = ' ';
    for (at, c) in after.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && last == '=' => quote = Some(c),
            None if matches!(c, '>' | '<') => return at,
            None => {}
        }
        last = if c.is_whitespace() { last } else { c };
    }
    after.find('>').unwrap_or(after.len())
}

/// The attributes of a tag, names in lower case, values as written.
pub(super) fn attributes(written: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut rest = written;
    while let Some(equals) = rest.find('=').filter(|_| found.len() < ATTRIBUTES_MAX) {
        let name = rest[..equals].split_whitespace().last().unwrap_or_default().to_ascii_lowercase();
        let value = rest[equals + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = if quote.is_some() { &value[1..] } else { value };
        let end = inner.find(|c: char| quote.map_or(c.is_whitespace(), |quote| c == quote)).unwrap_or(inner.len());
        found.push((name, &inner[..end]));
        rest = inner.get(end + quote.map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{Piece, Pieces, attributes};

    #[test]
    fn a_document_is_cut_into_its_pieces() {
        let text = "<?xml?><!DOCTYPE a [<!ENTITY b \"c\">]><a b='>'>x<![CDATA[<y>]]><c/></a>";
        let pieces: Vec<Piece<'_>> = Pieces::new(text).collect();
        let open = |name, attributes, is_empty| Piece::Open { name, attributes, is_empty };
        let expected = [
            open("a", " b='>'", false),
            Piece::Text("x"),
            Piece::Literal("<y>"),
            open("c", "", true),
            Piece::Close { name: "a" },
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn a_bracket_that_opens_nothing_is_text() {
        assert_eq!(Pieces::new("1 < 2").collect::<Vec<_>>(), [Piece::Text("1 "), Piece::Text("< 2")]);
    }

    #[test]
    fn attributes_are_read_in_any_quotes() {
        let read = attributes(" A=\"1\" b = '2' c=3");
        assert_eq!(read, [("a".to_owned(), "1"), ("b".to_owned(), "2"), ("c".to_owned(), "3")]);
    }

    #[test]
    fn what_opens_again_and_again_is_cut_in_little_time() {
        for opening in ["<![", "<![>", "<!--", "<a b='>", "<a b=\"", "</a ", "<?", "<![CDATA["] {
            assert!(Pieces::new(&opening.repeat(200_000)).count() <= 200_000, "{opening}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_cut(text in any::<String>()) {
            prop_assert!(Pieces::new(&text).count() <= text.len());
        }

        #[test]
        fn anything_like_markup_can_be_cut(text in "[<>/!?a\\[\\]\"'= 望-]{0,40}") {
            prop_assert!(Pieces::new(&text).count() <= text.len());
            let _ = attributes(&text);
        }
    }
}
