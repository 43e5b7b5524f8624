//! Hostile, overloaded and merely odd servers, one by one and all together: nginx, and a server of faults below HTTP.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use wanglou::clock::Clock;
use wanglou::fetch::{Answer, FetchError, Fetcher, Request, Settings};
use wanglou::model::ids::SourceId;

use crate::server::{Server, home};
use crate::world::{PROGRAM, World, verdict};

/// Largest body in these tests, bytes.
const BODY_MAX: usize = 1 << 20;

/// One site: its name below xinghe.example, the port where it really is, the page, and what a request for it comes to.
type Site = (&'static str, u16, &'static str, &'static str);

const HTTP: u16 = 8090;
const RAW: u16 = 8092;

const SITES: [Site; 40] = [
    // What is merely odd is read.
    ("healthy", HTTP, "/index.html", "200"),
    ("gbk", HTTP, "/gbk.html", "200"),
    ("undeclared", HTTP, "/undeclared.html", "200"),
    ("feed", HTTP, "/broken.rss", "200"),
    ("laughs", HTTP, "/laughs.rss", "200"),
    ("tls", 8443, "/index.html", "200"),
    ("plain", RAW, "/plain", "200"),
    ("smuggle", RAW, "/smuggle", "200"),
    ("etag", HTTP, "/etag", "200"),
    // Walls are answers; what they mean is judged by their text.
    ("captcha", HTTP, "/captcha", "403"),
    ("login", HTTP, "/login", "200"),
    // What would fill the memory.
    ("bomb", HTTP, "/bomb", "too large"),
    ("bombbr", HTTP, "/bombbr", "too large"),
    ("bomb2", HTTP, "/bomb2", "200"),
    ("big", HTTP, "/big.html", "too large"),
    ("endlesschunks", RAW, "/endlesschunks", "too large"),
    // What would never end.
    ("drip", HTTP, "/drip/index.html", "timed out"),
    ("hang", RAW, "/hang", "timed out"),
    ("slowhead", RAW, "/slowhead", "timed out"),
    ("slowbody", RAW, "/slowbody", "timed out"),
    ("loop", HTTP, "/loop", "refused"),
    ("chain", HTTP, "/chain/1", "refused"),
    // What leads elsewhere.
    ("toprivate", HTTP, "/toprivate", "refused"),
    ("tofile", HTTP, "/tofile", "refused"),
    ("private", HTTP, "/private/index.html", "disallowed"),
    // Who is overloaded.
    ("busy", HTTP, "/429", "slow down: 120 s"),
    ("closed", HTTP, "/503", "slow down: 86400 s"),
    // What breaks.
    ("close", HTTP, "/close", "unreachable"),
    ("short", RAW, "/short", "unreachable"),
    ("reset", RAW, "/reset", "unreachable"),
    ("badchunk", RAW, "/badchunk", "unreachable"),
    ("hugehead", RAW, "/hugehead", "unreachable"),
    ("garbage", RAW, "/garbage", "unreachable"),
    // Who is not who they say.
    ("expired", 8444, "/index.html", "unreachable"),
    ("wrong", 8445, "/index.html", "unreachable"),
    ("selfsigned", 8446, "/index.html", "unreachable"),
    ("oldtls", 8447, "/index.html", "unreachable"),
    ("incomplete", 8448, "/index.html", "unreachable"),
    // Who is not there.
    ("nobody", 9, "/index.html", "unreachable"),
    ("missing", HTTP, "/missing.html", "404"),
];

fn host(name: &str) -> String {
    format!("{name}.xinghe.example")
}

fn base((name, port, ..): Site) -> String {
    let scheme = if (8443..=8448).contains(&port) { "https" } else { "http" };
    format!("{scheme}://{}", host(name))
}

fn authority() -> PathBuf {
    home().join("adversity/tls/ca.pem")
}

fn settings() -> Settings {
    Settings {
        ca_file: Some(authority()),
        total_timeout_s: 1.5,
        body_max_bytes: BODY_MAX,
        loopback_pace: 0.0,
        retries_max: 0,
        resolve: SITES.iter().map(|(name, port, ..)| (host(name), format!("127.0.0.1:{port}"))).collect(),
        ..Settings::default()
    }
}

fn told(outcome: &Result<Answer, FetchError>) -> String {
    match outcome {
        Ok(answer) => answer.status.to_string(),
        Err(FetchError::TooLarge { .. }) => "too large".to_owned(),
        Err(FetchError::TimedOut { .. }) => "timed out".to_owned(),
        Err(FetchError::Refused { .. }) => "refused".to_owned(),
        Err(FetchError::Disallowed { .. }) => "disallowed".to_owned(),
        Err(FetchError::Unreachable { .. }) => "unreachable".to_owned(),
        Err(FetchError::RobotsUnavailable { .. }) => "no robots".to_owned(),
        Err(FetchError::SlowDown { retry_after, .. }) => {
            format!("slow down: {} s", retry_after.map_or(0, |wait| wait.as_secs()))
        }
        Err(error) => error.to_string(),
    }
}

async fn fetch(fetcher: &Fetcher, site: Site) -> Result<Answer, FetchError> {
    let url = format!("{}{}", base(site), site.2);
    fetcher.fetch(&Request::new(url, SourceId::new(site.0))).await
}

#[tokio::test]
async fn each_odd_server_is_told_by_what_it_does() {
    let _server = Server::up("adversity");
    let fetcher = Fetcher::new(settings(), Clock::system()).unwrap();
    for site in SITES {
        assert_eq!(told(&fetch(&fetcher, site).await), site.3, "{}", site.0);
    }
}

#[tokio::test]
async fn what_follows_an_answer_uninvited_is_no_answer_to_the_next_question() {
    let _server = Server::up("adversity");
    let fetcher = Fetcher::new(settings(), Clock::system()).unwrap();
    let smuggle = SITES.into_iter().find(|site| site.0 == "smuggle").unwrap();
    assert_eq!(fetch(&fetcher, smuggle).await.unwrap().body, b"");
    let next = ("smuggle", RAW, "/plain", "");
    assert_eq!(fetch(&fetcher, next).await.unwrap().body, b"no length, then close");
}

#[tokio::test]
async fn a_server_that_knows_http_2_is_asked_by_it_and_on_one_connection() {
    let _server = Server::up("adversity");
    let fetcher = Fetcher::new(settings(), Clock::system()).unwrap();
    let answer = fetch(&fetcher, ("tls", 8443, "/protocol", "")).await.unwrap();
    assert_eq!(answer.text(), "HTTP/2.0, request 2", "robots.txt is the first");
}

#[test]
fn one_scan_survives_all_odd_servers_and_finds_what_is_readable() {
    let _server = Server::up("adversity");
    let world = world();
    for look in ["first", "second"] {
        let seen = verdicts(&world);
        let found: Vec<&str> =
            seen.iter().filter(|(_, verdict)| *verdict == "found").map(|(name, _)| &**name).collect();
        assert_eq!(found, READABLE, "the {look} look");
        let rest = seen.iter().filter(|(name, _)| !READABLE.contains(&&***name));
        let doubtful: Vec<_> = rest.filter(|(_, verdict)| !verdict.starts_with("blocked: ")).collect();
        assert!(doubtful.is_empty(), "nothing is taken for empty, the {look} look: {doubtful:?}");
        for (name, wall) in WALLS {
            assert!(seen[name].starts_with(&format!("blocked: {wall}")), "{name}, the {look} look: {}", seen[name]);
        }
        let cases = ["account gbk_kefu open", "account undeclared_kefu open", "account xinghe_kefu open"];
        assert_eq!(world.standing(), cases, "the {look} look");
    }
}

#[test]
fn a_feed_cannot_make_us_read_a_file_or_unfold_entities() {
    let _server = Server::up("adversity");
    let world = world();
    let page = world.call_for_json(&["platform", "try", "laughs", "http://laughs.xinghe.example/laughs.rss", "--json"]);
    assert_eq!(page["posts"][0]["url"], "http://laughs.xinghe.example/1", "{page}");
    let text = page.to_string();
    assert!(!text.contains("root:") && text.len() < 2_000, "{text}");
}

fn world() -> World {
    let world = World::empty();
    world.write("platforms/odd.toml", PLATFORM);
    world.write("platforms/odd_feed.toml", FEED);
    world.write("sources.toml", &SITES.map(source).concat());
    world.write("wanglou.toml", &configuration());
    world
}

/// Visits all sources with at most that much memory of its own, and gives them as `scan --json` prints them.
fn scan_within(world: &World, memory_kib: u32) -> Vec<Value> {
    let call = format!("ulimit -d {memory_kib} && exec \"$0\" scan --json");
    let (printed, said) = world.output_of(Command::new("bash").args(["-c", &call, PROGRAM]));
    let scan: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}\n{said}"));
    scan["sources"].as_array().unwrap().clone()
}

/// Scans, and says what each source turned out to be.
fn verdicts(world: &World) -> BTreeMap<String, String> {
    let name = |seen: &Value| seen["source"].as_str().unwrap().to_owned();
    scan_within(world, MEMORY_KIB).iter().map(|seen| (name(seen), verdict(&seen["verdict"]))).collect()
}

/// What is odd, and still read.
const READABLE: [&str; 7] = ["etag", "feed", "gbk", "healthy", "laughs", "tls", "undeclared"];

/// What stands before some of the others, as the operator is told.
const WALLS: [(&str, &str); 8] = [
    ("captcha", "status 403"),
    ("login", "redirect to /passport"),
    ("private", "robots.txt forbids it"),
    ("toprivate", "127.77.0.1 is not visited: the address is private or reserved"),
    ("busy", "busy.xinghe.example asks for slower visits; come back later"),
    ("expired", "expired.xinghe.example cannot be reached: invalid peer certificate: certificate expired"),
    ("selfsigned", "selfsigned.xinghe.example cannot be reached: invalid peer certificate: "),
    ("nobody", "nobody.xinghe.example cannot be reached: Connection refused"),
];

/// Most memory of the program during the scan, KiB: a few bodies of the largest size at once, and the program itself.
const MEMORY_KIB: u32 = 400_000;

const PLATFORM: &str = r#"
id = "odd"
name = "Odd sites"
interval_min_s = 1
[entry.listing]
url = "{base}{+path}"
each = ".profile"
[entry.listing.account]
handle = "@data-handle"
display_name = "h1"
bio = "p"
"#;

const FEED: &str = r#"
id = "odd_feed"
name = "Odd feeds"
interval_min_s = 1
[entry.listing]
url = "{base}{+path}"
format = "feed"
[entry.listing.post]
"#;

fn source(site: Site) -> String {
    let (name, _, path, _) = site;
    let platform = if path.ends_with(".rss") { "odd_feed" } else { "odd" };
    format!(
        "[[source]]\nid = '{name}'\nplatform = '{platform}'\nbase = '{}'\nbasis = 'test'\ninterval_min_s = 0.0\nvalues = {{ path = '{path}' }}\n",
        base(site)
    )
}

fn configuration() -> String {
    let hosts: String = settings().resolve.iter().map(|(name, place)| format!("'{name}' = '{place}'\n")).collect();
    format!(
        "[fetch]\ncontact = 'webmaster@xinghe.example'\nca_file = '{}'\ntotal_timeout_s = 1.5\nbody_max_bytes = {BODY_MAX}\n\
         loopback_pace = 0.0\nretry_first_s = 0.001\n[fetch.resolve]\n{hosts}",
        authority().display()
    )
}
