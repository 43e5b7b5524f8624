//! Protected speech and children come before every rule: what is found here is not judged further.

use std::sync::LazyLock;

use regex::Regex;

use crate::detect::context::holds_word;
use crate::detect::scan::FieldText;
use crate::model::ids::TopicId;
use crate::model::person::ProtectedTopic;

/// Topics of protected speech that the texts touch.
pub fn protected_topics(topics: &[ProtectedTopic], texts: &[FieldText]) -> Vec<TopicId> {
    let touches =
        |topic: &&ProtectedTopic| topic.words.iter().any(|word| texts.iter().any(|text| holds_word(text, word)));
    topics.iter().filter(touches).map(|topic| topic.id.clone()).collect()
}

/// Ages below which a person is a child by PIPL art. 28.
const CHILD_AGE: u32 = 14;

/// 我9岁, 今年八岁, （9岁）, 9岁啦 — and not 9岁娃的妈妈 or 有个9岁的女儿.
static OWN_AGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?P<before>.{0,6}?)(?P<age>\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])周?岁(?P<after>[^，。！？；,!?;\s]{0,4})",
    )
    .expect("the pattern is a constant and a test compiles it")
});

/// 我读小学三年级, 上幼儿园, 初一学生; or 小学五年级 as a clause of its own.
static OWN_SCHOOL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:我|本人|今年|正在|读|上|念|就读).{0,6}(?:小学|幼儿园|[一二三四五六]年级|初一)
        |我是.{0,3}小学生|小学生一枚
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
const OTHERS_BEFORE: &[&str] =
    &["孩子", "老大", "老二", "娃", "宝", "儿子", "女儿", "带", "养", "家有", "他", "她", "弟", "妹"];

/// Whether the author says of himself or herself to be a child under 14.
pub fn is_child(texts: &[FieldText]) -> bool {
    texts.iter().any(|text| states_child_age(&text.plain) || states_school(&text.plain))
}

fn states_child_age(text: &str) -> bool {
    OWN_AGE.captures_iter(text).any(|found| {
        let part = |name: &str| found.name(name).map_or("", |m| m.as_str());
        let is_own = ["我", "我今年", "本人", "本人今年"].iter().any(|w| part("before").ends_with(w));
        let is_anothers = ANOTHERS_AGE.iter().any(|w| part("after").contains(w))
            || (!is_own && OTHERS_BEFORE.iter().any(|w| part("before").contains(w)))
            || (!is_own && PARENT.iter().any(|w| text.contains(w)));
        age_of(part("age")).is_some_and(|age| age < CHILD_AGE) && !is_anothers
    })
}

fn states_school(text: &str) -> bool {
    let others = ["老师", "教师", "辅导", "教育", "儿子", "女儿", "作文", "毕业", "班主任", "教学", "课件"];
    OWN_SCHOOL.is_match(text) && !others.iter().chain(PARENT).any(|word| text.contains(word))
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

/// The text with every sentence masked that does not hold one of the shown byte ranges.
pub fn masked_but(text: &str, shown: &[std::ops::Range<usize>]) -> String {
    let mut masked = String::new();
    for sentence in sentences(text) {
        let is_shown = shown.iter().any(|range| range.start < sentence.end && sentence.start < range.end);
        let part = &text[sentence];
        if is_shown {
            masked.push_str(part)
        } else {
            masked.extend(part.chars().map(|c| if c.is_whitespace() { c } else { '▇' }))
        }
    }
    masked
}

/// Byte ranges of clauses: runs that end with a stop.
fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
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
    use super::{is_child, masked_but, protected_topics};
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
        ] {
            assert!(is_child(&bio(text)), "{text}");
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
    fn everything_but_the_shown_clause_is_masked() {
        let text = "奖金没有。报价0.4元，要的来。";
        let at = text.find("报价").unwrap();
        assert_eq!(masked_but(text, std::slice::from_ref(&(at..at + 6))), "▇▇▇▇▇报价0.4元，▇▇▇▇");
    }
}
