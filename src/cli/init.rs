//! `wanglou init`: a new installation to fill in. Never overwrites unless told; a key is never overwritten.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::ledger::definition::ALL;
use crate::ledger::template;
use crate::seal::Key;

const CONFIG: &str = include_str!("init/wanglou.toml");
const SOURCES: &str = include_str!("init/sources.toml");
const PLATFORMS: &str = include_str!("init/platforms.md");
const KEY_FILE: &str = "secrets/wanglou.key";

/// Begin a new installation.
#[derive(Debug, Args)]
#[command(
    after_help = "Writes wanglou.toml with every setting explained, sources.toml, the ledgers of watchlists/ with
headers and examples, platforms/ for your own platform files, and secrets/wanglou.key.

Examples:
  wanglou init
  wanglou init --dir /etc/wanglou"
)]
pub struct InitArgs {
    /// Folder of the installation.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Overwrite what is there. The key and filled ledgers are kept all the same.
    #[arg(long)]
    pub force: bool,
}

/// Runs the command. Exit code 2 when something is there already; nothing is written then.
pub fn run(args: &InitArgs) -> anyhow::Result<u8> {
    let files = files();
    let there: Vec<&str> =
        files.iter().map(|(name, _)| name.as_str()).filter(|name| args.dir.join(name).exists()).collect();
    if !args.force && !there.is_empty() {
        bail!("{} has {} already; nothing was written (--force overwrites)", args.dir.display(), there.join(", "));
    }
    let mut written = Vec::new();
    for (name, bytes) in &files {
        // A ledger that somebody has begun to fill in is worth more than a template.
        if name.starts_with("watchlists/") && there.contains(&name.as_str()) {
            eprintln!("kept {name}");
            continue;
        }
        put(&args.dir.join(name), bytes)?;
        written.push(name.as_str());
    }
    make_key(&args.dir.join(KEY_FILE))?;
    written.iter().for_each(|name| eprintln!("wrote {name}"));
    eprintln!("{}", next_steps(&args.dir));
    Ok(0)
}

fn files() -> Vec<(String, Vec<u8>)> {
    let plain = [("wanglou.toml", CONFIG), ("sources.toml", SOURCES), ("platforms/README.md", PLATFORMS)];
    let plain = plain.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    // The confidential list comes in by `ledger import` alone, so that it is never kept in plain text.
    let ledgers = ALL.into_iter().filter(|ledger| !ledger.is_confidential);
    plain.chain(ledgers.map(|l| (format!("watchlists/{}", l.file_name()), template::template(l)))).collect()
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn make_key(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        eprintln!("kept {}", path.display());
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    Key::create_file(path)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}

fn next_steps(folder: &Path) -> String {
    format!(
        "
Next, in {}:
  1. Copy {KEY_FILE} to a safe place: what it seals is lost without it. 请另行妥善保存密钥文件
  2. watchlists/: fill in companies, terms, employees and managers with Excel or WPS. 用 Excel/WPS 填写台账
     wanglou ledger check
  3. wanglou.toml: set fetch.contact and fetch.about_url, and [mail] when you are ready. 填写联系方式与邮件
  4. sources.toml: name what may be visited, and why. 填写监测来源与依据
  5. wanglou doctor says what is still missing; wanglou scan begins. 自检后开始
",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{CONFIG, SOURCES, files};
    use crate::config::{Config, parse_sources};

    /// Lines `#key = value` are settings at their default; other comments begin with `# `.
    fn uncommented(text: &str) -> String {
        let line = |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#'])).map(str::to_owned);
        text.lines().map(|l| line(l).unwrap_or_else(|| l.to_owned()) + "\n").collect()
    }

    #[test]
    fn the_written_configuration_is_the_default_as_it_stands_and_with_every_setting_uncommented() {
        let default = format!("{:?}", Config::default());
        assert_eq!(format!("{:?}", toml::from_str::<Config>(CONFIG).unwrap()), default);
        assert!(uncommented(CONFIG).contains("\ncontact = \"\"\n"));
        assert_eq!(format!("{:?}", toml::from_str::<Config>(&uncommented(CONFIG)).unwrap()), default);
    }

    #[test]
    fn the_written_configuration_names_every_setting() {
        let words = |section: &str| {
            let text = format!("{section}\nno_such_setting = 1\n");
            let error = toml::from_str::<Config>(&text).unwrap_err().message().to_owned();
            let words: Vec<String> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
            assert!(!words.is_empty(), "{error}");
            words
        };
        for section in words("").into_iter().chain(["mail.returned".to_owned()]) {
            let heads = [format!("[{section}]"), format!("# [[{section}]]")];
            let head = heads.iter().find(|head| CONFIG.contains(&format!("\n{head}\n"))).expect(&section);
            let of_section = CONFIG.split(&format!("\n{head}\n")).nth(1).unwrap();
            let of_section = format!("\n{}", of_section.split("\n[").next().unwrap());
            for key in words(head.trim_start_matches("# ")) {
                let lines = [format!("\n#{key} = "), format!("\n# {key} = "), format!("\n# [{section}.{key}]\n")];
                let is_table = CONFIG.contains(&format!("\n[{section}.{key}]\n"));
                assert!(is_table || lines.iter().any(|line| of_section.contains(line)), "{section}.{key}");
            }
        }
    }

    #[test]
    fn the_example_sources_are_good_once_uncommented() {
        let (sources, problems) = parse_sources(Path::new("sources.toml"), SOURCES).unwrap();
        assert!(sources.is_empty() && problems.is_empty());
        let (sources, problems) = parse_sources(Path::new("sources.toml"), &uncommented(SOURCES)).unwrap();
        assert!(sources.len() >= 2 && problems.is_empty(), "{problems:?}");
        let catalog = crate::platform::Catalog::builtin();
        assert!(sources.iter().all(|source| catalog.get(&source.platform).is_some()));
    }

    #[test]
    fn the_confidential_list_is_not_begun_in_plain_text() {
        assert!(files().iter().all(|(name, _)| !name.contains("confidential")));
    }
}
