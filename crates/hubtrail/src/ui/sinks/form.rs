//! Adding a sink, and changing one: all that the API can do.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use http::StatusCode;
use hubtrail_core::finding::Severity;
use hubtrail_core::stream::Stream;
use url::form_urlencoded;

use super::line::KINDS;
use super::typed::Typed;
use crate::access::Role;
use crate::http::auth::Origin;
use crate::http::{App, Problem, sinks as api};
use crate::sink::{By, Configured, Credentials, Settings, Start};
use crate::store::NewSink;
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::named::{self, Named};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "sink_form.html")]
struct Form {
    frame: Frame,
    held: Option<Held>,
    kinds: [(&'static str, &'static str); 7],
    formats: [&'static str; 6],
    streams: [Stream; 1],
    severities: [Severity; 5],
    accounts: Vec<Named>,
    typed: Typed,
    wrong: Wrong,
}

/// The sink that is changed.
struct Held {
    id: i64,
    name: String,
    has_credentials: bool,
    /// They were sealed under another key: only new ones open its receiver.
    broken: bool,
}

const FORMATS: [&str; 6] = ["ocsf", "ecs", "raw", "dnif", "cef", "leef"];

impl Form {
    fn action(&self) -> String {
        match &self.held {
            Some(held) => format!("/sinks/{}/edit", held.id),
            None => "/sinks/new".to_owned(),
        }
    }

    fn back(&self) -> String {
        self.held.as_ref().map_or_else(|| "/sinks".to_owned(), |held| format!("/sinks/{}", held.id))
    }

    /// Whether there is a secret that stays when none is typed.
    fn keeps_secret(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.has_credentials && !held.broken)
    }

    /// Whether what is folded is to be seen at once: something in it is wrong, or not as usual.
    fn entries_open(&self) -> bool {
        self.wrong.is_within("select") || self.typed.select.limits()
    }

    fn more_open(&self) -> bool {
        let place = &self.typed.place;
        let is_wrong = place.more.iter().any(|field| self.wrong.is(&field.name));
        let is_wrong = is_wrong || self.wrong.is_within("batch") || self.wrong.is("credentials.clientKey");
        is_wrong || !self.typed.batch.is_usual() || !self.typed.original || !place.is_usual()
    }
}

impl Held {
    fn of(app: &App, sink: &Configured) -> Self {
        Self {
            id: sink.id.0,
            name: sink.name().to_owned(),
            has_credentials: sink.has_credentials(),
            broken: sink.credentials(&app.keyring).is_err(),
        }
    }
}

/// `GET /sinks/new`
pub(super) async fn blank(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    api::must_decide(&viewer.caller)?;
    let typed = Typed::blank(&kind_of(query).unwrap_or_default());
    show(&app, &viewer, StatusCode::OK, None, typed, Wrong::default()).await
}

fn kind_of(query: Option<String>) -> Option<String> {
    let query = query.unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, kind)| (name == "kind").then(|| kind.into_owned()))
}

/// `GET /sinks/{sink}/edit`; `?kind=` for another kind of receiver.
pub(super) async fn held(
    State(app): State<App>,
    viewer: Viewer,
    Path(named): Path<String>,
    RawQuery(query): RawQuery,
) -> Page {
    let sink = changeable(&app, &viewer, &named).await?;
    let mut typed = Typed::holding(&sink);
    if let Some(kind) = kind_of(query).filter(|kind| *kind != typed.place.kind) {
        typed.place = super::place::Place::blank(&kind);
    }
    show(&app, &viewer, StatusCode::OK, Some(Held::of(&app, &sink)), typed, Wrong::default()).await
}

/// One that may be changed here.
async fn changeable(app: &App, viewer: &Viewer, named: &str) -> Result<Configured, Problem> {
    let sink = api::find(app, &viewer.caller, Role::Admin, named).await?;
    api::must_decide(&viewer.caller)?;
    if sink.declared {
        let said = format!("sink `{}` is declared in the configuration file", sink.name());
        return Err(Problem::conflict(said).fix("change it there, then start `hubtrail serve` again"));
    }
    Ok(sink)
}

async fn show(
    app: &App,
    viewer: &Viewer,
    status: StatusCode,
    held: Option<Held>,
    typed: Typed,
    wrong: Wrong,
) -> Page {
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let accounts = named::accounts(&connectors, &typed.select.accounts.clone().unwrap_or_default());
    let title = if held.is_some() { "Edit sink" } else { "Forward to another place" };
    let frame = Frame::load(app, viewer, Place::Sinks, title).await?;
    page_as(
        status,
        &Form {
            frame,
            held,
            kinds: KINDS,
            formats: FORMATS,
            streams: Stream::ALL,
            severities: Severity::ALL,
            accounts,
            typed,
            wrong,
        },
    )
}

/// `POST /sinks/new`
pub(super) async fn add(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    api::must_decide(&viewer.caller)?;
    let typed = Typed::of(&fields);
    let added = async { api::add(&app, &viewer.caller, origin, new(&app, &typed, &fields)?).await };
    match added.await {
        Ok(sink) => Ok(see(&format!("/sinks/{}?said=sink", sink.id))),
        Err(problem) if problem.status < 500 => {
            let wrong = placed(problem, &typed);
            show(&app, &viewer, StatusCode::BAD_REQUEST, None, typed, wrong).await
        }
        Err(problem) => Err(problem),
    }
}

fn new(app: &App, typed: &Typed, fields: &Fields) -> Result<NewSink, Problem> {
    let start: Start = typed.start.parse().map_err(|error| {
        Problem::invalid("start", format!("{error}"), "write beginning, now, 30d, a date or a time")
    })?;
    let now = app.clock.now();
    Ok(NewSink {
        settings: typed.settings(None)?,
        credentials: typed.place.credentials(fields).into(),
        by: By::Request,
        paused: typed.paused,
        since: start.from_now(now),
        declared_in: None,
        created_at: now,
    })
}

/// `POST /sinks/{sink}/edit`
pub(super) async fn change(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
    fields: Fields,
) -> Page {
    let held = changeable(&app, &viewer, &named).await?;
    let typed = Typed::of(&fields);
    let sink = Configured { revision: typed.revision.unwrap_or(held.revision), ..held };
    let changed = async {
        let settings = typed.settings(Some(&sink.settings.target))?;
        let new = opening(&app, &sink, &settings, typed.place.credentials(&fields).into());
        api::update(&app, &viewer.caller, origin, &sink, api::change_of(&sink, settings, new)).await
    };
    match changed.await {
        Ok(sink) => Ok(see(&format!("/sinks/{}?said=saved", sink.id))),
        Err(problem) if problem.status < 500 => {
            let (held, wrong) = (Some(Held::of(&app, &sink)), placed(problem, &typed));
            show(&app, &viewer, StatusCode::BAD_REQUEST, held, typed, wrong).await
        }
        Err(problem) => Err(problem),
    }
}

/// What opens the receiver from now on; none: what did before. What does not open any more, and what a new receiver does
/// not ask for, is not held on to.
fn opening(app: &App, sink: &Configured, settings: &Settings, new: Credentials) -> Option<Credentials> {
    let moves = sink.settings.target.receiver() != settings.target.receiver();
    let needs_none = settings.check_credentials(&Credentials::default()).is_ok();
    let is_broken = sink.credentials(&app.keyring).is_err();
    (!new.is_empty() || is_broken || (moves && needs_none)).then_some(new)
}

/// One field holds the secret, whichever it is; what no field is to blame for stands above all.
fn placed(problem: Problem, typed: &Typed) -> Wrong {
    let own = problem.field.as_deref().unwrap_or_default();
    let place = &typed.place;
    let secret = if place.secret().is_some() { "secret" } else { "credentials.clientKey" };
    let field = match own {
        "credentials.password" | "credentials.token" | "credentials.signingSecret" | "target" => secret,
        own => own,
    };
    let is_shown = matches!(field, "name" | "format" | "start" | "secret" | "select")
        || (field == "credentials.clientKey" && place.takes_certificate())
        || ["select.", "batch.", "target.auth."].iter().any(|part| field.starts_with(part))
        || place.main.iter().chain(&place.more).any(|shown| shown.name == field);
    let field = is_shown.then(|| field.to_owned());
    Problem { field, ..problem }.into()
}
