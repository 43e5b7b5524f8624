//! Protected speech and children come before every rule: what is found here is not judged further.

use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::detect::context::holds_word;
use crate::detect::scan::{CharPlaces, FieldText, GAP_MAX, widest_gap};
use crate::model::ids::TopicId;
use crate::model::person::ProtectedTopic;
use crate::model::term::Field;
use crate::text::chars::first_of;
use crate::text::fold::{self, FoldedChar};
use crate::text::script::is_han;

/// Topics of protected speech that the texts touch. Symbols inside a word hide it no more than they hide a mark.
pub fn protected_topics(topics: &[ProtectedTopic], texts: &[FieldText]) -> Vec<TopicId> {
    let holds = |word: &String| texts.iter().any(|text| holds_word(text, word) || holds_separated(text, word));
    topics.iter().filter(|topic| topic.words.iter().any(holds)).map(|topic| topic.id.clone()).collect()
}

/// Whether a Han word stands in the text with symbols between its characters: 加*班*费. Two characters with a mere
/// space between them may be the end and the beginning of two words, so that they do not count.
fn holds_separated(text: &FieldText, word: &str) -> bool {
    let word = fold::dense_word(word);
    let length = word.chars().count();
    if length < 2 || !word.chars().all(is_han) || !text.holds_densely(&word) {
        return false;
    }
    let dense = text.folded.dense_text();
    let mut places = CharPlaces::of(dense);
    dense.match_indices(&*word).any(|(byte, _)| {
        let Range { start: first, end } = places.of_bytes(byte..byte + word.len());
        let last = end - 1;
        let plain = &text.folded.plain()[text.folded.plain_range(first..end)];
        widest_gap(text, first, last).is_some_and(|gap| gap <= GAP_MAX)
            && (length > 2 || !plain.iter().any(|f| f.c.is_whitespace()))
    })
}

/// Ages below which a person is a child by PIPL art. 28.
const CHILD_AGE: u32 = 14;

/// 我9岁, 今年八岁, （9岁）, 9岁啦 — and not 9岁娃的妈妈 or 有个9岁的女儿.
static OWN_AGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?P<before>.{0,6}?)(?P<age>\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])周?岁(?P<after>[^，。！？；,!?;~|·\s]{0,4})",
    )
    .expect("the pattern is a constant and a test compiles it")
});

/// 我13啦; i'm 9 years old; 12yo.
static OWN_AGE_SAID_OTHERWISE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"我(?:今年)?(?P<han>\d{1,2})(?:了|啦|咯|嘞)(?:$|\W)|\b(?:i'?m|i’m|i am|aged?)\s*(?P<said>\d{1,2})\b(?:\s*(?:years? old|y/?o|yrs?)|\s*(?:$|[,.!|]))|\b(?P<old>\d{1,2})\s?(?:years? old|y/?o)\b")
        .expect("the pattern is a constant and a test compiles it")
});

/// What stands before the figure of an age in [`OWN_AGE_SAID_OTHERWISE`], and what after it.
const BEFORE_OWN_AGE: [&str; 8] = ["我", "我今年", "i'm", "im", "i’m", "i am", "age", "aged"];
const AFTER_OWN_AGE: [&str; 4] = ["years old", "year old", "y/o", "yo"];

/// 我读小学三年级, 上幼儿园, 初一学生; or 小学五年级 as a clause of its own.
static OWN_SCHOOL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:我|本人|今年|正在|读|上|念|就读).{0,6}(?:小学|幼儿园|[一二三四五六]年级|初一)
        |我是.{0,3}小学生|小学生一枚|小[一二三四五六]在读
        |(?:小学)?[一二三四五六]年级的?小?(?:学生|豆包|朋友)|初一的?(?:学生|新生)
        |(?:^|[,，。!！|｜;；～~\s])(?:我?是?|在)?(?:小学[一二三四五六]年级|幼儿园[大中小]班)
        |(?:^|[,，。!！|｜;；\s])[一二三四五六][（(]\d{1,2}[)）]班
        |(?:^|[,，。!！|｜;；\s])(?:小学生?|幼儿园)(?:[一二三四五六]年级|[大中小]班)?(?:的?小?学生|小朋友)?(?:$|[,，。!！|｜;；\s])",
    )
    .expect("the pattern is a constant and a test compiles it")
});

/// Words by which a parent speaks: an age beside them is the child's, unless it is said of oneself.
const PARENT: &[&str] = &[
    "我孩子",
    "孩子读",
    "孩子上",
    "我娃",
    "娃读",
    "娃上",
    "的妈妈",
    "的爸爸",
    "宝妈",
    "宝爸",
    "奶爸",
    "孩子妈",
    "孩子爸",
    "娃妈",
    "娃爸",
    "孩子的",
    "个孩子",
    "个娃",
    "二胎",
    "带娃",
    "育儿",
    "老大",
    "老二",
    "大宝",
    "小宝",
    "家长",
];

/// Words after or before an age that make it somebody else's.
const ANOTHERS_AGE: &[&str] = &[
    "娃", "宝", "孩", "儿子", "女儿", "妈", "爸", "奶", "爷", "时", "那年", "以下", "以上", "老师", "教师", "家长",
    "起",
];
const OTHERS_BEFORE: &[&str] = &[
    "孩子", "老大", "老二", "娃", "宝", "儿子", "女儿", "带", "养", "家有", "他", "她", "弟", "妹", "公司", "集团",
    "品牌", "成立", "工龄", "司龄", "厂", "店",
];

/// Whether the author says of himself or herself to be a child under 14.
pub fn is_child(texts: &[FieldText]) -> bool {
    let says = |text: &FieldText| states_child_age(text) || states_child_age_otherwise(text) || states_school(text);
    // 小学生王小明 as a name; 小学生作文 is a business.
    let is_named_so = |text: &FieldText| {
        let is_short = text.folded.dense().len() <= 7;
        text.field == Field::AccountName
            && is_short
            && text.plain().starts_with("小学生")
            && !speaks_of_others(text.plain())
    };
    texts.iter().any(|text| says(text) || is_named_so(text))
}

fn states_child_age_otherwise(text: &FieldText) -> bool {
    let anothers = ["mom", "mum", "dad", "mother", "father", "son ", "daughter", "kid", "child", "company", "brand"];
    if !may_state_age_otherwise(text) {
        return false;
    }
    let text = text.plain();
    OWN_AGE_SAID_OTHERWISE.captures_iter(text).any(|found| {
        let age = ["han", "said", "old"].into_iter().find_map(|name| found.name(name)).and_then(|m| age_of(m.as_str()));
        age.is_some_and(|age| (4..CHILD_AGE).contains(&age))
    }) && !anothers.iter().any(|word| text.contains(word))
}

/// False where [`OWN_AGE_SAID_OTHERWISE`] certainly finds nothing. It knows ends of words of all scripts, which are slow to look for
/// in long texts, and `page 2` stands in many.
fn may_state_age_otherwise(text: &FieldText) -> bool {
    let plain = text.folded.plain();
    let mut end = 0;
    while let Some(start) = first_of(&plain[end..], |folded| folded.c.is_ascii_digit()).map(|at| end + at) {
        end = start + plain[start..].iter().take_while(|folded| folded.c.is_ascii_digit()).count();
        if ends_with_word(&plain[..start]) || begins_with_word(&plain[end..]) {
            return true;
        }
    }
    false
}

/// Whether characters end with what stands before an age, a word of letters as a whole.
fn ends_with_word(chars: &[FoldedChar]) -> bool {
    let said = || chars.iter().rev().map(|folded| folded.c).skip_while(|c| c.is_whitespace());
    let is_whole = |word: &str| !word.is_ascii() || !said().nth(word.len()).is_some_and(|c| c.is_ascii_alphanumeric());
    BEFORE_OWN_AGE.iter().any(|word| begins_with(said(), word.chars().rev()) && is_whole(word))
}

fn begins_with_word(chars: &[FoldedChar]) -> bool {
    let said = || chars.iter().map(|folded| folded.c).skip_while(|c| c.is_whitespace());
    AFTER_OWN_AGE.iter().any(|word| begins_with(said(), word.chars()))
}

fn begins_with(mut said: impl Iterator<Item = char>, mut word: impl Iterator<Item = char>) -> bool {
    word.all(|c| said.next() == Some(c))
}

fn states_child_age(text: &FieldText) -> bool {
    if !text.folded.dense_chars().contains(&'岁') {
        return false;
    }
    let text = text.plain();
    let parent_speaks = LazyCell::new(|| PARENT.iter().any(|w| text.contains(w)));
    OWN_AGE.captures_iter(text).any(|found| {
        let part = |name: &str| found.name(name).map_or("", |m| m.as_str());
        let is_own = ["我", "我今年", "本人", "本人今年"].iter().any(|w| part("before").ends_with(w));
        let is_anothers = ANOTHERS_AGE.iter().any(|w| part("after").contains(w))
            || (!is_own && OTHERS_BEFORE.iter().any(|w| part("before").contains(w)))
            || (!is_own && *parent_speaks);
        age_of(part("age")).is_some_and(|age| age < CHILD_AGE) && !is_anothers
    })
}

/// What every match of [`OWN_SCHOOL`] holds one of.
const PERHAPS_SCHOOL: [&str; 6] = ["小学", "幼儿园", "年级", "初一", "在读", "班"];

fn states_school(text: &FieldText) -> bool {
    PERHAPS_SCHOOL.iter().any(|word| text.holds(word))
        && OWN_SCHOOL.is_match(text.plain())
        && !speaks_of_others(text.plain())
}

fn speaks_of_others(text: &str) -> bool {
    let others =
        ["老师", "教师", "辅导", "教育", "儿子", "女儿", "作文", "班主任", "教学", "课件", "奥数", "家教", "书包"];
    others.iter().chain(PARENT).any(|word| text.contains(word))
}

/// Reads an age below a hundred in digits or in Chinese numerals.
fn age_of(text: &str) -> Option<u32> {
    if let Ok(age) = text.parse() {
        return Some(age);
    }
    let digit = |part: &str| match part {
        "两" => Some(2),
        _ => "零一二三四五六七八九".chars().position(|d| part.chars().eq([d])).map(|d| d as u32),
    };
    match text.split_once('十') {
        Some((tens, units)) => Some(digit(tens).unwrap_or(1) * 10 + digit(units).unwrap_or(0)),
        None => digit(text),
    }
}

/// The text with every clause masked that does not hold one of the shown byte ranges. Of a clause that itself touches
/// a protected topic nothing but those ranges is shown.
pub fn masked_but(text: &str, shown: &[Range<usize>], topics: &[ProtectedTopic]) -> String {
    let mut masked = String::new();
    for sentence in sentences(text) {
        let part = &text[sentence.clone()];
        let mut here = shown.iter().filter(|range| range.start < sentence.end && sentence.start < range.end).peekable();
        let is_shown = here.peek().is_some();
        let is_touched = is_shown && !protected_topics(topics, &[FieldText::new(Field::Text, part)]).is_empty();
        if is_shown && !is_touched {
            masked.push_str(part);
            continue;
        }
        let here: Vec<&Range<usize>> = here.collect();
        let is_hidden =
            |at: usize, c: char| !c.is_whitespace() && !here.iter().any(|r| r.contains(&(sentence.start + at)));
        masked.extend(part.char_indices().map(|(at, c)| if is_hidden(at, c) { '▇' } else { c }));
    }
    masked
}

/// Byte ranges of clauses: runs that end with a stop.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if matches!(c, '。' | '！' | '？' | '；' | '，' | ',' | '!' | '?' | ';' | '\n') {
            ranges.push(start..at + c.len_utf8());
            start = at + c.len_utf8();
        }
    }
    ranges.push(start..text.len());
    ranges
}

#[cfg(test)]
mod tests {
    use super::{OWN_AGE_SAID_OTHERWISE, is_child, masked_but, may_state_age_otherwise, protected_topics};
    use crate::detect::scan::FieldText;
    use crate::model::person::ProtectedTopic;
    use crate::model::term::Field;

    fn bio(text: &str) -> Vec<FieldText> {
        vec![FieldText::new(Field::Bio, text)]
    }

    #[test]
    fn a_child_says_its_age() {
        for text in [
            "我9岁啦！我爸爸在星河上班",
            "今年八岁",
            "爱画画（9岁）",
            "我在读小学三年级",
            "十一岁的小小程序员",
            "小学五年级，妈妈在星河上班",
            "幼儿园大班毕业啦！爸爸在星河编课本",
            "今年8岁～妈妈在星河上夜班",
            "小二在读，爷爷以前在星河印书",
            "五年级小学生",
            "初一学生",
            "我13啦",
            "五(3)班，爸爸在星河上班",
            "I'm 9 years old",
            "robots | 12yo",
        ] {
            assert!(is_child(&bio(text)), "{text}");
        }
    }

    #[test]
    fn an_age_is_looked_for_closely_only_where_one_may_stand() {
        for text in [
            "我13啦",
            "我今年9了",
            "好,i'm 9",
            "i’m 9 years old",
            "i am 12",
            "aged 11",
            "age 9,",
            "robots | 12yo",
            "12 y/o",
            "第3页 i am  12",
        ] {
            assert!(OWN_AGE_SAID_OTHERWISE.is_match(text) && may_state_age_otherwise(&bio(text)[0]), "{text}");
        }
        for text in ["page 31", "dim 5", "7 yuan", "31页"] {
            assert!(!OWN_AGE_SAID_OTHERWISE.is_match(text) && !may_state_age_otherwise(&bio(text)[0]), "{text}");
        }
    }

    #[test]
    fn a_parent_or_a_teacher_is_no_child() {
        for text in [
            "9岁娃的妈妈",
            "家有8岁女儿",
            "小学三年级语文老师",
            "28岁打工人",
            "二十八岁打工人",
            "三十岁转行",
            "入职10年",
            "我孩子读小学二年级",
            "公司成立3岁啦",
            "工龄5岁",
            "五年级数学老师",
            "mom of a 9 years old",
            "I'm 29 years old",
            "我3了个去",
        ] {
            assert!(!is_child(&bio(text)), "{text}");
        }
    }

    #[test]
    fn a_topic_is_seen_through_symbols_of_width() {
        let topic = ProtectedTopic {
            id: "P1".into(),
            name: "工资".into(),
            words: vec!["加班费".into(), "N+1".into()],
            basis: String::new(),
        };
        assert_eq!(protected_topics(std::slice::from_ref(&topic), &bio("没给Ｎ＋１")).len(), 1);
        assert!(protected_topics(&[topic], &bio("周末加班写诗")).is_empty());
    }

    #[test]
    fn a_protected_word_in_the_shown_clause_stays_hidden() {
        let text = "没发奖金还敢报价0.4元，要的来";
        let at = text.find("0.4元").unwrap();
        let topic = ProtectedTopic {
            id: "P1".into(),
            name: "工资".into(),
            words: vec!["没发奖金".into()],
            basis: String::new(),
        };
        assert_eq!(masked_but(text, std::slice::from_ref(&(at..at + 6)), &[topic]), "▇▇▇▇▇▇▇▇0.4元▇▇▇▇");
    }

    #[test]
    fn symbols_inside_a_word_hide_no_protected_topic() {
        let topic = |word: &str| ProtectedTopic {
            id: "P1".into(),
            name: "x".into(),
            words: vec![word.into()],
            basis: String::new(),
        };
        assert_eq!(protected_topics(&[topic("加班费")], &bio("没发加 班 费")).len(), 1);
        assert_eq!(protected_topics(&[topic("欠薪")], &bio("欠*薪三个月")).len(), 1);
        assert!(protected_topics(&[topic("工会")], &bio("今天开工，会很忙")).is_empty());
        assert!(protected_topics(&[topic("工会")], &bio("今天开工 会很忙")).is_empty());
    }

    #[test]
    fn everything_but_the_shown_clause_is_masked() {
        let text = "奖金没有。报价0.4元，要的来。";
        let at = text.find("报价").unwrap();
        assert_eq!(masked_but(text, std::slice::from_ref(&(at..at + 6)), &[]), "▇▇▇▇▇报价0.4元，▇▇▇▇");
    }
}
