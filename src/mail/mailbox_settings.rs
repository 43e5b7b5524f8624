//! The `[mail.returned]` part of the configuration: where mail comes back to. Values only: nothing is opened here.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::mail::settings::{Security, SettingsError};

/// Where mail comes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailboxKind {
    /// It is not read.
    #[default]
    None,
    /// A Maildir folder of this machine.
    Maildir,
    /// A POP3 server.
    Pop3,
}

/// Settings of the mailbox that gets what could not be delivered: that of the sender in `mail.from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailboxSettings {
    /// Where it lies.
    pub kind: MailboxKind,
    /// The Maildir folder.
    pub maildir: PathBuf,
    /// The POP3 server.
    pub host: String,
    /// Port; none means the usual one of `security`.
    pub port: Option<u16>,
    /// `tls` from the first byte, or `none` on this machine itself.
    pub security: Security,
    /// Login name.
    pub username: String,
    /// File whose first line is the password.
    pub password_file: Option<PathBuf>,
}

impl Default for MailboxSettings {
    fn default() -> Self {
        Self {
            kind: MailboxKind::None,
            maildir: PathBuf::new(),
            host: String::new(),
            port: None,
            security: Security::Tls,
            username: String::new(),
            password_file: None,
        }
    }
}

impl MailboxSettings {
    /// The first setting that cannot work.
    pub(crate) fn problem(&self) -> Option<SettingsError> {
        match self.kind {
            MailboxKind::None => None,
            MailboxKind::Maildir => {
                self.maildir.as_os_str().is_empty().then_some(SettingsError::Returned("maildir", "is empty"))
            }
            MailboxKind::Pop3 => self.server_problem(),
        }
    }

    /// The port, the usual one unless told.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.security == Security::Tls { 995 } else { 110 })
    }

    fn server_problem(&self) -> Option<SettingsError> {
        let host = self.host.trim();
        let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (key, wrong) = match self.security {
            _ if host.is_empty() => ("host", "is empty"),
            _ if self.username.is_empty() => ("username", "is empty"),
            Security::Starttls => ("security", "must be \"tls\", or \"none\" for this machine itself"),
            Security::None if !is_here => ("security", "= \"none\" is allowed for this machine itself only"),
            _ if self.password_file.is_none() => ("password_file", "is not set"),
            _ => return None,
        };
        Some(SettingsError::Returned(key, wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::{MailboxKind, MailboxSettings};
    use crate::mail::settings::Security;

    #[test]
    fn each_setting_that_is_missing_or_unprotected_is_named() {
        let whole = MailboxSettings {
            kind: MailboxKind::Pop3,
            host: "mx.xinghe.example".to_owned(),
            username: "alerts".to_owned(),
            password_file: Some("secrets/pop3.password".into()),
            ..MailboxSettings::default()
        };
        assert_eq!((whole.problem(), whole.port()), (None, 995));
        for (broken, key, word) in [
            (MailboxSettings { kind: MailboxKind::Maildir, ..whole.clone() }, "maildir", "empty"),
            (MailboxSettings { host: String::new(), ..whole.clone() }, "host", "empty"),
            (MailboxSettings { username: String::new(), ..whole.clone() }, "username", "empty"),
            (MailboxSettings { security: Security::None, ..whole.clone() }, "security", "none"),
            (MailboxSettings { security: Security::Starttls, ..whole.clone() }, "security", "tls"),
            (MailboxSettings { password_file: None, ..whole.clone() }, "password_file", "not set"),
        ] {
            let problem = broken.problem().unwrap();
            assert_eq!(problem.key(), ("mail.returned", key));
            assert!(problem.to_string().contains(word), "{problem}");
        }
    }
}
