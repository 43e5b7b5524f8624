//! 我的设置: the reader's own second factor.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Redirect};

use crate::store::NewSecondFactor;
use crate::web::console::Console;
use crate::web::console::door::note_failure;
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::one_time_code::{address, new_recovery_codes, new_secret, qr_code, step_of};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::second_step::is_right;

#[derive(Debug, Template)]
#[template(path = "console/second_factor.html")]
struct Page {
    frame: Frame,
    login: String,
    has_one: bool,
    is_required: bool,
    secret: String,
    path: String,
    size: i32,
}

#[derive(Debug, Template)]
#[template(path = "console/recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    let login = reader.session.user.login.clone();
    let secret = new_secret();
    let (path, size) = qr_code(&address(&secret, &login));
    let has_one = console.shell.store.second_factor(&reader.session.user.id).await?.is_some();
    let is_required = console.requires_second_factor();
    Ok(Html(Page { frame: Frame::of(&reader), login, has_one, is_required, secret, path, size }.render()?))
}

/// Takes the secret that the page showed, once a code of it proves that the app has it.
pub(super) async fn set(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Html<String>, Refusal> {
    must_prove(&console, &reader, &form).await?;
    let (store, user) = (&console.shell.store, &reader.session.user.id);
    if !console.shell.vault.can_seal() {
        return Err(Refusal::unfit(
            "还没有配置密钥，动态码不能安全保存。请告诉系统运维。",
            "No key is configured, so the second factor cannot be kept safely. Tell the operator.",
        ));
    }
    let wrong = || {
        Refusal::unfit(
            "动态码不对。请核对手机时间，回到上一页重试。",
            "The code is wrong. Check the clock of the phone, go back and try again.",
        )
    };
    let secret = form.text("secret");
    let step = step_of(secret, form.text("code"), console.shell.clock.now()).ok_or_else(wrong)?;
    let codes = new_recovery_codes();
    let new = NewSecondFactor { user, session: &reader.token, secret, step, recovery_codes: &codes };
    store.set_second_factor(new, &reader.did("console.second_factor", user.as_str(), "")).await?;
    Ok(Html(CodesPage { frame: Frame::of(&reader), codes }.render()?))
}

/// Ends every session, this one too.
pub(super) async fn remove(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    must_prove(&console, &reader, &form).await?;
    if console.requires_second_factor() {
        return Err(Refusal::unfit("本系统要求使用动态码。", "One-time codes are required here."));
    }
    let user = &reader.session.user.id;
    let audit = reader.did("console.no_second_factor", user.as_str(), "");
    console.shell.store.remove_second_factor(user, &audit).await?;
    Ok(Redirect::to("/sign-in"))
}

/// A session may be somebody else's by now: the password, and a code of the present second factor where there is one.
async fn must_prove(console: &Console, reader: &Reader, form: &Fields) -> Result<(), Refusal> {
    let user = &reader.session.user;
    if !console.passwords.is_right(form.text("current"), user.password_hash.as_deref()).await {
        note_failure(console, user, "console.wrong_password").await?;
        return Err(Refusal::unfit("现在的密码不对。", "The present password is wrong."));
    }
    if !is_right(console, user, form.text("present_code")).await? {
        return Err(Refusal::unfit("现在的动态码不对。", "The present one-time code is wrong."));
    }
    console.shell.store.clear_failures(&user.id).await?;
    Ok(())
}
