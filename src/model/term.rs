//! Watched expressions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, TermId};

/// What a term stands for; decides which rule and clause a hit serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// 公司名称
    Company,
    /// 简称
    ShortName,
    /// 商标
    Trademark,
    /// 产品品牌
    Product,
    /// 技术名称
    Technology,
    /// 企业文化
    Culture,
    /// 职务头衔
    Title,
    /// 官方用语
    OfficialWording,
    /// 竞品
    Competitor,
    /// 合作伙伴
    Partner,
    /// 保密
    Confidential,
}

/// How a term is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchMode {
    /// 包含: the folded text holds the folded term.
    Contains,
    /// 整词: as 包含, with word boundaries.
    WholeWord,
    /// 模糊: disguises are seen through.
    #[default]
    Fuzzy,
    /// 正则: regular expression over the text.
    Regex,
    /// 组合: a company word and one of the term's words within the window.
    Combination,
}

/// A place on a page where a term may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 账号名: shown name or handle.
    AccountName,
    /// 认证
    Verification,
    /// 简介
    Bio,
    /// 标题
    Title,
    /// 正文
    Text,
    /// 头像文字
    AvatarText,
}

/// How grave a finding is. Ordered: low is smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 低
    Low,
    /// 中
    Medium,
    /// 高
    High,
    /// 严重
    Critical,
}

/// Whether a term alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermStatus {
    /// 启用
    Active,
    /// 试运行: found and shown in previews, never alerted.
    #[default]
    Trial,
    /// 停用
    Stopped,
}

/// A watched expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Number of the line.
    pub id: TermId,
    /// The expression itself: words, `{公司词}+{职务}`, or a regular expression.
    pub text: String,
    /// What it stands for.
    pub kind: TermKind,
    /// Whose it is; none means the whole group (`*`).
    pub company: Option<CompanyCode>,
    /// Other writings. For 组合 the words of which one must stand near.
    pub aliases: Vec<String>,
    /// How it is looked for.
    pub mode: MatchMode,
    /// Where it counts; empty means wherever its kind counts.
    pub fields: Vec<Field>,
    /// Words of which one must stand within the window (必含语境); empty means none needed.
    pub need: Vec<String>,
    /// Distance in characters for `need` and for combinations.
    pub window: usize,
    /// Words that make a hit harmless (排除语境).
    pub except: Vec<String>,
    /// How grave a hit is.
    pub severity: Severity,
    /// Whether it may be typed into a site's public search. Always false for confidential terms.
    pub outbound: bool,
    /// Who may see it, as HR wrote it; 全部 when everybody.
    pub visibility: String,
    /// Whether it alerts.
    pub status: TermStatus,
    /// First day on which it counts.
    pub from: Option<NaiveDate>,
    /// Last day on which it counts.
    pub until: Option<NaiveDate>,
    /// Remark of the editor.
    pub note: String,
    /// What people outside the leak lane see instead of the term, such as `保密词 C-01`. Only for confidential terms.
    pub mask: Option<String>,
}

impl Term {
    /// A term of which nothing but text and kind is known: the group's, in force, seen through disguises, never asked for.
    pub fn of(text: &str, kind: TermKind) -> Self {
        Self {
            id: TermId::default(),
            text: text.to_owned(),
            kind,
            company: None,
            aliases: Vec::new(),
            mode: MatchMode::Fuzzy,
            fields: Vec::new(),
            need: Vec::new(),
            window: 30,
            except: Vec::new(),
            severity: Severity::Medium,
            outbound: false,
            visibility: String::new(),
            status: TermStatus::Active,
            from: None,
            until: None,
            note: String::new(),
            mask: None,
        }
    }

    /// Whether the term counts on a day.
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.status != TermStatus::Stopped
            && self.from.is_none_or(|from| from <= day)
            && self.until.is_none_or(|until| day <= until)
    }

    /// Whether everybody may see the term (可见范围 全部).
    pub fn is_open_to_all(&self) -> bool {
        matches!(self.visibility.trim(), "" | "全部" | "all")
    }

    /// What may be shown of the term outside the leak lane.
    pub fn shown(&self) -> &str {
        self.mask.as_deref().unwrap_or(&self.text)
    }
}
