//! Letters that answer what people ask about their own data (policy §4.7): short, without threats, never a finding.

use crate::casework::voice::{Language, Voice};
use crate::model::finding::Reason;
use crate::model::request::{RequestKind, RequestRecord, RequestState, RightsRequest};

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
        RequestKind::Erase => erased(voice).to_owned(),
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

/// What stands in every letter about what is kept, whether there is an inquiry or not: neither is to be concluded from it.
fn beyond(voice: &Voice) -> &'static str {
    voice.say(
        "内部核查中的信息（无论有无）依法不在本答复范围。",
        "Whether there is any internal inquiry, and what it holds, is by law not part of this answer.",
    )
}

fn told(records: &[RequestRecord], voice: &Voice) -> String {
    if records.is_empty() {
        let nothing = voice.say(
            "在本答复范围内，没有与您有关的线索。",
            "Within the scope of this answer there is no lead that concerns you.",
        );
        return format!("{nothing}{}{}", voice.say("", " "), beyond(voice));
    }
    let opening = voice.say(
        "我们保存的与您有关的记录如下。它们是待核实的线索，不是结论；系统从不按姓名搜索，只在公开页面发现公司标识后才比对。",
        "This is what we keep that concerns you. These are leads to be verified, not findings; nobody is searched for by name, and \
         people are compared only after a mark of the company was found on a public page.",
    );
    let lines = records.iter().map(|record| told_of(record, voice));
    [opening.to_owned()].into_iter().chain(lines).chain([beyond(voice).to_owned()]).collect::<Vec<_>>().join("\n\n")
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

/// The same words whatever there was: a count would tell apart what is kept beside it, such as a leak.
fn erased(voice: &Voice) -> &'static str {
    voice.say(
        "我们保存的与该账号有关的账号、内容、线索和网页留存，依法可以删除的，已全部删除，不可恢复；依法须继续保存的，到期后删除。\
         如该账号今后仍在公开页面使用公司标识，可能再次被发现。",
        "Of the accounts, posts, leads and stored pages that we kept of the account, what may be erased by law has been erased for \
         good; what must be kept by law goes when its time is over. Should the account go on showing the company's marks in \
         public, it may be found again.",
    )
}

#[cfg(test)]
mod tests {
    use super::{Answered, letter};
    use crate::model::request::{RequestKind, RequestState, RightsRequest};
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
        let answered = Answered { request: &request, sender: "星河科技", state, records: &[], words };
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
    fn an_erasure_is_answered_by_the_same_words_whatever_there_was() {
        let text = written(RequestKind::Erase, RequestState::Granted, "");
        assert!(
            text.contains("依法可以删除的，已全部删除，不可恢复") && text.contains("has been erased for good"),
            "{text}"
        );
    }

    #[test]
    fn who_is_in_no_lead_is_told_so() {
        let text = written(RequestKind::Know, RequestState::Granted, "");
        assert!(text.contains("在本答复范围内，没有与您有关的线索") && text.contains("不在本答复范围"), "{text}");
        assert!(!text.contains("没有保存"), "a leak may name them");
    }
}
