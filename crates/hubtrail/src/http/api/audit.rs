//! Hubtrail's own audit trail: what people did to Hubtrail itself. For administrators; one who does not
//! see all accounts sees what was done to theirs.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Caller, Role};
use crate::http::extract::Query;
use crate::http::scope::Names;
use crate::http::{App, Problem};
use crate::store::{AuditEntry, AuditSearch};

const MOST: u32 = 1_000;

#[derive(Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Who did it.
    actor: Option<String>,
    /// An action such as `user.create`, or what it was done to: `user`.
    action: Option<String>,
    /// Older than the entry of this number: `next` of the page before.
    before: Option<i64>,
    /// 100 without it, 1000 at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Something that was done to Hubtrail
#[derive(Serialize, ToSchema)]
pub(super) struct AuditInfo {
    id: i64,
    at: String,
    actor: String,
    /// From where: an address, `command line` or `configuration file`.
    origin: String,
    action: String,
    object: String,
    connector: Option<String>,
    detail: String,
}

/// Newest first
#[derive(Serialize, ToSchema)]
pub(super) struct AuditTrail {
    entries: Vec<AuditInfo>,
    /// For `before`, to go on. None: that was all.
    next: Option<i64>,
}

impl AuditInfo {
    fn new(entry: AuditEntry, names: &Names) -> Self {
        Self {
            id: entry.id,
            at: entry.at.to_string(),
            actor: entry.actor,
            origin: entry.origin,
            action: entry.action,
            object: entry.object,
            connector: entry.connector.map(|id| names.name(id)),
            detail: entry.detail,
        }
    }
}

/// What was done to Hubtrail, and by whom
#[utoipa::path(get, path = "/audit", tag = "access", params(Which), responses((status = OK, body = AuditTrail)))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query((which,)): Query<(Which,)>,
) -> Result<Json<AuditTrail>, Problem> {
    caller.must_be(Role::Admin)?;
    let limit = which.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid("limit", format!("{limit} is out of range"), "use 1 to 1000"));
    }
    let search = AuditSearch {
        within: caller.accounts,
        connector: None,
        actor: which.actor,
        action: which.action,
        before: which.before,
        limit,
    };
    let found = app.log(move |store| store.audit_trail(&search)).await?;
    let is_full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = found.last().map(|entry| entry.id).filter(|_| is_full);
    let names = Names::load(&app).await?;
    let entries = found.into_iter().map(|entry| AuditInfo::new(entry, &names)).collect();
    Ok(Json(AuditTrail { entries, next }))
}
