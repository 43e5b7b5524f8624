//! The expectations of a C++ test: string constants, built up by appending and by loops on their length, and calls that
//! compare a decision.

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

/// One expected decision.
pub(crate) struct Expectation {
    /// Line of the file.
    pub(crate) line: usize,
    /// The decision.
    pub(crate) allowed: bool,
    /// The robots.txt.
    pub(crate) robots: String,
    /// Who asks.
    pub(crate) agent: String,
    /// For what.
    pub(crate) url: String,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: String = self.robots.chars().take(200).collect();
        write!(
            f,
            "line {}: expected {} for {:?} at {:.90?} under {short:?}",
            self.line, self.allowed, self.agent, self.url
        )
    }
}

/// Every expectation of `IsUserAgentAllowed`, and the lines of those that have a form that is not known here.
pub(crate) fn expectations(text: &str) -> (Vec<Expectation>, Vec<usize>) {
    let mut world = World::default();
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for (line, statement) in statements(text) {
        if let Some(call) = statement.find("IsUserAgentAllowed(").filter(|_| statement.contains("EXPECT_")) {
            let allowed = statement.contains("EXPECT_TRUE");
            match world.arguments(&statement[call + "IsUserAgentAllowed(".len()..]).as_deref() {
                Some([robots, agent, url]) => all.push(Expectation {
                    line,
                    allowed,
                    robots: robots.clone(),
                    agent: agent.clone(),
                    url: url.clone(),
                }),
                _ => unread.push(line),
            }
        } else {
            world.run(&statement);
        }
    }
    (all, unread)
}

/// Statements with their lines, comments left out; string constants are kept whole.
fn statements(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut statement, mut in_string, mut line, mut start) = (Vec::new(), String::new(), false, 1, 1);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        line += usize::from(c == '\n');
        match c {
            '\\' if in_string => statement.extend([Some(c), letters.next()].into_iter().flatten()),
            '"' => {
                in_string = !in_string;
                statement.push(c);
            }
            '/' if !in_string && letters.peek() == Some(&'/') => while letters.next_if(|c| *c != '\n').is_some() {},
            ';' | '{' | '}' if !in_string => found.push((start, std::mem::take(&mut statement))),
            _ if statement.is_empty() && c.is_whitespace() => start = line,
            _ => {
                start = if statement.is_empty() { line } else { start };
                statement.push(c);
            }
        }
    }
    found
}

/// The constants and variables that were seen; later ones hide earlier ones of their name.
#[derive(Default)]
struct World {
    strings: BTreeMap<String, String>,
    numbers: BTreeMap<String, i64>,
    /// The string whose length a loop waits for, and that length.
    waits: Option<(String, i64)>,
    /// How often the loop goes round.
    rounds: usize,
}

impl World {
    fn run(&mut self, statement: &str) {
        let form = |pattern: &str| Regex::new(pattern).expect("fixed");
        let string = form(r"(?s)^(?:const )?(?:absl::string_view|std::string) (\w+) ?= ?(.*)$");
        let append = form(r"(?s)^absl::StrAppend\(&(\w+), ?(.*)\)$");
        let number = form(r"(?s)^(?:const )?(?:size_t|int) (\w+) ?=(.*)$");
        let until = form(r"(?s)^while \((\w+)\.size\(\) < (\w+)\)");
        if let Some(found) = string.captures(statement) {
            if let Some(value) = self.value(&found[2]) {
                self.strings.insert(found[1].to_owned(), value);
            } else {
                self.strings.remove(&found[1]);
            }
        } else if let Some(found) = number.captures(statement) {
            self.numbers.insert(found[1].to_owned(), self.sum(&found[2]));
        } else if let Some(found) = until.captures(statement) {
            self.waits = Some((found[1].to_owned(), self.numbers.get(&found[2]).copied().unwrap_or(0)));
        } else if let Some(found) = append.captures(statement) {
            self.append(&found[1], &found[2]);
        } else {
            self.waits = None;
        }
    }

    /// Appends, again and again inside of a loop on the length of the first string that it appends to.
    fn append(&mut self, name: &str, parts: &str) {
        let Some(more) = self.arguments(parts).map(|parts| parts.concat()) else { return };
        let length = self.strings.get(name).map_or(0, String::len);
        let rounds = match &self.waits {
            Some((first, wanted)) if first == name => {
                self.rounds = usize::try_from(*wanted).unwrap_or(0).saturating_sub(length);
                self.rounds
            }
            Some(_) => self.rounds,
            None => 1,
        };
        if let Some(value) = self.strings.get_mut(name) {
            value.push_str(&more.repeat(rounds));
        }
    }

    /// A sum of numbers, products of two, names and lengths of strings.
    fn sum(&self, written: &str) -> i64 {
        let spaced = written.replace('-', "+ -");
        spaced.split('+').map(|term| self.term(term.trim())).sum()
    }

    fn term(&self, written: &str) -> i64 {
        if let Some(negative) = written.strip_prefix('-') {
            return -self.term(negative.trim());
        }
        if let Some((left, right)) = written.split_once('*') {
            return self.term(left.trim()) * self.term(right.trim());
        }
        if let Some(string) = written.strip_suffix(".length()") {
            return self.value(string).map_or(0, |value| i64::try_from(value.len()).unwrap_or(0));
        }
        written.parse().ok().or_else(|| self.numbers.get(written).copied()).unwrap_or(0)
    }

    fn value(&self, written: &str) -> Option<String> {
        let (value, _) = self.leading_value(written.trim_start())?;
        Some(value)
    }

    /// The values up to the bracket that closes them.
    fn arguments(&self, written: &str) -> Option<Vec<String>> {
        self.leading_arguments(written).map(|(values, _)| values)
    }

    fn leading_arguments<'t>(&self, written: &'t str) -> Option<(Vec<String>, &'t str)> {
        let mut values = Vec::new();
        let mut rest = written.trim_start();
        loop {
            let (value, after) = self.leading_value(rest)?;
            values.push(value);
            let after = after.trim_start();
            match after.strip_prefix(',') {
                Some(next) => rest = next.trim_start(),
                None => return Some((values, after.strip_prefix(')').unwrap_or(after))),
            }
        }
    }

    /// String constants one after the other, a name, or a call that joins.
    fn leading_value<'t>(&self, written: &'t str) -> Option<(String, &'t str)> {
        for call in ["absl::StrCat(", "std::string(", "absl::string_view("] {
            if let Some(inside) = written.strip_prefix(call) {
                return self.leading_arguments(inside).map(|(values, rest)| (values.concat(), rest));
            }
        }
        if written.starts_with('"') {
            return constants(written);
        }
        let end = written.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(written.len());
        Some((self.strings.get(&written[..end])?.clone(), &written[end..]))
    }
}

fn constants(written: &str) -> Option<(String, &str)> {
    let mut text = Vec::new();
    let mut rest = written;
    while let Some(inside) = rest.trim_start().strip_prefix('"') {
        rest = constant(inside, &mut text)?;
    }
    Some((String::from_utf8_lossy(&text).into_owned(), rest))
}

fn constant<'t>(inside: &'t str, text: &mut Vec<u8>) -> Option<&'t str> {
    let mut rest = inside;
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => return Some(rest),
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = &rest[escaped.len_utf8()..];
                match escaped {
                    'n' => text.push(b'\n'),
                    'r' => text.push(b'\r'),
                    't' => text.push(b'\t'),
                    'x' => {
                        text.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
                        rest = rest.get(2..)?;
                    }
                    other => text.extend(other.to_string().as_bytes()),
                }
            }
            other => text.extend(other.to_string().as_bytes()),
        }
    }
}
