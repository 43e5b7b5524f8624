//! What an added platform or source may not be, whoever adds it. The files of the installation decide what is visited at all: what is
//! closed there is not opened under another name, what is sent to one site goes to no other, and nothing leads to the inside.

use url::Url;

use crate::fetch::{is_outside, name_of};
use crate::model::finding::Reason;
use crate::model::source::Source;
use crate::pipeline::sites::{SiteFiles, short};
use crate::platform::{Catalog, Class, Definition};

impl SiteFiles {
    /// What keeps a platform from being added, in words of both languages.
    pub(in crate::pipeline) fn bounds_of_platform(&self, definition: &Definition) -> Vec<Reason> {
        let id = definition.id();
        let builtin = Catalog::builtin();
        let builtin = builtin.get(id);
        let is_of_another = builtin.map_or(id, Definition::accounts_of) != definition.accounts_of();
        let lends_accounts =
            builtin.is_none() && self.catalog.iter().any(|other| other.id() != id && other.accounts_of() == id);
        let checks = [
            (
                self.has_platform(id.as_str()),
                "平台文件夹里已有，以文件夹为准；请系统运维在那里修改",
                "the folder of platform files has it already, and goes first; ask the operator to change it there",
            ),
            (
                builtin.is_some_and(|known| known.class() == Class::C),
                "这是从不访问的平台（C 档），不能在这里替换",
                "it is a platform that is never visited (class C), and is not replaced here",
            ),
            (
                builtin.is_some_and(|known| definition.class() < known.class()),
                "接入档不能比内置的宽",
                "its class may not be wider than that of the built-in platform",
            ),
            (
                self.sources.iter().any(|source| source.token.is_some() && source.platform == *id),
                "sources.toml 里有用令牌的来源按这个平台读取，平台文件请系统运维修改",
                "a source with a token of sources.toml is read by it; ask the operator to change it",
            ),
            (
                is_of_another || lends_accounts,
                "`accounts_of` 只能是它自己：别的平台的账号不在这里读取",
                "`accounts_of` may be nothing but itself: accounts of other platforms are not read here",
            ),
            (
                builtin.is_some_and(|known| known.base() != definition.base()),
                "`base` 要与内置的相同",
                "`base` must be that of the built-in platform",
            ),
            (
                builtin.is_none() && definition.base().is_some_and(|base| self.is_closed(base, definition.class())),
                "这个网站属于从不访问（C 档）或需写明才访问（B 档）的平台，换一个名字也不访问",
                "its site belongs to a platform that is never visited (class C), or only expressly (class B); another name opens nothing",
            ),
            (
                definition.addresses().any(|(_, address)| !is_at_base(&address)) || leads_away(definition),
                "每个地址都要以 {base}/ 开头，不能写别的网站",
                "every address must begin with {base}/, and name no other site",
            ),
        ];
        said(&checks, &format!("平台「{}」", short(id.as_str())), &format!("platform {}", short(id.as_str())))
    }

    /// What keeps a source from being added, read by this platform.
    pub(in crate::pipeline) fn bounds_of_source(&self, source: &Source, definition: &Definition) -> Vec<Reason> {
        let class = if source.enabled_expressly { Class::B } else { Class::A };
        let checks = [
            (
                definition.base().is_some_and(|base| base != source.base.trim_end_matches('/')),
                "这个平台只有一个网站，`base` 要与平台文件的相同",
                "its platform has one site only: `base` must be that of the platform file",
            ),
            (
                self.is_closed(&source.base, class),
                "这个网站属于从不访问的平台（C 档），或属于只偶尔答复的平台（B 档）而没有写明 `enabled = true`；换一个平台也不访问",
                "its site belongs to a platform that is never visited (class C), or to one of class B without `enabled = true`; another platform opens nothing",
            ),
            (
                !self.is_admitted_place(&source.base),
                "这是内网地址：只有 sources.toml 里已有来源的地址可以使用",
                "its address lies inside: only where a source of sources.toml lies already",
            ),
        ];
        let id = short(source.id.as_str());
        let (zh, en) = (format!("来源「{id}」"), format!("source {id}"));
        let mut problems = said(&checks, &zh, &en);
        problems.extend(
            not_admitted(source, definition).map(|why| {
                Reason::new(format!("{zh}：{}。", why.zh.trim_end_matches('。')), format!("{en}: {}", why.en))
            }),
        );
        problems
    }

    /// Whether an address is at a site whose platform is of a class that is not reached with this one.
    fn is_closed(&self, address: &str, class: Class) -> bool {
        let Some(host) = host(address) else { return true };
        let sites = self.catalog.iter().filter(|known| known.class() > class);
        sites.filter_map(|known| self::host(known.base()?)).any(|site| is_at(&host, &site))
    }

    /// Whether an address lies in the open, or where the operator visits something already.
    fn is_admitted_place(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let is_known = |source: Source| Url::parse(&source.base).is_ok_and(|known| known.origin() == url.origin());
        is_outside(&url, &self.fetch) || self.sources.iter().any(is_known)
    }
}

/// Why the platform of a source is not visited.
fn not_admitted(source: &Source, definition: &Definition) -> Option<Reason> {
    match definition.class() {
        Class::C => {
            let instead = definition.instead();
            Some(Reason::new(
                format!("这个平台从不访问（C 档）。{instead}"),
                format!("its platform is never visited (class C). {instead}"),
            ))
        }
        Class::B if !source.enabled_expressly => Some(Reason::new(
            "这个平台只偶尔答复陌生访客（B 档）；确实要访问的，写明 `enabled = true`",
            "its platform answers strangers only at times (class B); write `enabled = true` if it may be visited all the same",
        )),
        Class::A | Class::B => None,
    }
}

fn said(checks: &[(bool, &str, &str)], zh: &str, en: &str) -> Vec<Reason> {
    let wrong = checks.iter().filter(|(is_wrong, ..)| *is_wrong);
    wrong.map(|(_, why_zh, why_en)| Reason::new(format!("{zh}：{why_zh}。"), format!("{en}: {why_en}"))).collect()
}

/// A hole or a letter behind `{base}` would make another host of it.
fn is_at_base(address: &str) -> bool {
    address.strip_prefix("{base}").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Whether the query with a known answer is asked elsewhere.
fn leads_away(definition: &Definition) -> bool {
    let canary = definition.canary().and_then(|canary| canary.url.as_ref());
    canary.is_some_and(|url| definition.base().and_then(host) != Some(name_of(url)))
}

fn host(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| name_of(&url)).filter(|name| !name.is_empty())
}

/// Whether a host is that of a site, or lies below it.
fn is_at(host: &str, site: &str) -> bool {
    let site = site.strip_prefix("www.").unwrap_or(site);
    host == site || host.strip_suffix(site).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::fetch::Settings;
    use crate::model::source::Source;
    use crate::pipeline::sites::SiteFiles;
    use crate::platform::{Catalog, Definition};

    const PLATFORM: &str = "id = \"own\"\nname = \"论坛\"\n[entry.listing]\nurl = \"{base}/new\"\neach = \"article\"\n\
        [entry.listing.post]\nurl = \"a@href\"\ntext = \"p\"\n";

    fn source(platform: &str, base: &str, rest: &str) -> Source {
        let text = format!("id = \"a\"\nplatform = \"{platform}\"\nbase = \"{base}\"\n{rest}");
        let source: Source = toml::from_str(&text).unwrap();
        Source { enabled_expressly: rest.contains("enabled"), ..source }
    }

    fn files(sources: Vec<Source>) -> SiteFiles {
        let resolve = [("board.example".to_owned(), "10.0.0.8".to_owned())].into();
        let fetch = Settings { allow_private: vec!["10.0.0.7".to_owned()], resolve, ..Settings::default() };
        SiteFiles { sources: Arc::new(sources.into_iter().collect()), fetch, ..SiteFiles::of_nothing() }
    }

    #[track_caller]
    fn expect_platform(text: &str, said: &str) {
        let files = files(vec![source("github", "https://api.github.com", "token = \"t\"\n")]);
        let problems = files.bounds_of_platform(&Definition::parse("file", text).unwrap());
        let told: Vec<&str> = problems.iter().map(|problem| problem.en.as_str()).collect();
        assert!(if said.is_empty() { told.is_empty() } else { told.concat().contains(said) }, "{text}: {told:?}");
    }

    #[track_caller]
    fn expect_source(platform: &str, base: &str, rest: &str, said: &str) {
        let files = files(vec![source("discuz", "http://10.0.0.7:8080", "")]);
        let source = source(platform, base, rest);
        let catalog = Catalog::builtin();
        let problems = files.bounds_of_source(&source, catalog.get(&platform.into()).unwrap());
        let told: Vec<&str> = problems.iter().map(|problem| problem.en.as_str()).collect();
        assert!(if said.is_empty() { told.is_empty() } else { told.concat().contains(said) }, "{base}: {told:?}");
    }

    #[test]
    fn a_platform_opens_no_site_that_is_closed_and_reads_no_accounts_of_another() {
        expect_platform(PLATFORM, "");
        let with = |line: &str| format!("{line}\n{PLATFORM}");
        expect_platform(&with("base = \"https://www.maimai.cn\""), "another name opens nothing");
        expect_platform(&with("base = \"https://www.reddit.com\""), "another name opens nothing");
        expect_platform(&with("base = \"https://www.reddit.com\"\nclass = \"B\""), "");
        expect_platform(&with("accounts_of = \"v2ex\""), "accounts_of");
        expect_platform(&with("").replace("\"own\"", "\"reddit\""), "may not be wider");
        expect_platform(&PLATFORM.replace("\"own\"", "\"v2ex\""), "must be that of the built-in platform");
        let v2ex = with("base = \"https://www.v2ex.com\"").replace("\"own\"", "\"v2ex\"");
        expect_platform(&v2ex, "");
    }

    #[test]
    fn a_platform_that_is_read_with_a_token_is_not_replaced() {
        let github = format!("base = \"https://api.github.com\"\n{}", PLATFORM.replace("\"own\"", "\"github\""));
        expect_platform(&github.replace("{base}/new", "{base}/user/repos?visibility=private"), "with a token");
    }

    #[test]
    fn an_address_of_a_platform_lies_at_the_base_of_its_source() {
        for address in ["https://maimai.cn/new", "{base}.evil.example/", "{base}@evil.example/", "{base}{a}"] {
            expect_platform(&PLATFORM.replace("{base}/new", address), "must begin with {base}/");
        }
        expect_platform(&PLATFORM.replace("{base}/new", "{base}?page={page}"), "");
        let canary =
            "[canary]\nentry = \"post\"\nurl = \"http://10.0.0.7/\"\n[entry.post]\n[entry.post.post]\ntext = \"p\"\n";
        expect_platform(&format!("{PLATFORM}{canary}"), "must begin with {base}/");
    }

    #[test]
    fn a_source_lies_at_the_one_site_of_its_platform_and_at_none_that_is_closed() {
        expect_source("v2ex", "https://evil.example", "", "one site only");
        expect_source("v2ex", "https://www.v2ex.com", "", "");
        for base in ["https://maimai.cn", "https://MAIMAI.cn.", "https://www.maimai.cn:8443/x", "https://u@maimai.cn"] {
            expect_source("discourse", base, "enabled = true\n", "another platform opens nothing");
        }
        expect_source("discourse", "https://old.reddit.com", "", "another platform opens nothing");
        expect_source("discourse", "https://old.reddit.com", "enabled = true\n", "");
        expect_source("discourse", "https://notreddit.com", "", "");
    }

    #[test]
    fn a_source_leads_inside_only_where_the_operator_visits_something() {
        for base in ["http://10.0.0.7", "http://10.0.0.7:9000", "http://board.example", "http://wiki", "http://[::1]"] {
            expect_source("discourse", base, "", "lies inside");
        }
        expect_source("discourse", "http://10.0.0.7:8080/board", "", "");
        expect_source("discourse", "https://forum.example", "", "");
    }

    #[test]
    fn every_built_in_platform_that_is_read_as_it_is_may_have_a_source() {
        for definition in Catalog::builtin().iter().filter(|one| one.class() == crate::platform::Class::A) {
            let base = definition.base().unwrap_or("https://forum.example");
            expect_source(definition.id().as_str(), base, "", "");
        }
    }
}
