//! The fictional sites and their platform files agree: what is read from the pages is what the records say.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::{Certificate, Client};
use url::Url;
use wanglou::clock::Clock;
use wanglou::demo::data;
use wanglou::demo::site::Web;
use wanglou::model::account::{Account, Post};
use wanglou::model::capture::Verdict;
use wanglou::model::source::EntryKind;
use wanglou::model::time::Timestamp;
use wanglou::platform::{Definition, Extraction, Page, Values, extract};

const REQUESTS_MAX: usize = 200;

/// A visitor who follows every link that the platform files name, as the pipeline does, but keeps no pace.
struct Visitor {
    client: Client,
    clock: Clock,
}

/// Everything that was read, by address.
#[derive(Default)]
struct Read {
    accounts: BTreeMap<String, Account>,
    posts: BTreeMap<String, Post>,
    not_found: Vec<(Url, Verdict)>,
    problems: Vec<String>,
}

impl Visitor {
    #[expect(clippy::disallowed_methods, reason = "the sites are tested without the fetcher")]
    fn new(web: &Web, clock: Clock) -> Self {
        // The process-wide provider may already have been installed by another test.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = Certificate::from_pem(web.ca_pem().as_bytes()).expect("a certificate");
        let mut client = Client::builder().no_proxy().tls_certs_only([authority]);
        for (host, address) in web.addresses() {
            client = client.resolve(host, *address);
        }
        Self { client: client.build().expect("a client"), clock }
    }

    async fn read(&self, definition: &Definition, entry: EntryKind, url: &Url) -> Extraction {
        let answer = self.client.get(url.clone()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let content_type = answer.headers()["content-type"].to_str().expect("text").to_owned();
        let body = answer.bytes().await.expect("a body");
        let encoding = if content_type.contains("gbk") { encoding_rs::GBK } else { encoding_rs::UTF_8 };
        let text = encoding.decode(&body).0;
        let base = format!("https://{}", url.host_str().expect("a host"));
        let zone = chrono_tz::Asia::Shanghai;
        let (content_type, fetched_at) = (content_type.as_str(), self.clock.now());
        extract(definition, &Page { url, entry, status, content_type, text: &text, fetched_at, zone, base: &base })
    }

    /// Starts at the listing and follows every link, except those under a path that robots forbid.
    async fn roam(&self, definition: &Definition) -> Read {
        let mut read = Read::default();
        let mut seen = BTreeSet::new();
        let mut waiting = VecDeque::from([(EntryKind::Listing, address(definition, EntryKind::Listing, 0))]);
        let mut page = 0;
        while let Some((entry, url)) = waiting.pop_front() {
            if url.path().starts_with("/private/") || !seen.insert(url.clone()) {
                continue;
            }
            assert!(seen.len() < REQUESTS_MAX, "the listing of {} never ends", definition.id());
            let found = self.read(definition, entry, &url).await;
            if entry == EntryKind::Listing && definition.numbers_pages(entry) && found.verdict == Verdict::Found {
                page += 1;
                waiting.push_back((entry, address(definition, entry, page)));
            }
            waiting.extend(found.next.clone().map(|next| (entry, next)));
            waiting.extend(found.follow.iter().map(|follow| (follow.entry, follow.url.clone())));
            read.keep(&url, found);
        }
        read
    }
}

impl Read {
    fn keep(&mut self, url: &Url, found: Extraction) {
        self.problems.extend(found.problems);
        if found.verdict != Verdict::Found {
            self.not_found.push((url.clone(), found.verdict));
        }
        self.accounts.extend(found.accounts.into_iter().map(|account| (account.url.clone(), account)));
        self.posts.extend(found.posts.into_iter().map(|post| (post.url.clone(), post)));
    }
}

fn address(definition: &Definition, entry: EntryKind, page: u32) -> Url {
    let base = format!("https://{}.example", definition.id());
    definition.url(entry, &Values { base, page, ..Values::default() }).expect("an address")
}

fn definitions() -> Vec<Definition> {
    let parse = |(file, toml): &(&str, &str)| Definition::parse(file, toml).unwrap_or_else(|error| panic!("{error}"));
    data::PLATFORM_FILES.iter().map(parse).collect()
}

fn definition(id: &str) -> Definition {
    definitions().into_iter().find(|definition| definition.id().as_str() == id).expect("a platform file")
}

async fn web() -> (Web, Clock, Visitor) {
    let clock = Clock::standing_at(data::as_of());
    let web = Web::start(clock.clone(), data::as_of()).await.expect("the web comes up");
    let visitor = Visitor::new(&web, clock.clone());
    (web, clock, visitor)
}

/// What must be equal between a record and what was read, as one text.
fn account_facts(account: &Account) -> String {
    let badge = account.verification.is_present().then_some(&account.verification);
    format!(
        "{} {} {} name={:?} bio={:?} badge={badge:?} employer={:?} region={:?} followers={}",
        account.platform,
        account.handle,
        account.url,
        account.display_name,
        account.bio,
        account.employer_field,
        account.ip_region,
        account.followers
    )
}

fn post_facts(post: &Post, author: Option<&str>) -> String {
    format!(
        "{} {} {author:?} {:?} title={:?} text={:?}",
        post.platform, post.url, post.published, post.title, post.text
    )
}

#[test]
fn every_source_has_its_platform_file() {
    let named: BTreeSet<_> = data::sources().into_iter().map(|source| source.platform).collect();
    let definitions = definitions();
    assert_eq!(named, definitions.iter().map(|definition| definition.id().clone()).collect());
}

#[tokio::test]
async fn everything_on_the_open_platforms_is_read_as_the_records_say() {
    let (web, _, visitor) = web().await;
    let mut all = Read::default();
    for definition in definitions().iter().filter(|definition| !["mimi", "menglou"].contains(&definition.id().as_str()))
    {
        let read = visitor.roam(definition).await;
        all.accounts.extend(read.accounts);
        all.posts.extend(read.posts);
        all.problems.extend(read.problems);
        // A list whose address counts the pages ends with a page that says so.
        assert!(read.not_found.iter().all(|(_, verdict)| *verdict == Verdict::Empty), "{:?}", read.not_found);
    }
    assert_eq!(all.problems, Vec::<String>::new());
    let public = |account: &Account| account.snapshot_of.is_none() && !account.url.contains("/private/");
    let expected: BTreeSet<_> = data::accounts().iter().filter(|account| public(account)).map(account_facts).collect();
    assert_eq!(all.accounts.values().map(account_facts).collect::<BTreeSet<_>>(), expected);
    assert_eq!(posts_read(&all), posts_recorded());
    assert!(web.requests().iter().all(|asked| !asked.path.starts_with("/private/")));
    web.stop().await;
}

fn posts_read(read: &Read) -> BTreeSet<String> {
    read.posts.values().map(|post| post_facts(post, post.account.as_deref())).collect()
}

fn posts_recorded() -> BTreeSet<String> {
    let accounts = data::accounts();
    let author = |post: &Post| accounts.iter().find(|account| account.id == post.account).map(|a| a.handle.clone());
    data::posts().iter().map(|post| post_facts(post, author(post).as_deref())).collect()
}

#[tokio::test]
async fn dates_are_read_to_the_minute_a_week_later_too() {
    let (web, clock, visitor) = web().await;
    clock.advance_ms(7 * 86_400_000);
    let mut all = Read::default();
    for id in ["weiyan", "kuaipai", "caoben", "jiangba", "guliao", "haowai", "zhiyou", "bochang"] {
        all.posts.extend(visitor.roam(&definition(id)).await.posts);
    }
    assert_eq!(posts_read(&all), posts_recorded());
    web.stop().await;
}

#[tokio::test]
async fn dates_of_today_and_yesterday_are_read_as_people_write_them() {
    let now = Timestamp::parse("2026-11-15T21:30:00+08:00").expect("an instant");
    let clock = Clock::standing_at(now);
    let web = Web::start(clock.clone(), now).await.expect("the web comes up");
    let visitor = Visitor::new(&web, clock);
    let mut published = Vec::new();
    for (id, path) in [("zhiyou", "/p/anon_7712/1"), ("kuaipai", "/p/chuneng_sunge/1")] {
        let url = format!("https://{id}.example{path}").parse().expect("an address");
        let found = visitor.read(&definition(id), EntryKind::Post, &url).await;
        published.extend(found.posts.iter().filter_map(|post| post.published).map(|at| at.to_string()));
    }
    // 昨天 22:58 is exact; 3小时前 counts from the visit.
    assert_eq!(published, ["2026-11-14T14:58:00Z", "2026-11-15T10:30:00Z"]);
    web.stop().await;
}

#[tokio::test]
async fn the_second_sight_of_an_account_is_read_after_three_days() {
    let (web, clock, visitor) = web().await;
    clock.advance_ms(3 * 86_400_000);
    let url = "https://weiyan.example/u/zhangwei_hc".parse().expect("an address");
    let found = visitor.read(&definition("weiyan"), EntryKind::Account, &url).await;
    let second = data::accounts().into_iter().find(|account| account.snapshot_of.is_some()).expect("a snapshot");
    assert_eq!(found.accounts.iter().map(account_facts).collect::<Vec<_>>(), [account_facts(&second)]);
    web.stop().await;
}

#[tokio::test]
async fn a_wall_is_blocked_and_a_missing_profile_is_empty() {
    let (web, _, visitor) = web().await;
    for id in ["mimi", "menglou"] {
        let definition = definition(id);
        let found = visitor.read(&definition, EntryKind::Listing, &address(&definition, EntryKind::Listing, 0)).await;
        assert!(matches!(found.verdict, Verdict::Blocked { .. }), "{id}: {:?}", found.verdict);
    }
    for definition in definitions().iter().filter(|definition| definition.has(EntryKind::Account)) {
        if ["mimi", "menglou"].contains(&definition.id().as_str()) {
            continue;
        }
        let values = Values { base: format!("https://{}.example", definition.id()), ..Values::default() };
        let values = Values { handle: Some("nobody".to_owned()), ..values };
        let url = definition.url(EntryKind::Account, &values).expect("an address");
        let found = visitor.read(definition, EntryKind::Account, &url).await;
        assert_eq!(found.verdict, Verdict::Empty, "{url}");
    }
    web.stop().await;
}

#[tokio::test]
async fn the_public_search_leads_to_whom_it_names_or_says_that_there_is_nobody() {
    let (web, _, visitor) = web().await;
    let wenhai = definition("wenhai");
    let search = |term: &str| {
        let values =
            Values { base: "https://wenhai.example".to_owned(), term: Some(term.to_owned()), ..Values::default() };
        wenhai.url(EntryKind::Search, &values).expect("an address")
    };
    let found = visitor.read(&wenhai, EntryKind::Search, &search("工业机器人")).await;
    assert_eq!(found.follow.iter().map(|follow| follow.url.path()).collect::<Vec<_>>(), ["/u/wh_linmo"]);
    let nobody = visitor.read(&wenhai, EntryKind::Search, &search("世上没有的词")).await;
    assert_eq!(nobody.verdict, Verdict::Empty);
    web.stop().await;
}

#[tokio::test]
async fn the_private_circle_is_among_the_links_that_robots_will_stop() {
    let (web, _, visitor) = web().await;
    let wenhai = definition("wenhai");
    let found = visitor.read(&wenhai, EntryKind::Listing, &address(&wenhai, EntryKind::Listing, 0)).await;
    assert!(found.follow.iter().any(|follow| follow.url.path() == "/private/yuandai-group"));
    web.stop().await;
}
