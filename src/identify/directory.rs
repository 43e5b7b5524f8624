//! The staff directory, indexed by what an account may show of a person. Never searched in full.

use std::collections::HashMap;

use chrono::Datelike;

use crate::identify::index::Key;
use crate::identify::latin::readings;
use crate::identify::names::{given_name, surname};
use crate::identify::vocabulary::{Attribute, Vocabulary};
use crate::model::ids::EmployeeId;
use crate::model::person::Employee;
use crate::text::fold;
use crate::text::near::{NearIndex, Writings};
use crate::text::postings::{Builder, Postings, hash_of};

/// Employees by the ways in which a name may show, and the words of their work.
#[derive(Debug, Default)]
pub struct Directory {
    people: Vec<Person>,
    by_id: HashMap<EmployeeId, u32>,
    by_name: Postings,
    /// Names as they are registered, then as Han names are spelled.
    pub(crate) near: NearIndex,
    /// How many of them are registered ones.
    pub(crate) registered: u32,
    /// Words of titles, departments and cities.
    pub(crate) vocabulary: Vocabulary,
    full_name_chars_max: usize,
    /// Employees by the year in which they joined.
    joined: HashMap<i32, usize>,
    left: usize,
}

/// An employee with what of the person others share, numbered by the vocabulary.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) employee: Employee,
    pub(crate) title: u32,
    pub(crate) department: u32,
    pub(crate) city: u32,
}

impl Directory {
    /// Indexes the employees.
    pub fn of(employees: &[Employee]) -> Self {
        let mut vocabulary = Vocabulary::builder();
        let mut names = Builder::default();
        let mut directory = Self::default();
        let mut writings = Writings::default();
        for (employee, index) in employees.iter().zip(0..) {
            let name = fold::dense(&employee.name);
            enter(&mut names, index, &name, &employee.english_name);
            writings.add(&name);
            directory.full_name_chars_max = directory.full_name_chars_max.max(name.chars().count());
            if let Some(day) = employee.joined_on {
                *directory.joined.entry(day.year()).or_default() += 1;
            }
            directory.left += usize::from(employee.has_left);
            directory.by_id.insert(employee.id.clone(), index);
            directory.people.push(Person {
                title: vocabulary.number(Attribute::Title, &employee.title),
                department: vocabulary.number(Attribute::Department, &employee.department),
                city: vocabulary.number(Attribute::City, &employee.city),
                employee: employee.clone(),
            });
        }
        directory.by_name = names.build();
        directory.registered = writings.len() as u32;
        employees.iter().for_each(|employee| add_spelling(&mut writings, &fold::dense(&employee.name)));
        directory.near = NearIndex::of(writings);
        directory.vocabulary = vocabulary.build();
        directory
    }

    /// The employee of a number.
    pub fn get(&self, id: &EmployeeId) -> Option<&Employee> {
        self.index_of(id).map(|index| &self.person(index).employee)
    }

    pub(crate) fn person(&self, index: u32) -> &Person {
        &self.people[index as usize]
    }

    /// The folded full name of an employee.
    pub(crate) fn folded_name(&self, index: u32) -> String {
        fold::dense(&self.person(index).employee.name)
    }

    pub(crate) fn index_of(&self, id: &EmployeeId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// Everybody who bears a writing.
    pub(crate) fn named(&self, key: Key<'_>) -> &[u32] {
        self.by_name.get(hash_of(key))
    }

    /// Share of the employees who joined in a year, 0..=1.
    pub(crate) fn share_joined(&self, year: i32) -> f64 {
        self.joined.get(&year).copied().unwrap_or(0) as f64 / self.people.len().max(1) as f64
    }

    /// Share of the employees who have left, 0..=1.
    pub(crate) fn share_left(&self) -> f64 {
        self.left as f64 / self.people.len().max(1) as f64
    }

    /// Longest full name in characters.
    pub(crate) fn full_name_chars_max(&self) -> usize {
        self.full_name_chars_max.min(12)
    }
}

fn enter(names: &mut Builder, index: u32, name: &str, english: &str) {
    let mut add = |key: Key<'_>| names.add(hash_of(key), index);
    let (surname, given) = (surname(name), given_name(name));
    add(Key::Full(name));
    add(Key::Surname(surname));
    if let Some(last) = given.chars().last() {
        add(Key::LastChar(last));
    }
    if given.chars().count() >= 2 {
        add(Key::Given(given));
    }
    for reading in readings(surname, given) {
        let key = if reading.is_uncommon { Key::UncommonSpelling } else { Key::Spelling };
        reading.spellings().iter().for_each(|spelling| add(key(spelling)));
        if !reading.is_uncommon {
            reading.initials().iter().for_each(|initials| add(Key::Initials(initials)));
            reading.first_initial().iter().for_each(|initial| add(Key::FirstInitial(initial)));
        }
    }
    for english in english.split_whitespace() {
        add(Key::English(&english.to_lowercase()));
    }
}

/// The common spelling of a Han name, the surname first.
fn add_spelling(writings: &mut Writings, name: &str) {
    let common = readings(surname(name), given_name(name)).into_iter().find(|reading| !reading.is_uncommon);
    common.iter().for_each(|reading| writings.add(&reading.spellings()[0]));
}
