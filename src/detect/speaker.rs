//! Whether somebody says that they work for us: in a bio that names the company as employers are named, or in the text.

use std::ops::Range;

use crate::detect::context::is_company_word;
use crate::detect::lexicon::offer::ADMIRER;
use crate::detect::lexicon::{OUTSIDER, RANK, STAFF};
use crate::detect::scan::{Disguise, FieldText, Hit};
use crate::detect::watch::Watch;
use crate::text::script::{is_han, is_stop};

/// Han characters that may follow a company's name in a bio: a department, a job (星河质检, 星河市场部).
const JOB_CHARS: usize = 5;

/// Whether a bio names one of our companies as its owner's employer: a segment that is the name with a department, a job or a
/// word of staff behind it, or with a word of employment before it. A mark alone or in the middle of a sentence is a mention.
pub fn names_employer(watch: &Watch, bio: &FieldText, marks: &[&Hit]) -> bool {
    marks.iter().filter(|hit| says_company(watch, hit)).any(|hit| {
        let segment = segment_around(bio, &hit.at);
        let before = text_of(bio, segment.start..hit.at.start);
        let after = text_of(bio, hit.at.end..segment.end);
        let is_short = after.chars().count() <= JOB_CHARS && after.chars().all(is_han);
        let is_job = names_job(&after) || EMPLOYED_BEFORE.contains(&&*before);
        ["", "在"].iter().chain(EMPLOYED_BEFORE).any(|word| *word == before) && is_short && is_job && !admires(&after)
    })
}

/// What stands before a name that is an employer's, whatever follows.
const EMPLOYED_BEFORE: &[&str] = &["就职于", "任职于", "供职于", "我司", "就职", "任职", "现就职于"];

/// Whether what stands behind a company's name is a department, a job or a word of staff.
fn names_job(after: &str) -> bool {
    UNITS.iter().chain(RANK).any(|ending| *ending != "员" && after.ends_with(ending))
        || JOBS.iter().chain(STAFF).any(|word| after.contains(word))
}

fn admires(after: &str) -> bool {
    ADMIRER.iter().chain(OUTSIDER).any(|word| after.contains(word))
}

/// Endings of a department.
const UNITS: &[&str] = &["部", "中心", "科", "组", "处", "办"];
/// Work that a word behind a company's name says its owner does there.
const JOBS: &[&str] = &[
    "的人",
    "搬砖人",
    "一线",
    "司机",
    "销售",
    "采购",
    "客服",
    "财务",
    "人事",
    "行政",
    "质检",
    "质控",
    "品控",
    "仓储",
    "仓库",
    "调度",
    "装配",
    "装卸",
    "研发",
    "内审",
    "审计",
    "售后",
    "生产",
    "运营",
    "设计",
    "开发",
    "法务",
    "店长",
    "导购",
    "门店",
    "培训",
    "店员",
    "职员",
];

/// Whether the text says of its author, or of one of the author's family, that they work for us: 我在星河, 作为星河员工.
pub fn speaks_of_employment(watch: &Watch, texts: &[FieldText], marks: &[&Hit]) -> bool {
    marks.iter().filter(|hit| says_company(watch, hit)).any(|hit| {
        let text = &texts[hit.text];
        let before = text_of(text, hit.at.start.saturating_sub(BEFORE_CHARS)..hit.at.start);
        let after = text_of(text, hit.at.end..(hit.at.end + AFTER_CHARS).min(text.folded.plain().len()));
        let after = after.split(is_stop).next().unwrap_or_default();
        let does_job = || DOES.iter().filter_map(|verb| after.split_once(verb)).any(|(_, job)| names_job(job));
        let is_own = OWN_BEFORE.iter().any(|word| before.ends_with(word)) && names_job(after);
        let is_at_work = || {
            before.ends_with('在')
                && before.contains('我')
                && (does_job() || WORK_AFTER.iter().any(|w| after.contains(w)))
        };
        (is_own || is_at_work()) && !admires(after)
    })
}

const BEFORE_CHARS: usize = 5;
const AFTER_CHARS: usize = 6;
const OWN_BEFORE: &[&str] = &["咱", "咱们", "我们", "俺们", "作为", "身为", "我是", "本人是"];
/// Verbs that a job follows: 我在星河做销售.
const DOES: &[&str] = &["做", "当", "任", "干"];
const WORK_AFTER: &[&str] = &["上班", "工作", "打工", "任职", "就职", "入职", "干了", "干活"];

fn says_company(watch: &Watch, hit: &Hit) -> bool {
    is_company_word(watch.terms()[hit.term].kind) && hit.disguise < Disguise::LookAlike
}

fn segment_around(text: &FieldText, at: &Range<usize>) -> Range<usize> {
    let plain = text.folded.plain();
    let parts =
        |place: &usize| !is_han(plain[*place].c) && !plain[*place].c.is_alphanumeric() && plain[*place].c != '@';
    let start = (0..at.start).rev().find(parts).map_or(0, |place| place + 1);
    start..(at.end..plain.len()).find(parts).unwrap_or(plain.len())
}

fn text_of(text: &FieldText, range: Range<usize>) -> String {
    text.folded.plain()[range].iter().map(|folded| folded.c).collect()
}
