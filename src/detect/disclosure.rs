//! Whether a post repeats what a company has published, and whether it did so too early.
//! Instants are compared, never dates or wall clocks.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::detect::scan::FieldText;
use crate::model::company::Disclosure;
use crate::model::time::Timestamp;
use crate::text::fold;

/// How a post stands to the company's publications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publicity<'a> {
    /// It repeats nothing that was published.
    Unpublished,
    /// It repeats what was public when it was posted.
    Public(&'a Disclosure),
    /// It tells what became public only later.
    Early(&'a Disclosure),
}

/// Characters in a shingle, and consecutive shared shingles that make a repetition (policy, rule book 5).
const SHINGLE: usize = 8;
const SHINGLES_IN_A_ROW: usize = 3;
/// Share of a post's shingles that makes a repetition.
const SHINGLE_SHARE: f64 = 0.2;
/// Fewer shingles than this say nothing about a share.
const SHINGLES_MIN: usize = 10;
/// Figures with this many digits are seldom shared by chance.
const TELLING_DIGITS: usize = 3;

/// A number with its multiplier and the first character of whatever is counted: 261kwh, 480架, 9万道, 12.3%.
static FIGURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>%|[a-z]{1,5}|[亿万千百]{0,2}\p{Han})")
        .expect("the pattern is a constant and a test compiles it")
});

/// Units of dates and clocks: everybody writes them.
const CALENDAR: &[&str] = &["月", "日", "号", "点", "时", "期", "届"];

/// What was published, ready for comparing: the wording of all of it at once.
#[derive(Debug, Default)]
pub struct Publications {
    figures: Vec<BTreeSet<String>>,
    /// The wording of each.
    wordings: Vec<Box<[char]>>,
    /// Which publications hold a shingle.
    shingles: HashMap<[char; SHINGLE], Vec<u32>>,
    /// Passes over most of a post quickly.
    filter: Filter,
}

impl Publications {
    /// Reads the register.
    pub fn of(disclosures: &[Disclosure]) -> Self {
        let mut publications = Self::default();
        for (number, disclosure) in (0..).zip(disclosures) {
            let published = format!("{}。{}", disclosure.title, disclosure.text);
            publications.figures.push(figures(&fold::plain(&published)));
            let wording: Box<[char]> = fold::dense(&published).chars().collect();
            for shingle in wording.array_windows::<SHINGLE>() {
                publications.filter.insert(shingle);
                let holders = publications.shingles.entry(*shingle).or_default();
                if holders.last() != Some(&number) {
                    holders.push(number);
                }
            }
            publications.wordings.push(wording);
        }
        publications
    }

    /// The publication of `disclosures`, the register that was read, which the post repeats. One that was public at the time
    /// wins over one that came later. `is_linked` says whether post and publication speak of one company; shared figures
    /// count only then.
    pub fn publicity<'a>(
        &self,
        disclosures: &'a [Disclosure],
        texts: &[FieldText],
        posted: Timestamp,
        is_linked: impl Fn(&Disclosure) -> bool,
    ) -> Publicity<'a> {
        if disclosures.is_empty() {
            return Publicity::Unpublished;
        }
        let figures = LazyCell::new(|| texts.iter().flat_map(|text| figures(text.plain())).collect());
        let worded_alike = self.worded_alike(texts);
        let is_repeated = |number: usize, disclosure: &Disclosure| {
            worded_alike.contains(&number) || (is_linked(disclosure) && self.shares_figures(number, &figures))
        };
        let repeated = disclosures.iter().enumerate().filter(|(number, disclosure)| is_repeated(*number, disclosure));
        match repeated.map(|(_, disclosure)| disclosure).min_by_key(|d| d.published) {
            None => Publicity::Unpublished,
            Some(first) if first.published <= posted => Publicity::Public(first),
            Some(first) => Publicity::Early(first),
        }
    }

    fn shares_figures(&self, number: usize, of_post: &BTreeSet<String>) -> bool {
        let is_telling = |figure: &&String| figure.bytes().filter(u8::is_ascii_digit).count() >= TELLING_DIGITS;
        let shared: Vec<&String> = self.figures[number].intersection(of_post).collect();
        shared.len() >= 2 || shared.iter().any(is_telling)
    }

    /// Publications of which the post holds three shingles in a row, or a fifth of its own.
    fn worded_alike(&self, texts: &[FieldText]) -> BTreeSet<usize> {
        if self.may_share_wording(texts) { self.compared(texts) } else { BTreeSet::new() }
    }

    fn compared(&self, texts: &[FieldText]) -> BTreeSet<usize> {
        let post: Vec<char> = texts.iter().map(|text| text.folded.dense_chars()).collect::<Vec<_>>().concat();
        let mut runs = HashMap::<u32, Run>::new();
        let count = (post.len() + 1).saturating_sub(SHINGLE);
        for (place, shingle) in post.array_windows().enumerate().filter(|(_, shingle)| self.filter.may_hold(shingle)) {
            let holders = self.shingles.get(shingle);
            holders.into_iter().flatten().for_each(|number| runs.entry(*number).or_default().meet(place));
        }
        let is_alike = |run: &Run| {
            run.longest >= SHINGLES_IN_A_ROW
                || (count >= SHINGLES_MIN && run.shared as f64 / count as f64 >= SHINGLE_SHARE)
        };
        runs.into_iter().filter(|(_, run)| is_alike(run)).map(|(number, _)| number as usize).collect()
    }

    /// False where the texts certainly share no shingle with any publication: nowhere do all neighbours of one stand in them as
    /// neighbours. Worth asking only where less was published than is read.
    fn may_share_wording(&self, texts: &[FieldText]) -> bool {
        let length = |wordings: &[Box<[char]>]| wordings.iter().map(|wording| wording.len()).sum::<usize>();
        let post: usize = texts.iter().map(|text| text.folded.dense().len()).sum();
        length(&self.wordings) > post || self.wordings.iter().any(|wording| may_share_shingle(wording, texts))
    }
}

/// Whether all neighbours of a shingle stand in the texts. They are asked for from its end on: where one is missing, no shingle that
/// has it can be shared, and most are passed over at once (as R. Boyer and J. Moore search, 1977).
fn may_share_shingle(wording: &[char], texts: &[FieldText]) -> bool {
    let seams = seams(texts);
    let stand = |pair: &[char; 2]| texts.iter().any(|text| text.may_have_neighbours(*pair)) || seams.contains(pair);
    let mut rest = wording;
    while let Some(shingle) = rest.first_chunk::<SHINGLE>() {
        let Some(missing) = shingle.array_windows::<2>().rposition(|pair| !stand(pair)) else { return true };
        rest = &rest[missing + 1..];
    }
    false
}

/// Where one text ends and the next one begins: they are compared as one.
fn seams(texts: &[FieldText]) -> Vec<[char; 2]> {
    let read: Vec<&[char]> =
        texts.iter().map(|text| text.folded.dense_chars()).filter(|text| !text.is_empty()).collect();
    read.array_windows().filter_map(|[left, right]| Some([*left.last()?, *right.first()?])).collect()
}

/// Shingles that a post shares with one publication.
#[derive(Debug, Default)]
struct Run {
    shared: usize,
    longest: usize,
    length: usize,
    /// The place after the last one.
    next: usize,
}

impl Run {
    fn meet(&mut self, place: usize) {
        self.length = if self.length > 0 && place == self.next { self.length + 1 } else { 1 };
        self.longest = self.longest.max(self.length);
        (self.shared, self.next) = (self.shared + 1, place + 1);
    }
}

/// Which shingles there are, with a few more that are not: by the first two characters, and by these with the last two, hashed
/// to sixteen bits each.
#[derive(Debug, Default)]
struct Filter {
    beginnings: Bits,
    ends: Bits,
}

/// A bit for each number of sixteen bits.
#[derive(Debug)]
struct Bits(Box<[u64; 1024]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; 1024]))
    }
}

impl Bits {
    fn insert(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.0[number as usize / 64] >> (number % 64) & 1 != 0
    }
}

impl Filter {
    fn insert(&mut self, shingle: &[char; SHINGLE]) {
        self.beginnings.insert(beginning(shingle) >> 16);
        self.ends.insert(end(shingle));
    }

    fn may_hold(&self, shingle: &[char; SHINGLE]) -> bool {
        self.beginnings.has(beginning(shingle) >> 16) && self.ends.has(end(shingle))
    }
}

fn beginning([first, second, ..]: &[char; SHINGLE]) -> u32 {
    u32::from(*first).wrapping_mul(0x9E37_79B1) ^ u32::from(*second).wrapping_mul(0x85EB_CA6B)
}

fn end(shingle: &[char; SHINGLE]) -> u32 {
    let [.., last_but_one, last] = shingle;
    let end = u32::from(*last_but_one).wrapping_mul(0xC2B2_AE35) ^ u32::from(*last).wrapping_mul(0x27D4_EB2F);
    (beginning(shingle) ^ end) >> 16
}

/// Figures with their units, white space dropped. Dates are no figures.
fn figures(folded: &str) -> BTreeSet<String> {
    if !folded.chars().any(char::is_numeric) {
        return BTreeSet::new();
    }
    let tight: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
    let is_year = |c: &Captures<'_>| &c["unit"] == "年" && c["number"].len() == 4 && c["number"].parse::<u32>().is_ok();
    let is_date = |c: &Captures<'_>| is_year(c) || CALENDAR.contains(&&c["unit"]);
    FIGURE.captures_iter(&tight).filter(|c| !is_date(c)).map(|c| format!("{}{}", &c["number"], &c["unit"])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Publications, Publicity};
    use crate::detect::scan::FieldText;
    use crate::model::company::Disclosure;
    use crate::model::term::Field;
    use crate::model::time::Timestamp;

    fn disclosure() -> Disclosure {
        Disclosure {
            id: "D1".into(),
            company: "XH".into(),
            published: Timestamp::parse("2026-05-10T09:30:00+08:00").unwrap(),
            channel: "官网".into(),
            title: "星河科技发布折叠无人机".into(),
            text: "星河科技今日发布折叠无人机，航程 127 公里，续航 95 分钟，质保 3 年。".into(),
        }
    }

    fn judged(text: &str, posted: &str, linked: bool) -> &'static str {
        let texts = [FieldText::new(Field::Text, text)];
        let register = [disclosure()];
        let posted = Timestamp::parse(posted).unwrap();
        match Publications::of(&register).publicity(&register, &texts, posted, |_| linked) {
            Publicity::Unpublished => "unpublished",
            Publicity::Public(_) => "public",
            Publicity::Early(_) => "early",
        }
    }

    #[test]
    fn the_same_figure_before_and_after_the_minute_of_publication() {
        let text = "剧透：航程127公里";
        assert_eq!(judged(text, "2026-05-10T09:29:00+08:00", true), "early");
        assert_eq!(judged(text, "2026-05-10T01:30:00Z", true), "public");
    }

    #[test]
    fn a_wall_clock_that_looks_later_is_earlier_in_its_offset() {
        assert_eq!(judged("航程127公里", "2026-05-10T10:00:00+09:00", true), "early");
    }

    #[test]
    fn whatever_is_counted_makes_a_figure_but_dates_do_not() {
        assert_eq!(judged("明天官宣，续航95分钟，质保3年", "2026-05-09T12:00:00Z", true), "early");
        assert_eq!(judged("2026年5月10日9点见", "2026-05-09T12:00:00Z", true), "unpublished");
    }

    #[test]
    fn a_shared_figure_without_a_link_to_the_company_says_nothing() {
        assert_eq!(judged("我家到学校127公里", "2026-05-01T00:00:00Z", false), "unpublished");
    }

    #[test]
    fn a_year_is_no_figure_that_a_publication_shares() {
        let mut other = disclosure();
        other.text = "2026年报告：净利润 2.9 亿元".into();
        let texts = [FieldText::new(Field::Text, "星河2026年校招开始啦")];
        let posted = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let register = [other];
        let publications = Publications::of(&register);
        assert!(matches!(publications.publicity(&register, &texts, posted, |_| true), Publicity::Unpublished));
    }

    #[test]
    fn a_copied_sentence_needs_no_link() {
        assert_eq!(judged("转：今日发布折叠无人机，航程很远", "2026-06-01T00:00:00Z", false), "public");
    }

    proptest! {
        #[test]
        fn what_is_compared_only_where_it_may_be_alike_is_as_if_it_always_were(
            before in "[云舟a ，]{0,60}",
            copied in (0_usize..30, 0_usize..20, 0_usize..20),
            after in "[云舟a，]{0,60}",
        ) {
            let published = disclosure();
            let (from, title, text) = copied;
            let wording = |from: usize, length: usize| published.text.chars().skip(from).take(length).collect::<String>();
            let texts = [
                FieldText::new(Field::Title, &format!("{before}{}", wording(from, title))),
                FieldText::new(Field::Bio, "，"),
                FieldText::new(Field::Text, &format!("{}{after}", wording(from + title, text))),
            ];
            let publications = Publications::of(&[published]);
            assert_eq!(publications.worded_alike(&texts), publications.compared(&texts));
        }
    }
}
