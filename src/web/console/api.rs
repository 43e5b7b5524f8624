//! The HTTP interface for programs: JSON, a token of a user, and what that user may see and do, narrowed by the token's scopes.
//! `openapi.json` beside this file describes it; refusals are problem details (RFC 9457).

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::casework::rights::{Right, Rights};
use crate::detect::leak::masked;
use crate::model::alert::CaseBrief;
use crate::model::case::{Case, CaseState, Disposition, Lane};
use crate::model::ids::PlatformId;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::model::user::TokenScope;
use crate::pipeline::brief::brief;
use crate::store::{SignedIn, Step};
use crate::web::console::Console;
use crate::web::console::case::{chosen, decidable, take_step, visible};
use crate::web::console::cases::{Wish, due_of, seen};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::reposts::{Reposts, reposts};

/// What the interface is, for programs that read it.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// Rows of a page.
const SIZE: u32 = 100;

/// A program, in the name of a user.
#[derive(Debug)]
pub(super) struct Program {
    reader: Reader,
    scopes: Vec<TokenScope>,
}

/// A refusal as a program reads it.
#[derive(Debug)]
pub(super) struct Problem(StatusCode, String);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, _, english) = refusal.said();
        Self(status, english.to_owned())
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Refusal::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, title) = self;
        let body = json!({"type": "about:blank", "title": title, "status": status.as_u16()});
        let challenge = (status == StatusCode::UNAUTHORIZED).then_some([(header::WWW_AUTHENTICATE, "Bearer")]);
        (status, challenge, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

impl Program {
    /// Refuses a program whose token is not for this.
    fn must(&self, scope: TokenScope) -> Result<&Reader, Problem> {
        if self.scopes.contains(&scope) {
            return Ok(&self.reader);
        }
        Err(Problem(StatusCode::FORBIDDEN, format!("The token does not have the scope {scope}.")))
    }
}

impl FromRequestParts<Arc<Console>> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Problem> {
        let refused =
            || Problem(StatusCode::UNAUTHORIZED, "A token is needed: Authorization: Bearer TOKEN.".to_owned());
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(|given| given.strip_prefix("Bearer ")).ok_or_else(refused)?.trim();
        let now = console.shell.clock.now();
        let (user, kept) = console.shell.store.api_user(token, now).await?.ok_or_else(refused)?;
        let world = console.shell.world();
        let kept_from = console.shell.store.recused_accounts(&user.employee).await?;
        let rights = Rights::of(&user, &world).kept_from(kept_from);
        let session =
            SignedIn { user, form_token: String::new(), started_at: now, seen_at: now, has_second_factor: false };
        let path = parts.uri.path().to_owned();
        let reader = Reader { session, token: String::new(), rights, world, path };
        Ok(Self { reader, scopes: kept.scopes })
    }
}

/// A case in a list.
#[derive(Debug, Serialize)]
struct Row {
    number: String,
    #[serde(flatten)]
    state: CaseState,
    severity: Severity,
    lane: Lane,
    platform: PlatformId,
    account: String,
    opened_at: Timestamp,
    updated_at: Timestamp,
    due_at: Timestamp,
}

/// A page of cases.
#[derive(Debug, Serialize)]
pub(super) struct List {
    total: u64,
    cases: Vec<Row>,
}

pub(super) async fn cases(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    program: Program,
) -> Result<Json<List>, Problem> {
    let reader = program.must(TokenScope::ReadCases)?;
    reader.must(Right::SeeCases)?;
    let found = seen(&console, reader, &wish.query(reader, SIZE)).await?;
    let detail = format!("{} of {} cases", found.cases.len(), found.total);
    console.shell.store.audit(&reader.did("cases.list", "api", &detail)).await?;
    Ok(Json(List { total: found.total, cases: found.cases.into_iter().map(|case| row(reader, case)).collect() }))
}

fn row(reader: &Reader, case: Case) -> Row {
    Row {
        due_at: due_of(reader, &case),
        severity: case.judgement.severity.unwrap_or(Severity::Low),
        account: masked(&reader.world.watch, &case.judgement.subject.handle),
        platform: case.judgement.subject.platform,
        lane: case.judgement.lane,
        number: case.number,
        state: case.state,
        opened_at: case.opened_at,
        updated_at: case.updated_at,
    }
}

/// A case whole.
#[derive(Debug, Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    state: CaseState,
    #[serde(flatten)]
    brief: CaseBrief,
    reposts: Reposts,
}

pub(super) async fn case(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    program: Program,
) -> Result<Json<Whole>, Problem> {
    let reader = program.must(TokenScope::ReadCases)?;
    let case = visible(&console, reader, &number).await?;
    let mut brief = brief(&console.shell, &reader.world, &case).await.map_err(Problem::from)?;
    if !reader.rights.may_with(Right::SeeCandidates, &case) || case.judgement.lane == Lane::Leak {
        brief.candidates.clear();
    }
    console.shell.store.audit(&reader.did("case.read", case.id.as_str(), "api")).await?;
    let reposts = reposts(&console, reader, &case).await?;
    Ok(Json(Whole { state: case.state, brief, reposts }))
}

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    disposition: String,
    /// Erasing cannot be taken back, so it must be said twice.
    #[serde(default)]
    confirmed: bool,
}

pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    program: Program,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let reader = program.must(TokenScope::DecideCases)?;
    let case = decidable(&console, reader, &number).await?;
    let Json(wanted) = wanted.map_err(|error| Problem(StatusCode::UNPROCESSABLE_ENTITY, error.body_text()))?;
    let disposition = chosen(&wanted.disposition, &case.judgement)?;
    if disposition == Disposition::ProtectedSpeech && !wanted.confirmed {
        let title = "protected_speech erases the case for good: say \"confirmed\": true.".to_owned();
        return Err(Problem(StatusCode::UNPROCESSABLE_ENTITY, title));
    }
    take_step(&console, reader, &case, Step::Close(disposition)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reopen(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    program: Program,
) -> Result<StatusCode, Problem> {
    let reader = program.must(TokenScope::DecideCases)?;
    let case = decidable(&console, reader, &number).await?;
    take_step(&console, reader, &case, Step::Reopen).await?;
    Ok(StatusCode::NO_CONTENT)
}
