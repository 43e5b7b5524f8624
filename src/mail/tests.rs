//! What people see in their mailbox, and what must never be there.

use std::fmt::Write;
use std::future::ready;

use chrono_tz::Asia::Shanghai;
use mail_parser::{MessageParser, MimeHeaders};

use crate::mail::samples::{
    self, digest, expired, immediate, impostor, leak_post, leaver, letter, likely, logo_only, manager, marked,
    named_account, one_blocked,
};
use crate::mail::{ComposeError, HTML_LIMIT, Recipient, Rendered, SendError, Settings, Transport, TransportKind};
use crate::mail::{compose, render};
use crate::model::alert::{AlertKind, CaseBrief, Letter, MarkedText};
use crate::model::case::{Lane, Outcome};
use crate::model::finding::{Reason, Rule};
use crate::model::ids::{AlertId, CaseId};
use crate::model::term::Severity;

fn rendered(letter: &Letter) -> Rendered {
    render(letter, &settings(), Shanghai)
}

fn settings() -> Settings {
    Settings { from: "品牌账号提醒 <alerts@xinghe.example>".to_owned(), ..Settings::default() }
}

fn both(letter: &Letter) -> String {
    let rendered = rendered(letter);
    format!("{}\n{}\n{}", rendered.subject, rendered.text, rendered.html)
}

const TO: Recipient<'static> = Recipient { name: "周宁", address: "zhouning@xinghe.example" };

/// Snapshots the subject and the text in one file, the HTML in another.
fn snapshot(name: &str, letter: &Letter) {
    let Rendered { subject, text, html } = rendered(letter);
    assert!(html.len() <= HTML_LIMIT, "{} bytes", html.len());
    let mut insta = insta::Settings::clone_current();
    insta.set_prepend_module_to_snapshot(false);
    insta.set_omit_expression(true);
    insta.bind(|| {
        insta::assert_snapshot!(format!("{name}.text"), format!("{subject}\n\n{text}"));
        insta::assert_snapshot!(format!("{name}.html"), html);
    });
}

#[test]
fn a_manager_sees_two_colleagues_of_one_name() {
    snapshot("immediate_zh", &immediate(named_account(), "zh-CN"));
    snapshot("immediate_en", &immediate(named_account(), "en"));
}

#[test]
fn the_leak_lane_sees_a_masked_snippet() {
    snapshot("leak_zh", &immediate(leak_post(), "zh-CN"));
    snapshot("leak_en", &immediate(leak_post(), "en"));
}

#[test]
fn legal_sees_what_a_complaint_needs() {
    snapshot("legal_zh", &immediate(impostor(), "zh-CN"));
    snapshot("legal_en", &immediate(impostor(), "en"));
}

#[test]
fn a_weak_lead_is_given_for_review() {
    snapshot("review_zh", &immediate(logo_only(), "zh-CN"));
    snapshot("review_en", &immediate(logo_only(), "en"));
}

#[test]
fn a_digest_begins_with_what_is_due() {
    snapshot("digest_zh", &digest("zh-CN"));
    snapshot("digest_en", &digest("en"));
}

#[test]
fn what_piled_up_says_why_it_comes_late() {
    for language in ["zh", "en"] {
        let full = if language == "zh" { "zh-CN" } else { language };
        let mut backlog = letter(AlertKind::Backlog, manager(), full);
        backlog.cases = vec![named_account(), logo_only()];
        snapshot(&format!("backlog_{language}"), &backlog);
    }
}

#[test]
fn a_heartbeat_names_the_source_that_was_not_read() {
    let mut heartbeat = letter(AlertKind::Heartbeat, manager(), "zh-CN");
    heartbeat.sources = Some(one_blocked());
    snapshot("heartbeat_zh", &heartbeat);
    heartbeat.language = "en".to_owned();
    snapshot("heartbeat_en", &heartbeat);
}

#[test]
fn the_subject_is_the_one_of_the_policy() {
    let subject = rendered(&immediate(named_account(), "zh-CN")).subject;
    assert_eq!(
        subject,
        "【待核实·高】微岸账号「星河科技陈*」使用公司名称和职务｜请于11月23日(周一)18:00前处理｜XS-2611-0031"
    );
}

#[test]
fn the_subject_of_a_leak_names_the_mask_only() {
    let subject = rendered(&immediate(leak_post(), "zh-CN")).subject;
    assert_eq!(subject, "【泄密线索·严重】疑似未公开信息（保密词 C-01），请登录查看｜XM-2611-0004");
}

#[test]
fn the_subject_of_a_digest_counts() {
    let subject = rendered(&digest("zh-CN")).subject;
    assert_eq!(subject, "【每日摘要】星云储能 11月20日：新线索2条（高0 中2），待办3条，1条明天到期");
}

#[test]
fn each_state_of_an_exemption_asks_for_its_own_step() {
    let tags = |rule, outcome| {
        let case = CaseBrief { rules: vec![Rule::Name, rule], outcome, ..expired() };
        let subject = rendered(&immediate(case, "zh-CN")).subject;
        subject.chars().skip(1).take_while(|c| *c != '】').collect::<String>()
    };
    assert_eq!(tags(Rule::ExemptExpired, Outcome::Alert), "提醒续期·中");
    assert_eq!(tags(Rule::ExemptPending, Outcome::Alert), "待审批·中");
    assert_eq!(tags(Rule::ExemptRevoked, Outcome::Alert), "待核实·中");
    assert_eq!(tags(Rule::Recheck, Outcome::Rectified), "请确认整改");
}

#[test]
fn a_passed_deadline_is_said_to_have_passed() {
    let late = CaseBrief { due: samples::at("2026-11-19T18:00:00+08:00"), ..named_account() };
    assert!(rendered(&immediate(late, "zh-CN")).subject.contains("应于11月19日(周四)18:00前处理，已超时"));
}

#[test]
fn a_leaver_is_not_subject_to_discipline() {
    let text = rendered(&immediate(leaver(), "zh-CN")).text;
    assert!(text.contains("已于2026年8月31日离职") && text.contains("不适用纪律处理"), "{text}");
    assert!(!text.contains("制度签收"));
}

#[test]
fn a_missing_signature_is_pointed_out() {
    let text = rendered(&immediate(named_account(), "zh-CN")).text;
    assert!(text.contains("制度签收：XY0010 于 2026-09-01 签收"));
    assert!(text.contains("YZ0012 未见签收记录"));
}

#[test]
fn perhaps_nobody_stands_beside_any_candidates_and_without_any() {
    let nobody = CaseBrief { candidates: Vec::new(), ..named_account() };
    for case in [named_account(), leaver(), nobody] {
        for kind in [AlertKind::Immediate, AlertKind::Daily] {
            let expected = kind == AlertKind::Immediate || !case.candidates.is_empty();
            let letter = Letter { kind, ..immediate(case.clone(), "zh-CN") };
            assert_eq!(rendered(&letter).text.contains("可能不是本集团员工"), expected);
            let html = rendered(&letter).html;
            assert_eq!(html.matches("可能不是本集团员工").count(), usize::from(expected));
        }
    }
}

#[test]
fn no_letter_says_violation_or_confirmed() {
    let cases = [named_account(), leak_post(), impostor(), logo_only(), expired(), leaver()];
    for case in cases {
        for language in ["zh-CN", "en"] {
            let mail = both(&immediate(case.clone(), language));
            for word in ["违规", "已确认", "violation", "offender", "confirmed"] {
                assert!(!mail.contains(word), "{word}");
            }
        }
    }
}

#[test]
fn leak_letters_hold_no_name_no_account_and_no_term() {
    for kind in [AlertKind::Immediate, AlertKind::Daily, AlertKind::Weekly] {
        for language in ["zh-CN", "en"] {
            let letter = Letter { kind, pending: vec![leak_post()], ..immediate(leak_post(), language) };
            let mail = both(&letter);
            for secret in ["陈舟", "XY0010", "YZ0012", "云雀", "%E4%BA%91", "yunque", "尽调", "可能是谁", "Perhaps"]
            {
                assert!(!mail.contains(secret), "{kind:?} {language} {secret}");
            }
            assert!(mail.contains("C-01") && mail.contains('▇'));
        }
    }
}

#[test]
fn a_leak_case_is_masked_whatever_the_lane_of_the_letter() {
    let mut letter = digest("zh-CN");
    letter.cases.push(leak_post());
    letter.lane = Lane::GroupHr;
    let mail = both(&letter);
    assert!(!mail.contains("云雀") && !mail.contains("yunque"));
    let immediate = Letter { lane: Lane::GroupHr, ..immediate(leak_post(), "zh-CN") };
    assert!(!both(&immediate).contains("陈舟"));
}

#[test]
fn a_spilled_chat_shows_its_words_but_no_names() {
    let case = CaseBrief {
        rules: vec![Rule::GroupSpill],
        text: marked("全员群通知：陈舟负责的返点取消", &["全员群通知"]),
        reasons: vec![Reason::new("公开内容含“全员群通知”", "a public text holds 全员群通知")],
        ..leak_post()
    };
    let rendered = rendered(&immediate(case, "zh-CN"));
    assert!(rendered.subject.contains("疑似未公开信息（群内内容）"));
    assert!(rendered.text.contains("全员群通知") && !rendered.text.contains("陈舟"));
}

#[test]
fn markup_in_an_account_stays_text() {
    let case = CaseBrief {
        account_name: marked("<script>alert(1)</script>星河\"'&", &["星河"]),
        url: "javascript:alert(1)".to_owned(),
        bio: MarkedText { text: "<img src=http://track.example/x.png>".to_owned(), marks: Vec::new() },
        ..named_account()
    };
    let html = rendered(&immediate(case, "zh-CN")).html;
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"));
}

#[test]
fn html_loads_nothing_from_elsewhere() {
    for letter in [immediate(named_account(), "zh-CN"), digest("en"), immediate(leak_post(), "zh-CN")] {
        let html = rendered(&letter).html;
        for loader in ["src=", "url(", "<link", "@import", "<script", "<iframe", "<form"] {
            assert!(!html.contains(loader), "{loader}");
        }
    }
}

#[test]
fn a_large_digest_lists_what_fits_and_counts_the_rest() {
    let mut letter = digest("zh-CN");
    letter.cases = (0..600).map(|n| CaseBrief { number: format!("XS-2611-{n:04}"), ..leaver() }).collect();
    let Rendered { html, text, subject } = rendered(&letter);
    assert!(html.len() <= HTML_LIMIT);
    assert!(html.len() > HTML_LIMIT / 2, "{} bytes", html.len());
    let listed = text.matches("\n■ [").count();
    let left_out = |line: &str| line.strip_prefix("※ 另有")?.split_once('条')?.0.parse::<usize>().ok();
    assert_eq!(listed + text.lines().filter_map(left_out).sum::<usize>(), 603);
    assert!(subject.contains("新线索600条"));
}

#[test]
fn a_case_full_of_long_texts_stays_within_the_limit() {
    let long = marked(&format!("{}星河科技", "<长>&\"".repeat(20_000)), &["星河科技"]);
    let case = CaseBrief {
        account_name: long.clone(),
        bio: long.clone(),
        verification: long.clone(),
        text: long.clone(),
        handle: "h".repeat(50_000),
        url: format!("http://weian.example/{}", "&u".repeat(50_000)),
        reasons: vec![Reason::new("长&".repeat(5_000), "long".repeat(5_000)); 500],
        clauses: vec!["四.2".to_owned(); 500],
        candidates: vec![likely(); 500],
        ..named_account()
    };
    let rendered = rendered(&immediate(case, "zh-CN"));
    assert!(rendered.html.len() <= HTML_LIMIT, "{} bytes", rendered.html.len());
    assert!(rendered.subject.chars().count() <= 162);
}

#[test]
fn a_letter_is_a_message_that_a_mail_program_reads_back() {
    let letter = immediate(named_account(), "zh-CN");
    let rendered = rendered(&letter);
    let message = compose(&letter, &rendered, TO, &settings()).unwrap();
    let bytes = message.bytes();
    assert!(bytes.is_ascii());
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(mail.subject(), Some(rendered.subject.as_str()));
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), rendered.text.trim_end());
    assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), rendered.html.trim_end());
    assert_eq!(mail.message_id(), Some("01997a3c-5e10-7c55-9a31-4f0c2b7d9e01@xinghe.example"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("品牌账号提醒"));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("zhouning@xinghe.example"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-11-20T01:00:00Z");
    assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
    let parent = "case-01997a3c-0000-7000-8000-000000000031@xinghe.example";
    assert_eq!(mail.in_reply_to().as_text(), Some(parent));
    assert_eq!(mail.references().as_text(), Some(parent));
}

#[test]
fn headers_of_a_message_are_these() {
    let letter = immediate(named_account(), "zh-CN");
    let message = compose(&letter, &rendered(&letter), TO, &settings()).unwrap();
    let bytes = String::from_utf8(message.bytes()).unwrap();
    let head = bytes.split("\r\n\r\n").next().unwrap().replace("\r\n", "\n");
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("headers", head);
    });
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let letter = digest("zh-CN");
    let once = compose(&letter, &rendered(&letter), TO, &settings()).unwrap().bytes();
    assert_eq!(once, compose(&letter, &rendered(&letter), TO, &settings()).unwrap().bytes());
}

#[test]
fn no_header_can_be_smuggled_in() {
    let evil = "星河\r\nBcc: all@xinghe.example\r\n\r\n<b>\u{202e}\u{2028}";
    let case = CaseBrief {
        account_name: MarkedText { text: evil.repeat(40), marks: std::iter::once(0..6).collect() },
        number: format!("XS{evil}"),
        platform_name: evil.to_owned(),
        case: CaseId::new(evil),
        ..named_account()
    };
    let mut letter = immediate(case, "zh-CN");
    letter.alert = AlertId::new(evil);
    let to = Recipient { name: evil, address: "zhouning@xinghe.example" };
    let message = compose(&letter, &rendered(&letter), to, &settings()).unwrap();
    let bytes = message.bytes();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let names: Vec<&str> = mail.headers().iter().map(mail_parser::Header::name).collect();
    assert!(mail.bcc().is_none(), "{names:?}");
    assert_eq!(names.len(), 12, "{names:?}");
    assert!(message.file_stem().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
}

#[test]
fn a_bad_address_is_an_error_that_names_the_alert_and_not_the_address() {
    let letter = immediate(named_account(), "zh-CN");
    for address in ["", "zhouning", "a b@xinghe.example", "zhouning@xinghe.example\r\nBcc: x@xinghe.example"] {
        let error = compose(&letter, &rendered(&letter), Recipient { name: "周宁", address }, &settings()).unwrap_err();
        assert!(matches!(error, ComposeError::Address { .. }));
        let text = format!("{error} {error:?}");
        assert!(text.contains("01997a3c-5e10") && !text.contains("zhouning"));
    }
}

#[test]
fn debug_forms_hold_no_personal_data() {
    let letter = immediate(named_account(), "zh-CN");
    let rendered = rendered(&letter);
    let message = compose(&letter, &rendered, TO, &settings()).unwrap();
    let debug = format!("{rendered:?} {message:?} {TO:?}");
    assert!(!debug.contains("陈") && !debug.contains("zhouning"), "{debug}");
}

#[tokio::test]
async fn files_sort_by_time_and_name_the_case() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { transport: TransportKind::File, dir: dir.path().join("out"), ..settings() };
    let transport = Transport::open(&settings).unwrap();
    let letters = [
        immediate(named_account(), "zh-CN"),
        Letter { at: samples::at("2026-11-20T10:00:00+08:00"), ..digest("zh-CN") },
    ];
    for letter in &letters {
        let message = compose(letter, &render(letter, &settings, Shanghai), TO, &settings).unwrap();
        transport.send(&message, ready(Ok::<_, ()>(()))).await.unwrap().unwrap();
        transport.send(&message, ready(Ok::<_, ()>(()))).await.unwrap().unwrap();
    }
    let mut names = String::new();
    let mut files: Vec<_> =
        std::fs::read_dir(dir.path().join("out")).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    for file in files {
        writeln!(names, "{}", file.to_string_lossy()).unwrap();
    }
    assert_eq!(
        names,
        "20261120T010000000Z_XS-2611-0031_4f0c2b7d9e01.eml\n20261120T020000000Z_daily-manager-xy_4f0c2b7d9e01.eml\n"
    );
}

#[tokio::test]
async fn nothing_counts_as_sent_when_mail_is_off() {
    let letter = immediate(named_account(), "zh-CN");
    let message = compose(&letter, &rendered(&letter), TO, &settings()).unwrap();
    let transport = Transport::open(&settings()).unwrap();
    assert!(transport.is_off());
    let refused = transport.send(&message, ready(Ok::<_, ()>(()))).await.unwrap();
    assert!(matches!(refused, Err(SendError::Configuration { .. })));
}

#[test]
fn a_title_in_one_mark_with_a_name_still_masks_the_name() {
    let case = CaseBrief {
        account_name: marked("星河科技陈舟经理", &["星河科技陈舟经理"]), ..named_account()
    };
    assert!(rendered(&immediate(case, "zh-CN")).subject.contains("「星河科技陈*经理」"));
}

#[test]
fn a_heartbeat_claims_health_only_where_it_is_known() {
    let mut heartbeat = letter(AlertKind::Heartbeat, manager(), "zh-CN");
    assert!(!rendered(&heartbeat).subject.contains("正常"));
    heartbeat.sources = Some(one_blocked());
    assert!(rendered(&heartbeat).subject.ends_with("9个来源中8个正常"));
}

#[test]
fn severities_come_gravest_first_in_a_digest() {
    let mut letter = digest("zh-CN");
    let later = samples::at("2026-11-27T18:00:00+08:00");
    letter.cases = [(Severity::Low, "1"), (Severity::High, "2"), (Severity::Medium, "3")]
        .map(|(severity, number)| CaseBrief { severity, number: number.to_owned(), due: later, ..leaver() })
        .to_vec();
    let text = rendered(&letter).text;
    let heads: Vec<&str> =
        text.split("【新线索】").nth(1).unwrap().lines().filter(|l| l.starts_with('■')).take(3).collect();
    assert!(heads[0].contains("·高") && heads[1].contains("·中") && heads[2].contains("·低"), "{heads:?}");
}
