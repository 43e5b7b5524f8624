//! Mail: settings, connection when asked, and what waits in the outbox.

use std::time::Duration;

use serde_json::json;

use crate::chat::Channel;
use crate::cli::doctor::Report;
use crate::config::Config;
use crate::mail::{Mailbox, MailboxKind, Transport, TransportKind};
use crate::model::alert::{Alert, AlertKind, AlertState};
use crate::store::{ChannelState, NOT_FOR_THE_READER, Store, StoreError};

const TOPIC: &str = "mail";

/// So many of the latest letters are looked at, and so many in trouble are shown.
const LOOKED_AT: u32 = 1_000;
const SHOWN: usize = 10;

pub(super) async fn settings(report: &mut Report, config: &Config, probe: bool) {
    let mail = &config.mail;
    let problems = mail.problems();
    problems.iter().for_each(|problem| report.fail(TOPIC, problem.to_string(), "see [mail] in wanglou.toml"));
    if !problems.is_empty() {
        return;
    }
    match Transport::open(mail) {
        Err(error) => report.fail(TOPIC, error.to_string(), ""),
        Ok(_) => match mail.transport {
            TransportKind::None => {
                report.warn(TOPIC, "mail.transport is \"none\": nobody is told", "set it to \"file\" or \"smtp\"");
            }
            TransportKind::File => report.ok(TOPIC, format!("letters are written to {}", mail.dir.display())),
            TransportKind::Smtp => {
                report.ok(TOPIC, format!("{}:{} ({})", mail.host, mail.port(), word(json!(mail.security))));
                if probe {
                    connect(report, mail.host.trim(), mail.port(), mail.timeout_s).await;
                }
            }
        },
    }
}

fn word(value: serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn connect(report: &mut Report, host: &str, port: u16, timeout_s: u64) {
    let connection = tokio::net::TcpStream::connect((host, port));
    let todo = "check mail.host, mail.port and the firewall";
    match tokio::time::timeout(Duration::from_secs(timeout_s.clamp(1, 60)), connection).await {
        Ok(Ok(_)) => report.ok(TOPIC, format!("{host}:{port} can be reached; no letter was sent")),
        Ok(Err(error)) => report.fail(TOPIC, format!("{host}:{port} cannot be reached: {error}"), todo),
        Err(_) => report.fail(TOPIC, format!("{host}:{port} does not answer"), todo),
    }
}

pub(super) async fn outbox(report: &mut Report, store: Option<&Store>) {
    let Some(store) = store else { return };
    let counts = match store.alert_counts().await {
        Ok(counts) => counts,
        Err(error) => return report.fail("outbox", error.to_string(), ""),
    };
    let of = |state| counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    let text: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {}", word(json!(state)))).collect();
    let text = if text.is_empty() { "no letters yet".to_owned() } else { text.join(", ") };
    if of(AlertState::Failed) + of(AlertState::Uncertain) > 0 {
        report.warn("outbox", text, "");
    } else {
        report.ok("outbox", text);
    }
    match letters_in_trouble(store).await {
        Ok(troubles) => troubles.into_iter().for_each(|(text, todo)| report.warn("outbox", text, todo)),
        Err(error) => report.fail("outbox", error.to_string(), ""),
    }
}

/// The mailbox of returned mail: whether it is read, and how that went last.
pub(super) async fn returned(report: &mut Report, config: &Config, store: Option<&Store>) {
    const TOPIC: &str = "returned";
    if config.mail.returned.kind == MailboxKind::None {
        return report.ok(TOPIC, "the mailbox of returned mail is not read: what comes back later is not noticed");
    }
    if let Err(error) = Mailbox::open(&config.mail) {
        return report.fail(TOPIC, error.to_string(), "see [mail.returned] in wanglou.toml");
    }
    let Some(store) = store else { return };
    match store.mailbox_visit().await {
        Err(error) => report.fail(TOPIC, error.to_string(), ""),
        Ok(None) => report.ok(TOPIC, "the mailbox is read with the next round of the daemon"),
        Ok(Some(visit)) if visit.fault.is_empty() => report.ok(TOPIC, "the mailbox can be read"),
        Ok(Some(visit)) => report.warn(TOPIC, visit.fault, "it is tried again every ten minutes; see [mail.returned]"),
    }
}

/// Channels beside mail: whether their files can be read, and what the last message to each came to.
pub(super) async fn channels(report: &mut Report, config: &Config, store: Option<&Store>) {
    for settings in &config.chat {
        let name = &settings.name;
        if let Err(error) = Channel::open(settings) {
            report.fail("chat", format!("the channel {name} is left out: {error}"), "see [[chat]] in wanglou.toml");
            continue;
        }
        let Some(store) = store else { continue };
        match store.channel_state(name).await {
            Err(error) => report.fail("chat", error.to_string(), ""),
            Ok(None) => report.ok("chat", format!("{name} begins with the next round of the daemon")),
            Ok(Some(ChannelState { last_error: Some(error), .. })) => {
                report.warn(
                    "chat",
                    format!("{name}: {error}"),
                    "it is tried again by itself; see its address and secret",
                );
            }
            Ok(Some(_)) => report.ok("chat", format!("{name} answers")),
        }
    }
}

/// The latest letters that somebody should look after, and what to do about each.
async fn letters_in_trouble(store: &Store) -> Result<Vec<(String, &'static str)>, StoreError> {
    let mut troubles = Vec::new();
    for alert in store.latest_alerts(LOOKED_AT).await? {
        let Some(todo) = todo_about(&alert) else { continue };
        if troubles.len() == SHOWN {
            troubles.push(("more letters like these are not shown".to_owned(), ""));
            break;
        }
        let mut cases = Vec::new();
        for id in &alert.cases {
            cases.extend(store.case(id).await?.map(|case| case.number));
        }
        let state = word(json!(alert.state));
        let about = if cases.is_empty() { word(json!(alert.kind)) } else { cases.join(", ") };
        let error = alert.last_error.unwrap_or_default();
        troubles.push((format!("{state}: letter to {} about {about}: {error}", alert.recipient), todo));
    }
    Ok(troubles)
}

fn todo_about(alert: &Alert) -> Option<&'static str> {
    match alert.state {
        AlertState::Failed if alert.last_error.as_deref() == Some(NOT_FOR_THE_READER) => None,
        AlertState::Failed if alert.kind == AlertKind::Heartbeat => {
            Some("check the recipient in the managers ledger; a sign of life goes to nobody else")
        }
        AlertState::Failed => Some("check the recipient in the managers ledger; the deputy has been told"),
        AlertState::Uncertain => Some(
            "ask the recipient whether it arrived; it is not sent again. `wanglou cases show NUMBER` has what it said",
        ),
        AlertState::Queued if alert.last_error.is_some() => Some("nothing: it is tried again by itself"),
        AlertState::Queued | AlertState::Sent | AlertState::Folded => None,
    }
}
