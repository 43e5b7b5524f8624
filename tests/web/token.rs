//! An official interface that wants the operator's own token: who gets it, and who never does.

use std::fs;
use std::process::{Command, Output};

use crate::site::{Asked, Reply, Site};
use serde_json::Value;

const PLATFORM: &str = r#"
id = "interface"
name = "官方接口"
access = "official_api"
interval_min_s = 0
[entry.listing]
url = "{base}/accounts"
format = "json"
each = "$.accounts[*]"
[entry.listing.account]
handle = "$.handle"
display_name = "$.name"
avatar = { url = "$.face" }
"#;
const SENT: &str = "x-key: token s3cret";

fn has_token(asked: &Asked) -> bool {
    asked.head.to_lowercase().contains(SENT)
}

/// A site that shows its accounts to whom it knows; their face is elsewhere.
fn interface(face: String) -> impl Fn(&Asked, usize) -> Reply {
    move |asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        "/accounts" if has_token(asked) => Reply::redirect("/v2/accounts"),
        "/v2/accounts" if has_token(asked) => {
            let body = format!(r#"{{"accounts":[{{"handle":"yun_li","name":"云里","face":"{face}"}}]}}"#);
            Reply::page(body).header("Content-Type", "application/json")
        }
        _ => Reply::status(401),
    }
}

/// Scans the interface with a token that holds `secret`, if any.
fn scan(interface: &Site, elsewhere: &Site, secret: Option<&str>) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let call = |args: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_wanglou")).args(args).current_dir(&folder).output().unwrap()
    };
    call(&["init"]);
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("platforms/interface.toml", PLATFORM);
    let (here, there) = (interface.address, elsewhere.address);
    write(
        "sources.toml",
        &format!(
            "[[source]]\nid='api'\nplatform='interface'\nbase='http://{here}'\nbasis='test'\ntoken='site'\ntoken_header='X-Key: token {{token}}'\n"
        ),
    );
    write(
        "wanglou.toml",
        &format!("[fetch]\ncontact='a@b.example'\nallow_private=['{here}','{there}']\nloopback_pace=0.0\n"),
    );
    if let Some(secret) = secret {
        fs::create_dir_all(folder.path().join("secrets/tokens")).unwrap();
        write("secrets/tokens/site", secret);
        #[cfg(unix)]
        fs::set_permissions(
            folder.path().join("secrets/tokens/site"),
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )
        .unwrap();
    }
    let output = call(&["scan", "--json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let scan: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (scan["sources"][0]["verdict"].clone(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_to_its_interface_and_neither_to_robots_txt_nor_elsewhere() {
    let elsewhere = Site::start(|_, _| Reply::status(404)).await;
    let interface = Site::start(interface(elsewhere.url("/face.png"))).await;
    let (verdict, said) = scan_on_a_thread(&interface, &elsewhere, Some("s3cret\n")).await;
    assert_eq!(verdict["verdict"], "found", "{said}");
    let told =
        |site: &Site| site.asked().iter().map(|asked| (asked.path.clone(), has_token(asked))).collect::<Vec<_>>();
    let expected = [("/robots.txt", false), ("/accounts", true), ("/v2/accounts", true)];
    assert_eq!(told(&interface), expected.map(|(path, has)| (path.to_owned(), has)));
    assert!(
        elsewhere.asked().len() > 1 && told(&elsewhere).iter().all(|(_, has)| !has),
        "the face is asked for without"
    );
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_taken_along_to_where_the_interface_redirects() {
    let elsewhere = Site::start(|_, _| Reply::status(404)).await;
    let target = elsewhere.url("/accounts");
    let interface = Site::start(move |asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => Reply::redirect(target.clone()),
    })
    .await;
    scan_on_a_thread(&interface, &elsewhere, Some("s3cret")).await;
    assert_eq!(elsewhere.paths(), ["/robots.txt", "/accounts"]);
    assert!(elsewhere.asked().iter().all(|asked| !asked.head.contains("s3cret")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_token_an_interface_is_not_asked_at_all() {
    let elsewhere = Site::start(|_, _| Reply::status(404)).await;
    let interface = Site::start(interface(String::new())).await;
    let (verdict, said) = scan_on_a_thread(&interface, &elsewhere, None).await;
    let reason = verdict["reason"].as_str().unwrap();
    assert!(reason.contains("the token file") && reason.contains("cannot be read"), "{reason} {said}");
    assert!(interface.asked().is_empty());
}

/// The program runs beside the sites.
async fn scan_on_a_thread(interface: &Site, elsewhere: &Site, secret: Option<&'static str>) -> (Value, String) {
    tokio::task::block_in_place(|| scan(interface, elsewhere, secret))
}
