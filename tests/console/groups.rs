//! The register of work groups: who sees and changes what, by sign-in and by the link of a letter; from registering to the end.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wanglou::clock::Clock;
use wanglou::groups::edits::{Edit, NewGroup};
use wanglou::model::alert::AlertKind;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{CaseState, Disposition, Lane};
use wanglou::model::ids::CaseId;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::digests::queue_digests;
use wanglou::pipeline::group_letters::{look_after_groups, queue_weekly};
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::register::{edit_group, register_group, replace_roster};
use wanglou::pipeline::retain::retain;
use wanglou::pipeline::scan::refresh_changed;
use wanglou::pipeline::self_inspection::announce;
use wanglou::store::{CaseFilter, Decision, Step};

use crate::groups_world::{employees_after, groups_world, groups_world_at, ledger, link};
use crate::http::Answer;
use crate::world::{Client, NOW, World};

pub(crate) const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

pub(crate) fn coded(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

pub(crate) async fn send(w: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    w.stranger().send("POST", path, FORM, &coded(fields)).await
}

/// Sends a list the way a browser does.
async fn hand_in(client: &Client<'_>, path: &str, file: &str, list: &str, pasted: &str) -> Answer {
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form = part("name=\"form_token\"", &client.form_token)
        + &part(&format!("name=\"file\"; filename=\"{file}\""), list)
        + &part("name=\"pasted\"", pasted);
    client.send("POST", path, "Content-Type: multipart/form-data; boundary=b\r\n", &format!("{form}--b--\r\n")).await
}

pub(crate) fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    // Heads come in small letters; numbers of groups have large ones.
    answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().replace("/g9", "/G9")
}

/// Letters that were written: whole messages as text.
pub(crate) fn letters(w: &World) -> Vec<(String, String)> {
    let Ok(files) = std::fs::read_dir(w.folder.path().join("mail")) else { return Vec::new() };
    let letter = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        let to = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        let sent = message.date().unwrap().to_timestamp();
        (to, sent, format!("{}\n{}", message.subject().unwrap(), message.body_text(0).unwrap()))
    };
    let mut letters: Vec<_> = files.map(|file| letter(file.unwrap().path())).collect();
    letters.sort();
    letters.into_iter().map(|(to, _, text)| (to, text)).collect()
}

#[tokio::test]
async fn a_group_is_seen_within_its_company_and_its_members_by_those_who_keep_it() {
    let w = groups_world().await;
    for (login, status, sees_members) in [
        ("xh0002", 200, true),
        ("xh0003", 200, true),
        ("xh0009", 200, true),
        ("xh0012", 200, false),
        ("yz0002", 404, false),
        ("admin", 404, false),
        ("editor", 404, false),
        ("xh0010", 404, false),
        ("xh0011", 404, false),
    ] {
        let client = w.client(login).await;
        let page = client.get("/groups/G901").await;
        assert_eq!(page.status, status, "{login}");
        assert_eq!(page.body.contains("离九九"), sees_members, "{login}");
        let may = if sees_members { 303 } else { 404 };
        let form = coded(&[("act", "hand_over"), ("owner", "XH0003")]);
        assert_eq!(client.post("/groups/G901/edit", &form).await.status, may, "{login}");
        let roster = client.get("/groups/G901/roster").await.status;
        assert_eq!(roster, if sees_members { 200 } else { 404 }, "{login}");
    }
    let list = w.client("yz0001").await.get("/groups").await;
    assert_eq!(list.status, 404, "the head has no part in the ledger of managers");
}

#[tokio::test]
async fn a_list_shows_the_own_company_filtered_and_counted() {
    let w = groups_world().await;
    let xh = w.client("xh0002").await;
    let all = xh.get("/groups").await.body;
    assert!(all.contains("3 个群") && all.contains("销售工作群") && !all.contains("云舟生产群"), "{all}");
    let overdue = xh.get("/groups?finding=G-TEMP-OVERDUE").await.body;
    assert!(overdue.contains("1 个群") && overdue.contains("展会筹备临时群"));
    assert!(xh.get("/groups?words=nothing").await.body.contains("0 个群"));
    let everything = w.client("xh0009").await.get("/groups?company=YZ&page=9").await.body;
    assert!(everything.contains("云舟生产群") && everything.contains("群主已离职"), "{everything}");
    let english = xh.post("/settings/language", "language=en&back=/groups").await;
    assert_eq!(english.status, 303);
    for (path, words) in [
        ("/groups/G902", ["Temporary group past its end", "planned to end on 2026-09-28, 53 days over"]),
        ("/groups/G901", ["Has left", "left on 2026-08-31, and was not taken out for 81 days"]),
        ("/groups/leavers", ["Official accounts", "the administrator XH0099 has left (2026-08-31)"]),
    ] {
        let page = xh.get(path).await.body;
        assert!(words.iter().all(|text| page.contains(text)) && !page.contains("离职，"), "{page}");
    }
    let remark = xh.post("/groups/G901/remark", &coded(&[("remark", "销售部-嫌二一")])).await.body;
    assert!(remark.contains("the company is missing") && !remark.contains("缺公司"), "{remark}");
}

#[tokio::test]
async fn a_link_leads_to_the_own_groups_alone_and_to_open_it_changes_nothing() {
    let clock = Clock::standing_at(NOW);
    let w = groups_world_at(clock.clone()).await;
    let own = link(&w, "XH0021").await;
    let before = (ledger(&w, "groups"), ledger(&w, "group_rosters"));
    for path in ["", "/G901", "/G902", "/G901/roster", "/new", "/new?work=no", "/new?work=yes"] {
        assert_eq!(w.stranger().get(&format!("{own}{path}")).await.status, 200, "{path}");
    }
    let page = w.stranger().get(&own).await.body;
    assert!(page.contains("销售工作群") && !page.contains("销售日常群") && !page.contains("嫌二一"), "{page}");
    for path in ["/G903", "/G904", "/G404", "/G903/roster"] {
        assert_eq!(w.stranger().get(&format!("{own}{path}")).await.status, 404, "{path}");
    }
    let act = [("act", "dissolve"), ("sure", "yes"), ("members", "3")];
    assert_eq!(send(&w, &format!("{own}/G903/edit"), &act).await.status, 404);
    assert_eq!((ledger(&w, "groups"), ledger(&w, "group_rosters")), before);
    let foreign = format!("{FORM}Origin: https://evil.example\r\n");
    let refused = w.stranger().send("POST", &format!("{own}/G901/edit"), &foreign, &coded(&act)).await;
    assert_eq!(refused.status, 403);
    assert_eq!(w.client("xh0002").await.send("POST", "/groups/G901/edit", FORM, &coded(&act)).await.status, 403);
    let gone = link(&w, "XH0099").await;
    assert_eq!(w.stranger().get(&gone).await.status, 422, "whoever has left has no link any more");
    clock.advance_ms(7 * 86_400_000);
    assert_eq!(w.stranger().get(&own).await.status, 422);
    assert_eq!(w.stranger().get("/my-groups/guess").await.status, 422);
}

#[tokio::test]
async fn an_owner_registers_a_group_and_hands_in_its_members() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let before = ledger(&w, "groups");
    assert!(w.stranger().get(&format!("{own}/new")).await.body.contains("为工作建的吗"));
    assert!(w.stranger().get(&format!("{own}/new?work=no")).await.body.contains("没有保存任何内容"));
    assert_eq!(ledger(&w, "groups"), before, "a private group leaves no trace");
    let fields = [
        ("name", "渠道周会群"),
        ("platform", "微信"),
        ("level", "部门级"),
        ("purpose", "渠道周会"),
        ("members", "2"),
        ("temporary", "yes"),
    ];
    let refused = send(&w, &format!("{own}/new"), &fields).await;
    assert!(refused.status == 422 && refused.body.contains("必须填写计划结束日期"), "{}", refused.body);
    assert_eq!(ledger(&w, "groups"), before);
    let with_end = [&fields[..], &[("until", "2026-12-31")]].concat();
    let roster = place(&send(&w, &format!("{own}/new"), &with_end).await);
    assert!(roster.ends_with("/G905/roster"), "{roster}");
    let line = ledger(&w, "groups").lines().find(|line| line.starts_with("G905")).unwrap().to_owned();
    assert!(line.contains("渠道周会群,XH,部门级,是,2026-11-20,2026-12-31") && line.contains("XH0021"), "{line}");

    let pasted = "1. 星河科技-销售部-嫌二一（群主）\n2. 小李\n";
    let preview = place(&hand_in(&w.stranger(), &roster, "", "", pasted).await);
    let shown = w.stranger().get(&preview).await.body;
    assert!(shown.contains("2 名成员") && shown.contains("小李"), "{shown}");
    assert!(!ledger(&w, "group_rosters").contains("G905"), "nothing is written before the word");
    let group = place(&send(&w, &preview, &[]).await);
    let page = w.stranger().get(&group).await.body;
    assert!(page.contains("成员表已保存") && page.contains("无法对应到") && page.contains("小李"), "{page}");
    assert!(ledger(&w, "group_rosters").contains("G905,微信,小李,成员"));
    assert_eq!(send(&w, &preview, &[]).await.status, 422, "a list is saved once");
    let history = w.shell.store.audit_of("G905").await.unwrap();
    let actions: Vec<&str> = history.iter().map(|entry| entry.action.as_str()).collect();
    assert!(actions.contains(&"group.register") && actions.contains(&"group.roster"), "{actions:?}");
    assert!(history.iter().all(|entry| entry.actor == "XH0021"));
}

#[tokio::test]
async fn a_bad_list_is_told_by_row_and_changes_nothing() {
    let w = groups_world().await;
    let (client, other) = (w.client("xh0002").await, w.client("xh0003").await);
    let before = ledger(&w, "group_rosters");
    let many: String = (0..50_000).map(|number| format!("成员{number},Z{number}\n")).collect();
    let others = "群内备注\n星河科技-人力资源部-代三\n星河科技-销售部-嫌二一\n星河科技-销售部-张二二\n";
    for (group, list, told, may_save) in [
        ("G902", "部门,职务\n销售部,经理\n".to_owned(), "第1行没有成员一列", false),
        ("G901", "群编号,群内备注\nG903,甲\n".to_owned(), "第2行是另一个群的成员", false),
        ("G902", "群内备注,工号\n甲,XH0021\n甲,XH0021\n,\n".to_owned(), "第3行与第2行重复", true),
        ("G902", others.to_owned(), "像是那个群的成员表", true),
        ("G902", "群内备注\n".to_owned(), "没有读到任何成员", false),
        ("G902", format!("姓名,工号\n{many}"), "有50000名成员", true),
    ] {
        let path = format!("/groups/{group}/roster");
        let preview = place(&hand_in(&client, &path, "成员.csv", &list, "").await);
        let page = client.get(&preview).await.body;
        assert!(page.contains(told), "{told}: {}", &page[..page.len().min(4_000)]);
        assert_eq!(page.contains("保存成员表"), may_save, "{told}");
        if !may_save {
            assert_eq!(client.post(&preview, "").await.status, 422);
        }
        assert_eq!(other.get(&preview).await.status, 422, "a list is for whoever handed it in");
    }
    assert_eq!(hand_in(&client, "/groups/G901/roster", "", "", " ").await.status, 422);
    assert_eq!(ledger(&w, "group_rosters"), before);
}

#[tokio::test]
async fn a_remark_is_checked_at_once_and_kept_nowhere() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let good = send(&w, &format!("{own}/G901/remark"), &[("remark", "星河科技-销售部-嫌二一")]).await.body;
    assert!(good.contains("合格：是<"), "{good}");
    let bad = send(&w, &format!("{own}/G901/remark"), &[("remark", "销售部-嫌二一")]).await.body;
    assert!(bad.contains("缺公司") && bad.contains("请写成“星河科技-销售部-嫌二一”"), "{bad}");
}

#[tokio::test]
async fn an_overdue_temporary_group_is_escalated_and_then_dissolved() {
    let w = groups_world().await;
    let (filed, _) = look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!((filed.open, filed.settled, filed.escalated), (3, 0, 2));
    let (again, _) = look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!((again.open, again.escalated), (3, 0), "told once");
    let manager = w.client("xh0002").await;
    let cases = w.shell.store.cases(&CaseFilter::default()).await.unwrap();
    let case = cases.iter().find(|case| case.judgement.subject.handle == "G902").unwrap();
    let page = manager.get(&format!("/cases/{}", case.number)).await.body;
    assert!(
        page.contains("展会筹备临时群") && page.contains("G-TEMP-OVERDUE") && page.contains("/groups/G902"),
        "{page}"
    );
    assert!(!page.contains("可能是谁") && !page.contains("维权"), "it is about a group and nobody");
    assert_eq!(w.client("yz0002").await.get(&format!("/cases/{}", case.number)).await.status, 404);

    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let letters = letters(&w);
    let (_, letter) = letters.iter().find(|(to, _)| to == "xh0001@xinghe.example").expect("a letter to the head");
    assert!(letter.contains("请您协调") && letter.contains("逾期 53 天"), "{letter}");
    let path = letter.split("http://watch.example").find(|rest| rest.starts_with("/my-groups/")).expect("a link");
    let head = path.split_whitespace().next().unwrap();
    assert!(w.stranger().get(head).await.body.contains("展会筹备临时群"));
    let edit = format!("{head}/G902/edit");
    assert_eq!(send(&w, &edit, &[("act", "dissolve"), ("members", "5")]).await.status, 422, "not without the tick");
    let done = place(&send(&w, &edit, &[("act", "dissolve"), ("sure", "yes"), ("members", "5")]).await);
    assert!(w.stranger().get(&done).await.body.contains("已于2026年11月20日解散"));
    let case = w.shell.store.case(&case.id).await.unwrap().unwrap();
    assert!(matches!(case.state, CaseState::Closed { disposition: Disposition::Rectified, .. }), "{:?}", case.state);
    assert_eq!(send(&w, &edit, &[("act", "dissolve"), ("sure", "yes"), ("members", "5")]).await.status, 422);
    let archived = manager.get("/groups?life=dissolved").await.body;
    assert!(archived.contains("1 个群") && archived.contains("展会筹备临时群"));
}

#[tokio::test]
async fn a_temporary_group_is_extended_once_with_a_reason() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let extend = |until: &'static str, reason: &'static str| [("act", "extend"), ("until", until), ("reason", reason)];
    let edit = format!("{own}/G902/edit");
    for refused in [extend("2027-01-15", "验收"), extend("2026-12-20", "")] {
        assert_eq!(send(&w, &edit, &refused).await.status, 422);
    }
    place(&send(&w, &edit, &extend("2026-12-20", "验收延期")).await);
    assert_eq!(send(&w, &edit, &extend("2026-12-25", "再延")).await.status, 422);
    let page = w.stranger().get(&format!("{own}/G902")).await.body;
    assert!(page.contains("验收延期") && !page.contains("临时群到期未解散"), "{page}");
}

#[tokio::test]
async fn of_two_like_groups_both_are_kept_with_a_reason_that_is_remembered() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let page = w.stranger().get(&format!("{own}/G901")).await.body;
    assert!(page.contains("与另一个群重复") && page.contains("销售日常群"), "{page}");
    let keep = |other: &'static str, reason: &'static str| [("act", "keep"), ("other", other), ("reason", reason)];
    let edit = format!("{own}/G901/edit");
    assert_eq!(send(&w, &edit, &keep("G903", "")).await.status, 422);
    assert_eq!(send(&w, &edit, &keep("G902", "两个项目")).await.status, 404, "that pair was not proposed");
    place(&send(&w, &edit, &keep("G903", "一个管售前，一个管售后")).await);
    for (client, path) in [(w.stranger(), format!("{own}/G901")), (w.client("xh0002").await, "/groups/G903".to_owned())]
    {
        assert!(!client.get(&path).await.body.contains("与另一个群重复"), "{path}");
    }
}

#[tokio::test]
async fn after_hr_brings_in_its_list_one_page_shows_what_leavers_hold() {
    let w = groups_world().await;
    let hr = w.client("xh0009").await;
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form =
        part("name=\"form_token\"", &hr.form_token) + &part("name=\"file\"; filename=\"名册.csv\"", &employees_after());
    let headers = "Content-Type: multipart/form-data; boundary=b\r\n";
    let proposal = place(&hr.send("POST", "/ledgers/employees/file", headers, &format!("{form}--b--\r\n")).await);
    let sweep = place(&hr.post(&proposal, "").await);
    assert_eq!(sweep, "/groups/leavers?saved=1");
    let page = hr.get(&sweep).await.body;
    for held in ["张二二", "离九九", "仍在群内", "仍是群主", "仍管理官方账号", "O901"] {
        assert!(page.contains(held), "{held}: {page}");
    }
    let own = w.client("yz0002").await.get("/groups/leavers").await.body;
    assert!(!own.contains("张二二"), "of the own company only");
    let entries = w.shell.store.latest_audit(20).await.unwrap();
    assert!(entries.iter().any(|entry| entry.action == "leavers.read"));
}

#[tokio::test]
async fn on_monday_everybody_gets_one_letter_and_owners_confirm_the_month_by_one_tick() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-23T08:45:00+08:00").unwrap());
    let w = groups_world_at(clock.clone()).await;
    let queued = queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
    assert_eq!(queue_weekly(&w.shell, &w.shell.world()).await.unwrap(), 0, "one a week");
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let letters = letters(&w);
    let to: Vec<&str> = letters.iter().map(|(to, _)| to.as_str()).collect();
    let all = [
        "xh0001@xinghe.example",
        "xh0002@xinghe.example",
        "xh0003@xinghe.example",
        "xh0021@xinghe.example",
        "yz0001@yunzhou.example",
    ];
    assert_eq!((to, queued), (all.to_vec(), 5));
    let owner = &letters[3].1;
    assert!(owner.contains("您负责的") && owner.contains("请确认2026-11") && !owner.contains("违规"), "{owner}");
    assert!(letters[1].1.contains("离职人员") && letters[1].1.contains("/groups/leavers"), "{}", letters[1].1);

    let own = link(&w, "XH0021").await;
    assert!(w.stranger().get(&own).await.body.contains("月度确认"));
    assert_eq!(send(&w, &format!("{own}/attest"), &[]).await.status, 422);
    place(&send(&w, &format!("{own}/attest"), &[("attested", "yes")]).await);
    assert!(!w.stranger().get(&own).await.body.contains("月度确认"));
    assert!(w.stranger().get(&format!("{own}/G901")).await.body.contains("2026-11"));

    for _ in 0..12 {
        clock.advance_ms(7 * 86_400_000);
        queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
    }
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let told = self::letters(&w);
    let (_, head) =
        told.iter().rfind(|(to, letter)| to == "xh0001@xinghe.example" && letter.contains("群主已连续")).unwrap();
    assert!(head.contains("长期没有确认"), "{head}");
}

#[tokio::test]
async fn a_self_inspection_is_announced_confirmed_followed_and_reported() {
    let w = groups_world().await;
    let manager = w.client("xh0002").await;
    let fields = [("company", "XH"), ("title", "十一月自查"), ("due", "2026-11-30")];
    let yz = coded(&[("company", "YZ"), ("title", "自查"), ("due", "2026-11-30")]);
    assert_eq!(manager.post("/groups/campaigns", &yz).await.status, 404);
    let late = coded(&[("company", "XH"), ("title", "自查"), ("due", "2026-11-19")]);
    assert_eq!(manager.post("/groups/campaigns", &late).await.status, 422);
    let report = place(&manager.post("/groups/campaigns", &coded(&fields)).await);
    let queued = w.shell.store.latest_alerts(9).await.unwrap();
    assert_eq!(queued.iter().filter(|alert| alert.kind == AlertKind::Groups).count(), 2, "one to each owner");
    let own = link(&w, "XH0021").await;
    let page = w.stranger().get(&own).await.body;
    assert!(page.contains("十一月自查"), "{page}");
    let campaign = page.split("name=\"campaign\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let confirm = format!("{own}/G902/confirm");
    place(&send(&w, &confirm, &[("campaign", &campaign)]).await);
    assert_eq!(send(&w, &confirm, &[("campaign", &campaign)]).await.status, 404, "once");
    assert_eq!(send(&w, &format!("{own}/G901/confirm"), &[("campaign", "other")]).await.status, 404);
    assert!(manager.get(&report).await.body.contains("已确认，整改中"));
    place(&send(&w, &format!("{own}/G902/edit"), &[("act", "dissolve"), ("sure", "yes"), ("members", "5")]).await);
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    let page = manager.get(&report).await.body;
    assert!(page.contains("已整改") && page.contains("未确认"), "{page}");
    assert_eq!(w.client("yz0002").await.get(&report).await.status, 404);
    place(&manager.post(&report, "").await);
    assert!(manager.get("/groups/campaigns").await.body.contains("已结束"));
}

#[tokio::test]
async fn a_manager_sends_a_colleague_of_the_company_the_link_for_registering() {
    let w = groups_world().await;
    let manager = w.client("xh0002").await;
    assert_eq!(manager.post("/groups/link", "employee=YZ0001").await.status, 422);
    assert_eq!(w.client("xh0012").await.post("/groups/link", "employee=XH0022").await.status, 404);
    place(&manager.post("/groups/link", "employee=XH0022").await);
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let (to, letter) = letters(&w).remove(0);
    assert!(to == "xh0022@xinghe.example" && letter.contains("登记") && letter.contains("/my-groups/"), "{letter}");
}

#[tokio::test]
async fn an_external_group_is_put_down_by_name_platform_and_contact_and_no_rule_is_held_against_it() {
    let w = groups_world().await;
    let (own, other) = (link(&w, "XH0022").await, link(&w, "XH0021").await);
    assert!(w.stranger().get(&format!("{own}/new")).await.body.contains("客户或合作方建的"));
    assert!(w.stranger().get(&format!("{own}/new?work=external")).await.body.contains("不收成员表"));
    let fields = [("name", "客户验收群"), ("platform", "微信")];
    let done = place(&send(&w, &format!("{own}/external"), &fields).await);
    assert!(w.stranger().get(&done).await.body.contains("客户验收群"));
    assert!(!w.stranger().get(&format!("{other}/external")).await.body.contains("客户验收群"));
    let line = ledger(&w, "groups").lines().find(|line| line.starts_with("G905")).unwrap().to_owned();
    assert!(line.starts_with("G905,微信,客户验收群,XH,外部群,") && line.contains("XH0022"), "{line}");
    let manager = w.client("xh0002").await;
    let signed = |company: &'static str, contact: &'static str, name: &'static str| {
        coded(&[("company", company), ("owner", contact), ("name", name), ("platform", "微信")])
    };
    for (form, status) in [
        (signed("YZ", "YZ0001", "客户群"), 404),
        (signed("XH", "XH0099", "客户群"), 422),
        (signed("XH", "YZ0001", "客户群"), 422),
        (signed("XH", "XH0003", ""), 422),
        (signed("XH", "XH0003", "云舟三号客户群"), 422),
        (signed("XH", "XH0003", "供应商对账群"), 303),
    ] {
        assert_eq!(manager.post("/groups/external", &form).await.status, status, "{form}");
    }
    assert_eq!(w.client("xh0012").await.post("/groups/external", &signed("XH", "XH0003", "群")).await.status, 404);
    let list = manager.get("/groups/external").await.body;
    assert!(list.contains("客户验收群") && list.contains("供应商对账群") && !list.contains("需要更换"), "{list}");
    assert!(!w.client("yz0002").await.get("/groups/external").await.body.contains("客户验收群"));
    assert!(manager.get("/groups").await.body.contains("3 个群"), "it is none of our groups");
    for path in ["/groups/G905", "/groups/G905/roster"] {
        assert_eq!(manager.get(path).await.status, 404, "{path}");
    }
    assert!(w.shell.world().ledgers.groups.iter().all(|group| group.id.as_str() < "G905"));
    queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
    let told = w.shell.store.latest_alerts(99).await.unwrap();
    assert!(told.iter().all(|alert| alert.recipient.as_str() != "XH0022"), "nothing is asked of the contact");
    std::fs::write(w.folder.path().join("watchlists/employees.csv"), employees_after()).unwrap();
    w.shell.reload().unwrap();
    assert!(manager.get("/groups/external").await.body.contains("需要更换"), "the contact has left");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_at_the_moment_is_not_overwritten() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let roster = place(&hand_in(&w.stranger(), &format!("{own}/G902/roster"), "", "", "甲\n乙\n").await);
    let new = [("name", "周会群"), ("platform", "微信"), ("level", "部门级"), ("purpose", "周会"), ("members", "2")];
    for broken in ["", "号码,名字\nG901,销售工作群\n"] {
        for file in ["groups.csv", "group_rosters.csv"] {
            std::fs::write(w.folder.path().join("watchlists").join(file), broken).unwrap();
        }
        assert_eq!(send(&w, &format!("{own}/new"), &new).await.status, 422);
        assert_eq!(send(&w, &roster, &[]).await.status, 422);
        assert_eq!((ledger(&w, "groups").as_str(), ledger(&w, "group_rosters").as_str()), (broken, broken));
    }
}

#[tokio::test]
async fn what_is_escalated_to_a_head_is_told_to_nobody_else() {
    let w = groups_world().await;
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let told = w.shell.store.latest_alerts(99).await.unwrap();
    assert!(told.iter().all(|alert| alert.kind == AlertKind::Groups), "{told:?}");
}

#[tokio::test]
async fn two_who_stand_in_for_each_other_and_cannot_be_reached_are_written_to_once_each() {
    let w = groups_world_at(Clock::standing_at(Timestamp::parse("2026-11-23T08:45:00+08:00").unwrap())).await;
    let managers = "角色,公司代码,工号,姓名,邮箱,代理人工号\n\
        指定专人,XH,XH0002,专二,no address,XH0003\n指定专人,XH,XH0003,代三,no address,XH0002\n";
    std::fs::write(w.folder.path().join("watchlists/managers.csv"), managers).unwrap();
    w.shell.reload().unwrap();
    queue_weekly(&w.shell, &w.shell.world()).await.unwrap();
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let told = w.shell.store.latest_alerts(99).await.unwrap();
    let of_lane: Vec<&str> =
        told.iter().filter(|alert| alert.lane != Lane::None).map(|alert| alert.recipient.as_str()).collect();
    assert_eq!(of_lane, ["XH0003", "XH0002"]);
}

#[tokio::test]
async fn a_self_inspection_is_asked_of_whoever_answers_for_the_group_now_and_told_also_after_a_crash() {
    let w = groups_world().await;
    let audit = AuditEntry {
        at: NOW,
        actor: "test".into(),
        action: "campaign.announce".into(),
        object: String::new(),
        detail: String::new(),
    };
    let due_on = "2026-12-20".parse().unwrap();
    // The process ended before any letter was queued.
    announce(&w.shell, &w.shell.world(), &"XH".into(), "年末自查", due_on, &audit).await.unwrap();
    let (before, after) = (link(&w, "XH0021").await, link(&w, "XH0022").await);
    place(&send(&w, &format!("{before}/G901/edit"), &[("act", "hand_over"), ("owner", "XH0022")]).await);
    assert_eq!(w.stranger().get(&after).await.body.matches("年末自查").count(), 1);
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let told = letters(&w);
    assert!(told.iter().any(|(to, letter)| to == "xh0022@xinghe.example" && letter.contains("G901")), "{told:?}");
}

#[tokio::test]
async fn to_check_groups_is_no_sign_that_pages_are_visited() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-23T08:40:00+08:00").unwrap());
    let w = groups_world_at(clock.clone()).await;
    let managers = "角色,公司代码,工号,姓名,邮箱,摘要频率,摘要时间\n泄密专线(董办),XH,XH0003,代三,xh0003@xinghe.example,每日,09:00\n";
    std::fs::write(w.folder.path().join("watchlists/managers.csv"), managers).unwrap();
    w.shell.reload().unwrap();
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    clock.advance_ms(3_600_000);
    assert_eq!(queue_digests(&w.shell, &w.shell.world()).await.unwrap(), 0);
    let scan = w.shell.store.start_scan(clock.now().plus_days(-1), &serde_json::json!({})).await.unwrap();
    w.shell.store.finish_scan(&scan, clock.now().plus_days(-1), &serde_json::json!({"pages": 1})).await.unwrap();
    assert_eq!(queue_digests(&w.shell, &w.shell.world()).await.unwrap(), 1, "a visit is one");
}

#[tokio::test]
async fn what_others_saved_meanwhile_is_neither_lost_nor_taken_for_undone() {
    let w = groups_world().await;
    let world = w.shell.world();
    let group = |id: &str| world.ledgers.groups.iter().find(|group| group.id.as_str() == id).unwrap().clone();
    let audit = by_hand("group.keep");
    let keep = |other: &str| Edit::KeepBeside { other: other.into(), reason: format!("因{other}") };
    // Both began from the same page.
    let seen = group("G901");
    edit_group(&w.shell, &seen, &keep("G902"), &audit).await.unwrap();
    edit_group(&w.shell, &seen, &keep("G903"), &audit).await.unwrap();
    let kept = w.shell.world().ledgers.groups[0].clone();
    assert_eq!((kept.kept_beside.len(), kept.keep_reason.as_str()), (2, "因G902；因G903"));
}

#[tokio::test]
async fn of_two_lists_that_wait_for_a_word_only_the_first_is_saved_and_the_other_looked_at_again() {
    let w = groups_world().await;
    let (one, other) = (w.client("xh0002").await, w.client("xh0003").await);
    let first = place(&hand_in(&one, "/groups/G901/roster", "", "", "甲\n乙\n").await);
    let second = place(&hand_in(&other, "/groups/G901/roster", "", "", "丙\n").await);
    place(&one.post(&first, "").await);
    let refused = other.post(&second, "").await;
    assert!(refused.status == 422 && refused.body.contains("已被别人更新"), "{}", refused.body);
    assert!(ledger(&w, "group_rosters").contains("G901,微信,甲") && !ledger(&w, "group_rosters").contains("丙"));
}

#[tokio::test]
async fn a_list_that_the_register_would_refuse_is_not_written_and_what_was_dissolved_has_no_roster() {
    let w = groups_world().await;
    let group = w.shell.world().ledgers.groups[0].clone();
    let before = ledger(&w, "group_rosters");
    let empty = replace_roster(&w.shell, &group, &[], "", &by_hand("group.roster")).await;
    assert!(empty.is_err() && ledger(&w, "group_rosters") == before);
    let dissolve = Edit::Dissolve { members: 4 };
    edit_group(&w.shell, &group, &dissolve, &by_hand("group.dissolve")).await.unwrap();
    // The process ended between the register and the roster.
    std::fs::write(w.folder.path().join("watchlists/group_rosters.csv"), before).unwrap();
    w.shell.reload().unwrap();
    let group = w.shell.world().ledgers.groups[0].clone();
    assert!(edit_group(&w.shell, &group, &dissolve, &by_hand("group.dissolve")).await.is_err());
    assert!(!ledger(&w, "group_rosters").contains("G901"));
}

#[tokio::test]
async fn the_number_of_a_group_is_not_given_again_once_its_line_is_gone() {
    let w = groups_world().await;
    let new = NewGroup {
        platform: "微信".into(),
        name: "周会群".into(),
        company: "XH".into(),
        level: "部门级".into(),
        purpose: "周会".into(),
        owner: "XH0021".into(),
        deputy: None,
        members: 3,
        temporary_until: None,
        is_temporary: false,
    };
    let path = w.folder.path().join("watchlists/groups.csv");
    let before = std::fs::read(&path).unwrap();
    assert_eq!(register_group(&w.shell, &new, &by_hand("group.register")).await.unwrap().as_str(), "G905");
    std::fs::write(&path, before).unwrap();
    assert_eq!(register_group(&w.shell, &new, &by_hand("group.register")).await.unwrap().as_str(), "G906");
}

#[tokio::test]
async fn a_confidential_expression_is_refused_in_the_register_and_masked_where_it_stands_all_the_same() {
    let w = groups_world().await;
    let own = link(&w, "XH0021").await;
    let named = |name: &'static str, purpose: &'static str| {
        [("name", name), ("platform", "微信"), ("level", "部门级"), ("purpose", purpose), ("members", "2")]
    };
    let extend = [("act", "extend"), ("until", "2026-12-20"), ("reason", "云舟三号验收")];
    for refused in [named("云舟三号攻关", "周会"), named("周会", "讨论云舟三号")] {
        assert_eq!(send(&w, &format!("{own}/new"), &refused).await.status, 422);
    }
    assert_eq!(send(&w, &format!("{own}/G902/edit"), &extend).await.status, 422);
    let campaign = coded(&[("company", "XH"), ("title", "云舟三号自查"), ("due", "2026-11-30")]);
    assert_eq!(w.client("xh0002").await.post("/groups/campaigns", &campaign).await.status, 422);

    let path = w.folder.path().join("watchlists/groups.csv");
    std::fs::write(&path, ledger(&w, "groups").replace("展会筹备临时群", "云舟三号临时群")).unwrap();
    w.shell.reload().unwrap();
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    deliver(&w.shell, &w.shell.world()).await.unwrap();
    let told = letters(&w);
    let is_told = |words: &str| told.iter().any(|(_, letter)| letter.contains(words));
    assert!(is_told("G902") && !is_told("云舟三号"), "{told:?}");
}

fn by_hand(action: &str) -> AuditEntry {
    AuditEntry { at: NOW, actor: "XH0021".into(), action: action.into(), object: String::new(), detail: String::new() }
}

#[tokio::test]
async fn that_one_leaver_is_no_matter_says_nothing_of_who_leaves_later() {
    let clock = Clock::standing_at(NOW);
    let w = groups_world_at(clock.clone()).await;
    let state = async || {
        clock.advance_ms(86_400_000);
        look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
        let cases = w.shell.store.cases(&CaseFilter::default()).await.unwrap();
        cases.into_iter().find(|case| case.judgement.subject.handle == "G901")
    };
    let case = state().await.unwrap().id;
    let step = Step::Close(Disposition::FalseAlarm);
    let decision = Decision { case: case.clone(), step, by: "XH0002".into(), at: clock.now(), alerts: Vec::new() };
    w.shell.store.decide(&decision).await.unwrap();
    state().await;
    let closed = w.shell.store.case(&case).await.unwrap().unwrap();
    assert!(matches!(closed.state, CaseState::Closed { .. }), "the same leaver again");
    std::fs::write(w.folder.path().join("watchlists/employees.csv"), employees_after()).unwrap();
    w.shell.reload().unwrap();
    state().await;
    assert_eq!(w.shell.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
}

#[tokio::test]
async fn a_group_that_stays_overdue_is_the_same_case_after_ninety_days() {
    let clock = Clock::standing_at(NOW);
    let w = groups_world_at(clock.clone()).await;
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    let cases = async || w.shell.store.cases(&CaseFilter::default()).await.unwrap().into_iter().map(|case| case.id);
    let before: Vec<CaseId> = cases().await.collect();
    clock.advance_ms(80 * 86_400_000);
    look_after_groups(&w.shell, &w.shell.world()).await.unwrap();
    clock.advance_ms(20 * 86_400_000);
    retain(&w.shell.store, &w.shell.vault, clock.now(), "test").await.unwrap();
    assert!(before.len() == 3 && cases().await.eq(before));
}

#[tokio::test]
async fn what_was_saved_in_the_folder_is_known_before_groups_are_checked() {
    let w = groups_world().await;
    let path = w.folder.path().join("watchlists/groups.csv");
    let saved = ledger(&w, "groups").replace("展会筹备临时群,XH,部门级,是", "展会筹备工作群,XH,部门级,否");
    std::fs::write(&path, saved).unwrap();
    assert!(!w.shell.is_current().unwrap());
    refresh_changed(&w.shell).await.unwrap();
    assert!(w.shell.is_current().unwrap());
    assert!(w.shell.world().ledgers.groups.iter().all(|group| !group.is_temporary));
}
