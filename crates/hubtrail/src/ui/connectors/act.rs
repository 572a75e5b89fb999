//! What is done with a connector that is there: change, another token, pause, resume, backfill, delete. Each
//! change is in Hubtrail's own audit trail.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use hubtrail_core::time::UtcMs;

use super::add::trimmed;
use super::form::{self, Form};
use super::{find, find_ever};
use crate::access::{Actor, Caller, Role};
use crate::connector::Connector;
use crate::http::auth::Origin;
use crate::http::{App, Problem};
use crate::moment::Moment;
use crate::store::{NewAudit, NewBackfill, Store, StoreError};
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page, page_as, see};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "connector_edit.html")]
struct Edit {
    frame: Frame,
    id: i64,
    form: Form,
    wrong: Wrong,
}

/// Who does it, from where and when.
struct Doing {
    actor: Actor,
    now: UtcMs,
}

impl Doing {
    fn new(app: &App, caller: &Caller, origin: Origin) -> Self {
        Self { actor: Actor::of(caller, origin), now: app.clock.now() }
    }

    fn note(
        &self,
        store: &Store,
        connector: &Connector,
        action: &'static str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let entry = NewAudit::by(&self.actor, action, connector.name()).connector(Some(connector.id));
        store.audit(entry.detail(detail), self.now)
    }
}

/// `GET /connectors/{id}/edit`
pub(super) async fn edit(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let connector = find(&app, &viewer.caller, id, Role::Admin).await?;
    show(&app, &viewer, id, Form::of(&connector), StatusCode::OK).await
}

async fn show(app: &App, viewer: &Viewer, id: i64, form: Form, status: StatusCode) -> Page {
    let frame = Frame::load(app, viewer, Place::Connectors, "Edit connector").await?;
    let wrong = form.wrong.clone();
    let edit = Edit { frame, id, form, wrong };
    if status == StatusCode::OK { page(&edit) } else { page_as(status, &edit) }
}

/// `POST /connectors/{id}`
pub(super) async fn change(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    let before = find(&app, &viewer.caller, id, Role::Admin).await?;
    let form = Form::typed(&fields);
    let settings = match form.settings(Some(&before.settings)) {
        Ok(settings) => settings,
        Err(wrong) => return show(&app, &viewer, id, form.wrong(wrong), StatusCode::BAD_REQUEST).await,
    };
    let credentials = match form::credentials(&fields) {
        Ok(credentials) => credentials,
        Err(wrong) => return show(&app, &viewer, id, form.wrong(wrong), StatusCode::BAD_REQUEST).await,
    };
    let connector = Connector { settings, revision: form.revision, ..before };
    let keyring = app.keyring.clone();
    let doing = Doing::new(&app, &viewer.caller, origin);
    let changed = app.log(move |store| {
        let (connector, detail) = match credentials {
            Some(new) => (store.replace_credentials(&connector, new, &keyring)?, "with other credentials"),
            None => (store.update_connector(&connector)?, ""),
        };
        doing.note(store, &connector, "connector.update", detail)
    });
    match changed.await {
        Ok(()) => Ok(see(&format!("/connectors/{id}?said=saved"))),
        Err(problem) if problem.status < 500 => {
            show(&app, &viewer, id, form.wrong(problem), StatusCode::CONFLICT).await
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /connectors/{id}/token`: another token, then the test again.
pub(super) async fn token(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response, Problem> {
    let connector = find(&app, &viewer.caller, id, Role::Admin).await?;
    if let Some(token) = fields.secret("token") {
        let (doing, keyring) = (Doing::new(&app, &viewer.caller, origin), app.keyring.clone());
        app.log(move |store| {
            let connector = store.replace_credentials(&connector, trimmed(&token), &keyring)?;
            doing.note(store, &connector, "connector.token", "")
        })
        .await?;
    }
    Ok(see(&format!("/connectors/{id}/test")))
}

/// `POST /connectors/{id}/pause`
pub(super) async fn pause(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    set_paused(&app, &viewer.caller, origin, id, true).await?;
    Ok(see(&format!("/connectors/{id}?said=paused")))
}

/// `POST /connectors/{id}/resume`
pub(super) async fn resume(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    set_paused(&app, &viewer.caller, origin, id, false).await?;
    Ok(see(&format!("/connectors/{id}?said=resumed")))
}

async fn set_paused(
    app: &App,
    caller: &Caller,
    origin: Origin,
    id: i64,
    paused: bool,
) -> Result<(), Problem> {
    let mut connector = find(app, caller, id, Role::Admin).await?;
    connector.settings.paused = paused;
    let doing = Doing::new(app, caller, origin);
    app.log(move |store| {
        let connector = store.update_connector(&connector)?;
        doing.note(store, &connector, if paused { "connector.pause" } else { "connector.resume" }, "")
    })
    .await
}

/// `POST /connectors/{id}/backfill`
pub(super) async fn backfill(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response, Problem> {
    let connector = find(&app, &viewer.caller, id, Role::Analyst).await?;
    let doing = Doing::new(&app, &viewer.caller, origin);
    let from = moment("from", &fields.text("from"), doing.now)?;
    let to = moment("to", &fields.text("to"), doing.now)?;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Problem::invalid("from", "the range ends before it begins", "exchange its ends"));
    }
    let requested_by = viewer.caller.who.name();
    app.log(move |store| {
        let new = NewBackfill { from, to, requested_at: doing.now, requested_by };
        store.request_backfill(connector.id, new)?;
        let told = |at: Option<UtcMs>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.to_string());
        let range = format!("{} to {}", told(from, "the beginning"), told(to, "now"));
        doing.note(store, &connector, "connector.backfill", &range)
    })
    .await?;
    Ok(see(&format!("/connectors/{id}?said=backfill")))
}

fn moment(field: &'static str, text: &str, now: UtcMs) -> Result<Option<UtcMs>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |_| {
        Problem::invalid(field, format!("`{text}` is not a time"), "write 30d, 2026-03-01 or leave it blank")
    };
    text.parse::<Moment>().map(|moment| Some(moment.from_now(now))).map_err(refused)
}

/// `POST /connectors/{id}/delete`
pub(super) async fn delete(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response, Problem> {
    let erase = fields.text("events") == "erase";
    // Of one that is removed already there is nothing left to do but to erase what was kept.
    let connector = match erase {
        true => find_ever(&app, &viewer.caller, id, Role::Admin).await?,
        false => find(&app, &viewer.caller, id, Role::Admin).await?,
    };
    if erase && fields.text("confirm") != connector.name() {
        return Err(Problem::invalid(
            "confirm",
            "the events were not erased: the name that was typed is not the connector’s",
            "go back and type the name as it is written, or keep the events",
        ));
    }
    let (doing, id) = (Doing::new(&app, &viewer.caller, origin), connector.id);
    app.log(move |store| {
        let detail = if erase { "its events are erased" } else { "its events are kept" };
        if !connector.removed {
            store.remove_connector(connector.name(), false)?;
        }
        doing.note(store, &connector, "connector.delete", detail)
    })
    .await?;
    if erase {
        // Millions of events take longer than a person waits for a page; what failed was logged.
        tokio::spawn(async move { drop(app.log(move |store| store.erase_connector(id)).await) });
        return Ok(see("/connectors?said=erased"));
    }
    Ok(see("/connectors?said=deleted"))
}
