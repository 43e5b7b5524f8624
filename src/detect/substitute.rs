//! Marks with one character in the place of another: one that looks like the mark's own, since it shares the strokes at the four
//! corners or the right part with it (a shared radical makes another name); in marks of two, one that sounds alike in the south; or
//! in long marks any rare one, since whoever writes one that neither texts nor names have, in the middle of a mark, writes around
//! it. Looked for in names alone.
//!
//! Companies have names one character apart as well. A character that stands in no word is no other company's where names hardly
//! ever have it, or, from three characters on, where it has the same corners. Any other one needs support.

use std::collections::HashSet;
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::sounds::{sound_of, southern};
use crate::detect::usage::stands_in_word;
use crate::detect::watch::Watch;
use crate::model::term::{MatchMode, Term};
use crate::text::corners::share_corners;
use crate::text::fold;
use crate::text::parts::share_right;
use crate::text::postings::{Builder, Postings, hash_of};
use crate::text::script::{is_han, is_rare};
use crate::text::words::{is_seldom_in_names, word};

/// Characters of a mark of which one may be another.
const CHARS_MIN: usize = 2;
/// Characters of a mark of which one may be any rare one: what is left of fewer is in other names as well.
const CHARS_OF_ANY: usize = 4;
/// Characters of the longest mark that is seen through.
const CHARS_MAX: usize = 12;

/// Han writings of marks by what remains of them when one character is left out.
#[derive(Debug, Default)]
pub(super) struct SubstituteIndex {
    /// Term and characters of each writing.
    writings: Vec<(usize, Vec<char>)>,
    /// All of their characters.
    chars: HashSet<char>,
    postings: Postings,
}

impl SubstituteIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let (mut index, mut builder) = (Self::default(), Builder::default());
        for (number, term) in terms.iter().enumerate().filter(|(_, term)| term.mode == MatchMode::Fuzzy) {
            for writing in std::iter::once(&term.text).chain(&term.aliases) {
                let chars: Vec<char> = fold::dense(writing).chars().collect();
                if (CHARS_MIN..=CHARS_MAX).contains(&chars.len()) && chars.iter().all(|&c| is_han(c)) {
                    let writing = index.writings.len() as u32;
                    (0..chars.len()).for_each(|at| builder.add(hash_of(without(&chars, at)), writing));
                    index.chars.extend(&chars);
                    index.writings.push((number, chars));
                }
            }
        }
        index.postings = builder.build();
        index
    }

    /// Lengths of windows from the beginning of the characters in which at most one is in no mark, and the places at which another
    /// one of a mark's may stand: that one, or any.
    fn windows(&self, chars: &[char]) -> impl Iterator<Item = (usize, Range<usize>)> {
        let foreign = (0..chars.len().min(CHARS_MAX)).filter(|&place| !self.chars.contains(&chars[place]));
        let foreign: Vec<usize> = foreign.take(2).collect();
        let end = foreign.get(1).copied().unwrap_or(CHARS_MAX.min(chars.len()));
        (CHARS_MIN..=end).map(move |length| {
            let only = foreign.first().copied().filter(|&place| place < length);
            (length, only.map_or(0..length, |place| place..place + 1))
        })
    }

    /// Terms of which the characters are a writing with another one at a place, and the term's own there.
    fn find<'i>(&'i self, chars: &'i [char], at: usize) -> impl Iterator<Item = (usize, char)> + 'i {
        let writings = self.postings.get(hash_of(without(chars, at))).iter();
        writings.filter_map(move |&writing| {
            let (term, own) = &self.writings[writing as usize];
            let is_same = own.len() == chars.len() && without(own, at) == without(chars, at);
            Some((*term, *own.get(at).filter(|_| is_same)?))
        })
    }
}

/// How a character stands for a mark's own, if it does.
fn disguise(chars: &[char], at: usize, own: char) -> Option<Disguise> {
    let written = chars[at];
    if written == own || !is_han(written) {
        return None;
    }
    // What is a word by itself is no disguise.
    let is_word = || word(&chars.iter().collect::<String>()).is_some();
    if share_corners(written, own) || share_right(written, own) {
        return (!is_word()).then_some(Disguise::LookAlike);
    }
    let (sound, own_sound) = (sound_of(written), sound_of(own));
    if chars.len() == CHARS_MIN && sound != own_sound && southern(sound) == southern(own_sound) {
        return (!is_word()).then_some(Disguise::SouthernHomophone);
    }
    let is_odd = chars.len() >= CHARS_OF_ANY && is_rare(written) && is_seldom_in_names(written);
    is_odd.then_some(Disguise::RareCharacter)
}

pub(super) fn substitute_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if !text.is_short_name() {
        return;
    }
    let chars = text.folded.dense_chars();
    for start in 0..chars.len() {
        for (length, places) in watch.substitutes().windows(&chars[start..]) {
            let window = &chars[start..start + length];
            for at in places {
                let found = watch.substitutes().find(window, at);
                hits.extend(found.filter_map(|(term, own)| hit(index, text, start..start + length, at, term, own)));
            }
        }
    }
}

/// A hit at places of the dense view, of which one has another character than the term's own.
fn hit(index: usize, text: &FieldText, said: Range<usize>, changed: usize, term: usize, own: char) -> Option<Hit> {
    let chars = &text.folded.dense_chars()[said.clone()];
    let disguise = disguise(chars, changed, own)?;
    widest_gap(text, said.start, said.end - 1).filter(|gap| *gap <= GAP_MAX)?;
    let place = text.folded.dense()[said.start + changed] as usize;
    let has_corners = || chars.len() > CHARS_MIN && share_corners(chars[changed], own);
    let is_odd = || is_seldom_in_names(chars[changed]) || (disguise == Disguise::LookAlike && has_corners());
    // In a mark of two what sounds alike in the south is no more than what sounds the same.
    let stands_alone = disguise != Disguise::SouthernHomophone && is_odd() && !stands_in_word(text, place);
    let at = text.folded.plain_range(said);
    let hit = Hit { needs_support: !stands_alone, ..Hit::of(index, text, term, at, disguise) };
    (disguise != Disguise::RareCharacter || stands_alone).then_some(hit)
}

/// The characters without one of them; its place counts.
fn without(chars: &[char], at: usize) -> (usize, usize, &[char], &[char]) {
    (chars.len(), at, &chars[..at], &chars[at + 1..])
}

#[cfg(test)]
mod tests {
    use crate::detect::scan::{Disguise, FieldText, Hit, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    fn hits(field: Field, name: &str) -> Vec<Hit> {
        let aliases = vec!["云舟".into()];
        let mark = Term { aliases, ..Term::of("星河科技", TermKind::Trademark) };
        let ledgers = crate::ledger::Ledgers { terms: vec![mark], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        scan(&watch, &[FieldText::new(field, name)])
    }

    fn found(name: &str) -> Vec<Disguise> {
        hits(Field::AccountName, name).into_iter().map(|hit| hit.disguise).collect()
    }

    /// Whether the one hit in a name needs nothing beside it.
    fn stands_alone(name: &str) -> bool {
        matches!(hits(Field::AccountName, name)[..], [Hit { needs_support: false, .. }])
    }

    #[test]
    fn a_rare_character_in_a_long_mark_is_seen_through() {
        assert_eq!(found("滨城星璨科技客服"), [Disguise::RareCharacter]);
        assert_eq!(found("星*璨*科*技"), [Disguise::RareCharacter]);
        assert!(found("云璨").is_empty(), "what is left of a short one is in other names as well");
    }

    #[test]
    fn a_character_with_the_same_corners_is_seen_through() {
        assert_eq!(found("国河科技客服"), [Disguise::LookAlike]);
        assert_eq!(found("星*河*科*拵"), [Disguise::LookAlike]);
        assert_eq!(found("云艘"), [Disguise::LookAlike]);
        assert!(stands_alone("国河科技") && stands_alone("云艘"));
        assert!(hits(Field::Text, "国河科技").is_empty(), "in texts people write what they write");
    }

    #[test]
    fn a_character_that_shares_a_part_is_seen_through_and_needs_support_where_names_have_it() {
        assert_eq!(found("星阿科技"), [Disguise::LookAlike]);
        assert!(!stands_alone("星阿科技") && stands_alone("星珂科技"));
        assert!(hits(Field::Text, "星阿科技").is_empty());
        assert!(found("星湖科技").is_empty(), "a shared radical makes another name");
    }

    #[test]
    fn a_character_that_sounds_alike_in_the_south_is_seen_through_in_short_marks() {
        assert_eq!(found("云奏"), [Disguise::SouthernHomophone]);
    }

    #[test]
    fn an_everyday_character_makes_another_name() {
        assert!(found("星光科技").is_empty() && found("云河").is_empty());
    }
}
