//! Handles that somebody would take who flies a mark: its pinyin, its initials, with what makes an account look official.

use std::collections::BTreeSet;

use crate::detect::lexicon::OFFICIAL_WORDS;
use crate::model::term::{MatchMode, Term};
use crate::text::pinyin::{spelled, syllable};

/// Most handles of a mark.
pub const VARIANTS_MAX: usize = 160;
/// Shorter stems say too little.
const STEM_CHARS_MIN: usize = 3;
/// Parts that make an account look like the company's own, after the stem, for sites with Chinese names.
const CHINESE: [&str; 4] = ["官方", "客服", "招聘", "HR"];
const SEPARATORS: [&str; 4] = ["", "_", "-", "."];

/// Handles under which a mark may be flown, the likeliest first: the mark itself, its pinyin, its initials, and these with
/// what makes an account look official. At most [`VARIANTS_MAX`].
pub fn variants(mark: &str) -> Vec<String> {
    let stems = stems(mark);
    let mut found: Vec<String> = stems.clone();
    for stem in stems.iter().filter(|stem| !stem.is_ascii()) {
        found.extend(CHINESE.iter().map(|word| format!("{stem}{word}")));
    }
    for separator in SEPARATORS {
        for stem in stems.iter().filter(|stem| stem.is_ascii()) {
            found.extend(OFFICIAL_WORDS.iter().map(|suffix| format!("{stem}{separator}{suffix}")));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|handle| seen.insert(handle.clone()));
    found.truncate(VARIANTS_MAX);
    found
}

/// Handles under which a term of the watchlist may be flown, the likeliest first: those of its text and of its other
/// writings in turn, each once. Patterns and combinations have none.
pub fn handles(term: &Term, most: usize) -> Vec<String> {
    if matches!(term.mode, MatchMode::Regex | MatchMode::Combination) {
        return Vec::new();
    }
    let of_each: Vec<Vec<String>> =
        std::iter::once(&term.text).chain(&term.aliases).map(|text| variants(text)).collect();
    let mut seen = BTreeSet::new();
    let in_turn = (0..VARIANTS_MAX).flat_map(|place| of_each.iter().filter_map(move |of_one| of_one.get(place)));
    in_turn.filter(|handle| seen.insert((*handle).clone())).take(most).cloned().collect()
}

/// The mark, its pinyin together and apart, and its initials where they are not too short.
fn stems(mark: &str) -> Vec<String> {
    let plain: String = mark.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let syllables: Vec<&str> = plain.chars().filter_map(syllable).collect();
    let initials: String = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
    let mut stems: Vec<String> = Some(plain.clone()).filter(|plain| !plain.is_empty()).into_iter().collect();
    if !plain.is_ascii() {
        stems.extend(spelled(&plain));
        if syllables.len() == plain.chars().count() && syllables.len() > 1 {
            stems.push(syllables.join("_"));
            stems.extend(Some(initials).filter(|initials| initials.len() >= STEM_CHARS_MIN));
        }
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::{VARIANTS_MAX, handles, variants};
    use crate::model::term::{MatchMode, Term, TermKind};

    #[test]
    fn a_chinese_mark_is_tried_in_pinyin_and_initials_and_as_official() {
        let found = variants("星河科技");
        assert_eq!(&found[..4], ["星河科技", "xinghekeji", "xing_he_ke_ji", "xhkj"]);
        for handle in ["星河科技官方", "xinghekejiofficial", "xinghekeji_hr", "xhkj-kefu", "xhkj.official"] {
            assert!(found.iter().any(|variant| variant == handle), "{handle}");
        }
    }

    #[test]
    fn initials_of_two_characters_are_too_common() {
        assert!(!variants("星河").iter().any(|handle| handle == "xh" || handle.starts_with("xh_")));
    }

    #[test]
    fn a_latin_mark_is_tried_as_it_is_in_lower_case() {
        let found = variants("XingHe Tech");
        assert_eq!(found[0], "xinghetech");
        assert!(found.contains(&"xinghetech_official".to_owned()));
    }

    #[test]
    fn a_term_gives_the_handles_of_its_writings_in_turn() {
        let term =
            |mode| Term { aliases: vec!["XingHe".to_owned()], mode, ..Term::of("星河科技", TermKind::Trademark) };
        assert_eq!(handles(&term(MatchMode::Fuzzy), 4), ["星河科技", "xinghe", "xinghekeji", "xingheofficial"]);
        assert_eq!(handles(&term(MatchMode::Regex), 4), Vec::<String>::new());
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(variants(" — "), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn variants_are_few_and_each_stands_once(mark in "\\PC{0,20}") {
            let found = variants(&mark);
            assert!(found.len() <= VARIANTS_MAX);
            let once: std::collections::BTreeSet<&String> = found.iter().collect();
            assert_eq!(once.len(), found.len());
        }
    }
}
