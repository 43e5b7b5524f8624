//! What an account shows that fits an employee, by class: name, company, title, department, city, known account.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::context::{holds_word, occurrences};
use crate::detect::lexicon::{RANK, SAME_TRADE};
use crate::detect::scan::{FieldText, overlap};
use crate::identify::Question;
use crate::identify::directory::Directory;
use crate::identify::names::{is_everyday_word, may_follow};
use crate::model::ids::EmployeeId;
use crate::model::person::Employee;
use crate::model::term::Field;
use crate::text::fold;
use crate::text::script::is_han;

/// How a name showed. Ordered by strength.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameEvidence {
    /// No name: the account stands in a ledger under the employee's number.
    None,
    /// Surname, nickname, one character, English name or spelling.
    Partial {
        /// As written.
        written: String,
    },
    /// The full name, or a given name that nobody else in the directory has.
    Full {
        /// As written.
        written: String,
        /// How much of it.
        given: Given,
        /// Where.
        field: Field,
    },
}

/// How much of a full name stands there. Ordered by strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// A given name that runs on into other words: 明远碎碎念. It may be a part of one of them.
    RunningOn,
    /// A given name that ends where a name may end.
    Alone,
    /// Surname and given name.
    WithSurname,
}

impl Given {
    const fn of(ends: bool) -> Self {
        if ends { Self::Alone } else { Self::RunningOn }
    }
}

/// Everything that speaks for or against one employee.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Who.
    pub employee: EmployeeId,
    /// Name.
    pub name: NameEvidence,
    /// Whether the account is entered under this employee in a ledger.
    pub known: bool,
    /// Company named, when it is the employee's.
    pub company: bool,
    /// Whether the company is named only by a mark of the whole group.
    pub company_by_group: bool,
    /// Company named, when it is another one of the group.
    pub other_company: bool,
    /// Words of the title that stand there.
    pub title: Option<String>,
    /// Whether the whole title stands there.
    pub whole_title: bool,
    /// Words of the department that stand there.
    pub department: Option<String>,
    /// City, when it stands there.
    pub city: bool,
    /// Employees of the same full name in the directory, this one included.
    pub namesakes: usize,
}

/// Evidence on every employee to whom a name or a ledger points.
pub fn gather(directory: &Directory, question: &Question<'_>) -> Vec<Evidence> {
    let names = name_evidence(directory, question);
    let known = question.known_owner.and_then(|id| directory.index_of(id));
    let mut pointed: BTreeMap<usize, NameEvidence> = names;
    if let Some(index) = known {
        pointed.entry(index).or_insert(NameEvidence::None);
    }
    pointed.into_iter().map(|(index, name)| weigh(directory, question, index, name, known == Some(index))).collect()
}

fn weigh(directory: &Directory, question: &Question<'_>, index: usize, name: NameEvidence, known: bool) -> Evidence {
    let employee = directory.at(index);
    let texts: Vec<&FieldText> = question.profile.texts.iter().filter(|t| !t.is_handle).chain(question.post).collect();
    let is_listed = |code| question.listed == Some(code);
    let by_subsidiary = question.companies.iter().any(|c| !is_listed(c) && *c == employee.company);
    let names_subsidiary = question.companies.iter().any(|c| !is_listed(c));
    let by_group = !names_subsidiary && question.companies.iter().any(is_listed);
    let title = words_of_title(employee).into_iter().find(|w| texts.iter().any(|t| says(t, w)));
    let department = words_of_department(employee).into_iter().find(|w| texts.iter().any(|t| says(t, w)));
    Evidence {
        employee: employee.id.clone(),
        known,
        company: by_subsidiary || by_group,
        company_by_group: by_group && !is_listed(&employee.company),
        other_company: !by_subsidiary && !by_group && !question.companies.is_empty(),
        whole_title: !employee.title.is_empty() && texts.iter().any(|t| holds_word(t, &employee.title)),
        department: department.filter(|d| Some(d) != title.as_ref()),
        title,
        city: !employee.city.is_empty() && texts.iter().any(|t| holds_word(t, &employee.city)),
        namesakes: directory.full_name(&fold::dense(&employee.name)).len(),
        name,
    }
}

/// Whether the text says a word of the trade, in one of the ways in which it is said.
fn says(text: &FieldText, word: &str) -> bool {
    let same = SAME_TRADE.iter().filter(|line| line.contains(&&*fold::plain(word)));
    says_plainly(text, word) || same.flat_map(|line| line.iter()).any(|w| says_plainly(text, w))
}

fn says_plainly(text: &FieldText, word: &str) -> bool {
    let plain = text.folded.plain();
    occurrences(text, word).into_iter().any(|at| crate::text::boundary::is_free_of_letters(plain, at.start, at.end))
}

/// The trade in a title: what is left without words of rank, as a whole and in pieces of two characters.
fn words_of_title(employee: &Employee) -> Vec<String> {
    let mut words = vec![employee.title.clone()];
    words.extend(pieces(&without(&employee.title, RANK)));
    words.retain(|w| w.chars().count() >= 2 && !RANK.contains(&w.as_str()));
    words
}

/// The trade in a department's name.
fn words_of_department(employee: &Employee) -> Vec<String> {
    let endings = ["办公室", "中心", "事业部", "部门", "部", "处", "科", "室", "组", "车间"];
    let core = endings.iter().find_map(|e| employee.department.strip_suffix(e)).unwrap_or(&employee.department);
    let mut words = vec![employee.department.clone()];
    words.extend(pieces(core));
    words.retain(|w| w.chars().count() >= 2 && w != "综合" && w != "管理");
    words
}

fn without(text: &str, words: &[&str]) -> String {
    words.iter().fold(text.to_owned(), |text, word| text.replace(word, ""))
}

/// The text itself, its Latin runs, and its Han runs in pairs from the front.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![text.to_owned()];
    let han: Vec<char> = text.chars().filter(|&c| is_han(c)).collect();
    if han.len() >= 4 || han.len() < text.chars().count() {
        pieces.extend(han.chunks(2).filter(|pair| pair.len() == 2).map(|pair| pair.iter().collect()));
    }
    pieces.extend(text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() >= 2).map(str::to_owned));
    pieces
}

fn name_evidence(directory: &Directory, question: &Question<'_>) -> BTreeMap<usize, NameEvidence> {
    let mut found = BTreeMap::new();
    for text in question.profile.texts.iter().filter(|t| !t.is_handle) {
        full_names(directory, question, text, &mut found);
        if text.field == Field::AccountName {
            given_names(directory, question, text, &mut found);
        }
        if text.field != Field::Verification {
            short_forms(directory, question, text, &mut found);
        }
        english_names(directory, text, &mut found);
    }
    for text in question.profile.texts.iter().filter(|t| t.is_handle) {
        spellings(directory, text, &mut found);
    }
    found
}

fn note(found: &mut BTreeMap<usize, NameEvidence>, indexes: &[usize], evidence: &NameEvidence) {
    for &index in indexes {
        let known = found.entry(index).or_insert(NameEvidence::None);
        if *known < *evidence {
            *known = evidence.clone();
        }
    }
}

/// Names of two to twelve characters at any place; everyday words only where a name stands. A longer name hides the
/// shorter one that begins it: who is called 林知夏 is not 林知.
fn full_names(
    directory: &Directory,
    question: &Question<'_>,
    text: &FieldText,
    found: &mut BTreeMap<usize, NameEvidence>,
) {
    let chars: Vec<char> = text.folded.plain().iter().map(|f| f.c).collect();
    let longest = directory.full_name_chars_max();
    for start in (0..chars.len()).filter(|&start| chars[start].is_alphanumeric()) {
        let longest_end = (start + longest).min(chars.len());
        for end in (start + 2..=longest_end).rev().filter(|&end| chars[end - 1].is_alphanumeric()) {
            let name: String = chars[start..end].iter().filter(|c| c.is_alphanumeric()).collect();
            let indexes = directory.full_name(&name);
            if indexes.is_empty() {
                continue;
            }
            if stands_as_name(question, text, &(start..end), &name) && !goes_on(question, text, &name, end) {
                let evidence = NameEvidence::Full { written: name, given: Given::WithSurname, field: text.field };
                note(found, indexes, &evidence);
            }
            break;
        }
    }
}

/// Whether a name of two characters is rather the front of one of three: exactly one further character follows it,
/// and that one begins no verb, particle, form of address, mark or title.
fn goes_on(question: &Question<'_>, text: &FieldText, name: &str, end: usize) -> bool {
    let plain = text.folded.plain();
    let next = plain.get(end).map(|f| f.c).filter(|&c| is_han(c));
    let ends_after = plain.get(end + 1).is_none_or(|f| !f.c.is_alphanumeric());
    let is_known = || marks_in(question, text).iter().chain(&titles_in(question, text)).any(|m| m.contains(&end));
    let follows = |c: char| may_follow(Some(c)) || "啊呀吧呢哦啦嘛谈评侃君桑酱号".contains(c);
    name.chars().count() == 2 && ends_after && next.is_some_and(|c| !follows(c)) && !is_known()
}

/// Whether a full name may be meant. It must not be a part of a mark; an everyday word must stand alone,
/// behind 我是 or beside a title or a company word. Two characters turn up inside other words (明日方舟, 方舟日志), so
/// that a name of two must begin and end where a name does.
fn stands_as_name(question: &Question<'_>, text: &FieldText, at: &Range<usize>, name: &str) -> bool {
    let marks = marks_in(question, text);
    if marks.iter().any(|mark| overlap(mark, at)) {
        return false;
    }
    let begins = || begins_name(question, text, at.start);
    let ends = || ends_name(question, text, at.end);
    let may_end = || ends() || may_follow(text.folded.plain().get(at.end).map(|f| f.c));
    match name.chars().count() {
        _ if is_everyday_word(name) => begins() && ends(),
        ..=2 => begins() && may_end(),
        _ => true,
    }
}

/// Places of marks and titles in a text, in characters of the plain view.
fn marks_in(question: &Question<'_>, text: &FieldText) -> Vec<Range<usize>> {
    let own =
        |hit: &&crate::detect::scan::Hit| std::ptr::eq(&raw const question.profile.texts[hit.text], &raw const *text);
    let marks = question.profile.marks.iter().filter(own).map(|h| h.at.clone());
    marks.collect()
}

fn titles_in(question: &Question<'_>, text: &FieldText) -> Vec<Range<usize>> {
    let own = |t: &&crate::detect::context::Combination| {
        std::ptr::eq(&raw const question.profile.texts[t.word.text], &raw const *text)
    };
    question.profile.titles.iter().filter(own).map(|t| t.word.at.clone()).collect()
}

/// Characters beside a name that are looked at.
const NEAR: usize = 4;

fn begins_name(question: &Question<'_>, text: &FieldText, start: usize) -> bool {
    let before: String = text.folded.plain()[start.saturating_sub(NEAR)..start].iter().map(|f| f.c).collect();
    let after_word = ["我是", "我叫", "本人", "姓名", "叫"].iter().any(|w| before.ends_with(w));
    let after_mark = marks_in(question, text).iter().chain(&titles_in(question, text)).any(|m| m.end == start);
    after_word || after_mark || before.chars().next_back().is_none_or(|c| !c.is_alphanumeric())
}

fn ends_name(question: &Question<'_>, text: &FieldText, end: usize) -> bool {
    let after: String = text.folded.plain()[end..].iter().take(NEAR).map(|f| f.c).collect();
    let before_word = ["本人", "同学", "老师", "先生", "女士", "的账号"].iter().any(|w| after.starts_with(w));
    let before_mark = marks_in(question, text).iter().chain(&titles_in(question, text)).any(|m| m.start == end);
    before_word || before_mark || after.chars().next().is_none_or(|c| !c.is_alphanumeric())
}

/// Given names of two characters that only one employee has count as the full name; shared ones as a part of it.
fn given_names(
    directory: &Directory,
    question: &Question<'_>,
    text: &FieldText,
    found: &mut BTreeMap<usize, NameEvidence>,
) {
    let chars: Vec<char> = text.folded.plain().iter().map(|f| f.c).collect();
    for (start, pair) in chars.windows(2).enumerate() {
        let name: String = pair.iter().collect();
        let indexes = directory.given_name(&name);
        let is_place_of_name = begins_name(question, text, start);
        let is_in_mark = marks_in(question, text).iter().any(|m| overlap(m, &(start..start + 2)));
        if indexes.is_empty() || !is_place_of_name || is_in_mark || is_everyday_word(&name) {
            continue;
        }
        let ends = may_follow(chars.get(start + 2).copied());
        let evidence = match indexes {
            [_] => NameEvidence::Full { written: name, given: Given::of(ends), field: text.field },
            _ if ends => NameEvidence::Partial { written: name },
            _ => continue,
        };
        note(found, indexes, &evidence);
    }
}

/// 小王, 老张, 阿哲, 孙哥, 王工, 张总 …
fn short_forms(
    directory: &Directory,
    question: &Question<'_>,
    text: &FieldText,
    found: &mut BTreeMap<usize, NameEvidence>,
) {
    let chars: Vec<char> = text.folded.plain().iter().map(|f| f.c).collect();
    for start in 0..chars.len().saturating_sub(1) {
        if let Some((indexes, written)) = prefixed(directory, &chars, start) {
            note(found, &indexes, &NameEvidence::Partial { written });
        }
        if begins_name(question, text, start)
            && let Some((indexes, written)) = suffixed(directory, &chars, start)
        {
            note(found, &indexes, &NameEvidence::Partial { written });
        }
    }
}

fn prefixed(directory: &Directory, chars: &[char], start: usize) -> Option<(Vec<usize>, String)> {
    let (first, second) = (chars[start], *chars.get(start + 1)?);
    let compound: String = chars[start + 1..].iter().take(2).collect();
    let indexes = match first {
        '小' | '老' | '大' if !directory.surname(&compound).is_empty() && compound.chars().count() == 2 => {
            return may_follow(chars.get(start + 3).copied())
                .then(|| (directory.surname(&compound).to_vec(), format!("{first}{compound}")));
        }
        '小' | '老' => [directory.surname(&second.to_string()), directory.given_char(second)].concat(),
        '阿' => [directory.given_char(second), directory.surname(&second.to_string())].concat(),
        _ => return None,
    };
    let is_form = !indexes.is_empty() && may_follow(chars.get(start + 2).copied());
    is_form.then(|| (indexes, format!("{first}{second}")))
}

fn suffixed(directory: &Directory, chars: &[char], start: usize) -> Option<(Vec<usize>, String)> {
    const CALLS: &[&str] = &[
        "哥", "姐", "工", "总", "叔", "姨", "妹", "弟", "经理", "老师", "师傅", "主任", "主管", "总监", "某", "先生",
        "女士",
    ];
    for length in [2, 1] {
        let name: String = chars.get(start..start + length)?.iter().collect();
        let rest: String = chars[start + length..].iter().take(3).collect();
        let Some(call) = CALLS.iter().find(|call| rest.starts_with(**call)) else { continue };
        let mut indexes = directory.surname(&name).to_vec();
        if length == 1 {
            indexes.extend(directory.given_char(chars[start]));
        }
        if !indexes.is_empty() && may_follow(chars.get(start + length + call.chars().count()).copied()) {
            return Some((indexes, format!("{name}{call}")));
        }
    }
    None
}

/// Registered English names, as whole words.
fn english_names(directory: &Directory, text: &FieldText, found: &mut BTreeMap<usize, NameEvidence>) {
    for word in text.plain().split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() >= 3) {
        note(found, directory.english_name(word), &NameEvidence::Partial { written: word.to_owned() });
    }
}

/// Login names that spell a full name: zhangsanfeng, sanfeng.zhang is left to the eye.
fn spellings(directory: &Directory, text: &FieldText, found: &mut BTreeMap<usize, NameEvidence>) {
    for word in text.plain().split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() >= 5) {
        note(found, directory.spelling(word), &NameEvidence::Partial { written: word.to_owned() });
    }
}
