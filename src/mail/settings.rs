//! The `[mail]` part of the configuration. Values only: nothing is opened or resolved here.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use crate::mail::mailbox_settings::MailboxSettings;
use crate::mail::smtp::BODY_PATIENCE;

/// How letters leave the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// Not at all: a new installation cannot mail anyone by accident.
    #[default]
    None,
    /// As `.eml` files in a folder.
    File,
    /// To a mail server.
    Smtp,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain greeting, then TLS, which is required (port 587 unless told).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465 unless told).
    Tls,
    /// No protection; only to this machine itself (port 25 unless told).
    None,
}

/// Settings of mail. The password is not among them: it comes from `WANGLOU_SMTP_PASSWORD` or from `password_file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How letters leave the house.
    pub transport: TransportKind,
    /// Sender, with the name that people see: `品牌账号提醒 <alerts@group.example>`.
    pub from: String,
    /// Identifier of the List-Id header; empty means `wanglou.` and the sender's domain.
    pub list_id: String,
    /// Mail server.
    pub host: String,
    /// Port; none means the usual one of `security`.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: Security,
    /// Login name; empty means no login.
    pub username: String,
    /// File whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// PEM file with certificates of the house's own authority, trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Longest wait for the server up to the letter's body, in seconds.
    pub timeout_s: u64,
    /// Folder of the `.eml` files.
    pub dir: PathBuf,
    /// Address of the console; letters name it only when it is set.
    pub console_url: Option<String>,
    /// Where mail comes back to that could not be delivered.
    pub returned: MailboxSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transport: TransportKind::None,
            from: "望楼 <wanglou@localhost>".to_owned(),
            list_id: String::new(),
            host: String::new(),
            port: None,
            security: Security::Starttls,
            username: String::new(),
            password_file: None,
            ca_file: None,
            timeout_s: 30,
            dir: PathBuf::from("mail"),
            console_url: None,
            returned: MailboxSettings::default(),
        }
    }
}

/// A setting of `[mail]` that cannot work, by its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The sender cannot be read.
    #[error("mail.from 「{0}」 is not a sender such as 品牌账号提醒 <alerts@group.example>")]
    From(String),
    /// The sender still is the one of a new installation.
    #[error("mail.from must be set to your own sender before mail.transport = \"smtp\" can be used")]
    FromMissing,
    /// The list identifier has other characters than those of a host name.
    #[error("mail.list_id 「{0}」 may only have letters, digits, dots and hyphens, such as alerts.group.example")]
    ListId(String),
    /// No server.
    #[error("mail.host is empty: name the mail server")]
    HostMissing,
    /// Unprotected mail to another machine.
    #[error("mail.security = \"none\" is allowed for this machine itself only; use starttls or tls for 「{0}」")]
    Unprotected(String),
    /// Zero or more than an hour.
    #[error("mail.timeout_s must be between 1 and 3600")]
    Timeout,
    /// Not a web address.
    #[error("mail.console_url 「{0}」 is not an http or https address")]
    ConsoleUrl(String),
    /// The mailbox of returned mail: the key, and what is wrong with it.
    #[error("mail.returned.{0} {1}")]
    Returned(&'static str, &'static str),
}

impl SettingsError {
    /// Table and key of the setting in the configuration.
    pub const fn key(&self) -> (&'static str, &'static str) {
        match self {
            Self::From(_) | Self::FromMissing => ("mail", "from"),
            Self::ListId(_) => ("mail", "list_id"),
            Self::HostMissing => ("mail", "host"),
            Self::Unprotected(_) => ("mail", "security"),
            Self::Timeout => ("mail", "timeout_s"),
            Self::ConsoleUrl(_) => ("mail", "console_url"),
            Self::Returned(key, _) => ("mail.returned", key),
        }
    }
}

impl Settings {
    /// Every setting that cannot work.
    pub fn problems(&self) -> Vec<SettingsError> {
        let mut problems: Vec<SettingsError> = self.sender().err().into_iter().collect();
        problems.extend(self.list_identifier().err());
        problems.extend(self.console_problem());
        problems.extend(self.returned.problem());
        if !(1..=3600).contains(&self.timeout_s) {
            problems.push(SettingsError::Timeout);
        }
        if self.transport == TransportKind::Smtp {
            problems.extend(self.server_problem());
        }
        problems
    }

    /// The port, the usual one unless told.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s.clamp(1, 3600))
    }

    /// Longest that the transport can take over one letter: greeting, body and farewell.
    pub(crate) fn longest_send(&self) -> Duration {
        self.timeout() * (BODY_PATIENCE + 2)
    }

    /// The sender, read.
    pub(crate) fn sender(&self) -> Result<Mailbox, SettingsError> {
        let unreadable = || SettingsError::From(self.from.clone());
        let (name, address) = match self.from.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", self.from.as_str()),
        };
        let address: Address = address.trim().parse().map_err(|_| unreadable())?;
        if name.chars().any(char::is_control) {
            return Err(unreadable());
        }
        Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
    }

    /// The value of List-Id without its angle brackets.
    pub(crate) fn list_identifier(&self) -> Result<String, SettingsError> {
        let id = match self.list_id.trim().trim_start_matches('<').trim_end_matches('>') {
            "" => format!("wanglou.{}", self.sender()?.email.domain()),
            given => given.to_owned(),
        };
        let is_fit = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if is_fit { Ok(id) } else { Err(SettingsError::ListId(id)) }
    }

    /// The console's address, where it is one.
    pub(crate) fn console(&self) -> Option<&str> {
        let url = self.console_url.as_deref()?.trim();
        let parsed = url::Url::parse(url).ok()?;
        matches!(parsed.scheme(), "http" | "https").then_some(url)
    }

    fn console_problem(&self) -> Option<SettingsError> {
        let given = self.console_url.as_deref().map(str::trim).filter(|url| !url.is_empty())?;
        self.console().is_none().then(|| SettingsError::ConsoleUrl(given.to_owned()))
    }

    fn server_problem(&self) -> Option<SettingsError> {
        if self.host.trim().is_empty() {
            return Some(SettingsError::HostMissing);
        }
        if self.security == Security::None && !self.is_this_machine() {
            return Some(SettingsError::Unprotected(self.host.clone()));
        }
        let is_default = self.sender().is_ok_and(|sender| sender.email.domain() == "localhost");
        (is_default && !self.is_this_machine()).then_some(SettingsError::FromMissing)
    }

    fn is_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::{Security, Settings, SettingsError, TransportKind};

    #[test]
    fn a_new_installation_mails_nobody_and_has_no_problem() {
        let settings = Settings::default();
        assert_eq!(settings.transport, TransportKind::None);
        assert_eq!(settings.problems(), []);
    }

    #[test]
    fn the_default_sender_is_not_used_with_a_real_server() {
        let settings =
            Settings { transport: TransportKind::Smtp, host: "mx.xinghe.example".to_owned(), ..Settings::default() };
        assert_eq!(settings.problems(), [SettingsError::FromMissing]);
    }

    #[test]
    fn a_chinese_sender_name_is_read() {
        let settings =
            Settings { from: "品牌账号提醒 <alerts@xinghe.example>".to_owned(), ..Settings::default() };
        let sender = settings.sender().unwrap();
        assert_eq!(sender.name.as_deref(), Some("品牌账号提醒"));
        assert_eq!(settings.list_identifier().unwrap(), "wanglou.xinghe.example");
    }

    #[test]
    fn unprotected_mail_to_another_machine_is_refused() {
        let elsewhere = Settings {
            transport: TransportKind::Smtp,
            host: "mx.xinghe.example".to_owned(),
            from: "a@xinghe.example".to_owned(),
            security: Security::None,
            ..Settings::default()
        };
        assert!(matches!(elsewhere.problems()[..], [SettingsError::Unprotected(_)]));
        let here = Settings { host: "127.0.0.1".to_owned(), ..elsewhere };
        assert_eq!(here.problems(), []);
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let error = toml::from_str::<Settings>("transprot = \"smtp\"").unwrap_err();
        assert!(error.to_string().contains("transprot"));
    }

    #[test]
    fn a_header_cannot_be_smuggled_into_the_list_identifier() {
        let settings = Settings { list_id: "a.example>\r\nBcc: <x".to_owned(), ..Settings::default() };
        assert!(matches!(settings.list_identifier(), Err(SettingsError::ListId(_))));
    }
}
