//! Marks by the first two of their sounds: a table of bits tells which two begin a mark at all.

use crate::detect::sounds::longer::Longer;
use crate::detect::sounds::pairs::Pairs;
use crate::detect::sounds::{Heard, Mark, SOUNDS, Sound};
use crate::text::shelf::PLACES;

/// Marks that are looked for by their sounds.
#[derive(Debug)]
pub(super) struct Marks {
    /// Of sixty-four times two sounds, which are a pair, and which begin a longer mark.
    begun: Box<[[u64; 2]; WORDS]>,
    pairs: Pairs,
    longer: Longer,
}

/// A bit for each two sounds.
const WORDS: usize = SOUNDS * SOUNDS / PLACES;

impl Marks {
    /// Prepares marks of two characters or more, each with the number of its term.
    pub(super) fn of(marks: &[(u32, Vec<char>)], sound: impl Fn(char) -> Sound) -> Self {
        let mut begun = Box::new([[0; 2]; WORDS]);
        for (_, mark) in marks {
            let number = number_of([mark[0], mark[1]].map(&sound));
            begun[number / PLACES][usize::from(mark.len() > 2)] |= 1 << (number % PLACES);
        }
        Self { begun, pairs: Pairs::of(marks, &sound), longer: Longer::of(marks, &sound) }
    }

    /// Tells of every mark that sounds like what begins at one of the first sixty-four places of a text, and of which one character
    /// at least stands there if it has two.
    pub(super) fn each(&self, text: Heard<'_>, sound: impl Fn(char) -> Sound, mut found: impl FnMut(usize, Mark<'_>)) {
        let [pairs, longer] = self.begun_in(text.sounds);
        self.pairs.each(text, pairs, &sound, &mut found);
        self.longer.each(text, longer, &sound, &mut found);
    }

    /// A bit for each of the first places of which two sounds are a pair, and for each of which two begin a longer mark.
    fn begun_in(&self, sounds: &[Sound]) -> [u64; 2] {
        let (mut begun, mut count) = ([0; 2], 0);
        for both in sounds.array_windows().take(PLACES) {
            let number = number_of(*both);
            let words = self.begun[number / PLACES];
            for (bits, word) in begun.iter_mut().zip(words) {
                // Each comes in from above: that needs no place to shift it to.
                *bits = *bits >> 1 | (word >> (number % PLACES)) << (PLACES - 1);
            }
            count += 1;
        }
        begun.map(|bits| if count == 0 { 0 } else { bits >> (PLACES - count) })
    }
}

/// The number of two sounds.
pub(super) fn number_of([first, second]: [Sound; 2]) -> usize {
    first.number() % SOUNDS * SOUNDS + second.number() % SOUNDS
}
