//! Signing in by the house's identity provider: OpenID Connect with the authorization code flow and PKCE (RFC 7636). Whom the
//! provider vouches for must be a user here; the provider gives nobody a role.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::config::Oidc;
use crate::fetch::Call;
use crate::seal::{keeps_secrets, random_token, read_secret};
use crate::store::ProviderVisit;
use crate::web::console::Console;
use crate::web::console::door::{Next, Voucher, inner, let_in, set_cookie};
use crate::web::console::id_token::{Expected, claims};
use crate::web::console::reader::token_in;
use crate::web::console::refusal::Refusal;

/// Name of the cookie that holds the state, and how long somebody may stay at the provider.
const COOKIE: &str = "wanglou_provider";
const VISIT_MS: i64 = 10 * 60_000;

/// How long it is remembered what the provider says about itself.
const KNOWN_MS: i64 = 5 * 60_000;

/// Where the provider answers, as it says itself (OpenID Connect Discovery 1.0).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Places {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

/// What the provider sends somebody back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Returned {
    code: String,
    state: String,
    error: String,
}

/// Leads to the provider.
pub(super) async fn leave(
    State(console): State<Arc<Console>>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Refusal> {
    let oidc = settings(&console)?;
    let places = places(&console, oidc).await?;
    let (state, visit) =
        (random_token(), ProviderVisit { nonce: random_token(), verifier: random_token(), next: inner(&next) });
    let until = console.shell.clock.now().plus_ms(VISIT_MS);
    console.shell.store.begin_provider_visit(&state, &visit, until).await?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(visit.verifier.as_bytes()));
    let mut address = places.authorization_endpoint;
    address
        .query_pairs_mut()
        .append_pair("client_id", &oidc.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &own_address(&console))
        .append_pair("scope", &oidc.scope)
        .append_pair("state", &state)
        .append_pair("nonce", &visit.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    Ok((set_cookie(&console, COOKIE, &state, VISIT_MS), Redirect::to(address.as_str())).into_response())
}

/// Takes in whoever comes back.
pub(super) async fn come_back(
    State(console): State<Arc<Console>>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let oidc = settings(&console)?;
    // The same browser that left: else somebody could be signed in as somebody else by a link.
    if token_in(&headers, COOKIE).is_none_or(|state| state != returned.state) {
        return Err(expired());
    }
    let visit = console.shell.store.end_provider_visit(&returned.state, console.shell.clock.now()).await?;
    let visit = visit.ok_or_else(expired)?;
    if !returned.error.is_empty() || returned.code.is_empty() {
        return Err(Refusal::unfit("身份平台没有放行。", "The identity provider did not let you through."));
    }
    let claims = vouched(&console, oidc, &returned.code, &visit).await?;
    if oidc.login_claim == "email" && claims["email_verified"] == false {
        return Err(failed("the address of a user is not verified"));
    }
    let name = claims[oidc.login_claim.as_str()].as_str().unwrap_or_default().trim().to_lowercase();
    let user = console.shell.store.user_by_login(&name).await?;
    let user = user.filter(|user| !name.is_empty() && !user.disabled).ok_or_else(|| {
        Refusal::unfit(
            "身份平台认识您，但本系统没有您的用户。请向系统运维要邀请。",
            "The identity provider knows you, but there is no user of yours here. Ask the operator for an invitation.",
        )
    })?;
    let subject = format!("{} {}", oidc.issuer, claims["sub"].as_str().unwrap_or_default());
    if !console.shell.store.bind_subject(&user.id, &subject).await? {
        return Err(failed("it gives a user's name to somebody else than before; see `wanglou user reset`"));
    }
    let_in(&console, &user, &visit.next, Voucher::Provider).await
}

fn settings(console: &Console) -> Result<&Oidc, Refusal> {
    console.shell.config.console.oidc.as_ref().ok_or(Refusal::NotFound)
}

fn expired() -> Refusal {
    Refusal::unfit(
        "这次登录已过期或不是从这里开始的，请重新登录。",
        "This sign-in is over or did not begin here. Sign in again.",
    )
}

/// Under which address the provider sends people back.
fn own_address(console: &Console) -> String {
    format!("{}/sign-in/provider/return", crate::web::console::public_address(&console.shell))
}

/// What the provider says about itself, asked for now and then.
async fn places(console: &Console, oidc: &Oidc) -> Result<Places, Refusal> {
    let mut known = console.places.lock().await;
    let now = console.shell.clock.now();
    if let Some((_, places)) = known.as_ref().filter(|(until, _)| *until > now) {
        return Ok(places.clone());
    }
    let places = described(console, oidc).await?;
    *known = Some((now.plus_ms(KNOWN_MS), places.clone()));
    Ok(places)
}

async fn described(console: &Console, oidc: &Oidc) -> Result<Places, Refusal> {
    let address = format!("{}/.well-known/openid-configuration", oidc.issuer.trim_end_matches('/'));
    let address = Url::parse(&address).map_err(|_| failed("console.oidc.issuer is no address"))?;
    let answer = ask(console, Call { url: address, headers: Vec::new(), body: None }).await?;
    let places: Places = serde_json::from_value(answer).map_err(|_| failed("the provider does not describe itself"))?;
    if places.issuer != oidc.issuer {
        return Err(failed("the provider gives another issuer than console.oidc.issuer"));
    }
    if ![&places.authorization_endpoint, &places.token_endpoint, &places.jwks_uri].into_iter().all(keeps_secrets) {
        return Err(failed("the provider has an address that is not https"));
    }
    Ok(places)
}

/// What the provider vouches for in exchange for a code.
async fn vouched(console: &Console, oidc: &Oidc, code: &str, visit: &ProviderVisit) -> Result<Value, Refusal> {
    let places = places(console, oidc).await?;
    let secret = read_secret(&oidc.client_secret_file).map_err(|error| failed(&error.to_string()))?;
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    // RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
    let client = STANDARD.encode(format!("{}:{}", encoded(&oidc.client_id), encoded(&secret)));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &own_address(console))
        .append_pair("code_verifier", &visit.verifier)
        .finish();
    let headers = vec![
        ("authorization", format!("Basic {client}")),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let answer = ask(console, Call { url: places.token_endpoint, headers, body: Some(body) }).await?;
    let keys = ask(console, Call { url: places.jwks_uri, headers: Vec::new(), body: None }).await?;
    let now = console.shell.clock.now();
    let expected = Expected { issuer: &oidc.issuer, client: &oidc.client_id, nonce: &visit.nonce, now };
    claims(answer["id_token"].as_str().unwrap_or_default(), &keys, expected).map_err(failed)
}

async fn ask(console: &Console, call: Call) -> Result<Value, Refusal> {
    let (status, body) = console.shell.fetcher.call(call).await.map_err(|error| failed(&error.to_string()))?;
    if status != StatusCode::OK.as_u16() {
        return Err(failed(&format!("the provider answers {status}")));
    }
    serde_json::from_slice(&body).map_err(|_| failed("the provider's answer is no JSON"))
}

/// What the provider does wrong is for the operator: it stands in the log, without anything of a person.
fn failed(why: &str) -> Refusal {
    tracing::warn!("nobody was signed in by the identity provider: {why}");
    Refusal::unfit(
        "没能通过身份平台登录，什么都没有改变。请稍后再试；一再如此的，请告诉系统运维。",
        "Signing in by the identity provider failed. Try again later; if it goes on, tell the operator.",
    )
}
