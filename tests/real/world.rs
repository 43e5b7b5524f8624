//! An installation of a small fictional group whose mark is 星河, with one source, and what it comes to.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

const COMPANIES: &str =
    "代码,全称,简称,别名,角色,邮件域名\nXH,星河科技股份有限公司,星河科技,星河,上市公司,xinghe.example\n";
const TOPICS: &str = "编号,名称,词语\nP01,工资,欠薪\n";
const TERMS: &str = "\
编号,词条,类别,公司,别名,匹配方式,命中位置,必含语境,严重度,外发检索,状态
W001,星河科技,公司名称,XH,XINGHE,模糊,账号名、简介、认证、正文,,高,是,启用
W002,星河,商标,XH,,整词,账号名、简介、认证、正文,手机、客服,中,是,启用
W003,{商标}+官方,官方用语,XH,官方、客服、客服中心、kefu,组合,账号名、认证,公司词≤8字内,高,是,启用
W004,{公司词}+{职务},职务头衔,XH,客服、经理、工程师,组合,账号名、简介、认证,公司词≤12字内,高,是,启用
";
const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱,即时告警,摘要频率,摘要时间\n指定专人,XH,XH0001,林知远,xh0001@xinghe.example,严重、高,每日,09:00\n";

/// An installation that may visit one server on loopback.
pub(crate) struct World {
    folder: TempDir,
    platform: String,
    base: String,
    /// The source as the last scan saw it.
    seen: RefCell<Value>,
}

/// Hosts on which software keeps its faces; nobody answers there.
const ELSEWHERE: [&str; 4] = ["0.gravatar.com", "1.gravatar.com", "2.gravatar.com", "secure.gravatar.com"];
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_wanglou");
/// A port of this machine at which nobody listens.
const NOBODY: &str = "127.0.0.1:9";

impl World {
    /// `official` is the handle by which the platform knows the group's own account.
    pub(crate) fn new(server: &Server, platform: &str, official: &str) -> Self {
        Self::with_values(server, platform, official, "")
    }

    /// With `values` of the source, as lines of TOML.
    pub(crate) fn with_values(server: &Server, platform: &str, official: &str, values: &str) -> Self {
        let world = Self { platform: platform.to_owned(), base: server.base(), ..Self::empty() };
        world.register(official);
        world.configure(values);
        world
    }

    /// With the ledgers and no source.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, platform: String::new(), base: String::new(), seen: RefCell::default() };
        world.call(&["init"]);
        let ledgers =
            [("companies", COMPANIES), ("protected_topics", TOPICS), ("terms", TERMS), ("managers", MANAGERS)];
        for (name, text) in ledgers {
            world.write(&format!("watchlists/{name}.csv"), text);
        }
        world
    }

    /// Writes a file of the installation.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Enters the group's own account into the ledger, by the handle by which the platform knows it.
    pub(crate) fn register(&self, handle: &str) {
        let officials = format!(
            "台账编号,平台,账号名,账号ID,运营公司,管理员工号,状态\nOF-1,{},星河科技官方,{handle},XH,XH0001,在用\n",
            self.platform
        );
        self.write("watchlists/official_accounts.csv", &officials);
    }

    fn configure(&self, values: &str) {
        let (platform, base) = (&self.platform, &self.base);
        let source = format!(
            "[[source]]\nid = 'real'\nplatform = '{platform}'\nbase = '{base}'\nbasis = 'test'\ninterval_min_s = 0.0\n{values}\n"
        );
        self.write("sources.toml", &source);
        let address = base.trim_start_matches("http://");
        let away: String = ELSEWHERE.iter().map(|host| format!("'{host}' = '{NOBODY}'\n")).collect();
        let config = format!(
            "[fetch]\ncontact = 'webmaster@xinghe.example'\nallow_private = ['{address}', '{NOBODY}']\nloopback_pace = 0.0\n\
             retry_first_s = 0.001\n[fetch.resolve]\n{away}[schedule]\nrecheck_days = 0\n"
        );
        self.write("wanglou.toml", &config);
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the program prints on standard output, and what it says beside.
    fn call(&self, args: &[&str]) -> (String, String) {
        self.output_of(Command::new(PROGRAM).args(args))
    }

    /// What a command prints that runs in the folder of the installation.
    pub(crate) fn output_of(&self, command: &mut Command) -> (String, String) {
        let output = command.current_dir(&self.folder).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    pub(crate) fn call_for_json(&self, args: &[&str]) -> Value {
        let (printed, said) = self.call(args);
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{args:?}: {error}\n{printed}\n{said}"))
    }

    /// Visits the source once, and says what it turned out to be.
    pub(crate) fn scan(&self) -> String {
        let source = self.call_for_json(&["scan", "--json"])["sources"][0].take();
        let found = verdict(&source["verdict"]);
        self.seen.replace(source);
        found
    }

    /// What went wrong in the last scan.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let seen = self.seen.borrow();
        seen["troubles"].as_array().unwrap().iter().map(|trouble| trouble.as_str().unwrap().to_owned()).collect()
    }

    /// All cases, as `cases list --json` prints them.
    pub(crate) fn cases(&self) -> Vec<Value> {
        self.call_for_json(&["cases", "list", "--all", "--json"]).as_array().unwrap().clone()
    }

    /// That the one case is the account of the impostor: neither the official account nor a bystander has one.
    #[track_caller]
    pub(crate) fn assert_only_the_impostor_is_a_case(&self) {
        self.assert_only_account("xinghe_kefu");
    }

    /// That the one case is the account of that handle, and that another look changes nothing.
    #[track_caller]
    pub(crate) fn assert_only_account(&self, handle: &str) {
        let only = [format!("account {handle} open")];
        assert_eq!(self.standing(), only, "{:?}", self.seen.borrow());
        self.scan();
        assert_eq!(self.standing(), only, "after another look: {:?}", self.seen.borrow());
    }

    /// Kind, handle and state of each case, in order.
    pub(crate) fn standing(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |case: &Value| [&case["kind"], &case["handle"], &case["state"]["state"]].map(text).join(" ");
        let mut lines: Vec<_> = self.cases().iter().map(line).collect();
        lines.sort();
        lines
    }

    /// What one live page gives by one entry of the platform file.
    pub(crate) fn try_page(&self, path: &str, entry: &str) -> Value {
        let address = format!("{}{path}", self.base);
        self.call_for_json(&["platform", "try", "real", &address, "--entry", entry, "--json"])
    }

    /// What one live page is by one entry of the platform file.
    pub(crate) fn verdict_of(&self, path: &str, entry: &str) -> String {
        verdict(&self.try_page(path, entry)["verdict"])
    }

    /// That the platform file's canary is answered as it says.
    #[track_caller]
    pub(crate) fn assert_canary(&self) {
        let output =
            Command::new(PROGRAM).args(["platform", "try", "real"]).current_dir(&self.folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Pages that robots.txt kept to itself in the last scan.
    pub(crate) fn disallowed(&self) -> u64 {
        self.seen.borrow()["disallowed"].as_u64().unwrap()
    }
}

/// `found`, `empty`, or `blocked: ` and the reason.
pub(crate) fn verdict(value: &Value) -> String {
    match (value["verdict"].as_str(), value["reason"].as_str()) {
        (Some(verdict), None) => verdict.to_owned(),
        (Some(verdict), Some(reason)) => format!("{verdict}: {reason}"),
        _ => value.to_string(),
    }
}
