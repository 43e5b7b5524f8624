//! Marks flown as an account's name, description or verification.

use crate::detect::context::{is_company_word, is_mark};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::finding::{Finding, Reason, Rule};
use crate::model::ids::TermId;
use crate::model::term::{Field, TermKind};

/// The rule that a kind of mark serves when it is an account's name.
pub const fn rule_of(kind: TermKind) -> Option<Rule> {
    match kind {
        TermKind::Company | TermKind::ShortName | TermKind::Trademark => Some(Rule::Name),
        TermKind::Product => Some(Rule::Brand),
        TermKind::Technology => Some(Rule::Tech),
        TermKind::Culture => Some(Rule::Culture),
        _ => None,
    }
}

/// Name of a field for a reason, zh and en.
pub const fn field_wording(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::AccountName => ("账号名", "the account name"),
        Field::Verification => ("认证", "the verification"),
        Field::Bio => ("简介", "the bio"),
        Field::Title => ("标题", "the title"),
        Field::Text => ("正文", "the text"),
        Field::AvatarText => ("头像文字", "the avatar text"),
    }
}

/// One finding a rule, for the marks of the fields that count.
pub fn mark_findings(watch: &Watch, texts: &[FieldText], marks: &[&Hit]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for hit in marks {
        let term = &watch.terms()[hit.term];
        let Some(rule) = rule_of(term.kind) else { continue };
        let rule = if texts[hit.text].field == Field::Verification && is_company_word(term.kind) {
            Rule::Verification
        } else {
            rule
        };
        // Its term counts, but one sentence says both.
        let is_part_of_another = marks.iter().any(|other| holds_inside(other, hit));
        let why = (!is_part_of_another).then(|| reason(watch, texts, hit));
        claim(&mut findings, rule, "四.2", &term.id, why);
    }
    findings
}

/// Whether a hit is a part of a longer one.
pub(crate) fn holds_inside(longer: &Hit, hit: &Hit) -> bool {
    longer.text == hit.text
        && longer.at.len() > hit.at.len()
        && longer.at.start <= hit.at.start
        && hit.at.end <= longer.at.end
}

/// Adds a claim to the finding of its rule, making one where there is none.
pub fn add(findings: &mut Vec<Finding>, rule: Rule, clause: &str, term: &TermId, reason: Reason) {
    claim(findings, rule, clause, term, Some(reason));
}

fn claim(findings: &mut Vec<Finding>, rule: Rule, clause: &str, term: &TermId, reason: Option<Reason>) {
    let index = findings.iter().position(|f| f.rule == rule).unwrap_or_else(|| {
        findings.push(Finding {
            rule,
            clause: clause.to_owned(),
            terms: Vec::new(),
            claims: Vec::new(),
            reasons: Vec::new(),
        });
        findings.len() - 1
    });
    let finding = &mut findings[index];
    if !term.is_empty() && !finding.terms.contains(term) {
        finding.terms.push(term.clone());
    }
    finding.reasons.extend(reason.filter(|r| !finding.reasons.contains(r)));
}

/// Why a hit counts: the field, what is written there, the term and the disguise.
pub fn reason(watch: &Watch, texts: &[FieldText], hit: &Hit) -> Reason {
    let term = &watch.terms()[hit.term];
    let (field_zh, field_en) = field_wording(texts[hit.text].field);
    let (disguise_zh, disguise_en) = hit.disguise.wording();
    let is_secret = term.kind == TermKind::Confidential && !term.is_open_to_all();
    let written =
        if is_secret { term.mask.as_deref().unwrap_or("保密词") } else { &texts[hit.text].text[hit.span.clone()] };
    let numbered = if term.id.is_empty() { String::new() } else { format!("{}，", term.id) };
    let kind = kind_wording(term.kind);
    let said = Reason::new(
        format!("{field_zh}含“{written}”{disguise_zh}（{numbered}{}）", kind.0),
        format!(
            "{field_en} holds “{written}”{disguise_en} ({}{})",
            if term.id.is_empty() { String::new() } else { format!("{}, ", term.id) },
            kind.1
        ),
    );
    // A login name has no field of its own to point into.
    if texts[hit.text].is_handle { said } else { said.at(texts[hit.text].field, hit.span.clone()) }
}

/// Name of a kind of term, zh and en.
pub const fn kind_wording(kind: TermKind) -> (&'static str, &'static str) {
    match kind {
        TermKind::Company => ("公司名称", "company name"),
        TermKind::ShortName => ("简称", "short name"),
        TermKind::Trademark => ("商标", "trademark"),
        TermKind::Product => ("产品品牌", "product brand"),
        TermKind::Technology => ("技术名称", "technology name"),
        TermKind::Culture => ("企业文化", "company culture"),
        TermKind::Title => ("职务头衔", "job title"),
        TermKind::OfficialWording => ("官方用语", "official wording"),
        TermKind::Competitor => ("竞品", "competitor"),
        TermKind::Partner => ("合作伙伴", "business partner"),
        TermKind::Confidential => ("保密", "confidential"),
    }
}

/// Whether a hit is of a mark.
pub fn is_mark_hit(watch: &Watch, hit: &Hit) -> bool {
    is_mark(watch.terms()[hit.term].kind)
}
