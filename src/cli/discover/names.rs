//! The names that are asked for, without those that may not leave the system.

use std::collections::BTreeSet;

use crate::casework::world::World;
use crate::cli::discover::DiscoverArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::discover::variants;
use crate::pipeline::discovery::names as of_terms;

/// What may be asked for.
pub(super) struct Names {
    /// The names, each once, in the order in which they were given.
    pub(super) names: Vec<String>,
    /// How many hold a confidential expression and are not asked for.
    pub(super) secret: usize,
}

/// The names of the call with their variants, and those of the ledger. A folder of ledgers that is not there has no secrets;
/// one that cannot be read ends the command.
pub(super) fn of(args: &DiscoverArgs, config: &Config, clock: &Clock) -> anyhow::Result<Names> {
    let world = world(config, clock)?;
    let further = |name: &String| if args.variants { variants(name) } else { Vec::new() };
    let mut names: Vec<String> =
        args.names.iter().flat_map(|name| std::iter::once(name.clone()).chain(further(name))).collect();
    if args.terms {
        let Some(world) = &world else {
            anyhow::bail!("there are no ledgers in {}; `wanglou init` makes some", config.paths.watchlists.display());
        };
        names.extend(of_terms(world));
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let all = names.len();
    names.retain(|name| world.as_ref().is_none_or(|world| !world.is_secret(name)));
    let secret = all - names.len();
    if secret > 0 {
        eprintln!("{secret} names hold a confidential expression of the ledgers and are not asked for");
    }
    Ok(Names { names, secret })
}

fn world(config: &Config, clock: &Clock) -> anyhow::Result<Option<World>> {
    if !config.paths.watchlists.exists() {
        return Ok(None);
    }
    let (ledgers, _) = crate::cli::ledgers_of(&config.paths.watchlists, &config.paths.key_file)?;
    Ok(Some(World::of(ledgers, clock.now(), config.group.time_zone, config.policy)))
}
