//! The mailbox to which mail servers send back what they cannot deliver: a Maildir folder, or a POP3 server. Mails are listed,
//! read one by one within limits, and taken away; nothing is decided here.

use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;

use crate::mail::mailbox_settings::{MailboxKind, MailboxSettings};
use crate::mail::pop3::{Pop3, Pop3Session};
use crate::mail::returned::BYTES_MAX;
use crate::mail::settings::Settings;
use crate::mail::transport::OpenError;

/// Mails of a mailbox that are listed at most, the newest of them.
pub(crate) const LISTED_MAX: usize = 10_000;

/// Where mail comes back to.
#[derive(Debug)]
pub enum Mailbox {
    /// Nowhere: what comes back is not read.
    Off,
    /// A folder of this machine, as a mail server writes it.
    Folder(PathBuf),
    /// A server.
    Server(Box<Pop3>),
}

/// A mailbox that is being read.
#[derive(Debug)]
pub enum MailboxSession {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A server.
    Server(Box<Pop3Session>),
}

/// A mail in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name that the mail keeps as long as it lies there.
    pub name: String,
    /// Where it lies now: a path, or a number on the server.
    pub(crate) place: String,
    /// Size in bytes as far as it is told.
    pub(crate) size: usize,
}

/// What became of a mail that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Larger than is read, or refused by the server for good.
    Unreadable,
    /// Not there any more: taken away, or put into another folder.
    Gone,
}

/// Why a mailbox cannot be read. Names neither a person nor an address.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The folder cannot be read.
    #[error("the folder mail.returned.maildir cannot be read: {0}")]
    Folder(std::io::Error),
    /// The server cannot be reached, or the connection was lost.
    #[error("the server mail.returned.host cannot be reached: {0}")]
    Away(std::io::Error),
    /// The server refuses a command.
    #[error("the server mail.returned.host refuses {0}")]
    Refused(&'static str),
    /// The server does not answer in time.
    #[error("the server mail.returned.host does not answer in time")]
    Slow,
    /// The server sends a mail that is larger than it said, and does not end.
    #[error("the server mail.returned.host sends a mail without end")]
    Endless,
}

impl MailboxError {
    /// Whether other mails can be read all the same.
    pub const fn concerns_one(&self) -> bool {
        matches!(self, Self::Folder(_) | Self::Refused(_))
    }
}

impl Mailbox {
    /// Prepares what the settings name. Reads the password and the certificates, connects to nobody.
    ///
    /// # Errors
    /// When a setting cannot work, or a file that it names cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        if let Some(problem) = settings.returned.problem() {
            return Err(problem.into());
        }
        let MailboxSettings { kind, maildir, .. } = &settings.returned;
        Ok(match kind {
            MailboxKind::None => Self::Off,
            MailboxKind::Maildir => Self::Folder(maildir.clone()),
            MailboxKind::Pop3 => Self::Server(Box::new(Pop3::open(settings)?)),
        })
    }

    /// Begins to read; none when the mailbox is off.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses the login.
    pub async fn visit(&self) -> Result<Option<MailboxSession>, MailboxError> {
        Ok(match self {
            Self::Off => None,
            Self::Folder(folder) => Some(MailboxSession::Folder(folder.clone())),
            Self::Server(server) => Some(MailboxSession::Server(Box::new(server.visit().await?))),
        })
    }
}

impl MailboxSession {
    /// The mails, oldest first; of very many the newest.
    ///
    /// # Errors
    /// When the mailbox cannot be read.
    pub async fn list(&mut self) -> Result<Vec<Entry>, MailboxError> {
        match self {
            Self::Folder(folder) => listed(folder.clone()).await.map_err(MailboxError::Folder),
            Self::Server(session) => session.list().await,
        }
    }

    /// Asks for a mail.
    ///
    /// # Errors
    /// When it cannot be read now, but perhaps later; or the connection is lost, and no other can be read either.
    pub async fn read(&mut self, entry: &Entry) -> Result<Fetched, MailboxError> {
        if entry.size > BYTES_MAX {
            return Ok(Fetched::Unreadable);
        }
        match self {
            Self::Folder(_) => file_bytes(&entry.place).await.map_err(MailboxError::Folder),
            Self::Server(session) => session.read(entry).await,
        }
    }

    /// Takes a mail away.
    ///
    /// # Errors
    /// When it cannot be taken away.
    pub async fn remove(&mut self, entry: &Entry) -> Result<(), MailboxError> {
        match self {
            Self::Folder(_) => tokio::fs::remove_file(&entry.place).await.map_err(MailboxError::Folder),
            Self::Server(session) => session.remove(entry).await,
        }
    }

    /// Ends the reading: a server takes mails away only now.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn close(self) -> Result<(), MailboxError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Server(session) => session.close().await,
        }
    }
}

/// It may have been put elsewhere, or have grown, since it was listed.
async fn file_bytes(path: &str) -> std::io::Result<Fetched> {
    let file = match tokio::fs::File::open(path).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Fetched::Gone),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(if bytes.len() > BYTES_MAX { Fetched::Unreadable } else { Fetched::Bytes(bytes) })
}

/// Apart from other work: a folder may hold a hundred thousand mails.
async fn listed(folder: PathBuf) -> std::io::Result<Vec<Entry>> {
    tokio::task::spawn_blocking(move || in_folder(&folder)).await.map_err(std::io::Error::other)?
}

/// The newest plain files of `new` and `cur` by their name, which begins with the second of their arrival.
fn in_folder(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let mut files = Vec::new();
    for part in ["new", "cur"] {
        for file in std::fs::read_dir(folder.join(part))? {
            let file = file?;
            files.push((mail_name(&file), file));
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let newest = files.split_off(files.len().saturating_sub(LISTED_MAX));
    Ok(newest.into_iter().filter_map(|(name, file)| entry(name, &file)).collect())
}

/// What follows the colon are marks that mail programs change.
fn mail_name(file: &DirEntry) -> String {
    file.file_name().to_string_lossy().split(':').next().unwrap_or_default().to_owned()
}

fn entry(name: String, file: &DirEntry) -> Option<Entry> {
    let about = file.metadata().ok().filter(|about| about.is_file() && !name.starts_with('.'))?;
    let size = usize::try_from(about.len()).unwrap_or(usize::MAX);
    Some(Entry { name, place: file.path().to_string_lossy().into_owned(), size })
}

#[cfg(test)]
mod tests {
    use super::{Entry, Fetched, Mailbox, MailboxError};
    use crate::mail::mailbox_settings::{MailboxKind, MailboxSettings};
    use crate::mail::returned::BYTES_MAX;
    use crate::mail::settings::Settings;

    fn settings(folder: &std::path::Path) -> Settings {
        let returned =
            MailboxSettings { kind: MailboxKind::Maildir, maildir: folder.to_owned(), ..MailboxSettings::default() };
        Settings { returned, ..Settings::default() }
    }

    #[tokio::test]
    async fn a_folder_gives_its_mails_oldest_first_under_a_name_that_marks_do_not_change() {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        std::fs::write(folder.path().join("new/1700000002.b.mx"), "two").unwrap();
        std::fs::write(folder.path().join("cur/1700000001.a.mx:2,S"), "one").unwrap();
        std::fs::write(folder.path().join("tmp/1700000003.c.mx"), "unfinished").unwrap();
        std::fs::write(folder.path().join("new/1700000004.d.mx"), "x".repeat(BYTES_MAX + 1)).unwrap();
        let mut session = Mailbox::open(&settings(folder.path())).unwrap().visit().await.unwrap().unwrap();
        let entries = session.list().await.unwrap();
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["1700000001.a.mx", "1700000002.b.mx", "1700000004.d.mx"]);
        assert_eq!(session.read(&entries[0]).await.unwrap(), Fetched::Bytes(b"one".to_vec()));
        assert_eq!(session.read(&entries[2]).await.unwrap(), Fetched::Unreadable, "larger than is read");
        session.remove(&entries[0]).await.unwrap();
        assert_eq!(session.read(&entries[0]).await.unwrap(), Fetched::Gone);
        let not_now = Entry { place: folder.path().to_string_lossy().into_owned(), ..entries[1].clone() };
        assert!(session.read(&not_now).await.unwrap_err().concerns_one(), "not to be read as a file");
        assert_eq!(session.list().await.unwrap().len(), 2);
        session.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Mailbox::open(&settings(folder.path())).unwrap().visit().await.unwrap().unwrap();
        assert!(matches!(session.list().await, Err(MailboxError::Folder(_))));
    }

    #[tokio::test]
    async fn a_mailbox_that_is_off_is_not_read() {
        assert!(Mailbox::open(&Settings::default()).unwrap().visit().await.unwrap().is_none());
    }
}
