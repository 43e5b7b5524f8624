//! The fetcher on the fictional web: what robots forbid is never asked for.

use wanglou::clock::Clock;
use wanglou::demo::data;
use wanglou::demo::site::Web;
use wanglou::fetch::{FetchError, Fetcher, Request, Settings};
use wanglou::model::ids::SourceId;

struct World {
    web: Web,
    fetcher: Fetcher,
    _folder: tempfile::TempDir,
}

async fn world(user_agent: &str) -> World {
    let clock = Clock::standing_at(data::as_of());
    let web = Web::start(clock.clone(), data::as_of()).await.expect("the web comes up");
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, web.ca_pem()).expect("the file is written");
    let settings = Settings {
        user_agent: user_agent.to_owned(),
        ca_file: Some(ca_file),
        loopback_pace: 0.0,
        allow_private: vec!["127.0.0.1".to_owned()],
        resolve: web.addresses().iter().map(|(host, address)| (host.clone(), address.to_string())).collect(),
        ..Settings::default()
    };
    let fetcher = Fetcher::new(settings, clock).expect("a fetcher");
    World { web, fetcher, _folder: folder }
}

impl World {
    async fn fetch(&self, url: &str) -> Result<u16, FetchError> {
        let answer = self.fetcher.fetch(&Request::new(url, SourceId::new("demo"))).await?;
        Ok(answer.status)
    }

    /// Paths that were asked for, robots files aside.
    fn pages(&self) -> Vec<String> {
        let asked = self.web.requests().into_iter().map(|asked| format!("{}{}", asked.host, asked.path));
        asked.filter(|address| !address.ends_with("/robots.txt")).collect()
    }
}

#[tokio::test]
async fn a_public_page_is_fetched_by_the_name_of_its_host() {
    let world = world("YuandaiBrandWatch").await;
    assert_eq!(world.fetch("https://weiyan.example/u/wy_qinglan").await.expect("a page"), 200);
    assert_eq!(world.pages(), ["weiyan.example/u/wy_qinglan"]);
}

#[tokio::test]
async fn no_forbidden_path_is_ever_asked_for() {
    let world = world("YuandaiBrandWatch").await;
    for url in [
        "https://wenhai.example/private/yuandai-group",
        "https://wenhai.example/people/wh_linmo/followers",
        "https://weiyan.example/search?q=1",
        "https://mimi.example/users",
    ] {
        assert!(matches!(world.fetch(url).await, Err(FetchError::Disallowed { .. })), "{url}");
    }
    assert_eq!(world.pages(), Vec::<String>::new());
}

#[tokio::test]
async fn the_share_forum_lets_in_only_the_visitor_that_it_knows() {
    let (known, other) = (world("YuandaiBrandWatch").await, world("Wanglou").await);
    let url = "https://guliao.example/api/latest";
    assert_eq!(known.fetch(url).await.expect("a page"), 200);
    assert!(matches!(other.fetch(url).await, Err(FetchError::Disallowed { .. })));
}
