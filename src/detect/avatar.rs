//! Profile pictures against the registered marks. No face is ever looked for.

use crate::model::account::Account;
use crate::model::company::BrandMark;

/// A profile picture that looks like a registered mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvatarHit<'a> {
    /// The mark.
    pub mark: &'a BrandMark,
    /// Bits that differ, 0..=64.
    pub distance: u32,
}

/// The nearest mark within its own limit.
pub fn nearest_mark<'a>(marks: &'a [BrandMark], account: &Account) -> Option<AvatarHit<'a>> {
    let hash = u64::from_str_radix(account.avatar.phash64.as_deref()?.trim(), 16).ok()?;
    let measured =
        marks.iter().filter_map(|mark| Some(AvatarHit { mark, distance: (mark.phash64? ^ hash).count_ones() }));
    measured.filter(|hit| hit.distance <= hit.mark.distance_max).min_by_key(|hit| hit.distance)
}

#[cfg(test)]
mod tests {
    use super::nearest_mark;
    use crate::model::account::{Account, Avatar};
    use crate::model::company::BrandMark;

    fn mark(hash: u64) -> BrandMark {
        BrandMark {
            name: "星标".into(),
            company: "XH".into(),
            phash64: Some(hash),
            image: None,
            distance_max: 8,
            note: String::new(),
        }
    }

    fn account(hash: &str) -> Account {
        Account { avatar: Avatar { phash64: Some(hash.into()), ..Avatar::default() }, ..Account::default() }
    }

    #[test]
    fn a_picture_within_the_limit_is_the_mark() {
        let marks = [mark(0), mark(0xff)];
        assert_eq!(nearest_mark(&marks, &account("0000000000000007")).map(|h| h.distance), Some(3));
    }

    #[test]
    fn a_picture_beyond_the_limit_or_a_broken_hash_is_none() {
        let marks = [mark(0)];
        assert!(nearest_mark(&marks, &account("00000000000fffff")).is_none());
        assert!(nearest_mark(&marks, &account("not a hash")).is_none());
    }
}
