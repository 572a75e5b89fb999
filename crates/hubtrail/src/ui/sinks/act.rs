//! Pausing, resuming, replaying and removing a sink, and what becomes of its dead letters.

use axum::extract::{Path, State};

use crate::access::{Actor, Role};
use crate::http::auth::Origin;
use crate::http::{App, Problem, sinks as api};
use crate::sink::Start;
use crate::ui::fields::Fields;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;

/// `POST /sinks/{sink}/pause`
pub(super) async fn pause(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    set_paused(&app, &viewer, origin, &named, true).await
}

/// `POST /sinks/{sink}/resume`
pub(super) async fn resume(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    set_paused(&app, &viewer, origin, &named, false).await
}

async fn set_paused(app: &App, viewer: &Viewer, origin: Origin, named: &str, paused: bool) -> Page {
    let sink = api::find(app, &viewer.caller, Role::Admin, named).await?;
    let (actor, now) = (Actor::of(&viewer.caller, origin), app.clock.now());
    let (action, said) = if paused { ("sink.pause", "paused") } else { ("sink.resume", "resumed") };
    let id = sink.id;
    app.log(move |store| {
        let sink = store.set_sink_paused(sink.id, paused)?;
        api::note(store, &actor, action, sink.name(), "", now)
    })
    .await?;
    Ok(see(&format!("/sinks/{id}?said={said}")))
}

/// `POST /sinks/{sink}/replay`
pub(super) async fn replay(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
    fields: Fields,
) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Admin, &named).await?;
    api::must_decide(&viewer.caller)?;
    let since: Start = fields.text("since").parse().map_err(|error| {
        Problem::invalid("since", format!("{error}"), "write beginning, 30d, a date or a time")
    })?;
    let (actor, now, id) = (Actor::of(&viewer.caller, origin), app.clock.now(), sink.id);
    app.log(move |store| {
        let sink = store.replay_sink(sink.id, since.from_now(now))?;
        api::note(store, &actor, "sink.replay", sink.name(), &format!("since {since}"), now)
    })
    .await?;
    Ok(see(&format!("/sinks/{id}?said=replayed")))
}

/// `POST /sinks/{sink}/remove`
pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Admin, &named).await?;
    api::must_decide(&viewer.caller)?;
    let (actor, now) = (Actor::of(&viewer.caller, origin), app.clock.now());
    app.log(move |store| {
        store.remove_sink(sink.id)?;
        api::note(store, &actor, "sink.delete", sink.name(), "", now)
    })
    .await?;
    Ok(see("/sinks?said=gone"))
}

/// `POST /sinks/{sink}/letters`: deliver them once more, or give them up; one, or all.
pub(super) async fn letters(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
    fields: Fields,
) -> Page {
    let gives_up = fields.text("do") == "drop";
    let needed = if gives_up { Role::Admin } else { Role::Analyst };
    let sink = api::find(&app, &viewer.caller, needed, &named).await?;
    let one = fields.text("id").parse().ok();
    let (actor, now, id) = (Actor::of(&viewer.caller, origin), app.clock.now(), sink.id);
    app.log(move |store| {
        let (count, action) = if gives_up {
            (store.drop_dead_letters(sink.id, one)?, "sink.dead_letters.drop")
        } else {
            (store.retry_dead_letters(sink.id, one)?, "sink.dead_letters.retry")
        };
        api::note(store, &actor, action, sink.name(), &count.to_string(), now)
    })
    .await?;
    Ok(see(&format!("/sinks/{id}?said={}", if gives_up { "given-up" } else { "again" })))
}
