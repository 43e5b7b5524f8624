//! The installation that a command works on: its configuration file, and what that names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use crate::clock::Clock;
use crate::config::Config;
use crate::model::audit::AuditEntry;
use crate::pipeline::shell::Shell;
use crate::store::Address;

/// The configuration file where the call names none.
pub const CONFIG_FILE: &str = "wanglou.toml";

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Configuration file [default: wanglou.toml].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Log as JSON lines.
    #[arg(long, global = true)]
    pub log_json: bool,
}

/// Where things are when the call does not say.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folder of the ledgers.
    pub ledgers: PathBuf,
    /// Key file of the confidential list.
    pub key_file: Option<PathBuf>,
    /// Database that keeps the history.
    pub database: Option<Address>,
}

impl Global {
    /// The configuration file.
    pub fn config_file(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(CONFIG_FILE))
    }

    /// The configuration.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn config(&self) -> anyhow::Result<Config> {
        let file = self.config_file();
        if !file.exists() {
            bail!("there is no {}; `wanglou init` writes one, or name yours with --config", file.display());
        }
        Ok(Config::read(file)?)
    }

    /// The configuration, or the default one where there is none and the call names none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn config_or_default(&self) -> anyhow::Result<Config> {
        if self.config.is_none() && !self.config_file().exists() { Ok(Config::default()) } else { self.config() }
    }

    /// Opens the installation.
    ///
    /// # Errors
    /// When there is no configuration, or something that it names cannot be used.
    pub async fn open(&self, clock: &Clock) -> anyhow::Result<Arc<Shell>> {
        let shell = Shell::open(self.config()?, clock.clone()).await?;
        tell(&shell);
        Ok(Arc::new(shell))
    }

    /// Opens the installation in order to visit and send.
    ///
    /// # Errors
    /// Like [`Global::open`]; also when another process works on a database that is a file.
    pub async fn open_to_work(&self, clock: &Clock) -> anyhow::Result<Arc<Shell>> {
        let shell = Shell::open_to_work(self.config()?, clock.clone()).await?;
        tell(&shell);
        Ok(shell)
    }

    /// Where `wanglou ledger` finds things when the call does not say.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn places(&self) -> anyhow::Result<Places> {
        let config = self.config_or_default()?;
        Ok(Places {
            ledgers: config.paths.watchlists.clone(),
            key_file: Some(config.paths.key_file.clone()),
            database: Some(config.database()?),
        })
    }
}

/// What is wrong with the files of an installation, on standard error.
fn tell(shell: &Shell) {
    shell.troubles.iter().for_each(|trouble| eprintln!("{trouble}"));
    for problem in shell.loaded().problems.iter().filter(|problem| problem.is_error()) {
        eprintln!("{}", problem.zh);
    }
}

/// Who is at the keyboard, for the audit: `cli:` with the login name.
pub(crate) fn actor() -> String {
    let login = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    format!("cli:{}", login.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned()))
}

/// Writes into the audit what somebody at the keyboard did or read.
pub(crate) async fn audit(shell: &Shell, action: &str, object: &str, detail: &str) -> anyhow::Result<()> {
    let entry = AuditEntry {
        at: shell.clock.now(),
        actor: actor(),
        action: action.to_owned(),
        object: object.to_owned(),
        detail: detail.to_owned(),
    };
    Ok(shell.store.audit(&entry).await?)
}
