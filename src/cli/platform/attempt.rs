//! `wanglou platform try`: what a page gives, saved before or asked for now.
//!
//! A live page is asked for once, by the one fetcher: guard, robots.txt, pace. Nothing is stored.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use url::Url;

use crate::cli::Global;
use crate::cli::platform::known::{Known, is_live};
use crate::cli::platform::{PAGE_BYTES_MAX, parse_entry, parse_zone, read_bytes};
use crate::clock::Clock;
use crate::fetch::{Answer, Fetcher, Request, decode_as};
use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::model::source::{EntryKind, Source};
use crate::model::time::Timestamp;
use crate::platform::definition::entry_name;
use crate::platform::{Class, Definition, Extraction, Page, extract, extract_by_any};

/// Address of a saved page whose own is not given.
const SAVED_ADDRESS: &str = "https://saved.example/";

/// Arguments of `wanglou platform try`.
#[derive(Debug, Args)]
pub(super) struct TryArgs {
    /// A platform file, the identifier of a platform or of a source, or a live address of a known one.
    what: String,
    /// A live address (http or https) or the file of a saved page. Without it and --page, the canary is asked.
    target: Option<String>,
    /// The saved page.
    #[arg(long, conflicts_with = "target")]
    page: Option<PathBuf>,
    /// Entry by which it is read: search, listing, account or post. Without it, the first that finds something.
    #[arg(long, value_parser = parse_entry)]
    entry: Option<EntryKind>,
    /// Address from which the page was saved; relative links are read against it.
    #[arg(long, default_value = SAVED_ADDRESS)]
    url: Url,
    /// The source's base address; that of the page's host when none is given.
    #[arg(long)]
    base: Option<String>,
    /// HTTP status with which the saved page came.
    #[arg(long, default_value_t = 200)]
    status: u16,
    /// Time zone of its dates, where the platform file names none.
    #[arg(long, default_value = "Asia/Shanghai", value_parser = parse_zone)]
    zone: chrono_tz::Tz,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// A page to be read.
struct Paper {
    url: Url,
    status: u16,
    content_type: String,
    text: String,
    base: String,
    fetched_at: Timestamp,
}

/// What is asked for.
enum Target {
    Saved(PathBuf),
    Live(Url),
    Canary,
}

pub(super) async fn run(args: &TryArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let known = Known::read(global)?;
    let (definition, source) = match known.platform_of(&args.what)? {
        Ok(found) => found,
        Err(error) => {
            eprintln!("{error}");
            return Ok(2);
        }
    };
    match target(args)? {
        Target::Saved(path) => {
            let paper = saved(args, &definition, &path, clock)?;
            tell(args, &definition, &paper, args.entry, None)
        }
        Target::Live(url) => live(args, global, clock, (&definition, source.as_ref()), (url, args.entry)).await,
        Target::Canary => {
            let (url, entry) = canary_address(args, &definition, source.as_ref())?;
            live(args, global, clock, (&definition, source.as_ref()), (url, Some(entry))).await
        }
    }
}

fn target(args: &TryArgs) -> anyhow::Result<Target> {
    if let Some(page) = &args.page {
        return Ok(Target::Saved(page.clone()));
    }
    match args.target.as_deref().or_else(|| Some(args.what.as_str()).filter(|what| is_live(what))) {
        Some(text) if is_live(text) => Ok(Target::Live(Url::parse(text).context("the address cannot be read")?)),
        Some(file) => Ok(Target::Saved(file.into())),
        None => Ok(Target::Canary),
    }
}

fn canary_address(
    args: &TryArgs,
    definition: &Definition,
    source: Option<&Source>,
) -> anyhow::Result<(Url, EntryKind)> {
    refuse_class_c(definition)?;
    let of_source = source.map(|source| source.values.clone()).unwrap_or_default();
    let base = args.base.as_deref().or(source.map(|source| source.base.as_str())).or(definition.base());
    let Some(canary) = definition.canary() else {
        bail!("platform {} has no canary; name a saved page or an address", definition.id());
    };
    let url = definition.canary_url(base.unwrap_or_default(), &of_source).context("the file has no canary")?;
    let hint = "name a source, an address, or give --base";
    Ok((url.with_context(|| hint.to_owned())?, canary.entry))
}

fn refuse_class_c(definition: &Definition) -> anyhow::Result<()> {
    if definition.class() == Class::C {
        bail!("{} is never visited (class C). {}", definition.name(), definition.instead());
    }
    Ok(())
}

async fn live(
    args: &TryArgs,
    global: &Global,
    clock: &Clock,
    (definition, source): (&Definition, Option<&Source>),
    (url, entry): (Url, Option<EntryKind>),
) -> anyhow::Result<u8> {
    refuse_class_c(definition)?;
    let config = global.config_or_default()?;
    let token = source.map(|source| config.token_of(source)).transpose()?.flatten();
    let fetcher = Fetcher::new(config.fetch.clone(), clock.clone())?.in_zone(config.group.time_zone);
    let answer = match fetcher.fetch(&Request { token, ..request(definition, source, &url) }).await {
        Ok(answer) => answer,
        Err(error) => {
            eprintln!("blocked: {:#}", anyhow::Error::from(error));
            return Ok(1);
        }
    };
    eprintln!("{}", asked(&answer));
    let base = args.base.clone().or(source.map(|source| source.base.clone()));
    let is_canary = args.target.is_none() && !is_live(&args.what);
    let canary = definition.canary().filter(|_| is_canary);
    tell(args, definition, &paper(definition, answer, base), entry, canary)
}

fn request(definition: &Definition, source: Option<&Source>, url: &Url) -> Request {
    match source {
        Some(source) => Request::of_source(url.as_str(), source, definition.interval_min_s()),
        None => Request {
            interval_min_s: Some(definition.interval_min_s()),
            ..Request::new(url.as_str(), SourceId::new("platform-try"))
        },
    }
}

fn asked(answer: &Answer) -> String {
    let host = answer.final_url.host_str().unwrap_or_default();
    format!("asked {host} once: status {}, {} bytes, {}", answer.status, answer.body.len(), answer.content_type)
}

fn paper(definition: &Definition, answer: Answer, base: Option<String>) -> Paper {
    let text = answer.text_as(definition.encoding()).into_owned();
    Paper {
        base: base.unwrap_or_else(|| answer.final_url.origin().ascii_serialization()),
        url: answer.final_url,
        status: answer.status,
        content_type: answer.content_type,
        text,
        fetched_at: answer.fetched_at,
    }
}

fn saved(args: &TryArgs, definition: &Definition, path: &Path, clock: &Clock) -> anyhow::Result<Paper> {
    Ok(Paper {
        url: args.url.clone(),
        status: args.status,
        content_type: String::new(),
        text: read_page(path, definition)?,
        base: args.base.clone().unwrap_or_else(|| args.url.origin().ascii_serialization()),
        fetched_at: clock.now(),
    })
}

/// Shows what the page gives. The code is 1 where a live page is blocked or contradicts its canary.
fn tell(
    args: &TryArgs,
    definition: &Definition,
    paper: &Paper,
    entry: Option<EntryKind>,
    canary: Option<&crate::platform::Canary>,
) -> anyhow::Result<u8> {
    refuse_class_c(definition)?;
    let (entry, extraction) = read_by_entry(definition, paper, entry, args.zone);
    let contradiction = canary.and_then(|canary| canary.contradiction(&extraction));
    if args.json {
        let mut object = serde_json::to_value(&extraction)?;
        object["entry"] = json!(entry_name(entry));
        object["url"] = json!(paper.url);
        object["status"] = json!(paper.status);
        if canary.is_some() {
            object["canary"] = json!({"as_known": contradiction.is_none(), "contradiction": contradiction});
        }
        println!("{}", serde_json::to_string_pretty(&object)?);
    } else {
        print!("{}", told(entry, &extraction));
        canary.iter().for_each(|_| println!("canary: {}", contradiction.as_deref().unwrap_or("as known")));
    }
    let is_live = args.page.is_none() && args.target.as_deref().is_none_or(is_live);
    let is_blocked = matches!(extraction.verdict, Verdict::Blocked { .. });
    Ok(u8::from(is_live && (is_blocked || contradiction.is_some())))
}

fn read_by_entry(
    definition: &Definition,
    paper: &Paper,
    entry: Option<EntryKind>,
    zone: chrono_tz::Tz,
) -> (EntryKind, Extraction) {
    let page = Page {
        url: &paper.url,
        entry: entry.unwrap_or(EntryKind::Account),
        status: paper.status,
        content_type: &paper.content_type,
        text: &paper.text,
        fetched_at: paper.fetched_at,
        zone,
        base: paper.base.trim_end_matches('/'),
    };
    match entry {
        Some(entry) => (entry, extract(definition, &page)),
        None => extract_by_any(definition, &page),
    }
}

fn told(entry: EntryKind, extraction: &Extraction) -> String {
    let verdict = match &extraction.verdict {
        Verdict::Found => "found".to_owned(),
        Verdict::Empty => "empty".to_owned(),
        Verdict::Blocked { reason } => format!("blocked ({reason})"),
    };
    let mut lines = vec![format!("{}: {verdict}", entry_name(entry))];
    for account in &extraction.accounts {
        lines.push(format!("account {}  {}", account.handle, account.url));
        let verification = format!("{} {}", account.verification.kind, account.verification.text);
        let followers = if account.followers == 0 { String::new() } else { account.followers.to_string() };
        let fields = [
            ("name", account.display_name.as_str()),
            ("bio", &account.bio),
            ("verification", verification.trim()),
            ("employer", &account.employer_field),
            ("region", &account.ip_region),
            ("avatar", account.avatar.url.as_deref().unwrap_or_default()),
            ("followers", &followers),
        ];
        lines.extend(field_lines(&fields));
    }
    for post in &extraction.posts {
        lines.push(format!("post {}", post.url));
        let published = post.published.map(|instant| instant.to_string()).unwrap_or_default();
        let author = format!("{} {}", post.account.as_deref().unwrap_or_default(), post.author_name);
        let fields =
            [("author", author.trim()), ("published", &published), ("title", &post.title), ("text", &post.text)];
        lines.extend(field_lines(&fields));
    }
    lines.extend(extraction.follow.iter().map(|link| format!("follow as {}: {}", entry_name(link.entry), link.url)));
    lines.extend(extraction.next.iter().map(|next| format!("next page: {next}")));
    lines.extend(extraction.problems.iter().map(|problem| format!("problem: {problem}")));
    lines.join("\n") + "\n"
}

fn field_lines(fields: &[(&str, &str)]) -> Vec<String> {
    let given = fields.iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("  {name:<13}{}", value.replace('\n', "\n               "))).collect()
}

/// Reads a saved page in the platform's encoding, or as a page from the web is read.
pub(super) fn read_page(path: &Path, definition: &Definition) -> anyhow::Result<String> {
    Ok(decode_as(definition.encoding(), &read_bytes(path, PAGE_BYTES_MAX)?, "", "").into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use url::Url;

    use super::{Paper, is_live, read_by_entry, read_page, told};
    use crate::model::ids::PlatformId;
    use crate::model::time::Timestamp;
    use crate::platform::{Catalog, Definition};

    fn v2ex() -> Definition {
        Catalog::builtin().get(&PlatformId::new("v2ex")).unwrap().clone()
    }

    fn paper(text: &str) -> Paper {
        Paper {
            url: Url::parse("https://forum.example/api/x").unwrap(),
            status: 200,
            content_type: String::new(),
            text: text.to_owned(),
            base: "https://forum.example".to_owned(),
            fetched_at: Timestamp::from_ms(1_795_168_800_000),
        }
    }

    #[test]
    fn the_first_entry_that_finds_something_is_shown() {
        let text =
            r#"{"status":"found","username":"yun_li","url":"/member/yun_li","tagline":"储能","bio":"第一行\n第二行"}"#;
        let (entry, extraction) = read_by_entry(&v2ex(), &paper(text), None, chrono_tz::Asia::Shanghai);
        insta::assert_snapshot!(told(entry, &extraction), @r"
        account: found
        account yun_li  https://forum.example/member/yun_li
          name         yun_li
          bio          储能
        ");
    }

    #[test]
    fn an_entry_that_says_there_is_nothing_is_shown_rather_than_one_that_does_not_fit() {
        let text = r#"{"status":"notfound"}"#;
        let (entry, extraction) = read_by_entry(&v2ex(), &paper(text), None, chrono_tz::Asia::Shanghai);
        assert!(told(entry, &extraction).contains(": empty"), "{}", told(entry, &extraction));
    }

    #[test]
    fn a_saved_page_in_gbk_is_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&encoding_rs::GBK.encode("云舟储能").0).unwrap();
        assert_eq!(read_page(file.path(), &v2ex()).unwrap(), "云舟储能");
    }

    #[test]
    fn only_addresses_of_the_web_are_live() {
        assert!(is_live("https://forum.example/") && is_live("http://forum.example/"));
        assert!(!is_live("page.html") && !is_live("ftp://forum.example/"));
    }
}
