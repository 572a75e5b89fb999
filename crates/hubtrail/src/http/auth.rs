//! Finds out who is asking: a Hubtrail token as `Bearer`, or the cookie of somebody who signed in. The
//! guard asks once for every request; a handler takes what it found as an argument.

mod cookie;
mod identity;
mod origin;
mod pass;
mod people;
mod setup;
mod sign_in;
mod throttle;
mod tokens;

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{App, Problem};
use crate::access::{Caller, PasswordHash};

pub(super) use cookie::COOKIE;
pub(super) use identity::{Found, Identity, identify};
pub use origin::Origin;
pub use pass::{Pass, enter};
pub(crate) use people::{
    NewPerson, PersonChange, change_person, create_person, delete_person, people, people_of,
};
pub use setup::{Setup, set_up};
pub use sign_in::{SignedIn, change_password, sign_in, sign_out};
pub(crate) use tokens::{TokenFor, create_token, revoke_token, tokens};

/// Each hash takes 19 MiB: whoever tries many passwords at once waits instead of filling the memory.
const HASHES_AT_ONCE: usize = 4;

/// What only this process knows about those who want to get in, and forgets when it ends.
#[derive(Clone)]
pub struct Gate {
    pub setup: Arc<Setup>,
    pub pass: Arc<Pass>,
    throttle: Arc<throttle::Throttle>,
    hashing: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            setup: Arc::default(),
            pass: Arc::default(),
            throttle: Arc::default(),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        }
    }
}

impl Gate {
    /// Hashes or compares a password, off the async threads.
    async fn hash<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let ended = |_| Problem::internal("the hashing of a password ended unexpectedly");
        let _turn = self.hashing.acquire().await.map_err(|_| ended(()))?;
        tokio::task::spawn_blocking(work).await.map_err(|_| ended(()))
    }

    async fn hash_new(&self, name: &str, password: SecretString) -> Result<PasswordHash, Problem> {
        let name = name.to_owned();
        Ok(self.hash(move || PasswordHash::of_new(&password, &name)).await??)
    }
}

/// Somebody who signed in, with the value that their changes must carry.
#[derive(Clone)]
pub struct Session {
    pub caller: Caller,
    /// For the header `X-CSRF-Token`, or a form's field `csrf`.
    pub csrf: String,
}

fn found(parts: &Parts) -> Result<Option<Identity>, Problem> {
    match parts.extensions.get::<Found>() {
        Some(found) => found.0.clone(),
        None => Err(Problem::internal("a route is not behind the guard")),
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        found(parts)?.map(|identity| identity.caller).ok_or_else(Problem::unauthenticated)
    }
}

impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Problem> {
        Ok(found(parts)?.map(|identity| identity.caller))
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        found(parts)?.and_then(Identity::into_session).ok_or_else(Problem::unauthenticated)
    }
}

impl OptionalFromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Problem> {
        Ok(found(parts)?.and_then(Identity::into_session))
    }
}
