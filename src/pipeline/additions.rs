//! Platform files and sources that somebody hands in through the console: read by the code that reads those of the folder, compared
//! with what is there, and put in force only after that was shown. What a token or another way out is needed for stays with the
//! files of the installation.

mod checks;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use crate::casework::world::World;
use crate::config::parse_sources;
use crate::model::added::{Added, AddedKind};
use crate::model::audit::AuditEntry;
use crate::model::finding::Reason;
use crate::model::ids::{PlatformId, SourceId};
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::model::time::Timestamp;
use crate::pace::schedule::last_until;
use crate::pipeline::shell::Shell;
use crate::platform::catalog::BUILTIN;
use crate::platform::definition::DefinitionProblem;
use crate::platform::{Catalog, Definition, FILE_BYTES_MAX};
use crate::store::{SourceState, StoreError};

/// Sources of one file, and everything that may be there at a time.
const SOURCES_MAX: usize = 100;
const ADDED_MAX: usize = 2_000;
/// All texts that are in force at a time, bytes: every process holds them.
const BYTES_MAX: usize = 32 << 20;
/// By this name a file is called where something is wrong with it: its own comes from outside.
const FILE: &str = "file";

/// What a file would add.
#[derive(Debug, Clone, Default)]
pub struct Addition {
    /// A platform, or sources.
    pub items: Vec<Item>,
    /// What keeps all of it from being added.
    pub problems: Vec<Reason>,
    /// Other sources that would be visited from then on, and that would be visited no more.
    pub comes: Vec<SourceId>,
    /// See `comes`.
    pub goes: Vec<SourceId>,
}

/// One platform or source of a file.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is.
    pub what: What,
    /// TOML of it alone.
    pub text: String,
    /// Number of the latest state that is there; 0 where it was never added.
    pub seen: u64,
    /// In whose place it comes.
    pub replaces: Replaces,
}

/// What a file describes.
#[derive(Debug, Clone)]
pub enum What {
    /// A platform.
    Platform(Box<Definition>),
    /// A source, and the platform by which it is read.
    Source(Box<Source>, Option<Box<Definition>>),
}

/// In whose place something comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaces {
    /// Nobody has this name.
    Nothing,
    /// A platform that comes with the program.
    BuiltIn,
    /// What was added under this name before: its text.
    Added(String),
}

impl Item {
    /// What it is.
    pub const fn kind(&self) -> AddedKind {
        match self.what {
            What::Platform(_) => AddedKind::Platform,
            What::Source(..) => AddedKind::Source,
        }
    }

    /// Its identifier.
    pub fn name(&self) -> &str {
        match &self.what {
            What::Platform(definition) => definition.id().as_str(),
            What::Source(source, _) => source.id.as_str(),
        }
    }

    /// Whether it is there already, as it is.
    pub fn is_settled(&self) -> bool {
        matches!(&self.replaces, Replaces::Added(before) if *before == self.text)
    }
}

impl Addition {
    /// Whether something of it comes in the place of something else, which somebody must have said to want.
    pub fn replaces_any(&self) -> bool {
        self.items.iter().any(|item| item.replaces != Replaces::Nothing && !item.is_settled())
    }

    /// Whether there is nothing to add.
    pub fn is_settled(&self) -> bool {
        self.items.iter().all(Item::is_settled)
    }

    /// The states on which it builds, in the order of the file.
    pub fn seen(&self) -> Vec<u64> {
        self.items.iter().map(|item| item.seen).collect()
    }

    /// Whether it describes what was added under the same name before.
    fn is_about(&self, one: &Added) -> bool {
        self.items.iter().any(|item| item.kind() == one.kind && item.name() == one.name)
    }

    fn wrong(problem: Reason) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }
}

/// What a file would add, and everything that is wrong with it.
///
/// # Errors
/// When the database fails.
pub async fn read_addition(shell: &Shell, world: &World, bytes: &[u8]) -> Result<Addition, StoreError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Ok(Addition::wrong(Reason::new(
            format!("文件超过 {} KiB。", FILE_BYTES_MAX >> 10),
            format!("the file is larger than {} KiB", FILE_BYTES_MAX >> 10),
        )));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(Addition::wrong(Reason::new(
            "文件不是 UTF-8 文本，请另存为 UTF-8。",
            "the file is not UTF-8; save it as UTF-8",
        )));
    };
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let there = shell.store.added_files().await?;
    let mut addition = taken_apart(shell, &text);
    for item in &mut addition.items {
        (item.seen, item.replaces) = beside(&there, item);
    }
    // One sentence for the whole file: which of many addresses is meant would say what the expression is.
    if addition.items.iter().any(|item| checks::says_a_secret(world, item)) {
        return Ok(Addition::wrong(Reason::new(
            "文件的地址、参数或查询里有保密词，不能发到站外。",
            "an address, value or query of the file holds a confidential expression, which never leaves the house",
        )));
    }
    let wrong_crons = wrong_crons(world, &addition).await;
    for item in &addition.items {
        addition.problems.extend(checks::problems(shell, item, &wrong_crons));
        addition.problems.extend(moved(shell, item).await?);
    }
    addition.problems.extend(too_much(&there, &addition));
    compare(shell, &there, &mut addition);
    Ok(addition)
}

/// Schedules that cannot be read or never come. To see that one never comes takes a while.
async fn wrong_crons(world: &World, addition: &Addition) -> BTreeSet<String> {
    let schedule = |item: &Item| match &item.what {
        What::Source(source, _) => source.schedule.clone(),
        What::Platform(_) => None,
    };
    let (zone, at) = (world.zone, world.at);
    let all: BTreeSet<String> = addition.items.iter().filter_map(schedule).collect();
    let given = all.clone();
    let wrong = move || given.into_iter().filter(|cron| last_until(cron, zone, at).is_err()).collect();
    tokio::task::spawn_blocking(wrong).await.unwrap_or(all)
}

/// An added platform keeps its site: accounts that are known at one site are not asked for at another.
async fn moved(shell: &Shell, item: &Item) -> Result<Option<Reason>, StoreError> {
    let What::Platform(definition) = &item.what else { return Ok(None) };
    let before = shell.store.added_states(AddedKind::Platform, item.name(), 1).await?.pop();
    let before = before.and_then(|before| Definition::parse(FILE, &before.text).ok());
    let is_moved = before.is_some_and(|before| before.base() != definition.base());
    Ok(is_moved.then(|| {
        Reason::new(
            "`base` 与以前的不同：换了网站的平台请用新的标识 `id`。",
            "`base` differs from what it was: give a platform of another site another `id`",
        )
    }))
}

fn too_much(there: &[Added], addition: &Addition) -> Option<Reason> {
    let kept = there.iter().filter(|one| !one.is_removed && !addition.is_about(one));
    let (files, bytes) = kept.fold((0, 0), |(files, bytes), one| (files + 1, bytes + one.text.len()));
    let bytes = bytes + addition.items.iter().map(|item| item.text.len()).sum::<usize>();
    (files + addition.items.len() > ADDED_MAX || bytes > BYTES_MAX).then(|| {
        let mebibytes = BYTES_MAX >> 20;
        Reason::new(
            format!("在控制台添加的平台和来源最多 {ADDED_MAX} 个、{mebibytes} MiB；更多的请写入 sources.toml。"),
            format!(
                "at most {ADDED_MAX} platforms and sources, of {mebibytes} MiB, are added in the console; write more into sources.toml"
            ),
        )
    })
}

/// Which other sources are visited with it and without it. Those of the installation's own files stay as they are.
fn compare(shell: &Shell, there: &[Added], addition: &mut Addition) {
    let states = addition.items.iter().map(|item| state_of(item, "", shell.clock.now()));
    let kept = there.iter().filter(|one| !addition.is_about(one)).cloned();
    let candidate: Vec<Added> = kept.chain(states).collect();
    let files = shell.site_files();
    let (now, then) = (files.with(there, 0), files.with(&candidate, 0));
    let (own_now, own_then) = (files.visited_of(&now), files.visited_of(&then));
    addition.problems.extend(own_now.symmetric_difference(&own_then).map(of_the_files));
    let ids = |of: &SourceList| of.ids().map(SourceId::new).collect::<BTreeSet<_>>();
    let (now, then) = (ids(&now.sources), ids(&then.sources));
    let is_other = |id: &&SourceId| !addition.items.iter().any(|item| item.name() == id.as_str());
    let comes = then.difference(&now).filter(is_other).cloned().collect();
    let goes = now.difference(&then).filter(is_other).cloned().collect();
    (addition.comes, addition.goes) = (comes, goes);
}

fn of_the_files(id: &SourceId) -> Reason {
    Reason::new(
        format!("sources.toml 的来源「{id}」会因此开始或停止被访问，只能由系统运维决定。"),
        format!("source {id} of sources.toml would be visited, or no more; that is for the operator to decide"),
    )
}

/// The latest state under the name of an item, and in whose place it would come.
fn beside(there: &[Added], item: &Item) -> (u64, Replaces) {
    let known = there.iter().find(|one| one.kind == item.kind() && one.name == item.name());
    let seen = known.map_or(0, |one| one.version);
    match known.filter(|one| !one.is_removed) {
        Some(one) => (seen, Replaces::Added(one.text.clone())),
        None if item.kind() == AddedKind::Platform && is_built_in(item.name()) => (seen, Replaces::BuiltIn),
        None => (seen, Replaces::Nothing),
    }
}

/// Whether a platform comes with the program.
pub(super) fn is_built_in(id: &str) -> bool {
    BUILTIN.iter().any(|(file, _)| file.strip_suffix(".toml") == Some(id))
}

/// A list of sources has tables of that name, a platform file has none.
fn taken_apart(shell: &Shell, text: &str) -> Addition {
    match text.parse::<Table>() {
        Ok(table) if table.contains_key("source") => sources_of(shell, text, &table),
        _ => platform_of(text),
    }
}

fn platform_of(text: &str) -> Addition {
    match Definition::parse(FILE, text) {
        Ok(definition) => {
            let what = What::Platform(Box::new(definition));
            let item = Item { what, text: text.to_owned(), seen: 0, replaces: Replaces::Nothing };
            Addition { items: vec![item], ..Addition::default() }
        }
        Err(error) => Addition { problems: error.problems.iter().map(at_line).collect(), ..Addition::default() },
    }
}

fn at_line(problem: &DefinitionProblem) -> Reason {
    let DefinitionProblem { line, key, message } = problem;
    let key = if key.is_empty() { String::new() } else { format!("`{key}` ") };
    Reason::new(format!("文件第{line}行：{key}{}", words::wrong(message)), format!("file line {line}: {key}{message}"))
}

fn sources_of(shell: &Shell, text: &str, table: &Table) -> Addition {
    let strange: Vec<Reason> = table.keys().filter(|key| *key != "source").map(|key| strange_key(key)).collect();
    let (Some(Value::Array(listed)), true) = (table.get("source"), strange.is_empty()) else {
        let problems = if strange.is_empty() { vec![no_list()] } else { strange };
        return Addition { problems, ..Addition::default() };
    };
    if listed.is_empty() || listed.len() > SOURCES_MAX {
        return Addition::wrong(Reason::new(
            format!("一个文件里要有 1 到 {SOURCES_MAX} 个来源。"),
            format!("a file holds 1 to {SOURCES_MAX} sources"),
        ));
    }
    let mut addition = Addition::default();
    let catalog = shell.catalog();
    for (number, value) in listed.iter().enumerate() {
        match one_source(&catalog, value) {
            Ok(item) if addition.items.iter().any(|other| other.name() == item.name()) => {
                addition.problems.push(at_source(text, number, "`id` 重复", "`id` is given twice"));
            }
            Ok(item) => addition.items.push(item),
            Err(why) => addition.problems.push(at_source(text, number, &words::wrong(&why), &why)),
        }
    }
    addition
}

/// A source as a file of its own: comments go, every key that was given stays.
fn one_source(catalog: &Catalog, value: &Value) -> Result<Item, String> {
    let alone = Table::from_iter([("source".to_owned(), Value::Array(vec![value.clone()]))]);
    let text = toml::to_string(&alone).map_err(|error| error.to_string())?;
    let (mut sources, problems) = parse_sources(Path::new(FILE), &text).map_err(|error| error.to_string())?;
    let first = problems.first().map(ToString::to_string);
    let said = |problem: String| problem.trim_start_matches(&format!("{FILE}: source 1: ")).to_owned();
    let source = sources.pop().ok_or_else(|| first.map_or_else(String::new, said))?;
    let definition = catalog.get(&source.platform).cloned().map(Box::new);
    Ok(Item { what: What::Source(Box::new(source), definition), text, seen: 0, replaces: Replaces::Nothing })
}

/// A problem with the line on which its source begins.
fn at_source(text: &str, number: usize, zh: &str, en: &str) -> Reason {
    let headers = text.lines().zip(1..).filter(|(line, _)| line.trim_start().starts_with("[[source]]"));
    match headers.map(|(_, line)| line).nth(number) {
        Some(line) => Reason::new(
            format!("文件第{line}行（第{}个来源）：{zh}", number + 1),
            format!("file line {line} (source {}): {en}", number + 1),
        ),
        None => Reason::new(format!("第{}个来源：{zh}", number + 1), format!("source {}: {en}", number + 1)),
    }
}

fn strange_key(key: &str) -> Reason {
    Reason::new(
        format!("来源清单里不认识「{key}」：只写 [[source]]，平台文件另外上传。"),
        format!(
            "`{key}` is not known in a list of sources: write [[source]] only, and hand in platform files by themselves"
        ),
    )
}

fn no_list() -> Reason {
    Reason::new("每个来源写成一段 [[source]]。", "write each source as [[source]]")
}

/// Puts an addition in force; false, and nothing changed, where somebody else changed the same meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn put_in_force(shell: &Shell, addition: &Addition, audit: &AuditEntry) -> Result<bool, StoreError> {
    let changed = addition.items.iter().filter(|item| !item.is_settled());
    let states: Vec<(Added, AuditEntry)> = changed
        .map(|item| {
            let state = state_of(item, &audit.actor, audit.at);
            let audit = audit_of(&state, audit);
            (state, audit)
        })
        .collect();
    let is_done = shell.store.add_files(&states).await?;
    shell.refresh_sites().await?;
    if is_done {
        begin_anew(shell, addition).await?;
    }
    Ok(is_done)
}

/// What was known of a source at another site says nothing of this one: neither what became of its visits nor what waits of them.
async fn begin_anew(shell: &Shell, addition: &Addition) -> Result<(), StoreError> {
    for item in &addition.items {
        if let (What::Source(source, _), Replaces::Added(before)) = (&item.what, &item.replaces)
            && is_elsewhere(source, before)
        {
            let waiting_until = shell.clock.now().plus_ms(1);
            shell.store.save_source_state(&SourceState::new(source.id.clone())).await?;
            shell.store.drop_stranded(std::slice::from_ref(&source.id), waiting_until).await?;
        }
    }
    Ok(())
}

fn is_elsewhere(source: &Source, before: &str) -> bool {
    let before = parse_sources(Path::new(FILE), before).ok().and_then(|(mut sources, _)| sources.pop());
    before.is_some_and(|before| before.base != source.base || before.platform != source.platform)
}

fn state_of(item: &Item, author: &str, at: Timestamp) -> Added {
    Added {
        kind: item.kind(),
        name: item.name().to_owned(),
        version: item.seen + 1,
        is_removed: false,
        text: item.text.clone(),
        author: author.to_owned(),
        at,
    }
}

fn audit_of(state: &Added, audit: &AuditEntry) -> AuditEntry {
    let object = format!("{}/{}", state.kind.word(), state.name);
    AuditEntry { object, detail: format!("version {}", state.version), ..audit.clone() }
}

/// What became of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is no longer in force.
    Done,
    /// There is nothing of that name, or it was removed before.
    Nothing,
    /// Somebody else changed it meanwhile.
    Changed,
    /// These sources are read by it.
    Used(Vec<String>),
}

/// Takes out of force what was added, where it is still the state that was seen.
///
/// # Errors
/// When the database fails.
pub async fn remove_added(
    shell: &Shell,
    kind: AddedKind,
    name: &str,
    seen: u64,
    audit: &AuditEntry,
) -> Result<Removal, StoreError> {
    let latest = shell.store.added_states(kind, name, 1).await?.pop();
    let Some(latest) = latest.filter(|one| !one.is_removed) else { return Ok(Removal::Nothing) };
    if latest.version != seen {
        return Ok(Removal::Changed);
    }
    let users = if kind == AddedKind::Platform && !is_built_in(name) { users_of(shell, name) } else { Vec::new() };
    if !users.is_empty() {
        return Ok(Removal::Used(users));
    }
    let (version, author, at) = (seen + 1, audit.actor.clone(), audit.at);
    let state = Added { version, is_removed: true, author, at, ..latest };
    let audit = audit_of(&state, audit);
    let is_done = shell.store.add_files(&[(state, audit)]).await?;
    shell.refresh_sites().await?;
    Ok(if is_done { Removal::Done } else { Removal::Changed })
}

fn users_of(shell: &Shell, platform: &str) -> Vec<String> {
    let platform = PlatformId::new(platform);
    shell.sources().iter().filter(|source| source.platform == platform).map(|source| source.id.to_string()).collect()
}
