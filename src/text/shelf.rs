//! Words that are looked up by the hash of equally many first characters. Says nothing about where in a text they may stand.

use std::collections::BTreeSet;

/// Characters of a word that are hashed at most.
pub(crate) const HASHED_MAX: usize = 6;
/// Places that are looked at together: as many as a word of the machine has bits.
pub(crate) const PLACES: usize = 64;
/// Bits of the filter for each word, before they are rounded up: of others two in a hundred pass at most.
const BITS_A_WORD: usize = 16;

/// Words of which equally many characters are hashed.
#[derive(Debug)]
pub(crate) struct Shelf {
    hashed: usize,
    filter: Filter,
    /// Where the words of each hash begin, and where the last ones end.
    starts: Box<[u32]>,
    /// By how many bits a hash is too long.
    shift: u32,
    /// Sorted by the ends of their hashes and then by their characters.
    words: Box<[Word]>,
    chars: Box<[char]>,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    number: u32,
    /// Its characters.
    start: u32,
    end: u32,
    /// The place of the longest other word with which it begins, counted from 1; 0 when there is none.
    within: u32,
}

impl Shelf {
    /// Prepares words, which have as many characters as are hashed or more, each with its number.
    pub(crate) fn of(hashed: usize, words: Vec<(u32, Vec<char>)>) -> Self {
        let buckets = words.len().next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let mut filter = Filter::of(words.len());
        let mut sorted: Vec<(usize, Vec<char>, u32)> = Vec::with_capacity(words.len());
        for (number, word) in words {
            let hash = hash_of(&word[..hashed]);
            filter.insert(hash);
            sorted.push(((hash >> shift) as usize, word, number));
        }
        sorted.sort_unstable();
        let starts = (0..=buckets).map(|bucket| sorted.partition_point(|word| word.0 < bucket) as u32).collect();
        let chars = sorted.iter().flat_map(|(_, word, _)| word).copied().collect();
        Self { hashed, filter, starts, shift, words: chained(&sorted), chars }
    }

    /// Whether only words stand here that are as long as what [`Beginnings`] has of them.
    pub(crate) const fn hashes_beginnings(&self) -> bool {
        self.hashed >= BEGUN
    }

    /// A bit for each of some of the first places of the text at which a word may begin.
    pub(crate) fn survivors_at(&self, text: &[char], some: u64) -> u64 {
        match self.hashed {
            1 => self.filter.survivors_at::<1>(text, some),
            2 => self.filter.survivors_at::<2>(text, some),
            3 => self.filter.survivors_at::<3>(text, some),
            4 => self.filter.survivors_at::<4>(text, some),
            5 => self.filter.survivors_at::<5>(text, some),
            _ => self.filter.survivors_at::<HASHED_MAX>(text, some),
        }
    }

    /// Tells of every word that stands at the beginning of a text: its number and its length.
    pub(crate) fn each(&self, text: &[char], mut found: impl FnMut(u32, usize)) {
        let Some(beginning) = text.get(..self.hashed) else { return };
        let bucket = (hash_of(beginning) >> self.shift) as usize;
        let (start, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        // Words with which the text begins are none after it, and the last of those before it begins with them.
        let before = self.words[start..end].partition_point(|word| self.chars_of(word) <= text);
        let mut next = if before == 0 { 0 } else { start + before };
        while let Some(word) = next.checked_sub(1).map(|place| self.words[place]) {
            if text.starts_with(self.chars_of(&word)) {
                found(word.number, (word.end - word.start) as usize);
            }
            next = word.within as usize;
        }
    }

    fn chars_of(&self, word: &Word) -> &[char] {
        &self.chars[word.start as usize..word.end as usize]
    }
}

/// Sorted words with their places and with the longest other one with which each begins.
fn chained(sorted: &[(usize, Vec<char>, u32)]) -> Box<[Word]> {
    let mut words: Vec<Word> = Vec::with_capacity(sorted.len());
    // The word before and those with which it begins, one within another.
    let mut open: Vec<usize> = Vec::new();
    for (place, (bucket, word, number)) in sorted.iter().enumerate() {
        let begins = |other: &usize| sorted[*other].0 == *bucket && word.starts_with(&sorted[*other].1);
        while open.pop_if(|other| !begins(other)).is_some() {}
        let start = words.last().map_or(0, |last| last.end);
        let within = open.last().map_or(0, |other| *other as u32 + 1);
        words.push(Word { number: *number, start, end: start + word.len() as u32, within });
        open.push(place);
    }
    words.into()
}

/// Which hashes there are, with a few more that there are not.
#[derive(Debug)]
struct Filter {
    bits: Box<[u64]>,
    /// By how many bits a hash is too long.
    shift: u32,
}

impl Filter {
    fn of(words: usize) -> Self {
        let blocks = (words * BITS_A_WORD / u64::BITS as usize).next_power_of_two().max(2);
        Self { bits: vec![0; blocks].into(), shift: 64 - blocks.trailing_zeros() }
    }

    fn insert(&mut self, hash: u64) {
        let (block, bits) = self.place(hash);
        self.bits[block] |= bits;
    }

    fn may_hold(&self, hash: u64) -> u64 {
        let (block, bits) = self.place(hash);
        u64::from(self.bits[block] & bits == bits)
    }

    /// Two bits of one word of the machine: a look goes to one place only.
    fn place(&self, hash: u64) -> (usize, u64) {
        let block = (hash >> self.shift) as usize;
        (block, 1 << (hash >> 20 & 63) | 1 << (hash >> 26 & 63))
    }

    fn survivors_at<const HASHED: usize>(&self, text: &[char], some: u64) -> u64 {
        let windows = places(some).map_while(|place| Some((place, text.get(place..)?.first_chunk::<HASHED>()?)));
        windows.fold(0, |places, (place, window)| places | self.may_hold(hash_of(window)) << place)
    }
}

/// Which hashes of 32 bits there are, with a few more that there are not, by their first bits: a look asks for one bit.
#[derive(Debug, Default)]
pub(crate) struct HashBits {
    bits: Box<[u64]>,
    /// By how many bits a hash is too long.
    shift: u32,
}

impl HashBits {
    /// With so many bits for each hash, before they are rounded up.
    pub(crate) fn of(hashes: &[u32], bits_a_hash: usize) -> Self {
        let bits = (hashes.len() * bits_a_hash).next_power_of_two().max(u64::BITS as usize);
        let mut all = Self { bits: vec![0; bits / u64::BITS as usize].into(), shift: 32 - bits.trailing_zeros() };
        for hash in hashes {
            let bit = hash >> all.shift;
            all.bits[(bit / u64::BITS) as usize] |= 1 << (bit % u64::BITS);
        }
        all
    }

    /// 1 where there may be such a hash, else 0.
    pub(crate) fn may_hold(&self, hash: u32) -> u64 {
        let bit = hash >> self.shift;
        self.bits[(bit / u64::BITS) as usize] >> (bit % u64::BITS) & 1
    }
}

/// Characters with which a word begins. Of English words one in nine begins as one of 20,000 words does, of three characters it
/// would be one in three.
const BEGUN: usize = 4;
/// Bits for each word, before they are rounded up.
const BITS_A_BEGINNING: usize = 4;

/// With which characters words begin, with a few more with which none does.
#[derive(Debug, Default)]
pub(crate) struct Beginnings(HashBits);

impl Beginnings {
    /// Of all words that are long enough.
    pub(crate) fn of<'w>(words: impl Iterator<Item = &'w [char]>) -> Self {
        let begun: Vec<u32> = words.filter_map(|word| word.first_chunk()).map(Self::hash).collect();
        Self(HashBits::of(&begun, BITS_A_BEGINNING))
    }

    /// A bit for each of some of the first places of the text at which a word of them may begin.
    pub(crate) fn survivors_at(&self, text: &[char], some: u64) -> u64 {
        let begun = places(some).map_while(|place| Some((place, Self::hash(text.get(place..)?.first_chunk()?))));
        begun.fold(0, |places, (place, hash)| places | self.0.may_hold(hash) << place)
    }

    fn hash(chars: &[char; BEGUN]) -> u32 {
        let products = chars.iter().zip(FACTORS).map(|(c, factor)| u32::from(*c).wrapping_mul((factor >> 32) as u32));
        products.fold(0, u32::wrapping_add)
    }
}

/// The first characters of words, with a few more that are not.
#[derive(Debug, Default)]
pub(crate) struct Firsts(HashBits);

impl Firsts {
    /// Of all words.
    pub(crate) fn of(firsts: impl Iterator<Item = char>) -> Self {
        let different: BTreeSet<u32> = firsts.map(Self::hash).collect();
        Self(HashBits::of(&different.into_iter().collect::<Vec<u32>>(), BITS_A_WORD))
    }

    /// A bit for each of the first places of the text at which a word of them may begin.
    pub(crate) fn survivors(&self, text: &[char]) -> u64 {
        let text = &text[..text.len().min(PLACES)];
        // Each comes in from above: that needs no place to shift it to.
        let survivors = text.iter().fold(0, |bits, c| bits >> 1 | self.0.may_hold(Self::hash(*c)) << (PLACES - 1));
        if text.is_empty() { 0 } else { survivors >> (PLACES - text.len()) }
    }

    fn hash(c: char) -> u32 {
        u32::from(c).wrapping_mul((FACTORS[0] >> 32) as u32)
    }
}

/// Factors without a pattern (the fractional parts of square roots, made odd), one for each character that is hashed.
const FACTORS: [u64; HASHED_MAX] = [
    0x6A09_E667_F3BC_C909,
    0xBB67_AE85_84CA_A73B,
    0x3C6E_F372_FE94_F82B,
    0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1,
    0x9B05_688C_2B3E_6C1F,
];

/// A hash of which the first bits are the best: a sum, so that no character waits for the one before.
pub(crate) fn hash_of(chars: &[char]) -> u64 {
    let products = chars.iter().zip(FACTORS).map(|(c, factor)| u64::from(*c).wrapping_mul(factor));
    products.fold(0, u64::wrapping_add)
}

/// A bit for each of the first sixty-four answers that is yes.
pub(crate) fn bits_of(answers: impl Iterator<Item = bool>) -> u64 {
    let mut flags = [0_u8; PLACES];
    flags.iter_mut().zip(answers).for_each(|(flag, answer)| *flag = u8::from(answer));
    // Eight flags become eight bits by one multiplication.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    flags.as_chunks().0.iter().zip(0..).fold(0, |all, (eight, place)| all | bits(eight) << (8 * place))
}

/// The places of the bits that are set, rising.
pub(crate) fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{PLACES, bits_of, places};

    proptest! {
        #[test]
        fn answers_become_the_bits_of_their_places(answers in proptest::collection::vec(any::<bool>(), 0..99)) {
            let yes = (0..answers.len().min(PLACES)).filter(|place| answers[*place]);
            assert!(places(bits_of(answers.iter().copied())).eq(yes));
        }
    }
}
