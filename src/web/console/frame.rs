//! What stands around every page: who is signed in, where one can go, in which language.

use crate::casework::rights::Right;
use crate::casework::voice::{Language, Voice};
use crate::ledger::definition::ALL;
use crate::model::user::Role;
use crate::web::console::exemption_requests::sees as sees_exemption_requests;
use crate::web::console::reader::Reader;

/// The frame of a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) voice: Voice,
    /// Name of the reader.
    pub(super) name: String,
    /// What the reader is here.
    pub(super) roles: String,
    /// Where the reader may go: address, name, whether it is here.
    pub(super) places: Vec<(&'static str, &'static str, bool)>,
    pub(super) form_token: String,
    /// Path and query, to come back to.
    pub(super) path: String,
}

impl Frame {
    pub(super) fn of(reader: &Reader) -> Self {
        let voice = reader.voice();
        let roles: Vec<String> = reader.rights.roles().iter().map(|role| role_name(reader, &voice, role)).collect();
        Self {
            name: reader.session.user.name.clone(),
            roles: roles.join(voice.say("、", ", ")),
            places: places(reader, &voice),
            form_token: reader.session.form_token.clone(),
            path: reader.path.clone(),
            voice,
        }
    }

    /// The frame for somebody who came by a personal link: nowhere else to go, and no name, since letters are forwarded.
    pub(super) fn of_visitor(voice: Voice, path: String) -> Self {
        let (name, roles, form_token) = (String::new(), String::new(), String::new());
        Self { voice, name, roles, places: Vec::new(), form_token, path }
    }

    /// Whether somebody is signed in.
    pub(super) fn is_signed_in(&self) -> bool {
        !self.form_token.is_empty()
    }

    pub(super) fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.voice.say(zh, en)
    }

    pub(super) fn is_english(&self) -> bool {
        self.voice.language == Language::English
    }
}

fn places(reader: &Reader, voice: &Voice) -> Vec<(&'static str, &'static str, bool)> {
    let all = [
        ("/", voice.say("今日待办", "Today"), None),
        ("/cases", voice.say("线索", "Cases"), Some(Right::SeeCases)),
        ("/ledgers", voice.say("台账", "Ledgers"), None),
        ("/requests", voice.say("权利与申诉", "Requests"), Some(Right::SeeRequests)),
        ("/exemption-requests", voice.say("豁免申请", "Applications"), None),
        ("/groups", voice.say("群组台账", "Work groups"), Some(Right::SeeGroups)),
        ("/retention", voice.say("保存期限", "Retention"), Some(Right::SeeRetention)),
        ("/sources", voice.say("来源", "Sources"), Some(Right::SeeSources)),
        ("/reports", voice.say("报告", "Reports"), Some(Right::SeeReports)),
        ("/calibration", voice.say("校准", "Calibration"), Some(Right::SeeCalibration)),
        ("/audit", voice.say("审计", "Audit"), Some(Right::ReadAudit)),
        ("/users", voice.say("用户", "Users"), Some(Right::ManageUsers)),
        ("/settings", voice.say("我的设置", "My settings"), None),
    ];
    let here = |href: &str| match href {
        "/" => reader.path == "/" || reader.path.starts_with("/?"),
        other => reader.path.starts_with(other),
    };
    let sees_ledgers = ALL.iter().any(|ledger| reader.rights.may_see_ledger(ledger.name));
    let may = all.into_iter().filter(|(_, _, right)| right.is_none_or(|right| reader.rights.may(right)));
    let may = may.filter(|(href, ..)| sees_ledgers || *href != "/ledgers");
    let sees_applications = sees_exemption_requests(reader);
    let may = may.filter(|(href, ..)| sees_applications || *href != "/exemption-requests");
    may.map(|(href, name, _)| (href, name, here(href))).collect()
}

/// What a role is called.
pub(super) fn role_name(reader: &Reader, voice: &Voice, role: &Role) -> String {
    let said = match role {
        Role::Manager(code) => {
            let lane = crate::model::case::Lane::Manager(code.clone());
            return voice.lane(&reader.world.ledgers.companies, &lane);
        }
        Role::Admin => voice.say("系统运维", "IT operator"),
        Role::ListEditor => voice.say("词表编辑", "List editor"),
        Role::GroupHr => voice.say("上市公司人力资源部", "HR of the listed company"),
        Role::LeakLane => voice.say("泄密专线", "Leak lane"),
        Role::Legal => voice.say("法务", "Legal"),
        Role::Auditor => voice.say("审计", "Auditor"),
        Role::RequestClerk => voice.say("员工申请受理", "Employee request clerk"),
    };
    said.to_owned()
}
