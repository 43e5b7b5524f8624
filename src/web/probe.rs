//! How the process and what it needs are: each thing looked at with a time limit, all at once, and at most once a second.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::casework::calendar::Calendar;
use crate::jobs::Pulse;
use crate::mail::TransportKind;
use crate::model::finding::Reason;
use crate::model::source_list::SourceList;
use crate::model::time::Timestamp;
use crate::pipeline::shell::Shell;
use crate::seal::Key;
use crate::store::{Status, StoreError};
use crate::vault::{ROOM_LEAST, ROOM_LOW, free_bytes, size_text};
use crate::web::process::Process;

/// Longest look at one thing.
const LOOK_MAX: Duration = Duration::from_secs(2);
/// What was seen serves all who ask within this time.
const FRESH: Duration = Duration::from_secs(1);
/// An engine that has not turned for so long hangs.
const TURN_MAX: Duration = Duration::from_secs(120);
/// A letter that is due and waits for longer is worth a look, milliseconds.
const LETTER_LATE_MS: i64 = 3_600_000;
/// With no scan ended for longer, somebody should look why, milliseconds.
const SCAN_LATE_MS: i64 = 2 * 86_400_000;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Somebody should look at it; the work goes on.
    Warn,
    /// The work cannot go on.
    Fail,
}

/// What was seen of one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    /// Its name in answers and metrics.
    pub(super) name: &'static str,
    /// How it is.
    pub(super) level: Level,
    /// In a sentence.
    pub(super) said: Reason,
}

/// Everything at one instant.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// When it was seen.
    pub(super) at: Timestamp,
    /// When the process began.
    pub(super) started_at: Timestamp,
    /// Time zone of people.
    pub(super) zone: chrono_tz::Tz,
    /// Each thing.
    pub(super) probes: Vec<Probe>,
    /// Counts and ages; none when the database did not answer.
    pub(super) status: Option<Status>,
    /// Enabled sources.
    pub(super) sources: SourceList,
    /// Figures of the process.
    pub(super) process: Process,
    /// How long ago the engine turned.
    pub(super) engine_age: Option<Duration>,
    /// Room for what is stored, bytes.
    pub(super) free_bytes: Option<u64>,
}

impl Snapshot {
    /// Whether the work can go on.
    pub(super) fn is_ready(&self) -> bool {
        self.probes.iter().all(|probe| probe.level < Level::Fail)
    }

    /// For programs.
    pub(super) fn to_json(&self) -> Value {
        let probes = self.probes.iter().map(|probe| {
            let Probe { name, level, said } = probe;
            json!({"name": name, "ok": *level == Level::Ok, "level": level, "zh": said.zh, "en": said.en})
        });
        json!({
            "ready": self.is_ready(),
            "version": env!("CARGO_PKG_VERSION"),
            "probes": probes.collect::<Vec<_>>(),
        })
    }
}

/// Whoever looks. Many may ask at once; one looks for all.
#[derive(Debug)]
pub(super) struct Watch {
    shell: Arc<Shell>,
    pulse: Pulse,
    started_at: Timestamp,
    has_key: bool,
    seen: Mutex<Option<(Instant, Arc<Snapshot>)>>,
}

impl Watch {
    /// Looks at an installation from now on.
    pub(super) fn new(shell: Arc<Shell>, pulse: Pulse) -> Self {
        let key = Key::from_env_or_file(Some(&shell.config.paths.key_file));
        let (started_at, has_key) = (shell.clock.now(), matches!(key, Ok(Some(_))));
        Self { shell, pulse, started_at, has_key, seen: Mutex::default() }
    }

    /// What there is to see, at most a second old.
    pub(super) async fn snapshot(&self) -> Arc<Snapshot> {
        let mut seen = self.seen.lock().await;
        if let Some((at, snapshot)) = &*seen
            && at.elapsed() < FRESH
        {
            return Arc::clone(snapshot);
        }
        let snapshot = Arc::new(self.look().await);
        *seen = Some((Instant::now(), Arc::clone(&snapshot)));
        snapshot
    }

    async fn look(&self) -> Snapshot {
        let (now, store) = (self.shell.clock.now(), &self.shell.store);
        let (schema, written, status, free) = tokio::join!(
            within(async { store.check_compatibility().await.map(|()| store) }),
            within(store.try_write()),
            within(store.status(now)),
            self.room(),
        );
        let schema = match schema {
            Ok(store) => within(store.schema_version()).await,
            Err(why) => Err(why),
        };
        let (status, engine_age) = (status.ok(), self.pulse.age());
        let probes = vec![
            database(schema),
            writing(written),
            engine(engine_age),
            disk(free),
            self.ledgers(),
            self.calendar(now),
            self.key(),
            self.mail(status.as_ref(), now),
            scan(status.as_ref(), now),
        ];
        Snapshot {
            at: now,
            started_at: self.started_at,
            zone: self.shell.zone(),
            probes,
            status,
            sources: self.shell.sources().iter().filter(|source| source.enabled).collect(),
            process: Process::now(),
            engine_age,
            free_bytes: free,
        }
    }

    /// A disk far away may hang, and must not hang the page.
    async fn room(&self) -> Option<u64> {
        let path = self.shell.config.paths.store.clone();
        let look = tokio::task::spawn_blocking(move || free_bytes(&path));
        timeout(LOOK_MAX, look).await.ok()?.ok()?
    }

    fn ledgers(&self) -> Probe {
        let loaded = self.shell.loaded();
        let (files, broken) = (loaded.files.len(), loaded.problems.iter().filter(|p| p.is_error()).count());
        let old = loaded.last_good.len();
        let (zh, en) = match (broken, old) {
            (0, 0) => (format!("{files} 份台账生效"), format!("{files} ledgers are in force")),
            (_, 0) => (
                format!("{files} 份台账生效，{broken} 处错误的内容没有采用"),
                format!("{files} ledgers are in force; {broken} places are wrong and not used"),
            ),
            _ => (
                format!("{files} 份台账生效，其中 {old} 份沿用上一份有效版本：文件有错误或不见了"),
                format!(
                    "{files} ledgers are in force, {old} by their last good version: their files are broken or gone"
                ),
            ),
        };
        probe("ledgers", if broken + old > 0 || files == 0 { Level::Warn } else { Level::Ok }, zh, en)
    }

    fn calendar(&self, now: Timestamp) -> Probe {
        let calendar = Calendar::of(&self.shell.loaded().ledgers.holidays);
        match calendar.missing_year(now.date(self.shell.zone())) {
            None => probe("calendar", Level::Ok, "节假日已录入", "the holidays are known"),
            Some(year) => probe(
                "calendar",
                Level::Warn,
                format!("{year} 年的节假日还没有录入：处理期限会算错"),
                format!("the holidays of {year} are not entered: due dates will be wrong"),
            ),
        }
    }

    fn key(&self) -> Probe {
        match self.has_key {
            true => probe("key", Level::Ok, "密钥已配置", "there is a key"),
            false => probe(
                "key",
                Level::Warn,
                "没有密钥：泄密内容不存正文，保密词不生效",
                "there is no key: leaks are stored without their text, and the confidential list cannot be used",
            ),
        }
    }

    fn mail(&self, status: Option<&Status>, now: Timestamp) -> Probe {
        let (way_zh, way_en) = match self.shell.config.mail.transport {
            TransportKind::None => {
                return probe("mail", Level::Warn, "没有设置发邮件：不会通知任何人", "mail is off: nobody is told");
            }
            TransportKind::File => ("邮件写入文件夹", "letters are written into a folder"),
            TransportKind::Smtp => ("邮件经 SMTP 发送", "letters leave by SMTP"),
        };
        let Some(status) = status else { return unknown("mail") };
        match status.oldest_due.map(|due| now.ms_since(due)) {
            None => probe("mail", Level::Ok, format!("{way_zh}，没有待发"), format!("{way_en}; none waits")),
            Some(late) => {
                let (level, minutes) = (if late > LETTER_LATE_MS { Level::Warn } else { Level::Ok }, late / 60_000);
                let zh = format!("{way_zh}，最早一封已等 {minutes} 分钟");
                probe("mail", level, zh, format!("{way_en}; the first one has waited for {minutes} min"))
            }
        }
    }
}

/// What a look at the database gives, or why there is nothing to see.
async fn within<T>(look: impl Future<Output = Result<T, StoreError>>) -> Result<T, Reason> {
    match timeout(LOOK_MAX, look).await {
        Ok(Ok(seen)) => Ok(seen),
        // What an engine says may hold addresses and values; the log has it where the work fails.
        Ok(Err(StoreError::Newer { found, known })) => Err(Reason::new(
            format!("数据库结构是第 {found} 版，本程序只懂到第 {known} 版：请换上新程序"),
            format!("the database has schema {found}, this program knows up to {known}: install the newer program"),
        )),
        Ok(Err(_)) => Err(Reason::new("数据库出错，见日志", "the database failed; the log says more")),
        Err(_) => Err(Reason::new(
            format!("数据库 {} 秒内没有回答", LOOK_MAX.as_secs()),
            format!("the database did not answer within {} s", LOOK_MAX.as_secs()),
        )),
    }
}

fn database(schema: Result<i64, Reason>) -> Probe {
    match schema {
        Ok(version) => probe(
            "database",
            Level::Ok,
            format!("数据库有回答，结构第 {version} 版，与本程序相合"),
            format!("the database answers; its schema {version} fits this program"),
        ),
        Err(said) => Probe { name: "database", level: Level::Fail, said },
    }
}

fn writing(written: Result<(), Reason>) -> Probe {
    match written {
        Ok(()) => probe("writing", Level::Ok, "数据库可写", "the database can be written"),
        Err(said) => Probe { name: "writing", level: Level::Fail, said },
    }
}

fn engine(age: Option<Duration>) -> Probe {
    match age.map(|age| (age, age.as_secs())) {
        None => probe("engine", Level::Fail, "任务引擎尚未开始", "the job engine has not started yet"),
        Some((age, s)) if age > TURN_MAX => probe(
            "engine",
            Level::Fail,
            format!("任务引擎已 {s} 秒没有动静"),
            format!("the job engine hangs for {s} s"),
        ),
        Some(_) => probe("engine", Level::Ok, "任务引擎在运转", "the job engine runs"),
    }
}

fn disk(free: Option<u64>) -> Probe {
    let Some(free) = free else {
        return probe("disk", Level::Warn, "看不出剩余空间", "the free space cannot be told");
    };
    let level = match free {
        free if free < ROOM_LEAST => Level::Fail,
        free if free < ROOM_LOW => Level::Warn,
        _ => Level::Ok,
    };
    let size = size_text(free);
    probe("disk", level, format!("存放处剩余 {size}"), format!("{size} free where things are stored"))
}

fn scan(status: Option<&Status>, now: Timestamp) -> Probe {
    let Some(status) = status else { return unknown("scan") };
    match status.last_scan_end.map(|end| now.ms_since(end)) {
        None => probe("scan", Level::Warn, "还没有完成过扫描", "no scan has ended yet"),
        Some(age) => {
            let (level, hours) = (if age > SCAN_LATE_MS { Level::Warn } else { Level::Ok }, age / 3_600_000);
            let zh = format!("最近一次扫描完成于 {hours} 小时前");
            probe("scan", level, zh, format!("the last scan ended {hours} h ago"))
        }
    }
}

fn unknown(name: &'static str) -> Probe {
    probe(name, Level::Warn, "数据库没有回答，无从得知", "cannot be told while the database does not answer")
}

fn probe(name: &'static str, level: Level, zh: impl Into<String>, en: impl Into<String>) -> Probe {
    Probe { name, level, said: Reason::new(zh, en) }
}
