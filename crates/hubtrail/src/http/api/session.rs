//! Signing in and out, who one is, and the first start.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Caller, Role, Who};
use crate::http::auth::{self, Origin, Session, SignedIn};
use crate::http::extract::Body;
use crate::http::scope::{Names, Scope};
use crate::http::{App, Problem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    name: String,
    #[schema(value_type = String, write_only, format = Password)]
    password: SecretString,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUp {
    /// From the link that `hubtrail serve` prints when it starts and there is no user.
    #[schema(value_type = String, write_only, format = Password)]
    key: SecretString,
    name: String,
    /// At least 12 characters.
    #[schema(value_type = String, write_only, format = Password)]
    password: SecretString,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    #[schema(value_type = String, write_only, format = Password)]
    current: SecretString,
    /// At least 12 characters.
    #[schema(value_type = String, write_only, format = Password)]
    new: SecretString,
}

/// Whoever asks
#[derive(Serialize, ToSchema)]
pub(super) struct WhoAmI {
    kind: Kind,
    name: String,
    role: Role,
    accounts: Scope,
    /// What changes must carry as `X-CSRF-Token` when they are made with the cookie. None for a token.
    csrf: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Person,
    Token,
}

async fn who(app: &App, caller: Caller, csrf: Option<String>) -> Result<Json<WhoAmI>, Problem> {
    let accounts = Names::load(app).await?.write(&caller.accounts);
    let (kind, name) = match caller.who {
        Who::Person { name, .. } => (Kind::Person, name),
        Who::Token { name, .. } => (Kind::Token, name),
    };
    Ok(Json(WhoAmI { kind, name, role: caller.role, accounts, csrf }))
}

async fn begun(app: &App, signed_in: SignedIn) -> Result<Response, Problem> {
    let SignedIn { session, cookie } = signed_in;
    let who = who(app, session.caller, Some(session.csrf)).await?;
    Ok(with_cookie(who, cookie))
}

fn with_cookie(reply: impl IntoResponse, cookie: HeaderValue) -> Response {
    let mut response = reply.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// Sign in
///
/// The reply sets the cookie of the session. Programs send a token instead.
#[utoipa::path(post, path = "/session", tag = "access", request_body = SignIn,
    responses((status = OK, body = WhoAmI)), security(()))]
pub(super) async fn sign_in(
    State(app): State<App>,
    origin: Origin,
    Body(SignIn { name, password }): Body<SignIn>,
) -> Result<Response, Problem> {
    let signed_in = auth::sign_in(&app, name, password, origin).await?;
    begun(&app, signed_in).await
}

/// Who one is
#[utoipa::path(get, path = "/session", tag = "access", responses((status = OK, body = WhoAmI)))]
pub(super) async fn who_am_i(
    State(app): State<App>,
    caller: Caller,
    session: Option<Session>,
) -> Result<Json<WhoAmI>, Problem> {
    who(&app, caller, session.map(|session| session.csrf)).await
}

/// Sign out
#[utoipa::path(delete, path = "/session", tag = "access",
    responses((status = NO_CONTENT, description = "The session has ended")))]
pub(super) async fn sign_out(
    State(app): State<App>,
    session: Session,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let cookie = auth::sign_out(&app, &headers, &session, origin).await?;
    Ok(with_cookie(StatusCode::NO_CONTENT, cookie))
}

/// Change one's own password
///
/// All sessions of the person end, and a new one begins.
#[utoipa::path(put, path = "/session/password", tag = "access", request_body = NewPassword,
    responses((status = OK, body = WhoAmI)))]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Body(NewPassword { current, new }): Body<NewPassword>,
) -> Result<Response, Problem> {
    let signed_in = auth::change_password(&app, &caller, current, new, origin).await?;
    begun(&app, signed_in).await
}

/// Make the first user
///
/// With the key of the link that the server prints when it starts and there is no user. They administer
/// everything, and are signed in.
#[utoipa::path(post, path = "/setup", tag = "access", request_body = SetUp,
    responses((status = OK, body = WhoAmI)), security(()))]
pub(super) async fn set_up(
    State(app): State<App>,
    origin: Origin,
    Body(SetUp { key, name, password }): Body<SetUp>,
) -> Result<Response, Problem> {
    let signed_in = auth::set_up(&app, &key, name, password, origin).await?;
    begun(&app, signed_in).await
}
