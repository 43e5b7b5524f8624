//! What a case asks of its reader, and the words for it. Never says that a rule was broken: a case is a lead.

use crate::casework::voice::Voice;
use crate::mail::marked::Span;
use crate::model::alert::CaseBrief;
use crate::model::case::{Lane, Outcome, SubjectKind};
use crate::model::finding::Rule;

/// What the reader is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Find out whether it is so.
    Verify,
    /// Judge whether there is anything in it.
    Review,
    /// Have the exemption renewed, or the account changed.
    Renew,
    /// Move a pending application on.
    Approve,
    /// Confirm that the marks are gone.
    Confirm,
    /// Consider a complaint to the platform.
    Complain,
    /// Log in and look: perhaps not public yet.
    Leak,
    /// See to a work group that its owner has not put in order.
    Group,
}

/// What a case asks of its reader.
pub(crate) fn ask_of(case: &CaseBrief) -> Ask {
    let has = |rule| case.rules.contains(&rule);
    match case.lane {
        Lane::Leak => Ask::Leak,
        _ if case.subject == SubjectKind::Group => Ask::Group,
        _ if case.outcome == Outcome::Rectified || has(Rule::Recheck) => Ask::Confirm,
        _ if has(Rule::ExemptExpired) => Ask::Renew,
        _ if has(Rule::ExemptPending) => Ask::Approve,
        Lane::Legal => Ask::Complain,
        _ if case.outcome == Outcome::Review => Ask::Review,
        _ => Ask::Verify,
    }
}

/// The word before the severity: `待核实`.
pub(crate) fn tag(case: &CaseBrief, voice: &Voice) -> &'static str {
    let (zh, en) = match ask_of(case) {
        Ask::Complain | Ask::Verify if case.outcome == Outcome::Review => ("待复核", "To review"),
        Ask::Verify | Ask::Complain => ("待核实", "To verify"),
        Ask::Review => ("待复核", "To review"),
        Ask::Renew => ("提醒续期", "Renewal due"),
        Ask::Approve => ("待审批", "Approval pending"),
        Ask::Confirm => ("请确认整改", "Please confirm the correction"),
        Ask::Leak => ("泄密线索", "Leak lead"),
        Ask::Group => ("工作群", "Work group"),
    };
    voice.say(zh, en)
}

/// What the case is about, in a few words: `使用公司名称和职务`.
pub(crate) fn gist(case: &CaseBrief, voice: &Voice) -> String {
    if let Some(whole) = whole_gist(case) {
        return voice.say(whole.0, whole.1).to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let used: Vec<&str> = used_marks(case).iter().map(|(zh, en)| voice.say(zh, en)).collect();
    if !used.is_empty() {
        parts.push(format!("{}{}", voice.say("使用", "uses "), voice.list(&used)));
    }
    parts.extend(case.rules.iter().filter_map(|rule| added_gist(*rule)).map(|(zh, en)| voice.say(zh, en).to_owned()));
    parts.truncate(2);
    match parts[..] {
        [] => voice.say("与公司有关，待判断", "concerns the company").to_owned(),
        _ => parts.join(voice.say("，", ", ")),
    }
}

/// `微岸账号` or `微岸内容`, without the name.
pub(crate) fn subject_kind(case: &CaseBrief, voice: &Voice) -> String {
    let (zh, en) = match case.subject {
        SubjectKind::Account => ("账号", " account"),
        SubjectKind::Post => ("内容", " post"),
        SubjectKind::Group => ("工作群", " work group"),
    };
    format!("{}{}", crate::mail::marked::one_line(&case.platform_name, 20), voice.say(zh, en))
}

/// What a leak lead is about where no confidential term may be named: the mask, or the kind of leak.
pub(crate) fn leak_label(case: &CaseBrief, voice: &Voice) -> Option<String> {
    let masks = case.reasons.iter().filter_map(|reason| mask_in(&reason.zh));
    let mask = masks.chain(mask_in(&case.text.text)).next();
    let spill =
        || case.rules.contains(&Rule::GroupSpill).then(|| voice.say("群内内容", "chat group content").to_owned());
    mask.map(|number| format!("{} {number}", voice.say("保密词", "confidential term"))).or_else(spill)
}

/// Brackets that quote a name in the letter's language.
pub(crate) fn quoted(name: Vec<Span>, voice: &Voice) -> Vec<Span> {
    let mut quoted = vec![Span::plain(voice.say("「", "“"))];
    quoted.extend(name);
    quoted.push(Span::plain(voice.say("」", "”")));
    quoted
}

/// Rules that say everything about a case.
fn whole_gist(case: &CaseBrief) -> Option<(&'static str, &'static str)> {
    let has = |rule| case.rules.contains(&rule);
    match ask_of(case) {
        Ask::Leak => Some(("疑似未公开信息", "possibly unpublished information")),
        Ask::Confirm => Some(("公司标识已不再出现", "the company's marks are no longer shown")),
        Ask::Renew => Some(("使用许可已到期", "the exemption has ended")),
        Ask::Approve => Some(("使用申请审批中", "the application is being decided")),
        Ask::Complain if has(Rule::Impersonation) => Some(("疑似外部仿冒", "perhaps impersonates the company")),
        Ask::Complain => Some(("疑似外部人员使用公司标识", "an outsider perhaps uses the company's marks")),
        _ if has(Rule::ExemptRevoked) => {
            Some(("使用许可已撤销，仍使用公司标识", "uses the marks after the exemption was revoked"))
        }
        _ if has(Rule::OfficialUnregistered) => {
            Some(("疑似未登记的公司或社团账号", "perhaps an unregistered account of the company or a club"))
        }
        _ => None,
    }
}

fn used_marks(case: &CaseBrief) -> Vec<(&'static str, &'static str)> {
    const USES: &[(Rule, (&str, &str))] = &[
        (Rule::Name, ("公司名称", "the company name")),
        (Rule::Verification, ("公司名称", "the company name")),
        (Rule::Title, ("职务", "a job title")),
        (Rule::Brand, ("产品品牌", "a product brand")),
        (Rule::Tech, ("技术名称", "a technology name")),
        (Rule::Culture, ("企业文化用语", "a company slogan")),
        (Rule::Avatar, ("疑似公司商标的头像", "a picture like the company's mark")),
    ];
    let mut used: Vec<(&str, &str)> = Vec::new();
    for (rule, words) in USES {
        if case.rules.contains(rule) && !used.contains(words) {
            used.push(*words);
        }
    }
    used
}

fn added_gist(rule: Rule) -> Option<(&'static str, &'static str)> {
    match rule {
        Rule::Coi => Some(("疑似利益冲突推广", "perhaps promotes against the company's interest")),
        Rule::Negative => Some(("涉及合作伙伴的内容", "speaks about a business partner")),
        Rule::LeakSoft => Some(("可能涉及未公开信息", "may touch unpublished information")),
        Rule::Silent => Some(("静默期内谈及业绩", "speaks of results in a quiet period")),
        Rule::GroupSpill => Some(("疑似群内内容外传", "perhaps content of a chat group")),
        Rule::GroupOverdue => Some(("临时群到期未解散", "a temporary group has outlived its end")),
        Rule::GroupOwnerNone | Rule::GroupOwnerLeft => Some(("群无人负责", "nobody answers for the group")),
        Rule::GroupDeparted => Some(("离职人员仍在群内", "people who have left are still in it")),
        Rule::Departed => Some(("可能与已离职同事有关", "perhaps of a colleague who has left")),
        _ => None,
    }
}

/// The number of a mask such as `保密词 C-01`.
fn mask_in(text: &str) -> Option<String> {
    let after = text.split_once("保密词")?.1.trim_start();
    let number: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(12).collect();
    let is_a_number = number.contains('-') && number.ends_with(|c: char| c.is_ascii_digit());
    is_a_number.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::mask_in;

    #[test]
    fn the_mask_is_found_in_a_reason() {
        assert_eq!(mask_in("正文含保密词 C-01，且附近有必含语境"), Some("C-01".to_owned()));
        assert_eq!(mask_in("保密词已遮盖"), None);
    }
}
