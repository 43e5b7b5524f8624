//! What an account shows that fits an employee, by class: name, company, title, department, city, known account.

use std::collections::HashMap;

use crate::detect::context::is_company_word;
use crate::detect::scan::FieldText;
use crate::identify::Question;
use crate::identify::directory::{Directory, Person};
use crate::identify::index::Key;
use crate::identify::naming::{NameForm, Naming, namings};
use crate::identify::own_words::near_namings_that_fit;
use crate::identify::tenure::{SaidTenure, TenureSign, part_around};
use crate::identify::vocabulary::{Attribute, Said, UNKNOWN};
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::term::Field;
use crate::text::fold;

/// How the companies that are named fit an employee's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanyFit {
    /// None is named.
    Unnamed,
    /// Another one of the group.
    Other,
    /// Only a mark of the whole group.
    Group,
    /// The employee's own.
    Own,
}

impl CompanyFit {
    /// How companies that are named fit that of an employee. The listed company's mark stands for the whole group, unless
    /// another company is named.
    pub(crate) fn of(named: &[CompanyCode], listed: Option<&CompanyCode>, code: &CompanyCode) -> Self {
        let names_subsidiary = named.iter().any(|company| listed != Some(company));
        match () {
            () if named.is_empty() => Self::Unnamed,
            () if names_subsidiary && listed != Some(code) && named.contains(code) => Self::Own,
            () if names_subsidiary => Self::Other,
            () if listed == Some(code) => Self::Own,
            () => Self::Group,
        }
    }

    /// Whether the company speaks for the employee.
    pub const fn fits(self) -> bool {
        matches!(self, Self::Group | Self::Own)
    }
}

/// The strongest name by which an account points to somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct NameEvidence {
    /// Its form.
    pub form: NameForm,
    /// As written, folded.
    pub written: String,
    /// Employees to whom the same writing points, this one included.
    pub bearers: usize,
    /// Slips between the name and what is written, with the price of reading it so; 0 where it is written exactly.
    pub slips: f64,
}

impl NameEvidence {
    fn of(naming: &Naming) -> Self {
        let Naming { form, written, bearers, slips, .. } = naming;
        Self { form: *form, written: written.clone(), bearers: *bearers, slips: *slips }
    }
}

/// How often the attributes said would fit an employee by chance: their shares of the directory, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Of the titles said.
    pub title: f64,
    /// Of the departments said.
    pub department: f64,
    /// Of the cities said.
    pub city: f64,
    /// Of the year of joining said.
    pub joined: f64,
    /// Of having left.
    pub left: f64,
}

/// Everything that speaks for or against one employee.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Who.
    pub employee: EmployeeId,
    /// Name; none where only a ledger points to the employee.
    pub name: Option<NameEvidence>,
    /// Whether the account is entered under this employee in a ledger.
    pub known: bool,
    /// Company.
    pub company: CompanyFit,
    /// Words of the title that stand there.
    pub title: Option<String>,
    /// Whether the whole title stands there.
    pub whole_title: bool,
    /// Words of the department that stand there.
    pub department: Option<String>,
    /// Whether the profile says another department and nothing of the employee's work.
    pub other_department: bool,
    /// Whether the city stands there.
    pub city: bool,
    /// Whether the profile says another city in which the group works, and not the employee's.
    pub other_city: bool,
    /// Employees of the same full name in the directory, this one included.
    pub namesakes: usize,
    /// What fits the employee's dates and what does not.
    pub tenure: Vec<TenureSign>,
    /// How much agreement is worth.
    pub chance: Chance,
}

impl Evidence {
    /// Classes of evidence beside name and company that fit: title, department, city.
    pub fn further(&self) -> usize {
        [self.title.is_some(), self.department.is_some(), self.city].into_iter().filter(|&fits| fits).count()
    }

    /// Whether the name counts as a full one.
    pub fn has_strong_name(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.form.is_strong())
    }
}

/// Evidence on every employee to whom a name or a ledger points. To whom a weak name points must fit further.
pub fn gather(directory: &Directory, question: &Question<'_>) -> Vec<Evidence> {
    let region = FieldText::new(Field::Bio, &question.account.ip_region);
    let scene = Scene::of(directory, question, &region);
    let mut named: HashMap<u32, NameEvidence> = HashMap::new();
    let mut namings = namings(directory, question);
    // Whoever shows somebody's name exactly does not mean somebody else's nearly.
    if !namings.iter().any(|naming| naming.form.is_strong()) {
        namings.extend(near_namings_that_fit(directory, question));
    }
    for naming in namings {
        for &person in &naming.people {
            let counts = naming.form.is_strong() || naming.form.is_near();
            if counts || scene.may_be(directory.person(person)) {
                let known = named.entry(person).or_insert_with(|| NameEvidence::of(&naming));
                if known.form < naming.form {
                    *known = NameEvidence::of(&naming);
                }
            }
        }
    }
    let known = question.known_owner.and_then(|id| directory.index_of(id));
    let unnamed = known.filter(|owner| !named.contains_key(owner));
    let all = named.into_iter().map(|(person, name)| (person, Some(name))).chain(unnamed.map(|owner| (owner, None)));
    all.map(|(person, name)| scene.weigh(directory, person, name, known == Some(person))).collect()
}

/// What the account says beside names.
struct Scene<'q> {
    question: &'q Question<'q>,
    /// By profile, region and post.
    said: Said<'q>,
    /// By the account's own words alone: where a platform saw it proves little.
    said_in_words: Said<'q>,
    /// By the profile alone: a post may be about somebody else's work or place.
    said_of_self: Said<'q>,
    chance: Chance,
    tenure: SaidTenure,
}

impl<'q> Scene<'q> {
    fn of(directory: &'q Directory, question: &'q Question<'q>, region: &FieldText) -> Self {
        let profile = || question.profile.texts.iter().filter(|text| !text.is_handle).chain([region]);
        let vocabulary = &directory.vocabulary;
        let said = vocabulary.said(profile().chain(question.post));
        let own_words = question.profile.texts.iter().filter(|text| !text.is_handle);
        let (terms, texts) = (question.watch.terms(), &question.profile.texts);
        let ours = question.profile.marks.iter().filter(|hit| is_company_word(terms[hit.term].kind));
        let of_us: Vec<String> =
            ours.filter(|hit| !texts[hit.text].is_handle).map(|hit| part_around(&texts[hit.text], &hit.at)).collect();
        let tenure = SaidTenure::of(own_words, &of_us, question.post, question.spoken_on);
        Self {
            chance: Chance {
                title: vocabulary.share(&said, Attribute::Title),
                department: vocabulary.share(&said, Attribute::Department),
                city: vocabulary.share(&said, Attribute::City),
                joined: tenure.year().map_or(1.0, |year| directory.share_joined(year)),
                left: directory.share_left(),
            },
            tenure,
            said,
            said_in_words: vocabulary.said(profile().filter(|text| !std::ptr::eq(*text, region)).chain(question.post)),
            said_of_self: vocabulary.said(profile()),
            question,
        }
    }

    /// Whether somebody with a weak name is worth weighing: the company must fit, and something further
    /// that the account says in words.
    fn may_be(&self, person: &Person) -> bool {
        let attributes = [
            (Attribute::Department, person.department),
            (Attribute::Title, person.title),
            (Attribute::City, person.city),
        ];
        let is_said = |&(attribute, number): &(Attribute, u32)| self.said_in_words.word(attribute, number).is_some();
        attributes.iter().any(is_said) && self.company(&person.employee.company).fits()
    }

    fn company(&self, code: &CompanyCode) -> CompanyFit {
        CompanyFit::of(self.question.companies, self.question.listed, code)
    }

    fn weigh(&self, directory: &Directory, index: u32, name: Option<NameEvidence>, known: bool) -> Evidence {
        let person = directory.person(index);
        let word = |attribute, number| self.said.word(attribute, number).map(str::to_owned);
        let title = word(Attribute::Title, person.title);
        let department = word(Attribute::Department, person.department).filter(|word| Some(word) != title.as_ref());
        let city = self.said.word(Attribute::City, person.city).is_some();
        let contradicts = |attribute, number| number != UNKNOWN && self.said_of_self.says_any(attribute);
        Evidence {
            employee: person.employee.id.clone(),
            known,
            company: self.company(&person.employee.company),
            whole_title: self.said.is_whole(Attribute::Title, person.title),
            other_department: title.is_none()
                && department.is_none()
                && contradicts(Attribute::Department, person.department),
            other_city: !city && contradicts(Attribute::City, person.city),
            namesakes: directory.named(Key::Full(&fold::dense(&person.employee.name))).len(),
            title,
            department,
            city,
            name,
            tenure: self.tenure.signs(&person.employee),
            chance: self.chance,
        }
    }
}
