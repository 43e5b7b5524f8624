//! What is asked of a platform or source from the console beyond what its file must say: that it takes no name of the
//! installation's own files, needs no secret of theirs, is admitted, can be visited, and says on what ground.

use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::model::finding::Reason;
use crate::model::source::{EntryKind, Source};
use crate::pace::schedule::last_until;
use crate::pipeline::additions::{Item, What};
use crate::pipeline::shell::Shell;
use crate::platform::definition::Values;
use crate::platform::{Class, Definition};

/// Most characters of what people read, and of an address.
const NAME_CHARS_MAX: usize = 60;
const BASIS_CHARS_MAX: usize = 300;
const BASE_CHARS_MAX: usize = 2_000;
/// Names of pages beside those of sources.
const TAKEN: [&str; 2] = ["files", "live"];
/// Searched for where an address is only looked at.
const ANY_WORD: &str = "x";

/// Everything that keeps an item from being added.
pub(super) fn problems(shell: &Shell, world: &World, item: &Item) -> Vec<Reason> {
    match &item.what {
        What::Platform(definition) => of_platform(shell, definition),
        What::Source(source, definition) => {
            let mut problems = of_source(shell, world, source, &item.text);
            match definition {
                Some(definition) => problems.extend(of_visits(source, definition)),
                None => problems.push(about(
                    source,
                    "没有这个平台，请先添加它的平台文件",
                    "its platform is not known; add its platform file first",
                )),
            }
            problems
        }
    }
}

fn of_platform(shell: &Shell, definition: &Definition) -> Vec<Reason> {
    let id = definition.id().as_str();
    let mut problems = Vec::new();
    if id.is_empty() {
        problems.push(Reason::new("平台没有标识 `id`。", "the platform has no `id`"));
    }
    if shell.site_files().has_platform(id) {
        problems.push(Reason::new(
            format!("平台文件夹里已有「{id}」，以文件夹为准；请系统运维在那里修改。"),
            format!(
                "the folder of platform files has {id} already, and goes first; ask the operator to change it there"
            ),
        ));
    }
    // What is never visited does not become visited by a form of the console.
    let is_closed =
        crate::platform::Catalog::builtin().get(definition.id()).is_some_and(|known| known.class() == Class::C);
    if is_closed {
        problems.push(Reason::new(
            format!("「{id}」是从不访问的平台（C 档），不能在这里替换。"),
            format!("{id} is a platform that is never visited (class C), and is not replaced here"),
        ));
    }
    problems
}

fn of_source(shell: &Shell, world: &World, source: &Source, text: &str) -> Vec<Reason> {
    let id = source.id.as_str();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_id = (1..=64).contains(&id.len()) && id.chars().all(is_plain) && !TAKEN.contains(&id);
    let is_fit = |text: &str, most: usize| text.chars().count() <= most && !text.contains(char::is_control);
    let has_token = source.token.is_some() || text.contains("token_header");
    let labels = shell.sources().iter().any(|known| known.egress == source.egress);
    let words = std::iter::once(source.base.as_str()).chain(source.values.values().map(String::as_str));
    let is_secret = words.into_iter().any(|word| says_a_secret(world, word));
    let cron = source.schedule.as_deref().map(|cron| last_until(cron, world.zone, world.at));
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
            "没有进程使用过这个出口 `egress`；新的出口请系统运维写入 sources.toml 并重启",
            "no source has this `egress` yet; ask the operator to write a new one into sources.toml and to restart",
        ),
        (
            is_secret,
            "地址或参数里有保密词，不能发到站外",
            "the address or a value holds a confidential expression, which never leaves the house",
        ),
        (
            matches!(cron, Some(Err(_))),
            "`schedule` 不是可以读懂的 cron 表达式，如 `0 2 * * *`",
            "`schedule` is no cron expression such as `0 2 * * *`",
        ),
    ];
    checks.into_iter().filter(|(is_wrong, ..)| *is_wrong).map(|(_, zh, en)| about(source, zh, en)).collect()
}

/// Also where it is percent-encoded.
fn says_a_secret(world: &World, text: &str) -> bool {
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    masked(&world.watch, &plain) != plain
}

/// Whether its platform is visited, and the source has all that the addresses of its lists and searches ask for.
fn of_visits(source: &Source, definition: &Definition) -> Vec<Reason> {
    match definition.class() {
        Class::C => {
            let instead = definition.instead();
            return vec![about(
                source,
                &format!("这个平台从不访问（C 档）。{instead}"),
                &format!("its platform is never visited (class C). {instead}"),
            )];
        }
        Class::B if !source.enabled_expressly => {
            return vec![about(
                source,
                "这个平台只偶尔答复陌生访客（B 档）；确实要访问的，写明 `enabled = true`",
                "its platform answers strangers only at times (class B); write `enabled = true` if it may be visited all the same",
            )];
        }
        Class::A | Class::B => {}
    }
    let (base, term, further) = (source.base.clone(), Some(ANY_WORD.to_owned()), source.values.clone());
    let values = Values { base, term, further, ..Values::default() };
    let begins = [EntryKind::Search, EntryKind::Listing].into_iter().filter(|kind| definition.has(*kind));
    let wrong = begins.filter_map(|kind| definition.url(kind, &values).err());
    wrong.map(|error| about(source, &error.to_string(), &error.to_string())).collect()
}

fn about(source: &Source, zh: &str, en: &str) -> Reason {
    let id: String = source.id.as_str().chars().take(NAME_CHARS_MAX).collect();
    Reason::new(format!("来源「{id}」：{zh}。"), format!("source {id}: {en}"))
}
