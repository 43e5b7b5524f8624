//! What is written to whom about groups: help for owners, what owners cannot mend for the head of a company, and one page
//! a week for its designated manager. Nothing is sent here. No word of an offence, and no list of people for HR.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use crate::groups::leavers::{Holding, Leaver};
use crate::groups::register::Checked;
use crate::groups::responsibility::Responsibility;
use crate::ledger::Ledgers;
use crate::model::group::{Group, GroupFinding, GroupRule, RegisterFinding, RegisterRule};
use crate::model::ids::{CompanyCode, EmployeeId, GroupId};
use crate::model::person::{Manager, ManagerRole};

/// Who is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// The owner of groups; the head of the company where nobody owns them.
    Owner,
    /// The head of a company: what was not mended, without any member.
    Head,
    /// The designated manager of a company: what leavers hold, and its registers.
    Company,
    /// Whoever holds a permission that ends soon.
    Holder,
    /// HR of the listed company: applications that have waited too long.
    Approver,
}

/// A text for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// As what the person is written to.
    pub reader: Reader,
    /// Who.
    pub to: EmployeeId,
    /// Company that it is about.
    pub company: CompanyCode,
    /// Subject, without any name of a person: lock screens show it.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// What notices are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Material<'a> {
    pub(crate) ledgers: &'a Ledgers,
    pub(crate) checked: &'a Checked,
    pub(crate) leavers: &'a [Leaver],
    pub(crate) registers: &'a [RegisterFinding],
    pub(crate) day: NaiveDate,
}

impl Material<'_> {
    /// All notices as of the day: owners first, then heads, companies, holders of permissions and those who decide them.
    pub(crate) fn notices(self) -> Vec<Notice> {
        let groups = self.ledgers.groups.iter().map(|group| (&group.id, group)).collect();
        let desk = Desk { material: self, people: Responsibility::of(self.ledgers, self.day), groups };
        let of_groups = desk.to_owners().into_iter().chain(desk.to_heads()).chain(desk.to_companies());
        of_groups.chain(desk.to_holders()).chain(desk.to_approvers()).collect()
    }
}

struct Desk<'a> {
    material: Material<'a>,
    people: Responsibility<'a>,
    groups: HashMap<&'a GroupId, &'a Group>,
}

impl Desk<'_> {
    fn to_owners(&self) -> Vec<Notice> {
        let mut findings: HashMap<&GroupId, Vec<&GroupFinding>> = HashMap::new();
        self.material
            .checked
            .findings
            .iter()
            .for_each(|finding| findings.entry(&finding.group).or_default().push(finding));
        let mut reminders: HashMap<&GroupId, Vec<&str>> = HashMap::new();
        for reminder in &self.material.checked.reminders {
            reminders.entry(&reminder.group).or_default().push(&reminder.what.zh);
        }
        let mut by_owner: BTreeMap<(&EmployeeId, &CompanyCode), Vec<String>> = BTreeMap::new();
        for group in &self.material.ledgers.groups {
            let of_group = findings.get(&group.id).map_or(&[][..], Vec::as_slice);
            let reminders = reminders.get(&group.id).map_or(&[][..], Vec::as_slice);
            let has_news = !of_group.is_empty() || !reminders.is_empty();
            let Some(to) = self.people.answers_for(group).filter(|_| has_news) else { continue };
            let is_owner = self.people.owner(group) == Some(to);
            let whose = if is_owner { "您负责的" } else { "目前无人负责、请您指定群主的" };
            let text = format!("{whose}{}", help(group, of_group, reminders));
            by_owner.entry((to, &group.company)).or_default().push(text);
        }
        let notice = |((owner, company), texts): ((&EmployeeId, &CompanyCode), Vec<String>)| Notice {
            reader: Reader::Owner,
            to: owner.clone(),
            company: company.clone(),
            subject: format!("{}个工作群需要您核对", texts.len()),
            text: texts.join("\n\n"),
        };
        by_owner.into_iter().map(notice).collect()
    }

    fn to_heads(&self) -> Vec<Notice> {
        let mut by_head: BTreeMap<(&EmployeeId, &CompanyCode), Vec<String>> = BTreeMap::new();
        for finding in &self.material.checked.findings {
            let Some((head, group)) = finding.escalates_to.as_ref().zip(self.groups.get(&finding.group)) else {
                continue;
            };
            let line = format!("“{}”（{}）：{}", group.name, group.id, finding.why.zh);
            by_head.entry((head, &group.company)).or_default().push(line);
        }
        let notice = |((head, company), lines): ((&EmployeeId, &CompanyCode), Vec<String>)| Notice {
            reader: Reader::Head,
            to: head.clone(),
            company: company.clone(),
            subject: format!("{}个工作群请您协调", lines.len()),
            text: format!("按制度三.4(1)，以下工作群请您协调处理：\n{}", listed(&lines)),
        };
        by_head.into_iter().map(notice).collect()
    }

    fn to_companies(&self) -> Vec<Notice> {
        let mut gone: HashMap<CompanyCode, Vec<String>> = HashMap::new();
        for leaver in self.material.leavers {
            gone.entry(leaver.company.clone()).or_default().push(leaver_line(leaver));
        }
        let mut notices = Vec::new();
        for company in &self.material.ledgers.companies {
            let gone = gone.remove(&company.code).unwrap_or_default();
            let due =
                self.material.registers.iter().filter(|finding| finding.remind && finding.company == company.code);
            let due: Vec<String> = due.map(|finding| format!("{}：{}", finding.ledger, finding.why.zh)).collect();
            if !gone.is_empty() || !due.is_empty() {
                notices.extend(self.people.manager(&company.code).map(|to| of_company(to, &company.code, &gone, &due)));
            }
        }
        notices
    }

    /// Whoever holds a permission that ends soon.
    fn to_holders(&self) -> Vec<Notice> {
        let ending: HashMap<&str, &RegisterFinding> = self
            .material
            .registers
            .iter()
            .filter(|f| f.rule == RegisterRule::Expiry)
            .map(|f| (f.ledger.as_str(), f))
            .collect();
        let mut notices = Vec::new();
        for exemption in &self.material.ledgers.exemptions {
            let Some(finding) = ending.get(exemption.id.as_str()) else { continue };
            let Some(holder) = self.people.colleague(&exemption.employee) else { continue };
            notices.push(Notice {
                reader: Reader::Holder,
                to: holder.id.clone(),
                company: exemption.company.clone(),
                subject: "您的使用许可即将到期".into(),
                text: format!(
                    "您的使用许可 {}：{}。如需继续使用，请申请续期；不再使用的，请修改账号信息。",
                    exemption.id, finding.why.zh
                ),
            });
        }
        notices
    }

    /// Those who decide applications: what has waited too long.
    fn to_approvers(&self) -> Vec<Notice> {
        let late =
            self.material.registers.iter().filter(|finding| finding.remind && finding.rule == RegisterRule::PendingSla);
        let late: Vec<String> = late.map(|finding| format!("{}：{}", finding.ledger, finding.why.zh)).collect();
        let approvers = self.material.ledgers.managers.iter().filter(|manager| manager.role == ManagerRole::GroupHr);
        let approvers =
            approvers.filter(|manager| !late.is_empty() && self.people.colleague(&manager.employee).is_some());
        let notice = |manager: &Manager| Notice {
            reader: Reader::Approver,
            to: manager.employee.clone(),
            company: manager.company.clone(),
            subject: format!("{}条使用申请等待审批", late.len()),
            text: format!("以下使用申请已超过审批时限，请审批：\n{}", listed(&late)),
        };
        approvers.map(notice).collect()
    }
}

fn listed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("· {line}")).collect::<Vec<_>>().join("\n")
}

fn leaver_line(leaver: &Leaver) -> String {
    let since = leaver.left_on.map(|day| format!("（{day} 离职）")).unwrap_or_default();
    let holdings = leaver.holdings.iter().map(Holding::zh).collect::<Vec<_>>().join("；");
    format!("{}{since}：{holdings}", leaver.employee)
}

fn of_company(to: &EmployeeId, company: &CompanyCode, gone: &[String], due: &[String]) -> Notice {
    let part = |title: &str, lines: &[String]| (!lines.is_empty()).then(|| format!("{title}\n{}", listed(lines)));
    let parts = [part("离职人员仍持有，请移出、更换或交接：", gone), part("官方账号和豁免台账：", due)];
    Notice {
        reader: Reader::Company,
        to: to.clone(),
        company: company.clone(),
        subject: format!("本周台账：离职人员{}名，账号和豁免{}条", gone.len(), due.len()),
        text: parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
    }
}

/// What the owner of a group may do: the counts first, then each member and each thing.
fn help(group: &Group, findings: &[&GroupFinding], reminders: &[&str]) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let line = match &finding.member {
            Some(member) => format!("“{member}”：{}", finding.why.zh),
            None => finding.why.zh.clone(),
        };
        lines.push(line);
    }
    lines.extend(reminders.iter().map(|what| (*what).to_owned()));
    let summary = counts(findings);
    format!("“{}”（{}）{summary}\n{}", group.name, group.id, listed(&lines))
}

/// 有4名成员需要核对：1人已离职（请移出），…
fn counts(findings: &[&GroupFinding]) -> String {
    let kinds: [(GroupRule, &str); 6] = [
        (GroupRule::Departed, "人已离职（请移出）"),
        (GroupRule::Unidentified, "人备注无法对应到同事"),
        (GroupRule::Outsider, "人备注的公司不在集团内"),
        (GroupRule::Remark, "人备注需要补全"),
        (GroupRule::RemarkMismatch, "人备注与花名册不符"),
        (GroupRule::OwnUse, "人请核实是否本人使用"),
    ];
    let count = |rule: GroupRule| findings.iter().filter(|finding| finding.rule == rule).count();
    let parts = kinds.iter().map(|(rule, text)| (count(*rule), text)).filter(|(count, _)| *count > 0);
    let parts: Vec<(usize, &&str)> = parts.collect();
    let members: usize = parts.iter().map(|(count, _)| count).sum();
    if members == 0 {
        return "请您处理：".into();
    }
    let parts: Vec<String> = parts.iter().map(|(count, text)| format!("{count}{text}")).collect();
    format!("有{members}名成员需要核对：{}。", parts.join("，"))
}
