//! The mailbox to which mail servers send back what they cannot deliver: a Maildir folder, or a POP3 server. Mails are listed,
//! read one by one within limits, and taken away; nothing is decided here.

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
        let mut entries = match self {
            Self::Folder(folder) => in_folder(folder).map_err(MailboxError::Folder)?,
            Self::Server(session) => session.list().await?,
        };
        entries.drain(..entries.len().saturating_sub(LISTED_MAX));
        Ok(entries)
    }

    /// The bytes of a mail; none of one that is too large or cannot be had by itself, while others can.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn read(&mut self, entry: &Entry) -> Result<Option<Vec<u8>>, MailboxError> {
        if entry.size > BYTES_MAX {
            return Ok(None);
        }
        match self {
            Self::Folder(_) => Ok(file_bytes(&entry.place).await.ok()),
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

/// It may have grown since it was listed.
async fn file_bytes(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    tokio::fs::File::open(path).await?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Plain files of `new` and `cur` by their name, which begins with the second of their arrival. What follows the colon are
/// marks that mail programs change.
fn in_folder(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for part in ["new", "cur"] {
        for file in std::fs::read_dir(folder.join(part))? {
            let file = file?;
            let Ok(about) = file.metadata() else { continue };
            let (name, path) = (file.file_name().to_string_lossy().into_owned(), file.path());
            if about.is_file() && !name.starts_with('.') {
                let name = name.split(':').next().unwrap_or_default().to_owned();
                let size = usize::try_from(about.len()).unwrap_or(usize::MAX);
                entries.push(Entry { name, place: path.to_string_lossy().into_owned(), size });
            }
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::{Mailbox, MailboxError};
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
        assert_eq!(session.read(&entries[0]).await.unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(session.read(&entries[2]).await.unwrap(), None, "larger than is read");
        session.remove(&entries[0]).await.unwrap();
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
