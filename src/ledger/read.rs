//! All files of the folder at once: every ledger read, references between them checked.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::definition::{ALL, Column, Ledger, Reference};
use crate::ledger::lines::{self, Lines};
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::Limits;
use crate::ledger::{
    Ledgers, brand_marks, cells, companies, disclosures, employees, exemptions, group_rosters, groups, holidays,
    managers, monthly_history, official_accounts, protected_topics, quiet_periods, terms, values,
};
use crate::model::company::Company;
use crate::model::ids::CompanyCode;
use crate::model::person::Employee;
use crate::model::term::TermKind;

/// Everything that a reading of the folder's files gave.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The files as text, by ledger name, with rows and unknown columns.
    pub lines: BTreeMap<&'static str, Lines>,
    /// The typed lines.
    pub ledgers: Ledgers,
    /// What is wrong, in the order of the files and rows.
    pub problems: Vec<Problem>,
}

/// Reads the files of a folder, by file name. Lines with errors are left out; everything else is used.
pub fn read_all(files: &BTreeMap<String, Vec<u8>>) -> (Ledgers, Vec<Problem>) {
    let reading = read_files(files);
    (reading.ledgers, reading.problems)
}

/// As [`read_all`], with the text of the files beside the typed lines.
pub fn read_files(files: &BTreeMap<String, Vec<u8>>) -> Reading {
    let (lines, mut problems) = read_lines(files, &Limits::default());
    let (ledgers, more) = from_lines(&lines);
    problems.extend(more);
    problems.sort_by(|a, b| (order(&a.file), &a.file, a.row).cmp(&(order(&b.file), &b.file, b.row)));
    Reading { lines, ledgers, problems }
}

fn order(file: &str) -> usize {
    let stem = file.split('.').next().unwrap_or_default();
    ALL.iter().position(|ledger| ledger.name == stem).unwrap_or(ALL.len())
}

/// Reads the files as text, by ledger name.
pub(crate) fn read_lines(
    files: &BTreeMap<String, Vec<u8>>,
    limits: &Limits,
) -> (BTreeMap<&'static str, Lines>, Vec<Problem>) {
    let mut all = BTreeMap::new();
    let mut problems = Vec::new();
    for ledger in ALL {
        let (csv, xlsx) = (ledger.file_name(), format!("{}.xlsx", ledger.name));
        match (files.get_key_value(&csv), files.get_key_value(&xlsx)) {
            (Some((file, bytes)), other) => {
                problems.extend(other.map(|_| beside(&xlsx, &csv)));
                read_into(&mut all, &mut problems, ledger, (file, bytes), limits);
            }
            (None, Some((file, bytes))) => read_into(&mut all, &mut problems, ledger, (file, bytes), limits),
            (None, None) => problems.extend(missing(ledger)),
        }
    }
    (all, problems)
}

fn read_into(
    all: &mut BTreeMap<&'static str, Lines>,
    problems: &mut Vec<Problem>,
    ledger: &'static Ledger,
    (file, bytes): (&str, &[u8]),
    limits: &Limits,
) {
    let (lines, more) = lines::read(ledger, file, bytes, limits);
    problems.extend(more);
    all.insert(ledger.name, lines);
}

fn beside(xlsx: &str, csv: &str) -> Problem {
    let (zh, en) = (format!("没有读取：已有 {csv}"), format!("was not read: {csv} stands beside it"));
    Problem::of_file(ProblemKind::Warning, xlsx, zh, en)
}

fn missing(ledger: &Ledger) -> Option<Problem> {
    let (zh, en) = (format!("缺失：没有「{}」无法监测", ledger.title_zh), "is missing and cannot be done without");
    ledger.is_required.then(|| Problem::of_file(ProblemKind::Error, &ledger.file_name(), zh, en))
}

/// Types every line and checks references.
pub(crate) fn from_lines(all: &BTreeMap<&'static str, Lines>) -> (Ledgers, Vec<Problem>) {
    let mut problems = Vec::new();
    let companies = typed(all, "companies", companies::companies, &mut problems);
    let mut ledgers = Ledgers {
        terms: typed(all, "terms", terms::terms, &mut problems),
        confidential_terms: typed(all, "confidential_terms", terms::terms, &mut problems),
        employees: typed(all, "employees", employees::employees, &mut problems),
        managers: typed(all, "managers", managers::managers, &mut problems),
        exemptions: typed(all, "exemptions", exemptions::exemptions, &mut problems),
        official_accounts: typed(all, "official_accounts", official_accounts::official_accounts, &mut problems),
        quiet_periods: typed(all, "quiet_periods", quiet_periods::quiet_periods, &mut problems),
        disclosures: typed(all, "disclosures", disclosures::disclosures, &mut problems),
        brand_marks: typed(all, "brand_marks", brand_marks::brand_marks, &mut problems),
        protected_topics: typed(all, "protected_topics", protected_topics::protected_topics, &mut problems),
        groups: typed(all, "groups", groups::groups, &mut problems),
        group_rosters: typed(all, "group_rosters", group_rosters::group_rosters, &mut problems),
        holidays: typed(all, "holidays", holidays::holidays, &mut problems),
        monthly_history: typed(all, "monthly_history", monthly_history::monthly_history, &mut problems),
        companies,
        ..Ledgers::default()
    };
    (ledgers.external_groups, ledgers.groups) =
        std::mem::take(&mut ledgers.groups).into_iter().partition(groups::is_external);
    settle_companies(&mut ledgers.employees, &ledgers.companies);
    settle_confidential(&mut ledgers, all, &mut problems);
    problems.extend(broken_references(all, &ledgers));
    (ledgers, problems)
}

fn typed<T>(
    all: &BTreeMap<&'static str, Lines>,
    name: &str,
    read: impl Fn(&Lines) -> (Vec<T>, Vec<Problem>),
    problems: &mut Vec<Problem>,
) -> Vec<T> {
    let Some(lines) = all.get(name) else { return Vec::new() };
    let (items, more) = read(lines);
    problems.extend(more);
    items
}

/// HR exports often name the company without its code; the code is looked up by name, short name or alias.
fn settle_companies(employees: &mut [Employee], companies: &[Company]) {
    let mut known: BTreeMap<String, Option<CompanyCode>> = BTreeMap::new();
    for employee in employees.iter_mut().filter(|employee| employee.company.is_empty()) {
        let name = employee.company_name.clone();
        let code = known.entry(name).or_insert_with_key(|name| Some(company_named(companies, name)?.code.clone()));
        employee.company = code.clone().unwrap_or_default();
    }
}

fn company_named<'a>(companies: &'a [Company], name: &str) -> Option<&'a Company> {
    let folded = values::fold_header(name);
    let is_named = |company: &&Company| {
        let names = [company.code.as_str(), &company.name, &company.short_name];
        names.into_iter().chain(company.aliases.iter().map(String::as_str)).any(|n| values::fold_header(n) == folded)
    };
    companies.iter().find(is_named).filter(|_| !folded.is_empty())
}

/// Confidential terms that stand in the open list count as confidential all the same, and HR is told to move them.
fn settle_confidential(ledgers: &mut Ledgers, all: &BTreeMap<&'static str, Lines>, problems: &mut Vec<Problem>) {
    let (secret, open) = std::mem::take(&mut ledgers.terms).into_iter().partition(|t| t.kind == TermKind::Confidential);
    ledgers.terms = open;
    for term in secret {
        problems.extend(all.get("terms").map(|lines| misplaced(lines, term.id.as_str())));
        if !ledgers.confidential_terms.iter().any(|known| known.id == term.id) {
            ledgers.confidential_terms.push(term);
        }
    }
    for term in &mut ledgers.confidential_terms {
        term.kind = TermKind::Confidential;
    }
    terms::mask_terms(&mut ledgers.confidential_terms);
}

fn misplaced(lines: &Lines, id: &str) -> Problem {
    let row = lines.rows.iter().find(|line| lines.key(line) == id).map_or(1, |line| line.row);
    let zh = "是保密词，不应写在公开的词表里；请用 wanglou ledger import 移入加密的保密词表";
    let en = "is confidential and must not stand in the open list; move it with `wanglou ledger import`";
    Problem::of_row(ProblemKind::Warning, &lines.file, row, zh, en)
}

fn broken_references(all: &BTreeMap<&'static str, Lines>, ledgers: &Ledgers) -> Vec<Problem> {
    let companies: BTreeSet<&str> = ledgers.companies.iter().map(|company| company.code.as_str()).collect();
    let employees: BTreeSet<&str> = ledgers.employees.iter().map(|employee| employee.id.as_str()).collect();
    let mut problems = Vec::new();
    for ledger in ALL {
        let Some(lines) = all.get(ledger.name) else { continue };
        for column in ledger.columns {
            match column.refers {
                Some(Reference::Company) if !companies.is_empty() => {
                    unknown_companies(lines, column, &companies, &mut problems)
                }
                Some(Reference::Employee) if !employees.is_empty() => {
                    unknown_employees(lines, column, &employees, &mut problems)
                }
                _ => {}
            }
        }
    }
    problems
}

fn unknown_companies(lines: &Lines, column: &'static Column, known: &BTreeSet<&str>, problems: &mut Vec<Problem>) {
    let allowed: Vec<&str> = known.iter().copied().collect();
    for (row, code) in references(lines, column).filter(|(_, code)| code != "*" && !known.contains(code.as_str())) {
        let code = cells::quoted(&code);
        let zh = format!("填了「{code}」，公司台账里没有这个代码，可选：{}", allowed.join("、"));
        let en = format!("holds 「{code}」, which is no company; allowed: {}", allowed.join(", "));
        problems.push(Problem::of_cell(ProblemKind::Error, (&lines.file, row), column, zh, en));
    }
}

fn unknown_employees(lines: &Lines, column: &'static Column, known: &BTreeSet<&str>, problems: &mut Vec<Problem>) {
    for (row, id) in references(lines, column).filter(|(_, id)| !known.contains(id.as_str())) {
        let id = cells::quoted(&id);
        let zh = format!("填了「{id}」，员工名册里没有这个工号");
        let en = format!("holds 「{id}」, which is not in the staff directory");
        problems.push(Problem::of_cell(ProblemKind::Warning, (&lines.file, row), column, zh, en));
    }
}

/// The identifiers that a column names, with their rows.
fn references<'a>(lines: &'a Lines, column: &'static Column) -> impl Iterator<Item = (u32, String)> + 'a {
    lines.rows.iter().flat_map(move |line| {
        let parts = values::list(&values::fold_width(lines.cell(line, column.en)));
        parts.into_iter().map(move |part| (line.row, part))
    })
}
