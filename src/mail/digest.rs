//! The letters about many cases, and the one about none: daily and weekly digests, heartbeat.

use crate::casework::voice::{Language, Voice};
use crate::mail::choices;
use crate::mail::lead::{facts, footer, greeting, perhaps_nobody, sentences};
use crate::mail::marked::{Span, one_line, spans};
use crate::mail::page::{Block, Card, Page, Row, Section};
use crate::mail::settings::Settings;
use crate::mail::subject::{grade, request_sentence, tally};
use crate::mail::wording::{Ask, ask_of, gist, leak_label, quoted, subject_kind};
use crate::model::alert::{AlertKind, CaseBrief, Letter, SourceHealth};
use crate::model::case::Lane;
use crate::model::finding::Rule;

const REASONS_LIMIT: usize = 3;
const PEOPLE_LIMIT: usize = 5;
const TROUBLES_LIMIT: usize = 20;

type MakeCard = fn(&CaseBrief, &Voice) -> Card;

/// A digest that lists at most `shown` cases and tells how many it leaves out.
pub(crate) fn page(letter: &Letter, title: String, settings: &Settings, voice: &Voice, shown: usize) -> Page {
    let mut sections = case_sections(letter, voice, shown);
    sections.extend(silent(letter, voice));
    sections.extend(letter.sources.as_ref().map(|health| sources(health, voice)));
    if !letter.cases.is_empty() || !letter.pending.is_empty() {
        sections.push(choices::for_digest(letter, settings, voice));
    }
    Page {
        language: voice.code(),
        title,
        headline: None,
        greeting: greeting(letter, voice),
        opening: opening(letter, voice),
        severity: None,
        sections,
        closing: closing(letter, voice),
        footer: footer(letter, voice),
    }
}

fn opening(letter: &Letter, voice: &Voice) -> Vec<String> {
    if letter.kind == AlertKind::Heartbeat {
        return vec![heartbeat(letter, voice).to_owned()];
    }
    let late = voice.say(
        "前段时间邮件发不出去，这些线索因此晚到；为免一次来信太多，合并在这一封里。最严重的几条已单独发送。",
        "Mail could not be sent for a while, so these leads come late; they stand in one letter rather than in many. The \
         gravest have come by themselves.",
    );
    let mut opening = vec![
        format!("{}{}", tally(letter, voice), voice.say("。", ".")),
        voice.say("以下是线索，不是结论。", "These are leads, not conclusions.").to_owned(),
    ];
    if letter.kind == AlertKind::Backlog {
        opening.insert(0, late.to_owned());
    }
    opening
}

fn heartbeat<'a>(letter: &Letter, voice: &Voice) -> &'a str {
    let (zh, en) = match letter.sources {
        None => (
            "本周没有新线索。这封邮件只说明系统在运行，不说明每个来源都读到了。",
            "There were no new leads this week. This mail only shows that the system runs, not that every source was read.",
        ),
        Some(_) => (
            "本周没有新线索，系统在运行。各来源是否读到，见下。",
            "There were no new leads this week, and the system runs. Whether the sources could be read stands below.",
        ),
    };
    voice.say(zh, en)
}

/// Due soon, then new ones by severity, then matters of the ledgers, then the rest of what is open.
fn case_sections(letter: &Letter, voice: &Voice, shown: usize) -> Vec<Section> {
    let is_soon = |case: &&CaseBrief| voice.days_until(case.due) <= 1;
    let mut soon: Vec<&CaseBrief> = letter.pending.iter().chain(&letter.cases).filter(is_soon).collect();
    soon.sort_by_key(|case| case.due);
    let mut new: Vec<&CaseBrief> = letter.cases.iter().filter(|case| !is_soon(case)).collect();
    new.sort_by_key(|case| (std::cmp::Reverse(case.severity), case.due));
    let (ledger, new): (Vec<&CaseBrief>, Vec<&CaseBrief>) = new.into_iter().partition(|case| concerns_a_ledger(case));
    let open: Vec<&CaseBrief> = letter.pending.iter().filter(|case| !is_soon(case)).collect();

    let mut left = shown;
    let groups: [(&str, Vec<&CaseBrief>, MakeCard); 4] = [
        (voice.say("即将到期", "Due soon"), soon, card),
        (voice.say("新线索", "New leads"), new, card),
        (voice.say("台账事项", "Matters of the ledgers"), ledger, card),
        (voice.say("待办", "Still open"), open, short_card),
    ];
    groups.into_iter().filter_map(|(title, cases, make)| group(title, &cases, make, &mut left, voice)).collect()
}

fn group(title: &str, cases: &[&CaseBrief], make: MakeCard, left: &mut usize, voice: &Voice) -> Option<Section> {
    if cases.is_empty() {
        return None;
    }
    let listed = cases.len().min(*left);
    *left -= listed;
    let mut blocks: Vec<Block> = cases[..listed].iter().map(|case| Block::Card(make(case, voice))).collect();
    if listed < cases.len() {
        let more = voice.say(
            "另有{}条未在邮件中列出，可用 wanglou cases list 查看。",
            "{} more are not listed in this mail; wanglou cases list shows them.",
        );
        blocks.push(Block::Notice(more.replace("{}", &(cases.len() - listed).to_string())));
    }
    let aside = voice.say("（{}条）", " ({})").replace("{}", &cases.len().to_string());
    Some(Section { title: title.to_owned(), aside, blocks })
}

fn concerns_a_ledger(case: &CaseBrief) -> bool {
    const LEDGER: &[Rule] =
        &[Rule::ExemptExpired, Rule::ExemptPending, Rule::ExemptRevoked, Rule::OfficialUnregistered];
    case.rules.iter().any(|rule| LEDGER.contains(rule))
}

fn card(case: &CaseBrief, voice: &Voice) -> Card {
    let mut rows = facts(case, voice);
    // The title of the card already names platform and account.
    rows.remove(0);
    // The whole hash stands in the letter about one case and in the console; here it would bury the rest.
    rows.iter_mut().for_each(|row| row.in_full = None);
    let reasons = sentences(case, voice);
    if !reasons.is_empty() {
        rows.push(Row::plain(voice.say("为什么", "Why"), shortlist(&reasons, REASONS_LIMIT, voice)));
    }
    rows.extend(people(case, voice));
    Card { rows, ..short_card(case, voice) }
}

/// What is known from an earlier letter: enough to recognise it and to see when it is due.
fn short_card(case: &CaseBrief, voice: &Voice) -> Card {
    Card {
        severity: case.severity,
        tag: grade(case, voice),
        title: title(case, voice),
        number: one_line(&case.number, 40),
        due: request_sentence(case.due, voice),
        rows: Vec::new(),
    }
}

fn title(case: &CaseBrief, voice: &Voice) -> Vec<Span> {
    let mut title = vec![Span::plain(subject_kind(case, voice))];
    match ask_of(case) {
        Ask::Leak => title.extend(leak_label(case, voice).map(|label| Span::plain(format!(" · {label}")))),
        _ if case.account_name.text.trim().is_empty() => {}
        _ => {
            title.push(Span::plain(voice.say("", " ")));
            title.extend(quoted(spans(&case.account_name, 60), voice));
        }
    }
    title.push(Span::plain(format!("{}{}", voice.say("，", ": "), gist(case, voice))));
    title
}

fn shortlist(sentences: &[String], limit: usize, voice: &Voice) -> String {
    let shown = &sentences[..sentences.len().min(limit)];
    let mut text = shown.join(voice.say("；", "; "));
    if sentences.len() > limit {
        text += &voice.say("（共{}条）", " ({} in all)").replace("{}", &sentences.len().to_string());
    }
    text
}

fn people(case: &CaseBrief, voice: &Voice) -> Option<Row> {
    if ask_of(case) == Ask::Leak || case.candidates.is_empty() {
        return None;
    }
    let mut people: Vec<String> = case
        .candidates
        .iter()
        .take(PEOPLE_LIMIT)
        .map(|c| {
            let left = c.left_on.map(|day| voice.say("（{}离职）", " (left {})").replace("{}", &voice.day(day)));
            let person = one_line(&format!("{} {} {}", c.name, c.employee_id, c.position), 120);
            format!("{} {person}{}", voice.band(c.band), left.unwrap_or_default())
        })
        .collect();
    people.push(perhaps_nobody(case, voice));
    Some(Row::plain(voice.say("可能是谁", "Perhaps"), people.join(voice.say("；", "; "))))
}

/// `自动排除了多少`
fn silent(letter: &Letter, voice: &Voice) -> Option<Section> {
    let counts: Vec<String> = letter
        .silent
        .iter()
        .filter(|(.., count)| *count > 0)
        .map(|(zh, en, count)| format!("{}{}{count}", one_line(voice.say(zh, en), 40), voice.say("", " ")))
        .collect();
    let total: u64 = letter.silent.iter().map(|(.., count)| count).sum();
    (!counts.is_empty()).then(|| Section {
        title: voice.say("自动排除", "Kept silent").to_owned(),
        aside: voice.say("（共{}条，不需要处理）", " ({} in all, nothing to do)").replace("{}", &total.to_string()),
        blocks: vec![Block::Line(counts.join(voice.say("　", ", ")))],
    })
}

fn sources(health: &SourceHealth, voice: &Voice) -> Section {
    let state = match voice.language {
        Language::Chinese => format!("{}个来源中{}个正常。", health.total, health.working),
        Language::English => format!("{} of {} sources work.", health.working, health.total),
    };
    let mut blocks = vec![Block::Line(state)];
    let troubles = health.troubles.iter().take(TROUBLES_LIMIT).map(|reason| one_line(voice.reason(reason), 200));
    blocks.extend(troubles.map(Block::Notice));
    if health.working < health.total {
        let meaning = voice.say(
            "读不到的来源没有结论：不等于没有线索。",
            "A source that cannot be read proves nothing: it does not mean that there are no leads.",
        );
        blocks.push(Block::Line(meaning.to_owned()));
    }
    Section { title: voice.say("来源状态", "Sources").to_owned(), aside: String::new(), blocks }
}

fn closing(letter: &Letter, voice: &Voice) -> Vec<String> {
    let (zh, en) = match (letter.kind, &letter.lane) {
        (AlertKind::Heartbeat, _) => return Vec::new(),
        (_, Lane::Leak | Lane::Legal) => ("请勿转发本邮件。", "Do not forward this mail."),
        _ => (
            "处置前请先与员工沟通，不要转发本邮件。员工可依《员工告知书》申请复核。",
            "Speak with the colleague before any step, and do not forward this mail. Colleagues may ask for a review as \
             the employee notice says.",
        ),
    };
    vec![voice.say(zh, en).to_owned()]
}
