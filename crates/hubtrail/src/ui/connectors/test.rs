//! Trying a connection out: a page with the newest result, and a test whose stages arrive one by one.

use std::convert::Infallible;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, header};
use tokio::sync::mpsc;

use super::find;
use super::trial::{StageLine, Verdict};
use crate::access::{Actor, Role};
use crate::connection::test_connector;
use crate::connector::Connector;
use crate::http::auth::Origin;
use crate::http::{App, Problem};
use crate::hubspot::{ConnectionReport, Stage, StageReport};
use crate::store::NewAudit;
use crate::ui::page::{Page, page, see};
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::{asset, filters};

#[derive(Template)]
#[template(path = "connector_test.html")]
struct Test {
    assets: String,
    theme: &'static str,
    csrf: String,
    id: i64,
    name: String,
    stages: Vec<StageLine>,
    verdict: Option<Verdict>,
}

/// `GET /connectors/{id}/test`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let connector = find(&app, &viewer.caller, id, Role::Analyst).await?;
    // A test of another token says nothing of this one: it is made anew, by the page itself.
    let report = newest(&app, &connector).await?.filter(|report| report.passed);
    let next = connector.settings.paused.then(|| format!("/connectors/{id}/start"));
    let Viewer { csrf, taste, .. } = viewer;
    page(&Test {
        assets: asset::base(),
        theme: taste.theme,
        csrf,
        id,
        name: connector.name().to_owned(),
        stages: report.as_ref().map_or_else(StageLine::all_ahead, |report| StageLine::all_of(report, &taste)),
        verdict: report.map(|report| Verdict::new(&report, &taste, next)),
    })
}

/// `POST /connectors/{id}/test`: for a module, the stages as they come; for a form, the page when they are over.
pub(super) async fn run(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Page {
    let connector = find(&app, &viewer.caller, id, Role::Analyst).await?;
    let entry = NewAudit::by(&Actor::of(&viewer.caller, origin), "connector.test", connector.name());
    let (entry, now) = (entry.connector(Some(connector.id)), app.clock.now());
    app.log(move |store| store.audit(entry, now)).await?;
    let next = connector.settings.paused.then(|| format!("/connectors/{id}/start"));
    let stages = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().ends_with(b"stages"));
    let (pieces, watched) = mpsc::unbounded_channel();
    let trial = Trial { app, connector, taste: viewer.taste, next, pieces };
    if stages {
        // Its problem was logged where it arose; the page asks for the rest by itself.
        tokio::spawn(async move { drop(trial.run().await) });
        return Ok(poured(watched));
    }
    trial.run().await?;
    Ok(see(&format!("/connectors/{id}")))
}

/// A test under way. It goes on when whoever watched it has left.
struct Trial {
    app: App,
    connector: Connector,
    taste: Taste,
    next: Option<String>,
    pieces: mpsc::UnboundedSender<String>,
}

impl Trial {
    async fn run(self) -> Result<(), Problem> {
        for line in StageLine::all_ahead() {
            self.put(&line);
        }
        self.put(&StageLine::running(Stage::Configuration));
        let (tell, mut told) = mpsc::unbounded_channel();
        let App { store, keyring, config, clock, .. } = &self.app;
        let test = test_connector(store, keyring, &config.network, *clock, &self.connector, Some(&tell));
        let mut test = std::pin::pin!(test);
        let report = loop {
            tokio::select! {
                biased;
                Some(stage) = told.recv() => self.tell(&stage),
                report = &mut test => break report,
            }
        };
        while let Ok(stage) = told.try_recv() {
            self.tell(&stage);
        }
        let taste = Taste { now: clock.now(), ..self.taste.clone() };
        self.put(&Verdict::new(&report?, &taste, self.next.clone()));
        Ok(())
    }

    fn tell(&self, stage: &StageReport) {
        self.put(&StageLine::ended(stage, &self.taste));
        if let Some(next) = StageLine::after(stage) {
            self.put(&next);
        }
    }

    fn put(&self, piece: &impl Template) {
        let html = piece.render().unwrap_or_default();
        // Nobody may be watching any more.
        drop(self.pieces.send(html));
    }
}

/// The newest test that was kept, whoever asked for it.
pub(super) async fn newest(app: &App, connector: &Connector) -> Result<Option<ConnectionReport>, Problem> {
    let id = connector.id;
    let tests = app.log(move |store| store.connection_tests(id, 1)).await?;
    Ok(tests.first().and_then(|test| serde_json::from_str(&test.report).ok()))
}

/// Each piece is a line of the answer.
fn poured(watched: mpsc::UnboundedReceiver<String>) -> Response {
    let lines = stream::unfold(watched, |mut watched| async {
        let html = watched.recv().await?;
        let line: String = html.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
        Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), watched))
    });
    // Whoever sends it on may look once more when it is over.
    let lines = lines.fuse();
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(lines)).into_response()
}
