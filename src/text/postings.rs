//! Which numbers bear a writing, by the writing's hash. Compact enough for tens of millions of entries.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// The hash of a writing (SipHash, 64 bits). Two writings of one hash are expected once among 10⁹ of them.
pub(crate) fn hash_of(writing: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    writing.hash(&mut hasher);
    hasher.finish()
}

/// Collects entries.
#[derive(Debug, Default)]
pub(crate) struct Builder(Vec<(u64, u32)>);

impl Builder {
    /// Enters a number under a hash.
    pub(crate) fn add(&mut self, hash: u64, number: u32) {
        self.0.push((hash, number));
    }

    /// The finished postings.
    pub(crate) fn build(mut self) -> Postings {
        self.0.sort_unstable();
        self.0.dedup();
        let mut postings = Postings { spans: HashMap::default(), numbers: Vec::with_capacity(self.0.len()) };
        for same in self.0.chunk_by(|a, b| a.0 == b.0) {
            let start = postings.numbers.len() as u32;
            postings.numbers.extend(same.iter().map(|(_, number)| *number));
            postings.spans.insert(same[0].0, (start, same.len() as u32));
        }
        postings
    }
}

/// Numbers by hash.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    spans: HashMap<u64, (u32, u32), BuildHasherDefault<Spread>>,
    numbers: Vec<u32>,
}

impl Postings {
    /// The numbers under a hash, rising.
    pub(crate) fn get(&self, hash: u64) -> &[u32] {
        let span = self.spans.get(&hash);
        span.map_or(&[], |&(start, length)| &self.numbers[start as usize..(start + length) as usize])
    }
}

/// The keys are hashes already; a multiplication spreads short ones over all bits.
#[derive(Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = (self.0 ^ hash).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Builder;

    #[test]
    fn numbers_are_found_rising_and_once() {
        let mut builder = Builder::default();
        for (hash, number) in [(7, 2), (9, 5), (7, 1), (7, 2)] {
            builder.add(hash, number);
        }
        let postings = builder.build();
        assert_eq!((postings.get(7), postings.get(9), postings.get(8)), (&[1, 2][..], &[5][..], &[][..]));
    }
}
