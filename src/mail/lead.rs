//! The letter about one case: what was found, why it is shown, who it might be, what to choose.

use crate::casework::inquiry::signed_later;
use crate::casework::voice::{Voice, thousands};
use crate::mail::choices;
use crate::mail::marked::{Span, blackened, one_line, spans};
use crate::mail::page::{Block, Page, Person, Row, Section};
use crate::mail::settings::Settings;
use crate::mail::subject::{grade, request_sentence};
use crate::mail::wording::{Ask, ask_of, leak_label, quoted};
use crate::model::alert::{CandidateBrief, CaseBrief, Letter, MarkedText};
use crate::model::case::{Lane, SubjectKind};
use crate::model::finding::{Reason, Rule};
use crate::model::ids::CaptureHash;

const FIELD_LIMIT: usize = 300;
const TEXT_LIMIT: usize = 800;
const SENTENCE_LIMIT: usize = 300;
const REASONS_LIMIT: usize = 20;
const PEOPLE_LIMIT: usize = 20;

/// The letter about one case.
pub(crate) fn page(letter: &Letter, case: &CaseBrief, title: String, settings: &Settings, voice: &Voice) -> Page {
    let ask = ask_of(case);
    let mut sections = vec![found(case, voice), why(case, voice)];
    sections.extend(who(letter, case, voice));
    sections.extend((ask == Ask::Complain).then(|| complaint(voice)));
    sections.push(choices::for_case(case, settings, voice));
    Page {
        language: voice.code(),
        title,
        headline: Some(format!("{}　{}", grade(case, voice), one_line(&case.number, 40))),
        greeting: greeting(letter, voice),
        opening: vec![opening(case, voice).to_owned(), request_sentence(case.due, voice)],
        severity: Some(case.severity),
        sections,
        closing: closing(letter, ask, voice),
        footer: footer(letter, voice),
    }
}

/// The salutation.
pub(crate) fn greeting(letter: &Letter, voice: &Voice) -> String {
    let name = one_line(&letter.recipient_name, 40);
    match name.as_str() {
        "" => voice.say("您好：", "Hello,").to_owned(),
        name => voice.say("{}，您好：", "Dear {},").replace("{}", name),
    }
}

/// Why this person receives the letter.
pub(crate) fn footer(letter: &Letter, voice: &Voice) -> String {
    let part = one_line(&letter.recipient_part, 80);
    voice
        .say(
            "您收到此邮件是因为您是{}。提醒与摘要的频率由指定专人台账（managers.csv）决定。",
            "You receive this mail as {}. How often it comes is set in the managers ledger (managers.csv).",
        )
        .replace("{}", &part)
}

/// Labelled facts of a case, as the lane may see them: the leak lane is told neither account nor address,
/// because both can hold a name or a code word.
pub(crate) fn facts(case: &CaseBrief, voice: &Voice) -> Vec<Row> {
    match ask_of(case) {
        Ask::Leak => leak_facts(case, voice),
        _ => account_facts(case, voice),
    }
}

/// Reasons in the letter's language, each on one line.
pub(crate) fn sentences(case: &CaseBrief, voice: &Voice) -> Vec<String> {
    let sentence = |reason: &Reason| match ask_of(case) {
        Ask::Leak => without_names(voice.reason(reason), case),
        _ => one_line(voice.reason(reason), SENTENCE_LIMIT),
    };
    case.reasons.iter().take(REASONS_LIMIT).map(sentence).collect()
}

/// `可能不是本集团员工`, always beside candidates.
pub(crate) fn perhaps_nobody(case: &CaseBrief, voice: &Voice) -> String {
    let names: std::collections::BTreeSet<&str> = case.candidates.iter().map(|c| c.name.as_str()).collect();
    let shared = case.candidates.len() - names.len();
    let (zh, en) = if shared > 0 {
        (
            "可能不是本集团员工（集团内有同名同事，仅凭姓名不能判断）",
            "perhaps not an employee of the group (colleagues share the name; a name alone decides nothing)",
        )
    } else {
        ("可能不是本集团员工", "perhaps not an employee of the group")
    };
    voice.say(zh, en).to_owned()
}

/// `较高 李娜 XH0010 …`
pub(crate) fn person(candidate: &CandidateBrief, voice: &Voice) -> Person {
    let reasons: Vec<&str> = candidate.reasons.iter().take(8).map(|reason| voice.reason(reason)).collect();
    let mut lines = Vec::new();
    if !reasons.is_empty() {
        let reasons = one_line(&reasons.join(voice.say("；", "; ")), SENTENCE_LIMIT);
        lines.push(format!("{}{reasons}", voice.say("依据：", "Because: ")));
    }
    lines.extend(left(candidate, voice));
    Person {
        band: voice.band(candidate.band),
        name: one_line(&format!("{} {}", candidate.name, candidate.employee_id), 60),
        position: one_line(&candidate.position, 120),
        lines,
    }
}

fn opening(case: &CaseBrief, voice: &Voice) -> &'static str {
    let (zh, en) = match (ask_of(case), case.subject) {
        (Ask::Verify, SubjectKind::Account) => (
            "系统在公开页面发现一条疑似使用公司名义的个人账号，需要您核实。这是线索，不是结论。",
            "An account that perhaps uses the company's name was found on a public page. Please verify. This is a lead, not a conclusion.",
        ),
        (Ask::Verify, SubjectKind::Post) => (
            "系统在公开页面发现一条与公司有关的内容，需要您核实。这是线索，不是结论。",
            "A post that concerns the company was found on a public page. Please verify. This is a lead, not a conclusion.",
        ),
        (Ask::Review, _) => (
            "系统在公开页面发现一条把握较低的线索，请您复核是否成立。这是线索，不是结论。",
            "A weak lead was found on a public page. Please judge whether there is anything in it. This is a lead, not a conclusion.",
        ),
        (Ask::Renew, _) => (
            "一个曾获批准的账号，使用许可已到期，公司标识仍在使用。请提醒续期。这是线索，不是结论。",
            "The exemption of an account has ended and the marks are still shown. Please remind the holder. This is a lead, not a conclusion.",
        ),
        (Ask::Approve, _) => (
            "一个账号正在使用公司标识，其使用申请还在审批中。这是线索，不是结论。",
            "An account shows the company's marks while its application is being decided. This is a lead, not a conclusion.",
        ),
        (Ask::Confirm, _) => (
            "此前的线索已经复查：公司标识已不再出现。请您确认整改。",
            "An earlier lead was checked again: the company's marks are no longer shown. Please confirm the correction.",
        ),
        (Ask::Complain, _) => (
            "系统在公开页面发现疑似外部人员使用公司标识，请评估是否需要处理。这是线索，不是结论。",
            "An outsider perhaps uses the company's marks on a public page. Please consider what to do. This is a lead, not a conclusion.",
        ),
        (Ask::Group | Ask::Verify, SubjectKind::Group) | (Ask::Group, _) => (
            "台账显示，一个工作群需要处理，群主已收到提醒。请您跟进。",
            "By the register, a work group needs attention; its owner has been reminded. Please follow up.",
        ),
        (Ask::Leak, _) => (
            "系统在公开页面发现一条疑似未公开信息，请尽快登录查看。涉及保密内容的文字已遮盖。这是线索，不是结论。",
            "Possibly unpublished information was found on a public page. Please log in and look soon. Confidential passages are masked here. This is a lead, not a conclusion.",
        ),
    };
    voice.say(zh, en)
}

fn found(case: &CaseBrief, voice: &Voice) -> Section {
    Section {
        title: voice.say("发现了什么", "What was found").to_owned(),
        aside: String::new(),
        blocks: vec![Block::Rows(facts(case, voice))],
    }
}

fn why(case: &CaseBrief, voice: &Voice) -> Section {
    let mut blocks = vec![Block::Numbered(sentences(case, voice))];
    if !case.clauses.is_empty() {
        let clauses = one_line(&case.clauses.join(voice.say("、", ", ")), 80);
        blocks.push(Block::Line(format!("{}{clauses}", voice.say("依据：《管理办法》", "Basis: the rule, clause "))));
    }
    if lacks_approval(case) {
        let lack = voice.say(
            "不符合的情形：未见上市公司人力资源部批准",
            "Not met so far: no approval by the listed company's HR was found",
        );
        blocks.push(Block::Line(lack.to_owned()));
    }
    Section { title: voice.say("为什么提示", "Why you are told").to_owned(), aside: String::new(), blocks }
}

/// Only for uses of marks that need an approval and have none in any state.
fn lacks_approval(case: &CaseBrief) -> bool {
    const USES: &[Rule] = &[Rule::Name, Rule::Title, Rule::Brand, Rule::Tech, Rule::Culture, Rule::Verification];
    matches!(ask_of(case), Ask::Verify | Ask::Review)
        && case.rules.iter().any(|rule| USES.contains(rule))
        && !case.rules.contains(&Rule::ExemptRevoked)
}

/// Who it might be. Never in a leak letter; for Legal only when there is somebody.
fn who(letter: &Letter, case: &CaseBrief, voice: &Voice) -> Option<Section> {
    let is_for_hr = matches!(letter.lane, Lane::Manager(_) | Lane::GroupHr);
    if letter.lane == Lane::Leak
        || matches!(ask_of(case), Ask::Leak | Ask::Group)
        || (case.candidates.is_empty() && !is_for_hr)
    {
        return None;
    }
    let mut blocks: Vec<Block> =
        case.candidates.iter().take(PEOPLE_LIMIT).map(|c| Block::Person(person(c, voice))).collect();
    if blocks.is_empty() {
        let nobody = voice.say("目前没有足够依据指向某位同事。", "Nothing points to a particular colleague so far.");
        blocks.push(Block::Line(nobody.to_owned()));
    }
    let perhaps = format!("{}{}", voice.say("另请考虑：", "Also consider: "), perhaps_nobody(case, voice));
    blocks.push(Block::Line(perhaps));
    blocks.extend(case.candidates.iter().take(PEOPLE_LIMIT).filter_map(|c| signature(case, c, voice)));
    Some(Section {
        title: voice.say("可能是谁", "Who it might be").to_owned(),
        aside: voice.say("（线索，仅供核实）", " (leads, to be verified)").to_owned(),
        blocks,
    })
}

fn signature(case: &CaseBrief, candidate: &CandidateBrief, voice: &Voice) -> Option<Block> {
    if candidate.left_on.is_some() {
        return None;
    }
    let id = &candidate.employee_id;
    if let Some(day) = signed_later(case.published, candidate.signed_on, voice.zone) {
        let text = voice.say(
            "制度签收：{} 于 {} 签收，内容发布在此之前：行为早于制度签收，依据不足",
            "Rule signed: {} on {}, after this was published: it is no ground for anything",
        );
        return Some(Block::Notice(text.replacen("{}", id.as_str(), 1).replacen("{}", &day.to_string(), 1)));
    }
    Some(match candidate.signed_on {
        Some(day) => Block::Line(
            voice.say("制度签收：{} 于 {} 签收", "Rule signed: {} on {}").replacen("{}", id.as_str(), 1).replacen(
                "{}",
                &day.to_string(),
                1,
            ),
        ),
        None => Block::Notice(
            voice
                .say(
                    "制度签收：{} 未见签收记录，沟通时请先说明制度",
                    "Rule signed: no record for {}; please explain the rule first",
                )
                .replace("{}", id.as_str()),
        ),
    })
}

fn left(candidate: &CandidateBrief, voice: &Voice) -> Option<String> {
    let day = voice.day(candidate.left_on?);
    let text = voice.say(
        "已于{}离职：只请对方更新账号信息，不适用纪律处理",
        "Left on {}: only ask for the account to be updated; no disciplinary step applies",
    );
    Some(text.replace("{}", &day))
}

fn account_facts(case: &CaseBrief, voice: &Voice) -> Vec<Row> {
    let mut rows = vec![Row::new(voice.say("平台/账号", "Account"), account_line(case, voice))];
    for (label, text) in
        [(voice.say("简介", "Bio"), &case.bio), (voice.say("认证", "Verification"), &case.verification)]
    {
        rows.extend((!text.text.trim().is_empty()).then(|| Row::new(label, spans(text, FIELD_LIMIT))));
    }
    rows.extend(text_rows(case, &case.text, voice));
    rows.extend(address_row(case, voice));
    rows.extend(evidence_row(case, voice));
    rows
}

fn leak_facts(case: &CaseBrief, voice: &Voice) -> Vec<Row> {
    let mut platform = one_line(&case.platform_name, 40);
    if let Some(followers) = case.followers {
        platform += &voice.say("，作者粉丝{}", ", author's followers {}").replace("{}", &thousands(followers));
    }
    let mut rows = vec![Row::plain(voice.say("平台", "Platform"), platform)];
    rows.extend(leak_label(case, voice).map(|label| Row::plain(voice.say("涉及", "Concerns"), label)));
    rows.extend(text_rows(case, &masked_text(case), voice));
    rows.extend(evidence_row(case, voice));
    rows
}

/// The text for a leak letter. Whoever wrote the letter masked it already; marked passages and names are blackened
/// once more here, so that a mistake there does not carry a code word or a name into a mailbox.
fn masked_text(case: &CaseBrief) -> MarkedText {
    let only_spill = case.rules.iter().all(|rule| *rule == Rule::GroupSpill);
    let marks = if only_spill { Vec::new() } else { case.text.marks.clone() };
    let text = MarkedText { text: case.text.text.clone(), marks };
    let names: Vec<&str> = case.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    blackened(&text, &names)
}

fn without_names(text: &str, case: &CaseBrief) -> String {
    let names: Vec<&str> = case.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let text = MarkedText { text: text.to_owned(), marks: Vec::new() };
    one_line(&blackened(&text, &names).text, SENTENCE_LIMIT)
}

fn account_line(case: &CaseBrief, voice: &Voice) -> Vec<Span> {
    let mut line = vec![Span::plain(format!("{}{}", one_line(&case.platform_name, 40), " · "))];
    if !case.account_name.text.trim().is_empty() {
        line.extend(quoted(spans(&case.account_name, 80), voice));
    }
    let mut more = Vec::new();
    if !case.handle.trim().is_empty() {
        more.push(format!("@{}", one_line(&case.handle, 60)));
    }
    more.extend(case.followers.map(|n| format!("{}{}", voice.say("粉丝", "followers "), thousands(n))));
    if !case.ip_region.trim().is_empty() {
        more.push(format!("{}{}", voice.say("属地", "region "), one_line(&case.ip_region, 20)));
    }
    if !more.is_empty() {
        let more = more.join(voice.say("，", ", "));
        line.push(Span::plain(voice.say("（{}）", " ({})").replace("{}", &more)));
    }
    line
}

fn text_rows(case: &CaseBrief, text: &MarkedText, voice: &Voice) -> Vec<Row> {
    let mut rows = Vec::new();
    if !text.text.trim().is_empty() {
        rows.push(Row::new(voice.say("原文摘录", "Text"), spans(text, TEXT_LIMIT)));
    }
    rows.extend(case.published.map(|at| Row::plain(voice.say("发布时间", "Published"), voice.instant(at))));
    rows
}

/// The public address; a link only where it is a web address, so that nothing else can be clicked.
fn address_row(case: &CaseBrief, voice: &Voice) -> Option<Row> {
    let url = one_line(&case.url, 400);
    if url.is_empty() {
        return None;
    }
    let mut row = Row::plain(voice.say("网页地址", "Page"), url.clone());
    let is_whole = !url.ends_with('…');
    row.link =
        url::Url::parse(&url).ok().filter(|u| is_whole && matches!(u.scheme(), "http" | "https")).map(String::from);
    Some(row)
}

fn evidence_row(case: &CaseBrief, voice: &Voice) -> Option<Row> {
    let hash = case.evidence.as_ref()?;
    let at = case.captured_at.map(|at| format!("{} · ", voice.instant(at))).unwrap_or_default();
    let kept = voice.say("网页留存 ", "stored page ");
    let mut row = Row::plain(voice.say("证据", "Evidence"), format!("{kept}{at}SHA-256 {}", shortened(hash)));
    row.in_full = Some(format!("{kept}{at}SHA-256 {} ({})", shortened(hash), one_line(hash.as_str(), 80)));
    Some(row)
}

/// `9f2c…e71b`
fn shortened(hash: &CaptureHash) -> String {
    let letters: Vec<char> = hash.as_str().chars().filter(char::is_ascii_hexdigit).collect();
    match letters.len() {
        0..=8 => letters.into_iter().collect(),
        n => letters[..4].iter().chain(&['…']).chain(&letters[n - 4..]).collect(),
    }
}

fn complaint(voice: &Voice) -> Section {
    let steps: &[(&str, &str)] = &[
        (
            "准备：营业执照、商标注册证、网页留存及其 SHA-256",
            "Prepare: business licence, trademark certificate, the stored page and its SHA-256",
        ),
        (
            "可引用：《反不正当竞争法》第七条、《互联网用户账号信息管理规定》（是否适用由法务判断）",
            "May be cited: Anti-Unfair Competition Law art. 7; provisions on account information of internet users (for counsel to judge)",
        ),
        (
            "从该平台的投诉入口提交；结果登记到本线索，系统会在之后的检测中复查",
            "File it with the platform's complaint form; record the result here, later scans check again",
        ),
    ];
    Section {
        title: voice.say("平台投诉提示", "A complaint to the platform").to_owned(),
        aside: String::new(),
        blocks: vec![Block::Numbered(steps.iter().map(|(zh, en)| voice.say(zh, en).to_owned()).collect())],
    }
}

fn closing(letter: &Letter, ask: Ask, voice: &Voice) -> Vec<String> {
    let mut lines = Vec::new();
    if letter.lane == Lane::GroupHr {
        lines.push(voice.say(
            "本线索按回避规则或分工转到您处，请勿转给可能涉及的人员。",
            "This lead comes to you by recusal or division of work; do not pass it to people it may concern.",
        ));
    }
    lines.push(match ask {
        Ask::Leak => voice.say(
            "请勿转发本邮件，不要在群聊中讨论。",
            "Do not forward this mail or discuss it in chat groups.",
        ),
        Ask::Complain | Ask::Group => voice.say("请勿转发本邮件。", "Do not forward this mail."),
        _ => voice.say(
            "处置前请先与员工沟通，不要转发本邮件。员工可依《员工告知书》申请复核。",
            "Speak with the colleague before any step, and do not forward this mail. Colleagues may ask for a review as the employee notice says.",
        ),
    });
    lines.into_iter().map(str::to_owned).collect()
}
