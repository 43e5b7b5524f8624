//! 邮件设置: what the configuration says of mail, without any secret, and a test letter to oneself.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use tokio::task::JoinError;

use crate::casework::rights::Right;
use crate::config::Config;
use crate::mail::{MailboxKind, MailboxSettings, Recipient, Security, SendError, Settings, TransportKind};
use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::model::user::User;
use crate::pipeline::letters::mail_of;
use crate::pipeline::shell::Shell;
use crate::pipeline::test_letter::{TestLetterError, send_test_letter};
use crate::store::{MailboxVisit, ReturnedKind, StoreError};
use crate::web::console::Console;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Between two test letters, and how many in an hour: mail servers close the door to whoever knocks too often.
const PAUSE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const AN_HOUR: usize = 10;
/// Days of which what did not arrive is counted.
const COUNTED_DAYS: i64 = 30;
/// So long is waited for what becomes of one: a page must come before its connection ends.
const WAIT: Duration = Duration::from_secs(10);

/// Name and value of a setting, and its keys in the configuration.
type Row = (&'static str, String, &'static [&'static str]);

/// When the last test letters went out.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Vec<Timestamp>>);

impl Pace {
    /// Whether another letter may go now; then it counts.
    fn admits(&self, now: Timestamp) -> bool {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|at| now.ms_since(*at) < HOUR_MS);
        let is_admitted = sent.len() < AN_HOUR && sent.last().is_none_or(|last| now.ms_since(*last) >= PAUSE_MS);
        sent.extend(is_admitted.then_some(now));
        is_admitted
    }
}

#[derive(Debug, Template)]
#[template(path = "console/mail_settings.html")]
struct Page {
    frame: Frame,
    /// What is set.
    settings: Vec<Setting>,
    /// The file to change; empty where there is none.
    file: String,
    is_off: bool,
    /// The reader's own address; empty when none is known.
    address: String,
    /// Whom the command to copy sends a letter to.
    tried_with: String,
    outcome: Option<Outcome>,
    /// What did not arrive in the last days: what it is, and how many.
    undelivered: Vec<(&'static str, String)>,
    /// Why the mailbox of returned mail could not be read; empty when it could, or none is set.
    fault: String,
}

/// A setting, and where it is changed.
#[derive(Debug)]
struct Setting {
    name: &'static str,
    value: String,
    /// Keys of the configuration, such as `mail.host:124`, with their lines where the file is at hand.
    places: String,
}

/// What became of a test letter.
#[derive(Debug)]
struct Outcome {
    is_sent: bool,
    said: &'static str,
    /// Words of the mail server or of the system; no address.
    reason: String,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeMailSettings)?;
    shown(&console, &reader, None).await
}

/// Sends the reader a letter. It goes to the reader's own address and to no other. What becomes of it stands in the audit, also
/// when the reader does not wait for it.
pub(super) async fn test(
    State(console): State<Arc<Console>>,
    Submitted(reader, _form): Submitted,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeMailSettings)?;
    let address = address_of(&reader);
    if address.is_empty() {
        return Err(Refusal::unfit(
            "台账和名册里没有您的邮箱。",
            "Neither ledger nor directory has an address of yours.",
        ));
    }
    if !console.test_letters.admits(console.shell.clock.now()) {
        return Err(Refusal::unfit(
            "测试邮件每分钟至多一封、每小时至多十封，请稍后再试。",
            "One test letter a minute and ten an hour: try again later.",
        ));
    }
    console.shell.store.audit(&reader.did("mail.test", "console", "")).await?;
    let audit = reader.did("mail.tested", "console", "");
    let sending = send_and_tell(Arc::clone(&console.shell), reader.session.user.clone(), address, audit);
    let outcome = match waited_for(sending, WAIT).await.map_err(|_| Refusal::Failed)? {
        Some(sent) => outcome_of(&console.shell.config.mail, &reader, sent?),
        None => still_trying(&reader),
    };
    shown(&console, &reader, Some(outcome)).await
}

/// Sends a letter and puts down what became of it.
async fn send_and_tell(
    shell: Arc<Shell>,
    user: User,
    address: String,
    audit: AuditEntry,
) -> Result<Result<(), TestLetterError>, StoreError> {
    let to = Recipient { name: &user.name, address: &address };
    let sent = send_test_letter(&shell, to, &user.language).await;
    let detail = sent.as_ref().err().map_or_else(|| "accepted".to_owned(), reason_of);
    shell.store.audit(&AuditEntry { at: shell.clock.now(), detail, ..audit }).await?;
    Ok(sent)
}

/// What work comes to; none when that takes too long. It is done to its end in any case.
async fn waited_for<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    wait: Duration,
) -> Result<Option<T>, JoinError> {
    tokio::time::timeout(wait, tokio::spawn(work)).await.ok().transpose()
}

async fn shown(console: &Console, reader: &Reader, outcome: Option<Outcome>) -> Result<Html<String>, Refusal> {
    let (frame, mail) = (Frame::of(reader), &console.shell.config.mail);
    let visit = console.shell.store.mailbox_visit().await?.filter(|_| mail.returned.kind != MailboxKind::None);
    let page = Page {
        settings: placed(&console.shell.config, settings(&frame, mail)),
        file: console.shell.config.file.display().to_string(),
        is_off: mail.transport == TransportKind::None,
        address: address_of(reader),
        tried_with: in_command(address_of(reader)),
        outcome,
        undelivered: undelivered(console, &frame, visit.as_ref()).await?,
        fault: visit.map(|visit| visit.fault).unwrap_or_default(),
        frame,
    };
    Ok(Html(page.render()?))
}

/// Letters that did not reach their readers, and what the mailbox held.
async fn undelivered(
    console: &Console,
    frame: &Frame,
    visit: Option<&MailboxVisit>,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let (store, since) = (&console.shell.store, console.shell.clock.now().plus_days(-COUNTED_DAYS));
    let failed = store.undelivered_letters(since).await?;
    let mut rows = vec![(
        frame.say(
            "没有送到的邮件（拒收或退回，已改送代理人）",
            "Letters that did not arrive (refused or \
         sent back; the deputy got them)",
        ),
        failed.to_string(),
    )];
    let Some(visit) = visit else { return Ok(rows) };
    let counts = store.returned_mail_counts(since).await?;
    rows.extend(counts.iter().map(|(kind, count)| (returned(frame, *kind), count.to_string())));
    rows.push((frame.say("退信邮箱最近一次读取", "The mailbox was read last"), frame.voice.minute(visit.at)));
    Ok(rows)
}

fn returned(frame: &Frame, kind: ReturnedKind) -> &'static str {
    match kind {
        ReturnedKind::Failed => frame.say("退信：没有送到", "Notices: not delivered"),
        ReturnedKind::Delayed => frame.say("退信：仍在尝试", "Notices: late, still tried"),
        ReturnedKind::Settled => {
            frame.say("退信：此前已处理", "Notices about letters that had failed before, or were not out")
        }
        ReturnedKind::Foreign => {
            frame.say("与我们的邮件无关的退信（不采信）", "Notices about no letter of ours (not acted on)")
        }
        ReturnedKind::Other => frame.say("其他来信（留在邮箱）", "Other mail (stays in the mailbox)"),
        ReturnedKind::Unreadable => frame.say("读不懂的来信（留在邮箱）", "Unreadable mail (stays in the mailbox)"),
    }
}

/// Settings with the lines of the file on which they stand.
fn placed(config: &Config, settings: Vec<Row>) -> Vec<Setting> {
    let place = |key: &&str| {
        let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
        config.line_of(table, name).map_or_else(|| (*key).to_owned(), |line| format!("{key}:{line}"))
    };
    let placed = |(name, value, keys): Row| {
        let places = keys.iter().map(place).collect::<Vec<_>>().join(", ");
        Setting { name, value, places }
    };
    settings.into_iter().map(placed).collect()
}

/// The reader's own address by the ledgers.
fn address_of(reader: &Reader) -> String {
    mail_of(&reader.world, &reader.session.user.employee).unwrap_or_default()
}

/// An address as it may stand in a command for a shell; another one where it has characters that a shell reads otherwise.
fn in_command(address: String) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".@_+-".contains(c);
    let is_fit = address.contains('@') && !address.starts_with('-') && address.chars().all(is_plain);
    if is_fit { address } else { "you@corp.example".to_owned() }
}

fn settings(frame: &Frame, mail: &Settings) -> Vec<Row> {
    let mut settings: Vec<Row> = vec![
        (frame.say("方式", "How"), transport(frame, mail.transport).to_owned(), &["mail.transport"]),
        (frame.say("发件人", "Sender"), mail.from.clone(), &["mail.from"]),
    ];
    match mail.transport {
        TransportKind::None => {}
        TransportKind::File => {
            settings.push((frame.say("文件夹", "Folder"), mail.dir.display().to_string(), &["mail.dir"]));
        }
        TransportKind::Smtp => settings.extend(server(frame, mail)),
    }
    settings.push((frame.say("退信邮箱", "Mailbox of returned mail"), mailbox(frame, mail), mailbox_keys(mail)));
    let console = mail.console_url.clone().unwrap_or_else(|| frame.say("未设置", "not set").to_owned());
    settings.push((
        frame.say("邮件里的控制台地址", "Address of the console in letters"),
        console,
        &["mail.console_url"],
    ));
    settings
}

const fn mailbox_keys(mail: &Settings) -> &'static [&'static str] {
    match mail.returned.kind {
        MailboxKind::None => &["mail.returned.kind"],
        MailboxKind::Maildir => &["mail.returned.kind", "mail.returned.maildir"],
        MailboxKind::Pop3 => &["mail.returned.kind", "mail.returned.host", "mail.returned.port"],
    }
}

fn mailbox(frame: &Frame, mail: &Settings) -> String {
    let MailboxSettings { kind, maildir, host, .. } = &mail.returned;
    match kind {
        MailboxKind::None => frame.say(
            "不读：服务器先收下后退回的，不会知道",
            "not read: what a server takes and sends back later is not noticed",
        ),
        MailboxKind::Maildir => return maildir.display().to_string(),
        MailboxKind::Pop3 => return format!("POP3 {}:{}", host.trim(), mail.returned.port()),
    }
    .to_owned()
}

fn transport(frame: &Frame, kind: TransportKind) -> &'static str {
    match kind {
        TransportKind::None => frame.say("不发送", "nobody is mailed"),
        TransportKind::File => frame.say("写成文件", "written to files"),
        TransportKind::Smtp => frame.say("邮件服务器", "a mail server"),
    }
}

fn server(frame: &Frame, mail: &Settings) -> [Row; 5] {
    let protection = match mail.security {
        Security::Starttls => frame.say("STARTTLS（必须加密）", "STARTTLS (required)"),
        Security::Tls => frame.say("TLS（自始加密）", "TLS from the first byte"),
        Security::None => frame.say("不加密（仅限本机）", "none (this machine only)"),
    };
    let login = if mail.username.is_empty() {
        frame.say("不登录", "no login")
    } else {
        frame.say("用户名和密码（不显示）", "name and password (not shown)")
    };
    let authority = if mail.ca_file.is_some() {
        frame.say("系统的和自有的", "the system's and an own one")
    } else {
        frame.say("系统的", "the system's")
    };
    [
        (frame.say("服务器", "Server"), format!("{}:{}", mail.host.trim(), mail.port()), &["mail.host", "mail.port"]),
        (frame.say("加密", "Protection"), protection.to_owned(), &["mail.security"]),
        (frame.say("登录", "Login"), login.to_owned(), &["mail.username", "mail.password_file"]),
        (frame.say("信任的证书", "Trusted authorities"), authority.to_owned(), &["mail.ca_file"]),
        (frame.say("最长等待", "Longest wait"), format!("{} s", mail.timeout_s), &["mail.timeout_s"]),
    ]
}

fn outcome_of(mail: &Settings, reader: &Reader, sent: Result<(), TestLetterError>) -> Outcome {
    let voice = reader.voice();
    let (zh, en) = match &sent {
        Ok(()) if mail.transport == TransportKind::File => {
            ("已写成文件，没有经过邮件服务器。", "It was written to a file; no mail server was asked.")
        }
        Ok(()) => (
            "邮件服务器收下了。几分钟后还没有收到的，请看垃圾邮件。",
            "The mail server took it. If it does not come within minutes, look among the junk.",
        ),
        Err(TestLetterError::Compose(_)) => {
            ("写不成：您的地址或发件人不能用。", "It cannot be written: your address or the sender cannot be used.")
        }
        Err(TestLetterError::Send(error)) => refused(error),
    };
    let reason = sent.as_ref().err().map(reason_of).unwrap_or_default();
    Outcome { is_sent: sent.is_ok(), said: voice.say(zh, en), reason }
}

fn still_trying(reader: &Reader) -> Outcome {
    let said = reader.voice().say(
        "邮件服务器还没有应答，仍在尝试。结果会写进审计记录。",
        "The mail server has not answered yet; it is still being tried. The audit will tell what came of it.",
    );
    Outcome { is_sent: false, said, reason: String::new() }
}

const fn refused(error: &SendError) -> (&'static str, &'static str) {
    match error {
        SendError::Away { .. } => {
            ("邮件服务器连不上，或者不应答。", "The mail server cannot be reached, or does not answer.")
        }
        SendError::Transient { .. } => {
            ("邮件服务器这次没有收，稍后可能会收。", "The mail server did not take it this time; it may later.")
        }
        SendError::Permanent { .. } => ("邮件服务器拒收您的地址。", "The mail server refuses your address."),
        SendError::Uncertain { .. } => (
            "交给邮件服务器后断了线，不知道是否收下，请看收件箱。",
            "The connection was lost after it was handed over; look into your mailbox.",
        ),
        SendError::Configuration { .. } => {
            ("邮件没有设置好，改过之后才能发送。", "Mail is not set up; nothing is sent until that is changed.")
        }
    }
}

fn reason_of(error: &TestLetterError) -> String {
    match error {
        TestLetterError::Compose(error) => error.to_string(),
        TestLetterError::Send(error) => error.reason().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::{AN_HOUR, HOUR_MS, PAUSE_MS, Pace, in_command, waited_for};
    use crate::model::time::Timestamp;

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_done_to_its_end() {
        let (answers, answered) = oneshot::channel();
        let (ends, ended) = oneshot::channel();
        let work = async { answered.await.map(|()| ends.send("in the audit")) };
        assert!(waited_for(work, Duration::ZERO).await.unwrap().is_none());
        answers.send(()).unwrap();
        assert_eq!(ended.await, Ok("in the audit"));
    }

    #[test]
    fn only_a_plain_address_stands_in_a_command_to_copy() {
        assert_eq!(in_command("xh0007+a@xinghe.example".to_owned()), "xh0007+a@xinghe.example");
        for other in ["", "`id`@xinghe.example", "a b@xinghe.example", "-x@xinghe.example", "$(id)@x.example"] {
            assert_eq!(in_command(other.to_owned()), "you@corp.example", "{other}");
        }
    }

    #[test]
    fn test_letters_go_one_a_minute_and_ten_an_hour() {
        let (pace, at) = (Pace::default(), |ms| Timestamp::from_ms(ms));
        assert!(pace.admits(at(0)) && !pace.admits(at(PAUSE_MS - 1)));
        for minute in 1..10 {
            assert!(pace.admits(at(minute * PAUSE_MS)), "{minute}");
        }
        assert_eq!(AN_HOUR, 10);
        assert!(!pace.admits(at(10 * PAUSE_MS)) && pace.admits(at(HOUR_MS)));
    }
}
