//! Where the own page of an account or post of a case is looked at again: at the site where it was found, and nowhere else.

use url::Url;

use crate::fetch::name_of;
use crate::model::case::{Subject, SubjectKind};
use crate::model::source::{EntryKind, Source};
use crate::platform::definition::{Definition, Values};

/// What the own page of an account or post on a source is for, and its address. None where it lies at another site of the same
/// platform: whose handles they are is no business of this one, and that it does not know them says nothing.
pub(crate) fn own_page(definition: &Definition, source: &Source, subject: &Subject) -> Option<(EntryKind, String)> {
    match subject.kind {
        SubjectKind::Account if subject.platform == *definition.accounts_of() && is_of(definition, source, subject) => {
            account_page(definition, source, subject)
        }
        SubjectKind::Post
            if subject.platform == source.platform
                && subject.url.starts_with(&source.base)
                && site(&subject.url) == site(&source.base) =>
        {
            Some((EntryKind::Post, subject.url.clone()))
        }
        SubjectKind::Account | SubjectKind::Post | SubjectKind::Group => None,
    }
}

fn account_page(definition: &Definition, source: &Source, subject: &Subject) -> Option<(EntryKind, String)> {
    let values = Values {
        base: source.base.clone(),
        handle: Some(subject.handle.clone()).filter(|handle| !handle.is_empty()),
        further: source.values.clone(),
        ..Values::default()
    };
    let address = definition.account_address(&values, &subject.url)?.to_string();
    (site(&address) == site(&source.base)).then_some((EntryKind::Account, address))
}

/// Whether an account is one of the source's site: it was seen there, the platform has one site only and this is it, or every
/// site has the same accounts.
fn is_of(definition: &Definition, source: &Source, subject: &Subject) -> bool {
    let is_only_site = definition.base() == Some(source.base.trim_end_matches('/'));
    let known = site(&subject.url);
    is_only_site || definition.handle_is_global() || (known.is_some() && known == site(&source.base))
}

/// Host and port, where the port is not the usual one; with or without encryption it is the same site.
fn site(address: &str) -> Option<(String, Option<u16>)> {
    let url = Url::parse(address).ok().filter(Url::has_host)?;
    Some((name_of(&url), url.port()))
}

#[cfg(test)]
mod tests {
    use super::own_page;
    use crate::model::case::{Subject, SubjectKind};
    use crate::model::source::Source;
    use crate::platform::Catalog;

    /// The address at which an account or post is looked at again on a source.
    fn asked(platform: &str, base: &str, kind: SubjectKind, url: &str) -> Option<String> {
        let toml = format!("id = \"a\"\nplatform = \"{platform}\"\nbase = \"{base}\"\n");
        let source: Source = toml::from_str(&toml).unwrap();
        let (handle, url, id) = ("yun_li".to_owned(), url.to_owned(), None);
        let subject = Subject { kind, id, platform: platform.into(), handle, url };
        let catalog = Catalog::builtin();
        own_page(catalog.get(&platform.into()).unwrap(), &source, &subject).map(|(_, address)| address)
    }

    #[track_caller]
    fn expect(platform: &str, base: &str, known: &str, address: Option<&str>) {
        assert_eq!(asked(platform, base, SubjectKind::Account, known).as_deref(), address);
    }

    #[test]
    fn an_account_of_one_site_is_not_asked_for_at_another_of_the_same_platform() {
        let known = "https://one.example/@yun_li";
        expect("mastodon", "https://two.example", known, None);
        expect("discuz", "https://two.example", "https://one.example/space-uid-7.html", None);
        expect("mastodon", "https://one.example.evil.example", known, None);
        expect("mastodon", "https://one.example:8443", known, None);
        expect("mastodon", "https://two.example", "", None);
        let lookup = "https://one.example/api/v1/accounts/lookup?acct=yun_li";
        expect("mastodon", "https://one.example", known, Some(lookup));
        expect("mastodon", "https://ONE.example", "http://one.example/@yun_li", Some(lookup));
    }

    #[test]
    fn where_a_platform_has_one_site_its_accounts_are_asked_for_there_alone() {
        let known = "https://www.v2ex.com/member/yun_li";
        expect("v2ex", "https://evil.example", known, None);
        let address = "https://www.v2ex.com/api/members/show.json?username=yun_li";
        expect("v2ex", "https://www.v2ex.com", known, Some(address));
        // Pages for people lie at another host than the interface.
        let address = "https://api.github.com/users/yun_li";
        expect("github", "https://api.github.com", "https://github.com/yun_li", Some(address));
    }

    #[test]
    fn an_account_that_every_site_knows_by_one_handle_is_asked_for_at_the_site_of_the_source() {
        let known = "https://bsky.app/profile/yun_li";
        let address = "https://view.example/xrpc/app.bsky.actor.getProfile?actor=yun_li";
        expect("bluesky", "https://view.example", known, Some(address));
    }

    #[test]
    fn a_post_is_looked_at_again_at_its_own_site() {
        let post = "https://one.example/t/1";
        let at = |base: &str| asked("discourse", base, SubjectKind::Post, post);
        assert_eq!(at("https://one.example").as_deref(), Some(post));
        assert_eq!((at("https://one.exam"), at("https://two.example")), (None, None));
    }
}
