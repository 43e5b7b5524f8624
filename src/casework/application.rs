//! Applications for an exemption: what one must say, and the letter of approval (policy §4.7).

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use crate::casework::rights::approves_by_letter;
use crate::casework::voice::{Language, Voice};
use crate::casework::world::World;
use crate::model::exemption_request::{Application, ExemptionRequest};
use crate::model::ids::{EmployeeId, ExemptionId};
use crate::model::person::{Manager, ManagerRole};

/// Months for which an exemption is given at most.
pub const MONTHS_MAX: u32 = 12;

/// What is wrong with an application as of a day, in Chinese and English; nothing when it can be filed.
pub fn fault(application: &Application, day: NaiveDate) -> Option<(&'static str, &'static str)> {
    let last = day.checked_add_months(Months::new(MONTHS_MAX))?;
    if application.platform.is_empty() || application.handle.is_empty() {
        return Some(("请填写平台和账号ID。", "Give the platform and the account."));
    }
    if application.marks.is_empty() {
        return Some(("请填写要使用的标识。", "Say which marks are to be used."));
    }
    if application.ownership.is_empty() {
        return Some(("请填写账号归属约定。", "Say whose the account is."));
    }
    if application.until <= day {
        return Some(("有效期必须晚于今天。", "The last day must lie after today."));
    }
    (application.until > last).then_some(("有效期最长12个月。", "An exemption lasts twelve months at most."))
}

/// Who is asked by letter to approve an application that the company has checked: each approver, or the deputy of one who may not
/// or has left.
pub fn approvers(world: &World, request: &ExemptionRequest) -> Vec<EmployeeId> {
    let may = |id: &&EmployeeId| approves_by_letter(world, request, id);
    let line =
        |manager: &Manager| [Some(&manager.employee), manager.deputy.as_ref()].into_iter().flatten().find(may).cloned();
    let managers = world.ledgers.managers.iter().filter(|manager| manager.role == ManagerRole::GroupHr);
    let found: BTreeSet<EmployeeId> = managers.filter_map(line).collect();
    found.into_iter().collect()
}

/// The letter of approval in Chinese, and below it in English.
pub(crate) fn approval(
    application: &Application,
    platform: &str,
    exemption: &ExemptionId,
    zone: chrono_tz::Tz,
    at: crate::model::time::Timestamp,
) -> String {
    let of = |language| one(application, platform, exemption, &Voice::new(language, zone, at));
    format!("{}\n\n————————————\n\n{}", of("zh-CN"), of("en"))
}

fn one(application: &Application, platform: &str, exemption: &ExemptionId, voice: &Voice) -> String {
    let (marks, until) = (application.marks.join("、"), voice.day(application.until));
    let none = voice.say("无", "none");
    let conditions = if application.conditions.is_empty() { none } else { application.conditions.as_str() };
    let (handle, ownership) = (&application.handle, &application.ownership);
    match voice.language {
        Language::Chinese => format!(
            "同意您在{platform}平台的账号（ID：{handle}）使用“{marks}”标识，编号{exemption}，有效期至{until}。条件：{conditions}。\n\
             账号归属约定：{ownership}\n到期前30天和7天会提醒续期。"
        ),
        Language::English => format!(
            "You may use “{marks}” with the account {handle} on {platform} until {until}, number {exemption}. Conditions: {conditions}.\n\
             Whose the account is: {ownership}\nYou are reminded 30 and 7 days before the end."
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{approval, fault};
    use crate::model::exemption_request::Application;
    use crate::model::time::Timestamp;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn application(until: &str) -> Application {
        Application {
            platform: "forum".into(),
            account_name: "星河技术笔记".into(),
            handle: "xh_notes".into(),
            marks: vec!["星河".into(), "首席工程师".into()],
            purpose: "技术科普".into(),
            conditions: "不发布未公开参数".into(),
            until: day(until),
            ownership: "个人所有".into(),
        }
    }

    #[test]
    fn an_exemption_lasts_twelve_months_at_most() {
        let said = |until: &str| fault(&application(until), day("2026-11-20")).map(|(zh, _)| zh);
        assert_eq!(said("2027-11-20"), None);
        assert_eq!(said("2027-11-21"), Some("有效期最长12个月。"));
        assert_eq!(said("2026-11-20"), Some("有效期必须晚于今天。"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let whole = application("2027-01-01");
        for broken in [
            Application { handle: String::new(), ..whole.clone() },
            Application { marks: Vec::new(), ..whole.clone() },
            Application { ownership: String::new(), ..whole.clone() },
        ] {
            assert!(fault(&broken, day("2026-11-20")).is_some());
        }
    }

    #[test]
    fn the_approval_names_marks_end_and_conditions() {
        let at = Timestamp::parse("2026-11-20T09:00:00+08:00").unwrap();
        let text = approval(&application("2027-03-31"), "论坛", &"EX-2026-0001".into(), chrono_tz::Asia::Shanghai, at);
        assert!(
            text.contains("“星河、首席工程师”标识，编号EX-2026-0001，有效期至2027年3月31日。条件：不发布未公开参数"),
            "{text}"
        );
    }
}
