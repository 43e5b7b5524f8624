//! What is asked of a platform or source from the console beyond what its file must say and what nobody may add: that it takes no
//! name of the installation's own files, needs no secret of theirs, can be visited, sends nothing confidential, and says on what
//! ground.

use std::collections::BTreeSet;

use crate::casework::world::World;
use crate::model::finding::Reason;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::additions::{Item, What};
use crate::pipeline::shell::Shell;
use crate::pipeline::sites::{SiteFiles, no_platform, short};
use crate::platform::{Definition, UrlError, Values};

/// Most characters of what people read, and of an address.
const NAME_CHARS_MAX: usize = 60;
const BASIS_CHARS_MAX: usize = 300;
const BASE_CHARS_MAX: usize = 2_000;
/// Names of pages beside those of sources.
const TAKEN: [&str; 2] = ["files", "live"];
/// Searched for where an address is only looked at.
const ANY_WORD: &str = "x";

/// Everything that keeps an item from being added; these schedules never come.
pub(super) fn problems(shell: &Shell, item: &Item, wrong_crons: &BTreeSet<String>) -> Vec<Reason> {
    let files = shell.site_files();
    match &item.what {
        What::Platform(definition) => of_platform(files, definition),
        What::Source(source, definition) => {
            let mut problems = of_source(shell, source, &item.text, wrong_crons);
            match definition {
                Some(definition) => {
                    problems.extend(files.bounds_of_source(source, definition));
                    problems.extend(of_addresses(source, definition));
                }
                None => problems.push(no_platform(source)),
            }
            problems
        }
    }
}

fn of_platform(files: &SiteFiles, definition: &Definition) -> Vec<Reason> {
    let mut problems = files.bounds_of_platform(definition);
    if definition.id().as_str().is_empty() {
        problems.push(Reason::new("平台没有标识 `id`。", "the platform has no `id`"));
    }
    problems
}

fn of_source(shell: &Shell, source: &Source, text: &str, wrong_crons: &BTreeSet<String>) -> Vec<Reason> {
    let id = source.id.as_str();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_id = (1..=64).contains(&id.len()) && id.chars().all(is_plain) && !TAKEN.contains(&id);
    let is_fit = |text: &str, most: usize| text.chars().count() <= most && !text.contains(char::is_control);
    let has_token = source.token.is_some() || text.contains("token_header");
    let labels = shell.sources().iter().any(|known| known.egress == source.egress);
    let is_wrong_cron = source.schedule.as_ref().is_some_and(|cron| wrong_crons.contains(cron));
    let checks = [
        (
            !is_id,
            "`id` 只用字母、数字、_ 和 -，最多64个，且不能是 files 或 live",
            "`id` has 1 to 64 letters, digits, _ and -, and is neither `files` nor `live`",
        ),
        (
            shell.site_files().has_source(&source.id),
            "sources.toml 里已有这个 `id`，以文件为准；请系统运维在那里修改",
            "sources.toml has this `id` already, and goes first; ask the operator to change it there",
        ),
        (
            source.basis.trim().is_empty() || !is_fit(&source.basis, BASIS_CHARS_MAX),
            "请在 `basis` 写明为什么可以访问（条款、评估编号），最多300字",
            "say in `basis` why it may be read (terms, assessment number), in at most 300 characters",
        ),
        (
            !is_fit(&source.name, NAME_CHARS_MAX),
            "`name` 最多60字，写在一行内",
            "`name` has at most 60 characters on one line",
        ),
        (!is_fit(&source.base, BASE_CHARS_MAX), "`base` 太长", "`base` is too long"),
        (
            has_token,
            "用令牌的来源只能由系统运维写入 sources.toml：令牌属于机器",
            "a source with a token is written into sources.toml by the operator: tokens belong to the machine",
        ),
        (
            !source.egress.is_empty() && !labels,
            "还没有来源使用这个出口 `egress`；新的出口请系统运维写入 sources.toml 并重启",
            "no source has this `egress` yet; ask the operator to write a new one into sources.toml and to restart",
        ),
        (
            is_wrong_cron,
            "`schedule` 不是可以读懂的 cron 表达式，如 `0 2 * * *`",
            "`schedule` is no cron expression such as `0 2 * * *`",
        ),
    ];
    checks.into_iter().filter(|(is_wrong, ..)| *is_wrong).map(|(_, zh, en)| about(source, zh, en)).collect()
}

/// Whether something of it that goes out holds a confidential expression, also where it is percent-encoded.
pub(super) fn says_a_secret(world: &World, item: &Item) -> bool {
    let texts = match &item.what {
        What::Platform(definition) => texts_of_platform(definition),
        What::Source(source, definition) => texts_of_source(source, definition.as_deref()),
    };
    texts.iter().any(|text| {
        let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        world.is_secret(text) || world.is_secret(&plain)
    })
}

fn texts_of_platform(definition: &Definition) -> Vec<String> {
    let mut texts: Vec<String> = definition.addresses().map(|(_, address)| address).collect();
    texts.extend(definition.base().map(str::to_owned));
    if let Some(canary) = definition.canary() {
        texts.extend([&canary.term, &canary.handle, &canary.id].into_iter().flatten().cloned());
        texts.extend(canary.url.iter().map(ToString::to_string));
        texts.extend(canary.further.values().cloned());
    }
    texts
}

/// Also the addresses that its values make: an expression may be in two parts.
fn texts_of_source(source: &Source, definition: Option<&Definition>) -> Vec<String> {
    let values = some_values(source);
    let made =
        definition.map(|of| of.addresses().filter_map(|(kind, _)| of.url(kind, &values).ok()).collect::<Vec<_>>());
    let texts = std::iter::once(source.base.clone()).chain(source.values.values().cloned());
    texts.chain(made.into_iter().flatten().map(String::from)).collect()
}

fn some_values(source: &Source) -> Values {
    let any = Some(ANY_WORD.to_owned());
    let (term, handle, id) = (any.clone(), any.clone(), any);
    Values { base: source.base.clone(), term, handle, id, further: source.values.clone(), ..Values::default() }
}

/// Whether the source has all that the addresses of its lists and searches ask for.
fn of_addresses(source: &Source, definition: &Definition) -> Vec<Reason> {
    let values = some_values(source);
    let begins = [EntryKind::Search, EntryKind::Listing].into_iter().filter(|kind| definition.has(*kind));
    let wrong = begins.filter_map(|kind| definition.url(kind, &values).err());
    wrong.map(|error| about(source, &in_chinese(&error), &error.to_string())).collect()
}

fn in_chinese(error: &UrlError) -> String {
    match error {
        UrlError::NoAddress { entry, .. } => format!("平台文件的 {entry} 没有地址"),
        UrlError::NoValue { entry, name, .. } => format!("平台文件的 {entry} 需要 {{{name}}}，请在 `values` 里写明"),
        UrlError::NotAnAddress { entry, .. } => format!("{entry} 得不出网页地址，请检查 `base`"),
    }
}

fn about(source: &Source, zh: &str, en: &str) -> Reason {
    let id = short(source.id.as_str());
    Reason::new(format!("来源「{id}」：{zh}。"), format!("source {id}: {en}"))
}
