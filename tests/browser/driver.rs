//! A headless Chromium, steered through chromedriver by the WebDriver protocol.

use std::cell::Cell;
use std::io::BufRead;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::prelude::{BASE64_STANDARD, Engine};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How to get what the tests need.
pub(crate) const HOW: &str =
    "these tests need Chromium, chromedriver, axe-core and Lighthouse: bash tests/targets/browser.sh install";

/// Chromium as root wants no sandbox. No name is resolved, so that nothing leaves the machine.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// Where the packages of Node.js that the tests need are installed.
pub(crate) fn packages() -> PathBuf {
    let home = std::env::var_os("TARGETS_HOME");
    home.map_or_else(|| std::env::temp_dir().join("wanglou-targets"), PathBuf::from).join("browser/app")
}

/// How long an element is waited for, milliseconds.
const PATIENCE_MS: u32 = 10_000;

/// Keys, as the WebDriver protocol writes them.
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const SPACE: &str = " ";
pub(crate) const DOWN: &str = "\u{e015}";

/// What people look at the console through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    Desktop,
    Phone,
}

impl Window {
    /// Width and height in CSS pixels.
    pub(crate) const fn size(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1280, 800),
            Self::Phone => (360, 740),
        }
    }
}

/// The same journey as two tests: at a desk, and on a phone. The journey is a function of the window beside this call.
macro_rules! walked_at_desk_and_on_phone {
    ($($journey:ident),+ $(,)?) => {$(
        mod $journey {
            use crate::driver::Window;

            #[tokio::test]
            async fn at_a_desk() {
                super::$journey(Window::Desktop).await;
            }

            #[tokio::test]
            async fn on_a_phone() {
                super::$journey(Window::Phone).await;
            }
        }
    )+};
}
pub(crate) use walked_at_desk_and_on_phone;

/// One browser that looks at one site. It ends with the value.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    _talk: std::io::BufReader<ChildStdout>,
    _folder: TempDir,
    address: SocketAddr,
    session: String,
    devtools: String,
    site: SocketAddr,
    window: Cell<Window>,
}

/// How often chromedriver is started at most.
const STARTS: usize = 3;

impl Browser {
    /// Starts chromedriver on a port that is free, and a browser of its own.
    pub(crate) async fn at(site: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (driver, talk, port) = started(folder.path());
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let (session, devtools) = (String::new(), String::new());
        let window = Cell::new(Window::Desktop);
        let mut browser = Self { driver, _talk: talk, _folder: folder, address, session, devtools, site, window };
        browser.open().await;
        browser
    }

    /// The same, with a window of this size.
    pub(crate) async fn in_window(site: SocketAddr, window: Window) -> Self {
        let browser = Self::at(site).await;
        browser.resize(window).await;
        browser
    }

    /// The window as it was set last.
    pub(crate) const fn window(&self) -> Window {
        self.window.get()
    }

    async fn open(&mut self) {
        let options = json!({ "args": ARGUMENTS });
        let wish = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let opened = self
            .send("POST", "/session", &wish.to_string())
            .await
            .unwrap_or_else(|why| panic!("no browser ({why}); {HOW}"));
        self.session = format!("/session/{}", opened["sessionId"].as_str().unwrap());
        self.devtools = opened["capabilities"]["goog:chromeOptions"]["debuggerAddress"].as_str().unwrap().to_owned();
        self.post("/timeouts", &json!({ "implicit": PATIENCE_MS })).await;
        self.resize(Window::Desktop).await;
    }

    /// Sets the window.
    pub(crate) async fn resize(&self, window: Window) {
        let ((width, height), mobile) = (window.size(), window == Window::Phone);
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.command("Emulation.setDeviceMetricsOverride", &screen).await;
        self.window.set(window);
    }

    /// Shows pages as somebody wants them who has set the machine to dark or light.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.command("Emulation.setEmulatedMedia", &json!({ "features": [feature] })).await;
    }

    /// Lets no page run scripts from now on.
    pub(crate) async fn switch_scripts_off(&self) {
        self.command("Emulation.setScriptExecutionDisabled", &json!({ "value": true })).await;
    }

    async fn command(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// The whole page as a WebP picture.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let size = &self.command("Page.getLayoutMetrics", &json!({})).await["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let wish = json!({ "format": "webp", "quality": 60, "clip": clip, "captureBeyondViewport": true });
        let taken = self.command("Page.captureScreenshot", &wish).await;
        BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// Goes to a path of the site.
    pub(crate) async fn go(&self, path: &str) {
        self.post("/url", &json!({ "url": format!("http://{}{path}", self.site) })).await;
    }

    /// Whoever sits there has this session from now on.
    pub(crate) async fn become_session(&self, token: &str) {
        self.go("/console.css").await;
        self.post("/cookie", &json!({ "cookie": { "name": "wanglou", "value": token, "httpOnly": true } })).await;
    }

    /// What Lighthouse says of how accessible these pages are, a JSON value each.
    pub(crate) async fn lighthouse(&self, paths: &[String]) -> Vec<Value> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/lighthouse.mjs");
        let site = format!("http://{}", self.site);
        let mut node = Command::new("node");
        node.arg(script).arg(packages()).args([&self.devtools, &site]).args(paths);
        let ran = tokio::task::spawn_blocking(move || node.output()).await.unwrap();
        let ran = ran.unwrap_or_else(|error| panic!("node does not start ({error}); {HOW}"));
        let (said, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "Lighthouse does not run; {HOW}\n{errors}");
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Path and query of the page.
    pub(crate) async fn path(&self) -> String {
        let url = self.send("GET", &format!("{}/url", self.session), "").await.unwrap();
        url.as_str().unwrap().split_once(&self.site.to_string()).map(|(_, path)| path.to_owned()).unwrap()
    }

    /// What a person can read on the page.
    pub(crate) async fn words(&self) -> String {
        self.run("return document.body.innerText", json!([])).await.as_str().unwrap().to_owned()
    }

    /// Waits until the page says this.
    pub(crate) async fn expect(&self, words: &str) {
        let found = self.find(&format!("//main[contains(normalize-space(.), '{words}')]")).await;
        if let Err(why) = found {
            panic!("“{words}” does not stand in {} ({why}):\n{}", self.path().await, self.words().await);
        }
    }

    /// Presses what is called so: a link, a button, or a choice.
    pub(crate) async fn press(&self, name: &str) {
        let is_named = format!("(normalize-space()='{name}' or @aria-label='{name}')");
        self.click(&format!("//*[(self::a or self::button or self::b) and {is_named}]")).await;
    }

    /// Clicks on what an XPath leads to, as a finger or a mouse does: nothing may cover it.
    pub(crate) async fn click(&self, path: &str) {
        loop {
            self.loaded().await;
            let element = self.find(path).await.unwrap_or_else(|why| panic!("{path}: {why}"));
            let clicked = format!("{}/element/{element}/click", self.session);
            match self.send("POST", &clicked, "{}").await {
                Ok(_) => return,
                // Another page came meanwhile.
                Err(why) if why.starts_with("stale element") => {}
                Err(why) => panic!("{path}: {why}"),
            }
        }
    }

    /// Waits until the page is loaded and stands where it will stay: while scripts are off, chromedriver does not.
    async fn loaded(&self) {
        for _ in 0..1000 {
            if self.run("return document.readyState", json!([])).await == "complete" {
                return;
            }
        }
        panic!("{} does not load", self.path().await);
    }

    /// Fills in the field of a name.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field =
            format!("//*[(self::input or self::select or self::textarea) and @name='{name}' and not(@type='hidden')]");
        let element = self.find(&field).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        self.post(&format!("/element/{element}/value"), &json!({ "text": text })).await;
    }

    async fn find(&self, path: &str) -> Result<String, String> {
        let wish = json!({ "using": "xpath", "value": path });
        let found = self.send("POST", &format!("{}/element", self.session), &wish.to_string()).await?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| "no element".to_owned())
    }

    /// Types keys, one after the other, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        let typed = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let source = json!({ "type": "key", "id": "keyboard", "actions": typed.collect::<Vec<_>>() });
        self.post("/actions", &json!({ "actions": [source] })).await;
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments })).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let sent = self.send("POST", &format!("{}{path}", self.session), &body.to_string()).await;
        sent.unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Result<Value, String> {
        let (address, length) = (self.address, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}");
        value(&asked(address, &format!("{head}\r\n\r\n{body}")).await)
    }
}

impl Drop for Browser {
    /// Chromium's processes are of chromedriver's group.
    fn drop(&mut self) {
        let _gone = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _status = self.driver.wait();
    }
}

/// Chromedriver, what it says, and its port. Where another program takes that port in between it ends at once, and is started again.
fn started(folder: &Path) -> (Child, std::io::BufReader<ChildStdout>, u16) {
    for _ in 0..STARTS {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder)
            // Without a locale of UTF-8 no file with a Chinese name can be chosen.
            .env("LC_ALL", "C.UTF-8")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver does not start ({error}); {HOW}"));
        let mut talk = std::io::BufReader::new(driver.stdout.take().expect("it is piped"));
        if let Some(port) = port(&mut talk) {
            return (driver, talk, port);
        }
        driver.wait().unwrap();
    }
    panic!("chromedriver ended at once, {STARTS} times; {HOW}")
}

/// The port that chromedriver chose; none if it ended.
fn port(talk: &mut impl BufRead) -> Option<u16> {
    let said = talk.lines().map_while(Result::ok).find(|line| line.contains("started successfully on port"))?;
    said.trim_end_matches('.').rsplit(' ').next()?.parse().ok()
}

/// The body of the answer. Chromedriver leaves the connection open whatever is asked of it, so that the length must be believed.
async fn asked(address: SocketAddr, request: &str) -> String {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line).await.unwrap() > 2 {
        let (name, text) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = text.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    String::from_utf8(body).unwrap()
}

/// What chromedriver answered, or why it refused.
fn value(body: &str) -> Result<Value, String> {
    let mut answer: Value = serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default())),
        None => Ok(value),
    }
}
