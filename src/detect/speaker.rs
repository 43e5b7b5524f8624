//! Whether somebody says that they work for us: in a bio that names the company as employers are named, or in the text.

use std::ops::Range;

use crate::detect::context::is_company_word;
use crate::detect::lexicon::OUTSIDER;
use crate::detect::lexicon::offer::ADMIRER;
use crate::detect::scan::{Disguise, FieldText, Hit};
use crate::detect::watch::Watch;
use crate::text::script::is_han;

/// Han characters that may follow a company's name in a bio: a department, a job (星河质检, 星河市场部).
const JOB_CHARS: usize = 5;

/// Whether a bio names one of our companies as its owner's employer: a segment that is nothing but the name, with a word or
/// two for department or job. A mark in the middle of a sentence is a mention.
pub fn names_employer(watch: &Watch, bio: &FieldText, marks: &[&Hit]) -> bool {
    marks.iter().filter(|hit| says_company(watch, hit)).any(|hit| {
        let segment = segment_around(bio, &hit.at);
        let before = text_of(bio, segment.start..hit.at.start);
        let after = text_of(bio, hit.at.end..segment.end);
        let is_job = after.chars().count() <= JOB_CHARS && after.chars().all(is_han);
        let is_admirer = || ADMIRER.iter().chain(OUTSIDER).any(|word| after.contains(word));
        EMPLOYER_BEFORE.contains(&&*before) && is_job && !is_admirer()
    })
}

/// What may stand before an employer's name in a bio.
const EMPLOYER_BEFORE: &[&str] =
    &["", "在", "就职于", "任职于", "供职于", "我司", "就职", "任职", "现就职于", "坐标", "@"];

/// Whether the text says of its author, or of one of the author's family, that they work for us: 我在星河, 作为星河员工.
pub fn speaks_of_employment(watch: &Watch, texts: &[FieldText], marks: &[&Hit]) -> bool {
    marks.iter().filter(|hit| says_company(watch, hit)).any(|hit| {
        let text = &texts[hit.text];
        let before = text_of(text, hit.at.start.saturating_sub(BEFORE_CHARS)..hit.at.start);
        let after = text_of(text, hit.at.end..(hit.at.end + AFTER_CHARS).min(text.folded.plain().len()));
        let is_own = OWN_BEFORE.iter().any(|word| before.ends_with(word));
        let is_at_work =
            || before.ends_with('在') && before.contains('我') && WORK_AFTER.iter().any(|w| after.contains(w));
        is_own || is_at_work()
    })
}

const BEFORE_CHARS: usize = 5;
const AFTER_CHARS: usize = 6;
const OWN_BEFORE: &[&str] = &["咱", "咱们", "我们", "俺们", "作为", "身为", "我是", "本人是"];
const WORK_AFTER: &[&str] = &["上班", "工作", "做", "干", "当", "任", "打工", "多年", "年"];

fn says_company(watch: &Watch, hit: &Hit) -> bool {
    is_company_word(watch.terms()[hit.term].kind) && hit.disguise < Disguise::Homophone
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
