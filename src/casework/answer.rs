//! Letters that answer what people ask about their own data (policy §4.7): short, without threats, never a finding.

use crate::casework::voice::{Language, Voice};
use crate::model::finding::Reason;
use crate::model::request::{ErasureCounts, RequestKind, RequestRecord, RequestState, RightsRequest};

/// What a letter is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered<'a> {
    pub(crate) request: &'a RightsRequest,
    /// Name of the group's listed company, under which the letter goes out.
    pub(crate) sender: &'a str,
    /// Granted or refused.
    pub(crate) state: RequestState,
    /// What is kept, where that was asked.
    pub(crate) records: &'a [RequestRecord],
    /// What was erased, where that was asked.
    pub(crate) erased: Option<ErasureCounts>,
    /// The reason, or what was done, in the words of whoever answers.
    pub(crate) words: &'a str,
}

/// The letter in Chinese, and below it in English.
pub(crate) fn letter(answered: &Answered<'_>, zone: chrono_tz::Tz, at: crate::model::time::Timestamp) -> String {
    let [zh, en] = ["zh-CN", "en"].map(|language| one(answered, &Voice::new(language, zone, at)));
    format!("{zh}\n\n————————————\n\n{en}")
}

fn one(answered: &Answered<'_>, voice: &Voice) -> String {
    let number = &answered.request.number;
    let opening = match voice.language {
        Language::Chinese => format!("您好：\n您的申请（编号 {number}）已处理完毕。"),
        Language::English => format!("Dear Sir or Madam,\nyour request {number} has been dealt with."),
    };
    let rest = voice.say(
        "如对答复有异议，可以向工会或人力资源部申请复核，也可以依法投诉或起诉。",
        "If you disagree, you may ask the union or HR for a review, or turn to the authorities or a court.",
    );
    let mut parts = vec![opening, body(answered, voice)];
    if !answered.words.is_empty() && answered.state == RequestState::Granted {
        parts.push(answered.words.to_owned());
    }
    parts.extend([rest.to_owned(), format!("{}\n{}", answered.sender, voice.day(voice.at.date(voice.zone)))]);
    parts.join("\n\n")
}

fn body(answered: &Answered<'_>, voice: &Voice) -> String {
    if answered.state == RequestState::Refused {
        let words = answered.words;
        return match voice.language {
            Language::Chinese => format!("经复核，我们未能按您的申请办理，理由如下：\n{words}"),
            Language::English => format!("After a review we could not do as you asked, for this reason:\n{words}"),
        };
    }
    match answered.request.kind {
        RequestKind::Object => objected(voice),
        RequestKind::Know | RequestKind::Copy => told(answered.records, voice),
        RequestKind::Correct => {
            voice.say("您指出的信息已更正。", "What you pointed out has been corrected.").to_owned()
        }
        RequestKind::Erase => erased(answered.erased.unwrap_or_default(), voice),
    }
}

fn objected(voice: &Voice) -> String {
    let day = voice.short_day(voice.at);
    match voice.language {
        Language::Chinese => {
            format!("经复核，该账号与您无关，关联记录已于{day}前删除，并已设置不再匹配。给您带来不便，非常抱歉。")
        }
        Language::English => format!(
            "We have looked into it: the account is not yours. The link to you was deleted by {day}, and you will not be matched \
             with it again. We are sorry for the trouble."
        ),
    }
}

fn told(records: &[RequestRecord], voice: &Voice) -> String {
    if records.is_empty() {
        let nothing = ("我们没有保存与您有关的线索。", "We keep no lead that concerns you.");
        return voice.say(nothing.0, nothing.1).to_owned();
    }
    let opening = voice.say(
        "我们保存的与您有关的记录如下。它们是待核实的线索，不是结论；系统从不按姓名搜索，只在公开页面发现公司标识后才比对。",
        "This is what we keep that concerns you. These are leads to be verified, not findings; nobody is searched for by name, and \
         people are compared only after a mark of the company was found on a public page.",
    );
    let lines = records.iter().map(|record| told_of(record, voice));
    [opening.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n\n")
}

fn told_of(record: &RequestRecord, voice: &Voice) -> String {
    let reasons =
        |all: &[Reason]| all.iter().map(|one| voice.reason(one)).collect::<Vec<_>>().join(voice.say("；", "; "));
    let kept = record.kept_until.map_or_else(
        || voice.say("法务保全期间", "as long as a legal hold lasts").to_owned(),
        |at| voice.day(at.date(voice.zone)),
    );
    let account = format!("{} @{}", record.platform, record.account);
    let found = voice.minute(record.found_at);
    let (why, why_you) = (reasons(&record.why), reasons(&record.why_you));
    let you = match (voice.language, why_you.is_empty()) {
        (_, true) => String::new(),
        (Language::Chinese, false) => format!("\n为什么匹配到您：{why_you}"),
        (Language::English, false) => format!("\nWhy you were thought of: {why_you}"),
    };
    match voice.language {
        Language::Chinese => format!(
            "{}　{account}\n链接：{}\n发现时间：{found}\n为什么提示：{why}{you}\n保存至：{kept}",
            record.number, record.address
        ),
        Language::English => format!(
            "{}  {account}\nAddress: {}\nFound: {found}\nWhy: {why}{you}\nKept until: {kept}",
            record.number, record.address
        ),
    }
}

fn erased(counts: ErasureCounts, voice: &Voice) -> String {
    let ErasureCounts { subjects, cases, objects, kept } = counts;
    let held = match (voice.language, kept) {
        (_, 0) => String::new(),
        (Language::Chinese, _) => format!("另有{kept}项因法务保全暂不能删除，保全结束后按期限删除。"),
        (Language::English, _) => format!(" A legal hold keeps {kept} of them for now; they go when it ends."),
    };
    match voice.language {
        Language::Chinese => format!(
            "与该账号有关的{subjects}项账号和内容、{cases}条线索、{objects}份网页留存已删除，不可恢复。{held}\
             如该账号今后仍在公开页面使用公司标识，可能再次被发现。"
        ),
        Language::English => format!(
            "What we kept of the account was erased for good: {subjects} accounts and posts, {cases} leads, {objects} stored \
             pages.{held} Should the account go on showing the company's marks in public, it may be found again."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, letter};
    use crate::model::request::{ErasureCounts, RequestKind, RequestState, RightsRequest};
    use crate::model::time::Timestamp;

    fn written(kind: RequestKind, state: RequestState, words: &str) -> String {
        let at = Timestamp::parse("2026-11-20T10:00:00+08:00").unwrap();
        let request = RightsRequest {
            id: "q".into(),
            number: "SQ-2611-0001".into(),
            kind,
            state: RequestState::Open,
            asked: None,
            asked_at: at,
            due_at: at,
            answer: String::new(),
            answered_by: String::new(),
            answered_at: None,
        };
        let erased = Some(ErasureCounts { subjects: 2, cases: 1, objects: 1, kept: 1 });
        let answered = Answered { request: &request, sender: "星河科技", state, records: &[], erased, words };
        letter(&answered, chrono_tz::Asia::Shanghai, at)
    }

    #[test]
    fn an_objection_is_answered_by_the_words_of_the_policy() {
        let text = written(RequestKind::Object, RequestState::Granted, "");
        assert!(text.contains("该账号与您无关，关联记录已于11月20日前删除，并已设置不再匹配"), "{text}");
        assert!(text.contains("the account is not yours") && text.contains("SQ-2611-0001"));
    }

    #[test]
    fn a_refusal_gives_its_reason_and_where_to_turn() {
        let text = written(RequestKind::Erase, RequestState::Refused, "诉讼尚未结束。");
        assert!(text.contains("理由如下：\n诉讼尚未结束。") && text.contains("工会"), "{text}");
    }

    #[test]
    fn an_erasure_says_what_went_and_what_a_hold_keeps() {
        let text = written(RequestKind::Erase, RequestState::Granted, "");
        assert!(text.contains("2项账号和内容、1条线索、1份网页留存") && text.contains("1项因法务保全"), "{text}");
    }

    #[test]
    fn who_is_in_no_lead_is_told_so() {
        assert!(written(RequestKind::Know, RequestState::Granted, "").contains("没有保存与您有关的线索"));
    }
}
