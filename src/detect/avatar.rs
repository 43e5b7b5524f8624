//! Profile pictures against the registered marks. No face is ever looked for.

use crate::model::account::{Account, PictureMark};
use crate::model::company::BrandMark;
use crate::model::finding::Reason;
use logo_search::LogoHit;

/// A profile picture that shows a registered mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvatarHit<'a> {
    /// The mark.
    pub mark: &'a BrandMark,
    /// How it shows.
    pub sight: MarkSight,
}

/// How a picture shows a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkSight {
    /// The whole picture is like it: bits that differ, 0..=64.
    Whole(u32),
    /// Its drawing stands in the picture: how alike, percent.
    Drawing(u8),
}

impl AvatarHit<'_> {
    /// What was seen, for people.
    pub fn reason(&self) -> Reason {
        let BrandMark { name, distance_max, .. } = self.mark;
        match self.sight {
            MarkSight::Whole(distance) => Reason::new(
                format!("头像与“{name}”相似（汉明距离 {distance}，阈值 {distance_max}）"),
                format!("the picture is like “{name}” (distance {distance}, limit {distance_max})"),
            ),
            MarkSight::Drawing(percent) => Reason::new(
                format!("头像中有与“{name}”相似的图形（相似度 {percent}%）"),
                format!("the picture holds a drawing like “{name}” ({percent}% alike)"),
            ),
        }
    }
}

/// What is kept of a mark that was seen inside a picture.
pub fn picture_mark(marks: &[BrandMark], hit: LogoHit) -> PictureMark {
    let BrandMark { name, company, .. } = &marks[hit.mark];
    PictureMark { name: name.clone(), company: company.clone(), percent: (hit.likeness * 100.0).round() as u8 }
}

/// The mark that a picture is like as a whole, the nearest within its own limit, else the one that was seen in it.
pub fn nearest_mark<'a>(marks: &'a [BrandMark], account: &Account) -> Option<AvatarHit<'a>> {
    whole(marks, account).or_else(|| drawing(marks, account))
}

fn whole<'a>(marks: &'a [BrandMark], account: &Account) -> Option<AvatarHit<'a>> {
    let hash = u64::from_str_radix(account.avatar.phash64.as_deref()?.trim(), 16).ok()?;
    let measured = marks.iter().filter_map(|mark| Some(((mark.phash64? ^ hash).count_ones(), mark)));
    let (distance, mark) =
        measured.filter(|(distance, mark)| *distance <= mark.distance_max).min_by_key(|(distance, _)| *distance)?;
    Some(AvatarHit { mark, sight: MarkSight::Whole(distance) })
}

/// A mark that has left the ledger since counts no more.
fn drawing<'a>(marks: &'a [BrandMark], account: &Account) -> Option<AvatarHit<'a>> {
    let seen = account.avatar.mark.as_ref()?;
    let mark = marks.iter().find(|mark| mark.name == seen.name && mark.company == seen.company)?;
    Some(AvatarHit { mark, sight: MarkSight::Drawing(seen.percent) })
}

#[cfg(test)]
mod tests {
    use super::{MarkSight, nearest_mark};
    use crate::model::account::{Account, Avatar, PictureMark};
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

    fn account(hash: &str, seen: Option<&str>) -> Account {
        let mark = seen.map(|name| Box::new(PictureMark { name: name.into(), company: "XH".into(), percent: 71 }));
        Account { avatar: Avatar { phash64: Some(hash.into()), mark, ..Avatar::default() }, ..Account::default() }
    }

    #[test]
    fn a_picture_within_the_limit_is_the_mark() {
        let marks = [mark(0), mark(0xff)];
        let hit = nearest_mark(&marks, &account("0000000000000007", Some("星标")));
        assert_eq!(hit.map(|hit| hit.sight), Some(MarkSight::Whole(3)));
    }

    #[test]
    fn a_picture_beyond_the_limit_or_a_broken_hash_is_none() {
        let marks = [mark(0)];
        assert!(nearest_mark(&marks, &account("00000000000fffff", None)).is_none());
        assert!(nearest_mark(&marks, &account("not a hash", None)).is_none());
    }

    #[test]
    fn a_drawing_seen_in_the_picture_counts_while_its_mark_is_registered() {
        let marks = [mark(0)];
        let hit = nearest_mark(&marks, &account("00000000000fffff", Some("星标")));
        assert_eq!(hit.map(|hit| hit.sight), Some(MarkSight::Drawing(71)));
        assert!(nearest_mark(&marks, &account("00000000000fffff", Some("旧标"))).is_none());
    }
}
