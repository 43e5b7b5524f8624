//! What may stand in a member's remark: every writing of a company, a department, a colleague's name or number, in one
//! tree of characters. Texts are compared by their dense folding, so that width, case and symbols do not matter.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::ledger::Ledgers;
use crate::model::company::Company;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::Employee;
use crate::text::fold::dense;
use crate::text::pinyin::spelled;
use crate::text::script::is_wordish;

/// Legal forms that people leave out.
const LEGAL_FORMS: [&str; 4] = ["集团股份有限公司", "股份有限公司", "有限责任公司", "有限公司"];
/// What people add to a short name.
const ADDED: [&str; 4] = ["集团", "公司", "集团公司", "总部"];
/// Characters from which on the beginning of a department's name may stand for it.
const START_CHARS_MIN: usize = 2;

/// Number of a company, a department, a name or an employee in [`Writings`].
pub type Number = u32;

/// What a piece of text may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A company.
    Company(Number),
    /// A department, or the beginning of one; whose, is asked later.
    Department,
    /// The full name of one or several colleagues.
    Name(Number),
    /// An employee number.
    Employee(Number),
}

/// A department as a remark writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DepartmentText {
    /// Exactly, or by a beginning that only this one has in its company.
    Of(Number),
    /// The beginning of several.
    Unclear,
    /// Not a department of the company.
    Foreign,
}

/// All writings of a group of companies.
#[derive(Debug)]
pub struct Writings<'a> {
    companies: &'a [Company],
    employees: &'a [Employee],
    company_of: Vec<Option<Number>>,
    department_of: Vec<Option<Number>>,
    departments: Vec<(Number, &'a str)>,
    department_starts: HashMap<(Number, String), DepartmentText>,
    members: Vec<Vec<Number>>,
    names: Vec<Vec<Number>>,
    by_name: HashMap<String, Number>,
    by_id: HashMap<&'a str, Number>,
    by_sound: HashMap<(Number, String), Vec<Number>>,
    company_writings: Vec<(Number, String)>,
    tree: Tree,
}

impl<'a> Writings<'a> {
    /// Indexes companies and staff. Takes time and memory in proportion to both.
    pub fn of(ledgers: &'a Ledgers) -> Self {
        let mut writings = Self {
            companies: &ledgers.companies,
            employees: &ledgers.employees,
            company_of: Vec::new(),
            department_of: Vec::new(),
            departments: Vec::new(),
            department_starts: HashMap::new(),
            members: Vec::new(),
            names: Vec::new(),
            by_name: HashMap::new(),
            by_id: HashMap::new(),
            by_sound: HashMap::new(),
            company_writings: Vec::new(),
            tree: Tree::default(),
        };
        (0..).zip(&ledgers.companies).for_each(|(number, company)| writings.add_company(number, company));
        writings.add_people();
        writings.add_departments();
        writings
    }

    fn add_company(&mut self, number: Number, company: &Company) {
        for writing in company_writings(company) {
            self.tree.add(&writing, Meaning::Company(number));
            self.company_writings.push((number, writing));
        }
    }

    fn add_people(&mut self) {
        let codes: HashMap<&CompanyCode, Number> = (0..).zip(self.companies).map(|(n, c)| (&c.code, n)).collect();
        let mut known: HashMap<(Number, &str), Number> = HashMap::new();
        for (number, employee) in (0..).zip(self.employees) {
            let company = codes.get(&employee.company).copied();
            let department = company.filter(|_| !employee.department.is_empty()).map(|company| {
                *known.entry((company, &employee.department)).or_insert_with(|| {
                    self.departments.push((company, &employee.department));
                    self.members.push(Vec::new());
                    self.departments.len() as Number - 1
                })
            });
            department.into_iter().for_each(|department| self.members[department as usize].push(number));
            self.company_of.push(company);
            self.department_of.push(department);
            self.add_person(number, employee, company);
        }
    }

    fn add_person(&mut self, number: Number, employee: &'a Employee, company: Option<Number>) {
        self.by_id.insert(employee.id.as_str(), number);
        self.tree.add(&dense(employee.id.as_str()), Meaning::Employee(number));
        let name = dense(&employee.name);
        if name.is_empty() {
            return;
        }
        if let (Some(company), Some(sound)) = (company, spelled(&name)) {
            self.by_sound.entry((company, sound)).or_default().push(number);
        }
        let next = self.names.len() as Number;
        let known = *self.by_name.entry(name.clone()).or_insert(next);
        if known == next {
            self.names.push(Vec::new());
            self.tree.add(&name, Meaning::Name(known));
        }
        self.names[known as usize].push(number);
    }

    fn add_departments(&mut self) {
        for (number, (company, name)) in (0..).zip(&self.departments) {
            let folded: Vec<char> = dense(name).chars().collect();
            self.tree.add(&String::from_iter(&folded), Meaning::Department);
            for end in START_CHARS_MIN..folded.len() {
                let start = String::from_iter(&folded[..end]);
                self.tree.add(&start, Meaning::Department);
                let entry = self.department_starts.entry((*company, start));
                entry.and_modify(|text| *text = DepartmentText::Unclear).or_insert(DepartmentText::Of(number));
            }
        }
        // Written out in full, a department is meant even where its name is the beginning of another one's.
        for (number, (company, name)) in (0..).zip(&self.departments) {
            self.department_starts.insert((*company, dense(name)), DepartmentText::Of(number));
        }
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// A company by its number.
    pub fn company(&self, number: Number) -> &'a Company {
        &self.companies[number as usize]
    }

    /// The number of a company's code.
    pub fn company_number(&self, code: &CompanyCode) -> Option<Number> {
        self.companies.iter().position(|company| company.code == *code).map(|at| at as Number)
    }

    /// The name of a department.
    pub fn department(&self, number: Number) -> &'a str {
        self.departments[number as usize].1
    }

    /// An employee by number in the directory's order.
    pub fn employee(&self, number: Number) -> &'a Employee {
        &self.employees[number as usize]
    }

    /// The employee of an employee number.
    pub fn employee_of_id(&self, id: &EmployeeId) -> Option<Number> {
        self.by_id.get(id.as_str()).copied()
    }

    /// The company in which an employee works.
    pub(crate) fn company_of(&self, employee: Number) -> Option<Number> {
        self.company_of[employee as usize]
    }

    /// The department in which an employee works.
    pub(crate) fn department_of(&self, employee: Number) -> Option<Number> {
        self.department_of[employee as usize]
    }

    /// Everybody who bears a name.
    pub(crate) fn named(&self, name: Number) -> &[Number] {
        &self.names[name as usize]
    }

    /// Whether a folded text is somebody's full name.
    pub(crate) fn is_name(&self, folded: &str) -> bool {
        self.by_name.contains_key(folded)
    }

    /// What a text says about a company's departments.
    pub(crate) fn department_text(&self, company: Number, folded: &str) -> DepartmentText {
        self.department_starts.get(&(company, folded.to_owned())).copied().unwrap_or(DepartmentText::Foreign)
    }

    /// The department that a text means in some company, where all companies that know it agree on its name.
    pub(crate) fn department_anywhere(&self, folded: &str) -> Option<Number> {
        let companies = 0..self.companies.len() as Number;
        let mut found = companies.filter_map(|company| match self.department_text(company, folded) {
            DepartmentText::Of(number) => Some(number),
            _ => None,
        });
        let first = found.next()?;
        found.all(|other| self.department(other) == self.department(first)).then_some(first)
    }

    /// The colleague of a company whose name a text that is nobody's name may have meant: it sounds alike, or, within the
    /// department, one character of at least three differs behind the surname. None when several may be meant.
    pub(crate) fn misspelt(&self, company: Number, department: Option<Number>, folded: &str) -> Option<Number> {
        let sounds = spelled(folded).and_then(|sound| self.by_sound.get(&(company, sound)));
        let one = |found: &[Number]| (found.len() == 1).then(|| found[0]);
        let same_sound = sounds.map_or(&[][..], Vec::as_slice);
        let here: Vec<Number> = same_sound
            .iter()
            .copied()
            .filter(|n| department.is_some() && self.department_of(*n) == department)
            .collect();
        one(&here).or_else(|| one(same_sound)).or_else(|| {
            let colleagues = department.map_or(&[][..], |department| &self.members[department as usize]);
            let alike = |n: &&Number| is_one_slip_apart(&dense(&self.employee(**n).name), folded);
            one(&colleagues.iter().filter(alike).copied().collect::<Vec<_>>())
        })
    }

    /// The companies one of whose writings a text may have meant: of the same length, at least three characters, one of
    /// them another or all of the same sound.
    pub(crate) fn misspelt_companies(&self, folded: &str) -> Vec<Number> {
        let is_alike = |writing: &str| {
            let same_length = writing.chars().count() == folded.chars().count() && writing.chars().count() >= 3;
            let differing = writing.chars().zip(folded.chars()).filter(|(a, b)| a != b).count();
            same_length && !writing.chars().all(is_wordish) && (differing == 1 || is_same_sound(writing, folded))
        };
        let mut found: Vec<Number> =
            self.company_writings.iter().filter(|(_, writing)| is_alike(writing)).map(|(number, _)| *number).collect();
        found.dedup();
        found
    }
}

fn is_same_sound(a: &str, b: &str) -> bool {
    spelled(a).is_some_and(|sound| spelled(b) == Some(sound))
}

/// Same surname, at least three characters, and one slip: a character that is another, missing or too much, or two that
/// changed places.
fn is_one_slip_apart(name: &str, text: &str) -> bool {
    let (name, text): (Vec<char>, Vec<char>) = (name.chars().collect(), text.chars().collect());
    if name.len().max(text.len()) < 3 || name.first() != text.first() || name == text {
        return false;
    }
    let common = name.iter().zip(&text).take_while(|(a, b)| a == b).count();
    let (name, text) = (&name[common..], &text[common..]);
    match (name, text) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([first, second, a @ ..], [other, another, b @ ..]) if a == b => first == another && second == other,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        _ => false,
    }
}

/// Every writing of a company, folded.
fn company_writings(company: &Company) -> Vec<String> {
    let mut written = vec![company.code.as_str().to_owned(), company.name.clone(), company.short_name.clone()];
    written.extend(company.aliases.iter().cloned());
    written.extend(LEGAL_FORMS.iter().filter_map(|form| company.name.strip_suffix(form)).take(1).map(str::to_owned));
    let short = std::iter::once(&company.short_name).chain(&company.aliases);
    let is_han = |text: &&String| text.chars().all(crate::text::script::is_han) && !text.is_empty();
    written.extend(short.filter(is_han).flat_map(|name| ADDED.iter().map(move |added| format!("{name}{added}"))));
    let mut written: Vec<String> = written.iter().map(|writing| dense(writing)).filter(|w| !w.is_empty()).collect();
    written.sort();
    written.dedup();
    written
}

/// Hashes a step of the tree: a number and a character. Half a million remarks take ten million steps, and nobody gains by
/// choosing characters that collide (Firefox's hash).
#[derive(Debug, Clone, Default)]
struct StepHasher(u64);

impl Hasher for StepHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(number)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Texts by their characters.
#[derive(Debug)]
pub(crate) struct Tree {
    steps: HashMap<(u32, char), u32, BuildHasherDefault<StepHasher>>,
    meanings: Vec<Vec<Meaning>>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { steps: HashMap::default(), meanings: vec![Vec::new()] }
    }
}

impl Tree {
    fn add(&mut self, text: &str, meaning: Meaning) {
        let mut at = 0;
        for c in text.chars() {
            let next = self.meanings.len() as u32;
            at = *self.steps.entry((at, c)).or_insert(next);
            if at == next {
                self.meanings.push(Vec::new());
            }
        }
        if at != 0 && !self.meanings[at as usize].contains(&meaning) {
            self.meanings[at as usize].push(meaning);
        }
    }

    /// What the texts that begin the characters mean, shortest first: length in characters, meaning.
    pub(crate) fn beginnings<'t>(&'t self, chars: &'t [char]) -> impl Iterator<Item = (usize, Meaning)> + 't {
        let mut at = 0;
        let steps = chars.iter().map_while(move |c| {
            at = *self.steps.get(&(at, *c))?;
            Some(at)
        });
        (1..).zip(steps).flat_map(|(length, node)| self.meanings[node as usize].iter().map(move |m| (length, *m)))
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_slip_apart;

    #[test]
    fn one_slip_behind_the_surname_is_seen_and_two_are_not() {
        for text in ["林知源", "林远知", "林知", "林知知远"] {
            assert!(is_one_slip_apart("林知远", text), "{text}");
        }
        for text in ["林知远", "李知远", "林志源", "林"] {
            assert!(!is_one_slip_apart("林知远", text), "{text}");
        }
    }
}
