//! 我的设置: the reader's own language and password.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::door::{NewPassword, inner, problem_with};
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::password::LENGTH_MIN;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

#[derive(Debug, Template)]
#[template(path = "console/settings.html")]
struct Page {
    frame: Frame,
    login: String,
    length_min: usize,
    is_done: bool,
    has_second_factor: bool,
    sees_calendar: bool,
    sees_mail: bool,
}

pub(super) async fn page(Query(done): Query<Done>, reader: Reader) -> Result<Html<String>, Refusal> {
    let login = reader.session.user.login.clone();
    let is_done = done.is_done();
    let has_second_factor = reader.session.has_second_factor;
    let sees_calendar = reader.rights.may_see_ledger("holidays");
    let sees_mail = reader.rights.may(Right::SeeMailSettings);
    let frame = Frame::of(&reader);
    let page = Page { frame, login, length_min: LENGTH_MIN, is_done, has_second_factor, sees_calendar, sees_mail };
    Ok(Html(page.render()?))
}

pub(super) async fn language(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let language = if form.text("language") == "en" { "en" } else { "zh-CN" };
    let user = &reader.session.user.id;
    console.shell.store.set_language(user, language, &reader.did("user.language", user.as_str(), "")).await?;
    Ok(Redirect::to(&inner(form.text("back"))))
}

/// A new password ends every session, this one too.
pub(super) async fn password(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let user = &reader.session.user;
    if !console.passwords.is_right(form.text("current"), user.password_hash.as_deref()).await {
        return Err(Refusal::unfit("现在的密码不对。", "The present password is wrong."));
    }
    let new = NewPassword { password: form.text("password").to_owned(), again: form.text("again").to_owned() };
    if let Some((zh, en)) = problem_with(&new, &user.login) {
        return Err(Refusal::unfit(zh, en));
    }
    let hash = console.passwords.hash(&new.password).await.ok_or(Refusal::Failed)?;
    console.shell.store.set_password(&user.id, &hash, &reader.did("console.password", user.id.as_str(), "")).await?;
    Ok(Redirect::to("/sign-in"))
}
