//! The simple expressions of Python in which expectations are written: comparisons of a place with a text or a date,
//! joined by `and`.

use wanglou::model::time::Timestamp;

const QUOTES: [&str; 4] = ["\u{27}\u{27}\u{27}", "\u{22}\u{22}\u{22}", "\u{27}", "\u{22}"];

/// What an expectation says of one place.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Names and numbers that lead to the place.
    pub(crate) path: Vec<String>,
    /// What stands there.
    pub(crate) value: Value,
}

/// A value of Python.
#[derive(Debug)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A tuple of at least six numbers, or `None`.
    Instant(Option<Timestamp>),
}

/// The claims of an expression, without those on well-formedness; none when it has any other form.
pub(crate) fn claims(expression: &str) -> Option<Vec<Claim>> {
    let mut reader = Reader { rest: expression };
    let mut claims = Vec::new();
    loop {
        if !(reader.take("not bozo") || reader.take("bozo")) {
            claims.push(reader.claim()?);
        }
        reader.skip();
        if reader.rest.is_empty() {
            return Some(claims);
        }
        reader.take("and").then_some(())?;
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, word: &str) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(word);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn claim(&mut self) -> Option<Claim> {
        let in_brackets = self.take("(");
        let path = self.path()?;
        self.take("==").then_some(())?;
        let value = self.value()?;
        (!in_brackets || self.take(")")).then_some(Claim { path, value })
    }

    fn path(&mut self) -> Option<Vec<String>> {
        let mut path = vec![self.word()?];
        loop {
            if self.take(".") {
                path.push(self.word()?);
            } else if self.take("[") {
                self.skip();
                path.push(if self.rest.starts_with(['\'', '"']) { self.string()? } else { self.word()? });
                self.take("]").then_some(())?;
            } else {
                return Some(path);
            }
        }
    }

    fn word(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let word = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        (!word.is_empty()).then_some(word)
    }

    fn value(&mut self) -> Option<Value> {
        if self.take("None") {
            return Some(Value::Instant(None));
        }
        if self.rest.starts_with('(') && self.rest[1..].trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return self.tuple();
        }
        let in_brackets = self.take("(");
        let mut text = self.string()?;
        while let Some(more) = self.string() {
            text.push_str(&more);
        }
        (!in_brackets || self.take(")")).then_some(Value::Text(text))
    }

    fn tuple(&mut self) -> Option<Value> {
        let end = self.rest.find(')')?;
        let numbers: Vec<u32> = self.rest[1..end].split(',').filter_map(|number| number.trim().parse().ok()).collect();
        self.rest = &self.rest[end + 1..];
        let [year, month, day, hour, minute, second, ..] = numbers.as_slice() else { return None };
        let written = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        Some(Value::Instant(Some(Timestamp::parse(&written).ok()?)))
    }

    fn string(&mut self) -> Option<String> {
        self.skip();
        let start = self.rest.strip_prefix('u').unwrap_or(self.rest);
        let quote = QUOTES.into_iter().find(|quote| start.starts_with(quote))?;
        let mut text = String::new();
        let mut rest = &start[quote.len()..];
        loop {
            if let Some(after) = rest.strip_prefix(quote) {
                self.rest = after;
                return Some(text);
            }
            let c = rest.chars().next()?;
            rest = &rest[c.len_utf8()..];
            if c == '\\' { rest = escape(rest, &mut text)? } else { text.push(c) }
        }
    }
}

/// What follows a backslash; gives what is left.
fn escape<'t>(rest: &'t str, text: &mut String) -> Option<&'t str> {
    let c = rest.chars().next()?;
    let after = &rest[c.len_utf8()..];
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        text.push(char::from_u32(u32::from_str_radix(after.get(..digits)?, 16).ok()?)?);
        return after.get(digits..);
    }
    match c {
        'n' => text.push('\n'),
        't' => text.push('\t'),
        'r' => text.push('\r'),
        '\n' => {}
        other => text.push(other),
    }
    Some(after)
}
