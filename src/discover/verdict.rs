//! What an answer says about an account: found, absent, or unknown, always with the reason. A doubt is never a find.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::discover::decision::{Decision, Presence};
use crate::discover::site::{PageRule, Rule, Sign, Site};
use crate::model::capture::Verdict;
use crate::platform::verdict::{has_wall, is_wall_path};

/// The answer of a site.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// Name that was asked for, as the site writes it.
    pub name: &'a str,
    /// HTTP status.
    pub status: u16,
    /// Address that was asked.
    pub asked: &'a Url,
    /// Address that answered.
    pub url: &'a Url,
    /// Where a redirect leads that was not followed.
    pub location: Option<&'a str>,
    /// Body as text.
    pub text: &'a str,
}

impl Decision {
    /// What a platform file makes of the page. Its handles may be numbers, so that the address must tell whose page it is.
    pub fn of_page(verdict: &Verdict, reply: &Reply<'_>) -> Self {
        match verdict {
            Verdict::Found => doubted(Self::found("the platform file reads a profile"), true, reply),
            Verdict::Empty => Self::absent("the platform file reads that there is none"),
            Verdict::Blocked { reason } => Self::unknown(reason.clone()),
        }
    }
}

/// Reads an answer by the rule of its site. Sites of platform files are read by [`crate::platform::extract`].
pub fn judge(site: &Site, reply: &Reply<'_>) -> Decision {
    if let Some((_, meaning)) = site.errors.iter().find(|(mark, _)| reply.text.contains(mark.as_str())) {
        return Decision::unknown(format!("the site says: {meaning}"));
    }
    match &site.rule {
        Rule::Page(rule) => {
            let decision = of_status(rule, reply).unwrap_or_else(|| of_marks(rule, reply));
            doubted(decision, !rule.present.is_empty(), reply)
        }
        Rule::Signs { found, absent } => doubted(of_signs(found, absent, reply), !found.text.is_empty(), reply),
        Rule::Platform(_) => Decision::unknown("a platform file reads this site"),
    }
}

/// What status and address say; none when the page must be read.
fn of_status(rule: &PageRule, reply: &Reply<'_>) -> Option<Decision> {
    let status = reply.status;
    if rule.absent_status.contains(&status) || matches!(status, 404 | 410) {
        return Some(Decision::absent(format!("status {status}")));
    }
    let leads_to_wall = reply.location.is_some_and(|to| reply.url.join(to).is_ok_and(|url| is_wall_path(url.path())));
    if leads_to_wall || is_wall_path(reply.url.path()) {
        return Some(Decision::unknown("it leads to a log-in or a captcha"));
    }
    if rule.redirect_is_absence && (300..400).contains(&status) {
        return Some(Decision::absent("it redirects elsewhere"));
    }
    (!(200..300).contains(&status)).then(|| Decision::unknown(format!("status {status}")))
}

/// A find by status alone does not hold on a wall, and none does on another page than the one that was asked for: a page
/// with a mark of presence may stand at another address only when that has the name too.
fn doubted(decision: Decision, is_by_mark: bool, reply: &Reply<'_>) -> Decision {
    if decision.presence != Presence::Found {
        return decision;
    }
    if is_wall_path(reply.url.path()) || (!is_by_mark && has_wall(reply.text)) {
        return Decision::unknown("the page is a wall");
    }
    if place(reply.asked) != place(reply.url) && !(is_by_mark && has_name(reply.url, reply.name)) {
        return Decision::unknown("it redirects to another page");
    }
    decision
}

/// Whether a part of the host or of the path is the name, perhaps after `@` or `~`.
fn has_name(url: &Url, name: &str) -> bool {
    let label = url.host_str().and_then(|host| host.split('.').next());
    let is_name = |part: &str| {
        let part = percent_decode_str(part).decode_utf8_lossy();
        part.trim_start_matches(['@', '~']).to_lowercase() == name.to_lowercase()
    };
    label.into_iter().chain(url.path_segments().into_iter().flatten()).any(is_name)
}

/// What makes two addresses the same page; `www.`, the scheme, case and a last slash do not.
fn place(url: &Url) -> (String, String, Option<&str>) {
    let host = url.host_str().unwrap_or_default();
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    (host.strip_prefix("www.").unwrap_or(host).to_owned(), path, url.query())
}

fn of_marks(rule: &PageRule, reply: &Reply<'_>) -> Decision {
    let present = mark_in(&rule.present, reply.text);
    let absent = mark_in(&rule.absent, reply.text);
    match (present, absent) {
        (Some(_), Some(_)) => Decision::unknown("marks of presence and of absence at once"),
        (None, Some(mark)) => Decision::absent(format!("mark {mark:?}")),
        (Some(mark), None) => Decision::found(format!("mark {mark:?}")),
        (None, None) if has_wall(reply.text) => Decision::unknown("the page is a wall"),
        (None, None) if rule.present.is_empty() => Decision::found(format!("status {}", reply.status)),
        (None, None) => Decision::unknown("neither a mark of presence nor one of absence"),
    }
}

fn mark_in<'a>(marks: &'a [String], text: &str) -> Option<&'a String> {
    marks.iter().find(|mark| text.contains(mark.as_str()))
}

fn of_signs(found: &Sign, absent: &Sign, reply: &Reply<'_>) -> Decision {
    match (is_there(found, reply), is_there(absent, reply)) {
        (true, true) => Decision::unknown("marks of presence and of absence at once"),
        (true, false) => Decision::found(format!("status {} and mark {:?}", reply.status, found.text)),
        (false, true) => Decision::absent(format!("status {} and mark {:?}", reply.status, absent.text)),
        (false, false) => Decision::unknown(format!("status {}, and neither mark", reply.status)),
    }
}

fn is_there(sign: &Sign, reply: &Reply<'_>) -> bool {
    sign.status.is_none_or(|status| status == reply.status) && reply.text.contains(&sign.text)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Reply, judge};
    use crate::discover::decision::Presence;
    use crate::discover::site::{PageRule, Rule, Sign, Site};

    use Presence::{Absent, Found, Unknown};

    fn site(rule: Rule) -> Site {
        Site::plain("a", "https://a.example/u/{}", "{}", rule)
    }

    fn seen(site: &Site, status: u16, text: &str) -> Presence {
        let url = Url::parse("https://a.example/u/x").unwrap();
        judge(site, &Reply { name: "x", status, asked: &url, url: &url, location: None, text }).presence
    }

    fn marks(present: &[&str], absent: &[&str]) -> Site {
        let texts = |marks: &[&str]| marks.iter().map(|mark| (*mark).to_owned()).collect();
        site(Rule::Page(PageRule { present: texts(present), absent: texts(absent), ..PageRule::default() }))
    }

    #[test]
    fn a_status_alone_is_trusted_only_where_it_is_a_plain_answer() {
        let site = site(Rule::Page(PageRule { absent_status: vec![302], ..PageRule::default() }));
        let expected = [(200, Found), (404, Absent), (410, Absent), (302, Absent), (301, Unknown)];
        for (status, presence) in expected.into_iter().chain([401, 403, 429, 500, 503].map(|s| (s, Unknown))) {
            assert_eq!(seen(&site, status, "hello"), presence, "{status}");
        }
        assert_eq!(seen(&site, 200, "请完成安全验证后访问"), Unknown, "a wall with status 200");
    }

    #[test]
    fn marks_decide_and_a_contradiction_is_no_find() {
        let both = marks(&["profile"], &["No such user"]);
        assert_eq!(seen(&both, 200, "<profile>"), Found);
        assert_eq!(seen(&both, 200, "No such user"), Absent);
        assert_eq!(seen(&both, 200, "profile: No such user"), Unknown);
        assert_eq!(seen(&both, 200, "a new layout"), Unknown);
        assert_eq!(seen(&both, 503, "<profile>"), Unknown);
        assert_eq!(seen(&marks(&["profile"], &[]), 200, "a new layout"), Unknown, "silence is no absence");
        assert_eq!(seen(&marks(&[], &["No such user"]), 200, "hello"), Found);
        assert_eq!(seen(&marks(&[], &["No such user"]), 200, "Verify you are human"), Unknown);
    }

    #[test]
    fn a_redirect_is_absence_where_the_site_says_so_but_not_to_a_log_in() {
        let site = site(Rule::Page(PageRule { redirect_is_absence: true, ..PageRule::default() }));
        let url = Url::parse("https://a.example/u/x").unwrap();
        let reply =
            |location| Reply { name: "x", status: 302, asked: &url, url: &url, location: Some(location), text: "" };
        assert_eq!(judge(&site, &reply("/")).presence, Absent);
        assert_eq!(judge(&site, &reply("/login?next=/u/x")).presence, Unknown);
        assert_eq!(judge(&site, &reply("/users/sign_in")).presence, Unknown);
        let login = Url::parse("https://a.example/login").unwrap();
        assert_eq!(
            judge(&site, &Reply { name: "x", status: 200, asked: &url, url: &login, location: None, text: "" })
                .presence,
            Unknown
        );
    }

    #[test]
    fn a_status_is_no_find_on_another_page_than_the_one_asked_for() {
        let asked = Url::parse("https://a.example/u/x").unwrap();
        let by_status = site(Rule::Page(PageRule::default()));
        let without_text = Sign { status: Some(200), text: String::new() };
        let by_sign =
            site(Rule::Signs { found: without_text, absent: Sign { status: Some(404), text: String::new() } });
        let elsewhere = ["https://a.example/", "https://b.example/u/x", "https://a.example/search?q=x"];
        let same = ["https://a.example/u/x", "https://www.a.example/u/X/", "http://a.example/u/x"];
        for site in [&by_status, &by_sign] {
            for (places, presence) in [(elsewhere, Unknown), (same, Found)] {
                for url in places.map(|place| Url::parse(place).unwrap()) {
                    let reply =
                        Reply { name: "x", status: 200, asked: &asked, url: &url, location: None, text: "hello" };
                    assert_eq!(judge(site, &reply).presence, presence, "{url}");
                }
            }
            assert_eq!(seen(site, 200, "Verify you are human"), Unknown);
        }
    }

    #[test]
    fn a_mark_of_presence_counts_on_another_page_only_where_its_address_has_the_name() {
        let asked = Url::parse("https://a.example/u/x").unwrap();
        let sign = |text: &str| Sign { status: Some(200), text: text.to_owned() };
        let by_sign = site(Rule::Signs { found: sign("profile"), absent: sign("nobody") });
        for site in [&marks(&["profile"], &["nobody"]), &by_sign] {
            for (address, presence) in [
                ("https://a.example/people/@X/posts", Found),
                ("https://x.a.example/", Found),
                ("https://a.example/", Unknown),
                ("https://a.example/home?from=x", Unknown),
                ("https://a.example/xx/", Unknown),
            ] {
                let url = Url::parse(address).unwrap();
                let reply = Reply { name: "x", status: 200, asked: &asked, url: &url, location: None, text: "profile" };
                assert_eq!(judge(site, &reply).presence, presence, "{address}");
            }
        }
    }

    #[test]
    fn signs_need_status_and_text_and_neither_is_no_answer() {
        let sign = |status, text: &str| Sign { status: Some(status), text: text.to_owned() };
        let site = site(Rule::Signs { found: sign(200, "name"), absent: sign(200, "nobody") });
        assert_eq!(seen(&site, 200, "name"), Found);
        assert_eq!(seen(&site, 200, "nobody"), Absent);
        assert_eq!(seen(&site, 200, "name nobody"), Unknown);
        assert_eq!(seen(&site, 404, "nobody"), Unknown);
    }

    #[test]
    fn a_text_of_trouble_outweighs_everything() {
        let rule = Rule::Page(PageRule { present: vec!["profile".to_owned()], ..PageRule::default() });
        let site = Site { errors: vec![("slow down".to_owned(), "too many requests".to_owned())], ..site(rule) };
        assert_eq!(seen(&site, 200, "profile slow down"), Unknown);
    }
}
