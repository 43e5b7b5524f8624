//! What the ledgers ask for: files that cannot be read, companies that nobody answers for, lines of the registers that are due,
//! work groups that are not in order. Whoever edits a ledger hears of all of it, a manager of the own company.

use std::collections::BTreeMap;

use crate::casework::rights::Right;
use crate::groups::overview::Overview;
use crate::groups::own_accounts;
use crate::ledger::definition::{ALL, Ledger};
use crate::ledger::groups::GROUPS;
use crate::ledger::lint;
use crate::ledger::managers::MANAGERS;
use crate::model::group::{RegisterFinding, RegisterRule};
use crate::watchlists::Loaded;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::title;
use crate::web::console::reader::Reader;

/// One thing that a ledger asks for.
#[derive(Debug)]
pub(in crate::web::console) struct Item {
    /// Where the reader sees to it; empty where somebody else must.
    pub(in crate::web::console) place: String,
    pub(in crate::web::console) title: &'static str,
    pub(in crate::web::console) said: String,
    /// Whether somebody may go unnoticed until it is mended.
    pub(in crate::web::console) is_grave: bool,
}

/// What the ledgers ask of the reader, in the order of the ledgers.
pub(in crate::web::console) async fn items(console: &Console, reader: &Reader, frame: &Frame) -> Vec<Item> {
    let loaded = console.shell.loaded();
    let keeps_groups = reader.rights.may(Right::KeepGroups);
    let overview = if keeps_groups { console.overview_soon(&reader.world).await } else { None };
    let hears_of_registers =
        keeps_groups || ALL.iter().any(|ledger| is_register(ledger) && reader.rights.may_propose(ledger.name));
    let registers = if hears_of_registers { of_registers(reader, overview.as_deref()) } else { Vec::new() };
    let mut items = Vec::new();
    for ledger in ALL {
        items.extend(broken(&loaded, reader, frame, ledger));
        items.extend(uncovered(&loaded, reader, frame, ledger));
        items.extend(due(&registers, reader, frame, ledger));
        if keeps_groups && ledger.name == GROUPS.name {
            items.extend(of_groups(overview.as_deref(), reader, frame));
        }
    }
    items
}

fn item(frame: &Frame, ledger: &'static Ledger, place: String, said: String) -> Item {
    Item { place, title: title(frame, ledger), said, is_grave: false }
}

fn place_of(ledger: &Ledger) -> String {
    format!("/ledgers/{}", ledger.name)
}

fn broken(loaded: &Loaded, reader: &Reader, frame: &Frame, ledger: &'static Ledger) -> Option<Item> {
    let is_of_ledger = |file: &str| Ledger::of_file(file).is_some_and(|known| known.name == ledger.name);
    let errors = loaded.problems.iter().filter(|problem| problem.is_error() && is_of_ledger(&problem.file)).count();
    let concerns = reader.rights.may_propose(ledger.name) || sees_who_is_in_charge(reader, ledger);
    (errors > 0 && concerns).then(|| {
        let said = match frame.is_english() {
            false => format!("有{errors}处错误；最后一个正确的版本仍在使用"),
            true => format!("{errors} errors; the last good version stays in force"),
        };
        Item { is_grave: true, ..item(frame, ledger, place_of(ledger), said) }
    })
}

fn sees_who_is_in_charge(reader: &Reader, ledger: &Ledger) -> bool {
    ledger.name == MANAGERS.name && reader.rights.may_see_ledger(ledger.name)
}

/// Companies without a designated manager or deputy on the payroll: all of them for whoever sees who is in charge, the own one for
/// its manager.
fn uncovered(loaded: &Loaded, reader: &Reader, frame: &Frame, ledger: &'static Ledger) -> Vec<Item> {
    if ledger.name != MANAGERS.name {
        return Vec::new();
    }
    let sees_all = sees_who_is_in_charge(reader, ledger);
    let place = if sees_all { place_of(ledger) } else { String::new() };
    let concerns =
        |company: &crate::model::company::Company| sees_all || reader.rights.may_in(Right::KeepGroups, &company.code);
    let found = lint::uncovered(&loaded.ledgers).filter(|(company, _)| concerns(company));
    let said = found.map(|(_, problem)| frame.say(&problem.zh, &problem.en).to_owned());
    said.map(|said| Item { is_grave: true, ..item(frame, ledger, place.clone(), said) }).collect()
}

/// How many lines of a register are due, and why: all for whoever edits it, those of the own company for whoever looks after its
/// groups and accounts.
fn due(found: &[RegisterFinding], reader: &Reader, frame: &Frame, ledger: &'static Ledger) -> Option<Item> {
    let sees_all = reader.rights.may_propose(ledger.name);
    let concerns = |finding: &&RegisterFinding| {
        finding.remind
            && register_of(finding.rule) == ledger.name
            && (sees_all || reader.rights.may_in(Right::KeepGroups, &finding.company))
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().filter(concerns).for_each(|finding| *counts.entry(why(frame, finding.rule)).or_default() += 1);
    let (total, reasons) = (counts.values().sum::<usize>(), listed(frame, counts));
    (total > 0).then(|| {
        let said = match frame.is_english() {
            false => format!("{total}行需要处理（{reasons}）"),
            true => format!("{total} lines to see to ({reasons})"),
        };
        item(frame, ledger, place_of(ledger), said)
    })
}

fn listed(frame: &Frame, counts: BTreeMap<&str, usize>) -> String {
    let all: Vec<String> = counts.into_iter().map(|(why, count)| format!("{why} {count}")).collect();
    all.join(frame.say("，", ", "))
}

fn why(frame: &Frame, rule: RegisterRule) -> &'static str {
    let (zh, en) = match rule {
        RegisterRule::AdministratorLeft => ("管理员已离职", "administrator has left"),
        RegisterRule::AccountZombie => ("久未发布", "no post for long"),
        RegisterRule::PendingSla => ("申请超时", "application overdue"),
        RegisterRule::Expiry => ("到期", "ends or has ended"),
    };
    frame.voice.say(zh, en)
}

/// Work groups with findings, and those who left and still hold something, of the companies whose register the reader keeps. While
/// the register is being checked after a change, that is what is said.
fn of_groups(overview: Option<&Overview>, reader: &Reader, frame: &Frame) -> Vec<Item> {
    let of = |place: &str, said: String| item(frame, &GROUPS, place.to_owned(), said);
    let Some(overview) = overview else {
        return vec![of("/groups", frame.say("正在检查，稍后可见", "being checked; look again soon").to_owned())];
    };
    let keeps = |company: &crate::model::ids::CompanyCode| reader.rights.may_in(Right::KeepGroups, company);
    let groups = reader.world.ledgers.groups.iter().filter(|group| keeps(&group.company));
    let asked = groups.filter(|group| overview.findings(&group.id).next().is_some()).count();
    let leavers = overview.leavers.iter().filter(|leaver| keeps(&leaver.company)).count();
    let (of_groups, of_leavers) = match frame.is_english() {
        false => (format!("{asked}个群有需要处理的事项"), format!("{leavers}名离职人员仍在群内或仍持有账号")),
        true => {
            (format!("{asked} groups with something to do"), format!("{leavers} people who left still hold something"))
        }
    };
    let said = [(asked, "/groups?finding=any", of_groups), (leavers, "/groups/leavers", of_leavers)];
    said.into_iter().filter(|(count, ..)| *count > 0).map(|(_, place, said)| of(place, said)).collect()
}

/// What is to be said of the lines of a register that the reader sees: accounts that sleep, administrators who have left,
/// permissions that end. Of any other ledger nothing.
pub(super) fn of_register(reader: &Reader, ledger: &Ledger) -> Vec<RegisterFinding> {
    let found = if is_register(ledger) { of_registers(reader, None) } else { Vec::new() };
    let is_seen = |finding: &RegisterFinding| {
        register_of(finding.rule) == ledger.name && reader.rights.may_see_line(ledger.name, &finding.company)
    };
    found.into_iter().filter(is_seen).collect()
}

/// Taken from what is known of this day already, where it is.
fn of_registers(reader: &Reader, overview: Option<&Overview>) -> Vec<RegisterFinding> {
    let check = || own_accounts::check(&reader.world.ledgers, reader.world.day());
    overview.map_or_else(check, |overview| overview.registers.clone())
}

fn is_register(ledger: &Ledger) -> bool {
    ["official_accounts", "exemptions"].contains(&ledger.name)
}

const fn register_of(rule: RegisterRule) -> &'static str {
    match rule {
        RegisterRule::AdministratorLeft | RegisterRule::AccountZombie => "official_accounts",
        RegisterRule::PendingSla | RegisterRule::Expiry => "exemptions",
    }
}
