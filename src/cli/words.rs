//! Words of the glossary as they stand on Chinese screens.

use crate::casework::world::World;
use crate::model::case::{CaseState, Disposition, Lane, Outcome, SubjectKind};
use crate::model::finding::Band;
use crate::model::term::Severity;
use crate::model::time::Timestamp;

pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Alert => "提醒",
        Outcome::Review => "待人工复核",
        Outcome::Record => "仅记录",
        Outcome::Exempt => "已豁免",
        Outcome::Official => "官方账号",
        Outcome::Published => "已公开",
        Outcome::Protected => "权益保护内容",
        Outcome::Minor => "未成年人",
        Outcome::Consumer => "消费者",
        Outcome::Ignore => "无关",
        Outcome::NotFetched => "未访问",
        Outcome::Rectified => "标识已去除，待确认",
    }
}

pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "严重",
        Severity::High => "高",
        Severity::Medium => "中",
        Severity::Low => "低",
    }
}

pub(crate) const fn band(band: Band) -> &'static str {
    match band {
        Band::High => "较高",
        Band::Medium => "中",
        Band::Low => "低",
    }
}

pub(crate) const fn subject(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Account => "账号",
        SubjectKind::Post => "内容",
    }
}

pub(crate) fn lane(world: &World, lane: &Lane) -> String {
    match lane {
        Lane::None => "无".to_owned(),
        Lane::Leak => "泄密专线".to_owned(),
        Lane::Legal => "法务".to_owned(),
        Lane::GroupHr => "上市公司人力资源部".to_owned(),
        Lane::Manager(code) => {
            let company = world.ledgers.companies.iter().find(|c| c.code == *code);
            company.map_or_else(|| format!("{code}指定专人"), |c| format!("{}指定专人", c.short_name))
        }
    }
}

pub(crate) const fn disposition(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Rectified => "已整改",
        Disposition::FalseAlarm => "误报",
        Disposition::SameName => "同名",
        Disposition::Exempted => "已豁免",
        Disposition::Official => "官方账号",
        Disposition::Published => "已公开",
        Disposition::NotEmployee => "非员工",
        Disposition::ToLegal => "转法务",
        Disposition::CaseFiled => "立案（线下）",
        Disposition::ProtectedSpeech => "权益保护内容",
        Disposition::Unreviewed => "未复核",
    }
}

pub(crate) fn state(state: &CaseState) -> String {
    match state {
        CaseState::Open => "待处理".to_owned(),
        CaseState::AwaitingConfirmation { .. } => "复查已整改，待确认".to_owned(),
        CaseState::Closed { disposition: decided, .. } => format!("已结案：{}", disposition(*decided)),
    }
}

/// `2026-11-20 18:00` in the group's zone.
pub(crate) fn minute(world: &World, at: Timestamp) -> String {
    at.local(world.zone).format("%Y-%m-%d %H:%M").to_string()
}
