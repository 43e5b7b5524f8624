//! Signing in and out, and the invitation by which a password is chosen.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::model::audit::AuditEntry;
use crate::model::user::User;
use crate::seal::random_token;
use crate::web::console::Console;
use crate::web::console::form::{Submitted, is_same_origin};
use crate::web::console::password::{LENGTH_MIN, Weakness, weakness};
use crate::web::console::reader::{COOKIE, IDLE_MS, LIFE_MS};
use crate::web::console::refusal::Refusal;
use crate::web::console::second_step;

/// Wrong passwords until a login is locked, and for how long (milliseconds).
pub(super) const FAILURES_MAX: u32 = 5;
pub(super) const LOCKED_MS: i64 = 15 * 60_000;

#[derive(Debug, Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    next: String,
    login: String,
    is_wrong: bool,
    /// Name of the identity provider, and the way there.
    provider: Option<(String, String)>,
}

impl SignInPage {
    fn of(console: &Console, next: &str, login: String, is_wrong: bool) -> Self {
        let next = inner(next);
        let way = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
        let oidc = console.shell.config.console.oidc.as_ref();
        let provider = oidc.map(|oidc| (oidc.name.clone(), format!("/sign-in/provider?{way}")));
        Self { next, login, is_wrong, provider }
    }
}

#[derive(Debug, Template)]
#[template(path = "console/invitation.html")]
struct InvitationPage {
    name: String,
    login: String,
    length_min: usize,
    problem: &'static str,
    problem_en: &'static str,
}

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    pub(super) next: String,
}

/// What somebody signs in with.
#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// A password, twice.
#[derive(Debug, Deserialize)]
pub(super) struct NewPassword {
    pub(super) password: String,
    pub(super) again: String,
}

pub(super) async fn sign_in_page(
    State(console): State<Arc<Console>>,
    Query(Next { next }): Query<Next>,
) -> Result<Html<String>, Refusal> {
    Ok(Html(SignInPage::of(&console, &next, String::new(), false).render()?))
}

pub(super) async fn sign_in(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, Refusal> {
    if !is_same_origin(&headers) {
        return Err(Refusal::NotOurForm);
    }
    let login = given.login.trim().replace('\0', "").to_lowercase();
    let Some(user) = recognised(&console, &login, &given.password).await? else {
        let page = SignInPage::of(&console, &given.next, login, true);
        return Ok((StatusCode::UNAUTHORIZED, Html(page.render()?)).into_response());
    };
    if console.shell.store.second_factor(&user.id).await?.is_some() {
        return second_step::ask(&console, &user, &given.next).await;
    }
    let_in(&console, &user, &given.next, Voucher::Password).await
}

/// By what somebody has proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voucher {
    /// The password, and a code where there is a second factor.
    Password,
    /// The identity provider.
    Provider,
}

/// Begins the session of somebody who has proved who it is.
pub(super) async fn let_in(console: &Console, user: &User, next: &str, voucher: Voucher) -> Result<Response, Refusal> {
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    store.purge_sessions(now.plus_ms(-LIFE_MS), now.plus_ms(-IDLE_MS)).await?;
    let token = random_token();
    store.begin_session(&user.id, &token, &random_token(), now, voucher == Voucher::Provider).await?;
    store.clear_failures(&user.id).await?;
    let action = if voucher == Voucher::Provider { "console.sign_in_by_provider" } else { "console.sign_in" };
    note(console, user, action).await?;
    Ok((set_cookie(console, COOKIE, &token, LIFE_MS), Redirect::to(&inner(next))).into_response())
}

/// The user of a login and password. Every wrong one is counted; a locked login is refused whatever the password.
async fn recognised(console: &Console, login: &str, password: &str) -> Result<Option<User>, Refusal> {
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    let before = store.user_by_login(login).await?.filter(|user| !user.disabled);
    let hash = before.as_ref().and_then(|user| user.password_hash.as_deref());
    let is_right = console.passwords.is_right(password, hash).await;
    // Read again: others may have guessed while this one was computed.
    let user = store.user_by_login(login).await?.filter(|user| !user.disabled);
    let Some(user) = user.filter(|user| user.password_hash.as_deref() == hash) else { return Ok(None) };
    if user.locked_until > now {
        note(console, &user, "console.locked").await?;
        return Ok(None);
    }
    if is_right {
        return Ok(Some(user));
    }
    note_failure(console, &user, "console.wrong_password").await?;
    Ok(None)
}

/// Counts a wrong password or code. Only signing in wholly forgets them, or codes could be guessed one password apart.
pub(super) async fn note_failure(console: &Console, user: &User, action: &str) -> Result<(), Refusal> {
    let until = console.shell.clock.now().plus_ms(LOCKED_MS);
    console.shell.store.count_failure(&user.id, FAILURES_MAX, until).await?;
    note(console, user, action).await
}

pub(super) async fn note(console: &Console, user: &User, action: &str) -> Result<(), Refusal> {
    let actor = format!("user:{}", user.login);
    let (at, object) = (console.shell.clock.now(), user.id.to_string());
    let entry = AuditEntry { at, actor, action: action.to_owned(), object, detail: String::new() };
    Ok(console.shell.store.audit(&entry).await?)
}

pub(super) async fn sign_out(
    State(console): State<Arc<Console>>,
    Submitted(reader, _): Submitted,
) -> Result<Response, Refusal> {
    console.shell.store.end_session(&reader.token).await?;
    note(&console, &reader.session.user, "console.sign_out").await?;
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}

pub(super) async fn invitation_page(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
) -> Result<Html<String>, Refusal> {
    let user = invited(&console, &token).await?;
    Ok(Html(invitation(&user, None).render()?))
}

pub(super) async fn accept_invitation(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(new): Form<NewPassword>,
) -> Result<Response, Refusal> {
    if !is_same_origin(&headers) {
        return Err(Refusal::NotOurForm);
    }
    let user = invited(&console, &token).await?;
    let problem = problem_with(&new, &user.login);
    if problem.is_some() {
        let page = invitation(&user, problem).render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response());
    }
    let hash = console.passwords.hash(&new.password).await.ok_or(Refusal::Failed)?;
    let (at, actor, object) = (console.shell.clock.now(), format!("user:{}", user.login), user.id.to_string());
    let audit = AuditEntry { at, actor, action: "console.password".to_owned(), object, detail: String::new() };
    if console.shell.store.use_invitation(&token, &user.id, &hash, &audit).await? {
        Ok(Redirect::to("/sign-in").into_response())
    } else {
        Err(spent())
    }
}

async fn invited(console: &Console, token: &str) -> Result<User, Refusal> {
    let user = console.shell.store.invited(token, console.shell.clock.now()).await?;
    user.ok_or_else(spent)
}

fn spent() -> Refusal {
    Refusal::unfit(
        "邀请链接已用过或已过期。请向系统运维要一个新的。",
        "The invitation was used or is too old. Ask the operator for a new one.",
    )
}

fn invitation(user: &User, problem: Option<(&'static str, &'static str)>) -> InvitationPage {
    let (problem, problem_en) = problem.unwrap_or_default();
    InvitationPage { name: user.name.clone(), login: user.login.clone(), length_min: LENGTH_MIN, problem, problem_en }
}

/// What is wrong with a new password, in Chinese and English.
pub(super) fn problem_with(new: &NewPassword, login: &str) -> Option<(&'static str, &'static str)> {
    if new.password != new.again {
        return Some(("两次输入的密码不一样。", "The two passwords differ."));
    }
    weakness(&new.password, login).map(|weakness| match weakness {
        Weakness::Length => {
            ("密码太短（至少12个字符），或者太长。", "The password is too short (at least 12 characters) or too long.")
        }
        Weakness::Guessable => {
            ("密码含登录名或只有一种字符，太容易猜。", "The password contains the login or is one character repeated.")
        }
    })
}

pub(super) fn set_cookie(
    console: &Console,
    name: &str,
    token: &str,
    life_ms: i64,
) -> [(header::HeaderName, String); 1] {
    let secure = if console.is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", life_ms / 1000);
    [(header::SET_COOKIE, cookie)]
}

/// A path of this console; anything else leads to its first page.
pub(super) fn inner(next: &str) -> String {
    let is_path =
        next.starts_with('/') && !next[1..].starts_with(['/', '\\']) && !next.contains(|c: char| c.is_control());
    if is_path { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::inner;

    #[test]
    fn after_signing_in_one_stays_in_the_console() {
        assert_eq!(inner("/cases?page=2"), "/cases?page=2");
        for elsewhere in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
        {
            assert_eq!(inner(elsewhere), "/", "{elsewhere}");
        }
    }
}
