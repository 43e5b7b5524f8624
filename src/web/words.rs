//! Words for how things stand, as the health page and the console say them.

use crate::model::alert::AlertState;
use crate::model::capture::Verdict;
use crate::store::{SourceState, Status};
use crate::web::probe::Level;

/// Chooses between Chinese and English.
pub(super) type Say<'s> = &'s dyn Fn(&'static str, &'static str) -> &'static str;

/// What is called by a probe's name.
pub(super) fn probe_name(name: &'static str, say: Say<'_>) -> &'static str {
    match name {
        "database" => say("数据库", "Database"),
        "writing" => say("写入", "Writing"),
        "engine" => say("任务引擎", "Job engine"),
        "disk" => say("磁盘", "Disk"),
        "ledgers" => say("台账", "Ledgers"),
        "calendar" => say("节假日", "Holidays"),
        "key" => say("密钥", "Key"),
        "mail" => say("邮件", "Mail"),
        "scan" => say("扫描", "Scan"),
        other => other,
    }
}

/// How a thing is.
pub(super) fn level(level: Level, say: Say<'_>) -> &'static str {
    match level {
        Level::Ok => say("正常", "fine"),
        Level::Warn => say("留意", "look"),
        Level::Fail => say("故障", "failed"),
    }
}

/// The style of a level.
pub(super) const fn level_class(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "fail",
    }
}

/// What a page turned out to be, with its style; none was seen yet.
pub(super) fn verdict(verdict: Option<&Verdict>, say: Say<'_>) -> (&'static str, &'static str) {
    match verdict {
        None => (say("尚未访问", "not visited yet"), "plain"),
        Some(Verdict::Found) => (say("有内容", "found"), "ok"),
        Some(Verdict::Empty) => (say("无内容", "empty"), "ok"),
        Some(Verdict::Blocked { .. }) => (say("看不到", "blocked"), "warn"),
    }
}

/// What a source showed last, with its style. One that is paused shows nothing any more, whatever it showed before.
pub(super) fn seen(source: &SourceState, say: Say<'_>) -> (&'static str, &'static str) {
    if source.paused { (say("已暂停", "paused"), "warn") } else { verdict(source.verdict.as_ref(), say) }
}

/// Letters by what became of them: name, style, number.
pub(super) fn letters(status: &Status, say: Say<'_>) -> [(&'static str, &'static str, u64); 4] {
    let of = |state| status.alerts.iter().find(|(known, _)| *known == state).map_or(0, |(_, n)| *n);
    let trouble = |n: u64| if n > 0 { "warn" } else { "ok" };
    let (failed, uncertain) = (of(AlertState::Failed), of(AlertState::Uncertain));
    [
        (say("待发", "waiting"), "plain", of(AlertState::Queued)),
        (say("已发", "sent"), "plain", of(AlertState::Sent)),
        (say("失败", "failed"), trouble(failed), failed),
        (say("不确定", "uncertain"), trouble(uncertain), uncertain),
    ]
}

/// What a job does.
pub(super) fn job_kind<'t>(kind: &'t str, say: Say<'_>) -> &'t str {
    match kind {
        "visit" => say("访问", "visit"),
        "letters" => say("发邮件", "letters"),
        "retain" => say("清理", "retain"),
        "follow_up" => say("催办", "follow-up"),
        "chat" => say("通知渠道", "channels"),
        "canary" => say("校验查询", "canary"),
        "discover" => say("查找账号", "discover"),
        "judge" => say("判定", "judge"),
        "groups" => say("群组", "work groups"),
        "returned" => say("读退信", "returned mail"),
        other => other,
    }
}

/// How far a job is.
pub(super) fn job_state<'t>(state: &'t str, say: Say<'_>) -> &'t str {
    match state {
        "available" => say("等待", "available"),
        "running" => say("进行中", "running"),
        "retryable" => say("将重试", "to be tried again"),
        "completed" => say("完成", "completed"),
        "discarded" => say("放弃", "given up"),
        other => other,
    }
}
