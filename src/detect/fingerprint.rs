//! Passages of protected documents, found by keyed hashes alone.
//!
//! A document is read as the sounds of its characters, so that homophones, traditional characters, punctuation and white
//! space change nothing. Of every run of two, three and four sounds, and of eight letters across the beginning of a word, a keyed
//! hash is kept (SipHash-1-3, Aumasson and Bernstein 2012, 31 bits of it), stretch by stretch, without order. The name of a document
//! is often known; what stands in it is left out.

mod common;
mod comparison;
mod families;
mod filter;
mod heights;
mod holders;
pub mod index;
mod likeness;
mod openings;
mod runs;
mod telling;

use std::collections::HashSet;

use siphasher::sip::SipHasher13;

use crate::detect::fingerprint::openings::{Opening, WEIGHT, is_letter, openings};
use crate::detect::sounds::sound_letter;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Timestamp;
use crate::text::fold::Folded;

/// Lengths of the runs that are hashed, in characters.
pub(crate) const LENGTHS: [usize; 3] = [2, 3, 4];
/// Characters in a stretch. Within a stretch nobody can tell what stood before what.
pub(crate) const BLOCK: usize = 64;
/// Stretches that are told apart; the rest of a longer document counts as one.
pub(crate) const BLOCKS_MAX: usize = 4_096;

/// The bit of a hash that says that the run is one of those that are looked for first.
pub(crate) const OPENS: u32 = 1;

/// Hashes runs of sounds under one key.
#[derive(Clone)]
pub(crate) struct GramHasher(SipHasher13);

impl GramHasher {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(SipHasher13::new_with_key(key))
    }

    /// The hash of each run of a length, in their order.
    pub(crate) fn hash_all(&self, sounds: &[char], length: usize) -> Vec<u32> {
        sounds.windows(length).map(|run| self.hash(run)).collect()
    }

    /// The hash of each of the runs that are looked for first.
    pub(crate) fn hash_openings(&self, sounds: &[char], openings: &[Opening]) -> Vec<u32> {
        openings.iter().map(|opening| self.hash_sounds(&sounds[opening.places()]) | OPENS).collect()
    }

    /// The hash of a run of one of the lengths: of four ideographs it is that of a run that is looked for first.
    fn hash(&self, sounds: &[char]) -> u32 {
        let opens = sounds.len() == LENGTHS[2] && !sounds.iter().any(|sound| is_letter(*sound));
        (self.hash_sounds(sounds) & !OPENS) | (u32::from(opens) * OPENS)
    }

    fn hash_sounds(&self, sounds: &[char]) -> u32 {
        // Its bytes at once: written one by one, they take twice as long.
        const BYTES: usize = size_of::<u32>();
        let mut bytes = [0; WEIGHT * BYTES];
        for (bytes, sound) in bytes.as_chunks_mut::<BYTES>().0.iter_mut().zip(sounds) {
            *bytes = u32::from(*sound).to_le_bytes();
        }
        self.0.hash(&bytes[..sounds.len() * BYTES]) as u32
    }
}

/// The sounds of the dense view of a text.
pub(crate) fn sounds(text: &Folded) -> Vec<char> {
    text.dense_chars().iter().map(|c| sound_letter(*c)).collect()
}

/// A document as it is entered.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Number in the company's register.
    pub id: &'a str,
    /// Its name.
    pub title: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whether everybody may read it.
    pub is_public: bool,
    /// Now.
    pub added: Timestamp,
}

/// The fingerprint of a document under a key.
pub fn fingerprint(key: &[u8; 16], document: Document<'_>) -> Fingerprint {
    let hasher = GramHasher::new(key);
    let of_title: HashSet<u32> = runs(&hasher, &Folded::of(document.title)).map(|(_, hash)| hash).collect();
    let text = Folded::of(document.text);
    let chars = text.dense().len();
    let mut stretches = vec![Vec::new(); chars.div_ceil(BLOCK).min(BLOCKS_MAX)];
    for (start, hash) in runs(&hasher, &text).filter(|(_, hash)| !of_title.contains(hash)) {
        stretches[(start / BLOCK).min(BLOCKS_MAX - 1)].push(hash);
    }
    for hashes in &mut stretches {
        hashes.sort_unstable();
        hashes.dedup();
    }
    let chars = u32::try_from(chars).unwrap_or(u32::MAX);
    let stretches = stretches.into_iter().collect();
    Fingerprint { id: document.id.to_owned(), is_public: document.is_public, added: document.added, chars, stretches }
}

/// The hashes of all runs of a text that are kept, each with the place where the run begins.
fn runs(hasher: &GramHasher, text: &Folded) -> impl Iterator<Item = (usize, u32)> {
    let sounds = sounds(text);
    let mut openings = openings(&sounds, text.dense(), 1);
    // Four ideographs are a run of one of the lengths already.
    openings.retain(|opening| opening.places().len() > LENGTHS[2]);
    let opening = hasher.hash_openings(&sounds, &openings);
    let of_lengths = LENGTHS.map(|length| hasher.hash_all(&sounds, length));
    let of_lengths = of_lengths.into_iter().flat_map(|hashes| hashes.into_iter().enumerate());
    of_lengths.chain(openings.into_iter().map(|opening| opening.start as usize).zip(opening))
}

#[cfg(test)]
mod tests {
    use super::{Document, fingerprint};
    use crate::model::time::Timestamp;

    fn of<'a>(title: &'a str, text: &'a str) -> Document<'a> {
        Document { id: "X1", title, text, is_public: false, added: Timestamp::from_ms(0) }
    }

    #[test]
    fn sound_script_and_punctuation_change_nothing_and_the_key_everything() {
        let plain = fingerprint(&[1; 16], of("", "云舟储能，电芯"));
        assert_eq!(plain, fingerprint(&[1; 16], of("", "雲舟*儲能 电心")));
        assert_ne!(plain, fingerprint(&[2; 16], of("", "云舟储能，电芯")));
    }

    #[test]
    fn files_of_earlier_versions_still_match() {
        let print = fingerprint(&[7; 16], of("", "云舟27"));
        assert_eq!(
            print.stretches.hashes(),
            [950_828_012, 1_078_032_530, 1_811_347_304, 2_347_228_266, 3_331_768_898, 3_402_528_440]
        );
    }

    #[test]
    fn what_stands_in_the_name_is_left_out() {
        assert!(fingerprint(&[1; 16], of("星河计划", "星河计划")).stretches.hashes().is_empty());
    }

    #[test]
    fn the_order_within_a_stretch_is_lost() {
        let print = fingerprint(&[1; 16], of("", &"云舟储能电芯折叠".repeat(40)));
        assert!(print.stretches.iter().all(|block| block.is_sorted()));
        assert_eq!((print.chars, print.stretches.iter().len()), (320, 5));
    }
}
