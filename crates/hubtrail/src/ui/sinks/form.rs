//! Adding a sink: where to, in which format, from when on. What is rarely needed is for the API and the file.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use hubtrail_core::encode::Format;
use serde_json::{Value, json};

use crate::access::Actor;
use crate::http::auth::Origin;
use crate::http::{App, Problem, sinks as api};
use crate::sink::{By, Limits, NewCredentials, Selection, Settings, Start, Target};
use crate::store::NewSink;
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "sink_new.html")]
struct New {
    frame: Frame,
    kinds: [(&'static str, &'static str); 6],
    formats: [&'static str; 6],
    typed: Typed,
    wrong: Wrong,
}

/// What was typed, without its secrets.
struct Typed {
    name: String,
    kind: String,
    place: String,
    index: String,
    user: String,
    format: String,
    start: String,
}

const KINDS: [(&str, &str); 6] = [
    ("splunk_hec", "Splunk HEC"),
    ("elasticsearch", "Elasticsearch"),
    ("syslog", "Syslog"),
    ("http", "HTTP"),
    ("dnif", "DNIF"),
    ("file", "File"),
];
const FORMATS: [&str; 6] = ["ocsf", "ecs", "raw", "dnif", "cef", "leef"];

impl Typed {
    fn of(fields: &Fields) -> Self {
        let or = |name: &str, usual: &str| {
            let text = fields.text(name);
            if text.is_empty() { usual.to_owned() } else { text }
        };
        Self {
            name: fields.text("name"),
            kind: or("kind", "splunk_hec"),
            place: fields.text("place"),
            index: fields.text("index"),
            user: fields.text("user"),
            format: or("format", "ocsf"),
            start: or("start", "now"),
        }
    }

    fn blank() -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            name: String::new(),
            kind: text("splunk_hec"),
            place: String::new(),
            index: String::new(),
            user: String::new(),
            format: text("ocsf"),
            start: text("now"),
        }
    }

    /// In the form of the API, so that both are checked by the same rules.
    fn target(&self, has_token: bool) -> Result<Target, Problem> {
        let auth = match (self.user.is_empty(), has_token) {
            (false, _) => json!({ "method": "basic", "user": self.user }),
            (true, true) if self.kind == "elasticsearch" => json!({ "method": "api_key" }),
            (true, true) => json!({ "method": "bearer" }),
            (true, false) => json!({ "method": "none" }),
        };
        let mut target = match self.kind.as_str() {
            "file" => json!({ "path": self.place }),
            "syslog" => {
                let (transport, address) = self.place.split_once("://").unwrap_or(("tcp", &self.place));
                json!({ "address": address, "transport": transport })
            }
            "splunk_hec" => json!({ "url": self.place }),
            _ => json!({ "url": self.place, "auth": auth }),
        };
        target["kind"] = Value::from(self.kind.as_str());
        if !self.index.is_empty() && matches!(self.kind.as_str(), "splunk_hec" | "elasticsearch") {
            target["index"] = Value::from(self.index.as_str());
        }
        serde_json::from_value(target).map_err(|error| {
            let fix = match self.kind.as_str() {
                "syslog" => "write it as tls://host:6514, tcp://host:514 or udp://host:514",
                "file" => "write the file's name, such as /var/log/hubtrail.ndjson",
                _ => "write it as https://siem.example.org:8088",
            };
            Problem::invalid("place", error.to_string(), fix)
        })
    }
}

/// `GET /sinks/new`
pub(super) async fn blank(State(app): State<App>, viewer: Viewer) -> Page {
    api::must_decide(&viewer.caller)?;
    show(&app, &viewer, StatusCode::OK, Typed::blank(), Wrong::default()).await
}

async fn show(app: &App, viewer: &Viewer, status: StatusCode, typed: Typed, wrong: Wrong) -> Page {
    let frame = Frame::load(app, viewer, Place::Sinks, "Forward to another place").await?;
    page_as(status, &New { frame, kinds: KINDS, formats: FORMATS, typed, wrong })
}

/// `POST /sinks/new`
pub(super) async fn add(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    api::must_decide(&viewer.caller)?;
    let typed = Typed::of(&fields);
    match added(&app, &viewer, origin, &typed, &fields).await {
        Ok(id) => Ok(see(&format!("/sinks/{id}?said=sink"))),
        Err(problem) if problem.status < 500 => {
            show(&app, &viewer, StatusCode::BAD_REQUEST, typed, problem.into()).await
        }
        Err(problem) => Err(problem),
    }
}

async fn added(
    app: &App,
    viewer: &Viewer,
    origin: Origin,
    typed: &Typed,
    fields: &Fields,
) -> Result<i64, Problem> {
    let now = app.clock.now();
    let invalid = |field, error: String, fix: &str| Problem::invalid(field, error, fix);
    let format: Format =
        typed.format.parse().map_err(|error| invalid("format", format!("{error}"), "choose one"))?;
    let start: Start = typed.start.parse().map_err(|error| {
        invalid("start", format!("{error}"), "write beginning, now, 30d, a date or a time")
    })?;
    let secret = fields.secret("secret");
    let credentials = if typed.user.is_empty() {
        NewCredentials { token: secret, ..NewCredentials::default() }
    } else {
        NewCredentials { password: secret, ..NewCredentials::default() }
    };
    let settings = Settings {
        name: typed.name.clone(),
        format,
        original: true,
        target: typed.target(credentials.token.is_some())?,
        select: Selection::default(),
        batch: Limits::default(),
    };
    let new = NewSink {
        settings,
        credentials: credentials.into(),
        by: By::Request,
        paused: false,
        since: start.from_now(now),
        declared_in: None,
        created_at: now,
    };
    let (keyring, actor) = (app.keyring.clone(), Actor::of(&viewer.caller, origin));
    app.log(move |store| {
        let sink = store.add_sink(new, &keyring)?;
        api::note(store, &actor, "sink.create", sink.name(), &sink.settings.target.place(), now)?;
        Ok(sink.id.0)
    })
    .await
}
