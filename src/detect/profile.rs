//! What an account shows of itself, read once: marks, titles, official wording, and what kind of person speaks.

use crate::detect::context::{Combination, holds_word, in_context, is_company_word, is_mark};
use crate::detect::lexicon::{FISHING, ORGANISATION, OUTSIDER, STAFF};
use crate::detect::scan::{FieldText, Hit, scan, scan_with_trial};
use crate::detect::title::{official_wording, title_claims};
use crate::detect::watch::Watch;
use crate::model::account::Account;
use crate::model::ids::CompanyCode;
use crate::model::term::{Field, TermKind};

/// An account's profile as the detectors see it.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Shown name, login name, verification, bio, in this order.
    pub texts: Vec<FieldText>,
    /// Everything found before context.
    pub hits: Vec<Hit>,
    /// Marks of the group that stand up in their context.
    pub marks: Vec<Hit>,
    /// Hits of terms on trial, numbered as [`Watch::on_trial`] has them.
    pub on_trial: Vec<Hit>,
    /// Job titles beside a company word.
    pub titles: Vec<Combination>,
    /// Official wording beside a mark.
    pub official: Vec<Combination>,
    /// Marks in the employer field (workplace platforms).
    pub employer: Employer,
}

/// What the employer field of a workplace platform says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Employer {
    /// There is none.
    NotStated,
    /// A company of the group.
    Ours,
    /// Somebody else.
    Another,
}

impl Profile {
    /// Reads a profile. `outside` are the author's words elsewhere, which may settle what an ambiguous mark means.
    pub fn of(watch: &Watch, account: &Account, outside: &[FieldText]) -> Self {
        let texts = vec![
            FieldText::new(Field::AccountName, &account.display_name),
            FieldText::handle(&account.handle),
            FieldText::new(Field::Verification, &account.verification.text),
            FieldText::new(Field::Bio, &account.bio),
        ];
        let (hits, on_trial) = scan_with_trial(watch, &texts);
        let mut marks = in_context(watch, &texts, &hits, outside);
        marks.retain(|h| is_mark(watch.terms()[h.term].kind));
        let titles = title_claims(watch, &texts, &hits, &marks);
        let official = official_wording(watch, &texts, &hits, &marks);
        Self { employer: employer(watch, &account.employer_field), texts, hits, on_trial, marks, titles, official }
    }

    /// Marks standing in the account's name, login name included.
    pub fn name_marks(&self) -> impl Iterator<Item = &Hit> {
        self.marks.iter().filter(|h| self.field(h) == Field::AccountName)
    }

    /// Marks standing in a field.
    pub fn marks_in(&self, field: Field) -> impl Iterator<Item = &Hit> {
        self.marks.iter().filter(move |h| self.field(h) == field)
    }

    /// The field of a hit.
    pub fn field(&self, hit: &Hit) -> Field {
        self.texts[hit.text].field
    }

    /// Whether one of the words stands in the profile.
    pub fn holds_any(&self, words: &[&str]) -> bool {
        self.texts.iter().any(|text| words.iter().any(|word| holds_word(text, word)))
    }

    /// Whether the author speaks as one of our people: a claimed title or words of somebody at work, beside a mark.
    pub fn points_to_staff(&self) -> bool {
        !self.marks.is_empty() && (!self.titles.is_empty() || self.holds_any(STAFF))
    }

    /// Whether the account goes under a mark of the group at all: in its name, its verification, or with a title.
    pub fn bears_mark(&self) -> bool {
        self.name_marks().next().is_some()
            || self.marks_in(Field::Verification).next().is_some()
            || !self.titles.is_empty()
    }

    /// Whether somebody from outside speaks: another employer, another trade, or a verified organisation that is not ours.
    pub fn is_outsider(&self, account: &Account) -> bool {
        let speaks_as_ours = self.employer == Employer::Ours || self.marks_in(Field::Verification).next().is_some();
        let other_trade =
            [&self.texts[0], &self.texts[3]].into_iter().any(|t| OUTSIDER.iter().any(|w| holds_word(t, w)));
        let claims_title_with_us = self.titles.iter().any(|t| self.field(&t.word) != Field::AccountName);
        !speaks_as_ours
            && (self.employer == Employer::Another
                || is_foreign_organisation(account)
                || (other_trade && !claims_title_with_us && !self.holds_any(STAFF)))
    }

    /// Whether the account fishes for customers and nothing in it points to a colleague.
    pub fn fishes_for_customers(&self) -> bool {
        self.holds_any(FISHING) && self.titles.is_empty() && !self.holds_any(STAFF)
    }

    /// Companies named by the marks, in the order of the fields, each once. A mark of the whole group names none.
    pub fn companies(&self, watch: &Watch) -> Vec<CompanyCode> {
        companies_of(watch, self.marks.iter())
    }
}

/// Companies named by hits, each once.
pub fn companies_of<'a>(watch: &Watch, hits: impl Iterator<Item = &'a Hit>) -> Vec<CompanyCode> {
    let mut companies = Vec::new();
    for hit in hits {
        let term = &watch.terms()[hit.term];
        let counts = is_mark(term.kind) || term.kind == TermKind::Confidential;
        if let Some(code) = term.company.as_ref().filter(|_| counts)
            && !companies.contains(code)
        {
            companies.push(code.clone());
        }
    }
    companies
}

fn employer(watch: &Watch, field: &str) -> Employer {
    if field.trim().is_empty() {
        return Employer::NotStated;
    }
    let texts = [FieldText::new(Field::Verification, field)];
    let hits = scan(watch, &texts);
    let ours = hits
        .iter()
        .any(|h| !h.is_word && is_company_word(watch.terms()[h.term].kind) && !is_inside_longer(&texts[0], h));
    if ours { Employer::Ours } else { Employer::Another }
}

/// Whether a company word makes up too little of the employer's name to be it: 某某（星河小区）物业公司.
fn is_inside_longer(text: &FieldText, hit: &Hit) -> bool {
    let length = text.folded.dense().len();
    let names_organisation = ORGANISATION.iter().any(|w| holds_word(text, w));
    hit.at.start > 0 && names_organisation && hit.at.len() * 3 < length
}

/// Whether the platform has verified an organisation that is not ours.
fn is_foreign_organisation(account: &Account) -> bool {
    let kind = &account.verification.kind;
    let institutional = ["机构", "企业", "媒体", "组织", "政府"].iter().any(|w| kind.contains(w));
    institutional && !account.verification.text.trim().is_empty()
}
