//! What every subcommand on ledgers works with: the folder, the key, the history, and the language in which it tells.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::cli::installation::Places;
use crate::clock::Clock;
use crate::ledger::definition::{ALL, Ledger};
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::model::audit::AuditEntry;
use crate::seal::Key;
use crate::store::{Address, Store};
use crate::watchlists::Folder;

/// The languages of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Chinese.
    #[value(name = "zh-CN", alias = "zh")]
    ZhCn,
    /// English.
    #[value(name = "en")]
    En,
}

impl Lang {
    /// The text of this language.
    pub(super) fn of<T>(self, zh: T, en: T) -> T {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }
}

/// What the subcommands work with.
pub(in crate::cli) struct Desk<'a> {
    pub(in crate::cli) folder: Folder,
    pub(super) key: Option<Key>,
    database: Option<Address>,
    clock: &'a Clock,
    pub(super) lang: Lang,
}

impl<'a> Desk<'a> {
    /// Opens the folder of the call, else that of the installation.
    pub(in crate::cli) fn open(
        ledgers: Option<&Path>,
        key_file: Option<&Path>,
        database: Option<Address>,
        places: &Places,
        clock: &'a Clock,
        lang: Lang,
    ) -> anyhow::Result<Self> {
        let key = Key::from_env_or_file(key_file.or(places.key_file.as_deref()))?;
        let folder = Folder::open(ledgers.unwrap_or(&places.ledgers), key.as_ref())?;
        let database = database.or_else(|| places.database.clone());
        Ok(Self { folder, key, database, clock, lang })
    }
}

impl Desk<'_> {
    pub(in crate::cli) fn say(&self, zh: impl AsRef<str>, en: impl AsRef<str>) {
        eprintln!("{}", self.lang.of(zh.as_ref(), en.as_ref()));
    }

    /// The store that keeps the history; none when no database is configured.
    pub(super) async fn store(&self) -> anyhow::Result<Option<Store>> {
        let Some(address) = &self.database else { return Ok(None) };
        let store = Store::open_at(address).await?;
        Ok(Some(match &self.key {
            Some(key) => store.with_key(std::sync::Arc::new(key.clone())),
            None => store,
        }))
    }

    /// The store when there is a database already; looking makes none.
    pub(in crate::cli) async fn existing_store(&self) -> anyhow::Result<Option<Store>> {
        let is_there = |address: &Address| address.file().is_none_or(Path::exists);
        if self.database.as_ref().is_some_and(is_there) { self.store().await } else { Ok(None) }
    }

    pub(super) fn entry(&self, action: &str, ledger: &Ledger, actor: &str, detail: &str) -> AuditEntry {
        AuditEntry {
            at: self.clock.now(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: ledger.file_name(),
            detail: detail.to_owned(),
        }
    }

    pub(super) async fn audit(&self, entry: &AuditEntry) -> anyhow::Result<()> {
        let Some(store) = self.store().await? else { return Ok(()) };
        Ok(store.audit(entry).await?)
    }

    /// Problems for people, on standard error, errors first in each file's order.
    pub(in crate::cli) fn tell(&self, problems: &[Problem]) {
        for problem in problems {
            let (zh, en) = kind_word(problem.kind);
            eprintln!("{} {}", self.lang.of(zh, en), self.lang.of(&problem.zh, &problem.en));
        }
    }

    /// Whether somebody agrees to what was shown, by the call or at the keyboard.
    ///
    /// # Errors
    /// When nobody is there to be asked.
    pub(super) fn is_agreed(&self, yes: bool) -> anyhow::Result<bool> {
        if yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!("nobody is here to agree; look at the preview and call again with --yes");
        }
        eprint!("{}", self.lang.of("写入？[y/N] ", "write? [y/N] "));
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
    }
}

pub(super) fn kind_word(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::Error => ("错误", "error"),
        ProblemKind::Refused => ("拒收", "refused"),
        ProblemKind::Warning => ("提醒", "warning"),
    }
}

/// The ledger that a call names, with or without `.csv`.
pub(super) fn named(name: &str) -> anyhow::Result<&'static Ledger> {
    let known = || ALL.iter().map(|ledger| ledger.name).collect::<Vec<_>>().join(", ");
    Ledger::named(name)
        .or_else(|| Ledger::of_file(name))
        .or_else(|| ALL.into_iter().find(|ledger| ledger.title_zh == name))
        .with_context(|| format!("there is no ledger {name}; there are: {}", known()))
}

/// Refuses what two people decide in the console.
pub(super) fn must_not_be_of_two(ledger: &Ledger) -> anyhow::Result<()> {
    if *ledger == PROTECTED_TOPICS {
        bail!("protected topics are changed by two people, in the console; an edit of the file itself is noted there");
    }
    Ok(())
}
