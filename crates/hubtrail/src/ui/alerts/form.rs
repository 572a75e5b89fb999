//! Adding a channel, and changing one: all that the API can do.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use http::StatusCode;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use super::told::{self, KINDS};
use super::typed::Typed;
use crate::http::auth::Origin;
use crate::http::{App, Problem, alerts as api, sinks};
use crate::notify::Channel;
use crate::rules::Book;
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::named::{self, Named};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "alert_form.html")]
struct Form {
    frame: Frame,
    /// The channel that is changed, and its name; none: a new one.
    held: Option<(i64, String)>,
    kinds: [(&'static str, &'static str); 5],
    severities: [&'static str; 5],
    accounts: Vec<Named>,
    rules: Vec<Named>,
    typed: Typed,
    wrong: Wrong,
}

const SEVERITIES: [&str; 5] = ["informational", "low", "medium", "high", "critical"];

/// What the form says at its place; whatever else is wrong stands above it.
const PLACED: [&str; 16] = [
    "name",
    "secret",
    "service",
    "service.host",
    "service.port",
    "service.encryption",
    "service.from",
    "service.to",
    "route.accounts",
    "route.rules",
    "pace.gatherSeconds",
    "pace.updateMinutes",
    "pace.perHour",
    "pace.quiet",
    "pace.quiet.zone",
    "",
];

impl Form {
    fn kind(&self) -> &'static str {
        told::kind(&self.typed.kind)
    }

    fn action(&self) -> String {
        match &self.held {
            Some((id, _)) => format!("/alerts/{id}/edit"),
            None => "/alerts/new".to_owned(),
        }
    }

    fn back(&self) -> String {
        self.held.as_ref().map_or_else(|| "/alerts".to_owned(), |(id, _)| format!("/alerts/{id}"))
    }
}

/// `GET /alerts/new`
pub(super) async fn blank(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    sinks::must_decide(&viewer.caller)?;
    let query = query.unwrap_or_default();
    let kind = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "kind");
    let typed = Typed::blank(&kind.map(|(_, kind)| kind.into_owned()).unwrap_or_default());
    show(&app, &viewer, StatusCode::OK, None, typed, Wrong::default()).await
}

/// `GET /alerts/{channel}/edit`
pub(super) async fn held(State(app): State<App>, viewer: Viewer, Path(named): Path<String>) -> Page {
    let channel = api::find(&app, &viewer.caller, &named).await?;
    let held = Some((channel.id.0, channel.name().to_owned()));
    let typed = Typed::holding(&channel);
    show(&app, &viewer, StatusCode::OK, held, typed, Wrong::default()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    status: StatusCode,
    held: Option<(i64, String)>,
    mut typed: Typed,
    wrong: Wrong,
) -> Page {
    let (connectors, book) = app.log(|store| Ok((store.connectors()?, Book::read(store)?))).await?;
    let title = if held.is_some() { "Edit channel" } else { "Tell people" };
    let frame = Frame::load(app, viewer, Place::Alerts, title).await?;
    if typed.zone.is_empty() {
        typed.zone.clone_from(&frame.zone);
    }
    let chosen = |keys: &Option<Vec<String>>| keys.clone().unwrap_or_default();
    let accounts = named::accounts(&connectors, &chosen(&typed.accounts));
    let rules = told::rules(&book.rules(&TimeZone::UTC), &chosen(&typed.rules));
    page_as(
        status,
        &Form { frame, held, kinds: KINDS, severities: SEVERITIES, accounts, rules, typed, wrong },
    )
}

/// `POST /alerts/new`
pub(super) async fn add(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    sinks::must_decide(&viewer.caller)?;
    let typed = Typed::of(&fields);
    let added =
        async { api::add(&app, &viewer.caller, origin, typed.settings()?, fields.secret("secret")).await };
    match added.await {
        Ok(channel) => Ok(see(&format!("/alerts/{}?said=channel", channel.id))),
        Err(problem) if problem.status < 500 => {
            show(&app, &viewer, StatusCode::BAD_REQUEST, None, typed, placed(problem)).await
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /alerts/{channel}/edit`
pub(super) async fn change(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
    fields: Fields,
) -> Page {
    let held = api::find(&app, &viewer.caller, &named).await?;
    let typed = Typed::of(&fields);
    let channel = Channel { revision: typed.revision.unwrap_or(held.revision), ..held };
    let changed = async {
        let secret = fields.secret("secret");
        api::update(&app, &viewer.caller, origin, &channel, typed.settings()?, secret).await
    };
    match changed.await {
        Ok(channel) => Ok(see(&format!("/alerts/{}?said=saved", channel.id))),
        Err(problem) if problem.status < 500 => {
            let held = Some((channel.id.0, channel.name().to_owned()));
            show(&app, &viewer, StatusCode::BAD_REQUEST, held, typed, placed(problem)).await
        }
        Err(problem) => Err(problem),
    }
}

fn placed(problem: Problem) -> Wrong {
    let field = problem.field.filter(|field| PLACED.contains(&field.as_str()));
    Problem { field, ..problem }.into()
}
