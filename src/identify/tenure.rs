//! Joining and leaving: what an account says of them, and the day on which it spoke, against the dates of the directory. Who
//! had left before or came after is hardly the one who speaks as an employee of that day; it lowers and is shown, and hides nobody.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate};
use regex::Regex;

use crate::detect::context::holds_word;
use crate::detect::scan::FieldText;
use crate::model::finding::Reason;
use crate::model::person::Employee;

/// On which day somebody spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpokenOn {
    /// Nobody knows.
    Unknown,
    /// A post of that day.
    Post(NaiveDate),
    /// The account was there on that day; what stands on it may be younger.
    Account(NaiveDate),
}

/// What an account and its post say of joining and leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidTenure {
    /// First and last year in which its owner may have joined.
    joined: Option<(i32, i32)>,
    /// Whether it speaks of the employment as over.
    is_past: bool,
    /// Whether it speaks of the employment as lasting.
    is_present: bool,
    spoken_on: SpokenOn,
}

/// One thing about an employee's dates that fits or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenureSign {
    /// The year of joining that is said is the employee's.
    JoinedThen(i32),
    /// Another year of joining is said.
    JoinedOtherwise(i32),
    /// The employment is said to be over, and is.
    LeftAsSaid,
    /// The employment is said to be over, and is not.
    SaidToHaveLeft,
    /// The employment is said to last, and had ended.
    SaidToStay(NaiveDate),
    /// A post is older than the employment.
    PostBeforeJoining(NaiveDate),
    /// The account is older than the employment; it may have got its name later.
    AccountBeforeJoining(NaiveDate),
}

static YEAR_JOINED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"((?:19|20)\d\d)(?:年|[-./])?(?:\d{1,2}月?)?(?:[-./]?\d{1,2}日?)?(?:校招|社招|正式)?(?:入职|入司|入厂|进厂|进公司)",
    )
});
static JOINED_YEAR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:入职|入司|入厂|进厂)(?:于|时间|日期)?[:： ]?((?:19|20)\d\d)"));
/// People join much; beside our company's name it is the company.
static JOINED_US: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"((?:19|20)\d\d)(?:年|[-./])?(?:\d{1,2}月?)?(?:[-./]?\d{1,2}日?)?(?:校招|社招|正式)?加入|加入.{0,12}?((?:19|20)\d\d)",
    )
});
static YEARS_SINCE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:入职|司龄|在职|入司|入厂|进厂)(?:已|满|了|已满)?([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:多|余)?年")
});
static YEARS_OF: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:多|余)?年(?:老员工|司龄)"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed pattern")
}

const PAST: &[&str] = &["前员工", "离职员工", "已离职", "离职多年", "离职后", "前同事们", "离开多年"];
/// Words of an employment that is over, of any employer's: they count beside our company's name.
const PAST_OF: &[&str] = &["曾任", "曾就职", "曾在", "曾供职", "前任"];
const PRESENT: &[&str] = &["在职", "现就职", "现任", "现供职", "目前就职", "目前在", "至今"];
/// Words by which a post speaks as of an employment that lasts.
const PRESENT_IN_POST: &[&str] =
    &["在职", "我司", "我们公司", "咱公司", "咱们公司", "本司", "我们部门", "我们厂", "咱厂", "下班了", "在上班"];

impl SaidTenure {
    /// Reads what a profile and a post say. `of_us` are the parts of the profile that name one of our companies.
    pub fn of<'t>(
        profile: impl Iterator<Item = &'t FieldText> + Clone,
        of_us: &[String],
        post: &[FieldText],
        spoken_on: SpokenOn,
    ) -> Self {
        let holds = |words: &[&str]| profile.clone().any(|text| words.iter().any(|word| holds_word(text, word)));
        let posted = |words: &[&str]| post.iter().any(|text| words.iter().any(|word| holds_word(text, word)));
        let is_past = holds(PAST) || of_us.iter().any(|part| PAST_OF.iter().any(|word| part.contains(word)));
        let joined = profile.clone().find_map(|text| joined_in(text.plain(), spoken_on));
        Self {
            joined: joined.or_else(|| of_us.iter().find_map(|part| joined_us(part))),
            is_past,
            is_present: !is_past && (holds(PRESENT) || posted(PRESENT_IN_POST)),
            spoken_on,
        }
    }

    /// The year of joining, where one is said without doubt.
    pub fn year(&self) -> Option<i32> {
        self.joined.filter(|(first, last)| first == last).map(|(year, _)| year)
    }

    /// What of it fits the employee's dates and what does not. Dates that HR does not give say nothing.
    pub fn signs(&self, employee: &Employee) -> Vec<TenureSign> {
        [self.joined_sign(employee), self.left_sign(employee), self.day_sign(employee)].into_iter().flatten().collect()
    }

    fn joined_sign(&self, employee: &Employee) -> Option<TenureSign> {
        let ((first, last), year) = (self.joined?, employee.joined_on?.year());
        if (first..=last).contains(&year) {
            return Some(TenureSign::JoinedThen(year));
        }
        // People say the year of their contract, of their internship or of their promotion.
        let is_far = year < first - YEARS_NEAR || year > last + YEARS_NEAR;
        is_far.then_some(TenureSign::JoinedOtherwise(first))
    }

    fn left_sign(&self, employee: &Employee) -> Option<TenureSign> {
        let left_before = match (self.spoken_on, employee.left_on) {
            (SpokenOn::Post(day) | SpokenOn::Account(day), Some(left)) => left < day,
            _ => true,
        };
        match (self.is_past, self.is_present, employee.has_left) {
            (true, _, true) => Some(TenureSign::LeftAsSaid),
            (true, _, false) => Some(TenureSign::SaidToHaveLeft),
            (_, true, true) if left_before => employee.left_on.map(TenureSign::SaidToStay),
            _ => None,
        }
    }

    fn day_sign(&self, employee: &Employee) -> Option<TenureSign> {
        let joined = employee.joined_on?;
        let is_before = |day: NaiveDate| day.checked_add_days(NOTICE).is_some_and(|late| late < joined);
        match self.spoken_on {
            SpokenOn::Post(day) if is_before(day) => Some(TenureSign::PostBeforeJoining(joined)),
            SpokenOn::Account(day) if is_before(day) => Some(TenureSign::AccountBeforeJoining(joined)),
            _ => None,
        }
    }
}

/// Years by which what people say of their joining may be off.
const YEARS_NEAR: i32 = 1;
/// People speak of a job from the day of the offer on.
const NOTICE: Days = Days::new(60);

fn joined_in(text: &str, spoken_on: SpokenOn) -> Option<(i32, i32)> {
    let year = |pattern: &Regex| pattern.captures(text)?[1].parse::<i32>().ok();
    if let Some(year) = year(&YEAR_JOINED).or_else(|| year(&JOINED_YEAR)) {
        return Some((year, year));
    }
    let (SpokenOn::Post(day) | SpokenOn::Account(day)) = spoken_on else { return None };
    let years = [&*YEARS_SINCE, &*YEARS_OF].into_iter().find_map(|pattern| number(&pattern.captures(text)?[1]))?;
    let since = day.year() - years;
    // The bio may be a year old, and years are rounded.
    Some((since - 1, since + 1))
}

fn joined_us(part: &str) -> Option<(i32, i32)> {
    let captures = JOINED_US.captures(part)?;
    let year = captures.get(1).or_else(|| captures.get(2))?.as_str().parse().ok()?;
    Some((year, year))
}

/// The part of a text that a place stands in, between stops, spaces and bars.
pub(crate) fn part_around(text: &FieldText, at: &Range<usize>) -> String {
    let plain = text.folded.plain();
    let parts = |place: &usize| {
        let c = plain[*place].c;
        c.is_whitespace() || matches!(c, '，' | ',' | '。' | '；' | ';' | '、' | '|' | '｜' | '/' | '!' | '！' | '·')
    };
    let start = (0..at.start).rev().find(parts).map_or(0, |place| place + 1);
    let end = (at.end..plain.len()).find(parts).unwrap_or(plain.len());
    plain[start..end].iter().map(|folded| folded.c).collect()
}

/// A number of years, in figures or in words up to ninety-nine.
fn number(written: &str) -> Option<i32> {
    if let Ok(number) = written.parse() {
        return Some(number);
    }
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c).map(|place| place as i32 + 1);
    let (tens, ones) = written
        .split_once('十')
        .map_or((0, written), |(tens, ones)| (tens.chars().next().map_or(1, |c| digit(c).unwrap_or(1)) * 10, ones));
    let ones = ones.chars().next().map_or(Some(0), digit)?;
    Some(tens + ones)
}

/// The reason for a sign, for the manager.
pub(crate) fn reason(sign: TenureSign, employee: &Employee) -> Reason {
    let joined = employee.joined_on.map_or_else(String::new, |day| day.to_string());
    match sign {
        TenureSign::JoinedThen(year) => {
            Reason::new(format!("自述的入职年份相符（{year}年）"), format!("joined in {year}, as is said"))
        }
        TenureSign::JoinedOtherwise(year) => Reason::new(
            format!("自述约{year}年入职，与登记的入职日期不符（{joined}）"),
            format!("is said to have joined about {year}, and joined on {joined}"),
        ),
        TenureSign::LeftAsSaid => {
            Reason::new("自述曾任职，与离职状态相符", "the employment is said to be over, and is")
        }
        TenureSign::SaidToHaveLeft => {
            Reason::new("自述已不在职，与在职状态不符", "the employment is said to be over, and is not")
        }
        TenureSign::SaidToStay(left) => Reason::new(
            format!("以在职身份发言，但已于 {left} 离职"),
            format!("speaks as an employee, and had left on {left}"),
        ),
        TenureSign::PostBeforeJoining(day) => Reason::new(
            format!("发布时尚未入职（{day} 入职）"),
            format!("the post is older than the employment ({day})"),
        ),
        TenureSign::AccountBeforeJoining(day) => Reason::new(
            format!("账号出现时尚未入职（{day} 入职），名称可能是后来改的"),
            format!("the account is older than the employment ({day}); it may have got its name later"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{SaidTenure, SpokenOn, TenureSign, part_around};
    use crate::detect::context::occurrences;
    use crate::detect::scan::FieldText;
    use crate::model::person::Employee;
    use crate::model::term::Field;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn signs(bio: &str, post: &str, joined: &str, left: Option<&str>) -> Vec<TenureSign> {
        let (bio, post) = (FieldText::new(Field::Bio, bio), [FieldText::new(Field::Text, post)]);
        let ours = occurrences(&bio, "星河");
        let of_us: Vec<String> = ours.iter().map(|at| part_around(&bio, at)).collect();
        let said = SaidTenure::of([&bio].into_iter(), &of_us, &post, SpokenOn::Post(day("2026-05-01")));
        let employee = Employee {
            joined_on: Some(day(joined)),
            left_on: left.map(day),
            has_left: left.is_some(),
            ..Employee::default()
        };
        said.signs(&employee)
    }

    #[test]
    fn the_year_of_joining_speaks_for_or_against() {
        for bio in ["2019年入职星河", "2019年7月加入星河", "入职于2019", "2019.07入职"] {
            assert_eq!(signs(bio, "", "2019-07-08", None), [TenureSign::JoinedThen(2019)], "{bio}");
            assert_eq!(signs(bio, "", "2015-07-08", None), [TenureSign::JoinedOtherwise(2019)], "{bio}");
        }
        assert_eq!(signs("2019年入职星河", "", "2020-01-02", None), [], "a year off says nothing");
    }

    #[test]
    fn joining_and_leaving_others_says_nothing() {
        assert_eq!(signs("2019年加入民盟，星河研发", "", "2015-07-08", None), []);
        assert_eq!(signs("曾任北川经理，星河研发", "", "2015-07-08", None), []);
        assert_eq!(signs("曾任星河经理", "", "2015-07-08", None), [TenureSign::SaidToHaveLeft]);
    }

    #[test]
    fn years_of_service_are_counted_back_from_the_post() {
        for bio in ["入职7年", "七年老员工", "司龄满7年"] {
            assert_eq!(signs(bio, "", "2019-07-08", None), [TenureSign::JoinedThen(2019)], "{bio}");
        }
        assert_eq!(signs("十二年老员工", "", "2014-03-01", None), [TenureSign::JoinedThen(2014)]);
        assert_eq!(signs("十年老兵", "", "2024-03-01", None), [], "years in a trade are no years of service");
    }

    #[test]
    fn who_had_left_does_not_speak_as_an_employee_and_who_says_so_does() {
        let left = Some("2025-12-31");
        assert_eq!(signs("星河研发，在职", "", "2019-07-08", left), [TenureSign::SaidToStay(day("2025-12-31"))]);
        assert_eq!(signs("", "我司今天停电", "2019-07-08", left), [TenureSign::SaidToStay(day("2025-12-31"))]);
        assert_eq!(signs("星河前员工", "我司今天停电", "2019-07-08", left), [TenureSign::LeftAsSaid]);
        assert_eq!(signs("星河前员工", "", "2019-07-08", None), [TenureSign::SaidToHaveLeft]);
        assert_eq!(signs("在职", "", "2019-07-08", Some("2026-06-30")), [], "left after the post");
    }

    #[test]
    fn a_post_before_the_offer_is_another_persons() {
        assert_eq!(signs("", "", "2026-09-01", None), [TenureSign::PostBeforeJoining(day("2026-09-01"))]);
        assert_eq!(signs("", "", "2026-06-15", None), []);
    }
}
