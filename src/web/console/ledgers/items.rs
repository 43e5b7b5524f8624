//! What the ledgers ask for: files that cannot be read, companies that nobody answers for, lines of the registers that are due.

use crate::groups::own_accounts;
use crate::ledger::definition::{ALL, Ledger};
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
    /// Name of the ledger in addresses.
    pub(in crate::web::console) name: &'static str,
    pub(in crate::web::console) title: &'static str,
    pub(in crate::web::console) said: String,
    /// Whether somebody may go unnoticed until it is mended.
    pub(in crate::web::console) is_grave: bool,
}

/// What the ledgers ask of the reader, who edits them or sees who is in charge.
pub(in crate::web::console) fn items(console: &Console, reader: &Reader, frame: &Frame) -> Vec<Item> {
    let loaded = console.shell.loaded();
    let concerns = |ledger: &&'static Ledger| {
        let sees_who_is_in_charge = ledger.name == MANAGERS.name && reader.rights.may_see_ledger(ledger.name);
        reader.rights.may_propose(ledger.name) || sees_who_is_in_charge
    };
    let concerning: Vec<&'static Ledger> = ALL.into_iter().filter(concerns).collect();
    let has_registers = concerning.iter().any(|ledger| is_register(ledger));
    let found = if has_registers { of_registers(reader) } else { Vec::new() };
    let said = |ledger: &'static Ledger| {
        let grave = broken(&loaded, frame, ledger).into_iter().chain(uncovered(&loaded, frame, ledger));
        let due = due(&found, frame, ledger).into_iter().map(|said| (said, false));
        let of_ledger = grave.map(|said| (said, true)).chain(due).collect::<Vec<_>>();
        of_ledger.into_iter().map(|(said, is_grave)| Item {
            name: ledger.name,
            title: title(frame, ledger),
            said,
            is_grave,
        })
    };
    concerning.into_iter().flat_map(said).collect()
}

fn broken(loaded: &Loaded, frame: &Frame, ledger: &Ledger) -> Option<String> {
    let is_of_ledger = |file: &str| Ledger::of_file(file).is_some_and(|known| known.name == ledger.name);
    let errors = loaded.problems.iter().filter(|problem| problem.is_error() && is_of_ledger(&problem.file)).count();
    (errors > 0).then(|| match frame.is_english() {
        false => format!("有{errors}处错误；最后一个正确的版本仍在使用"),
        true => format!("{errors} errors; the last good version stays in force"),
    })
}

/// Companies without a designated manager or deputy on the payroll.
fn uncovered(loaded: &Loaded, frame: &Frame, ledger: &Ledger) -> Vec<String> {
    if ledger.name != MANAGERS.name {
        return Vec::new();
    }
    lint::uncovered(&loaded.ledgers).map(|problem| frame.say(&problem.zh, &problem.en).to_owned()).collect()
}

fn due(found: &[RegisterFinding], frame: &Frame, ledger: &Ledger) -> Option<String> {
    let count = found.iter().filter(|one| one.remind && register_of(one.rule) == ledger.name).count();
    (count > 0).then(|| match frame.is_english() {
        false => format!("{count}行需要处理"),
        true => format!("{count} lines to see to"),
    })
}

/// What is to be said of the lines of a register: accounts that sleep, administrators who have left, permissions that end.
/// Of any other ledger nothing.
pub(super) fn of_register(reader: &Reader, ledger: &Ledger) -> Vec<RegisterFinding> {
    let found = if is_register(ledger) { of_registers(reader) } else { Vec::new() };
    found.into_iter().filter(|finding| register_of(finding.rule) == ledger.name).collect()
}

fn of_registers(reader: &Reader) -> Vec<RegisterFinding> {
    own_accounts::check(&reader.world.ledgers, reader.world.day())
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
