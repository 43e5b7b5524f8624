//! What the pieces of a remark say: company, colleague, department, and what is to be remarked on each.

use crate::groups::remark::{Note, Remark};
use crate::groups::split::{Part, Split};
use crate::groups::words::{self, Look};
use crate::groups::writings::{DepartmentText, Number, Writings};
use crate::text::fold::dense;

/// A remark while it is read.
pub(crate) struct Reading<'r, 'w> {
    writings: &'r Writings<'w>,
    split: &'r Split,
    home: Option<Number>,
    namesakes: Vec<Number>,
    /// What no ledger explains: place among the pieces, text, look.
    rests: Vec<(usize, String, Look)>,
    department_text: Option<String>,
    remark: Remark,
}

impl<'r, 'w> Reading<'r, 'w> {
    pub(crate) fn of(writings: &'r Writings<'w>, split: &'r Split, home: Option<Number>) -> Self {
        let (namesakes, rests, remark) = (Vec::new(), Vec::new(), Remark::default());
        let mut reading = Self { writings, split, home, namesakes, rests, department_text: None, remark };
        for (at, piece) in split.pieces.iter().enumerate() {
            match piece.part {
                Part::Rest => {
                    let text = split.text(piece);
                    let look = words::look(&text);
                    reading.rests.push((at, text, look));
                }
                Part::Department => reading.department_text = Some(split.text(piece)),
                Part::Company(number) => reading.remark.company = Some(number),
                Part::Name(number) => reading.namesakes = writings.named(number).to_vec(),
                _ => {}
            }
        }
        reading
    }

    /// Reads one element after the other; what an earlier one says helps with the next.
    pub(crate) fn read(mut self) -> Remark {
        self.company();
        self.person();
        self.name();
        self.department();
        self.manners();
        self.remark
    }

    fn say(&mut self, note: Note) {
        self.remark.notes.push(note);
    }

    fn company(&mut self) {
        if self.remark.company.is_some() {
            return;
        }
        if let Some(company) = self.misspelt_company() {
            return self.say(Note::MisspeltCompany(company));
        }
        match self.foreign_company() {
            Some(text) => self.say(Note::Outsider(text)),
            None => self.say(Note::NoCompany),
        }
    }

    /// The company that the first, unknown part may have meant, if a colleague of the remark's name and department works there.
    fn misspelt_company(&self) -> Option<Number> {
        let (_, text, _) = self.rests.iter().find(|(at, ..)| *at == 0)?;
        let department = self.department_text.as_deref()?;
        let works = |company: &Number, employee: &Number| {
            let of = self.writings.department_text(*company, department);
            self.writings.company_of(*employee) == Some(*company)
                && matches!(of, DepartmentText::Of(number) if self.writings.department_of(*employee) == Some(number))
        };
        let companies = self.writings.misspelt_companies(text);
        companies.into_iter().find(|company| self.namesakes.iter().any(|employee| works(company, employee)))
    }

    /// The part that stands where the company should, or that looks like one, if the ledgers know no company in the remark.
    fn foreign_company(&self) -> Option<String> {
        if let Some((_, text, _)) = self.rests.iter().find(|(.., look)| *look == Look::Organisation) {
            return Some(text.clone());
        }
        let (_, first, look) = self.rests.iter().find(|(at, ..)| *at == 0)?;
        if let Some(organisation) = words::organisation_of(first) {
            return Some(organisation.to_owned());
        }
        if self.split.pieces.len() < 2 || !matches!(look, Look::Other | Look::FullName | Look::Nickname) {
            return None;
        }
        let is_named = self.split.pieces.len() >= 3 && self.split.tokens() >= 3;
        let is_latin = first.is_ascii();
        let last =
            self.split.pieces.last().filter(|piece| piece.part == Part::Rest).map(|piece| self.split.text(piece));
        let last = last.map(|text| words::look(&text));
        let is_person = matches!(last, Some(Look::Address | Look::FullName));
        let is_place = *look == Look::Other && !is_latin && first.chars().count() >= 2;
        (is_named || (is_place && is_person)).then(|| first.clone())
    }

    /// Whom the remark names beyond doubt.
    fn person(&mut self) {
        if let Some(number) = self.numbered() {
            self.remark.person = Some(number);
            self.remark.name = Some(number);
            self.namesakes = vec![number];
            return;
        }
        let company = self.remark.company.or_else(|| self.told_company());
        let found = match company {
            Some(company) => self.of_company(company),
            None => self.of_department(),
        };
        self.remark.person = (found.len() == 1).then(|| found[0]);
        self.remark.name = self.remark.person.or_else(|| self.namesakes.first().copied());
    }

    /// The colleague whose employee number the remark holds, unless it holds somebody else's name.
    fn numbered(&self) -> Option<Number> {
        let number = self.split.pieces.iter().find_map(|piece| match piece.part {
            Part::Employee(number) => Some(number),
            _ => None,
        })?;
        let is_of_company = |company| self.writings.company_of(number) == Some(company);
        let is_named = self.namesakes.is_empty() || self.namesakes.contains(&number);
        (is_named && self.remark.company.is_none_or(is_of_company)).then_some(number)
    }

    fn told_company(&self) -> Option<Number> {
        self.remark.notes.iter().find_map(|note| match note {
            Note::MisspeltCompany(company) => Some(*company),
            _ => None,
        })
    }

    /// Namesakes in a company; those of the department where there are any.
    fn of_company(&self, company: Number) -> Vec<Number> {
        let works = |n: &Number| self.writings.company_of(*n) == Some(company);
        let here: Vec<Number> = self.namesakes.iter().copied().filter(works).collect();
        let Some(text) = &self.department_text else { return here };
        let DepartmentText::Of(department) = self.writings.department_text(company, text) else { return here };
        let close: Vec<Number> =
            here.iter().copied().filter(|n| self.writings.department_of(*n) == Some(department)).collect();
        if close.is_empty() { here } else { close }
    }

    /// Namesakes in a department of that name, those of the group's own company first.
    fn of_department(&self) -> Vec<Number> {
        let (Some(text), false) = (&self.department_text, self.is_outsider()) else { return Vec::new() };
        let works = |n: &Number| {
            let company = self.writings.company_of(*n);
            let text = company.map(|company| self.writings.department_text(company, text));
            matches!(text, Some(DepartmentText::Of(number)) if self.writings.department_of(*n) == Some(number))
        };
        let found: Vec<Number> = self.namesakes.iter().copied().filter(works).collect();
        let is_home = |n: &Number| self.home.is_some() && self.writings.company_of(*n) == self.home;
        let at_home: Vec<Number> = found.iter().copied().filter(is_home).collect();
        if at_home.is_empty() { found } else { at_home }
    }

    fn is_outsider(&self) -> bool {
        self.remark.notes.iter().any(|note| matches!(note, Note::Outsider(_)))
    }

    fn name(&mut self) {
        if !self.namesakes.is_empty() && self.rests.iter().any(|(_, text, _)| self.writings.is_name(text)) {
            self.remark.person = None;
            return self.say(Note::SeveralNames);
        }
        match (self.namesakes.is_empty(), self.remark.person) {
            (true, _) => self.unknown_name(),
            (false, Some(person)) if self.writings.employee(person).has_left => self.say(Note::Left(person)),
            (false, Some(_)) => {}
            (false, None) => self.several(),
        }
    }

    /// Names of colleagues, but nobody singled out.
    fn several(&mut self) {
        let Some(company) = self.remark.company else {
            if self.namesakes.len() > 1 && !self.is_outsider() {
                self.say(Note::Namesakes(self.namesakes.len()));
            }
            return;
        };
        let is_here = self.namesakes.iter().any(|n| self.writings.company_of(*n) == Some(company));
        if !is_here {
            self.say(Note::Elsewhere(self.namesakes.clone()));
        }
    }

    fn unknown_name(&mut self) {
        let Some((text, look)) = self.name_text() else { return self.say(Note::NoName) };
        let note = match look {
            Look::Kin => Note::Kin,
            Look::Address | Look::Title => Note::Address,
            Look::FullName if self.remark.company.is_some() => self.nobody(&text),
            Look::FullName => Note::Nobody,
            Look::Other => match self.nobody(&text) {
                Note::Nobody => Note::Nickname,
                note => note,
            },
            _ => Note::Nickname,
        };
        self.say(note);
    }

    fn nobody(&self, text: &str) -> Note {
        let Some(company) = self.remark.company else { return Note::Nobody };
        let department = self.department_of(company);
        self.writings.misspelt(company, department, text).map_or(Note::Nobody, Note::Misspelt)
    }

    /// The unknown part that stands for a name: the last one that is neither a unit nor an organisation.
    fn name_text(&self) -> Option<(String, Look)> {
        let is_name = |look: Look| !matches!(look, Look::Unit | Look::Organisation | Look::Figures);
        let is_only = self.split.pieces.len() == 1;
        let names = self.rests.iter().rev().filter(|(.., look)| is_name(*look));
        names.map(|(_, text, look)| (text.clone(), *look)).find(|(_, look)| *look != Look::Second || is_only)
    }

    fn department_of(&self, company: Number) -> Option<Number> {
        match self.writings.department_text(company, self.department_text.as_deref()?) {
            DepartmentText::Of(number) => Some(number),
            _ => None,
        }
    }

    fn department(&mut self) {
        let text = self.department_text.clone();
        let Some(company) = self.remark.company.or_else(|| self.told_company()) else {
            return self.department_alone(text.as_deref());
        };
        match text.map(|text| self.writings.department_text(company, &text)) {
            Some(DepartmentText::Of(number)) => self.known_department(number),
            Some(DepartmentText::Unclear) => self.unclear_department(),
            Some(DepartmentText::Foreign) => self.foreign_department(),
            None if self.has_unknown_department() => self.foreign_department(),
            None => self.say(Note::NoDepartment),
        }
    }

    fn known_department(&mut self, number: Number) {
        self.remark.department = Some(number);
        if let Some(person) = self.remark.person
            && self.writings.department_of(person).is_some_and(|own| own != number)
        {
            self.contradict(person);
        }
    }

    /// Somebody of that name works elsewhere in the company: perhaps the one, perhaps a newcomer whom the directory does not
    /// know yet. Nobody is assigned.
    fn contradict(&mut self, person: Number) {
        self.remark.person = None;
        self.remark.notes.retain(|note| !matches!(note, Note::Left(_)));
        self.say(Note::OtherDepartment(person));
    }

    fn unclear_department(&mut self) {
        self.say(if self.remark.person.is_some() { Note::UnclearDepartment } else { Note::NoDepartment });
    }

    fn foreign_department(&mut self) {
        match self.remark.person {
            Some(person) if !self.writings.employee(person).department.is_empty() => {
                self.contradict(person);
            }
            Some(_) => {}
            // Whoever is elsewhere, or nobody, has been told already; the department says nothing more.
            None if self.remark.notes.iter().any(|note| matches!(note, Note::Elsewhere(_) | Note::Misspelt(_))) => {}
            None => self.say(Note::UnknownDepartment),
        }
    }

    fn department_alone(&mut self, text: Option<&str>) {
        let own = self.remark.person.and_then(|person| self.writings.department_of(person));
        self.remark.department =
            own.or_else(|| text.and_then(|text| self.writings.department_anywhere(text))).filter(|_| text.is_some());
        if self.remark.department.is_none() && !self.is_outsider() && !self.has_unknown_department() {
            self.say(Note::NoDepartment);
        }
    }

    /// Whether an unknown part stands where a department should.
    fn has_unknown_department(&self) -> bool {
        let name = self.split.pieces.iter().position(|piece| matches!(piece.part, Part::Name(_)));
        let last = self.split.pieces.len().saturating_sub(1);
        let is_behind_name = |at: usize| at > name.unwrap_or(last);
        self.rests.iter().any(|(at, _, look)| match look {
            Look::Unit => true,
            Look::Kin | Look::Second | Look::Title | Look::Figures | Look::Organisation => false,
            _ => *at > 0 && !is_behind_name(*at) && (name.is_some() || *at < last),
        })
    }

    /// What does not change who is meant.
    fn manners(&mut self) {
        let is_kin = self.rests.iter().any(|(.., look)| *look == Look::Kin) || words::names_kin(&self.split.bracketed);
        if is_kin {
            // The colleague's name stands there, but the colleague does not.
            self.remark.person = None;
            self.remark.notes.retain(|note| *note != Note::Kin);
            self.say(Note::Kin);
        }
        if self.rests.iter().any(|(at, _, look)| *at > 0 && *look == Look::Second) {
            self.say(Note::Second);
        }
        if self.split.has_phone {
            self.say(Note::Phone);
        }
        if self.split.is_unclear && self.remark.person.is_none() {
            self.say(Note::Unclear);
        }
        if self.is_out_of_order() {
            self.say(Note::Order);
        } else if self.has_extra() {
            self.say(Note::Extra);
        }
    }

    fn is_out_of_order(&self) -> bool {
        let order = |part: Part| match part {
            Part::Company(_) => Some(0),
            Part::Department => Some(1),
            Part::Name(_) => Some(2),
            _ => None,
        };
        let parts: Vec<u8> = self.split.pieces.iter().filter_map(|piece| order(piece.part)).collect();
        parts.len() == 3 && !parts.is_sorted()
    }

    fn has_extra(&self) -> bool {
        let name = self.split.pieces.iter().position(|piece| matches!(piece.part, Part::Name(_)));
        let english = self.remark.person.map(|person| dense(&self.writings.employee(person).english_name));
        self.rests.iter().any(|(at, text, look)| {
            let is_strange = matches!(look, Look::Other | Look::Nickname | Look::FullName);
            name.is_some_and(|name| *at > name) && is_strange && english.as_ref() != Some(text)
        })
    }
}
