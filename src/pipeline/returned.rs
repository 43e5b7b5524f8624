//! Letters that came back: the mailbox of the sender is read, what says that a letter was not delivered makes it a failed one,
//! and the deputy gets it. What is forged, about others, or cannot be read changes nothing but a count.

use chrono::{Datelike, Days};

use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::mail::{Action, Entry, Fetched, Mailbox, MailboxError, MailboxKind, MailboxSession, Read, read_returned};
use crate::model::alert::{Alert, AlertState, LetterPart};
use crate::model::ids::AlertId;
use crate::pipeline::letters::tell_deputy;
use crate::pipeline::notices::{operators, queue_notice};
use crate::pipeline::shell::Shell;
use crate::store::{MailboxVisit, ReturnedKind, ReturnedMail, StoreError, sha256_hex};

/// Mails that are read in one round: the others wait for the next.
const A_ROUND: usize = 200;
/// Most characters of an identifier.
const IDENTIFIER_MAX: usize = 64;
/// What operators are told of a week.
const WEEK_DAYS: i64 = 7;
/// Occasion of the weekly letter, followed by its Monday.
pub(super) const OCCASION: &str = "mail-returned";

/// What a round of reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Mails that were looked at for the first time.
    pub read: usize,
    /// Letters that turned out not to be delivered.
    pub failed: usize,
}

/// Reads what is new in the mailbox. One that cannot be read is noted, for those who look after mail.
///
/// # Errors
/// When the database fails.
pub async fn read_mailbox(shell: &Shell, world: &World) -> Result<Reading, StoreError> {
    let mut reading = Reading::default();
    let fault = match Mailbox::open(&shell.config.mail) {
        Ok(Mailbox::Off) => return Ok(reading),
        Ok(mailbox) => visited(shell, world, &mailbox, &mut reading).await?,
        Err(error) => error.to_string(),
    };
    if !fault.is_empty() {
        tracing::warn!(fault, "the mailbox of returned mail was not read");
    }
    shell.store.note_mailbox_visit(&MailboxVisit { at: shell.clock.now(), fault }).await?;
    Ok(reading)
}

/// Reads a mailbox as far as it can be read; the words say what could not be done.
async fn visited(shell: &Shell, world: &World, mailbox: &Mailbox, reading: &mut Reading) -> Result<String, StoreError> {
    let (session, entries) = match begun(mailbox).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Ok(String::new()),
        Err(error) => return Ok(error.to_string()),
    };
    let named: Vec<_> = entries.iter().map(|entry| (sha256_hex(entry.name.as_bytes()), entry)).collect();
    let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let known = shell.store.known_returned_mails(&names).await?;
    let mut round = Round { shell, world, session, reading, fault: None };
    // Noted as ours, and still there: a connection was lost, or the folder could not be written.
    for (_, entry) in named.iter().filter(|(name, _)| known.get(name).is_some_and(|kind| kind.is_ours())) {
        round.remove(entry).await;
    }
    for (name, entry) in named.iter().filter(|(name, _)| !known.contains_key(name)).take(A_ROUND) {
        if !round.take(entry, name).await? {
            break;
        }
    }
    // Also after a fault: a server takes away only now what was noted as ours.
    let farewell = round.session.close().await.err();
    Ok(round.fault.or(farewell).map(|error| error.to_string()).unwrap_or_default())
}

async fn begun(mailbox: &Mailbox) -> Result<Option<(MailboxSession, Vec<Entry>)>, MailboxError> {
    let Some(mut session) = mailbox.visit().await? else { return Ok(None) };
    let entries = session.list().await?;
    Ok(Some((session, entries)))
}

/// A mailbox that is being read.
struct Round<'a> {
    shell: &'a Shell,
    world: &'a World,
    session: MailboxSession,
    reading: &'a mut Reading,
    /// What could not be done first.
    fault: Option<MailboxError>,
}

impl Round<'_> {
    /// Reads one mail and notes what it is; false when no other can be read either. Notices about our letters hold whole
    /// letters, and are taken away; all else stays.
    async fn take(&mut self, entry: &Entry, name: &str) -> Result<bool, StoreError> {
        let read = match self.session.read(entry).await {
            Ok(Fetched::Bytes(bytes)) => understood(self.shell, bytes, name).await?,
            Ok(Fetched::Unreadable) => Read::Unreadable,
            Ok(Fetched::Gone) => return Ok(true),
            Err(error) => return self.missed(error, name).await,
        };
        let Some(kind) = note(self.shell, self.world, read, name).await? else { return Ok(true) };
        self.reading.read += 1;
        self.reading.failed += usize::from(kind == ReturnedKind::Failed);
        if kind.is_ours() {
            self.remove(entry).await;
        }
        Ok(true)
    }

    /// A mail that could not be had is tried again, unless it would end every round; false when the round ends here.
    async fn missed(&mut self, error: MailboxError, name: &str) -> Result<bool, StoreError> {
        let goes_on = error.concerns_one();
        if matches!(error, MailboxError::Endless) {
            note(self.shell, self.world, Read::Unreadable, name).await?;
        }
        self.fault = self.fault.take().or(Some(error));
        Ok(goes_on)
    }

    async fn remove(&mut self, entry: &Entry) {
        let error = self.session.remove(entry).await.err();
        self.fault = self.fault.take().or(error);
    }
}

/// Notes what a mail is, and tells the deputy of a letter that did not arrive; nothing yet of a letter on its way.
async fn note(shell: &Shell, world: &World, read: Read, name: &str) -> Result<Option<ReturnedKind>, StoreError> {
    let Some((kind, alert, status)) = judged(shell, read).await? else { return Ok(None) };
    if let (ReturnedKind::Failed, Some(alert)) = (kind, &alert) {
        // Before it is noted, so that a crash in between tells the deputy later rather than never.
        tell_deputy(shell, world, alert).await?;
    }
    let alert = alert.map(|alert| alert.id);
    let mail = ReturnedMail { name_sha256: name.to_owned(), kind, alert, status, read_at: shell.clock.now() };
    shell.store.note_returned_mail(&mail).await?;
    Ok(Some(kind))
}

/// Apart from other work, and noted as unreadable until the parser has come to its end: a mail that ends the process is tried
/// once.
async fn understood(shell: &Shell, bytes: Vec<u8>, name: &str) -> Result<Read, StoreError> {
    let (name_sha256, kind, read_at) = (name.to_owned(), ReturnedKind::Unreadable, shell.clock.now());
    let begun = ReturnedMail { name_sha256, kind, alert: None, status: String::new(), read_at };
    shell.store.note_returned_mail(&begun).await?;
    let read = tokio::task::spawn_blocking(move || read_returned(&bytes)).await.unwrap_or(Read::Unreadable);
    shell.store.forget_returned_mail(name).await?;
    Ok(read)
}

type Judged = (ReturnedKind, Option<Alert>, String);

async fn judged(shell: &Shell, read: Read) -> Result<Option<Judged>, StoreError> {
    let told = match read {
        Read::Unreadable => return Ok(Some((ReturnedKind::Unreadable, None, String::new()))),
        Read::Other => return Ok(Some((ReturnedKind::Other, None, String::new()))),
        Read::Notification(told) => told,
    };
    let Some(id) = letter_of(&told.message_id) else { return Ok(Some((ReturnedKind::Foreign, None, told.status))) };
    // Asked before the letter is: what leaves the server's hands in between is looked at as it is then.
    if shell.store.is_handed_over(&id).await? {
        return Ok(None);
    }
    let alert = shell.store.alert(&id).await?;
    let kind = alert.as_ref().map_or(ReturnedKind::Foreign, |alert| kind_of(alert, told.action));
    Ok(Some((kind, alert, told.status)))
}

fn kind_of(alert: &Alert, action: Action) -> ReturnedKind {
    match (alert.state, action) {
        (AlertState::Sent | AlertState::Uncertain, Action::Failed) => ReturnedKind::Failed,
        (AlertState::Sent | AlertState::Uncertain, Action::Delayed) => ReturnedKind::Delayed,
        _ => ReturnedKind::Settled,
    }
}

/// The letter of a Message-ID. The identifier alone is known to us and to whoever received the letter; the domain behind it is
/// that of the sender, who may have changed since. None of what is not written as our identifiers are: not every database takes
/// every character.
fn letter_of(message_id: &str) -> Option<AlertId> {
    let (id, _) = message_id.rsplit_once('@')?;
    let is_one = id.len() <= IDENTIFIER_MAX && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_one.then(|| AlertId::new(id))
}

/// Weekly: tells operators how many letters did not reach their readers, and whether the mailbox can be read. Nothing to tell
/// is not told. Returns how many letters were queued.
///
/// # Errors
/// When the database fails.
pub async fn tell_operators(shell: &Shell, world: &World) -> Result<usize, StoreError> {
    if Week::of(shell).await?.is_quiet() {
        return Ok(0);
    }
    let day = world.day();
    let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
    let mut queued = 0;
    for to in operators(world) {
        queued += usize::from(queue_notice(shell, to, &format!("{OCCASION}:{monday}")).await?);
    }
    Ok(queued)
}

/// How mail went in the last seven days.
struct Week {
    undelivered: u64,
    unreadable: u64,
    fault: String,
}

impl Week {
    async fn of(shell: &Shell) -> Result<Self, StoreError> {
        let since = shell.clock.now().plus_days(-WEEK_DAYS);
        let counts = shell.store.returned_mail_counts(since).await?;
        let unreadable = counts.iter().find(|(kind, _)| *kind == ReturnedKind::Unreadable).map_or(0, |(_, n)| *n);
        // What was noted before the mailbox was switched off is nobody's matter any more.
        let visit = shell.store.mailbox_visit().await?.filter(|_| shell.config.mail.returned.kind != MailboxKind::None);
        let fault = visit.map(|visit| visit.fault).unwrap_or_default();
        Ok(Self { undelivered: shell.store.undelivered_letters(since).await?, unreadable, fault })
    }

    const fn is_quiet(&self) -> bool {
        self.undelivered == 0 && self.unreadable == 0 && self.fault.is_empty()
    }
}

/// What the weekly letter says when it is sent.
pub(super) async fn part(shell: &Shell, voice: &Voice) -> Result<LetterPart, StoreError> {
    let Week { undelivered, unreadable, fault } = Week::of(shell).await?;
    let mut lines = vec![
        voice
            .say(
                "最近7天有{}封邮件没有送到收件人：被拒收或被退回，已改送代理人。请核对负责人台账里的邮箱。",
                "{} letters of the last seven days did not reach their readers: they were refused or came back, and went to \
                 the deputies. Check the addresses in the ledger of managers.",
            )
            .replace("{}", &undelivered.to_string()),
    ];
    if unreadable > 0 {
        let words = voice.say(
            "退信邮箱里有{}封邮件读不懂，留在原处。",
            "{} mails in the mailbox of returned mail could not be read; they stay there.",
        );
        lines.push(words.replace("{}", &unreadable.to_string()));
    }
    if !fault.is_empty() {
        lines
            .push(format!("{}{fault}", voice.say("退信邮箱读不到：", "The mailbox of returned mail cannot be read: ")));
    }
    let title = voice.say("没有送到的邮件", "Letters that did not arrive").to_owned();
    let link = shell.config.mail.console().map(|console| format!("{console}/settings/mail"));
    Ok(LetterPart { title, lines, link, ..LetterPart::default() })
}

#[cfg(test)]
mod tests {
    use super::letter_of;

    #[test]
    fn a_message_id_is_looked_up_only_where_it_is_written_as_ours_are() {
        let found = |message_id: &str| letter_of(message_id).map(|id| id.to_string());
        assert_eq!(found("0190-a1@former.example").as_deref(), Some("0190-a1"), "whatever the sender was then");
        for other in
            ["0190-a1", "0190\0@xinghe.example", "a b@xinghe.example", &format!("{}@x.example", "a".repeat(65))]
        {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
