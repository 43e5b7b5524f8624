//! The console is killed while somebody saves: a term, a picture of a mark, a group, an application, a decision, a note, a view, a
//! user. What was answered is there afterwards; what was not is there whole or not at all.

use std::hash::{BuildHasher, Hasher};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wanglou::clock::Clock;
use wanglou::jobs::Pulse;
use wanglou::model::case::CaseState;
use wanglou::pipeline::shell::Shell;
use wanglou::store::verify;
use wanglou::web::console::serve;

use crate::world::{NOW, World, config_of, manager, world};

const FOLDER: &str = "WANGLOU_CONSOLE_FOLDER";
const READY: &str = "listens at ";
/// Kills while one thing is saved.
const KILLS_OF_EACH: u64 = 3;
/// Longest that a save may take where nobody disturbs it.
const PATIENCE: Duration = Duration::from_secs(60);

/// In a process of its own: serves the console of a folder until it is killed, or its parent has gone.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let shell = opened(Path::new(&folder)).await;
        serve(&Arc::new(shell), &Pulse::default()).await.unwrap()
    });
    println!("\n{READY}{}", server.address());
    for _ in std::io::stdin().lines() {}
}

async fn opened(folder: &Path) -> Shell {
    let config = config_of(folder, "127.0.0.1:0", "http://watch.example", "");
    Shell::open(config, Clock::standing_at(NOW)).await.unwrap()
}

/// The console in a process of its own.
struct Console {
    process: Child,
    address: SocketAddr,
}

impl Console {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["kills::child", "--exact", "--nocapture"]).env(FOLDER, folder);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let address = lines.into_iter().find_map(|line| line.strip_prefix(READY).map(str::to_owned));
        let address = address.expect("the console of the child listens").parse().unwrap();
        Self { process, address }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Somebody's session: its token and that of its forms.
type Session = (String, String);

/// The installation, and who works there.
struct Place {
    folder: tempfile::TempDir,
    case: String,
    editor: Session,
    manager: Session,
    deputy: Session,
    admin: Session,
}

async fn session(w: &World, login: &str) -> Session {
    let client = w.client(login).await;
    (client.token.clone(), client.form_token.clone())
}

async fn place() -> Place {
    let w = world().await;
    let case = w.file("acc", "星河甲", manager("XH")).await;
    let (editor, admin) = (session(&w, "editor").await, session(&w, "admin").await);
    let (in_charge, deputy) = (session(&w, "xh0002").await, session(&w, "xh0003").await);
    // The world's own console ends; its folder stays.
    Place { folder: w.folder, case, editor, manager: in_charge, deputy, admin }
}

/// What is answered, if the console lives long enough: the whole answer as it came.
async fn ask(address: SocketAddr, request: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let answer = String::from_utf8_lossy(&bytes).into_owned();
    answer.contains("\r\n\r\n").then_some(answer)
}

async fn get(at: SocketAddr, (token, _): &Session, path: &str) -> Option<String> {
    ask(at, format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nCookie: wanglou={token}\r\n\r\n").as_bytes()).await
}

/// Where a form that was taken leads.
async fn post(at: SocketAddr, who: &Session, path: &str, kind: &str, body: &[u8]) -> Option<String> {
    let (token, length) = (&who.0, body.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nCookie: wanglou={token}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = ask(at, &[head.as_bytes(), body].concat()).await?;
    assert!(answer.starts_with("HTTP/1.1 303") || answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    Some(answer.split("location: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default().to_owned())
}

async fn form(at: SocketAddr, who: &Session, path: &str, fields: &[(&str, &str)]) -> Option<String> {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    let body = pairs.append_pair("form_token", &who.1).extend_pairs(fields).finish();
    post(at, who, path, "application/x-www-form-urlencoded", body.as_bytes()).await
}

/// What is saved, each under a name of its own; `Some` when the console has answered that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Term,
    Mark,
    Group,
    Application,
    Decision,
    Note,
    View,
    User,
}

const SORTS: [Sort; 8] =
    [Sort::Term, Sort::Mark, Sort::Group, Sort::Application, Sort::Decision, Sort::Note, Sort::View, Sort::User];

impl Sort {
    async fn save(self, p: &Place, at: SocketAddr, name: &str) -> Option<String> {
        match self {
            Self::Term => {
                let page = get(at, &p.editor, "/ledgers/terms/line").await?;
                let read = page.split("name=\"read\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
                let read = ("read", read.unwrap_or_default());
                let line = [("term", name), ("kind", "公司名称"), ("company", "XH"), ("status", "启用"), read];
                let proposal = form(at, &p.editor, "/ledgers/terms/line", &line).await?;
                form(at, &p.editor, &proposal, &[]).await
            }
            Self::Mark => mark(at, &p.editor, name).await,
            Self::Group => {
                let fields =
                    [("work", "yes"), ("company", "XH"), ("owner", "XH0021"), ("platform", "微信"), ("name", name)];
                let more = [("level", "部门级"), ("purpose", name), ("members", "3")];
                form(at, &p.manager, "/groups/new", &[&fields[..], &more].concat()).await
            }
            Self::Application => {
                let fields = [("employee", "XH0021"), ("platform", "forum"), ("handle", name), ("marks", "星河")];
                let more = [("until", "2027-03-31"), ("ownership", "个人")];
                let path = form(at, &p.manager, "/exemption-requests", &[&fields[..], &more].concat()).await?;
                let checked = form(at, &p.deputy, &format!("{path}/check"), &[]).await;
                checked.map(|_| path)
            }
            Self::Decision => {
                let path = format!("/cases/{}", p.case);
                form(at, &p.manager, &format!("{path}/decide"), &[("as", "false_alarm")]).await?;
                form(at, &p.manager, &format!("{path}/reopen"), &[]).await
            }
            Self::Note => form(at, &p.manager, &format!("/cases/{}/notes", p.case), &[("words", name)]).await,
            Self::View => form(at, &p.manager, "/cases/views", &[("name", "甲"), ("words", name)]).await,
            Self::User => {
                let fields = [("login", name), ("name", "某某"), ("roles", "list_editor")];
                form(at, &p.admin, "/users", &fields).await
            }
        }
    }
}

/// A picture that is like no other: squares, light or dark by the name.
async fn mark(at: SocketAddr, who: &Session, name: &str) -> Option<String> {
    let bits = wanglou::store::sha256_hex(name.as_bytes());
    let is_dark = |x: u32, y: u32| bits.as_bytes()[(x / 16 * 8 + y / 16) as usize % 64] < b'8';
    let picture =
        image::RgbImage::from_fn(128, 128, |x, y| image::Rgb(if is_dark(x, y) { [20, 40, 160] } else { [255; 3] }));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let part =
        |name: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let fields = part("form_token", &who.1) + &part("name", name) + &part("company", "XH");
    let head = "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\r\n";
    let body = [fields.as_bytes(), head.as_bytes(), bytes.get_ref(), b"\r\n--b--\r\n"].concat();
    post(at, who, "/ledgers/brand_marks/pictures", "multipart/form-data; boundary=b", &body).await
}

/// Whether what was saved under a name can be found.
async fn is_there(shell: &Shell, p: &Place, sort: Sort, name: &str) -> bool {
    let files = shell.folder.raw_files().unwrap();
    let holds = |file: &str| files.get(file).is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(name));
    match sort {
        Sort::Term => holds("terms.csv"),
        Sort::Mark => holds("brand_marks.csv"),
        Sort::Group => holds("groups.csv"),
        Sort::Application => holds("exemptions.csv"),
        Sort::Decision => {
            let case = shell.store.case_by_number(&p.case).await.unwrap().unwrap();
            case.state == CaseState::Open
        }
        Sort::View => {
            let user = shell.store.user_by_login("xh0002").await.unwrap().unwrap();
            let views = shell.store.saved_views(&user.id).await.unwrap();
            views.iter().any(|view| view.wish.as_ref().is_some_and(|wish| format!("{wish:?}").contains(name)))
        }
        Sort::Note => {
            let case = shell.store.case_by_number(&p.case).await.unwrap().unwrap();
            shell.store.notes_of(&case.id).await.unwrap().iter().any(|note| note.words.as_deref() == Some(name))
        }
        Sort::User => shell.store.user_by_login(name).await.unwrap().is_some(),
    }
}

/// Every ledger is read without a fault, both chains and the database are whole, and what was answered is there.
async fn is_whole(p: &Place, sort: Sort, name: &str, was_answered: bool) {
    let shell = opened(p.folder.path()).await;
    let loaded = shell.loaded();
    let errors: Vec<_> = loaded.problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty() && loaded.last_good.is_empty(), "{name}: {errors:?}");
    assert!(!was_answered || is_there(&shell, p, sort, name).await, "{name} was saved and is not there");
    let problems = verify(&shell.store, &shell.vault).await.unwrap().problems;
    let of_audit = shell.store.verify_audit().await.unwrap().problems;
    assert!(problems.is_empty() && of_audit.is_empty(), "{name}: {problems:?} {of_audit:?}");
    let file = shell.config.paths.store.join("wanglou.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let said: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
    assert_eq!(said, "ok", "{name}");
}

/// Saves a thing whole, then kills the console while others of its sort are saved; how many of these were cut off.
async fn kill_while_saving(p: &Place, sort: Sort, chance: u64) -> usize {
    let name = |turn: u64| format!("{sort:?}{chance:08x}{turn}").to_lowercase();
    let console = Console::start(p.folder.path());
    let began = Instant::now();
    let saved = tokio::time::timeout(PATIENCE, sort.save(p, console.address, &name(0))).await.unwrap();
    let lasts = began.elapsed();
    assert!(saved.is_some(), "{sort:?} is saved while nobody disturbs it");
    console.kill();
    is_whole(p, sort, &name(0), true).await;
    let mut cut = 0;
    for turn in 1..=KILLS_OF_EACH {
        let console = Console::start(p.folder.path());
        // One kill in each part of the time that a save takes, somewhere within that part.
        let share = (turn - 1) as f64 + (chance.rotate_left(8 * turn as u32) % 100) as f64 / 100.0;
        let before = lasts.mul_f64(share / KILLS_OF_EACH as f64);
        let saved = tokio::time::timeout(before, sort.save(p, console.address, &name(turn))).await;
        console.kill();
        let was_answered = matches!(saved, Ok(Some(_)));
        cut += usize::from(!was_answered);
        is_whole(p, sort, &name(turn), was_answered).await;
    }
    cut
}

#[tokio::test]
async fn killed_during_any_save_it_leaves_whole_files_a_whole_database_and_what_it_answered() {
    let p = place().await;
    let chance = std::hash::RandomState::new().build_hasher().finish() >> 32;
    let mut cut = 0;
    for sort in SORTS {
        cut += kill_while_saving(&p, sort, chance).await;
    }
    assert!(cut > 0, "no save was cut off");
}
