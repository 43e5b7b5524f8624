//! Marks in Han characters as they are, in characters of the same sound, or with some of them in pinyin: 星合科技, 星河ke技.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, literal_hit, widest_gap};
use crate::detect::sounds::{Heard, Mark, sound_of, sound_of_syllable, southern};
use crate::detect::watch::{Pattern, Watch, Writing};
use crate::model::term::Field;
use crate::text::pinyin::syllables_at;
use crate::text::script::{is_han, is_rare};

/// Stands behind the last sound.
const NO_SOUND: char = '\0';

/// Letters in a row that are read as pinyin at most; longer ones are words of another language.
const SPELLED_LETTERS_MAX: usize = 18;

/// A text by sounds, each of a character or of a syllable in letters.
struct Spoken<'t> {
    /// The sounds, and one more that is none.
    sounds: Vec<char>,
    /// The characters themselves, and for a syllable its sound once more.
    owns: Cow<'t, [char]>,
    /// Where each begins in the dense view, and where the last one ends; none where all are characters.
    bounds: Option<Vec<usize>>,
}

impl Spoken<'_> {
    /// Places of the dense view.
    fn places(&self, sounds: Range<usize>) -> Range<usize> {
        self.bounds.as_ref().map_or(sounds.clone(), |bounds| bounds[sounds.start]..bounds[sounds.end])
    }

    /// How many characters of a mark stand there as they are.
    fn written(&self, start: usize, mark: Mark<'_>) -> usize {
        mark.chars.iter().zip(&self.owns[start..]).filter(|(c, own)| c == own).count()
    }

    /// A syllable in letters within Han characters is as rare as a rare character.
    fn is_written_rarely(&self, sound: usize) -> bool {
        self.places(sound..sound + 1).len() > 1 || is_rare(self.owns[sound])
    }
}

/// Marks as they are and in characters of the same sound.
pub(super) fn sound_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = spoken(text) else { return };
    let heard = Heard { sounds: &spoken.sounds, owns: &spoken.owns };
    watch.sounds().each(heard, |start, mark| {
        let written = spoken.written(start, mark);
        if written == mark.chars.len() {
            let said = spoken.places(start..start + written);
            let pattern = Pattern { term: mark.term, writing: Writing::Own, sees_through: true };
            hits.extend(literal_hit(watch, index, text, said.start, said.end - 1, pattern));
        } else {
            hits.extend(sound_hit(index, text, &spoken, start, mark, written));
        }
    });
    keep(spoken.sounds);
}

/// Marks of which one character is another that sounds like it to many speakers of the south. Looked for in names alone.
pub(super) fn southern_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = Some(text).filter(|text| text.field == Field::AccountName).and_then(spoken) else { return };
    let sounds: Vec<char> = spoken.sounds.iter().map(|sound| southern(*sound)).collect();
    let heard = Heard { sounds: &sounds, owns: &spoken.owns };
    watch.sounds().each_southern(heard, |start, mark| {
        let written = spoken.written(start, mark);
        if mark.chars.len() - written == 1 {
            let hit = sound_hit(index, text, &spoken, start, mark, written);
            hits.extend(hit.map(|hit| Hit { disguise: Disguise::SouthernHomophone, ..hit }));
        }
    });
}

fn sound_hit(
    index: usize,
    text: &FieldText,
    spoken: &Spoken<'_>,
    start: usize,
    mark: Mark<'_>,
    written: usize,
) -> Option<Hit> {
    // Half of the characters must be the mark's own: 元代 is no disguise of a mark that sounds alike.
    if written * 2 < mark.chars.len() {
        return None;
    }
    let is_rare = |(c, sound): (&char, usize)| spoken.owns[sound] == *c || spoken.is_written_rarely(sound);
    let is_rare = mark.chars.iter().zip(start..).all(is_rare);
    hit(index, text, spoken.places(start..start + mark.chars.len()), mark.term, is_rare)
}

/// A hit at places of the dense view.
fn hit(index: usize, text: &FieldText, said: Range<usize>, term: usize, is_rare: bool) -> Option<Hit> {
    let (first, last) = (said.start, said.end - 1);
    // Symbols inside are no accident where the characters are none.
    let gap_allowed = if is_rare { GAP_MAX } else { 0 };
    if widest_gap(text, first, last).is_none_or(|gap| gap > gap_allowed) {
        return None;
    }
    let at = text.folded.plain_range(first..last + 1);
    let span = text.folded.origin(at.clone());
    let disguise = if is_rare { Disguise::RareHomophone } else { Disguise::Homophone };
    Some(Hit { term, text: index, at, span, disguise, is_word: false })
}

/// The dense view by sounds; none without any ideograph.
fn spoken(text: &FieldText) -> Option<Spoken<'_>> {
    let chars = text.folded.dense_chars();
    if text.text.is_ascii() || !chars.iter().any(|c| is_han(*c)) {
        return None;
    }
    if has_letter_beside_han(chars) {
        return Some(spoken_with_letters(chars));
    }
    let mut sounds = room_for(chars.len());
    sounds.extend(chars.iter().map(|c| sound_of(*c)));
    sounds.push(NO_SOUND);
    Some(Spoken { sounds, owns: Cow::Borrowed(chars), bounds: None })
}

thread_local! {
    /// Kept from one text to the next.
    static ROOM: Cell<Vec<char>> = const { Cell::new(Vec::new()) };
}

/// Sounds of the largest room that is kept.
const KEPT_MAX: usize = 1 << 16;

/// Empty room for the sounds of so many characters.
fn room_for(chars: usize) -> Vec<char> {
    let mut room = ROOM.take();
    room.clear();
    room.reserve(chars + 1);
    room
}

fn keep(room: Vec<char>) {
    if room.capacity() <= KEPT_MAX {
        ROOM.set(room);
    }
}

/// Whether a letter stands beside an ideograph, or beside what might be one: all neighbours are looked at, without a branch.
fn has_letter_beside_han(chars: &[char]) -> bool {
    let may_be_han = |c: char| c >= '〇';
    let are = |[left, right]: [char; 2]| {
        left.is_ascii_lowercase() & may_be_han(right) | may_be_han(left) & right.is_ascii_lowercase()
    };
    chars.array_windows().fold(false, |any, pair| any | are(*pair))
}

/// Letters beside Han that are pinyin from beginning to end stand for their syllables, all others for themselves.
fn spoken_with_letters(chars: &[char]) -> Spoken<'static> {
    let (mut sounds, mut owns) = (room_for(chars.len()), Vec::with_capacity(chars.len()));
    let mut bounds = Vec::with_capacity(chars.len() + 1);
    bounds.push(0);
    let is_han_at = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|c| is_han(*c));
    let mut end = 0_usize;
    for run in chars.chunk_by(|left, right| left.is_ascii_lowercase() == right.is_ascii_lowercase()) {
        let is_beside_han = is_han_at(end.checked_sub(1)) || is_han_at(Some(end + run.len()));
        let is_pinyin = run[0].is_ascii_lowercase() && is_beside_han;
        let syllables = is_pinyin.then(|| spelled(run)).flatten();
        let known = sounds.len();
        match &syllables {
            Some(lengths) => sounds.extend(sounds_of(run, lengths)),
            None => sounds.extend(run.iter().map(|c| sound_of(*c))),
        }
        owns.extend_from_slice(if syllables.is_some() { &sounds[known..] } else { run });
        match syllables {
            Some(lengths) => bounds.extend(lengths.iter().scan(end, |end, length| {
                *end += length;
                Some(*end)
            })),
            None => bounds.extend(end + 1..=end + run.len()),
        }
        end += run.len();
    }
    sounds.push(NO_SOUND);
    Spoken { sounds, owns: Cow::Owned(owns), bounds: Some(bounds) }
}

fn sounds_of(letters: &[char], lengths: &[usize]) -> Vec<char> {
    let mut rest = letters.iter();
    let sound = |length: &usize| sound_of_syllable(&rest.by_ref().take(*length).collect::<String>());
    lengths.iter().map(sound).collect()
}

/// The lengths of the syllables of letters that are pinyin from beginning to end; the reading with the fewest syllables.
fn spelled(letters: &[char]) -> Option<Vec<usize>> {
    if letters.is_empty() || letters.len() > SPELLED_LETTERS_MAX {
        return None;
    }
    // The fewest syllables that end at a place, and how long the last of them is.
    let mut best: [Option<(usize, usize)>; SPELLED_LETTERS_MAX + 1] = [None; SPELLED_LETTERS_MAX + 1];
    best[0] = Some((0, 0));
    for start in 0..letters.len() {
        let Some((count, _)) = best[start] else { continue };
        for length in syllables_at(&letters[start..]) {
            let known = &mut best[start + length];
            if known.is_none_or(|(fewest, _)| fewest > count + 1) {
                *known = Some((count + 1, length));
            }
        }
    }
    let mut end = letters.len();
    let mut lengths = vec![0; best[end]?.0];
    for length in lengths.iter_mut().rev() {
        *length = best[end]?.1;
        end -= *length;
    }
    Some(lengths)
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn letters_are_read_as_syllables_when_all_of_them_are() {
        let spelled = |letters: &str| spelled(&letters.chars().collect::<Vec<_>>());
        assert_eq!(spelled("xing"), Some(vec![4]));
        assert_eq!(spelled("yinhang"), Some(vec![3, 4]));
        assert_eq!(spelled("xian"), Some(vec![4]), "the fewest");
        assert_eq!(spelled("hotel"), None);
        assert_eq!(spelled(""), None);
    }
}
