//! terms.csv and the confidential list: watched expressions. Both have the same columns.

use std::collections::BTreeSet;

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Choice, Column, Ledger, Shape, choice, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::values;
use crate::model::ids::{CompanyCode, TermId};
use crate::model::term::{Field, MatchMode, Severity, Term, TermKind, TermStatus};

const KINDS: &[Choice] = &[
    choice("公司名称", "company"),
    choice("简称", "short_name"),
    choice("商标", "trademark"),
    choice("产品品牌", "product"),
    choice("技术名称", "technology"),
    choice("企业文化", "culture"),
    choice("职务头衔", "title"),
    choice("官方用语", "official_wording"),
    choice("竞品", "competitor"),
    choice("合作伙伴", "partner"),
    choice("保密", "confidential"),
];
const MODES: &[Choice] = &[
    choice("包含", "contains"),
    choice("整词", "whole_word"),
    choice("模糊", "fuzzy"),
    choice("正则", "regex"),
    choice("组合", "combination"),
];
const FIELDS: &[Choice] = &[
    choice("账号名", "account_name").or(&["昵称", "账号"]),
    choice("简介", "bio"),
    choice("认证", "verification"),
    choice("正文", "text"),
    choice("标题", "title"),
    choice("头像文字", "avatar_text"),
];
const SEVERITIES: &[Choice] =
    &[choice("严重", "critical"), choice("高", "high"), choice("中", "medium"), choice("低", "low")];
const STATES: &[Choice] = &[choice("启用", "active"), choice("试运行", "trial"), choice("停用", "stopped")];

const WINDOW: u64 = 30;
const WINDOW_MAX: u64 = 1_000;
const TEXT_CHARS: usize = 60;
const REGEX_CHARS: usize = 500;
const REGEX_BYTES: usize = 1 << 20;

const COLUMNS: &[Column] = &[
    column("编号", "id", Shape::Code, "W901").hint("每条一个，停用后也不再用；导入时留空会自动编号").required(),
    column("词条", "term", Shape::Text, "星河科技")
        .also(&["text", "监测词"])
        .hint("1到60字；组合写 {公司词}+{职务}")
        .required(),
    column("类别", "kind", Shape::Choice(KINDS), "公司名称").required(),
    column("公司", "company", Shape::Code, "XH")
        .also(&["公司代码", "company_code"])
        .company()
        .hint("公司代码；全集团写 *"),
    column("别名", "aliases", Shape::List, "星河集团").hint("繁体、拼音自动生成，不必写；组合在这里写词语"),
    column("匹配方式", "match", Shape::Choice(MODES), "模糊").also(&["mode"]).hint("留空为模糊；正则仅限信息部和法务"),
    column("命中位置", "fields", Shape::Choices(FIELDS), "账号名、简介、认证、正文"),
    column("必含语境", "need", Shape::List, "").hint("附近出现其一才算；组合写 公司词≤12字内"),
    column("语境窗口", "window", Shape::Whole, "30").hint("字数，留空为30"),
    column("排除语境", "exclude", Shape::List, "").also(&["except"]).hint("附近出现其一就不算"),
    column("严重度", "severity", Shape::Choice(SEVERITIES), "高").hint("留空按类别"),
    column("外发检索", "outbound", Shape::YesNo, "是").hint("能否输入到网站的公开搜索；保密一律为否"),
    column("可见范围", "visibility", Shape::Text, "全部"),
    column("状态", "status", Shape::Choice(STATES), "试运行").hint("新词先试运行7天；留空为试运行"),
    column("生效日", "from", Shape::Date, "2026-09-01"),
    column("失效日", "to", Shape::Date, "").also(&["until"]),
    column("备注", "note", Shape::Text, ""),
];

/// The terms ledger.
pub static TERMS: Ledger = Ledger {
    name: "terms",
    title_zh: "监测词",
    title_en: "Terms",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: true,
    is_confidential: false,
};

/// The confidential list, sealed at rest.
pub static CONFIDENTIAL_TERMS: Ledger = Ledger {
    name: "confidential_terms",
    title_zh: "保密词",
    title_en: "Confidential terms",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: true,
};

/// Reads watched expressions of either ledger. Confidential ones come without mask; see [`mask_terms`].
pub fn terms(lines: &Lines) -> (Vec<Term>, Vec<Problem>) {
    read_lines(lines, term)
}

fn term(cells: &mut Cells<'_>) -> Term {
    let kind = kind(cells);
    let mode = cells.choice("match").map_or(MatchMode::Fuzzy, mode);
    let (need, window) = context(cells, mode);
    let term = Term {
        id: TermId::new(cells.code("id")),
        text: cells.text("term"),
        kind,
        company: company(cells),
        aliases: cells.list("aliases"),
        mode,
        fields: cells.choices("fields").into_iter().map(field).collect(),
        need,
        window,
        except: cells.list("exclude"),
        severity: cells.choice("severity").and_then(severity).unwrap_or_else(|| usual_severity(kind)),
        outbound: cells.yes_no("outbound").unwrap_or(true) && kind != TermKind::Confidential,
        visibility: visibility(cells),
        status: cells.choice("status").map_or(TermStatus::Trial, status),
        from: cells.date("from"),
        until: cells.date("to"),
        note: cells.text("note"),
        mask: None,
    };
    check_text(cells, &term);
    check_dates(cells, &term);
    term
}

fn kind(cells: &mut Cells<'_>) -> TermKind {
    match cells.choice("kind").unwrap_or_default() {
        "company" => TermKind::Company,
        "short_name" => TermKind::ShortName,
        "trademark" => TermKind::Trademark,
        "product" => TermKind::Product,
        "technology" => TermKind::Technology,
        "culture" => TermKind::Culture,
        "title" => TermKind::Title,
        "official_wording" => TermKind::OfficialWording,
        "competitor" => TermKind::Competitor,
        "partner" => TermKind::Partner,
        // Also where the cell is wrong and the line is not used: the most cautious kind.
        _ => TermKind::Confidential,
    }
}

fn mode(word: &str) -> MatchMode {
    match word {
        "contains" => MatchMode::Contains,
        "whole_word" => MatchMode::WholeWord,
        "regex" => MatchMode::Regex,
        "combination" => MatchMode::Combination,
        _ => MatchMode::Fuzzy,
    }
}

fn field(word: &str) -> Field {
    match word {
        "account_name" => Field::AccountName,
        "verification" => Field::Verification,
        "bio" => Field::Bio,
        "title" => Field::Title,
        "avatar_text" => Field::AvatarText,
        _ => Field::Text,
    }
}

fn status(word: &str) -> TermStatus {
    match word {
        "active" => TermStatus::Active,
        "stopped" => TermStatus::Stopped,
        _ => TermStatus::Trial,
    }
}

/// The severity of an English word; none for words that are none.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    match word {
        "critical" => Some(Severity::Critical),
        "high" => Some(Severity::High),
        "medium" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        _ => None,
    }
}

fn usual_severity(kind: TermKind) -> Severity {
    match kind {
        TermKind::Confidential => Severity::Critical,
        TermKind::Company | TermKind::ShortName | TermKind::Title | TermKind::OfficialWording => Severity::High,
        TermKind::Trademark | TermKind::Product | TermKind::Technology => Severity::Medium,
        TermKind::Competitor | TermKind::Partner => Severity::Medium,
        TermKind::Culture => Severity::Low,
    }
}

fn company(cells: &Cells<'_>) -> Option<CompanyCode> {
    let code = cells.code("company");
    (!matches!(code.as_str(), "" | "*" | "全部" | "全集团")).then(|| CompanyCode::new(code))
}

fn visibility(cells: &Cells<'_>) -> String {
    let text = cells.text("visibility");
    if text.is_empty() { "全部".to_owned() } else { text }
}

/// Needed words and window. A combination names its window among the needed words: `公司词≤12字内`.
fn context(cells: &mut Cells<'_>, mode: MatchMode) -> (Vec<String>, usize) {
    let mut need = cells.list("need");
    let mut window = cells.whole("window").unwrap_or(WINDOW);
    if mode == MatchMode::Combination {
        let named = need.iter().find_map(|word| named_window(word));
        need.retain(|word| named_window(word).is_none());
        window = named.unwrap_or(window);
    }
    if window > WINDOW_MAX {
        cells.refuse(cells.column("window"), &window.to_string(), "不能超过1000", "must not exceed 1000");
    }
    (need, usize::try_from(window.min(WINDOW_MAX)).unwrap_or(0))
}

fn named_window(word: &str) -> Option<u64> {
    let folded = values::fold_header(word);
    let at = folded.find(['≤', '<', '⩽', '≦'])?;
    let digits: String =
        folded[at..].chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn check_text(cells: &mut Cells<'_>, term: &Term) {
    let column = cells.column("term");
    let limit = if term.mode == MatchMode::Regex { REGEX_CHARS } else { TEXT_CHARS };
    if term.text.chars().count() > limit {
        cells.refuse(column, &term.text, &format!("不能超过{limit}字"), &format!("must not exceed {limit} characters"));
    }
    if term.mode == MatchMode::Regex && !compiles(&term.text) {
        cells.refuse(column, &term.text, "不是可用的正则表达式", "is not a usable regular expression");
    }
    if term.mode == MatchMode::Combination && term.aliases.is_empty() {
        let (zh, en) = ("不能为空：组合的词语写在这里", "must not be empty: the words of a combination stand here");
        cells.complain(ProblemKind::Error, cells.column("aliases"), zh, en);
    }
    if term.text.contains('{') && !matches!(term.mode, MatchMode::Combination | MatchMode::Regex) {
        let (zh, en) = ("含有 { }，匹配方式应为组合", "holds { }; its match mode must be 组合 (combination)");
        cells.complain(ProblemKind::Error, column, zh, en);
    }
}

fn compiles(pattern: &str) -> bool {
    regex::RegexBuilder::new(pattern).size_limit(REGEX_BYTES).build().is_ok()
}

fn check_dates(cells: &mut Cells<'_>, term: &Term) {
    if term.until.zip(term.from).is_some_and(|(until, from)| until < from) {
        cells.complain(ProblemKind::Error, cells.column("to"), "早于生效日", "lies before the first day");
    }
}

/// Gives every confidential term its mask: the label that its remark names, else `保密词 C-NN` by position.
pub(crate) fn mask_terms(terms: &mut [Term]) {
    let named: Vec<Option<String>> = terms.iter().map(|term| named_mask(&term.note)).collect();
    let mut taken: BTreeSet<String> = named.iter().flatten().cloned().collect();
    for (position, (term, named)) in terms.iter_mut().zip(named).enumerate() {
        let mask = named.unwrap_or_else(|| free_mask(position + 1, &taken));
        taken.insert(mask.clone());
        term.mask = Some(mask);
        term.outbound = false;
    }
}

fn free_mask(position: usize, taken: &BTreeSet<String>) -> String {
    let mut masks = (position..).map(|number| format!("保密词 C-{number:02}"));
    masks.find(|mask| !taken.contains(mask)).unwrap_or_default()
}

/// `保密词 C-01` in a remark; the space may be missing.
fn named_mask(note: &str) -> Option<String> {
    let folded = values::fold_width(note);
    let rest = &folded[folded.find("保密词")? + "保密词".len()..];
    let digits: String = rest.trim_start().strip_prefix("C-")?.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("保密词 C-{digits}"))
}
