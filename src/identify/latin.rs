//! How a Han name is written in Latin letters: in full, or its surname with initials, in either order.

use crate::text::pinyin::{surname_syllables, syllables};

/// Readings of one name that are followed at most: names of many polyphones have no more writings than this.
const READINGS_MAX: usize = 24;

/// One way in which a name may be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    surname: String,
    given: Vec<&'static str>,
    /// Whether a character of the given name is read otherwise than is common.
    pub(crate) is_uncommon: bool,
}

/// Every way in which a name may be read, the common one first. Nothing when a character has no reading. Polyphones of
/// the surname count alike, since strangers do not know them either.
pub(crate) fn readings(surname: &str, given: &str) -> Vec<Reading> {
    let mut read = vec![Reading::default()];
    for (place, c) in surname.chars().enumerate() {
        let next = if place == 0 { surname_syllables(c) } else { syllables(c) };
        read = crossed(&read, &next, |reading, syllable, _| reading.surname.push_str(syllable));
    }
    for c in given.chars() {
        read = crossed(&read, &syllables(c), |reading, syllable, is_common| {
            reading.given.push(syllable);
            reading.is_uncommon |= !is_common;
        });
    }
    read
}

fn crossed(read: &[Reading], next: &[&'static str], add: impl Fn(&mut Reading, &'static str, bool)) -> Vec<Reading> {
    let pairs =
        read.iter().flat_map(|reading| next.iter().enumerate().map(move |(rank, syllable)| (reading, rank, *syllable)));
    let with = |(reading, rank, syllable): (&Reading, usize, &'static str)| {
        let mut reading = reading.clone();
        add(&mut reading, syllable, rank == 0);
        reading
    };
    pairs.take(READINGS_MAX).map(with).collect()
}

impl Reading {
    /// `zhangsanfeng`, `sanfengzhang`.
    pub(crate) fn spellings(&self) -> [String; 2] {
        let (surname, given) = (&self.surname, self.given.concat());
        [format!("{surname}{given}"), format!("{given}{surname}")]
    }

    /// `zhangsf`, `sfzhang`.
    pub(crate) fn initials(&self) -> [String; 2] {
        let surname = &self.surname;
        let initials: String = self.given.iter().filter_map(|syllable| syllable.chars().next()).collect();
        [format!("{surname}{initials}"), format!("{initials}{surname}")]
    }

    /// `szhang`.
    pub(crate) fn first_initial(&self) -> Option<String> {
        let initial = self.given.first()?.chars().next()?;
        Some(format!("{initial}{}", self.surname))
    }

    /// `zhang`.
    pub(crate) fn surname(&self) -> &str {
        &self.surname
    }
}

#[cfg(test)]
mod tests {
    use super::readings;

    #[test]
    fn a_name_is_written_in_either_order() {
        let reading = readings("云", "舟").remove(0);
        assert_eq!(reading.spellings(), ["yunzhou", "zhouyun"]);
        let reading = readings("欧阳", "知夏").remove(0);
        assert_eq!(reading.initials(), ["ouyangzx", "zxouyang"]);
        assert_eq!(reading.first_initial().as_deref(), Some("zouyang"));
    }

    #[test]
    fn every_reading_of_a_surname_counts_and_uncommon_ones_of_a_given_name_are_told_apart() {
        let surnames: Vec<String> = readings("曾", "一").iter().map(|r| r.surname().to_owned()).collect();
        assert_eq!(surnames, ["zeng", "ceng"]);
        let uncommon: Vec<bool> = readings("林", "乐").iter().map(|r| r.is_uncommon).collect();
        assert!(!uncommon[0] && uncommon[1..].iter().all(|&is| is));
    }

    #[test]
    fn a_character_without_a_reading_has_no_writing() {
        assert!(readings("A", "舟").is_empty());
    }
}
