//! The platforms and sources that a call may name: built-in, of the installation, or a file.

use std::path::Path;

use anyhow::bail;
use url::Url;

use crate::cli::Global;
use crate::cli::platform::read_file;
use crate::config::read_sources;
use crate::model::ids::{PlatformId, SourceId};
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::pipeline::shell::platform_files;
use crate::platform::admission::{Refusal, admit};
use crate::platform::{Catalog, Definition, DefinitionError};

/// Platforms and sources of the installation; the built-in platforms alone where there is none.
pub(super) struct Known {
    catalog: Catalog,
    sources: SourceList,
    refusals: Vec<(SourceId, Refusal)>,
}

/// A platform, and the source by which it was named.
pub(super) type Named = (Definition, Option<Source>);

/// Whether a word of the call is an address of the web.
pub(super) fn is_live(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

impl Known {
    /// Reads what the installation has; broken files are left to `doctor`.
    pub(super) fn read(global: &Global) -> anyhow::Result<Self> {
        let config = global.config_or_default()?;
        let (catalog, _) = Catalog::with(&platform_files(&config)?);
        let listed = read_sources(&config.paths.sources).map(|(sources, _)| sources).unwrap_or_default();
        let (sources, refusals) = admit(listed.iter(), &catalog);
        let refusals = refusals.into_iter().map(|refusal| (refusal.source_id().clone(), refusal)).collect();
        Ok(Self { catalog, sources, refusals })
    }

    /// The platform that a word of the call names: a file, a platform, a source, or a live address of one of them.
    pub(super) fn platform_of(&self, what: &str) -> anyhow::Result<Result<Named, DefinitionError>> {
        if is_live(what) {
            return Ok(Ok(self.of_address(&Url::parse(what)?)?));
        }
        let path = Path::new(what);
        if path.exists() {
            return Ok(Definition::parse(what, &read_file(path)?).map(|definition| (definition, None)));
        }
        if let Some(definition) = self.catalog.get(&PlatformId::new(what)) {
            return Ok(Ok((definition.clone(), None)));
        }
        Ok(Ok(self.of_source(what)?))
    }

    fn of_source(&self, id: &str) -> anyhow::Result<Named> {
        if let Some((_, refusal)) = self.refusals.iter().find(|(refused, _)| refused.as_str() == id) {
            bail!("{refusal}");
        }
        let source = self.sources.get(&SourceId::new(id));
        let definition = source.as_ref().and_then(|source| self.catalog.get(&source.platform));
        let Some((definition, source)) = definition.zip(source) else {
            bail!("there is no file, platform or source `{id}`; `wanglou platform list` shows the known platforms");
        };
        Ok((definition.clone(), Some(source)))
    }

    /// The source at that host, or else the one platform that has its site there.
    pub(super) fn of_address(&self, url: &Url) -> anyhow::Result<Named> {
        let is_there = |base: &str| Url::parse(base).is_ok_and(|base| base.origin() == url.origin());
        if let Some(source) = self.sources.iter().find(|source| is_there(&source.base)) {
            return self.of_source(source.id.as_str());
        }
        let at_host: Vec<&Definition> =
            self.catalog.iter().filter(|platform| platform.base().is_some_and(is_there)).collect();
        match at_host.as_slice() {
            [one] => Ok(((*one).clone(), None)),
            [] => bail!("no platform or source is known at that host; name the platform first"),
            several => {
                let ids: Vec<&str> = several.iter().map(|platform| platform.id().as_str()).collect();
                bail!("several platforms are at that host ({}); name one first", ids.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Known;
    use crate::model::source::Source;
    use crate::platform::Catalog;

    fn known() -> Known {
        let toml = "id = \"forum\"\nplatform = \"discourse\"\nbase = \"https://forum.example\"\n";
        let source: Source = toml::from_str(toml).unwrap();
        Known { catalog: Catalog::builtin(), sources: [source].into_iter().collect(), refusals: Vec::new() }
    }

    #[track_caller]
    fn expect(what: &str, platform: &str, source: Option<&str>) {
        let (definition, named) = known().platform_of(what).unwrap().unwrap();
        assert_eq!(definition.id().as_str(), platform);
        assert_eq!(named.as_ref().map(|source| source.id.as_str()), source);
    }

    #[test]
    fn a_platform_is_named_by_itself_by_a_source_or_by_an_address() {
        expect("v2ex", "v2ex", None);
        expect("forum", "discourse", Some("forum"));
        expect("https://forum.example/posts.json", "discourse", Some("forum"));
        expect("https://guba.eastmoney.com/list,600000.html", "guba", None);
    }

    #[test]
    fn what_is_not_known_or_not_clear_is_said() {
        for (what, said) in [
            ("nowhere", "`nowhere`"),
            ("https://nowhere.example/", "no platform or source is known at that host"),
            ("https://api.github.com/users/x", "github, github_repositories"),
        ] {
            let error = known().platform_of(what).err().unwrap().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
