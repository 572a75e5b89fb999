//! Pausing, resuming, replaying and removing a sink, and what becomes of its dead letters.

use axum::extract::{Path, State};

use crate::access::Role;
use crate::http::auth::Origin;
use crate::http::sinks::dead_letters::Fate;
use crate::http::{App, Problem, sinks as api};
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
    let sink = api::work::set_paused(&app, &viewer.caller, origin, &named, true).await?;
    Ok(see(&format!("/sinks/{}?said=paused", sink.id)))
}

/// `POST /sinks/{sink}/resume`
pub(super) async fn resume(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let sink = api::work::set_paused(&app, &viewer.caller, origin, &named, false).await?;
    Ok(see(&format!("/sinks/{}?said=resumed", sink.id)))
}

/// `POST /sinks/{sink}/replay`
pub(super) async fn replay(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
    fields: Fields,
) -> Page {
    let since = fields.text("since");
    let sink = api::work::replay_since(&app, &viewer.caller, origin, &named, &since).await?;
    Ok(see(&format!("/sinks/{}?said=replayed", sink.id)))
}

/// `POST /sinks/{sink}/remove`
pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    api::remove(&app, &viewer.caller, origin, &named).await?;
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
    let id = match fields.text("id").as_str() {
        "" => None,
        // A number that cannot be read is not all of them.
        id => Some(id.parse().map_err(|_| Problem::not_found("there is no such dead letter"))?),
    };
    let sink = api::find(&app, &viewer.caller, Role::Viewer, &named).await?;
    let (fate, said) = match fields.text("do") == "drop" {
        true => (Fate::Drop, "given-up"),
        false => (Fate::Retry, "again"),
    };
    api::dead_letters::decide(&app, &viewer.caller, origin, &named, id, fate).await?;
    let after = fields.text("after").parse::<i64>().map(|after| format!("after={after}&"));
    Ok(see(&format!("/sinks/{}?{}said={said}", sink.id, after.unwrap_or_default())))
}
