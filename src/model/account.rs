//! Accounts and posts as a platform shows them in public.

use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, PlatformId};
use crate::model::time::Timestamp;

/// Author identity on a platform, as last seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Identifier that came with a record; none for a crawled account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Platform on which it lives.
    pub platform: PlatformId,
    /// The platform's own stable identifier or login name. This, never the shown name, identifies the account.
    pub handle: String,
    /// Address of the public profile.
    pub url: String,
    /// Shown name.
    pub display_name: String,
    /// Self-description.
    pub bio: String,
    /// Verification badge.
    pub verification: Verification,
    /// Employer as stated in a field of its own (workplace platforms).
    pub employer_field: String,
    /// Profile picture.
    pub avatar: Avatar,
    /// Region shown by the platform; a weak signal, not kept over time.
    pub ip_region: String,
    /// Followers shown.
    pub followers: u64,
    /// Creation or first sight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// The record that this one shows at a later time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_of: Option<String>,
}

/// Verification badge of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Verification {
    /// The platform's class of badge, such as 职业认证 or 机构认证; 无 or empty when there is none.
    #[serde(rename = "type")]
    pub kind: String,
    /// Text of the badge.
    pub text: String,
}

impl Verification {
    /// Whether the platform shows a badge at all.
    pub fn is_present(&self) -> bool {
        !self.text.trim().is_empty() || !matches!(self.kind.trim(), "" | "无" | "none" | "None")
    }
}

/// Profile picture of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Avatar {
    /// 64-bit perceptual hash, 16 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phash64: Option<String>,
    /// Registered mark that the image showed when it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Box<PictureMark>>,
    /// Address of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Description that came with a record. Never used for judgement.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub desc: String,
}

/// A registered mark in a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureMark {
    /// Its name in the ledger.
    pub name: String,
    /// Company that owns it.
    pub company: CompanyCode,
    /// How alike, percent.
    pub percent: u8,
}

/// A piece of public content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Post {
    /// Identifier that came with a record; none for a crawled post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The author: a record's identifier, or the handle on the same platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Name of the author where the page shows one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author_name: String,
    /// Platform on which it stands.
    pub platform: PlatformId,
    /// Permanent address.
    pub url: String,
    /// When it was published, where the page says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// Headline, where the platform has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Content as plain text.
    pub text: String,
}
