//! Advice on ledgers that can be read but will make noise or leave a gap. Everything here is a warning.

use std::collections::{BTreeMap, HashSet};

use crate::detect::usage::is_business;
use crate::ledger::definition::Ledger;
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::{Ledgers, values};
use crate::model::company::Company;
use crate::model::ids::EmployeeId;
use crate::model::person::{Employee, Manager, ManagerRole};
use crate::model::term::{Field, MatchMode, Term, TermKind, TermStatus};
use crate::text::script::is_han;
use crate::text::words::{is_everyday, longer_words};

const SHORT_CHARS: usize = 2;
const PLACES: &[char] = &['镇', '村', '山', '乡', '县', '岛', '湖', '江', '河', '寨', '庄', '峰'];

// Everyday English words that trade marks like to use; those in Chinese are told by the dictionary.
const COMMON_WORDS: &[&str] = &[
    "apple", "orange", "amazon", "future", "hope", "sunshine", "star", "smart", "vision", "horizon", "summit",
    "pioneer",
];

/// Longer words that are named in an advice at most.
const LONGER_WORDS_MAX: usize = 5;

/// Advice on everything that was read.
pub fn lint(ledgers: &Ledgers, lines: &BTreeMap<&'static str, Lines>) -> Vec<Problem> {
    let names = names(ledgers);
    let mut advice = Vec::new();
    for term in ledgers.terms.iter().chain(&ledgers.confidential_terms) {
        advice.extend(term_advice(term, ledgers, &names).into_iter().map(|(zh, en)| of_term(lines, term, &zh, &en)));
    }
    advice.extend(listed_company(ledgers));
    advice.extend(uncovered(ledgers).map(|(_, problem)| problem));
    advice.extend(endless_groups(ledgers, lines));
    advice
}

type Advice = (String, String);

fn advice(zh: impl Into<String>, en: impl Into<String>) -> Advice {
    (zh.into(), en.into())
}

fn of_term(all: &BTreeMap<&'static str, Lines>, term: &Term, zh: &str, en: &str) -> Problem {
    // A confidential term may stand in the open list by mistake; its row is looked for in both.
    let place = ["terms", "confidential_terms"].into_iter().find_map(|name| {
        let lines = all.get(name)?;
        let line = lines.rows.iter().find(|line| lines.key(line) == term.id.as_str())?;
        Some((lines.file.clone(), line.row))
    });
    let (file, row) = place.unwrap_or_default();
    let (zh, en) = (format!("词条{}：{zh}", term.id), format!("term {}: {en}", term.id));
    Problem::of_row(ProblemKind::Warning, &file, row, zh, en)
}

fn term_advice(term: &Term, ledgers: &Ledgers, names: &HashSet<String>) -> Vec<Advice> {
    if term.status == TermStatus::Stopped {
        return Vec::new();
    }
    let mut all: Vec<Advice> = Vec::new();
    if !matches!(term.mode, MatchMode::Regex | MatchMode::Combination) && term.need.is_empty() {
        all.extend(ambiguity(term, ledgers, names));
        all.extend(term_words(term).iter().filter_map(|word| longer_advice(term, word)));
    }
    if term.window == 0 && (!term.need.is_empty() || term.mode == MatchMode::Combination) {
        all.push(advice("语境窗口为0，永远不会命中", "its window is 0, so it never hits"));
    }
    if term.kind == TermKind::Confidential && !reads_content(term) {
        all.push(advice("保密词只看账号资料，不看正文和标题", "a confidential term that is not looked for in posts"));
    }
    all
}

fn reads_content(term: &Term) -> bool {
    term.fields.is_empty() || term.fields.iter().any(|field| matches!(field, Field::Text | Field::Title))
}

/// Why a term without needed context will hit the wrong texts. Excluded words are enough for short words and places,
/// because these collide with few, known expressions; everyday words and people's names collide with everything.
fn ambiguity(term: &Term, ledgers: &Ledgers, names: &HashSet<String>) -> Option<Advice> {
    let needs = "建议填写必含语境";
    let words = || std::iter::once(&term.text).chain(&term.aliases).map(|word| values::fold_header(word));
    if words().any(|word| COMMON_WORDS.contains(&word.as_str()) || is_everyday(&word)) {
        return Some(advice(format!("是日常用语，{needs}"), "is an everyday word; give it needed context (必含语境)"));
    }
    if words().any(|word| names.contains(&word)) {
        return Some(advice(
            format!("与同事的姓名相同，{needs}"),
            "equals a colleague's name; give it needed context (必含语境)",
        ));
    }
    if let Some(company) = ledgers.companies.iter().find(|company| belongs_to_other(&term_words(term), term, company)) {
        let zh = format!("与公司{}的名称或别名相同，{needs}", company.code);
        return Some(advice(
            zh,
            format!("equals a name of company {}; give it needed context (必含语境)", company.code),
        ));
    }
    if !term.except.is_empty() {
        return None;
    }
    if words().any(|word| word.chars().count() <= SHORT_CHARS) {
        return Some(advice(
            format!("不超过两个字，{needs}"),
            "has two characters or fewer; give it needed context (必含语境)",
        ));
    }
    let is_place = term.text.ends_with(PLACES);
    is_place.then(|| {
        advice(format!("像地名，{needs}或排除语境"), "looks like a place; give it context (必含语境 or 排除语境)")
    })
}

/// Longer words that hold a word of the term and mean something else, where the ledger does not shun them yet. Those that only add
/// what the business is are the mark itself.
fn longer_advice(term: &Term, word: &str) -> Option<Advice> {
    let is_other = |longer: &&str| {
        let is_shunned = term.except.iter().any(|except| longer.contains(values::fold_header(except).as_str()));
        !is_shunned && !longer.split(word).any(is_business)
    };
    let is_han = word.chars().count() > 1 && word.chars().all(is_han);
    let found = if is_han { longer_words(word, LONGER_WORDS_MAX * 4) } else { Vec::new() };
    let found: Vec<&str> = found.into_iter().filter(is_other).take(LONGER_WORDS_MAX).collect();
    let listed = found.join("、");
    (!found.is_empty()).then(|| {
        advice(
            format!("“{word}”也是更长的词的一部分，建议写入排除语境：{listed}"),
            format!("{word} is a part of longer words; shun them (排除语境): {listed}"),
        )
    })
}

fn term_words(term: &Term) -> Vec<String> {
    std::iter::once(&term.text).chain(&term.aliases).map(|word| values::fold_header(word)).collect()
}

fn belongs_to_other(words: &[String], term: &Term, company: &Company) -> bool {
    let names = [&company.name, &company.short_name];
    let mut names = names.into_iter().chain(&company.aliases).map(|name| values::fold_header(name));
    term.company.as_ref().is_some_and(|own| *own != company.code) && names.any(|name| words.contains(&name))
}

/// Full names of colleagues, and given names of two characters.
fn names(ledgers: &Ledgers) -> HashSet<String> {
    let full =
        ledgers.employees.iter().map(|employee| values::fold_header(&employee.name)).filter(|name| !name.is_empty());
    full.flat_map(|name| [given_name(&name), Some(name)]).flatten().collect()
}

fn given_name(name: &str) -> Option<String> {
    let surname_chars = if name.chars().count() >= 4 { 2 } else { 1 };
    let given: String = name.chars().skip(surname_chars).collect();
    (given.chars().count() >= 2).then_some(given)
}

fn listed_company(ledgers: &Ledgers) -> Option<Problem> {
    let listed = ledgers.companies.iter().filter(|company| company.listed).count();
    let (zh, en) = (
        format!("有{listed}家上市公司，应有且只有一家"),
        format!("has {listed} listed companies; it needs exactly one"),
    );
    (listed != 1 && !ledgers.companies.is_empty()).then(|| of_ledger("companies", &zh, &en))
}

fn of_ledger(name: &str, zh: &str, en: &str) -> Problem {
    let file = Ledger::named(name).map(Ledger::file_name).unwrap_or_default();
    Problem::of_file(ProblemKind::Warning, &file, zh, en)
}

/// Companies without a designated manager or a deputy on the payroll, one warning each.
pub fn uncovered(ledgers: &Ledgers) -> impl Iterator<Item = (&Company, Problem)> {
    let active = active_managers(ledgers);
    ledgers.companies.iter().filter_map(move |company| Some((company, coverage(company, ledgers, &active)?)))
}

/// Every company needs somebody who is told, and somebody who stands in.
fn coverage(company: &Company, ledgers: &Ledgers, payroll: &HashSet<&EmployeeId>) -> Option<Problem> {
    let mut designated = ledgers.managers.iter().filter(|manager| is_designated(manager, company)).peekable();
    let code = &company.code;
    if designated.peek().is_none() {
        let (zh, en) = (format!("公司{code}没有指定专人"), format!("names no designated manager for company {code}"));
        return Some(of_ledger("managers", &zh, &en));
    }
    let mut active = designated.filter(|manager| payroll.contains(&manager.employee)).peekable();
    if active.peek().is_none() {
        let (zh, en) =
            (format!("公司{code}的指定专人已离职"), format!("the designated manager of company {code} has left"));
        return Some(of_ledger("managers", &zh, &en));
    }
    let has_deputy = active.any(|manager| manager.deputy.as_ref().is_some_and(|deputy| payroll.contains(deputy)));
    let (zh, en) = (format!("公司{code}的指定专人没有在职代理人"), format!("company {code} has no active deputy"));
    (!has_deputy).then(|| of_ledger("managers", &zh, &en))
}

fn is_designated(manager: &Manager, company: &Company) -> bool {
    manager.role == ManagerRole::DesignatedManager && manager.company == company.code
}

/// Managers and deputies on the payroll, in one look at each employee; without a directory everybody is taken to be.
fn active_managers(ledgers: &Ledgers) -> HashSet<&EmployeeId> {
    let named = ledgers.managers.iter().flat_map(|manager| [Some(&manager.employee), manager.deputy.as_ref()]);
    let named: HashSet<&EmployeeId> = named.flatten().collect();
    if ledgers.employees.is_empty() {
        return named;
    }
    let is_active = |employee: &&Employee| !employee.has_left && named.contains(&employee.id);
    ledgers.employees.iter().filter(is_active).map(|employee| &employee.id).collect()
}

fn endless_groups(ledgers: &Ledgers, all: &BTreeMap<&'static str, Lines>) -> Vec<Problem> {
    let Some(lines) = all.get("groups") else { return Vec::new() };
    let endless =
        |id: &str| ledgers.groups.iter().any(|g| g.id.as_str() == id && g.is_temporary && g.planned_end_on.is_none());
    let rows = lines.rows.iter().filter(|line| endless(&lines.key(line)));
    let (zh, en) = ("是临时群，但没有计划结束日期", "is a temporary group without a planned end");
    rows.map(|line| Problem::of_row(ProblemKind::Warning, &lines.file, line.row, zh, en)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::lint;
    use crate::ledger::read_files;

    const COMPANIES: &str = "代码,全称,简称,别名,角色\nXH,星河科技股份有限公司,星河科技,星河,上市公司\nYZ,云舟软件有限公司,云舟软件,云舟,子公司\n";
    const EMPLOYEES: &str = "工号,姓名,公司代码,在职状态\nX1,林知远,XH,在职\nX2,丁小满,XH,在职\nY1,欧阳青禾,YZ,离职\n";
    const MANAGERS: &str = "角色,公司代码,工号,代理人工号\n指定专人,XH,X1,X2\n指定专人,YZ,Y1,X1\n";

    fn advice(term: &str) -> Vec<String> {
        let terms = format!("编号,词条,类别,公司,必含语境,排除语境,状态\n{term}\n");
        let files = [
            ("companies.csv", COMPANIES),
            ("employees.csv", EMPLOYEES),
            ("managers.csv", MANAGERS),
            ("terms.csv", &terms),
        ];
        let files: BTreeMap<_, _> =
            files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
        let reading = read_files(&files);
        lint(&reading.ledgers, &reading.lines).into_iter().map(|problem| problem.zh).collect()
    }

    #[track_caller]
    fn expect_advice(term: &str, expected: &str) {
        let advice = advice(term);
        assert!(advice.iter().any(|zh| zh.starts_with("terms.csv 第2行") && zh.contains(expected)), "{advice:?}");
    }

    #[test]
    fn ambiguous_terms_are_asked_for_context() {
        expect_advice("W1,星芒,商标,XH,,,启用", "不超过两个字");
        expect_advice("W1,向日葵,商标,XH,,,启用", "日常用语");
        expect_advice("W1,知远,商标,XH,,,启用", "同事的姓名");
        expect_advice("W1,欧阳青禾,商标,XH,,,启用", "同事的姓名");
        expect_advice("W1,云舟,商标,XH,,,启用", "公司YZ");
        expect_advice("W1,星河大山,商标,XH,,,启用", "像地名");
    }

    #[test]
    fn longer_words_that_hold_a_mark_are_proposed_as_excluding_context() {
        expect_advice("W1,京东,商标,XH,,,启用", "京东方");
        let shunned = advice("W1,京东,商标,XH,,京东方,启用");
        assert!(!shunned.iter().any(|zh| zh.contains("京东方")), "{shunned:?}");
        let business = advice("W1,民生,商标,XH,,,启用");
        assert!(!business.iter().any(|zh| zh.contains("民生银行")), "{business:?}");
    }

    #[test]
    fn context_or_a_stopped_state_silences_the_advice() {
        for term in [
            "W1,星芒,商标,XH,软件,,启用",
            "W1,星芒,商标,XH,,星芒村,启用",
            "W1,星芒,商标,XH,,,停用",
            "W1,星河科技,简称,XH,,,启用",
        ] {
            assert!(!advice(term).iter().any(|zh| zh.starts_with("terms.csv")), "{term}");
        }
    }

    #[test]
    fn a_company_whose_designated_manager_left_is_named() {
        let advice = advice("W1,星河科技,简称,XH,,,启用");
        assert_eq!(advice, ["managers.csv 公司YZ的指定专人已离职"]);
    }
}
