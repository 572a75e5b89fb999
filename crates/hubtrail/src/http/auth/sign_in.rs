//! Signing in and out. Whether a name is unknown, disabled or has another password is the same answer
//! after the same work.

use http::{HeaderMap, HeaderValue, StatusCode};
use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Origin, Session, cookie, identity};
use crate::access::{Actor, Caller, PasswordHash, Who, digest, fresh};
use crate::http::{App, Problem};
use crate::store::{NewSession, User, UserChange};

/// A session ends when it was not used for so long …
pub(super) const IDLE_MS: i64 = 12 * 3_600_000;
/// … and then in any case.
pub(super) const ABSOLUTE_MS: i64 = 7 * 24 * 3_600_000;

/// A session that has begun, and the `Set-Cookie` header that hands it to the browser.
pub struct SignedIn {
    pub session: Session,
    pub cookie: HeaderValue,
}

/// # Errors
/// When the name or the password is not right, or there were too many attempts.
pub async fn sign_in(
    app: &App,
    name: String,
    password: SecretString,
    origin: Origin,
) -> Result<SignedIn, Problem> {
    let user = authenticate(app, name, password, origin).await?;
    start_session(app, user, origin).await
}

/// Ends the session of the cookie that came along; gives back the header that removes it.
///
/// # Errors
/// When the log could not be written to.
pub async fn sign_out(
    app: &App,
    headers: &HeaderMap,
    session: &Session,
    origin: Origin,
) -> Result<HeaderValue, Problem> {
    if let Some(secret) = cookie::read(headers) {
        let (digest, now) = (digest(secret), app.clock.now());
        let actor = Actor::of(&session.caller, origin);
        app.log(move |store| store.end_session(digest, &actor, now)).await?;
    }
    cookie::remove(&app.config.server)
}

/// Gives a person who knows the old password a new one. All their sessions end; a new one begins.
///
/// # Errors
/// When the old password is not right, or the new one is refused.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    current: SecretString,
    new: SecretString,
    origin: Origin,
) -> Result<SignedIn, Problem> {
    let Who::Person { id, name } = caller.who.clone() else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "a token has no password"));
    };
    let user = authenticate(app, name.clone(), current, origin).await.map_err(|problem| {
        if problem.status == StatusCode::UNAUTHORIZED.as_u16() {
            Problem::invalid("current", "that is not your password", "type the one that you signed in with")
        } else {
            problem
        }
    })?;
    let hash = app.gate.hash_new(&name, new).await?;
    let change = UserChange { password: Some(hash), ..UserChange::default() };
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| store.change_user(id, change, &actor, now)).await?;
    start_session(app, user, origin).await
}

async fn authenticate(
    app: &App,
    name: String,
    password: SecretString,
    origin: Origin,
) -> Result<User, Problem> {
    let attempt = app.gate.throttle.attempt(&name, origin, app.clock.now())?;
    let known = app.log(move |store| store.password_of(&name)).await?;
    let checked = app.gate.hash(move || check(known, &password)).await?;
    let Some(user) = checked else {
        tracing::warn!("somebody could not sign in: the name or the password was not right");
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong-password",
            "the name or the password is not right",
        )
        .fix("try again; an administrator can set a new password, or `hubtrail user password NAME` on the server"));
    };
    attempt.forgive();
    Ok(user)
}

fn check(known: Option<(User, PasswordHash)>, password: &SecretString) -> Option<User> {
    if let Some((user, hash)) = known {
        return hash.matches(password).then_some(user);
    }
    // As much work for a name that nobody has.
    drop(PasswordHash::of(password));
    None
}

pub(super) async fn start_session(app: &App, user: User, origin: Origin) -> Result<SignedIn, Problem> {
    let secret = fresh("").map_err(Problem::internal)?;
    let now: UtcMs = app.clock.now();
    let new = NewSession {
        digest: digest(secret.expose_secret()),
        user: user.id,
        created_at: now,
        expires_at: now.plus(IDLE_MS),
    };
    let who = Who::Person { id: user.id, name: user.name };
    let caller = Caller { who, role: user.role, accounts: user.accounts };
    let actor = Actor::of(&caller, origin);
    app.log(move |store| store.start_session(new, &actor)).await?;
    let csrf = identity::csrf(secret.expose_secret());
    let cookie = cookie::set(&app.config.server, &secret, ABSOLUTE_MS)?;
    Ok(SignedIn { session: Session { caller, csrf }, cookie })
}
