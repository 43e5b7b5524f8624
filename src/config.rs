//! The one configuration file, `wanglou.toml`. Secrets are not in it: they come from files of their own or the environment.

mod sources;

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::Deserialize;

use crate::casework::world::Policy;
use crate::fetch::{Token, TokenError};
use crate::model::source::Source;
use crate::store::Address;

pub use crate::config::sources::{parse_sources, read_sources};

/// Everything that an operator may set. Every part has a default that suits one machine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The group.
    pub group: Group,
    /// Where things lie.
    pub paths: Paths,
    /// The database.
    pub database: Database,
    /// When things happen.
    pub schedule: Schedule,
    /// Scheduled discovery.
    pub discover: Discover,
    /// What this process does, where several work on one database server.
    pub work: Work,
    /// The health page.
    pub health: Health,
    /// The console.
    pub console: Console,
    /// The fetcher.
    pub fetch: crate::fetch::Settings,
    /// Mail.
    pub mail: crate::mail::Settings,
    /// Channels beside mail.
    pub chat: Vec<crate::chat::Settings>,
    /// Reports.
    pub report: Report,
    /// What is confirmed regularly.
    pub attestation: Attestation,
    /// Switches of the listed company's HR.
    pub policy: Policy,
    /// The file of which it was read; empty when it was not read of one.
    #[serde(skip)]
    pub file: PathBuf,
}

/// The group.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    /// Time zone in which days, hours and schedules are read, such as `Asia/Shanghai`.
    #[serde(deserialize_with = "zone")]
    pub time_zone: Tz,
}

fn zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| serde::de::Error::custom(format!("「{name}」 is no time zone such as Asia/Shanghai")))
}

impl Default for Group {
    fn default() -> Self {
        Self { time_zone: chrono_tz::Asia::Shanghai }
    }
}

/// Where things lie; relative paths count from the folder of the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// Folder of the ledgers.
    pub watchlists: PathBuf,
    /// Folder of the operator's own platform files.
    pub platforms: PathBuf,
    /// File of the sources.
    pub sources: PathBuf,
    /// Folder of the database and the vault.
    pub store: PathBuf,
    /// Key file for what is sealed at rest; the environment's `WANGLOU_KEY` goes before it.
    pub key_file: PathBuf,
    /// Folder of the tokens for official interfaces, one file each; the environment's `WANGLOU_TOKENS_DIR` goes before it.
    pub tokens: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            watchlists: "watchlists".into(),
            platforms: "platforms".into(),
            sources: "sources.toml".into(),
            store: "store".into(),
            key_file: "secrets/wanglou.key".into(),
            tokens: "secrets/tokens".into(),
        }
    }
}

/// The database. Nothing needs to be said for the embedded one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://user@host:port/database?sslmode=verify-full`, or the path of an SQLite file; `wanglou.db` in the
    /// store's folder when empty. Without a password: that comes from `WANGLOU_DATABASE_PASSWORD` or `password_file`.
    pub url: String,
    /// File with the password of the server.
    pub password_file: Option<PathBuf>,
}

/// What this process does, where several work on one database server. `wanglou work` takes the same from its call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Name by which people know the process; host name and process number when empty.
    pub name: String,
    /// Kinds of jobs it takes: `visit`, `letters`, `retain`; all when empty.
    pub kinds: Vec<String>,
    /// Hosts that it visits, such as `*.example.com`; all when empty.
    pub hosts: Vec<String>,
    /// Label of its way out. Sources with a label of theirs are visited by processes with the same one only.
    pub egress: String,
    /// Seconds without a sign of life after which a process counts as lost and its work moves on; at least 2.
    pub lost_after_s: f64,
}

impl Default for Work {
    fn default() -> Self {
        Self { name: String::new(), kinds: Vec::new(), hosts: Vec::new(), egress: String::new(), lost_after_s: 30.0 }
    }
}

/// The health page, for people and for monitoring. It shows no personal data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Health {
    /// Address and port where `wanglou serve` and `work` answer; none when empty.
    pub listen: String,
}

impl Default for Health {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8750".to_owned() }
    }
}

/// The console, where people sign in and work on cases. Its address for people stands in `mail.console_url`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Console {
    /// Address and port where `wanglou serve` answers; none when empty.
    pub listen: String,
    /// Whether everybody must give a one-time code beside the password.
    pub second_factor: SecondFactor,
    /// The house's identity provider; none without.
    pub oidc: Option<Oidc>,
}

impl Default for Console {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8751".to_owned(), second_factor: SecondFactor::Optional, oidc: None }
    }
}

/// An identity provider (OpenID Connect) by which users sign in. What it says gives nobody a role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its address as it writes it itself; https, or http on this machine.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// File with our secret there, one line.
    pub client_secret_file: PathBuf,
    /// What is asked for, words with spaces between.
    #[serde(default = "oidc_scope")]
    pub scope: String,
    /// The claim that is the login of a user here.
    #[serde(default = "oidc_login_claim")]
    pub login_claim: String,
    /// What people call it, on the button.
    #[serde(default = "oidc_name")]
    pub name: String,
}

fn oidc_scope() -> String {
    "openid profile".to_owned()
}

fn oidc_login_claim() -> String {
    "preferred_username".to_owned()
}

fn oidc_name() -> String {
    "统一身份".to_owned()
}

/// Whether people give a one-time code of an app (RFC 6238) beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Whoever set one up.
    Optional,
    /// Everybody: until it is set up, no page but the own settings opens.
    Required,
}

/// Reports.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// Font for Chinese that PDF reports embed in part: TrueType or OpenType (`.ttf`, `.otf`, `.ttc`). Where none is named,
    /// the usual places are looked at.
    pub font: Option<PathBuf>,
}

/// What is confirmed regularly. Owners of work groups are asked every month in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attestation {
    /// Month, 1 to 12, in which members of work groups are asked to confirm their duties for the year; never when 0.
    #[serde(deserialize_with = "month_or_never")]
    pub members_month: u32,
}

fn month_or_never<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let month = u32::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom(format!("{month} is no month: give 1 to 12, or 0 for never"));
    (month <= 12).then_some(month).ok_or_else(wrong)
}

/// By this variable the password of a database server comes from the environment.
const DATABASE_PASSWORD: &str = "WANGLOU_DATABASE_PASSWORD";

/// When things happen, as cron expressions in the group's time zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Scan of what is due. Sources may have a schedule of their own.
    pub scan: String,
    /// When each source is asked what is known of it, by the canary of its platform file.
    pub canary: String,
    /// Longest visit of one source, pages.
    pub pages_a_visit_max: u32,
    /// Sources visited at the same time; one host is never visited twice at once.
    pub visits_at_once: usize,
    /// Days after which an account is looked at again although its list did not change.
    pub recheck_days: i64,
    /// Days after which a list that rarely changes is asked in any case; 0 asks for each list at each visit.
    pub quiet_days_max: i64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            scan: "0 1 * * *".into(),
            canary: "40 */6 * * *".into(),
            pages_a_visit_max: 500,
            visits_at_once: 8,
            recheck_days: 7,
            quiet_days_max: 3,
        }
    }
}

/// When sites are asked for accounts of the watchlist's marks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Discover {
    /// Cron expression in the group's time zone; never when empty.
    pub schedule: String,
    /// Days after which a site is asked for the same name again.
    pub again_days: i64,
    /// Names for which one site is asked in one round; the next rounds ask for the others.
    pub names_a_round_max: usize,
    /// Lists of sites: Maigret's or Sherlock's data.json, or wmn-data.json.
    pub lists: Vec<PathBuf>,
}

impl Default for Discover {
    fn default() -> Self {
        Self { schedule: "30 2 * * *".into(), again_days: 7, names_a_round_max: 100, lists: Vec::new() }
    }
}

/// A configuration or a list of sources that cannot be used. Names file, line and key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file} cannot be read; `wanglou init` writes one")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not of its form.
    #[error("{file}: {message}")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Line, key and what is wrong.
        message: String,
    },
}

/// Largest configuration file, bytes.
const BYTES_MAX: u64 = 1 << 20;

impl Config {
    /// Reads a configuration; relative paths are taken from its folder.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = of_toml(file, &text_of(file)?)?;
        config.settle(file.parent().unwrap_or(Path::new("")));
        config.file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        config.take_secrets(|variable| std::env::var_os(variable).map(PathBuf::from));
        Ok(config)
    }

    /// On which line of the file a key of a table stands, also where it is commented out; none when it does not, or there is no
    /// file.
    pub fn line_of(&self, table: &str, key: &str) -> Option<usize> {
        line_of(&text_of(&self.file).ok()?, table, key)
    }

    /// Where a service manager or a container lays secrets down, it names their files in the environment; those go before
    /// the ones in the configuration.
    fn take_secrets(&mut self, file_in: impl Fn(&str) -> Option<PathBuf>) {
        if let Some(file) = file_in("WANGLOU_KEY_FILE") {
            self.paths.key_file = file;
        }
        if let Some(folder) = file_in("WANGLOU_TOKENS_DIR") {
            self.paths.tokens = folder;
        }
        let passwords = [
            ("WANGLOU_DATABASE_PASSWORD_FILE", &mut self.database.password_file),
            ("WANGLOU_SMTP_PASSWORD_FILE", &mut self.mail.password_file),
            ("WANGLOU_RETURNED_PASSWORD_FILE", &mut self.mail.returned.password_file),
        ];
        for (variable, password) in passwords {
            *password = file_in(variable).or(password.take());
        }
    }

    /// Takes relative paths from a folder.
    pub fn settle(&mut self, folder: &Path) {
        let paths = &mut self.paths;
        let Paths { watchlists, platforms, sources, store, key_file, tokens } = paths;
        for path in [watchlists, platforms, sources, store, key_file, tokens] {
            *path = folder.join(&*path);
        }
        self.mail.dir = folder.join(&self.mail.dir);
        let maildir = &mut self.mail.returned.maildir;
        *maildir = if maildir.as_os_str().is_empty() { maildir.clone() } else { folder.join(&*maildir) };
        self.discover.lists.iter_mut().for_each(|list| *list = folder.join(&*list));
        if let Some(oidc) = &mut self.console.oidc {
            oidc.client_secret_file = folder.join(&oidc.client_secret_file);
        }
        for chat in &mut self.chat {
            chat.url_file = folder.join(&chat.url_file);
            chat.secret_file = chat.secret_file.take().map(|file| folder.join(file));
        }
        let Self { mail, fetch, database, report, .. } = self;
        for path in [
            &mut mail.password_file,
            &mut mail.ca_file,
            &mut mail.returned.password_file,
            &mut fetch.ca_file,
            &mut database.password_file,
            &mut report.font,
        ] {
            *path = path.take().map(|p| folder.join(p));
        }
        if !database.url.is_empty() && !database.url.contains("://") {
            let path = database.url.strip_prefix("sqlite:").unwrap_or(&database.url);
            database.url = folder.join(path).display().to_string();
        }
    }

    /// Where the database is.
    ///
    /// # Errors
    /// When `database.url` cannot be read, holds a password, or the password's file cannot be read.
    pub fn database(&self) -> Result<Address, ConfigError> {
        let Database { url, password_file } = &self.database;
        if url.is_empty() {
            return Ok(Address::File(self.paths.store.join("wanglou.db")));
        }
        let wrong = |message: String| ConfigError::Malformed { file: "database.url".into(), message };
        let address = Address::parse(url, Path::new("")).map_err(|error| wrong(error.to_string()))?;
        if url::Url::parse(url).is_ok_and(|url| url.password().is_some()) {
            let message = format!("put the password into {DATABASE_PASSWORD} or database.password_file, not here");
            return Err(wrong(message));
        }
        Ok(match (std::env::var(DATABASE_PASSWORD), password_file) {
            (Ok(password), _) => address.with_password(&password),
            (Err(_), Some(file)) => address.with_password(text_of(file)?.trim_end_matches(['\r', '\n'])),
            (Err(_), None) => address,
        })
    }

    /// The operator's token for a source; none where it names none. Read anew each time, so that it can be changed while
    /// the program runs.
    ///
    /// # Errors
    /// When the file cannot be read or holds no token, or the source's address is not https.
    pub fn token_of(&self, source: &Source) -> Result<Option<Token>, TokenError> {
        let file = source.token.as_ref().map(|name| self.paths.tokens.join(name));
        file.map(|file| Token::read(&file, &source.token_header, &source.base)).transpose()
    }

    /// The folder of stored bytes.
    pub fn vault(&self) -> PathBuf {
        self.paths.store.join("vault")
    }
}

fn text_of(file: &Path) -> Result<String, ConfigError> {
    text_up_to(file, BYTES_MAX)
}

fn text_up_to(file: &Path, bytes_max: u64) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { file: file.to_owned(), source };
    if std::fs::metadata(file).map_err(unreadable)?.len() > bytes_max {
        return Err(ConfigError::Malformed {
            file: file.to_owned(),
            message: format!("larger than {bytes_max} bytes"),
        });
    }
    std::fs::read_to_string(file).map_err(unreadable)
}

fn of_toml<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError::Malformed { file: file.to_owned(), message: format!("line {line}: {}", error.message()) }
    })
}

/// Counted from one. What is set goes before what is commented out.
fn line_of(text: &str, table: &str, key: &str) -> Option<usize> {
    let (mut is_here, mut commented) = (false, None);
    for (line, number) in text.lines().zip(1..) {
        if let Some(name) = line.trim().strip_prefix('[') {
            is_here = name.split(']').next().map(str::trim) == Some(table);
        }
        let is_of = |line: &str| line.split_once('=').is_some_and(|(name, _)| name.trim() == key);
        if is_here && is_of(line) {
            return Some(number);
        }
        if is_here && is_of(line.trim_start_matches(['#', ' '])) {
            commented = commented.or(Some(number));
        }
    }
    commented
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Config, line_of, parse_sources};

    #[test]
    fn a_setting_is_found_on_its_line_in_its_table_also_where_it_is_commented_out() {
        let text = "[mail]\n#host = \"\"\n# port = 587\n[mail.returned]\n#host = \"\"\nhost = \"pop.corp.example\"\n";
        let lines = [("mail", "host"), ("mail", "port"), ("mail.returned", "host"), ("mail", "kind")];
        assert_eq!(lines.map(|(table, key)| line_of(text, table, key)), [Some(2), Some(3), Some(6), None]);
    }

    #[test]
    fn an_empty_file_is_the_default() {
        let config: Config = toml::from_str("").unwrap();
        assert_eq!(config.group.time_zone, chrono_tz::Asia::Shanghai);
        assert_eq!(config.schedule.recheck_days, 7);
    }

    #[test]
    fn files_of_secrets_in_the_environment_go_before_those_of_the_configuration() {
        let mut config: Config = toml::from_str("[database]\npassword_file = 'own'").unwrap();
        config.take_secrets(|variable| (variable == "WANGLOU_KEY_FILE").then(|| "/run/key".into()));
        assert_eq!(config.paths.key_file, Path::new("/run/key"));
        assert_eq!(config.database.password_file.as_deref(), Some(Path::new("own")));
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = toml::from_str::<Config>("[fetch]\nuser_agnet = \"x\"").unwrap_err();
        assert!(error.message().contains("user_agnet"), "{error}");
    }

    #[test]
    fn what_a_source_says_itself_is_told_from_what_goes_without_saying() {
        let text = "[[source]]\nid='a'\nplatform='p'\nbase='https://a.example'\n[[source]]\nid='b'\nplatform='p'\nbase='https://b.example'\nenabled=true";
        let (sources, _) = parse_sources(Path::new("sources.toml"), text).unwrap();
        let said: Vec<(bool, bool)> = sources.iter().map(|s| (s.enabled, s.enabled_expressly)).collect();
        assert_eq!(said, [(true, false), (true, true)]);
    }

    #[test]
    fn a_broken_source_leaves_the_others() {
        let text = "[[source]]\nid='a'\nplatform='p'\nbase='ftp://a.example'\n[[source]]\nid='b'\nplatform='p'\nbase='https://b.example/'\n\
                    [[source]]\nid='c'\nplatform='p'\nbase='https://c.example'\ntoken='../key'";
        let (sources, problems) = parse_sources(Path::new("sources.toml"), text).unwrap();
        assert_eq!(sources[0].base, "https://b.example");
        assert!(problems[0].to_string().starts_with("sources.toml: source 1: `base`"), "{}", problems[0]);
        assert!(problems[1].to_string().starts_with("sources.toml: source 3: `token`"), "{}", problems[1]);
    }
}
