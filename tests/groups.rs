//! The register of work chat groups in two fictional groups of companies, judged by the same general rules; remarks of
//! members, by table and by property.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::Value;
use wanglou::casework::world::Policy;
use wanglou::groups::leavers::sweep;
use wanglou::groups::notices::Reader;
use wanglou::groups::overview::Overview;
use wanglou::groups::own_accounts;
use wanglou::groups::register::{Checked, check};
use wanglou::groups::remark::{Note, Remark, RemarkVerdict, full_remark};
use wanglou::groups::writings::Writings;
use wanglou::ledger::{Ledgers, read_all};
use wanglou::model::company::Company;
use wanglou::model::person::Employee;
use wanglou::model::time::Timestamp;

struct World {
    ledgers: Ledgers,
    expected: PathBuf,
    prefix: &'static str,
    day: chrono::NaiveDate,
}

impl World {
    fn read(ledgers: &str, as_of: &str, expected: &str, prefix: &'static str) -> Self {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(ledgers).unwrap().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|end| end == "csv") {
                files.insert(entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
            }
        }
        let at = Timestamp::parse(&fs::read_to_string(as_of).unwrap()).unwrap();
        let day = at.date(chrono_tz::Asia::Shanghai);
        Self { ledgers: read_all(&files).0, expected: expected.into(), prefix, day }
    }

    fn industrial() -> Self {
        Self::read("watchlists", "src/demo/data/AS_OF", "tests/data/demo", "expected_")
    }

    fn shipping() -> Self {
        let folder = Path::new("tests/data/worlds/shipping");
        let at = |name: &str| folder.join(name).display().to_string();
        Self::read(&at("ledgers"), &at("AS_OF"), &at("expected"), "")
    }

    fn expected(&self, name: &str) -> String {
        fs::read_to_string(self.expected.join(format!("{}{name}", self.prefix))).unwrap()
    }

    fn expected_lines(&self, name: &str) -> Vec<Value> {
        self.expected(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn check(&self) -> Checked {
        check(&self.ledgers, Policy::default(), self.day)
    }
}

static INDUSTRIAL: LazyLock<World> = LazyLock::new(World::industrial);
static SHIPPING: LazyLock<World> = LazyLock::new(World::shipping);

/// Group, rule, member, colleague, other group, which to keep.
type Row = [String; 6];

fn row(group: &Value, finding: &Value, with: &str) -> Row {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    [group.as_str().unwrap().to_owned(), text("rule"), text("member"), text("emp"), text(with), text("keep")]
}

fn expected_findings(world: &World) -> BTreeSet<Row> {
    let groups = world.expected_lines("groups.jsonl");
    let rows = groups.iter().flat_map(|group| {
        group["findings"].as_array().unwrap().iter().map(|finding| row(&group["group"], finding, "with_"))
    });
    rows.collect()
}

#[track_caller]
fn expect_findings(world: &World) {
    let found = world.check().findings;
    let rows: BTreeSet<Row> = found
        .iter()
        .map(|finding| serde_json::to_value(finding).unwrap())
        .map(|finding| row(&finding["group"], &finding, "with"))
        .collect();
    assert_eq!(rows.len(), found.len(), "no finding stands twice");
    let expected = expected_findings(world);
    let missing: Vec<&Row> = expected.difference(&rows).collect();
    let extra: Vec<&Row> = rows.difference(&expected).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}\nextra {extra:#?}");
}

#[track_caller]
fn expect_registers(world: &World) {
    let of = |value: &Value| (value["ledger"].as_str().unwrap().to_owned(), value["rule"].as_str().unwrap().to_owned());
    let expected: Vec<_> = world.expected_lines("registers.jsonl").iter().map(of).collect();
    let found = own_accounts::check(&world.ledgers, world.day);
    let found: Vec<_> = found.iter().map(|finding| of(&serde_json::to_value(finding).unwrap())).collect();
    assert_eq!(found, expected);
}

/// Company code, department, name, verdict.
fn read(writings: &Writings<'_>, remark: &str) -> [String; 4] {
    let read = Remark::read(writings, remark, None);
    [
        read.company.map(|number| writings.company(number).code.to_string()).unwrap_or_default(),
        read.department.map(|number| writings.department(number).to_owned()).unwrap_or_default(),
        read.name.map(|number| writings.employee(number).name.clone()).unwrap_or_default(),
        read.verdict().zh().to_owned(),
    ]
}

#[track_caller]
fn expect_remarks(world: &World, count: usize) {
    let writings = Writings::of(&world.ledgers);
    let text = world.expected("remarks.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let wrong = rows.iter().filter_map(|row| {
        let (expected, found) = ([1, 2, 3, 4].map(|at| row[at].to_owned()), read(&writings, &row[0]));
        (expected != found).then(|| format!("{}: expected {expected:?}, found {found:?}", &row[0]))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(rows.len(), count);
}

#[test]
fn groups_of_the_industrial_group_are_judged_as_expected() {
    expect_findings(&INDUSTRIAL);
}

#[test]
fn registers_of_the_industrial_group_are_judged_as_expected() {
    expect_registers(&INDUSTRIAL);
}

#[test]
fn remarks_of_the_industrial_group_are_read_as_expected() {
    expect_remarks(&INDUSTRIAL, 20);
}

#[test]
fn groups_of_the_shipping_group_are_judged_as_expected() {
    expect_findings(&SHIPPING);
}

#[test]
fn registers_of_the_shipping_group_are_judged_as_expected() {
    expect_registers(&SHIPPING);
}

#[test]
fn remarks_of_the_shipping_group_are_read_as_expected() {
    expect_remarks(&SHIPPING, 92);
}

#[test]
fn every_finding_has_a_clause_and_a_reason_in_both_languages() {
    for finding in INDUSTRIAL.check().findings.into_iter().chain(SHIPPING.check().findings) {
        assert!(finding.rule.clause().starts_with("三."), "{finding:?}");
        assert!(finding.why.en.contains(|c: char| c.is_ascii_lowercase()), "{finding:?}");
        assert!(finding.why.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{finding:?}");
    }
}

#[test]
fn a_clock_that_runs_is_a_reminder_and_no_finding() {
    let reminders = SHIPPING.check().reminders;
    let of =
        |group: &str| reminders.iter().find(|reminder| reminder.group.as_str() == group).map(|r| r.until.to_string());
    assert_eq!(of("Q03").as_deref(), Some("2027-03-12"), "the last of five working days after the 101st member");
    assert_eq!(of("Q06").as_deref(), Some("2027-03-12"), "the last of five working days after the planned end");
    assert_eq!(reminders.len(), 2);
}

#[test]
fn the_head_of_the_company_hears_of_what_the_owner_cannot_mend() {
    let findings = SHIPPING.check().findings;
    let head = |group: &str| {
        let finding = findings.iter().find(|finding| finding.group.as_str() == group).unwrap();
        finding.escalates_to.as_ref().map(|id| id.as_str().to_owned())
    };
    assert_eq!(head("Q07").as_deref(), Some("LG001"), "a temporary group that is overdue");
    assert_eq!(head("Q16").as_deref(), Some("CZ001"), "a group whose owner left a month ago");
    assert_eq!(head("Q19"), None, "a group that sleeps");
}

#[test]
fn outsourced_staff_count_as_members_unless_the_policy_says_otherwise() {
    let policy = Policy { count_outsourced_as_member: false, ..Policy::default() };
    let rules = |policy| {
        let findings = check(&SHIPPING.ledgers, policy, SHIPPING.day).findings;
        let about =
            findings.iter().filter(|finding| finding.employee.as_ref().is_some_and(|id| id.as_str() == "LG005"));
        about.map(|finding| finding.rule.to_string()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(rules(Policy::default()), Vec::<String>::new());
    assert_eq!(rules(policy), ["G-OUTSIDER"]);
}

#[test]
fn leavers_are_shown_with_everything_that_they_still_hold() {
    let found: Vec<Value> =
        sweep(&SHIPPING.ledgers, SHIPPING.day).iter().map(|l| serde_json::to_value(l).unwrap()).collect();
    let holding = |holding: &Value| {
        let object = ["group", "account", "exemption"].iter().rev().find_map(|key| holding[*key].as_str());
        let object = holding["exemption"].as_str().or(object).unwrap();
        format!("{}:{object}", holding["holds"].as_str().unwrap())
    };
    let rows: Vec<(String, Vec<String>)> = found
        .iter()
        .map(|leaver| {
            let holdings = leaver["holdings"].as_array().unwrap().iter().map(holding).collect();
            (leaver["emp"].as_str().unwrap().to_owned(), holdings)
        })
        .collect();
    let expected: Vec<(String, Vec<String>)> = SHIPPING
        .expected_lines("leavers.jsonl")
        .iter()
        .map(|line| {
            let holds =
                line["holds"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
            (line["emp"].as_str().unwrap().to_owned(), holds)
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn owners_are_helped_and_heads_read_of_no_member() {
    let notices = Overview::of(&SHIPPING.ledgers, Policy::default(), SHIPPING.day).notices;
    let to = |id: &str, reader| notices.iter().find(|n| n.to.as_str() == id && n.reader == reader).unwrap();
    let owner = to("YZ005", Reader::Owner);
    assert!(owner.text.contains("“云栈客服支持群”（Q20）有14名成员需要核对：1人已离职（请移出）"), "{}", owner.text);
    assert!(owner.text.contains("“研发部-章程”：缺公司；请改为“云栈物流-研发部-章程”"), "{}", owner.text);
    let stand_in = to("CZ001", Reader::Owner);
    assert!(stand_in.text.contains("目前无人负责、请您指定群主的“船员排班群”"), "{}", stand_in.text);
    let head = to("LG001", Reader::Head);
    assert_eq!((head.subject.as_str(), head.text.lines().count()), ("1个工作群请您协调", 2));
    let company = to("LG001", Reader::Company);
    assert!(company.text.contains("LG010（2027-01-29 离职）：仍在群 Q21"), "{}", company.text);
    for notice in notices.iter().filter(|notice| notice.reader != Reader::Owner) {
        let names = SHIPPING.ledgers.employees.iter().filter(|employee| !employee.has_left);
        let named: Vec<_> = names.filter(|employee| notice.text.contains(&employee.name)).collect();
        assert!(named.is_empty(), "{notice:?}");
    }
    for word in ["违规", "处罚", "处分"] {
        assert!(notices.iter().all(|notice| !notice.text.contains(word) && !notice.subject.contains(word)));
    }
}

/// Ledgers as texts, by name.
fn ledgers_of(files: &[(&str, &str)]) -> Ledgers {
    let companies = "代码,全称,简称,角色,第一责任人工号\nXH,星河科技股份有限公司,星河科技,上市公司,XH1\n\
        YZ,云舟材料有限公司,云舟材料,子公司,YZ1\nHL,海澜物流有限公司,海澜物流,子公司,HL1\n";
    let staff = "工号,姓名,公司,公司代码,部门,在职状态\nXH1,甲一,星河科技,XH,市场部,在职\nYZ1,乙一,云舟材料,YZ,市场部,在职\n\
        YZ2,乙二,云舟材料,YZ,市场部,在职\nHL1,丙一,海澜物流,HL,市场部,在职\nHL2,丙二,海澜物流,HL,市场部,在职\n";
    let all = [&[("companies", companies), ("employees", staff)], files].concat();
    read_all(&all.iter().map(|(name, text)| (format!("{name}.csv"), text.as_bytes().to_vec())).collect()).0
}

fn on(day: &str) -> chrono::NaiveDate {
    day.parse().unwrap()
}

#[test]
fn an_owner_who_works_for_another_company_now_hears_no_more_of_the_group() {
    let groups = "群编号,群名称,公司代码,群主工号\nG1,甲群,YZ,HL2\nG2,乙群,YZ,YZ2\nG3,丙群,YZ,XH1\n";
    let overview = Overview::of(&ledgers_of(&[("groups", groups)]), Policy::default(), on("2026-11-20"));
    let owners = overview.notices.iter().filter(|notice| notice.reader == Reader::Owner);
    let told: Vec<(&str, bool)> = owners.map(|n| (n.to.as_str(), n.text.contains("目前无人负责"))).collect();
    assert_eq!(told, [("XH1", false), ("YZ1", true), ("YZ2", false)], "the listed company's people may own everywhere");
}

#[test]
fn of_a_declared_number_and_a_roster_the_newer_one_counts() {
    let roster: String = (0..101).map(|number| format!("G1,成员{number}\n")).collect();
    let roster = format!("群编号,群内备注\n{roster}");
    let is_large = |members: &str, members_on: &str, roster_on: &str| {
        let group = format!(
            "群编号,群名称,公司代码,级别,群主工号,成员数,成员数日期,成员表日期\nG1,甲群,YZ,部门级,YZ2,{members},{members_on},{roster_on}\n"
        );
        let ledgers = ledgers_of(&[("groups", &group), ("group_rosters", &roster)]);
        let checked = check(&ledgers, Policy::default(), on("2026-11-20"));
        checked.findings.iter().any(|finding| finding.rule.to_string() == "G-REG-LISTED")
    };
    assert!(is_large("90", "2026-11-01", "2026-11-10"), "the roster is newer");
    assert!(!is_large("90", "2026-11-10", "2026-11-01"), "the declared number is newer");
    assert!(is_large("90", "", "") && is_large("120", "", "2026-11-01"), "without a day the larger one counts");
}

#[test]
fn holders_of_permissions_that_end_and_those_who_decide_applications_are_told() {
    let exemptions = "豁免编号,申请人工号,公司代码,平台,账号ID,申请日期,有效期至,状态\n\
        EX1,YZ2,YZ,forum,a,2026-01-05,2026-12-10,有效\nEX2,HL2,HL,forum,b,2026-01-05,2027-06-30,有效\n\
        EX3,HL2,HL,forum,c,2026-10-08,,审批中\n";
    let managers = "角色,公司代码,工号,姓名,邮箱\n上市公司HR审批人,XH,XH1,甲一,xh1@xinghe.example\n";
    let ledgers = ledgers_of(&[("exemptions", exemptions), ("managers", managers)]);
    let overview = Overview::of(&ledgers, Policy::default(), on("2026-11-20"));
    let of = |reader| overview.notices.iter().filter(move |notice| notice.reader == reader).collect::<Vec<_>>();
    let (holders, approvers) = (of(Reader::Holder), of(Reader::Approver));
    assert_eq!((holders.len(), holders[0].to.as_str()), (1, "YZ2"));
    assert!(holders[0].text.contains("EX1") && holders[0].text.contains("请申请续期"), "{}", holders[0].text);
    assert_eq!((approvers.len(), approvers[0].to.as_str()), (1, "XH1"));
    assert!(approvers[0].text.contains("EX3") && !approvers[0].text.contains("EX1"), "{}", approvers[0].text);
}

#[test]
fn a_name_alone_is_assigned_to_nobody() {
    for world in [&INDUSTRIAL, &SHIPPING] {
        let writings = Writings::of(&world.ledgers);
        for employee in &world.ledgers.employees {
            let read = Remark::read(&writings, &employee.name, None);
            assert_eq!((read.person, read.verdict()), (None, RemarkVerdict::Bad), "{}", employee.id);
        }
    }
}

#[test]
fn the_advised_remark_is_a_good_one_for_everybody_who_stays() {
    for world in [&INDUSTRIAL, &SHIPPING] {
        let writings = Writings::of(&world.ledgers);
        for (number, employee) in (0..).zip(&world.ledgers.employees).filter(|(_, employee)| !employee.has_left) {
            let read = Remark::read(&writings, &full_remark(&writings, number), None);
            assert_eq!((read.person, read.verdict()), (Some(number), RemarkVerdict::Good), "{}", employee.id);
        }
    }
}

#[test]
fn a_newcomer_whom_the_directory_does_not_know_is_not_the_namesake_who_left() {
    let mut ledgers = small_world("星河", "研发部", "周砚");
    let of = |id: &str, department: &str, has_left: bool, known: &Employee| Employee {
        id: id.into(),
        department: department.to_owned(),
        has_left,
        ..known.clone()
    };
    let known = ledgers.employees.remove(0);
    let another = Employee { name: "林知远".to_owned(), ..of("E3", "市场部", false, &known) };
    ledgers.employees = vec![of("E1", "研发部", true, &known), another.clone()];
    let read = |ledgers: &Ledgers, text: &str| {
        let writings = Writings::of(ledgers);
        let remark = Remark::read(&writings, text, None);
        (remark.person.map(|p| writings.employee(p).id.to_string()), remark.verdict())
    };
    assert_eq!(read(&ledgers, "星河-市场部-周砚"), (None, RemarkVerdict::Warning));
    assert_eq!(read(&ledgers, "星河-研发部-周砚").0.as_deref(), Some("E1"));
    ledgers.employees.push(of("E2", "市场部", false, &known));
    assert_eq!(read(&ledgers, "星河-周砚").0, None, "nothing says which of the two");
    assert_eq!(read(&ledgers, "星河-市场部-周砚").0.as_deref(), Some("E2"));
}

#[test]
fn colleagues_elsewhere_are_counted_and_not_listed() {
    let mut ledgers = small_world("星河", "研发部", "林知远");
    let (company, known) = (ledgers.companies[0].clone(), ledgers.employees[0].clone());
    let name = "云锚有限公司".to_owned();
    ledgers.companies.push(Company { code: "C2".into(), name, short_name: "云锚".into(), listed: false, ..company });
    let elsewhere = |id: &str| Employee {
        id: id.into(),
        name: "周砚".to_owned(),
        company: "C2".into(),
        company_name: "云锚".to_owned(),
        has_left: true,
        ..known.clone()
    };
    let told = |ledgers: &Ledgers| {
        let writings = Writings::of(ledgers);
        let notes = Remark::read(&writings, "星河-研发部-周砚", None).notes;
        notes.iter().map(|note| note.zh(&writings)).collect::<Vec<_>>()
    };
    ledgers.employees.push(elsewhere("E2"));
    assert_eq!(told(&ledgers), ["该公司无此人；集团内同名E2（云锚），仅提示核实"]);
    ledgers.employees.push(elsewhere("E3"));
    assert_eq!(told(&ledgers), ["该公司无此人；集团内同名2人，仅提示核实"]);
}

/// A group of one company with one employee.
fn small_world(company: &str, department: &str, name: &str) -> Ledgers {
    let company = Company {
        code: "C1".into(),
        name: format!("{company}有限公司"),
        short_name: company.to_owned(),
        aliases: Vec::new(),
        listed: true,
        city: String::new(),
        mail_domain: String::new(),
        responsible: "E1".into(),
    };
    let employee = Employee {
        id: "E1".into(),
        name: name.to_owned(),
        company_name: company.short_name.clone(),
        company: "C1".into(),
        department: department.to_owned(),
        ..Employee::default()
    };
    Ledgers { companies: vec![company], employees: vec![employee], ..Ledgers::default() }
}

fn separator() -> impl Strategy<Value = &'static str> {
    select(vec!["-", "—", "——", "_", "+", "｜", "/", " ", "　", "·", " - ", "－"])
}

/// Anything that companies, departments and people are called; a name has two characters at least.
fn called() -> impl Strategy<Value = String> {
    prop_oneof![
        "[一-龥]{2,8}",
        "[A-Za-z]{2,10}",
        "[一-龥]{2,4}[A-Z]{1,3}",
        "[一-龥]{2,4}/[一-龥]{2,4}",
        "[一-龥]{2,4}·[一-龥]{2,4}",
        "[A-Z][a-z]{1,6} [A-Z][a-z]{1,6}",
    ]
}

/// The same text in full width.
fn wide(text: &str) -> String {
    let widen = |c: char| match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(widen).collect()
}

fn remark_of_people() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        select(vec![
            "沧舟航运",
            "沧舟",
            "CZ",
            "鹭湾码头",
            "航线经营部",
            "航线",
            "操作部",
            "工程",
            "阮青",
            "石磊",
            "章程"
        ]),
        select(vec!["阮工", "小号", "老公", "恒达冷链", "经理", "13912345678", "（外勤）", "CZ010", "的", "A", "部"]),
        Just("-"),
        Just(" "),
        Just("+"),
    ];
    proptest::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

#[test]
fn the_end_of_an_employee_number_is_no_area_code() {
    let writings = Writings::of(&SHIPPING.ledgers);
    let told = |text: &str| Remark::read(&writings, text, None);
    for text in ["沧舟航运-CZ010-13912345678", "沧舟航运-CZ010 - 13912345678"] {
        let read = told(text);
        assert_eq!(read.person.map(|number| writings.employee(number).id.as_str()), Some("CZ010"), "{text}");
    }
    assert!(told("沧舟航运-信息部-江一帆 010-88881234").notes.contains(&Note::Phone));
    assert!(told("沧舟航运-信息部-江一帆电话01088881234").notes.contains(&Note::Phone));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let writings = Writings::of(&SHIPPING.ledgers);
        let read = Remark::read(&writings, &text, Some(0));
        let _ = (read.verdict(), read.advice(&writings), read.notes.iter().map(|n| n.zh(&writings)).collect::<String>());
    }

    #[test]
    fn a_remark_made_of_known_parts_is_read_without_a_panic(text in remark_of_people()) {
        let writings = Writings::of(&SHIPPING.ledgers);
        let read = Remark::read(&writings, &text, None);
        prop_assert_eq!(read.notes.is_empty(), read.verdict() == RemarkVerdict::Good);
    }

    #[test]
    fn width_and_white_space_do_not_change_the_verdict(text in remark_of_people(), space in select(vec![" ", "　", "\t", "\u{a0}"])) {
        let writings = Writings::of(&SHIPPING.ledgers);
        let verdict = read(&writings, &text);
        prop_assert_eq!(&read(&writings, &wide(&text)), &verdict);
        prop_assert_eq!(&read(&writings, &format!("{space}{text}{space}")), &verdict);
        prop_assert_eq!(&read(&writings, &text.replace('-', &format!("{space}-{space}"))), &verdict);
        prop_assert_eq!(&read(&writings, &text.replace('+', &format!("{space}＋"))), &verdict);
    }

    #[test]
    fn a_remark_of_company_department_and_name_is_always_good(
        company in called(), department in called(), name in called(), separator in separator(),
    ) {
        let ledgers = small_world(&company, &department, &name);
        let writings = Writings::of(&ledgers);
        let remark = [company, department, name].join(separator);
        let read = Remark::read(&writings, &remark, None);
        prop_assert_eq!(&read.notes, &Vec::new(), "{}", remark);
        prop_assert_eq!(read.person, Some(0));
    }

    #[test]
    fn brackets_at_the_end_do_not_change_the_verdict(name in called(), inside in "[一-龥]{1,4}") {
        let ledgers = small_world("星河科技", "市场部", &name);
        let writings = Writings::of(&ledgers);
        let read = Remark::read(&writings, &format!("星河科技-市场部-{name}（外勤{inside}）"), None);
        prop_assert_eq!(read.person, Some(0));
    }
}
