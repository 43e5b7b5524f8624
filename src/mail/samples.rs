//! Invented letters for the tests. Nobody in them exists.

use chrono::NaiveDate;

use crate::model::alert::{AlertKind, CandidateBrief, CaseBrief, Letter, MarkedText, SourceHealth};
use crate::model::case::{Lane, Notify, Outcome, SubjectKind};
use crate::model::finding::{Band, Reason, Rule};
use crate::model::ids::{AlertId, CaptureHash, CaseId, CompanyCode, EmployeeId};
use crate::model::term::Severity;
use crate::model::time::Timestamp;

pub(crate) const HASH: &str = "9f2c4b1de0a7735c68aa41f0d2b9e6c3187f5a90bb24d1c6e83f0a97d45ce71b";

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn marked(text: &str, passages: &[&str]) -> MarkedText {
    let marks = passages.iter().map(|p| text.find(p).map(|at| at..at + p.len()).unwrap()).collect();
    MarkedText { text: text.to_owned(), marks }
}

pub(crate) fn manager() -> Lane {
    Lane::Manager(CompanyCode::new("XY"))
}

/// A letter of any kind without cases.
pub(crate) fn letter(kind: AlertKind, lane: Lane, language: &str) -> Letter {
    let (recipient_name, recipient_part) = match (&lane, language) {
        (Lane::Leak, "en") => ("Cheng Yi", "the leak lane's contact (board office)"),
        (Lane::Leak, _) => ("程一", "泄密专线（董办）联系人"),
        (Lane::Legal, "en") => ("Fang He", "the contact of Legal"),
        (Lane::Legal, _) => ("方禾", "法务联系人"),
        (_, "en") => ("Zhou Ning", "the designated manager of Xingyun Energy"),
        _ => ("周宁", "星云储能的指定专人"),
    };
    Letter {
        alert: AlertId::new("01997a3c-5e10-7c55-9a31-4f0c2b7d9e01"),
        kind,
        lane,
        recipient_name: recipient_name.to_owned(),
        recipient_part: recipient_part.to_owned(),
        language: language.to_owned(),
        company_name: if language == "en" { "Xingyun Energy" } else { "星云储能" }.to_owned(),
        at: at("2026-11-20T09:00:00+08:00"),
        cases: Vec::new(),
        pending: Vec::new(),
        silent: Vec::new(),
        sources: None,
        parts: Vec::new(),
    }
}

/// A letter at once about one case.
pub(crate) fn immediate(case: CaseBrief, language: &str) -> Letter {
    let mut letter = letter(AlertKind::Immediate, case.lane.clone(), language);
    letter.cases = vec![case];
    letter
}

/// An account with a company name and a title, and two colleagues of one name.
pub(crate) fn named_account() -> CaseBrief {
    CaseBrief {
        number: "XS-2611-0031".to_owned(),
        case: CaseId::new("01997a3c-0000-7000-8000-000000000031"),
        outcome: Outcome::Alert,
        lane: manager(),
        severity: Severity::High,
        notify: Notify::Immediate,
        subject: SubjectKind::Account,
        platform_name: "微岸".to_owned(),
        account_name: marked("星河科技陈舟", &["星河科技"]),
        handle: "chenzhou_xy".to_owned(),
        url: "http://weian.example/u/chenzhou_xy?from=a&b=1".to_owned(),
        followers: Some(1_260),
        ip_region: "浙江".to_owned(),
        bio: marked("星云储能｜储能解决方案｜合作请私信", &["星云储能"]),
        verification: marked("星河科技星云储能销售经理", &["星河科技", "星云储能", "销售经理"]),
        text: MarkedText::default(),
        published: None,
        evidence: Some(CaptureHash::new(HASH)),
        captured_at: Some(at("2026-11-20T03:10:22+08:00")),
        rules: vec![Rule::Name, Rule::Title, Rule::Verification],
        clauses: vec!["四.2".to_owned()],
        reasons: vec![
            Reason::new(
                "账号名含“星河科技”（词条W001，公司名称）",
                "The account's name holds 星河科技 (term W001, company name)",
            ),
            Reason::new(
                "认证同时含公司名和职务“销售经理”（W017）",
                "The verification holds a company name and the title 销售经理 (W017)",
            ),
            Reason::new(
                "豁免台账、官方账号台账中均无此账号",
                "The account is in neither the exemptions nor the official accounts ledger",
            ),
        ],
        candidates: vec![likely(), namesake()],
        due: at("2026-11-23T18:00:00+08:00"),
        link: None,
    }
}

pub(crate) fn likely() -> CandidateBrief {
    CandidateBrief {
        employee_id: EmployeeId::new("XY0010"),
        name: "陈舟".to_owned(),
        position: "星云储能·市场销售部·销售经理".to_owned(),
        band: Band::High,
        score: 0.86,
        reasons: vec![Reason::new("姓名、公司、职务一致", "name, company and title agree")],
        signed_on: NaiveDate::from_ymd_opt(2026, 9, 1),
        left_on: None,
    }
}

pub(crate) fn namesake() -> CandidateBrief {
    CandidateBrief {
        employee_id: EmployeeId::new("YZ0012"),
        name: "陈舟".to_owned(),
        position: "云舟生活·仓储物流部·配送主管".to_owned(),
        band: Band::Low,
        score: 0.3,
        reasons: vec![Reason::new("姓名相同，公司与职务不符", "the same name; company and title do not agree")],
        signed_on: None,
        left_on: None,
    }
}

/// A post with confidential terms. What the leak lane must not show in mail is put where a mistake could leave it.
pub(crate) fn leak_post() -> CaseBrief {
    CaseBrief {
        number: "XM-2611-0004".to_owned(),
        case: CaseId::new("01997a3c-0000-7000-8000-000000000004"),
        lane: Lane::Leak,
        severity: Severity::Critical,
        subject: SubjectKind::Post,
        platform_name: "问湖".to_owned(),
        account_name: marked("陈舟聊云雀项目", &["云雀"]),
        handle: "yunque_insider".to_owned(),
        url: "http://wenhu.example/p/云雀-1".to_owned(),
        followers: Some(312),
        bio: marked("云雀项目组", &["云雀"]),
        verification: MarkedText::default(),
        text: marked("听陈舟说代号云雀的事快了，尽调都做完了", &["云雀", "尽调"]),
        published: Some(at("2026-11-19T22:41:00+08:00")),
        rules: vec![Rule::Leak],
        clauses: vec!["四.3".to_owned()],
        reasons: vec![
            Reason::new(
                "正文含保密词 C-01，且附近有必含语境",
                "The text holds confidential term C-01 with its context nearby",
            ),
            Reason::new("已公开信息库中没有相同内容", "The disclosures ledger has nothing like it"),
            Reason::new("不在静默期内", "It is not within a quiet period"),
        ],
        due: at("2026-11-20T13:00:00+08:00"),
        ..named_account()
    }
}

/// A shop under the company's name.
pub(crate) fn impostor() -> CaseBrief {
    CaseBrief {
        number: "XS-2611-0007".to_owned(),
        lane: Lane::Legal,
        platform_name: "草台".to_owned(),
        account_name: marked("云舟生活官方旗舰店", &["云舟生活", "官方旗舰"]),
        handle: "yz_shop88".to_owned(),
        bio: marked("官方正品 加V领券", &["官方"]),
        verification: MarkedText::default(),
        rules: vec![Rule::Impersonation],
        reasons: vec![Reason::new(
            "使用官方用语，既不在官方账号台账中，也没有机构认证",
            "Official wording, in no ledger of official accounts, no verification of an organisation",
        )],
        candidates: Vec::new(),
        ..named_account()
    }
}

/// A picture like the company's mark.
pub(crate) fn logo_only() -> CaseBrief {
    CaseBrief {
        number: "XS-2611-0012".to_owned(),
        outcome: Outcome::Review,
        severity: Severity::Low,
        notify: Notify::Weekly,
        account_name: marked("晨跑日记", &[]),
        bio: MarkedText::default(),
        verification: MarkedText::default(),
        rules: vec![Rule::Avatar],
        reasons: vec![Reason::new("头像与商标 M-02 相近（距离 4）", "The picture is like mark M-02 (distance 4)")],
        candidates: Vec::new(),
        due: at("2026-12-18T18:00:00+08:00"),
        ..named_account()
    }
}

/// An exemption that has ended.
pub(crate) fn expired() -> CaseBrief {
    CaseBrief {
        number: "XS-2611-0018".to_owned(),
        severity: Severity::Medium,
        notify: Notify::Daily,
        account_name: marked("星河林川｜机器人", &["星河"]),
        bio: MarkedText::default(),
        rules: vec![Rule::Name, Rule::ExemptExpired],
        reasons: vec![Reason::new(
            "豁免 EX-2026-702 已于2026年10月31日到期",
            "Exemption EX-2026-702 ended on 31 Oct 2026",
        )],
        candidates: Vec::new(),
        due: at("2026-11-25T18:00:00+08:00"),
        ..named_account()
    }
}

/// A colleague who has left.
pub(crate) fn leaver() -> CaseBrief {
    let gone = CandidateBrief {
        left_on: NaiveDate::from_ymd_opt(2026, 8, 31),
        signed_on: None,
        band: Band::Medium,
        ..likely()
    };
    CaseBrief {
        number: "XS-2611-0023".to_owned(),
        severity: Severity::Medium,
        notify: Notify::Weekly,
        rules: vec![Rule::Name, Rule::Departed],
        candidates: vec![gone],
        due: at("2026-11-24T18:00:00+08:00"),
        ..named_account()
    }
}

/// The day's digest of a company: one case due tomorrow, new ones, one of the ledgers.
pub(crate) fn digest(language: &str) -> Letter {
    let mut letter = letter(AlertKind::Daily, manager(), language);
    let soon = CaseBrief {
        number: "XS-2611-0002".to_owned(),
        due: at("2026-11-21T18:00:00+08:00"),
        candidates: Vec::new(),
        ..leaver()
    };
    letter.cases = vec![expired(), leaver()];
    letter.pending = vec![soon, logo_only(), CaseBrief { number: "XS-2611-0009".to_owned(), ..logo_only() }];
    letter.silent = vec![
        ("豁免".to_owned(), "exempt".to_owned(), 4),
        ("官方".to_owned(), "official".to_owned(), 1),
        ("语境".to_owned(), "context".to_owned(), 9),
        ("权益保护".to_owned(), "protected speech".to_owned(), 1),
    ];
    letter.sources = Some(one_blocked());
    letter
}

pub(crate) fn one_blocked() -> SourceHealth {
    SourceHealth {
        total: 9,
        working: 8,
        troubles: vec![Reason::new(
            "问湖：robots 规则变更，11月17日起没有读取",
            "Wenhu: its robots rules changed; not read since 17 Nov",
        )],
    }
}
