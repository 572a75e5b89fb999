//! Connecting an account, step by step: name and token, a test, how far back. Each step is a page of its
//! own: it can be left, and gone on with from the list of connectors.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;

use super::form::{self, Form};
use super::{find, may_add};
use crate::access::{Actor, Role};
use crate::connector::{Settings, Start};
use crate::http::App;
use crate::http::auth::Origin;
use crate::store::{NewAudit, NewConnector};
use crate::ui::fields::{Fields, Wrong};
use crate::ui::page::{Page, page, page_as, see};
use crate::ui::viewer::Viewer;
use crate::ui::{asset, filters};

#[derive(Template)]
#[template(path = "connector_new.html")]
struct New {
    assets: String,
    theme: &'static str,
    csrf: String,
    form: Form,
    wrong: Wrong,
    first: bool,
}

#[derive(Template)]
#[template(path = "connector_start.html")]
struct HowFar {
    assets: String,
    theme: &'static str,
    csrf: String,
    id: i64,
    name: String,
}

/// `GET /connectors/new`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    may_add(&viewer.caller)?;
    let none = app.log(|store| store.connectors()).await?.is_empty();
    page(&new(&viewer, Form::empty(), none))
}

/// `POST /connectors/new`
pub(super) async fn add(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    may_add(&viewer.caller)?;
    let form = Form::typed(&fields);
    let again =
        |wrong: Wrong| page_as(StatusCode::BAD_REQUEST, &new(&viewer, form.clone().wrong(wrong), false));
    let settings = match form.settings(None) {
        Ok(settings) => Settings { paused: true, ..settings },
        Err(wrong) => return again(wrong),
    };
    let credentials = match form::credentials(&fields) {
        Ok(Some(credentials)) => credentials,
        Ok(None) => {
            return again(Wrong::new("token", "there is no token", "paste the key that HubSpot showed you"));
        }
        Err(wrong) => return again(wrong),
    };
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(&viewer.caller, origin), app.clock.now());
    let added = app.log(move |store| {
        let new = NewConnector { settings, created_at: now };
        let connector = store.add_connector(new, credentials, &keyring)?;
        let entry = NewAudit::by(&actor, "connector.create", connector.name()).connector(Some(connector.id));
        store.audit(entry, now)?;
        Ok(connector)
    });
    match added.await {
        Ok(connector) => Ok(see(&format!("/connectors/{}/test", connector.id))),
        Err(problem) if problem.field.is_some() => again(problem.into()),
        Err(problem) => Err(problem),
    }
}

/// What comes along when a token is copied.
pub(super) fn trimmed(token: &secrecy::SecretString) -> secrecy::SecretString {
    secrecy::SecretString::from(secrecy::ExposeSecret::expose_secret(token).trim())
}

/// `GET /connectors/{id}/start`
pub(super) async fn how_far(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let connector = find(&app, &viewer.caller, id, Role::Admin).await?;
    let name = connector.name().to_owned();
    let Viewer { csrf, taste, .. } = viewer;
    page(&HowFar { assets: asset::base(), theme: taste.theme, csrf, id, name })
}

/// `POST /connectors/{id}/start`
pub(super) async fn start(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    const DAY_MS: i64 = 86_400_000;
    let mut connector = find(&app, &viewer.caller, id, Role::Admin).await?;
    let now = app.clock.now();
    connector.settings.start = match fields.text("start").as_str() {
        "now" => Start::Since(now),
        "24h" => Start::Since(now.minus(DAY_MS)),
        "30d" => Start::Since(now.minus(30 * DAY_MS)),
        _ => Start::All,
    };
    connector.settings.paused = false;
    let actor = Actor::of(&viewer.caller, origin);
    app.log(move |store| {
        let connector = store.update_connector(&connector)?;
        let entry = NewAudit::by(&actor, "connector.start", connector.name())
            .connector(Some(connector.id))
            .detail(format!("from {}", connector.settings.start));
        store.audit(entry, now)
    })
    .await?;
    Ok(see("/?said=started"))
}

fn new(viewer: &Viewer, form: Form, first: bool) -> New {
    let wrong = form.wrong.clone();
    let Viewer { csrf, taste, .. } = viewer.clone();
    New { assets: asset::base(), theme: taste.theme, csrf, form, wrong, first }
}
