//! Oneself, and what this Hubtrail is.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;

use super::{Tab, scope, tabs};
use crate::http::App;
use crate::http::auth::{self, Origin};
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::sign_in::with_cookie;
use crate::ui::viewer::Viewer;
use crate::ui::when::in_days;

#[derive(Template)]
#[template(path = "settings_you.html")]
struct You {
    frame: Frame,
    tabs: Vec<Tab>,
    scope: String,
    wrong: Wrong,
    about: Vec<(&'static str, String)>,
}

/// `GET /settings`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    you(&app, &viewer, StatusCode::OK, Wrong::default()).await
}

async fn you(app: &App, viewer: &Viewer, status: StatusCode, wrong: Wrong) -> Page {
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let frame = Frame::load(app, viewer, Place::Settings, "Settings").await?;
    let storage = &app.config.storage;
    let own = connectors.iter().any(|one| {
        viewer.caller.sees(one.id)
            && one.settings.retention.days(storage.retention_days) != storage.retention_days
    });
    let but = if own { ", but for accounts with a time of their own" } else { "" };
    let kept = in_days(storage.retention_days, "for ever");
    let about = vec![
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
        ("Data directory", storage.data_dir.display().to_string()),
        ("Events are kept", format!("{kept}{but}")),
        ("Licence", env!("CARGO_PKG_LICENSE").to_owned()),
    ];
    let scope = scope(&viewer.caller.accounts, &connectors);
    page_as(status, &You { tabs: tabs(&frame, "/settings"), frame, scope, wrong, about })
}

/// `POST /settings/password`
pub(super) async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    fields: Fields,
) -> Page {
    let secret = |name| fields.secret(name).unwrap_or_else(|| SecretString::from(""));
    match auth::change_password(&app, &viewer.caller, secret("current"), secret("new"), origin).await {
        Ok(signed_in) => Ok(with_cookie(see("/settings?said=password"), signed_in.cookie)),
        Err(problem) if problem.status < 500 => {
            // The rule for a password speaks of the field `password`; here it is called `new`.
            let field = problem
                .field
                .as_deref()
                .map(|field| if field == "password" { "new" } else { field })
                .map(str::to_owned);
            let problem = crate::http::Problem { field, ..problem };
            you(&app, &viewer, StatusCode::BAD_REQUEST, problem.into()).await
        }
        Err(problem) => Err(problem),
    }
}
