//! Names in the Latin words of an account's name: HE Poyi, yangxilan94, Ma JN, J. Hu, Alec Li, Misty邓.

use crate::detect::scan::FieldText;
use crate::identify::directory::Directory;
use crate::identify::index::Key;
use crate::identify::latin::readings;
use crate::identify::names::surname;
use crate::identify::naming::{NameForm, Naming};
use crate::text::script::is_han;

/// Words that make up one name at most: surname and given name of two syllables, written apart.
const WORDS_MAX: usize = 4;
/// Letters of a full spelling at least: shorter ones are words of every language.
const SPELLING_LETTERS_MIN: usize = 4;
/// Letters of a surname with initials at least.
const INITIALS_LETTERS_MIN: usize = 3;

/// A Latin word and whether a full stop ends it.
struct Word<'t> {
    letters: &'t str,
    is_abbreviated: bool,
    start: usize,
    end: usize,
}

/// Every reading of the Latin words as somebody's name.
pub(crate) fn latin_names(directory: &Directory, text: &FieldText, found: &mut Vec<Naming>) {
    let words = words_of(text.plain());
    for first in 0..words.len() {
        for count in 1..=WORDS_MAX.min(words.len() - first) {
            names_in(directory, &words[first..first + count], found);
        }
        english_name(directory, text.plain(), &words, first, found);
    }
}

fn words_of(plain: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    for piece in plain.split(|c: char| !c.is_ascii_alphabetic()) {
        let end = start + piece.len();
        if !piece.is_empty() {
            words.push(Word { letters: piece, is_abbreviated: plain[end..].starts_with('.'), start, end });
        }
        start = end + plain[end..].chars().next().map_or(0, char::len_utf8);
    }
    words
}

fn names_in(directory: &Directory, words: &[Word<'_>], found: &mut Vec<Naming>) {
    let letters: String = words.iter().map(|word| word.letters).collect();
    if letters.len() >= SPELLING_LETTERS_MIN {
        let common = directory.named(Key::Spelling(&letters));
        let uncommon = directory.named(Key::UncommonSpelling(&letters));
        found.extend(Naming::new(NameForm::Spelled, &letters, common));
        let uncommon = Naming::new(NameForm::SpelledUncommonly, &letters, uncommon);
        found.extend(uncommon.map(|naming| naming.beside(common.len())));
    }
    if letters.len() >= INITIALS_LETTERS_MIN && words.len() <= 2 {
        found.extend(Naming::new(NameForm::Initials, &letters, directory.named(Key::Initials(&letters))));
    }
    if let [initial, _] = words
        && initial.is_abbreviated
        && initial.letters.len() == 1
    {
        found.extend(Naming::new(NameForm::Initials, &letters, directory.named(Key::FirstInitial(&letters))));
    }
}

/// A registered English name, and those among its bearers whose surname stands beside it.
fn english_name(directory: &Directory, plain: &str, words: &[Word<'_>], at: usize, found: &mut Vec<Naming>) {
    let word = &words[at];
    let bearers = directory.named(Key::English(word.letters));
    if bearers.is_empty() {
        return;
    }
    let neighbour = words.get(at + 1).map(|next| next.letters);
    let sides = [han_before(&plain[..word.start]), han_after(&plain[word.end..])];
    let fits = |name: &str| {
        let is_read = |word: &str| readings(surname(name), "").iter().any(|reading| reading.surname() == word);
        let stands = |side: &str| side == surname(name) || side.contains(name);
        neighbour.is_some_and(is_read) || sides.iter().any(|side| stands(side))
    };
    let of_surname: Vec<u32> = bearers.iter().copied().filter(|&person| fits(&directory.folded_name(person))).collect();
    let is_named = sides.iter().any(|side| is_name_like(directory, side));
    if of_surname.is_empty() && neighbour.is_none() && !is_named {
        found.extend(Naming::new(NameForm::English, word.letters, bearers));
    }
    found.extend(Naming::new(NameForm::EnglishWithSurname, word.letters, &of_surname));
}

/// Whether Han characters beside an English name are rather somebody's Han name: few, and the first a surname.
fn is_name_like(directory: &Directory, han: &str) -> bool {
    let is_short = (1..=4).contains(&han.chars().count());
    is_short && [surname(han), han].iter().any(|name| !directory.named(Key::Surname(name)).is_empty())
}

fn han_before(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.char_indices().rev().take_while(|(_, c)| is_han(*c)).last().map_or(text.len(), |(at, _)| at);
    &text[start..]
}

fn han_after(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.char_indices().find(|(_, c)| !is_han(*c)).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{han_after, han_before, latin_names, words_of};
    use crate::detect::scan::FieldText;
    use crate::identify::directory::Directory;
    use crate::identify::naming::NameForm;
    use crate::model::person::Employee;
    use crate::model::term::Field;

    fn forms(name: &str) -> Vec<NameForm> {
        let employee = |id: &str, name: &str, english: &str| Employee {
            id: id.into(),
            name: name.to_owned(),
            english_name: english.to_owned(),
            ..Employee::default()
        };
        let directory = Directory::of(&[employee("E1", "林知夏", "Tess"), employee("E2", "欧阳舟", "")]);
        let mut found = Vec::new();
        latin_names(&directory, &FieldText::new(Field::AccountName, name), &mut found);
        found.into_iter().map(|naming| naming.form).collect()
    }

    #[test]
    fn a_name_is_read_in_pinyin_in_either_order_and_with_figures_behind() {
        for name in ["linzhixia", "Lin Zhixia", "Zhixia LIN", "zhi xia lin", "linzhixia94", "ouyang.zhou"] {
            assert_eq!(forms(name), [NameForm::Spelled], "{name}");
        }
        assert_eq!(forms("linzhixiao"), []);
    }

    #[test]
    fn initials_stand_for_the_whole_given_name_or_with_a_stop_for_its_first_character() {
        for name in ["linzx", "Lin ZX", "zxlin", "Z. Lin"] {
            assert_eq!(forms(name), [NameForm::Initials], "{name}");
        }
        assert_eq!(forms("zlin"), []);
    }

    #[test]
    fn an_english_name_goes_with_the_surname_beside_it() {
        for name in ["Tess Lin", "Tess林", "林Tess", "Tess 林知夏"] {
            assert_eq!(forms(name), [NameForm::EnglishWithSurname], "{name}");
        }
        assert_eq!(forms("Tess"), [NameForm::English]);
        assert_eq!(forms("Tess在云舟"), [NameForm::English]);
        assert_eq!(forms("Tess Wang"), [], "another surname is another person");
        assert_eq!(forms("Tess欧阳"), [], "another surname is another person");
    }

    #[test]
    fn words_and_their_neighbours_are_cut_at_characters() {
        let words = words_of("j. hu邓a");
        assert_eq!(
            words.iter().map(|word| (word.letters, word.is_abbreviated)).collect::<Vec<_>>(),
            [("j", true), ("hu", false), ("a", false)]
        );
        assert_eq!((han_before("a云舟 "), han_after(" 云舟a")), ("云舟", "云舟"));
    }
}
