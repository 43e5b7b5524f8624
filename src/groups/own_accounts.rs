//! The registers of official accounts and of exemptions: administrators who have left, accounts that sleep, applications
//! that wait, permissions that end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::casework::calendar::Calendar;
use crate::groups::roster::has_left_by;
use crate::ledger::Ledgers;
use crate::model::exemption::{Exemption, ExemptionStatus, OfficialAccount};
use crate::model::finding::Reason;
use crate::model::group::{RegisterFinding, RegisterRule};
use crate::model::ids::EmployeeId;
use crate::model::person::Employee;

/// Days without a post after which an official account is taken for dead.
const SILENT_DAYS_MAX: i64 = 180;
/// Working days within which an application is decided.
const DECIDED_WITHIN_WORKING_DAYS: i64 = 10;
/// Days before the end of an exemption from which its holder is reminded, and the last reminder.
const RENEWED_BEFORE_DAYS: i64 = 30;
const LAST_REMINDER_DAYS: i64 = 7;

/// Everything that is to be said of both registers as of a day, in their order.
pub fn check(ledgers: &Ledgers, day: NaiveDate) -> Vec<RegisterFinding> {
    let gone = administrators_who_left(ledgers, day);
    let in_use = ledgers.official_accounts.iter().filter(|account| account.is_in_use());
    let accounts = in_use.flat_map(|account| [without_administrator(&gone, account), asleep(account, day)]);
    let calendar = Calendar::of(&ledgers.holidays);
    let exemptions = ledgers.exemptions.iter();
    let exemptions = exemptions.flat_map(|exemption| [waiting(&calendar, exemption, day), ending(exemption, day)]);
    accounts.chain(exemptions).flatten().collect()
}

fn of_account(account: &OfficialAccount, rule: RegisterRule, why: Reason) -> RegisterFinding {
    let (ledger, company) = (account.id.to_string(), account.company.clone());
    RegisterFinding { ledger, rule, company, remind: true, why }
}

fn of_exemption(exemption: &Exemption, rule: RegisterRule, remind: bool, why: Reason) -> RegisterFinding {
    let (ledger, company) = (exemption.id.to_string(), exemption.company.clone());
    RegisterFinding { ledger, rule, company, remind, why }
}

type Gone<'l> = BTreeMap<&'l EmployeeId, &'l Employee>;

/// Administrators of official accounts who have left, in one look at each employee.
fn administrators_who_left(ledgers: &Ledgers, day: NaiveDate) -> Gone<'_> {
    let administrators: BTreeSet<&EmployeeId> =
        ledgers.official_accounts.iter().filter_map(|account| account.administrator.as_ref()).collect();
    let is_gone = |employee: &&Employee| administrators.contains(&employee.id) && has_left_by(employee, day);
    ledgers.employees.iter().filter(is_gone).map(|employee| (&employee.id, employee)).collect()
}

fn without_administrator(gone: &Gone<'_>, account: &OfficialAccount) -> Option<RegisterFinding> {
    let id = account.administrator.as_ref()?;
    let employee = gone.get(id)?;
    let on =
        |before: &str, behind: &str| employee.left_on.map(|left| format!("{before}{left}{behind}")).unwrap_or_default();
    let zh = format!("管理员 {id} 已离职{}，账号口令与归属须交接", on("（", "）"));
    let en = format!("the administrator {id} has left{}: hand over password and account", on(" (", ")"));
    Some(of_account(account, RegisterRule::AdministratorLeft, Reason::new(zh, en)))
}

fn asleep(account: &OfficialAccount, day: NaiveDate) -> Option<RegisterFinding> {
    let last = account.last_post_on?;
    let days = (day - last).num_days();
    (days > SILENT_DAYS_MAX).then(|| {
        let zh = format!("最近发布 {last}，距 {day} 已 {days} 天（阈值 {SILENT_DAYS_MAX} 天），建议注销或激活");
        let en = format!("last post on {last}, {days} days before {day} (limit {SILENT_DAYS_MAX}): close it or use it");
        of_account(account, RegisterRule::AccountZombie, Reason::new(zh, en))
    })
}

/// An application that waits is shown from its first day; somebody is reminded once its time is over.
fn waiting(calendar: &Calendar, exemption: &Exemption, day: NaiveDate) -> Option<RegisterFinding> {
    let applied = exemption.applied_on.filter(|_| exemption.status == ExemptionStatus::Pending)?;
    let days = calendar.working_days_between(applied, day);
    let is_late = days > DECIDED_WITHIN_WORKING_DAYS;
    let limit = DECIDED_WITHIN_WORKING_DAYS;
    let (zh, en) = match is_late {
        true => (format!("超过 {limit} 个工作日，请审批"), format!("more than {limit}: to be decided")),
        false => (format!("未超 {limit} 个工作日，不提醒"), format!("within {limit}: nobody is reminded")),
    };
    let zh = format!("{applied} 申请，已 {days} 个工作日，{zh}");
    let en = format!("applied for on {applied}, {days} working days ago, {en}");
    Some(of_exemption(exemption, RegisterRule::PendingSla, is_late, Reason::new(zh, en)))
}

fn ending(exemption: &Exemption, day: NaiveDate) -> Option<RegisterFinding> {
    let until = exemption.until.filter(|_| exemption.status == ExemptionStatus::Valid)?;
    let days = (until - day).num_days();
    let en = format!("ends on {until}, in {days} days: renew it, or change the account");
    let why = match days {
        ..0 => Reason::new(
            format!("{until} 已到期，台账仍写“有效”，请续期或改为过期"),
            format!("ended on {until}, and the register still calls it valid: renew it, or say that it is over"),
        ),
        0..=LAST_REMINDER_DAYS => Reason::new(format!("{until} 到期，还有 {days} 天，请尽快续期或修改账号信息"), en),
        _ => Reason::new(format!("{until} 到期，还有 {days} 天，请续期或修改账号信息"), en),
    };
    (days <= RENEWED_BEFORE_DAYS).then(|| of_exemption(exemption, RegisterRule::Expiry, true, why))
}
