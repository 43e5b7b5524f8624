//! All platforms that sources may name: the built-in files and the operator's own.

use std::collections::BTreeMap;

use crate::model::ids::PlatformId;
use crate::platform::{Definition, DefinitionError};

macro_rules! files {
    ($($file:literal,)*) => { [$(($file, include_str!(concat!("catalog/", $file))),)*] };
}

/// Built-in platform files as (name, text), in alphabetical order, one a line.
pub static BUILTIN: &[(&str, &str)] = &files![
    "bilibili.toml",
    "bilibili_users.toml",
    "bluesky.toml",
    "cnblogs.toml",
    "csdn.toml",
    "discourse.toml",
    "discuz.toml",
    "discuz_rss.toml",
    "douban.toml",
    "douban_status.toml",
    "douyin.toml",
    "eastmoney_user.toml",
    "flarum.toml",
    "flaskbb.toml",
    "fossil.toml",
    "generic_feed.toml",
    "gitee.toml",
    "gitee_repositories.toml",
    "github.toml",
    "github_repositories.toml",
    "google_news.toml",
    "guba.toml",
    "hackernews.toml",
    "juejin.toml",
    "kuaishou.toml",
    "lemmy.toml",
    "linkedin.toml",
    "maimai.toml",
    "mastodon.toml",
    "mediawiki.toml",
    "misago.toml",
    "nodebb.toml",
    "phpbb.toml",
    "reddit.toml",
    "rsshub.toml",
    "searxng.toml",
    "segmentfault.toml",
    "sitemap.toml",
    "spirit.toml",
    "telegram.toml",
    "tieba.toml",
    "toutiao.toml",
    "v2ex.toml",
    "wechat_article.toml",
    "wechat_search.toml",
    "weibo.toml",
    "weibo_search.toml",
    "wordpress.toml",
    "x.toml",
    "xiaohongshu.toml",
    "xueqiu.toml",
    "youtube.toml",
    "zhihu.toml",
    "zhihu_pins.toml",
];

/// Platforms by identifier.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    platforms: BTreeMap<PlatformId, Definition>,
}

/// An operator's file that is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogProblem {
    /// It is broken.
    #[error(transparent)]
    Broken(#[from] DefinitionError),
    /// Another file has the same identifier.
    #[error("{file} describes platform {platform}, as {first} already does; rename one of them")]
    Twice {
        /// File that is left out.
        file: String,
        /// File that is kept.
        first: String,
        /// Identifier of both.
        platform: PlatformId,
    },
}

impl Catalog {
    /// The built-in platforms alone.
    pub fn builtin() -> Self {
        // A test reads every built-in file, so that none is left out here.
        let read = BUILTIN.iter().filter_map(|(file, toml)| Definition::parse(file, toml).ok());
        Self { platforms: read.map(|definition| (definition.id().clone(), definition)).collect() }
    }

    /// The built-in platforms and the operator's files, given as (name, text). A file replaces the built-in platform of
    /// the same identifier; a broken file is left out and reported.
    pub fn with(files: &[(String, String)]) -> (Self, Vec<CatalogProblem>) {
        Self::builtin().and(files)
    }

    /// The operator's files alone.
    pub fn of(files: &[(String, String)]) -> (Self, Vec<CatalogProblem>) {
        Self::default().and(files)
    }

    fn and(mut self, files: &[(String, String)]) -> (Self, Vec<CatalogProblem>) {
        let mut origin = BTreeMap::<PlatformId, String>::new();
        let mut problems = Vec::new();
        for (file, toml) in files {
            match Definition::parse(file, toml) {
                Ok(definition) => problems.extend(self.add(file, definition, &mut origin)),
                Err(error) => problems.push(CatalogProblem::Broken(error)),
            }
        }
        (self, problems)
    }

    fn add(
        &mut self,
        file: &str,
        definition: Definition,
        origin: &mut BTreeMap<PlatformId, String>,
    ) -> Option<CatalogProblem> {
        let platform = definition.id().clone();
        if let Some(first) = origin.get(&platform).cloned() {
            return Some(CatalogProblem::Twice { file: file.to_owned(), first, platform });
        }
        origin.insert(platform.clone(), file.to_owned());
        self.platforms.insert(platform, definition);
        None
    }

    /// Puts a platform in the place of what has its identifier.
    pub(crate) fn put(&mut self, definition: Definition) {
        self.platforms.insert(definition.id().clone(), definition);
    }

    /// The platform of that identifier.
    pub fn get(&self, id: &PlatformId) -> Option<&Definition> {
        self.platforms.get(id)
    }

    /// All platforms, by identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.platforms.values()
    }
}

#[cfg(test)]
mod tests {
    use super::{BUILTIN, Catalog, CatalogProblem};
    use crate::model::ids::PlatformId;

    const OWN: &str = "id = \"forum\"\nname = \"甲\"\n[entry.post.post]\ntext = \"p\"\n";

    fn file(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn every_built_in_file_is_in_the_catalog() {
        assert_eq!(Catalog::builtin().iter().count(), BUILTIN.len());
    }

    #[test]
    fn a_broken_file_leaves_the_rest_in_place() {
        let (catalog, problems) = Catalog::with(&[file("a.toml", "id = "), file("b.toml", OWN)]);
        assert!(catalog.get(&PlatformId::new("forum")).is_some());
        assert!(matches!(problems.as_slice(), [CatalogProblem::Broken(error)] if error.file == "a.toml"));
    }

    #[test]
    fn the_second_file_of_an_identifier_is_left_out() {
        let (catalog, problems) = Catalog::with(&[file("a.toml", OWN), file("b.toml", &OWN.replace("甲", "乙"))]);
        assert_eq!(catalog.get(&PlatformId::new("forum")).unwrap().name(), "甲");
        assert_eq!(
            problems[0].to_string(),
            "b.toml describes platform forum, as a.toml already does; rename one of them"
        );
    }

    #[test]
    fn a_file_replaces_the_built_in_platform_of_its_identifier() {
        let (catalog, problems) = Catalog::with(&[file("a.toml", &OWN.replace("forum", "discourse"))]);
        assert_eq!(catalog.get(&PlatformId::new("discourse")).unwrap().name(), "甲");
        assert!(problems.is_empty());
    }
}
