//! From what a request carries to whoever it is. A token that is sent counts, even when it is not valid:
//! no request falls back to a cookie that it did not mean.

use http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};

use super::sign_in::{ABSOLUTE_MS, IDLE_MS};
use super::{Session, cookie};
use crate::access::{Caller, Digest, Who, digest};
use crate::http::{App, Problem};
use crate::store::{Credential, Store, StoreError};
use hubtrail_core::time::UtcMs;

/// A use is noted, and a session extended, this often at most: not every request writes.
const NOTED_EVERY_MS: i64 = 60_000;

#[derive(Clone)]
pub(in crate::http) struct Identity {
    pub(in crate::http) caller: Caller,
    /// None: a token, which no browser sends by itself.
    pub(in crate::http) csrf: Option<String>,
}

/// What the guard found; the handler decides whether it needs anybody.
#[derive(Clone)]
pub(in crate::http) struct Found(pub(in crate::http) Result<Option<Identity>, Problem>);

impl Identity {
    pub(super) fn into_session(self) -> Option<Session> {
        let Self { caller, csrf } = self;
        csrf.map(|csrf| Session { caller, csrf })
    }
}

pub(in crate::http) async fn identify(app: &App, headers: &HeaderMap) -> Result<Option<Identity>, Problem> {
    let now = app.clock.now();
    if headers.contains_key(header::AUTHORIZATION) {
        let Some(token) = bearer(headers) else { return Ok(None) };
        let digest = digest(token);
        let caller = app.log(move |store| holder_of_token(store, &digest, now)).await?;
        return Ok(caller.map(|caller| Identity { caller, csrf: None }));
    }
    let Some(session) = cookie::read(headers) else { return Ok(None) };
    let (digest, csrf) = (digest(session), csrf(session));
    let caller = app.log(move |store| holder_of_session(store, digest, now)).await?;
    Ok(caller.map(|caller| Identity { caller, csrf: Some(csrf) }))
}

/// Follows from the session, so that it is kept nowhere; tells nothing of it.
pub(super) fn csrf(session: &str) -> String {
    let digest = Sha256::new().chain_update("hubtrail csrf").chain_update(session.as_bytes()).finalize();
    hex::encode(digest)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn holder_of_token(store: &Store, digest: &Digest, now: UtcMs) -> Result<Option<Caller>, StoreError> {
    let Some(Credential { caller, noted, .. }) = store.credential_of_token(digest, now)? else {
        return Ok(None);
    };
    if let Who::Token { id, .. } = caller.who
        && noted.is_none_or(|noted| now.since(noted) >= NOTED_EVERY_MS)
    {
        note(store.token_used(id, now));
    }
    Ok(Some(caller))
}

fn holder_of_session(store: &Store, digest: Digest, now: UtcMs) -> Result<Option<Caller>, StoreError> {
    let Some(Credential { caller, noted, created_at }) = store.credential_of_session(&digest, now)? else {
        return Ok(None);
    };
    let end = now.plus(IDLE_MS).min(created_at.plus(ABSOLUTE_MS));
    if noted.is_some_and(|noted| end.since(noted) >= NOTED_EVERY_MS) {
        note(store.extend_session(digest, end));
    }
    Ok(Some(caller))
}

/// A full disk must not keep anybody from looking at why it is full.
fn note(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        tracing::debug!("the use of a credential could not be noted: {error}");
    }
}
