//! The evidence of a finding to take along.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use http::header;

use super::act::id;
use crate::access::Actor;
use crate::http::auth::Origin;
use crate::http::{App, Problem};
use crate::package;
use crate::store::NewAudit;
use crate::ui::page::Page;
use crate::ui::viewer::Viewer;

/// `GET /findings/{id}/package`
pub(super) async fn download(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
) -> Page {
    let finding = id(&finding)?;
    let now = app.clock.now();
    let by = Actor::of(&viewer.caller, origin);
    let found = app.log(move |store| store.whole_finding(finding)).await?;
    let found = found.filter(|found| viewer.caller.sees(found.now.connector));
    let found = found.ok_or_else(|| Problem::not_found("there is no such finding"))?;
    let (looks, connectors) =
        app.log(move |store| Ok((store.looks(finding)?, store.connectors_ever()?))).await?;
    let connector = connectors.iter().find(|connector| connector.id == found.now.connector);
    let account = connector.map_or("", |connector| connector.name());
    let packed = package::pack(&found, &looks, account, now).map_err(Problem::internal)?;
    let entry = NewAudit::by(&by, "evidence.export", finding.to_string());
    let connector = found.now.connector;
    app.log(move |store| store.audit(entry.connector(Some(connector)), now)).await?;
    let name = format!("attachment; filename=\"{}.tar.gz\"", package::name(&found));
    let headers =
        [(header::CONTENT_TYPE, "application/gzip".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, packed).into_response())
}
