//! Managing tokens, for the REST API and the console alike. Administrators only, within their own reach. A
//! token is answered once, when it is made, and never again.

use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};

use super::Origin;
use crate::access::{Accounts, Actor, Caller, Role, TOKEN_PREFIX, digest, fresh, hint};
use crate::http::{App, Problem};
use crate::store::{NewToken, Token};

/// What a token is for.
pub(crate) struct TokenFor {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// None: all that the one who makes it sees.
    pub(crate) accounts: Option<Accounts>,
    pub(crate) expires_at: Option<UtcMs>,
}

pub(crate) async fn tokens(app: &App, caller: &Caller) -> Result<Vec<Token>, Problem> {
    caller.must_be(Role::Admin)?;
    let within = caller.accounts.clone();
    app.log(move |store| store.tokens(&within)).await
}

pub(crate) async fn create_token(
    app: &App,
    caller: &Caller,
    origin: Origin,
    new: TokenFor,
) -> Result<(Token, SecretString), Problem> {
    caller.must_be(Role::Admin)?;
    let now = app.clock.now();
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::invalid("expiresAt", "that is over already", "name a time to come, or none"));
    }
    let secret = fresh(TOKEN_PREFIX).map_err(Problem::internal)?;
    let new = NewToken {
        name: new.name,
        digest: digest(secret.expose_secret()),
        hint: hint(&secret),
        role: new.role,
        accounts: new.accounts.unwrap_or_else(|| caller.accounts.clone()),
        expires_at: new.expires_at,
    };
    let actor = Actor::of(caller, origin);
    let token = app.log(move |store| store.create_token(new, &actor, now)).await?;
    Ok((token, secret))
}

pub(crate) async fn revoke_token(
    app: &App,
    caller: &Caller,
    origin: Origin,
    id: i64,
) -> Result<Token, Problem> {
    caller.must_be(Role::Admin)?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| store.revoke_token(id, &actor, now)).await
}
