//! One address for one page: without what only says who came from where, and without the sessions of visitors.
//!
//! What is left out changes no page: campaign and share parameters (`utm_` is documented by Google Analytics, the others by the
//! sites that add them), and session numbers, of which a forum gives each visitor another one, so that every page would
//! seem new at each visit. Escapes are written one way (RFC 3986 §6.2.2). The order of parameters and the fragment stay:
//! they may mean something.

use std::borrow::Cow;

use url::Url;

/// Parameters that say how somebody came to the page. Compared in lower case.
const CAMPAIGN: [&str; 24] = [
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "yclid",
    "twclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "spm",
    "spm_id_from",
    "scm",
    "vd_source",
    "share_source",
    "share_medium",
    "share_plat",
    "share_tag",
    "share_token",
    "share_session_id",
    "share_from",
];
/// Parameters that hold a session. Compared in lower case.
const SESSION: [&str; 3] = ["phpsessid", "jsessionid", "sessionid"];
/// A parameter that holds a session where its value is a hash of 32 hexadecimal digits, as with phpBB.
const SESSION_HASH: &str = "sid";

/// The address under which a page is known.
#[must_use]
pub fn canonical(mut url: Url) -> Url {
    let path = escaped(url.path());
    let path = without_session(&path);
    if path != url.path() {
        let path = path.to_owned();
        url.set_path(&path);
    }
    if let Some(query) = url.query() {
        let kept: Vec<Cow<'_, str>> = query.split('&').filter(|pair| is_kept(pair)).map(escaped).collect();
        let query = kept.join("&");
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    }
    url
}

/// Whether a parameter may change the page.
fn is_kept(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let is_hash = value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of_visitor = name.starts_with("utm_")
        || CAMPAIGN.contains(&name.as_str())
        || SESSION.contains(&name.as_str())
        || (is_hash && name == SESSION_HASH);
    !pair.is_empty() && !is_of_visitor
}

/// The path without a session at its end (`;jsessionid=…`, Java servlets).
fn without_session(path: &str) -> &str {
    let session = path.contains(';').then(|| path.to_ascii_lowercase().find(";jsessionid=")).flatten();
    session.map_or(path, |at| &path[..at])
}

/// Escapes in upper case, and none where a character needs none (RFC 3986 §2.3). A text with a `%` that begins no escape stays as
/// it is: what is decoded beside it could become one.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((byte, rest)) = escape(part) else { return Cow::Borrowed(text) };
        if is_unreserved(byte) {
            plain.push(char::from(byte));
        } else {
            plain.push_str(&format!("%{byte:02X}"));
        }
        plain.push_str(rest);
    }
    Cow::Owned(plain)
}

/// The byte that two hexadecimal digits mean, and what follows them.
fn escape(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((u8::from_str_radix(digits, 16).ok().filter(|_| are_digits)?, rest))
}

/// Letters, digits, `-`, `_` and `~`. A dot stays escaped: alone it would be a step of the path.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;
    use url::Url;

    use super::canonical;

    #[track_caller]
    fn expect(address: &str, expected: &str) {
        assert_eq!(canonical(Url::parse(address).unwrap()).as_str(), expected);
    }

    #[test]
    fn who_came_from_where_is_left_out() {
        expect("https://a.example/p?id=7&utm_source=x&spm=a.b", "https://a.example/p?id=7");
        expect("https://a.example/v/1?vd_source=0a&share_source=copy", "https://a.example/v/1");
        expect("https://a.example/p?", "https://a.example/p");
    }

    #[test]
    fn the_session_of_a_visitor_is_left_out() {
        let hash = "0123456789abcdef0123456789ABCDEF";
        expect(&format!("https://a.example/viewtopic.php?t=3&sid={hash}"), "https://a.example/viewtopic.php?t=3");
        expect("https://a.example/show;jsessionid=1A2B.node1?id=3", "https://a.example/show?id=3");
        expect("https://a.example/forum.php?PHPSESSID=abc&tid=3", "https://a.example/forum.php?tid=3");
        expect("https://a.example/list?sid=3&s=hello", "https://a.example/list?sid=3&s=hello");
    }

    #[test]
    fn escapes_are_written_one_way() {
        expect(
            "https://a.example/%7eliwei/%e6%9d%8e?q=%e6%9d%8e%26",
            "https://a.example/~liwei/%E6%9D%8E?q=%E6%9D%8E%26",
        );
        expect("https://a.example/100%?q=%zz%4", "https://a.example/100%?q=%zz%4");
        expect("https://a.example/?%%330", "https://a.example/?%%330");
    }

    #[test]
    fn what_may_mean_something_stays() {
        for address in
            ["https://a.example/t/1?b=2&a=1#reply-3", "https://a.example/%2E%2E/x", "https://a.example/a%2Fb"]
        {
            expect(address, Url::parse(address).unwrap().as_str());
        }
    }

    proptest! {
        #[test]
        fn a_canonical_address_is_its_own(path in "[a-z%0-9;=/~.]{0,20}", query in "[a-z_=&%0-9A-F]{0,30}") {
            let once = canonical(Url::parse(&format!("https://a.example/{path}?{query}")).unwrap());
            assert_eq!(canonical(once.clone()), once);
            assert_eq!(once.host_str(), Some("a.example"));
        }
    }
}
