//! `wanglou demo`: the fictional group's platforms on loopback, scanned for real, twice: at the start, and seven days
//! later on the moved clock.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::demo::data::as_of;
use crate::demo::folder::{letters, mail_files, mail_server, prepare, schema_of_its_own};
use crate::demo::site::Web;
use crate::model::time::Timestamp;
use crate::pipeline::digests::queue_digests;
use crate::pipeline::letters::deliver;
use crate::pipeline::progress::Listener;
use crate::pipeline::scan::{Pass, scan, take_up};
use crate::pipeline::shell::Shell;

/// What the demo is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its folder.
    pub folder: PathBuf,
    /// A mail server on this machine, host and port; files when none is given.
    pub smtp: Option<(String, u16)>,
    /// A PostgreSQL database, `postgres://user@host/database`; a file in the folder when none is given. The demo works
    /// in a schema of its own there, made anew each time.
    pub database: Option<String>,
}

/// A demo that has run: still serving its platforms until it is dropped.
pub struct Demo {
    /// The platforms.
    pub web: Web,
    /// The installation.
    pub shell: Arc<Shell>,
    /// Both passes.
    pub passes: Vec<Pass>,
    /// One object a subject and pass, in the contract's form with `pass` and `at`.
    pub outcomes: Vec<Value>,
    /// Letters that went out.
    pub letters_sent: usize,
    folder: PathBuf,
}

/// Minutes of a day at which the last digest has gone out.
const AFTER_DIGESTS_MS: i64 = (9 * 60 + 35) * 60_000;
const DAY_MS: i64 = 86_400_000;
/// Days from the first pass to the second.
const RECHECK_DAYS: i64 = 7;

impl Demo {
    /// Starts the platforms, makes the folder and runs both passes.
    pub async fn run(options: &Options, listener: &Listener) -> anyhow::Result<Self> {
        let clock = Clock::starting_at(as_of());
        let web = Web::start(clock.clone(), as_of()).await?;
        let mail = options.smtp.as_ref().map_or_else(mail_files, |(host, port)| mail_server(host, *port));
        let database = match &options.database {
            Some(url) => Some(schema_of_its_own(url).await?),
            None => None,
        };
        let config = prepare(&options.folder, web.addresses(), web.ca_pem(), &mail, database.as_ref())?;
        let shell = Shell::open_to_work(config, clock).await?;
        take_up(&shell, listener).await?;
        let folder = options.folder.clone();
        let mut demo = Self { web, shell, passes: Vec::new(), outcomes: Vec::new(), letters_sent: 0, folder };
        demo.pass(listener).await?;
        demo.wait_until(as_of().plus_days(RECHECK_DAYS)).await?;
        demo.pass(listener).await?;
        demo.wait_until(as_of().plus_days(RECHECK_DAYS + 4)).await?;
        Ok(demo)
    }

    async fn pass(&mut self, listener: &Listener) -> anyhow::Result<()> {
        let pass = scan(&self.shell, self.shell.sources().iter(), listener).await?;
        self.send().await?;
        let number = self.passes.len() + 1;
        let seen = self.shell.store.outcomes_of_scan(&pass.scan).await?;
        let known: HashSet<String> = seen.iter().map(url_of).collect();
        // What a site said is unchanged was not read again: what was filed of it stands.
        let standing = self.shell.store.latest_outcomes().await?.into_iter().filter(|o| !known.contains(&url_of(o)));
        let at = self.shell.clock.now();
        self.outcomes.extend(seen.into_iter().chain(standing).map(|outcome| in_pass(outcome, number, at)));
        self.passes.push(pass);
        Ok(())
    }

    /// Moves the clock from one morning to the next, so that digests go out on their days.
    async fn wait_until(&mut self, until: Timestamp) -> anyhow::Result<()> {
        let zone = self.shell.zone();
        let mut morning =
            Timestamp::start_of(self.shell.clock.now().date(zone), zone).plus_ms(AFTER_DIGESTS_MS + DAY_MS);
        while morning < until {
            self.move_to(morning);
            self.send().await?;
            morning = morning.plus_ms(DAY_MS);
        }
        self.move_to(until);
        Ok(())
    }

    fn move_to(&self, instant: Timestamp) {
        let clock = &self.shell.clock;
        clock.advance_ms(instant.ms_since(clock.now()).max(0));
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        let world = self.shell.world();
        queue_digests(&self.shell, &world).await?;
        self.letters_sent += deliver(&self.shell, &world).await?.sent;
        Ok(())
    }

    /// Letters that were written as files.
    pub fn letter_files(&self) -> Vec<PathBuf> {
        letters(&self.folder)
    }

    /// The folder of this demo.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn url_of(outcome: &Value) -> String {
    outcome["url"].as_str().unwrap_or_default().to_owned()
}

fn in_pass(mut outcome: Value, pass: usize, at: Timestamp) -> Value {
    outcome["pass"] = json!(pass);
    outcome["at"] = json!(at);
    outcome
}
