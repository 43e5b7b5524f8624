//! What the reader can decide, with the code of each decision.

use crate::casework::voice::Voice;
use crate::casework::words::code;
use crate::mail::page::{Block, Row, Section};
use crate::mail::settings::Settings;
use crate::mail::wording::{Ask, ask_of};
use crate::model::alert::{CaseBrief, Letter};
use crate::model::case::{Disposition, Lane};

/// A decision: its code, and what it is for in Chinese and in English.
type Choice = (Disposition, &'static str, &'static str);

/// The section about deciding one case.
pub(crate) fn for_case(case: &CaseBrief, settings: &Settings, voice: &Voice) -> Section {
    let ask = ask_of(case);
    let mut blocks = vec![Block::Line(first_step(ask, voice).to_owned())];
    let console = settings.console().map(|console| format!("{console}/cases/{}", case.number));
    match (case.link.clone(), console) {
        (Some(link), _) => blocks.extend(by_link(link, voice)),
        (None, Some(console)) => blocks.push(to_console(console, voice)),
        (None, None) => blocks.extend(by_command(&case.number, voice)),
    }
    blocks.push(Block::Rows(rows(choices_of(ask), settings, voice)));
    section(blocks, voice)
}

/// The section about deciding the cases of a digest.
pub(crate) fn for_digest(letter: &Letter, settings: &Settings, voice: &Voice) -> Section {
    let ask = match letter.lane {
        Lane::Leak => Ask::Leak,
        Lane::Legal => Ask::Complain,
        _ => Ask::Verify,
    };
    let mut blocks = match settings.console() {
        Some(console) => vec![to_console(format!("{console}/cases"), voice)],
        None => by_command(voice.say("线索编号", "NUMBER"), voice),
    };
    blocks.push(Block::Rows(rows(choices_of(ask), settings, voice)));
    section(blocks, voice)
}

fn section(blocks: Vec<Block>, voice: &Voice) -> Section {
    Section { title: voice.say("请选择", "Please choose").to_owned(), aside: String::new(), blocks }
}

fn to_console(address: String, voice: &Voice) -> Block {
    Block::Action(voice.say("登录后查看并登记结论", "Sign in, look and decide"), address)
}

fn by_link(link: String, voice: &Voice) -> [Block; 2] {
    let whose = voice.say(
        "按钮只供您本人使用，七天内有效，登记一次后失效；打开它不会改变任何内容。",
        "The button is for you alone, holds for seven days and is used once; to open it changes nothing.",
    );
    [Block::Action(voice.say("登记结论", "Decide"), link), Block::Line(whose.to_owned())]
}

fn by_command(number: &str, voice: &Voice) -> Vec<Block> {
    let how = voice.say(
        "有结论后登记，把“代码”换成下表所选；不能使用命令的，请把线索编号和代码交给系统运维登记：",
        "Record the decision, with a code of the table in place of CODE; if you cannot run commands, give the number \
         and the code to the operator:",
    );
    let code = voice.say("代码", "CODE");
    vec![
        Block::Line(how.to_owned()),
        Block::Command(format!("wanglou cases show {number}")),
        Block::Command(format!("wanglou cases close {number} --as {code}")),
    ]
}

fn first_step(ask: Ask, voice: &Voice) -> &'static str {
    let (zh, en) = match ask {
        Ask::Verify | Ask::Review => (
            "是本公司员工的：先与本人沟通，请其修改账号信息或申请使用许可，复查后再登记结论。",
            "If it is a colleague: speak with them first and ask them to change the account or to apply for leave; \
             decide after the re-check.",
        ),
        Ask::Renew => (
            "请提醒使用人：如需继续使用，请申请续期；不再使用的，请修改账号信息。",
            "Please remind the holder: apply for renewal to go on using the marks, or change the account.",
        ),
        Ask::Approve => (
            "请推动审批。批准前不需要其他处理；未获批准的，请申请人修改账号信息。",
            "Please move the application on. Nothing else is needed before the decision; if it is refused, ask the \
             applicant to change the account.",
        ),
        Ask::Confirm => (
            "请打开账号核对一遍，确认后结案；如仍有公司标识，请勿结案。",
            "Please look at the account once more and close the case; leave it open if marks are still shown.",
        ),
        Ask::Complain => (
            "属实的，可按上面的提示向平台投诉；不能排除是本公司员工的，请转该公司指定专人。",
            "If so, a complaint to the platform is possible, see above; if it may be a colleague, pass it to the \
             company's designated manager.",
        ),
        Ask::Group => (
            "请联系群主，在群组台账里处理：解散、延期、更换群主或移出离职人员。台账处理好后，本线索自动结案。",
            "Please speak with the owner and settle it in the register: dissolve, extend, hand over, or take leavers out. \
             The case closes by itself once the register is in order.",
        ),
        Ask::Leak => (
            "请登录安装望楼的服务器，查看原文和留存后判断。需要升级的，请按内部流程报告，不要转发本邮件。",
            "Please log in to the server of Wanglou, look at the text and the stored page, and decide. Escalate by \
             the internal procedure; do not forward this mail.",
        ),
    };
    voice.say(zh, en)
}

/// What can be chosen: by its name where there is a console, by its code where it is typed.
fn rows(choices: &[Choice], settings: &Settings, voice: &Voice) -> Vec<Row> {
    let named = settings.console().is_some();
    let label = |decided: Disposition| if named { voice.disposition(decided) } else { code(decided) };
    choices.iter().map(|(decided, zh, en)| Row::plain(label(*decided), voice.say(zh, en))).collect()
}

fn choices_of(ask: Ask) -> &'static [Choice] {
    match ask {
        Ask::Verify | Ask::Review => VERIFY,
        Ask::Renew | Ask::Approve => EXEMPTION,
        Ask::Confirm => CONFIRM,
        Ask::Complain => COMPLAIN,
        Ask::Leak => LEAK,
        Ask::Group => GROUP,
    }
}

const VERIFY: &[Choice] = &[
    (Disposition::Rectified, "是本公司员工，已修改账号信息", "a colleague; the account has been changed"),
    (Disposition::SameName, "同名，不是这位同事", "the same name, another person"),
    (Disposition::NotEmployee, "不是本集团员工", "not an employee of the group"),
    (Disposition::Exempted, "已批准使用（请同时补登豁免台账）", "use was approved (add it to the exemptions ledger)"),
    (Disposition::Official, "是官方账号（请同时补官方账号台账）", "an official account (add it to its ledger)"),
    (Disposition::ToLegal, "外部仿冒，转法务", "an impostor; to Legal"),
    (Disposition::ProtectedSpeech, "属员工维权，不处理", "a worker's complaint; nothing is done"),
    (Disposition::FalseAlarm, "词条不准（请同时调整监测词的语境）", "the term is off (adjust its context words)"),
];

const EXEMPTION: &[Choice] = &[
    (
        Disposition::Exempted,
        "已续期或已批准（请同时更新豁免台账）",
        "renewed or approved (update the exemptions ledger)",
    ),
    (Disposition::Rectified, "已修改账号信息", "the account has been changed"),
    (Disposition::NotEmployee, "不是本集团员工", "not an employee of the group"),
    (Disposition::FalseAlarm, "不成立", "nothing in it"),
];

const CONFIRM: &[Choice] = &[
    (Disposition::Rectified, "确认已整改", "the correction is confirmed"),
    (Disposition::FalseAlarm, "原线索不成立", "there was nothing in the lead"),
];

const COMPLAIN: &[Choice] = &[
    (Disposition::Rectified, "平台已处理，或账号已修改", "the platform acted, or the account was changed"),
    (Disposition::NotEmployee, "外部人员，正当使用，不投诉", "an outsider's fair use; no complaint"),
    (
        Disposition::Official,
        "是官方或授权账号（请同时补官方账号台账）",
        "official or authorised (add it to the ledger)",
    ),
    (Disposition::FalseAlarm, "不成立", "nothing in it"),
];

const GROUP: &[Choice] = &[
    (Disposition::Rectified, "已处理", "settled"),
    (Disposition::CaseFiled, "转线下处理", "handled offline"),
    (Disposition::FalseAlarm, "台账有误，不成立", "the register is wrong; nothing in it"),
];

const LEAK: &[Choice] = &[
    (Disposition::CaseFiled, "与我司有关，已转线下核查", "concerns us; followed up outside this system"),
    (Disposition::Published, "已公开", "already public"),
    (Disposition::FalseAlarm, "与我司无关", "does not concern us"),
];

#[cfg(test)]
mod tests {
    use super::{COMPLAIN, CONFIRM, EXEMPTION, GROUP, LEAK, VERIFY, code};

    #[test]
    fn codes_are_those_of_the_stored_form() {
        for (disposition, ..) in [VERIFY, EXEMPTION, CONFIRM, COMPLAIN, GROUP, LEAK].concat() {
            assert_eq!(serde_json::json!(disposition), code(disposition));
        }
    }
}
