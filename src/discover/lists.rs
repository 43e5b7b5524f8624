//! Lists of sites in the forms of Sherlock (`data.json`), Maigret (`data.json`) and WhatsMyName (`wmn-data.json`), read as
//! they are. The operator brings the list; nothing of theirs is part of the program.

use serde_json::Value;

use crate::discover::site::Site;
use crate::discover::{maigret, sherlock, whatsmyname};

/// Largest list, bytes.
pub const LIST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Most sites of a list.
const SITES_MAX: usize = 50_000;

/// A list with what could not be used of it.
#[derive(Debug, Clone, Default)]
pub struct SiteList {
    /// Its sites, those that are not asked included.
    pub sites: Vec<Site>,
    /// Entries that cannot be read.
    pub problems: Vec<ListProblem>,
}

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListProblem {
    /// The file is no list that is known.
    #[error("{file} is no list of sites: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// One entry cannot be used; the others are.
    #[error("{file}: site {site}: {problem}")]
    Entry {
        /// The file.
        file: String,
        /// Name of the site, or its place in the list.
        site: String,
        /// What is wrong.
        problem: String,
    },
}

impl SiteList {
    /// Reads a list; which form it has is seen from it.
    ///
    /// # Errors
    /// When it is none of the known forms, or too large.
    pub fn read(file: &str, text: &str) -> Result<Self, ListProblem> {
        let wrong = |problem: String| ListProblem::File { file: file.to_owned(), problem };
        if text.len() > LIST_BYTES_MAX {
            return Err(wrong(format!("it is larger than {LIST_BYTES_MAX} bytes")));
        }
        let json: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let entries = entries(&json).ok_or_else(|| {
            wrong("it has the form of neither Sherlock's data.json, Maigret's data.json nor wmn-data.json".to_owned())
        })?;
        if entries.len() > SITES_MAX {
            return Err(wrong(format!("it has more than {SITES_MAX} sites")));
        }
        let mut list = Self::default();
        for (site, entry) in entries {
            match entry {
                Ok(entry) => list.sites.push(entry),
                Err(problem) => list.problems.push(ListProblem::Entry { file: file.to_owned(), site, problem }),
            }
        }
        Ok(list)
    }
}

type Entry = (String, Result<Site, String>);

fn entries(json: &Value) -> Option<Vec<Entry>> {
    let object = json.as_object()?;
    match object.get("sites") {
        Some(Value::Array(sites)) => Some(whatsmyname::sites(sites)),
        Some(Value::Object(sites)) => Some(maigret::sites(sites, object.get("engines"))),
        _ => {
            let sites = object.iter().filter(|(name, _)| !name.starts_with('$'));
            let sites: Vec<_> = sites.filter_map(|(name, site)| Some((name, site.as_object()?))).collect();
            let is_sherlock = sites.iter().any(|(_, site)| site.contains_key("errorType"));
            is_sherlock.then(|| sherlock::sites(&sites))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SiteList;
    use crate::discover::{Decision, Presence, Reply, judge};

    const SHERLOCK: &str = r#"{"$schema": "x",
        "Alpha": {"errorType": "status_code", "url": "https://alpha.example/{}", "regexCheck": "^[a-z]+$", "username_claimed": "blue"},
        "Beta": {"errorType": "message", "errorMsg": ["no user", "nobody"], "url": "https://beta.example/u/{}", "urlProbe": "https://api.beta.example/{}"},
        "Gamma": {"errorType": "response_url", "errorUrl": "https://gamma.example/404", "url": "https://gamma.example/{}"},
        "Delta": {"errorType": "status_code", "url": "https://delta.example/", "request_method": "POST"},
        "Epsilon": {"errorType": "status_code", "errorCode": 204, "url": "https://{}.epsilon.example"},
        "Zeta": {"errorType": "status_code", "url": "https://zeta.example/{}", "regexCheck": "^(?!.*--)[a-z-]+$"},
        "Eta": {"errorType": "status_code", "url": "https://eta.example/{}", "regexCheck": "^[a-z"},
        "Broken": {"errorType": "magic", "url": "https://x.example/{}"}}"#;
    const MAIGRET: &str = r#"{"sites": {
        "Forum": {"engine": "Board", "urlMain": "https://forum.example", "usernameClaimed": "blue", "usernameUnclaimed": "nouser"},
        "Walled": {"checkType": "message", "absenceStrs": ["nobody"], "url": "https://walled.example/{username}", "protection": ["captcha"]},
        "Marked": {"checkType": "status_code", "presenseStrs": ["profile"], "absenceStrs": ["nobody"], "url": "https://marked.example/{username}"},
        "Moved": {"checkType": "response_url", "absenceStrs": ["nobody"], "url": "https://moved.example/{username}"},
        "Off": {"checkType": "status_code", "url": "https://off.example/{username}", "disabled": true},
        "Token": {"checkType": "status_code", "url": "https://token.example/{username}", "headers": {"Authorization": "x"}}},
        "engines": {"Board": {"name": "Board", "site": {"checkType": "message", "absenceStrs": ["not found"], "presenseStrs": ["profile"],
            "errors": {"be patient": "rate limit"}, "url": "{urlMain}{urlSubpath}/member/{username}"}}}, "tags": []}"#;
    const WMN: &str = r#"{"license": ["x"], "authors": ["x"], "categories": ["c"], "sites": [
        {"name": "One", "uri_check": "https://one.example/{account}", "e_code": 200, "e_string": "name", "m_code": 404, "m_string": "gone", "known": ["blue", "red"], "strip_bad_char": "."},
        {"name": "Two", "uri_check": "https://two.example/api", "post_body": "u={account}", "e_code": 200, "e_string": "a", "m_code": 404, "m_string": "b"},
        {"name": "Three", "uri_check": "https://three.example/{account}", "valid": false, "e_code": 200, "e_string": "a", "m_code": 404, "m_string": "b"},
        {"uri_check": "https://four.example/{account}"}]}"#;

    fn read(text: &str) -> SiteList {
        SiteList::read("list.json", text).unwrap()
    }

    fn decision(list: &SiteList, name: &str, status: u16, text: &str) -> Decision {
        let site = list.sites.iter().find(|site| site.name == name).unwrap();
        let url = site.asked_at.of("blue").unwrap();
        judge(site, &Reply { name: "blue", status, asked: &url, url: &url, location: None, text })
    }

    fn left_out(list: &SiteList) -> Vec<(&str, &str)> {
        list.sites.iter().filter_map(|site| Some((site.name.as_str(), site.left_out.as_deref()?))).collect()
    }

    #[test]
    fn sherlock_s_list_is_read_as_it_is() {
        let list = read(SHERLOCK);
        assert_eq!(
            list.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["list.json: site Broken: errorType magic is not known", "list.json: site Eta: regexCheck is no pattern"]
        );
        assert_eq!(left_out(&list), [("Delta", "it asks by POST")]);
        let beta = list.sites.iter().find(|site| site.name == "Beta").unwrap();
        assert_eq!(beta.asked_at.of("blue").unwrap().as_str(), "https://api.beta.example/blue");
        assert_eq!(beta.shown_at.of("blue").unwrap().as_str(), "https://beta.example/u/blue");
        assert_eq!(decision(&list, "Beta", 200, "nobody").presence, Presence::Absent);
        assert_eq!(decision(&list, "Epsilon", 204, "").presence, Presence::Absent);
        assert_eq!(decision(&list, "Gamma", 301, "").presence, Presence::Absent);
        let is_allowed =
            |site: &str, name: &str| list.sites.iter().find(|other| other.name == site).unwrap().written(name).is_ok();
        assert!(!is_allowed("Alpha", "Blue2") && is_allowed("Alpha", "blue"));
        assert!(!is_allowed("Zeta", "xing--he") && is_allowed("Zeta", "xing-he"), "a pattern that looks ahead");
    }

    #[test]
    fn maigret_s_list_is_read_with_its_engines() {
        let list = read(MAIGRET);
        assert_eq!(list.problems, []);
        let forum = list.sites.iter().find(|site| site.name == "Forum").unwrap();
        assert_eq!(forum.asked_at.of("blue").unwrap().as_str(), "https://forum.example/member/blue");
        assert_eq!(
            (forum.claimed.as_slice(), forum.unclaimed.as_slice()),
            (&["blue".to_owned()][..], &["nouser".to_owned()][..])
        );
        assert_eq!(decision(&list, "Forum", 200, "profile").presence, Presence::Found);
        assert_eq!(decision(&list, "Forum", 200, "profile, be patient").reason, "the site says: rate limit");
        for (site, text, presence) in [
            ("Marked", "profile", Presence::Found),
            ("Marked", "nobody", Presence::Absent),
            ("Marked", "hello", Presence::Unknown),
            ("Moved", "hello", Presence::Found),
            ("Moved", "nobody", Presence::Absent),
        ] {
            assert_eq!(decision(&list, site, 200, text).presence, presence, "{site} {text}");
        }
        let out = left_out(&list);
        assert_eq!(out.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["Off", "Token", "Walled"]);
    }

    #[test]
    fn whatsmyname_s_list_is_read_as_it_is() {
        let list = read(WMN);
        assert_eq!(
            list.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["list.json: site number 4: it has no name"]
        );
        assert_eq!(left_out(&list).iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["Two", "Three"]);
        let one = &list.sites[0];
        assert_eq!((one.written("b.lue"), one.claimed.len()), (Ok("blue".to_owned()), 2));
        assert_eq!(decision(&list, "One", 200, "name").presence, Presence::Found);
        assert_eq!(decision(&list, "One", 404, "gone").presence, Presence::Absent);
        assert_eq!(decision(&list, "One", 200, "gone").presence, Presence::Unknown);
    }

    #[test]
    fn an_entry_that_judges_by_marks_must_name_one() {
        for list in [
            r#"{"A": {"errorType": "message", "url": "https://a.example/{}"}}"#,
            r#"{"A": {"errorType": "message", "errorMsg": "", "url": "https://a.example/{}"}}"#,
            r#"{"sites": {"A": {"checkType": "message", "url": "https://a.example/{username}"}}, "engines": {}}"#,
        ] {
            let list = read(list);
            assert_eq!((list.sites.len(), list.problems.len()), (0, 1));
        }
    }

    #[test]
    fn what_is_no_list_is_named_as_such() {
        for text in ["", "[]", "{}", r#"{"a": {"b": 1}}"#, r#"{"sites": 3}"#] {
            assert!(SiteList::read("x.json", text).unwrap_err().to_string().starts_with("x.json is no list of sites"));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_in_any_place_of_an_entry_is_read_or_refused(
            key in "url|errorType|errorMsg|errorCode|regexCheck|headers|urlProbe|checkType|engine|presenseStrs|uri_check|e_code|known|name",
            value in "[0-9]{1,3}|null|true|\"[a-z{}()/:*]{0,12}\"|\\[1, \"a\"\\]|\\{\"a\": 1\\}",
        ) {
            for list in [
                format!(r#"{{"A": {{"errorType": "message", "url": "https://a.example/{{}}", "{key}": {value}}}}}"#),
                format!(r#"{{"sites": {{"A": {{"checkType": "message", "url": "https://a.example/{{username}}", "{key}": {value}}}}}}}"#),
                format!(r#"{{"sites": [{{"name": "A", "uri_check": "https://a.example/{{account}}", "{key}": {value}}}]}}"#),
            ] {
                if let Ok(list) = SiteList::read("x", &list) {
                    assert_eq!(list.sites.len() + list.problems.len(), 1);
                }
            }
        }
    }
}
