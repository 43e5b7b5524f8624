//! Marks in Han characters as they are, in characters of the same sound, or with some of them in pinyin: 星合科技, 星河ke技.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, is_parted, literal_hit, widest_gap};
use crate::detect::sounds::{Heard, Mark, Sound, sound_of, sound_of_syllable, southern};
use crate::detect::usage::stands_in_word;
use crate::detect::watch::{Pattern, Watch, Writing};
use crate::text::chars::first_of;
use crate::text::pinyin::syllables_at;
use crate::text::script::{is_han, is_rare};
use crate::text::words::is_seldom_in_names;

/// Letters in a row that are read as pinyin at most; longer ones are words of another language.
const SPELLED_LETTERS_MAX: usize = 18;

/// A text by sounds, each of a character or of a syllable in letters.
struct Spoken<'t> {
    /// The sounds, and one more that is none.
    sounds: Vec<Sound>,
    /// The characters themselves, and for a syllable its own letter.
    owns: Cow<'t, [char]>,
    /// Where each begins in the dense view, and where the last one ends; none where all are characters.
    bounds: Option<Vec<usize>>,
}

impl Spoken<'_> {
    /// Places of the dense view.
    fn places(&self, sounds: Range<usize>) -> Range<usize> {
        self.bounds.as_ref().map_or(sounds.clone(), |bounds| bounds[sounds.start]..bounds[sounds.end])
    }

    /// A syllable in letters within Han characters is as rare as a rare character.
    fn is_written_rarely(&self, sound: usize) -> bool {
        self.places(sound..sound + 1).len() > 1 || is_rare(self.owns[sound])
    }
}

/// Marks as they are and in characters of the same sound.
pub(super) fn sound_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = spoken(text, |sound| watch.sounds().has(sound)) else { return };
    let heard = Heard { sounds: &spoken.sounds, owns: &spoken.owns };
    watch.sounds().each(heard, |start, mark| {
        let said = Said { text, spoken: &spoken, start, mark };
        if said.written() == mark.chars.len() {
            let places = said.places();
            let pattern = Pattern { term: mark.term, writing: Writing::Own, sees_through: true };
            hits.extend(literal_hit(watch, index, text, places.start, places.end - 1, pattern));
        } else {
            hits.extend(said.hit(index));
        }
    });
    keep(spoken.sounds);
}

/// Marks of which characters are others that sound like them to many speakers of the south. Looked for in names alone, and in need
/// of support unless hardly any name has those characters: 京海 is another company than 金海.
pub(super) fn southern_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = Some(text).filter(|text| text.is_short_name()).and_then(|text| spoken(text, |_| true)) else {
        return;
    };
    let sounds: Vec<Sound> = spoken.sounds.iter().map(|sound| southern(*sound)).collect();
    let heard = Heard { sounds: &sounds, owns: &spoken.owns };
    watch.sounds().each_southern(heard, |start, mark| {
        let said = Said { text, spoken: &spoken, start, mark };
        // What sounds the same everywhere is found already.
        if said.sounds_otherwise()
            && let Some(hit) = said.hit(index)
        {
            let needs_support = hit.needs_support || !said.is_odd();
            hits.push(Hit { disguise: Disguise::SouthernHomophone, needs_support, ..hit });
        }
    });
    keep(spoken.sounds);
}

/// Characters of a mark in which one of the same sound is no accident.
const SURE_CHARS: usize = 3;

/// A mark's sounds at a place of a text, whatever characters stand there.
struct Said<'s> {
    text: &'s FieldText,
    spoken: &'s Spoken<'s>,
    /// The first sound.
    start: usize,
    mark: Mark<'s>,
}

impl Said<'_> {
    /// A hit, unless too few characters are the mark's own or too much stands between them.
    fn hit(&self, index: usize) -> Option<Hit> {
        if !self.is_enough() {
            return None;
        }
        let is_rare = self.others().all(|sound| self.spoken.is_written_rarely(sound));
        let gap = self.widest_gap().filter(|gap| *gap <= self.gap_allowed(is_rare))?;
        let disguise = if is_rare { Disguise::RareHomophone } else { Disguise::Homophone };
        // In names, what is a word by itself (云城银杏湖 for 云城银行) is no disguise.
        let is_meant = (is_rare || self.length() >= SURE_CHARS)
            && !(self.is_name() && self.is_in_word())
            && (is_rare || gap == 0 || !self.is_parted());
        let at = self.text.folded.plain_range(self.places());
        Some(Hit { needs_support: !is_meant, ..Hit::of(index, self.text, self.mark.term, at, disguise) })
    }

    /// Half of the characters must be the mark's own, and not all are: 元代 is no disguise of a mark that sounds alike. Of three
    /// one is enough in names where nobody would write the others but to write around it.
    fn is_enough(&self) -> bool {
        let (length, written) = (self.length(), self.written());
        let is_one_of_three = || self.is_name() && length == SURE_CHARS && written > 0 && self.is_odd();
        written < length && (written * 2 >= length || is_one_of_three())
    }

    /// Symbols inside are no accident where the characters are none.
    fn gap_allowed(&self, is_rare: bool) -> usize {
        let sees_through = is_rare || (self.is_name() && self.length() >= SURE_CHARS);
        if sees_through { GAP_MAX } else { 0 }
    }

    fn widest_gap(&self) -> Option<usize> {
        let places = self.places();
        widest_gap(self.text, places.start, places.end - 1)
    }

    /// Whether what parts a name (李中新|建投顾问) stands inside, and not all through it.
    fn is_parted(&self) -> bool {
        let places = self.places();
        is_parted(self.text, places.start, places.end - 1)
    }

    fn is_name(&self) -> bool {
        self.text.is_short_name()
    }

    const fn length(&self) -> usize {
        self.mark.chars.len()
    }

    /// Places of the dense view.
    fn places(&self) -> Range<usize> {
        self.spoken.places(self.start..self.start + self.length())
    }

    /// How many characters of the mark stand there as they are.
    fn written(&self) -> usize {
        self.length() - self.others().count()
    }

    /// The sounds at which other characters than the mark's own stand.
    fn others(&self) -> impl Iterator<Item = usize> {
        (self.start..).zip(self.mark.chars).filter(|(sound, c)| self.spoken.owns[*sound] != **c).map(|(sound, _)| sound)
    }

    fn sounds_otherwise(&self) -> bool {
        (self.start..).zip(self.mark.chars).any(|(sound, c)| self.spoken.sounds[sound] != sound_of(*c))
    }

    /// Whether names hardly ever have the characters that stand for the mark's own, and no word has them there.
    fn is_odd(&self) -> bool {
        let owns = &self.spoken.owns;
        self.others().all(|sound| self.spoken.is_written_rarely(sound) || is_seldom_in_names(owns[sound]))
            && !self.is_in_word()
    }

    /// Whether a word has one of the characters that stand for the mark's own.
    fn is_in_word(&self) -> bool {
        let place = |sound: usize| self.text.folded.dense()[self.spoken.places(sound..sound + 1).start] as usize;
        self.others().any(|sound| stands_in_word(self.text, place(sound)))
    }
}

/// The dense view by sounds; none without any ideograph. Letters stand for syllables only where one of these is asked for.
fn spoken(text: &FieldText, is_asked_for: impl Fn(Sound) -> bool) -> Option<Spoken<'_>> {
    let chars = text.folded.dense_chars();
    if text.text.is_ascii() || !chars.iter().any(|c| is_han(*c)) {
        return None;
    }
    let spelled = if has_letter_beside_han(chars) { spelled_runs(chars, is_asked_for) } else { Vec::new() };
    if !spelled.is_empty() {
        return Some(spoken_with_letters(chars, spelled));
    }
    let mut sounds = room_for(chars.len());
    sounds.extend(chars.iter().map(|c| sound_of(*c)));
    sounds.push(Sound::NONE);
    Some(Spoken { sounds, owns: Cow::Borrowed(chars), bounds: None })
}

thread_local! {
    /// Kept from one text to the next.
    static ROOM: Cell<Vec<Sound>> = const { Cell::new(Vec::new()) };
}

/// Sounds of the largest room that is kept.
const KEPT_MAX: usize = 1 << 16;

/// Empty room for the sounds of so many characters.
fn room_for(chars: usize) -> Vec<Sound> {
    let mut room = ROOM.take();
    room.clear();
    room.reserve(chars + 1);
    room
}

fn keep(room: Vec<Sound>) {
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

/// Letters that are pinyin from beginning to end, by their places, and the lengths and sounds of their syllables.
type Spelled = (Range<usize>, Vec<usize>, Vec<Sound>);

/// Runs of letters beside ideographs that are pinyin from beginning to end, if one of their sounds is asked for.
fn spelled_runs(chars: &[char], is_asked_for: impl Fn(Sound) -> bool) -> Vec<Spelled> {
    let is_han_at = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|c| is_han(*c));
    let (mut runs, mut end) = (Vec::new(), 0_usize);
    while let Some(start) = first_of(&chars[end..], char::is_ascii_lowercase).map(|at| end + at) {
        end = start + chars[start..].iter().take_while(|c| c.is_ascii_lowercase()).count();
        if is_han_at(start.checked_sub(1)) || is_han_at(Some(end)) {
            let heard = spelled(&chars[start..end]).map(|lengths| (sounds_of(&chars[start..end], &lengths), lengths));
            let heard = heard.filter(|(sounds, _)| sounds.iter().any(|sound| is_asked_for(*sound)));
            runs.extend(heard.map(|(sounds, lengths)| (start..end, lengths, sounds)));
        }
    }
    runs
}

/// What is spelled stands for its syllables, all else for itself.
fn spoken_with_letters(chars: &[char], spelled: Vec<Spelled>) -> Spoken<'static> {
    let (mut sounds, mut owns) = (room_for(chars.len()), Vec::with_capacity(chars.len()));
    let mut bounds = Vec::with_capacity(chars.len() + 1);
    bounds.push(0);
    let mut end = 0;
    for (run, lengths, syllables) in spelled.into_iter().chain([(chars.len()..chars.len(), Vec::new(), Vec::new())]) {
        let before = &chars[end..run.start];
        sounds.extend(before.iter().map(|c| sound_of(*c)));
        owns.extend_from_slice(before);
        bounds.extend(end + 1..=run.start);
        sounds.extend_from_slice(&syllables);
        owns.extend(syllables.iter().map(|sound| sound.letter()));
        bounds.extend(lengths.iter().scan(run.start, |end, length| {
            *end += length;
            Some(*end)
        }));
        end = run.end;
    }
    sounds.push(Sound::NONE);
    Spoken { sounds, owns: Cow::Owned(owns), bounds: Some(bounds) }
}

fn sounds_of(letters: &[char], lengths: &[usize]) -> Vec<Sound> {
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
    use proptest::prelude::proptest;

    use super::{Sound, is_han, sound_of, sounds_of, spelled, spoken};
    use crate::detect::scan::FieldText;
    use crate::model::term::Field;

    /// What is heard, and where each sound begins and the last one ends, run by run.
    fn plainly(chars: &[char]) -> (Vec<Sound>, Vec<usize>) {
        let is_han_at = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|c| is_han(*c));
        let (mut sounds, mut bounds, mut end) = (Vec::new(), vec![0], 0_usize);
        for run in chars.chunk_by(|left, right| left.is_ascii_lowercase() == right.is_ascii_lowercase()) {
            let is_beside_han = is_han_at(end.checked_sub(1)) || is_han_at(Some(end + run.len()));
            let lengths = (run[0].is_ascii_lowercase() && is_beside_han).then(|| spelled(run)).flatten();
            let plain = || run.iter().map(|c| sound_of(*c)).collect();
            sounds.extend(lengths.as_ref().map_or_else(plain, |lengths| sounds_of(run, lengths)));
            for length in lengths.unwrap_or_else(|| vec![1; run.len()]) {
                end += length;
                bounds.push(end);
            }
        }
        sounds.push(Sound::NONE);
        (sounds, bounds)
    }

    proptest! {
        #[test]
        fn letters_beside_ideographs_are_heard_as_syllables_and_all_else_as_it_is(
            text in "([星河技]{0,20}[a-z]{0,3}(he|ke|zhou|xing|1|，)?){1,9}星",
        ) {
            let text = FieldText::new(Field::Text, &text);
            let (sounds, bounds) = plainly(text.folded.dense_chars());
            let heard = spoken(&text, |_| true).unwrap();
            assert_eq!(heard.sounds, sounds);
            let places = |at: usize| heard.places(at..at + 1);
            assert!((0..heard.owns.len()).all(|at| places(at) == (bounds[at]..bounds[at + 1])));
        }
    }

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
