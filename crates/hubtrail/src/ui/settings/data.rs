//! What is kept, for how long, a copy of it, and an account's events taken out for good.

use askama::Template;
use axum::extract::State;

use super::{Tab, tabs};
use crate::access::Role;
use crate::config::Config;
use crate::http::auth::Origin;
use crate::http::{App, backup as api};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "settings_data.html")]
struct Data {
    frame: Frame,
    tabs: Vec<Tab>,
    kept: Vec<(&'static str, String)>,
    accounts: Vec<Account>,
}

struct Account {
    id: i64,
    name: String,
    total: i64,
    unreadable: i64,
    newest: Option<When>,
    declared: bool,
}

/// `GET /settings/data`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    viewer.caller.must_be(Role::Admin)?;
    let connectors = app.log(|store| store.connectors()).await?;
    let statuses = crate::ui::status::load(&app, &viewer, None).await?;
    let when = |at| When { at, now: viewer.taste.now, zone: viewer.taste.zone.clone() };
    let account = |status: crate::status::ConnectorStatus| Account {
        id: status.connector_id,
        declared: connectors.iter().any(|own| own.id.0 == status.connector_id && own.declared),
        name: status.connector,
        total: status.total,
        unreadable: status.unparsed,
        newest: status.newest_event.map(when),
    };
    let accounts = statuses.into_iter().map(account).collect();
    let frame = Frame::new(&viewer, Place::Settings, "Data", &connectors);
    page(&Data { tabs: tabs(&frame, "/settings/data"), frame, kept: kept(&app.config), accounts })
}

fn kept(config: &Config) -> Vec<(&'static str, String)> {
    let days =
        |days: Option<u32>, none: &str| days.map_or_else(|| none.to_owned(), |days| format!("{days} days"));
    vec![
        ("Events", days(config.storage.retention_days, "for ever")),
        ("Longer for a sink that lags", days(config.storage.sink_wait_days, "until it has them")),
        ("Findings", days(config.detection.retention_days, "for ever")),
    ]
}

/// `POST /settings/backup`
pub(super) async fn back_up(State(app): State<App>, viewer: Viewer, origin: Origin) -> Page {
    api::taken(&app, &viewer.caller, origin).await
}
