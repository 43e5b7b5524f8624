//! Mail servers that fail, and clocks that are set: nothing is lost, nothing comes twice, and an outage ends without a storm.

use std::collections::BTreeMap;

use serde_json::json;
use wanglou::clock::Clock;
use wanglou::mail::{MailboxKind, MailboxSettings, Security, Settings};
use wanglou::model::account::Account;
use wanglou::model::alert::{Alert, AlertKind, AlertState};
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Finding, Reason, Rule};
use wanglou::model::ids::{AlertId, CaseId};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::digests::queue_digests;
use wanglou::pipeline::letters::{Sent, deliver};
use wanglou::pipeline::returned::{Reading, read_mailbox, tell_operators};
use wanglou::pipeline::shell::Shell;
use wanglou::store::{AlertOccasion, AlertRequest, JudgementBatch, Outgoing, SubjectFacts};

use crate::installation::{Engine, Installation, mail_lines};
use crate::mail_server::{MailServer, home};
use crate::mailbox::Mailbox;
use crate::smtp_script::{Mood, Server};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// An installation with a clock that stands still.
pub(crate) struct Desk {
    pub(crate) shell: Shell,
    pub(crate) installation: Installation,
}

impl Desk {
    /// At ten in the morning of a working day.
    async fn new(engine: Engine, mail: &Settings) -> Self {
        Self::at(Installation::new(engine, &mail_lines(mail)).await, ten()).await
    }

    pub(crate) async fn at(installation: Installation, at: Timestamp) -> Self {
        Self { shell: installation.shell(Clock::standing_at(at)).await, installation }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.shell.clock
    }

    /// What `wanglou doctor` says.
    pub(crate) fn doctor(&self) -> String {
        let mut doctor = std::process::Command::new(env!("CARGO_BIN_EXE_wanglou"));
        doctor.arg("doctor").arg("--config").arg(self.installation.path().join("wanglou.toml"));
        String::from_utf8(doctor.output().unwrap().stdout).unwrap()
    }

    async fn deliver(&self) -> Sent {
        deliver(&self.shell, &self.shell.world()).await.unwrap()
    }

    /// A case about an account of that name with one letter, due now.
    pub(crate) async fn letter(&self, name: &str, severity: Severity, lane: &Lane, recipient: &str) -> AlertId {
        let due_at = self.clock().now();
        let request =
            AlertRequest { kind: AlertKind::Immediate, recipient: recipient.into(), lane: lane.clone(), due_at };
        let case = self.case(judgement(name, severity, lane.clone()), vec![request]).await;
        self.shell.store.alerts_of_case(&case).await.unwrap().remove(0).id
    }

    pub(crate) async fn case(&self, judgement: Judgement, alerts: Vec<AlertRequest>) -> CaseId {
        let (store, at) = (&self.shell.store, self.clock().now());
        let batch = JudgementBatch {
            scan: store.start_scan(at, &json!({})).await.unwrap(),
            at,
            judgement,
            facts: SubjectFacts { account: Some(Account::default()), post: None },
            captures: Vec::new(),
            alerts,
            occasion: AlertOccasion::Opened,
            adds_evidence: false,
            audit: Vec::new(),
            repost_of: None,
        };
        store.record_judgement(&self.shell.vault, &batch).await.unwrap().case.unwrap()
    }

    pub(crate) async fn alerts(&self) -> Vec<Alert> {
        self.shell.store.latest_alerts(1_000).await.unwrap()
    }

    async fn state(&self, id: &AlertId) -> AlertState {
        self.alerts().await.into_iter().find(|alert| alert.id == *id).unwrap().state
    }
}

fn ten() -> Timestamp {
    Timestamp::parse("2026-11-24T10:00:00+08:00").unwrap()
}

pub(crate) fn hecan() -> Lane {
    Lane::Manager("HC".into())
}

pub(crate) fn judgement(name: &str, severity: Severity, lane: Lane) -> Judgement {
    let url = format!("https://weiyan.example/u/{name}");
    let reason = Reason::new("账号名含公司名称", "the name holds a company name");
    let finding = Finding {
        rule: Rule::Name,
        clause: "四.2".into(),
        terms: vec!["W1".into()],
        claims: Vec::new(),
        reasons: vec![reason],
    };
    Judgement {
        subject: Subject { kind: SubjectKind::Account, id: None, platform: "weiyan".into(), handle: name.into(), url },
        outcome: Outcome::Alert,
        lane,
        notify: Notify::Immediate,
        severity: Some(severity),
        findings: vec![finding],
        candidates: Vec::new(),
        reasons: Vec::new(),
        terms: vec!["W1".into()],
        topics: Vec::new(),
        silence: None,
        excerpt: None,
    }
}

#[tokio::test]
async fn an_hour_without_a_mail_server_ends_in_order_and_without_a_storm_on_a_file() {
    an_hour_without_a_mail_server(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_hour_without_a_mail_server_ends_in_order_and_without_a_storm_on_a_server() {
    an_hour_without_a_mail_server(Engine::Postgres).await;
}

async fn an_hour_without_a_mail_server(engine: Engine) {
    let mut server = Server::closed().await;
    let desk = Desk::new(engine, &server.settings()).await;
    let grades = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    for minute in 0..60_usize {
        if minute % 2 == 0 {
            desk.letter(&format!("m{minute}"), grades[minute / 2 % 4], &hecan(), "HC0002").await;
        }
        if minute % 6 == 0 {
            desk.letter(&format!("k{minute}"), Severity::Critical, &Lane::Leak, "YD0001").await;
        }
        assert!(desk.deliver().await.is_held);
        desk.clock().advance_ms(MINUTE_MS);
    }
    assert!(desk.alerts().await.iter().all(|alert| alert.state == AlertState::Queued && alert.attempts == 0));

    server.begin().await;
    let sent = desk.deliver().await;

    let received = server.received();
    assert_eq!((received.len(), sent.later, sent.failed), (sent.sent, 0, 0));
    for person in ["hc0002", "yd0001"] {
        let theirs = received.iter().filter(|letter| letter.to.contains(person)).count();
        assert_eq!(theirs, 6, "{person} receives the gravest five and the others in one");
    }
    let ranks: Vec<usize> = received.iter().map(|letter| rank(&letter.subject)).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
    assert_nobody_was_forgotten(&desk, &received.iter().map(|letter| letter.id.as_str()).collect::<Vec<_>>()).await;
    assert_eq!(desk.deliver().await, Sent::default());
}

/// What stands first in a subject, gravest first; a letter of many cases counts by the gravest of them.
pub(crate) fn rank(subject: &str) -> usize {
    let words = ["严重", "高", "中", "低"];
    let of_many = subject.split_once('（').map_or(subject, |(_, grades)| grades);
    let is_there = |word: &&str| of_many.contains(&format!("·{word}】")) || is_counted(of_many, word);
    words.iter().position(is_there).unwrap_or(words.len())
}

/// `高7` but not `高0`.
fn is_counted(grades: &str, word: &str) -> bool {
    grades.split_once(word).is_some_and(|(_, rest)| rest.starts_with(|c: char| ('1'..='9').contains(&c)))
}

/// Every letter went out, or its cases did in another one to the same person through the same lane.
pub(crate) async fn assert_nobody_was_forgotten(desk: &Desk, received: &[&str]) {
    let alerts = desk.alerts().await;
    let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for alert in alerts.iter().filter(|alert| alert.state == AlertState::Sent) {
        assert!(received.contains(&format!("{}@xinghe.example", alert.id).as_str()), "{}", alert.id);
        told.entry((alert.lane.to_string(), &alert.recipient)).or_default().extend(&alert.cases);
    }
    for alert in &alerts {
        assert!(matches!(alert.state, AlertState::Sent | AlertState::Folded), "{alert:?}");
        assert!(alert.cases.iter().all(|case| told[&(alert.lane.to_string(), &alert.recipient)].contains(&case)));
    }
    for ((lane, person), cases) in told {
        let different = cases.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(different, cases.len(), "{person} was told twice through {lane}");
    }
}

#[tokio::test]
async fn mornings_without_a_mail_server_end_in_one_digest() {
    let mut server = Server::closed().await;
    let desk = Desk::new(Engine::Sqlite, &server.settings()).await;
    for day in 0..3 {
        let daily = Judgement { notify: Notify::Daily, ..judgement(&format!("m{day}"), Severity::Medium, hecan()) };
        desk.case(daily, Vec::new()).await;
        desk.clock().advance_ms(24 * HOUR_MS);
        assert_eq!(queue_digests(&desk.shell, &desk.shell.world()).await.unwrap(), 1);
        assert!(desk.deliver().await.is_held);
    }
    server.begin().await;
    desk.deliver().await;
    let alerts = desk.alerts().await;
    let sent: Vec<usize> =
        alerts.iter().filter(|alert| alert.state == AlertState::Sent).map(|alert| alert.cases.len()).collect();
    assert_eq!((server.received().len(), sent), (1, vec![3]));
}

#[tokio::test]
async fn a_server_lost_after_the_body_has_the_letter_once_and_it_is_shown_as_uncertain() {
    let server = Server::open(Mood::LostAfterBody).await;
    let desk = Desk::new(Engine::Sqlite, &server.settings()).await;
    let id = desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    assert_eq!(desk.deliver().await, Sent { failed: 1, ..Sent::default() });
    server.set(Mood::Takes);
    for _ in 0..3 {
        desk.clock().advance_ms(HOUR_MS);
        assert_eq!(desk.deliver().await, Sent::default());
    }
    assert_eq!((server.received().len(), desk.state(&id).await), (1, AlertState::Uncertain));

    let report = desk.doctor();
    let case = desk.alerts().await[0].cases[0].clone();
    let number = desk.shell.store.case(&case).await.unwrap().unwrap().number;
    assert!(report.contains(&format!("uncertain: letter to HC0002 about {number}")), "{report}");
}

#[tokio::test]
async fn a_server_that_leaves_in_the_middle_gets_the_letter_later_once() {
    let server = Server::open(Mood::Leaves).await;
    let desk = Desk::new(Engine::Sqlite, &server.settings()).await;
    let id = desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    assert_eq!(desk.deliver().await, Sent { later: 1, ..Sent::default() });
    server.set(Mood::Takes);
    assert_eq!(desk.deliver().await, Sent::default(), "not at once");
    desk.clock().advance_ms(2 * MINUTE_MS);
    assert_eq!(desk.deliver().await, Sent { sent: 1, ..Sent::default() });
    assert_eq!((server.received().len(), desk.state(&id).await), (1, AlertState::Sent));
}

#[tokio::test]
async fn a_half_open_connection_is_tried_once_a_round_and_holds_up_nobody_for_good() {
    let server = Server::open(Mood::Mute).await;
    let desk = Desk::new(Engine::Sqlite, &server.settings()).await;
    for number in 0..3 {
        desk.letter(&format!("m{number}"), Severity::High, &hecan(), "HC0002").await;
    }
    assert_eq!(desk.deliver().await, Sent { later: 1, is_held: true, ..Sent::default() });
    assert_eq!(server.connections(), 1);
    server.set(Mood::Takes);
    assert_eq!(desk.deliver().await.sent, 3);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn a_clock_that_is_set_in_the_middle_of_a_send_neither_loses_nor_repeats_a_letter() {
    for step in [HOUR_MS, -HOUR_MS] {
        let server = Server::open(Mood::Thinks).await;
        let settings = Settings { timeout_s: 60, ..server.settings() };
        let desk = Desk::new(Engine::Sqlite, &settings).await;
        let first = desk.letter("m1", Severity::Critical, &hecan(), "HC0002").await;
        let others = async {
            server.body().await;
            desk.clock().advance_ms(step);
            server.set(Mood::Takes);
            // Another sender finds the lease run out, or not begun; either way the letter is not its own.
            let other = desk.deliver().await;
            server.answer();
            other
        };
        let (sent, other) = tokio::join!(desk.deliver(), others);
        assert_eq!((sent.sent, other), (1, Sent::default()), "{step}");
        desk.clock().advance_ms(3 * HOUR_MS);
        assert_eq!(desk.deliver().await, Sent::default());
        assert_eq!((server.received().len(), desk.state(&first).await), (1, AlertState::Sent), "{step}");
    }
}

#[tokio::test]
async fn letters_written_before_the_clock_was_set_back_go_out_when_their_time_comes_again() {
    let server = Server::open(Mood::Takes).await;
    let desk = Desk::new(Engine::Sqlite, &server.settings()).await;
    desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    desk.clock().advance_ms(-HOUR_MS);
    assert_eq!(desk.deliver().await, Sent::default());
    desk.clock().advance_ms(HOUR_MS);
    assert_eq!(desk.deliver().await.sent, 1);
}

/// What a real server does with the designated manager's letter, and the deputy's after it.
async fn refused_as(name: &str) -> (Desk, MailServer) {
    let server = MailServer::up();
    let desk = Desk::new(Engine::Sqlite, &server.settings(Security::Starttls, 5871)).await;
    desk.installation.edit("watchlists/managers.csv", &[("analyst+hc0002@", &format!("{name}@"))]);
    desk.shell.reload().unwrap();
    desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    (desk, server)
}

async fn assert_the_deputy_has_it_once(desk: &Desk) {
    let alerts = desk.alerts().await;
    let to_deputy: Vec<&Alert> = alerts.iter().filter(|alert| alert.recipient.as_str() == "HC0001").collect();
    assert_eq!(to_deputy.iter().map(|alert| alert.state).collect::<Vec<_>>(), [AlertState::Sent]);
    let mut mailbox = Mailbox::default();
    mailbox.wait_for(&[to_deputy[0].id.to_string()]);
    assert_eq!(mailbox.count(to_deputy[0].id.as_str()), 1);
}

#[tokio::test]
async fn an_unknown_recipient_s_letter_goes_to_the_deputy_once() {
    let (desk, _server) = refused_as("gone").await;
    assert_eq!(desk.deliver().await, Sent { sent: 1, failed: 1, ..Sent::default() });
    assert_the_deputy_has_it_once(&desk).await;
}

#[tokio::test]
async fn a_greylisted_or_full_mailbox_is_tried_for_hours_and_then_the_deputy_is_told_once() {
    for name in ["greylist", "full"] {
        let (desk, _server) = refused_as(name).await;
        let mut tries = 0;
        while desk.deliver().await.failed == 0 {
            tries += 1;
            assert!(tries <= 12, "{name} is tried without end");
            desk.clock().advance_ms(HOUR_MS);
        }
        assert_eq!(tries, 11, "{name}");
        assert_the_deputy_has_it_once(&desk).await;
    }
}

/// A folder as a mail server keeps it.
fn maildir() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["new", "cur"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
    }
    folder
}

fn in_folder(folder: &std::path::Path) -> MailboxSettings {
    MailboxSettings { kind: MailboxKind::Maildir, maildir: folder.to_owned(), ..MailboxSettings::default() }
}

/// What a server writes of a letter that it could not deliver.
fn notice(message_id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; somebody@xinghe.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn a_notice_that_comes_before_the_server_has_answered_waits_for_what_becomes_of_the_letter() {
    let folder = maildir();
    let settings = Settings { returned: in_folder(folder.path()), ..Settings::default() };
    let desk = Desk::new(Engine::Sqlite, &settings).await;
    let id = desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    std::fs::write(folder.path().join("new/1.back"), notice(&format!("{id}@xinghe.example"))).unwrap();
    let (store, now) = (&desk.shell.store, desk.clock().now());
    store.claim_alerts(now, "a", HOUR_MS, 1).await.unwrap();
    store.hand_over_alert(&id, "a", now.plus_ms(HOUR_MS)).await.unwrap();
    let read = || async { read_mailbox(&desk.shell, &desk.shell.world()).await.unwrap() };

    assert_eq!(read().await, Reading::default());
    store.settle_alert(&id, "a", &Outgoing::Sent, now).await.unwrap();

    assert_eq!(read().await, Reading { read: 1, failed: 1 });
    assert_eq!(desk.state(&id).await, AlertState::Failed);
}

#[tokio::test]
async fn a_letter_that_comes_back_goes_to_the_deputy_and_what_is_forged_or_broken_changes_nothing() {
    let server = Server::open(Mood::Takes).await;
    let folder = maildir();
    let settings = Settings { returned: in_folder(folder.path()), ..server.settings() };
    let domain = settings.from.trim_end_matches('>').rsplit('@').next().unwrap().to_owned();
    let desk = Desk::new(Engine::Sqlite, &settings).await;
    let id = desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
    assert_eq!(desk.deliver().await.sent, 1);
    let mails = [
        ("1.forged", notice(&format!("0190-0000@{domain}"))),
        ("2.foreign", notice("a-1@elsewhere.example")),
        ("3.answer", "From: a@xinghe.example\r\nSubject: Re\r\n\r\nthanks\r\n".to_owned()),
        ("4.broken", "Content-Type: message/rfc822\r\n\r\n".repeat(5_000)),
        ("5.back", notice(&format!("{id}@{domain}"))),
    ];
    for (name, mail) in &mails {
        std::fs::write(folder.path().join("new").join(name), mail).unwrap();
    }
    let read = || async { read_mailbox(&desk.shell, &desk.shell.world()).await.unwrap() };

    assert_eq!(read().await, Reading { read: 5, failed: 1 });

    assert_eq!(desk.state(&id).await, AlertState::Failed);
    assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 4, "only ours is taken away");
    std::fs::write(folder.path().join("new/6.again"), &mails[4].1).unwrap();
    std::fs::write(folder.path().join("new/7.former"), notice(&format!("{id}@former.example"))).unwrap();
    assert_eq!(read().await, Reading { read: 2, failed: 0 }, "what has failed does not fail again");
    assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 4, "nor does it stay");
    std::fs::write(folder.path().join("cur/5.back:2,S"), &mails[4].1).unwrap();
    assert_eq!(read().await, Reading::default(), "noted before and left by accident");
    assert_eq!(std::fs::read_dir(folder.path().join("cur")).unwrap().count(), 0, "it is taken away now");
    assert_eq!(desk.deliver().await.sent, 1);
    assert_eq!(server.received().iter().filter(|letter| letter.to.contains("hc0001")).count(), 1, "the deputy");

    std::fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(read().await, Reading::default());
    let visit = desk.shell.store.mailbox_visit().await.unwrap().unwrap();
    assert!(visit.fault.contains("mail.returned.maildir"), "{}", visit.fault);
    assert_eq!(tell_operators(&desk.shell, &desk.shell.world()).await.unwrap(), 1);
    assert_eq!(desk.deliver().await.sent, 1);
    let told = server.received().pop().unwrap();
    assert!(told.to.contains("yd0007") && told.subject.contains("did not arrive"), "{}", told.subject);
}

/// What a real server takes and sends back later, read from its folder and over POP3.
#[tokio::test]
async fn a_letter_that_a_real_server_takes_and_sends_back_goes_to_the_deputy() {
    let server = MailServer::up();
    let sender = server.settings(Security::Starttls, 5871);
    let by_pop3 = MailboxSettings {
        kind: MailboxKind::Pop3,
        host: "localhost".to_owned(),
        port: Some(9951),
        username: "alerts".to_owned(),
        password_file: sender.password_file.clone(),
        ..MailboxSettings::default()
    };
    for (name, returned) in [("nobody-here", in_folder(&home().join("mail/vmail/alerts"))), ("overfull", by_pop3)] {
        let desk = Desk::new(Engine::Sqlite, &Settings { returned, ..sender.clone() }).await;
        desk.installation.edit("watchlists/managers.csv", &[("analyst+hc0002@", &format!("{name}@"))]);
        desk.shell.reload().unwrap();
        let id = desk.letter("m1", Severity::High, &hecan(), "HC0002").await;
        assert_eq!(desk.deliver().await, Sent { sent: 1, ..Sent::default() }, "{name} is taken at first");
        comes_back(&desk).await;
        let failed = desk.shell.store.alert(&id).await.unwrap().unwrap();
        let code = if name == "overfull" { "5.2.2" } else { "5.1.1" };
        assert_eq!(failed.last_error, Some(format!("it came back undelivered: {code}")), "{name}");
        assert_eq!(desk.deliver().await.sent, 1);
        assert_the_deputy_has_it_once(&desk).await;
    }
}

/// Reads the mailbox until a letter has come back; after a minute it is as it is.
async fn comes_back(desk: &Desk) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::time::Instant::now() < until {
        Mailbox::default().wait_for(&[]);
        if read_mailbox(&desk.shell, &desk.shell.world()).await.unwrap().failed > 0 {
            return;
        }
    }
}
