//! Job titles near a company word (`{公司词}+{职务}`), and official wording near a mark (`{商标}+官方`).

use crate::detect::context::{Combination, combinations};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::term::TermKind;
use crate::text::script::is_han;

/// Job titles claimed beside a company word.
pub fn title_claims(watch: &Watch, texts: &[FieldText], hits: &[Hit], marks: &[Hit]) -> Vec<Combination> {
    combinations(watch, texts, hits, marks, TermKind::Title)
}

/// Official wording beside a mark. `非官方` and the like say the opposite and do not count.
pub fn official_wording(watch: &Watch, texts: &[FieldText], hits: &[Hit], marks: &[Hit]) -> Vec<Combination> {
    let mut found = combinations(watch, texts, hits, marks, TermKind::OfficialWording);
    found.retain(|c| !is_denied(&texts[c.word.text], c.word.at.start));
    found
}

/// Whether the characters before a word deny it.
fn is_denied(text: &FieldText, start: usize) -> bool {
    let before: String =
        text.folded.plain()[start.saturating_sub(2)..start].iter().map(|f| f.c).filter(|&c| is_han(c)).collect();
    ["非", "不是", "并非", "假"].iter().any(|denial| before.ends_with(denial))
}
