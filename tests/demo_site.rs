//! The fictional web: real HTTPS on loopback, and what it shows when.

use std::net::SocketAddr;

use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Certificate, Client, Response};
use wanglou::clock::Clock;
use wanglou::demo::data;
use wanglou::demo::site::Web;

const AGENT: &str = "YuandaiBrandWatch/1.0 (+https://yuandai.example/bot)";

#[expect(clippy::disallowed_methods, reason = "the sites are tested without the fetcher")]
fn visitor(web: &Web) -> Client {
    // The process-wide provider may already have been installed by another test.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = Certificate::from_pem(web.ca_pem().as_bytes()).expect("a certificate");
    let mut client = Client::builder().no_proxy().user_agent(AGENT).tls_certs_only([authority]);
    for (host, address) in web.addresses() {
        client = client.resolve(host, *address);
    }
    client.build().expect("a client")
}

async fn web() -> (Web, Clock, Client) {
    let clock = Clock::standing_at(data::as_of());
    let web = Web::start(clock.clone(), data::as_of()).await.expect("the web comes up");
    let client = visitor(&web);
    (web, clock, client)
}

async fn get(client: &Client, url: &str) -> Response {
    client.get(url).send().await.expect("an answer")
}

async fn page(client: &Client, url: &str) -> String {
    let bytes = get(client, url).await.bytes().await.expect("a body");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn every_source_has_a_site_with_its_own_port_and_certificate() {
    let (web, _, client) = web().await;
    for source in data::sources() {
        assert!(page(&client, &format!("{}/robots.txt", source.base)).await.contains("User-agent"), "{}", source.id);
    }
    let mut ports: Vec<u16> = web.addresses().values().map(SocketAddr::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 11);
    assert!(web.addresses().values().all(|address| address.ip().is_loopback()));
    web.stop().await;
}

#[tokio::test]
async fn a_certificate_is_good_for_its_own_host_only() {
    let (web, _, _) = web().await;
    #[expect(clippy::disallowed_methods, reason = "the sites are tested without the fetcher")]
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(web.ca_pem().as_bytes()).expect("a certificate")])
        .resolve("caoben.example", web.addresses()["weiyan.example"])
        .build()
        .expect("a client");
    assert!(client.get("https://caoben.example/robots.txt").send().await.is_err());
    web.stop().await;
}

#[tokio::test]
async fn the_second_sight_of_an_account_is_shown_from_the_third_day_on_and_nothing_else_changes() {
    let (web, clock, client) = web().await;
    let (changing, other) = ("https://weiyan.example/u/zhangwei_hc", "https://weiyan.example/u/wy_qinglan");
    let (first, first_other) = (page(&client, changing).await, page(&client, other).await);
    clock.advance_ms(3 * 86_400_000 - 1);
    assert_eq!(page(&client, changing).await, first);
    clock.advance_ms(1);
    let second = page(&client, changing).await;
    assert!(first.contains("远岱集团张伟") && !second.contains("远岱集团张伟") && second.contains("张伟爱储能"));
    assert_eq!(page(&client, other).await, first_other);
    web.stop().await;
}

#[tokio::test]
async fn feeds_and_json_answer_a_revisit_with_304() {
    let (web, _, client) = web().await;
    for url in ["https://haowai.example/feed/hw_hecan_notes.xml", "https://guliao.example/api/u/hc_xiaochen"] {
        let first = get(&client, url).await;
        let again = client.get(url).header(IF_NONE_MATCH, &first.headers()[ETAG]).send().await.expect("an answer");
        assert_eq!((first.status().as_u16(), again.status().as_u16()), (200, 304), "{url}");
        let changed = client.get(url).header(IF_NONE_MATCH, "\"other\"").send().await.expect("an answer");
        assert_eq!(changed.status().as_u16(), 200, "{url}");
    }
    let feed = "https://haowai.example/feed/hw_hecan_notes.xml";
    let modified = get(&client, feed).await.headers()[LAST_MODIFIED].clone();
    let again = client.get(feed).header(IF_MODIFIED_SINCE, modified).send().await.expect("an answer");
    assert_eq!(again.status().as_u16(), 304);
    web.stop().await;
}

#[tokio::test]
async fn the_trade_forum_speaks_gbk() {
    let (web, _, client) = web().await;
    let answer = get(&client, "https://jiangba.example/u/user_90233").await;
    assert_eq!(answer.headers()["content-type"], "text/html; charset=gbk");
    let body = answer.bytes().await.expect("a body");
    let (text, _, broken) = encoding_rs::GBK.decode(&body);
    assert!(!broken && text.contains("老螺丝"));
    web.stop().await;
}

#[tokio::test]
async fn a_wall_answers_every_path_with_status_200() {
    let (web, _, client) = web().await;
    for path in ["/", "/users", "/u/anybody", "/search?q=x"] {
        let answer = get(&client, &format!("https://menglou.example{path}")).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.text().await.expect("a body").contains("请登录后查看"), "{path}");
    }
    web.stop().await;
}

#[tokio::test]
async fn the_list_of_answerers_leads_to_a_forbidden_path() {
    let (web, _, client) = web().await;
    assert!(page(&client, "https://wenhai.example/users").await.contains("href=\"/private/yuandai-group\""));
    assert!(page(&client, "https://wenhai.example/search?q=不存在的词").await.contains("没有找到相关内容"));
    web.stop().await;
}

#[tokio::test]
async fn every_request_is_written_down_with_its_agent() {
    let (web, clock, client) = web().await;
    page(&client, "https://weiyan.example/search?q=1").await;
    get(&client, "https://kuaipai.example/u/nobody").await;
    let seen: Vec<_> = web.requests().into_iter().map(|asked| (asked.host, asked.path, asked.status)).collect();
    let search = ("weiyan.example".to_owned(), "/search?q=1".to_owned(), 200);
    assert_eq!(seen, [search, ("kuaipai.example".to_owned(), "/u/nobody".to_owned(), 404)]);
    assert!(web.requests().iter().all(|asked| asked.user_agent == AGENT && asked.at == clock.now()));
    web.stop().await;
}

#[tokio::test]
async fn a_stopped_web_answers_nobody() {
    let (web, _, client) = web().await;
    page(&client, "https://weiyan.example/users").await;
    web.stop().await;
    assert!(client.get("https://weiyan.example/users").send().await.is_err());
}
