//! `wanglou platform`: which platforms are known, whether a file is right, and what a saved page gives.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use comfy_table::Table;
use serde_json::json;
use url::Url;

use crate::clock::Clock;
use crate::model::capture::Verdict;
use crate::model::ids::PlatformId;
use crate::model::source::EntryKind;
use crate::platform::definition::{entry_name, entry_named};
use crate::platform::sample::check_sample;
use crate::platform::{Catalog, Definition, Extraction, Page, extract};

const PAGE_BYTES_MAX: u64 = 16 << 20;
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Address of a saved page whose own is not given.
const SAVED_ADDRESS: &str = "https://saved.example/";

/// Arguments of `wanglou platform`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou platform list
  wanglou platform check platforms/forum.toml")]
pub struct PlatformArgs {
    /// What to do with them.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the platforms that sources may name, and what each cannot see.
    #[command(after_help = "Examples:\n  wanglou platform list\n  wanglou platform list --json platforms/forum.toml")]
    List {
        /// Platform files of your own, beside the built-in ones.
        files: Vec<PathBuf>,
        /// One JSON array on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Checks platform files and names every mistake with its line.
    #[command(
        after_help = "Examples:\n  wanglou platform check platforms/forum.toml\n  wanglou platform check --samples pages/ platforms/forum.toml"
    )]
    Check {
        /// Platform files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Folder with the pages of the files' samples; each must give what the sample says.
        #[arg(long)]
        samples: Option<PathBuf>,
    },
    /// Shows what a saved page gives.
    #[command(
        after_help = "Examples:\n  wanglou platform try platforms/forum.toml --page saved.html --entry search\n  wanglou platform try v2ex --page latest.json --json"
    )]
    Try(TryArgs),
}

#[derive(Debug, Args)]
struct TryArgs {
    /// A platform file, or the identifier of a built-in platform.
    platform: String,
    /// The saved page.
    #[arg(long)]
    page: PathBuf,
    /// Entry by which it is read: search, listing, account or post. Without it, the first that finds something.
    #[arg(long, value_parser = parse_entry)]
    entry: Option<EntryKind>,
    /// Address from which it was saved; relative links are read against it.
    #[arg(long, default_value = SAVED_ADDRESS)]
    url: Url,
    /// The source's base address; that of the page's host when none is given.
    #[arg(long)]
    base: Option<String>,
    /// HTTP status with which it came.
    #[arg(long, default_value_t = 200)]
    status: u16,
    /// Time zone of its dates, where the platform file names none.
    #[arg(long, default_value = "Asia/Shanghai", value_parser = parse_zone)]
    zone: chrono_tz::Tz,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

fn parse_entry(text: &str) -> Result<EntryKind, String> {
    entry_named(text).ok_or_else(|| "expected search, listing, account or post".to_owned())
}

fn parse_zone(text: &str) -> Result<chrono_tz::Tz, String> {
    text.parse().map_err(|_| "expected the name of a time zone such as Asia/Shanghai".to_owned())
}

/// Runs the command. The code is 0 when all is well, 1 when a page gives something else than its sample says, and 2 when
/// a file is wrong. Errors mean that the call is wrong.
pub fn run(args: &PlatformArgs, clock: &Clock) -> anyhow::Result<u8> {
    match &args.command {
        Command::List { files, json } => list(files, *json),
        Command::Check { files, samples } => check(files, samples.as_deref()),
        Command::Try(args) => try_page(args, clock),
    }
}

fn list(files: &[PathBuf], as_json: bool) -> anyhow::Result<u8> {
    let named = files.iter().map(|file| Ok((file.display().to_string(), read_file(file)?)));
    let (catalog, problems) = Catalog::with(&named.collect::<anyhow::Result<Vec<_>>>()?);
    if as_json {
        let platforms: Vec<_> = catalog.iter().map(as_json_object).collect();
        println!("{}", serde_json::to_string_pretty(&platforms)?);
    } else {
        println!("{}", table(&catalog));
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn as_json_object(definition: &Definition) -> serde_json::Value {
    json!({
        "id": definition.id(),
        "name": definition.name(),
        "kind": definition.kind(),
        "access": definition.access(),
        "entries": definition.entries().map(entry_name).collect::<Vec<_>>(),
        "interval_min_s": definition.interval_min_s(),
        "terms_read_on": definition.terms_read_on().map(|day| day.to_string()),
        "cannot_see": definition.note(),
    })
}

fn table(catalog: &Catalog) -> Table {
    let mut table = crate::cli::table(&["平台", "名称", "类别", "入口", "看不到什么"]);
    for definition in catalog.iter() {
        let entries: Vec<&str> = definition.entries().map(entry_name).collect();
        let (id, name, kind) = (definition.id().as_str(), definition.name(), definition.kind());
        table.add_row([id, name, kind, &entries.join(" "), definition.note()]);
    }
    table
}

fn check(files: &[PathBuf], samples: Option<&Path>) -> anyhow::Result<u8> {
    let mut worst = 0;
    for file in files {
        let name = file.display().to_string();
        match Definition::parse(&name, &read_file(file)?) {
            Ok(definition) => worst = worst.max(check_samples(&name, &definition, samples)),
            Err(error) => {
                eprintln!("{error}");
                worst = 2;
            }
        }
    }
    Ok(worst)
}

fn check_samples(name: &str, definition: &Definition, folder: Option<&Path>) -> u8 {
    let Some(folder) = folder else {
        println!("{name}: ok ({} samples not read, give their folder with --samples)", definition.samples().len());
        return 0;
    };
    let check = |sample: &crate::platform::Sample| match read_page(&folder.join(&sample.page), definition) {
        Ok(text) => check_sample(definition, sample, &text),
        Err(error) => vec![format!("{error:#}")],
    };
    let differences: Vec<String> = definition.samples().iter().flat_map(check).collect();
    for difference in &differences {
        eprintln!("{name}: {difference}");
    }
    if differences.is_empty() {
        println!("{name}: ok ({} samples)", definition.samples().len());
    }
    u8::from(!differences.is_empty())
}

fn try_page(args: &TryArgs, clock: &Clock) -> anyhow::Result<u8> {
    let definition = match definition(&args.platform)? {
        Ok(definition) => definition,
        Err(error) => {
            eprintln!("{error}");
            return Ok(2);
        }
    };
    let text = read_page(&args.page, &definition)?;
    let (entry, extraction) = read_by_entry(args, &definition, &text, clock);
    if args.json {
        let mut object = serde_json::to_value(&extraction)?;
        object["entry"] = json!(entry_name(entry));
        println!("{}", serde_json::to_string_pretty(&object)?);
    } else {
        print!("{}", told(entry, &extraction));
    }
    Ok(0)
}

fn definition(platform: &str) -> anyhow::Result<Result<Definition, crate::platform::DefinitionError>> {
    let path = Path::new(platform);
    if path.exists() {
        return Ok(Definition::parse(platform, &read_file(path)?));
    }
    let Some(known) = Catalog::builtin().get(&PlatformId::new(platform)).cloned() else {
        bail!("there is no file and no built-in platform `{platform}`; `wanglou platform list` shows those known");
    };
    Ok(Ok(known))
}

fn read_by_entry(args: &TryArgs, definition: &Definition, text: &str, clock: &Clock) -> (EntryKind, Extraction) {
    let base = args.base.clone().unwrap_or_else(|| args.url.origin().ascii_serialization());
    let read = |entry| {
        let page = Page {
            url: &args.url,
            entry,
            status: args.status,
            content_type: "",
            text,
            fetched_at: clock.now(),
            zone: args.zone,
            base: base.trim_end_matches('/'),
        };
        (entry, extract(definition, &page))
    };
    if let Some(entry) = args.entry {
        return read(entry);
    }
    let mut tried: Vec<(EntryKind, Extraction)> = definition.entries().map(read).collect();
    let found = tried.iter().position(|(_, extraction)| extraction.verdict == Verdict::Found);
    // A checked definition has at least one entry.
    tried.swap_remove(found.unwrap_or(0))
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

fn read_file(path: &Path) -> anyhow::Result<String> {
    let bytes = read_bytes(path, FILE_BYTES_MAX)?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8; save it as UTF-8", path.display()))
}

/// Reads a saved page in the platform's encoding; otherwise as UTF-8, or as GB18030 where it is none.
fn read_page(path: &Path, definition: &Definition) -> anyhow::Result<String> {
    let bytes = read_bytes(path, PAGE_BYTES_MAX)?;
    let stated = definition.encoding().and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    let is_utf8 = std::str::from_utf8(&bytes).is_ok();
    let encoding = stated.unwrap_or(if is_utf8 { encoding_rs::UTF_8 } else { encoding_rs::GB18030 });
    Ok(encoding.decode(&bytes).0.into_owned())
}

fn read_bytes(path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let size = fs::metadata(path).with_context(|| format!("cannot read {name}"))?.len();
    if size > max {
        bail!("{name} has {size} bytes, at most {max} are read");
    }
    fs::read(path).with_context(|| format!("cannot read {name}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use clap::Parser;

    use super::{Command, PlatformArgs, TryArgs, definition, read_by_entry, read_page, told};
    use crate::clock::Clock;
    use crate::model::time::Timestamp;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        platform: PlatformArgs,
    }

    fn parsed(words: &[&str]) -> TryArgs {
        let program = Program::try_parse_from([["wanglou", "try"].as_slice(), words].concat()).unwrap();
        match program.platform.command {
            Command::Try(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_entry_that_finds_something_is_shown() {
        let args = parsed(&["v2ex", "--page", "member.json", "--url", "https://forum.example/api/x"]);
        let platform = definition("v2ex").unwrap().unwrap();
        let text =
            r#"{"status":"found","username":"yun_li","url":"/member/yun_li","tagline":"储能","bio":"第一行\n第二行"}"#;
        let clock = Clock::standing_at(Timestamp::from_ms(1_795_168_800_000));
        let (entry, extraction) = read_by_entry(&args, &platform, text, &clock);
        insta::assert_snapshot!(told(entry, &extraction), @r"
        account: found
        account yun_li  https://forum.example/member/yun_li
          name         yun_li
          bio          储能
        ");
    }

    #[test]
    fn a_saved_page_in_gbk_is_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&encoding_rs::GBK.encode("云舟储能").0).unwrap();
        let platform = definition("v2ex").unwrap().unwrap();
        assert_eq!(read_page(file.path(), &platform).unwrap(), "云舟储能");
    }

    #[test]
    fn an_unknown_platform_is_named() {
        let error = definition("nowhere").unwrap_err();
        assert!(error.to_string().contains("`nowhere`"), "{error}");
    }

    #[test]
    fn an_entry_that_does_not_exist_is_refused() {
        assert!(Program::try_parse_from(["wanglou", "try", "v2ex", "--page", "x", "--entry", "home"]).is_err());
    }
}
