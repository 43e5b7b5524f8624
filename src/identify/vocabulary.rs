//! Words of titles, departments and cities, looked for in an account's texts in one pass for the whole directory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use daachorse::CharwiseDoubleArrayAhoCorasick;

use crate::detect::lexicon::{RANK, SAME_TRADE};
use crate::detect::scan::{CharPlaces, FieldText};
use crate::text::boundary::is_free_of_letters;
use crate::text::fold;
use crate::text::script::is_han;

/// What about a person others share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Attribute {
    Title,
    Department,
    City,
}

/// The number of an attribute that is not entered.
pub(crate) const UNKNOWN: u32 = 0;

/// One word that stands for a title, department or city, plainest first.
#[derive(Debug, Clone)]
struct Meaning {
    attribute: Attribute,
    number: u32,
    /// Place among the words of the same attribute: the whole is 0.
    rank: u32,
    /// The word of the directory; the text may have a synonym of it.
    word: String,
    /// As the text has it, folded.
    writing: String,
}

/// Numbered attributes and the words that say them.
#[derive(Default)]
pub(crate) struct Vocabulary {
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    meanings: Vec<Vec<Meaning>>,
    people: HashMap<(Attribute, u32), usize>,
    all: usize,
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vocabulary").field("words", &self.meanings.len()).finish_non_exhaustive()
    }
}

/// Collects attributes.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    numbers: HashMap<(Attribute, String), u32>,
    people: HashMap<(Attribute, u32), usize>,
    all: usize,
}

impl Builder {
    /// The number of an attribute, counted as one more person's.
    pub(crate) fn number(&mut self, attribute: Attribute, text: &str) -> u32 {
        self.all += usize::from(attribute == Attribute::Title);
        if text.is_empty() {
            return UNKNOWN;
        }
        let next = self.numbers.len() as u32 + 1;
        let number = *self.numbers.entry((attribute, text.to_owned())).or_insert(next);
        *self.people.entry((attribute, number)).or_default() += 1;
        number
    }

    /// The finished vocabulary.
    pub(crate) fn build(self) -> Vocabulary {
        let mut by_word: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
        for ((attribute, text), &number) in &self.numbers {
            for (word, rank) in words_of(*attribute, text).into_iter().zip(0..) {
                for writing in writings(&word) {
                    let word = word.clone();
                    let meaning = Meaning { attribute: *attribute, number, rank, word, writing: writing.clone() };
                    by_word.entry(writing).or_default().push(meaning);
                }
            }
        }
        let numbered = by_word.keys().zip(0_u32..).map(|(word, value)| (word.as_str(), value));
        // The builder refuses an empty set and nothing else: the words are unique and not empty.
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(numbered).ok();
        Vocabulary { automaton, meanings: by_word.into_values().collect(), people: self.people, all: self.all }
    }
}

/// What the texts of an account say, by attribute.
#[derive(Debug, Default)]
pub(crate) struct Said<'v>(HashMap<(Attribute, u32), &'v Meaning>);

impl<'v> Said<'v> {
    /// The word by which an attribute is said.
    pub(crate) fn word(&self, attribute: Attribute, number: u32) -> Option<&'v str> {
        self.0.get(&(attribute, number)).map(|meaning| meaning.word.as_str())
    }

    /// Whether the attribute is said whole.
    pub(crate) fn is_whole(&self, attribute: Attribute, number: u32) -> bool {
        self.0.get(&(attribute, number)).is_some_and(|meaning| meaning.rank == 0)
    }

    /// Whether any attribute of the kind is said.
    pub(crate) fn says_any(&self, attribute: Attribute) -> bool {
        self.0.keys().any(|(said, _)| *said == attribute)
    }

    /// How many things of their own are said of the attributes: a writing that says two of them, or that is a part of
    /// another's, is one.
    pub(crate) fn things(&self, attributes: &[(Attribute, u32)]) -> usize {
        let said = attributes.iter().filter_map(|attribute| self.0.get(attribute));
        let writings: BTreeSet<&str> = said.map(|meaning| meaning.writing.as_str()).collect();
        let is_part = |writing: &str| writings.iter().any(|other| *other != writing && other.contains(writing));
        writings.iter().filter(|writing| !is_part(writing)).count()
    }

    /// Whether anything is said by more than one writing.
    pub(crate) fn is_of_several_writings(&self) -> bool {
        let first = self.0.values().next();
        first.is_some_and(|first| self.0.values().any(|meaning| meaning.writing != first.writing))
    }

    fn numbers(&self, attribute: Attribute) -> impl Iterator<Item = u32> {
        self.0.keys().filter(move |(said, _)| *said == attribute).map(|(_, number)| *number)
    }
}

impl Vocabulary {
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    /// What the texts say.
    pub(crate) fn said<'v, 't>(&'v self, texts: impl Iterator<Item = &'t FieldText>) -> Said<'v> {
        let mut said = Said::default();
        texts.for_each(|text| self.hear(text, &mut said));
        said
    }

    /// Whether a folded text is one of the words, whole.
    pub(crate) fn is_word(&self, text: &str) -> bool {
        let Some(automaton) = self.automaton.as_ref().filter(|_| !text.is_empty()) else { return false };
        automaton.find_overlapping_iter(text).any(|found| found.start() == 0 && found.end() == text.len())
    }

    fn hear<'v>(&'v self, text: &FieldText, said: &mut Said<'v>) {
        let Some(automaton) = &self.automaton else { return };
        let mut places = CharPlaces::of(text.plain());
        for found in automaton.find_overlapping_iter(text.plain()) {
            let at = places.of_bytes(found.start()..found.end());
            if is_free_of_letters(text.folded.plain(), at.start, at.end) {
                self.meanings[found.value() as usize].iter().for_each(|meaning| keep(said, meaning));
            }
        }
    }

    /// Share of the directory that bears one of the attributes said, 0..=1: how often chance alone would agree.
    pub(crate) fn share(&self, said: &Said<'_>, attribute: Attribute) -> f64 {
        let people: usize = said.numbers(attribute).filter_map(|number| self.people.get(&(attribute, number))).sum();
        people as f64 / self.all.max(1) as f64
    }
}

fn keep<'v>(said: &mut Said<'v>, meaning: &'v Meaning) {
    let known = said.0.entry((meaning.attribute, meaning.number)).or_insert(meaning);
    if meaning.rank < known.rank {
        *known = meaning;
    }
}

/// A word and the other words of its trade, folded.
fn writings(word: &str) -> Vec<String> {
    let word = fold::plain(word).into_owned();
    let same = SAME_TRADE.iter().filter(|line| line.contains(&word.as_str()));
    let mut writings: Vec<String> = same.flat_map(|line| line.iter()).map(|w| fold::plain(w).into_owned()).collect();
    writings.push(word);
    writings.retain(|writing| !writing.is_empty());
    writings.sort();
    writings.dedup();
    writings
}

fn words_of(attribute: Attribute, text: &str) -> Vec<String> {
    match attribute {
        Attribute::Title => words_of_title(text),
        Attribute::Department => words_of_department(text),
        Attribute::City => vec![text.to_owned()],
    }
}

/// The whole title and its trade: what is left without words of rank, as a whole and in pieces of two characters. A rank
/// alone says nothing.
fn words_of_title(title: &str) -> Vec<String> {
    let trade = RANK.iter().fold(title.to_owned(), |title, rank| title.replace(rank, ""));
    let mut words = vec![title.to_owned()];
    words.extend(pieces(&trade));
    words.retain(|word| word.chars().count() >= 2 && !RANK.contains(&word.as_str()));
    words
}

/// The trade in a department's name.
fn words_of_department(department: &str) -> Vec<String> {
    let endings = ["办公室", "中心", "大区", "事业部", "部门", "部", "处", "科", "室", "组", "车间"];
    let core = endings.iter().find_map(|ending| department.strip_suffix(ending)).unwrap_or(department);
    let mut words = vec![department.to_owned()];
    words.extend(pieces(core));
    words.retain(|word| word.chars().count() >= 2 && word != "综合" && word != "管理");
    words
}

/// The text itself, its Latin runs, and its Han runs in pairs from the front.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![text.to_owned()];
    let han: Vec<char> = text.chars().filter(|&c| is_han(c)).collect();
    if han.len() >= 4 || han.len() < text.chars().count() {
        pieces.extend(han.chunks(2).filter(|pair| pair.len() == 2).map(|pair| pair.iter().collect()));
    }
    pieces.extend(text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() >= 2).map(str::to_owned));
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Vocabulary};
    use crate::detect::scan::FieldText;
    use crate::model::term::Field;

    #[test]
    fn a_department_is_said_by_its_trade_and_by_a_synonym_of_it() {
        let mut builder = Vocabulary::builder();
        let people = builder.number(Attribute::Department, "人力资源部");
        let sales = builder.number(Attribute::Department, "销售部");
        let vocabulary = builder.build();
        let text = FieldText::new(Field::Bio, "HR，坐标滨城");
        let said = vocabulary.said(std::iter::once(&text));
        assert_eq!(said.word(Attribute::Department, people), Some("人力资源"));
        assert_eq!(said.word(Attribute::Department, sales), None);
        assert!(!said.is_whole(Attribute::Department, people) && !said.says_any(Attribute::City));
    }

    #[test]
    fn one_word_for_two_attributes_is_one_thing() {
        let mut builder = Vocabulary::builder();
        let sales = [
            (Attribute::Title, builder.number(Attribute::Title, "销售经理")),
            (Attribute::Department, builder.number(Attribute::Department, "销售部")),
        ];
        let centre = [
            (Attribute::Department, builder.number(Attribute::Department, "滨城研发中心")),
            (Attribute::City, builder.number(Attribute::City, "滨城")),
        ];
        let vocabulary = builder.build();
        let things = |text: &str, attributes| {
            let text = FieldText::new(Field::Bio, text);
            vocabulary.said(std::iter::once(&text)).things(attributes)
        };
        assert_eq!(["做销售", "销售经理", "销售部 销售经理"].map(|text| things(text, &sales)), [1, 1, 2]);
        assert_eq!(["坐标滨城", "滨城研发中心", "滨城 研发"].map(|text| things(text, &centre)), [1, 1, 1]);
        assert_eq!(things("研发", &centre), 1);
    }

    #[test]
    fn latin_words_count_only_where_they_stand_free() {
        let mut builder = Vocabulary::builder();
        builder.number(Attribute::Department, "IT部");
        let vocabulary = builder.build();
        let text = FieldText::new(Field::Bio, "with kit");
        assert!(!vocabulary.said(std::iter::once(&text)).says_any(Attribute::Department));
    }

    #[test]
    fn the_share_counts_everybody_of_whom_it_may_be_said() {
        let mut builder = Vocabulary::builder();
        for (title, city) in [("", "滨城"), ("", "滨城"), ("", "岚城"), ("", "")] {
            builder.number(Attribute::Title, title);
            builder.number(Attribute::City, city);
        }
        let vocabulary = builder.build();
        let text = FieldText::new(Field::Bio, "坐标滨城");
        let said = vocabulary.said(std::iter::once(&text));
        assert!((vocabulary.share(&said, Attribute::City) - 0.5).abs() < 1e-9);
    }
}
