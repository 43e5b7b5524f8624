//! Subject lines. They show on lock screens: personal names are masked, and a leak lead names nothing.

use crate::casework::voice::{Language, Voice};
use crate::mail::marked::{mask_known_names, one_line};
use crate::mail::wording::{Ask, ask_of, gist, leak_label, subject_kind, tag};
use crate::model::alert::{AlertKind, CaseBrief, Letter};
use crate::model::case::Lane;
use crate::model::term::Severity;
use crate::model::time::Timestamp;

/// Longest subject in characters; mail programs cut them far earlier.
const SUBJECT_LIMIT: usize = 160;
const NAME_LIMIT: usize = 24;

/// The subject of a letter, on one line.
pub(crate) fn subject(letter: &Letter, voice: &Voice) -> String {
    let subject = match (letter.kind, letter.cases.first()) {
        (AlertKind::Immediate, Some(case)) if letter.lane == Lane::Leak || ask_of(case) == Ask::Leak => {
            leak(case, voice)
        }
        (AlertKind::Immediate, Some(case)) => immediate(case, voice),
        (AlertKind::Heartbeat, _) => heartbeat(letter, voice),
        (AlertKind::Groups, _) => of_parts(letter, voice.say("【工作群】", "[Work groups] "), voice),
        (AlertKind::Notice, _) => of_parts(letter, voice.say("【通知】", "[Notice] "), voice),
        _ => digest(letter, voice),
    };
    one_line(&subject, SUBJECT_LIMIT)
}

/// `11月23日(周一)18:00前` as a request, or the statement that the time has passed.
pub(crate) fn request(due: Timestamp, voice: &Voice) -> String {
    let deadline = voice.deadline(due);
    match voice.language {
        Language::Chinese if due < voice.at => format!("应于{deadline}前处理，已超时"),
        Language::Chinese => format!("请于{deadline}前处理"),
        _ if due < voice.at => format!("was due {deadline}"),
        _ => format!("please decide by {deadline}"),
    }
}

/// The request as a sentence of its own.
pub(crate) fn request_sentence(due: Timestamp, voice: &Voice) -> String {
    let request = request(due, voice);
    match voice.language {
        Language::Chinese => format!("{request}。"),
        Language::English => format!("{}{}.", request[..1].to_uppercase(), &request[1..]),
    }
}

/// Whose letter it is: the company, or the office of the lane.
pub(crate) fn addressee(letter: &Letter, voice: &Voice) -> String {
    let (zh, en) = match letter.lane {
        Lane::Leak => ("泄密专线", "Leak lane"),
        Lane::Legal => ("法务", "Legal"),
        _ if !letter.company_name.trim().is_empty() => return one_line(&letter.company_name, 40),
        _ => ("集团", "Group"),
    };
    voice.say(zh, en).to_owned()
}

fn immediate(case: &CaseBrief, voice: &Voice) -> String {
    let known: Vec<&str> = case.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let name = one_line(&mask_known_names(&case.account_name, &known), NAME_LIMIT);
    let name = match (name.is_empty(), voice.language) {
        (true, _) => String::new(),
        (_, Language::Chinese) => format!("「{name}」"),
        _ => format!(" “{name}”:"),
    };
    let what = format!("{}{name}{}{}", subject_kind(case, voice), voice.say("", " "), gist(case, voice));
    joined(&[&graded_tag(case, voice), &what, &request(case.due, voice), &case.number], voice)
}

fn leak(case: &CaseBrief, voice: &Voice) -> String {
    let label = leak_label(case, voice).map(|label| match voice.language {
        Language::Chinese => format!("（{label}）"),
        _ => format!(" ({label})"),
    });
    let what = format!(
        "{}{}{}",
        voice.say("疑似未公开信息", "possibly unpublished information"),
        label.unwrap_or_default(),
        voice.say("，请登录查看", ", please log in to look")
    );
    joined(&[&graded_tag(case, voice), &what, &case.number], voice)
}

/// `待核实·高`; the severity no longer matters where only a correction is to be confirmed.
pub(crate) fn grade(case: &CaseBrief, voice: &Voice) -> String {
    match ask_of(case) {
        Ask::Confirm => tag(case, voice).to_owned(),
        _ => format!("{}{}{}", tag(case, voice), voice.say("·", " · "), voice.severity(case.severity)),
    }
}

/// `【待核实·高】`
fn graded_tag(case: &CaseBrief, voice: &Voice) -> String {
    let tag = grade(case, voice);
    format!("{}{tag}{}", voice.say("【", "["), voice.say("】", "]"))
}

fn joined(parts: &[&str], voice: &Voice) -> String {
    let (tag, rest) = parts.split_first().map_or(("", parts), |(tag, rest)| (*tag, rest));
    format!("{tag}{}{}", voice.say("", " "), rest.join(voice.say("｜", " | ")))
}

fn digest(letter: &Letter, voice: &Voice) -> String {
    let name = match letter.kind {
        AlertKind::Weekly => voice.say("【每周摘要】", "[Weekly digest] "),
        AlertKind::Backlog => voice.say("【迟到合并】", "[Delayed, in one letter] "),
        _ => voice.say("【每日摘要】", "[Daily digest] "),
    };
    let day = voice.short_day(letter.at);
    format!("{name}{} {day}{}{}", addressee(letter, voice), voice.say("：", ": "), tally(letter, voice))
}

/// `新线索2条（高0 中2），待办3条，1条明天到期`
pub(crate) fn tally(letter: &Letter, voice: &Voice) -> String {
    let (new, open) = (letter.cases.len(), letter.pending.len());
    let grades = grades(letter, voice);
    let mut parts = match voice.language {
        Language::Chinese => vec![format!("新线索{new}条{grades}"), format!("待办{open}条")],
        _ => vec![format!("{new} new{grades}"), format!("{open} open")],
    };
    if letter.kind == AlertKind::Backlog {
        // It holds what is new and was not counted what else is open.
        parts.truncate(1);
    }
    parts.extend(due_counts(letter, voice));
    parts.join(voice.say("，", ", "))
}

fn grades(letter: &Letter, voice: &Voice) -> String {
    let count = |severity| letter.cases.iter().filter(|case| case.severity == severity).count();
    let always = |severity| matches!(severity, Severity::High | Severity::Medium);
    let grades: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter(|severity| always(*severity) || count(*severity) > 0)
        .map(|severity| format!("{}{}{}", voice.severity(severity).to_lowercase(), voice.say("", " "), count(severity)))
        .collect();
    match (letter.cases.is_empty(), voice.language) {
        (true, _) => String::new(),
        (_, Language::Chinese) => format!("（{}）", grades.join(" ")),
        _ => format!(" ({})", grades.join(", ")),
    }
}

fn due_counts(letter: &Letter, voice: &Voice) -> Vec<String> {
    let all = || letter.cases.iter().chain(&letter.pending);
    let late = all().filter(|case| case.due < letter.at).count();
    let on = |days| all().filter(|case| case.due >= letter.at && voice.days_until(case.due) == days).count();
    [(late, "已超时", "overdue"), (on(0), "今天到期", "due today"), (on(1), "明天到期", "due tomorrow")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, zh, en)| format!("{count}{}{}", voice.say("条", " "), voice.say(zh, en)))
        .collect()
}

/// `【工作群】2个工作群需要您核对；1个工作群请您协调`
fn of_parts(letter: &Letter, tag: &str, voice: &Voice) -> String {
    let titles: Vec<&str> = letter.parts.iter().map(|part| part.title.as_str()).collect();
    let what = if titles.is_empty() {
        voice.say("没有待办", "nothing to do").to_owned()
    } else {
        titles.join(voice.say("；", "; "))
    };
    format!("{tag}{what}")
}

fn heartbeat(letter: &Letter, voice: &Voice) -> String {
    let name = voice.say("【每周心跳】", "[Weekly heartbeat] ");
    let day = voice.short_day(letter.at);
    let nothing = voice.say("：本周无新线索", ": no new leads this week");
    format!("{name}{} {day}{nothing}{}", addressee(letter, voice), health(letter, voice))
}

/// Says that the system works only when it is known that all of its sources do.
fn health(letter: &Letter, voice: &Voice) -> String {
    match (&letter.sources, voice.language) {
        (None, _) => String::new(),
        (Some(s), Language::Chinese) if s.working >= s.total => format!("，{}个来源全部正常", s.total),
        (Some(s), Language::Chinese) => format!("，{}个来源中{}个正常", s.total, s.working),
        (Some(s), _) if s.working >= s.total => format!(", all {} sources work", s.total),
        (Some(s), _) => format!(", {} of {} sources work", s.working, s.total),
    }
}
