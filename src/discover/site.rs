//! One site of a list: how an account is asked for, and what its answers mean.

use std::sync::Arc;

use fancy_regex::Regex;
use url::Url;

use crate::discover::decision::Decision;
use crate::model::source::{EntryKind, Source};
use crate::platform::Definition;
use crate::platform::Values;
use crate::platform::definition::template::percent_encode;

/// Longest name that is asked for, characters.
pub const NAME_CHARS_MAX: usize = 64;

/// A site on which accounts are looked for.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name in the list.
    pub name: String,
    /// Where an account is asked for.
    pub asked_at: Address,
    /// Where people look at it.
    pub shown_at: Address,
    /// What names the site allows; any when nothing is said.
    pub allowed: Option<Regex>,
    /// Characters that the site leaves out of a name.
    pub stripped: String,
    /// What its answers mean.
    pub rule: Rule,
    /// Texts that mean trouble, whatever else the page says, each with its meaning.
    pub errors: Vec<(String, String)>,
    /// Names that exist there.
    pub claimed: Vec<String>,
    /// Names that do not.
    pub unclaimed: Vec<String>,
    /// Why it is not asked; it is asked when nothing stands here.
    pub left_out: Option<String>,
    /// The operator's source at which it is asked, whose hours, cap and pace hold.
    pub source: Option<Arc<Source>>,
}

/// What the answers of a site mean.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The page as a whole, by status, marks and redirects.
    Page(PageRule),
    /// One sign of presence and one of absence; neither is no answer.
    Signs {
        /// How an account looks.
        found: Sign,
        /// How it looks when there is none.
        absent: Sign,
    },
    /// A platform file reads the page.
    Platform(Arc<Definition>),
}

impl Rule {
    /// Whether a redirect is itself the answer. Otherwise it is followed.
    pub fn reads_redirects(&self) -> bool {
        let is_redirect = |status: &u16| (300..400).contains(status);
        match self {
            Self::Page(rule) => rule.redirect_is_absence || rule.absent_status.iter().any(is_redirect),
            Self::Signs { found, absent } => {
                [found, absent].iter().any(|sign| sign.status.as_ref().is_some_and(is_redirect))
            }
            Self::Platform(_) => false,
        }
    }

    /// Least seconds between two questions to its host, where a platform file says so.
    pub fn interval_min_s(&self) -> Option<f64> {
        match self {
            Self::Platform(definition) => Some(definition.interval_min_s()),
            Self::Page(_) | Self::Signs { .. } => None,
        }
    }
}

/// How a page is read that answers for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRule {
    /// Statuses that mean absence beside 404 and 410.
    pub absent_status: Vec<u16>,
    /// Texts of which one must be there.
    pub present: Vec<String>,
    /// Texts of which none may be there.
    pub absent: Vec<String>,
    /// Whether a redirect means absence. Otherwise it is followed.
    pub redirect_is_absence: bool,
}

/// A status with a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sign {
    /// Status; any when nothing is said.
    pub status: Option<u16>,
    /// Text; none is needed when it is empty.
    pub text: String,
}

/// An address with a place for the name.
#[derive(Debug, Clone)]
pub enum Address {
    /// Text in which a token stands for the name.
    Text {
        /// The address.
        text: String,
        /// The token.
        token: &'static str,
    },
    /// The account entry of a platform file.
    Entry {
        /// The file.
        definition: Arc<Definition>,
        /// Address of the source; empty where the file has a fixed one.
        base: String,
    },
}

impl Address {
    /// The address for a name.
    ///
    /// # Errors
    /// What is wrong, in words: the name cannot stand there.
    pub fn of(&self, name: &str) -> Result<Url, String> {
        match self {
            Self::Entry { definition, base } => {
                let values = Values { base: base.clone(), handle: Some(name.to_owned()), ..Values::default() };
                definition.url(EntryKind::Account, &values).map_err(|error| error.to_string())
            }
            Self::Text { text, token } => {
                let place = text.find(token).ok_or("the address has no place for the name")?;
                let encoded = if is_in_host(&text[..place]) { label(name)? } else { percent_encode(name.as_bytes()) };
                let address = text.replace(token, &encoded);
                Url::parse(&address).map_err(|error| format!("no address comes of the name: {error}"))
            }
        }
    }

    /// The source's `{base}`; empty where there is none.
    pub fn base(&self) -> &str {
        match self {
            Self::Entry { base, .. } => base,
            Self::Text { .. } => "",
        }
    }
}

/// Whether what follows stands in the host name.
fn is_in_host(before: &str) -> bool {
    before.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']))
}

/// A name as part of a host name: letters, digits and hyphens (RFC 1123 §2.1).
fn label(name: &str) -> Result<String, String> {
    let is_label = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_framed = !name.starts_with('-') && !name.ends_with('-') && (1..=63).contains(&name.len());
    if is_label && is_framed { Ok(name.to_ascii_lowercase()) } else { Err("the name is no host name".to_owned()) }
}

impl Site {
    /// A site that is asked by a plain address, with nothing known of it.
    pub(super) fn plain(name: &str, text: &str, token: &'static str, rule: Rule) -> Self {
        let address = Address::Text { text: text.to_owned(), token };
        Self {
            name: name.to_owned(),
            shown_at: address.clone(),
            asked_at: address,
            allowed: None,
            stripped: String::new(),
            rule,
            errors: Vec::new(),
            claimed: Vec::new(),
            unclaimed: Vec::new(),
            left_out: None,
            source: None,
        }
    }

    /// A platform whose profiles have an address of their own; none where there is no such, or it asks for more than a name
    /// or for another thing.
    pub fn of_platform(definition: &Arc<Definition>, base: &str) -> Option<Self> {
        let placeholders = definition.placeholders(EntryKind::Account);
        let is_enough = |name: &&str| *name == "handle" || (*name == "base" && !base.is_empty());
        if definition.handle_is_id() || !placeholders.contains(&"handle") || !placeholders.iter().all(is_enough) {
            return None;
        }
        let address = Address::Entry { definition: Arc::clone(definition), base: base.to_owned() };
        let site = Self::plain(definition.id().as_str(), "", "", Rule::Platform(Arc::clone(definition)));
        let canary = definition.canary().filter(|canary| canary.entry == EntryKind::Account);
        let known = |exists| canary.filter(|canary| canary.found == exists).and_then(|canary| canary.handle.clone());
        let (claimed, unclaimed) = (known(true).into_iter().collect(), known(false).into_iter().collect());
        Some(Self { asked_at: address.clone(), shown_at: address, claimed, unclaimed, ..site })
    }

    /// A source of the operator whose platform has such an address.
    pub fn of_source(definition: &Arc<Definition>, source: &Source) -> Option<Self> {
        let left_out = source.token.as_ref().map(|_| "it wants the operator's token".to_owned());
        let site = Self::of_platform(definition, &source.base)?;
        Some(Self { name: source.id.to_string(), left_out, source: Some(Arc::new(source.clone())), ..site })
    }

    /// The name as the site writes it.
    ///
    /// # Errors
    /// What is known without asking: absent where the site allows no such name, unknown where it cannot be asked for.
    pub fn written(&self, name: &str) -> Result<String, Decision> {
        let name: String = name.chars().filter(|c| !self.stripped.contains(*c)).collect();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(Decision::unknown(format!("not asked: a name has 1 to {NAME_CHARS_MAX} characters")));
        }
        match self.allowed.as_ref().map(|allowed| allowed.is_match(&name)) {
            None | Some(Ok(true)) => Ok(name),
            Some(Ok(false)) => Err(Decision::absent("the site allows no such name")),
            Some(Err(_)) => Err(Decision::unknown("not asked: the pattern of allowed names takes too long")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, PageRule, Rule, Sign, Site};
    use crate::discover::Presence;

    fn address(text: &str) -> Address {
        Address::Text { text: text.to_owned(), token: "{}" }
    }

    #[test]
    fn a_name_is_encoded_in_a_path_and_must_be_a_label_in_a_host() {
        assert_eq!(address("https://a.example/u/{}").of("星 河/?").unwrap().path(), "/u/%E6%98%9F%20%E6%B2%B3%2F%3F");
        assert_eq!(address("https://{}.a.example/").of("XingHe").unwrap().host_str(), Some("xinghe.a.example"));
        assert!(address("https://{}.a.example/").of("xing.he@evil.example/").is_err());
        assert!(address("https://a.example/").of("x").is_err());
    }

    #[test]
    fn a_redirect_is_read_where_a_status_of_the_rule_is_one() {
        let sign = |status| Sign { status: Some(status), text: String::new() };
        let page = |statuses: &[u16]| Rule::Page(PageRule { absent_status: statuses.to_vec(), ..PageRule::default() });
        assert!(page(&[302]).reads_redirects() && !page(&[204]).reads_redirects());
        assert!(Rule::Signs { found: sign(200), absent: sign(302) }.reads_redirects());
        assert!(!Rule::Signs { found: sign(200), absent: sign(404) }.reads_redirects());
    }

    #[test]
    fn a_site_says_what_names_it_allows_and_leaves_characters_out() {
        let plain = Site::plain("a", "https://a.example/{}", "{}", Rule::Page(PageRule::default()));
        let site = Site { allowed: fancy_regex::Regex::new("^[a-z]{3,8}$").ok(), stripped: "._".to_owned(), ..plain };
        assert_eq!(site.written("xing_he"), Ok("xinghe".to_owned()));
        let presence = |name: &str| site.written(name).unwrap_err().presence;
        assert_eq!((presence("x"), presence("__")), (Presence::Absent, Presence::Unknown));
        assert_eq!(presence(&"x".repeat(65)), Presence::Unknown, "it was never asked for");
    }
}
