//! Scheduled discovery: the operator's sources, and the sites of the operator's lists, are asked for the handles under which
//! the marks of the watchlist may be flown, each again after some days. An account found at a source joins the frontier of
//! that source, so that its next visit reads and judges the profile; one on a list's site is judged as a record.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::casework::world::World;
use crate::discover::variants::VARIANTS_MAX;
use crate::discover::{ListProblem, Presence, Site, handles};
use crate::model::account::Account;
use crate::model::ids::PlatformId;
use crate::model::record::Record;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::discover::{Checked, Manner, discover, read_list};
use crate::pipeline::import::{SOURCE, import};
use crate::pipeline::scan::{hold, pages_today};
use crate::pipeline::shell::{Shell, ShellError};
use crate::store::{StoreError, Task, VisitStep};
use crate::workers::HoldError;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Hosts of lists that are asked at the same time.
const HOSTS_AT_ONCE: usize = 16;

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discovered {
    /// Names that sites answered for, or for which they need not be asked.
    pub told: usize,
    /// Accounts found.
    pub found: usize,
    /// Whether another worker visits the host now, so that nothing was asked.
    pub is_postponed: bool,
}

/// A round of discovery that cannot take place.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// A list of sites cannot be read.
    #[error(transparent)]
    List(#[from] ListProblem),
    /// The installation or its database fails.
    #[error(transparent)]
    Shell(#[from] ShellError),
}

impl From<StoreError> for DiscoveryError {
    fn from(error: StoreError) -> Self {
        Self::Shell(error.into())
    }
}

/// The site that a source is for discovery; none where profiles cannot be asked for by name.
pub fn site_of(shell: &Shell, source: &Source) -> Option<Site> {
    let definition = shell.catalog().get(&source.platform)?.clone();
    Site::of_source(&Arc::new(definition), source).filter(|site| site.left_out.is_none())
}

/// Asks a source for the handles that are due, at its own pace, within its hours and its cap. Stops where the host wants
/// peace; the next round goes on.
pub async fn discover_at(shell: &Shell, source: &Source) -> Result<Discovered, DiscoveryError> {
    let Some(site) = site_of(shell, source) else { return Ok(Discovered::default()) };
    let _hold = match hold(shell, source).await {
        Err(HoldError::Busy) => return Ok(Discovered { is_postponed: true, ..Discovered::default() }),
        Err(HoldError::Store(error)) => return Err(error.into()),
        Ok(hold) => hold,
    };
    let key = format!("{} {}", source.platform, source.base);
    let (site, world) = (Arc::new(site), shell.world());
    let state = shell.store.source_state(&source.id).await?;
    if state.paused {
        return Ok(Discovered::default());
    }
    shell.fetcher.resume_pages_today(&source.id, pages_today(&state, shell));
    let due = due(shell, &world, &key).await?;
    let wanted = due.into_iter().map(|name| (Arc::clone(&site), name));
    let mut answers = discover(&shell.fetcher, wanted, manner(shell));
    let mut done = Discovered::default();
    while let Some(checked) = answers.recv().await.filter(|checked| !checked.is_put_off) {
        step(shell, source, &checked).await?;
        done.count(&checked);
        shell.store.save_discovery(&key, &checked.name, checked.presence, shell.clock.now()).await?;
    }
    Ok(done)
}

/// Asks the sites of the operator's lists for the handles that are due.
pub async fn discover_on_lists(shell: &Shell) -> Result<Discovered, DiscoveryError> {
    let world = shell.world();
    let mut wanted = Vec::new();
    for site in sites_of_lists(shell)? {
        let due = due(shell, &world, &site.name).await?;
        wanted.extend(due.into_iter().map(|name| (Arc::clone(&site), name)));
    }
    let mut answers = discover(&shell.fetcher, wanted, manner(shell));
    let mut done = Discovered::default();
    while let Some(checked) = answers.recv().await {
        if checked.is_put_off {
            continue;
        }
        if checked.presence == Presence::Found {
            import(shell, &world, &[record(&checked).into()], SOURCE, "discover").await?;
        }
        done.count(&checked);
        shell.store.save_discovery(&checked.site, &checked.name, checked.presence, shell.clock.now()).await?;
    }
    Ok(done)
}

impl Discovered {
    fn count(&mut self, checked: &Checked) {
        self.told += 1;
        self.found += usize::from(checked.presence == Presence::Found);
    }
}

fn manner(shell: &Shell) -> Manner {
    Manner { hosts_at_once: HOSTS_AT_ONCE, zone: shell.zone() }
}

/// Handles that the site was not asked for lately, the likeliest first.
async fn due(shell: &Shell, world: &World, site: &str) -> Result<Vec<String>, StoreError> {
    let settings = &shell.config.discover;
    // Half a day less: rounds begin at the same hour, and answers come some time after.
    let since = shell.clock.now().plus_ms(DAY_MS / 2 - settings.again_days.max(1).saturating_mul(DAY_MS));
    let asked = shell.store.names_asked(site, since).await?;
    let names = names(world).into_iter().filter(|name| !asked.contains(name));
    Ok(names.take(settings.names_a_round_max).collect())
}

/// Handles of the marks that may be asked for, each once; none that holds a confidential expression.
pub fn names(world: &World) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = world.outbound_terms().flat_map(|term| handles(term, VARIANTS_MAX));
    all.filter(|name| !world.is_secret(name) && seen.insert(name.clone())).collect()
}

/// Counts the page for the day's cap, and puts a profile that is there into the frontier of its source.
async fn step(shell: &Shell, source: &Source, checked: &Checked) -> Result<(), StoreError> {
    let at = shell.clock.now();
    let is_found = checked.presence == Presence::Found;
    let profile = || Task { entry: EntryKind::Account, url: checked.url.clone(), page: 0, term: String::new() };
    let leads_to = is_found.then(profile).into_iter().collect();
    let fetched_on = checked.status.map(|_| at.date(shell.zone()).to_string());
    let step = VisitStep { asked: None, leads_to, page: None, fetched_on, at };
    shell.store.visit_steps(&shell.vault, &source.id, vec![step]).await.map(drop)
}

/// Nothing is known of the account but its name.
fn record(checked: &Checked) -> Record {
    Record::Account(Account {
        platform: PlatformId::new(&checked.site),
        handle: checked.name.clone(),
        url: checked.url.clone(),
        ..Account::default()
    })
}

/// The sites of all lists. Entries that cannot be read are left to `wanglou discover`, which names them.
fn sites_of_lists(shell: &Shell) -> Result<Vec<Arc<Site>>, DiscoveryError> {
    let mut sites = Vec::new();
    for file in &shell.config.discover.lists {
        let list = read_list(file)?;
        sites.extend(list.sites.into_iter().filter(|site| site.left_out.is_none()).map(Arc::new));
    }
    Ok(sites)
}
