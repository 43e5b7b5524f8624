//! Ways out of the house, and what can become of a message on its way.

use std::path::Path;

use crate::mail::compose::Message;
use crate::mail::file::FileTransport;
use crate::mail::settings::{Settings, SettingsError, TransportKind};
use crate::mail::smtp::SmtpTransport;
use crate::model::ids::AlertId;

/// A way out of the house.
#[derive(Debug)]
pub enum Transport {
    /// Mail is switched off.
    Off,
    /// Files in a folder.
    File(FileTransport),
    /// A mail server.
    Smtp(Box<SmtpTransport>),
}

/// Why a transport cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting cannot work.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The password or certificate file cannot be read.
    #[error("{setting} 「{path}」 cannot be read: {source}")]
    Unreadable {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A login name without a password.
    #[error("mail.username is set but there is no password: set WANGLOU_SMTP_PASSWORD or mail.password_file")]
    PasswordMissing,
    /// The certificate file holds no certificate.
    #[error("mail.ca_file 「{0}」 holds no PEM certificate")]
    NoCertificate(String),
    /// TLS cannot be set up.
    #[error("TLS for mail.host cannot be set up: {0}")]
    Tls(String),
}

/// What became of a message that was not accepted. Names the alert and the server's code, never a person or address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing was accepted; another try later may succeed.
    #[error("alert {alert}: not sent for now: {reason}; it will be tried again")]
    Transient {
        /// The alert.
        alert: AlertId,
        /// What happened.
        reason: String,
    },
    /// The server, or the folder, cannot be had: it is not about this message, and the others need not be tried.
    #[error("alert {alert}: the mail server cannot be used for now: {reason}; letters wait until it can")]
    Away {
        /// The alert.
        alert: AlertId,
        /// What happened.
        reason: String,
    },
    /// This message to this recipient will never be accepted.
    #[error("alert {alert}: refused for good: {reason}; check the recipient in the managers ledger")]
    Permanent {
        /// The alert.
        alert: AlertId,
        /// What happened.
        reason: String,
    },
    /// The body was handed over and then the server was lost: perhaps accepted, so not to be sent again unasked.
    #[error("alert {alert}: handed over without an answer: {reason}; look into the mailbox before sending it again")]
    Uncertain {
        /// The alert.
        alert: AlertId,
        /// What happened.
        reason: String,
    },
    /// No message at all can be sent until somebody changes the configuration.
    #[error("alert {alert}: mail is not set up: {reason}")]
    Configuration {
        /// The alert.
        alert: AlertId,
        /// What to change.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn unreadable(setting: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Unreadable { setting, path: path.display().to_string(), source }
    }
}

impl SendError {
    /// What happened, in words of the server or of the system; no address.
    pub fn reason(&self) -> &str {
        match self {
            Self::Transient { reason, .. }
            | Self::Away { reason, .. }
            | Self::Permanent { reason, .. }
            | Self::Uncertain { reason, .. }
            | Self::Configuration { reason, .. } => reason,
        }
    }
}

impl Transport {
    /// Opens the way that the settings name. Reads the password and the certificates, connects to nobody.
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        if let Some(problem) = settings.problems().into_iter().next() {
            return Err(problem.into());
        }
        Ok(match settings.transport {
            TransportKind::None => Self::Off,
            TransportKind::File => Self::File(FileTransport::new(&settings.dir)),
            TransportKind::Smtp => Self::Smtp(Box::new(SmtpTransport::open(settings)?)),
        })
    }

    /// Whether messages go anywhere at all.
    pub fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// Tries the way up to where a message would be told of: a server is greeted and logged in to; a folder is not touched.
    ///
    /// # Errors
    /// What would become of the message.
    pub async fn try_login(&self, message: &Message) -> Result<(), SendError> {
        match self {
            Self::Off | Self::File(_) => Ok(()),
            Self::Smtp(server) => server.try_login(message).await,
        }
    }

    /// Hands a message over. `Ok(Ok(()))` means that it was accepted: written to its file, or taken by the server.
    /// When mail is off this is a configuration error: nothing is reported as sent that was not.
    ///
    /// `hand_over` is awaited last of all before the message itself leaves, and never when nothing leaves. From then on
    /// a process that dies cannot know whether the message was accepted; before, it was not.
    ///
    /// # Errors
    /// When `hand_over` fails; then nothing leaves.
    pub async fn send<E>(
        &self,
        message: &Message,
        hand_over: impl Future<Output = Result<(), E>>,
    ) -> Result<Result<(), SendError>, E> {
        match self {
            Self::Off => Ok(Err(SendError::Configuration {
                alert: message.alert().clone(),
                reason: "mail.transport is \"none\"; set it to \"file\" or \"smtp\"".to_owned(),
            })),
            Self::File(folder) => {
                hand_over.await?;
                Ok(folder.write(message).await)
            }
            Self::Smtp(server) => server.send(message, hand_over).await,
        }
    }
}
