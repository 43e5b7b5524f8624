//! Toneless pinyin of Han characters.

use std::collections::HashSet;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

/// Surnames whose reading differs from the common one of the character.
/// Source: readings marked as surname in 《现代汉语词典》, 7th edition.
const SURNAME_READINGS: &[(char, &str)] = &[
    ('单', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('任', "ren"),
    ('朴', "piao"),
    ('区', "ou"),
    ('盖', "ge"),
    ('种', "chong"),
    ('洗', "xian"),
    ('缪', "miao"),
    ('覃', "qin"),
    ('翟', "zhai"),
    ('尹', "yin"),
    ('乐', "yue"),
    ('员', "yun"),
    ('黑', "he"),
    ('秘', "bi"),
    ('华', "hua"),
    ('令', "ling"),
    ('万', "wan"),
    ('宁', "ning"),
    ('都', "du"),
    ('折', "she"),
    ('繁', "po"),
    ('不', "fou"),
    ('召', "shao"),
];

/// The common reading of a character, without tone and with ü as v. None for characters without a reading.
pub fn syllable(c: char) -> Option<&'static str> {
    c.to_pinyin().map(|reading| typed(reading.plain()))
}

/// ü as it is typed.
fn typed(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        other => other,
    }
}

/// Every toneless syllable of the characters of the basic plane.
pub static SYLLABLES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| ('\u{4e00}'..='\u{9fff}').filter_map(syllable).collect());

/// One letter of syllables: by which letters they go on, and whether one ends here.
#[derive(Default)]
struct Letter {
    next: [u16; 26],
    is_end: bool,
}

/// The syllables letter by letter; the first stands for no letter yet.
static LETTERS: LazyLock<Vec<Letter>> = LazyLock::new(|| {
    let mut letters = vec![Letter::default()];
    for syllable in SYLLABLES.iter().filter(|syllable| syllable.bytes().all(|b| b.is_ascii_lowercase())) {
        enter(&mut letters, syllable);
    }
    letters
});

fn enter(letters: &mut Vec<Letter>, syllable: &str) {
    let mut at = 0;
    for letter in syllable.bytes().map(|b| usize::from(b - b'a')) {
        if letters[at].next[letter] == 0 {
            letters[at].next[letter] = letters.len() as u16;
            letters.push(Letter::default());
        }
        at = usize::from(letters[at].next[letter]);
    }
    letters[at].is_end = true;
}

/// The lengths of all syllables with which letters begin, rising.
pub(crate) fn syllables_at(letters: &[char]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    let steps = (1..).zip(letters).map_while(move |(length, letter)| {
        let letter = u32::from(*letter).wrapping_sub(u32::from('a')) as usize;
        at = usize::from(*LETTERS[at].next.get(letter)?);
        (at > 0).then(|| (length, LETTERS[at].is_end))
    });
    steps.filter(|(_, is_end)| *is_end).map(|(length, _)| length)
}

/// Beginnings of syllables that many speakers of the south do not tell apart, each with the one that stands for both.
const MERGED_BEGINNINGS: [(&str, &str); 6] =
    [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("hu", "fu")];

/// A syllable with what many speakers of the south do not tell apart written alike: zh and z, ch and c, sh and s, n, r and l at the
/// beginning, hu and f, ng and n at the end.
pub fn merged_syllable(syllable: &str) -> String {
    let begun = MERGED_BEGINNINGS.iter().find_map(|(from, to)| Some(format!("{to}{}", syllable.strip_prefix(from)?)));
    let begun = begun.unwrap_or_else(|| syllable.to_owned());
    // huan and fan, hui and fei: f is not followed by u and another vowel.
    let begun = match begun.strip_prefix("fu").filter(|rest| !rest.is_empty()) {
        Some("i") => "fei".to_owned(),
        Some("n" | "ng") => "fen".to_owned(),
        Some(rest) => format!("f{rest}"),
        None => begun,
    };
    begun.strip_suffix("ng").map_or(begun.clone(), |open| format!("{open}n"))
}

/// Every reading of a character, common one first.
pub fn syllables(c: char) -> Vec<&'static str> {
    let mut readings: Vec<&'static str> = syllable(c).into_iter().collect();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let reading = typed(reading.plain());
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

/// How a surname's first character may be read: by the surname's own reading where it has one, and as those read it who
/// do not know that.
pub fn surname_syllables(c: char) -> Vec<&'static str> {
    let own = SURNAME_READINGS.iter().find(|(surname, _)| *surname == c).map(|(_, reading)| *reading);
    let mut readings: Vec<&'static str> = own.into_iter().collect();
    readings.extend(syllable(c).filter(|common| Some(*common) != own));
    readings
}

/// The text in pinyin without gaps, when every character has a reading.
pub fn spelled(text: &str) -> Option<String> {
    text.chars().map(syllable).collect::<Option<Vec<_>>>().filter(|s| !s.is_empty()).map(|s| s.concat())
}

/// Spellings of a text at most that differ by the readings of its characters.
const SPELLINGS_MAX: usize = 8;

/// The text in pinyin without gaps by every reading of its characters, common ones first; none when one has no reading.
pub fn spellings(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for c in text.chars() {
        let next = syllables(c);
        let with = |before: &String| next.iter().map(|syllable| format!("{before}{syllable}")).collect::<Vec<_>>();
        all = all.iter().flat_map(with).take(SPELLINGS_MAX).collect();
    }
    all.retain(|spelling| !spelling.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::{SYLLABLES, spelled, spellings, surname_syllables, syllable, syllables, syllables_at};

    #[test]
    fn a_name_is_spelled_without_tones() {
        assert_eq!(spelled("云舟").as_deref(), Some("yunzhou"));
        assert_eq!(spelled("云A"), None);
        assert!(spellings("银行").contains(&"yinhang".to_owned()) && spellings("云A").is_empty());
    }

    #[test]
    fn letters_begin_with_the_syllables_that_they_begin_with() {
        for letters in ["xianga", "yinhang", "nver", "support", "zhuangx", "云a", ""] {
            let letters: Vec<char> = letters.chars().collect();
            let is_syllable =
                |length: &usize| SYLLABLES.contains(letters[..*length].iter().collect::<String>().as_str());
            assert!(syllables_at(&letters).eq((1..=letters.len()).filter(is_syllable)), "{letters:?}");
        }
    }

    #[test]
    fn a_surname_has_its_own_reading_first() {
        assert_eq!(surname_syllables('单')[0], "shan");
        assert_eq!(surname_syllables('曾'), ["zeng", "ceng"]);
        assert!(syllables('乐').contains(&"yue"));
        assert_eq!(syllable('吕'), Some("lv"));
    }
}
