//! What may be visited: the files of the installation as they were read at the start, and above them what was added in the console
//! since. The files go first: what is added under a name of theirs, or against their bounds, is left out and named.

mod bounds;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, ConfigError, parse_sources, read_sources};
use crate::fetch::Settings;
use crate::model::added::{Added, AddedKind};
use crate::model::finding::Reason;
use crate::model::ids::{PlatformId, SourceId};
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::pipeline::shell::{ShellError, platform_files};
use crate::platform::admission::admit;
use crate::platform::{Catalog, Definition};

/// Characters of a name from outside that are repeated in a complaint.
const NAME_CHARS_MAX: usize = 60;

/// The files of the installation.
#[derive(Debug)]
pub(super) struct SiteFiles {
    /// Platforms of the folder.
    own: Catalog,
    /// These, and the built-in ones that they do not replace.
    catalog: Catalog,
    sources: Arc<SourceList>,
    /// What cannot be used of the files, in words.
    troubles: Vec<String>,
    /// Which addresses lie inside.
    fetch: Settings,
}

/// Platforms and sources in force.
#[derive(Debug)]
pub(super) struct Sites {
    /// Platform files.
    pub(super) catalog: Arc<Catalog>,
    /// What is visited; sources that their platform does not admit are left out.
    pub(super) sources: Arc<SourceList>,
    /// Names of platforms for people that stand in a source of theirs.
    pub(super) names: BTreeMap<PlatformId, String>,
    /// What is wrong with the others, in words.
    pub(super) troubles: Vec<String>,
    /// What was added and is not in force, and why.
    pub(super) left_out: Vec<(AddedKind, String, Reason)>,
    /// How many states of added files are among them.
    pub(super) states: u64,
}

impl SiteFiles {
    /// Reads the folder of platform files and the list of sources.
    pub(super) fn read(config: &Config) -> Result<Self, ShellError> {
        let (sources, bad_sources) = read_sources(&config.paths.sources)?;
        let platforms = platform_files(config)?;
        let (catalog, bad_platforms) = Catalog::with(&platforms);
        let (own, _) = Catalog::of(&platforms);
        let troubles = bad_sources.iter().map(ConfigError::to_string);
        let troubles = troubles.chain(bad_platforms.iter().map(ToString::to_string)).collect();
        Ok(Self { own, catalog, sources: sources.into(), troubles, fetch: config.fetch.clone() })
    }

    /// Whether a file of the folder describes a platform.
    pub(super) fn has_platform(&self, id: &str) -> bool {
        self.own.get(&id.into()).is_some()
    }

    /// Whether the list of sources has one of that identifier.
    pub(super) fn has_source(&self, id: &SourceId) -> bool {
        self.sources.contains(id)
    }

    /// Everything in force, with what was added.
    pub(super) fn with(&self, added: &[Added], states: u64) -> Sites {
        let in_force = |kind| added.iter().filter(move |one| one.kind == kind && !one.is_removed);
        let (mut catalog, mut fresh, mut left_out) = (self.catalog.clone(), Vec::new(), Vec::new());
        for one in in_force(AddedKind::Platform) {
            match self.platform_of(one) {
                Ok(definition) => catalog.put(definition),
                Err(why) => left_out.push((one.kind, one.name.clone(), why)),
            }
        }
        for one in in_force(AddedKind::Source) {
            match self.source_of(one, &catalog) {
                Ok(source) => fresh.push(source),
                Err(why) => left_out.push((one.kind, one.name.clone(), why)),
            }
        }
        let (sources, refused) = admit(self.sources.iter().chain(fresh), &catalog);
        let sources = self.shared(sources);
        let mut troubles = self.troubles.clone();
        troubles.extend(left_out.iter().map(|(kind, name, why)| format!("{}: {}", place(*kind, name), why.en)));
        troubles.extend(refused.iter().map(ToString::to_string));
        Sites { catalog: catalog.into(), names: names(&sources), sources, troubles, left_out, states }
    }

    /// The list of the file itself where everything on it is visited and nothing else.
    fn shared(&self, sources: SourceList) -> Arc<SourceList> {
        if sources == *self.sources { Arc::clone(&self.sources) } else { sources.into() }
    }

    fn platform_of(&self, one: &Added) -> Result<Definition, Reason> {
        let definition = Definition::parse(&place(one.kind, &one.name), &one.text).map_err(|error| unread(&error))?;
        match self.bounds_of_platform(&definition).into_iter().next() {
            Some(why) => Err(why),
            None => Ok(definition),
        }
    }

    fn source_of(&self, one: &Added, catalog: &Catalog) -> Result<Source, Reason> {
        let place = place(one.kind, &one.name);
        let (mut sources, problems) = parse_sources(Path::new(&place), &one.text).map_err(|error| unread(&error))?;
        let source = sources.pop().ok_or_else(|| match problems.first() {
            Some(problem) => unread(problem),
            None => unread(&"it holds no source"),
        })?;
        if self.has_source(&source.id) {
            return Err(Reason::new(
                "sources.toml 里已有这个 `id`，以文件为准。",
                "the list of sources has one of this id, which is visited instead",
            ));
        }
        let Some(definition) = catalog.get(&source.platform) else { return Err(no_platform(&source)) };
        match self.bounds_of_source(&source, definition).into_iter().next() {
            Some(why) => Err(why),
            None => Ok(source),
        }
    }

    /// Identifiers of sources in the files that are visited with these sites.
    pub(super) fn visited_of(&self, sites: &Sites) -> BTreeSet<SourceId> {
        let visited = sites.sources.iter().filter(|source| sites.catalog.get(&source.platform).is_some());
        visited.map(|source| source.id).filter(|id| self.has_source(id)).collect()
    }
}

#[cfg(test)]
impl SiteFiles {
    /// An installation without files.
    fn of_nothing() -> Self {
        let (own, sources, troubles) = (Catalog::default(), Arc::default(), Vec::new());
        Self { own, catalog: Catalog::builtin(), sources, troubles, fetch: Settings::default() }
    }
}

/// Of each platform the name that its first source with a name gives it.
fn names(sources: &SourceList) -> BTreeMap<PlatformId, String> {
    let mut names = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.name.is_empty()) {
        names.entry(source.platform).or_insert(source.name);
    }
    names
}

/// How an added file is named where something is wrong with it.
fn place(kind: AddedKind, name: &str) -> String {
    format!("console:{}/{name}", kind.word())
}

fn unread(error: &impl std::fmt::Display) -> Reason {
    Reason::new(format!("这份内容现在读不懂了（{error}）。"), format!("it cannot be read any more: {error}"))
}

/// A source whose platform nobody describes.
pub(super) fn no_platform(source: &Source) -> Reason {
    let id = short(source.id.as_str());
    Reason::new(
        format!("来源「{id}」：没有这个平台，请先添加它的平台文件。"),
        format!("source {id}: its platform is not known; add its platform file first"),
    )
}

/// As much of a name as a complaint repeats.
pub(super) fn short(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}
