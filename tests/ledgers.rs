//! Facts about reading ledgers, shown on small invented files.

use std::collections::BTreeMap;

use encoding_rs::GBK;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_oneof, proptest};
use rust_xlsxwriter::Workbook;
use wanglou::ledger::definition::ALL;
use wanglou::ledger::diff::diff;
use wanglou::ledger::lines::read;
use wanglou::ledger::lint::lint;
use wanglou::ledger::problem::{Problem, ProblemKind};
use wanglou::ledger::table::Limits;
use wanglou::ledger::{Ledgers, export, read_all, read_files};
use wanglou::model::term::{Field, MatchMode, Severity, TermStatus};

const COMPANIES: &str = "\
代码,全称,简称,别名,角色,城市,邮件域名,第一责任人工号
XH,星河科技股份有限公司,星河科技,星河、XINGHE,上市公司,杭州,xinghe.example,XH0001
YZ,云舟软件有限公司,云舟软件,云舟,子公司,宁波,yunzhou.example,YZ0001
";
const TOPICS: &str = "编号,名称,词语,依据\nP01,工资与加班,欠薪、加班费,劳动法\n";
const TERMS_HEADER: &str = "编号,词条,类别,公司,别名,匹配方式,命中位置,必含语境,语境窗口,排除语境,严重度,外发检索,可见范围,状态,生效日,失效日,备注";
const EMPLOYEES: &str = "\
工号,姓名,英文名,公司,公司代码,部门,职务,在职状态,用工形式,入职日期,离职日期,办公邮箱,手机后四位,工作地,直属上级工号,制度签收日期
XH0001,林知远,Leo,星河科技,XH,总经办,总经理,在职,正式,2009-03-01,,xh0001@xinghe.example,7301,杭州,,2026-09-01
YZ0001,丁小满,,云舟软件,,总经办,总经理,离职,正式,2010/3/1,２０２６－０８－３１,,0012,宁波,XH0001,
";

fn term_line(id: &str) -> String {
    format!("{id},星河科技,公司名称,XH,,模糊,账号名、简介,,30,,高,是,全部,启用,2026-09-01,,")
}

fn files(terms: &str) -> BTreeMap<String, Vec<u8>> {
    let base = [("companies.csv", COMPANIES), ("protected_topics.csv", TOPICS), ("terms.csv", terms)];
    base.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect()
}

fn with(name: &str, bytes: impl Into<Vec<u8>>) -> (Ledgers, Vec<Problem>) {
    let mut files = files(&format!("{TERMS_HEADER}\n{}\n", term_line("W001")));
    files.insert(name.to_owned(), bytes.into());
    read_all(&files)
}

fn terms(lines: &str) -> (Ledgers, Vec<Problem>) {
    read_all(&files(&format!("{TERMS_HEADER}\n{lines}\n")))
}

fn xlsx(text: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(text.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn utf8_gbk_and_xlsx_read_alike() {
    let (plain, problems) = with("employees.csv", EMPLOYEES);
    assert_eq!(problems, []);
    assert_eq!(plain.employees.len(), 2);
    let (gbk, _, _) = GBK.encode(EMPLOYEES);
    let with_mark = format!("\u{feff}{EMPLOYEES}");
    for (name, bytes) in
        [("employees.csv", gbk.to_vec()), ("employees.csv", with_mark.into()), ("employees.xlsx", xlsx(EMPLOYEES))]
    {
        assert_eq!(with(name, bytes).0, plain, "{name}");
    }
}

#[test]
fn a_wrong_value_is_named_with_row_column_and_what_is_allowed() {
    let mut lines: Vec<String> = (1..=11).map(|number| term_line(&format!("W{number:03}"))).collect();
    lines[10] = lines[10].replace(",高,", ",很高,");
    let (ledgers, problems) = terms(&lines.join("\n"));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].zh, "terms.csv 第12行「严重度」填了「很高」，可选：严重、高、中、低");
    assert_eq!(
        problems[0].en,
        "terms.csv row 12 column 「严重度」 (severity) holds 「很高」; allowed: 严重, 高, 中, 低"
    );
    assert_eq!(ledgers.terms.len(), 10, "the other lines are used");
}

#[test]
fn a_directory_is_read_with_tolerance() {
    let (ledgers, _) = with("employees.csv", EMPLOYEES);
    let second = &ledgers.employees[1];
    assert_eq!(second.company.as_str(), "YZ", "looked up by the company's name");
    assert!(second.has_left);
    assert_eq!(second.left_on, chrono::NaiveDate::from_ymd_opt(2026, 8, 31));
    assert_eq!(second.joined_on, chrono::NaiveDate::from_ymd_opt(2010, 3, 1));
}

#[test]
fn english_headers_and_values_are_understood() {
    let text = "id,term,kind,company,aliases,match,fields,need,window,exclude,severity,outbound,status,from\n\
        W001,Nimbus,company,*,Nimbus Group,whole_word,bio;title,,20,cloud,critical,no,active,2026-09-01\n";
    let (ledgers, problems) = read_all(&files(text));
    assert_eq!(problems, []);
    let term = &ledgers.terms[0];
    assert_eq!((term.company.as_ref(), term.mode, term.severity), (None, MatchMode::WholeWord, Severity::Critical));
    assert_eq!(term.fields, [Field::Bio, Field::Title]);
    assert!(!term.outbound);
}

#[test]
fn a_title_above_the_header_is_stepped_over_and_rows_keep_their_numbers() {
    let text = format!("监测词表（2026年）\n\n{TERMS_HEADER}\n{}\n", term_line("W001").replace(",30,", ",许多,"));
    let (_, problems) = read_all(&files(&text));
    assert!(problems[0].zh.starts_with("terms.csv 第4行「语境窗口」填了「许多」"), "{}", problems[0].zh);
}

#[test]
fn forbidden_columns_are_named_and_their_values_are_nowhere() {
    let text = EMPLOYEES.replace("英文名", "身份证号").replace("Leo", "330100199001011234");
    let (ledgers, problems) = with("employees.csv", text);
    assert_eq!(problems[0].kind, ProblemKind::Refused);
    assert!(problems[0].zh.contains("「身份证号」"));
    assert!(!format!("{ledgers:?}{problems:?}").contains("330100"));
}

#[test]
fn the_last_digits_of_a_phone_number_are_not_read() {
    let (ledgers, _) = with("employees.csv", EMPLOYEES);
    assert!(!format!("{ledgers:?}").contains("7301"));
}

#[test]
fn a_combination_takes_its_window_from_the_context_column() {
    let line = "W017,{公司词}+{职务},职务头衔,*,经理、总监,组合,账号名,公司词≤12字内,30,,高,是,全部,启用,,,";
    let (ledgers, problems) = terms(line);
    assert_eq!(problems, []);
    let term = &ledgers.terms[0];
    assert_eq!((term.window, term.need.len(), term.company.is_none()), (12, 0, true));
    assert_eq!(term.aliases, ["经理", "总监"]);
    assert_eq!(term.text, "{公司词}+{职务}");
}

#[test]
fn empty_cells_take_the_usual_values_of_the_kind() {
    let (ledgers, problems) = terms("W001,星芒,商标,XH,,,,,,,,,,,,,");
    assert_eq!(problems, []);
    let term = &ledgers.terms[0];
    assert_eq!((term.severity, term.mode, term.status), (Severity::Medium, MatchMode::Fuzzy, TermStatus::Trial));
    assert_eq!((term.window, term.outbound, term.visibility.as_str()), (30, true, "全部"));
}

#[test]
fn a_regular_expression_keeps_its_separators_and_must_compile() {
    let line = |pattern: &str| format!("W025,\"{pattern}\",保密,YZ,,正则,正文,报价,30,,,是,,启用,,,");
    let text = |pattern: &str| format!("{TERMS_HEADER}\n{}\n", line(pattern));
    let (ledgers, problems) = with("confidential_terms.csv", text(r"\d{2,4};\s*元|角"));
    assert_eq!(problems, []);
    assert_eq!(ledgers.confidential_terms[0].text, r"\d{2,4};\s*元|角");
    let (ledgers, problems) = with("confidential_terms.csv", text("(青云"));
    assert!(ledgers.confidential_terms.is_empty());
    assert_eq!(problems[0].zh, "confidential_terms.csv 第2行「词条」填写的内容不对，不是可用的正则表达式");
}

#[test]
fn confidential_terms_are_masked_and_never_go_out() {
    let text = format!(
        "{TERMS_HEADER}\nW1,甲计划,保密,XH,,整词,正文,,,,,是,,启用,,,显示为“保密词 C-02”\nW2,乙计划,保密,XH,,整词,正文,,,,,是,,启用,,,\n"
    );
    let (ledgers, _) = with("confidential_terms.csv", text);
    let masks: Vec<_> = ledgers.confidential_terms.iter().map(|term| term.mask.as_deref().unwrap()).collect();
    assert_eq!(masks, ["保密词 C-02", "保密词 C-03"]);
    assert!(ledgers.confidential_terms.iter().all(|term| !term.outbound && term.severity == Severity::Critical));
}

#[test]
fn a_confidential_term_in_the_open_list_is_kept_secret_all_the_same() {
    let (ledgers, problems) = terms("W9,甲计划,保密,XH,,整词,正文,,,,,是,,启用,,,");
    assert!(ledgers.terms.is_empty());
    assert!(ledgers.confidential_terms[0].mask.is_some());
    assert_eq!((problems[0].row, problems[0].kind), (Some(2), ProblemKind::Warning));
}

#[test]
fn repeated_numbers_and_unknown_companies_are_named() {
    let lines = format!("{}\n{}\n{}", term_line("W001"), term_line("W001"), term_line("W002").replace(",XH,", ",ZZ,"));
    let (ledgers, problems) = terms(&lines);
    assert_eq!(problems[0].zh, "terms.csv 第3行「编号」与第2行重复");
    assert_eq!(problems[1].zh, "terms.csv 第4行「公司」填了「ZZ」，公司台账里没有这个代码，可选：XH、YZ");
    assert_eq!(ledgers.terms.len(), 2);
}

#[test]
fn missing_required_files_and_columns_are_named() {
    let (_, problems) = read_all(&BTreeMap::new());
    let named: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(named, ["companies.csv", "terms.csv", "protected_topics.csv"]);
    let (_, problems) = read_all(&files("编号,词条\nW001,星河\n"));
    assert_eq!(problems[0].zh, "terms.csv 第1行缺少列「类别」");
}

#[test]
fn the_state_of_an_exemption_may_carry_the_day_of_revocation() {
    use wanglou::model::exemption::ExemptionStatus::{Pending, Revoked, Valid};
    let header = "豁免编号,申请人工号,平台,账号ID,状态,有效期至";
    let text = format!("{header}\nE1,X,forum,a,撤销（2026-07-15）,\nE2,X,forum,b,审批中,\nE3,X,forum,c,有效,46266\n");
    let (ledgers, problems) = with("exemptions.csv", text);
    assert_eq!(problems, []);
    let states: Vec<_> = ledgers.exemptions.iter().map(|exemption| exemption.status).collect();
    assert_eq!(states, [Revoked(chrono::NaiveDate::from_ymd_opt(2026, 7, 15)), Pending, Valid]);
    assert_eq!(ledgers.exemptions[2].until, chrono::NaiveDate::from_ymd_opt(2026, 9, 1), "an Excel serial");
}

#[test]
fn the_worked_example_reads_without_a_problem() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/watchlists");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "csv"));
    let files: BTreeMap<String, Vec<u8>> =
        files.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect();
    let (ledgers, problems) = read_all(&files);
    assert_eq!(problems, []);
    assert_eq!((ledgers.companies.len(), ledgers.terms.len(), ledgers.employees.len()), (4, 23, 48));
    assert_eq!((ledgers.managers.len(), ledgers.exemptions.len(), ledgers.groups.len()), (10, 4, 15));
    assert_eq!((ledgers.brand_marks.len(), ledgers.protected_topics.len(), ledgers.disclosures.len()), (4, 7, 4));
    assert_eq!((ledgers.official_accounts.len(), ledgers.quiet_periods.len(), ledgers.group_rosters.len()), (7, 3, 50));
}

fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9年月日/.\\-:（）()*、,≤字]{0,12}",
        Just("启用".to_owned()),
        Just("正则".to_owned())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_content_of_any_ledger_panics(cells in prop::collection::vec(any_cell(), 0..40)) {
        let files: BTreeMap<String, Vec<u8>> = ALL.iter().map(|ledger| {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            writer.write_record(ledger.columns.iter().map(|column| column.zh)).unwrap();
            for line in cells.chunks(ledger.columns.len()) {
                writer.write_record(line).unwrap();
            }
            (ledger.file_name(), writer.into_inner().unwrap())
        }).collect();
        let reading = read_files(&files);
        lint(&reading.ledgers, &reading.lines);
        for lines in reading.lines.values() {
            let again = read(lines.ledger, "again.csv", &export::csv(lines), &Limits::default()).0;
            prop_assert!(diff(lines, &again).is_empty(), "a round trip changes nothing");
        }
    }
}
