//! A query whose answer is known: by it a site is told that has changed, or that answers nobody any more, from one that
//! has nothing to say. What is asked stands in the platform file; the asking is done elsewhere.

use std::collections::BTreeMap;

use url::Url;

use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::platform::sample::all_texts;
use crate::platform::{Definition, Extraction, UrlError, Values};

/// A query with a known answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Entry that is asked.
    pub entry: EntryKind,
    /// `{term}` of a search. A harmless word, never a watched one.
    pub term: Option<String>,
    /// `{handle}` of an account, one of the site's own.
    pub handle: Option<String>,
    /// `{id}` of a post.
    pub id: Option<String>,
    /// The address itself, for an entry that is only reached by links.
    pub url: Option<Url>,
    /// Values of further placeholders; those of the source stand for the rest.
    pub further: BTreeMap<String, String>,
    /// Whether there is something (`found`), or the site must say that there is nothing (`empty`).
    pub found: bool,
    /// Texts of which each must be in some value.
    pub contains: Vec<String>,
}

impl Canary {
    /// What stands in the holes of the entry's address, for a source with that base and those values.
    pub fn values(&self, base: &str, of_source: &BTreeMap<String, String>) -> Values {
        let mut further = of_source.clone();
        further.extend(self.further.clone());
        let (term, handle, id) = (self.term.clone(), self.handle.clone(), self.id.clone());
        Values { base: base.to_owned(), term, handle, id, page: 0, further }
    }

    /// What an answer has otherwise than it is known; none when it is as known.
    pub fn contradiction(&self, answer: &Extraction) -> Option<String> {
        let expected = if self.found { "found" } else { "empty" };
        let missing = || {
            let texts = all_texts(answer);
            let is_missing = |text: &&String| !texts.iter().any(|value| value.contains(text.as_str()));
            self.contains.iter().find(is_missing).map(|text| format!("expected a value with 「{text}」, there is none"))
        };
        match (&answer.verdict, self.found) {
            (Verdict::Found, true) => missing(),
            (Verdict::Empty, false) => None,
            (Verdict::Found, false) => Some(format!("expected {expected}, is found")),
            (Verdict::Empty, true) => Some(format!("expected {expected}, is empty")),
            (Verdict::Blocked { reason }, _) => Some(format!("expected {expected}, is blocked ({reason})")),
        }
    }
}

impl Definition {
    /// The query with a known answer; none when the file gives none.
    pub fn canary(&self) -> Option<&Canary> {
        self.canary.as_ref()
    }

    /// The address that the canary of a source asks for; none when the file has no canary.
    pub fn canary_url(&self, base: &str, of_source: &BTreeMap<String, String>) -> Option<Result<Url, UrlError>> {
        let canary = self.canary()?;
        Some(match &canary.url {
            Some(url) => Ok(url.clone()),
            None => self.url(canary.entry, &canary.values(base, of_source)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Canary;
    use crate::model::account::Post;
    use crate::model::capture::Verdict;
    use crate::platform::{Definition, Extraction};

    const FORUM: &str = r#"
id = "forum"
name = "示例论坛"
[entry.listing]
url = "{base}/list/{board}?page={page}"
each = "article"
[entry.listing.post]
url = "a@href"
text = "p"
[entry.post.post]
text = "p"
[canary]
entry = "listing"
"#;

    fn canary(rest: &str) -> Canary {
        Definition::parse("forum.toml", &format!("{FORUM}{rest}")).unwrap().canary().unwrap().clone()
    }

    fn answer(verdict: Verdict, text: &str) -> Extraction {
        let post = Post { text: text.to_owned(), ..Post::default() };
        let (accounts, follow, problems) = Default::default();
        Extraction { verdict, accounts, posts: vec![post], follow, next: None, problems }
    }

    #[test]
    fn its_address_takes_the_base_and_the_values_of_the_source() {
        let forum = Definition::parse("forum.toml", FORUM).unwrap();
        let values = BTreeMap::from([("board".to_owned(), "7".to_owned())]);
        let url = forum.canary_url("https://forum.example", &values).unwrap().unwrap();
        assert_eq!(url.as_str(), "https://forum.example/list/7?page=1");
    }

    #[test]
    fn its_own_values_stand_before_those_of_the_source() {
        let toml = format!("{FORUM}values = {{ board = \"news\" }}\n");
        let forum = Definition::parse("forum.toml", &toml).unwrap();
        let values = BTreeMap::from([("board".to_owned(), "7".to_owned())]);
        let url = forum.canary_url("https://forum.example", &values).unwrap().unwrap();
        assert_eq!(url.as_str(), "https://forum.example/list/news?page=1");
    }

    #[test]
    fn an_entry_reached_by_links_is_asked_at_the_address_given() {
        let toml = FORUM.replace("\"listing\"\n", "\"post\"\nurl = \"https://forum.example/t/1\"\n");
        let forum = Definition::parse("forum.toml", &toml).unwrap();
        let url = forum.canary_url("https://other.example", &BTreeMap::new()).unwrap().unwrap();
        assert_eq!(url.as_str(), "https://forum.example/t/1");
    }

    #[test]
    fn an_answer_as_known_contradicts_nothing() {
        let canary = canary("contains = [\"公告\"]\n");
        assert_eq!(canary.contradiction(&answer(Verdict::Found, "版务公告")), None);
    }

    #[test]
    fn a_missing_text_is_named() {
        let contradiction = canary("contains = [\"公告\"]\n").contradiction(&answer(Verdict::Found, "闲聊")).unwrap();
        assert!(contradiction.contains("「公告」"), "{contradiction}");
    }

    #[test]
    fn nothing_where_something_is_known_to_be_is_a_contradiction() {
        let contradiction = canary("").contradiction(&answer(Verdict::Empty, "")).unwrap();
        assert_eq!(contradiction, "expected found, is empty");
    }

    #[test]
    fn blocked_contradicts_whatever_was_known() {
        let blocked = || answer(Verdict::Blocked { reason: "layout".to_owned() }, "");
        assert_eq!(canary("").contradiction(&blocked()).unwrap(), "expected found, is blocked (layout)");
        let none = canary("found = false\n");
        assert_eq!(none.contradiction(&blocked()).unwrap(), "expected empty, is blocked (layout)");
        assert_eq!(none.contradiction(&answer(Verdict::Empty, "")), None);
    }
}
