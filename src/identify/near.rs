//! Whose name an account's name is nearly: misspelt, with another character of the same sound, with a figure or a sign in the
//! place of a letter or character, with words added. What is exactly somebody's name stands before what is only near.
//!
//! A name is read in a few ways, each at its price in slips; the nearest writings of the directory to each reading are taken
//! together. The share of the characters that differ ranks them.

use std::collections::HashMap;

use crate::identify::directory::Directory;
use crate::identify::index::Key;
use crate::identify::naming::{NameForm, Naming};
use crate::text::fold;
use crate::text::near::Near;
use crate::text::pinyin::spelled;
use crate::text::script::is_han;

/// Prices in slips: figures read as letters, figures behind a name, words in another order, an added word, letters among
/// Han characters, characters by their sound alone.
const FIGURES_AS_LETTERS: f64 = 0.25;
const FIGURES_BEHIND: f64 = 0.25;
const OTHER_ORDER: f64 = 0.25;
const ADDED_WORD: f64 = 1.0;
const LETTERS_AMONG_HAN: f64 = 2.0;
const BY_SOUND: f64 = 0.5;
/// Somebody registered as it is written is meant rather than somebody whose characters would be spelled so.
const SPELLED: f64 = 0.5;
/// Letters of a syllable, about.
const LETTERS_A_HAN: f64 = 3.0;
/// So many figures behind a name are no letters of it.
const FIGURES_BEHIND_MIN: usize = 2;
/// Words that may be added behind a name.
const ADDED_WORDS_MAX: usize = 2;
/// Bytes of a name at least that is left when a word is taken away: five letters, two Han characters.
const LETTERS_LEFT_MIN: usize = 5;
/// Han characters that are seldom more than a name.
const HAN_NAME_MAX: usize = 3;
/// Letters for figures and signs; `1` and `!` are either of two.
const LETTERS: [(&str, char, char); 10] = [
    ("0", 'o', 'o'),
    ("1!|", 'i', 'l'),
    ("2", 'z', 'z'),
    ("3", 'e', 'e'),
    ("4@", 'a', 'a'),
    ("5$", 's', 's'),
    ("6", 'g', 'g'),
    ("7", 't', 't'),
    ("8", 'b', 'b'),
    ("9", 'g', 'g'),
];

/// Somebody's writing that a name is near.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NearName<'d> {
    /// As the directory has it, folded; in pinyin where the characters are not the same.
    pub(crate) writing: &'d str,
    /// How the name is read.
    pub(crate) reading: Reading,
    /// Characters that differ in that reading.
    pub(crate) slips: usize,
    /// Share of the characters that differ with the price of the reading, from 0.
    pub(crate) apart: f64,
    /// Whether a Han character of it is a letter or a figure in the name.
    pub(crate) is_covered: bool,
    /// Whose writing it is, rising.
    pub(crate) people: &'d [u32],
}

/// A way in which a name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reading {
    /// As it is, in any order of its words, without what is added.
    Written,
    /// With letters for figures and signs, or without letters among Han characters.
    Uncovered,
    /// By the sounds of its characters.
    Sound,
}

/// A reading of a name with its price in slips.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    text: String,
    reading: Reading,
    price: f64,
}

/// How near a writing of the directory is.
#[derive(Debug, Clone, Copy)]
struct Nearness {
    apart: f64,
    reading: Reading,
    slips: usize,
    is_covered: bool,
}

/// The writings of the directory that a shown name is near, nearest first, then in the order of the directory.
pub(crate) fn near_names<'d>(directory: &'d Directory, shown: &str) -> Vec<NearName<'d>> {
    let mut nearest: HashMap<u32, Nearness> = HashMap::new();
    for read in readings_of(shown) {
        for near in directory.near.near(&read.text) {
            let found = nearness(directory, &read, near);
            let known = nearest.entry(near.number).or_insert(found);
            if found.apart < known.apart {
                *known = found;
            }
        }
    }
    let mut ranked: Vec<(u32, Nearness)> = nearest.into_iter().collect();
    ranked.sort_unstable_by(|a, b| a.1.apart.total_cmp(&b.1.apart).then(a.0.cmp(&b.0)));
    ranked.into_iter().map(|(number, nearness)| directory.near_name(number, nearness)).collect()
}

fn nearness(directory: &Directory, read: &Read, near: Near) -> Nearness {
    let is_mixed = read.text.contains(is_han);
    let letters = near.slips as f64 * if is_mixed { LETTERS_A_HAN } else { 1.0 };
    let spelled = if near.number < directory.registered { 0.0 } else { SPELLED };
    let longer = length_of(&read.text).max(length_of(directory.near.writing(near.number)));
    Nearness {
        apart: (letters + read.price + spelled) / longer,
        reading: read.reading,
        slips: near.slips,
        is_covered: is_mixed && !read.text.chars().all(is_han),
    }
}

/// The names that a shown name may mean without being one of them. The more people are as near or nearer in the same form,
/// the less it says of each. Another Han character of another sound, or one that is missing, makes another name.
pub(crate) fn near_namings(directory: &Directory, shown: &str) -> Vec<Naming> {
    let near = near_names(directory, shown);
    let formed: Vec<(NameForm, &NearName<'_>)> = near.iter().filter_map(|near| Some((form_of(near)?, near))).collect();
    let mut bearers: HashMap<NameForm, usize> = HashMap::new();
    let mut namings = Vec::new();
    for alike in formed.chunk_by(|a, b| a.1.apart == b.1.apart) {
        alike.iter().for_each(|(form, near)| *bearers.entry(*form).or_default() += near.people.len());
        namings.extend(alike.iter().filter_map(|(form, near)| {
            let naming = Naming::new(*form, fold::plain(shown), near.people)?;
            Some(Naming { bearers: bearers[form], ..naming })
        }));
    }
    namings
}

fn form_of(near: &NearName<'_>) -> Option<NameForm> {
    let is_han_name = near.writing.contains(is_han);
    match (near.reading, near.slips) {
        (Reading::Sound, 0) => Some(NameForm::SameSound),
        (Reading::Uncovered, 0) => Some(NameForm::Covered),
        (Reading::Written, 1) if is_han_name => near.is_covered.then_some(NameForm::Covered),
        (Reading::Written | Reading::Uncovered, 1..) if !is_han_name => Some(NameForm::Misspelt),
        _ => None,
    }
}

/// Length in letters; a Han character says as much as three.
fn length_of(text: &str) -> f64 {
    text.chars().map(|c| if is_han(c) { LETTERS_A_HAN } else { 1.0 }).sum()
}

impl Directory {
    fn near_name(&self, number: u32, nearness: Nearness) -> NearName<'_> {
        let writing = self.near.writing(number);
        let is_registered = number < self.registered;
        let people = self.named(if is_registered { Key::Full(writing) } else { Key::Spelling(writing) });
        let Nearness { apart, reading, slips, is_covered } = nearness;
        NearName { writing, reading, slips, apart, is_covered, people }
    }
}

fn readings_of(shown: &str) -> Vec<Read> {
    let plain = fold::plain(shown);
    let words = words_of(&plain);
    let mut read = Vec::new();
    add(&mut read, &words, 0.0);
    for added in 1..=ADDED_WORDS_MAX.min(words.len().saturating_sub(1)) {
        let left = &words[..words.len() - added];
        if is_name_long(&left.concat()) {
            add(&mut read, left, added as f64 * ADDED_WORD);
        }
    }
    match words[..] {
        [first, second] if !first.contains(is_han) && !second.contains(is_han) => {
            add(&mut read, &[second, first], OTHER_ORDER);
        }
        [first, ..] if first.contains(is_han) => add_fronts(&mut read, first),
        _ => {}
    }
    read
}

fn is_name_long(left: &str) -> bool {
    left.len() >= LETTERS_LEFT_MIN
}

/// The first characters of a long run: a name may stand before a word without a gap.
fn add_fronts(read: &mut Vec<Read>, run: &str) {
    let ends = run.char_indices().map(|(at, _)| at).skip(2).take(2);
    let is_longer = run.chars().count() > HAN_NAME_MAX;
    ends.filter(|_| is_longer).for_each(|end| add(read, &[&run[..end]], ADDED_WORD));
}

/// Runs of Han characters and of other letters, figures and the signs that stand for letters.
fn words_of(plain: &str) -> Vec<&str> {
    let is_kept = |c: char| c.is_alphanumeric() || figure(c).is_some();
    let runs = plain.split(|c: char| !is_kept(c)).filter(|run| !run.is_empty());
    runs.flat_map(|run| {
        let border = run.char_indices().zip(run.chars().skip(1));
        let borders = border.filter(|((_, a), b)| is_han(*a) != is_han(*b)).map(|((at, a), _)| at + a.len_utf8());
        let ends: Vec<usize> = borders.chain([run.len()]).collect();
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends).map(|(start, end)| &run[start..end]).collect::<Vec<_>>()
    })
    .collect()
}

fn add(read: &mut Vec<Read>, words: &[&str], price: f64) {
    let text = words.concat();
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let figures = text.len() - name.len();
    if figures > 0 && !name.is_empty() {
        add_letters(read, name, price + FIGURES_BEHIND);
    }
    if figures < FIGURES_BEHIND_MIN || name.is_empty() {
        add_letters(read, &text, price);
    }
    add_han(read, name, price);
}

/// Its Han characters alone, or by their sounds where there is nothing else.
fn add_han(read: &mut Vec<Read>, name: &str, price: f64) {
    let han: String = name.chars().filter(|&c| is_han(c)).collect();
    if han.len() == name.len() {
        read.extend(spelled(&han).map(|text| Read { text, reading: Reading::Sound, price: price + BY_SOUND }));
    } else if han.chars().count() > 1 {
        read.push(Read { text: han, reading: Reading::Uncovered, price: price + LETTERS_AMONG_HAN });
    }
}

/// The text as it is, or with letters for its figures where it has any.
fn add_letters(read: &mut Vec<Read>, text: &str, price: f64) {
    if !text.contains(|c| figure(c).is_some()) {
        return read.push(Read { text: text.to_owned(), reading: Reading::Written, price });
    }
    let letters =
        |choose: fn((char, char)) -> char| text.chars().map(|c| figure(c).map_or(c, choose)).collect::<String>();
    let mut texts = vec![letters(|(first, _)| first), letters(|(_, second)| second)];
    texts.dedup();
    let price = price + FIGURES_AS_LETTERS;
    read.extend(texts.into_iter().map(|text| Read { text, reading: Reading::Uncovered, price }));
}

fn figure(c: char) -> Option<(char, char)> {
    LETTERS.iter().find(|(figures, ..)| figures.contains(c)).map(|(_, first, second)| (*first, *second))
}

#[cfg(test)]
mod tests {
    use super::{near_namings, readings_of};
    use crate::identify::directory::Directory;
    use crate::identify::naming::NameForm;
    use crate::model::person::Employee;

    const NAMES: [&str; 6] = ["林知夏", "欧阳舟", "周行简", "周行健", "Mary Smith", "林知"];

    fn directory() -> Directory {
        let employee = |name: &&str| Employee { id: (*name).into(), name: (*name).to_owned(), ..Employee::default() };
        Directory::of(&NAMES.iter().map(employee).collect::<Vec<_>>())
    }

    fn nearest(shown: &str) -> Vec<String> {
        directory().nearest(shown, 5).iter().map(|employee| employee.name.clone()).collect()
    }

    #[test]
    fn a_disguised_name_is_nearest_to_its_bearer_s() {
        for shown in
            ["林z知夏", "i知夏", "林知夏88", "林知夏客服", "林知夏_official", "林之夏", "linzixia", "L1nzh1xia"]
        {
            assert_eq!(nearest(shown).first().map(String::as_str), Some("林知夏"), "{shown}");
        }
        for shown in ["mary_smiht", "M4ry 5mith", "Smith Mary", "Mary Smith support.hr", "mray.smith2024"] {
            assert_eq!(nearest(shown), ["Mary Smith"], "{shown}");
        }
    }

    #[test]
    fn an_exact_name_stands_before_one_of_the_same_sound_and_a_shorter_one() {
        assert_eq!(nearest("周行健")[..2], ["周行健", "周行简"]);
        assert_eq!(nearest("林知夏"), ["林知夏", "林知"]);
    }

    #[test]
    fn who_is_equally_near_stands_in_the_order_of_the_directory_and_no_more_than_asked_for() {
        let directory = directory();
        let ids = |most| directory.nearest("周行剑", most).iter().map(|e| e.name.clone()).collect::<Vec<_>>();
        assert_eq!(ids(5), ["周行简", "周行健"]);
        assert_eq!(ids(1), ["周行简"]);
    }

    #[test]
    fn nobody_is_near_what_is_no_name() {
        for shown in ["", "😀", "8", "望楼官方旗舰店", &"a".repeat(5000)] {
            assert_eq!(nearest(shown), [] as [&str; 0], "{shown}");
        }
    }

    #[test]
    fn a_name_is_read_at_few_prices() {
        assert!(readings_of("a1b2 c3d4 e5f6 林知夏客服9").len() <= 16);
    }

    fn forms(shown: &str) -> Vec<(NameForm, usize)> {
        near_namings(&directory(), shown).iter().map(|naming| (naming.form, naming.bearers)).collect()
    }

    #[test]
    fn each_way_of_being_near_is_its_own_form_and_says_less_the_more_people_are_as_near() {
        assert_eq!(forms("林之夏"), [(NameForm::SameSound, 1)]);
        assert_eq!(forms("i知夏"), [(NameForm::Covered, 1)]);
        assert_eq!(forms("mary smiht"), [(NameForm::Misspelt, 1)]);
        assert_eq!(forms("zhouxinjian"), [(NameForm::Misspelt, 2); 1]);
        assert_eq!(forms("周行剑"), [(NameForm::SameSound, 2)]);
    }

    #[test]
    fn another_character_of_another_sound_makes_another_name() {
        assert_eq!(forms("林知秋"), []);
        assert_eq!(forms("知夏"), []);
    }
}
