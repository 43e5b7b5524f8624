//! Words of the language: which there are, how often they are met, and which are everyday words.
//!
//! From the dictionary of jieba (`tools/text_tables.sh`). Names of people are not in it where nobody wrote of them; what is
//! missing is taken for no word.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

/// Characters of the longest word.
pub const WORD_CHARS_MAX: usize = 6;

/// A word of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Binary logarithm of how often it is met, in a corpus of some sixty million words.
    pub frequency: u8,
    /// Whether it is a word of everyday language rather than a name.
    pub is_everyday: bool,
}

/// Binary logarithm of the corpus's length in words.
const CORPUS: f64 = 25.8;

struct Words {
    /// All words behind one another, sorted.
    text: String,
    /// Where each begins; one more for the end.
    starts: Vec<u32>,
    about: Vec<Word>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::read(include_bytes!("tables/words.zst")));

impl Words {
    fn read(table: &[u8]) -> Self {
        let mut lines = String::new();
        let mut decoder = zstd::Decoder::new(table).expect("the table is built in");
        decoder.read_to_string(&mut lines).expect("the table is built in");
        let mut words = Self { text: String::new(), starts: vec![0], about: Vec::new() };
        let mut word = String::new();
        for line in lines.lines() {
            words.push(line, &mut word);
        }
        words
    }

    /// Reads a line: characters shared with the word before, the others, the frequency's letter, `-` for a name.
    fn push(&mut self, line: &str, word: &mut String) {
        let (line, is_everyday) = line.strip_suffix('-').map_or((line, true), |line| (line, false));
        let (shared, rest) = line.split_at(1);
        let (rest, letter) = rest.split_at(rest.len() - 1);
        let shared: usize = shared.parse().unwrap_or_default();
        let keep = word.char_indices().nth(shared).map_or(word.len(), |(at, _)| at);
        word.truncate(keep);
        word.push_str(rest);
        self.text.push_str(word);
        self.starts.push(self.text.len() as u32);
        self.about.push(Word { frequency: letter.as_bytes()[0] - b'A', is_everyday });
    }

    fn at(&self, index: usize) -> &str {
        &self.text[self.starts[index] as usize..self.starts[index + 1] as usize]
    }

    fn find(&self, word: &str) -> Option<Word> {
        let (mut low, mut high) = (0, self.about.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.at(middle).cmp(word) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(self.about[middle]),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// What the dictionary says of a word of two to six ideographs in simplified writing.
pub fn word(text: &str) -> Option<Word> {
    WORDS.find(text)
}

/// Names that hold a character at most which names hardly ever have.
const NAMES_MAX: u32 = 10;

/// Whether names hardly ever have the character: of those in the dictionary ten at most. Nearly all names are words that are
/// not of everyday language; what else there is does not change the figure much.
pub fn is_seldom_in_names(c: char) -> bool {
    static NAMES: LazyLock<HashMap<char, u32>> = LazyLock::new(names_by_char);
    NAMES.get(&c).is_none_or(|&names| names <= NAMES_MAX)
}

fn names_by_char() -> HashMap<char, u32> {
    let mut names = HashMap::new();
    for index in (0..WORDS.about.len()).filter(|&index| !WORDS.about[index].is_everyday) {
        let name = WORDS.at(index);
        // A character that is there twice is counted where it is there first.
        let first = name.char_indices().filter(|(at, c)| !name[..*at].contains(*c));
        first.for_each(|(_, c)| *names.entry(c).or_default() += 1);
    }
    names
}

/// Binary logarithm of how often a word is met at least that everybody knows.
const EVERYDAY_MIN: u8 = 4;
/// Characters of the longest word that marks share with the language.
const EVERYDAY_CHARS_MAX: usize = 4;

/// Whether a writing is an everyday word: short, not a name, and met often.
pub fn is_everyday(writing: &str) -> bool {
    let is_short = writing.chars().count() <= EVERYDAY_CHARS_MAX;
    is_short && word(writing).is_some_and(|word| word.is_everyday && word.frequency >= EVERYDAY_MIN)
}

/// Longer words that hold a part, the most frequent first, as many as asked for at most.
pub fn longer_words(part: &str, count: usize) -> Vec<&'static str> {
    let words: &'static Words = &WORDS;
    let holds = |index: &usize| words.at(*index).len() > part.len() && words.at(*index).contains(part);
    let mut found: Vec<usize> = (0..words.about.len()).filter(holds).collect();
    found.sort_by_key(|&index| std::cmp::Reverse(words.about[index].frequency));
    found.into_iter().take(count).map(|index| words.at(index)).collect()
}

/// Where the likeliest reading of a run of ideographs parts its words, by the frequencies of single words: the beginnings
/// of all words but the first.
pub fn word_starts(run: &str) -> Vec<usize> {
    let chars: Vec<(usize, char)> = run.char_indices().collect();
    let byte = |place: usize| chars.get(place).map_or(run.len(), |(at, _)| *at);
    // From the end: the best logarithm of the likelihood of the rest, and where its first word ends.
    let mut best = vec![(0.0, chars.len()); chars.len() + 1];
    for place in (0..chars.len()).rev() {
        let ends = place + 1..=chars.len().min(place + WORD_CHARS_MAX);
        let weigh = |end: usize| {
            let known = word(&run[byte(place)..byte(end)]).map(|word| f64::from(word.frequency));
            let single = (end == place + 1).then_some(0.0);
            Some((known.or(single)? - CORPUS + best[end].0, end))
        };
        best[place] = ends.filter_map(weigh).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, place + 1));
    }
    let mut starts = Vec::new();
    let mut place = best[0].1;
    while place < chars.len() {
        starts.push(place);
        place = best[place].1;
    }
    starts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{is_seldom_in_names, longer_words, word, word_starts};

    #[test]
    fn everyday_words_are_told_from_names() {
        assert!(word("苹果").is_some_and(|w| w.is_everyday));
        assert!(word("北京").is_some_and(|w| !w.is_everyday));
        assert_eq!(word("云舟储能"), None);
    }

    #[test]
    fn characters_that_names_hardly_have_are_told() {
        assert!("侄哑搞".chars().all(is_seldom_in_names));
        assert!("福泰河国".chars().all(|c| !is_seldom_in_names(c)));
    }

    #[test]
    fn longer_words_hold_the_part_and_more() {
        let found = longer_words("京东", 5);
        assert!(found.contains(&"京东方"), "{found:?}");
        assert!(longer_words("云舟储", 5).is_empty());
    }

    #[test]
    fn words_are_parted_where_they_are_likeliest() {
        assert_eq!(word_starts("移民生活"), [2]);
        assert_eq!(word_starts("上海市民生活"), [2, 4]);
    }

    proptest! {
        #[test]
        fn any_run_is_parted_within_its_length(run in "[云舟民生活上海市移卓识]{0,20}") {
            let length = run.chars().count();
            assert!(word_starts(&run).iter().all(|&start| start > 0 && start < length));
        }
    }
}
