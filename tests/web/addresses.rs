//! Where the fetcher goes and never goes: private addresses, redirects, names of one's own and TLS.

use crate::fetch::{always, clock, fetcher, page, settings, with_robots};
use crate::site::{Asked, Reply, Site};
use wanglou::fetch::{FetchError, Fetcher, Request, Settings};

// Addresses

#[tokio::test]
async fn no_writing_of_a_private_address_is_visited() {
    let site = Site::start(always(Reply::page("secret"))).await;
    let fetcher = Fetcher::new(Settings::default(), clock()).unwrap();
    let port = site.address.port();
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "localhost", "0.0.0.0"] {
        let error = fetcher.fetch(&page(format!("http://{host}:{port}/"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{host}: {error}");
    }
    assert!(site.asked().is_empty());
}

#[tokio::test]
async fn an_allowed_address_opens_no_other_port() {
    let (open, secret) =
        (Site::start(always(Reply::page("open"))).await, Site::start(always(Reply::page("secret"))).await);
    let fetcher = fetcher(&[&open]);
    assert!(fetcher.fetch(&page(open.url("/"))).await.is_ok());
    assert!(matches!(fetcher.fetch(&page(secret.url("/"))).await, Err(FetchError::Refused { .. })));
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn addresses_that_are_no_web_pages_are_named_as_such() {
    let fetcher = Fetcher::new(Settings::default(), clock()).unwrap();
    for address in [
        "",
        "board.example/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        &"http://a.example/".repeat(400),
    ] {
        let error = fetcher.fetch(&page(address)).await.unwrap_err();
        assert!(matches!(error, FetchError::BadAddress { .. }), "{error}");
    }
    for address in ["http://user:word@a.example/", "http://a.example:25/"] {
        let error = fetcher.fetch(&page(address)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    }
}

// Redirects

#[tokio::test]
async fn a_redirect_is_followed_to_its_page() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/a" => Reply::redirect("/b?c=云"),
        "/b?c=%E4%BA%91" => Reply::page("hello"),
        _ => Reply::status(404),
    })
    .await;
    let answer = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap();
    assert_eq!(answer.final_url.as_str(), site.url("/b?c=%E4%BA%91"));
    assert_eq!(answer.text(), "hello");
}

#[tokio::test]
async fn a_redirect_is_an_answer_where_it_is_not_to_be_followed() {
    let site = Site::start(always(Reply::redirect("/elsewhere"))).await;
    let request = Request { keeps_redirects: true, ..page(site.url("/a")) };
    let answer = fetcher(&[&site]).fetch(&request).await.unwrap();
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/elsewhere")));
    assert_eq!(site.paths(), ["/robots.txt", "/a"]);
}

#[tokio::test]
async fn redirects_to_places_that_must_not_be_visited_are_refused() {
    let secret = Site::start(always(Reply::page("secret"))).await;
    let port = secret.address.port();
    let targets = [
        secret.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:70/".to_owned(),
        "http://user:word@a.example/".to_owned(),
    ];
    for target in targets {
        let site = Site::start(always(Reply::redirect(target.clone()))).await;
        let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{target}: {error}");
    }
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn a_robots_txt_that_leads_to_a_private_place_is_not_followed() {
    let secret = Site::start(always(Reply::page("secret"))).await;
    let site = Site::start(with_robots(Reply::redirect(secret.url("/robots.txt")))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error}");
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn redirects_end_in_circles_and_after_five() {
    let circle = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/a" => Reply::redirect("/b"),
        "/b" => Reply::redirect("/a"),
        _ => Reply::status(404),
    })
    .await;
    let error = fetcher(&[&circle]).fetch(&page(circle.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    assert_eq!(circle.paths(), ["/robots.txt", "/a", "/b"]);

    let endless = Site::start(|asked: &Asked, _| {
        if asked.path == "/robots.txt" { Reply::status(404) } else { Reply::redirect(format!("{}x", asked.path)) }
    })
    .await;
    let error = fetcher(&[&endless]).fetch(&page(endless.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    assert_eq!(endless.asked().len(), 7);
}

#[tokio::test]
async fn a_redirect_to_a_forbidden_path_is_not_followed() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::page("User-agent: *\nDisallow: /x"),
        _ => Reply::redirect("/x"),
    })
    .await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Disallowed { .. }), "{error}");
    assert_eq!(site.paths(), ["/robots.txt", "/a"]);
}

// Names and TLS

/// A certificate authority of our own: its PEM file, and a server with a certificate for `name`.
fn own_authority(name: &str) -> (tempfile::NamedTempFile, tokio_rustls::TlsAcceptor) {
    wanglou::fetch::install_crypto();
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (file, std::sync::Arc::new(server).into())
}

fn resolving(name: &str, site: &Site, ca: &tempfile::NamedTempFile) -> Settings {
    Settings {
        resolve: [(name.to_owned(), site.address.to_string())].into(),
        ca_file: Some(ca.path().to_owned()),
        ..settings(&[])
    }
}

#[tokio::test]
async fn a_fixed_name_is_visited_over_tls_with_an_own_authority() {
    let (ca, acceptor) = own_authority("cloud-boat.example");
    let site = Site::start_tls(acceptor, always(Reply::page("hello"))).await;
    let fetcher = Fetcher::new(resolving("cloud-boat.example", &site, &ca), clock()).unwrap();
    let answer = fetcher.fetch(&page("https://cloud-boat.example/a")).await.unwrap();
    assert_eq!((answer.text().as_str(), answer.final_url.as_str()), ("hello", "https://cloud-boat.example/a"));
    assert!(site.asked()[1].head.to_lowercase().contains("host: cloud-boat.example\r\n"));
    assert_eq!(fetcher.counters()["cloud-boat.example"].robots, 1);
}

#[tokio::test]
async fn a_server_of_another_name_or_authority_is_not_trusted() {
    let (ca, acceptor) = own_authority("other.example");
    let site = Site::start_tls(acceptor, always(Reply::page("hello"))).await;
    let wrong_name = Settings { retries_max: 0, ..resolving("cloud-boat.example", &site, &ca) };
    let wrong_ca = Settings { ca_file: None, retries_max: 0, ..resolving("other.example", &site, &ca) };
    for (settings, url) in [(wrong_name, "https://cloud-boat.example/"), (wrong_ca, "https://other.example/")] {
        let error = Fetcher::new(settings, clock()).unwrap().fetch(&page(url)).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    }
    assert!(site.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let (ca, acceptor) = own_authority("cloud-boat.example");
    let site = Site::start_tls(acceptor, always(Reply::redirect("http://cloud-boat.example/b"))).await;
    let fetcher = Fetcher::new(resolving("cloud-boat.example", &site, &ca), clock()).unwrap();
    let error = fetcher.fetch(&page("https://cloud-boat.example/a")).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_proxy_carries_public_names_and_neither_private_ones_nor_fixed_ones() {
    let proxy =
        Site::start(
            |asked: &Asked, _| {
                if asked.path.ends_with("/robots.txt") { Reply::status(404) } else { Reply::page("carried") }
            },
        )
        .await;
    let site = Site::start(always(Reply::page("direct"))).await;
    let settings = Settings {
        proxy: Some(proxy.url("")),
        resolve: [("fixed.example".to_owned(), site.address.to_string())].into(),
        ..settings(&[])
    };
    let fetcher = Fetcher::new(settings, clock()).unwrap();
    assert_eq!(fetcher.fetch(&page("http://far.example/a")).await.unwrap().text(), "carried");
    assert_eq!(fetcher.fetch(&page("http://fixed.example/a")).await.unwrap().text(), "direct");
    for private in [site.url("/a"), "http://db.internal/a".to_owned(), "http://10.0.0.1/a".to_owned()] {
        let error = fetcher.fetch(&page(private)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    }
    assert_eq!(proxy.paths(), ["http://far.example/robots.txt", "http://far.example/a"]);
}
