//! Asking a colleague whether an account is theirs (核实通知, policy §4.7), and whether the rule bound them by then. A question,
//! and no finding.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::casework::calendar::Calendar;
use crate::casework::voice::{Language, Voice};
use crate::model::time::Timestamp;

/// Working days that somebody has to answer or to change the account.
const ANSWERED_WITHIN_WORKING_DAYS: u32 = 5;

/// The letter to one of the people who perhaps own an account, in the language of whoever sends it by hand.
pub(crate) fn inquiry(name: &str, platform: &str, account: &str, calendar: &Calendar, voice: &Voice) -> String {
    let until = voice.day(calendar.after_working_days(voice.at.date(voice.zone), ANSWERED_WITHIN_WORKING_DAYS));
    match voice.language {
        Language::Chinese => format!(
            "{name}您好：\n\n我们注意到{platform}账号「{account}」使用了公司名称、商标或职务。想请您帮忙确认：这个账号是否由您使用？\n\n\
             如是，请于{until}前修改账号信息，或者提交使用申请；如不是，请直接回复“不是我”，我们将立即删除关联。\n\n\
             此通知不代表认定。您也可以向工会或人力资源部申请复核。"
        ),
        Language::English => format!(
            "Dear {name},\n\nwe noticed that the account “{account}” on {platform} uses the company's name, a mark or a job title. \
             Please help us: is it yours?\n\nIf so, please change it by {until}, or apply for leave to use them. If not, just \
             answer “it is not me”, and the link to you is deleted at once.\n\nThis letter finds nothing. You may also ask the \
             union or HR to look at it again."
        ),
    }
}

/// The day on which somebody signed the rule, where what they perhaps wrote is older: then it is no ground for anything.
pub(crate) fn signed_later(published: Option<Timestamp>, signed: Option<NaiveDate>, zone: Tz) -> Option<NaiveDate> {
    let written = published?.date(zone);
    signed.filter(|signed| written < *signed)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::Asia::Shanghai;

    use super::{inquiry, signed_later};
    use crate::casework::calendar::Calendar;
    use crate::casework::voice::Voice;
    use crate::model::time::Timestamp;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_question_names_account_and_last_day_and_finds_nothing() {
        let voice = Voice::new("zh-CN", Shanghai, at("2026-11-20T18:00:00+08:00"));
        let text = inquiry("陈舟", "微岸", "星河科技陈舟", &Calendar::of(&[]), &voice);
        for words in ["陈舟您好", "微岸账号「星河科技陈舟」", "11月27日", "不代表认定", "不是我"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("违规"));
    }

    #[test]
    fn what_was_written_before_the_signature_is_known_by_the_day_of_the_zone() {
        let signed = NaiveDate::from_ymd_opt(2026, 9, 1);
        let later = |published: &str| signed_later(Some(at(published)), signed, Shanghai);
        assert_eq!(later("2026-08-31T23:59:00+08:00"), signed);
        assert_eq!(later("2026-08-31T17:00:00Z"), None, "in Shanghai that is the first of September");
        assert_eq!(signed_later(None, signed, Shanghai), None, "a profile has no day");
        assert_eq!(signed_later(Some(at("2026-08-31T00:00:00Z")), None, Shanghai), None);
    }
}
