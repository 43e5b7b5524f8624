//! The second step of signing in, for whoever has a second factor.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::model::user::User;
use crate::seal::random_token;
use crate::web::console::Console;
use crate::web::console::door::{FAILURES_MAX, LOCKED_MS, Next, Voucher, inner, let_in, note, set_cookie};
use crate::web::console::form::is_same_origin;
use crate::web::console::one_time_code::{step_of, typed_recovery_code};
use crate::web::console::reader::token_in;
use crate::web::console::refusal::Refusal;

/// Name of the cookie between the two steps, and how long it holds.
const COOKIE: &str = "wanglou_code";
const AWAITED_MS: i64 = 5 * 60_000;

#[derive(Debug, Template)]
#[template(path = "console/code.html")]
struct Page {
    next: String,
    is_wrong: bool,
}

/// A code of the app, or a recovery code.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    code: String,
    #[serde(default)]
    next: String,
}

/// Remembers that the password was right, and asks for the code.
pub(super) async fn ask(console: &Console, user: &User, next: &str) -> Result<Response, Refusal> {
    let token = random_token();
    console.shell.store.await_code(&user.id, &token, console.shell.clock.now().plus_ms(AWAITED_MS)).await?;
    let next = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &inner(next)).finish();
    let cookie = set_cookie(console, COOKIE, &token, AWAITED_MS);
    Ok((cookie, Redirect::to(&format!("/sign-in/code?{next}"))).into_response())
}

pub(super) async fn page(Query(Next { next }): Query<Next>) -> Result<Html<String>, Refusal> {
    Ok(Html(Page { next: inner(&next), is_wrong: false }.render()?))
}

pub(super) async fn give(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Refusal> {
    if !is_same_origin(&headers) {
        return Err(Refusal::NotOurForm);
    }
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    let Some(token) = token_in(&headers, COOKIE) else { return Err(Refusal::SignIn(inner(&given.next))) };
    let Some(user) = store.awaited(&token, now).await? else { return Err(Refusal::SignIn(inner(&given.next))) };
    if !is_right(&console, &user, &given.code).await? {
        let page = Page { next: inner(&given.next), is_wrong: true };
        return Ok((StatusCode::UNAUTHORIZED, Html(page.render()?)).into_response());
    }
    store.forget_awaited(&token, now).await?;
    let_in(&console, &user, &given.next, Voucher::Password).await
}

/// Whether this is a code that was not taken before. Every try is counted first; signing in wholly forgets them.
pub(super) async fn is_right(console: &Console, user: &User, code: &str) -> Result<bool, Refusal> {
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    let Some(secret) = store.second_factor(&user.id).await? else { return Ok(true) };
    let is_locked = !store.count_try(&user.id, FAILURES_MAX, now.plus_ms(LOCKED_MS), now).await?;
    if is_locked || !is_taken(console, user, &secret, code).await? {
        note(console, user, "console.wrong_code").await?;
        return Ok(false);
    }
    Ok(true)
}

async fn is_taken(console: &Console, user: &User, secret: &str, code: &str) -> Result<bool, Refusal> {
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    if let Some(step) = step_of(secret, code, now) {
        return Ok(store.take_code(&user.id, step).await?);
    }
    let is_used = store.use_recovery_code(&user.id, &typed_recovery_code(code)).await?;
    if is_used {
        note(console, user, "console.recovery_code").await?;
    }
    Ok(is_used)
}
