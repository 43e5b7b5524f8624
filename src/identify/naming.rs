//! How an account names somebody: in full, in pinyin, by initials, by an English name, by a form of address.

use std::ops::Range;

use crate::detect::context::Combination;
use crate::detect::scan::{FieldText, Hit, overlap};
use crate::identify::Question;
use crate::identify::directory::Directory;
use crate::identify::index::Key;
use crate::identify::latin_words::latin_names;
use crate::identify::names::{is_everyday_word, may_follow};
use crate::model::term::Field;
use crate::text::script::is_han;

/// In which form a name showed. Ordered by strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameForm {
    /// Nearly a name in Latin letters or pinyin: one letter or two are too many, too few, others or swapped.
    Misspelt,
    /// Other characters of the same sound: 林之夏 for 林知夏.
    SameSound,
    /// A name in which a figure, a sign or a letter stands for something: 林z夏, l1nzhixia.
    Covered,
    /// Surname or one character with a form of address: 小王, 阿哲, 孙哥, 王工.
    Address,
    /// A registered English name alone.
    English,
    /// The surname in pinyin with initials: liangyh, J. Hu.
    Initials,
    /// A given name that several have.
    SharedGiven,
    /// A given name that only one has and that runs on into other words: 明远碎碎念. It may be a part of one of them.
    GivenRunningOn,
    /// A given name that only one has and that ends where a name may end.
    Given,
    /// The full name in pinyin with an uncommon reading of a polyphone.
    SpelledUncommonly,
    /// The full name in pinyin, in either order.
    Spelled,
    /// A registered English name with the surname, in Han or pinyin.
    EnglishWithSurname,
    /// Surname and given name.
    Full,
}

impl NameForm {
    /// Whether the form stands for a full name (policy §3.5, class N) rather than for a part of one (class n).
    pub const fn is_strong(self) -> bool {
        self as u8 >= Self::GivenRunningOn as u8
    }

    /// Whether the form is nearly a name and exactly nobody's.
    pub(crate) const fn is_near(self) -> bool {
        (self as u8) < Self::Address as u8
    }
}

/// A name that stands in a text, and everybody who bears it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Naming {
    pub(crate) form: NameForm,
    /// As written, folded.
    pub(crate) written: String,
    /// Places in the directory, rising.
    pub(crate) people: Vec<u32>,
    /// How many people may be written so in this form or a more common one.
    pub(crate) bearers: usize,
    /// Slips between the name and what is written, with the price of reading it so.
    pub(crate) slips: f64,
}

impl Naming {
    pub(crate) fn new(form: NameForm, written: impl Into<String>, people: &[u32]) -> Option<Self> {
        let bearers = people.len();
        (bearers > 0).then(|| Self { form, written: written.into(), people: people.to_vec(), bearers, slips: 0.0 })
    }

    /// The same, where so many more people are written so in a more common form.
    pub(crate) fn beside(self, others: usize) -> Self {
        Self { bearers: self.bearers + others, ..self }
    }
}

/// Every name that the account shows.
pub(crate) fn namings(directory: &Directory, question: &Question<'_>) -> Vec<Naming> {
    let mut found = Vec::new();
    for text in question.profile.texts.iter().filter(|text| !text.is_handle) {
        let place = Place { directory, question, text, chars: text.folded.plain().iter().map(|f| f.c).collect() };
        place.full_names(&mut found);
        if text.field == Field::AccountName {
            place.given_names(&mut found);
        }
        if text.field != Field::Verification {
            place.addresses(&mut found);
        }
    }
    for text in question.profile.texts.iter().filter(|text| text.field == Field::AccountName) {
        latin_names(directory, text, &mut found);
    }
    found
}

/// A text in which names are looked for.
struct Place<'q> {
    directory: &'q Directory,
    question: &'q Question<'q>,
    text: &'q FieldText,
    /// The plain view.
    chars: Vec<char>,
}

/// Characters beside a name that are looked at.
const NEAR: usize = 4;

impl Place<'_> {
    /// Names of two to twelve characters at any place; everyday words only where a name stands. A longer name hides the
    /// shorter one that begins it: who is called 林知夏 is not 林知.
    fn full_names(&self, found: &mut Vec<Naming>) {
        let longest = self.directory.full_name_chars_max();
        for start in (0..self.chars.len()).filter(|&start| self.chars[start].is_alphanumeric()) {
            found.extend(self.full_name_at(start, longest));
        }
    }

    fn full_name_at(&self, start: usize, longest: usize) -> Option<Naming> {
        let mut dense = String::new();
        let mut lengths = Vec::new();
        for (place, &c) in self.chars[start..].iter().enumerate().filter(|(_, c)| c.is_alphanumeric()).take(longest) {
            dense.push(c);
            lengths.push((place + 1, dense.len()));
        }
        let name_of = |&(length, bytes): &(usize, usize)| {
            let people = self.directory.named(Key::Full(&dense[..bytes]));
            (!people.is_empty()).then_some((length, &dense[..bytes], people))
        };
        let (length, name, people) = lengths.iter().skip(1).rev().find_map(name_of)?;
        let at = start..start + length;
        let is_meant = self.is_close(&at) && self.stands_as_name(&at, name) && !self.goes_on(name, at.end);
        is_meant.then(|| Naming::new(NameForm::Full, name, people)).flatten()
    }

    /// Whether what stands between the characters of a name is no more than one separator each.
    fn is_close(&self, at: &Range<usize>) -> bool {
        self.chars[at.clone()].windows(3).all(|three| three.iter().any(|c| c.is_alphanumeric()))
    }

    /// Whether a name of two characters is rather the front of one of three: exactly one further character follows it,
    /// and that one begins no verb, particle, form of address, mark or title.
    fn goes_on(&self, name: &str, end: usize) -> bool {
        let next = self.chars.get(end).copied().filter(|&c| is_han(c));
        let ends_after = self.chars.get(end + 1).is_none_or(|c| !c.is_alphanumeric());
        let is_known = || self.marks_and_titles().any(|known| known.contains(&end));
        let follows = |c: char| may_follow(Some(c)) || "啊呀吧呢哦啦嘛谈评侃君桑酱号".contains(c);
        name.chars().count() == 2 && ends_after && next.is_some_and(|c| !follows(c)) && !is_known()
    }

    /// Whether a full name may be meant. It must not be a part of a mark; an everyday word must stand alone,
    /// behind 我是 or beside a title or a company word. Two characters turn up inside other words (明日方舟, 方舟日志), so
    /// that a name of two must begin and end where a name does.
    fn stands_as_name(&self, at: &Range<usize>, name: &str) -> bool {
        if self.marks().any(|mark| overlap(&mark, at)) {
            return false;
        }
        match name.chars().count() {
            _ if is_everyday_word(name) => self.begins_name(at.start) && self.ends_name(at.end),
            ..=2 => {
                let may_end = self.ends_name(at.end) || may_follow(self.chars.get(at.end).copied());
                may_end && (self.begins_name(at.start) || self.follows_said_word(at.start))
            }
            _ => true,
        }
    }

    /// Whether a word of work or place ends here that the directory knows: HR林知, 滨城林知.
    fn follows_said_word(&self, start: usize) -> bool {
        let before: String = self.chars[..start].iter().collect();
        self.text.field == Field::AccountName && self.directory.vocabulary.is_word(&before)
    }

    /// Places of marks in the text, in characters of the plain view.
    fn marks(&self) -> impl Iterator<Item = Range<usize>> {
        let own = |hit: &&Hit| std::ptr::eq(&raw const self.question.profile.texts[hit.text], self.text);
        self.question.profile.marks.iter().filter(own).map(|hit| hit.at.clone())
    }

    fn marks_and_titles(&self) -> impl Iterator<Item = Range<usize>> {
        let own =
            |claim: &&Combination| std::ptr::eq(&raw const self.question.profile.texts[claim.word.text], self.text);
        self.marks().chain(self.question.profile.titles.iter().filter(own).map(|claim| claim.word.at.clone()))
    }

    fn begins_name(&self, start: usize) -> bool {
        let before: String = self.chars[start.saturating_sub(NEAR)..start].iter().collect();
        let after_word = ["我是", "我叫", "本人", "姓名", "叫"].iter().any(|word| before.ends_with(word));
        let after_known = self.marks_and_titles().any(|known| known.end == start);
        after_word || after_known || before.chars().next_back().is_none_or(|c| !c.is_alphanumeric())
    }

    fn ends_name(&self, end: usize) -> bool {
        let after: String = self.chars[end..].iter().take(NEAR).collect();
        let before_word = ["本人", "同学", "老师", "先生", "女士", "的账号"].iter().any(|word| after.starts_with(word));
        let before_known = self.marks_and_titles().any(|known| known.start == end);
        before_word || before_known || after.chars().next().is_none_or(|c| !c.is_alphanumeric())
    }

    /// Given names of two characters that only one employee has count as the full name; shared ones as a part of it.
    fn given_names(&self, found: &mut Vec<Naming>) {
        for (start, pair) in self.chars.windows(2).enumerate() {
            let name: String = pair.iter().collect();
            let people = self.directory.named(Key::Given(&name));
            let is_in_mark = || self.marks().any(|mark| overlap(&mark, &(start..start + 2)));
            if people.is_empty() || !self.begins_name(start) || is_everyday_word(&name) || is_in_mark() {
                continue;
            }
            let ends = may_follow(self.chars.get(start + 2).copied());
            let form = match (people.len(), ends) {
                (1, true) => NameForm::Given,
                (1, false) => NameForm::GivenRunningOn,
                (_, true) => NameForm::SharedGiven,
                (_, false) => continue,
            };
            found.extend(Naming::new(form, name, people));
        }
    }

    /// 小王, 老张, 阿哲, 孙哥, 王工, 张总, 苗苗 …
    fn addresses(&self, found: &mut Vec<Naming>) {
        for start in 0..self.chars.len().saturating_sub(1) {
            found.extend(self.prefixed(start));
            if self.begins_name(start) {
                found.extend(self.suffixed(start));
                found.extend(self.doubled(start));
            }
        }
    }

    fn prefixed(&self, start: usize) -> Option<Naming> {
        let (first, second) = (self.chars[start], *self.chars.get(start + 1)?);
        // 老师, 小妹: a form of address of its own.
        if "师哥姐总叔姨妹弟".contains(second) {
            return None;
        }
        let compound: String = self.chars[start + 1..].iter().take(2).collect();
        let by_compound = self.directory.named(Key::Surname(&compound));
        let (length, people) = match first {
            '小' | '老' | '大' if compound.chars().count() == 2 && !by_compound.is_empty() => {
                (3, by_compound.to_vec())
            }
            '小' | '老' | '阿' => (2, self.surname_or_last(second)),
            _ => return None,
        };
        let ends = may_follow(self.chars.get(start + length).copied());
        let written: String = self.chars[start..].iter().take(length).collect();
        ends.then(|| Naming::new(NameForm::Address, written, &people)).flatten()
    }

    fn suffixed(&self, start: usize) -> Option<Naming> {
        const CALLS: &[&str] = &[
            "哥", "姐", "工", "总", "叔", "姨", "妹", "弟", "经理", "老师", "师傅", "主任", "主管", "总监", "某",
            "先生", "女士",
        ];
        for length in [2, 1] {
            let name: String = self.chars.get(start..start + length)?.iter().collect();
            let rest: String = self.chars[start + length..].iter().take(3).collect();
            let Some(call) = CALLS.iter().find(|call| rest.starts_with(**call)) else { continue };
            let people = match length {
                1 => self.surname_or_last(self.chars[start]),
                _ => self.directory.named(Key::Surname(&name)).to_vec(),
            };
            let end = start + length + call.chars().count();
            if !people.is_empty() && may_follow(self.chars.get(end).copied()) {
                return Naming::new(NameForm::Address, format!("{name}{call}"), &people);
            }
        }
        None
    }

    /// 苗苗: the last character twice.
    fn doubled(&self, start: usize) -> Option<Naming> {
        let [first, second] = self.chars.get(start..start + 2)? else { return None };
        let is_form = first == second && is_han(*first) && may_follow(self.chars.get(start + 2).copied());
        let people = self.directory.named(Key::LastChar(*first));
        is_form.then(|| Naming::new(NameForm::Address, format!("{first}{second}"), people)).flatten()
    }

    fn surname_or_last(&self, c: char) -> Vec<u32> {
        let surname = self.directory.named(Key::Surname(c.encode_utf8(&mut [0; 4])));
        let mut people = [surname, self.directory.named(Key::LastChar(c))].concat();
        people.sort_unstable();
        people.dedup();
        people
    }
}
