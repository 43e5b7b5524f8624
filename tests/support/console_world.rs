//! An installation in a temporary folder whose console answers, with cases in every lane and people in every role.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::jobs::Pulse;
use wanglou::model::account::{Account, Post};
use wanglou::model::alert::AlertKind;
use wanglou::model::capture::{Capture, CaptureState, Verdict};
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::ids::{CaptureHash, CaptureId, ScanId};
use wanglou::model::source::EntryKind;
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::shell::Shell;
use wanglou::seal::Key;
use wanglou::store::{AlertOccasion, AlertRequest, JudgementBatch, SubjectFacts, new_id, sha256_hex};
use wanglou::web::Server;
use wanglou::web::console::{new_user, serve};

use crate::http::{Answer, raw};

/// 2026-11-20 18:00 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);

/// A word of the confidential list.
pub(crate) const SECRET: &str = "云舟三号";

/// Every role, as the login of a user who has it and no other.
pub(crate) const ROLES: [&str; 9] =
    ["admin", "editor", "xh0002", "xh0003", "yz0002", "xh0009", "xh0010", "xh0011", "xh0012"];

const COMPANIES: &str = "代码,全称,简称,别名,角色,城市,邮件域名,第一责任人工号\n\
    XH,星河科技股份有限公司,星河科技,星河,上市公司,杭州,xinghe.example,XH0001\n\
    YZ,云舟材料有限公司,云舟材料,云舟,子公司,湖州,yunzhou.example,YZ0001\n";
const EMPLOYEES: &str = "工号,姓名,公司,公司代码,部门,职务,在职状态\n\
    XH0001,总一,星河科技,XH,总经办,总经理,在职\nYZ0001,总九,云舟材料,YZ,总经办,总经理,在职\nXH0002,专二,星河科技,XH,人力资源部,主管,在职\n\
    XH0003,代三,星河科技,XH,人力资源部,专员,在职\nYZ0002,专四,云舟材料,YZ,人力资源部,主管,在职\n\
    XH0009,集九,星河科技,XH,人力资源部,经理,在职\nXH0010,董十,星河科技,XH,董事会办公室,秘书,在职\n\
    XH0011,法十一,星河科技,XH,法务部,经理,在职\nXH0012,审十二,星河科技,XH,审计部,经理,在职\n\
    XH0021,嫌二一,星河科技,XH,销售部,经理,在职\nXH0099,离九九,星河科技,XH,人力资源部,主管,离职\n";
const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱,代理人工号,升级对象工号\n\
    指定专人,XH,XH0002,专二,xh0002@xinghe.example,XH0003,XH0001\n\
    指定专人,YZ,YZ0002,专四,yz0002@yunzhou.example,,\n\
    指定专人,YZ,XH0099,离九九,xh0099@xinghe.example,,\n\
    上市公司HR审批人,XH,XH0009,集九,xh0009@xinghe.example,,\n\
    泄密专线(董办),XH,XH0010,董十,xh0010@xinghe.example,,\n\
    仿冒维权(法务),XH,XH0011,法十一,xh0011@xinghe.example,,\n\
    审计,XH,XH0012,审十二,xh0012@xinghe.example,,\n";
const TERMS: &str = "编号,词条,类别,公司,匹配方式,命中位置,严重度,外发检索,可见范围,状态\n\
    W001,星河,公司名称,XH,包含,账号名、简介,高,是,全部,启用\n";
const TOPICS: &str = "编号,名称,词语,依据\nP01,工资,工资、欠薪,劳动法\n";
const SECRETS: &str = "编号,词条,类别,公司,别名,匹配方式,命中位置,必含语境,语境窗口,排除语境,严重度,外发检索,可见范围,状态\n\
    C01,云舟三号,保密,XH,,包含,正文、标题,,,,严重,否,泄密专线(董办),启用\n";

/// Two sources; what was seen of them last says [`World::sources_seen`].
pub(crate) const SOURCES: &str = "[[source]]\nid='luntan'\nname='星河论坛'\nplatform='discuz'\nvalues={fid='2'}\nbase='https://forum.example'\nbasis='test'\n\
    interval_min_s=30.0\nactive_hours='01:00-06:00'\ndaily_page_cap=200\n\
    [[source]]\nid='wenda'\nname='问答'\nplatform='discuz'\nvalues={fid='2'}\nbase='https://answers.example'\nbasis='test'\n";

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) shell: Arc<Shell>,
    server: Server,
    scan: ScanId,
}

/// An answer, and the cookie that came with it.
pub(crate) struct Client<'w> {
    world: &'w World,
    pub(crate) token: String,
    pub(crate) form_token: String,
}

pub(crate) async fn world() -> World {
    world_at(Clock::standing_at(NOW)).await
}

pub(crate) async fn world_at(clock: Clock) -> World {
    world_with(clock, "").await
}

/// With a further setting of the console.
pub(crate) async fn world_with(clock: Clock, console: &str) -> World {
    world_listening(clock, "127.0.0.1:0", "http://watch.example", console).await
}

/// At an address of its own, which people know by another name.
pub(crate) async fn world_listening(clock: Clock, listen: &str, url: &str, console: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    write_ledgers(folder.path());
    world_in(folder, clock, listen, url, console).await
}

/// One in which sources are watched, as their file says, with further tables of the configuration.
pub(crate) async fn world_watching(sources: &str, tables: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    write_ledgers(folder.path());
    std::fs::write(folder.path().join("sources.toml"), sources).unwrap();
    world_in(folder, Clock::standing_at(NOW), "127.0.0.1:0", "http://watch.example", tables).await
}

async fn world_in(folder: tempfile::TempDir, clock: Clock, listen: &str, url: &str, console: &str) -> World {
    let config = config_of(folder.path(), listen, url, console);
    let shell = Arc::new(Shell::open(config, clock).await.unwrap());
    let problems = &shell.loaded().problems;
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    let server = serve(&shell, &Pulse::default()).await.unwrap();
    let scan = shell.store.start_scan(NOW, &json!({})).await.unwrap();
    World { folder, shell, server, scan }
}

/// The configuration of an installation in a folder.
pub(crate) fn config_of(folder: &Path, listen: &str, url: &str, console: &str) -> Config {
    let mail = format!("[mail]\ntransport = 'file'\nconsole_url = '{url}'");
    let settings = format!("[console]\nlisten = '{listen}'\n{console}\n{mail}");
    let mut config: Config = toml::from_str(&settings).unwrap();
    config.settle(folder);
    config
}

fn write_ledgers(folder: &Path) {
    let ledgers = folder.join("watchlists");
    std::fs::create_dir_all(&ledgers).unwrap();
    std::fs::create_dir_all(folder.join("secrets")).unwrap();
    Key::create_file(&folder.join("secrets/wanglou.key")).unwrap();
    std::fs::write(folder.join("sources.toml"), "").unwrap();
    std::fs::write(ledgers.join("companies.csv"), COMPANIES).unwrap();
    std::fs::write(ledgers.join("employees.csv"), EMPLOYEES).unwrap();
    std::fs::write(ledgers.join("managers.csv"), MANAGERS).unwrap();
    std::fs::write(ledgers.join("terms.csv"), TERMS).unwrap();
    std::fs::write(ledgers.join("protected_topics.csv"), TOPICS).unwrap();
    std::fs::write(ledgers.join("confidential_terms.csv"), SECRETS).unwrap();
}

pub(crate) fn manager(code: &str) -> Lane {
    Lane::Manager(code.into())
}

impl World {
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Both of [`SOURCES`] were seen an hour ago; now one of them is blocked, and its canary contradicts.
    pub(crate) async fn sources_seen(&self) {
        let (found, blocked) = (Verdict::Found, Verdict::Blocked { reason: "captcha".into() });
        let before = NOW.plus_ms(-3_600_000);
        for (source, at, verdict) in
            [("luntan", before, found.clone()), ("wenda", before, found), ("wenda", NOW, blocked)]
        {
            let state = self.shell.store.source_state(&source.into()).await.unwrap().visited(at, verdict);
            self.shell.store.save_source_state(&state).await.unwrap();
        }
        self.shell.store.save_canary(&"wenda".into(), Some("no result"), NOW).await.unwrap();
    }

    /// Makes a user and signs in. Roles follow the ledger by the login as employee number, but for three.
    pub(crate) async fn client(&self, login: &str) -> Client<'_> {
        let roles = match login {
            "admin" => vec!["admin".parse().unwrap()],
            "editor" => vec!["list_editor".parse().unwrap()],
            "clerk" => vec!["request_clerk".parse().unwrap()],
            _ => Vec::new(),
        };
        let employee = if roles.is_empty() { login.to_uppercase() } else { String::new() };
        let user = new_user(&self.shell, login, "某某", &employee, roles);
        let audit = wanglou::model::audit::AuditEntry {
            at: NOW,
            actor: "test".into(),
            action: "user.save".into(),
            object: user.id.to_string(),
            detail: String::new(),
        };
        self.shell.store.save_user(&user, &audit).await.unwrap();
        let token = format!("{:0>64}", user.id.as_str().replace('-', ""));
        let form_token = format!("form-{login}");
        self.shell.store.begin_session(&user.id, &token, &form_token, self.shell.clock.now(), false).await.unwrap();
        Client { world: self, token, form_token }
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Client<'_> {
        Client { world: self, token: String::new(), form_token: String::new() }
    }

    /// Files a case about an account whose name is this, in a lane; gives its number.
    pub(crate) async fn file(&self, handle: &str, name: &str, lane: Lane) -> String {
        self.file_about(handle, name, lane, "XH0021").await
    }

    /// The same, perhaps about somebody in particular.
    pub(crate) async fn file_about(&self, handle: &str, name: &str, lane: Lane, suspect: &str) -> String {
        self.record(account(handle, name), None, judgement(lane, suspect)).await
    }

    /// Files what was found of an account.
    pub(crate) async fn file_found(&self, account: Account, found: Judgement) -> String {
        self.record(account, None, found).await
    }

    /// Files a case about a post of an account.
    pub(crate) async fn file_post(&self, account: Account, post: Post, lane: Lane) -> String {
        self.record(account, Some(post), judgement(lane, "XH0021")).await
    }

    /// The account was looked at again a while later, and shows no mark any more.
    pub(crate) async fn see_without_marks(&self, handle: &str, lane: Lane) {
        let outcome = Outcome::Rectified;
        let found = Judgement { outcome, candidates: Vec::new(), ..judgement(lane, "XH0021") };
        self.record(account(handle, "小周"), None, found).await;
    }

    async fn record(&self, account: Account, post: Option<Post>, found: Judgement) -> String {
        let (name, lane) = (account.display_name.clone(), found.lane.clone());
        let (kind, url) = match &post {
            Some(post) => (SubjectKind::Post, post.url.clone()),
            None => (SubjectKind::Account, account.url.clone()),
        };
        let handle = account.handle.clone();
        let subject = Subject { kind, id: None, platform: "forum".into(), handle, url };
        let capture = self.receive(&format!("<h1>{name}</h1><script>alert(1)</script>")).await;
        let told =
            AlertRequest { kind: AlertKind::Immediate, recipient: "XH0002".into(), lane: lane.clone(), due_at: NOW };
        let alerts = if lane == manager("XH") && found.outcome == Outcome::Alert { vec![told] } else { Vec::new() };
        let batch = JudgementBatch {
            scan: self.scan.clone(),
            at: self.shell.clock.now(),
            judgement: Judgement { excerpt: (lane == Lane::Leak).then_some(name), subject, ..found },
            facts: SubjectFacts { account: Some(account), post },
            captures: vec![capture.id],
            alerts,
            occasion: AlertOccasion::Opened,
            adds_evidence: true,
            audit: vec![],
            repost_of: None,
        };
        let recorded = self.shell.store.record_judgement(&self.shell.vault, &batch).await.unwrap();
        self.shell.store.case(&recorded.case.unwrap()).await.unwrap().unwrap().number
    }

    async fn receive(&self, body: &str) -> Capture {
        let id = CaptureId::new(new_id(NOW));
        let capture = Capture {
            url: format!("https://forum.example/{id}"),
            final_url: format!("https://forum.example/{id}"),
            id,
            scan: self.scan.clone(),
            source: "forum".into(),
            entry: EntryKind::Account,
            status: 200,
            content_type: "text/html".into(),
            fetched_at: NOW,
            sha256: CaptureHash::new(sha256_hex(body.as_bytes())),
            size: body.len() as u64,
            state: CaptureState::Pending,
        };
        self.shell.store.receive(&self.shell.vault, &capture, body.as_bytes().to_vec()).await.unwrap();
        capture
    }
}

/// One of each, so that every one is seen.
fn severity(lane: &Lane) -> Severity {
    match lane {
        Lane::Leak => Severity::Critical,
        Lane::GroupHr => Severity::Medium,
        Lane::Legal => Severity::Low,
        _ => Severity::High,
    }
}

/// An account of the forum.
pub(crate) fn account(handle: &str, name: &str) -> Account {
    Account {
        platform: "forum".into(),
        handle: handle.into(),
        url: format!("https://forum.example/u/{handle}"),
        display_name: name.into(),
        ..Account::default()
    }
}

/// A judgement whose subject is not said yet.
pub(crate) fn judgement(lane: Lane, suspect: &str) -> Judgement {
    let reason = Reason::new("账号名含“星河”", "the name contains a mark");
    let finding = Finding {
        rule: Rule::Name,
        clause: "四.2".into(),
        terms: vec!["W1".into()],
        claims: Vec::new(),
        reasons: vec![reason.clone()],
    };
    let nobody = Subject {
        kind: SubjectKind::Account,
        id: None,
        platform: "forum".into(),
        handle: String::new(),
        url: String::new(),
    };
    Judgement {
        severity: Some(severity(&lane)),
        lane,
        notify: Notify::Daily,
        findings: vec![finding],
        candidates: vec![Candidate {
            employee_id: suspect.into(),
            score: 0.7,
            band: Band::Medium,
            reasons: vec![reason],
        }],
        terms: vec!["W1".into()],
        ..Judgement::silent(nobody, Outcome::Alert)
    }
}

impl Client<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "").await
    }

    /// Sends a form with the session's token.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let form = format!("form_token={}&{form}", self.form_token);
        self.send("POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", &form).await
    }

    /// Any request with the session's cookie.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
        let (address, body) = (self.world.address(), body.as_ref());
        let cookie = if self.token.is_empty() { String::new() } else { format!("Cookie: wanglou={}\r\n", self.token) };
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{cookie}{headers}Content-Length: {length}");
        raw(address, [format!("{head}\r\n\r\n").as_bytes(), body].concat()).await
    }
}
