//! One sink: how it goes, what it refuses, and what a marked event meets.

use askama::Template;
use axum::extract::{Path, State};
use hubtrail_core::sentence::harmless;

use super::line::Line;
use crate::access::{Actor, Role};
use crate::forward::{self, Trial};
use crate::http::auth::Origin;
use crate::http::{App, sinks as api};
use crate::sink::Configured;
use crate::store::StoreError;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;
use crate::ui::when::{When, grouped};

#[derive(Template)]
#[template(path = "sink.html")]
struct Show {
    frame: Frame,
    line: Line,
    facts: Vec<(&'static str, String)>,
    paused: bool,
    declared: bool,
    stopped: bool,
    letters: Vec<Letter>,
    trial: Option<(Trial, Prose, Prose)>,
    may_decide: bool,
}

/// An entry that the receiver refuses.
struct Letter {
    id: i64,
    position: i64,
    reason: String,
    when: When,
    attempts: i64,
    again: bool,
}

const MOST_LETTERS: u32 = 50;

/// `GET /sinks/{sink}`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, Path(named): Path<String>) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Viewer, &named).await?;
    sink_page(&app, &viewer, sink, None).await
}

/// `POST /sinks/{sink}/test`
pub(super) async fn test(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Analyst, &named).await?;
    let (actor, now, name) = (Actor::of(&viewer.caller, origin), app.clock.now(), sink.name().to_owned());
    app.log(move |store| api::note(store, &actor, "sink.test", &name, "", now)).await?;
    let credentials = sink.credentials(&app.keyring).map_err(StoreError::from)?;
    let data_dir = &app.config.storage.data_dir;
    let trial = forward::trial(&sink.settings, credentials, &app.config.network, data_dir, app.clock).await;
    sink_page(&app, &viewer, sink, Some(trial)).await
}

async fn sink_page(app: &App, viewer: &Viewer, sink: Configured, trial: Option<Trial>) -> Page {
    let (now, of) = (viewer.taste.now, sink.clone());
    let (status, letters) = app
        .log(move |store| Ok((forward::of(store, &of, now)?, store.dead_letters(of.id, 0, MOST_LETTERS)?)))
        .await?;
    let line = Line::new(&status, &viewer.taste);
    let when = |at| When { at, now, zone: viewer.taste.zone.clone() };
    let facts = vec![
        ("Format", sink.settings.format.as_str().to_owned()),
        ("Lag", line.lag_told()),
        ("Rate in the last minute", line.rate.clone()),
        ("Delivered", format!("{} entries", grouped(status.delivered))),
        ("Last success", status.last_success.map_or_else(|| "never".to_owned(), |at| when(at).exact())),
        (
            "Last error",
            status
                .last_error
                .as_deref()
                .map_or_else(|| "none".to_owned(), |error| harmless(error).into_owned()),
        ),
        ("With the record", if sink.settings.original { "yes" } else { "no" }.to_owned()),
    ];
    let letters = letters.into_iter().map(|letter| Letter {
        id: letter.id,
        position: letter.position.0,
        reason: harmless(&letter.reason).into_owned(),
        when: when(letter.refused_at),
        attempts: letter.attempts,
        again: letter.again,
    });
    page(&Show {
        frame: Frame::load(app, viewer, Place::Sinks, sink.name()).await?,
        facts,
        paused: sink.paused,
        declared: sink.declared,
        stopped: status.state == forward::SinkState::ActionNeeded,
        letters: letters.collect(),
        trial: trial.map(|trial| {
            let (said, fix) = (Prose::new(&trial.said), Prose::new(trial.fix.as_deref().unwrap_or_default()));
            (trial, said, fix)
        }),
        may_decide: viewer.caller.decides_for_all(),
        line,
    })
}
