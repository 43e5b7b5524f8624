//! What was carried out of a work chat group (R-GROUP-SPILL): a group of ours, a sign that something said in it stands
//! here, and content. Chat about a group has no content and is nobody's business.

use std::collections::HashSet;
use std::ops::Range;

use crate::detect::context::{holds_word, occurrences, sentence_around};
use crate::detect::lexicon::spill::{
    CARRIED, CHANGES, IDLE, LABOUR, NO_GROUP_AFTER, NO_GROUP_BEFORE, OTHER_GROUPS, PAPERS, QUOTED, RELAYED, TO_ALL,
    WHEN,
};
use crate::detect::scan::{FieldText, Hit, overlap};
use crate::text::script::{is_han, is_stop};

/// How strongly a post looks carried out of a chat group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spill {
    /// Quoted or photographed, with content.
    Strong,
    /// Told, with content.
    Weak,
}

/// Whether texts carry content of a chat group outside. `ours` are the places of our company words in the texts; without an
/// author of ours, one of them stands in a title or in the sentence that names the group.
pub fn spill(texts: &[FieldText], ours: &[&Hit], author_is_ours: bool) -> Option<Spill> {
    if ours.is_empty() && !author_is_ours {
        return None;
    }
    let holds = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| holds_word(text, word)));
    let is_titled = || ours.iter().any(|hit| hit.text == 0 && texts.len() > 1);
    let is_named = |(index, group): &(usize, Range<usize>)| {
        let sentence = sentence_around(&texts[*index], group);
        author_is_ours || is_titled() || ours.iter().any(|hit| hit.text == *index && overlap(&hit.at, &sentence))
    };
    let least = if holds(RELAYED) || holds(CARRIED) { CONTENT_MIN } else { CONTENT_MIN + 1 };
    let is_spill = groups(texts).iter().any(is_named) && !holds(IDLE) && content(texts) >= least;
    is_spill.then(|| if holds(QUOTED) { Spill::Strong } else { Spill::Weak })
}

/// Signs of content that make what is told more than talk of a group; one more where nothing says that it is told.
const CONTENT_MIN: usize = 2;

/// How much is told: changes and papers count up to two each, an instant, a figure, and the manner of an announcement or a copy.
/// Nothing where neither a change nor a paper is.
fn content(texts: &[FieldText]) -> usize {
    let any = |words: &[&str]| usize::from(words.iter().any(|word| texts.iter().any(|text| holds_word(text, word))));
    let words: HashSet<&str> = texts.iter().flat_map(matters).collect();
    let among = |list: &[&str]| list.iter().filter(|word| words.contains(*word)).take(2).count();
    let matters = among(CHANGES) + among(PAPERS);
    let manner = any(RELAYED).max(any(TO_ALL));
    if matters == 0 { 0 } else { matters + any(WHEN) + usize::from(texts.iter().any(has_figure)) + manner }
}

/// Changes and papers in sentences that do not speak of pay, hours or layoffs; of overlapping ones the longest.
fn matters(text: &FieldText) -> Vec<&'static str> {
    let places = |word: &&'static str| occurrences(text, word).into_iter().map(|at| (at, *word)).collect::<Vec<_>>();
    let mut found: Vec<(Range<usize>, &str)> = CHANGES.iter().chain(PAPERS).flat_map(places).collect();
    found.sort_by_key(|(at, _)| (std::cmp::Reverse(at.len()), at.start));
    let mut taken = vec![false; text.folded.plain().len()];
    for place in LABOUR.iter().flat_map(|word| occurrences(text, word)) {
        if !taken[place.start] {
            taken[sentence_around(text, &place)].fill(true);
        }
    }
    let mut takes = |at: Range<usize>| {
        let is_free = !taken[at.clone()].contains(&true);
        taken[at].fill(true);
        is_free
    };
    found.into_iter().filter(|(at, _)| takes(at.clone())).map(|(_, word)| word).collect()
}

/// Units of what a company counts.
const UNITS: &str = "%％元块万亿台个号月日点辆箱吨人家倍天折名条件小成分";
/// Those behind which a numeral in ideographs is one: 一个, 一点 and 十分 are everyday words.
const UNITS_OF_HAN: [&str; 8] = ["万", "亿", "元", "%", "倍", "折", "成", "点钟"];

/// Whether a number with a unit stands in the text.
fn has_figure(text: &FieldText) -> bool {
    let plain = text.folded.plain();
    let is_han_digit = |c: char| "二两三四五六七八九十百千".contains(c);
    let is_unit = |unit: &str, at: usize| plain[at..].iter().map(|f| f.c).take(unit.chars().count()).eq(unit.chars());
    let is_han_figure = |at: usize| is_han_digit(plain[at].c) && UNITS_OF_HAN.iter().any(|unit| is_unit(unit, at + 1));
    plain.windows(2).any(|pair| pair[0].c.is_ascii_digit() && UNITS.contains(pair[1].c))
        || (0..plain.len()).any(is_han_figure)
}

/// Characters before 群 that say what kind of group it is.
const KIND_CHARS: usize = 6;

/// Where chat groups are named that may be ours. None where every group that says its kind is another one.
fn groups(texts: &[FieldText]) -> Vec<(usize, Range<usize>)> {
    let (mut found, mut other, mut kinds) = (Vec::new(), 0, 0);
    for (index, text) in texts.iter().enumerate() {
        for word in TO_ALL.iter().filter(|word| holds_word(text, word)) {
            let places = occurrences(text, word);
            found.extend(places.into_iter().map(|at| (index, at)));
        }
        for place in chat_groups(text) {
            let kind = kind_of(text, place);
            kinds += usize::from(!kind.is_empty());
            if OTHER_GROUPS.iter().any(|word| kind.contains(word)) {
                other += 1;
            } else {
                found.push((index, place..place + 1));
            }
        }
    }
    if other > 0 && kinds == other { Vec::new() } else { found }
}

fn chat_groups(text: &FieldText) -> Vec<usize> {
    let plain = text.folded.plain();
    let at = |place: usize| plain.get(place).map(|folded| folded.c);
    let is_chat = |place: &usize| {
        let before = place.checked_sub(1).and_then(at);
        at(*place) == Some('群')
            && !before.is_some_and(|c| NO_GROUP_BEFORE.contains(&c))
            && !at(place + 1).is_some_and(|c| NO_GROUP_AFTER.contains(&c))
    };
    (0..plain.len()).filter(is_chat).collect()
}

fn kind_of(text: &FieldText, place: usize) -> String {
    let plain = text.folded.plain();
    let before = plain[..place].iter().rev().map(|folded| folded.c);
    let kind: Vec<char> = before.take(KIND_CHARS).take_while(|&c| is_han(c) && !is_stop(c)).collect();
    kind.into_iter().rev().collect()
}

/// Characters between a company word and the talk of its group.
const GROUP_NEAR: usize = 6;

/// Whether talk of a chat group begins within a few characters after a place.
pub fn talks_of_group_after(text: &FieldText, end: usize) -> bool {
    let plain = text.folded.plain();
    let near: String = plain[end..].iter().take(GROUP_NEAR).map(|f| f.c).take_while(|&c| !is_stop(c)).collect();
    near.contains('群') || near.contains("全员")
}

#[cfg(test)]
mod tests {
    use super::{Spill, spill};
    use crate::detect::scan::FieldText;
    use crate::model::term::Field;

    fn told(text: &str) -> Option<Spill> {
        spill(&[FieldText::new(Field::Text, text)], &[], true)
    }

    #[test]
    fn what_a_group_was_told_of_the_business_is_content() {
        assert_eq!(told("星河群里发的通知：下周起账期延长到90天"), Some(Spill::Weak));
        assert_eq!(told("星河采购群聊天记录：下季度更换供应商"), Some(Spill::Strong));
    }

    #[test]
    fn small_talk_has_no_content() {
        for text in [
            "星河公司群里今天有人说了一个笑话",
            "星河公司群里今天一个同事发了照片，猫生了三个小崽",
            "星河公司群里有人发的消息说关于停车的事",
            "星河公司群里今天有人发了照片，换了个发型，降温了多穿一点",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn pay_hours_and_layoffs_are_no_content() {
        for text in [
            "星河公司群里说要裁员了，心里慌",
            "部门群里通知补贴又减少了，心寒",
            "车间群通知：下月起改为三班倒，夜班津贴标准从15元减少到10元",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn overlapping_words_count_once() {
        assert_eq!(told("星河群里的消息，老板不同意"), None);
    }
}
