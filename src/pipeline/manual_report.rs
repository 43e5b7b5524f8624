//! What a colleague saw and reports by hand: an account or a post, with a note and screenshots, judged like what a scan sees.

use url::Url;

use crate::model::account::{Account, Post};
use crate::model::ids::PlatformId;
use crate::model::record::Record;
use crate::pipeline::import::{Item, Picture};
use crate::platform::address::canonical;

/// Largest screenshot, bytes.
pub const SCREENSHOT_BYTES_MAX: usize = 10 << 20;

/// What was seen, as the colleague writes it down. With a title or a text it is a post, else an account.
#[derive(Debug, Clone)]
pub struct ManualReport {
    /// Address of the account or the post, `http` or `https`.
    pub url: Url,
    /// Where it is.
    pub platform: PlatformId,
    /// Identifier or login name of the account, or of the author.
    pub handle: String,
    /// Shown name of the account, or of the author.
    pub name: String,
    /// Self-description of the account.
    pub bio: String,
    /// Verification text of the account.
    pub verification: String,
    /// Title of the post.
    pub title: String,
    /// Text of the post.
    pub text: String,
    /// What the colleague has to say about it; not judged.
    pub note: String,
    /// Screenshots.
    pub pictures: Vec<Picture>,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefused {
    /// Nothing in it can be judged.
    #[error("there is nothing to judge: say what stands there as name, bio, verification, handle, title or text")]
    Empty,
    /// The address is of another scheme.
    #[error("the address must begin with http:// or https://")]
    Address,
}

impl ManualReport {
    /// The report as a record that can be taken in.
    ///
    /// # Errors
    /// [`ReportRefused`] where there is nothing to judge, or the address is none of the web.
    pub fn item(self) -> Result<Item, ReportRefused> {
        let said = [&self.handle, &self.name, &self.bio, &self.verification, &self.title, &self.text];
        if said.iter().all(|text| text.trim().is_empty()) {
            return Err(ReportRefused::Empty);
        }
        if !matches!(self.url.scheme(), "http" | "https") {
            return Err(ReportRefused::Address);
        }
        let is_post = !(self.title.is_empty() && self.text.is_empty());
        let record = if is_post { Record::Post(self.post()) } else { Record::Account(self.account()) };
        Ok(Item { record, note: self.note, pictures: self.pictures })
    }

    fn account(&self) -> Account {
        let mut account = Account {
            platform: self.platform.clone(),
            url: canonical(self.url.clone()).to_string(),
            handle: self.handle.clone(),
            display_name: self.name.clone(),
            bio: self.bio.clone(),
            ..Account::default()
        };
        account.verification.text.clone_from(&self.verification);
        account
    }

    fn post(&self) -> Post {
        Post {
            platform: self.platform.clone(),
            url: canonical(self.url.clone()).to_string(),
            account: Some(self.handle.clone()).filter(|handle| !handle.is_empty()),
            author_name: self.name.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            ..Post::default()
        }
    }
}
