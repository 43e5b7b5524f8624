//! The fictional group's records, sources and platform files, as they stand in `src/demo/data` and `src/demo/platforms`.

use crate::model::account::{Account, Post};
use crate::model::record::Record;
use crate::model::source::Source;
use crate::model::time::Timestamp;

/// Sources of the demo as TOML: a list `[[source]]` of [`crate::model::source::Source`].
pub const SOURCES: &str = include_str!("data/sources.toml");

/// Platform files of the fictional platforms as (name, text).
pub const PLATFORM_FILES: [(&str, &str); 11] = [
    ("weiyan.toml", include_str!("platforms/weiyan.toml")),
    ("kuaipai.toml", include_str!("platforms/kuaipai.toml")),
    ("caoben.toml", include_str!("platforms/caoben.toml")),
    ("wenhai.toml", include_str!("platforms/wenhai.toml")),
    ("jiangba.toml", include_str!("platforms/jiangba.toml")),
    ("guliao.toml", include_str!("platforms/guliao.toml")),
    ("haowai.toml", include_str!("platforms/haowai.toml")),
    ("zhiyou.toml", include_str!("platforms/zhiyou.toml")),
    ("bochang.toml", include_str!("platforms/bochang.toml")),
    ("mimi.toml", include_str!("platforms/mimi.toml")),
    ("menglou.toml", include_str!("platforms/menglou.toml")),
];

const AS_OF: &str = include_str!("data/AS_OF");
const ACCOUNTS: &str = include_str!("data/records/accounts.jsonl");
const POSTS: &str = include_str!("data/records/posts.jsonl");

/// The sources of [`SOURCES`].
pub fn sources() -> Vec<Source> {
    #[derive(serde::Deserialize)]
    struct File {
        source: Vec<Source>,
    }
    toml::from_str::<File>(SOURCES).expect("the demo's sources are checked by a test").source
}

/// The instant at which the demo's clock starts.
pub fn as_of() -> Timestamp {
    Timestamp::parse(AS_OF).expect("the demo's start is checked by a test")
}

/// Everything that stands on the fictional platforms, later snapshots and unreachable accounts included.
pub fn records() -> Vec<Record> {
    let lines = ACCOUNTS.lines().chain(POSTS.lines()).filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).expect("the demo's records are checked by a test")).collect()
}

/// The accounts among [`records`].
pub fn accounts() -> Vec<Account> {
    let account = |record| match record {
        Record::Account(account) => Some(account),
        Record::Post(_) => None,
    };
    records().into_iter().filter_map(account).collect()
}

/// The posts among [`records`].
pub fn posts() -> Vec<Post> {
    let post = |record| match record {
        Record::Post(post) => Some(post),
        Record::Account(_) => None,
    };
    records().into_iter().filter_map(post).collect()
}

#[cfg(test)]
mod tests {
    use super::{accounts, as_of, posts, sources};

    #[test]
    fn the_demo_starts_on_a_friday_evening_with_forty_accounts() {
        assert_eq!(as_of().to_string(), "2026-11-20T10:00:00Z");
        assert_eq!((accounts().len(), posts().len()), (40, 18));
    }

    #[test]
    fn every_source_of_the_demo_is_read() {
        assert_eq!(sources().len(), 11);
        assert!(sources().iter().all(|source| source.base == format!("https://{}.example", source.id)));
    }
}
