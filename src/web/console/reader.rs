//! Who asks: the session of the cookie, and what the person may do at this moment.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use crate::casework::rights::{Right, Rights};
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::audit::AuditEntry;
use crate::store::{SignedIn, StoreError};
use crate::web::console::Console;
use crate::web::console::live;
use crate::web::console::refusal::Refusal;

/// Name of the cookie.
pub(super) const COOKIE: &str = "wanglou";
/// A session ends so long after it began, and when nobody was there for so long (milliseconds).
pub(super) const LIFE_MS: i64 = 12 * 3_600_000;
pub(super) const IDLE_MS: i64 = 2 * 3_600_000;
/// Being there is noted at most so often (milliseconds).
const NOTED_MS: i64 = 60_000;

/// Somebody who is signed in.
#[derive(Debug)]
pub(super) struct Reader {
    /// Session.
    pub(super) session: SignedIn,
    /// What stands in the cookie.
    pub(super) token: String,
    /// What the person may do now.
    pub(super) rights: Rights,
    /// The ledgers in force.
    pub(super) world: Arc<World>,
    /// Path and query of the request.
    pub(super) path: String,
}

impl Reader {
    /// Refuses whoever does not have a right, as if the page did not exist.
    pub(super) fn must(&self, right: Right) -> Result<(), Refusal> {
        if self.rights.may(right) { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Language and clock of the reader.
    pub(super) fn voice(&self) -> Voice {
        Voice::new(&self.session.user.language, self.world.zone, self.world.at)
    }

    /// Under which name decisions and readings stand: the employee number, else the login.
    pub(super) fn actor(&self) -> String {
        let user = &self.session.user;
        if user.employee.is_empty() { format!("user:{}", user.login) } else { user.employee.to_string() }
    }

    /// A line of the audit about what this reader does now.
    pub(super) fn did(&self, action: &str, object: &str, detail: &str) -> AuditEntry {
        let (actor, object, detail) = (self.actor(), object.to_owned(), detail.to_owned());
        AuditEntry { at: self.world.at, actor, action: action.to_owned(), object, detail }
    }
}

impl FromRequestParts<Arc<Console>> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Refusal> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let back = if parts.method == Method::GET { path.clone() } else { "/".to_owned() };
        let Some(token) = token_in(&parts.headers, COOKIE) else { return Err(Refusal::SignIn(back)) };
        let Some(session) = living(console, &token).await? else { return Err(Refusal::SignIn(back)) };
        // What a page asks for by itself says nothing of whether anybody sits before it.
        if path != live::PLACE {
            note_life(console, &token, &session).await?;
        }
        if console.requires_second_factor() && !session.has_second_factor && !is_way_to_second_factor(&path) {
            return Err(Refusal::SecondFactor);
        }
        console.shell.recall_old_unlinkings().await?;
        let world = console.shell.world();
        let kept_from = console.shell.store.recused_accounts(&session.user.employee).await?;
        let rights = Rights::of(&session.user, &world).kept_from(kept_from);
        Ok(Self { session, token, rights, world, path })
    }
}

/// The session of a token, unless it is too old.
async fn living(console: &Console, token: &str) -> Result<Option<SignedIn>, StoreError> {
    let (store, now) = (&console.shell.store, console.shell.clock.now());
    let Some(session) = store.session(token).await? else { return Ok(None) };
    let idle = now.ms_since(session.seen_at);
    if now.ms_since(session.started_at) >= LIFE_MS || idle >= IDLE_MS {
        store.end_session(token).await?;
        return Ok(None);
    }
    Ok(Some(session))
}

/// Notes that somebody is there, once in a while.
async fn note_life(console: &Console, token: &str, session: &SignedIn) -> Result<(), StoreError> {
    let now = console.shell.clock.now();
    if now.ms_since(session.seen_at) >= NOTED_MS {
        console.shell.store.session_seen(token, now).await?;
    }
    Ok(())
}

/// Where whoever must set up a second factor may still go.
fn is_way_to_second_factor(path: &str) -> bool {
    path.starts_with("/settings") || path == "/sign-out"
}

/// The token in a cookie of that name, if it looks like one of ours.
pub(super) fn token_in(headers: &HeaderMap, cookie: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let token = pairs.find(|(name, _)| *name == cookie).map(|(_, token)| token.to_owned())?;
    (token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{COOKIE, token_in};

    #[test]
    fn only_what_looks_like_a_token_is_taken_from_the_cookies() {
        let with = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(text).unwrap());
            token_in(&headers, COOKIE)
        };
        let token = "ab".repeat(32);
        assert_eq!(with(&format!("theme=dark; wanglou={token}")), Some(token.clone()));
        assert_eq!(with("wanglou=short"), None);
        assert_eq!(with(&format!("other={token}")), None);
    }
}
