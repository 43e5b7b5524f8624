//! What a platform file or a source would do, in plain words, and what of it differs from what it replaces.

use std::collections::BTreeMap;

use crate::model::source::{EntryKind, Source};
use crate::pipeline::additions::{Item, Replaces, What};
use crate::platform::definition::{Access, Format, entry_name};
use crate::platform::{Class, Definition};
use crate::web::console::frame::Frame;

/// Lines of a difference, and characters of a text from outside, that are shown.
const LINES_SHOWN: usize = 200;
const CHARS_SHOWN: usize = 600;

/// One platform or source of a file.
#[derive(Debug)]
pub(super) struct Card {
    /// Name for people, and identifier.
    pub(super) title: String,
    pub(super) id: String,
    /// Style and words: new, replaced, as it is.
    pub(super) class: &'static str,
    pub(super) state: &'static str,
    pub(super) facts: Vec<(&'static str, String)>,
    /// Lines that go and lines that come, where it replaces something that was added before.
    pub(super) goes: Vec<String>,
    pub(super) comes: Vec<String>,
}

pub(super) fn card(frame: &Frame, item: &Item) -> Card {
    let (class, state) = state(frame, item);
    let (title, mut facts) = match &item.what {
        What::Platform(definition) => (definition.name().to_owned(), of_platform(frame, definition)),
        What::Source(source, definition) => (source.name.clone(), of_source(frame, source, definition.as_deref())),
    };
    facts.retain(|(_, text)| !text.is_empty());
    facts.iter_mut().for_each(|(_, text)| *text = text.chars().take(CHARS_SHOWN).collect());
    let before = if let Replaces::Added(before) = &item.replaces { before.as_str() } else { "" };
    let is_compared = !before.is_empty() && !item.is_settled();
    let lines = |of: &str, without: &str| if is_compared { lines_without(of, without) } else { Vec::new() };
    Card {
        title: title.chars().take(CHARS_SHOWN).collect(),
        id: item.name().chars().take(CHARS_SHOWN).collect(),
        class,
        state,
        facts,
        goes: lines(before, &item.text),
        comes: lines(&item.text, before),
    }
}

fn state(frame: &Frame, item: &Item) -> (&'static str, &'static str) {
    let say = |zh, en| frame.voice.say(zh, en);
    match &item.replaces {
        _ if item.is_settled() => ("plain", say("与现有相同", "as it is already")),
        Replaces::Nothing => ("ok", say("新增", "new")),
        Replaces::BuiltIn => ("warn", say("替换内置的平台文件", "replaces the built-in platform file")),
        Replaces::Added(_) => ("warn", say("替换以前添加的", "replaces what was added before")),
    }
}

/// The lines of a text that another one has not, as often as they are missing there.
fn lines_without(of: &str, without: &str) -> Vec<String> {
    let mut there = BTreeMap::<&str, usize>::new();
    without.lines().for_each(|line| *there.entry(line).or_default() += 1);
    let mut missing = Vec::new();
    for line in of.lines().filter(|line| !line.trim().is_empty()) {
        match there.get_mut(line).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => missing.push(line.chars().take(CHARS_SHOWN).collect()),
        }
    }
    missing.truncate(LINES_SHOWN);
    missing
}

fn of_platform(frame: &Frame, definition: &Definition) -> Vec<(&'static str, String)> {
    let say = |zh, en| frame.voice.say(zh, en);
    let read_on = |day| format!("{}{day}{}", say("（", " (read on "), say(" 读过）", ")"));
    let terms_read = definition.terms_read_on().map(read_on).unwrap_or_default();
    let owner = definition.accounts_of();
    let mut facts = vec![
        (say("类别", "Kind"), definition.kind().to_owned()),
        (say("接入档", "Class"), class(frame, definition.class()).to_owned()),
        (say("另外的途径", "How else"), definition.instead().to_owned()),
        (say("访问方式", "Access"), access(frame, definition.access()).to_owned()),
        (say("会读取", "Would read"), entries(frame, definition)),
        (say("间隔", "Pace"), interval(frame, definition.interval_min_s())),
        ("robots.txt", robots(frame, definition)),
        (say("条款", "Terms"), format!("{}{terms_read}", definition.terms())),
        (say("看不到什么", "Cannot see"), definition.note().to_owned()),
        (say("校验查询", "Canary"), say_yes(frame, definition.canary().is_some()).to_owned()),
        (say("账号归属", "Accounts of"), if owner == definition.id() { String::new() } else { owner.to_string() }),
    ];
    facts.extend(definition.addresses().map(|(kind, address)| (address_of(frame, kind), address)));
    facts
}

fn address_of(frame: &Frame, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Search => frame.voice.say("搜索地址", "Address of searches"),
        EntryKind::Listing => frame.voice.say("列表地址", "Address of lists"),
        EntryKind::Account => frame.voice.say("主页地址", "Address of profiles"),
        EntryKind::Post | EntryKind::Avatar => frame.voice.say("内容地址", "Address of posts"),
    }
}

fn say_yes(frame: &Frame, is_there: bool) -> &'static str {
    if is_there { frame.voice.say("有", "yes") } else { frame.voice.say("没有", "none") }
}

fn class(frame: &Frame, class: Class) -> &'static str {
    match class {
        Class::A => frame.voice.say("A，无需账号即可稳定读取", "A: read as it is, without an account"),
        Class::B => frame.voice.say(
            "B，只偶尔答复陌生访客；来源写明 enabled = true 才访问",
            "B: answers strangers only at times; visited where a source says enabled = true",
        ),
        Class::C => frame.voice.say("C，从不访问", "C: never visited"),
    }
}

fn access(frame: &Frame, access: Access) -> &'static str {
    match access {
        Access::Public => frame.voice.say("公开页面", "public pages"),
        Access::OfficialApi => frame.voice.say("官方接口", "official interface"),
        Access::OperatorBridge => frame.voice.say("自建桥接", "a bridge of the operator"),
    }
}

/// The notes of the file; the rules themselves are asked for and obeyed whatever it says.
fn robots(frame: &Frame, definition: &Definition) -> String {
    let always = frame.say("每次都先读并遵守", "read and obeyed at every visit");
    let note = definition.robots_note();
    if note.is_empty() { always.to_owned() } else { format!("{always}{} {note}", frame.say("；", ";")) }
}

fn interval(frame: &Frame, seconds: f64) -> String {
    let (before, after) =
        (frame.say("同一主机两次请求至少隔", "at least"), frame.say("秒", "s between two requests to a host"));
    format!("{before} {seconds} {after}")
}

fn entries(frame: &Frame, definition: &Definition) -> String {
    let one = |kind| {
        let what = match kind {
            EntryKind::Search => frame.say("按词搜索", "search for terms"),
            EntryKind::Listing => frame.say("最新列表", "list of what is new"),
            EntryKind::Account => frame.say("个人主页", "profiles"),
            EntryKind::Post | EntryKind::Avatar => frame.say("单条内容", "single posts"),
        };
        let format = match definition.format(kind) {
            Some(Format::Json) => "JSON",
            Some(Format::Feed) => frame.say("订阅源", "feed"),
            Some(Format::Sitemap) => frame.say("站点地图", "sitemap"),
            Some(Format::Html) | None => "HTML",
        };
        format!("{what} {} ({format})", entry_name(kind))
    };
    definition.entries().map(one).collect::<Vec<_>>().join(frame.say("、", ", "))
}

fn of_source(frame: &Frame, source: &Source, definition: Option<&Definition>) -> Vec<(&'static str, String)> {
    let say = |zh, en| frame.voice.say(zh, en);
    let platform = definition.map_or_else(String::new, |definition| format!("{} ", definition.name()));
    let values: Vec<String> = source.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let seconds = source.interval_min_s.or(definition.map(Definition::interval_min_s));
    let visited = if source.enabled { say("是", "yes") } else { say("否", "no") };
    vec![
        (say("平台", "Platform"), format!("{platform}({})", source.platform)),
        (say("接入档", "Class"), definition.map(|of| class(frame, of.class()).to_owned()).unwrap_or_default()),
        (say("会读取", "Would read"), definition.map(|of| entries(frame, of)).unwrap_or_default()),
        (say("地址", "Address"), source.base.clone()),
        (say("参数", "Values"), values.join(say("、", ", "))),
        ("robots.txt", definition.map(|of| robots(frame, of)).unwrap_or_default()),
        (say("间隔", "Pace"), seconds.map(|seconds| interval(frame, seconds)).unwrap_or_default()),
        (say("时段", "Hours"), source.active_hours.clone().unwrap_or_default()),
        (say("每日页数上限", "Pages a day"), source.daily_page_cap.map(|cap| cap.to_string()).unwrap_or_default()),
        (say("访问计划", "Schedule"), source.schedule.clone().unwrap_or_default()),
        (say("条款", "Terms"), definition.map(|of| of.terms().to_owned()).unwrap_or_default()),
        (say("可以访问的依据", "Ground"), source.basis.clone()),
        (say("会访问", "Visited"), visited.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::lines_without;

    #[test]
    fn a_line_that_stands_twice_and_once_before_has_come_once() {
        assert_eq!(lines_without("a\nb\nb\n\n", "a\nb\nc"), ["b"]);
        assert_eq!(lines_without("a\nb\nc", "a\nb\nb"), ["c"]);
    }
}
