//! The companies of the group, and what they have published.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, DisclosureId, EmployeeId, QuietPeriodId};
use crate::model::time::Timestamp;

/// A company of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Code that HR uses.
    pub code: CompanyCode,
    /// Registered name.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// Further writings.
    pub aliases: Vec<String>,
    /// Whether this is the listed company (上市公司); every other one is a subsidiary.
    pub listed: bool,
    /// Seat.
    pub city: String,
    /// Domain of its mail addresses.
    pub mail_domain: String,
    /// 第一责任人, by employee number.
    pub responsible: EmployeeId,
}

/// Days when talk of results is a leak (静默期).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietPeriod {
    /// Number of the line.
    pub id: QuietPeriodId,
    /// Name of the period.
    pub name: String,
    /// Company whose period it is; the listed company's holds for the group.
    pub company: CompanyCode,
    /// First day.
    pub from: NaiveDate,
    /// Last day; none while it is open.
    pub until: Option<NaiveDate>,
    /// Kind, such as 定期报告 or 重大事项.
    pub kind: String,
    /// Who may see it.
    pub visibility: String,
    /// Remark.
    pub note: String,
}

impl QuietPeriod {
    /// Whether a day lies in the period, ends included.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// The company's own publication, with its minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Number of the line.
    pub id: DisclosureId,
    /// Company that published.
    pub company: CompanyCode,
    /// When it became public.
    pub published: Timestamp,
    /// Where.
    pub channel: String,
    /// Headline.
    pub title: String,
    /// Text.
    pub text: String,
}

/// A registered mark as an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandMark {
    /// Name of the mark.
    pub name: String,
    /// Company that owns it.
    pub company: CompanyCode,
    /// 64-bit perceptual hash, when given or computed from `image`.
    pub phash64: Option<u64>,
    /// File name of the image beside the ledger, when given.
    pub image: Option<String>,
    /// Largest Hamming distance that still counts as the mark, 0..=64.
    pub distance_max: u32,
    /// Remark.
    pub note: String,
}
