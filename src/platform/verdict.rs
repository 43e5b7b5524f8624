//! What a page turned out to be. Blocked is never taken for empty, and empty must be said by the page.

use std::cell::LazyCell;

use url::Url;

use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::platform::definition::{Mark, Marks, Rows};
use crate::platform::extract::document::Document;

/// Wordings that mean a wall wherever they stand on a page without rows.
const WALLS: [&str; 30] = [
    "请登录后查看",
    "登录后查看",
    "登录后可见",
    "登录可见",
    "登录以继续",
    "登录后继续",
    "访问过于频繁",
    "访问太频繁",
    "请求过于频繁",
    "请求频繁",
    "操作过于频繁",
    "操作太频繁",
    "访问受限",
    "访问异常",
    "异常流量",
    "安全验证",
    "安全检测",
    "人机验证",
    "滑动验证",
    "拖动滑块",
    "完成验证",
    "输入验证码",
    "too many requests",
    "rate limit",
    "access denied",
    "are you a robot",
    "verify you are human",
    "unusual traffic",
    "checking your browser",
    "enable javascript and cookies",
];

/// Wordings that honest pages have too, in a login box or a footer. They count only where the page does not say that
/// there is nothing.
const HINTS: [&str; 8] =
    ["验证码", "请先登录", "请登录", "登录后", "captcha", "sign in to", "log in to", "login required"];

/// How addresses to which walls redirect begin, and what their folders are called.
const WALL_PATHS: [&str; 8] =
    ["/login", "/signin", "/sign_in", "/passport", "/captcha", "/antispider", "/challenge", "/verify"];

/// Whether a page says that it is a log-in, a captcha or another wall, by wordings that honest pages do not have.
pub fn has_wall(text: &str) -> bool {
    let lower = text.to_lowercase();
    WALLS.iter().any(|wall| lower.contains(wall))
}

/// Whether a path is one to which walls redirect.
pub fn is_wall_path(path: &str) -> bool {
    wall_at(path).is_some()
}

/// The wall to which a path leads, also one in a folder, such as `/user/login/`.
fn wall_at(path: &str) -> Option<&'static str> {
    let lower = path.to_lowercase();
    let is_folder = |wall: &str| lower.split('/').any(|folder| folder == wall.trim_start_matches('/'));
    WALL_PATHS.into_iter().find(|wall| lower.starts_with(wall) || is_folder(wall))
}

/// What is known of a page before its rows are looked at.
pub(super) struct Answer<'a> {
    pub(super) url: &'a Url,
    pub(super) entry: EntryKind,
    pub(super) status: u16,
    pub(super) text: &'a str,
    pub(super) marks: &'a Marks,
}

fn blocked(reason: impl Into<String>) -> Verdict {
    Verdict::Blocked { reason: reason.into() }
}

impl Answer<'_> {
    /// The verdict that the address and the status alone allow; none when the page must be read.
    pub(super) fn by_status(&self) -> Option<Verdict> {
        let leads_to = |part: &&String| self.url.as_str().contains(part.as_str());
        if let Some(part) = self.marks.redirect_blocked.iter().find(leads_to) {
            return Some(blocked(format!("redirect to {part}")));
        }
        let status = self.status;
        if self.marks.blocked_status.contains(&status) || status >= 500 {
            return Some(blocked(format!("status {status}")));
        }
        if self.marks.redirect_empty.iter().any(|part| leads_to(&part)) {
            return Some(Verdict::Empty);
        }
        if self.is_gone() || (200..300).contains(&status) {
            return None;
        }
        Some(blocked(format!("status {status}")))
    }

    /// Whether the status says that the subject is gone. A list that is gone has moved: that is no empty list.
    pub(super) fn is_gone(&self) -> bool {
        match &self.marks.empty_status {
            Some(statuses) => statuses.contains(&self.status),
            None => matches!(self.status, 404 | 410) && matches!(self.entry, EntryKind::Account | EntryKind::Post),
        }
    }

    /// A mark of blocking in the structure of the page, which nobody can have quoted.
    pub(super) fn structural_wall(&self, document: &Document) -> Option<Verdict> {
        let wall = self.marks.blocked.iter().find(|mark| is_structural(mark) && stands(mark, Some(document), ""))?;
        Some(blocked(format!("mark {}", name(wall))))
    }

    /// Whether the structure of the page says that there is nothing, whatever else it recommends.
    pub(super) fn is_empty_by_structure(&self, document: &Document) -> bool {
        self.marks.empty.iter().any(|mark| is_structural(mark) && stands(mark, Some(document), ""))
    }

    /// Whether the page shows a mark of presence, or none is asked for.
    pub(super) fn is_the_page_asked_for(&self, document: &Document) -> bool {
        let visible = LazyCell::new(|| document.visible_text());
        let marks = &self.marks.found;
        marks.is_empty() || marks.iter().any(|mark| stands(mark, Some(document), &visible))
    }

    /// The verdict on an answer that is not of the expected format. Where it is a page instead, the page may say why.
    pub(super) fn of_unread(&self, unread: &str) -> Verdict {
        let page = Document::instead(self.text);
        let visible = page.as_ref().map_or_else(|| self.text.to_owned(), Document::visible_text);
        self.by_marks(page.as_ref(), &visible).unwrap_or_else(|| blocked(unread))
    }

    /// The verdict on a page that gave nothing; `lists` are those that it should have.
    pub(super) fn of_nothing(&self, document: &Document, lists: &[Option<&Rows>]) -> Verdict {
        let says_nothing = lists.iter().any(|rows| document.has_empty_list(*rows));
        let otherwise = || if says_nothing { Verdict::Empty } else { blocked("layout") };
        self.by_marks(Some(document), &document.visible_text()).unwrap_or_else(otherwise)
    }

    /// What the marks say, walls first: those of the file, the general wordings, and then what merely hints at one.
    fn by_marks(&self, document: Option<&Document>, visible: &str) -> Option<Verdict> {
        let lower = visible.to_lowercase();
        if let Some(mark) = self.marks.blocked.iter().find(|mark| stands(mark, document, visible)) {
            return Some(blocked(format!("mark {}", name(mark))));
        }
        if let Some(wall) = WALLS.iter().find(|wall| lower.contains(**wall)) {
            return Some(blocked(format!("mark {wall}")));
        }
        if let Some(wall) = wall_at(self.url.path()) {
            return Some(blocked(format!("redirect to {wall}")));
        }
        if self.is_gone() || self.marks.empty.iter().any(|mark| stands(mark, document, visible)) {
            return Some(Verdict::Empty);
        }
        let hint = HINTS.iter().find(|hint| lower.contains(**hint))?;
        Some(blocked(format!("mark {hint}")))
    }
}

fn is_structural(mark: &Mark) -> bool {
    !matches!(mark, Mark::Text(_))
}

fn name(mark: &Mark) -> &str {
    match mark {
        Mark::Text(text) | Mark::Css(text, _) | Mark::Json(text, _) => text,
    }
}

fn stands(mark: &Mark, document: Option<&Document>, visible: &str) -> bool {
    match mark {
        Mark::Text(text) => visible.contains(text.as_str()),
        Mark::Css(_, selector) => document.is_some_and(|document| document.has_element(selector)),
        Mark::Json(_, path) => document.and_then(Document::json).is_some_and(|value| !path.query(value).is_empty()),
    }
}
