//! What is kept, for how long of each account, a copy of it, and an account's events taken out for good.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;

use super::{Tab, tabs};
use crate::access::{Accounts, Actor, Role};
use crate::connector::{Connector, ConnectorId, Keep};
use crate::http::auth::Origin;
use crate::http::{App, Problem, backup as api};
use crate::status::ConnectorStatus;
use crate::store::{AuditSearch, NewAudit};
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;
use crate::ui::when::{When, in_days};

/// So many removals are told with their time; no more are asked for.
const MOST_REMOVALS: u32 = 1_000;

#[derive(Template)]
#[template(path = "settings_data.html")]
struct Data {
    frame: Frame,
    tabs: Vec<Tab>,
    kept: Vec<(&'static str, String)>,
    accounts: Vec<Account>,
    wrong: Wrong,
}

/// One that collects, or one that was removed while its events were kept.
struct Account {
    id: i64,
    name: String,
    total: i64,
    unreadable: i64,
    newest: Option<When>,
    retention: Keep,
    kept: String,
    revision: i64,
    declared: bool,
    removed: bool,
    /// When that was, as far as the audit trail has it.
    removed_at: Option<When>,
    /// HubSpot's number of the account, which tells two of one name apart.
    portal: Option<i64>,
}

impl Account {
    fn new(connector: &Connector, status: Option<ConnectorStatus>, others: Option<u32>, now: When) -> Self {
        let retention = connector.settings.retention;
        let newest = status.as_ref().and_then(|status| status.newest_event);
        Self {
            id: connector.id.0,
            name: connector.name().to_owned(),
            total: status.as_ref().map_or(0, |status| status.total),
            unreadable: status.as_ref().map_or(0, |status| status.unparsed),
            newest: newest.map(|at| When { at, ..now }),
            retention,
            kept: in_days(retention.days(others), "for ever"),
            revision: connector.revision,
            declared: connector.declared,
            removed: connector.removed,
            removed_at: None,
            portal: connector.portal_id,
        }
    }

    /// Whether its form has this chosen.
    fn keeps(&self, how: &str) -> bool {
        matches!(
            (self.retention, how),
            (Keep::AsOthers, "default") | (Keep::Forever, "forever") | (Keep::Days(_), "days")
        )
    }

    fn days(&self) -> String {
        match self.retention {
            Keep::Days(days) => days.to_string(),
            _ => String::new(),
        }
    }
}

/// `GET /settings/data`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    data(&app, &viewer, StatusCode::OK, Wrong::default()).await
}

async fn data(app: &App, viewer: &Viewer, status: StatusCode, wrong: Wrong) -> Page {
    viewer.caller.must_be(Role::Admin)?;
    let mut connectors = app.log(|store| store.connectors_ever()).await?;
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    connectors.retain(|connector| viewer.caller.sees(connector.id));
    connectors.sort_by_key(|connector| (connector.removed, connector.name().to_lowercase()));
    let (ids, now) = (connectors.iter().map(|connector| connector.id).collect::<Vec<_>>(), viewer.taste.now);
    let statuses = app.log(move |store| crate::status::all(store, now, Some(&ids))).await?;
    let others = app.config.storage.retention_days;
    let account = |connector: &Connector| {
        let own = statuses.iter().find(|status| status.connector_id == connector.id.0);
        let now = When { at: now, now, zone: viewer.taste.zone.clone() };
        Account::new(connector, own.cloned(), others, now)
    };
    let mut accounts: Vec<_> = connectors.iter().map(account).collect();
    say_when_removed(app, viewer, &mut accounts).await?;
    let frame = Frame::new(viewer, Place::Settings, "Data", &present);
    let tabs = tabs(&frame, "/settings/data");
    page_as(status, &Data { tabs, frame, kept: kept(app), accounts, wrong })
}

/// Of two that were removed and have one name it says which is which.
async fn say_when_removed(app: &App, viewer: &Viewer, accounts: &mut [Account]) -> Result<(), Problem> {
    let gone: BTreeSet<_> =
        accounts.iter().filter(|account| account.removed).map(|account| ConnectorId(account.id)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let search = AuditSearch {
        within: Accounts::Some(gone),
        connector: None,
        actor: None,
        action: Some("connector.delete".to_owned()),
        before: None,
        limit: MOST_REMOVALS,
    };
    // The first one counts: when what was kept is erased, that is written there too.
    for entry in app.log(move |store| store.audit_trail(&search)).await? {
        let of = |account: &&mut Account| entry.connector == Some(ConnectorId(account.id));
        if let Some(account) = accounts.iter_mut().find(of) {
            let zone = viewer.taste.zone.clone();
            account.removed_at = Some(When { at: entry.at, now: viewer.taste.now, zone });
        }
    }
    Ok(())
}

fn kept(app: &App) -> Vec<(&'static str, String)> {
    let config = &app.config;
    vec![
        ("Events", in_days(config.storage.retention_days, "for ever")),
        ("Longer for a sink that lags", in_days(config.storage.sink_wait_days, "until it has them")),
        ("Findings", in_days(config.detection.retention_days, "for ever")),
    ]
}

/// `POST /settings/data/{connector}`: how long its events are kept.
pub(super) async fn keep(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    let mut connector = crate::ui::connectors::find(&app, &viewer.caller, id, Role::Admin).await?;
    let name = connector.name().to_owned();
    let changed = async {
        connector.settings.retention = chosen(&fields)?;
        connector.revision = fields.text("revision").parse().unwrap_or(connector.revision);
        let (actor, now) = (Actor::of(&viewer.caller, origin), app.clock.now());
        app.log(move |store| {
            let connector = store.update_connector(&connector)?;
            let entry = NewAudit::by(&actor, "connector.update", connector.name());
            let entry = entry.connector(Some(connector.id));
            store.audit(entry.detail(format!("retention {}", connector.settings.retention)), now)
        })
        .await
    };
    match changed.await {
        Ok(()) => Ok(see("/settings/data?said=kept")),
        Err(problem) if problem.status < 500 => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            let wrong =
                Wrong::new("", format!("{name}: {}", problem.detail), problem.fix.unwrap_or_default());
            data(&app, &viewer, status, wrong).await
        }
        Err(problem) => Err(problem),
    }
}

fn chosen(fields: &Fields) -> Result<Keep, Problem> {
    let text = match fields.text("retention").as_str() {
        "days" => format!("{}d", fields.text("days")),
        word => word.to_owned(),
    };
    text.parse::<Keep>().map_err(|refused| {
        let fix = "write whole days from 1 to 36500, or choose one of the others";
        let reason = match fields.text("days") {
            days if days.is_empty() => "it is not said for how many days".to_owned(),
            _ => refused.reason,
        };
        Problem::invalid("retention", reason, fix)
    })
}

/// `POST /settings/backup`
pub(super) async fn back_up(State(app): State<App>, viewer: Viewer, origin: Origin) -> Page {
    api::taken(&app, &viewer.caller, origin).await
}
