//! What may be visited: the files of the installation as they were read at the start, and above them what was added in the console
//! since. The files go first: what is added under a name of theirs is left out and named.

use std::path::Path;

use crate::config::{Config, ConfigError, parse_sources, read_sources};
use crate::model::added::{Added, AddedKind};
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::pipeline::shell::{ShellError, platform_files};
use crate::platform::Catalog;
use crate::platform::admission::admit;

/// The files of the installation.
#[derive(Debug)]
pub(super) struct SiteFiles {
    /// Platform files, name and text.
    platforms: Vec<(String, String)>,
    sources: Vec<Source>,
    /// Sources that cannot be used.
    bad_sources: Vec<ConfigError>,
}

/// Platforms and sources in force.
#[derive(Debug)]
pub(super) struct Sites {
    /// Platform files.
    pub(super) catalog: std::sync::Arc<Catalog>,
    /// What is visited; sources that their platform does not admit are left out.
    pub(super) sources: std::sync::Arc<Vec<Source>>,
    /// What is wrong with the others, in words.
    pub(super) troubles: Vec<String>,
    /// How many states of added files are among them.
    pub(super) states: u64,
}

impl SiteFiles {
    /// Reads the folder of platform files and the list of sources.
    pub(super) fn read(config: &Config) -> Result<Self, ShellError> {
        let (sources, bad_sources) = read_sources(&config.paths.sources)?;
        Ok(Self { platforms: platform_files(config)?, sources, bad_sources })
    }

    /// Whether a file of the folder describes a platform.
    pub(super) fn has_platform(&self, id: &str) -> bool {
        let (catalog, _) = Catalog::of(&self.platforms);
        catalog.iter().any(|definition| definition.id().as_str() == id)
    }

    /// Whether the list of sources has one of that identifier.
    pub(super) fn has_source(&self, id: &SourceId) -> bool {
        self.sources.iter().any(|source| source.id == *id)
    }

    /// Everything in force, with what was added.
    pub(super) fn with(&self, added: &[Added], states: u64) -> Sites {
        let in_force = |kind| added.iter().filter(move |one| one.kind == kind && !one.is_removed);
        let platforms = in_force(AddedKind::Platform).map(|one| (place(one), one.text.clone()));
        let platforms: Vec<(String, String)> = self.platforms.iter().cloned().chain(platforms).collect();
        let (catalog, bad_platforms) = Catalog::with(&platforms);
        let mut sources = self.sources.clone();
        let mut troubles: Vec<String> = self.bad_sources.iter().map(ToString::to_string).collect();
        troubles.extend(bad_platforms.iter().map(ToString::to_string));
        for one in in_force(AddedKind::Source) {
            match source_of(one) {
                Ok(source) if sources.iter().any(|known| known.id == source.id) => troubles
                    .push(format!("{}: the list of sources has one of this id, which is visited instead", place(one))),
                Ok(source) => sources.push(source),
                Err(why) => troubles.push(why),
            }
        }
        let (sources, refused) = admit(sources, &catalog);
        troubles.extend(refused.iter().map(ToString::to_string));
        Sites { catalog: catalog.into(), sources: sources.into(), troubles, states }
    }
}

/// How an added file is named where something is wrong with it.
fn place(one: &Added) -> String {
    format!("console:{}/{}", one.kind.word(), one.name)
}

fn source_of(one: &Added) -> Result<Source, String> {
    let place = place(one);
    let (mut sources, problems) = parse_sources(Path::new(&place), &one.text).map_err(|error| error.to_string())?;
    match (sources.pop(), problems.first()) {
        (_, Some(problem)) => Err(problem.to_string()),
        (Some(source), None) => Ok(source),
        (None, None) => Err(format!("{place} holds no source")),
    }
}
