//! Which Hubtrail this is. Open to everyone, like the health of the service.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Version {
    name: &'static str,
    version: &'static str,
}

/// Which Hubtrail this is
#[utoipa::path(get, path = "/version", tag = "service", responses((status = OK, body = Version)), security(()))]
pub(super) async fn version() -> Json<Version> {
    Json(Version { name: "hubtrail", version: env!("CARGO_PKG_VERSION") })
}
