//! What an account says of itself in its own words: the shown name, verification and bio. Where a name is only nearly
//! somebody's, nothing else counts: a post may be about others, a picture or the place of a connection proves little.

use crate::detect::scan::FieldText;
use crate::identify::Question;
use crate::identify::directory::{Directory, Person};
use crate::identify::evidence::CompanyFit;
use crate::identify::naming::Naming;
use crate::identify::near::near_namings;
use crate::identify::vocabulary::{Attribute, Said};
use crate::model::ids::CompanyCode;
use crate::model::term::Field;

/// How many of department, title and city must be said beside the company.
const SIGNS_MIN: usize = 2;

/// The account's own words on work and place.
struct OwnWords<'q> {
    said: Said<'q>,
    companies: Vec<CompanyCode>,
    listed: Option<&'q CompanyCode>,
}

/// The names that the account's shown name is nearly, each with those of its bearers whom the account's own words fit.
pub(crate) fn near_namings_that_fit(directory: &Directory, question: &Question<'_>) -> Vec<Naming> {
    let own_words = OwnWords::of(directory, question);
    let shown = question.profile.texts.iter().position(|text| text.field == Field::AccountName && !text.is_handle);
    let Some(shown) = shown.filter(|_| own_words.say_enough()) else { return Vec::new() };
    let marks = question.profile.marks.iter().filter(|hit| hit.text == shown);
    let marks: Vec<_> = marks.map(|hit| hit.at.clone()).collect();
    let mut namings = near_namings(directory, &question.profile.texts[shown], &marks);
    for naming in &mut namings {
        naming.people.retain(|&person| own_words.fit(directory.person(person)));
    }
    namings
}

impl<'q> OwnWords<'q> {
    fn of(directory: &'q Directory, question: &'q Question<'q>) -> Self {
        let texts = question.profile.texts.iter().filter(|text: &&FieldText| !text.is_handle);
        Self {
            said: directory.vocabulary.said(texts),
            companies: question.profile.companies(question.watch),
            listed: question.listed,
        }
    }

    /// Whether they could fit anybody.
    fn say_enough(&self) -> bool {
        !self.companies.is_empty() && self.said.is_of_several_writings()
    }

    /// Whether the company fits, and two further things.
    fn fit(&self, person: &Person) -> bool {
        let attributes = [
            (Attribute::Department, person.department),
            (Attribute::Title, person.title),
            (Attribute::City, person.city),
        ];
        let company = CompanyFit::of(&self.companies, self.listed, &person.employee.company);
        company.fits() && self.said.things(&attributes) >= SIGNS_MIN
    }
}
