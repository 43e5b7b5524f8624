//! The demo's folder: an installation like any other, only that its addresses, pace and mail are the demo's.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use url::Url;

use crate::config::Config;
use crate::demo::data::{PLATFORM_FILES, SOURCES};
use crate::ledger::definition::ALL;
use crate::seal::Key;
use crate::store::{Address, Store};
use crate::watchlists::Folder;

const LEDGERS: &[(&str, &[u8])] = &[
    ("companies.csv", include_bytes!("../../watchlists/companies.csv")),
    ("terms.csv", include_bytes!("../../watchlists/terms.csv")),
    ("employees.csv", include_bytes!("../../watchlists/employees.csv")),
    ("managers.csv", include_bytes!("../../watchlists/managers.csv")),
    ("exemptions.csv", include_bytes!("../../watchlists/exemptions.csv")),
    ("official_accounts.csv", include_bytes!("../../watchlists/official_accounts.csv")),
    ("quiet_periods.csv", include_bytes!("../../watchlists/quiet_periods.csv")),
    ("disclosures.csv", include_bytes!("../../watchlists/disclosures.csv")),
    ("brand_marks.csv", include_bytes!("../../watchlists/brand_marks.csv")),
    ("protected_topics.csv", include_bytes!("../../watchlists/protected_topics.csv")),
    ("groups.csv", include_bytes!("../../watchlists/groups.csv")),
    ("group_rosters.csv", include_bytes!("../../watchlists/group_rosters.csv")),
    ("monthly_history.csv", include_bytes!("../../watchlists/monthly_history.csv")),
    ("mark-yd.png", include_bytes!("../../watchlists/mark-yd.png")),
    ("mark-hc.png", include_bytes!("../../watchlists/mark-hc.png")),
    ("mark-yj.png", include_bytes!("../../watchlists/mark-yj.png")),
    ("mark-ql.png", include_bytes!("../../watchlists/mark-ql.png")),
];
const CONFIDENTIAL: &[u8] = include_bytes!("ledgers/confidential_terms.csv");

/// By this file a folder is known as an earlier demo's, which may be written over.
const MARK: &str = ".wanglou-demo";

/// Makes the folder anew: ledgers with the confidential list sealed under a fresh key, platform files, sources, configuration.
/// An earlier demo's folder is emptied first; any other folder that is not empty is refused. `hosts` says where the
/// platforms answer and `ca_pem` who vouches for them; `mail` holds the lines of `[mail]`.
///
/// # Errors
/// When the folder is another's or cannot be written.
pub fn prepare(
    folder: &Path,
    hosts: &BTreeMap<String, SocketAddr>,
    ca_pem: &str,
    mail: &str,
    database: Option<&Url>,
) -> anyhow::Result<Config> {
    empty(folder)?;
    for sub in ["watchlists", "platforms", "secrets", "store", "mail"] {
        fs::create_dir_all(folder.join(sub))
            .with_context(|| format!("{} cannot be made", folder.join(sub).display()))?;
    }
    fs::write(folder.join(MARK), "This folder is made anew by each `wanglou demo`.\n")?;
    for (name, bytes) in LEDGERS {
        fs::write(folder.join("watchlists").join(name), bytes)?;
    }
    for (name, text) in PLATFORM_FILES {
        fs::write(folder.join("platforms").join(name), text)?;
    }
    fs::write(folder.join("sources.toml"), at_any_hour(SOURCES))?;
    fs::write(folder.join("ca.pem"), ca_pem)?;
    seal_confidential(folder)?;
    let file = folder.join("wanglou.toml");
    let database = database.map(|url| database_server(folder, url)).transpose()?.unwrap_or_default();
    fs::write(&file, configuration(hosts, mail, &database))?;
    Ok(Config::read(&file)?)
}

/// The schema of the demo in a database that may hold other things.
const SCHEMA: &str = "wanglou_demo";

/// Makes the demo's schema anew and returns the address that leads into it.
pub(super) async fn schema_of_its_own(url: &str) -> anyhow::Result<Url> {
    let address = Address::parse(url, Path::new(""))?;
    Store::renew_schema(&address, SCHEMA).await?;
    let mut url = Url::parse(url)?;
    url.query_pairs_mut().append_pair("options[search_path]", SCHEMA);
    Ok(url)
}

/// The lines of `[database]`; a password goes into a file of its own.
fn database_server(folder: &Path, url: &Url) -> anyhow::Result<String> {
    let mut bare = url.clone();
    let Some(password) = url.password() else { return Ok(format!("[database]\nurl = \"{url}\"\n\n")) };
    let password = percent_encoding::percent_decode_str(password).decode_utf8()?;
    write_private(&folder.join("secrets/database"), &password)?;
    if bare.set_password(None).is_err() {
        bail!("the address of the database takes no password");
    }
    Ok(format!("[database]\nurl = \"{bare}\"\npassword_file = \"secrets/database\"\n\n"))
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, text.as_bytes())
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    let is_used = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if is_used && !folder.join(MARK).is_file() {
        bail!("{} is not empty and no demo's folder: give another one with --dir", folder.display());
    }
    if is_used {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    Ok(())
}

/// The demo's clock starts in the evening, so the sources' hours of night are lifted.
fn at_any_hour(sources: &str) -> String {
    sources.lines().filter(|line| !line.starts_with("active_hours")).map(|line| format!("{line}\n")).collect()
}

/// The confidential list never lies in the folder in clear.
fn seal_confidential(folder: &Path) -> anyhow::Result<()> {
    let key = Key::create_file(&folder.join("secrets/wanglou.key"))?;
    let watchlists = Folder::open(folder.join("watchlists"), Some(&key))?;
    let ledger = ALL.iter().find(|ledger| ledger.is_confidential).context("there is a confidential ledger")?;
    Ok(watchlists.write(ledger, CONFIDENTIAL, None)?)
}

/// What differs from production: addresses, pace, trust in the demo's own authority, and where letters go.
fn configuration(hosts: &BTreeMap<String, SocketAddr>, mail: &str, database: &str) -> String {
    let resolve: String = hosts.iter().map(|(host, address)| format!("\"{host}\" = \"{address}\"\n")).collect();
    format!(
        "# The fictional group. Everything here would be the same in production but [fetch] and [mail].\n\
         [group]\ntime_zone = \"Asia/Shanghai\"\n\n\
         [fetch]\nuser_agent = \"YuandaiBrandWatch\"\nabout_url = \"https://yuandai.example/bot\"\n\
         contact = \"compliance@yuandai.example\"\nca_file = \"ca.pem\"\nallow_private = [\"127.0.0.1\"]\n\
         loopback_pace = 0.002\n\n[fetch.resolve]\n{resolve}\n{database}[mail]\nconsole_url = \"http://127.0.0.1:8751\"\n{mail}"
    )
}

/// The lines of `[mail]`: `.eml` files in the folder.
pub(super) fn mail_files() -> String {
    "transport = \"file\"\nfrom = \"品牌账号提醒 <brandwatch@yuandai.example>\"\ndir = \"mail\"\n".to_owned()
}

/// The lines of `[mail]`: a server on this machine.
pub(super) fn mail_server(host: &str, port: u16) -> String {
    format!(
        "transport = \"smtp\"\nfrom = \"品牌账号提醒 <brandwatch@yuandai.example>\"\nhost = \"{host}\"\nport = {port}\nsecurity = \"none\"\n"
    )
}

/// The letters that lie in the folder.
pub(super) fn letters(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("mail")).into_iter().flatten().flatten();
    let mut letters: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    letters.sort();
    letters
}
