//! Words of the glossary as people read them, in the language of the reader.

use crate::casework::voice::{Language, Voice};
use crate::model::case::{CaseState, Disposition, Lane, Outcome, SubjectKind};
use crate::model::company::Company;
use crate::model::finding::Band;
use crate::model::term::Severity;

/// The code of a decision, as commands and forms write it.
pub(crate) const fn code(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Rectified => "rectified",
        Disposition::FalseAlarm => "false_alarm",
        Disposition::SameName => "same_name",
        Disposition::Exempted => "exempted",
        Disposition::Official => "official",
        Disposition::Published => "published",
        Disposition::NotEmployee => "not_employee",
        Disposition::ToLegal => "to_legal",
        Disposition::CaseFiled => "case_filed",
        Disposition::ProtectedSpeech => "protected_speech",
        Disposition::Unreviewed => "unreviewed",
    }
}

impl Voice {
    pub(crate) fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.say("严重", "Critical"),
            Severity::High => self.say("高", "High"),
            Severity::Medium => self.say("中", "Medium"),
            Severity::Low => self.say("低", "Low"),
        }
    }

    pub(crate) fn band(&self, band: Band) -> &'static str {
        match band {
            Band::High => self.say("较高", "Likelier"),
            Band::Medium => self.say("中", "Medium"),
            Band::Low => self.say("低", "Low"),
        }
    }

    pub(crate) fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Alert => self.say("提醒", "Alert"),
            Outcome::Review => self.say("待人工复核", "To be reviewed"),
            Outcome::Record => self.say("仅记录", "Recorded only"),
            Outcome::Exempt => self.say("已豁免", "Exempt"),
            Outcome::Official => self.say("官方账号", "Official account"),
            Outcome::Published => self.say("已公开", "Published"),
            Outcome::Protected => self.say("权益保护内容", "Protected speech"),
            Outcome::Minor => self.say("未成年人", "Minor"),
            Outcome::Consumer => self.say("消费者", "Consumer"),
            Outcome::Ignore => self.say("无关", "Unrelated"),
            Outcome::NotFetched => self.say("未访问", "Not fetched"),
            Outcome::Rectified => self.say("标识已去除，待确认", "Marks gone, to be confirmed"),
        }
    }

    pub(crate) fn subject(&self, kind: SubjectKind) -> &'static str {
        match kind {
            SubjectKind::Account => self.say("账号", "Account"),
            SubjectKind::Post => self.say("内容", "Post"),
            SubjectKind::Group => self.say("工作群", "Work group"),
        }
    }

    pub(crate) fn lane(&self, companies: &[Company], lane: &Lane) -> String {
        match lane {
            Lane::None => self.say("无", "none").to_owned(),
            Lane::Leak => self.say("泄密专线", "Leak lane").to_owned(),
            Lane::Legal => self.say("法务", "Legal").to_owned(),
            Lane::GroupHr => self.say("上市公司人力资源部", "HR of the listed company").to_owned(),
            Lane::Manager(code) => {
                let company = companies.iter().find(|company| company.code == *code);
                let name = company.map_or(code.as_str(), |company| company.short_name.as_str());
                match self.language {
                    Language::Chinese => format!("{name}指定专人"),
                    Language::English => format!("Designated manager of {name}"),
                }
            }
        }
    }

    pub(crate) fn disposition(&self, disposition: Disposition) -> &'static str {
        match disposition {
            Disposition::Rectified => self.say("已整改", "Rectified"),
            Disposition::FalseAlarm => self.say("误报", "False alarm"),
            Disposition::SameName => self.say("同名", "Same name"),
            Disposition::Exempted => self.say("已豁免", "Exempted"),
            Disposition::Official => self.say("官方账号", "Official account"),
            Disposition::Published => self.say("已公开", "Published"),
            Disposition::NotEmployee => self.say("非员工", "Not an employee"),
            Disposition::ToLegal => self.say("转法务", "To legal"),
            Disposition::CaseFiled => self.say("立案（线下）", "Filed offline"),
            Disposition::ProtectedSpeech => self.say("权益保护内容", "Protected speech"),
            Disposition::Unreviewed => self.say("未复核", "Not reviewed"),
        }
    }

    pub(crate) fn state(&self, state: &CaseState) -> String {
        match state {
            CaseState::Open => self.say("待处理", "Open").to_owned(),
            CaseState::AwaitingConfirmation { .. } => {
                self.say("复查已整改，待确认", "Rectified by re-check, to be confirmed").to_owned()
            }
            CaseState::Locked { .. } => self.say("申诉锁定", "Locked by an objection").to_owned(),
            CaseState::Closed { disposition, .. } => {
                format!("{}{}", self.say("已结案：", "Closed: "), self.disposition(*disposition))
            }
        }
    }
}
