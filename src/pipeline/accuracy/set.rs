//! The forms of labelled sets, and how each question is put to the detectors.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::GrayImage;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::casework::account::{judge_account, scored_of};
use crate::casework::world::{Policy, World};
use crate::detect::avatar::{nearest_mark, picture_mark};
use crate::detect::fingerprint::index::Passage;
use crate::detect::fingerprint::{Document, fingerprint};
use crate::detect::phash::phash_of;
use crate::detect::picture::grey;
use crate::detect::scan::FieldText;
use crate::identify::score::Scored;
use crate::ledger::Ledgers;
use crate::ledger::brand_marks::DISTANCE_MAX;
use crate::model::account::{Account, Avatar};
use crate::model::company::{BrandMark, Company};
use crate::model::finding::Band;
use crate::model::fingerprint::Fingerprints;
use crate::model::person::Employee;
use crate::model::term::{Field, Term, TermKind};
use crate::model::time::Timestamp;
use crate::pipeline::accuracy::{Answered, Certainty, SetError};
use logo_search::LogoIndex;

/// The one label of a question that is answered by yes or no.
const YES: &str = "yes";

#[derive(Deserialize)]
struct Brand {
    id: String,
    zh: String,
    #[serde(default)]
    latin: Vec<String>,
}

#[derive(Deserialize)]
struct Name {
    id: String,
    name: String,
    labels: BTreeSet<String>,
    kind: String,
    #[serde(default)]
    slice: Option<String>,
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
    unicode: String,
    label: u8,
    idn: u8,
}

#[derive(Deserialize)]
struct Group {
    company: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
    en: String,
    dept: String,
    city: String,
}

#[derive(Deserialize)]
struct Profile {
    id: String,
    display: String,
    #[serde(default)]
    bio: String,
    #[serde(default)]
    location: String,
    labels: BTreeSet<String>,
    kind: String,
}

#[derive(Deserialize)]
struct Protected {
    id: String,
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    text: String,
    labels: BTreeSet<String>,
    kind: String,
}

#[derive(Deserialize)]
struct Picture {
    file: String,
    brand: String,
    kind: String,
}

#[derive(Deserialize)]
struct Logo {
    brand: String,
    refs: String,
}

pub(super) fn names(folder: &Path) -> Result<Vec<Answered>, SetError> {
    let brands: Vec<Brand> = json_lines(&folder.join("brands.jsonl"))?;
    let term = |brand: Brand| Term {
        id: brand.id.as_str().into(),
        aliases: brand.latin,
        ..Term::of(&brand.zh, TermKind::Trademark)
    };
    let world = world(Ledgers { terms: brands.into_iter().map(term).collect(), ..Ledgers::default() });
    let names: Vec<Name> = json_lines(&folder.join("names.jsonl"))?;
    let answered = |name: Name| Answered {
        said: marks(&world, name.name),
        id: name.id,
        truth: name.labels,
        // What operators made is told apart by the operator.
        kind: name.slice.filter(|slice| slice != "generated").unwrap_or(name.kind),
    };
    Ok(names.into_iter().map(answered).collect())
}

pub(super) fn domains(folder: &Path) -> Result<Vec<Answered>, SetError> {
    let file = folder.join("brands.json");
    let brands: Vec<String> = json(&file)?;
    let term = |brand: String| Term { id: YES.into(), ..Term::of(&brand, TermKind::Trademark) };
    let world = world(Ledgers { terms: brands.into_iter().map(term).collect(), ..Ledgers::default() });
    let domains: Vec<Domain> = tsv(&folder.join("domains.tsv"))?;
    let answered = |domain: Domain| Answered {
        said: marks(&world, domain.unicode).into_iter().take(1).collect(),
        id: domain.domain,
        truth: (domain.label == 1).then(|| YES.to_owned()).into_iter().collect(),
        kind: match (domain.label, domain.idn) {
            (1, 1) => "international".to_owned(),
            (1, _) => "plain".to_owned(),
            _ => "legitimate".to_owned(),
        },
    };
    Ok(domains.into_iter().map(answered).collect())
}

pub(super) fn people(folder: &Path) -> Result<Vec<Answered>, SetError> {
    let group: Group = json(&folder.join("company.json"))?;
    let directory: Vec<Person> = tsv(&folder.join("directory.tsv"))?;
    let company = company(group);
    let employees = directory.into_iter().map(|person| employee(person, &company)).collect();
    let world = world(Ledgers { companies: vec![company], employees, ..Ledgers::default() });
    let profiles: Vec<Profile> = json_lines(&folder.join("accounts.jsonl"))?;
    let answered = |profile: Profile| {
        let account = Account {
            display_name: profile.display,
            bio: profile.bio,
            ip_region: profile.location,
            ..Account::default()
        };
        // A low band is shown only beside a higher one, so that it is no answer.
        let shown = scored_of(&world, &account).into_iter().filter(|scored| scored.candidate.band > Band::Low);
        Answered { id: profile.id, truth: profile.labels, said: shown.map(said).collect(), kind: profile.kind }
    };
    Ok(profiles.into_iter().map(answered).collect())
}

pub(super) fn passages(folder: &Path) -> Result<Vec<Answered>, SetError> {
    // Any key will do: the set is no secret.
    let key = [0; 16];
    let print = |document: Protected| {
        let Protected { id, title, text } = document;
        let added = Timestamp::from_ms(0);
        fingerprint(&key, Document { id: &id, title: &title, text: &text, is_public: false, added })
    };
    let documents: Vec<Protected> = json_lines(&folder.join("protected.jsonl"))?;
    let fingerprints = Fingerprints { key, documents: documents.into_iter().map(print).collect() };
    let world = world(Ledgers { fingerprints: Arc::new(fingerprints), ..Ledgers::default() });
    let posts: Vec<Message> = json_lines(&folder.join("posts.jsonl"))?;
    let answered = |post: Message| {
        let passages = world.passages.find(&[FieldText::new(Field::Text, &post.text)]);
        let sure = |passage: &Passage| Certainty { likelihood: passage.likelihood, shown: passage.likelihood };
        Answered {
            id: post.id,
            truth: post.labels,
            said: passages.iter().map(|passage| (passage.document.clone(), Some(sure(passage)))).collect(),
            kind: post.kind,
        }
    };
    Ok(posts.into_iter().map(answered).collect())
}

pub(super) fn logos(folder: &Path) -> Result<Vec<Answered>, SetError> {
    let logos: Vec<Logo> = tsv(&folder.join("brands.tsv"))?;
    let (mut marks, mut drawings) = (Vec::new(), Vec::new());
    for logo in logos {
        for reference in logo.refs.split(',') {
            let picture = picture_of(&folder.join(reference))?;
            marks.push(brand_mark(&logo.brand, &picture));
            drawings.push(picture);
        }
    }
    let index = LogoIndex::of(drawings.iter().enumerate());
    let pictures: Vec<Picture> = tsv(&folder.join("labels.tsv"))?;
    let mut answers = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let pixels = picture_of(&folder.join("queries").join(&picture.file))?;
        let seen = index.find(&pixels).map(|hit| Box::new(picture_mark(&marks, hit)));
        let hash = format!("{:016x}", phash_of(&pixels));
        let avatar = Avatar { phash64: Some(hash), mark: seen, ..Avatar::default() };
        let hit = nearest_mark(&marks, &Account { avatar, ..Account::default() });
        answers.push(Answered {
            id: picture.file,
            truth: Some(picture.brand).filter(|brand| !brand.is_empty()).into_iter().collect(),
            said: hit.map(|hit| (hit.mark.name.clone(), None)).into_iter().collect(),
            kind: picture.kind,
        });
    }
    Ok(answers)
}

fn world(ledgers: Ledgers) -> World {
    // No term of a set has a first or a last day.
    World::of(ledgers, Timestamp::from_ms(0), chrono_tz::UTC, Policy::default())
}

/// Terms that a name flies, as `check` says.
fn marks(world: &World, name: String) -> Vec<(String, Option<Certainty>)> {
    let judgement = judge_account(world, &Account { display_name: name, ..Account::default() });
    judgement.terms.iter().map(|term| (term.to_string(), None)).collect()
}

fn said(scored: Scored) -> (String, Option<Certainty>) {
    let Scored { candidate, likelihood } = scored;
    (candidate.employee_id.to_string(), Some(Certainty { likelihood, shown: candidate.score }))
}

fn company(group: Group) -> Company {
    Company {
        code: "GROUP".into(),
        name: group.company.clone(),
        short_name: group.company,
        aliases: group.aliases,
        listed: true,
        city: String::new(),
        mail_domain: String::new(),
        responsible: "".into(),
    }
}

fn employee(person: Person, company: &Company) -> Employee {
    Employee {
        id: person.id.as_str().into(),
        name: person.name,
        english_name: person.en,
        company_name: company.name.clone(),
        company: company.code.clone(),
        department: person.dept,
        city: person.city,
        ..Employee::default()
    }
}

fn brand_mark(brand: &str, picture: &GrayImage) -> BrandMark {
    BrandMark {
        name: brand.to_owned(),
        company: "GROUP".into(),
        phash64: Some(phash_of(picture)),
        image: None,
        distance_max: DISTANCE_MAX as u32,
        note: String::new(),
    }
}

fn picture_of(file: &Path) -> Result<GrayImage, SetError> {
    let bytes = fs::read(file).map_err(|source| SetError::Unreadable { file: file.to_owned(), source })?;
    grey(&bytes).map_err(|error| row(file, 1, error))
}

fn text_of(file: &Path) -> Result<String, SetError> {
    fs::read_to_string(file).map_err(|source| SetError::Unreadable { file: file.to_owned(), source })
}

fn json<T: DeserializeOwned>(file: &Path) -> Result<T, SetError> {
    serde_json::from_str(&text_of(file)?).map_err(|error| row(file, error.line(), error))
}

fn json_lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, SetError> {
    let text = text_of(file)?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(line, number)| serde_json::from_str(line).map_err(|error| row(file, number, error))).collect()
}

fn tsv<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, SetError> {
    let text = text_of(file)?;
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(text.as_bytes());
    reader.deserialize().zip(2..).map(|(read, number)| read.map_err(|error| row(file, number, error))).collect()
}

fn row(file: &Path, row: usize, problem: impl std::fmt::Display) -> SetError {
    SetError::Row { file: PathBuf::from(file), row, problem: problem.to_string() }
}
