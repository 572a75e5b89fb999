//! The evidence of a finding to take along.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header;
use utoipa::ToSchema;

use super::{missing, read_id};
use crate::access::{Actor, Caller};
use crate::http::auth::Origin;
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};
use crate::package as archive;
use crate::store::NewAudit;

/// A tar archive, gzipped.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it is only described; the bytes are the reply")]
pub(in crate::http::api) struct Packed(Vec<u8>);

/// Take the evidence along
///
/// The records as HubSpot sent them, what was found, what people made of it and who looked, with a manifest that
/// `sha256sum -c` checks. That it was taken is in Hubtrail's own audit trail.
#[utoipa::path(
    get, path = "/findings/{finding}/package", tag = "findings",
    params(("finding" = String, Path, description = "Its id")),
    responses((status = OK, body = Packed, content_type = "application/gzip"))
)]
pub(in crate::http::api) async fn package(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    packed(&app, &caller, origin, &named).await
}

pub(crate) async fn packed(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
) -> Result<Response, Problem> {
    let finding = read_id(named)?;
    let (by, now) = (Actor::of(caller, origin), app.clock.now());
    let found = app.log(move |store| store.whole_finding(finding)).await?;
    let found = found.filter(|found| caller.sees(found.now.connector)).ok_or_else(|| missing(named))?;
    let (looks, connectors) =
        app.log(move |store| Ok((store.looks(finding)?, store.connectors_ever()?))).await?;
    let connector = connectors.iter().find(|connector| connector.id == found.now.connector);
    let account = connector.map_or("", |connector| connector.name());
    let packed = archive::pack(&found, &looks, account, now).map_err(Problem::internal)?;
    let entry = NewAudit::by(&by, "evidence.export", finding.to_string());
    let connector = found.now.connector;
    app.log(move |store| store.audit(entry.connector(Some(connector)), now)).await?;
    let name = format!("attachment; filename=\"{}.tar.gz\"", archive::name(&found));
    let headers =
        [(header::CONTENT_TYPE, "application/gzip".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, packed).into_response())
}
