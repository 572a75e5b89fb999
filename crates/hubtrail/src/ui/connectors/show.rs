//! The list of connectors, and one of them with all that can be done with it.

use askama::Template;
use axum::extract::{Path, State};

use super::find;
use super::test::newest;
use super::trial::{StageLine, Verdict};
use crate::access::{Accounts, Role};
use crate::config::Config;
use crate::connector::{Connector, ConnectorId, Credentials};
use crate::http::App;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::standing::Standing;
use crate::ui::strip;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::{When, every, in_days};

#[derive(Template)]
#[template(path = "connectors.html")]
struct List {
    frame: Frame,
    rows: Vec<Line>,
    may_add: bool,
}

struct Line {
    standing: Standing,
    labels: Vec<String>,
    portal: String,
    interval: String,
    declared: bool,
}

#[derive(Template)]
#[template(path = "connector.html")]
struct One {
    frame: Frame,
    standing: Standing,
    id: i64,
    name: String,
    labels: Vec<String>,
    paused: bool,
    declared: bool,
    settings: Vec<(&'static str, String)>,
    stages: Vec<StageLine>,
    verdict: Option<Verdict>,
}

/// `GET /connectors`
pub(super) async fn list(State(app): State<App>, viewer: Viewer) -> Page {
    let connectors = app.log(|store| store.connectors()).await?;
    let statuses = crate::ui::status::load(&app, &viewer, None).await?;
    let frame = Frame::new(&viewer, Place::Connectors, "Connectors", &connectors);
    let rows = statuses.iter().filter_map(|status| {
        let connector = connectors.iter().find(|connector| connector.id.0 == status.connector_id)?;
        Some(Line {
            standing: Standing::new(status, &viewer.taste),
            labels: connector.settings.labels.clone(),
            portal: connector.portal_id.map(|id| id.to_string()).unwrap_or_default(),
            interval: every(connector.settings.poll_interval_ms),
            declared: connector.declared,
        })
    });
    let may_add = frame.may_decide() && viewer.caller.accounts == Accounts::All;
    page(&List { rows: rows.collect(), may_add, frame })
}

/// `GET /connectors/{id}`
pub(super) async fn one(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let connector = find(&app, &viewer.caller, id, Role::Viewer).await?;
    let statuses = crate::ui::status::load(&app, &viewer, Some(ConnectorId(id))).await?;
    let status =
        statuses.first().ok_or_else(|| crate::http::Problem::not_found("there is no such connector"))?;
    let frame = Frame::load(&app, &viewer, Place::Connectors, connector.name()).await?;
    let report = newest(&app, &connector).await?;
    let token = match connector.credentials(&app.keyring) {
        Ok(Credentials::Token(_)) => "sealed",
        Ok(Credentials::OAuth(_)) => "of a public app, refreshed by itself",
        Err(_) => "cannot be opened with the key of this data directory",
    };
    let mut standing = [Standing::new(status, &viewer.taste)];
    strip::put(&app, &viewer.taste, &mut standing).await?;
    let [standing] = standing;
    page(&One {
        standing,
        id,
        name: connector.name().to_owned(),
        labels: connector.settings.labels.clone(),
        paused: connector.settings.paused,
        declared: connector.declared,
        settings: settings(&connector, token, &app.config, &viewer.taste),
        stages: report
            .as_ref()
            .map_or_else(StageLine::all_ahead, |report| StageLine::all_of(report, &viewer.taste)),
        verdict: report.map(|report| Verdict::new(&report, &viewer.taste, None)),
        frame,
    })
}

fn settings(
    connector: &Connector,
    token: &str,
    config: &Config,
    taste: &Taste,
) -> Vec<(&'static str, String)> {
    let own = &connector.settings;
    let created = When { at: connector.created_at, now: taste.now, zone: taste.zone.clone() };
    let mut settings = vec![
        ("Token", token.to_owned()),
        ("Base URL", own.base_url.to_string()),
        ("API version", own.api_version.to_string()),
        ("History from", own.start.to_string()),
        ("Polls every", every(own.poll_interval_ms)),
        ("Share of the allowance", own.rate_limit.to_string()),
        ("Events are kept", in_days(own.retention.days(config.storage.retention_days), "for ever")),
        ("Alerts wanted in 30 days", own.alert_budget.alerts(config.detection.alert_budget).to_string()),
        ("Created", created.exact()),
    ];
    if let Some(portal) = connector.portal_id {
        settings.insert(0, ("HubSpot account", portal.to_string()));
    }
    if let Some(zone) = &connector.time_zone {
        settings.insert(1, ("Account’s time zone", zone.clone()));
    }
    settings
}
