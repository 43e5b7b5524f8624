//! What is answered when a request is not.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::store::StoreError;

/// Why a request is refused. What somebody may not see is answered like what does not exist.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody is signed in; to come back to this path.
    SignIn(String),
    /// Everything but the own settings waits for a second factor.
    SecondFactor,
    /// There is no such thing, or not for this reader.
    NotFound,
    /// The form was not sent by a page of this session.
    NotOurForm,
    /// What was filled in cannot be taken; in Chinese and English.
    Unfit(String, String),
    /// Somebody else was faster.
    Conflict(String, String),
    /// The database or the program failed; it stands in the log.
    Failed,
}

#[derive(Debug, Template)]
#[template(path = "console/refusal.html")]
struct Page<'a> {
    zh: &'a str,
    en: &'a str,
}

impl Refusal {
    pub(super) fn unfit(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Unfit(zh.into(), en.into())
    }

    pub(super) fn said(&self) -> (StatusCode, &str, &str) {
        match self {
            Self::SignIn(_) => (StatusCode::UNAUTHORIZED, "请先登录。", "Please sign in first."),
            Self::SecondFactor => {
                (StatusCode::FORBIDDEN, "请先设置登录动态码。", "Set up one-time codes for signing in first.")
            }
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "没有这个页面，或者您看不到它。",
                "There is no such page, or it is not for you.",
            ),
            Self::NotOurForm => (
                StatusCode::FORBIDDEN,
                "这张表单不是从您当前的登录中提交的，什么都没有改变。请回到页面，刷新后再试。",
                "The form did not come from your current session; nothing was changed. Go back, reload and try again.",
            ),
            Self::Unfit(zh, en) => (StatusCode::UNPROCESSABLE_ENTITY, zh, en),
            Self::Conflict(zh, en) => (StatusCode::CONFLICT, zh, en),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "没有成功，什么都没有改变。请稍后再试；一再如此的，请告诉系统运维。",
                "That failed and nothing was changed. Try again later; if it goes on, tell the operator.",
            ),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::SignIn(path) = &self {
            let next = utf8_percent_encode(path, NON_ALPHANUMERIC);
            return Redirect::to(&format!("/sign-in?next={next}")).into_response();
        }
        if matches!(self, Self::SecondFactor) {
            return Redirect::to("/settings/second-factor").into_response();
        }
        let (status, zh, en) = self.said();
        match (Page { zh, en }).render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoCase(_) | StoreError::NoRepost(_) => Self::NotFound,
            StoreError::Transition(_) => Self::Conflict(
                "线索的状态已经变了，可能有人刚刚处理过。请刷新后再看。".to_owned(),
                "The case has changed meanwhile; somebody may just have decided it. Reload and look again.".to_owned(),
            ),
            StoreError::Held(_) => Self::Conflict(
                "线索处于法务保全中，不能按权益保护内容清除。".to_owned(),
                "The case is on legal hold and cannot be erased as protected speech.".to_owned(),
            ),
            StoreError::NoRequest(_) => Self::NotFound,
            StoreError::Answered(_) => Self::Conflict(
                "这份申请已经处理过了。请刷新后再看。".to_owned(),
                "The request was dealt with already. Reload and look again.".to_owned(),
            ),
            StoreError::NoKey => Self::unfit(
                "没有配置密钥，这些个人信息只能加密保存，没有写入。请系统运维配置密钥。",
                "There is no key, and such personal data is only kept sealed; nothing was written. Ask the operator for a key.",
            ),
            StoreError::Taken(_) => Self::unfit("已有这个登录名。", "There is a user of this login already."),
            other => {
                tracing::error!(error = %other, "the console could not answer");
                Self::Failed
            }
        }
    }
}

impl From<askama::Error> for Refusal {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page of the console was not written");
        Self::Failed
    }
}
