//! The people who may sign in. For administrators, within their own reach.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Accounts, Caller, Role};
use crate::http::auth::{self, NewPerson, Origin, PersonChange};
use crate::http::extract::{Body, Path};
use crate::http::scope::{Names, Scope};
use crate::http::{App, Problem};
use crate::store::User;

/// Somebody who may sign in
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserInfo {
    id: i64,
    name: String,
    role: Role,
    accounts: Scope,
    created_at: String,
    signed_in_at: Option<String>,
    disabled: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Users {
    users: Vec<UserInfo>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateUser {
    name: String,
    /// At least 12 characters.
    #[schema(value_type = String, write_only, format = Password)]
    password: SecretString,
    role: Role,
    /// Without it: all that you see yourself.
    accounts: Option<Scope>,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeUser {
    role: Option<Role>,
    accounts: Option<Scope>,
    /// At least 12 characters. Ends the user's sessions.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    password: Option<SecretString>,
    /// Ends the user's sessions.
    disabled: Option<bool>,
}

impl UserInfo {
    fn new(user: User, names: &Names) -> Self {
        Self {
            id: user.id,
            accounts: names.write(&user.accounts),
            name: user.name,
            role: user.role,
            created_at: user.created_at.to_string(),
            signed_in_at: user.signed_in_at.map(|at| at.to_string()),
            disabled: user.disabled,
        }
    }
}

fn accounts(scope: Option<&Scope>, names: &Names, caller: &Caller) -> Result<Option<Accounts>, Problem> {
    scope.map(|scope| names.read(scope, caller)).transpose()
}

/// List the users
#[utoipa::path(get, path = "/users", tag = "access", responses((status = OK, body = Users)))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Users>, Problem> {
    let users = auth::people(&app, &caller).await?;
    let names = Names::load(&app).await?;
    Ok(Json(Users { users: users.into_iter().map(|user| UserInfo::new(user, &names)).collect() }))
}

/// Add a user
#[utoipa::path(post, path = "/users", tag = "access", request_body = CreateUser,
    responses((status = CREATED, body = UserInfo)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Body(new): Body<CreateUser>,
) -> Result<(StatusCode, Json<UserInfo>), Problem> {
    let names = Names::load(&app).await?;
    let accounts = accounts(new.accounts.as_ref(), &names, &caller)?;
    let new = NewPerson { name: new.name, password: new.password, role: new.role, accounts };
    let user = auth::create_person(&app, &caller, origin, new).await?;
    Ok((StatusCode::CREATED, Json(UserInfo::new(user, &names))))
}

/// Change a user
#[utoipa::path(patch, path = "/users/{id}", tag = "access", request_body = ChangeUser,
    params(("id" = i64, Path)), responses((status = OK, body = UserInfo)))]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<i64>,
    Body(change): Body<ChangeUser>,
) -> Result<Json<UserInfo>, Problem> {
    let names = Names::load(&app).await?;
    let accounts = accounts(change.accounts.as_ref(), &names, &caller)?;
    let ChangeUser { role, password, disabled, .. } = change;
    let change = PersonChange { role, accounts, password, disabled };
    let user = auth::change_person(&app, &caller, origin, id, change).await?;
    Ok(Json(UserInfo::new(user, &names)))
}

/// Delete a user
#[utoipa::path(delete, path = "/users/{id}", tag = "access", params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "The user is gone, and their sessions have ended")))]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    auth::delete_person(&app, &caller, origin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
