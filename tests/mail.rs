//! Letters over a real mail server: Postfix takes them with STARTTLS and with TLS from the first byte, Dovecot gives
//! them back over IMAP. `tests/targets/mail.sh` installs (apt, root), starts and stops both; see its README.

#[path = "support/mail_server.rs"]
mod mail_server;

use std::future::ready;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use chrono_tz::Asia::Shanghai;
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use wanglou::mail::{Message, Recipient, Rendered, Security, SendError, Settings, Transport, compose, render};
use wanglou::model::alert::{AlertKind, CaseBrief, Letter, MarkedText};
use wanglou::model::case::{Lane, Notify, Outcome, SubjectKind};
use wanglou::model::finding::{Reason, Rule};
use wanglou::model::ids::{AlertId, CaseId, CompanyCode};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;

use mail_server::MailServer;

#[tokio::test]
async fn a_letter_over_starttls_arrives_with_its_chinese_intact() {
    let server = MailServer::up();
    arrives_intact(&server.settings(Security::Starttls, 5871)).await;
}

#[tokio::test]
async fn a_letter_over_tls_arrives_with_its_chinese_intact() {
    let server = MailServer::up();
    arrives_intact(&server.settings(Security::Tls, 4651)).await;
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_configuration() {
    let server = MailServer::up();
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&password, "not-the-password\n").unwrap();
    let mut settings = server.settings(Security::Starttls, 5871);
    settings.password_file = Some(password.path().to_owned());
    let error = send_to("analyst@xinghe.example", &settings).await.unwrap_err();
    assert!(matches!(error, SendError::Configuration { .. }), "{error}");
    assert!(error.to_string().contains("login: 535"), "{error}");
    assert!(try_login(&settings).await.unwrap_err().reason().contains("login: 535"));
    try_login(&server.settings(Security::Starttls, 5871)).await.unwrap();
}

async fn try_login(settings: &Settings) -> Result<(), SendError> {
    let letter = letter();
    let message = message(&letter, &render(&letter, settings, Shanghai), "analyst@xinghe.example", settings);
    Transport::open(settings).unwrap().try_login(&message).await
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let server = MailServer::up();
    for (security, port) in [(Security::Starttls, 5871), (Security::Tls, 4651)] {
        let settings = Settings { ca_file: None, ..server.settings(security, port) };
        let error = send_to("analyst@xinghe.example", &settings).await.unwrap_err();
        assert!(matches!(error, SendError::Configuration { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    let server = MailServer::up();
    let error = send_to("analyst@xinghe.example", &server.settings(Security::Tls, 2525)).await.unwrap_err();
    assert!(matches!(error, SendError::Configuration { .. }), "{error}");
}

#[tokio::test]
async fn each_refusal_of_a_recipient_is_told_apart_and_names_nobody() {
    let server = MailServer::up();
    let settings = server.settings(Security::Starttls, 5871);
    let greylisted = send_to("greylist@xinghe.example", &settings).await.unwrap_err();
    let full = send_to("full@xinghe.example", &settings).await.unwrap_err();
    let gone = send_to("gone@xinghe.example", &settings).await.unwrap_err();
    assert!(
        matches!(&greylisted, SendError::Transient { reason, .. } if reason == "recipient: 450 4.2.0"),
        "{greylisted}"
    );
    assert!(matches!(&full, SendError::Transient { reason, .. } if reason == "recipient: 452 4.2.2"), "{full}");
    assert!(matches!(&gone, SendError::Permanent { reason, .. } if reason == "recipient: 550 5.1.1"), "{gone}");
    for error in [greylisted, full, gone] {
        assert!(!error.to_string().contains("xinghe"), "{error}");
    }
}

async fn arrives_intact(settings: &Settings) {
    let letter = letter();
    let rendered = render(&letter, settings, Shanghai);
    let message = message(&letter, &rendered, "analyst@xinghe.example", settings);
    Transport::open(settings).unwrap().send(&message, ready(Ok::<_, ()>(()))).await.unwrap().unwrap();

    let bytes = read_back(&format!("<{}@xinghe.example>", letter.alert)).await;

    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(mail.subject(), Some(rendered.subject.as_str()));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("品牌账号提醒"));
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), rendered.text.trim_end());
    assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), rendered.html.trim_end());
    assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(mail.header_raw("List-Id").map(str::trim), Some("<wanglou.xinghe.example>"));
}

async fn send_to(address: &str, settings: &Settings) -> Result<(), SendError> {
    let letter = letter();
    let message = message(&letter, &render(&letter, settings, Shanghai), address, settings);
    Transport::open(settings).unwrap().send(&message, ready(Ok::<_, ()>(()))).await.unwrap()
}

fn message(letter: &Letter, rendered: &Rendered, address: &str, settings: &Settings) -> Message {
    compose(letter, rendered, Recipient { name: "周宁", address }, settings).unwrap()
}

/// A letter of its own for every call, so that tests do not find each other's.
fn letter() -> Letter {
    let number = std::hash::RandomState::new().build_hasher().finish();
    Letter {
        alert: AlertId::new(format!("letter-{number:016x}")),
        kind: AlertKind::Immediate,
        lane: Lane::Manager(CompanyCode::new("XY")),
        recipient_name: "周宁".to_owned(),
        recipient_part: "星云储能的指定专人".to_owned(),
        language: "zh-CN".to_owned(),
        company_name: "星云储能".to_owned(),
        at: Timestamp::parse("2026-11-20T09:00:00+08:00").unwrap(),
        cases: vec![case()],
        pending: Vec::new(),
        silent: Vec::new(),
        sources: None,
        parts: Vec::new(),
    }
}

fn case() -> CaseBrief {
    CaseBrief {
        number: "XS-2611-0031".to_owned(),
        case: CaseId::new("case-31"),
        outcome: Outcome::Alert,
        lane: Lane::Manager(CompanyCode::new("XY")),
        severity: Severity::High,
        notify: Notify::Immediate,
        subject: SubjectKind::Account,
        platform_name: "微岸".to_owned(),
        account_name: MarkedText { text: "星河科技陈舟".to_owned(), marks: std::iter::once(0..12).collect() },
        handle: "chenzhou_xy".to_owned(),
        url: "http://weian.example/u/chenzhou_xy".to_owned(),
        followers: Some(1_260),
        ip_region: "浙江".to_owned(),
        // Traditional characters, an emoji and one outside the basic plane have to survive as well.
        bio: MarkedText { text: "儲能解決方案😀𠮷".to_owned(), marks: Vec::new() },
        verification: MarkedText::default(),
        text: MarkedText::default(),
        published: None,
        evidence: None,
        captured_at: None,
        rules: vec![Rule::Name],
        clauses: vec!["四.2".to_owned()],
        reasons: vec![Reason::new("账号名含“星河科技”", "the name holds 星河科技")],
        candidates: Vec::new(),
        due: Timestamp::parse("2026-11-23T18:00:00+08:00").unwrap(),
        link: None,
    }
}

/// The message of that identifier out of the analyst's mailbox, waiting for it to be delivered.
async fn read_back(message_id: &str) -> Vec<u8> {
    tokio::time::timeout(Duration::from_secs(60), async {
        let mut mailbox = Mailbox::open().await;
        loop {
            if let Some(number) = mailbox.find(message_id).await {
                return mailbox.fetch(number).await;
            }
            mailbox.wait_for_mail().await;
        }
    })
    .await
    .expect("the letter is delivered within a minute")
}

/// As much IMAP (RFC 3501, RFC 2177) as reading one message takes.
struct Mailbox {
    stream: BufReader<TcpStream>,
}

impl Mailbox {
    async fn open() -> Self {
        let stream = TcpStream::connect(("127.0.0.1", 1143)).await.unwrap();
        let mut mailbox = Self { stream: BufReader::new(stream) };
        mailbox.line().await;
        mailbox.command("LOGIN analyst analyst-pass-1").await;
        mailbox.command("SELECT INBOX").await;
        mailbox
    }

    async fn find(&mut self, message_id: &str) -> Option<u32> {
        let lines = self.command(&format!("UID SEARCH HEADER Message-ID {message_id}")).await;
        let found = lines.iter().find_map(|line| line.strip_prefix("* SEARCH"))?;
        found.split_whitespace().next()?.parse().ok()
    }

    async fn fetch(&mut self, number: u32) -> Vec<u8> {
        self.say(&format!("t UID FETCH {number} BODY.PEEK[]")).await;
        let head = self.line().await;
        let size = head.rsplit_once('{').unwrap().1.trim_end_matches('}').parse().unwrap();
        let mut bytes = vec![0; size];
        self.stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// Until the server speaks of mail, or for a moment: mail may have come just before the server was asked.
    async fn wait_for_mail(&mut self) {
        self.say("t IDLE").await;
        let news = async { while !self.line().await.ends_with("EXISTS") {} };
        let _news = tokio::time::timeout(Duration::from_secs(2), news).await;
        self.say("DONE").await;
        while !self.line().await.starts_with("t ") {}
    }

    async fn command(&mut self, command: &str) -> Vec<String> {
        self.say(&format!("t {command}")).await;
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            if let Some(result) = line.strip_prefix("t ") {
                assert!(result.starts_with("OK"), "{command}: {result}");
                return lines;
            }
            lines.push(line);
        }
    }

    async fn say(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.unwrap();
        assert!(read > 0, "the mailbox server hung up");
        line.trim_end().to_owned()
    }
}
