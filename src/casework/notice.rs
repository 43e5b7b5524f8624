//! The employee notice (员工告知书, policy §4.7; 个人信息保护法 17): what is done, why, with what, for how long, by whom, and what
//! one may ask. Made of the configuration in force, so that it says what the program does.

use crate::casework::voice::{Language, Voice};
use crate::casework::world::World;
use crate::model::person::ManagerRole;
use crate::retention::RetentionRule;

/// Working days within which a request is answered.
pub const ANSWERED_WITHIN_DAYS: i32 = 15;

const DAY_MS: i64 = 86_400_000;

/// The lines of the retention table that concern people.
const KEPT: [(RetentionRule, &str, &str); 9] = [
    (RetentionRule::Unreviewed, "未复核的线索", "lead nobody looked at"),
    (RetentionRule::FoundWrong, "误报、同名、已豁免、已公开的线索", "lead found wrong, permitted or public"),
    (RetentionRule::PutRight, "已整改的线索", "lead that was put right"),
    (RetentionRule::Filed, "立案处理的线索（自结案起）", "lead that was filed, from its end"),
    (RetentionRule::Outsider, "非员工仿冒（自最后一次看到起）", "impersonator from outside, from the last sight"),
    (RetentionRule::Protected, "权益保护内容", "protected speech"),
    (RetentionRule::NoCase, "未形成线索的记录", "record that became no lead"),
    (RetentionRule::Request, "您的申请和答复", "your requests and their answers"),
    (RetentionRule::Audit, "操作审计（不含内容）", "audit, without content"),
];

/// The notice in one language. `sources` are the names of what is watched.
pub(crate) fn notice(world: &World, sources: &[String], voice: &Voice) -> String {
    let parts =
        [purpose(world, voice), means(sources, voice), people(world, voice), keeping(voice), rights(world, voice)];
    let title = voice.say("员工告知书", "Notice to employees");
    let numbered = parts.iter().enumerate().map(|(at, part)| format!("{}. {part}", at + 1));
    [title.to_owned()].into_iter().chain(numbered).collect::<Vec<_>>().join("\n\n")
}

fn purpose(world: &World, voice: &Voice) -> String {
    let names: Vec<&str> = world.ledgers.companies.iter().map(|company| company.short_name.as_str()).collect();
    let who = voice.list(&names);
    match voice.language {
        Language::Chinese => format!(
            "目的。为落实《互联网群组及员工社交媒体管理办法》，{who}对公开网页中使用公司名称、商标、职务的账号和疑似未公开信息进行检索。\
             检索结果只作核实线索，不是结论，不会自动作出任何决定。"
        ),
        Language::English => format!(
            "Purpose. To carry out the rule on internet groups and employees' social media, {who} look on public pages for accounts \
             that use the names, marks or titles of the companies, and for what may be unpublished information. What is found is a \
             lead to be verified; nothing is decided by a program."
        ),
    }
}

fn means(sources: &[String], voice: &Voice) -> String {
    let names: Vec<&str> = sources.iter().map(String::as_str).collect();
    let watched =
        if names.is_empty() { voice.say("（尚未设置）", "(none yet)").to_owned() } else { voice.list(&names) };
    match voice.language {
        Language::Chinese => format!(
            "方式和范围。只看不登录即可见的公开页面：{watched}。我们不登录任何平台，不查看私人聊天、群聊、好友可见内容，不按员工姓名搜索；\
             在公开页面发现公司标识之后，才与员工名册比对。不处理反映工资、社保、安全、骚扰、工会等问题的内容，不处理未成年人的内容。"
        ),
        Language::English => format!(
            "Means and extent. Only public pages that are seen without signing in: {watched}. We sign in nowhere, look at no private or \
             group chat and at nothing for friends only, and search for nobody by name; the staff directory is compared only after \
             a mark of the company was found on a public page. What people say about pay, insurance, safety, harassment or unions \
             is not processed, nor is anything of minors."
        ),
    }
}

/// Who looks at the leads of each company.
fn people(world: &World, voice: &Voice) -> String {
    let appointed = world.ledgers.managers.iter().filter(|one| one.role == ManagerRole::DesignatedManager);
    let line = |company: &crate::model::company::Company| {
        let of_company = appointed.clone().filter(|one| one.company == company.code);
        let names: Vec<String> = of_company.map(|one| contact(&one.name, &one.mail, voice)).collect();
        let none = voice.say("由上市公司人力资源部代行", "the listed company's HR stands in");
        let who = if names.is_empty() { none.to_owned() } else { names.join(voice.say("、", ", ")) };
        format!("{}{}{who}", company.short_name, voice.say("：", ": "))
    };
    let lines: Vec<String> = world.ledgers.companies.iter().map(line).collect();
    let opening = voice.say(
        "由谁判断。由本公司指定专人人工判断，涉及本人的线索由他人处理：",
        "Who judges. A designated person of the own company does; a lead about that person is for somebody else:",
    );
    format!("{opening}\n{}", lines.join("\n"))
}

fn contact(name: &str, mail: &str, voice: &Voice) -> String {
    match (mail.is_empty(), voice.language) {
        (true, _) => name.to_owned(),
        (false, Language::Chinese) => format!("{name}（{mail}）"),
        (false, Language::English) => format!("{name} ({mail})"),
    }
}

fn keeping(voice: &Voice) -> String {
    let lines = KEPT.iter().map(|(rule, zh, en)| {
        let days = rule.length_ms() / DAY_MS;
        let length = match (voice.language, days) {
            (Language::Chinese, 0) => "不保存，决定后立即删除".to_owned(),
            (Language::English, 0) => "not kept: erased with the decision".to_owned(),
            (Language::Chinese, 365) => "1年".to_owned(),
            (Language::English, 365) => "1 year".to_owned(),
            (Language::Chinese, days) if days % 365 == 0 => format!("{}年", days / 365),
            (Language::English, days) if days % 365 == 0 => format!("{} years", days / 365),
            (Language::Chinese, days) => format!("{days}天"),
            (Language::English, days) => format!("{days} days"),
        };
        format!("{}{}{length}", voice.say(zh, en), voice.say("：", ": "))
    });
    let opening = voice.say(
        "保存期限。没有命中的网页不保存。其余到期自动删除，诉讼保全期间除外：",
        "Keeping. Pages without a finding are not kept. Everything else is erased by itself when its time is over, unless a dispute \
         is pending:",
    );
    format!("{opening}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn rights(world: &World, voice: &Voice) -> String {
    let managers = &world.ledgers.managers;
    let contacts = |role| {
        let all = managers.iter().filter(move |one| one.role == role).map(|one| contact(&one.name, &one.mail, voice));
        all.collect::<Vec<_>>().join(voice.say("、", ", "))
    };
    let (hr, union) = (contacts(ManagerRole::GroupHr), contacts(ManagerRole::Union));
    let (hr_title, union_title) = (voice.say("人力资源部", "HR"), voice.say("工会", "the union"));
    let known = [(hr_title, hr), (union_title, union)].into_iter().filter(|(_, names)| !names.is_empty());
    let whom: Vec<String> = known.map(|(title, names)| format!("{title} {names}")).collect();
    let whom = whom.join(voice.say("；", "; "));
    match voice.language {
        Language::Chinese => format!(
            "您的权利。您有权查询、复制、更正、删除，要求说明为什么匹配到您，也可以申诉“这不是我”：申诉提出后立即解除关联并停止处理。\
             您也可以向工会或人力资源部申请复核。我们在{ANSWERED_WITHIN_DAYS}个工作日内书面答复。联系：{whom}"
        ),
        Language::English => format!(
            "Your rights. You may ask what is kept, for a copy, for correction and erasure, and why you were thought of; and you may \
             object that it is not you: the link ends at once, and nothing is done until that is answered. You may also turn to the \
             union or HR for a review. We answer in writing within {ANSWERED_WITHIN_DAYS} working days. Contact: {whom}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::notice;
    use crate::casework::voice::Voice;
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::time::Timestamp;

    fn text(language: &str) -> String {
        let companies = "代码,全称,简称,别名,角色,城市,邮件域名,第一责任人工号\n\
            XH,星河科技股份有限公司,星河科技,,上市公司,杭州,xinghe.example,XH0001\n\
            YZ,云舟材料有限公司,云舟材料,,子公司,湖州,yunzhou.example,YZ0001\n";
        let managers = "角色,公司代码,工号,姓名,邮箱\n指定专人,XH,XH0002,专二,xh0002@xinghe.example\n\
            申诉会商(工会),XH,XH0020,工二十,union@xinghe.example\n";
        let files = [("companies.csv", companies), ("managers.csv", managers)];
        let files: BTreeMap<String, Vec<u8>> = files.map(|(name, text)| (name.into(), text.into())).into();
        let at = Timestamp::parse("2026-11-20T09:00:00+08:00").unwrap();
        let world = World::of(read_files(&files).ledgers, at, chrono_tz::Asia::Shanghai, Policy::default());
        notice(&world, &["论坛".to_owned()], &Voice::new(language, world.zone, at))
    }

    #[test]
    fn it_names_sources_managers_times_and_rights_from_what_is_in_force() {
        let zh = text("zh-CN");
        for words in [
            "论坛",
            "星河科技：专二（xh0002@xinghe.example）",
            "云舟材料：由上市公司人力资源部代行",
            "未复核的线索：90天",
            "操作审计（不含内容）：3年",
            "15个工作日",
            "工会 工二十",
            "不按员工姓名搜索",
        ] {
            assert!(zh.contains(words), "{words} does not stand in\n{zh}");
        }
        assert!(text("en").contains("lead nobody looked at: 90 days"));
    }
}
