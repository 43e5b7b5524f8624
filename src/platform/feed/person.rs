//! People of a feed, as elements and as RSS writes them in one line.

use std::sync::LazyLock;

use regex::Regex;

/// Who wrote something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Name as written.
    pub name: Option<String>,
    /// Mail address, or other contact.
    pub email: Option<String>,
    /// A page.
    pub uri: Option<String>,
}

impl Person {
    /// Reads `address (name)`, `name <address>`, or one of both alone.
    pub(super) fn in_one_line(written: &str) -> Self {
        static MAIL: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"(?:mailto:)?([\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*)").expect("fixed"));
        let Some(found) = MAIL.captures(written) else { return Self::named(written) };
        let mail = found.get(0).map_or(0..0, |mail| mail.range());
        let rest = format!("{}{}", &written[..mail.start], &written[mail.end..]);
        Self { email: Some(found[1].to_owned()), ..Self::named(&rest) }
    }

    fn named(written: &str) -> Self {
        let around = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"');
        let mut name = written.replace("()", "").replace("<>", "").replace("&lt;&gt;", "");
        name = name.trim_matches(around).to_owned();
        let is_pair = name.starts_with('(') || !name.contains('(');
        let name = if is_pair { name.trim_matches(|c| matches!(c, '(' | ')')) } else { name.as_str() };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { name: Some(name).filter(|name| !name.is_empty()), email: None, uri: None }
    }

    /// Whether nothing is known.
    pub(super) fn is_nobody(&self) -> bool {
        self.name.is_none() && self.email.is_none() && self.uri.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::Person;

    #[test]
    fn mail_and_name_are_told_apart_in_any_order() {
        for written in ["li@a.example (李明)", "李明 <li@a.example>", "李明 (li@a.example)", "mailto:li@a.example 李明"]
        {
            let read = Person::in_one_line(written);
            assert_eq!(
                (read.name.as_deref(), read.email.as_deref()),
                (Some("李明"), Some("li@a.example")),
                "{written}"
            );
        }
    }

    #[test]
    fn one_of_both_is_enough() {
        assert_eq!(Person::in_one_line("li@a.example").name, None);
        assert_eq!(Person::in_one_line("李明 (编辑)").name.as_deref(), Some("李明 (编辑)"));
        assert!(Person::in_one_line(" ").is_nobody());
    }
}
