//! A rendered letter with its headers on: one message to one person.

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::mail::marked::one_line;
use crate::mail::render::Rendered;
use crate::mail::settings::{Settings, SettingsError};
use crate::model::alert::{AlertKind, Letter};
use crate::model::ids::{AlertId, CaseId};
use crate::model::time::Timestamp;

/// Whom a letter goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// Name that mail programs show.
    pub name: &'a str,
    /// Mail address.
    pub address: &'a str,
}

/// A message that a transport can hand over. Its debug form names the alert and nobody.
#[derive(Clone)]
pub struct Message {
    alert: AlertId,
    file_stem: String,
    mail: lettre::Message,
}

/// Why a letter cannot become a message. Names the alert, never the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The recipient's address is not one.
    #[error("alert {alert}: the recipient's mail address cannot be used; correct it in the managers ledger")]
    Address {
        /// The alert that cannot be sent.
        alert: AlertId,
    },
    /// Sender or list identifier cannot be used.
    #[error("alert {alert}: {source}")]
    Settings {
        /// The alert that cannot be sent.
        alert: AlertId,
        /// The setting.
        source: SettingsError,
    },
    /// The parts do not make a message.
    #[error("alert {alert}: the message cannot be put together: {reason}")]
    Parts {
        /// The alert that cannot be sent.
        alert: AlertId,
        /// What is missing.
        reason: String,
    },
}

impl std::fmt::Debug for Recipient<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient(…)")
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({})", self.alert)
    }
}

impl Message {
    /// The alert that the message belongs to.
    pub fn alert(&self) -> &AlertId {
        &self.alert
    }

    /// The message as it travels (RFC 5322), with CRLF line ends.
    pub fn bytes(&self) -> Vec<u8> {
        self.mail.formatted()
    }

    /// Name for a file of the message, without ending: time, case number, tail of the alert's identifier.
    pub fn file_stem(&self) -> &str {
        &self.file_stem
    }

    pub(crate) fn envelope(&self) -> &lettre::address::Envelope {
        self.mail.envelope()
    }
}

/// Puts the headers on a rendered letter. The Message-ID is made of the alert's identifier and the sender's domain,
/// so a second try of the same alert is recognised; letters about one case refer to one invented parent, so mail
/// programs show them as one conversation. The date is the letter's own.
pub fn compose(
    letter: &Letter,
    rendered: &Rendered,
    to: Recipient<'_>,
    settings: &Settings,
) -> Result<Message, ComposeError> {
    let alert = &letter.alert;
    let unfit = |source| ComposeError::Settings { alert: alert.clone(), source };
    let from = settings.sender().map_err(unfit)?;
    let list = settings.list_identifier().map_err(unfit)?;
    let to = mailbox(to).ok_or_else(|| ComposeError::Address { alert: alert.clone() })?;
    let domain = from.email.domain().to_owned();
    let mut builder = lettre::Message::builder()
        .message_id(Some(message_id(alert.as_str(), &domain)))
        .date(system_time(letter.at))
        .from(from)
        .to(to)
        .subject(rendered.subject.as_str())
        .raw_header(text_header("List-Id", format!("<{list}>")))
        .raw_header(text_header("Auto-Submitted", "auto-generated".to_owned()))
        .raw_header(text_header("X-Auto-Response-Suppress", "All".to_owned()));
    if let Some(case) = threaded_case(letter) {
        let parent = message_id(&format!("case-{case}"), &domain);
        builder = builder.in_reply_to(parent.clone()).references(parent);
    }
    let mail = builder
        .multipart(alternatives(rendered, alert))
        .map_err(|error| ComposeError::Parts { alert: alert.clone(), reason: error.to_string() })?;
    Ok(Message { alert: alert.clone(), file_stem: file_stem(letter), mail })
}

fn mailbox(to: Recipient<'_>) -> Option<Mailbox> {
    let address = to.address.trim();
    let is_plain = !address.chars().any(|c| c.is_control() || c.is_whitespace());
    let address = address.parse().ok().filter(|_| is_plain)?;
    let name = one_line(to.name, 60);
    Some(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// The case whose conversation the letter belongs to: only letters about one case have one.
fn threaded_case(letter: &Letter) -> Option<&CaseId> {
    match (letter.kind, &letter.cases[..]) {
        (AlertKind::Immediate, [case, ..]) => Some(&case.case),
        _ => None,
    }
}

fn message_id(left: &str, domain: &str) -> String {
    format!("<{}@{domain}>", file_safe(left))
}

fn text_header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Text first, HTML last, as RFC 2046 wants the richest form last. The boundary is fixed, so that the same letter
/// gives the same bytes.
fn alternatives(rendered: &Rendered, alert: &AlertId) -> MultiPart {
    MultiPart::alternative()
        .boundary(format!("wanglou-{}", file_safe(alert.as_str())))
        .singlepart(SinglePart::plain(rendered.text.clone()))
        .singlepart(SinglePart::html(rendered.html.clone()))
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.ms()).unwrap_or(0))
}

fn file_stem(letter: &Letter) -> String {
    let subject = match (letter.kind, letter.cases.first()) {
        (AlertKind::Immediate, Some(case)) => case.number.clone(),
        (kind, _) => format!("{kind:?}-{}", letter.lane).to_lowercase(),
    };
    let at = letter.at.utc().format("%Y%m%dT%H%M%S%3fZ");
    let alert = file_safe(letter.alert.as_str());
    let tail = alert.len().saturating_sub(12);
    format!("{at}_{}_{}", file_safe(&subject), &alert[tail..])
}

/// ASCII letters, digits, dots and hyphens; everything else becomes a hyphen. At most 64 characters.
fn file_safe(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    text.chars().take(64).map(safe).collect()
}
