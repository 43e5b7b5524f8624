//! A text in a few numbers, by which one that says nearly the same is known again: the smallest hashes of its stretches of five
//! characters (Broder 1997). Spaces, symbols, width and case do not count. Without the key the numbers say nothing of the words.

use std::collections::BTreeSet;

use siphasher::sip::SipHasher13;

use crate::text::fold::dense;

/// Characters of a stretch: short enough that a changed character spoils few, long enough that chance shares none.
const STRETCH: usize = 5;
/// Hashes that are kept: of a text of fewer stretches all of them, so that short texts are compared exactly.
const KEPT: usize = 64;
/// The smallest hashes, by which texts are looked for: of two that share half of their stretches fifteen in sixteen pairs share one.
const ANCHORS: usize = 4;
/// Longest text that is read, in characters.
const CHARS_MAX: usize = 20_000;

/// The sketch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Vec<u32>);

impl Sketch {
    /// Of a text; none when it is too short to say anything.
    pub fn of(text: &str, key: &[u8; 16]) -> Option<Self> {
        let hasher = SipHasher13::new_with_key(key);
        let chars: Vec<char> = dense(text).chars().take(CHARS_MAX).collect();
        let mut bytes = String::new();
        let hash = |stretch: &[char]| {
            bytes.clear();
            bytes.extend(stretch);
            (hasher.hash(bytes.as_bytes()) >> 32) as u32
        };
        let hashes: BTreeSet<u32> = chars.windows(STRETCH).map(hash).collect();
        (!hashes.is_empty()).then(|| Self(hashes.into_iter().take(KEPT).collect()))
    }

    /// How much of two texts is the same, 0.0..=1.0: the stretches that both have, of those that either has.
    pub fn resemblance(&self, other: &Self) -> f64 {
        let either: BTreeSet<u32> = self.0.iter().chain(&other.0).copied().collect();
        let considered = either.into_iter().take(KEPT);
        let (both, all) = considered
            .fold((0u32, 0u32), |(both, all), hash| (both + u32::from(self.holds(hash) && other.holds(hash)), all + 1));
        f64::from(both) / f64::from(all.max(1))
    }

    fn holds(&self, hash: u32) -> bool {
        self.0.binary_search(&hash).is_ok()
    }

    /// Stretches that were counted, 64 at most.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was counted; never of a sketch that was made of a text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By what it is looked for.
    pub fn anchors(&self) -> impl Iterator<Item = String> {
        self.0.iter().take(ANCHORS).map(|hash| format!("{hash:08x}"))
    }

    /// As it is stored.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|hash| format!("{hash:08x}")).collect()
    }

    /// As it was stored; none of anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let hashes =
            text.as_bytes().chunks(8).map(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        hashes.collect::<Option<Vec<u32>>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::Sketch;

    const TEXT: &str = "听说星河的折叠无人机换了电芯，成本降了一成二，样机还在岚城试飞，年底前不会对外说。";

    fn of(text: &str) -> Sketch {
        Sketch::of(text, &[7; 16]).unwrap()
    }

    fn alike(a: &str, b: &str) -> f64 {
        of(a).resemblance(&of(b))
    }

    #[test]
    fn the_same_words_are_the_same_text_whatever_stands_between_them() {
        assert!((alike(TEXT, &TEXT.replace('，', " \n")) - 1.0).abs() < 1e-9);
        assert!(alike(TEXT, &TEXT.replace("一成二", "一成三")) > 0.6);
        assert!(alike(TEXT, &format!("转发：{TEXT}")) > 0.8);
        assert!(alike(TEXT, "今天在岚城看了一场无人机表演，孩子很喜欢，还想再去一次。") < 0.1);
    }

    #[test]
    fn what_is_too_short_has_no_sketch_and_a_key_changes_every_number() {
        assert_eq!(Sketch::of("四个字。", &[7; 16]), None);
        let other = Sketch::of(TEXT, &[8; 16]).unwrap();
        assert!(of(TEXT).resemblance(&other) < 0.1);
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        assert_eq!(Sketch::from_text(&of(TEXT).to_text()), Some(of(TEXT)));
        for broken in ["xyz", "0123456", "é1234567"] {
            assert_eq!(Sketch::from_text(broken).filter(|sketch| sketch.to_text() == broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_text_resembles_itself_wholly_and_two_texts_each_other_alike(a in "\\PC{5,200}", b in "\\PC{5,200}") {
            if let (Some(a), Some(b)) = (Sketch::of(&a, &[1; 16]), Sketch::of(&b, &[1; 16])) {
                prop_assert!((a.resemblance(&a) - 1.0).abs() < 1e-9);
                prop_assert!((a.resemblance(&b) - b.resemblance(&a)).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&a.resemblance(&b)));
            }
        }
    }
}
