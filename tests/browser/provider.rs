//! Signing in by an identity provider: a certified one, `oidc-provider`, in Chromium.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use wanglou::clock::Clock;
use wanglou::model::audit::AuditEntry;
use wanglou::web::console::new_user;

use crate::check::sound;
use crate::driver::Browser;
use crate::world::{NOW, World, world_listening};

const PROVIDER: &str = "127.0.0.1:8621";
/// As the provider's script has it.
const SECRET: &str = "console-secret-0123456789abcdef";

/// The running provider, which sends people back to one address. It ends with the value.
struct Provider;

impl Provider {
    fn start(back_to: &str) -> Self {
        for step in ["install", "start"] {
            let Output { status, stdout, stderr } = script(step).env("RP", back_to).output().unwrap();
            let said = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            assert!(status.success(), "bash tests/targets/oidc.sh {step}: {said}");
        }
        Self
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // What is left over shows as a port that is taken.
        let _stopped = script("stop").output();
    }
}

fn script(step: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/oidc.sh");
    let mut command = Command::new("bash");
    command.arg(path).arg(step).env("TARGETS_HOME", std::env::temp_dir().join("wanglou-targets"));
    command
}

/// A port that was free a moment ago: the provider must know the console's address before the console answers.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn secret_file(folder: &Path) -> PathBuf {
    let file = folder.join("oidc.secret");
    std::fs::write(&file, SECRET).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

async fn invite(w: &World, login: &str) {
    let user = new_user(&w.shell, login, "某某", "", vec!["list_editor".parse().unwrap()]);
    let (actor, action, object) = ("test".to_owned(), "user.save".to_owned(), user.id.to_string());
    let audit = AuditEntry { at: NOW, actor, action, object, detail: String::new() };
    w.shell.store.save_user(&user, &audit).await.unwrap();
}

/// Fills in the provider's own pages.
async fn go_through(browser: &Browser, login: &str) {
    browser.press("用统一身份登录 Sign in by 统一身份").await;
    browser.fill("login", login).await;
    browser.fill("password", "x").await;
    browser.press("Sign-in").await;
    browser.press("Continue").await;
}

#[tokio::test]
async fn whom_the_provider_vouches_for_comes_in_if_invited_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let settings = format!(
        "second_factor = 'required'\n[console.oidc]\nissuer = 'http://{PROVIDER}'\nclient_id = 'console'\n\
         client_secret_file = '{}'\n[fetch]\nallow_private = ['{PROVIDER}']",
        secret_file(folder.path()).display()
    );
    // The provider has the time of the day.
    let w = world_listening(Clock::system(), &address, &format!("http://{address}"), &settings).await;
    let _provider = Provider::start(&format!("http://{address}/sign-in/provider/return"));
    invite(&w, "analyst").await;

    let browser = Browser::at(w.address()).await;
    browser.go("/ledgers").await;
    sound(&browser).await;
    go_through(&browser, "analyst").await;
    browser.expect("台账").await;
    assert_eq!(browser.path().await, "/ledgers", "no second factor is asked for: the provider has its own");

    let stranger = Browser::at(w.address()).await;
    stranger.go("/").await;
    go_through(&stranger, "outsider").await;
    stranger.expect("没有您的用户").await;
    stranger.go("/ledgers").await;
    stranger.expect("登录名").await;

    // Somebody else's way back is nobody's.
    stranger.go("/sign-in/provider/return?code=abc&state=abc").await;
    stranger.expect("这次登录已过期").await;
}
