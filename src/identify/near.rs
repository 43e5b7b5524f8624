//! Whose name an account's name is nearly: misspelt, with another character of the same sound, with a figure or a sign in the
//! place of a letter or character, with words added. What is exactly somebody's name stands before what is only near.
//!
//! A name is read in a few ways, each at its price in slips; the nearest writings of the directory to each reading are taken
//! together. The share of the characters that differ ranks them.

use std::collections::HashMap;
use std::ops::Range;

use crate::detect::lexicon::COMPOUND_SURNAMES;
use crate::detect::scan::FieldText;
use crate::identify::directory::Directory;
use crate::identify::index::Key;
use crate::identify::names::{is_everyday_word, surname};
use crate::identify::naming::{NameForm, Naming};
use crate::identify::near_readings::{Read, Reading, readings_of};
use crate::text::near::Near;
use crate::text::pinyin::{SYLLABLES, spelled};
use crate::text::script::is_han;

/// Somebody registered as it is written is meant rather than somebody whose characters would be spelled so.
const SPELLED: f64 = 0.5;
/// Letters of a syllable, about.
const LETTERS_A_HAN: f64 = 3.0;
/// Han characters of a name at least that are left where something covers one.
const HAN_LEFT_MIN: usize = 2;
/// A shorter name in letters is misspelt by one slip; two make another name of it.
const LETTERS_FOR_TWO: usize = 9;
/// Longest shown name that is looked at, in characters.
const SHOWN_CHARS_MAX: usize = 64;

/// Somebody's writing that a name is near.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NearName<'d> {
    /// As the directory has it, folded; in pinyin where the characters are not the same.
    pub(crate) writing: &'d str,
    /// The reading of the name that is nearest to it.
    pub(crate) read: &'d Read,
    /// Characters that differ in that reading.
    pub(crate) slips: usize,
    /// Share of the characters that differ with the price of the reading, from 0.
    pub(crate) apart: f64,
    /// Whose writing it is, rising.
    pub(crate) people: &'d [u32],
}

/// How near a writing of the directory is.
#[derive(Debug, Clone, Copy)]
struct Nearness<'r> {
    apart: f64,
    read: &'r Read,
    slips: usize,
}

/// The writings of the directory that the readings of a name are near, nearest first, then in the order of the directory.
pub(crate) fn near_names<'d>(directory: &'d Directory, readings: &'d [Read]) -> Vec<NearName<'d>> {
    let mut nearest: HashMap<u32, Nearness<'d>> = HashMap::new();
    for read in readings {
        for near in directory.near.near(&read.text) {
            let found = nearness(directory, read, near);
            let known = nearest.entry(near.number).or_insert(found);
            if found.apart < known.apart {
                *known = found;
            }
        }
    }
    let mut ranked: Vec<(u32, Nearness<'d>)> = nearest.into_iter().collect();
    ranked.sort_unstable_by(|a, b| a.1.apart.total_cmp(&b.1.apart).then(a.0.cmp(&b.0)));
    ranked.into_iter().map(|(number, nearness)| directory.near_name(number, nearness)).collect()
}

fn nearness<'r>(directory: &Directory, read: &'r Read, near: Near) -> Nearness<'r> {
    let letters = near.slips as f64 * if read.text.contains(is_han) { LETTERS_A_HAN } else { 1.0 };
    let spelled = if near.number < directory.registered { 0.0 } else { SPELLED };
    let longer = length_of(&read.text).max(length_of(directory.near.writing(near.number)));
    Nearness { apart: (letters + read.price + spelled) / longer, read, slips: near.slips }
}

/// Length in letters; a Han character says as much as three.
fn length_of(text: &str) -> f64 {
    text.chars().map(|c| if is_han(c) { LETTERS_A_HAN } else { 1.0 }).sum()
}

impl Directory {
    fn near_name<'d>(&'d self, number: u32, nearness: Nearness<'d>) -> NearName<'d> {
        let writing = self.near.writing(number);
        let is_registered = number < self.registered;
        let people = self.named(if is_registered { Key::Full(writing) } else { Key::Spelling(writing) });
        let Nearness { apart, read, slips } = nearness;
        NearName { writing, read, slips, apart, people }
    }

    /// Whether a word may itself name somebody: a surname, an English name, a name of the directory.
    fn may_name(&self, word: &str) -> bool {
        let keys = [Key::Surname(word), Key::Full(word), Key::Given(word), Key::English(word), Key::Spelling(word)];
        let is_compound = || COMPOUND_SURNAMES.iter().any(|surname| spelled(surname).as_deref() == Some(word));
        SYLLABLES.contains(word) || keys.iter().any(|key| !self.named(*key).is_empty()) || is_compound()
    }

    fn has_surname_of(&self, name: &str) -> bool {
        !self.named(Key::Surname(surname(name))).is_empty()
    }
}

/// The names that a shown name may mean without being one of them. What belongs to a mark is no part of a name, nor is a
/// word left out that may name somebody or is a single character; an everyday word is no name. The more people are as near or nearer in the same
/// form, the less it says of each.
pub(crate) fn near_namings(directory: &Directory, shown: &FieldText, marks: &[Range<usize>]) -> Vec<Naming> {
    let parts = parts_between(shown, marks);
    parts.iter().flat_map(|part| namings_in(directory, part)).collect()
}

/// What stands between marks, given in characters of the plain view.
fn parts_between(shown: &FieldText, marks: &[Range<usize>]) -> Vec<String> {
    let chars: Vec<char> = shown.folded.plain().iter().map(|folded| folded.c).collect();
    if chars.len() > SHOWN_CHARS_MAX {
        return Vec::new();
    }
    let is_in_mark = |place: usize| marks.iter().any(|mark| mark.contains(&place));
    let places: Vec<usize> = (0..chars.len()).collect();
    let parts = places.split(|&place| is_in_mark(place)).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().map(|&place| chars[place]).collect()).collect()
}

fn namings_in(directory: &Directory, part: &str) -> Vec<Naming> {
    let mut readings = readings_of(part, |word| word.chars().count() > 1 && !directory.may_name(word));
    readings.retain(|read| !is_everyday_word(&read.written) && !is_everyday_word(&read.text));
    let near = near_names(directory, &readings);
    let formed: Vec<(NameForm, &NearName<'_>)> =
        near.iter().filter_map(|near| Some((form_of(directory, near)?, near))).collect();
    let mut bearers: HashMap<NameForm, usize> = HashMap::new();
    let mut namings = Vec::new();
    for alike in formed.chunk_by(|a, b| a.1.apart == b.1.apart) {
        alike.iter().for_each(|(form, near)| *bearers.entry(*form).or_default() += near.people.len());
        let naming = |(form, near): &(NameForm, &NearName<'_>)| naming_of(directory, *form, near, bearers[form]);
        namings.extend(alike.iter().filter_map(naming));
    }
    namings
}

/// Whoever is registered with exactly what is written was refused where names are looked for exactly.
fn naming_of(directory: &Directory, form: NameForm, near: &NearName<'_>, bearers: usize) -> Option<Naming> {
    let exactly = directory.named(Key::Full(&near.read.written));
    let people: Vec<u32> = near.people.iter().copied().filter(|person| !exactly.contains(person)).collect();
    let naming = Naming::new(form, near.read.written.as_str(), &people)?;
    Some(Naming { bearers, slips: slips_of(near), ..naming })
}

/// Slips and the price of the reading, in letters or, of a name of Han characters, in those.
fn slips_of(near: &NearName<'_>) -> f64 {
    let unit = if near.writing.contains(is_han) { LETTERS_A_HAN } else { 1.0 };
    near.slips as f64 + near.read.price / unit
}

/// Another Han character of another sound, or one that is missing, makes another name; so does a sound that begins with
/// nobody's surname.
fn form_of(directory: &Directory, near: &NearName<'_>) -> Option<NameForm> {
    let is_han_name = near.writing.contains(is_han);
    match (near.read.reading, near.slips) {
        (Reading::Sound, 0) => directory.has_surname_of(&near.read.written).then_some(NameForm::SameSound),
        (Reading::Uncovered, 0) => Some(NameForm::Covered),
        (Reading::Written | Reading::Uncovered, 1) if is_han_name => {
            is_covered(&near.read.text).then_some(NameForm::Covered)
        }
        (Reading::Written | Reading::Uncovered, 1) => Some(NameForm::Misspelt),
        (Reading::Written | Reading::Uncovered, 2) if !is_han_name => is_long(near).then_some(NameForm::Misspelt),
        _ => None,
    }
}

/// Whether something else stands among Han characters of which enough are left.
fn is_covered(text: &str) -> bool {
    text.chars().filter(|&c| is_han(c)).count() >= HAN_LEFT_MIN && !text.chars().all(is_han)
}

fn is_long(near: &NearName<'_>) -> bool {
    [near.writing, &near.read.text].iter().all(|text| text.chars().count() >= LETTERS_FOR_TWO)
}

#[cfg(test)]
mod tests {
    use super::near_namings;
    use crate::detect::scan::FieldText;
    use crate::identify::directory::Directory;
    use crate::identify::naming::{NameForm, Naming};
    use crate::model::person::Employee;
    use crate::model::term::Field;

    const NAMES: [&str; 11] =
        ["林知夏", "欧阳舟", "周行简", "周行健", "Mary Smith", "林知", "邢贺", "李响", "高峰", "周南", "李娜"];

    fn namings(shown: &str) -> Vec<Naming> {
        let employee = |name: &&str| Employee { id: (*name).into(), name: (*name).to_owned(), ..Employee::default() };
        let directory = Directory::of(&NAMES.iter().map(employee).collect::<Vec<_>>());
        let marks = shown.starts_with("星河").then_some(0..2);
        near_namings(&directory, &FieldText::new(Field::AccountName, shown), marks.as_slice())
    }

    fn forms(shown: &str) -> Vec<(NameForm, usize)> {
        namings(shown).iter().map(|naming| (naming.form, naming.bearers)).collect()
    }

    #[test]
    fn each_way_of_being_near_is_its_own_form_and_says_less_the_more_people_are_as_near() {
        assert_eq!(forms("林之夏"), [(NameForm::SameSound, 1)]);
        assert_eq!(forms("星河林之夏"), [(NameForm::SameSound, 1)]);
        for covered in ["i知夏", "林z夏", "林1夏", "林*夏", "林知z夏", "l1nzh1xia"] {
            assert_eq!(forms(covered), [(NameForm::Covered, 1)], "{covered}");
        }
        assert_eq!(forms("mary smiht"), [(NameForm::Misspelt, 1)]);
        assert_eq!(forms("zhouxinjian"), [(NameForm::Misspelt, 2); 1]);
        assert_eq!(forms("周行剑"), [(NameForm::SameSound, 2)]);
    }

    #[test]
    fn another_character_of_another_sound_makes_another_name() {
        assert_eq!(forms("林知秋"), []);
        assert_eq!(forms("知夏"), []);
        assert_eq!(forms("林z"), [], "one character is no name");
    }

    #[test]
    fn a_mark_a_word_and_the_front_of_a_sentence_are_no_name() {
        for shown in
            ["星河人的日常", "星河 日常", "理想主义者", "理想", "高峰时刻", "高峰 时刻", "周南风吹", "周南 风吹"]
        {
            assert_eq!(namings(shown), [], "{shown}");
        }
    }

    #[test]
    fn another_surname_or_a_short_name_that_differs_twice_makes_another_name() {
        for shown in ["Linda Zhang", "linda ouyang", "Zhao Nin", "林之夏 周南", &"林之夏".repeat(30)] {
            assert_eq!(forms(shown), [], "{shown}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_read_and_what_was_read_at_a_price_is_further_off() {
        let alone = namings("林之夏").remove(0);
        let beside = namings("林之夏 客服").remove(0);
        assert_eq!((alone.written.as_str(), beside.written.as_str()), ("林之夏", "林之夏"));
        assert!(alone.slips < beside.slips);
    }
}
