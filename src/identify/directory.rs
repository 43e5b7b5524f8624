//! The staff directory, indexed by what an account may show of a name. Never searched in full.

use std::collections::HashMap;

use crate::identify::names::{given_name, surname};
use crate::model::ids::EmployeeId;
use crate::model::person::Employee;
use crate::text::fold;
use crate::text::pinyin::spelled;

/// Employees by the ways in which a name may show.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    employees: Vec<Employee>,
    by_id: HashMap<EmployeeId, usize>,
    by_full_name: HashMap<String, Vec<usize>>,
    by_given_name: HashMap<String, Vec<usize>>,
    by_surname: HashMap<String, Vec<usize>>,
    by_given_char: HashMap<char, Vec<usize>>,
    by_english_name: HashMap<String, Vec<usize>>,
    by_spelling: HashMap<String, Vec<usize>>,
}

impl Directory {
    /// Indexes the employees.
    pub fn of(employees: &[Employee]) -> Self {
        let mut directory = Self { employees: employees.to_vec(), ..Self::default() };
        for (index, employee) in employees.iter().enumerate() {
            directory.add(index, employee);
        }
        directory
    }

    fn add(&mut self, index: usize, employee: &Employee) {
        let name = fold::dense(&employee.name);
        let given = given_name(&name).to_owned();
        self.by_id.insert(employee.id.clone(), index);
        self.by_surname.entry(surname(&name).to_owned()).or_default().push(index);
        if let Some(last) = given.chars().last() {
            self.by_given_char.entry(last).or_default().push(index);
        }
        if given.chars().count() >= 2 {
            self.by_given_name.entry(given).or_default().push(index);
        }
        for english in employee.english_name.split_whitespace() {
            self.by_english_name.entry(english.to_lowercase()).or_default().push(index);
        }
        if let Some(spelling) = spelled(&name) {
            self.by_spelling.entry(spelling).or_default().push(index);
        }
        self.by_full_name.entry(name).or_default().push(index);
    }

    /// The employee at an index given by one of the look-ups.
    pub fn at(&self, index: usize) -> &Employee {
        &self.employees[index]
    }

    /// The employee of a number.
    pub fn get(&self, id: &EmployeeId) -> Option<&Employee> {
        self.by_id.get(id).map(|&index| &self.employees[index])
    }

    pub(crate) fn index_of(&self, id: &EmployeeId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn full_name(&self, name: &str) -> &[usize] {
        found(&self.by_full_name, name)
    }

    pub(crate) fn given_name(&self, name: &str) -> &[usize] {
        found(&self.by_given_name, name)
    }

    pub(crate) fn surname(&self, name: &str) -> &[usize] {
        found(&self.by_surname, name)
    }

    pub(crate) fn given_char(&self, c: char) -> &[usize] {
        self.by_given_char.get(&c).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn english_name(&self, name: &str) -> &[usize] {
        found(&self.by_english_name, name)
    }

    pub(crate) fn spelling(&self, spelling: &str) -> &[usize] {
        found(&self.by_spelling, spelling)
    }

    /// Longest full name in characters.
    pub(crate) fn full_name_chars_max(&self) -> usize {
        self.by_full_name.keys().map(|n| n.chars().count()).max().unwrap_or(0).min(12)
    }
}

fn found<'a>(index: &'a HashMap<String, Vec<usize>>, key: &str) -> &'a [usize] {
    index.get(key).map_or(&[], Vec::as_slice)
}
