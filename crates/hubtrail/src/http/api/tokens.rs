//! Tokens for programs. The reply to making one is the only place where a token is ever seen.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use hubtrail_core::time::UtcMs;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Caller, Role};
use crate::http::auth::{self, Origin, TokenFor};
use crate::http::extract::{Body, Path};
use crate::http::scope::{Names, Scope};
use crate::http::{App, Problem};
use crate::store::Token;

/// A token, without what makes it one
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenInfo {
    id: i64,
    name: String,
    /// Its first characters.
    hint: String,
    role: Role,
    accounts: Scope,
    created_at: String,
    created_by: String,
    expires_at: Option<String>,
    /// To the minute.
    used_at: Option<String>,
    revoked_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<TokenInfo>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CreateToken {
    name: String,
    role: Role,
    /// Without it: all that you see yourself.
    accounts: Option<Scope>,
    /// RFC 3339. Without it the token has no end.
    expires_at: Option<String>,
}

/// A new token
#[derive(Serialize, ToSchema)]
pub(super) struct NewTokenInfo {
    /// Shown this once: keep it where secrets are kept.
    token: String,
    #[serde(flatten)]
    info: TokenInfo,
}

impl TokenInfo {
    fn new(token: Token, names: &Names) -> Self {
        let time = |at: Option<UtcMs>| at.map(|at| at.to_string());
        Self {
            id: token.id,
            accounts: names.write(&token.accounts),
            name: token.name,
            hint: token.hint,
            role: token.role,
            created_at: token.created_at.to_string(),
            created_by: token.created_by,
            expires_at: time(token.expires_at),
            used_at: time(token.used_at),
            revoked_at: time(token.revoked_at),
        }
    }
}

/// List the tokens
#[utoipa::path(get, path = "/tokens", tag = "access", responses((status = OK, body = Tokens)))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Tokens>, Problem> {
    let tokens = auth::tokens(&app, &caller).await?;
    let names = Names::load(&app).await?;
    Ok(Json(Tokens { tokens: tokens.into_iter().map(|token| TokenInfo::new(token, &names)).collect() }))
}

/// Make a token
#[utoipa::path(post, path = "/tokens", tag = "access", request_body = CreateToken,
    responses((status = CREATED, body = NewTokenInfo)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Body(new): Body<CreateToken>,
) -> Result<(StatusCode, Json<NewTokenInfo>), Problem> {
    let names = Names::load(&app).await?;
    let accounts = new.accounts.as_ref().map(|scope| names.read(scope, &caller)).transpose()?;
    let expires_at = new.expires_at.map(|text| {
        text.parse::<UtcMs>().map_err(|error| {
            Problem::invalid(
                "expiresAt",
                error.to_string(),
                "write it as 2027-03-01T00:00:00Z, or leave it out",
            )
        })
    });
    let new = TokenFor { name: new.name, role: new.role, accounts, expires_at: expires_at.transpose()? };
    let (token, secret) = auth::create_token(&app, &caller, origin, new).await?;
    let token =
        NewTokenInfo { token: secret.expose_secret().to_owned(), info: TokenInfo::new(token, &names) };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Revoke a token
///
/// It stays in the list, because the audit trail speaks of it.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "access", params(("id" = i64, Path)),
    responses((status = OK, body = TokenInfo)))]
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<i64>,
) -> Result<Json<TokenInfo>, Problem> {
    let token = auth::revoke_token(&app, &caller, origin, id).await?;
    let names = Names::load(&app).await?;
    Ok(Json(TokenInfo::new(token, &names)))
}
