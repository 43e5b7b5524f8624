//! The running daemon while its database and its mail server are away, and while clocks are set: it does not end, says that
//! it is not ready, and makes up for what was missed once, without a storm.

use std::collections::BTreeMap;
use std::process::Command;

use wanglou::clock::Clock;
use wanglou::demo::data::as_of;
use wanglou::demo::site::Request;
use wanglou::mail::Settings;
use wanglou::model::alert::{AlertKind, AlertState};
use wanglou::model::case::{Judgement, Lane, Notify};
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;

use crate::daemon::Daemon;
use crate::database::OwnServer;
use crate::installation::{Engine, Installation, mail_lines};
use crate::letters::{Desk, assert_nobody_was_forgotten, hecan, judgement, rank};
use crate::smtp_script::{Mood, Received, Server};

const HOUR_MS: i64 = 3_600_000;
/// A working day before its digests.
const DAY: &str = "2026-11-24";

fn at(time: &str) -> Timestamp {
    Timestamp::parse(&format!("{DAY}T{time}:00+08:00")).unwrap()
}

/// A database that can be taken away from a running daemon and given back.
enum Place {
    /// Its file may not grow, as on a full disk.
    File,
    /// Its server ends.
    Server(OwnServer),
}

impl Place {
    fn take_away(&self, daemon: &Daemon) {
        match self {
            Self::File => limit_files(daemon, "0"),
            Self::Server(server) => drop(server.say("away")),
        }
    }

    fn give_back(&self, daemon: &Daemon) {
        match self {
            Self::File => limit_files(daemon, "unlimited"),
            Self::Server(server) => drop(server.say("back")),
        }
    }
}

fn limit_files(daemon: &Daemon, bytes: &str) {
    let mut limit = Command::new("prlimit");
    limit.arg(format!("--pid={}", daemon.id())).arg(format!("--fsize={bytes}:"));
    assert!(limit.status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_database_and_mail_server_is_made_up_for_once_on_a_file() {
    an_hour_without_anything(Place::File).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_database_and_mail_server_is_made_up_for_once_on_a_server() {
    an_hour_without_anything(Place::Server(OwnServer::new())).await;
}

async fn an_hour_without_anything(place: Place) {
    let url = if let Place::Server(server) = &place { Some(server.up()) } else { None };
    let mut mail = Server::open(Mood::Takes).await;
    let lines = mail_lines(&Settings { timeout_s: 30, ..mail.settings() });
    let desk = Desk::at(Installation::on(None, &lines, url).await, at("08:50")).await;
    let web = desk.installation.web();
    let mut daemon = Daemon::start(&desk.installation, "*/20 * * * *", at("08:50")).await;
    daemon.settled().await;
    daemon.move_to(at("09:00"));
    daemon.settled().await;
    daemon.ready_is(200).await;

    mail.end().await;
    pile_up(&desk).await;
    daemon.move_to(at("09:20"));
    let before = wait_for_request(web.requests().len(), &desk.installation).await;
    place.take_away(&daemon);
    for time in ["09:30", "09:40", "09:50", "10:00", "10:10", "10:20"] {
        daemon.move_to(at(time));
        daemon.ready_is(503).await;
    }
    let (asked, sent) = (web.requests().len(), mail.received().len());
    place.give_back(&daemon);
    mail.begin().await;
    daemon.ready_is(200).await;
    for minute in [21, 22, 25, 30, 35] {
        daemon.move_to(at(&format!("10:{minute}")));
        daemon.settled().await;
    }

    let after = web.requests().len() - asked;
    println!("{before} requests before, {} in the outage, {after} after", asked - before);
    let received = mail.received();
    assert!(received.len() < 60, "{} letters are a storm", received.len());
    assert_in_order(&desk, &received[sent..]).await;
    assert_nobody_was_forgotten(&desk, &received.iter().map(|letter| letter.id.as_str()).collect::<Vec<_>>()).await;
    assert_one_digest(&desk).await;
    assert_visited_once_or_again(&web.requests()[asked..]);
    daemon.stop();
    let (_, _, problems) = desk.installation.look().await;
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_letters_that_lasts_longer_than_a_minute_is_the_only_one() {
    let mail = Server::open(Mood::Thinks).await;
    let lines = mail_lines(&Settings { timeout_s: 60, ..mail.settings() });
    let desk = Desk::at(Installation::on(None, &lines, None).await, at("08:50")).await;
    for number in 0..3 {
        desk.letter(&format!("m{number}"), Severity::High, &hecan(), "HC0002").await;
    }
    let mut daemon = Daemon::start(&desk.installation, "0 23 * * *", at("08:50")).await;
    daemon.settled().await;
    daemon.move_to(at("08:51"));
    mail.body().await;
    daemon.move_to(at("08:52"));
    daemon.settled_but(1).await;
    assert_eq!(mail.connections(), 1);

    mail.set(Mood::Takes);
    mail.answer();
    daemon.settled().await;
    assert_eq!(mail.received().len(), 3);
    daemon.stop();
}

/// Letters that are due while nobody takes them, and a case for the digest of the morning.
async fn pile_up(desk: &Desk) {
    let daily = Judgement { notify: Notify::Daily, ..judgement("d", Severity::Medium, hecan()) };
    desk.case(daily, Vec::new()).await;
    let grades = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    for number in 0..20 {
        desk.letter(&format!("m{number}"), grades[number % 4], &hecan(), "HC0002").await;
    }
    for number in 0..10 {
        desk.letter(&format!("k{number}"), Severity::Critical, &Lane::Leak, "YD0001").await;
    }
}

async fn wait_for_request(after: usize, installation: &Installation) -> usize {
    for _ in 0..5_000 {
        let count = installation.web().requests().len();
        if count > after + 3 {
            return count;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("nobody visits");
}

/// What had piled up went out gravest first; each person has the gravest five and the others in one.
async fn assert_in_order(desk: &Desk, received: &[Received]) {
    let alerts = desk.alerts().await;
    let piled = |letter: &&Received| {
        alerts.iter().any(|alert| {
            format!("{}@xinghe.example", alert.id) == letter.id
                && (alert.kind == AlertKind::Backlog
                    || alert.kind == AlertKind::Immediate && alert.due_at < at("09:20"))
        })
    };
    let piled: Vec<&Received> = received.iter().filter(piled).collect();
    for person in ["hc0002", "yd0001"] {
        let theirs = piled.iter().filter(|letter| letter.to.contains(person)).count();
        assert_eq!(theirs, 6, "{person} receives the gravest five and the others in one");
    }
    let ranks: Vec<usize> = piled.iter().map(|letter| rank(&letter.subject)).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
}

async fn assert_one_digest(desk: &Desk) {
    let alerts = desk.alerts().await;
    let digests = alerts.iter().filter(|alert| alert.kind == AlertKind::Daily && alert.recipient.as_str() == "HC0002");
    assert_eq!(digests.map(|alert| alert.state).collect::<Vec<_>>(), [AlertState::Sent]);
}

/// After the outage every site is visited for the latest of the slots that were missed, not for the others, and once more
/// where a visit had broken off.
fn assert_visited_once_or_again(requests: &[Request]) {
    let mut first: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.path != "/robots.txt") {
        first.entry(&request.host).or_default().push(&request.path);
    }
    for (host, paths) in first {
        let visits = paths.iter().filter(|path| **path == paths[0]).count();
        assert!((1..=2).contains(&visits), "{host} was visited {visits} times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_during_visits_disturbs_none_and_repeats_none_on_a_file() {
    a_clock_set_during_visits(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_during_visits_disturbs_none_and_repeats_none_on_a_server() {
    a_clock_set_during_visits(Engine::Postgres).await;
}

async fn a_clock_set_during_visits(engine: Engine) {
    let mail = Server::open(Mood::Takes).await;
    let lines = mail_lines(&Settings { timeout_s: 30, ..mail.settings() });
    let installation = Installation::new(engine, &lines).await;
    installation.edit("wanglou.toml", &[("loopback_pace = 0.002", "loopback_pace = 0.01")]);
    let begin = as_of();
    let mut daemon = Daemon::start(&installation, "0 * * * *", begin).await;
    daemon.settled().await;
    let web = installation.web();
    let slot = Timestamp::from_ms((begin.ms() / HOUR_MS + 1) * HOUR_MS);

    daemon.move_to(slot);
    for hours in [1, 0, 1] {
        wait_for_request(web.requests().len(), &installation).await;
        daemon.move_to(slot.plus_ms(hours * HOUR_MS));
    }
    daemon.settled().await;
    daemon.stop();

    let shell = installation.shell(Clock::standing_at(slot)).await;
    let sources = shell.sources().iter().filter(|source| source.enabled).count();
    let scans = shell.store.latest_scans(1_000).await.unwrap();
    assert!((sources..=2 * sources).contains(&scans.len()), "{} visits of {sources} sources at two slots", scans.len());
    assert!(scans.iter().all(|scan| scan.ended_at.is_some()), "every visit came to its end");
    let jobs = shell.store.job_counts().await.unwrap();
    assert!(jobs.iter().all(|(_, state, _)| state == "completed"), "{jobs:?}");
    assert_one_visit_at_a_time(&web.requests());
}

/// A visit does for the slot that comes while it lasts. Where there is a second one, it begins when the first has asked for
/// everything, and asks for the same pages in the same order, or finds the list unchanged.
fn assert_one_visit_at_a_time(requests: &[Request]) {
    let mut hosts: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.path != "/robots.txt") {
        hosts.entry(&request.host).or_default().push(request);
    }
    for (host, asked) in hosts {
        let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
        let again = (1..paths.len()).find(|number| paths[*number] == paths[0]).unwrap_or(paths.len());
        let (first, second) = paths.split_at(again);
        assert!(first.starts_with(second), "{host} was asked for {paths:?}");
    }
}
