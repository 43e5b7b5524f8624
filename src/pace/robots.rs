//! robots.txt after RFC 9309: bytes in, rules out. Fetching it, and how long it may be kept, is not decided here.

mod pattern;

use std::time::Duration;

use crate::pace::robots::pattern::{Path, Pattern};

/// Most bytes that are read (RFC 9309 §2.5 asks for at least 500 KiB). What stands behind is ignored.
pub const ROBOTS_BYTES_MAX: usize = 500 * 1024;

/// Longest time for which an answer may be kept (RFC 9309 §2.4), milliseconds.
pub const ROBOTS_AGE_MAX_MS: i64 = 86_400_000;

/// Longest Crawl-delay that is taken at its word.
const CRAWL_DELAY_MAX_S: f64 = 86_400.0;

const RULES_MAX: usize = 20_000;
const SITEMAPS_MAX: usize = 1_000;

/// The rules of one robots.txt that concern one product token.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Robots {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

/// Whether a path may be asked for, and by which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the path may be asked for.
    pub allowed: bool,
    /// The line that decided, as `Disallow: /search`; none when no line speaks of the path.
    pub rule: Option<String>,
}

/// What the status of a robots.txt answer means (RFC 9309 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The body holds rules.
    Parse,
    /// Another address was named; at most five of these are followed.
    Follow,
    /// There are no rules: everything may be asked for.
    AllowAll,
    /// The server is in trouble or wants peace: nothing may be asked for.
    StayAway,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    written: String,
    pattern: Pattern,
}

#[derive(Debug, Default)]
struct Block {
    agents: Vec<Agent>,
    rules: Vec<Rule>,
    has_rules: bool,
}

#[derive(Debug)]
struct Agent {
    token: String,
    crawl_delay: Option<Duration>,
}

impl Block {
    fn agent(&self, token: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.token == token)
    }
}

impl Reading {
    /// Reads the status of an answer. 429 means trouble, although it is written with a 4.
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Parse,
            301 | 302 | 303 | 307 | 308 => Self::Follow,
            429 => Self::StayAway,
            400..=499 => Self::AllowAll,
            _ => Self::StayAway,
        }
    }
}

impl Robots {
    /// No rules at all: what a missing robots.txt means.
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Reads what a robots.txt says to a product token such as `Wanglou`. Never fails: lines that cannot be read
    /// are passed over, as RFC 9309 asks. Groups that name the token are merged; `*` counts only without any.
    pub fn parse(bytes: &[u8], token: &str) -> Self {
        let token = product_token(token.as_bytes());
        let (blocks, sitemaps) = blocks(within_limit(bytes), &token);
        let named = blocks.iter().any(|block| block.agent(&token).is_some());
        let token = if named { token.as_str() } else { "*" };
        let chosen = || blocks.iter().filter_map(|block| block.agent(token).map(|agent| (block, agent)));
        Self {
            rules: chosen().flat_map(|(block, _)| block.rules.iter().cloned()).collect(),
            crawl_delay: chosen().filter_map(|(_, agent)| agent.crawl_delay).max(),
            sitemaps,
        }
    }

    /// Whether a path with its query, such as `/search?q=a`, may be asked for. The longest rule wins, Allow on a
    /// tie; `/robots.txt` is always allowed.
    pub fn allows(&self, path_and_query: &str) -> Decision {
        let path = path_and_query.split('#').next().unwrap_or_default();
        if path == "/robots.txt" {
            return Decision { allowed: true, rule: None };
        }
        let path = Path::new(path);
        let strongest = self
            .rules
            .iter()
            .filter(|rule| rule.pattern.matches(&path))
            .max_by_key(|rule| (rule.pattern.octets(), rule.allow));
        Decision { allowed: strongest.is_none_or(|rule| rule.allow), rule: strongest.map(|rule| rule.written.clone()) }
    }

    /// Least time between two requests that the site asks for. Not part of RFC 9309, obeyed all the same.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// Addresses of the `Sitemap:` lines, which belong to no group.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}

/// The leading letters, `-` and `_` of a product token in lower case, so `Wanglou/0.1` names `wanglou`.
fn product_token(written: &[u8]) -> String {
    let letters = written.iter().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

fn within_limit(bytes: &[u8]) -> &[u8] {
    let Some(kept) = bytes.get(..ROBOTS_BYTES_MAX) else { return bytes };
    // A line cut in two could say something that its author did not, so it goes as a whole.
    let end = kept.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
    &kept[..end]
}

fn blocks(bytes: &[u8], ours: &str) -> (Vec<Block>, Vec<String>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut blocks: Vec<Block> = Vec::new();
    let mut sitemaps = Vec::new();
    let mut rules = 0;
    for (key, value) in bytes.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(record) {
        match key.as_str() {
            "user-agent" => add_agent(&mut blocks, value, ours),
            "allow" | "disallow" if rules < RULES_MAX => {
                rules += 1;
                add_rule(&mut blocks, key == "allow", value);
            }
            "crawl-delay" => add_delay(&mut blocks, value),
            "sitemap" if sitemaps.len() < SITEMAPS_MAX && !value.is_empty() => {
                sitemaps.push(String::from_utf8_lossy(value).into_owned());
            }
            _ => {}
        }
    }
    (blocks, sitemaps)
}

fn record(line: &[u8]) -> Option<(String, &[u8])> {
    let line = line.split(|byte| *byte == b'#').next()?;
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return without_colon(line) };
    let key = line[..colon].trim_ascii().to_ascii_lowercase();
    Some((String::from_utf8(key).ok()?, line[colon + 1..].trim_ascii()))
}

/// `Disallow /private` is not valid, yet there is no doubt what its author means.
fn without_colon(line: &[u8]) -> Option<(String, &[u8])> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let key = String::from_utf8(words.next()?.to_ascii_lowercase()).ok()?;
    let value = words.next()?;
    let is_known = matches!(key.as_str(), "user-agent" | "allow" | "disallow");
    (is_known && words.next().is_none()).then_some((key, value))
}

fn add_agent(blocks: &mut Vec<Block>, value: &[u8], ours: &str) {
    // Other records (Crawl-delay, Sitemap) between two user-agent lines do not end a group: RFC 9309 §2.2.4.
    if blocks.last().is_none_or(|block| block.has_rules) {
        blocks.push(Block::default());
    }
    let token = if value.first() == Some(&b'*') { "*".to_owned() } else { product_token(value) };
    if let Some(block) = blocks.last_mut()
        && !token.is_empty()
        && (token == ours || token == "*")
        && block.agent(&token).is_none()
    {
        block.agents.push(Agent { token, crawl_delay: None });
    }
}

fn add_rule(blocks: &mut [Block], allow: bool, value: &[u8]) {
    let Some(block) = blocks.last_mut() else { return };
    block.has_rules = true;
    if value.is_empty() {
        return;
    }
    let verb = if allow { "Allow" } else { "Disallow" };
    let written = format!("{verb}: {}", String::from_utf8_lossy(value));
    block.rules.push(Rule { allow, written, pattern: Pattern::new(value) });
}

fn add_delay(blocks: &mut [Block], value: &[u8]) {
    let Some(block) = blocks.last_mut() else { return };
    let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
    if let Some(seconds) = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0) {
        let delay = Duration::from_secs_f64(seconds.min(CRAWL_DELAY_MAX_S));
        // Agents that the group names further down were not meant by this line.
        block.agents.iter_mut().for_each(|agent| agent.crawl_delay = agent.crawl_delay.max(Some(delay)));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::proptest;

    use super::{Reading, Robots};

    fn allowed(robots: &str, path: &str) -> bool {
        Robots::parse(robots.as_bytes(), "Watcher").allows(path).allowed
    }

    #[test]
    fn rules_and_paths_meet_as_the_rfc_says() {
        let cases: &[(&str, &str, bool)] = &[
            // The longest rule wins, and Allow on a tie.
            ("User-agent: *\nDisallow: /a/\nAllow: /a/b/", "/a/b/c", true),
            ("User-agent: *\nAllow: /a/b/\nDisallow: /a/", "/a/x", false),
            ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", true),
            ("User-agent: *\nAllow: /\nDisallow: /*.html", "/x.html", false),
            // Stars and the anchor.
            ("User-agent: *\nDisallow: /*.gif$", "/x/y.gif", false),
            ("User-agent: *\nDisallow: /*.gif$", "/x/y.gif?z", true),
            ("User-agent: *\nDisallow: /people/*/followers", "/people/9/followers", false),
            ("User-agent: *\nDisallow: /people/*/followers", "/people/9", true),
            ("User-agent: *\nDisallow: /a$b", "/a$b", false),
            ("User-agent: *\nDisallow: /a%2Ab", "/a*b", false),
            ("User-agent: *\nDisallow: /a%2Ab", "/axb", true),
            ("User-agent: *\nDisallow: /a%24", "/a$", false),
            ("User-agent: *\nDisallow: *", "/anything", false),
            ("User-agent: *\nDisallow: /$", "/", false),
            ("User-agent: *\nDisallow: /$", "/a", true),
            // Percent-encoding in all its writings.
            ("User-agent: *\nDisallow: /望楼", "/%E6%9C%9B%E6%A5%BC/x", false),
            ("User-agent: *\nDisallow: /%e6%9c%9b", "/%E6%9C%9B", false),
            ("User-agent: *\nDisallow: /b%61r", "/bar", false),
            ("User-agent: *\nDisallow: /bar", "/%62ar", false),
            ("User-agent: *\nDisallow: /a%2fb", "/a/b", true),
            ("User-agent: *\nDisallow: /go?to=https://a.example", "/go?to=https%3A%2F%2Fa.example/x", false),
            ("User-agent: *\nDisallow: /*/private", "/go?to=/private", false),
            ("User-agent: *\nDisallow: /%zz", "/%zz", false),
            // Case counts in paths, not in field names.
            ("user-AGENT: *\ndisALLOW: /Search", "/Search", false),
            ("User-agent: *\nDisallow: /Search", "/search", true),
            // Line ends, blanks, comments, BOM.
            ("\u{feff}User-agent: *\r\nDisallow: /x\r\n", "/x", false),
            ("User-agent: *\rDisallow: /x\r", "/x", false),
            ("  User-agent :  *  # all\n\tDisallow :/x # no", "/x", false),
            // Nothing said, or nothing sensible.
            ("", "/x", true),
            ("Disallow: /", "/x", true),
            ("User-agent: *\nDisallow:", "/x", true),
            ("User-agent: *\nDisalow: /", "/x", true),
            // A colon left out, and a sentence that is no rule.
            ("User-agent *\nDisallow /", "/x", false),
            ("User-agent: *\nDisallow all robots", "/all", true),
            ("<!doctype html><p>sign in: please</p>", "/x", true),
            ("User-agent: *\nDisallow: private", "/private/x", false),
            // robots.txt itself.
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
            ("User-agent: *\nDisallow: /", "/", false),
        ];
        for (robots, path, expected) in cases {
            assert_eq!(allowed(robots, path), *expected, "{path} under {robots:?}");
        }
    }

    #[test]
    fn the_group_of_our_token_comes_before_the_star() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: watcher/2.0\nDisallow: /search";
        assert!(allowed(robots, "/page"));
        assert!(!allowed(robots, "/search"));
    }

    #[test]
    fn an_empty_group_of_our_token_still_frees_us_from_the_star() {
        assert!(allowed("User-agent: Watcher\nDisallow:\n\nUser-agent: *\nDisallow: /", "/page"));
    }

    #[test]
    fn groups_that_name_the_same_token_are_merged() {
        let robots =
            "User-agent: Watcher\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: WATCHER\nDisallow: /b";
        assert!(!allowed(robots, "/a"));
        assert!(!allowed(robots, "/b"));
        assert!(allowed(robots, "/c"));
    }

    #[test]
    fn several_agents_share_a_group_across_other_records() {
        let robots =
            "User-agent: other\nSitemap: https://a.example/map.xml\nCrawl-delay: 3\nUser-agent: watcher\nDisallow: /a";
        assert!(!allowed(robots, "/a"));
    }

    #[test]
    fn a_token_that_only_begins_like_ours_is_another() {
        assert!(allowed("User-agent: WatcherPlus\nDisallow: /", "/a"));
        assert!(allowed("User-agent: Watch\nDisallow: /", "/a"));
    }

    #[test]
    fn the_decision_names_the_line() {
        let robots = Robots::parse(b"User-agent: *\nDisallow: /search\n", "Watcher");
        assert_eq!(robots.allows("/search?q=1").rule.as_deref(), Some("Disallow: /search"));
        assert_eq!(robots.allows("/page").rule, None);
    }

    #[test]
    fn the_longest_crawl_delay_of_our_groups_counts() {
        let text = "User-agent: *\nCrawl-delay: 60\n\nUser-agent: Watcher\nCrawl-delay: 2.5\nDisallow:\n\nUser-agent: Watcher\nCrawl-delay: 8";
        assert_eq!(Robots::parse(text.as_bytes(), "Watcher").crawl_delay(), Some(Duration::from_secs(8)));
    }

    #[test]
    fn a_crawl_delay_that_is_no_time_is_passed_over() {
        for value in ["-1", "NaN", "inf", "soon", ""] {
            let text = format!("User-agent: *\nCrawl-delay: {value}");
            assert_eq!(Robots::parse(text.as_bytes(), "Watcher").crawl_delay(), None, "{value}");
        }
    }

    #[test]
    fn sitemaps_belong_to_everyone() {
        let robots = Robots::parse(b"Sitemap: https://a.example/map.xml\nUser-agent: x\nDisallow: /", "Watcher");
        assert_eq!(robots.sitemaps(), ["https://a.example/map.xml"]);
    }

    #[test]
    fn what_stands_behind_the_limit_is_ignored_with_the_line_that_it_cuts() {
        let mut text = b"User-agent: *\nDisallow: /first\n".to_vec();
        text.resize(super::ROBOTS_BYTES_MAX - 12, b'\n');
        text.extend(b"Disallow: /long-path\nDisallow: /last\n");
        let robots = Robots::parse(&text, "Watcher");
        assert!(!robots.allows("/first").allowed);
        assert!(robots.allows("/long-path").allowed);
        assert!(robots.allows("/last").allowed);
    }

    #[test]
    fn a_status_is_read_as_the_rfc_says() {
        let cases = [
            (200, Reading::Parse),
            (301, Reading::Follow),
            (401, Reading::AllowAll),
            (403, Reading::AllowAll),
            (404, Reading::AllowAll),
            (410, Reading::AllowAll),
            (429, Reading::StayAway),
            (500, Reading::StayAway),
            (503, Reading::StayAway),
            (304, Reading::StayAway),
        ];
        for (status, reading) in cases {
            assert_eq!(Reading::of_status(status), reading, "{status}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>, path: String) {
            let robots = Robots::parse(&bytes, "Watcher");
            let _ = robots.allows(&path);
        }

        #[test]
        fn any_rules_can_be_asked(rules in "([Aa]llow|Disallow|User-agent|Crawl-delay):[ /*$%a-f?=0-9.]{0,12}\n{1,3}", path in "/[/*$%a-f?=0-9.]{0,16}") {
            let _ = Robots::parse(format!("User-agent: *\n{rules}").as_bytes(), "Watcher").allows(&path);
        }

        #[test]
        fn a_forbidden_path_forbids_what_begins_with_it(path in "/[a-z望楼%]{1,8}", more in "[a-z/?&=]{0,8}") {
            let robots = Robots::parse(format!("User-agent: *\nDisallow: {path}").as_bytes(), "Watcher");
            let wanted = robots.allows(&format!("{path}{more}"));
            // A percent sign may take the beginning of what follows for its digits.
            if !path.contains('%') {
                assert!(!wanted.allowed);
            }
        }

        #[test]
        fn the_line_end_makes_no_difference(lines in proptest::collection::vec("(User-agent: \\*|Disallow: /[a-c]|Allow: /[a-c]{2}|#x|)", 0..8), path in "/[a-c]{0,3}") {
            let unix = Robots::parse(lines.join("\n").as_bytes(), "Watcher");
            assert_eq!(Robots::parse(lines.join("\r\n").as_bytes(), "Watcher"), unix);
            assert_eq!(Robots::parse(lines.join("\r").as_bytes(), "Watcher"), unix);
            let _ = unix.allows(&path);
        }

        #[test]
        fn a_star_is_slow_for_nobody(stars in 1_usize..40, length in 0_usize..2_000) {
            let pattern = "a*".repeat(stars) + "b";
            let robots = Robots::parse(format!("User-agent: *\nDisallow: /{pattern}").as_bytes(), "Watcher");
            assert!(robots.allows(&format!("/{}", "a".repeat(length))).allowed);
        }
    }
}
