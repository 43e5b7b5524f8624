//! The complaint to a platform (平台投诉函, policy §4.7): whose mark, which account, which law, and what is enclosed.

use crate::casework::voice::{Language, Voice};
use crate::casework::world::World;
use crate::model::company::Company;
use crate::model::ids::CaptureHash;
use crate::model::term::{Term, TermKind};
use crate::model::time::Timestamp;

/// Digits that a registration number has at least.
const NUMBER_DIGITS_MIN: usize = 6;

/// What a hash and a time say, and what they do not.
pub const MEANING: [&str; 2] = [
    "哈希和时间戳只证明这些内容在当时存在、此后未被改动，不证明账号由谁使用，也不证明页面所说属实。",
    "Hash and time stamp prove that these bytes existed then and were not changed since. They do not prove who uses the account, \
     nor that what the page says is true.",
];

/// What a complaint is about.
#[derive(Debug, Clone)]
pub(crate) struct Complaint<'w> {
    /// Name of the platform.
    pub(crate) platform: String,
    /// Shown name of the account.
    pub(crate) account_name: String,
    /// Identifier of the account.
    pub(crate) handle: String,
    /// Public address.
    pub(crate) address: String,
    /// Number of the case.
    pub(crate) number: String,
    /// The marks that it uses, best known first.
    pub(crate) marks: Vec<&'w Term>,
    /// Stored pages with their times.
    pub(crate) pages: Vec<(CaptureHash, Timestamp)>,
}

/// The letter in Chinese, and below it in English.
pub(crate) fn letter(world: &World, complaint: &Complaint<'_>) -> String {
    let of = |language| one(world, complaint, &Voice::new(language, world.zone, world.at));
    format!("{}\n\n————————————\n\n{}\n", of("zh-CN"), of("en"))
}

fn one(world: &World, complaint: &Complaint<'_>, voice: &Voice) -> String {
    let company = owner(world, complaint);
    let name = company.map_or_else(|| blank(voice).to_owned(), |company| company.name.clone());
    let mark = own_mark(complaint).map_or("", |term| term.text.as_str());
    let registration = registration(world, complaint).unwrap_or_else(|| blank(voice).to_owned());
    let Complaint { platform, account_name, handle, address, number, .. } = complaint;
    let pages = pages(complaint, voice);
    let day = voice.day(voice.at.date(voice.zone));
    let [meaning_zh, meaning_en] = MEANING;
    match voice.language {
        Language::Chinese => format!(
            "投诉函（{number}）\n\n{platform}：\n\n投诉人{name}系第{registration}号“{mark}”注册商标权利人。账号“{account_name}”（ID：{handle}，\
             {address}）未经许可使用“{account_name}”名称及相关标识，易使公众误认。依据《反不正当竞争法》第七条、《互联网用户账号信息管理规定》，\
             请贵平台核查处理。\n\n附件：\n1. 营业执照\n2. 商标注册证\n3. 网页快照及时间：\n{pages}\n\n说明：{meaning_zh}\n\n{name}\n{day}"
        ),
        Language::English => format!(
            "Complaint ({number})\n\nTo {platform}\n\n{name} owns the registered mark “{mark}” (No. {registration}). The account “{account_name}” \
             (ID {handle}, {address}) uses this name and the signs that belong to it without permission, so that the public may be misled. \
             Under article 7 of the Anti-Unfair Competition Law and the provisions on internet user account information we ask you \
             to look into it and act.\n\nEnclosed:\n1. Business licence\n2. Certificate of the mark\n3. Stored pages and times:\n{pages}\n\n\
             Note: {meaning_en}\n\n{name}\n{day}"
        ),
    }
}

/// Where somebody fills in by hand.
const fn blank(voice: &Voice) -> &'static str {
    match voice.language {
        Language::Chinese => "________（请填写）",
        Language::English => "________ (please fill in)",
    }
}

/// A trademark before other marks.
fn own_mark<'a>(complaint: &Complaint<'a>) -> Option<&'a Term> {
    let is_registered = |term: &&&Term| matches!(term.kind, TermKind::Trademark | TermKind::Product);
    complaint.marks.iter().find(is_registered).or(complaint.marks.first()).copied()
}

/// The company whose mark it is, else the listed one.
fn owner<'w>(world: &'w World, complaint: &Complaint<'_>) -> Option<&'w Company> {
    let code = own_mark(complaint).and_then(|term| term.company.as_ref());
    let by_mark = code.and_then(|code| world.ledgers.companies.iter().find(|company| company.code == *code));
    by_mark.or_else(|| world.listed())
}

/// The registration number that stands in the remark of the mark's term or drawing.
fn registration(world: &World, complaint: &Complaint<'_>) -> Option<String> {
    let company = owner(world, complaint)?;
    let drawings = world.ledgers.brand_marks.iter().filter(|mark| mark.company == company.code);
    let notes = own_mark(complaint).map(|term| &term.note).into_iter().chain(drawings.map(|mark| &mark.note));
    notes.filter_map(|note| number_in(note)).next()
}

fn number_in(note: &str) -> Option<String> {
    let runs = note.split(|c: char| !c.is_ascii_digit());
    runs.max_by_key(|run| run.len()).filter(|run| run.len() >= NUMBER_DIGITS_MIN).map(str::to_owned)
}

fn pages(complaint: &Complaint<'_>, voice: &Voice) -> String {
    let line = |(hash, at): &(CaptureHash, Timestamp)| format!("   {}  SHA-256 {hash}", voice.instant(*at));
    let lines: Vec<String> = complaint.pages.iter().map(line).collect();
    if lines.is_empty() { format!("   {}", voice.say("（无）", "(none)")) } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Complaint, letter};
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::term::{Term, TermKind};
    use crate::model::time::Timestamp;

    fn written(note: &str) -> String {
        let companies = "代码,全称,简称,别名,角色,城市,邮件域名,第一责任人工号\n\
            YZ,云舟材料有限公司,云舟材料,,上市公司,湖州,yunzhou.example,YZ0001\n";
        let files: BTreeMap<String, Vec<u8>> = [("companies.csv".to_owned(), companies.into())].into();
        let at = Timestamp::parse("2026-11-20T09:00:00+08:00").unwrap();
        let world = World::of(read_files(&files).ledgers, at, chrono_tz::Asia::Shanghai, Policy::default());
        let mark = Term { company: Some("YZ".into()), note: note.into(), ..Term::of("云舟", TermKind::Trademark) };
        let complaint = Complaint {
            platform: "论坛".into(),
            account_name: "云舟官方旗舰店".into(),
            handle: "yz_fake".into(),
            address: "https://forum.example/u/yz_fake".into(),
            number: "XS-2611-0001".into(),
            marks: vec![&mark],
            pages: vec![("ab".into(), at)],
        };
        letter(&world, &complaint)
    }

    #[test]
    fn it_names_owner_mark_account_law_and_pages() {
        let text = written("注册号 12345678，第9类");
        for words in [
            "投诉人云舟材料有限公司系第12345678号“云舟”",
            "云舟官方旗舰店",
            "第七条",
            "SHA-256 ab",
            "不证明账号由谁使用",
        ] {
            assert!(text.contains(words), "{words} does not stand in\n{text}");
        }
    }

    #[test]
    fn a_number_that_nobody_wrote_down_is_left_to_fill_in() {
        assert!(written("第9类").contains("系第________（请填写）号"));
    }
}
